#include "fleet/answer.h"

#include <stdlib.h>
#include <string.h>


const char *const assumption_names[N_ASSUMPTIONS] = {
	"first_day", "last_day", "days", "days_stored", "state", "place", "per", "places", "model", "model_from",
	"hashrate_ths", "power_w", "joule_per_th", "machines_per_place", "min_run", "uptime", "pool_fee", "fees",
	"difficulty_least", "difficulty_most", "difficulty_growth", "subsidy_least", "subsidy_most", "currency",
	"price_least", "price_most", "price_state", "pound", "power_price", "payment", "opex", "capex_machine", "capex_mw",
	"years",
};

/* Those that are never numbers, whatever they look like. */
static bool is_text(enum assumption which)
{
	return which == STATE || which == PLACE || which == PER || which == MODEL || which == MODEL_FROM || which == FEES ||
		which == CURRENCY || which == PRICE_STATE || which == PAYMENT_IS;
}

void assumptions_set(struct assumptions *a, enum assumption which, const char *text)
{
	free(a->text[which]);
	a->text[which] = text ? xstrdup(text) : NULL;
}

static void set_decimal(struct assumptions *a, enum assumption which, const struct decimal *value)
{
	struct buf text = BUF_INIT;

	decimal_write(value, DECIMAL_TRIM_ZEROS, &text);
	assumptions_set(a, which, text.data);
	buf_release(&text);
}

/* A whole number of 10^-decimals. */
static void set_fixed(struct assumptions *a, enum assumption which, unsigned __int128 whole, long decimals)
{
	struct decimal value;

	decimal_init(&value);
	mpz_set_u128(value.unscaled, whole);
	value.scale = decimals;
	set_decimal(a, which, &value);
	decimal_release(&value);
}

/* The names that were given, or "all". */
static void set_place(struct assumptions *a, const struct fleet_request *request)
{
	static const char *const kinds[N_NAME_KINDS] = { "unit", "farm", "owner", "region" };
	struct buf text = BUF_INIT;

	for (int kind = 0; kind < N_NAME_KINDS; kind++)
		for (int i = 0; i < request->names[kind].n; i++)
			buf_addf(&text, "%s%s %s", text.len ? ", " : "", kinds[kind], request->names[kind].name[i]);
	assumptions_set(a, PLACE, text.len ? text.data : "all");
	buf_release(&text);
}

static void set_machine(struct assumptions *a, const struct question *q)
{
	struct decimal hashrate, power;

	decimal_init(&hashrate);
	decimal_init(&power);
	decimal_set_int(&hashrate, q->model.hashrate_ghs, 3);
	decimal_set_int(&power, q->model.power_mw, 3);
	assumptions_set(a, MODEL, q->model.name);
	assumptions_set(a, MODEL_FROM, q->model_from);
	set_decimal(a, HASHRATE_THS, &hashrate);
	set_decimal(a, POWER_W, &power);
	decimal_div(&power, &power, &hashrate, 4);
	set_decimal(a, JOULE_PER_TH, &power);
	decimal_release(&hashrate);
	decimal_release(&power);
}

/* The assumptions are those of the days that are stored, or of all where none is. */
static bool day_counts(const struct question *q, size_t day)
{
	return q->stored[day] || q->days_stored == 0;
}

/* The difficulties and subsidies in force. */
static void set_network(struct assumptions *a, const struct question *q)
{
	const struct market_era *least = NULL, *most = NULL, *little = NULL, *much = NULL;
	const struct market *market = &q->market;

	for (size_t at = 0; at < market->n_half_hours; at++) {
		const struct market_era *era = market->era_of[at] < 0 ? NULL : &market->eras[market->era_of[at]];

		if (!era || !day_counts(q, (size_t)market->day_of[at]))
			continue;
		least = !least || era->difficulty < least->difficulty ? era : least;
		most = !most || era->difficulty > most->difficulty ? era : most;
		little = !little || era->subsidy < little->subsidy ? era : little;
		much = !much || era->subsidy > much->subsidy ? era : much;
	}
	if (!least)
		return;
	set_fixed(a, DIFFICULTY_LEAST, least->difficulty, 8);
	set_fixed(a, DIFFICULTY_MOST, most->difficulty, 8);
	set_fixed(a, SUBSIDY_LEAST, (unsigned __int128)little->subsidy, 8);
	set_fixed(a, SUBSIDY_MOST, (unsigned __int128)much->subsidy, 8);
}

/* The state is a word of the summaries. */
static void set_prices(struct assumptions *a, const struct question *q)
{
	static const char *const words[] = { "unknown", "given", "known", "earlier", "assumed" };
	enum price_state one = PRICE_NONE;
	int64_t least = 0, most = 0;
	bool seen[5] = { false };

	for (size_t i = 0; i < q->market.n_days; i++) {
		int64_t price = q->market.price[i];

		if (!day_counts(q, i))
			continue;
		one = q->price_states[i];
		seen[one] = true;
		if (price == 0)
			continue;
		least = least == 0 || price < least ? price : least;
		most = price > most ? price : most;
	}
	if (least) {
		set_fixed(a, PRICE_LEAST, (unsigned __int128)least, 8);
		set_fixed(a, PRICE_MOST, (unsigned __int128)most, 8);
	}
	if (seen[PRICE_NONE] && (seen[PRICE_KNOWN] || seen[PRICE_EARLIER]))
		assumptions_set(a, PRICE_STATE, "incomplete");
	else if (seen[PRICE_ASSUMED] && (seen[PRICE_KNOWN] || seen[PRICE_EARLIER]))
		assumptions_set(a, PRICE_STATE, "mixed");
	else
		assumptions_set(a, PRICE_STATE, words[seen[PRICE_EARLIER] ? PRICE_EARLIER : one]);
}

static void set_share(struct assumptions *a, enum assumption which, int64_t share)
{
	struct buf text = BUF_INIT;

	share_write(share, &text);
	assumptions_set(a, which, text.data);
	buf_release(&text);
}

void assumptions_of(struct assumptions *a, const struct question *q)
{
	static const char *const pers[] = { "unit", "farm", "list" };
	const struct fleet_request *request = q->request;
	const struct money_terms *money = &request->money;
	char day[DAY_TEXT];

	memset(a, 0, sizeof *a);
	assumptions_set(a, FIRST_DAY, day_format(q->days.from, day));
	assumptions_set(a, LAST_DAY, day_format(q->days.to, day));
	set_fixed(a, DAYS, (unsigned __int128)(q->days.to - q->days.from + 1), 0);
	set_fixed(a, DAYS_STORED, (unsigned __int128)q->days_stored, 0);
	assumptions_set(a, STATE, q->state);
	set_place(a, request);
	assumptions_set(a, PER, pers[request->per]);
	set_machine(a, q);
	set_fixed(a, MIN_RUN, (unsigned __int128)request->min_run, 0);
	set_share(a, UPTIME, request->rate.uptime);
	set_share(a, POOL_FEE, request->rate.pool_fee);
	if (request->fees_in_file)
		assumptions_set(a, FEES, request->fees);
	else
		set_share(a, FEES, request->fees_share);
	set_network(a, q);
	set_decimal(a, DIFFICULTY_GROWTH, &money->growth);
	assumptions_set(a, CURRENCY, request->currency);
	set_prices(a, q);
	if (decimal_sign(&money->pound) > 0)
		set_decimal(a, POUND, &money->pound);
	set_decimal(a, POWER_PRICE, &money->power_price);
	assumptions_set(a, PAYMENT_IS, money->forgone ? "forgone" : "kept");
	set_decimal(a, OPEX_EACH, &money->opex);
	set_decimal(a, CAPEX_MACHINE, &money->capex_machine);
	set_decimal(a, CAPEX_MW, &money->capex_mw);
	set_fixed(a, YEARS, (unsigned __int128)money->years, 0);
}

void assumptions_release(struct assumptions *a)
{
	for (int i = 0; i < N_ASSUMPTIONS; i++)
		free(a->text[i]);
}

const char **answer_columns(const char *const *more)
{
	size_t n = 0, at = 0;
	const char **columns;

	while (more[n])
		n++;
	columns = xmalloc((N_ASSUMPTIONS + N_FIGURES + n + 1) * sizeof *columns);
	for (int i = 0; i < N_ASSUMPTIONS; i++)
		columns[at++] = assumption_names[i];
	for (int i = 0; i < N_FIGURES; i++)
		columns[at++] = figure_names[i];
	for (size_t i = 0; i <= n; i++)
		columns[at++] = more[i];
	return columns;
}

void answer_row(struct tsv_writer *out, const struct assumptions *a, const struct fleet_figures *figures)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < N_ASSUMPTIONS; i++)
		if (is_text((enum assumption)i))
			tsv_text(out, a->text[i]);
		else
			tsv_plain(out, a->text[i]);
	for (int i = 0; i < N_FIGURES; i++) {
		buf_clear(&text);
		if (figures->known[i])
			decimal_write(&figures->value[i], i == BITCOIN ? DECIMAL_KEEP_ZEROS : DECIMAL_TRIM_ZEROS, &text);
		tsv_plain(out, figures->known[i] ? text.data : NULL);
	}
	buf_release(&text);
}

/* For people ------------------------------------------------------------------------------------- */

void answer_words(const char *name, struct buf *out)
{
	for (; *name; name++)
		buf_addc(out, *name == '_' ? ' ' : *name);
}

void answer_print_assumptions(const struct assumptions *a, FILE *out)
{
	struct page page;

	page_begin(&page, 2);
	for (int i = 0; i < N_ASSUMPTIONS; i++) {
		struct buf words = BUF_INIT;

		if (!a->text[i])
			continue;
		answer_words(assumption_names[i], &words);
		page_cell(&page, words.data);
		page_cell(&page, a->text[i]);
		buf_release(&words);
	}
	page_print(&page, out, false);
	page_release(&page);
}

/* A figure for people, or "-" where it is not known. */
static void add_figure(const struct fleet_figures *figures, enum figure which, struct buf *out)
{
	if (figures->known[which])
		people_number(&figures->value[which], figure_places[which], out);
	else
		buf_addc(out, '-');
}

static const enum figure table_figures[] = {
	MACHINES, MEGAWATTS, USED_MWH, USED_SHARE, HOURS_PER_MACHINE, BITCOIN, REVENUE, COST, PROFIT, CAPEX, LIFE_PROFIT,
	PAYBACK_DAYS,
};
enum { N_TABLE = sizeof table_figures / sizeof *table_figures };

void answer_table_begin(struct page *page, const char *first, const char *last)
{
	page_begin(page, N_TABLE + (first != NULL) + (last != NULL));
	if (first)
		page_cell(page, first);
	for (int c = 0; c < N_TABLE; c++) {
		struct buf words = BUF_INIT;

		answer_words(figure_names[table_figures[c]], &words);
		page_cell(page, words.data);
		buf_release(&words);
	}
	if (last)
		page_cell(page, last);
}

void answer_table_row(struct page *page, const char *first, const struct fleet_figures *figures, const char *last)
{
	if (first)
		page_cell(page, first);
	for (int c = 0; c < N_TABLE; c++) {
		struct buf value = BUF_INIT;

		add_figure(figures, table_figures[c], &value);
		page_cell(page, value.data);
		buf_release(&value);
	}
	if (last)
		page_cell(page, last);
}

void answer_print_figures(const struct fleet_figures *figures, FILE *out)
{
	struct page page;

	page_begin(&page, 2);
	for (int i = 0; i < N_FIGURES; i++) {
		struct buf words = BUF_INIT, value = BUF_INIT;

		answer_words(figure_names[i], &words);
		add_figure(figures, (enum figure)i, &value);
		page_cell(&page, words.data);
		page_cell(&page, value.data);
		buf_release(&words);
		buf_release(&value);
	}
	page_print(&page, out, false);
	page_release(&page);
}

