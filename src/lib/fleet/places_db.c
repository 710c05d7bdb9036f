#include "fleet/places_db.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "calculation/stored_days_db.h"
#include "exact/energy.h"
#include "format/copy_text.h"
#include "os/log.h"

/* What is known of each unit, its latest owner first; the order of ids is that of their bytes. */
static const char known_sql[] =
	"select farm_id, coalesce(b.name, ''), coalesce(s.farm, farm_id), coalesce(b.lead_party_name, ''),"
	" coalesce(s.owner, ''),"
	"       coalesce(s.region, ''), coalesce(s.nation, '')"
	"  from (select farm_id from bm_units union select farm_id from sites) u"
	"  left join bm_units b using (farm_id) left join sites s using (farm_id)"
	" order by farm_id collate \"C\", s.valid_from desc, b.valid_from desc";

static const char recorded_sql[] =
	"select exists (select 1 from curtailment_records where farm_id = $1)";

/* %s: first and last day, and what narrows it to some units. */
static const char energy_sql[] =
	"copy (select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9),"
	"             round(coalesce(sum(payment), 0), 9), count(*) - count(payment)"
	"        from curtailment_records where settlement_date between '%s' and '%s'%s"
	"       group by settlement_date, settlement_period, farm_id"
	"       order by settlement_date, settlement_period, farm_id) to stdout";

static const char state_sql[] =
	"with fetched as materialized ("
	"  select count(*) as periods, bool_and(status = 'final') as final"
	"    from ingested_periods where settlement_date between $1::date and $2::date"
	")"
	"select (select string_agg(year, ', ' order by year) from archived_years"
	"         where year between to_char($1::date, 'YYYY') and to_char($2::date, 'YYYY')),"
	"       periods = (select sum(settlement_periods(d::date))"
	"                    from generate_series($1::date, $2::date, interval '1 day') d),"
	"       final"
	"  from fetched";

static const char days_sql[] =
	"select distinct settlement_date - $1::date from ingested_periods where settlement_date between $1::date and $2::date";

static const char price_sql[] =
	"with spans as ("
	"  select price_date, price, lead(price_date) over (order by price_date) as next"
	"    from bitcoin_prices where currency = $3"
	")"
	"select d::date, round(price, 8), price_date = d::date"
	"  from generate_series($1::date, $2::date, interval '1 day') d"
	"  join spans on d::date >= price_date and d::date < case when next <= price_date + 14 then next else "
	"price_date + 1 end";

/* Units and places ------------------------------------------------------------------------------- */

enum { K_UNIT, K_NAME, K_FARM, K_PARTY, K_OWNER, K_REGION, K_NATION };

/* The farm of a unit: its site's, or itself where it has none. */
static const char *farm_of(const struct places *places, const char *unit)
{
	int low = 0, high = PQntuples(places->known);

	while (low < high) {
		int middle = (low + high) / 2;

		if (strcmp(PQgetvalue(places->known, middle, K_UNIT), unit) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < PQntuples(places->known) && strcmp(PQgetvalue(places->known, low, K_UNIT), unit) == 0
		? PQgetvalue(places->known, low, K_FARM) : unit;
}

/* The one fleet of --per list, by its place. */
static const char one_fleet[] = "list";

static size_t place_named(struct places *places, const char *name)
{
	for (size_t i = 0; i < places->n; i++)
		if (strcmp(places->names[i], name) == 0)
			return i;
	places->names = xgrow(places->names, places->n, sizeof *places->names);
	places->names[places->n] = xstrdup(name);
	return places->n++;
}

/* Where this unit stands, or would stand, among the others. */
static size_t unit_at(const struct places *places, const char *id)
{
	size_t low = 0, high = places->n_units;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(places->units[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct placed_unit *add_unit(struct places *places, const char *id)
{
	size_t at = unit_at(places, id);

	if (at < places->n_units && strcmp(places->units[at].id, id) == 0)
		return &places->units[at];
	places->units = xgrow(places->units, places->n_units, sizeof *places->units);
	memmove(&places->units[at + 1], &places->units[at], (places->n_units++ - at) * sizeof *places->units);
	places->units[at].id = xstrdup(id);
	places->units[at].place = place_named(places,
					      places->per == PER_LIST ? one_fleet : places->per == PER_FARM ? farm_of(places, id) : id);
	return &places->units[at];
}

/* The columns in which a kind of name is looked for; -1 ends. */
struct kind {
	const char *name;
	int columns[3];
};
static const struct kind kinds[N_NAME_KINDS] = {
	[NAME_UNIT] = { "unit", { K_UNIT, -1, -1 } },
	[NAME_FARM] = { "farm", { K_FARM, K_NAME, -1 } },
	[NAME_OWNER] = { "owner", { K_OWNER, K_PARTY, -1 } },
	[NAME_REGION] = { "region", { K_REGION, K_NATION, -1 } },
};

_Noreturn static void refuse_name(const struct places *places, const struct kind *kind, const char *name)
{
	struct nearest nearest;
	struct buf words = BUF_INIT;

	nearest_begin(&nearest, name);
	for (int i = 0; i < PQntuples(places->known); i++)
		for (const int *c = kind->columns; *c >= 0; c++)
			nearest_offer(&nearest, PQgetvalue(places->known, i, *c));
	die(EX_USAGE, "there is no %s %.100s%s", kind->name, name, nearest_words(&nearest, &words));
}

/* Add the units that have this name in a column; with their whole farm where it is the registered name of one. */
static bool add_named(struct places *places, int column, const char *name)
{
	bool found = false;

	for (int i = 0; i < PQntuples(places->known); i++) {
		if (!*name || strcasecmp(PQgetvalue(places->known, i, column), name) != 0)
			continue;
		found = true;
		if (column == K_NAME)
			add_named(places, K_FARM, PQgetvalue(places->known, i, K_FARM));
		else
			add_unit(places, PQgetvalue(places->known, i, K_UNIT));
	}
	return found;
}

/* A unit that neither list knows may be stored all the same. */
static bool add_recorded(struct places *places, PGconn *db, const char *name)
{
	char *recorded = db_value(db, recorded_sql, DB_ARGS(name));
	bool is_recorded = *recorded == 't';

	free(recorded);
	if (is_recorded)
		add_unit(places, name);
	return is_recorded;
}

static void choose(struct places *places, PGconn *db, enum name_kind which, const struct name_list *names)
{
	const struct kind *kind = &kinds[which];

	for (int i = 0; i < names->n; i++) {
		bool found = false;

		for (const int *c = kind->columns; *c >= 0 && !(found && which == NAME_FARM); c++)
			found |= add_named(places, *c, names->name[i]);
		if (!found && !(which == NAME_UNIT && add_recorded(places, db, names->name[i])))
			refuse_name(places, kind, names->name[i]);
	}
}

void places_choose(struct places *places, PGconn *db, const struct fleet_request *request)
{
	*places = (struct places){ .per = request->per, .everywhere = true };
	places->known = db_query(db, known_sql, DB_NO_ARGS);
	if (places->per == PER_LIST)
		place_named(places, one_fleet);
	for (int kind = 0; kind < N_NAME_KINDS; kind++) {
		places->everywhere &= request->names[kind].n == 0;
		choose(places, db, (enum name_kind)kind, &request->names[kind]);
	}
}

void places_release(struct places *places)
{
	for (size_t i = 0; i < places->n_units; i++)
		free(places->units[i].id);
	for (size_t i = 0; i < places->n; i++)
		free(places->names[i]);
	free(places->units);
	free(places->names);
	PQclear(places->known);
}

bool places_stored_days(PGconn *db, struct day_range *days)
{
	return days_known(db, &days->from, &days->to);
}

/* Energy ----------------------------------------------------------------------------------------- */

/* " and farm_id = any('{...}')", or nothing. */
static void add_filter(struct buf *sql, const PGconn *db, const struct places *places)
{
	struct buf array = BUF_INIT;
	char *literal;

	if (places->everywhere)
		return;
	db_array_begin(&array);
	for (size_t i = 0; i < places->n_units; i++)
		db_array_add(&array, places->units[i].id);
	db_array_end(&array);
	literal = PQescapeLiteral((PGconn *)(uintptr_t)db, array.data, array.len);
	buf_addf(sql, " and farm_id = any(%s)", literal);
	PQfreemem(literal);
	buf_release(&array);
}

/* A number of at most nine decimals as a whole number of 1e-9, of either sign. */
static bool nanos(const char *text, int64_t *value)
{
	bool negative = *text == '-';
	int64_t digits = 0;
	int behind = -1;

	for (text += negative; *text; text++) {
		if (*text == '.' && behind < 0) {
			behind = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || digits > INT64_MAX / 10 - 1 || behind == 9)
			return false;
		digits = digits * 10 + (*text - '0');
		behind += behind >= 0;
	}
	for (behind = behind < 0 ? 0 : behind; behind < 9; behind++) {
		if (digits > INT64_MAX / 10 - 1)
			return false;
		digits *= 10;
	}
	*value = negative ? -digits : digits;
	return true;
}

/* The places that have energy in the period at hand, and how much. */
struct gathered {
	struct place_energy *energy;	/* by place; nmwh 0: none */
	size_t *touched;
	size_t n_touched, size;
};

static void gather(struct gathered *g, const struct place_energy *more)
{
	if (more->place >= g->size) {
		size_t size = g->size ? 2 * g->size : 256;

		while (size <= more->place)
			size *= 2;
		g->energy = xrealloc(g->energy, size * sizeof *g->energy);
		g->touched = xrealloc(g->touched, size * sizeof *g->touched);
		memset(g->energy + g->size, 0, (size - g->size) * sizeof *g->energy);
		g->size = size;
	}
	if (g->energy[more->place].period == 0) {
		g->touched[g->n_touched++] = more->place;
		g->energy[more->place] = *more;
		return;
	}
	g->energy[more->place].nmwh += more->nmwh;
	g->energy[more->place].payment += more->payment;
}

static void hand_out(struct gathered *g, void (*each)(void *ctx, const struct place_energy *energy), void *ctx)
{
	for (size_t i = 0; i < g->n_touched; i++) {
		struct place_energy *energy = &g->energy[g->touched[i]];

		each(ctx, energy);
		energy->period = 0;
	}
	g->n_touched = 0;
}

/* Cut a row of COPY text into its fields; false if there are not so many. */
static bool cut(char *row, char **field, int n)
{
	for (int i = 0; i < n; i++) {
		field[i] = row;
		row = strchr(row, '\t');
		if ((row != NULL) != (i + 1 < n))
			return false;
		if (row)
			*row++ = '\0';
	}
	return true;
}

long places_energy(struct places *places, PGconn *db, struct day_range days,
		   void (*each)(void *ctx, const struct place_energy *energy), void *ctx)
{
	struct gathered gathered = { 0 };
	struct db_copy_out rows;
	struct buf sql = BUF_INIT, filter = BUF_INIT;
	struct place_energy at = { .day = -1 };
	char from[DAY_TEXT], to[DAY_TEXT], *row, *field[6];
	long unpaid = 0;

	add_filter(&filter, db, places);
	buf_addf(&sql, energy_sql, day_format(days.from, from), day_format(days.to, to), filter.data ? filter.data : "");
	db_copy_out_begin(&rows, db, sql.data);
	while ((row = db_copy_out_next(&rows))) {
		struct place_energy more = { 0 };

		if (!cut(row, field, 6) || !day_parse(field[0], &more.day))
			die(EX_SOFTWARE, "a stored record cannot be read: %.120s", row);
		more.period = (int)strtol(field[1], NULL, 10);
		if (more.period < 1 || more.period > settlement_periods(more.day) || !nanos(field[3], &more.nmwh) ||
		    !nanos(field[4], &more.payment)) {
			log_warning("left out: the stored energy of %s, period %s, %.40s is impossible: %.40s MWh, %.40s pounds", field[0],
				    field[1], field[2], field[3], field[4]);
			continue;
		}
		unpaid += strtol(field[5], NULL, 10);
		if (more.day != at.day || more.period != at.period)
			hand_out(&gathered, each, ctx);
		at = more;
		more.place = add_unit(places, copy_unescape(field[2]))->place;
		gather(&gathered, &more);
	}
	hand_out(&gathered, each, ctx);
	free(gathered.energy);
	free(gathered.touched);
	buf_release(&sql);
	buf_release(&filter);
	return unpaid;
}

const char *places_state(PGconn *db, struct day_range days)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res = db_query(db, state_sql, DB_ARGS(day_format(days.from, from), day_format(days.to, to)));
	const char *state = strcmp(PQgetvalue(res, 0, 1), "t") != 0 ? "not_complete"
		: strcmp(PQgetvalue(res, 0, 2), "t") == 0 ? "final" : "provisional";

	if (!PQgetisnull(res, 0, 0))
		die(EX_DATAERR,
		    "the records of %s are archived: scripts/partitions restore-year brings them back, or leave them out of the span",
		    PQgetvalue(res, 0, 0));
	PQclear(res);
	return state;
}

void places_days(PGconn *db, struct day_range days, bool *stored)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res = db_query(db, days_sql, DB_ARGS(day_format(days.from, from), day_format(days.to, to)));

	memset(stored, 0, (size_t)(days.to - days.from + 1) * sizeof *stored);
	for (int i = 0; i < PQntuples(res); i++)
		stored[strtol(PQgetvalue(res, i, 0), NULL, 10)] = true;
	PQclear(res);
}

void places_prices(PGconn *db, const char *currency, struct day_range days, int64_t *price, enum price_state *state)
{
	bool assume = strcmp(currency, "USD") == 0;
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res;

	for (day_t day = days.from; day <= days.to; day++) {
		price[day - days.from] = assume ? 65000 * SHARE_ONE : 0;
		state[day - days.from] = assume ? PRICE_ASSUMED : PRICE_NONE;
	}
	res = db_query(db, price_sql, DB_ARGS(day_format(days.from, from), day_format(days.to, to), currency));
	for (int i = 0; i < PQntuples(res); i++) {
		unsigned __int128 value;
		struct reason why;
		day_t day;

		if (!day_parse(PQgetvalue(res, i, 0), &day) || !fixed_parse(PQgetvalue(res, i, 1), 8, &value, &why))
			die(EX_DATAERR, "the stored price of %s is %s", PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
		price[day - days.from] = (int64_t)value;
		state[day - days.from] = *PQgetvalue(res, i, 2) == 't' ? PRICE_KNOWN : PRICE_EARLIER;
	}
	PQclear(res);
}
