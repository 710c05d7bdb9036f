#include "fleet/question_db.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/plural.h"
#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

#define CATALOGUE "sql/reference/machines.tsv"

static const char *const catalogue_columns[] = {
	"model", "maker", "hashrate_ths", "power_w", "joule_per_th", "cooling", "year", "page", "seen_in", NULL
};
enum { C_MODEL, C_MAKER, C_HASHRATE, C_POWER, C_JOULE, C_COOLING, C_YEAR, C_PAGE, C_SEEN, N_CATALOGUE };

/* How long a row of the file of fees holds, at most, where no other follows. */
enum { FEES_DAYS = 31 };

/* The machine ------------------------------------------------------------------------------------ */

static void model_of_figures(const char *name, const char *hashrate, const char *power, struct miner_model *model)
{
	struct reason why;

	if (!miner_model_parse(name, hashrate, power, model, &why))
		die(EX_USAGE, "%s", why.text);
}

/* One of the catalogue; false if it has none of that name, whose nearest are then noted. */
static bool model_of_catalogue(const char *name, struct miner_model *model, char **from, struct nearest *nearest)
{
	char *path = root_path(CATALOGUE);
	struct tsv_reader t;
	bool found = false;

	input_open_rows(&t, path, catalogue_columns, N_CATALOGUE);
	while (input_row(&t)) {
		nearest_offer(nearest, t.value[C_MODEL]);
		if (strcasecmp(t.value[C_MODEL], name) != 0)
			continue;
		model_of_figures(t.value[C_MODEL], t.value[C_HASHRATE], t.value[C_POWER], model);
		*from = xstrdup(t.value[C_PAGE]);
		found = true;
	}
	input_close_rows(&t);
	free(path);
	return found;
}

/* The machine of a request, by its name or its figures.  A session is asked for the table miner_models; *from is the
 * caller's to free. */
static void find_model(const struct fleet_request *request, const struct reference *reference,
		       struct miner_model *model, char **from)
{
	struct nearest nearest;
	struct buf words = BUF_INIT;

	if (!request->model) {
		model_of_figures("custom", request->hashrate, request->power, model);
		*from = xstrdup("options");
		return;
	}
	nearest_begin(&nearest, request->model);
	for (size_t i = 0; i < reference->models.n; i++) {
		nearest_offer(&nearest, reference->models.models[i].model.name);
		if (strcasecmp(reference->models.models[i].model.name, request->model) == 0) {
			*model = reference->models.models[i].model;
			*from = xstrdup("miner_models");
			return;
		}
	}
	if (!model_of_catalogue(request->model, model, from, &nearest))
		die(EX_USAGE, "there is no miner model %.60s%s; what-if --list-models lists them all", request->model,
		    nearest_words(&nearest, &words));
}

void question_list_models(struct tsv_writer *out)
{
	char *path = root_path(CATALOGUE);
	struct tsv_reader t;

	tsv_begin(out, stdout, catalogue_columns);
	input_open_rows(&t, path, catalogue_columns, N_CATALOGUE);
	while (input_row(&t)) {
		for (int c = 0; c < N_CATALOGUE; c++)
			if (c == C_HASHRATE || c == C_POWER || c == C_JOULE || c == C_YEAR)
				tsv_plain(out, t.value[c]);
			else
				tsv_text(out, t.value[c]);
		tsv_end_row(out);
	}
	input_close_rows(&t);
	free(path);
}

/* Fees ------------------------------------------------------------------------------------------- */

struct dated_share {
	day_t day;
	int64_t share;
};

/* The rows of the file, in the order of their dates. */
static size_t read_fees(const char *path, struct dated_share **shares)
{
	static const char *const columns[] = { "date", "fees", NULL };
	struct tsv_reader t;
	struct reason why;
	size_t n = 0;

	*shares = NULL;
	input_open_rows(&t, path, columns, 2);
	while (input_row(&t)) {
		struct dated_share row;

		if (!t.value[0] || !day_parse(t.value[0], &row.day))
			input_refuse(&t, "date \"%.40s\" is not a date", t.value[0] ? t.value[0] : "");
		if (n > 0 && row.day <= (*shares)[n - 1].day)
			input_refuse(&t, "date %.40s is not later than the row before it", t.value[0]);
		if (!t.value[1] || !*t.value[1])
			input_refuse(&t, "fees is empty");
		if (!share_parse(t.value[1], 0, FEES_MOST, &row.share, &why))
			input_refuse(&t, "fees: %s", why.text);
		*shares = xgrow(*shares, n, sizeof **shares);
		(*shares)[n++] = row;
	}
	input_close_rows(&t);
	return n;
}

/* A row holds until the next one, at most a month. */
static void fees_of_file(struct question *q)
{
	struct dated_share *shares;
	size_t n = read_fees(q->request->fees, &shares), at = 0;
	char text[DAY_TEXT];

	for (day_t day = q->days.from; day <= q->days.to; day++) {
		while (at + 1 < n && shares[at + 1].day <= day)
			at++;
		if (n == 0 || shares[at].day > day || day - shares[at].day >= FEES_DAYS)
			die(EX_DATAERR, "%s has no fees for %s: a row holds from its date until the next one, %d days at most",
			    q->request->fees, day_format(day, text), FEES_DAYS);
		q->fees[day - q->days.from] = shares[at].share;
	}
	free(shares);
}

/* The question ----------------------------------------------------------------------------------- */

/* What is no span is refused before the database is asked; it alone knows how far what is stored goes. */
static void judge_span(const struct fleet_request *request, int argc, char **argv, instant_t now)
{
	struct day_range any = { INT32_MIN, INT32_MAX };

	span_read(argc, argv, &request->span, now, &any);
}

static void choose_days(struct question *q, int argc, char **argv, instant_t now)
{
	bool stored = places_stored_days(q->db, &q->days);

	if (!stored)
		q->days.from = q->days.to = day_of_instant(now) - 1;
	if (!span_read(argc, argv, &q->request->span, now, &q->days) && !stored)
		die(EX_DATAERR, "no curtailment is stored yet: fetch-elexon --store fetches it");
	if (q->days.to - q->days.from >= 40000)
		die(EX_USAGE, "the span is too long");
}

/* What is not stored earns nothing, so it costs nothing either: else a year that has just begun would never pay. */
static void count_days(struct question *q)
{
	q->stored = xmalloc(q->market.n_days * sizeof *q->stored);
	places_days(q->db, q->days, q->stored);
	for (size_t i = 0; i < q->market.n_days; i++)
		q->days_stored += q->stored[i];
	if (q->days_stored > 0)
		q->market.days_counted = q->days_stored;
}

static void choose_prices(struct question *q)
{
	size_t n_days = (size_t)(q->days.to - q->days.from + 1);

	q->price_states = xmalloc(n_days * sizeof *q->price_states);
	if (!q->request->price) {
		places_prices(q->db, q->request->currency, q->days, q->market.price, q->price_states);
		return;
	}
	for (size_t i = 0; i < n_days; i++) {
		q->market.price[i] = q->request->price;
		q->price_states[i] = PRICE_GIVEN;
	}
}

void question_open(struct question *q, const struct fleet_request *request, int argc, char **argv, instant_t now,
		   int years)
{
	struct market_terms terms = { 0 };
	size_t n_days;

	judge_span(request, argc, argv, now);
	*q = (struct question){ .request = request, .db = db_connect() };
	db_begin(q->db, "isolation level repeatable read, read only");
	reference_from_db(&q->reference, q->db);
	find_model(request, &q->reference, &q->model, &q->model_from);
	choose_days(q, argc, argv, now);
	places_choose(&q->places, q->db, request);
	q->state = places_state(q->db, q->days);
	n_days = (size_t)(q->days.to - q->days.from + 1);
	q->fees = xmalloc(n_days * sizeof *q->fees);
	for (size_t i = 0; i < n_days; i++)
		q->fees[i] = request->fees_share;
	if (request->fees_in_file)
		fees_of_file(q);
	terms.network = &q->reference.network;
	terms.model = &q->model;
	terms.rate = request->rate;
	terms.fees_by_day = q->fees;
	terms.difficulty = request->difficulty;
	terms.subsidy = request->subsidy;
	terms.growth = &request->money.growth;
	terms.n_years = years;
	market_build(&q->market, q->days.from, q->days.to, &terms);
	count_days(q);
	choose_prices(q);
}

void question_energy(struct question *q, void (*each)(void *ctx, const struct place_energy *energy), void *ctx)
{
	long unpaid = places_energy(&q->places, q->db, q->days, each, ctx);

	if (unpaid > 0)
		log_warning("%ld %s no price at the source: counted as paid nothing", unpaid,
			    plural(unpaid, "record has", "records have"));
	if (strcmp(q->state, "not_complete") == 0)
		log_warning("periods of this span are not stored: the answer is of what is, on %ld of %zu days", q->days_stored,
			    q->market.n_days);
}

void question_warn(const struct question *q, const struct fleet *fleets, size_t n_fleets)
{
	long long unknown = 0, unpriced = 0;

	for (size_t i = 0; i < n_fleets; i++) {
		if (fleets[i].overflow)
			die(EX_DATAERR, "more would be mined than there can be: is the difficulty or the machine possible?");
		unknown += fleets[i].unknown;
		unpriced += fleets[i].unpriced;
	}
	if (unknown > 0)
		log_warning("nothing is mined in %lld half hours, each place counted: %s", unknown, q->market.unknown.text);
	if (unpriced > 0)
		log_warning("no price in %s is known for %lld half hours with something mined: "
			    "revenue and profit have no value; --price gives one", q->request->currency, unpriced);
}

void question_close(struct question *q)
{
	market_release(&q->market);
	places_release(&q->places);
	reference_release(&q->reference);
	free(q->fees);
	free(q->price_states);
	free(q->stored);
	free(q->model_from);
	PQfinish(q->db);
}
