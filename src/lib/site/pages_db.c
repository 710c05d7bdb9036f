#include "site/pages_db.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "site/style.h"

void pages_key(const struct site_data *data, int first, int last, const char *more, char key[65])
{
	struct sha256 digest;

	sha256_init(&digest);
	sha256_adds(&digest, SITE_TEMPLATES "\n" WINDFALL_VERSION "\n");
	sha256_adds(&digest, data->facts);
	for (int i = first; i < last; i++) {
		sha256_adds(&digest, "\n");
		sha256_adds(&digest, PQgetvalue(data->days, i, DAY_DATE));
		sha256_adds(&digest, " ");
		sha256_adds(&digest, PQgetvalue(data->days, i, DAY_DIGEST));
	}
	sha256_adds(&digest, "\n");
	sha256_adds(&digest, more);
	sha256_hex(&digest, key);
	sha256_release(&digest);
}

int pages_day(const struct site_data *data, const char *date)
{
	int low = 0, high = PQntuples(data->days);

	while (low < high) {
		int middle = (low + high) / 2, order = strcmp(PQgetvalue(data->days, middle, DAY_DATE), date);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int pages_month(const struct site_data *data, const char *name)
{
	for (int i = 0; i < PQntuples(data->months); i++)
		if (strcmp(PQgetvalue(data->months, i, MONTH_NAME), name) == 0)
			return i;
	return -1;
}

const char *pages_text(const PGresult *res, int row, int column)
{
	const char *text = db_text(res, row, column);

	return text ? text : "";
}

void pages_csv_begin(struct buf *file, const char *const *columns)
{
	for (int c = 0; columns[c]; c++)
		buf_addf(file, "%s%s", c ? "," : "", columns[c]);
	buf_addc(file, '\n');
}

void pages_csv_row(struct buf *file, const PGresult *res, int row, const char *const *columns)
{
	struct tsv_writer w = { .format = CSV };

	tsv_begin(&w, NULL, columns);
	for (int c = 0; columns[c]; c++)
		tsv_text(&w, db_text(res, row, c));
	tsv_end_row(&w);
	buf_add(file, w.line.data, w.line.len);
	tsv_release(&w);
}

void pages_csv(struct site_data *data, const char *name, const PGresult *res, const char *const *columns)
{
	struct buf file = BUF_INIT;

	pages_csv_begin(&file, columns);
	for (int i = 0; i < PQntuples(res); i++)
		pages_csv_row(&file, res, i, columns);
	site_put(data->site, name, &file);
	buf_release(&file);
}

/* What several pages show ------------------------------------------------------------------------ */

const char *pages_span_state(const PGresult *span)
{
	if (strcmp(PQgetvalue(span, 0, SPAN_DAYS), PQgetvalue(span, 0, SPAN_DAYS_EXPECTED)) != 0 ||
	    strcmp(PQgetvalue(span, 0, SPAN_INGESTED), PQgetvalue(span, 0, SPAN_EXPECTED)) != 0)
		return "not_complete";
	return strcmp(PQgetvalue(span, 0, SPAN_FINAL), PQgetvalue(span, 0, SPAN_EXPECTED)) != 0 ? "provisional" : "final";
}

static const char *price_words(const char *state)
{
	static const char *const words[][2] = {
		{ "known", "each day’s price" }, { "earlier", "some days at the price of an earlier day" },
		{ "mixed", "some days at an assumed price" }, { "assumed", "at an assumed price" },
		{ "incomplete", "only of the days with a known price" }, { "unknown", "no price is known" },
		{ "currencies", "prices in more than one currency" },
	};

	for (size_t i = 0; state && i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], state) == 0)
			return words[i][1];
	return "–";
}

static const char *peak_of(const PGresult *peaks, const char *model, int column)
{
	for (int i = 0; peaks && i < PQntuples(peaks); i++)
		if (strcmp(PQgetvalue(peaks, i, 0), model) == 0)
			return db_text(peaks, i, column);
	return NULL;
}

static void put_model(struct html_page *page, const PGresult *models, int i, const PGresult *peaks)
{
	const char *name = PQgetvalue(models, i, MODEL_NAME);
	bool whole = strcmp(PQgetvalue(models, i, MODEL_CALCULATIONS), PQgetvalue(models, i, MODEL_EXPECTED)) == 0;

	html_row_head(page, NULL, "", name);
	html_cell_figure(page, "bitcoin_mined", db_text(models, i, MODEL_BITCOIN), 8);
	html_cell_figure(page, "value_at_mining", db_text(models, i, MODEL_VALUE), 2);
	html_cell(page, db_text(models, i, MODEL_CURRENCY));
	html_cell_figure(page, "value_per_mwh", db_text(models, i, MODEL_VALUE_PER_MWH), 2);
	if (peaks) {
		html_cell_figure(page, "peak_machines", peak_of(peaks, name, 1), 0);
		html_cell_figure(page, "peak_share_percent", peak_of(peaks, name, 2), 2);
	}
	buf_adds(&page->out, "<td class=\"t\">");
	html_text(&page->out, price_words(db_text(models, i, MODEL_PRICE_STATE)));
	if (!whole) {
		buf_adds(&page->out, "; <b>not complete</b>: ");
		html_number(&page->out, PQgetvalue(models, i, MODEL_CALCULATIONS), 0);
		buf_adds(&page->out, " of ");
		html_number(&page->out, PQgetvalue(models, i, MODEL_EXPECTED), 0);
		buf_adds(&page->out, " calculated");
	}
	buf_adds(&page->out, "</td>");
	html_row_end(page);
}

void pages_put_models(struct html_page *page, const PGresult *models, const PGresult *peaks)
{
	if (PQntuples(models) == 0) {
		buf_adds(&page->out, "<p class=\"empty\">No miner model was in force.</p>\n");
		return;
	}
	html_table(page, "Bitcoin that all of this energy would have mined, by miner model",
		   peaks ? "Miner model|#BTC|#Value|Currency|#Value per MWh|#Machines at the peak|#% of the network|Valued at"
			 : "Miner model|#BTC|#Value|Currency|#Value per MWh|Valued at");
	for (int i = 0; i < PQntuples(models); i++)
		put_model(page, models, i, peaks);
	html_table_end(page);
	buf_adds(&page->out, "<p class=\"note\">This is what <em>all</em> the energy would have mined, whoever could have "
			     "owned the machines, at the difficulty of that time, which so many more machines would have raised. Fees are "
			     "not counted.</p>\n");
}

void pages_put_bitcoin_card(struct html_page *page, const PGresult *models)
{
	struct buf *out = &page->out;

	if (PQntuples(models) == 0)
		return;
	html_card(page, "Bitcoin, had all of it been mined");
	html_figure(out, "bitcoin_mined", db_text(models, 0, MODEL_BITCOIN), 2, "", " BTC");
	buf_adds(out, "</div><p class=\"note\">");
	if (!PQgetisnull(models, 0, MODEL_VALUE)) {
		html_figure(out, "value_at_mining", db_text(models, 0, MODEL_VALUE), 2, "", " ");
		html_text(out, db_text(models, 0, MODEL_CURRENCY));
		buf_addf(out, " (%s), ", price_words(db_text(models, 0, MODEL_PRICE_STATE)));
	}
	buf_adds(out, "with ");
	html_text(out, PQgetvalue(models, 0, MODEL_NAME));
	buf_adds(out, "; nobody could have owned so many machines");
	if (strcmp(PQgetvalue(models, 0, MODEL_CALCULATIONS), PQgetvalue(models, 0, MODEL_EXPECTED)) != 0)
		buf_adds(out, ", and some of it is not calculated");
	buf_adds(out, "</p></div>\n");
}

void pages_put_replacement(struct html_page *page, const PGresult *res, int row, int cost, int known, int periods)
{
	const char *pounds = db_text(res, row, cost), *of = PQgetvalue(res, row, known), *all = PQgetvalue(res, row, periods);
	struct buf *out = &page->out;

	if (!pounds || strcmp(of, "0") == 0)
		return;
	buf_adds(out, "<div><span class=\"big\">");
	html_figure(out, "replacement_cost", pounds, 2, "£", "");
	buf_adds(out, "</span>to turn others up");
	if (strcmp(of, all) != 0) {
		buf_adds(out, ", known for ");
		html_figure(out, "replacement_periods", of, 0, "", " of ");
		html_number(out, all, 0);
		buf_adds(out, " half hours");
	}
	buf_adds(out, "</div>");
}

void pages_bar_title(struct svg_bar *bar, const char *name, const char *mwh, const char *payment, const char *state)
{
	struct buf title = BUF_INIT;

	buf_adds(&title, name);
	buf_adds(&title, ": ");
	if (!mwh)
		buf_adds(&title, "not known");
	else {
		html_number(&title, mwh, 1);
		buf_adds(&title, " MWh");
	}
	if (mwh && payment) {
		buf_adds(&title, ", £");
		html_number(&title, payment, 0);
	}
	if (strcmp(state, "final") != 0)
		buf_addf(&title, " (%s)", strcmp(state, "not_complete") == 0 ? "not complete" : state);
	snprintf(bar->title, sizeof bar->title, "%s", title.data);
	buf_release(&title);
	bar->outline = -1;
	bar->sure = strcmp(state, "final") == 0 ? SVG_SURE : SVG_UNSURE;
}

void pages_put_revisions(struct html_page *page, const PGresult *revisions)
{
	if (PQntuples(revisions) == 0) {
		buf_adds(&page->out, "<p class=\"empty\">Nothing changed after it was final.</p>\n");
		return;
	}
	html_table(page, "Half hours that changed after they were final, the latest change first",
		   "Day|#Half hour|Changed at|#MWh before|#MWh after|#£ before|#£ after|By");
	for (int i = 0; i < PQntuples(revisions); i++) {
		html_row_head(page, "day/", PQgetvalue(revisions, i, 0), PQgetvalue(revisions, i, 0));
		html_cell_figure(page, "settlement_period", db_text(revisions, i, 1), 0);
		html_cell_instant(page, PQgetvalue(revisions, i, 2));
		html_cell_figure(page, "mwh_before", db_text(revisions, i, 3), 3);
		html_cell_figure(page, "mwh_after", db_text(revisions, i, 4), 3);
		html_cell_figure(page, "payment_before", db_text(revisions, i, 5), 2);
		html_cell_figure(page, "payment_after", db_text(revisions, i, 6), 2);
		html_cell(page, PQgetvalue(revisions, i, 7));
		html_row_end(page);
	}
	html_table_end(page);
}
