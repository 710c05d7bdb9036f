-- The days of a span, part by part, and of the spans to compare it with; summary.sql and rank-farms.sql read it.  Variables:
-- from, to (days); parts (all, day, month or year); compare (before, year, yes for both, or no).
-- Gives first_read and last_read, between which all these days lie.
--
-- What a report is made of are lists of the statement that prints it, "with :lists select ...": each file adds its own to
-- the text in the variable lists.  A view or a table of the session would not do: a standby makes none, and an engine that
-- shards joins none with its own.
\set lists 'nothing as (select)'

select $list$
parts as not materialized (
	select min(day)::date as first_day, max(day)::date as last_day
	  from generate_series(:'from'::timestamp, :'to'::timestamp, interval '1 day') as day
	 group by case :'parts' when 'day' then to_char(day, 'YYYY-MM-DD') when 'month' then to_char(day, 'YYYY-MM')
			     when 'year' then to_char(day, 'YYYY') else 'all' end
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The spans to compare with: a span of whole months has as many whole months before it, another as many days.
select $list$
measured as not materialized (
	select first_day, last_day, extract(day from first_day) = 1 and extract(day from last_day + 1) = 1 as whole,
	       (extract(year from last_day + 1) - extract(year from first_day)) * 12
	       + extract(month from last_day + 1) - extract(month from first_day) as months
	  from parts
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
spans as not materialized (
	select 1 as place, 'span' as span, first_day as part, first_day, last_day from parts
	union all
	select 2, 'before', first_day, case when whole then (first_day - months::integer * interval '1 month')::date
					     else first_day - (last_day - first_day + 1) end, first_day - 1
	  from measured where :'compare' in ('yes', 'before')
	union all
	select 3, 'year_earlier', first_day, (first_day - interval '1 year')::date,
	       case when whole then (last_day + 1 - interval '1 year')::date - 1 else (last_day - interval '1 year')::date end
	  from measured where :'compare' in ('yes', 'year')
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
span_days as materialized (
	select place, span, part, first_day, last_day, day::date as settlement_date, settlement_periods(day::date) as periods_of_day
	  from spans, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') as day
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Sums by farm and by half hour are read between the first of these days and the last, whatever lies before them.
with :lists
select min(settlement_date) as first_read, max(settlement_date) as last_read from span_days \gset
