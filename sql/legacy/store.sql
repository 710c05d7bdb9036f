-- Take the volumes of an earlier system, records.tsv in the current folder, in one transaction.  They are provisional, for
-- nobody knows whether the source had finished, nor of which stack and acceptance they are: reconciliation asks the source
-- for each of these periods again.  A period that was fetched, or taken, before is left alone, and so are archived years.
--
-- gives settlement_date of each that was taken, then records=N periods=N
begin;
set local lock_timeout = '1min';
set local client_min_messages = warning;
create temporary table incoming (settlement_date date, settlement_period smallint, farm_id text collate "C", sequence_number integer,
	lead_party_name text, volume numeric, original_price numeric, final_price numeric, payment numeric, so_flag boolean,
	cadl_flag boolean, written_at timestamptz) on commit drop;
\copy incoming from 'records.tsv' with (format text)
analyze incoming;

-- Hold the dates against every other job, in the order in which all take them; then look again what is there.
\o /dev/null
select pg_advisory_xact_lock(hashtextextended('day ' || settlement_date, 0))
  from (select distinct settlement_date from incoming order by settlement_date) d;
select set_config('windfall.first', coalesce(min(settlement_date), 'infinity')::text, true),
       set_config('windfall.last', coalesce(max(settlement_date), '-infinity')::text, true) from incoming;
select ensure_month(month) from (select distinct date_trunc('month', settlement_date)::date as month from incoming order by 1) m;
\o
create temporary table there on commit drop as
select settlement_date, settlement_period from ingested_periods
 where settlement_date between current_setting('windfall.first')::date and current_setting('windfall.last')::date
union
select settlement_date, settlement_period from curtailment_records
 where settlement_date between current_setting('windfall.first')::date and current_setting('windfall.last')::date;
create temporary table archived on commit drop as table archived_years;
delete from incoming n
 where exists (select from there t where t.settlement_date = n.settlement_date and t.settlement_period = n.settlement_period)
    or to_char(n.settlement_date, 'YYYY') in (select year from archived);

insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, lead_party_name, volume,
	original_price, final_price, payment, so_flag, cadl_flag, ingested_at)
select settlement_date, settlement_period, farm_id, 'bid', sequence_number, lead_party_name, volume, original_price, final_price, payment,
       so_flag, cadl_flag, transaction_timestamp()
  from incoming order by settlement_date, settlement_period, farm_id, sequence_number;

-- When it was fetched is when the earlier system wrote its last row, where that can be.
insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume, fetched_at)
select settlement_date, settlement_period, 'provisional', 'earlier system', count(*), count(*), sum(volume),
       case when max(written_at) between settlement_period_start(settlement_date, settlement_period) and now() then max(written_at) else now() end
  from incoming group by settlement_date, settlement_period order by settlement_date, settlement_period;

select distinct settlement_date from incoming order by 1;
select format('records=%s periods=%s', count(*), count(distinct (settlement_date, settlement_period))) from incoming;
commit;
