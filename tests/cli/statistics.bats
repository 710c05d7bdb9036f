# What loads much leaves the planner statistics of what it loaded: no plan is made for empty tables.
load helper
load month

setup() {
    make_month
    fresh_db
    export WINDFALL_ELEXON_URL=file://$MONTH
}

# estimates TABLE: how many rows the planner takes the whole of it for, and how many it has.
estimates() { sql "select (select reltuples from pg_class where oid = '$1'::regclass), (select count(*) from $1)"; }
known() {
    local estimated counted
    IFS='|' read -r estimated counted <<<"$(estimates "$1")"
    echo "$1: $estimated of $counted"
    [ "$counted" -gt 0 ]
    [ "$estimated" = "$counted" ]
}
column_known() { [ "$(sql "select count(*) from pg_stats where tablename = '$1' and attname = 'settlement_date'")" -eq 1 ]; }

@test "a first month that is fetched, calculated and summed is known to the planner, whole and by partition" {
    needs_plain "statistics of its pieces are the nodes' own autovacuum's to keep"
    [ "$(estimates curtailment_records | cut -d '|' -f 1)" -lt 0 ]
    fetch-elexon -q --store 2025-03-01 2025-03-31
    calc-btc -q --store 2025-03-01 2025-03-31
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/summed"
    for table in curtailment_records ingested_periods historical_bitcoin_calculations period_summaries; do
        known "$table"
        column_known "$table"
    done
    known curtailment_records_2025_03
    known historical_bitcoin_calculations_2025_03
    # Of a sample that is small, and large enough to see each farm and each date.
    [ "$(sql "select max(cardinality(most_common_freqs)) from pg_stats where tablename = 'historical_bitcoin_calculations'")" -le 30 ]
    [ "$(sql "select bool_and(n_distinct = case attname when 'settlement_date' then 31 else (select count(distinct farm_id) from curtailment_records) end)
        from pg_stats where tablename = 'historical_bitcoin_calculations' and attname in ('settlement_date', 'farm_id')")" = t ]
}

@test "a few rows more are left to the server, and a table that has grown by a fifth is analyzed again" {
    needs_plain "statistics of its pieces are the nodes' own autovacuum's to keep"
    fetch-elexon -q --store 2025-03-01 2025-03-20
    IFS='|' read -r estimated counted <<<"$(estimates curtailment_records)"
    [ "$estimated" = "$counted" ]
    fetch-elexon -q --store 2025-03-21
    [ "$(estimates curtailment_records | cut -d '|' -f 1)" = "$estimated" ]
    fetch-elexon -q --store 2025-03-22 2025-03-31
    known curtailment_records
}

@test "a ledger of many trades is known as well, as each step leaves it" {
    {
        echo product_id,trade_id,side,trade_time,size,price,fee
        for n in {1..1200}; do echo "BTC-USD,t$n,BUY,2023-01-01T10:00:00Z,0.5,40000,2"; done
    } >"$BATS_TEST_TMPDIR/books.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/books.csv"
    known trade_records
    # The exchange's own, taken into the books.
    {
        echo 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit'
        for n in {1..1200}; do printf 'default,%s,BTC-USD,SELL,2023-02-01T10:%02d:%02dZ,0.25,BTC,40000,2,9998,USD\n' "$n" $((n / 60)) $((n % 60)); done
    } >"$BATS_TEST_TMPDIR/fills.csv"
    fetch-fills -q --store --csv "$BATS_TEST_TMPDIR/fills.csv"
    known exchange_fills
    reconcile-fills check 2 --offline >"$BATS_TEST_TMPDIR/missing" 2>&1 || [ $? -eq 1 ]
    known backfill_proposals
    reconcile-fills -q approve all >"$BATS_TEST_TMPDIR/applied"
    known trade_records
    match-fifo make 1 --all -q >"$BATS_TEST_TMPDIR/matched"
    known fifo_allocations
}
