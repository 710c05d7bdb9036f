/* What a node answers, and what it could answer instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bitcoin/bitcoind.h"

#define HASH_A "00000000000000000000b286a4d4ac73f6ad82e54d9ccf6d2d71c492ceeb4930"
#define HASH_B "000000000000000000017f6405c2382de84944eb21be9cec0379a735813f137b"
#define HASH_UPPER "00000000000000000000B286A4D4AC73F6AD82E54D9CCF6D2D71C492CEEB4930"

static void a_node_is_believed_only_on_the_main_chain(void **state)
{
	static const char good[] = "{\"result\":{\"chain\":\"main\",\"blocks\":933586,\"bestblockhash\":\"" HASH_A "\","
				   "\"initialblockdownload\":false},\"error\":null,\"id\":1}";
#define INFO(chain, blocks, hash, download) \
	"{\"result\":{" chain "\"blocks\":" blocks ",\"bestblockhash\":" hash ",\"initialblockdownload\":" download "}}"
#define MAIN "\"chain\":\"main\","
	static const struct { const char *body, *want; } row[] = {
		{ INFO("\"chain\":\"test\",", "1", "\"" HASH_A "\"", "false"), "chain test, not main" },
		{ INFO(MAIN, "1", "\"" HASH_A "\"", "\"no\""), "not an answer to getblockchaininfo" },
		{ INFO("", "1", "\"" HASH_A "\"", "false"), "not an answer to getblockchaininfo" },
		{ INFO(MAIN, "-1", "\"" HASH_A "\"", "false"), "not an answer to getblockchaininfo" },
		{ INFO(MAIN, "1", "7", "false"), "not an answer to getblockchaininfo" },
		{ INFO(MAIN, "1", "\"" HASH_UPPER "\"", "false"), "not an answer to getblockchaininfo" },
		{ INFO(MAIN, "1", "\"" HASH_A "0\"", "false"), "not an answer to getblockchaininfo" },
		{ "{\"result\":{\"chain\":\"main\"}}", "not an answer to getblockchaininfo" },
		{ "{\"result\":null,\"error\":{\"code\":-28,\"message\":\"Loading block index\"}}", "the node says: Loading block index" },
		{ "{\"result\":null,\"error\":7}", "the node says: an error" },
		{ "{\"result\":null,\"error\":null}", "an object, not a JSON-RPC reply" },
		{ "[]", "not a JSON-RPC reply" },
		{ "<html>", "no JSON" },
	};
	struct bitcoind_info info;
	struct reason why;

	(void)state;
	assert_true(bitcoind_read_info(good, strlen(good), &info, &why));
	assert_int_equal(info.blocks, 933586);
	assert_string_equal(info.best_hash, HASH_A);
	assert_false(info.catching_up);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_false(bitcoind_read_info(row[i].body, strlen(row[i].body), &info, &why));
		if (!strstr(why.text, row[i].want))
			fail_msg("%s", why.text);
	}
}

/* While it starts, Bitcoin Core answers every call with code -28 and status 500: that passes, other errors do not. */
static void a_node_that_starts_is_told_from_one_that_refuses(void **state)
{
	static const struct { const char *body, *words; bool warming_up; } row[] = {
		{ "{\"result\":null,\"error\":{\"code\":-28,\"message\":\"Loading block index...\"},\"id\":1}", "Loading block index...", true },
		{ "[{\"result\":null,\"error\":{\"code\":-28,\"message\":\"Verifying blocks...\"},\"id\":0},"
		  "{\"result\":null,\"error\":{\"code\":-8,\"message\":\"Block height out of range\"},\"id\":1}]", "Verifying blocks...", true },
		{ "{\"error\":{\"code\":-8,\"message\":\"Block height out of range\"}}", "Block height out of range", false },
		{ "{\"error\":{\"code\":28,\"message\":\"of another kind\"}}", "of another kind", false },
		{ "{\"error\":{\"code\":\"-28\",\"message\":\"in words\"}}", "in words", false },
		{ "{\"error\":{\"code\":-28}}", NULL, true },
		{ "{\"result\":1}", NULL, false },
		{ "[]", NULL, false },
		{ "Work queue depth exceeded", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason words = { .text = "" };
		bool warming_up = !row[i].warming_up;

		assert_int_equal(bitcoind_read_error(row[i].body, strlen(row[i].body), &warming_up, &words), row[i].words != NULL);
		assert_string_equal(words.text, row[i].words ? row[i].words : "");
		assert_int_equal(warming_up, row[i].warming_up);
	}
}

/* Bitcoin Core's src/rpc/protocol.h: RPC_INVALID_ADDRESS_OR_KEY is -5, RPC_INVALID_PARAMETER -8, RPC_INTERNAL_ERROR -32603. */
static void an_error_within_a_batch_passes_but_for_a_call_that_is_not_known(void **state)
{
	static const struct { const char *error; enum answer_kind want; } row[] = {
		{ "{\"code\":-5,\"message\":\"Block not found\"}", ANSWER_LATER },
		{ "{\"code\":-8,\"message\":\"Block height out of range\"}", ANSWER_LATER },
		{ "{\"code\":-32603,\"message\":\"Can't read block from disk\"}", ANSWER_LATER },
		{ "{\"code\":-32601,\"message\":\"Method not found\"}", ANSWER_OTHER },
		{ "{\"message\":\"without a code\"}", ANSWER_ODD },
		{ "\"Method not allowed\"", ANSWER_ODD },
	};
	char body[200], hashes[2][BLOCK_HASH_TEXT];
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(body, sizeof body, "[{\"result\":\"" HASH_A "\",\"id\":0},{\"result\":null,\"error\":%s,\"id\":1}]", row[i].error);
		assert_false(bitcoind_read_hashes(body, strlen(body), 2, hashes, &why));
		assert_non_null(strstr(why.text, "reply 1: the node says: "));
		assert_int_equal(why.answer, row[i].want);
	}
}

static void a_batch_is_answered_in_any_order_and_whole(void **state)
{
	static const char body[] = "[{\"result\":\"" HASH_B "\",\"error\":null,\"id\":1},{\"result\":\"" HASH_A "\",\"error\":null,\"id\":0}]";
	static const struct { const char *body, *want; } row[] = {
		{ "[{\"result\":\"" HASH_A "\",\"id\":0}]", "1 replies to 2 questions" },
		{ "[{\"result\":\"" HASH_A "\",\"id\":0},{\"result\":\"" HASH_A "\",\"id\":0}]", "without a request" },
		{ "[{\"result\":\"" HASH_A "\",\"id\":2}]", "without a request" },
		{ "[{\"result\":\"" HASH_A "\",\"id\":-1}]", "without a request" },
		{ "[{\"result\":\"" HASH_A "\"}]", "without a request" },
		{ "[{\"result\":\"short\",\"id\":0}]", "reply 0: not a block hash" },
		{ "[{\"result\":null,\"error\":{\"message\":\"Block height out of range\"},\"id\":1}]", "reply 1: the node says: Block height" },
		{ "{\"result\":null,\"error\":{\"message\":\"Parse error\"}}", "the node says: Parse error" },
		{ "{\"result\":5,\"id\":0}", "not a batch" },
		{ "Work queue depth exceeded", "no JSON" },
	};
	char hashes[2][BLOCK_HASH_TEXT];
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		why.text[0] = '\0';
		assert_false(bitcoind_read_hashes(row[i].body, strlen(row[i].body), 2, hashes, &why));
		if (!strstr(why.text, row[i].want))
			fail_msg("%s", why.text);
	}
	assert_true(bitcoind_read_hashes(body, strlen(body), 2, hashes, &why));
	assert_string_equal(hashes[0], HASH_A);
	assert_string_equal(hashes[1], HASH_B);
}

static void a_header_is_that_of_the_block_that_was_asked_for(void **state)
{
#define HEADER(hash, height, time, bits) "{\"result\":{\"hash\":" hash ",\"height\":" height ",\"time\":" time ",\"bits\":" bits ",\"difficulty\":1}"
	static const char body[] = "[" HEADER("\"" HASH_A "\"", "0", "1231006505", "\"1d00ffff\"") ",\"id\":0},"
				       HEADER("\"" HASH_B "\"", "2016", "1233063531", "\"1d00ffff\"") ",\"id\":1}]";
	static const struct { const char *body, *want; } row[] = {
		{ "[" HEADER("\"" HASH_B "\"", "0", "1231006505", "\"1d00ffff\"") ",\"id\":0}]", "reply 0: the header of another block" },
		{ "[" HEADER("7", "0", "1231006505", "\"1d00ffff\"") ",\"id\":0}]", "reply 0: not an answer to getblockheader" },
		{ "[" HEADER("\"" HASH_A "\"", "-1", "1231006505", "\"1d00ffff\"") ",\"id\":0}]", "reply 0: not an answer to getblockheader" },
		{ "[" HEADER("\"" HASH_A "\"", "0", "1231006504", "\"1d00ffff\"") ",\"id\":0}]", "reply 0: not an answer to getblockheader" },
		{ "[" HEADER("\"" HASH_A "\"", "0", "1231006505", "\"1e00ffff\"") ",\"id\":0}]", "reply 0: nBits" },
	};
	char hashes[2][BLOCK_HASH_TEXT] = { HASH_A, HASH_B };
	struct block headers[2];
	struct reason why = { .text = "" };

	(void)state;
	assert_true(bitcoind_read_headers(body, strlen(body), 2, hashes, headers, &why));
	assert_int_equal(headers[0].height, 0);
	assert_int_equal(headers[1].height, 2016);
	assert_int_equal(headers[1].time, 1233063531);
	assert_int_equal(headers[1].nbits, 0x1d00ffff);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_false(bitcoind_read_headers(row[i].body, strlen(row[i].body), 2, hashes, headers, &why));
		if (!strstr(why.text, row[i].want))
			fail_msg("%s", why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_believed_only_on_the_main_chain),
		cmocka_unit_test(a_node_that_starts_is_told_from_one_that_refuses),
		cmocka_unit_test(an_error_within_a_batch_passes_but_for_a_call_that_is_not_known),
		cmocka_unit_test(a_batch_is_answered_in_any_order_and_whole),
		cmocka_unit_test(a_header_is_that_of_the_block_that_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
