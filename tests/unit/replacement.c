/* replacement: the turns of the offers and what is taken of each, worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "curtailment/replacement.h"
#include "exact/energy.h"

static struct elexon_row offer(int number, const char *id, int sequence, enum elexon_flag so, const char *volume, const char *price)
{
	struct elexon_row row = { .number = number, .sequence_number = sequence, .so_flag = so, .cadl_flag = ELEXON_FALSE, .sign = 1 };

	strcpy(row.id, id);
	strcpy(row.volume, volume);
	strcpy(row.original_price, price);
	return row;
}

static struct elexon_stack stack_of(struct elexon_row *rows, size_t n)
{
	return (struct elexon_stack){ .period = 20, .side = ELEXON_OFFER, .rows = rows, .n_rows = n, .rows_seen = (int)n };
}

static struct replacement chosen(const struct elexon_stack *stack, const char *mwh)
{
	struct reason why = { .text = "" };
	struct replacement r;
	int64_t curtailed;

	assert_true(nmwh_parse(mwh, &curtailed));
	if (!replacement_choose(stack, curtailed, &r, &why))
		fail_msg("%s", why.text);
	return r;
}

static void is(const struct decimal *d, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_TRIM_ZEROS, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

/* The SO flag before all, then the sequence, the unit, the acceptance, the pair and the place in the answer; in whatever order the
 * answer has them. */
static void the_turn_of_an_offer_is_settled_to_the_last(void **state)
{
	struct elexon_row rows[] = {
		offer(1, "T_A-1", 1, ELEXON_TRUE, "1", "1"), offer(2, "T_B-1", 9, ELEXON_FALSE, "1", "1"),
		offer(3, "T_B-1", 2, ELEXON_NULL, "1", "1"), offer(4, "T_A-1", 2, ELEXON_FALSE, "1", "1"),
		offer(5, "T_A-1", 2, ELEXON_FALSE, "1", "1"), offer(6, "T_A-1", 2, ELEXON_FALSE, "1", "1"),
		offer(7, "T_A-1", 2, ELEXON_FALSE, "1", "1"), offer(8, "T_A-1", 0, ELEXON_TRUE, "1", "1"),
	};
	static const int want[] = { 7, 6, 4, 5, 3, 2, 8, 1 };
	struct elexon_stack stack = stack_of(rows, sizeof rows / sizeof *rows);
	struct replacement r;

	(void)state;
	rows[3].acceptance_id = rows[4].acceptance_id = 8;
	rows[5].acceptance_id = 7;
	rows[5].pair_id = 2;
	rows[6].acceptance_id = 7;
	rows[6].pair_id = 1;
	for (size_t turn = 0; turn < stack.n_rows; turn++) {
		struct elexon_row first = rows[0];

		r = chosen(&stack, "100");
		assert_int_equal(r.n_offers, 8);
		for (size_t i = 0; i < r.n_offers; i++)
			assert_int_equal(r.offers[i].row->number, want[i]);
		is(&r.replaced, "8");
		replacement_release(&r);
		memmove(rows, rows + 1, (stack.n_rows - 1) * sizeof *rows);
		rows[stack.n_rows - 1] = first;
	}
}

/* 1.5 MWh at £10.25 and 0.5 of 2 MWh at £20.5 are £15.375 and £10.25. */
static void the_last_offer_is_taken_in_part_and_no_further_one_is(void **state)
{
	struct elexon_row rows[] = { offer(1, "T_A-1", 1, ELEXON_FALSE, "1.5", "10.25"), offer(2, "T_B-1", 2, ELEXON_FALSE, "2", "20.5"),
				     offer(3, "T_C-1", 3, ELEXON_FALSE, "2", "99") };
	struct elexon_stack stack = stack_of(rows, 3);
	struct replacement r = chosen(&stack, "2");

	(void)state;
	assert_int_equal(r.n_offers, 2);
	is(&r.offers[0].taken, "1.5");
	is(&r.offers[1].taken, "0.5");
	is(&r.replaced, "2");
	is(&r.cost, "25.625");
	replacement_release(&r);
	/* Where the first is just enough the second has no turn. */
	r = chosen(&stack, "1.5");
	assert_int_equal(r.n_offers, 1);
	is(&r.cost, "15.375");
	replacement_release(&r);
}

static void an_offer_that_nobody_makes_or_pays_for_is_named_if_it_is_taken(void **state)
{
	static const struct { const char *volume, *price; bool odd; } row[] = {
		{ "1", "6000", false }, { "1", "6000.01", true }, { "1", "-6000", false }, { "1", "-6000.01", true },
		{ "1500", "80", false }, { "1500.1", "80", true }, { "9000", "9999", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_row rows[] = { offer(1, "T_A-1", 1, ELEXON_FALSE, "1", "10"), offer(2, "T_B-1", 2, ELEXON_FALSE, row[i].volume, row[i].price),
					     offer(3, "T_C-1", 3, ELEXON_FALSE, row[i].volume, row[i].price) };
		struct elexon_stack stack = stack_of(rows, 3);
		struct replacement r = chosen(&stack, "1");

		assert_null(r.implausible);		/* the first was enough */
		replacement_release(&r);
		r = chosen(&stack, "20000");
		assert_int_equal(r.n_implausible, row[i].odd ? 2 : 0);
		assert_ptr_equal(r.implausible, row[i].odd ? &rows[1] : NULL);
		replacement_release(&r);
	}
}

static void bids_and_short_offers_have_no_turn_and_one_without_a_price_is_passed_over(void **state)
{
	struct elexon_row rows[] = { offer(1, "T_A-1", 1, ELEXON_FALSE, "1", ""), offer(2, "T_B-1", 2, ELEXON_FALSE, "1", "-3"),
				     offer(3, "T_C-1", 0, ELEXON_FALSE, "1", "5"), offer(4, "T_D-1", 0, ELEXON_FALSE, "-1", "5"),
				     offer(5, "T_E-1", 0, ELEXON_FALSE, "0", "5") };
	struct elexon_stack stack = stack_of(rows, 5);
	struct replacement r;

	(void)state;
	rows[2].cadl_flag = ELEXON_TRUE;
	rows[3].sign = -1;
	rows[4].sign = 0;
	r = chosen(&stack, "4");
	assert_int_equal(r.n_offers, 1);
	assert_int_equal(r.offers[0].row->number, 2);
	assert_int_equal(r.unpriced, 1);
	is(&r.replaced, "1");
	is(&r.cost, "-3");
	replacement_release(&r);
	/* No flag is no such flag. */
	rows[2].cadl_flag = ELEXON_NULL;
	r = chosen(&stack, "0.25");
	assert_int_equal(r.offers[0].row->number, 3);
	is(&r.cost, "1.25");
	replacement_release(&r);
}

/* Either of two that contradict each other would be a guess; behind what is needed neither matters. */
static void an_offer_that_contradicts_another_is_refused_where_its_turn_comes(void **state)
{
	struct elexon_row rows[] = { offer(1, "T_A-1", 1, ELEXON_FALSE, "1", "5"), offer(2, "T_B-1", 2, ELEXON_FALSE, "1", "5"),
				     offer(3, "T_B-1", 2, ELEXON_FALSE, "2", "5") };
	struct elexon_stack stack = stack_of(rows, 3);
	struct reason why = { .text = "" };
	struct replacement r;

	(void)state;
	rows[1].contradicts = 3;
	rows[2].contradicts = 2;
	r = chosen(&stack, "1");
	is(&r.replaced, "1");
	replacement_release(&r);
	assert_false(replacement_choose(&stack, 1000000001, &r, &why));
	assert_string_equal(why.text, "period 20, row 2 (T_B-1): same acceptance, pair and sequence as row 3, but another content");
	replacement_release(&r);
}

static void a_stack_of_wind_alone_is_no_market(void **state)
{
	static const struct elexon_unit units[] = { { .id = "T_GAS-1", .fuel_type = "CCGT" }, { .id = "T_NEW-1" },
						    { .id = "T_WINDA-1", .fuel_type = "WIND" }, { .id = "T_WINDB-1", .fuel_type = "WIND" } };
	static const struct { const char *other; bool alone; } row[] = {
		{ "T_WINDB-1", true }, { "T_GAS-1", false }, { "T_NEW-1", false }, { "T_UNKNOWN-1", false }, { "", false },
	};
	struct elexon_stack none = stack_of(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_row rows[] = { offer(1, "T_WINDA-1", 1, ELEXON_FALSE, "1", "5"), offer(2, row[i].other, 2, ELEXON_FALSE, "1", "5") };
		struct elexon_stack stack = stack_of(rows, 2);

		assert_int_equal(replacement_is_wind_alone(&stack, units, 4), row[i].alone);
	}
	assert_false(replacement_is_wind_alone(&none, units, 4));
	for (int gas = 0; gas < 2; gas++) {
		struct elexon_row rows[] = { offer(1, gas ? "T_GAS-1" : "T_WINDA-1", 1, ELEXON_FALSE, "1", "5"),
					     offer(2, "T_WINDB-1", 2, ELEXON_FALSE, "1", "5") };
		struct elexon_stack stack = stack_of(rows, gas ? 2 : 1);

		assert_int_equal(replacement_is_wind_alone(&stack, units, 4), !gas);
	}
}

static void lines_are(struct tsv_writer *w, const char *want)
{
	assert_string_equal(w->line.data, want);
	tsv_release(w);
}

/* A row of replacement_costs, and one of replacement_offers for each offer taken. */
static void what_is_stored_is_the_sum_and_each_offer_in_its_turn(void **state)
{
	struct elexon_row rows[] = { offer(1, "T_A-1", 1, ELEXON_TRUE, "1.50", "10.25"), offer(2, "", -2, ELEXON_NULL, "0.250", "-3"),
				     offer(3, "7", 4, ELEXON_FALSE, "1", "8"), offer(4, "T_Z-1", 9, ELEXON_TRUE, "1", "99") };
	struct elexon_stack stack = stack_of(rows, 4);
	struct tsv_writer w = { .no_header = true };
	struct replacement r;

	(void)state;
	assert_true(day_parse("2025-03-04", &stack.day));
	assert_true(instant_parse("2025-03-05T06:07:08Z", &stack.newest_created));
	stack.rows_seen = 9;
	stack.undated = 8;
	rows[0].has_acceptance_id = rows[2].has_pair_id = true;
	rows[0].acceptance_id = 501;
	rows[2].pair_id = -1;
	r = chosen(&stack, "2.5");
	tsv_begin(&w, NULL, replacement_columns);
	replacement_put(&w, &stack, &r, true, "2025-03-06T00:00:00Z");
	replacement_put(&w, &stack, &r, false, NULL);
	/* The latest time of none is no time. */
	stack.undated = 9;
	replacement_put(&w, &stack, &r, true, NULL);
	lines_are(&w, "2025-03-04\t20\tfinal\t2.500000000\t2.5\t20.0625\t3\t9\t2025-03-05T06:07:08Z\t2025-03-06T00:00:00Z\n"
		      "2025-03-04\t20\tprovisional\t2.500000000\t2.5\t20.0625\t3\t9\t2025-03-05T06:07:08Z\t\\N\n"
		      "2025-03-04\t20\tfinal\t2.500000000\t2.5\t20.0625\t3\t9\t\\N\t\\N\n");
	w = (struct tsv_writer){ .no_header = true };
	tsv_begin(&w, NULL, replacement_offer_columns);
	replacement_put_offers(&w, &stack, &r);
	lines_are(&w, "2025-03-04\t20\t1\t\\N\t\\N\t\\N\t-2\t\\N\t0.250\t-3\t0.25\n"
		      "2025-03-04\t20\t2\t7\t\\N\t-1\t4\tf\t1\t8\t1\n"
		      "2025-03-04\t20\t3\tT_A-1\t501\t\\N\t1\tt\t1.50\t10.25\t1.25\n");
	replacement_release(&r);
}

/* A half hour that nobody replaced has no offer, and its columns may end before records_as_of. */
static void a_half_hour_without_an_offer_costs_nothing(void **state)
{
	static const char *columns[16];
	struct elexon_stack stack = stack_of(NULL, 0);
	struct tsv_writer w = { .no_header = true };
	struct replacement r = chosen(&stack, "0.1");
	size_t n = 0;

	(void)state;
	assert_true(day_parse("2025-03-04", &stack.day));
	while (strcmp(replacement_columns[n], "records_as_of") != 0) {
		columns[n] = replacement_columns[n];
		n++;
	}
	tsv_begin(&w, NULL, columns);
	replacement_put(&w, &stack, &r, false, "unused");
	lines_are(&w, "2025-03-04\t20\tprovisional\t0.100000000\t0\t0\t0\t0\t\\N\n");
	replacement_release(&r);
}

static void less_than_can_be_is_doubted(void **state)
{
	static const struct { int rows; bool settled, alone; int stored; const char *words; } row[] = {
		{ 0, true, false, 0, "no offer of any unit" }, { 0, false, false, 0, NULL }, { 5, true, true, 0, "wind units alone" },
		{ 4, true, false, 9, "4 offers of any unit, where there were 9" }, { 5, true, false, 10, NULL }, { 1, true, false, 0, NULL },
		{ 0, false, false, 1, "0 offers" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		bool doubt = replacement_doubt(row[i].rows, row[i].settled, row[i].alone, row[i].stored, &why);

		assert_int_equal(doubt, row[i].words != NULL);
		if (doubt && !strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_turn_of_an_offer_is_settled_to_the_last),
		cmocka_unit_test(the_last_offer_is_taken_in_part_and_no_further_one_is),
		cmocka_unit_test(an_offer_that_nobody_makes_or_pays_for_is_named_if_it_is_taken),
		cmocka_unit_test(bids_and_short_offers_have_no_turn_and_one_without_a_price_is_passed_over),
		cmocka_unit_test(an_offer_that_contradicts_another_is_refused_where_its_turn_comes),
		cmocka_unit_test(a_stack_of_wind_alone_is_no_market),
		cmocka_unit_test(what_is_stored_is_the_sum_and_each_offer_in_its_turn),
		cmocka_unit_test(a_half_hour_without_an_offer_costs_nothing),
		cmocka_unit_test(less_than_can_be_is_doubted),
	};

	return cmocka_run_group_tests_name("replacement", tests, NULL, NULL);
}
