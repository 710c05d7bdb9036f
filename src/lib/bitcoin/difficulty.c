#include "bitcoin/difficulty.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

typedef unsigned __int128 u128;

#define EPOCH_SECONDS (14 * DAY_SECONDS)
#define BLOCK_SECONDS (EPOCH_SECONDS / BLOCKS_PER_EPOCH)

/* What the header times may differ from the span that a change of difficulty implies. */
#define SPAN_TOLERANCE (6 * 3600)

/* A whole-day source may name the day before or after the retarget. */
#define DAY_SLACK (DAY_SECONDS + DAY_SECONDS / 2)

/* A time within a day, told by the mean of its blocks, was at most six hours off in any year, and three since 2010. */
#define MEAN_SLACK (DAY_SECONDS / 2)

const char *time_quality_name(enum time_quality quality)
{
	static const char *const names[] = { "day", "estimated", "exact" };

	return names[quality];
}

bool time_quality_parse(const char *text, enum time_quality *quality)
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

/* Both have a height, and the one was in force until the other was. */
static bool joined(const struct retarget *a, const struct retarget *b)
{
	return a->height != NO_HEIGHT && b->height != NO_HEIGHT && a->until == b->from;
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

bool difficulty_history_close(struct difficulty_history *history, const char *source, struct reason *why)
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

bool difficulty_span_fits(const struct retarget *a, const struct retarget *b)
{
	/* Both below 1e28: the product with 1,209,600 fits. */
	int64_t implied = (int64_t)(a->difficulty * EPOCH_SECONDS / b->difficulty);
	int64_t epochs = (b->height - a->height) / BLOCKS_PER_EPOCH;
	int64_t span = b->from - a->from;

	if (b->nbits == NBITS_LIMIT)
		return true;		/* the limit hides how long it took */
	/* Epochs that changed nothing took what they should; at the limit, they took that or longer. */
	if (epochs > 1 && a->nbits == NBITS_LIMIT)
		return span >= (epochs - 1) * EPOCH_SECONDS - epochs * SPAN_TOLERANCE;
	if (epochs > 1)
		return llabs(span - (epochs - 1) * EPOCH_SECONDS - implied) <= epochs * SPAN_TOLERANCE;
	if (implied <= EPOCH_SECONDS / 4 + 1)
		return span <= EPOCH_SECONDS / 4 + SPAN_TOLERANCE;
	if (implied >= EPOCH_SECONDS * 4 - 1000)
		return span >= EPOCH_SECONDS * 4 - SPAN_TOLERANCE;
	return span >= implied - SPAN_TOLERANCE && span <= implied + SPAN_TOLERANCE;
}

bool difficulty_reaches_block(const struct retarget *last, int64_t height, uint32_t nbits, instant_t when)
{
	int64_t blocks = height - last->height, epochs = blocks / BLOCKS_PER_EPOCH, least = blocks * BLOCK_SECONDS / 4;

	if (blocks <= 0)
		return true;
	/* Epochs that changed nothing took what they should, or longer at the limit. */
	if (nbits == last->nbits)
		least += epochs * (EPOCH_SECONDS - EPOCH_SECONDS / 4);
	return when - last->from >= least - (epochs + 1) * SPAN_TOLERANCE;
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
			if (height != NO_HEIGHT && b->height <= height)
				return reason_set(why, "%s does not follow height %d", named(b, second), height);
			height = b->height;
		}
		if (a && a->until == b->from && !nbits_within_factor_4(a->nbits, b->nbits))
			return reason_set(why, "%s changes nBits from %08" PRIx32 " to %08" PRIx32
					  ", more than four times", named(b, second), a->nbits, b->nbits);
		if (a && joined(a, b) && a->quality == TIME_EXACT && b->quality == TIME_EXACT && !difficulty_span_fits(a, b))
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

/* Is one epoch told in two ways of which one must be wrong?  A header's time is for good as well. */
static bool contradicts(const struct retarget *a, const struct retarget *b)
{
	return a->nbits != b->nbits || (a->quality == TIME_EXACT && b->quality == TIME_EXACT && a->from != b->from);
}

bool difficulty_agrees(const struct difficulty_history *news, const struct difficulty_history *known,
		       struct reason *why)
{
	const struct retarget *first = NULL;

	for (size_t i = 0; i + 1 < known->n; i++) {
		const struct retarget *row = &known->rows[i];
		const struct retarget *fetched = row->height == NO_HEIGHT ? NULL : find_height(news, row->height);

		if (!fetched || !contradicts(fetched, row) || strcmp(row->source, "manual") == 0)
			continue;
		if (first)
			return reason_set(why, "heights %d and %d differ in difficulty or time from those stored",
					  first->height, row->height);
		first = row;
	}
	return true;
}

/* The epoch of this difficulty that begins nearest to it: one that changed nothing has the nBits of the one before. */
static const struct retarget *nearest_epoch(const struct difficulty_history *known, const struct retarget *day)
{
	const struct retarget *nearest = NULL;

	for (size_t i = 0; i < known->n; i++) {
		const struct retarget *row = &known->rows[i];

		if (row->height == NO_HEIGHT || row->nbits != day->nbits)
			continue;
		if (!nearest || llabs(row->from - day->from) < llabs(nearest->from - day->from))
			nearest = row;
	}
	return nearest;
}

bool difficulty_days_agree(const struct difficulty_history *news, const struct difficulty_history *known,
			   struct reason *why)
{
	char first[80], second[80];

	for (size_t i = news->n; i-- > 1;) {
		const struct retarget *day = &news->rows[i], *epoch;
		int64_t slack = day->quality == TIME_ESTIMATED ? MEAN_SLACK : DAY_SLACK;

		if (day->height != NO_HEIGHT || day[-1].until != day->from)
			continue;
		epoch = nearest_epoch(known, day);
		if (!epoch)
			continue;
		return llabs(day->from - epoch->from) <= slack ||
		       reason_set(why, "%s is that of %s: the days of the source are shifted",
				  named(day, first), named(epoch, second));
	}
	return true;
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

/* Do the news begin some epochs after all that is known, so that nobody knows what held between? */
static bool leaves_out_epochs(const struct retarget *newest, const struct retarget *first, struct reason *why)
{
	char name[80];

	if (newest->height == NO_HEIGHT || first->height <= newest->height + BLOCKS_PER_EPOCH || newest->until >= first->from)
		return false;
	reason_set(why, "%s does not follow height %d, the latest known: fetch the epochs in between too",
		   named(first, name), newest->height);
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
	if (known->n && leaves_out_epochs(&known->rows[known->n - 1], &news->rows[0], why))
		return false;
	ok = news->rows[0].height != NO_HEIGHT ? merge_by_height(known, news, out, why) : merge_days(known, news, out, why);
	sort_by_time(out);
	close_spans(out);
	return ok;
}
