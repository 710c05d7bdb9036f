#include "site/mining_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "exact/fixed.h"
#include "fleet/answer.h"
#include "fleet/question_db.h"

/* The sizes that are tried beside the one that was asked for. */
static const int64_t tried[] = { 100, 300, 1000, 3000, 10000, 30000, 100000 };
enum { MAX_SIZES = sizeof tried / sizeof *tried + 1 };

/* A fleet at each farm, of each size. */
struct trial {
	struct question question;
	int64_t sizes[MAX_SIZES];
	size_t n_sizes, asked;		/* which of them was asked for */
	struct fleet *fleets;
	size_t n_fleets;
	struct place_list places;
};

/* A farm's row: what the fleet that was asked for earned, and which size would have earned most. */
struct farm_row {
	const char *name;
	const struct fleet *fleet;
	struct fleet_figures asked;
	int best;			/* of sizes; -1: none earns anything */
};

static void choose_sizes(struct trial *t, int64_t machines)
{
	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
		if (machines < tried[i] && (i == 0 || machines > tried[i - 1]))
			t->sizes[t->n_sizes++] = machines;
		t->sizes[t->n_sizes++] = tried[i];
	}
	if (machines > tried[sizeof tried / sizeof *tried - 1])
		t->sizes[t->n_sizes++] = machines;
	while (t->sizes[t->asked] != machines)
		t->asked++;
}

static void take_energy(void *ctx, const struct place_energy *energy)
{
	struct trial *t = ctx;

	place_list_reach(&t->places, energy->place);
	for (; t->n_fleets <= energy->place; t->n_fleets++) {
		t->fleets = xgrow(t->fleets, t->n_fleets, sizeof *t->fleets);
		fleet_begin(&t->fleets[t->n_fleets], &t->question.market, &t->question.model, t->question.request->min_run, t->sizes,
			    t->n_sizes);
	}
	fleet_add(&t->fleets[energy->place], &t->places.rows[energy->place],
		  market_half_hour(&t->question.market, energy->day, energy->period), energy->nmwh, energy->payment);
}

static bool has_capex(const struct fleet_request *request)
{
	return decimal_sign(&request->money.capex_machine) > 0 || decimal_sign(&request->money.capex_mw) > 0;
}

/* Without a price of machines the largest fleet is always the best, which says nothing. */
static int best_size(const struct trial *t, const struct fleet *fleet)
{
	const struct fleet_request *request = t->question.request;
	struct decimal most;
	int best = -1;

	if (!has_capex(request))
		return -1;
	decimal_init(&most);
	for (size_t i = 0; i < t->n_sizes; i++) {
		struct fleet_figures figures;

		fleet_figures_of(&figures, fleet, &fleet->tallies[i], &request->rate, &request->money);
		if (figures.known[LIFE_PROFIT] && decimal_cmp(&figures.value[LIFE_PROFIT], &most) > 0) {
			decimal_set(&most, &figures.value[LIFE_PROFIT]);
			best = (int)i;
		}
		fleet_figures_release(&figures);
	}
	decimal_release(&most);
	return best;
}

static int by_bitcoin(const void *a, const void *b)
{
	const struct farm_row *x = a, *y = b;
	int order = decimal_cmp(&y->asked.value[BITCOIN], &x->asked.value[BITCOIN]);

	return order ? order : strcmp(x->name, y->name);
}

static void put_fleet_figure(struct html_page *page, const struct fleet_figures *figures, enum figure which)
{
	struct buf text = BUF_INIT;

	if (figures->known[which])
		decimal_write(&figures->value[which], DECIMAL_TRIM_ZEROS, &text);
	html_cell_figure(page, figure_names[which], text.data, figure_places[which]);
	buf_release(&text);
}

static void add_figure(struct buf *out, const struct fleet_figures *figures, enum figure which, int places,
		       const char *after)
{
	struct buf text = BUF_INIT;

	if (figures->known[which])
		decimal_write(&figures->value[which], DECIMAL_TRIM_ZEROS, &text);
	html_figure(out, figure_names[which], text.data, places, "", after);
	buf_release(&text);
}

/* A day without a stored price has an assumed one: a figure that rests on such days says so where it stands. */
static const char *price_note(const struct question *q)
{
	bool assumed = false, known = false;

	for (day_t day = q->days.from; day <= q->days.to; day++) {
		enum price_state state = q->price_states[day - q->days.from];

		assumed |= state == PRICE_ASSUMED;
		known |= state != PRICE_ASSUMED;
	}
	return !assumed ? "" : known ? ", on some days at an assumed price" : ", at an assumed price";
}

/* The farm that lost most is the one that people ask about; where such a fleet would have mined most is said below. */
static void put_headline(struct html_page *page, const struct trial *t, const struct farm_row *rows, size_t n,
			 int64_t machines)
{
	const struct farm_row *worst = &rows[0];
	struct buf *out = &page->out;
	char count[FIXED_TEXT], first[DAY_TEXT], last[DAY_TEXT];

	for (size_t i = 1; i < n; i++)
		if (decimal_cmp(&rows[i].asked.value[CURTAILED_MWH], &worst->asked.value[CURTAILED_MWH]) > 0)
			worst = &rows[i];
	fixed_format((unsigned __int128)machines, 0, count);
	buf_adds(out, "<section id=\"fleet\">\n<h2>");
	html_number(out, count, 0);
	buf_addc(out, ' ');
	html_text(out, t->question.model.name);
	buf_adds(out, " at ");
	html_text(out, worst->name);
	buf_adds(out, "</h2>\n<div class=\"lead\"><div><span class=\"big\">");
	add_figure(out, &worst->asked, BITCOIN, 4, " BTC");
	buf_adds(out, "</span>would have been mined</div><div><span class=\"big\">");
	add_figure(out, &worst->asked, REVENUE, 2, " ");
	html_text(out, t->question.request->currency);
	buf_addf(out, "</span>was its value, before any cost%s</div></div>\n<p>%s to %s, at the farm that lost most. "
		      "The fleet would have used ",
		 price_note(&t->question), day_format(t->question.days.from, first), day_format(t->question.days.to, last));
	add_figure(out, &worst->asked, USED_SHARE, 2, " % of the energy");
	buf_adds(out, " that was turned down there, ");
	add_figure(out, &worst->asked, USED_MWH, 3, " MWh.");
	if (worst != rows) {
		buf_adds(out, " It would have mined most at ");
		html_text(out, rows[0].name);
		buf_adds(out, ": ");
		add_figure(out, &rows[0].asked, BITCOIN, 4, " BTC.");
	}
	buf_adds(out, "</p>\n</section>\n");
}

static void put_assumptions(struct html_page *page, const struct trial *t)
{
	struct assumptions assumptions;
	char number[FIXED_TEXT];

	assumptions_of(&assumptions, &t->question);
	assumptions_set(&assumptions, PLACES, fixed_format((unsigned __int128)t->n_fleets, 0, number));
	assumptions_set(&assumptions, MACHINES_PER_PLACE, fixed_format((unsigned __int128)t->sizes[t->asked], 0, number));
	html_section(page, "assumptions", "What is assumed");
	html_table(page, "Everything that these figures rest on, as what-if prints it", "Assumption|Value");
	for (int i = 0; i < N_ASSUMPTIONS; i++) {
		struct buf words = BUF_INIT;

		if (!assumptions.text[i])
			continue;
		answer_words(assumption_names[i], &words);
		html_row_head(page, NULL, "", words.data);
		html_cell(page, assumptions.text[i]);
		html_row_end(page);
		buf_release(&words);
	}
	html_table_end(page);
	html_section_end(page);
	assumptions_release(&assumptions);
}

static void put_rows(struct site_data *data, struct html_page *page, const struct trial *t, const struct farm_row *rows,
		     size_t n)
{
	static const enum figure shown[] = { CURTAILED_MWH, USED_SHARE, HOURS_PER_MACHINE, BITCOIN, REVENUE, PROFIT,
					     PAYBACK_DAYS };
	bool capex = has_capex(t->question.request);
	size_t n_shown = sizeof shown / sizeof *shown - !capex;		/* nothing is paid back that cost nothing */
	const char *currency = t->question.request->currency;
	char headings[160];

	snprintf(headings, sizeof headings, "Farm|#MWh turned down|#%% used|#Hours of a machine|#BTC|#Value, %s|#Profit, %s%s",
		 currency, currency, capex ? "|#Payback, days|#Best size" : "");
	html_section(page, "farms", "The same fleet at each farm");
	html_table(page, "One fleet of this size at each farm, the most bitcoin first", headings);
	for (size_t i = 0; i < n; i++) {
		const struct named_page *to = pages_named(data, "farm", rows[i].name);
		char size[FIXED_TEXT];

		html_row_head(page, to ? "farm/" : NULL, to ? to->file : "", rows[i].name);
		for (size_t f = 0; f < n_shown; f++)
			put_fleet_figure(page, &rows[i].asked, shown[f]);
		if (capex)
			html_cell_figure(page, "best_machines",
					 rows[i].best < 0 ? NULL : fixed_format((unsigned __int128)t->sizes[rows[i].best], 0, size), 0);
		html_row_end(page);
	}
	html_table_end(page);
	if (capex)
		buf_adds(&page->out,
			 "<p class=\"note\">The best size is that with the greatest profit over its years of use, of those below.</p>\n");
	html_section_end(page);
}

/* What a size earns in its years of use, before anything is paid for the machines; false where that is not known. */
static bool life_margin(const struct trial *t, const struct fleet *fleet, size_t size, struct decimal *margin)
{
	const struct fleet_request *request = t->question.request;
	struct fleet_figures figures;
	bool known;

	fleet_figures_of(&figures, fleet, &fleet->tallies[size], &request->rate, &request->money);
	known = figures.known[LIFE_PROFIT];
	if (known)
		decimal_add(margin, &figures.value[LIFE_PROFIT], &figures.value[CAPEX]);
	fleet_figures_release(&figures);
	return known;
}

/* A farm's row: for each size what one of the machines earns that were added to the size before. */
static void put_worth_of_machines(struct html_page *page, const struct trial *t, const struct fleet *fleet)
{
	struct decimal before, margin, step;
	bool known = true;

	decimal_init(&before);
	decimal_init(&margin);
	decimal_init(&step);
	for (size_t i = 0; i < t->n_sizes; i++) {
		struct buf text = BUF_INIT;

		known = known && life_margin(t, fleet, i, &margin);
		if (known) {
			decimal_sub(&before, &margin, &before);
			decimal_set_int(&step, (long)(t->sizes[i] - (i ? t->sizes[i - 1] : 0)), 0);
			decimal_div(&before, &before, &step, 2);
			decimal_write(&before, DECIMAL_TRIM_ZEROS, &text);
			decimal_set(&before, &margin);
		}
		html_cell_figure(page, "worth_of_machine", text.data, 0);
		buf_release(&text);
	}
	decimal_release(&before);
	decimal_release(&margin);
	decimal_release(&step);
}

/* The best size follows from a price of machines, which the reader knows: the last size whose machines are worth it. */
static void put_sizes(struct site_data *data, struct html_page *page, const struct trial *t,
		      const struct farm_row *rows, size_t n)
{
	const struct fleet_request *request = t->question.request;
	struct buf headings = BUF_INIT;
	int days = (int)(t->question.days.to - t->question.days.from) + 1;
	char caption[120];

	snprintf(caption, sizeof caption, "What each machine added to reach a size earns in %d %s of use, in %s",
		 request->money.years, plural(request->money.years, "year", "years"), request->currency);
	buf_adds(&headings, "Farm");
	for (size_t i = 0; i < t->n_sizes; i++) {
		char size[FIXED_TEXT];

		buf_adds(&headings, "|#");
		html_number(&headings, fixed_format((unsigned __int128)t->sizes[i], 0, size), 0);
	}
	html_section(page, "sizes", "Which size at which farm");
	buf_adds(&page->out, "<p>The best size at a farm is the last at which this figure is above the price of a machine, "
			     "with all that it takes to run it there: up to it each machine earns more than it costs.</p>\n");
	html_table(page, caption, headings.data);
	for (size_t i = 0; i < n; i++) {
		const struct named_page *to = pages_named(data, "farm", rows[i].name);

		html_row_head(page, to ? "farm/" : NULL, to ? to->file : "", rows[i].name);
		put_worth_of_machines(page, t, rows[i].fleet);
		html_row_end(page);
	}
	html_table_end(page);
	buf_addf(&page->out, "<p class=\"note\">Each year of use is taken to be like the %d %s of this span; %spower and "
		 "other costs that are assumed below are paid.</p>\n", days, plural(days, "day", "days"),
		 days < 365 ? "<b>so few may be far from a year</b>; " : "");
	html_section_end(page);
	buf_release(&headings);
}

static void put_page(struct site_data *data, struct trial *t, int64_t machines, const char *key)
{
	struct farm_row *rows = xmalloc((t->n_fleets + 1) * sizeof *rows);
	const struct fleet_request *request = t->question.request;
	struct html_page page;

	for (size_t i = 0; i < t->n_fleets; i++) {
		t->fleets[i].n_places = 1;
		rows[i].name = t->question.places.names[i];
		rows[i].fleet = &t->fleets[i];
		fleet_figures_of(&rows[i].asked, &t->fleets[i], &t->fleets[i].tallies[t->asked], &request->rate, &request->money);
		rows[i].best = best_size(t, &t->fleets[i]);
	}
	if (t->n_fleets)
		qsort(rows, t->n_fleets, sizeof *rows, by_bitcoin);
	html_begin(&page, "", key, "What machines would have mined",
		   "One fleet of machines at each farm, run on the energy that was turned down there", "Mining", NULL);
	if (t->n_fleets == 0)
		buf_adds(&page.out, "<p class=\"empty\">No energy was turned down in this span.</p>\n");
	else {
		put_headline(&page, t, rows, t->n_fleets, machines);
		put_rows(data, &page, t, rows, t->n_fleets);
		put_sizes(data, &page, t, rows, t->n_fleets);
	}
	put_assumptions(&page, t);
	pages_put_network(data, &page);
	site_put_page(data->site, "mining.html", &page);
	for (size_t i = 0; i < t->n_fleets; i++)
		fleet_figures_release(&rows[i].asked);
	free(rows);
}

/* A page that says why it has no figures. */
static void put_empty(struct site_data *data, const char *why)
{
	struct html_page page;

	html_begin(&page, "", "empty", "What machines would have mined",
		   "Fleets of machines run on energy that was turned down", "Mining", NULL);
	buf_addf(&page.out, "<p class=\"empty\">%s</p>\n", why);
	if (PQntuples(data->days) > 0)
		pages_put_network(data, &page);
	site_put_page(data->site, "mining.html", &page);
}

static void ask(struct site_data *data, const struct fleet_request *request, int64_t machines, const char *key)
{
	struct trial t = { 0 };

	question_open(&t.question, request, 0, NULL, time(NULL),
		      decimal_sign(&request->money.growth) ? request->money.years : 1);
	choose_sizes(&t, machines);
	question_energy(&t.question, take_energy, &t);
	put_page(data, &t, machines, key);
	for (size_t i = 0; i < t.n_fleets; i++)
		fleet_release(&t.fleets[i]);
	free(t.fleets);
	place_list_release(&t.places);
	question_close(&t.question);
}

void pages_mining(struct site_data *data, const struct fleet_request *request, int64_t machines, const char *options,
		  bool keep)
{
	int last = PQntuples(data->days) - 1, first;
	struct fleet_request asked;
	char key[65], network[65], from[DAY_TEXT];
	struct buf more = BUF_INIT;

	while (last >= 0 && strcmp(PQgetvalue(data->days, last, DAY_STATE), "final") != 0)
		last--;
	if (last < 0 || !request) {
		put_empty(data, last < 0 ? "No day is final yet." : "No miner model is in force.");
		return;
	}
	asked = *request;
	for (first = last; first > 0 &&
	     strncmp(PQgetvalue(data->days, first - 1, DAY_DATE), PQgetvalue(data->days, last, DAY_DATE), 4) == 0;)
		first--;
	pages_network_key(data, network);
	buf_addf(&more, "%s %s", network, options);
	pages_key(data, first, last + 1, more.data, key);
	buf_release(&more);
	if (pages_has_network(data) && site_has(data->site, "mining.html", key, false))
		return;
	if (keep && site_keep(data->site, "mining.html"))
		return;
	snprintf(from, sizeof from, "%s", PQgetvalue(data->days, first, DAY_DATE));
	if (!asked.span.from && !asked.span.to && !asked.span.last) {
		char *archived = db_value(data->db, "select 1 from archived_years where year = $1",
					  DB_ARGS((char[5]){ from[0], from[1], from[2], from[3], 0 }));

		if (archived) {
			free(archived);
			put_empty(data, "The records of this year are archived: restore-year brings them back.");
			return;
		}
		asked.span.from = from;
		asked.span.to = PQgetvalue(data->days, last, DAY_DATE);
	}
	ask(data, &asked, machines, key);
}
