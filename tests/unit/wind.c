#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "curtailment/wind.h"

/* Two days are asked for; those beside them must stay as they are. */
static struct wind_day beside[4], *const days = beside + 1;
static struct oddities odd;

#define ROW(date, period, type, mw, published) \
	"{\"publishTime\":\"" published "\",\"businessType\":\"Wind generation\",\"psrType\":\"" type "\",\"quantity\":" mw \
	",\"settlementDate\":\"" date "\",\"settlementPeriod\":" period "}"
#define AT "2024-05-02T10:00:00Z"
#define ON(period, mw) ROW("2024-05-01", period, "Wind Onshore", mw, AT)
#define OFF(period, mw) ROW("2024-05-01", period, "Wind Offshore", mw, AT)
/* Rows that keep odd ones from being most of an answer. */
#define PLENTY "," ON("40", "8") "," ON("41", "8") "," ON("42", "8") "," ON("43", "8")

static bool parse(const char *rows, struct reason *why)
{
	struct buf body = BUF_INIT;
	day_t from;
	bool ok;

	memset(beside, 0, sizeof beside);
	odd = (struct oddities)ODDITIES_INIT;
	assert_true(day_parse("2024-05-01", &from));
	buf_addf(&body, "{\"metadata\":{\"datasets\":[\"AGWS\"]},\"data\":[%s]}", rows);
	ok = wind_parse(body.data, body.len, from, from + 1, INT64_MAX, days, &odd, why);
	buf_release(&body);
	return ok;
}

/* What the rows make of period 1 of the first day, and how many are odd. */
static void make(const char *rows, const char *onshore, const char *offshore, size_t odds)
{
	struct reason why = { .text = "" };

	if (!parse(rows, &why))
		fail_msg("%s", why.text);
	assert_string_equal(days[0].period[1].mwh[WIND_ONSHORE], onshore);
	assert_string_equal(days[0].period[1].mwh[WIND_OFFSHORE], offshore);
	if (odd.odd != odds)
		fail_msg("%zu odd in %s", odd.odd, rows);
	oddities_release(&odd);
}

static void power_of_a_half_hour_is_twice_its_energy(void **state)
{
	static const struct { const char *mw, *mwh; size_t odds; } row[] = {
		{ "2500.5", "1250.25", 0 }, { "0", "0", 0 }, { "1e3", "500", 0 }, { "0.000001", "0.000001", 0 }, { "0.0000009", "0", 0 },
		{ "-3", "0", 0 }, { "-1000", "0", 0 }, { "-1000.1", "", 1 }, { "100000", "50000", 0 }, { "100000.1", "", 1 },
		{ "null", "", 0 }, { "\"5\"", "", 1 }, { "[]", "", 1 }, { "true", "", 1 },
	};
	char rows[1400];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(rows, sizeof rows, "{\"publishTime\":\"" AT "\",\"psrType\":\"Wind Onshore\",\"quantity\":%s,\"settlementDate\":\"2024-05-01\","
			 "\"settlementPeriod\":1}," OFF("1", "7") PLENTY, row[i].mw);
		make(rows, row[i].mwh, "3.5", row[i].odds);
	}
}

/* An answer may bring the days beside: they are nobody's, and in nobody's way. */
static void rows_of_neighbouring_days_and_of_the_sun_are_passed_over(void **state)
{
	(void)state;
	make(ROW("2024-04-30", "48", "Wind Onshore", "100", AT) "," ROW("2024-05-03", "1", "Wind Onshore", "100", AT) ","
	     ROW("2024-05-02", "1", "Wind Onshore", "30", AT) "," ON("1", "50") "," ROW("2024-05-01", "1", "Solar", "9000", AT), "25", "", 0);
	assert_string_equal(days[1].period[1].mwh[WIND_ONSHORE], "15");
	assert_string_equal(days[0].period[48].mwh[WIND_ONSHORE], "");
	assert_string_equal(days[0].period[0].mwh[WIND_ONSHORE], "");
	assert_string_equal(beside[0].period[48].mwh[WIND_ONSHORE], "");
	assert_string_equal(beside[3].period[1].mwh[WIND_ONSHORE], "");
	make(ON("1", "50") "," ROW("2024-05-01", "1", "Solar", "9000", AT) "," ROW("2024-05-01", "1", "Solar", "8000", AT), "25", "", 0);
	/* Wind of another business than generation, or of another dataset, is none, and named. */
	make("{\"businessType\":\"Wind forecast\",\"psrType\":\"Wind Onshore\",\"quantity\":5,\"settlementDate\":\"2024-05-01\","
	     "\"settlementPeriod\":1}," OFF("1", "7"), "", "3.5", 1);
	make("{\"dataset\":\"DGWS\",\"processType\":\"Day ahead\",\"businessType\":\"Wind generation\",\"psrType\":\"Wind Onshore\","
	     "\"quantity\":5,\"settlementDate\":\"2024-05-01\",\"settlementPeriod\":1}," OFF("1", "7"), "", "3.5", 1);
	/* However it is spelt. */
	make("{\"dataset\":\"AGWS\",\"businessType\":\"Wind Generation\",\"psrType\":\"wind onshore\",\"quantity\":5,"
	     "\"settlementDate\":\"2024-05-01\",\"settlementPeriod\":1}," ROW("2024-05-01", "1", "WIND OFFSHORE", "7", AT) ","
	     ROW("2024-05-01", "1", "SOLAR", "7", AT), "2.5", "3.5", 0);
}

static void the_figure_published_last_holds_in_whatever_order(void **state)
{
	static const char later[] = ROW("2024-05-01", "1", "Wind Onshore", "200", "2024-05-03T10:00:00Z");
	char rows[2000];

	(void)state;
	snprintf(rows, sizeof rows, "%s," ON("1", "100"), later);
	make(rows, "100", "", 0);
	snprintf(rows, sizeof rows, ON("1", "100") ",%s", later);
	make(rows, "100", "", 0);
	/* Twice the same is once; two at once that differ are none, on that side alone. */
	make(ON("1", "100") "," ON("1", "100.0") "," OFF("1", "4"), "50", "2", 0);
	make(ON("1", "100") "," ON("1", "102") "," OFF("1", "4") PLENTY, "", "2", 1);
	/* One that is published later settles it, before or behind them. */
	snprintf(rows, sizeof rows, ON("1", "100") "," ON("1", "102") ",%s" PLENTY, later);
	make(rows, "100", "", 1);
	snprintf(rows, sizeof rows, "%s," ON("1", "100") "," ON("1", "102") PLENTY, later);
	make(rows, "100", "", 0);
	snprintf(rows, sizeof rows, ON("1", "100") ",%s," ON("1", "102") PLENTY, later);
	make(rows, "100", "", 0);
	/* The first of two stays in doubt when it comes again. */
	make(ON("1", "100") "," ON("1", "102") "," ON("1", "100") PLENTY, "", "", 1);
}

/* A row tells its half hour twice. */
static void a_row_that_begins_on_another_day_costs_its_half_hour(void **state)
{
#define BEGUN(start) "{\"publishTime\":\"" AT "\",\"psrType\":\"Wind Onshore\",\"quantity\":50,\"startTime\":\"" start "\"," \
	"\"settlementDate\":\"2024-05-01\",\"settlementPeriod\":1}"
	(void)state;
	make(BEGUN("2024-04-30T23:00:00Z") "," OFF("1", "4"), "25", "2", 0);
	make(BEGUN("2024-04-30T23:00:00+00:00") "," OFF("1", "4"), "25", "2", 0);
	make(BEGUN("soon") "," OFF("1", "4"), "25", "2", 0);
	make(BEGUN("2024-05-01T23:00:00") "," OFF("1", "4"), "25", "2", 0);	/* UTC where it names no zone */
	make(BEGUN("2024-05-01T23:00:01") "," OFF("1", "4") PLENTY, "", "2", 1);
	make(BEGUN("2024-05-01T00:00:00Z") "," OFF("1", "4"), "25", "2", 0);	/* London's time, or the date's beginning */
	make(BEGUN("2024-05-01T23:00:00Z") "," OFF("1", "4"), "25", "2", 0);
	make(BEGUN("2024-05-01T23:00:01Z") "," OFF("1", "4") PLENTY, "", "2", 1);
	make(BEGUN("2024-04-29T22:59:59Z") "," OFF("1", "4") PLENTY, "", "2", 1);
	make(BEGUN("2024-05-30T23:00:00Z") "," OFF("1", "4") PLENTY, "", "2", 1);
}

static void a_publication_that_nobody_dated_is_no_reason_to_leave_a_figure_out(void **state)
{
	(void)state;
	make(ROW("2024-05-01", "1", "Wind Onshore", "50", "0001-01-01T00:00:00Z"), "25", "", 0);
	make(ROW("2024-05-01", "1", "Wind Onshore", "50", ""), "25", "", 0);
	make(ROW("2024-05-01", "1", "Wind Onshore", "50", "0001-01-01T00:00:00Z") "," ON("1", "60"), "30", "", 0);
}

/* 24 half hours of 2024-05-01 with these MW onshore and offshore, but for one that has `most` offshore. */
static void make_day(const char *onshore, const char *offshore, const char *most, int periods)
{
	struct reason why = { .text = "" };
	struct buf rows = BUF_INIT;

	for (int n = 1; n <= periods; n++)
		for (int sea = 0; sea < 2; sea++)
			buf_addf(&rows, "%s{\"psrType\":\"Wind %s\",\"quantity\":%s,\"settlementDate\":\"2024-05-01\",\"settlementPeriod\":%d}",
				 rows.len ? "," : "", sea ? "Offshore" : "Onshore", !sea ? onshore : n == 9 ? most : offshore, n);
	if (!parse(rows.data, &why))
		fail_msg("%s", why.text);
	buf_release(&rows);
}

static void a_whole_day_of_next_to_nothing_is_left_out(void **state)
{
	static const struct { const char *onshore, *offshore, *most, *kept; int periods; } row[] = {
		{ "3.25", "6.5", "12.75", "", 48 }, { "3.25", "6.5", "12.75", "", 24 },
		{ "3.25", "6.5", "12.75", "1.625", 23 },		/* half a day and less may be calm */
		{ "3.25", "6.5", "46.75", "1.625", 48 }, { "3.25", "6.5", "46.74", "", 48 }, { "3250", "6500", "9000", "1625", 48 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		make_day(row[i].onshore, row[i].offshore, row[i].most, row[i].periods);
		assert_string_equal(days[0].period[20].mwh[WIND_ONSHORE], row[i].kept);
		assert_int_equal(odd.odd, *row[i].kept == '\0');
		if (i == 0)
			assert_string_equal(odd.text.data, "2024-05-01: at most 8.000 MWh in each of 48 half hours, as if its figures were GW, "
					    "not MW: the day is left out\n");
		oddities_release(&odd);
	}
}

/* The last of two days begins with so many half hours of these MW on land and at sea, but in the last of them those at sea. */
static void make_long_day(const char *land, const char *sea, const char *last, int periods)
{
	struct reason why = { .text = "" };
	struct buf body = BUF_INIT;
	day_t from;

	assert_true(day_parse("2025-10-25", &from));
	buf_adds(&body, "{\"data\":[");
	for (int n = 1; n <= periods; n++)
		buf_addf(&body, "%s" ROW("2025-10-26", "%d", "Wind Onshore", "%s", AT) "," ROW("2025-10-26", "%d", "Wind Offshore", "%s", AT),
			 n > 1 ? "," : "", land, n, n == periods ? last : sea, n);
	buf_adds(&body, "]}");
	memset(beside, 0, sizeof beside);
	odd = (struct oddities)ODDITIES_INIT;
	if (!wind_parse(body.data, body.len, from, from + 1, INT64_MAX, days, &odd, &why))
		fail_msg("%s", why.text);
	buf_release(&body);
}

static void each_half_hour_of_a_long_last_day_counts(void **state)
{
	(void)state;
	make_long_day("0.5", "0.5", "0.5", 50);
	for (int n = 1; n <= 50; n++) {
		assert_string_equal(days[1].period[n].mwh[WIND_ONSHORE], "");
		assert_string_equal(days[1].period[n].mwh[WIND_OFFSHORE], "");
	}
	assert_string_equal(odd.text.data, "2025-10-26: at most 0.500 MWh in each of 50 half hours, as if its figures were GW, "
			    "not MW: the day is left out\n");
	oddities_release(&odd);
	/* Fifty that are known, of which the last is a gale. */
	make_long_day("0.5", "0.5", "9000", 50);
	assert_string_equal(days[1].period[1].mwh[WIND_ONSHORE], "0.25");
	assert_string_equal(days[1].period[50].mwh[WIND_OFFSHORE], "4500");
	assert_string_equal(odd.text.data, "2025-10-26 period 50: 4500.000 MWh at sea, after 0.250: one of the two is wrong, and which is not known: both are kept\n");
	oddities_release(&odd);
	/* 23 that are known, and one of one kind. */
	make_long_day("0.5", "0.5", "null", 24);
	assert_string_equal(days[1].period[1].mwh[WIND_ONSHORE], "0.25");
	assert_string_equal(days[1].period[24].mwh[WIND_OFFSHORE], "");
	/* Fifty without wind at sea; and a breath of it in the last. */
	make_long_day("2000", "0", "0", 50);
	for (int n = 1; n <= 50; n++)
		assert_string_equal(days[1].period[n].mwh[WIND_OFFSHORE], "");
	assert_string_equal(odd.text.data, "2025-10-26: 0 MWh at sea in each of 50 half hours: they are left out\n");
	oddities_release(&odd);
	make_long_day("2000", "0", "4", 50);
	assert_string_equal(days[1].period[1].mwh[WIND_OFFSHORE], "0");
	assert_string_equal(days[1].period[50].mwh[WIND_OFFSHORE], "2");
}

/* Half hours 1 to n of a day with 2,000 MW at sea and, on land, none but what the last has. */
static void calm_on_land(int n, const char *last, const char *first_mwh, size_t odds)
{
	struct buf rows = BUF_INIT;
	struct reason why = { .text = "" };

	for (int p = 1; p <= n; p++)
		buf_addf(&rows, "%s" ROW("2024-05-01", "%d", "Wind Onshore", "%s", AT) "," ROW("2024-05-01", "%d", "Wind Offshore", "2000", AT),
			 p > 1 ? "," : "", p < n ? "0" : last, p, p);
	if (!parse(rows.data, &why))
		fail_msg("%s", why.text);
	assert_string_equal(days[0].period[1].mwh[WIND_ONSHORE], first_mwh);
	assert_string_equal(days[0].period[1].mwh[WIND_OFFSHORE], "1000");
	assert_int_equal(odd.odd, odds);
	if (odds)
		assert_string_equal(odd.text.data, "2024-05-01: 0 MWh on land in each of 24 half hours: they are left out\n");
	oddities_release(&odd);
	buf_release(&rows);
}

/* As when a feed has zeros for what it lacks. */
static void no_wind_of_one_kind_for_half_a_day_is_not_known(void **state)
{
	(void)state;
	calm_on_land(24, "0", "", 1);
	calm_on_land(24, "-1.5", "", 1);
	calm_on_land(24, "0.1", "0", 0);
	calm_on_land(23, "0", "0", 0);
}

/* One document has one time of publication; its revisions are numbered. */
static void a_higher_revision_is_a_later_publication(void **state)
{
#define REVISED(mw, revision) "{\"documentId\":\"NGET-EMFIP-AGWS-06593234\",\"documentRevisionNumber\":" revision "," \
	"\"publishTime\":\"" AT "\",\"businessType\":\"Wind generation\",\"psrType\":\"Wind Onshore\",\"quantity\":" mw \
	",\"startTime\":\"2024-04-30T23:00:00Z\",\"settlementDate\":\"2024-05-01\",\"settlementPeriod\":1}"
	(void)state;
	make(REVISED("100", "1") "," REVISED("120", "2"), "60", "", 0);
	make(REVISED("120", "2") "," REVISED("100", "1"), "60", "", 0);
	make(REVISED("100", "2") "," REVISED("120", "2") PLENTY, "", "", 1);
	make(REVISED("100", "2") "," REVISED("120", "2") "," REVISED("110", "3") PLENTY, "55", "", 1);
	/* The time comes first: another document may begin to count anew. */
	make(REVISED("100", "7") "," ROW("2024-05-01", "1", "Wind Onshore", "120", "2024-05-02T10:00:01Z"), "60", "", 0);
	make(REVISED("100", "null") "," REVISED("120", "1"), "60", "", 0);
}

static void what_spoils_a_half_hour_is_settled_by_a_later_row(void **state)
{
	static const char later[] = ROW("2024-05-01", "1", "Wind Onshore", "200", "2024-05-03T10:00:00Z");
	static const char *const bad[] = { "\"x\"", "1e9", "-2000", "{}" };
	char rows[2000], row[400];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(row, sizeof row, "{\"publishTime\":\"" AT "\",\"psrType\":\"Wind Onshore\",\"quantity\":%s,\"settlementDate\":\"2024-05-01\","
			 "\"settlementPeriod\":1}", bad[i]);
		snprintf(rows, sizeof rows, "%s,%s" PLENTY, row, later);
		make(rows, "100", "", 1);
		snprintf(rows, sizeof rows, "%s,%s" PLENTY, later, row);
		make(rows, "100", "", 1);
		snprintf(rows, sizeof rows, "%s,%s," ROW("2024-05-01", "1", "Wind Onshore", "[]", "2024-05-04T10:00:00Z") PLENTY, later, row);
		make(rows, "", "", 2);
		snprintf(rows, sizeof rows, ON("1", "100") ",%s" PLENTY, row);
		make(rows, "", "", 1);
	}
	snprintf(rows, sizeof rows, "%s," ROW("2024-05-01", "1", "Wind Onshore", "100", "noon") PLENTY, later);
	make(rows, "", "", 1);
}

/* What stays of half hours 1 to 5 of wind at sea, in MW, "-" for what is not sent. */
static void keeps(const char *const mw[5], const char *want, size_t odds)
{
	static const char *const number[] = { "1", "2", "3", "4", "5" };
	struct buf rows = BUF_INIT, got = BUF_INIT;
	struct reason why = { .text = "" };

	for (int i = 0; i < 5; i++)
		if (strcmp(mw[i], "-") != 0)
			buf_addf(&rows, ROW("2024-05-01", "%s", "Wind Offshore", "%s", AT) ",", mw[i], number[i]);
	buf_adds(&rows, &PLENTY[1]);
	if (!parse(rows.data, &why))
		fail_msg("%s", why.text);
	for (int n = 1; n <= 5; n++)
		buf_addf(&got, "%s%s", n > 1 ? " " : "", *days[0].period[n].mwh[WIND_OFFSHORE] ? days[0].period[n].mwh[WIND_OFFSHORE] : "-");
	buf_addc(&got, '\0');
	assert_string_equal(got.data, want);
	assert_int_equal(odd.odd, odds);
	oddities_release(&odd);
	buf_release(&rows);
	buf_release(&got);
}

struct level {
	int periods;
	const char *mw;
};

/* The half hours of a day, at sea, in three levels: how many does it lose? */
static void keeps_levels(const struct level level[3], int lost)
{
	struct buf rows = BUF_INIT;
	struct reason why = { .text = "" };
	int n = 0, none = 0;

	for (int i = 0; i < 3; i++)
		for (int last = n + level[i].periods; n < last; n++)
			buf_addf(&rows, "%s" ROW("2024-05-01", "%d", "Wind Offshore", "%s", AT), n ? "," : "", level[i].mw, n + 1);
	if (!parse(rows.data, &why))
		fail_msg("%s", why.text);
	for (int p = 1; p <= n; p++)
		none += !*days[0].period[p].mwh[WIND_OFFSHORE];
	if (none != lost)
		fail_msg("%d %d %d: %d lost, not %d", level[0].periods, level[1].periods, level[2].periods, none, lost);
	oddities_release(&odd);
	buf_release(&rows);
}

static void the_wind_of_a_country_neither_stops_nor_leaps_within_half_an_hour(void **state)
{
	(void)state;
	keeps((const char *[]){ "2000", "0", "2000", "2000", "2000" }, "1000 - 1000 1000 1000", 1);
	keeps((const char *[]){ "2000", "0", "-0.9", "0", "2000" }, "1000 - - - 1000", 3);
	keeps((const char *[]){ "2000", "2000", "2000", "0", "0" }, "1000 1000 1000 - -", 2);
	keeps((const char *[]){ "0", "0", "501", "501", "501" }, "- - 250.5 250.5 250.5", 2);
	keeps((const char *[]){ "0", "0", "500", "500", "0" }, "0 0 250 250 0", 0);
	keeps((const char *[]){ "2000", "-", "0", "-", "2000" }, "1000 - 0 - 1000", 0);		/* an hour apart it may */
	keeps((const char *[]){ "800", "3301", "800", "800", "800" }, "400 - 400 400 400", 1);
	keeps((const char *[]){ "800", "3300", "800", "800", "800" }, "400 1650 400 400 400", 0);
	keeps((const char *[]){ "1000", "4000", "1000", "1000", "1000" }, "500 2000 500 500 500", 0);
	keeps((const char *[]){ "4000", "990", "4000", "4000", "4000" }, "2000 - 2000 2000 2000", 1);
	keeps((const char *[]){ "4000", "1000", "4000", "4000", "4000" }, "2000 500 2000 2000 2000", 0);
	keeps((const char *[]){ "800", "8000", "8000", "8000", "8000" }, "400 4000 4000 4000 4000", 1);	/* which is wrong? */
	keeps((const char *[]){ "8000", "2500", "500", "500", "500" }, "4000 1250 250 250 250", 0);
	keeps((const char *[]){ "0", "3000", "0", "-", "-" }, "- - - - -", 3);		/* each makes the others impossible */
	keeps((const char *[]){ "800", "800", "800", "800", "90000" }, "400 400 400 400 45000", 1);
	keeps((const char *[]){ "8000", "310", "300", "8000", "8000" }, "4000 - - 4000 4000", 2);
	keeps((const char *[]){ "8000", "300", "0", "8000", "8000" }, "4000 - - 4000 4000", 2);
	keeps((const char *[]){ "8000", "300", "310", "305", "4000" }, "4000 150 155 152.5 2000", 2);	/* 3 beside 2 */
	keeps_levels((struct level[]){ { 10, "8000" }, { 20, "300" }, { 10, "8000" } }, 20);
	keeps_levels((struct level[]){ { 9, "8000" }, { 20, "300" }, { 10, "8000" } }, 0);
	keeps_levels((struct level[]){ { 10, "8000" }, { 20, "300" }, { 9, "8000" } }, 0);
	keeps_levels((struct level[]){ { 12, "8000" }, { 24, "300" }, { 12, "8000" } }, 24);
	keeps_levels((struct level[]){ { 12, "300" }, { 24, "8000" }, { 12, "300" } }, 24);
	keeps_levels((struct level[]){ { 12, "8000" }, { 25, "300" }, { 11, "8000" } }, 0);
}

static void a_half_hour_that_has_not_begun_has_no_wind_yet(void **state)
{
	static const char body[] = "{\"data\":[" ON("1", "100") "," ON("2", "200") "," ON("3", "300") "]}";
	struct reason why = { .text = "" };
	day_t day;

	(void)state;
	assert_true(day_parse("2024-05-01", &day));
	memset(beside, 0, sizeof beside);
	odd = (struct oddities)ODDITIES_INIT;
	if (!wind_parse(body, strlen(body), day, day, period_start(day, 2), days, &odd, &why))
		fail_msg("%s", why.text);
	assert_string_equal(days[0].period[2].mwh[WIND_ONSHORE], "100");
	assert_string_equal(days[0].period[3].mwh[WIND_ONSHORE], "");
	assert_string_equal(odd.text.data, "row 3: 2024-05-01 period 3 has not begun, or the clock of this machine is behind\n");
	oddities_release(&odd);
}

/* The day on which the clocks go back has fifty half hours, and nothing is known of what follows them. */
static void the_last_half_hour_of_the_longest_day_has_one_neighbour(void **state)
{
	static const struct { const char *last, *mwh; size_t odds; } row[] = { { "0", "", 1 }, { "90000", "45000", 1 }, { "800", "400", 0 } };
	day_t day;

	(void)state;
	assert_true(day_parse("2024-10-27", &day));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf body = BUF_INIT;
		struct reason why = { .text = "" };

		memset(beside, 0, sizeof beside);
		odd = (struct oddities)ODDITIES_INIT;
		buf_addf(&body, "{\"data\":[" ROW("2024-10-27", "49", "Wind Offshore", "900", AT) "," ROW("2024-10-27", "50", "Wind Offshore", "%s", AT) "]}",
			 row[i].last);
		if (!wind_parse(body.data, body.len, day, day, INT64_MAX, days, &odd, &why))
			fail_msg("%s", why.text);
		assert_string_equal(days[0].period[49].mwh[WIND_OFFSHORE], "450");
		assert_string_equal(days[0].period[50].mwh[WIND_OFFSHORE], row[i].mwh);
		assert_int_equal(odd.odd, row[i].odds);
		oddities_release(&odd);
		buf_release(&body);
	}
}

static void an_odd_row_costs_its_half_hour_and_is_named(void **state)
{
	struct reason why = { .text = "" };

	(void)state;
	make(ON("1", "100") "," ROW("2024-05-01", "1", "Wind Onshore", "102", "noon") PLENTY, "", "", 1);
	assert_true(parse(ON("1", "100") "," ON("49", "1") PLENTY, &why));
	assert_string_equal(odd.text.data, "row 2: field settlementPeriod: 2024-05-01 has periods 1 to 48\n");
	oddities_release(&odd);
	make(ON("1", "100") "," ON("0", "1") PLENTY, "50", "", 1);
	make(ON("1", "100") "," ON("1.0", "1") PLENTY, "50", "", 1);
	make(ON("1", "100") "," ROW("2024-02-30", "1", "Wind Onshore", "1", AT) PLENTY, "50", "", 1);
	make(ON("1", "100") "," ROW("2024-05-01", "1", "Tide", "1", AT) PLENTY, "50", "", 1);
	make(ON("1", "100") ",{\"psrType\":\"Solar\"},{\"settlementDate\":\"2024-05-01\"},5" PLENTY, "50", "", 3);
	/* No wind anywhere in the country has never been. */
	make(ON("1", "0") "," OFF("1", "0") PLENTY, "", "", 1);
	make(ON("1", "0") "," OFF("1", "0.1") PLENTY, "0", "0.05", 0);
	make(ON("48", "0") "," OFF("48", "0") "," ROW("2024-05-02", "48", "Wind Onshore", "0", AT) "," ROW("2024-05-02", "48", "Wind Offshore", "0", AT)
	     "," ON("1", "100") PLENTY, "50", "", 2);
	for (int d = 0; d < 2; d++)
		assert_string_equal(days[d].period[48].mwh[WIND_ONSHORE], "");
	assert_false(parse(ON("0", "1") "," ON("49", "1") "," ON("1", "1"), &why));
	oddities_release(&odd);
	assert_false(wind_parse("{\"data\":{}}", 11, 0, 0, INT64_MAX, days, &odd, &why));
	assert_string_equal(why.text, "data is an object, not a list of rows: not an answer about generation");
}

/* An error says why there is no list, or why it is empty; beside rows it is none. */
static void an_error_instead_of_rows_is_shown(void **state)
{
	static const struct { const char *body, *words; } row[] = {
		{ "{\"error\":\"under maintenance\"}", "an error instead of an answer about generation: under maintenance" },
		{ "{\"error\":\"under maintenance\",\"data\":[]}", "an error instead of an answer about generation: under maintenance" },
		{ "{\"error\":\"some are missing\",\"data\":[" ON("1", "100") "]}", NULL }, { "{\"data\":[]}", NULL },
		{ "{\"data\":[", "" }, { "[]", "an array, not an answer about generation" },
		/* The forecast for the next day has rows of the same shape. */
		{ "{\"metadata\":{\"datasets\":[\"DGWS\"]},\"data\":[" ON("1", "100") "]}", "dataset DGWS, not AGWS" },
		{ "{\"metadata\":{\"datasets\":[\"AGWS\"]},\"data\":[" ON("1", "100") "]}", NULL },
	};
	day_t day;

	(void)state;
	assert_true(day_parse("2024-05-01", &day));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		memset(beside, 0, sizeof beside);
		odd = (struct oddities)ODDITIES_INIT;
		if (wind_parse(row[i].body, strlen(row[i].body), day, day, INT64_MAX, days, &odd, &why) == (row[i].words != NULL))
			fail_msg("%s: %s", row[i].body, why.text);
		assert_true(row[i].words ? strstr(why.text, row[i].words) && *why.text : !*why.text);
		oddities_release(&odd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_of_a_half_hour_is_twice_its_energy),
		cmocka_unit_test(rows_of_neighbouring_days_and_of_the_sun_are_passed_over),
		cmocka_unit_test(the_figure_published_last_holds_in_whatever_order),
		cmocka_unit_test(a_row_that_begins_on_another_day_costs_its_half_hour),
		cmocka_unit_test(a_publication_that_nobody_dated_is_no_reason_to_leave_a_figure_out),
		cmocka_unit_test(a_whole_day_of_next_to_nothing_is_left_out),
		cmocka_unit_test(each_half_hour_of_a_long_last_day_counts),
		cmocka_unit_test(no_wind_of_one_kind_for_half_a_day_is_not_known),
		cmocka_unit_test(a_higher_revision_is_a_later_publication),
		cmocka_unit_test(what_spoils_a_half_hour_is_settled_by_a_later_row),
		cmocka_unit_test(the_wind_of_a_country_neither_stops_nor_leaps_within_half_an_hour),
		cmocka_unit_test(a_half_hour_that_has_not_begun_has_no_wind_yet),
		cmocka_unit_test(the_last_half_hour_of_the_longest_day_has_one_neighbour),
		cmocka_unit_test(an_odd_row_costs_its_half_hour_and_is_named),
		cmocka_unit_test(an_error_instead_of_rows_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
