#include "site/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "site/outline.h"

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
					   "Nov", "Dec" };

double svg_value(const char *text)
{
	return text ? strtod(text, NULL) : 0;
}

/* Begin the box and the drawing.  wide: it scrolls where it has no room. */
static void begin(struct html_page *page, const char *title, const char *about, const char *shape, int width,
		  int height)
{
	struct buf *out = &page->out;
	int id = ++page->n_charts;

	buf_addf(out, "<div class=\"chart %s\"", shape);
	if (strstr(shape, "scroll")) {
		buf_adds(out, " tabindex=\"0\" role=\"region\" aria-label=\"");
		html_text(out, title);
		buf_addc(out, '"');
	}
	buf_addf(out, "><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"c%dt c%dd\"><title id=\"c%dt\">", width,
		 height, id, id, id);
	html_text(out, title);
	buf_addf(out, "</title><desc id=\"c%dd\">", id);
	html_text(out, about);
	buf_addf(out,
		 "</desc><defs><pattern id=\"c%dh\" class=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
		 "patternTransform=\"rotate(45)\"><path d=\"M2 0V5\"/></pattern></defs>\n", id);
}

static void end(struct html_page *page)
{
	buf_adds(&page->out, "</svg></div>\n");
}

static void begin_link(struct html_page *page, const char *href)
{
	/* The same days are links in a table: a keyboard need not pass hundreds of cells. */
	if (*href)
		buf_addf(&page->out, "<a href=\"%s%s\" tabindex=\"-1\">", page->up, href);
}

static void end_link(struct html_page *page, const char *href)
{
	if (*href)
		buf_adds(&page->out, "</a>");
}

static void add_title(struct html_page *page, const char *title)
{
	buf_adds(&page->out, "<title>");
	html_text(&page->out, title);
	buf_adds(&page->out, "</title>");
}

/* 1, 2 or 5 times a power of ten, such that at most five of them reach the greatest value. */
static double nice_step(double most)
{
	double step = pow(10, floor(log10(most / 5)));

	return most <= 5 * step ? step : most <= 10 * step ? 2 * step : most <= 25 * step ? 5 * step : 10 * step;
}

static void axis_number(struct buf *out, double value)
{
	static const struct { double unit; const char *name; } scale[] = { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" } };
	char text[64];

	for (int i = 0; i < 3; i++)
		if (value >= scale[i].unit) {
			buf_addf(out, "%.4g %s", value / scale[i].unit, scale[i].name);
			return;
		}
	snprintf(text, sizeof text, "%.10g", value);
	html_number(out, text, strchr(text, '.') ? (int)strlen(strchr(text, '.') + 1) : 0);
}

/* The frame of a chart with an axis from zero. */
struct frame {
	double left, top, width, height, most;
};

static double y_of(const struct frame *f, double value)
{
	return f->top + f->height * (1 - value / f->most);
}

static void draw_axis(struct html_page *page, struct frame *f, double greatest, const char *unit)
{
	struct buf *out = &page->out;
	double step = nice_step(greatest > 0 ? greatest : 1);

	f->most = step * ceil((greatest > 0 ? greatest : 1) / step - 1e-9);
	for (double v = 0; v <= f->most * 1.0001; v += step) {
		buf_addf(out, "<path class=\"axis\" d=\"M%g %.1fH%g\"/><text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">", f->left,
			 y_of(f, v), f->left + f->width, f->left - 6, y_of(f, v) + 4);
		axis_number(out, v);
		buf_adds(out, "</text>");
	}
	buf_addf(out, "<text x=\"0\" y=\"11\">");
	html_text(out, unit);
	buf_adds(out, "</text>\n");
}

/* Bars ------------------------------------------------------------------------------------------- */

static double whole(const struct svg_bar *bar)
{
	double sum = 0;

	for (int p = 0; p < SVG_PARTS; p++)
		sum += bar->part[p];
	return sum;
}

static void draw_bar(struct html_page *page, const struct frame *f, const struct svg_bar *bar, double x, double width)
{
	struct buf *out = &page->out;
	double below = 0;

	begin_link(page, bar->href);
	buf_adds(out, "<g>");
	add_title(page, bar->title);
	/* The whole height answers to the pointer, also where a bar is low. */
	buf_addf(out, "<rect x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"%g\" fill-opacity=\"0\"/>", x, f->top, width,
		 f->height);
	for (int p = 0; p < SVG_PARTS; p++) {
		if (bar->part[p] <= 0)
			continue;
		buf_addf(out, "<rect class=\"b%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", p, x,
			 y_of(f, below + bar->part[p]), width, y_of(f, below) - y_of(f, below + bar->part[p]));
		below += bar->part[p];
	}
	if (bar->sure == SVG_UNSURE && below > 0)
		buf_addf(out, "<rect fill=\"url(#c%dh)\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", page->n_charts, x,
			 y_of(f, below), width, y_of(f, 0) - y_of(f, below));
	if (bar->sure == SVG_ABSENT)
		buf_addf(out, "<rect class=\"none\" stroke-dasharray=\"2 2\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"%g\"/>", x,
			 f->top + f->height - 12, width, 12.0);
	buf_adds(out, "</g>");
	end_link(page, bar->href);
	if (bar->outline > 0)
		buf_addf(out, "<path class=\"ghost\" d=\"M%.1f %.1fV%.1fH%.1fV%.1f\"/>", x - 1, y_of(f, 0), y_of(f, bar->outline),
			 x + width + 1, y_of(f, 0));
	buf_addc(out, '\n');
}

void svg_bars(struct html_page *page, const char *title, const char *about, const char *unit,
	      const struct svg_bar *bars, int n)
{
	svg_groups(page, title, about, unit, bars, n, 1);
}

void svg_groups(struct html_page *page, const char *title, const char *about, const char *unit,
		const struct svg_bar *bars, int n, int group)
{
	struct frame f = { .left = 64, .top = 28, .width = 720, .height = 200 };
	double most = 0, slot = f.width / (n > 0 ? n : 1) * group, gap = slot > 8 ? slot * 0.2 : 1,
		width = (slot - gap) / group;

	begin(page, title, about, "wide scroll", 790, 256);
	for (int i = 0; i < n; i++) {
		most = whole(&bars[i]) > most ? whole(&bars[i]) : most;
		most = bars[i].outline > most ? bars[i].outline : most;
	}
	draw_axis(page, &f, most, unit);
	for (int i = 0; i < n; i++) {
		double left = f.left + slot * (i / group) + gap / 2;

		draw_bar(page, &f, &bars[i], left + width * (i % group), width);
		if (bars[i].label && i % group == 0) {
			buf_addf(&page->out, "<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">", left + (slot - gap) / 2,
				 f.top + f.height + 17);
			html_text(&page->out, bars[i].label);
			buf_adds(&page->out, "</text>");
		}
	}
	end(page);
}

/* The year --------------------------------------------------------------------------------------- */

enum { SHADES = 5 };

/* Rounded up to two digits, as the key says it. */
static double two_digits(double value)
{
	double step = value > 0 ? pow(10, floor(log10(value)) - 1) : 1;

	return step * ceil(value / step - 1e-9);
}

/* Up to where each shade goes: squares, so that the many days with little are told apart too. */
static void shades(double most, double upto[SHADES])
{
	for (int i = 0; i < SHADES; i++)
		upto[i] = two_digits(most * (i + 1) * (i + 1) / (SHADES * SHADES));
}

static int shade_of(const double upto[SHADES], double value)
{
	int shade = 0;

	while (shade < SHADES - 1 && value > upto[shade])
		shade++;
	return value <= 0 ? 0 : shade + 1;
}

static void calendar_key(struct html_page *page, const double upto[SHADES], double most)
{
	struct buf *out = &page->out;
	bool giga = most >= 1000;

	buf_adds(out, "<ul class=\"key\"><li><i class=\"kq0\"></i>nothing turned down</li>");
	for (int i = 0; most > 0 && i < SHADES; i++) {
		buf_addf(out, "<li><i class=\"kq%d\"></i>%s", i + 1, i == 0 ? "up to " : "to ");
		axis_number(out, giga ? upto[i] / 1000 : upto[i]);
		buf_adds(out, giga ? " GWh</li>" : " MWh</li>");
	}
	buf_adds(out, "<li><i class=\"kh\"></i>may still change</li><li><i class=\"kg\"></i>not stored</li></ul>\n");
}

void svg_calendar(struct html_page *page, const char *title, const char *about, int year,
		  const struct svg_bar *days, int n)
{
	static const char *const names[] = { "Mon", "Wed", "Fri" };
	const int first = (day_from_civil(year, 1, 1) + 3) % 7;		/* days since Monday */
	const double cell = 14;
	struct buf *out = &page->out;
	double most = 0, upto[SHADES];

	begin(page, title, about, "wide scroll", 782, 122);
	for (int i = 0; i < 3; i++)
		buf_addf(out, "<text x=\"0\" y=\"%g\">%s</text>", 20 + cell * (2 * i + 1) - 3, names[i]);
	for (int m = 0; m < 12; m++) {
		int at = (int)(day_from_civil(year, m + 1, 1) - day_from_civil(year, 1, 1)) + first;

		buf_addf(out, "<text x=\"%g\" y=\"12\">%s</text>", 34 + cell * ((at + 6) / 7), month_names[m]);
	}
	for (int i = 0; i < n; i++)
		most = whole(&days[i]) > most ? whole(&days[i]) : most;
	shades(most, upto);
	for (int i = 0; i < n; i++) {
		double x = 34 + cell * ((i + first) / 7), y = 20 + cell * ((i + first) % 7);

		begin_link(page, days[i].href);
		buf_addf(out, "<rect x=\"%g\" y=\"%g\" width=\"12\" height=\"12\" rx=\"1\" class=\"", x, y);
		if (days[i].sure == SVG_ABSENT)
			buf_adds(out, "none\">");
		else
			buf_addf(out, "q%d\">", shade_of(upto, whole(&days[i])));
		add_title(page, days[i].title);
		buf_adds(out, "</rect>");
		if (days[i].sure == SVG_UNSURE)
			buf_addf(out, "<rect x=\"%g\" y=\"%g\" width=\"12\" height=\"12\" fill=\"url(#c%dh)\" pointer-events=\"none\"/>",
				 x, y, page->n_charts);
		end_link(page, days[i].href);
		if (i % 7 == 6)
			buf_addc(out, '\n');
	}
	end(page);
	calendar_key(page, upto, most);
}

/* Strips ----------------------------------------------------------------------------------------- */

/* Where a day lies in the strip of its year, and how wide a day is. */
enum { STRIP_LEFT = 44, STRIP_WIDTH = 730, STRIP_ROW = 26, STRIP_TOP = 20 };
static const double strip_day = STRIP_WIDTH / 366.0;

static void strip_at(day_t day, day_t first, double *x, double *y)
{
	int year, from, month, mday;

	day_to_civil(day, &year, &month, &mday);
	day_to_civil(first, &from, &month, &mday);
	*x = STRIP_LEFT + strip_day * (double)(day - day_from_civil(year, 1, 1));
	*y = STRIP_TOP + STRIP_ROW * (year - from);
}

static void strip_rulers(struct html_page *page, int from, int to)
{
	struct buf *out = &page->out;

	for (int m = 0; m < 12; m++)
		buf_addf(out, "<text x=\"%.1f\" y=\"12\">%s</text>",
			 STRIP_LEFT + strip_day * (double)(day_from_civil(2024, m + 1, 1) - day_from_civil(2024, 1, 1)), month_names[m]);
	for (int year = from; year <= to; year++)
		buf_addf(out, "<text x=\"0\" y=\"%d\">%d</text>", STRIP_TOP + STRIP_ROW * (year - from) + 13, year);
	buf_addc(out, '\n');
}

static void strip_run(struct html_page *page, const struct svg_run *run, day_t first)
{
	struct buf *out = &page->out;
	double x, y, width = strip_day * (double)(run->last - run->first + 1);

	strip_at(run->first, first, &x, &y);
	buf_adds(out, "<g>");
	add_title(page, run->title);
	if (run->sure == SVG_ABSENT)
		buf_addf(out, "<rect class=\"ghost\" pointer-events=\"all\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"16\"/>", x,
			 y, width);
	else
		buf_addf(out, "<rect class=\"b0\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"16\"/>", x, y, width);
	if (run->sure == SVG_UNSURE)
		buf_addf(out, "<rect fill=\"url(#c%dh)\" pointer-events=\"none\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"16\"/>",
			 page->n_charts, x, y, width);
	buf_adds(out, "</g>\n");
}

void svg_strips(struct html_page *page, const char *title, const char *about, const struct svg_run *runs, int n,
		const day_t *ticks, int n_ticks)
{
	int from, to, month, mday;
	struct buf *out = &page->out;
	double x, y;

	if (n == 0)
		return;
	day_to_civil(runs[0].first, &from, &month, &mday);
	day_to_civil(runs[n - 1].last, &to, &month, &mday);
	begin(page, title, about, "wide scroll", STRIP_LEFT + STRIP_WIDTH + 8, STRIP_TOP + STRIP_ROW * (to - from + 1));
	strip_rulers(page, from, to);
	for (int i = 0; i < n; i++)
		strip_run(page, &runs[i], runs[0].first);
	if (n_ticks > 0) {
		buf_adds(out, "<path class=\"tick\" d=\"");
		for (int i = 0; i < n_ticks; i++) {
			strip_at(ticks[i], runs[0].first, &x, &y);
			buf_addf(out, "M%.1f %gv5", x + strip_day / 2, y + 17);
		}
		buf_adds(out, "\"/>\n");
	}
	end(page);
}

/* The map ---------------------------------------------------------------------------------------- */

/* Plate carrée, true at 55.5° north: 44 pixels a degree of latitude. */
static double map_x(double longitude) { return 6 + (longitude + 7.8) * 44 * 0.5664; }
static double map_y(double latitude) { return 6 + (61 - latitude) * 44; }

/* What is smaller could not be seen: below a 121st of the greatest value the area is no longer in proportion. */
static double disc_radius(double value, double most)
{
	const double greatest = 16.5, smallest = 1.5;

	return fmax(smallest, greatest * sqrt(value / most));
}

void svg_map(struct html_page *page, const char *title, const char *about, const struct svg_place *places, int n)
{
	struct buf *out = &page->out;
	const char *pen = "M";
	double most = 0;

	begin(page, title, about, "map", 290, 502);
	buf_adds(out, "<path class=\"land\" d=\"");
	for (int i = 0; i < n_outline_of_great_britain; i++) {
		const struct outline_point *p = &outline_of_great_britain[i];

		if (p->east == 0 && p->north == 0) {
			buf_adds(out, "Z");
			pen = "M";
			continue;
		}
		buf_addf(out, "%s%.1f %.1f", pen, map_x(p->east / 100.0), map_y(p->north / 100.0));
		pen = "L";
	}
	buf_adds(out, "\"/>\n");
	for (int i = 0; i < n; i++)
		most = places[i].value > most ? places[i].value : most;
	for (int i = 0; i < n; i++) {
		if (places[i].value <= 0)
			continue;
		begin_link(page, places[i].href);
		buf_addf(out, "<circle class=\"farm\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">", map_x(places[i].longitude),
			 map_y(places[i].latitude), disc_radius(places[i].value, most));
		add_title(page, places[i].title);
		buf_adds(out, "</circle>");
		end_link(page, places[i].href);
		buf_addc(out, '\n');
	}
	end(page);
}

/* Lines ------------------------------------------------------------------------------------------ */

static void draw_months(struct html_page *page, const struct frame *f, double first, double last)
{
	static const int strides[] = { 1, 2, 3, 6, 12, 24, 60 };
	int year, month, mday, stride = 0;

	while (stride < 6 && (last - first) / 30.4 / strides[stride] > 9)
		stride++;
	day_to_civil((day_t)first, &year, &month, &mday);
	for (int at = year * 12; ; at++) {
		double day = day_from_civil(at / 12, at % 12 + 1, 1), x = f->left + f->width * (day - first) / (last - first);

		if (day > last)
			break;
		if (day < first || at % strides[stride] != 0)
			continue;
		buf_addf(&page->out,
			 "<path class=\"axis\" d=\"M%.1f %gv5\"/><text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s %d</text>", x,
			 f->top + f->height, x, f->top + f->height + 18, month_names[at % 12], at / 12);
	}
}

void svg_line(struct html_page *page, const char *title, const char *about, const char *unit,
	      const struct svg_point *points, int n, bool stepped, const struct svg_mark *marks, int n_marks)
{
	struct frame f = { .left = 64, .top = 28, .width = 690, .height = 160 };
	double most = 0, first, last;
	struct buf *out = &page->out;

	if (n == 0)
		return;
	first = points[0].day;
	last = points[n - 1].day > first ? points[n - 1].day : first + 1;
	begin(page, title, about, "wide scroll", 790, 218);
	for (int i = 0; i < n; i++)
		most = points[i].value > most ? points[i].value : most;
	draw_axis(page, &f, most, unit);
	draw_months(page, &f, first, last);
	buf_adds(out, "<path class=\"line\" d=\"");
	for (int i = 0; i < n; i++) {
		double x = f.left + f.width * (points[i].day - first) / (last - first);

		if (i == 0)
			buf_addf(out, "M%.1f %.1f", x, y_of(&f, points[i].value));
		else if (stepped)
			buf_addf(out, "H%.1fV%.1f", x, y_of(&f, points[i].value));
		else
			buf_addf(out, "L%.1f %.1f", x, y_of(&f, points[i].value));
	}
	buf_adds(out, "\"/>\n");
	for (int i = 0; i < n_marks; i++) {
		double x = f.left + f.width * (marks[i].day - first) / (last - first);

		if (marks[i].day < first || marks[i].day > last)
			continue;
		buf_addf(out, "<path class=\"mark\" d=\"M%.1f %gv%g\"/><text x=\"%.1f\" y=\"%g\" text-anchor=\"%s\">", x, f.top,
			 f.height, x + (x > f.left + f.width - 120 ? -4 : 4), f.top + 10, x > f.left + f.width - 120 ? "end" : "start");
		html_text(out, marks[i].name);
		buf_adds(out, "</text>");
	}
	end(page);
}
