# Proofs of days: what calc-btc has compared is not read again, and no change of a row, whoever makes it and however, is
# ever hidden by one.
#
# bats sets $stderr.
# shellcheck disable=SC2030,SC2031,SC2154
load helper
load asking
load month
load calculations
load proofs
load session

setup() {
    needs_plain "it has no triggers on what it spreads, so that no day is proved there and all is read"
    fresh_month
    cd "$BATS_TEST_TMPDIR" || return
}

# Each proof with its version.
versions() { sql "select settlement_date, xmin, proved_at from day_proofs order by 1"; }

# again - everything is as it was made, and proved.
again() {
    calc-btc -q --store 2025-03-01 2025-03-31
    [ "$(proved)" = 31 ] || { echo "proved: $(proved)"; return 1; }
    [ "$(find-missing --whole --no-header)" = "" ]
}

# A calculation whose bitcoin is another, whose proof was made to hold by who may do anything.
forge() {
    sql "alter table historical_bitcoin_calculations_2025_03 disable trigger withdraw_proofs;
         update historical_bitcoin_calculations_2025_03 set bitcoin_mined = bitcoin_mined + 1
          where (settlement_date, settlement_period, farm_id, miner_model) in (select settlement_date, settlement_period, farm_id, miner_model
                   from historical_bitcoin_calculations where settlement_date = '2025-03-04' limit 1);
         alter table historical_bitcoin_calculations_2025_03 enable always trigger withdraw_proofs;
         update day_proofs set seal = month_seal('2025-03-01')"
}

# ---- what is spared ------------------------------------------------------------------------------

@test "a day with a proof is not read again, unless --whole says so, and the audit holds the proof against the rows" {
    [ "$(proved)" = 31 ]
    audit-calcs -q 2025-03-04
    forge
    [ "$(proved)" = 31 ]
    [ "$(find-missing --no-header)" = "" ]
    [ "$(find-missing --whole --no-header | cut -f1,5)" = "2025-03-04	stale" ]
    [ "$(find-missing --whole --by-date --no-header | cut -f1,5)" = "2025-03-04	1" ]
    calc-btc -q --store 2025-03-04
    [ "$(find-missing --whole --no-header | cut -f1,5)" = "2025-03-04	stale" ]
    run -1 audit-calcs -q --no-header 2025-03-01 2025-03-31
    [ "$(grep -c '^calculation	2025-03-04 .*	bitcoin_mined	' <<<"$output")" = 1 ]
    [ "$(grep '^proof' <<<"$output" | cut -f1-3)" = "proof	2025-03-04	digest" ]
    sql "update day_proofs set records = records + 1, calculations = calculations - 2 where settlement_date = '2025-03-05'"
    run -1 audit-calcs -q --no-header 2025-03-05
    [ "$(cut -f1-3,6 <<<"$output")" = "$(printf 'proof\t2025-03-05\t%s\n' 'calculations	-2' 'records	1')" ]
    # What does not hold says nothing, and is nobody's difference.
    sql "update day_proofs set seal = seal + 1"
    audit-calcs -q 2025-03-05
    is_seen "the forged calculation"
}

@test "a proof has what the database has of its day" {
    [ "$(sql "select count(*) from day_proofs p
        join (select settlement_date, sum(lines) as lines, count(*) as pairs, sum(mwh) as mwh
                from (select settlement_date, count(*) as lines, round(sum(abs(volume)), 9) as mwh from curtailment_records
                       group by settlement_date, settlement_period, farm_id) f group by 1) r using (settlement_date)
        join (select settlement_date, count(*) as n from historical_bitcoin_calculations group by 1) c using (settlement_date)
       where (p.records, p.pairs, p.curtailed_mwh, p.calculations, p.expected) = (lines, r.pairs, mwh, n, n)")" = \
      "$(sql "select count(distinct settlement_date) from curtailment_records")" ]
}

@test "a second run writes no proof, and one of new days proves just these" {
    versions >before
    calc-btc -q --store 2025-03-01 2025-03-31
    versions | diff before -
    # Nor does a fetch of what is stored already withdraw one; and one that changes a day withdraws that day's alone.
    fetch-elexon -q --store 2025-03-01 2025-03-31
    versions | diff before -
    sql "begin; set local windfall.writes = '2025-03-04 2025-03-04'; delete from curtailment_records where settlement_date = '2025-03-04'
           and settlement_period = (select min(settlement_period) from curtailment_records where settlement_date = '2025-03-04'); commit"
    [ "$(proved)" = 30 ]
    [ "$(find-missing --unproved --no-header 2025-03-01 2025-03-31)" = 2025-03-04 ]
    is_seen "a period that is gone"
    fetch-elexon -q --store 2025-03-04
    [ "$(proved)" = 30 ]
    find-missing --unproved 2025-03-01 2025-03-31 | calc-btc -q --store -
    [ "$(proved)" = 31 ]
    [ "$(versions | comm -13 before - | cut -d'|' -f1)" = 2025-03-04 ]
    # Of some models nothing is proved.
    sql "delete from day_proofs where settlement_date = '2025-03-05'"
    calc-btc -q --store --model S9 2025-03-05
    [ "$(proved)" = 30 ]
}

@test "the lists with and without proofs are the same bytes over a wounded month" {
    sql "begin; set local windfall.writes = '2025-03-02 2025-03-03';
         delete from historical_bitcoin_calculations where settlement_date = '2025-03-02' and miner_model = 'S9';
         update historical_bitcoin_calculations set miners = miners + 1 where settlement_date = '2025-03-03' and farm_id = (select min(farm_id)
             from historical_bitcoin_calculations where settlement_date = '2025-03-03'); commit;
         update ingested_periods set status = 'provisional' where settlement_date = '2025-03-20';
         delete from ingested_periods where settlement_date = '2025-03-21'"
    [ "$(proved)" = 29 ]
    is_seen "two days"
    diff <(find-missing --by-date 2025-02-20 2025-04-05) <(find-missing --whole --by-date 2025-02-20 2025-04-05)
    [ "$(find-missing --by-date --no-header | cut -f1 | tr '\n' ' ')" = "2025-03-02 2025-03-03 2025-03-20 2025-03-21 " ]
    diff <(find-missing --format csv 2025-03-03 2025-03-31) <(find-missing --whole --format csv 2025-03-03 2025-03-31)
}

@test "--unproved lists nothing of months that cannot be proved, and goes with no other list" {
    [ "$(find-missing --unproved --no-header)" = "" ]
    [ "$(find-missing --unproved --no-header 2019-01-01 2019-12-31)" = "" ]
    sql "alter table curtailment_records_2025_03 disable trigger withdraw_proofs"
    [ "$(find-missing --unproved --no-header)" = "" ]
    calc-btc -q --store 2025-03-01 2025-03-31
    [ "$(proved)" = 0 ]
    sql "alter table curtailment_records_2025_03 enable always trigger withdraw_proofs"
    [ "$(find-missing --unproved --no-header | wc -l)" = 31 ]
    run -64 --separate-stderr find-missing --unproved --by-date
    [[ "$stderr" == *"different lists"* ]]
    run -64 --separate-stderr find-missing --whole --wind
    [[ "$stderr" == *"--whole goes with"* ]]
}

# ---- inputs --------------------------------------------------------------------------------------

@test "other inputs void what was proved under these: a model, a difficulty, a subsidy" {
    # Three of them, others each time; tests/drill has all.
    mapfile -t all < <(other_inputs)
    each_is_seen 3 "${all[@]}"
    # A model that is retired calls for nothing from then on, and what there is of it stays correct.
    anew
    sql "update miner_models set active = false where miner_model = 'S9'"
    diff <(find-missing --by-date --all-dates) <(find-missing --whole --by-date --all-dates)
    again
    sql "update miner_models set power_w = power_w + 1 where miner_model = 'S9'"
    is_seen "the figures of a retired model"
}

# ---- who changes rows without a word -------------------------------------------------------------

@test "whatever a person changes in psql is found as if there were no proof" {
    # Each sets the scene anew, which costs: some of them, others each time; tests/drill has all.
    mapfile -t all < <(changes)
    each_is_seen 6 "${all[@]}"
}

@test "rows that COPY brings, and those of a session that leaves triggers out, are found" {
    sql "copy (select settlement_date, settlement_period, 'T_NEW-1', miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w,
         bitcoin_mined from historical_bitcoin_calculations where settlement_date = '2025-03-04' limit 3) to stdout" >rows
    for table in historical_bitcoin_calculations historical_bitcoin_calculations_2025_03; do
        sql "copy $table (settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths,
             power_w, bitcoin_mined) from stdin" <rows
        is_seen "copy $table"
        again
    done
    admin_sql "set session_replication_role = replica; delete from historical_bitcoin_calculations where settlement_date = '2025-03-05'"
    is_seen "a session that is a replica"
    again
    # A server that does not count changes.
    admin_sql "set track_counts = off; delete from historical_bitcoin_calculations where settlement_date = '2025-03-06'"
    is_seen "a session that counts nothing"
}

@test "a statement that changes no row, and a change that is taken back, withdraw nothing" {
    versions >before
    sql "delete from curtailment_records where settlement_date = '2025-03-04' and farm_id = 'T_NOBODY-1';
         begin; delete from historical_bitcoin_calculations; rollback"
    versions | diff before -
    [ "$(proved)" = 31 ]
    [ "$(sql "select count(*) from withdrawn_proofs")" = 0 ]
}

@test "what was noted of a change is forgotten when no proof is older" {
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'"
    [ "$(proved)" = 0 ]
    [ "$(sql "select from_date, to_date from withdrawn_proofs")" = "2025-03-01|2025-03-31" ]
    calc-btc -q --store 2025-03-04
    [ "$(proved)" = 1 ]
    [ "$(sql "select count(*) from withdrawn_proofs")" = 1 ]
    again
    calc-btc -q --store 2025-03-04
    [ "$(proved)" = 31 ]
    [ "$(sql "select count(*) from withdrawn_proofs")" = 0 ]
}

# ---- two at once ---------------------------------------------------------------------------------

# In these words a change begins, ends and is proved around: the proof must not hide it.
around() {
    anew
    sql "delete from day_proofs"
    other_begins
    "$@"
    other_ends
    is_seen "$*"
}

change="delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'"
open_across() { other "begin isolation level $1"; other "$change"; calc-btc -q --store 2025-03-01 2025-03-31; other commit; }
begun_before() { other "begin isolation level $1"; other "select count(*) from day_proofs"; calc-btc -q --store 2025-03-01 2025-03-31
    [ "$(proved)" = 31 ]; other "$change"; other commit; }

@test "a transaction that was open while the day was proved, or saw it before, hides nothing" {
    around open_across "read committed"
    around open_across "repeatable read"
    around begun_before "read committed"
    around begun_before "repeatable read"
}

@test "a person's open transaction keeps no tool from its work, and one that is taken back costs nothing" {
    other_begins
    other begin
    other "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'"
    fetch-elexon -q --store 2025-03-05
    sql "begin; set local windfall.writes = '2025-03-06 2025-03-06'; delete from historical_bitcoin_calculations where settlement_date = '2025-03-06'; commit"
    calc-btc -q --store 2025-03-05 2025-03-31
    [ "$(proved)" = 31 ]
    other rollback
    other_ends
    [ "$(proved)" = 31 ]
    [ "$(find-missing --whole --no-header)" = "" ]
}

# ---- other databases -----------------------------------------------------------------------------

@test "a dump that is loaded elsewhere has no proof that holds, and is proved there" {
    local there=${TEST_DB}_there
    ask_server postgres windfall "create database $there template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
    pg_dump -d "$DATABASE_URL" | psql -Xq -v ON_ERROR_STOP=1 -o /dev/null -h "$SUITE_SOCKET" -U windfall -d "$there"
    # As a server does by itself some time later.
    ask_server "$there" windfall "vacuum analyze" 2>/dev/null
    sql "select * from day_proofs order by 1" >here
    DATABASE_URL="postgresql:///$there?host=$SUITE_SOCKET&user=windfall"
    sql "select * from day_proofs order by 1" | diff here -
    [ "$(proved)" = 0 ]
    diff <(find-missing --by-date --all-dates) <(find-missing --whole --by-date --all-dates)
    again
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'"
    is_seen "a change in the copy"
    drop_db "$there"
}

@test "who may write rows and no more withdraws proofs too, and who may read believes them" {
    admin_sql "create role ${TEST_DB}_hand; grant select, update on historical_bitcoin_calculations to ${TEST_DB}_hand"
    admin_sql "set role ${TEST_DB}_hand; update historical_bitcoin_calculations set miners = 0 where settlement_date = '2025-03-04'"
    [ "$(proved)" = 0 ]
    is_seen "the update of a role without rights"
    admin_sql "drop owned by ${TEST_DB}_hand; drop role ${TEST_DB}_hand"
    again
    PGOPTIONS='-c default_transaction_read_only=on' find-missing --no-header >out
    [ ! -s out ]
}

@test "a corrected difficulty leaves no proof of what it changed" {
    fix-difficulty -q 2025-03-12 2025-03-12 112149504190349 >/dev/null
    diff <(find-missing --by-date --all-dates) <(find-missing --whole --by-date --all-dates)
    again
    fix-difficulty -q --force --reason test 2025-03-12 2025-03-12 112000000000000 >changed
    [ "$(wc -l <changed)" -gt 1 ]
    diff <(find-missing --by-date --all-dates) <(find-missing --whole --by-date --all-dates)
    [ "$(find-missing --unproved --no-header | tr '\n' ' ')" = "2025-03-12 " ]
}
