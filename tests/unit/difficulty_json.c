/*
 * What the answers of mempool and blockchain.info leave open, and what is claimed there: rows twice, at odd times or
 * without a ratio; days that are the mean of two difficulties, out of order, or of no difficulty at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "bitcoin/difficulty_json.h"

#define EPOCH 1209600
#define SURE (EPOCH / 4)		/* no epoch is shorter */
#define T0 INT64_C(1231027200)		/* 2009-01-04T00:00:00Z, and of block 0 */
#define LATEST (T0 + INT64_C(1000) * EPOCH)
#define SAME "72006146478567.1"

typedef bool reader(const char *body, size_t len, instant_t latest, struct difficulty_history *history, struct oddities *odd,
		    struct reason *why);

/* Reads a body that must be read, with so many odd rows; the words must be among what was said of them. */
static struct difficulty_history read_by(reader *read, const char *body, instant_t latest, size_t n_odd, const char *words)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };

	if (!read(body, strlen(body), latest, &history, &odd, &why))
		fail_msg("%s", why.text);
	if (odd.odd != n_odd || !strstr(odd.text.data ? odd.text.data : "", words))
		fail_msg("%zu odd, not %zu: %s", odd.odd, n_odd, odd.text.data ? odd.text.data : "");
	oddities_release(&odd);
	return history;
}

/* mempool: epochs of one difficulty, each of two weeks ------------------------------------------ */

struct entry {
	int epoch;
	instant_t time;
	const char *difficulty, *ratio;
};

#define AT(n) T0 + (instant_t)(n) * EPOCH
#define ROW(n) { n, AT(n), SAME, ",1" }

static struct difficulty_history list_of(const struct entry *entries, size_t n, instant_t latest, size_t n_odd, const char *words)
{
	struct difficulty_history history;
	struct buf body = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addf(&body, "%s[%lld,%d,%s%s]", i ? "," : "[", (long long)entries[i].time, 2016 * entries[i].epoch,
			 entries[i].difficulty, entries[i].ratio);
	buf_addc(&body, ']');
	history = read_by(difficulty_read_mempool, body.data, latest, n_odd, words);
	buf_release(&body);
	return history;
}

#define LIST(latest, n_odd, words, ...) \
	list_of((struct entry[]){ __VA_ARGS__ }, sizeof (struct entry[]){ __VA_ARGS__ } / sizeof (struct entry), latest, n_odd, words)

static void a_list_without_ratios_says_only_what_follows_epoch_by_epoch(void **state)
{
	struct difficulty_history history = LIST(LATEST, 0, "", { 400, AT(400), SAME, "" }, { 401, AT(401), SAME, "" }, { 402, AT(402), SAME, "" });

	(void)state;
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].until, AT(401));
	assert_int_equal(history.rows[1].until, AT(402));
	difficulty_history_release(&history);

	history = LIST(LATEST, 1, "retargets between heights 806400 and 810432 are missing",
		       { 400, AT(400), SAME, "" }, { 402, AT(402), SAME, "" }, { 403, AT(403), SAME, "" });
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].until, AT(400) + SURE);
	difficulty_history_release(&history);
}

/* Of an epoch that cannot have ended yet the difficulty is known, whatever is missing behind it. */
static void what_comes_within_the_shortest_epoch_leaves_no_gap(void **state)
{
	struct difficulty_history history = LIST(LATEST, 0, "", ROW(400), { 402, AT(400) + SURE, SAME, ",1" });

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].until, AT(400) + SURE);
	difficulty_history_release(&history);
	history = LIST(LATEST, 1, "are missing", ROW(400), { 402, AT(400) + SURE + 1, SAME, ",1" });
	assert_int_equal(history.rows[0].until, AT(400) + SURE);
	difficulty_history_release(&history);
}

static void the_latest_time_itself_is_believed_and_a_second_later_is_not(void **state)
{
	struct difficulty_history history = LIST(AT(402), 0, "", ROW(400), ROW(401), ROW(402));

	(void)state;
	assert_int_equal(history.n, 3);
	difficulty_history_release(&history);
	history = LIST(AT(402) - 1, 1, "is in the future", ROW(400), ROW(401), ROW(402));
	assert_int_equal(history.n, 2);
	difficulty_history_release(&history);
}

static void an_object_is_no_entry_whatever_its_members(void **state)
{
	struct difficulty_history history = read_by(difficulty_read_mempool,
		"[{\"time\":1703311464,\"height\":822528,\"difficulty\":72006146478567.1},[1702180644,820512,67305906902031.39,0.990408],"
		"[1700957763,818496,67957790298897.88,1.0507]]", LATEST, 1, "entry 1: not [time, height, difficulty, ...]");

	(void)state;
	assert_int_equal(history.n, 2);
	difficulty_history_release(&history);
}

/* Whichever stands first in the answer; an epoch written twice alike is not worth a word. */
static void of_an_epoch_that_occurs_twice_the_earlier_time_stays(void **state)
{
	static const char twice[] = "height 806400 occurs twice, with another time or difficulty: the second is skipped";
	struct difficulty_history history = LIST(LATEST, 0, "", ROW(400), ROW(400), ROW(401), ROW(402));

	(void)state;
	assert_int_equal(history.n, 3);
	difficulty_history_release(&history);
	history = LIST(LATEST, 1, twice, ROW(400), { 400, AT(400) + 60, SAME, ",1" }, ROW(401), ROW(402));
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].from, AT(400));
	difficulty_history_release(&history);
	history = LIST(LATEST, 1, twice, { 400, AT(400) + 60, SAME, ",1" }, ROW(400), ROW(401), ROW(402));
	assert_int_equal(history.rows[0].from, AT(400));
	difficulty_history_release(&history);
	/* Even where it stands at the time of a later epoch. */
	history = LIST(LATEST, 1, twice, ROW(402), ROW(401), { 400, AT(401) + 60, SAME, ",1" }, ROW(400));
	assert_int_equal(history.n, 3);
	difficulty_history_release(&history);
}

/* At difficulty 1 any span is possible, but none of no time or less. */
static void time_goes_on_at_the_least_difficulty_too(void **state)
{
	(void)state;
	for (instant_t off = -1; off <= 1; off++) {
		struct difficulty_history history = LIST(LATEST, off <= 0 ? 1 : 0, off <= 0 ? "height 4032 fits neither" : "",
			{ 0, INT64_C(1231006505), "1", ",0" }, { 1, INT64_C(1233063531), "1", ",1" },
			{ 2, INT64_C(1233063531) + off, "1", ",1" });

		assert_int_equal(history.n, off <= 0 ? 2 : 3);
		difficulty_history_release(&history);
	}
}

/* The row after it is at the time of the row before it: whichever is wrong, it is not the one between. */
static void a_row_is_not_left_out_for_a_neighbour_at_an_impossible_time(void **state)
{
	struct difficulty_history history = LIST(LATEST, 3, "height 810432 fits neither", ROW(396), ROW(397), ROW(398), ROW(399),
		ROW(400), { 401, AT(401), SAME, ",1.5" }, { 402, AT(400), SAME, ",1" }, { 403, AT(403), SAME, ",1.5" });

	(void)state;
	assert_int_equal(history.n, 7);
	assert_int_equal(history.rows[5].height, 401 * 2016);
	difficulty_history_release(&history);
}

static void of_two_blocks_of_one_height_the_first_counts(void **state)
{
	static const char body[] = "[{\"height\":730000,\"timestamp\":1648829449,\"bits\":386521239},"
				   "{\"height\":730000,\"timestamp\":1648829450,\"bits\":386521239}]";
	struct oddities odd = ODDITIES_INIT;
	struct block tip;
	struct reason why;

	(void)state;
	assert_true(difficulty_read_blocks(body, strlen(body), LATEST, &tip, &odd, &why));
	assert_int_equal(tip.time, 1648829449);
	assert_int_equal(odd.odd, 0);
	oddities_release(&odd);
}

/* blockchain.info: days of a chart --------------------------------------------------------------- */

#define OLD "110568428300952.69"
#define OLD_NBITS 0x17028bb1
#define NEW "112149504190349.28"
#define NEW_NBITS 0x17028281
#define BETWEEN "111042735257012.77"	/* 0.29999 of the way */
#define DAY(n) (INT64_C(1741392000) + (instant_t)(n) * 86400)	/* of 2025-03-08 */

struct value {
	int64_t time;
	const char *difficulty;
};

static struct difficulty_history chart_of(const struct value *values, size_t n, size_t n_odd, const char *words)
{
	struct difficulty_history history;
	struct buf body = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addf(&body, "%s{\"x\":%lld,\"y\":%s}", i ? "," : "{\"values\":[", (long long)values[i].time, values[i].difficulty);
	buf_adds(&body, "]}");
	history = read_by(difficulty_read_blockchain, body.data, LATEST, n_odd, words);
	buf_release(&body);
	return history;
}

#define CHART(n_odd, words, ...) \
	chart_of((struct value[]){ __VA_ARGS__ }, sizeof (struct value[]){ __VA_ARGS__ } / sizeof (struct value), n_odd, words)

/* (1 - 0.29999) of the day had passed: 60,480.864 s, give or take 86,400 s × √(0.29999 × 0.70001 / 144). */
static void the_mean_of_two_difficulties_says_when_in_the_day_one_became_the_other(void **state)
{
	struct difficulty_history history = CHART(0, "", { DAY(0), OLD }, { DAY(1), BETWEEN }, { DAY(2), NEW }, { DAY(3), NEW });

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].nbits, OLD_NBITS);
	assert_int_equal(history.rows[0].quality, TIME_DAY);
	assert_int_equal(history.rows[0].until, DAY(1) + 60480);
	assert_int_equal(history.rows[1].nbits, NEW_NBITS);
	assert_int_equal(history.rows[1].from, DAY(1) + 60480);
	assert_int_equal(history.rows[1].quality, TIME_ESTIMATED);
	assert_int_equal(history.rows[1].sigma_s, 3300);
	assert_int_equal(history.rows[1].until, DAY(4));
	difficulty_history_release(&history);
}

/* What comes of the last day tomorrow's shows, but nothing comes of a mean that no retarget can lead to. */
static void a_last_day_that_no_retarget_explains_is_named(void **state)
{
	static const struct { const char *last; size_t odd; } row[] = {
		{ BETWEEN, 0 }, { "442273713200000", 0 }, { "442273713208000", 1 }, { "27642200000000", 0 }, { "27642000000000", 1 }, { "1e19", 1 },
	};
	char words[120];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;

		snprintf(words, sizeof words, "2025-03-10: %.17g is not a possible difficulty", strtod(row[i].last, NULL));
		history = CHART(row[i].odd, row[i].odd ? words : "", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(2), row[i].last });
		assert_int_equal(history.n, 1);
		assert_int_equal(history.rows[0].until, DAY(2));
		difficulty_history_release(&history);
	}
}

/* At midnight, known to the day; and where a day is missing, not known at all between. */
static void a_change_between_two_days_is_one_of_a_whole_day(void **state)
{
	struct difficulty_history history = CHART(0, "", { DAY(0), OLD }, { DAY(1) + 43200, OLD }, { DAY(2), NEW }, { DAY(3), NEW });

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].until, DAY(2));
	assert_int_equal(history.rows[1].from, DAY(2));
	assert_int_equal(history.rows[1].quality, TIME_DAY);
	assert_int_equal(history.rows[1].sigma_s, 0);
	difficulty_history_release(&history);

	history = CHART(1, "the difficulty changed between 2025-03-09 and 2025-03-11", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(3), NEW },
			{ DAY(4), NEW }, { DAY(5), OLD }, { DAY(6), OLD });
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].until, DAY(2));
	assert_int_equal(history.rows[1].from, DAY(3));
	assert_int_equal(history.rows[1].quality, TIME_DAY);
	assert_int_equal(history.rows[1].sigma_s, 0);
	difficulty_history_release(&history);
}

/* A chart that had the old difficulty for a day, the new one for so many, the old one for three, and then the new one. */
static struct difficulty_history lasting(int days, size_t n_odd, const char *words)
{
	struct value values[30] = { { DAY(0), OLD } };
	size_t n = 1;

	for (; n <= (size_t)days; n++)
		values[n] = (struct value){ DAY(n), NEW };
	for (; n <= (size_t)days + 3; n++)
		values[n] = (struct value){ DAY(n), OLD };
	values[n] = (struct value){ DAY(n), NEW };
	return chart_of(values, n + 1, n_odd, words);
}

/* NEW is OLD times 1.0143: by that the one before OLD lasted 14.2 days.  Three days and a half are sure. */
static void a_difficulty_that_lasted_otherwise_than_the_next_one_says_is_not_sure(void **state)
{
	static const struct { int days; size_t odd; const char *words; instant_t until; } row[] = {
		{ 2, 1, "the difficulty from 2025-03-09 on lasted 2.0 days, and 14.2 by the next one: a change is lost", DAY(3) },
		{ 12, 1, "the difficulty from 2025-03-09 on lasted 12.0 days, and 14.2 by the next one", DAY(4) + 43200 },
		{ 13, 1, "the difficulty from 2025-03-22 on lasted 3.0 days, and 13.8 by the next one", DAY(14) },
		{ 16, 1, "the difficulty from 2025-03-25 on lasted 3.0 days, and 13.8 by the next one", DAY(17) },
		{ 17, 1, "the difficulty from 2025-03-09 on lasted 17.0 days, and 14.2 by the next one", DAY(4) + 43200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history = lasting(row[i].days, row[i].odd, row[i].words);

		assert_int_equal(history.n, 4);
		assert_int_equal(history.rows[1].until, row[i].until);
		assert_int_equal(history.rows[2].from, DAY(row[i].days + 1));
		difficulty_history_release(&history);
	}
}

/* Exported with the newest first; and a chart that ends today has today twice. */
static void the_order_of_a_chart_says_nothing(void **state)
{
	struct difficulty_history history = CHART(0, "", { DAY(4), NEW }, { DAY(3) + 43200, NEW }, { DAY(3), NEW }, { DAY(2), BETWEEN },
						  { DAY(1) + 43200, OLD }, { DAY(1), OLD }, { DAY(0), OLD });

	(void)state;
	assert_int_equal(history.n, 2);
	assert_true(history.rows[1].from > DAY(2) && history.rows[1].from < DAY(3));
	assert_int_equal(history.rows[1].until, DAY(5));
	difficulty_history_release(&history);
}

/* Of a short chart one change may be all, and that no day says when costs its time alone. */
static void one_change_in_a_hole_makes_no_thinned_chart(void **state)
{
	struct difficulty_history history = CHART(1, "the difficulty changed between 2025-03-09 and 2025-03-11", { DAY(0), OLD },
						  { DAY(1), OLD }, { DAY(3), NEW }, { DAY(4), NEW });

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].until, DAY(2));
	assert_int_equal(history.rows[1].from, DAY(3));
	difficulty_history_release(&history);
	/* Half of the steps are longer than a day, and no more. */
	history = CHART(1, "the difficulty changed between 2025-03-09 and 2025-03-11", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(3), NEW });
	assert_int_equal(history.n, 2);
	difficulty_history_release(&history);
	/* Most are, but of two changes one has its time. */
	history = CHART(1, "the difficulty changed between 2025-03-11 and 2025-03-13", { DAY(0), OLD }, { DAY(1), NEW }, { DAY(3), NEW },
			{ DAY(5), OLD }, { DAY(7), OLD });
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[1].from, DAY(1));
	assert_int_equal(history.rows[2].from, DAY(5));
	difficulty_history_release(&history);
}

static void a_day_that_its_neighbours_belie_changes_nothing(void **state)
{
	static const char words[] = "2025-03-09: 112149504190349.28 is not the difficulty of the days before and after it";
	/* The day after it is the last, or is missing. */
	struct difficulty_history history = CHART(1, words, { DAY(0), OLD }, { DAY(1), NEW }, { DAY(2), OLD });

	(void)state;
	assert_int_equal(history.n, 1);
	assert_int_equal(history.rows[0].until, DAY(3));
	difficulty_history_release(&history);
	history = CHART(1, words, { DAY(0), OLD }, { DAY(1), NEW }, { DAY(3), OLD });
	assert_int_equal(history.n, 1);
	difficulty_history_release(&history);
	/* A value that comes out of order is one of its day. */
	history = CHART(1, "value 4: another difficulty of a day that has one", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(2), NEW },
			{ DAY(0), NEW });
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[1].from, DAY(2));
	difficulty_history_release(&history);
	/* And one that was dropped behind the last day is no day after it. */
	history = CHART(1, "value 4: another difficulty of a day that has one", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(2), NEW },
			{ DAY(2) + 43200, OLD });
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[1].from, DAY(2));
	difficulty_history_release(&history);
}

static void days_before_the_first_difficulty_are_named_and_the_last_day_may_be_a_retarget(void **state)
{
	struct difficulty_history history = CHART(1, "2025-03-08: " BETWEEN " is not a possible difficulty, and none is known before it",
						  { DAY(0), BETWEEN }, { DAY(1), NEW }, { DAY(2), NEW });

	(void)state;
	assert_int_equal(history.n, 1);
	assert_int_equal(history.rows[0].from, DAY(1));
	difficulty_history_release(&history);
	history = CHART(0, "", { DAY(0), OLD }, { DAY(1), OLD }, { DAY(2), BETWEEN });
	assert_int_equal(history.rows[0].until, DAY(2));
	difficulty_history_release(&history);
	history = CHART(2, "2025-03-11: " BETWEEN, { DAY(0), OLD }, { DAY(1), OLD }, { DAY(2), BETWEEN }, { DAY(3), BETWEEN });
	assert_int_equal(history.rows[0].until, DAY(2));
	difficulty_history_release(&history);
}

static void a_value_beyond_all_difficulties_is_named_as_such(void **state)
{
	static const char *const value[] = { "0.99", "1.1e20" };

	(void)state;
	for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
		struct buf words = BUF_INIT;
		struct difficulty_history history;

		buf_addf(&words, "value 2: %s is not a possible difficulty", value[i]);
		history = CHART(1, words.data, { DAY(0), OLD }, { DAY(1), value[i] }, { DAY(2), OLD });
		assert_int_equal(history.n, 1);
		difficulty_history_release(&history);
		buf_release(&words);
	}
}

/* Its clock is in milliseconds, and it says no height that could be held against a list. */
static void the_statistics_say_the_difficulty_of_an_instant(void **state)
{
	static const char good[] = "{\"timestamp\":1741600000999,\"difficulty\":1.12149504190349E14,\"n_blocks_total\":887100}";
	static const struct { const char *body, *want; } row[] = {
		{ "{\"timestamp\":1741600000999}", "an object, not {timestamp, difficulty, ...}" },
		{ "{\"difficulty\":1.12149504190349E14}", "an object, not {timestamp, difficulty, ...}" },
		{ "{\"timestamp\":-1,\"difficulty\":1.12149504190349E14}", "an object, not {timestamp, difficulty, ...}" },
		{ "{\"timestamp\":1741600000999,\"difficulty\":111042735261882}", "111042735261882 is not a possible difficulty" },
		{ "[]", "an array, not {timestamp, difficulty, ...}" },
		{ "<html>", "no JSON" },
	};
	struct block tip;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(difficulty_read_stats(good, strlen(good), &tip, &why));
	assert_int_equal(tip.time, 1741600000);
	assert_int_equal(tip.height, -1);
	assert_int_equal(tip.nbits, NEW_NBITS);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_false(difficulty_read_stats(row[i].body, strlen(row[i].body), &tip, &why));
		if (!strstr(why.text, row[i].want))
			fail_msg("%s", why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_without_ratios_says_only_what_follows_epoch_by_epoch),
		cmocka_unit_test(what_comes_within_the_shortest_epoch_leaves_no_gap),
		cmocka_unit_test(the_latest_time_itself_is_believed_and_a_second_later_is_not),
		cmocka_unit_test(an_object_is_no_entry_whatever_its_members),
		cmocka_unit_test(of_an_epoch_that_occurs_twice_the_earlier_time_stays),
		cmocka_unit_test(time_goes_on_at_the_least_difficulty_too),
		cmocka_unit_test(a_row_is_not_left_out_for_a_neighbour_at_an_impossible_time),
		cmocka_unit_test(of_two_blocks_of_one_height_the_first_counts),
		cmocka_unit_test(the_mean_of_two_difficulties_says_when_in_the_day_one_became_the_other),
		cmocka_unit_test(a_last_day_that_no_retarget_explains_is_named),
		cmocka_unit_test(a_change_between_two_days_is_one_of_a_whole_day),
		cmocka_unit_test(a_difficulty_that_lasted_otherwise_than_the_next_one_says_is_not_sure),
		cmocka_unit_test(the_order_of_a_chart_says_nothing),
		cmocka_unit_test(one_change_in_a_hole_makes_no_thinned_chart),
		cmocka_unit_test(a_day_that_its_neighbours_belie_changes_nothing),
		cmocka_unit_test(days_before_the_first_difficulty_are_named_and_the_last_day_may_be_a_retarget),
		cmocka_unit_test(a_value_beyond_all_difficulties_is_named_as_such),
		cmocka_unit_test(the_statistics_say_the_difficulty_of_an_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
