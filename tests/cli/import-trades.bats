# import-trades: what is read, what is refused, what is stored.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

header='product_id	record_id	level	order_id	trade_id	side	trade_time	size	price	value	fee	first_time	last_time	fills	account	note'

# Rows of a CSV ledger with these columns.
csv() {
    printf '%s\n' 'product_id,trade_id,order_id,side,trade_time,size,price,fee' "$@" >"$BATS_TEST_TMPDIR/in.csv"
}

@test "a ledger is printed in one shape, every digit kept" {
    csv 'BTC-USD,t1,o1,buy,2023-10-31T22:10:12.473787913Z,0.00012345,40123.4567890,0.0004816146322068' \
        'BTC-USD,t2,o1,SELL,2025-01-18 14:53:48 UTC,1.50,2,-0.1'
    run --separate-stderr import-trades --negative-fee rebate "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${lines[0]}" = "$header" ]
    [ "${lines[1]}" = $'BTC-USD\tt1\tfill\to1\tt1\tBUY\t2023-10-31T22:10:12.473787913Z\t0.00012345\t40123.4567890\t4.953240740602050\t0.0004816146322068\t\\N\t\\N\t\\N\t\\N\t\\N' ]
    [ "${lines[2]}" = $'BTC-USD\tt2\tfill\to1\tt2\tSELL\t2025-01-18T14:53:48.000000Z\t1.50\t2\t3.00\t-0.1\t\\N\t\\N\t\\N\t\\N\t\\N' ]
}

@test "what it prints it reads again, as TSV and as CSV" {
    csv 'BTC-USD,t1,o1,buy,2023-10-31T22:10:12.473787913Z,0.00012345,40123.4567890,0.0004816146322068' \
        '"B""T,C",o 1,,sell,2023-10-31T22:10:12Z,0,1,0'
    import-trades "$BATS_TEST_TMPDIR/in.csv" >"$BATS_TEST_TMPDIR/1.tsv"
    import-trades - <"$BATS_TEST_TMPDIR/1.tsv" >"$BATS_TEST_TMPDIR/2.tsv"
    import-trades --format csv - <"$BATS_TEST_TMPDIR/1.tsv" >"$BATS_TEST_TMPDIR/3.csv"
    import-trades "$BATS_TEST_TMPDIR/3.csv" >"$BATS_TEST_TMPDIR/4.tsv"
    diff "$BATS_TEST_TMPDIR/1.tsv" "$BATS_TEST_TMPDIR/2.tsv"
    diff "$BATS_TEST_TMPDIR/1.tsv" "$BATS_TEST_TMPDIR/4.tsv"
}

@test "columns are mapped by argument and by file, and constants fill what is not there" {
    printf '%s\n' 'symbol,order_id,side,order_time,price,size,total_fees_usd,status,"remaining, size"' \
        'SOL-USD,abc,buy,2024-05-01T00:00:00Z,10,2,0.5,FILLED,0' >"$BATS_TEST_TMPDIR/old.csv"
    printf '%s\n' '# ours = theirs' 'product_id = symbol' '' 'trade_time=order_time' 'fee	= total_fees_usd' \
        'account := mine, and yours' >"$BATS_TEST_TMPDIR/old.map"
    run --separate-stderr import-trades --map "$BATS_TEST_TMPDIR/old.map" --map 'level:=order' --no-header "$BATS_TEST_TMPDIR/old.csv"
    [ "$status" -eq 0 ]
    [ "$output" = $'SOL-USD\tabc\torder\tabc\t\\N\tBUY\t2024-05-01T00:00:00.000000Z\t2\t10\t20\t0.5\t\\N\t\\N\t\\N\tmine, and yours\t\\N' ]
    { printf '\xef\xbb\xbf'; sed '1d; s/$/\r/' "$BATS_TEST_TMPDIR/old.map"; } >"$BATS_TEST_TMPDIR/windows.map"
    [ "$(import-trades -q --map "$BATS_TEST_TMPDIR/windows.map" --map 'level:=order' --no-header "$BATS_TEST_TMPDIR/old.csv")" = "$output" ]
    # What is not read is said.
    [[ "$stderr" == *'these columns are not read: status, remaining, size'* ]]
    run import-trades --map 'product_id=symbol,trade_time=when' "$BATS_TEST_TMPDIR/old.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'the header has no column when, which was mapped to trade_time'* ]]
    run import-trades --map 'symbol=product_id' "$BATS_TEST_TMPDIR/old.csv"
    [ "$status" -eq 64 ]
    [[ "$output" == *'\"symbol\" is not a column of the books'* ]]
    run import-trades "$BATS_TEST_TMPDIR/old.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'the header has no column product_id'* ]]
}

@test "the value is what was sent, or the total without its fee, or size times price" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,value,fee,total' \
        'P,1,BUY,2024-01-01T00:00:00Z,3,,10,1,' 'P,2,BUY,2024-01-01T00:00:00Z,3,,,1,11' \
        'P,3,SELL,2024-01-01T00:00:00Z,3,,,1,9' 'P,4,SELL,2024-01-01T00:00:00Z,3,3.33,,1,' \
        'P,5,BUY,2024-01-01T00:00:00Z,3,3.33,10,1,11' 'P,6,SELL,2024-01-01T00:00:00Z,1,0.12,,0.5,' >"$BATS_TEST_TMPDIR/v.csv"
    run --separate-stderr bash -c "import-trades --no-header '$BATS_TEST_TMPDIR/v.csv' | cut -f 10,11"
    [ "$output" = $'10\t1\n10\t1\n10\t1\n9.99\t1\n10\t1\n0.12\t0.5' ]
    # A total as many ledgers have it: size × price, whatever the fee.  Rounding to the cent, and no fee, say nothing.
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee,Total' 'BTC-USD,1,BUY,2024-01-01T00:00:00Z,0.5,40000,10,20000' \
        'BTC-USD,2,SELL,2024-01-01T00:00:00Z,0.5,40000,10,20000.01' 'BTC-USD,3,SELL,2024-01-01T00:00:00Z,0.5,40000,10,20010' \
        'BTC-USD,4,BUY,2024-01-01T00:00:00Z,0.5,40000,10,20010.01' 'BTC-USD,5,SELL,2024-01-01T00:00:00Z,0.5,40000,10,19990' \
        'BTC-USD,6,BUY,2024-01-01T00:00:00Z,0.5,40000,0,20000' 'BTC-USD,7,SELL,2024-01-01T00:00:00Z,0.5,40000,0.01,20000' \
        'BTC-USD,8,BUY,2024-01-01T00:00:00Z,0.5,40000,10,20150' >"$BATS_TEST_TMPDIR/v.csv"
    run --separate-stderr import-trades "$BATS_TEST_TMPDIR/v.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'3 totals are size'*'without the fee'*'map the column to value'* ]]
    run --separate-stderr import-trades --no-header --map 'value=Total' "$BATS_TEST_TMPDIR/v.csv"
    [[ "$stderr" != *'totals are'* ]]
    [ "$(cut -f 10,11 <<<"$output" | head -n 1)" = $'20000\t10' ]
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,value,fee,total' \
        'P,5,SELL,2024-01-01T00:00:00Z,3,10,1,11' >"$BATS_TEST_TMPDIR/v.csv"
    run import-trades "$BATS_TEST_TMPDIR/v.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'line 2: value 10, fee 1 and total 11 do not agree'* ]]
}

@test "a fee in another coin than the quote is refused, and amounts are read as people write them" {
    f=$BATS_TEST_TMPDIR/in.csv
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee,fee_currency' \
        'BTC-USD,t1,buy,2023-11-09T15:02:54.077Z,0.5,30000,0.0005,BTC' >"$f"
    run --separate-stderr import-trades "$f"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'line 2: fee_currency: the fee is 0.0005 BTC and the trade BTC-USD'* ]]
    # In the quote it is the fee, and no fee is in no currency.
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee,fee_currency' \
        'BTC-USD,t1,buy,2023-11-09T15:02:54.077Z,5e-1,"$30,000.00",15 USD,USD' \
        'BTC-USD,t2,buy,2023-11-09T15:02:55.077Z,0.5,"30 000.50",0,BTC' \
        'BTC-USD,t3,sell,2023-11-09T15:02:56.077Z,0.5,30000,(0.25),USD' >"$f"
    run --separate-stderr import-trades --no-header --negative-fee rebate "$f"
    [ "$status" -eq 0 ]
    [ "$(cut -f8,9,11 <<<"$output")" = "0.5	30000.00	15
0.5	30000.50	0
0.5	30000	-0.25" ]
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' 'BTC-USD,t1,buy,2023-11-09T15:02:54.077Z,"0,5",30000,1' >"$f"
    run --separate-stderr import-trades "$f"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"size: '0,5' has a decimal comma"* ]]
}

@test "a fee above half of the value is taken, as a ledger of swaps may have it, with a warning" {
    f=$BATS_TEST_TMPDIR/in.csv
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' 'BTC-USD,t1,buy,2023-11-09T15:02:54 GMT,0.01,30000,150' \
        'BTC-USD,t2,buy,2023-11-09T15:02:54.077Z,0.0001,30000,5' >"$f"
    run --separate-stderr import-trades --no-header "$f"
    [ "$status" -eq 0 ]
    [[ "$stderr" != *warning* ]]
    sed -i 's/,150$/,150.01/' "$f"
    run --separate-stderr import-trades --no-header "$f"
    [ "$status" -eq 0 ]
    [ "$(cut -f7,11 <<<"$output" | head -n 1)" = '2023-11-09T15:02:54.000000Z	150.01' ]
    [[ "$stderr" == *level=warning*'1 fee is more than half of the value'* ]]
}

# The rows are those of the exchange's documentation for List Fills, as a table.
@test "the interface's fills as a table: a size in the quote is no quantity, a reversal no trade" {
    f=$BATS_TEST_TMPDIR/in.csv
    printf '%s\n' 'entry_id,trade_id,order_id,trade_time,trade_type,price,size,commission,product_id,size_in_quote,side' \
        'e1,t1,o1,2023-10-31T22:10:12.473787913Z,FILL,37.44,0.5,0.1,SOL-USDC,False,BUY' \
        'e2,t2,o2,2023-10-31T22:10:13Z,FILL,37.44,0.0802691053677932,0.0004816146322068,SOL-USDC,True,BUY' \
        'e3,t1,o1,2023-10-31T22:10:14Z,REVERSAL,37.44,0.5,0.1,SOL-USDC,False,BUY' >"$f"
    run --separate-stderr import-trades --map fee=commission "$f"
    [ "$status" -eq 65 ]
    [ "$(cut -f5,8 <<<"$output" | sed 1d)" = $'t1\t0.5' ]
    [[ "$stderr" == *'line 3: size_in_quote: True, and so the size is an amount of the quote'* ]]
    [[ "$stderr" == *'line 4: trade_type: a REVERSAL is no trade by itself'* ]]
    # As fetch-fills prints them the quantity has a column of its own.
    printf '%s\n' 'trade_id,trade_time,price,size,size_in_quote,base_size,product_id,side' \
        't2,2023-10-31T22:10:13Z,37.44,0.0802691053677932,t,0.002143939780122682,SOL-USDC,BUY' >"$f"
    run --separate-stderr import-trades --no-header --map size=base_size "$f"
    [ "$status" -eq 0 ]
    [ "$(cut -f8 <<<"$output")" = 0.002143939780122682 ]
}

@test "each row that cannot be read is named, and then nothing is stored" {
    fresh_db
    csv 'P,1,,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,2,,HOLD,2024-01-01T00:00:00Z,1,1,0' 'P,3,,BUY,yesterday,1,1,0' \
        'P,4,,BUY,2024-01-01T00:00:00Z,1,1' 'P,5,,BUY,2024-01-01T00:00:00Z,-1,1,0' 'P,6,,BUY,2024-01-01T00:00:00Z,"1,000",1,0' \
        'P,,,BUY,2024-01-01T00:00:00Z,1,1,0' ',8,,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,9,,BUY,2024-01-01T00:00:00Z,NaN,1,0' \
        'P,10,,BUY,2024-01-01T00:00:00Z,0,1,0.5' 'P,11,,BUY,2024-01-01T00:00:00Z,1,,0' 'P,12,,BUY,2024-01-01T00:00:00,1,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [ "$output" = "" ]
    [[ "$stderr" == *'line 3: side: \"HOLD\" is not BUY, SELL'* ]]
    [[ "$stderr" == *'line 4: trade_time: \"yesterday\" is not a time'* ]]
    [[ "$stderr" == *'line 5: 7 fields where the header has 8'* ]]
    [[ "$stderr" == *'line 6: size: -1 is negative'* ]]
    [[ "$stderr" == *"line 7: size: '1,000' may have a decimal mark or a thousands separator"* ]]
    [[ "$stderr" == *'line 8: a fill without its id'* ]]
    [[ "$stderr" == *'line 9: product_id is empty'* ]]
    [[ "$stderr" == *"line 10: size: 'NaN'"* ]]
    [[ "$stderr" == *'line 11: a trade of size zero has a value or a fee'* ]]
    [[ "$stderr" == *'line 12: value, total and price are all missing'* ]]
    [[ "$stderr" == *'line 13: trade_time: \"2024-01-01T00:00:00\" does not say its time zone'* ]]
    [[ "$stderr" == *'11 of 12 rows cannot be read, so nothing was stored'* ]]
    [ "$(sql 'select count(*) from trade_records')" = 0 ]
}

@test "B-17: a time without a zone is refused, or is UTC if that is said" {
    csv 'P,1,,BUY,2024-07-01T01:00:00,1,1,0'
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    run --separate-stderr bash -c "TZ=America/New_York import-trades --utc --no-header '$BATS_TEST_TMPDIR/in.csv' | cut -f 7"
    [ "$output" = 2024-07-01T01:00:00.000000Z ]
}

@test "a second import of the same file changes nothing" {
    fresh_db
    csv 'P,1,o,BUY,2024-01-01T00:00:00.123456789Z,1.0,1,0' 'P,2,o,BUY,2024-01-01T00:00:00.123456789Z,1.0,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *'msg="stored" rows=2 added=2 replaced=0 unchanged=0 repeated=0'* ]]
    # Two fills that look alike are two fills.
    [ "$(sql "select count(*), count(distinct trade_time), min(trade_nanos), min(trade_time) from trade_records")" = \
        '2|1|789|2024-01-01 00:00:00.123456+00' ]
    before=$(dump_db --exact)
    # The same amounts written otherwise are the same.
    csv 'P,1,o,BUY,2024-01-01T01:00:00.123456789+01:00,1.00,1.0,0.00' 'P,2,o,BUY,2024-01-01T00:00:00.123456789Z,1,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'rows=2 added=0 replaced=0 unchanged=2 repeated=0'* ]]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a trade told differently is an error that names both tellings, until --replace" {
    fresh_db
    csv 'P,1,o1,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,2,o2,BUY,2024-01-01T00:00:00Z,1,1,0'
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    before=$(dump_db --exact)
    csv 'P,1,,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,2,o2,SELL,2024-01-01T00:00:01Z,1,1,0.25' 'P,3,o3,BUY,2024-01-01T00:00:00Z,1,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    # Silence (no order id in the file's first row) contradicts nothing.
    [[ "$stderr" == *'P 2: side BUY here, SELL in the file; time 2024-01-01 00:00:00+00 here, 2024-01-01 00:00:01+00 in the file; fee 0 here, 0.25 in the file'* ]]
    [[ "$stderr" == *'1 trade differs from the books, so nothing was stored'* ]]
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr import-trades --store --replace "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'rows=3 added=1 replaced=1 unchanged=1 repeated=0'* ]]
    [ "$(sql "select record_id, order_id, side, fee from trade_records order by 1")" = $'1|o1|BUY|0\n2|o2|SELL|0.25\n3|o3|BUY|0' ]
    # Every field, in one order; what the books do not say is a difference where the file does.
    all() { printf '%s\n' 'product_id,record_id,level,order_id,trade_id,side,trade_time,size,price,value,fee,first_time,last_time,fills,account,note' "$1" \
        >"$BATS_TEST_TMPDIR/in.csv"; }
    all P,4,fill,,,BUY,2024-01-01T00:00:00.5Z,1.10,2.50,2.750,0.10,,,,,
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    all P,4,fill,o4,t4,BUY,2024-01-01T00:00:00.500000001Z,2,3,6,0.2,2024-01-01T00:00:00Z,2024-01-01T00:00:01Z,2,main,mine
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'msg="P 4: nanoseconds 0 here, 1 in the file; size 1.1 here, 2 in the file; price 2.5 here, 3 in the file; '\
'value 2.75 here, 6 in the file; fee 0.1 here, 0.2 in the file; order_id (none) here, o4 in the file; '\
'trade_id (none) here, t4 in the file; first_time (none) here, 2024-01-01 00:00:00+00 in the file; '\
'last_time (none) here, 2024-01-01 00:00:01+00 in the file; fills (none) here, 2 in the file; '\
'account (none) here, main in the file; note (none) here, mine in the file"'* ]]
}

@test "a row that stands twice in the file is kept once and said, unless the two differ" {
    fresh_db
    csv 'P,1,,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,1,,BUY,2024-01-01T00:00:00Z,1.0,1,0' 'Q,1,,BUY,2024-01-01T00:00:00Z,1,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'level=warning'*'lines 2, 3: P 1 occurs more than once, and is kept once'* ]]
    [[ "$stderr" == *'rows=3 added=2 replaced=0 unchanged=0 repeated=1'* ]]
    csv 'R,1,,BUY,2024-01-01T00:00:00Z,1,1,0' 'R,1,,BUY,2024-01-01T00:00:00Z,2,1,0'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'lines 2, 3: R 1 occurs more than once, and they differ'* ]]
    [ "$(sql 'select count(*) from trade_records')" = 2 ]
}

@test "an order and its own fills are not both taken" {
    fresh_db
    csv 'P,,o1,BUY,2024-01-01T00:00:00Z,1,1,0' 'P,t1,o1,BUY,2024-01-01T00:00:00Z,1,1,0'
    run import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'P: order o1 would be counted twice, as a whole and by its fill t1'* ]]
    csv 'P,,o1,BUY,2024-01-01T00:00:00Z,1,1,0'
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    csv 'P,t1,o1,BUY,2024-01-01T00:00:00Z,1,1,0'
    run import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [ "$(sql 'select record_id, level from trade_records')" = 'o1|order' ]
    sql 'delete from trade_records'
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    csv 'P,,o1,BUY,2024-01-01T00:00:00Z,1,1,0'
    run import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [ "$(sql 'select record_id, level from trade_records')" = 't1|fill' ]
}

@test "an input that is empty, cut, or not there is refused" {
    : >"$BATS_TEST_TMPDIR/empty"
    run import-trades "$BATS_TEST_TMPDIR/empty"
    [ "$status" -eq 65 ]
    printf 'product_id,trade_id,side,trade_time,size,price\nP,1,BUY,2024-01-01T00:00:00Z,1,1.525\nP,2,BUY,2024-01-01T00:00:00Z,1,1.52' >"$BATS_TEST_TMPDIR/cut"
    run import-trades "$BATS_TEST_TMPDIR/cut"
    [ "$status" -eq 65 ]
    [[ "$output" == *'ends in the middle of a line'* ]]
    run import-trades "$BATS_TEST_TMPDIR/absent"
    [ "$status" -eq 66 ]
    run import-trades "$BATS_TEST_TMPDIR"
    [ "$status" -eq 66 ]
    # An export of the exchange is no ledger, and its reader is named.
    printf 'Transactions\nUser,somebody,1\n\nTimestamp,Transaction Type,Asset\n' >"$BATS_TEST_TMPDIR/export.csv"
    run import-trades "$BATS_TEST_TMPDIR/export.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'an export of the exchange is for fetch-fills --csv'* ]]
    run import-trades
    [ "$status" -eq 64 ]
    run import-trades --replace "$BATS_TEST_TMPDIR/cut"
    [ "$status" -eq 64 ]
    # A header and nothing else is a ledger without trades.
    csv
    run --separate-stderr import-trades --no-header "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

# As Excel saves a sheet: the order number in its own form, rows of the sheet that hold nothing.
@test "what a spreadsheet left of an id is none, its empty rows are none, and what is no table is named" {
    cd "$BATS_TEST_TMPDIR"
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price' 'BTC-USD,1,BUY,2024-01-01T00:00:00Z,1,2' ',,,,,' ' , , , , , ' >in.csv
    run --separate-stderr import-trades --no-header in.csv
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    echo 'BTC-USD,6.12346E+11,SELL,2024-01-01T00:00:00Z,1,2' >>in.csv
    run --separate-stderr import-trades in.csv
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'line 5: trade_id: \"6.12346E+11\" is an id that a spreadsheet took for a number and rounded; take the file as it was given'* ]]
    gzip -k in.csv
    cp in.csv.gz export.csv
    for tool in 'import-trades --no-header' 'fetch-fills --no-header --csv'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr $tool export.csv
        [ "$status" -eq 65 ]
        [ "$output" = "" ]
        [[ "$stderr" == *'export.csv: it is compressed with gzip: unpack it first (gunzip)'* ]]
    done
}

@test "rows are read as they come: a ledger of any length needs no more room" {
    header='product_id,trade_id,side,trade_time,size,price'
    row='P,x,BUY,2024-01-01T00:00:00Z,1,1'
    for separator in ',' $'\t'; do
        rm -f "$BATS_TEST_TMPDIR/pipe"
        mkfifo "$BATS_TEST_TMPDIR/pipe"
        import-trades --no-header "$BATS_TEST_TMPDIR/pipe" >"$BATS_TEST_TMPDIR/rows" 3>&- &
        tool=$!
        exec 4>"$BATS_TEST_TMPDIR/pipe"
        { echo "$header"; yes "$row" | head -n 20000; } | tr , "$separator" >&4
        # The ledger is still open, and most of it is printed.
        for _ in $(seq 100); do
            [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -lt 15000 ] || break
            sleep 0.1
        done
        [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -ge 15000 ]
        exec 4>&-
        wait "$tool"
        [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -eq 20000 ]
    done
}

@test "a ledger that breaks off after many rows stores none of them" {
    fresh_db
    { echo 'product_id,trade_id,side,trade_time,size,price'
      seq 1 20000 | sed 's/.*/P,&,BUY,2024-01-01T00:00:00Z,1,1.50/'
      printf 'P,last,BUY,2024-01-01T00:00:00Z,1,1.5'; } >"$BATS_TEST_TMPDIR/in.csv"
    run import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'line 20002: the input ends in the middle of a line, so nothing was stored'* ]]
    [ "$(sql 'select count(*) from trade_records')" = 0 ]
}

@test "hostile names are stored as they are" {
    fresh_db
    printf '\xef\xbb\xbf%s\r\n%s\r\n' 'product_id,trade_id,side,trade_time,size,price,note' \
        "\"it's \\ \"\"1\"\"\",\"\\N\",BUY,2024-01-01T00:00:00Z,1,1,\"two'; drop table x;--\"" >"$BATS_TEST_TMPDIR/in.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$(sql "select product_id, record_id, note from trade_records")" = "it's \\ \"1\"|\\N|two'; drop table x;--" ]
}

@test "two imports at once store each trade once" {
    fresh_db
    { echo 'product_id,trade_id,side,trade_time,size,price'
      seq 1 500 | sed 's/.*/P,&,BUY,2024-01-01T00:00:00Z,1,1/'; } >"$BATS_TEST_TMPDIR/in.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv" 3>&- &
    first=$!
    import-trades -q --store "$BATS_TEST_TMPDIR/in.csv"
    wait "$first"
    [ "$(sql 'select count(*) from trade_records')" = 500 ]
}

@test "times as ledgers write them: numbers since 1970, +0000, a date with a stated time" {
    {   echo product_id,trade_id,side,trade_time,size,price
        printf 'P-USD,t%s,BUY,%s,1,100\n' 1 1704067200 2 1704067200.5 3 1704067200123 4 1704067200123456 5 1704067200123456789 \
            6 2024-01-01T00:00:00+0000 7 '2024-01-01 01:00:00 +0100' 8 2024-01-01T00:00:00+00; } >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades --no-header "$BATS_TEST_TMPDIR/in.csv"
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"5 times are numbers since 1970"* ]]
    [ "$(cut -f 7 <<<"$output" | paste -sd' ')" = "2024-01-01T00:00:00.000000Z 2024-01-01T00:00:00.500000Z 2024-01-01T00:00:00.123000Z 2024-01-01T00:00:00.123456Z 2024-01-01T00:00:00.123456789Z 2024-01-01T00:00:00.000000Z 2024-01-01T00:00:00.000000Z 2024-01-01T00:00:00.000000Z" ]
    printf '%s\n' product_id,trade_id,side,trade_time,size,price P-USD,t1,BUY,2024-01-01,1,100 >"$BATS_TEST_TMPDIR/in.csv"
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *"2024-01-01 is a day without a time; set one with --time-of-day"* ]]
    run --separate-stderr import-trades --no-header --time-of-day 12:00:00Z "$BATS_TEST_TMPDIR/in.csv"
    [ "$(cut -f 7 <<<"$output")" = 2024-01-01T12:00:00.000000Z ]
    [[ "$stderr" == *"1 date without a time taken at 12:00:00Z"* ]]
    # With a fraction and a zone it was cut within the zone: half an hour off, or no time.
    for zoned in 12345678+05:30 123456789+05:30; do
        [ "$(import-trades --no-header --time-of-day "12:00:00.$zoned" "$BATS_TEST_TMPDIR/in.csv" | cut -f 7 | cut -c -19)" = \
            2024-01-01T06:30:00 ]
    done
    for bad in noon 25:00:00Z 12 "12:00:00.$(printf %040d 0)Z"; do
        run import-trades --time-of-day "$bad" "$BATS_TEST_TMPDIR/in.csv"
        [ "$status" -eq 64 ]
    done
    # Eleven digits are no time.
    sed -i 's/2024-01-01/17040672001/' "$BATS_TEST_TMPDIR/in.csv"
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
}

@test "a negative size is a sale where there is no side, and a sign that goes with the side goes" {
    printf '%s\n' product_id,trade_id,trade_time,size,price P-USD,t1,2024-01-01T00:00:00Z,1,100 P-USD,t2,2024-01-02T00:00:00Z,-0.4,110 >"$BATS_TEST_TMPDIR/in.csv"
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    run --separate-stderr import-trades --no-header --signed "$BATS_TEST_TMPDIR/in.csv"
    [ "$(cut -f 2,6,8,10 <<<"$output" | paste -sd' ')" = "t1	BUY	1	100 t2	SELL	0.4	44.0" ]
    # However the sign is written: with the minus of mathematics, as spreadsheets have it.
    sed 's/-0.4/−0.4/' "$BATS_TEST_TMPDIR/in.csv" >"$BATS_TEST_TMPDIR/minus.csv"
    run --separate-stderr import-trades --no-header --signed "$BATS_TEST_TMPDIR/minus.csv"
    [ "$(cut -f 2,6,8,10 <<<"$output" | paste -sd' ')" = "t1	BUY	1	100 t2	SELL	0.4	44.0" ]
    printf '%s\n' product_id,trade_id,side,trade_time,size,fee,total P-USD,t1,BUY,2024-01-01T00:00:00Z,1,1,-101 P-USD,t2,SELL,2024-01-02T00:00:00Z,-0.4,1,43 >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades --no-header "$BATS_TEST_TMPDIR/in.csv"
    echo "$output$stderr"
    [ "$(cut -f 2,6,8,10 <<<"$output" | paste -sd' ')" = "t1	BUY	1	100 t2	SELL	0.4	44" ]
    # A purchase of less than nothing is none.
    sed -i 's/BUY,2024-01-01T00:00:00Z,1/BUY,2024-01-01T00:00:00Z,-1/' "$BATS_TEST_TMPDIR/in.csv"
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
}

@test "symbols of other programs are the exchange's products, where only one reading fits" {
    fresh_db
    {   echo product_id,trade_id,side,trade_time,size,price
        n=0
        for product in BTC/USD BTC_USDC BTC:EUR BTCUSD BTCUSDC LINKETH BTC-GBP SOMETHING usd btc-usd eth/eur btcgbp Btc-usd; do
            n=$((n + 1))
            echo "$product,t$n,BUY,2024-01-01T00:00:00Z,1,100"
        done; } >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades --no-header "$BATS_TEST_TMPDIR/in.csv"
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "BTC-USD BTC-USDC BTC-EUR BTC-USD BTC-USDC LINK-ETH BTC-GBP SOMETHING usd BTC-USD ETH-EUR BTC-GBP Btc-usd" ]
    [[ "$stderr" == *"9 product ids are written as the exchange writes them"* ]]
    # Names of columns may be in any case; a spreadsheet's semicolons are named.
    printf '%s\n' Product_ID,Trade_ID,SIDE,Trade_Time,Size,Price BTC-USD,x,BUY,2024-01-01T00:00:00Z,1,100 >"$BATS_TEST_TMPDIR/a.csv"
    [ "$(import-trades -q --no-header "$BATS_TEST_TMPDIR/a.csv" | cut -f 1,2)" = $'BTC-USD\tx' ]
    tr , ';' <"$BATS_TEST_TMPDIR/a.csv" >"$BATS_TEST_TMPDIR/b.csv"
    run import-trades "$BATS_TEST_TMPDIR/b.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *'separated by semicolons'* ]]
    # So one trade under two spellings is one.
    printf '%s\n' product_id,trade_id,side,trade_time,size,price BTC/USD,x,BUY,2024-01-01T00:00:00Z,1,100 >"$BATS_TEST_TMPDIR/a.csv"
    sed 's|BTC/USD|BTC-USD|' "$BATS_TEST_TMPDIR/a.csv" >"$BATS_TEST_TMPDIR/b.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/a.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/b.csv"
    [ "$(sql "select product_id, count(*) from trade_records group by 1")" = "BTC-USD|1" ]
}

@test "a fee is never a rebate by its sign alone: a total proves it, or an option says it" {
    fresh_db
    csv 'BTC-USD,t1,,BUY,2024-01-01T00:00:00Z,1,100,0.5' 'BTC-USD,t2,,SELL,2024-01-02T00:00:00Z,1,110,-0.5'
    run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"line 3: fee: -0.5 is below zero"*"--negative-fee does"* ]]
    [ "$(sql 'select count(*) from trade_records')" = 0 ]
    fees() { import-trades --no-header "$@" "$BATS_TEST_TMPDIR/in.csv" 2>"$BATS_TEST_TMPDIR/err" | cut -f 11 | paste -sd' '; }
    [ "$(fees --negative-fee rebate)" = '0.5 -0.5' ]
    [ "$(fees --negative-fee fee)" = '0.5 0.5' ]
    grep -q '1 fee below zero is a fee' "$BATS_TEST_TMPDIR/err"
    run import-trades --negative-fee maybe "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 64 ]
    # What moved is what counts, whatever was said of the file.
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee,total 'BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,-0.5,99.5' \
        'BTC-USD,t2,SELL,2024-01-02T00:00:00Z,1,110,-0.5,109.50' >"$BATS_TEST_TMPDIR/in.csv"
    [ "$(fees)" = '-0.5 0.5' ]
    [ "$(fees --negative-fee fee)" = '-0.5 0.5' ]
}

@test "a column of fees by another name is not passed over without a word" {
    for name in fees Commission 'Fee (USD)' fee_eur feeCost; do
        printf '%s\n' "product_id,trade_id,side,trade_time,size,price,$name" 'BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,0.5' >"$BATS_TEST_TMPDIR/in.csv"
        run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
        [ "$status" -eq 0 ]
        [[ "$stderr" == *level=warning*"the column $name is not read, and every fee is 0: --map 'fee=$name' reads it"* ]]
        run --separate-stderr import-trades -q --no-header --map "fee=$name" "$BATS_TEST_TMPDIR/in.csv"
        [ "$(cut -f 11 <<<"$output")" = 0.5 ]
        [ "$stderr" = '' ]
        run --separate-stderr import-trades -q --map fee:=0 "$BATS_TEST_TMPDIR/in.csv"
        [ "$stderr" = '' ]
    done
    # Total and value tell the fee without it; and no other column is one.
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,value,total,fees' 'BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,100.5,0.5' >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
    [ "$stderr" = '' ]
    for name in feed fee_rate usd committee 'a fee of which the name is longer than any that is known'; do
        printf '%s\n' "product_id,trade_id,side,trade_time,size,price,$name" 'BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,0.5' >"$BATS_TEST_TMPDIR/in.csv"
        run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
        [ "$status" -eq 0 ]
        [ "$stderr" = '' ]
    done
}

@test "a fee beside an empty one, and a size of an order that was not filled, are warned of" {
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee,fees BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,,0.5 \
        BTC-USD,t2,BUY,2024-01-01T00:00:00Z,1,100,0.5, BTC-USD,t3,BUY,2024-01-01T00:00:00Z,1,100,,0.00 >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"level=warning"*"1 row has an empty fee, taken as 0, and an amount in the column fees, which is not read: --map 'fee=fees' reads it"* ]]
    # Value and total tell a fee that is left empty.
    printf '%s\n' product_id,trade_id,side,trade_time,size,value,total,fee,fees BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,100.5,,0.5 \
        >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q --no-header "$BATS_TEST_TMPDIR/in.csv"
    [ "$(cut -f 11 <<<"$output") $stderr" = '0.5 ' ]
    for word in CANCELLED canceled Open; do
        printf '%s\n' "product_id,order_id,side,trade_time,size,price,Order Status" "BTC-USD,o1,SELL,2024-01-01T00:00:00Z,1,100,Filled" \
            "BTC-USD,o2,SELL,2024-01-01T00:00:00Z,0,100,$word" "BTC-USD,o3,SELL,2024-01-01T00:00:00Z,1,100,$word" >"$BATS_TEST_TMPDIR/in.csv"
        run --separate-stderr import-trades -q --no-header "$BATS_TEST_TMPDIR/in.csv"
        [ "$status" -eq 0 ]
        [ "$(wc -l <<<"$output")" -eq 3 ]
        [[ "$stderr" == *"level=warning"*"1 row is of an order that its status calls not filled (from line 4 on)"* ]]
    done
    # Where nothing was filled there may be neither a size nor a time: the row costs itself, and no trade is lost with it.
    printf '%s\n' product_id,order_id,side,trade_time,size,price,fee,status BTC-USD,o1,SELL,2024-01-01T00:00:00Z,1,100,0.5,FILLED \
        BTC-USD,o2,SELL,2024-01-01T00:00:00Z,,100,,CANCELLED BTC-USD,o3,SELL,,0,,0.00,Failed BTC-USD,o4,SELL,,N/A,100,-,open >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q --no-header "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 0 ]
    [ "$(cut -f 2,8 <<<"$output")" = $'o1\t1' ]
    [[ "$stderr" == *level=warning*'3 rows are of an order that its status calls not filled, and have no amount that was traded (from line 3 on): left out'* ]]
    sed -i 's/,,100,,CANC/,,100,0.5,CANC/; s/,,Failed/,1,Failed/; s/Failed/Filled/; s/,N.A,/,x,/' "$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'3 of 4 rows cannot be read'* ]]
    # What moved is told, so that the size is what was filled.
    printf '%s\n' product_id,order_id,side,trade_time,size,value,status BTC-USD,o1,SELL,2024-01-01T00:00:00Z,1,100,CANCELLED \
        >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades -q "$BATS_TEST_TMPDIR/in.csv"
    [ "$stderr" = '' ]
}

@test "a column that names the fee's currency is read whatever it is called, and a fee in another coin refuses its row" {
    for name in fee_asset 'Fee Currency' feeCoin; do
        printf '%s\n' "product_id,trade_id,side,trade_time,size,price,fee,$name" 'BTC-USD,t1,BUY,2024-01-01T00:00:00Z,1,100,0.5,USD' \
            'BTC-USD,t2,BUY,2024-01-01T00:00:00Z,1,100,0.001,BNB' >"$BATS_TEST_TMPDIR/in.csv"
        run --separate-stderr import-trades "$BATS_TEST_TMPDIR/in.csv"
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"the column $name is used as fee_currency"* ]]
        [[ "$stderr" == *"line 3: fee_currency: the fee is 0.001 BNB and the trade BTC-USD"* ]]
        [[ "$stderr" == *"1 of 2 rows"* ]]
    done
    # Where a pair has marks before its two names the fee's currency has them, too.
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee,fee_currency' 'XXBTZUSD,t1,BUY,2024-01-01T00:00:00Z,1,100,0.5,ZUSD' \
        'XXBTZUSD,t2,BUY,2024-01-01T00:00:00Z,1,100,0.5,ZEUR' 'XXBTZUSD,t3,BUY,2024-01-01T00:00:00Z,1,100,0.5,AUSD' >"$BATS_TEST_TMPDIR/in.csv"
    run --separate-stderr import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [ "$(cut -f 1,5 <<<"$output")" = $'product_id\ttrade_id\nBTC-USD\tt1' ]
    [[ "$stderr" == *"line 3: fee_currency: the fee is 0.5 ZEUR and the trade BTC-USD"* ]]
    [[ "$stderr" == *"2 of 3 rows"* ]]
    csv 'BTC-USD,t1,,BUY,2024-01-01T00:00:00Z,1,100,0.001 BNB'
    run import-trades "$BATS_TEST_TMPDIR/in.csv"
    [ "$status" -eq 65 ]
    [[ "$output" == *"line 2: fee: 0.001 BNB is in BNB and the trade BTC-USD"* ]]
}
