# reconcile: every wound found and counted, and mended as if it had never been.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load month

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
        # Refused as suspect.
        sql "update ingested_periods set status = 'suspect', suspect = 'empty' where settlement_date = '2025-03-03' and settlement_period = 1"
        echo "2025-03-03 0 0 0 0 0"
        # Missing: a farm's whole day for one model, and one calculation of another.
        p=$(pairs_of 2025-03-05 "farm_id = 'T_LCLTW-1'")
        sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05' and farm_id = 'T_LCLTW-1' and miner_model = 'S9'"
        sql "delete from historical_bitcoin_calculations
              where $(one_of historical_bitcoin_calculations "settlement_date = '2025-03-05' and miner_model = 'M20S'")"
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
        sql "update curtailment_records set volume = volume - 1, payment = (volume - 1) * original_price
              where $(one_of curtailment_records "settlement_date = '2025-03-16'")"
        echo "2025-03-16 0 3 0 1 0"
        sql "update curtailment_records set payment = -payment
              where $(one_of curtailment_records "settlement_date = '2025-03-17' and payment > 0")"
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
    fresh_month
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
    [[ "$output" =~ "  suspect"\ +1" periods" ]]
    # The classes, each date in the worst that is true of it: found once more, from its line.
    find-missing --by-date --no-header | awk '
        { class = $2 && $9 < 50 ? "critical" : $2 && $9 < 95 ? "partial" : $4 + $5 + $6 ? "nearly" : $7 ? "unfetched" : $10 ? "suspect" : "provisional"; n[class]++ }
        END { for (c in n) print c, n[c] }' | while read -r class n; do
        [[ "$output" =~ "  $class"\ +"$n dates" ]]
    done
    # Each of these dates with its energy, the largest first, and what was never summed last.
    awk '/^largest energy first/ { on = 1 } on && $2 ~ /^2025-/ { print $2, $3 }' <<<"$output" >"$BATS_TEST_TMPDIR/largest"
    diff <(cut -d ' ' -f 1 "$expect" | sort) <(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/largest" | sort)
    sort -k 2,2gr -c "$BATS_TEST_TMPDIR/largest"
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/largest")" = "2025-03-30 0" ]
    [[ "${lines[-1]}" == "verdict=findings job=reconcile-analyze "*" status=1 "* ]]
    [ "$(fact unfetched)" -eq $((48 + lost + 3)) ]
    [ "$(fact damaged)" -eq $((lost + 3)) ]

    run --separate-stderr reconcile all --jobs 3 --batch 10
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "${lines[-1]}" == "verdict=mended job=reconcile "* ]]
    [ "$(fact given_up)$(fact not_done)$(fact audit_differences)$(fact missing)$(fact unfetched)" = 00000 ]
    # The dates that were wrong and no others; those whose sums alone were, the roll-up behind the run mended.
    diff <(cut -d ' ' -f 1 "$expect" | sort) <(sql "select settlement_date from reconciliation_run_dates where state = 'done' order by 1")
    # Somebody had written into each table of the month: all of it was audited, where a day has a proof to lose.
    [ "$(fact audited)" -ge "$([ -n "$SUITE_ENGINE" ] && sql "select count(*) from reconciliation_run_dates" || echo 31)" ]
    run audit-calcs -q --no-header
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    dump_db >"$BATS_TEST_TMPDIR/mended"
    diff "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/mended"

    dump_db --exact >"$BATS_TEST_TMPDIR/first"
    run reconcile all
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    # Nothing has changed, so nothing is audited, and that is not counted as no difference.
    [ "$(fact audited)$(fact audit_differences)" = 0not-checked ]
    [ "$(grep -c 'tool=audit-calcs ' "$logs/reconcile_latest.log")" -eq 0 ]
    dump_db --exact >"$BATS_TEST_TMPDIR/second"
    cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}

# ---- workers ----------------------------------------------------------------

# Four days, a wound of its own kind on each; small, to be made often.
few_wounds() {
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9' and settlement_date = '2025-03-01'
       ; update historical_bitcoin_calculations set difficulty = 1 where miner_model = 'M20S' and settlement_date = '2025-03-02'
       ; delete from ingested_periods where settlement_period < 9 and settlement_date > '2025-03-02'
       ; delete from curtailment_records where settlement_period < 9 and settlement_date > '2025-03-03'
       ; update daily_summaries set records = records + 1
       ; update yearly_summaries set payment = payment + 1"
}

# What is done is noted by the database itself.
note_done() {
    sql "create table test_done (run_id bigint, settlement_date date);
         create function note_done() returns trigger language plpgsql as \$\$
         begin insert into test_done values (new.run_id, new.settlement_date); return null; end \$\$;
         create trigger note_done after update on reconciliation_run_dates for each row
            when (new.state = 'done' and old.state <> 'done') execute function note_done()"
}

descendants() {
    local child
    for child in $(ps -o pid= --ppid "$1"); do
        echo "$child"
        descendants "$child"
    done
}

# A killed job's tools may hold its lock for the moment that they take to end.
wait_for_lock() {
    local _
    for _ in {1..200}; do
        flock -n "$WINDFALL_STATE/var/reconcile.lock" true && return 0
        sleep 0.05
    done
    return 1
}

@test "three workers, killed -9 at random moments and resumed, end as if undisturbed, no date done twice" {
    fresh_month 2025-03-04
    seed=${WINDFALL_SEED:-$RANDOM}
    RANDOM=$seed
    echo "WINDFALL_SEED=$seed"
    dump_db >"$BATS_TEST_TMPDIR/whole"
    note_done
    for ((round = 1; round <= ${WINDFALL_KILLS:-1}; round++)); do
        few_wounds
        runs=$(sql "select coalesce(max(run_id), 0) from reconciliation_runs")
        reconcile all --jobs 3 --batch 1 >"$BATS_TEST_TMPDIR/killed" 2>&1 3>&- &
        job=$!
        # At a moment behind its beginning, or behind one, two or three of its four dates.
        how=$((RANDOM % 4)) behind=$((RANDOM % 4)) after=$((RANDOM % 600))
        echo "round $round: way $how, $after ms behind $behind dates"
        [ "$behind" -eq 0 ] || sql_until "(select count(*) >= $behind from reconciliation_run_dates where run_id > $runs and state = 'done')"
        sleep "$(printf '0.%03d' $after)"
        mapfile -t family < <(descendants "$job")
        case $how in
        0) hit KILL "$job" ;;                                                   # the job alone
        1) hit KILL "$job"; kill -9 "${family[@]}" 2>/dev/null || true ;;       # all of it, as a power cut would
        *) [ ${#family[@]} -eq 0 ] || kill -9 "${family[RANDOM % ${#family[@]}]}" 2>/dev/null || true ;;   # one of its processes
        esac
        wait "$job" || true
        wait_for_lock
        run reconcile all --jobs 3 --batch 1 --resume
        [ "$status" -eq 0 ]
        dump_db | sed '/^-- test_done/,/^--/{/^-- test_done/d;/^[0-9]/d}' >"$BATS_TEST_TMPDIR/after"
        diff "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/after"
    done
    [ "$(sql "select count(*) from test_done")" -gt 0 ]
    [ "$(sql "select run_id, settlement_date from test_done group by 1, 2 having count(*) > 1")" = "" ]
}

# Two hundred milliseconds more for each batch, so that there is a middle to be killed in.
slowly() { stub calc-btc 'sleep 0.2; exec "$REAL/calc-btc" "$@"'; }

wait_for_rows() {
    local _
    for _ in {1..200}; do
        [ "$(sql "$1")" = 0 ] || return 0
        sleep 0.05
    done
    return 1
}

@test "two hosts with one database share a run, and each date is done by one of them" {
    unshare --uts true || skip "this system lets no one have another host name"
    fresh_month 2025-03-04
    dump_db >"$BATS_TEST_TMPDIR/whole"
    few_wounds
    note_done
    slowly
    reconcile all --batch 1 >"$BATS_TEST_TMPDIR/here" 3>&- &
    here=$!
    wait_for_rows "select count(*) from reconciliation_run_dates"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/elsewhere unshare --uts sh -c 'mkdir "$WINDFALL_STATE"; hostname elsewhere; exec reconcile all --resume --batch 1' \
        >"$BATS_TEST_TMPDIR/there" 3>&-
    wait "$here"
    [ "$(sql "select count(*) from reconciliation_runs")" -eq 1 ]
    [ "$(sql "select count(*), count(distinct settlement_date) from test_done")" = "4|4" ]
    [ "$(sql "select count(distinct split_part(claimed_by, ':', 1)) from reconciliation_run_dates")" -eq 2 ]
    sql "drop table test_done cascade"
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "a worker that is killed is replaced, and its dates are done" {
    fresh_month 2025-03-04
    few_wounds
    slowly
    reconcile all --batch 2 >"$BATS_TEST_TMPDIR/out" 3>&- &
    job=$!
    wait_for_rows "select count(*) from reconciliation_run_dates where state = 'claimed'"
    worker=$(sql "select distinct split_part(claimed_by, ':', 2) from reconciliation_run_dates where state = 'claimed'")
    kill -9 "$worker"
    wait "$job"
    grep -q "^verdict=mended " "$BATS_TEST_TMPDIR/out"
    grep -q "level=warning .*a worker was killed" "$logs/reconcile_latest.log"
    [ "$(sql "select distinct state from reconciliation_run_dates")" = "done" ]
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
    # So is the pool as a whole.
    few_wounds
    stub run-queue '[ "$1" != work ] || [ -e "$WINDFALL_STATE/killed" ] || { : >"$WINDFALL_STATE/killed"; kill -9 $$; }
        exec "$REAL/run-queue" "$@"'
    run reconcile all
    [[ "$output" == "verdict=mended "* ]]
    grep -q 'level=warning .*msg="the workers were killed" status=137' "$logs/reconcile_latest.log"
}

@test "mend-dates prints what is still wrong, and keeps what was counted of the dates that are correct" {
    fresh_month 2025-03-03
    cd "$BATS_TEST_TMPDIR"
    mkdir kept
    mend() { printf 'settlement_date\n2025-03-01\n2025-03-02\n2025-03-03\n' | "$root/scripts/mend-dates" "$@"; }
    # One whose half hour stays suspect: nothing failed, and it is not correct.
    sql "update ingested_periods set status = 'suspect', suspect = 'empty' where settlement_date = '2025-03-02' and settlement_period = 3"
    stub fetch-elexon 'exit 1'
    run --separate-stderr mend --keep kept
    [ "$status" -eq 1 ]
    [ "$output" = $'settlement_date\treason\n2025-03-02\t0 missing, 0 stale, 0 orphan, 0 unfetched, 1 suspect' ]
    [ "$(cut -f 1 kept/* | paste -sd ' ')" = "settlement_date 2025-03-01 2025-03-03" ]
    # Nothing is fetched: that is no failure then.
    run --separate-stderr mend --no-fetch --keep kept
    [ "$status" -eq 0 ]
    [ "$output" = $'settlement_date\treason' ]
    [ "$(cat kept/* | wc -l)" -eq 7 ]
    # A row that cannot be read costs its day, should the audit have nothing to say of it, too.
    stub audit-calcs 'printf "level\tkey\tfield\tstored\texpected\tdifference\n"'
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume)
         values ('2025-03-03', 7, E'T_A\\\\B', 'bid', 99, -1)"
    rm kept/*
    run --separate-stderr mend --no-fetch --keep kept
    [ "$status" -eq 65 ]
    [ "$output" = $'settlement_date\treason\n2025-03-03\ta stored row cannot be read' ]
    [ "$(cut -f 1 kept/* | paste -sd ' ')" = "settlement_date 2025-03-01 2025-03-02" ]
    # What differs of a month speaks for none of its days.
    rm kept/*
    stub audit-calcs 'printf "level\tkey\tfield\tstored\texpected\tdifference\nmonth\t2025-03\tpayment\t1\t2\t-1\n"; exit 1'
    run --separate-stderr mend --no-fetch --keep kept
    [ "$(ls kept)" = "" ]
    # An audit that could not go on, and one that has nothing to go by, end the same way.
    sql "delete from curtailment_records where sequence_number = 99"
    stub audit-calcs 'printf "level\tkey\tfield\tstored\texpected\tdifference\n"; exit 65'
    run --separate-stderr mend --no-fetch --keep kept
    [ "$status-$output" = 65- ]
    stub audit-calcs 'printf "level\tkey\tfield\tstored\texpected\tdifference\nunchecked\t2025-03-02 1 T_X\tdifficulty\t1\t\\\\N\t\\\\N\n"; exit 65'
    run --separate-stderr mend --no-fetch --keep kept
    [ "$status" -eq 65 ]
    [ "$output" = $'settlement_date\treason\n2025-03-02\tthe difficulty is not known' ]
    [ "$(cut -f 1 kept/* | paste -sd ' ')" = "settlement_date 2025-03-01 2025-03-03" ]
}

@test "a month is one stretch: calculated, summed and audited once, by one process each" {
    fresh_month
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    run reconcile missing
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" dates=31 "*" missing=0 "*" audit_differences=0 "*" in_run=31 "* ]]
    for what in calc-btc audit-calcs; do
        [ "$(grep -c "level=info tool=$what " "$logs/reconcile_latest.log")" -eq 1 ]
    done
    # Behind the run all is summed once more, of which nothing is read.
    [ "$(grep -c 'tool=rollup-summaries .*msg="summed" days=31 ' "$logs/reconcile_latest.log")" -eq 2 ]
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
}

@test "a date on which the calculation fails within a stretch costs that date alone, and its reason is kept" {
    fresh_month 2025-03-06
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    # As a defect would: it ends at once with all that it was asked for.
    stub calc-btc 'cat >"$WINDFALL_STATE/asked.$$"
        ! grep -q 2025-03-03 "$WINDFALL_STATE/asked.$$" || { echo "calc-btc: a defect" >&2; exit 70; }
        exec "$REAL/calc-btc" "$@" <"$WINDFALL_STATE/asked.$$"'
    run reconcile missing
    [ "$status" -eq 70 ]
    [[ "$output" == *"verdict=failed "*" in_run=6 given_up=1 not_done=0 "* ]]
    [ "$(sql "select settlement_date, attempts, error ~ '^status 70: [1-9][0-9]* missing' from reconciliation_run_dates where state = 'failed'")" = "2025-03-03|1|t" ]
    [ "$(sql "select count(*) from reconciliation_run_dates where state = 'done'")" -eq 5 ]
    [ "$(find-missing --by-date --no-header | cut -f 1)" = 2025-03-03 ]
    grep -q 'tool=run-queue .*msg="a stretch failed: its dates are tried one by one" from=2025-03-01 to=2025-03-06 status=70' "$logs/reconcile_latest.log"
}

@test "a sum of a day, a month or a year that no date stands for is found behind a run that was correct" {
    fresh_month 2025-03-02
    dump_db >"$BATS_TEST_TMPDIR/whole"
    strays=("insert into daily_summaries select '2025-04-14', curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods, periods_ingested, periods_final, periods_expected from daily_summaries where settlement_date = '2025-03-02'" \
        "update monthly_summaries set year_month = '2025-02'" \
        "update bitcoin_monthly_summaries set year_month = '2025-02' where miner_model = 'S9'" \
        "update yearly_summaries set year = 2024")
    # Two of them, others each time.
    some 2 "${strays[@]}" >"$BATS_TEST_TMPDIR/strays"
    while read -r stray; do
        sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
        sql "$stray"
        run reconcile all </dev/null
        echo "$stray: $output"
        [ "$status" -eq 0 ]
        [[ "$output" == "verdict=mended "*" in_run=2 "* ]]
        dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    done <"$BATS_TEST_TMPDIR/strays"
}

@test "what somebody wrote since it was compared is audited once, though nothing is wrong" {
    needs_plain "no day has a proof there, and none is known to be written anew"
    fresh_month 2025-03-02
    # The same rows, written anew.
    sql "update curtailment_records set volume = volume"
    run reconcile all
    [[ "$output" == "verdict=ok "*" audit_differences=0 "*" in_run=0 "*" audited=2 "* ]]
    run reconcile all
    [[ "$output" == "verdict=ok "*" audit_differences=not-checked "*" in_run=0 "*" audited=0 "* ]]
    # Energy of units of which nobody says whether they are wind is a finding, though nothing else is; eight of them are named.
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_GAS-1', '-infinity', 'CCGT');
         insert into undecided_curtailment (settlement_date, settlement_period, farm_id, records, mwh, payment)
         select '2025-03-02', 7, 'T_NEW-' || n, 1, 1000000 + n, 0 from generate_series(1, 9) n"
    units=$(sql "select count(*) from undecided_units")
    run reconcile status
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" == "verdict=findings "*" missing=0 "*" undecided_units=$units "* ]]
    grep -q " units=$units .*T_NEW-9:1000009,.*,T_NEW-2:1000002,and_$((units - 8))_more" "$logs/reconcile-status_latest.log"
}

@test "a sum that somebody broke is mended, and its day, its month's first day and its year's are audited" {
    fresh_month 2025-03-02
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "update bitcoin_daily_summaries set bitcoin_mined = 0 where settlement_date = '2025-03-02' and miner_model = 'S9'
       ; update bitcoin_monthly_summaries set bitcoin_mined = 0 where miner_model = 'M20S'
       ; update bitcoin_yearly_summaries set bitcoin_mined = 0 where miner_model = 'S19J_PRO'"
    run reconcile all
    echo "$output"
    # The day itself, the first day of the month and that of the year.
    [[ "$output" == "verdict=mended "*" audit_differences=0 "*" in_run=0 "*" audited=3 "* ]]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "a signal ends the job, its workers and their tools at once; what they had claimed is free; --resume goes on" {
    fresh_month 2025-03-04
    few_wounds
    stub calc-btc 'touch "$WINDFALL_STATE/slow"; exec sleep 90'
    reconcile all --jobs 2 --batch 1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    job=$!
    for _ in {1..200}; do [ ! -e "$WINDFALL_STATE/slow" ] || break; sleep 0.05; done
    mapfile -t family < <(descendants "$job")
    began=$SECONDS
    kill -TERM "$job"
    status=0
    wait "$job" || status=$?
    [ "$status" -eq 143 ]
    [ $((SECONDS - began)) -lt 60 ]
    grep -q "^verdict=failed .* status=143 " "$BATS_TEST_TMPDIR/out"
    for pid in "${family[@]}"; do
        # Asked once: between two questions it may end.  The watcher's pause of a second may last on.
        left=$(ps -o stat=,args= -p "$pid" || :)
        case $left in ''|Z*|*' sleep 1') ;; *) echo "$pid: $left"; false ;; esac
    done
    flock -n "$WINDFALL_STATE/var/reconcile.lock" true
    [ "$(sql "select count(*) from reconciliation_run_dates where state = 'claimed'")" -eq 0 ]
    # A date that needed no calculation may be done by then.
    [ "$(sql "select max(attempts) from reconciliation_run_dates where state <> 'done'")" -eq 0 ]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
    rm "$BATS_TEST_TMPDIR/stubs/calc-btc"
    run reconcile all --resume
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from reconciliation_runs")" -eq 1 ]
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
    # Nothing is left to go on with, so a third is a run of its own.
    run reconcile all --resume
    [[ "$output" == "verdict=ok "*" run_id=2 in_run=0 "* ]]
}

@test "on a terminal it is said how many of how many are done, how fast, and how long it still takes" {
    fresh_month 2025-03-04
    few_wounds
    stub calc-btc 'sleep 1; exec "$REAL/calc-btc" "$@"'
    script -qec "reconcile all --batch 1" /dev/null >"$BATS_TEST_TMPDIR/screen" 3>&-
    grep -Eq 'run-queue: progress done=[1-3] of=4 failed=0 a_minute=[0-9]+ seconds=[0-9]+ seconds_left=[0-9]+' "$BATS_TEST_TMPDIR/screen"
    grep -q '^reconcile: what was missing or wrong has been put right, everything is correct (' "$BATS_TEST_TMPDIR/screen"
    [ "$(tail -n 1 "$logs/reconcile_latest.log" | grep -c '^verdict=mended ')" -eq 1 ]
}

# ---- verbs ------------------------------------------------------------------

@test "each verb mends what it names and nothing else, and ends with what it counted" {
    fresh_month 2025-03-06
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "delete from historical_bitcoin_calculations where settlement_period = 9"
    run reconcile date 2025-03-02
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" dates=1 "*" missing=0 "*" in_run=1 "* ]]
    [ "$(find-missing --by-date --no-header | cut -f 1 | tr '\n' ' ')" = "2025-03-01 2025-03-03 2025-03-04 2025-03-05 2025-03-06 " ]
    run reconcile range 2025-03-03 2025-03-04
    [[ "$output" == "verdict=mended "*" dates=2 "* ]]
    [ "$(find-missing --by-date --no-header | cut -f 1 | tr '\n' ' ')" = "2025-03-01 2025-03-05 2025-03-06 " ]
    # Of the last three days yesterday's and the day before's are in the database here.
    run faketime '2025-03-07 12:00:00' reconcile recent 2
    [ "$status" -eq 0 ]
    [ "$(find-missing --by-date --no-header | cut -f 1)" = 2025-03-01 ]
    # Without the source: calculations and sums only.
    sql "delete from ingested_periods where settlement_date in ('2025-03-01', '2025-03-04') and settlement_period = 1"
    WINDFALL_RETRY_WAIT=0.01 WINDFALL_ELEXON_URL=http://127.0.0.1:1 run reconcile missing
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" missing=0 "*" unfetched=2 "*" in_run=1 given_up=0 "* ]]
    [ "$(find-missing | wc -l)" -eq 1 ]
    run reconcile all
    [ "$status" -eq 0 ]
    # What only the source can tell of a date that is complete: with --force it is asked.
    sql "update curtailment_records set lead_party_name = 'Nobody' where settlement_date = '2025-03-02' and settlement_period = 20"
    run reconcile date 2025-03-02 --force
    [ "$status" -eq 0 ]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "critical takes a date period by period, and asks the source before and after" {
    fresh_month 2025-03-02
    dump_db >"$BATS_TEST_TMPDIR/whole"
    # What fits together in itself and is not what the source has: only asking it can tell.
    sql "update curtailment_records set farm_id = 'T_WRONG-1' where settlement_date = '2025-03-02' and settlement_period = 20"
    calc-btc -q --store 2025-03-02
    rollup-summaries -q 2025-03-02 >"$BATS_TEST_TMPDIR/summed"
    [ "$(find-missing --periods | wc -l)" -eq 1 ]
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run reconcile critical 2025-03-02 --dry-run
    [ "$(fact dry_run)$(fact source_differences)" = yes1 ]
    [ "$(sed -n 2p <<<"$output" | cut -f 1,2)" = "2025-03-02	20" ]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
    run reconcile critical 2025-03-02
    [ "$status" -eq 0 ]
    [[ "${lines[-1]}" == "verdict=mended "*" source_differences=0 "* ]]
    [ "$(grep -c 'tool=fetch-elexon .*msg="stored"' "$logs/reconcile_latest.log")" -eq 48 ]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    WINDFALL_RETRY_WAIT=0.01 WINDFALL_ELEXON_URL=http://127.0.0.1:1 run reconcile critical 2025-03-02
    [ "$status" -eq 75 ]
    [[ "$output" == *"nothing was done"* ]]
    # A source that goes away in between is not asked for each half hour; one that cannot be compared afterwards is no success.
    stub fetch-elexon 'case $1 in --store) echo x >>"$WINDFALL_STATE/asked"; exit 75 ;; esac
        exec "$REAL/fetch-elexon" "$@"'
    run reconcile critical 2025-03-02
    [ "$status" -eq 75 ]
    [ "$(cat "$WINDFALL_STATE/asked")" = x ]
    stub fetch-elexon 'case $1 in --store) exit 0 ;; --verify) echo x >>"$WINDFALL_STATE/compared"; [ "$(wc -l <"$WINDFALL_STATE/compared")" -eq 1 ] || exit 76 ;; esac
        exec "$REAL/fetch-elexon" "$@"'
    run reconcile critical 2025-03-02
    [ "$status" -eq 76 ]
}

@test "spot-fix mends one period of one farm and shows it" {
    fresh_month 2025-03-02
    dump_db >"$BATS_TEST_TMPDIR/whole"
    read -r period farm <<<"$(sql "select settlement_period, farm_id from historical_bitcoin_calculations where settlement_date = '2025-03-02' limit 1" | tr '|' ' ')"
    sql "update curtailment_records set volume = volume * 3 where settlement_date = '2025-03-02' and settlement_period = $period and farm_id = '$farm'"
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-02' and settlement_period = $period and farm_id = '$farm' and miner_model = 'S9'"
    run reconcile spot-fix 2025-03-02 "$period" "$farm"
    [ "$status" -eq 0 ]
    [ "$(grep -c "^2025-03-02	$period	$farm	" <<<"$output")" -eq 3 ]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "report tells the state by date class, model and month, and what the last runs did" {
    fresh_month 2025-03-04
    few_wounds
    run reconcile range 2025-03-01 2025-03-02
    run reconcile report
    [ "$status" -eq 1 ]
    [[ "$output" == *"reconciliation "*" calculations are present and correct: "*" %"* ]]
    [[ "$output" =~ "complete "\ +2" dates" ]]
    [[ "$output" == *"2025-03 "* ]]
    [[ "$output" == *"S19J_PRO"* ]]
    [[ "$output" =~ reconcile\ +range\ 2025-03-01\ 2025-03-02\ +done\ +0 ]]
    [[ "${lines[-1]}" == "verdict=findings job=reconcile-report "* ]]
}

@test "report with two years in 24 lines of a terminal goes on to its end: nothing pages it" {
    fresh_month
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "this machine gives no pseudo-terminal"
    sql "insert into monthly_summaries (year_month, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms,
                                       periods, periods_ingested, periods_final, periods_expected, days)
         select to_char(m, 'YYYY-MM'), 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1
           from generate_series(date '2022-01-01', date '2023-12-01', interval '1 month') m" >/dev/null
    local status=0
    PAGER=less TERM=xterm LESS='' timeout -k 5 30 script -qec "stty rows 24 cols 80; $root/scripts/reconcile report" /dev/null \
        </dev/null >"$BATS_TEST_TMPDIR/screen" 3>&- || status=$?
    [ "$status" -le 1 ]
    grep -q '2022-01 ' "$BATS_TEST_TMPDIR/screen"
    grep -Eq '^reconcile-report: (something is not correct|nothing had to be done, everything is correct) [(]' "$BATS_TEST_TMPDIR/screen"
}

@test "status counts records, farms, periods and calculations, and the percentage is cut, not rounded" {
    fresh_month 2025-03-02
    n=$(sql "select count(*) from historical_bitcoin_calculations")
    # One is missing, the others are stale: the fewest of which the percentage would be another one rounded.
    wrong=1
    until [ $(((n - wrong) * 100000 / n % 10)) -ge 5 ]; do wrong=$((wrong + 1)); done
    sql "delete from historical_bitcoin_calculations where $(one_of historical_bitcoin_calculations true);
         update historical_bitcoin_calculations set difficulty = 1 where (settlement_date, settlement_period, farm_id, miner_model) in
             (select settlement_date, settlement_period, farm_id, miner_model from historical_bitcoin_calculations limit $wrong - 1);
         delete from ingested_periods where settlement_date = '2025-03-02' and settlement_period in (7, 8)"
    run reconcile status
    [ "$status" -eq 1 ]
    echo "$wrong of $n: $output"
    [[ "$output" == *"not known        2 periods of 1 date, never fetched"* ]]
    [[ "$output" == *"reconciliation   $((n - wrong)) of $n calculations are present and correct: 99.$(((n - wrong) * 10000 / n % 100)) %"* ]]
    [[ "$output" == *"records          $(sql "select count(*) from curtailment_records") of "* ]]
    [[ "$output" == *" of $(sql "select count(distinct farm_id) from curtailment_records") farms, from 2025-03-01 to 2025-03-02"* ]]
    for model in M20S S19J_PRO S9; do
        grep -Eq "^  $model +$(sql "select to_char(count(*), 'FM999,999') from historical_bitcoin_calculations where miner_model = '$model'")\$" <<<"$output"
    done
    grep -Eq "^calculations +$(sql "select to_char(count(*), 'FM999,999') from historical_bitcoin_calculations")\$" <<<"$output"
    # Not counted is not "none": status makes no audit.
    [[ "${lines[-1]}" == *" audit_differences=not-checked "* ]]
}

@test "status sorts no rows: what it reads of ten years never goes to the disk" {
    needs_plain "its rows lie on the nodes, which sort for themselves"
    fresh_month
    written() {
        local before
        before=$(sql "select temp_files from pg_stat_database where datname = current_database()")
        with-db psql -XAtq -v ON_ERROR_STOP=1 -c "set work_mem = '64kB'" "$@" -c "select pg_stat_force_next_flush()" >/dev/null
        echo $(($(sql "select temp_files from pg_stat_database where datname = current_database()") - before))
    }
    [ "$(written -c "select count(distinct farm_id) from curtailment_records")" -gt 0 ]
    [ "$(written -f "$root/sql/report/reconcile-status.sql")" -eq 0 ]
}

@test "dry runs change nothing, say what would be done, and are no success while something is to do" {
    fresh_month 2025-03-04
    few_wounds
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    for arguments in "all" "all --resume" "missing" "range 2025-03-01 2025-03-04" "date 2025-03-02" "all --force"; do
        # shellcheck disable=SC2086
        run reconcile $arguments --dry-run
        [ "$status" -eq 1 ]
        [[ "${lines[-1]}" == "verdict=findings "*" dry_run=yes "* ]]
        [ "$(fact to_mend)" -gt 0 ]
    done
    [ "$(sql "select count(*) from reconciliation_runs")" -eq 0 ]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
}

@test "bad usage is told before anything is done, and alarms nobody" {
    fresh_month 2025-03-02
    hook
    while read -r arguments; do
        # shellcheck disable=SC2086
        run --separate-stderr reconcile $arguments
        echo "$arguments: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done <<-END
	
	nonsense
	all 2025-03-01
	all --jobs 0
	all --jobs 65
	all --jobs three
	all --jobs
	all --batch 0
	all --batch=-3
	range 2025-03-01
	range 2025-03-02 2025-03-01
	range 2025-03-01 2099-01-01
	range 2099-01-01 2099-01-02
	date 2025-02-30
	date 2025-3-1
	date 2025-03-01;id
	date
	recent 0
	recent x
	spot-fix 2025-03-01 1
	spot-fix 2025-03-01 one T_LCLTW-1
	status --dry-run
	analyze --force
	--nonsense all
	END
    [ "$(ls "$WINDFALL_STATE")" = "" ] || [ ! -e "$WINDFALL_STATE/logs" ]
    [ ! -s "$ALERTS" ]
    for arguments in "2025-03-30 47 T_LCLTW-1" "2025-03-01 0 T_LCLTW-1" "2025-03-01 1 T_NOWHERE-1"; do
        # shellcheck disable=SC2086
        run reconcile spot-fix $arguments
        [ "$status" -eq 64 ]
    done
    [ "$(sql "select count(*) from reconciliation_runs")" -eq 0 ]
}

# ---- bad days ---------------------------------------------------------------

@test "the source down for the whole run: 75, told the second time and once, nothing changed" {
    fresh_month 2025-03-02
    sql "delete from ingested_periods where settlement_date = '2025-03-02' and settlement_period = 3"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summed"
    hook
    export WINDFALL_RETRY_WAIT=0.01
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    WINDFALL_ELEXON_URL=http://127.0.0.1:1
    for n in 1 2 3; do
        run reconcile all --batch 1
        [ "$status" -eq 75 ]
        [[ "$output" == *"verdict=failed "*" unfetched=1 "* ]]
        [ "$(wc -l <"$ALERTS")" -eq $((n > 1)) ]
        # That three attempts are made is seen in the first run; the others make the last of them.
        sql "alter table reconciliation_run_dates alter column attempts set default 2"
    done
    [ "$(sql "select string_agg(attempts::text, ' ') from reconciliation_run_dates where state = 'failed'")" = "3 3 3" ]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
    grep -q "^problem warning .*reconcile could not do its work" "$ALERTS"
    # What is left is there for later; when the source is back, all is mended and the end is told.
    WINDFALL_ELEXON_URL=file://$MONTH
    sql "update reconciliation_run_dates set not_before = now(), state = 'queued', attempts = 0"
    run reconcile all --resume
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" run_id=3 "* ]]
    [ "$(tail -n 1 "$ALERTS" | cut -d ' ' -f 1)" = recovery ]
}

@test "half the dates failing: the others are done, the verdict says so, and it is no success" {
    fresh_month 2025-03-06
    sql "delete from ingested_periods where settlement_period = 3"
    cp -r "$MONTH" "$BATS_TEST_TMPDIR/half"
    for day in 01 03 05; do
        echo '<html>maintenance</html>' >"$BATS_TEST_TMPDIR/half/balancing/settlement/stack/all/bid/2025-03-$day/3"
    done
    export WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR/half
    run reconcile all --jobs 2 --batch 3
    [ "$status" -eq 76 ]
    [[ "$output" == *"verdict=failed "*" status=76 "*" unfetched=3 "*" in_run=6 given_up=3 not_done=0 "* ]]
    [ "$(sql "select settlement_date, attempts, error like 'status 76: %1 unfetched, 0 suspect' from reconciliation_run_dates where state = 'failed' order by 1")" = \
"2025-03-01|1|t
2025-03-03|1|t
2025-03-05|1|t" ]
    [ "$(sql "select count(*) from reconciliation_run_dates where state = 'done'")" -eq 3 ]
    [ "$(grep -c 'msg="failed permanently after 1 attempt: 2025-03-0' "$logs/reconcile_latest.log")" -eq 3 ]
}

@test "half hours without a difficulty are not checked and not right, and hold up nothing else" {
    fresh_month 2025-03-10
    sql "delete from historical_bitcoin_calculations where settlement_period = 9"
    sql "update network_difficulty set in_force_until = '2025-03-08' where effective_from < '2025-03-08' and in_force_until > '2025-03-08'"
    run reconcile all --batch 20
    [ "$status" -eq 65 ]
    [ "$(fact missing)" -gt 0 ]
    [ "$(fact not_checked)" -gt 0 ]
    [[ "$output" == *"verdict=failed "* ]]
    [ "$(find-missing --by-date --no-header 2025-03-01 2025-03-07)" = "" ]
    grep -q 'failed permanently after 1 attempt: 2025-03-08: status 65: ' "$logs/reconcile_latest.log"
    unchecked=$(fact not_checked)
    run reconcile analyze
    grep -Eqx "  unchecked +$unchecked" <<<"$output"
}

@test "the database restarted in the middle: the run goes on when it is back" {
    fresh_month 2025-03-04
    dump_db >"$BATS_TEST_TMPDIR/whole"
    pg_dump -d "$DATABASE_URL" >"$BATS_TEST_TMPDIR/all.sql"
    state=$WINDFALL_STATE
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/own
    mkdir "$WINDFALL_STATE"
    chmod 755 "$BATS_TEST_TMPDIR"
    local-db start
    read -r socket <"$WINDFALL_STATE/var/socket"
    (unset DATABASE_URL; psql -Xq -h "$socket" -U windfall -d windfall -f "$BATS_TEST_TMPDIR/all.sql" >"$BATS_TEST_TMPDIR/restored")
    export DATABASE_URL="postgresql:///windfall?host=$socket&user=windfall"
    few_wounds
    slowly
    reconcile all --jobs 2 --batch 1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    job=$!
    wait_for_rows "select count(*) from reconciliation_run_dates where state = 'claimed'"
    local-db stop
    local-db start
    status=0
    wait "$job" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    local-db destroy --yes
    export WINDFALL_STATE=$state
}
