/* Charts: what is drawn has the place and the size that its figures say, and what is not final or not stored shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "site/outline.h"
#include "site/svg.h"

/* A page one folder down, which is no more than its chart. */
static const struct html_page page_down = { .out = BUF_INIT, .up = "../" };

/* What is drawn, behind the head of the chart. */
static const char *drawn(const struct html_page *page)
{
	return strstr(page->out.data, "</defs>\n") + 8;
}

/* The texts that begin behind this mark, joined by "|"; to be freed. */
static char *texts(const char *svg, const char *mark)
{
	struct buf out = BUF_INIT;

	buf_adds(&out, "");
	while ((svg = strstr(svg, mark))) {
		svg += strlen(mark);
		buf_addf(&out, "%s%.*s", out.len ? "|" : "", (int)strcspn(svg, "<"), svg);
	}
	return out.data ? out.data : xstrdup("");
}

static day_t day_of(const char *text)
{
	day_t day;

	assert_true(day_parse(text, &day));
	return day;
}

static void a_chart_has_a_title_a_description_and_ids_of_its_own(void **state)
{
	struct html_page page = page_down;
	struct svg_place place = { .value = 0 };

	(void)state;
	/* A wide one scrolls: a region that a keyboard reaches, with a name. */
	svg_bars(&page, "Cost & \"profit\"", "Of <all>", "£", NULL, 0);
	assert_non_null(strstr(page.out.data, "<div class=\"chart wide scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Cost &amp; &quot;profit&quot;\">"
		"<svg viewBox=\"0 0 790 256\" role=\"img\" aria-labelledby=\"c1t c1d\"><title id=\"c1t\">Cost &amp; &quot;profit&quot;</title>"
		"<desc id=\"c1d\">Of &lt;all&gt;</desc><defs><pattern id=\"c1h\" class=\"hatch\" "));
	assert_string_equal(page.out.data + page.out.len - 13, "</svg></div>\n");
	buf_clear(&page.out);
	svg_map(&page, "Farms", "Where", &place, 1);
	assert_non_null(strstr(page.out.data, "<div class=\"chart map\"><svg viewBox=\"0 0 290 502\" role=\"img\" aria-labelledby=\"c2t c2d\">"));
	buf_release(&page.out);
	assert_true(svg_value("12.5") == 12.5);
	assert_true(svg_value(NULL) == 0);
}

/* A step of the axis is 1, 2 or 5 times a power of ten, at most five of them, and the last reaches the greatest value. */
static void an_axis_begins_at_zero_and_goes_up_in_round_steps(void **state)
{
	static const struct { double most; const char *labels; } row[] = {
		{ 0, "0|0.2|0.4|0.6|0.8|1" }, { 0.03, "0|0.01|0.02|0.03" }, { 0.3, "0|0.1|0.2|0.3" }, { 1, "0|0.2|0.4|0.6|0.8|1" },
		{ 4, "0|1|2|3|4" }, { 5, "0|1|2|3|4|5" }, { 5.1, "0|2|4|6" }, { 10, "0|2|4|6|8|10" }, { 10.1, "0|5|10|15" },
		{ 25, "0|5|10|15|20|25" }, { 25.1, "0|10|20|30" }, { 50, "0|10|20|30|40|50" }, { 4200, "0|1,000|2,000|3,000|4,000|5,000" },
		{ 999999, "0|200,000|400,000|600,000|800,000|1 M" }, { 1500000, "0|500,000|1 M|1.5 M" },
		{ 4e9, "0|1 G|2 G|3 G|4 G" }, { 9e11, "0|200 G|400 G|600 G|800 G|1 T" }, { 126e12, "0|50 T|100 T|150 T" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct html_page page = page_down;
		struct svg_bar bar = { .part = { row[i].most }, .outline = -1 };
		char *labels;

		svg_bars(&page, "t", "a", "<GWh>", &bar, 1);
		labels = texts(page.out.data, "text-anchor=\"end\">");
		assert_string_equal(labels, row[i].labels);
		assert_non_null(strstr(page.out.data, "<text x=\"0\" y=\"11\">&lt;GWh&gt;</text>\n"));
		free(labels);
		buf_release(&page.out);
	}
}

/* 40 pixels for one: the axis goes to 5 in 200. */
#define AXIS_TO_5 \
	"<path class=\"axis\" d=\"M64 228.0H784\"/><text x=\"58\" y=\"232.0\" text-anchor=\"end\">0</text>" \
	"<path class=\"axis\" d=\"M64 188.0H784\"/><text x=\"58\" y=\"192.0\" text-anchor=\"end\">1</text>" \
	"<path class=\"axis\" d=\"M64 148.0H784\"/><text x=\"58\" y=\"152.0\" text-anchor=\"end\">2</text>" \
	"<path class=\"axis\" d=\"M64 108.0H784\"/><text x=\"58\" y=\"112.0\" text-anchor=\"end\">3</text>" \
	"<path class=\"axis\" d=\"M64 68.0H784\"/><text x=\"58\" y=\"72.0\" text-anchor=\"end\">4</text>" \
	"<path class=\"axis\" d=\"M64 28.0H784\"/><text x=\"58\" y=\"32.0\" text-anchor=\"end\">5</text><text x=\"0\" y=\"11\">MWh</text>\n"

/* Parts one above the other; what is compared with, an outline; what may still change, hatched; what is not stored, a low dashed box. */
static void bars_are_as_high_as_what_they_stand_for(void **state)
{
	static const struct svg_bar bars[] = {
		{ .part = { 2, 0, 1.5 }, .outline = -1, .label = "March", .title = "1 March <3", .href = "days/2024-03-01.html" },
		{ .part = { 0, 4 }, .outline = 5, .sure = SVG_UNSURE, .label = "April", .title = "2" },
		{ .outline = -1, .sure = SVG_ABSENT, .title = "3" },
		{ .part = { 0, 0, -1 }, .outline = 0, .sure = SVG_UNSURE, .title = "4" },
	};
	static const struct svg_bar little = { .part = { 0.4 }, .outline = 0.2, .sure = SVG_UNSURE };
	struct html_page page = page_down;

	(void)state;
	svg_bars(&page, "t", "a", "MWh", bars, 4);
	assert_string_equal(drawn(&page), AXIS_TO_5
		"<a href=\"../days/2024-03-01.html\" tabindex=\"-1\"><g><title>1 March &lt;3</title>"
		"<rect x=\"82.0\" y=\"28\" width=\"144.0\" height=\"200\" fill-opacity=\"0\"/>"
		"<rect class=\"b0\" x=\"82.0\" y=\"148.0\" width=\"144.0\" height=\"80.0\"/>"
		"<rect class=\"b2\" x=\"82.0\" y=\"88.0\" width=\"144.0\" height=\"60.0\"/></g></a>\n"
		"<text x=\"154.0\" y=\"245\" text-anchor=\"middle\">March</text>"
		"<g><title>2</title><rect x=\"262.0\" y=\"28\" width=\"144.0\" height=\"200\" fill-opacity=\"0\"/>"
		"<rect class=\"b1\" x=\"262.0\" y=\"68.0\" width=\"144.0\" height=\"160.0\"/>"
		"<rect fill=\"url(#c1h)\" x=\"262.0\" y=\"68.0\" width=\"144.0\" height=\"160.0\"/></g>"
		"<path class=\"ghost\" d=\"M261.0 228.0V28.0H407.0V228.0\"/>\n"
		"<text x=\"334.0\" y=\"245\" text-anchor=\"middle\">April</text>"
		"<g><title>3</title><rect x=\"442.0\" y=\"28\" width=\"144.0\" height=\"200\" fill-opacity=\"0\"/>"
		"<rect class=\"none\" stroke-dasharray=\"2 2\" x=\"442.0\" y=\"216\" width=\"144.0\" height=\"12\"/></g>\n"
		"<g><title>4</title><rect x=\"622.0\" y=\"28\" width=\"144.0\" height=\"200\" fill-opacity=\"0\"/></g>\n"
		"</svg></div>\n");
	buf_release(&page.out);
	/* Little is as high where there is no more. */
	page = page_down;
	svg_bars(&page, "t", "a", "MWh", &little, 1);
	assert_non_null(strstr(drawn(&page), "<rect class=\"b0\" x=\"136.0\" y=\"28.0\" width=\"576.0\" height=\"200.0\"/>"
					     "<rect fill=\"url(#c1h)\" x=\"136.0\" y=\"28.0\" width=\"576.0\" height=\"200.0\"/></g>"
					     "<path class=\"ghost\" d=\"M135.0 228.0V128.0H713.0V228.0\"/>"));
	buf_release(&page.out);
	/* Two beside each other, and room between the groups, whose name is that of their first bar. */
	page = page_down;
	svg_groups(&page, "t", "a", "MWh", bars, 4, 2);
	assert_non_null(strstr(drawn(&page), "<title>1 March &lt;3</title><rect x=\"100.0\" y=\"28\" width=\"144.0\" "));
	assert_non_null(strstr(drawn(&page), "<title>2</title><rect x=\"244.0\" y=\"28\" width=\"144.0\" "));
	assert_non_null(strstr(drawn(&page), "<title>3</title><rect x=\"460.0\" y=\"28\" width=\"144.0\" "));
	assert_non_null(strstr(drawn(&page), "<title>4</title><rect x=\"604.0\" y=\"28\" width=\"144.0\" "));
	assert_non_null(strstr(drawn(&page), "<text x=\"244.0\" y=\"245\" text-anchor=\"middle\">March</text>"));
	assert_null(strstr(drawn(&page), ">April<"));
	buf_release(&page.out);
}

/* A fifth of the room lies between bars, and one pixel where they are many. */
static void many_bars_share_the_width(void **state)
{
	static const struct { int n; const char *last; } row[] = {
		{ 9, "x=\"712.0\" y=\"28\" width=\"64.0\" height=\"200\" fill-opacity=\"0\"" },		/* 80 each */
		{ 72, "x=\"775.0\" y=\"28\" width=\"8.0\" height=\"200\" fill-opacity=\"0\"" },		/* 10 each */
		{ 90, "x=\"776.5\" y=\"28\" width=\"7.0\" height=\"200\" fill-opacity=\"0\"" },		/* 8 each */
		{ 366, "x=\"782.5\" y=\"28\" width=\"1.0\" height=\"200\" fill-opacity=\"0\"" },
	};
	static struct svg_bar bars[366];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct html_page page = page_down;
		const char *last = page.out.data;

		svg_bars(&page, "t", "a", "MWh", bars, row[i].n);
		for (const char *at = page.out.data; (at = strstr(at, "<rect ")); at++)
			last = at;
		assert_ptr_equal(last + strlen("<rect "), strstr(last, row[i].last));
		buf_release(&page.out);
	}
}

/* 2023 began on a Sunday: its first week is one day.  A name of a month stands over the first week that begins in it. */
static void a_calendar_has_weeks_from_monday(void **state)
{
	static const char *const want[] = {
		"<rect x=\"34\" y=\"104\" width=\"12\" height=\"12\" rx=\"1\" class=\"q0\"><title>1</title></rect>"
		"<a href=\"../2.html\" tabindex=\"-1\"><rect x=\"48\" y=\"20\" width=\"12\" height=\"12\" rx=\"1\" class=\"q1\"><title>2</title></rect></a>"
		"<rect x=\"48\" y=\"34\" width=\"12\" height=\"12\" rx=\"1\" class=\"q2\"><title>3</title></rect>"
		"<rect x=\"48\" y=\"34\" width=\"12\" height=\"12\" fill=\"url(#c1h)\" pointer-events=\"none\"/>"
		"<rect x=\"48\" y=\"48\" width=\"12\" height=\"12\" rx=\"1\" class=\"none\"><title>4</title></rect>",
		"<rect x=\"48\" y=\"62\" width=\"12\" height=\"12\" rx=\"1\" class=\"q4\"><title>5</title></rect>"
		"<rect x=\"48\" y=\"76\" width=\"12\" height=\"12\" rx=\"1\" class=\"q5\"><title>6</title></rect>"
		"<rect x=\"48\" y=\"90\" width=\"12\" height=\"12\" rx=\"1\" class=\"q5\"><title>7</title></rect>\n"
		"<rect x=\"48\" y=\"104\" width=\"12\" height=\"12\" rx=\"1\" class=\"q0\"><title>8</title></rect>"
		"<rect x=\"62\" y=\"20\" width=\"12\" height=\"12\" rx=\"1\" class=\"q0\"><title>9</title></rect></svg></div>\n",
	};
	/* A shade reaches to 1, 4, 9, 16 and 25 of 25 parts of the most. */
	struct svg_bar days[9] = {
		{ .title = "1" }, { .title = "2", .href = "2.html", .part = { 40, 60 } }, { .title = "3", .part = { 101 }, .sure = SVG_UNSURE },
		{ .title = "4", .sure = SVG_ABSENT }, { .title = "5", .part = { 1600 } }, { .title = "6", .part = { 1601 } },
		{ .title = "7", .part = { 2500 } }, { .title = "8" }, { .title = "9" },
	};
	struct html_page page = page_down;
	char *months;

	(void)state;
	svg_calendar(&page, "t", "a", 2023, days, 9);
	assert_non_null(strstr(page.out.data, "viewBox=\"0 0 782 122\""));
	assert_ptr_equal(drawn(&page), strstr(drawn(&page), "<text x=\"0\" y=\"31\">Mon</text><text x=\"0\" y=\"59\">Wed</text><text x=\"0\" y=\"87\">Fri</text>"
			    "<text x=\"48\" y=\"12\">Jan</text><text x=\"118\" y=\"12\">Feb</text><text x=\"174\" y=\"12\">Mar</text>"));
	assert_non_null(strstr(drawn(&page), want[0]));
	assert_non_null(strstr(drawn(&page), want[1]));
	months = texts(drawn(&page), "y=\"12\">");
	assert_string_equal(months, "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec");
	free(months);
	buf_release(&page.out);
	/* 2024 began on a Monday. */
	page = page_down;
	svg_calendar(&page, "t", "a", 2024, days, 9);
	assert_non_null(strstr(drawn(&page), "<text x=\"34\" y=\"12\">Jan</text><text x=\"104\" y=\"12\">Feb</text>"));
	assert_non_null(strstr(drawn(&page), "<rect x=\"34\" y=\"20\" width=\"12\" height=\"12\" rx=\"1\" class=\"q0\"><title>1</title>"));
	assert_non_null(strstr(drawn(&page), "<rect x=\"48\" y=\"20\" width=\"12\" height=\"12\" rx=\"1\" class=\"q0\"><title>8</title>"));
	buf_release(&page.out);
}

/* Rounded up to two digits, in GWh from one on; a year without any has no shades to explain. */
static void the_key_of_a_calendar_says_what_each_shade_reaches_to(void **state)
{
	static const struct { double most; const char *items; } row[] = {
		{ 2500, "nothing turned down|up to 0.1 GWh|to 0.4 GWh|to 0.9 GWh|to 1.6 GWh|to 2.5 GWh|may still change|not stored" },
		{ 4000, "nothing turned down|up to 0.16 GWh|to 0.64 GWh|to 1.5 GWh|to 2.6 GWh|to 4 GWh|may still change|not stored" },
		{ 999, "nothing turned down|up to 40 MWh|to 160 MWh|to 360 MWh|to 640 MWh|to 1,000 MWh|may still change|not stored" },
		{ 1000, "nothing turned down|up to 0.04 GWh|to 0.16 GWh|to 0.36 GWh|to 0.64 GWh|to 1 GWh|may still change|not stored" },
		{ 0.5, "nothing turned down|up to 0.02 MWh|to 0.08 MWh|to 0.18 MWh|to 0.32 MWh|to 0.5 MWh|may still change|not stored" },
		{ 0, "nothing turned down|may still change|not stored" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct svg_bar days[2] = { { .part = { row[i].most } }, { .part = { 0 } } };
		struct html_page page = page_down;
		char *items;

		svg_calendar(&page, "t", "a", 2024, days, 2);
		items = texts(page.out.data, "</i>");
		assert_string_equal(items, row[i].items);
		assert_non_null(strstr(page.out.data, "<ul class=\"key\"><li><i class=\"kq0\"></i>nothing"));
		if (row[i].most > 0)
			assert_non_null(strstr(page.out.data, "<li><i class=\"kq1\"></i>up to"));
		assert_int_equal(strstr(page.out.data, "class=\"q5\">") != NULL, row[i].most > 0);
		free(items);
		buf_release(&page.out);
	}
}

/* A row for each year, and a day is 730 / 366 pixels wide in each. */
static void strips_have_a_row_a_year_and_the_length_of_their_days(void **state)
{
	day_t last = day_of("2024-02-29");
	struct svg_run runs[] = {
		{ last - 1, last, SVG_SURE, "one" }, { last + 365, last + 365, SVG_UNSURE, "<two>" }, { last + 366, last + 370, SVG_ABSENT, "three" },
	};
	day_t ticks[] = { last - 1, last + 365 };
	struct html_page page = page_down;

	(void)state;
	svg_strips(&page, "t", "a", runs, 0, NULL, 0);
	assert_int_equal(page.out.len, 0);
	svg_strips(&page, "t", "a", runs, 3, ticks, 2);
	assert_non_null(strstr(page.out.data, "viewBox=\"0 0 782 72\""));
	assert_string_equal(drawn(&page),
		"<text x=\"44.0\" y=\"12\">Jan</text><text x=\"105.8\" y=\"12\">Feb</text><text x=\"163.7\" y=\"12\">Mar</text>"
		"<text x=\"225.5\" y=\"12\">Apr</text><text x=\"285.3\" y=\"12\">May</text><text x=\"347.2\" y=\"12\">Jun</text>"
		"<text x=\"407.0\" y=\"12\">Jul</text><text x=\"468.8\" y=\"12\">Aug</text><text x=\"530.7\" y=\"12\">Sep</text>"
		"<text x=\"590.5\" y=\"12\">Oct</text><text x=\"652.3\" y=\"12\">Nov</text><text x=\"712.2\" y=\"12\">Dec</text>"
		"<text x=\"0\" y=\"33\">2024</text><text x=\"0\" y=\"59\">2025</text>\n"
		"<g><title>one</title><rect class=\"b0\" x=\"159.7\" y=\"20\" width=\"4.0\" height=\"16\"/></g>\n"
		"<g><title>&lt;two&gt;</title><rect class=\"b0\" x=\"159.7\" y=\"46\" width=\"2.0\" height=\"16\"/>"
		"<rect fill=\"url(#c1h)\" pointer-events=\"none\" x=\"159.7\" y=\"46\" width=\"2.0\" height=\"16\"/></g>\n"
		"<g><title>three</title><rect class=\"ghost\" pointer-events=\"all\" x=\"161.7\" y=\"46\" width=\"10.0\" height=\"16\"/></g>\n"
		"<path class=\"tick\" d=\"M160.7 37v5M160.7 63v5\"/>\n</svg></div>\n");
	buf_release(&page.out);
	page = page_down;
	svg_strips(&page, "t", "a", runs, 1, ticks, 0);
	assert_null(strstr(page.out.data, "tick"));
	svg_strips(&page, "t", "a", runs, 1, ticks, 1);
	assert_non_null(strstr(page.out.data, "<path class=\"tick\" d=\"M160.7 37v5\"/>"));
	buf_release(&page.out);
	/* The year of the last run has its row, though no other is of it. */
	page = page_down;
	svg_strips(&page, "t", "a", runs, 2, ticks, 0);
	assert_non_null(strstr(page.out.data, "viewBox=\"0 0 782 72\""));
	buf_release(&page.out);
}

/* A farm with a quarter of the most has half its radius; the smallest can still be seen, and one with nothing has no
 * disc. */
static void a_map_has_discs_whose_area_is_the_value(void **state)
{
	struct svg_place places[] = {
		{ .latitude = 55.5, .longitude = -3, .value = 25, .title = "Half" },
		{ .latitude = 57, .longitude = -4, .value = 100, .title = "Most <1>", .href = "farms/most.html" },
		{ .latitude = 51, .longitude = 0, .value = 0.01, .title = "Dot" },
		{ .latitude = 51, .longitude = 0, .value = 0, .title = "Nothing" },
	};
	struct html_page page = page_down;
	const char *land, *end;
	int begun = 0, closed = 0, points = 0;

	(void)state;
	svg_map(&page, "t", "a", places, 4);
	land = strstr(drawn(&page), "<path class=\"land\" d=\"M");
	end = strstr(land, "\"/>\n");
	assert_string_equal(end + 4,
		"<circle class=\"farm\" cx=\"125.6\" cy=\"248.0\" r=\"8.2\"><title>Half</title></circle>\n"
		"<a href=\"../farms/most.html\" tabindex=\"-1\"><circle class=\"farm\" cx=\"100.7\" cy=\"182.0\" r=\"16.5\">"
		"<title>Most &lt;1&gt;</title></circle></a>\n"
		"<circle class=\"farm\" cx=\"200.4\" cy=\"446.0\" r=\"1.5\"><title>Dot</title></circle>\n</svg></div>\n");
	/* Each island begins anew, is closed, and lies in the picture. */
	for (const char *at = land + strlen("<path class=\"land\" d=\""); at < end; ) {
		char *next;

		if (*at == 'Z') {
			closed++;
			at++;
			continue;
		}
		begun += *at == 'M';
		points++;
		assert_true(*at == 'L' || begun == closed + 1);
		for (int i = 0; i < 2; i++) {
			double pixel = strtod(at + 1, &next);

			assert_true(pixel > 0 && pixel < (i ? 502 : 290));
			at = next;
		}
	}
	assert_true(closed > 1);
	assert_int_equal(begun, closed);
	assert_int_equal(points + closed, n_outline_of_great_britain);
	buf_release(&page.out);
	/* Of little the most is the most, too. */
	page = page_down;
	places[0].value = 0.2;
	places[1].value = 0.05;
	svg_map(&page, "t", "a", places, 2);
	assert_non_null(strstr(page.out.data, "r=\"16.5\"><title>Half<"));
	assert_non_null(strstr(page.out.data, "r=\"8.2\"><title>Most"));
	buf_release(&page.out);
}

static void a_line_goes_through_its_points_and_a_stepped_one_holds_each(void **state)
{
	day_t first = day_of("2024-02-20");
	struct svg_point points[] = { { (double)first, 1 }, { (double)first + 345, 4 }, { (double)first + 690, 2 } };
	struct svg_mark marks[] = {
		{ (double)first - 1, "before" }, { (double)first, "start" }, { (double)first + 570, "middle" }, { (double)first + 571, "late" },
		{ (double)first + 690, "<end>" }, { (double)first + 691, "after" },
	};
	struct html_page page = page_down;

	(void)state;
	svg_line(&page, "t", "a", "x", points, 0, true, NULL, 0);
	assert_int_equal(page.out.len, 0);
	svg_line(&page, "t", "a", "x", points, 3, false, marks, 6);
	assert_non_null(strstr(page.out.data, "viewBox=\"0 0 790 218\""));
	assert_non_null(strstr(page.out.data, "<path class=\"axis\" d=\"M64 28.0H754\"/><text x=\"58\" y=\"32.0\" text-anchor=\"end\">4</text>"));
	/* Near the right edge a name stands to the left of its mark. */
	assert_string_equal(strstr(page.out.data, "<path class=\"line\""), "<path class=\"line\" d=\"M64.0 148.0L409.0 28.0L754.0 108.0\"/>\n"
		"<path class=\"mark\" d=\"M64.0 28v160\"/><text x=\"68.0\" y=\"38\" text-anchor=\"start\">start</text>"
		"<path class=\"mark\" d=\"M634.0 28v160\"/><text x=\"638.0\" y=\"38\" text-anchor=\"start\">middle</text>"
		"<path class=\"mark\" d=\"M635.0 28v160\"/><text x=\"631.0\" y=\"38\" text-anchor=\"end\">late</text>"
		"<path class=\"mark\" d=\"M754.0 28v160\"/><text x=\"750.0\" y=\"38\" text-anchor=\"end\">&lt;end&gt;</text></svg></div>\n");
	buf_release(&page.out);
	page = page_down;
	svg_line(&page, "t", "a", "x", points, 3, true, NULL, 0);
	assert_non_null(strstr(page.out.data, "<path class=\"line\" d=\"M64.0 148.0H409.0V28.0H754.0V108.0\"/>\n</svg>"));
	buf_release(&page.out);
	/* What is below 1 fills its axis. */
	points[0].value = 0.4;
	points[1].value = points[2].value = 0.2;
	page = page_down;
	svg_line(&page, "t", "a", "x", points, 3, false, NULL, 0);
	assert_non_null(strstr(page.out.data, "<path class=\"line\" d=\"M64.0 28.0L409.0 108.0L754.0 108.0\"/>"));
	buf_release(&page.out);
	/* One point has a day to the right of it. */
	page = page_down;
	svg_line(&page, "t", "a", "x", points, 1, true, marks + 1, 2);
	assert_non_null(strstr(page.out.data, "<path class=\"line\" d=\"M64.0 28.0\"/>\n"
					      "<path class=\"mark\" d=\"M64.0 28v160\"/><text x=\"68.0\" y=\"38\" text-anchor=\"start\">start</text></svg>"));
	buf_release(&page.out);
}

/* At most ten names of months, at strides that begin with a year. */
static void a_line_names_as_many_months_as_there_is_room_for(void **state)
{
	static const struct { const char *first, *last, *months; } row[] = {
		{ "2024-01-02", "2024-01-31", "" },
		{ "2024-01-01", "2024-02-01", "Jan 2024|Feb 2024" },
		{ "2024-01-02", "2024-10-01", "Feb 2024|Mar 2024|Apr 2024|May 2024|Jun 2024|Jul 2024|Aug 2024|Sep 2024|Oct 2024" },
		{ "2024-01-01", "2024-12-31", "Jan 2024|Mar 2024|May 2024|Jul 2024|Sep 2024|Nov 2024" },
		{ "2023-03-01", "2025-03-01", "Apr 2023|Jul 2023|Oct 2023|Jan 2024|Apr 2024|Jul 2024|Oct 2024|Jan 2025" },
		{ "2022-01-01", "2025-12-31", "Jan 2022|Jul 2022|Jan 2023|Jul 2023|Jan 2024|Jul 2024|Jan 2025|Jul 2025" },
		{ "2018-06-01", "2026-06-01", "Jan 2019|Jan 2020|Jan 2021|Jan 2022|Jan 2023|Jan 2024|Jan 2025|Jan 2026" },
		{ "2009-01-03", "2026-01-03", "Jan 2010|Jan 2012|Jan 2014|Jan 2016|Jan 2018|Jan 2020|Jan 2022|Jan 2024|Jan 2026" },
		{ "2009-01-03", "2030-01-01", "Jan 2010|Jan 2015|Jan 2020|Jan 2025|Jan 2030" },
		{ "2009-01-03", "2059-01-03", "Jan 2010|Jan 2015|Jan 2020|Jan 2025|Jan 2030|Jan 2035|Jan 2040|Jan 2045|Jan 2050|Jan 2055" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct svg_point points[] = { { (double)day_of(row[i].first), 1 }, { (double)day_of(row[i].last), 1 } };
		struct html_page page = page_down;
		char *months;

		svg_line(&page, "t", "a", "x", points, 2, false, NULL, 0);
		months = texts(page.out.data, "text-anchor=\"middle\">");
		assert_string_equal(months, row[i].months);
		if (i == 1) {	/* 690 pixels for 31 days */
			assert_non_null(strstr(page.out.data, "<path class=\"axis\" d=\"M64.0 188v5\"/><text x=\"64.0\" y=\"206\" text-anchor=\"middle\">Jan"));
			assert_non_null(strstr(page.out.data, "<path class=\"axis\" d=\"M754.0 188v5\"/><text x=\"754.0\" y=\"206\" text-anchor=\"middle\">Feb"));
		}
		free(months);
		buf_release(&page.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chart_has_a_title_a_description_and_ids_of_its_own),
		cmocka_unit_test(an_axis_begins_at_zero_and_goes_up_in_round_steps),
		cmocka_unit_test(bars_are_as_high_as_what_they_stand_for),
		cmocka_unit_test(many_bars_share_the_width),
		cmocka_unit_test(a_calendar_has_weeks_from_monday),
		cmocka_unit_test(the_key_of_a_calendar_says_what_each_shade_reaches_to),
		cmocka_unit_test(strips_have_a_row_a_year_and_the_length_of_their_days),
		cmocka_unit_test(a_map_has_discs_whose_area_is_the_value),
		cmocka_unit_test(a_line_goes_through_its_points_and_a_stepped_one_holds_each),
		cmocka_unit_test(a_line_names_as_many_months_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
