#include "curtailment/bm_units_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

/* The register as it was on a date, and until when it stays so. */
static const char units_sql[] =
	"select farm_id, lead_party_name, fuel_type,"
	"       (select min(b)::text from (select valid_from from bm_units union all select valid_to from bm_units) as bounds (b)"
	"         where b > $1::date and isfinite(b)) as next_change"
	"  from bm_units"
	" where valid_from <= $1::date and (valid_to is null or valid_to > $1::date)"
	" order by farm_id";

static struct unit_set *add_set(struct units *u, day_t from, day_t until)
{
	struct unit_set *set = xmalloc(sizeof *set);

	*set = (struct unit_set){ .next = u->sets, .from = from, .until = until, .users = 1 };
	u->sets = set;
	return set;
}

static void add_unit(struct unit_set *set, const char *id, const char *lead_party_name, const char *fuel_type)
{
	set->units[set->n_units++] = (struct elexon_unit){
		.id = id, .lead_party_name = lead_party_name, .fuel_type = fuel_type,
	};
	if (!fuel_type || strcmp(fuel_type, "WIND") != 0)
		set->complete = true;
}

struct unit_set *units_from_db(struct units *u, PGconn *db, day_t day)
{
	struct unit_set *set = add_set(u, day, INT32_MAX);
	const char *next_change;
	char text[DAY_TEXT];
	int n;

	set->res = db_query(db, units_sql, DB_ARGS(day_format(day, text)));
	n = PQntuples(set->res);
	set->units = xmalloc((size_t)n * sizeof *set->units);
	for (int i = 0; i < n; i++)
		add_unit(set, PQgetvalue(set->res, i, 0), db_text(set->res, i, 1), db_text(set->res, i, 2));
	next_change = n ? db_text(set->res, 0, 3) : NULL;
	if (n == 0)
		set->until = day + 1;
	else if (next_change && !day_parse(next_change, &set->until))
		set->until = INT32_MAX;
	elexon_sort_units(set->units, set->n_units);
	return set;
}

static void read_units(struct unit_set *set, const char *path)
{
	static const char *const columns[] = { "farm_id", "lead_party_name", "fuel_type", NULL };
	struct tsv_reader rows;
	size_t size = 0;

	input_open_rows(&rows, path, columns, 3);
	while (input_row(&rows)) {
		char *text[3];

		if (!rows.value[0] || !*rows.value[0])
			input_refuse(&rows, "no farm_id");
		if (set->n_units == size) {
			size = size ? 2 * size : 256;
			set->units = xrealloc(set->units, size * sizeof *set->units);
			set->texts = xrealloc(set->texts, 3 * size * sizeof *set->texts);
		}
		for (int i = 0; i < 3; i++)
			set->texts[set->n_texts++] = text[i] = rows.value[i] ? xstrdup(rows.value[i]) : NULL;
		add_unit(set, text[0], text[1], text[2]);
	}
	input_close_rows(&rows);
}

struct unit_set *units_from_file(struct units *u, const char *path)
{
	struct unit_set *set = add_set(u, INT32_MIN, INT32_MAX);
	char *own_path = path ? NULL : root_path("sql/reference/wind-units.tsv");
	const char *name = path ? path : own_path;

	read_units(set, name);
	elexon_sort_units(set->units, set->n_units);
	for (size_t i = 1; i < set->n_units; i++)
		if (strcmp(set->units[i - 1].id, set->units[i].id) == 0)
			die(EX_DATAERR, "%s: the unit %s stands twice", input_name(name), set->units[i].id);
	free(own_path);
	return set;
}

static void release_set(struct unit_set *set)
{
	for (size_t i = 0; i < set->n_texts; i++)
		free(set->texts[i]);
	free(set->texts);
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
}
