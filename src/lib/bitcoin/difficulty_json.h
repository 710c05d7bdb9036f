/*
 * difficulty_json - histories of difficulty as public services answer
 *
 * Each function reads a whole body, untrusted, or says why not.  A history is appended to an empty one, which
 * the caller releases in either case; its newest row is taken to hold for a day, until
 * difficulty_seen_until() says otherwise.  It is not yet checked (difficulty_check()).
 */
#ifndef WINDFALL_DIFFICULTY_JSON_H
#define WINDFALL_DIFFICULTY_JSON_H

#include "bitcoin/block_json.h"
#include "bitcoin/difficulty.h"

/* mempool: /api/v1/mining/difficulty-adjustments, [[time, height, difficulty, ratio], ...].  The
 * hashrate answer, which averages difficulties over days, is refused. */
bool difficulty_read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

/* mempool or electrs: /api/blocks or /api/blocks/HEIGHT, the newest block of the list. */
bool difficulty_read_blocks(const char *body, size_t len, struct block *tip, struct reason *why);

/* blockchain.info: /charts/difficulty?format=json, {values: [{x: unix time, y: difficulty}, ...]}, a
 * value a day.  Days left out are refused where the difficulty changed in between (a thinned chart). */
bool difficulty_read_blockchain(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

#endif
