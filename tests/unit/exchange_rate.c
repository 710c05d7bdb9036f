#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitcoin/exchange_rate.h"

static const char document[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/2002-08-01\" xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/eurofxref\">\n"
	"<!-- <Cube time='2025-03-06'><Cube currency='GBP' rate='9'/></Cube> -->"
	"<Cube><Cube time='2025-03-07'><Cube currency='USD' rate='1.0857'/><Cube currency='BGN' rate='1.9558'/>"
	"<Cube rate = \"0.84\" currency = \"GBP\" /></Cube></Cube></gesmes:Envelope>\n";

static day_t day(const char *text)
{
	day_t d;

	assert_true(day_parse(text, &d));
	return d;
}

/* The bytes in memory of their own, so that a read beyond their end is seen. */
static bool read_xml(struct exchange_rates *rates, const char *text, size_t len, struct oddities *odd, struct reason *why)
{
	char *bytes = malloc(len ? len : 1);
	bool ok;

	memcpy(bytes, text, len);
	exchange_rates_init(rates, day("2025-03-08"));
	ok = exchange_rates_read_xml(rates, bytes, len, odd, why);
	free(bytes);
	return ok;
}

static void attributes_stand_in_any_order_and_a_comment_says_nothing(void **state)
{
	struct exchange_rates rates;
	struct oddities odd = ODDITIES_INIT;
	struct reason why;
	int gbp = rate_currency_find("GBP", 3), usd = rate_currency_find("USD", 3);

	(void)state;
	assert_true(read_xml(&rates, document, sizeof document - 1, &odd, &why));
	assert_true(exchange_rates_settle(&rates, &odd, &why));
	assert_int_equal(rates.of[gbp].n, 1);
	assert_int_equal(rates.of[gbp].rows[0].day, day("2025-03-07"));
	assert_string_equal(rates.of[gbp].rows[0].price, "0.84");
	assert_string_equal(rates.of[usd].rows[0].price, "1.0857");
	assert_int_equal(odd.odd, 0);
	exchange_rates_release(&rates);
	oddities_release(&odd);
}

static void a_document_cut_anywhere_is_refused(void **state)
{
	size_t end = (size_t)(strstr(document, "</gesmes:Envelope>") - document) + strlen("</gesmes:Envelope>");

	(void)state;
	for (size_t len = 0; len < end; len++) {
		struct exchange_rates rates;
		struct oddities odd = ODDITIES_INIT;
		struct reason why;

		assert_false(read_xml(&rates, document, len, &odd, &why));
		exchange_rates_release(&rates);
		oddities_release(&odd);
	}
}

static void any_byte_may_be_another(void **state)
{
	static const char others[] = "<>'\"=/ -:\n\0" "9";
	char text[sizeof document];

	(void)state;
	for (size_t at = 0; at < sizeof document - 1; at++)
		for (size_t i = 0; i < sizeof others - 1; i++) {
			struct exchange_rates rates;
			struct oddities odd = ODDITIES_INIT;
			struct reason why;

			memcpy(text, document, sizeof document);
			text[at] = others[i];
			if (read_xml(&rates, text, sizeof document - 1, &odd, &why))
				exchange_rates_settle(&rates, &odd, &why);
			exchange_rates_release(&rates);
			oddities_release(&odd);
		}
}

/* What is read of a document, as text: each rate, the reason where it is refused, and what is odd. */
static const char *rates_of(const char *text, bool is_table, const char *tomorrow)
{
	static struct buf said;
	struct oddities odd = ODDITIES_INIT;
	struct exchange_rates rates;
	struct reason why = { 0 };
	FILE *in = is_table ? fmemopen((char *)text, strlen(text), "r") : NULL;
	bool ok;

	buf_release(&said);
	buf_adds(&said, "");
	exchange_rates_init(&rates, day(tomorrow));
	ok = is_table ? exchange_rates_read_table(&rates, in, &odd, &why) : exchange_rates_read_xml(&rates, text, strlen(text), &odd, &why);
	if (ok)
		ok = exchange_rates_settle(&rates, &odd, &why);
	for (int i = 0; i < RATE_CURRENCIES; i++)
		for (size_t k = 0; k < rates.of[i].n; k++) {
			char date[DAY_TEXT];

			buf_addf(&said, "%s %s %s;", rate_currency[i], day_format(rates.of[i].rows[k].day, date), rates.of[i].rows[k].price);
		}
	if (!ok)
		buf_addf(&said, "! %s", why.text);
	else
		buf_adds(&said, odd.text.data ? odd.text.data : "");
	exchange_rates_release(&rates);
	oddities_release(&odd);
	if (in)
		fclose(in);
	return said.data;
}

/* A rate is passed over quietly where many are well: they stand behind what is tried. */
#define WELL "<Cube time='2025-03-04'><Cube currency='JPY' rate='160'/><Cube currency='CHF' rate='0.95'/><Cube currency='CAD' rate='1.5'/></Cube>"
#define WELL_SAID "CAD 2025-03-04 1.5;CHF 2025-03-04 0.95;"
#define OF_XML(cubes) rates_of("<Envelope>" cubes WELL "</Envelope>", false, "2025-03-11")

static void attributes_are_found_whatever_stands_around_them(void **state)
{
	static const struct { const char *sent, *aud; } row[] = {
		{ "<Envelope><Cube\ttime\r=\n'2025-03-07'><Cube\rcurrency='AUD'\nrate\t=\t\"1.7\"/></Envelope>", "AUD 2025-03-07 1.7;" },
		/* The name of another attribute ends, or its value begins, so. */
		{ "<Envelope><Cube xtime='2025-03-06' time='2025-03-07'><Cube currency='AUD' rates='9' rate='1.7'/></Envelope>", "AUD 2025-03-07 1.7;" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate rate='1.7'/></Envelope>", "AUD 2025-03-07 1.7;" },
		/* No attribute, no rate: without quotes, without an end, longer than any. */
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate=1.7/></Envelope>", "! 1 of 1 rows cannot be used; the first: Cube 2, 2025-03-07 AUD:  is not a rate" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate=171 /></Envelope>", "! 1 of 1 rows cannot be used; the first: Cube 2, 2025-03-07 AUD:  is not a rate" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate='1.7/></Envelope>", "! 1 of 1 rows cannot be used; the first: Cube 2, 2025-03-07 AUD:  is not a rate" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate='1.7' /></Cube></ecb:Envelope>", "AUD 2025-03-07 1.7;" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate='000000000000000000000000000000000000000000000000000000000000001'/></Envelope>", "AUD 2025-03-07 1;" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate='0000000000000000000000000000000000000000000000000000000000000001'/></Envelope>",
		  "! 1 of 1 rows cannot be used; the first: Cube 2, 2025-03-07 AUD:  is not a rate" },
		{ "<Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate=", "! it ends before its Envelope does" },
		/* A comment may be empty, hold a tag, and end the document. */
		{ "<Envelope><!----><Cube time='2025-03-07'><!-- > <Cube time='2025-03-06'> --><Cube currency='AUD' rate='1.7'/></Envelope>", "AUD 2025-03-07 1.7;" },
		{ "<Envelope><!--", "! it ends before its Envelope does" },
		{ "<!--", "! not the reference rates of the European Central Bank: it has no Envelope" },
		{ "<Envelope><><Cube time='2025-03-07'><Cube currency='AUD' rate='1.7'/></Envelope>", "AUD 2025-03-07 1.7;" },
		{ "<Envelope></Envelope><Cube time='2025-03-07'><Cube currency='AUD' rate='1.7'/>", "! it has no rates" },
		{ "<Envelope></></Envelope>", "! it has no rates" },
		{ "<Cube time='2025-03-07'><Cube currency='AUD' rate='1.7'/><Envelope></Envelope>", "! it has no rates" },
		{ "<Envelope><Cube currency='EUR' rate='1'/></Envelope>", "! it has a rate for EUR: its rates are not those of one euro" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(rates_of(row[i].sent, false, "2025-03-11"), row[i].aud);
}

static void an_odd_rate_is_named_with_its_place(void **state)
{
	(void)state;
	assert_string_equal(OF_XML("<Cube time='2025-03-32'><Cube currency='AUD' rate='1.7'/></Cube>"),
			    WELL_SAID "JPY 2025-03-04 160;Cube 2: 2025-03-32 is not a date\n");
	assert_string_equal(OF_XML("<Cube time='2025-03-08'><Cube currency='AUD' rate='1.7'/></Cube>"),
			    WELL_SAID "JPY 2025-03-04 160;Cube 2, 2025-03-08: a weekend, and the bank publishes nothing then\n");
	assert_string_equal(OF_XML("<Cube time='2025-03-09'><Cube currency='AUD' rate='1.7'/></Cube>"),
			    WELL_SAID "JPY 2025-03-04 160;Cube 2, 2025-03-09: a weekend, and the bank publishes nothing then\n");
	assert_string_equal(OF_XML("<Cube time='2025-03-11'><Cube currency='AUD' rate='1.7'/></Cube>"),
			    WELL_SAID "JPY 2025-03-04 160;Cube 2, 2025-03-11: in the future\n");
	assert_string_equal(OF_XML("<Cube time='2025-03-10'><Cube currency='AUD' rate='1.7'/></Cube>"),
			    "AUD 2025-03-10 1.7;" WELL_SAID "JPY 2025-03-04 160;");
	assert_string_equal(OF_XML("<Cube time='2025-03-07'><Cube currency='AUD' rate='x'/></Cube>"),
			    WELL_SAID "JPY 2025-03-04 160;Cube 2, 2025-03-07 AUD: x is not a rate\n");
	assert_string_equal(OF_XML("<Cube time='2025-03-07'><Cube currency='AUD' rate='1.7'/></Cube><Cube><Cube currency='AUD' rate='1.8'/></Cube>"),
			    "AUD 2025-03-07 1.7;" WELL_SAID "JPY 2025-03-04 160;Cube 4:  is not a date\n");
}

static void the_rates_of_a_table_are_those_of_its_columns(void **state)
{
	static const struct { const char *sent, *want; } row[] = {
		/* The bank's, newest first; what settles is in the order of the days, without the slip. */
		{ "Date,USD,BGN,AUD,JPY,\n2025-03-07,1.0857,1.9558,1.7,N/A,\n2025-03-06,1.08,1.9558,1.71,,\n\n2025-03-05,1.07,1.9558,17,160,\n2025-03-04,1.06,1.9558,1.72,161,\n",
		  "AUD 2025-03-04 1.72;AUD 2025-03-06 1.71;AUD 2025-03-07 1.7;JPY 2025-03-04 161;JPY 2025-03-05 160;"
		  "USD 2025-03-04 1.06;USD 2025-03-05 1.07;USD 2025-03-06 1.08;USD 2025-03-07 1.0857;"
		  "2025-03-05: AUD 17 is far from 1.72 and 1.71 beside it\n" },
		{ "rate_date\tcurrency\tper_euro\tsource\n2025-03-07\tAUD\t1.7\tecb\n2025-03-07\tSEK\t11\tecb\n2025-03-07\tUSD\t1.08\tecb\n",
		  "AUD 2025-03-07 1.7;USD 2025-03-07 1.08;" },
		{ "AUD,Date\n1.7,2025-03-07\n", "AUD 2025-03-07 1.7;" },
		{ "per_euro,currency,rate_date\n1.7,AUD,2025-03-07\n", "AUD 2025-03-07 1.7;" },
		{ "currency,per_euro,rate_date\nAUD,1.7,2025-03-07\n", "AUD 2025-03-07 1.7;" },
		/* A column of a currency and one of codes: the codes say whose the row is. */
		{ "rate_date,currency,USD\n2025-03-07,SEK,1.08\n", "! it has no rates" },
		{ "rate_date,currency,USD\n2025-03-07,AUD,1.08\n", "! 1 of 1 rows cannot be used; the first: line 2, 2025-03-07 AUD:  is not a rate" },
		{ "rate_date\tUSD\n2025-03-07\t\\N\n2025-03-06\t1.08\n", "USD 2025-03-06 1.08;" },
		{ "rate_date,currency\n2025-03-07,AUD\n", "! not reference rates: it has no column of a currency, such as GBP" },
		{ "rate_date,per_euro\n2025-03-07,1.7\n", "! not reference rates: it has no column of a currency, such as GBP" },
		{ "rate_date,SEK\n2025-03-07,1.7\n", "! not reference rates: it has no column of a currency, such as GBP" },
		{ "day,AUD\n2025-03-07,1.7\n", "! not reference rates: it has no column Date (or rate_date)" },
		{ "a;day,AUD\n2025-03-07,1.7\n", "! not reference rates: it has no column Date (or rate_date)" },
		{ "rate_date;AUD\n2025-03-07;1.7\n",
		  "! not reference rates: it has no column Date (or rate_date); tabs or commas separate the columns, not semicolons" },
		{ "Date,AUD,EUR\n2025-03-07,1.7,1\n", "! it has a rate for EUR: its rates are not those of one euro" },
		{ "rate_date,currency,per_euro\n2025-03-07,EUR,1\n", "! it has a rate for EUR: its rates are not those of one euro" },
		{ "Date,AUD\n", "! it has no rates" },
		{ "Date,AUD,USD\n2025-03-07,1.7\n2025-03-06,1.7,1.08\n2025-03-05,1.7,1.08\n",
		  "AUD 2025-03-05 1.7;AUD 2025-03-06 1.7;USD 2025-03-05 1.08;USD 2025-03-06 1.08;line 2: 2 fields, and the header has 3\n" },
		{ "Date,AUD\n2025-03-07,1.7\n\"2025-03-06", "AUD 2025-03-07 1.7;! line 3: a quoted field does not end" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(rates_of(row[i].sent, true, "2025-03-11"), row[i].want);
}

static void a_day_is_written_in_figures_or_as_the_bank_does(void **state)
{
	static const char *const months[] = { "01 January", "01 February", "01 March", "01 April", "01 May", "03 June", "01 July", "01 August",
					      "02 September", "01 October", "01 November", "02 December" };
	static const struct { const char *sent, *want; } row[] = {
		{ "31 December 1999", "AUD 1999-12-31 1.7;" },
		{ "1 January 1999", "AUD 1999-01-01 1.7;" },
		{ "31 December 1998", "! 1 of 1 rows cannot be used; the first: line 2: 31 December 1998 is not a date" },
		{ "31 December 2099", "! 1 of 1 rows cannot be used; the first: line 2, 31 December 2099: in the future" },
		{ "01 January 2100", "! 1 of 1 rows cannot be used; the first: line 2: 01 January 2100 is not a date" },
		{ "00 March 2024", "! 1 of 1 rows cannot be used; the first: line 2: 00 March 2024 is not a date" },
		{ "32 March 2024", "! 1 of 1 rows cannot be used; the first: line 2: 32 March 2024 is not a date" },
		{ "30 February 2024", "! 1 of 1 rows cannot be used; the first: line 2: 30 February 2024 is not a date" },
		{ "01 Brumaire 2024", "! 1 of 1 rows cannot be used; the first: line 2: 01 Brumaire 2024 is not a date" },
		{ "01 March 2024x", "! 1 of 1 rows cannot be used; the first: line 2: 01 March 2024x is not a date" },
	};
	struct buf table = BUF_INIT, want = BUF_INIT;

	(void)state;
	for (int i = 0; i < 12; i++) {
		buf_clear(&table);
		buf_clear(&want);
		buf_addf(&table, "Date, AUD\n%s 2024, 1.7\n", months[i]);
		buf_addf(&want, "AUD 2024-%02d-%.2s 1.7;", i + 1, months[i]);
		assert_string_equal(rates_of(table.data, true, "2025-03-11"), want.data);
	}
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&table);
		buf_addf(&table, "Date,AUD\n%s,1.7\n", row[i].sent);
		assert_string_equal(rates_of(table.data, true, "2025-03-11"), row[i].want);
	}
	buf_release(&table);
	buf_release(&want);
}

static size_t odd_rates;	/* of those settled last */

/* Are these rates of days believed? */
static bool settle(const char *cubes, struct reason *why)
{
	struct exchange_rates rates;
	struct oddities odd = ODDITIES_INIT;
	char text[1024];
	bool ok;

	snprintf(text, sizeof text, "<Envelope><Cube>%s</Cube></Envelope>", cubes);
	assert_true(read_xml(&rates, text, strlen(text), &odd, why));
	ok = exchange_rates_settle(&rates, &odd, why);
	odd_rates = odd.odd;
	exchange_rates_release(&rates);
	oddities_release(&odd);
	return ok;
}

#define ON(day, rates) "<Cube time='2025-03-0" day "'>" rates "</Cube>"
#define USD RATE("USD", "1.1")
#define RATE(currency, rate) "<Cube currency='" currency "' rate='" rate "'/>"

static void rates_that_are_turned_over_are_refused_by_most_of_their_currencies(void **state)
{
	struct reason why = { .text = "" };

	(void)state;
	assert_false(settle(ON("3", RATE("GBP", "1.19")), &why));
	assert_non_null(strstr(why.text, "always bought less than one GBP"));
	assert_false(settle(ON("3", RATE("AUD", "0.6")), &why));
	assert_non_null(strstr(why.text, "always bought more than one AUD"));
	assert_false(settle(ON("3", RATE("AUD", "0.6") RATE("CAD", "0.7") RATE("GBP", "0.84")), &why));
	assert_non_null(strstr(why.text, "AUD"));
	/* Most rates of one currency: of another unit, or of years to come. */
	assert_false(settle(ON("3", RATE("JPY", "1.62")), &why));
	assert_non_null(strstr(why.text, "between 88 and 200 JPY"));
	assert_false(settle(ON("3", RATE("JPY", "1001")), &why));
	assert_true(settle(ON("3", RATE("JPY", "1000")), &why));
	assert_true(settle(ON("3", RATE("JPY", "17.6")), &why));
	assert_false(settle(ON("3", RATE("JPY", "17.5")), &why));
	assert_false(settle(ON("3", RATE("AUD", "20")), &why));
	assert_false(settle(ON("3", RATE("AUD", "1.6") RATE("CAD", "1.5") RATE("GBP", "5.1")), &why));
	/* A leap of which nothing says which side is wrong is named, and both are kept. */
	assert_true(settle(ON("3", RATE("CHF", "1.1")) ON("4", RATE("CHF", "1.1")) ON("5", RATE("CHF", "1.4")) ON("6", RATE("CHF", "1.4")), &why));
	assert_int_equal(odd_rates, 1);
	/* Three of five, among others that can be. */
	assert_false(settle(ON("3", RATE("JPY", "160") USD) ON("4", RATE("JPY", "160") USD) ON("5", RATE("JPY", "1.6") USD)
			    ON("6", RATE("JPY", "1.6") USD) ON("7", RATE("JPY", "1.6") USD), &why));
	/* One of two, or of three, may have crossed; a franc and a dollar say nothing. */
	assert_true(settle(ON("3", RATE("AUD", "0.6") RATE("GBP", "0.84")), &why));
	assert_true(settle(ON("3", RATE("AUD", "1.6") RATE("CAD", "1.5") RATE("GBP", "1.01")), &why));
	assert_true(settle(ON("3", RATE("CHF", "0.95") RATE("USD", "1.09")), &why));
	assert_false(settle(ON("3", RATE("CHF", "0.95") RATE("USD", "1.09") RATE("GBP", "1.19")), &why));
	/* So may one day of two, but not two of three. */
	assert_true(settle(ON("4", RATE("GBP", "1.01")) ON("3", RATE("GBP", "0.99")), &why));
	assert_false(settle(ON("5", RATE("GBP", "1.01")) ON("4", RATE("GBP", "1.02")) ON("3", RATE("GBP", "0.99")), &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_that_are_turned_over_are_refused_by_most_of_their_currencies),
		cmocka_unit_test(attributes_stand_in_any_order_and_a_comment_says_nothing),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(any_byte_may_be_another),
		cmocka_unit_test(attributes_are_found_whatever_stands_around_them),
		cmocka_unit_test(an_odd_rate_is_named_with_its_place),
		cmocka_unit_test(the_rates_of_a_table_are_those_of_its_columns),
		cmocka_unit_test(a_day_is_written_in_figures_or_as_the_bank_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
