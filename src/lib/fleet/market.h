/*
 * market - what mining brings in each half hour of a span: difficulty, subsidy, fees and price
 *
 * Half hours are numbered from 0, the first of the span.  Neighbours with the same difficulty, subsidy and fees share
 * an era and its rates, one for each year of use: in year y the difficulty is (1 + growth)^(y - 1) times that of the
 * span.
 */
#ifndef WINDFALL_MARKET_H
#define WINDFALL_MARKET_H

#include "bitcoin/mining.h"
#include "exact/calendar.h"
#include "fleet/rate.h"

enum { MARKET_YEARS = 30 };

struct market_era {
	unsigned __int128 difficulty;	/* 1e-8 */
	int64_t subsidy;		/* satoshi */
	int64_t fees;			/* share of the subsidy, 1e-8 */
	struct rate rates[MARKET_YEARS];
};

struct market {
	day_t first;
	size_t n_half_hours, n_days;
	long days_counted;		/* of them, with costs, and a year is scaled from: all, or as the caller says */
	int32_t *era_of;		/* by half hour; -1: no difficulty or no subsidy is known */
	int32_t *day_of;		/* by half hour: which day of the span */
	struct market_era *eras;
	size_t n_eras;
	int n_years;
	int64_t *price;			/* by day of the span, 1e-8 of the currency; 0: none is known */
	struct reason unknown;		/* why the first half hour without an era has none */
};

/* What the span is valued by.  fees_by_day has a share for each day of the span, 1e-8. */
struct market_terms {
	const struct network *network;
	const struct miner_model *model;
	struct rate_terms rate;
	const int64_t *fees_by_day;
	unsigned __int128 difficulty;	/* given by hand; 0: the one in force */
	int64_t subsidy;		/* likewise */
	const struct decimal *growth;	/* of difficulty, a year, above -1; NULL: none */
	int n_years;			/* 1 to MARKET_YEARS */
};

/* Build it for the days from first to last; every price is 0 then, for the caller to fill in. */
void market_build(struct market *market, day_t first, day_t last, const struct market_terms *terms);
void market_release(struct market *market);

/* Which half hour of the span this period is. */
size_t market_half_hour(const struct market *market, day_t day, int period);

#endif
