# fetch-bmunits: the register of BM units, printed and stored with dates.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load elexon

setup() {
    cd "$root" || return 1
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site/reference/bmunits"
    chmod -R 755 "$BATS_TEST_TMPDIR"
}

# unit ID FUEL PARTY [CAPACITY]: a row in the shape of the register.
unit() {
    local id=null fuel=null party=null
    [ "$1" = - ] || id="\"$1\""
    [ "$2" = - ] || fuel="\"$2\""
    [ "$3" = - ] || party="\"$3\""
    printf '{"nationalGridBmUnit":"NG-%s","elexonBmUnit":%s,"eic":null,"fuelType":%s,"leadPartyName":%s,"bmUnitType":"T",' \
        "$1" "$id" "$fuel" "$party"
    printf '"fpnFlag":true,"bmUnitName":"Unit %s","leadPartyId":"X","demandCapacity":"-2.000","generationCapacity":"%s",' "$1" "${4-99.000}"
    printf '"productionOrConsumptionFlag":"P","transmissionLossFactor":"-0.0323359","gspGroupId":null,"interconnectorId":null}'
}

# register ROW...: the whole answer.
register() {
    local IFS=,
    printf '[%s]' "$*" >"$site/reference/bmunits/all"
}

store_on() {
    run --separate-stderr faketime "$1" fetch-bmunits --store --base-url "file://$site"
    echo "status $status: $stderr"
}

@test "the register of the archive prints as the wind units that a new database has" {
    run --separate-stderr fetch-bmunits --base-url "file://$root/tests/data/archive"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$output" = "$(cat sql/reference/wind-units.tsv)" ]
}

@test "storing what is known already writes nothing" {
    fresh_db
    before=$(dump_db --exact)
    written=$(sql "select string_agg(xmin::text, ',' order by farm_id) from bm_units")
    run --separate-stderr fetch-bmunits --store --base-url "file://$root/tests/data/archive"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"units=226 new=0 changed=0 without_id=1"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    [ "$(sql "select string_agg(xmin::text, ',' order by farm_id) from bm_units")" = "$written" ]
}

@test "when the service's register was fetched is noted, changed or not; an archive's is not" {
    fresh_db
    replay_start "$root/tests/data/archive"
    fetch-bmunits -q --store --base-url "file://$root/tests/data/archive"
    [ "$(sql "select count(*) from register_fetches")" = 0 ]
    fetch-bmunits -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select source, units, fetched_at > now() - interval '1 minute' from register_fetches")" = "elexon|226|t" ]
    sql "update register_fetches set fetched_at = '2020-01-01'"
    fetch-bmunits -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select source, units, fetched_at > now() - interval '1 minute' from register_fetches")" = "elexon|226|t" ]
}

@test "one request over HTTP brings rows with nulls, without those that have no id" {
    register "$(unit T_B-1 - - 1.500)" "$(unit - WIND Somebody)" "$(unit 2__A WIND 'Tab\tand \\ Sons')"
    replay_start "$site"
    run --separate-stderr fetch-bmunits --base-url "$REPLAY_URL" --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [ "${lines[0]}" = "$(printf '2__A\tUnit 2__A\tTab and \\\\ Sons\tWIND\t99.000\tNG-2__A')" ]
    [ "${lines[1]}" = "$(printf 'T_B-1\tUnit T_B-1\t\\N\t\\N\t1.500\tNG-T_B-1')" ]
    [ "$(replay_requests)" -eq 1 ]
    [ "$(replay_requests '200 GET /reference/bmunits/all$')" -eq 1 ]
}

@test "a change of lead party keeps the old one for the days before" {
    fresh_db
    sql "delete from bm_units" >/dev/null
    register "$(unit T_A-1 WIND First)" "$(unit T_B-1 CCGT Gas)"
    store_on '2026-06-30 12:00:00'
    [ "$status" -eq 0 ]
    [ "$(sql "select farm_id, valid_from, valid_to, lead_party_name from bm_units order by 1, 2")" = \
"T_A-1|-infinity||First
T_B-1|-infinity||Gas" ]
    register "$(unit T_A-1 WIND Second)" "$(unit T_B-1 CCGT Gas)" "$(unit T_C-1 WIND New)"
    store_on '2026-07-01 12:00:00'
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"new=1 changed=1"* ]]
    [ "$(sql "select farm_id, valid_from, valid_to, lead_party_name from bm_units order by 1, 2")" = \
"T_A-1|-infinity|2026-07-01|First
T_A-1|2026-07-01||Second
T_B-1|-infinity||Gas
T_C-1|-infinity||New" ]
    # Corrected on the same day, and then the same again: one row still.
    register "$(unit T_A-1 WIND Third 98.5)" "$(unit T_B-1 CCGT Gas)" "$(unit T_C-1 WIND New)"
    store_on '2026-07-01 13:00:00'
    store_on '2026-07-02 13:00:00'
    [[ "$stderr" == *"new=0 changed=0"* ]]
    [ "$(sql "select valid_from, valid_to, lead_party_name, capacity_mw from bm_units where farm_id = 'T_A-1' order by 1")" = \
"-infinity|2026-07-01|First|99.000
2026-07-01||Third|98.5" ]
}

@test "the day of a change is London's" {
    fresh_db
    sql "delete from bm_units" >/dev/null
    register "$(unit T_A-1 WIND First)"
    TZ=UTC store_on '2026-06-01 12:00:00'
    register "$(unit T_A-1 WIND Second)"
    TZ=UTC store_on '2026-06-30 23:30:00'
    [ "$(sql "select valid_from from bm_units where lead_party_name = 'Second'")" = 2026-07-01 ]
}

@test "a unit that is no longer listed stays as it was" {
    fresh_db
    before=$(dump_db --exact)
    first=$(sed -n 2p sql/reference/wind-units.tsv)
    IFS=$'\t' read -r id name party _ capacity grid <<<"$first"
    printf '[{"nationalGridBmUnit":"%s","elexonBmUnit":"%s","fuelType":"WIND","leadPartyName":"%s","bmUnitName":"%s","generationCapacity":"%s"}]' \
        "$grid" "$id" "$party" "$name" "$capacity" >"$site/reference/bmunits/all"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"not_listed=225"* ]]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a register that calls the wind something else is not believed; one unit is, with a warning" {
    fresh_db
    before=$(dump_db --exact)
    sed 's/"WIND"/null/' tests/data/archive/reference/bmunits/all >"$site/reference/bmunits/all"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"226 of 226 known wind units another fuel type"* ]]
    [ "$(dump_db --exact)" = "$before" ]

    sed '0,/"WIND"/s//"OTHER"/' tests/data/archive/reference/bmunits/all >"$site/reference/bmunits/all"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 unit is no longer wind"*"T_ABRBO-1"* ]]
    [ "$(sql "select count(*) from bm_units where farm_id = 'T_ABRBO-1'")" = 2 ]
}

odd=T_ABC-1

# Of 2024-05-01: a wind farm and one that comes late, which is not curtailed in period 2; others in 3.
early_days() {
    archive=$BATS_TEST_TMPDIR/archive
    row T_KPMRW-1 -1 -20
    row T_LATE-1 -5 -20
    row T_LATE-1 -6 -20 true 1001
    put_stack "$archive" bid 2024-05-01 1
    row T_KPMRW-1 -2 -20
    row T_LATE-1 -7 -20 false
    put_stack "$archive" bid 2024-05-01 2
    row T_GAS-1 -3 90
    row "$odd" -4 -20
    put_stack "$archive" bid 2024-05-01 3
}

fetch_early() { fetch-elexon -q --store --base-url "file://$archive" --periods 1-3 2024-05-01; }

overlooked() { find-missing --periods --no-header 2024-05-01 | awk '$3 == "overlooked" { print $2 }' | paste -sd ' '; }

@test "a wind unit that comes late: what was fetched without it is told, listed, and mended by fetching" {
    fresh_db
    early_days
    fetch_early
    [ "$(sql "select passed_over from ingested_periods order by settlement_period")" = '{T_LATE-1}
{}
{T_ABC-1,T_GAS-1}' ]
    [ "$(overlooked)" = "" ]
    register "$(unit T_LATE-1 WIND Late)" "$(unit T_GAS-1 CCGT Gas)" "$(unit "$odd" WIND Odd)"
    store_on '2026-06-30 12:00:00'
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'"2 periods lack curtailment of units only now known to be wind, such as T_'*" T_LATE-1: "*"scripts/reconcile range 2024-05-01 2024-05-01"* ]]
    [ "$(overlooked)" = "1 3" ]
    [ "$(find-missing --by-date --no-header 2024-05-01 | cut -f 7)" = 47 ]
    # It is said again as long as it is so, and not after.
    store_on '2026-07-01 12:00:00'
    [[ "$stderr" == *"2 periods lack curtailment"* ]]
    find-missing --periods 2024-05-01 | awk 'NR == 1 || $3 == "overlooked"' | fetch-elexon -q --store --base-url "file://$archive" -
    [ "$(overlooked)" = "" ]
    [ "$(sql "select settlement_period, farm_id, volume from curtailment_records order by 1, 2, acceptance_id")" = "1|T_KPMRW-1|-1
1|T_LATE-1|-5
1|T_LATE-1|-6
2|T_KPMRW-1|-2
3|$odd|-4" ]
    store_on '2026-07-02 12:00:00'
    [ "$(grep level=warning <<<"$stderr" | grep -vc "the register lacks 22")" = 0 ]
    before=$(dump_db --exact)
    fetch_early
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a fuel that was not known has always been so; one that was another is wind from today on, and told" {
    fresh_db
    early_days
    sql "insert into bm_units (farm_id, valid_from, valid_to, fuel_type, lead_party_name) values
         ('T_LATE-1', '-infinity', '2024-03-01', null, 'First'), ('T_LATE-1', '2024-03-01', null, null, 'Late'),
         ('T_GAS-1', '-infinity', null, 'OTHER', 'Gas')"
    fetch_early
    register "$(unit T_LATE-1 WIND Late)" "$(unit T_GAS-1 WIND Gas)"
    store_on '2026-06-30 12:00:00'
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 unit is wind from today on, and called something else before: T_GAS-1"* ]]
    [[ "$stderr" == *"1 period lacks curtailment"*", such as T_LATE-1: "*"fuel_learned=2"* ]]
    [ "$(overlooked)" = 1 ]
    [ "$(sql "select farm_id, valid_from, lead_party_name, fuel_type from bm_units where farm_id in ('T_LATE-1', 'T_GAS-1') order by 1, 2")" = \
"T_GAS-1|-infinity|Gas|OTHER
T_GAS-1|2026-06-30|Gas|WIND
T_LATE-1|-infinity|First|WIND
T_LATE-1|2024-03-01|Late|WIND
T_LATE-1|2026-06-30|Late|WIND" ]
    # A person who knows better says so in the table, and the period is found.
    sql "update bm_units set fuel_type = 'WIND' where farm_id = 'T_GAS-1'"
    [ "$(overlooked)" = "1 3" ]
}

@test "periods of which it was not noted whom they passed over are told when a unit is new, and only then" {
    fresh_db
    early_days
    fetch_early
    sql "update ingested_periods set passed_over = null"
    register "$(unit T_GAS-1 CCGT Gas)"
    store_on '2026-06-30 12:00:00'
    [ "$(grep level=warning <<<"$stderr" | grep -vc "the register lacks 22")" = 0 ]
    register "$(unit T_GAS-1 CCGT Gas)" "$(unit T_LATE-1 WIND Late)"
    store_on '2026-07-01 12:00:00'
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*"1 unit is new as wind, and 3 periods fetched by an earlier version may lack their curtailment"*"fetch-elexon --verify 2024-05-01 2024-05-01 shows it"* ]]
    store_on '2026-07-02 12:00:00'
    [ "$(grep level=warning <<<"$stderr" | grep -vc "the register lacks 22")" = 0 ]
}

@test "a unit that stands twice is taken once, and said if the two differ" {
    register "$(unit T_A-1 WIND First)" "$(unit T_A-1 WIND First)"
    run --separate-stderr fetch-bmunits --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${#lines[@]}" -eq 1 ]
    register "$(unit T_A-1 WIND First)" "$(unit T_A-1 WIND Second)"
    run --separate-stderr fetch-bmunits --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"T_A-1"* ]]
    [[ "$output" == *First* ]]
}

# T_WLNYO-4 stands twice in the real one, with another eic.
@test "of a unit that stands twice each row says what the other does not" {
    register "$(unit T_A-1 - First '')" "$(unit T_B-1 CCGT Gas)" "$(unit T_A-1 WIND Second 50.000)"
    run --separate-stderr fetch-bmunits --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "T_A-1	Unit T_A-1	First	WIND	50.000	NG-T_A-1" ]
    [[ "$stderr" == *level=warning*"lists 1 unit twice with different facts, such as T_A-1: the first value given counts"* ]]
}

@test "wind is wind however it is spelt, and costs no unit its energy" {
    fresh_db
    for fuel in wind Wind 'WIND ' ' wind' 'Wind (Offshore)' WIND_ONSHORE $'WIND\t'; do
        jq -c --arg fuel "$fuel" 'map(if .elexonBmUnit == "T_KLGLW-1" then .fuelType = $fuel else . end)' \
            "$root/tests/data/archive/reference/bmunits/all" >"$site/reference/bmunits/all"
        run --separate-stderr fetch-bmunits --store --base-url "file://$site"
        [ "$status" -eq 0 ]
        [[ "$stderr" != *level=warning* ]]
        [[ "$stderr" == *" changed=0 "* ]]
    done
    [ "$(sql "select fuel_type, count(*) from bm_units where farm_id = 'T_KLGLW-1' group by 1")" = "WIND|1" ]
    printf 'farm_id\tlead_party_name\tfuel_type\nT_WHATEVER-1\tA\tWind\n' >"$BATS_TEST_TMPDIR/units"
    archive=$BATS_TEST_TMPDIR/archive
    row T_WHATEVER-1 -3 -20
    put_stack "$archive" bid 2024-05-01 1
    run fetch-elexon -q --units "$BATS_TEST_TMPDIR/units" --base-url "file://$archive" --periods 1 --no-header 2024-05-01
    [[ "$output" == "2024-05-01	1	T_WHATEVER-1	A	-3	"* ]]
}

@test "a register that lacks many of the known wind units is stored, and says so" {
    fresh_db
    jq -c '[.[] | select(.fuelType == "WIND")][:200]' "$root/tests/data/archive/reference/bmunits/all" >"$site/reference/bmunits/all"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*"the register lacks 27 of 226 known wind units, which stay unchanged: is it complete?"* ]]
    [ "$(sql "select count(*) from bm_units where valid_to is null and fuel_type = 'WIND'")" = 226 ]
    # Some farms do close.
    jq -c '[.[] | select(.fuelType == "WIND")][:210]' "$root/tests/data/archive/reference/bmunits/all" >"$site/reference/bmunits/all"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [[ "$stderr" != *level=warning* ]]
}

@test "what is no register is refused, and nothing is stored" {
    fresh_db
    before=$(dump_db --exact)
    cat >"$BATS_TEST_TMPDIR/places" <<-'END'
	location /down/ { return 502; }
	location /html/ { default_type text/html; return 200 "<html>maintenance</html>"; }
	location /stack/ { return 200 '{"metadata":{"datasets":["ISPSTACK"]},"data":[]}'; }
	location /odd/ { return 200 '[{"elexonBmUnit":"T_A-1","bmUnitName":7}]'; }
	location /empty/ { return 200 '[]'; }
	location /cut/ { return 200 '[{"elexonBmUnit":"T_A-1"'; }
	END
    replay_start "$site" "$BATS_TEST_TMPDIR/places"
    ask() {
        run --separate-stderr fetch-bmunits --store --base-url "$REPLAY_URL/$1" --retry-wait 0.01 --attempts 2
        echo "$1: $status $stderr"
    }
    ask down;  [ "$status" -eq 75 ]
    ask html;  [ "$status" -eq 76 ]
    ask stack; [ "$status" -eq 76 ]
    ask odd;   [ "$status" -eq 65 ]
    [[ "$stderr" == *"row 1 (T_A-1), field bmUnitName: a number, not a string"* ]]
    ask empty; [ "$status" -eq 65 ]
    ask cut;   [ "$status" -eq 75 ]
    ask none;  [ "$status" -eq 76 ]
    [ "$(replay_requests '/cut/')" -eq 2 ]
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr fetch-bmunits today
    [ "$status" -eq 64 ]
}

@test "an id that is none costs its row; a name is text for people, and stored without what turns a page around" {
    fresh_db
    sql "delete from bm_units" >/dev/null
    register "$(unit T_GOOD-1 WIND 'O\"Brien \u00a3 \u20ac')" "$(unit "T_'; drop table bm_units; --" WIND X)" \
        "$(unit 2__GOOD001 WIND 'a\u001b[31mb\u009b\u202e\nc\u2066d \u200ee')" "$(unit '-T_A' WIND X)" \
        "$(unit "T_GOOD-2" WIND '=SUM(A1)')" "$(unit 'T_A\\B' WIND X)" "$(unit T_GOOD-3 WIND X)" "$(unit T_GOOD-4 - X)"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 0 ]
    [ "$(sql "select farm_id from bm_units order by 1" | paste -sd' ')" = "2__GOOD001 T_GOOD-1 T_GOOD-2 T_GOOD-3 T_GOOD-4" ]
    [ "$(sql "select lead_party_name from bm_units where farm_id = 'T_GOOD-1'")" = 'O"Brien £ €' ]
    [ "$(sql "select lead_party_name from bm_units where farm_id = '2__GOOD001'")" = 'ab cd e' ]
    [ "$(grep -c 'is not valid (letters, digits, _ and -' <<<"$stderr")" -eq 3 ]
    [[ "$stderr" == *"row 2: the id 'T_'; drop table bm_units; --' is not valid"* ]]
    # Where most are none it is the register that is wrong.
    register "$(unit T_GOOD-1 WIND X)" "$(unit 'T A' WIND X)" "$(unit '@T_A' WIND X)"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2 of 3 rows cannot be used; the first: row 2: the id 'T A' is not valid"* ]]
}

@test "an odd capacity costs the capacity, an odd field its row, an empty text is none; the others are stored" {
    fresh_db
    sql "delete from bm_units" >/dev/null
    register "$(unit T_GOOD-1 WIND X)" "$(unit T_GOOD-2 WIND X | jq -c '.generationCapacity = "n/a"')" \
        "$(unit T_GOOD-3 WIND X | jq -c '.generationCapacity = ""')" "$(unit T_BAD-4 WIND X | jq -c '.leadPartyName = 7')" \
        "$(unit T_GOOD-5 WIND X | jq -c '.fuelType = ""')" "$(unit T_GOOD-6 WIND X | jq -c 'del(.generationCapacity)')" "$(unit T_GOOD-7 WIND X)" \
        "$(unit T_GOOD-8 WIND X | jq -c '.generationCapacity = "99000.000"')"
    run --separate-stderr fetch-bmunits --store --base-url "file://$site"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "$(sql "select farm_id, coalesce(fuel_type, '-'), coalesce(capacity_mw::text, '-') from bm_units order by 1" | paste -sd' ')" = \
        "T_GOOD-1|WIND|99.000 T_GOOD-2|WIND|- T_GOOD-3|WIND|- T_GOOD-5|-|99.000 T_GOOD-6|WIND|- T_GOOD-7|WIND|99.000 T_GOOD-8|WIND|-" ]
    [ "$(grep -c level=warning <<<"$stderr")" -eq 4 ]
    [[ "$stderr" == *"row 8 (T_GOOD-8), field generationCapacity: no unit has 99000.000 MW: the capacity is not known"* ]]
    [[ "$stderr" == *"row 2 (T_GOOD-2), field generationCapacity: n/a is not a number: the capacity is not known"* ]]
    [[ "$stderr" == *"row 4 (T_BAD-4), field leadPartyName: a number, not a string: the row is left out"* ]]
}

# ---- units of which the register does not say what they are ------------------------------------

# The shapes of the register's rows: wind farms without a fuel type, one of which has no capacity that anybody knows, and
# others that are not in doubt.
undecided_archive() {
    archive=$BATS_TEST_TMPDIR/undecided
    mkdir -p "$archive/reference/bmunits"
    jq -n '[["T_NEWWF-1", null, "500.000"], ["T_KPMRW-1", "WIND", "99.000"], ["T_NOCAP-1", null, "0.000"],
            ["T_GAS-1", "CCGT", "400.000"], ["T_DEAR-1", null, "49.900"], ["T_NULLS-1", "N/A", null]] |
        map({nationalGridBmUnit: .[0][2:], elexonBmUnit: .[0], fuelType: .[1], leadPartyName: "Somebody Ltd", bmUnitType: "T",
             bmUnitName: .[0], demandCapacity: "-2.000", generationCapacity: .[2]})' >"$archive/reference/bmunits/all"
    row T_KPMRW-1 -12.5 -70
    row T_NEWWF-1 -240.25 -60.5
    row T_NOCAP-1 -1 -60
    row T_GAS-1 -2 -1
    row T_DEAR-1 -3 45.5
    row T_NEWWF-1 -7 -60.5 false
    row T_STRANGE-1 -0.75 12
    row T_NULLS-1 -31 -55
    put_stack "$archive" bid 2026-07-20 15
}

undecided() { "$root/scripts/units" undecided | cut -f 1,2,6,9,10,11 | tail -n +2 | tr '\t' ' '; }

@test "a unit without a fuel type, with capacity, turned down at or below zero is reported with its energy until somebody decides" {
    load elexon
    undecided_archive
    fresh_db
    fetch-bmunits -q --store --base-url "file://$archive"
    run --separate-stderr fetch-elexon --store --base-url "file://$archive" --periods 15-15 2026-07-20
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"2 rows of 2 units, -271.25 MWh, left out"*"without a fuel type in the register: T_NEWWF-1 -240.25 MWh, T_NULLS-1 -31 MWh;"* ]]
    [[ "$stderr" == *"1 row of 1 unit, -0.75 MWh, left out"*"not in the register"*"T_STRANGE-1 -0.75 MWh;"* ]]
    [ "$(undecided)" = $'T_NEWWF-1 no fuel type 2026-07-20 1 240.25 14535.125\nT_NULLS-1 no fuel type 2026-07-20 1 31 1705\nT_STRANGE-1 not in the register 2026-07-20 1 0.75 -9' ]
    # Fetched again it is the same once, and check-status warns.
    fetch-elexon -q --store --base-url "file://$archive" --periods 15-15 2026-07-20 2>/dev/null
    [ "$(sql 'select count(*), sum(mwh) from undecided_curtailment')" = "3|272.00" ]
    run --separate-stderr check-status --format json
    [ "$(jq -r '.fetched.undecided_units, .fetched.undecided_mwh' <<<"$output" | paste -sd' ')" = "3 272" ]
}

@test "an odd row of the file of declarations costs itself, and wind is wind there too" {
    load elexon
    undecided_archive
    fresh_db
    mkdir -p "$BATS_TEST_TMPDIR/home/sql"
    cp -r "$root/sql/reference" "$BATS_TEST_TMPDIR/home/sql"
    printf 'T_%s\t%s\t%s\t%s\tA\tB\tsaid so\n' AAA-1 -infinity '\N' 'Wind Offshore' AAB-1 '\N' 2030-01-01 ' wind' AAC-1 2025-02-30 '\N' WIND \
        AAD-1 '\N' '\N' NPSHYD-2 AAE-1 2026-05-01 2026-05-01 WIND AAF-1 2026-05-01 soon WIND AAA-1 '\N' '\N' BATTERY AAA-1 2026-05-01 infinity OTHER \
        >>"$BATS_TEST_TMPDIR/home/sql/reference/declared-units.tsv"
    WINDFALL_HOME=$BATS_TEST_TMPDIR/home run --separate-stderr fetch-bmunits --store --base-url "file://$archive"
    [ "$status" -eq 0 ]
    [ "$(sql "select farm_id, valid_from, fuel_type from declared_units where farm_id like 'T_AA%' order by 1, 2" | paste -sd' ')" = \
        "T_AAA-1|-infinity|WIND T_AAA-1|2026-05-01|OTHER T_AAB-1|-infinity|WIND" ]
    for words in 'T_AAC-1: valid_from 2025-02-30 is not a date' "T_AAD-1: the fuel_type 'NPSHYD-2' is not a word such as WIND" \
        'T_AAE-1: valid_to 2026-05-01 is not after valid_from 2026-05-01' 'T_AAF-1: valid_to soon is not a date' \
        'T_AAA-1: a row above declares it from the same day'; do
        [[ "$stderr" == *"declared-units.tsv, line "*": $words: the row is left out"* ]]
    done
    # Of a later file the word that a row had before is kept, as that of a person is.
    sed -i 's/^T_AAB-1.*2030-01-01/T_AAB-1\t\\N\t2029-01-01/' "$BATS_TEST_TMPDIR/home/sql/reference/declared-units.tsv"
    WINDFALL_HOME=$BATS_TEST_TMPDIR/home fetch-bmunits -q --store --base-url "file://$archive" 2>/dev/null
    [ "$(sql "select w.farm_id, w.valid_to, d.valid_to from withdrawn_declarations w join declared_units d using (farm_id, valid_from)")" = \
        'T_AAB-1|2030-01-01|2029-01-01' ]
}

@test "a declaration makes the unit wind, the period is fetched again, and no register undoes it" {
    load elexon
    undecided_archive
    fresh_db
    fetch-bmunits -q --store --base-url "file://$archive"
    fetch-elexon -q --store --base-url "file://$archive" --periods 15-15 2026-07-20 2>/dev/null
    "$root/scripts/units" declare T_NEWWF-1 WIND --why "the farm's own announcement; it's \"wind\"" --from 2026-07-01
    # What the word means is said: with a slip in WIND the unit would be left out unnoticed.
    run "$root/scripts/units" declare T_STRANGE-1 BATTERY --why 'the developer says so'
    [ "$status" -eq 0 ]
    [[ "$output" == *'declared not to be wind: its curtailment is left out" farm=T_STRANGE-1 fuel=BATTERY' ]]
    "$root/scripts/units" declare T_NULLS-1 OTHER --why 'no wind there' 2>/dev/null
    [ "$(undecided)" = "" ]
    [ "$(find-missing --periods --no-header 2026-07-20 | awk '$2 == 15 { print $3 }')" = overlooked ]
    fetch-bmunits -q --store --base-url "file://$archive"
    find-missing --periods 2026-07-20 | awk 'NR == 1 || $2 == 15' | fetch-elexon -q --store --base-url "file://$archive" -
    [ "$(sql "select farm_id, volume from curtailment_records order by 1")" = $'T_KPMRW-1|-12.5\nT_NEWWF-1|-240.25' ]
    [ "$(sql "select lead_party_name from curtailment_records where farm_id = 'T_NEWWF-1'")" = "Somebody Ltd" ]
    [ "$(sql "select provenance from declared_units where farm_id = 'T_NEWWF-1'")" = "the farm's own announcement; it's \"wind\"" ]
    # A register that lists it as something else does not undo what a person said.
    sed -i 's/"fuelType": null/"fuelType": "OTHER"/' "$archive/reference/bmunits/all"
    fetch-bmunits -q --store --base-url "file://$archive"
    fetch-elexon -q --store --base-url "file://$archive" --periods 15-15 2026-07-20
    [ "$(sql "select count(*) from curtailment_records where farm_id = 'T_NEWWF-1'")" = 1 ]
    # Before its day, and after it is taken back, the declaration says nothing.
    put_again=$archive/balancing/settlement/stack/all/bid
    mkdir -p "$put_again/2026-06-30"
    sed 's/2026-07-20/2026-06-30/g' "$put_again/2026-07-20/15" >"$put_again/2026-06-30/15"
    fetch-elexon -q --store --base-url "file://$archive" --periods 15-15 2026-06-30 2>/dev/null
    [ "$(sql "select count(*) from curtailment_records where farm_id = 'T_NEWWF-1'")" = 1 ]
    # What was stored by its word alone is fetched again: by one that ends sooner, and by none.
    rollup-summaries -q 2026-07-20 >"$BATS_TEST_TMPDIR/summed"
    overlooked() { find-missing --periods --no-header 2026-07-20 | awk '$3 == "overlooked" { print $2 }'; }
    [ "$(overlooked)" = "" ]
    "$root/scripts/units" declare T_NEWWF-1 WIND --why 'sold' --from 2026-07-01 --to 2026-07-19 2>/dev/null
    [ "$(overlooked)" = 15 ]
    "$root/scripts/units" declare T_NEWWF-1 WIND --why 'not sold' --from 2026-07-02 2>/dev/null
    # Said again it is no other declaration.
    declared_at=$(sql "select max(declared_at) from declared_units")
    "$root/scripts/units" declare T_NEWWF-1 WIND --why 'not sold' --from 2026-07-02 2>/dev/null
    [ "$(sql "select max(declared_at) from declared_units")" = "$declared_at" ]
    [ "$(overlooked)" = "" ]
    "$root/scripts/units" withdraw T_NEWWF-1
    [ "$(overlooked)" = 15 ]
    [ "$(sql "select string_agg(provenance, ', ' order by valid_from, declared_at) from withdrawn_declarations where farm_id = 'T_NEWWF-1'")" = \
        "the farm's own announcement; it's \"wind\", sold, not sold" ]
    find-missing --periods 2026-07-20 | awk 'NR == 1 || $2 == 15' | fetch-elexon -q --store --base-url "file://$archive" -
    [ "$(overlooked)" = "" ]
    [ "$(sql "select count(*) from curtailment_records where farm_id = 'T_NEWWF-1'")" = 0 ]
    run "$root/scripts/units" withdraw T_NEWWF-1
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from declared_units where farm_id = 'T_ASLVW-1'")" = 1 ]
    run "$root/scripts/units" declare "T_X'; drop" WIND --why x
    [ "$status" -eq 64 ]
    run "$root/scripts/units" declare T_X WIND
    [ "$status" -eq 64 ]
    run "$root/scripts/units" declare T_X WIND --why x --from 2026-07-02 --to 2026-07-01
    [ "$status" -eq 64 ]
    [[ "$output" == *"2026-07-02 2026-07-01: the range is reversed"* ]]
}

@test "a retired id is wind on its days, with a database and without, and no longer after them" {
    load elexon
    archive=$BATS_TEST_TMPDIR/retired
    for day in 2022-11-27 2026-06-01; do
        row T_ASLVW-1 -18.25 -72
        row T_ABRBO-1 -12.5 -70
        put_stack "$archive" bid $day 20
    done
    kept() { awk -F '\t' 'NR > 1 { print $1, $3 }' | paste -sd,; }
    printf 'settlement_date\tsettlement_period\n2022-11-27\t20\n2026-06-01\t20\n' >"$BATS_TEST_TMPDIR/both.tsv"
    run --separate-stderr fetch-elexon --base-url "file://$archive" - <"$BATS_TEST_TMPDIR/both.tsv"
    [ "$(kept <<<"$output")" = "2022-11-27 T_ABRBO-1,2022-11-27 T_ASLVW-1,2026-06-01 T_ABRBO-1" ]
    [[ "$stderr" == *"T_ASLVW-1 -18.25 MWh;"* ]]
    fresh_db
    fetch-elexon -q --store --base-url "file://$archive" - <"$BATS_TEST_TMPDIR/both.tsv" 2>/dev/null
    [ "$(sql "select settlement_date, farm_id from curtailment_records order by 1, 2" | tr '|' ' ' | paste -sd,)" = \
      "2022-11-27 T_ABRBO-1,2022-11-27 T_ASLVW-1,2026-06-01 T_ABRBO-1" ]
}

@test "a unit that was declared to be wind by mistake: once it is declared to be none, its half hours are fetched without it" {
    fresh_db
    archive=$BATS_TEST_TMPDIR/archive
    for period in 1 2; do
        row T_KPMRW-1 -12.5 -20
        [ $period = 2 ] || row T_SLIPS-1 -30.5 -40
        row T_DRAXX-1 -3 40 false
        put_stack "$archive" bid 2024-05-01 $period
    done
    "$root/scripts/units" declare T_SLIPS-1 WIND --why 'its name' 2>/dev/null
    fetch-elexon -q --store --base-url "file://$archive" --periods 1-2 2024-05-01
    rollup-summaries -q 2024-05-01 >/dev/null
    fetched() { find-missing --periods --no-header 2024-05-01 | awk '$2 <= 2 { print $2, $3 }' | paste -sd ','; }
    [ "$(fetched)" = "" ]
    # Of another day, or outranked by a later declaration, it says nothing.
    "$root/scripts/units" declare T_SLIPS-1 OTHER --why 'sold' --from 2024-05-02 2>/dev/null
    [ "$(fetched)" = "" ]
    "$root/scripts/units" withdraw T_SLIPS-1 2>/dev/null
    "$root/scripts/units" declare T_SLIPS-1 OTHER --why 'a battery' 2>/dev/null
    "$root/scripts/units" declare T_SLIPS-1 WIND --why 'rebuilt' --from 2024-05-01 2>/dev/null
    [ "$(fetched)" = "" ]
    "$root/scripts/units" withdraw T_SLIPS-1 2>/dev/null
    "$root/scripts/units" declare T_SLIPS-1 OTHER --why 'a battery' 2>/dev/null
    [ "$(fetched)" = "1 overlooked" ]
    find-missing --periods 2024-05-01 | awk 'NR == 1 || $2 == 1' | fetch-elexon -q --store --base-url "file://$archive" -
    [ "$(sql "select settlement_period, farm_id, volume from curtailment_records order by 1" | paste -sd ' ')" = "1|T_KPMRW-1|-12.5 2|T_KPMRW-1|-12.5" ]
    [ "$(sql "select string_agg(status, ',') from ingested_periods")" = final,final ]
    [ "$(fetched)" = "" ]
}
