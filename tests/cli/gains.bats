# The gains report: what a FIFO version gained, by year, product, disposal and lot, and as a journal.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper

# Two lots of one product, a sale on the eve of a British tax year that is not one in London any more, and one
# that needs more than is left; a product paid for in another currency, received and paid in kind.
setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'BTC-USD,b1,BUY,2023-01-01T10:00:00Z,0.5,40000,2' \
        'BTC-USD,b2,BUY,2024-04-01T11:00:00Z,0.5,41000,2' \
        'BTC-USD,s1,SELL,2024-04-05T23:30:00Z,0.6,42000,3' \
        'BTC-USD,s2,SELL,2025-01-01T12:00:00Z,0.7,50000,7' \
        '1INCH-EUR,i1,INCOME,2024-02-01T00:00:00Z,3,1.5,0' \
        '1INCH-EUR,f1,FEE,2024-03-01T00:00:00Z,1,1.7,0' \
        'ETH-BTC,e1,BUY,2024-02-01T00:00:00Z,3,0.0512345678,0.00001' >ledger.csv
    import-trades -q --store ledger.csv
    match-fifo -q make 1 --all --make-current >totals.tsv
}

gains() { "$root/scripts/gains" "$@"; }

@test "by year and product: proceeds, cost, fees, gain, time held, and apart from it what has no lot" {
    run --separate-stderr gains --format csv
    [ "$status" -eq 0 ]
    # By hand: 0.6 at 42000 less 3; 0.5 of b1 at 40000 and 2, 0.1 of b2 a fifth of 20502.
    [ "$output" = 'year,product_id,currency,disposals,size,proceeds,basis,gain,fees,held_days_min,held_days_mean,held_days_max,uncovered,uncovered_size,uncovered_proceeds
2024,1INCH-EUR,EUR,1,1,1.7,1.5,0.2,0,29,29.0,29,0,0,0
2024,BTC-USD,USD,1,0.6,25197,24102.4,1094.6,3,4,384.0,460,0,0,0
2025,BTC-USD,USD,1,0.4,19996,16401.6,3594.4,7,275,275.0,275,1,0.3,14997' ] || { echo "$output"; false; }
    [[ "$stderr" == *'incomplete'*'version=1 rows=1'* ]]
    # Dollars and euros have no sum; of one currency the list of versions has the same gain.
    [ "$(match-fifo list --format ndjson | jq -c '[.covered_gain, .proceeds_without_lot, .basis, .proceeds, .gain]')" = '[null,null,null,null,null]' ]
    [ "$(sql 'select covered_gain, uncovered, uncovered_proceeds from ledger_state')" = '|1|' ]
    [ "$(check-status --format json | jq -c '.ledger | [.covered_gain, .uncovered, .uncovered_proceeds]')" = '[null,1,null]' ]
    ! check-status --format prometheus | grep -E '^windfall_ledger_(covered_gain|uncovered_proceeds) ' || false
    [[ "$(psql -XAtq -d "$DATABASE_URL" -f "$root/sql/report/ledger-facts.sql")" == *' covered_gain=several-currencies uncovered=1 uncovered_proceeds=several-currencies '* ]]
    match-fifo -q make 2 --product BTC-USD >/dev/null
    [ "$(match-fifo list --format ndjson | jq -c 'select(.version == 2) | [.covered_gain, .proceeds_without_lot]')" = '[4689,14997]' ]
    match-fifo -q make 3 --product ETH-BTC --make-current >/dev/null
    [ "$(sql 'select covered_gain, uncovered, uncovered_proceeds from ledger_state')" = '0|0|0' ]
    match-fifo -q make-current 1
    [ "$(gains --by product --format ndjson 2>/dev/null | jq -s 'map(.gain) | add')" = 4689.2 ]
}

@test "a tax year ends in the night of its place, not of UTC" {
    years() { gains --product BTC-USD --format tsv "$@" 2>/dev/null | awk -F '\t' 'NR > 1 { print $1, $8 }'; }
    [ "$(years --tax-year 04-06)" = $'2023/24 1094.6\n2024/25 3594.4' ]
    [ "$(years --tax-year 04-06 --zone Europe/London)" = '2024/25 4689' ]
    [ "$(years --tax-year 04-06 --year 2024/25)" = '2024/25 3594.4' ]
    [ "$(years --year 2024)" = '2024 1094.6' ]
    [ "$(years --year 2019)" = '' ]
    # The days of a leap year and of the turn of the century are no years of their own.
    [ "$(years --tax-year 03-01)" = $'2024/25 4689' ]
    # The clocks of the machine were put forward in that midnight, which is no matter of the calendar's.
    [ "$(TZ=America/Havana years --tax-year 03-12)" = "$(TZ=UTC years --tax-year 03-12)" ]
    [ "$(years --tax-year 03-12)" != "" ]
}

@test "by disposal and by slice: each disposal with its lots, and the sums agree" {
    run --separate-stderr gains --by slice --product BTC-USD --format csv
    [ "${lines[1]}" = '2024,BTC-USD,USD,s1,2024-04-05 23:30:00+00,b1,2023-01-01 10:00:00+00,460,OK,0.5,20997.5,20002,995.5' ]
    [ "${lines[4]}" = '2025,BTC-USD,USD,s2,2025-01-01 12:00:00+00,,,,MISSING_BASIS,0.3,14997,0,' ]
    [ "${#lines[@]}" -eq 5 ]
    [ "$(gains --by slice --product BTC-USD --year 2025 --format csv 2>/dev/null | cut -d , -f 4,6)" = $'disposal_id,lot_id\ns2,b2\ns2,' ]
    [ "$(gains --by disposal --product BTC-USD --format csv 2>/dev/null | cut -d , -f 4,12)" = $'disposal_id,lots\ns1,2\ns2,1' ]
    for by in year product disposal; do
        [ "$(gains --by "$by" --format ndjson 2>/dev/null | jq -s 'map(.gain) | add')" = 4689.2 ]
        [ "$(gains --by "$by" --format ndjson 2>/dev/null | jq -s 'map(.uncovered_proceeds) | add')" = 14997 ]
    done
    [ "$(gains --by slice --format ndjson 2>/dev/null | jq -s 'map(.gain // 0) | add')" = 4689.2 ]
    # A person's table has the same rows.
    run --separate-stderr gains
    [ "${#lines[@]}" -eq 5 ]
    [[ "${lines[0]}" == *'year product_id currency disposals'* ]]
}

@test "hledger takes the journal, every transaction balances, and its gain is ours" {
    gains --format journal >journal 2>said
    grep -q 'incomplete' said
    hledger -f journal check --strict
    [ "$(hledger -f journal balance -N --format '%(total)' income:gain)" = $'-0.2 EUR\n-4689.0 USD' ] ||
        [ "$(hledger -f journal balance -N income:gain cur:USD | awk '{ print $1 }')" = -4689.0 ]
    [ "$(hledger -f journal balance -N 'income:without a lot' | awk '{ print $1 }')" = -14997.0 ]
    # What the books hold is what is left: what has no lot is overdrawn, and seen to be so.
    run hledger -f journal register assets cur:BTC -O csv
    [ "$status" -eq 0 ]
    # A journal of one that is whole says so: no account without a lot.
    gains --product 1INCH-EUR --format journal >journal 2>said
    hledger -f journal check --strict
    run ! grep -q 'income:without a lot  -' journal
    # The cost of what is still held.
    [ "$(hledger -f journal balance -N -B assets cur:1INCH | awk '{ print $1 }')" = 3.0 ]
}

@test "the six published ledgers balance in hledger too" {
    sql "delete from trade_records"
    map='product_id=vector,record_id=seq,level:=fill,trade_time=time_utc,size=qty,price=unit_price,fee=fee_quote'
    import-trades -q --map "$map,total=total_quote" --store "$root/tests/data/fifo/ledger.csv"
    match-fifo -q make 2 --all --make-current >totals.tsv
    gains --format journal >journal 2>said
    hledger -f journal check --strict
    # An id of any kind stays in its comment.
    sql "update trade_records set record_id = E'a;b,c\\nd' where record_id = '1'"
    match-fifo -q make 3 --all --make-current >totals.tsv
    gains --format journal >journal 2>said
    hledger -f journal check --strict
}

@test "a version that the books have left behind is said to be so" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' 'BTC-USD,b3,BUY,2024-05-01T10:00:00Z,1,1,0' >more.csv
    import-trades -q --store more.csv
    run --separate-stderr gains
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'trades were recorded since this version was made'*'trades=1'* ]]
}

@test "what cannot be is refused in words, before anything is asked" {
    refused() { # STATUS WORDS ARGUMENT...
        local want=$1 words=$2
        shift 2
        run --separate-stderr gains "$@"
        [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 64 'not every year has that day' --tax-year 02-29
    refused 64 'a day is MM-DD' --tax-year 6/4
    refused 64 'needs --tax-year' --year 2024/25
    refused 64 'is 2024/25' --year 2024 --tax-year 04-06
    refused 64 'not a time zone' --zone Mars
    refused 64 'or the lots would be missing' --format journal --by slice
    refused 64 'needs a value' --by
    refused 64 'unknown argument' x
    refused 65 'there is no version 3' --fifo 3
    refused 65 'has no product X-Y' --product X-Y
    sql "update fifo_versions set is_current = false"
    refused 65 'no version is current'
    run --separate-stderr "$root/scripts/exchange" gains --fifo 1 --by product --format tsv
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "the help says that a tax year is not a country's rule of matching" {
    run --separate-stderr gains --help
    [[ "$output" == *'In the United'*'Kingdom'*'same'*'30 days after it'*'average cost'* ]]
}

@test "the report of a day, the state and the daily log say how the ledger stands" {
    run --separate-stderr "$root/scripts/report" 2025-01-01
    [ "$status" -eq 0 ]
    [[ "$output" == *'The exchange ledger, as it stands now'* ]]
    [[ "$output" == *'covered gain           several-currencies'* ]]
    match-fifo -q make 2 --product BTC-USD --make-current >/dev/null
    run --separate-stderr "$root/scripts/report" 2025-01-01
    [[ "$output" == *'covered gain           4689
'* ]]
    [[ "$output" == *'uncovered proceeds     14997'* ]]
    [[ "$(check-status)" == *'gain on disposals with a lot '*'4,689'* ]]
    # Where there is no ledger, nothing is said of it.
    sql "truncate trade_records, fifo_versions, fifo_version_products, fifo_allocations"
    run --separate-stderr "$root/scripts/report" 2025-01-01
    [[ "$output" != *'exchange ledger'* ]]
}
