# fetch-elexon: what is believed, printed, stored and compared.
#
# nginx's variables stand in single quotes on purpose; bats sets $stderr.
# shellcheck disable=SC2016,SC2154
load helper
load asking
load elexon

hasty=(--retry-wait 0.02 --rate 200)

setup() {
    archive=$BATS_TEST_TMPDIR/archive
    conf=$BATS_TEST_TMPDIR/more.conf
    day=$root/tests/data/archive
    mkdir -p "$archive"
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    liar_stop
    tear_down_all
}

column() {
    awk -F'\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }'
}

# ---- printing -----------------------------------------------------------------------------------

@test "the day 2022-01-01 has 3,525 rows, 62,399.044166454179 MWh and 4,418,777.64 pounds, without a database" {
    unset DATABASE_URL
    WINDFALL_STATE=$BATS_TEST_TMPDIR run --separate-stderr fetch-elexon --base-url "file://$day" 2022-01-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3526 ]
    # The sum by another program, exactly.
    total=$(column volume <<<"$output" | paste -sd+ | bc)
    [ "$total" = -62399.044166454179 ]
    paid=$(column payment <<<"$output" | paste -sd+ | sed 's/+-/-/g' | bc)
    [ "$(printf %.2f "$paid")" = 4418777.64 ]
    [[ "$stderr" == *"periods=48 failed=0 not_tried=0 rows=3525 mwh=62399.044166454179 payment=4418777.64"* ]]
}

@test "rows come in the order of the key, whatever the order of the answers" {
    replay_start "$day"
    fetch-elexon --base-url "$REPLAY_URL" --rate 200 2022-01-01 2>err >net.tsv
    fetch-elexon --base-url "file://$day" 2022-01-01 2>err >disk.tsv
    cmp net.tsv disk.tsv
    [ "$(replay_requests)" -eq 48 ]
    tail -n +2 net.tsv | awk -F'\t' '{ printf "%s\t%03d\t%s\t%s\t%020d\t%03d\t%09d\n", $1, $2, $3, $13, $11, $12 + 100, $14 }' >keys
    LC_ALL=C sort -c keys
}

@test "every digit comes out as it was sent, and null as null" {
    row T_KPMRW-1 -1.5 -2.5 true 52013 -1
    row T_KPMRW-1 -3.5 null true null null
    put_stack "$archive" bid 2024-05-01 3
    # In by sed, because jq reads numbers as doubles.
    sed -i 's/-1.5/-10.166666666666666075/g; s/-2.5/-179.759999999999990905/g; s/-3.5/-2.77777777778e-07/g' "$archive/$STACK/bid/2024-05-01/3"
    run --separate-stderr fetch-elexon --base-url "file://$archive" --no-header --periods 3 2024-05-01
    [ "$status" -eq 0 ]
    payment=$(BC_LINE_LENGTH=0 bc <<<'scale=40; 10.166666666666666075 * 179.759999999999990905' | sed 's/0*$//')
    [ "$(cut -f 1-3,5-16 <<<"${lines[0]}")" = "$(printf '%s\t' 2024-05-01 3 T_KPMRW-1 -10.166666666666666075 \
        -179.759999999999990905 -179.759999999999990905 "$payment" t f 52013 -1 bid 1 2024-05-03T10:00:00Z)0.9926552" ]
    [ "$(cut -f 1-3,5-16 <<<"${lines[1]}")" = "$(printf '%s\t' 2024-05-01 3 T_KPMRW-1 -0.000000277777777778 \
        '\N' '\N' '\N' t f '\N' '\N' bid 2 2024-05-03T10:00:00Z)0.9926552" ]
}

@test "kept are wind units, with a negative volume, with the operator's flag unless --all-bids" {
    row T_KPMRW-1 -1 -20 true 1
    row T_KPMRW-1 -2 -20 false 2
    row T_KPMRW-1 -3 -20 null 3
    row T_KPMRW-1 0 -20 true 4
    row T_KPMRW-1 5 -20 true 5
    row T_DRAXX-1 -6 20 true 6
    row 17 -7 20 true null null
    row null -8 20 true null null
    put_stack "$archive" bid 2024-05-01 3
    row T_KPMRW-1 9 -20 true 9
    row T_KPMRW-1 -10 -20 true 10
    put_stack "$archive" offer 2024-05-01 3
    get() { fetch-elexon -q --base-url "file://$archive" --periods 3 "$@" 2024-05-01 | column volume | paste -sd' '; }
    [ "$(get)" = "-1" ]
    [ "$(get --all-bids)" = "-1 -2 -3" ]
    [ "$(get --side offer)" = "-10" ]
    [ "$(get --side both --all-bids)" = "-1 -2 -3 -10" ]
    printf 'fuel_type\tfarm_id\tlead_party_name\nWIND\tT_DRAXX-1\tSomebody "else"\n' >units.tsv
    [ "$(get --units units.tsv)" = "-6" ]
    [ "$(fetch-elexon -q --base-url "file://$archive" --periods 3 --units units.tsv --format csv --no-header 2024-05-01 | cut -d, -f4)" = '"Somebody ""else"""' ]
}

@test "a file of units that is not there, or not whole, ends it before anything is asked" {
    run --separate-stderr fetch-elexon --base-url "file://$archive" --units nowhere.tsv 2024-05-01
    [ "$status" -eq 66 ]
    [[ "$stderr" == *"cannot open nowhere.tsv"* ]]
    printf 'farm_id\tlead_party_name\tfuel_type\n\\N\tA\tWIND\n' >units.tsv
    run --separate-stderr fetch-elexon --base-url "file://$archive" --units units.tsv 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"units.tsv, line 2: no farm_id"* ]]
    printf 'farm_id\tlead_party_name\tfuel_type\nT_A-1\tA\tWIND\nT_A-1\tA\tWIND\n' >units.tsv
    run --separate-stderr fetch-elexon --base-url "file://$archive" --units units.tsv 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the unit T_A-1 is listed twice"* ]]
    printf 'farm_id\tlead_party_name\tfuel_type\tvalid_from\nT_A-1\tA\tWIND\tsoon\n' >units.tsv
    run --separate-stderr fetch-elexon --base-url "file://$archive" --units units.tsv 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"units.tsv, line 2: soon: not a date"* ]]
}

@test "a unit that a person has declared is that one, not the register's, for as long as it is declared" {
    row T_DRAXX-1 -6 20 true 6
    put_stack "$archive" bid 2024-05-01 3
    mkdir -p tree/sql/reference
    cp "$root/sql/reference/"* tree/sql/reference/
    printf 'farm_id\tlead_party_name\tfuel_type\nT_DRAXX-1\tThe register\tWIND\n' >tree/sql/reference/wind-units.tsv
    printf 'farm_id\tlead_party_name\tfuel_type\tvalid_from\tvalid_to\nT_DRAXX-1\tA person\tWIND\t2024-05-01\t2024-06-01\n' >tree/sql/reference/declared-units.tsv
    party() { WINDFALL_HOME=$PWD/tree fetch-elexon -q --base-url "file://$archive" --periods 3 --no-header 2024-05-01 | cut -f 4 | sort -u; }
    [ "$(party)" = "A person" ]
    # Before and after it the register's word holds.
    sed -i 's/2024-05-01\t2024-06-01/2024-06-01\t2024-07-01/' tree/sql/reference/declared-units.tsv
    [ "$(party)" = "The register" ]
}

@test "the farm pays when the price is positive: the sign is never forced" {
    row T_KPMRW-1 -2 12.5
    put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(column payment <<<"$output")" = -25 ]
}

@test "a day has as many requests as half hours: 46, 48, 50" {
    echo 'location / { return 200 "{\"data\":[]}"; }' | sed 's| / | /balancing/ |' >"$conf"
    replay_start "$archive" "$conf"
    while read -r date n; do
        : >"$NGINX_LOG"
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --rate 500 --parallel 20 "$date"
        [ "$status" -eq 0 ]
        [ "$(replay_requests)" -eq "$n" ]
        [ "$(replay_requests "/$date/$n$")" -eq 1 ]
    done <<-END
	2024-03-31 46
	2024-04-01 48
	2024-10-27 50
	END
    : >"$NGINX_LOG"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --rate 500 --parallel 20 --side both 2024-03-30 2024-04-01
    [ "$(replay_requests)" -eq $((2 * (48 + 46 + 48))) ]
}

@test "periods that a day has not are a usage error, before anything is asked" {
    replay_start "$archive"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --periods 47-48 2024-03-31
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"2024-03-31 has 46 settlement periods"* ]]
    for bad in 2025-02-30 2025-6-1 "2025-06-15;id" "" tomorrow "2024-05-02 2024-05-01" "2024-05-01 2024-05-02 2024-05-03" 2099-01-01 \
               "--periods 0 2024-05-01" "--periods 5-3 2024-05-01" "--side up 2024-05-01" "--last 0" "--store --verify 2024-05-01" \
               "--store --units u.tsv 2024-05-01" "--base-url ftp://x 2024-05-01" "--base-url example.org 2024-05-01"; do
        # shellcheck disable=SC2086  # several words
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" $bad
        echo "$bad: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
    [ "$(replay_requests)" -eq 0 ]
}

@test "a period that has not ended is not asked for" {
    echo 'location /balancing/ { return 200 "{\"data\":[]}"; }' >"$conf"
    replay_start "$archive" "$conf"
    # 10:07 in London is in period 21.
    faked=(faketime '2026-06-03 09:07:00')
    TZ=UTC run --separate-stderr "${faked[@]}" fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" 2026-06-02 2026-06-04
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq 68 ]
    [ "$(replay_requests 2026-06-03/20)" -eq 1 ]
    [[ "$stderr" == *"76 of the requested periods, the first on 2026-06-03, have not ended yet"* ]]
}

@test "periods come on standard input, by column name, in any order, each asked once" {
    put_day "$archive" 2024-05-01 48
    put_day "$archive" 2024-05-02 3
    replay_start "$archive"
    printf 'reason\tsettlement_period\tx\tsettlement_date\n%s' $'unfetched\t2\t\t2024-05-02\nprovisional\t48\t\t2024-05-01\nx\t2\t\t2024-05-02\nx\t3\t\t2024-05-01\n' >in.tsv
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" - <in.tsv
    [ "$status" -eq 0 ]
    [ "$(column settlement_period <<<"$output" | paste -sd' ')" = "3 48 2" ]
    [ "$(replay_requests)" -eq 3 ]
    # A header alone is an empty list, and done.
    printf 'settlement_date\tsettlement_period\treason\n' >in.tsv
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" - <in.tsv
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq 3 ]
}

@test "standard input that is no list of periods is bad data, and nothing is asked" {
    replay_start "$archive"
    for bad in '' 'settlement_date\n2024-05-01\n' 'settlement_date\tsettlement_period\n2024-05-01\t49\n' \
               'settlement_date\tsettlement_period\n2024-03-31\t47\n' 'settlement_date\tsettlement_period\n2024-02-30\t1\n' \
               'settlement_date\tsettlement_period\n2024-05-01\t1x\n' 'settlement_date\tsettlement_period\n2024-05-01\t\\N\n' \
               'settlement_date\tsettlement_period\n2024-05-01\n' 'settlement_date\tsettlement_period\n2024-05-0'; do
        # shellcheck disable=SC2059
        printf "$bad" >in.tsv
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" - <in.tsv
        echo "$bad: $status $stderr"
        [ "$status" -eq 65 ]
    done
    [ "$(replay_requests)" -eq 0 ]
}

@test "a full disk is a failure, of standard output and of the archive" {
    put_day "$archive" 2024-05-01 2
    run bash -c 'fetch-elexon -q --base-url "$1" --periods 1-2 2024-05-01 >/dev/full' - "file://$archive"
    [ "$status" -eq 74 ]
    : >blocked
    run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 1-2 --archive "$PWD/blocked" 2024-05-01
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"$PWD/blocked"* ]]
}

# ---- what is not believed -----------------------------------------------------------------------

@test "a refused body is named by period, row and field; the others of the day succeed" {
    put_day "$archive" 2024-05-01 4
    bad=$archive/$STACK/bid/2024-05-01/2
    cp "$bad" good
    while IFS='|' read -r what want edit words; do
        sed -E "$edit" good >"$bad"
        run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 1-4 2024-05-01
        echo "$what: $status $stderr"
        [ "$status" -eq "$want" ]
        [ "$(column settlement_period <<<"$output" | paste -sd' ')" = "1 3 4" ]
        [[ "$stderr" == *"2024-05-01 period 2"*"$words"* ]]
    done <<-'END'
	another date|65|s/2024-05-01/2024-05-02/|row 1 (T_KPMRW-1), field settlementDate
	another period|65|s/"settlementPeriod":2/"settlementPeriod":3/|field settlementPeriod
	NaN|65|s/"volume":-2.5/"volume":NaN/|row 1 (T_KPMRW-1), field volume: no value of JSON
	1e400|65|s/"volume":-2.5/"volume":1e400/|field volume
	a string for a number|65|s/"volume":-2.5/"volume":"-2.5"/|field volume: a string
	null for a number|65|s/"volume":-2.5/"volume":null/|field volume: null
	letters in a number|65|s/"volume":-2.5/"volume":-2.5x/|
	a multiplier that is none|65|s/("transmissionLossMultiplier":)[^,]*/\15/|field transmissionLossMultiplier: 5 is none
	a field is absent|65|s/"soFlag":true,//|field soFlag: absent
	an id with a line break|65|s/T_KPMRW-1/T_\\nlevel=error/|cannot be used; the first: row 1: the id 'T_?level=error' is not valid
	another dataset|76|s/ISPSTACK/BOALF/|not ISPSTACK
	another endpoint|76|s/"id":/"dataset":"PN","id":/|another endpoint
	no rows at all|76|s/"data":/"rows":/|not a settlement stack
	an error body|76|s/.*/{ "statusCode": 404, "message": "Resource not found" }/|Resource not found
	a bare array|76|s/.*/[]/|
	half a body|76|s/"volume".*//|
	an empty body|76|s/.*//|
	END
}

@test "an odd row of another unit than wind costs that row, by name; an error beside an empty list is an error" {
    fresh_db
    for odd in '.volume = "-3"' '.volume = null' '.volume = 1e7' '.originalPrice = true' '.settlementDate = "2024-05-02"' '.settlementPeriod = 4' \
               '.acceptanceId = "9"' '.sequenceNumber = 0' '.createdDateTime = "soon"' '.soFlag = 1' 'del(.soFlag)' '.id = 17' '7'; do
        row T_KPMRW-1 -1.5 -20
        row T_DRAXX-1 -3 40 false
        row T_KPMRW-1 -2 -20 true 1001
        put_stack "$archive" bid 2024-05-01 1 ".data[1] |= ($odd)"
        run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
        echo "$odd: $status $output $stderr"
        [ "$status" -eq 0 ]
        [[ "$stderr" == *level=warning*"2024-05-01 period 1: row 2"*": the row is left out"* ]]
        # Without an id it is no row of any unit.
        [[ "$(sql "select status, rows_seen, rows_kept, volume from ingested_periods")" == final\|[23]\|2\|-3.5 ]]
        # Where it names its unit that is remembered, lest the unit turn out to be wind.
        passed=$(sql "select passed_over from ingested_periods")
        case $odd in 7|'.id = 17') [ "$passed" = '{}' ] ;; *) [ "$passed" = '{T_DRAXX-1}' ] ;; esac
    done
    # What is no value of JSON is as odd, and so are a byte of Latin-1 and half of a surrogate pair; in a field that nobody
    # reads it costs nothing.
    for odd in 's/T_DRAXX-1/T_DRAXX\\ud800-1/' 's/T_DRAXX-1/T_DRAXX-1\\uZZZZ/' 's/"volume":-3,/"volume":NaN,/' 's/T_DRAXX-1/T_DRAX\xe9-1/' 's/"soFlag":false/"soFlag":None/' 's/"repricedIndicator":false/"name":"caf\xe9"/'; do
        row T_KPMRW-1 -1.5 -20
        row T_DRAXX-1 -3 40 false
        row T_KPMRW-1 -2 -20 true 1001
        put_stack "$archive" bid 2024-05-01 1
        LC_ALL=C sed -i "$odd" "$archive/$STACK/bid/2024-05-01/1"
        run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
        [ "$status" -eq 0 ]
        case $odd in
        *name*) [[ "$stderr" != *level=warning* ]] ;;
        *)      [[ "$stderr" == *level=warning*"2024-05-01 period 1: row 2"*"no value of JSON"*": the row is left out"* ]] ;;
        esac
        [[ "$(sql "select status, rows_seen, rows_kept, volume from ingested_periods")" == final\|[23]\|2\|-3.5 ]]
    done
    row T_KPMRW-1 -1.5 -20
    row T_NEWXX-1 -3 -40
    row T_KPMRW-1 -2 -20 true 1001
    put_stack "$archive" bid 2024-05-01 1 '.data[1].volume = "-3"'
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    run find-missing --periods --no-header 2024-05-01
    [[ "$output" != *overlooked* ]]
    "$root/scripts/units" declare T_NEWXX-1 WIND --why "the developer's announcement"
    run find-missing --periods --no-header 2024-05-01
    [[ "$output" == *"2024-05-01	1	overlooked"* ]]
    "$root/scripts/units" withdraw T_NEWXX-1
    # Of the wind's own rows none may be lacking: the half hour fails, and what was stored of it stays.
    row T_KPMRW-1 -1.75 -20
    row T_DRAXX-1 -3 40 false
    row T_KPMRW-1 -2 -20 true 1001
    put_stack "$archive" bid 2024-05-01 1 '.data[2].volume = "-2"'
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2024-05-01 period 1, row 3 (T_KPMRW-1), field volume: a string, not a number"* ]]
    [ "$(sql "select sum(volume) from curtailment_records")" = -3.5 ]
    echo '{"error":{"code":500,"message":"the database is away"},"data":[]}' >"$archive/$STACK/bid/2024-05-01/1"
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"2024-05-01 period 1: an error instead of a settlement stack: the database is away"* ]]
    [ "$(sql "select status, volume from ingested_periods")" = "final|-3.5" ]
}

@test "a startTime in London's time, or of midnight, and times without a zone cost no half hour" {
    for filter in '.data[].startTime = "2024-05-01T09:30:00Z"' '.data[].startTime = "2024-05-01T00:00:00Z"' \
        '.data[].startTime = "2024-05-01T08:30:00" | .data[].createdDateTime |= .[:-1]'; do
        row T_KPMRW-1 -5 -20
        put_stack "$archive" bid 2024-05-01 20 "$filter"
        run --separate-stderr fetch-elexon --base-url "file://$archive" --no-header --periods 20 2024-05-01
        [ "$status" -eq 0 ]
        [[ "$output" == "2024-05-01	20	T_KPMRW-1	"*"	-5	"*"	2024-05-03T10:00:00Z	"* ]]
        [[ "$stderr" != *level=warning* ]]
    done
    row T_KPMRW-1 -5 -20
    put_stack "$archive" bid 2024-05-01 20 '.data[].startTime = "2024-04-29T08:30:00Z"'
    run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 20 2024-05-01
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2024-05-01 period 20, row 1 (T_KPMRW-1), field startTime: 2024-04-29T08:30:00Z is of another day"* ]]
}

@test "a line that stands twice is kept once and reported; one that contradicts itself is refused" {
    row T_KPMRW-1 -1.5 -20 true 7
    put_stack "$archive" bid 2024-05-01 1 '.data += .data'
    run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(column volume <<<"$output")" = -1.5 ]
    [[ "$stderr" == *level=warning*"row 2 repeats row 1 (T_KPMRW-1, acceptance 7, pair -1, sequence 1)"* ]]
    row T_KPMRW-1 -1.5 -20 true 7
    put_stack "$archive" bid 2024-05-01 1 '.data += (.data | map(.volume = -2))'
    run --separate-stderr fetch-elexon --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *"2024-05-01 period 1, row "* ]]
}

@test "several lines of one unit and period are normal and all kept" {
    row T_KPMRW-1 -1 -20 true 7 -1
    row T_KPMRW-1 -1 -20 true 7 -2
    row T_KPMRW-1 -1 -20 true 8 -1
    row T_KPMRW-1 -1 -20 true null null
    row T_KPMRW-1 -1 -20 true null null
    put_stack "$archive" bid 2024-05-01 1
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql 'select count(*), sum(volume) from curtailment_records')" = "5|-5" ]
    [ "$(sql 'select rows_seen, rows_kept, volume from ingested_periods')" = "5|5|-5" ]
}

@test "the exit status is the worst that befell, and a trouble for a person outranks one that passes" {
    put_day "$archive" 2024-05-01 3
    sed -i 's/"volume":-2.5/"volume":"x"/' "$archive/$STACK/bid/2024-05-01/2"
    echo "location = /$STACK/bid/2024-05-01/3 { return 503; }" >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --attempts 2 --periods 1-3 2024-05-01
    [ "$status" -eq 65 ]
    [ "$(column settlement_period <<<"$output" | paste -sd' ')" = 1 ]
}

# ---- absence ------------------------------------------------------------------------------------

@test "a settled period without a row of any unit is suspect, and so is a 404 among others: no fact, never final" {
    put_day "$archive" 2024-05-01 48
    put_stack "$archive" bid 2024-05-01 5
    rm "$archive/$STACK/bid/2024-05-01/9"
    fresh_db
    replay_start "$archive"
    run --separate-stderr fetch-elexon --store --base-url "$REPLAY_URL" "${hasty[@]}" 2024-05-01
    [ "$status" -eq 1 ]
    [ "$output" = "settlement_date	settlement_period	suspect
2024-05-01	5	no row of any unit, though the period is settled
2024-05-01	9	no row of any unit, though the period is settled" ]
    [ "$(sql "select settlement_period, status, rows_seen, rows_kept, volume from ingested_periods where rows_seen = 0 order by 1" | paste -sd' ')" \
        = "5|suspect|0|0|0 9|suspect|0|0|0" ]
    [ "$(sql 'select count(*) from ingested_periods')" -eq 48 ]
    # The filter has nothing to compare with, and says what it can doubt.
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --periods 5 2024-05-01
    [[ "$stderr" == *"2024-05-01 period 5 is suspect: no row of any unit"* ]]
    # A person takes it, by the date; from then on it is a fact.
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" --accept-suspect 2024-05-01 --periods 5 2024-05-01
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" --periods 5 2024-05-01
    [ "$(sql "select status, suspect from ingested_periods where settlement_period = 5")" = "final|" ]
    # A later answer that is whole needs nobody.
    row T_KPMRW-1 -1.5 -20
    put_stack "$archive" bid 2024-05-01 9
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" --periods 9 2024-05-01
    [ "$(sql "select status, suspect, volume from ingested_periods where settlement_period = 9")" = "final||-1.5" ]
}

@test "an empty period is provisional until two mornings later; then it takes a person to make it final" {
    yesterday=$(TZ=Europe/London date -d yesterday +%F)
    mkdir -p "$archive/$STACK/bid/$yesterday"
    put_stack "$archive" bid "$yesterday" 1
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 "$yesterday"
    [ "$(sql 'select status, rows_seen from ingested_periods')" = "provisional|0" ]
    dump_db --exact >before
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 "$yesterday"
    dump_db --exact >after
    cmp before after
    # What an archive shows is as old as its file.
    put_stack "$archive" bid 2024-05-01 1
    touch -d '2024-05-02 12:00:00Z' "$archive/$STACK/bid/2024-05-01/1"
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql "select status from ingested_periods where settlement_date = '2024-05-01'")" = provisional ]
    touch -d '2024-05-02 23:15:00Z' "$archive/$STACK/bid/2024-05-01/1"
    run fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 1 ]
    [ "$(sql "select status from ingested_periods where settlement_date = '2024-05-01'")" = suspect ]
    fetch-elexon -q --store --base-url "file://$archive" --accept-suspect 2024-05-01 --periods 1 2024-05-01
    [ "$(sql "select status from ingested_periods where settlement_date = '2024-05-01'")" = final ]
    # By a clock that is ahead of the source's nothing is settled sooner, and of what has not begun nothing is known.
    soon=$(TZ=Europe/London date -d '2 days' +%F)
    mkdir -p "$archive/$STACK/bid/$soon"
    put_stack "$archive" bid "$soon" 1
    put_stack "$archive" bid "$soon" 2
    replay_start "$archive"
    faketime -f '+40d' fetch-elexon -q --store --base-url "$REPLAY_URL" --periods 1 "$yesterday"
    [ "$(sql "select status from ingested_periods where settlement_date = '$yesterday'")" = provisional ]
    run --separate-stderr faketime -f '+40d' fetch-elexon --store --base-url "$REPLAY_URL" --periods 1-2 "$soon"
    [ "$status" -eq 75 ]
    [[ "$stderr" != *"has not begun at $(date -u -d '40 days' +%F)"* ]]
    [ "$(grep -c "has not begun at 20.*T.*, which is the source's Date: set the clock of this machine" <<<"$stderr")" -eq 1 ]
    [ "$(sql "select count(*) from ingested_periods where settlement_date = '$soon'")" -eq 0 ]
}

@test "rows made less than a day after the period's end are provisional" {
    # Period 3 of a winter day ends at 01:30 UTC.
    for created in 2024-01-11T01:29:59Z 2024-01-11T01:30:00Z; do
        row T_KPMRW-1 -1 -20
        CREATED=$created put_stack "$archive" bid 2024-01-10 3
        fresh_db
        fetch-elexon -q --store --base-url "file://$archive" --periods 3 2024-01-10
        sql "select status, source_created_at from ingested_periods" >>out
        replay_stop
        tear_down_all
    done
    [ "$(cat out)" = $'provisional|2024-01-11 01:29:59+00\nfinal|2024-01-11 01:30:00+00' ]
}

@test "a whole day of 404 is a wrong address, not a quiet day" {
    fresh_db
    replay_start "$archive"
    run --separate-stderr fetch-elexon --store --base-url "$REPLAY_URL/v9" "${hasty[@]}" 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"2024-05-01: the source has none of its periods; check the address"* ]]
    [ "$(sql 'select count(*) from ingested_periods')" -eq 0 ]
    run --separate-stderr fetch-elexon --store --base-url "file://$archive/nowhere" 2024-05-01
    [ "$status" -eq 69 ]
    [ "$(sql 'select count(*) from ingested_periods')" -eq 0 ]
}

@test "neither a 404 nor an empty list takes away what was stored: the period is suspect, its rows stay" {
    put_day "$archive" 2024-05-01 48
    fresh_db
    replay_start "$archive"
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" 2024-05-01
    sql "select * from curtailment_records order by 1, 2, 3" >before
    mv "$archive/$STACK/bid/2024-05-01/7" kept
    put_stack "$archive" bid 2024-05-01 8
    run --separate-stderr fetch-elexon --store --base-url "$REPLAY_URL" "${hasty[@]}" 2024-05-01
    [ "$status" -eq 1 ]
    [ "$(cut -f 1,2 <<<"$output" | paste -sd' ')" = "settlement_date	settlement_period 2024-05-01	7 2024-05-01	8" ]
    [[ "$stderr" == *"2024-05-01 period 7 is suspect: no row of any unit, though the period is settled; the stored rows stay"* ]]
    sql "select * from curtailment_records order by 1, 2, 3" | cmp before -
    [ "$(sql "select settlement_period, rows_seen, rows_kept, volume from ingested_periods where status = 'suspect' order by 1" | paste -sd' ')" = "7|1|1|-7.5 8|1|1|-8.5" ]
    # Again: nothing more is written.
    dump_db --exact >once
    run fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" 2024-05-01
    dump_db --exact | cmp once -
    # --verify lists them, and writes nothing.
    run --separate-stderr fetch-elexon --verify --base-url "$REPLAY_URL" "${hasty[@]}" 2024-05-01
    [ "$status" -eq 1 ]
    [ "$(cut -f 2-4 <<<"$output" | sed 1d | paste -sd' ')" = "7	1	0 8	1	0" ]
    # The source recovers.
    mv kept "$archive/$STACK/bid/2024-05-01/7"
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" --periods 7 2024-05-01
    [ "$(sql "select status, suspect from ingested_periods where settlement_period = 7")" = "final|" ]
    # A person accepts: now it is gone, and that is remembered.
    fetch-elexon -q --store --base-url "$REPLAY_URL" "${hasty[@]}" --accept-suspect 2024-05-01 --periods 8 2024-05-01
    [ "$(sql "select count(*) from curtailment_records where settlement_period = 8")" -eq 0 ]
    [ "$(sql "select settlement_period, records_before, records_after, mwh_before, mwh_after, accepted from revisions_since_final")" = "8|1|0|8.5|0|t" ]
}

@test "half the rows of any unit, or the curtailed energy of a final period gone, is suspect; a revision is not" {
    local n
    rows() { for ((n = 1; n <= $1; n++)); do row "T_OTHER-$n" -2 30 false; done; }
    rows 6; row T_KPMRW-1 -10 -20; row T_WHILW-1 -6 -20 true 2000; put_stack "$archive" bid 2024-05-01 1
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql 'select rows_seen, volume from ingested_periods')" = "8|-16" ]
    attempt() {
        put_stack "$archive" bid 2024-05-01 1
        run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
        echo "$status $output $stderr"
    }
    # Three rows of eight; then all rows of other units, and hardly a curtailed one.
    rows 1; row T_KPMRW-1 -10 -20; row T_WHILW-1 -6 -20 true 2000; attempt
    [ "$status" -eq 1 ]
    [[ "$output" == *"3 rows of any unit, where 8 were stored"* ]]
    rows 8; row T_KPMRW-1 -7.9 -20; attempt
    [ "$status" -eq 1 ]
    [[ "$output" == *"more than half of the curtailed energy that was final is gone"* ]]
    # Nor is it another register that other units are turned down now, or that ours has lost one.
    rows 7; row T_OTHER-8 -30 20; attempt
    [ "$status" -eq 1 ]
    sql "create table lost as select * from bm_units where farm_id = 'T_KPMRW-1'; delete from bm_units where farm_id = 'T_KPMRW-1'"
    rows 6; row T_KPMRW-1 -10 -20; row T_WHILW-1 -6 -20 true 2000; attempt
    [ "$status" -eq 1 ]
    sql "insert into bm_units select * from lost"
    [ "$(sql 'select count(*), sum(volume) from curtailment_records')" = "2|-16" ]
    # Up, and down within reason: true of the source, and remembered.
    rows 6; row T_KPMRW-1 -12 -20; row T_WHILW-1 -6 -20 true 2000; attempt
    [ "$status" -eq 0 ]
    rows 3; row T_KPMRW-1 -9 -20; attempt
    [ "$status" -eq 0 ]
    [ "$(sql 'select status, rows_seen, volume from ingested_periods')" = "final|4|-9" ]
    [ "$(sql "select was_status, records_before, records_after, mwh_before, mwh_after, payment_before, payment_after, fetched_by like 'fetch-elexon by hand%'
               from period_revisions order by revised_at" | paste -sd' ')" = "suspect|2|2|16|18|320|360|t final|2|1|18|9|360|180|t" ]
    # Who declares a unit to be something else means that its energy goes.
    "$root/scripts/units" declare T_KPMRW-1 BATTERY --why "a test"
    rows 3; row T_KPMRW-1 -9 -20; attempt
    [ "$status" -eq 0 ]
    [ "$(sql 'select count(*) from curtailment_records')" = 0 ]
}

# T_KPMRW-1 has 89 MW, and makes 44.5 MWh in half an hour.
@test "more energy than any unit can make is suspect, however it comes about; a person may accept it" {
    local days
    fresh_db
    row T_KPMRW-1 -10 -20; row T_WHILW-1 -6 -20 true 2000; put_stack "$archive" bid 2024-05-01 1
    row T_KPMRW-1 -1300 -20; row T_KPMRW-1 -246 -20 true 2000; row T_WHILW-1 -6 -20 true 3000; put_stack "$archive" bid 2024-05-01 2
    row T_WHILW-1 -1501 -20; put_stack "$archive" bid 2024-05-01 3
    row T_KPMRW-1 -300 -20; row T_KPMRW-1 -146 -20 true 2000; put_stack "$archive" bid 2024-05-01 4
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1-4 2024-05-01
    [ "$status" -eq 1 ]
    [ "$output" = "settlement_date	settlement_period	suspect
2024-05-01	2	T_KPMRW-1: 1546 MWh in half an hour, more than any unit can make
2024-05-01	3	T_WHILW-1: 1501 MWh in half an hour, more than any unit can make" ]
    [ "$(sql 'select settlement_period, sum(volume) from curtailment_records group by 1 order by 1' | paste -sd' ')" = "1|-16 4|-446" ]
    # A capacity may be that of a farm half built: it is remarked on, and decides nothing.
    [[ "$stderr" == *level=warning*"2024-05-01 period 4: T_KPMRW-1: 446 MWh in half an hour, where its capacity makes 44.5: it is taken as sent"* ]]
    # What was right stays when the source goes wrong.
    row T_KPMRW-1 -10000 -20; row T_WHILW-1 -6 -20 true 2000; put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 1 ]
    [ "$(sql 'select sum(volume) from curtailment_records where settlement_period = 1')" = -16 ]
    # A filter passes nothing of it on, and the other periods.
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1-4 2024-05-01
    [ "$status" -eq 65 ]
    [ "$(cut -f 2 <<<"$output" | sort -u)" = 4 ]
    [[ "$stderr" == *level=error*"2024-05-01 period 1: T_KPMRW-1: 10000 MWh in half an hour, more than any unit can make; the period is left out"* ]]
    # Accepted it is final, and the same answer does not ask again.
    run --separate-stderr fetch-elexon --store --accept-suspect 2024-05-01 --base-url "file://$archive" --periods 2 2024-05-01
    [ "$status" -eq 0 ]
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 2 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(sql 'select status, volume from ingested_periods where settlement_period = 2')" = "final|-1552" ]
    # Not for a whole history: who accepts so many days looks at none of them.
    printf -v days -- '--accept-suspect 2024-05-01 %.0s' {1..65}
    # shellcheck disable=SC2086 # words
    run --separate-stderr fetch-elexon --store $days 2024-05-01
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"64 dates are the most"* ]]
}

@test "a price that nobody pays is taken as sent, and said" {
    local price
    for price in -99999 -9999.00 99999; do
        row T_KPMRW-1 -10 -20; row T_WHILW-1 -6.5 "$price" true 2000; row T_WHILW-1 -1 -6000 true 3000; put_stack "$archive" bid 2024-05-01 1
        run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 3 ]
        [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
        [[ "$stderr" == *"2024-05-01 period 1: T_WHILW-1: 6.5 MWh at ${price%.00}"*" GBP a MWh, an implausible price: it is taken as sent"* ]]
    done
    row T_KPMRW-1 -10 -20; row T_WHILW-1 -1 6000; put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [[ "$stderr" != *level=warning* ]]
}

@test "energy without a price is kept, and said: the payment of its half hour lacks it" {
    row T_WHILW-1 -6.5 null true 2000; row T_KPMRW-1 -10 -20; row T_WHILW-1 -1 null true 3000; row 17 -3 null true null null
    put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(cut -f 5,8 <<<"$output" | paste -sd' ')" = "-10	200 -6.5	\N -1	\N" ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"2024-05-01 period 1: T_WHILW-1: 6.5 MWh without a price: its payment is unknown, and in no sum"* ]]
}

@test "wind whose flag is null is left out, and said" {
    row T_KPMRW-1 -10 -20; row T_WHILW-1 -6.5 -30 null 2000; row T_WHILW-1 -1 -30 null 3000; row T_GAS-1 -7 40 null 4000
    row T_WHILW-1 -2 -30 false 5000; put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"2024-05-01 period 1: T_WHILW-1: 6.5 MWh without an SO flag: whether the system turned it down is not known, and it is left out (2 such)"* ]]
    run --separate-stderr fetch-elexon --all-bids --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "${#lines[@]}" -eq 4 ]
    [[ "$stderr" != *level=warning* ]]
    # An acceptance is always a unit's; an adjustment may be nobody's.
    row T_KPMRW-1 -10 -20; row null -6.5 -30 true 2000; row null -7 -30 true null null; row 17 -8 -30 true null null; put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"2024-05-01 period 1: row 2: 6.5 MWh turned down by an acceptance that names no unit: whether it is wind is not known, and it is left out (1 such)"* ]]
    # So is what may be wind: a unit without a fuel type, or in no list, that pays nothing for it.
    mkdir -p "$archive/reference/bmunits"
    jq -nc '[["T_KPMRW-1", "WIND", "89.000"], ["T_NEWWF-1", null, "500.000"], ["T_LOAD-1", null, "0.000"], ["T_GAS-1", "CCGT", "900.000"] |
        {elexonBmUnit: .[0], fuelType: .[1], generationCapacity: .[2], nationalGridBmUnit: null, bmUnitName: null, leadPartyName: null}]' \
        >"$archive/reference/bmunits/all"
    fresh_db
    sql "delete from bm_units"
    fetch-bmunits -q --store --base-url "file://$archive"
    row T_KPMRW-1 -10 -20; row T_GAS-1 -7 -40 null 2000; row T_NEWWF-1 -6.5 -30 null 3000; row T_NEWWF-1 -1 30 null 3001; row T_LOAD-1 -3 -1 null 4000
    row T_NOBODY-1 -2 0 null 5000; put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"period 1: T_NEWWF-1, of which no list says whether it is wind: 6.5 MWh without an SO flag: whether the system turned it down is not known, and it is left out (2 such)"* ]]
}

# Settlement has one volume for an acceptance and pair; an answer that holds two runs of the calculation has two rows.
@test "an acceptance that stands twice under two sequence numbers is said: its energy counts twice" {
    row T_WHILW-1 -6.5 -20; row T_KPMRW-1 -10 -20; row T_KPMRW-1 -10 -20; row T_WHILW-1 -6.5 -20
    put_stack "$archive" bid 2024-05-01 1 '.data[3].createdDateTime = "2024-05-01T00:14:30Z"'
    # Another acceptance or pair, another volume, another price, and an adjustment without them, are lines of their own.
    row T_WHILW-1 -6.5 -20; row T_WHILW-1 -6.5 -20 true 2000; row T_WHILW-1 -6.5 -20 true 1000 -2; row T_WHILW-1 -6.25 -20
    row T_WHILW-1 -6.5 -21; row T_KPMRW-1 -1 -20 true null null; row T_KPMRW-1 -1 -20 true null null; put_stack "$archive" bid 2024-05-01 2
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1-2 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 11 ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"2024-05-01 period 1: T_KPMRW-1: row 3, of 10 MWh, has acceptance 1000 and pair -1 of row 2, under another sequence number: both count (2 such)"* ]]
    # The later run had more of it.
    row T_WHILW-1 -6.5 -20; row T_WHILW-1 -7 -20; put_stack "$archive" bid 2024-05-01 1 '.data[0].createdDateTime = "2024-05-01T00:14:30Z"'
    run --separate-stderr fetch-elexon --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "${#lines[@]}" -eq 2 ]
    [[ "$stderr" == *"T_WHILW-1: row 2, of 7 MWh, has acceptance 1000 and pair -1 of row 1, under another sequence number: both count (1 such)"* ]]
}

@test "an answer most of whose rows stand twice is suspect: what is stored stays, until a person takes it" {
    fresh_db
    for n in 1 2 3 4 5; do row T_WHILW-1 -$n -20 true $n; done; put_stack "$archive" bid 2024-05-01 1
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    jq -c '.data += (.data | map(.sequenceNumber += 100))' "$archive/balancing/settlement/stack/all/bid/2024-05-01/1" >twice
    mv twice "$archive/balancing/settlement/stack/all/bid/2024-05-01/1"
    run --separate-stderr fetch-elexon --store --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 1 ]
    [ "$output" = $'2024-05-01\t1\tof 10 rows of wind 5 repeat an acceptance and pair of another' ]
    [ "$(sql "select sum(volume), count(*) from curtailment_records")" = "-15|5" ]
    fetch-elexon -q --store --accept-suspect 2024-05-01 --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql "select sum(volume), count(*) from curtailment_records")" = "-30|10" ]
    run fetch-elexon -q --store --no-header --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
}

@test "a line that moves from one field to another is a revision, even where one of them is null" {
    row T_KPMRW-1 -10 -20 true 7 null; put_stack "$archive" bid 2024-05-01 1
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    row T_KPMRW-1 -10 -20 true null 7; put_stack "$archive" bid 2024-05-01 1
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql "select acceptance_id, pair_id from curtailment_records")" = "|7" ]
    [ "$(sql "select settlement_period, records_before, records_after, mwh_before, mwh_after from revisions_since_final")" = "1|1|1|10|10" ]
}

@test "a period that is final before its day is settled is final no more once an answer is suspect" {
    # Its rows were made a day after it; the day counts as settled at 00:15 of 2024-05-03.
    export CREATED=2024-05-02T00:00:00Z
    row T_KPMRW-1 -10 -20; row T_WHILW-1 -6 -20 true 2000; row T_OTHER-1 -2 30 false; put_stack "$archive" bid 2024-05-01 1
    fresh_db
    early() { run --separate-stderr faketime '2024-05-02 12:00:00' fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01; }
    early
    [ "$status" -eq 0 ]
    [ "$(sql "select status, rows_seen, volume from ingested_periods")" = "final|3|-16" ]
    row T_KPMRW-1 -10 -20; put_stack "$archive" bid 2024-05-01 1
    early
    [ "$status" -eq 1 ]
    [[ "$output" == *"1 row of any unit, where 3 were stored"* ]]
    [ "$(sql "select status, rows_seen, volume from ingested_periods")" = "suspect|3|-16" ]
    # What is provisional stays so: time will tell.
    sql "update ingested_periods set status = 'provisional', suspect = null"
    early
    [ "$status" -eq 1 ]
    [ "$(sql "select status, suspect from ingested_periods")" = "provisional|" ]
}

@test "twice is once: the second run writes nothing at all" {
    fresh_db
    fetch-elexon --store --base-url "file://$day" --side both --all-bids 2022-01-01 2>err
    dump_db --exact >before
    sql "select status, count(*), sum(rows_seen) from ingested_periods group by 1" >counts
    [ "$(cat counts)" = "final|48|$(cat "$day/$STACK"/{bid,offer}/2022-01-01/* | grep -o '"sequenceNumber"' | wc -l)" ]
    versions="select xmin::text || ' ' || ctid::text as version, settlement_period from curtailment_records
              union all select xmin::text || ' ' || ctid::text, settlement_period from ingested_periods"
    sql "create table versions as $versions"
    run --separate-stderr fetch-elexon --store --base-url "file://$day" --side both --all-bids 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *" changed=0 "* ]]
    [ "$(sql "select count(*) from (($versions) except table versions) as rewritten")" -eq 0 ]
    sql 'drop table versions'
    dump_db --exact >after
    cmp before after
}

@test "what is stored is what is printed" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$day" 2022-01-01
    fetch-elexon -q --base-url "file://$day" 2022-01-01 >printed.tsv
    sql "create table printed (like curtailment_records)"
    psql -XAtq -d "$DATABASE_URL" -c "alter table printed drop column ingested_at" \
        -c "\\copy printed ($(head -n 1 printed.tsv | tr '\t' ,)) from printed.tsv with (format text, header match)"
    [ "$(sql "select count(*) from printed p natural join (select settlement_date, settlement_period, farm_id, stack,
              acceptance_id, pair_id, sequence_number, volume, original_price, final_price, payment, so_flag, cadl_flag,
              source_created_at, lead_party_name from curtailment_records) r")" -eq 3525 ]
}

@test "a revised period is replaced whole, grown or shrunk, and no other row is touched" {
    row T_KPMRW-1 -1 -20 true 1
    row T_KPMRW-1 -2 -20 true 2
    row T_CLDCW-1 -3 -30 true 3
    put_stack "$archive" bid 2024-05-01 1
    row T_KPMRW-1 -4 -20 true 4
    put_stack "$archive" bid 2024-05-01 2
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1-2 2024-05-01
    sql "update curtailment_records set ingested_at = '2024-05-02'; update ingested_periods set fetched_at = '2024-05-02'"
    row T_KPMRW-1 -1 -20 true 1
    row T_KPMRW-1 -2.5 -20 true 2
    row T_KPMRW-1 -7 -20 true 7
    put_stack "$archive" bid 2024-05-01 1
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1-2 2024-05-01
    [ "$status" -eq 0 ]
    # Two withdrawn (one of them changed), two added.
    [[ "$stderr" == *" changed=4 "* ]]
    [ "$(sql 'select farm_id, volume, acceptance_id, ingested_at = $$2024-05-02$$ from curtailment_records order by settlement_period, acceptance_id' | paste -sd' ')" \
        = "T_KPMRW-1|-1|1|t T_KPMRW-1|-2.5|2|f T_KPMRW-1|-7|7|f T_KPMRW-1|-4|4|t" ]
    [ "$(sql 'select rows_kept, volume, fetched_at = $$2024-05-02$$ from ingested_periods order by settlement_period' | paste -sd' ')" \
        = "3|-10.5|f 1|-4|t" ]
}

@test "a period that failed keeps what was stored, is not marked, and the day's others are stored" {
    put_day "$archive" 2024-05-01 4
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1-2 2024-05-01
    sed -i 's/-1.5/-1.75/g' "$archive/$STACK/bid/2024-05-01/1"
    for period in 2 3; do
        echo "location = /$STACK/bid/2024-05-01/$period { return 503; }"
    done >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --store --base-url "$REPLAY_URL" "${hasty[@]}" --attempts 2 --periods 1-4 2024-05-01
    [ "$status" -eq 75 ]
    [ "$(replay_requests)" -eq 6 ]
    [ "$(sql 'select settlement_period, volume from curtailment_records order by 1' | paste -sd' ')" = "1|-1.75 2|-2.5 4|-4.5" ]
    [ "$(sql 'select settlement_period from ingested_periods order by 1' | paste -sd' ')" = "1 2 4" ]
    [[ "$stderr" == *"periods=2 failed=2"* ]]
}

@test "a unit's lead party is the one of the day" {
    row T_KPMRW-1 -1 -20
    put_stack "$archive" bid 2024-05-01 1
    row T_KPMRW-1 -1 -20
    put_stack "$archive" bid 2024-05-02 1
    fresh_db
    sql "update bm_units set valid_to = '2024-05-02', lead_party_name = 'Old' where farm_id = 'T_KPMRW-1';
         insert into bm_units select farm_id, '2024-05-02', null, name, 'New', fuel_type, capacity_mw, national_grid_id
           from bm_units where farm_id = 'T_KPMRW-1'"
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01 2024-05-02
    [ "$(sql 'select lead_party_name from curtailment_records order by settlement_date' | paste -sd' ')" = "Old New" ]
}

@test "units that the register does not know are counted and named, once it holds more than wind" {
    row T_KPMRW-1 -1 -20
    row T_NEWWF-1 -5 -20
    row T_DRAXX-1 -6 20
    put_stack "$archive" bid 2024-05-01 1
    fresh_db
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [[ "$stderr" == *level=warning*"1 row of 1 unit, -5 MWh"*"at a price at or below zero"*"T_NEWWF-1 -5 MWh;"* ]]
    [ "$(sql 'select count(*) from undecided_units')" -eq 0 ]
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_DRAXX-1', '2020-01-01', 'BIOMASS')"
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*"1 row of 1 unit, -5 MWh, left out"*"not in the register"*"T_NEWWF-1 -5 MWh;"* ]]
    [ "$(sql 'select count(*) from curtailment_records')" -eq 1 ]
    [ "$(sql 'select farm_id, reason, records, mwh, payment from undecided_units')" = "T_NEWWF-1|not in the register|1|5|100" ]
}

@test "killed at any moment there is all of a date or nothing, and the next run mends it" {
    put_day "$archive" 2024-05-01 48
    put_day "$archive" 2024-05-02 48
    replay_start "$archive"
    fresh_db
    fetch-elexon -q --store --base-url "$REPLAY_URL" --rate 1000 2024-05-01 2024-05-02
    dump_db >undisturbed
    before_kill() { sql 'truncate curtailment_records, ingested_periods'; }
    after_kill() {
        [ "$(sql "select count(*) from curtailment_records group by settlement_date having count(*) <> 48
                  union all select count(*) from ingested_periods group by settlement_date having count(*) <> 48")" = "" ] || return 1
        fetch-elexon -q --store --base-url "$REPLAY_URL" --rate 1000 2024-05-01 2024-05-02
        dump_db | cmp undisturbed -
    }
    kill_midway 7 fetch-elexon -q --store --base-url "$REPLAY_URL" --rate 400 2024-05-01 2024-05-02
}

@test "two at once on one date store it once" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$day" 2022-01-01 2>err1 3>&- &
    first=$!
    fetch-elexon -q --store --base-url "file://$day" 2022-01-01 2>err2
    wait "$first"
    [ "$(sql 'select count(*), sum(volume) from curtailment_records')" = "3525|-62399.044166454179" ]
    [ "$(cat err1 err2)" = "" ]
}

@test "a date that another job holds is for later" {
    put_day "$archive" 2024-05-01 1
    fresh_db
    hold_day 2024-05-01
    run --separate-stderr faketime -f '+0 x20' fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    let_day_go
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another job is writing 2024-05-01"* ]]
    [ "$(sql 'select count(*) from ingested_periods')" -eq 0 ]
}

@test "no database, an empty one, and one that may not be written each say so" {
    put_day "$archive" 2024-05-01 1
    DATABASE_URL="postgresql:///x?host=/nonexistent" run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    fresh_db
    PGOPTIONS='-c default_transaction_read_only=on' run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 77 ]
    sql 'drop table schema_migrations'
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 78 ]
}

@test "hostile ids cost their lines, and nothing else happens" {
    farms=("x'); drop table curtailment_records; --" '%s%n%s' '\.' '\N' 'a\tb' '=HYPERLINK("x")' 'é‮')
    fresh_db
    for farm in "${farms[@]}"; do row "$(jq -n --arg x "$farm" '$x')" -1.5 -20; done
    for n in 1 2 3 4 5 6 7; do row '"T_KPMRW-1"' -1.5 -20 true "$n"; done
    put_stack "$archive" bid 2024-05-01 1 '.data[].id |= fromjson'
    run --separate-stderr fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(grep -c 'is not valid (letters' <<<"$stderr")" -eq 7 ]
    [ "$(sql "select farm_id, count(*) from curtailment_records group by 1")" = "T_KPMRW-1|7" ]
    run --separate-stderr fetch-elexon --verify --base-url "file://$archive" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
}

# ---- archive ------------------------------------------------------------------------------------

@test "an archive holds the bodies byte for byte, and replays as the source did" {
    replay_start "$day"
    fetch-elexon -q --base-url "$REPLAY_URL" --rate 500 --side both --archive "$PWD/a b/kept" 2022-01-01 >live.tsv
    diff -r "$day/balancing" "a b/kept/balancing"
    run find "a b/kept" -name '.*' -type f
    [ "$output" = "" ]
    fetch-elexon -q --base-url "file://$PWD/a%20b/kept" --side both 2022-01-01 >replayed.tsv
    cmp live.tsv replayed.tsv
    WINDFALL_ELEXON_URL="file://$PWD/a%20b/kept/" fetch-elexon -q --side both 2022-01-01 >again.tsv
    cmp live.tsv again.tsv
}

@test "a refused body does not replace a good one in the archive" {
    put_day "$archive" 2024-05-01 2
    cp -r "$archive" kept
    sed -i 's/-2.5/"x"/g' "$archive/$STACK/bid/2024-05-01/2"
    sed -i 's/-1.5/-1.25/g' "$archive/$STACK/bid/2024-05-01/1"
    run --separate-stderr fetch-elexon --base-url "file://$archive" --archive kept --periods 1-2 2024-05-01
    [ "$status" -eq 65 ]
    grep -q -- '"volume":-1.25' "kept/$STACK/bid/2024-05-01/1"
    grep -q -- '"volume":-2.5' "kept/$STACK/bid/2024-05-01/2"
}

@test "an archive is written through no link, and nobody else may write what is in it, whatever the umask" {
    put_day "$archive" 2024-05-01 2
    mkdir -p "kept/$STACK/bid/2024-05-01"
    echo precious >precious
    ln -s "$PWD/precious" "kept/$STACK/bid/2024-05-01/1"
    (umask 000 && fetch-elexon -q --base-url "file://$archive" --archive kept --periods 1-2 2024-05-01)
    (umask 000 && fetch-elexon -q --base-url "file://$archive" --archive new --periods 1-2 2024-05-01)
    [ "$(cat precious)" = precious ]
    [ ! -L "kept/$STACK/bid/2024-05-01/1" ]
    cmp "$archive/$STACK/bid/2024-05-01/1" "kept/$STACK/bid/2024-05-01/1"
    [ "$(find kept new -newer precious ! -type l -perm -o+w | wc -l)" -eq 0 ]
}

@test "what an archive lacks is never final" {
    put_day "$archive" 2024-05-01 48
    rm "$archive/$STACK/bid/2024-05-01/9"
    fresh_db
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" 2024-05-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 period is not in the archive: nothing is known of it; counted as provisional"* ]]
    [ "$(sql "select settlement_period from ingested_periods where status = 'provisional'")" = 9 ]
    # Of a day that it does not hold at all nothing is stored, so nothing of it is provisional.  FILE: is an archive, too.
    run --separate-stderr fetch-elexon --store --base-url "FILE://$archive" 2024-05-02
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"2024-05-02: the archive holds none of the requested periods"* ]]
    [[ "$stderr" != *"provisional"* ]]
    [ "$(sql "select count(*) from ingested_periods where settlement_date = '2024-05-02'")" = 0 ]
}

# ---- verifying ----------------------------------------------------------------------------------

@test "--verify says nothing of what is equal, and writes nothing" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$day" 2022-01-01
    dump_db --exact >before
    PGOPTIONS='-c default_transaction_read_only=on' run --separate-stderr fetch-elexon --verify --base-url "file://$day" 2022-01-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *"equal=48 different=0"* ]]
    dump_db --exact >after
    cmp before after
}

@test "--verify lists each period that differs, with both sides' rows and volumes" {
    put_day "$archive" 2024-05-01 6
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1-6 2024-05-01
    sql "delete from curtailment_records where settlement_period = 2;
         update curtailment_records set original_price = -21 where settlement_period = 3;
         delete from curtailment_records where settlement_period = 4;
         delete from ingested_periods where settlement_period in (4, 6);
         insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         values ('2024-05-01', 5, 'T_X-1', 'bid', 9, -7)"
    dump_db --exact >before
    run --separate-stderr fetch-elexon --verify --base-url "file://$archive" --periods 1-6 2024-05-01
    [ "$status" -eq 1 ]
    echo "$output"
    [ "$output" = "$(printf '%s\n' \
        $'settlement_date\tsettlement_period\tstored_rows\tsource_rows\tstored_volume\tsource_volume\tonly_stored\tonly_source' \
        $'2024-05-01\t2\t0\t1\t0\t-2.5\t0\t1' \
        $'2024-05-01\t3\t1\t1\t-3.5\t-3.5\t1\t1' \
        $'2024-05-01\t4\t\\N\t1\t\\N\t-4.5\t0\t1' \
        $'2024-05-01\t5\t2\t1\t-12.5\t-5.5\t1\t0' \
        $'2024-05-01\t6\t\\N\t1\t\\N\t-6.5\t0\t0')" ]
    [[ "$stderr" == *"equal=1 different=5"* ]]
    dump_db --exact >after
    cmp before after
}

@test "--verify does not call equal what it could not read" {
    put_day "$archive" 2024-05-01 3
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" --periods 1-3 2024-05-01
    echo "location = /$STACK/bid/2024-05-01/2 { return 503; }" >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --verify --base-url "$REPLAY_URL" "${hasty[@]}" --attempts 2 --periods 1-3 2024-05-01
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *"not_checked=1"*"equal=2 different=0"* ]]
}

@test "the residue of somebody's arithmetic refuses no half hour, and C and SQL agree on it" {
    row T_KPMRW-1 -1.7763568394002505e-15 -20
    row T_WHILW-1 -6 -20 true 2000
    row T_WHILW-2 -1e-31 -20 true 2001
    row T_OTHER-1 -5 3 false
    put_stack "$archive" bid 2024-05-01 1
    fresh_db
    # Whatever a database was told about backslashes.
    sql "alter database $TEST_DB set standard_conforming_strings = off"
    fetch-elexon -q --store --base-url "file://$archive" --periods 1 2024-05-01
    [ "$(sql "select farm_id, volume from curtailment_records order by 1" | paste -sd' ')" = \
        "T_KPMRW-1|-0.000000000000001776356839400251 T_WHILW-1|-6" ]
    calc-btc -q --store 2024-05-01
    rollup-summaries -q 2024-05-01 >out
    audit-calcs -q 2024-05-01
    [ "$(sql "select farm_id, miners from historical_bitcoin_calculations where miner_model = 'S9' order by 1" | paste -sd' ')" = "T_KPMRW-1|0 T_WHILW-1|9070" ]
}

# ---- the source's counts of rows -------------------------------------------------------------------

# A server of $archive whose counts are what BEFORE and AFTER hold: jq programs of one row {period}, before the first stack
# was asked for and after that; or an answer of another kind in COUNTS.
counting_source() {
    cat >"$BATS_TEST_TMPDIR/counting" <<END
case \$1 in
/data-status/*)
    [ ! -e "$BATS_TEST_TMPDIR/answer" ] || { cat "$BATS_TEST_TMPDIR/answer"; exit; }
    count=9
    [ ! -e "$BATS_TEST_TMPDIR/asked" ] || count=\$(<"$BATS_TEST_TMPDIR/after")
    printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n'
    printf '{"metadata":{"datasets":["ISPSTACK"]},"data":[{"settlementDate":"2024-05-01","settlementPeriod":1,"dataPointCount":9},{"settlementDate":"2024-05-01","settlementPeriod":2,"dataPointCount":%s},{"settlementDate":"2024-04-30","settlementPeriod":2,"dataPointCount":%s}]}' "\$count" "\$count" ;;
*)  : >"$BATS_TEST_TMPDIR/asked"
    printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n'; cat "$archive\$1" ;;
esac
END
    put_day "$archive" 2024-05-01 3
    echo 9 >"$BATS_TEST_TMPDIR/after"
    fresh_db
    liar_start "$BATS_TEST_TMPDIR/counting"
}
statuses() { sql "select string_agg(status, ' ' order by settlement_period) from ingested_periods"; }

@test "a half hour whose count of rows changed while it was read is stored, and stays provisional" {
    counting_source
    run --separate-stderr fetch-elexon --store --counts --base-url "$LIAR_URL" --periods 1-3 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(statuses)" = "final final final" ]
    [[ "$stderr" == *" counted=2 changed_meanwhile=0"* ]]
    [ "$(liar_requests data-status)" -eq 2 ]
    grep -qxF '/data-status/ISPSTACK?settlementDateFrom=2024-05-01&settlementDateTo=2024-05-01&format=json' "$LIAR_LOG"
    rm "$BATS_TEST_TMPDIR/asked"
    echo 12 >"$BATS_TEST_TMPDIR/after"
    run --separate-stderr fetch-elexon --store --counts --base-url "$LIAR_URL" --periods 1-3 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(statuses)" = "final provisional final" ]
    [ "$(sql "select count(*) from curtailment_records")" -eq 3 ]
    [[ "$stderr" == *"2024-05-01 period 2: the source had 9 rows before the fetch and 12 after it; the period stays provisional"* ]]
    [[ "$stderr" == *" counted=2 changed_meanwhile=1"* ]]
    [ "$(find-missing --periods --no-header 2024-05-01 | grep -c provisional)" -eq 1 ]
    fetch-elexon -q --store --counts --base-url "$LIAR_URL" --periods 1-3 2024-05-01
    [ "$(statuses)" = "final final final" ]
}

@test "a source without counts, or with odd ones, is fetched all the same; an archive is not asked" {
    counting_source
    for answer in 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n' 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n' \
        'HTTP/1.1 200 OK\r\n\r\n{"data":null}' 'HTTP/1.1 200 OK\r\n\r\n<html>' 'HTTP/1.1 200 OK\r\n\r\n[]' \
        'HTTP/1.1 200 OK\r\n\r\n{"data":[]}' 'HTTP/1.1 200 OK\r\n\r\n{"data":[{"settlementDate":"2024-05-01","settlementPeriod":1,"dataPointCount":"9"}]}'; do
        printf "${answer/\\r\\n/\\r\\nConnection: close\\r\\n}\r\n" >"$BATS_TEST_TMPDIR/answer"
        run --separate-stderr fetch-elexon --store --counts --base-url "$LIAR_URL" --periods 1-3 2024-05-01
        echo "$answer: $status $stderr"
        [ "$status" -eq 0 ]
        [ "$(statuses)" = "final final final" ]
        [[ "$stderr" == *" counted=0 changed_meanwhile=0"* ]]
    done
    printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data":[{"settlementDate":"2024-05-01","settlementPeriod":1,"dataPointCount":9},{"settlementDate":"2024-05-01","settlementPeriod":49,"dataPointCount":9},{"settlementDate":"2024-05-01","settlementPeriod":3,"dataPointCount":9}]}' >"$BATS_TEST_TMPDIR/answer"
    run --separate-stderr fetch-elexon --store --counts --base-url "$LIAR_URL" --periods 1-3 2024-05-01
    [[ "$stderr" == *"counts of rows: row 2, field settlementPeriod: 49 is past range: the row is left out"* ]]
    [[ "$stderr" == *" counted=2 changed_meanwhile=0"* ]]
    run --separate-stderr fetch-elexon --store --counts --base-url "file://$archive" --periods 1-3 2024-05-01
    [[ "$stderr" != *counted=* ]]
    run fetch-elexon --counts --base-url "file://$archive" --periods 1-3 2024-05-01
    [ "$status" -eq 64 ]
}
