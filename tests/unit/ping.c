/* ping: the URLs of the two services' own manuals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alert/ping.h"

static void each_word_has_its_url(void **state)
{
	static const struct { const char *pattern; enum ping_style style; enum ping_word word; int code; const char *want; }
	row[] = {
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_START, -1, "https://hc-ping.com/u/start" },
		{ "https://hc-ping.com/u/", PING_HEALTHCHECKS, PING_SUCCESS, 0, "https://hc-ping.com/u/0" },
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_SUCCESS, -1, "https://hc-ping.com/u/0" },
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_FAIL, 75, "https://hc-ping.com/u/75" },
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_FAIL, 1, "https://hc-ping.com/u/1" },
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_FAIL, -1, "https://hc-ping.com/u/fail" },
		/* A failure is never reported as code 0, which is success there. */
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_FAIL, 0, "https://hc-ping.com/u/fail" },
		{ "https://hc-ping.com/u", PING_HEALTHCHECKS, PING_LOG, 75, "https://hc-ping.com/u/log" },
		{ "https://hc-ping.com/k/{job}?create=1", PING_HEALTHCHECKS, PING_START, -1,
		  "https://hc-ping.com/k/daily/start?create=1" },
		{ "https://cronitor.link/p/k/{job}", PING_CRONITOR, PING_START, -1,
		  "https://cronitor.link/p/k/daily?state=run&host=h" },
		{ "https://cronitor.link/p/k/m?env=x", PING_CRONITOR, PING_SUCCESS, 0,
		  "https://cronitor.link/p/k/m?env=x&state=complete&host=h&status_code=0" },
		{ "https://cronitor.link/p/k/m", PING_CRONITOR, PING_FAIL, 70,
		  "https://cronitor.link/p/k/m?state=fail&host=h&status_code=70" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct ping ping = { row[i].word, row[i].code, "h", "daily", NULL };
		struct buf url = BUF_INIT;

		assert_true(ping_url(&url, row[i].pattern, row[i].style, &ping, NULL));
		assert_string_equal(url.data, row[i].want);
		buf_release(&url);
	}
}

static void a_job_of_no_or_odd_name_is_refused_where_it_is_needed(void **state)
{
	static const char *const job[] = { NULL, "", "../x", "a b", "a?b" };

	(void)state;
	for (size_t i = 0; i < sizeof job / sizeof *job; i++) {
		struct ping ping = { PING_START, -1, "h", job[i], NULL };
		struct buf url = BUF_INIT;

		assert_false(ping_url(&url, "https://h/{job}", PING_HEALTHCHECKS, &ping, NULL));
		assert_true(ping_url(&url, "https://h/x", PING_HEALTHCHECKS, &ping, NULL));
		buf_release(&url);
	}
}

/* RFC 9562: 8-4-4-4-12 hex digits, version 4, variant 10. */
static void one_run_has_one_id_and_another_another(void **state)
{
	static const char *const run[] = { "r1", "r1", "r2" };
	struct buf url[3] = { BUF_INIT, BUF_INIT, BUF_INIT };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct ping ping = { i ? PING_SUCCESS : PING_START, -1, "h", "daily", run[i] };
		const char *id;

		assert_true(ping_url(&url[i], "https://h/x", PING_HEALTHCHECKS, &ping, NULL));
		id = strstr(url[i].data, "?rid=");
		assert_non_null(id);
		id += strlen("?rid=");
		assert_int_equal(strlen(id), 36);
		assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
		assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
		assert_int_equal(id[14], '4');
		assert_non_null(strchr("89ab", id[19]));
	}
	assert_string_equal(strstr(url[0].data, "?rid="), strstr(url[1].data, "?rid="));
	assert_string_not_equal(strstr(url[0].data, "?rid="), strstr(url[2].data, "?rid="));
	for (int i = 0; i < 3; i++)
		buf_release(&url[i]);
}

/* The services name it differently, and its id is the same. */
static void cronitor_is_told_the_run_as_its_series(void **state)
{
	struct ping ping = { PING_SUCCESS, 0, "h", "daily", "r1" };
	struct buf url = BUF_INIT, other = BUF_INIT;
	const char *series;

	(void)state;
	assert_true(ping_url(&url, "https://cronitor.link/p/k/m", PING_CRONITOR, &ping, NULL));
	assert_true(ping_url(&other, "https://h/x", PING_HEALTHCHECKS, &ping, NULL));
	series = strstr(url.data, "&status_code=0&series=");
	assert_non_null(series);
	assert_string_equal(series + strlen("&status_code=0&series="), strstr(other.data, "?rid=") + strlen("?rid="));
	buf_release(&url);
	buf_release(&other);
}

static void the_style_is_told_by_the_host_unless_it_is_named(void **state)
{
	enum ping_style style;

	(void)state;
	assert_true(ping_style_parse(NULL, "https://cronitor.link/p/k/m", &style));
	assert_int_equal(style, PING_CRONITOR);
	assert_true(ping_style_parse(NULL, "https://checks.example.org/ping/u", &style));
	assert_int_equal(style, PING_HEALTHCHECKS);
	assert_true(ping_style_parse("cronitor", "https://x.example.org/p", &style));
	assert_int_equal(style, PING_CRONITOR);
	assert_false(ping_style_parse("other", "https://x.example.org/p", &style));
}

static void words_and_styles_of_no_ping_are_refused(void **state)
{
	enum ping_style style;
	enum ping_word word;

	(void)state;
	assert_true(ping_style_parse("healthchecks", "https://cronitor.link/p", &style));
	assert_int_equal(style, PING_HEALTHCHECKS);
	assert_true(ping_word_parse("fail", &word));
	assert_int_equal(word, PING_FAIL);
	assert_false(ping_word_parse("log", &word));
	assert_false(ping_word_parse("", &word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_has_its_url),
		cmocka_unit_test(words_and_styles_of_no_ping_are_refused),
		cmocka_unit_test(a_job_of_no_or_odd_name_is_refused_where_it_is_needed),
		cmocka_unit_test(one_run_has_one_id_and_another_another),
		cmocka_unit_test(cronitor_is_told_the_run_as_its_series),
		cmocka_unit_test(the_style_is_told_by_the_host_unless_it_is_named),
	};

	return cmocka_run_group_tests_name("ping", tests, NULL, NULL);
}
