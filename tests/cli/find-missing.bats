# find-missing: what differs is found exactly, and calc-btc mends exactly that.
#
# bats sets $stderr.
# shellcheck disable=SC2030,SC2031,SC2154
load helper
load asking
load calculations

setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
}

# The keys that differ, one a line: "date period farm model reason".
found() {
    find-missing --no-header "$@" | tr '\t' ' '
}

# Two calculated days, and what the database then holds.
two_days() {
    given_days 2025-03-04 2025-03-05
    calc-btc -q --store 2025-03-04 2025-03-05
    whole=$(dump_db)
}

# Every calculation with its version, sorted as text.
versions() {
    sql "select concat_ws(' ', settlement_date, settlement_period, farm_id, miner_model, xmin) from historical_bitcoin_calculations" | sort
}

# mended EXPECTED: find-missing says just this, calc-btc mends it, and no other row is written.
mended() {
    diff <(printf '%s' "$1") <(found)
    diff <(printf '%s' "$1") <(found 2025-03-04 2025-03-05)
    versions >"$BATS_TEST_TMPDIR/before"
    find-missing >keys.tsv
    calc-btc -q --store - <keys.tsv
    # What was not found still has the version it had.
    diff <(grep -Ev ' missing$|^$' <<<"$1" | cut -d' ' -f1-4 | sort) <(comm -23 "$BATS_TEST_TMPDIR/before" <(versions) | cut -d' ' -f1-4)
    [ "$(found)" = "" ]
}

# ---- what differs --------------------------------------------------------------------------------

@test "where nothing differs only the header is printed" {
    two_days
    run --separate-stderr find-missing
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$output" = "settlement_date	settlement_period	farm_id	miner_model	reason" ]
}

@test "a few days that are correct are read over one session, listed by date too; a second one is for rows that differ" {
    needs_plain "its own processes have sessions here, too"
    # The sessions that there have been, once nobody is here any more.
    had() {
        ask_server postgres postgres "select sessions from pg_stat_database where datname = '$TEST_DB'
            and not exists (select from pg_stat_activity where datname = '$TEST_DB')" >had
        [ -s had ]
    }
    sessions() {
        local before
        wait_until had
        before=$(<had)
        "$@" >listed
        wait_until had
        count=$(($(<had) - before))
    }
    two_days
    sql "delete from day_proofs"
    end_asking
    sessions find-missing --no-header
    [ "$count" -eq 1 ]
    [ ! -s listed ]
    sessions find-missing --by-date --all-dates --no-header
    [ "$count" -eq 1 ]
    [ "$(cut -f1,4-8 listed)" = "$(printf '2025-03-0%d\t0\t0\t0\t48\t0\n' 4 5)" ]
    sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + 1 where settlement_date = '2025-03-05'"
    sessions find-missing --no-header
    [ "$count" -eq 2 ]
    [ "$(wc -l <listed)" -eq "$(sql "select count(*) from historical_bitcoin_calculations where settlement_date = '2025-03-05'")" ]
    sessions calc-btc -q --store --model S19J_PRO 2025-03-04
    [ "$count" -eq 1 ]
}

@test "an empty database, and a day without anything, are an empty list" {
    for args in "" "--by-date" "--periods" "2025-03-04"; do
        # shellcheck disable=SC2086
        run --separate-stderr find-missing --no-header $args
        [ "$status" -eq 0 ]
        [ "$output$stderr" = "" ]
    done
}

@test "what was never calculated is missing, model by model, however many records a pair has" {
    printf '%s\n' "2025-03-05 41 T_B-1 -1" "2025-03-05 41 T_A-1 -500" "2025-03-05 41 T_A-1 -486" "2025-03-05 7 T_A-1 -2" | given_records
    [ "$(found)" = "2025-03-05 7 T_A-1 M20S missing
2025-03-05 7 T_A-1 S19J_PRO missing
2025-03-05 7 T_A-1 S9 missing
2025-03-05 41 T_A-1 M20S missing
2025-03-05 41 T_A-1 S19J_PRO missing
2025-03-05 41 T_A-1 S9 missing
2025-03-05 41 T_B-1 M20S missing
2025-03-05 41 T_B-1 S19J_PRO missing
2025-03-05 41 T_B-1 S9 missing" ]
}

@test "a deleted calculation is missing, and is made again" {
    two_days
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 9
            and farm_id = 'T_FARM-2' and miner_model = 'S9'"
    mended "2025-03-04 9 T_FARM-2 S9 missing
"
    [ "$(dump_db)" = "$whole" ]
}

@test "a farm that was lost in one period is found, though its period and its farm are there" {
    two_days
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05' and settlement_period = 12 and farm_id = 'T_FARM-3'"
    mended "2025-03-05 12 T_FARM-3 M20S missing
2025-03-05 12 T_FARM-3 S19J_PRO missing
2025-03-05 12 T_FARM-3 S9 missing
"
    [ "$(dump_db)" = "$whole" ]
}

@test "a changed satoshi, machine, energy, rating or input is stale, each by itself" {
    two_days
    n=0
    for change in "bitcoin_mined = bitcoin_mined + 0.00000001" "miners = miners - 1" "curtailed_mwh = curtailed_mwh + 0.000000001" \
        "difficulty = difficulty + 0.00000001" "subsidy = 6.25" "hashrate_ths = 100.001" "power_w = 3049.999"; do
        n=$((n + 1))
        sql "update historical_bitcoin_calculations set $change where settlement_date = '2025-03-04' and settlement_period = $n
                and farm_id = 'T_FARM-1' and miner_model = 'S19J_PRO'"
    done
    mended "$(for p in 1 2 3 4 5 6 7; do echo "2025-03-04 $p T_FARM-1 S19J_PRO stale"; done)
"
    [ "$(dump_db)" = "$whole" ]
}

@test "a day that is right is known by its digest alone, and one of another sign, of other zeros or of exchanged rows is not" {
    two_days
    run --separate-stderr find-missing --no-header -v
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" != *"one by one"* ]]
    n=0
    for figure in bitcoin_mined curtailed_mwh difficulty subsidy hashrate_ths power_w; do
        n=$((n + 1))
        sql "update historical_bitcoin_calculations set $figure = -$figure where settlement_date = '2025-03-04' and settlement_period = $n
                and farm_id = 'T_FARM-1' and miner_model = 'S19J_PRO'"
        [ "$(found)" = "$(for p in $(seq $n); do echo "2025-03-04 $p T_FARM-1 S19J_PRO stale"; done)" ]
    done
    run --separate-stderr find-missing --no-header -v
    [[ "$stderr" == *"2025-03-04: calculations are compared one by one"* && "$stderr" != *"2025-03-05: calc"* ]]
    calc-btc -q --store 2025-03-04
    [ "$(dump_db)" = "$whole" ]
    # Two farms of one period, each with the other's figures.
    sql "update historical_bitcoin_calculations set farm_id = case farm_id when 'T_FARM-1' then 'X' else 'T_FARM-1' end
          where settlement_date = '2025-03-04' and settlement_period = 9 and miner_model = 'S9' and farm_id <> 'T_FARM-3'"
    sql "update historical_bitcoin_calculations set farm_id = 'T_FARM-2' where farm_id = 'X'"
    [ "$(found)" = "2025-03-04 9 T_FARM-1 S9 stale
2025-03-04 9 T_FARM-2 S9 stale" ]
    calc-btc -q --store 2025-03-04
    # The same figure with more zeros is the same, beside others that differ too.
    sql "update historical_bitcoin_calculations set difficulty = difficulty + 0.0000000000, power_w = power_w + 0.00 where settlement_date = '2025-03-04'"
    [ "$(found)" = "" ]
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'"
    [ "$(found)" = "2025-03-04 1 T_FARM-1 S9 missing" ]
}

@test "a satoshi added here and taken there does not cancel out" {
    two_days
    sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + case farm_id when 'T_FARM-1' then 1 else -1 end * 0.00000001
          where settlement_date = '2025-03-04' and settlement_period = 5 and farm_id <> 'T_FARM-3' and miner_model = 'S9'"
    mended "2025-03-04 5 T_FARM-1 S9 stale
2025-03-04 5 T_FARM-2 S9 stale
"
    [ "$(dump_db)" = "$whole" ]
}

@test "a difficulty replaced in the rows without a new calculation is stale" {
    two_days
    # As an earlier system repaired a day: the right difficulty, the wrong bitcoin; then the default one.
    sql "update historical_bitcoin_calculations set bitcoin_mined = round(bitcoin_mined * 0.98, 8)
          where settlement_date = '2025-03-04' and settlement_period = 30"
    sql "update historical_bitcoin_calculations set difficulty = 108105433845147 where settlement_date = '2025-03-05' and settlement_period = 30"
    mended "$(for d in 4 5; do for f in 1 2 3; do for m in M20S S19J_PRO S9; do echo "2025-03-0$d 30 T_FARM-$f $m stale"; done; done; done)
"
    [ "$(dump_db)" = "$whole" ]
}

@test "a corrected difficulty makes what it touches stale, from its period on" {
    given_days 2025-03-08 2025-03-09 2025-03-10
    calc-btc -q --store 2025-03-08 2025-03-10
    # In force from 2025-03-09T15:56:29Z: from period 33 of that day, which begins at 16:00.
    sql "update network_difficulty set difficulty = 112149504190350 where effective_from = '2025-03-09T15:56:29Z'"
    [ "$(found | cut -d' ' -f1,5 | sort | uniq -c | tr -s ' ')" = " 144 2025-03-09 stale
 432 2025-03-10 stale" ]
    [ "$(found 2025-03-09 | head -n 1)" = "2025-03-09 33 T_FARM-1 M20S stale" ]
    calc-btc -q --store 2025-03-08 2025-03-10
    [ "$(found)" = "" ]
    [ "$(sql "select count(*) from historical_bitcoin_calculations where difficulty = 112149504190350")" -eq 576 ]
}

@test "energy that was revised makes its calculations stale, missing or orphan" {
    two_days
    sql "update curtailment_records set volume = volume - 0.000000001 where settlement_date = '2025-03-04' and settlement_period = 3 and farm_id = 'T_FARM-1'"
    sql "delete from curtailment_records where settlement_date = '2025-03-04' and settlement_period = 4 and farm_id = 'T_FARM-2'"
    echo "2025-03-04 4 T_FARM-9 -17" | given_records
    mended "$(for m in M20S S19J_PRO S9; do echo "2025-03-04 3 T_FARM-1 $m stale"; done)
$(for m in M20S S19J_PRO S9; do echo "2025-03-04 4 T_FARM-2 $m orphan"; done)
$(for m in M20S S19J_PRO S9; do echo "2025-03-04 4 T_FARM-9 $m missing"; done)
"
    # A change below the ninth decimal changes nothing.
    sql "update curtailment_records set volume = volume - 0.0000000000001 where settlement_date = '2025-03-04' and settlement_period = 8"
    [ "$(found)" = "" ]
}

@test "a calculation without records, of a day, a farm or a model that is not there, is an orphan" {
    two_days
    sql "select ensure_month('2025-05-01')" >/dev/null
    sql "insert into historical_bitcoin_calculations
         select '2025-05-06', 1, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'
         union all
         select settlement_date, 1, 'A', miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'
         union all
         select settlement_date, 50, farm_id, 'S10', curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'
         union all
         select settlement_date, settlement_period, farm_id, 'S10', curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_date = '2025-03-05' and settlement_period = 48 and farm_id = 'T_FARM-3' and miner_model = 'S9'"
    orphans="2025-03-04 1 A S9 orphan
2025-03-04 50 T_FARM-1 S10 orphan
2025-03-05 48 T_FARM-3 S10 orphan
2025-05-06 1 T_FARM-1 S9 orphan"
    [ "$(found)" = "$orphans" ]
    find-missing >keys.tsv
    run --separate-stderr calc-btc --store - <keys.tsv
    [[ "$stderr" == *"added=0 replaced=0 removed=4"* ]]
    [ "$(dump_db)" = "$whole" ]
}

@test "all records of a day withdrawn: all its calculations are orphans, and go" {
    two_days
    sql "delete from curtailment_records where settlement_date = '2025-03-05'"
    [ "$(found | cut -d' ' -f1,5 | uniq -c | tr -s ' ')" = " 432 2025-03-05 orphan" ]
    calc-btc -q --store 2025-03-05
    [ "$(found)" = "" ]
    [ "$(sql "select count(*), min(settlement_date) from historical_bitcoin_calculations")" = "432|2025-03-04" ]
}

# ---- by date -------------------------------------------------------------------------------------

@test "by date: expected, present, missing, stale and orphan are counted, and the percentage is cut" {
    two_days
    given_days 2025-03-06
    given_fetched 2025-03-04 2025-03-05 2025-03-06
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04' and settlement_period = 9"
    sql "update historical_bitcoin_calculations set miners = 0 where settlement_date = '2025-03-04' and settlement_period = 10 and farm_id = 'T_FARM-1'"
    sql "delete from curtailment_records where settlement_date = '2025-03-04' and settlement_period = 11 and farm_id = 'T_FARM-1'"
    # Of 143 pairs times three models, nine are missing, three are stale and three more are too many: 417 of 429.
    # The period with the record that went is damaged, and to be fetched again.
    run --separate-stderr find-missing --by-date
    [ "$status" -eq 0 ]
    [ "$output" = "settlement_date	expected	present	missing	stale	orphan	unfetched	provisional	percent	suspect
2025-03-04	429	420	9	3	3	1	0	97.20	0
2025-03-06	432	0	432	0	0	0	0	0.00	0" ]
    [ "$(find-missing --by-date --all-dates --no-header 2025-03-05)" = "2025-03-05	432	432	0	0	0	0	0	100.00	0" ]
    # 431 of 432 is 99.768 per cent.
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-05' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'"
    [ "$(find-missing --by-date --no-header 2025-03-05 | cut -f9)" = 99.76 ]
}

@test "by date: an inactive model is neither expected nor counted against the others" {
    two_days
    given_fetched 2025-03-04
    sql "update miner_models set active = false where miner_model = 'M20S'"
    [ "$(find-missing --by-date --all-dates --no-header 2025-03-04)" = "2025-03-04	288	288	0	0	0	0	0	100.00	0" ]
    sql "update historical_bitcoin_calculations set miners = 0 where settlement_date = '2025-03-04' and miner_model = 'M20S' and settlement_period = 7"
    [ "$(find-missing --by-date --no-header 2025-03-04)" = "2025-03-04	288	288	0	3	0	0	0	100.00	0" ]
}

@test "by date: every date of the range has its line, in order, through months without anything" {
    given_days 2025-01-31 2025-03-01
    calc-btc -q --store 2025-01-31 2025-03-01
    find-missing --by-date --all-dates --no-header 2025-01-30 2025-03-02 >list
    [ "$(wc -l <list)" -eq 32 ]
    [ "$(cut -f1 list | sort -c; cut -f2 list | grep -c '^432$')" = 2 ]
    # Days of which nothing is known are not complete: their periods are unfetched.
    [ "$(awk -F'\t' '$2 == 0 { print $7 }' list | sort | uniq -c | tr -s ' ')" = " 30 48" ]
    [ "$(awk -F'\t' '$2 == 0 { print $9 }' list | sort -u)" = '\N' ]
    [ "$(find-missing --by-date --format ndjson 2025-02-01 | jq -c '[.unfetched, .percent]')" = '[48,null]' ]
}

# ---- periods -------------------------------------------------------------------------------------

fetched() {
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select '$1', p, '$4', 'bid so', 0, 0, 0 from generate_series($2, $3) p"
}

@test "periods: what was never fetched is unfetched, on days of 46, 48 and 50 periods" {
    fetched 2025-03-30 1 44 final
    fetched 2025-10-26 1 48 final
    fetched 2025-05-01 2 48 final
    run --separate-stderr find-missing --periods --no-header 2025-03-30
    [ "$output" = "2025-03-30	45	unfetched
2025-03-30	46	unfetched" ]
    [ "$(find-missing --periods --no-header 2025-10-26 | tr '\t' ' ')" = "2025-10-26 49 unfetched
2025-10-26 50 unfetched" ]
    [ "$(find-missing --periods --no-header 2025-05-01 | tr '\t' ' ')" = "2025-05-01 1 unfetched" ]
    [ "$(find-missing --by-date --no-header 2025-10-26)" = "2025-10-26	0	0	0	0	0	2	0	\\N	0" ]
}

@test "periods --recent: of all that is known what is provisional, however old, and the last days; nothing that --periods has not" {
    fetched 2024-01-05 1 47 final
    fetched 2024-01-05 48 48 provisional
    fetched 2024-06-01 1 40 final
    fetched 2025-03-01 1 47 final
    fetched 2025-03-04 1 46 final
    at() { TZ=Europe/London faketime "2025-03-05 12:00:00" find-missing --periods --no-header "$@"; }
    # Of 2024-06-01, which is final and has a hole, nothing is listed; of the days since, what --periods lists of them.
    diff <(at --recent 3) <(at | awk '$3 == "provisional" || $1 >= "2025-03-02"')
    [ "$(at --recent 3 | grep -c provisional)" -eq 1 ]
    diff <(at --recent 4000) <(at)
    for arguments in "2025-03-04" "--last 3" "-"; do
        # shellcheck disable=SC2086
        run find-missing --periods --recent 3 $arguments </dev/null
        [ "$status" -eq 64 ]
    done
}

@test "periods: one that passed over a unit is overlooked on the days on which that is wind now, if it is fetched and final" {
    for day in 2025-05-01 2025-05-02 2025-05-03; do
        fetched $day 1 48 final
    done
    sql "update ingested_periods set passed_over = '{T_DRAXX-1,T_LATER-1}' where settlement_period between 5 and 7"
    sql "update ingested_periods set status = 'provisional' where settlement_period = 7"
    sql "insert into bm_units (farm_id, valid_from, valid_to, fuel_type) values
         ('T_LATER-1', '-infinity', '2025-05-02', 'OTHER'), ('T_LATER-1', '2025-05-02', '2025-05-03', 'WIND'),
         ('T_LATER-1', '2025-05-03', null, null), ('T_DRAXX-1', '-infinity', null, 'BIOMASS')"
    [ "$(find-missing --periods --no-header 2025-05-01 2025-05-03 | tr '\t' ' ')" = "2025-05-01 7 provisional
2025-05-02 5 overlooked
2025-05-02 6 overlooked
2025-05-02 7 provisional
2025-05-03 7 provisional" ]
    [ "$(find-missing --by-date --no-header 2025-05-02)" = "2025-05-02	0	0	0	0	0	2	1	\\N	0" ]
    # However many units one passed over, it is fetched once.
    sql "update bm_units set fuel_type = 'WIND' where farm_id = 'T_DRAXX-1'"
    [ "$(find-missing --periods --no-header 2025-05-02 | tr '\t\n' ' ,')" = "2025-05-02 5 overlooked,2025-05-02 6 overlooked,2025-05-02 7 provisional," ]
    [ "$(find-missing --by-date --no-header 2025-05-02)" = "2025-05-02	0	0	0	0	0	2	1	\\N	0" ]
}

@test "periods: a provisional one is listed, one that was fetched empty is not" {
    fetched 2025-05-01 1 46 final
    fetched 2025-05-01 47 48 provisional
    [ "$(find-missing --periods --no-header 2025-05-01 | tr '\t' ' ')" = "2025-05-01 47 provisional
2025-05-01 48 provisional" ]
    [ "$(find-missing --by-date --no-header 2025-05-01)" = "2025-05-01	0	0	0	0	0	0	2	\\N	0" ]
}

@test "periods: one whose answer is not believed is suspect, and counted by date beside the provisional ones" {
    fetched 2025-05-01 1 46 final
    fetched 2025-05-01 47 48 provisional
    sql "update ingested_periods set status = 'suspect', suspect = 'no row of any unit' where settlement_period in (3, 47)"
    [ "$(find-missing --periods --no-header 2025-05-01 | tr '\t' ' ')" = "2025-05-01 3 suspect
2025-05-01 47 suspect
2025-05-01 48 provisional" ]
    [ "$(find-missing --by-date --no-header 2025-05-01)" = "2025-05-01	0	0	0	0	0	0	1	\\N	2" ]
}

@test "periods: one whose records are no longer what was fetched is damaged" {
    given_days 2025-03-04
    sql "update curtailment_records set original_price = -70, payment = volume * -70"
    given_fetched 2025-03-04
    [ "$(find-missing --periods --no-header 2025-03-04)" = "" ]
    at="where settlement_date = '2025-03-04' and farm_id = 'T_FARM-1' and settlement_period"
    sql "delete from curtailment_records $at = 3"
    sql "update curtailment_records set volume = volume - 1e-12, payment = (volume - 1e-12) * -70 $at = 5"
    sql "update curtailment_records set payment = -payment $at = 7"
    echo "2025-03-04 9 T_FARM-4 -0.5" | given_records
    # Two rows instead of one, which add up to it.
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume, original_price, payment)
         select settlement_date, settlement_period, farm_id, stack, 99, volume / 2, original_price, payment / 2 from curtailment_records $at = 13;
         update curtailment_records set volume = volume / 2, payment = payment / 2 $at = 13 and sequence_number <> 99"
    sql "update curtailment_records set farm_id = 'T_FARM-5' $at = 11"		# nothing that the sums could tell
    [ "$(find-missing --periods --no-header 2025-03-04 | cut -f2,3 | tr '\t\n' '  ')" = "3 damaged 5 damaged 7 damaged 9 damaged 13 damaged " ]
    [ "$(find-missing --by-date --no-header 2025-03-04 | cut -f7)" = 5 ]
}

@test "periods: one that has not ended yet is not asked for" {
    # 12:10 in London: period 24 ended at 12:00, period 25 has begun.
    run --separate-stderr faketime -f '@2025-07-01 11:10:00' find-missing --periods --no-header today
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 24 ]
    [ "${lines[23]}" = "2025-07-01	24	unfetched" ]
    # At the very end of a period, it has ended.
    run --separate-stderr faketime -f '@2025-07-01 11:30:00' find-missing --periods --no-header today
    [ "${#lines[@]}" -eq 25 ]
    run --separate-stderr faketime -f '@2025-07-01 11:10:00' find-missing --periods --no-header 2025-07-02
    [ "$output" = "" ]
    run --separate-stderr faketime -f '@2025-07-01 11:10:00' find-missing --periods --no-header --last 3
    [ "$(cut -f1 <<<"$output" | uniq -c | tr -s ' ' | tr '\n' ',')" = " 48 2025-06-28, 48 2025-06-29, 48 2025-06-30," ]
}

@test "what is listed is what fetch-elexon fetches, and then what calc-btc makes" {
    day=$root/tests/data/archive
    find-missing --periods 2022-01-01 >periods.tsv
    [ "$(wc -l <periods.tsv)" -eq 49 ]
    fetch-elexon -q --store --base-url "file://$day" - <periods.tsv
    [ "$(find-missing --periods --no-header 2022-01-01)" = "" ]
    find-missing >keys.tsv
    [ "$(wc -l <keys.tsv)" -eq 5533 ]
    calc-btc -q --store - <keys.tsv
    [ "$(found)" = "" ]
    [ "$(find-missing --by-date --all-dates --no-header 2022-01-01)" = "2022-01-01	5532	5532	0	0	0	0	0	100.00	0" ]
}

# ---- when something is wrong ---------------------------------------------------------------------

@test "arguments that cannot be right are usage errors" {
    while read -r words args; do
        # shellcheck disable=SC2086
        run --separate-stderr find-missing $args
        echo "$args: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"${words//_/ }"* ]]
    done <<-END
	choose_one --by-date --periods
	--all-dates_goes_with_--by-date --all-dates
	not_a_date 2025-02-30
	dates_go_up_to_2079-07-07 2079-07-08
	the_range_is_reversed 2025-03-05 2025-03-04
	exclude_each_other --last 3 2025-03-04
	too_many_arguments 2025-03-04 2025-03-05 2025-03-06
	--last_0 --last 0
	--last_x --last x
	--format_xml --format xml
	END
    # The last date that goes, and the same bound for rows.
    [ "$(find-missing --no-header 2079-07-07)" = "" ]
    run --separate-stderr find-missing - <<<$'settlement_date\n2079-07-08'
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"settlement_date 2079-07-08: dates go up to 2079-07-07"* ]]
}

@test "a database that is down or not migrated, and a full disk, say so by their status" {
    two_days
    run --separate-stderr env DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR/nowhere" find-missing
    [ "$status" -eq 75 ]
    run --separate-stderr env DATABASE_URL="postgresql:///postgres?host=$SUITE_SOCKET&user=windfall" find-missing
    [ "$status" -eq 78 ]
    for what in --by-date --periods ""; do
        status=0
        # shellcheck disable=SC2086
        find-missing $what >/dev/full 2>stderr || status=$?
        [ "$status" -eq 74 ]
    done
}

@test "a stored calculation that cannot be read is an error by its text" {
    two_days
    sql "update historical_bitcoin_calculations set farm_id = repeat('x', 200)
          where settlement_date = '2025-03-04' and settlement_period = 1 and farm_id = 'T_FARM-1' and miner_model = 'S9'"
    run --separate-stderr find-missing
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-03-04: a stored calculation cannot be read: 2025-03-04"* ]]
}

@test "it works for one who may only read" {
    two_days
    # An engine's nodes let in who may log in.
    admin_sql "create role reader_$$ ${SUITE_ENGINE:+login} role windfall"
    admin_sql "grant select on all tables in schema public to reader_$$"
    sql "delete from historical_bitcoin_calculations where settlement_period = 1"
    # The private cluster lets nobody else in, so the role is taken once inside.
    run --separate-stderr env PGOPTIONS="-c role=reader_$$" find-missing --no-header
    admin_sql "drop owned by reader_$$; drop role reader_$$"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 18 ]
}

# ---- which days are wanted ---------------------------------------------------------------------

# What find-missing and check-status call unfetched, day by day and in all.
unfetched() { find-missing --by-date --no-header "$@" | awk '$7 > 0 { print $1, $7 }' | paste -sd,; }
by_status() { check-status --format json | jq -r .fetched.unfetched; }

@test "wanted: history begins at the first fetched day, a span stands for itself, a gap is accepted" {
    sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations, daily_summaries"
    fetched() { sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
                     select '$1', n, 'final', 'bid so', 9, 0, 0 from generate_series(1, 48) n"; }
    fetched 2025-04-01
    fetched 2025-05-01
    fetched 2025-05-05
    # Nobody has said anything: all since the first day that was fetched.
    [ "$(find-missing --by-date --no-header | wc -l)" -eq 32 ]
    [ "$(by_status)" = "$(find-missing --periods --no-header | wc -l)" ]
    "$root/scripts/wanted" span 2025-04-01 2025-04-01 --why 'to be looked at'
    [ "$(unfetched)" = "2025-05-02 48,2025-05-03 48,2025-05-04 48" ]
    [ "$(by_status)" = 144 ]
    "$root/scripts/wanted" gap 2025-05-02 2025-05-03 --why "the source was down; it's lost"
    [ "$(unfetched)" = "2025-05-04 48" ]
    [ "$(by_status)" = 48 ]
    # A gap is accepted whoever asks; a day before history begins is listed to whoever names it.
    [ "$(unfetched 2025-05-01 2025-05-05)" = "2025-05-04 48" ]
    [ "$(unfetched 2025-04-02)" = "2025-04-02 48" ]
    [ "$(find-missing --periods --no-header | awk '{ print $3 }' | sort | uniq -c | tr -s ' ')" = " 48 unfetched" ]
    # What is damaged inside a gap, or was half fetched in the old day, is found all the same.
    sql "delete from ingested_periods where settlement_date = '2025-04-01' and settlement_period = 7"
    [ "$(unfetched)" = "2025-04-01 1,2025-05-04 48" ]
    [ "$(by_status)" = 49 ]
    # From a day on: holes before the first fetched day are holes.
    "$root/scripts/wanted" from 2025-04-29
    [ "$(unfetched)" = "2025-04-01 1,2025-04-29 48,2025-04-30 48,2025-05-04 48" ]
    [ "$(by_status)" = 145 ]
    "$root/scripts/wanted" from 2025-05-04
    [ "$(unfetched)" = "2025-04-01 1,2025-05-04 48" ]
    "$root/scripts/wanted" forget from 2025-05-04
    "$root/scripts/wanted" forget gap 2025-05-02
    [ "$(unfetched)" = "2025-04-01 1,2025-05-02 48,2025-05-03 48,2025-05-04 48" ]
    [ "$("$root/scripts/wanted" | cut -f 1-4)" = $'kind\tfrom_date\tto_date\twhy\nspan\t2025-04-01\t2025-04-01\tto be looked at\nbegins\t2025-05-01\t\\N\tthe first day that was fetched' ]
}

@test "wanted: history begins at the first fetched day that no span holds, wherever spans and days lie" {
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select date '2025-03-01' + 3 * n, 1, 'final', 'bid so', 0, 0, 0 from generate_series(0, 9) n"
    n=0
    for spans in "'2025-03-01', '2025-03-01'" "'2025-03-01', '2025-03-12'" "'2025-02-01', '2025-03-03'" "'2025-03-02', '2025-03-30'" \
        "'2025-03-01', '2025-03-28'" "'2025-03-01', '2025-03-04'), ('t', 'span', '2025-03-07', '2025-03-07'" \
        "'2025-03-01', '2025-03-04'), ('t', 'span', '2025-03-10', '2025-03-31'), ('t', 'from', '2025-03-20', null"; do
        sql "truncate wanted_spans; insert into wanted_spans (declared_by, kind, from_date, to_date) values ('t', 'span', $spans)"
        sql "select begins is not distinct from
                    coalesce((select min(from_date) from wanted_spans where kind = 'from'),
                             (select min(settlement_date) from ingested_periods i
                               where not exists (select from wanted_spans w
                                                  where w.kind = 'span' and i.settlement_date between w.from_date and w.to_date))),
                    begins is null from history_begins" >>told
        n=$((n + 1))
    done
    cat told
    [ "$(grep -c '^t' told)" -eq "$n" ]
    [ "$(grep -c 't$' told)" -eq 1 ]
}

@test "wanted: what is stored of days that nobody wants is found, and years of such days are one question" {
    sql "insert into wanted_spans (declared_by, kind, from_date, to_date) values ('t', 'span', '2022-01-01', '2022-01-01')"
    given_fetched 2022-01-01 2025-03-04
    # A day of records, two neighbouring ones of calculations alone, and the last before one that is wanted.
    printf '%s\n' "2023-05-05 7 T_A-1 -1" "2024-02-29 3 T_A-1 -2" "2024-03-01 3 T_A-1 -2" "2025-03-03 9 T_A-1 -3" | given_records
    calc-btc -q --store 2024-02-29 2024-03-01
    sql "delete from curtailment_records where settlement_date in ('2024-02-29', '2024-03-01')"
    sql "delete from ingested_periods where settlement_date not in ('2022-01-01', '2025-03-04')"
    asked() {
        sql_until "not exists (select from pg_stat_activity where application_name = 'find-missing' and datname = current_database())"
        sql "select xact_commit from pg_stat_database where datname = current_database()"
    }
    before=$(asked)
    found | cut -d' ' -f1,5 | uniq -c | tr -s ' ' >list
    after=$(asked)
    cat list
    diff list - <<-'END'
	 3 2023-05-05 missing
	 3 2024-02-29 orphan
	 3 2024-03-01 orphan
	 3 2025-03-03 missing
	END
    echo "transactions: $((after - before))"
    [ $((after - before)) -lt 200 ]
}

@test "wanted: what cannot be said is refused" {
    for words in "gap 2025-05-01 2025-05-02" "gap 2025-05-02 --why x" "span 2025-05-02 2025-05-01" "from 2025-02-30" "from" \
                 "forget all 2025-05-01" "from x';drop" "nothing" "list 2025-05-01"; do
        # shellcheck disable=SC2086
        run "$root/scripts/wanted" $words
        echo "$words: $status $output"
        [ "$status" -eq 64 ]
    done
    run "$root/scripts/wanted" forget gap 2025-05-01
    [ "$status" -eq 65 ]
    [ "$(sql 'select count(*) from wanted_spans')" = 0 ]
}
