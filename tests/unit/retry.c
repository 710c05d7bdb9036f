#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "net/retry.h"

static void what_may_pass_is_asked_again_and_what_will_not_is_not(void **state)
{
	static const long again[] = { 408, 425, 429, 500, 502, 503, 504, 520, 599 };
	static const long never[] = { 200, 204, 301, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 426, 451, 499 };

	(void)state;
	for (size_t i = 0; i < sizeof again / sizeof *again; i++)
		assert_true(retry_status(again[i]));
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_false(retry_status(never[i]));
}

static void what_breaks_off_is_asked_again_and_what_is_refused_is_not(void **state)
{
	static const CURLcode again[] = { CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING,
					  CURLE_RECV_ERROR, CURLE_SSL_CONNECT_ERROR, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY };
	static const CURLcode never[] = { CURLE_OK, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_TOO_MANY_REDIRECTS,
					  CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_FILESIZE_EXCEEDED, CURLE_USE_SSL_FAILED,
					  CURLE_LOGIN_DENIED, CURLE_ABORTED_BY_CALLBACK };

	(void)state;
	for (size_t i = 0; i < sizeof again / sizeof *again; i++)
		assert_true(retry_transfer(again[i]));
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_false(retry_transfer(never[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_pass_is_asked_again_and_what_will_not_is_not),
		cmocka_unit_test(what_breaks_off_is_asked_again_and_what_is_refused_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
