# match-fifo and the versions it keeps
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

# A small ledger: lots at 10:00 and 11:00, a sale at 12:00 that needs both, and a lot left over.
ledger() {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'BTC-USD,b1,BUY,2024-01-01T10:00:00Z,0.5,40000,2' \
        'BTC-USD,b2,BUY,2024-01-01T11:00:00Z,0.5,41000,2' \
        'BTC-USD,s1,SELL,2024-01-01T12:00:00Z,0.6,42000,3' >"$BATS_TEST_TMPDIR/ledger.csv"
}

# The rows of a version, one a line.
rows() {
    sql "select product_id, seq, status, disposal_id, lot_id, trim_scale(size), trim_scale(basis), trim_scale(proceeds),
                trim_scale(gain)
           from fifo_allocations where version = $1 order by product_id, seq"
}

setup() {
    fresh_db
    ledger
    import-trades -q --store "$BATS_TEST_TMPDIR/ledger.csv"
}

@test "the six published ledgers come out row by row" {
    sql "delete from trade_records"
    map='product_id=vector,record_id=seq,level:=fill,trade_time=time_utc,size=qty,price=unit_price,fee=fee_quote'
    import-trades -q --map "$map,total=total_quote" --store "$root/tests/data/fifo/ledger.csv"
    match-fifo -q --version 1 --all --make-current >"$BATS_TEST_TMPDIR/totals.tsv"
    # vector,disposal_seq,lot_seq,qty,cost,proceeds,status: the gain is checked below.
    cut -d, -f1-6,8 "$root/tests/data/fifo/expected_allocations.csv" | tail -n +2 >"$BATS_TEST_TMPDIR/want"
    sql "select concat_ws(',', product_id, disposal_id, lot_id, trim_scale(size), trim_scale(basis), trim_scale(proceeds), status)
           from fifo_allocations where disposal_id is not null order by product_id, seq" >"$BATS_TEST_TMPDIR/got"
    diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
    # The published gain was rounded by itself; ours is proceeds less cost.
    sql "create table published (v text, d text, l text, q numeric, c numeric, p numeric, gain numeric, s text)"
    sql "\\copy published from '$root/tests/data/fifo/expected_allocations.csv' with (format csv, header)"
    run sql "select count(*), max(abs(a.gain - p.gain)) from published p
               join fifo_allocations a on (product_id, disposal_id, lot_id) = (v, d, l)"
    [ "$output" = "28|0.000000000000000001" ]
    # vector,total_cost,total_gain,remaining_qty,remaining_cost
    cut -d, -f1,2,4,5 "$root/tests/data/fifo/expected_totals.csv" | tail -n +2 >"$BATS_TEST_TMPDIR/want"
    sql "select concat_ws(',', product_id, trim_scale(basis), trim_scale(open_size), trim_scale(open_basis))
           from fifo_version_products order by 1" >"$BATS_TEST_TMPDIR/got"
    diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
    audit-fifo -q --strict
}

@test "slices, totals and the version are kept together" {
    run --separate-stderr match-fifo --version 1 --all
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "${lines[1]}" == *$'\t2\t1\t3\t0\t0.6\t24102.4\t25197\t1094.6\t0\t0\t0.4\t16401.6' ]]
    [[ "$stderr" == *'msg="matched" version=1 products=1 lots=2 disposals=1 allocations=3 uncovered=0 current=no' ]]
    # 0.6 at 42000 less 3 is 25197: 5/6 of it 20997.5, the rest 4199.5.  0.1 of 20502 is 4100.4.
    [ "$(rows 1)" = 'BTC-USD|1|OK|s1|b1|0.5|20002|20997.5|995.5
BTC-USD|2|OK|s1|b2|0.1|4100.4|4199.5|99.1
BTC-USD|3|OPEN||b2|0.4|16401.6||' ] || { rows 1; false; }
}

@test "a version is written once and never again" {
    match-fifo -q --version 7 --all >/dev/null
    before=$(dump_db --exact)
    run --separate-stderr match-fifo --version 7 --all
    [ "$status" -eq 65 ]
    [ "$output" = "" ]
    [[ "$stderr" == *'version 7 exists already'*'the next one is 8'* ]]
    run match-fifo -q --version 7 --product BTC-USD --make-current
    [ "$status" -eq 65 ]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "the same books give the same version to the last byte" {
    match-fifo -q --version 1 --all >/dev/null
    # The order in which the rows lie in the table is no fact.
    sql "create table t as select * from trade_records order by record_id desc; delete from trade_records;
         insert into trade_records select * from t"
    match-fifo -q --version 2 --all >/dev/null
    [ "$(rows 1)" = "$(rows 2)" ]
    [ "$(sql "select count(distinct input_digest) from fifo_versions")" = 1 ]
}

@test "B-07: only a person makes a version the current one, never its number" {
    match-fifo -q --version 1 --all --make-current >/dev/null
    match-fifo -q --version 999 --all --until 2024-01-01T11:30:00Z >/dev/null
    [ "$(sql "select version from fifo_versions where is_current")" = 1 ]
    run --separate-stderr audit-fifo
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="audited" version=1 '* ]]
    match-fifo -q make-current 999
    [ "$(sql "select version from fifo_versions where is_current")" = 999 ]
    run match-fifo -q make-current 5
    [ "$status" -eq 65 ]
    [ "$(sql "select version from fifo_versions where is_current")" = 999 ]
    # Each version is summed by itself: the old sum over both was neither.
    run sql "select trim_scale(gain) from fifo_versions order by version"
    [ "$output" = $'1094.6\n0' ]
}

@test "B-07: a version that was killed half-way is not there" {
    # A trigger lets the run get as far as its totals and waits there to be killed.
    sql "create function wait_long() returns trigger language plpgsql as 'begin perform pg_sleep(20); return new; end';
         create trigger t before insert on fifo_version_products execute function wait_long()"
    match-fifo -q --version 1 --all --make-current >/dev/null 2>&1 3>&- &
    pid=$!
    for _ in {1..100}; do
        [ "$(sql "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")" = 0 ] || break
        sleep 0.05
    done
    # While it runs, a second one for the same number comes later.
    run match-fifo -q --version 1 --all
    [ "$status" -eq 75 ]
    [[ "$output" == *'another match-fifo is writing version 1: match-fifo (process '*' of the server, since 20'*'); try again later'* ]]
    kill -9 "$pid"
    wait "$pid" || true
    sql "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()" >/dev/null
    sql "drop trigger t on fifo_version_products"
    [ "$(sql "select (select count(*) from fifo_versions), (select count(*) from fifo_allocations)")" = '0|0' ]
    match-fifo -q --version 1 --all >/dev/null
    audit-fifo -q --version 1
}

@test "B-09: amounts keep every digit" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'X-USD,b,BUY,2024-01-01T10:00:00Z,0.00012345,40123.456789,0.0004816146322068' \
        'X-USD,s,SELL,2024-01-01T11:00:00Z,0.00012345,42789.654321,0.0000000000000001' >"$BATS_TEST_TMPDIR/x.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/x.csv"
    match-fifo -q --version 1 --product X-USD >/dev/null
    # 0.3291420853254 − 0.0004816146322068 − 0.0000000000000001
    [ "$(sql "select gain from fifo_allocations")" = 0.3286604706931931 ]
}

@test "B-10: what failed does not end with 0" {
    run match-fifo -q --version 1 --product NO-SUCH
    [ "$status" -eq 65 ]
    [[ "$output" == *'the books have no trade of NO-SUCH'* ]]
    [ "$(sql "select count(*) from fifo_versions")" = 0 ]
    sql "alter table fifo_version_products add constraint no check (lots < 0)"
    run match-fifo -q --version 1 --all
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from fifo_allocations")" = 0 ]
    run audit-fifo -q
    [ "$status" -eq 65 ]
    [[ "$output" == *'no version is current'* ]]
}

@test "B-11: dust is an option of the run and kept with it" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price' \
        'D-USD,b1,BUY,2024-01-01T10:00:00Z,1,10' 'D-USD,b2,BUY,2024-01-01T10:30:00Z,1,20' \
        'D-USD,s1,SELL,2024-01-01T11:00:00Z,0.99,30' 'D-USD,s2,SELL,2024-01-01T12:00:00Z,1.005,40' >"$BATS_TEST_TMPDIR/d.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/d.csv"
    match-fifo -q --version 1 --product D-USD >/dev/null
    match-fifo -q --version 2 --product D-USD --dust 0.01 --note 'as the old books' >/dev/null
    [ "$(rows 1)" = 'D-USD|1|OK|s1|b1|0.99|9.9|29.7|19.8
D-USD|2|OK|s2|b1|0.01|0.1|0.4|0.3
D-USD|3|OK|s2|b2|0.995|19.9|39.8|19.9
D-USD|4|OPEN||b2|0.005|0.1||' ] || { rows 1; false; }
    # Both remainders are rows: the lot's keeps its cost, the sale's its proceeds.
    [ "$(rows 2)" = 'D-USD|1|OK|s1|b1|0.99|9.9|29.7|19.8
D-USD|2|DUST||b1|0.01|0.1||
D-USD|3|OK|s2|b2|1|20|40|20
D-USD|4|DUST|s2||0.005|0|0.2|0.2' ] || { rows 2; false; }
    [ "$(sql "select version, trim_scale(dust), note from fifo_versions order by 1")" = $'1|0|\n2|0.01|as the old books' ]
    audit-fifo -q --version 1
    audit-fifo -q --version 2
    run match-fifo compare 1 2
    [ "$status" -eq 1 ]
    [[ "$output" == *$'D-USD\tlot\tb1\trematched\topen_size\t0\t0.01\tdust 0 -> 0.01'* ]]
    run match-fifo --version 3 --all --dust -1
    [ "$status" -eq 64 ]
}

@test "B-12: what went before stays when a run fails" {
    match-fifo -q --version 1 --all --make-current >/dev/null
    before=$(dump_db --exact)
    sql "alter table fifo_versions add constraint no check (version < 2) not valid"
    run match-fifo -q --version 2 --all --make-current
    [ "$status" -eq 65 ]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "B-13: an order that was cancelled after half of it was filled is a trade" {
    printf '%s\n' 'order_id,symbol,side,order_time,price,size,total_fees_usd,status' \
        'o1,P-USD,buy,2024-01-01T10:00:00Z,10,0.4,0.01,CANCELLED' \
        'o2,P-USD,sell,2024-01-01T11:00:00Z,12,0.4,0.01,FILLED' \
        'o3,P-USD,sell,2024-01-01T11:00:01Z,12,0,0,CANCELLED' >"$BATS_TEST_TMPDIR/orders.csv"
    import-trades -q --map product_id=symbol,trade_time=order_time,fee=total_fees_usd --store "$BATS_TEST_TMPDIR/orders.csv"
    match-fifo -q --version 1 --product P-USD >/dev/null
    [ "$(rows 1)" = 'P-USD|1|OK|o2|o1|0.4|4.01|4.79|0.78' ] || { rows 1; false; }
    audit-fifo -q --version 1
}

@test "B-15: a fee larger than its sale does not end the run" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'A-USD,b,BUY,2024-01-01T10:00:00Z,1,0.10,0' 'A-USD,s,SELL,2024-01-01T11:00:00Z,1,0.12,0.50' >"$BATS_TEST_TMPDIR/a.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/a.csv"
    match-fifo -q --version 1 --all >/dev/null
    [ "$(rows 1 | head -n 1)" = 'A-USD|1|OK|s|b|1|0.1|-0.38|-0.48' ]
    audit-fifo -q --version 1
}

# B-16: the rows of a table lie in the order in which they came, which is nobody's.
@test "B-16: the oldest lot goes first, by time, nanoseconds and id, however the rows lie in the table" {
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, trade_nanos, size, price, value, fee, source)
         select 'Z-USD', id, 'fill', side, at::timestamptz, nanos, 1, price, price, 0, 'import' from (values
            (1, 's2', 'SELL', '2024-03-02Z', 0, 50), (2, 's1', 'SELL', '2024-03-01Z', 0, 50), (3, 'b4', 'BUY', '2024-02-02Z', 0, 40),
            (4, 'a3', 'BUY', '2024-01-01Z', 2, 30), (5, 'b2', 'BUY', '2024-01-01Z', 1, 20), (6, 'b1', 'BUY', '2024-01-01Z', 1, 10))
            as rows (nth, id, side, at, nanos, price) order by nth"
    match-fifo -q make 1 --product Z-USD >/dev/null
    [ "$(sql "select string_agg(coalesce(disposal_id, '-') || '<' || lot_id || ' ' || trim_scale(basis), ', ' order by seq) from fifo_allocations where version = 1")" = \
        's1<b1 10, s2<b2 20, -<a3 30, -<b4 40' ]
}

@test "B-16: a sale that was missed makes a new version, and compare says what it moved" {
    match-fifo -q --version 1 --all >/dev/null
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'BTC-USD,s0,SELL,2024-01-01T11:30:00Z,0.5,41500,0' >"$BATS_TEST_TMPDIR/late.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/late.csv"
    run audit-fifo -q --version 1
    [ "$status" -eq 1 ]
    [[ "$output" == *$'BTC-USD\tproduct\t\\N\tbooks_changed'* ]]
    [[ "$output" == *$'BTC-USD\tdisposal\ts0\tabsent'* ]]
    match-fifo -q --version 2 --all >/dev/null
    # The sale of 12:00 no longer finds the oldest lot, which went at 11:30.
    [ "$(rows 2)" = 'BTC-USD|1|OK|s0|b1|0.5|20002|20750|748
BTC-USD|2|OK|s1|b2|0.5|20502|20997.5|495.5
BTC-USD|3|MISSING_BASIS|s1||0.1|0|4199.5|4199.5' ] || { rows 2; false; }
    run --separate-stderr match-fifo compare 1 2
    [ "$status" -eq 1 ]
    [[ "$output" == *$'BTC-USD\tdisposal\ts0\tadded\tsize\t\\N\t0.5\t\\N'* ]]
    [[ "$output" == *$'BTC-USD\tdisposal\ts1\trematched\tuncovered\t0\t0.1\tdisposal s0 added'* ]]
    [[ "$output" == *$'BTC-USD\tdisposal\ts1\trematched\tbasis\t24102.4\t20502\tdisposal s0 added'* ]]
    [[ "$stderr" == *'versions=1,2 differences='* ]]
    # A version compared with itself has not changed.
    run match-fifo -q --no-header compare 2 2
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    run match-fifo -q compare 2 3
    [ "$status" -eq 65 ]
}

@test "an uncovered sale is a row, a warning and not a failure" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'BTC-USD,s2,SELL,2024-01-01T13:00:00Z,1,43000,0' 'BTC-USD,s3,SELL,2024-01-01T09:00:00Z,0.1,30000,0' \
        'BTC-USD,b3,BUY,2024-01-01T14:00:00Z,1,44000,0' >"$BATS_TEST_TMPDIR/more.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/more.csv"
    run --separate-stderr match-fifo --version 1 --all
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'level=warning'*'no lot covers all that was disposed of'*'product=BTC-USD disposals=2'* ]]
    [ "$(rows 1)" = 'BTC-USD|1|MISSING_BASIS|s3||0.1|0|3000|3000
BTC-USD|2|OK|s1|b1|0.5|20002|20997.5|995.5
BTC-USD|3|OK|s1|b2|0.1|4100.4|4199.5|99.1
BTC-USD|4|OK|s2|b2|0.4|16401.6|17200|798.4
BTC-USD|5|MISSING_BASIS|s2||0.6|0|25800|25800
BTC-USD|6|OPEN||b3|1|44000||' ] || { rows 1; false; }
    audit-fifo -q --version 1
    run audit-fifo -q --no-header --version 1 --strict
    [ "$status" -eq 1 ]
    [ "$output" = $'BTC-USD\tdisposal\ts3\tuncovered\tsize\t0.1\t0\nBTC-USD\tdisposal\ts2\tuncovered\tsize\t0.6\t0' ]
}

# A purchase on the retail page is BTC-USD, and the sale of it on Advanced Trade may be BTC-USDC.
@test "a coin that was bought in another product is no missing trade alone: the open lots are named" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,value,fee' \
        'SOL-USD,b,BUY,2024-01-10T09:00:00Z,10,1000,10' 'SOL-EUR,e,BUY,2024-01-11T09:00:00Z,2.50,200,1' \
        'SOL-USDC,s,SELL,2024-06-10T09:00:00Z,4.0,700,7' 'SOLV-USD,v,SELL,2024-06-10T09:00:00Z,1,1,0' >"$BATS_TEST_TMPDIR/more.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/more.csv"
    run --separate-stderr match-fifo make 1 --all
    [ "$status" -eq 0 ]
    [ "$(grep -c 'sold without a lot' <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *level=warning*'SOL-USDC: 4 sold without a lot, but lots of the same coin are open in other products (SOL-EUR 2.5, SOL-USD 10)'* ]]
}

@test "of many products that sold without a lot twenty are named, and the others counted" {
    {
        echo 'product_id,trade_id,side,trade_time,size,value,fee'
        for n in {1..22}; do
            printf 'C%s-USD,b%s,BUY,2024-01-10T09:00:00Z,10,1000,10\nC%s-USDC,s%s,SELL,2024-06-10T09:00:00Z,4,700,7\n' "$n" "$n" "$n" "$n"
        done
    } >"$BATS_TEST_TMPDIR/more.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/more.csv"
    run --separate-stderr match-fifo make -q 1 --all
    [ "$status" -eq 0 ]
    [ "$(grep -c 'sold without a lot' <<<"$stderr")" -eq 20 ]
    [ "$(grep -c 'no lot covers all' <<<"$stderr")" -eq 20 ]
    [[ "$stderr" == *'msg="disposals: and 2 more of this kind"'*'msg="lots: and 2 more of this kind"'* ]]
}

@test "--until takes trades before an instant, or a day with all of it" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price' \
        'BTC-USD,b3,BUY,2024-01-01T23:59:59.999999999Z,1,1' 'BTC-USD,b4,BUY,2024-01-02T00:00:00Z,1,1' >"$BATS_TEST_TMPDIR/more.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/more.csv"
    match-fifo -q --version 1 --all --until 2024-01-01 >/dev/null
    match-fifo -q --version 2 --all --until 2024-01-01T12:00:00Z >/dev/null
    match-fifo -q --version 3 --all >/dev/null
    [ "$(sql "select version, until, lots, disposals from fifo_versions order by 1")" = \
'1|2024-01-02 00:00:00+00|3|1
2|2024-01-01 12:00:00+00|2|0
3||4|1' ]
    for version in 1 2 3; do audit-fifo -q --version $version; done
    run match-fifo -q --version 4 --all --until 2024-01-01T12:00:00
    [ "$status" -eq 64 ]
    [[ "$output" == *'does not say its time zone'* ]]
}

@test "names with quotes, tabs and backslashes go through" {
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, price, value, source)
         values (E'it''s \\\\ a\\tproduct', E'lot\\n\\\"1\\\"', 'fill', 'BUY', '2024-01-01', 1, 1, 1, 'import'),
                (E'it''s \\\\ a\\tproduct', E'\\\\N', 'fill', 'SELL', '2024-01-02', 1, 2, 2, 'import')"
    run --separate-stderr match-fifo --version 1 --product $'it\'s \\ a\tproduct'
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from fifo_allocations where status = 'OK' and product_id = E'it''s \\\\ a\\tproduct'
                 and lot_id = E'lot\\n\\\"1\\\"' and disposal_id = E'\\\\N'")" = 1 ]
    audit-fifo -q --version 1
    match-fifo -q --version 2 --all >/dev/null
    audit-fifo -q --version 2
}

@test "arguments that cannot be meant are refused" {
    while read -r arguments; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr match-fifo $arguments
        echo "$arguments: $status"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done <<'END'

--version 1
--all
--version 0 --all
--version x --all
--version 2147483648 --all
--version 1 --all --product BTC-USD
--version 1 --all --until yesterday
--version 1 --all --dust x
--version 1 --all compare 1 2
compare 1
make-current
frobnicate
END
    run match-fifo frobnicate
    [[ "$output" == *'frobnicate: neither make N, nor make-current N, nor compare A B, nor list'* ]]
}

@test "the versions are listed" {
    match-fifo -q --version 2 --all --make-current --note 'a note' >/dev/null
    run match-fifo --no-header list
    [ "$status" -eq 0 ]
    [[ "$output" == $'2\tt\t\\N\t\\N\t0\t1\t2\t1\t3\t0\t24102.4\t25197\t1094.6\t'*$'\ta note\t1094.6\t0' ]]
}

@test "a full disk under stdout is a failure, and the version is whole or not there" {
    run bash -c 'match-fifo -q --version 1 --all >/dev/full'
    [ "$status" -eq 74 ]
    [ "$(sql "select count(*) from fifo_versions")" = 0 ] || audit-fifo -q --version 1
}

@test "the verbs are words, the older spellings do the same, and --version alone is the program's" {
    cd "$BATS_TEST_TMPDIR" || return
    run --separate-stderr match-fifo make 4 --all
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    match-fifo -q --version 5 --all --make-current >/dev/null
    [ "$(rows 4)" = "$(rows 5)" ]
    [ "$(audit-fifo --fifo 4 2>/dev/null)" = "$(audit-fifo --version 4 2>/dev/null)" ]
    run match-fifo make --all
    [ "$status" -eq 64 ]
    run match-fifo make x --all
    [ "$status" -eq 64 ]
    sql "update trade_records set size = 1 where record_id = 's1'"
    for tier in 1 2 3; do
        words=0 options=0
        reconcile-fills check "$tier" --offline -n >words.tsv 2>/dev/null || words=$?
        reconcile-fills --tier "$tier" --offline -n >options.tsv 2>/dev/null || options=$?
        [ "$words" = "$options" ]
        diff words.tsv options.tsv
    done
    diff <(reconcile-fills proposals all) <(reconcile-fills --proposals all)
    for tool in match-fifo audit-fifo reconcile-fills; do
        [[ "$("$tool" --version)" == "$tool (Windfall) "* ]]
    done
    for bad in 'check' 'check 4' 'check x' 'check 2 --proposals' 'proposals --tier 2' 'frobnicate'; do
        # shellcheck disable=SC2086 # several words
        run reconcile-fills $bad
        [ "$status" -eq 64 ] || { echo "$bad: $status $output"; false; }
    done
    run reconcile-fills check --help
    [ "$status" -eq 0 ]
}
