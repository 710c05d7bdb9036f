# exchange - rows of the ledger: fetch-fills, import-trades, reconcile-fills, match-fifo, audit-fifo; read by bench/run
#
# shellcheck shell=sh

# Trades of four products in the order of time, a little more bought than sold, ids as the exchange's.
trades_sql="select (array['BTC-USD','ETH-USD','SOL-USD','ADA-USD'])[1 + n % 4] as product_id,
	encode(sha256(n::text::bytea), 'hex') as record_id, 'fill' as level, md5('o' || n / 2) as order_id, md5('t' || n) as trade_id,
	case when n * 7919 % 100 < 52 then 'BUY' else 'SELL' end as side,
	to_char(timestamptz '2020-01-01' + n * interval '137.123456 s', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as trade_time,
	size, price, size * price as value, round(size * price * 0.006, 16) as fee
   from generate_series(1::bigint, $fills) n
  cross join lateral (select (n * 7919 % 1000003 + 1) / 1e8 as size, 20000 + n * 31 % 40000 + 0.01 * (n % 100) as price) s
  order by n"

trade_columns='product_id, record_id, level, order_id, trade_id, side, trade_time, size, price, value, fee'
slice_columns='version, product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis, proceeds, gain'

# The trades as a file that import-trades reads and one that COPY takes; once, for the first row that asks.
prepare_trades() {
	[ ! -e "$tmp/trades.tsv" ] || return 0
	sql -c "\copy ($(printf '%s' "$trades_sql" | tr '\n\t' '  ')) to '$tmp/trades.tsv' with (format text, header)"
	sed 1d "$tmp/trades.tsv" | sed 's/$/	import/' >"$tmp/trades.copy"
}

no_trades() { sql -c "truncate trade_records"; }
count_trades() { sql -c "select count(*), sum(size), sum(value), sum(fee) from trade_records"; }
copy_trades() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall \
		-c "\\copy trade_records ($trade_columns, source) from '$tmp/trades.copy'"
}
import_trades() { timed import-trades -q --store "$tmp/trades.tsv"; }

row_import_trades() {
	prepare_trades
	compare 'trades into empty books' "$fills" no_trades count_trades \
		'COPY of the same rows:copy_trades' \
		'import-trades --store:import_trades'
}

# The same trades as a transaction history and as a fills report tell them: of the first in whole seconds and cents.
prepare_exports() {
	prepare_trades
	[ ! -e "$tmp/report.csv" ] || return 0
	sql >/dev/null <<-END
		create temp table trades (like trade_records including defaults);
		alter table trades alter source drop not null;
		\\copy trades ($trade_columns) from '$tmp/trades.tsv' with (format text, header)
		create temp table told as select *, split_part(product_id, '-', 1) as coin,
			value + case side when 'BUY' then fee else -fee end as total from trades order by trade_time;
		\\copy (select record_id as "ID", to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') as "Timestamp", 'Advanced Trade ' || initcap(side) as "Transaction Type", coin as "Asset", case side when 'SELL' then -size else size end as "Quantity Transacted", 'USD' as "Price Currency", price as "Price at Transaction", round(value, 2) as "Subtotal", round(total, 2) as "Total (inclusive of fees and/or spread)", round(total, 2) - round(value, 2) as "Fees and/or Spread", '' as "Notes" from told) to '$tmp/history.csv' with (format csv, header)
		\\copy (select 'default' as portfolio, trade_id as "trade id", product_id as product, side, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "created at", size, coin as "size unit", price, fee, case side when 'BUY' then -total else total end as total, 'USD' as "price/fee/total unit" from told) to '$tmp/report.csv' with (format csv, header)
	END
}

no_fills() { sql -c "truncate exchange_fills, exchange_orders, exchange_windows"; }
the_history() { no_fills; fetch-fills -q --store --csv "$tmp/history.csv"; }
count_fills() { sql -c "select count(*), sum(base_size) from exchange_fills"; }
join_report() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall -c "create temp table report (portfolio text, trade_id text, product_id text,
			side text, trade_time timestamptz, size numeric, unit text, price numeric, fee numeric, total numeric, currency text)" \
		-c "\\copy report from '$tmp/report.csv' with (format csv, header)" -c "analyze report; analyze exchange_fills" \
		-c "select count(*) from report r where not exists (select from exchange_fills e
			where (e.product_id, e.side, e.base_size) = (r.product_id, r.side, r.size)
			  and e.trade_time between r.trade_time - interval '2 s' and r.trade_time + interval '2 s')" >"$tmp/listed"
}
read_report() { timed fetch-fills -q --store --csv "$tmp/report.csv"; }

row_fills_again() {
	prepare_exports
	compare 'a report beside its history' "$fills" the_history count_fills \
		'COPY, and a join in SQL:join_report' \
		'fetch-fills --store --csv:read_report'
}

# Books that have all of the exchange's trades, and another fee in each thousandth.
prepare_comparison() {
	prepare_books
	no_fills
	sql -c "insert into exchange_fills (entry_id, trade_id, order_id, product_id, side, trade_type, trade_time, price, size, size_in_quote,
			base_size, value, commission, source)
		select record_id, trade_id, order_id, product_id, side, 'FILL', trade_time, price, size, false, size, value, fee, 'api'
		  from trade_records" -c "insert into exchange_windows (product_id, window_from, window_to, source, fills_seen)
		values ('*', '-infinity', now() - interval '1 day', 'api', $fills)" \
		-c "update exchange_fills set commission = commission + 1 where hashtext(trade_id) % 1000 = 0" -c "vacuum analyze"
}
join_books() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall >"$tmp/listed" -c "
		copy (select product_id, trade_id
			from trade_records b full join exchange_fills f using (product_id, trade_id)
		       where b.side is distinct from f.side or b.trade_time is distinct from f.trade_time or b.price is distinct from f.price
			  or b.size is distinct from f.base_size or b.value is distinct from f.value or b.fee is distinct from f.commission)
		  to stdout"
}
compare_books() {
	timed sh -c 'reconcile-fills -q -n --no-header --tier 3 --offline || [ $? -eq 1 ]' >"$tmp/listed" 2>/dev/null
}

row_books_compared() {
	prepare_comparison
	compare 'books beside the exchange' "$fills" nothing findings \
		'SQL, a join by the ids:join_books' \
		'reconcile-fills --tier 3:compare_books'
	no_fills
}

prepare_books() {
	prepare_trades
	[ "$(sql -c "select count(*) from trade_records")" = "$fills" ] || { no_trades; copy_trades; }
	sql -c "vacuum analyze trade_records"
}
no_versions() { sql -c "truncate fifo_versions, fifo_version_products, fifo_allocations"; }
count_slices() { sql -c "select count(*), sum(size), sum(basis), sum(proceeds), sum(gain) from fifo_allocations"; }
copy_slices() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall -c "\\copy fifo_allocations ($slice_columns) from '$tmp/slices.tsv'"
}
match_fifo() { timed match-fifo -q --version 1 --all >/dev/null 2>&1; }

row_fifo_match() {
	prepare_books
	no_versions
	match_fifo
	sql -c "\\copy (select $slice_columns from fifo_allocations order by product_id, seq) to '$tmp/slices.tsv'"
	compare 'first in, first out' "$fills" no_versions count_slices \
		'COPY of the same slices:copy_slices' \
		'match-fifo:match_fifo'
}

one_version() {
	[ "$(sql -c "select count(*) from fifo_versions")" = 1 ] || { no_versions; match_fifo; sql -c "vacuum analyze fifo_allocations"; }
}
findings() { wc -l <"$tmp/listed"; }
sums_alone() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall >"$tmp/listed" -c "
		copy (select product_id, record_id
			from trade_records t
			left join (select product_id, lot_id as record_id, sum(size) as size, sum(basis) as money
				     from fifo_allocations where version = 1 and lot_id is not null group by 1, 2
				   union all
				   select product_id, disposal_id, sum(size), sum(proceeds)
				     from fifo_allocations where version = 1 and disposal_id is not null group by 1, 2) s
			     using (product_id, record_id)
		       where s.size is distinct from t.size
			  or s.money is distinct from value + case when side in ('BUY', 'INCOME') then fee else -fee end) to stdout"
}
audit_fifo() { timed audit-fifo -q --no-header --version 1 >"$tmp/listed" 2>/dev/null; }

row_fifo_audit() {
	prepare_books
	compare 'audit of first in, first out' "$fills" one_version findings \
		'SQL, conservation alone:sums_alone' \
		'audit-fifo, all of it:audit_fifo'
}
