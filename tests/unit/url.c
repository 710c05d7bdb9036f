#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "format/url.h"

static void three_schemes_are_spoken_and_nothing_else(void **state)
{
	static const char *const good[] = { "https://a", "HTTP://a:80/b?c", "file:///a/b" };
	static const char *const bad[] = { "", "a", "ftp://a", "file://a", "https://", "http://", "https://a b",
					   "https://a\nb", "javascript:alert(1)" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(url_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(url_ok(bad[i]));
}

static void what_is_shown_has_no_secrets(void **state)
{
	static const struct { const char *url, *shown; } row[] = {
		{ "https://a.example/b/c", "https://a.example/b/c" },
		{ "https://me:secret@a.example:8080/b?key=secret", "https://a.example:8080/b" },
		{ "https://a@b@c/d#secret", "https://c/d" },
		{ "https://a.example/user@host", "https://a.example/user@host" },
		{ "https://a.example?mail=me@home", "https://a.example" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		url_show(&out, row[i].url);
		assert_string_equal(out.data, row[i].shown);
	}
	buf_release(&out);
}

static void plain_http_is_in_the_clear_unless_it_stays_on_this_machine(void **state)
{
	static const char *const here[] = { "http://localhost/a", "http://LOCALHOST:8080", "http://127.0.0.1:9/a",
					    "http://[::1]:80/", "http://me:pw@localhost/", "https://far.example", "file:///a" };
	static const char *const far[] = { "http://a.example/", "http://localhost.a.example/", "http://127.a.example/",
					   "http://localhost@a.example/", "http://127.0.0.1.a.example:80/", "http://10.0.0.1/" };

	(void)state;
	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		assert_false(url_is_clear_text(here[i]));
	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		assert_true(url_is_clear_text(far[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_schemes_are_spoken_and_nothing_else),
		cmocka_unit_test(what_is_shown_has_no_secrets),
		cmocka_unit_test(plain_http_is_in_the_clear_unless_it_stays_on_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
