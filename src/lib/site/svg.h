/*
 * svg - charts as plain SVG inside a page
 *
 * Coordinates are binary floating point: they place marks on a screen and are no figures; the exact ones stand in the
 * page's tables and files.  Each chart has a title and a description for whoever cannot see it, ids of its own, and
 * colours from the style sheet.  What is not final is hatched.
 */
#ifndef WINDFALL_SITE_SVG_H
#define WINDFALL_SITE_SVG_H

#include "exact/calendar.h"
#include "site/html.h"

enum svg_sure { SVG_SURE, SVG_UNSURE, SVG_ABSENT };

enum { SVG_PARTS = 3 };

/* A bar, or a cell; texts are borrowed, NULL where there is none. */
struct svg_bar {
	double part[SVG_PARTS];		/* one above the other */
	double outline;			/* what it is compared with; below zero: nothing */
	enum svg_sure sure;
	const char *label;		/* below the axis */
	char title[160];		/* plain text, shown when pointed at */
	char href[64];			/* of a page below the site's folder; "": none */
};

/* Bars beside each other under one axis from zero.  unit stands at the axis; title and about are plain text. */
void svg_bars(struct html_page *page, const char *title, const char *about, const char *unit,
	      const struct svg_bar *bars, int n);

/* The same in groups of so many bars, with room between the groups; the label of a group is that of its first bar. */
void svg_groups(struct html_page *page, const char *title, const char *about, const char *unit,
		const struct svg_bar *bars, int n, int group);

/* The days of a year in weeks, days[0] being the first of January; the darker, the more.  Below it what each colour
 * stands for: the values are MWh.  Labels and outlines are not shown. */
void svg_calendar(struct html_page *page, const char *title, const char *about, int year,
		  const struct svg_bar *days, int n);

/* Years as strips, a row each, of runs of days that are alike, in their order; ticks are days with a mark.  Nothing
 * where there is no run. */
struct svg_run {
	day_t first, last;		/* in one year */
	enum svg_sure sure;
	char title[160];
};
void svg_strips(struct html_page *page, const char *title, const char *about, const struct svg_run *runs, int n,
		const day_t *ticks, int n_ticks);

/* A place on the map: the area of its disc is in proportion to value, but for the smallest; a value of 0 has none. */
struct svg_place {
	double latitude, longitude, value;
	char title[160], href[128];
};
void svg_map(struct html_page *page, const char *title, const char *about, const struct svg_place *places, int n);

/* A line over days, in their order; stepped where a value holds until the next.  marks are days with a name, of which
 * those that the line reaches are shown.  Nothing where there is no point. */
struct svg_point {
	double day, value;
};
struct svg_mark {
	double day;
	const char *name;
};
void svg_line(struct html_page *page, const char *title, const char *about, const char *unit,
	      const struct svg_point *points, int n, bool stepped, const struct svg_mark *marks, int n_marks);

/* The text of a decimal as a place on an axis; 0 where it is NULL. */
double svg_value(const char *text);

#endif
