#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "site/pages_db.h"

/* $1 the first day, $2 the last one: the day on which each difficulty in force then began, or the first day; the
 * instant. */
static const char difficulty_sql[] =
	"select greatest(effective_from::date, $1::date) - '1970-01-01'::date,"
	" to_char(effective_from at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
	"	block_height, difficulty from network_difficulty"
	" where in_force_until > $1::date and effective_from < $2::date + 1 order by effective_from";

static const char price_sql[] =
	"select price_date - '1970-01-01'::date, price_date, currency, price from bitcoin_prices"
	" where price_date between $1::date and $2::date and currency = (select currency from bitcoin_daily_summaries"
	"	order by settlement_date desc limit 1) order by price_date";

static const char halving_sql[] =
	"select effective_from::date - '1970-01-01'::date, 'subsidy ' || trim_scale(subsidy) || ' BTC'"
	" from block_subsidies order by 1";

enum { DAY, FROM, CURRENCY, VALUE };		/* of the first two */

static const char difficulty_csv[] = "difficulty.csv", price_csv[] = "price.csv";

bool pages_has_network(struct site_data *data)
{
	bool difficulty = site_keep(data->site, difficulty_csv);

	return site_keep(data->site, price_csv) && difficulty;
}

static void add_rows(struct sha256 *digest, PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		for (int c = 0; c < PQnfields(rows); c++) {
			sha256_adds(digest, PQgetvalue(rows, i, c));
			sha256_adds(digest, "\n");
		}
	PQclear(rows);
}

void pages_network_key(const struct site_data *data, char key[65])
{
	const char *first = PQgetvalue(data->days, 0, DAY_DATE),
		*last = PQgetvalue(data->days, PQntuples(data->days) - 1, DAY_DATE);
	struct sha256 digest;

	sha256_init(&digest);
	sha256_adds(&digest, first);
	sha256_adds(&digest, last);
	add_rows(&digest, db_query(data->db, difficulty_sql, DB_ARGS(first, last)));
	add_rows(&digest, db_query(data->db, price_sql, DB_ARGS(first, last)));
	add_rows(&digest, db_query(data->db, halving_sql, DB_NO_ARGS));
	sha256_hex(&digest, key);
	sha256_release(&digest);
}

/* Without its first column, which places a row. */
static void put_csv(struct site_data *data, const char *name, const PGresult *rows, const char *const *columns)
{
	struct tsv_writer w = { .format = CSV };
	struct buf file = BUF_INIT;

	pages_csv_begin(&file, columns);
	tsv_begin(&w, NULL, columns);
	for (int i = 0; i < PQntuples(rows); i++) {
		for (int c = 0; columns[c]; c++)
			tsv_text(&w, db_text(rows, i, c + 1));
		tsv_end_row(&w);
	}
	buf_add(&file, w.line.data ? w.line.data : "", w.line.len);
	site_put(data->site, name, &file);
	tsv_release(&w);
	buf_release(&file);
}

/* Points of a line; one more where the last value holds until the end of a day. */
static struct svg_point *points_of(const PGresult *rows, const char *until, int *n)
{
	struct svg_point *points;
	day_t day = 0;

	*n = PQntuples(rows);
	points = xmalloc((size_t)(*n + 1) * sizeof *points);
	for (int i = 0; i < *n; i++)
		points[i] = (struct svg_point){ svg_value(PQgetvalue(rows, i, DAY)), svg_value(PQgetvalue(rows, i, VALUE)) };
	if (until && *n > 0 && day_parse(until, &day)) {
		points[*n] = (struct svg_point){ (double)day + 1, points[*n - 1].value };
		(*n)++;
	}
	return points;
}

static void put_difficulty(struct site_data *data, struct html_page *page, const char *first, const char *last)
{
	static const char *const columns[] = { "effective_from", "block_height", "difficulty", NULL };
	PGresult *rows = db_query(data->db, difficulty_sql, DB_ARGS(first, last)),
		*halvings = db_query(data->db, halving_sql, DB_NO_ARGS);
	int n_marks = PQntuples(halvings), n;
	struct svg_mark *marks = xmalloc((size_t)(n_marks + 1) * sizeof *marks);
	struct svg_point *points = points_of(rows, last, &n);

	for (int i = 0; i < n_marks; i++)
		marks[i] = (struct svg_mark){ svg_value(PQgetvalue(halvings, i, 0)), PQgetvalue(halvings, i, 1) };
	buf_adds(&page->out, "<h3>Difficulty, each step a retarget</h3>\n");
	if (n == 0)
		buf_adds(&page->out, "<p class=\"empty\">None is known of these days.</p>\n");
	else
		svg_line(page, "Difficulty of the bitcoin network", "A step at each retarget, a dashed line at each halving.",
			 "difficulty", points, n, true, marks, n_marks);
	html_data_link(page, difficulty_csv);
	put_csv(data, difficulty_csv, rows, columns);
	free(points);
	free(marks);
	PQclear(rows);
	PQclear(halvings);
}

static void put_price(struct site_data *data, struct html_page *page, const char *first, const char *last)
{
	static const char *const columns[] = { "price_date", "currency", "price", NULL };
	PGresult *rows = db_query(data->db, price_sql, DB_ARGS(first, last));
	struct svg_point *points;
	int n;

	points = points_of(rows, NULL, &n);
	buf_adds(&page->out, "<h3>Price of a bitcoin</h3>\n");
	if (n == 0)
		buf_adds(&page->out, "<p class=\"empty\">None is known of these days.</p>\n");
	else
		svg_line(page, "Price of a bitcoin", "The price of each day that is known.", PQgetvalue(rows, 0, CURRENCY), points, n,
			 false, NULL, 0);
	html_data_link(page, price_csv);
	put_csv(data, price_csv, rows, columns);
	free(points);
	PQclear(rows);
}

void pages_put_network(struct site_data *data, struct html_page *page)
{
	const char *first = PQgetvalue(data->days, 0, DAY_DATE),
		*last = PQgetvalue(data->days, PQntuples(data->days) - 1, DAY_DATE);

	html_section(page, "network", "The network");
	put_difficulty(data, page, first, last);
	put_price(data, page, first, last);
	html_section_end(page);
}
