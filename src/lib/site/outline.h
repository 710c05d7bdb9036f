/*
 * outline - where the coast of Great Britain is, for a map without tiles
 */
#ifndef WINDFALL_SITE_OUTLINE_H
#define WINDFALL_SITE_OUTLINE_H

#include <stdint.h>

/* The points of sql/reference/coast.tsv, in hundredths of a degree east and north; { 0, 0 } stands after the last
 * point of each island. */
struct outline_point {
	int16_t east, north;
};

extern const struct outline_point *const outline_of_great_britain;
extern const int n_outline_of_great_britain;

#endif
