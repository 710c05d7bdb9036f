#include "fleet/figures.h"

#include <stdlib.h>
#include <string.h>

enum { DAYS_A_YEAR = 365, MONEY_PLACES = 8, PERCENT_PLACES = 6 };

const char *const figure_names[N_FIGURES] = {
	"machines", "megawatts", "curtailed_mwh", "used_mwh", "used_share_percent", "place_hours", "hours_running",
	"hours_per_machine", "bitcoin", "bitcoin_per_mwh", "price", "revenue", "power_cost", "payment_gbp", "payment_forgone",
	"opex_cost", "capex", "capex_of_span", "cost", "profit_before_capex", "profit", "life_profit", "payback_days",
	"cost_per_bitcoin", "hashprice", "break_even_power_price", "peak_network_share_percent",
};

const int figure_places[N_FIGURES] = {
	0, 3, 3, 3, 2, 1, 1, 1, 8, 8, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 6,
};

void money_terms_init(struct money_terms *terms)
{
	memset(terms, 0, sizeof *terms);
	decimal_init(&terms->power_price);
	decimal_init(&terms->pound);
	decimal_init(&terms->opex);
	decimal_init(&terms->capex_machine);
	decimal_init(&terms->capex_mw);
	decimal_init(&terms->growth);
	terms->years = 1;
}

void money_terms_release(struct money_terms *terms)
{
	decimal_release(&terms->power_price);
	decimal_release(&terms->pound);
	decimal_release(&terms->opex);
	decimal_release(&terms->capex_machine);
	decimal_release(&terms->capex_mw);
	decimal_release(&terms->growth);
}

/* A whole number of 128 bits over 10^scale. */
static void set_i128(struct decimal *to, __int128 value, long scale)
{
	mpz_set_u128(to->unscaled, value < 0 ? -(unsigned __int128)value : (unsigned __int128)value);
	if (value < 0)
		mpz_neg(to->unscaled, to->unscaled);
	to->scale = scale;
}

/* to = a × n / d, rounded. */
static void scaled(struct decimal *to, const struct decimal *a, long n, long d, long places)
{
	struct decimal factor;

	decimal_init(&factor);
	decimal_set_int(&factor, n, 0);
	decimal_mul(to, a, &factor);
	decimal_set_int(&factor, d, 0);
	decimal_div(to, to, &factor, places);
	decimal_release(&factor);
}

/* to = 100 a / b, or not known of nothing. */
static bool percent(struct decimal *to, const struct decimal *a, const struct decimal *b)
{
	struct decimal hundred;
	bool known;

	decimal_init(&hundred);
	decimal_set_int(&hundred, 100, 0);
	decimal_mul(&hundred, &hundred, a);
	known = decimal_div(to, &hundred, b, PERCENT_PLACES);
	decimal_release(&hundred);
	return known;
}

/* Machines and energy ---------------------------------------------------------------------------- */

static void energy(struct fleet_figures *f, const struct fleet *fleet, const struct tally *tally,
		   const struct rate_terms *rate)
{
	struct decimal *v = f->value, uptime;

	decimal_init(&uptime);
	set_i128(&uptime, rate->uptime, 8);
	set_i128(&v[MACHINES], fleet_machines(fleet, tally), 0);
	set_i128(&v[MEGAWATTS], (__int128)fleet_machines(fleet, tally) * fleet->model.power_mw, 9);
	set_i128(&v[CURTAILED_MWH], fleet->nmwh, 9);
	set_i128(&v[USED_MWH], (__int128)tally->machine_half_hours * fleet->model.power_mw * 5, 10);
	decimal_mul(&v[USED_MWH], &v[USED_MWH], &uptime);
	f->known[USED_SHARE] = percent(&v[USED_SHARE], &v[USED_MWH], &v[CURTAILED_MWH]);
	set_i128(&v[PLACE_HOURS], (__int128)fleet->half_hours * 5, 1);
	set_i128(&v[HOURS_RUNNING], (__int128)tally->half_hours * 5, 1);
	set_i128(&v[HOURS_PER_MACHINE], (__int128)tally->machine_half_hours * 5, 1);
	decimal_mul(&v[HOURS_PER_MACHINE], &v[HOURS_PER_MACHINE], &uptime);
	f->known[HOURS_PER_MACHINE] = decimal_div(&v[HOURS_PER_MACHINE], &v[HOURS_PER_MACHINE], &v[MACHINES], 6);
	decimal_release(&uptime);
}

/* The machines of the half hours of each era: the most at once, and their sum by the price of the day. */
struct in_era {
	int64_t peak;
	mpz_t priced;		/* Σ machines × price */
};

static struct in_era *by_era(const struct fleet *fleet, const struct tally *tally)
{
	const struct market *market = fleet->market;
	struct in_era *eras = xmalloc((market->n_eras + 1) * sizeof *eras);
	mpz_t term;

	mpz_init(term);
	for (size_t i = 0; i < market->n_eras; i++) {
		eras[i].peak = 0;
		mpz_init(eras[i].priced);
	}
	for (size_t h = 0; h < market->n_half_hours; h++) {
		struct in_era *era = &eras[market->era_of[h] < 0 ? 0 : market->era_of[h]];

		if (tally->running[h] == 0)
			continue;
		if (tally->running[h] > era->peak)
			era->peak = tally->running[h];
		mpz_set_si(term, tally->running[h]);
		mpz_mul_si(term, term, market->price[market->day_of[h]]);
		mpz_add(era->priced, era->priced, term);
	}
	mpz_clear(term);
	return eras;
}

/* to = q rounded half away from zero to 8 places; q is not negative. */
static void round_fraction(struct decimal *to, const mpq_t q, long places)
{
	struct decimal numerator, denominator;

	decimal_init(&numerator);
	decimal_init(&denominator);
	mpz_set(numerator.unscaled, mpq_numref(q));
	mpz_set(denominator.unscaled, mpq_denref(q));
	decimal_div(to, &numerator, &denominator, places);
	decimal_release(&numerator);
	decimal_release(&denominator);
}

static void hash_figures(struct fleet_figures *f, const struct fleet *fleet, const struct tally *tally)
{
	const struct market *market = fleet->market;
	struct in_era *eras = by_era(fleet, tally);
	mpq_t sum, term, peak;

	mpq_init(sum);
	mpq_init(term);
	mpq_init(peak);
	for (size_t i = 0; i < market->n_eras; i++) {
		const struct market_era *era = &market->eras[i];

		/* Machines × hashrate × 600 s of difficulty × 2^32 hashes; both sides times 1e8 for the difficulty. */
		mpz_set_si(mpq_numref(term), eras[i].peak);
		mpz_mul_si(mpq_numref(term), mpq_numref(term), fleet->model.hashrate_ghs);
		mpz_mul_si(mpq_numref(term), mpq_numref(term), INT64_C(600000000000));
		mpz_mul_si(mpq_numref(term), mpq_numref(term), INT64_C(10000000000));
		mpz_set_u128(mpq_denref(term), era->difficulty);
		mpz_mul_2exp(mpq_denref(term), mpq_denref(term), 32);
		mpq_canonicalize(term);
		if (mpq_cmp(term, peak) > 0)
			mpq_set(peak, term);
		/* Satoshi, a share and a price in 1e-8 each, over a difficulty in 1e-8: 1e-16 in all, but for the
		 * machines. */
		mpz_mul_si(mpq_numref(term), eras[i].priced, era->subsidy);
		mpz_mul_si(mpq_numref(term), mpq_numref(term), SHARE_ONE + era->fees);
		mpz_mul_si(mpq_numref(term), mpq_numref(term), INT64_C(1000000000000000) / 100000000);
		mpz_mul_si(mpq_numref(term), mpq_numref(term), DAY_SECONDS);
		mpz_set_u128(mpq_denref(term), era->difficulty);
		mpz_mul_2exp(mpq_denref(term), mpq_denref(term), 32);
		mpz_mul_si(mpq_denref(term), mpq_denref(term), 100000000);
		mpq_canonicalize(term);
		mpq_add(sum, sum, term);
		mpz_clear(eras[i].priced);
	}
	round_fraction(&f->value[PEAK_SHARE], peak, PERCENT_PLACES);
	f->known[HASHPRICE] = tally->machine_half_hours > 0 && fleet->unpriced == 0;
	if (f->known[HASHPRICE]) {
		mpz_set_si(mpq_numref(term), 1);
		mpz_set_si(mpq_denref(term), tally->machine_half_hours);
		mpq_mul(sum, sum, term);
		round_fraction(&f->value[HASHPRICE], sum, MONEY_PLACES);
	}
	mpq_clear(sum);
	mpq_clear(term);
	mpq_clear(peak);
	free(eras);
}

/* Money ------------------------------------------------------------------------------------------ */

/* What a year of 365 days like those of the span brings before opex and capex, in this year of use. */
static void year_margin(struct decimal *to, const struct fleet_figures *f, const struct tally *tally, int year,
			long days)
{
	set_i128(to, tally->value[year], 16);
	decimal_sub(to, to, &f->value[POWER_COST]);
	decimal_sub(to, to, &f->value[PAYMENT_FORGONE]);
	scaled(to, to, DAYS_A_YEAR, days, MONEY_PLACES);
}

/* Profit of all years of use, and after how many days they have paid for capex. */
static void life(struct fleet_figures *f, const struct tally *tally, const struct money_terms *money, long days)
{
	struct decimal margin, opex, left;
	bool growing = decimal_sign(&money->growth) != 0;

	decimal_init(&margin);
	decimal_init(&opex);
	decimal_init(&left);
	decimal_mul(&opex, &f->value[MACHINES], &money->opex);
	decimal_set(&left, &f->value[CAPEX]);
	decimal_neg(&f->value[LIFE_PROFIT], &f->value[CAPEX]);
	f->known[PAYBACK_DAYS] = false;
	for (int year = 0; year < money->years; year++) {
		year_margin(&margin, f, tally, growing ? year : 0, days);
		decimal_sub(&margin, &margin, &opex);
		decimal_add(&f->value[LIFE_PROFIT], &f->value[LIFE_PROFIT], &margin);
		/* Without growth all years are alike: payback may lie beyond them. */
		if (!f->known[PAYBACK_DAYS] && decimal_sign(&margin) > 0 && decimal_sign(&f->value[CAPEX]) > 0 &&
		    (!growing || decimal_cmp(&left, &margin) <= 0)) {
			struct decimal before;

			decimal_init(&before);
			decimal_set_int(&before, (long)DAYS_A_YEAR * year, 0);
			scaled(&f->value[PAYBACK_DAYS], &left, DAYS_A_YEAR, 1, left.scale);
			decimal_div(&f->value[PAYBACK_DAYS], &f->value[PAYBACK_DAYS], &margin, 2);
			decimal_add(&f->value[PAYBACK_DAYS], &f->value[PAYBACK_DAYS], &before);
			f->known[PAYBACK_DAYS] = true;
			decimal_release(&before);
		}
		decimal_sub(&left, &left, &margin);
	}
	decimal_release(&margin);
	decimal_release(&opex);
	decimal_release(&left);
}

static void costs(struct fleet_figures *f, const struct tally *tally, const struct rate_terms *rate,
		  const struct money_terms *money, long days)
{
	struct decimal *v = f->value, part;

	decimal_init(&part);
	decimal_mul(&v[POWER_COST], &v[USED_MWH], &money->power_price);
	set_i128(&v[PAYMENT], tally->payment, 9);
	set_i128(&part, rate->uptime, 8);
	decimal_mul(&v[PAYMENT], &v[PAYMENT], &part);
	if (money->forgone)
		decimal_mul(&v[PAYMENT_FORGONE], &v[PAYMENT], &money->pound);
	decimal_mul(&part, &v[MACHINES], &money->opex);
	scaled(&v[OPEX_COST], &part, days, DAYS_A_YEAR, MONEY_PLACES);
	decimal_mul(&v[CAPEX], &v[MACHINES], &money->capex_machine);
	decimal_mul(&part, &v[MEGAWATTS], &money->capex_mw);
	decimal_add(&v[CAPEX], &v[CAPEX], &part);
	scaled(&v[CAPEX_OF_SPAN], &v[CAPEX], days, (long)DAYS_A_YEAR * money->years, MONEY_PLACES);
	decimal_add(&v[COST], &v[POWER_COST], &v[PAYMENT_FORGONE]);
	decimal_add(&v[COST], &v[COST], &v[OPEX_COST]);
	decimal_add(&v[COST], &v[COST], &v[CAPEX_OF_SPAN]);
	decimal_release(&part);
}

static void earnings(struct fleet_figures *f, const struct fleet *fleet, const struct tally *tally,
		     const struct money_terms *money, long days)
{
	static const enum figure priced[] = { PRICE, REVENUE, PROFIT_BEFORE_CAPEX, PROFIT, LIFE_PROFIT, PAYBACK_DAYS,
					      BREAK_EVEN };
	struct decimal *v = f->value, other;

	decimal_init(&other);
	set_i128(&v[BITCOIN], tally->satoshi[0], 8);
	f->known[BITCOIN_PER_MWH] = decimal_div(&v[BITCOIN_PER_MWH], &v[BITCOIN], &v[USED_MWH], 12);
	f->known[COST_PER_BITCOIN] = decimal_div(&v[COST_PER_BITCOIN], &v[COST], &v[BITCOIN], MONEY_PLACES);
	set_i128(&v[REVENUE], tally->value[0], 16);
	f->known[PRICE] = decimal_div(&v[PRICE], &v[REVENUE], &v[BITCOIN], MONEY_PLACES);
	decimal_sub(&v[PROFIT], &v[REVENUE], &v[COST]);
	decimal_add(&v[PROFIT_BEFORE_CAPEX], &v[PROFIT], &v[CAPEX_OF_SPAN]);
	decimal_sub(&other, &v[COST], &v[POWER_COST]);
	decimal_sub(&other, &v[REVENUE], &other);
	f->known[BREAK_EVEN] = decimal_div(&v[BREAK_EVEN], &other, &v[USED_MWH], MONEY_PLACES);
	life(f, tally, money, days);
	if (fleet->unpriced > 0)
		for (size_t i = 0; i < sizeof priced / sizeof *priced; i++)
			f->known[priced[i]] = false;
	decimal_release(&other);
}

void fleet_figures_of(struct fleet_figures *figures, const struct fleet *fleet, const struct tally *tally,
		      const struct rate_terms *rate, const struct money_terms *money)
{
	long days = fleet->market->days_counted;

	for (int i = 0; i < N_FIGURES; i++) {
		decimal_init(&figures->value[i]);
		figures->known[i] = true;
	}
	energy(figures, fleet, tally, rate);
	hash_figures(figures, fleet, tally);
	costs(figures, tally, rate, money, days);
	earnings(figures, fleet, tally, money, days);
}

void fleet_figures_release(struct fleet_figures *figures)
{
	for (int i = 0; i < N_FIGURES; i++)
		decimal_release(&figures->value[i]);
}
