/*
 * fetch-elexon - fetch settlement stacks from Elexon and keep what is curtailed wind
 *
 * The source answers one settlement period and one side (bid or offer) a request.  Each body is
 * checked whole before a row of it is believed; a period whose body is refused is a failed
 * period, and leaves what was stored before.  Requests of several days are under way at a time,
 * so that the allowed rate stays full, but days are printed and stored in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "calendar.h"
#include "db.h"
#include "decimal.h"
#include "elexon.h"
#include "http.h"
#include "json.h"
#include "log.h"
#include "opts.h"
#include "root.h"
#include "tsv.h"

#define LIVE_URL "https://data.elexon.co.uk/bmrs/api/v1"
#define STACK_PATH "balancing/settlement/stack/all"

/* Days whose requests may be under way at one time: 16 days at 10 requests a second are over a
 * minute that one slow period may take before it holds up the others. */
#define DAYS_AHEAD 16

#define LOCK_SECONDS 10

static const char *const columns[] = {
	"settlement_date", "settlement_period", "farm_id", "lead_party_name", "volume", "original_price",
	"final_price", "payment", "so_flag", "cadl_flag", "acceptance_id", "pair_id", "stack",
	"sequence_number", "source_created_at", "transmission_loss_multiplier", NULL
};

#define RECORD_COLUMNS									\
	"settlement_date, settlement_period, farm_id, lead_party_name, volume, original_price,"	\
	" final_price, payment, so_flag, cadl_flag, acceptance_id, pair_id, stack,"	\
	" sequence_number, source_created_at, transmission_loss_multiplier"

#define FACT_COLUMNS									\
	"settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume, source_created_at"

/* The register as it was on a day, and until when it stays so. */
static const char units_sql[] =
	"select farm_id, lead_party_name, fuel_type,"
	"       (select min(b)::text from (select valid_from from bm_units union all select valid_to from bm_units) as bounds (b)"
	"         where b > $1::date and isfinite(b)) as next_change"
	"  from bm_units"
	" where valid_from <= $1::date and (valid_to is null or valid_to > $1::date)"
	" order by farm_id";

static const char day_present_sql[] =
	"select exists (select from ingested_periods where settlement_date = $1::date)"
	"    or exists (select from curtailment_records where settlement_date = $1::date)";

static const char stored_periods_sql[] =
	"select settlement_period, rows_seen from ingested_periods"
	" where settlement_date = $1::date and rows_seen > 0"
	" order by settlement_period";

static const char staging_sql[] =
	"create temp table if not exists staged_records on commit delete rows as"
	" select " RECORD_COLUMNS " from curtailment_records with no data;"
	"create temp table if not exists staged_periods on commit delete rows as"
	" select " FACT_COLUMNS " from ingested_periods with no data";

/* Nulls are part of a line's identity; the columns that are never null carry the join. */
#define SAME_LINE									\
	"s.settlement_date = r.settlement_date and s.settlement_period = r.settlement_period"	\
	" and s.farm_id = r.farm_id and s.stack = r.stack and s.sequence_number = r.sequence_number"	\
	" and (s.acceptance_id, s.pair_id) is not distinct from (r.acceptance_id, r.pair_id)"

#define SAME_CONTENT(s, r)								\
	"(" s ".lead_party_name, " s ".volume, " s ".original_price, " s ".final_price, " s ".payment, " s ".so_flag, " s ".cadl_flag,"	\
	" " s ".source_created_at, " s ".transmission_loss_multiplier) is not distinct from"	\
	" (" r ".lead_party_name, " r ".volume, " r ".original_price, " r ".final_price, " r ".payment, " r ".so_flag, " r ".cadl_flag,"	\
	" " r ".source_created_at, " r ".transmission_loss_multiplier)"

/* The rows of the fetched periods that the source has no more, or not so. */
static const char withdraw_sql[] =
	"delete from curtailment_records r"
	" using staged_periods p"
	" where r.settlement_date = $1::date and p.settlement_date = r.settlement_date"
	"   and p.settlement_period = r.settlement_period"
	"   and not exists (select from staged_records s"
	"                    where " SAME_LINE " and " SAME_CONTENT("s", "r") ")";

static const char add_sql[] =
	"insert into curtailment_records (" RECORD_COLUMNS ")"
	" select " RECORD_COLUMNS " from staged_records s"
	"  where s.settlement_date = $1::date"
	"    and not exists (select from curtailment_records r"
	"                     where r.settlement_date = $1::date and " SAME_LINE ")"
	"  order by settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number";

static const char facts_sql[] =
	"insert into ingested_periods (" FACT_COLUMNS ")"
	" select " FACT_COLUMNS " from staged_periods p"
	"  where not exists (select from ingested_periods i"
	"                     where i.settlement_date = $1::date and i.settlement_date = p.settlement_date"
	"                       and i.settlement_period = p.settlement_period"
	"                       and (i.status, i.selection, i.rows_seen, i.rows_kept, i.volume, i.source_created_at)"
	"                           is not distinct from"
	"                           (p.status, p.selection, p.rows_seen, p.rows_kept, p.volume, p.source_created_at))"
	"  order by settlement_period"
	" on conflict (settlement_date, settlement_period) do update"
	"    set status = excluded.status, selection = excluded.selection, rows_seen = excluded.rows_seen,"
	"        rows_kept = excluded.rows_kept, volume = excluded.volume,"
	"        source_created_at = excluded.source_created_at, fetched_at = excluded.fetched_at";

/* The source's rows come as one text of lines, so that a read-only database can compare too.
 * Who leads a unit is the register's knowledge, not the stack's: it is not compared. */
static const char compare_sql[] =
	"with source as ("
	"	select f[2]::smallint as settlement_period, replace(f[3], '\\\\', '\\') as farm_id,"
	"	       f[5]::numeric as volume, nullif(f[6], '\\N')::numeric as original_price,"
	"	       nullif(f[7], '\\N')::numeric as final_price, nullif(f[8], '\\N')::numeric as payment,"
	"	       nullif(f[9], '\\N')::boolean as so_flag, nullif(f[10], '\\N')::boolean as cadl_flag,"
	"	       nullif(f[11], '\\N')::bigint as acceptance_id, nullif(f[12], '\\N')::smallint as pair_id,"
	"	       f[13] as stack, f[14]::integer as sequence_number,"
	"	       nullif(f[15], '\\N')::timestamptz as source_created_at,"
	"	       nullif(f[16], '\\N')::numeric as transmission_loss_multiplier"
	"	  from (select string_to_array(line, E'\\t') as f from string_to_table($2, E'\\n') as line"
	"	         where line <> '') as lines"
	"), stored as ("
	"	select settlement_period, farm_id, volume, original_price, final_price, payment, so_flag, cadl_flag,"
	"	       acceptance_id, pair_id, stack, sequence_number, source_created_at, transmission_loss_multiplier"
	"	  from curtailment_records where settlement_date = $1::date"
	"), lines as ("
	"	select settlement_period, sum(stored) as stored, sum(source) as source,"
	"	       sum(stored * volume) as stored_volume, sum(source * volume) as source_volume"
	"	  from (select 1 as stored, 0 as source, * from stored"
	"	        union all"
	"	        select 0, 1, * from source) as both_sides"
	"	 group by settlement_period, farm_id, volume, original_price, final_price, payment, so_flag, cadl_flag,"
	"	          acceptance_id, pair_id, stack, sequence_number, source_created_at, transmission_loss_multiplier"
	"), periods as ("
	"	select settlement_period, sum(stored) as stored_rows, sum(source) as source_rows,"
	"	       sum(stored_volume) as stored_volume, sum(source_volume) as source_volume,"
	"	       coalesce(sum(stored) filter (where stored <> source), 0) as only_stored,"
	"	       coalesce(sum(source) filter (where stored <> source), 0) as only_source"
	"	  from lines group by settlement_period"
	")"
	" select c.settlement_period,"
	"        case when i.settlement_period is not null then coalesce(p.stored_rows, 0) end,"
	"        coalesce(p.source_rows, 0),"
	"        case when i.settlement_period is not null then trim_scale(coalesce(p.stored_volume, 0)) end,"
	"        trim_scale(coalesce(p.source_volume, 0)), coalesce(p.only_stored, 0), coalesce(p.only_source, 0)"
	"   from unnest($3::smallint[]) as c (settlement_period)"
	"   left join periods p on p.settlement_period = c.settlement_period"
	"   left join ingested_periods i on i.settlement_date = $1::date and i.settlement_period = c.settlement_period"
	"  where i.settlement_period is null or p.only_stored > 0 or p.only_source > 0"
	"  order by c.settlement_period";

static const char *const difference_columns[] = {
	"settlement_date", "settlement_period", "stored_rows", "source_rows", "stored_volume", "source_volume",
	"only_stored", "only_source", NULL
};

static const char help[] =
	"usage: fetch-elexon [OPTION]... DATE [TO]\n"
	"       fetch-elexon [OPTION]... --last N\n"
	"       fetch-elexon [OPTION]... -\n"
	"\n"
	"Fetch the settlement stacks of each half hour from Elexon and print the curtailed wind as\n"
	"TSV rows, or store it.  With - the periods come on standard input, as rows with the columns\n"
	"settlement_date and settlement_period: what find-missing --periods prints.\n"
	"\n"
	"      --store            write the database instead of printing\n"
	"      --verify           compare the source with the database, print what differs, write\n"
	"                         nothing; status 1 if anything does\n"
	"      --periods A-B      only these settlement periods\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --side SIDE        bid (where curtailment stands, the default), offer or both\n"
	"      --all-bids         not only those with the system operator's flag\n"
	"      --archive DIR      keep each body, as sent, in the source's own paths below DIR\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	"      --units FILE       the wind units, when no database is used\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

/* What is wanted ----------------------------------------------------------------------------- */

/* One day and which of its periods: bit p - 1 stands for period p. */
struct wanted {
	day_t day;
	uint64_t periods;
};

struct plan {
	struct wanted *days;
	size_t n_days, size;
	long n_periods;
};

/* Wind units and the others of the register, as they were on the days from..until. */
struct unit_set {
	struct unit_set *next;
	day_t from, until;		/* until is exclusive */
	int users;			/* days under way */
	struct elexon_unit *units;
	size_t n_units;
	bool complete;			/* holds units that are not wind, so that one it lacks is a new one */
	PGresult *res;			/* what the texts are borrowed from: this ... */
	char **texts;			/* ... or these */
	size_t n_texts;
};

/* One request. */
struct ask {
	struct day *day;
	int period;
	enum elexon_side side;
	bool absent;
	instant_t as_of;
	struct elexon_stack stack;
};

struct period {
	int outstanding;		/* requests */
	bool failed, not_tried;
	struct ask ask[2];		/* by side */
	/* What is left when all its requests are settled: */
	struct buf rows;		/* as they are printed or copied */
	bool final, absent;
	int rows_seen, rows_kept;
	char *volume;
	bool has_created;
	instant_t created;
};

struct day {
	struct day *next;
	day_t day;
	char text[DAY_TEXT];
	uint64_t periods;
	int outstanding;		/* periods */
	struct unit_set *units;
	struct period period[MAX_PERIODS];
};

enum face { PRINT, STORE, VERIFY };

struct fetch {
	enum face face;
	const char *base, *archive, *units_path;
	bool from_disk;
	int first_side, last_side;
	bool all_bids;
	char selection[16];
	struct tsv_writer out;		/* what is printed ... */
	struct tsv_writer rows;		/* ... and curtailment rows, gathered until their day is complete */
	PGconn *db;
	instant_t now;

	struct plan plan;
	size_t at_day;			/* of the plan: the day that is next to be opened */
	struct day *oldest, *newest;	/* under way, in order */
	int n_under_way;
	int at_period, at_side;		/* of the newest day: what is asked next */
	struct unit_set *unit_sets;
	day_t month;			/* whose partitions are known to be there: its first day */
	bool storing;			/* a day's rows are still on their way to the server */

	int status;
	long fetched, failed, not_tried, missing_files, different;
	long long kept, changed;
	struct decimal volume, payment;
	long unknown_rows;
	struct buf unknown;		/* the first few names */
	int n_unknown;
	struct timespec begun;
	bool progress;
};

/* The plan ----------------------------------------------------------------------------------- */

static void plan_add(struct plan *plan, day_t day, uint64_t periods)
{
	if (!periods)
		return;
	if (plan->n_days == plan->size) {
		plan->size = plan->size ? 2 * plan->size : 32;
		plan->days = xrealloc(plan->days, plan->size * sizeof *plan->days);
	}
	plan->days[plan->n_days++] = (struct wanted){ day, periods };
}

static uint64_t period_bits(int from, int to)
{
	return ((UINT64_C(1) << to) - 1) & ~((UINT64_C(1) << (from - 1)) - 1);
}

/* Leave out what has not happened yet, and say so. */
static void plan_until(struct plan *plan, instant_t now)
{
	char first[DAY_TEXT] = "";
	size_t kept = 0;
	long ahead = 0;

	for (size_t i = 0; i < plan->n_days; i++) {
		struct wanted *w = &plan->days[i];
		uint64_t ended = 0;

		for (int p = 1; p <= settlement_periods(w->day); p++)
			if (period_start(w->day, p) + PERIOD_SECONDS <= now)
				ended |= period_bits(p, p);
		if (w->periods & ~ended && !ahead)
			day_format(w->day, first);
		ahead += __builtin_popcountll(w->periods & ~ended);
		w->periods &= ended;
		if (w->periods)
			plan->days[kept++] = *w;
		plan->n_periods += __builtin_popcountll(w->periods);
	}
	plan->n_days = kept;
	if (ahead)
		log_info("%ld of the periods asked for, the first on %s, have not ended yet and are left out", ahead, first);
}

static void plan_range(struct plan *plan, struct day_range days, const char *periods, instant_t now)
{
	struct period_range range = { 1, MAX_PERIODS };
	char text[DAY_TEXT];

	if (periods) {
		range = opts_periods(periods);
		opts_check_periods(range, days);
	}
	if (days.from > day_of_instant(now))
		die(EX_USAGE, "%s has not begun", day_format(days.from, text));
	for (day_t day = days.from; day <= days.to; day++) {
		int last = settlement_periods(day);

		plan_add(plan, day, period_bits(range.from, range.to < last ? range.to : last));
	}
}

static int by_day(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;

	return (a->day > b->day) - (a->day < b->day);
}

/* Rows in any order, one period each; a period named twice is one period. */
static void plan_stdin(struct plan *plan)
{
	static const char *const wanted[] = { "settlement_date", "settlement_period", NULL };
	struct tsv_reader in;
	struct reason why;
	size_t kept = 0;
	int got;

	if (!tsv_open(&in, stdin, "standard input", wanted, 2, &why))
		die(EX_DATAERR, "%s", why.text);
	while ((got = tsv_read(&in, &why)) > 0) {
		const char *date = in.value[0], *number = in.value[1];
		char *end = NULL;
		day_t day;
		long period;

		if (!date || !day_parse(date, &day))
			die(EX_DATAERR, "standard input, line %ld: '%s' is not a settlement date", in.line_number, date ? date : "\\N");
		period = number && *number >= '0' && *number <= '9' ? strtol(number, &end, 10) : 0;
		if (period < 1 || *end || period > settlement_periods(day))
			die(EX_DATAERR, "standard input, line %ld: %s has no settlement period '%s'", in.line_number, date,
			    number ? number : "\\N");
		if (plan->n_days && plan->days[plan->n_days - 1].day == day)
			plan->days[plan->n_days - 1].periods |= period_bits((int)period, (int)period);
		else
			plan_add(plan, day, period_bits((int)period, (int)period));
	}
	if (got < 0)
		die(EX_DATAERR, "%s", why.text);
	tsv_close(&in);
	if (plan->n_days)
		qsort(plan->days, plan->n_days, sizeof *plan->days, by_day);
	for (size_t i = 0; i < plan->n_days; i++) {
		if (kept && plan->days[kept - 1].day == plan->days[i].day)
			plan->days[kept - 1].periods |= plan->days[i].periods;
		else
			plan->days[kept++] = plan->days[i];
	}
	plan->n_days = kept;
}

/* Units -------------------------------------------------------------------------------------- */

static bool is_wind(const char *fuel_type)
{
	return fuel_type && strcmp(fuel_type, "WIND") == 0;
}

static void add_unit(struct unit_set *set, const char *id, const char *lead_party_name, const char *fuel_type)
{
	set->units[set->n_units++] = (struct elexon_unit){
		.id = id, .lead_party_name = lead_party_name, .fuel_type = fuel_type,
	};
	if (!is_wind(fuel_type))
		set->complete = true;
}

static void units_from_file(struct unit_set *set, const char *path)
{
	static const char *const wanted[] = { "farm_id", "lead_party_name", "fuel_type", NULL };
	char *own_path = path ? NULL : root_path("sql/reference/wind-units.tsv");
	const char *name = path ? path : own_path;
	FILE *file = fopen(name, "r");
	struct tsv_reader in;
	struct reason why;
	size_t size = 0;
	int got;

	if (!file)
		die(path ? EX_USAGE : EX_CONFIG, "cannot read the wind units in %s: %s", name, strerror(errno));
	if (!tsv_open(&in, file, name, wanted, 3, &why))
		die(EX_DATAERR, "%s", why.text);
	while ((got = tsv_read(&in, &why)) > 0) {
		char *text[3];

		if (!in.value[0] || !*in.value[0])
			die(EX_DATAERR, "%s, line %ld: no farm_id", name, in.line_number);
		if (set->n_units == size) {
			size = size ? 2 * size : 256;
			set->units = xrealloc(set->units, size * sizeof *set->units);
			set->texts = xrealloc(set->texts, 3 * size * sizeof *set->texts);
		}
		for (int i = 0; i < 3; i++)
			set->texts[set->n_texts++] = text[i] = in.value[i] ? xstrdup(in.value[i]) : NULL;
		add_unit(set, text[0], text[1], text[2]);
	}
	if (got < 0)
		die(EX_DATAERR, "%s", why.text);
	tsv_close(&in);
	fclose(file);
	free(own_path);
	set->from = INT32_MIN;
	set->until = INT32_MAX;
	elexon_sort_units(set->units, set->n_units);
	for (size_t i = 1; i < set->n_units; i++)
		if (strcmp(set->units[i - 1].id, set->units[i].id) == 0)
			die(EX_DATAERR, "%s: the unit %s stands twice", name, set->units[i].id);
}

/* Wait for the server to have taken the rows of the last day, and make them stand. */
static void finish_storing(struct fetch *f)
{
	if (!f->storing)
		return;
	f->storing = false;
	f->changed += db_copy_end(f->db);
	db_exec(f->db, "commit");
}

static const char *value_or_null(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

static void units_from_db(struct unit_set *set, struct fetch *f, day_t day)
{
	char text[DAY_TEXT];
	int n;

	finish_storing(f);
	set->res = db_query(f->db, units_sql, DB_ARGS(day_format(day, text)));
	n = PQntuples(set->res);
	set->units = xmalloc((size_t)n * sizeof *set->units);
	for (int i = 0; i < n; i++)
		add_unit(set, PQgetvalue(set->res, i, 0), value_or_null(set->res, i, 1), value_or_null(set->res, i, 2));
	set->from = day;
	if (n == 0 || !value_or_null(set->res, 0, 3) || !day_parse(PQgetvalue(set->res, 0, 3), &set->until))
		set->until = n == 0 ? day + 1 : INT32_MAX;
	elexon_sort_units(set->units, set->n_units);
}

static void release_units(struct unit_set *set)
{
	for (size_t i = 0; i < set->n_texts; i++)
		free(set->texts[i]);
	free(set->texts);
	free(set->units);
	PQclear(set->res);
	free(set);
}

/* The units of a day; those of days that nobody needs any more are let go. */
static struct unit_set *units_of(struct fetch *f, day_t day)
{
	struct unit_set **link = &f->unit_sets, *set;

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
		release_units(set);
	}
	set = xmalloc(sizeof *set);
	*set = (struct unit_set){ .next = f->unit_sets, .users = 1 };
	if (f->face == PRINT)
		units_from_file(set, f->units_path);
	else
		units_from_db(set, f, day);
	f->unit_sets = set;
	return set;
}

/* Days and periods --------------------------------------------------------------------------- */

static bool is_wanted(const struct day *d, int period)
{
	return d->periods >> (period - 1) & 1;
}

static bool is_fetched(const struct day *d, int period)
{
	return is_wanted(d, period) && !d->period[period - 1].failed && !d->period[period - 1].not_tried;
}

static bool any_fetched(const struct day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_fetched(d, p))
			return true;
	return false;
}

/* Asking ------------------------------------------------------------------------------------- */

static void open_day(struct fetch *f)
{
	const struct wanted *w = &f->plan.days[f->at_day++];
	struct day *d = calloc(1, sizeof *d);

	if (!d)
		die(EX_OSERR, "out of memory");
	d->day = w->day;
	day_format(d->day, d->text);
	d->periods = w->periods;
	d->outstanding = __builtin_popcountll(w->periods);
	d->units = units_of(f, d->day);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		struct period *period = &d->period[p - 1];

		period->outstanding = f->last_side - f->first_side + 1;
		for (int side = 0; side < 2; side++) {
			period->ask[side] = (struct ask){ .day = d, .period = p, .side = (enum elexon_side)side };
			elexon_stack_init(&period->ask[side].stack, d->day, p, (enum elexon_side)side);
		}
	}
	if (f->newest)
		f->newest->next = d;
	else
		f->oldest = d;
	f->newest = d;
	f->n_under_way++;
	f->at_period = 1;
	f->at_side = f->first_side;
}

static void stack_path(struct buf *path, const struct ask *ask)
{
	buf_addf(path, "%s/%s/%s/%d", STACK_PATH, elexon_side_name(ask->side), ask->day->text, ask->period);
}

static enum http_next next_request(void *ctx, struct http_request *req)
{
	struct fetch *f = ctx;
	struct ask *ask;

	for (;;) {
		while (f->n_under_way && f->at_period <= MAX_PERIODS && !is_wanted(f->newest, f->at_period))
			f->at_period++;
		if (f->n_under_way && f->at_period <= MAX_PERIODS)
			break;
		if (f->at_day == f->plan.n_days)
			return HTTP_END;
		if (f->n_under_way >= DAYS_AHEAD)
			return HTTP_HOLD;
		open_day(f);
	}
	ask = &f->newest->period[f->at_period - 1].ask[f->at_side];
	buf_adds(&req->url, f->base);
	buf_addc(&req->url, '/');
	stack_path(&req->url, ask);
	req->item = ask;
	if (f->at_side++ == f->last_side) {
		f->at_side = f->first_side;
		f->at_period++;
	}
	return HTTP_START;
}

/* Archive ------------------------------------------------------------------------------------ */

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			die(EX_IOERR, "cannot make the folder %s: %s", path, strerror(errno));
		*slash = '/';
	}
}

static bool write_whole(int fd, const struct buf *body)
{
	for (size_t at = 0; at < body->len;) {
		ssize_t put = write(fd, body->data + at, body->len - at);

		if (put < 0 && errno != EINTR)
			return false;
		at += put < 0 ? 0 : (size_t)put;
	}
	return fsync(fd) == 0;
}

/* The file appears whole or not at all; a signal that would end us waits until it has. */
static void archive_body(const char *folder, const struct ask *ask, const struct buf *body)
{
	struct buf path = BUF_INIT, part = BUF_INIT;
	sigset_t ending, before;
	bool ok;
	int fd;

	buf_addf(&path, "%s/", folder);
	stack_path(&path, ask);
	make_folders(path.data);
	buf_addf(&part, "%.*s.%d.part.%ld", (int)(strrchr(path.data, '/') + 1 - path.data), path.data, ask->period,
		 (long)getpid());
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, &before);
	fd = open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = fd >= 0 && write_whole(fd, body);
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (!ok || rename(part.data, path.data) != 0) {
		int error = errno;

		if (fd >= 0)
			unlink(part.data);
		die(EX_IOERR, "cannot write %s: %s", path.data, strerror(error));
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	buf_release(&path);
	buf_release(&part);
}

/* What is curtailment ------------------------------------------------------------------------ */

struct line {
	const struct elexon_row *row;
	const struct elexon_unit *unit;
	enum elexon_side side;
};

/* The order of the table's key; null comes last, as in the database. */
static int by_key(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int order = strcmp(a->row->id, b->row->id);

#define THEN(p, q) if (!order) order = ((p) > (q)) - ((p) < (q))
	THEN(a->side, b->side);
	THEN(b->row->has_acceptance_id, a->row->has_acceptance_id);
	THEN(a->row->acceptance_id, b->row->acceptance_id);
	THEN(b->row->has_pair_id, a->row->has_pair_id);
	THEN(a->row->pair_id, b->row->pair_id);
	THEN(a->row->sequence_number, b->row->sequence_number);
#undef THEN
	return order;
}

static void put_number(struct tsv_writer *w, const char *text)
{
	tsv_plain(w, *text ? text : NULL);
}

static void put_flag(struct tsv_writer *w, enum elexon_flag flag)
{
	if (flag == ELEXON_NULL)
		tsv_null(w);
	else
		tsv_bool(w, flag == ELEXON_TRUE);
}

static void put_id(struct tsv_writer *w, bool has, int64_t id)
{
	if (has)
		tsv_int(w, id);
	else
		tsv_null(w);
}

static void add_text(struct decimal *sum, const char *text)
{
	struct decimal value;

	decimal_init(&value);
	decimal_parse_text(&value, text, DECIMAL_PLAIN, NULL);
	decimal_add(sum, sum, &value);
	decimal_release(&value);
}

static void put_line(struct fetch *f, const struct day *d, int period, const struct line *line)
{
	struct tsv_writer *w = &f->rows;
	const struct elexon_row *row = line->row;
	struct buf payment = BUF_INIT;
	char created[INSTANT_TEXT];
	bool paid = elexon_payment(row, &payment);

	tsv_plain(w, d->text);
	tsv_int(w, period);
	tsv_text(w, row->id);
	tsv_text(w, line->unit->lead_party_name);
	tsv_plain(w, row->volume);
	put_number(w, row->original_price);
	put_number(w, row->final_price);
	tsv_plain(w, paid ? payment.data : NULL);
	put_flag(w, row->so_flag);
	put_flag(w, row->cadl_flag);
	put_id(w, row->has_acceptance_id, row->acceptance_id);
	put_id(w, row->has_pair_id, row->pair_id);
	tsv_text(w, elexon_side_name(line->side));
	tsv_int(w, row->sequence_number);
	tsv_plain(w, row->has_created_at ? instant_format(row->created_at, created) : NULL);
	put_number(w, row->transmission_loss_multiplier);
	tsv_end_row(w);
	if (paid)
		add_text(&f->payment, payment.data);
	buf_release(&payment);
}

static void note_unknown(struct fetch *f, const struct elexon_selection *selection)
{
	struct buf name = BUF_INIT;

	f->unknown_rows += selection->unknown;
	buf_addf(&name, " %s,", selection->first_unknown);
	if (f->n_unknown < 8 && !(f->unknown.data && strstr(f->unknown.data, name.data))) {
		buf_adds(&f->unknown, name.data);
		f->n_unknown++;
	}
	buf_release(&name);
}

static void fail_period(struct fetch *f, const struct day *d, struct period *period, int status, const char *why)
{
	period->failed = true;
	f->status = http_worse_status(f->status, status);
	log_error("%s %s", d->text, why);
}

/* All sides of a period are here: keep what is curtailment and let the rest go. */
static void settle_period(struct fetch *f, struct day *d, struct period *period)
{
	int number = (int)(period - d->period) + 1;
	struct elexon_selection selection[2];
	struct line *lines = NULL;
	size_t n_lines = 0;
	struct decimal volume;
	struct buf text = BUF_INIT;
	struct reason why;

	decimal_init(&volume);
	period->final = period->absent = true;
	for (int side = f->first_side; side <= f->last_side && is_fetched(d, number); side++) {
		struct ask *ask = &period->ask[side];
		const struct elexon_stack *stack = &ask->stack;
		struct elexon_selection *s = &selection[side];

		if (!elexon_select(stack, d->units->units, d->units->n_units, f->all_bids, s, &why)) {
			fail_period(f, d, period, EX_DATAERR, why.text);
			elexon_selection_release(s);
			for (int before = f->first_side; before < side; before++)
				elexon_selection_release(&selection[before]);
			break;
		}
		/* A file that is not there says nothing about the source: that is never final. */
		period->final &= !(ask->absent && f->from_disk) && elexon_is_final(stack, ask->as_of);
		period->absent &= ask->absent;
		period->rows_seen += stack->rows_seen;
		period->rows_kept += (int)s->n_kept;
		if (stack->rows_seen > stack->undated && (!period->has_created || stack->newest_created > period->created)) {
			period->has_created = true;
			period->created = stack->newest_created;
		}
		decimal_add(&volume, &volume, &s->volume);
		lines = xrealloc(lines, (n_lines + s->n_kept) * sizeof *lines);
		for (size_t i = 0; i < s->n_kept; i++)
			lines[n_lines++] = (struct line){ s->kept[i].row, s->kept[i].unit, (enum elexon_side)side };
		if (s->unknown && d->units->complete)
			note_unknown(f, s);
		if (stack->repeated)
			log_warning("%s period %d: %s; a repeated line is kept once", d->text, number, stack->first_repeated);
	}
	if (is_fetched(d, number)) {
		if (n_lines)
			qsort(lines, n_lines, sizeof *lines, by_key);
		for (size_t i = 0; i < n_lines; i++)
			put_line(f, d, number, &lines[i]);
		buf_add(&period->rows, f->rows.line.data, f->rows.line.len);
		buf_clear(&f->rows.line);
		decimal_write(&volume, DECIMAL_KEEP_ZEROS, &text);
		decimal_add(&f->volume, &f->volume, &volume);
		period->volume = buf_detach(&text);
		for (int side = f->first_side; side <= f->last_side; side++)
			elexon_selection_release(&selection[side]);
	}
	for (int side = 0; side < 2; side++)
		elexon_stack_release(&period->ask[side].stack);
	decimal_release(&volume);
	free(lines);
}

/* A day is complete --------------------------------------------------------------------------- */

/*
 * "Not found" stands for "nothing there" when single periods of a day are not found.  That a whole
 * day is not, long after its time, is rather a wrong address, and would otherwise be stored as a
 * day without curtailment; and an archive that has nothing of a day never held it.
 */
static void doubt_absence(struct fetch *f, struct day *d)
{
	int n_absent = 0, n_wanted = __builtin_popcountll(d->periods);

	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_fetched(d, p) && d->period[p - 1].absent)
			n_absent++;
	if (f->from_disk)
		f->missing_files += n_absent;
	if (n_absent == 0 || n_absent < n_wanted ||
	    !(f->from_disk || (n_wanted == settlement_periods(d->day) && f->now >= day_final_from(d->day))))
		return;
	log_error(f->from_disk ? "%s: the archive holds nothing of the periods asked for"
			       : "%s: the source knows none of its periods; is the address right?", d->text);
	f->status = http_worse_status(f->status, EX_UNAVAILABLE);
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_wanted(d, p))
			d->period[p - 1].failed = true;
}

static void print_day(const struct day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_fetched(d, p) && d->period[p - 1].rows.len)
			fwrite(d->period[p - 1].rows.data, 1, d->period[p - 1].rows.len, stdout);
	flush_stdout();
}

/* "Not found" does not take away what the source has shown before. */
static void keep_what_is_stored(struct fetch *f, struct day *d)
{
	bool any = false;
	PGresult *res;

	for (int p = 1; p <= MAX_PERIODS; p++)
		any |= is_fetched(d, p) && d->period[p - 1].absent;
	if (!any)
		return;
	res = db_query(f->db, stored_periods_sql, DB_ARGS(d->text));
	for (int i = 0; i < PQntuples(res); i++) {
		int p = atoi(PQgetvalue(res, i, 0));

		if (!is_fetched(d, p) || !d->period[p - 1].absent)
			continue;
		d->period[p - 1].failed = true;
		f->status = http_worse_status(f->status, EX_UNAVAILABLE);
		log_error("%s period %d: not found, but %s rows of it were fetched before; they stay", d->text, p,
			  PQgetvalue(res, i, 1));
	}
	PQclear(res);
}

/* The facts of the fetched periods as COPY text. */
static void write_facts(const struct fetch *f, const struct day *d, struct buf *out)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct period *period = &d->period[p - 1];
		char created[INSTANT_TEXT] = "\\N";

		if (!is_fetched(d, p))
			continue;
		if (period->has_created)
			instant_format(period->created, created);
		buf_addf(out, "%s\t%d\t%s\t%s\t%d\t%d\t%s\t%s\n", d->text, p, period->final ? "final" : "provisional",
			 f->selection, period->rows_seen, period->rows_kept, period->volume, created);
	}
}

static void join_rows(const struct day *d, struct buf *out)
{
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_fetched(d, p))
			buf_add(out, d->period[p - 1].rows.data, d->period[p - 1].rows.len);
}

static void ensure_month_of(struct fetch *f, day_t day)
{
	int year, month, mday;
	day_t first;

	day_to_civil(day, &year, &month, &mday);
	first = day - mday + 1;
	if (f->month != first)
		db_ensure_months(f->db, day, day);
	f->month = first;
}

/* Write the fetched periods of a day, in one transaction, and only what differs. */
static void store_day(struct fetch *f, struct day *d)
{
	struct buf rows = BUF_INIT, facts = BUF_INIT;
	char *present;

	if (!any_fetched(d))
		return;
	finish_storing(f);
	ensure_month_of(f, d->day);
	db_exec(f->db, "begin");
	db_lock_day(f->db, d->day, LOCK_SECONDS);
	present = db_value(f->db, day_present_sql, DB_ARGS(d->text));
	if (*present == 't')
		keep_what_is_stored(f, d);
	join_rows(d, &rows);
	write_facts(f, d, &facts);
	if (*present == 'f' && facts.len) {
		db_copy(f->db, "copy ingested_periods (" FACT_COLUMNS ") from stdin", facts.data, facts.len);
		db_copy_begin(f->db, "copy curtailment_records (" RECORD_COLUMNS ") from stdin");
		db_copy_put(f->db, rows.data, rows.len);
		f->storing = true;
	} else if (facts.len) {
		/* Nobody has counted the staged rows: a loop in a loop is what the planner would guess. */
		db_exec(f->db, "set local enable_nestloop = off");
		db_exec(f->db, staging_sql);
		db_copy(f->db, "copy staged_records (" RECORD_COLUMNS ") from stdin", rows.data, rows.len);
		db_copy(f->db, "copy staged_periods (" FACT_COLUMNS ") from stdin", facts.data, facts.len);
		f->changed += db_change(f->db, withdraw_sql, DB_ARGS(d->text));
		f->changed += db_change(f->db, add_sql, DB_ARGS(d->text));
		db_change(f->db, facts_sql, DB_ARGS(d->text));
	}
	/* From the disk the next day is here in no time: it is parsed while the server works. */
	if (!f->storing)
		db_exec(f->db, "commit");
	else if (!f->from_disk)
		finish_storing(f);
	free(present);
	buf_release(&rows);
	buf_release(&facts);
}

static void verify_day(struct fetch *f, const struct day *d)
{
	struct buf rows = BUF_INIT, numbers = BUF_INIT;
	PGresult *res;

	join_rows(d, &rows);
	buf_addc(&numbers, '{');
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (is_fetched(d, p))
			buf_addf(&numbers, "%s%d", numbers.len > 1 ? "," : "", p);
	buf_addc(&numbers, '}');
	res = db_query(f->db, compare_sql, DB_ARGS(d->text, rows.data ? rows.data : "", numbers.data));
	for (int i = 0; i < PQntuples(res); i++) {
		tsv_plain(&f->out, d->text);
		for (int c = 0; c < 7; c++)
			tsv_plain(&f->out, value_or_null(res, i, c));
		tsv_end_row(&f->out);
	}
	f->different += PQntuples(res);
	PQclear(res);
	buf_release(&rows);
	buf_release(&numbers);
	flush_stdout();
}

static void show_progress(const struct fetch *f)
{
	struct timespec t;
	double seconds;
	long settled = f->fetched + f->failed + f->not_tried;

	if (!f->progress || settled == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	seconds = (double)(t.tv_sec - f->begun.tv_sec) + (double)(t.tv_nsec - f->begun.tv_nsec) / 1e9;
	/* The cursor goes back to the line's start, so that what is logged next overwrites it. */
	fprintf(stderr, "%ld of %ld periods, %.1f a second, %.0f s left\033[K\r", settled, f->plan.n_periods,
		(double)settled / (seconds + 0.001), seconds / (double)settled * (double)(f->plan.n_periods - settled));
}

static void close_day(struct fetch *f, struct day *d)
{
	doubt_absence(f, d);
	if (f->face == PRINT)
		print_day(d);
	else if (f->face == STORE)
		store_day(f, d);
	else
		verify_day(f, d);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		struct period *period = &d->period[p - 1];

		if (is_fetched(d, p)) {
			f->fetched++;
			f->kept += period->rows_kept;
		} else if (is_wanted(d, p) && period->not_tried) {
			f->not_tried++;
		} else if (is_wanted(d, p)) {
			f->failed++;
		}
		buf_release(&period->rows);
		free(period->volume);
	}
	d->units->users--;
	show_progress(f);
}

static void close_finished_days(struct fetch *f)
{
	struct day *d;

	while ((d = f->oldest) && d->outstanding == 0) {
		close_day(f, d);
		f->oldest = d->next;
		if (!f->oldest)
			f->newest = NULL;
		f->n_under_way--;
		free(d);
	}
}

/* Answers ------------------------------------------------------------------------------------ */

/* Is this a settlement stack at all, whatever its rows say?  It is not when another dataset, another
 * endpoint's rows or an error message came in its place. */
static bool is_stack(const char *body, size_t len)
{
	cJSON *document = json_parse(body, len, NULL);
	const cJSON *data = json_member(document, "data");
	const cJSON *datasets = json_member(json_member(document, "metadata"), "datasets");
	const char *dataset = json_string(cJSON_IsArray(datasets) ? datasets->child : NULL);
	bool is = !document || (cJSON_IsArray(data) && (!dataset || strcmp(dataset, "ISPSTACK") == 0) &&
				!(data->child && json_member(data->child, "dataset")));

	json_release(document);
	return is;
}

/* The body of a period: its stack, or why not.  True when the request is settled. */
static bool take_stack(struct fetch *f, struct ask *ask, const struct buf *body)
{
	struct period *period = &ask->day->period[ask->period - 1];
	struct reason why;

	if (elexon_parse_stack(body->data, body->len, ask->day->day, ask->period, ask->side, &ask->stack, &why)) {
		if (f->archive)
			archive_body(f->archive, ask, body);
		return true;
	}
	elexon_stack_release(&ask->stack);
	if (!f->from_disk && json_is_cut(body->data, body->len))
		return false;
	fail_period(f, ask->day, period, is_stack(body->data, body->len) ? EX_DATAERR : EX_PROTOCOL, why.text);
	return true;
}

static void fail_request(struct fetch *f, const struct ask *ask, const struct http_reply *reply)
{
	struct period *period = &ask->day->period[ask->period - 1];
	struct buf why = BUF_INIT;

	if (reply->outcome == HTTP_NOT_TRIED) {
		period->not_tried = true;
		f->status = http_worse_status(f->status, EX_TEMPFAIL);
		return;
	}
	buf_addf(&why, "period %d: %s", ask->period, reply->why);
	if (reply->attempts > 1)
		buf_addf(&why, ", after %d attempts", reply->attempts);
	fail_period(f, ask->day, period, http_exit_status(reply->outcome), why.data);
	buf_release(&why);
}

static enum http_verdict take_answer(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct fetch *f = ctx;
	struct ask *ask = req->item;
	struct day *d = ask->day;
	struct period *period = &d->period[ask->period - 1];

	if (f->storing)
		PQflush(f->db);		/* what goes wrong here shows when the storing is finished */
	ask->as_of = (instant_t)reply->as_of;
	if (reply->outcome == HTTP_BODY) {
		if (!take_stack(f, ask, reply->body))
			return HTTP_AGAIN;
	} else if (reply->outcome == HTTP_ABSENT) {
		ask->absent = true;
	} else {
		fail_request(f, ask, reply);
	}
	if (--period->outstanding == 0) {
		settle_period(f, d, period);
		d->outstanding--;
		close_finished_days(f);
	}
	return HTTP_DONE;
}

/* -------------------------------------------------------------------------------------------- */

static void say_totals(struct fetch *f, const struct http_totals *http)
{
	struct buf volume = BUF_INIT, payment = BUF_INIT, more = BUF_INIT;
	struct decimal mwh;

	decimal_init(&mwh);
	decimal_neg(&mwh, &f->volume);
	decimal_write(&mwh, DECIMAL_TRIM_ZEROS, &volume);
	decimal_round(&f->payment, &f->payment, 2);
	decimal_write(&f->payment, DECIMAL_KEEP_ZEROS, &payment);
	if (f->unknown_rows) {
		f->unknown.data[f->unknown.len - 1] = '\0';
		log_warning("%ld rows are of units that the register does not know, among them%s; run fetch-bmunits --store",
			    f->unknown_rows, f->unknown.data);
	}
	if (f->missing_files)
		log_warning("%ld periods are not in the archive: nothing is known of them, and they count as provisional",
			    f->missing_files);
	if (f->not_tried)
		log_error("%ld periods were not tried, because the source is down", f->not_tried);
	if (f->face == STORE)
		buf_addf(&more, " changed=%lld", f->changed);
	if (f->face == VERIFY)
		buf_addf(&more, " equal=%ld different=%ld", f->fetched - f->different, f->different);
	log_fact(LOG_INFO, f->face == VERIFY ? "verified" : f->face == STORE ? "stored" : "fetched",
		 "days=%zu periods=%ld failed=%ld %s=%ld rows=%lld mwh=%s payment=%s%s requests=%ld retries=%ld bytes=%lld seconds=%.1f",
		 f->plan.n_days, f->fetched, f->failed, f->face == VERIFY ? "not_checked" : "not_tried",
		 f->face == VERIFY ? f->not_tried + f->failed : f->not_tried, f->kept, volume.data, payment.data,
		 more.data ? more.data : "", http->started, http->retried, http->bytes, http->seconds);
	decimal_release(&mwh);
	buf_release(&volume);
	buf_release(&payment);
	buf_release(&more);
}

static void choose_side(struct fetch *f, const char *text)
{
	if (strcmp(text, "bid") != 0 && strcmp(text, "offer") != 0 && strcmp(text, "both") != 0)
		die(EX_USAGE, "--side %s: it is bid, offer or both", text);
	f->first_side = strcmp(text, "offer") == 0 ? ELEXON_OFFER : ELEXON_BID;
	f->last_side = strcmp(text, "bid") == 0 ? ELEXON_BID : ELEXON_OFFER;
	snprintf(f->selection, sizeof f->selection, "%s %s", text, f->all_bids ? "all" : "so");
}

static void set_face(struct fetch *f, enum face face)
{
	if (f->face != PRINT && f->face != face)
		die(EX_USAGE, "--store and --verify exclude each other");
	f->face = face;
}

static void make_plan(struct fetch *f, int argc, char **argv, const char *periods, const char *last)
{
	if (last && argc > 0)
		die(EX_USAGE, "--last and DATE exclude each other");
	if (argc == 1 && strcmp(argv[0], "-") == 0) {
		if (periods)
			die(EX_USAGE, "--periods does not go with periods from standard input");
		plan_stdin(&f->plan);
	} else {
		plan_range(&f->plan, last ? opts_last(last, f->now) : opts_days(argc, argv, f->now), periods, f->now);
	}
	plan_until(&f->plan, f->now);
}

static void release_fetch(struct fetch *f)
{
	while (f->unit_sets) {
		struct unit_set *set = f->unit_sets;

		f->unit_sets = set->next;
		release_units(set);
	}
	free(f->plan.days);
	decimal_release(&f->volume);
	decimal_release(&f->payment);
	buf_release(&f->unknown);
	tsv_release(&f->out);
	tsv_release(&f->rows);
	if (f->db)
		PQfinish(f->db);
}

int main(int argc, char **argv)
{
	enum { STORE_IT = 1, VERIFY_IT, PERIODS, LAST, SIDE, ALL_BIDS, ARCHIVE, BASE_URL, UNITS };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE_IT },
		{ "verify", no_argument, NULL, VERIFY_IT },
		{ "periods", required_argument, NULL, PERIODS },
		{ "last", required_argument, NULL, LAST },
		{ "side", required_argument, NULL, SIDE },
		{ "all-bids", no_argument, NULL, ALL_BIDS },
		{ "archive", required_argument, NULL, ARCHIVE },
		{ "base-url", required_argument, NULL, BASE_URL },
		{ "units", required_argument, NULL, UNITS },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	struct http_options http = HTTP_OPTIONS_INIT;
	struct http_totals totals;
	struct fetch f = { .now = time(NULL), .month = INT32_MIN };
	const char *periods = NULL, *last = NULL, *side = "bid", *url = NULL;
	char *base;
	int c;

	log_init(argv[0]);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE_IT:  set_face(&f, STORE); break;
		case VERIFY_IT: set_face(&f, VERIFY); break;
		case PERIODS:   periods = optarg; break;
		case LAST:      last = optarg; break;
		case SIDE:      side = optarg; break;
		case ALL_BIDS:  f.all_bids = true; break;
		case ARCHIVE:   f.archive = optarg; break;
		case BASE_URL:  url = optarg; break;
		case UNITS:     f.units_path = optarg; break;
		default:
			if (!http_option(&http, c, optarg) && !opts_rows(c, &f.out))
				opts_common(c, help);
		}
	}
	if (f.units_path && f.face != PRINT)
		die(EX_USAGE, "--units is for use without a database, which has units of its own");
	choose_side(&f, side);
	f.base = base = http_base_url(url, "WINDFALL_ELEXON_URL", LIVE_URL);
	f.from_disk = strncmp(base, "file:", 5) == 0;
	make_plan(&f, argc - optind, argv + optind, periods, last);
	if (f.face != PRINT)
		f.db = db_connect();
	if (f.face == STORE)
		PQsetnonblocking(f.db, 1);	/* rows wait in libpq, not we for the server */
	if (f.face == PRINT)
		f.rows.format = f.out.format;
	tsv_begin(&f.out, f.face == STORE ? NULL : stdout, f.face == VERIFY ? difference_columns : columns);
	tsv_begin(&f.rows, NULL, columns);
	decimal_init(&f.volume);
	decimal_init(&f.payment);
	clock_gettime(CLOCK_MONOTONIC, &f.begun);
	f.progress = f.plan.n_days > 1 && isatty(STDERR_FILENO) && log_wants(LOG_INFO);

	http_run(&http, next_request, take_answer, &f, &totals);
	finish_storing(&f);
	if (f.progress)
		fputs("\033[K", stderr);
	say_totals(&f, &totals);
	release_fetch(&f);
	free(base);
	flush_stdout();
	return f.status ? f.status : f.different ? EX_DIFFERENCES : EX_OK;
}
