/*
 * html - pages of plain HTML: text made safe in one place, numbers as people read them, figures that a test can read
 *
 * Every text of others goes through html_text().  A figure stands in a page twice: rounded for people, and exact in
 * data-value, beside its name in data-figure.  A page needs no script, and asks nobody for anything; one with a table
 * has a few lines that sort it.
 */
#ifndef WINDFALL_SITE_HTML_H
#define WINDFALL_SITE_HTML_H

#include <stdbool.h>

#include "base/buf.h"
#include "exact/decimal.h"

/* How deep a page lies below the site's folder is how its links begin. */
struct html_page {
	struct buf out;
	const char *up;			/* "" or "../" */
	int n_charts;			/* ids of charts are unique in a page */
	int n_tables;
};

/* Text as it shows: markup escaped, controls and marks of direction gone, broken UTF-8 marked; in elements and in
 * attributes in double quotes alike.  NULL is no text. */
void html_text(struct buf *out, const char *text);

/* The same, cut with "…" to so many bytes. */
void html_short(struct buf *out, const char *text, size_t most);

/* A JSON string with its quotes. */
void html_json_string(struct buf *out, const char *text);

/* A decimal with so many places and commas between thousands; "–" where value is NULL, other text as it is. */
void html_number(struct buf *out, const char *value, int places);

/* A figure: <span> with its name and exact value, shown between before and after ("£", " MWh"). */
void html_figure(struct buf *out, const char *name, const char *value, int places, const char *before,
		 const char *after);

/* Energy of a headline: in TWh above a million MWh, GWh above a thousand, and MWh; and the text alone. */
void html_energy(struct buf *out, const char *name, const char *mwh);
void html_energy_text(struct buf *out, const char *mwh);

/* Pounds as text: "£1,234.50", "−£3.20"; "–" where value is NULL. */
void html_money(struct buf *out, const char *value);

/* "Saturday 28 November 2026" of "2026-11-28"; "November 2026" of "2026-11"; other text as it is. */
void html_date(struct buf *out, const char *date);

/* Percent by which now differs from before, rounded to this many decimal places; false where it cannot be said: either
 * is NULL or no number, or before is not above zero.  percent is the caller's, initialised. */
bool html_percent_change(struct decimal *percent, const char *now, const char *before, long places);

/* Change from before to now in words: "12.3 % more than", "4.0 % less than", "as much as"; false, and nothing, where it
 * cannot be said. */
bool html_change(struct buf *out, const char *now, const char *before);

/* final, provisional or not_complete as a badge in words. */
void html_state(struct buf *out, const char *state);

/* Where a page that is shared will be, and its picture: both begin with the site's address. */
struct html_share {
	const char *base;		/* with a slash at its end */
	const char *page, *picture;	/* files below it; NULL: none */
};

/* Begin and end a page.  key is what it was made from, windfall-key in the page; NULL: nothing says so there.  where is
 * the entry of the menu that it belongs to; description is plain text; share may be NULL, and without an address for
 * the site nothing of it is said. */
void html_begin(struct html_page *page, const char *up, const char *key, const char *title, const char *description,
		const char *where, const struct html_share *share);
void html_end(struct html_page *page);

/* A section with its heading; both texts are plain. */
void html_section(struct html_page *page, const char *id, const char *heading);
void html_section_end(struct html_page *page);

/* A table in a box that scrolls.  Headings are separated by '|'; one that begins with '#' is of numbers. */
void html_table(struct html_page *page, const char *caption, const char *headings);
void html_table_end(struct html_page *page);
void html_row(struct html_page *page);
void html_row_end(struct html_page *page);
/* A cell's text, cut to 400 bytes; a link leads to NAME.html in folder ("day/") of the site, where that is not NULL. */
void html_cell(struct html_page *page, const char *text);
void html_cell_link(struct html_page *page, const char *folder, const char *name, const char *text);
void html_cell_figure(struct html_page *page, const char *name, const char *value, int places);

/* The same of a change, which has its sign: "+12.3", "−4.0". */
void html_cell_change(struct html_page *page, const char *name, const char *value, int places);

/* An instant in UTC, "2026-11-29T12:00:00Z", to the minute: "2026-11-29 12:00 UTC". */
void html_cell_instant(struct html_page *page, const char *instant);

/* Begin a row with its heading, in the place of html_row() and a first cell; a link as above. */
void html_row_head(struct html_page *page, const char *folder, const char *name, const char *text);

/* A card: its name, a figure written by the caller between, and a note below it; NULL: none. */
void html_card(struct html_page *page, const char *name);
void html_card_end(struct html_page *page, const char *note);

/* "The data of this chart as CSV", a link to a file beside the page. */
void html_data_link(struct html_page *page, const char *file);

#endif
