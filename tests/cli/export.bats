# Views and tables as files that other programs read.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load sums

export_() { "$root/scripts/export" "$@"; }

setup() { cd "$BATS_TEST_TMPDIR" || return; }

bundled() {
    fresh_db
    the_day
}

@test "each table, view and column says what it is" {
    fresh_db
    sql "select c.relname from pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
            and c.oid not in (select objid from pg_depend where deptype = 'e')
            and coalesce(obj_description(c.oid, 'pg_class'), '') = ''
         union all
         select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
            and c.oid not in (select objid from pg_depend where deptype = 'e')
            and a.attnum > 0 and not a.attisdropped and coalesce(col_description(c.oid, a.attnum), '') = ''" >without
    echo "# without a comment: $(wc -l <without)" >&3
    [ ! -s without ] || { cat without; false; }
    "$root/scripts/export" --list >list
    [ "$(grep -c $'^half_hours\tview\t..' list)" -eq 1 ]
    [ "$(awk -F '\t' 'NR > 1 && $3 == ""' list)" = "" ]
}

@test "the views add up to the summaries, and their instants are those of London's days" {
    bundled
    for format in csv tsv; do
        export_ half_hours --format $format >half_hours
        [ "$(wc -l <half_hours)" -eq 49 ]
    done
    energy='trim_scale(sum(curtailed_mwh))' mined='sum(bitcoin_mined), sum(calculations)'
    [ "$(sql "select $energy > 0 from daily_summaries")" = t ]
    [ "$(sql "select $energy, trim_scale(sum(payment)), count(curtailed_mwh), sum(records) from half_hours")" = \
        "$(sql "select $energy, trim_scale(sum(payment)), 48, sum(records) from daily_summaries")" ]
    for view in farm_days days months; do
        [ "$(sql "select $energy from $view")" = "$(sql "select $energy from daily_summaries")" ]
    done
    for view in bitcoin_half_hours bitcoin_farm_days bitcoin_days bitcoin_months; do
        [ "$(sql "select $mined from $view")" = "$(sql "select $mined from bitcoin_daily_summaries")" ]
    done
    # A half hour without curtailment is a zero; one that was fetched and is not summed yet has no figure.
    [ "$(sql "select count(*) from half_hours where curtailed_mwh = 0")" = 3 ]
    sql "delete from period_summaries where settlement_period = 20"
    [ "$(sql "select curtailed_mwh is null and payment is null from half_hours where settlement_period = 20")" = t ]
    # The short and the long day of 2025, and a day of summer.
    sql "insert into daily_summaries select day::date, 0, 0, 0, 0, 0, 0, 0, 0, 0, settlement_periods(day::date)
           from unnest(array['2025-03-30', '2025-10-26', '2025-07-01']::date[]) day"
    [ "$(sql "set timezone = 'UTC'; select starts_at, ends_at - starts_at, state from days where settlement_date >= '2025-01-01' order by 1" | paste -sd ' ')" = \
        '2025-03-30 00:00:00+00|23:00:00|not_complete 2025-06-30 23:00:00+00|1 day|not_complete 2025-10-25 23:00:00+00|1 day 01:00:00|not_complete' ]
}

@test "a half hour is a row if it was fetched, or summed, or both" {
    bundled
    sql "delete from ingested_periods where settlement_period in (7, 8); delete from period_summaries where settlement_period in (8, 9)"
    [ "$(sql "select settlement_period, coalesce(status, 'none'), curtailed_mwh is not null, records is not null from half_hours
               where settlement_date = '2022-01-01' and settlement_period between 6 and 10 order by 1")" = \
        "6|final|t|t
7|none|t|t
9|final|f|f
10|final|t|t" ]
}

@test "half hours of a span of days are read from these days alone" {
    needs_plain "the plan is of pieces, which have names of their own"
    bundled
    # Both tables, and the days of archived years, by a part of their keys, and no more of them than that.
    sql "set enable_seqscan = off; explain select * from half_hours where settlement_date between '2022-01-01' and '2022-01-31'" >plan
    for table in ingested_periods period_summaries daily_summaries; do
        [ "$(grep -c "Index.*on ${table}[ _]\|Heap Scan on $table " plan)" -ge 1 ]
        [ "$(grep -A 3 "Index.*on ${table}[ _]" plan | grep -c "Index Cond: ((settlement_date >= '2022-01-01'")" -eq 1 ]
    done
}

@test "a span picks rows by day, month or year; the formats agree" {
    bundled
    [ "$(export_ farm_days 2022-01-01 | wc -l)" -eq 66 ]
    [ "$(export_ farm_days 2022 | wc -l)" -eq 66 ]
    [ "$(export_ farm_days 2022-02 | wc -l)" -eq 1 ]
    [ "$(export_ months 2022-01-05 | wc -l)" -eq 2 ]
    [ "$(export_ yearly_summaries --format csv 2021 | wc -l)" -eq 1 ]
    [ "$(export_ --format ndjson farm_days 2022-01-01 2022-01-02 | jq -r .curtailed_mwh | paste -sd + | bc)" = 62399.044166466 ]
    export_ miner_models >models
    head -n 1 models | grep -q '^miner_model,hashrate_ths,power_w,active'
    [ "$(wc -l <models)" -eq 4 ]
}

@test "a table of an SQLite file has the rows and the names, is replaced whole, and leaves others alone" {
    command -v sqlite3 >/dev/null || skip "sqlite3 is not here"
    bundled
    sql "update sites set owner = 'O''Brien \"& sons\"; drop table x --' where farm_id = 'T_FARR-1'"
    export_ farm_days 2022-01-01 --format sqlite --output 'my file.db'
    export_ sites --format sqlite --output 'my file.db'
    export_ miner_models --format sqlite --output 'my file.db'
    [ "$(sqlite3 'my file.db' 'select count(*), round(sum(curtailed_mwh), 6) from farm_days')" = '65|62399.044166' ]
    [ "$(sqlite3 'my file.db' "select count(*) from farm_days where curtailed_mwh > 1000")" = "$(sql 'select count(*) from farm_days where curtailed_mwh > 1000')" ]
    [ "$(sqlite3 'my file.db' "select owner from sites where farm_id = 'T_FARR-1'")" = "O'Brien \"& sons\"; drop table x --" ]
    # Null is null, and a truth is a number.
    [ "$(sqlite3 'my file.db' "select count(*) from sites where county is null")" = "$(sql 'select count(*) from sites where county is null')" ]
    [ "$(sqlite3 'my file.db' "select distinct active from miner_models")" = 1 ]
    [ "$(sqlite3 'my file.db' "select starts_at from farm_days limit 1")" = '2022-01-01 00:00:00+00' ]
    export_ farm_days 2022-02 --format sqlite --output 'my file.db'
    [ "$(sqlite3 'my file.db' 'select (select count(*) from farm_days), (select count(*) from sites)')" = "0|$(sql 'select count(*) from sites')" ]
    # What cannot be written is left as it was.
    status=0
    export_ days --format sqlite --output no/such/file.db 2>said || status=$?
    [ "$status" -eq 74 ]
    echo 'this is no database, and long enough to be read as one: it is a text' >text.db
    status=0
    export_ days --format sqlite --output text.db 2>said || status=$?
    [ "$status" -eq 74 ]
    grep -q 'this is no database' text.db
}

@test "Miller reads the CSV" {
    command -v mlr >/dev/null || skip "mlr is not here (package miller)"
    bundled
    export_ farm_days 2022-01-01 | mlr --icsv --ojson stats1 -a sum -f curtailed_mwh >sum
    [ "$(jq '.[0].curtailed_mwh_sum * 1000000 | round' sum)" = 62399044166 ]
}

@test "what cannot be is refused in words, a name with the one that is nearest" {
    fresh_db
    refused() { # STATUS WORDS ARGUMENT...
        local want=$1 words=$2
        shift 2
        run --separate-stderr export_ "$@"
        [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 64 'which view or table'
    refused 65 'there is no view or table farm_day; did you mean farm_days?' farm_day
    refused 65 'there is no view or table pg_authid' pg_authid
    refused 65 'there is no view or table curtailment_records_2022_01' curtailment_records_2022_01
    refused 65 "there is no view or table x; drop table days" 'x; drop table days'
    refused 64 'csv, ndjson, tsv or sqlite' days --format xml
    refused 64 'needs --output' days --format sqlite
    refused 64 'goes with --format sqlite' days --output x.db
    refused 64 'has no settlement days' sites 2025
    refused 64 'an invalid date' days 2025-02-30
    refused 64 'the range is reversed' days 2025-03-02 2025-03-01
    refused 64 'too many arguments' days 2025-03-02 2025-03-03 2025-03-04
    refused 64 'not a date' days '2025-01-01; drop table x'
    refused 64 'no such option' days --where 1=1
    refused 64 'do not go together' days --last 3 2025
    for format in csv ndjson tsv; do
        status=0
        export_ sites --format $format >/dev/full 2>said || status=$?
        [ "$status" -eq 74 ] || { echo "$format $status"; false; }
    done
}
