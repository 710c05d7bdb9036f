/*
 * rate - what one machine mines in half an hour, as an exact fraction of satoshi
 *
 *	BTC = machines × hashrate × 1800 s / (difficulty × 2^32) × (subsidy + fees) × uptime × (1 − pool fee)
 *
 * the arithmetic of mining.h with transaction fees, uptime and a pool's fee, rounded half away from zero to the
 * satoshi once for so many machines.  Without fees, at full uptime and no pool fee it is btc_mined() to the satoshi.
 */
#ifndef WINDFALL_RATE_H
#define WINDFALL_RATE_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "bitcoin/mining.h"
#include "exact/decimal.h"

/* Shares are whole numbers of 1e-8: SHARE_ONE is all of it. */
#define SHARE_ONE INT64_C(100000000)

/* The coins that there will ever be, in satoshi. */
#define ALL_COINS INT64_C(2100000000000000)

/*
 * Read a share from least to most, both in 1e-8: "0.05", "5%", "-0.1" where least is below zero.  At most eight
 * decimals (six of a percentage).  More than 1 is written as a percentage, "150%": "5" may mean either.  False, with
 * the reason, for anything else.
 */
bool share_parse(const char *text, int64_t least, int64_t most, int64_t *share, struct reason *why);

/* Append a share as the number it is: "0.05". */
void share_write(int64_t share, struct buf *out);

/* What holds for all machines of a fleet, at all times. */
struct rate_terms {
	int64_t uptime;		/* share of the time that energy is there for, 0 to 1 */
	int64_t pool_fee;	/* share of what is mined, 0 to less than 1 */
};

/* satoshi = machines × twice / divisor, halved by the rounding; in lowest terms. */
struct rate {
	mpz_t twice, divisor;
	mpz_t product;		/* room to work in */
};

void rate_init(struct rate *rate);
void rate_release(struct rate *rate);

/*
 * Set the rate of one machine of this model: difficulty in 1e-8, subsidy in satoshi, fees as a share of the subsidy
 * (1e-8).  harder multiplies the difficulty; NULL is 1.  Difficulty and harder are above zero.
 */
void rate_set(struct rate *rate, const struct miner_model *model, unsigned __int128 difficulty, int64_t subsidy,
	      int64_t fees, const struct rate_terms *terms, const struct decimal *harder);

/* The satoshi that so many machines mine in half an hour; false if that is more than there are. */
bool rate_mined(struct rate *rate, int64_t machines, int64_t *satoshi);

/* Set to to a whole number of 128 bits. */
void mpz_set_u128(mpz_t to, unsigned __int128 value);

#endif
