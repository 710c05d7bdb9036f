/*
 * miner-models - list, add, retire and compare the miner models
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/plural.h"
#include "calculation/models_db.h"
#include "cli/opts.h"
#include "db/db.h"
#include "format/tsv.h"
#include "os/log.h"

/* What list shows of the table, in the order of the names, and of the calculations that are stored. */
static const char list_sql[] =
	"select m.miner_model, m.retired_from, coalesce(c.calculations, 0), c.first_day, c.last_day, m.source"
	"  from miner_models m"
	"  left join (select miner_model, count(*) as calculations, min(settlement_date) as first_day,"
	" max(settlement_date) as last_day"
	"               from historical_bitcoin_calculations group by miner_model) c using (miner_model)"
	" order by m.miner_model";

static const char add_sql[] =
	"insert into miner_models (miner_model, hashrate_ths, power_w, source) values ($1, $2::numeric, $3::numeric, $4)"
	" on conflict (miner_model) do nothing";

/* In force again, or with another source; nothing where nothing differs. */
static const char renew_sql[] =
	"update miner_models set active = true, retired_from = null, source = coalesce($2, source)"
	" where miner_model = $1 and (not active or source is distinct from coalesce($2, source))";

static const char missing_sql[] =
	"select count(*)"
	"  from (select distinct settlement_date, settlement_period, farm_id from curtailment_records) p"
	"  left join historical_bitcoin_calculations c"
	"    on c.settlement_date = p.settlement_date and c.settlement_period = p.settlement_period"
	"   and c.farm_id = p.farm_id and c.miner_model = $1"
	" where c.miner_model is null";

static const char retire_sql[] =
	"update miner_models set active = false, retired_from = $2::date"
	" where miner_model = $1 and (active or retired_from is distinct from $2::date)";

/* The last one stays: without any, nothing could be calculated. */
static const char delete_sql[] =
	"delete from miner_models where miner_model = $1 and (select count(*) from miner_models) > 1";

static const char stored_sql[] =
	"select count(*) from historical_bitcoin_calculations where miner_model = $1"
	" and settlement_date >= coalesce($2::date, '-infinity')";

static const char help[] =
	"usage: miner-models [list]\n"
	"       miner-models add NAME --hashrate TH --power W [--source TEXT]\n"
	"       miner-models retire NAME [--from DATE | --delete]\n"
	"       miner-models compare\n"
	"\n"
	"Each curtailed (date, period, farm) has one calculation for each miner model in force on its day.\n"
	"A model is a row of the database; filters, which have no database, use\n"
	"sql/reference/miner-models.tsv.\n"
	"\n"
	"  list     the models of table and file: figures, J/TH and the number of stored calculations\n"
	"  add      put a model in force on every day, or a retired one in force again; every past\n"
	"           calculation of it is then missing, and scripts/reconcile missing makes them.  Adding it\n"
	"           again changes nothing; different figures for an existing name are refused\n"
	"  retire   expect no calculations from DATE on (today); for earlier days, and for later ones that\n"
	"           already have some, they must still be complete; nothing is deleted\n"
	"  compare  list the models whose figures differ between table and file, or that only one of them has\n"
	"\n"
	"      --hashrate TH      terahashes per second, above zero, at most three decimals\n"
	"      --power W          watts, likewise; together they must give 3 to 10000 J/TH\n"
	"      --source TEXT      the source of the figures, such as a URL\n"
	"      --from DATE        the first settlement date on which the model is not in force\n"
	"      --delete           delete the model; its calculations become orphans, which scripts/reconcile\n"
	"                         missing removes with their sums\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Exit: 0 done; 1 compare found differences; 64 bad usage; 65 no such model, or figures that\n"
	"contradict those stored.\n"
	"\n"
	"  miner-models add S21 --hashrate 200 --power 3500 --source https://example.org/s21\n"
	"  reconcile missing\n";

struct options {
	const char *name, *hashrate, *power, *source, *from;
	struct miner_model model;	/* of add: what these describe */
	bool delete;
	instant_t now;
	struct tsv_writer out;
};

/* Figures -------------------------------------------------------------------------------------- */

/*
 * Joules per terahash, two decimals.  The first machines on sale in 2013 took some 9,400 (66 GH/s at 620 W), the
 * best announced by 2026 under 10; a hashrate in GH/s or PH/s, or a power in kW, is beyond these bounds.
 */
enum { LEAST_J_PER_TH = 3, MOST_J_PER_TH = 10000 };

static int64_t hundredths_of_j_per_th(const struct miner_model *model)
{
	return (model->power_mw * 100 + model->hashrate_ghs / 2) / model->hashrate_ghs;
}

static const char *thousandths(int64_t value, char text[FIXED_TEXT])
{
	return fixed_trim(fixed_format((unsigned __int128)value, 3, text));
}

/* The model that the options of add describe: a name that is safe everywhere, figures that a machine can have. */
static struct miner_model described(const struct options *o)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
	struct miner_model model;
	struct reason why;
	int64_t efficiency;

	if (!isalnum((unsigned char)*o->name) || strspn(o->name, letters) != strlen(o->name))
		die(EX_USAGE, "NAME \"%.40s\": letters, digits, \".\", \"_\", \"+\" and \"-\", the first a letter or digit", o->name);
	if (!o->hashrate || !o->power)
		die(EX_USAGE, "add needs --hashrate TH and --power W");
	if (!miner_model_parse(o->name, o->hashrate, o->power, &model, &why))
		die(EX_USAGE, "%s", why.text);
	efficiency = hundredths_of_j_per_th(&model);
	if (efficiency < LEAST_J_PER_TH * 100 || efficiency > MOST_J_PER_TH * 100)
		die(EX_USAGE, "%s TH/s at %s W are %lld.%02lld J/TH, and no machine is outside %d to %d: give TH/s and watts",
		    o->hashrate, o->power, (long long)efficiency / 100, (long long)efficiency % 100, LEAST_J_PER_TH, MOST_J_PER_TH);
	return model;
}

static const char *figures_of(const struct miner_model *model, char text[2 * FIXED_TEXT + 16])
{
	char hashrate[FIXED_TEXT], power[FIXED_TEXT];

	snprintf(text, 2 * FIXED_TEXT + 16, "%s TH/s, %s W", thousandths(model->hashrate_ghs, hashrate),
		 thousandths(model->power_mw, power));
	return text;
}

/* The two sides -------------------------------------------------------------------------------- */

#define REFERENCE "sql/reference/miner-models.tsv"

/* Say how a model differs; true if it does. */
static bool say_difference(const struct calculation_model *in_db, const struct calculation_model *in_file)
{
	char db[2 * FIXED_TEXT + 16], file[2 * FIXED_TEXT + 16];

	switch (models_compare(in_db, in_file)) {
	case MODEL_SAME:
		return false;
	case MODEL_FIGURES:
		log_warning("miner model %s: %s in the database, %s in " REFERENCE ": correct the one that is wrong",
			    in_db->model.name, figures_of(&in_db->model, db), figures_of(&in_file->model, file));
		break;
	case MODEL_DATABASE_ONLY:
		log_info("miner model %s (%s) is only in the database: filters use " REFERENCE ", or the file that --models names",
			 in_db->model.name, figures_of(&in_db->model, db));
		break;
	case MODEL_FILE_ONLY:
		log_warning("miner model %s (%s) is only in " REFERENCE ": the database makes no calculations for it; miner-models "
			    "add does, with the same figures", in_file->model.name, figures_of(&in_file->model, file));
		break;
	}
	return true;
}

static void print_figures(struct tsv_writer *out, const struct calculation_model *model)
{
	char hashrate[FIXED_TEXT], power[FIXED_TEXT];

	tsv_plain(out, model ? thousandths(model->model.hashrate_ghs, hashrate) : NULL);
	tsv_plain(out, model ? thousandths(model->model.power_mw, power) : NULL);
}

struct comparing {
	struct tsv_writer *out;
	long differing;
};

static void compare_model(void *ctx, const struct calculation_model *in_db, const struct calculation_model *in_file)
{
	struct comparing *c = ctx;

	if (!say_difference(in_db, in_file))
		return;
	c->differing++;
	tsv_text(c->out, (in_db ? in_db : in_file)->model.name);
	tsv_plain(c->out, model_difference_name(models_compare(in_db, in_file)));
	print_figures(c->out, in_db);
	print_figures(c->out, in_file);
	tsv_end_row(c->out);
}

/* The verbs ------------------------------------------------------------------------------------ */

static int compare(PGconn *db, struct options *o)
{
	static const char *const columns[] = { "miner_model", "difference", "hashrate_ths", "power_w", "file_hashrate_ths",
					       "file_power_w", NULL };
	struct comparing comparing = { .out = &o->out };
	struct model_list in_db, in_file;

	models_from_db(&in_db, db);
	models_from_file(&in_file, NULL);
	tsv_begin(&o->out, stdout, columns);
	models_side_by_side(&in_db, &in_file, compare_model, &comparing);
	models_release(&in_db);
	models_release(&in_file);
	return comparing.differing ? EX_DIFFERENCES : 0;
}

struct listing {
	struct options *o;
	PGresult *rows;
};

/* The row of list_sql of this model. */
static int row_of(const struct listing *l, const struct calculation_model *model)
{
	for (int i = 0; i < PQntuples(l->rows); i++)
		if (strcmp(PQgetvalue(l->rows, i, 0), model->model.name) == 0)
			return i;
	die(EX_TEMPFAIL, "the miner models changed meanwhile: list them again");
}

static void list_model(void *ctx, const struct calculation_model *in_db, const struct calculation_model *in_file)
{
	const struct listing *l = ctx;
	const struct calculation_model *model = in_db ? in_db : in_file;
	struct tsv_writer *out = &l->o->out;
	int64_t efficiency = hundredths_of_j_per_th(&model->model);
	int row = in_db ? row_of(l, in_db) : -1;
	char text[32];

	tsv_text(out, model->model.name);
	print_figures(out, in_db);
	snprintf(text, sizeof text, "%lld.%02lld", (long long)efficiency / 100, (long long)efficiency % 100);
	tsv_plain(out, text);
	tsv_plain(out, !in_db ? "absent" : model_in_force(in_db, day_of_instant(l->o->now)) ? "in_force" : "retired");
	tsv_plain(out, in_db ? db_text(l->rows, row, 1) : NULL);
	tsv_plain(out, in_db ? db_text(l->rows, row, 2) : "0");
	tsv_plain(out, in_db ? db_text(l->rows, row, 3) : NULL);
	tsv_plain(out, in_db ? db_text(l->rows, row, 4) : NULL);
	print_figures(out, in_file);
	tsv_plain(out, model_difference_name(models_compare(in_db, in_file)));
	tsv_text(out, in_db ? db_text(l->rows, row, 5) : NULL);
	tsv_end_row(out);
}

static int list(PGconn *db, struct options *o)
{
	static const char *const columns[] = { "miner_model", "hashrate_ths", "power_w", "j_per_th", "state", "retired_from",
					       "calculations", "first_day", "last_day", "file_hashrate_ths", "file_power_w",
					       "reference", "source", NULL };
	struct listing listing = { o, db_query(db, list_sql, DB_NO_ARGS) };
	struct model_list in_db, in_file;

	models_from_db(&in_db, db);
	models_from_file(&in_file, NULL);
	tsv_begin(&o->out, stdout, columns);
	models_side_by_side(&in_db, &in_file, list_model, &listing);
	models_release(&in_db);
	models_release(&in_file);
	PQclear(listing.rows);
	return 0;
}

/* Refuse the model if the database has another that could be taken for it. */
static void refuse_another(const struct model_list *known, const struct miner_model *model)
{
	char theirs[2 * FIXED_TEXT + 16];

	for (size_t i = 0; i < known->n; i++) {
		const struct miner_model *other = &known->models[i].model;

		if (strcasecmp(other->name, model->name) != 0)
			continue;
		if (strcmp(other->name, model->name) != 0)
			die(EX_DATAERR, "%s: the model %s exists already, and names must differ in more than case",
			    model->name, other->name);
		if (other->hashrate_ghs != model->hashrate_ghs || other->power_mw != model->power_mw)
			die(EX_DATAERR, "%s exists already with other figures, %s: choose another name, or delete that one first "
			    "(miner-models retire %s --delete)", other->name, figures_of(other, theirs), other->name);
	}
}

/* How the file sees the model, which the database now has. */
static void say_reference(const struct miner_model *model)
{
	const struct calculation_model in_db = { .model = *model, .active = true };
	struct model_list in_file;

	models_from_file(&in_file, NULL);
	say_difference(&in_db, models_find(&in_file, model->name));
	models_release(&in_file);
}

static int add(PGconn *db, struct options *o)
{
	const struct miner_model model = o->model;
	char hashrate[FIXED_TEXT], power[FIXED_TEXT], *missing;
	struct model_list known;
	bool added, renewed;

	thousandths(model.hashrate_ghs, hashrate);
	thousandths(model.power_mw, power);
	models_from_db(&known, db);
	refuse_another(&known, &model);
	models_release(&known);
	db_begin(db, "");
	added = db_change(db, add_sql, DB_ARGS(model.name, hashrate, power, o->source)) > 0;
	models_from_db(&known, db);
	refuse_another(&known, &model);		/* somebody else may have added it just now */
	renewed = !added && db_change(db, renew_sql, DB_ARGS(model.name, o->source)) > 0;
	db_exec(db, "commit");
	models_release(&known);
	missing = db_value(db, missing_sql, DB_ARGS(model.name));
	log_fact(LOG_INFO, added ? "added" : renewed ? "changed" : "unchanged",
		 "miner_model=%s hashrate_ths=%s power_w=%s missing=%s", model.name, hashrate, power, missing);
	if (strcmp(missing, "0") != 0)
		log_info("%s %s missing: scripts/reconcile missing makes them", missing,
			 plural_of(missing, "calculation of it is", "calculations of it are"));
	free(missing);
	say_reference(&model);
	return 0;
}

/* The model that retire names. */
static void check_there(PGconn *db, const char *name)
{
	struct model_list known;

	models_from_db(&known, db);
	if (!models_find(&known, name))
		die(EX_DATAERR, "there is no miner model %.40s in the database; miner-models list shows them", name);
	models_release(&known);
}

static void delete_model(PGconn *db, const char *name)
{
	char *orphans;

	if (db_change(db, delete_sql, DB_ARGS(name)) == 0)
		die(EX_DATAERR, "%s is the only miner model: add another first", name);
	orphans = db_value(db, stored_sql, DB_ARGS(name, NULL));
	log_fact(LOG_INFO, "deleted", "miner_model=%s orphans=%s", name, orphans);
	if (strcmp(orphans, "0") != 0)
		log_info("%s %s: scripts/reconcile missing removes them, and their sums", orphans,
			 plural_of(orphans, "calculation of it is an orphan", "calculations of it are orphans"));
	free(orphans);
}

static int retire(PGconn *db, struct options *o)
{
	char from[DAY_TEXT], *kept;
	bool changed;

	check_there(db, o->name);
	if (o->delete) {
		delete_model(db, o->name);
		return 0;
	}
	day_format(o->from ? opts_day(o->from, o->now) : day_of_instant(o->now), from);
	changed = db_change(db, retire_sql, DB_ARGS(o->name, from)) > 0;
	kept = db_value(db, stored_sql, DB_ARGS(o->name, from));
	log_fact(LOG_INFO, changed ? "retired" : "unchanged", "miner_model=%s from=%s kept=%s", o->name, from, kept);
	if (strcmp(kept, "0") != 0)
		log_info("%s %s from %s on %s, and their days stay complete", kept,
			 plural_of(kept, "calculation", "calculations"), from, plural_of(kept, "stays", "stay"));
	free(kept);
	return 0;
}

static const struct verb {
	const char *name;
	int (*act)(PGconn *db, struct options *o);
	bool named;			/* needs a NAME */
} verbs[] = {
	{ "list", list, false },
	{ "add", add, true },
	{ "retire", retire, true },
	{ "compare", compare, false },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	die(EX_USAGE, "%s: no such command; see miner-models --help", name);
}

/* The options, and the verb that they go with. */
static const struct verb *read_options(int argc, char **argv, struct options *o)
{
	enum { HASHRATE = 1, POWER, SOURCE, FROM, DELETE };
	static const struct option longopts[] = {
		{ "hashrate", required_argument, NULL, HASHRATE },
		{ "power", required_argument, NULL, POWER },
		{ "source", required_argument, NULL, SOURCE },
		{ "from", required_argument, NULL, FROM },
		{ "delete", no_argument, NULL, DELETE },
		OPTS_ROWS, OPTS_COMMON
	};
	const struct verb *verb;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case HASHRATE: o->hashrate = optarg; break;
		case POWER:    o->power = optarg;    break;
		case SOURCE:   o->source = optarg;   break;
		case FROM:     o->from = optarg;     break;
		case DELETE:   o->delete = true;     break;
		default:
			if (!opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	verb = find_verb(optind < argc ? argv[optind++] : "list");
	if (verb->named)
		o->name = optind < argc ? argv[optind++] : NULL;
	if (verb->named && !o->name)
		die(EX_USAGE, "%s needs the NAME of a miner model", verb->name);
	if (optind < argc)
		die(EX_USAGE, "%s: one argument too many; see miner-models --help", argv[optind]);
	if (verb->act != add && (o->hashrate || o->power || o->source))
		die(EX_USAGE, "--hashrate, --power and --source go with add");
	if (verb->act != retire && (o->from || o->delete))
		die(EX_USAGE, "--from and --delete go with retire");
	if (o->from && o->delete)
		die(EX_USAGE, "--from keeps what was calculated, --delete deletes it: choose one");
	if (o->source && !*o->source)
		die(EX_USAGE, "--source: where do the figures come from?");
	if (o->from)
		opts_day(o->from, o->now);
	if (verb->act == add)
		o->model = described(o);
	return verb;
}

int main(int argc, char **argv)
{
	struct options o = { .now = time(NULL) };
	const struct verb *verb;
	PGconn *db;
	int status;

	tool_begin(argc, argv);
	verb = read_options(argc, argv, &o);
	db = db_connect();
	status = verb->act(db, &o);
	PQfinish(db);
	tsv_release(&o.out);
	flush_stdout();
	return status;
}
