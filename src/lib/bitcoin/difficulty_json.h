/*
 * difficulty_json - histories of difficulty as public services answer
 *
 * Each function reads a whole body, untrusted, or says why not.  A history is appended to an empty one, which
 * the caller releases in either case; its newest row is taken to hold for a day, until
 * difficulty_seen_until() says otherwise.  It is not yet checked (difficulty_check()).  A row that cannot be
 * used is noted in odd, and where that leaves open what was in force, nothing is claimed there: the row
 * before ends early.  An answer most of which is odd is refused.  Nothing begins after `latest`, which is now
 * and the two hours that a block's time may be ahead: a row that says so is odd.
 */
#ifndef WINDFALL_DIFFICULTY_JSON_H
#define WINDFALL_DIFFICULTY_JSON_H

#include "base/oddities.h"
#include "bitcoin/block_json.h"
#include "bitcoin/difficulty.h"

/*
 * mempool: /api/v1/mining/difficulty-adjustments, [[time, height, difficulty, ratio], ...].
 *
 * Its indexer ($indexDifficultyAdjustments) walks over the blocks and notes one wherever the difficulty differs
 * from that of the block before: a retarget that left nBits as they were is not in the list, so heights may be
 * whole epochs apart, and the newest row may be many epochs old.  ratio is the change from the row before, rounded
 * to six decimals (0 or 1 for block 0, which may be missing); it shows whether a row in between is lost.
 * The hashrate answer, which averages difficulties over days, is refused.
 */
bool difficulty_read_mempool(const char *body, size_t len, instant_t latest, struct difficulty_history *history,
			     struct oddities *odd, struct reason *why);

/* mempool or electrs: /api/blocks or /api/blocks/HEIGHT, the newest block of the list. */
bool difficulty_read_blocks(const char *body, size_t len, instant_t latest, struct block *tip, struct oddities *odd,
			    struct reason *why);

/*
 * blockchain.info: /charts/difficulty?format=json, {values: [{x: unix time, y: difficulty}, ...]}, a value a day: the
 * mean over that day's blocks, 0 on a day without any (January 2009).  So on the day of a retarget it lies between
 * the old difficulty and the new, and its share of the way tells when: (1 - share) of the day had passed.  That time
 * is an estimate; its standard deviation is that of a share of 144 blocks.  A day left out matters only where its
 * neighbours differ.  No difficulty but the first lasts longer than eight weeks, nor any for one day alone: a chart
 * that stands still, or a day that is misdated, claims nothing.  A chart in which most changes fall between days left
 * out is thinned: refused.
 */
bool difficulty_read_blockchain(const char *body, size_t len, instant_t latest, struct difficulty_history *history,
				struct oddities *odd, struct reason *why);

/* blockchain.info: /stats, {timestamp: milliseconds, difficulty, n_blocks_total, ...}: the difficulty in force
 * at that instant, which is all that is taken from it (no height: tip->height is -1). */
bool difficulty_read_stats(const char *body, size_t len, struct block *tip, struct reason *why);

#endif
