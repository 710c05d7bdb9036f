# Miner models come and go by a row: whatever asks what is missing agrees on which are in force, day by day.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load calculations
load elexon

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    fresh_db
}

reconcile() { "$root/scripts/reconcile" "$@"; }

# Two days, each with three farms in 48 periods, calculated and summed.
two_days() {
    given_days 2025-03-04 2025-03-05
    given_fetched 2025-03-04 2025-03-05
    calc-btc -q --store 2025-03-04 2025-03-05
    rollup-summaries -q 2025-03-04 2025-03-05 >/dev/null
}

# Nobody finds anything: the comparison, the audit, and the counts of the summaries.
all_agree() {
    [ "$(find-missing --no-header)" = "" ]
    audit-calcs -q
    [ "$(rollup-summaries -q --no-header)" = "" ]
    [ "$(check-status --format json | jq -c '[.counted.missing, .counted.surplus, .counted.summary_differences, .compared.missing, .compared.orphan]')" = "[0,0,0,0,0]" ]
}

# How many calculations of a model each date has: "2025-03-04 144".
held() { sql "select settlement_date, count(*) from historical_bitcoin_calculations where miner_model = '$1' group by 1 order by 1" | tr '|\n' ' ,'; }

# A tree of its own, whose reference file is what stands on stdin.
other_file() {
    mkdir -p "$BATS_TEST_TMPDIR/home/sql"
    cp -R "$root/sql/reference" "$BATS_TEST_TMPDIR/home/sql/"
    { printf 'miner_model\thashrate_ths\tpower_w\tactive\n'; tr ' ' '\t'; } >"$BATS_TEST_TMPDIR/home/sql/reference/miner-models.tsv"
    export WINDFALL_HOME=$BATS_TEST_TMPDIR/home
}

@test "list shows the models of the database and of the file side by side" {
    two_days
    other_file <<-END
		S19J_PRO 100 3050 t
		S9 14 1323 t
		T19 84 3150 t
	END
    [ "$(miner-models list | cut -f1-12)" = "$(tr ' ' '\t' <<-END
		miner_model hashrate_ths power_w j_per_th state retired_from calculations first_day last_day file_hashrate_ths file_power_w reference
		M20S 68 3360 49.41 in_force \N 288 2025-03-04 2025-03-05 \N \N database_only
		S19J_PRO 100 3050 30.50 in_force \N 288 2025-03-04 2025-03-05 100 3050 same
		S9 13.5 1323 98.00 in_force \N 288 2025-03-04 2025-03-05 14 1323 figures
		T19 \N \N 37.50 absent \N 0 \N \N 84 3150 file_only
	END
    )" ]
    [ "$(miner-models --format ndjson | jq -r 'select(.miner_model == "S9").source')" = "maker's nameplate figures, sql/reference/README.md" ]
}

@test "a model is added by one command, twice is once, and reconcile makes exactly its rows" {
    two_days
    before=$(calculations) written=$(versions)
    run --separate-stderr miner-models add S21 --hashrate 200 --power 3500 --source 'https://example.org/s21?a=1&b=2'
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *'msg="added" miner_model=S21 hashrate_ths=200 power_w=3500 missing=288'* ]]
    [[ "$stderr" == *"scripts/reconcile missing makes them"* ]]
    [ "$(versions)" = "$written" ]
    [ "$(find-missing --no-header | cut -f4,5 | sort | uniq -c | tr -s ' ')" = " 288 S21	missing" ]
    [ "$(check-status --format json | jq -c '[.counted.missing, .compared.missing]')" = "[288,288]" ]
    sql "select settlement_date, settlement_period, farm_id, miner_model, xmin from historical_bitcoin_calculations" | sort >rows-before
    run reconcile missing
    [[ "$output" == "verdict=mended "* ]]
    # Not one other row was written.
    sql "select settlement_date, settlement_period, farm_id, miner_model, xmin from historical_bitcoin_calculations
          where miner_model <> 'S21'" | sort | cmp - rows-before
    [ "$(calculations | grep -v S21)" = "$before" ]
    [ "$(held S21)" = "2025-03-04 144,2025-03-05 144," ]
    # What was stored is what the filter calculates for such a model.
    printf 'miner_model\thashrate_ths\tpower_w\nS21\t200\t3500\n' >models.tsv
    sql "copy (select settlement_date, settlement_period, farm_id, volume from curtailment_records) to stdout (header)" |
        calc-btc --models models.tsv --no-header | diff - <(calculations | grep S21)
    all_agree
    written=$(versions)
    run --separate-stderr miner-models add S21 --hashrate 200.000 --power 3500
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="unchanged" miner_model=S21 '*'missing=0'* ]]
    [ "$(sql "select count(*), min(source) from miner_models where miner_model = 'S21'")" = "1|https://example.org/s21?a=1&b=2" ]
    miner-models add -q S21 --hashrate 200 --power 3500 --source 'the label'
    [ "$(sql "select source from miner_models where miner_model = 'S21'")" = "the label" ]
    [ "$(versions)" = "$written" ]
}

@test "a name or figures that no machine has are refused, and nothing is written" {
    sql "select * from miner_models order by 1" >before
    while read -r word name hashrate power; do
        run --separate-stderr miner-models add "$name" --hashrate "$hashrate" --power "$power"
        echo "$name $hashrate $power: status $status, $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"$word"* ]]
    done <<-END
		hashrate X 0 3500
		hashrate X -200 3500
		hashrate X 2e2 3500
		hashrate X 200.0001 3500
		hashrate X nan 3500
		hashrate X 200,5 3500
		power X 200 0
		power X 200 W
		power X 200 2000000
		hashrate X 200000 3500
		J/TH X 90000 3500
		J/TH X 0.2 3500
		J/TH X 200 3.5
		J/TH X 1 10000.01
		NAME X'; 200 3500
		NAME .X 200 3500
		NAME ümlaut 200 3500
		characters a2345678901234567890123456789012 200 3500
	END
    for args in "add" "add X" "add X --hashrate 200" "add X --power 3500" "add X Y --hashrate 200 --power 3500" \
        "add X --hashrate 200 --power 3500 --from today" "list S9" "retire" "retire S9 --from 2025-02-30" \
        "retire S9 --from today --delete" "retire S9 --power 1" "compare X" "forget S9" "add X --hashrate 200 --power 3500 --source="; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr miner-models $args
        echo "$args: status $status, $stderr"
        [ "$status" -eq 64 ]
    done
    # A space is not a letter, and neither is nothing.
    for name in 'Antminer S21' '' $'S\t21'; do
        run --separate-stderr miner-models add "$name" --hashrate 200 --power 3500
        [ "$status" -eq 64 ]
    done
    # Nor by hand: a name that no tool can read would end every one of them.
    for name in 'Antminer S21' '' $'S\t21' $'S21\n' 'S\21' .X a2345678901234567890123456789012; do
        run sql "insert into miner_models (miner_model, hashrate_ths, power_w) values ('$name', 200, 3500)"
        echo "$output"
        [[ "$output" == *'violates check constraint "miner_models_miner_model_check"'* ]]
    done
    sql "select * from miner_models order by 1" | cmp - before
    # At the bounds it can be.
    miner-models add -q BEST --hashrate 1000 --power 3000
    miner-models add -q FIRST --hashrate 0.066 --power 620.4
    [ "$(miner-models --no-header | awk -F'\t' '$1 == "BEST" || $1 == "FIRST" { print $1, $4 }')" = "BEST 3.00
FIRST 9400.00" ]
}

@test "other figures under a name that is taken are refused, and a name that differs in case" {
    for args in "S9 --hashrate 14 --power 1323" "S9 --hashrate 13.5 --power 1372" "s9 --hashrate 13.5 --power 1323"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr miner-models add $args
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"S9"* ]]
    done
    run --separate-stderr miner-models retire S10
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"there is no miner model S10"* ]]
    [ "$(sql "select count(*) from miner_models where active")" -eq 3 ]
}

@test "a model retired from a date on: earlier days want it, later ones do not, and nothing is deleted" {
    two_days
    run --separate-stderr miner-models retire M20S --from 2025-03-06
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="retired" miner_model=M20S from=2025-03-06 kept=0'* ]]
    all_agree
    # A later day is made without it, and is complete so.
    given_days 2025-03-06
    given_fetched 2025-03-06
    [ "$(find-missing --no-header | cut -f4 | sort -u | paste -sd,)" = "S19J_PRO,S9" ]
    [ "$(find-missing --by-date --no-header 2025-03-06 | cut -f2,4)" = "288	288" ]
    reconcile missing
    all_agree
    [ "$(held M20S)" = "2025-03-04 144,2025-03-05 144," ]
    [ "$(find-missing --by-date --all-dates --no-header | cut -f1,2,9)" = "$(printf '2025-03-04\t432\t100.00\n2025-03-05\t432\t100.00\n2025-03-06\t288\t100.00')" ]
    # A summary of a span shows the models that were in force in it.
    [ "$("$root/scripts/summary" --by day --format ndjson 2025-03-05 2025-03-06 | jq -r '[.first_day, .miner_model, .state] | join(" ")' | paste -sd,)" = \
      "2025-03-05 M20S final,2025-03-05 S19J_PRO final,2025-03-05 S9 final,2025-03-06 S19J_PRO final,2025-03-06 S9 final" ]
    [ "$("$root/scripts/summary" --format ndjson 2025-03-05 2025-03-06 | jq -r '[.miner_model, .state] | join(" ")' | paste -sd,)" = \
      "M20S not_complete,S19J_PRO final,S9 final" ]
    # What an earlier day lacks is missed, and made.
    sql "delete from historical_bitcoin_calculations where miner_model = 'M20S' and settlement_date = '2025-03-05'"
    [ "$(find-missing --by-date --no-header 2025-03-05 | cut -f4)" = 144 ]
    [ "$(audit-calcs --no-header 2025-03-05 | grep -c '^calculation.*M20S.missing')" -eq 144 ]
    reconcile missing
    all_agree
    [ "$(held M20S)" = "2025-03-04 144,2025-03-05 144," ]
}

@test "a day from which on a model is retired keeps the calculations that it has, all of them" {
    two_days
    run --separate-stderr miner-models retire M20S --from 2025-03-05
    [[ "$stderr" == *'from=2025-03-05 kept=144'* ]]
    all_agree
    # A farm that turns up later is calculated for every model of the day, and no sum is of a part.
    printf '2025-03-05 7 T_NEW-1 -12.5\n' | given_records
    given=$(sql "select count(*), sum(volume) from curtailment_records where settlement_date = '2025-03-05' and settlement_period = 7")
    sql "update ingested_periods set rows_seen = ${given%|*}, rows_kept = ${given%|*}, volume = ${given#*|}
          where settlement_date = '2025-03-05' and settlement_period = 7"
    rollup-summaries -q 2025-03-05 >/dev/null
    [ "$(find-missing --no-header | cut -f3,4 | sort | paste -sd,)" = "T_NEW-1	M20S,T_NEW-1	S19J_PRO,T_NEW-1	S9" ]
    [ "$(audit-calcs --no-header 2025-03-05 | grep -c '^calculation.*T_NEW-1.*missing')" -eq 3 ]
    # One that the sums lack is counted, whichever model it is of.
    [ "$(check-status --format json | jq -c '[.counted.missing, .compared.missing]')" = "[3,3]" ]
    reconcile missing
    all_agree
    [ "$(held M20S)" = "2025-03-04 144,2025-03-05 145," ]
    # Of a day whose calculations somebody takes away whole, none is missed.
    sql "delete from historical_bitcoin_calculations where miner_model = 'M20S' and settlement_date = '2025-03-05'"
    rollup-summaries -q 2025-03-05 >/dev/null
    all_agree
    # What is wrong among the kept is found.
    sql "update historical_bitcoin_calculations set miners = miners + 1
          where miner_model = 'M20S' and settlement_date = '2025-03-04' and settlement_period = 5 and farm_id = 'T_FARM-1'"
    [ "$(find-missing --no-header | cut -f4,5)" = "M20S	stale" ]
}

@test "retire is from today on, again changes nothing, and add takes it back" {
    miner-models retire -q S9
    [ "$(sql "select active, retired_from = (now() at time zone 'Europe/London')::date from miner_models where miner_model = 'S9'")" = "f|t" ]
    [ "$(miner-models --no-header | awk -F'\t' '$1 == "S9" { print $5 }')" = retired ]
    run --separate-stderr miner-models retire S9
    [[ "$stderr" == *'msg="unchanged" miner_model=S9'* ]]
    # In the future it is in force until then.
    miner-models retire -q S9 --from 2098-01-01
    [ "$(miner-models --no-header | awk -F'\t' '$1 == "S9" { print $5, $6 }')" = "in_force 2098-01-01" ]
    run --separate-stderr miner-models add S9 --hashrate 13.5 --power 1323
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="changed" miner_model=S9 '* ]]
    [ "$(sql "select active, retired_from is null from miner_models where miner_model = 'S9'")" = "t|t" ]
}

@test "a deleted model's calculations are orphans, which reconcile removes with their sums" {
    two_days
    calculations | grep -v M20S >others
    run --separate-stderr miner-models retire M20S --delete
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="deleted" miner_model=M20S orphans=288'* ]]
    [ "$(find-missing --no-header | cut -f4,5 | sort -u)" = "M20S	orphan" ]
    run reconcile missing
    [[ "$output" == "verdict=mended "* ]]
    calculations | cmp - others
    [ "$(sql "select count(*) from bitcoin_daily_summaries where miner_model = 'M20S'")" = 0 ]
    [ "$(sql "select count(*) from bitcoin_yearly_summaries where miner_model = 'M20S'")" = 0 ]
    all_agree
    [ "$(miner-models compare --no-header 2>/dev/null | cut -f1,2)" = "M20S	file_only" ]
    miner-models retire -q S9 --delete
    run --separate-stderr miner-models retire S19J_PRO --delete
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the only miner model"* ]]
}

@test "calc-btc --store --model calculates that model alone, and leaves the others as they are" {
    two_days
    sql "delete from historical_bitcoin_calculations where settlement_period = 3;
         insert into historical_bitcoin_calculations select settlement_date, settlement_period, 'T_GONE-1', miner_model, curtailed_mwh,
                miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_period = 4 and farm_id = 'T_FARM-1'"
    run --separate-stderr calc-btc --store --model S9 2025-03-04 2025-03-05
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=6 replaced=0 removed=2"* ]]
    [ "$(find-missing --no-header | cut -f4,5 | sort | uniq -c | tr -s ' ' | sort -k2 | paste -sd,)" = \
      " 6 M20S	missing, 2 M20S	orphan, 6 S19J_PRO	missing, 2 S19J_PRO	orphan" ]
    run --separate-stderr calc-btc --store --model S9 2025-03-04 2025-03-05
    [[ "$stderr" == *"added=0 replaced=0 removed=0"* ]]
    # Two models, one of them twice, from a list of days.
    run --separate-stderr calc-btc --store --model M20S --model S19J_PRO --model M20S - < <(find-missing)
    [[ "$stderr" == *"added=12 replaced=0 removed=4"* ]]
    all_agree
    # It is the filter's option, and calculates what that does.
    sql "copy (select settlement_date, settlement_period, farm_id, volume from curtailment_records) to stdout (header)" |
        calc-btc --model S9 --no-header | diff - <(calculations | grep S9)
    # A model that is not there is refused before anything is written, and where there is nothing to do.
    written=$(versions)
    sql "delete from historical_bitcoin_calculations where settlement_period = 3"
    for days in "2025-03-04" "-"; do
        run --separate-stderr calc-btc --store --model S9 --model S10 "$days" < <(echo settlement_date)
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"there is no miner model S10; known are M20S, S19J_PRO, S9"* ]]
    done
    [ "$(sql "select count(*) from historical_bitcoin_calculations where settlement_period = 3")" = 0 ]
    [ "$written" != "" ]
    # A retired one calls for nothing more by being named.
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    miner-models retire -q S9 --from 2025-03-05
    run --separate-stderr calc-btc --store --model S9 2025-03-04 2025-03-05
    [[ "$stderr" == *"added=144 replaced=0 removed=0"* ]]
}

@test "a difference between the file and the database is said by compare, migrate, every job and check-status" {
    two_days
    run --separate-stderr miner-models compare
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    other_file <<-END
		S19J_PRO 100 3050 t
		S9 14 1323 t
		T19 84 3150 t
	END
    run --separate-stderr miner-models compare
    [ "$status" -eq 1 ]
    [ "$output" = "$(tr ' ' '\t' <<-END
		miner_model difference hashrate_ths power_w file_hashrate_ths file_power_w
		M20S database_only 68 3360 \N \N
		S9 figures 13.5 1323 14 1323
		T19 file_only \N \N 84 3150
	END
    )" ]
    [[ "$stderr" == *"level=info"*"M20S (68 TH/s, 3360 W) is only in the database"* ]]
    [[ "$stderr" == *"level=warning"*"S9: 13.5 TH/s, 1323 W in the database, 14 TH/s, 1323 W in sql/reference/miner-models.tsv"* ]]
    [[ "$stderr" == *"level=warning"*"T19 (84 TH/s, 3150 W) is only in sql/reference/miner-models.tsv"* ]]
    run --separate-stderr "$root/scripts/migrate"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"T19 (84 TH/s, 3150 W) is only in"* ]]
    reconcile missing
    grep -q 'level=warning .*job=reconcile .*msg="miner model S9: 13.5 TH/s' "$WINDFALL_STATE/logs/reconcile_latest.log"
    [ "$(check-status --format json | jq .counted.model_differences)" = 2 ]
    run check-status --format nagios
    [ "$status" -ge 1 ]
    [[ "$output" == *"miner models that contradict the reference file"* ]]
    # A model of one's own in the database is no reason to warn.
    other_file <<-END
		S19J_PRO 100 3050 t
		S9 13.5 1323 f
	END
    [ "$(check-status --format json | jq .counted.model_differences)" = 0 ]
    [ "$(miner-models compare --no-header 2>/dev/null | cut -f1,2)" = "M20S	database_only" ]
    # A file in which one name stands twice is no answer to which is meant.
    other_file <<-END
		S9 13.5 1323 t
		S9 14 1323 t
	END
    run --separate-stderr miner-models compare
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"miner-models.tsv, line 3: the miner model S9 is listed twice"* ]]
}
