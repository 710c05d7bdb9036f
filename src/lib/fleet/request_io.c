#include "fleet/request_io.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bitcoin/price.h"
#include "cli/currency.h"
#include "os/log.h"
#include "os/terminal.h"

void request_begin(struct fleet_request *request)
{
	memset(request, 0, sizeof *request);
	request->rate.uptime = SHARE_ONE;
	request->min_run = 1;
	request->page = terminal_width(STDOUT_FILENO) > 0;
	money_terms_init(&request->money);
	request->money.years = 4;
}

void request_release(struct fleet_request *request)
{
	money_terms_release(&request->money);
	tsv_release(&request->out);
}

/* Values ----------------------------------------------------------------------------------------- */

static void number(const char *option, const char *text, struct decimal *value)
{
	struct reason why;

	if (!decimal_parse_text(value, text, DECIMAL_PLAIN, &why))
		die(EX_USAGE, "%s: %s", option, why.text);
}

int64_t request_share(const char *option, const char *text, int64_t least, int64_t most)
{
	struct reason why;
	int64_t share;

	if (!share_parse(text, least, most, &share, &why))
		die(EX_USAGE, "%s: %s", option, why.text);
	return share;
}

/* An amount of money with at most eight decimals. */
static void read_money(const char *option, const char *text, bool may_be_negative, struct decimal *amount)
{
	struct decimal size;

	decimal_init(&size);
	number(option, text, amount);
	decimal_abs(&size, amount);
	if (decimal_sign(amount) < 0 && !may_be_negative)
		die(EX_USAGE, "%s %s: must not be below zero", option, text);
	if (decimal_cmp_int(&size, 1000000000000, 0) >= 0 || amount->scale > 8)
		die(EX_USAGE, "%s %s: below a million million, with at most eight decimals", option, text);
	decimal_release(&size);
}

/* A price of one bitcoin, 1e-8. */
static int64_t one_price(const char *option, const char *text)
{
	char price[PRICE_TEXT];
	unsigned __int128 value;
	struct reason why;

	if (!price_parse(text, price, &why) || !fixed_parse(price, 8, &value, &why))
		die(EX_USAGE, "%s: %s", option, why.text);
	return (int64_t)value;
}

void request_check_megawatts(const char *option, const char *text)
{
	struct decimal megawatts;

	decimal_init(&megawatts);
	read_money(option, text, false, &megawatts);
	decimal_release(&megawatts);
}

int64_t request_megawatts(const char *option, const char *text, const struct miner_model *model)
{
	struct decimal megawatts, power;
	int64_t machines;

	decimal_init(&megawatts);
	decimal_init(&power);
	read_money(option, text, false, &megawatts);
	decimal_set_int(&power, 1000000000, 0);			/* MW in mW */
	decimal_mul(&megawatts, &megawatts, &power);
	mpz_ui_pow_ui(power.unscaled, 10, (unsigned long)megawatts.scale);
	mpz_mul_si(power.unscaled, power.unscaled, model->power_mw);
	mpz_tdiv_q(megawatts.unscaled, megawatts.unscaled, power.unscaled);
	if (mpz_cmp_si(megawatts.unscaled, 1000000000) > 0)
		die(EX_USAGE, "%s %s: more than a thousand million machines", option, text);
	machines = mpz_get_si(megawatts.unscaled);
	if (machines == 0)
		die(EX_USAGE, "%s %s: not enough for one machine of %s", option, text, model->name);
	decimal_release(&megawatts);
	decimal_release(&power);
	return machines;
}

static void add_name(const char *option, struct name_list *list, const char *name)
{
	if (!*name)
		die(EX_USAGE, "%s needs a name", option);
	if (list->n == REQUEST_NAMES)
		die(EX_USAGE, "%s %s: too many of them", option, name);
	list->name[list->n++] = name;
}

static int one_of(const char *option, const char *text, const char *const *words)
{
	struct buf known = BUF_INIT;

	for (int i = 0; words[i]; i++) {
		if (strcmp(text, words[i]) == 0) {
			buf_release(&known);
			return i;
		}
		buf_addf(&known, "%s%s", i ? words[i + 1] ? ", " : " or " : "", words[i]);
	}
	die(EX_USAGE, "%s %s: it is %s", option, text, known.data);
}

static const char *currency_code(const char *text)
{
	if (!currency_is_known(text))
		die(EX_USAGE, "--currency %s: write one of " CURRENCY_KNOWN ", in capitals", text);
	return text;
}

/* Options ---------------------------------------------------------------------------------------- */

/* The file is read once the span is known; a share is told from it by what it looks like. */
static void set_fees(struct fleet_request *request, const char *text)
{
	request->fees = text;
	request->fees_in_file = strcmp(text, "-") == 0 || text[strspn(text, "+-0123456789.%")] != '\0';
	if (!request->fees_in_file)
		request->fees_share = request_share("--fees", text, 0, FEES_MOST);
}

static bool machine_option(int c, struct fleet_request *request)
{
	struct reason why;

	switch (c) {
	case OPT_MODEL:	   request->model = optarg;    return true;
	case OPT_HASHRATE: request->hashrate = optarg; return true;
	case OPT_POWER:	   request->power = optarg;    return true;
	case OPT_UPTIME:   request->rate.uptime = request_share("--uptime", optarg, 1, SHARE_ONE); return true;
	case OPT_POOL_FEE: request->rate.pool_fee = request_share("--pool-fee", optarg, 0, SHARE_ONE - 1); return true;
	case OPT_FEES:	   set_fees(request, optarg); return true;
	case OPT_MIN_RUN:  request->min_run = (long)opts_number("--min-run", optarg, 1, 1000000); return true;
	case OPT_DIFFICULTY:
		if (!difficulty_parse(optarg, &request->difficulty, &why))
			die(EX_USAGE, "--difficulty: %s", why.text);
		return true;
	case OPT_SUBSIDY:
		if (!subsidy_parse(optarg, &request->subsidy, &why))
			die(EX_USAGE, "--subsidy: %s", why.text);
		return true;
	default:
		return false;
	}
}

static bool place_option(int c, struct fleet_request *request)
{
	static const char *const pers[] = { "unit", "farm", "list", NULL };

	switch (c) {
	case OPT_UNIT:	 add_name("--unit", &request->names[NAME_UNIT], optarg);     return true;
	case OPT_FARM:	 add_name("--farm", &request->names[NAME_FARM], optarg);     return true;
	case OPT_OWNER:	 add_name("--owner", &request->names[NAME_OWNER], optarg);   return true;
	case OPT_REGION: add_name("--region", &request->names[NAME_REGION], optarg); return true;
	case OPT_PER:	 request->per = (enum fleet_per)one_of("--per", optarg, pers); return true;
	default:	 return span_option(c, &request->span);
	}
}

static bool money_option(int c, struct fleet_request *request)
{
	static const char *const payments[] = { "kept", "forgone", NULL };
	struct money_terms *money = &request->money;

	switch (c) {
	case OPT_CURRENCY:	request->currency = currency_code(optarg); return true;
	case OPT_PRICE:		request->price = one_price("--price", optarg); return true;
	case OPT_PAYMENT:	money->forgone = one_of("--payment", optarg, payments) == 1; return true;
	case OPT_POWER_PRICE:	read_money("--power-price", optarg, true, &money->power_price); return true;
	case OPT_OPEX:		read_money("--opex", optarg, false, &money->opex); return true;
	case OPT_CAPEX_MACHINE: read_money("--capex-machine", optarg, false, &money->capex_machine); return true;
	case OPT_CAPEX_MW:	read_money("--capex-mw", optarg, false, &money->capex_mw); return true;
	case OPT_YEARS:		money->years = (int)opts_number("--years", optarg, 1, MARKET_YEARS); return true;
	case OPT_POUND:
		read_money("--pound", optarg, false, &money->pound);
		if (decimal_sign(&money->pound) == 0)
			die(EX_USAGE, "--pound %s: must be above zero", optarg);
		money->pound_known = true;
		return true;
	default:
		return false;
	}
}

bool request_option(int c, struct fleet_request *request)
{
	if (c == OPT_FORMAT) {
		request->page = strcmp(optarg, "table") == 0;
		if (!request->page && !tsv_format_parse(optarg, &request->out.format))
			die(EX_USAGE, "--format %s: must be table, tsv, csv or ndjson", optarg);
		request->out.chosen = true;
		return true;
	}
	return opts_rows(c, &request->out) || machine_option(c, request) || place_option(c, request) ||
	       money_option(c, request);
}

void request_check(struct fleet_request *request)
{
	if (!request->model && !(request->hashrate && request->power))
		die(EX_USAGE, "which machine? --model NAME, or --hashrate TH and --power W; see %s --help", log_tool());
	if (request->model && (request->hashrate || request->power))
		die(EX_USAGE, "--model has its own hashrate and power: leave --hashrate and --power out");
	if (!request->currency)
		request->currency = currency_configured();
	if (strcmp(request->currency, "GBP") == 0) {
		if (request->money.pound_known)
			die(EX_USAGE, "--pound: a pound is a pound where --currency is GBP");
		decimal_set_int(&request->money.pound, 1, 0);
	} else if (request->money.forgone && !request->money.pound_known)
		die(EX_USAGE,
		    "--payment forgone: farms are paid in pounds; give the value of one in %s with --pound, or use --currency GBP",
		    request->currency);
}
