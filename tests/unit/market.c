/* The half hours of a span: where an era ends, what is not known, and how many there are when the clocks change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fleet/market.h"

static const struct miner_model s19j_pro = { "S19J_PRO", 100000, 3050000 };

static day_t day_of(const char *text)
{
	day_t day;

	assert_true(day_parse(text, &day));
	return day;
}

static instant_t instant_of(const char *text)
{
	instant_t when;

	assert_true(instant_parse(text, &when));
	return when;
}

/* Two days with a retarget at noon of the first, a halving at noon of the second, and other fees that day. */
static void an_era_ends_where_difficulty_subsidy_or_fees_change(void **state)
{
	struct difficulty_epoch epochs[] = {
		{ instant_of("2024-04-01T00:00:00Z"), instant_of("2024-04-18T12:00:00Z"), (unsigned __int128)8600 * 100000000, -1 },
		{ instant_of("2024-04-18T12:00:00Z"), instant_of("2024-04-20T00:00:00Z"), (unsigned __int128)8700 * 100000000, -1 },
	};
	struct subsidy_era eras[] = {
		{ instant_of("2020-05-11T00:00:00Z"), 625000000, -1 }, { instant_of("2024-04-19T12:00:00Z"), 312500000, -1 },
	};
	struct network network = { epochs, 2, eras, 2 };
	int64_t fees[] = { 0, 2000000, 0 };
	struct market_terms terms = { .network = &network, .model = &s19j_pro, .rate = { SHARE_ONE, 0 }, .fees_by_day = fees, .n_years = 1 };
	struct market market;
	day_t first = day_of("2024-04-18");
	/* In summer a day begins at 23:00 UTC. */
	static const struct { int day, period, era, difficulty; int64_t subsidy, fees; } row[] = {
		{ 0, 1, 0, 8600, 625000000, 0 }, { 0, 26, 0, 8600, 625000000, 0 }, { 0, 27, 1, 8700, 625000000, 0 },
		{ 0, 48, 1, 8700, 625000000, 0 }, { 1, 1, 2, 8700, 625000000, 2000000 }, { 1, 26, 2, 8700, 625000000, 2000000 },
		{ 1, 27, 3, 8700, 312500000, 2000000 }, { 1, 48, 3, 8700, 312500000, 2000000 }, { 2, 1, 4, 8700, 312500000, 0 },
		{ 2, 2, 4, 8700, 312500000, 0 },
	};

	(void)state;
	market_build(&market, first, first + 2, &terms);
	assert_int_equal(market.n_half_hours, 3 * 48);
	assert_int_equal(market.n_days, 3);
	assert_int_equal(market.days_counted, 3);
	assert_int_equal(market.n_eras, 5);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		size_t at = market_half_hour(&market, first + row[i].day, row[i].period);
		const struct market_era *era;

		assert_int_equal(market.day_of[at], row[i].day);
		if (market.era_of[at] != row[i].era)
			fail_msg("row %zu: era %d", i, market.era_of[at]);
		era = &market.eras[row[i].era];
		assert_true(era->difficulty == (unsigned __int128)row[i].difficulty * 100000000);
		assert_int_equal(era->subsidy, row[i].subsidy);
		assert_int_equal(era->fees, row[i].fees);
	}
	/* From 2024-04-20T00:00Z, period 3, nothing is known. */
	for (int period = 3; period <= 48; period++)
		assert_true(market.era_of[market_half_hour(&market, first + 2, period)] < 0);
	assert_memory_equal(market.unknown.text, "no difficulty is known for 2024-04-20T00:00:00Z: ", 49);
	for (int d = 0; d < 3; d++)
		assert_int_equal(market.price[d], 0);
	market_release(&market);
}

static void a_day_has_the_half_hours_of_its_clock(void **state)
{
	static const struct { const char *day; size_t half_hours; } row[] = {
		{ "2025-03-29", 48 }, { "2025-03-30", 46 }, { "2025-10-26", 50 },
	};
	static const struct network nothing;
	int64_t fees[] = { 0 };
	struct market_terms terms = { .network = &nothing, .model = &s19j_pro, .rate = { SHARE_ONE, 0 }, .fees_by_day = fees,
				      .difficulty = 100000000, .subsidy = 312500000, .n_years = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct market market;

		market_build(&market, day_of(row[i].day), day_of(row[i].day), &terms);
		assert_int_equal(market.n_half_hours, row[i].half_hours);
		assert_int_equal(market.n_eras, 1);
		for (size_t h = 0; h < row[i].half_hours; h++) {
			assert_int_equal(market.era_of[h], 0);
			assert_int_equal(market.day_of[h], 0);
		}
		assert_string_equal(market.unknown.text, "");
		market_release(&market);
	}
}

/* Twice as hard a network every year: half as much for the same machines. */
static void each_year_of_use_has_a_rate_of_its_own(void **state)
{
	static const struct network nothing;
	static const int64_t want[] = { 115128, 57564, 28782 };
	int64_t fees[] = { 0 }, satoshi;
	struct decimal growth;
	struct market_terms terms = { .network = &nothing, .model = &s19j_pro, .rate = { SHARE_ONE, 0 }, .fees_by_day = fees,
				      .subsidy = 312500000, .growth = &growth, .n_years = 3 };
	struct market market;

	(void)state;
	assert_true(difficulty_parse("113757508810853", &terms.difficulty, NULL));
	decimal_init(&growth);
	decimal_set_int(&growth, 1, 0);
	market_build(&market, day_of("2025-03-04"), day_of("2025-03-04"), &terms);
	for (int year = 0; year < 3; year++) {
		assert_true(rate_mined(&market.eras[0].rates[year], 1000, &satoshi));
		assert_int_equal(satoshi, want[year]);
	}
	market_release(&market);
	decimal_release(&growth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_era_ends_where_difficulty_subsidy_or_fees_change),
		cmocka_unit_test(a_day_has_the_half_hours_of_its_clock),
		cmocka_unit_test(each_year_of_use_has_a_rate_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
