#include "exact/decimal.h"

#include <stdlib.h>
#include <string.h>

/* 10^n for n >= 0. */
static void power_of_ten(mpz_t to, long n)
{
	mpz_ui_pow_ui(to, 10, (unsigned long)n);
}

/* to = from written with a larger scale. */
static void rescale(mpz_t to, const struct decimal *from, long scale)
{
	if (scale == from->scale) {
		mpz_set(to, from->unscaled);
		return;
	}
	power_of_ten(to, scale - from->scale);
	mpz_mul(to, to, from->unscaled);
}

/* to = a / b rounded half away from zero: (2|a| + |b|) div 2|b|, with the sign of the quotient. */
static void divide_half_away(mpz_t to, const mpz_t a, const mpz_t b)
{
	int sign = mpz_sgn(a) * mpz_sgn(b);
	mpz_t twice, divisor;

	mpz_init(twice);
	mpz_init(divisor);
	mpz_abs(divisor, b);
	mpz_abs(twice, a);
	mpz_mul_2exp(twice, twice, 1);
	mpz_add(twice, twice, divisor);
	mpz_mul_2exp(divisor, divisor, 1);
	mpz_tdiv_q(to, twice, divisor);
	if (sign < 0)
		mpz_neg(to, to);
	mpz_clear(twice);
	mpz_clear(divisor);
}

void decimal_init(struct decimal *d)
{
	mpz_init(d->unscaled);
	d->scale = 0;
}

void decimal_release(struct decimal *d)
{
	mpz_clear(d->unscaled);
	d->scale = 0;
}

void decimal_set(struct decimal *to, const struct decimal *from)
{
	mpz_set(to->unscaled, from->unscaled);
	to->scale = from->scale;
}

void decimal_set_int(struct decimal *to, long n, long scale)
{
	mpz_set_si(to->unscaled, n);
	to->scale = scale;
}

static size_t count_digits(const char *text, size_t from, size_t len)
{
	size_t i = from;

	while (i < len && text[i] >= '0' && text[i] <= '9')
		i++;
	return i - from;
}

static bool refuse(const char *text, size_t len, const char *what, struct reason *why)
{
	return reason_set(why, "\"%.*s%s\" %s", (int)(len < 40 ? len : 40), text, len < 40 ? "" : "...", what);
}

/* From the e at *at to the end of the digits behind it. */
static bool parse_exponent(const char *text, size_t len, size_t *at, long *exponent, struct reason *why)
{
	bool below = false;
	size_t n;

	++*at;
	if (*at < len && (text[*at] == '-' || text[*at] == '+'))
		below = text[(*at)++] == '-';
	n = count_digits(text, *at, len);
	if (n == 0)
		return refuse(text, len, "is not a number", why);
	for (; n > 0; n--, ++*at)
		if (*exponent <= DECIMAL_MAX_EXPONENT)
			*exponent = *exponent * 10 + (text[*at] - '0');
	if (*exponent > DECIMAL_MAX_EXPONENT)
		return refuse(text, len, "has an exponent past range", why);
	if (below)
		*exponent = -*exponent;
	return true;
}

bool decimal_parse(struct decimal *d, const char *text, size_t len, enum decimal_grammar grammar,
		   struct reason *why)
{
	char digits[DECIMAL_MAX_TEXT + 2];
	size_t at = 0, whole, fraction = 0, used = 0;
	long exponent = 0, scale;
	bool negative = false;

	if (len == 0)
		return reason_set(why, "empty where a number belongs");
	if (len > DECIMAL_MAX_TEXT)
		return refuse(text, len, "is too long for a number", why);
	if (text[at] == '-' || text[at] == '+')
		negative = text[at++] == '-';
	whole = count_digits(text, at, len);
	if (whole == 0)
		return refuse(text, len, "is not a number", why);
	memcpy(digits, text + at, whole);
	used = whole;
	at += whole;
	if (at < len && text[at] == '.') {
		fraction = count_digits(text, ++at, len);
		if (fraction == 0)
			return refuse(text, len, "is not a number", why);
		memcpy(digits + used, text + at, fraction);
		used += fraction;
		at += fraction;
	}
	if (grammar == DECIMAL_EXPONENT && at < len && (text[at] == 'e' || text[at] == 'E') &&
	    !parse_exponent(text, len, &at, &exponent, why))
		return false;
	if (at != len)
		return refuse(text, len, "is not a number", why);

	digits[used] = '\0';
	scale = (long)fraction - exponent;
	mpz_set_str(d->unscaled, digits, 10);
	if (negative)
		mpz_neg(d->unscaled, d->unscaled);
	d->scale = scale;
	if (scale < 0) {
		mpz_t factor;

		mpz_init(factor);
		power_of_ten(factor, -scale);
		mpz_mul(d->unscaled, d->unscaled, factor);
		mpz_clear(factor);
		d->scale = 0;
	}
	return true;
}

bool decimal_parse_text(struct decimal *d, const char *text, enum decimal_grammar grammar,
			struct reason *why)
{
	return decimal_parse(d, text, strlen(text), grammar, why);
}

typedef void integer_operation(mpz_t to, const mpz_t a, const mpz_t b);

static void at_common_scale(struct decimal *to, const struct decimal *a, const struct decimal *b,
			    integer_operation *operation)
{
	long scale = a->scale > b->scale ? a->scale : b->scale;
	mpz_t x, y;

	mpz_init(x);
	mpz_init(y);
	rescale(x, a, scale);
	rescale(y, b, scale);
	operation(to->unscaled, x, y);
	to->scale = scale;
	mpz_clear(x);
	mpz_clear(y);
}

static void add(mpz_t to, const mpz_t a, const mpz_t b)
{
	mpz_add(to, a, b);
}

static void subtract(mpz_t to, const mpz_t a, const mpz_t b)
{
	mpz_sub(to, a, b);
}

void decimal_add(struct decimal *to, const struct decimal *a, const struct decimal *b)
{
	at_common_scale(to, a, b, add);
}

void decimal_sub(struct decimal *to, const struct decimal *a, const struct decimal *b)
{
	at_common_scale(to, a, b, subtract);
}

void decimal_mul(struct decimal *to, const struct decimal *a, const struct decimal *b)
{
	long scale = a->scale + b->scale;

	mpz_mul(to->unscaled, a->unscaled, b->unscaled);
	to->scale = scale;
}

void decimal_neg(struct decimal *to, const struct decimal *from)
{
	mpz_neg(to->unscaled, from->unscaled);
	to->scale = from->scale;
}

void decimal_abs(struct decimal *to, const struct decimal *from)
{
	mpz_abs(to->unscaled, from->unscaled);
	to->scale = from->scale;
}

void decimal_apart(struct decimal *to, const struct decimal *a, const struct decimal *b)
{
	decimal_sub(to, a, b);
	decimal_abs(to, to);
}

void decimal_add_int(struct decimal *to, long n, long scale)
{
	struct decimal value;

	decimal_init(&value);
	decimal_set_int(&value, n, scale);
	decimal_add(to, to, &value);
	decimal_release(&value);
}

void decimal_add_share(struct decimal *to, long n, long scale, const struct decimal *of)
{
	struct decimal share;

	decimal_init(&share);
	decimal_set_int(&share, n, scale);
	decimal_mul(&share, &share, of);
	decimal_abs(&share, &share);
	decimal_add(to, to, &share);
	decimal_release(&share);
}

bool decimal_div(struct decimal *to, const struct decimal *a, const struct decimal *b, long places)
{
	mpz_t numerator, divisor, factor;
	long shift = places + b->scale - a->scale;

	if (mpz_sgn(b->unscaled) == 0)
		return false;
	mpz_init_set(numerator, a->unscaled);
	mpz_init_set(divisor, b->unscaled);
	mpz_init(factor);
	power_of_ten(factor, shift < 0 ? -shift : shift);
	if (shift < 0)
		mpz_mul(divisor, divisor, factor);
	else
		mpz_mul(numerator, numerator, factor);
	divide_half_away(to->unscaled, numerator, divisor);
	to->scale = places;
	mpz_clear(numerator);
	mpz_clear(divisor);
	mpz_clear(factor);
	return true;
}

void decimal_round(struct decimal *to, const struct decimal *from, long places)
{
	mpz_t divisor;

	if (from->scale <= places) {
		decimal_set(to, from);
		return;
	}
	mpz_init(divisor);
	power_of_ten(divisor, from->scale - places);
	divide_half_away(to->unscaled, from->unscaled, divisor);
	to->scale = places;
	mpz_clear(divisor);
}

int decimal_cmp(const struct decimal *a, const struct decimal *b)
{
	struct decimal difference;
	int sign;

	if (a->scale == b->scale) {
		sign = mpz_cmp(a->unscaled, b->unscaled);
		return (sign > 0) - (sign < 0);
	}
	decimal_init(&difference);
	decimal_sub(&difference, a, b);
	sign = decimal_sign(&difference);
	decimal_release(&difference);
	return sign;
}

int decimal_cmp_int(const struct decimal *d, long n, long scale)
{
	struct decimal value;
	int order;

	decimal_init(&value);
	decimal_set_int(&value, n, scale);
	order = decimal_cmp(d, &value);
	decimal_release(&value);
	return order;
}

int decimal_sign(const struct decimal *d)
{
	return mpz_sgn(d->unscaled);
}

void decimal_write(const struct decimal *d, enum decimal_zeros zeros, struct buf *out)
{
	size_t scale = (size_t)d->scale, room = mpz_sizeinbase(d->unscaled, 10) + 2, len;
	char *padded = xmalloc(scale + 1 + room), *digits = padded + scale + 1;

	/* Zeros in front, so that at least one digit stands before the point. */
	memset(padded, '0', scale + 1);
	mpz_get_str(digits, 10, d->unscaled);
	if (digits[0] == '-') {
		buf_addc(out, '-');
		memmove(digits, digits + 1, strlen(digits));
	}
	len = strlen(digits);
	if (len <= scale) {
		digits -= scale + 1 - len;
		len = scale + 1;
	}
	buf_add(out, digits, len - scale);
	digits += len - scale;
	while (zeros == DECIMAL_TRIM_ZEROS && scale > 0 && digits[scale - 1] == '0')
		scale--;
	if (scale > 0) {
		buf_addc(out, '.');
		buf_add(out, digits, scale);
	}
	free(padded);
}
