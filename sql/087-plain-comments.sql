-- What windfall-tables(5), export --list and the dashboards show of these tables, in the words of the manual pages.
comment on column acknowledged_implausible.key is 'key of the figure; * at its end means every key with that prefix';
comment on column backfill_proposals.may_be is
	'row of trade_records, or entry of exchange_fills, that may be this trade; approve all leaves the proposal out; null: none';
comment on column bm_units.valid_to is 'first day on which it is no longer valid; null while it is';
comment on column declared_units.valid_to is 'first day on which it is no longer valid; null while it is';
comment on column sites.valid_to is 'first day on which it is no longer valid; null while it is';
comment on column known_units.valid_to is 'first day on which it is no longer valid; null while it is';
comment on column ingested_periods.source_created_at is 'latest createdDateTime of the source';
comment on column replacement_costs.source_created_at is 'latest createdDateTime of the offer stack';
comment on column settled_days.source_created_at is 'latest createdDateTime of both';
comment on column replacement_costs.curtailed_mwh is
	'MWh of wind turned down, to be replaced; where the stored energy differs, the row does not count and is calculated again';
comment on column sites.provenance is 'source of each fact, and why a figure is missing';
comment on column summed_days.fetched is
	'digest of what is recorded of the day''s fetches (fetches_digests), if its records added up to it; null if not, or not checked';
comment on table undecided_curtailment is 'curtailment that is not stored, because no list says whether the unit is wind';
comment on column wanted_spans.kind is 'from: history begins; span: wanted on its own; gap: its absence is accepted';
comment on table withdrawn_declarations is
	'declarations of units that are no longer valid: withdrawn, or replaced by another with the same first day';
comment on column withdrawn_declarations.fuel_type is 'what it declared: WIND, or another fuel type';
comment on view days_left_out is 'one row: the days that are not checked for completeness; not day <@ archived';
comment on view history is 'one row: which days may not be missing, and which are not checked for completeness; day <@ wanted';
comment on column days_left_out.archived is 'the years whose records are in files: their summaries stay, and nothing below them is checked';
comment on column history.archived is 'the years whose records are in files: their summaries stay, and nothing below them is checked';
comment on column ledger_state.last_fill is 'time of the latest';
comment on view overlooked_periods is
	'fetched periods that skipped a unit now known to have been wind on that day: its curtailment is not stored';
