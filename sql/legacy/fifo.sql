-- Their allocations: none is taken.  Each version is held against itself and its trades, and then, disposal by disposal,
-- against the version 1 that match-fifo has made of the same trades.
--
-- A remainder of at most 0.00001 was dropped there without a row, and each figure was rounded on its own to the quote's
-- decimals: a cent for each row is no difference.
create unlogged table legacy.allocations as
select line, nullif(sell_order_id, '') as sell, nullif(buy_order_id, '') as buy, symbol, legacy.as_number(allocated_size) as size,
       legacy.as_number(cost_basis_usd) as cost, legacy.as_number(net_proceeds_usd) as net, legacy.as_number(pnl_usd) as pnl,
       legacy.as_instant(buy_time) as buy_time, legacy.as_instant(sell_time) as sell_time, legacy.as_integer(allocation_version) as version
  from legacy.raw_fifo_allocations;

create unlogged table legacy.readable as
select * from legacy.allocations where sell is not null and size > 0 and version is not null;

insert into legacy.findings
select 'fifo_allocations', 'unreadable', null, 'line ' || line, format('sell %s, size %s, version %s', legacy.shown(w.sell_order_id),
       legacy.shown(w.allocated_size), legacy.shown(w.allocation_version)), null
  from legacy.raw_fifo_allocations w where line not in (select line from legacy.readable);

insert into legacy.findings
select 'fifo_allocations', problem, (sell_time at time zone 'UTC')::date, concat_ws(' ', 'version', version, legacy.shown(sell), legacy.shown(buy)), detail, amount
  from (select a.*, p.problem, p.detail, p.amount
          from legacy.readable a
          left join legacy.trades s on s.order_id = a.sell and s.problem is null
          left join legacy.trades b on b.order_id = a.buy and b.problem is null
         cross join lateral (
		select 'no_such_sell', 'no trade has this id', abs(pnl) where s.line is null or s.side <> 'SELL'
		union all
		select 'no_such_buy', 'no trade has this id', abs(pnl) where a.buy is not null and (b.line is null or b.side <> 'BUY')
		union all
		select 'before_its_lot', format('sold %s, bought %s', s.order_time, b.order_time), abs(pnl)
		 where legacy.as_instant(b.order_time) > legacy.as_instant(s.order_time)
		union all
		select 'pnl', format('%s, and proceeds less cost are %s', trim_scale(pnl), trim_scale(net - cost)), abs(pnl - (net - cost))
		 where abs(pnl - (net - cost)) > 0.01) p (problem, detail, amount)) f;

insert into legacy.findings
select 'fifo_allocations', 'repeated', null, concat_ws(' ', 'version', version, legacy.shown(sell), legacy.shown(buy)), count(*) || ' rows', sum(abs(pnl)) - max(abs(pnl))
  from legacy.readable group by version, sell, buy having count(*) > 1;

insert into legacy.findings
select 'fifo_allocations', 'lot_used_beyond_its_size', null, concat_ws(' ', 'version', a.version, legacy.shown(a.buy)),
       format('%s of %s', trim_scale(a.size), trim_scale(t.size)), (a.size - t.size) * t.price
  from (select version, buy, sum(size) as size from legacy.readable where buy is not null group by version, buy) a
  join legacy.trades t on t.order_id = a.buy and t.problem is null where a.size > t.size + 0.00001;

-- By disposal: what lots gave it, and what that earned.
with theirs as (
	select version, sell, sum(size) filter (where buy is not null) as size, coalesce(sum(pnl) filter (where buy is not null), 0) as gain,
	       count(*) as rows
	  from legacy.readable group by version, sell
), ours as (
	select disposal_id as sell, sum(size) filter (where status = 'OK') as size, coalesce(sum(gain) filter (where status = 'OK'), 0) as gain
	  from fifo_allocations where version = 1 and disposal_id is not null group by disposal_id
)
insert into legacy.findings
select 'fifo_allocations', case when t.sell is null then 'missing' when abs(coalesce(t.size, 0) - coalesce(o.size, 0)) > 0.00001 then 'other_size' else 'other_gain' end,
       null, concat_ws(' ', 'version', v.version, legacy.shown(o.sell)),
       format('%s from lots earned %s; first in first out it is %s and %s', trim_scale(coalesce(t.size, 0)), trim_scale(round(coalesce(t.gain, 0), 8)),
              trim_scale(coalesce(o.size, 0)), trim_scale(round(o.gain, 8))), abs(coalesce(t.gain, 0) - o.gain)
  from ours o cross join (select distinct version from legacy.readable) v
  left join theirs t on t.version = v.version and t.sell = o.sell
 where t.sell is null or abs(coalesce(t.size, 0) - coalesce(o.size, 0)) > 0.00001
    or abs(t.gain - o.gain) > 0.01 * t.rows + 0.00001 * abs(o.gain / nullif(o.size, 0));
