# Ids and names: what is none costs its own row or day, and no text of another's passes for more than text.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load elexon
load month

@test "a line of a stack whose id is none costs itself, with a warning; the half hour is stored" {
    fresh_db
    archive=$BATS_TEST_TMPDIR/archive
    row T_KPMRW-1 -1.5 -20
    row 'T_KP\MRW-1' -7 -20 true 2000
    row T_WHILW-1 -2 -20 true 2001
    put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"2024-05-01 period 1: row 2: the id 'T_KP\\\\MRW-1' is not valid"* ]]
    [ "$(sql "select farm_id, volume from curtailment_records order by 1" | paste -sd' ')" = "T_KPMRW-1|-1.5 T_WHILW-1|-2" ]
    [ "$(sql "select rows_seen, rows_kept from ingested_periods")" = "3|2" ]
    row '@T_A' -1.5 -20
    row '=T_A' -1.5 -20
    row T_WHILW-1 -2 -20 true 2001
    put_stack "$archive" bid 2024-05-01 2
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 2 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"period 2: 2 of 3 rows cannot be used; the first: row 1: the id '@T_A' is not valid"* ]]
    [ "$(sql "select count(*) from ingested_periods where settlement_period = 2")" = 0 ]
}

@test "a declared unit whose id is none costs its row, from a file as from the command" {
    archive=$BATS_TEST_TMPDIR/archive
    row T_KPMRW-1 -1.5 -20
    put_stack "$archive" bid 2024-05-01 1
    printf 'farm_id\tlead_party_name\tfuel_type\nT_KPMRW-1\tX\tWIND\n=T_A\tX\tWIND\n' >"$BATS_TEST_TMPDIR/units"
    run --separate-stderr fetch-elexon --no-header --units "$BATS_TEST_TMPDIR/units" --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *"line 3: the farm_id '=T_A' is not valid"* ]]
    fresh_db
    for id in -T_A =T_A 'T A' 'T_A\B' ''; do
        run "$root/scripts/units" declare "$id" WIND --why x
        [ "$status" -eq 64 ]
    done
    "$root/scripts/units" declare T_NEW-1 WIND --why x --name $'a\e[31mb\u202ec' --lead-party $'d\u009be\nf'
    [ "$(sql "select name, lead_party_name from declared_units where farm_id = 'T_NEW-1'")" = 'a[31mbc|de f' ]
}

@test "a ledger's row whose id is a formula is refused by name" {
    fresh_db
    for id in '=1+1' '+BTC-USD' '-BTC-USD' '@BTC-USD'; do
        printf 'product_id,side,trade_time,size,price,order_id\n%s,BUY,2024-01-01T00:00:00Z,1,1,o1\n' "$id" >"$BATS_TEST_TMPDIR/x.csv"
        run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/x.csv"
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"$id"*"is not an id"* ]]
        printf 'product_id,side,trade_time,size,price,order_id\nBTC-USD,BUY,2024-01-01T00:00:00Z,1,1,%s\n' "$id" >"$BATS_TEST_TMPDIR/x.csv"
        run --separate-stderr import-trades --store "$BATS_TEST_TMPDIR/x.csv"
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"order_id: \\\"$id\\\" is not an id"* ]]
    done
}

@test "a stored row that cannot be read costs its day: the others are done, and every command says so" {
    fresh_month
    no_network
    good=$(sql "select count(*) from historical_bitcoin_calculations where settlement_date <> '2025-03-10'")
    sql "delete from historical_bitcoin_calculations where settlement_date in ('2025-03-09', '2025-03-10', '2025-03-11')"
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         values ('2025-03-10', 7, E'T_A\\\\B', 'bid', 99, -1)"
    said="2025-03-10: the stored farm id T_A"
    run --separate-stderr find-missing --by-date 2025-03-01 2025-03-31
    [ "$status" -eq 65 ]
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "settlement_date 2025-03-09 2025-03-11" ]
    [[ "$stderr" == *"$said"*"the day is unchanged"* ]]
    [[ "$stderr" == *"1 day is not listed, because it could not be compared; the others are"* ]]
    run --separate-stderr find-missing 2025-03-01 2025-03-31
    [ "$status" -eq 65 ]
    [ "$(cut -f 1 <<<"$output" | sort -u | paste -sd' ')" = "2025-03-09 2025-03-11 settlement_date" ]
    run --separate-stderr check-status --last 0 --format json
    run --separate-stderr calc-btc --store 2025-03-09 2025-03-10
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"1 day was skipped, because the stored rows cannot be read; the others are done"* ]]
    run --separate-stderr "$root/scripts/reconcile" missing
    echo "$stderr"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"$said"* || "$(cat "$logs"/reconcile_latest.log)" == *"$said"* ]]
    [ "$(sql "select count(*) from historical_bitcoin_calculations where settlement_date <> '2025-03-10'")" = "$good" ]
    # A correction is of all days or of none.
    before=$(dump_db)
    run --separate-stderr fix-difficulty 2025-03-10 2025-03-11 112149504190350
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"nothing was changed"* ]]
    [ "$(dump_db)" = "$before" ]
    # Put right, the next run has it.
    sql "delete from curtailment_records where sequence_number = 99"
    run --separate-stderr "$root/scripts/reconcile" missing
    [ "$status" -le 1 ]
    run find-missing --no-header 2025-03-01 2025-03-31
    [ "$output" = "" ]
}

@test "check-status shows the other figures beside a day that cannot be read" {
    fresh_month
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         values ('2025-03-30', 7, E'T_A\\\\B', 'bid', 99, -1)"
    run --separate-stderr faketime '2025-04-01 09:00:00' check-status --last 3
    [ "$status" -eq 2 ]
    [[ "$output" == *"1 day could not be compared: a stored row cannot be read"* ]]
    [[ "$output" == *"calculations"* ]]
    [[ "$stderr" == *"2025-03-30: the stored farm id T_A"* ]]
}

@test "a value in a log is a value, whatever it holds" {
    cd "$BATS_TEST_TMPDIR" || return
    name=$'x" rows=9 status=0\e[31m\u009b\u202e verdict=ok.csv'
    head -c 100000 /dev/zero | tr '\0' '"' >"$name"
    run --separate-stderr fetch-fills --csv "$name"
    [ "$status" -ne 0 ]
    for line in "${stderr_lines[@]}"; do
        [ "${#line}" -lt 4096 ]
        # What is left without the quoted values holds no key of the name's making.
        run sed 's/"\(\\.\|[^"\\]\)*"/Q/g' <<<"$line"
        [[ "$output" != *verdict=* && "$output" != *rows=9* ]]
    done
    run grep -P '\x1b|\x{202e}|\x{9b}' <<<"$stderr"
    [ "$status" -eq 1 ]
    # A fact of its own: who decides.
    fresh_db
    run --separate-stderr reconcile-fills approve 1 --by $'me" applied=7\nlevel=error'
    run sed 's/"\(\\.\|[^"\\]\)*"/Q/g' <<<"$stderr"
    [[ "$output" != *applied=7* && "$output" != *$'\n'level=error* ]]
    # The scripts' own lines.
    run --separate-stderr "$root/scripts/units" declare $'T_A" farm=x\e[31m' WIND --why x
    run sed 's/"\(\\.\|[^"\\]\)*"/Q/g' <<<"$stderr"
    [[ "$output" != *farm=x* ]]
}

@test "what a report shows of a stored name turns no terminal around" {
    fresh_db
    sql "insert into declared_units (farm_id, valid_from, fuel_type, name, provenance, declared_by)
         values ('T_X-1', '-infinity', 'WIND', E'a\\u001b[31mb\\u009b\\u202e\\u2066c', 'x', 'y')"
    run "$root/scripts/units" declared
    [ "$status" -eq 0 ]
    [[ "$output" == *'a[31mbc'* ]]
    run grep -P '\x1b|\xc2\x9b|\xe2\x80\xae' <<<"$output"
    [ "$status" -eq 1 ]
}

# What no terminal, log or page may get: escapes, C1 as a character and as a byte, marks of direction, bytes that are not UTF-8.
shows_text() { # TEXT
    ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|[\x{80}-\x{9f}]|[\x{202a}-\x{202e}\x{2066}-\x{2069}]' <<<"$1" || return 1
    iconv -f utf-8 -t utf-8 <<<"$1" >/dev/null
}

@test "a script shows of a text what the tools show: no byte that is not UTF-8, either" {
    printable() { (. "$root/scripts/lib/say.sh" && printable); }
    # Each lead byte with what may follow it, and with what may not.
    for text in '\xc2\xa3' '\xe2\x82\xac' '\xf0\x9f\x92\xa8' '\xed\x9f\xbf' '\xef\xbf\xbd' '\xf4\x8f\xbf\xbf' 'a\tb'; do
        [ "$(printf "x${text}y" | printable)" = "$(printf "x${text}y")" ]
    done
    for text in '\xff' '\x9b' '\xc2' '\xc1\xbf' '\xe0\x9f\xbf' '\xed\xa0\x80' '\xf0\x8f\xbf\xbf' '\xf4\x90\x80\x80' '\xe2\x80' '\xc3\xa9\xa9'; do
        bytes=$(printf "$text" | wc -c)
        [ "$text" != '\xc3\xa9\xa9' ] || bytes=1
        [ "$(printf "x${text}y" | printable | tr -cd '\275' | wc -c)" -eq "$bytes" ]
        shows_text "$(printf "x${text}y" | printable)"
    done
    [ "$(printf 'x\xc2\x9b\xe2\x80\xae\xd8\x9c\xe2\x81\xa6\x1b\x07\x7fy' | printable)" = xy ]
    # Whatever a script says of a word that it was given.
    hostile=$'T\xff\x9b31m\xc2\x9bX\xe2\x80\xaeY\e[31m'
    fresh_db
    for command in windfall local-db daily reconcile backup schedule "wanted from" "units declare" exchange plot doctor init; do
        # shellcheck disable=SC2086 # a verb is a word of its own
        run "$root/scripts/"$command "$hostile" WIND --why x
        [ "$status" -eq 64 ]
        echo "$command: $(cat -v <<<"$output")"
        shows_text "$output"
    done
}

@test "no page turns a terminal around, on one or in a pipe, whatever is stored" {
    fresh_month 2025-03-02
    hostile='a\u001b[31mb\u009b\u202e\u2066c'
    sql "update sites set owner = E'$hostile', farm = E'$hostile' || farm;
         update farm_daily_summaries set farm_id = E'$hostile' where farm_id = (select min(farm_id) from farm_daily_summaries);
         insert into trade_records (record_id, product_id, level, trade_time, side, size, value, fee, source) values
            (E'$hostile', E'$hostile-USD', 'fill', '2024-01-01', 'BUY', 1, 1, 0, E'$hostile'), ('s', E'$hostile-USD', 'fill', '2024-02-01', 'SELL', 1, 1, 0, 'x')"
    match-fifo -q make 1 --all --make-current >"$BATS_TEST_TMPDIR/made"
    for command in "rank-farms 2025-03-01 2025-03-02" "rank-farms --by owner 2025-03-01 2025-03-02" "report 2025-03-01" \
        "report 2025-03-01 2025-03-02" "trend records" "gains --by slice" "gains" "exchange status" "exchange report" "reconcile report" \
        "reconcile analyze" "plot farms 2025-03-01 2025-03-02" "plot owners 2025-03-01 2025-03-02"; do
        # shellcheck disable=SC2086 # words
        run "$root/scripts/"$command
        [ "$status" -le 1 ]
        echo "$command: $(cat -v <<<"$output")"
        shows_text "$output"
    done
    [[ "$output" == *"a[31mbc"* ]]
}

@test "a tab, a quote or a backslash in a reason leaves each row its columns" {
    local why=$'a\tb "c" \\d'
    fresh_db
    "$root/scripts/units" declare T_X-1 WIND --why "$why"
    "$root/scripts/wanted" gap 2025-05-02 2025-05-03 --why "$why"
    "$root/scripts/acknowledge" price 2025-03-01 "$why"
    [ "$("$root/scripts/units" declared | awk -F '\t' '$1 == "T_X-1" { print NF, $7 }')" = '9 a\tb "c" \\d' ]
    [ "$("$root/scripts/wanted" | awk -F '\t' '$1 == "gap" { print NF, $4 }')" = '6 a\tb "c" \\d' ]
    [ "$("$root/scripts/acknowledge" --list | awk -F '\t' '$1 == "price" { print NF, $5 }')" = '5 a\tb "c" \\d' ]
}

@test "a body in UTF-16 is refused without a byte of it" {
    mkdir -p "$BATS_TEST_TMPDIR/reference/bmunits"
    for encoding in UTF-16LE UTF-16BE UTF-16 UTF-32; do
        echo '[{"elexonBmUnit":"T_A"}]' | iconv -t "$encoding" >"$BATS_TEST_TMPDIR/reference/bmunits/all"
        run --separate-stderr fetch-bmunits --base-url "file://$BATS_TEST_TMPDIR"
        echo "$encoding: $stderr"
        [ "$status" -eq 76 ]
        case $encoding in UTF-16*) [[ "$stderr" == *"text in UTF-16, where JSON is UTF-8"* ]] ;; esac
        run env LC_ALL=C grep -P '[^\x20-\x7e]' <<<"$stderr"
        [ "$status" -eq 1 ]
    done
}
