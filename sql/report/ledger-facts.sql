-- The exchange ledger in one line of facts, for a job's log and the report of a day; nothing where there is none.
select format('last_fill=%s asked=%s open_proposals=%s open_corrections=%s', coalesce(last_fill, 'none'), coalesce(asked, 'never'),
	      proposals, corrections)
       || case when v.version is null then ' fifo_version=none'
	       else format(' fifo_version=%s recorded_since=%s covered_gain=%s uncovered=%s uncovered_proceeds=%s', v.version,
			  (select count(*) from trade_records where recorded_at > v.finished_at), trim_scale(v.gain - u.proceeds),
			  v.uncovered, trim_scale(u.proceeds)) end
  from (select to_char(max(trade_time) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_fill from exchange_fills) as f
 cross join (select to_char(max(window_to) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as asked
	       from exchange_windows where source = 'api') as w
 cross join (select count(*) as proposals from backfill_proposals where state = 'proposed') as p
 cross join (select count(*) as corrections from open_corrections) as c
  left join fifo_versions v on v.is_current
  left join (select version, sum(uncovered_proceeds) as proceeds from fifo_version_products group by version) as u
    on u.version = v.version
 where last_fill is not null or exists (select from trade_records);
