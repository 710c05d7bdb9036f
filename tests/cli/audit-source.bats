# Payments held against the publisher's own settled cash flows.
load helper
load elexon
load sums

DAY=2026-05-10
FLOWS=balancing/settlement/indicative/cashflows/all

setup() {
    fresh_db
    SOURCE=$BATS_TEST_TMPDIR/source
    export WINDFALL_ELEXON_URL=file://$SOURCE
    sql "insert into bm_units values ('T_KPMRW-1', '2000-01-01', null, 'x', 'y', 'WIND', 99, 'z'), ('T_LARYW-1', '2000-01-01', null, 'x', 'y', 'WIND', 99, 'z'),
         ('T_DRAXX-1', '2000-01-01', null, 'x', 'y', 'BIOMASS', 99, 'z')"
    CASH=
    cash T_DRAXX-1 3 -1500.5
    put_cash offer
}
teardown() {
    liar_stop
    tear_down_all
}

# cash UNIT PERIOD POUNDS: one row of an answer; put_cash SIDE [JQ]: these rows become one.
cash() { CASH+=$(printf '%s\t%s\t%s' "$1" "$2" "$3")$'\n'; }
put_cash() {
    mkdir -p "$SOURCE/$FLOWS/$1"
    printf %s "$CASH" | jq -R -s -c --arg date "$DAY" --arg start "$(date -u -d "$(TZ=Europe/London date -d "$DAY" --iso-8601=seconds)" +%FT%TZ)" '
        {metadata: {datasets: ["EBOCF"]}, data: [split("\n")[] | select(. != "") | split("\t") | {
            settlementDate: $date, settlementPeriod: (.[1] | tonumber),
            startTime: (($start | fromdate) + 1800 * ((.[1] | tonumber) - 1) | todate), createdDateTime: "2026-05-12T10:00:00Z",
            bmUnit: (if .[0] == "null" then null else .[0] end), bmUnitType: "T", leadPartyName: "y", nationalGridBmUnit: "z",
            bidOfferPairCashflows: {negative1: (try (.[2] | fromjson) catch .[2]), positive1: null},
            totalCashflow: (try (.[2] | fromjson) catch .[2])}]} | '"${2:-.}" >"$SOURCE/$FLOWS/$1/$DAY"
    CASH=
}

# Two units turned down in two half hours: 10 MWh at -20 by two acceptances, 4 at -50, 1 at +30, each × 0.9926552.
a_day() {
    row T_KPMRW-1 -6 -20; row T_KPMRW-1 -4 -20 true 1001; put_stack "$SOURCE" bid $DAY 1
    row T_LARYW-1 -4 -50; row T_KPMRW-1 -1 30; put_stack "$SOURCE" bid $DAY 2
    fetch-elexon -q --store --periods 1-2 $DAY
    rollup-summaries -q >/dev/null
}
# What the publisher settled for it; and with other units, of no concern here.
all_cash() {
    cash T_KPMRW-1 1 198.53104
    cash T_LARYW-1 2 198.53104
    cash T_KPMRW-1 2 -29.779656
    cash T_DRAXX-1 1 77
    cash null 2 5
}

@test "what was settled is what the records come to with their multipliers: nothing to list, and the pounds are stored" {
    a_day
    all_cash; put_cash bid
    run --separate-stderr audit-source --store $DAY
    [ "$status" -eq 0 ]
    [ "$output" = "settlement_date	farm_id	reason	periods	settled	expected	difference" ]
    [[ "$stderr" == *'msg="compared" days=1 not_checked=0 explained=0 unexplained=0 changed=4'* ]]
    [ "$(sql "select * from settled_cashflows order by 2, 3")" = "2026-05-10|1|T_KPMRW-1|198.53104|0|0
2026-05-10|2|T_KPMRW-1|-29.779656|0|0
2026-05-10|2|T_LARYW-1|198.53104|0|0" ]
    [ "$(sql "select settled_payment, settled_not_flagged, settled_offers, bid_rows, unexplained from settled_days")" = "367.282424|0|0|5|0" ]
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    audit-source -q --store --no-header $DAY
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/once"
    run summary --format ndjson $DAY
    [[ "${lines[0]}" == *'"settled_payment":367.282424,"settled_not_flagged":0,"settled_offers":0,"days_settled":1'* ]]
    run summary 2026-05
    [[ "$output" == *"367.28 of 1/31 days"* ]]
    run report $DAY
    [[ "$output" == *"  settled         £367.28 by the publisher's own cash flows, transmission losses included"* ]]
    run audit-calcs -q --no-header $DAY
    [[ "$output" != *settled* ]]
    sql "update settled_cashflows set bid_cashflow = 200 where settlement_period = 1"
    run audit-calcs -q --no-header $DAY
    [[ "$output" == *"settled_day	2026-05-10	settled_payment	367.282424	368.751384	-1.468960"* ]]
}

# Where nothing was stored there is nothing to hold an answer against: half of the rows look like a day.  The settled cash
# flows are another account of it, and name each unit that is lacking, whether or not the stack has become whole.
@test "half of the rows of a day that was never stored is a finding two days later" {
    row T_KPMRW-1 -10 -20; put_stack "$SOURCE" bid $DAY 1
    row T_KPMRW-1 -1 30; put_stack "$SOURCE" bid $DAY 2
    fetch-elexon -q --store --periods 1-2 $DAY
    all_cash; put_cash bid
    run --separate-stderr audit-source -q --no-header $DAY
    [ "$status" -eq 1 ]
    [ "$output" = "2026-05-10	T_LARYW-1	unexplained	1	198.53104	0	198.53104" ]
    row T_LARYW-1 -4 -50; row T_KPMRW-1 -1 30; put_stack "$SOURCE" bid $DAY 2
    run --separate-stderr audit-source -q --no-header $DAY
    [ "$status" -eq 1 ]
    [ "$output" = "2026-05-10	T_LARYW-1	records_differ	1	198.53104	0	198.53104" ]
    fetch-elexon -q --store --periods 1-2 $DAY
    run audit-source -q --no-header $DAY
    [ "$status" -eq 0 ]
}

@test "A-22 a day that another job is writing is for later; A-05 a day refused half-way is as it was" {
    a_day
    all_cash; put_cash bid
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    hold_day $DAY
    run faketime -f '+0 x100' audit-source --store $DAY
    let_day_go
    [ "$status" -eq 75 ]
    [[ "$output" == *"another job is writing $DAY"* ]]
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/before"
    audit-source -q --store --no-header $DAY
    # Another amount: its row is written before the sum of the day.
    all_cash; put_cash bid '.data[0] |= (.totalCashflow = 190 | .bidOfferPairCashflows.negative1 = 190)'
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    refuse_rows settled_days
    run audit-source --store $DAY
    [ "$status" -ne 0 ]
    [[ "$output" == *"no more"* ]]
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/before"
    allow_rows settled_days
    run audit-source -q --store $DAY
    [ "$(sql "select settled_payment from settled_days")" = 358.751384 ]
}

@test "without --store nothing is written" {
    a_day
    all_cash; put_cash bid
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    audit-source -q $DAY
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/once"
}

@test "bids without the flag explain what was settled beyond the records, and are stored as that" {
    row T_KPMRW-1 -10 -20; row T_KPMRW-1 -2 -25 false 1001; put_stack "$SOURCE" bid $DAY 1
    row T_LARYW-1 -4 -50 false; put_stack "$SOURCE" bid $DAY 2
    fetch-elexon -q --store --periods 1-2 $DAY
    # 200 + 50 and 200, × 0.9926552
    cash T_KPMRW-1 1 248.1638; cash T_LARYW-1 2 198.53104; put_cash bid
    run --separate-stderr audit-source --store --no-header $DAY
    [ "$status" -eq 0 ]
    [ "$output" = "2026-05-10	T_KPMRW-1	not_flagged	1	248.1638	198.53104	49.63276
2026-05-10	T_LARYW-1	not_flagged	1	198.53104	0	198.53104" ]
    [ "$(sql "select settled_payment, settled_not_flagged from settled_days")" = "198.53104|248.1638" ]
}

@test "a multiplier that the source left out explains what lies within three per cent, and no more" {
    row T_KPMRW-1 -6 -20; row T_KPMRW-1 -4 -20 true 1001
    put_stack "$SOURCE" bid $DAY 1 '.data[].transmissionLossMultiplier = null'
    row T_LARYW-1 -10 -20; put_stack "$SOURCE" bid $DAY 2 '.data[].transmissionLossMultiplier = null'
    fetch-elexon -q --store --periods 1-2 $DAY
    cash T_KPMRW-1 1 197.1; cash T_LARYW-1 2 150; put_cash bid
    run audit-source -q --no-header $DAY
    [ "$status" -eq 1 ]
    [ "$output" = "2026-05-10	T_KPMRW-1	multiplier_missing	1	197.1	200	-2.9
2026-05-10	T_LARYW-1	unexplained	1	150	200	-50" ]
}

@test "half hours that were never fetched, records that are another stack's, and what nothing explains" {
    a_day
    all_cash
    cash T_KPMRW-1 40 11; cash T_LARYW-1 41 12; cash T_LARYW-1 42 13
    put_cash bid
    run audit-source -q --no-header $DAY
    [ "$status" -eq 0 ]
    [ "$output" = "2026-05-10	T_KPMRW-1	unfetched	1	11	0	11
2026-05-10	T_LARYW-1	unfetched	2	25	0	25" ]
    : "the source has another stack now, and settled that"
    row T_KPMRW-1 -11 -20; put_stack "$SOURCE" bid $DAY 1
    cash T_KPMRW-1 1 218.384144; cash T_LARYW-1 2 300; cash T_KPMRW-1 2 -29.779656; put_cash bid
    run audit-source -q --no-header $DAY
    [ "$status" -eq 1 ]
    [ "$output" = "2026-05-10	T_KPMRW-1	records_differ	1	218.384144	198.53104	19.853104
2026-05-10	T_LARYW-1	unexplained	1	300	198.53104	101.46896" ]
    : "a payment that the publisher does not know"
    cash T_KPMRW-1 1 198.53104; cash T_LARYW-1 2 198.53104; put_cash bid
    run audit-source -q --no-header $DAY
    [ "$status" -eq 1 ]
    [ "$output" = "2026-05-10	T_KPMRW-1	not_in_source	1	0	-29.779656	29.779656" ]
    : "a penny is nothing, and more is; an offer is no bid"
    record $DAY 1 T_KPMRW-1 -7 -20
    sql "update curtailment_records set stack = 'offer' where volume = -7"
    cash T_KPMRW-1 1 198.54104; cash T_LARYW-1 2 198.541041; cash T_KPMRW-1 2 -29.779656; put_cash bid
    run audit-source -q --no-header $DAY
    [ "$output" = "2026-05-10	T_LARYW-1	unexplained	1	198.541041	198.53104	0.010001" ]
}

@test "lies: an empty list, another day's, half the rows, an error, a cut body; nothing is compared or stored by them" {
    a_day
    all_cash; put_cash bid
    audit-source -q --store $DAY
    honest=$(<"$SOURCE/$FLOWS/bid/$DAY")
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    lie() {
        printf %s "$2" >"$SOURCE/$FLOWS/bid/$DAY"
        run --separate-stderr audit-source --store $DAY
        echo "$1: $status $output $stderr"
        [ "$status" -eq "$1" ]
        [[ "$stderr" == *"$3"* ]]
        [[ "$stderr" == *" days=0 not_checked=1 "* ]]
        dump_db --exact | cmp - "$BATS_TEST_TMPDIR/before"
    }
    lie 76 '{"metadata":{"datasets":["EBOCF"]},"data":[]}' "no row of any unit, though the day is settled"
    lie 65 "${honest//2026-05-10/2026-05-09}" "rows cannot be used"
    lie 76 "$(jq -c '.data |= .[:2]' <<<"$honest")" "2 rows, where there were 5"
    lie 76 "$(jq -c '.data[0,1,2].bmUnit = "T_DRAXX-1"' <<<"$honest")" "they lack 3 of the 3 half hours of units that are stored"
    lie 76 '{"statusCode":500,"message":"no","data":null}' "cash flows of"
    lie 76 "${honest/EBOCF/BOAV}" "dataset BOAV, not EBOCF"
    lie 76 '<html></html>' "cash flows of 2026-05-10, bids"
    lie 76 "${honest:0:300}" "the document ends there"
    rm "$SOURCE/$FLOWS/bid/$DAY"
    run --separate-stderr audit-source --store $DAY
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"the archive does not hold them"* ]]
}

@test "one odd row costs that row: its half hour is compared with nothing, and the warning names it" {
    a_day
    for odd in '.totalCashflow = "198.53104"' '.totalCashflow = null' '.totalCashflow = 1e12' '.settlementPeriod = 49' \
               '.settlementDate = "2026-05-09"' '.startTime = "2026-05-12T09:00:00Z"' '.createdDateTime = 7' '.bmUnit = "T KPMRW"' '.bmUnit = 5'; do
        all_cash; cash T_DRAXX-1 7 1; put_cash bid ".data[0] |= ($odd)"
        run --separate-stderr audit-source --no-header $DAY
        echo "$odd: $status $output $stderr"
        [ "$status" -eq 1 ]
        [ "$output" = "2026-05-10	T_KPMRW-1	not_in_source	1	0	198.53104	-198.53104" ]
        [[ "$stderr" == *"level=warning"*"cash flows of 2026-05-10, bids: row 1"* ]]
    done
    : "two rows of one half hour that differ, and two that do not"
    all_cash; cash T_KPMRW-1 1 7; cash T_LARYW-1 2 198.53104; put_cash bid
    run --separate-stderr audit-source --no-header $DAY
    [ "$output" = "2026-05-10	T_KPMRW-1	not_in_source	1	0	198.53104	-198.53104" ]
    [[ "$stderr" == *"period 1 (T_KPMRW-1): two cash flows, 198.53104 and 7: both are left out"* ]] ||
        [[ "$stderr" == *"period 1 (T_KPMRW-1): two cash flows, 7 and 198.53104: both are left out"* ]]
}

@test "a day that is not settled yet is not compared: try later" {
    run --separate-stderr audit-source --no-header yesterday
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"is not settled yet: not compared"* ]]
    run audit-source
    [ "$status" -eq 64 ]
}

@test "a server that is busy is asked again" {
    a_day
    all_cash; put_cash bid
    cat >"$BATS_TEST_TMPDIR/busy" <<END
[ "\$2" -gt 1 ] || { printf 'HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'; exit; }
printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n'; cat "$SOURCE\$1"
END
    liar_start "$BATS_TEST_TMPDIR/busy"
    run audit-source -q --no-header --base-url "$LIAR_URL" --retry-wait 0.01 $DAY
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [ "$(liar_requests)" -eq 3 ]
}
