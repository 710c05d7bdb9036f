/*
 * style - the one style sheet of the site, which stands in every page
 */
#ifndef WINDFALL_SITE_STYLE_H
#define WINDFALL_SITE_STYLE_H

/* Raised whenever a page of the same figures would look different: every page is then written again. */
#define SITE_TEMPLATES "3"

extern const char site_style[];

#endif
