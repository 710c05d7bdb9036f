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
static const struct reckon_model models[] = {
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
static const struct reckon_facts facts = { models, 3, &network };
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
