/*
 * difficulty - Bitcoin's difficulty: its exact figure, its history, and what may be believed of it
 *
 * The network sets a new target every 2,016 blocks and writes it into each header as nBits:
 *
 *	target     = (nBits & 0xffffff) * 256^((nBits >> 24) - 3)
 *	difficulty = 0xffff * 2^208 / target		here rounded half away from zero to 8 decimals
 *
 * Sources print difficulty as a double or a truncated integer.  Only one nBits lies that close, so
 * each is brought back to nBits and from there to one exact figure: the same epoch fetched from
 * another source is the same row.
 */
#ifndef WINDFALL_DIFFICULTY_H
#define WINDFALL_DIFFICULTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "calendar.h"
#include "reason.h"

#define BLOCKS_PER_EPOCH   2016
#define BLOCKS_PER_HALVING 210000

/* Exact arithmetic ----------------------------------------------------------------------------- */

/* "1702796c": exactly eight lower-case hex digits, and a target the network can have: positive, not
 * above the limit 1d00ffff (difficulty 1), in its one canonical form, difficulty below 1e20. */
bool nbits_parse(const char *text, uint32_t *nbits, struct reason *why);
char *nbits_format(uint32_t nbits, char text[9]);

/* The exact difficulty in units of 1e-8, rounded half away from zero; false if nbits is none. */
bool difficulty_of_nbits(uint32_t nbits, unsigned __int128 *difficulty, struct reason *why);

/* The nBits whose difficulty lies within one part in 1e9 of this number (JSON grammar, exponent allowed),
 * or within 1e-8: eight decimals of a small one.  There is at most one.  False if there is none: "not a
 * possible difficulty".  A source that cuts off the fraction qualifies from difficulty 1e9 (2013) on. */
bool nbits_of_difficulty(const char *text, uint32_t *nbits, struct reason *why);

/* New coins a block, in satoshi: 5,000,000,000 halved every 210,000 blocks. */
int64_t subsidy_at_height(int64_t height);

/* Histories ------------------------------------------------------------------------------------- */

/* How well the time of a retarget is known; better ones are greater. */
enum time_quality {
	TIME_DAY,		/* the day only: taken from 00:00 UTC */
	TIME_ESTIMATED,		/* with a standard deviation */
	TIME_EXACT,		/* the header's own */
};

const char *time_quality_name(enum time_quality quality);	/* day, estimated, exact */

#define NO_HEIGHT (-1)
#define SOURCE_TEXT 32

struct retarget {
	instant_t from, until;		/* known to be in force; until is exclusive */
	int32_t height;			/* or NO_HEIGHT */
	uint32_t nbits;
	unsigned __int128 difficulty;	/* 1e-8, exactly that of nbits */
	enum time_quality quality;
	int sigma_s;			/* of an estimated time */
	char source[SOURCE_TEXT];
};

struct difficulty_history {
	struct retarget *rows;		/* in the order of time */
	size_t n, size;
};

#define DIFFICULTY_HISTORY_INIT { NULL, 0, 0 }

void difficulty_history_release(struct difficulty_history *history);

/* Add a row at the end; difficulty is derived from nbits.  False if nbits is not possible. */
bool difficulty_history_add(struct difficulty_history *history, const struct retarget *row, struct reason *why);

/*
 * The consensus rules that a list can be held to.  Rows stand in the order of time; heights are
 * multiples of 2,016 and each follows on the last; no difficulty is more than four times, or less than
 * a quarter, of the one before; and where two neighbouring times are exact, the time between them is
 * what the change of difficulty says it was, but for the gap of the one block between (six hours
 * are allowed; the largest gap ever was under four).
 */
bool difficulty_check(const struct difficulty_history *history, struct reason *why);

/*
 * Bring what is known and what was fetched together; all three are histories that hold or will be
 * checked, out is initialised here and released by the caller in either case.
 *
 *  - By height: news replace what is known of an epoch, but never a better time by a worse one; where
 *    nothing but the source differs, the known row stays.  Whole-day rows in the covered time go.
 *  - Whole-day news replace whole-day rows and continue the history.  Against rows with a height they
 *    must agree to the day: they then change nothing, but for how long the newest is known to hold.
 *  - How far the newest was known to hold is never taken back.
 */
bool difficulty_merge(const struct difficulty_history *known, const struct difficulty_history *news,
		      struct difficulty_history *out, struct reason *why);

/* Say until when the newest row is known to hold; at least one second from its start. */
void difficulty_seen_until(struct difficulty_history *history, instant_t until);

/* Leave out what was no longer in force at this instant. */
void difficulty_since(struct difficulty_history *history, instant_t since);

/* What sources answer ----------------------------------------------------------------------------
 *
 * Each reads a whole body, untrusted, and appends to an empty history which the caller releases in
 * either case; or says why not.  The newest row is taken to hold for a day, until difficulty_seen_until()
 * says otherwise.  The history is not yet checked.
 */

/* mempool: /api/v1/mining/difficulty-adjustments, [[time, height, difficulty, ratio], ...].  The
 * hashrate answer, which averages difficulties over days, is refused. */
bool difficulty_read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

/* mempool or electrs: /api/blocks or /api/blocks/HEIGHT, the newest block of the list. */
struct block_tip {
	int64_t height;
	instant_t time;
	uint32_t nbits;
};
bool difficulty_read_blocks(const char *body, size_t len, struct block_tip *tip, struct reason *why);

/* blockchain.info: /charts/difficulty?format=json, {values: [{x: unix time, y: difficulty}, ...]}, a
 * value a day.  Days left out are refused where the difficulty changed in between (a thinned chart). */
bool difficulty_read_blockchain(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

/* Bitcoin Core, JSON-RPC.  getblockchaininfo: refused while it still catches up, or off the main chain. */
struct node_info {
	int64_t blocks;
	char best_hash[65];
};
bool difficulty_read_node_info(const char *body, size_t len, struct node_info *info, struct reason *why);

/* A batch of n getblockhash calls with ids 0 to n - 1, answered in any order. */
bool difficulty_read_node_hashes(const char *body, size_t len, size_t n, char (*hashes)[65], struct reason *why);

/* A batch of n getblockheader calls with ids 0 to n - 1 for these hashes. */
struct node_header {
	int64_t height;
	instant_t time;
	uint32_t nbits;
};
bool difficulty_read_node_headers(const char *body, size_t len, size_t n, char (*hashes)[65],
				  struct node_header *headers, struct reason *why);

/* A file of our own: TSV (COPY text), or CSV without quotes, with a header line; effective_from (an instant or
 * a date) and difficulty, and where known block_height, nbits, source, time_quality, time_sigma_s.  Rows
 * with heights, or rows without, not both.  Neighbours of one difficulty without a height are one row. */
bool difficulty_read_file(FILE *in, const char *name, struct difficulty_history *history, struct reason *why);

#endif
