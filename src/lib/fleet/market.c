#include "fleet/market.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The rates of an era, year by year. */
static void set_rates(struct market_era *era, const struct market_terms *terms)
{
	struct decimal harder, step;

	decimal_init(&harder);
	decimal_init(&step);
	decimal_set_int(&harder, 1, 0);
	decimal_set_int(&step, 1, 0);
	if (terms->growth)
		decimal_add(&step, &step, terms->growth);
	for (int year = 0; year < terms->n_years; year++) {
		rate_init(&era->rates[year]);
		rate_set(&era->rates[year], terms->model, era->difficulty, era->subsidy, era->fees, &terms->rate, &harder);
		decimal_mul(&harder, &harder, &step);
	}
	decimal_release(&harder);
	decimal_release(&step);
}

/* The era of these inputs: the newest, if it has them, or one more. */
static int32_t era_for(struct market *market, unsigned __int128 difficulty, int64_t subsidy, int64_t fees,
		       const struct market_terms *terms)
{
	struct market_era *era = market->n_eras ? &market->eras[market->n_eras - 1] : NULL;

	if (!era || era->difficulty != difficulty || era->subsidy != subsidy || era->fees != fees) {
		market->eras = xgrow(market->eras, market->n_eras, sizeof *market->eras);
		era = &market->eras[market->n_eras++];
		era->difficulty = difficulty;
		era->subsidy = subsidy;
		era->fees = fees;
		set_rates(era, terms);
	}
	return (int32_t)(market->n_eras - 1);
}

void market_build(struct market *market, day_t first, day_t last, const struct market_terms *terms)
{
	*market = (struct market){ .first = first, .n_years = terms->n_years };
	market->n_days = (size_t)(last - first + 1);
	market->days_counted = last - first + 1;
	market->n_half_hours = (size_t)((period_start(last + 1, 1) - period_start(first, 1)) / PERIOD_SECONDS);
	market->era_of = xmalloc(market->n_half_hours * sizeof *market->era_of);
	market->day_of = xmalloc(market->n_half_hours * sizeof *market->day_of);
	market->price = xmalloc(market->n_days * sizeof *market->price);
	memset(market->price, 0, market->n_days * sizeof *market->price);
	for (day_t day = first; day <= last; day++)
		for (int period = 1; period <= settlement_periods(day); period++) {
			size_t at = market_half_hour(market, day, period);
			unsigned __int128 difficulty = terms->difficulty;
			int64_t subsidy = terms->subsidy;
			instant_t start = period_start(day, period);
			struct reason why;

			market->day_of[at] = day - first;
			if ((difficulty || network_difficulty_at(terms->network, start, &difficulty, &why)) &&
			    (subsidy || network_subsidy_at(terms->network, start, &subsidy, &why))) {
				market->era_of[at] = era_for(market, difficulty, subsidy, terms->fees_by_day[day - first], terms);
				continue;
			}
			market->era_of[at] = -1;
			if (!*market->unknown.text)
				market->unknown = why;
		}
}

void market_release(struct market *market)
{
	for (size_t i = 0; i < market->n_eras; i++)
		for (int year = 0; year < market->n_years; year++)
			rate_release(&market->eras[i].rates[year]);
	free(market->eras);
	free(market->era_of);
	free(market->day_of);
	free(market->price);
}

size_t market_half_hour(const struct market *market, day_t day, int period)
{
	return (size_t)((period_start(day, period) - period_start(market->first, 1)) / PERIOD_SECONDS);
}
