#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "calculation/unit_sums.h"

static void add(struct unit_sums *s, const char *record)
{
	struct reason why = { .text = "" };

	if (!unit_sums_record(s, record, &why))
		fail_msg("%s", why.text);
}

static void add_coins(struct unit_sums *s, const char *calculation)
{
	struct reason why = { .text = "" };

	if (!unit_sums_calculation(s, calculation, &why))
		fail_msg("%s", why.text);
}

/* The rows of a level that are to be written are these. */
static void gives(const struct unit_sums *s, enum unit_level level, const char *expected)
{
	struct buf rows = BUF_INIT;
	bool whole;

	unit_sums_changed(s, level, &rows, &whole);
	assert_string_equal(rows.data ? rows.data : "", expected);
	buf_release(&rows);
}

static void each_half_hour_of_a_farm_is_rounded_once(void **state)
{
	struct unit_sums *s = unit_sums_new();

	(void)state;
	add(s, "2025-03-04\t7\tT_A-1\t-1.0000000004\t20.5");
	add(s, "2025-03-04\t7\tT_A-1\t-0.0000000001\t-0.000000000000000000000001");
	add(s, "2025-03-04\t7\tT_B-1\t-2\t\\N");
	add(s, "2025-03-04\t8\tT_A-1\t-0.0000000004\t0.00");
	add(s, NULL);
	gives(s, FARM_DAYS, "2025-03-04\tT_A-1\t1.000000001\t20.499999999999999999999999\t20.5\t0.000000000000000000000001\t3\t2\n"
			    "2025-03-04\tT_B-1\t2\t0\t0\t0\t1\t1\n");
	gives(s, HALF_HOURS, "2025-03-04\t7\t3.000000001\t20.499999999999999999999999\t20.5\t0.000000000000000000000001\t3\t2\n"
			     "2025-03-04\t8\t0\t0\t0\t0\t1\t1\n");
	unit_sums_free(s);
}

static void calculations_are_added_by_model(void **state)
{
	struct unit_sums *s = unit_sums_new();

	(void)state;
	add_coins(s, "2025-03-04\t7\tT_A\\t-1\tS9\t0.00000001");
	add_coins(s, "2025-03-04\t7\tT_B-1\tS9\t1.50000000");
	add_coins(s, "2025-03-04\t8\tT_A\\t-1\tS9\t0.10000000");
	add_coins(s, "2025-03-04\t8\tT_A\\t-1\tM20S\t7");
	gives(s, FARM_COINS, "2025-03-04\tT_A\\t-1\tS9\t0.10000001\t2\n2025-03-04\tT_B-1\tS9\t1.5\t1\n2025-03-04\tT_A\\t-1\tM20S\t7\t1\n");
	gives(s, HALF_HOUR_COINS, "2025-03-04\t7\tS9\t1.50000001\t2\n2025-03-04\t8\tS9\t0.1\t1\n2025-03-04\t8\tM20S\t7\t1\n");
	unit_sums_free(s);
}

static void what_is_stored_is_compared_as_numbers(void **state)
{
	static const char *const others[] = {
		"2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t2\t1", "2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t1\t2",
		"2025-03-04\tT_A-1\t1.5\t-20\t0\t19\t1\t1", "2025-03-04\tT_A-1\t1.5\t-20\t1\t20\t1\t1",
		"2025-03-04\tT_A-1\t1.5\t20\t0\t20\t1\t1", "2025-03-04\tT_A-1\t1.500000001\t-20\t0\t20\t1\t1",
		"2025-03-04\tT_A-1\t1.5000000001\t-20\t0\t20\t1\t1", "2025-03-04\tT_A-1\tNaN\t-20\t0\t20\t1\t1",
		"2025-03-04\tT_A-1\t1.5\tInfinity\t0\t20\t1\t1", "2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t1\t",
		"2025-03-04\tT_A-1\t99999999999999999999999999999999999999999\t-20\t0\t20\t1\t1",
	};

	(void)state;
	for (size_t i = 0; i <= sizeof others / sizeof *others; i++) {
		struct unit_sums *s = unit_sums_new();
		bool same = i == sizeof others / sizeof *others;

		add(s, "2025-03-04\t7\tT_A-1\t-1.5\t-20");
		add(s, NULL);
		assert_true(unit_sums_stored(s, FARM_DAYS, same ? "2025-03-04\tT_A-1\t1.500\t-20.0\t0.0\t20\t1\t1" : others[i]));
		gives(s, FARM_DAYS, same ? "" : "2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t1\t1\n");
		assert_false(unit_sums_stored(s, FARM_DAYS, "2025-03-04\tT_A\t1.5\t-20\t0\t20\t1\t1"));
		assert_false(unit_sums_stored(s, FARM_DAYS, "2025-03-04\tT_A-1"));
		assert_false(unit_sums_stored(s, FARM_DAYS, "2025-03-05\tT_A-1\t1.5\t-20\t0\t20\t1\t1"));
		unit_sums_free(s);
	}
}

static void stored_coins_are_the_same_by_amount_and_count(void **state)
{
	static const struct { const char *row; bool same; } stored[] = {
		{ "2025-03-04\tT_A-1\tS9\t0.5\t1", true }, { "2025-03-04\tT_A-1\tS9\t0.5\t2", false },
		{ "2025-03-04\tT_A-1\tS9\t0.6\t1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
		struct unit_sums *s = unit_sums_new();

		add_coins(s, "2025-03-04\t7\tT_A-1\tS9\t0.50000000");
		assert_true(unit_sums_stored(s, FARM_COINS, stored[i].row));
		gives(s, FARM_COINS, stored[i].same ? "" : "2025-03-04\tT_A-1\tS9\t0.5\t1\n");
		unit_sums_free(s);
	}
}

/* The end may be said twice, and more may come behind it. */
static void what_has_been_added_up_is_not_added_again(void **state)
{
	struct unit_sums *s = unit_sums_new();

	(void)state;
	add(s, NULL);
	add(s, "2025-03-04\t17\tT_A-1\t-1.5\t999999999");
	add(s, NULL);
	add(s, NULL);
	add(s, "2025-03-04\t18\tT_A-1\t-2\t0");
	add(s, NULL);
	gives(s, FARM_DAYS, "2025-03-04\tT_A-1\t3.5\t999999999\t999999999\t0\t2\t2\n");
	gives(s, HALF_HOURS, "2025-03-04\t17\t1.5\t999999999\t999999999\t0\t1\t1\n2025-03-04\t18\t2\t0\t0\t0\t1\t1\n");
	unit_sums_free(s);
}

/* A key, with the tab behind it, is shorter than 512 bytes; a volume has 63 characters at most. */
static void keys_and_volumes_are_held_to_their_bounds(void **state)
{
	(void)state;
	for (int over = 0; over <= 1; over++) {
		struct unit_sums *s = unit_sums_new();
		struct buf row = BUF_INIT;
		struct reason why;

		buf_addf(&row, "2025-03-04\t7\t%0*d\t-1\t1", 511 - 14 + over, 1);
		assert_int_equal(unit_sums_record(s, row.data, &why), !over);
		buf_clear(&row);
		buf_addf(&row, "2025-03-04\t7\tT_B-1\t-1.%0*d\t1", 60 + over, 0);
		assert_int_equal(unit_sums_record(s, row.data, &why), !over);
		buf_release(&row);
		unit_sums_free(s);
	}
}

static void many_keys_are_all_found_again(void **state)
{
	struct unit_sums *s = unit_sums_new();
	struct buf row = BUF_INIT;
	bool whole;

	(void)state;
	for (int farm = 0; farm < 20000; farm++) {
		buf_clear(&row);
		buf_addf(&row, "2025-03-04\t1\tT_%d-1\tS9\t0.0000000%d", farm, farm % 10);
		add_coins(s, row.data);
	}
	for (int farm = 0; farm < 20000; farm++) {
		buf_clear(&row);
		buf_addf(&row, "2025-03-04\tT_%d-1\tS9\t0.0000000%d\t1", farm, farm % 10);
		assert_true(unit_sums_stored(s, FARM_COINS, row.data));
	}
	buf_clear(&row);
	assert_int_equal(unit_sums_changed(s, FARM_COINS, &row, &whole), 0);
	assert_false(whole);
	assert_int_equal(unit_sums_changed(s, HALF_HOUR_COINS, &row, &whole), 1);
	assert_true(whole);
	assert_string_equal(row.data, "2025-03-04\t1\tS9\t0.0009\t20000\n");
	buf_release(&row);
	unit_sums_free(s);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const char *const records[] = {
		"2025-03-04\t7\tT_A-1\t-1.5\tNaN", "2025-03-04\t7\tT_A-1\t-1.5\t1000000000", "2025-03-04\t7\tT_A-1\t-1.5\t",
		"2025-03-04\t7\tT_A-1\t-1.5\t0.0000000000000000000000001", "2025-03-04\t7\tT_A-1\t-Infinity\t1",
		"2025-03-04\t7\tT_A-1\t-1.5\t1x", "2025-03-04\t7\tT_A-1\t-1000000\t1", "2025-03-04\t7\tT_A-1\t-1.5", "2025-03-04",
	};
	static const char *const calculations[] = {
		"2025-03-04\t7\tT_A-1\tS9\tNaN", "2025-03-04\t7\tT_A-1\tS9\t0.000000001", "2025-03-04\t7\tT_A-1\tS9",
		"2025-03-04\t7\tT_A-1\tS9\t10000000000000",
	};
	struct unit_sums *s = unit_sums_new();
	struct buf row = BUF_INIT;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		assert_false(unit_sums_record(s, records[i], &why));
	for (size_t i = 0; i < sizeof calculations / sizeof *calculations; i++)
		assert_false(unit_sums_calculation(s, calculations[i], &why));
	buf_addf(&row, "2025-03-04\t7\t%600d\t-1\t1", 1);
	assert_false(unit_sums_record(s, row.data, &why));
	buf_clear(&row);
	buf_addf(&row, "2025-03-04\t7\t%600d\tS9\t1", 1);
	assert_false(unit_sums_calculation(s, row.data, &why));
	gives(s, FARM_DAYS, "");
	gives(s, FARM_COINS, "");
	/* A digit less does. */
	add_coins(s, "2025-03-04\t7\tT_A-1\tS9\t9999999999999");
	gives(s, FARM_COINS, "2025-03-04\tT_A-1\tS9\t9999999999999\t1\n");
	buf_release(&row);
	unit_sums_free(s);
}

static void what_is_too_long_or_too_much_is_refused_by_name(void **state)
{
	static const char *const row = "2025-03-04\t7\tT_A-1\t-999999.999999999999\t1";
	struct unit_sums *s = unit_sums_new();
	struct buf longer = BUF_INIT;
	struct reason why = { .text = "" };
	int n = 0;

	(void)state;
	buf_addf(&longer, "2025-03-04\t7\tT_A-1\t-1.%070d\t1", 0);
	assert_false(unit_sums_record(s, longer.data, &why));
	assert_non_null(strstr(why.text, "a volume is too long"));
	/* Energy is added up in 128 bits of 1e-30 MWh: 170 rows of nearly a million each. */
	while (n < 1000 && unit_sums_record(s, row, &why))
		n++;
	assert_int_equal(n, 170);
	assert_non_null(strstr(why.text, "the energy of 2025-03-04\t7\tT_A-1 does not fit"));
	buf_release(&longer);
	unit_sums_free(s);
}

static void a_stored_row_without_all_its_fields_or_of_no_number_is_never_the_same(void **state)
{
	static const char *const stored[] = { "2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t1", "2025-03-04\tT_A-1", "2025-03-04\tT_A-1\t.5\t-20\t0\t20\t1\t1",
					      "2025-03-04\tT_A-1\t1x\t-20\t0\t20\t1\t1", "2025-03-04\tT_A-1\t1.5\t-20.x\t0\t20\t1\t1" };

	(void)state;
	for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
		struct unit_sums *s = unit_sums_new();

		add(s, "2025-03-04\t7\tT_A-1\t-1.5\t-20");
		add(s, NULL);
		unit_sums_stored(s, FARM_DAYS, stored[i]);
		gives(s, FARM_DAYS, "2025-03-04\tT_A-1\t1.5\t-20\t0\t20\t1\t1\n");
		unit_sums_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_half_hour_of_a_farm_is_rounded_once),
		cmocka_unit_test(what_is_too_long_or_too_much_is_refused_by_name),
		cmocka_unit_test(a_stored_row_without_all_its_fields_or_of_no_number_is_never_the_same),
		cmocka_unit_test(calculations_are_added_by_model),
		cmocka_unit_test(what_is_stored_is_compared_as_numbers),
		cmocka_unit_test(stored_coins_are_the_same_by_amount_and_count),
		cmocka_unit_test(what_has_been_added_up_is_not_added_again),
		cmocka_unit_test(keys_and_volumes_are_held_to_their_bounds),
		cmocka_unit_test(many_keys_are_all_found_again),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
