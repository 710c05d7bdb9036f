#include "bitcoin/bitcoind.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "format/json.h"

/* What an error says: the node's own is an object, that of what stands before a node may be a text. */
static const char *error_words(const cJSON *error)
{
	return json_string(cJSON_IsObject(error) ? json_member(error, "message") : error);
}

/* The node was asked for nothing but what it had just named: that it knows it no more passes, as behind an address that
 * several nodes answer, and so does an error within it.  RPC_METHOD_NOT_FOUND stays. */
static enum answer_kind error_kind(const cJSON *error)
{
	int64_t code;

	if (!json_int64(json_member(error, "code"), &code))
		return ANSWER_ODD;
	return code == -32601 ? ANSWER_OTHER : ANSWER_LATER;
}

/* The result of one JSON-RPC reply, or NULL with what the node said. */
static const cJSON *rpc_result(const cJSON *reply, struct reason *why)
{
	const cJSON *error = json_member(reply, "error"), *result = json_member(reply, "result");
	const char *message = error_words(error);

	if (error && !json_is_null(error)) {
		reason_answer(why, error_kind(error), "the node says: %.200s", message ? message : "an error");
		return NULL;
	}
	if (!result || json_is_null(result)) {
		reason_answer(why, ANSWER_OTHER, "%s, not a JSON-RPC reply", json_kind(reply));
		return NULL;
	}
	return result;
}

static bool take_hash(const cJSON *value, char hash[BLOCK_HASH_TEXT])
{
	const char *text = json_string(value);

	if (!text || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return false;
	memcpy(hash, text, BLOCK_HASH_TEXT);
	return true;
}

static bool take_info(const cJSON *result, struct bitcoind_info *info, struct reason *why)
{
	const char *chain = json_string(json_member(result, "chain"));

	if (!chain || !json_bool(json_member(result, "initialblockdownload"), &info->catching_up) ||
	    !block_height(json_member(result, "blocks"), &info->blocks) ||
	    !take_hash(json_member(result, "bestblockhash"), info->best_hash))
		return reason_answer(why, ANSWER_OTHER, "not an answer to getblockchaininfo");
	if (strcmp(chain, "main") != 0)
		return reason_set(why, "the node is on chain %.20s, not main", chain);
	return true;
}

bool bitcoind_read_error(const char *body, size_t len, bool *warming_up, struct reason *words)
{
	cJSON *document = json_parse(body, len, NULL);
	const cJSON *reply = cJSON_IsArray(document) ? cJSON_GetArrayItem(document, 0) : document;
	const cJSON *error = json_member(reply, "error");
	const char *message = error_words(error);
	int64_t code = 0;

	if (message)
		reason_set(words, "%.200s", message);
	*warming_up = json_int64(json_member(error, "code"), &code) && code == -28;
	json_release(document);
	return message != NULL;
}

bool bitcoind_read_info(const char *body, size_t len, struct bitcoind_info *info, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *result = document ? rpc_result(document, why) : NULL;
	bool ok = result && take_info(result, info, why);

	json_release(document);
	return ok;
}

/* Walk over a batch of n replies; each id once.  take() gets the index and the result. */
typedef bool take_reply(void *ctx, size_t index, const cJSON *result, struct reason *why);

static bool walk_batch(const cJSON *document, size_t n, char *seen, take_reply *take, void *ctx, struct reason *why)
{
	const cJSON *reply, *result;
	struct reason inner;
	size_t count = 0;
	int64_t id;

	if (!cJSON_IsArray(document))
		return rpc_result(document, why) &&
		reason_answer(why, ANSWER_OTHER, "%s, not a batch of replies", json_kind(document));
	cJSON_ArrayForEach(reply, document) {
		if (!json_int64(json_member(reply, "id"), &id) || id < 0 || (uint64_t)id >= n || seen[id])
			return reason_set(why, "a reply without a request");
		seen[id] = 1;
		count++;
		result = rpc_result(reply, &inner);
		if (!result)
			return reason_answer(why, inner.answer, "reply %" PRId64 ": %s", id, inner.text);
		if (!take(ctx, (size_t)id, result, &inner))
			return reason_set(why, "reply %" PRId64 ": %s", id, inner.text);
	}
	return count == n || reason_set(why, "%zu replies to %zu questions", count, n);
}

static bool read_batch(const char *body, size_t len, size_t n, take_reply *take, void *ctx, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	char *seen = xmalloc(n);
	bool ok;

	memset(seen, 0, n);
	ok = document && walk_batch(document, n, seen, take, ctx, why);
	free(seen);
	json_release(document);
	return ok;
}

static bool take_block_hash(void *ctx, size_t index, const cJSON *result, struct reason *why)
{
	char (*hashes)[BLOCK_HASH_TEXT] = ctx;

	return take_hash(result, hashes[index]) || reason_set(why, "not a block hash");
}

bool bitcoind_read_hashes(const char *body, size_t len, size_t n, char (*hashes)[BLOCK_HASH_TEXT], struct reason *why)
{
	return read_batch(body, len, n, take_block_hash, hashes, why);
}

struct headers {
	char (*hashes)[BLOCK_HASH_TEXT];
	struct block *out;
};

static bool take_header(void *ctx, size_t index, const cJSON *result, struct reason *why)
{
	struct headers *headers = ctx;
	struct block *header = &headers->out[index];
	char hash[BLOCK_HASH_TEXT];

	if (!take_hash(json_member(result, "hash"), hash) || !block_height(json_member(result, "height"), &header->height) ||
	    !block_time(json_member(result, "time"), &header->time))
		return reason_answer(why, ANSWER_OTHER, "not an answer to getblockheader");
	if (strcmp(hash, headers->hashes[index]) != 0)
		return reason_set(why, "the header of another block");
	return block_nbits(json_member(result, "bits"), &header->nbits, why);
}

bool bitcoind_read_headers(const char *body, size_t len, size_t n, char (*hashes)[BLOCK_HASH_TEXT],
			   struct block *headers, struct reason *why)
{
	struct headers ctx = { hashes, headers };

	return read_batch(body, len, n, take_header, &ctx, why);
}
