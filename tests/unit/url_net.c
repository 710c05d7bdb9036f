#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "format/url_net.h"

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

static void a_secret_goes_over_tls_or_stays_on_this_machine(void **state)
{
	static const struct { const char *url; enum url_kind kind; const char *trouble; } row[] = {
		{ "https://a.example/x", URL_WEB, NULL }, { "HTTPS://a.example", URL_WEB, NULL }, { "http://localhost:8080/x", URL_WEB, NULL },
		{ "http://LOCALHOST", URL_WEB, NULL }, { "http://127.0.0.1:1", URL_WEB, NULL }, { "http://127.9.9.9", URL_WEB, NULL },
		{ "http://[::1]:8332/", URL_WEB, NULL }, { "http://2130706433/", URL_WEB, NULL }, { "http://0x7f.1/", URL_WEB, NULL },
		{ "smtp://mail.example:587", URL_MAIL, NULL }, { "smtps://mail.example", URL_MAIL, NULL },
		{ "http://localhost:x@10.9.9.9/", URL_WEB, "must not hold user" }, { "http://127.0.0.1@10.9.9.9/", URL_WEB, "must not hold user" },
		{ "https://me:pw@a.example", URL_WEB, "must not hold user" }, { "https://me@a.example", URL_WEB, "must not hold user" },
		{ "https://:pw@a.example", URL_WEB, "must not hold user" }, { "http://10.9.9.9", URL_WEB, "must begin with https" },
		{ "http://localhost.a.example", URL_WEB, "must begin with https" }, { "http://127.0.0.1.a.example", URL_WEB, "must begin with https" },
		{ "http://127.0.0.1\\@10.9.9.9/", URL_WEB, "" }, { "http://10.9.9.9#@localhost", URL_WEB, "must begin with https" },
		{ "http://10.9.9.9?@localhost/", URL_WEB, "must begin with https" }, { "http://[::ffff:10.9.9.9]/", URL_WEB, "must begin with https" },
		{ "http://0.0.0.0/", URL_WEB, "must begin with https" }, { "ftp://localhost/", URL_WEB, "must begin with https" },
		{ "smtp://localhost", URL_WEB, "must begin with https" }, { "https://mail.example", URL_MAIL, "must begin with smtp" },
		{ "file:///etc", URL_WEB, "must begin with https" }, { "", URL_WEB, "is not a URL" }, { "https://", URL_WEB, "is not a URL" },
		{ "https://a b", URL_WEB, "has a space" }, { "https://a\nb", URL_WEB, "has a space" }, { "http://[::1].example", URL_WEB, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *trouble = url_secret_trouble(row[i].url, row[i].kind);

		if (!row[i].trouble != !trouble || (trouble && strncmp(trouble, row[i].trouble, strlen(row[i].trouble)) != 0))
			fail_msg("%s: %s", row[i].url, trouble ? trouble : "may be sent there");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_http_is_in_the_clear_unless_it_stays_on_this_machine),
		cmocka_unit_test(a_secret_goes_over_tls_or_stays_on_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
