/*
 * request_io - the options that what-if and size-fleet share
 *
 * Each function succeeds, or says on stderr what was wrong with which option and ends the process with EX_USAGE.
 */
#ifndef WINDFALL_REQUEST_H
#define WINDFALL_REQUEST_H

#include "cli/opts.h"
#include "cli/span.h"
#include "fleet/figures.h"

enum { REQUEST_NAMES = 256 };

/* The largest share that fees are of the subsidy: a thousandfold. */
#define FEES_MOST (1000 * SHARE_ONE)

/* Where one fleet stands: in each unit, in each farm (of the sites; a unit without one is its own), or in one place. */
enum fleet_per { PER_UNIT, PER_FARM, PER_LIST };

/* Names given by an option that may be repeated; borrowed from the arguments. */
struct name_list {
	const char *name[REQUEST_NAMES];
	int n;
};

/* What a name may be of. */
enum name_kind { NAME_UNIT, NAME_FARM, NAME_OWNER, NAME_REGION, N_NAME_KINDS };

struct fleet_request {
	const char *model, *hashrate, *power;	/* as given; NULL where not */
	struct name_list names[N_NAME_KINDS];
	enum fleet_per per;
	struct span_words span;
	unsigned __int128 difficulty;		/* 1e-8; 0: the one in force */
	int64_t subsidy;			/* satoshi; 0: likewise */
	const char *fees;			/* a share, or the file that has them by date */
	bool fees_in_file;
	int64_t fees_share;			/* 1e-8, where they are not */
	struct rate_terms rate;
	const char *currency;
	int64_t price;				/* 1e-8 of the currency; 0: those stored */
	struct money_terms money;
	long min_run;
	bool page;				/* an aligned table, for people */
	struct tsv_writer out;
};

enum {
	OPT_MODEL = 0x7f21, OPT_HASHRATE, OPT_POWER, OPT_UNIT, OPT_FARM, OPT_OWNER, OPT_REGION, OPT_PER, OPT_DIFFICULTY,
	OPT_SUBSIDY, OPT_FEES, OPT_UPTIME, OPT_POOL_FEE, OPT_CURRENCY, OPT_PRICE, OPT_POUND, OPT_POWER_PRICE, OPT_PAYMENT,
	OPT_OPEX, OPT_CAPEX_MACHINE, OPT_CAPEX_MW, OPT_YEARS, OPT_MIN_RUN
};
#define REQUEST_OPTIONS								\
	{ "model", required_argument, NULL, OPT_MODEL },			\
	{ "hashrate", required_argument, NULL, OPT_HASHRATE },			\
	{ "power", required_argument, NULL, OPT_POWER },			\
	{ "unit", required_argument, NULL, OPT_UNIT },				\
	{ "farm", required_argument, NULL, OPT_FARM },				\
	{ "owner", required_argument, NULL, OPT_OWNER },			\
	{ "region", required_argument, NULL, OPT_REGION },			\
	{ "per", required_argument, NULL, OPT_PER },				\
	{ "difficulty", required_argument, NULL, OPT_DIFFICULTY },		\
	{ "subsidy", required_argument, NULL, OPT_SUBSIDY },			\
	{ "fees", required_argument, NULL, OPT_FEES },				\
	{ "uptime", required_argument, NULL, OPT_UPTIME },			\
	{ "pool-fee", required_argument, NULL, OPT_POOL_FEE },			\
	{ "currency", required_argument, NULL, OPT_CURRENCY },			\
	{ "price", required_argument, NULL, OPT_PRICE },			\
	{ "pound", required_argument, NULL, OPT_POUND },			\
	{ "power-price", required_argument, NULL, OPT_POWER_PRICE },		\
	{ "payment", required_argument, NULL, OPT_PAYMENT },			\
	{ "opex", required_argument, NULL, OPT_OPEX },				\
	{ "capex-machine", required_argument, NULL, OPT_CAPEX_MACHINE },	\
	{ "capex-mw", required_argument, NULL, OPT_CAPEX_MW },			\
	{ "years", required_argument, NULL, OPT_YEARS },			\
	{ "min-run", required_argument, NULL, OPT_MIN_RUN },			\
	SPAN_OPTIONS

#define REQUEST_HELP								\
	"The machine:\n"							\
	"      --model NAME           from the table miner_models, or the catalogue of current machines\n"	\
	"      --hashrate TH, --power W   any other: TH/s and watts\n"		\
	"\n"									\
	"Where the machines are (by default everywhere; each may be repeated):\n"	\
	"      --unit ID              a BM unit, such as T_SGRWO-1\n"		\
	"      --farm NAME            all units of a farm, such as Seagreen; or a registered name of one\n"	\
	"                             of them\n"	\
	"      --owner NAME           all units of an operator or lead party\n"	\
	"      --region NAME          all units of a region or nation, such as Scotland\n"	\
	"      --per unit|farm|list   one fleet of that size at each unit (the default), at each farm, or\n"	\
	"                             one fleet that uses the energy of all units\n"	\
	"\n"									\
	"When (without a span, the whole history):\n"				\
	SPAN_HELP								\
	"\n"									\
	"What is mined:\n"							\
	"      --uptime SHARE         share of the time with energy, such as 0.95 or 95% (1)\n"	\
	"      --pool-fee SHARE       the share of the pool (0)\n"			\
	"      --fees SHARE|FILE      transaction fees as a share of the subsidy (0), or a TSV with date\n"	\
	"                             and fees\n"	\
	"      --min-run N            use only energy that lasts for N half hours in a row (1)\n"	\
	"      --difficulty D, --subsidy BTC   instead of those in force\n"	\
	"\n"									\
	"Money, all in one currency:\n"						\
	"      --currency C           the currency of every price and cost (WINDFALL_CURRENCY, or USD)\n"	\
	"      --price P              the price of a bitcoin; by default the stored price of each day\n"	\
	"      --power-price P        per MWh used (0)\n"			\
	"      --payment kept|forgone the farm is still paid for the energy used (kept), or not (forgone)\n"	\
	"      --pound P              one pound in the currency, for --payment forgone where it is not GBP\n"	\
	"      --opex P               per machine and year (0)\n"		\
	"      --capex-machine P, --capex-mw P   per machine, and per megawatt of machines (0)\n"	\
	"      --years N              years of use over which capex is spread (4)\n"

/* Defaults: everywhere, no fees, full uptime, payment kept, four years; a table where stdout is a terminal. */
void request_begin(struct fleet_request *request);

/* True if c was one of the options above, or --format (table, tsv, csv, ndjson) or --no-header. */
bool request_option(int c, struct fleet_request *request);

/* Refuse what does not go together, once all options are read; the currency is the configured one where none was
 * given. */
void request_check(struct fleet_request *request);

void request_release(struct fleet_request *request);

/* A share such as 0.95 or 95%, from least to most (1e-8), named in the error as this option. */
int64_t request_share(const char *option, const char *text, int64_t least, int64_t most);

/* Megawatts that are none are refused, before a model is known. */
void request_check_megawatts(const char *option, const char *text);

/* Megawatts into whole machines of this model; ends where not even one is meant. */
int64_t request_megawatts(const char *option, const char *text, const struct miner_model *model);

#endif
