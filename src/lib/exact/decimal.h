/*
 * decimal - exact decimal numbers of any size (GMP)
 *
 * A value is unscaled / 10^scale, scale >= 0: what a price, a volume or a payment is on the wire.
 * Nothing here passes through binary floating point.  decimal_init()/decimal_release() bracket a
 * struct you hold; every destination may also be an operand.
 */
#ifndef WINDFALL_DECIMAL_H
#define WINDFALL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

#include "base/buf.h"
#include "base/reason.h"

struct decimal {
	mpz_t unscaled;
	long scale;
};

/* The longest text and the largest exponent read: "1e999999999" must not ask for a gigabyte. */
#define DECIMAL_MAX_TEXT     1000
#define DECIMAL_MAX_EXPONENT 400

enum decimal_grammar {
	DECIMAL_PLAIN,		/* -12.50 */
	DECIMAL_EXPONENT,	/* also 2.5e-07 */
};

enum decimal_zeros {
	DECIMAL_KEEP_ZEROS,	/* 12.50, as the scale says */
	DECIMAL_TRIM_ZEROS,	/* 12.5 */
};

/* Begin with zero. */
void decimal_init(struct decimal *d);
void decimal_release(struct decimal *d);

void decimal_set(struct decimal *to, const struct decimal *from);

/* The value n / 10^scale (scale >= 0). */
void decimal_set_int(struct decimal *to, long n, long scale);

/* Read the whole of text[0..len): [+-] digits [. digits] [e [+-] digits].  A digit must stand on both
 * sides of the point; leading zeros are allowed.  Refuses everything else (empty, white space, NaN,
 * Infinity, hex, separators) and what is beyond the bounds above; d is then unchanged. */
bool decimal_parse(struct decimal *d, const char *text, size_t len, enum decimal_grammar grammar,
		   struct reason *why);

/* The same for a whole C string. */
bool decimal_parse_text(struct decimal *d, const char *text, enum decimal_grammar grammar,
			struct reason *why);

void decimal_add(struct decimal *to, const struct decimal *a, const struct decimal *b);
void decimal_sub(struct decimal *to, const struct decimal *a, const struct decimal *b);
void decimal_mul(struct decimal *to, const struct decimal *a, const struct decimal *b);
void decimal_neg(struct decimal *to, const struct decimal *from);
void decimal_abs(struct decimal *to, const struct decimal *from);

/* |a - b|. */
void decimal_apart(struct decimal *to, const struct decimal *a, const struct decimal *b);

/* Add n / 10^scale, or this share of an amount without its sign: what a comparison lets pass. */
void decimal_add_int(struct decimal *to, long n, long scale);
void decimal_add_share(struct decimal *to, long n, long scale, const struct decimal *of);

/* a / b, rounded half away from zero to this many decimal places (>= 0); false when b is zero. */
bool decimal_div(struct decimal *to, const struct decimal *a, const struct decimal *b, long places);

/* Round half away from zero to at most this many decimal places (>= 0). */
void decimal_round(struct decimal *to, const struct decimal *from, long places);

/* -1, 0, 1; values are compared, not digits: 1.5 equals 1.50. */
int decimal_cmp(const struct decimal *a, const struct decimal *b);
int decimal_cmp_int(const struct decimal *d, long n, long scale);	/* with n / 10^scale */
int decimal_sign(const struct decimal *d);

/* Append as plain text, never with an exponent, zero never with a sign. */
void decimal_write(const struct decimal *d, enum decimal_zeros zeros, struct buf *out);

#endif
