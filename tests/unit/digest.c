#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "calculation/digest.h"

/* What PostgreSQL 15 gives for these: select hashtextextended('…'::text collate "C", seed), and so on. */
static void texts_are_hashed_as_the_server_does(void **state)
{
	static const struct { const char *text; int64_t seed, hash; } row[] = {
		{ "", 0, -6939563903564495251 },
		{ "T_SGRWO-1", 0, -2567506931941321521 },
		{ "abcdefghijkl", 7, -9039814575907250350 },
		{ "abcdefghijklmnopqrstuvwxyz", -9, -5347758664521635123 },
		/* what is left behind whole words, of every length */
		{ "a", 3, -3249926563169018939 }, { "ab", 3, 3720279804167291300 }, { "abc", 3, 8038125643135246751 },
		{ "abcd", 3, 6165500558379423671 }, { "abcde", 3, 175143725920752162 }, { "abcdefg", 3, -4540857856523960165 },
		{ "abcdefgh", 3, 5134089110059031058 }, { "abcdefghi", 3, 7061768183206051697 },
		{ "abcdefghijk", 3, 2621939229602317966 }, { "abcdefghijklm", 3, -4492456972269689278 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal((int64_t)digest_text(row[i].text, (uint64_t)row[i].seed), row[i].hash);
}

static void whole_numbers_are_hashed_as_the_server_does(void **state)
{
	static const struct { int64_t value, seed, hash; } row[] = {
		{ 0, 0, 4154612158245552303 },
		{ 1000, 5, 46498345355847335 },
		{ 4294967296123, -1, -1164670163114268557 },
		{ 50, 77, 3720858817838747732 },	/* a smallint */
		{ -1, 9, -90096368487365418 }, { -4294967296123, 9, 1138945831502521824 }, { 4294967295, 9, -90096368487365418 },
		{ INT64_MIN, 9, 6126750482571670234 }, { INT64_MAX, 9, -470575498749270455 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal((int64_t)digest_int(row[i].value, (uint64_t)row[i].seed), row[i].hash);
}

/* A number of up to 38 digits, the last of them decimals. */
static unsigned __int128 digits(const char *text)
{
	unsigned __int128 value = 0;

	for (; *text; text++)
		value = value * 10 + (unsigned)(*text - '0');
	return value;
}

static void numbers_are_hashed_as_the_server_does(void **state)
{
	static const struct { const char *digits; int decimals; int64_t seed, hash; } row[] = {
		{ "0", 8, 5, 4 },
		{ "115128", 8, 1, -6316088621004708460 },			/* 0.00115128 */
		{ "14234260292867492561269", 8, 2, -8788171795369693116 },	/* 142342602928674.92561269 */
		{ "3360000", 3, 3, 3620622405711657255 },			/* 3360 */
		{ "13500", 3, 4, 165766258681932007 },				/* 13.5 */
		{ "100000000", 0, 0, -7507508252608306358 },
		{ "1", 9, 6, 4785164105143645947 },				/* 0.000000001 */
		{ "34028236692093846346337460743176821145", 8, 7, -5508302156543557226 },
		{ "1525000000", 9, -2, 81921405567184870 },			/* 1.525 */
		{ "1", 4, 11, 2143542887639231967 }, { "1", 0, 11, -2143542887639231968 }, { "10000", 0, 11, -2143542887639231967 },
		{ "100000000", 0, 11, -2143542887639231966 }, { "99990001", 0, 11, 147617622493243032 },
		{ "18446744073709551615", 0, 11, -6896168340549716602 }, { "18446744073709551616", 0, 11, 1352775040035174486 },
		{ "123456789012345678901234", 4, 11, -2536131452399468785 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal((int64_t)digest_number(digits(row[i].digits), row[i].decimals, (uint64_t)row[i].seed), row[i].hash);
}

static void a_sum_is_written_with_its_sign(void **state)
{
	char text[DIGEST_TEXT];

	(void)state;
	assert_string_equal(digest_format(0, text), "0");
	assert_string_equal(digest_format(-7, text), "-7");
	assert_string_equal(digest_format((__int128)INT64_MAX * 1000, text), "9223372036854775807000");
	assert_string_equal(digest_format((__int128)INT64_MIN * 10, text), "-92233720368547758080");
}

/* Two active models and one that is retired, and a retarget between the two periods, as in the tests of calculation. */
static const struct calculation_model models[] = {
	{ { "M20S", 68000, 3360000 }, true, 0 },
	{ { "OLD", 1000, 1000000 }, false, 0 },
	{ { "S9", 13500, 1323000 }, true, 0 },
};
static struct difficulty_epoch epochs[] = {
	{ 1741535789, 1742728516, (unsigned __int128)112149504190349 * 100000000, 887040 },
	{ 1742728516, 1742760000, (unsigned __int128)113757508810853 * 100000000, 889056 },
};
static struct subsidy_era eras[] = { { 1713571767, 312500000, 840000 } };
static const struct network network = { epochs, 2, eras, 1 };
static const struct calculation_facts facts = { models, 3, &network };
static const struct pair pairs[] = { { 23, "T_A-1", 1525000000 }, { 24, "T_A-1", 1525000000 } };

/* What sql/query/calculation-digests.sql gives for the four calculations of the active models, and for all six. */
static const char active_digest[] = "8569627769049278596", all_digest[] = "-3227235323987849421";

static day_t day(void)
{
	day_t d;

	assert_true(day_parse("2025-03-23", &d));
	return d;
}

static bool matches(const struct pair *of, size_t n, long stored, const char *digest, struct day_count *count)
{
	struct digest required;

	return digest_matches(&facts, day(), of, n, stored, digest, count, &required);
}

static void a_day_that_is_what_it_should_be_is_known_by_its_digest(void **state)
{
	struct day_count count;

	(void)state;
	assert_true(matches(pairs, 2, 4, active_digest, &count));
	assert_int_equal(count.expected, 4);
	assert_int_equal(count.present, 4);
	assert_int_equal(count.right, 4);
	assert_int_equal(count.missing + count.stale + count.orphan + count.unknown, 0);
	assert_true(matches(pairs, 0, 0, "0", &count));
	assert_int_equal(count.expected, 0);
}

static void all_of_a_retired_model_may_stand_beside_the_others(void **state)
{
	struct day_count count;

	(void)state;
	assert_true(matches(pairs, 2, 6, all_digest, &count));
	assert_int_equal(count.expected, 4);
	assert_int_equal(count.right, 4);
}

static void whatever_differs_is_not_a_match(void **state)
{
	static const struct pair more[] = { { 23, "T_A-1", 1525000001 }, { 24, "T_A-1", 1525000000 } };
	static const struct pair other[] = { { 23, "T_A-2", 1525000000 }, { 24, "T_A-1", 1525000000 } };
	static const struct pair later[] = { { 24, "T_A-1", 1525000000 }, { 25, "T_A-1", 1525000000 } };
	static const struct pair dark[] = { { 23, "T_A-1", 1525000000 }, { 41, "T_A-1", 1525000000 } };
	struct day_count count;

	(void)state;
	assert_false(matches(more, 2, 4, active_digest, &count));
	assert_false(matches(other, 2, 4, active_digest, &count));
	assert_false(matches(later, 2, 4, active_digest, &count));
	assert_false(matches(pairs, 1, 4, active_digest, &count));
	assert_false(matches(pairs, 0, 4, active_digest, &count));
	assert_false(matches(pairs, 2, 0, "0", &count));
	assert_false(matches(pairs, 2, 5, active_digest, &count));
	assert_false(matches(pairs, 2, 6, active_digest, &count));
	assert_false(matches(pairs, 2, 4, all_digest, &count));
	/* The sum of nothing, where each row has a figure below zero. */
	assert_false(matches(pairs, 2, 4, "", &count));
	/* What is not known is never a match. */
	assert_false(matches(dark, 2, 4, active_digest, &count));
	assert_false(matches(dark + 1, 1, 2, "1", &count));
}

/* Ten models, of which the first is in force; of the others those of a set of bits have calculations. */
static bool set_matches(unsigned set)
{
	struct calculation_model all[10], stand[10];
	struct calculation_facts of_all = { all, 10, &network }, of_set = { stand, 0, &network };
	struct digest required;
	struct day_count count;
	char text[DIGEST_TEXT];

	for (int m = 0; m < 10; m++) {
		all[m] = (struct calculation_model){ { .hashrate_ghs = 1000 * (m + 1), .power_mw = 1000000 }, m == 0, 0 };
		snprintf(all[m].model.name, sizeof all[m].model.name, "M%d", m);
		if (m > 0 && !(set >> (m - 1) & 1))
			continue;
		stand[of_set.n_models] = all[m];
		stand[of_set.n_models++].active = true;
	}
	assert_false(digest_matches(&of_set, day(), pairs, 2, -1, "", &count, &required));
	assert_int_equal(required.n, 2 * of_set.n_models);
	digest_format(required.sum, text);
	return digest_matches(&of_all, day(), pairs, 2, required.n, text, &count, &required);
}

/* The first of two, as well. */
static void a_retired_model_may_stand_first(void **state)
{
	static const struct calculation_model both[] = { { { "OLD", 1000, 1000000 }, true, 0 }, { { "S9", 13500, 1323000 }, true, 0 } };
	static const struct calculation_model one[] = { { { "OLD", 1000, 1000000 }, false, 0 }, { { "S9", 13500, 1323000 }, true, 0 } };
	static const struct calculation_facts of_both = { both, 2, &network }, of_one = { one, 2, &network };
	struct digest required;
	struct day_count count;
	char text[DIGEST_TEXT];

	(void)state;
	assert_false(digest_matches(&of_both, day(), pairs, 2, -1, "", &count, &required));
	digest_format(required.sum, text);
	assert_true(digest_matches(&of_one, day(), pairs, 2, 4, text, &count, &required));
	assert_int_equal(required.n, 2);
}

/* A machine that would mine more than there is: nothing is said of that day in this way, not even that it is empty. */
static void what_cannot_be_calculated_is_no_match(void **state)
{
	static const struct calculation_model huge[] = { { { "HUGE", INT64_MAX, 1 }, true, 0 } };
	static const struct calculation_facts of_huge = { huge, 1, &network };
	static const struct pair pair[] = { { 23, "T_A-1", 1525000000 }, { 41, "T_A-1", 1525000000 } };
	struct digest required;
	struct day_count count;

	(void)state;
	assert_false(digest_matches(&of_huge, day(), pair, 1, 0, "0", &count, &required));
	assert_int_equal(required.n, 0);
	/* Nor is one whose difficulty is not known. */
	assert_false(matches(pair + 1, 1, 0, "0", &count));
	/* Of no calculations there is no sum to be held against. */
	assert_true(matches(pair, 0, 0, "", &count));
}

/* Proofs of days are stored with it: another figure for the same inputs makes every one of them void. */
static void the_inputs_of_a_day_are_one_figure(void **state)
{
	static const struct network nothing;
	static struct calculation_model other[3];
	struct calculation_facts of_nothing = { models, 3, &nothing }, changed = { other, 3, &network };
	uint64_t h = digest_inputs(&facts, day());

	(void)state;
	assert_int_equal(h, UINT64_C(0x5c178e34c80cf5fb));
	assert_int_equal(digest_inputs(&of_nothing, day()), UINT64_C(0xf00b614dc65f0c8));
	assert_int_not_equal(digest_inputs(&facts, day() - 1), h);
	memcpy(other, models, sizeof other);
	assert_int_equal(digest_inputs(&changed, day()), h);
	other[1].active = true;
	assert_int_not_equal(digest_inputs(&changed, day()), h);
	other[1].active = false;
	other[2].model.power_mw++;
	assert_int_not_equal(digest_inputs(&changed, day()), h);
}

static void any_of_eight_retired_models_may_stand_beside_the_others(void **state)
{
	(void)state;
	for (unsigned m = 0; m < 8; m++)
		assert_true(set_matches(1u << m));
	assert_true(set_matches(0));
	assert_true(set_matches(255));
	assert_true(set_matches(0x5a));
	/* Of more than eight not every set is tried: the rows say it. */
	assert_false(set_matches(1u << 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_hashed_as_the_server_does),
		cmocka_unit_test(whole_numbers_are_hashed_as_the_server_does),
		cmocka_unit_test(numbers_are_hashed_as_the_server_does),
		cmocka_unit_test(a_sum_is_written_with_its_sign),
		cmocka_unit_test(a_day_that_is_what_it_should_be_is_known_by_its_digest),
		cmocka_unit_test(all_of_a_retired_model_may_stand_beside_the_others),
		cmocka_unit_test(whatever_differs_is_not_a_match),
		cmocka_unit_test(a_retired_model_may_stand_first),
		cmocka_unit_test(what_cannot_be_calculated_is_no_match),
		cmocka_unit_test(the_inputs_of_a_day_are_one_figure),
		cmocka_unit_test(any_of_eight_retired_models_may_stand_beside_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
