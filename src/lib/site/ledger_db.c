#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/site-ledger-days.h"
#include "site/pages_db.h"

#define UTC(t) "to_char(" t " at time zone 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"')"

enum ledger_column { FILLS, LAST_FILL, ASKED, PROPOSALS, CORRECTIONS, CONTRACTS, VERSION, COVERED_GAIN, UNCOVERED,
		     UNCOVERED_PROCEEDS, SINCE };

static const char ledger_sql[] =
	"select fills, " UTC("last_fill") ", " UTC("asked_until") ", open_proposals,"
	" open_corrections, contracts, fifo_version, covered_gain,"
	"	uncovered, uncovered_proceeds, recorded_since from ledger_state";

static const char products_sql[] =
	"select p.product_id, p.lots, p.disposals, trim_scale(p.size), trim_scale(p.basis), trim_scale(p.proceeds),"
	"	trim_scale(p.gain - p.uncovered_proceeds), trim_scale(p.uncovered_size), trim_scale(p.uncovered_proceeds),"
	" trim_scale(p.open_size)"
	"  from fifo_version_products p join fifo_versions v using (version)"
	" where v.is_current and not is_contract(p.product_id) order by p.product_id";

/* Amounts are of the currency that a product is priced in: of several there is no sum. */
static const char currencies_sql[] =
	"select substring(p.product_id from '[^-]*$'), trim_scale(sum(p.gain - p.uncovered_proceeds)),"
	" trim_scale(sum(p.uncovered_proceeds))"
	"  from fifo_version_products p join fifo_versions v using (version)"
	" where v.is_current and not is_contract(p.product_id) group by 1 order by 1";

static const char coverage_sql[] =
	"select case product_id when '*' then 'all products' else product_id end, source, kind,"
	"	case when min(window_from) = '-infinity' then 'the first trade' else " UTC("min(window_from)") " end,"
	" " UTC("max(window_to)") ","
	"	count(*), sum(fills_seen)"
	"  from exchange_windows group by product_id, source, kind order by product_id, source, kind";

static void put_products(struct html_page *page, const PGresult *products)
{
	static const char *const names[] = { "lots", "disposals", "size", "basis", "proceeds", "covered_gain",
					     "uncovered_size", "uncovered_proceeds", "open_size" };
	static const int places[] = { 0, 0, 8, 2, 2, 2, 8, 2, 8 };

	html_table(page, "The current version of first in, first out, by product",
		   "Product|#Lots|#Disposals|#Disposed of|#Basis|#Proceeds|#Gain covered|#Without a lot|#Its proceeds|#Still held");
	for (int i = 0; i < PQntuples(products); i++) {
		html_row_head(page, NULL, "", PQgetvalue(products, i, 0));
		for (int c = 0; c < 9; c++)
			html_cell_figure(page, names[c], db_text(products, i, c + 1), places[c]);
		html_row_end(page);
	}
	html_table_end(page);
}

/* An amount for each currency, a line each; that of the view where there is one currency, or none. */
static void put_amounts(struct html_page *page, const char *name, const char *all, const PGresult *currencies,
			int column)
{
	int n = PQntuples(currencies);

	if (n == 0)
		html_figure(&page->out, name, all, 2, "", "");
	for (int i = 0; i < n; i++) {
		buf_adds(&page->out, i ? "<br>" : "");
		html_figure(&page->out, name, n == 1 ? all : db_text(currencies, i, column), 2, "", " ");
		html_text(&page->out, PQgetvalue(currencies, i, 0));
	}
}

static void put_ledger_cards(struct html_page *page, const PGresult *ledger, const PGresult *currencies)
{
	struct buf *out = &page->out;

	buf_adds(out, "<div class=\"cards\">\n");
	html_card(page, "Gain that lots cover");
	put_amounts(page, "covered_gain", db_text(ledger, 0, COVERED_GAIN), currencies, 1);
	html_card_end(page, PQgetisnull(ledger, 0, VERSION) ? "no version is current: match-fifo makes one"
							    : "of the current version, all products");
	html_card(page, "Proceeds that no lot covers");
	put_amounts(page, "uncovered_proceeds", db_text(ledger, 0, UNCOVERED_PROCEEDS), currencies, 2);
	html_card_end(page, "their gain is not known");
	html_card(page, "Open proposals");
	html_figure(out, "open_proposals", db_text(ledger, 0, PROPOSALS), 0, "", "");
	html_card_end(page, "a person approves or rejects each");
	html_card(page, "Fills of the exchange");
	html_figure(out, "fills", db_text(ledger, 0, FILLS), 0, "", "");
	html_card_end(page, PQgetisnull(ledger, 0, LAST_FILL) ? "none" : PQgetvalue(ledger, 0, LAST_FILL));
	if (strcmp(pages_text(ledger, 0, SINCE), "") != 0 && strcmp(pages_text(ledger, 0, SINCE), "0") != 0) {
		html_card(page, "Trades recorded since that version");
		html_figure(out, "recorded_since", db_text(ledger, 0, SINCE), 0, "", "");
		html_card_end(page, "match-fifo makes a version with them");
	}
	buf_adds(out, "</div>\n");
}

/* Coverage by day -------------------------------------------------------------------------------- */

/* Columns of site-ledger-days.sql. */
enum { DAY, PRODUCTS, WHOLE, PARTLY, DAY_FILLS, DAY_TRADES };

enum { MOST_YEARS = 12 };		/* shown as strips; the file has all */

static bool is_zero(const PGresult *rows, int row, int column)
{
	return strcmp(PQgetvalue(rows, row, column), "0") == 0;
}

/* SVG_SURE: of every product the exchange was asked for all of the day; SVG_UNSURE: of some, or for a part of it. */
static enum svg_sure coverage_of(const PGresult *days, int row)
{
	if (strcmp(PQgetvalue(days, row, WHOLE), PQgetvalue(days, row, PRODUCTS)) == 0)
		return SVG_SURE;
	return is_zero(days, row, WHOLE) && is_zero(days, row, PARTLY) ? SVG_ABSENT : SVG_UNSURE;
}

/* Days that are alike and follow each other in one year are one run. */
static int runs_of(const PGresult *days, int first, struct svg_run *runs, day_t *ticks, int *n_ticks)
{
	static const char *const words[] = { "asked for all of it", "asked for a part of it", "not asked" };
	int n = 0, from = first;

	*n_ticks = 0;
	for (int i = first; i < PQntuples(days); i++) {
		const char *date = PQgetvalue(days, i, DAY);
		enum svg_sure sure = coverage_of(days, i);
		day_t day = 0;

		day_parse(date, &day);
		if (!is_zero(days, i, DAY_FILLS))
			ticks[(*n_ticks)++] = day;
		if (n == 0 || runs[n - 1].sure != sure || strcmp(date + 4, "-01-01") == 0) {
			runs[n++] = (struct svg_run){ .first = day, .sure = sure };
			from = i;
		}
		runs[n - 1].last = day;
		snprintf(runs[n - 1].title, sizeof runs[n - 1].title, "%.10s to %.10s: %s", PQgetvalue(days, from, DAY), date,
			 words[sure]);
	}
	return n;
}

/* What a year's days add up to. */
struct year_days {
	int days, whole, partly, absent, unasked_trades;
	long fills, trades;
};

static void put_year_row(struct html_page *page, const char *year, const struct year_days *y)
{
	static const char *const names[] = { "days", "days_whole", "days_partly", "days_not_asked", "fills", "trades",
					     "trades_not_asked" };
	const long values[] = { y->days, y->whole, y->partly, y->absent, y->fills, y->trades, y->unasked_trades };

	html_row_head(page, NULL, "", year);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[24];

		snprintf(text, sizeof text, "%ld", values[i]);
		html_cell_figure(page, names[i], text, 0);
	}
	html_row_end(page);
}

static void put_years(struct html_page *page, const PGresult *days)
{
	int n = PQntuples(days);

	html_table(page, "Days by what the exchange was asked for, and what is known of them",
		   "Year|#Days|#Asked for all|#For a part|#Not asked|#Fills|#Trades of the books|#Of these on days not asked");
	for (int i = 0; i < n;) {
		struct year_days y = { 0 };
		char year[8];

		snprintf(year, sizeof year, "%.4s", PQgetvalue(days, i, DAY));
		for (; i < n && strncmp(PQgetvalue(days, i, DAY), year, 4) == 0; i++) {
			enum svg_sure sure = coverage_of(days, i);
			long trades = db_int(days, i, DAY_TRADES);

			y.days++;
			y.whole += sure == SVG_SURE;
			y.partly += sure == SVG_UNSURE;
			y.absent += sure == SVG_ABSENT;
			y.fills += db_int(days, i, DAY_FILLS);
			y.trades += trades;
			y.unasked_trades += sure == SVG_ABSENT ? (int)trades : 0;
		}
		put_year_row(page, year, &y);
	}
	html_table_end(page);
}

static void put_days(struct site_data *data, struct html_page *page, const PGresult *days)
{
	static const char *const columns[] = { "day", "products", "products_whole", "products_partly", "fills",
					       "trades", NULL };
	int n = PQntuples(days), first = 0, n_ticks, n_runs, last_year;
	struct svg_run *runs = xmalloc((size_t)(n + 1) * sizeof *runs);
	day_t *ticks = xmalloc((size_t)(n + 1) * sizeof *ticks);

	html_section(page, "days", "What is known of each day");
	if (n > 0) {
		last_year = atoi(PQgetvalue(days, n - 1, DAY));
		while (atoi(PQgetvalue(days, first, DAY)) <= last_year - MOST_YEARS)
			first++;
		n_runs = runs_of(days, first, runs, ticks, &n_ticks);
		svg_strips(page, "Days for which the exchange was asked",
			   "A strip for each year, of which the table below has the figures; a tick below it "
			   "is a day with fills.", runs, n_runs, ticks, n_ticks);
		buf_adds(&page->out, "<ul class=\"key\"><li><i class=\"k0\"></i>asked for all of the day, of every product</li><li>"
				     "<i class=\"kh\"></i>in part</li>"
				     "<li><i class=\"kg\"></i>not asked: what happened there is not known</li><li>| a day with fills</li></ul>\n");
		html_data_link(page, "ledger-days.csv");
		pages_csv(data, "ledger-days.csv", days, columns);
		put_years(page, days);
		buf_adds(&page->out, "<p class=\"note\">Days are those of UTC, from the first trade or fill to today. A product "
				     "counts where each portfolio that was ever asked was asked to the end of the day.</p>\n");
	} else
		buf_adds(&page->out, "<p class=\"empty\">There is no trade and no fill.</p>\n");
	html_section_end(page);
	free(runs);
	free(ticks);
}

void pages_ledger(struct site_data *data)
{
	PGresult *ledger = db_query(data->db, ledger_sql, DB_NO_ARGS),
		*products = db_query(data->db, products_sql, DB_NO_ARGS);
	PGresult *currencies = db_query(data->db, currencies_sql, DB_NO_ARGS);
	PGresult *coverage = db_query(data->db, coverage_sql, DB_NO_ARGS), *days = NULL;
	struct html_page page;

	html_begin(&page, "", "ledger", "The exchange ledger",
		   "Trades compared with the exchange, and the gain by first in, first out", "Ledger", NULL);
	if (PQntuples(ledger) == 0)
		buf_adds(&page.out, "<p class=\"empty\">There is no ledger: no trade and no fill is stored.</p>\n");
	else {
		put_ledger_cards(&page, ledger, currencies);
		html_section(&page, "products", "Gain by product");
		put_products(&page, products);
		html_section_end(&page);
		days = db_query(data->db, query_site_ledger_days, DB_ARGS(data->now));
		put_days(data, &page, days);
		html_section(&page, "coverage", "What the exchange was asked");
		html_table(&page, "Spans that were fetched to their end, by product and source",
			   "Product|Source|Kind|From|To|#Windows|#Fills seen");
		for (int i = 0; i < PQntuples(coverage); i++) {
			html_row_head(&page, NULL, "", PQgetvalue(coverage, i, 0));
			for (int c = 1; c < 5; c++)
				html_cell(&page, PQgetvalue(coverage, i, c));
			html_cell_figure(&page, "windows", db_text(coverage, i, 5), 0);
			html_cell_figure(&page, "fills_seen", db_text(coverage, i, 6), 0);
			html_row_end(&page);
		}
		html_table_end(&page);
		html_section_end(&page);
	}
	site_put_page(data->site, "ledger.html", &page);
	PQclear(ledger);
	PQclear(products);
	PQclear(currencies);
	PQclear(coverage);
	PQclear(days);
}
