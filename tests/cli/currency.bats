# The currency in which bitcoin is valued, from the source of prices to the report.
#
# bats sets $stderr and $lines, and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

setup() {
    fresh_db
    source=$BATS_TEST_TMPDIR/source
    mkdir -p "$source/charts" "$source/api/v1"
    export WINDFALL_BLOCKCHAIN_URL=file://$source WINDFALL_MEMPOOL_URL=file://$source
    unset WINDFALL_CURRENCY
}

# The history that mempool answers, newest first: all its currencies in each row, -1 where it had none.
history() {
    printf '{"prices":[%s],"exchangeRates":{"USDEUR":0.88,"USDGBP":0.74,"USDCAD":1.26,"USDCHF":0.91,"USDAUD":1.38,"USDJPY":115.16}}' \
        "$(paste -sd, <<<"$1")" >"$source/api/v1/historical-price"
}

# 2021-12-31 to 2022-01-02, twice on the bundled day.
around_new_year() {
    history '{"time":1641081600,"USD":47738,"EUR":41968,"GBP":35277,"CAD":60334,"CHF":43521,"AUD":65664,"JPY":5494403}
{"time":1641038400,"USD":46957,"EUR":41300,"GBP":34711,"CAD":59407,"CHF":42807,"AUD":64630,"JPY":5404770}
{"time":1640995200,"USD":46217,"EUR":40624.5,"GBP":34162,"CAD":58418,"CHF":42150,"AUD":63571,"JPY":5317723}
{"time":1640908800,"USD":47123,"EUR":-1,"GBP":34912,"CAD":60069,"CHF":43060,"AUD":64966,"JPY":5421500}'
}

bundled_day() {
    WINDFALL_ELEXON_URL=file://$root/tests/data/archive fetch-elexon -q --store 2022-01-01
    calc-btc -q --store 2022-01-01
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
}

column() { # NAME: that column of a TSV on stdin
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}

fetch_in() { # CURRENCY...: store the prices of each
    for currency in "$@"; do fetch-prices -q --store --source mempool --currency "$currency"; done
}

@test "euros from the source to the report: fetched, stored, valued, audited, shown" {
    bundled_day
    around_new_year
    export WINDFALL_CURRENCY=EUR
    run --separate-stderr fetch-prices --store
    [ "$status" -eq 0 ]
    [[ "$stderr" == *" currency=EUR source=mempool"* ]]
    # The day's first price; -1 is none; nothing of another currency.
    [ "$(sql "select price_date, currency, price from bitcoin_prices order by 1")" = "2022-01-01|EUR|40624.5
2022-01-02|EUR|41968" ]
    run --separate-stderr rollup-summaries 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 day is valued in a currency other than EUR"* ]]
    [[ "$output" == *$'bitcoin_day\t2022-01-01 S9\tcurrency\tUSD\tEUR'* ]]
    for table in bitcoin_daily_summaries bitcoin_monthly_summaries bitcoin_yearly_summaries; do
        [ "$(sql "select bool_and(currency = 'EUR' and value_at_mining = bitcoin_mined * 40624.5), count(*) from $table")" = "t|3" ]
    done
    [ "$(sql "select distinct price, price_assumed, price_date from bitcoin_daily_summaries")" = "40624.5|f|2022-01-01" ]
    audit-calcs -q
    # Twice is once.
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    [ "$(rollup-summaries)" = "" ]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/once" -
    # Whoever reads it is told the currency.
    [[ "$("$root/scripts/report" 2022-01-01)" == *"EUR 17,937,743"*"at the day's 40,624.50 EUR"* ]]
    "$root/scripts/summary" --model S9 --format tsv 2022 >"$BATS_TEST_TMPDIR/summary"
    [ "$(column currency <"$BATS_TEST_TMPDIR/summary") $(column price <"$BATS_TEST_TMPDIR/summary") $(column price_state <"$BATS_TEST_TMPDIR/summary")" = \
"EUR 40624.5 known" ]
    [[ "$("$root/scripts/summary" 2022)" == *"17,937,743.15 EUR "* ]]
    [[ "$("$root/scripts/reconcile" report)" == *" EUR "* ]]
    [ "$(check-status --format json | jq -r '.counted.currency, .counted.summary_differences, .counted.days_without_price' | paste -sd' ')" = "EUR 0 0" ]
    [[ "$(check-status)" == *"valued in"*"EUR"* ]]
}

@test "from dollars to pounds and back: every row is as it was" {
    bundled_day
    around_new_year
    fetch_in USD GBP
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    dump_db >"$BATS_TEST_TMPDIR/dollars"
    WINDFALL_CURRENCY=GBP rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct currency, price from bitcoin_daily_summaries")" = "GBP|34162" ]
    dump_db >"$BATS_TEST_TMPDIR/pounds"
    # An empty setting is none.
    WINDFALL_CURRENCY='' rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    dump_db | cmp "$BATS_TEST_TMPDIR/dollars" -
    WINDFALL_CURRENCY=GBP rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    dump_db | cmp "$BATS_TEST_TMPDIR/pounds" -
}

@test "what is valued in another currency than configured is a difference of each row, to both checks" {
    bundled_day
    around_new_year
    fetch_in USD CHF
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    audit-calcs -q
    export WINDFALL_CURRENCY=CHF
    run --separate-stderr audit-calcs --no-header
    [ "$status" -eq 1 ]
    [[ "$output" == *$'bitcoin_day\t2022-01-01 S9\tcurrency\tUSD\tCHF\t'* ]]
    [[ "$output" == *$'bitcoin_day\t2022-01-01 M20S\tprice\t46217\t42150\t4067'* ]]
    # Three models, on three levels.
    [ "$(check-status --format json | jq .counted.summary_differences)" -eq 9 ]
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    audit-calcs -q
    [ "$(check-status --format json | jq .counted.summary_differences)" -eq 0 ]
    # A single row of a month that says another currency is one, too.
    sql "update bitcoin_monthly_summaries set currency = 'USD' where miner_model = 'S9'"
    run audit-calcs --no-header
    [ "$status" -eq 1 ]
    [ "$(grep -c currency <<<"$output")" -ge 1 ]
    [ "$(check-status --format json | jq .counted.summary_differences)" -ge 1 ]
}

@test "without a price a day has a value in dollars only, assumed; elsewhere it has none, and says so on every level" {
    bundled_day
    [ "$(sql "select distinct price, price_assumed from bitcoin_daily_summaries")" = "65000|t" ]
    export WINDFALL_CURRENCY=JPY
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct currency, price is null, price_assumed, value_at_mining is null from bitcoin_daily_summaries")" = "JPY|t|f|t" ]
    for table in bitcoin_monthly_summaries bitcoin_yearly_summaries; do
        [ "$(sql "select distinct currency, value_at_mining is null, days, days_price_assumed, days_without_price from $table")" = "JPY|t|1|0|1" ]
    done
    audit-calcs -q
    [[ "$("$root/scripts/report" 2022-01-01)" == *"JPY -"*"no price in JPY is known"* ]]
    "$root/scripts/summary" --model S9 --format tsv 2022-01-01 >"$BATS_TEST_TMPDIR/summary"
    [ "$(column value_at_mining <"$BATS_TEST_TMPDIR/summary") $(column price_state <"$BATS_TEST_TMPDIR/summary")" = '\N unknown' ]
    [ "$(check-status --format json | jq .counted.days_without_price)" -eq 1 ]
    # A second day, which has one: the month's value is that day's, and one day is still without.
    around_new_year
    sql "insert into historical_bitcoin_calculations select '2022-01-20', settlement_period, farm_id, miner_model, curtailed_mwh, miners,
            difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined, calculated_at
           from historical_bitcoin_calculations where settlement_period = (select min(settlement_period) from historical_bitcoin_calculations);
         insert into bitcoin_prices values ('2022-01-20', 'JPY', 4771000, 'x')"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select bool_and(m.value_at_mining = d.bitcoin_mined * 4771000 and m.days = 2 and m.days_without_price = 1)
                from bitcoin_monthly_summaries m join bitcoin_daily_summaries d using (miner_model) where d.settlement_date = '2022-01-20'")" = t ]
    "$root/scripts/summary" --model S9 --format tsv 2022-01 >"$BATS_TEST_TMPDIR/summary"
    [ "$(column price <"$BATS_TEST_TMPDIR/summary") $(column price_state <"$BATS_TEST_TMPDIR/summary")" = '4771000 incomplete' ]
    sql "insert into bitcoin_prices values ('2022-01-01', 'JPY', 5317723, 'x')"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    [[ "$("$root/scripts/report" 2022-01-01)" == *"at the day's 5,317,723.00 JPY"* ]]
}

@test "a change reaches all days whichever were asked for; cut short, no month has a sum of two currencies" {
    bundled_day
    around_new_year
    fetch_in USD EUR
    sql "select ensure_month('2022-02-01');
         insert into historical_bitcoin_calculations select day, settlement_period, farm_id, miner_model, curtailed_mwh, miners,
            difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined, calculated_at
           from historical_bitcoin_calculations, (values (date '2022-01-02'), ('2022-02-01')) v (day) where settlement_period = (select min(settlement_period) from historical_bitcoin_calculations);
         insert into bitcoin_prices values ('2022-02-01', 'USD', 38000, 'x'), ('2022-02-01', 'EUR', 34000, 'x')"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    dump_db >"$BATS_TEST_TMPDIR/dollars"
    # Ended in February, with January done: the year is of two currencies, and has neither of them.
    sql "alter table bitcoin_daily_summaries add constraint no_further check (settlement_date < '2022-02-01' or currency = 'USD')"
    run env WINDFALL_CURRENCY=EUR rollup-summaries -q
    [ "$status" -ne 0 ]
    sql "alter table bitcoin_daily_summaries drop constraint no_further"
    [ "$(sql "select distinct left(year_month, 7), currency from bitcoin_monthly_summaries order by 1")" = "2022-01|EUR
2022-02|USD" ]
    [ "$(sql "select distinct currency is null, value_at_mining is null from bitcoin_yearly_summaries")" = "t|t" ]
    [ "$("$root/scripts/summary" --model S9 --format tsv 2022 | column value_at_mining)" = '\N' ]
    [ "$("$root/scripts/summary" --model S9 --format tsv 2022 | column price_state)" = currencies ]
    [[ "$("$root/scripts/reconcile" report)" == *"several currencies: run rollup-summaries"* ]]
    # To whoever expects euros: February and the year; three models each, on its day, its month and its year.
    [ "$(WINDFALL_CURRENCY=EUR check-status --format json | jq .counted.summary_differences)" -eq 9 ]
    # The next run for whichever day does the rest.
    run --separate-stderr env WINDFALL_CURRENCY=EUR rollup-summaries 2022-01-02
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 day is valued in a currency other than EUR"* ]]
    [ "$(sql "select currency from bitcoin_daily_summaries union select currency from bitcoin_monthly_summaries union select currency from bitcoin_yearly_summaries")" = EUR ]
    WINDFALL_CURRENCY=EUR audit-calcs -q 2022-01-01 || [ $? -eq 65 ]
    rollup-summaries -q 2022-02-01 >"$BATS_TEST_TMPDIR/changed"
    dump_db | cmp "$BATS_TEST_TMPDIR/dollars" -
}

@test "prices that come after the change are taken by the next run, whichever days it was asked for" {
    bundled_day
    export WINDFALL_CURRENCY=GBP
    rollup-summaries -q 2022-01-05 >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct currency, price is null from bitcoin_daily_summaries")" = "GBP|t" ]
    # A price of another time, and of another currency, is none of that day.
    sql "insert into bitcoin_prices values ('2021-12-18', 'GBP', 35000, 'x'), ('2022-01-02', 'GBP', 35277, 'x'), ('2022-01-01', 'USD', 46217, 'x')"
    run --separate-stderr rollup-summaries 2022-01-05
    [ "$output" = "" ]
    [[ "$stderr" != *"have a price now"* ]]
    # By the week: the day is between two of a fortnight at the most.
    sql "insert into bitcoin_prices values ('2021-12-19', 'GBP', 35100, 'x')"
    run --separate-stderr rollup-summaries 2022-01-05
    [[ "$stderr" == *"1 day without a value has a price now"* ]]
    [ "$(sql "select distinct price, price_date from bitcoin_daily_summaries")" = "35100|2021-12-19" ]
    audit-calcs -q
    sql "delete from bitcoin_prices where currency = 'GBP'"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    sql "insert into bitcoin_prices values ('2022-01-01', 'GBP', 34162, 'x')"
    rollup-summaries -q 2022-01-05 >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct price, price_date from bitcoin_daily_summaries")" = "34162|2022-01-01" ]
    [ "$(rollup-summaries 2022-01-05)" = "" ]
}

@test "a year that is in files is valued like the others: what it mined stands in its summaries" {
    bundled_day
    around_new_year
    fetch_in USD EUR
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    dump_db >"$BATS_TEST_TMPDIR/dollars"
    sql "create table kept as table historical_bitcoin_calculations; delete from historical_bitcoin_calculations;
         create table records as table curtailment_records; delete from curtailment_records;
         create table periods as table ingested_periods; delete from ingested_periods;
         insert into archived_years (year, host, directory, checksum, records, calculations, periods) values ('2022', 'h', '/d', 'c', 1, 1, 1)"
    WINDFALL_CURRENCY=EUR rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select bool_and(currency = 'EUR' and value_at_mining = bitcoin_mined * 40624.5), count(*) from bitcoin_daily_summaries")" = "t|3" ]
    [ "$(sql "select bool_and(currency = 'EUR' and value_at_mining = bitcoin_mined * 40624.5), count(*) from bitcoin_yearly_summaries")" = "t|3" ]
    [ "$(sql "select count(*) from daily_summaries")" = 1 ]
    WINDFALL_CURRENCY=EUR audit-calcs -q
    run audit-calcs -q
    [ "$status" -eq 1 ]
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    sql "delete from archived_years; insert into historical_bitcoin_calculations table kept; insert into curtailment_records table records;
         insert into ingested_periods table periods; drop table kept, records, periods"
    dump_db | cmp "$BATS_TEST_TMPDIR/dollars" -
}

@test "another word than a known code is refused with the list, before anything is asked or written" {
    bundled_day
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    for word in eur EURO US SEK 'USD, EUR' 'UR,' 'E UR' £; do
        for tool in 'fetch-prices --store' rollup-summaries audit-calcs; do
            # shellcheck disable=SC2086
            run env "WINDFALL_CURRENCY=$word" $tool
            [ "$status" -eq 78 ] || { echo "$word $tool: $status $output"; false; }
            [[ "$output" == *"USD, EUR, GBP, CAD, CHF, AUD, JPY"* ]]
        done
        run env "WINDFALL_CURRENCY=$word" check-status
        [ "$status" -eq 3 ]
    done
    run env WINDFALL_CURRENCY=SEK fix-difficulty 2022-01-01 2022-01-01 24272331996979.97
    [ "$status" -eq 78 ]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
    for word in gbp SEK 'USD, EUR' ''; do
        run fetch-prices --currency "$word"
        [ "$status" -eq 64 ]
        [[ "$output" == *"USD, EUR, GBP"* ]]
    done
    # blockchain.info knows dollars only, and is not asked for others.
    run fetch-prices --source blockchain --currency GBP
    [ "$status" -eq 64 ]
    [[ "$output" == *"--source mempool"* ]]
    run env WINDFALL_CURRENCY=GBP fetch-prices --source blockchain
    [ "$status" -eq 64 ]
    # What is written on the line goes before the setting.
    around_new_year
    [ "$(WINDFALL_CURRENCY=GBP fetch-prices -q --no-header --source mempool --currency CAD | cut -f 2 | sort -u)" = CAD ]
}

@test "a history that lacks the currency says so, and stores nothing" {
    history '{"time":1641081600,"EUR":41968,"USD":47738}
{"time":1640995200,"EUR":40624,"USD":46217}'
    run env WINDFALL_CURRENCY=AUD fetch-prices --store
    [ "$status" -eq 65 ]
    [[ "$output" == *"no price in AUD"* ]]
    # What it answers to a currency that it did not know in those days, and before there was any.
    history '{"time":1279497600,"AUD":0,"USD":0}'
    run env WINDFALL_CURRENCY=AUD fetch-prices --store
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from bitcoin_prices")" = 0 ]
}

@test "of a file only the rows in the currency asked for are taken, and the others are counted" {
    printf 'price_date\tcurrency\tprice\n2022-01-01\tUSD\t46217\n2022-01-01\tEUR\t40624\n2022-01-02\tEUR\t41968\n2022-01-03\tsek\t5\n' >"$BATS_TEST_TMPDIR/prices.tsv"
    run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/prices.tsv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"prices.tsv: 3 rows are skipped as not in USD: the first, on line 3, is in EUR"* ]]
    WINDFALL_CURRENCY=EUR fetch-prices -q --store --file "$BATS_TEST_TMPDIR/prices.tsv"
    [ "$(sql "select price_date, currency, price, source from bitcoin_prices order by 2, 1")" = "2022-01-01|EUR|40624|file
2022-01-02|EUR|41968|file
2022-01-01|USD|46217|file" ]
    run env WINDFALL_CURRENCY=GBP fetch-prices --store --file "$BATS_TEST_TMPDIR/prices.tsv"
    [ "$status" -eq 65 ]
    [[ "$output" == *"4 rows are skipped"*"no price in GBP"* ]]
    # Without the column they are in the one asked for.
    printf 'price_date\tprice\n2022-01-01\t34162\n' >"$BATS_TEST_TMPDIR/plain.tsv"
    WINDFALL_CURRENCY=GBP fetch-prices -q --store --file "$BATS_TEST_TMPDIR/plain.tsv"
    [ "$(sql "select price from bitcoin_prices where currency = 'GBP'")" = 34162 ]
}

@test "a price of another magnitude is named with its currency where that is not dollars" {
    bundled_day
    sql "insert into bitcoin_prices select day, c, case when day = '2022-01-01' and c = 'EUR' then 500000 else 40000 end, 'x'
           from (values (date '2021-12-31'), ('2022-01-01'), ('2022-01-02')) d (day), (values ('USD'), ('EUR')) v (c)"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    run audit-calcs --strict --no-header 2022-01-01
    [[ "$output" == *$'warning\t2022-01-01 EUR\tprice\t500000'* ]]
    [ "$(grep -c $'\tprice\t' <<<"$output")" -eq 1 ]
}
