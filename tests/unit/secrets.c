#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/secrets.h"

static void is(struct secrets *s, const char *const *want)
{
	const char *const *got = secrets_list(s);

	for (; *want; want++, got++) {
		assert_non_null(*got);
		assert_string_equal(*got, *want);
	}
	assert_null(*got);
	secrets_release(s);
	assert_null(*secrets_list(s));
}

#define IS(s, ...) is(s, (const char *const[]){ __VA_ARGS__ })

static void a_value_is_remembered_once(void **state)
{
	struct secrets s = { 0 };

	(void)state;
	secrets_add(&s, "one");
	secrets_add(&s, "two");
	secrets_add(&s, "one");
	secrets_add(&s, "three");
	IS(&s, "one", "two", "three", NULL);
}

static void a_password_of_an_address_is_known_in_both_spellings(void **state)
{
	struct secrets s = { 0 };

	(void)state;
	secrets_add_password_of(&s, "postgresql://u:p%40Ss%zw%4@h:1/d");
	secrets_add_password_of(&s, "postgresql://u:ab@cd@h");
	secrets_add_password_of(&s, "postgresql://u:%2F%2fc%");
	IS(&s, "p%40Ss%zw%4", "p@Ss%zw%4", "ab@cd", NULL);
	secrets_add_password_of(&s, "http://u:%5b%5D%61%7a@h");
	IS(&s, "%5b%5D%61%7a", "[]az", NULL);
	secrets_add_password_of(&s, "http://u:end%4@h");
	secrets_add_password_of(&s, "http://u:abcd%20@h");
	IS(&s, "end%4", "abcd%20", "abcd ", NULL);
	/* What the address shows beside it is no secret by its value. */
	secrets_add_password_of(&s, "postgresql://windfall:windfall@h/d");
	secrets_add_password_of(&s, "postgresql://u:base@db.example/database");
	secrets_add_password_of(&s, "postgresql://u:none@/database");
	secrets_add_password_of(&s, "postgresql://windfall:windfal1@h/d");
	IS(&s, "none", "windfal1", NULL);
	/* Each digit that ends a range of them, and what stands beside it; a password without a user. */
	secrets_add_password_of(&s, "redis://:%09%90%aF%fA%Af%Fa@h");
	secrets_add_password_of(&s, "http://u:%/0%:0%`0%g0%@0%G0@h");
	IS(&s, "%09%90%aF%fA%Af%Fa", "\x09\x90\xaf\xfa\xaf\xfa", "%/0%:0%`0%g0%@0%G0", NULL);
}

static void what_holds_no_password_gives_none(void **state)
{
	static const char *const address[] = { "u:pass@h", "http://h:8080/x", "http://user@h:8080/", "http://u:abc@h/", "" };
	struct secrets s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof address / sizeof *address; i++)
		secrets_add_password_of(&s, address[i]);
	IS(&s, NULL);
}

static void each_password_among_words_is_known(void **state)
{
	struct secrets s = { 0 };

	(void)state;
	secrets_add_password_words(&s, "host=h password = abcd dbname=d sslpassword='ef gh' password is password= wxyz");
	secrets_add_password_words(&s, "http://h/?password=ij%6Bl&x=1");
	IS(&s, "abcd", "ef gh", "wxyz", "ij%6Bl", "ijkl", NULL);
}

static void an_address_may_be_the_secret_whole(void **state)
{
	struct secrets s = { 0 };

	(void)state;
	secrets_add_path_of(&s, "https://h.example/topic");
	secrets_add_path_of(&s, "https://h.example/topic1");
	secrets_add_path_of(&s, "https://h.example/topic12");
	secrets_add_path_of(&s, "https://h.example/");
	secrets_add_path_of(&s, "https://h.example");
	secrets_add_path_of(&s, "/a/path/of/files");
	IS(&s, "h.example/topic", "h.example/topic1", "h.example/topic12", "topic12", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_remembered_once),
		cmocka_unit_test(a_password_of_an_address_is_known_in_both_spellings),
		cmocka_unit_test(what_holds_no_password_gives_none),
		cmocka_unit_test(each_password_among_words_is_known),
		cmocka_unit_test(an_address_may_be_the_secret_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
