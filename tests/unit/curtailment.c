#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "curtailment/curtailment.h"

/* A stack as the parser leaves it, of 2026-07-10 period 20, without the service's JSON around it. */
static struct elexon_row row(const char *id, const char *volume, int acceptance, int sequence)
{
	struct elexon_row r = { .has_acceptance_id = acceptance >= 0, .acceptance_id = acceptance, .sequence_number = sequence,
				.so_flag = ELEXON_TRUE, .sign = -1, .has_pair_id = true, .pair_id = -1 };

	strcpy(r.id, id);
	strcpy(r.volume, volume);
	strcpy(r.original_price, "-20.5");
	return r;
}

static const struct elexon_unit units[] = {
	{ .id = "T_DRAXX-1", .fuel_type = "BIOMASS" },
	{ .id = "T_WINDY-1", .lead_party_name = "Windy Ltd", .fuel_type = "WIND" },
	{ .id = "T_WINDY-2", .lead_party_name = "Windy Ltd", .fuel_type = "WIND" },
};

static bool take(struct curtailed_day *d, struct elexon_stack *stack, struct elexon_row *rows, size_t n, bool final)
{
	struct reason why;

	stack->rows = rows;
	stack->n_rows = n;
	stack->rows_seen = stack->undated = (int)n;
	return curtailed_take(d, stack, (struct curtailed_source){ .final = final }, units, 3, false, &why);
}

static struct tsv_writer begin(struct curtailed_day *d, struct elexon_stack *bids, struct elexon_stack *offers)
{
	struct tsv_writer w = { 0 };
	day_t day;

	assert_true(day_parse("2026-07-10", &day));
	curtailed_init(d, day, UINT64_C(1) << 19 | UINT64_C(1) << 20);
	elexon_stack_init(bids, day, 20, ELEXON_BID);
	elexon_stack_init(offers, day, 20, ELEXON_OFFER);
	tsv_begin(&w, NULL, curtailed_columns);
	return w;
}

static void rows_come_in_the_order_of_the_key_with_null_last(void **state)
{
	struct elexon_row sent[] = {
		row("T_WINDY-2", "-1", 7, 1), row("T_WINDY-1", "-2", -1, 2), row("T_WINDY-1", "-3", 9, 3),
		row("T_WINDY-1", "-4", 7, 5), row("T_WINDY-1", "-5", 7, 4),
	};
	static const char *const want[] = { "-5", "-4", "-3", "-2", "-1" };
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);
	char *line;

	(void)state;
	assert_true(take(&d, &bids, sent, 5, true));
	curtailed_settle(&d, 20, &w);
	line = d.period[20].rows.data;
	for (size_t i = 0; i < 5; i++) {
		const char *field = line;

		for (int tab = 0; tab < 4; tab++)
			field = strchr(field, '\t') + 1;
		assert_memory_equal(field, want[i], 2);
		line = strchr(line, '\n') + 1;
	}
	assert_string_equal(line, "");
	tsv_release(&w);
	curtailed_release(&d);
}

static void bids_and_offers_add_up_and_are_final_only_together(void **state)
{
	struct elexon_row bid = row("T_WINDY-1", "-1.5", 7, 1), offer = row("T_WINDY-1", "-0.25", 7, 1);
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);
	struct buf text = BUF_INIT;

	(void)state;
	assert_true(take(&d, &bids, &bid, 1, true));
	assert_true(take(&d, &offers, &offer, 1, false));
	assert_int_equal(d.period[20].state, PERIOD_AWAITED);
	curtailed_settle(&d, 20, &w);
	assert_int_equal(d.period[20].state, PERIOD_FETCHED);
	assert_int_equal(d.period[20].rows_kept, 2);
	assert_false(d.period[20].final);
	assert_false(d.period[20].absent);
	decimal_write(&d.period[20].volume, DECIMAL_TRIM_ZEROS, &text);
	assert_string_equal(text.data, "-1.75");
	buf_clear(&text);
	decimal_write(&d.period[20].payment, DECIMAL_TRIM_ZEROS, &text);	/* 1.75 MWh × 20.5 £/MWh */
	assert_string_equal(text.data, "35.875");
	assert_string_equal(d.period[20].rows.data,
		"2026-07-10\t20\tT_WINDY-1\tWindy Ltd\t-1.5\t-20.5\t\\N\t30.75\tt\tf\t7\t-1\tbid\t1\t\\N\t\\N\n"
		"2026-07-10\t20\tT_WINDY-1\tWindy Ltd\t-0.25\t-20.5\t\\N\t5.125\tt\tf\t7\t-1\toffer\t1\t\\N\t\\N\n");
	buf_release(&text);
	tsv_release(&w);
	curtailed_release(&d);
}

static void what_is_not_wind_is_seen_and_not_kept_and_the_unknown_is_named(void **state)
{
	struct elexon_row sent[] = { row("T_DRAXX-1", "-8", 1, 1), row("T_NEWLY-1", "-9", 1, 2) };
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	assert_true(take(&d, &bids, sent, 2, true));
	curtailed_settle(&d, 20, &w);
	assert_int_equal(d.period[20].rows_seen, 2);
	assert_int_equal(d.period[20].rows_kept, 0);
	assert_int_equal(d.period[20].rows.len, 0);
	assert_int_equal(d.period[20].n_undecided, 1);
	assert_string_equal(d.period[20].undecided[0].id, "T_NEWLY-1");
	assert_true(d.period[20].undecided[0].unknown);
	assert_true(d.period[20].undecided[0].cheap);
	assert_int_equal(d.period[20].undecided[0].rows, 1);
	tsv_release(&w);
	curtailed_release(&d);
}

/* Of units that nobody classifies: the register has one with capacity, or with a capacity that is not known, and no fuel,
 * or does not have it. */
static void units_in_doubt_are_added_up_one_by_one(void **state)
{
	static const struct elexon_unit some[] = {
		{ .id = "T_BIOMS-1", .fuel_type = "BIOMASS", .capacity_mw = "600" },
		{ .id = "T_EMPTY-1", .capacity_mw = "" },
		{ .id = "T_LOADS-1", .capacity_mw = "-50" },
		{ .id = "T_NOFUE-1", .capacity_mw = "100.5" },
		{ .id = "T_ZEROS-1", .capacity_mw = "0.000" },
	};
	struct elexon_row sent[] = {
		row("T_NOFUE-1", "-2", 1, 1), row("T_NEWLY-1", "-9", 1, 2), row("T_NOFUE-1", "-3.5", 2, 3), row("T_NEWLY-1", "-1", 2, 4),
		row("T_EMPTY-1", "-1", 1, 5), row("T_LOADS-1", "-1", 1, 6), row("T_ZEROS-1", "-1", 1, 7), row("T_BIOMS-1", "-1", 1, 8),
		row("T_NOFUE-1", "-7", 3, 9), row("T_NOFUE-1", "-8", 4, 10), row("T_NOFUE-1", "-0.5", 5, 11), row("T_NEWLY-1", "-4", 6, 12),
	};
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);
	const struct curtailed_undecided *unit = NULL;
	struct buf text = BUF_INIT;

	(void)state;
	strcpy(sent[3].original_price, "5");		/* who burns fuel is turned down at such prices: the register does not know it */
	strcpy(sent[8].original_price, "0.01");		/* above zero: no sign of wind, and left out */
	strcpy(sent[9].original_price, "");		/* no price says nothing */
	strcpy(sent[10].original_price, "0");		/* at zero it is one */
	strcpy(sent[11].original_price, "");
	bids.rows = sent;
	bids.n_rows = 12;
	bids.rows_seen = bids.undated = 12;
	assert_true(curtailed_take(&d, &bids, (struct curtailed_source){ .final = true }, some, 5, false, NULL));
	assert_int_equal(d.period[20].n_undecided, 3);
	assert_string_equal(d.period[20].undecided[2].id, "T_EMPTY-1");
	assert_false(d.period[20].undecided[2].unknown);
	unit = &d.period[20].undecided[0];
	assert_string_equal(unit->id, "T_NOFUE-1");
	assert_false(unit->unknown);
	assert_true(unit->cheap);
	assert_int_equal(unit->rows, 3);
	decimal_write(&unit->volume, DECIMAL_TRIM_ZEROS, &text);
	buf_addc(&text, ' ');
	decimal_write(&unit->payment, DECIMAL_TRIM_ZEROS, &text);	/* (2 + 3.5) × 20.5 */
	assert_string_equal(text.data, "-6 112.75");
	unit = &d.period[20].undecided[1];
	assert_string_equal(unit->id, "T_NEWLY-1");
	assert_true(unit->unknown);
	assert_false(unit->cheap);
	assert_int_equal(unit->rows, 3);
	buf_clear(&text);
	decimal_write(&unit->volume, DECIMAL_TRIM_ZEROS, &text);
	buf_addc(&text, ' ');
	decimal_write(&unit->payment, DECIMAL_TRIM_ZEROS, &text);	/* 9 × 20.5 - 1 × 5; the third has no price */
	assert_string_equal(text.data, "-14 179.5");
	curtailed_settle(&d, 20, &w);
	assert_int_equal(d.period[20].rows_kept, 0);
	buf_release(&text);
	tsv_release(&w);
	curtailed_release(&d);
}

/* The first and the last half hour of the longest day hold memory too. */
static void every_period_of_a_day_is_begun_and_released(void **state)
{
	struct tsv_writer w = { 0 }, printed = { 0 };
	struct curtailed_day d;
	char line[300];
	day_t day;

	(void)state;
	assert_true(day_parse("2025-10-26", &day));
	curtailed_init(&d, day, (UINT64_C(1) << 50) - 1);
	assert_int_equal(curtailed_count(&d, PERIOD_AWAITED), 50);
	tsv_begin(&w, NULL, curtailed_columns);
	for (int p = 1; p <= MAX_PERIODS; p += MAX_PERIODS - 1) {
		struct elexon_row two[] = { row("T_NEWLY-1", "-1", 1, 1), row("T_WINDY-1", "-2", 1, 2) };
		struct elexon_stack stack;

		elexon_stack_init(&stack, day, p, ELEXON_BID);
		assert_true(take(&d, &stack, two, 2, true));
		assert_int_equal(d.period[p].n_undecided, 1);
		curtailed_settle(&d, p, &w);
	}
	/* And both are printed, but not one that failed. */
	d.period[2].state = PERIOD_FAILED;
	buf_adds(&d.period[2].rows, "no row\n");
	printed.out = tmpfile();
	assert_non_null(printed.out);
	printed.no_header = true;
	tsv_begin(&printed, printed.out, curtailed_columns);
	curtailed_print(&d, &printed);
	rewind(printed.out);
	assert_non_null(fgets(line, sizeof line, printed.out));
	assert_ptr_equal(strstr(line, "2025-10-26\t1\tT_WINDY-1\t"), line);
	assert_non_null(fgets(line, sizeof line, printed.out));
	assert_ptr_equal(strstr(line, "2025-10-26\t50\tT_WINDY-1\t"), line);
	assert_null(fgets(line, sizeof line, printed.out));
	fclose(printed.out);
	tsv_release(&printed);
	tsv_release(&w);
	curtailed_release(&d);
}

static void whom_it_passed_over_is_named_once_and_in_order_whatever_they_are_called(void **state)
{
	struct elexon_row bid[] = {
		row("T_NEWLY-1", "-9", 1, 2), row("T_DRAXX-1", "-8", 1, 1), row("T_WINDY-1", "-7", 1, 4), row("T_NEWLY-1", "-6", 1, 3),
	};
	struct elexon_row offer[] = { row("a \"b\", \\{c}", "-1", 1, 1), row("T_DRAXX-1", "-8", 1, 2) };
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	assert_true(take(&d, &bids, bid, 4, true));
	assert_true(take(&d, &offers, offer, 2, true));
	curtailed_settle(&d, 20, &w);
	assert_string_equal(d.period[20].passed_over.data, "{\"T_DRAXX-1\",\"T_NEWLY-1\",\"a \\\"b\\\", \\\\{c}\"}");
	curtailed_settle(&d, 21, &w);
	assert_string_equal(d.period[21].passed_over.data, "{}");
	tsv_release(&w);
	curtailed_release(&d);
}

/* What the source left null is null in its own column, and the units passed over are an array however many they are. */
static void nulls_stand_in_their_columns(void **state)
{
	struct elexon_row bare = row("T_WINDY-1", "-2", -1, 3), others[] = { row("T_AAAAA-1", "-1", 1, 1), row("T_BBBBB-1", "-1", 1, 2) };
	struct elexon_row sent[3];
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	bare.cadl_flag = ELEXON_NULL;
	bare.has_pair_id = false;
	bare.original_price[0] = '\0';
	sent[0] = bare;
	sent[1] = others[0];
	sent[2] = others[1];
	assert_true(take(&d, &bids, sent, 3, true));
	curtailed_settle(&d, 20, &w);
	assert_string_equal(d.period[20].rows.data, "2026-07-10\t20\tT_WINDY-1\tWindy Ltd\t-2\t\\N\t\\N\t\\N\tt\t\\N\t\\N\t\\N\tbid\t3\t\\N\t\\N\n");
	assert_string_equal(d.period[20].passed_over.data, "{\"T_AAAAA-1\",\"T_BBBBB-1\"}");
	/* A half hour's rows are its own: the next has none of them. */
	curtailed_settle(&d, 21, &w);
	assert_int_equal(d.period[21].rows.len, 0);
	tsv_release(&w);
	curtailed_release(&d);
}

static void periods_are_counted_by_their_state(void **state)
{
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	assert_int_equal(curtailed_count(&d, PERIOD_AWAITED), 2);
	assert_int_equal(curtailed_count(&d, PERIOD_NOT_WANTED), 48);
	curtailed_settle(&d, 20, &w);
	d.period[21].state = PERIOD_FAILED;
	assert_int_equal(curtailed_count(&d, PERIOD_FETCHED), 1);
	assert_int_equal(curtailed_count(&d, PERIOD_FAILED), 1);
	tsv_release(&w);
	curtailed_release(&d);
}

/* 2026-07-10 has 48 half hours, and is final from 2026-07-12 00:15 in London: 23:15 UTC of the day before. */
static void a_day_is_nowhere_if_none_of_it_is_found_when_it_should_be(void **state)
{
	instant_t final = 1783811700;	/* 2026-07-11T23:15:00Z */
	struct curtailed_day d;
	day_t day;

	(void)state;
	assert_true(day_parse("2026-07-10", &day));
	for (int wanted = 47; wanted <= 48; wanted++) {
		curtailed_init(&d, day, (UINT64_C(1) << wanted) - 1);
		for (int p = 1; p <= wanted; p++) {
			d.period[p].state = PERIOD_FETCHED;
			d.period[p].absent = true;
		}
		assert_int_equal(curtailed_count_absent(&d), wanted);
		/* A part of a day may be without anything; of an archive that is not known. */
		assert_int_equal(curtailed_is_nowhere(&d, false, final), wanted == 48);
		assert_false(curtailed_is_nowhere(&d, false, final - 1));
		assert_true(curtailed_is_nowhere(&d, true, final - 1));
		d.period[3].state = PERIOD_FAILED;
		assert_false(curtailed_is_nowhere(&d, true, final));
		d.period[3].state = PERIOD_FETCHED;
		d.period[3].absent = false;
		assert_false(curtailed_is_nowhere(&d, true, final));
		curtailed_release(&d);
	}
	/* Of an archive one half hour that was wanted can be nowhere; none that was wanted is nothing to find. */
	curtailed_init(&d, day, UINT64_C(1) << 19);
	d.period[20].state = PERIOD_FETCHED;
	d.period[20].absent = true;
	assert_true(curtailed_is_nowhere(&d, true, final));
	d.period[20].state = PERIOD_NOT_WANTED;
	assert_false(curtailed_is_nowhere(&d, true, final));
	curtailed_release(&d);
	/* The last half hour of the longest day counts as every other. */
	assert_true(day_parse("2026-10-25", &day));
	curtailed_init(&d, day, UINT64_C(1) << 49);
	assert_int_equal(curtailed_count(&d, PERIOD_NOT_WANTED), 49);
	d.period[50].state = PERIOD_FETCHED;
	d.period[50].absent = true;
	assert_int_equal(curtailed_count(&d, PERIOD_FETCHED), 1);
	assert_int_equal(curtailed_count_absent(&d), 1);
	curtailed_release(&d);
}

/* An answer that is less than can be is not believed; what is a revision is. */
static void an_answer_is_doubted_where_rows_or_final_energy_are_gone(void **state)
{
	enum { THERE = 1, FINAL = 2, OTHER = 4 };
	static const struct { int rows; bool final; const char *volume; int stored, stored_rows; const char *stored_volume, *words; } row[] = {
		/* Nothing stored: only an empty answer of a settled half hour is odd. */
		{ 9, true, "-1", 0, 0, "0", NULL }, { 0, false, "0", 0, 0, "0", NULL },
		{ 0, true, "0", 0, 0, "0", "no row of any unit, though the period is settled" },
		/* A person has accepted it as empty, or it was empty and provisional. */
		{ 0, true, "0", THERE | FINAL, 0, "0", NULL }, { 0, true, "0", THERE, 0, "0", "no row of any unit" },
		{ 0, true, "0", THERE | FINAL, 9, "0", "no row of any unit" }, { 0, false, "0", THERE, 0, "0", NULL },
		/* Fewer than half of the rows, final or not, and whatever the register. */
		{ 50, false, "-5", THERE, 100, "-5", NULL }, { 49, false, "-5", THERE, 100, "-5", "49 rows of any unit, where 100 were stored" },
		{ 50, true, "-5", THERE | FINAL | OTHER, 101, "-5", "50 rows of any unit, where 101 were stored" },
		{ 0, false, "0", THERE, 1, "0", "0 rows of any unit, where 1 were stored" }, { 34, true, "-5", THERE | FINAL, 100, "-5", "34 rows" },
		/* Final energy: half may go, more may not, by the same register. */
		{ 100, true, "-5", THERE | FINAL, 100, "-10", NULL }, { 100, true, "-4.999", THERE | FINAL, 100, "-10", "more than half of the curtailed energy" },
		{ 100, true, "0", THERE | FINAL, 100, "-0.001", "more than half" }, { 100, true, "0", THERE | FINAL, 100, "0", NULL },
		{ 100, true, "0", THERE | FINAL | OTHER, 100, "-10", NULL }, { 100, true, "0", THERE, 100, "-10", NULL },
		{ 100, true, "-30", THERE | FINAL, 100, "-10", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct curtailed_period answer = { .rows_seen = row[i].rows, .final = row[i].final };
		struct stored_period stored = { .there = row[i].stored & THERE, .final = row[i].stored & FINAL,
						.other_register = row[i].stored & OTHER, .rows_seen = row[i].stored_rows };
		struct reason why = { .text = "" };

		decimal_init(&answer.volume);
		decimal_init(&stored.volume);
		assert_true(decimal_parse_text(&answer.volume, row[i].volume, DECIMAL_PLAIN, NULL));
		assert_true(decimal_parse_text(&stored.volume, row[i].stored_volume, DECIMAL_PLAIN, NULL));
		if (curtailed_doubt(&answer, &stored, &why) != (row[i].words != NULL))
			fail_msg("row %zu: %s", i, why.text);
		if (row[i].words && !strstr(why.text, row[i].words))
			fail_msg("row %zu: '%s' does not say '%s'", i, why.text, row[i].words);
		decimal_release(&answer.volume);
		decimal_release(&stored.volume);
	}
}

/* A few acceptances may stand twice; where most do, the answer is two in one. */
static void an_answer_most_of_which_stands_twice_is_doubted(void **state)
{
	static const struct { int rows, doubled; bool doubted; } row[] = {
		{ 10, 5, true }, { 11, 5, false }, { 8, 4, false }, { 9, 6, true }, { 100, 49, false }, { 100, 50, true }, { 10, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct curtailed_period answer = { .rows_seen = 100, .rows_kept = row[i].rows, .doubled = { .n = row[i].doubled } };
		struct stored_period stored = { .there = false };
		struct reason why = { .text = "" };

		decimal_init(&answer.volume);
		decimal_init(&stored.volume);
		decimal_set_int(&answer.volume, -20, 0);
		decimal_set_int(&stored.volume, -10, 0);
		assert_int_equal(curtailed_doubt(&answer, &stored, &why), row[i].doubted);
		assert_int_equal(strstr(why.text, "rows of wind") != NULL, row[i].doubted);
		stored.there = stored.final = true;
		stored.rows_seen = 50;
		assert_int_equal(curtailed_doubt(&answer, &stored, &why), row[i].doubted);
		/* A person has taken just that. */
		decimal_set_int(&stored.volume, -20, 0);
		assert_false(curtailed_doubt(&answer, &stored, &why));
		decimal_release(&answer.volume);
		decimal_release(&stored.volume);
	}
}

/* A unit of 30 MW makes 15 MWh in half an hour; of another nobody knows. */
static void more_than_any_unit_can_make_is_doubted_and_more_than_its_capacity_noted(void **state)
{
	static const struct elexon_unit sized[] = {
		{ .id = "T_WINDY-1", .fuel_type = "WIND", .capacity_mw = "30.000" }, { .id = "T_WINDY-2", .fuel_type = "WIND" },
		{ .id = "T_WINDY-3", .fuel_type = "WIND", .capacity_mw = "2.000" }, { .id = "T_WINDY-4", .fuel_type = "WIND", .capacity_mw = "400" },
	};
	static const struct { const char *unit, *one, *other, *want; } row[] = {
		{ "T_WINDY-1", "-100", "-50", "" }, { "T_WINDY-1", "-100", "-50.1", "T_WINDY-1: 150 MWh in half an hour, where its capacity makes 15.0" },
		{ "T_WINDY-1", "-151", "-1", "T_WINDY-1: 152 MWh in half an hour, where its capacity makes 15.0" },
		{ "T_WINDY-2", "-1500", "-0", "" }, { "T_WINDY-2", "-1500", "-1", "T_WINDY-2: 1501 MWh in half an hour, more than any unit can make" },
		{ "T_WINDY-3", "-99", "-1", "" }, { "T_WINDY-3", "-99", "-2", "T_WINDY-3: 101 MWh in half an hour, where its capacity makes 1.0" },
		{ "T_WINDY-4", "-1500", "-0", "" }, { "T_WINDY-4", "-1501", "-1", "T_WINDY-4: 1501 MWh in half an hour, more than any unit can make" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct stored_period stored = { .there = false };
		struct elexon_row sent[2] = { { .number = 1 }, { .number = 2 } };
		struct elexon_stack bids, offers;
		struct curtailed_day d;
		struct tsv_writer w = begin(&d, &bids, &offers);
		struct reason why = { .text = "" };
		bool impossible;

		for (int k = 0; k < 2; k++) {
			sent[k].so_flag = ELEXON_TRUE;
			sent[k].sign = -1;
			sent[k].sequence_number = k + 1;
			strcpy(sent[k].id, row[i].unit);
			strcpy(sent[k].volume, k ? row[i].other : row[i].one);
		}
		bids.rows = sent;
		bids.n_rows = 2;
		bids.rows_seen = bids.undated = 2;
		assert_true(curtailed_take(&d, &bids, (struct curtailed_source){ .final = true }, sized, 4, false, &why));
		curtailed_settle(&d, 20, &w);
		assert_string_equal(d.period[20].excess, row[i].want);
		decimal_init(&stored.volume);
		impossible = strstr(row[i].want, "any unit");
		assert_int_equal(d.period[20].impossible, impossible);
		assert_int_equal(curtailed_doubt(&d.period[20], &stored, &why), impossible);
		assert_string_equal(why.text, impossible ? row[i].want : "");
		/* It is no news where just that is final. */
		decimal_add(&stored.volume, &stored.volume, &d.period[20].volume);
		stored.there = true;
		stored.rows_seen = 2;
		assert_int_equal(curtailed_doubt(&d.period[20], &stored, &why), impossible);
		stored.final = true;
		assert_false(curtailed_doubt(&d.period[20], &stored, &why));
		decimal_release(&stored.volume);
		tsv_release(&w);
		curtailed_release(&d);
	}
}

/* Beyond what lost load is valued at, either way. */
static void a_price_that_nobody_pays_is_noted(void **state)
{
	static const struct elexon_unit wind[] = { { .id = "T_WINDY-1", .fuel_type = "WIND" } };
	static const struct { const char *one, *other, *dear, *unpriced; } row[] = {
		{ "-6000", "6000.0", "", "" }, { "", "-70", "", "T_WINDY-1: 6.5 MWh" }, { "-70", "", "", "T_WINDY-1: 7.5 MWh" },
		{ "", "", "", "T_WINDY-1: 6.5 MWh" }, { "-6000.01", "-99999", "T_WINDY-1: 6.5 MWh at -6000.01 GBP a MWh, an implausible price", "" },
		{ "-70", "9999", "T_WINDY-1: 7.5 MWh at 9999 GBP a MWh, an implausible price", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_row sent[2] = { { .number = 1 }, { .number = 2 } };
		struct elexon_stack bids, offers;
		struct curtailed_day d;
		struct tsv_writer w = begin(&d, &bids, &offers);
		struct reason why;

		for (int k = 0; k < 2; k++) {
			sent[k].so_flag = ELEXON_TRUE;
			sent[k].sign = -1;
			sent[k].sequence_number = k + 1;
			strcpy(sent[k].id, "T_WINDY-1");
			strcpy(sent[k].volume, k ? "-7.5" : "-6.5");
			strcpy(sent[k].original_price, k ? row[i].other : row[i].one);
		}
		bids.rows = sent;
		bids.n_rows = 2;
		bids.rows_seen = bids.undated = 2;
		assert_true(curtailed_take(&d, &bids, (struct curtailed_source){ .final = true }, wind, 1, false, &why));
		curtailed_settle(&d, 20, &w);
		assert_string_equal(d.period[20].dear, row[i].dear);
		assert_string_equal(d.period[20].unpriced, row[i].unpriced);
		assert_string_equal(d.period[20].doubled.first, "");
		tsv_release(&w);
		curtailed_release(&d);
	}
}

/* The same energy under another sequence number: all that settlement knows it by is the same. */
static void an_acceptance_that_stands_twice_is_counted(void **state)
{
	struct elexon_row usual = row("T_WINDY-1", "-5", 7, 1), again[12];
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w;

	(void)state;
	usual.number = 1;
	for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
		again[i] = usual;
		again[i].sequence_number = 2;
		again[i].number = 2;
	}
	strcpy(again[1].id, "T_WINDY-2");
	again[2].acceptance_id = 8;
	again[3].pair_id = -2;
	strcpy(again[4].volume, "-5.5");
	strcpy(again[5].original_price, "-20");
	/* What is null is no number, not even the same. */
	again[6].has_acceptance_id = false;
	again[7].has_pair_id = false;
	for (size_t i = 0; i < sizeof again / sizeof *again; i++)
		for (int swapped = 0; swapped < 2; swapped++) {
			struct elexon_row sent[] = { usual, again[i] };
			bool side = i == 8, twice = i == 0 || i > 10;

			if (i == 9)
				sent[0].has_acceptance_id = sent[1].has_acceptance_id = false;
			if (i == 10)
				sent[0].has_pair_id = sent[1].has_pair_id = false;
			if (swapped) {
				struct elexon_row first = sent[0];

				sent[0] = sent[1];
				sent[1] = first;
			}
			w = begin(&d, &bids, &offers);
			assert_true(take(&d, &bids, sent, side ? 1 : 2, true));
			assert_true(!side || take(&d, &offers, &sent[1], 1, true));
			curtailed_settle(&d, 20, &w);
			if (d.period[20].doubled.n != twice)
				fail_msg("case %zu: %d", i, d.period[20].doubled.n);
			assert_string_equal(d.period[20].doubled.first, twice ? "T_WINDY-1: row 2, of 5 MWh, has acceptance 7 and pair -1 of row 1" : "");
			tsv_release(&w);
			curtailed_release(&d);
		}
	/* The first is named, however many there are. */
	w = begin(&d, &bids, &offers);
	again[11].sequence_number = 3;
	again[11].number = 3;
	assert_true(take(&d, &bids, (struct elexon_row[]){ usual, again[0], again[11] }, 3, true));
	curtailed_settle(&d, 20, &w);
	assert_int_equal(d.period[20].doubled.n, 2);
	assert_string_equal(d.period[20].doubled.first, "T_WINDY-1: row 2, of 5 MWh, has acceptance 7 and pair -1 of row 1");
	tsv_release(&w);
	curtailed_release(&d);
}

/* Lines of wind whose flag is null: the first of either stack is named, and all are counted. */
static void wind_without_a_flag_is_named_and_counted(void **state)
{
	struct elexon_row bid[] = { row("T_DRAXX-1", "-9", 1, 1), row("T_WINDY-2", "-1.5", 2, 2), row("T_WINDY-1", "-2", 3, 3) };
	struct elexon_row offer = row("T_WINDY-1", "-3", 1, 1);
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	bid[0].so_flag = bid[1].so_flag = bid[2].so_flag = offer.so_flag = ELEXON_NULL;
	assert_true(take(&d, &bids, bid, 3, true));
	assert_true(take(&d, &offers, &offer, 1, true));
	assert_string_equal(d.period[20].unflagged, "T_WINDY-2: 1.5 MWh");
	assert_int_equal(d.period[20].n_unflagged, 3);
	tsv_release(&w);
	curtailed_release(&d);
}

/* A line without a unit is one of an acceptance, and may be wind, or an adjustment. */
static void an_acceptance_that_names_no_unit_is_counted(void **state)
{
	static const struct { const char *id, *price; bool accepted; enum elexon_flag so; const char *volume; int n; } of[] = {
		{ "", "-20", true, ELEXON_TRUE, "-2", 1 }, { "", "0", true, ELEXON_NULL, "-2", 1 },
		{ "", "5", true, ELEXON_TRUE, "-2", 0 }, { "", "-20", false, ELEXON_TRUE, "-2", 0 },
		{ "", "-20", true, ELEXON_FALSE, "-2", 0 }, { "", "-20", true, ELEXON_TRUE, "2", 0 },
		{ "17", "-20", true, ELEXON_TRUE, "-2", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		struct elexon_row sent[] = { row(of[i].id, of[i].volume, 3, 1), row(of[i].id, "-9", 4, 2) };
		struct elexon_stack bids, offers;
		struct curtailed_day d;
		struct tsv_writer w = begin(&d, &bids, &offers);

		for (int k = 0; k < 2; k++) {
			sent[k].number = 7 + k;
			sent[k].sign = *of[i].volume == '-' ? -1 : 1;
			sent[k].so_flag = of[i].so;
			sent[k].has_acceptance_id = of[i].accepted;
			strcpy(sent[k].original_price, of[i].price);
		}
		assert_true(take(&d, &bids, sent, 2, true));
		if (d.period[20].n_unnamed != 2 * of[i].n)
			fail_msg("row %zu: %d", i, d.period[20].n_unnamed);
		assert_string_equal(d.period[20].unnamed, of[i].n ? "row 7: 2 MWh" : "");
		tsv_release(&w);
		curtailed_release(&d);
	}
}

/* So are those of a unit that no list calls anything, unless it has no capacity, or paid to be turned down. */
static void an_undecided_unit_without_a_flag_is_counted(void **state)
{
	static const struct elexon_unit some[] = {
		{ .id = "T_BIOMS-1", .fuel_type = "BIOMASS", .capacity_mw = "600" }, { .id = "T_LOADS-1", .capacity_mw = "-50" },
		{ .id = "T_NOFUE-1", .capacity_mw = "100.5" },
	};
	static const struct { const char *id, *price; int n; } of[] = {
		{ "T_BIOMS-1", "-20", 0 }, { "T_LOADS-1", "-20", 0 }, { "T_NOFUE-1", "-20", 1 }, { "T_NOFUE-1", "5", 0 },
		{ "T_NEWLY-1", "-20", 1 }, { "T_NEWLY-1", "5", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		struct elexon_row sent = row(of[i].id, "-2", 1, 1);
		struct elexon_stack bids, offers;
		struct curtailed_day d;
		struct tsv_writer w = begin(&d, &bids, &offers);

		sent.so_flag = ELEXON_NULL;
		strcpy(sent.original_price, of[i].price);
		bids.rows = &sent;
		bids.n_rows = 1;
		bids.rows_seen = bids.undated = 1;
		assert_true(curtailed_take(&d, &bids, (struct curtailed_source){ .final = true }, some, 3, false, NULL));
		if (d.period[20].n_unflagged != of[i].n)
			fail_msg("%s at %s: %d", of[i].id, of[i].price, d.period[20].n_unflagged);
		tsv_release(&w);
		curtailed_release(&d);
	}
}

/* Of a row that could not be read its unit is passed over by name, as of one that could. */
static void the_unit_of_a_row_left_out_is_passed_over(void **state)
{
	struct elexon_row sent[] = { row("T_DRAXX-1", "-5", 7, 1) };
	char left_out[1][ELEXON_MAX_ID + 1] = { "T_ODDXX-1" };
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	bids.left_out = left_out;
	bids.n_left_out = 1;
	assert_true(take(&d, &bids, sent, 1, true));
	curtailed_settle(&d, 20, &w);
	assert_string_equal(d.period[20].passed_over.data, "{\"T_DRAXX-1\",\"T_ODDXX-1\"}");
	tsv_release(&w);
	curtailed_release(&d);
}

/* Rows that name no unit are not seen; when the newest row was made is that of both sides together. */
static void what_was_seen_and_made_is_of_all_stacks(void **state)
{
	struct elexon_row sent[] = { row("T_WINDY-1", "-1", 1, 1), row("T_WINDY-2", "-2", 1, 2) };
	struct elexon_stack bids, offers;
	struct curtailed_day d;
	struct tsv_writer w = begin(&d, &bids, &offers);

	(void)state;
	bids.unnamed = 3;
	bids.rows = offers.rows = sent;
	bids.n_rows = offers.n_rows = 2;
	bids.rows_seen = 5;
	offers.rows_seen = 2;
	bids.newest_created = 1000;
	offers.newest_created = 900;
	offers.undated = 1;
	assert_true(curtailed_take(&d, &bids, (struct curtailed_source){ .final = true }, units, 3, false, NULL));
	assert_int_equal(d.period[20].rows_seen, 2);
	assert_true(d.period[20].has_created);
	assert_int_equal(d.period[20].created, 1000);
	assert_true(curtailed_take(&d, &offers, (struct curtailed_source){ .final = true }, units, 3, false, NULL));
	assert_int_equal(d.period[20].rows_seen, 4);
	assert_int_equal(d.period[20].created, 1000);
	offers.newest_created = 1100;
	assert_true(curtailed_take(&d, &offers, (struct curtailed_source){ .final = true }, units, 3, false, NULL));
	assert_int_equal(d.period[20].created, 1100);
	/* Of none of its rows is it known. */
	offers.undated = 2;
	offers.newest_created = 1200;
	assert_true(curtailed_take(&d, &offers, (struct curtailed_source){ .final = true }, units, 3, false, NULL));
	assert_int_equal(d.period[20].created, 1100);
	tsv_release(&w);
	curtailed_release(&d);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_in_the_order_of_the_key_with_null_last),
		cmocka_unit_test(bids_and_offers_add_up_and_are_final_only_together),
		cmocka_unit_test(what_is_not_wind_is_seen_and_not_kept_and_the_unknown_is_named),
		cmocka_unit_test(units_in_doubt_are_added_up_one_by_one),
		cmocka_unit_test(every_period_of_a_day_is_begun_and_released),
		cmocka_unit_test(a_price_that_nobody_pays_is_noted),
		cmocka_unit_test(an_answer_most_of_which_stands_twice_is_doubted),
		cmocka_unit_test(more_than_any_unit_can_make_is_doubted_and_more_than_its_capacity_noted),
		cmocka_unit_test(an_answer_is_doubted_where_rows_or_final_energy_are_gone),
		cmocka_unit_test(an_acceptance_that_stands_twice_is_counted),
		cmocka_unit_test(the_unit_of_a_row_left_out_is_passed_over),
		cmocka_unit_test(what_was_seen_and_made_is_of_all_stacks),
		cmocka_unit_test(wind_without_a_flag_is_named_and_counted),
		cmocka_unit_test(an_undecided_unit_without_a_flag_is_counted),
		cmocka_unit_test(an_acceptance_that_names_no_unit_is_counted),
		cmocka_unit_test(whom_it_passed_over_is_named_once_and_in_order_whatever_they_are_called),
		cmocka_unit_test(nulls_stand_in_their_columns),
		cmocka_unit_test(periods_are_counted_by_their_state),
		cmocka_unit_test(a_day_is_nowhere_if_none_of_it_is_found_when_it_should_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
