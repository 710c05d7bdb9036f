#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "format/tsv.h"
#include "os/log.h"
#include "query/site-month-farms.h"
#include "site/pages_db.h"

/* Columns of site-month-farms.sql, and of the file of a month; behind the name are a farm's sums. */
static const char *const columns[] = { "kind", "name", "settlement_date", "units", "curtailed_mwh", "payment",
				       "unit_hours", "bitcoin_mined", NULL };
enum { KIND, NAME, SUMS, N_COLUMNS = SUMS + N_FARM_COLUMNS };

/* Files ------------------------------------------------------------------------------------------ */

/* "Clyde (South)" is clyde-south. */
static void file_name(const char *name, char *file, size_t size)
{
	size_t n = 0;

	for (const char *c = name; *c && n < 60 && n + 12 < size; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z');

		if (plain)
			file[n++] = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		else if (n > 0 && file[n - 1] != '-')
			file[n++] = '-';
	}
	while (n > 0 && file[n - 1] == '-')
		n--;
	file[n] = '\0';
}

/* Names that make the same file, or none, are told apart by a digest of their own. */
static void tell_apart(struct named_page *page)
{
	struct sha256 digest;
	char hex[SHA256_TEXT];
	size_t n = strlen(page->file);

	sha256_init(&digest);
	sha256_adds(&digest, page->name);
	sha256_hex(&digest, hex);
	sha256_release(&digest);
	snprintf(page->file + n, sizeof page->file - n, "%s%.8s", n ? "-" : "", hex);
}

static int by_file(const void *a, const void *b)
{
	const struct named_page *x = *(struct named_page *const *)a, *y = *(struct named_page *const *)b;
	int order = strcmp(x->kind, y->kind);

	return order ? order : strcmp(x->file, y->file);
}

static void name_files(struct site_data *data)
{
	struct named_page **sorted = xmalloc((data->n_named + 1) * sizeof *sorted);
	bool *doubled = xmalloc((data->n_named + 1) * sizeof *doubled);

	for (size_t i = 0; i < data->n_named; i++) {
		file_name(data->named[i].name, data->named[i].file, sizeof data->named[i].file);
		sorted[i] = &data->named[i];
	}
	if (data->n_named)
		qsort(sorted, data->n_named, sizeof *sorted, by_file);
	for (size_t i = 0; i < data->n_named; i++)
		doubled[i] = !*sorted[i]->file || (i > 0 && by_file(&sorted[i - 1], &sorted[i]) == 0) ||
			     (i + 1 < data->n_named && by_file(&sorted[i], &sorted[i + 1]) == 0);
	for (size_t i = 0; i < data->n_named; i++)
		if (doubled[i])
			tell_apart(sorted[i]);
	free(sorted);
	free(doubled);
}

/* Rows ------------------------------------------------------------------------------------------- */

static void sums_free(struct farm_sums *sums)
{
	for (int c = 0; c < N_FARM_COLUMNS; c++)
		free(sums->value[c]);
}

static struct farm_sums sums_copy(char *const *value)
{
	struct farm_sums sums;

	for (int c = 0; c < N_FARM_COLUMNS; c++)
		sums.value[c] = value[c] ? xstrdup(value[c]) : NULL;
	return sums;
}

/* Where a name stands among those in order, or would. */
static size_t place_of(const struct site_data *data, const char *kind, const char *name)
{
	size_t low = 0, high = data->n_named;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(data->named[middle].kind, kind);

		if ((order ? order : strcmp(data->named[middle].name, name)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct named_page *named_at(const struct site_data *data, size_t at, const char *kind, const char *name)
{
	struct named_page *page = &data->named[at];

	return at < data->n_named && strcmp(page->kind, kind) == 0 && strcmp(page->name, name) == 0 ? page : NULL;
}

const struct named_page *pages_named(const struct site_data *data, const char *kind, const char *name)
{
	return named_at(data, place_of(data, kind, name), kind, name);
}

static struct named_page *find_or_add(struct site_data *data, const char *kind, const char *name)
{
	size_t at = place_of(data, kind, name);
	struct named_page *page = named_at(data, at, kind, name);

	if (page)
		return page;
	data->named = xgrow(data->named, data->n_named, sizeof *data->named);
	page = &data->named[at];
	memmove(page + 1, page, (data->n_named - at) * sizeof *page);
	data->n_named++;
	*page = (struct named_page){ .kind = xstrdup(kind), .name = xstrdup(name) };
	return page;
}

/* A day among the greatest, of which an earlier one of the same energy comes first. */
static void add_day(struct named_page *page, char *const *value)
{
	struct great_day day;
	struct reason why;
	int at = page->n_days;

	decimal_init(&day.mwh);
	if (!decimal_parse_text(&day.mwh, value[FARM_MWH], DECIMAL_PLAIN, &why))
		die(EX_IOERR, "%s of %s: %s", columns[SUMS + FARM_MWH], page->name, why.text);
	while (at > 0 && decimal_cmp(&page->days[at - 1].mwh, &day.mwh) < 0)
		at--;
	if (at == GREATEST_DAYS) {
		decimal_release(&day.mwh);
		return;
	}
	day.sums = sums_copy(value);
	if (page->n_days == GREATEST_DAYS) {
		page->n_days--;
		sums_free(&page->days[page->n_days].sums);
		decimal_release(&page->days[page->n_days].mwh);
	}
	memmove(&page->days[at + 1], &page->days[at], (size_t)(page->n_days - at) * sizeof day);
	page->days[at] = day;
	page->n_days++;
}

static void take_row(struct site_data *data, const char *month, char **value)
{
	struct named_page *page = find_or_add(data, value[KIND], value[NAME]);

	if (value[SUMS + FARM_DATE]) {
		add_day(page, value + SUMS);
		return;
	}
	page->months = xgrow(page->months, page->n_months, sizeof *page->months);
	page->months[page->n_months] = sums_copy(value + SUMS);
	page->months[page->n_months++].value[FARM_DATE] = xstrdup(month);
}

/* Months ----------------------------------------------------------------------------------------- */

/* Ask for a month's rows. */
static void ask_month(const struct site_data *data, const char *from, const char *to, struct buf *rows)
{
	PGresult *res = db_query(data->db, query_site_month_farms, DB_ARGS(from, to, data->model));
	struct tsv_writer w = { .format = TSV };

	for (int c = 0; c < N_COLUMNS; c++)
		buf_addf(rows, "%s%c", columns[c], c + 1 < N_COLUMNS ? '\t' : '\n');
	tsv_begin(&w, NULL, columns);
	for (int i = 0; i < PQntuples(res); i++) {
		for (int c = 0; c < N_COLUMNS; c++)
			tsv_text(&w, db_text(res, i, c));
		tsv_end_row(&w);
	}
	buf_add(rows, w.line.data, w.line.len);
	tsv_release(&w);
	PQclear(res);
}

static void take_month(struct site_data *data, const char *month, const char *name, struct buf *rows)
{
	FILE *in = fmemopen(rows->data, rows->len, "r");
	struct tsv_reader r;
	struct reason why;
	int got = -1;

	if (!in)
		die(EX_OSERR, "cannot read from memory");
	if (tsv_open(&r, in, name, columns, N_COLUMNS, &why))
		while ((got = tsv_read(&r, &why)) > 0)
			take_row(data, month, r.value);
	if (got < 0)
		die(EX_IOERR, "%s: write every file of the site again (--all)", why.text);
	tsv_close(&r);
	fclose(in);
}

/* The rows of a month, as a build has left them for the days as they are now. */
static void load_month(struct site_data *data, int first, int last)
{
	const char *from = PQgetvalue(data->days, first, DAY_DATE), *to = PQgetvalue(data->days, last - 1, DAY_DATE);
	char key[65], month[8], name[64];
	struct buf rows = BUF_INIT;

	pages_key(data, first, last, data->model, key);
	snprintf(month, sizeof month, "%.7s", from);
	snprintf(name, sizeof name, "month/%s-%.16s.rows", month, key);
	if (!site_left(data->site, name, &rows)) {
		ask_month(data, from, to, &rows);
		site_leave(data->site, name, &rows);
	}
	take_month(data, month, name, &rows);
	buf_release(&rows);
}

void pages_load_named(struct site_data *data)
{
	int n = PQntuples(data->days);

	for (int row = 0, first = 0; row < n; first = row) {
		while (row < n && strncmp(PQgetvalue(data->days, row, DAY_DATE), PQgetvalue(data->days, first, DAY_DATE), 7) == 0)
			row++;
		load_month(data, first, row);
	}
	name_files(data);
}

void pages_release_named(struct site_data *data)
{
	for (size_t i = 0; i < data->n_named; i++) {
		struct named_page *page = &data->named[i];

		for (size_t m = 0; m < page->n_months; m++)
			sums_free(&page->months[m]);
		for (int d = 0; d < page->n_days; d++) {
			sums_free(&page->days[d].sums);
			decimal_release(&page->days[d].mwh);
		}
		free(page->months);
		free(page->kind);
		free(page->name);
	}
	free(data->named);
}
