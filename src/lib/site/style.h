/*
 * style - the one style sheet of the site, which stands in every page, and the one script, in those with a table
 */
#ifndef WINDFALL_SITE_STYLE_H
#define WINDFALL_SITE_STYLE_H

/* Raised whenever a page of the same figures would look different: every page is then written again. */
#define SITE_TEMPLATES "9"

extern const char site_style[];

/* Sorts the rows of a table by a column.  A page reads whole without it. */
extern const char site_script[];

#endif
