#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/rate.h"

static const struct rate_terms plain = { SHARE_ONE, 0 };

/* A number of so many bits from the seed's sequence. */
static uint64_t bits(uint64_t *seed, int n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> (64 - n);
}

static void without_fees_at_full_uptime_it_is_what_calc_btc_calculates(void **state)
{
	uint64_t seed = 20261129;
	struct rate rate;

	(void)state;
	rate_init(&rate);
	for (int i = 0; i < 20000; i++) {
		struct miner_model model = { "X", 1 + (int64_t)bits(&seed, 1 + i % 20), 1 };
		unsigned __int128 difficulty = ((unsigned __int128)bits(&seed, 1 + i % 60) << 10) + 1 + bits(&seed, 20);
		int64_t subsidy = 1 + (int64_t)bits(&seed, 32), machines = (int64_t)bits(&seed, 1 + i % 30), want, got;

		if (!btc_mined(machines, &model, difficulty, subsidy, &want, NULL) || want > ALL_COINS)
			continue;
		rate_set(&rate, &model, difficulty, subsidy, 0, &plain, NULL);
		assert_true(rate_mined(&rate, machines, &got));
		assert_int_equal(got, want);
	}
	rate_release(&rate);
}

/* Each by exact rational arithmetic outside this program: 1,000 machines of 100 TH/s, difficulty 113757508810853. */
static void fees_uptime_and_the_pool_scale_the_fraction_before_it_is_rounded(void **state)
{
	static const struct miner_model s19j_pro = { "S19J_PRO", 100000, 3050000 };
	static const struct {
		int64_t fees;
		struct rate_terms terms;
		const char *harder;
		int64_t want;
	} row[] = {
		{ 0, { SHARE_ONE, 0 }, NULL, 115128 },
		{ 2000000, { SHARE_ONE, 0 }, NULL, 117431 },		/* × 1.02 */
		{ 0, { 95000000, 0 }, NULL, 109372 },			/* × 0.95 */
		{ 0, { SHARE_ONE, 1500000 }, NULL, 113402 },		/* × 0.985 */
		{ 2000000, { 95000000, 1500000 }, NULL, 109886 },	/* × 1.02 × 0.95 × 0.985 */
		{ 0, { SHARE_ONE, 0 }, "1.3", 88560 },
		{ 0, { SHARE_ONE, 0 }, "0.5", 230257 },
	};
	struct decimal harder;
	struct rate rate;

	(void)state;
	rate_init(&rate);
	decimal_init(&harder);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		unsigned __int128 difficulty;
		int64_t got;

		assert_true(difficulty_parse("113757508810853", &difficulty, NULL));
		if (row[i].harder)
			assert_true(decimal_parse_text(&harder, row[i].harder, DECIMAL_PLAIN, NULL));
		rate_set(&rate, &s19j_pro, difficulty, 312500000, row[i].fees, &row[i].terms, row[i].harder ? &harder : NULL);
		assert_true(rate_mined(&rate, 1000, &got));
		assert_int_equal(got, row[i].want);
	}
	decimal_release(&harder);
	rate_release(&rate);
}

static void more_than_all_coins_is_refused(void **state)
{
	static const struct miner_model huge = { "X", 100000000, 1 }, each = { "Y", 1048576, 1 };
	struct rate rate;
	int64_t got;

	(void)state;
	rate_init(&rate);
	rate_set(&rate, &huge, 1, 5000000000, 0, &plain, NULL);
	assert_false(rate_mined(&rate, INT64_MAX, &got));
	assert_true(rate_mined(&rate, 0, &got));
	assert_int_equal(got, 0);
	/* Of machines that mine a satoshi each, as many as there will be. */
	rate_set(&rate, &each, (unsigned __int128)439453125 * 100000000, 1, 0, &plain, NULL);
	assert_true(rate_mined(&rate, ALL_COINS, &got));
	assert_int_equal(got, ALL_COINS);
	assert_false(rate_mined(&rate, ALL_COINS + 1, &got));
	rate_release(&rate);
}

static void shares_are_read_as_they_are_written(void **state)
{
	static const struct { const char *text; int64_t share; } good[] = {
		{ "0", 0 }, { "1", SHARE_ONE }, { "0.05", 5000000 }, { "5%", 5000000 }, { "2.5%", 2500000 }, { "0.00000001", 1 },
		{ "0.050000000000", 5000000 }, { "100%", SHARE_ONE },
	};
	static const char *const bad[] = { "", "%", "5", "-0.1", "1.1", "101%", "0.000000001", "0.5 ", "a", "1e-3", "0,5", "50%%", "NaN" };
	struct reason why;
	int64_t share;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(share_parse(good[i].text, 0, SHARE_ONE, &share, &why));
		assert_int_equal(share, good[i].share);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		share = 42;
		assert_false(share_parse(bad[i], 0, SHARE_ONE, &share, &why));
		assert_int_equal(share, 42);
		assert_true(*why.text);
	}
	assert_true(share_parse("-10%", 1 - SHARE_ONE, SHARE_ONE, &share, &why));
	assert_int_equal(share, -10000000);
	assert_false(share_parse("5", 0, SHARE_ONE, &share, &why));
	assert_string_equal(why.text, "5 is not a share from 0 to 1; a percentage is written with its sign, such as 5% or 150%");
	assert_true(share_parse("150%", 0, 10 * SHARE_ONE, &share, &why));
	assert_int_equal(share, 150000000);
	assert_false(share_parse("1.5", 0, 10 * SHARE_ONE, &share, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_fees_at_full_uptime_it_is_what_calc_btc_calculates),
		cmocka_unit_test(fees_uptime_and_the_pool_scale_the_fraction_before_it_is_rounded),
		cmocka_unit_test(more_than_all_coins_is_refused),
		cmocka_unit_test(shares_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
