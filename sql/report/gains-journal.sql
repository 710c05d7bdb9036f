-- One FIFO version as a plain-text accounting journal (hledger's: hledger.org/hledger.html, "journal format").
-- Variables: version; product ('' is all); zone, in which days are told.
--
-- A lot enters at its cost with its fee.  A disposal leaves slice by slice at the cost of its lots, so that
-- every transaction balances by itself, and what is left in assets is what is still held, at its cost.
-- What no lot covers leaves at no cost, against an account of its own: its proceeds are no gain.
\set ON_ERROR_STOP on
set timezone = :'zone';

\set lists 'nothing as (select)'
-- A commodity that holds a digit or a sign is quoted; what would end the quotes or the line cannot be in it.
select $list$
rows as not materialized (
	select a.*, coalesce(lot.side, 'BUY') as lot_side, coalesce(disposal.side, 'SELL') as disposal_side,
	       '"' || regexp_replace(coalesce(substring(a.product_id from '^(.*)-[^-]*$'), a.product_id), '[";[:cntrl:]]', '_', 'g') || '"' as base,
	       '"' || regexp_replace(coalesce(substring(a.product_id from '-([^-]*)$'), 'not told'), '[";[:cntrl:]]', '_', 'g') || '"' as quote,
	       regexp_replace(a.lot_id, '[,;[:cntrl:]]', '_', 'g') as said_lot, regexp_replace(a.disposal_id, '[,;[:cntrl:]]', '_', 'g') as said_disposal
	  from fifo_allocations a
	  left join trade_records lot on (lot.product_id, lot.record_id) = (a.product_id, a.lot_id)
	  left join trade_records disposal on (disposal.product_id, disposal.record_id) = (a.product_id, a.disposal_id)
	 where a.version = :version and (:'product' in ('', a.product_id))
	   and a.product_id not in (select product_id from fifo_version_products where version = :version and is_contract(product_id))
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
entries as not materialized (
	select lot_time as at, lot_nanos as nanos, 1 as kind, product_id, lot_id as id,
	       format(E'%s %s %s  ; product:%s, id:%s, at:%s\n    assets:exchange  %s %s @@ %s %s\n    %s  %s %s\n',
		      lot_time::date, lot_side, product_id, product_id, said_lot,
		      to_char(lot_time, 'HH24:MI:SS.US'), trim_scale(sum(size)), base, trim_scale(sum(basis)), quote,
		      case when lot_side = 'INCOME' then 'income:received' else 'assets:exchange' end,
		      trim_scale(-sum(basis)), quote) as entry
	  from rows where lot_id is not null
	 group by lot_time, lot_nanos, product_id, lot_id, said_lot, lot_side, base, quote
	union all
	select disposal_time, disposal_nanos, 2, product_id, disposal_id,
	       format(E'%s %s %s  ; product:%s, id:%s, at:%s\n%s    %s  %s %s\n    income:gain  %s %s\n',
		      disposal_time::date, disposal_side, product_id, product_id, said_disposal,
		      to_char(disposal_time, 'HH24:MI:SS.US'),
		      string_agg(format(E'    assets:exchange  -%s %s @@ %s %s  ; lot:%s\n', trim_scale(size), base,
					trim_scale(basis), quote, coalesce(said_lot, 'none')), '' order by seq),
		      case when disposal_side = 'FEE' then 'expenses:paid in kind' else 'assets:exchange' end,
		      trim_scale(sum(proceeds)), quote,
		      trim_scale(-coalesce(sum(gain) filter (where status <> 'MISSING_BASIS'), 0)), quote)
	       || case when bool_or(status = 'MISSING_BASIS')
		       then format(E'    income:without a lot  %s %s\n',
				   trim_scale(-sum(proceeds) filter (where status = 'MISSING_BASIS')), quote) else '' end
	  from rows where disposal_id is not null
	 group by disposal_time, disposal_nanos, product_id, disposal_id, said_disposal, disposal_side, base, quote
)
$list$ as list \gset
\set lists :lists ', ' :list

select format(E'; Windfall, FIFO version %s, made %s UTC from %s lots and %s disposals%s\ndecimal-mark .\n', version,
	      to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), lots, disposals,
	      case when uncovered > 0 then format('; incomplete, rows without a lot: %s', uncovered) else '' end)
  from fifo_versions where version = :version;
select 'account ' || account
  from unnest(array['assets:exchange', 'expenses:paid in kind', 'income:gain', 'income:received', 'income:without a lot'])
       as accounts (account);
with :lists
select 'commodity ' || name from (select base from rows union select quote from rows) as names (name) order by name;
select '';
with :lists
select entry from entries order by at, nanos, kind, product_id, id;
