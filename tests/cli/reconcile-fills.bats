# The books held against the exchange: what is missing, doubled or altered is found, and nothing else.
#
# nginx's variables stand in single quotes on purpose; bats sets $stderr and the helpers what they export.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
load helper
load asking
load coinbase

setup() {
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site"
    cd "$BATS_TEST_TMPDIR" || return
    coinbase_conf
    fresh_db
}

# Five orders, eight fills, two products, three days; the sums of each are reckoned by hand.
market() {
    fill entry=e1 order=o1 time=2024-05-01T10:00:01.1Z price=100 size=0.1 fee=0.1
    fill entry=e2 order=o1 time=2024-05-01T10:00:02.2Z price=101 size=0.2 fee=0.2
    fill entry=e3 order=o1 time=2024-05-01T10:00:03.3Z price=102 size=0.3 fee=0.3
    fill entry=e4 order=o2 time=2024-05-02T10:00:00Z side=SELL price=110 size=0.25 fee=0.05
    fill entry=e5 order=o3 time=2024-05-02T11:00:00Z product=ETH-EUR price=10 size=1 fee=0.01
    fill entry=e6 order=o3 time=2024-05-02T11:00:01Z product=ETH-EUR price=11 size=2 fee=0.02
    fill entry=e7 order=o4 time=2024-05-03T09:00:00Z product=ETH-EUR side=SELL price=12 size=0.5 fee=0
    fill entry=e8 order=o5 time=2024-05-03T09:30:00Z price=90 size=0.4 fee=0.04
    order order=o1 size=0.6 value=60.8 fees=0.6 fills=3 created=2024-05-01T10:00:00Z
    order order=o2 side=SELL size=0.25 value=27.5 fees=0.05 created=2024-05-02T09:59:59Z
    order order=o3 product=ETH-EUR size=3 value=32 fees=0.03 fills=2 created=2024-05-02T10:59:00Z
    order order=o4 product=ETH-EUR side=SELL size=0.5 value=6 fees=0 created=2024-05-03T09:00:00Z
    # B-13: the real part of a cancelled order.
    order order=o5 status=CANCELLED size=0.4 value=36 fees=0.04 created=2024-05-03T09:00:00Z
}

open_market() { serve 3; }

# id product side time size price value fee [account]: the row of one order, and that row in the books
booked() { echo "('$2', '$1', 'order', '$1', '$3', '$4', $5, $6, $7, $8, ${9:-null}, 'import')"; }
book() { keep_books "$(booked "$@")"; }
keep_books() {
    sql "insert into trade_records (product_id, record_id, level, order_id, side, trade_time, size, price, value, fee, account, source)
         values $1"
}

right_books() {
    keep_books "$(
        booked o1 BTC-USD BUY '2024-05-01 10:00:01Z' 0.6 101.333333333 60.8 0.6
        echo ,
        booked o2 BTC-USD SELL '2024-05-02 10:00:00Z' 0.25 110 27.5 0.05
        echo ,
        booked o3 ETH-EUR BUY '2024-05-02 11:00:00Z' 3 10.666666667 32 0.03
        echo ,
        booked o4 ETH-EUR SELL '2024-05-03 09:00:00Z' 0.5 12 6 0
        echo ,
        booked o5 BTC-USD BUY '2024-05-03 09:30:00Z' 0.4 90 36 0.04
    )"
}

tier() { reconcile-fills --base-url "$REPLAY_URL" "${hasty[@]}" --no-header --tier "$@"; }

# The rows as "finding record field books exchange", the day first where there is no record.
short() { awk -F '\t' -v OFS=' ' 'NF > 1 { print $2, ($4 == "\\N" ? $3 "/" $5 "/" $6 : $4), $8, $9, $10 }'; }

@test "books that are right: no row, no missing orders, and 0 at every depth" {
    market
    right_books
    open_market
    for depth in 2 3; do
        run --separate-stderr tier $depth
        echo "$output $stderr"
        [ "$status" -eq 0 ]
        [ "$output" = "" ]
        [[ "$stderr" == *'msg="Missing BUY orders found: 0"'* ]]
        [[ "$stderr" == *'msg="Missing SELL orders found: 0"'* ]]
    done
    [ "$(sql 'select count(*) from backfill_proposals')" -eq 0 ]
}

# B-05: the all-clear said nothing, so the weekly job took silence for trouble.
@test "B-05: the verdict stands in the log when there is nothing, and with --quiet too" {
    market
    right_books
    open_market
    run --separate-stderr tier 2 -q
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"level=info"*"level=info"*"level=info"* ]]
    [[ "$stderr" == *'msg="Missing BUY orders found: 0"'* ]]
    [[ "$stderr" == *'msg="Missing SELL orders found: 0"'* ]]
}

# B-08: only purchases were looked for.
@test "B-08: missing sells are found as missing buys are" {
    market
    right_books
    sql "delete from trade_records where record_id in ('o1', 'o2', 'o4')"
    open_market
    run --separate-stderr tier 3
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(short <<<"$output")" = "missing_here o1 \\N \\N \\N
missing_here o2 \\N \\N \\N
missing_here o4 \\N \\N \\N" ]
    [[ "$stderr" == *'msg="Missing BUY orders found: 1"'* ]]
    [[ "$stderr" == *'msg="Missing SELL orders found: 2"'* ]]
}

@test "tier 2 shows the sums of a missing order by day and side, and of nothing else" {
    market
    right_books
    sql "delete from trade_records where record_id = 'o1'"
    open_market
    run --separate-stderr tier 2
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(short <<<"$output")" = "sum BTC-USD/BUY/2024-05-01 trades 0 1
sum BTC-USD/BUY/2024-05-01 size 0 0.6
sum BTC-USD/BUY/2024-05-01 value 0 60.8
sum BTC-USD/BUY/2024-05-01 fee 0 0.6
missing_here o1 \\N \\N \\N" ]
}

# B-02: the last fill of an order was taken for all of it.
# B-13: an order counts by its fills, whatever its status.
@test "B-02, B-13: a backfill groups all fills of an order, filled or cancelled" {
    market
    open_market
    run --separate-stderr tier 3
    [ "$status" -eq 1 ]
    [[ "$stderr" == *'msg="Missing BUY orders found: 3"'* ]]
    run --separate-stderr reconcile-fills --approve all --by Grace
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(sql "select record_id, level, side, trade_time at time zone 'UTC', size, round(price, 9), value, fee, first_time at time zone 'UTC',
                     last_time at time zone 'UTC', fills, source from trade_records order by record_id")" = \
"o1|order|BUY|2024-05-01 10:00:01.1|0.6|101.333333333|60.8|0.6|2024-05-01 10:00:01.1|2024-05-01 10:00:03.3|3|backfill
o2|order|SELL|2024-05-02 10:00:00|0.25|110.000000000|27.50|0.05|2024-05-02 10:00:00|2024-05-02 10:00:00|1|backfill
o3|order|BUY|2024-05-02 11:00:00|3|10.666666667|32|0.03|2024-05-02 11:00:00|2024-05-02 11:00:01|2|backfill
o4|order|SELL|2024-05-03 09:00:00|0.5|12.000000000|6.0|0|2024-05-03 09:00:00|2024-05-03 09:00:00|1|backfill
o5|order|BUY|2024-05-03 09:30:00|0.4|90.000000000|36.0|0.04|2024-05-03 09:30:00|2024-05-03 09:30:00|1|backfill" ]
    # Where each comes from, and who said yes.
    [ "$(sql "select p.entry_ids, p.state, p.decided_by, p.decided_at is not null from trade_records t join backfill_proposals p
              using (proposal_id) where t.record_id = 'o1'")" = "{e1,e2,e3}|applied|Grace|t" ]
    run --separate-stderr tier 3
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

# B-04: an exchange that cannot be asked was counted as nothing missing, with exit 0.
@test "B-04: an exchange that is down is not checked, 75, and no number is said" {
    market
    right_books
    put_listing "$site" 3
    sed -i '/historical\/fills/d' "$conf"
    echo "location = $FILLS { return 503; }" >>"$conf"
    replay_start "$site" "$conf"
    new_key ec
    for depth in 2 3; do
        run --separate-stderr tier $depth --attempts 2
        [ "$status" -eq 75 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"not checked"* ]]
        [[ "$stderr" != *"orders found"* ]]
    done
    match-fifo --version 1 --all --make-current >/dev/null
    sql "delete from trade_records where side = 'BUY'"
    match-fifo --version 2 --all --make-current >/dev/null
    run --separate-stderr tier 1 --attempts 2
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"not checked"* ]]
    [[ "$stderr" != *"orders found"* ]]
}

@test "a row that had to be left out leaves what was known before to be checked, and says what was not: 65" {
    market
    right_books
    open_market
    run --separate-stderr tier 2
    [ "$status" -eq 0 ]
    replay_stop
    fill entry=e9 order=o6 side=UNKNOWN_ORDER_SIDE
    open_market
    sql "delete from trade_records where record_id = 'o5'"
    run --separate-stderr tier 2 --dry-run
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"not checked to the end: all products, of which 1 row was left out"*"Missing BUY orders found: 1"* ]]
    book o5 BTC-USD BUY '2024-05-03 09:30:00Z' 0.4 90 36 0.04
    run --separate-stderr tier 2 --dry-run
    [ "$status" -eq 65 ]
    [ "$output" = "" ]
    match-fifo --version 1 --all --make-current >/dev/null
    sql "delete from trade_records where side = 'BUY'"
    match-fifo --version 2 --all --make-current >/dev/null
    run --separate-stderr tier 1
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"Missing BUY orders: not checked"* ]]
}

@test "what was never asked is not checked: 75, never 0" {
    right_books
    for depth in 2 3; do
        run --separate-stderr reconcile-fills --tier $depth --offline
        [ "$status" -eq 75 ]
        [[ "$stderr" == *"not checked: the exchange was never asked"* ]]
    done
    # An export tells of its own time only; the rest is not checked either.
    printf '%s\n' 'trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        '1,BTC-USD,SELL,2024-05-02T10:00:00.000Z,0.25,BTC,110,0.05,27.45,USD' \
        '2,BTC-USD,BUY,2024-05-03T09:30:00.000Z,0.4,BTC,90,0.04,-36.04,USD' >export.csv
    fetch-fills --store --csv export.csv
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    echo "$output $stderr"
    [ "$status" -eq 75 ]
    # The report of an order book is made for one product: it says nothing of the other, in its time or beyond.
    [ "$output" = "" ]
    [[ "$stderr" == *"not checked: 1 trade of BTC-USD from 2024-05-01"* ]]
    [[ "$stderr" == *"not checked: 2 trades of ETH-EUR from 2024-05-02"* ]]
    [[ "$stderr" != *"orders found"* ]]
}

@test "a transaction history of the time of Coinbase Pro vouches for its simple trades, not for those of the order books" {
    printf 'product_id,trade_id,side,trade_time,size,price,fee\nBTC-EUR,s-1,BUY,2019-09-20T14:48:34Z,0.003,9300,1.99\nBTC-EUR,pro-9,SELL,2019-09-25T09:00:00Z,0.002,9100,0.05\n' >books.csv
    printf '%s\n' 'Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction,EUR Subtotal,EUR Total (inclusive of fees),EUR Fees,Notes' \
        '2019-09-20T14:48:34Z,Buy,BTC,0.003,9300.00,27.90,29.89,1.99,Bought 0.003 BTC for €29.89 EUR' \
        '2019-09-21T10:00:00Z,Buy,BTC,0.001,9000.00,9.00,10.00,1.00,Bought 0.001 BTC for €10.00 EUR' \
        '2019-10-01T09:00:00Z,Send,BTC,0.002,9000.00,"","","",Sent 0.002 BTC to Coinbase Pro' >history.csv
    import-trades -q --store books.csv
    fetch-fills -q --store --csv history.csv
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    echo "$output $stderr"
    # What the history has and the books have not is missing; what only the books have nobody can judge.
    [[ "$output" == *missing_here*0.001* ]]
    [[ "$output" != *pro-9* ]]
    [[ "$stderr" == *"not checked: 1 trade of BTC-EUR"* ]]
}

@test "a second portfolio is asked for from its first trade on, and until every portfolio was asked nothing is called whole" {
    local second=$BATS_TEST_TMPDIR/second
    new_key ec
    fill entry=a1 time=2025-03-01T10:00:00Z price=50000 size=0.1 fee=1
    put_listing "$BATS_TEST_TMPDIR/first"
    coinbase_conf
    replay_start "$BATS_TEST_TMPDIR/first" "$conf"
    fetch-fills -q --store --base-url "$REPLAY_URL"
    replay_stop
    # shellcheck disable=SC2034 # coinbase.bash's
    FILL_ROWS=
    fill entry=b1 time=2025-02-01T10:00:00Z price=40000 size=0.2 fee=1
    fill entry=b2 side=SELL time=2025-03-02T10:00:00Z price=51000 size=0.2 fee=1
    put_listing "$second"
    sed -i 's/"p-1"/"p-2"/' "$second/$BROKERAGE/key_permissions.json"
    replay_start "$second" "$conf"
    fetch-fills -q --store --base-url "$REPLAY_URL" --product ETH-USD
    # Of the second portfolio only ETH-USD is known: nothing of BTC-USD is whole any more.
    printf 'product_id,trade_id,order_id,side,trade_time,size,price,fee\nBTC-USD,x,x,BUY,2025-01-05T10:00:00Z,0.1,50000,1\n' >books.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    [[ "$output" != *missing_there* ]]
    [[ "$stderr" == *"not checked: 1 trade of BTC-USD"* ]]
    fetch-fills -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select portfolio_id, count(*) from exchange_fills group by 1 order by 1" | paste -sd' ')" = "p-1|1 p-2|2" ]
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    echo "$output $stderr"
    [[ "$output" == *missing_there*x* ]]
    [[ "$stderr" == *"Missing BUY orders found: 2"* ]]
    [[ "$stderr" == *"Missing SELL orders found: 1"* ]]
}

# The exchange makes the reports of the order books for one portfolio or for all; the name stands in each row.
@test "a report of one portfolio vouches for no other one" {
    local header='portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit'
    printf '%s\n' "$header" 'default,101,LINK-EUR,BUY,2021-04-01T08:00:00.000Z,5.00000000,LINK,28.00,0.70,-140.70,EUR' \
        'default,102,LINK-EUR,SELL,2021-04-26T08:00:00.000Z,5.00000000,LINK,30.00,0.75,149.25,EUR' >default.csv
    printf '%s\n' "$header" 'savings,201,LINK-EUR,BUY,2021-04-02T08:00:00.000Z,2.00000000,LINK,28.00,0.28,-56.28,EUR' \
        'savings,202,LINK-EUR,BUY,2021-04-09T08:00:00.000Z,1.00000000,LINK,28.00,0.14,-28.14,EUR' >savings.csv
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee LINK-EUR,x,BUY,2021-04-05T08:00:00Z,3,28,0.4 \
        LINK-EUR,y,BUY,2021-04-20T08:00:00Z,4,28,0.5 >books.csv
    import-trades -q --store books.csv
    fetch-fills -q --store --csv default.csv
    [ "$(sql "select portfolio_id from exchange_windows")" = default ]
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    [ "$(grep -c missing_there <<<"$output")" -eq 2 ]
    # There is another one, of which only the first days are known.
    fetch-fills -q --store --csv savings.csv
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    echo "$output $stderr"
    [[ "$output" == *missing_there*x* && "$output" != *missing_there*y* ]]
    [[ "$stderr" == *"not checked: 1 trade of LINK-EUR"* ]]
    # A key calls them otherwise: what it was asked for is known, whatever the reports are of.
    sql "insert into exchange_windows values ('*', '2021-04-15', '2021-05-01', 'api', 0, now(), 'p-1')"
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    [ "$(grep -c missing_there <<<"$output")" -eq 2 ]
    # A report of all of them is of each.
    sql "delete from exchange_windows where source = 'api'"
    sed 1d savings.csv | cat default.csv - >all.csv
    fetch-fills -q --store --csv all.csv
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    [ "$(grep -c missing_there <<<"$output")" -eq 2 ]
    # Windows that were stored before they had a portfolio get that of their rows, where it is one.
    sql "delete from exchange_windows where portfolio_id = ''; update exchange_windows set portfolio_id = ''" >/dev/null
    sql "$(sed '/^--.*a product is known/,$d' "$root/sql/075-portfolios-of-exports.sql")" >/dev/null
    [ "$(sql "select string_agg(portfolio_id, ' ' order by portfolio_id) from exchange_windows")" = " savings" ]
}

# Wounds ---------------------------------------------------------------------------------------

# wound SQL, then what tier 3 and tier 2 must say: exactly these rows.
wounded() {
    local wound=$1 deep=$2 sums=$3
    sql "delete from trade_records; delete from backfill_proposals"
    right_books
    sql "update trade_records set first_time = '2024-05-01 10:00:01Z', last_time = '2024-05-01 10:00:03Z', fills = 3 where record_id = 'o1'"
    sql "$wound"
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    echo "$wound: $status"; short <<<"$output"
    [ "$(short <<<"$output")" = "$deep" ] || return 1
    [ "$status" -eq 1 ] || return 1
    run --separate-stderr reconcile-fills --tier 2 --offline --no-header --dry-run
    short <<<"$output"
    [ "$(short <<<"$output" | grep -v ^missing)" = "$sums" ] || return 1
    # What the exchange knows better is mended by a yes, and then all is right, at every depth.
    [ "${4:-mends}" = mends ] || return 0
    reconcile-fills --approve all >/dev/null || return 1
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    [ "$status" -eq 0 ] || { echo "not mended: $output"; return 1; }
    run --separate-stderr reconcile-fills --tier 2 --offline --no-header
    [ "$status" -eq 0 ] || { echo "not mended: $output"; return 1; }
}

@test "a field altered in the books is found, that field alone, and a yes mends it" {
    market
    open_market
    fetch --store --orders
    wounded "update trade_records set size = 0.26 where record_id = 'o2'" \
        'different o2 size 0.26 0.25' 'sum BTC-USD/SELL/2024-05-02 size 0.26 0.25'
    wounded "update trade_records set size = 0.25000002 where record_id = 'o2'" \
        'different o2 size 0.25000002 0.25' 'sum BTC-USD/SELL/2024-05-02 size 0.25000002 0.25'
    wounded "update trade_records set price = 111 where record_id = 'o2'" \
        'different o2 price 111 110' ''
    wounded "update trade_records set value = 27.4 where record_id = 'o2'" \
        'different o2 value 27.4 27.5' 'sum BTC-USD/SELL/2024-05-02 value 27.4 27.5'
    wounded "update trade_records set fee = 0 where record_id = 'o2'" \
        'different o2 fee 0 0.05' 'sum BTC-USD/SELL/2024-05-02 fee 0 0.05'
    wounded "update trade_records set side = 'BUY' where record_id = 'o2'" \
        'different o2 side BUY SELL' \
        'sum BTC-USD/BUY/2024-05-02 trades 1 0
sum BTC-USD/BUY/2024-05-02 size 0.25 0
sum BTC-USD/BUY/2024-05-02 value 27.5 0
sum BTC-USD/BUY/2024-05-02 fee 0.05 0
sum BTC-USD/SELL/2024-05-02 trades 0 1
sum BTC-USD/SELL/2024-05-02 size 0 0.25
sum BTC-USD/SELL/2024-05-02 value 0 27.5
sum BTC-USD/SELL/2024-05-02 fee 0 0.05'
    wounded "update trade_records set trade_time = '2024-05-04 10:00Z' where record_id = 'o2'" \
        'different o2 trade_time 2024-05-04T10:00:00.000000Z 2024-05-02T10:00:00.000000Z' \
        'sum BTC-USD/SELL/2024-05-02 trades 0 1
sum BTC-USD/SELL/2024-05-02 size 0 0.25
sum BTC-USD/SELL/2024-05-02 value 0 27.5
sum BTC-USD/SELL/2024-05-02 fee 0 0.05
sum BTC-USD/SELL/2024-05-04 trades 1 0
sum BTC-USD/SELL/2024-05-04 size 0.25 0
sum BTC-USD/SELL/2024-05-04 value 27.5 0
sum BTC-USD/SELL/2024-05-04 fee 0.05 0'
    wounded "update trade_records set trade_time = '2024-05-02 10:00:01Z' where record_id = 'o2'" \
        'different o2 trade_time 2024-05-02T10:00:01.000000Z 2024-05-02T10:00:00.000000Z' ''
    wounded "update trade_records set product_id = 'BTC-EUR' where record_id = 'o2'" \
        'different o2 product_id BTC-EUR BTC-USD' \
        'sum BTC-EUR/SELL/2024-05-02 trades 1 0
sum BTC-EUR/SELL/2024-05-02 size 0.25 0
sum BTC-EUR/SELL/2024-05-02 value 27.5 0
sum BTC-EUR/SELL/2024-05-02 fee 0.05 0
sum BTC-USD/SELL/2024-05-02 trades 0 1
sum BTC-USD/SELL/2024-05-02 size 0 0.25
sum BTC-USD/SELL/2024-05-02 value 0 27.5
sum BTC-USD/SELL/2024-05-02 fee 0 0.05'
    wounded "update trade_records set record_id = 'other', order_id = 'other' where record_id = 'o2'" \
        'different other order_id other o2' ''
    wounded "update trade_records set first_time = '2024-05-01 09:00Z' where record_id = 'o1'" \
        'different o1 first_time 2024-05-01T09:00:00.000000Z 2024-05-01T10:00:01.100000Z' ''
    wounded "update trade_records set last_time = '2024-05-01 11:00Z' where record_id = 'o1'" \
        'different o1 last_time 2024-05-01T11:00:00.000000Z 2024-05-01T10:00:03.300000Z' ''
    wounded "update trade_records set fills = 1 where record_id = 'o1'" 'different o1 fills 1 3' ''
}

@test "an order removed or added in the books is found, and what is only here is left to a person" {
    market
    open_market
    fetch --store --orders
    wounded "delete from trade_records where record_id in ('o4')" 'missing_here o4 \N \N \N' \
        'sum ETH-EUR/SELL/2024-05-03 trades 0 1
sum ETH-EUR/SELL/2024-05-03 size 0 0.5
sum ETH-EUR/SELL/2024-05-03 value 0 6'
    wounded "insert into trade_records (product_id, record_id, level, order_id, side, trade_time, size, price, value, fee, source)
             select product_id, 'again', level, 'again', side, trade_time, size, price, value, fee, source
               from trade_records where record_id = 'o2'" \
        'missing_there again \N \N \N' \
        'sum BTC-USD/SELL/2024-05-02 trades 2 1
sum BTC-USD/SELL/2024-05-02 size 0.5 0.25
sum BTC-USD/SELL/2024-05-02 value 55 27.5
sum BTC-USD/SELL/2024-05-02 fee 0.1 0.05' left
    [ "$(sql 'select count(*) from backfill_proposals')" -eq 0 ]
    # An order that stands here as a whole and again by a fill.
    wounded "insert into trade_records (product_id, record_id, level, order_id, side, trade_time, size, price, value, fee, source)
             values ('BTC-USD', 'e2', 'fill', 'o1', 'BUY', '2024-05-01 10:00:02.2Z', 0.2, 101, 20.2, 0.2, 'import')" \
        'double e2 \N \N \N' \
        'sum BTC-USD/BUY/2024-05-01 trades 2 1
sum BTC-USD/BUY/2024-05-01 size 0.8 0.6
sum BTC-USD/BUY/2024-05-01 value 81 60.8
sum BTC-USD/BUY/2024-05-01 fee 0.8 0.6' left
}

@test "books kept by fills are held against fills, by trade id, and mended by fills" {
    market
    open_market
    fetch --store --orders
    by_fills() {
        sql "delete from trade_records; delete from backfill_proposals;
             insert into trade_records (product_id, record_id, level, order_id, trade_id, side, trade_time, size, price, value, fee, source)
             select product_id, trade_id, 'fill', order_id, trade_id, side, trade_time, base_size, price, value, commission, 'import'
               from exchange_fills"
    }
    while IFS='|' read -r wound want; do
        by_fills
        sql "$wound"
        run --separate-stderr reconcile-fills --tier 3 --offline --no-header
        echo "$wound: $output"
        [ "$(short <<<"$output" | sed 's/T[0-9:.]*Z//g')" = "$want" ]
        reconcile-fills --approve all >/dev/null
        run --separate-stderr reconcile-fills --tier 3 --offline --no-header
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(sql "select count(*), count(*) filter (where level = 'fill') from trade_records")" = "8|8" ]
    done <<-'END'
	delete from trade_records where record_id = 'trade-of-e2'|missing_here e2 \N \N \N
	update trade_records set size = 0.21 where record_id = 'trade-of-e2'|different trade-of-e2 size 0.21 0.2
	update trade_records set trade_time = trade_time + interval '1 ms' where record_id = 'trade-of-e2'|different trade-of-e2 trade_time 2024-05-01 2024-05-01
	update trade_records set side = 'SELL' where record_id = 'trade-of-e2'|different trade-of-e2 side SELL BUY
	update trade_records set fee = 0.3 where record_id = 'trade-of-e2'|different trade-of-e2 fee 0.3 0.2
	update trade_records set order_id = 'o9' where record_id = 'trade-of-e2'|different trade-of-e2 order_id o9 o1
	update trade_records set record_id = 'mine', trade_id = null, order_id = null where record_id = 'trade-of-e2'; delete from trade_records where record_id = 'trade-of-e4'|missing_here o2 \N \N \N
	END
}

# Deciding -------------------------------------------------------------------------------------

@test "approving twice changes nothing, and a rejected proposal is not made again" {
    market
    right_books
    sql "delete from trade_records where record_id in ('o1', 'o2')"
    open_market
    run tier 3
    first=$(sql "select proposal_id from backfill_proposals where record_id = 'o1'")
    second=$(sql "select proposal_id from backfill_proposals where record_id = 'o2'")
    # What is found again is not proposed again.
    run tier 3
    [ "$(sql 'select count(*) from backfill_proposals')" -eq 2 ]
    USER=ada run --separate-stderr reconcile-fills --approve "$first" --no-header
    [ "$status" -eq 0 ]
    [ "$output" = "$first	applied" ]
    run --separate-stderr reconcile-fills --reject "$second" --by grace --no-header
    [ "$output" = "$second	rejected" ]
    before=$(dump_db --exact)
    run --separate-stderr reconcile-fills --approve "$first" --by somebody --no-header
    [ "$status" -eq 0 ]
    [ "$output" = "$first	applied before" ]
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr tier 3
    [ "$status" -eq 1 ]
    [ "$(short <<<"$output")" = 'missing_here o2 \N \N \N' ]
    [ "$(sql "select proposal_id, state, decided_by from backfill_proposals order by 1")" = "$first|applied|ada
$second|rejected|grace" ]
    run --separate-stderr reconcile-fills --proposals
    [ "${#lines[@]}" -eq 1 ]
    run --separate-stderr reconcile-fills --proposals all --no-header
    [ "${#lines[@]}" -eq 2 ]
    run --separate-stderr reconcile-fills --approve 999999
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'there is no proposal 999999'* ]]
    # An applied one is not taken back by a no.
    run --separate-stderr reconcile-fills --reject "$first"
    [ "$status" -eq 1 ]
    [ "$(sql "select state from backfill_proposals where proposal_id = $first")" = applied ]
}

@test "a yes to all that was meant for less is refused, and nothing is applied" {
    market
    right_books
    sql "delete from trade_records where record_id in ('o1', 'o2')"
    open_market
    run tier 3
    before=$(dump_db --exact)
    for less in '--dry-run' '-n' '--product BTC-USD' '--account mine' '--offline' '--auto-backfill' '--horizon 3' '--tolerance 1'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr reconcile-fills --approve all $less
        echo "$less: $status"
        [ "$status" -eq 64 ]
        [[ "$stderr" == *'goes with check'* ]]
    done
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a proposal whose facts have changed since is not applied" {
    market
    right_books
    sql "delete from trade_records where record_id in ('o1', 'o2', 'o3', 'o4')"
    open_market
    run tier 3
    sql "update exchange_fills set commission = 0.31 where entry_id = 'e3'"
    book o2 BTC-USD SELL '2024-05-02 10:00:00Z' 0.25 110 27.5 0.05
    # Another fill of the order has come to light.
    sql "insert into exchange_fills select 'e9', 'trade-of-e9', order_id, product_id, side, trade_type, trade_time, 0, null, price, size,
         size_in_quote, base_size, value, commission, liquidity, null, source from exchange_fills where entry_id = 'e7'"
    # A trade of the same facts was entered under a name of its own.
    book mine ETH-EUR BUY '2024-05-02 11:00:00Z' 3 10.666666667 32 0.03
    before=$(sql "select * from trade_records order by 1, 2")
    run --separate-stderr reconcile-fills --approve all --no-header
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(cut -f 2 <<<"$output" | sort -u)" = stale ]
    [ "${#lines[@]}" -eq 4 ]
    [ "$(sql "select * from trade_records order by 1, 2")" = "$before" ]
    # The next comparison proposes what is true now; e9 is not in the listing, but it is stored.
    run reconcile-fills --tier 3 --offline
    run --separate-stderr reconcile-fills --approve all
    [ "$status" -eq 0 ]
    [ "$(sql "select size, fee from trade_records where record_id = 'o1'")" = "0.6|0.61" ]
    [ "$(sql "select size from trade_records where record_id = 'o4'")" = "1.0" ]
    run --separate-stderr reconcile-fills --tier 3 --offline --no-header
    [ "$status" -eq 0 ]
}

@test "look-alike orders of one second are proposed and applied each" {
    for n in 1 2 3; do fill entry=e$n order=o$n time=2024-05-01T12:00:00.${n}Z price=10 size=5 fee=0; done
    open_market
    run tier 3
    [ "$status" -eq 1 ]
    run --separate-stderr reconcile-fills --approve all --no-header
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*), sum(size) from trade_records")" = "3|15" ]
}

@test "look-alike trades of one second in an export, which names no orders, are proposed and applied each" {
    printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        default,{101,102,103},BTC-USD,BUY,2024-05-01T12:00:00.123Z,0.01,BTC,60000,3.6,-603.6,USD >fills.csv
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        {a1,a2}',2024-06-01 10:00:00 UTC,Advanced Trade Sell,BTC,-0.01,USD,$65000.00,$650.00,$646.10,$3.90,' >history.csv
    fetch-fills -q --store --csv fills.csv history.csv
    run --separate-stderr reconcile-fills check 2 --offline --auto-backfill
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'applied=5 stale=0'* ]]
    [ "$(sql "select side, count(*), sum(size) from trade_records group by 1 order by 1")" = "BUY|3|0.03
SELL|2|0.02" ]
    # What the books have of the same trade under a name of their own is a fact still.
    sql "delete from trade_records where record_id = '102'"
    reconcile-fills check 2 --offline >/dev/null || true
    sql "update trade_records set record_id = 'mine', trade_id = null where record_id = '101'"
    run --separate-stderr reconcile-fills approve all
    [[ "$stderr" == *'applied=0'*'stale=1'* ]]
}

# Two fills of a sweep through the book, and two orders of a second: the books have the later one of each.
@test "of look-alike trades the one that the books have is known by what it moved" {
    fill entry=e1 order=o1 time=2024-05-01T12:00:00.1Z price=60000 size=0.01 fee=3.6
    fill entry=e2 order=o1 time=2024-05-01T12:00:00.9Z price=61000 size=0.01 fee=3.66
    fill entry=e3 order=o2 time=2024-05-02T12:00:00.1Z side=SELL price=60000 size=0.02 fee=7.2
    fill entry=e4 order=o3 time=2024-05-02T12:00:00.9Z side=SELL price=61000 size=0.02 fee=7.32
    open_market
    fetch-fills -q --store --base-url "$REPLAY_URL"
    printf '%s\n' 'product_id,record_id,level,side,trade_time,size,value,fee' \
        BTC-USD,mine-1,fill,BUY,2024-05-01T12:00:00Z,0.01,610,3.66 \
        BTC-USD,mine-2,order,SELL,2024-05-02T12:00:00Z,0.02,1220,7.32 >books.csv
    import-trades -q --store books.csv
    # A row that is given its order's id is a changed fact for what looks like it.
    for _ in 1 2; do reconcile-fills -q check 3 --offline --auto-backfill >/dev/null || [ $? -eq 1 ]; done
    [ "$(sql "select record_id || ' ' || trim_scale(value) from trade_records order by trade_time, value")" = 'mine-1 610
trade-of-e1 600
o3 1220
o2 1200' ]
    reconcile-fills check 3 --offline
}

# A trade number counts the trades of one order book, and both sides of a conversion have its one id: a yes to all was half a yes.
@test "trades of two order books with one number are proposed and applied each" {
    printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        'default,123,SOL-ETH,BUY,2021-11-06T09:33:32.618Z,0.00100000,SOL,0.05507,2.7535e-7,-0.00005534535,ETH' \
        'default,123,LINK-EUR,BUY,2021-11-06T09:33:32.618Z,5.00000000,LINK,28.00,0.70,-140.70,EUR' >fills.csv
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        'c2,2024-05-23 06:26:20 UTC,Convert,BCH,0.00586463,GBP,£301.81,£7.71,£1.77,£5.94,Converted 0.00586463 BCH to 0.0002905 BTC' \
        'c3,2024-05-23 06:31:43 UTC,Convert,BTC,0.0002905,GBP,£6024.10,£2.19,£1.75,£0.44,Converted 0.0002905 BTC to 0.00575478 BCH' >history.csv
    fetch-fills -q --store --csv fills.csv history.csv
    run --separate-stderr reconcile-fills check 2 --offline
    [ "$status" -eq 1 ]
    run --separate-stderr reconcile-fills --approve all --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'applied=6 rejected=0 before=0 stale=0'* ]]
    [ "$(sql "select side, product_id, record_id from trade_records order by 2, 3")" = "SELL|BCH-GBP|c2
BUY|BCH-GBP|c3
BUY|BTC-GBP|c2
SELL|BTC-GBP|c3
BUY|LINK-EUR|123
BUY|SOL-ETH|123" ]
    run --separate-stderr reconcile-fills check 3 --offline
    [ "$status" -eq 0 ]
    # A row of another book that is no trade there is the trade itself, under a wrong product: that is a fact about it.
    sql "delete from trade_records where record_id = '123'; update backfill_proposals
         set state = 'proposed', decided_by = null, decided_at = null, applied_at = null where record_id = '123'"
    sql "insert into trade_records (product_id, record_id, level, trade_id, side, trade_time, size, price, value, fee, source) values
        ('ADA-EUR', '123', 'fill', '123', 'BUY', '2021-11-06T09:33:32.618Z', 5, 28, 140, 0.7, 'import')"
    run --separate-stderr reconcile-fills --approve all --no-header
    [ "$status" -eq 1 ]
    [[ "$stderr" == *'applied=0'*'stale=2'* ]]
}

@test "--auto-backfill applies at once and says so; --dry-run proposes nothing" {
    market
    open_market
    run --separate-stderr tier 3 --dry-run
    [ "$status" -eq 1 ]
    [ "$(sql 'select count(*) from backfill_proposals')" -eq 0 ]
    USER=cron run --separate-stderr tier 3 --auto-backfill
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 5 ]
    [[ "$stderr" == *'msg="applied at once, because of --auto-backfill" applied=5 stale=0'* ]]
    [[ "$stderr" == *'msg="Missing BUY orders found: 3"'* ]]
    [ "$(sql "select distinct decided_by from backfill_proposals")" = "auto-backfill (cron)" ]
    [ "$(sql "select count(*) from trade_records where source = 'backfill'")" -eq 5 ]
    run --separate-stderr tier 3 --auto-backfill
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    # What nobody can mend but a person is left, and said.
    book ghost BTC-USD BUY '2024-05-02 10:00:00Z' 9 9 81 0
    run --separate-stderr tier 3 --auto-backfill
    [ "$status" -eq 1 ]
}

# Tier 1 ---------------------------------------------------------------------------------------

@test "tier 1 looks up the sells that FIFO found no lot for, in a window around each, and no further" {
    market
    fill entry=old order=o0 time=2024-03-01T10:00:00Z price=50 size=1 fee=0
    book o2 BTC-USD SELL '2024-05-02 10:00:00Z' 0.25 110 27.5 0.05
    open_market
    match-fifo --version 1 --all --make-current >/dev/null
    # nginx does not filter by time, the exchange does: what it is asked is what counts, and what is taken of it.
    run --separate-stderr tier 1
    echo "$output $stderr"
    [ "$status" -eq 1 ]
    [ "$(replay_requests "$FILLS.*product_ids=BTC-USD&start_sequence_timestamp=2024-04-02T10%3A00%3A00.000000Z&end_sequence_timestamp=2024-06-01T10%3A00%3A00.000000Z")" -ge 1 ]
    [ "$(short <<<"$output")" = "missing_here o1 \\N \\N \\N
missing_here o5 \\N \\N \\N" ]
    [[ "$stderr" == *'msg="Missing BUY orders found: 2"'* ]]
    [[ "$stderr" == *'msg="Missing SELL orders found: 0"'* ]]
    run --separate-stderr tier 1 --window 0
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="Missing BUY orders found: 0"'* ]]
    # The wider window reaches the purchase of March.
    run --separate-stderr tier 1 --window 70
    [[ "$stderr" == *'msg="Missing BUY orders found: 3"'* ]]
    # Without the exchange: that window is known by now, a wider one is not.
    run --separate-stderr reconcile-fills --tier 1 --offline --window 70
    [ "$status" -eq 1 ]
    run --separate-stderr reconcile-fills --tier 1 --offline --window 90
    [ "$status" -eq 75 ]
    # Yes; and a new version is covered.
    run --separate-stderr reconcile-fills --approve all
    [ "$status" -eq 0 ]
    match-fifo --version 2 --all --make-current >/dev/null
    run --separate-stderr tier 1
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    # A trade that is known is none that may be the missing one, though it lies before the window.
    sql "delete from trade_records where record_id <> 'o2'; truncate backfill_proposals;
         insert into exchange_fills select 'e9', 't9', 'o9', product_id, side, trade_type, '2024-05-01T09:59:50Z', 0, null, price, 0.1,
         size_in_quote, 0.1, 10, 0, liquidity, null, source from exchange_fills where entry_id = 'e1'"
    book mine BTC-USD BUY '2024-05-01 09:59:51Z' 0.1 100 10 0
    run --separate-stderr reconcile-fills check 1 --fifo 1 --offline --window 1 --no-header
    [ "$(short <<<"$output")" = "$(printf 'missing_here %s \\N \\N \\N\n' o1 o5)" ]
    sql "delete from exchange_fills where entry_id = 'e9'"
    run --separate-stderr reconcile-fills check 1 --fifo 1 --offline --window 1 --no-header
    [ "$(short <<<"$output" | head -n 1)" = 'missing_here o1 \N mine \N' ]
}

# B-14: the inventory before a sell was reckoned with the sell itself, so a sell was looked up that the books cover.
@test "B-14: what the books hold is reckoned strictly before the sell" {
    market
    book o2 BTC-USD SELL '2024-05-02 10:00:00Z' 0.25 110 27.5 0.05
    open_market
    match-fifo --version 1 --all --make-current >/dev/null
    # Since then a lot of exactly the sell's size was entered, before it. Reckoned with the sell, 0 would be left.
    book b1 BTC-USD BUY '2024-05-02 09:00:00Z' 0.25 100 25 0
    run --separate-stderr tier 1 -v
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq 0 ]
    [[ "$stderr" == *"the books hold 0.25 before it, enough now"* ]]
    # A lot of the same instant counts, a later one does not, and neither does what an earlier sell took.
    sql "update trade_records set trade_time = '2024-05-02 10:00:00Z' where record_id = 'b1'"
    run --separate-stderr tier 1
    [ "$status" -eq 0 ]
    sql "update trade_records set trade_time = '2024-05-02 10:00:00.000001Z' where record_id = 'b1'"
    run --separate-stderr tier 1
    [ "$status" -eq 1 ]
    sql "update trade_records set trade_time = '2024-05-02 09:00Z' where record_id = 'b1'"
    book s1 BTC-USD SELL '2024-05-02 09:30:00Z' 0.01 100 1 0
    run --separate-stderr tier 1
    [ "$status" -eq 1 ]
    # A sell without cover takes nothing from lots that come after it.
    sql "update trade_records set trade_time = '2024-05-02 08:00Z', size = 100, value = 10000 where record_id = 's1'"
    run --separate-stderr tier 1
    [ "$status" -eq 0 ]
}

@test "B-07: the version asked of is the one made current, not the largest; none at all is said" {
    market
    open_market
    run --separate-stderr tier 1
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"no FIFO version is current: name one with --fifo N, or make one current with match-fifo make-current N"* ]]
    right_books
    match-fifo --version 1 --all --make-current >/dev/null
    sql "delete from trade_records where side = 'BUY'"
    match-fifo --version 999 --all >/dev/null
    run --separate-stderr tier 1
    [ "$status" -eq 0 ]
    run --separate-stderr tier 1 --version 999
    [ "$status" -eq 1 ]
    run --separate-stderr tier 1 --version 5
    [ "$status" -eq 65 ]
}

# B-18: it was never said that the exchange may have forgotten.
@test "B-18: a window older than the exchange is known to keep is warned of" {
    market
    right_books
    sql "delete from trade_records where record_id in ('o1', 'o5')"
    open_market
    match-fifo --version 1 --all --make-current >/dev/null
    for depth in 1 2 3; do
        run --separate-stderr tier $depth --horizon 84
        [[ "$stderr" == *level=warning*"84 days"*"may no longer have what is missing there"* ]]
        run --separate-stderr tier $depth --horizon 36000
        [[ "$stderr" != *"forgotten"* ]]
        run --separate-stderr tier $depth
        [[ "$stderr" != *"forgotten"* ]]
    done
    # An entry that a listing of all time has no more.
    sql "insert into exchange_fills select 'gone', 'gone', 'gone', product_id, side, trade_type, trade_time, 0, null, price, size,
         size_in_quote, base_size, value, commission, liquidity, null, source from exchange_fills where entry_id = 'e7'"
    run --separate-stderr tier 3
    [[ "$stderr" == *level=warning*"the exchange no longer lists 1 of the stored fills"* ]]
}

# B-10: failure and findings both ended with 0.
@test "B-10: no difference is 0, a difference 1, not checked 75, a refused key 77, bad usage 64" {
    market
    right_books
    open_market
    run tier 2
    [ "$status" -eq 0 ]
    sql "update trade_records set fee = 1 where record_id = 'o1'"
    run tier 2
    [ "$status" -eq 1 ]
    run tier 3
    [ "$status" -eq 1 ]
    may "$site" true true false
    run --separate-stderr tier 2
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"not checked"* ]]
    replay_stop
    run --separate-stderr reconcile-fills --tier 2 --base-url http://127.0.0.1:9 --attempts 1
    [ "$status" -eq 75 ]
    for bad in '--tier 4' '--tier 2 x' '--tier 1 --proposals' '' '--approve' '--approve x' '--proposals odd' '--tier 3 --version 2' '--tier 3 --window 5'; do
        # shellcheck disable=SC2086 # words
        run reconcile-fills $bad
        echo "$bad: $status"
        [ "$status" -eq 64 ]
    done
}

@test "USD and USDC are one order book: the same trade under the other name is right, and a backfill takes the books' name" {
    fill entry=e1 order=o1 product=BTC-USDC time=2024-05-01T12:00:00Z price=100 size=1 fee=0
    fill entry=e2 order=o2 product=BTC-USDC time=2024-05-01T13:00:00Z price=100 size=1 fee=0
    book o1 BTC-USD BUY '2024-05-01 12:00:00Z' 1 100 100 0
    open_market
    run --separate-stderr tier 2
    echo "$output"
    [ "$(short <<<"$output")" = "sum BTC-USDC/BUY/2024-05-01 trades 0 1
sum BTC-USDC/BUY/2024-05-01 size 0 1
sum BTC-USDC/BUY/2024-05-01 value 0 100
missing_here o2 \\N \\N \\N" ]
    reconcile-fills --approve all
    [ "$(sql "select product_id, record_id from trade_records order by 2")" = "BTC-USD|o1
BTC-USD|o2" ]
    run --separate-stderr tier 3
    [ "$status" -eq 0 ]
    # Books of fills, and one product alone, by either name: by number it is there, and a yes counted it twice.
    sql "truncate backfill_proposals; update trade_records set level = 'fill', order_id = null, trade_id = 'trade-of-e' || right(record_id, 1)"
    for product in BTC-USD BTC-USDC; do
        run --separate-stderr reconcile-fills check 3 --offline --no-header --product $product
        echo "$product: $output $stderr"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "only the account that is named is held against the exchange" {
    market
    right_books
    sql "update trade_records set account = 'coinbase'"
    book k1 BTC-USD BUY '2024-05-02 10:00:00Z' 1 100 100 0 "'elsewhere'"
    open_market
    run --separate-stderr tier 3
    [ "$status" -eq 1 ]
    run --separate-stderr tier 3 --account coinbase
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "after a yes a new version is matched, and audited clean" {
    market
    fill entry=e10 order=o10 time=2024-04-01T10:00:00Z price=100 size=0.7 fee=0.1
    fill entry=e11 order=o10 time=2024-04-01T10:00:05Z price=100 size=0.1 fee=0.1
    right_books
    sql "delete from trade_records where side = 'BUY'"
    open_market
    match-fifo --version 1 --all --make-current >/dev/null
    [ "$(sql "select uncovered from fifo_versions where version = 1")" -eq 2 ]
    run tier 3
    reconcile-fills --approve all >/dev/null
    match-fifo --version 2 --all --make-current >/dev/null
    [ "$(sql "select uncovered from fifo_versions where version = 2")" -eq 0 ]
    if [ -x "$WINDFALL_BIN/audit-fifo" ]; then
        run --separate-stderr audit-fifo --version 2
        echo "$output $stderr"
        [ "$status" -eq 0 ]
    fi
}

# A person begins with an export, whose rows may be whole orders, takes them into the books, and has a key later.
@test "a row of the books that came of a history is the whole order that the interface lists, and no missing one beside it" {
    market
    open_market
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        's1,2024-05-01 10:00:03 UTC,Advanced Trade Buy,BTC,0.6,USD,$101.33,$60.80,$61.50,$0.70,Bought 0.6 BTC for 61.5 USD' \
        's2,2024-05-02 10:00:00 UTC,Advanced Trade Sell,BTC,-0.25,USD,$110.00,$27.50,$27.45,$0.05,Sold 0.25 BTC for 27.45 USD' >history.csv
    fetch-fills -q --store --csv history.csv
    reconcile-fills check 2 --offline --auto-backfill -q >/dev/null || true
    [ "$(sql 'select string_agg(record_id, $$ $$ order by record_id) from trade_records')" = 's1 s2' ]
    fetch --store --orders -q
    # The mean of the fills' prices, 101.333…, is right to the digits that the row has of it.
    run --separate-stderr reconcile-fills check 3 --offline --product BTC-USD --no-header
    echo "$output"
    [ "$(short <<<"$output" | sed 's/T[0-9:.]*Z//g')" = "$(printf '%s\n' 'missing_here o5 \N \N \N' 'different s1 fee 0.7 0.6')" ]
    reconcile-fills approve all >/dev/null
    run --separate-stderr reconcile-fills check 3 --offline --product BTC-USD --no-header
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(sql 'select string_agg(record_id || $$ $$ || trim_scale(fee), $$, $$ order by trade_time) from trade_records')" = 's1 0.6, s2 0.05, trade-of-e8 0.04' ]
}

# Books of one row an order, beside a fills report, which names no orders; and books of fills, beside rows of a history.
@test "an order of the books is the fills that a report has of it, and fills of the books are the order of a history" {
    printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        default,101,BTC-USD,BUY,2025-05-01T10:00:00.1Z,0.01,BTC,60000,3.6,-603.6,USD \
        default,102,BTC-USD,BUY,2025-05-01T10:00:00.4Z,0.02,BTC,60001,7.2,-1207.22,USD \
        default,103,BTC-USD,SELL,2025-05-01T11:00:00.1Z,0.02,BTC,60000,7.2,1192.8,USD \
        default,104,BTC-USD,SELL,2025-05-01T11:00:00.4Z,0.02,BTC,60001,7.2,1192.82,USD \
        default,105,BTC-USD,SELL,2025-05-01T12:00:00.4Z,0.04,BTC,60000,7.2,2392.8,USD >report.csv
    printf '%s\n' 'product_id,record_id,level,side,trade_time,size,value,fee' \
        BTC-USD,mine-1,order,BUY,2025-05-01T10:00:00Z,0.03,1800.02,10.8 \
        BTC-USD,mine-2,fill,SELL,2025-05-01T11:00:00Z,0.04,2400.02,14.41 >books.csv
    fetch-fills -q --store --csv report.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills check 2 --offline --no-header
    echo "$output"
    [ "$(grep -v '^2.sum' <<<"$output" | cut -f 2,4,7)" = $'missing_here\tcsv-fills:BTC-USD:105:SELL\t0.04' ]
    [[ "$output" != *BUY* ]]
    run --separate-stderr reconcile-fills check 3 --offline --no-header --auto-backfill
    [ "$(short <<<"$output")" = "missing_here csv-fills:BTC-USD:105:SELL \N \N \N
different mine-2 fee 14.41 14.4" ]
    reconcile-fills check 3 --offline
    [ "$(sql "select string_agg(concat_ws(' ', record_id, trim_scale(size), trim_scale(value), trim_scale(fee)), ', ' order by trade_time) from trade_records")" = \
        'mine-1 0.03 1800.02 10.8, mine-2 0.04 2400.02 14.4, 105 0.04 2400 7.2' ]
    # The other way round.
    sql 'truncate exchange_fills, exchange_windows, trade_records, backfill_proposals'
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        's1,2025-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.67,$1800.02,$1810.82,$10.80,' \
        's2,2025-05-01 12:00:00 UTC,Advanced Trade Sell,BTC,-0.04,USD,$60000.00,$2400.00,$2392.80,$7.20,' >history.csv
    printf '%s\n' 'product_id,record_id,side,trade_time,size,value,fee' BTC-USD,mine-1,BUY,2025-05-01T10:00:00.1Z,0.01,600,3.6 \
        BTC-USD,mine-2,BUY,2025-05-01T10:00:00.4Z,0.02,1200.02,7.3 >books.csv
    fetch-fills -q --store --csv history.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    [ "$(short <<<"$output")" = 'missing_here csv-history:s2 \N \N \N' ]
    run --separate-stderr reconcile-fills check 2 --offline --no-header
    [ "$(short <<<"$output" | grep BUY)" = 'sum BTC-USD/BUY/2025-05-01 fee 10.9 10.8' ]
    # A history shows cents, and a fee is what two of them differ by; the books may have more digits, and the second sale's fee
    # is another.  What the books have in cents, too, is right to the cent.
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        's3,2025-05-02 12:00:00 UTC,Advanced Trade Buy,BTC,0.5139,USD,$32134.33,$16513.83,$16612.92,$99.09,' \
        's4,2025-05-03 12:00:00 UTC,Advanced Trade Sell,BTC,-0.01,USD,$60000.00,$600.00,$596.40,$3.60,' \
        's5,2025-05-03 13:00:00 UTC,Advanced Trade Buy,BTC,0.01,USD,$60000.00,$600.00,$603.60,$3.60,' \
        's6,2025-05-04 13:00:00 UTC,Advanced Trade Buy,BTC,0.01,USD,$60000.00,$600.00,$603.60,$3.60,' >cents.csv
    printf '%s\n' 'product_id,record_id,side,trade_time,size,price,value,fee' \
        BTC-USD,mine-3,BUY,2025-05-02T12:00:00.4Z,0.5139,32134.3301,16513.832187,99.0829931 \
        BTC-USD,mine-4,SELL,2025-05-03T12:00:00.4Z,0.01,60000,600,3.6101 BTC-USD,mine-5,BUY,2025-05-03T13:00:00.4Z,0.01,60000,600,3.61 \
        BTC-USD,mine-6,BUY,2025-05-04T13:00:00.1Z,0.004,60000.1,240.0004,1.4414 \
        BTC-USD,mine-7,BUY,2025-05-04T13:00:00.4Z,0.006,60000.1,360.0006,2.16 >books.csv
    fetch-fills -q --store --csv cents.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills check 2 --offline --no-header
    [ "$(short <<<"$output" | grep -v 05-01 | grep sum)" = 'sum BTC-USD/BUY/2025-05-03 fee 3.61 3.6
sum BTC-USD/SELL/2025-05-03 fee 3.6101 3.6' ]
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    [ "$(short <<<"$output" | grep -v s2)" = 'different mine-4 fee 3.6101 3.6
different mine-5 fee 3.61 3.6' ]
    # Those are all that a yes changes.
    reconcile-fills approve all >/dev/null
    [ "$(sql "select string_agg(record_id || ' ' || trim_scale(value) || ' ' || trim_scale(fee), ', ' order by trade_time)
                from trade_records where trade_time > '2025-05-02'")" = \
        'mine-3 16513.832187 99.0829931, mine-4 600 3.6, mine-5 600 3.6, mine-6 240.0004 1.4414, mine-7 360.0006 2.16' ]
    reconcile-fills check 3 --offline
    reconcile-fills check 2 --offline --no-header >sums || true
    cat sums
    [ -z "$(grep -v 05-01 sums)" ]
}

# The books have a part of an order's fills, and the whole of it beside them; a yes to all counted the rest twice.
@test "what may be a row of the books, or is told twice, is held and named: a yes to all leaves it out, one by number does not" {
    market
    open_market
    fetch --store -q
    printf '%s\n' 'product_id,record_id,level,trade_id,side,trade_time,size,value,fee' \
        BTC-USD,trade-of-e1,fill,trade-of-e1,BUY,2024-05-01T10:00:01.1Z,0.1,10,0.1 >part.csv
    printf '%s\n' 'product_id,record_id,level,trade_id,side,trade_time,size,value,fee' \
        BTC-USD,s1,fill,,BUY,2024-05-01T20:00:03Z,0.6,60.8,0.6 >whole.csv
    import-trades -q --store part.csv
    import-trades -q --store whole.csv
    bought() { sql "select trim_scale(sum(size)) from trade_records where product_id = 'BTC-USD' and side = 'BUY'"; }
    held() { sql "select coalesce(string_agg(record_id || ' ' || coalesce(may_be, '?'), ', ' order by record_id), 'none') from backfill_proposals
                   where state = 'proposed'"; }
    # The purchase of another day, the sale, and ether are not.
    run --separate-stderr reconcile-fills check 2 --offline --no-header --auto-backfill
    [ "$status" -eq 1 ]
    [[ "$stderr" == *'applied=4 stale=0 held=2'* ]]
    [ "$(grep -c 'level=warning.*approve all leaves it out' <<<"$stderr")" -eq 2 ]
    [[ "$stderr" == *'BTC-USD at 2024-05-01T10:00:02.200000Z: the books lack this BUY of 0.2, but it may be s1, of 0.6 at 2024-05-01T20:00:03.000000Z'*'which they have and the exchange does not know'* ]]
    [ "$(short <<<"$output" | grep missing_here)" = "$(printf 'missing_here %s \\N\n' 'o2 \N \N' 'o5 \N \N' 'o3 \N \N' 'o4 \N \N' 'e2 \N s1' 'e3 \N s1')" ]
    [ "$(bought)" = 1.1 ]
    [ "$(held)" = 'trade-of-e2 s1, trade-of-e3 s1' ]
    run --separate-stderr reconcile-fills approve all --no-header
    [ "$status" -eq 1 ]
    [ "$(cut -f 2 <<<"$output")" = $'held\nheld' ]
    [[ "$stderr" == *level=warning*'is held: it may be s1,'*'applied=0 '*'held=2 '* ]]
    [ "$(bought)" = 1.1 ]
    # The first five are named.
    sql "insert into exchange_fills select 'x' || n, 'x' || n, order_id, product_id, side, trade_type, trade_time, 0, null, price, size,
         size_in_quote, base_size, value, commission, liquidity, null, source from exchange_fills, generate_series(1, 4) n where entry_id = 'e2'"
    run --separate-stderr reconcile-fills check 2 --offline
    [ "$(grep -c 'the books lack this' <<<"$stderr")" -eq 5 ]
    [[ "$stderr" == *level=warning*'6 missing trades may be there already; the first 5 are named'* ]]
    run --separate-stderr reconcile-fills approve all
    [ "$(grep -c 'is held: it may be' <<<"$stderr")" -eq 5 ]
    [[ "$stderr" == *level=warning*'6 proposals are held; the first 5 are named'*'held=6 '* ]]
    sql "delete from exchange_fills where entry_id like 'x_'; delete from backfill_proposals where record_id like 'x_'"
    # More than a day away it is another trade.
    sql "update trade_records set trade_time = trade_time + interval '15 hours' where record_id = 's1'"
    reconcile-fills check 2 --offline -q >/dev/null || [ $? -eq 1 ]
    [ "$(held)" = 'trade-of-e2 ?, trade-of-e3 ?' ]
    # It comes into the books after the comparison, in the currency of the account.
    sql "delete from trade_records where record_id = 's1'"
    sed s/BTC-USD/BTC-EUR/ whole.csv >euro.csv
    import-trades -q --store euro.csv
    run --separate-stderr reconcile-fills approve all --no-header
    [ "$status" -eq 1 ]
    [ "$(cut -f 2 <<<"$output")" = $'stale\nstale' ]
    [ "$(bought)" = 0.5 ]
    reconcile-fills check 2 --offline -q >/dev/null || [ $? -eq 1 ]
    run --separate-stderr reconcile-fills approve "$(sql "select proposal_id from backfill_proposals where record_id = 'trade-of-e2'")" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'is applied: if s1 is that trade, or a part or the whole of it, it counts twice now'* ]]
    [ "$(bought)" = 0.7 ]
    # Of one that an earlier version made nobody has looked.
    sql "update backfill_proposals set may_be = null, checked_at = null where state = 'proposed'"
    run --separate-stderr reconcile-fills approve all --no-header
    [[ "$output" == *stale ]]
    [ "$(bought)" = 0.7 ]
    # A person mends the books; what the yes by number brought makes nothing stale.
    sql "delete from trade_records where record_id = 's1'"
    reconcile-fills check 2 --offline -q >/dev/null || [ $? -eq 1 ]
    reconcile-fills approve all >/dev/null
    reconcile-fills check 3 --offline
    # An order that waited, with another one's fill among its own: the row and they are both stored.
    sql 'truncate exchange_fills, exchange_windows, exchange_orders, trade_records, backfill_proposals'
    printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        default,201,BTC-USD,SELL,2025-05-01T11:00:00.1Z,0.01,BTC,60000,3.6,596.4,USD \
        default,202,BTC-USD,SELL,2025-05-01T11:03:00.4Z,0.07,BTC,60000,25.2,4174.8,USD \
        default,203,BTC-USD,SELL,2025-05-01T11:07:00.4Z,0.02,BTC,60000,7.2,1192.8,USD \
        default,204,BTC-USD,SELL,2025-05-03T11:07:00.4Z,0.02,BTC,60000,7.2,1192.8,USD >report.csv
    printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
        's1,2025-05-01 11:07:00 UTC,Advanced Trade Sell,BTC,-0.03,USD,$60000.00,$1800.00,$1789.20,$10.80,' >history.csv
    fetch-fills -q --store --csv report.csv history.csv 2>/dev/null
    run --separate-stderr reconcile-fills check 2 --offline --auto-backfill
    [[ "$stderr" == *'this SELL of 0.03, but it may be csv-fills:BTC-USD:203:SELL, of 0.02'*'from another source'*'applied=4 stale=0 held=1'* ]]
    # The books have the row: the fills within a day of it wait that it has room for.
    sql "truncate backfill_proposals; delete from trade_records"
    printf '%s\n' product_id,record_id,side,trade_time,size,value,fee BTC-USD,s1,SELL,2025-05-01T11:07:00Z,0.03,1800,10.8 >books.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills check 2 --offline --auto-backfill
    [[ "$stderr" == *'applied=2 stale=0 held=2'* ]]
    [ "$(held)" = '201 csv-history:s1, 203 csv-history:s1' ]
}

# The history shows amounts in the currency that the account has when it is made.  It has one trade, of one instant.
@test "a trade that a later history tells in another currency is the same by its id: its row is different, not missing" {
    history() {
        printf '%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes' \
            "67645f1f8e8ebf2624a29d83,2024-03-01 10:00:00 UTC,Buy,BTC,0.03,$1" >history.csv
        fetch-fills -q --store --csv history.csv
    }
    history 'EUR,€60000.00,€1800.00,€1810.80,€10.80,'
    [ "$(sql 'select count(*) from exchange_windows')" -eq 1 ]
    reconcile-fills check 3 --offline --auto-backfill -q >/dev/null
    history 'USD,$65000.00,$1950.00,$1961.70,$11.70,' 2>/dev/null
    run --separate-stderr reconcile-fills check 3 --offline --no-header
    echo "$output"
    [ "$(short <<<"$output")" = "$(printf 'different 67645f1f8e8ebf2624a29d83 %s\n' 'product_id BTC-EUR BTC-USD' 'price 60000 65000' 'value 1800 1950' 'fee 10.8 11.7')" ]
    reconcile-fills approve all >/dev/null
    [ "$(sql 'select product_id, trim_scale(value), trim_scale(fee) from trade_records')" = 'BTC-USD|1950|11.7' ]
    run reconcile-fills check 3 --offline -q
    [ "$status" -eq 0 ]
}

@test "more than ten thousand trades are linked by their facts, and matched" {
    # Purchases of one coin for 10 and sales for 11, a minute after each other; the books lack the last, and have other ids.
    sql "with trades as (select n, case when n % 2 = 1 then 'BUY' else 'SELL' end as side, 11 - n % 2 as price, timestamptz '2024-01-01Z' + n * interval '1 min' as at
           from generate_series(1, 10051) n), seen as (
         insert into exchange_fills (entry_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
           select 'e' || n, 'BTC-USD', side, 'FILL', at, price, 1, 1, price, 0, 'api' from trades),
         booked as (insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source)
           select 'BTC-USD', 'r' || n, 'fill', side, at, 1, price, 'import' from trades where n < 10051)
         insert into exchange_windows (product_id, window_from, window_to, source, fills_seen) values ('*', '-infinity', '2025-01-01Z', 'api', 10051)"
    run --separate-stderr reconcile-fills check 3 --offline -n --no-header
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *e10051* ]]
    match-fifo make 1 --all --make-current -q >made
    [ "$(cut -f 4-6,11 made | tail -n 1)" = '5025	5025	5025	5025' ]
    audit-fifo -q
}

@test "a reversal or correction is a finding until a person decides, and blocks the proposal of its trade" {
    market
    open_market
    right_books
    sql "delete from trade_records where record_id in ('o2', 'o5')"
    run --separate-stderr tier 2
    [ "$status" -eq 1 ]
    [ "$(sql "select string_agg(record_id, ' ' order by record_id) from backfill_proposals where state = 'proposed'")" = "o2 o5" ]
    before=$(sql "select proposal_id from backfill_proposals where record_id = 'o2'")
    # The exchange takes o2's trade back; nobody has said what that means.
    sql "insert into exchange_fills select (jsonb_populate_record(f, '{\"entry_id\": \"r4\", \"trade_type\": \"REVERSAL\", \"side\": \"BUY\"}')).*
           from exchange_fills f where entry_id = 'e4'"
    # What was proposed before it came does not get applied after.
    run --separate-stderr reconcile-fills --approve "$before"
    [ "$status" -eq 1 ]
    [[ "$output" == *stale* ]]
    for n in 2 3; do
        run --separate-stderr tier $n --offline
        [ "$status" -eq 1 ]
        [ "$(awk -F '\t' '$2 == "undecided" { print $4, $9, $10 }' <<<"$output" | tr -d '\\')" = "r4 N REVERSAL" ]
        [ "$(sql "select string_agg(record_id, ' ') from backfill_proposals where state = 'proposed'")" = o5 ]
    done
    run --separate-stderr tier 2 --offline --auto-backfill
    [ "$status" -eq 1 ]
    [ "$(sql "select count(*) from trade_records where record_id = 'o2'")" -eq 0 ]
    run --separate-stderr reconcile-fills --no-header --by auditor --settle r4 e4 nothing
    [ "$status" -eq 65 ]
    [ "$output" = "r4	settled
e4	unknown
nothing	unknown" ]
    [ "$(sql 'select settled_by from settled_corrections')" = auditor ]
    run --separate-stderr reconcile-fills --no-header --settle r4
    [ "$status" -eq 0 ]
    [ "$output" = "r4	settled before" ]
    run --separate-stderr tier 2 --offline
    [ "$(awk -F '\t' '$2 == "undecided"' <<<"$output")" = "" ]
    [ "$(sql "select record_id from backfill_proposals where state = 'proposed'")" = o2 ]
    run --separate-stderr reconcile-fills --settle
    [ "$status" -eq 64 ]
    run --separate-stderr reconcile-fills --tier 2 --settle r4
    [ "$status" -eq 64 ]
}

@test "no outcome of a decision is printed that the database did not keep" {
    needs_plain "no trigger of its own on its tables"
    market
    open_market
    right_books
    sql "delete from trade_records where record_id = 'o5'"
    run --separate-stderr tier 2
    proposal=$(sql "select proposal_id from backfill_proposals where record_id = 'o5'")
    sql "insert into exchange_fills select (jsonb_populate_record(f, '{\"entry_id\": \"r4\", \"trade_type\": \"REVERSAL\"}')).*
           from exchange_fills f where entry_id = 'e4';
         insert into trade_records (product_id, record_id, level, order_id, side, trade_time, size, value, source)
         values ('BTC-PERP-INTX', 'c1', 'order', 'c1', 'BUY', '2024-05-01Z', 1, 1, 'import')"
    admin_sql "create function refuse() returns trigger language plpgsql as \$\$ begin raise 'not kept'; end \$\$"
    for table in backfill_proposals settled_corrections discarded_trades; do
        admin_sql "create constraint trigger refuse after insert or update on $table deferrable initially deferred
                     for each row execute function refuse()"
    done
    for decision in "approve $proposal" "reject $proposal" 'settle r4' 'discard c1'; do
        # shellcheck disable=SC2086
        run --separate-stderr reconcile-fills $decision
        echo "$decision: $status $output $stderr"
        [ "$status" -ne 0 ]
        [[ "$stderr" == *'not kept'* ]]
        [ "$output" = "" ]
    done
}
