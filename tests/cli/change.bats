# Change in, change through: whatever a calculation or a sum is made from may change, and the next
# reconciliation writes what that touches, on every level, and nothing else.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load month
load elexon

setup() {
    # What happens to one day, or to all that there is, whatever that is; and a change of difficulty in between.
    case $BATS_TEST_DESCRIPTION in
    "a corrected difficulty"*) fresh_month 2025-03-10 ;;
    *) fresh_month 2025-03-06 ;;
    esac
    sql "create schema seen"
}

# Remember which version of each row stands now.
see() {
    sql "set client_min_messages = warning; drop table if exists seen.calculations, seen.sums;
         create table seen.calculations as
            select settlement_date, settlement_period, farm_id, miner_model, xmin::text as version from historical_bitcoin_calculations;
         create table seen.sums as select * from ($sums) s"
}

sums="select 'day' as level, settlement_date::text as key, xmin::text as version from daily_summaries
      union all select 'bitcoin_day', settlement_date || ' ' || miner_model, xmin::text from bitcoin_daily_summaries
      union all select 'month', year_month, xmin::text from monthly_summaries
      union all select 'bitcoin_month', year_month || ' ' || miner_model, xmin::text from bitcoin_monthly_summaries
      union all select 'year', year, xmin::text from yearly_summaries
      union all select 'bitcoin_year', year || ' ' || miner_model, xmin::text from bitcoin_yearly_summaries"

# written CONDITION: how many calculations were written, or removed, since; how many of them are not
# such as the condition says; and how many that are such were not written.
written() {
    sql "select count(*) filter (where touched), count(*) filter (where touched and not wanted), count(*) filter (where wanted and not touched)
           from (select settlement_date, settlement_period, farm_id, miner_model, c.version is distinct from s.version as touched, $1 as wanted
                   from (select *, xmin::text as version from historical_bitcoin_calculations) c
                   full join seen.calculations s using (settlement_date, settlement_period, farm_id, miner_model)) x"
}

# How many calculations there are, now or before, such as the condition says.
such() { sql "select count(*) from historical_bitcoin_calculations where $1"; }

# The sums that were written or removed since.
summed() {
    sql "select string_agg(level || ' ' || key, ', ' order by level, key)
           from (select level, key, c.version is distinct from s.version as touched from ($sums) c full join seen.sums s using (level, key)) x
          where touched"
}

# The sums above these days, for all models or those named.
above() {
    local day level models=${2:-M20S S19J_PRO S9} model
    for level in bitcoin_day bitcoin_month bitcoin_year; do
        for day in $1; do
            for model in $models; do
                case $level in
                bitcoin_day) echo "$level $day $model" ;;
                bitcoin_month) echo "$level ${day%-*} $model" ;;
                bitcoin_year) echo "$level ${day%%-*} $model" ;;
                esac
            done
        done
    done | sort -u
}

listed() { sort | paste -sd, | sed 's/,/, /g'; }

days_between() {
    sql "select string_agg(d::date::text, ' ') from generate_series(date '$1', date '$2', interval '1 day') d"
}

# A further run counts everything, finds nothing to do, and writes nothing at all; an audit of everything finds nothing either.
settled() {
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    run reconcile "${1:-missing}"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "*" missing=0 stale=0 orphan=0 unfetched=0 "* ]]
    audit-calcs -q
    dump_db --exact >"$BATS_TEST_TMPDIR/twice"
    cmp "$BATS_TEST_TMPDIR/once" "$BATS_TEST_TMPDIR/twice"
}

mended_by() {
    run reconcile "$@"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "* ]]
}

# A copy of the source in which things can change: of this date the period with the most farms, and
# the first of these.
own_source() {
    cp -r "$MONTH/balancing" "$BATS_TEST_TMPDIR/"
    export WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR
    period=$(sql "select settlement_period from curtailment_records where settlement_date = '$1'
                   group by 1 order by count(distinct farm_id) desc, 1 limit 1")
    body=$BATS_TEST_TMPDIR/$STACK/bid/$1/$period
    farm=$(sql "select min(farm_id) from curtailment_records where settlement_date = '$1' and settlement_period = $period")
    others=$(sql "select count(distinct farm_id) - 1 from curtailment_records where settlement_date = '$1' and settlement_period = $period")
    [ "$others" -ge 1 ]
}

@test "a revised period: the farm whose volume changed is calculated again, the others of that half hour are not" {
    own_source 2025-03-02
    jq -c "(.data[] | select(.id == \"$farm\" and .volume < 0 and .soFlag)).volume |= . * 1.5" "$body" >"$BATS_TEST_TMPDIR/new"
    run ! cmp -s "$BATS_TEST_TMPDIR/new" "$body"
    mv "$BATS_TEST_TMPDIR/new" "$body"
    see
    mended_by date 2025-03-02 --force
    [ "$(written "(settlement_date, settlement_period, farm_id) = ('2025-03-02', $period, '$farm')")" = "3|0|0" ]
    [ "$(summed)" = "$({ above 2025-03-02; printf 'day 2025-03-02\nmonth 2025-03\nyear 2025\n'; } | listed)" ]
    settled all
}

@test "a period that is still provisional is revised by the next run over everything" {
    own_source 2025-03-04
    sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-04' and settlement_period = $period"
    rollup-summaries -q 2025-03-04 >"$BATS_TEST_TMPDIR/summed"
    # The source has withdrawn the lines of one farm.
    jq -c "del(.data[] | select(.id == \"$farm\"))" "$body" >"$BATS_TEST_TMPDIR/new"
    mv "$BATS_TEST_TMPDIR/new" "$body"
    see
    mended_by all
    [ "$(written "(settlement_date, settlement_period, farm_id) = ('2025-03-04', $period, '$farm')")" = "3|0|0" ]
    [ "$(such "(settlement_date, settlement_period, farm_id) = ('2025-03-04', $period, '$farm')")" = 0 ]
    [ "$(summed)" = "$({ above 2025-03-04; printf 'day 2025-03-04\nmonth 2025-03\nyear 2025\n'; } | listed)" ]
    settled all
}

@test "a record deleted by hand comes back, and nothing above it had to be written" {
    see
    dump_db >"$BATS_TEST_TMPDIR/before"
    sql "delete from curtailment_records where ctid = (select ctid from curtailment_records where settlement_date = '2025-03-03' order by settlement_period, farm_id limit 1)
            and settlement_date = '2025-03-03'"
    mended_by all
    [ "$(written false)" = "0|0|0" ]
    [ -z "$(summed)" ]
    dump_db >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    settled all
}

@test "calculations and sums deleted by hand are made again, they alone" {
    dump_db >"$BATS_TEST_TMPDIR/before"
    see
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-03' and settlement_period = 3 and miner_model = 'S9'"
    rollup-summaries -q 2025-03-03 >"$BATS_TEST_TMPDIR/summed"
    sql "delete from monthly_summaries"
    mended_by missing
    [ "$(written "settlement_date = '2025-03-03' and settlement_period = 3 and miner_model = 'S9'" | cut -d'|' -f2,3)" = "0|0" ]
    [ "$(summed)" = "$({ above 2025-03-03 S9; echo 'month 2025-03'; } | listed)" ]
    dump_db >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    settled
}

@test "a corrected difficulty: the half hours that begin while it was in force" {
    see
    # Until the retarget of 9 March, 15:56:29 UTC.
    sql "update network_difficulty set difficulty = 112000000000000 where block_height = 885024"
    mended_by missing
    want="(settlement_date, settlement_period) <= ('2025-03-09', 32)"
    [ "$(written "$want")" = "$(such "$want")|0|0" ]
    [ "$(such "not $want")" -gt 0 ]
    [ "$(summed)" = "$(above "$(days_between 2025-03-01 2025-03-09)" | listed)" ]
    settled
}

@test "a retarget that came to be known later: from its half hour on" {
    see
    sql "update network_difficulty set in_force_until = '2025-03-04 10:20+00' where block_height = 885024;
         insert into network_difficulty (effective_from, in_force_until, difficulty, source, time_quality)
         values ('2025-03-04 10:20+00', '2025-03-09 15:56:29+00', 120000000000000, 'x', 'exact')"
    mended_by missing
    want="(settlement_date, settlement_period) >= ('2025-03-04', 22)"
    [ "$(written "$want")" = "$(such "$want")|0|0" ]
    [ "$(summed)" = "$(above "$(days_between 2025-03-04 2025-03-06)" | listed)" ]
    settled
}

@test "a subsidy that changed: every calculation after it, and no price, no energy, no difficulty of theirs" {
    see
    sql "insert into block_subsidies values ('2025-03-04 00:00+00', 9999999, 1.5625)"
    mended_by missing
    want="settlement_date >= '2025-03-04'"
    [ "$(written "$want")" = "$(such "$want")|0|0" ]
    [ "$(such "subsidy = 1.5625")" = "$(such "$want")" ]
    [ "$(summed)" = "$(above "$(days_between 2025-03-04 2025-03-06)" | listed)" ]
    settled
}

@test "a miner model whose power or hashrate changed: all of its calculations, and no other model's" {
    see
    sql "update miner_models set power_w = 3068 where miner_model = 'S19J_PRO'"
    mended_by missing
    [ "$(written "miner_model = 'S19J_PRO'" | cut -d'|' -f2,3)" = "0|0" ]
    [ "$(such "miner_model = 'S19J_PRO' and power_w = 3068")" = "$(such "miner_model = 'S9'")" ]
    settled
    see
    sql "update miner_models set hashrate_ths = 14 where miner_model = 'S9'"
    mended_by range 2025-03-01 2025-03-06
    [ "$(written "miner_model = 'S9'")" = "$(such "miner_model = 'S9'")|0|0" ]
    # A day on which not one machine could run has the sums that it had.
    [ "$(summed)" = "$(above "$(sql "select string_agg(d::text, ' ') from (select distinct settlement_date from historical_bitcoin_calculations
                        where miner_model = 'S9' and miners > 0) x (d)")" S9 | listed)" ]
}

@test "a model added is calculated for the whole past, one put out of use keeps its own and asks for no more" {
    see
    sql "insert into miner_models values ('S21', 200, 3500, true)"
    mended_by missing
    [ "$(written "miner_model = 'S21'")" = "$(such "miner_model = 'S9'")|0|0" ]
    [ "$(summed)" = "$(above "$(days_between 2025-03-01 2025-03-06)" S21 | listed)" ]
    settled
    see
    sql "update miner_models set active = false where miner_model = 'S21'"
    run reconcile missing
    [[ "$output" == "verdict=ok "* ]]
    [ "$(written false)" = "0|0|0" ]
    [ -z "$(summed)" ]
    # What is taken away of it is not made again, and what is added elsewhere does not get it.
    sql "delete from historical_bitcoin_calculations where miner_model = 'S21' and settlement_date < '2025-03-06'"
    mended_by missing
    [ "$(such "miner_model = 'S21'")" = "$(such "miner_model = 'S9' and settlement_date = '2025-03-06'")" ]
    [ "$(sql "select count(*) from bitcoin_daily_summaries where miner_model = 'S21'")" = 1 ]
    settled
}

@test "a price that arrives or changes: the values of that day and above, and not one calculation" {
    see
    sql "insert into bitcoin_prices values ('2025-03-04', 'USD', 84000.5, 'x'), ('2025-03-05', 'EUR', 1, 'x')"
    mended_by missing
    [ "$(written false)" = "0|0|0" ]
    [ "$(summed)" = "$(above 2025-03-04 | listed)" ]
    [ "$(sql "select bool_and(value_at_mining = bitcoin_mined * 84000.5 and not price_assumed) from bitcoin_daily_summaries where settlement_date = '2025-03-04'")" = t ]
    settled
    see
    sql "update bitcoin_prices set price = 84001 where price_date = '2025-03-04'"
    mended_by date 2025-03-04
    [ "$(written false)" = "0|0|0" ]
    [ "$(summed)" = "$(above 2025-03-04 | listed)" ]
    [ "$(audit-calcs | wc -l)" -eq 1 ]
}

@test "wind that arrives: the sums of its day and above, and not one calculation" {
    see
    sql "insert into wind_generation select '2025-03-04', p, 100.5, 200 from generate_series(1, 48) p"
    mended_by missing
    [ "$(written false)" = "0|0|0" ]
    [ "$(summed)" = "day 2025-03-04, month 2025-03, year 2025" ]
    settled
}
