/* The register of BM units as reference/bmunits/all answers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_register.h"

static void the_register_is_read_with_its_nulls_and_repeated_ids(void **state)
{
	static const char body[] =
		"[{\"nationalGridBmUnit\":\"WINDY-1\",\"elexonBmUnit\":\"T_WINDY-1\",\"eic\":null,\"fuelType\":\"WIND\","
		"\"leadPartyName\":\"Windy \\u0026 Sons\",\"bmUnitName\":\"Windy Hill\",\"generationCapacity\":\"99.000\"},"
		"{\"nationalGridBmUnit\":\"AG-1\",\"elexonBmUnit\":null,\"fuelType\":null,\"leadPartyName\":null,"
		"\"bmUnitName\":null,\"generationCapacity\":null},"
		"{\"nationalGridBmUnit\":null,\"elexonBmUnit\":\"2__A\",\"fuelType\":null,\"leadPartyName\":null,"
		"\"bmUnitName\":null,\"generationCapacity\":null},"
		"{\"nationalGridBmUnit\":\"WINDY-1\",\"elexonBmUnit\":\"T_WINDY-1\",\"eic\":\"48W\",\"fuelType\":\"WIND\","
		"\"leadPartyName\":\"Windy & Sons\",\"bmUnitName\":\"Windy Hill\",\"generationCapacity\":\"99.000\"},"
		"{\"nationalGridBmUnit\":\"WINDY-1\",\"elexonBmUnit\":\"T_WINDY-1\",\"eic\":\"48W\",\"fuelType\":\"WIND\","
		"\"leadPartyName\":\"Another\",\"bmUnitName\":\"Windy Hill\",\"generationCapacity\":98.5}]";
	struct elexon_register reg;
	struct reason why = { .text = "" };

	(void)state;
	if (!elexon_parse_bmunits(body, strlen(body), &reg, &why))
		fail_msg("%s", why.text);
	assert_int_equal(reg.rows_seen, 5);
	assert_int_equal(reg.without_id, 1);
	assert_int_equal(reg.n_units, 2);
	assert_int_equal(reg.repeated, 2);
	assert_int_equal(reg.differing, 1);
	assert_string_equal(reg.first_differing, "T_WINDY-1");
	assert_string_equal(reg.units[0].id, "2__A");
	assert_null(reg.units[0].fuel_type);
	assert_null(reg.units[0].national_grid_id);
	assert_string_equal(reg.units[0].capacity_mw, "");
	assert_string_equal(reg.units[1].id, "T_WINDY-1");
	assert_string_equal(reg.units[1].lead_party_name, "Windy & Sons");
	assert_string_equal(reg.units[1].capacity_mw, "99.000");
	assert_ptr_equal(elexon_find_unit(reg.units, reg.n_units, "T_WINDY-1"), &reg.units[1]);
	assert_null(elexon_find_unit(reg.units, reg.n_units, "T_WINDY-2"));
	elexon_register_release(&reg);
}

static void a_register_that_is_not_as_documented_is_refused(void **state)
{
	static const struct { const char *body, *want; } row[] = {
		{ "{\"data\":[]}", "an object, not a list of BM units" },
		{ "<html>", "no JSON at byte 0" },
		{ "[5]", "row 1: a number, not an object" },
		{ "[{}]", "row 1, field elexonBmUnit: absent" },
		{ "[{\"elexonBmUnit\":5}]", "row 1, field elexonBmUnit: a number" },
		{ "[{\"elexonBmUnit\":\"T_A\",\"bmUnitName\":\"a\",\"leadPartyName\":\"b\",\"fuelType\":1}]", "row 1 (T_A), field fuelType: a number" },
		{ "[{\"elexonBmUnit\":\"T_A\",\"bmUnitName\":\"a\",\"leadPartyName\":\"b\",\"fuelType\":null,\"nationalGridBmUnit\":null,"
		  "\"generationCapacity\":\"many\"}]", "row 1 (T_A), field generationCapacity: many is not a number" },
		{ "[{\"elexonBmUnit\":\"T_\\u0007\",\"bmUnitName\":\"a\",\"leadPartyName\":\"b\",\"fuelType\":null,\"nationalGridBmUnit\":null,"
		  "\"generationCapacity\":null}]", "1 of 1 rows cannot be used; the first: row 1: the id 'T_?' is not valid" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_register reg;
		struct reason why = { .text = "" };

		if (elexon_parse_bmunits(row[i].body, strlen(row[i].body), &reg, &why))
			fail_msg("read: %s", row[i].body);
		elexon_register_release(&reg);
		if (!strstr(why.text, row[i].want))
			fail_msg("\"%s\" does not say \"%s\"", why.text, row[i].want);
	}
}

/* One row, each value as JSON has it. */
static void add_unit(struct buf *body, const char *id, const char *name, const char *party, const char *fuel, const char *grid,
		     const char *capacity)
{
	buf_adds(body, body->len ? "," : "[");
	buf_addf(body, "{\"nationalGridBmUnit\":%s,\"elexonBmUnit\":%s,\"eic\":null,\"fuelType\":%s,\"leadPartyName\":%s,"
		 "\"bmUnitName\":%s,\"generationCapacity\":%s}", grid, id, fuel, party, name, capacity);
}

/* Ends the body and reads it; a reason, or "" where it was taken. */
static const char *read_units(struct buf *body, struct elexon_register *reg)
{
	static struct reason why;

	why = (struct reason){ .text = "" };
	buf_adds(body, body->len ? "]" : "[]");
	if (elexon_parse_bmunits(body->data, body->len, reg, &why))
		why.text[0] = '\0';
	buf_release(body);
	return why.text;
}

static void rows_of_one_unit_that_differ_in_anything_are_counted_and_the_first_stays(void **state)
{
	static const char *const other[][5] = {
		{ "\"Hill\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9\"" }, { "\"N\"", "null", "\"WIND\"", "\"G\"", "\"9\"" },
		{ "\"N\"", "\"P\"", "null", "\"G\"", "\"9\"" }, { "\"N\"", "\"P\"", "\"WIND\"", "\"H\"", "\"9\"" },
		{ "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9.0\"" },
	};
	struct elexon_register reg;
	struct buf body = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		add_unit(&body, "\"T_B\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9\"");
		add_unit(&body, "\"T_A\"", "null", "null", "null", "null", "null");
		add_unit(&body, "\"T_B\"", other[i][0], other[i][1], other[i][2], other[i][3], other[i][4]);
		add_unit(&body, "\"T_A\"", "null", "null", "null", "null", "null");
		add_unit(&body, "\"T_C\"", "null", "null", "null", "null", "7");
		add_unit(&body, "\"T_C\"", "\"N\"", "null", "null", "null", "7");
		assert_string_equal(read_units(&body, &reg), "");
		assert_int_equal(reg.n_units, 3);
		assert_int_equal(reg.repeated, 3);
		assert_int_equal(reg.differing, 2);
		assert_string_equal(reg.first_differing, "T_B");
		assert_string_equal(reg.units[0].id, "T_A");
		assert_string_equal(reg.units[1].name, "N");
		assert_string_equal(reg.units[1].lead_party_name, "P");
		assert_string_equal(reg.units[1].capacity_mw, "9");
		assert_string_equal(reg.units[2].capacity_mw, "7");
		assert_string_equal(reg.units[2].name, "N");	/* which the first does not say */
		assert_null(reg.units[2].lead_party_name);
		elexon_register_release(&reg);
		assert_int_equal(reg.n_units, 0);
		assert_null(reg.units);
	}
}

static void the_second_row_of_a_unit_says_what_the_first_does_not(void **state)
{
	struct elexon_register reg;
	struct buf body = BUF_INIT;

	(void)state;
	add_unit(&body, "\"T_A\"", "null", "null", "null", "null", "null");
	add_unit(&body, "\"T_A\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9\"");
	add_unit(&body, "\"T_A\"", "\"X\"", "\"X\"", "\"X\"", "\"X\"", "\"1\"");
	assert_string_equal(read_units(&body, &reg), "");
	assert_int_equal(reg.n_units, 1);
	assert_string_equal(reg.units[0].name, "N");
	assert_string_equal(reg.units[0].lead_party_name, "P");
	assert_string_equal(reg.units[0].fuel_type, "WIND");
	assert_string_equal(reg.units[0].national_grid_id, "G");
	assert_string_equal(reg.units[0].capacity_mw, "9");
	elexon_register_release(&reg);
}

static void a_fuel_type_is_tidied(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "WIND", "WIND" }, { "wind", "WIND" }, { "  Wind ", "WIND" }, { "npshyd", "NPSHYD" }, { " ", "" }, { "", "" }, { "a b", "A B" },
		{ "Wind Offshore", "WIND" }, { "WIND ONSHORE", "WIND" }, { " offshore wind ", "WIND" }, { "Onshore Wind", "WIND" },
		{ "WIND_OFFSHORE", "WIND" }, { "Wind (Offshore)", "WIND" }, { "onshorewind", "WIND" }, { "WIN D", "WIN D" }, { "WIN", "WIN" },
		{ "\tother\r\n", "OTHER" },
	};
	static const char *const said_nothing[] = { "\"\"", "\" \"", "\"null\"", "\"N/A\"", "\"-\"", "null" };
	struct elexon_register reg;
	struct buf body = BUF_INIT;
	char text[32];

	(void)state;
	/* That of a unit, whose id has blanks around it as well. */
	add_unit(&body, "\" T_A\\t \"", "\"N\"", "\"P\"", "\" Wind\"", "\"G\"", "7");
	assert_string_equal(read_units(&body, &reg), "");
	assert_int_equal(reg.n_units, 1);
	assert_string_equal(reg.units[0].id, "T_A");
	assert_string_equal(reg.units[0].fuel_type, "WIND");
	elexon_register_release(&reg);
	elexon_tidy_fuel_type(NULL);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		strcpy(text, row[i].text);
		elexon_tidy_fuel_type(text);
		assert_string_equal(text, row[i].want);
	}
	for (size_t i = 0; i < sizeof said_nothing / sizeof *said_nothing; i++) {
		add_unit(&body, "\"T_A\"", "\"N/A\"", "\"P\"", said_nothing[i], "\"G\"", "7");
		assert_string_equal(read_units(&body, &reg), "");
		assert_null(reg.units[0].fuel_type);
		assert_string_equal(reg.units[0].name, "N/A");
		elexon_register_release(&reg);
	}
}

/* A name is for people, and turns no terminal and no page around; an id is kept as it came, or its row is not. */
static void names_are_cleaned_and_ids_are_not(void **state)
{
	struct elexon_register reg;
	struct buf body = BUF_INIT;

	(void)state;
	add_unit(&body, "\"T_A\"", "\"\\tHill\\tWind\\nFarm \"", "\" A\\u001b[31m\\u202eB \\n\"", "\"WIND\"", "\"\"", "99.5");
	add_unit(&body, "\"T A\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9\"");
	add_unit(&body, "null", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "\"9\"");
	add_unit(&body, "\"T_B\"", "\"\\u202e\"", "\"P\"", "\"WIND\"", "\"G\"", "\"0.0\"");
	assert_string_equal(read_units(&body, &reg), "");
	assert_int_equal(reg.n_units, 2);
	assert_int_equal(reg.rows_seen, 4);
	assert_int_equal(reg.without_id, 1);
	assert_int_equal(reg.odd.odd, 1);
	assert_int_equal(reg.odd.rows, 4);
	assert_memory_equal(reg.odd.text.data, "row 2: the id 'T A' is not valid", 32);
	assert_string_equal(reg.units[0].name, "Hill Wind Farm");
	assert_string_equal(reg.units[0].lead_party_name, "AB");
	assert_null(reg.units[0].national_grid_id);
	assert_string_equal(reg.units[0].capacity_mw, "99.5");
	assert_null(reg.units[1].name);
	assert_string_equal(reg.units[1].capacity_mw, "0.0");
	elexon_register_release(&reg);
}

static void a_capacity_is_a_number_in_a_string_or_bare(void **state)
{
	static const struct { const char *sent, *want; } row[] = {
		{ "\"99.000\"", "99.000" }, { "\"-5.5\"", "-5.5" }, { "\"5000.000\"", "5000.000" }, { "-5000", "-5000" }, { "12", "12" }, { "1.5e1", "15" }, { "null", "" },
		{ "\"\"", "" }, { "\" \"", "" },
		{ "\"5000.001\"", "! row 2 (T_B), field generationCapacity: no unit has 5000.001 MW" },
		{ "-99000", "! row 2 (T_B), field generationCapacity: no unit has -99000 MW" },
		{ "\"+5\"", "! row 2 (T_B), field generationCapacity: +5 is not a number" },
		{ "\"1e3\"", "1000" }, { "\"5.0E+2\"", "500" },
		{ "\"1e\"", "! row 2 (T_B), field generationCapacity: 1e is not a number" },
		{ "\"n/a\"", "! row 2 (T_B), field generationCapacity: n/a is not a number" },
		{ "\"1000000\"", "! row 2 (T_B), field generationCapacity: 1000000 is past ±1000000" },
		{ "1000000", "! row 2 (T_B), field generationCapacity: 1000000 is past ±1000000" },
		{ "true", "! row 2 (T_B), field generationCapacity: true or false, not a number" },
	};
	struct elexon_register reg;
	struct buf body = BUF_INIT, want = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		bool odd = *row[i].want == '!';

		add_unit(&body, "\"T_A\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
		add_unit(&body, "\"T_B\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", row[i].sent);
		assert_string_equal(read_units(&body, &reg), "");
		assert_int_equal(reg.n_units, 2);
		assert_string_equal(reg.units[1].fuel_type, "WIND");
		assert_string_equal(reg.units[1].capacity_mw, odd ? "" : row[i].want);
		assert_int_equal(reg.odd.odd, odd);
		assert_int_equal(reg.odd_kept, odd);
		if (odd) {
			buf_clear(&want);
			buf_addf(&want, "%s: the capacity is not known\n", row[i].want + 2);
			assert_string_equal(reg.odd.text.data, want.data);
		}
		elexon_register_release(&reg);
	}
	buf_release(&want);
	assert_string_equal(read_units(&body, &reg), "");
	assert_int_equal(reg.n_units, 0);
	elexon_register_release(&reg);
	assert_null(elexon_find_unit(NULL, 0, "T_A"));
	elexon_sort_units(NULL, 0);
}

/* ISO 8859-1, of the whole body or of one name in it; an id of such is none. */
static void a_name_in_latin_1_is_read_as_that(void **state)
{
	struct elexon_register reg;
	struct buf body = BUF_INIT;

	(void)state;
	add_unit(&body, "\"T_A\"", "\"N\"", "\"\xd8rsted \xa3\"", "\"WIND\"", "\"G\"", "7");
	add_unit(&body, "\"T_B\"", "\"N\"", "\"\xc3\x98rsted\"", "\"WIND\"", "\"G\"", "7");
	add_unit(&body, "\"T_\xc9\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
	add_unit(&body, "\"T_D\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
	add_unit(&body, "\"T_E\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
	assert_string_equal(read_units(&body, &reg), "");
	assert_int_equal(reg.n_units, 4);
	assert_string_equal(reg.units[0].lead_party_name, "\xc3\x98rsted \xc2\xa3");
	assert_string_equal(reg.units[1].lead_party_name, "\xc3\x98rsted");
	assert_int_equal(reg.odd.odd, 2);
	assert_int_equal(reg.odd_kept, 1);
	assert_memory_equal(reg.odd.text.data, "3 bytes are not UTF-8, and read as Latin-1\nrow 3: the id 'T_\xc3\x89' is not", 64);
	elexon_register_release(&reg);
	/* Another document is none in any encoding. */
	buf_adds(&body, "\xff\xfe[");
	assert_non_null(strstr(read_units(&body, &reg), "UTF-16"));
	elexon_register_release(&reg);
	buf_adds(&body, "\xfe\xff[");
	assert_non_null(strstr(read_units(&body, &reg), "UTF-16"));
	elexon_register_release(&reg);
}

/* Inside a character too, and nothing behind it is read. */
static void a_register_cut_anywhere_is_refused(void **state)
{
	struct buf body = BUF_INIT;

	(void)state;
	add_unit(&body, "\"T_A\"", "\"N\"", "\"\xc3\x98rsted \xe2\x82\xac\"", "\"WIND\"", "\"G\"", "7");
	for (size_t cut = 0; cut < body.len; cut++) {
		struct elexon_register reg;
		struct reason why = { .text = "" };
		char *part = xmalloc(cut + (cut == 0));

		memcpy(part, body.data, cut);
		if (elexon_parse_bmunits(part, cut, &reg, &why))
			fail_msg("read when cut at %zu", cut);
		assert_string_not_equal(why.text, "");
		elexon_register_release(&reg);
		free(part);
	}
	buf_release(&body);
}

/* One row in the way of three thousand. */
static void an_odd_row_costs_that_row(void **state)
{
	static const struct { const char *row, *want; } odd[] = {
		{ "7", "row 2: a number, not an object: the row is left out\n" },
		{ "{\"elexonBmUnit\":5}", "row 2, field elexonBmUnit: a number, not a string: the row is left out\n" },
		{ "{\"elexonBmUnit\":\"T_B\",\"bmUnitName\":null,\"leadPartyName\":null,\"fuelType\":[]}", "row 2 (T_B), field fuelType: an array, not a string: the row is left out\n" },
		{ "{\"elexonBmUnit\":\"T_B\",\"bmUnitName\":7}", "row 2 (T_B), field bmUnitName: a number, not a string: the row is left out\n" },
		/* What no id can be is no name to call the row by. */
		{ "{\"elexonBmUnit\":\"T B\",\"bmUnitName\":7}", "row 2, field bmUnitName: a number, not a string: the row is left out\n" },
	};
	struct elexon_register reg;
	struct buf body = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		add_unit(&body, "\"T_A\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
		buf_addf(&body, ",%s", odd[i].row);
		add_unit(&body, "\"\"", "\"N\"", "\"P\"", "\"WIND\"", "\"G\"", "7");
		add_unit(&body, "\"T_C\"", "\"N\"", "\"P\"", "\"\"", "\"G\"", "7");
		assert_string_equal(read_units(&body, &reg), "");
		assert_int_equal(reg.n_units, 2);
		assert_int_equal(reg.without_id, 1);
		assert_string_equal(reg.units[1].id, "T_C");
		assert_null(reg.units[1].fuel_type);	/* an empty text is no other fuel */
		assert_string_equal(reg.odd.text.data, odd[i].want);
		elexon_register_release(&reg);
	}
}

static void another_document_is_no_odd_register(void **state)
{
	static const char error[] = "{\"statusCode\":429,\"message\":\"slow down\"}";
	struct elexon_register reg;
	struct reason why = { .text = "" };

	(void)state;
	assert_false(elexon_parse_bmunits("{}", 2, &reg, &why));
	assert_int_equal(why.answer, ANSWER_OTHER);
	elexon_register_release(&reg);
	assert_false(elexon_parse_bmunits(error, strlen(error), &reg, &why));
	assert_string_equal(why.text, "an error instead of a list of BM units: slow down");
	assert_int_equal(why.answer, ANSWER_OTHER);
	elexon_register_release(&reg);
	assert_false(elexon_parse_bmunits("[5]", 3, &reg, &why));
	assert_int_equal(why.answer, ANSWER_ODD);
	elexon_register_release(&reg);
}

static void units_are_found_once_they_are_sorted(void **state)
{
	struct elexon_unit units[] = { { .id = "T_C" }, { .id = "2__A" }, { .id = "T_B" }, { .id = "E_X" } };

	(void)state;
	elexon_sort_units(units, 4);
	assert_string_equal(units[0].id, "2__A");
	assert_string_equal(units[3].id, "T_C");
	assert_ptr_equal(elexon_find_unit(units, 4, "T_C"), &units[3]);
	assert_null(elexon_find_unit(units, 4, "T_D"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_register_is_read_with_its_nulls_and_repeated_ids),
		cmocka_unit_test(a_register_that_is_not_as_documented_is_refused),
		cmocka_unit_test(rows_of_one_unit_that_differ_in_anything_are_counted_and_the_first_stays),
		cmocka_unit_test(the_second_row_of_a_unit_says_what_the_first_does_not),
		cmocka_unit_test(a_fuel_type_is_tidied),
		cmocka_unit_test(names_are_cleaned_and_ids_are_not),
		cmocka_unit_test(a_capacity_is_a_number_in_a_string_or_bare),
		cmocka_unit_test(a_name_in_latin_1_is_read_as_that),
		cmocka_unit_test(a_register_cut_anywhere_is_refused),
		cmocka_unit_test(an_odd_row_costs_that_row),
		cmocka_unit_test(another_document_is_no_odd_register),
		cmocka_unit_test(units_are_found_once_they_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
