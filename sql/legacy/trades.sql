-- Their trades, as import-trades takes them.  A row that cannot be is left out and said.
create unlogged table legacy.trades as
select line, order_id, symbol, upper(side) as side, order_time, legacy.as_number(size) as size, legacy.as_number(price) as price,
       legacy.as_number(total_fees_usd) as fee,
       case when coalesce(order_id, '') = '' or coalesce(symbol, '') = '' then 'unreadable'
            when coalesce(lower(side), '') not in ('buy', 'sell') then 'side'
            when legacy.as_instant(order_time) is null or not legacy.has_zone(order_time) then 'time'
            when legacy.as_instant(order_time) > now() + interval '1 day' or legacy.as_instant(order_time) < '2010-01-01Z' then 'impossible_date'
            when legacy.as_number(size) is null or legacy.as_number(price) is null then 'unreadable'
            when total_fees_usd is not null and legacy.as_number(total_fees_usd) is null then 'unreadable'
            when legacy.as_number(size) < 0 or legacy.as_number(price) < 0 then 'negative_amount'
            when legacy.as_number(size) = 0 then 'no_size'
            when legacy.as_number(price) = 0 then 'no_price'
            when legacy.as_number(total_fees_usd) < 0 then 'negative_fee'
            when row_number() over (partition by order_id, symbol order by line) > 1 then 'repeated' end as problem
  from legacy.raw_trade_records;

insert into legacy.findings
select 'trade_records', problem, legacy.as_date(left(order_time, 10)), concat_ws(' ', 'line ' || line, legacy.shown(order_id), legacy.shown(symbol)),
       format('%s %s at %s, fee %s, %s', legacy.shown(w.side), legacy.shown(w.size), legacy.shown(w.price), legacy.shown(w.total_fees_usd),
              legacy.shown(order_time)), t.size * t.price
  from legacy.trades t join (select line, side, size, price, total_fees_usd from legacy.raw_trade_records) w using (line)
 where problem is not null;
