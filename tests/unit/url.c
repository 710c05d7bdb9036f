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

static void a_place_on_the_disk_may_be_written_plainly(void **state)
{
	static const struct { const char *written, *address; } row[] = {
		{ "/srv/archive", "file:///srv/archive" },
		{ "/srv/my wind/archiv \xc3\xbc", "file:///srv/my%20wind/archiv%20\xc3\xbc" },
		{ "/srv/100%25/a?b#c", "file:///srv/100%2525/a%3Fb%23c" },
		{ "file:///srv/my wind", "file:///srv/my%20wind" },
		{ "file:///srv/my%20wind", "file:///srv/my%20wind" },
		{ "/", "file:///" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;

		url_add_file(&out, row[i].written);
		assert_string_equal(out.data, row[i].address);
		assert_true(url_ok(out.data));
		buf_release(&out);
	}
}

static void what_is_shown_has_no_secrets(void **state)
{
	static const struct { const char *url, *shown; } row[] = {
		{ "https://a.example/b/c", "https://a.example/b/c" },
		{ "https://me:secret@a.example:8080/b?key=secret", "https://a.example:8080/b" },
		{ "https://a@b@c/d#secret", "https://c/d" },
		{ "https://a.example/user@host", "https://a.example/user@host" },
		{ "https://a.example?mail=me@home", "https://a.example" },
		{ "https://me:sec/ret@a.example/b", "https://\xe2\x80\xa6" },
		{ "https://me:12/ret@a.example/b", "https://\xe2\x80\xa6" },
		{ "https://me:sec?ret@a.example/b", "https://\xe2\x80\xa6" },
		{ "http://[::1]:80/a", "http://[::1]:80/a" },
		{ "http://[::1]/a", "http://[::1]/a" },
		{ "http://[::1/a", "http://\xe2\x80\xa6" },
		{ "http://h:09/a", "http://h:09/a" },
		{ "http://h:/a", "http://h:/a" },
		{ "http://0/a", "http://0/a" },
		{ "http://9", "http://9" },
		{ "http://:80/a", "http://\xe2\x80\xa6" },
		{ "http://:/a", "http://\xe2\x80\xa6" },
		{ "http://a:80:80/a", "http://\xe2\x80\xa6" },
		{ "http://a:x/b", "http://\xe2\x80\xa6" },
		{ "http:///a@b", "http:///a@b" },
		{ "http://a/@", "http://a/@" },
		{ "http://a?@b", "http://a" },
		{ "http://a/\x01\x1f \x7f~\xc3\xbc", "http://a/    ~\xc3\xbc" },
		{ "/a file?", "/a file" },
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_schemes_are_spoken_and_nothing_else),
		cmocka_unit_test(a_place_on_the_disk_may_be_written_plainly),
		cmocka_unit_test(what_is_shown_has_no_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
