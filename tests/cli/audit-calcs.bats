# audit-calcs: whatever is not what the records give is found, named and counted, by another way.
load helper
load asking
load sums

# One day of two farms in two periods, everything made from it and right: made once, in SMALL.
setup_file() {
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR BATS_SUITE_TEST_NUMBER=small
    fresh_db
    record 2025-03-04 7 T_A-1 -1.525 -20
    record 2025-03-04 7 T_A-1 -2.25 -30
    record 2025-03-04 7 T_B-1 -450.75 12.5
    record 2025-03-04 8 T_A-1 -0.004166666666666667 -20
    fetched 2025-03-04
    calculate_and_sum
    export SMALL=$TEST_DB
}

teardown_file() { leave_db "$SMALL"; }

setup() { cd "$BATS_TEST_TMPDIR" || return; }

small_day() { fresh_db "$SMALL"; }

# What the audit lists, without its header; its status must be the one given, and each difference that of its two figures.
findings() {
    local want=$1
    shift
    run --separate-stderr audit-calcs -q --no-header "$@"
    echo "status $status, wanted $want: $output $stderr"
    [ "$status" -eq "$want" ]
    awk -F '\t' '
        function number(text) { return text ~ /^-?[0-9]+([.][0-9]+)?$/ }
        $1 != "unchecked" && number($4) && number($5) && (!number($6) || ($4 - $5 - $6) ^ 2 > (1e-12 * $4) ^ 2 + 1e-20) {
            print "no difference of its figures: " $0
            bad = 1
        }
        END { exit bad }' <<<"$output"
}

# Exactly these levels and fields are found, in this order, in words "level field level field …".
finds() {
    findings 1
    [ "$(cut -f 1,3 <<<"$output" | uniq | tr '\t\n' '  ')" = "$1 " ]
}

@test "the bundled day is without a difference: a header, status 0, nothing said" {
    the_day
    run --separate-stderr audit-calcs -q
    [ "$status" -eq 0 ]
    [ "$output" = $'level\tkey\tfield\tstored\texpected\tdifference' ]
    [ "$stderr" = "" ]
    PGOPTIONS='-c default_transaction_read_only=on' audit-calcs -q 2022-01-01
}

@test "an empty database has nothing to differ" {
    fresh_db
    findings 0
    [ "$output" = "" ]
}

@test "what a missing calculation should be is the amount worked out beforehand" {
    fresh_db
    # The worked table of the arithmetic: volumes, difficulty and amount by exact rationals.
    while read -r date volume model difficulty btc; do
        sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations;
             update network_difficulty set difficulty = $difficulty
              where effective_from <= '$date' and in_force_until > '$date'"
        record "$date" 10 T_A-1 "$volume"
        run --separate-stderr audit-calcs -q "$date"
        [ "$status" -eq 1 ]
        grep -Fx $'calculation\t'"$date 10 T_A-1 $model"$'\tmissing\t\\N\t'"$btc"$'\t-'"$btc" <<<"$output"
    done <<-END
		2025-03-24 -0.004166666666666667 S19J_PRO 113757508810853 0.00000230
		2025-03-24 -1.525 S19J_PRO 113757508810853 0.00115128
		2025-03-12 -1.525 S9 112149504190349 0.00036339
		2025-03-24 -450.75 M20S 113757508810853 0.21004727
		2024-02-01 -1.525 M20S 72006146478567 0.00224357
	END
}

@test "amounts that lie exactly between two satoshi, and just below, round as they should" {
    fresh_db
    # A machine of 1 TH/s makes 1.8e15 hashes.  By a subsidy of one bitcoin and a difficulty of
    # 3.6e23 / 2^32, which ends after eight decimals, it is paid exactly half a satoshi.
    sql "update miner_models set active = false;
         insert into miner_models values ('HALF', 1, 2, true)"
    sql "update block_subsidies set subsidy = 1; update network_difficulty set difficulty = 83819031715393.06640625"
    record 2025-03-04 1 T_A-1 -0.000003
    record 2025-03-04 2 T_A-1 -0.000005
    findings 1 2025-03-04
    grep -F $' 1 T_A-1 HALF\tmissing\t\\N\t0.00000002\t' <<<"$output"
    grep -F $' 2 T_A-1 HALF\tmissing\t\\N\t0.00000003\t' <<<"$output"
    sql "update network_difficulty set difficulty = 83819031715393.06640626"
    findings 1 2025-03-04
    grep -F $' 1 T_A-1 HALF\tmissing\t\\N\t0.00000001\t' <<<"$output"
    grep -F $' 2 T_A-1 HALF\tmissing\t\\N\t0.00000002\t' <<<"$output"
    calculate_and_sum
    findings 1
    [ "$(cut -f 1 <<<"$output" | sort -u)" = period ]
}

@test "the largest lawful energy, and more of it in one unit, is audited to the machine and the satoshi" {
    fresh_db
    sql "update miner_models set active = false;
         insert into miner_models values ('MOST', 100, 1, true), ('LEAST', 0.001, 1000000, true)"
    record 2025-03-04 1 T_A-1 -999999.999999999
    record 2025-03-04 2 T_A-1 -999999.999999999
    record 2025-03-04 2 T_A-1 -999999.999999999
    fetched 2025-03-04
    calculate_and_sum
    findings 0
    [ "$(sql "select count(*), max(miners), min(miners) from historical_bitcoin_calculations")" = "4|3999999999999|1999999" ]
    for figure in 'miners = miners - 1' 'bitcoin_mined = bitcoin_mined + 0.00000001' 'curtailed_mwh = curtailed_mwh - 0.000000001'; do
        sql "update historical_bitcoin_calculations set $figure"
        findings 1
        [ "$(grep -c ^calculation <<<"$output")" -eq 4 ]
        calculate_and_sum
    done
    findings 0
}

@test "random energies, models and difficulties: both ways agree in every row, and every wound is found" {
    fresh_db
    RANDOM=${SEED:=$RANDOM}
    echo "SEED=$SEED"
    sql "select setseed($((RANDOM % 1000)) / 1000.0),
                ensure_month('2016-07-09'), ensure_month('2020-10-25'), ensure_month('2024-04-20'), ensure_month('2025-03-30')" >/dev/null
    sql "insert into miner_models select 'R' || n, round((random() * 300 + 0.001)::numeric, n % 4), round((random() * 5000 + 1)::numeric, (n + 1) % 4), true
           from generate_series(1, 8) n"
    sql "create temp table made as select * from network_difficulty;
         update made set difficulty = round(difficulty * (0.5 + random())::numeric, (random() * 8)::integer);
         truncate network_difficulty;
         insert into network_difficulty select * from made"
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         select day, p, 'T_F-' || f, 'bid', n, - greatest((random() * 10 ^ ((n + f) % 5 - 1))::numeric, 0.000000000001)
           from unnest(array['2016-07-09', '2020-10-25', '2024-04-20', '2025-03-30']::date[]) day,
                lateral generate_series(1, settlement_periods(day)) p, generate_series(1, 3) f, generate_series(1, 2) n"
    for day in 2016-07-09 2020-10-25 2024-04-20 2025-03-30; do fetched $day; done
    calculate_and_sum
    # Fetched is noted for 48 periods a day: too few by two, too many by two.
    findings 1
    [ "$(cut -f 1 <<<"$output" | sort -u)" = period ]
    sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + 0.00000001
          where (settlement_period, farm_id) in ((4, 'T_F-1'), (40, 'T_F-3')) and miner_model in ('R1', 'S9')"
    findings 1
    [ "$(grep -c $'^calculation\t.*\tbitcoin_mined\t.*\t0.00000001$' <<<"$output")" -eq 16 ]
}

@test "a satoshi more in one calculation is found there, in its day, its farm's day and its half hour" {
    small_day
    sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + 0.00000001
          where farm_id = 'T_B-1' and miner_model = 'M20S'"
    stored=$(sql "select bitcoin_mined from historical_bitcoin_calculations where farm_id = 'T_B-1' and miner_model = 'M20S'")
    findings 1
    [ "${lines[0]}" = $'calculation\t2025-03-04 7 T_B-1 M20S\tbitcoin_mined\t'"$stored"$'\t'"$(bc <<<"$stored - 0.00000001" | sed 's/^\./0./')"$'\t0.00000001' ]
    [[ "${lines[1]}" == $'bitcoin_day\t2025-03-04 M20S\tbitcoin_mined\t'*$'\t-0.00000001' ]]
    [[ "${lines[2]}" == $'bitcoin_day\t2025-03-04 M20S\tvalue_at_mining\t'*$'\t-0.00065000' ]]
    [[ "${lines[3]}" == $'bitcoin_farm_day\t2025-03-04 T_B-1 M20S\tbitcoin_mined\t'*$'\t-0.00000001' ]]
    [[ "${lines[4]}" == $'bitcoin_half_hour\t2025-03-04 7 M20S\tbitcoin_mined\t'*$'\t-0.00000001' ]]
    [ "${#lines[@]}" -eq 5 ]
}

@test "a farm's day and a half hour are held to the records: a figure, a missing row, one too many" {
    small_day
    findings 0
    sql "update farm_daily_summaries set payment = payment + 1 where farm_id = 'T_B-1'"
    sql "delete from farm_daily_summaries where farm_id <> 'T_B-1'"
    sql "insert into period_summaries values ('2025-03-04', 48, 1, 2, 2, 0, 1, 1)"
    sql "delete from bitcoin_period_summaries where miner_model = 'S9'"
    findings 1
    [[ "$output" == *$'farm_day\t2025-03-04 T_B-1\tpayment\t'*$'\t1\n'* ]]
    [[ "$output" == *$'\nhalf_hour\t2025-03-04 48\torphan\t1\t'* ]]
    [ "$(grep -c $'^farm_day\t.*\tmissing' <<<"$output")" -eq "$(sql "select count(distinct farm_id) - 1 from curtailment_records")" ]
    [ "$(grep -c $'^bitcoin_half_hour\t.* S9\tmissing' <<<"$output")" -eq "$(sql "select count(distinct settlement_period) from curtailment_records")" ]
    # The next roll-up repairs all of it, and says nothing of it: these sums are not listed.
    rollup-summaries -q 2025-03-04 >changed
    [ ! -s changed ]
    findings 0
}

@test "each input that is stored with a calculation is looked at by itself" {
    small_day
    for field in curtailed_mwh miners difficulty hashrate_ths power_w; do
        sql "update historical_bitcoin_calculations set $field = $field + 1 where farm_id = 'T_B-1' and miner_model = 'S9'"
        finds "calculation $field"
        [ "$(cut -f 2,6 <<<"$output")" = $'2025-03-04 7 T_B-1 S9\t1' ] || [ "$(cut -f 6 <<<"$output" | bc)" = 1.0 ] || [ "$(cut -f 6 <<<"$output" | cut -d. -f 1)" = 1 ]
        sql "update historical_bitcoin_calculations set $field = $field - 1 where farm_id = 'T_B-1' and miner_model = 'S9'"
    done
    sql "update historical_bitcoin_calculations set subsidy = 6.25 where farm_id = 'T_B-1' and miner_model = 'S9'"
    finds "calculation subsidy"
}

@test "A-10: a calculation with another difficulty than the one in force is found" {
    the_day
    sql "update historical_bitcoin_calculations set difficulty = 108105433845147 where settlement_period = 20"
    findings 1
    [ "$(cut -f 1,3 <<<"$output" | sort -u)" = $'calculation\tdifficulty' ]
    [ "$(wc -l <<<"$output")" -eq "$(sql "select count(*) from historical_bitcoin_calculations where settlement_period = 20")" ]
}

@test "A-10: a day made with a difficulty that was corrected since, sums and all, is found in every row" {
    the_day
    sql "update network_difficulty set difficulty = difficulty + 1 where effective_from <= '2022-01-01' and in_force_until > '2022-01-02'"
    findings 1
    [ "$(grep -c $'\tdifficulty\t' <<<"$output")" -eq 5532 ]
    [ "$(cut -f 1 <<<"$output" | sort -u)" = calculation ]
    calculate_and_sum
    findings 0
}

@test "A-04: a period that was appended once more is found, even where all that follows was made from it" {
    the_day
    period=$(sql "select settlement_period from curtailment_records group by 1 order by count(*) desc limit 1")
    rows=$(sql "select count(*) from curtailment_records where settlement_period = $period")
    sql "insert into curtailment_records select (jsonb_populate_record(r, jsonb_build_object('sequence_number', r.sequence_number + 1000))).*
           from curtailment_records r where settlement_period = $period"
    calculate_and_sum
    findings 1
    [ "${lines[0]}" = $'period\t2022-01-01 '"$period"$'\trows_kept\t'"$rows"$'\t'"$((2 * rows))"$'\t-'"$rows" ]
    [[ "${lines[1]}" == $'period\t2022-01-01 '"$period"$'\tvolume\t'* ]]
    [ "${#lines[@]}" -eq 2 ]
}

@test "A-04: where the fetch itself brought every line twice, it is a warning" {
    the_day
    sql "insert into curtailment_records select (jsonb_populate_record(r, jsonb_build_object('sequence_number', r.sequence_number + 1000))).*
           from curtailment_records r where settlement_period = 20"
    fetched 2022-01-01
    calculate_and_sum
    rows=$(sql "select count(*) from curtailment_records where settlement_period = 20")
    distinct=$(sql "select count(distinct (farm_id, pair_id, volume, original_price)) from curtailment_records where settlement_period = 20")
    run --separate-stderr audit-calcs -q --no-header --plausibility
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"implausible: doubled of 2022-01-01 20 is $rows, expected $distinct"* ]]
    run --separate-stderr audit-calcs -q --no-header --strict
    [ "$status" -eq 1 ]
    output=$(grep -v network_share <<<"$output")	# twice the energy would have taken more machines than there were
    [ "$output" = $'warning\t2022-01-01 20\tdoubled\t'"$rows"$'\t'"$distinct"$'\t'$((rows - distinct)) ]
}

@test "A-08: a farm lost from the calculations of a period is found, though every period has some" {
    the_day
    farm=$(sql "select farm_id from historical_bitcoin_calculations where settlement_period = 20 order by 1 limit 1")
    sql "delete from historical_bitcoin_calculations where settlement_period = 20 and farm_id = '$farm'"
    rollup-summaries -q >changed
    finds "calculation missing"
    [ "$(cut -f 2 <<<"$output")" = "2022-01-01 20 $farm M20S
2022-01-01 20 $farm S19J_PRO
2022-01-01 20 $farm S9" ]
}

@test "A-08: a farm lost from the records, and from all that was made of them, is found by what was fetched" {
    the_day
    farm=$(sql "select farm_id from curtailment_records group by 1 order by sum(volume) limit 1")
    periods=$(sql "select count(distinct settlement_period) from curtailment_records where farm_id = '$farm'")
    sql "delete from curtailment_records where farm_id = '$farm'"
    calculate_and_sum
    finds "$(printf 'period rows_kept period volume %.0s' $(seq "$periods") | sed 's/ $//')"
}

@test "A-12: a summary updated to an expected figure is found on whatever level it stands" {
    the_day
    # Several at a time, of which none is a figure that another is summed from or into; a figure a hair or far away, by chance.
    for group in 1 2 3; do
        figure=$(some 1 'FIELD * 1.000000001' 'round(FIELD) + 1')
        expected=() wounds='begin' mending='begin'
        while read -r of table level key field; do
            [ "$of" = "$group" ] || continue
            expected+=("$level"$'\t'"$key"$'\t'"$field"$'\t')
            wounds+="; create table saved_$table as select * from $table; update $table set $field = ${figure/FIELD/$field}"
            mending+="; truncate $table; insert into $table select * from saved_$table; drop table saved_$table"
        done <<-END
			1 daily_summaries day 2022-01-01 curtailed_mwh
			1 monthly_summaries month 2022-01 payment
			1 bitcoin_daily_summaries bitcoin_day 2022-01-01.S9 bitcoin_mined
			1 bitcoin_yearly_summaries bitcoin_year 2022.M20S value_at_mining
			2 daily_summaries day 2022-01-01 payment
			2 monthly_summaries month 2022-01 curtailed_mwh
			2 bitcoin_daily_summaries bitcoin_day 2022-01-01.S9 value_at_mining
			2 bitcoin_monthly_summaries bitcoin_month 2022-01.S9 bitcoin_mined
			3 daily_summaries day 2022-01-01 payment_to_farms
			3 yearly_summaries year 2022 curtailed_mwh
		END
        [ "${#expected[@]}" -ge 2 ]
        sql "$wounds; commit"
        findings 1
        for line in "${expected[@]}"; do
            grep -E "^$line" <<<"$output"
        done
        sql "$mending; commit"
    done
    findings 0
}

@test "A-13: a month and a year that were never updated are found, and so are those that are not there" {
    the_day
    record 2022-01-02 1 T_A-1 -10 -1
    fetched 2022-01-02
    sql "create table old_month as select * from monthly_summaries; create table old_bitcoin as select * from bitcoin_yearly_summaries"
    calculate_and_sum
    sql "truncate monthly_summaries, bitcoin_yearly_summaries;
         insert into monthly_summaries select * from old_month; insert into bitcoin_yearly_summaries select * from old_bitcoin"
    findings 1 2022-01-02
    grep -F $'month\t2022-01\tcurtailed_mwh\t62399.044166466\t62409.044166466\t-10' <<<"$output"
    grep -F $'month\t2022-01\tdays\t1\t2\t-1' <<<"$output"
    grep -F $'bitcoin_year\t2022 S9\tcalculations\t1844\t1845\t-1' <<<"$output"
    rollup-summaries -q >changed
    leave_db "$TEST_DB"
    small_day
    for table in daily monthly yearly bitcoin_daily bitcoin_monthly bitcoin_yearly; do
        sql "delete from ${table}_summaries"
        findings 1
        grep -E '^[a-z_]+'$'\t''2025[-0-9 A-Z_]*'$'\t''missing' <<<"$output"
        rollup-summaries -q >changed
    done
    findings 0
}

@test "a summary without anything under it is an orphan, wherever it stands" {
    the_day
    sql "insert into daily_summaries select '2023-01-05', 1, 0, 0, 0, 1, 1, 1, 1, 1, 48;
         insert into bitcoin_daily_summaries select '2023-02-05', 'S9', 1, 1, 65000, 'USD', true, 65000;
         insert into monthly_summaries select '2021-05', 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1;
         insert into bitcoin_yearly_summaries select '2020', 'S9', 1, 1, 'USD', 1, 1, 65000"
    findings 1
    grep -Fx $'day\t2023-01-05\torphan\t1\t\\N\t1' <<<"$output"
    grep -Fx $'bitcoin_day\t2023-02-05 S9\torphan\t1\t\\N\t1' <<<"$output"
    grep -Fx $'month\t2021-05\torphan\t1\t\\N\t1' <<<"$output"
    grep -Fx $'bitcoin_year\t2020 S9\torphan\t1\t\\N\t1' <<<"$output"
}

@test "A-01: payments made positive, or stripped of a sign, are found record by record and in the day" {
    small_day
    sql "update curtailment_records set payment = abs(payment)"
    findings 1
    [ "$(grep -c $'^record\t' <<<"$output")" -eq 1 ]
    [[ "${lines[0]}" == $'record\t2025-03-04 7 T_B-1 bid 1 -1 '[0-9]*$'\tpayment\t5634.375\t-5634.375\t11268.750' ]]
    grep -F $'day\t2025-03-04\tpayment_by_farms\t' <<<"$output"
}

@test "A-02, A-03, A-19: rows taken out of a period are found against what was fetched" {
    small_day
    sql "delete from curtailment_records where farm_id = 'T_A-1' and settlement_period = 7
            and sequence_number = (select min(sequence_number) from curtailment_records where farm_id = 'T_A-1' and settlement_period = 7)"
    calculate_and_sum
    findings 1
    grep -Fx $'period\t2025-03-04 7\trows_kept\t3\t2\t1' <<<"$output"
    sql "delete from ingested_periods where settlement_period = 8"
    findings 1
    grep -F $'period\t2025-03-04 8\tmissing\t\\N\t1\t-1' <<<"$output"
}

@test "A-20, A-21: energy that changed under its calculations is found in each of them" {
    small_day
    sql "update curtailment_records set volume = volume - 1, payment = (volume - 1) * original_price where volume = -2.25"
    fetched 2025-03-04
    findings 1
    [ "$(grep -c $'^calculation\t2025-03-04 7 T_A-1 [A-Z0-9_]*\tcurtailed_mwh\t3.775000000\t4.775000000\t-1.000000000$' <<<"$output")" -eq 3 ]
    [ "$(grep -c $'^calculation\t.*\tbitcoin_mined\t' <<<"$output")" -eq 3 ]
    grep -F $'day\t2025-03-04\tcurtailed_mwh\t454.529166667\t455.529166667\t-1.000000000' <<<"$output"
}

@test "an orphan calculation is found; one of an inactive model is not missed, and must be right if it is there" {
    small_day
    sql "insert into historical_bitcoin_calculations select settlement_date, 40, farm_id, miner_model, curtailed_mwh, miners,
                difficulty, subsidy, hashrate_ths, power_w, 0.5
           from historical_bitcoin_calculations where farm_id = 'T_B-1' and miner_model = 'S9'"
    findings 1
    [ "${lines[0]}" = $'calculation\t2025-03-04 40 T_B-1 S9\torphan\t0.50000000\t\\N\t0.50000000' ]
    sql "delete from historical_bitcoin_calculations where settlement_period = 40"
    sql "update miner_models set active = false where miner_model = 'S9'"
    findings 0
    sql "update historical_bitcoin_calculations set miners = 0 where miner_model = 'S9' and farm_id = 'T_B-1'"
    finds "calculation miners"
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    rollup-summaries -q >changed
    findings 0
    sql "insert into historical_bitcoin_calculations select settlement_date, settlement_period, farm_id, 'GONE', curtailed_mwh, miners,
                difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined from historical_bitcoin_calculations where miner_model = 'M20S'"
    rollup-summaries -q >changed
    finds "calculation orphan"
}

@test "the calculations of a model that is retired are due before the day from which it is, and on a day that holds some" {
    small_day
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9';
         update miner_models set active = false, retired_from = '2025-03-04' where miner_model = 'S9'"
    rollup-summaries -q >changed
    findings 0
    sql "update miner_models set retired_from = '2025-03-05' where miner_model = 'S9'"
    finds "calculation missing"
    [ "${#lines[@]}" -eq 3 ]
    calc-btc -q --store 2025-03-04
    sql "update miner_models set retired_from = '2025-03-04' where miner_model = 'S9'"
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9' and farm_id = 'T_B-1'"
    rollup-summaries -q >changed
    finds "calculation missing"
    [ "$(cut -f 2 <<<"$output")" = "2025-03-04 7 T_B-1 S9" ]
}

@test "several days, months, farms that pay and wind: every sum is that of the level below" {
    small_day
    # A farm pays twice in a half hour and in two of them, and two farms in one; one has no price; one day is fetched and empty.
    record 2025-03-05 3 T_A-1 -7.5 4
    record 2025-03-05 3 T_A-1 -2.5 6
    record 2025-03-05 3 T_B-1 -1.25 2
    record 2025-03-05 4 T_A-1 -2.5 6
    record 2025-03-05 4 T_B-1 -1 -50
    record 2025-03-05 9 T_B-1 -1
    record 2025-04-06 1 T_A-1 -3 -20
    record 2025-04-06 2 T_B-1 -4 8
    for day in 2025-03-05 2025-03-06 2025-04-06; do fetched $day; done
    sql "update ingested_periods set status = 'provisional' where settlement_period in (1, 9)"
    # A half hour with as much on land as at sea, and one without wind, which is none that is known.
    sql "insert into wind_generation select d::date, p, case p when 8 then 0 when 9 then 50 else 100 end, case p when 8 then 0 else 50 end
           from unnest(array[date '2025-03-04', '2025-03-05', '2025-04-06']) d, generate_series(1, 20) p"
    sql "insert into bitcoin_prices values ('2025-03-05', 'USD', 90000, 'test'), ('2025-04-05', 'USD', 80000, 'test')"
    calculate_and_sum
    findings 0
    [ "$(sql "select days, payment_by_farms > 0, wind_periods from monthly_summaries where year_month = '2025-03'")" = "3|t|38" ]
}

@test "A-17: days of 46 and 50 periods are right, and a period that its day does not have is found" {
    fresh_db
    for day in "2025-03-30 46" "2024-10-27 50"; do
        record "${day% *}" 1 T_A-1 -5
        record "${day% *}" 5 T_A-1 -5
        record "${day% *}" "${day#* }" T_A-1 -5
        fetched "${day% *}" "1-${day#* }"
    done
    calculate_and_sum
    findings 0
    record 2025-03-30 47 T_A-1 -5
    fetched 2025-03-30 47
    findings 1
    grep -F $'period\t2025-03-30 47\tnumber\t47\t\\N\t\\N' <<<"$output"
}

@test "A-07: the halving in the middle of a day, and a retarget, count from the period that begins after them" {
    fresh_db
    # The halving was at 00:09:27 UTC, 01:09:27 in London, in period 3.  Periods 4 and on have 3.125.
    for period in 2 3 4 48; do record 2024-04-20 "$period" T_A-1 -100; done
    fetched 2024-04-20
    calculate_and_sum
    [ "$(sql "select settlement_period, max(subsidy) from historical_bitcoin_calculations group by 1 order by 1" | tr '\n' ' ')" = \
      "2|6.25000000 3|6.25000000 4|3.12500000 48|3.12500000 " ]
    findings 0
    sql "update historical_bitcoin_calculations set subsidy = 3.125 where settlement_period = 3"
    finds "calculation subsidy"
    sql "update historical_bitcoin_calculations set subsidy = 6.25 where settlement_period = 3"
    retarget=$(sql "select effective_from from network_difficulty where effective_from between '2025-03-20' and '2025-03-26'")
    period=$(sql "select 1 + floor(extract(epoch from timestamptz '$retarget' - date_trunc('day', timestamptz '$retarget')) / 1800)")
    for p in "$period" $((period + 1)); do record "${retarget% *}" "$p" T_A-1 -100; done
    fetched "${retarget% *}"
    calculate_and_sum
    [ "$(sql "select count(distinct difficulty) from historical_bitcoin_calculations where settlement_date = '${retarget% *}'")" = 2 ]
    findings 0
    # Of the half hours on both sides of each of them the day's bitcoin a MWh and its ratios are plausible.
    findings 0 --plausibility
    [[ "$stderr" != *bitcoin_a_mwh* && "$stderr" != *ratio* ]]
    sql "update historical_bitcoin_calculations c set difficulty = o.difficulty from historical_bitcoin_calculations o
          where c.settlement_date = '${retarget% *}' and o.settlement_date = c.settlement_date and o.settlement_period <> c.settlement_period"
    finds "calculation difficulty"
}

@test "where no difficulty is known the status is 65, what was not checked is listed, and the rest is checked" {
    small_day
    last=$(sql "select max(in_force_until)::date + 2 from network_difficulty")
    record "$last" 5 T_A-1 -10 -1
    record "$last" 5 T_B-1 -10 -1
    record "$last" 6 T_B-1 -10 -1
    fetched "$last"
    rollup-summaries -q >changed
    findings 65
    [ "${lines[0]}" = "unchecked	$last 5	difficulty	0	6	\\N" ]
    [ "${lines[1]}" = "unchecked	$last 6	difficulty	0	3	\\N" ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "$stderr" == *"2 periods could not be checked"* ]]
    # Each farm counts once, and a model until the day from which it is retired; what stands without a record is listed as well.
    record "$last" 5 T_B-1 -1 -1
    sql "insert into miner_models (miner_model, hashrate_ths, power_w, active, retired_from)
         values ('OLD', 100, 3000, false, '$last'), ('LATE', 100, 3000, false, date '$last' + 1);
         select ensure_month('$last');
         insert into historical_bitcoin_calculations select '$last', 7, farm_id, miner_model, curtailed_mwh, miners,
                difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where miner_model = 'S9' and settlement_period = 8" >/dev/null
    run --separate-stderr audit-calcs -q --no-header
    [ "$(grep '^unchecked' <<<"$output")" = "unchecked	$last 5	difficulty	0	8	\\N
unchecked	$last 6	difficulty	0	4	\\N
unchecked	$last 7	difficulty	1	0	\\N" ]
    sql "delete from miner_models where miner_model in ('OLD', 'LATE'); delete from historical_bitcoin_calculations where settlement_period = 7
           and settlement_date = '$last'; delete from curtailment_records where settlement_date = '$last' and volume = -1"
    sql "update historical_bitcoin_calculations set miners = 1 where miner_model = 'S9' and settlement_period = 8"
    findings 65
    [ "$(grep -c $'^calculation\t' <<<"$output")" -eq 1 ]
    findings 1 2025-03-04
    sql "delete from block_subsidies"
    findings 65 2025-03-04
    [[ "${lines[0]}" == $'unchecked\t2025-03-04 7\tsubsidy\t6\t6\t'* ]]
}

@test "prices: the day's own counts, the assumed one only where there is none" {
    small_day
    sql "insert into bitcoin_prices values ('2025-03-04', 'USD', 87222.195, 'test'), ('2025-03-05', 'USD', 1, 'test')"
    findings 1
    [ "$(cut -f 1,3 <<<"$output" | sort -u | tr '\t\n' '  ')" = "bitcoin_day price bitcoin_day price_assumed bitcoin_day price_date bitcoin_day value_at_mining " ]
    rollup-summaries -q >changed
    findings 0
}

@test "wind that came after the sums is found in the day, and mended" {
    small_day
    sql "insert into wind_generation values ('2025-03-04', 1, 1000.5, 2000)"
    findings 1
    [ "$output" = $'day\t2025-03-04\toffshore_mwh\t\\N\t2000\t\\N\nday\t2025-03-04\tonshore_mwh\t\\N\t1000.5\t\\N\nday\t2025-03-04\twind_curtailed_mwh\t\\N\t0\t\\N\nday\t2025-03-04\twind_periods\t0\t1\t-1' ]
    rollup-summaries -q >changed
    findings 0
}

@test "farm ids of any kind come out whole in every format" {
    fresh_db
    record 2025-03-04 1 'O'\'\''Farm "1"' -10
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         values ('2025-03-04', 2, E'a\tb\\\\c\nd', 'bid', 9, -1)"
    fetched 2025-03-04
    rollup-summaries -q >changed
    findings 1
    [ "${#lines[@]}" -eq 6 ]
    [[ "${lines[3]}" == $'calculation\t2025-03-04 2 a\\tb\\\\c\\nd M20S\tmissing\t'* ]]
    run --separate-stderr audit-calcs -q --format ndjson
    [ "$(jq -r '.key' <<<"${lines[0]}")" = '2025-03-04 1 O'\''Farm "1" M20S' ]
    [ "$(jq -rs '.[3].key' <<<"$output")" = $'2025-03-04 2 a\tb\\c\nd M20S' ]
    run --separate-stderr audit-calcs -q --format csv
    [[ "${lines[1]}" == 'calculation,"2025-03-04 1 O'\''Farm ""1"" M20S",missing,,'* ]]
}

@test "the days that are said to be audited are those stored, not those between them" {
    fresh_db
    for day in 2025-03-04 2025-08-04; do
        record "$day" 1 T_A-1 -10
        fetched "$day" 1-48
    done
    run --separate-stderr audit-calcs
    [[ "$stderr" == *"audited"*"days=2 "* ]]
    run --separate-stderr audit-calcs 2025-03-01 2025-03-31
    [[ "$stderr" == *"audited"*"days=1 "* ]]
    run --separate-stderr audit-calcs 2025-05-01 2025-05-31
    [[ "$stderr" == *"audited"*"days=0 "* ]]
}

@test "what stands in months of which nothing else is stored is found; a year and a month are listed once" {
    small_day
    record 2019-11-04 1 T_A-1 -10
    fetched 2019-11-04 1-48
    calculate_and_sum 2019-11-04
    findings 0
    # Between the two, and behind them: rows of tables that are not read for the months.
    sql "insert into farm_daily_summaries values ('2022-06-15', 'T_A-1', 1, 0, 0, 0, 1, 1), ('2022-06-30', 'T_B-1', 1, 0, 0, 0, 1, 1);
         insert into bitcoin_period_summaries values ('2022-08-01', 1, 'S9', 1, 1);
         insert into period_summaries values ('1999-12-31', 1, 1, 0, 0, 0, 1, 1);
         insert into bitcoin_farm_daily_summaries values ('2031-01-01', 'T_A-1', 'S9', 1, 1)"
    findings 1
    [ "$(cut -f 1-3 <<<"$output")" = "\
half_hour	1999-12-31 1	orphan
farm_day	2022-06-15 T_A-1	orphan
farm_day	2022-06-30 T_B-1	orphan
bitcoin_half_hour	2022-08-01 1 S9	orphan
bitcoin_farm_day	2031-01-01 T_A-1 S9	orphan" ]
    rollup-summaries -q
    findings 0
    # Days with one between them are two stretches of one month and year.
    sql "update yearly_summaries set days = 7 where year = '2025'; update monthly_summaries set days = 9 where year_month = '2025-03'"
    findings 1 - <<<$'settlement_date\n2025-03-04\n2025-03-06\n2025-05-01'
    [ "$(cut -f 1-3 <<<"$output")" = $'month\t2025-03\tdays\nyear\t2025\tdays' ]
}

@test "every change to a stored figure makes its day doubtful, exactly where a level has something to list" {
    small_day
    record 2025-03-05 3 T_B-1 -7.5 -4
    # What is moved among these four leaves every sum as it was: of the half hours, of the farms and of the day.
    for farm in T_A-1 T_B-1; do record 2025-03-05 11 $farm -3 -20; record 2025-03-05 12 $farm -4 -20; done
    fetched 2025-03-05
    sql "insert into wind_generation select '2025-03-04', p, 100, 50 from generate_series(1, 48) p"
    # A machine of this model is worth so much less than a satoshi that one more of it leaves the bitcoin as it was.
    sql "insert into miner_models (miner_model, hashrate_ths, power_w) values ('LEAST', 0.001, 3000)"
    calculate_and_sum
    # Each is tried by itself and taken back: first nothing, then each figure of each table, rows lost and rows too many, and
    # the facts beneath.
    {
        echo "select 1"
        sql "select format('update %I set %I = %s where settlement_date = ''2025-03-04''%s', t, column_name,
                           case data_type when 'boolean' then 'not ' || column_name when 'date' then '''2025-03-01'''
                                          when 'text' then '''EUR''' else 'coalesce(' || column_name || ', 0) + 1' end,
                           case when t = 'curtailment_records' then ' and volume = -1.525' when column_name = 'bitcoin_mined' then ' and miner_model = ''S9''' else '' end)
               from unnest(array['curtailment_records', 'historical_bitcoin_calculations', 'daily_summaries', 'bitcoin_daily_summaries',
                                 'farm_daily_summaries', 'period_summaries', 'bitcoin_farm_daily_summaries', 'bitcoin_period_summaries']) t
               join information_schema.columns on table_name = t
              where (data_type in ('numeric', 'integer', 'bigint', 'boolean') or column_name in ('currency', 'price_date'))
                and column_name not in ('final_price', 'so_flag', 'cadl_flag', 'acceptance_id', 'sequence_number',
                                        'transmission_loss_multiplier', 'volume')
              order by t, ordinal_position"
        for table in curtailment_records historical_bitcoin_calculations daily_summaries bitcoin_daily_summaries farm_daily_summaries \
            period_summaries bitcoin_farm_daily_summaries bitcoin_period_summaries ingested_periods; do
            echo "delete from $table where settlement_date = '2025-03-05'"
            moving "$table" 2025-03-05 2025-03-06
        done
        for table in historical_bitcoin_calculations bitcoin_daily_summaries bitcoin_farm_daily_summaries bitcoin_period_summaries; do
            echo "delete from $table where miner_model = 'S9'"
            echo "update $table set miner_model = 'XX' where miner_model = 'S9'"
        done
        cat <<-'END'
		update curtailment_records set volume = volume - 0.000000001, payment = (volume - 0.000000001) * original_price where settlement_period = 3
		update curtailment_records set volume = volume - 0.0000000001, payment = (volume - 0.0000000001) * original_price where settlement_period = 3
		update curtailment_records set settlement_period = 9 where settlement_period = 8
		update curtailment_records set farm_id = case farm_id when 'T_A-1' then 'T_B-1' else 'T_A-1' end where settlement_period = 7
		update curtailment_records set volume = volume + case when (farm_id = 'T_A-1') = (settlement_period = 11) then 0.5 else -0.5 end, payment = (volume + case when (farm_id = 'T_A-1') = (settlement_period = 11) then 0.5 else -0.5 end) * original_price where settlement_period in (11, 12)
		update curtailment_records set payment = payment + case volume when -1.525 then 1 else -1 end where settlement_period = 7 and farm_id = 'T_A-1'
		update historical_bitcoin_calculations set miners = miners - 1 where settlement_period = 7
		update historical_bitcoin_calculations set miners = miners + 1 where miner_model = 'LEAST' and settlement_period = 7
		update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined - 0.00000001 where settlement_period = 3 and miner_model = 'M20S'
		update historical_bitcoin_calculations set bitcoin_mined = 'NaN' where settlement_period = 3
		update historical_bitcoin_calculations set curtailed_mwh = curtailed_mwh + 0.000000001 where settlement_period = 3
		update historical_bitcoin_calculations set farm_id = 'T_C-1' where farm_id = 'T_A-1' and settlement_period = 8
		update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + case farm_id when 'T_A-1' then 0.00000001 else -0.00000001 end where settlement_period = 7
		update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + case settlement_period when 11 then 0.00000001 else -0.00000001 end where settlement_period in (11, 12)
		update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + case when (farm_id = 'T_A-1') = (settlement_period = 11) then 0.00000001 else -0.00000001 end where settlement_period in (11, 12)
		update historical_bitcoin_calculations set curtailed_mwh = curtailed_mwh + case when (farm_id = 'T_A-1') = (settlement_period = 11) then 0.000000001 else -0.000000001 end where settlement_period in (11, 12)
		update historical_bitcoin_calculations c set curtailed_mwh = o.curtailed_mwh, miners = o.miners, bitcoin_mined = o.bitcoin_mined from historical_bitcoin_calculations o where c.settlement_period = 7 and o.settlement_period = 7 and o.settlement_date = c.settlement_date and o.farm_id <> c.farm_id and o.miner_model = c.miner_model
		update historical_bitcoin_calculations set settlement_period = 4 where settlement_period = 3
		update ingested_periods set rows_kept = rows_kept + 1 where settlement_period = 7
		update ingested_periods set volume = volume - 1 where settlement_period = 1
		update ingested_periods set status = 'provisional' where settlement_period = 1
		insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume) values ('2025-03-04', 49, 'final', 'bid so', 0, 0, 0)
		update wind_generation set onshore_mwh = 101 where settlement_period = 2
		delete from wind_generation where settlement_period = 7
		update miner_models set hashrate_ths = hashrate_ths + 1 where miner_model = 'S9'
		update miner_models set power_w = power_w - 0.001 where miner_model = 'M20S'
		update miner_models set active = false, retired_from = '2025-03-05' where miner_model = 'S9'
		update miner_models set active = false, retired_from = '2025-03-01' where miner_model = 'S9'
		insert into miner_models (miner_model, hashrate_ths, power_w) values ('NEW', 100, 3000)
		update network_difficulty set difficulty = difficulty + 0.00000001 where '2025-03-04' between effective_from and in_force_until
		delete from network_difficulty where effective_from > '2025-01-01'
		update block_subsidies set subsidy = 3.2
		insert into bitcoin_prices values ('2025-03-04', 'USD', 90000, 'test')
		insert into bitcoin_prices values ('2025-03-01', 'USD', 90000, 'test'), ('2025-03-15', 'USD', 90000, 'test')
		insert into bitcoin_prices values ('2025-03-01', 'USD', 90000, 'test'), ('2025-03-16', 'USD', 90000, 'test')
		insert into archived_years values ('2025', now(), 'h', 'd', 'c', 1, 1, 1)
		update day_proofs set records = records + 1
		update day_proofs set pairs = pairs + 1
		update day_proofs set curtailed_mwh = curtailed_mwh + 0.000000001
		update day_proofs set calculations = calculations - 1
		update day_proofs set settlement_date = '2025-03-06' where settlement_date = '2025-03-05'
		END
    } >changes
    [ "$(wc -l <changes)" -ge 100 ]
    # On a cluster no day is proved: there is no proof to change.
    [ -z "$SUITE_ENGINE" ] || sed -i '/ day_proofs /d' changes
    levels=(record period calculation unchecked day bitcoin-day farm-day half-hour bitcoin-farm-day bitcoin-half-hour proof)
    {
        printf '%s\n' '\set from 2025-03-03' '\set to 2025-03-07' '\set currency USD' "set work_mem = '32MB';"
        # Planned once: that takes longer than to look at two days.
        for level in doubtful "${levels[@]}"; do
            printf 'prepare "%s" as\n' "$level"
            cat "$root/sql/query/audit-$level.sql"
        done
        while read -r change; do
            printf '%s\n' "begin; $change \g /dev/null" "\\echo change $change" '\echo doubtful' 'execute "doubtful";' '\echo listed'
            printf 'execute "%s";\n' "${levels[@]}"
            echo 'rollback;'
        done <changes
    } | psql -XAtq -F ' ' -v ON_ERROR_STOP=1 -d "$DATABASE_URL" >answers
    awk '
        function judge(  day) {
            for (day in listed) if (!(day in doubtful)) { print "not doubtful: " day " of " change; bad = 1 }
            for (day in doubtful) if (!(day in listed)) { print "doubtful for nothing: " day " of " change; bad = 1 }
            if (length(listed) == 0) print "nothing:" substr(change, 7)
        }
        /^change / { if (change) judge(); change = $0; delete listed; delete doubtful; next }
        /^(doubtful|listed)$/ { part = $0; next }
        { if (part == "listed") listed[$1]; else doubtful[$1] }
        END { judge(); exit bad }' answers >judged || { cat judged; return 1; }
    cat judged
    [ "$(grep -c '^change' answers)" -eq "$(wc -l <changes)" ]
    # What is no difference: a model that is retired with all its calculations there, and a gap of prices too wide to be filled.
    [ "$(cat judged)" = "\
nothing: select 1
nothing: update miner_models set active = false, retired_from = 2025-03-05 where miner_model = S9
nothing: update miner_models set active = false, retired_from = 2025-03-01 where miner_model = S9
nothing: insert into bitcoin_prices values (2025-03-01, USD, 90000, test), (2025-03-16, USD, 90000, test)" ]
}

@test "only the days asked for are audited, with the months and years above them" {
    small_day
    record 2025-03-05 1 T_A-1 -10
    record 2025-04-05 1 T_A-1 -10
    findings 0 2025-03-04
    findings 1 2025-03-04 2025-03-06
    [ "$(cut -f 1,2 <<<"$output" | grep -vc 2025-03-05)" -eq 0 ]
    run --separate-stderr audit-calcs -q --no-header - < <(printf 'x\tsettlement_date\n1\t2025-04-05\n2\t2025-03-04\n')
    [ "$status" -eq 1 ]
    [ "$(cut -f 2 <<<"$output" | cut -c 1-10 | sort -u)" = 2025-04-05 ]
    for operands in "2025-02-29" "2025-03-05 2025-03-04" "--last x" "2025-03-04 --last 3"; do
        # shellcheck disable=SC2086
        run --separate-stderr audit-calcs $operands
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
}

# Warnings -------------------------------------------------------------------------------------

# Exactly these warnings, "field key" in order, on standard error with status 0; and as rows with 1.
warns() {
    run --separate-stderr audit-calcs -q --no-header --plausibility "${@:2}"
    echo "$status: $output $stderr"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [ "$(sed 's/.*implausible: \([a-z_]*\) of \(.*\) is .*/\1 \2/' <<<"$stderr")" = "$1" ]
    run --separate-stderr audit-calcs -q --no-header --strict "${@:2}"
    [ "$status" -eq 1 ]
    [ "$(awk -F '\t' '$1 == "warning" { print $3 " " $2 }' <<<"$output")" = "$1" ]
    [ "$stderr" = "" ]
}

@test "the bundled day is plausible: the ratios of its models are those of their hashrate a watt" {
    the_day
    run --separate-stderr audit-calcs -q --no-header --strict
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    [ "$(sql "select round(a.bitcoin_mined / b.bitcoin_mined, 3) from bitcoin_daily_summaries a join bitcoin_daily_summaries b using (settlement_date)
               where a.miner_model = 'S19J_PRO' and b.miner_model = 'S9'")" = 3.213 ]
}

@test "A-10, A-14: a model whose day was made with other constants or another difficulty breaks the ratios" {
    the_day
    # The audit of the calculations would say it first: here only what is summed is looked at.
    sql "update historical_bitcoin_calculations set bitcoin_mined = round(bitcoin_mined * 1.0107, 8) where miner_model = 'M20S'"
    rollup-summaries -q >changed
    run --separate-stderr audit-calcs -q --no-header --plausibility
    [ "$status" -eq 1 ]
    [ "$(sed -n 's/.*implausible: \([a-z_]*\) of \(.*\) is .*/\1 \2/p' <<<"$stderr")" = \
      "ratio 2022-01-01 M20S S19J_PRO
ratio 2022-01-01 M20S S9
bitcoin_a_mwh 2022-01-01 M20S" ]
    [[ "$stderr" == *"ratio of 2022-01-01 M20S S9 is 2.00"*", expected 1.983333"* ]]
}

@test "A-10: amounts that no difficulty of the day can give are told, though the ratios hold" {
    the_day
    sql "update historical_bitcoin_calculations set bitcoin_mined = round(bitcoin_mined * 1.002, 8)"
    rollup-summaries -q >changed
    run --separate-stderr audit-calcs -q --no-header --plausibility
    [ "$(sed -n 's/.*implausible: \([a-z_]*\) of \(.*\) is .*/\1 \2/p' <<<"$stderr")" = \
      "bitcoin_a_mwh 2022-01-01 M20S
bitcoin_a_mwh 2022-01-01 S19J_PRO
bitcoin_a_mwh 2022-01-01 S9" ]
}

@test "A-02: a day far below the fortnights around it is told, and an ordinary one is not" {
    fresh_db
    sql "update bm_units set capacity_mw = 1000 where farm_id = 'T_ABRBO-1'"
    sql "select ensure_month('2025-06-01')" >/dev/null
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         select d::date, p, 'T_ABRBO-1', 'bid', s, - (10 + extract(day from d) + p)
           from generate_series(date '2025-06-01', '2025-06-30', '1 day') d, generate_series(1, 40) p, generate_series(1, 2) s
          where d <> '2025-06-17' or p <= 2"
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d::date, p, 'final', 'bid so', count(r.volume), count(r.volume), coalesce(sum(r.volume), 0)
           from generate_series(date '2025-06-01', '2025-06-30', '1 day') d cross join generate_series(1, 48) p
           left join curtailment_records r on r.settlement_date = d::date and r.settlement_period = p
          group by d, p"
    calculate_and_sum
    warns "curtailed_mwh 2025-06-17
records 2025-06-17
periods 2025-06-17"
    # Each line of a day three times over, with fewer lines: only the records a farm tell.
    sql "delete from curtailment_records where settlement_date = '2025-06-17'"
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         select '2025-06-17', p, 'T_ABRBO-1', 'bid', s, - 20 - s from generate_series(1, 40) p, generate_series(1, 6) s"
    fetched 2025-06-17
    calculate_and_sum
    warns "records_a_farm 2025-06-17"
}

@test "A-02: a day is held against ten others at least of the fortnights around it, by a factor up and down" {
    fresh_db
    middle=2025-03-15
    # What is told of the middle day, which is as the others are but for this.
    told() {
        sql "update daily_summaries set curtailed_mwh = 100, records = 60, periods = 30, period_farms = 50 where settlement_date = '$middle';
             update daily_summaries set ${1:-records = 60} where settlement_date = '$middle'"
        run --separate-stderr audit-calcs --plausibility -q --no-header 2025-03-01 2025-03-31
        grep -o "implausible: [a-z_]* of $middle is [0-9.]*, expected [0-9.]*" <<<"$stderr" | cut -d' ' -f 2,6,8 | tr '\n' ' '
    }
    sql "insert into daily_summaries (settlement_date, curtailed_mwh, records, periods, period_farms, payment, payment_to_farms, payment_by_farms,
                                      periods_ingested, periods_final, periods_expected, wind_periods)
         select d::date, 100, 60, 30, 50, 0, 0, 0, 48, 48, 48, 0 from generate_series(date '2025-02-20', '2025-04-10', '1 day') d"
    is_told() { [ "$(told "$1")" = "$2" ] || { echo "$1: wanted $2, told $(told "$1")"; false; }; }
    is_told "" ""
    # 101 and 61 are a day and one more: times five, and a fifth.
    is_told "curtailed_mwh = 504.1" "curtailed_mwh 504.100, 100.000 "
    is_told "curtailed_mwh = 503.9" ""
    is_told "curtailed_mwh = 19.1" "curtailed_mwh 19.100, 100.000 "
    is_told "curtailed_mwh = 19.3" ""
    is_told "records = 305, period_farms = 250" "records 305.000, 60.000 "
    is_told "records = 303, period_farms = 250" ""
    is_told "periods = 5" "periods 5.000, 30.000 "
    is_told "periods = 6" ""
    # Records a farm: 1.2, and one more.
    is_told "records = 117" "records_a_farm 2.340, 1.200 "
    is_told "records = 114" ""
    # Where the days are unlike, by 3.5 of the deviation that is usual among them.
    sql "update daily_summaries set curtailed_mwh = case extract(day from settlement_date)::integer % 3 when 0 then 99 when 1 then 9 else 999 end
          where settlement_date <> '$middle'"
    is_told "curtailed_mwh = 9999999" ""
    is_told "curtailed_mwh = 99999999" "curtailed_mwh 99999999.000, 99.000 "
    sql "update daily_summaries set curtailed_mwh = 100 where settlement_date <> '$middle'"
    # Nine, with two that are a day further away; then ten.
    sql "delete from daily_summaries where settlement_date between '2025-03-06' and '2025-03-24' and settlement_date <> '$middle';
         delete from daily_summaries where settlement_date = '2025-03-29'"
    is_told "curtailed_mwh = 600" ""
    sql "insert into daily_summaries select '2025-03-29', curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods,
                periods_ingested, periods_final, periods_expected from daily_summaries where settlement_date = '2025-03-01'"
    is_told "curtailed_mwh = 600" "curtailed_mwh 600.000, 100.000 "
}

@test "A-06: a unit that the register does not have on that day is told" {
    fresh_db
    record 2025-03-04 1 T_ABRBO-1 -10
    record 2025-03-04 1 T_NOSUCH-1 -10
    record 2025-03-05 1 T_NOSUCH-1 -10
    fetched 2025-03-04
    fetched 2025-03-05
    calculate_and_sum
    warns "unknown_unit 2025-03-04 T_NOSUCH-1"
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_NOSUCH-1', '2025-03-05', 'WIND')"
    warns "unknown_unit 2025-03-04 T_NOSUCH-1"
    sql "update bm_units set valid_from = '2025-03-04' where farm_id = 'T_NOSUCH-1'"
    audit-calcs -q --strict
    sql "update bm_units set valid_to = '2025-03-06' where farm_id = 'T_NOSUCH-1'"
    audit-calcs -q --strict
    sql "update bm_units set valid_to = '2025-03-05' where farm_id = 'T_NOSUCH-1'"
    warns "unknown_unit 2025-03-05 T_NOSUCH-1"
    # The register has it, and not as wind: what a person declared holds while it stands.
    sql "update bm_units set valid_to = null, fuel_type = null where farm_id = 'T_NOSUCH-1'"
    warns "unknown_unit 2025-03-04 T_NOSUCH-1"
    "$root/scripts/units" declare T_NOSUCH-1 WIND --why 'its name' --to 2025-03-04 2>/dev/null
    warns "unknown_unit 2025-03-05 T_NOSUCH-1"
}

@test "A-10: calculations of one epoch with two difficulties are told, and an epoch as long as two" {
    fresh_db
    record 2025-03-04 1 T_ABRBO-1 -10
    record 2025-03-05 1 T_ABRBO-1 -10
    fetched 2025-03-04
    fetched 2025-03-05
    calculate_and_sum
    audit-calcs -q --strict
    sql "update historical_bitcoin_calculations set difficulty = difficulty + 1 where settlement_date = '2025-03-04'"
    run --separate-stderr audit-calcs -q --no-header --plausibility
    [[ "$stderr" == *"implausible: difficulties of 2025-02-23 is 2, expected 1"* ]]
    calc-btc -q --store 2025-03-04
    # The retarget of 2025-03-09 goes missing from the history, as five did in the old table of 2024.
    sql "delete from network_difficulty where effective_from between '2025-03-06' and '2025-03-12';
         update network_difficulty set in_force_until = (select min(effective_from) from network_difficulty where effective_from > '2025-03-12')
          where effective_from between '2025-02-20' and '2025-03-04'"
    warns "epoch_days 2025-02-23"
}

# ---- plausibility: what adds up and cannot be ----------------------------------------------------

@test "an impossible or jumping difficulty and a price of another magnitude are told, until a person acknowledges them" {
    small_day
    run --separate-stderr audit-calcs --plausibility -q 2025-03-04
    [[ "$stderr" != *"implausible: difficulty"* ]]
    # No nBits gives this one; and the next month's is ten times the one before.
    sql "update network_difficulty set difficulty = 115000000000000, nbits = null where block_height = 887040"
    sql "insert into bitcoin_prices values ('2025-03-03', 'USD', 87000, 'x'), ('2025-03-04', 'USD', 870000.5, 'x'), ('2025-03-05', 'USD', 86000, 'x')"
    run --separate-stderr audit-calcs --plausibility -q 2025-03-01 2025-03-31
    echo "$stderr"
    [[ "$stderr" == *"implausible: difficulty of 2025-03-09 is 115000000000000"* ]]
    [[ "$stderr" == *"implausible: price of 2025-03-04 is 870000.5, expected 87000"* ]]
    sql "update network_difficulty set difficulty = 1105684283009526.94972280, nbits = null where block_height = 887040"
    run --separate-stderr audit-calcs --plausibility -q 2025-03-01 2025-03-31
    [[ "$stderr" == *"implausible: difficulty of 2025-03-09 is 1105684283009526"* ]]

    LOGNAME=ada "$root/scripts/acknowledge" price '2025-03-*' 'checked with two exchanges'
    "$root/scripts/acknowledge" difficulty '2025-03-*' 'a test network'
    [[ "$("$root/scripts/acknowledge" --list)" == *"price	2025-03-*	"*"	ada	checked with two exchanges"* ]]
    run --separate-stderr audit-calcs --plausibility -q 2025-03-01 2025-03-31
    [[ "$stderr" != *"implausible: difficulty"* ]]
    [[ "$stderr" != *"implausible: price"* ]]
    "$root/scripts/acknowledge" --withdraw price '2025-03-*'
    run --separate-stderr audit-calcs --plausibility -q 2025-03-01 2025-03-31
    [[ "$stderr" == *"implausible: price of 2025-03-04"* ]]
    run "$root/scripts/acknowledge" --withdraw price '2025-03-*'
    [ "$status" -eq 65 ]
    run "$root/scripts/acknowledge" price 2025-03-04 ''
    [ "$status" -eq 64 ]
    run "$root/scripts/acknowledge" price
    [ "$status" -eq 64 ]
}

@test "what audit-calcs never warns of cannot be acknowledged, and a word of an earlier version can be withdrawn" {
    small_day
    # The manual's list is the whole: its words are those of the statements.
    fields=$(sed -n '/^.Ss Plausibility/,/^.El/s/^.It //p' "$root/src/audit-calcs.1" | tr -d ' ' | tr ',' '\n' | sort)
    [ "$(grep -c . <<<"$fields")" -gt 10 ]
    local -A keys=([ratio]='2025-03-04 M20S S9' [bitcoin_a_mwh]='2025-03-04 S9' [network_share_percent]='2025-03-04 S9'
        [doubled]='2025-03-30 46' [unknown_unit]='2025-03-04 T_A-1' [mwh_a_half_hour]='T_WISTW-2 2025-03')
    for field in $fields; do
        grep -q "'$field'" "$root"/sql/query/audit-*.sql
        "$root/scripts/acknowledge" "$field" "${keys[$field]:-2025-03-04}" 'a test'
    done
    for name in $(sed -n '/^static const struct level warnings/,/^};/s/.*query_audit_\([a-z_]*\).*/\1/p' "$root/src/audit-calcs.c"); do
        grep -qF "$(sed "s/.*/'&'/" <<<"$fields")" "$root/sql/query/audit-${name//_/-}.sql" || { echo "the manual has no field of $name"; false; }
    done
    # And so is its list of levels.
    diff <(sed -n '/^static const struct level levels/,/^};/s/.*{ "\([a-z_]*\)".*/\1/p' "$root/src/audit-calcs.c" | sort) \
        <(sed -n '/^The levels are/,/^.El/s/^.It //p' "$root/src/audit-calcs.1" | tr -d ' ' | tr ',' '\n' | sort)
    # What no figure is called is refused, with its prefixes: it would never be found again.
    can() {
        local key
        for key in "${@:2}"; do
            printf '\\set field %s\n\\set key %s\n\\echo %s: %s\n\\i %s\n' "$1" "'${key//\'/\'\'}'" "$1" "'$key'" "$root/sql/report/acknowledge.sql"
        done
    }
    {
        can price '*' '2025-*' '2025-02-2*' '2025-1*' '2025-03-04*' '2025-03-04 *' '2025-03-04 GBP'
    } | psql -XAtq "$DATABASE_URL" >"$BATS_TEST_TMPDIR/possible"
    [ "$(grep -c '^t$' "$BATS_TEST_TMPDIR/possible")" -eq 7 ]
    {
        can price 2025-02-30 2025-13-01 2099-01-01 2025-3-4 '2025-03-04 ' ' 2025-03-04' '2025-02-3*' '2025-13*' '2027-*' '2025-03-0**' '2025-03-04 XYZ' \
            1925-03-04 '2025-03-04 S9' '' "2025-03-04'" '**x'
        can doubled '2025-03-30 47' '2025-03-30 0*' 2025-03-30
        can ratio '2025-03-04 S9' '2025-03-04 S9 M20S'
        can network_share_percent '2025-03-04 S99'
        can unknown_unit '2025-03-04 T_WISTW-2' '2025-03-05 T_A-1'
        can mwh_a_half_hour 'T_WISTW-2 2025-13' 'T_A-1 *'
        can records '2025-03-04 1'
    } | psql -XAtq "$DATABASE_URL" >"$BATS_TEST_TMPDIR/impossible"
    [ "$(grep -c : "$BATS_TEST_TMPDIR/impossible")" -eq 27 ]
    run ! grep -B 1 '^t$' "$BATS_TEST_TMPDIR/impossible"
    run "$root/scripts/acknowledge" price 2025-02-30 'a test'
    [ "$status" -eq 65 ]
    [[ "$output" == *"2025-02-30: no figure of price can have this key; "* ]]
    run "$root/scripts/acknowledge" price 2025-03-04 $'caf\xe9'
    [ "$status" -eq 64 ]
    [[ "$output" == *"an argument is not UTF-8"* ]]
    for field in prices 'price ratio' pric '' '*' 'curtailed_mwh,'; do
        run --separate-stderr "$root/scripts/acknowledge" "$field" 2025-03-04 'a test'
        [ "$status" -eq 64 ]
        [ "$(sed 's/.*there are //; s/".*//' <<<"$stderr" | tr ' ' '\n' | sort)" = "$fields" ]
    done
    [ "$(sql "select string_agg(field, E'\n' order by field) from acknowledged_implausible")" = "$fields" ]
    sql "insert into acknowledged_implausible (field, key, acknowledged_by, reason) values ('prices', '*', 'ada', 'mistyped')"
    "$root/scripts/acknowledge" --withdraw prices '*'
}

@test "farms that give more than their capacity makes, as if MW were MWh, are implausible at the first fetch" {
    the_day
    # Each half hour as the power that it had: to the totals this is a windy day, and no unit gave what no unit makes.
    sql "update curtailment_records set volume = 2 * volume, payment = 2 * payment"
    sql "update ingested_periods set volume = 2 * volume"
    calc-btc -q --store 2022-01-01
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/out"
    run --separate-stderr audit-calcs --plausibility -q --no-header 2022-01-01
    [ "$status" -eq 0 ]
    [ "$(grep -c 'implausible: mwh_a_half_hour of ' <<<"$stderr")" -gt 30 ]
    [[ "$stderr" == *"implausible: mwh_a_half_hour of T_WISTW-2 2022-01 is 59.898, expected 30.75"* ]]
    # Each farm by itself, and whatever else the month has: it is half built, or the register is old.
    "$root/scripts/acknowledge" mwh_a_half_hour 'T_WISTW-2 *' 'it has grown'
    run --separate-stderr audit-calcs --plausibility -q --no-header 2022-01-01 2022-01-31
    [[ "$stderr" == *"mwh_a_half_hour of T_FALGW-1 2022-01"* && "$stderr" != *T_WISTW-2* ]]
    # What is not known makes nothing implausible.
    sql "update bm_units set capacity_mw = null"
    run --separate-stderr audit-calcs --plausibility -q --no-header 2022-01-01
    [[ "$stderr" != *mwh_a_half_hour* ]]
}

@test "a capacity counts on the days of its unit, and by a quarter and a MWh more than it makes" {
    fresh_db
    sql "insert into bm_units (farm_id, valid_from, valid_to, capacity_mw)
         values ('T_LARGE-1', '2025-03-02', '2025-03-10', 100), ('T_SMALL-1', '2020-01-01', null, 4), ('T_NONE-1', '2020-01-01', null, 0);
         insert into farm_daily_summaries (settlement_date, farm_id, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, periods)
         select d::date, f, mwh, 0, 0, 0, 1, p from (values
                ('2025-03-01', 'T_LARGE-1', 80, 1), ('2025-03-02', 'T_LARGE-1', 62.5, 1), ('2025-03-03', 'T_LARGE-1', 126, 2),
                ('2025-03-10', 'T_LARGE-1', 90, 1), ('2025-03-03', 'T_SMALL-1', 3, 1), ('2025-03-03', 'T_NONE-1', 9, 1)) v (d, f, mwh, p)"
    implausible() {
        run --separate-stderr audit-calcs --plausibility -q --no-header 2025-03-01 2025-03-31
        sed -n 's/.*implausible: mwh_a_half_hour of \(.*\) pid=.*/\1/; s/.*implausible: mwh_a_half_hour of \([^"]*\)".*/\1/p' <<<"$stderr"
    }
    [ "$(implausible)" = "T_LARGE-1 2025-03 is 63.000, expected 50" ]
    # The worst day of the month is named.
    sql "insert into farm_daily_summaries (settlement_date, farm_id, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, periods)
         values ('2025-03-09', 'T_LARGE-1', 70, 0, 0, 0, 1, 1), ('2025-03-09', 'T_SMALL-1', 3.001, 0, 0, 0, 1, 1)"
    [ "$(implausible)" = "T_LARGE-1 2025-03 is 70.000, expected 50
T_SMALL-1 2025-03 is 3.001, expected 2" ]
}

@test "a price is of another magnitude if it is five times, or a fifth, of those on both sides of it" {
    fresh_db
    record 2025-03-04 1 T_ABRBO-1 -10
    fetched 2025-03-04
    calculate_and_sum
    while read -r before price after want day; do
        want=${want#-}
        sql "delete from bitcoin_prices;
             insert into bitcoin_prices values ('2025-03-03', 'USD', $before, 'x'), ('2025-03-04', 'USD', $price, 'x'), ('${day:-2025-03-05}', 'USD', $after, 'x')"
        rollup-summaries -q >changed
        run --separate-stderr audit-calcs --plausibility -q --no-header
        echo "$before $price $after: $stderr"
        [ "$(grep -o 'price of 2025-03-04 is [0-9.]*' <<<"$stderr")" = "${want:+price of 2025-03-04 is $price}" ]
    done <<'END'
80000 400001 80000 implausible
80000 400000 80000
80000 400001 90000
90000 400001 80000
80000 15999 80000 implausible
80000 16000 80000
80000 15999 70000
70000 15999 80000
80000 400001 80000 implausible 2025-05-04
80000 400001 80000 - 2025-05-05
80000 800001 80000 implausible 2025-05-05
END
}

@test "a difficulty that its nBits give is implausible where it leaps, up or down, from the one before it" {
    small_day
    leaps() {
        run --separate-stderr audit-calcs --plausibility -q --no-header 2025-03-01 2025-03-31
        grep -o 'implausible: difficulty of [0-9-]*' <<<"$stderr" | cut -d' ' -f4 | tr '\n' ' '
    }
    [ "$(leaps)" = "" ]
    sql "update network_difficulty set (difficulty, nbits) = (select difficulty, nbits from network_difficulty
                                                               where effective_from < '2021-01-01' order by effective_from desc limit 1)
          where block_height = 887040"
    [ "$(sql "select nbits is not null from network_difficulty where block_height = 887040")" = t ]
    [ "$(leaps)" = "2025-03-09 2025-03-23 " ]
    # After a gap in the history there is none before it.
    sql "update network_difficulty set in_force_until = '2025-03-08' where block_height = 885024"
    [ "$(leaps)" = "2025-03-23 " ]
}

@test "more machines than the network had is implausible; on 2022-01-01 it would have been 78 per cent of it" {
    the_day
    run "$root/scripts/report" 2022-01-01
    echo "$output"
    [[ "$output" == *"S19J_PRO"*"1,357,493"*"78.1 %"*"441.54988122"* ]]
    [[ "$output" == *"transaction fees are not counted"* ]]
    [[ "$output" == *"audit           0 differences"* ]]
    run --separate-stderr audit-calcs --plausibility -q 2022-01-01
    [[ "$stderr" != *network_share* ]]
    sql "update miner_models set hashrate_ths = 150 where miner_model = 'S19J_PRO'"
    calc-btc -q --store 2022-01-01
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/out"
    run --separate-stderr audit-calcs --plausibility -q 2022-01-01
    [[ "$stderr" == *"implausible: network_share_percent of 2022-01-01 S19J_PRO is 117."*", expected 100"* ]]
    # It is a finding of the job that looks at everything, on its stdout by name, until it is acknowledged.
    run "$root/scripts/reconcile" analyze
    [ "$status" -eq 1 ]
    [[ "$output" == *"network_share_percent of 2022-01-01 S19J_PRO is 117."* ]]
    [[ "$output" == *"verdict=findings "*" implausible=1"* ]]
    "$root/scripts/acknowledge" network_share_percent '2022-01-01 *' 'a machine of a later year'
    run "$root/scripts/reconcile" analyze
    [ "$status" -eq 0 ]
    run "$root/scripts/reconcile" status
    [[ "$output" == *"audit            not done here"* ]]
}

@test "the half hours of the audit have the difficulty and the subsidy in force as each begins, over clock changes, retargets, a halving, a gap and the end" {
	fresh_db
	sql "delete from network_difficulty where effective_from between '2024-04-24' and '2024-05-09';
	     update network_difficulty set in_force_until = '2024-04-24' where in_force_until between '2024-04-24' and '2024-05-09'"
	differing() {
		sql "select count(*), count(*) filter (where (a.difficulty, a.subsidy) is distinct from (
				(select case when in_force_until > begins then difficulty end from network_difficulty
				  where effective_from <= begins order by effective_from desc limit 1),
				(select subsidy from block_subsidies where effective_from <= begins order by effective_from desc limit 1))),
			count(a.difficulty), count(distinct a.difficulty), count(distinct a.subsidy)
			from audit_half_hours('$1', '$2') a
			cross join lateral (select (settlement_date + time '00:00') at time zone 'Europe/London'
			                           + (settlement_period - 1) * interval '30 minutes' as begins) t"
	}
	rows_are() { [ "$(differing "$1" "$2")" = "$3" ] || { differing "$1" "$2"; false; }; }
	rows_are 2024-03-30 2024-04-30 "1600|0|1252|2|2"
	rows_are 2024-10-20 2024-10-27 "400|0|400|2|1"
	rows_are 2008-12-30 2009-01-05 "350|0|113|1|1"
	# The last subsidy is known until the next halving, which nobody dates before it comes: by heights, or by the fastest of eras.
	known() { sql "select string_agg(concat_ws(' ', settlement_date, settlement_period, trim_scale(subsidy)), ', ' order by settlement_date, settlement_period)
		from (select *, lag(subsidy) over (order by settlement_date, settlement_period) as before
		        from audit_half_hours('$1', '$2') where settlement_period <= 48) a
		where subsidy is distinct from before or (settlement_date, settlement_period) = ('$1', 1)"; }
	[ "$(known 2027-11-20 2027-11-25)" = "2027-11-20 1 3.125, 2027-11-23 26" ]
	sql "insert into network_difficulty (effective_from, in_force_until, block_height, nbits, difficulty, source, time_quality)
		select '2028-03-01'::timestamptz + n * interval '2 days', '2028-03-03'::timestamptz + n * interval '2 days', 1048320 + n * 2016,
		       nbits, difficulty, source, time_quality
		  from network_difficulty cross join generate_series(-1, 1) n where block_height = 953568"
	[ "$(known 2028-02-28 2028-03-07)" = "2028-02-28 1 3.125, 2028-03-01 1, 2028-03-03 1 1.5625, 2028-03-05 1" ]
}
