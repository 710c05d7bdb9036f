-- What acknowledge asks before it stores: t, where a figure of this field can have this key, or with * at its end one that
-- begins so.  What stands in the keys of each field, src/audit-calcs.1 has.
--
--   psql -v field=price -v key='2025-02-*' -f sql/report/acknowledge.sql
select true from farm_daily_summaries
 where :'field' = 'unknown_unit' and case when right(:'key', 1) = '*' then starts_with(settlement_date || ' ' || farm_id, left(:'key', -1))
                                          else settlement_date || ' ' || farm_id = :'key' end
 limit 1;

select true where exists (
	select from (select to_char(d, 'YYYY-MM-DD') as day
	               from generate_series('2000-01-01', (now() at time zone 'Europe/London')::date, interval '1 day') d) days
	 cross join lateral (
		select day where :'field' not in ('ratio', 'bitcoin_a_mwh', 'network_share_percent', 'doubled', 'unknown_unit', 'mwh_a_half_hour')
		union all select concat_ws(' ', day, currency) from unnest('{EUR,GBP,CAD,CHF,AUD,JPY}'::text[]) currency where :'field' = 'price'
		union all select concat_ws(' ', day, miner_model) from miner_models where :'field' in ('bitcoin_a_mwh', 'network_share_percent')
		union all select concat_ws(' ', day, a.miner_model, b.miner_model) from miner_models a, miner_models b
		           where a.miner_model < b.miner_model and :'field' = 'ratio'
		union all select concat_ws(' ', day, p) from generate_series(1, settlement_periods(day::date)) p where :'field' = 'doubled'
		union all select concat_ws(' ', farm_id, left(day, 7)) from bm_units where day like '%-01' and :'field' = 'mwh_a_half_hour') keys (key)
	 where (:'field' = 'mwh_a_half_hour' or starts_with(day, left(rtrim(:'key', '*'), 10)))
	   and case when right(:'key', 1) = '*' then starts_with(key, left(:'key', -1)) else key = :'key' end);
