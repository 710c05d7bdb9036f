#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/column_map_io.h"

static const char *const theirs[] = { "symbol", " trade_id ", "side", "when", "size", "paid", "odd", NULL };

static void columns_are_found_by_name_by_mapping_and_as_constants(void **state)
{
	static const char *const record[] = { "BTC-USD", "t1", "BUY", "2024-01-01", "1", NULL, "x" };
	const char *text[TRADE_COLUMNS];
	struct mapping m = { 0 };
	struct buf unread = BUF_INIT;
	struct reason why;

	(void)state;
	assert_true(mapping_add(&m, "product_id=symbol, trade_time = when ,total=paid", &why));
	assert_true(mapping_add(&m, "note:= imported ", &why));
	if (!mapping_find(&m, theirs, 7, &unread, &why))
		fail_msg("%s", why.text);
	assert_string_equal(unread.data, "odd");
	assert_true(mapping_has(&m, TRADE_NOTE));
	assert_false(mapping_has(&m, TRADE_FEE));
	mapping_apply(&m, record, text);
	assert_string_equal(text[TRADE_PRODUCT_ID], "BTC-USD");
	assert_string_equal(text[TRADE_TRADE_ID], "t1");
	assert_string_equal(text[TRADE_TIME], "2024-01-01");
	assert_string_equal(text[TRADE_NOTE], "imported");
	assert_null(text[TRADE_TOTAL]);
	assert_null(text[TRADE_FEE]);
	buf_release(&unread);
	mapping_release(&m);
}

static void a_column_that_names_the_fees_currency_is_taken_for_it(void **state)
{
	static const char *const name[] = { "fee_asset", "feeCurrency", "Fee Currency", "COMMISSION ASSET", "fees-coin", "Currency of fee",
					    "Fee Unit", "price/fee/total unit", "Fee currency (name)", "Fee Cur.", "feeDenom",
					    "Transaction Fee Currency" };

	(void)state;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		const char *header[] = { "product_id", "trade_id", "side", "trade_time", "size", "price", "fee", name[i], "fees" };
		const char *text[TRADE_COLUMNS];
		struct mapping m = { 0 };
		struct buf unread = BUF_INIT;
		struct reason why = { .text = "" };

		assert_true(mapping_find(&m, header, 9, &unread, &why));
		assert_string_equal(m.fee_currency, name[i]);
		assert_string_equal(unread.data, "fees");
		mapping_apply(&m, header, text);
		assert_string_equal(text[TRADE_FEE_CURRENCY], name[i]);
		mapping_release(&m);
		buf_clear(&unread);
		/* Ours is ours, and what is mapped is not guessed. */
		m = (struct mapping){ 0 };
		header[8] = "fee_currency";
		assert_true(mapping_find(&m, header, 9, &unread, &why));
		assert_null(m.fee_currency);
		assert_int_equal(m.at[TRADE_FEE_CURRENCY], 8);
		mapping_release(&m);
		/* Two are a question. */
		m = (struct mapping){ 0 };
		header[8] = "feecoin";
		assert_false(mapping_find(&m, header, 9, &unread, &why));
		assert_non_null(strstr(why.text, "may both be the fee's currency"));
		mapping_release(&m);
		buf_release(&unread);
	}
}

static void a_mapping_that_cannot_be_meant_is_refused(void **state)
{
	static const struct { const char *argument, *why; } row[] = {
		{ "a=b", "\"a\" is not a column of the books; see --help" },
		{ "size=x,size=y", "size is mapped twice" },
		{ "size=x,price", "\"price\" is not OURS=THEIRS" },
		{ "/no/such/file", "/no/such/file is neither OURS=THEIRS nor a file that can be read: No such file or directory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct mapping m = { 0 };
		struct reason why = { .text = "" };

		assert_false(mapping_add(&m, row[i].argument, &why));
		assert_string_equal(why.text, row[i].why);
		mapping_release(&m);
	}
}

static void a_file_of_mappings_is_read_with_its_comments(void **state)
{
	static const char text[] = "# ours = theirs\n\n  size = amount\r\nprice=rate\nbad\n";
	char path[] = "/tmp/windfall-mapping.XXXXXX";
	int fd = mkstemp(path);
	struct mapping m = { 0 };
	struct reason why = { .text = "" };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	assert_false(mapping_add(&m, path, &why));
	unlink(path);
	assert_string_equal(m.theirs[TRADE_SIZE], "amount");
	assert_string_equal(m.theirs[TRADE_PRICE], "rate");
	assert_non_null(strstr(why.text, ", line 5: \"bad\" is not OURS=THEIRS"));
	mapping_release(&m);
}

static void all_that_a_header_lacks_is_named_at_once(void **state)
{
	static const char *const twice[] = { "size", "side", "size", NULL };
	struct mapping m = { 0 };
	struct buf unread = BUF_INIT;
	struct reason why = { .text = "" };

	(void)state;
	assert_false(mapping_find(&m, theirs, 7, &unread, &why));
	assert_string_equal(why.text, "the header has no column product_id, nor trade_time, nor value or total or price");
	assert_string_equal(unread.data, "symbol, when, paid, odd");
	assert_false(mapping_find(&m, twice, 3, &unread, &why));
	assert_string_equal(why.text, "the column size occurs twice in the header");
	assert_true(mapping_add(&m, "price=rate", NULL));
	assert_false(mapping_find(&m, theirs, 7, &unread, &why));
	assert_string_equal(why.text, "the header has no column rate, which was mapped to price");
	buf_release(&unread);
	mapping_release(&m);
}

/* A wallet's export has no side: buys are above zero and sales below. */
static void a_signed_size_stands_for_the_side(void **state)
{
	static const char *const header[] = { "id", "product_id", "trade_time", "size", "price", "trade_id" };
	static const char *const other[] = { "Date", "Open", "High" };
	struct buf unread = BUF_INIT;
	struct reason why = { .text = "" };

	(void)state;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		struct mapping m = { .signed_size = is_signed };

		assert_int_equal(mapping_find(&m, header, 6, &unread, &why), is_signed);
		assert_true(mapping_has_any(&m));
		if (!is_signed)
			assert_string_equal(why.text, "the header has no column side");
		buf_clear(&unread);
		mapping_release(&m);
	}
	for (int once = 1; once; once = 0) {
		struct mapping m = { 0 };

		assert_false(mapping_find(&m, other, 3, &unread, &why));
		assert_false(mapping_has_any(&m));
		mapping_release(&m);
	}
	buf_release(&unread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_by_name_by_mapping_and_as_constants),
		cmocka_unit_test(a_column_that_names_the_fees_currency_is_taken_for_it),
		cmocka_unit_test(a_signed_size_stands_for_the_side),
		cmocka_unit_test(a_mapping_that_cannot_be_meant_is_refused),
		cmocka_unit_test(a_file_of_mappings_is_read_with_its_comments),
		cmocka_unit_test(all_that_a_header_lacks_is_named_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
