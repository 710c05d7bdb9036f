# Prices: of a day, from a chart, a history or a file.
load helper

setup() {
    source=$BATS_TEST_TMPDIR/source
    mkdir -p "$source/charts" "$source/api/v1"
    export WINDFALL_BLOCKCHAIN_URL=file://$source WINDFALL_MEMPOOL_URL=file://$source
}

chart() { printf '{"status":"ok","unit":"USD","period":"day","values":[%s]}' "$1" >"$source/charts/market-price"; }
history() { printf '{"prices":[%s],"exchangeRates":{"USDGBP":0.78}}' "$1" >"$source/api/v1/historical-price"; }

@test "a chart gives one price a day, digit for digit, and no price where there was none" {
    chart '{"x":1230940800,"y":0.0},{"x":1741478400,"y":86200.1},{"x":1741564800,"y":80000.00000001}'
    run --separate-stderr fetch-prices
    [ "$status" -eq 0 ]
    [ "$output" = "price_date	currency	price	source
2025-03-09	USD	86200.1	blockchain
2025-03-10	USD	80000.00000001	blockchain" ]
}

@test "a history of several prices a day gives the first, in the currency asked for" {
    history '{"time":1741500000,"USD":5,"GBP":4},{"time":1741480000,"USD":7,"GBP":6.5},{"time":1741393000,"USD":3,"GBP":-1}'
    run fetch-prices --source mempool --currency GBP --no-header
    [ "$output" = "2025-03-09	GBP	6.5	mempool" ]
}

@test "a day's price values the day, and stored twice it is stored once" {
    fresh_db
    WINDFALL_ELEXON_URL=file://$root/tests/data/archive reingest 2022-01-01
    [ "$(sql "select distinct price, price_assumed from bitcoin_daily_summaries")" = "65000|t" ]
    chart '{"x":1640995200,"y":47686.81}'
    fetch-prices -q --store
    find-missing --by-date --all-dates 2022-01-01 | rollup-summaries -q - >"$BATS_TEST_TMPDIR/changed"
    grep -q '^bitcoin_year	2022 S9	value_at_mining	8932486.0898	' "$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select bool_and(value_at_mining = bitcoin_mined * 47686.81 and not price_assumed) from bitcoin_daily_summaries")" = t ]
    run fetch-prices --store
    [[ "$output" == *" changed=0 "* ]]
    run audit-calcs -q
    [ "$status" -eq 0 ]
}

@test "today's price is not taken: the day is not over" {
    chart "{\"x\":$(date -u -d yesterday +%s),\"y\":1},{\"x\":$(date -u +%s),\"y\":2}"
    run fetch-prices --no-header
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"	1	blockchain" ]]
}

@test "what is no price is refused, and nothing is stored" {
    fresh_db
    for values in '{"x":1741478400,"y":-5}' '{"x":1741478400,"y":"5"}' '{"x":"a","y":5}' '{"x":1741478400,"y":1e99}' '{"x":1741478400}'; do
        chart "$values"
        run fetch-prices --store
        [ "$status" -eq 76 ]
    done
    echo '<html>' >"$source/charts/market-price"
    run fetch-prices --store
    [ "$status" -eq 76 ]
    printf 'price_date\tprice\n2022-02-30\t5\n' >"$BATS_TEST_TMPDIR/file"
    run fetch-prices --store --file "$BATS_TEST_TMPDIR/file"
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from bitcoin_prices")" = 0 ]
}

@test "wrong options are named" {
    run fetch-prices --source kraken
    [ "$status" -eq 64 ]
    run fetch-prices --currency gbp
    [ "$status" -eq 64 ]
    run fetch-prices --currency GBP
    [ "$status" -eq 64 ]
    run fetch-prices --source file
    [ "$status" -eq 64 ]
}
