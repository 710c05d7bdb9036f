-- Miner models come and go by a row.  A model that is not active any more says from which settlement date on: the days
-- before that still want each of its calculations; later days want none, but a day that holds some keeps all of them.
-- Where the figures of a model come from is kept beside them.

alter table miner_models add column retired_from date;
alter table miner_models add column source text;
alter table miner_models add constraint miner_models_retired_from_check
	check (retired_from is null or (not active and retired_from between '1996-01-01' and '2099-12-31'));

update miner_models set source = 'maker''s nameplate figures, sql/reference/README.md'
 where miner_model in ('S19J_PRO', 'S9', 'M20S');

comment on column miner_models.active is 'in force on every day';
comment on column miner_models.retired_from is
	'of an inactive model: the first day on which it is not in force; null: it never is';
comment on column miner_models.source is 'where its figures come from';
