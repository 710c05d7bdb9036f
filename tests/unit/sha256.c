#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/sha256.h"

/* FIPS 180-4, the examples of SHA-256. */
static void the_standards_examples_come_out(void **state)
{
	struct sha256 d;
	char text[SHA256_TEXT];

	(void)state;
	sha256_init(&d);
	assert_string_equal(sha256_hex(&d, text), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_restart(&d);
	sha256_adds(&d, "a");
	sha256_add(&d, "bc", 2);
	assert_string_equal(sha256_hex(&d, text), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples_come_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
