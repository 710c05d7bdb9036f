/* figures: judged by their limits, and written in the forms that monitors read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "status/metric.h"
#include "status/status_metrics.h"

static const struct figure_def count = { "a", "count", NULL, "things", "things", FIGURE_COUNT, NULL };
static const struct figure_def percent = { "a", "percent", NULL, "ratio", "right", FIGURE_PERCENT, NULL };
static const struct figure_def energy = { "a", "mwh", NULL, "megawatt_hours", "energy", FIGURE_DECIMAL, "MWh" };
static const struct figure_def by_model = { "b", "n", "model", "n", "number", FIGURE_COUNT, NULL };
static const struct figure_def when = { "b", "when", NULL, "when_timestamp_seconds", "when", FIGURE_INSTANT, NULL };
static const struct figure_def word = { "b", "word", NULL, NULL, "word", FIGURE_WORD, NULL };

static void beyond_a_limit_is_above_it_or_below(void **state)
{
	static const struct { const char *value; struct figure_limit limit; enum figure_state want; } row[] = {
		{ "0", { 0, 10, false }, FIGURE_OK }, { "1", { 0, 10, false }, FIGURE_WARNING },
		{ "10", { 0, 10, false }, FIGURE_WARNING }, { "11", { 0, 10, false }, FIGURE_CRITICAL },
		{ "11", { 0, NAN, false }, FIGURE_WARNING }, { "11", { NAN, NAN, false }, FIGURE_OK },
		{ "11", { NAN, 5, false }, FIGURE_CRITICAL }, { NULL, { 0, 0, false }, FIGURE_OK },
	};
	static const struct { int64_t hundredths; enum figure_state want; } of_percent[] = {
		{ 10000, FIGURE_OK }, { 9999, FIGURE_WARNING }, { 9500, FIGURE_WARNING }, { 9499, FIGURE_CRITICAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct figures all = FIGURES_INIT;

		figures_judge(&all, figures_add(&all, &count, NULL, row[i].value), &row[i].limit);
		assert_int_equal(all.figure[0].state, row[i].want);
		assert_int_equal(all.state, row[i].want);
		assert_int_equal(all.n_problems, row[i].want != FIGURE_OK);
		figures_release(&all);
	}
	for (size_t i = 0; i < sizeof of_percent / sizeof *of_percent; i++) {
		struct figures all = FIGURES_INIT;

		figures_judge(&all, figures_add_int(&all, &percent, NULL, of_percent[i].hundredths),
			      &(struct figure_limit){ 100, 95, true });
		assert_int_equal(all.state, of_percent[i].want);
		figures_release(&all);
	}
}

static void fill(struct figures *all)
{
	figures_judge(all, figures_add(all, &count, NULL, "1234567"), &(struct figure_limit){ 0, NAN, false });
	figures_judge(all, figures_add_int(all, &percent, NULL, 9905), &(struct figure_limit){ 100, 95.5, true });
	figures_add(all, &energy, NULL, "12345.678901234567890123");
	figures_add(all, &by_model, "S9", "1");
	figures_add(all, &when, NULL, "1641082271");
	figures_add(all, &by_model, "a\"b\\c", "2");
	figures_add(all, &word, NULL, "x|y \"z\"");
	figures_problem(all, FIGURE_CRITICAL, "a|b\nc");
}

static void prometheus_samples_of_one_metric_stand_together(void **state)
{
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	fill(&all);
	figures_prometheus(&out, &all);
	assert_string_equal(out.data,
		"# HELP windfall_status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN\n# TYPE windfall_status gauge\nwindfall_status 2\n"
		"# HELP windfall_things things\n# TYPE windfall_things gauge\nwindfall_things 1234567\n"
		"# HELP windfall_ratio right\n# TYPE windfall_ratio gauge\nwindfall_ratio 0.9905\n"
		"# HELP windfall_megawatt_hours energy, MWh\n# TYPE windfall_megawatt_hours gauge\n"
		"windfall_megawatt_hours 12345.678901234567890123\n"
		"# HELP windfall_n number\n# TYPE windfall_n gauge\nwindfall_n{model=\"S9\"} 1\n"
		"windfall_n{model=\"a\\\"b\\\\c\"} 2\n"
		"# HELP windfall_when_timestamp_seconds when\n# TYPE windfall_when_timestamp_seconds gauge\n"
		"windfall_when_timestamp_seconds 1641082271\n");
	buf_release(&out);
	figures_release(&all);
}

static void nagios_hears_the_gravest_first_on_one_line(void **state)
{
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	figures_nagios(&out, &all, "well | so far");
	assert_string_equal(out.data, "WINDFALL OK - well   so far\n");
	buf_clear(&out);
	fill(&all);
	figures_nagios(&out, &all, "well");
	assert_string_equal(out.data, "WINDFALL CRITICAL - a b c; things: 1,234,567; right: 99.05 % |"
				      " 'a_count'=1234567;0;;0 'a_percent'=99.05%;100:;95.5:;0\n");
	figures_release(&all);
	/* One alone, and one without words. */
	buf_clear(&out);
	figures_problem(&all, FIGURE_UNKNOWN, "no server");
	figures_nagios(&out, &all, "well");
	assert_string_equal(out.data, "WINDFALL UNKNOWN - no server\n");
	buf_clear(&out);
	figures_problem(&all, FIGURE_WARNING, "");
	figures_nagios(&out, &all, "well");
	assert_string_equal(out.data, "WINDFALL UNKNOWN - no server; \n");
	buf_release(&out);
	figures_release(&all);
}

static void json_keeps_every_digit_and_nests_by_group_and_label(void **state)
{
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	fill(&all);
	figures_add(&all, &count, NULL, NULL)->def = &(const struct figure_def){ "c", "none", NULL, NULL, "", FIGURE_COUNT, NULL };
	figures_json(&out, &all, "\"more\":[]");
	assert_string_equal(out.data,
		"{\"status\":\"CRITICAL\",\"problems\":[{\"status\":\"WARNING\",\"text\":\"things: 1,234,567\"},"
		"{\"status\":\"WARNING\",\"text\":\"right: 99.05 %\"},{\"status\":\"CRITICAL\",\"text\":\"a|b c\"}],"
		"\"a\":{\"count\":1234567,\"percent\":99.05,\"mwh\":12345.678901234567890123},"
		"\"b\":{\"n\":{\"S9\":1,\"a\\\"b\\\\c\":2},\"when\":\"2022-01-02T00:11:11Z\",\"word\":\"x|y \\\"z\\\"\"},"
		"\"c\":{\"none\":null},\"more\":[]}");
	buf_release(&out);
	figures_release(&all);
}

static void text_shows_groups_in_their_order_with_grouped_digits(void **state)
{
	static const struct figure_group groups[] = { { "b", "Second" }, { "a", "First" }, { NULL, NULL } };
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	fill(&all);
	figures_text(&out, &all, groups, false);
	assert_non_null(strstr(out.data, "Windfall: CRITICAL\n  WARNING  things: 1,234,567\n"));
	assert_true(strstr(out.data, "\nSecond\n") < strstr(out.data, "\nFirst\n"));
	assert_non_null(strstr(out.data, "  12,345.678901234567890123 MWh\n"));
	assert_null(strchr(out.data, '\033'));
	buf_clear(&out);
	figures_text(&out, &all, groups, true);
	assert_non_null(strstr(out.data, "\033[31mCRITICAL\033[0m"));
	buf_release(&out);
	figures_release(&all);
}

/* The whole of a small one, without colour: the label, what is not known, durations. */
static void text_shows_each_figure_with_its_label(void **state)
{
	static const struct figure_def age = { "a", "age", NULL, "age_seconds", "age", FIGURE_SECONDS, NULL };
	static const struct figure_group groups[] = { { "a", "First" }, { "b", "Second" }, { NULL, NULL } };
	static const struct { const char *seconds, *shown; } row[] = {
		{ "0", "0 s" }, { "119", "119 s" }, { "120", "2.0 min" }, { "7199", "120.0 min" }, { "7200", "2.0 h" },
		{ "172799", "48.0 h" }, { "172800", "2.0 d" }, { "8640000", "100.0 d" }, { NULL, "-" },
	};
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;
	char want[512];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		figures_judge(&all, figures_add(&all, &by_model, "S9", "-1234"), &(struct figure_limit){ 0, 0, true });
		figures_add(&all, &age, NULL, row[i].seconds);
		figures_text(&out, &all, groups, false);
		snprintf(want, sizeof want, "Windfall: CRITICAL\n  CRITICAL S9: number: -1,234\n\nFirst\n  %-44s  %s\n\nSecond\n  %-44s  -1,234\n",
			 "age", row[i].shown, "S9: number");
		assert_string_equal(out.data, want);
		buf_clear(&out);
		figures_release(&all);
		all = (struct figures)FIGURES_INIT;
	}
	buf_release(&out);
}

/* As many figures as the memory first has room for; the first of them again behind the others; a line end in a label. */
static void prometheus_names_a_metric_once_however_many_there_are(void **state)
{
	static const char head[] = "# HELP windfall_n number\n# TYPE windfall_n gauge\nwindfall_n{model=\"a\\nb\"} 1\nwindfall_n{model=\"S9\"} 2\n"
				   "# HELP windfall_things things\n# TYPE windfall_things gauge\n";
	struct figures all = FIGURES_INIT;
	struct buf out = BUF_INIT;
	const char *at;
	int samples = 0;

	(void)state;
	figures_add(&all, &by_model, "a\nb", "1");
	for (int i = 0; i < 62; i++)
		figures_add(&all, &count, NULL, "7");
	figures_add(&all, &by_model, "S9", "2");
	figures_prometheus(&out, &all);
	at = strstr(out.data, "# HELP windfall_n ");
	assert_non_null(at);
	assert_int_equal(strncmp(at, head, sizeof head - 1), 0);
	for (at += sizeof head - 1; strncmp(at, "windfall_things 7\n", 18) == 0; at += 18)
		samples++;
	assert_string_equal(at, "");
	assert_int_equal(samples, 62);
	buf_release(&out);
	figures_release(&all);
}

/* A name that two figures share would make one of them vanish. */
static void no_two_figures_share_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < N_FIGURES; i++) {
		assert_non_null(status_defs[i].group);
		for (int k = 0; k < i; k++) {
			assert_true(strcmp(status_defs[i].group, status_defs[k].group) || strcmp(status_defs[i].key, status_defs[k].key));
			if (status_defs[i].metric && status_defs[k].metric)
				assert_string_not_equal(status_defs[i].metric, status_defs[k].metric);
		}
	}
}

/* The options are named by status_option(): of each limit the warning and the critical one. */
static void a_limit_is_a_number_a_time_or_off_and_nothing_like_it(void **state)
{
	static const char *const good[] = { "10", "99.5", "30h", "2d", "90s", "15m", "off" };
	static const char *const bad[] = { "", "x", "-1", "1e5", "1.2.3", "0x10", "nan", "1w", "10hh", "1234567890123", "off ", "10 " };
	static const char *const no_job[] = { "30h", "=30h", "Daily=30h", "daily job=30h", "daily=", "daily=x",
					      "a-name-of-a-job-that-is-longer-than-any-job-has-ever-been=1" };
	struct reason why = { .text = "" };
	char text[64];
	int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!status_set_limit(0, good[i], &why))
			fail_msg("%s: %s", good[i], why.text);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (status_set_limit(0, bad[i], &why))
			fail_msg("'%s' is taken", bad[i]);
	for (size_t i = 0; i < sizeof no_job / sizeof *no_job; i++)
		if (status_set_limit(STATUS_OPTIONS - 1, no_job[i], &why))
			fail_msg("'%s' is taken", no_job[i]);
	/* There is room for some jobs, and then it is said how many. */
	while (n < 1000) {
		snprintf(text, sizeof text, "job-%d=1", n);
		if (!status_set_limit(STATUS_OPTIONS - 1, text, &why))
			break;
		n++;
	}
	assert_in_range(n, 8, 999);
	assert_non_null(strstr(why.text, "more than "));
	assert_true(status_set_limit(STATUS_OPTIONS - 1, "job-0=2d", &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_a_limit_is_above_it_or_below),
		cmocka_unit_test(a_limit_is_a_number_a_time_or_off_and_nothing_like_it),
		cmocka_unit_test(prometheus_samples_of_one_metric_stand_together),
		cmocka_unit_test(nagios_hears_the_gravest_first_on_one_line),
		cmocka_unit_test(json_keeps_every_digit_and_nests_by_group_and_label),
		cmocka_unit_test(text_shows_groups_in_their_order_with_grouped_digits),
		cmocka_unit_test(text_shows_each_figure_with_its_label),
		cmocka_unit_test(prometheus_names_a_metric_once_however_many_there_are),
		cmocka_unit_test(no_two_figures_share_a_name),
	};

	return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
