# The summary of a span, against sums that plain SQL makes of the records.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load elexon
load month

summary() { "$root/scripts/summary" "$@"; }

column() { # NAME: that column of a TSV on stdin
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}

bundled_day() {
    fresh_db
    export WINDFALL_ELEXON_URL=file://$root/tests/data/archive
    fetch-elexon -q --store 2022-01-01
    calc-btc -q --store 2022-01-01
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
}

@test "the bundled day: every sum is the one that SQL makes of the records" {
    bundled_day
    run --separate-stderr summary --model S19J_PRO --format tsv 2022-01-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    echo "$output" >"$BATS_TEST_TMPDIR/day"
    day() { column "$1" <"$BATS_TEST_TMPDIR/day"; }
    [ "$(day curtailed_mwh) $(day state) $(day periods_final)" = '62399.044166466 final 48' ] || { echo "$output"; false; }
    [ "$(day periods)" = "$(sql 'select count(distinct settlement_period) from curtailment_records')" ]
    [ "$(day curtailed_mwh)|$(day period_farms)|$(day records)|$(day farms)|$(day payment)|$(day payment_to_farms)|$(day payment_by_farms)" = "$(sql "
        select trim_scale(sum(mwh)), count(*), sum(n), count(distinct farm_id), trim_scale(sum(net)), trim_scale(sum(gets)), trim_scale(sum(gives))
          from (select farm_id, round(sum(abs(volume)), 9) as mwh, count(*) as n, sum(payment) as net,
                       sum(greatest(payment, 0)) as gets, - sum(least(payment, 0)) as gives
                  from curtailment_records group by settlement_period, farm_id) as pairs")" ]
    [ "$(day payment_per_mwh)" = "$(sql "select round(sum(payment) / 62399.044166466, 6) from curtailment_records")" ]
    [ "$(day bitcoin_mined)" = "$(sql "select sum(bitcoin_mined)::numeric(20, 8) from historical_bitcoin_calculations where miner_model = 'S19J_PRO'")" ]
    # No price is known here: the assumed one is said to be so.
    [ "$(day price) $(day price_state) $(day currency)" = '65000 assumed USD' ]
    [ "$(day value_at_mining)" = "$(sql "select trim_scale($(day bitcoin_mined) * 65000)")" ]
    # Nobody knows the wind of that day here.
    [ "$(day curtailed_share_percent)$(day wind_periods)" = '\N0' ]
    # A row for each model, in all formats.
    [ "$(summary --format tsv 2022-01-01 | column miner_model | paste -sd ' ')" = 'M20S S19J_PRO S9' ]
    [ "$(summary --format ndjson 2022-01-01 | jq -s 'map(.curtailed_mwh) | unique | length')" = 1 ]
    [ "$(summary --format csv 2022-01-01 | wc -l)" -eq 4 ]
    [[ "$(summary 2022-01-01)" == *'62,399.044'*'4,418,777.64'* ]]
    # The whole history is that day.
    [ "$(summary --format tsv)" = "$(summary --format tsv 2022-01-01)" ]
}

@test "the share of the wind stands on the half hours whose generation is known" {
    bundled_day
    sql "insert into wind_generation (settlement_date, settlement_period, onshore_mwh, offshore_mwh)
         select '2022-01-01', p, 1000, 500 from generate_series(1, 24) p"
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
    summary --model S9 --format tsv 2022-01-01 >"$BATS_TEST_TMPDIR/day"
    [ "$(column wind_periods <"$BATS_TEST_TMPDIR/day")" -eq 24 ]
    [ "$(column curtailed_share_percent <"$BATS_TEST_TMPDIR/day")" = "$(sql "select round(100 * mwh / (36000 + mwh), 6)
        from (select sum(m) as mwh from (select round(sum(-volume), 9) as m from curtailment_records
               where settlement_period <= 24 group by settlement_period, farm_id) as pairs) as known")" ]
}

@test "days add up to the month and the year that are stored, to the last digit" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source)
         select d, 'USD', 80000 + extract(day from d) * 7.13, 'test' from generate_series(date '2025-03-01', '2025-03-20', '1 day') d"
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/changed"
    summary --by day --model M20S --format tsv 2025-03 >"$BATS_TEST_TMPDIR/days"
    summary --by month --model M20S --format tsv 2025-03 >"$BATS_TEST_TMPDIR/month"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/days")" -eq 32 ]
    for name in curtailed_mwh payment payment_to_farms payment_by_farms records period_farms periods bitcoin_mined value_at_mining; do
        whole=$(column $name <"$BATS_TEST_TMPDIR/month")
        [ "$(column $name <"$BATS_TEST_TMPDIR/days" | { echo 0; sed 's/^/+ /'; } | tr '\n' ' ' | xargs -0 -I{} psql -XAtq -d "$DATABASE_URL" -c "select {} = $whole")" = t ]
    done
    [ "$(column curtailed_mwh <"$BATS_TEST_TMPDIR/month") $(column payment <"$BATS_TEST_TMPDIR/month")" = \
      "$(sql "select trim_scale(curtailed_mwh) || ' ' || trim_scale(payment) from monthly_summaries")" ]
    [ "$(sql "select bitcoin_mined = $(column bitcoin_mined <"$BATS_TEST_TMPDIR/month")
                 and value_at_mining = $(column value_at_mining <"$BATS_TEST_TMPDIR/month")
                from bitcoin_monthly_summaries where miner_model = 'M20S'")" = t ]
    [ "$(column price_state <"$BATS_TEST_TMPDIR/days" | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd ' ')" = '11 assumed 20 known' ]
    [ "$(column price_state <"$BATS_TEST_TMPDIR/month")" = mixed ]
    [ "$(column state <"$BATS_TEST_TMPDIR/month") $(column farms <"$BATS_TEST_TMPDIR/month")" = \
      "final $(sql 'select count(distinct farm_id) from curtailment_records')" ]
    # So does the wind that is known, and what was turned down in its half hours.
    sql "insert into wind_generation (settlement_date, settlement_period, onshore_mwh, offshore_mwh)
         select d::date, p, 10 * p, 5 from generate_series(date '2025-03-02', '2025-03-05', '1 day') d, generate_series(1, 24) p"
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/changed"
    summary --by month --model S9 --format tsv 2025-03 >"$BATS_TEST_TMPDIR/wind"
    [ "$(column wind_periods <"$BATS_TEST_TMPDIR/wind")" -eq 96 ]
    [ "$(column curtailed_share_percent <"$BATS_TEST_TMPDIR/wind")" = "$(sql "select round(100 * mwh / (12480 + mwh), 6)
        from (select sum(m) as mwh from (select round(sum(-volume), 9) as m from curtailment_records
               where settlement_date between '2025-03-02' and '2025-03-05' and settlement_period <= 24
               group by settlement_date, settlement_period, farm_id) as pairs) as known")" ]
    # The year has a month of twelve, and says so.
    [ "$(summary --by year --model M20S --format tsv 2025 | awk -F '\t' 'NR == 2 { print $4, $5, $6 }')" = 'not_complete 31 365' ]
}

@test "compared: the span before and the same a year earlier; nothing stored is no zero" {
    fresh_month
    spans() { summary --compare --model S9 --format tsv "$@" | awk -F '\t' 'NR > 1 { print $1, $2, $3, $4, $7 == "\\N" }'; }
    [ "$(spans 2025-03)" = 'span 2025-03-01 2025-03-31 final 0
before 2025-02-01 2025-02-28 not_complete 1
year_earlier 2024-03-01 2024-03-31 not_complete 1' ]
    [ "$(spans 2025-03-11 2025-03-20 | sed 1d)" = 'before 2025-03-01 2025-03-10 final 0
year_earlier 2024-03-11 2024-03-20 not_complete 1' ]
    [ "$(spans 2024-02 | tail -n 1)" = 'year_earlier 2023-02-01 2023-02-28 not_complete 1' ]
    [ "$(spans 2025-02 | tail -n 1)" = 'year_earlier 2024-02-01 2024-02-29 not_complete 1' ]
    [ "$(spans 2025 | sed -n 2p)" = 'before 2024-01-01 2024-12-31 not_complete 1' ]
    # The day before is the one that it has by itself.
    [ "$(summary --compare --model S9 --format tsv 2025-03-20 | sed -n 3p | cut -f 2-)" = "$(summary --model S9 --format tsv 2025-03-19 | sed -n 2p | cut -f 2-)" ]
}

@test "what may still change and what is missing is said in a word" {
    fresh_month
    state() { summary --model "${2:-S9}" --format tsv "$1" | column state; }
    [ "$(state 2025-03-05)" = final ]
    sql "update ingested_periods set status = 'provisional' where (settlement_date, settlement_period) = ('2025-03-05', 7)"
    rollup-summaries -q 2025-03-05 >"$BATS_TEST_TMPDIR/changed"
    [ "$(state 2025-03-05)" = provisional ]
    [ "$(state 2025-03)" = provisional ]
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-06' and miner_model = 'S9'"
    rollup-summaries -q 2025-03-06 >"$BATS_TEST_TMPDIR/changed"
    [ "$(state 2025-03-06) $(state 2025-03-06 M20S)" = 'not_complete final' ]
    # Bitcoin that nobody calculated is not none.
    [ "$(summary --model S9 --format tsv 2025-03-06 | column bitcoin_mined)" = '\N' ]
    sql "delete from ingested_periods where (settlement_date, settlement_period) = ('2025-03-05', 7)"
    rollup-summaries -q 2025-03-05 >"$BATS_TEST_TMPDIR/changed"
    [ "$(state 2025-03-05)" = not_complete ]
    # Where nothing was curtailed it is known that nothing replaced it.
    sql "update daily_summaries set periods = 0 where settlement_date = '2025-03-07'"
    [ "$(summary --model S9 --format tsv 2025-03-07 | column replacement_state)" = known ]
}

@test "what cannot be is refused in words" {
    fresh_db
    refused() { # STATUS WORDS ARGUMENT...
        local want=$1 words=$2
        shift 2
        run --separate-stderr summary "$@"
        [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 64 'an invalid date' 2025-02-30
    refused 64 '2025-13: an invalid month' 2025-13
    refused 64 'not a date' 0001
    refused 64 'not a date' '2025-01-01; drop table x'
    refused 64 'the range is reversed' 2025-03-02 2025-03-01
    refused 64 'not a date' 2025-03 2025-04
    refused 64 'too many arguments' 2025-03-01 2025-03-02 2025-03-03
    refused 64 'a number of days' --last 0
    refused 64 'do not go together' --last 3 2025
    refused 64 'all, half-hour, day, month or year' --by week
    refused 64 'table, tsv, csv or ndjson' --format xml
    refused 64 'needs a value' --model
    refused 64 'no such option' --top 3
    refused 64 'no such option' 2025 --comparison
    refused 65 'there is no miner model S99; there are M20S, S19J_PRO, S9' --model S99 2025
    refused 65 "there is no miner model ' or true --" --model "' or true --" 2025
    refused 65 'no daily summaries yet'
}

@test "options stand before the span or behind it, with = or without, and may be shortened; what is no option is said to be that" {
    fresh_month 2025-03-02
    want=$(summary --by day --model S9 --format csv 2025-03)
    [ "$(wc -l <<<"$want")" -gt 2 ]
    [ "$(summary 2025-03 --by day --model S9 --format csv)" = "$want" ]
    [ "$(summary --by=day 2025-03 --model=S9 --form csv)" = "$want" ]
    [ "$(POSIXLY_CORRECT=1 GETOPT_COMPATIBLE=1 summary --by day --model S9 --format csv -- 2025-03)" = "$want" ]
    for wrong in '--topp 3|--topp: no such option' '-x|-x: no such option' '--compare=2025|--compare takes no value' '2025 --by|--by needs a value' \
                 "--by'x|--by'x: no such option" '-- --by|--by: not a date' '--c --m|--model needs a value'; do
        # shellcheck disable=SC2086
        run --separate-stderr summary ${wrong%%|*}
        echo "$wrong: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"${wrong#*|}"* ]]
    done
}

@test "the examples of each report's own help are taken as they stand" {
    fresh_month 2025-03-02
    cd "$BATS_TEST_TMPDIR"
    for report in summary rank-farms trend forecast export gains plot what-if size-fleet; do
        examples=$("$(type -P "$report")" --help | sed -nE "s/^  (windfall )?($report .*)/\2/p")
        [ -n "$examples" ] || { echo "$report: no example"; false; }
        while read -r example; do
            status=0
            example=${example%%|*}
            bash -c "$(type -P "$report") ${example#"$report"}" >out 2>said || status=$?
            echo "$example: $status $(cat said)"
            # There may be nothing to say of such a span, or no version of the books: 65.
            [ "$status" -eq 0 ] || [ "$status" -eq 65 ]
        done <<<"$examples"
    done
}

@test "a full disk under stdout is status 74 in each format; farms are counted where their days are summed" {
    fresh_month
    for format in table tsv csv ndjson; do
        status=0
        "$root/scripts/summary" --format $format 2025-03 >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
        [ "$status" -eq 74 ] || { echo "$format $status"; false; }
    done
    farms=$(summary --model S9 --format tsv 2025-03 | column farms)
    [ "$farms" -eq "$(sql 'select count(distinct farm_id) from curtailment_records')" ]
    # The records of an archived year are gone, the sums of its farms are not, unless it was archived before there were any.
    sql "insert into archived_years (year, host, directory, checksum, records, calculations, periods) values ('2025', 'h', '/d', 'c', 1, 1, 1)"
    sql "delete from curtailment_records"
    [ "$(summary --model S9 --format tsv 2025-03 | column farms)" = "$farms" ]
    sql "delete from farm_daily_summaries where settlement_date = '2025-03-02'"
    [ "$(summary --model S9 --format tsv 2025-03 | column farms)" = '\N' ]
}

@test "what farms pay stands beside what they are paid, and the net is the difference" {
    fresh_month
    sql "update curtailment_records set payment = - payment where settlement_date = '2025-03-05' and settlement_period between 3 and 20"
    sql "insert into bitcoin_prices (price_date, currency, price, source) values ('2025-03-01', 'USD', 80000, 'test'), ('2025-03-08', 'USD', 90000, 'test')"
    rollup-summaries -q 2025-03-05 >"$BATS_TEST_TMPDIR/changed"
    summary --model S9 --format tsv 2025-03-05 >"$BATS_TEST_TMPDIR/day"
    [ "$(column payment <"$BATS_TEST_TMPDIR/day")|$(column payment_to_farms <"$BATS_TEST_TMPDIR/day")|$(column payment_by_farms <"$BATS_TEST_TMPDIR/day")|t" = "$(sql "
        select trim_scale(sum(payment)), trim_scale(sum(payment) filter (where payment > 0)), trim_scale(- sum(payment) filter (where payment < 0)),
               sum(payment) filter (where payment < 0) < 0 from curtailment_records where settlement_date = '2025-03-05'")" ]
    # A price by the week: that of the day before it which has one.
    [ "$(column price <"$BATS_TEST_TMPDIR/day") $(column price_state <"$BATS_TEST_TMPDIR/day")" = '80000 earlier' ]
}
