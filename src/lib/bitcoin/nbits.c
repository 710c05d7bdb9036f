#include "bitcoin/nbits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#include "exact/decimal.h"

static void target_of_nbits(mpz_t target, uint32_t nbits)
{
	unsigned long size = nbits >> 24;

	mpz_set_ui(target, nbits & 0x7fffff);
	if (size >= 3)
		mpz_mul_2exp(target, target, 8 * (size - 3));
	else
		mpz_tdiv_q_2exp(target, target, 8 * (3 - size));
}

/* The compact form of a target, cut to its three bytes as the network does it. */
static uint32_t nbits_of_target(const mpz_t target)
{
	size_t size = (mpz_sizeinbase(target, 2) + 7) / 8;
	uint32_t mantissa;
	mpz_t cut;

	mpz_init(cut);
	if (size >= 3)
		mpz_tdiv_q_2exp(cut, target, 8 * (size - 3));
	else
		mpz_mul_2exp(cut, target, 8 * (3 - size));
	mantissa = (uint32_t)mpz_get_ui(cut);
	mpz_clear(cut);
	if (mantissa & 0x800000) {
		mantissa >>= 8;
		size++;
	}
	return (uint32_t)size << 24 | mantissa;
}

/* The target of difficulty 1. */
static void target_of_one(mpz_t target)
{
	mpz_set_ui(target, 0xffff);
	mpz_mul_2exp(target, target, 208);
}

bool nbits_possible(uint32_t nbits, struct reason *why)
{
	static const char lowest[] = "100000000000000000000";	/* 1e20 */
	mpz_t target, limit, one;
	bool ok;

	mpz_init(target);
	mpz_init(one);
	mpz_init_set_str(limit, lowest, 10);
	target_of_one(one);
	target_of_nbits(target, nbits);
	mpz_mul(limit, limit, target);
	ok = !(nbits & 0x800000) && nbits >> 24 <= 0x1d && mpz_sgn(target) > 0 &&
	     nbits_of_target(target) == nbits && mpz_cmp(target, one) <= 0 && mpz_cmp(limit, one) > 0;
	mpz_clear(target);
	mpz_clear(limit);
	mpz_clear(one);
	return ok || reason_set(why, "nBits %08" PRIx32 " is not a possible target", nbits);
}

bool nbits_parse(const char *text, uint32_t *nbits, struct reason *why)
{
	uint32_t value;

	if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
		return reason_set(why, "%.20s is not eight hex digits of nBits", *text ? text : "(nothing)");
	value = (uint32_t)strtoul(text, NULL, 16);
	if (!nbits_possible(value, why))
		return false;
	*nbits = value;
	return true;
}

char *nbits_format(uint32_t nbits, char text[9])
{
	snprintf(text, 9, "%08" PRIx32, nbits);
	return text;
}

bool difficulty_of_nbits(uint32_t nbits, unsigned __int128 *difficulty, struct reason *why)
{
	mpz_t target, quotient, low;

	if (!nbits_possible(nbits, why))
		return false;
	mpz_init(target);
	mpz_init(quotient);
	mpz_init(low);
	target_of_nbits(target, nbits);
	target_of_one(quotient);
	/* (2 * 10^8 * limit + target) div 2 target: half away from zero, all being positive */
	mpz_mul_ui(quotient, quotient, 200000000);
	mpz_add(quotient, quotient, target);
	mpz_mul_2exp(target, target, 1);
	mpz_tdiv_q(quotient, quotient, target);
	mpz_tdiv_r_2exp(low, quotient, 64);
	mpz_tdiv_q_2exp(quotient, quotient, 64);
	*difficulty = (unsigned __int128)mpz_get_ui(quotient) << 64 | mpz_get_ui(low);
	mpz_clear(target);
	mpz_clear(quotient);
	mpz_clear(low);
	return true;
}

/*
 * Is the difficulty of this target within 1e-9 of unscaled / ten, relatively, or within the 1e-8 that
 * writing it with eight decimals may cost?
 */
static bool near(const mpz_t target, const mpz_t unscaled, const mpz_t ten)
{
	mpz_t exact, off, whole;
	bool ok;

	/* All as numerators over target * ten. */
	mpz_init(exact);
	mpz_init(off);
	mpz_init(whole);
	target_of_one(exact);
	mpz_mul(exact, exact, ten);
	mpz_mul(off, unscaled, target);
	mpz_sub(off, off, exact);
	mpz_abs(off, off);
	mpz_mul_ui(off, off, 100000000);
	mpz_mul(whole, target, ten);
	ok = mpz_cmp(off, whole) <= 0;
	mpz_mul_ui(off, off, 10);
	ok = ok || mpz_cmp(off, exact) <= 0;
	mpz_clear(exact);
	mpz_clear(off);
	mpz_clear(whole);
	return ok;
}

bool nbits_of_difficulty(const char *text, uint32_t *nbits, struct reason *why)
{
	struct reason inner;
	struct decimal given;
	mpz_t ten, target, unit;
	bool found = false;

	decimal_init(&given);
	if (!decimal_parse_text(&given, text, DECIMAL_EXPONENT, &inner)) {
		decimal_release(&given);
		return reason_set(why, "difficulty %s", inner.text);
	}
	mpz_init(ten);
	mpz_init(target);
	mpz_init(unit);
	mpz_ui_pow_ui(ten, 10, (unsigned long)given.scale);
	/* From one up to 1e20, and then a little: what is possible is asked below. */
	if (mpz_cmp(given.unscaled, ten) >= 0 && mpz_sizeinbase(given.unscaled, 10) < (size_t)given.scale + 24) {
		target_of_one(target);
		mpz_mul(target, target, ten);
		mpz_tdiv_q(target, target, given.unscaled);
		*nbits = nbits_of_target(target);
		/* The three bytes are cut off below: the target meant is this one or the next. */
		target_of_nbits(target, *nbits);
		target_of_nbits(unit, (*nbits & 0xff000000) | 1);
		for (int step = 0; step < 2 && !found; step++) {
			*nbits = nbits_of_target(target);
			found = nbits_possible(*nbits, NULL) && near(target, given.unscaled, ten);
			mpz_add(target, target, unit);
		}
	}
	decimal_release(&given);
	mpz_clear(ten);
	mpz_clear(target);
	mpz_clear(unit);
	return found || reason_set(why, "%.40s is not a possible difficulty", text);
}

bool nbits_within_factor_4(uint32_t before, uint32_t after)
{
	mpz_t old, new, bound;
	bool ok;

	mpz_init(old);
	mpz_init(new);
	mpz_init(bound);
	target_of_nbits(old, before);
	target_of_nbits(new, after);
	mpz_mul_2exp(bound, old, 2);
	ok = mpz_cmp(new, bound) <= 0;
	mpz_tdiv_q_2exp(bound, old, 2);
	target_of_nbits(bound, nbits_of_target(bound));
	ok = ok && mpz_cmp(new, bound) >= 0;
	mpz_clear(old);
	mpz_clear(new);
	mpz_clear(bound);
	return ok;
}
