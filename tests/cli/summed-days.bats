# Days that are summed: rollup-summaries does not add up again what has not changed, and no change of a row or of a sum,
# whoever makes it and however, is ever passed over for it.
#
# bats sets $stderr.
# shellcheck disable=SC2030,SC2031,SC2154
load helper
load asking
load month
load proofs
load session

setup() {
    needs_plain "no day is proved there, so that each is added up again"
    fresh_month
    cd "$BATS_TEST_TMPDIR" || return
}

versions() { sql "select settlement_date, xmin, summed_at from summed_days order by 1"; }

# ---- what is spared ------------------------------------------------------------------------------

@test "a day that is summed is not added up again, unless --whole says so, and the audit believes nothing of it" {
    [ "$(summed)" = 31 ]
    forge
    [ "$(summed)" = 31 ]
    [ "$(rollup-summaries -q 2025-03-01 2025-03-31)" = "" ]
    run -1 audit-calcs -q --no-header 2025-03-01 2025-03-31
    [ "$(grep -c '^half_hour	2025-03-04 ' <<<"$output")" -gt 1 ]
    rollup-summaries -q --whole 2025-03-01 2025-03-31 >changed
    [ "$(grep -c '^day	2025-03-04	payment	' changed)" = 1 ]
    [ "$(unsummed)" = 0 ]
    [ "$(summed)" = 31 ]
    [ "$(rollup-summaries -q --whole 2025-03-01 2025-03-31)" = "" ]
}

@test "a second run notes nothing, and after a change of one day that day's note alone is new" {
    rollup-summaries -q 2025-03-01 2025-03-31
    versions >before
    rollup-summaries -q
    versions | diff before -
    sql "begin; set local windfall.writes = '2025-03-04 2025-03-04'; delete from curtailment_records where settlement_date = '2025-03-04'
           and settlement_period = (select min(settlement_period) from curtailment_records where settlement_date = '2025-03-04'); commit"
    [ "$(summed)" = 30 ]
    # Without a proof it is added up each time, and nothing is noted of it.
    rollup-summaries -q >changed
    grep -q '^day	2025-03-04	records	' changed
    versions | diff before -
    calc-btc -q --store 2025-03-04
    [ "$(summed)" = 30 ]
    rollup-summaries -q >changed
    [ "$(summed)" = 31 ]
    [ "$(versions | comm -13 before - | cut -d'|' -f1)" = 2025-03-04 ]
    [ "$(unsummed)" = 0 ]
}

@test "a day on which nothing was curtailed is known too, and one that was never fetched" {
    sql "insert into period_summaries values ('2025-03-31', 50, 1, 1, 1, 0, 1, 1)"
    [ "$(summed)" = 30 ]
    sql "begin; set local windfall.writes = '2025-03-30 2025-03-31'; delete from curtailment_records where settlement_date > '2025-03-29'; commit;
         delete from ingested_periods where settlement_date > '2025-03-30'"
    calc-btc -q --store 2025-03-30 2025-03-31
    rollup-summaries -q 2025-03-01 2025-03-31 >changed
    [ "$(unsummed)" = 0 ]
    [ "$(summed)" = 31 ]
    [ "$(sql "select string_agg(digest::text, ' ') from summed_days where settlement_date > '2025-03-29'")" = "0 0" ]
    sql "insert into farm_daily_summaries values ('2025-03-31', 'T_A-1', 1, 1, 1, 0, 1, 1)"
    [ "$(summed)" = 30 ]
    rollup-summaries -q 2025-03-01 2025-03-31
    [ "$(unsummed)" = 0 ]
}

@test "the rows of days that are known are not counted again, those of the others are" {
    page() { psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$root/sql/report/reconcile-status.sql"; }
    # In one transaction, whose own counts no other session adds to: of the tables and of their indexes, which may answer alone.
    what_is_read() {
        with-db psql -XAtqc "begin" -c "select count(*) from stored_counts()" -c "\o $BATS_TEST_TMPDIR/read" \
            -c "select pg_stat_get_xact_tuples_returned(t.oid) + (select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index where indrelid = t.oid)
                  from pg_class t where relname in ('curtailment_records_2025_03', 'historical_bitcoin_calculations_2025_03') order by relname" \
            -c "commit" >/dev/null
        paste -sd' ' "$BATS_TEST_TMPDIR/read"
    }
    is_counted "all are known"
    page >known
    # The least and the greatest date of each table are its key's.
    read -r records calculations <<<"$(what_is_read)"
    [ "$records" -le 2 ]
    [ "$calculations" -le 2 ]
    # A note that does not say how many, as one of an earlier version, or that does not add up to its proof, counts for nothing.
    sql "update summed_days set farms = null, calculations = null where settlement_date < '2025-03-04';
         update summed_days set calculations = jsonb_set(calculations, '{S9}', '1') where settlement_date = '2025-03-05';
         update summed_days set farms = '{}' where settlement_date = '2025-03-06'"
    is_counted "five days are not known"
    page | diff known -
    read -r records calculations <<<"$(what_is_read)"
    five="settlement_date < '2025-03-04' or settlement_date in ('2025-03-05', '2025-03-06')"
    [ "$records" -ge "$(sql "select count(*) from curtailment_records where $five")" ]
    [ "$calculations" -ge "$(sql "select count(*) from historical_bitcoin_calculations where $five")" ]
    sql "delete from summed_days"
    is_counted "no day is known"
    page | diff known -
    # Of a day without rows that is known, and of one that nothing is known of.
    rollup-summaries -q
    sql "begin; set local windfall.writes = '2025-03-30 2025-03-31'; delete from curtailment_records where settlement_date > '2025-03-29'; commit"
    is_counted "the last days are not known"
    calc-btc -q --store 2025-03-30 2025-03-31
    rollup-summaries -q >/dev/null
    is_counted "the last days have no rows"
    [[ "$(page)" == *" farms, from 2025-03-01 to 2025-03-29"* ]]
    sql "truncate curtailment_records, historical_bitcoin_calculations, day_proofs"
    is_counted "there is nothing"
    [[ "$(page)" == *"records          0 of 0 farms, from - to -"* ]]
}

@test "the migration fills in the notes of before, where the sums are still those that were noted" {
    sql "select settlement_date, farms, calculations from summed_days order by 1" >wanted
    sql "drop function stored_counts, sums_counts; alter table summed_days drop farms, drop calculations;
         delete from schema_migrations where version = 74;
         update farm_daily_summaries set records = records + 1 where settlement_date = '2025-03-04'"
    "$root/scripts/migrate"
    [ "$(sql "select settlement_date from summed_days where farms is null")" = 2025-03-04 ]
    sql "select settlement_date, farms, calculations from summed_days where farms is not null order by 1" |
        diff <(grep -v ^2025-03-04 wanted) -
    is_counted "one day is not known"
}

@test "who may not write sums what is right without a note of it" {
    sql "delete from summed_days"
    PGOPTIONS='-c default_transaction_read_only=on' run --separate-stderr rollup-summaries -q
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    [ "$(summed)" = 0 ]
    admin_sql "create role ${TEST_DB}_reader; grant pg_read_all_data to ${TEST_DB}_reader"
    DATABASE_URL="postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=postgres&options=-c%20role%3D${TEST_DB}_reader" \
        run --separate-stderr rollup-summaries -q
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    [ "$(summed)" = 0 ]
    admin_sql "drop role ${TEST_DB}_reader"
    rollup-summaries -q
    [ "$(summed)" = 31 ]
}

# ---- who changes rows or sums without a word -------------------------------------------------------

@test "a sum by farm or half hour that was changed by hand, however, is made right" {
    mapfile -t all < <(changed_unit_sums)
    each_sum_is_made_right 6 "${all[@]}"
}

@test "sums whose columns have changed names are made right under these" {
    by_name() { sql "select farm_id, payment, payment_by_farms from farm_daily_summaries order by settlement_date, farm_id"; }
    by_name >before
    sql "alter table farm_daily_summaries rename column payment to was; alter table farm_daily_summaries rename column payment_by_farms to payment;
         alter table farm_daily_summaries rename column was to payment_by_farms"
    [ "$(by_name)" != "$(cat before)" ]
    rollup-summaries -q 2025-03-01 2025-03-31
    by_name | cmp - before
}

@test "whatever a person changes in the rows is added up" {
    mapfile -t all < <(changes)
    each_change_is_summed 4 "${all[@]}"
}

# ---- two at once -----------------------------------------------------------------------------------

gone="delete from curtailment_records where settlement_date = '2025-03-04' and settlement_period < 20"
open_across() { other "begin isolation level $1"; other "$gone"; rollup-summaries -q --whole 2025-03-01 2025-03-31; other commit; }
begun_before() { other "begin isolation level $1"; other "select count(*) from summed_days"; rollup-summaries -q --whole 2025-03-01 2025-03-31
    [ "$(summed)" = 31 ]; other "$gone"; other commit; }
proved_across() { other "begin isolation level $1"; other "$gone"; calc-btc -q --store 2025-03-01 2025-03-31
    rollup-summaries -q --whole 2025-03-01 2025-03-31; other commit; }

@test "a transaction that was open while the days were summed, or saw them before, is added up" {
    for how in open_across begun_before proved_across; do
        for level in "read committed" "repeatable read"; do
            anew
            other_begins
            "$how" "$level"
            other_ends
            [ "$(unsummed)" -gt 0 ]
            [ "$(summed)" = 0 ]
            rollup-summaries -q 2025-03-01 2025-03-31 >changed
            [ "$(unsummed)" = 0 ] || { echo "$how $level"; return 1; }
            # What is proved after it has a note of its own.
            calc-btc -q --store 2025-03-01 2025-03-31
            [ "$(summed)" = 0 ]
            rollup-summaries -q 2025-03-01 2025-03-31 >changed
            [ "$(unsummed) $(summed)" = "0 31" ] || { echo "$how $level"; return 1; }
        done
    done
}

@test "killed at any moment, the next run brings what an undisturbed one does" {
    dump_db >wanted
    before_kill() { sql "delete from summed_days; truncate farm_daily_summaries, bitcoin_period_summaries"; }
    after_kill() {
        rollup-summaries -q >out
        dump_db | cmp - wanted
        [ "$(unsummed) $(summed)" = "0 31" ]
    }
    kill_midway 2 rollup-summaries -q
}

# ---- other databases -------------------------------------------------------------------------------

@test "a note older than its proof is none, though it has that proof's name" {
    [ "$(summed)" = 31 ]
    sql "update summed_days s set summed_at = p.proved_at - interval '1 second' from day_proofs p
          where p.settlement_date = s.settlement_date and s.settlement_date <= '2025-03-04'"
    [ "$(summed)" = 27 ]
}

@test "a dump that is loaded elsewhere is added up there once" {
    local there=${TEST_DB}_there
    ask_server postgres windfall "create database $there template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
    pg_dump -d "$DATABASE_URL" | psql -Xq -v ON_ERROR_STOP=1 -o /dev/null -h "$SUITE_SOCKET" -U windfall -d "$there"
    DATABASE_URL="postgresql:///$there?host=$SUITE_SOCKET&user=windfall"
    [ "$(sql "select count(*) from summed_days")" = 31 ]
    [ "$(summed)" = 0 ]
    sql "update curtailment_records set payment = payment + 1 where settlement_date = '2025-03-04'"
    rollup-summaries -q >changed
    [ "$(unsummed)" = 0 ]
    calc-btc -q --store 2025-03-01 2025-03-31
    rollup-summaries -q >changed
    [ "$(summed)" = 31 ]
    drop_db "$there"
}
