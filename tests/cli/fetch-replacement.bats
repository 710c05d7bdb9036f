# What it cost to turn others up in place of curtailed wind.
load helper
load elexon
load sums

setup() {
    SOURCE=$BATS_TEST_TMPDIR/source
    export WINDFALL_ELEXON_URL=file://$SOURCE
}
teardown() {
    liar_stop
    tear_down_all
}

# wind PERIOD MWH [DATE]: a farm turned down by so much, paid £20 a MWh, in the bid stack.
wind() { row T_KPMRW-1 "-$2" -20; put_stack "$SOURCE" bid "${3:-2026-05-10}" "$1"; }
# offers PERIOD [JQ [DATE]]: what row() gathered becomes the offer stack.
offers() { put_stack "$SOURCE" offer "${3:-2026-05-10}" "$1" "${2:-.}"; }
units() { printf 'farm_id\tname\tlead_party_name\tfuel_type\tcapacity_mw\tnational_grid_id\nT_KPMRW-1\tx\ty\tWIND\t99\tz\n'; }
db_units() { sql "insert into bm_units values ('T_KPMRW-1', '2000-01-01', null, 'x', 'y', 'WIND', 99, 'z')"; }

costs() { sql "select settlement_period, status, trim_scale(curtailed_mwh), replaced_mwh, cost, offers from replacement_costs order by 1"; }

@test "offers are taken in their order until the wind is replaced, the last in part" {
    wind 20 10
    # By hand: 4 × 50 = 200, then 5 × 80 = 400, then 1 of 9 × 100 = 100; the one flagged for the system comes last.
    row T_CCGT-1 4 50 false 7 1
    row 17 5 80 false null null
    row T_SO-1 100 1 true 8 1
    row E_BATT-1 9 100 false 9 1
    offers 20
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr fetch-replacement -q <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$output" = "settlement_date	settlement_period	status	curtailed_mwh	replaced_mwh	cost	offers	rows_seen	source_created_at
2026-05-10	20	final	10.000000000	10	700	3	4	2026-05-12T10:00:00Z" ]
    run --separate-stderr fetch-replacement -q --offers --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$output" = "2026-05-10	20	1	T_CCGT-1	7	1	1	f	4	50	4
2026-05-10	20	2	17	\\N	\\N	2	f	5	80	5
2026-05-10	20	3	E_BATT-1	9	1	4	f	9	100	1" ]
}

@test "offers of short duration are left out, no flag is none, and the system's own come last" {
    wind 20 3
    row T_A-1 1 10 true 1 1
    row T_B-1 1 20 false 2 1
    row T_C-1 1 30 false 3 1
    row T_D-1 1 40 null 4 1
    # T_B-1 is short; of T_C-1 nobody says.
    offers 20 '.data[1].cadlFlag = true | .data[2].cadlFlag = null'
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    run fetch-replacement -q --offers --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$(cut -f 4,11 <<<"$output" | paste -sd,)" = "T_C-1	1,T_D-1	1,T_A-1	1" ]
    [ "$(fetch-replacement -q --no-header <"$BATS_TEST_TMPDIR/rows" | cut -f 6)" = 80 ]
}

@test "where the offers run out, what was taken counts; a negative price earns, and no digit is lost" {
    wind 20 1.000000002
    row T_A-1 0.000000277777777778 120
    row T_B-1 0.25 -3.33
    offers 20
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    # 0.000000277777777778 × 120 − 0.25 × 3.33
    [ "$(fetch-replacement -q --no-header <"$BATS_TEST_TMPDIR/rows" | cut -f 4-7)" = \
"1.000000002	0.250000277777777778	-0.83246666666666664	2" ]
    run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
    [[ "$stderr" == *" known=1 final=1 short=1 "* ]]
}

@test "an offer that stands twice under two sequence numbers is said" {
    wind 20 8
    row T_A-1 5 10 false 7 1
    row T_B-1 2 20 false 7 1
    row 17 1 5 false null null
    row T_A-1 5 10 false 7 1
    row 17 1 5 false null null
    offers 20
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"offers of 2026-05-10 period 20: T_A-1: row 4, of 5 MWh, has acceptance 7 and pair 1 of row 1, under another sequence number: both count (1 such)"* ]]
}

@test "several farms of a half hour are replaced together, rows in any order, and an offer without a price is passed over" {
    row T_A-1 5 null
    row T_B-1 5 7
    offers 20
    row T_B-1 5 9
    offers 21
    printf 'settlement_period\tvolume\tfarm_id\tsettlement_date\n21\t-1\tW2\t2026-05-10\n20\t-1.5\tW1\t2026-05-10\n20\t-0.5\tW2\t2026-05-10\n' >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(cut -f 2,4,6 <<<"$output")" = "20	2.000000000	14
21	1.000000000	9" ]
    [[ "$stderr" == *"offers of 2026-05-10 period 20: 1 without a price, left out"* ]]
    # What a unit asks for that does not want its turn is a price like others.
    row T_B-1 0.5 7
    row T_C-1 5 99999
    offers 20
    run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(sed -n 1p <<<"$output" | cut -f 2,4,6)" = "20	2.000000000	150002" ]
    [[ "$stderr" == *level=warning*"offers of 2026-05-10 period 20: row 2 (T_C-1): 5 MWh at 99999 GBP a MWh is implausible: it is taken as sent (1 such)"* ]] || { echo "$stderr"; false; }
}

@test "rows that are no curtailment are refused, with their line" {
    for bad in '2026-02-30	1	W	-1' '2026-05-10	49	W	-1' '2026-05-10	1	W	1' '2026-05-10	1	W	x' '2026-05-10	1	\N	-1' '2026-05-10	1	=W	-1'; do
        run --separate-stderr fetch-replacement -q <<<"settlement_date	settlement_period	farm_id	volume
$bad"
        [ "$status" -eq 65 ] || { echo "$bad: $status"; false; }
        [[ "$stderr" == *"line 2"* ]]
        [ "$output" = "settlement_date	settlement_period	status	curtailed_mwh	replaced_mwh	cost	offers	rows_seen	source_created_at" ]
    done
    run fetch-replacement 2026-05-10
    [ "$status" -eq 64 ]
    run fetch-replacement --store
    [ "$status" -eq 64 ]
    run fetch-replacement --store --offers 2026-05-10
    [ "$status" -eq 64 ]
}

# A day of three half hours with curtailment, stored; offers of two of them.
three_half_hours() {
    fresh_db
    db_units
    wind 20 10; wind 21 2; wind 22 1
    row T_A-1 6 50 false; row T_B-1 6 100 false; offers 20
    row T_A-1 6 40 false; offers 21
    fetch-elexon -q --store --periods 20-22 2026-05-10
    rollup-summaries -q >/dev/null
}

@test "what is stored is what the offers say; nothing is asked or written twice; the sums and the audit agree" {
    three_half_hours
    run --separate-stderr fetch-replacement --store 2026-05-10
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"the archive holds no offer stack of 1 half hour: the replacement cost is not known"* ]]
    [ "$(costs)" = "20|final|10|10|700|2
21|final|2|2|80|1" ]
    run rollup-summaries -q --no-header
    [[ "$output" == *"replacement_day	2026-05-10	cost	\\N	780"* ]]
    [[ "$output" == *"replacement_month	2026-05	periods	\\N	2"* ]]
    [[ "$output" == *"replacement_year	2026	replaced_mwh	\\N	12"* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    run --separate-stderr fetch-replacement --store 2026-05-10
    [[ "$stderr" == *" periods=1 "*" changed=0 "* ]]
    run --separate-stderr fetch-replacement --store --force 2026-05-10
    [[ "$stderr" == *" periods=3 "*" changed=0 "* ]]
    rollup-summaries -q
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/once"
    # Another line of the unit, and one of another unit.
    record 2026-05-10 21 T_KPMRW-1 -0.000000001 -20
    record 2026-05-10 21 T_B-1 -1.5 -20
    fetch-replacement -q --store 2026-05-10
    [ "$(costs | tail -n 1)" = '21|final|3.500000001|3.500000001|140.00000004|1' ]
    calc-btc -q --store 2026-05-10
    rollup-summaries -q >/dev/null
    [ "$(audit-calcs -q --no-header | grep -c replacement)" -eq 0 ]
}

@test "a revision of the day makes its half hours anew, and what is curtailed no more is replaced no more" {
    three_half_hours
    row T_A-1 6 40 false; offers 22
    fetch-replacement -q --store 2026-05-10
    [ "$(costs | wc -l)" -eq 3 ]
    # Period 20 now needs less, of period 21 the price alone has changed, and 22 is curtailed no more.
    wind 20 5
    row T_KPMRW-1 -2 -21; put_stack "$SOURCE" bid 2026-05-10 21
    row T_KPMRW-1 0 -21; put_stack "$SOURCE" bid 2026-05-10 22
    row T_A-1 6 41 false; offers 21
    fetch-elexon -q --store --accept-suspect 2026-05-10 --periods 20-22 2026-05-10
    rollup-summaries -q >/dev/null
    # Until it is made anew, it counts for nothing: the day knows only the half hour whose energy is the same.
    [ "$(sql "select periods, cost from replacement_daily_summaries")" = "1|80" ]
    run --separate-stderr fetch-replacement --store 2026-05-10
    [[ "$stderr" == *" periods=2 "* ]]
    [ "$(costs)" = "20|final|5|5|250|1
21|final|2|2|82|1" ]
    [ "$(sql "select count(*) from replacement_offers")" -eq 2 ]
    rollup-summaries -q >/dev/null
    [ "$(sql "select periods, cost from replacement_daily_summaries")" = "2|332" ]
}

@test "A-22 a day that another job is writing is for later; A-05 a day refused half-way is as it was" {
    three_half_hours
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    hold_day 2026-05-10
    run faketime -f '+0 x100' fetch-replacement --store 2026-05-10
    let_day_go
    [ "$status" -eq 75 ]
    [[ "$output" == *"another job is writing 2026-05-10"* ]]
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/before"
    fetch-replacement -q --store 2026-05-10
    # The offers come before the costs: another price changes both.
    row T_A-1 6 50 false; row T_B-1 6 101 false; offers 20
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    refuse_rows replacement_costs
    run fetch-replacement --store --force 2026-05-10
    [ "$status" -ne 0 ]
    [[ "$output" == *"no more"* ]]
    dump_db --exact | cmp - "$BATS_TEST_TMPDIR/before"
    allow_rows replacement_costs
    fetch-replacement -q --store --force 2026-05-10
    [ "$(costs | head -n 1)" = "20|final|10|10|704|2" ]
}

@test "a provisional stack is asked for again until it is final" {
    fresh_db
    db_units
    export CREATED=2026-05-10T10:14:00Z
    wind 20 1
    row T_A-1 6 40 false; offers 20
    unset CREATED
    fetch-elexon -q --store --periods 20 2026-05-10
    fetch-replacement -q --store 2026-05-10
    [ "$(costs)" = "20|provisional|1|1|40|1" ]
    row T_A-1 6 45 false; offers 20
    fetch-replacement -q --store 2026-05-10
    [ "$(costs)" = "20|final|1|1|45|1" ]
}

@test "lies: an empty stack, another day's, half the rows, a cut body, an error; what was stored stays" {
    three_half_hours
    for _ in 1 2 3 4 5 6; do row T_A-1 2 50 false; done
    offers 20
    fetch-replacement -q --store 2026-05-10
    costs >"$BATS_TEST_TMPDIR/before"
    honest=$(<"$SOURCE/$STACK/offer/2026-05-10/20")
    # What a server says, not an archive, which may hold less.
    cat >"$BATS_TEST_TMPDIR/serve" <<END
[ -e "$SOURCE\$1" ] || { printf 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'; exit; }
printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n'; cat "$SOURCE\$1"
END
    liar_start "$BATS_TEST_TMPDIR/serve"
    WINDFALL_ELEXON_URL=$LIAR_URL WINDFALL_RETRY_WAIT=0.01
    export WINDFALL_RETRY_WAIT
    lie() {
        local want=$1 what=$2
        run --separate-stderr fetch-replacement --store --force 2026-05-10
        echo "$want: $status $output $stderr"
        [ "$status" -eq "$want" ]
        [[ "$stderr" == *"$what"* ]]
        costs | cmp - "$BATS_TEST_TMPDIR/before"
    }
    : "settled, and nobody offers"
    jq -c '.data = []' <<<"$honest" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 1 "no offer of any unit"
    [ "$output" = "settlement_date	settlement_period	suspect
2026-05-10	20	no offer of any unit, though the period is settled and wind was turned down" ]
    : "wind units alone, which are a part of the market"
    sed 's/T_A-1/T_KPMRW-1/g' <<<"$honest" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 1 "offers of wind units alone"
    : "another day's rows"
    sed 's/2026-05-10/2026-05-09/g' <<<"$honest" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 65 "2026-05-09"
    : "half the rows and less"
    jq -c '.data |= .[:2]' <<<"$honest" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 1 "2 offers of any unit, where there were 6"
    fetch-replacement -q --store --force --accept-suspect 2026-05-10 2026-05-10
    [ "$(sql "select rows_seen, replaced_mwh from replacement_costs where settlement_period = 20")" = "2|4" ]
    cp <(printf %s "$honest") "$SOURCE/$STACK/offer/2026-05-10/20"
    fetch-replacement -q --store --force 2026-05-10
    costs | cmp - "$BATS_TEST_TMPDIR/before"
    : "cut, and an error in its place"
    printf %s "${honest:0:900}" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 75 "period 20"
    echo '{"statusCode":500,"message":"no"}' >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 76 "an error instead of a settlement stack"
    : "two lines of one acceptance that contradict each other"
    jq -c '.data[1] = .data[0] | .data[1].volume = 1' <<<"$honest" >"$SOURCE/$STACK/offer/2026-05-10/20"
    lie 65 "same acceptance, pair and sequence as row"
}

@test "an archive that holds a part of the market, as the bundled day does, holds no offer stack" {
    fresh_db
    the_day
    run --separate-stderr fetch-replacement --store --base-url "file://$root/tests/data/archive" 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the archive holds no offer stack of 45 half hours: the replacement cost is not known"* ]]
    [ "$(costs)" = "" ]
}

@test "one row with an id that is none costs that row, with a warning" {
    wind 20 1
    row 'T_BAD ONE' 6 1 false
    row T_A-1 6 40 false
    row T_B-1 6 50 false
    offers 20
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(cut -f 6 <<<"$output")" = 40 ]
    [[ "$stderr" == *"offers of 2026-05-10 period 20: row 1: the id"* ]]
}

@test "so does one that is not as documented, such as an adjustment at a price that cannot be; where most are, the answer is refused" {
    wind 20 1
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    for odd in '.originalPrice = 5e9' '.originalPrice = "40"' '.volume = null' '.volume = 1e7' '.sequenceNumber = 0' '.soFlag = 1' \
               '.settlementDate = "2026-05-09"' '.settlementPeriod = 21' '.createdDateTime = "x"' '.id = 7'; do
        row 17 6 1 false null null; row T_A-1 6 40 false; row T_B-1 6 50 false
        offers 20 ".data[0] |= ($odd)"
        run --separate-stderr fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
        echo "$odd: $status $output $stderr"
        [ "$status" -eq 0 ]
        [ "$(cut -f 6,8 <<<"$output")" = "40	3" ]
        [[ "$stderr" == *"offers of 2026-05-10 period 20: row 1"*": the row is left out"* ]]
        row 17 6 1 false null null; row T_A-1 6 40 false; row T_B-1 6 50 false
        offers 20 ".data[0,1] |= ($odd)"
        run fetch-replacement --no-header <"$BATS_TEST_TMPDIR/rows"
        [ "$status" -eq 65 ]
    done
}

@test "a server that is busy is asked again, and one that is down is 75" {
    wind 20 1
    row T_A-1 6 40 false
    offers 20
    fetch-elexon -q 2026-05-10 --periods 20 >"$BATS_TEST_TMPDIR/rows"
    cat >"$BATS_TEST_TMPDIR/busy" <<END
[ "\$2" -gt 2 ] || { printf 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'; exit; }
printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n'; cat "$SOURCE\$1"
END
    liar_start "$BATS_TEST_TMPDIR/busy"
    run --separate-stderr fetch-replacement -q --no-header --base-url "$LIAR_URL" --retry-wait 0.01 <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(cut -f 6 <<<"$output")" = 40 ]
    [ "$(liar_requests)" -eq 3 ]
    run fetch-replacement -q --base-url http://127.0.0.1:9 --attempts 1 <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 75 ]
}

@test "the audit finds a cost, a share and an order that are not what the offers say" {
    three_half_hours
    fetch-replacement -q --store 2026-05-10
    calc-btc -q --store 2026-05-10
    rollup-summaries -q >/dev/null
    sql "update replacement_costs set cost = cost + 1 where settlement_period = 21;
         update replacement_offers set taken_mwh = 3 where settlement_period = 20 and place = 2;
         update replacement_offers set sequence_number = 9 where settlement_period = 20 and place = 1;
         update replacement_monthly_summaries set periods_short = 1; update replacement_yearly_summaries set offers = 4"
    run audit-calcs -q --no-header 2026-05-10
    [ "$status" -eq 1 ]
    echo "$output"
    [ "$(grep ^replacement <<<"$output")" = "replacement	2026-05-10 20	cost	700	800	-100
replacement	2026-05-10 20 offer 1	place	1	2	-1
replacement	2026-05-10 20 offer 1	taken_mwh	6	4	2
replacement	2026-05-10 20 offer 2	place	2	1	1
replacement	2026-05-10 20 offer 2	taken_mwh	3	6	-3
replacement	2026-05-10 21	cost	81	80	1
replacement_day	2026-05-10	cost	780	781	-1
replacement_month	2026-05	periods_short	1	0	1
replacement_year	2026	offers	4	3	1
replacement_year	2026	periods_short	0	1	-1" ]
}

@test "summary, report and export show it, and never as zero where it is not known" {
    three_half_hours
    run summary --format ndjson 2026-05-10
    [[ "${lines[0]}" == *'"replaced_mwh":null,"replacement_cost":null,"total_cost":null,"replacement_periods":0,"replacement_state":"unknown"'* ]]
    run report 2026-05-10
    [[ "$output" == *"to replace it   not known: no offers"* ]]
    fetch-replacement -q --store 2026-05-10
    rollup-summaries -q >/dev/null
    run summary --format ndjson 2026-05-10
    [[ "${lines[0]}" == *'"replaced_mwh":12,"replacement_cost":780,"total_cost":null,"replacement_periods":2,"replacement_state":"incomplete"'* ]]
    run summary 2026-05-10
    [[ "$output" == *" 780.00 of 2/3 "* ]]
    run report 2026-05-10
    [[ "$output" == *"to replace it   £780.00 for others turned up in 2 of 3 half hours; the offers of the others are not known"* ]]
    row T_A-1 6 40 false; offers 22
    fetch-replacement -q --store 2026-05-10
    rollup-summaries -q >/dev/null
    run summary --format ndjson 2026-05-10
    [[ "${lines[0]}" == *'"replaced_mwh":13,"replacement_cost":820,"total_cost":1080,"replacement_periods":3,"replacement_state":"known"'* ]]
    run report 2026-05-01 2026-05-31
    [[ "$output" == *"to replace it   £820.00 for others turned up in its place; £1,080.00 in all"* ]]
    [ "$("$root/scripts/export" replacement_half_hours 2026-05-10 | cut -d , -f 5-10 | sed -n 2p)" = "final,10,200,10,700,900" ] ||
        { "$root/scripts/export" replacement_half_hours 2026-05-10; false; }
    run "$root/scripts/export" replacement_days 2026-05 --format ndjson
    [[ "$output" == *'"replacement_cost":820,"total_cost":1080,"periods":3,"replacement_periods":3,"periods_short":0'* ]]
}
