#include "bitcoin/difficulty_source_net.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bitcoin/bitcoind.h"
#include "bitcoin/block_json.h"
#include "bitcoin/difficulty_file.h"
#include "bitcoin/difficulty_json.h"
#include "cli/input.h"
#include "format/tsv.h"
#include "format/url.h"
#include "format/url_net.h"
#include "os/log.h"
#include "os/paths.h"
#include "os/private_file.h"

/* Asking --------------------------------------------------------------------------------------- */

static _Noreturn void refuse_body(const struct difficulty_fetch *f, const struct reason *why)
{
	die(answer_exit_status(why->answer), "%s: %s", f->source->name, why->text);
}

/* GET base/path, or end the process. */
static void get(const struct difficulty_fetch *f, const char *path, struct buf *body)
{
	struct buf url = BUF_INIT;

	buf_addf(&url, "%s/%s", f->base, path);
	if (!http_get(&f->http, url.data, body))
		die(EX_PROTOCOL, "%s has no %s: is the base URL right?", f->source->name, path);
	buf_release(&url);
}

/* GET what says something beside the history.  False if there is nothing, or a page or a denial in its place, which
 * costs no more than what it would have said; a source that is down is asked by the next run. */
static bool get_beside(const struct difficulty_fetch *f, const char *path, struct buf *body)
{
	struct http_request req = { .url = BUF_INIT };
	struct reason why;
	enum http_outcome outcome;
	int status;

	buf_addf(&req.url, "%s/%s", f->base, path);
	outcome = http_ask(&f->http, &req, body, &why);
	status = http_exit_status(outcome);
	buf_release(&req.url);
	if (status == EX_TEMPFAIL)
		die(status, "%s: %s: %s", f->source->name, path, why.text);
	if (status)
		log_warning("%s: %s: %s", f->source->name, path, why.text);
	return outcome == HTTP_BODY;
}

enum { COOKIE_MAX = 512 };

/* "Authorization: Basic ..." of the node's cookie file, which bitcoind rewrites at each start, or of a person's, which
 * may begin with a byte order mark. */
static void add_credentials(const struct difficulty_fetch *f, struct buf *headers)
{
	const char *named = f->cookie ? f->cookie : getenv("WINDFALL_BITCOIND_COOKIE"), *home = getenv("HOME");
	struct buf path = BUF_INIT, secret = BUF_INIT;
	char encoded[4 * (COOKIE_MAX / 3) + 8];
	struct reason why;
	size_t mark;
	int status;

	if (named && *named)
		buf_adds(&path, named);
	else
		buf_addf(&path, "%s/.bitcoin/.cookie", home ? home : "");
	status = private_file_read(path.data, COOKIE_MAX, &secret, &why);
	if (status)
		die(EX_NOPERM, "cannot read the node's credentials from %s: %s", path.data, why.text);
	while (secret.len > 0 && (secret.data[secret.len - 1] == '\n' || secret.data[secret.len - 1] == '\r'))
		secret.data[--secret.len] = '\0';
	if (secret.len == 0 || !memchr(secret.data, ':', secret.len) || memchr(secret.data, '\n', secret.len))
		die(EX_NOPERM, "%s does not hold one line \"user:password\"", path.data);
	mark = text_mark(secret.data, secret.len);
	EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)secret.data + mark, (int)(secret.len - mark));
	buf_reserve(headers, sizeof encoded + 32);
	buf_adds(headers, "Authorization: Basic ");
	buf_adds(headers, encoded);
	buf_addc(headers, '\n');
	OPENSSL_cleanse(encoded, sizeof encoded);
	private_wipe(&secret);
	buf_release(&path);
}

/* The node's password opens its wallet. */
static void refuse_clear_text(const char *url)
{
	const char *trouble = url_secret_trouble(url, URL_WEB);
	struct buf shown = BUF_INIT;

	if (!trouble || url_is_file(url))
		return;
	url_show(&shown, url);
	die(EX_USAGE, "%s: the node's credentials are sent over https or to this machine only, and the address %s; a tunnel "
	    "(ssh -L 8332:127.0.0.1:8332 NODE) makes the node local", shown.data, trouble);
}

/* POST a JSON-RPC document to the node.  Ends the process unless a body comes back. */
static void call_node(const struct difficulty_fetch *f, const struct buf *call, struct buf *body)
{
	struct http_request req = { .url = BUF_INIT };
	struct reason why, words;
	enum http_outcome outcome;
	bool warming_up, said;

	refuse_clear_text(f->base);
	buf_addf(&req.url, "%s/", f->base);
	buf_add(&req.post, call->data, call->len);
	add_credentials(f, &req.headers);
	outcome = http_ask(&f->http, &req, body, &why);
	buf_release(&req.url);
	buf_release(&req.post);
	private_wipe(&req.headers);
	said = bitcoind_read_error(body->data, body->len, &warming_up, &words);
	/* Its error has status 500, or 200 in a batch and from what speaks JSON-RPC 2.0. */
	if (warming_up)
		die(EX_TEMPFAIL, "bitcoind: the node is not ready: %s", words.text);
	if (outcome == HTTP_BODY)
		return;
	/* 404 comes with the words for a call that the node does not know. */
	if (outcome == HTTP_ABSENT && said)
		die(EX_PROTOCOL, "bitcoind: the node says: %s", words.text);
	if (outcome == HTTP_ABSENT)
		die(EX_PROTOCOL, "bitcoind: nothing answers at %s", f->base);
	if (!said)
		die(http_exit_status(outcome), "cannot ask the node at %s: %s", f->base, why.text);
	die(http_exit_status(outcome), "bitcoind: the node says: %s", words.text);
}

/* A source whose newest block is older than this lags behind: in all years since 2010 no block took half as long. */
#define FRESH_SECONDS (6 * 3600)

/* A block's time may be two hours ahead. */
static instant_t latest_time(const struct difficulty_fetch *f)
{
	return f->now + 7200;
}

/* The sources ---------------------------------------------------------------------------------- */

/* How far does the list reach?  As far as the newest block that the source has seen. */
static void see_tip(struct difficulty_fetch *f, const struct block *tip)
{
	const struct retarget *last = &f->news.rows[f->news.n - 1];
	bool fresh = tip->time < f->now && f->now - tip->time <= FRESH_SECONDS;
	char when[INSTANT_TEXT];

	if (!difficulty_reaches_block(last, tip->height, tip->nbits, tip->time)) {
		log_warning("%s: the latest block is %" PRId64 " of %s, which is too soon after block %d: it is "
			    "ignored, and the latest difficulty is assumed to be in force for one day",
			    f->source->name, tip->height, instant_format(tip->time, when), last->height);
		return;
	}
	f->tip = tip->height;
	/* A list may leave out retargets that changed nothing; a block with another nBits shows one that did. */
	if (tip->height >= last->height + BLOCKS_PER_EPOCH && tip->nbits != last->nbits) {
		log_warning("%s: the latest block is %" PRId64 ", but the list of retargets ends at %d: it lags behind",
			    f->source->name, tip->height, last->height);
		return;
	}
	if (tip->height >= last->height && tip->nbits != last->nbits)
		die(EX_DATAERR, "%s: block %" PRId64 " has nBits %08" PRIx32 ", but its epoch has %08" PRIx32,
		    f->source->name, tip->height, tip->nbits, last->nbits);
	/* What the newest block has holds for the next one too, which is sought now, unless that begins an epoch. */
	difficulty_seen_until(&f->news, tip->time < f->now && !fresh ? tip->time : f->now);
}

static void from_mempool(struct difficulty_fetch *f)
{
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct block tip;
	struct reason why;

	get(f, "api/v1/mining/difficulty-adjustments", &body);
	if (!difficulty_read_mempool(body.data, body.len, latest_time(f), &f->news, &odd, &why))
		refuse_body(f, &why);
	log_oddities("mempool", &odd);
	oddities_release(&odd);
	odd = (struct oddities)ODDITIES_INIT;
	if (!get_beside(f, "api/blocks", &body))
		log_warning("mempool does not say which block is its latest: the latest difficulty is assumed to be "
			    "in force for one day");
	else if (!difficulty_read_blocks(body.data, body.len, latest_time(f), &tip, &odd, &why))
		log_warning("mempool: latest blocks: %s: the latest difficulty is assumed to be in force for one day",
			    why.text);
	else
		see_tip(f, &tip);
	log_oddities("mempool", &odd);
	oddities_release(&odd);
	buf_release(&body);
}

/* The chart ends with a day that is over; what holds now stands in the statistics. */
static void see_stats(struct difficulty_fetch *f)
{
	const struct retarget *last = &f->news.rows[f->news.n - 1];
	struct buf body = BUF_INIT;
	struct block tip;
	struct reason why;

	if (!get_beside(f, "stats", &body))
		log_warning("blockchain does not say which difficulty is in force now: the latest one is known to the end of "
			    "the chart's last day");
	else if (!difficulty_read_stats(body.data, body.len, &tip, &why))
		log_warning("blockchain: stats: %s", why.text);
	else if (tip.nbits != last->nbits)
		log_warning("blockchain: the difficulty has changed since the chart's last day; the chart will say when");
	else if (tip.time > last->until && tip.time - last->until <= 3 * DAY_SECONDS)
		difficulty_seen_until(&f->news, tip.time);
	buf_release(&body);
}

static void from_blockchain(struct difficulty_fetch *f)
{
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct reason why;

	get(f, "charts/difficulty?timespan=all&sampled=false&format=json", &body);
	if (!difficulty_read_blockchain(body.data, body.len, latest_time(f), &f->news, &odd, &why))
		refuse_body(f, &why);
	log_oddities("blockchain", &odd);
	oddities_release(&odd);
	if (f->news.rows[f->news.n - 1].until <= f->now)
		see_stats(f);
	/* The last day is over, or it is today. */
	if (f->news.rows[f->news.n - 1].until > f->now)
		difficulty_seen_until(&f->news, f->now);
	buf_release(&body);
}

static void add_call(struct buf *batch, size_t id, const char *method, const char *parameters)
{
	buf_adds(batch, id ? "," : "[");
	buf_addf(batch, "{\"jsonrpc\":\"1.0\",\"id\":%zu,\"method\":\"%s\",\"params\":[%s]}", id, method, parameters);
}

/* Ask for the headers of these hashes. */
static void ask_headers(struct difficulty_fetch *f, size_t n, char (*hashes)[BLOCK_HASH_TEXT], struct block *headers)
{
	struct buf batch = BUF_INIT, body = BUF_INIT;
	char quoted[80];
	struct reason why;

	for (size_t i = 0; i < n; i++) {
		snprintf(quoted, sizeof quoted, "\"%s\"", hashes[i]);
		add_call(&batch, i, "getblockheader", quoted);
	}
	buf_addc(&batch, ']');
	call_node(f, &batch, &body);
	if (!bitcoind_read_headers(body.data, body.len, n, hashes, headers, &why))
		refuse_body(f, &why);
	buf_release(&batch);
	buf_release(&body);
}

/* Ask for the hashes of n blocks, at the heights first, first + step, first + 2 * step, ... */
static void ask_hashes(struct difficulty_fetch *f, size_t n, int64_t first, int64_t step,
		       char (*hashes)[BLOCK_HASH_TEXT])
{
	struct buf batch = BUF_INIT, body = BUF_INIT;
	struct reason why;
	char height[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(height, sizeof height, "%" PRId64, first + (int64_t)i * step);
		add_call(&batch, i, "getblockhash", height);
	}
	buf_addc(&batch, ']');
	call_node(f, &batch, &body);
	if (!bitcoind_read_hashes(body.data, body.len, n, hashes, &why))
		refuse_body(f, &why);
	buf_release(&batch);
	buf_release(&body);
}

static void from_node(struct difficulty_fetch *f)
{
	static const char info_call[] = "{\"jsonrpc\":\"1.0\",\"id\":0,\"method\":\"getblockchaininfo\",\"params\":[]}";
	struct buf call = BUF_INIT, body = BUF_INIT;
	struct block *headers;
	struct bitcoind_info info;
	struct reason why;
	char (*hashes)[BLOCK_HASH_TEXT];
	size_t n;

	buf_adds(&call, info_call);
	call_node(f, &call, &body);
	if (!bitcoind_read_info(body.data, body.len, &info, &why))
		refuse_body(f, &why);
	if (info.catching_up)
		die(EX_TEMPFAIL, "bitcoind: the node is not ready: it still catches up and is at block %" PRId64, info.blocks);
	buf_release(&call);
	buf_release(&body);

	n = (size_t)(info.blocks / BLOCKS_PER_EPOCH) + 1;
	hashes = xmalloc((n + 1) * sizeof *hashes);
	headers = xmalloc((n + 1) * sizeof *headers);
	ask_hashes(f, n, 0, BLOCKS_PER_EPOCH, hashes);
	memcpy(hashes[n], info.best_hash, sizeof hashes[n]);
	ask_headers(f, n + 1, hashes, headers);
	for (size_t i = 0; i < n; i++) {
		struct retarget row = { .from = headers[i].time, .height = (int32_t)headers[i].height,
			.nbits = headers[i].nbits, .quality = TIME_EXACT, .source = "bitcoind" };

		if (headers[i].height != (int64_t)i * BLOCKS_PER_EPOCH)
			die(EX_DATAERR, "bitcoind: the header at height %zu claims height %" PRId64, i * BLOCKS_PER_EPOCH,
			    headers[i].height);
		row.until = headers[i + 1].time;	/* for the newest this is the tip: see_tip() */
		if (!difficulty_history_add(&f->news, &row, &why))
			die(EX_DATAERR, "bitcoind: height %d: %s", row.height, why.text);
	}
	see_tip(f, &(struct block){ headers[n].height, headers[n].time, headers[n].nbits });
	free(hashes);
	free(headers);
}

static void from_file(struct difficulty_fetch *f)
{
	const char *name = input_name(f->file);
	FILE *in = input_open(f->file);
	struct reason why;

	if (!difficulty_read_file(in, name, &f->news, &why))
		die(input_status(in), "%s", why.text);
	input_close(in);
}

static bool block_time_by_mempool(struct difficulty_fetch *f, int64_t height, instant_t *when)
{
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct block block = { 0 };
	struct reason why;
	char path[64];
	bool known;

	snprintf(path, sizeof path, "api/blocks/%" PRId64, height);
	known = get_beside(f, path, &body) &&
		difficulty_read_blocks(body.data, body.len, latest_time(f), &block, &odd, &why) && block.height == height;
	*when = block.time;
	oddities_release(&odd);
	buf_release(&body);
	return known;
}

static bool block_time_by_node(struct difficulty_fetch *f, int64_t height, instant_t *when)
{
	char hash[1][BLOCK_HASH_TEXT];
	struct block header;

	ask_hashes(f, 1, height, 1, hash);
	ask_headers(f, 1, hash, &header);
	*when = header.time;
	return header.height == height;
}

/* All ------------------------------------------------------------------------------------------ */

static const struct difficulty_source sources[] = {
	{ "mempool", "https://mempool.space", from_mempool, block_time_by_mempool },
	{ "blockchain", "https://api.blockchain.info", from_blockchain, NULL },
	{ "bitcoind", "http://127.0.0.1:8332", from_node, block_time_by_node },
	{ "file", NULL, from_file, NULL },
};

enum { N_SOURCES = sizeof sources / sizeof *sources };

const struct difficulty_source *difficulty_source_named(const char *name)
{
	for (int s = 0; s < N_SOURCES; s++)
		if (strcmp(name, sources[s].name) == 0)
			return &sources[s];
	return NULL;
}

void difficulty_source_names(struct buf *out)
{
	for (int s = 0; s < N_SOURCES; s++)
		buf_addf(out, "%s%s", s == 0 ? "" : s == N_SOURCES - 1 ? " or " : ", ", sources[s].name);
}

/* Printed or stored, days are held against the heights that come with the tools; those stored are later ones. */
static void check_days(const struct difficulty_fetch *f)
{
	char *path = root_path("sql/reference/difficulty-epochs.tsv");
	struct difficulty_history known = DIFFICULTY_HISTORY_INIT;
	FILE *in = input_open(path);
	struct reason why;

	if (!difficulty_read_file(in, path, &known, &why))
		die(EX_CONFIG, "%s", why.text);
	input_close(in);
	if (!difficulty_days_agree(&f->news, &known, &why))
		die(EX_DATAERR, "%s: %s", f->source->name, why.text);
	difficulty_history_release(&known);
	free(path);
}

void difficulty_fetch(struct difficulty_fetch *f)
{
	char when[INSTANT_TEXT];
	struct reason why;

	f->source->fetch(f);
	if (!difficulty_check(&f->news, &why))
		die(EX_DATAERR, "%s: %s", f->source->name, why.text);
	if (f->news.rows[0].height == NO_HEIGHT)
		check_days(f);
	if (f->news.rows[f->news.n - 1].from > latest_time(f))
		die(EX_DATAERR, "%s: the latest retarget is in the future, at %s, or the clock of this machine is behind",
		    f->source->name, instant_format(f->news.rows[f->news.n - 1].from, when));
}
