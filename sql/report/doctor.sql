-- What doctor asks of the database: check, state, found and cure, a row each; of the tables, nothing but aggregates.
-- with-db psql -XAt -F '	' -f sql/report/doctor.sql
with known as (
	select max(in_force_until) as until from network_difficulty
), register as (
	select u.units, wind, floor(extract(epoch from now() - fetched_at) / 86400)::int as days
	  from (select count(*) as units, count(*) filter (where fuel_type = 'WIND' and valid_to is null) as wind from bm_units) u
	  left join register_fetches f on f.source = 'elexon'
), ahead as (
	select count(*) as months
	  from pg_inherits i join pg_class c on c.oid = i.inhrelid
	 where i.inhparent = 'curtailment_records'::regclass
	   and pg_get_expr(c.relpartbound, c.oid) like
		'%FROM (''' || to_char(date_trunc('month', now() at time zone 'Europe/London') + interval '1 month', 'YYYY-MM-DD') || '%'
), periods as (
	select d, settlement_periods(d) as here,
	       (extract(epoch from (d + 1)::timestamp at time zone 'Europe/London' - d::timestamp at time zone 'Europe/London') / 1800)::int as zone
	  from generate_series(current_date - 400, current_date + 400, interval '1 day') g, lateral (select g::date as d) x
), rights as (
	select has_table_privilege('curtailment_records', 'insert') as writes, has_table_privilege('curtailment_records', 'select') as reads,
	       current_setting('is_superuser') = 'on' as super
), checks as (
	select 1 as nr, 'role' as name,
	       case when not reads then 'bad' when not writes then 'warn' when super and inet_server_addr() is not null then 'warn' else 'ok' end as state,
	       current_user || case when not reads then ' may not read the tables' when not writes then ' may read and not write'
				    when super then ' is a superuser' else ' may read and write' end as found,
	       case when not writes or super then 'sql/roles.sql makes roles for jobs and readers' end as cure
	  from rights
	union all
	select 2, 'difficulty', case when until is null or until < now() - interval '2 days' then 'bad' when until < now() then 'warn' else 'ok' end,
	       coalesce('known until ' || to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), 'none is known'),
	       case when until is null or until < now() then 'fetch-difficulty --store' end
	  from known
	union all
	select 3, 'register', case when wind = 0 then 'bad' when units = wind or days is null or days > 35 then 'warn' else 'ok' end,
	       wind || ' wind units of ' || units || ' units, ' ||
	       case when days is null then 'never fetched' when days = 0 then 'fetched today' else 'fetched ' || days || case days when 1 then ' day ago' else ' days ago' end end,
	       case when wind = 0 or units = wind or days is null or days > 35 then 'fetch-bmunits --store' end
	  from register
	union all
	select 4, 'partitions', case when months > 0 then 'ok' else 'warn' end,
	       case when months > 0 then 'next month is there' else 'next month has none' end,
	       case when months = 0 then 'windfall partitions ensure' end
	  from ahead
	union all
	select 5, 'zone of database', case when count(*) filter (where here <> zone) = 0 then 'ok' else 'bad' end,
	       case when count(*) filter (where here <> zone) = 0 then 'its days have the periods of this version'
		    else min(d) filter (where here <> zone) || ' has other periods by the zone data of the server' end,
	       case when count(*) filter (where here <> zone) > 0 then 'update tzdata on the server' end
	  from periods
)
select name, state, found, coalesce(cure, '') from checks order by nr;
