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

#include "bitcoin/block_json.h"
#include "base/reason.h"

#define BLOCK_HASH_TEXT 65		/* 64 lower-case hex digits and a NUL */

/* getblockchaininfo: refused while the node still catches up, or off the main chain. */
struct bitcoind_info {
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
