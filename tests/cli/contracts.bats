# Futures and perpetuals that an earlier version took for coins: named, kept out, and taken out by a person alone.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
}

# A spot purchase and sale in the books, and beside them contracts as an earlier version stored them.
books() {
    sql "insert into trade_records (product_id, record_id, trade_id, level, side, trade_time, size, price, value, fee, source) values
         ('BTC-USD', 'b1', 'b1', 'fill', 'BUY', '2024-01-01Z', 1, 100, 100, 0, 'import'),
         ('BTC-USD', 's1', 's1', 'fill', 'SELL', '2024-02-01Z', 1, 150, 150, 0, 'import')"
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, price, value, fee, source) values
         ('BIP-20DEC30-CDE', 'c1', 'fill', 'BUY', '2024-01-05Z', 3, 51000, 153000, 0, 'backfill'),
         ('BIP-20DEC30-CDE', 'c2', 'fill', 'SELL', '2024-01-06Z', 3, 52000, 156000, 0, 'import'),
         ('BTC-PERP-INTX', 'c3', 'fill', 'SELL', '2024-01-06Z', 1, 52000, 52000, 0, 'import')"
}

# What an earlier version had stored of the exchange, asked to the end.
exchange_knows() {
    sql "insert into exchange_windows (product_id, window_from, window_to, source, fills_seen) values ('*', '-infinity', now(), 'api', 2)
         ; insert into exchange_fills (entry_id, trade_id, order_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
         values ('e1', 'b1', 'o1', 'BTC-USD', 'BUY', 'FILL', '2024-01-01Z', 100, 1, 1, 100, 0, 'api'),
                ('e2', 's1', 'o2', 'BTC-USD', 'SELL', 'FILL', '2024-02-01Z', 150, 1, 1, 150, 0, 'api'),
                ('e3', 'x1', 'o3', 'ET-28MAR25-CDE', 'BUY', 'FILL', '2024-02-01Z', 2500, 4, 4, 10000, 0, 'api')"
}

@test "contracts in the books are findings of tiers 2 and 3, and nothing is matched, gained or missing by them" {
    books
    exchange_knows
    for tier in 2 3; do
        run --separate-stderr reconcile-fills check $tier --offline --no-header
        [ "$status" -eq 1 ]
        [ "$(cut -f 2-4,8-10 <<<"$output")" = "contract	BIP-20DEC30-CDE	c1	product_id	BIP-20DEC30-CDE	\\N
contract	BIP-20DEC30-CDE	c2	product_id	BIP-20DEC30-CDE	\\N
contract	BTC-PERP-INTX	c3	product_id	BTC-PERP-INTX	\\N
contract	ET-28MAR25-CDE	e3	product_id	\\N	ET-28MAR25-CDE" ]
        [[ "$stderr" == *'msg="Missing BUY orders found: 0"'* ]]
    done
    [ "$(sql 'select count(*) from backfill_proposals')" = 0 ]
    # Windows vouch for coins only: nobody is told that contracts were checked, or not checked.
    [[ "$stderr" != *'not checked'* ]]
    run --separate-stderr match-fifo make 1 --all --make-current --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 2 <<<"$output")" = BTC-USD ]
    [[ "$stderr" == *level=warning*'2 trades of BIP-20DEC30-CDE are left out'* ]]
    [[ "$stderr" == *level=warning*'1 trade of BTC-PERP-INTX is left out'* ]]
    audit-fifo
    [ "$("$root/scripts/gains" --format csv 2>/dev/null | cut -d, -f 1,2,8)" = 'year,product_id,gain
2024,BTC-USD,50' ]
    [ "$(check-status --format json | jq -c '.ledger | [.contracts, .covered_gain, .recorded_since, .findings]')" = \
        '[4,50,0,{"1":null,"2":4,"3":4}]' ]
}

@test "a version that has matched contracts gains nothing by them, and its audit finds that" {
    books
    match-fifo -q make 1 --all --make-current >/dev/null 2>&1
    # As an earlier version made it.
    sql "insert into fifo_version_products select 1, 'BTC-PERP-INTX', repeat('0', 64), 0, 1, 1, 1, 1, 0, 52000, 52000, 1, 52000, 0, 0
         ; insert into fifo_version_products select 1, 'BIP-20DEC30-CDE', repeat('0', 64), 1, 1, 1, 0, 3, 153000, 156000, 3000, 0, 0, 0, 0
         ; insert into fifo_allocations (version, product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis, proceeds, gain)
         values (1, 'BIP-20DEC30-CDE', 1, 'OK', 'c2', '2024-01-06Z', 0, 'c1', '2024-01-05Z', 0, 3, 153000, 156000, 3000),
                (1, 'BTC-PERP-INTX', 1, 'MISSING_BASIS', 'c3', '2024-01-06Z', 0, null, null, null, 1, 0, 52000, 52000)
         ; update fifo_versions set gain = 50 + 3000 + 52000, uncovered = 1 where version = 1"
    [ "$(sql 'select covered_gain, uncovered, uncovered_proceeds from ledger_state')" = '50|0|0' ]
    [ "$(match-fifo list --format ndjson | jq -c '[.covered_gain, .proceeds_without_lot]')" = '["50","0"]' ] ||
        [ "$(match-fifo list --format ndjson | jq -c '[.covered_gain, .proceeds_without_lot]')" = '[50,0]' ]
    [ "$("$root/scripts/gains" --by product --format csv 2>/dev/null | cut -d, -f 2,8)" = 'product_id,gain
BTC-USD,50' ]
    run "$root/scripts/gains" --format journal
    [[ "$output" != *BIP-20DEC30* ]]
    run audit-fifo
    [ "$status" -eq 1 ]
    [[ "$output" == *BIP-20DEC30-CDE*books_changed* ]]
    run "$root/scripts/exchange" status
    [[ "$output" == *"gain on disposals with a lot 50.00"* ]]
    [[ "$output" == *"futures and perpetuals are left out (3)"* ]]
    [[ "$output" != *"BTC-PERP-INTX  "* ]]
}

@test "a person discards them, one or all; what goes is kept beside, and spot trades never go" {
    books
    exchange_knows
    run --separate-stderr reconcile-fills discard c1 b1 --no-header --by auditor
    [ "$status" -eq 65 ]
    [ "$output" = "c1	1
b1	0" ]
    [[ "$stderr" == *'there is no future or perpetual b1'* ]]
    run --separate-stderr reconcile-fills discard all --no-header --by auditor
    [ "$status" -eq 0 ]
    [ "$output" = "all	3" ]
    [ "$(sql "select string_agg(record_id, ' ' order by record_id) from trade_records")" = 'b1 s1' ]
    [ "$(sql "select string_agg(record_id || discarded_by, ' ' order by record_id), sum(value) from discarded_trades")" = \
        'c1auditor c2auditor c3auditor|361000' ]
    [ "$(sql 'select entry_id, value, discarded_by from discarded_fills')" = 'e3|10000|auditor' ]
    run --separate-stderr reconcile-fills check 3 --offline
    [ "$status" -eq 0 ]
    run reconcile-fills discard
    [ "$status" -eq 64 ]
    run reconcile-fills discard c1 --product BTC-USD
    [ "$status" -eq 64 ]
}

@test "the migration moves the exchange's own aside, and leaves those of the books" {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree"
    cp -R "$root/sql" "$root/scripts" "$tree/"
    ln -s "$WINDFALL_BIN" "$tree/bin"
    mkdir later
    for file in "$tree"/sql/[0-9][0-9][0-9]-*.sql; do
        version=${file##*/}
        [ "$((10#${version%%-*}))" -lt 31 ] || mv "$file" later/
    done
    bare_db
    # The tools, which migrate asks about miner models at its end, want them all.
    "$tree/scripts/migrate" 2>/dev/null || [ "$(sql 'select max(version) < 31 from schema_migrations')" = t ]
    books
    exchange_knows
    sql "insert into exchange_windows (product_id, window_from, window_to, source, fills_seen) values ('ET-28MAR25-CDE', '2024-01-01', now(), 'api', 2)"
    sql "insert into backfill_proposals (product_id, record_id, action, tier, reason, level, side, trade_time, size, value, fee, fills, entry_ids, facts_digest)
         values ('ET-28MAR25-CDE', 'o3', 'insert', 2, 'x', 'fill', 'BUY', '2024-02-01Z', 4, 10000, 0, 1, array['e3'], 'x')"
    before=$(sql 'select * from trade_records order by 1, 2')
    mv later/* "$tree/sql/"
    "$tree/scripts/migrate"
    [ "$(sql 'select * from trade_records order by 1, 2')" = "$before" ]
    [ "$(sql "select string_agg(entry_id, ' ' order by entry_id) from exchange_fills")" = 'e1 e2' ]
    [ "$(sql 'select entry_id, product_id, size, value, discarded_by from discarded_fills')" = 'e3|ET-28MAR25-CDE|4|10000|migration 31' ]
    [ "$(sql "select string_agg(product_id, ' ') from exchange_windows")" = '*' ]
    [ "$(sql 'select state from backfill_proposals')" = stale ]
    run "$root/scripts/exchange" status
    [[ "$output" == *"0 trades and 1 fill of futures and perpetuals, kept in discarded_trades and discarded_fills"* ]]
}

@test "the database and the tools agree on what is a contract" {
    ids='BIP-20DEC30-CDE BTC-PERP-INTX ET-28MAR25-CDE BTC-PERP btc-perpetual BTC-USDT-SWAP ETH-28MAR25 BTC_USD_PERP BTCUSD_240628 BTCUSDPERP
PERP_BTC_USDC BTC/USD:USD BTC-28JUN24-60000-C BTC-USD BTC/USD BTC_USD BTC:USD PERP-USD PERP/USD 1INCH-USD 00-USD SOMETHING PERP R000001 BTC-USDC SWAP-USD'
    for id in $ids; do
        printf '%s\n' product_id,trade_id,side,trade_time,size,price "$id,t,BUY,2024-01-01T00:00:00Z,1,1" >one.csv
        status=0
        import-trades -q one.csv >out 2>&1 || status=$?
        [ "$status:$(sql "select is_contract('$id')")" = 65:t ] || [ "$status:$(sql "select is_contract('$id')")" = 0:f ] || {
            echo "$id: $status"; cat out; false; }
    done
}

@test "a commission below zero is open until its order's totals prove it, or a person decides" {
    books
    sql "delete from trade_records where record_id like 'c%'"
    exchange_knows
    sql "delete from exchange_fills where entry_id = 'e3'; update exchange_fills set commission = -0.4 where entry_id = 'e2'
         ; update trade_records set fee = -0.4 where record_id = 's1'"
    run --separate-stderr reconcile-fills check 2 --offline --no-header
    [ "$status" -eq 1 ]
    [ "$(cut -f 2,4,8-10 <<<"$output")" = "undecided	e2	commission	\\N	-0.4" ]
    # A sale of 150 that brought 150.4: it came back.
    sql "insert into exchange_orders (order_id, product_id, side, status, filled_size, filled_value, total_fees, total_value_after_fees, number_of_fills)
         values ('o2', 'BTC-USD', 'SELL', 'FILLED', 1, 150, -0.4, 150.4, 1)"
    reconcile-fills check 2 --offline
    # One that brought 149.6 paid it.
    sql 'update exchange_orders set total_value_after_fees = 149.6'
    run reconcile-fills check 2 --offline
    [ "$status" -eq 1 ]
    # Totals that are right in themselves prove nothing of a fill that they do not hold.
    sql 'update exchange_orders set total_fees = 0.4'
    run reconcile-fills check 2 --offline
    [ "$status" -eq 1 ]
    [ "$(reconcile-fills settle e2 --no-header)" = 'e2	settled' ]
    reconcile-fills check 2 --offline
}

@test "what each tier found last is kept: status, report and jobs read one view" {
    books
    exchange_knows
    [ "$(check-status --format json | jq -c '.ledger | [.findings, .checked]')" = '[{"1":null,"2":null,"3":null},{"1":null,"2":null,"3":null}]' ]
    run reconcile-fills check 2 --offline --dry-run
    [ "$status" -eq 1 ]
    [ "$(sql 'select count(*) from exchange_checks')" = 0 ]
    run reconcile-fills check 2 --offline
    [ "$status" -eq 1 ]
    reconcile-fills check 3 --offline --product BTC-USD >/dev/null 2>&1
    [ "$(sql 'select tier, product_id, findings, missing_buy, partly from exchange_checks order by 1')" = "2||4|0|f
3|BTC-USD|0|0|f" ]
    # Of one product it is not the state of the ledger.
    [ "$(sql 'select findings_2, findings_3 from ledger_state')" = '4|' ]
    run check-status --format prometheus
    printf "%s\n" "$output" >prom
    [ "$status" -eq 2 ]
    grep -q '^windfall_ledger_findings{tier="2"} 4' prom
    grep -q '^windfall_ledger_contract_rows 4' prom
    run check-status --format nagios
    [[ "$output" == *"findings of the last check"* ]]
    run check-status --format text --warn-findings off
    [[ "$output" == *"findings of the last check"* ]]
    [ "$(psql -XAtq -d "$DATABASE_URL" -f "$root/sql/report/ledger-facts.sql" | grep -o 'contracts_left_out.*' | sed 's/checked=.*/checked/')" = \
        'contracts_left_out=4 findings_tier_1=never-checked findings_tier_2=4 findings_tier_3=never-checked checked' ]
}

# A snapshot of before its turn would not show what the one before it has done.
@test "a comparison waits for the decision under way, and sees what it did" {
    books
    sql "delete from trade_records where record_id like 'c%'"
    exchange_knows
    sql "delete from exchange_fills where entry_id = 'e3'; delete from trade_records where record_id = 's1'"
    coproc HOLD { psql -XAtq -d "$DATABASE_URL" 3>&-; }
    echo "begin; lock table exchange_turn in exclusive mode; select 'held';" >&"${HOLD[1]}"
    read -r -t 10 -u "${HOLD[0]}" _
    reconcile-fills check 2 --offline >out 2>err 3>&- &
    checking=$!
    for _ in {1..100}; do
        [ "$(sql "select count(*) from pg_locks where relation = 'exchange_turn'::regclass and not granted")" = 0 ] || break
        sleep 0.05
    done
    echo "insert into trade_records (product_id, record_id, level, trade_id, side, trade_time, size, price, value, fee, source)
          values ('BTC-USD', 's1', 'fill', 's1', 'SELL', '2024-02-01Z', 1, 150, 150, 0, 'import'); commit;" >&"${HOLD[1]}"
    status=0
    wait "$checking" || status=$?
    echo '\q' >&"${HOLD[1]}"
    wait "$HOLD_PID" || true
    cat out err
    [ "$status" -eq 0 ]
    # No statement of the tools takes a lock that outlives its transaction.
    run grep -rnE 'pg_(try_)?advisory_lock(_shared)?\(' "$root/src" "$root/scripts" "$root/sql"
    [ "$output" = "" ]
}
