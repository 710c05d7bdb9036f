#include "bitcoin/block_json.h"

#include <inttypes.h>

#include "bitcoin/nbits.h"

#define FIRST_BLOCK INT64_C(1231006505)		/* 2009-01-03T18:15:05Z, in the header of block 0 */
#define YEAR_2100   INT64_C(4102444800)

bool block_time(const cJSON *value, instant_t *when)
{
	return json_int64(value, when) && *when >= FIRST_BLOCK && *when < YEAR_2100;
}

bool block_height(const cJSON *value, int64_t *height)
{
	return json_int64(value, height) && *height >= 0 && *height <= BLOCK_MAX_HEIGHT;
}

/* Blocks came each 560 to 600 seconds on the average since the first, but for 138 days in 2009. */
bool block_is_of_main(int64_t height, instant_t when, struct reason *why)
{
	int64_t least = 500 * height, most = 600 * height + INT64_C(5) * 365 * DAY_SECONDS;
	char text[INSTANT_TEXT];

	if (when - FIRST_BLOCK >= least && when - FIRST_BLOCK <= most)
		return true;
	return reason_set(why, "no block %" PRId64 " of Bitcoin's main network is of %s: is it a test network's?", height,
			  instant_format(when, text));
}

bool block_nbits(const cJSON *value, uint32_t *nbits, struct reason *why)
{
	int64_t number;

	if (json_string(value))
		return nbits_parse(json_string(value), nbits, why);
	if (!json_int64(value, &number) || number < 0 || number > UINT32_MAX)
		return reason_set(why, "bits is %s", json_kind(value));
	if (!nbits_possible((uint32_t)number, why))
		return false;
	*nbits = (uint32_t)number;
	return true;
}
