# The page of a span: what it says is what summary and rank-farms print.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load elexon
load sums
load month

report() { "$root/scripts/report" "$@"; }
summary() { "$root/scripts/summary" "$@"; }

column() { # NAME: that column of a TSV on stdin
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "a month: the page has the sums of summary, its days, its farms, and is audited" {
    fresh_month
    report 2025-03 >page
    summary --model S19J_PRO --format tsv 2025-03 >sums
    grep -qx 'Curtailed wind, March 2025' page
    grep -qx '  days            31 of 31 stored; half hours 1,486 of 1,486 fetched, 1,486 final' page
    grep -qx "  energy          $(column curtailed_mwh <sums | awk '{ printf "%.3f GWh", $1 / 1000 }') in 1,301 half hours, of $(column farms <sums) units" page
    grep -q "^  paid            £1,473,783.77, £50.30 a MWh$" page
    grep -q "^  S19J_PRO *$(column bitcoin_mined <sums) USD" page
    [ "$(grep -c '^  2025-03-[0-3][0-9] ' page)" -eq 31 ]
    [ "$(grep '^  2025-03-05 ' page | awk '{ print $2 }' | tr -d ,)" = "$(summary --model S9 --format tsv 2025-03-05 | column curtailed_mwh | awk '{ printf "%.3f", $1 }')" ]
    grep -q "^1 Stronelairg *$(sql "select to_char(sum(curtailed_mwh), 'FM999,990.000') from farm_daily_summaries where farm_id like 'T_STLGW-_'") " page
    grep -qx '  the span before February 2025: 0 of 28 days are stored, nothing is compared' page
    grep -qx '  a year earlier  March 2024: 0 of 31 days are stored, nothing is compared' page
    grep -qx '  audit           0 differences: every figure recalculated in SQL from the records alone' page
    # What was changed behind it is found before anybody believes the page.
    sql "update daily_summaries set payment = payment + 1 where settlement_date = '2025-03-05'"
    report 2025-03 | grep -q '^  audit           2 differences: audit-calcs 2025-03-01 2025-03-31 lists them$'
}

@test "a day's page: the machines of the busiest half hour, their share of the network, and who lost most, first" {
    fresh_month
    # Seven farms, of which the page has five.
    sql "insert into farm_daily_summaries select settlement_date, 'T_A-' || n, n / 10.0, 0, 0, 0, 1, 1
           from farm_daily_summaries, generate_series(1, 4) n where settlement_date = '2025-03-05' and farm_id = 'T_STLGW-2'"
    report 2025-03-05 >page
    # Ten minutes of a block at so many hashes each: difficulty * 2^32.
    sql "select miner_model || ' ' || to_char(max(machines), 'FM999,999') || ' ' || to_char(max(share), 'FM990.0') || ' % ' || (select bitcoin_mined
            from bitcoin_daily_summaries b where b.settlement_date = '2025-03-05' and b.miner_model = p.miner_model)
           from (select miner_model, sum(miners) as machines, 100 * sum(miners * hashrate_ths) * 1e12 / (max(difficulty) * 2^32::numeric / 600) as share
                   from historical_bitcoin_calculations where settlement_date = '2025-03-05' group by miner_model, settlement_period) p
          group by miner_model order by max(share) desc" >peaks
    [ "$(wc -l <peaks)" -eq 3 ]
    awk '$1 ~ /^(S19J_PRO|M20S|S9)$/ { print $1, $2, $3, $4, $5 }' page | diff peaks - || { cat page; false; }
    sql "select farm_id || ' ' || to_char(curtailed_mwh, 'FM999,990.0') from farm_daily_summaries where settlement_date = '2025-03-05'
          order by curtailed_mwh desc limit 5" >lost
    awk '/lost most/ { on = 1; next } /^ *$/ { on = 0 } on && !/---/ { match($0, /[0-9,]+\.[0-9] +£/); split(substr($0, RSTART), n, " "); print $1, n[1] }' page |
        diff lost - || { cat page; false; }
    grep -qx '  records         163, of 87 (period, farm) pairs in 48 periods' page
    grep -q '^  to replace it ' page
    sql "update daily_summaries set period_farms = 1, periods = 1 where settlement_date = '2025-03-05'"
    report 2025-03-05 | grep -qx '  records         163, of 1 (period, farm) pair in 1 period'
    # Where nothing was curtailed there is nothing to replace.
    sql "update daily_summaries set periods = 0 where settlement_date = '2025-03-05'"
    report 2025-03-05 >page
    ! grep 'to replace it' page || false
}

@test "a span beside the span before it; a year by months, and its audit named" {
    fresh_month
    report 2025-03-16 2025-03-30 >page
    before=$(summary --model S9 --format tsv 2025-03-01 2025-03-15 | column curtailed_mwh)
    now=$(summary --model S9 --format tsv 2025-03-16 2025-03-30 | column curtailed_mwh)
    grep -q "^  the span before 1 March 2025 to 15 March 2025: $(awk -v x="$before" 'BEGIN { printf "%.3f GWh", x / 1000 }') ($(sql "select to_char(100 * ($now / $before - 1), 'SFM990.0')") %), £" page
    report 2025 >page
    grep -qx 'Curtailed wind, 2025' page
    grep -q '^  days            31 of 365 stored' page
    grep -q '^  2025-03 *29,300.067 ' page
    grep -q '^  2025-07 *- .*nothing is stored$' page
    grep -qx '  audit           not done here, the span is long: audit-calcs 2025-01-01 2025-12-31' page
    # Part of a month says which part.
    report 2025-02-10 2025-04-05 | grep -q '^  2025-02-10 to 02-28 '
    # Of an amount below zero nothing is a percentage.
    sql "update daily_summaries set payment = -1 where settlement_date < '2025-03-16'"
    report 2025-03-16 2025-03-30 >page
    grep -q '^  the span before .*, £-15.00 (farms paid on balance)$' page
}

@test "a model that was retired in the span has a part of it, and the month is as final as its half hours" {
    fresh_month
    sql "update miner_models set active = false, retired_from = '2025-03-16' where miner_model = 'M20S'"
    sql "delete from historical_bitcoin_calculations where miner_model = 'M20S' and settlement_date >= '2025-03-16'"
    rollup-summaries -q --whole >rolled
    report 2025 >page
    grep -q '^  2025-03 .* final$' page
    [ "$(sed -n 's/^  \([A-Z][A-Z0-9_]*\( (.*)\)\{0,1\}\)  *[0-9].*/\1/p' page | paste -sd ,)" = 'S19J_PRO,M20S (part of it),S9' ]
    # Of a model in force, a part of the calculations is not enough.
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9' and settlement_date = '2025-03-05'"
    rollup-summaries -q --whole >rolled
    report 2025 | grep -q '^  2025-03 .* not complete$'
}

@test "every amount on a page has room for twelve digits, a share for three" {
    [ "$(grep -hoE "'S?FM(SG)?[09,]+" "$root"/sql/report/*.sql | tr -d "'SFMG" | sort -u)" = $'990\n999,999,999,990' ]
}

@test "a day is the page of that day, however it is written; what cannot be is refused" {
    fresh_month
    report 2025-03-05 >day
    report 2025-03-05 2025-03-05 | cmp - day
    grep -q '^  reconciliation' day
    for n in 1 2; do
        sql "update ingested_periods set status = 'suspect', suspect = 'odd' where settlement_date = '2025-03-05' and settlement_period = $n"
        report 2025-03-05 >day.$n
    done
    grep -qx '  suspect         1 settlement period: odd; the stored rows stay' day.1
    grep -qx '  suspect         2 settlement periods: odd; the stored rows stay' day.2
    refused() { # WORDS ARGUMENT...
        local words=$1
        shift
        run --separate-stderr report "$@"
        [ "$status" -eq 64 ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 'a DATE or a span is needed'
    refused 'an invalid date' 2025-02-30 2025-03-01
    refused '2025-13: an invalid month' 2025-13
    refused 'the range is reversed' 2025-03-02 2025-03-01
    refused 'too many arguments' 2025-03-01 2025-03-02 2025-03-03
    refused 'not a date' "2025-03'; drop table x --"
    refused 'no such option' --top 3
    run --separate-stderr report 2025-02-30
    [ "$status" -eq 64 ]
    for span in 2025-03 2025; do
        status=0
        report $span >/dev/full 2>said || status=$?
        [ "$status" -eq 74 ] || { echo "$span $status"; false; }
    done
}
