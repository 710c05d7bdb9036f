-- When history begins is asked by every list, report and check: it is the first fetched day outside the spans, which the key
-- finds at once, and no longer a join of every fetched period with them.
create or replace view history_begins as
	select coalesce((select min(from_date) from wanted_spans where kind = 'from'),
	                (select min(settlement_date) from ingested_periods
	                  where not settlement_date <@ (select coalesce(range_agg(daterange(from_date, to_date, '[]')), '{}')
	                                                  from wanted_spans where kind = 'span'))) as begins;

-- Periods that are not final are few, however long the history: they are counted without reading the others.
create index ingested_periods_not_final on ingested_periods (settlement_date) where status <> 'final';
