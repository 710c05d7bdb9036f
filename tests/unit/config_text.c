#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "format/config_text.h"

/* Of each line "LINE NAME VALUE QUOTED;", VALUE as - where there is none. */
static void expect(const char *text, size_t len, const char *lines)
{
	struct buf copy = BUF_INIT, found = BUF_INIT;
	struct config_reader r;

	buf_add(&copy, text, len);
	config_text_begin(&r, copy.data, copy.len);
	while (config_text_next(&r))
		buf_addf(&found, "%d <%s> <%s> %d;", r.line, r.name, r.value ? r.value : "-", r.quoted);
	assert_string_equal(found.data ? found.data : "", lines);
	buf_release(&copy);
	buf_release(&found);
}

static void say(const char *text, const char *lines)
{
	expect(text, strlen(text), lines);
}

static void pairs_are_read_with_their_lines_and_without_blanks(void **state)
{
	(void)state;
	say("A=1\n\n# c\n  B\t=  two words \n", "1 <A> <1> 0;4 <B> <two words> 0;");
	say("A=", "1 <A> <> 0;");
	say("A=1=2", "1 <A> <1=2> 0;");
	say("=1", "1 <> <1> 0;");
	say("A", "1 <A> <-> 0;");
	say("A=#no comment", "1 <A> <#no comment> 0;");
	say("", "");
	say("\n\n", "");
	say("   # c", "");
}

static void quotes_around_a_whole_value_go_and_no_others(void **state)
{
	(void)state;
	say("A=\"x\"", "1 <A> <x> 1;");
	say("A=' x '", "1 <A> < x > 1;");
	say("A=\"\"", "1 <A> <> 1;");
	say("A=\"x'", "1 <A> <\"x'> 0;");
	say("A=\"", "1 <A> <\"> 0;");
	say("A=x\"y\"", "1 <A> <x\"y\"> 0;");
	say("A='a'b'", "1 <A> <a'b> 1;");
}

static void marks_and_line_ends_of_editors_are_passed_over(void **state)
{
	struct config_reader r;

	(void)state;
	say("\xef\xbb\xbf" "A=1\r\nB=2\r\n", "1 <A> <1> 0;2 <B> <2> 0;");
	say("\xef\xbb\xbf", "");
	config_text_begin(&r, NULL, 0);
	assert_false(config_text_next(&r));
}

static void a_variable_loses_what_a_shell_would_have_taken(void **state)
{
	static const char *const row[][2] = {
		{ "x", "x" }, { "", "" }, { "x\r\n", "x" }, { " \t x y \n", "x y" }, { " \r\n", "" }, { "\"x y\"", "x y" },
		{ " 'x' \n", "x" }, { "\"\"", "" }, { "\"", "\"" }, { "'x\"", "'x\"" }, { "x'y'", "x'y'" },
		{ "' x '", " x " }, { "'a b' 'c'", "'a b' 'c'" }, { "'a'b'", "'a'b'" }, { "'a\"b'", "a\"b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *value = xstrdup(row[i][0]);	/* with no byte behind it */

		config_text_tidy(value);
		assert_string_equal(value, row[i][1]);
		free(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_read_with_their_lines_and_without_blanks),
		cmocka_unit_test(quotes_around_a_whole_value_go_and_no_others),
		cmocka_unit_test(marks_and_line_ends_of_editors_are_passed_over),
		cmocka_unit_test(a_variable_loses_what_a_shell_would_have_taken),
	};

	return cmocka_run_group_tests_name("config_text", tests, NULL, NULL);
}
