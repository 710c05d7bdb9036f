-- Of which days nothing is asked, apart from where history begins: that takes a look at every fetched period, and a
-- statement that only passes over archived years should not drag it along to an engine that shards.
create view days_left_out as
	select (select coalesce(range_agg(daterange((year || '-01-01')::date, (year || '-12-31')::date, '[]')), '{}')
	          from archived_years) as archived,
	       (select coalesce(range_agg(daterange(from_date, to_date, '[]')), '{}')
	          from wanted_spans where kind = 'gap') as gaps;
comment on view days_left_out is 'one row: the days of which nothing is asked; not day <@ archived';
comment on column days_left_out.archived is 'the years whose records are in files: their summaries stand, and nothing below them is asked for';
comment on column days_left_out.gaps is 'days whose absence a person has accepted';

create or replace view history as
	select begins, spans, gaps,
	       datemultirange(daterange(coalesce(begins, 'infinity'), 'infinity')) + spans - gaps as wanted, archived
	  from (select (select begins from history_begins) as begins,
	               (select coalesce(range_agg(daterange(from_date, to_date, '[]')), '{}')
	                  from wanted_spans where kind = 'span') as spans,
	               (select gaps from days_left_out) as gaps,
	               (select archived from days_left_out) as archived) h;
