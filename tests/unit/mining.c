#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "bitcoin/mining.h"
#include "exact/energy.h"

static const struct miner_model s19j_pro = { "S19J_PRO", 100000, 3050000 };
static const struct miner_model s9 = { "S9", 13500, 1323000 };
static const struct miner_model m20s = { "M20S", 68000, 3360000 };

static int64_t nmwh(const char *volume)
{
	energy_t energy, sum = 0;
	struct reason why = { .text = "" };

	if (!energy_parse(volume, &energy, &why))
		fail_msg("%s", why.text);
	assert_true(energy_add_magnitude(&sum, energy));
	return energy_round(sum);
}

/* Worked by exact rational arithmetic, outside this program. */
static void the_worked_table_comes_out_to_the_satoshi(void **state)
{
	static const struct {
		const char *volume;
		const struct miner_model *model;
		const char *difficulty, *subsidy;
		int64_t miners;
		const char *btc;
	} row[] = {
		{ "-0.004166666666666667", &s19j_pro, "113757508810853", "3.125", 2, "0.00000230" },
		{ "-1.525", &s19j_pro, "113757508810853", "3.125", 1000, "0.00115128" },
		{ "-1.525", &s9, "112149504190349", "3.125", 2305, "0.00036339" },
		{ "-450.75", &m20s, "113757508810853", "3.125", 268303, "0.21004727" },
		{ "-1.525", &m20s, "72006146478567", "6.25", 907, "0.00224357" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		unsigned __int128 difficulty;
		int64_t subsidy, satoshi, miners = btc_miners(nmwh(row[i].volume), row[i].model);
		char text[SATOSHI_TEXT];

		assert_true(difficulty_parse(row[i].difficulty, &difficulty, NULL));
		assert_true(subsidy_parse(row[i].subsidy, &subsidy, NULL));
		assert_int_equal(miners, row[i].miners);
		assert_true(btc_mined(miners, row[i].model, difficulty, subsidy, &satoshi, NULL));
		assert_string_equal(satoshi_format(satoshi, text), row[i].btc);
	}
}

static void the_last_machine_runs_only_on_its_whole_half_hour(void **state)
{
	(void)state;
	assert_int_equal(btc_miners(nmwh("1.525"), &s19j_pro), 1000);
	assert_int_equal(btc_miners(nmwh("1.524999999"), &s19j_pro), 999);
	assert_int_equal(btc_miners(0, &s19j_pro), 0);
}

static void a_half_satoshi_rounds_away_from_zero(void **state)
{
	/* One machine of 1 GH/s, difficulty chosen so that the amount is 1.5 satoshi exactly:
	 * 439453125 × 1e8 × s / (2^20 × d) with s = 2^20 × 3 and d = 2 × 439453125 (× 1e8). */
	const struct miner_model tiny = { "TINY", 1, 1000 };
	unsigned __int128 difficulty = (unsigned __int128)2 * 439453125 * 100000000;
	int64_t satoshi;

	(void)state;
	assert_true(btc_mined(1, &tiny, difficulty, 3 << 20, &satoshi, NULL));
	assert_int_equal(satoshi, 2);
	assert_true(btc_mined(1, &tiny, difficulty + 1, 3 << 20, &satoshi, NULL));
	assert_int_equal(satoshi, 1);
}

static void energy_is_summed_before_it_is_rounded(void **state)
{
	energy_t sum = 0, one;
	char text[NMWH_TEXT];

	(void)state;
	/* Each is half a unit of 1e-9: rounded first they would make 3e-9. */
	for (int i = 0; i < 3; i++) {
		assert_true(energy_parse("-0.0000000005", &one, NULL));
		assert_true(energy_add_magnitude(&sum, one));
	}
	assert_string_equal(nmwh_format(energy_round(sum), text), "0.000000002");
}

static void energy_takes_every_digit_of_the_wire(void **state)
{
	static const struct { const char *text, *rounded; } row[] = {
		{ "-10.166666666666666075", "-10.166666667" },
		{ "-0.99265519999999995981", "-0.992655200" },
		{ "2.77777777778e-07", "0.000000278" },
		{ "1.5E+2", "150.000000000" },
		{ "-0", "0.000000000" },
		{ "0.0000000004999999999999", "0.000000000" },
		{ "999999.999999999000000000000000000000000000", "999999.999999999" },
		{ "1e-30", "0.000000000" },
	};
	energy_t energy;
	char text[NMWH_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(energy_parse(row[i].text, &energy, NULL));
		assert_string_equal(nmwh_format(energy_round(energy), text), row[i].rounded);
	}
}

static void energy_refuses_what_is_not_a_usable_number(void **state)
{
	static const char *const bad[] = {
		"", "-", ".", "NaN", "nan", "Infinity", "1e400", "1e999999999999", "1e", "1e+", "12x", "1,5", "0x10", " 1", "1 ",
		"1000000", "-1000000", "1e6", "1e-31", "0.0000000000000000000000000000001", "1.2.3", "--1",
		"123456789012345678901234567890123456789",
	};
	energy_t energy;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		why.text[0] = '\0';
		if (energy_parse(bad[i], &energy, &why))
			fail_msg("\"%s\" was taken as a number", bad[i]);
		assert_true(why.text[0] != '\0');
	}
}

static void stored_energy_reads_back_as_it_was_written(void **state)
{
	static const int64_t value[] = { 0, 1, 999999999, 1000000000, 62399044166466, -5 };
	char text[NMWH_TEXT];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
		assert_true(nmwh_parse(nmwh_format(value[i], text), &back));
		assert_int_equal(back, value[i]);
	}
	assert_true(nmwh_parse("12.5", &back));
	assert_int_equal(back, 12500000000);
	assert_false(nmwh_parse("12.5x", &back));
	assert_false(nmwh_parse("", &back));
	assert_false(nmwh_parse("1.0000000001", &back));
}

static void a_difficulty_is_a_number_above_zero_written_out(void **state)
{
	static const char *const bad[] = { "", "0", "0.0", "-1", "1e14", "abc", "1.", ".5", "1.123456789e3", "1.1234567890x",
					   "99999999999999999999999999999999999999" };
	unsigned __int128 difficulty;
	char text[48];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (difficulty_parse(bad[i], &difficulty, NULL))
			fail_msg("\"%s\" was taken as a difficulty", bad[i]);
	assert_true(difficulty_parse("113757508810853.99837194", &difficulty, NULL));
	assert_string_equal(fixed_format(difficulty, 8, text), "113757508810853.99837194");
	assert_true(difficulty_parse("1", &difficulty, NULL));
	assert_string_equal(fixed_format(difficulty, 8, text), "1.00000000");
}

static void no_difficulty_is_invented_before_between_or_after_the_known_ones(void **state)
{
	struct difficulty_epoch epoch[] = { { 100, 200, 1, -1 }, { 200, 300, 2, -1 }, { 400, 500, 3, -1 } };
	const struct network network = { epoch, 3, NULL, 0 };
	static const struct { instant_t when; int want; } row[] = {
		{ 99, 0 }, { 100, 1 }, { 199, 1 }, { 200, 2 }, { 299, 2 }, { 300, 0 }, { 399, 0 }, { 400, 3 }, { 499, 3 }, { 500, 0 },
	};
	unsigned __int128 difficulty;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		bool known = network_difficulty_at(&network, row[i].when, &difficulty, &why);

		assert_int_equal(known, row[i].want != 0);
		if (known)
			assert_int_equal((int)difficulty, row[i].want);
		else
			assert_non_null(strstr(why.text, "no difficulty is known"));
	}
}

/* Block 840,000 was mined at 00:09:27 UTC: in London, summer time, that is inside period 3. */
static void the_halving_of_2024_counts_from_period_4_of_the_day(void **state)
{
	struct subsidy_era era[] = { { 1589225023, 625000000, 630000 }, { 1713571767, 312500000, 840000 } };
	const struct network network = { NULL, 0, era, 2 };
	day_t day = day_from_civil(2024, 4, 20);
	int64_t subsidy;

	(void)state;
	for (int period = 1; period <= 48; period++) {
		assert_true(network_subsidy_at(&network, period_start(day, period), &subsidy, NULL));
		assert_int_equal(subsidy, period <= 3 ? 625000000 : 312500000);
	}
}

static void an_era_of_subsidy_ends_where_the_heights_or_the_blocks_say(void **state)
{
	struct subsidy_era era[] = { { 1589225023, 625000000, 630000 }, { 1713571767, 312500000, 840000 } };
	struct difficulty_epoch epoch[] = {
		{ 1800000000, 1801000000, 1, 1046304 }, { 1801000000, 1802000000, 1, 1048320 },
		{ 1802000000, 1803000000, 1, 1050336 }, { 1803000000, 1804000000, 1, -1 },
	};
	const struct network network = { epoch, 4, era, 2 };
	const instant_t fastest = 1713571767 + INT64_C(210000) * 540;
	struct reason why = { .text = "" };
	int64_t subsidy;

	(void)state;
	/* By height: before the epoch of the halving, in it, after it. */
	assert_true(network_subsidy_at(&network, 1800500000, &subsidy, &why));
	assert_int_equal(subsidy, 312500000);
	assert_false(network_subsidy_at(&network, 1801500000, &subsidy, &why));
	assert_non_null(strstr(why.text, "halved at block 1050000, in the epoch from height 1048320"));
	assert_true(network_subsidy_at(&network, 1802500000, &subsidy, &why));
	assert_int_equal(subsidy, 156250000);
	/* Without heights: as long as no era has ever been shorter. */
	assert_true(network_subsidy_at(&network, fastest - 1, &subsidy, &why));
	assert_false(network_subsidy_at(&network, 2000000000, &subsidy, &why));
	assert_non_null(strstr(why.text, "a halving may have come"));
	epoch[0] = (struct difficulty_epoch){ 1700000000, 2100000000, 1, -1 };
	assert_true(network_subsidy_at(&(struct network){ epoch, 1, era, 2 }, fastest - 1, &subsidy, &why));
	assert_false(network_subsidy_at(&(struct network){ epoch, 1, era, 2 }, fastest, &subsidy, &why));
	/* A newer table says it outright. */
	era[0] = era[1];
	era[1] = (struct subsidy_era){ 1802100000, 156250000, 1050000 };
	assert_true(network_subsidy_at(&(struct network){ epoch, 1, era, 2 }, 1802050000, &subsidy, &why));
	assert_int_equal(subsidy, 312500000);
}

static void models_of_absurd_figures_are_refused(void **state)
{
	struct miner_model model;
	struct reason why;

	(void)state;
	assert_true(miner_model_parse("S9", "13.5", "1323", &model, &why));
	assert_int_equal(model.hashrate_ghs, 13500);
	assert_int_equal(model.power_mw, 1323000);
	assert_false(miner_model_parse("S9", "0", "1323", &model, &why));
	assert_false(miner_model_parse("S9", "13.5", "-1", &model, &why));
	assert_false(miner_model_parse("S9", "13.5001", "1323", &model, &why));
	assert_false(miner_model_parse("", "13.5", "1323", &model, &why));
	assert_string_equal(model.name, "S9");
	/* The bounds themselves are taken. */
	assert_true(miner_model_parse("A234567890123456789012345678901", "100000", "1000000", &model, &why));
	assert_string_equal(model.name, "A234567890123456789012345678901");
	assert_false(miner_model_parse("A2345678901234567890123456789012", "13.5", "1323", &model, &why));
	assert_false(miner_model_parse("S9", "100000.001", "1323", &model, &why));
	assert_false(miner_model_parse("S9", "13.5", "1000000.001", &model, &why));
}

/* What holds in the newest era goes by the height of the difficulty's epoch, at the edges of both. */
static void the_height_of_the_epoch_decides_at_its_very_edges(void **state)
{
	static const struct { int32_t epoch, era; instant_t when; int64_t subsidy; const char *words; } row[] = {
		/* Within its span, which is [1000, 2000). */
		{ 1050336, 840000, 1000, 156250000, NULL }, { 1050336, 840000, 1999, 156250000, NULL },
		/* Outside of it the time must tell: it is early enough. */
		{ 1050336, 840000, 2000, 312500000, NULL }, { 1050336, 840000, 999, 312500000, NULL },
		/* Height 0 is a height; without one on either side, time tells. */
		{ 0, 0, 1500, 312500000, NULL }, { 1050336, -1, 1500, 312500000, NULL }, { -1, 840000, 1500, 312500000, NULL },
		{ 211680, 0, 1500, 2500000000, NULL },
		/* The epoch that ends with the last block of its era; and two halvings on, one that ends so. */
		{ 1257984, 1050000, 1500, 312500000, NULL }, { 1257984, 840000, 1500, 156250000, NULL },
		{ 1048320, 840000, 1500, 0, "halved at block 1050000, in the epoch from height 1048320" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_epoch epoch = { 1000, 2000, 1, row[i].epoch };
		struct subsidy_era era = { 500, 312500000, row[i].era };
		const struct network network = { &epoch, 1, &era, 1 };
		struct reason why = { .text = "" };
		int64_t subsidy = 0;

		if (network_subsidy_at(&network, row[i].when, &subsidy, &why) != !row[i].words)
			fail_msg("row %zu: %s", i, why.text);
		if (row[i].words)
			assert_non_null(strstr(why.text, row[i].words));
		else
			assert_int_equal(subsidy, row[i].subsidy);
	}
}

/* Where time would say no, a height of zero is a height all the same. */
static void the_first_epoch_and_the_first_era_are_known_by_their_height(void **state)
{
	struct difficulty_epoch epoch = { 1000, 3000000000, 1, 0 };
	struct subsidy_era era = { 500, 5000000000, 0 };
	const struct network network = { &epoch, 1, &era, 1 };
	int64_t subsidy;

	(void)state;
	assert_true(network_subsidy_at(&network, 2000000000, &subsidy, NULL));
	assert_int_equal(subsidy, 5000000000);
	epoch.height = -1;
	assert_false(network_subsidy_at(&network, 2000000000, &subsidy, NULL));
	epoch.height = 0;
	era.height = -1;
	assert_false(network_subsidy_at(&network, 2000000000, &subsidy, NULL));
}

static void before_the_first_and_at_each_instant_the_message_names_it(void **state)
{
	struct difficulty_epoch epoch[] = { { 100, 200, 1, -1 }, { 300, 400, 2, -1 } };
	struct subsidy_era era = { 500, 312500000, 840000 };
	const struct network network = { epoch, 2, &era, 1 };
	unsigned __int128 difficulty;
	struct reason why = { .text = "" };
	int64_t subsidy;

	(void)state;
	assert_false(network_difficulty_at(&network, 99, &difficulty, &why));
	assert_string_equal(why.text, "no difficulty is known for 1970-01-01T00:01:39Z");
	assert_false(network_difficulty_at(&network, 500, &difficulty, &why));
	assert_non_null(strstr(why.text, "for 1970-01-01T00:08:20Z: the one before it is known to 1970-01-01T00:06:40Z"));
	assert_false(network_subsidy_at(&network, 499, &subsidy, &why));
	assert_string_equal(why.text, "no block subsidy is known for 1970-01-01T00:08:19Z");
	assert_true(network_subsidy_at(&network, 500, &subsidy, &why));
}

static void no_machine_mines_nothing_and_what_does_not_fit_is_refused(void **state)
{
	const struct miner_model huge = { "HUGE", INT64_MAX, 1000 };
	struct reason why = { .text = "" };
	int64_t satoshi = 5;

	(void)state;
	assert_true(btc_mined(0, &s9, 100000000, 312500000, &satoshi, &why));
	assert_int_equal(satoshi, 0);
	assert_false(btc_mined(INT64_MAX, &huge, 100000000, 312500000, &satoshi, &why));
	assert_string_equal(why.text, "the inputs are too large to calculate with");
	assert_false(btc_mined(1, &s9, ~(unsigned __int128)0 >> 20, 312500000, &satoshi, &why));
	assert_string_equal(why.text, "the inputs are too large to calculate with");
	/* It fits on the way, and is more than 21 million bitcoin. */
	assert_false(btc_mined(INT64_C(1000000000000000), &s9, 1, 312500000, &satoshi, &why));
	assert_string_equal(why.text, "the bitcoin mined would be more than there are");
	assert_false(btc_mined(INT64_C(1000000000), &s9, 100000000, 312500000, &satoshi, &why));
	assert_string_equal(why.text, "the bitcoin mined would be more than there are");
}

static void satoshi_are_written_with_their_sign_and_eight_decimals(void **state)
{
	static const struct { int64_t satoshi; const char *text; } row[] = {
		{ 0, "0.00000000" }, { 1, "0.00000001" }, { -1, "-0.00000001" }, { -312500000, "-3.12500000" },
		{ INT64_MAX, "92233720368.54775807" }, { INT64_MIN, "-92233720368.54775808" },
	};
	char text[SATOSHI_TEXT];
	int64_t subsidy = 7;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(satoshi_format(row[i].satoshi, text), row[i].text);
	assert_true(subsidy_parse("50", &subsidy, NULL));
	assert_int_equal(subsidy, 5000000000);
	assert_false(subsidy_parse("50.00000001", &subsidy, NULL));
	assert_false(subsidy_parse("3,125", &subsidy, NULL));
	assert_int_equal(subsidy, 5000000000);
}

/* 10^36 is the most that has room, in steps of 1e-8. */
static void a_difficulty_is_rounded_to_eight_decimals_and_refused_where_it_has_no_room(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "0.0000000049999", "is not above zero" },
		{ "1000000000000000000000", "is too large for a difficulty" },
		{ "10000000000000000000000000000000", "is too large" },
		{ "1000000000000000000000000000000000000000", "is too large" },
		{ "1.000000000000000000000000000x", "is not a positive number" },
	};
	unsigned __int128 difficulty, plain;
	struct reason why;

	(void)state;
	assert_true(difficulty_parse("113757508810853.12345678", &plain, NULL));
	assert_true(difficulty_parse("113757508810853.12345678000000000000", &difficulty, NULL));
	assert_true(difficulty == plain);
	/* As programs with exact fractions write a target's. */
	assert_true(difficulty_parse("113757508810853.12345677999999999999", &difficulty, NULL));
	assert_true(difficulty == plain);
	assert_true(difficulty_parse("113757508810853.123456775", &difficulty, NULL));
	assert_true(difficulty == plain);
	assert_true(difficulty_parse("113757508810853.1234567849", &difficulty, NULL));
	assert_true(difficulty == plain);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (difficulty_parse(bad[i].text, &difficulty, &why))
			fail_msg("%s is taken", bad[i].text);
		if (!strstr(why.text, bad[i].words))
			fail_msg("'%s' does not say '%s'", why.text, bad[i].words);
	}
}

static void stored_energy_that_has_no_room_and_an_exponent_that_is_none_are_refused(void **state)
{
	static const char *const exponent[] = { "1e", "1e+", "1E-", "1e4x", "1e99999999999" };
	energy_t energy;
	int64_t stored;

	(void)state;
	assert_true(nmwh_parse("922337203.0", &stored));
	assert_false(nmwh_parse("99999999999", &stored));
	assert_false(nmwh_parse("999999999999999999", &stored));
	for (size_t i = 0; i < sizeof exponent / sizeof *exponent; i++)
		if (energy_parse(exponent[i], &energy, NULL))
			fail_msg("%s is taken", exponent[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_table_comes_out_to_the_satoshi),
		cmocka_unit_test(the_last_machine_runs_only_on_its_whole_half_hour),
		cmocka_unit_test(a_half_satoshi_rounds_away_from_zero),
		cmocka_unit_test(energy_is_summed_before_it_is_rounded),
		cmocka_unit_test(energy_takes_every_digit_of_the_wire),
		cmocka_unit_test(energy_refuses_what_is_not_a_usable_number),
		cmocka_unit_test(stored_energy_reads_back_as_it_was_written),
		cmocka_unit_test(a_difficulty_is_a_number_above_zero_written_out),
		cmocka_unit_test(a_difficulty_is_rounded_to_eight_decimals_and_refused_where_it_has_no_room),
		cmocka_unit_test(stored_energy_that_has_no_room_and_an_exponent_that_is_none_are_refused),
		cmocka_unit_test(no_difficulty_is_invented_before_between_or_after_the_known_ones),
		cmocka_unit_test(the_halving_of_2024_counts_from_period_4_of_the_day),
		cmocka_unit_test(an_era_of_subsidy_ends_where_the_heights_or_the_blocks_say),
		cmocka_unit_test(models_of_absurd_figures_are_refused),
		cmocka_unit_test(the_height_of_the_epoch_decides_at_its_very_edges),
		cmocka_unit_test(the_first_epoch_and_the_first_era_are_known_by_their_height),
		cmocka_unit_test(before_the_first_and_at_each_instant_the_message_names_it),
		cmocka_unit_test(no_machine_mines_nothing_and_what_does_not_fit_is_refused),
		cmocka_unit_test(satoshi_are_written_with_their_sign_and_eight_decimals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
