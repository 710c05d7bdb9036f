-- A trade that the books lack, beside a row of theirs that is no trade of the exchange: the row may be that trade, told with another
-- time or quantity, as where the books have a part of an order's fills and a history has the order.  Each was proposed without a
-- word, and a yes to all counted it twice; so it was with what two sources of the exchange tell, and only fetch-fills named.
alter table backfill_proposals add column may_be text collate "C", add column checked_at timestamptz;

comment on column backfill_proposals.may_be is
	'row of trade_records, or entry of exchange_fills, that may be this trade; a yes to all leaves the proposal out; null: none is';
comment on column backfill_proposals.checked_at is 'when a comparison last called for it; null: none since there is this column';
