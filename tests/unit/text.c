#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "base/text.h"

/* The bytes of a code point, by the table of RFC 3629, section 3; how many. */
static size_t encode(uint32_t point, unsigned char to[4])
{
	size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; point >>= 6)
		to[i] = (unsigned char)(0x80 | (point & 0x3f));
	to[0] = (unsigned char)(lead[n] | point);
	return n;
}

static void each_character_has_its_length_and_no_part_of_one_has_any(void **state)
{
	(void)state;
	for (uint32_t point = 0; point < 0x110000; point += point < 0x3000 || point > 0x10f000 ? 1 : 13) {
		unsigned char s[4];
		size_t n = encode(point, s);
		bool surrogate = point >= 0xd800 && point <= 0xdfff;

		if (utf8_length(s, n) != (surrogate ? 0 : n))
			fail_msg("U+%04x", point);
		for (size_t i = 1; i < n; i++) {
			unsigned char was = s[i];

			assert_int_equal(utf8_length(s, i), 0);
			s[i] = was & 0x3f;
			assert_int_equal(utf8_length(s, n), 0);
			s[i] = was | 0xc0;
			assert_int_equal(utf8_length(s, n), 0);
			s[i] = was;
		}
	}
}

static void what_is_longer_than_it_need_be_or_beyond_unicode_is_none(void **state)
{
	static const char *const bad[] = { "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
					   "\xff", "\x80", "\xbf", "\xed\xa0\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(utf8_length((const unsigned char *)bad[i], strlen(bad[i])), 0);
}

/* What becomes of a text of exactly this length, in memory that ends with it. */
static void becomes(const char *text, size_t len, const char *want)
{
	char *exact = malloc(len ? len : 1);
	struct buf out = BUF_INIT;

	assert_non_null(exact);
	memcpy(exact, text, len);
	text_clean(&out, exact, len);
	assert_string_equal(out.data ? out.data : "", want);
	buf_release(&out);
	free(exact);
}

static bool vanishes(uint32_t point)
{
	return (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7f && point <= 0x9f) || point == 0x61c || point == 0x200e ||
	       point == 0x200f || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

static void controls_and_what_turns_the_direction_vanish_and_nothing_else(void **state)
{
	(void)state;
	for (uint32_t point = 1; point < 0x3100; point++) {
		unsigned char s[5] = "";
		size_t n = encode(point, s);

		if (point != 0x1b)
			becomes((const char *)s, n, vanishes(point) ? "" : (const char *)s);
	}
	becomes("\xe3\x80\x8e\xef\x80\x8e\xf0\x9f\x80\x8e", 10, "\xe3\x80\x8e\xef\x80\x8e\xf0\x9f\x80\x8e");
	becomes("a\0b", 3, "ab");
}

static void a_terminals_sequences_vanish_whole(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "a\x1b[31mb", "ab" }, { "a\x1b[ ?1;2@b", "ab" }, { "a\x1b[m\x1b[0~b", "ab" }, { "a\x1b" "cb", "ab" }, { "a\x1b", "a" },
		{ "a\x1b[", "a" }, { "a\x1b[3", "a" }, { "a\x1b[31\x1f" "b", "ab" }, { "\x1b\x1b[31mb", "[31mb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		becomes(row[i].text, strlen(row[i].text), row[i].want);
	becomes("a\x1b[31", 3, "a");
}

static void what_is_no_utf8_is_marked_byte_by_byte(void **state)
{
	(void)state;
	becomes("a\xff\xc3\xa9\xc3", 5, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
	becomes("\xe2\x82\xac\xe2\x82", 5, "\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd");
}

static void text_without_a_beginning_of_a_character_is_cut_to_nothing(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_adds(&text, "\x80\x80\x80\x80\x80\x80\x80\x80");
	text_cut(&text, 5);
	assert_string_equal(text.data, "\xe2\x80\xa6");
	buf_release(&text);
}

static void an_identifier_is_letters_digits_and_two_marks(void **state)
{
	(void)state;
	assert_true(ident_ok("T_SGRWO-1") && ident_ok("2__x") && ident_ok("_"));
	assert_false(ident_ok("") || ident_ok("-A") || ident_ok("=A") || ident_ok("A B") || ident_ok("A.B") || ident_ok("\xc3\xa9"));
	for (int c = 1; c < 256; c++) {
		char begins[] = { (char)c, 'x', '\0' }, holds[] = { 'x', (char)c, '\0' };
		bool shown = c >= ' ' && c <= '~';

		assert_int_equal(ident_is_key(holds), shown);
		assert_int_equal(ident_is_key(begins), shown && !strchr("=+-@ ", c));
	}
	assert_false(ident_is_key(""));
}

/* What a spreadsheet shows of an id of many digits that it took for a number. */
static void a_rounded_number_is_known_by_its_form(void **state)
{
	static const char *const rounded[] = { "6.77E+23", "6,77E+23", "6.77e+23", "6E+23", "6E+9" };
	static const char *const other[] = { "", "6", "6.77", "67E+23", "67.7E+23", "E+23", ".77E+23", "6x77E+23", "6.77E-23", "6.77E23",
					     "6.77F+23", "6.77E+", "6.77E+2x", "6.77E+23 ", "6.7.7E+23", "677000000000000000000000" };

	(void)state;
	for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++)
		if (!ident_is_rounded(rounded[i]))
			fail_msg("%s is not known", rounded[i]);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (ident_is_rounded(other[i]))
			fail_msg("%s is taken for one", other[i]);
}

/* Programs that fill in what is missing write a word there; a part of an id, or a number, is none. */
static void an_id_that_says_there_is_none_is_none(void **state)
{
	static const char *const none[] = { "N/A", "n/a", "#N/A", "NA", "nan", "NULL", "None", "undefined", "-", "--", "" };
	static const char *const ids[] = { "0", "N/A-1", "nulls", "1-", "---", "n-a", "T_SGRWO-1" };

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_string_equal(ident_sent(none[i]), "");
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_ptr_equal(ident_sent(ids[i]), ids[i]);
}

static void a_word_is_found_whole_and_in_any_capitals(void **state)
{
	static const char *const words[] = { "Card Spend", "donation", NULL }, *const none[] = { NULL };

	(void)state;
	assert_true(text_is_one_of("Card Spend", words));
	assert_true(text_is_one_of("DONATION", words));
	assert_false(text_is_one_of("Card", words));
	assert_false(text_is_one_of("Donations", words));
	assert_false(text_is_one_of("", words));
	assert_false(text_is_one_of("donation", none));
}

static void a_number_is_digits_and_a_point_within_its_bounds(void **state)
{
	static const char *const none[] = { "", ".", "1.2.3", "0x10", "1e1", "+5", "-5", " 5", "5 ", "5x", "nan", "inf", "1,5", "0.09", "20.1" };
	double value = 0;

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(text_is_number(none[i], 0.1, 20, &value));
	assert_true(value == 0);
	assert_true(text_is_number("0.1", 0.1, 20, &value) && value == 0.1);
	assert_true(text_is_number("20", 0.1, 20, &value) && value == 20);
	assert_true(text_is_number("05.", 0.1, 20, &value) && value == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_has_its_length_and_no_part_of_one_has_any),
		cmocka_unit_test(what_is_longer_than_it_need_be_or_beyond_unicode_is_none),
		cmocka_unit_test(controls_and_what_turns_the_direction_vanish_and_nothing_else),
		cmocka_unit_test(a_terminals_sequences_vanish_whole),
		cmocka_unit_test(what_is_no_utf8_is_marked_byte_by_byte),
		cmocka_unit_test(text_without_a_beginning_of_a_character_is_cut_to_nothing),
		cmocka_unit_test(an_identifier_is_letters_digits_and_two_marks),
		cmocka_unit_test(a_rounded_number_is_known_by_its_form),
		cmocka_unit_test(an_id_that_says_there_is_none_is_none),
		cmocka_unit_test(a_word_is_found_whole_and_in_any_capitals),
		cmocka_unit_test(a_number_is_digits_and_a_point_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
