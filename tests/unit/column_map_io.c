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
	assert_true(mapping_add(&m, "note:= imported ,record_id:= ", &why));
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
	assert_string_equal(text[TRADE_RECORD_ID], "");
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
		{ "size=x,price", "\"price\" is not OURS=THEIRS" }, { ":=x", "\"\" is not a column of the books; see --help" },
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
	static const char text[] = "\xef\xbb\xbfside = way\n# ours = theirs\n\n  size = amount\r\nprice=rate\nbad\n";
	const size_t good = sizeof text - 1 - strlen("bad\n");

	(void)state;
	for (int all = 0; all < 2; all++) {
		char path[] = "/tmp/windfall-mapping.XXXXXX";
		size_t len = all ? sizeof text - 1 : good;
		int fd = mkstemp(path);
		struct mapping m = { 0 };
		struct reason why = { .text = "" };

		assert_true(fd >= 0);
		assert_int_equal(write(fd, text, len), len);
		close(fd);
		assert_int_equal(mapping_add(&m, path, &why), !all);
		unlink(path);
		assert_string_equal(m.theirs[TRADE_SIDE], "way");
		assert_string_equal(m.theirs[TRADE_SIZE], "amount");
		assert_string_equal(m.theirs[TRADE_PRICE], "rate");
		if (all)
			assert_non_null(strstr(why.text, ", line 6: \"bad\" is not OURS=THEIRS"));
		mapping_release(&m);
	}
}

/* What no column of ours takes, and yet may say what a trade cost, or that it was none. */
static void a_column_of_fees_or_of_the_state_of_orders_is_noticed_among_the_unread(void **state)
{
	static const struct { const char *name; bool fee, status; } row[] = {
		{ "Fees", true, false }, { "Fee (USD)", true, false }, { "COMMISSION EUR", true, false }, { "feesPaidUsd", true, false },
		{ "Order Status", false, true }, { "state", false, true },
		{ "USD", false, false }, { "feeds", false, false }, { "fee share", false, false }, { "FEEZ", false, false },
		{ "feez", false, false }, { "fee0", false, false }, { "fee9", false, false }, { "", false, false },
		{ "a name that is longer than any that is known for fees", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *header[] = { "product_id", "trade_id", "side", "trade_time", "size", "price", "odd", row[i].name, "odder" };
		struct mapping m = { 0 };
		struct buf unread = BUF_INIT;
		struct reason why;

		assert_true(mapping_find(&m, header, 9, &unread, &why));
		if (!row[i].fee != !m.unread_fee || (row[i].fee && (m.unread_fee_at != 7 || strcmp(m.unread_fee, row[i].name) != 0)))
			fail_msg("%s: the fees are %s", row[i].name, m.unread_fee ? m.unread_fee : "nowhere");
		if (row[i].status ? m.status_at != 7 : m.status_at >= 0)
			fail_msg("%s: the status is column %d", row[i].name, m.status_at);
		mapping_release(&m);
		buf_release(&unread);
	}
}

/* A column that is mapped, or has one text for all rows, is no other one's. */
static void what_is_said_of_a_column_holds(void **state)
{
	static const struct { const char *argument, *unread; int size_in_quote, fee_currency; const char *first; } row[] = {
		{ "note:=x", "fee coin", 8, 0, NULL }, { "side:=BUY", "fee coin, side", 8, 0, NULL },
		{ "fee_currency:=USD", "fee_currency, fee coin", 8, -1, NULL }, { "fee_currency=fee coin", "fee_currency", 8, 1, NULL },
		{ "size=price,price=size", "fee coin, size_in_quote", -1, 0, NULL },
		{ "size=price,price=size,size_in_quote=size_in_quote", "fee coin", 8, 0, NULL },
		{ "fee_currency=fee coin", "fee asset", 8, 1, "fee asset" }, { "fee_currency:=USD", "fee asset, fee coin", 8, -1, "fee asset" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *header[] = { row[i].first ? row[i].first : "fee_currency", "fee coin", "product_id", "trade_id", "side",
					 "trade_time", "size", "price", "size_in_quote" };
		struct mapping m = { 0 };
		struct buf unread = BUF_INIT;
		struct reason why;

		assert_true(mapping_add(&m, row[i].argument, &why));
		if (!mapping_find(&m, header, 9, &unread, &why))
			fail_msg("%s: %s", row[i].argument, why.text);
		assert_string_equal(unread.data, row[i].unread);
		assert_int_equal(m.at[TRADE_SIZE_IN_QUOTE], row[i].size_in_quote);
		assert_int_equal(m.at[TRADE_FEE_CURRENCY], row[i].fee_currency);
		assert_null(m.fee_currency);
		mapping_release(&m);
		buf_release(&unread);
	}
}

static void all_that_a_header_lacks_is_named_at_once(void **state)
{
	static const char *const twice[] = { "size", "side", "size", NULL };
	static const char *const nameless[] = { "product_id", "side", "trade_time", "size", "price" };
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
	mapping_release(&m);
	/* The first of all columns, too; and a trade without any number. */
	m = (struct mapping){ 0 };
	assert_true(mapping_add(&m, "product_id=pair", NULL));
	assert_false(mapping_find(&m, nameless, 5, &unread, &why));
	assert_string_equal(why.text, "the header has no column pair, which was mapped to product_id");
	mapping_release(&m);
	m = (struct mapping){ 0 };
	assert_false(mapping_find(&m, nameless, 5, &unread, &why));
	assert_string_equal(why.text, "the header has no column record_id or trade_id or order_id");
	assert_true(mapping_has_any(&m));
	mapping_release(&m);
	m = (struct mapping){ 0 };
	assert_false(mapping_find(&m, nameless, 1, &unread, &why));
	assert_true(mapping_has_any(&m));
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
		cmocka_unit_test(a_column_of_fees_or_of_the_state_of_orders_is_noticed_among_the_unread),
		cmocka_unit_test(what_is_said_of_a_column_holds),
		cmocka_unit_test(all_that_a_header_lacks_is_named_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
