/*
 * fetch-difficulty - fetch the history of Bitcoin's difficulty
 *
 * Whatever the source prints, a double or a truncated integer, becomes the one exact figure of its
 * nBits, and a history that breaks a rule of consensus is refused whole.  So the same epoch from
 * another source is the same row, and a second run writes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bitcoin/bitcoind.h"
#include "bitcoin/block_json.h"
#include "bitcoin/mining.h"
#include "base/buf.h"
#include "db/db.h"
#include "bitcoin/difficulty.h"
#include "bitcoin/difficulty_file.h"
#include "bitcoin/difficulty_json.h"
#include "net/http.h"
#include "cli/input.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"

/* The other columns of network_difficulty, as they are staged. */
#define FACTS "block_height, difficulty, source, nbits, time_quality, time_sigma_s, in_force_until"

/* A row as it is printed, and staged. */
static const char *const columns[] = {
	"effective_from", "block_height", "difficulty", "source", "nbits", "time_quality", "time_sigma_s", "in_force_until", NULL
};

static const char known_sql[] =
	"select extract(epoch from effective_from)::bigint, extract(epoch from in_force_until)::bigint,"
	"       block_height, nbits, difficulty, source, time_quality, time_sigma_s"
	"  from network_difficulty"
	" order by effective_from";

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('network_difficulty', 0))";

static const char staging_sql[] =
	"create temp table staged_difficulty on commit drop as"
	" select effective_from, " FACTS " from network_difficulty with no data";

static const char withdraw_sql[] =
	"delete from network_difficulty n"
	" where not exists (select from staged_difficulty s where s.effective_from = n.effective_from)";

static const char mend_sql[] =
	"update network_difficulty n"
	"   set in_force_until = s.in_force_until, block_height = s.block_height, nbits = s.nbits,"
	"       difficulty = s.difficulty, source = s.source, time_quality = s.time_quality,"
	"       time_sigma_s = s.time_sigma_s"
	"  from staged_difficulty s"
	" where s.effective_from = n.effective_from"
	"   and (n.in_force_until, n.block_height, n.nbits, n.difficulty, n.source, n.time_quality, n.time_sigma_s)"
	"       is distinct from"
	"       (s.in_force_until, s.block_height, s.nbits, s.difficulty, s.source, s.time_quality, s.time_sigma_s)";

static const char add_sql[] =
	"insert into network_difficulty (effective_from, " FACTS ")"
	" select effective_from, " FACTS " from staged_difficulty s"
	"  where not exists (select from network_difficulty n where n.effective_from = s.effective_from)"
	"  order by effective_from";

static const char last_halving_sql[] = "select max(block_height) from block_subsidies";

static const char add_halving_sql[] =
	"insert into block_subsidies (effective_from, block_height, subsidy)"
	" values (to_timestamp($1::bigint), $2::integer, $3::numeric) on conflict do nothing";

static const char help[] =
	"usage: fetch-difficulty [OPTION]...\n"
	"\n"
	"Fetch the history of Bitcoin's difficulty and print it as TSV rows, or store it.\n"
	"\n"
	"      --store            write to the database instead of printing\n"
	"      --source SOURCE    mempool (the default), blockchain, bitcoind or file\n"
	"      --base-url URL     another address of the source; file:///DIR reads an archive\n"
	"      --file FILE        the file, with --source file; - is standard input\n"
	"      --cookie FILE      the node's credentials, \"user:password\"; ~/.bitcoin/.cookie\n"
	"      --since DATE       only what was in force on DATE or later\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

enum source { MEMPOOL, BLOCKCHAIN, BITCOIND, A_FILE };

static const struct {
	const char *name, *url;
} sources[] = {
	[MEMPOOL]    = { "mempool", "https://mempool.space" },
	[BLOCKCHAIN] = { "blockchain", "https://api.blockchain.info" },
	[BITCOIND]   = { "bitcoind", "http://127.0.0.1:8332" },
	[A_FILE]     = { "file", NULL },
};

struct fetch {
	enum source source;
	struct http_options http;
	char *base;
	const char *file, *cookie;
	instant_t now;
	int64_t tip;			/* height of the newest block; NO_HEIGHT if the source has none */
	struct difficulty_history news;
};

/* Asking --------------------------------------------------------------------------------------- */

/* A source that answered with something else is not the same as one with bad figures in its answer. */
static _Noreturn void refuse_body(const struct fetch *f, const struct buf *body, char expected, const char *why)
{
	size_t start = strspn(body->data, " \t\r\n");

	die(body->data[start] == expected ? EX_DATAERR : EX_PROTOCOL, "%s: %s", sources[f->source].name, why);
}

/* GET base/path.  False if it is not there and need not be; ends the process for anything else. */
static bool get(const struct fetch *f, const char *path, bool needed, struct buf *body)
{
	struct buf url = BUF_INIT;
	bool there;

	buf_addf(&url, "%s/%s", f->base, path);
	there = http_get(&f->http, url.data, body);
	buf_release(&url);
	if (!there && needed)
		die(EX_PROTOCOL, "%s has no %s: is the base URL right?", sources[f->source].name, path);
	return there;
}

/* "Authorization: Basic ..." of the node's cookie file, which bitcoind writes anew at each start. */
static void add_credentials(const struct fetch *f, struct buf *headers)
{
	const char *named = f->cookie ? f->cookie : getenv("WINDFALL_BITCOIND_COOKIE"), *home = getenv("HOME");
	struct buf path = BUF_INIT;
	char secret[512], encoded[700];
	struct stat st;
	size_t len;
	FILE *in;

	if (named && *named)
		buf_adds(&path, named);
	else
		buf_addf(&path, "%s/.bitcoin/.cookie", home ? home : "");
	in = fopen(path.data, "r");
	if (!in || fstat(fileno(in), &st) != 0)
		die(EX_NOPERM, "cannot read the node's credentials from %s: %s", path.data, strerror(errno));
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		log_warning("%s can be read by others than its owner", path.data);
	len = fread(secret, 1, sizeof secret, in);
	fclose(in);
	while (len > 0 && (secret[len - 1] == '\n' || secret[len - 1] == '\r'))
		len--;
	if (len == 0 || len == sizeof secret || !memchr(secret, ':', len) || memchr(secret, '\n', len))
		die(EX_NOPERM, "%s does not hold one line \"user:password\"", path.data);
	EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)secret, (int)len);
	buf_addf(headers, "Authorization: Basic %s\n", encoded);
	buf_release(&path);
}

/* POST a JSON-RPC document to the node.  Ends the process unless a body comes back. */
static void call_node(const struct fetch *f, const struct buf *call, struct buf *body)
{
	struct http_request req = { .url = BUF_INIT };
	struct reason why, words;
	enum http_outcome outcome;
	bool warming_up;

	buf_addf(&req.url, "%s/", f->base);
	buf_add(&req.post, call->data, call->len);
	add_credentials(f, &req.headers);
	outcome = http_ask(&f->http, &req, body, &why);
	buf_release(&req.url);
	buf_release(&req.post);
	buf_release(&req.headers);
	if (outcome == HTTP_ABSENT)
		die(EX_PROTOCOL, "bitcoind: nothing answers at %s", f->base);
	if (outcome == HTTP_BODY)
		return;
	if (!bitcoind_read_error(body->data, body->len, &warming_up, &words))
		die(http_exit_status(outcome), "cannot ask the node at %s: %s", f->base, why.text);
	if (warming_up)
		die(EX_TEMPFAIL, "bitcoind: the node is not ready: %s", words.text);
	die(http_exit_status(outcome), "bitcoind: the node says: %s", words.text);
}

/* A source whose newest block is older than this lags behind: in all years since 2010 no block took half as long. */
#define FRESH_SECONDS (6 * 3600)

/* The sources ---------------------------------------------------------------------------------- */

/* How far does the list reach?  As far as the newest block that the source has seen. */
static void see_tip(struct fetch *f, const struct block *tip)
{
	const struct retarget *last = &f->news.rows[f->news.n - 1];
	bool fresh = tip->time < f->now && f->now - tip->time <= FRESH_SECONDS;

	f->tip = tip->height;
	/* A list may leave out retargets that changed nothing; a block with another nBits shows one that did. */
	if (tip->height >= last->height + BLOCKS_PER_EPOCH && tip->nbits != last->nbits) {
		log_warning("%s: the latest block is %" PRId64 ", but the list of retargets ends at %d: it lags behind",
			    sources[f->source].name, tip->height, last->height);
		return;
	}
	if (tip->height >= last->height && tip->nbits != last->nbits)
		die(EX_DATAERR, "%s: block %" PRId64 " has nBits %08" PRIx32 ", but its epoch has %08" PRIx32,
		    sources[f->source].name, tip->height, tip->nbits, last->nbits);
	/* What the newest block has holds for the next one too, which is sought now, unless that begins an epoch. */
	difficulty_seen_until(&f->news, tip->time < f->now && !fresh ? tip->time : f->now);
}

static void from_mempool(struct fetch *f)
{
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct block tip;
	struct reason why;

	get(f, "api/v1/mining/difficulty-adjustments", true, &body);
	if (!difficulty_read_mempool(body.data, body.len, &f->news, &odd, &why))
		refuse_body(f, &body, '[', why.text);
	log_oddities("mempool", &odd);
	oddities_release(&odd);
	if (!get(f, "api/blocks", false, &body))
		log_warning("mempool does not say which block is its latest: the latest difficulty is assumed to be in force for one day");
	else if (!difficulty_read_blocks(body.data, body.len, &tip, &why))
		refuse_body(f, &body, '[', why.text);
	else
		see_tip(f, &tip);
	buf_release(&body);
}

/* The chart ends with a day that is over; what holds now stands in the statistics. */
static void see_stats(struct fetch *f)
{
	const struct retarget *last = &f->news.rows[f->news.n - 1];
	struct buf body = BUF_INIT;
	struct block tip;
	struct reason why;

	if (!get(f, "stats", false, &body))
		log_warning("blockchain does not say which difficulty is in force now: the latest one is known to the end of the chart's last day");
	else if (!difficulty_read_stats(body.data, body.len, &tip, &why))
		log_warning("blockchain: stats: %s", why.text);
	else if (tip.nbits != last->nbits)
		log_warning("blockchain: the difficulty has changed since the chart's last day; the chart will say when");
	else if (tip.time > last->until && tip.time - last->until <= 3 * DAY_SECONDS)
		difficulty_seen_until(&f->news, tip.time);
	buf_release(&body);
}

static void from_blockchain(struct fetch *f)
{
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct reason why;

	get(f, "charts/difficulty?timespan=all&sampled=false&format=json", true, &body);
	if (!difficulty_read_blockchain(body.data, body.len, &f->news, &odd, &why))
		refuse_body(f, &body, '{', why.text);
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
static void ask_headers(struct fetch *f, size_t n, char (*hashes)[BLOCK_HASH_TEXT], struct block *headers)
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
		refuse_body(f, &body, '[', why.text);
	buf_release(&batch);
	buf_release(&body);
}

/* Ask for the hashes of the blocks at 0, step, 2 * step, ... */
static void ask_hashes(struct fetch *f, size_t n, int64_t first, int64_t step, char (*hashes)[BLOCK_HASH_TEXT])
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
		refuse_body(f, &body, '[', why.text);
	buf_release(&batch);
	buf_release(&body);
}

static void from_node(struct fetch *f)
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
		refuse_body(f, &body, '{', why.text);
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
			die(EX_DATAERR, "bitcoind: the header at %zu says it is at %" PRId64, i * BLOCKS_PER_EPOCH, headers[i].height);
		row.until = headers[i + 1].time;	/* for the newest this is the tip: see_tip() */
		if (!difficulty_history_add(&f->news, &row, &why))
			die(EX_DATAERR, "bitcoind: height %d: %s", row.height, why.text);
	}
	see_tip(f, &(struct block){ headers[n].height, headers[n].time, headers[n].nbits });
	free(hashes);
	free(headers);
}

static void from_file(struct fetch *f)
{
	const char *name = input_name(f->file);
	FILE *in = input_open(f->file);
	struct reason why;

	if (!difficulty_read_file(in, name, &f->news, &why))
		die(EX_DATAERR, "%s", why.text);
	if (ferror(in))
		die(EX_NOINPUT, "cannot read %s", name);
	input_close(in);
}

static void fetch_news(struct fetch *f)
{
	struct reason why;

	switch (f->source) {
	case MEMPOOL:    from_mempool(f); break;
	case BLOCKCHAIN: from_blockchain(f); break;
	case BITCOIND:   from_node(f); break;
	case A_FILE:     from_file(f); break;
	}
	if (!difficulty_check(&f->news, &why))
		die(EX_DATAERR, "%s: %s", sources[f->source].name, why.text);
	if (f->news.rows[f->news.n - 1].from > f->now + 7200)
		die(EX_DATAERR, "%s: the latest retarget is in the future", sources[f->source].name);
}

/* When the block at this height was made; false if the source cannot tell. */
static bool block_time_at(struct fetch *f, int64_t height, instant_t *when)
{
	struct buf body = BUF_INIT;
	struct block header;
	struct block block = { 0 };
	struct reason why;
	char path[64], hash[1][BLOCK_HASH_TEXT];
	bool known = false;

	if (f->source == BITCOIND) {
		ask_hashes(f, 1, height, 1, hash);
		ask_headers(f, 1, hash, &header);
		*when = header.time;
		return header.height == height;
	}
	if (f->source == MEMPOOL) {
		snprintf(path, sizeof path, "api/blocks/%" PRId64, height);
		known = get(f, path, false, &body) && difficulty_read_blocks(body.data, body.len, &block, &why) &&
			block.height == height;
		*when = block.time;
		buf_release(&body);
	}
	return known;
}

/* The database --------------------------------------------------------------------------------- */

static bool covers(const struct difficulty_history *news, instant_t when)
{
	return news->n && when >= news->rows[0].from && when < news->rows[news->n - 1].until;
}

/*
 * What the table holds.  A difficulty that no nBits gives (written by hand) is left behind where the news
 * know better, and stops us where they do not.
 */
static void read_known(PGconn *db, const struct difficulty_history *news, struct difficulty_history *known)
{
	PGresult *res = db_query(db, known_sql, DB_NO_ARGS);
	char when[INSTANT_TEXT];

	for (int i = 0; i < PQntuples(res); i++) {
		const char *quality = PQgetvalue(res, i, 6);
		struct retarget row = {
			.from = strtoll(PQgetvalue(res, i, 0), NULL, 10), .until = strtoll(PQgetvalue(res, i, 1), NULL, 10),
			.height = PQgetisnull(res, i, 2) ? NO_HEIGHT : (int32_t)strtol(PQgetvalue(res, i, 2), NULL, 10),
			.sigma_s = (int)strtol(PQgetvalue(res, i, 7), NULL, 10),
		};
		struct reason why;

		while (strcmp(time_quality_name(row.quality), quality) != 0 && row.quality < TIME_EXACT)
			row.quality++;
		snprintf(row.source, sizeof row.source, "%s", PQgetvalue(res, i, 5));
		if (nbits_of_difficulty(PQgetvalue(res, i, 4), &row.nbits, &why) && difficulty_history_add(known, &row, &why))
			continue;
		instant_format(row.from, when);
		if (!covers(news, row.from))
			die(EX_DATAERR, "table network_difficulty, %s: %s; correct it, or fetch a history that covers it", when, why.text);
		log_warning("table network_difficulty, %s: %s: replaced", when, why.text);
	}
	PQclear(res);
}

static void add_row(struct tsv_writer *w, const struct retarget *row)
{
	char text[48], nbits[NBITS_TEXT];

	tsv_plain(w, instant_format(row->from, text));
	if (row->height == NO_HEIGHT)
		tsv_null(w);
	else
		tsv_int(w, row->height);
	tsv_plain(w, fixed_format(row->difficulty, 8, text));
	tsv_text(w, row->source);
	tsv_plain(w, nbits_format(row->nbits, nbits));
	tsv_text(w, time_quality_name(row->quality));
	tsv_int(w, row->sigma_s);
	tsv_plain(w, instant_format(row->until, text));
	tsv_end_row(w);
}

static void stage(PGconn *db, const struct difficulty_history *history)
{
	struct tsv_writer w = { .no_header = true };

	db_exec(db, staging_sql);
	tsv_begin(&w, NULL, columns);
	for (size_t i = 0; i < history->n; i++)
		add_row(&w, &history->rows[i]);
	db_copy(db, "copy staged_difficulty (effective_from, " FACTS ") from stdin", w.line.data, w.line.len);
	tsv_release(&w);
}

/* The halvings that the newest block has passed and the table does not have. */
static long long store_halvings(PGconn *db, struct fetch *f)
{
	char *last = db_value(db, last_halving_sql, DB_NO_ARGS);
	int64_t height = last ? strtoll(last, NULL, 10) + BLOCKS_PER_HALVING : 0;
	int64_t reached = f->tip != NO_HEIGHT ? f->tip : f->news.rows[f->news.n - 1].height;
	long long added = 0;
	instant_t when;

	for (; last && height <= reached; height += BLOCKS_PER_HALVING) {
		char seconds[24], block[24], subsidy[SATOSHI_TEXT];

		if (!block_time_at(f, height, &when))
			die(EX_DATAERR, "the subsidy was halved at block %" PRId64 ", and %s does not say when: fetch from mempool or "
			    "bitcoind once", height, sources[f->source].name);
		snprintf(seconds, sizeof seconds, "%" PRId64, when);
		snprintf(block, sizeof block, "%" PRId64, height);
		satoshi_format(subsidy_at_height(height), subsidy);
		added += db_change(db, add_halving_sql, DB_ARGS(seconds, block, subsidy));
	}
	free(last);
	return added;
}

/* What a person had corrected is not lost in silence. */
static void tell_replaced(const struct fetch *f, const struct difficulty_history *known, const struct difficulty_history *merged)
{
	char when[INSTANT_TEXT];

	for (size_t i = 0; i < known->n; i++) {
		const struct retarget *row = &known->rows[i];
		bool kept = strcmp(row->source, "manual") != 0;

		for (size_t k = 0; k < merged->n && !kept; k++)
			kept = merged->rows[k].from == row->from && merged->rows[k].nbits == row->nbits;
		if (!kept)
			log_warning("the difficulty given by hand from %s is replaced: %s knows another", instant_format(row->from, when),
				    sources[f->source].name);
	}
}

static void store(struct fetch *f)
{
	struct difficulty_history known = DIFFICULTY_HISTORY_INIT, merged;
	PGconn *db = db_connect();
	long long removed, mended, added, halvings;
	char until[INSTANT_TEXT];
	struct reason why;

	db_exec(db, "begin");
	PQclear(db_query(db, lock_sql, DB_NO_ARGS));
	read_known(db, &f->news, &known);
	if (!difficulty_merge(&known, &f->news, &merged, &why) || !difficulty_check(&merged, &why))
		die(EX_DATAERR, "%s does not go with what is known: %s", sources[f->source].name, why.text);
	tell_replaced(f, &known, &merged);
	stage(db, &merged);
	removed = db_change(db, withdraw_sql, DB_NO_ARGS);
	mended = db_change(db, mend_sql, DB_NO_ARGS);
	added = db_change(db, add_sql, DB_NO_ARGS);
	halvings = store_halvings(db, f);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "source=%s epochs=%zu added=%lld changed=%lld removed=%lld halvings=%lld known_until=%s",
		 sources[f->source].name, f->news.n, added, mended, removed, halvings,
		 instant_format(merged.rows[merged.n - 1].until, until));
	difficulty_history_release(&known);
	difficulty_history_release(&merged);
	PQfinish(db);
}

static void print(const struct fetch *f, struct tsv_writer *w)
{
	tsv_begin(w, stdout, columns);
	for (size_t i = 0; i < f->news.n; i++)
		add_row(w, &f->news.rows[i]);
}

/* Options -------------------------------------------------------------------------------------- */

static enum source choose_source(const char *option, const char *file)
{
	const char *environment = getenv("WINDFALL_DIFFICULTY_SOURCE");
	const char *name = option ? option : file ? "file" : environment && *environment ? environment : "mempool";

	for (size_t s = 0; s < sizeof sources / sizeof *sources; s++)
		if (strcmp(name, sources[s].name) == 0)
			return (enum source)s;
	die(option ? EX_USAGE : EX_CONFIG, "%s is none of mempool, blockchain, bitcoind, file: %s",
	    option ? "--source" : "WINDFALL_DIFFICULTY_SOURCE", name);
}

int main(int argc, char **argv)
{
	enum { STORE = 1, SOURCE, BASE_URL, FILE_NAME, COOKIE, SINCE };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "source", required_argument, NULL, SOURCE },
		{ "base-url", required_argument, NULL, BASE_URL },
		{ "file", required_argument, NULL, FILE_NAME },
		{ "cookie", required_argument, NULL, COOKIE },
		{ "since", required_argument, NULL, SINCE },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	struct fetch f = { .http = HTTP_OPTIONS_INIT, .now = time(NULL), .tip = NO_HEIGHT };
	const char *source = NULL, *url = NULL;
	struct tsv_writer rows = { 0 };
	instant_t since = INT64_MIN;
	bool storing = false;
	int c;

	log_init(argv[0]);
	http_environment(&f.http);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:     storing = true; break;
		case SOURCE:    source = optarg; break;
		case BASE_URL:  url = optarg; break;
		case FILE_NAME: f.file = optarg; break;
		case COOKIE:    f.cookie = optarg; break;
		case SINCE:     since = period_start(opts_day(optarg, f.now), 1); break;
		default:
			if (!http_option(&f.http, c, optarg) && !opts_rows(c, &rows))
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: no operand is expected; see --help", argv[optind]);
	f.source = choose_source(source, f.file);
	if ((f.source == A_FILE) != (f.file != NULL))
		die(EX_USAGE, "--source file and --file FILE go together");
	if (f.source != A_FILE)
		/* The environment's address is that of the environment's source. */
		f.base = http_base_url(url, source ? "" : "WINDFALL_DIFFICULTY_URL", sources[f.source].url);

	fetch_news(&f);
	difficulty_since(&f.news, since);
	if (storing && f.news.n)
		store(&f);
	else if (!storing)
		print(&f, &rows);
	difficulty_history_release(&f.news);
	tsv_release(&rows);
	free(f.base);
	return flush_stdout();
}
