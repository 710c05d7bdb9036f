/* When a figure of check-status is bad: by the limits that hold unless another is set, and by those that are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "status/status_metrics.h"

/* One figure alone, judged; the words of its problem, or "". */
static enum figure_state judged(enum figure_id which, const char *label, const char *value, char words[200])
{
	struct figures all = { 0 };
	enum figure_state state;

	figures_add(&all, &status_defs[which], label, value);
	status_judge(&all);
	state = all.state;
	snprintf(words, 200, "%s", all.n_problems ? all.problem[0].text : "");
	assert_true(all.n_problems <= 1);
	figures_release(&all);
	return state;
}

static void expect(enum figure_id which, const char *label, const char *value, enum figure_state want)
{
	char words[200];

	if (judged(which, label, value, words) != want)
		fail_msg("%s %s: %s", status_defs[which].key, value ? value : "unknown", words);
}

/* The last value that is well, and the last that only warns. */
static void every_limit_has_its_bounds(void **state)
{
	static const struct { enum figure_id which; const char *label, *ok, *warned, *above_ok, *above_warned; } row[] = {
		{ UNFETCHED_OVERDUE, NULL, "0", "48", "1", "49" }, { PROVISIONAL_OVERDUE, NULL, "0", "480", "1", "481" },
		{ SUSPECT, NULL, "0", "48", "1", "49" }, { UNDECIDED_UNITS, NULL, "0", "1000000", "1", NULL },
		{ MISSING_NOW, NULL, "0", "1000", "1", "1001" }, { STALE_NOW, NULL, "0", "1000", "1", "1001" },
		{ ORPHAN_NOW, NULL, "0", "1000", "1", "1001" }, { COUNTED_MISSING, NULL, "0", "10000", "1", "10001" },
		{ COUNTED_SURPLUS, NULL, "0", "10000", "1", "10001" }, { MODEL_DIFFERENCES, NULL, "0", "99", "1", NULL },
		{ SUMMARY_DIFFERENCES, NULL, "0", "99", "1", NULL }, { FAILED_DATES, NULL, "0", "30", "1", "31" },
		{ LEDGER_PROPOSALS, NULL, "0", "99", "1", NULL }, { LEDGER_FINDINGS, NULL, "0", "99", "1", NULL },
		{ LEDGER_CONTRACTS, NULL, "0", "99", "1", NULL }, { LEDGER_UNMATCHED, NULL, "0", "99", "1", NULL },
		{ LAG, NULL, "2", "4", "3", "5" }, { DIFFICULTY_AGE, NULL, "172800", "345600", "172801", "345601" },
		/* In hundredths of a percent. */
		{ PERCENT, NULL, "10000", "9500", "9999", "9499" }, { COUNTED_PERCENT, NULL, "10000", "9500", "9999", "9499" },
		{ JOB_AGE, "realtime", "10800", "86400", "10801", "86401" }, { JOB_AGE, "daily", "108000", "259200", "108001", "259201" },
		{ JOB_AGE, "weekly", "691200", "1296000", "691201", "1296001" }, { JOB_AGE, "monthly", "2764800", "5356800", "2764801", "5356801" },
		{ JOB_AGE, "exchange-weekly", "691200", "1296000", "691201", "1296001" },
		/* Of a job that nobody gave a limit, and of a figure without one, nothing is too much. */
		{ JOB_AGE, "mine", "999999999", NULL, NULL, NULL }, { RECORDS, NULL, "999999999", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		expect(row[i].which, row[i].label, row[i].ok, FIGURE_OK);
		if (row[i].warned)
			expect(row[i].which, row[i].label, row[i].warned, FIGURE_WARNING);
		if (row[i].above_ok)
			expect(row[i].which, row[i].label, row[i].above_ok, FIGURE_WARNING);
		if (row[i].above_warned)
			expect(row[i].which, row[i].label, row[i].above_warned, FIGURE_CRITICAL);
	}
}

static void each_limit_has_two_options(void **state)
{
	static const char *const names[STATUS_LIMITS + 1] = {
		"unfetched", "provisional", "suspect", "undecided", "missing", "stale", "orphan", "counts", "models", "summaries",
		"failed-dates", "proposals", "findings", "unmatched", "lag", "difficulty-age", "percent", "age",
	};

	(void)state;
	for (int i = 0; i <= STATUS_LIMITS; i++) {
		char warn[40], crit[40];

		snprintf(warn, sizeof warn, "warn-%s", names[i]);
		snprintf(crit, sizeof crit, "crit-%s", names[i]);
		assert_string_equal(status_option(2 * i), warn);
		assert_string_equal(status_option(2 * i + 1), crit);
	}
}

/* A power of two fills what xgrow() allocates. */
static void every_figure_of_a_list_is_judged(void **state)
{
	struct figures all = { 0 };

	(void)state;
	do
		figures_add(&all, &status_defs[SUSPECT], NULL, "1");
	while (all.n < 64);
	status_judge(&all);
	assert_int_equal(all.n_problems, all.n);
	assert_int_equal(all.figure[all.n - 1].state, FIGURE_WARNING);
	figures_release(&all);
}

enum { WARN_LAG = 28, CRIT_LAG, WARN_AGE = 34, CRIT_AGE };

static void a_limit_that_is_set_holds_instead(void **state)
{
	static const struct { const char *text, *within, *beyond; } row[] = {
		{ "90s", "90", "91" }, { "15m", "900", "901" }, { "1.5h", "5400", "5401" }, { "2d", "172800", "172801" }, { "7", "7", "8" },
		{ "999999999999", "999999999999", "1000000000000" },
	};
	struct reason why;

	(void)state;
	assert_true(status_set_limit(CRIT_LAG, "off", &why));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(status_set_limit(WARN_LAG, row[i].text, &why));
		expect(LAG, NULL, row[i].within, FIGURE_OK);
		expect(LAG, NULL, row[i].beyond, FIGURE_WARNING);
	}
	assert_true(status_set_limit(CRIT_LAG, "3", &why));
	expect(LAG, NULL, "4", FIGURE_CRITICAL);
	assert_false(status_set_limit(WARN_LAG, "5w", &why));
	assert_string_equal(why.text, "a time ends in s, m, h or d");
	assert_false(status_set_limit(WARN_LAG, "5hh", &why));
	assert_string_equal(why.text, "a number is needed, such as 10, 30h, 2d, or off");
}

static void a_job_has_a_limit_of_its_own_and_one_that_never_succeeded_is_said(void **state)
{
#define TEN "abcdefghij"
	struct reason why;
	char words[200];

	(void)state;
	assert_int_equal(judged(JOB_AGE, "daily", NULL, words), FIGURE_WARNING);
	assert_string_equal(words, "daily: never succeeded");
	assert_true(status_set_limit(WARN_AGE, "daily=off", &why));
	expect(JOB_AGE, "daily", NULL, FIGURE_OK);
	expect(JOB_AGE, "nobody-knows", NULL, FIGURE_OK);
	assert_true(status_set_limit(CRIT_AGE, "daily=2h", &why));
	expect(JOB_AGE, "daily", "7200", FIGURE_OK);
	assert_int_equal(judged(JOB_AGE, "daily", "7201", words), FIGURE_CRITICAL);
	assert_non_null(strstr(words, "daily: time since last success: "));
	expect(JOB_AGE, "realtime", "7201", FIGURE_OK);
	assert_false(status_set_limit(WARN_AGE, "x", &why));
	assert_string_equal(why.text, "write JOB=TIME, such as daily=30h");
	/* A job's name is 47 characters long at most. */
	assert_true(status_set_limit(WARN_AGE, TEN TEN TEN TEN "abcdefg=1s", &why));
	expect(JOB_AGE, TEN TEN TEN TEN "abcdefg", "2", FIGURE_WARNING);
	assert_false(status_set_limit(WARN_AGE, TEN TEN TEN TEN "abcdefgh=1s", &why));
	assert_string_equal(why.text, "write JOB=TIME, such as daily=30h");
	/* There is room for 32 jobs; of one more nothing is judged. */
	for (int i = 0; i < 32; i++) {
		snprintf(words, sizeof words, "job-%d=1s", i);
		if (!status_set_limit(WARN_AGE, words, &why))
			break;
	}
	assert_string_equal(why.text, "more than 32 jobs");
	expect(JOB_AGE, "job-0", "2", FIGURE_WARNING);
	expect(JOB_AGE, "job-31", "2", FIGURE_OK);
	expect(JOB_AGE, "realtime", "10801", FIGURE_WARNING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_limit_has_its_bounds),
		cmocka_unit_test(every_figure_of_a_list_is_judged),
		cmocka_unit_test(each_limit_has_two_options),
		cmocka_unit_test(a_limit_that_is_set_holds_instead),
		cmocka_unit_test(a_job_has_a_limit_of_its_own_and_one_that_never_succeeded_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
