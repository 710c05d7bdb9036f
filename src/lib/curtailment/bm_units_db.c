#include "curtailment/bm_units_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ident.h"
#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

/* The units as they were on a date, declared ones before those of the register, and until when they stay so. */
static const char units_sql[] =
	"select distinct on (farm_id) farm_id,"
	"       coalesce(lead_party_name, (select b.lead_party_name from bm_units b where b.farm_id = k.farm_id"
	"                                   order by b.valid_from desc limit 1)) as lead_party_name,"
	"       fuel_type,"
	"       (select min(b)::text"
	"          from (select valid_from from known_units union all select valid_to from known_units) as bounds (b)"
	"         where b > $1::date and isfinite(b)) as next_change,"
	"       capacity_mw::text, declared"
	"  from known_units k"
	" where valid_from <= $1::date and (valid_to is null or valid_to > $1::date)"
	" order by farm_id, declared desc, valid_from desc";

static struct unit_set *add_set(struct units *u, day_t from, day_t until)
{
	struct unit_set *set = xmalloc(sizeof *set);

	*set = (struct unit_set){ .next = u->sets, .from = from, .until = until, .users = 1 };
	u->sets = set;
	return set;
}

static void add_unit(struct unit_set *set, const char *id, const char *lead_party_name, const char *fuel_type,
		     const char *capacity_mw, bool declared)
{
	struct elexon_unit *unit = &set->units[set->n_units++];

	*unit = (struct elexon_unit){ .id = id, .lead_party_name = lead_party_name, .fuel_type = fuel_type };
	if (capacity_mw && strlen(capacity_mw) < sizeof unit->capacity_mw)
		memcpy(unit->capacity_mw, capacity_mw, strlen(capacity_mw) + 1);
	/* A declaration says nothing about what the register holds. */
	if (!declared && !elexon_is_wind(unit))
		set->complete = true;
}

struct unit_set *units_from_db(struct units *u, PGconn *db, day_t day)
{
	struct unit_set *set = add_set(u, day, INT32_MAX);
	const char *next_change;
	char text[DAY_TEXT];
	bool registered = false;
	int n;

	set->res = db_query(db, units_sql, DB_ARGS(day_format(day, text)));
	n = PQntuples(set->res);
	set->units = xmalloc((size_t)n * sizeof *set->units);
	for (int i = 0; i < n; i++) {
		bool declared = *PQgetvalue(set->res, i, 5) == 't';

		add_unit(set, PQgetvalue(set->res, i, 0), db_text(set->res, i, 1), db_text(set->res, i, 2),
			 db_text(set->res, i, 4), declared);
		registered |= !declared && elexon_is_wind(&set->units[i]);
	}
	/* By such a register nothing is curtailment, and what is stored would go. */
	if (!registered)
		die(EX_CONFIG, "the table bm_units has no wind unit of %s; fetch-bmunits --store fills it", text);
	next_change = db_text(set->res, 0, 3);
	if (next_change && !day_parse(next_change, &set->until))
		set->until = INT32_MAX;
	elexon_sort_units(set->units, set->n_units);
	return set;
}

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static day_t bound(const struct tsv_reader *rows, const char *text, day_t open)
{
	day_t day = open;

	if (text && *text && strcmp(text, "-infinity") != 0 && strcmp(text, "infinity") != 0 && !day_parse(text, &day))
		input_refuse(rows, "%s: not a date", text);
	return day;
}

static void read_units(struct units *u, const char *path, bool declared)
{
	static const char *const columns[] = { "farm_id", "lead_party_name", "fuel_type", "valid_from", "valid_to",
					       "capacity_mw",
					     NULL };
	struct tsv_reader rows;

	input_open_rows(&rows, path, columns, 3);
	while (input_row(&rows)) {
		if (!rows.value[0] || !*rows.value[0])
			input_refuse(&rows, "no farm_id");
		if (!ident_ok(rows.value[0])) {
			log_warning("%s, line %ld: the farm_id '%.40s' is not valid (letters, digits, _ and -): the row is left out",
				    rows.name, rows.line_number, rows.value[0]);
			continue;
		}
		u->rows = xgrow(u->rows, u->n_rows, sizeof *u->rows);
		u->rows[u->n_rows++] = (struct unit_row){
			.id = xstrdup(rows.value[0]), .lead_party_name = copy_of(rows.value[1]),
			.fuel_type = copy_of(rows.value[2]), .from = bound(&rows, rows.value[3], INT32_MIN),
			.until = bound(&rows, rows.value[4], INT32_MAX), .capacity_mw = copy_of(rows.value[5]), .declared = declared,
		};
		elexon_tidy_fuel_type(u->rows[u->n_rows - 1].fuel_type);
	}
	input_close_rows(&rows);
}

static void read_own_file(struct units *u, const char *name, bool declared)
{
	char *path = root_path(name);

	read_units(u, path, declared);
	free(path);
}

/* Does a declaration hold for this unit on this date? */
static bool is_declared(const struct units *u, const char *id, day_t day)
{
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].declared && u->rows[i].from <= day && day < u->rows[i].until && strcmp(u->rows[i].id, id) == 0)
			return true;
	return false;
}

struct unit_set *units_from_file(struct units *u, const char *path, day_t day)
{
	struct unit_set *set = add_set(u, INT32_MIN, INT32_MAX);

	if (!u->rows && path) {
		read_units(u, path, false);
	} else if (!u->rows) {
		read_own_file(u, "sql/reference/wind-units.tsv", false);
		read_own_file(u, "sql/reference/declared-units.tsv", true);
	}
	set->units = xmalloc(u->n_rows * sizeof *set->units);
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct unit_row *row = &u->rows[i];
		const day_t bounds[] = { row->from, row->until };

		for (int k = 0; k < 2; k++) {
			if (bounds[k] <= day && bounds[k] > set->from)
				set->from = bounds[k];
			if (bounds[k] > day && bounds[k] < set->until)
				set->until = bounds[k];
		}
		if (row->from <= day && day < row->until && (row->declared || !is_declared(u, row->id, day)))
			add_unit(set, row->id, row->lead_party_name, row->fuel_type, row->capacity_mw, row->declared);
	}
	elexon_sort_units(set->units, set->n_units);
	for (size_t i = 1; i < set->n_units; i++)
		if (strcmp(set->units[i - 1].id, set->units[i].id) == 0)
			die(EX_DATAERR, "%s: the unit %s is listed twice", path ? input_name(path) : "sql/reference", set->units[i].id);
	return set;
}

static void release_set(struct unit_set *set)
{
	free(set->units);
	PQclear(set->res);
	free(set);
}

struct unit_set *units_held(struct units *u, day_t day)
{
	struct unit_set **link = &u->sets, *set;

	while ((set = *link)) {
		if (day >= set->from && day < set->until) {
			set->users++;
			return set;
		}
		if (set->users) {
			link = &set->next;
			continue;
		}
		*link = set->next;
		release_set(set);
	}
	return NULL;
}

void units_give_back(struct unit_set *set)
{
	set->users--;
}

void units_release(struct units *u)
{
	while (u->sets) {
		struct unit_set *set = u->sets;

		u->sets = set->next;
		release_set(set);
	}
	for (size_t i = 0; i < u->n_rows; i++) {
		free(u->rows[i].id);
		free(u->rows[i].lead_party_name);
		free(u->rows[i].fuel_type);
		free(u->rows[i].capacity_mw);
	}
	free(u->rows);
}
