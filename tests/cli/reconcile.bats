# reconcile: every wound found and counted, and mended as if it had never been.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    fresh_month
}

# Of the verdict that is the last line of $output: the value of a fact.
fact() { sed -n "\$s/.* $1=\([^ ]*\).*/\1/p" <<<"$output"; }

pairs_of() { sql "select count(distinct (settlement_period, farm_id)) from curtailment_records where settlement_date = '$1' and $2"; }

calculation="settlement_date = '%s' and (settlement_period, farm_id, miner_model) = (
    select settlement_period, farm_id, miner_model from historical_bitcoin_calculations where settlement_date = '%s'
     order by md5(settlement_period || farm_id || miner_model) limit 1)"

# change DATE SET: one calculation of that day.
change() {
    # shellcheck disable=SC2059
    sql "update historical_bitcoin_calculations set $2 where $(printf "$calculation" "$1" "$1")"
}

# Each wound on a day of its own, and what is to be found there: a line of find-missing --by-date
# without expected, present and percent, from the numbers that the records themselves say.
wound() {
    local p
    expect=$BATS_TEST_TMPDIR/expect
    {
        # Two periods never fetched: nothing of them is there.
        for table in ingested_periods curtailment_records historical_bitcoin_calculations; do
            sql "delete from $table where settlement_date = '2025-03-02' and settlement_period in (5, 6)"
        done
        echo "2025-03-02 0 0 0 2 0"
        # A whole day never fetched, nor summed.
        for table in ingested_periods curtailment_records historical_bitcoin_calculations daily_summaries bitcoin_daily_summaries; do
            sql "delete from $table where settlement_date = '2025-03-30'"
        done
        echo "2025-03-30 0 0 0 46 0"
        # Not final.
        sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-04' and settlement_period > 45"
        echo "2025-03-04 0 0 0 0 3"
        # Missing: a farm's whole day for one model, and one calculation of another.
        p=$(pairs_of 2025-03-05 "farm_id = 'T_LCLTW-1'")
        sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05' and farm_id = 'T_LCLTW-1' and miner_model = 'S9'"
        sql "delete from historical_bitcoin_calculations where ctid in (select ctid from historical_bitcoin_calculations
              where settlement_date = '2025-03-05' and miner_model = 'M20S' limit 1)"
        echo "2025-03-05 $((p + 1)) 0 0 0 0"
        # Stale by each input, and by an amount that they do not give.
        change 2025-03-06 "curtailed_mwh = curtailed_mwh + 0.000000001"
        change 2025-03-07 "difficulty = 108105433845147"
        change 2025-03-08 "subsidy = 6.25"
        change 2025-03-09 "hashrate_ths = 104"
        change 2025-03-10 "power_w = 3068"
        change 2025-03-11 "bitcoin_mined = bitcoin_mined + 0.00000001"
        change 2025-03-12 "miners = miners - 1"
        printf '2025-03-%s 0 1 0 0 0\n' 06 07 08 09 10 11 12
        # Orphans: of a farm that has nothing there, and of a model that nobody knows.
        sql "insert into historical_bitcoin_calculations select settlement_date, settlement_period, 'T_GHOST-1', miner_model,
                curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
              from historical_bitcoin_calculations where settlement_date = '2025-03-13' and miner_model = 'S9' limit 2"
        sql "insert into historical_bitcoin_calculations select settlement_date, settlement_period, farm_id, 'S99',
                curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
              from historical_bitcoin_calculations where settlement_date = '2025-03-13' and miner_model = 'S9' and farm_id <> 'T_GHOST-1' limit 1"
        echo "2025-03-13 0 0 3 0 0"
        # A period that a second run appended once more.
        p=$(pairs_of 2025-03-14 "settlement_period = 7")
        sql "insert into curtailment_records select settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id,
                sequence_number + 10000, lead_party_name, volume, original_price, final_price, payment, so_flag, cadl_flag,
                source_created_at, transmission_loss_multiplier
              from curtailment_records where settlement_date = '2025-03-14' and settlement_period = 7"
        echo "2025-03-14 0 $((3 * p)) 0 1 0"
        # A lost farm: its records and calculations, so that what is left fits together.
        p=$(sql "select count(distinct settlement_period) from curtailment_records where settlement_date = '2025-03-15' and farm_id = 'E_HRHLW-1'")
        sql "delete from curtailment_records where settlement_date = '2025-03-15' and farm_id = 'E_HRHLW-1'"
        sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-15' and farm_id = 'E_HRHLW-1'"
        echo "2025-03-15 0 0 0 $p 0"
        # One record's volume, and one's payment with its sign lost.
        sql "update curtailment_records set volume = volume - 1, payment = (volume - 1) * original_price where ctid in (
              select ctid from curtailment_records where settlement_date = '2025-03-16' limit 1)"
        echo "2025-03-16 0 3 0 1 0"
        sql "update curtailment_records set payment = -payment where ctid in (
              select ctid from curtailment_records where settlement_date = '2025-03-17' and payment > 0 limit 1)"
        echo "2025-03-17 0 0 0 1 0"
    } >"$expect"
    # Sums, each level and a row too many and too few: days of their own, that are right otherwise.
    sql "update daily_summaries set payment = abs(payment) + 1 where settlement_date = '2025-03-18'
       ; delete from daily_summaries where settlement_date = '2025-03-19'
       ; insert into daily_summaries select '2025-03-25'::date + 20, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,
                period_farms, periods, periods_ingested, periods_final, periods_expected from daily_summaries where settlement_date = '2025-03-25'
       ; update bitcoin_daily_summaries set bitcoin_mined = 0 where settlement_date = '2025-03-20' and miner_model = 'S9'
       ; update bitcoin_daily_summaries set price = 75000, value_at_mining = bitcoin_mined * 75000 where settlement_date = '2025-03-21' and miner_model = 'M20S'
       ; update monthly_summaries set curtailed_mwh = 60662.39, records = records + 1
       ; update bitcoin_monthly_summaries set bitcoin_mined = bitcoin_mined * 2 where miner_model = 'S19J_PRO'
       ; update yearly_summaries set payment_by_farms = 1
       ; delete from bitcoin_yearly_summaries where miner_model = 'M20S'"
}

@test "a month with wounds of every kind: analyze counts each, all mends all, and a second all writes nothing" {
    dump_db >"$BATS_TEST_TMPDIR/whole"
    wound
    # A damaged period is told as such, and what fetch-elexon reads is the list itself.
    [ "$(find-missing --periods --no-header 2025-03-14)" = "2025-03-14	7	damaged" ]
    find-missing --by-date --no-header | awk '{ print $1, $4, $5, $6, $7, $8 }' >"$BATS_TEST_TMPDIR/found"
    diff <(sort "$expect") <(sort "$BATS_TEST_TMPDIR/found")

    run reconcile analyze
    [ "$status" -eq 1 ]
    for n in 2:missing 3:stale 4:orphan; do
        want=$(awk -v c="${n%:*}" '{ n += $c } END { print n }' "$expect")
        [[ "$output" =~ "  ${n#*:}"\ +$want" calculations" ]]
    done
    lost=$(awk '/03-15/ { print $5 }' "$expect")
    [[ "$output" =~ "  unfetched"\ +48" periods" ]]
    [[ "$output" =~ "  damaged"\ +$((lost + 3))" periods" ]]
    [[ "$output" =~ "  provisional"\ +3" periods" ]]
    # The classes, each date in the worst that is true of it: found once more, from its line.
    find-missing --by-date --no-header | awk '
        { class = $9 < 50 ? "critical" : $9 < 95 ? "partial" : $4 + $5 + $6 ? "nearly" : $7 ? "unfetched" : "provisional"; n[class]++ }
        END { for (c in n) print c, n[c] }' | while read -r class n; do
        [[ "$output" =~ "  $class"\ +"$n dates" ]]
    done
    [[ "${lines[-1]}" == "verdict=findings job=reconcile-analyze "*" status=1 "* ]]
    [ "$(fact unfetched)" -eq $((48 + lost + 3)) ]
    [ "$(fact damaged)" -eq $((lost + 3)) ]

    run --separate-stderr reconcile all --jobs 3 --batch 4
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "${lines[-1]}" == "verdict=mended job=reconcile "* ]]
    [ "$(fact given_up)$(fact not_done)$(fact audit_differences)$(fact missing)$(fact unfetched)" = 00000 ]
    # The dates that were wrong, those whose own sums were broken among them, and no others.
    { cut -d ' ' -f 1 "$expect"; printf '2025-03-%s\n' 18 19 20 21; } | sort >"$BATS_TEST_TMPDIR/wrong"
    diff "$BATS_TEST_TMPDIR/wrong" <(sql "select settlement_date from reconciliation_run_dates where state = 'done' order by 1")
    run audit-calcs -q --no-header
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    dump_db >"$BATS_TEST_TMPDIR/mended"
    diff "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/mended"

    dump_db --exact >"$BATS_TEST_TMPDIR/first"
    run reconcile all
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/second"
    cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}
