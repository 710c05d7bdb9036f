/*
 * nbits - Bitcoin's difficulty and the target it stands for, exactly
 *
 * The network sets a new target every 2,016 blocks and writes it into each header as nBits, a number
 * with one byte of exponent and three of mantissa:
 *
 *	target     = (nBits & 0xffffff) * 256^((nBits >> 24) - 3)
 *	difficulty = 0xffff * 2^208 / target		here rounded half away from zero to 8 decimals
 *
 * Sources print difficulty as a double or a truncated integer.  Only one nBits lies that close, so
 * each is brought back to nBits and from there to one exact figure.
 */
#ifndef WINDFALL_NBITS_H
#define WINDFALL_NBITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

#define BLOCKS_PER_EPOCH 2016		/* from one target to the next */

#define NBITS_LIMIT 0x1d00ffffu		/* the highest target there may be: difficulty 1 */
#define NBITS_TEXT  9			/* "1702796c" and its NUL */

/* Is this a target the network can have?  Positive, not above the limit, in its one canonical form, of a
 * difficulty below 1e20. */
bool nbits_possible(uint32_t nbits, struct reason *why);

/* "1702796c": exactly eight lower-case hex digits, and a possible target. */
bool nbits_parse(const char *text, uint32_t *nbits, struct reason *why);
char *nbits_format(uint32_t nbits, char text[NBITS_TEXT]);

/* The exact difficulty in units of 1e-8, rounded half away from zero; false if nbits is not possible. */
bool difficulty_of_nbits(uint32_t nbits, unsigned __int128 *difficulty, struct reason *why);

/* The nBits whose difficulty lies within one part in 1e9 of this number (JSON grammar, exponent allowed),
 * or within 1e-8: eight decimals of a small one.  There is at most one.  False if there is none: "not a
 * possible difficulty".  A source that cuts off the fraction qualifies from difficulty 1e9 (2013) on. */
bool nbits_of_difficulty(const char *text, uint32_t *nbits, struct reason *why);

/* May a retarget lead from the one to the other?  At most four times harder or easier; targets are
 * rounded down to three bytes after that. */
bool nbits_within_factor_4(uint32_t before, uint32_t after);

#endif
