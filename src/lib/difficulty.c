#include "difficulty.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#include "btc.h"
#include "decimal.h"
#include "json.h"
#include "tsv.h"

typedef unsigned __int128 u128;

#define DAY_SECONDS  86400
#define EPOCH_SECONDS (14 * DAY_SECONDS)
#define NBITS_LIMIT  0x1d00ffffu	/* difficulty 1 */

/* What the header times may differ from the span that a change of difficulty implies. */
#define SPAN_TOLERANCE (6 * 3600)

/* A whole-day source may name the day before or after the retarget. */
#define DAY_SLACK (DAY_SECONDS + DAY_SECONDS / 2)

/* Exact arithmetic ----------------------------------------------------------------------------- */

static void target_of_nbits(mpz_t target, uint32_t nbits)
{
	unsigned long size = nbits >> 24;

	mpz_set_ui(target, nbits & 0x7fffff);
	if (size >= 3)
		mpz_mul_2exp(target, target, 8 * (size - 3));
	else
		mpz_tdiv_q_2exp(target, target, 8 * (3 - size));
}

/* The compact form of a target, cut to its three bytes as the network does it. */
static uint32_t nbits_of_target(const mpz_t target)
{
	size_t size = (mpz_sizeinbase(target, 2) + 7) / 8;
	uint32_t mantissa;
	mpz_t cut;

	mpz_init(cut);
	if (size >= 3)
		mpz_tdiv_q_2exp(cut, target, 8 * (size - 3));
	else
		mpz_mul_2exp(cut, target, 8 * (3 - size));
	mantissa = (uint32_t)mpz_get_ui(cut);
	mpz_clear(cut);
	if (mantissa & 0x800000) {
		mantissa >>= 8;
		size++;
	}
	return (uint32_t)size << 24 | mantissa;
}

/* The target of difficulty 1. */
static void target_of_one(mpz_t target)
{
	mpz_set_ui(target, 0xffff);
	mpz_mul_2exp(target, target, 208);
}

static bool nbits_possible(uint32_t nbits, struct reason *why)
{
	static const char lowest[] = "100000000000000000000";	/* 1e20 */
	mpz_t target, limit, one;
	bool ok;

	mpz_init(target);
	mpz_init(one);
	mpz_init_set_str(limit, lowest, 10);
	target_of_one(one);
	target_of_nbits(target, nbits);
	mpz_mul(limit, limit, target);
	ok = !(nbits & 0x800000) && nbits >> 24 <= 0x1d && mpz_sgn(target) > 0 &&
	     nbits_of_target(target) == nbits && mpz_cmp(target, one) <= 0 && mpz_cmp(limit, one) > 0;
	mpz_clear(target);
	mpz_clear(limit);
	mpz_clear(one);
	return ok || reason_set(why, "nBits %08" PRIx32 " is not a possible target", nbits);
}

bool nbits_parse(const char *text, uint32_t *nbits, struct reason *why)
{
	uint32_t value;

	if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
		return reason_set(why, "%.20s is not eight hex digits of nBits", *text ? text : "(nothing)");
	value = (uint32_t)strtoul(text, NULL, 16);
	if (!nbits_possible(value, why))
		return false;
	*nbits = value;
	return true;
}

char *nbits_format(uint32_t nbits, char text[9])
{
	snprintf(text, 9, "%08" PRIx32, nbits);
	return text;
}

bool difficulty_of_nbits(uint32_t nbits, u128 *difficulty, struct reason *why)
{
	mpz_t target, quotient, low;

	if (!nbits_possible(nbits, why))
		return false;
	mpz_init(target);
	mpz_init(quotient);
	mpz_init(low);
	target_of_nbits(target, nbits);
	target_of_one(quotient);
	/* (2 * 10^8 * limit + target) div 2 target: half away from zero, all being positive */
	mpz_mul_ui(quotient, quotient, 200000000);
	mpz_add(quotient, quotient, target);
	mpz_mul_2exp(target, target, 1);
	mpz_tdiv_q(quotient, quotient, target);
	mpz_tdiv_r_2exp(low, quotient, 64);
	mpz_tdiv_q_2exp(quotient, quotient, 64);
	*difficulty = (u128)mpz_get_ui(quotient) << 64 | mpz_get_ui(low);
	mpz_clear(target);
	mpz_clear(quotient);
	mpz_clear(low);
	return true;
}

/*
 * Is the difficulty of this target within 1e-9 of unscaled / ten, relatively, or within the 1e-8 that
 * writing it with eight decimals may cost?
 */
static bool near(const mpz_t target, const mpz_t unscaled, const mpz_t ten)
{
	mpz_t exact, off, whole;
	bool ok;

	/* All as numerators over target * ten. */
	mpz_init(exact);
	mpz_init(off);
	mpz_init(whole);
	target_of_one(exact);
	mpz_mul(exact, exact, ten);
	mpz_mul(off, unscaled, target);
	mpz_sub(off, off, exact);
	mpz_abs(off, off);
	mpz_mul_ui(off, off, 100000000);
	mpz_mul(whole, target, ten);
	ok = mpz_cmp(off, whole) <= 0;
	mpz_mul_ui(off, off, 10);
	ok = ok || mpz_cmp(off, exact) <= 0;
	mpz_clear(exact);
	mpz_clear(off);
	mpz_clear(whole);
	return ok;
}

bool nbits_of_difficulty(const char *text, uint32_t *nbits, struct reason *why)
{
	struct reason inner;
	struct decimal given;
	mpz_t ten, target, unit;
	bool found = false;

	decimal_init(&given);
	if (!decimal_parse_text(&given, text, DECIMAL_EXPONENT, &inner)) {
		decimal_release(&given);
		return reason_set(why, "difficulty %s", inner.text);
	}
	mpz_init(ten);
	mpz_init(target);
	mpz_init(unit);
	mpz_ui_pow_ui(ten, 10, (unsigned long)given.scale);
	/* From one up to 1e20, and then a little: what is possible is asked below. */
	if (mpz_cmp(given.unscaled, ten) >= 0 && mpz_sizeinbase(given.unscaled, 10) < (size_t)given.scale + 24) {
		target_of_one(target);
		mpz_mul(target, target, ten);
		mpz_tdiv_q(target, target, given.unscaled);
		*nbits = nbits_of_target(target);
		/* The three bytes are cut off below: the target meant is this one or the next. */
		target_of_nbits(target, *nbits);
		target_of_nbits(unit, (*nbits & 0xff000000) | 1);
		for (int step = 0; step < 2 && !found; step++) {
			*nbits = nbits_of_target(target);
			found = nbits_possible(*nbits, NULL) && near(target, given.unscaled, ten);
			mpz_add(target, target, unit);
		}
	}
	decimal_release(&given);
	mpz_clear(ten);
	mpz_clear(target);
	mpz_clear(unit);
	return found || reason_set(why, "%.40s is not a possible difficulty", text);
}

int64_t subsidy_at_height(int64_t height)
{
	int64_t halvings = height / BLOCKS_PER_HALVING;

	return halvings < 64 ? INT64_C(5000000000) >> halvings : 0;
}

/* Histories ------------------------------------------------------------------------------------- */

const char *time_quality_name(enum time_quality quality)
{
	static const char *const names[] = { "day", "estimated", "exact" };

	return names[quality];
}

static bool time_quality_parse(const char *text, enum time_quality *quality)
{
	for (int q = TIME_DAY; q <= TIME_EXACT; q++) {
		if (strcmp(text, time_quality_name((enum time_quality)q)) == 0) {
			*quality = (enum time_quality)q;
			return true;
		}
	}
	return false;
}

void difficulty_history_release(struct difficulty_history *history)
{
	free(history->rows);
	*history = (struct difficulty_history)DIFFICULTY_HISTORY_INIT;
}

bool difficulty_history_add(struct difficulty_history *history, const struct retarget *row, struct reason *why)
{
	u128 difficulty;

	if (!difficulty_of_nbits(row->nbits, &difficulty, why))
		return false;
	if (history->n == history->size) {
		history->size = history->size ? history->size * 2 : 512;
		history->rows = xrealloc(history->rows, history->size * sizeof *history->rows);
	}
	history->rows[history->n] = *row;
	history->rows[history->n++].difficulty = difficulty;
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct retarget *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->height > b->height) - (a->height < b->height);
}

static void sort_by_time(struct difficulty_history *history)
{
	if (history->n)
		qsort(history->rows, history->n, sizeof *history->rows, by_time);
}

static bool follows(const struct retarget *a, const struct retarget *b)
{
	return a->height != NO_HEIGHT && b->height == a->height + BLOCKS_PER_EPOCH;
}

/* Each row lasts to the next where that is the next epoch, and never beyond the next. */
static void close_spans(struct difficulty_history *history)
{
	for (size_t i = 0; i + 1 < history->n; i++) {
		struct retarget *a = &history->rows[i], *b = &history->rows[i + 1];

		if (follows(a, b) || a->until > b->from)
			a->until = b->from;
	}
}

/* "the retarget of height 887040 (2025-03-09T15:56:00Z)" */
static const char *named(const struct retarget *row, char out[80])
{
	char when[INSTANT_TEXT];

	instant_format(row->from, when);
	if (row->height == NO_HEIGHT)
		snprintf(out, 80, "the difficulty from %s", when);
	else
		snprintf(out, 80, "the retarget of height %d (%s)", row->height, when);
	return out;
}

/* At most four times harder or easier; targets are rounded down to three bytes after that. */
static bool within_factor_4(uint32_t before, uint32_t after)
{
	mpz_t old, new, bound;
	bool ok;

	mpz_init(old);
	mpz_init(new);
	mpz_init(bound);
	target_of_nbits(old, before);
	target_of_nbits(new, after);
	mpz_mul_2exp(bound, old, 2);
	ok = mpz_cmp(new, bound) <= 0;
	mpz_tdiv_q_2exp(bound, old, 2);
	target_of_nbits(bound, nbits_of_target(bound));
	ok = ok && mpz_cmp(new, bound) >= 0;
	mpz_clear(old);
	mpz_clear(new);
	mpz_clear(bound);
	return ok;
}

/* Do two exact times agree with the change of difficulty between them? */
static bool span_fits(const struct retarget *a, const struct retarget *b)
{
	/* Both below 1e28: the product with 1,209,600 fits. */
	int64_t implied = (int64_t)(a->difficulty * EPOCH_SECONDS / b->difficulty);
	int64_t span = b->from - a->from;

	if (b->nbits == NBITS_LIMIT)
		return true;		/* the limit hides how long it took */
	if (implied <= EPOCH_SECONDS / 4 + 1)
		return span <= EPOCH_SECONDS / 4 + SPAN_TOLERANCE;
	if (implied >= EPOCH_SECONDS * 4 - 1000)
		return span >= EPOCH_SECONDS * 4 - SPAN_TOLERANCE;
	return span >= implied - SPAN_TOLERANCE && span <= implied + SPAN_TOLERANCE;
}

bool difficulty_check(const struct difficulty_history *history, struct reason *why)
{
	char first[80], second[80];
	int32_t height = NO_HEIGHT;

	for (size_t i = 0; i < history->n; i++) {
		const struct retarget *b = &history->rows[i], *a = i ? b - 1 : NULL;

		if (b->height != NO_HEIGHT && (b->height < 0 || b->height % BLOCKS_PER_EPOCH))
			return reason_set(why, "height %d is not a multiple of %d", b->height, BLOCKS_PER_EPOCH);
		if (a && b->from <= a->from)
			return reason_set(why, "%s is not after %s", named(b, second), named(a, first));
		if (b->height != NO_HEIGHT) {
			if (height != NO_HEIGHT && b->height != height + BLOCKS_PER_EPOCH)
				return reason_set(why, "%s does not follow on height %d", named(b, second), height);
			height = b->height;
		}
		if (a && a->until == b->from && !within_factor_4(a->nbits, b->nbits))
			return reason_set(why, "%s changes nBits from %08" PRIx32 " to %08" PRIx32
					  ", more than four times", named(b, second), a->nbits, b->nbits);
		if (a && follows(a, b) && a->quality == TIME_EXACT && b->quality == TIME_EXACT && !span_fits(a, b))
			return reason_set(why, "%s comes %" PRId64 " s after the one before, which a change of nBits from %08"
					  PRIx32 " to %08" PRIx32 " does not allow", named(b, second), b->from - a->from,
					  a->nbits, b->nbits);
		if (b->until <= b->from)
			return reason_set(why, "%s ends before it begins", named(b, second));
	}
	return true;
}

void difficulty_seen_until(struct difficulty_history *history, instant_t until)
{
	struct retarget *last;

	if (!history->n)
		return;
	last = &history->rows[history->n - 1];
	last->until = until > last->from ? until : last->from + 1;
}

void difficulty_since(struct difficulty_history *history, instant_t since)
{
	size_t kept = 0;

	for (size_t i = 0; i < history->n; i++)
		if (history->rows[i].until > since)
			history->rows[kept++] = history->rows[i];
	history->n = kept;
}

/* Is the time of a better known than that of b? */
static bool better_time(const struct retarget *a, const struct retarget *b)
{
	if (a->quality != b->quality)
		return a->quality > b->quality;
	return a->quality == TIME_ESTIMATED && a->sigma_s < b->sigma_s;
}

static const struct retarget *find_height(const struct difficulty_history *history, int32_t height)
{
	for (size_t i = 0; i < history->n; i++)
		if (history->rows[i].height == height)
			return &history->rows[i];
	return NULL;
}

/* One epoch known and fetched: the better of each fact. */
static struct retarget better_of(const struct retarget *known, const struct retarget *fetched)
{
	struct retarget row = *fetched;

	if (better_time(known, fetched)) {
		row.from = known->from;
		row.quality = known->quality;
		row.sigma_s = known->sigma_s;
	}
	if (known->until > row.until)
		row.until = known->until;
	if (row.nbits == known->nbits && row.from == known->from && row.quality == known->quality &&
	    row.sigma_s == known->sigma_s)
		memcpy(row.source, known->source, sizeof row.source);
	return row;
}

static bool merge_by_height(const struct difficulty_history *known, const struct difficulty_history *news,
			    struct difficulty_history *out, struct reason *why)
{
	const struct retarget *last = &news->rows[news->n - 1];
	instant_t begin = news->rows[0].from - DAY_SLACK, end = last->until;

	for (size_t i = 0; i < known->n; i++) {
		const struct retarget *row = &known->rows[i];

		if (row->height != NO_HEIGHT && find_height(news, row->height))
			continue;
		if (row->height == NO_HEIGHT && row->from >= begin && row->from < end)
			continue;
		if (!difficulty_history_add(out, row, why))
			return false;
	}
	for (size_t i = 0; i < news->n; i++) {
		const struct retarget *fetched = &news->rows[i], *row = find_height(known, fetched->height);
		struct retarget merged = row ? better_of(row, fetched) : *fetched;

		/* A whole-day row that goes may have reached further with the same difficulty. */
		for (size_t k = 0; fetched == last && k < known->n; k++)
			if (known->rows[k].height == NO_HEIGHT && known->rows[k].nbits == last->nbits &&
			    known->rows[k].from < end && known->rows[k].until > merged.until)
				merged.until = known->rows[k].until;
		if (!difficulty_history_add(out, &merged, why))
			return false;
	}
	return true;
}

/* Is this whole-day row the epoch that is known by its height?  The newest may go on for longer than
 * was known, up to the longest that an epoch can last. */
static bool is_day_of(const struct retarget *epoch, const struct retarget *day, bool newest)
{
	instant_t until = newest ? epoch->from + 4 * EPOCH_SECONDS : epoch->until;

	return epoch->nbits == day->nbits && epoch->from < day->until + DAY_SLACK && until > day->from - DAY_SLACK;
}

static bool merge_days(const struct difficulty_history *known, const struct difficulty_history *news,
		       struct difficulty_history *out, struct reason *why)
{
	instant_t begin = news->rows[0].from, end = news->rows[news->n - 1].until;
	size_t firm = 0;		/* rows of out that have a height */

	for (int with_height = 1; with_height >= 0; with_height--) {
		for (size_t i = 0; i < known->n; i++) {
			const struct retarget *row = &known->rows[i];

			if ((row->height != NO_HEIGHT) != with_height)
				continue;
			if (row->height == NO_HEIGHT && row->from >= begin && row->from < end)
				continue;
			if (!difficulty_history_add(out, row, why))
				return false;
			firm += (size_t)with_height;
		}
	}
	for (size_t i = 0; i < news->n; i++) {
		const struct retarget *day = &news->rows[i];
		struct retarget *match = NULL, *newest = firm ? &out->rows[firm - 1] : NULL;
		struct retarget merged = *day;
		char first[80], second[80];

		for (size_t k = 0; k < firm && !match; k++)
			if (is_day_of(&out->rows[k], day, &out->rows[k] == newest))
				match = &out->rows[k];
		if (match) {
			if (match == newest && day->until > match->until)
				match->until = day->until;
			continue;
		}
		if (newest && day->from + DAY_SLACK < newest->until)
			return reason_set(why, "%s is not that of %s, which is known by its height", named(day, second),
					  named(newest, first));
		/* Two whole-day sources that agree are one row, with the first one's name. */
		for (size_t k = 0; k < known->n; k++)
			if (known->rows[k].height == NO_HEIGHT && known->rows[k].from == day->from &&
			    known->rows[k].quality == day->quality && known->rows[k].sigma_s == day->sigma_s)
				merged = better_of(&known->rows[k], day);
		if (!difficulty_history_add(out, &merged, why))
			return false;
	}
	return true;
}

bool difficulty_merge(const struct difficulty_history *known, const struct difficulty_history *news,
		      struct difficulty_history *out, struct reason *why)
{
	bool ok;

	*out = (struct difficulty_history)DIFFICULTY_HISTORY_INIT;
	if (!news->n) {
		for (size_t i = 0; i < known->n; i++)
			if (!difficulty_history_add(out, &known->rows[i], why))
				return false;
		return true;
	}
	ok = news->rows[0].height != NO_HEIGHT ? merge_by_height(known, news, out, why) : merge_days(known, news, out, why);
	sort_by_time(out);
	close_spans(out);
	return ok;
}

/* What sources answer ---------------------------------------------------------------------------- */

/* Rows have come in: order them, let each last to the next and the newest for a day. */
static bool finish(struct difficulty_history *history, const char *source, struct reason *why)
{
	if (!history->n)
		return reason_set(why, "no difficulty in the answer");
	sort_by_time(history);
	for (size_t i = 0; i < history->n; i++) {
		struct retarget *row = &history->rows[i];

		row->until = i + 1 < history->n ? row[1].from : row->from + DAY_SECONDS;
		if (source)
			snprintf(row->source, sizeof row->source, "%s", source);
	}
	return true;
}

/* A time of a block: after Bitcoin began, before 2100. */
static bool block_time(const cJSON *value, instant_t *when)
{
	return json_int64(value, when) && *when >= 1231006505 && *when < 4102444800;
}

static bool block_height(const cJSON *value, int64_t *height)
{
	return json_int64(value, height) && *height >= 0 && *height <= INT32_MAX - BLOCKS_PER_EPOCH;
}

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
	return finish(history, "mempool", why);
}

bool difficulty_read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && mempool_entries(document, history, why);

	json_release(document);
	return ok;
}

/* nBits as a hex string (Bitcoin Core) or as a number (electrs). */
static bool read_bits(const cJSON *value, uint32_t *nbits, struct reason *why)
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

static bool newest_block(const cJSON *document, struct block_tip *tip, struct reason *why)
{
	const cJSON *block;
	bool any = false;

	if (!cJSON_IsArray(document))
		return reason_set(why, "%s, not a list of blocks", json_kind(document));
	cJSON_ArrayForEach(block, document) {
		struct block_tip here;

		if (!block_height(json_member(block, "height"), &here.height) ||
		    !block_time(json_member(block, "timestamp"), &here.time))
			return reason_set(why, "a block without height and timestamp");
		if (!read_bits(json_member(block, "bits"), &here.nbits, why))
			return false;
		if (!any || here.height > tip->height)
			*tip = here;
		any = true;
	}
	return any || reason_set(why, "no block in the answer");
}

bool difficulty_read_blocks(const char *body, size_t len, struct block_tip *tip, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && newest_block(document, tip, why);

	json_release(document);
	return ok;
}

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
	if (!finish(history, "blockchain", why))
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

/* Bitcoin Core ----------------------------------------------------------------------------------- */

/* The result of one JSON-RPC reply, or NULL with what the node said. */
static const cJSON *rpc_result(const cJSON *reply, struct reason *why)
{
	const cJSON *error = json_member(reply, "error"), *result = json_member(reply, "result");
	const char *message = json_string(json_member(error, "message"));

	if (error && !json_is_null(error)) {
		reason_set(why, "the node says: %.200s", message ? message : "an error");
		return NULL;
	}
	if (!result || json_is_null(result)) {
		reason_set(why, "%s, not a JSON-RPC reply", json_kind(reply));
		return NULL;
	}
	return result;
}

static bool take_hash(const cJSON *value, char hash[65])
{
	const char *text = json_string(value);

	if (!text || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return false;
	memcpy(hash, text, 65);
	return true;
}

static bool take_node_info(const cJSON *result, struct node_info *info, struct reason *why)
{
	const char *chain = json_string(json_member(result, "chain"));
	bool catching_up;

	if (!chain || !json_bool(json_member(result, "initialblockdownload"), &catching_up) ||
	    !block_height(json_member(result, "blocks"), &info->blocks) ||
	    !take_hash(json_member(result, "bestblockhash"), info->best_hash))
		return reason_set(why, "not an answer to getblockchaininfo");
	if (strcmp(chain, "main") != 0)
		return reason_set(why, "the node is on chain %.20s, not main", chain);
	if (catching_up)
		return reason_set(why, "the node is still catching up (block %" PRId64 ")", info->blocks);
	return true;
}

bool difficulty_read_node_info(const char *body, size_t len, struct node_info *info, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *result = document ? rpc_result(document, why) : NULL;
	bool ok = result && take_node_info(result, info, why);

	json_release(document);
	return ok;
}

/* Walk over a batch of n replies; each id once.  take() gets the index and the result. */
typedef bool take_reply(void *ctx, size_t index, const cJSON *result, struct reason *why);

static bool walk_batch(const cJSON *document, size_t n, char *seen, take_reply *take, void *ctx, struct reason *why)
{
	const cJSON *reply, *result;
	struct reason inner;
	size_t count = 0;
	int64_t id;

	if (!cJSON_IsArray(document))
		return rpc_result(document, why) && reason_set(why, "%s, not a batch of replies", json_kind(document));
	cJSON_ArrayForEach(reply, document) {
		if (!json_int64(json_member(reply, "id"), &id) || id < 0 || (uint64_t)id >= n || seen[id])
			return reason_set(why, "a reply that was not asked for");
		seen[id] = 1;
		count++;
		result = rpc_result(reply, &inner);
		if (!result || !take(ctx, (size_t)id, result, &inner))
			return reason_set(why, "reply %" PRId64 ": %s", id, inner.text);
	}
	return count == n || reason_set(why, "%zu replies to %zu questions", count, n);
}

static bool read_batch(const char *body, size_t len, size_t n, take_reply *take, void *ctx, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	char *seen = xmalloc(n);
	bool ok;

	memset(seen, 0, n);
	ok = document && walk_batch(document, n, seen, take, ctx, why);
	free(seen);
	json_release(document);
	return ok;
}

static bool take_block_hash(void *ctx, size_t index, const cJSON *result, struct reason *why)
{
	char (*hashes)[65] = ctx;

	return take_hash(result, hashes[index]) || reason_set(why, "not a block hash");
}

bool difficulty_read_node_hashes(const char *body, size_t len, size_t n, char (*hashes)[65], struct reason *why)
{
	return read_batch(body, len, n, take_block_hash, hashes, why);
}

struct headers {
	char (*hashes)[65];
	struct node_header *out;
};

static bool take_header(void *ctx, size_t index, const cJSON *result, struct reason *why)
{
	struct headers *headers = ctx;
	struct node_header *header = &headers->out[index];
	char hash[65];

	if (!take_hash(json_member(result, "hash"), hash) || !block_height(json_member(result, "height"), &header->height) ||
	    !block_time(json_member(result, "time"), &header->time))
		return reason_set(why, "not an answer to getblockheader");
	if (strcmp(hash, headers->hashes[index]) != 0)
		return reason_set(why, "the header of another block");
	return read_bits(json_member(result, "bits"), &header->nbits, why);
}

bool difficulty_read_node_headers(const char *body, size_t len, size_t n, char (*hashes)[65],
				  struct node_header *headers, struct reason *why)
{
	struct headers ctx = { hashes, headers };

	return read_batch(body, len, n, take_header, &ctx, why);
}

/* A file ----------------------------------------------------------------------------------------- */

enum column { FROM, DIFFICULTY, HEIGHT, NBITS, SOURCE, QUALITY, SIGMA };

static const char *const columns[] = {
	"effective_from", "difficulty", "block_height", "nbits", "source", "time_quality", "time_sigma_s", NULL
};

/* A field that is there and says something. */
static const char *said(const struct tsv_reader *r, enum column c)
{
	return r->value[c] && *r->value[c] ? r->value[c] : NULL;
}

static bool whole_number(const char *text, long max, long *to)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 10)
		return false;
	*to = strtol(text, &end, 10);
	return *end == '\0' && *to <= max;
}

static bool read_file_row(const struct tsv_reader *r, struct retarget *row, struct reason *why)
{
	const char *from = said(r, FROM), *difficulty = said(r, DIFFICULTY);
	uint32_t nbits;
	long number;
	day_t day;
	bool whole_day;

	*row = (struct retarget){ .height = NO_HEIGHT };
	if (!from || !difficulty)
		return reason_set(why, "without %s", from ? "difficulty" : "effective_from");
	whole_day = day_parse(from, &day);
	if (whole_day)
		row->from = (instant_t)day * DAY_SECONDS;
	else if (!instant_parse(from, &row->from))
		return reason_set(why, "effective_from \"%.40s\" is neither a date nor an instant", from);
	if (said(r, HEIGHT)) {
		if (!whole_number(said(r, HEIGHT), INT32_MAX - BLOCKS_PER_EPOCH, &number))
			return reason_set(why, "block_height \"%.40s\" is not a height", said(r, HEIGHT));
		row->height = (int32_t)number;
	}
	whole_day = whole_day || (row->height == NO_HEIGHT && row->from % DAY_SECONDS == 0);
	row->quality = whole_day ? TIME_DAY : row->height == NO_HEIGHT ? TIME_ESTIMATED : TIME_EXACT;
	if (said(r, QUALITY) && !time_quality_parse(said(r, QUALITY), &row->quality))
		return reason_set(why, "time_quality \"%.40s\" is none of exact, estimated, day", said(r, QUALITY));
	if (said(r, SIGMA)) {
		if (!whole_number(said(r, SIGMA), 100 * DAY_SECONDS, &number))
			return reason_set(why, "time_sigma_s \"%.40s\" is not a number of seconds", said(r, SIGMA));
		row->sigma_s = (int)number;
	}
	if (!nbits_of_difficulty(difficulty, &row->nbits, why))
		return false;
	if (said(r, NBITS)) {
		if (!nbits_parse(said(r, NBITS), &nbits, why))
			return false;
		if (nbits != row->nbits)
			return reason_set(why, "nbits %s is not that of difficulty %.40s", said(r, NBITS), difficulty);
	}
	snprintf(row->source, sizeof row->source, "%.*s", SOURCE_TEXT - 1, said(r, SOURCE) ? said(r, SOURCE) : "file");
	return true;
}

/* CSV here has neither quotes nor tabs: its commas are tabs. */
static FILE *as_tsv(FILE *in, struct buf *text)
{
	char piece[4096], *end;
	size_t n;

	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		buf_add(text, piece, n);
	buf_add(text, "", 0);
	end = strchr(text->data, '\n');
	if (end && !memchr(text->data, '\t', (size_t)(end - text->data)))
		for (char *p = text->data; (p = strchr(p, ',')); p++)
			*p = '\t';
	return text->len ? fmemopen(text->data, text->len, "r") : NULL;
}

/* Does a line go with those before it? */
static bool goes_on(const struct retarget *before, instant_t last, const struct retarget *row, struct reason *why)
{
	if (row->from <= last)
		return reason_set(why, "effective_from is not after that of the line before");
	if ((before->height == NO_HEIGHT) != (row->height == NO_HEIGHT))
		return reason_set(why, "block_height in some lines and not in others");
	return true;
}

static bool read_file_rows(struct tsv_reader *reader, struct difficulty_history *history, struct reason *why)
{
	struct reason inner;
	struct retarget row;
	instant_t last = 0;
	int got;

	while ((got = tsv_read(reader, why)) > 0) {
		const struct retarget *before = history->n ? &history->rows[history->n - 1] : NULL;

		if (!read_file_row(reader, &row, &inner) || (before && !goes_on(before, last, &row, &inner)))
			return reason_set(why, "%s, line %ld: %.200s", reader->name, reader->line_number, inner.text);
		last = row.from;
		if (before && row.height == NO_HEIGHT && row.nbits == before->nbits)
			continue;
		if (!difficulty_history_add(history, &row, why))
			return false;
	}
	if (got < 0 || !finish(history, NULL, why))
		return false;
	difficulty_seen_until(history, last + DAY_SECONDS);
	return true;
}

bool difficulty_read_file(FILE *in, const char *name, struct difficulty_history *history, struct reason *why)
{
	struct buf text = BUF_INIT;
	FILE *tsv = as_tsv(in, &text);
	struct tsv_reader reader;
	bool ok;

	if (!tsv) {
		buf_release(&text);
		return reason_set(why, "%s is empty", name);
	}
	ok = tsv_open(&reader, tsv, name, columns, 2, why) && read_file_rows(&reader, history, why);
	tsv_close(&reader);
	fclose(tsv);
	buf_release(&text);
	return ok;
}
