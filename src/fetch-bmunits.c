/*
 * fetch-bmunits - fetch Elexon's register of balancing mechanism units
 *
 * The register is "now" and has no history.  What is stored is dated: a unit whose lead party or fuel
 * changes keeps its old row for the days before.  A unit that was not known, or whose fuel was not, may
 * become wind for days that were fetched without it: find-missing lists them, and here they are told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/ident.h"
#include "base/plural.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "curtailment/bm_units_db.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_register.h"
#include "db/db.h"
#include "db/stage.h"
#include "exact/calendar.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/log.h"
#include "os/paths.h"
#include "query/units-declared.h"
#include "query/units-replaced.h"

#define PATH "reference/bmunits/all"

#define FACTS "name, lead_party_name, fuel_type, capacity_mw, national_grid_id"

static const char *const columns[] = {
	"farm_id", "name", "lead_party_name", "fuel_type", "capacity_mw", "national_grid_id", NULL
};

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('bm_units', 0))";

/* What is staged, as a list of the statement's own: an engine that shards joins no table of this session with its.  Nor
 * does it update one that is on every node by such a list; it takes the changed rows as an insert that meets them. */
#define STAGED "s as materialized (select * from staged_bm_units)"

#define CHANGED									\
	"(b.name, b.lead_party_name, b.fuel_type, b.capacity_mw, b.national_grid_id) is distinct from"	\
	" (s.name, s.lead_party_name, s.fuel_type, s.capacity_mw, s.national_grid_id)"

/* Units that were wind and are called something else now: how many, of how many. */
static const char lost_sql[] =
	"with " STAGED
	" select count(*) filter (where s.fuel_type is distinct from 'WIND'), count(*),"
	"       string_agg(b.farm_id, ' ' order by b.farm_id) filter (where s.fuel_type is distinct from 'WIND')"
	"  from bm_units b join s on s.farm_id = b.farm_id"
	" where b.valid_to is null and b.fuel_type = 'WIND'";

/* Units that are wind and were not: those that nothing else was said of are so on all their days, those
 * that were called something else from today on. */
static const char gained_sql[] =
	"with " STAGED
	" select count(*) filter (where was.fuel_type is null), count(was.fuel_type),"
	"       string_agg(s.farm_id, ' ' order by s.farm_id) filter (where was.fuel_type is not null)"
	"  from s left join bm_units was on was.farm_id = s.farm_id and was.valid_to is null"
	" where s.fuel_type = 'WIND' and was.fuel_type is distinct from 'WIND'";

/* That the register gave no fuel type does not say that there was another. */
static const char learn_sql[] =
	"insert into bm_units (farm_id, valid_from, fuel_type)"
	" with " STAGED
	" select b.farm_id, b.valid_from, s.fuel_type"
	"   from bm_units b join s on s.farm_id = b.farm_id"
	"  where b.fuel_type is null and s.fuel_type is not null"
	" on conflict (farm_id, valid_from) do update set fuel_type = excluded.fuel_type";

/* Changed again on the day of a change: that day's row is corrected. */
static const char mend_sql[] =
	"insert into bm_units (farm_id, valid_from, " FACTS ")"
	" with " STAGED
	" select b.farm_id, b.valid_from, s.name, s.lead_party_name, s.fuel_type, s.capacity_mw, s.national_grid_id"
	"   from bm_units b join s on s.farm_id = b.farm_id"
	"  where b.valid_to is null and b.valid_from >= $1::date and " CHANGED
	" on conflict (farm_id, valid_from) do update"
	"   set name = excluded.name, lead_party_name = excluded.lead_party_name, fuel_type = excluded.fuel_type,"
	"       capacity_mw = excluded.capacity_mw, national_grid_id = excluded.national_grid_id";

static const char fetched_sql[] =
	"insert into register_fetches (source, units) values ('elexon', $1)"
	" on conflict (source) do update set units = excluded.units, fetched_at = excluded.fetched_at";

static const char close_sql[] =
	"insert into bm_units (farm_id, valid_from, valid_to)"
	" with " STAGED
	" select b.farm_id, b.valid_from, $1::date"
	"   from bm_units b join s on s.farm_id = b.farm_id"
	"  where b.valid_to is null and b.valid_from < $1::date and " CHANGED
	" on conflict (farm_id, valid_from) do update set valid_to = excluded.valid_to";

/* A unit that is new here is taken to have been so always; a changed one is so from today. */
static const char add_sql[] =
	"insert into bm_units (farm_id, valid_from, " FACTS ")"
	" with " STAGED
	" select farm_id, case when exists (select from bm_units b where b.farm_id = s.farm_id)"
	"                      then $1::date else '-infinity'::date end, " FACTS
	"   from s"
	"  where not exists (select from bm_units b where b.farm_id = s.farm_id and b.valid_to is null)"
	"  order by farm_id";

/* Known units that the register does not list: all, those that are wind, and of how many of these. */
static const char gone_sql[] =
	"with " STAGED
	" select count(*) filter (where s.farm_id is null), count(*) filter (where s.farm_id is null and "
	"b.fuel_type = 'WIND'),"
	"        count(*) filter (where b.fuel_type = 'WIND')"
	"   from bm_units b left join s on s.farm_id = b.farm_id"
	"  where b.valid_to is null";

/* How many periods lack curtailment of units that are known now, of which days, and some of the units. */
static const char overlooked_sql[] =
	"select count(distinct (settlement_date, settlement_period)), min(settlement_date), max(settlement_date),"
	"       array_to_string((array_agg(distinct farm_id order by farm_id))[1:8], ' ')"
	"  from overlooked_periods";

/* Of periods fetched by a version that did not note it nobody knows whom they passed over. */
static const char not_noted_sql[] =
	"select count(*), min(settlement_date), max(settlement_date)"
	"  from ingested_periods where passed_over is null and rows_seen > 0";

static const char help[] =
	"usage: fetch-bmunits [OPTION]...\n"
	"\n"
	"Fetch Elexon's register of balancing mechanism units and print it as TSV rows, or store it.\n"
	"\n"
	"      --store            write to the database instead of printing\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

static void fetch(const struct http_options *http, const char *base, struct elexon_register *reg)
{
	struct buf url = BUF_INIT, body = BUF_INIT;
	struct reason why;

	buf_addf(&url, "%s/" PATH, base);
	if (!http_get(http, url.data, &body))
		die(EX_PROTOCOL, "the source has no " PATH ": is the base URL right?");
	if (!elexon_parse_bmunits(body.data, body.len, reg, &why))
		die(answer_exit_status(why.answer), "the register of BM units: %s", why.text);
	log_oddities("the register of BM units", &reg->odd);
	if (reg->n_units == 0)
		die(EX_DATAERR, "the register of BM units is empty");
	if (reg->differing)
		log_warning("the register lists %d %s twice with different facts, such as %s: the first value given counts",
			    reg->differing, plural(reg->differing, "unit", "units"), reg->first_differing);
	buf_release(&url);
	buf_release(&body);
}

static void add_rows(struct tsv_writer *w, const struct elexon_register *reg)
{
	for (size_t i = 0; i < reg->n_units; i++) {
		const struct elexon_unit *unit = &reg->units[i];

		tsv_text(w, unit->id);
		tsv_text(w, unit->name);
		tsv_text(w, unit->lead_party_name);
		tsv_text(w, unit->fuel_type);
		tsv_plain(w, *unit->capacity_mw ? unit->capacity_mw : NULL);
		tsv_text(w, unit->national_grid_id);
		tsv_end_row(w);
	}
}

/* One unit that is wind no longer may be true; a tenth of them is a register gone wrong, and would
 * leave out energy without a word. */
static void check_wind(PGconn *db)
{
	PGresult *res = db_query(db, lost_sql, DB_NO_ARGS);
	long lost = db_int(res, 0, 0), known = db_int(res, 0, 1);

	if (lost > 5 && lost * 10 > known)
		die(EX_DATAERR, "refusing the register: it gives %ld of %ld known wind units another fuel type", lost, known);
	if (lost)
		log_warning("%ld %s no longer wind, from today: %s", lost, plural(lost, "unit is", "units are"),
			    PQgetvalue(res, 0, 2));
	PQclear(res);
}

/* How many known units it does not list.  They stay; that it lacks a tenth of the wind is more than farms that
 * closed. */
static long count_gone(PGconn *db)
{
	PGresult *res = db_query(db, gone_sql, DB_NO_ARGS);
	long gone = db_int(res, 0, 0), wind = db_int(res, 0, 1), known = db_int(res, 0, 2);

	if (wind > 5 && wind * 10 > known)
		log_warning("the register lacks %ld of %ld known wind units, which stay unchanged: is it complete?", wind, known);
	PQclear(res);
	return gone;
}

/* How many units are wind now that nothing was known of. */
static long count_gained(PGconn *db)
{
	PGresult *res = db_query(db, gained_sql, DB_NO_ARGS);
	long learned = db_int(res, 0, 0);

	if (*PQgetvalue(res, 0, 1) != '0')
		log_warning("%s %s wind from today on, and called something else before: %s", PQgetvalue(res, 0, 1),
			    plural(db_int(res, 0, 1), "unit is", "units are"), PQgetvalue(res, 0, 2));
	PQclear(res);
	return learned;
}

/* Say what was fetched too early to have the units that are known now, and how it is repaired. */
static void say_overlooked(PGconn *db)
{
	PGresult *res = db_query(db, overlooked_sql, DB_NO_ARGS);

	if (*PQgetvalue(res, 0, 0) != '0')
		log_warning("%s %s curtailment of units only now known to be wind, such as %s: "
			    "scripts/weekly fetches them again, or scripts/reconcile range %s %s", PQgetvalue(res, 0, 0),
			    plural_of(PQgetvalue(res, 0, 0), "period lacks", "periods lack"),
			    PQgetvalue(res, 0, 3), PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
	PQclear(res);
}

/* Of periods that may lack the units just gained, because nothing was noted of whom they passed over. */
static void say_not_noted(PGconn *db, long gained)
{
	PGresult *res = db_query(db, not_noted_sql, DB_NO_ARGS);

	if (*PQgetvalue(res, 0, 0) != '0')
		log_warning("%ld %s new as wind, and %s %s fetched by an earlier version may lack their curtailment: "
			    "fetch-elexon --verify %s %s shows it", gained, plural(gained, "unit is", "units are"),
			    PQgetvalue(res, 0, 0), plural(db_int(res, 0, 0), "period", "periods"),
			    PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
	PQclear(res);
}

/* A date, or no bound on that side, which is `day` then. */
static bool read_bound(const char *text, const char *open, day_t *day)
{
	return !text || strcmp(text, open) == 0 || day_parse(text, day);
}

/* The units and first days of the declarations so far; few. */
struct declared {
	struct key {
		char *farm;
		day_t first;
	} *keys;
	size_t n;
};

static bool is_declared(const struct declared *d, const char *farm, day_t first)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->keys[i].first == first && strcmp(d->keys[i].farm, farm) == 0)
			return true;
	return false;
}

static void note_declared(struct declared *d, const char *farm, day_t first)
{
	d->keys = xgrow(d->keys, d->n, sizeof *d->keys);
	d->keys[d->n++] = (struct key){ xstrdup(farm), first };
}

static void declared_release(struct declared *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->keys[i].farm);
	free(d->keys);
}

/* Can this row of the declarations be stored?  Then it is one of those before the next. */
static bool take_declaration(const struct tsv_reader *rows, const char *fuel, struct declared *before,
			     struct reason *why)
{
	const char *from = rows->value[1], *to = rows->value[2];
	day_t first = INT32_MIN, end = INT32_MAX;

	if (!ident_ok(rows->value[0]))
		reason_set(why, "the farm_id '%.40s' is not valid (letters, digits, _ and -)", rows->value[0]);
	else if (!*fuel || fuel[strspn(fuel, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		reason_set(why, "%.40s: the fuel_type '%.40s' is not a word such as WIND", rows->value[0], fuel);
	else if (!read_bound(from, "-infinity", &first))
		reason_set(why, "%.40s: valid_from %.40s is not a date", rows->value[0], from);
	else if (!read_bound(to, "infinity", &end))
		reason_set(why, "%.40s: valid_to %.40s is not a date", rows->value[0], to);
	else if (end <= first)
		reason_set(why, "%.40s: valid_to %.10s is not after valid_from %.10s", rows->value[0], to, from);
	else if (is_declared(before, rows->value[0], first))
		reason_set(why, "%.40s: a row above declares it from the same day", rows->value[0]);
	else {
		note_declared(before, rows->value[0], first);
		return true;
	}
	return false;
}

/* The declarations of sql/reference, of which somebody may have added some since: how many are new or changed. */
static long long take_declarations(PGconn *db)
{
	static const char *const wanted[] = {
		"farm_id", "valid_from", "valid_to", "fuel_type", "name", "lead_party_name", "provenance", NULL
	};
	struct tsv_writer w = { .no_header = true };
	char *path = root_path("sql/reference/declared-units.tsv");
	struct tsv_reader rows;
	struct declared before = { NULL, 0 };
	struct reason why;
	char *fuel;

	tsv_begin(&w, NULL, wanted);
	input_open_rows(&rows, path, wanted, 7);
	while (input_row(&rows)) {
		if (!rows.value[0] || !rows.value[3] || !rows.value[6])
			input_refuse(&rows, "a farm_id, a fuel_type and a provenance are needed");
		fuel = xstrdup(rows.value[3]);
		elexon_tidy_fuel_type(fuel);
		if (!take_declaration(&rows, fuel, &before, &why)) {
			log_warning("%s, line %ld: %s: the row is left out", rows.name, rows.line_number, why.text);
			free(fuel);
			continue;
		}
		for (int i = 0; i < 7; i++)
			tsv_text(&w, i == 3 ? fuel : rows.value[i]);
		tsv_end_row(&w);
		free(fuel);
	}
	input_close_rows(&rows);
	declared_release(&before);
	db_stage(db, "declared_units", wanted, w.line.data, w.line.len);
	tsv_release(&w);
	free(path);
	db_change(db, query_units_replaced, DB_NO_ARGS);
	return db_change(db, query_units_declared, DB_NO_ARGS);
}

/* How old the knowledge is.  An archive is as old as it is. */
static void note_fetch(PGconn *db, const struct elexon_register *reg)
{
	char units[24];

	snprintf(units, sizeof units, "%zu", reg->n_units);
	db_change(db, fetched_sql, DB_ARGS(units));
}

static void store(const struct elexon_register *reg, instant_t now, bool from_disk)
{
	struct tsv_writer w = { .no_header = true };
	PGconn *db = db_connect();
	long long mended, closed, added, learned, declared;
	long gained, gone;
	char today[DAY_TEXT];

	day_format(day_of_instant(now), today);
	tsv_begin(&w, NULL, columns);
	add_rows(&w, reg);
	db_begin(db, "");
	PQclear(db_query(db, lock_sql, DB_NO_ARGS));
	db_stage(db, "bm_units", columns, w.line.data, w.line.len);
	check_wind(db);
	gained = count_gained(db);
	learned = db_change(db, learn_sql, DB_NO_ARGS);
	mended = db_change(db, mend_sql, DB_ARGS(today));
	closed = db_change(db, close_sql, DB_ARGS(today));
	added = db_change(db, add_sql, DB_ARGS(today));
	gone = count_gone(db);
	declared = take_declarations(db);
	if (!from_disk)
		note_fetch(db, reg);
	db_exec(db, "commit");
	say_overlooked(db);
	if (gained)
		say_not_noted(db, gained);
	log_fact(LOG_INFO, "stored",
		 "rows=%d units=%zu new=%lld changed=%lld without_id=%d repeated=%d not_listed=%ld fuel_learned=%lld declared=%lld",
		 reg->rows_seen, reg->n_units, added - closed, closed + mended, reg->without_id, reg->repeated, gone, learned,
		 declared);
	tsv_release(&w);
	PQfinish(db);
}

struct options {
	struct http_options http;
	char *base;			/* the address of the source */
	bool storing;
	struct tsv_writer rows;
};

static void read_options(int argc, char **argv, struct options *o)
{
	enum { STORE = 1, BASE_URL };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "base-url", required_argument, NULL, BASE_URL },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	const char *url = NULL;
	int c;

	http_environment(&o->http);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:    o->storing = true; break;
		case BASE_URL: url = optarg; break;
		default:
			if (!http_option(&o->http, c, optarg) && !opts_rows(c, &o->rows))
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: no operand is expected; see --help", argv[optind]);
	o->base = http_base_url(url, "WINDFALL_ELEXON_URL", ELEXON_URL);
}

int main(int argc, char **argv)
{
	struct options o = { .http = HTTP_OPTIONS_INIT };
	struct elexon_register reg;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	fetch(&o.http, o.base, &reg);
	if (o.storing) {
		store(&reg, time(NULL), url_is_file(o.base));
	} else {
		tsv_begin(&o.rows, stdout, columns);
		add_rows(&o.rows, &reg);
	}
	elexon_register_release(&reg);
	tsv_release(&o.rows);
	free(o.base);
	return flush_stdout();
}
