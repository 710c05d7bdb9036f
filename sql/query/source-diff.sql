-- The periods of a day that the source gives otherwise than they are stored.
--
-- $1 day     date         the settlement date
-- $2 source  text         the source's rows, as COPY text: a temporary table would be a write
-- $3 fetched smallint[]   the periods to compare
-- $4 suspect smallint[]   those of them that are listed whatever they hold
-- gives settlement_date, settlement_period, stored_rows, source_rows, stored_volume, source_volume, only_stored, only_source
--
-- psql -v day=2025-03-04 -v source='' -v fetched='{1,2}' -v suspect='{}' -f sql/query/source-diff.sql
with source as (
	select f[2]::smallint as settlement_period, replace(f[3], '\\', '\') as farm_id,
	       f[5]::numeric as volume, nullif(f[6], '\N')::numeric as original_price,
	       nullif(f[7], '\N')::numeric as final_price, nullif(f[8], '\N')::numeric as payment,
	       nullif(f[9], '\N')::boolean as so_flag, nullif(f[10], '\N')::boolean as cadl_flag,
	       nullif(f[11], '\N')::bigint as acceptance_id, nullif(f[12], '\N')::smallint as pair_id,
	       f[13] as stack, f[14]::integer as sequence_number,
	       nullif(f[15], '\N')::timestamptz as source_created_at,
	       nullif(f[16], '\N')::numeric as transmission_loss_multiplier
	  from (select string_to_array(line, E'\t') as f from string_to_table(:'source', E'\n') as line
	         where line <> '') as lines
), stored as (
	select settlement_period, farm_id, volume, original_price, final_price, payment, so_flag, cadl_flag,
	       acceptance_id, pair_id, stack, sequence_number, source_created_at, transmission_loss_multiplier
	  from curtailment_records where settlement_date = :'day'::date
), lines as (
	select settlement_period, sum(stored) as stored, sum(source) as source,
	       sum(stored * volume) as stored_volume, sum(source * volume) as source_volume
	  from (select 1 as stored, 0 as source, * from stored
	        union all
	        select 0, 1, * from source) as both_sides
	 group by settlement_period, farm_id, volume, original_price, final_price, payment, so_flag, cadl_flag,
	          acceptance_id, pair_id, stack, sequence_number, source_created_at, transmission_loss_multiplier
), periods as (
	select settlement_period, sum(stored) as stored_rows, sum(source) as source_rows,
	       sum(stored_volume) as stored_volume, sum(source_volume) as source_volume,
	       coalesce(sum(stored) filter (where stored <> source), 0) as only_stored,
	       coalesce(sum(source) filter (where stored <> source), 0) as only_source
	  from lines group by settlement_period
)
 select :'day'::date, c.settlement_period,
        case when i.settlement_period is not null then coalesce(p.stored_rows, 0) end,
        coalesce(p.source_rows, 0),
        case when i.settlement_period is not null then trim_scale(coalesce(p.stored_volume, 0)) end,
        trim_scale(coalesce(p.source_volume, 0)), coalesce(p.only_stored, 0), coalesce(p.only_source, 0)
   from unnest(:'fetched'::smallint[]) as c (settlement_period)
   left join periods p on p.settlement_period = c.settlement_period
   left join ingested_periods i on i.settlement_date = :'day'::date and i.settlement_period = c.settlement_period
  where i.settlement_period is null or p.only_stored > 0 or p.only_source > 0 or c.settlement_period = any(:'suspect'::smallint[])
  order by c.settlement_period;
