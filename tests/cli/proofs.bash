# What day-proofs.bats and its long form in tests/drill share.  `load proofs` after helper and month, in a database of fresh_month.
#
#   proved               how many days have a proof that holds
#   is_seen WHAT         the lists are just those of reading everything, and not empty
#   forge                a change of the records with a proof that was made to hold by who may do anything
#   anew                 the database as fresh_month made it
#   changes              what a person may do to the rows without a word, a line each
#   other_inputs         what may change of what is calculated from, a line each
#   each_is_seen N LINE...    so many of these, each in a database anew: it is seen
#
# And summed-days.bats:
#
#   summed               how many days are known to be summed
#   unsummed             how many sums by farm and half hour are not those of the rows, as the database adds them up
#   is_counted WHAT      stored_counts() has as many records, farms and calculations as there are
#   changed_unit_sums    what a person may do to these sums, a line each
#   each_sum_is_made_right N LINE...     so many of these: the next roll-up makes it right
#   each_change_is_summed N LINE...      so many of the changes, each in a database anew: the next roll-up adds it up

proved() { sql "select count(*) from valid_day_proofs('2025-03-01', '2025-03-31')"; }

is_seen() {
    find-missing >all.tsv
    find-missing --whole | diff all.tsv - || { echo "hidden: $1"; return 1; }
    [ "$(wc -l <all.tsv)" -gt 1 ] || { echo "no change: $1"; return 1; }
    find-missing --by-date --all-dates >dates.tsv
    find-missing --by-date --all-dates --whole | diff dates.tsv - || { echo "hidden by date: $1"; return 1; }
}

forge() {
    sql "alter table curtailment_records_2025_03 disable trigger withdraw_proofs;
         update curtailment_records_2025_03 set payment = payment + 1 where settlement_date = '2025-03-04';
         alter table curtailment_records_2025_03 enable always trigger withdraw_proofs;
         update day_proofs set seal = month_seal('2025-03-01')"
}

# The same as a new database would be, quicker.
anew() {
    drop_db "$TEST_DB"
    copy_db template_month "$TEST_DB"
}

# One change each, by a person in psql; BOTH is the table or its partition.
changes() {
    local both
    for both in '' _2025_03; do
        cat <<END
update curtailment_records$both set volume = volume * 2 where settlement_date = '2025-03-04'
delete from curtailment_records$both where settlement_date = '2025-03-04'
insert into curtailment_records$both (settlement_date, settlement_period, farm_id, lead_party_name, volume, original_price, final_price, payment, so_flag, stack, sequence_number) select settlement_date, settlement_period, 'T_NEW-1', lead_party_name, volume, original_price, final_price, payment, so_flag, stack, sequence_number from (select * from curtailment_records where settlement_date = '2025-03-04' limit 1) r
update historical_bitcoin_calculations$both set miners = miners + 1 where settlement_date = '2025-03-04'
delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'
insert into historical_bitcoin_calculations$both (settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined) select settlement_date, settlement_period, 'T_NEW-1', miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined from (select * from historical_bitcoin_calculations where settlement_date = '2025-03-04' limit 1) c
truncate historical_bitcoin_calculations$both
truncate curtailment_records$both
merge into historical_bitcoin_calculations$both c using (select date '2025-03-04' as d) s on c.settlement_date = s.d when matched then update set bitcoin_mined = 1
with gone as (delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04' returning *) select count(*) from gone
update curtailment_records$both set settlement_date = '2025-03-05', sequence_number = sequence_number + 5000 where settlement_date = '2025-03-04'
begin; savepoint a; delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'; release a; commit
begin; savepoint a; delete from historical_bitcoin_calculations$both; rollback to a; delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'; commit
begin isolation level serializable; delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'; commit
begin isolation level repeatable read; set local windfall.writes = '2025-03-04 2025-03-04'; delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'; commit
set windfall.writes = 'whatever'; delete from historical_bitcoin_calculations$both where settlement_date = '2025-03-04'
END
    done
    cat <<'END'
alter table historical_bitcoin_calculations_2025_03 disable trigger withdraw_proofs; delete from historical_bitcoin_calculations_2025_03 where settlement_date = '2025-03-04'
alter table historical_bitcoin_calculations_2025_03 disable trigger withdraw_proofs; delete from historical_bitcoin_calculations_2025_03 where settlement_date = '2025-03-04'; alter table historical_bitcoin_calculations_2025_03 enable always trigger withdraw_proofs
begin; alter table historical_bitcoin_calculations disable trigger all; delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'; alter table historical_bitcoin_calculations enable always trigger withdraw_proofs; commit
drop trigger withdraw_proofs on curtailment_records; delete from curtailment_records where settlement_date = '2025-03-04'; select watch_proofs()
alter table curtailment_records enable trigger withdraw_proofs; delete from curtailment_records where settlement_date = '2025-03-04'
alter table historical_bitcoin_calculations detach partition historical_bitcoin_calculations_2025_03
alter table historical_bitcoin_calculations detach partition historical_bitcoin_calculations_2025_03; delete from historical_bitcoin_calculations_2025_03 where settlement_date = '2025-03-04'; alter table historical_bitcoin_calculations attach partition historical_bitcoin_calculations_2025_03 for values from ('2025-03-01') to ('2025-04-01')
alter table historical_bitcoin_calculations detach partition historical_bitcoin_calculations_2025_03; alter table historical_bitcoin_calculations_2025_03 rename to away; create table historical_bitcoin_calculations_2025_03 partition of historical_bitcoin_calculations for values from ('2025-03-01') to ('2025-04-01'); select watch_proofs()
alter table historical_bitcoin_calculations_2025_03 rename to historical_bitcoin_calculations_2025_02; delete from historical_bitcoin_calculations_2025_02 where settlement_date = '2025-03-04'; alter table historical_bitcoin_calculations_2025_02 rename to historical_bitcoin_calculations_2025_03
drop table curtailment_records_2025_03
alter table curtailment_records alter column volume type numeric using volume * 2
alter table historical_bitcoin_calculations rename column hashrate_ths to was; alter table historical_bitcoin_calculations rename column power_w to hashrate_ths; alter table historical_bitcoin_calculations rename column was to power_w
create or replace function withdraw_proofs() returns trigger language plpgsql as 'begin return null; end'; delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'
END
}

other_inputs() {
    cat <<'END'
insert into miner_models (miner_model, hashrate_ths, power_w) values ('S21', 200, 3500)
update miner_models set power_w = power_w + 1 where miner_model = 'S9'
update network_difficulty set difficulty = difficulty + 1 where effective_from < '2025-03-12'
delete from network_difficulty where effective_from > '2025-03-20'
update block_subsidies set subsidy = 3 where effective_from > '2024-01-01'
END
}

# each N CHECK LINE... - so many of the lines, the CHECK of each in a database anew.
each() {
    local change n=$1 check=$2 done=0
    shift 2
    some "$n" "$@" >wanted_changes
    while read -r change; do
        anew
        "$check" "$change" </dev/null
        done=$((done + 1))
    done <wanted_changes
    [ "$done" -eq "$n" ]
}

seen() {
    sql "$1" >/dev/null
    is_seen "$1"
}

each_is_seen() { each "$1" seen "${@:2}"; }

summed() {
    # shellcheck disable=SC2154 # root is the suite's
    psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -v from=2025-03-01 -v to=2025-03-31 -v whole=false -f "$root/sql/query/summed-days.sql" | grep -c '|t$'
}

is_counted() {
    [ "$(sql "
        select (select row(coalesce(sum(n), 0), count(distinct name), min(first_day), max(last_day))::text from stored_counts() where what = 'record')
               = (select row(count(*), count(distinct farm_id), min(settlement_date), max(settlement_date))::text from curtailment_records)
           and (select array_agg(row(name, n)::text order by name)
                  from (select name, sum(n) as n from stored_counts() where what = 'calculation' group by name) c)
               is not distinct from (select array_agg(row(miner_model, n)::text order by miner_model)
                  from (select miner_model, count(*) as n from historical_bitcoin_calculations group by miner_model) c)")" = t ] ||
        { echo "miscounted: $1"; return 1; }
}

unsummed() { sql "begin; select sum_farms('2025-03-01', '2025-03-31'); rollback"; }

changed_unit_sums() {
    cat <<'END'
update farm_daily_summaries set payment = payment + 0.01 where settlement_date = '2025-03-04'
update farm_daily_summaries set payment = - payment, payment_to_farms = - payment_to_farms where settlement_date = '2025-03-04'
update farm_daily_summaries set records = records - 1, periods = periods + 1 where settlement_date = '2025-03-04'
update farm_daily_summaries f set curtailed_mwh = o.curtailed_mwh from farm_daily_summaries o where f.settlement_date = '2025-03-04' and o.settlement_date = '2025-03-04' and (f.farm_id, o.farm_id) in (select min(farm_id), max(farm_id) from farm_daily_summaries where settlement_date = '2025-03-04' union all select max(farm_id), min(farm_id) from farm_daily_summaries where settlement_date = '2025-03-04')
update farm_daily_summaries set farm_id = 'T_NEW-1' where settlement_date = '2025-03-04' and farm_id = (select min(farm_id) from farm_daily_summaries where settlement_date = '2025-03-04')
insert into farm_daily_summaries values ('2025-03-04', 'T_NEW-1', 0, 0, 0, 0, 0, 0)
delete from farm_daily_summaries where settlement_date = '2025-03-04'
truncate farm_daily_summaries
update period_summaries set curtailed_mwh = curtailed_mwh + 0.000000001 where settlement_date = '2025-03-04' and settlement_period < 20
update period_summaries set settlement_period = 50 where settlement_date = '2025-03-04' and settlement_period = (select max(settlement_period) from period_summaries where settlement_date = '2025-03-04')
update period_summaries set settlement_date = '2025-03-30' where settlement_period = 48 and settlement_date = (select min(settlement_date) from period_summaries where settlement_period = 48)
delete from period_summaries where settlement_period = 10
truncate period_summaries
update bitcoin_farm_daily_summaries set bitcoin_mined = - bitcoin_mined where settlement_date = '2025-03-04' and miner_model = 'S9'
update bitcoin_farm_daily_summaries set bitcoin_mined = 'NaN' where settlement_date = '2025-03-04'
update bitcoin_farm_daily_summaries set miner_model = 'NEW' where settlement_date = '2025-03-04' and miner_model = 'S9'
delete from bitcoin_farm_daily_summaries where settlement_date = '2025-03-04' and miner_model = 'S9'
update bitcoin_period_summaries set calculations = calculations + 1 where settlement_date = '2025-03-04'
insert into bitcoin_period_summaries select '2025-03-31', 50, miner_model, 0, 0 from miner_models
truncate bitcoin_period_summaries
merge into period_summaries p using (select date '2025-03-04' as d) s on p.settlement_date = s.d when matched then update set farms = farms + 1
set session_replication_role = replica; delete from bitcoin_farm_daily_summaries where settlement_date = '2025-03-04'
create temp table t as select * from period_summaries where settlement_date = '2025-03-04'; update t set farms = 0; delete from period_summaries where settlement_date = '2025-03-04'; insert into period_summaries select * from t
begin; set local windfall.writes = '2025-03-04 2025-03-04'; delete from farm_daily_summaries where settlement_date between '2025-03-04' and '2025-03-06'; commit
END
}

sum_is_made_right() {
    admin_sql "$1" >/dev/null
    [ "$(unsummed)" -gt 0 ] || { echo "no change: $1"; return 1; }
    is_counted "$1"
    rollup-summaries -q 2025-03-01 2025-03-31 >/dev/null
    [ "$(unsummed) $(summed)" = "0 31" ] || { echo "passed over: $1"; return 1; }
    is_counted "$1"
}

each_sum_is_made_right() { each "$1" sum_is_made_right "${@:2}"; }

change_is_summed() {
    sql "$1" >/dev/null
    is_counted "$1"
    rollup-summaries -q 2025-03-01 2025-03-31 >/dev/null
    [ "$(unsummed)" = 0 ] || { echo "passed over: $1"; return 1; }
    is_counted "$1"
}

each_change_is_summed() { each "$1" change_is_summed "${@:2}"; }
