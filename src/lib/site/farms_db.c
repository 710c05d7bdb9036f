#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact/decimal.h"
#include "query/site-farms.h"
#include "query/site-units.h"
#include "site/pages_db.h"

/* Columns of site-units.sql. */
enum { UNIT_ID, UNIT_FARM, UNIT_OWNER, UNIT_NAME, UNIT_PARTY, UNIT_CAPACITY, UNIT_PLACE, UNIT_LATITUDE, UNIT_LONGITUDE,
       UNIT_FIRST, UNIT_LAST };

/* The sums of some rows; what is not known in one of them is not known of all. */
struct sums {
	struct decimal mwh, payment, hours, bitcoin;
	bool bitcoin_known;
};

static void sums_init(struct sums *s)
{
	decimal_init(&s->mwh);
	decimal_init(&s->payment);
	decimal_init(&s->hours);
	decimal_init(&s->bitcoin);
	s->bitcoin_known = true;
}

static void sums_release(struct sums *s)
{
	decimal_release(&s->mwh);
	decimal_release(&s->payment);
	decimal_release(&s->hours);
	decimal_release(&s->bitcoin);
}

static void add(struct decimal *to, const char *text)
{
	struct decimal d;
	struct reason why;

	decimal_init(&d);
	if (decimal_parse_text(&d, text, DECIMAL_PLAIN, &why))
		decimal_add(to, to, &d);
	decimal_release(&d);
}

static void sums_add(struct sums *s, const struct farm_sums *row)
{
	add(&s->mwh, row->value[FARM_MWH]);
	add(&s->payment, row->value[FARM_PAYMENT]);
	add(&s->hours, row->value[FARM_HOURS]);
	s->bitcoin_known &= row->value[FARM_BITCOIN] != NULL;
	if (s->bitcoin_known)
		add(&s->bitcoin, row->value[FARM_BITCOIN]);
}

static void put_decimal(struct html_page *page, const char *name, const struct decimal *d, int places)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_TRIM_ZEROS, &text);
	html_cell_figure(page, name, text.data, places);
	buf_release(&text);
}

static void put_sums(struct html_page *page, const struct sums *s)
{
	put_decimal(page, "curtailed_mwh", &s->mwh, 1);
	put_decimal(page, "payment", &s->payment, 2);
	put_decimal(page, "unit_hours", &s->hours, 1);
	if (s->bitcoin_known)
		put_decimal(page, "bitcoin_mined", &s->bitcoin, 8);
	else
		html_cell_figure(page, "bitcoin_mined", NULL, 8);
}

/* The years, each the sum of its months. */
static void put_years(const struct site_data *data, struct html_page *page, const struct named_page *named)
{
	const struct farm_sums *row = named->months, *end = row + named->n_months;

	html_section(page, "years", "Year by year");
	html_table(page, "Energy, payment and bitcoin by year", "Year|#MWh|#£|#Unit hours|#BTC");
	while (row < end) {
		struct sums s;
		char year[8];

		sums_init(&s);
		snprintf(year, sizeof year, "%.4s", row->value[FARM_DATE]);
		for (; row < end && strncmp(row->value[FARM_DATE], year, 4) == 0; row++)
			sums_add(&s, row);
		html_row_head(page, "year/", year, year);
		put_sums(page, &s);
		html_row_end(page);
		sums_release(&s);
	}
	html_table_end(page);
	buf_adds(&page->out,
		 "<p class=\"note\">Unit hours count each unit’s half hours. BTC is what all this energy would have mined with ");
	html_text(&page->out, data->model);
	buf_adds(&page->out, ", if that many machines had stood there.</p>\n");
	html_section_end(page);
}

/* Of a month that is not stored nothing is known. */
static const char *state_of(const struct site_data *data, const char *month)
{
	int row = pages_month(data, month);

	return row < 0 ? "not_complete" : PQgetvalue(data->months, row, MONTH_STATE);
}

/* The last 36 months with energy or between them. */
static void put_months(const struct site_data *data, struct html_page *page, const struct named_page *named,
		       const char *csv)
{
	enum { MOST = 36 };
	const struct farm_sums *row = named->months, *after = row + named->n_months;
	const char *end = after[-1].value[FARM_DATE], *begin = row->value[FARM_DATE];
	int last = atoi(end) * 12 + atoi(end + 5) - 1, first = atoi(begin) * 12 + atoi(begin + 5) - 1;
	struct svg_bar bars[MOST];
	char labels[MOST][16];

	if (last - first >= MOST)
		first = last - MOST + 1;
	for (int at = first; at <= last; at++) {
		struct svg_bar *bar = &bars[at - first];
		char month[16];

		snprintf(month, sizeof month, "%04d-%02d", at / 12, at % 12 + 1);
		snprintf(labels[at - first], sizeof labels[at - first], "%02d/%02d", at % 12 + 1, at / 12 % 100);
		while (row < after && strcmp(row->value[FARM_DATE], month) < 0)
			row++;
		*bar = (struct svg_bar){ .label = (last - at) % (1 + (last - first) / 13) == 0 ? labels[at - first] : NULL };
		if (row < after && strcmp(row->value[FARM_DATE], month) == 0) {
			bar->part[0] = svg_value(row->value[FARM_MWH]);
			pages_bar_title(bar, month, row->value[FARM_MWH], row->value[FARM_PAYMENT], state_of(data, month));
			snprintf(bar->href, sizeof bar->href, "month/%s.html", month);
		} else
			pages_bar_title(bar, month, "0", NULL, state_of(data, month));
	}
	html_section(page, "months", "Month by month");
	svg_bars(page, "Energy turned down in each month",
		 "A bar for each of the last months; the data stand in the file below.", "MWh a month", bars, last - first + 1);
	html_data_link(page, csv);
	html_section_end(page);
}

static void put_worst_days(struct html_page *page, const struct named_page *named)
{
	html_section(page, "days", "Its ten greatest days");
	html_table(page, "The days on which most was turned down", "Day|#MWh|#£|#Unit hours");
	for (int i = 0; i < named->n_days; i++) {
		char *const *value = named->days[i].sums.value;

		html_row_head(page, "day/", value[FARM_DATE], value[FARM_DATE]);
		html_cell_figure(page, "curtailed_mwh", value[FARM_MWH], 3);
		html_cell_figure(page, "payment", value[FARM_PAYMENT], 2);
		html_cell_figure(page, "unit_hours", value[FARM_HOURS], 1);
		html_row_end(page);
	}
	html_table_end(page);
	html_section_end(page);
}

static void put_units(struct site_data *data, struct html_page *page, const struct named_page *named)
{
	const PGresult *rows = data->units;
	int column = strcmp(named->kind, "farm") == 0 ? UNIT_FARM : UNIT_OWNER;

	html_section(page, "units", "Its units");
	html_table(page, "The units, as the register and the list of sites have them now",
		   "Unit|Registered as|Lead party|Farm|#MW|Place|First day|Last day");
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct named_page *farm;

		if (strcmp(PQgetvalue(rows, i, column), named->name) != 0)
			continue;
		farm = pages_named(data, "farm", PQgetvalue(rows, i, UNIT_FARM));
		html_row_head(page, NULL, "", PQgetvalue(rows, i, UNIT_ID));
		html_cell(page, db_text(rows, i, UNIT_NAME));
		html_cell(page, db_text(rows, i, UNIT_PARTY));
		html_cell_link(page, farm ? "farm/" : NULL, farm ? farm->file : "", PQgetvalue(rows, i, UNIT_FARM));
		html_cell_figure(page, "capacity_mw", db_text(rows, i, UNIT_CAPACITY), 1);
		html_cell(page, PQgetisnull(rows, i, UNIT_PLACE) ? "not placed" : PQgetvalue(rows, i, UNIT_PLACE));
		html_cell_link(page, "day/", PQgetvalue(rows, i, UNIT_FIRST), PQgetvalue(rows, i, UNIT_FIRST));
		html_cell_link(page, "day/", PQgetvalue(rows, i, UNIT_LAST), PQgetvalue(rows, i, UNIT_LAST));
		html_row_end(page);
	}
	html_table_end(page);
	html_section_end(page);
}

static void put_csv(struct site_data *data, const struct named_page *named, const char *name)
{
	static const char *const columns[] = { "year_month", "units", "curtailed_mwh", "payment", "unit_hours",
					       "bitcoin_mined", NULL };
	struct tsv_writer w = { .format = CSV };
	struct buf file = BUF_INIT;

	buf_adds(&file, "year_month,units,curtailed_mwh,payment,unit_hours,bitcoin_mined\n");
	tsv_begin(&w, NULL, columns);
	for (size_t i = 0; i < named->n_months; i++) {
		for (int c = 0; c < N_FARM_COLUMNS; c++)
			tsv_text(&w, named->months[i].value[c]);
		tsv_end_row(&w);
	}
	buf_add(&file, w.line.data, w.line.len);
	site_put(data->site, name, &file);
	tsv_release(&w);
	buf_release(&file);
}

static void put_named(struct site_data *data, const struct named_page *named, const char *file)
{
	bool owner = strcmp(named->kind, "owner") == 0;
	struct html_page page;
	struct buf about = BUF_INIT, all = BUF_INIT;
	struct sums s;
	char csv[120];

	sums_init(&s);
	for (size_t i = 0; i < named->n_months; i++)
		sums_add(&s, &named->months[i]);
	buf_addf(&about, "%s of wind power that was turned down: energy, payment and bitcoin by month",
		 owner ? "An owner" : "A farm");
	html_begin(&page, "../", NULL, named->name, about.data, owner ? "Owners" : "Farms", NULL);
	buf_adds(&page.out, "<div class=\"lead\"><div><span class=\"big\">");
	decimal_write(&s.mwh, DECIMAL_TRIM_ZEROS, &all);
	html_energy(&page.out, "curtailed_mwh", all.data);
	buf_clear(&all);
	buf_adds(&page.out, "</span>turned down</div><div><span class=\"big\">");
	decimal_write(&s.payment, DECIMAL_TRIM_ZEROS, &all);
	html_figure(&page.out, "payment", all.data, 2, "£", "");
	buf_addf(&page.out, "</span>paid for it</div></div>\n<p class=\"soft\">From ");
	html_date(&page.out, named->months[0].value[FARM_DATE]);
	buf_adds(&page.out, " to ");
	html_date(&page.out, named->months[named->n_months - 1].value[FARM_DATE]);
	buf_adds(&page.out, ".</p>\n");
	snprintf(csv, sizeof csv, "%s.csv", named->file);
	put_months(data, &page, named, csv);
	put_years(data, &page, named);
	put_worst_days(&page, named);
	put_units(data, &page, named);
	snprintf(csv, sizeof csv, "%s/%s.csv", named->kind, named->file);
	put_csv(data, named, csv);
	site_put_page(data->site, file, &page);
	sums_release(&s);
	buf_release(&about);
	buf_release(&all);
}

/* "+12.3", of now and before; NULL where there is none.  The text is the caller's buffer. */
static const char *change_percent(const char *now, const char *before, char text[48])
{
	struct decimal change;
	struct buf out = BUF_INIT;
	bool known;

	decimal_init(&change);
	known = html_percent_change(&change, now, before, 6);
	if (known) {
		decimal_write(&change, DECIMAL_TRIM_ZEROS, &out);
		snprintf(text, 48, "%s", out.data);
	}
	buf_release(&out);
	decimal_release(&change);
	return known ? text : NULL;
}

void pages_put_farms(const struct site_data *data, struct html_page *page, const PGresult *farms, const char *kind,
		     int most, bool changes, const char *caption)
{
	bool owner = strcmp(kind, "owner") == 0;
	int shown = 0;
	char change[48];

	html_table(page, caption,
		   changes ? owner ? "Owner|#MWh|#£|#£/MWh|#Share %|#Change %" : "Farm|#MWh|#£|#£/MWh|#Share %|#Change %"
					  : owner ? "Owner|#MWh|#£|#£/MWh|#Share %" : "Farm|#MWh|#£|#£/MWh|#Share %");
	for (int i = 0; i < PQntuples(farms) && shown < most; i++) {
		const char *name = PQgetvalue(farms, i, FARMS_NAME);
		const struct named_page *to;

		if (strcmp(PQgetvalue(farms, i, FARMS_KIND), kind) != 0)
			continue;
		to = pages_named(data, kind, name);
		html_row_head(page, to ? owner ? "owner/" : "farm/" : NULL, to ? to->file : "", name);
		html_cell_figure(page, "curtailed_mwh", db_text(farms, i, FARMS_MWH), 1);
		html_cell_figure(page, "payment", db_text(farms, i, FARMS_PAYMENT), 2);
		html_cell_figure(page, "payment_per_mwh", db_text(farms, i, FARMS_PER_MWH), 2);
		html_cell_figure(page, "share_percent", db_text(farms, i, FARMS_SHARE), 2);
		if (changes)
			html_cell_change(page, "change_percent",
					 change_percent(db_text(farms, i, FARMS_MWH), db_text(farms, i, FARMS_BEFORE), change), 1);
		html_row_end(page);
		shown++;
	}
	html_table_end(page);
	if (shown == 0)
		buf_addf(&page->out, "<p class=\"empty\">No %s was turned down.</p>\n", owner ? "owner’s farm" : "farm");
}

/* A table of all: by energy of the last year to its latest day. */
static void put_list(struct site_data *data, const char *kind, const char *file)
{
	bool owner = strcmp(kind, "owner") == 0;
	int n = PQntuples(data->days);
	char from[DAY_TEXT] = "", heading[80];
	struct html_page page;
	PGresult *farms;

	html_begin(&page, "", data->all_days, owner ? "Owners" : "Farms",
		   owner ? "Owners of wind farms by energy turned down" : "Wind farms by energy turned down",
		   owner ? "Owners" : "Farms", NULL);
	if (n == 0) {
		buf_adds(&page.out, "<p class=\"empty\">Nothing is stored yet.</p>\n");
		site_put_page(data->site, file, &page);
		return;
	}
	snprintf(from, sizeof from, "%.4s-01-01", PQgetvalue(data->days, n - 1, DAY_DATE));
	farms = db_query(data->db, query_site_farms, DB_ARGS(from, PQgetvalue(data->days, n - 1, DAY_DATE), from, from));
	snprintf(heading, sizeof heading, "All %s, %s to %s", owner ? "owners" : "farms", from,
		 PQgetvalue(data->days, n - 1, DAY_DATE));
	html_section(&page, "all", heading);
	pages_put_farms(data, &page, farms, kind, 100000, false, "By energy turned down, the most first");
	html_section_end(&page);
	buf_adds(&page.out, "<section id=\"ever\"><h2>Every page</h2><p>");
	for (size_t i = 0; i < data->n_named; i++)
		if (strcmp(data->named[i].kind, kind) == 0) {
			buf_addf(&page.out, "<a href=\"%s/%s.html\">", kind, data->named[i].file);
			html_short(&page.out, data->named[i].name, 100);
			buf_adds(&page.out, "</a> · ");
		}
	buf_adds(&page.out, "</p></section>\n");
	site_put_page(data->site, file, &page);
	PQclear(farms);
}

/*
 * The key of all these pages stands in the two lists, which are written last.  The pages themselves have none: one
 * stays as it is where the days that changed are not its own.
 */
void pages_farms(struct site_data *data)
{
	bool current = site_has(data->site, "farms.html", data->all_days, false) &&
		       site_has(data->site, "owners.html", data->all_days, false);

	for (size_t i = 0; i < data->n_named; i++) {
		char file[120], csv[120];

		snprintf(file, sizeof file, "%s/%s.html", data->named[i].kind, data->named[i].file);
		snprintf(csv, sizeof csv, "%s/%s.csv", data->named[i].kind, data->named[i].file);
		if (current && site_keep(data->site, file) && site_keep(data->site, csv))
			continue;
		if (!data->units)
			data->units = db_query(data->db, query_site_units, DB_NO_ARGS);
		put_named(data, &data->named[i], file);
	}
	if (!current) {
		put_list(data, "farm", "farms.html");
		put_list(data, "owner", "owners.html");
	}
}
