#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "format/json.h"

static cJSON *parse(const char *text)
{
	struct reason why = { .text = "" };
	cJSON *document = json_parse(text, strlen(text), &why);

	if (!document)
		fail_msg("%s: %s", text, why.text);
	return document;
}

static void a_number_is_the_text_that_was_sent(void **state)
{
	static const char *const row[] = {
		"0", "-0", "-0.0", "1", "-179.759999999999990905", "-10.166666666666666075", "2.77777777778e-07",
		"1E+3", "1e400", "-1.5e-999999999", "0.99265519999999995981", "123456789012345678901234567890",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		cJSON *document;

		snprintf(text, sizeof text, " [ %s ,{\"x\":%s}]", row[i], row[i]);
		document = parse(text);
		assert_string_equal(json_number_text(cJSON_GetArrayItem(document, 0)), row[i]);
		assert_string_equal(json_number_text(json_member(cJSON_GetArrayItem(document, 1), "x")), row[i]);
		json_release(document);
		document = parse(row[i]);		/* a document may be a number */
		assert_string_equal(json_number_text(document), row[i]);
		json_release(document);
	}
}

static void a_string_of_digits_is_a_string(void **state)
{
	cJSON *document = parse("{\"a\":\"99.000\",\"b\":\"\",\"c\":\"[1,2]\",\"d\":\"a\\\"1\\\\\",\"e\":\"\\u00a3 \xc2\xa3 \xf0\x9f\x8c\xac\"}");

	(void)state;
	assert_string_equal(json_string(json_member(document, "a")), "99.000");
	assert_null(json_number_text(json_member(document, "a")));
	assert_false(json_is_number(json_member(document, "b")));
	assert_string_equal(json_string(json_member(document, "b")), "");
	assert_string_equal(json_string(json_member(document, "c")), "[1,2]");
	assert_string_equal(json_string(json_member(document, "d")), "a\"1\\");
	assert_string_equal(json_string(json_member(document, "e")), "\xc2\xa3 \xc2\xa3 \xf0\x9f\x8c\xac");
	json_release(document);
}

static void each_kind_answers_only_its_own_question(void **state)
{
	cJSON *document = parse("{\"n\":1,\"s\":\"1\",\"t\":true,\"f\":false,\"z\":null,\"a\":[],\"o\":{}}");
	bool set = false;
	int64_t integer;

	(void)state;
	assert_null(json_string(json_member(document, "n")));
	assert_false(json_bool(json_member(document, "s"), &set));
	assert_true(json_bool(json_member(document, "t"), &set));
	assert_true(set);
	assert_true(json_bool(json_member(document, "f"), &set));
	assert_false(set);
	assert_true(json_is_null(json_member(document, "z")));
	assert_false(json_is_null(json_member(document, "absent")));
	assert_null(json_member(document, "N"));
	assert_null(json_member(json_member(document, "a"), "n"));
	assert_false(json_int64(json_member(document, "s"), &integer));
	assert_false(json_int64(NULL, &integer));
	assert_string_equal(json_kind(json_member(document, "n")), "a number");
	assert_string_equal(json_kind(json_member(document, "s")), "a string");
	assert_string_equal(json_kind(json_member(document, "t")), "true or false");
	assert_string_equal(json_kind(json_member(document, "z")), "null");
	assert_string_equal(json_kind(json_member(document, "a")), "an array");
	assert_string_equal(json_kind(document), "an object");
	assert_string_equal(json_kind(NULL), "absent");
	json_release(document);
}

/* Which of them counts no two readers agree on. */
static void a_member_that_is_given_twice_is_no_value(void **state)
{
	cJSON *document = parse("{\"a\":1,\"b\":2,\"\\u0061\":1,\"A\":3}");
	const cJSON *a = json_member(document, "a");

	(void)state;
	assert_string_equal(json_kind(a), "given twice");
	assert_false(json_is_null(a) || json_is_number(a) || json_string(a) || json_number_text(a));
	assert_string_equal(json_number_text(json_member(document, "b")), "2");
	assert_string_equal(json_number_text(json_member(document, "A")), "3");
	json_release(document);
}

static void an_integer_has_no_fraction_no_exponent_and_64_bits(void **state)
{
	static const struct { const char *text; bool ok; int64_t want; } row[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "822528", true, 822528 }, { "-6", true, -6 },
		{ "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 }, { "99999999999999999999999999", false, 0 },
		{ "1.0", false, 0 }, { "1e0", false, 0 }, { "1.5", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		cJSON *document = parse(row[i].text);
		int64_t got = 77;

		assert_int_equal(json_int64(document, &got), row[i].ok);
		if (row[i].ok)
			assert_true(got == row[i].want);
		json_release(document);
	}
}

static void what_is_no_json_is_refused_where_it_goes_wrong(void **state)
{
	static const struct { const char *text, *where; } row[] = {
		{ "", "empty" },
		{ " ", "byte" },
		{ "<!DOCTYPE html><html>", "byte 0: <!DOCTYPE html>" },
		{ "[1 2]", "byte 3: 2]" },
		{ "[01 2]", "byte 2: 1 2]" },
		{ "NaN", "byte 0: NaN" },
		{ "01", "byte 1: 1" },
		{ "[1,x", "byte 3: x" },
		{ "[1,1.", "byte 5: " },
		{ "[nullx:1]", "byte 5: x:1]" },
		{ "[NaN 1]", "byte 1: NaN 1]" },
		{ "[NaN NaN]", "byte 1: NaN NaN]" },
		{ "[1,NaN\"a\"]", "byte 3: NaN\"a\"]" },
		{ "[\"a\"NaN]", "byte 4: NaN]" },
		{ "{NaN}", "byte" },
		{ "{NaN:1}", "byte 1: NaN:1}" },
		{ "[ NaN, 1 2]", "byte 9: 2]" },
		{ "[NaN,\"\xff\",{]}", "byte 11: }" },
		{ "{1:2}", "byte 2: :2}" },
		{ "{1 :2}", "byte 3: :2}" },
		{ "[1,2", "ends there" },
		{ "[1", "" },
		{ "{\"data\":[{\"volume\":-1.5", "" },
		{ "[\"abc", "a string without end at byte 5" },
		{ "[\"abc\\", "a string without end" },
		{ "[\"abc\\\"", "a string without end" },
		{ "{} {}", "byte 3: {}" },
		{ "[1]x", "byte 3: x" },
		{ "[1],", "byte 3: ," },
		{ "nul", "byte 0: nul" },
		{ "{\"a\tb\":1}", "a raw control byte in a string at byte 3:  b" },
		{ "{\"\\u0001\":1}", "a control character at byte 2" },
		{ "{\"a\xff\xff\" :1}", "malformed UTF-8 at byte 3" },
		{ "\"\xff\"", "malformed UTF-8 at byte 1" },
		{ "[\"\xff\" \"a\"]", "malformed UTF-8 at byte 2" },
		{ "{\"\\ud800\":1}", "half of a surrogate pair at byte 2" },
		{ "{\"\\u0000\":1}", "a control character at byte 2" },
		{ "{\"\\ud83d..dc00\":1}", "half of a surrogate pair at byte 2" },
		{ "{\"\\udc00\\udc00\":1}", "half of a surrogate pair at byte 2" },
		{ "{\"\\ud800\\udbff\":1}", "half of a surrogate pair at byte 2" },
		{ "{\"\\u", "a \\u without four hexadecimal digits at byte 2" },
		{ "{\"\\", "a string without end at byte 2" },
		{ "{\"\\x", "an escape that JSON has not at byte 2" },
		{ "{\"\\u0002\\x\":1}", "an escape that JSON has not at byte 8" },
		{ "{\"\\ud800\\udc00\\x\":1}", "an escape that JSON has not at byte 14" },
		{ "{\"\\udfff\":1}", "half of a surrogate pair at byte 2" },
		{ "{\"\\ud83d", "half of a surrogate pair at byte 2" },
		{ "{\"a\\x41\":1}", "an escape that JSON has not at byte 3" },
		{ "{\"a\\u00g0\":1}", "a \\u without four hexadecimal digits at byte 3" },
		{ "[\x0c]", "byte 1" },
		{ "\xff\xfe[]", "UTF-16" },
		{ "[\"\xe2\x82", "malformed UTF-8" },
		{ "[1,]", "byte" },
		{ "{\"a\":1,}", "byte" },
		{ "{\"a\" 1}", "byte" },
		{ "{a:1}", "byte" },
		{ "['a']", "byte 1: 'a'" },
		{ "[1] // done", "byte 4: // done" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		cJSON *document = json_parse(row[i].text, strlen(row[i].text), &why);

		if (document)
			fail_msg("%s was read", row[i].text);
		if (!strstr(why.text, row[i].where) || !*why.text)
			fail_msg("%s: %s (not %s)", row[i].text, why.text, row[i].where);
	}
}

static void an_escape_is_the_character_that_it_says(void **state)
{
	cJSON *document = parse("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\u20AC\\ud83d\\ude00\\uDBFF\\uDFFF\",\"\\uD7FF\\uE000\"]");

	(void)state;
	assert_string_equal(json_string(cJSON_GetArrayItem(document, 0)), "\"\\/\b\f\n\r\t");
	assert_string_equal(json_string(cJSON_GetArrayItem(document, 1)), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf");
	assert_string_equal(json_string(cJSON_GetArrayItem(document, 2)), "\xed\x9f\xbf\xee\x80\x80");
	json_release(document);
}

/* It is there, of no kind, and the others are what they are. */
static void what_is_no_value_costs_no_more_than_itself(void **state)
{
	static const char *const row[] = {
		"NaN", "-Infinity", "Infinity", "nan", "None", "undefined", "nul", "nullx", "truefalse", "01", "-", "1.", ".5", "+1", "1e",
		"0x10", "az", "AZ", "1.2.3", "1-2", "2026-11-30",
		"\"a\tb\"", "\"a\nb\"", "\"\x01" "1\"", "\"\\u0001" "1\"", "\"\\u0000\"", "\"\xff\"",
		"\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xe0\x80\xaf\"", "\"\xf0\x80\x80\xaf\"", "\"\xf5\x80\x80\x80\"", "\"\x80\"",
		"\"\\ud800\"", "\"a\\ud83d, b\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\uDBFF\\uDBFF\"", "\"\\ud83d\\ude0\"",
		"\"\\udfff\\udc00\"", "\"\\x41\"", "\"\\u00g0\"", "\"a\\u12\"", "\"a\\u\"", "\"\\'\"", "\"\\\xff\"",
		"\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"caf\xe9, \\\"a\\\" \xe9 [1,{\"",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const cJSON *document, *value;
		bool flag;

		snprintf(text, sizeof text, "[{\"a\":%s , \"b\":1},%s,%s]", row[i], row[i], row[i]);
		document = parse(text);
		assert_string_equal(json_number_text(json_member(cJSON_GetArrayItem(document, 0), "b")), "1");
		for (int n = 0; n < 3; n++) {
			value = n == 0 ? json_member(cJSON_GetArrayItem(document, 0), "a") : cJSON_GetArrayItem(document, n);
			if (strcmp(json_kind(value), "no value of JSON") != 0)
				fail_msg("%s: %s", row[i], json_kind(value));
			assert_false(json_is_null(value) || json_is_number(value) || json_string(value) || json_number_text(value) ||
				     json_bool(value, &flag));
		}
		json_release((cJSON *)document);
	}
}

static void an_error_behind_numbers_is_named_by_its_own_byte(void **state)
{
	const char *text = "[1.5, -2e-3, NaN, \"x\", \"\xff\", 7, 'nope']";
	struct reason why = { .text = "" };

	(void)state;
	assert_null(json_parse(text, strlen(text), &why));
	assert_string_equal(why.text, "no JSON at byte 31: 'nope']");
}

static void a_byte_of_zero_is_refused_outside_strings_and_in_names(void **state)
{
	(void)state;
	assert_null(json_parse("[1]\0", 4, NULL));
	assert_null(json_parse("{\"a\0b\":1}", 9, NULL));
	assert_null(json_parse("\0", 1, NULL));
}

static void nothing_is_read_behind_the_length(void **state)
{
	char *exact = malloc(5);
	cJSON *document;

	(void)state;
	memcpy(exact, "[1,2]", 5);
	document = json_parse(exact, 5, NULL);
	assert_non_null(document);
	assert_int_equal(cJSON_GetArraySize(document), 2);
	json_release(document);
	assert_null(json_parse(exact, 4, NULL));
	free(exact);
}

static void a_body_is_cut_when_what_it_begins_has_not_ended(void **state)
{
	static const char whole[] = "{\"data\":[{\"id\":\"T_X-1 }] \\\"\",\"volume\":-1.5},[]]}";
	static const char *const ended[] = { "{}", "[]", " [1] \n", "{\"a\":NaN}", "nonsense", "{\"a\":]}", "{} {" };
	static const char *const cut[] = { "", " \n", "{", "[{}", "{\"a\":\"}", "{\"a\":\"\\\"}" };

	(void)state;
	for (size_t len = 0; len < sizeof whole - 1; len++)
		assert_true(json_is_cut(whole, len));
	assert_false(json_is_cut(whole, sizeof whole - 1));
	for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
		assert_false(json_is_cut(ended[i], strlen(ended[i])));
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
		assert_true(json_is_cut(cut[i], strlen(cut[i])));
}

static void depth_and_number_of_values_are_bounded(void **state)
{
	struct buf deep = BUF_INIT, wide = BUF_INIT;
	struct reason why;
	cJSON *document;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&deep, '[');
	assert_null(json_parse(deep.data, deep.len, &why));
	buf_release(&deep);

	buf_addc(&wide, '[');
	for (int i = 0; i < JSON_MAX_VALUES - 1; i++)
		buf_adds(&wide, "1,");
	buf_adds(&wide, "1]");
	document = json_parse(wide.data, wide.len, &why);
	assert_non_null(document);
	json_release(document);
	wide.data[wide.len - 1] = ',';
	buf_adds(&wide, "1]");
	assert_null(json_parse(wide.data, wide.len, &why));
	assert_non_null(strstr(why.text, "too many values"));
	buf_release(&wide);
}

static void what_is_no_document_is_told_by_what_it_is(void **state)
{
	static const struct { const char *body; enum answer_kind answer; int status; } row[] = {
		{ "<html>", ANSWER_OTHER, 76 }, { "", ANSWER_CUT, 76 }, { " \n", ANSWER_CUT, 76 }, { "busy", ANSWER_OTHER, 76 },
		{ "\"ok", ANSWER_OTHER, 76 }, { "{\"a\":[1", ANSWER_CUT, 76 }, { "[1,2", ANSWER_CUT, 76 }, { "[1 2]", ANSWER_ODD, 65 },
		{ " {a:1}", ANSWER_ODD, 65 }, { "\xef\xbb\xbf['x']", ANSWER_ODD, 65 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		assert_null(json_parse(row[i].body, strlen(row[i].body), &why));
		assert_int_equal(why.answer, row[i].answer);
		assert_int_equal(answer_exit_status(why.answer), row[i].status);
	}
}

/* RFC 3629: the first and the last sequence of each length, and those beside them. */
static void utf8_is_the_shortest_form_of_a_character(void **state)
{
	static const char *const good[] = {
		"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xe2\x82\xac", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf1\xbf\x80\xbf", "\xf4\x8f\xbf\xbf",
	};
	static const char *const bad[] = {
		"\x80", "\xbf", "\xc1\xbf", "\xc2\x7f", "\xc2\xc0", "\xdf\x7f", "\xe0\x9f\xbf", "\xe0\xa0\x7f", "\xe0\xa0\xc0", "\xed\xa0\x80",
		"\xef\xbf", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80\x7f", "\xf1\x80\xc0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		cJSON *document;

		snprintf(text, sizeof text, "\"%sx\"", good[i]);
		document = parse(text);
		assert_memory_equal(json_string(document), good[i], strlen(good[i]));
		json_release(document);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct reason why = { .text = "" };

		snprintf(text, sizeof text, "\"%sx\"", bad[i]);
		assert_null(json_parse(text, strlen(text), &why));
		if (!strstr(why.text, "malformed UTF-8 at byte 1: "))
			fail_msg("%zu: %s", i, why.text);
	}
}

/* Each in memory of just its size, of which AddressSanitizer knows the end: 0 refused, 1 a document. */
static void a_text_ends_where_its_memory_does(void **state)
{
	static const struct { const char *text; bool good; } row[] = {
		{ "0", true }, { "12", true }, { "-", false }, { "-1", true }, { "1.", false }, { "1.5", true }, { "1e", false }, { "1e+", false },
		{ "1e5", true }, { "1 ", true }, { "null", true }, { "true", true }, { "false", true }, { "nul", false }, { "fals", false },
		{ "\"", false }, { "\"a", false }, { "\"\\", false }, { "\"\\u000", false }, { "\"\xc3", false }, { "\"\xe2\x82", false },
		{ "\"\xf0\x9f\x8c", false }, { "  ", false }, { "x", false }, { "[", false }, { "\xef", false }, { "\xef\xbb", false },
		{ "[1\t,2\r]", true }, { "\xef\xbb\xbf[1]", true }, { "\xef\xbb\xbf", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		size_t len = strlen(row[i].text);
		char *exact = malloc(len);
		cJSON *document;

		assert_non_null(exact);
		memcpy(exact, row[i].text, len);
		document = json_parse(exact, len, &why);
		if ((document != NULL) != row[i].good)
			fail_msg("%zu: %s", i, why.text);
		json_release(document);
		free(exact);
	}
}

static void a_refusal_shows_forty_bytes_of_the_place(void **state)
{
#define X40 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	static const struct { const char *text, *why; } row[] = {
		{ "x~\x7f\x1f\t\n\r\xc3 ", "no JSON at byte 0: x~??   ? " },
		{ X40, "no JSON at byte 0: " X40 },
		{ "[" X40 "yz", "no JSON at byte 1: " X40 },
		{ "\xff\xfe", "text in UTF-16, where JSON is UTF-8" },
		{ "\xfe\xff", "text in UTF-16, where JSON is UTF-8" },
		{ "\xef\xbb\xbf", "an empty body" },
		{ "\xef\xbb\xbf[1,<]", "no JSON at byte 3: <]" },
		{ "\"\\u0001", "a control character at byte 1: \\u0001" },
		{ "[null\"]", "a string without end at byte 7: the document ends there" },
		{ "[false\"]", "a string without end at byte 8: the document ends there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		assert_null(json_parse(row[i].text, strlen(row[i].text), &why));
		assert_string_equal(why.text, row[i].why);
	}
	assert_false(json_is_cut("]", 1));
	assert_true(json_is_cut("\r\t", 2));
}

/* As some writers of files leave it: each character is two bytes, one of them zero, and no mark says so. */
static void utf_16_without_a_mark_is_named_in_either_order(void **state)
{
	static const struct { char text[4]; const char *why; } row[] = {
		{ { '{', 0, '}', 0 }, "text in UTF-16, where JSON is UTF-8" },
		{ { 0, '{', 0, '}' }, "text in UTF-16, where JSON is UTF-8" },
		{ { '[', 0, ']', 0 }, "text in UTF-16, where JSON is UTF-8" },
		{ { 0, '[', 0, ']' }, "text in UTF-16, where JSON is UTF-8" },
		{ { 0, 0, 0, '[' }, "no JSON at byte 0: ???[" },
		{ { 0, '1', 0, '2' }, "no JSON at byte 0: ?1?2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		assert_null(json_parse(row[i].text, sizeof row[i].text, &why));
		assert_string_equal(why.text, row[i].why);
		assert_int_equal(why.answer, ANSWER_OTHER);
	}
}

/* Bodies as ASP.NET's problem details, Azure's API management and Spring's handler make them, and mempool's own. */
static void an_error_is_told_by_its_words_and_beside_a_list_only_where_it_is_named_one(void **state)
{
	static const struct { const char *text; bool beside_list; const char *said; } row[] = {
		{ "{\"type\":\"about:blank\",\"title\":\"Bad Gateway\",\"status\":502}", false, "Bad Gateway" },
		{ "{\"title\":\"Not Found\",\"detail\":\"no such day\"}", false, "no such day" },
		{ "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}", false, "Rate limit is exceeded." },
		{ "{\"timestamp\":1,\"error\":\"Internal Server Error\",\"message\":\"\"}", false, "Internal Server Error" },
		{ "{\"error\":{\"code\":500,\"message\":\"away\"},\"data\":[]}", true, "away" },
		{ "{\"errors\":[{\"code\":3},{\"message\":\"second\"}],\"data\":[]}", true, "it does not say which" },
		{ "{\"errors\":[\"first\",\"second\"]}", false, "first" },
		{ "{\"errors\":{\"from\":[\"is no date\"]},\"title\":\"One or more validation errors occurred.\"}", false,
		  "is no date" },
		{ "{\"errors\":{\"from\":[\"is no date\"]},\"message\":\"bad request\",\"data\":[]}", true, "is no date" },
		{ "{\"errors\":{\"from\":[7]},\"message\":\"bad request\",\"data\":[]}", true, "bad request" },
		{ "{\"errors\":{\"from\":\"is no date\",\"to\":\"is none\"}}", false, "is no date" },
		{ "{\"message\":\"no rows\",\"data\":[]}", true, NULL },
		{ "{\"error\":\"d\xe9sol\xe9\",\"data\":[]}", true, "it does not say which" },
		{ "{\"errors\":[NaN,\"second\"],\"data\":[]}", true, "it does not say which" },
		{ "{\"error\":null,\"errors\":[],\"data\":[]}", true, NULL },
		{ "{\"error\":\"\",\"error_code\":0}", false, NULL },
		{ "{\"error\":{}}", false, NULL },
		{ "{\"error\":false,\"title\":7}", false, NULL },
		{ "[\"error\"]", false, NULL },
		{ "\"error\"", false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		cJSON *document = parse(row[i].text);
		const char *said = json_complaint(document, row[i].beside_list);

		if (said && row[i].said)
			assert_string_equal(said, row[i].said);
		else if (said || row[i].said)
			fail_msg("%s: %s", row[i].text, said ? said : "nothing");
		json_release(document);
	}
	assert_null(json_complaint(NULL, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_document_is_told_by_what_it_is),
		cmocka_unit_test(a_number_is_the_text_that_was_sent),
		cmocka_unit_test(utf8_is_the_shortest_form_of_a_character),
		cmocka_unit_test(a_text_ends_where_its_memory_does),
		cmocka_unit_test(a_refusal_shows_forty_bytes_of_the_place),
		cmocka_unit_test(a_string_of_digits_is_a_string),
		cmocka_unit_test(each_kind_answers_only_its_own_question),
		cmocka_unit_test(an_error_is_told_by_its_words_and_beside_a_list_only_where_it_is_named_one),
		cmocka_unit_test(a_member_that_is_given_twice_is_no_value),
		cmocka_unit_test(an_integer_has_no_fraction_no_exponent_and_64_bits),
		cmocka_unit_test(what_is_no_json_is_refused_where_it_goes_wrong),
		cmocka_unit_test(an_escape_is_the_character_that_it_says),
		cmocka_unit_test(utf_16_without_a_mark_is_named_in_either_order),
		cmocka_unit_test(what_is_no_value_costs_no_more_than_itself),
		cmocka_unit_test(an_error_behind_numbers_is_named_by_its_own_byte),
		cmocka_unit_test(a_byte_of_zero_is_refused_outside_strings_and_in_names),
		cmocka_unit_test(nothing_is_read_behind_the_length),
		cmocka_unit_test(a_body_is_cut_when_what_it_begins_has_not_ended),
		cmocka_unit_test(depth_and_number_of_values_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
