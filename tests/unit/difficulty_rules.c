/*
 * The rules of a history of difficulty at their bounds: what a span may be, what is bridged and what is a gap, and which
 * of two accounts of an epoch is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bitcoin/difficulty.h"

#define EPOCH (14 * 86400)
#define HOURS(n) ((n) * 3600)
#define SLACK (86400 + 43200)		/* a whole-day source may be a day and a half out */
#define T0 1700006400			/* 2023-11-15T00:00:00Z */
#define NBITS 0x17040000
#define OTHER 0x17040100		/* a little easier */

static struct retarget epoch(int32_t height, instant_t from, instant_t until, uint32_t nbits)
{
	return (struct retarget){ .from = from, .until = until, .height = height, .nbits = nbits, .quality = TIME_EXACT, .source = "s" };
}

static struct retarget whole_day(instant_t from, instant_t until, uint32_t nbits)
{
	return (struct retarget){ .from = from, .until = until, .height = NO_HEIGHT, .nbits = nbits, .quality = TIME_DAY, .source = "d" };
}

static struct difficulty_history made(const struct retarget *rows, size_t n)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct reason why = { .text = "" };

	for (size_t i = 0; i < n; i++)
		if (!difficulty_history_add(&history, &rows[i], &why))
			fail_msg("%s", why.text);
	return history;
}

#define MADE(...) made((struct retarget[]){ __VA_ARGS__ }, sizeof (struct retarget[]){ __VA_ARGS__ } / sizeof (struct retarget))

static bool holds(uint32_t before, uint32_t after, int epochs, instant_t span)
{
	struct difficulty_history history = MADE(epoch(2016 * 100, T0, T0 + span, before),
						 epoch(2016 * (100 + epochs), T0 + span, T0 + span + 1, after));
	struct reason why = { .text = "" };
	bool ok = difficulty_check(&history, &why);

	if (!ok && !strstr(why.text, "does not allow"))
		fail_msg("%s", why.text);
	difficulty_history_release(&history);
	return ok;
}

/* Six hours for each epoch, to the second. */
static void a_span_is_what_the_change_of_difficulty_says_within_six_hours(void **state)
{
	static const struct { uint32_t before, after; int epochs; instant_t least, most; } row[] = {
		{ NBITS, NBITS, 1, EPOCH - HOURS(6), EPOCH + HOURS(6) },
		/* Twice the target: it took twice as long. */
		{ 0x17020000, NBITS, 1, 2 * EPOCH - HOURS(6), 2 * EPOCH + HOURS(6) },
		/* The epochs left out took two weeks each, and their gaps as well. */
		{ NBITS, NBITS, 2, 2 * EPOCH - HOURS(12), 2 * EPOCH + HOURS(12) },
		{ 0x17020000, NBITS, 3, 4 * EPOCH - HOURS(18), 4 * EPOCH + HOURS(18) },
		/* At the greatest change the rule cuts off what was longer, or shorter. */
		{ NBITS, 0x17010000, 1, 1, EPOCH / 4 + HOURS(6) },
		{ 0x177f0000, 0x171fc007, 1, 1, EPOCH / 4 + HOURS(6) },		/* a second longer than a quarter */
		{ 0x17010000, NBITS, 1, 4 * EPOCH - HOURS(6), INT64_C(40000000000) },
		/* At the easiest target there is, epochs may take any time beyond theirs. */
		{ 0x1d00ffff, 0x1d00d86a, 2, EPOCH - HOURS(12), INT64_C(40000000000) },
		{ 0x1d00d86a, 0x1d00ffff, 1, 1, INT64_C(40000000000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!holds(row[i].before, row[i].after, row[i].epochs, row[i].least) ||
		    !holds(row[i].before, row[i].after, row[i].epochs, row[i].most))
			fail_msg("row %zu: a bound is refused", i);
		if ((row[i].least > 1 && holds(row[i].before, row[i].after, row[i].epochs, row[i].least - 1)) ||
		    (row[i].most < INT64_C(40000000000) && holds(row[i].before, row[i].after, row[i].epochs, row[i].most + 1)))
			fail_msg("row %zu: a second beyond a bound is taken", i);
	}
	/* One epoch at the easiest target is no epoch left out. */
	assert_false(holds(0x1d00ffff, 0x1d00d86a, 1, 3 * EPOCH));
}

/* Only two exact times with a height each, of which one ended as the other began, say how long it took. */
static void what_was_not_joined_has_no_span(void **state)
{
	struct difficulty_history history = MADE(epoch(2016, T0, T0 + 86400, NBITS), epoch(4032, T0 + 5 * EPOCH, T0 + 6 * EPOCH, OTHER));

	(void)state;
	assert_true(difficulty_check(&history, NULL));		/* a gap */
	history.rows[0].until = history.rows[1].from;
	assert_false(difficulty_check(&history, NULL));
	history.rows[0].height = NO_HEIGHT;
	assert_true(difficulty_check(&history, NULL));
	history.rows[0].height = 2016;
	history.rows[1].height = NO_HEIGHT;
	assert_true(difficulty_check(&history, NULL));
	history.rows[1].height = 4032;
	history.rows[0].quality = TIME_ESTIMATED;
	assert_true(difficulty_check(&history, NULL));
	history.rows[1].until = history.rows[1].from;
	assert_false(difficulty_check(&history, NULL));		/* it ends as it begins */
	difficulty_history_release(&history);
}

/* The first row of a list has nothing before it, and is held to the rules all the same. */
static void a_single_row_is_checked_too(void **state)
{
	static const struct { int32_t height; instant_t until; bool ok; } row[] = {
		{ 2016, T0 + 1, true }, { 0, T0 + 1, true }, { NO_HEIGHT, T0 + 1, true }, { 2017, T0 + 1, false }, { -2016, T0 + 1, false },
		{ 2016, T0, false }, { 2016, T0 - 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history = MADE(epoch(row[i].height, T0, row[i].until, NBITS));

		if (difficulty_check(&history, NULL) != row[i].ok)
			fail_msg("row %zu", i);
		difficulty_history_release(&history);
	}
}

static void the_newest_holds_at_least_a_second_and_what_is_over_is_left_out(void **state)
{
	struct difficulty_history history = MADE(epoch(0, T0, T0 + EPOCH, NBITS), epoch(2016, T0 + EPOCH, T0 + 2 * EPOCH, NBITS));

	(void)state;
	difficulty_seen_until(&history, T0 + EPOCH);
	assert_int_equal(history.rows[1].until, T0 + EPOCH + 1);
	difficulty_seen_until(&history, T0 + EPOCH + 2);
	assert_int_equal(history.rows[1].until, T0 + EPOCH + 2);
	difficulty_since(&history, T0 + EPOCH - 1);
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].height, 0);
	difficulty_since(&history, T0 + EPOCH);
	assert_int_equal(history.n, 1);
	assert_int_equal(history.rows[0].height, 2016);
	difficulty_history_release(&history);
	difficulty_seen_until(&history, T0);		/* nothing in it: nothing to do */
	assert_int_equal(history.n, 0);
}

/* More rows than the list has room for at first, in any order. */
static void a_long_history_is_put_in_order(void **state)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	enum { MANY = 1100 };

	(void)state;
	for (int i = 0; i < MANY; i++) {
		int n = i * 7 % MANY;		/* 7 and 1100 share no factor: each once */
		struct retarget row = epoch(2016 * n, T0 + (instant_t)n * EPOCH, T0, NBITS);

		assert_true(difficulty_history_add(&history, &row, NULL));
	}
	assert_true(difficulty_history_close(&history, "name", NULL));
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(history.rows[i].height, 2016 * i);
		assert_string_equal(history.rows[i].source, "name");
		assert_int_equal(history.rows[i].until, i + 1 < MANY ? history.rows[i + 1].from : history.rows[i].from + 86400);
	}
	difficulty_history_release(&history);
	assert_null(history.rows);
}

static void a_target_that_is_none_has_no_difficulty_and_is_no_row(void **state)
{
	static const uint32_t bad[] = { 0, 0x1d010000, 0x04123456, 0x1d80ffff };
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct retarget row = epoch(2016, T0, T0 + 1, bad[i]);
		unsigned __int128 difficulty;
		struct reason why = { .text = "" };

		assert_false(difficulty_of_nbits(bad[i], &difficulty, &why));
		assert_non_null(strstr(why.text, "nBits"));
		assert_false(difficulty_history_add(&history, &row, NULL));
	}
	assert_int_equal(history.n, 0);
}

static struct difficulty_history merged(struct difficulty_history known, struct difficulty_history news)
{
	struct difficulty_history out;
	struct reason why = { .text = "" };

	if (!difficulty_merge(&known, &news, &out, &why))
		fail_msg("%s", why.text);
	difficulty_history_release(&known);
	difficulty_history_release(&news);
	return out;
}

static void assert_rows(struct difficulty_history *history, const struct retarget *want, size_t n)
{
	assert_int_equal(history->n, n);
	for (size_t i = 0; i < n; i++) {
		const struct retarget *row = &history->rows[i];

		if (row->height != want[i].height || row->from != want[i].from || row->until != want[i].until || row->nbits != want[i].nbits)
			fail_msg("row %zu: height %d from T0%+ld until T0%+ld", i, row->height, (long)(row->from - T0), (long)(row->until - T0));
	}
	difficulty_history_release(history);
}

#define ASSERT_ROWS(history, ...) \
	assert_rows(&(history), (struct retarget[]){ __VA_ARGS__ }, sizeof (struct retarget[]){ __VA_ARGS__ } / sizeof (struct retarget))

/* A silent default would be the worst: half hours in the gap would be calculated with what held before it. */
static void a_gap_is_bridged_only_by_the_very_next_epoch(void **state)
{
	struct difficulty_history out;

	(void)state;
	/* The next epoch has begun: the one before lasted until then. */
	out = merged(MADE(epoch(2016, T0, T0 + 86400, NBITS)), MADE(epoch(4032, T0 + EPOCH, T0 + EPOCH + 60, OTHER)));
	ASSERT_ROWS(out, epoch(2016, T0, T0 + EPOCH, NBITS), epoch(4032, T0 + EPOCH, T0 + EPOCH + 60, OTHER));
	/* One is missing between two that were known: it stays missing. */
	out = merged(MADE(epoch(2016, T0, T0 + 86400, NBITS), epoch(6048, T0 + 2 * EPOCH, T0 + 3 * EPOCH, NBITS)),
		     MADE(epoch(8064, T0 + 3 * EPOCH, T0 + 3 * EPOCH + 60, OTHER)));
	ASSERT_ROWS(out, epoch(2016, T0, T0 + 86400, NBITS), epoch(6048, T0 + 2 * EPOCH, T0 + 3 * EPOCH, NBITS),
		    epoch(8064, T0 + 3 * EPOCH, T0 + 3 * EPOCH + 60, OTHER));
	/* Days that nobody told of are known by nobody. */
	out = merged(MADE(whole_day(T0, T0 + 86400, NBITS)), MADE(whole_day(T0 + 4 * 86400, T0 + 5 * 86400, OTHER)));
	ASSERT_ROWS(out, whole_day(T0, T0 + 86400, NBITS), whole_day(T0 + 4 * 86400, T0 + 5 * 86400, OTHER));
	/* What reached into the next is cut there, whoever it is. */
	out = merged(MADE(whole_day(T0, T0 + 9 * 86400, NBITS)), MADE(whole_day(T0 + 4 * 86400, T0 + 5 * 86400, OTHER)));
	ASSERT_ROWS(out, whole_day(T0, T0 + 4 * 86400, NBITS), whole_day(T0 + 4 * 86400, T0 + 5 * 86400, OTHER));
}

static void news_that_leave_out_epochs_behind_all_that_is_known_are_refused(void **state)
{
	static const struct { int32_t height; instant_t until; bool refused; } row[] = {
		{ 4032, T0 + 86400, false },		/* the very next */
		{ 6048, T0 + 86400, true }, { 8064, T0 + 86400, true },
		{ 6048, T0 + 3 * EPOCH, false },	/* known to hold until then, and longer */
		{ 6048, T0 + 3 * EPOCH - 1, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int by_height = 0; by_height < 2; by_height++) {
			struct difficulty_history known = MADE(epoch(by_height ? 2016 : NO_HEIGHT, T0, row[i].until, NBITS));
			struct difficulty_history news = MADE(epoch(row[i].height, T0 + 3 * EPOCH, T0 + 4 * EPOCH, OTHER)), out;
			struct reason why = { .text = "" };

			if (difficulty_merge(&known, &news, &out, &why) != !(row[i].refused && by_height))
				fail_msg("row %zu: %s", i, why.text);
			if (row[i].refused && by_height)
				assert_non_null(strstr(why.text, "does not follow height 2016, the latest known"));
			difficulty_history_release(&known);
			difficulty_history_release(&news);
			difficulty_history_release(&out);
		}
}

static void one_height_may_differ_from_what_is_known_and_the_newest_and_what_was_given_by_hand_too(void **state)
{
	static const struct { uint32_t fetched[4]; bool manual, agrees; } row[] = {
		{ { NBITS, NBITS, NBITS, NBITS }, false, true }, { { OTHER, NBITS, NBITS, NBITS }, false, true },
		{ { NBITS, OTHER, NBITS, OTHER }, false, true }, { { OTHER, OTHER, NBITS, NBITS }, false, false },
		{ { OTHER, OTHER, NBITS, NBITS }, true, true }, { { OTHER, OTHER, OTHER, NBITS }, true, false },
		{ { 0, 0, OTHER, NBITS }, false, true }, { { 0, OTHER, OTHER, 0 }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history known = DIFFICULTY_HISTORY_INIT, news = DIFFICULTY_HISTORY_INIT;
		struct reason why = { .text = "" };

		for (int n = 0; n < 4; n++) {
			struct retarget stored = epoch(2016 * (n + 1), T0 + n * EPOCH, T0 + (n + 1) * EPOCH, NBITS), fetched = stored;

			snprintf(stored.source, sizeof stored.source, "%s", row[i].manual && n == 0 ? "manual" : "mempool");
			fetched.nbits = row[i].fetched[n];
			assert_true(difficulty_history_add(&known, &stored, NULL));
			if (fetched.nbits)
				assert_true(difficulty_history_add(&news, &fetched, NULL));
		}
		if (difficulty_agrees(&news, &known, &why) != row[i].agrees)
			fail_msg("row %zu: %s", i, why.text);
		if (!row[i].agrees)
			assert_string_equal(why.text, i == 3 ? "heights 2016 and 4032 differ in difficulty or time from those stored"
							     : "heights 4032 and 6048 differ in difficulty or time from those stored");
		difficulty_history_release(&known);
		difficulty_history_release(&news);
	}
}

static bool days_agree(struct difficulty_history known, struct difficulty_history news)
{
	struct reason why = { .text = "" };
	bool agrees = difficulty_days_agree(&news, &known, &why);

	if (!agrees && !strstr(why.text, " is that of the retarget of height "))
		fail_msg("%s", why.text);
	difficulty_history_release(&known);
	difficulty_history_release(&news);
	return agrees;
}

/* Two changes, at heights 4032 and 6048, that a source of days has so many seconds later. */
static bool changes_agree(enum time_quality quality, instant_t first, instant_t second)
{
	struct retarget days[3] = { whole_day(T0 - 86400, T0 + first, NBITS), whole_day(T0 + first, T0 + EPOCH + second, OTHER),
				    whole_day(T0 + EPOCH + second, T0 + 2 * EPOCH, NBITS + 2) };

	for (int i = 0; i < 3; i++)
		days[i].quality = quality;
	return days_agree(MADE(epoch(2016, T0 - EPOCH, T0, NBITS), epoch(4032, T0, T0 + EPOCH, OTHER),
			       epoch(6048, T0 + EPOCH, T0 + 2 * EPOCH, NBITS + 2)), made(days, 3));
}

static void days_are_held_against_the_latest_height_that_is_known(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		assert_true(changes_agree(TIME_ESTIMATED, 0, sign * HOURS(12)));
		assert_false(changes_agree(TIME_ESTIMATED, 0, sign * (HOURS(12) + 1)));
		assert_true(changes_agree(TIME_DAY, 0, sign * SLACK));
		assert_false(changes_agree(TIME_DAY, 0, sign * (SLACK + 1)));
		assert_true(changes_agree(TIME_ESTIMATED, sign * HOURS(24), 0));	/* one odd day of old */
	}
	/* Where a difficulty stood first, or after a time that is not known, is no change. */
	assert_true(days_agree(MADE(epoch(2016, T0, T0 + EPOCH, NBITS)), MADE(whole_day(T0 + 7 * 86400, T0 + 8 * 86400, NBITS))));
	assert_true(days_agree(MADE(epoch(2016, T0, T0 + EPOCH, NBITS)), MADE(whole_day(T0, T0 + 86400, OTHER),
			       whole_day(T0 + 5 * 86400, T0 + 6 * 86400, NBITS))));
	/* A retarget that changed nothing is not the one before it, and days are held against no days. */
	assert_true(days_agree(MADE(epoch(2016, T0, T0 + EPOCH, NBITS), epoch(4032, T0 + EPOCH, T0 + 2 * EPOCH, NBITS)),
			       MADE(whole_day(T0 - 86400, T0, OTHER), whole_day(T0, T0 + 86400, NBITS))));
	assert_true(days_agree(MADE(epoch(2016, T0 - EPOCH, T0, NBITS), epoch(4032, T0, T0 + EPOCH, NBITS)),
			       MADE(whole_day(T0 - 86400, T0, OTHER), whole_day(T0, T0 + 86400, NBITS))));
	assert_true(days_agree(MADE(whole_day(T0, T0 + EPOCH, NBITS)),
			       MADE(whole_day(T0, T0 + 5 * 86400, OTHER), whole_day(T0 + 5 * 86400, T0 + 6 * 86400, NBITS))));
	/* The latest change is of no height yet: the one before it is held against its own. */
	assert_false(days_agree(MADE(epoch(2016, T0, T0 + EPOCH, NBITS)), MADE(whole_day(T0, T0 + SLACK + 1, OTHER),
				whole_day(T0 + SLACK + 1, T0 + EPOCH, NBITS), whole_day(T0 + EPOCH, T0 + EPOCH + 86400, NBITS + 2))));
}

/* Two heights of which the second, or both, have another time. */
static bool times_agree(instant_t first, instant_t second, enum time_quality known_quality, enum time_quality quality)
{
	struct difficulty_history known = DIFFICULTY_HISTORY_INIT, news = DIFFICULTY_HISTORY_INIT;
	struct reason why = { .text = "" };
	bool agrees;

	for (int n = 0; n < 3; n++) {
		struct retarget stored = epoch(2016 * (n + 1), T0 + n * EPOCH, T0 + (n + 1) * EPOCH, NBITS), fetched = stored;

		stored.quality = known_quality;
		fetched.quality = quality;
		fetched.from += n == 0 ? first : second;
		assert_true(difficulty_history_add(&known, &stored, NULL) && difficulty_history_add(&news, &fetched, NULL));
	}
	agrees = difficulty_agrees(&news, &known, &why);
	if (!agrees)
		assert_string_equal(why.text, "heights 2016 and 4032 differ in difficulty or time from those stored");
	difficulty_history_release(&known);
	difficulty_history_release(&news);
	return agrees;
}

static void exact_times_of_several_heights_do_not_change(void **state)
{
	(void)state;
	assert_true(times_agree(0, 0, TIME_EXACT, TIME_EXACT));
	assert_true(times_agree(0, 1, TIME_EXACT, TIME_EXACT));
	assert_false(times_agree(1, 1, TIME_EXACT, TIME_EXACT));
	assert_false(times_agree(-3600, 3600, TIME_EXACT, TIME_EXACT));
	assert_true(times_agree(3600, 3600, TIME_ESTIMATED, TIME_EXACT));
	assert_true(times_agree(3600, 3600, TIME_EXACT, TIME_ESTIMATED));
}

/* Of one epoch known and fetched: which time is kept, and whose name. */
static void the_better_time_is_kept_and_the_name_with_all_that_is_the_same(void **state)
{
	static const struct { enum time_quality known, fetched; int known_sigma, fetched_sigma; bool keeps_time; } row[] = {
		{ TIME_EXACT, TIME_ESTIMATED, 0, 60, true }, { TIME_ESTIMATED, TIME_EXACT, 60, 0, false },
		{ TIME_ESTIMATED, TIME_ESTIMATED, 30, 60, true }, { TIME_ESTIMATED, TIME_ESTIMATED, 60, 30, false },
		{ TIME_ESTIMATED, TIME_ESTIMATED, 60, 60, false }, { TIME_EXACT, TIME_EXACT, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct retarget k = epoch(2016, T0, T0 + EPOCH, NBITS), f = epoch(2016, T0 + 5, T0 + 100, NBITS);
		struct difficulty_history out;

		k.quality = row[i].known;
		k.sigma_s = row[i].known_sigma;
		snprintf(k.source, sizeof k.source, "known");
		f.quality = row[i].fetched;
		f.sigma_s = row[i].fetched_sigma;
		snprintf(f.source, sizeof f.source, "fetched");
		out = merged(MADE(k), MADE(f));
		assert_int_equal(out.rows[0].from, row[i].keeps_time ? T0 : T0 + 5);
		assert_int_equal(out.rows[0].quality, row[i].keeps_time ? row[i].known : row[i].fetched);
		assert_int_equal(out.rows[0].sigma_s, row[i].keeps_time ? row[i].known_sigma : row[i].fetched_sigma);
		assert_int_equal(out.rows[0].until, T0 + EPOCH);		/* never taken back */
		assert_string_equal(out.rows[0].source, row[i].keeps_time ? "known" : "fetched");
		difficulty_history_release(&out);
	}
}

static void rows_of_whole_days_go_where_heights_cover_them_and_nowhere_else(void **state)
{
	const instant_t begin = T0 + 10 * EPOCH - SLACK, end = T0 + 11 * EPOCH;
	struct difficulty_history out;

	(void)state;
	out = merged(MADE(whole_day(begin - 1, begin, NBITS), whole_day(begin, begin + 60, NBITS),
			  epoch(2016 * 9, begin + 600, begin + 700, NBITS), whole_day(end - 1, end, NBITS), whole_day(end, end + 60, NBITS)),
		     MADE(epoch(2016 * 10, T0 + 10 * EPOCH, end, OTHER)));
	ASSERT_ROWS(out, whole_day(begin - 1, begin, NBITS), epoch(2016 * 9, begin + 600, T0 + 10 * EPOCH, NBITS),
		    epoch(2016 * 10, T0 + 10 * EPOCH, end, OTHER), whole_day(end, end + 60, NBITS));
}

/* A whole-day row that gives way had been seen to hold for longer, with the same difficulty. */
static void what_days_had_seen_is_not_forgotten_when_heights_come(void **state)
{
	const instant_t far = T0 + EPOCH;
	static const struct { uint32_t nbits; instant_t from; bool extends; } row[] = {
		{ NBITS, T0, true }, { OTHER, T0, false }, { NBITS, T0 + 3599, true },
	};
	struct difficulty_history out;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		out = merged(MADE(whole_day(row[i].from, far, row[i].nbits)), MADE(epoch(2016, T0 + 60, T0 + 3600, NBITS)));
		ASSERT_ROWS(out, epoch(2016, T0 + 60, row[i].extends ? far : T0 + 3600, NBITS));
	}
	/* One that begins where the news end is another. */
	out = merged(MADE(whole_day(T0 + 3600, far, NBITS)), MADE(epoch(2016, T0 + 60, T0 + 3600, NBITS)));
	ASSERT_ROWS(out, epoch(2016, T0 + 60, T0 + 3600, NBITS), whole_day(T0 + 3600, far, NBITS));
	/* A shorter one takes nothing back, and only the last of the news can have been seen for longer. */
	out = merged(MADE(whole_day(T0, T0 + 100, NBITS)), MADE(epoch(2016, T0 + 60, T0 + 3600, NBITS)));
	ASSERT_ROWS(out, epoch(2016, T0 + 60, T0 + 3600, NBITS));
	out = merged(MADE(whole_day(T0, far + 600, NBITS)),
		     MADE(epoch(2016, T0 + 60, T0 + 3600, NBITS), epoch(4032, far, far + 60, OTHER)));
	ASSERT_ROWS(out, epoch(2016, T0 + 60, far, NBITS), epoch(4032, far, far + 60, OTHER));
}

/* Whole days that are those of the newest epoch prolong it; those of an older one change nothing; others contradict. */
static void days_are_held_against_what_is_known_by_height(void **state)
{
	struct retarget older = epoch(2016, T0, T0 + EPOCH, NBITS), newest = epoch(4032, T0 + EPOCH, T0 + EPOCH + 86400, OTHER);
	const instant_t longest = T0 + EPOCH + 4 * EPOCH;
	static const struct { instant_t from, until; uint32_t nbits; } agree[] = {
		{ T0, T0 + 86400, NBITS },
		{ T0 - SLACK - 86400 + 1, T0 - SLACK + 1, NBITS },
		{ T0 + EPOCH + SLACK - 1, T0 + EPOCH + SLACK, NBITS },
	}, contradict[] = {
		{ T0 - SLACK - 86400, T0 - SLACK, NBITS },		/* a second too far away */
		{ T0 + EPOCH + SLACK, T0 + EPOCH + SLACK + 86400, NBITS },
		{ T0, T0 + 86400, OTHER },
	};
	struct difficulty_history out;

	(void)state;
	for (size_t i = 0; i < sizeof agree / sizeof *agree; i++) {
		struct retarget last = newest;

		last.until = T0 + 3 * EPOCH;
		out = merged(MADE(older, last), MADE(whole_day(agree[i].from, agree[i].until, agree[i].nbits)));
		ASSERT_ROWS(out, older, last);
	}
	for (size_t i = 0; i < sizeof contradict / sizeof *contradict; i++) {
		struct difficulty_history known, news = MADE(whole_day(contradict[i].from, contradict[i].until, contradict[i].nbits));
		struct retarget last = newest;
		struct reason why = { .text = "" };

		last.until = T0 + 3 * EPOCH;
		known = MADE(older, last);
		if (difficulty_merge(&known, &news, &out, &why))
			fail_msg("row %zu is taken", i);
		assert_non_null(strstr(why.text, "which is known by its height"));
		difficulty_history_release(&known);
		difficulty_history_release(&news);
		difficulty_history_release(&out);
	}
	/* The newest goes on for as long as days tell, up to four times two weeks. */
	out = merged(MADE(older, newest), MADE(whole_day(longest + SLACK - 1, longest + SLACK + 86399, OTHER)));
	ASSERT_ROWS(out, older, epoch(4032, T0 + EPOCH, longest + SLACK + 86399, OTHER));
	out = merged(MADE(older, newest), MADE(whole_day(longest + SLACK, longest + SLACK + 86400, OTHER)));
	ASSERT_ROWS(out, older, newest, whole_day(longest + SLACK, longest + SLACK + 86400, OTHER));
	/* What they had not seen takes nothing back. */
	out = merged(MADE(older, newest), MADE(whole_day(T0 + EPOCH, T0 + EPOCH + 60, OTHER)));
	ASSERT_ROWS(out, older, newest);
}

/* Whole days replace the whole days they cover; what agrees keeps its name. */
static void days_replace_days(void **state)
{
	struct retarget known = whole_day(T0, T0 + 5 * 86400, NBITS), same = known, before = whole_day(T0 - 86400, T0, NBITS),
			after = whole_day(T0 + 6 * 86400, T0 + 7 * 86400, NBITS), later = whole_day(T0 + 86400, T0 + 5 * 86400, NBITS);
	struct difficulty_history out;

	(void)state;
	snprintf(known.source, sizeof known.source, "known");
	snprintf(same.source, sizeof same.source, "same");
	same.until = T0 + 6 * 86400;
	out = merged(MADE(before, known, after), MADE(same));
	assert_int_equal(out.n, 3);
	assert_string_equal(out.rows[1].source, "known");
	ASSERT_ROWS(out, before, same, after);
	out = merged(MADE(known), MADE(same));
	assert_string_equal(out.rows[0].source, "known");
	ASSERT_ROWS(out, same);
	/* Another time, or another difficulty, is another row, with the name of who told it. */
	out = merged(MADE(known), MADE(whole_day(T0 - 60, T0 + 5 * 86400, NBITS)));
	assert_string_equal(out.rows[0].source, "d");
	ASSERT_ROWS(out, whole_day(T0 - 60, T0 + 5 * 86400, NBITS));
	same.nbits = OTHER;
	out = merged(MADE(known), MADE(same));
	assert_string_equal(out.rows[0].source, "same");
	ASSERT_ROWS(out, same);
	/* News that begin later leave what was before, cut off where they begin. */
	later.nbits = OTHER;
	out = merged(MADE(known), MADE(later));
	ASSERT_ROWS(out, whole_day(T0, T0 + 86400, NBITS), later);
}

/* Two epochs cannot begin at once: in whatever order they come, they are put in that of their heights and refused. */
static void two_heights_of_one_instant_are_refused(void **state)
{
	static const int32_t height[] = { 2016 * 100, 2016 * 101 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct difficulty_history known = MADE(epoch(height[i], T0, T0 + EPOCH, NBITS));
		struct difficulty_history news = MADE(epoch(height[!i], T0, T0 + EPOCH, NBITS)), out;
		struct reason why = { .text = "" };

		assert_true(difficulty_merge(&known, &news, &out, &why));
		assert_int_equal(out.rows[0].height, height[0]);
		assert_int_equal(out.rows[1].height, height[1]);
		assert_false(difficulty_check(&out, &why));
		assert_non_null(strstr(why.text, "ends before it begins"));
		difficulty_history_release(&known);
		difficulty_history_release(&news);
		difficulty_history_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_what_the_change_of_difficulty_says_within_six_hours),
		cmocka_unit_test(two_heights_of_one_instant_are_refused),
		cmocka_unit_test(what_was_not_joined_has_no_span),
		cmocka_unit_test(a_single_row_is_checked_too),
		cmocka_unit_test(the_newest_holds_at_least_a_second_and_what_is_over_is_left_out),
		cmocka_unit_test(a_long_history_is_put_in_order),
		cmocka_unit_test(a_target_that_is_none_has_no_difficulty_and_is_no_row),
		cmocka_unit_test(a_gap_is_bridged_only_by_the_very_next_epoch),
		cmocka_unit_test(news_that_leave_out_epochs_behind_all_that_is_known_are_refused),
		cmocka_unit_test(one_height_may_differ_from_what_is_known_and_the_newest_and_what_was_given_by_hand_too),
		cmocka_unit_test(days_are_held_against_the_latest_height_that_is_known),
		cmocka_unit_test(exact_times_of_several_heights_do_not_change),
		cmocka_unit_test(the_better_time_is_kept_and_the_name_with_all_that_is_the_same),
		cmocka_unit_test(rows_of_whole_days_go_where_heights_cover_them_and_nowhere_else),
		cmocka_unit_test(what_days_had_seen_is_not_forgotten_when_heights_come),
		cmocka_unit_test(days_are_held_against_what_is_known_by_height),
		cmocka_unit_test(days_replace_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
