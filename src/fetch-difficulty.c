/*
 * fetch-difficulty - fetch the history of Bitcoin's difficulty
 *
 * Whatever the source prints, a double or a truncated integer, becomes the one exact figure of its
 * nBits, and a history that breaks a rule of consensus is refused whole.  So the same epoch from
 * another source is the same row, and a second run writes nothing.
 */
#include <stdlib.h>
#include <time.h>

#include "bitcoin/difficulty_db.h"
#include "bitcoin/difficulty_source_net.h"
#include "cli/opts.h"
#include "format/tsv.h"
#include "net/http.h"
#include "os/log.h"

static const char help[] =
	"usage: fetch-difficulty [OPTION]...\n"
	"\n"
	"Fetch the history of Bitcoin's difficulty and print it as TSV rows, or store it.\n"
	"\n"
	"      --store            write to the database instead of printing\n"
	"      --correct          with --store: replace all stored difficulties that the source contradicts;\n"
	"                         without it several such heights are refused\n"
	"      --source SOURCE    mempool (the default), blockchain, bitcoind or file\n"
	"      --base-url URL     another address of the source; file:///DIR reads an archive\n"
	"      --file FILE        the file, with --source file; - is standard input\n"
	"      --cookie FILE      the node's credentials, \"user:password\"; ~/.bitcoin/.cookie\n"
	"      --since DATE       only what was in force on DATE or later\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

static void print(const struct difficulty_fetch *f, struct tsv_writer *w)
{
	tsv_begin(w, stdout, difficulty_columns);
	for (size_t i = 0; i < f->news.n; i++)
		difficulty_write_row(w, &f->news.rows[i]);
}

/* Options -------------------------------------------------------------------------------------- */

static const struct difficulty_source *choose_source(const char *option, const char *file)
{
	const char *environment = getenv("WINDFALL_DIFFICULTY_SOURCE");
	const char *name = option ? option : file ? "file" : environment && *environment ? environment : "mempool";
	const struct difficulty_source *source = difficulty_source_named(name);
	struct buf names = BUF_INIT;

	if (source)
		return source;
	difficulty_source_names(&names);
	die(EX_USAGE, "--source must be %s, not %s", names.data, name);
}

struct options {
	struct difficulty_fetch fetch;
	bool storing;
	instant_t since;
	struct tsv_writer rows;
};

static void read_options(int argc, char **argv, struct options *o)
{
	enum { STORE = 1, CORRECT, SOURCE, BASE_URL, FILE_NAME, COOKIE, SINCE };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "correct", no_argument, NULL, CORRECT },
		{ "source", required_argument, NULL, SOURCE },
		{ "base-url", required_argument, NULL, BASE_URL },
		{ "file", required_argument, NULL, FILE_NAME },
		{ "cookie", required_argument, NULL, COOKIE },
		{ "since", required_argument, NULL, SINCE },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	struct difficulty_fetch *f = &o->fetch;
	const char *source = NULL, *url = NULL;
	int c;

	http_environment(&f->http);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:     o->storing = true; break;
		case CORRECT:   f->correct = true; break;
		case SOURCE:    source = optarg; break;
		case BASE_URL:  url = optarg; break;
		case FILE_NAME: f->file = optarg; break;
		case COOKIE:    f->cookie = optarg; break;
		case SINCE:     o->since = period_start(opts_day(optarg, f->now), 1); break;
		default:
			if (!http_option(&f->http, c, optarg) && !opts_rows(c, &o->rows))
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: no operand is expected; see --help", argv[optind]);
	if (f->correct && !o->storing)
		die(EX_USAGE, "--correct goes with --store");
	f->source = choose_source(source, f->file);
	if (!f->source->url && !f->file && !source)
		die(EX_CONFIG, "WINDFALL_DIFFICULTY_SOURCE is file: name another source there for the jobs, or give --file FILE");
	if (!f->source->url != (f->file != NULL))
		die(EX_USAGE, "--source file and --file FILE go together");
	if (f->source->url)
		/* The environment's address is that of the environment's source. */
		f->base = http_base_url(url, source ? "" : "WINDFALL_DIFFICULTY_URL", f->source->url);
}

int main(int argc, char **argv)
{
	struct options o = { .fetch = { .http = HTTP_OPTIONS_INIT, .now = time(NULL), .tip = NO_HEIGHT }, .since = INT64_MIN };
	struct difficulty_fetch *f = &o.fetch;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	difficulty_fetch(f);
	difficulty_since(&f->news, o.since);
	if (!o.storing)
		print(f, &o.rows);
	else if (f->news.n)
		difficulty_store(f);
	difficulty_history_release(&f->news);
	tsv_release(&o.rows);
	free(f->base);
	return flush_stdout();
}
