/* Pages: text of others stays text, numbers read as people write them, charts of odd data are drawn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "site/html.h"
#include "site/svg.h"

static void hostile_text_is_shown_and_is_no_markup(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\" onload=\"x", "&quot; onload=&quot;x" },
		{ "it's & \"so\"", "it&#39;s &amp; &quot;so&quot;" },
		{ "a\xe2\x80\xae" "b", "ab" },			/* right-to-left override */
		{ "\x1b[31mred", "red" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "", "" }, { NULL, "" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		html_text(&out, row[i].text);
		assert_string_equal(out.data ? out.data : "", row[i].want);
	}
	buf_release(&out);
}

static void a_long_name_is_cut_and_stays_whole_characters(void **state)
{
	struct buf out = BUF_INIT, name = BUF_INIT;

	(void)state;
	for (int i = 0; i < 300; i++)
		buf_adds(&name, "é");
	html_short(&out, name.data, 100);
	assert_true(out.len <= 100);
	assert_string_equal(out.data + out.len - 3, "…");
	buf_release(&out);
	buf_release(&name);
}

static void a_json_string_is_one(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	html_json_string(&out, "a \"b\" \\ c\nd");
	assert_string_equal(out.data, "\"a \\\"b\\\" \\\\ c d\"");
	buf_release(&out);
}

static void a_figure_stands_exact_and_rounded(void **state)
{
	static const struct { const char *value; int places; const char *before, *want; } row[] = {
		{ "1234567.891", 2, "£", "<span data-figure=\"f\" data-value=\"1234567.891\">£1,234,567.89</span>" },
		{ "-5.005", 2, "£", "<span data-figure=\"f\" data-value=\"-5.005\">−£5.01</span>" },
		{ "0", 0, "", "<span data-figure=\"f\" data-value=\"0\">0</span>" },
		{ NULL, 2, "£", "<span data-figure=\"f\" data-value=\"\">–</span>" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		html_figure(&out, "f", row[i].value, row[i].places, row[i].before, "");
		assert_string_equal(out.data, row[i].want);
	}
	buf_release(&out);
}

static void energy_has_the_unit_that_fits(void **state)
{
	static const struct { const char *mwh, *want; } row[] = {
		{ "0", ">0.000 MWh<" }, { "999.9994", ">999.999 MWh<" }, { "1000", ">1.00 GWh<" },
		{ "62399.0438", ">62.40 GWh<" }, { "3286136.683", ">3.29 TWh<" }, { NULL, ">–<" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		html_energy(&out, "e", row[i].mwh);
		assert_non_null(strstr(out.data, row[i].want));
	}
	buf_release(&out);
}

static void dates_and_changes_in_words(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	html_date(&out, "2022-01-01");
	assert_string_equal(out.data, "Saturday 1 January 2022");
	buf_clear(&out);
	html_date(&out, "2025-03");
	assert_string_equal(out.data, "March 2025");
	buf_clear(&out);
	html_date(&out, "2025");
	assert_string_equal(out.data, "2025");
	buf_clear(&out);
	assert_true(html_change(&out, "112.34", "100"));
	assert_string_equal(out.data, "12.3 % more than");
	buf_clear(&out);
	assert_true(html_change(&out, "0", "100"));
	assert_string_equal(out.data, "100.0 % less than");
	buf_clear(&out);
	assert_true(html_change(&out, "100", "100"));
	assert_string_equal(out.data, "as much as");
	buf_clear(&out);
	assert_false(html_change(&out, "5", "0"));
	assert_false(html_change(&out, NULL, "5"));
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

/* How often a word stands in a text. */
static int count(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void charts_of_nothing_and_of_odd_data_are_drawn(void **state)
{
	struct svg_bar bars[3] = { { .outline = -1, .title = "a <b>" }, { .outline = 5, .part = { 0, 2 }, .sure = SVG_UNSURE }, { .sure = SVG_ABSENT, .outline = -1 } };
	struct svg_place place = { .latitude = 57, .longitude = -4, .value = 0 };
	struct html_page page;

	(void)state;
	html_begin(&page, "", "k", "t", "d", "Days", NULL);
	svg_bars(&page, "one", "about", "MWh", NULL, 0);
	svg_bars(&page, "two", "about", "MWh", bars, 3);
	svg_calendar(&page, "three", "about", 2024, bars, 3);
	svg_map(&page, "four", "about", &place, 1);
	svg_line(&page, "five", "about", "x", NULL, 0, true, NULL, 0);
	html_end(&page);
	assert_null(strstr(page.out.data, "nan"));
	assert_null(strstr(page.out.data, "inf\""));
	assert_null(strstr(page.out.data, "<b>a"));
	assert_non_null(strstr(page.out.data, "a &lt;b&gt;"));
	assert_int_equal(count(page.out.data, "<svg "), 4);
	assert_int_equal(count(page.out.data, "id=\"c2h\""), 1);	/* ids are unique in a page */
	assert_int_equal(count(page.out.data, "class=\"none\""), 2);	/* the absent bar and the absent day */
	assert_int_equal(count(page.out.data, "<circle"), 0);
	buf_release(&page.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_text_is_shown_and_is_no_markup),
		cmocka_unit_test(a_long_name_is_cut_and_stays_whole_characters),
		cmocka_unit_test(a_json_string_is_one),
		cmocka_unit_test(a_figure_stands_exact_and_rounded),
		cmocka_unit_test(energy_has_the_unit_that_fits),
		cmocka_unit_test(dates_and_changes_in_words),
		cmocka_unit_test(charts_of_nothing_and_of_odd_data_are_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
