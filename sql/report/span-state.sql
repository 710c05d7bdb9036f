-- What is missing below the figures of a span, a line each, for scripts/rank-farms and scripts/trend.  Variables: from, to, compare.
\set ON_ERROR_STOP on
\set parts all
\ir spans.sql
with :lists
select format('%s %s to %s: %s', case place when 1 then 'the span' else 'the span compared with,' end, first_day, last_day,
	      case when days < wanted then format('%s of %s days are stored', days, wanted)
		   when ingested < expected then format('%s of %s half hours were fetched', ingested, expected)
		   else format('%s of %s half hours may still change', expected - final, expected) end)
  from (select place, first_day, last_day, count(*) as wanted, count(d.settlement_date) as days, sum(periods_of_day) as expected,
	       coalesce(sum(d.periods_ingested), 0) as ingested, coalesce(sum(d.periods_final), 0) as final
	  from span_days left join daily_summaries d using (settlement_date) group by place, first_day, last_day) s
 where days < wanted or ingested < expected or final < expected
 order by place;
