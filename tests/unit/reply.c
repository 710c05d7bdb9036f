/* reply: answers as the services give them: Healthchecks' and Telegram's manuals, what Microsoft says of Teams' connectors, the
 * manuals of Feishu, WeCom, DingTalk, Pushover, Zulip and Bark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/reply.h"

static long meant(long code, const char *text)
{
	return reply_code(code, text, strlen(text));
}

static void a_success_that_is_none_has_the_status_that_it_means(void **state)
{
	static const struct { const char *text; long want; } row[] = {
		{ "OK (not found)", 404 },
		{ "OK (rate limited)\n", 429 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x", 429 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 400 with ContextId x", 400 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 200", 502 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 399", 502 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 599", 599 },
		{ "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 600", 502 },
		{ "Webhook message delivery failed with error: Error contacting Microsoft Teams endpoint", 502 },
		{ "{\"ok\":false,\"error\":\"channel_not_found\"}", 400 },
		{ "{\"success\":false}", 400 },
		{ "{\"ok\":true,\"success\":false}", 400 },
		{ "{\"code\":19001,\"data\":{},\"msg\":\"param invalid: incoming webhook access token invalid\"}", 400 },
		{ "{\"code\":11232,\"data\":{},\"msg\":\"frequency limited\"}", 429 },
		{ "{\"code\":404,\"message\":\"no such device\"}", 404 },
		{ "{\"code\":400}", 400 }, { "{\"code\":599}", 599 }, { "{\"code\":600}", 400 }, { "{\"code\":399}", 400 },
		{ "{\"code\":199}", 400 }, { "{\"code\":300}", 400 },
		{ "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", 400 },
		{ "{\"errcode\":200,\"errmsg\":\"x\"}", 400 },
		{ "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", 429 },
		{ "{\"errcode\":130101,\"errmsg\":\"send too fast\"}", 429 }, { "{\"errcode\":410100}", 429 },
		{ "{\"errcode\":-1,\"errmsg\":\"system busy\"}", 503 },
		{ "{\"user\":\"invalid\",\"errors\":[\"user identifier is invalid\"],\"status\":0,\"request\":\"x\"}", 400 },
		{ "{\"result\":\"error\",\"msg\":\"Invalid API key\",\"code\":\"INVALID_API_KEY\"}", 400 },
		{ "{\"status\":\"Failed\"}", 400 }, { "{\"status\":\"fail\"}", 400 }, { "{\"result\":\"failure\"}", 400 },
		{ "{\"error\":\"no such hook\"}", 400 },
		{ "{\"errors\":[{\"message\":\"unauthorized\"}],\"data\":null}", 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(meant(200, row[i].text), row[i].want);
}

static void what_was_taken_stays_so_whatever_else_the_answer_says(void **state)
{
	static const char *const text[] = {
		"ok", "OK", "1", "", "Created", "Got it: not found before, OK (not found)", "{\"ok\":true}", "{\"success\":true}",
		"{\"id\":\"x\",\"event\":\"message\",\"title\":\"job failed\",\"message\":\"HTTP error 429\"}",
		"{\"ok\":\"false\"}", "[false]", "{\"ok\":fal",
		"{\"StatusCode\":0,\"StatusMessage\":\"success\",\"code\":0,\"data\":{},\"msg\":\"success\"}",
		"{\"errcode\":0,\"errmsg\":\"ok\"}", "{\"status\":1,\"request\":\"x\"}", "{\"result\":\"success\",\"msg\":\"\"}",
		"{\"code\":200,\"message\":\"success\"}", "{\"code\":299}", "{\"code\":1000,\"success\":true}", "{\"ok\":true,\"code\":1}",
		"{\"error\":null,\"id\":1}", "{\"error\":\"\"}", "{\"errors\":[]}", "{\"error\":false}",
		"{\"status\":\"success\",\"message\":\"Event processed\"}", "{\"result\":\"Request will be processed\"}",
		"{\"id\":\"x\",\"title\":\"error\",\"message\":\"failed\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		assert_int_equal(meant(200, text[i]), 200);
	assert_int_equal(reply_code(204, NULL, 0), 204);
	assert_int_equal(meant(500, "OK (not found)"), 500);
	assert_int_equal(meant(300, "OK (not found)"), 300);
	assert_int_equal(meant(299, "OK (not found)"), 404);
	assert_int_equal(meant(199, "OK (not found)"), 199);
	assert_int_equal(meant(0, "OK (not found)"), 0);
}

static void no_more_is_read_than_there_is(void **state)
{
	char text[600];

	(void)state;
	assert_int_equal(reply_code(200, "OK (not found)", 13), 200);
	memset(text, 'x', sizeof text);
	memcpy(text, "OK (not found)", 14);
	assert_int_equal(reply_code(200, text, sizeof text), 404);
	/* Around what is held against the words, in memory of its own length. */
	for (size_t len = 508; len <= 516; len++) {
		char *answer = malloc(len);

		assert_non_null(answer);
		memcpy(answer, text, len);
		assert_int_equal(reply_code(200, answer, len), 404);
		free(answer);
	}
}

static void a_page_is_known_by_how_it_begins(void **state)
{
	(void)state;
	assert_true(reply_is_page("\r\n\t <!DOCTYPE html>", 19));
	assert_true(reply_is_page("<", 1));
	assert_false(reply_is_page("x<", 2));
	assert_false(reply_is_page("ok <b>", 6));
	assert_false(reply_is_page("  <", 2));
	assert_false(reply_is_page(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_that_is_none_has_the_status_that_it_means),
		cmocka_unit_test(what_was_taken_stays_so_whatever_else_the_answer_says),
		cmocka_unit_test(no_more_is_read_than_there_is),
		cmocka_unit_test(a_page_is_known_by_how_it_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
