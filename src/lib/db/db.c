#include "db/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/die.h"
#include "db/holder.h"
#include "os/clock.h"
#include "os/log.h"

void db_exec(PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		db_die(db, res, sql);
	PQclear(res);
}

PGresult *db_query(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = PQexecParams(db, sql, n, NULL, args, NULL, NULL, 0);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		db_die(db, res, sql);
	return res;
}

long long db_change(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = db_query(db, sql, n, args);
	long long changed = strtoll(PQcmdTuples(res), NULL, 10);

	PQclear(res);
	return changed;
}

char *db_value(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = db_query(db, sql, n, args);
	char *value = NULL;

	if (PQntuples(res) > 0 && !PQgetisnull(res, 0, 0))
		value = xstrdup(PQgetvalue(res, 0, 0));
	PQclear(res);
	return value;
}

const char *db_text(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

int64_t db_int(const PGresult *res, int row, int column)
{
	const char *text = db_text(res, row, column);
	long long value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		die(EX_SOFTWARE, "database: %.40s in the column %s is not a whole number", text, PQfname(res, column));
	return value;
}

void db_put_fields(const PGresult *res, int row, struct tsv_writer *out)
{
	enum { BOOL = 16, INT8 = 20, INT2, INT4 = 23, NUMERIC = 1700 };		/* of the server's pg_type */

	for (int c = 0; c < PQnfields(res); c++) {
		const char *value = db_text(res, row, c);
		Oid type = PQftype(res, c);

		if (value && type == BOOL)
			tsv_bool(out, *value == 't');
		else if (type == INT2 || type == INT4 || type == INT8 || type == NUMERIC)
			tsv_plain(out, value);
		else
			tsv_text(out, value);
	}
}

int db_print(PGresult *res, const char *const *columns, struct tsv_writer *out)
{
	int n = PQntuples(res);

	if (columns)
		tsv_begin(out, stdout, columns);
	for (int i = 0; i < n; i++) {
		db_put_fields(res, i, out);
		tsv_end_row(out);
	}
	PQclear(res);
	return n;
}

void db_copy_begin(PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COPY_IN)
		db_die(db, res, sql);
	PQclear(res);
}

void db_copy_put(PGconn *db, const char *data, size_t len)
{
	enum { PIECE = 1 << 20 };	/* PQputCopyData counts in int */

	while (len > 0) {
		size_t piece = len < PIECE ? len : PIECE;

		if (PQputCopyData(db, data, (int)piece) != 1)
			db_die(db, NULL, "copy");
		data += piece;
		len -= piece;
	}
}

void db_copy_gathered(PGconn *db, struct buf *rows)
{
	enum { ENOUGH = 1 << 16 };

	if (rows->len < ENOUGH)
		return;
	db_copy_put(db, rows->data, rows->len);
	buf_clear(rows);
}

long long db_copy_end(PGconn *db)
{
	PGresult *res;
	long long rows;

	if (PQputCopyEnd(db, NULL) != 1)
		db_die(db, NULL, "copy");
	res = PQgetResult(db);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		db_die(db, res, "copy");
	rows = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	while ((res = PQgetResult(db)))
		PQclear(res);
	return rows;
}

long long db_copy(PGconn *db, const char *sql, const char *data, size_t len)
{
	db_copy_begin(db, sql);
	db_copy_put(db, data, len);
	return db_copy_end(db);
}

void db_copy_out_begin(struct db_copy_out *out, PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COPY_OUT)
		db_die(db, res, sql);
	PQclear(res);
	*out = (struct db_copy_out){ .db = db };
}

char *db_copy_out_next(struct db_copy_out *out)
{
	PGresult *res;
	int len;

	PQfreemem(out->row);
	out->row = NULL;
	len = PQgetCopyData(out->db, &out->row, 0);
	if (len > 0) {
		out->row[len - (out->row[len - 1] == '\n')] = '\0';
		return out->row;
	}
	if (len == -2)
		db_die(out->db, NULL, "copy");
	while ((res = PQgetResult(out->db))) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			db_die(out->db, res, "copy");
		PQclear(res);
	}
	return NULL;
}

void db_rows_begin(struct db_rows *rows, PGconn *db, const char *sql, int n, const char *const *args)
{
	if (!PQsendQueryParams(db, sql, n, NULL, args, NULL, NULL, 0) || !PQsetSingleRowMode(db))
		db_die(db, NULL, sql);
	*rows = (struct db_rows){ .db = db };
}

const PGresult *db_rows_next(struct db_rows *rows)
{
	PQclear(rows->row);
	while ((rows->row = PQgetResult(rows->db))) {
		if (PQresultStatus(rows->row) == PGRES_SINGLE_TUPLE)
			return rows->row;
		if (PQresultStatus(rows->row) != PGRES_TUPLES_OK)
			db_die(rows->db, rows->row, NULL);
		PQclear(rows->row);
	}
	return NULL;
}

static bool try_lock(PGconn *db, const char *name)
{
	char *got = db_value(db, "select pg_try_advisory_xact_lock(hashtextextended($1, 0))", DB_ARGS(name));
	bool locked = got && *got == 't';

	free(got);
	return locked;
}

/* These seconds, or lock_timeout where that is shorter: in milliseconds. */
static long long lock_wait_ms(PGconn *db, int seconds)
{
	char *set = db_value(db, "select setting from pg_settings where name = 'lock_timeout'", DB_NO_ARGS);
	long long limit = seconds * 1000LL, timeout = set ? strtoll(set, NULL, 10) : 0;

	free(set);
	return timeout > 0 && timeout < limit ? timeout : limit;
}

void db_lock(PGconn *db, const char *name, int seconds, const char *other)
{
	long long end;

	if (try_lock(db, name))
		return;
	end = clock_ms() + lock_wait_ms(db, seconds);
	do {
		if (clock_ms() >= end) {
			char *holder = holder_of_name(db, name);

			die(EX_TEMPFAIL, "another %s: %s; try again later", other, holder ? holder : "it has ended by now");
		}
		clock_pause(200);
	} while (!try_lock(db, name));
}

void db_lock_day(PGconn *db, day_t day, int seconds)
{
	char text[DAY_TEXT], name[32], other[32];

	day_format(day, text);
	snprintf(name, sizeof name, "day %s", text);
	snprintf(other, sizeof other, "job is writing %s", text);
	db_lock(db, name, seconds, other);
}

void db_writes_day(PGconn *db, const char *date)
{
	PQclear(db_query(db, "select set_config('windfall.writes', $1 || ' ' || $1, true)", DB_ARGS(date)));
}

void db_ensure_months(PGconn *db, day_t from, day_t to)
{
	char first[DAY_TEXT], last[DAY_TEXT];

	PQclear(db_query(db, "select ensure_month(m::date)"
			     "  from generate_series(date_trunc('month', $1::date), $2::date, '1 month') m order by m",
			 DB_ARGS(day_format(from, first), day_format(to, last))));
}

void db_array_begin(struct buf *array)
{
	buf_clear(array);
	buf_addc(array, '{');
}

void db_array_add(struct buf *array, const char *text)
{
	buf_adds(array, array->len > 1 ? ",\"" : "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(array, '\\');
		buf_addc(array, *text);
	}
	buf_addc(array, '"');
}

void db_array_end(struct buf *array)
{
	buf_addc(array, '}');
}
