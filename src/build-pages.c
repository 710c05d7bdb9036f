/*
 * build-pages - write the site: a page for each day, month, year, farm and owner
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/currency.h"
#include "cli/opts.h"
#include "format/url.h"
#include "os/log.h"
#include "os/paths.h"
#include "site/mining_db.h"
#include "site/pages_db.h"

static const char help[] =
	"usage: build-pages [--output DIR] [--all] [OPTION]...\n"
	"\n"
	"Write a site of plain files from the database: an overview, a page for each day, month, year, farm\n"
	"and owner, mining, the ledger, the state of the data; the data of each chart as CSV; summary.json\n"
	"and an Atom feed.  Only what changed is written again.  Prints a row for each file that was written\n"
	"or removed.  The pages need no script and no server.\n"
	"\n"
	"      --output DIR           the folder (var/site of the state); missing, empty, or a site already\n"
	"      --all                  write every file again\n"
	"      --base URL             the address that the site will have (WINDFALL_SITE_URL): for the links\n"
	"                             of the Atom feed and the previews of shared pages, and, where\n"
	"                             rsvg-convert is installed, for a picture of each day\n"
	"      --no-mining            leave the mining page as it is\n"
	"      --machines N           machines at each farm on the mining page (1000)\n"
	"      --model NAME           their model (the most efficient one in force)\n"
	"      --power-price P, --capex-machine P, --uptime SHARE, --pool-fee SHARE and other options of\n"
	"                             money and mining: as for what-if\n"
	"      --format FORMAT        table (where stdout is a terminal), tsv (elsewhere), csv or ndjson\n"
	"      --no-header            omit the header line\n"
	OPTS_HELP;

static const char *const columns[] = { "file", "bytes", "what", NULL };

struct options {
	const char *output, *base;
	bool all, no_mining;
	int64_t machines;
	struct fleet_request fleet;
	struct buf words;		/* all that the mining page depends on, as it was given */
};

/* An address that links begin with ends with a slash. */
static char *with_slash(const char *base)
{
	struct buf out = BUF_INIT;

	buf_adds(&out, base);
	if (out.len > 0 && out.data[out.len - 1] != '/')
		buf_addc(&out, '/');
	return buf_detach(&out);
}

/* What the setting says of the site's address; "" where it is not set. */
static const char *site_address(void)
{
	const char *address = getenv("WINDFALL_SITE_URL");

	if (!address || !*address)
		return "";
	if (!url_ok(address) || url_is_file(address))
		die(EX_CONFIG, "WINDFALL_SITE_URL is \"%s\": write the address that the site has, such as https://wind.example.org/",
		    address);
	return address;
}

static void put_pages(struct site_data *data, struct options *o)
{
	struct fleet_request *fleet = &o->fleet;
	bool has_model;

	pages_load(data);
	if (!fleet->model && !fleet->hashrate && *data->model)
		fleet->model = data->model;
	has_model = fleet->model || fleet->hashrate;
	if (has_model)
		request_check(fleet);
	pages_cards(data);
	pages_days(data);
	pages_spans(data);
	pages_farms(data);
	pages_mining(data, has_model ? fleet : NULL, o->machines, o->words.data, o->no_mining);
	pages_ledger(data);
	pages_feeds(data);
	pages_overview(data);
}

static void build(struct options *o)
{
	char *folder = o->output ? xstrdup(o->output) : state_path("var/site"), *base = with_slash(o->base), key[65];
	struct tsv_writer out = o->fleet.out;
	PGconn *db = db_connect();
	struct site_data data;
	struct site site;
	bool known, current;

	site_open(&site, folder, o->all, &out);
	tsv_begin(&out, stdout, columns);
	pages_begin(&data, db, &site, base, time(NULL));
	known = pages_site_key(&data, o->words.data, key);
	current = site_is_current(&site, known ? key : "");
	if (!current)
		put_pages(&data, o);
	/* When and how jobs ended is in no table. */
	pages_state(&data);
	if (!current && !o->no_mining && pages_all_cards(&data))
		site_built(&site, known ? key : NULL, "state.html");
	log_fact(LOG_INFO, "site", "written=%ld kept=%ld removed=%ld cards=%s folder=%s", site.written, site.kept,
		 site.removed, data.cards, folder);
	if (!current)
		pages_release(&data);
	site_close(&site);
	tsv_release(&out);
	PQfinish(db);
	free(folder);
	free(base);
}

int main(int argc, char **argv)
{
	enum { OUTPUT = 1, ALL, BASE, NO_MINING, MACHINES_EACH };
	static const struct option longopts[] = {
		{ "output", required_argument, NULL, OUTPUT },
		{ "all", no_argument, NULL, ALL },
		{ "base", required_argument, NULL, BASE },
		{ "no-mining", no_argument, NULL, NO_MINING },
		{ "machines", required_argument, NULL, MACHINES_EACH },
		REQUEST_OPTIONS, OPTS_ROWS, OPTS_COMMON
	};
	struct options o = { .base = site_address(), .machines = 1000, .words = BUF_INIT };
	int c;

	tool_begin(argc, argv);
	request_begin(&o.fleet);
	o.fleet.per = PER_FARM;
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case OUTPUT:	o.output = optarg; break;
		case ALL:	o.all = true; break;
		case BASE:
			if (*optarg && (!url_ok(optarg) || url_is_file(optarg)))
				die(EX_USAGE, "--base \"%s\" is not an address: write one that begins with https:// or http://", optarg);
			o.base = optarg;
			break;
		case NO_MINING: o.no_mining = true; break;
		case MACHINES_EACH:	o.machines = opts_number("--machines", optarg, 1, 1000000000); break;
		default:
			if (request_option(c, &o.fleet))
				buf_addf(&o.words, "%d %s\n", c, optarg ? optarg : "");
			else
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: build-pages takes no operand; see --help", argv[optind]);
	buf_addf(&o.words, "%lld %s", (long long)o.machines, currency_configured());
	if (o.output && !*o.output)
		die(EX_USAGE, "--output: the name of a folder is missing");
	build(&o);
	request_release(&o.fleet);
	buf_release(&o.words);
	return flush_stdout();
}
