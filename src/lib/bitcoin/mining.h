/*
 * mining - the bitcoin that a miner model would have mined with some energy
 *
 *	miners = ⌊ energy / (power × ½ h) ⌋		whole machines that run the whole half hour
 *	hashes = miners × hashrate × 1800 s
 *	BTC    = hashes / (difficulty × 2^32) × subsidy		rounded half away from zero to 1e-8
 *
 * In whole numbers throughout; no binary floating point.  2^32 hashes for difficulty 1 is the
 * usual short form; the exact constant, 2^48 / 65535, is 15 millionths larger.
 */
#ifndef WINDFALL_MINING_H
#define WINDFALL_MINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "exact/calendar.h"
#include "exact/fixed.h"

#define SATOSHI_TEXT FIXED_TEXT

struct miner_model {
	char name[32];
	int64_t hashrate_ghs;		/* 1e9 hashes a second */
	int64_t power_mw;		/* milliwatt */
};

/* A difficulty or a subsidy, from an instant on until, exclusive, another. */
struct difficulty_epoch {
	instant_t from, until;
	unsigned __int128 difficulty;	/* 1e-8 */
	int32_t height;			/* of its first block, or -1 */
};
struct subsidy_era {
	instant_t from;
	int64_t subsidy;		/* satoshi */
	int32_t height;			/* of its first block, or -1 */
};

/* The facts in force, each array in the order of time.  Borrowed by whoever reads it. */
struct network {
	struct difficulty_epoch *epochs;
	size_t n_epochs;
	struct subsidy_era *eras;
	size_t n_eras;
};

/*
 * The difficulty in force at an instant; false, with the reason, if none is known to be: before
 * the first, in a gap, or after the last.  There is no default.
 */
bool network_difficulty_at(const struct network *network, instant_t when, unsigned __int128 *difficulty,
			   struct reason *why);

/*
 * The subsidy in force at an instant, in satoshi; false, with the reason, if none is known to be: before the
 * first era, and after the newest one may have ended.  An era is 210,000 blocks.  Where the difficulty in force
 * then is known by its height, that says which era it is, but for the one epoch in which a halving falls;
 * otherwise the newest era is taken to last as long as 210,000 blocks have never taken less than: 9 minutes each
 * (the quickest of the four so far, 2012-11-28 to 2016-07-09, had 9.04).
 */
bool network_subsidy_at(const struct network *network, instant_t when, int64_t *subsidy, struct reason *why);

#define BLOCKS_PER_HALVING 210000

/* New coins a block at this height, in satoshi: 5,000,000,000, halved every 210,000 blocks. */
int64_t subsidy_at_height(int64_t height);

/* Whole machines that this much energy (1e-9 MWh, not negative) keeps running for half an hour. */
int64_t btc_miners(int64_t nmwh, const struct miner_model *model);

/*
 * The satoshi that so many machines mine in half an hour.  difficulty in 1e-8, above zero;
 * subsidy in satoshi.  False, with the reason, where that would be more than there are, or the
 * inputs are too large to calculate with: as no network was, and as the parsers here let pass.
 */
bool btc_mined(int64_t miners, const struct miner_model *model, unsigned __int128 difficulty, int64_t subsidy,
	       int64_t *satoshi, struct reason *why);

/* Write satoshi as BTC with eight decimals and return text. */
char *satoshi_format(int64_t satoshi, char text[SATOSHI_TEXT]);

/* A difficulty (rounded to 8 decimals), a subsidy in BTC (8 decimals), a hashrate in TH/s or power in W (3). */
bool difficulty_parse(const char *text, unsigned __int128 *difficulty, struct reason *why);
bool subsidy_parse(const char *text, int64_t *satoshi, struct reason *why);
bool miner_model_parse(const char *name, const char *hashrate_ths, const char *power_w, struct miner_model *model,
		       struct reason *why);

#endif
