#include "curtailment/source_diff_db.h"

const char *const verify_columns[] = {
	"settlement_date", "settlement_period", "stored_rows", "source_rows", "stored_volume", "source_volume",
	"only_stored", "only_source", NULL
};

/* $2 are the source's rows, as one text of lines: a temporary table would be a write. */
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
	"  where i.settlement_period is null or p.only_stored > 0 or p.only_source > 0 or c.settlement_period = any($4::smallint[])"
	"  order by c.settlement_period";

int verify_day(PGconn *db, const struct curtailed_day *d, struct tsv_writer *out)
{
	struct buf rows = BUF_INIT, numbers = BUF_INIT, suspects = BUF_INIT;
	PGresult *res;
	int n;

	buf_addc(&numbers, '{');
	buf_addc(&suspects, '{');
	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_FETCHED && d->period[p].state != PERIOD_SUSPECT)
			continue;
		if (d->period[p].state == PERIOD_SUSPECT)
			buf_addf(&suspects, "%s%d", suspects.len > 1 ? "," : "", p);
		buf_addf(&numbers, "%s%d", numbers.len > 1 ? "," : "", p);
		buf_add(&rows, d->period[p].rows.data, d->period[p].rows.len);
	}
	buf_addc(&numbers, '}');
	buf_addc(&suspects, '}');
	res = db_query(db, compare_sql, DB_ARGS(d->text, rows.data ? rows.data : "", numbers.data, suspects.data));
	n = PQntuples(res);
	for (int i = 0; i < n; i++) {
		tsv_plain(out, d->text);
		for (int c = 0; c < PQnfields(res); c++)
			tsv_plain(out, db_text(res, i, c));
		tsv_end_row(out);
	}
	PQclear(res);
	buf_release(&rows);
	buf_release(&numbers);
	buf_release(&suspects);
	return n;
}
