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
	buf_clear(&out);
	html_short(&out, "Moray", 5);
	assert_string_equal(out.data, "Moray");
	buf_clear(&out);
	html_short(&out, "Moray E", 6);
	assert_string_equal(out.data, "Mor…");
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
		{ "-5.005", 2, "", "<span data-figure=\"f\" data-value=\"-5.005\">-5.01</span>" },
		{ "1.5e3", 1, "", "<span data-figure=\"f\" data-value=\"1.5e3\">1,500.0</span>" },
		{ "<soon>", 1, "", "<span data-figure=\"f\" data-value=\"&lt;soon&gt;\">&lt;soon&gt;</span>" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		html_figure(&out, "f", row[i].value, row[i].places, row[i].before, "");
		assert_string_equal(out.data, row[i].want);
	}
	buf_clear(&out);
	html_figure(&out, "f", "12", 1, "", " MWh");
	html_figure(&out, "f", NULL, 1, "", " MWh");
	assert_string_equal(out.data, "<span data-figure=\"f\" data-value=\"12\">12.0 MWh</span><span data-figure=\"f\" data-value=\"\">–</span>");
	buf_clear(&out);
	html_money(&out, "-1234.5");
	html_money(&out, NULL);
	assert_string_equal(out.data, "−£1,234.50–");
	buf_release(&out);
}

static void energy_has_the_unit_that_fits(void **state)
{
	static const struct { const char *mwh, *want; } row[] = {
		{ "0", ">0.000 MWh<" }, { "999.9994", ">999.999 MWh<" }, { "1000", ">1.00 GWh<" },
		{ "62399.0438", ">62.40 GWh<" }, { "3286136.683", ">3.29 TWh<" }, { "999999", ">1,000.00 GWh<" },
		{ "1000000", ">1.00 TWh<" }, { "-5", ">-5.000 MWh<" }, { NULL, ">–<" }, { "much", ">–<" },
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
	static const char *const other[] = { "2025-13", "2025-02-30", "ongoing", "" };
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
	html_date(&out, "2026-12-06");
	assert_string_equal(out.data, "Sunday 6 December 2026");
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		buf_clear(&out);
		html_date(&out, other[i]);
		assert_string_equal(out.data, other[i]);
	}
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
	/* What rounds to nothing is nothing. */
	assert_true(html_change(&out, "99.96", "100"));
	assert_string_equal(out.data, "as much as");
	buf_clear(&out);
	assert_false(html_change(&out, "5", "0"));
	assert_false(html_change(&out, "5", "-1"));
	assert_false(html_change(&out, "much", "5"));
	assert_false(html_change(&out, "5", "much"));
	assert_false(html_change(&out, "5", NULL));
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

/* What the page has grown by since the last time. */
static const char *grown(struct html_page *page)
{
	static struct buf text;

	buf_clear(&text);
	buf_adds(&text, page->out.data);
	buf_clear(&page->out);
	buf_adds(&page->out, "");
	return text.data;
}

static void a_page_says_where_it_is_and_brings_what_it_needs(void **state)
{
	static const struct html_share nowhere = { .base = "", .page = "a.html", .picture = "a.png" };
	static const struct html_share page_alone = { .base = "https://x.example/?a&b/", .page = "days/a.html" };
	static const struct html_share picture_alone = { .base = "https://x.example/", .picture = "a.png" };
	struct html_page page;
	const char *text;

	(void)state;
	html_begin(&page, "../", "k1", "T <1>", "D \"2\"", "Farms", NULL);
	assert_int_equal(page.n_charts, 0);
	assert_int_equal(page.n_tables, 0);
	text = grown(&page);
	assert_memory_equal(text, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n", 60);
	assert_non_null(strstr(text, "<meta name=\"windfall-key\" content=\"k1\">\n"));
	assert_non_null(strstr(text, "<title>T &lt;1&gt; – Windfall</title>\n<meta name=\"description\" content=\"D &quot;2&quot;\">\n"
			"<meta property=\"og:type\" content=\"article\">\n<meta property=\"og:site_name\" content=\"Windfall\">\n"
			"<meta property=\"og:locale\" content=\"en_GB\">\n<meta property=\"og:title\" content=\"T &lt;1&gt;\">\n"
			"<meta property=\"og:description\" content=\"D &quot;2&quot;\">\n<meta name=\"twitter:card\" content=\"summary\">\n"
			"<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Days and findings\" href=\"../feed.xml\">\n"));
	assert_non_null(strstr(text, "<a href=\"../index.html\">Windfall</a></b>\n<nav aria-label=\"Pages\"><ul>"
			"<li><a href=\"../index.html\">Overview</a></li><li><a href=\"../days.html\">Days</a></li>"
			"<li><a href=\"../farms.html\" aria-current=\"true\">Farms</a></li><li><a href=\"../owners.html\">Owners</a></li>"
			"<li><a href=\"../mining.html\">Mining</a></li><li><a href=\"../ledger.html\">Ledger</a></li>"
			"<li><a href=\"../state.html\">State of the data</a></li></ul></nav></header>\n<main id=\"main\">\n<h1>T &lt;1&gt;</h1>\n"));
	/* A script comes with the tables that it sorts, and with nothing else. */
	html_end(&page);
	text = grown(&page);
	assert_memory_equal(text, "</main>\n<footer>\n", 17);
	assert_non_null(strstr(text, "<a href=\"../summary.json\">summary.json</a>; news: <a href=\"../feed.xml\">Atom feed</a>"));
	assert_non_null(strstr(text, "</footer>\n</body>\n</html>\n"));
	page.n_tables = 1;
	html_end(&page);
	text = grown(&page);
	assert_non_null(strstr(text, "</footer>\n<script>"));
	assert_non_null(strstr(text, "</script>\n</body>\n</html>\n"));
	buf_release(&page.out);
	/* Where it will be is said once that is known. */
	html_begin(&page, "", "k", "t", "d", "Days", &nowhere);
	text = grown(&page);
	assert_null(strstr(text, "og:url"));
	assert_null(strstr(text, "og:image"));
	assert_non_null(strstr(text, "content=\"summary\">"));
	buf_release(&page.out);
	html_begin(&page, "", "k", "t", "d", "Days", &page_alone);
	text = grown(&page);
	assert_non_null(strstr(text, "<meta property=\"og:url\" content=\"https://x.example/?a&amp;b/days/a.html\">\n"
				     "<meta name=\"twitter:card\" content=\"summary\">\n"));
	buf_release(&page.out);
	html_begin(&page, "", "k", "T <1>", "D", "Days", &picture_alone);
	text = grown(&page);
	assert_null(strstr(text, "og:url"));
	assert_non_null(strstr(text, "<meta property=\"og:image\" content=\"https://x.example/a.png\">\n"
			"<meta property=\"og:image:type\" content=\"image/png\">\n<meta property=\"og:image:width\" content=\"1200\">\n"
			"<meta property=\"og:image:height\" content=\"630\">\n<meta property=\"og:image:alt\" content=\"T &lt;1&gt;: D\">\n"
			"<meta name=\"twitter:card\" content=\"summary_large_image\">\n"));
	buf_release(&page.out);
}

static void the_parts_of_a_page_are_closed_and_their_texts_are_text(void **state)
{
	struct html_page page = { .out = BUF_INIT, .up = "../" };

	(void)state;
	html_section(&page, "days", "Days & weeks");
	html_section_end(&page);
	assert_string_equal(grown(&page), "<section id=\"days\">\n<h2>Days &amp; weeks</h2>\n</section>\n");
	html_card(&page, "Energy <1>");
	html_card_end(&page, NULL);
	assert_string_equal(grown(&page), "<div class=\"card\"><p class=\"k\">Energy &lt;1&gt;</p><div class=\"v\"></div></div>\n");
	html_card(&page, "Energy");
	html_card_end(&page, "up & down");
	assert_string_equal(grown(&page), "<div class=\"card\"><p class=\"k\">Energy</p><div class=\"v\"></div><p class=\"note\">up &amp; down</p></div>\n");
	html_data_link(&page, "a.csv");
	assert_string_equal(grown(&page), "<p class=\"note\"><a href=\"a.csv\">The data of this chart as CSV</a></p>\n");
	html_state(&page.out, "not_complete");
	html_state(&page.out, "final");
	assert_string_equal(grown(&page), "<span class=\"badge not_complete\" data-figure=\"state\" data-value=\"not_complete\">not complete</span>"
					  "<span class=\"badge final\" data-figure=\"state\" data-value=\"final\">final</span>");
	buf_release(&page.out);
}

/* A name of 400 bytes is shown whole; a longer one, which somebody made to fill the page, is not. */
static void a_cell_has_room_for_400_bytes(void **state)
{
	struct html_page page = { .out = BUF_INIT, .up = "" };
	struct buf name = BUF_INIT;

	(void)state;
	for (int i = 0; i < 400; i++)
		buf_addc(&name, 'a');
	html_cell(&page, name.data);
	html_cell_link(&page, NULL, NULL, name.data);
	assert_null(strstr(grown(&page), "…"));
	buf_addc(&name, 'a');
	html_cell(&page, name.data);
	assert_non_null(strstr(grown(&page), "a…</td>"));
	html_cell_link(&page, NULL, NULL, name.data);
	assert_non_null(strstr(grown(&page), "a…</td>"));
	buf_release(&page.out);
	buf_release(&name);
}

static void a_table_has_headings_rows_and_figures(void **state)
{
	static const struct { const char *change, *shown; } row[] = {
		{ "12.34", "+12.3" }, { "-4", "−4.0" }, { "0.00", "0.0" }, { "0", "0.0" }, { NULL, "–" },
	};
	struct html_page page = { .out = BUF_INIT, .up = "../" };

	(void)state;
	html_table(&page, "Days <1>", "Day|#Energy & cost|State");
	html_row(&page);
	html_cell(&page, "Sixteen letters.");
	html_cell(&page, "Seventeen letters");
	html_cell(&page, NULL);
	html_row_end(&page);
	html_table_end(&page);
	assert_int_equal(page.n_tables, 1);
	assert_string_equal(grown(&page), "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Days &lt;1&gt;\"><table>"
			"<caption><span>Days &lt;1&gt;</span></caption>\n<thead><tr><th scope=\"col\">Day</th><th scope=\"col\" class=\"n\">"
			"Energy &amp; cost</th><th scope=\"col\">State</th></tr></thead>\n<tbody>\n<tr><td>Sixteen letters.</td>"
			"<td class=\"t\">Seventeen letters</td><td></td></tr>\n</tbody></table></div>\n");
	html_row_head(&page, "farms/", "seagreen", "Sea & green");
	html_cell_link(&page, NULL, NULL, "<none>");
	html_cell_figure(&page, "mwh", "1234.5", 2);
	html_cell_figure(&page, "mwh", NULL, 2);
	assert_string_equal(grown(&page), "<tr><th scope=\"row\"><a href=\"../farms/seagreen.html\">Sea &amp; green</a></th><td>&lt;none&gt;</td>"
			"<td class=\"n\" data-figure=\"mwh\" data-value=\"1234.5\">1,234.50</td>"
			"<td class=\"n\" data-figure=\"mwh\" data-value=\"\">–</td>");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf want = BUF_INIT;

		html_cell_change(&page, "c", row[i].change, 1);
		buf_addf(&want, "<td class=\"n\" data-figure=\"c\" data-value=\"%s\">%s</td>", row[i].change ? row[i].change : "", row[i].shown);
		assert_string_equal(grown(&page), want.data);
		buf_release(&want);
	}
	html_cell_instant(&page, "2026-11-29T12:34:56Z");
	html_cell_instant(&page, "<never>");
	assert_string_equal(grown(&page), "<td class=\"t\">2026-11-29 12:34 UTC</td><td class=\"t\">&lt;never&gt;</td>");
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
		cmocka_unit_test(a_page_says_where_it_is_and_brings_what_it_needs),
		cmocka_unit_test(the_parts_of_a_page_are_closed_and_their_texts_are_text),
		cmocka_unit_test(a_cell_has_room_for_400_bytes),
		cmocka_unit_test(a_table_has_headings_rows_and_figures),
		cmocka_unit_test(charts_of_nothing_and_of_odd_data_are_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
