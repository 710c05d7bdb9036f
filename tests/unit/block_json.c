#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bitcoin/block_json.h"

static cJSON *value_of(const char *json)
{
	struct reason why = { .text = "" };
	cJSON *value = json_parse(json, strlen(json), &why);

	if (!value)
		fail_msg("%s", why.text);
	return value;
}

/* From block 0 to the end of 2099; heights that leave room for the next epoch. */
static void times_and_heights_are_taken_to_their_bounds_and_no_further(void **state)
{
	static const struct { const char *json; bool time, height; } row[] = {
		{ "1231006505", true, true }, { "1231006504", false, true }, { "4102444799", true, false }, { "4102444800", false, false },
		{ "0", false, true }, { "-1", false, false }, { "2147481631", true, true }, { "2147481632", true, false },
		{ "1231006505.0", false, false }, { "\"1231006505\"", false, false }, { "null", false, false }, { "[]", false, false },
		{ "1e9", false, false }, { "99999999999999999999", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		cJSON *value = value_of(row[i].json);
		instant_t when;
		int64_t height;

		if (block_time(value, &when) != row[i].time || block_height(value, &height) != row[i].height)
			fail_msg("%s", row[i].json);
		json_release(value);
	}
	assert_false(block_time(NULL, &(instant_t){ 0 }));
}

/* A hex string or a number; one beyond 32 bits is not cut down to them. */
static void nbits_are_a_string_or_a_number_of_32_bits(void **state)
{
	static const struct { const char *json; uint32_t nbits; const char *words; } row[] = {
		{ "\"1d00ffff\"", 0x1d00ffff, NULL }, { "486604799", 0x1d00ffff, NULL }, { "386521239", 0x1709d897, NULL },
		{ "4781572095", 0, "bits is a number" },		/* 2^32 more than 1d00ffff */
		{ "-486604799", 0, "bits is a number" }, { "486604799.0", 0, "bits is a number" }, { "null", 0, "bits is null" },
		{ "{}", 0, "bits is an object" }, { "0", 0, "nBits" }, { "486604800", 0, "nBits" }, { "4294967295", 0, "nBits" },
		{ "\"1d01ffff\"", 0, "nBits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		cJSON *value = value_of(row[i].json);
		struct reason why = { .text = "" };
		uint32_t nbits = 7;

		if (block_nbits(value, &nbits, &why) != !row[i].words)
			fail_msg("%s: %s", row[i].json, why.text);
		if (row[i].words && !strstr(why.text, row[i].words))
			fail_msg("%s: '%s' does not say '%s'", row[i].json, why.text, row[i].words);
		if (!row[i].words)
			assert_int_equal(nbits, row[i].nbits);
		json_release(value);
	}
}

/* From 500 seconds a block to 600 and five years. */
static void a_block_years_from_its_time_is_of_another_network(void **state)
{
	static const struct { int64_t height; instant_t when; bool ok; } row[] = {
		{ 0, 1231006505, true }, { 0, 1231006505 + INT64_C(5) * 365 * 86400, true }, { 0, 1231006505 + INT64_C(5) * 365 * 86400 + 1, false },
		{ 32256, 1262153464, true }, { 889056, 1742728516, true }, { 900000, 1231006505 + INT64_C(450000000), true },
		{ 900000, 1231006505 + INT64_C(449999999), false }, { BLOCK_MAX_HEIGHT, 4102444799, false },
		{ 0, 1714777860, false }, { 0, 1598918400, false },		/* testnet4, signet */
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		if (block_is_of_main(row[i].height, row[i].when, &why) != row[i].ok || !*why.text != row[i].ok)
			fail_msg("row %zu: '%s'", i, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_and_heights_are_taken_to_their_bounds_and_no_further),
		cmocka_unit_test(a_block_years_from_its_time_is_of_another_network),
		cmocka_unit_test(nbits_are_a_string_or_a_number_of_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
