#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "query/site-days.h"
#include "query/site-months.h"
#include "site/pages_db.h"
#include "site/picture_io.h"
#include "site/style.h"

/* What a page's digest covers beside its days: facts of sites, of units and of models, and the templates. */
static const char facts_sql[] =
	"select concat_ws('/', (select concat_ws('/', bit_xor(hash_record_extended(s.*, 0)), count(*)) from sites s),"
	"	(select concat_ws('/', bit_xor(hash_record_extended(row(farm_id, name, lead_party_name, capacity_mw,"
	" valid_from), 0)), count(*))"
	"	   from bm_units),"
	"	(select concat_ws('/', bit_xor(hash_record_extended(m.*, 0)), count(*)) from miner_models m))";

/*
 * Which transactions have written, as one word: while it is the same, nothing that is stored has changed.  One that
 * is under way may end later, and then there is none; nor where others than this server's transactions bring rows: on
 * a standby, and where an engine spreads the tables.
 */
static const char written_sql[] =
	"select concat_ws(' ', s.system_identifier, c.timeline_id, d.oid, pg_snapshot_xmax(x))"
	"  from pg_control_system() s, pg_control_checkpoint() c, pg_database d, pg_current_snapshot() x"
	" where d.datname = current_database() and pg_snapshot_xmin(x) = pg_snapshot_xmax(x)"
	"   and not pg_is_in_recovery() and to_regclass('pg_dist_partition') is null";

/* The model that makes most of a megawatt hour. */
static const char model_sql[] =
	"select miner_model from miner_models where active order by hashrate_ths / power_w desc, miner_model limit 1";

static void digest_of(const char *text, char digest_text[80])
{
	struct sha256 digest;

	sha256_init(&digest);
	sha256_adds(&digest, text);
	sha256_hex(&digest, digest_text);
	sha256_release(&digest);
}

void pages_begin(struct site_data *data, PGconn *db, struct site *site, const char *base, instant_t now)
{
	*data = (struct site_data){ .db = db, .site = site, .base = base, .today = day_of_instant(now) };
	instant_format(now, data->now);
	data->cards = !*base ? "no-address" : !pictures_possible() ? "no-rsvg-convert" : "drawn";
}

bool pages_site_key(const struct site_data *data, const char *more, char key[65])
{
	char *written = db_value(data->db, written_sql, DB_NO_ARGS);
	struct sha256 digest;
	struct buf text = BUF_INIT;
	bool known = written != NULL;

	if (known) {
		buf_addf(&text, SITE_TEMPLATES "\n" WINDFALL_VERSION "\n%s\n%ld %d %s %s\n%s", written, (long)data->today,
			 pages_jobs_in_trouble(), data->cards, data->base, more);
		sha256_init(&digest);
		sha256_adds(&digest, text.data);
		sha256_hex(&digest, key);
		sha256_release(&digest);
	}
	buf_release(&text);
	free(written);
	return known;
}

void pages_load(struct site_data *data)
{
	PGconn *db = data->db;
	char *text;

	db_begin(db, "isolation level repeatable read read only");
	text = db_value(db, model_sql, DB_NO_ARGS);
	snprintf(data->model, sizeof data->model, "%s", text ? text : "");
	free(text);
	text = db_value(db, facts_sql, DB_NO_ARGS);
	digest_of(text ? text : "", data->facts);
	free(text);
	data->days = db_query(db, query_site_days, DB_ARGS(data->model));
	data->months = db_query(db, query_site_months, DB_ARGS(data->model));
	pages_key(data, 0, PQntuples(data->days), data->model, data->all_days);
	pages_load_named(data);
}

void pages_release(struct site_data *data)
{
	db_exec(data->db, "commit");
	PQclear(data->days);
	PQclear(data->months);
	PQclear(data->units);
	pages_release_named(data);
	free(data->has_card);
}
