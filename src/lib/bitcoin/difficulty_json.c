#include "bitcoin/difficulty_json.h"

#include "bitcoin/block_json.h"
#include "format/json.h"

/* mempool ------------------------------------------------------------------------------------ */

static bool mempool_entry(const cJSON *entry, struct difficulty_history *history, struct reason *why)
{
	struct retarget row = { .quality = TIME_EXACT };
	const char *difficulty = json_number_text(cJSON_GetArrayItem(entry, 2));
	int64_t height;

	if (!cJSON_IsArray(entry) || cJSON_GetArraySize(entry) < 3 || !difficulty ||
	    !block_time(cJSON_GetArrayItem(entry, 0), &row.from) || !block_height(cJSON_GetArrayItem(entry, 1), &height))
		return reason_set(why, "not [time, height, difficulty, ...]");
	row.height = (int32_t)height;
	return nbits_of_difficulty(difficulty, &row.nbits, why) && difficulty_history_add(history, &row, why);
}

static bool mempool_entries(const cJSON *document, struct difficulty_history *history, struct reason *why)
{
	struct reason inner;
	const cJSON *entry;
	int number = 0;

	if (json_member(document, "hashrates"))
		return reason_set(why, "the hashrate answer, whose difficulties are averages over days, not the list of retargets");
	if (!cJSON_IsArray(document))
		return reason_set(why, "%s, not a list of retargets", json_kind(document));
	cJSON_ArrayForEach(entry, document) {
		number++;
		if (!mempool_entry(entry, history, &inner))
			return reason_set(why, "entry %d: %s", number, inner.text);
	}
	return difficulty_history_close(history, "mempool", why);
}

bool difficulty_read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && mempool_entries(document, history, why);

	json_release(document);
	return ok;
}

static bool newest_block(const cJSON *document, struct block *tip, struct reason *why)
{
	const cJSON *block;
	bool any = false;

	if (!cJSON_IsArray(document))
		return reason_set(why, "%s, not a list of blocks", json_kind(document));
	cJSON_ArrayForEach(block, document) {
		struct block here;

		if (!block_height(json_member(block, "height"), &here.height) ||
		    !block_time(json_member(block, "timestamp"), &here.time))
			return reason_set(why, "a block without height and timestamp");
		if (!block_nbits(json_member(block, "bits"), &here.nbits, why))
			return false;
		if (!any || here.height > tip->height)
			*tip = here;
		any = true;
	}
	return any || reason_set(why, "no block in the answer");
}

bool difficulty_read_blocks(const char *body, size_t len, struct block *tip, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && newest_block(document, tip, why);

	json_release(document);
	return ok;
}

/* blockchain.info ---------------------------------------------------------------------------- */

/* The start of the UTC day. */
static instant_t start_of_day(instant_t when)
{
	return when - when % DAY_SECONDS;
}

/* Add a day's value, or let the last row run on if nothing changed.  last_day is the day before it. */
static bool add_day(struct difficulty_history *history, const struct retarget *row, instant_t last_day, struct reason *why)
{
	char day[INSTANT_TEXT];

	if (history->n && history->rows[history->n - 1].nbits == row->nbits)
		return true;
	if (history->n && row->from - last_day > DAY_SECONDS) {
		instant_format(last_day, day);
		return reason_set(why, "days are left out after %.10s, and the difficulty changed between", day);
	}
	return difficulty_history_add(history, row, why);
}

static bool chart_value(const cJSON *point, struct difficulty_history *history, instant_t *last_day, struct reason *why)
{
	struct retarget row = { .height = NO_HEIGHT, .quality = TIME_DAY };
	const char *difficulty = json_number_text(json_member(point, "y"));

	if (!difficulty || !block_time(json_member(point, "x"), &row.from))
		return reason_set(why, "not {x: time, y: difficulty}");
	row.from = start_of_day(row.from);
	if (row.from <= *last_day)
		return reason_set(why, "not after the one before");
	if (!nbits_of_difficulty(difficulty, &row.nbits, why) || !add_day(history, &row, *last_day, why))
		return false;
	*last_day = row.from;
	return true;
}

static bool chart_values(const cJSON *document, struct difficulty_history *history, struct reason *why)
{
	const cJSON *values = json_member(document, "values"), *point;
	instant_t last_day = 0;
	struct reason inner;
	int number = 0;

	if (!cJSON_IsArray(values))
		return reason_set(why, "values is %s, not a list: not a chart", json_kind(values));
	cJSON_ArrayForEach(point, values) {
		number++;
		if (!chart_value(point, history, &last_day, &inner))
			return reason_set(why, "value %d: %s", number, inner.text);
	}
	if (!difficulty_history_close(history, "blockchain", why))
		return false;
	difficulty_seen_until(history, last_day + DAY_SECONDS);
	return true;
}

bool difficulty_read_blockchain(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && chart_values(document, history, why);

	json_release(document);
	return ok;
}
