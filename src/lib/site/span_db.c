#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "query/site-farms.h"
#include "query/site-models.h"
#include "query/site-profile.h"
#include "query/site-revisions.h"
#include "query/site-span.h"
#include "site/span_db.h"

static bool is_whole(const PGresult *sums)
{
	return strcmp(pages_span_state(sums), "not_complete") != 0;
}

static void year_earlier(const char *date, char earlier[DAY_TEXT])
{
	int year, month, mday;
	day_t day = 0;

	day_parse(date, &day);
	day_to_civil(day, &year, &month, &mday);
	day_format(day_from_civil(year - 1, month, month == 2 && mday == 29 ? 28 : mday), earlier);
}

void span_fill(struct span_page *s, const struct site_data *data)
{
	int year = atoi(s->name), month = s->is_year ? 1 : atoi(s->name + 5);
	bool ends_year = s->is_year || month == 12;
	const char *last = PQgetvalue(data->days, s->last_row - 1, DAY_DATE);

	day_format(day_from_civil(year, month, 1), s->from);
	day_format((ends_year ? day_from_civil(year + 1, 1, 1) : day_from_civil(year, month + 1, 1)) - 1, s->to);
	snprintf(s->stored_to, sizeof s->stored_to, "%.10s", last);
	year_earlier(s->from, s->before_from);
	year_earlier(s->stored_to, s->before_to);
}

void span_load(struct span_page *s, const struct site_data *data)
{
	s->sums = db_query(data->db, query_site_span, DB_ARGS(s->from, s->to));
	s->stored = db_query(data->db, query_site_span, DB_ARGS(s->from, s->stored_to));
	s->before = db_query(data->db, query_site_span, DB_ARGS(s->before_from, s->before_to));
	s->comparable = is_whole(s->stored) && is_whole(s->before);
}

void span_release(struct span_page *s)
{
	PQclear(s->sums);
	PQclear(s->stored);
	PQclear(s->before);
}

void span_put_change(struct html_page *page, const struct span_page *s)
{
	struct buf *out = &page->out;

	if (s->comparable) {
		buf_adds(out, "<p><b>");
		if (html_change(out, db_text(s->stored, 0, SPAN_MWH), db_text(s->before, 0, SPAN_MWH))) {
			buf_addf(out, "</b> in the same days of %.4s, %s to %s: ", s->before_from, s->before_from, s->before_to);
			html_energy(out, "curtailed_mwh_before", db_text(s->before, 0, SPAN_MWH));
			buf_adds(out, " and ");
			html_figure(out, "payment_before", db_text(s->before, 0, SPAN_PAYMENT), 2, "£", "");
			buf_adds(out, ".</p>\n");
			return;
		}
		buf_adds(out, "nothing</b> was turned down in the same days a year earlier.</p>\n");
		return;
	}
	buf_adds(out, "<p>It cannot be compared with the same days a year earlier: ");
	html_figure(out, "days_before", db_text(s->before, 0, SPAN_DAYS), 0, "", "");
	buf_adds(out, " of ");
	html_number(out, db_text(s->before, 0, SPAN_DAYS_EXPECTED), 0);
	buf_adds(out, " of them are stored.</p>\n");
}

static void put_lead(struct html_page *page, const struct span_page *s)
{
	struct buf *out = &page->out;

	buf_adds(out, "<div class=\"lead\"><div><span class=\"big\">");
	html_energy(out, "curtailed_mwh", db_text(s->sums, 0, SPAN_MWH));
	buf_adds(out, "</span>of wind power turned down</div><div><span class=\"big\">");
	html_figure(out, "payment", db_text(s->sums, 0, SPAN_PAYMENT), 2, "£", "");
	buf_adds(out, "</span>paid to the farms</div>");
	pages_put_replacement(page, s->sums, 0, SPAN_REPLACEMENT, SPAN_REPLACED_PERIODS, SPAN_PERIODS);
	buf_adds(out, "</div>\n<p>");
	html_state(out, pages_span_state(s->sums));
	buf_adds(out, " ");
	html_figure(out, "days", db_text(s->sums, 0, SPAN_DAYS), 0, "", "");
	buf_adds(out, " of ");
	html_figure(out, "days_expected", db_text(s->sums, 0, SPAN_DAYS_EXPECTED), 0, "", "");
	buf_adds(out, " days are stored; ");
	html_figure(out, "periods_final", db_text(s->sums, 0, SPAN_FINAL), 0, "", "");
	buf_adds(out, " of ");
	html_figure(out, "periods_expected", db_text(s->sums, 0, SPAN_EXPECTED), 0, "", "");
	buf_adds(out, " half hours are final.</p>\n");
	span_put_change(page, s);
}

static void put_cards(struct html_page *page, const PGresult *sums, const PGresult *models)
{
	struct buf *out = &page->out;

	buf_adds(out, "<div class=\"cards\">\n");
	html_card(page, "Paid for a megawatt hour");
	html_figure(out, "payment_per_mwh", db_text(sums, 0, SPAN_PER_MWH), 2, "£", "");
	html_card_end(page, NULL);
	html_card(page, "Share of the possible wind generation");
	html_figure(out, "curtailed_share_percent", db_text(sums, 0, SPAN_SHARE), 1, "", " %");
	buf_adds(out, "</div><p class=\"note\">generation is known for ");
	html_figure(out, "wind_periods", db_text(sums, 0, SPAN_WIND_PERIODS), 0, "", "");
	buf_adds(out, " of ");
	html_number(out, db_text(sums, 0, SPAN_EXPECTED), 0);
	buf_adds(out, " half hours</p></div>\n");
	html_card(page, "Units turned down");
	html_figure(out, "units", db_text(sums, 0, SPAN_UNITS), 0, "", "");
	buf_adds(out, "</div><p class=\"note\">in ");
	html_figure(out, "periods", db_text(sums, 0, SPAN_PERIODS), 0, "", "");
	buf_adds(out, " half hours</p></div>\n");
	pages_put_bitcoin_card(page, models);
	buf_adds(out, "</div>\n");
}

/* Days of a month as bars, of a year as a calendar. */
void span_put_days(const struct site_data *data, struct html_page *page, const struct span_page *s)
{
	day_t first = 0, last = 0;
	struct svg_bar *bars;
	char (*labels)[4];
	int n;

	day_parse(s->from, &first);
	day_parse(s->to, &last);
	n = (int)(last - first) + 1;
	bars = xmalloc((size_t)n * sizeof *bars);
	labels = xmalloc((size_t)n * sizeof *labels);
	for (int i = 0; i < n; i++) {
		char date[DAY_TEXT];
		int row = pages_day(data, day_format(first + i, date));

		bars[i] = (struct svg_bar){ .sure = SVG_ABSENT };
		snprintf(labels[i], sizeof labels[i], "%d", (i + 1) % 100);
		if (row < 0)
			snprintf(bars[i].title, sizeof bars[i].title, "%s: nothing is stored", date);
		else {
			bars[i].part[0] = svg_value(db_text(data->days, row, DAY_MWH));
			pages_bar_title(&bars[i], date, db_text(data->days, row, DAY_MWH), db_text(data->days, row, DAY_PAYMENT),
					PQgetvalue(data->days, row, DAY_STATE));
			snprintf(bars[i].href, sizeof bars[i].href, "day/%s.html", date);
		}
		bars[i].outline = -1;
		bars[i].label = i % 2 == 0 ? labels[i] : NULL;
	}
	if (s->is_year)
		svg_calendar(page, "Energy turned down on each day",
			     "A square for each day of the year, the darker the more; the days stand in the tables of the months.",
			     atoi(s->name), bars, n);
	else
		svg_bars(page, "Energy turned down on each day",
			 "A bar for each day of the month; the same figures stand in the table below.", "MWh a day", bars, n);
	free(bars);
	free(labels);
}

/* Months by the side of B6, with the outline of the year before. */
void span_put_months(const struct site_data *data, struct html_page *page, const struct span_page *s)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
					     "Nov", "Dec" };
	struct svg_bar bars[12];

	for (int m = 0; m < 12; m++) {
		char name[32], before[32];
		int row, old;

		snprintf(name, sizeof name, "%.4s-%02d", s->name, m + 1);
		snprintf(before, sizeof before, "%04d-%02d", atoi(s->name) - 1, m + 1);
		row = pages_month(data, name);
		old = pages_month(data, before);
		bars[m] = (struct svg_bar){ .sure = SVG_ABSENT, .label = names[m] };
		snprintf(bars[m].title, sizeof bars[m].title, "%s: nothing is stored", name);
		if (row >= 0) {
			for (int p = 0; p < 3; p++)
				bars[m].part[p] = svg_value(db_text(data->months, row, MONTH_NORTH + p));
			pages_bar_title(&bars[m], name, db_text(data->months, row, MONTH_MWH), db_text(data->months, row, MONTH_PAYMENT),
					PQgetvalue(data->months, row, MONTH_STATE));
			snprintf(bars[m].href, sizeof bars[m].href, "month/%s.html", name);
		}
		bars[m].outline = old >= 0 ? svg_value(db_text(data->months, old, MONTH_MWH)) : -1;
	}
	svg_bars(page, "Energy turned down in each month",
		 "A bar for each month, split by the side of the circuits between Scotland and England on which its farms stand; the "
		 "dashed outline is the month a year earlier.", "MWh a month", bars, 12);
	buf_adds(&page->out, "<ul class=\"key\"><li><i class=\"k0\"></i>north of the border circuits (B6)</li><li>"
			     "<i class=\"k1\"></i>south of them</li>"
			     "<li><i class=\"k2\"></i>not placed</li><li><i class=\"kg\"></i>a year earlier</li>"
			     "<li><i class=\"kh\"></i>may still change, or not complete</li></ul>\n");
	span_put_months_link(page, s);
}

void span_put_months_link(struct html_page *page, const struct span_page *s)
{
	char csv[40];

	snprintf(csv, sizeof csv, "%s%s-months.csv", *page->up ? "" : "year/", s->name);
	html_data_link(page, csv);
}

/* The months of a year and of the one before: what its charts show. */
static void put_months_csv(struct site_data *data, const struct span_page *s)
{
	static const char *const columns[] = { "year_month", "state", "days", "curtailed_mwh", "payment", "payment_per_mwh",
					       "curtailed_share_percent",
					       "north_mwh", "south_mwh", "not_placed_mwh", "bitcoin_mined", "value_at_mining", "currency",
					       "value_per_mwh", "value_per_mwh_gbp", NULL };
	char name[40], before[16];
	struct buf file = BUF_INIT;

	snprintf(before, sizeof before, "%04d", atoi(s->name) - 1);
	pages_csv_begin(&file, columns);
	for (int i = 0; i < PQntuples(data->months); i++) {
		const char *month = PQgetvalue(data->months, i, MONTH_NAME);

		if (strncmp(month, s->name, 4) == 0 || strncmp(month, before, 4) == 0)
			pages_csv_row(&file, data->months, i, columns);
	}
	snprintf(name, sizeof name, "year/%s-months.csv", s->name);
	site_put(data->site, name, &file);
	buf_release(&file);
}

static void put_month_table(const struct site_data *data, struct html_page *page, const struct span_page *s)
{
	html_table(page, "The months, with the payment and the value of bitcoin for a curtailed megawatt hour",
		   "Month|State|#MWh|#£|#£/MWh|#Share %|#BTC|#Value/MWh|Currency|#The same, £/MWh");
	for (int i = 0; i < PQntuples(data->months); i++) {
		const char *name = PQgetvalue(data->months, i, MONTH_NAME);

		if (strncmp(name, s->name, 4) != 0)
			continue;
		html_row_head(page, "month/", name, name);
		buf_adds(&page->out, "<td>");
		html_state(&page->out, PQgetvalue(data->months, i, MONTH_STATE));
		buf_adds(&page->out, "</td>");
		html_cell_figure(page, "curtailed_mwh", db_text(data->months, i, MONTH_MWH), 1);
		html_cell_figure(page, "payment", db_text(data->months, i, MONTH_PAYMENT), 2);
		html_cell_figure(page, "payment_per_mwh", db_text(data->months, i, MONTH_PER_MWH), 2);
		html_cell_figure(page, "curtailed_share_percent", db_text(data->months, i, MONTH_SHARE), 1);
		html_cell_figure(page, "bitcoin_mined", db_text(data->months, i, MONTH_BITCOIN), 8);
		html_cell_figure(page, "value_per_mwh", db_text(data->months, i, MONTH_VALUE_PER_MWH), 2);
		html_cell(page, db_text(data->months, i, MONTH_CURRENCY));
		html_cell_figure(page, "value_per_mwh_gbp", db_text(data->months, i, MONTH_POUNDS_PER_MWH), 2);
		html_row_end(page);
	}
	html_table_end(page);
	buf_adds(&page->out, "<p class=\"note\">BTC and its value are of ");
	html_text(&page->out, data->model);
	buf_adds(&page->out, ", if all the energy had been mined with it.</p>\n");
}

static void put_day_table(const struct site_data *data, struct html_page *page, const struct span_page *s)
{
	html_table(page, "The days of this month", "Day|State|#MWh|#£|#£/MWh|#Share %|#Units|#Half hours");
	for (int i = s->first_row; i < s->last_row; i++) {
		html_row_head(page, "day/", PQgetvalue(data->days, i, DAY_DATE), PQgetvalue(data->days, i, DAY_DATE));
		buf_adds(&page->out, "<td>");
		html_state(&page->out, PQgetvalue(data->days, i, DAY_STATE));
		buf_adds(&page->out, "</td>");
		html_cell_figure(page, "curtailed_mwh", db_text(data->days, i, DAY_MWH), 3);
		html_cell_figure(page, "payment", db_text(data->days, i, DAY_PAYMENT), 2);
		html_cell_figure(page, "payment_per_mwh", db_text(data->days, i, DAY_PER_MWH), 2);
		html_cell_figure(page, "curtailed_share_percent", db_text(data->days, i, DAY_SHARE), 1);
		html_cell_figure(page, "units", db_text(data->days, i, DAY_UNITS), 0);
		html_cell_figure(page, "periods", db_text(data->days, i, DAY_PERIODS), 0);
		html_row_end(page);
	}
	html_table_end(page);
}

void span_put_profile(struct site_data *data, struct html_page *page, const struct span_page *s)
{
	static const char *const columns[] = { "settlement_period", "days", "mean_mwh", NULL };
	PGresult *profile = db_query(data->db, query_site_profile, DB_ARGS(s->from, s->to));
	struct svg_bar bars[MAX_PERIODS];
	char labels[MAX_PERIODS][8];
	char csv[48];
	int n = 0;

	/* Periods 49 and 50 are of one day in October: a mean beside means of a whole year would mislead. */
	for (int i = 0; i < PQntuples(profile) && i < MAX_PERIODS && db_int(profile, i, 0) <= 48; i++, n++) {
		int period = db_int(profile, i, 0);

		snprintf(labels[i], sizeof labels[i], "%02d:%02d", (period - 1) / 2 % 100, (period - 1) % 2 * 30);
		bars[i] = (struct svg_bar){ .part = { svg_value(db_text(profile, i, 2)) }, .label = i % 4 == 0 ? labels[i] : NULL,
					    .outline = -1 };
		snprintf(bars[i].title, sizeof bars[i].title, "half hour %d: %s MWh, mean of %s %s", period,
			 PQgetvalue(profile, i, 2), PQgetvalue(profile, i, 1),
			 plural_of(PQgetvalue(profile, i, 1), "day", "days"));
	}
	html_section(page, "profile", "The mean day");
	svg_bars(page, "Mean energy turned down in each half hour",
		 "A bar for each half hour of the day, the mean of the days on which it was fetched.", "MWh in a half hour", bars, n);
	buf_adds(&page->out, "<p class=\"note\">Half hours are counted from midnight: on a day on which the clocks change, "
			     "those after it are an hour off, and the 49th and 50th of October’s day are in the file alone.</p>\n");
	snprintf(csv, sizeof csv, "%s%s-profile.csv", *page->up ? "" : "year/", s->name);
	html_data_link(page, csv);
	if (*page->up) {
		snprintf(csv, sizeof csv, "%s/%s-profile.csv", s->is_year ? "year" : "month", s->name);
		pages_csv(data, csv, profile, columns);
	}
	html_section_end(page);
	PQclear(profile);
}

static void put_csv(struct site_data *data, const struct span_page *s, const char *name)
{
	static const char *const columns[] = { "settlement_date", "state", "curtailed_mwh", "payment", "payment_to_farms",
					       "payment_by_farms",
					       "payment_per_mwh", "curtailed_share_percent", "wind_periods", "periods", "periods_ingested",
					       "periods_final", "periods_expected", "units", NULL };
	struct buf file = BUF_INIT;

	pages_csv_begin(&file, columns);
	for (int i = s->first_row; i < s->last_row; i++)
		pages_csv_row(&file, data->days, i, columns);
	site_put(data->site, name, &file);
	buf_release(&file);
}

static void put_steps(const struct site_data *data, struct html_page *page, const struct span_page *s)
{
	struct buf *out = &page->out;

	buf_adds(out, "<nav class=\"steps\" aria-label=\"Neighbouring spans\"><span>");
	if (s->first_row > 0) {
		buf_addf(out, "<a rel=\"prev\" href=\"%.*s.html\">← ", s->is_year ? 4 : 7,
			 PQgetvalue(data->days, s->first_row - 1, DAY_DATE));
		buf_addf(out, "%.*s</a>", s->is_year ? 4 : 7, PQgetvalue(data->days, s->first_row - 1, DAY_DATE));
	}
	buf_adds(out, "</span><span>");
	if (!s->is_year)
		buf_addf(out, "<a href=\"../year/%.4s.html\">%.4s</a>", s->name, s->name);
	buf_adds(out, "</span><span>");
	if (s->last_row < PQntuples(data->days)) {
		buf_addf(out, "<a rel=\"next\" href=\"%.*s.html\">", s->is_year ? 4 : 7,
			 PQgetvalue(data->days, s->last_row, DAY_DATE));
		buf_addf(out, "%.*s →</a>", s->is_year ? 4 : 7, PQgetvalue(data->days, s->last_row, DAY_DATE));
	}
	buf_adds(out, "</span></nav>\n");
}

static void put_sections(struct site_data *data, struct html_page *page, const struct span_page *s,
			 const PGresult *models, const char *csv)
{
	PGresult *farms = db_query(data->db, query_site_farms, DB_ARGS(s->from, s->to, s->before_from, s->before_to));
	PGresult *revisions = db_query(data->db, query_site_revisions, DB_ARGS(s->from, s->to));

	html_section(page, "days", "Day by day");
	span_put_days(data, page, s);
	html_data_link(page, csv);
	if (!s->is_year)
		put_day_table(data, page, s);
	html_section_end(page);
	if (s->is_year) {
		html_section(page, "months", "Month by month");
		span_put_months(data, page, s);
		put_month_table(data, page, s);
		html_section_end(page);
	}
	span_put_profile(data, page, s);
	html_section(page, "farms", "Who was turned down most");
	pages_put_farms(data, page, farms, "farm", 10, s->comparable, "The ten farms that lost most");
	pages_put_farms(data, page, farms, "owner", 10, s->comparable, "The ten owners that lost most");
	if (s->comparable)
		buf_adds(&page->out, "<p class=\"note\">The change is that of the energy, from the same days a year earlier.</p>\n");
	html_section_end(page);
	html_section(page, "mining", "Bitcoin");
	pages_put_models(page, models, NULL);
	html_section_end(page);
	html_section(page, "changed", "What changed since it was final");
	pages_put_revisions(page, revisions);
	html_section_end(page);
	PQclear(farms);
	PQclear(revisions);
}

static void put_span(struct site_data *data, struct span_page *s, const char *file, const char *key)
{
	struct buf title = BUF_INIT, about = BUF_INIT;
	struct html_page page;
	struct html_share share = { data->base, file, NULL };
	PGresult *models = db_query(data->db, query_site_models, DB_ARGS(s->from, s->to));
	char csv[32];

	span_load(s, data);
	html_date(&title, s->name);
	html_number(&about, db_text(s->sums, 0, SPAN_MWH), 0);
	buf_adds(&about, " MWh of wind power turned down, £");
	html_number(&about, db_text(s->sums, 0, SPAN_PAYMENT), 2);
	buf_adds(&about, " paid");
	html_begin(&page, "../", key, title.data, about.data, "Days", &share);
	put_steps(data, &page, s);
	put_lead(&page, s);
	put_cards(&page, s->sums, models);
	snprintf(csv, sizeof csv, "%s.csv", s->name);
	put_sections(data, &page, s, models, csv);
	snprintf(csv, sizeof csv, "%s/%s.csv", s->is_year ? "year" : "month", s->name);
	put_csv(data, s, csv);
	if (s->is_year)
		put_months_csv(data, s);
	site_put_page(data->site, file, &page);
	span_release(s);
	PQclear(models);
	buf_release(&title);
	buf_release(&about);
}

/* The key of a span is its days', those of the year before (a change is told), and what lies on both sides. */
static void span_key(const struct site_data *data, const struct span_page *s, char key[65])
{
	char first[DAY_TEXT], before[65];
	struct buf more = BUF_INIT;
	int from = 0, to;

	snprintf(first, sizeof first, "%s", s->before_from);
	while (from < s->first_row && strcmp(PQgetvalue(data->days, from, DAY_DATE), first) < 0)
		from++;
	for (to = from; to < s->first_row && strncmp(PQgetvalue(data->days, to, DAY_DATE), first, s->is_year ? 4 : 7) == 0;)
		to++;
	pages_key(data, from, to, "before", before);
	buf_addf(&more, "%s %s %s %s", before, s->first_row > 0 ? PQgetvalue(data->days, s->first_row - 1, DAY_DATE) : "-",
		 s->last_row < PQntuples(data->days) ? PQgetvalue(data->days, s->last_row, DAY_DATE) : "-", data->model);
	buf_addf(&more, " %s", data->base);
	/* Exchange rates stand in no digest of a day. */
	for (int i = 0; s->is_year && i < PQntuples(data->months); i++)
		if (strncmp(PQgetvalue(data->months, i, MONTH_NAME), s->name, 4) == 0)
			buf_addf(&more, " %s", PQgetvalue(data->months, i, MONTH_POUNDS_PER_MWH));
	pages_key(data, s->first_row, s->last_row, more.data, key);
	buf_release(&more);
}

static void put_spans(struct site_data *data, bool years)
{
	int n = PQntuples(data->days), digits = years ? 4 : 7;

	for (int row = 0; row < n;) {
		struct span_page s = { .is_year = years, .first_row = row };
		char key[65], file[48];

		snprintf(s.name, sizeof s.name, "%.*s", digits, PQgetvalue(data->days, row, DAY_DATE));
		while (row < n && strncmp(PQgetvalue(data->days, row, DAY_DATE), s.name, (size_t)digits) == 0)
			row++;
		s.last_row = row;
		span_fill(&s, data);
		span_key(data, &s, key);
		snprintf(file, sizeof file, "%s/%s.html", years ? "year" : "month", s.name);
		if (site_has(data->site, file, key, true)) {
			snprintf(file, sizeof file, "%s/%s-profile.csv", years ? "year" : "month", s.name);
			site_keep(data->site, file);
			snprintf(file, sizeof file, "year/%s-months.csv", s.name);
			if (years)
				site_keep(data->site, file);
		} else
			put_span(data, &s, file, key);
	}
}

void pages_spans(struct site_data *data)
{
	put_spans(data, false);
	put_spans(data, true);
}
