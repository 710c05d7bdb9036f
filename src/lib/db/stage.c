#include "db/stage.h"

#include <stdbool.h>

#include "base/buf.h"
#include "db/db.h"

/* Columns from one place to before another, or to the end (-1), each behind a prefix, with commas between them. */
static void list(struct buf *sql, const char *const *columns, int from, int to, const char *prefix)
{
	for (int i = from; columns[i] && i != to; i++)
		buf_addf(sql, "%s%s%s", i > from ? ", " : "", prefix, columns[i]);
}

void db_load_begin(PGconn *db, const char *table, const char *const *columns)
{
	struct buf sql = BUF_INIT;

	buf_addf(&sql, "copy %s (", table);
	list(&sql, columns, 0, -1, "");
	buf_adds(&sql, ") from stdin");
	db_copy_begin(db, sql.data);
	buf_release(&sql);
}

long long db_load(PGconn *db, const char *table, const char *const *columns, const char *rows, size_t len)
{
	db_load_begin(db, table, columns);
	db_copy_put(db, rows, len);
	return db_copy_end(db);
}

void db_stage(PGconn *db, const char *table, const char *const *columns, const char *rows, size_t len)
{
	struct buf sql = BUF_INIT;

	buf_addf(&sql, "create temp table if not exists staged_%s on commit delete rows as select ", table);
	list(&sql, columns, 0, -1, "");
	buf_addf(&sql, " from %s with no data", table);
	db_exec(db, sql.data);
	buf_clear(&sql);
	buf_addf(&sql, "staged_%s", table);
	db_load(db, sql.data, columns, rows, len);
	buf_release(&sql);
}

/* Columns as they become: the staged ones, or where those are null and the stored are to be kept then, these. */
static void list_new(struct buf *sql, const char *const *columns, int from, int to, bool keep, const char *between)
{
	for (int i = from; columns[i] && i != to; i++) {
		const char *column = columns[i], *comma = i > from ? ", " : "";

		buf_addf(sql, "%s", comma);
		if (between)
			buf_addf(sql, "%s%s", column, between);
		if (keep)
			buf_addf(sql, "coalesce(excluded.%s, t.%s)", column, column);
		else
			buf_addf(sql, "excluded.%s", column);
	}
}

static long long merge(PGconn *db, const char *table, const char *const *columns, int n_keys, int n_compared, bool keep)
{
	struct buf sql = BUF_INIT;
	long long written;

	buf_addf(&sql, "insert into %s as t (", table);
	list(&sql, columns, 0, -1, "");
	buf_adds(&sql, ") select ");
	list(&sql, columns, 0, -1, "");
	buf_addf(&sql, " from staged_%s order by ", table);
	list(&sql, columns, 0, n_keys, "");
	buf_adds(&sql, " on conflict (");
	list(&sql, columns, 0, n_keys, "");
	buf_adds(&sql, ") do update set ");
	list_new(&sql, columns, n_keys, -1, keep, " = ");
	buf_adds(&sql, " where (");
	list(&sql, columns, n_keys, n_keys + n_compared, "t.");
	buf_adds(&sql, ") is distinct from (");
	list_new(&sql, columns, n_keys, n_keys + n_compared, keep, NULL);
	/* A row each, for an engine that shards counts in its answer what was offered. */
	buf_adds(&sql, ") returning true");
	written = db_change(db, sql.data, DB_NO_ARGS);
	buf_release(&sql);
	return written;
}

long long db_merge(PGconn *db, const char *table, const char *const *columns, int n_keys, int n_compared)
{
	return merge(db, table, columns, n_keys, n_compared, false);
}

long long db_merge_known(PGconn *db, const char *table, const char *const *columns, int n_keys, int n_compared)
{
	return merge(db, table, columns, n_keys, n_compared, true);
}
