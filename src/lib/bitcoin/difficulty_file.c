#include "bitcoin/difficulty_file.h"

#include <stdlib.h>
#include <string.h>

#include "bitcoin/block_json.h"
#include "format/table_rows.h"

enum column { FROM, DIFFICULTY, HEIGHT, NBITS, SOURCE, QUALITY, SIGMA, UNTIL };

static const char *const columns[] = {
	"effective_from", "difficulty", "block_height", "nbits", "source", "time_quality", "time_sigma_s",
	"in_force_until", NULL
};

/* A field that is there and says something. */
static const char *said(const struct table_rows *r, enum column c)
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

static bool read_file_row(const struct table_rows *r, struct retarget *row, struct reason *why)
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
		if (!whole_number(said(r, HEIGHT), BLOCK_MAX_HEIGHT, &number))
			return reason_set(why, "block_height \"%.40s\" is not a height", said(r, HEIGHT));
		row->height = (int32_t)number;
		if (!block_is_of_main(number, row->from, why))
			return false;
	}
	whole_day = whole_day || (row->height == NO_HEIGHT && row->from % DAY_SECONDS == 0);
	row->quality = whole_day ? TIME_DAY : row->height == NO_HEIGHT ? TIME_ESTIMATED : TIME_EXACT;
	if (said(r, QUALITY) && !time_quality_parse(said(r, QUALITY), &row->quality))
		return reason_set(why, "time_quality \"%.40s\" is not exact, estimated or day", said(r, QUALITY));
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
	if (said(r, UNTIL) && (!instant_parse(said(r, UNTIL), &row->until) || row->until <= row->from))
		return reason_set(why, "in_force_until \"%.40s\" is not an instant after effective_from", said(r, UNTIL));
	snprintf(row->source, sizeof row->source, "%.*s", SOURCE_TEXT - 1, said(r, SOURCE) ? said(r, SOURCE) : "file");
	return true;
}

/* Does a line go with those before it? */
static bool goes_on(const struct retarget *before, instant_t last, const struct retarget *row, struct reason *why)
{
	if (row->from <= last)
		return reason_set(why, "effective_from is not after that of the line before");
	if ((before->height == NO_HEIGHT) != (row->height == NO_HEIGHT))
		return reason_set(why, "block_height in some lines and not in others");
	/* Whether a line is lost or nothing changed, only the lines themselves can say. */
	if (row->height != NO_HEIGHT && before->until == 0 && row->height != before->height + BLOCKS_PER_EPOCH)
		return reason_set(why, "block_height %d does not follow %d, and there is no in_force_until", row->height,
				  before->height);
	if (before->until > row->from)
		return reason_set(why, "the line before is in force until after this one begins");
	return true;
}

static bool read_file_rows(struct table_rows *reader, struct difficulty_history *history, struct reason *why)
{
	struct reason inner;
	struct retarget row;
	instant_t last = 0;
	int got;
	bool spans = false;

	while ((got = table_rows_next(reader, why)) > 0) {
		const struct retarget *before = history->n ? &history->rows[history->n - 1] : NULL;

		if (!read_file_row(reader, &row, &inner) || (before && !goes_on(before, last, &row, &inner)))
			return reason_set(why, "%s, line %ld: %.200s", reader->name, reader->table.line, inner.text);
		last = row.from;
		spans |= row.until != 0;
		if (before && row.height == NO_HEIGHT && row.nbits == before->nbits && !spans)
			continue;
		if (!difficulty_history_add(history, &row, why))
			return false;
	}
	if (got < 0)
		return false;
	if (!spans) {
		if (!difficulty_history_close(history, NULL, why))
			return false;
		difficulty_seen_until(history, last + DAY_SECONDS);
		return true;
	}
	for (size_t i = 0; i < history->n; i++)
		if (history->rows[i].until == 0)
			return reason_set(why, "%s: in_force_until in some lines and not in others", reader->name);
	return true;
}

bool difficulty_read_file(FILE *in, const char *name, struct difficulty_history *history, struct reason *why)
{
	struct table_rows rows;
	bool ok = table_rows_open(&rows, in, name, columns, 2, why) && read_file_rows(&rows, history, why);

	table_rows_close(&rows);
	return ok;
}
