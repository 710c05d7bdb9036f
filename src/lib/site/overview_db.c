#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "query/site-farms.h"
#include "query/site-models.h"
#include "query/site-units.h"
#include "site/span_db.h"

/* The latest final day; or, where none is, the latest day. -1: nothing is stored. */
static int latest_final(const PGresult *days)
{
	int n = PQntuples(days);

	for (int i = n - 1; i >= 0; i--)
		if (strcmp(PQgetvalue(days, i, DAY_STATE), "final") == 0)
			return i;
	return n - 1;
}

static void put_day(struct html_page *page, const PGresult *days, int row, const char *id)
{
	struct buf *out = &page->out;
	const char *date = PQgetvalue(days, row, DAY_DATE);

	buf_addf(out, "<section id=\"%s\" data-day=\"%s\">\n<h2><a href=\"day/%s.html\">", id, date, date);
	html_date(out, date);
	buf_adds(out, "</a> ");
	html_state(out, PQgetvalue(days, row, DAY_STATE));
	buf_adds(out, "</h2>\n<div class=\"lead\"><div><span class=\"big\">");
	html_energy(out, "curtailed_mwh", db_text(days, row, DAY_MWH));
	buf_adds(out, "</span>of wind power turned down</div><div><span class=\"big\">");
	html_figure(out, "payment", db_text(days, row, DAY_PAYMENT), 2, "£", "");
	buf_adds(out, "</span>paid to the farms</div>");
	pages_put_replacement(page, days, row, DAY_REPLACEMENT, DAY_REPLACED_PERIODS, DAY_PERIODS);
	buf_adds(out, "</div>\n<p class=\"soft\">");
	if (!PQgetisnull(days, row, DAY_PER_MWH))
		html_figure(out, "payment_per_mwh", db_text(days, row, DAY_PER_MWH), 2, "£", " for a megawatt hour; ");
	html_figure(out, "units", db_text(days, row, DAY_UNITS), 0, "", " units in ");
	html_figure(out, "periods", db_text(days, row, DAY_PERIODS), 0, "", " of ");
	html_figure(out, "periods_expected", db_text(days, row, DAY_EXPECTED), 0, "", " half hours");
	if (!PQgetisnull(days, row, DAY_SHARE)) {
		buf_adds(out, "; ");
		html_figure(out, "curtailed_share_percent", db_text(days, row, DAY_SHARE), 1, "",
			    " % of the possible wind generation");
	}
	buf_adds(out, ".</p>\n</section>\n");
}

/* Days after the latest final one: what is known of them may still change. */
static void put_newer(struct html_page *page, const struct site_data *data, int final)
{
	struct buf *out = &page->out;
	int n = PQntuples(data->days);
	char today[DAY_TEXT];

	day_format(data->today, today);
	if (final + 1 >= n)
		return;
	html_section(page, "newer", "Since then, not final yet");
	html_table(page, "Days that may still change", "Day|State|#MWh so far|#£ so far|#Half hours fetched|#of");
	for (int i = n - 1; i > final && i > n - 12; i--) {
		const char *date = PQgetvalue(data->days, i, DAY_DATE);

		html_row_head(page, "day/", date, strcmp(date, today) == 0 ? "today, so far" : date);
		buf_adds(out, "<td>");
		html_state(out, PQgetvalue(data->days, i, DAY_STATE));
		buf_adds(out, "</td>");
		html_cell_figure(page, "curtailed_mwh", db_text(data->days, i, DAY_MWH), 1);
		html_cell_figure(page, "payment", db_text(data->days, i, DAY_PAYMENT), 2);
		html_cell_figure(page, "periods_ingested", db_text(data->days, i, DAY_INGESTED), 0);
		html_cell_figure(page, "periods_expected", db_text(data->days, i, DAY_EXPECTED), 0);
		html_row_end(page);
	}
	html_table_end(page);
	html_section_end(page);
}

static void put_year(struct html_page *page, const struct span_page *s, const PGresult *models)
{
	struct buf *out = &page->out;

	buf_addf(out, "<section id=\"year\">\n<h2><a href=\"year/%s.html\">%s so far</a> ", s->name, s->name);
	html_state(out, pages_span_state(s->stored));
	buf_adds(out, "</h2>\n<div class=\"lead\"><div><span class=\"big\">");
	html_energy(out, "curtailed_mwh", db_text(s->stored, 0, SPAN_MWH));
	buf_adds(out, "</span>of wind power turned down</div><div><span class=\"big\">");
	html_figure(out, "payment", db_text(s->stored, 0, SPAN_PAYMENT), 2, "£", "");
	buf_adds(out, "</span>paid to the farms</div>");
	pages_put_replacement(page, s->stored, 0, SPAN_REPLACEMENT, SPAN_REPLACED_PERIODS, SPAN_PERIODS);
	buf_adds(out, "</div>\n");
	span_put_change(page, s);
	buf_adds(out, "<div class=\"cards\">\n");
	html_card(page, "Paid for a megawatt hour");
	html_figure(out, "payment_per_mwh", db_text(s->stored, 0, SPAN_PER_MWH), 2, "£", "");
	html_card_end(page, NULL);
	html_card(page, "Share of the possible wind generation");
	html_figure(out, "curtailed_share_percent", db_text(s->stored, 0, SPAN_SHARE), 1, "", " %");
	buf_adds(out, "</div><p class=\"note\">generation is known for ");
	html_figure(out, "wind_periods", db_text(s->stored, 0, SPAN_WIND_PERIODS), 0, "", " of ");
	html_number(out, db_text(s->stored, 0, SPAN_EXPECTED), 0);
	buf_adds(out, " half hours</p></div>\n");
	html_card(page, "Units turned down");
	html_figure(out, "units", db_text(s->stored, 0, SPAN_UNITS), 0, "", "");
	html_card_end(page, NULL);
	pages_put_bitcoin_card(page, models);
	buf_adds(out, "</div>\n</section>\n");
}

/* Farms on a map, by the mean of their units' places. */
static void put_map(struct site_data *data, struct html_page *page, const PGresult *farms, const struct span_page *s)
{
	enum { FARM = 1, LATITUDE = 7, LONGITUDE };	/* of site-units.sql */
	int n = PQntuples(farms), placed = 0;
	struct svg_place *places = xmalloc((size_t)(n + 1) * sizeof *places);
	struct buf title = BUF_INIT;

	if (!data->units)
		data->units = db_query(data->db, query_site_units, DB_NO_ARGS);
	for (int i = 0; i < n && strcmp(PQgetvalue(farms, i, FARMS_KIND), "farm") == 0; i++) {
		const char *name = PQgetvalue(farms, i, FARMS_NAME);
		const struct named_page *to = pages_named(data, "farm", name);
		struct svg_place place = { .value = svg_value(db_text(farms, i, FARMS_MWH)) };
		int units = 0;

		for (int u = 0; u < PQntuples(data->units); u++)
			if (strcmp(PQgetvalue(data->units, u, FARM), name) == 0 && !PQgetisnull(data->units, u, LATITUDE)) {
				place.latitude += svg_value(PQgetvalue(data->units, u, LATITUDE));
				place.longitude += svg_value(PQgetvalue(data->units, u, LONGITUDE));
				units++;
			}
		if (units == 0)
			continue;
		place.latitude /= units;
		place.longitude /= units;
		buf_clear(&title);
		buf_addf(&title, "%.80s: ", name);
		html_number(&title, db_text(farms, i, FARMS_MWH), 0);
		buf_adds(&title, " MWh");
		snprintf(place.title, sizeof place.title, "%s", title.data);
		if (to)
			snprintf(place.href, sizeof place.href, "farm/%s.html", to->file);
		places[placed++] = place;
	}
	html_section(page, "map", "Where");
	buf_adds(&page->out, "<div class=\"two where\"><div>");
	svg_map(page, "Farms that were turned down this year",
		"A disc at each farm, its area in proportion to the energy turned down, the smallest dots of one size; the table "
		"beside it has the greatest.",
		places, placed);
	buf_addf(&page->out, "<p class=\"note\">%d %s of %.4s, the area of a disc in proportion to the energy, the smallest "
			     "dots of one size. ", placed, plural(placed, "farm", "farms"), s->name);
	buf_adds(&page->out, "<a href=\"farms.csv\">The data of this map as CSV</a></p></div>\n<div>");
	pages_put_farms(data, page, farms, "farm", 10, s->comparable, "The ten farms that lost most this year");
	buf_adds(&page->out, "<p><a href=\"farms.html\">All farms</a></p>\n");
	pages_put_farms(data, page, farms, "owner", 5, s->comparable, "The five owners that lost most this year");
	buf_adds(&page->out, "<p><a href=\"owners.html\">All owners</a></p></div></div>\n");
	html_section_end(page);
	free(places);
	buf_release(&title);
}

/* In pounds where that is known of any month of the year, and in the currency of the prices elsewhere. */
static int worth_column(const struct site_data *data, const char *year)
{
	for (int i = 0; i < PQntuples(data->months); i++)
		if (strncmp(PQgetvalue(data->months, i, MONTH_NAME), year, 4) == 0 &&
		    !PQgetisnull(data->months, i, MONTH_POUNDS_PER_MWH))
			return MONTH_POUNDS_PER_MWH;
	return MONTH_VALUE_PER_MWH;
}

/* What a farm was paid for a megawatt hour, and what bitcoin would have brought for it, by month: side by side where
 * both are in pounds, and below each other where they are not. */
static void put_worth(struct site_data *data, struct html_page *page, const struct span_page *s)
{
	enum { PAID, MINED };
	int column = worth_column(data, s->name), n = 0;
	bool pounds = column == MONTH_POUNDS_PER_MWH;
	struct svg_bar bars[2][12], both[24];
	const char *currency = pounds ? "£" : NULL;
	char labels[12][8], unit[32];

	for (int i = 0; i < PQntuples(data->months) && n < 12; i++) {
		const char *name = PQgetvalue(data->months, i, MONTH_NAME), *value = db_text(data->months, i, column);

		if (strncmp(name, s->name, 4) != 0)
			continue;
		currency = currency ? currency : db_text(data->months, i, MONTH_CURRENCY);
		snprintf(labels[n], sizeof labels[n], "%s", name);
		bars[PAID][n] = (struct svg_bar){ .part = { svg_value(db_text(data->months, i, MONTH_PER_MWH)) }, .outline = -1,
						  .label = labels[n] };
		snprintf(bars[PAID][n].title, sizeof bars[PAID][n].title, "%s: £%s paid to the farm", name,
			 pages_text(data->months, i, MONTH_PER_MWH));
		bars[MINED][n] = (struct svg_bar){ .part = { 0, svg_value(value) }, .outline = -1, .label = labels[n],
						   .sure = value ? SVG_SURE : SVG_ABSENT };
		snprintf(bars[MINED][n].title, sizeof bars[MINED][n].title, "%s: %s%s%s of bitcoin", name,
			 value ? value : "not known", value ? " " : "", value ? currency : "");
		both[2 * n] = bars[PAID][n];
		both[2 * n + 1] = bars[MINED][n];
		n++;
	}
	snprintf(unit, sizeof unit, "%.8s for a MWh", currency ? currency : "value");
	html_section(page, "worth", "What a megawatt hour was worth");
	if (pounds)
		svg_groups(page, "Payment for a curtailed megawatt hour, and the value of the bitcoin that it would have mined",
			   "Two bars for each month of the year.", unit, both, 2 * n, 2);
	else {
		svg_bars(page, "Payment for a curtailed megawatt hour", "A bar for each month of the year.", "£ for a MWh",
			 bars[PAID], n);
		svg_bars(page, "Value of the bitcoin that a curtailed megawatt hour would have mined",
			 "A bar for each month of the year.", unit, bars[MINED], n);
	}
	buf_adds(&page->out,
		 "<ul class=\"key\"><li><i class=\"k0\"></i>paid to the farm</li><li><i class=\"k1\"></i>bitcoin that ");
	html_text(&page->out, data->model);
	buf_adds(&page->out, " would have mined</li><li><i class=\"kg\"></i>not known</li></ul>\n");
	span_put_months_link(page, s);
	buf_addf(&page->out,
		 "<p class=\"note\">%s. Every figure, by month, is on the page of <a href=\"year/%s.html#months\">%s</a>.</p>\n",
		 pounds ? "Both in pounds, by the European Central Bank’s rates"
			: "Above in pounds, below in the currency of the prices", s->name, s->name);
	html_section_end(page);
}

/* The year of the latest day. */
static void load_latest_year(struct site_data *data, struct span_page *s)
{
	int n = PQntuples(data->days);

	*s = (struct span_page){ .is_year = true, .last_row = n };
	snprintf(s->name, sizeof s->name, "%.4s", PQgetvalue(data->days, n - 1, DAY_DATE));
	while (s->first_row < n && strncmp(PQgetvalue(data->days, s->first_row, DAY_DATE), s->name, 4) != 0)
		s->first_row++;
	span_fill(s, data);
	span_load(s, data);
}

static void put_every_day(struct site_data *data, struct html_page *page, const struct span_page *s)
{
	char csv[32];

	html_section(page, "days", "Every day of the year");
	span_put_days(data, page, s);
	snprintf(csv, sizeof csv, "year/%s.csv", s->name);
	html_data_link(page, csv);
	html_section_end(page);
}

static void put_mining(struct html_page *page, const PGresult *models)
{
	html_section(page, "mining", "Bitcoin");
	pages_put_models(page, models, NULL);
	buf_adds(&page->out, "<p><a href=\"mining.html\">What a fleet of machines would have earned, farm by farm</a></p>\n");
	html_section_end(page);
}

static void put_index(struct site_data *data)
{
	static const char *const farm_columns[] = { "kind", "name", "units", "curtailed_mwh", "payment", "payment_per_mwh",
						    "unit_hours", "share_percent", "curtailed_mwh_before", NULL };
	int final = latest_final(data->days);
	struct span_page year;
	struct html_page page;
	PGresult *farms, *models;

	html_begin(&page, "", data->all_days, "Wind power that Great Britain paid to switch off",
		   "Energy, payment and bitcoin of curtailed wind power, by half hour, day, farm and owner", "Overview", NULL);
	if (PQntuples(data->days) == 0) {
		buf_adds(&page.out,
			 "<p class=\"empty\">Nothing is stored yet: <code>scripts/daily</code> fetches the last days.</p>\n");
		site_put_page(data->site, "index.html", &page);
		return;
	}
	load_latest_year(data, &year);
	farms = db_query(data->db, query_site_farms, DB_ARGS(year.from, year.stored_to, year.before_from, year.before_to));
	models = db_query(data->db, query_site_models, DB_ARGS(year.from, year.stored_to));
	put_day(&page, data->days, final, "latest");
	put_newer(&page, data, final);
	put_year(&page, &year, models);
	/* What the mining page says first; that page was made before this one. */
	site_quote(data->site, "mining.html", "<section id=\"fleet\">", "</section>", &page.out);
	pages_put_trouble(data, &page);
	put_every_day(data, &page, &year);
	html_section(&page, "months", "Month by month, beside a year earlier");
	span_put_months(data, &page, &year);
	html_section_end(&page);
	put_map(data, &page, farms, &year);
	pages_csv(data, "farms.csv", farms, farm_columns);
	put_worth(data, &page, &year);
	span_put_profile(data, &page, &year);
	put_mining(&page, models);
	site_put_page(data->site, "index.html", &page);
	span_release(&year);
	PQclear(farms);
	PQclear(models);
}

/* Every year and month that has a page. */
static void put_days(struct site_data *data)
{
	struct html_page page;
	char year[8] = "";

	html_begin(&page, "", data->all_days, "Days, months and years", "Every day, month and year that is stored",
		   "Days", NULL);
	if (PQntuples(data->months) == 0)
		buf_adds(&page.out, "<p class=\"empty\">Nothing is stored yet.</p>\n");
	for (int i = PQntuples(data->months) - 1; i >= 0; i--) {
		const char *name = PQgetvalue(data->months, i, MONTH_NAME);

		if (strncmp(name, year, 4) != 0) {
			if (*year) {
				html_table_end(&page);
				html_section_end(&page);
			}
			snprintf(year, sizeof year, "%.4s", name);
			buf_addf(&page.out, "<section id=\"y%s\">\n<h2><a href=\"year/%s.html\">%s</a></h2>\n", year, year, year);
			html_table(&page, "The months of this year, the latest first", "Month|State|#Days|#MWh|#£|#£/MWh");
		}
		html_row_head(&page, "month/", name, name);
		buf_adds(&page.out, "<td>");
		html_state(&page.out, PQgetvalue(data->months, i, MONTH_STATE));
		buf_adds(&page.out, "</td>");
		html_cell_figure(&page, "days", db_text(data->months, i, MONTH_DAYS), 0);
		html_cell_figure(&page, "curtailed_mwh", db_text(data->months, i, MONTH_MWH), 1);
		html_cell_figure(&page, "payment", db_text(data->months, i, MONTH_PAYMENT), 2);
		html_cell_figure(&page, "payment_per_mwh", db_text(data->months, i, MONTH_PER_MWH), 2);
		html_row_end(&page);
	}
	if (*year) {
		html_table_end(&page);
		html_section_end(&page);
	}
	site_put_page(data->site, "days.html", &page);
}

void pages_overview(struct site_data *data)
{
	put_days(data);
	put_index(data);
}
