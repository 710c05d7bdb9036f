#include "bitcoin/difficulty_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "bitcoin/block_json.h"
#include "format/json.h"

/* mempool ------------------------------------------------------------------------------------ */

/* Rounded to six decimals at the source, and to as many digits by some of its databases. */
#define RATIO_TOLERANCE 1e-4

/* An epoch whose end is not known is known to last this long: no retarget comes sooner than after a quarter of
 * the time that it should take. */
#define SURE_SECONDS (BLOCKS_PER_EPOCH * 600 / 4)

/* How long a difficulty lasted is good to this, in days: by two whole days, and by two means, whose largest error in
 * any year was under a third of a day. */
#define CHART_TOLERANCE_DAYS 2
#define MEANS_TOLERANCE_DAYS 0.5

struct adjustment {
	struct retarget row;
	double ratio;			/* 0 if the entry has none */
	bool lost_before;		/* a row between the one before and this one could not be used */
};

/* Is this too late to have come?  Whose clock is wrong, nobody knows. */
static bool is_ahead(instant_t when, instant_t latest, struct reason *why)
{
	char text[INSTANT_TEXT];

	if (when <= latest)
		return false;
	reason_set(why, "%s is in the future, or the clock of this machine is behind", instant_format(when, text));
	return true;
}

static bool mempool_entry(const cJSON *entry, instant_t latest, struct adjustment *to, struct reason *why)
{
	const char *difficulty = json_number_text(cJSON_GetArrayItem(entry, 2));
	const char *ratio = json_number_text(cJSON_GetArrayItem(entry, 3));
	unsigned __int128 exact;
	int64_t height;

	*to = (struct adjustment){ .row = { .quality = TIME_EXACT } };
	if (!cJSON_IsArray(entry) || cJSON_GetArraySize(entry) < 3 || !difficulty ||
	    !block_time(cJSON_GetArrayItem(entry, 0), &to->row.from) || !block_height(cJSON_GetArrayItem(entry, 1), &height))
		return reason_set(why, "not [time, height, difficulty, ...]");
	if (height % BLOCKS_PER_EPOCH)
		return reason_set(why, "height %" PRId64 " is not a multiple of %d", height, BLOCKS_PER_EPOCH);
	if (is_ahead(to->row.from, latest, why) || !block_is_of_main(height, to->row.from, why))
		return false;
	to->row.height = (int32_t)height;
	to->ratio = ratio ? strtod(ratio, NULL) : 0;
	if (!nbits_of_difficulty(difficulty, &to->row.nbits, why) || !difficulty_of_nbits(to->row.nbits, &exact, why))
		return false;
	to->row.difficulty = exact;
	return true;
}

static int by_height(const void *x, const void *y)
{
	const struct adjustment *a = x, *b = y;

	if (a->row.height != b->row.height)
		return a->row.height < b->row.height ? -1 : 1;
	return (a->row.from > b->row.from) - (a->row.from < b->row.from);
}

/* Is b the change after a, by what it says of itself? */
static bool goes_on(const struct adjustment *a, const struct adjustment *b)
{
	double change = (double)b->row.difficulty / (double)a->row.difficulty;

	if (b->row.from <= a->row.from || !nbits_within_factor_4(a->row.nbits, b->row.nbits) ||
	    !difficulty_span_fits(&a->row, &b->row))
		return false;
	return b->ratio > 0 ? fabs(change - b->ratio) <= RATIO_TOLERANCE * change
			    : b->row.height == a->row.height + BLOCKS_PER_EPOCH;
}

/* Take out the rows that agree with neither neighbour while these are in order; returns how many stay. */
static size_t drop_strangers(struct adjustment *list, size_t n, struct oddities *odd)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct adjustment *before = kept ? &list[kept - 1] : NULL, *after = i + 1 < n ? &list[i + 1] : NULL;
		bool lost = list[i].lost_before;
		/* The newest has one neighbour: right after it, it is this row that is wrong; later, one between is
		 * lost. */
		bool alone = after ? !goes_on(&list[i], after) && before && after->row.from > before->row.from
				   : before && list[i].row.height == before->row.height + BLOCKS_PER_EPOCH;

		if (before && before->row.height == list[i].row.height) {
			if (before->row.nbits != list[i].row.nbits || before->row.from != list[i].row.from)
				oddities_note(odd, "height %d occurs twice, with another time or difficulty: the second is skipped",
					      list[i].row.height);
			continue;
		}
		if (before && !lost && alone && !goes_on(before, &list[i])) {
			oddities_note(odd, "the retarget of height %d fits neither the one before nor the one after it: left out",
				      list[i].row.height);
			if (after)
				list[i + 1].lost_before = true;
			continue;
		}
		list[kept++] = list[i];
	}
	return kept;
}

/* Each row lasts to the next, unless one between them is lost. */
static void note_spans(struct adjustment *list, size_t n, struct oddities *odd)
{
	for (size_t i = 0; i < n; i++) {
		struct retarget *row = &list[i].row;
		const struct adjustment *next = i + 1 < n ? &list[i + 1] : NULL;

		row->until = next ? next->row.from : row->from + DAY_SECONDS;
		if (!next || goes_on(&list[i], next) || next->row.from <= row->from + SURE_SECONDS)
			continue;
		if (next->row.height == row->height + BLOCKS_PER_EPOCH) {
			oddities_note(odd, "the retarget at height %d changes the difficulty by a ratio other than the one in its row",
				      next->row.height);
			continue;
		}
		row->until = row->from + SURE_SECONDS;
		oddities_note(odd, "retargets between heights %d and %d are missing: nothing is known of that time",
			      row->height, next->row.height);
	}
}

static bool mempool_entries(const cJSON *document, instant_t latest, struct difficulty_history *history,
			    struct oddities *odd, struct reason *why)
{
	const char *said = json_complaint(document, false);
	struct adjustment *list;
	struct reason inner;
	const cJSON *entry;
	size_t n = 0;
	bool ok = true;

	if (json_member(document, "hashrates"))
		return reason_answer(why, ANSWER_OTHER,
				     "the hashrate answer, whose difficulties are averages over days, not the list of retargets");
	if (said)
		return reason_answer(why, ANSWER_OTHER, "an error instead of the list of retargets: %.120s", said);
	if (!cJSON_IsArray(document))
		return reason_answer(why, ANSWER_OTHER, "%s, not a list of retargets", json_kind(document));
	list = xmalloc(((size_t)cJSON_GetArraySize(document) + 1) * sizeof *list);
	cJSON_ArrayForEach(entry, document) {
		odd->rows++;
		if (mempool_entry(entry, latest, &list[n], &inner))
			n++;
		else
			oddities_note(odd, "entry %zu: %s", odd->rows, inner.text);
	}
	qsort(list, n, sizeof *list, by_height);
	n = drop_strangers(list, n, odd);
	note_spans(list, n, odd);
	if (oddities_prevail(odd, why))
		ok = false;
	else if (n == 0)
		ok = reason_set(why, "no difficulty in the answer");
	for (size_t i = 0; ok && i < n; i++) {
		snprintf(list[i].row.source, sizeof list[i].row.source, "mempool");
		ok = difficulty_history_add(history, &list[i].row, why);
	}
	free(list);
	return ok;
}

bool difficulty_read_mempool(const char *body, size_t len, instant_t latest, struct difficulty_history *history,
			     struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && mempool_entries(document, latest, history, odd, why);

	json_release(document);
	return ok;
}

static bool read_block(const cJSON *value, instant_t latest, struct block *block, struct reason *why)
{
	struct reason inner;

	if (!block_height(json_member(value, "height"), &block->height) ||
	    !block_time(json_member(value, "timestamp"), &block->time))
		return reason_set(why, "a block without height and timestamp");
	if (!block_nbits(json_member(value, "bits"), &block->nbits, &inner) || is_ahead(block->time, latest, &inner) ||
	    !block_is_of_main(block->height, block->time, &inner))
		return reason_set(why, "block %" PRId64 ": %.200s", block->height, inner.text);
	return true;
}

static bool newest_block(const cJSON *document, instant_t latest, struct block *tip, struct oddities *odd,
			 struct reason *why)
{
	struct reason inner;
	const cJSON *value;
	bool any = false;

	if (!cJSON_IsArray(document))
		return reason_answer(why, ANSWER_OTHER, "%s, not a list of blocks", json_kind(document));
	cJSON_ArrayForEach(value, document) {
		struct block here;

		odd->rows++;
		if (!read_block(value, latest, &here, &inner)) {
			oddities_note(odd, "%s", inner.text);
			continue;
		}
		if (!any || here.height > tip->height)
			*tip = here;
		any = true;
	}
	return !oddities_prevail(odd, why) && (any || reason_set(why, "no block in the answer"));
}

bool difficulty_read_blocks(const char *body, size_t len, instant_t latest, struct block *tip, struct oddities *odd,
			    struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && newest_block(document, latest, tip, odd, why);

	json_release(document);
	return ok;
}

/* blockchain.info ---------------------------------------------------------------------------- */

/* The start of the UTC day. */
static instant_t start_of_day(instant_t when)
{
	return when - when % DAY_SECONDS;
}

/* A chart's day: exactly one difficulty, or a mean of two. */
struct chart_day {
	instant_t when, day;		/* day: 00:00 UTC */
	size_t number;			/* of the value in the chart, from 1 */
	bool plain;
	uint32_t nbits;			/* if plain */
	double value;
};

static bool chart_day(const cJSON *point, instant_t latest, struct chart_day *to, bool *no_block, struct reason *why)
{
	const char *difficulty = json_number_text(json_member(point, "y"));
	instant_t when;

	if (!difficulty || !block_time(json_member(point, "x"), &when))
		return reason_set(why, "not {x: time, y: difficulty}");
	if (is_ahead(when, latest, why))
		return false;
	*to = (struct chart_day){ .when = when, .day = start_of_day(when), .value = strtod(difficulty, NULL) };
	*no_block = to->value == 0;
	if (*no_block)
		return true;
	if (to->value < 1 || to->value > 1e20)
		return reason_set(why, "%.40s is not a possible difficulty", difficulty);
	to->plain = nbits_of_difficulty(difficulty, &to->nbits, NULL);
	return true;
}

/* A chart on its way to a history. */
struct chart {
	struct difficulty_history *history;
	struct oddities *odd;
	instant_t last_day;		/* the last on which the newest row alone was in force */
	bool placed;			/* is it sure when the newest row began? */
	size_t changes, unplaced;	/* of these, how many nobody can say the time of */
};

/* Begin another difficulty, the one before it having ended at `ended`, from the day of `to` or a time in the day
 * before. */
static bool begin_row(struct chart *c, const struct chart_day *to, instant_t from, instant_t ended, int sigma_s,
		      struct reason *why)
{
	struct retarget row = { .from = from, .height = NO_HEIGHT, .nbits = to->nbits,
		.quality = sigma_s ? TIME_ESTIMATED : TIME_DAY, .sigma_s = sigma_s, .source = "blockchain" };

	if (c->history->n)
		c->history->rows[c->history->n - 1].until = ended;
	return difficulty_history_add(c->history, &row, why);
}

/* When in this day did the difficulty change?  False if its value does not lie between the two. */
static bool change_within(const struct chart_day *mean, double before, double after, instant_t *from, int *sigma_s)
{
	double share = (mean->value - before) / (after - before);

	if (!(share > 0 && share < 1))
		return false;
	*from = mean->day + (instant_t)((1 - share) * DAY_SECONDS);
	*sigma_s = 1 + (int)(DAY_SECONDS * sqrt(share * (1 - share) / 144));
	return true;
}

/* Until when was the newest row's difficulty in force, if another one, which is then placed, begins at this time?  How
 * long it lasted is what makes the other: where a change between them is lost, as when a chart stood still, or one is
 * misdated, the two do not agree, and only the first days are sure. */
static instant_t end_of_row(struct chart *c, unsigned __int128 next, instant_t from, int sigma_s)
{
	const struct retarget *old = &c->history->rows[c->history->n - 1];
	double lasts = (double)old->difficulty / (double)next * 14, days = (double)(from - old->from) / DAY_SECONDS;
	double tolerance = old->sigma_s && sigma_s ? MEANS_TOLERANCE_DAYS : CHART_TOLERANCE_DAYS;
	char began[INSTANT_TEXT];

	if (!c->placed || fabs(days - lasts) <= tolerance) {
		c->placed = true;
		return from;
	}
	c->placed = false;
	oddities_note(c->odd, "the difficulty from %.10s on lasted %.1f days, and %.1f by the next one: a change is lost or "
		      "misdated", instant_format(old->from, began), days, lasts);
	return from < old->from + SURE_SECONDS ? from : old->from + SURE_SECONDS;
}

/* Another difficulty than the day before had.  means[0..n) are the days between that are neither. */
static bool change_chart(struct chart *c, const struct chart_day *to, const struct chart_day *means, size_t n,
			 struct reason *why)
{
	const struct retarget *old = &c->history->rows[c->history->n - 1];
	unsigned __int128 new_difficulty;
	char day[INSTANT_TEXT], last[INSTANT_TEXT];
	instant_t from = to->day;
	int sigma_s = 0;

	if (!difficulty_of_nbits(to->nbits, &new_difficulty, why))
		return false;
	c->changes++;
	if ((n == 0 && to->day == c->last_day + DAY_SECONDS) ||
	    (n == 1 && means[0].day == c->last_day + DAY_SECONDS && to->day == means[0].day + DAY_SECONDS &&
	     change_within(&means[0], (double)old->difficulty / 1e8, (double)new_difficulty / 1e8, &from, &sigma_s)))
		return begin_row(c, to, from, end_of_row(c, new_difficulty, from, sigma_s), sigma_s, why);
	c->placed = false;
	c->unplaced++;
	oddities_note(c->odd, "the difficulty changed between %.10s and %.10s, and the days between do not say when",
		      instant_format(c->last_day, last), instant_format(to->day, day));
	return begin_row(c, to, to->day, c->last_day + DAY_SECONDS, 0, why);
}

/* No difficulty above the least lasts longer than this: the next is a quarter of it at least. */
#define LONGEST_SECONDS (4 * 14 * DAY_SECONDS)

/* Does the newest row's difficulty stand there again on a day by which it must have changed? */
static bool stands_still(const struct chart *c, const struct chart_day *day)
{
	const struct retarget *row = &c->history->rows[c->history->n - 1];

	return row->nbits != NBITS_LIMIT && day->day >= row->from + LONGEST_SECONDS;
}

/* Is this one day that cannot be: another difficulty than that of the days before and after it, or one that no
 * retarget leads to? */
static bool stands_alone(const struct chart *c, const struct chart_day *day, const struct chart_day *next)
{
	uint32_t old = c->history->rows[c->history->n - 1].nbits;

	if (next && next->plain && next->day == day->day + DAY_SECONDS && next->nbits != day->nbits)
		return true;		/* the day before a retarget is not the day after one */
	return (next && next->plain && next->nbits == old) || !nbits_within_factor_4(old, day->nbits);
}

/* Can this be the mean of a day that began with the newest row's difficulty? */
static bool is_near(const struct chart *c, const struct chart_day *mean)
{
	double old = (double)c->history->rows[c->history->n - 1].difficulty / 1e8;

	return mean->value <= 4 * old && mean->value >= old / 4;
}

static bool walk_chart(struct chart *c, const struct chart_day *days, size_t n, struct reason *why)
{
	char text[INSTANT_TEXT];
	size_t means = 0;		/* days just before this one that are no single difficulty */

	for (size_t i = 0; i < n; i++) {
		const struct chart_day *day = &days[i], *next = i + 1 < n ? day + 1 : NULL;

		if (!day->plain) {
			means++;
			continue;
		}
		if (c->history->n == 0) {
			if (!begin_row(c, day, day->day, 0, 0, why))
				return false;
			for (size_t k = i - means; k < i; k++)
				oddities_note(c->odd, "%.10s: %.17g is not a possible difficulty, and none is known before it",
					      instant_format(days[k].day, text), days[k].value);
		} else if (c->history->rows[c->history->n - 1].nbits == day->nbits) {
			for (size_t k = i - means; k < i; k++)
				oddities_note(c->odd, "%.10s: %.17g is not the difficulty of the days before and after it",
					      instant_format(days[k].day, text), days[k].value);
			if (stands_still(c, day)) {
				oddities_note(c->odd, "%.10s: the same difficulty as eight weeks before, which no difficulty lasts: left out",
					      instant_format(day->day, text));
				means = 0;
				continue;
			}
		} else if (stands_alone(c, day, next)) {
			means++;
			continue;
		} else if (!change_chart(c, day, day - means, means, why)) {
			return false;
		}
		c->last_day = day->day;
		means = 0;
	}
	/* One day at the end that is no single difficulty is a retarget whose outcome the next day will show, if one can lead
	 * there. */
	for (size_t k = n - means; c->history->n && (means > 1 || !is_near(c, &days[n - 1])) && k < n; k++)
		oddities_note(c->odd, "%.10s: %.17g is not a possible difficulty, and no later day gives the correct one",
			      instant_format(days[k].day, text), days[k].value);
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct chart_day *a = x, *b = y;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* In order, and of each day the first: a chart that ends today may have two of it. */
static size_t settle_days(struct chart_day *days, size_t n, struct oddities *odd)
{
	size_t kept = 0;

	if (n)
		qsort(days, n, sizeof *days, by_time);
	for (size_t i = 0; i < n; i++)
		if (!kept || days[i].day != days[kept - 1].day)
			days[kept++] = days[i];
		else if (days[i].value != days[kept - 1].value)
			oddities_note(odd, "value %zu: another difficulty of a day that has one", days[i].number);
	return kept;
}

/* The days of the chart, in order, without those on which no block was found. */
static struct chart_day *chart_days(const cJSON *values, instant_t latest, size_t *n, struct oddities *odd)
{
	struct chart_day *days = xmalloc(((size_t)cJSON_GetArraySize(values) + 1) * sizeof *days);
	struct reason inner;
	const cJSON *point;
	bool no_block = false;

	*n = 0;
	cJSON_ArrayForEach(point, values) {
		odd->rows++;
		if (!chart_day(point, latest, &days[*n], &no_block, &inner))
			oddities_note(odd, "value %zu: %s", odd->rows, inner.text);
		else if (!no_block)
			days[(*n)++].number = odd->rows;
	}
	*n = settle_days(days, *n, odd);
	return days;
}

/* Are most days left out between two values?  Then hardly a change of difficulty has its time. */
static bool is_thinned(const struct chart_day *days, size_t n)
{
	size_t far = 0;

	for (size_t i = 1; i < n; i++)
		far += days[i].day > days[i - 1].day + DAY_SECONDS;
	return 2 * far > n - 1;
}

static bool chart_values(const cJSON *document, instant_t latest, struct difficulty_history *history,
			 struct oddities *odd, struct reason *why)
{
	const cJSON *values = json_member(document, "values");
	const char *said = json_complaint(document, cJSON_IsArray(values));
	struct chart c = { .history = history, .odd = odd };
	struct chart_day *days;
	bool ok, thinned;
	size_t n;

	if (!(values && values->child) && said)
		return reason_answer(why, ANSWER_OTHER, "an error instead of a chart: %.120s", said);
	if (!cJSON_IsArray(values))
		return reason_answer(why, ANSWER_OTHER, "values is %s, not a list: not a chart", json_kind(values));
	days = chart_days(values, latest, &n, odd);
	ok = walk_chart(&c, days, n, why);
	thinned = n && is_thinned(days, n);
	free(days);
	if (!ok || oddities_prevail(odd, why))
		return false;
	if (!history->n)
		return reason_set(why, "no difficulty in the answer");
	if (thinned && c.unplaced > c.changes / 2)
		return reason_set(why, "a thinned chart: %zu of %zu changes of difficulty fall between days that are left out",
				  c.unplaced, c.changes);
	difficulty_seen_until(history, c.last_day + DAY_SECONDS);
	return true;
}

bool difficulty_read_blockchain(const char *body, size_t len, instant_t latest, struct difficulty_history *history,
				struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && chart_values(document, latest, history, odd, why);

	json_release(document);
	return ok;
}

static bool stats(const cJSON *document, struct block *tip, struct reason *why)
{
	const char *difficulty = json_number_text(json_member(document, "difficulty"));
	int64_t milliseconds;

	if (!difficulty || !json_int64(json_member(document, "timestamp"), &milliseconds) || milliseconds < 0)
		return reason_answer(why, ANSWER_OTHER, "%s, not {timestamp, difficulty, ...}", json_kind(document));
	tip->height = -1;
	tip->time = milliseconds / 1000;
	return nbits_of_difficulty(difficulty, &tip->nbits, why);
}

bool difficulty_read_stats(const char *body, size_t len, struct block *tip, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	bool ok = document && stats(document, tip, why);

	json_release(document);
	return ok;
}
