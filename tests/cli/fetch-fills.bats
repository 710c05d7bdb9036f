# The exchange's exports, and which of the trades that several of them tell are one.  exchange-api.bats is about its interface.
#
# bats sets $stderr and the helpers what they export.
# shellcheck disable=SC2154
load helper
load asking
load coinbase

setup() {
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site"
    cd "$BATS_TEST_TMPDIR" || return
    coinbase_conf
}

pro() { printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' "$@"; }
v4() {
    printf 'Transactions\nUser,somebody,1\n\n%s\n' 'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes'
    printf '%s\n' "$@"
}

@test "an export needs no key; what is skipped is said with its line and why" {
    v4 '1,2025-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,' \
       '2,2025-01-02 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,' \
       '3,2025-01-02 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,' \
       '4,2025-01-02 03:04:05 UTC,Moon Bonus,BTC,1,USD,"$60,000.00",,,,' \
       '5,2025-01-02 03:04:05 UTC,Sell,USD,5,USD,$1.00,$5.00,$5.00,$0.00,' \
       '6,2025-01-02 03:04:05 UTC,Retail Simple Dust,BTC,-0.00001,USD,"$60,000.00",$0.60,$0.60,$0.00,' \
       '7,2025-01-02 03:04:05 UTC,Card Spend,BTC,-0.001,USD,"$60,000.00",-$60.00,-$60.00,$0.00,' >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "$stderr" == *level=info*'skipped 2 of type \"Send\", no trades (line 6, 7)'* ]]
    [[ "$stderr" == *level=warning*'\"Moon Bonus\", of an unknown type'*'(line 8)'* ]]
    [[ "$stderr" == *level=info*'skipped 1 of type \"Sell\", a currency for itself'*'(line 9)'* ]]
    # A disposal that does not sound like one is booked, and said; one that has no buyer is said.
    [[ "$stderr" == *level=warning*'skipped 1 of type \"Card Spend\", a coin paid away, which is a disposal'*'(line 11)'* ]]
    [[ "$stderr" == *level=warning*'booked, and not skipped 1 of type \"Retail Simple Dust\"'*'line 10'* ]]
}

@test "a trade in an export that cannot be read is bad data, the others are read all the same, and no window is claimed" {
    fresh_db
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' \
        'd,2,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7000,USD' >export.csv
    run --separate-stderr fetch-fills --store --csv export.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"export.csv, line 3: fill not read: the total -7000 is not size"* ]]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 1 ]
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
}

@test "a row of the future, or from before bitcoin, is no trade, and widens no window" {
    fresh_db
    v4 '1,2025-01-02 03:04:05 UTC,Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,' \
       '2,2025-01-03 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,' \
       '3,2099-01-03 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,' >export.csv
    fetch-fills --store --csv export.csv
    [ "$(sql 'select window_to from exchange_windows')" = '2025-01-03 03:04:05+00' ]
    sed -i 's/,Send,BTC,-1,/,Buy,BTC,0.01,/; s/^2,2025/2,1970/' export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *'line 6: Buy not read: 1970-01-03T03:04:05Z is before there was a bitcoin'* ]]
    [[ "$stderr" == *'line 7: Buy not read: 2099-01-03T03:04:05Z is in the future'* ]]
}

@test "an export that breaks off loses its last row unless that proves to be whole, and no window is claimed" {
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' \
        'd,2,BTC-USD,BUY,2020-01-02T03:04:06.678Z,1,BTC,7000,7,-7007,USD' >whole.csv
    v4 '1,2025-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,' \
        '2,2025-01-02 03:04:06 UTC,Advanced Trade Sell,BTC,0.02,USD,"$60,000.00",$600.00,$603.60,$3.60,' >history.csv
    size=$(($(wc -c <history.csv) - $(tail -n 1 history.csv | wc -c)))
    fresh_db
    # Without the line's end alone it is whole: its last field is the quote of its product.
    head -c -1 whole.csv >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    for cut in 2 5 15 40; do
        sql 'truncate exchange_fills'
        head -c "-$cut" whole.csv >export.csv
        run --separate-stderr fetch-fills --store --csv export.csv
        [ "$status" -eq 65 ]
        [[ "$stderr" == *'export.csv, line 3: row not read: it has no line end: the file may be cut off there'* ]]
        [ "$(sql 'select count(*) from exchange_fills')" -eq 1 ]
        [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
    done
    # "Ad" is no type of a trade, and yet a trade is lost with it.
    head -c $((size + 28)) history.csv >export.csv
    [[ "$(tail -n 1 export.csv)" == *',Ad' ]]
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *'line 6: row not read'* ]]
}

@test "exports put together are read each under its header, and what lies between them is not vouched for" {
    fresh_db
    { v4 '1,2023-01-02 03:04:05 UTC,Buy,BTC,0.01,USD,"$20,000.00",$200.00,$203.60,$3.60,' \
         '2,2023-12-30 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,'
      v4 '3,2025-01-02 03:04:05 UTC,Buy,BTC,0.01,USD,"$90,000.00",$900.00,$903.60,$3.60,'  \
         '4,2025-12-30 03:04:05 UTC,Send,ETH,-1,USD,"$6,000.00",,,,'; } >history.csv
    { pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' 'd,2,BTC-USD,SELL,2020-02-02T03:04:05.678Z,1,BTC,7000,7,6993,USD'
      pro 'd,9,ETH-USD,BUY,2021-01-02T03:04:05.678Z,1,ETH,700,7,-707,USD' 'd,8,ETH-USD,SELL,2021-02-02T03:04:05.678Z,1,ETH,700,7,693,USD'; } >fills.csv
    run --separate-stderr fetch-fills --store --csv history.csv fills.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" != *level=warning* ]]
    [ "$(sql "select product_id, kind, window_from at time zone 'UTC', window_to at time zone 'UTC' from exchange_windows order by window_from")" = \
"BTC-USD|all|2020-01-02 03:04:05.678|2020-02-02 03:04:05.678
ETH-USD|all|2021-01-02 03:04:05.678|2021-02-02 03:04:05.678
BTC-USD|simple|2023-01-02 03:04:05|2023-12-01 00:00:00
BTC-USD|all|2023-12-01 00:00:00|2023-12-30 03:04:05
*|all|2025-01-02 03:04:05|2025-12-30 03:04:05" ]
    cat fills.csv history.csv >both.csv
    run --separate-stderr fetch-fills --store --csv both.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'line 10: here another export begins, transaction history after fills: give each as a separate file'* ]]
    # One number with two tellings is held, and nothing is vouched for.
    sql 'truncate exchange_fills, exchange_windows'
    { cat fills.csv; pro 'd,2,BTC-USD,SELL,2020-02-02T03:04:05.678Z,1.5,BTC,7000,7,10493,USD' 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1.00,BTC,7000.0,7,-7007,USD'; } >corrected.csv
    run --separate-stderr fetch-fills --store --csv corrected.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'line 8: fill not read: trade 2 of BTC-USD stands on line 3 with other amounts'* ]]
    [[ "$stderr" == *'exact repeats of earlier rows (line 9)'* ]]
    [ "$(sql 'select count(*), (select count(*) from exchange_windows) from exchange_fills')" = '4|0' ]
}

@test "lines that end in returns alone are lines of an export, and refused in a ledger" {
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' | tr '\n' '\r' >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    printf 'product_id,trade_id,side,trade_time,size,price,note\rBTC-USD,1,BUY,2020-01-01T00:00:00Z,1,2,\r' >ledger.csv
    run import-trades ledger.csv
    [ "$status" -eq 65 ]
    [[ "$output" == *'its lines end in a carriage return alone: save it with line feeds'* ]]
    printf 'product_id,trade_id,side,trade_time,size,price,note\r\nBTC-USD,1,BUY,2020-01-01T00:00:00Z,1,2,\r\n' >ledger.csv
    import-trades --no-header ledger.csv | grep -q $'^BTC-USD\t1\t'
}

@test "an export without an end is refused before it takes all memory" {
    run --separate-stderr fetch-fills --csv - < <(head -c 134217729 /dev/zero)
    echo "$stderr"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"standard input: larger than 134217728 bytes"* ]]
}

@test "an export is read from standard input, and no header is printed for one that is not there" {
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' \
        'd,2,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7000,USD' >export.csv
    run --separate-stderr fetch-fills --csv - <export.csv
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "$stderr" == *'standard input, line 3: fill not read'* ]]
    run --separate-stderr fetch-fills --csv nowhere.csv
    [ "$status" -eq 66 ]
    [ -z "$output" ]
    [[ "$stderr" == *'cannot open nowhere.csv'* ]]
}

@test "more exports may follow --csv, and what of them is not asked for is counted" {
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' >one.csv
    pro 'd,2,ETH-USD,BUY,2020-01-02T03:04:06.678Z,1,ETH,7000,7,-7007,USD' >two.csv
    run --separate-stderr fetch-fills --csv one.csv two.csv --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    run --separate-stderr fetch-fills --product ETH-USD --csv one.csv --csv two.csv --no-header
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *'one.csv: 1 of 1 fill is not of the requested products and time'* ]]
    [[ "$stderr" != *'two.csv: 1 of 1 fill is not'* ]]
    run fetch-fills one.csv
    [ "$status" -eq 64 ]
    [[ "$output" == *'an export is read with --csv FILE'* ]]
    for bad in '--all --csv one.csv' '--all' '--since 2025-02-30'; do
        # shellcheck disable=SC2086 # words
        run fetch-fills $bad
        [ "$status" -eq 64 ]
    done
}

# Rows as the exchange writes them; what an owner's parser makes of them is in tests/data/README.md.
@test "what moved is what counts: Total beside Subtotal and a fee of either sign" {
    v4 '70a1,2026-02-03 10:11:12 UTC,Sell,BTC,-0.02,USD,$75000.00,$1500.00,$1470.00,-15.00,Sold 0.02 BTC for 1470 USD' \
       '70a2,2026-02-02 09:08:07 UTC,Buy,BTC,0.002,USD,$16200.00,$32.40,$35.00,0.16,Bought 0.002 BTC for 35 USD' \
       '70a3,2026-02-01 09:08:07 UTC,Sell,BTC,-0.001,USD,$70000.00,$70.00,$70.99,$1.01,Sold 0.001 BTC' \
       '70a4,2026-02-01 09:08:07 UTC,Buy,BTC,0.1,USD,$70000.00,$70.00,$71.00,$1.00,Bought 0.001 BTC' >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 65 ]
    [ "$(cut -f5,13-15 <<<"$output")" = "SELL	0.02	1500.00	30.00
BUY	0.002	32.40	2.60" ]
    [[ "$stderr" == *'line 7: Sell not read: a sale of 70.00 cannot have moved 70.99'* ]]
    [[ "$stderr" == *'line 8: Buy not read: quantity × price is 7000 and the subtotal 70.00'* ]]
}

@test "a decimal comma is refused, row by row, and a file of semicolons is named as such" {
    v4 'b1,2025-01-14 09:00:00 UTC,Buy,BTC,"0,125",EUR,"€90000,00","€11250,00","€11400,00","€150,00",' \
       'b2,2025-01-15 09:00:00 UTC,Buy,BTC,"0,125",EUR,€90000,€11250,€11400,€150,' \
       'b3,2025-01-15 09:00:00 UTC,Buy,BTC,"1,250",EUR,€90000,"€112,500,000","€112,500,001",€1,' \
       'b4,2025-01-15 09:00:00 UTC,Buy,BTC,0.125,EUR,€90000,€11250,€11400,€150,' >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(grep -c 'decimal comma' <<<"$stderr")" -eq 2 ]
    [[ "$stderr" == *'line 7: Buy not read'*'does not show which'* ]]
    v4 | tr , ';' >export.csv
    run --separate-stderr fetch-fills --csv export.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'fields are separated by semicolons'* ]]
}

@test "a conversion is stored as a sale and a purchase, once, by an old export and by a new one" {
    fresh_db
    v4 'c1,2024-12-05 06:33:40 UTC,Convert,BTC,-0.0036,EUR,€96000.00,€345.60,€351.00,,Converted 0.0036 BTC to 156.1 XRP' >old.csv
    v4 'd1,2024-12-05 06:33:40 UTC,Convert,XRP,156.1,EUR,€2.25,€350.00,€351.00,€1.00,Converted 0.0036 BTC to 156.1 XRP' \
       'd2,2024-12-05 06:33:40 UTC,Convert,BTC,-0.0036,EUR,€96000.00,€345.60,€351.00,,Converted 0.0036 BTC to 156.1 XRP' >new.csv
    run --separate-stderr fetch-fills --store --csv old.csv
    [ "$status" -eq 0 ]
    [ "$(sql "select side, product_id, base_size, value, commission from exchange_fills order by side desc")" = "SELL|BTC-EUR|0.0036|351.00|0
BUY|XRP-EUR|156.1|351.00|0" ]
    run --separate-stderr fetch-fills --store --csv new.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'added=0'*'known=2'* ]]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 2 ]
    v4 'c1,2024-12-05 06:33:40 UTC,Convert,BTC,-0.0036,EUR,€96000.00,€345.60,€351.00,,' >half.csv
    run --separate-stderr fetch-fills --csv half.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'neither in the note nor in a row'* ]]
}

# Rows as public exports of 2022 to 2025 have them: ether as much ETH2, a swap on another exchange, USDC sold for a margin.
@test "staked ether is ether still, and each side of a swap elsewhere is a trade of its own" {
    fresh_db
    v4 'b1,2022-03-25 06:45:27 UTC,Buy,ETH,0.2,EUR,€1500.00,€300.00,€303.00,€3.00,Bought 0.2 ETH for 303 EUR' \
       'c1,2023-05-28 06:23:38 UTC,Convert,ETH,0.17305191,EUR,€1723.885226,€298.32163,€298.21913,,Converted 0.17305191 ETH to 0.17305191 ETH2' \
       'm1,2025-01-17 13:38:17 UTC,Asset Migration,MATIC,-1.65526374,EUR,€0.25,-€0.42,-€0.42,€0.00,' \
       'm2,2025-01-17 13:38:17 UTC,Asset Migration,POL,1.65526374,EUR,€0.25,€0.42,€0.42,€0.00,' \
       'x1,2025-08-11 19:08:20 UTC,Retail Mgx Dex Trade,BTC,-0.00008391,USD,$119056.1315695387915624,-$9.99,-$9.93757,0.050262,' \
       'x2,2025-08-11 19:08:21 UTC,Retail Mgx Dex Trade,USDC,9.992169,USD,$1.00,$9.99,$10.04243,0.05243,' \
       'f1,2025-08-12 19:08:21 UTC,FCM Futures USDC Sell,USDC,-5,USD,$1.00,-$5.00,-$5.00,$0.00,' >export.csv
    run --separate-stderr fetch-fills --store --csv export.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'skipped 1 of type \"Convert\", ether and as much staked ether (ETH2), which is not a sale'*'(line 6)'* ]]
    [[ "$stderr" == *level=warning*'skipped 2 of type \"Asset Migration\", a coin under a new name'*'side INCOME'* ]]
    [ "$(sql "select side, product_id, base_size, value, commission from exchange_fills order by trade_time")" = "BUY|ETH-EUR|0.2|300.00|3.00
SELL|BTC-USD|0.00008391|9.99|0.05243
BUY|USDC-USD|9.992169|9.99|0.05243
SELL|USDC-USD|5|5.00|0" ]
    # Nothing is left open, so the export counts as complete for its time.
    [ "$(sql "select product_id from exchange_windows where kind = 'all'")" = '*' ]
}

# A simple purchase is one row of the history, and an order of several fills for the interface.
@test "a row of a history that is a whole order counts once beside its fills, whichever came first" {
    fresh_db
    fill entry=e1 order=o1 time=2025-05-01T10:00:00.5Z price=60000 size=0.01 fee=3.6
    fill entry=e2 order=o1 time=2025-05-01T10:00:00.6Z price=60001 size=0.02 fee=7.2
    # Another order of as much, with fills of its own; one of a single fill; and one of which no row tells.
    fill entry=e3 order=o2 time=2025-05-01T10:00:00.7Z price=60000 size=0.015 fee=5.4
    fill entry=e4 order=o2 time=2025-05-01T10:00:00.8Z price=60001 size=0.015 fee=5.4
    fill entry=e5 order=o3 time=2025-05-01T10:00:00.9Z price=60000 size=0.04 fee=1
    fill entry=e6 order=o4 side=SELL time=2025-05-01T10:00:00.9Z price=60000 size=0.01 fee=1
    fill entry=e7 order=o4 side=SELL time=2025-05-01T10:00:00.9Z price=60000 size=0.02 fee=1
    # Two that took ten seconds: their rows have the time of the last fill, and of the first.  USD and USDC are one order book,
    # and what the exchange took back is no part of an order.
    fill entry=e8 order=o5 product=BTC-USDC side=SELL time=2025-05-01T11:00:00Z price=60000 size=0.03 fee=1
    fill entry=e9 order=o5 product=BTC-USDC side=SELL time=2025-05-01T11:00:10Z price=60000 size=0.04 fee=1
    fill entry=f1 order=o6 side=SELL time=2025-05-01T12:00:00Z price=60000 size=0.03 fee=1
    fill entry=f2 order=o6 side=SELL time=2025-05-01T12:00:10Z price=60000 size=0.05 fee=1
    fill entry=f3 order=o6 side=SELL time=2025-05-01T12:00:10Z price=60000 size=0.01 fee=0 type=REVERSAL
    # One that was filled later than its row says: it may be another, and is named.
    fill entry=f4 order=o7 side=SELL time=2025-05-01T13:00:05.5Z price=60000 size=0.03 fee=1
    fill entry=f5 order=o7 side=SELL time=2025-05-01T13:00:05.6Z price=60000 size=0.02 fee=1
    serve
    v4 's1,2025-05-01 10:00:01 UTC,Buy,BTC,0.03,USD,$60000.67,$1800.02,$1810.82,$10.80,Bought 0.03 BTC for 1810.82 USD' \
       's2,2025-05-01 10:00:01 UTC,Buy,BTC,0.03,USD,$60000.67,$1800.02,$1890.82,$90.80,Bought 0.03 BTC for 1890.82 USD' \
       's3,2025-05-01 10:00:01 UTC,Buy,BTC,0.03,USD,$60000.67,$1800.02,$1810.82,$10.80,Bought 0.03 BTC for 1810.82 USD' \
       's4,2025-05-01 10:00:01 UTC,Buy,BTC,0.04,USD,$60000.00,$2400.00,$2401.00,$1.00,Bought 0.04 BTC for 2401 USD' \
       's5,2025-05-01 11:00:10 UTC,Sell,BTC,-0.07,USD,$60000.00,$4200.00,$4198.00,$2.00,Sold 0.07 BTC for 4198 USD' \
       's6,2025-05-01 12:00:00 UTC,Sell,BTC,-0.08000001,USD,$60000.00,$4800.00,$4798.00,$2.00,Sold 0.08 BTC for 4798 USD' \
       's7,2025-05-01 10:00:01 UTC,Sell,ETH,-0.03,USD,$60000.00,$1800.00,$1798.00,$2.00,Sold 0.03 ETH for 1798 USD' \
       's8,2025-05-01 13:00:00 UTC,Sell,BTC,-0.05,USD,$60000.00,$3000.00,$2998.00,$2.00,Sold 0.05 BTC for 2998 USD' \
       's9,2025-05-01 13:01:06 UTC,Sell,BTC,-0.05,USD,$60000.00,$3000.00,$2998.00,$2.00,Sold 0.05 BTC for 2998 USD' \
       's10,2025-05-01 13:00:00 UTC,Sell,BTC,-0.05,USD,$60000.00,$3000.00,$2900.00,$100.00,Sold 0.05 BTC for 2900 USD' >rows.csv
    near='BTC-USD at 2025-05-01T13:00:00.000000Z: a SELL of 0.05 of the history, and BTC-USD (api) has one of as much 6 seconds away: both are stored'
    fetch -q --store
    run --separate-stderr fetch-fills --store --csv rows.csv
    [ "$status" -eq 0 ]
    # Two of the first three rows are the two orders; one of them tells other amounts.  Of the seventh no order is known: as much
    # of another coin was sold then.
    [[ "$stderr" == *'added=5 '*'known=5'* ]]
    [ "$(grep -c 'seconds away' <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *level=warning*"$near"* ]]
    [[ "$stderr" == *level=warning*'the history says that 1890.82 moved, and the fills of that order make 1810.8'*'the fills count'* ]]
    [ "$(sql "select string_agg(entry_id, ' ' order by entry_id collate \"C\") from exchange_fills")" = "csv-history:s10 csv-history:s3 csv-history:s7 csv-history:s8 csv-history:s9 e1 e2 e3 e4 e5 e6 e7 e8 e9 f1 f2 f3 f4 f5" ]
    sql 'truncate exchange_fills, exchange_windows'
    fetch-fills -q --store --csv rows.csv
    [ "$(sql 'select count(*) from exchange_fills')" -eq 10 ]
    run --separate-stderr fetch --store
    [[ "$stderr" == *'added=14 '*'replaced=5'* ]]
    [ "$(grep -c 'seconds away' <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *level=warning*"$near"* ]]
    run --separate-stderr fetch --store --all
    [[ "$stderr" != *'seconds away'* ]]
    [ "$(sql "select string_agg(entry_id, ' ' order by entry_id collate \"C\") from exchange_fills")" = "csv-history:s10 csv-history:s3 csv-history:s7 csv-history:s8 csv-history:s9 e1 e2 e3 e4 e5 e6 e7 e8 e9 f1 f2 f3 f4 f5" ]
}

# An order may lie in the book for days: what was fetched of it, or the time that its row has, may be far from the rest.
@test "an order that took days counts once beside its row, and one of which a part alone was fetched is named" {
    fresh_db
    replay_start "$site" "$conf"
    new_key ec
    v4 's2,2025-05-10 10:01:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.00,$1800.00,$1809.00,$9.00,' >last.csv
    v4 's1,2025-05-01 09:59:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.00,$1800.00,$1809.00,$9.00,' >first.csv
    e1='entry=e1 order=o1 time=2025-05-01T09:59:00Z size=0.01 fee=3'
    list() {
        # shellcheck disable=SC2034 # coinbase.bash's
        FILL_ROWS=
        # shellcheck disable=SC2086 # words
        for f; do fill $f; done
        put_listing "$site"
        fetch -q --store --all
    }
    stored() { sql "select string_agg(entry_id, ' ' order by entry_id) from exchange_fills"; }
    named() { sed -n 's/.*BTC-USD at 2025-05-01T09:59:00.000000Z: a BUY of 0.03 of the history, and \(.*\) seconds away.*fetch the rest of it.*/\1/p' <<<"$stderr"; }
    e2='entry=e2 order=o1 time=2025-05-10T10:01:00Z size=0.02 fee=6'
    list "$e1" "$e2"
    fetch-fills -q --store --csv last.csv
    [ "$(stored)" = 'e1 e2' ]
    # The first part of it alone, and then the rest.
    sql 'truncate exchange_fills, exchange_windows'
    list "$e1"
    run --separate-stderr fetch-fills --store --csv first.csv
    [ "$(named)" = 'BTC-USD (api) has one of 0.01 0' ]
    list "$e1" "$e2"
    [ "$(stored)" = 'e1 e2' ]
    # It began before what was fetched; something else was fetched before it, or it cost another price.
    e2='entry=e2 order=o1 time=2025-05-01T10:01:00Z size=0.02 fee=6'
    sql 'truncate exchange_fills, exchange_windows'
    list "$e2"
    run --separate-stderr fetch-fills --store --csv first.csv
    [ "$(named)" = 'BTC-USD (api) has one of 0.02 120' ]
    for other in 'entry=e3 time=2025-05-01T09:00:00Z product=ETH-USD' 'entry=e3 time=2025-05-01T10:02:00Z size=0.02 price=59000'; do
        sql 'truncate exchange_fills, exchange_windows'
        list "$e2 price=$([[ $other == *price* ]] && echo 59000 || echo 60000)" "$other"
        run --separate-stderr fetch-fills --store --csv first.csv
        [ -z "$(named)" ]
        [ "$(sql 'select count(*) from exchange_fills')" -eq 3 ]
    done
}

# A fills report names no orders.
@test "a whole order of a history and its fills in a fills report are one: of two exports the first counts" {
    fresh_db
    pro default,101,BTC-USD,BUY,2025-05-01T10:00:00.123Z,0.01,BTC,60000,3.6,-603.6,USD \
        default,102,BTC-USD,BUY,2025-05-01T10:00:02.123Z,0.02,BTC,60001,7.2,-1207.22,USD \
        default,103,BTC-USD,BUY,2025-05-01T10:00:04.124Z,0.03,BTC,60001,7.2,-1807.23,USD >report.csv
    # Of another side or product, long before, among the fills of the order and behind them.
    for other in BTC-USD,SELL ETH-USD,BUY; do
        for time in 09:59:50 10:00:01 10:00:03; do
            echo "default,${other%-*}$time,$other,2025-05-01T${time}Z,0.03,${other%-*},60000,7.2,$([ "${other#*,}" = BUY ] && echo -1807.2 || echo 1792.8),USD"
        done
    done >>report.csv
    v4 's1,2025-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.67,$1800.02,$1810.82,$10.80,Bought 0.03 BTC for 1810.82 USD' \
        's3,2025-05-01 10:00:04 UTC,Advanced Trade Buy,BTC,0.03,USD,$60001.00,$1800.03,$1807.23,$7.20,Bought 0.03 BTC for 1807.23 USD' \
        >rows.csv
    v4 's1,2025-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.67,$1800.02,$1890.82,$90.80,Bought 0.03 BTC for 1890.82 USD' >other.csv
    kept() { sql "select string_agg(split_part(entry_id, ':', 1) || ' ' || trade_id, ', ' order by trade_time) from exchange_fills where trade_id !~ ':'"; }
    fetch-fills -q --store --csv report.csv
    run --separate-stderr fetch-fills --store --csv rows.csv
    [[ "$stderr" == *'added=0 '*'known=2'* ]]
    [[ "$stderr" != *warning* ]]
    [ "$(kept)" = 'csv-fills 101, csv-fills 102, csv-fills 103' ]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 9 ]
    run --separate-stderr fetch-fills --store --csv other.csv
    [[ "$stderr" == *warning*'the history says that 1890.82 moved, and the fills of that order make 1810.82'*'the fills count'* ]]
    # Without a database the same stays.
    run --separate-stderr fetch-fills --no-header --csv report.csv other.csv
    [ "$(cut -f 2 <<<"$output" | grep -v : | tr '\n' ' ')" = '101 102 103 ' ]
    [[ "$stderr" == *'that 1890.82 moved, and the fills of that order make 1810.82: the fills count'*'fills=9 known=1'* ]]
    run --separate-stderr fetch-fills --no-header --csv other.csv report.csv
    [ "$(cut -f 2 <<<"$output" | grep -v : | tr '\n' ' ')" = 's1 103 ' ]
    # What was there first stays, as the books may have it.
    sql 'truncate exchange_fills, exchange_windows'
    fetch-fills -q --store --csv other.csv
    for _ in 1 2; do
        run --separate-stderr fetch-fills --store --csv report.csv
        [[ "$stderr" == *warning*'the history says that 1890.82 moved, and the fills of that order make 1810.82'*'the history counts'* ]]
        [ "$(kept)" = 'csv-history s1, csv-fills 103' ]
    done
}

# A program's orders of one second, one that lay in the book for minutes, and two that were filled in turns.
@test "orders that follow each other, that waited, or that were filled in turns count once beside the rows of a history" {
    fresh_db
    pro default,101,BTC-USD,BUY,2025-05-01T10:00:00.1Z,0.01,BTC,60000,3.6,-603.6,USD \
        default,102,BTC-USD,BUY,2025-05-01T10:00:00.4Z,0.02,BTC,60001,7.2,-1207.22,USD \
        default,103,BTC-USD,BUY,2025-05-01T10:00:01.1Z,0.015,BTC,60000,5.4,-905.4,USD \
        default,104,BTC-USD,BUY,2025-05-01T10:00:01.4Z,0.025,BTC,60001,9,-1509.025,USD \
        default,201,BTC-USD,SELL,2025-05-01T11:00:00.1Z,0.01,BTC,60000,3.6,596.4,USD \
        default,202,BTC-USD,SELL,2025-05-01T11:07:00.4Z,0.02,BTC,60000,7.2,1192.8,USD \
        default,301,BTC-USD,SELL,2025-05-01T12:00:00.1Z,0.01,BTC,60000,3.6,596.4,USD \
        default,302,BTC-USD,SELL,2025-05-01T12:00:00.2Z,0.05,BTC,60000,18,2982,USD \
        default,303,BTC-USD,SELL,2025-05-01T12:00:00.3Z,0.02,BTC,60000,7.2,1192.8,USD \
        default,304,BTC-USD,SELL,2025-05-01T12:00:00.4Z,0.07,BTC,60000,25.2,4174.8,USD \
        default,401,BTC-USD,SELL,2025-05-01T13:00:00.1Z,0.01,BTC,60000,3.6,596.4,USD \
        default,402,BTC-USD,SELL,2025-05-01T13:00:00.2Z,0.05,BTC,60000,18,2982,USD \
        default,403,BTC-USD,SELL,2025-05-01T13:00:00.3Z,0.02,BTC,60000,7.2,1192.8,USD >report.csv
    v4 's1,2025-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.03,USD,$60000.67,$1800.02,$1810.82,$10.80,' \
        's2,2025-05-01 10:00:01 UTC,Advanced Trade Buy,BTC,0.04,USD,$60000.63,$2400.03,$2414.43,$14.40,' \
        's3,2025-05-01 11:07:00 UTC,Advanced Trade Sell,BTC,-0.03,USD,$60000.00,$1800.00,$1789.20,$10.80,' \
        's4,2025-05-01 12:00:00 UTC,Advanced Trade Sell,BTC,-0.03,USD,$60000.00,$1800.00,$1789.20,$10.80,' \
        's5,2025-05-01 12:00:00 UTC,Advanced Trade Sell,BTC,-0.12,USD,$60000.00,$7200.00,$7156.80,$43.20,' \
        's6,2025-05-01 13:00:00 UTC,Advanced Trade Sell,BTC,-0.03,USD,$60000.00,$1800.00,$1789.20,$10.80,' \
        's7,2025-05-01 13:00:00 UTC,Advanced Trade Sell,BTC,-0.05,USD,$60000.00,$3000.00,$2982.00,$18.00,' >rows.csv
    for order in 'report.csv rows.csv' 'rows.csv report.csv'; do
        sql 'truncate exchange_fills, exchange_windows'
        # shellcheck disable=SC2086 # words
        run --separate-stderr fetch-fills --store --csv $order
        [ "$status" -eq 0 ]
        [[ "$stderr" != *warning* ]]
        # shellcheck disable=SC2086 # words
        run --separate-stderr fetch-fills --no-header --csv $order
        [ "$(cut -f 2 <<<"$output" | sort)" = "$(sql 'select trade_id from exchange_fills order by trade_id collate "C"')" ]
        kept[${#kept[@]}]=$(sql "select count(*), trim_scale(sum(base_size)), sum(value)::numeric(9, 2) from exchange_fills")
    done
    [ "${kept[*]}" = '13|0.33|19800.05 7|0.33|19800.05' ]
}

# The history shows amounts in the currency that the account has when the export is made; in 2026 its notes are often empty.
@test "a trade that a history tells in another currency is named, once, and kept" {
    fresh_db
    H='Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes'
    printf '%s\n' "$H" '2022-03-25T06:45:27Z,Buy,BTC,0.00166779,EUR,39999.33,66.71,70.00,3.29,' \
        '2022-04-25T06:45:27Z,Buy,BTC,0.5,EUR,40000.00,20000.00,20100.00,100.00,' >euros.csv
    printf '%s\n' "$H" '2022-03-25T06:45:27Z,Buy,BTC,0.00166779,USD,44999.33,75.05,78.40,3.35,' \
        '2022-03-25T06:45:27Z,Buy,ETH,0.00166779,USD,44999.33,75.05,78.40,3.35,' \
        '2022-04-25T06:45:30Z,Buy,BTC,0.5,USD,40000.00,20000.00,20100.00,100.00,' \
        '2022-04-25T06:45:27Z,Sell,BTC,0.5,USD,40000.00,20000.00,19900.00,100.00,' >dollars.csv
    v4 'a1,2026-01-09 15:12:49 UTC,Advanced Trade Sell,ZEC,-0.01040187,EUR,€390.71,-€4.06,-€4.04,€0.02,' >empty.csv
    run --separate-stderr fetch-fills --store --csv euros.csv
    [[ "$stderr" != *'a BUY of'* ]]
    run --separate-stderr fetch-fills --store --csv dollars.csv
    [ "$status" -eq 0 ]
    [ "$(grep -c 'level=warning' <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *'BTC-USD at 2022-03-25T06:45:27.000000Z: a BUY of 0.00166779 that BTC-EUR (csv-history) has, too'*'reconcile-fills reject'* ]]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 6 ]
    run --separate-stderr fetch-fills --store --csv dollars.csv euros.csv
    [[ "$stderr" != *level=warning* ]]
    # By the interface and by an export, whichever comes first; USD and USDC are one order book.
    fill entry=e1 product=ZEC-USDC side=SELL size=0.01040187 price=424.71 time=2026-01-09T15:12:48.9Z
    fill entry=e2 product=BTC-USDC side=BUY size=0.5 price=40000 time=2022-04-25T06:45:30.5Z
    serve
    run --separate-stderr fetch --store
    [[ "$stderr" != *'BTC-USDC at 2022-04-25T06:45:30.500000Z'* ]]
    run --separate-stderr fetch-fills --store --csv empty.csv
    [[ "$stderr" == *'ZEC-EUR at 2026-01-09T15:12:49.000000Z: a SELL of 0.01040187 that ZEC-USDC (api) has, too'* ]]
}

@test "an export of one instant vouches for that instant, if it was asked for" {
    fresh_db
    v4 'a1,2024-03-01 10:00:00 UTC,Buy,BTC,0.03,USD,$60000.00,$1800.00,$1810.80,$10.80,' >one.csv
    fetch-fills -q --store --csv one.csv --until 2024-03-01T10:00:00Z
    fetch-fills -q --store --csv one.csv --since 2024-03-01T10:00:01Z
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
    fetch-fills -q --store --csv one.csv
    [ "$(sql "select exchange_covered('BTC-USD') @> '2024-03-01 10:00:00Z'::timestamptz, exchange_covered('BTC-USD') @> '2024-03-01 10:00:01Z'::timestamptz")" = 't|f' ]
}

@test "an export with an unknown type vouches for no window" {
    fresh_db
    v4 '1,2025-01-02 03:04:05 UTC,Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,' \
       '2,2025-01-03 03:04:05 UTC,Send,BTC,-1,USD,"$60,000.00",,,,' >export.csv
    fetch-fills --store --csv export.csv
    [ "$(sql 'select count(*) from exchange_windows')" -eq 1 ]
    sql 'truncate exchange_windows'
    sed -i 's/,Send,/,Wrap Asset,/' export.csv
    run --separate-stderr fetch-fills --store --csv export.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'Wrap Asset'*'does not count as complete for its time'* ]]
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
}

# The exchange makes a history for all assets or for one, and a statement for one account, and says in neither which.
@test "a history of one asset vouches for that alone, and a statement without trades for nothing" {
    fresh_db
    v4 '1,2025-01-02 03:04:05 UTC,Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,' \
       '2,2025-01-03 03:04:05 UTC,Convert,BTC,-0.01,USD,"$60,000.00",$600.00,$600.00,,Converted 0.01 BTC to 0.2 ETH' \
       '3,2025-02-03 03:04:05 UTC,Send,BTC,-0.01,USD,"$60,000.00",,,,' >one.csv
    printf '%s\n' 'portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id' \
        'a,deposit,2025-01-01T00:00:00Z,5,5,EUR,t-1,,' 'a,withdrawal,2025-03-01T00:00:00Z,-5,0,EUR,t-2,,' >account.csv
    run --separate-stderr fetch-fills --store --csv one.csv account.csv
    [ "$status" -eq 0 ]
    [ "$(sql "select product_id from exchange_windows order by 1")" = BTC-USD ]
    # So a trade of another coin in that time is not checked, and not called missing there.
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' 'SOL-USD,s1,BUY,2025-01-15T00:00:00Z,1,100,0' \
        'BTC-USD,s2,BUY,2025-01-15T00:00:00Z,1,100,0' >books.csv
    import-trades -q --store books.csv
    run --separate-stderr reconcile-fills check 3 --offline -n --no-header
    [ "$(grep missing_there <<<"$output" | cut -f3)" = BTC-USD ]
    [[ "$stderr" == *'not checked: 1 trade of SOL-USD'* ]]
    sql 'truncate exchange_windows'
    sed -i '$s/BTC/SOL/' one.csv
    fetch-fills -q --store --csv one.csv
    [ "$(sql 'select product_id from exchange_windows')" = '*' ]
    # Of a span and of products that were asked for it vouches for these alone, and beyond its rows for nothing.
    vouched() {
        sql 'truncate exchange_windows, exchange_fills cascade'
        fetch-fills -q --store --csv one.csv "$@"
        sql "select string_agg(product_id || ' ' || (window_from at time zone 'UTC') || ' ' || (window_to at time zone 'UTC'), ', ' order by product_id)
               from exchange_windows"
    }
    [ "$(vouched --since 2025-01-10 --until 2025-02-01)" = '* 2025-01-10 00:00:00 2025-02-01 00:00:00' ]
    [ "$(vouched --since 2024-06-01 --until 2025-02-03)" = '* 2025-01-02 03:04:05 2025-02-03 00:00:00' ]
    [ "$(vouched --product BTC-USD --product ETH-USD --since 2025-01-10)" = \
        'BTC-USD 2025-01-10 00:00:00 2025-02-03 03:04:05, ETH-USD 2025-01-10 00:00:00 2025-02-03 03:04:05' ]
    [ "$(vouched --since 2025-03-01)$(vouched --until 2025-01-01)" = '' ]
}

@test "a statement's trade without a fee is not booked beside a fee of its time that is of no trade" {
    local header='portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id'
    # Of the trades 102 and 103 the second has no fee, as a maker's had none.
    trades() {
        printf '%s\n' "$header" 'b,match,2020-01-02T03:04:05.9Z,0.01,1,BTC,,102,o-2' 'b,match,2020-01-02T03:04:05.9Z,-70,1,USD,,102,o-2' "$1" \
            'b,match,2020-01-03T03:04:05.9Z,0.01,1,BTC,,103,o-3' 'b,match,2020-01-03T03:04:05.9Z,-70,1,USD,,103,o-3' >account.csv
        run --separate-stderr fetch-fills --csv account.csv --format ndjson
        commissions=$(jq -r '"\(.trade_id) \(.commission)"' <<<"$output")
    }
    trades 'b,fee,2020-01-02T03:04:05.9Z,-0.07,1,USD,,102,o-2'
    [ "$status" -eq 0 ]
    [ "$commissions" = $'102 0.07\n103 0' ]
    # Its ids as a spreadsheet leaves them, or others; a fee that cannot be read at all.
    for ids in '1.02E+05,o-2' '102,1.02E+08' '102é,o-2' '102,' '104,o-2' 'N/A,o-2' ',o-2'; do
        trades "b,fee,2020-01-02T03:04:05.9Z,-0.07,1,USD,,$ids"
        [ "$status" -eq 65 ]
        [ "$commissions" = '103 0' ]
        [[ "$stderr" == *'line 2: match not read: trade 102 has no fee, and that of line 4 is of no trade'* ]]
    done
    trades 'b,fee,2020-01-02T03:04:05.9Z,-0.0x7,1,USD,,102,o-2'
    [ "$status" -eq 65 ]
    [ "$commissions" = '103 0' ]
    # Without its time it may be that of any.
    trades 'b,fee,never,-0.07,1,USD,,102,'
    [ "$status" -eq 65 ]
    [ "$commissions" = '' ]
}

@test "a statement whose balances show that a row is missing is named, and vouches for no time" {
    fresh_db
    printf '%s\n' 'portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id' \
        'a,deposit,2020-01-01T00:00:00Z,100,100,EUR,t-1,,' 'a,match,2020-01-02T00:00:00Z,-50,50,EUR,,1,o' \
        'a,match,2020-01-02T00:00:00Z,0.01,0.01,BTC,,1,o' 'a,fee,2020-01-02T00:00:00Z,-0.25,49.75,EUR,,1,o' \
        'a,withdrawal,2020-01-03T00:00:00Z,-49.75,0,EUR,t-2,,' >whole.csv
    # Its trade is whole without the fee, and would have none.
    sed /fee,/d whole.csv >without.csv
    run --separate-stderr fetch-fills --store --csv without.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'without.csv, line 5: the balance is 0 EUR, and that of line 3 with this amount makes 0.25: a row between them is missing, or one was altered'* ]]
    [[ "$stderr" == *'does not count as complete for its time'* ]]
    [ "$(sql 'select count(*), sum(commission) from exchange_fills')" = '1|0' ]
    [ "$(sql 'select count(*) from exchange_windows')" = 0 ]
    run --separate-stderr fetch-fills --store --csv whole.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" != *balance* ]]
    [ "$(sql 'select count(*), sum(commission) from exchange_fills')" = '1|0.25' ]
    [ "$(sql 'select product_id from exchange_windows')" = BTC-EUR ]
}

@test "futures and perpetuals are named once a product, and never stored or printed" {
    fresh_db
    fill entry=e1 product=BTC-USD
    fill entry=e2 product=BIP-20DEC30-CDE size=3 price=51000
    fill entry=e3 product=BIP-20DEC30-CDE size=2 price=51000
    fill entry=e4 product=BTC-PERP-INTX
    serve 1
    run --separate-stderr fetch --store
    [ "$status" -eq 0 ]
    [ "$(sql 'select product_id from exchange_fills')" = BTC-USD ]
    [[ "$stderr" == *level=warning*'2 fills of BIP-20DEC30-CDE kept out'* ]]
    [ "$(grep -c BIP-20DEC30-CDE <<<"$stderr")" -eq 1 ]
    [ "$(grep -c BTC-PERP-INTX <<<"$stderr")" -eq 1 ]
    run --separate-stderr fetch --no-header
    [ "${#lines[@]}" -eq 1 ]
    pro 'd,1,BTC-29MAR24-CDE,BUY,2020-01-02T03:04:05.678Z,1,BTC,7000,7,-7007,USD' >export.csv
    run --separate-stderr fetch-fills --csv export.csv --no-header
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *level=warning*'\"BTC-29MAR24-CDE\", contracts of a size of their own'* ]]
}

@test "a file that is no export is refused" {
    echo hello >export.csv
    run --separate-stderr fetch-fills --csv export.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'a ledger of your own is for import-trades'* ]]
    run --separate-stderr fetch-fills --csv none.csv
    [ "$status" -eq 66 ]
}

@test "the same export twice, and the same trades in two kinds of export, are the same trades" {
    fresh_db
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,0.5,BTC,7000,7,-3507,USD' \
        'd,2,BTC-USD,BUY,2020-01-02T03:04:05.679Z,0.5,BTC,7000,7,-3507,USD' >fills.csv
    v4 'a,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,000.00","$3,500.00","$3,507.00",$7.00,' \
       'b,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,000.00","$3,500.00","$3,507.00",$7.00,' \
       'c,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,000.00","$3,500.00","$3,507.00",$7.00,' >history.csv
    run --separate-stderr fetch-fills --store --csv fills.csv --csv history.csv
    [ "$status" -eq 0 ]
    # Three look-alikes of one second: two were told before, the third is new.
    [ "$(sql 'select entry_id from exchange_fills order by 1')" = "csv-fills:BTC-USD:1:BUY
csv-fills:BTC-USD:2:BUY
csv-history:c" ]
    before=$(sql "select xmin, * from exchange_fills order by entry_id")
    run --separate-stderr fetch-fills --store --csv history.csv --csv fills.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"read=3 added=0 changed=0 replaced=0 known=2"* ]]
    [ "$(sql "select xmin, * from exchange_fills order by entry_id")" = "$before" ]
    # And as a filter.
    run --separate-stderr fetch-fills --no-header --csv fills.csv --csv history.csv --csv fills.csv
    [ "${#lines[@]}" -eq 3 ]
}

@test "a sweep through the book: fills of one size and second are known by what they moved, in any order" {
    fresh_db
    pro 'd,1,BTC-USD,BUY,2020-01-02T03:04:05.678Z,0.5,BTC,7000,7,-3507,USD' \
        'd,2,BTC-USD,BUY,2020-01-02T03:04:05.678Z,0.5,BTC,7100,7,-3557,USD' >fills.csv
    v4 'a,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,200.00","$3,600.00","$3,607.00",$7.00,' \
       'b,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,100.00","$3,550.00","$3,557.00",$7.00,' \
       'c,2020-01-02 03:04:05 UTC,Advanced Trade Buy,BTC,0.5,USD,"$7,000.00","$3,500.00","$3,507.00",$7.00,' >history.csv
    run --separate-stderr fetch-fills --store --csv fills.csv --csv history.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"says that"* ]]
    [ "$(sql 'select entry_id from exchange_fills order by 1')" = "csv-fills:BTC-USD:1:BUY
csv-fills:BTC-USD:2:BUY
csv-history:a" ]
    [ "$(sql 'select sum(value)::numeric(9, 2) from exchange_fills')" = 10650.00 ]
    # And as a filter.
    run --separate-stderr fetch-fills --no-header --csv fills.csv --csv history.csv
    [ "$(awk -F '\t' '{ sum += $14; n++ } END { printf "%d %.2f", n, sum }' <<<"$output")" = "3 10650.00" ]
}

# The reports of 2021 to 2023 have no ids, and one bought per quarter overlaps the last by a day; on Windows each begins with a
# byte order mark, which cat and copy keep.
@test "exports that overlap are counted once, put together or apart, whatever their generation, and look-alikes keep their number" {
    local v3='Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes'
    local v4='ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes'
    local sale='Sell,BTC,0.005,EUR,40000.00,200.00,198.00,2.00,Sold 0.005 BTC for €198.00 EUR' mark=$'\xef\xbb\xbf'
    printf '%s\n' "$mark$v3" '2022-03-30T14:53:48Z,Buy,BTC,0.01,EUR,40000.00,400.00,405.00,5.00,Bought 0.01 BTC for €405.00 EUR' \
        "2022-03-31T15:53:48Z,$sale" >first.csv
    # Two sales of one second are two, though the report before told of one only.
    printf '%s\n' "$mark$v3" "2022-03-31T15:53:48Z,$sale" "2022-03-31T15:53:48Z,$sale" >second.csv
    printf '%s\n' "$mark$v4" "65f0,2022-03-31 15:53:48 UTC,$sale" "65f1,2022-03-31 15:53:48 UTC,$sale" "65f2,2022-04-01 15:53:48 UTC,$sale" >third.csv
    cat first.csv second.csv third.csv >together.csv
    run --separate-stderr fetch-fills --no-header --csv together.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" != *level=warning* ]]
    [[ "$stderr" == *'together.csv: 3 trades stand in several of the exports that were put together: counted once'* ]]
    together=$output
    [ "$(cut -f4,5,8,13 <<<"$together")" = "BTC-EUR	BUY	2022-03-30T14:53:48Z	0.01
BTC-EUR	SELL	2022-03-31T15:53:48Z	0.005
BTC-EUR	SELL	2022-03-31T15:53:48Z	0.005
BTC-EUR	SELL	2022-04-01T15:53:48Z	0.005" ]
    [[ "$(tail -n 1 <<<"$together")" == csv-history:65f2$'\t'* ]]
    run --separate-stderr fetch-fills --no-header --csv first.csv second.csv third.csv
    [ "$output" = "$together" ]
    [[ "$stderr" == *'fills=4 known=3 files=3'* ]]
    fresh_db
    for files in together.csv 'first.csv second.csv third.csv'; do
        sql 'truncate exchange_fills'
        # shellcheck disable=SC2086 # words
        run --separate-stderr fetch-fills --store --csv $files
        [ "$(sql 'select entry_id from exchange_fills')" = "$(cut -f1 <<<"$together")" ]
    done
    # One id that moved other amounts under a later header is held.
    sed 's/198.00,2.00/197.00,3.00/' third.csv >corrected.csv
    cat third.csv corrected.csv >together.csv
    run --separate-stderr fetch-fills --no-header --csv together.csv
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" == *'line 6: trade not read: trade 65f0 of BTC-EUR stands on line 2 with other amounts'* ]]
}

# Without ids in the report, what is corrected is known again by its facts alone.
@test "a corrected export counts as the later of one report, and what another source contradicts is said" {
    local v3='Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes'
    fresh_db
    printf '%s\n' "$v3" '2023-01-02T03:04:05Z,Buy,BTC,0.01,USD,20000.00,200.00,204.00,4.00,' \
        '2023-01-03T03:04:05Z,Buy,BTC,0.02,USD,20000.00,400.00,404.00,4.00,' >first.csv
    # The fee of one was 14; the other is only written with more digits, and two cents of rounding.
    printf '%s\n' "$v3" '2023-01-02T03:04:05Z,Buy,BTC,0.010,USD,20000.00,200.00,214.00,14.00,' \
        '2023-01-03T03:04:05Z,Buy,BTC,0.020,USD,20000.004,400.00,404.02,4.02,' >corrected.csv
    run --separate-stderr fetch-fills --store --csv first.csv corrected.csv
    [ "$status" -eq 0 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *level=warning*'BTC-USD at 2023-01-02T03:04:05.000000Z: this export says that 214.00 moved, and 204.00 (csv-history) is stored: this export counts'* ]]
    [[ "$stderr" == *'read=2 added=1 changed=0 replaced=1 known=1'* ]]
    [ "$(sql 'select base_size, commission from exchange_fills order by trade_time')" = '0.010|14.00
0.02|4.00' ]
    # The fills report has every digit, but came later: what is stored stays, and the contradiction is said.
    pro 'd,1,BTC-USD,BUY,2023-01-02T03:04:05.678Z,0.01,BTC,20000,4,-204,USD' >fills.csv
    run --separate-stderr fetch-fills --store --csv fills.csv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'says that 204.00 moved, and 214.00 (csv-history) is stored: what is stored counts'* ]]
    [ "$(sql 'select count(*), sum(commission) from exchange_fills')" = '2|18.00' ]
    # With a number or an id of its own a row is corrected in place, and said too.
    pro 'd,7,ETH-USD,BUY,2023-01-02T03:04:05.678Z,1,ETH,1000,4,-1004,USD' 'd,8,ETH-USD,BUY,2023-01-02T03:04:05.678Z,1,ETH,1000,4,-1004,USD' >fills.csv
    sed '2s/,4,-1004,/,40,-1040,/; 3s/1004/1004.00/' fills.csv >again.csv
    run --separate-stderr fetch-fills --store --csv fills.csv again.csv
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *'ETH-USD at 2023-01-02T03:04:05.678000Z: this export says that 1040 moved, and 1004 (csv-fills) is stored: this export counts'* ]]
    [[ "$stderr" == *'added=0 changed=1'* ]]
    # Many are counted.
    { echo "$v3"; for n in 1 2 3 4 5 6 7; do echo "2022-01-0${n}T00:00:00Z,Buy,BTC,0.01,USD,20000.00,200.00,204.00,4.00,"; done; } >many.csv
    sed 's/204.00,4.00/206.00,6.00/' many.csv >again.csv
    run --separate-stderr fetch-fills --store --csv many.csv again.csv
    [ "$(grep -c 'says that' <<<"$stderr")" -eq 5 ]
    [[ "$stderr" == *'7 trades have other amounts than those stored; the first 5 are named'* ]]
}

# Of one second and size, in two exports: of two portfolios, or of one that ends where the other begins.
@test "two ids of one kind are two trades, however alike, and one number in two kinds of export is one" {
    fresh_db
    pro 'a,101,BTC-USD,BUY,2020-01-02T03:04:05.100Z,0.01,BTC,7000,0.07,-70.07,USD' >fills-a.csv
    pro 'b,102,BTC-USD,BUY,2020-01-02T03:04:05.900Z,0.01,BTC,7001,0.07,-70.08,USD' >fills-b.csv
    printf '%s\n' 'portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id' \
        'b,match,2020-01-02T03:04:05.900Z,0.01,1,BTC,,102,o-2' 'b,match,2020-01-02T03:04:05.900Z,-70.01,1,USD,,102,o-2' \
        'b,fee,2020-01-02T03:04:05.900Z,-0.07,1,USD,,102,o-2' >account-b.csv
    v4 'h1,2025-03-01 12:00:00 UTC,Buy,BTC,0.1,USD,84000.00,8400.00,8450.00,50.00,' >history-a.csv
    v4 'h2,2025-03-01 12:00:01 UTC,Buy,BTC,0.1,USD,84010.00,8401.00,8451.00,50.00,' >history-b.csv
    run --separate-stderr fetch-fills --store --csv fills-a.csv account-b.csv fills-b.csv history-a.csv history-b.csv
    [ "$status" -eq 0 ]
    [ "$(sql 'select entry_id from exchange_fills order by 1')" = "csv-account:BTC-USD:102:BUY
csv-fills:BTC-USD:101:BUY
csv-history:h1
csv-history:h2" ]
    run --separate-stderr fetch-fills --no-header --csv fills-b.csv fills-a.csv account-b.csv history-b.csv history-a.csv
    [ "$(cut -f1 <<<"$output")" = "csv-fills:BTC-USD:102:BUY
csv-fills:BTC-USD:101:BUY
csv-history:h2
csv-history:h1" ]
}

@test "the same trade by interface and by export is one trade, whichever came first" {
    v4 'a,2024-05-01 12:00:00 UTC,Advanced Trade Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,Bought 0.01 BTC for 603.6 USDC on BTC-USDC at 60000 USDC/BTC' \
       'b,2024-05-01 12:00:00 UTC,Advanced Trade Buy,BTC,0.01,USD,"$60,000.00",$600.00,$603.60,$3.60,Bought 0.01 BTC for 603.6 USDC on BTC-USDC at 60000 USDC/BTC' \
       'c,2024-06-01 12:00:00 UTC,Advanced Trade Buy,BTC,0.02,USD,"$60,000.00","$1,200.00","$1,203.60",$3.60,' >history.csv
    fill entry=e1 time=2024-05-01T12:00:00.504Z
    fill entry=e2 time=2024-05-01T12:00:00.504Z
    serve
    for order in 'csv api' 'api csv'; do
        fresh_db
        for which in $order; do
            case $which in
            csv) fetch-fills --store --csv history.csv ;;
            api) fetch --store ;;
            esac
        done
        [ "$(sql 'select entry_id from exchange_fills order by 1')" = "csv-history:c
e1
e2" ]
        drop_db "$TEST_DB"
    done
}
