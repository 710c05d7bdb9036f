#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "format/copy_binary.h"

/* The bytes as psql shows them with encode(…, 'hex'). */
static const char *hex(const struct buf *b)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < b->len && 2 * i + 2 < sizeof text; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)b->data[i]);
	return text;
}

/* What numeric_send() of PostgreSQL 15 makes of each. */
static void a_numeric_is_what_the_server_would_send(void **state)
{
	static const struct { const char *text, *hex; } row[] = {
		{ "0", "0000000000000000" },
		{ "0.00000000", "0000000000000008" },
		{ "1", "00010000000000000001" },
		{ "-1", "00010000400000000001" },
		{ "9999", "0001000000000000270f" },
		{ "10000", "00010001000000000001" },
		{ "10001", "000200010000000000010001" },
		{ "100000000", "00010002000000000001" },
		{ "0.1", "0001ffff0000000103e8" },
		{ "0.0001", "0001ffff000000040001" },
		{ "0.00001", "0001fffe0000000503e8" },
		{ "0.00010000", "0001ffff000000080001" },
		{ "-10.166666666666666075", "0006000040000012000a06821a0a1a0a1a041d4c" },
		{ "113757508810853.99837194", "000600030000000800711d970371035526ff1c1a" },
		{ "13.5", "0002000000000001000d1388" },
		{ "3050", "00010000000000000bea" },
		{ "1.525000000", "000200000000000900011482" },
		{ "0.00115128", "0002ffff00000008000b1408" },
		{ "170000000.123456789", "000600020000000900011b58000004d2162e2328" },
		{ "99990000", "0001000100000000270f" },
		{ "10000.0001", "0003000100000004000100000001" },
		{ "-0.00000000000000000001", "0001fffb400000140001" },
		{ "12345678901234567890123456789012345678", "000a000900000000000c0d801ed204d2162e23340d801ed204d2162e" },
		{ "3.12500000", "0002000000000008000304e2" },
		{ "1000000.000000", "00010001000000060064" },
		{ "-0.000", "0000000000000003" },
		{ "0001", "00010000000000000001" },
	};
	static const enum copy_type type[] = { COPY_NUMERIC };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf b = BUF_INIT;
		struct reason why = { .text = "" };
		char want[256];

		if (!copy_binary_row(&b, row[i].text, type, 1, &why))
			fail_msg("%s", why.text);
		snprintf(want, sizeof want, "0001%08zx%s", strlen(row[i].hex) / 2, row[i].hex);
		assert_string_equal(hex(&b), want);
		buf_release(&b);
	}
}

/* COPY (select '2025-03-23'::date, 24::smallint, E'T\t\\A', -7::bigint, null::numeric, 1.50) TO STDOUT (FORMAT BINARY) */
static void a_stream_is_what_the_server_would_copy_out(void **state)
{
	static const enum copy_type types[] = { COPY_DATE, COPY_SMALLINT, COPY_TEXT, COPY_BIGINT, COPY_NUMERIC, COPY_NUMERIC };
	struct buf b = BUF_INIT;
	struct reason why = { .text = "" };

	(void)state;
	copy_binary_begin(&b);
	if (!copy_binary_row(&b, "2025-03-23\t24\tT\\t\\\\A\t-7\t\\N\t1.50", types, 6, &why))
		fail_msg("%s", why.text);
	copy_binary_end(&b);
	assert_string_equal(hex(&b), "5047434f50590aff0d0a000000000000000000"
				     "000600000004000023fd0000000200180000000454095c4100000008fffffffffffffff9ffffffff"
				     "0000000c000200000000000200011388ffff");
	buf_release(&b);
}

static void whole_numbers_keep_to_their_range(void **state)
{
	static const struct { enum copy_type type; const char *text, *hex; } row[] = {
		{ COPY_SMALLINT, "32767", "7fff" }, { COPY_SMALLINT, "-32768", "8000" }, { COPY_SMALLINT, "0", "0000" },
		{ COPY_SMALLINT, "32768", NULL }, { COPY_SMALLINT, "-32769", NULL }, { COPY_SMALLINT, "", NULL },
		{ COPY_SMALLINT, "-", NULL }, { COPY_SMALLINT, "1.0", NULL }, { COPY_SMALLINT, " 1", NULL }, { COPY_SMALLINT, "1a", NULL },
		{ COPY_BIGINT, "9223372036854775807", "7fffffffffffffff" }, { COPY_BIGINT, "-9223372036854775808", "8000000000000000" },
		{ COPY_BIGINT, "9223372036854775808", NULL }, { COPY_BIGINT, "-9223372036854775809", NULL },
		{ COPY_BIGINT, "99999999999999999999", NULL }, { COPY_BIGINT, "1.5", NULL }, { COPY_BIGINT, "1-", NULL },
		{ COPY_DATE, "1999-12-31", "ffffffff" }, { COPY_DATE, "2022-01-01", "00001f64" },
		{ COPY_DATE, "2025-02-30", NULL }, { COPY_DATE, "infinity", NULL }, { COPY_DATE, "2025-02-0", NULL },
		{ COPY_NUMERIC, "", NULL }, { COPY_NUMERIC, "-", NULL }, { COPY_NUMERIC, ".", NULL }, { COPY_NUMERIC, "1.", NULL },
		{ COPY_NUMERIC, "1.2.3", NULL }, { COPY_NUMERIC, "NaN", NULL }, { COPY_NUMERIC, "1e5", NULL }, { COPY_NUMERIC, "+1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf b = BUF_INIT;
		struct reason why = { .text = "" };
		bool ok = copy_binary_row(&b, row[i].text, &row[i].type, 1, &why);

		if (ok != (row[i].hex != NULL))
			fail_msg("%s: %s", row[i].text, ok ? "was taken" : why.text);
		if (ok)
			assert_string_equal(hex(&b) + 12, row[i].hex);
		buf_release(&b);
	}
}

static void a_number_beyond_any_use_is_refused_and_not_cut(void **state)
{
	static const enum copy_type type[] = { COPY_NUMERIC };
	char text[400];
	struct buf b = BUF_INIT;
	struct reason why;

	(void)state;
	memset(text, '7', sizeof text);
	text[256] = '\0';
	assert_true(copy_binary_row(&b, text, type, 1, &why));
	text[256] = '7';
	text[257] = '\0';
	assert_false(copy_binary_row(&b, text, type, 1, &why));
	buf_release(&b);
}

static void text_is_without_the_backslashes_of_the_row(void **state)
{
	static const struct { const char *text, *hex; } row[] = {
		{ "T_A-1", "545f412d31" }, { "", "" }, { "\\ta\\n", "09610a" }, { "\\r\\b\\f\\v", "0d080c0b" }, { "\\\\N\\x", "5c4e78" },
		{ "a\\", "615c" }, { "\\", "5c" },
	};
	static const enum copy_type type[] = { COPY_TEXT };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf b = BUF_INIT;
		char want[64];

		assert_true(copy_binary_row(&b, row[i].text, type, 1, NULL));
		snprintf(want, sizeof want, "0001%08zx%s", strlen(row[i].hex) / 2, row[i].hex);
		assert_string_equal(hex(&b), want);
		buf_release(&b);
	}
}

/* Rows of 14 and of 16 bytes, so that each ends at the end of the memory once. */
static void the_memory_is_enough_for_each_row(void **state)
{
	static const enum copy_type type[] = { COPY_NUMERIC };

	(void)state;
	for (size_t shorter = 0; shorter < 16; shorter++) {
		struct buf b = BUF_INIT;

		copy_binary_begin(&b);
		for (size_t i = 0; i < shorter; i++)
			assert_true(copy_binary_row(&b, "0", type, 1, NULL));
		for (size_t i = 0; i < 300; i++)
			assert_true(copy_binary_row(&b, "1", type, 1, NULL));
		assert_int_equal(b.len, 19 + 14 * shorter + 16 * 300);
		buf_release(&b);
	}
}

static void a_row_has_as_many_fields_as_it_should(void **state)
{
	static const enum copy_type types[] = { COPY_TEXT, COPY_TEXT };
	struct buf b = BUF_INIT;
	struct reason why;

	(void)state;
	assert_true(copy_binary_row(&b, "a\tb", types, 2, &why));
	assert_true(copy_binary_row(&b, "\t", types, 2, &why));
	assert_false(copy_binary_row(&b, "a", types, 2, &why));
	assert_false(copy_binary_row(&b, "a\tb\tc", types, 2, &why));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_numeric_is_what_the_server_would_send),
		cmocka_unit_test(a_stream_is_what_the_server_would_copy_out),
		cmocka_unit_test(whole_numbers_keep_to_their_range),
		cmocka_unit_test(a_number_beyond_any_use_is_refused_and_not_cut),
		cmocka_unit_test(text_is_without_the_backslashes_of_the_row),
		cmocka_unit_test(the_memory_is_enough_for_each_row),
		cmocka_unit_test(a_row_has_as_many_fields_as_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
