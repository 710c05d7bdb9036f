#include "fleet/rate.h"

#include <string.h>

void mpz_set_u128(mpz_t to, unsigned __int128 value)
{
	mpz_set_ui(to, (unsigned long)(value >> 64));
	mpz_mul_2exp(to, to, 64);
	mpz_add_ui(to, to, (unsigned long)value);
}

void rate_init(struct rate *rate)
{
	mpz_init(rate->twice);
	mpz_init(rate->divisor);
	mpz_init(rate->product);
}

void rate_release(struct rate *rate)
{
	mpz_clear(rate->twice);
	mpz_clear(rate->divisor);
	mpz_clear(rate->product);
}

void rate_set(struct rate *rate, const struct miner_model *model, unsigned __int128 difficulty, int64_t subsidy,
	      int64_t fees, const struct rate_terms *terms, const struct decimal *harder)
{
	/* As in mining.c, satoshi = machines × GH/s × 439453125 × subsidy × 1e8 / (2^20 × difficulty). */
	mpz_set_si(rate->twice, model->hashrate_ghs);
	mpz_mul_si(rate->twice, rate->twice, 439453125);
	mpz_mul_si(rate->twice, rate->twice, subsidy);
	mpz_mul_si(rate->twice, rate->twice, 100000000);
	mpz_mul_si(rate->twice, rate->twice, SHARE_ONE + fees);
	mpz_mul_si(rate->twice, rate->twice, terms->uptime);
	mpz_mul_si(rate->twice, rate->twice, SHARE_ONE - terms->pool_fee);
	mpz_set_u128(rate->divisor, difficulty);
	mpz_mul_2exp(rate->divisor, rate->divisor, 20);
	for (int shares = 0; shares < 3; shares++)
		mpz_mul_si(rate->divisor, rate->divisor, SHARE_ONE);
	if (harder) {
		mpz_mul(rate->divisor, rate->divisor, harder->unscaled);
		mpz_ui_pow_ui(rate->product, 10, (unsigned long)harder->scale);
		mpz_mul(rate->twice, rate->twice, rate->product);
	}
	mpz_gcd(rate->product, rate->twice, rate->divisor);
	mpz_divexact(rate->twice, rate->twice, rate->product);
	mpz_divexact(rate->divisor, rate->divisor, rate->product);
	mpz_mul_2exp(rate->twice, rate->twice, 1);
}

bool rate_mined(struct rate *rate, int64_t machines, int64_t *satoshi)
{
	/* Half up: (2 a + b) div 2 b. */
	mpz_mul_si(rate->product, rate->twice, machines);
	mpz_add(rate->product, rate->product, rate->divisor);
	mpz_fdiv_q(rate->product, rate->product, rate->divisor);
	mpz_fdiv_q_2exp(rate->product, rate->product, 1);
	if (mpz_cmp_si(rate->product, ALL_COINS) > 0)
		return false;
	*satoshi = mpz_get_si(rate->product);
	return true;
}

void share_write(int64_t share, struct buf *out)
{
	struct decimal value;

	decimal_init(&value);
	decimal_set_int(&value, share, 8);
	decimal_write(&value, DECIMAL_TRIM_ZEROS, out);
	decimal_release(&value);
}

/* The bounds in words, as a share is written. */
static bool out_of_bounds(const char *text, int64_t least, int64_t most, bool percent, struct reason *why)
{
	struct buf words = BUF_INIT;

	share_write(least, &words);
	buf_adds(&words, " to ");
	share_write(most, &words);
	reason_set(why, "%.40s is not a share from %s%s", text, words.data,
		   percent ? "" : "; a percentage is written with its sign, such as 5% or 150%");
	buf_release(&words);
	return false;
}

bool share_parse(const char *text, int64_t least, int64_t most, int64_t *share, struct reason *why)
{
	size_t len = strlen(text);
	bool percent = len > 0 && text[len - 1] == '%', good;
	struct decimal value, whole;

	if (!percent && most > SHARE_ONE)
		most = SHARE_ONE;
	decimal_init(&value);
	decimal_init(&whole);
	good = decimal_parse(&value, text, len - percent, DECIMAL_PLAIN, why);
	if (good) {
		decimal_set_int(&whole, percent ? SHARE_ONE / 100 : SHARE_ONE, 0);
		decimal_mul(&value, &value, &whole);
		decimal_round(&whole, &value, 0);
		good = decimal_cmp(&value, &whole) == 0 || reason_set(why, "%.40s has more than eight decimals, as a share", text);
	}
	if (good)
		good = (mpz_cmp_si(whole.unscaled, least) >= 0 && mpz_cmp_si(whole.unscaled, most) <= 0) ||
			out_of_bounds(text, least, most, percent, why);
	if (good)
		*share = mpz_get_si(whole.unscaled);
	decimal_release(&value);
	decimal_release(&whole);
	return good;
}
