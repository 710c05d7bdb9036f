#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_stand_in_any_order_and_a_comment_says_nothing),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(any_byte_may_be_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
