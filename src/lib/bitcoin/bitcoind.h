/*
 * bitcoind - what a node of one's own answers to JSON-RPC (Bitcoin Core)
 *
 * Each function reads a whole body, untrusted, or says why not; an error that the node itself reports
 * is given in its own words.
 */
#ifndef WINDFALL_BITCOIND_H
#define WINDFALL_BITCOIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "bitcoin/block_json.h"

#define BLOCK_HASH_TEXT 65		/* 64 lower-case hex digits and a NUL */

/*
 * The node's own words in a body that came with an HTTP error, such as {"error": {"code": -28, "message":
 * "Loading block index..."}}; false if the body is no such answer.  warming_up: it has code -28, with which
 * Bitcoin Core answers every call until it has started (RPC_IN_WARMUP in its src/rpc/protocol.h).
 */
bool bitcoind_read_error(const char *body, size_t len, bool *warming_up, struct reason *words);

/* getblockchaininfo: refused off the main chain. */
struct bitcoind_info {
	bool catching_up;		/* it has not yet seen all blocks: its newest says nothing of today */
	int64_t blocks;			/* the height of its newest block */
	char best_hash[BLOCK_HASH_TEXT];
};
bool bitcoind_read_info(const char *body, size_t len, struct bitcoind_info *info, struct reason *why);

/* A batch of n getblockhash calls with ids 0 to n - 1, answered in any order. */
bool bitcoind_read_hashes(const char *body, size_t len, size_t n, char (*hashes)[BLOCK_HASH_TEXT],
			  struct reason *why);

/* A batch of n getblockheader calls with ids 0 to n - 1 for these hashes. */
bool bitcoind_read_headers(const char *body, size_t len, size_t n, char (*hashes)[BLOCK_HASH_TEXT],
			   struct block *headers, struct reason *why);

#endif
