/*
 * fixed - whole numbers that stand for numbers with a fixed count of decimals
 *
 * 113757508810853.99837194 with 8 decimals is the whole number 11375750881085399837194.
 */
#ifndef WINDFALL_FIXED_H
#define WINDFALL_FIXED_H

#include <stdbool.h>

#include "base/reason.h"

#define FIXED_TEXT 48		/* 39 digits, a sign, a point and a NUL, with room */

/* Write value / 10^decimals with all its decimals, such as "3.12500000", and return text. */
char *fixed_format(unsigned __int128 value, int decimals, char text[FIXED_TEXT]);

/* Cut zeros at the end that say nothing off, in place, and return text: "13.500" is then "13.5", "3050.000" is
 * "3050". */
char *fixed_trim(char *text);

/* Parse digits with an optional fraction of at most so many decimals (further zeros are let pass),
 * above zero. False, with the reason, for anything else. */
bool fixed_parse(const char *text, int decimals, unsigned __int128 *value, struct reason *why);

#endif
