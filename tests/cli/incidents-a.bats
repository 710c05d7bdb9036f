# What went wrong in an earlier platform for curtailed energy, and goes right here: one test an incident.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load elexon
load month

DAY=2025-03-11

setup() {
    site=$BATS_TEST_TMPDIR/site
    export WINDFALL_ELEXON_URL=file://$site WINDFALL_RATE=1000
}

# The records of a period as count|energy|payment.
period() { sql "select count(*), sum(-volume), sum(payment) from curtailment_records where settlement_date = '$DAY' and settlement_period = $1"; }

@test "A-01 the sign of a payment is never forced: a farm that pays stays one that pays, on every level" {
    fresh_db
    put_day "$site" $DAY 48
    row T_KPMRW-1 -10 -70
    row T_GANW-22 -4 25.5
    put_stack "$site" bid $DAY 48
    run reingest $DAY
    [ "$status" -eq 0 ]
    # Paid to the farm: -10 × -70; paid by the other: -4 × 25.5.
    [ "$(sql "select farm_id, volume, payment from curtailment_records where settlement_period = 48 order by 1")" = "T_GANW-22|-4|-102
T_KPMRW-1|-10|700" ]
    # The other 47 periods: n.5 MWh at 20 pounds, n from 1 to 47.
    [ "$(sql "select payment, payment_to_farms, payment_by_farms from daily_summaries")" = "23628|23730|102" ]
    [ "$(sql "select payment, payment_by_farms from yearly_summaries")" = "23628|102" ]
    # And the damage itself, an update to the absolute value, does not last.
    sql "update curtailment_records set payment = abs(payment); update daily_summaries set payment = payment_to_farms"
    run reconcile all
    [[ "$output" == "verdict=mended "* ]]
    [ "$(sql "select payment, payment_to_farms, payment_by_farms from daily_summaries")" = "23628|23730|102" ]
}

@test "A-02 a failed request is no empty period: the day is short by it, says so, and is completed later" {
    fresh_db
    put_day "$site" $DAY 48
    printf 'location ~ /%s/(7|35)$ { if (-f %s/broken) { return 500; } try_files $uri =404; }\n' $DAY "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/broken.conf"
    touch "$BATS_TEST_TMPDIR/broken"
    chmod 755 "$BATS_TEST_TMPDIR"
    replay_start "$site" "$BATS_TEST_TMPDIR/broken.conf"
    stub fetch-elexon 'exec "$REAL/fetch-elexon" "$@" --attempts 2 --retry-wait 0.01'
    WINDFALL_ELEXON_URL=$REPLAY_URL
    run reingest $DAY
    [ "$status" -eq 75 ]
    [[ "$output" == *"verdict=failed "*" unfetched=2 "* ]]
    [ "$(find-missing --periods --no-header)" = "$DAY	7	unfetched
$DAY	35	unfetched" ]
    [ "$(sql "select periods_ingested, periods_expected from daily_summaries")" = "46|48" ]
    rm "$BATS_TEST_TMPDIR/broken"
    run reconcile all
    [ "$status" -eq 0 ]
    [ "$(sql "select periods_ingested, curtailed_mwh from daily_summaries")" = "48|1200" ]
}

@test "A-03 several rows of one period and farm are all energy, not duplicates" {
    fresh_db
    put_day "$site" $DAY 48
    for n in 1 2 3; do row T_KPMRW-1 -1.25 -70 true 500 -$n; done
    row T_KPMRW-1 -1.25 -70 true 501 -1
    row T_KPMRW-1 -1.25 -70 true 501 -1
    put_stack "$site" bid $DAY 48
    run reingest $DAY
    [ "$status" -eq 0 ]
    [ "$(period 48)" = "5|6.25|437.5" ]
    # One pair, so one calculation a model, of all its energy.
    [ "$(sql "select count(*), min(curtailed_mwh), max(curtailed_mwh) from historical_bitcoin_calculations where settlement_period = 48")" = \
"3|6.250000000|6.250000000" ]
}

@test "A-04 re-runs never append: ten fetches are one, and what somebody doubled is undone" {
    fresh_db
    put_day "$site" $DAY 48
    for n in {1..10}; do fetch-elexon -q --store $DAY; done
    [ "$(sql "select count(*), sum(-volume) from curtailment_records")" = "48|1200.0" ]
    calc-btc -q --store $DAY
    rollup-summaries -q $DAY >"$BATS_TEST_TMPDIR/summed"
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "insert into curtailment_records select settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number + n,
            lead_party_name, volume, original_price, final_price, payment, so_flag, cadl_flag, source_created_at, transmission_loss_multiplier
          from curtailment_records, generate_series(1, 9) n where settlement_period in (7, 8) and sequence_number = 1"
    [ "$(period 7)" = "10|75.0|1500" ]
    calc-btc -q --store $DAY
    rollup-summaries -q $DAY >"$BATS_TEST_TMPDIR/summed"
    run reconcile all
    [[ "$output" == "verdict=mended "*" in_run=1 "* ]]
    [ "$(period 7)" = "1|7.5|150" ]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "A-05 a crash leaves no part of a day: a date's calculations are all there or none" {
    fresh_month
    sql "delete from historical_bitcoin_calculations"
    for n in {1..6}; do
        timeout -s KILL 0.0$((n * 15)) calc-btc -q --store 2025-03-01 2025-03-31 || true
        sql_until "not exists (select from pg_stat_activity where application_name = 'calc-btc' and datname = current_database())"
        [ "$(find-missing --by-date --no-header | awk '$4 > 0 && $4 < $2')" = "" ]
    done
    calc-btc -q --store 2025-03-01 2025-03-31
    [ "$(find-missing | wc -l)" -eq 1 ]
}

@test "A-05 one transaction a day: refused in the middle of writing, a day is as it was to the last row" {
    fresh_month 2025-03-06
    dump_db >"$BATS_TEST_TMPDIR/whole"
    # Half of a day's calculations are to be replaced: what is removed first is not lost when the new cannot come.
    sql "update historical_bitcoin_calculations set difficulty = 1 where settlement_date = '2025-03-05' and settlement_period % 2 = 0"
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    refuse_rows historical_bitcoin_calculations
    run calc-btc --store 2025-03-05
    [ "$status" -ne 0 ]
    [[ "$output" == *"no more"* ]]
    dump_db --exact | diff "$BATS_TEST_TMPDIR/before" -
    allow_rows historical_bitcoin_calculations
    calc-btc -q --store 2025-03-05
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    # Of a fetched day its periods and its records.
    for table in curtailment_records ingested_periods; do
        sql "update curtailment_records set volume = volume - 1, payment = (volume - 1) * original_price where settlement_date = '2025-03-05';
             update ingested_periods set rows_seen = rows_seen + 1 where settlement_date = '2025-03-05'"
        dump_db --exact >"$BATS_TEST_TMPDIR/before"
        refuse_rows $table
        run fetch-elexon --store 2025-03-05
        [ "$status" -ne 0 ]
        [[ "$output" == *"no more"* ]]
        dump_db --exact | diff "$BATS_TEST_TMPDIR/before" -
        allow_rows $table
        fetch-elexon -q --store 2025-03-05
        dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    done
    # The sums of a day, its month and its year are one, too.
    sql "update daily_summaries set payment = 0 where settlement_date = '2025-03-05';
         update monthly_summaries set payment = 0; update yearly_summaries set payment = 0"
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    for table in monthly_summaries yearly_summaries; do
        refuse_rows $table
        run rollup-summaries 2025-03-05
        [ "$status" -ne 0 ]
        dump_db --exact | diff "$BATS_TEST_TMPDIR/before" -
        allow_rows $table
    done
}

@test "A-06 one register with dates: history keeps its lead party, and an unknown unit is told, not dropped in silence" {
    fresh_db
    sql "update bm_units set valid_to = '$DAY' where farm_id = 'T_KPMRW-1'"
    sql "insert into bm_units (farm_id, valid_from, name, lead_party_name, fuel_type, capacity_mw)
         values ('T_KPMRW-1', '$DAY', 'Keadby', 'The New Owner', 'WIND', 100)"
    # A register with units of every kind, as fetch-bmunits keeps it.
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_GAS-1', '-infinity', 'CCGT')"
    put_day "$site" 2025-03-10 48
    row T_NEWFARM-1 -3 -50
    row T_KPMRW-1 -1 -50
    put_stack "$site" bid $DAY 1
    run --separate-stderr fetch-elexon --store 2025-03-10
    run --separate-stderr fetch-elexon --store $DAY --periods 1
    [[ "$stderr" == *"1 unit, -3 MWh, left out"*"not in the register"*"T_NEWFARM-1 -3 MWh"* ]]
    [ "$(sql "select distinct settlement_date, lead_party_name = 'The New Owner' from curtailment_records order by 1")" = "2025-03-10|f
2025-03-11|t" ]
    # A register without a wind unit knows no curtailment: what is stored by a better one is not replaced by it.
    sql "create table register as table bm_units; delete from bm_units where fuel_type = 'WIND'"
    run reingest 2025-03-10
    [ "$status" -eq 78 ]
    [[ "$output" == *"the table bm_units has no wind unit of 2025-03-10; fetch-bmunits --store fills it"* ]]
    [ "$(sql "select count(*), sum(-volume) from curtailment_records where settlement_date = '2025-03-10'")" = "48|1200.0" ]
    sql "truncate bm_units; insert into bm_units select * from register"
    fetch-elexon -q --store 2025-03-10
    [ "$(sql "select count(*), sum(-volume) from curtailment_records where settlement_date = '2025-03-10'")" = "48|1200.0" ]
    # There is one list of units in the tree, and the register is made from it; beside it what the register does
    # not say, and no unit is in both.
    [ "$(find "$root/sql" "$root/src" "$root/scripts" \( -name '*unit*' -o -name '*mapping*' \) -name '*.[tc]sv' -printf '%f\n' | sort | paste -sd' ')" = \
      "declared-units.tsv wind-units.tsv" ]
    [ "$(cut -f 1 "$root/sql/reference/declared-units.tsv" "$root/sql/reference/wind-units.tsv" | sort | uniq -d)" = farm_id ]
}

@test "A-07 subsidy and difficulty are those of the half hour, whatever day it is today" {
    rows="settlement_date	settlement_period	farm_id	volume
2024-04-20	3	T_A-1	-1.525
2024-04-20	4	T_A-1	-1.525
2025-04-01	1	T_A-1	-1.525"
    for today in "2024-01-01 00:00:00" "2025-04-14 00:00:00" "2030-01-01 00:00:00"; do
        # The halving came with block 840,000 at 00:09:27 UTC: period 3 had begun nine minutes before.
        [ "$(faketime "$today" calc-btc --model S19J_PRO --no-header <<<"$rows" | cut -f 1,2,6,8)" = \
"2024-04-20	3	1000	6.25000000
2024-04-20	4	1000	3.12500000
2025-04-01	1	1000	3.12500000" ]
    done
}

@test "A-08 completeness is of distinct pairs and models: a lost farm is seen, many rows of one pair count once" {
    fresh_month 2025-03-01
    pairs=$(sql "select count(*) from (select distinct settlement_period, farm_id from curtailment_records) p")
    [ "$pairs" -lt "$(sql "select count(*) from curtailment_records")" ]
    [ "$(find-missing --by-date --all-dates --no-header 2025-03-01 | cut -f 2,9)" = "$((3 * pairs))	100.00" ]
    # Every period still has calculations of every model.
    farm=$(sql "select farm_id from curtailment_records group by 1 order by count(*) limit 1")
    lost=$(sql "delete from historical_bitcoin_calculations where farm_id = '$farm' returning 1" | wc -l)
    [ "$(find-missing --by-date --no-header | cut -f 4)" = "$lost" ]
    run reconcile status
    [[ "$output" == *"$((3 * pairs - lost)) of $((3 * pairs)) calculations"* ]]
    run reconcile all
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
}

@test "A-09 like is compared with like: an untouched day differs nowhere, a changed period in itself only" {
    fresh_month 2025-03-02
    run --separate-stderr fetch-elexon -q --verify 2025-03-01 2025-03-02
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    sql "update curtailment_records set volume = volume - 0.01 where settlement_date = '2025-03-02' and settlement_period = 24"
    run --separate-stderr fetch-elexon -q --verify --no-header 2025-03-01 2025-03-02
    [ "$status" -eq 1 ]
    [ "$(cut -f 1,2 <<<"$output")" = "2025-03-02	24" ]
}

@test "A-10 there is no default difficulty: where it is not known nothing is calculated, and it is told" {
    fresh_month 2025-03-10
    sql "delete from historical_bitcoin_calculations where settlement_date >= '2025-03-10'"
    sql "delete from network_difficulty where effective_from > '2025-03-05'; update network_difficulty set in_force_until = '2025-03-09 12:00Z' where in_force_until > '2025-03-09 12:00Z'"
    run calc-btc --store 2025-03-10
    [ "$status" -eq 65 ]
    [[ "$output" == *"difficulty"* ]]
    [ "$(sql "select count(*) from historical_bitcoin_calculations where settlement_date >= '2025-03-10'")" -eq 0 ]
    # A figure that no header can hold is refused; a list that missed five retargets moves none of them.
    printf 'effective_from\tdifficulty\n2025-03-23T00:00:00Z\t100000000000000\n' >"$BATS_TEST_TMPDIR/file"
    run fetch-difficulty --store --file "$BATS_TEST_TMPDIR/file"
    [ "$status" -eq 65 ]
    sql "select * from network_difficulty order by 1" >"$BATS_TEST_TMPDIR/known"
    printf 'effective_from\tdifficulty\n2024-06-22T00:00:00Z\t83675262295059\n2024-09-11T00:00:00Z\t92671576265161\n' >"$BATS_TEST_TMPDIR/file"
    run fetch-difficulty --store --file "$BATS_TEST_TMPDIR/file"
    sql "select * from network_difficulty order by 1" | diff "$BATS_TEST_TMPDIR/known" -
}

@test "A-11 the nightly check is no stub: it says completed only of what it has counted" {
    fresh_month
    no_network
    stub calc-btc 'cat >/dev/null'
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-31' and miner_model = 'S9'"
    run env TZ=Europe/London faketime "2025-04-01 03:00:00" daily
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings job=daily "*" missing=93 "* ]]
}

@test "A-12 no figure without a source row: what is not there stays nothing, an expected total does not stay" {
    fresh_db
    put_day "$site" $DAY 48
    rm "$site/$STACK/bid/$DAY/16"
    # A balancing row, typed in for the sake of the total.
    row T_KPMRW-1 -2.5 -20
    put_stack "$site" bid $DAY 48
    run reingest $DAY
    [ "$(sql "select count(*) from curtailment_records where settlement_period = 16")" -eq 0 ]
    right=$(sql "select curtailed_mwh, payment from daily_summaries")
    [ "$right" = "1137.5|22750" ]
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume, original_price, payment)
         values ('$DAY', 48, 'T_KPMRW-1', 'bid', 99, -1000, -20, 20000)"
    sql "update daily_summaries set curtailed_mwh = 99904.22, payment = 2100000; update monthly_summaries set curtailed_mwh = 937013.57"
    run reconcile all
    [ "$(sql "select curtailed_mwh, payment from daily_summaries")" = "$right" ]
    [ "$(sql "select curtailed_mwh from monthly_summaries")" = 1137.5 ]
}

@test "A-13 months and years follow a day that changes, and a roll-up that did not happen is a finding" {
    fresh_month 2025-03-06
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05'; delete from bitcoin_monthly_summaries; delete from bitcoin_yearly_summaries"
    run audit-calcs -q
    [ "$status" -eq 1 ]
    run reconcile all
    [ "$status" -eq 0 ]
    [ "$(sql "select bool_and(y.bitcoin_mined = c.mined and m.bitcoin_mined = c.mined)
                from bitcoin_yearly_summaries y join bitcoin_monthly_summaries m using (miner_model)
                join (select miner_model, sum(bitcoin_mined) as mined from historical_bitcoin_calculations group by 1) c using (miner_model)")" = t ]
    stub rollup-summaries 'cat >/dev/null; echo level'
    sql "update bitcoin_yearly_summaries set bitcoin_mined = 0"
    run reconcile analyze
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" =~ verdict=findings\ .*\ audit_differences=[1-9] ]]
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05'"
    run reconcile all
    [ "$status" -eq 1 ]
    [[ "$output" =~ verdict=findings\ .*\ audit_differences=[1-9] ]]
}

@test "A-14 there is one table of miner models: who changes it changes every calculation, and none is right before" {
    fresh_month 2025-03-02
    n=$(sql "select count(*) from historical_bitcoin_calculations where miner_model = 'S19J_PRO'")
    sql "update miner_models set hashrate_ths = 104, power_w = 3068 where miner_model = 'S19J_PRO'"
    [ "$(find-missing --no-header | cut -f 4,5 | sort | uniq -c | tr -s ' ')" = " $n S19J_PRO	stale" ]
    run reconcile all
    [ "$status" -eq 0 ]
    [ "$(sql "select distinct hashrate_ths, power_w from historical_bitcoin_calculations where miner_model = 'S19J_PRO'")" = "104|3068" ]
    # 1.525 MWh keep ⌊3050000 / 3068⌋ of them running for the half hour.
    printf 'miner_model\thashrate_ths\tpower_w\nS19J_PRO\t104\t3068\n' >"$BATS_TEST_TMPDIR/models"
    [ "$(printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-01\t1\tT_A-1\t-1.525\n' |
        calc-btc --models "$BATS_TEST_TMPDIR/models" --no-header | cut -f 6)" = 994 ]
}

@test "A-15 no job ends another's session, however long it has been idle in its transaction" {
    fresh_month 2025-03-02
    mkfifo "$BATS_TEST_TMPDIR/keys"
    psql -XAtq -d "$DATABASE_URL" <"$BATS_TEST_TMPDIR/keys" >"$BATS_TEST_TMPDIR/session" 3>&- &
    session=$!
    exec 4>"$BATS_TEST_TMPDIR/keys"
    echo "begin; select count(*) from curtailment_records where settlement_date = '2025-03-01';" >&4
    for _ in {1..100}; do [ ! -s "$BATS_TEST_TMPDIR/session" ] || break; sleep 0.02; done
    sql "delete from historical_bitcoin_calculations where settlement_period = 9"
    run reconcile all --jobs 2 --batch 1
    [ "$status" -eq 0 ]
    echo "select 'still here'; commit;" >&4
    exec 4>&-
    wait "$session"
    grep -q 'still here' "$BATS_TEST_TMPDIR/session"
    run ! grep -rnE 'pg_(terminate|cancel)_backend' "$root/src" "$root/sql" "$root/scripts"
}

@test "A-16 the checkpoint is in the database: a killed run is gone on with from there, with no file to be torn" {
    fresh_month 2025-03-06
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    stub calc-btc 'sleep 0.1; exec "$REAL/calc-btc" "$@"'
    reconcile all --batch 1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    job=$!
    sql_until "(select count(*) from reconciliation_run_dates where state = 'done') >= 2"
    kill -9 "$job"
    wait "$job" || true
    for _ in {1..200}; do ! flock -n "$WINDFALL_STATE/var/reconcile.lock" true || break; sleep 0.05; done
    before=$(sql "select count(*) from reconciliation_run_dates where state = 'done'")
    [ "$before" -ge 2 ]
    [ "$(find "$WINDFALL_STATE" -iname '*checkpoint*' -o -name '*.json' | wc -l)" -eq 0 ]
    run reconcile all --resume
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" run_id=1 in_run=6 "* ]]
    [ "$(sql "select count(*), max(attempts) from reconciliation_run_dates where state = 'done'")" = "6|1" ]
}

@test "A-17 a day has the periods that London's clocks give it, and none is asked for beyond" {
    fresh_db
    put_day "$site" 2025-03-30 46
    put_day "$site" 2024-10-27 50
    replay_start "$site"
    WINDFALL_ELEXON_URL=$REPLAY_URL
    for day in 2025-03-30:46 2024-10-27:50; do
        run reingest "${day%:*}"
        [ "$status" -eq 0 ]
        [ "$(replay_requests "/stack/all/bid/${day%:*}/")" -eq "${day#*:}" ]
        [ "$(sql "select periods_ingested, periods_expected, periods from daily_summaries where settlement_date = '${day%:*}'")" = "${day#*:}|${day#*:}|${day#*:}" ]
    done
    # Σ n.5 for 1 to 50: nothing of the last hour is lost.
    [ "$(sql "select curtailed_mwh from daily_summaries where settlement_date = '2024-10-27'")" = 1300 ]
    # The same whatever zone the machine is in.
    for zone in UTC America/New_York Asia/Tokyo; do
        [ "$(TZ=$zone find-missing --periods --no-header 2025-03-30 | wc -l)" -eq 0 ]
        [ "$(TZ=$zone find-missing --periods --no-header 2025-03-29 | wc -l)" -eq 48 ]
    done
}

@test "A-18 a sum is not multiplied by the number of records under it" {
    fresh_db
    put_day "$site" $DAY 48
    for n in 1 2 3 4; do row T_KPMRW-1 -1.525 -70 true 500 -$n; done
    put_stack "$site" bid $DAY 48
    run reingest $DAY
    [ "$(sql "select b.bitcoin_mined = c.mined, b.calculations from bitcoin_daily_summaries b
                join (select miner_model, sum(bitcoin_mined) as mined from historical_bitcoin_calculations group by 1) c using (miner_model)")" = "t|48
t|48
t|48" ]
    # 4 × 1.525 MWh are 4000 S19J_PRO for half an hour.
    [ "$(sql "select miners from historical_bitcoin_calculations where settlement_period = 48 and miner_model = 'S19J_PRO'")" = 4000 ]
    run report $DAY
    [[ "$output" == *"1,157.600000000 MWh"* ]]
}

@test "A-19 six periods that are checked are compared with these six, and no percentage passes 100" {
    fresh_month 2025-03-02
    replay_start "$MONTH"
    WINDFALL_ELEXON_URL=$REPLAY_URL run --separate-stderr fetch-elexon --verify --periods 1-6 2025-03-02
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq 6 ]
    sql "insert into historical_bitcoin_calculations select settlement_date, settlement_period, farm_id || n, miner_model, curtailed_mwh, miners,
            difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined from historical_bitcoin_calculations cross join generate_series(1, 3) n
          where settlement_date = '2025-03-02'"
    [ "$(find-missing --by-date --no-header | cut -f 9)" = 100.00 ]
    run reconcile status
    [ "$status" -eq 1 ]
    [[ "$output" == *": 100.00 %"* ]]
}

@test "A-20 when energy is revised its bitcoin is too, on every level, by the next run" {
    fresh_db
    put_day "$site" $DAY 48
    run reingest $DAY
    before=$(sql "select bitcoin_mined from bitcoin_yearly_summaries where miner_model = 'S9'")
    row T_KPMRW-1 -950.25 -20
    put_stack "$site" bid $DAY 5
    sql "update ingested_periods set status = 'provisional' where settlement_period = 5"
    run reconcile all
    [[ "$output" == "verdict=mended "*" stale=0 "* ]]
    [ "$(sql "select curtailed_mwh from yearly_summaries")" = 2144.75 ]
    [ "$(sql "select y.bitcoin_mined > $before and y.bitcoin_mined = c.mined from bitcoin_yearly_summaries y,
                (select sum(bitcoin_mined) as mined from historical_bitcoin_calculations where miner_model = 'S9') c where y.miner_model = 'S9'")" = t ]
    # By value, not by a flag: energy changed behind every tool's back is found too.
    sql "update curtailment_records set volume = -1, payment = 20 where settlement_period = 5"
    [ "$(find-missing --no-header | cut -f 2,5 | sort -u)" = "5	stale" ]
}

@test "A-21 what is calculated is the sum of repeated rows, not the first of them" {
    rows="settlement_date	settlement_period	farm_id	volume"
    for part in -386.32 -300 -300; do rows+=$'\n'"2025-03-05	41	T_MOWEO-1	$part"; done
    # 986.32 MWh keep ⌊986320000 / (3050 / 2)⌋ machines running.
    [ "$(calc-btc --model S19J_PRO --no-header <<<"$rows" | cut -f 5,6)" = "986.320000000	646767" ]
    fresh_db
    put_day "$site" $DAY 48
    for n in 1 2 3; do row T_KPMRW-1 -300 -70 true 500 -$n; done
    put_stack "$site" bid $DAY 41
    reingest $DAY >"$BATS_TEST_TMPDIR/out"
    [ "$(sql "select distinct curtailed_mwh from historical_bitcoin_calculations where settlement_period = 41")" = 900.000000000 ]
}

@test "A-22 several at once over one date end as one alone: the second waits or is told, nothing is twice" {
    fresh_month 2025-03-06
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations"
    for n in 1 2 3 4; do
        (fetch-elexon -q --store 2025-03-05 2025-03-06 && calc-btc -q --store 2025-03-05 2025-03-06 && rollup-summaries -q 2025-03-05 2025-03-06) \
            >"$BATS_TEST_TMPDIR/one.$n" 2>&1 3>&- &
    done
    wait
    fetch-elexon -q --store 2025-03-01 2025-03-06
    calc-btc -q --store 2025-03-01 2025-03-06
    rollup-summaries -q 2025-03-01 2025-03-06 >"$BATS_TEST_TMPDIR/summed"
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    [ "$(sql "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())")" -eq 0 ]
}

@test "A-22 the lock of a day: who finds it held waits a minute, says which day, and has written nothing" {
    fresh_month 2025-03-06
    sql "update historical_bitcoin_calculations set difficulty = 1 where settlement_date = '2025-03-05'; update daily_summaries set payment = 0;
         update curtailment_records set volume = volume - 1 where settlement_date = '2025-03-05'"
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    hold_day 2025-03-05
    mkdir -p "$BATS_TEST_TMPDIR/wind/generation/actual/per-type/wind-and-solar/2025-03-05"
    echo '{"data":[{"publishTime":"2025-03-06T10:00:00Z","psrType":"Wind Onshore","quantity":5,"settlementDate":"2025-03-05","settlementPeriod":1}]}' \
        >"$BATS_TEST_TMPDIR/wind/generation/actual/per-type/wind-and-solar/2025-03-05/2025-03-05"
    for tool in 'fetch-elexon --store' 'calc-btc --store' rollup-summaries "fetch-wind --store --base-url file://$BATS_TEST_TMPDIR/wind" \
        'fix-difficulty 2025-03-05 2025-03-05 112149504190349'; do
        day=2025-03-05
        [ "${tool%% *}" != fix-difficulty ] || day=
        # A minute in half a second.
        # shellcheck disable=SC2086 # the words of a command
        run faketime -f '+0 x100' $tool $day
        echo "$tool: $status $output"
        [ "$status" -eq 75 ]
        [[ "$output" == *"another job is writing 2025-03-05"* ]]
        dump_db --exact | diff "$BATS_TEST_TMPDIR/before" -
    done
    # Another day is nobody's.
    calc-btc -q --store 2025-03-06
    let_day_go
    fetch-elexon -q --store 2025-03-05
    calc-btc -q --store 2025-03-05
    [ "$(find-missing | wc -l)" -eq 1 ]
}

@test "A-23 it starts: every tool and job answers in an empty environment, with nothing to be installed besides" {
    for tool in "$WINDFALL_BIN"/*; do
        run --separate-stderr env -i "$tool" --version
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
        [ "$(ldd "$tool" | grep -c 'not found')" -eq 0 ]
    done
    for job in daily realtime weekly monthly reconcile reingest; do
        run --separate-stderr env -i "$root/scripts/$job" --help
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
    done
}
