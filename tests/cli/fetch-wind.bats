# Wind generation, from Elexon's actual generation per type.
load helper
load asking

# generation DATE PERIOD TYPE MW [PUBLISHED]: one row of an answer.
generation() {
    printf '{"publishTime":"%s","businessType":"%s","psrType":"%s","quantity":%s,"startTime":"x","settlementDate":"%s","settlementPeriod":%s}' \
        "${5:-2024-05-02T10:00:00Z}" "$([ "$3" = Solar ] && echo 'Solar generation' || echo 'Wind generation')" "$3" "$4" "$1" "$2"
}

# answer ROW...: in the envelope, for 2024-05-01, where file:// finds it.
answer() {
    local dir=$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-05-01
    mkdir -p "$dir"
    (IFS=,; printf '{"metadata":{"datasets":["AGWS"]},"data":[%s]}' "$*") >"$dir/2024-05-01"
}

setup() {
    export WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR/source
}

@test "power of a half hour becomes energy: half of it, onshore and offshore side by side" {
    answer "$(generation 2024-05-01 3 'Wind Offshore' 0)" "$(generation 2024-05-01 1 'Wind Onshore' 2500.5)" \
        "$(generation 2024-05-01 1 Solar 9)" "$(generation 2024-05-01 1 'Wind Offshore' 3001)"
    run --separate-stderr fetch-wind -q 2024-05-01
    [ "$status" -eq 0 ]
    [ "$output" = "settlement_date	settlement_period	onshore_mwh	offshore_mwh
2024-05-01	1	1250.25	1500.5
2024-05-01	3	\\N	0" ]
}

@test "a figure that was published again replaces the earlier one, in whatever order they come" {
    answer "$(generation 2024-05-01 1 'Wind Onshore' 200 2024-05-03T10:00:00Z)" "$(generation 2024-05-01 1 'Wind Onshore' 100)"
    run fetch-wind -q --no-header 2024-05-01
    [ "$output" = "2024-05-01	1	100	\\N" ]
}

@test "rows of the days beside those asked for are nobody's: neither stored, nor odd, nor in the way" {
    fresh_db
    sql "insert into wind_generation values ('2024-04-30', 48, 1, 2), ('2024-05-02', 1, 3, 4)"
    answer "$(generation 2024-04-30 48 'Wind Onshore' 100)" "$(generation 2024-04-30 48 'Wind Offshore' 200)" \
        "$(generation 2024-05-01 1 'Wind Onshore' 300)" "$(generation 2024-05-01 48 'Wind Offshore' 400)" \
        "$(generation 2024-05-02 1 'Wind Onshore' 500)" "$(generation 2024-05-02 1 'Wind Offshore' 600)" "$(generation 2023-05-01 1 'Wind Onshore' 700)" "$(generation 2077-05-01 1 'Wind Onshore' 800)"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [ "$output" = "2024-05-01	1	150	\\N
2024-05-01	48	\\N	200" ]
    [[ "$stderr" != *"level=warning"* ]]
    fetch-wind -q --store 2024-05-01
    [ "$(sql "select * from wind_generation order by 1, 2")" = "2024-04-30|48|1|2
2024-05-01|1|150|
2024-05-01|48||200
2024-05-02|1|3|4" ]
    # Two days asked for: each half hour goes to its own.
    mv "$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-05-01/2024-05-01" \
        "$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-05-01/2024-05-02"
    fetch-wind -q --store 2024-05-01 2024-05-02
    [ "$(sql "select * from wind_generation order by 1, 2")" = "2024-04-30|48|1|2
2024-05-01|1|150|
2024-05-01|48||200
2024-05-02|1|250|300" ]
}

@test "numbers that are nearly numbers are no power, and cost their half hour" {
    for nearly in '"12"' true '[]' '{}' 1e7 -1001 100001 1. .5 +1 0x1 01 NaN 1e $'"caf\xe9"'; do
        answer "$(generation 2024-05-01 1 'Wind Onshore' "$nearly")" "$(generation 2024-05-01 2 'Wind Onshore' 4)" "$(generation 2024-05-01 2 'Wind Offshore' 6)"
        run --separate-stderr fetch-wind --no-header 2024-05-01
        [ "$status" -eq 0 ] || { echo "$nearly: $stderr"; false; }
        [ "$output" = "2024-05-01	2	2	3" ] || { echo "$nearly: $output"; false; }
        [[ "$stderr" == *"row 1: field quantity: "* ]]
    done
    # What only two values could be is no JSON at all.
    for nearly in '1 2' 'NaN NaN' "'1'"; do
        answer "$(generation 2024-05-01 1 'Wind Onshore' "$nearly")" "$(generation 2024-05-01 2 'Wind Onshore' 4)" "$(generation 2024-05-01 2 'Wind Offshore' 6)"
        run --separate-stderr fetch-wind --no-header 2024-05-01
        [ "$status" -ne 0 ] || { echo "$nearly: $output"; false; }
    done
}

@test "stored twice is stored once, a change is written, and the summaries show it" {
    fresh_db
    answer "$(generation 2024-05-01 1 'Wind Onshore' 100)" "$(generation 2024-05-01 48 'Wind Offshore' 50)"
    sql "insert into ingested_periods values ('2024-05-01', 1, 'final', 'bid so', 0, 0, 0)"
    fetch-wind -q --store 2024-05-01
    rollup-summaries -q >/dev/null
    # Half hours of which one of the two is known say nothing of the day.
    [ "$(sql "select onshore_mwh, offshore_mwh, wind_periods from daily_summaries")" = "||0" ]
    [ "$(find-missing --wind --no-header)" = "2024-05-01	48	0" ]
    run fetch-wind --store 2024-05-01
    [[ "$output" == *" changed=0 "* ]]
    answer "$(generation 2024-05-01 1 'Wind Onshore' 120)"
    run fetch-wind --store 2024-05-01
    [[ "$output" == *" changed=1 "* ]]
    [ "$(sql "select count(*), sum(onshore_mwh), sum(offshore_mwh) from wind_generation")" = "2|60|25" ]
}

@test "an odd row costs its half hour, by name, and neither the others nor the other answers" {
    fresh_db
    for row in "$(generation 2024-05-01 49 'Wind Onshore' 1)" "$(generation 2024-05-01 1 'Wind Onshore' -2000)" \
        "$(generation 2024-05-01 1 'Wind Onshore' '"1"')" "$(generation 2024-05-01 1 'Wind Underground' 1)" \
        "$(generation 2024-05-32 1 'Wind Onshore' 1)" "$(generation 2024-05-01 1 'Wind Onshore' 1e9)"; do
        answer "$(generation 2024-05-01 2 'Wind Onshore' 4)" "$row" "$(generation 2024-05-01 2 'Wind Offshore' 5)"
        run --separate-stderr fetch-wind --no-header 2024-05-01
        [ "$status" -eq 0 ]
        [ "$output" = "2024-05-01	2	2	2.5" ]
        [[ "$stderr" == *"level=warning"*"row 2: "* ]]
    done
    # Most of it odd: refused whole, and the next answer is asked for all the same.
    answer "$(generation 2024-05-01 1 'Wind Onshore' 1e9)" "$(generation 2024-05-01 2 'Wind Onshore' '"1"')" "$(generation 2024-05-01 2 'Wind Offshore' 5)"
    mkdir -p "$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-06-01"
    sed 's/.*/{"data":['"$(generation 2024-06-01 1 'Wind Onshore' 1 | sed 's/[&/]/\\&/g')"']}/' <<<x \
        >"$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-06-01/2024-06-01"
    run --separate-stderr fetch-wind --store - <<<$'settlement_date\n2024-05-01\n2024-06-01'
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"wind generation of 2024-05-01 to 2024-05-01: 2 of 3 rows cannot be used"* ]]
    [ "$(sql "select settlement_date, onshore_mwh from wind_generation")" = "2024-06-01|0.5" ]
}

@test "turbines that stand still draw power: that is 0; null is not known; decimals and exponents are read" {
    answer "$(generation 2024-05-01 1 'Wind Onshore' -0.9)" "$(generation 2024-05-01 1 'Wind Offshore' 12)" \
        "$(generation 2024-05-01 2 'Wind Onshore' null)" "$(generation 2024-05-01 2 'Wind Offshore' 1.005e2)" \
        "$(generation 2024-05-01 3 'Wind Onshore' 1000.333333333333371)" "$(generation 2024-05-01 3 'Wind Offshore' 0)"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"level=warning"* ]]
    [ "$output" = "2024-05-01	1	0	6
2024-05-01	2	\\N	50.25
2024-05-01	3	500.166667	0" ]
}

@test "a nought or a leap that the half hours beside it make impossible is not known, and no share stands on it" {
    answer "$(generation 2024-05-01 1 'Wind Offshore' 1900)" "$(generation 2024-05-01 2 'Wind Offshore' 0)" \
        "$(generation 2024-05-01 3 'Wind Offshore' -0.9)" "$(generation 2024-05-01 4 'Wind Offshore' 2100)" \
        "$(generation 2024-05-01 1 'Wind Onshore' 4000)" "$(generation 2024-05-01 2 'Wind Onshore' 4100)" \
        "$(generation 2024-05-01 3 'Wind Onshore' 41000)" "$(generation 2024-05-01 4 'Wind Onshore' 4200)"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [ "$output" = "2024-05-01	1	2000	950
2024-05-01	2	2050	\\N
2024-05-01	4	2100	1050" ]
    [[ "$stderr" == *level=warning*"2024-05-01 period 2: 0 MWh at sea is impossible, by the half hours beside it"* ]]
    [[ "$stderr" == *level=warning*"2024-05-01 period 3: 20500 MWh on land is impossible, by the half hours beside it"* ]]
    # The source lacks the farms at sea for hours, and at the end of the day some on land.
    rows=()
    for period in {1..48}; do
        rows+=("$(generation 2024-05-01 "$period" 'Wind Offshore' $((period < 20 || period > 31 ? 8000 : 300)))" \
            "$(generation 2024-05-01 "$period" 'Wind Onshore' $((period < 47 ? 4000 : 900)))")
    done
    answer "${rows[@]}"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(cut -f 2-4 <<<"$output" | sed -n '19,20p;31,32p;46,47p' | paste -sd,)" = $'19\t2000\t4000,20\t2000\t\\N,31\t2000\t\\N,32\t2000\t4000,46\t2000\t4000,47\t450\t4000' ]
    [[ "$stderr" == *level=warning*"2024-05-01 period 47: 450.000 MWh on land, after 2000.000: one of the two is wrong, and which is not known"* ]]
}

@test "no wind on land for a whole day is not known, and the forecast of wind is no generation" {
    rows=()
    for period in {1..48}; do
        rows+=("$(generation 2024-05-01 "$period" 'Wind Onshore' 0)" "$(generation 2024-05-01 "$period" 'Wind Offshore' 2000)")
    done
    answer "${rows[@]}"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 48 ]
    [ "${lines[47]}" = "2024-05-01	48	\\N	1000" ]
    [[ "$stderr" == *level=warning*"2024-05-01: 0 MWh on land in each of 48 half hours: they are left out"* ]]
    # The rows of forecast/generation/wind-and-solar/day-ahead are of the same shape.
    sed -i 's/AGWS/DGWS/' "$BATS_TEST_TMPDIR/source/generation/actual/per-type/wind-and-solar/2024-05-01/2024-05-01"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 76 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"wind generation of 2024-05-01 to 2024-05-01: dataset DGWS, not AGWS"* ]]
}

@test "a revision of a document, and a good row published after a bad one, hold" {
    answer "$(generation 2024-05-01 1 'Wind Onshore' 100 | sed 's/{/{"documentId":"A","documentRevisionNumber":1,/')" \
        "$(generation 2024-05-01 1 'Wind Onshore' 120 | sed 's/{/{"documentId":"A","documentRevisionNumber":2,/')" \
        "$(generation 2024-05-01 1 'Wind Offshore' '"n/a"')" "$(generation 2024-05-01 1 'Wind Offshore' 50 2024-05-03T10:00:00Z)"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [ "$output" = "2024-05-01	1	60	25" ]
    [[ "$stderr" == *"row 3: field quantity: a string, not a number"* ]]
    [[ "$stderr" != *"published at the same time"* ]]
}

@test "two figures of one publication that differ, and a half hour without any wind at all, are named and not known" {
    answer "$(generation 2024-05-01 1 'Wind Onshore' 100)" "$(generation 2024-05-01 1 'Wind Onshore' 120)" \
        "$(generation 2024-05-01 1 'Wind Offshore' 50)" "$(generation 2024-05-01 2 'Wind Onshore' 0)" \
        "$(generation 2024-05-01 2 'Wind Offshore' 0)" "$(generation 2024-05-01 3 'Wind Offshore' 7)"
    run --separate-stderr fetch-wind --no-header 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"row 2: 60 MWh, and 50 MWh published at the same time"* ]]
    [[ "$stderr" == *"2024-05-01 period 2: no wind at all, on land and at sea"* ]]
    [ "$output" = "2024-05-01	1	\\N	25
2024-05-01	3	\\N	3.5" ]
    # A figure that is published later settles it, wherever it stands.
    one=$(generation 2024-05-01 1 'Wind Onshore' 100) other=$(generation 2024-05-01 1 'Wind Onshore' 120)
    later=$(generation 2024-05-01 1 'Wind Onshore' 140 2024-05-03T10:00:00Z) sea=$(generation 2024-05-01 1 'Wind Offshore' 50)
    for rows in "$one,$other,$later" "$later,$other,$one" "$other,$later,$one"; do
        answer "$rows" "$sea" "$(generation 2024-05-01 3 'Wind Offshore' 7)"
        [ "$(fetch-wind -q --no-header 2024-05-01 2>/dev/null | head -n 1)" = "2024-05-01	1	70	25" ]
    done
}

@test "what a contradiction hides is not stored, and what was stored stays" {
    fresh_db
    answer "$(generation 2024-05-01 1 'Wind Onshore' 100)" "$(generation 2024-05-01 1 'Wind Offshore' 50)"
    fetch-wind -q --store 2024-05-01
    answer "$(generation 2024-05-01 1 'Wind Onshore' 300)" "$(generation 2024-05-01 1 'Wind Onshore' 900)" \
        "$(generation 2024-05-01 1 'Wind Offshore' 60)"  "$(generation 2024-05-01 2 'Wind Onshore' 80)"
    run --separate-stderr fetch-wind --store 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"row 2: 450 MWh, and 150 MWh published at the same time"* ]]
    [ "$(sql "select settlement_period, onshore_mwh, offshore_mwh from wind_generation order by 1" | paste -sd' ')" = "1|50|30 2|40|" ]
}

@test "the share of a day whose wind is partly known says of how many half hours it is, and none comes from zeros" {
    fresh_db
    WINDFALL_ELEXON_URL=file://$root/tests/data/archive reingest 2022-01-01 >"$BATS_TEST_TMPDIR/out"
    sql "insert into wind_generation select '2022-01-01', p, 2100, 3050 from generate_series(1, 30) p"
    sql "insert into wind_generation select '2022-01-01', p, 0, 0 from generate_series(31, 40) p"
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/out"
    audit-calcs -q
    run "$root/scripts/report" 2022-01-01
    echo "$output"
    [[ "$output" == *"154,500 MWh; "*" % of the possible wind generation was curtailed (of 30 of 48 half hours: the others are not known)"* ]]
    [ "$(sql "select wind_periods, wind_curtailed_mwh = (select sum(mwh) from (select round(sum(-volume), 9) as mwh from curtailment_records
                where settlement_period <= 30 group by settlement_period, farm_id) p) from daily_summaries")" = "30|t" ]
    [ "$(find-missing --wind --no-header)" = "2022-01-01	48	30" ]
    sql "delete from wind_generation where settlement_period <= 30"
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/out"
    [[ "$("$root/scripts/report" 2022-01-01)" != *"wind generated"* ]]
}

@test "over HTTP the half hours asked for are named, a week and more in parts" {
    mkdir "$BATS_TEST_TMPDIR/web"
    printf 'location /generation { return 200 "{\\"data\\":[]}"; }\n' >"$BATS_TEST_TMPDIR/snippet"
    replay_start "$BATS_TEST_TMPDIR/web" "$BATS_TEST_TMPDIR/snippet"
    run fetch-wind --base-url "$REPLAY_URL" 2024-10-20 2024-10-27
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq 2 ]
    [ "$(replay_requests 'from=2024-10-25T23:00:00Z&to=2024-10-27T23:30:00Z')" -eq 1 ]
    [[ "$output" == *"no wind generation for 2024-10-27"* ]]
}

@test "days that an archive does not hold are an error, and the others are stored all the same" {
    fresh_db
    answer "$(generation 2024-05-01 1 'Wind Onshore' 100)"
    printf 'settlement_date\n2024-04-20\n2024-05-01\n2024-05-09\n' >"$BATS_TEST_TMPDIR/dates"
    run --separate-stderr fetch-wind --store - <"$BATS_TEST_TMPDIR/dates"
    [ "$status" -eq 69 ]
    [[ "$stderr" == *level=error*"2024-04-20 to 2024-04-20: the archive holds no wind generation"* ]]
    [[ "$stderr" == *"2024-05-09 to 2024-05-09: the archive holds no wind generation"* ]]
    [[ "$stderr" == *"days=3 rows=1 changed=1 empty_days=0 absent_days=2"* ]]
    [ "$(sql "select settlement_date, onshore_mwh from wind_generation")" = "2024-05-01|50" ]
    # Nor does it take away what was known.
    rm -r "$BATS_TEST_TMPDIR/source"
    run fetch-wind --store 2024-05-01
    [ "$status" -eq 69 ]
    [ "$(sql "select count(*) from wind_generation")" = 1 ]
}

@test "not found is an error for days long past, and may be so for yesterday" {
    mkdir "$BATS_TEST_TMPDIR/web"
    replay_start "$BATS_TEST_TMPDIR/web"
    run --separate-stderr fetch-wind --base-url "$REPLAY_URL" 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"the source has no wind generation for these days; check the address"* ]]
    run --separate-stderr fetch-wind --base-url "$REPLAY_URL" yesterday
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the source has no wind generation for "*"empty_days=1 absent_days=0"* ]]
}

@test "a source that is down is for later" {
    run fetch-wind --base-url http://127.0.0.1:1 --attempts 1 2024-05-01
    [ "$status" -eq 75 ]
}

@test "an answer that is a page, an error or none costs its days; the others are stored, and a dead source is left alone" {
    fresh_db
    mkdir "$BATS_TEST_TMPDIR/web"
    cat >"$BATS_TEST_TMPDIR/snippet" <<-END
	location /generation {
	    if (\$arg_from ~ ^2024-05-06) { return 200 "<html>maintenance</html>"; }
	    if (\$arg_from ~ ^2024-05-12) { return 500; }
	    if (\$arg_from ~ ^2024-05-18) { return 200 '{"error":{"code":500,"message":"the database is away"},"data":[]}'; }
	    return 200 '{"data":[$(generation 2024-05-01 1 'Wind Onshore' 100),$(generation 2024-05-25 1 'Wind Onshore' 200)]}';
	}
	location /dead { return 503; }
	END
    replay_start "$BATS_TEST_TMPDIR/web" "$BATS_TEST_TMPDIR/snippet"
    run --separate-stderr fetch-wind --store --base-url "$REPLAY_URL" --attempts 2 --retry-wait 0.01 2024-05-01 2024-05-30
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 6 ]
    [ "$(sql "select settlement_date, onshore_mwh from wind_generation order by 1" | paste -sd' ')" = "2024-05-01|50 2024-05-25|100" ]
    [[ "$stderr" == *level=error*"wind generation of 2024-05-07 to 2024-05-12: the answer is "*"not JSON"* ]]
    [[ "$stderr" == *level=error*"wind generation of 2024-05-13 to 2024-05-18: HTTP 500 (after 2 attempts)"* ]]
    [[ "$stderr" == *level=error*"wind generation of 2024-05-19 to 2024-05-24: an error instead of an answer about generation: the database is away"* ]]
    : >"$NGINX_LOG"
    run --separate-stderr fetch-wind --base-url "$REPLAY_URL/dead" --attempts 2 --retry-wait 0.01 2024-05-01 2024-05-30
    [ "$status" -eq 75 ]
    [ "$(replay_requests)" -eq 4 ]
    [[ "$stderr" == *"the source is down: wind generation from 2024-05-13 on is not tried"* ]]
}
