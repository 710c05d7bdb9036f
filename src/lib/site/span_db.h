/*
 * span_db - what the pages of months and years, and the overview, show of a span
 *
 * The functions succeed, or end the process (db.h).
 */
#ifndef WINDFALL_SITE_SPAN_DB_H
#define WINDFALL_SITE_SPAN_DB_H

#include "site/pages_db.h"

/* A month or a year, the days of it that are stored, and the same days a year earlier. */
struct span_page {
	char name[8];			/* "2026-11" or "2026" */
	bool is_year;
	int first_row, last_row;	/* of days, last excluded */
	char from[DAY_TEXT], to[DAY_TEXT];		/* the whole of it */
	char stored_to[DAY_TEXT];			/* its last stored day */
	char before_from[DAY_TEXT], before_to[DAY_TEXT];	/* the same days a year earlier */
	PGresult *sums, *stored, *before;
	bool comparable;		/* both spans have every day, from the first to the last stored one */
};

/* From its name and its rows: the days that it spans. */
void span_fill(struct span_page *s, const struct site_data *data);

/* Its sums, and those of the same days a year earlier; release them. */
void span_load(struct span_page *s, const struct site_data *data);
void span_release(struct span_page *s);

/* Is it more than in the same days a year earlier?  A paragraph. */
void span_put_change(struct html_page *page, const struct span_page *s);

/* Charts of its days (a month's as bars, a year's as a calendar), of a year's months, of its mean day. */
void span_put_days(const struct site_data *data, struct html_page *page, const struct span_page *s);
void span_put_months(const struct site_data *data, struct html_page *page, const struct span_page *s);

/* The link to the file of a year's months. */
void span_put_months_link(struct html_page *page, const struct span_page *s);

void span_put_profile(struct site_data *data, struct html_page *page, const struct span_page *s);

#endif
