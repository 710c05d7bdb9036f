# rollup-summaries: each level is the sum of the one below, after whatever happened.
load helper
load asking
load sums

setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
}

# The lines of the bundled day's bodies that are curtailment, as text: period, unit, price, |volume|.
raw_lines() {
    local period
    for period in {1..48}; do
        tr '}' '\n' <"$root/tests/data/archive/balancing/settlement/stack/all/bid/2022-01-01/$period" |
            sed -n 's/.*"id":"\([^"]*\)".*"soFlag":true.*"originalPrice":\([^,]*\),"volume":-\([^,]*\),.*/'"$period"' \1 \2 \3/p'
    done | LC_ALL=C sort -k 1,1n -k 2,2
}

# What a level's one row says: level_row month curtailed_mwh,records
level_row() {
    local table=daily_summaries
    [ "$1" = day ] || table=${1}ly_summaries
    sql "select $2 from $table order by 1"
}

@test "A-18: the bundled day's energy, payment and counts equal those that bc adds up from the bodies" {
    the_day
    raw_lines >raw
    awk '{ if ($1 " " $2 != key) { if (n++) print ")"; printf "e += r(0"; key = $1 " " $2 } printf "+%s", $4 }
         END { print ")\ne" }' raw >pairs
    { echo 'scale = 30'
      echo 'define r(x) { auto s, t; s = scale; scale = 0; t = (x * 1000000000 + .5) / 1; scale = s; return (t / 1000000000) }'
      cat pairs; } | BC_LINE_LENGTH=0 bc >energy
    awk '{ printf "p += -%s * %s\n", $4, $3 } END { print "p" }' raw | sed 's/--//' | BC_LINE_LENGTH=0 bc -l >payment
    [ "$(sql "select curtailed_mwh = $(cat energy), payment = $(cat payment) from daily_summaries")" = "t|t" ]
    [ "$(sql "select records, period_farms, periods from daily_summaries")" = \
      "$(wc -l <raw)|$(cut -d' ' -f 1,2 raw | uniq | wc -l)|$(cut -d' ' -f 1 raw | uniq | wc -l)" ]
    # The figures that were made outside this project.
    [ "$(level_row day "curtailed_mwh, round(payment, 2), records, period_farms")" = "62399.044166466|4418777.64|3525|1844" ]
}

@test "the bundled day's bitcoin equals what bc makes of the bodies, machine by machine" {
    the_day
    raw_lines >raw
    difficulty=$(awk -F '\t' '$1 <= "2022-01-01T00:00:00Z" { d = $3 } END { print d }' "$root/sql/reference/difficulty-epochs.tsv")
    awk '{ if ($1 " " $2 != key) { if (n++) print ")"; printf "z = f(0"; key = $1 " " $2 } printf "+%s", $4 }
         END { print ")\nb / 100000000" }' raw >pairs
    { echo "scale = 40; d = $difficulty * 2 ^ 32"
      echo 'define w(x) { auto s, t; s = scale; scale = 0; t = x / 1; scale = s; return (t) }'
      echo 'define f(x) { auto n; n = w((w(x * 10 ^ 9 + .5) / 10 ^ 9) * 2000000 / 3360)
            b += w(n * 68 * 10 ^ 12 * 1800 / d * 6.25 * 10 ^ 8 + .5); return (0) }'
      cat pairs; } | BC_LINE_LENGTH=0 bc >bitcoin
    [ "$(sql "select bitcoin_mined = $(cat bitcoin) from bitcoin_daily_summaries where miner_model = 'M20S'")" = t ]
    [ "$(sql "select bitcoin_mined = $(cat bitcoin) from bitcoin_yearly_summaries where miner_model = 'M20S'")" = t ]
    [ "$(sql "select value_at_mining = $(cat bitcoin) * 65000 from bitcoin_daily_summaries where miner_model = 'M20S'")" = t ]
}

@test "what changed is printed field by field, and when nothing did nothing is" {
    record 2025-03-04 7 T_A-1 -1.525 -20
    fetched 2025-03-04 7
    calc-btc -q --store 2025-03-04
    run --separate-stderr rollup-summaries -q 2025-03-04
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${lines[0]}" = $'level\tkey\tfield\told\tnew' ]
    [[ "$output" == *$'\nday\t2025-03-04\tcurtailed_mwh\t\\N\t1.525\n'* ]]
    [[ "$output" == *$'\nday\t2025-03-04\tpayment\t\\N\t30.5\n'* ]]
    [[ "$output" == *$'\nmonth\t2025-03\tdays\t\\N\t1\n'* ]]
    [[ "$output" == *$'\nbitcoin_year\t2025 S19J_PRO\tcalculations\t\\N\t1\n'* ]]
    run --separate-stderr rollup-summaries -q 2025-03-04
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
}

@test "twice is once: the second run writes nothing, so that it may do without the right to write" {
    the_day
    dump_db --exact >before
    PGOPTIONS='-c default_transaction_read_only=on' run --separate-stderr rollup-summaries -q
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    dump_db --exact | cmp - before
}

@test "where something must be written and may not be, the status is 77" {
    the_day
    sql "update daily_summaries set records = 1"
    PGOPTIONS='-c default_transaction_read_only=on' run --separate-stderr rollup-summaries -q
    [ "$status" -eq 77 ]
    [ "$output" = "" ]
}

@test "a record that is deleted goes from the day, its month and its year, and nothing else does" {
    the_day
    record 2022-02-01 1 T_B-1 -3 -1
    record 2022-12-31 48 T_B-1 -4 -1
    record 2021-12-31 48 T_B-1 -5 -1
    calculate_and_sum
    sql "select settlement_date, updated_at from daily_summaries where settlement_date <> '2022-01-01' order by 1" >others
    sql "select year, updated_at from yearly_summaries where year <> '2022'" >>others
    farm=$(sql "select farm_id from curtailment_records where settlement_date = '2022-01-01' order by volume limit 1")
    gone=$(sql "with gone as (delete from curtailment_records where settlement_date = '2022-01-01' and farm_id = '$farm' returning *)
                select sum(round(mwh, 9)) from (select sum(abs(volume)) mwh from gone group by settlement_period) g")
    calc-btc -q --store 2022-01-01
    rollup-summaries -q 2022-01-01 >changed
    for level in day$'\t'2022-01-01 month$'\t'2022-01 year$'\t'2022; do
        grep -F "$level"$'\t'curtailed_mwh changed | cut -f 4,5 | tr '\t' ' ' >was_is
        read -r was is <was_is
        [ "$(sql "select $was - $is = $gone")" = t ]
    done
    [ -z "$(cut -f 2 changed | grep -Ev '^(key|2022|2022-01|2022-01-01)( |$)')" ]
    { sql "select settlement_date, updated_at from daily_summaries where settlement_date <> '2022-01-01' order by 1"
      sql "select year, updated_at from yearly_summaries where year <> '2022'"; } | cmp - others
    audit-calcs -q --no-header >differences || true
    [ "$(cut -f 1 differences | sort -u)" = period ]
}

@test "when all of a day is gone, so are its summaries, and the month's and year's with the last day" {
    record 2025-03-04 7 T_A-1 -1 -20
    record 2025-03-05 7 T_A-1 -2 -20
    fetched 2025-03-04 7
    fetched 2025-03-05 7
    calculate_and_sum
    sql "delete from curtailment_records where settlement_date = '2025-03-05'; delete from ingested_periods where settlement_date = '2025-03-05'"
    calc-btc -q --store 2025-03-05
    rollup-summaries -q 2025-03-05 >changed
    grep -F $'day\t2025-03-05\tcurtailed_mwh\t2\t\\N' changed
    grep -F $'month\t2025-03\tcurtailed_mwh\t3\t1' changed
    sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations"
    rollup-summaries -q >changed
    grep -F $'year\t2025\tdays\t1\t\\N' changed
    [ "$(sql "select (select count(*) from daily_summaries) + (select count(*) from bitcoin_daily_summaries)
                   + (select count(*) from monthly_summaries) + (select count(*) from bitcoin_monthly_summaries)
                   + (select count(*) from yearly_summaries) + (select count(*) from bitcoin_yearly_summaries)")" = 0 ]
}

@test "a month and a year of which no day is left are removed by a run over everything" {
    the_day
    sql "insert into monthly_summaries select '2019-05', 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1"
    sql "insert into yearly_summaries select '2024', 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1"
    sql "insert into bitcoin_yearly_summaries select '2023', 'S9', 1, 1, 'USD', 1, 1, 65000"
    rollup-summaries -q >changed
    [ "$(cut -f 1,2 changed | sort -u | tail -n +2 | tr '\t\n' ' ;')" = "level key;month 2019-05;year 2024;" ]
    audit-calcs -q
}

@test "days go to their own month and year, and have the periods that the clocks give them" {
    record 2024-12-31 48 T_A-1 -1 -10
    record 2025-01-01 1 T_A-1 -2 -10
    record 2025-01-31 48 T_A-1 -4 -10
    record 2025-02-01 1 T_A-1 -8 -10
    record 2025-03-30 46 T_A-1 -16 -10
    record 2024-10-27 50 T_A-1 -32 -10
    calculate_and_sum
    [ "$(sql "select year_month, curtailed_mwh, days, periods_expected from monthly_summaries order by 1" | tr '\n' ' ')" = \
      "2024-10|32|1|50 2024-12|1|1|48 2025-01|6|2|96 2025-02|8|1|48 2025-03|16|1|46 " ]
    [ "$(sql "select year, curtailed_mwh, days, payment, periods_expected from yearly_summaries order by 1" | tr '\n' ' ')" = \
      "2024|33|2|330|98 2025|30|4|300|190 " ]
}

@test "energy is rounded once a period and farm, and every digit above that is kept" {
    # Two halves of 1e-9 of one farm are one; of two farms each rounds up.
    record 2025-03-04 1 T_A-1 -0.0000000005
    record 2025-03-04 1 T_A-1 -0.0000000005
    record 2025-03-04 2 T_A-1 -0.0000000005
    record 2025-03-04 2 T_B-1 -0.0000000005
    record 2025-03-04 3 T_A-1 -0.00000000049999
    calculate_and_sum
    [ "$(level_row day curtailed_mwh,records,period_farms,periods)" = "0.000000003|5|4|3" ]
}

@test "what farms are paid and what they pay are added apart, and the net keeps its sign" {
    record 2025-03-04 1 T_A-1 -10 -72.123456789
    record 2025-03-04 1 T_B-1 -10 3.5
    record 2025-03-04 2 T_B-1 -100 30
    record 2025-03-05 1 T_A-1 -1 0
    record 2025-03-06 1 T_A-1 -1
    calculate_and_sum
    [ "$(sql "select payment, payment_to_farms, payment_by_farms from daily_summaries order by settlement_date" | tr '\n' ' ')" = \
      "-2313.76543211|721.23456789|3035 0|0|0 0|0|0 " ]
    [ "$(level_row year payment,payment_to_farms,payment_by_farms)" = "-2313.76543211|721.23456789|3035" ]
}

@test "a day that was fetched and is empty has a row of zeros; one that never was has none" {
    fetched 2025-03-04
    fetched 2025-03-06 1-10
    sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-06' and settlement_period > 7"
    rollup-summaries -q >changed
    [ "$(sql "select settlement_date, curtailed_mwh, payment, records, periods, periods_ingested, periods_final, periods_expected
                from daily_summaries order by 1" | tr '\n' ' ')" = \
      "2025-03-04|0|0|0|0|48|48|48 2025-03-06|0|0|0|0|10|7|48 " ]
    [ "$(level_row month days,periods_ingested,periods_expected)" = "2|58|96" ]
    [ "$(sql "select count(*) from bitcoin_daily_summaries")" = 0 ]
}

@test "a price that arrives changes the value and its mark on every level, and one withdrawn changes it back" {
    the_day
    record 2022-01-02 1 T_A-1 -100 -1
    calculate_and_sum
    dump_db >before
    sql "insert into bitcoin_prices values ('2022-01-01', 'EUR', 1, 'test'), ('2022-01-01', 'USD', 46311.7446, 'test')"
    rollup-summaries -q >changed
    [ -z "$(cut -f 3 changed | grep -Evx 'field|price|price_assumed|price_date|value_at_mining|days_price_assumed')" ]
    [ "$(sql "select bool_and(value_at_mining = bitcoin_mined * 46311.7446 and not price_assumed)
                from bitcoin_daily_summaries where settlement_date = '2022-01-01'")" = t ]
    [ "$(sql "select bool_and(m.value_at_mining = d.value), min(days), max(days_price_assumed) from bitcoin_monthly_summaries m
                join (select miner_model, sum(value_at_mining) as value from bitcoin_daily_summaries group by 1) d using (miner_model)")" = "t|2|1" ]
    sql "update bitcoin_prices set price = 46311.74460"
    [ "$(rollup-summaries -q)" = "" ]
    sql "delete from bitcoin_prices"
    rollup-summaries -q >changed
    dump_db | cmp - before
}

@test "wind that is known is added, and wind that is not is null and not nought" {
    record 2025-03-04 1 T_A-1 -1
    record 2025-03-05 1 T_A-1 -1
    record 2025-04-05 1 T_A-1 -1
    sql "insert into wind_generation values ('2025-03-04', 1, 1000.5, 2000), ('2025-03-04', 2, 0.25, null), ('2025-02-01', 1, 7, 7)"
    calculate_and_sum
    [ "$(sql "select settlement_date, onshore_mwh, offshore_mwh from daily_summaries order by 1" | tr '\n' ' ')" = \
      "2025-03-04|1000.5|2000 2025-03-05|| 2025-04-05|| " ]
    # A half hour with one of the two says nothing of the whole; the share stands on the others.
    [ "$(sql "select wind_periods, wind_curtailed_mwh from daily_summaries order by settlement_date" | tr '\n' ' ')" = "1|1 0| 0| " ]
    [ "$(sql "select year_month, onshore_mwh, offshore_mwh from monthly_summaries order by 1" | tr '\n' ' ')" = \
      "2025-03|1000.5|2000 2025-04|| " ]
}

@test "a model that is no longer active keeps its calculations, and they their sums" {
    the_day
    sql "select * from bitcoin_yearly_summaries where miner_model = 'S9'" >before
    sql "update miner_models set active = false where miner_model = 'S9'"
    [ "$(rollup-summaries -q)" = "" ]
    sql "select * from bitcoin_yearly_summaries where miner_model = 'S9'" | cmp - before
    audit-calcs -q
}

@test "a sum that was changed by hand is mended with the day asked for, on whatever level it stands" {
    the_day
    # Some of them, others each time; tests/drill has all.
    mapfile -t all < <(changed_sums)
    each_sum_comes_back 5 "${all[@]}"
}

# A day is the sum of its half hours as they are after the run, not as they were found.
@test "a half hour or a farm's day that was changed by hand is mended, and no day above it believes it" {
    the_day
    dump_db >before
    sql "update period_summaries set curtailed_mwh = 1000, payment = 1, payment_to_farms = 2, payment_by_farms = 1,
                                     records = 7, farms = 7 where settlement_period = 10;
         delete from period_summaries where settlement_period = 11;
         insert into period_summaries select settlement_date, 50, 1, 1, 1, 0, 1, 1 from daily_summaries;
         update bitcoin_period_summaries set bitcoin_mined = 1, calculations = 9 where settlement_period = 10;
         delete from bitcoin_period_summaries where settlement_period = 11;
         update farm_daily_summaries set payment = 0, records = 0 where farm_id = (select min(farm_id) from farm_daily_summaries);
         insert into farm_daily_summaries select settlement_date, 'T_NONE-1', 1, 1, 1, 0, 1, 1 from daily_summaries;
         delete from bitcoin_farm_daily_summaries where miner_model = 'S9'"
    run dump_db
    [ "$output" != "$(cat before)" ]
    run --separate-stderr rollup-summaries -q 2022-01-01
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    dump_db | cmp - before
}

# The database has a function that adds the same up in numeric, which the tool falls back on.
@test "farms of any name and figures of any length are added up as the database adds them" {
    sql "select ensure_month('2025-03-01')" >/dev/null
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, acceptance_id, sequence_number, volume, payment)
         select date '2025-03-04' + n % 3, n % 48 + 1, (array['T_A-1', E'tab\\there', E'back\\\\slash', 'O''Farm \"1\"', 'zwölf', ''])[n % 6 + 1], 'bid', n, n,
                - (n * 7919 % 1009 + 1) / 1000000000000000.0, case when n % 11 > 0 then (n * 104729 % 2003 - 1000) / 1000000000000000000.0 end
           from generate_series(1, 3000) n"
    # Amounts that nobody would calculate, of farms that have records and of one that has none.
    sql "insert into historical_bitcoin_calculations
         select settlement_date, settlement_period, farm_id, miner_model, 1, 1, 1, 1, hashrate_ths, power_w,
                (settlement_period * 7919 % 1009) / 100000000.0
           from (select distinct settlement_date, settlement_period, farm_id from curtailment_records
                 union select '2025-03-06', 50, E'a\\tb') p cross join miner_models"
    for more in "select 1" \
        "update farm_daily_summaries set payment = payment + 1 where farm_id = E'tab\\there'" \
        "update bitcoin_farm_daily_summaries set farm_id = E'x\\ty\\\\' where farm_id = 'T_A-1'" \
        "update period_summaries set farms = farms + 1 where settlement_period = 3" \
        "delete from bitcoin_period_summaries where settlement_period < 9" \
        "update historical_bitcoin_calculations set bitcoin_mined = 'NaN' where settlement_period = 5" \
        "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05'" \
        "update curtailment_records set payment = 1234567890123456789 where settlement_period = 7" \
        "update curtailment_records set payment = 0.00000000000000000000000000001 where settlement_period = 8" \
        "update curtailment_records set volume = -123456789.5 where settlement_period = 9" \
        "update curtailment_records set payment = 'NaN' where settlement_period = 9" \
        "delete from curtailment_records where settlement_date = '2025-03-04'" \
        "delete from curtailment_records"; do
        sql "$more" >/dev/null
        rollup-summaries -q 2025-03-04 2025-03-06 >changed
        [ "$(sql "select sum_farms('2025-03-01', '2025-03-31')")" -eq 0 ] || { echo "$more"; return 1; }
        [ "$(rollup-summaries -q 2025-03-04 2025-03-06)" = "" ]
    done
    [ "$(sql "select count(*) from farm_daily_summaries")" -eq 0 ]
    [ "$(sql "select count(*) from bitcoin_farm_daily_summaries where farm_id = E'a\\tb'")" -eq 3 ]
}

@test "days come by rows on standard input, and days that were not asked for are left alone" {
    record 2025-03-04 1 T_A-1 -1
    record 2025-03-06 1 T_A-1 -2
    record 2025-04-06 1 T_A-1 -4
    printf 'reason\tsettlement_date\nx\t2025-04-06\ny\t2025-03-04\nz\t2025-03-04\n' | rollup-summaries -q - >changed
    [ "$(sql "select settlement_date from daily_summaries order by 1" | tr '\n' ' ')" = "2025-03-04 2025-04-06 " ]
    [ "$(level_row year days)" = 2 ]
    printf 'settlement_date\n2025-02-29\n' >bad
    run rollup-summaries - <bad
    [ "$status" -eq 65 ]
    for operands in "2025-02-29" "2025-03-05 2025-03-04" "--last 0" "2025-03-04 --last 3" "a b c"; do
        # shellcheck disable=SC2086
        run --separate-stderr rollup-summaries $operands
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
}

@test "A-05: killed at any moment, the next run brings what an undisturbed one does" {
    rollup_killed 2
}

@test "A-22: four at once over the days of one month and year end as one alone does" {
    many_days
    rollup-summaries -q >alone
    dump_db >wanted
    sql "truncate daily_summaries, bitcoin_daily_summaries, monthly_summaries, bitcoin_monthly_summaries, yearly_summaries, bitcoin_yearly_summaries"
    for first in 01 08 15 22; do
        last=$(printf '%02d' $((10#$first + 6)))
        (for day in $(seq -w "$first" "$last"); do rollup-summaries -q "2024-12-$day"; done >"out$first" 2>&1) 3>&- &
    done
    (rollup-summaries -q 2024-12-29 2025-01-29 >out29 2>&1) 3>&- &
    wait
    dump_db | cmp - wanted
    [ "$(rollup-summaries -q)" = "" ]
}

@test "a day that another job holds is waited for, and one that it does not hold is not" {
    the_day
    sql "update daily_summaries set records = 1"
    hold_day 2022-01-01
    # It is held until it is let go below.
    timeout 60 rollup-summaries -q 2023-01-02
    rollup-summaries -q 2022-01-01 >waited 3>&- &
    waiting=$!
    sql_until "(select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rollup-summaries') > 0"
    kill -0 "$waiting"
    echo "update daily_summaries set records = 3525;" >&"$HOLD"
    let_day_go
    # What the other job wrote while it held the day is seen: nothing is left to change.
    wait "$waiting"
    [ "$(<waited)" = "" ]
}

@test "without DATE the days that are counted are those of which something is stored, and not the days of their months" {
    the_day
    rollup-summaries >/dev/null 2>err
    grep -q 'msg="summed" days=1 rows_changed=0 ' err
    rollup-summaries 2022-01-01 2022-01-31 >/dev/null 2>err
    grep -q 'msg="summed" days=31 rows_changed=0 ' err
}

@test "a full disk under the list is status 74, and what was listed is stored" {
    the_day
    sql "update yearly_summaries set days = 2"
    status=0
    rollup-summaries -q >/dev/full 2>err || status=$?
    [ "$status" -eq 74 ]
    [ "$(level_row year days)" = 1 ]
}

@test "a closed standard output is nobody else's: what was listed is stored, of every month" {
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d, p, 'final', 'bid so', 0, 0, 0
           from generate_series(date '2025-01-01', date '2025-03-31', '1 day') d, generate_series(1, 46) p"
    status=0
    rollup-summaries >&- 2>err || status=$?
    [ "$status" -eq 74 ]
    [[ "$(tail -n 1 err)" == *'msg="cannot write standard output: a write failed before its end; is the disk full?"' ]]
    grep -q 'msg="summed" days=90' err
    [ "$(rollup-summaries -q)" = "" ]
    [ "$(sql "select count(*) from daily_summaries")" -eq 90 ]
}
