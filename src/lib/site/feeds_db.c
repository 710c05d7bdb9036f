#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "query/site-models.h"
#include "query/site-revisions.h"
#include "query/site-span.h"
#include "site/pages_db.h"

/* summary.json ----------------------------------------------------------------------------------- */

static void add_member(struct buf *out, const char *name, const char *value, bool text)
{
	buf_addf(out, "%s\"%s\":", strchr("{[", out->data[out->len - 1]) ? "" : ",", name);
	if (!value)
		buf_adds(out, "null");
	else if (text)
		html_json_string(out, value);
	else
		buf_adds(out, value);
}

static void add_day(struct buf *out, const PGresult *days, int row)
{
	static const struct { const char *name; enum day_column column; bool text; } members[] = {
		{ "settlement_date", DAY_DATE, true }, { "state", DAY_STATE, true }, { "curtailed_mwh", DAY_MWH, false },
		{ "payment_gbp", DAY_PAYMENT, false }, { "payment_to_farms_gbp", DAY_TO_FARMS, false },
		{ "payment_by_farms_gbp", DAY_BY_FARMS, false },
		{ "payment_per_mwh_gbp", DAY_PER_MWH, false }, { "replacement_cost_gbp", DAY_REPLACEMENT, false },
		{ "replacement_periods", DAY_REPLACED_PERIODS, false }, { "curtailed_share_percent", DAY_SHARE, false },
		{ "wind_periods", DAY_WIND_PERIODS, false }, { "units", DAY_UNITS, false }, { "periods", DAY_PERIODS, false },
		{ "periods_ingested", DAY_INGESTED, false }, { "periods_final", DAY_FINAL, false },
		{ "periods_expected", DAY_EXPECTED, false }, { "fetched_at", DAY_FETCHED, true },
	};

	buf_addc(out, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		add_member(out, members[i].name, db_text(days, row, members[i].column), members[i].text);
	buf_addc(out, '}');
}

static void add_span(struct site_data *data, struct buf *out, const char *from, const char *to)
{
	PGresult *span = db_query(data->db, query_site_span, DB_ARGS(from, to)),
		*models = db_query(data->db, query_site_models, DB_ARGS(from, to));

	buf_addc(out, '{');
	add_member(out, "first_day", from, true);
	add_member(out, "last_day", to, true);
	add_member(out, "state", pages_span_state(span), true);
	add_member(out, "days", db_text(span, 0, SPAN_DAYS), false);
	add_member(out, "days_expected", db_text(span, 0, SPAN_DAYS_EXPECTED), false);
	add_member(out, "curtailed_mwh", db_text(span, 0, SPAN_MWH), false);
	add_member(out, "payment_gbp", db_text(span, 0, SPAN_PAYMENT), false);
	add_member(out, "payment_per_mwh_gbp", db_text(span, 0, SPAN_PER_MWH), false);
	add_member(out, "replacement_cost_gbp", db_text(span, 0, SPAN_REPLACEMENT), false);
	add_member(out, "replacement_periods", db_text(span, 0, SPAN_REPLACED_PERIODS), false);
	add_member(out, "curtailed_share_percent", db_text(span, 0, SPAN_SHARE), false);
	add_member(out, "wind_periods", db_text(span, 0, SPAN_WIND_PERIODS), false);
	add_member(out, "units", db_text(span, 0, SPAN_UNITS), false);
	buf_adds(out, ",\"bitcoin\":[");
	for (int i = 0; i < PQntuples(models); i++) {
		buf_adds(out, i ? ",{" : "{");
		add_member(out, "miner_model", db_text(models, i, MODEL_NAME), true);
		add_member(out, "bitcoin_mined", db_text(models, i, MODEL_BITCOIN), false);
		add_member(out, "value_at_mining", db_text(models, i, MODEL_VALUE), false);
		add_member(out, "currency", db_text(models, i, MODEL_CURRENCY), true);
		add_member(out, "price_state", db_text(models, i, MODEL_PRICE_STATE), true);
		add_member(out, "calculations", db_text(models, i, MODEL_CALCULATIONS), false);
		add_member(out, "calculations_expected", db_text(models, i, MODEL_EXPECTED), false);
		buf_addc(out, '}');
	}
	buf_adds(out, "]}");
	PQclear(span);
	PQclear(models);
}

static void put_summary(struct site_data *data)
{
	int n = PQntuples(data->days), final = n - 1;
	struct buf out = BUF_INIT;

	while (final >= 0 && strcmp(PQgetvalue(data->days, final, DAY_STATE), "final") != 0)
		final--;
	buf_adds(&out, "{\"schema\":\"windfall-summary/1\",\"attribution\":\"Contains BMRS data © Elexon Limited copyright "
		       "and database right\",\"latest_final_day\":");
	if (final < 0)
		buf_adds(&out, "null");
	else
		add_day(&out, data->days, final);
	buf_adds(&out, ",\"newer_days\":[");
	for (int i = final + 1; i < n; i++) {
		buf_adds(&out, i > final + 1 ? "," : "");
		add_day(&out, data->days, i);
	}
	buf_adds(&out, "],\"year_to_date\":");
	if (n == 0)
		buf_adds(&out, "null");
	else {
		char from[DAY_TEXT];

		snprintf(from, sizeof from, "%.4s-01-01", PQgetvalue(data->days, n - 1, DAY_DATE));
		add_span(data, &out, from, PQgetvalue(data->days, n - 1, DAY_DATE));
	}
	buf_adds(&out, ",\"months\":[");
	for (int i = 0; i < PQntuples(data->months); i++) {
		buf_adds(&out, i ? ",{" : "{");
		add_member(&out, "year_month", db_text(data->months, i, MONTH_NAME), true);
		add_member(&out, "state", db_text(data->months, i, MONTH_STATE), true);
		add_member(&out, "days", db_text(data->months, i, MONTH_DAYS), false);
		add_member(&out, "curtailed_mwh", db_text(data->months, i, MONTH_MWH), false);
		add_member(&out, "payment_gbp", db_text(data->months, i, MONTH_PAYMENT), false);
		add_member(&out, "payment_per_mwh_gbp", db_text(data->months, i, MONTH_PER_MWH), false);
		add_member(&out, "curtailed_share_percent", db_text(data->months, i, MONTH_SHARE), false);
		buf_addc(&out, '}');
	}
	buf_adds(&out, "]}\n");
	site_put(data->site, "summary.json", &out);
	buf_release(&out);
}

/* Atom (RFC 4287) -------------------------------------------------------------------------------- */

enum { ENTRIES = 30 };

/* An entry about a day; what tells it from the day's others stands in id.  Title and text are plain. */
static void add_entry(const struct site_data *data, struct buf *out, const char *date, const char *id,
		      const char *updated, const char *title, const char *text)
{
	buf_addf(out, "<entry><id>tag:windfall.invalid,2022:%s/%s</id><updated>%s</updated><title>", id, date, updated);
	html_text(out, title);
	buf_addf(out, "</title><link rel=\"alternate\" href=\"");
	html_text(out, data->base);
	buf_addf(out, "day/%s.html\"/><summary>", date);
	html_text(out, text);
	buf_adds(out, "</summary></entry>\n");
}

static void add_day_entry(const struct site_data *data, struct buf *out, int row)
{
	const char *date = PQgetvalue(data->days, row, DAY_DATE), *state = PQgetvalue(data->days, row, DAY_STATE);
	struct buf title = BUF_INIT, text = BUF_INIT;

	html_date(&title, date);
	buf_adds(&title, ": ");
	html_number(&title, db_text(data->days, row, DAY_MWH), 1);
	buf_adds(&title, " MWh, £");
	html_number(&title, db_text(data->days, row, DAY_PAYMENT), 2);
	buf_addf(&text, "%s; %s of %s half hours are final; %s %s in %s half %s.",
		 strcmp(state, "not_complete") == 0 ? "not complete" : state,
		 PQgetvalue(data->days, row, DAY_FINAL), PQgetvalue(data->days, row, DAY_EXPECTED),
		 PQgetvalue(data->days, row, DAY_UNITS), plural_of(PQgetvalue(data->days, row, DAY_UNITS), "unit", "units"),
		 PQgetvalue(data->days, row, DAY_PERIODS), plural_of(PQgetvalue(data->days, row, DAY_PERIODS), "hour", "hours"));
	add_entry(data, out, date, "day", PQgetvalue(data->days, row, DAY_FETCHED), title.data, text.data);
	buf_release(&title);
	buf_release(&text);
}

static void add_revision(const struct site_data *data, struct buf *out, const PGresult *revisions, int row)
{
	struct buf title = BUF_INIT, text = BUF_INIT, id = BUF_INIT;

	buf_addf(&id, "changed/%s/%s", PQgetvalue(revisions, row, 1), PQgetvalue(revisions, row, 2));
	for (char *c = id.data; *c; c++)
		*c = *c == ':' ? '.' : *c;
	buf_addf(&title, "Half hour %s of %s changed after it was final", PQgetvalue(revisions, row, 1),
		 PQgetvalue(revisions, row, 0));
	buf_adds(&text, "From ");
	html_number(&text, db_text(revisions, row, 3), 3);
	buf_adds(&text, " to ");
	html_number(&text, db_text(revisions, row, 4), 3);
	buf_adds(&text, " MWh, from £");
	html_number(&text, db_text(revisions, row, 5), 2);
	buf_adds(&text, " to £");
	html_number(&text, db_text(revisions, row, 6), 2);
	add_entry(data, out, PQgetvalue(revisions, row, 0), id.data, PQgetvalue(revisions, row, 2), title.data, text.data);
	buf_release(&title);
	buf_release(&text);
	buf_release(&id);
}

static void put_feed(struct site_data *data)
{
	int n = PQntuples(data->days), first = n > ENTRIES ? n - ENTRIES : 0;
	PGresult *revisions = db_query(data->db, query_site_revisions, DB_ARGS("-infinity", "infinity"));
	const char *updated = "1970-01-01T00:00:00Z";
	struct buf out = BUF_INIT;

	for (int i = first; i < n; i++)
		if (strcmp(PQgetvalue(data->days, i, DAY_FETCHED), updated) > 0)
			updated = PQgetvalue(data->days, i, DAY_FETCHED);
	if (PQntuples(revisions) > 0 && strcmp(PQgetvalue(revisions, 0, 2), updated) > 0)
		updated = PQgetvalue(revisions, 0, 2);
	buf_addf(&out,
		 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en-GB\">\n"
		 "<title>Windfall: wind power that was turned down</title>\n<id>tag:windfall.invalid,2022:feed</id>\n"
		 "<updated>%s</updated>\n"
		 "<author><name>Windfall</name></author>\n<generator version=\"%s\">Windfall</generator>\n"
		 "<rights>Contains BMRS data © Elexon Limited copyright and database right</rights>\n<link rel=\"self\" href=\"",
		 updated, WINDFALL_VERSION);
	html_text(&out, data->base);
	buf_adds(&out, "feed.xml\"/>\n");
	for (int i = n - 1; i >= first; i--)
		add_day_entry(data, &out, i);
	for (int i = 0; i < PQntuples(revisions) && i < ENTRIES; i++)
		add_revision(data, &out, revisions, i);
	buf_adds(&out, "</feed>\n");
	site_put(data->site, "feed.xml", &out);
	PQclear(revisions);
	buf_release(&out);
}

void pages_feeds(struct site_data *data)
{
	put_summary(data);
	put_feed(data);
}
