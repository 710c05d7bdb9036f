/*
 * block_json - what a JSON answer says of a block
 *
 * Each function is false if the value is missing or cannot be true of a block.
 */
#ifndef WINDFALL_BLOCK_JSON_H
#define WINDFALL_BLOCK_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "bitcoin/nbits.h"
#include "exact/calendar.h"
#include "format/json.h"

struct block {
	int64_t height;
	instant_t time;			/* the header's own */
	uint32_t nbits;
};

/* So that the height of the next epoch fits into 32 bits too. */
#define BLOCK_MAX_HEIGHT (INT32_MAX - BLOCKS_PER_EPOCH)

/* Its time: seconds since 1970, after Bitcoin began and before 2100. */
bool block_time(const cJSON *value, instant_t *when);

/* Its height: 0 to BLOCK_MAX_HEIGHT. */
bool block_height(const cJSON *value, int64_t *height);

/* Can a block of this height be of that time?  Not on Bitcoin's main network if it is years off, as on the test
 * networks: why says so. */
bool block_is_of_main(int64_t height, instant_t when, struct reason *why);

/* Its nBits: a hex string (Bitcoin Core) or a number (electrs); why says what is wrong with them. */
bool block_nbits(const cJSON *value, uint32_t *nbits, struct reason *why);

#endif
