#include <stdio.h>
#include <string.h>

#include "query/site-day-half-hours.h"
#include "query/site-day-peak.h"
#include "query/site-farms.h"
#include "query/site-models.h"
#include "query/site-revisions.h"
#include "site/pages_db.h"

/* Columns of site-day-half-hours.sql. */
enum { HALF_HOUR, STARTS_AT, LONDON, STATUS, MWH, PAYMENT, FARMS, WIND };

static const char *const half_hour_columns[] = { "settlement_period", "starts_at", "london_time", "status",
						 "curtailed_mwh", "payment", "farms", "wind_generated_mwh", NULL };

static void put_lead(struct html_page *page, const PGresult *days, int row)
{
	struct buf *out = &page->out;

	buf_adds(out, "<div class=\"lead\"><div><span class=\"big\">");
	html_energy(out, "curtailed_mwh", db_text(days, row, DAY_MWH));
	buf_adds(out, "</span>of wind power turned down</div><div><span class=\"big\">");
	html_figure(out, "payment", db_text(days, row, DAY_PAYMENT), 2, "£", "");
	buf_adds(out, "</span>paid to the farms</div>");
	pages_put_replacement(page, days, row, DAY_REPLACEMENT, DAY_REPLACED_PERIODS, DAY_PERIODS);
	buf_adds(out, "</div>\n<p>");
	html_state(out, PQgetvalue(days, row, DAY_STATE));
	buf_adds(out, " ");
	html_figure(out, "periods_final", db_text(days, row, DAY_FINAL), 0, "", "");
	buf_adds(out, " of ");
	html_figure(out, "periods_expected", db_text(days, row, DAY_EXPECTED), 0, "", "");
	buf_adds(out, " half hours are final");
	if (strcmp(PQgetvalue(days, row, DAY_INGESTED), PQgetvalue(days, row, DAY_EXPECTED)) != 0) {
		buf_adds(out, ", ");
		html_figure(out, "periods_ingested", db_text(days, row, DAY_INGESTED), 0, "", "");
		buf_adds(out, " are fetched: the sums cover only these");
	}
	if (strcmp(PQgetvalue(days, row, DAY_SUSPECT), "0") != 0) {
		buf_adds(out, "; <b>");
		html_figure(out, "suspect", db_text(days, row, DAY_SUSPECT), 0, "", "");
		buf_adds(out, " are suspect</b>: the source now gives less than before, or more than is possible; "
			    "what was stored stays");
	}
	buf_adds(out, ".</p>\n");
	if (strcmp(PQgetvalue(days, row, DAY_STATE), "not_complete") != 0 &&
	    strcmp(PQgetvalue(days, row, DAY_PERIODS), "0") == 0)
		buf_adds(out, "<p class=\"empty\">No wind farm was turned down for the system on this day.</p>\n");
}

static void put_cards(struct html_page *page, const PGresult *days, int row, const PGresult *models)
{
	struct buf *out = &page->out;

	buf_adds(out, "<div class=\"cards\">\n");
	html_card(page, "Paid for a megawatt hour");
	html_figure(out, "payment_per_mwh", db_text(days, row, DAY_PER_MWH), 2, "£", "");
	html_card_end(page, NULL);
	html_card(page, "Share of the possible wind generation");
	html_figure(out, "curtailed_share_percent", db_text(days, row, DAY_SHARE), 1, "", " %");
	buf_adds(out, "</div><p class=\"note\">generation is known for ");
	html_figure(out, "wind_periods", db_text(days, row, DAY_WIND_PERIODS), 0, "", "");
	buf_addf(out, " of %s half hours</p></div>\n", PQgetvalue(days, row, DAY_EXPECTED));
	html_card(page, "Units turned down");
	html_figure(out, "units", db_text(days, row, DAY_UNITS), 0, "", "");
	buf_adds(out, "</div><p class=\"note\">in ");
	html_figure(out, "periods", db_text(days, row, DAY_PERIODS), 0, "", "");
	buf_adds(out, " half hours</p></div>\n");
	if (strcmp(PQgetvalue(days, row, DAY_BY_FARMS), "0") != 0) {
		html_card(page, "Paid by farms");
		html_figure(out, "payment_by_farms", db_text(days, row, DAY_BY_FARMS), 2, "£", "");
		html_card_end(page, "where the bid price was positive; the payment above is net of it");
	}
	pages_put_bitcoin_card(page, models);
	buf_adds(out, "</div>\n");
}

static void put_profile(struct html_page *page, const PGresult *half_hours, const char *csv)
{
	struct svg_bar bars[MAX_PERIODS];
	int n = PQntuples(half_hours);

	for (int i = 0; i < n && i < MAX_PERIODS; i++) {
		const char *status = PQgetvalue(half_hours, i, STATUS), *mwh = db_text(half_hours, i, MWH);
		struct svg_bar *bar = &bars[i];

		*bar = (struct svg_bar){ .part = { svg_value(mwh) } };
		pages_bar_title(bar, PQgetvalue(half_hours, i, LONDON), mwh, db_text(half_hours, i, PAYMENT),
				strcmp(status, "unfetched") == 0 ? "not fetched" : status);
		if (strcmp(status, "unfetched") == 0)
			bar->sure = SVG_ABSENT;
		bar->label = strcmp(PQgetvalue(half_hours, i, LONDON) + 2, ":00") == 0 && i % 4 == 0
			     ? PQgetvalue(half_hours, i, LONDON) : NULL;
	}
	html_section(page, "half-hours", "Half hour by half hour");
	svg_bars(page, "Energy turned down in each half hour",
		 "A bar for each half hour of the day, by London time; the data stand in the file below.",
		 "MWh in a half hour", bars, n);
	buf_adds(&page->out,
		 "<ul class=\"key\"><li><i class=\"k0\"></i>turned down</li><li><i class=\"kh\"></i>may still change</li>"
			     "<li><i class=\"kg\"></i>not fetched</li></ul>\n");
	html_data_link(page, csv);
	html_section_end(page);
}

static void put_neighbours(const struct site_data *data, struct html_page *page, int row)
{
	struct buf *out = &page->out;
	int n = PQntuples(data->days);

	buf_adds(out, "<nav class=\"steps\" aria-label=\"Neighbouring days\"><span>");
	if (row > 0)
		buf_addf(out, "<a rel=\"prev\" href=\"%s.html\">← %s</a>", PQgetvalue(data->days, row - 1, DAY_DATE),
			 PQgetvalue(data->days, row - 1, DAY_DATE));
	buf_addf(out, "</span><span><a href=\"../month/%.7s.html\">", PQgetvalue(data->days, row, DAY_DATE));
	{
		char month[8];

		snprintf(month, sizeof month, "%.7s", PQgetvalue(data->days, row, DAY_DATE));
		html_date(out, month);
	}
	buf_adds(out, "</a></span><span>");
	if (row + 1 < n)
		buf_addf(out, "<a rel=\"next\" href=\"%s.html\">%s →</a>", PQgetvalue(data->days, row + 1, DAY_DATE),
			 PQgetvalue(data->days, row + 1, DAY_DATE));
	buf_adds(out, "</span></nav>\n");
}

static void describe(const PGresult *days, int row, struct buf *title, struct buf *about)
{
	html_date(title, PQgetvalue(days, row, DAY_DATE));
	html_number(about, db_text(days, row, DAY_MWH), 1);
	buf_adds(about, " MWh of wind power turned down, £");
	html_number(about, db_text(days, row, DAY_PAYMENT), 2);
	buf_addf(about, " paid; %s",
		 strcmp(PQgetvalue(days, row, DAY_STATE), "not_complete") == 0 ? "not complete" : PQgetvalue(days, row, DAY_STATE));
}

static void put_day(struct site_data *data, int row, const char *file, const char *key)
{
	const char *date = PQgetvalue(data->days, row, DAY_DATE);
	struct buf title = BUF_INIT, about = BUF_INIT;
	struct html_page page;
	char picture[32];
	struct html_share share = { data->base, file, data->has_card[row] ? picture : NULL };
	PGresult *half_hours = db_query(data->db, query_site_day_half_hours, DB_ARGS(date));
	PGresult *models = db_query(data->db, query_site_models, DB_ARGS(date, date));
	PGresult *peaks = db_query(data->db, query_site_day_peak, DB_ARGS(date));
	PGresult *farms = db_query(data->db, query_site_farms, DB_ARGS(date, date, date, date));
	char csv[32];

	describe(data->days, row, &title, &about);
	snprintf(picture, sizeof picture, "card/%s.png", date);
	html_begin(&page, "../", key, title.data, about.data, "Days", &share);
	put_neighbours(data, &page, row);
	put_lead(&page, data->days, row);
	put_cards(&page, data->days, row, models);
	snprintf(csv, sizeof csv, "%s.csv", date);
	put_profile(&page, half_hours, csv);
	html_section(&page, "farms", "Farms");
	pages_put_farms(data, &page, farms, "farm", 1000, false, "All farms that were turned down, by energy");
	html_section_end(&page);
	html_section(&page, "mining", "Bitcoin");
	pages_put_models(&page, models, peaks);
	html_section_end(&page);
	if (strcmp(PQgetvalue(data->days, row, DAY_REVISIONS), "0") != 0) {
		PGresult *revisions = db_query(data->db, query_site_revisions, DB_ARGS(date, date));

		html_section(&page, "changed", "What changed since it was final");
		pages_put_revisions(&page, revisions);
		html_section_end(&page);
		PQclear(revisions);
	}
	snprintf(csv, sizeof csv, "day/%s.csv", date);
	pages_csv(data, csv, half_hours, half_hour_columns);
	site_put_page(data->site, file, &page);
	PQclear(half_hours);
	PQclear(models);
	PQclear(peaks);
	PQclear(farms);
	buf_release(&title);
	buf_release(&about);
}

void pages_days(struct site_data *data)
{
	int n = PQntuples(data->days);

	for (int row = 0; row < n; row++) {
		char key[65], file[40];
		struct buf around = BUF_INIT;

		/* A day's page names its neighbours, and where it and its picture will be. */
		buf_addf(&around, "%s %s %s%s", row > 0 ? PQgetvalue(data->days, row - 1, DAY_DATE) : "-",
			 row + 1 < n ? PQgetvalue(data->days, row + 1, DAY_DATE) : "-", data->base, data->has_card[row] ? " card" : "");
		pages_key(data, row, row + 1, around.data, key);
		buf_release(&around);
		snprintf(file, sizeof file, "day/%s.html", PQgetvalue(data->days, row, DAY_DATE));
		if (!site_has(data->site, file, key, true))
			put_day(data, row, file, key);
	}
}
