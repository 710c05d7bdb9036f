# Months made ahead, and whole years put into files and brought back.
load helper
load asking
load calculations
load sums
load year

# Three years, and the same with 2023 in files, for those whose subject is what comes after that.
setup_file() {
    make_years
    export BATS_SUITE_TEST_NUMBER=away archive=$BATS_FILE_TMPDIR/archived
    fresh_db "$WORLD"
    local began
    began=$(date +%s%N)
    away >"$BATS_FILE_TMPDIR/said"
    echo $((($(date +%s%N) - began) / 1000)) >"$BATS_FILE_TMPDIR/it-takes"
    export AWAY=$TEST_DB
}

teardown_file() {
    TEST_DB=$WORLD tear_down_all
    TEST_DB=$AWAY tear_down_all
}

setup() {
    fresh_db "$WORLD"
    archive=$BATS_TEST_TMPDIR/the\ archive
}

# By date it is counted what the two other lists name, calculation by calculation and period by period.
audit_is_clean() {
    [ "$(audit-calcs | wc -l)" -eq 1 ]
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
    [ "$(rollup-summaries | wc -l)" -eq 0 ]
}

lists_are_empty() {
    [ "$(find-missing | wc -l)" -eq 1 ]
    [ "$(find-missing --periods | wc -l)" -eq 1 ]
}

# As if `away` had just been done, which the second test does.
been_away() {
    leave_db "$TEST_DB"
    copy_db "$AWAY" "$TEST_DB"
    been_copied
}

# As if the year had been copied into files without --drop.
been_copied() { cp -r "$BATS_FILE_TMPDIR/archived" "$archive"; }

@test "the world is right to begin with" {
    audit_is_clean
    lists_are_empty
}

@test "a year goes into files, the sums stay, and everything still adds up" {
    summaries=$(sql "table daily_summaries; table bitcoin_daily_summaries; table monthly_summaries; table yearly_summaries")
    # On the disk before the rows are dropped: the files, and then their folder's name.
    mkdir "$BATS_TEST_TMPDIR/seen"
    printf '#!/bin/sh\necho "$* of $PWD" >>"%s/synced"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/seen/sync"
    chmod +x "$BATS_TEST_TMPDIR/seen/sync"
    PATH=$BATS_TEST_TMPDIR/seen:$PATH run --separate-stderr away
    [ "$(sed "s/ of .*\.new/ of NEW/; s/ of \/.*//" "$BATS_TEST_TMPDIR/synced")" = "-f . of NEW"$'\n'"$archive" ]
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "$output" == "verdict=mended job=partitions "*" year=2023 records=577 calculations=1731 dropped=yes "* ]]
    [ "$(ls "$archive" "$archive/2023")" = "$archive:
2023

$archive/2023:
SHA256SUMS
curtailment_records.tsv.gz
historical_bitcoin_calculations.tsv.gz
ingested_periods.tsv.gz" ]
    for table in curtailment_records historical_bitcoin_calculations ingested_periods; do
        [ "$(sql "select count(*) from $table where settlement_date between '2023-01-01' and '2023-12-31'")" = 0 ]
    done
    [ "$(sql "select count(*) from pg_class where relname ~ '_2023_'")" = 0 ]
    [ "$(sql "select year, records, calculations, periods from archived_years")" = "2023|577|1731|17520" ]
    # The neighbours are whole, and no sum has changed.
    [ "$(sql "select count(*), count(distinct settlement_date) from curtailment_records")" = "432|3" ]
    [ "$(sql "table daily_summaries; table bitcoin_daily_summaries; table monthly_summaries; table yearly_summaries")" = "$summaries" ]
    audit_is_clean
    lists_are_empty
    [ "$(audit-calcs 2023-01-01 2023-12-31 | wc -l)" -eq 1 ]
    [ "$(rollup-summaries 2023-01-01 2023-12-31)" = "" ]
    [ "$(find-missing --by-date 2023-01-01 2023-12-31 | wc -l)" -eq 1 ]
    [ "$(sql "table daily_summaries; table bitcoin_daily_summaries; table monthly_summaries; table yearly_summaries")" = "$summaries" ]
    # Once more is nothing more.
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run away
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "the sums above an archived year are still audited and mended" {
    been_away
    sql "update monthly_summaries set curtailed_mwh = curtailed_mwh + 1 where year_month = '2023-03';
         update bitcoin_yearly_summaries set bitcoin_mined = 0 where year = '2023' and miner_model = 'S9'"
    run audit-calcs --no-header
    [ "$status" -eq 1 ]
    [[ "$output" == *$'month\t2023-03\tcurtailed_mwh'* ]]
    [[ "$output" == *$'bitcoin_year\t2023 S9\tbitcoin_mined'* ]]
    [ -n "$(rollup-summaries)" ]
    audit_is_clean
}

@test "which half hours of an archived year were fetched is known from its days: reports of them are as before" {
    half_hours() {
        "$root/scripts/trend" storms --format csv 2023
        "$root/scripts/trend" calms --format csv 2023
        "$root/scripts/summary" --by half-hour --format csv 2023-10-29
        "$root/scripts/plot" half-hours --format csv 2023-10-29
        "$root/scripts/plot" profile --format csv 2023
        for view in half_hours bitcoin_half_hours farm_days days; do
            "$root/scripts/export" $view 2023
        done
    }
    half_hours >"$BATS_TEST_TMPDIR/before"
    been_away
    half_hours >"$BATS_TEST_TMPDIR/after"
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    grep -q '^2023-0[1-3]-[0-9T:]*Z,2023-03-' "$BATS_TEST_TMPDIR/after"
    grep -q '^46,365,' "$BATS_TEST_TMPDIR/after"
}

@test "the page of an archived day has its farms, and claims no check that needs the records; status counts what is here" {
    page() { "$root/scripts/report" 2023-01-01 | sed -n '/lost most/,/^$/p'; }
    page >"$BATS_TEST_TMPDIR/before"
    grep -q '^  T_ODD' "$BATS_TEST_TMPDIR/before"
    been_away
    page | diff "$BATS_TEST_TMPDIR/before" -
    for span in 2023-01-01 2023-01 '2022-12-30 2023-01-02'; do
        # shellcheck disable=SC2086 # one day or two
        "$root/scripts/report" $span >"$BATS_TEST_TMPDIR/page"
        grep -qxF '  audit           not done: the records of 2023 are archived; partitions restore-year brings them back' "$BATS_TEST_TMPDIR/page"
        [ "$(grep -c 'reconciliation\|0 differences' "$BATS_TEST_TMPDIR/page")" -eq 0 ]
    done
    "$root/scripts/report" 2022-12-31 | grep -q '^  audit           0 differences'
    stored=$(sql "select count(*), sum(records), sum(period_farms), trim_scale(sum(curtailed_mwh)), trim_scale(sum(payment))
                    from daily_summaries where settlement_date < '2023-01-01' or settlement_date >= '2024-01-01'")
    run check-status --format json
    [ "$(jq -r '.stored | [.days, .records, .period_farms, .curtailed_mwh, .payment_gbp] | join("|")' <<<"$output")" = "$stored" ]
}

@test "restored, every row is as it was, the times of writing too, and it takes one command" {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    been_away
    run --separate-stderr "$root/scripts/partitions" restore-year 2023 --from "$archive"
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended job=partitions "*" missing=0 stale=0 orphan=0 "* ]]
    # No plan is made for tables that are taken for empty; those of an engine's pieces are its nodes' own to keep.
    [ -n "$SUITE_ENGINE" ] || [[ "$(sql "select count(*), count(*) filter (where reltuples < 1) from pg_class
               where relname ~ '^(curtailment_records|historical_bitcoin_calculations)_2023_' and pg_relation_size(oid) > 0
                 and relkind = 'r'")" == [1-9]*"|0" ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    audit_is_clean
    lists_are_empty
    # Twice is once: a run that was killed when all was done is run again.
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 0 ]
    [[ "${lines[-1]}" == "verdict=ok job=partitions "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/again"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/again"
    # Rows that are not those of the files are not restored over.
    sql "update curtailment_records set payment = payment + 1 where settlement_date = (select min(settlement_date) from curtailment_records where settlement_date >= '2023-01-01')"
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 64 ]
    [[ "$output" == *"with rows other than those in "* ]]
}

@test "what changed while it was away is mended when it is back" {
    been_away
    sql "insert into miner_models values ('NEW', 200, 3000); update miner_models set hashrate_ths = 14 where miner_model = 'S9'"
    # Of the year's last days another difficulty is known now than its calculations have: they cannot follow.
    sql "update network_difficulty set difficulty = 67305906902031.38975951, nbits = '17042e95' where block_height = 822528"
    run fetch-difficulty --store --file "$root/sql/reference/difficulty-epochs.tsv"
    [ "$status" -eq 0 ]
    [[ "$output" == *level=warning*"in force in 2023, archived: its calculations and sums keep them until it is restored"* ]] || { echo "$output"; false; }
    find-missing >"$BATS_TEST_TMPDIR/keys"
    calc-btc -q --store - <"$BATS_TEST_TMPDIR/keys"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summed"
    audit_is_clean
    [ "$(sql "select count(*) from bitcoin_yearly_summaries where miner_model = 'NEW'")" = 2 ]
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 0 ]
    audit_is_clean
    [ "$(sql "select count(*) from bitcoin_yearly_summaries where miner_model = 'NEW'")" = 3 ]
}

@test "without --drop it is a copy: the year stays, and the files are what is stored" {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run "$root/scripts/partitions" archive-year 2023 --to "$archive"
    [ "$status" -eq 0 ]
    [[ "$output" == *" dropped=no "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    # The rows in the files are what the tools read, but for the id that is none, which the filter refuses.
    [ "$(gzip -dc "$archive/2023/curtailment_records.tsv.gz" | grep -v T_ODD | calc-btc --no-header | awk -F '\t' '{ n += $9 * 1e8 } END { printf "%.0f", n }')" = \
        "$(sql "select (sum(bitcoin_mined) * 100000000)::bigint from historical_bitcoin_calculations
                where settlement_date between '2023-01-01' and '2023-12-31' and farm_id not like 'T\_ODD%'")" ]
    # Somebody changed a digit since: these files are no longer that year.
    sql "update curtailment_records set original_price = -12.5 where original_price = -12.50"
    run "$root/scripts/partitions" archive-year 2023 --to "$archive" --drop
    [ "$status" -eq 65 ]
    [[ "$output" == *"differs from what is stored of 2023"* ]]
    [ "$(sql "select count(*) from curtailment_records")" = 1009 ]
    run "$root/scripts/partitions" archive-year 2023 --to "$archive/other" --drop
    [ "$status" -eq 0 ]
}

@test "what changed between the comparison and the drop keeps the year, whichever table it is in" {
    local change table
    been_copied
    sql "create table kept as select * from ingested_periods"
    plan() {
        (cd "$archive/2023" && psql -XAtq -d "$DATABASE_URL" -v year=2023 -v host=here -v directory="$PWD" -v checksum=sum \
            -f "$root/sql/partitions/$1.sql" 2>&1)
    }
    for change in "update curtailment_records set volume = volume - 0.001" \
                  "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + 0.00000001" \
                  "delete from ingested_periods"; do
        sql "$change where settlement_date = '2023-12-31'"
        dump_db --exact >"$BATS_TEST_TMPDIR/before"
        run plan drop
        echo "$output"
        [ "$status" -eq 0 ]
        table=${change#update }
        table=${table#delete from }
        [[ "${lines[-1]}" == "differs ${table%% *} "* ]]
        [[ "$output" != *"dropped"* ]]
        dump_db --exact >"$BATS_TEST_TMPDIR/after"
        cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
        # Read on its own the comparison says the same, and what comes after the difference is not compared.
        [ "$(plan compare)" = "$output" ]
        case $table in
        curtailment*) sql "update curtailment_records set volume = volume + 0.001 where settlement_date = '2023-12-31'" ;;
        historical*) sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined - 0.00000001 where settlement_date = '2023-12-31'" ;;
        ingested*) sql "insert into ingested_periods select * from kept where settlement_date = '2023-12-31'" ;;
        esac
    done
    run plan drop
    [ "${lines[-1]}" = dropped ]
    [ "$(sql "select directory, checksum, records, calculations, periods from archived_years")" = "$archive/2023|sum|577|1731|17520" ]
}

@test "a year that is not right is not put away" {
    sql "delete from historical_bitcoin_calculations where settlement_date = '2023-12-31' and settlement_period = 5"
    run away
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" missing=9 "* ]]
    [ ! -e "$archive/2023" ]
    calc-btc -q --store 2023-12-31
    # An audit sees nothing of these, and nothing else sees a wrong sum.
    local as
    for as in provisional suspect; do
        sql "update ingested_periods set status = '$as' where settlement_date = '2023-05-05' and settlement_period = 5"
        rollup-summaries -q 2023-05-05 >"$BATS_TEST_TMPDIR/summed"
        run away
        [ "$status" -eq 1 ]
        [[ "$output" == "verdict=findings "*" unfetched=0 "*" audit_differences=0 "* ]]
        [[ "$output" == *" $as=1 "* ]]
    done
    sql "update ingested_periods set status = 'final';
         update monthly_summaries set payment = payment + 1 where year_month = '2023-05'"
    run away
    [ "$status" -eq 1 ]
    [[ "$output" =~ " unfetched=0 provisional=0 audit_differences="[1-9]" suspect=0 " ]]
    # A half hour that was never fetched, and whole days that are wanted.
    sql "delete from ingested_periods where settlement_date = '2023-05-05' and settlement_period = 5
            or settlement_date between '2023-05-09' and '2023-05-10'"
    rollup-summaries -q 2023-01-01 2023-05-10 >"$BATS_TEST_TMPDIR/summed"
    run away
    [ "$status" -eq 1 ]
    [[ "$output" == *" unfetched=97 provisional=0 audit_differences=0 "* ]]
    grep -q 'wanted gap accepts days that stay missing' "$WINDFALL_STATE/logs/partitions_latest.log"
    [ "$(sql "select count(*) from archived_years")" = 0 ]
    # What nobody wants, before history begins or in a gap, is no fault.
    sql "delete from ingested_periods where settlement_date between '2023-01-02' and '2023-03-25'"
    "$root/scripts/wanted" from 2023-03-26
    "$root/scripts/wanted" gap 2023-05-05 2023-05-10 --why "the machine was off"
    rollup-summaries -q 2023-01-01 2023-05-10 >"$BATS_TEST_TMPDIR/summed"
    run away
    [ "$status" -eq 0 ]
    grep -q 'will no longer be requested" days=83' "$WINDFALL_STATE/logs/partitions_latest.log"
}

@test "a damaged file is found before anything is dropped or restored" {
    been_copied
    cp -r "$archive/2023" "$BATS_TEST_TMPDIR/good"
    # Another byte than the one that is there.
    damaged=$archive/2023/historical_bitcoin_calculations.tsv.gz
    byte=$(od -An -tu1 -j300 -N1 "$damaged")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$damaged" bs=1 seek=300 conv=notrunc status=none
    run away
    [ "$status" -eq 65 ]
    [[ "$output" == *"is damaged"* ]]
    # One whose checksum was made to fit is found by its rows.
    gzip -dc "$BATS_TEST_TMPDIR/good/curtailment_records.tsv.gz" | sed '$d' | gzip -n >"$archive/2023/curtailment_records.tsv.gz"
    cp "$BATS_TEST_TMPDIR/good/historical_bitcoin_calculations.tsv.gz" "$archive/2023/"
    (cd "$archive/2023" && sha256sum ./*.gz | sed 's|\./||' >SHA256SUMS)
    run away
    [ "$status" -eq 65 ]
    run "$root/scripts/partitions" archive-year 2023 --to "$archive"
    [ "$status" -eq 65 ]
    [[ "$output" == *"differs from what is stored of 2023"* ]]
    [ "$(sql "select count(*) from curtailment_records")" = 1009 ]
    rm -r "$archive"
    been_away
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    # Whole, but not the copy that was dropped.
    gzip -dc "$BATS_TEST_TMPDIR/good/curtailment_records.tsv.gz" | sed '$d' | gzip -n >"$archive/2023/curtailment_records.tsv.gz"
    (cd "$archive/2023" && sha256sum ./*.gz | sed 's|\./||' >SHA256SUMS)
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 65 ]
    [[ "$output" == *"not the copy"* ]]
    truncate -s 1000 "$archive/2023/curtailment_records.tsv.gz"
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 65 ]
    sed -i '/curtailment_records/d' "$archive/2023/SHA256SUMS"
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 65 ]
    [[ "$output" == *"SHA256SUMS does not have curtailment_records.tsv.gz"* ]]
    run "$root/scripts/partitions" restore-year 2023 --from "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 64 ]
    [[ "$output" == *"the files were written to $(uname -n):$BATS_FILE_TMPDIR/archived/2023"* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "into a new database, too" {
    been_away
    sql "truncate archived_years, daily_summaries, bitcoin_daily_summaries, monthly_summaries, bitcoin_monthly_summaries,
                  yearly_summaries, bitcoin_yearly_summaries, farm_daily_summaries, bitcoin_farm_daily_summaries, period_summaries,
                  bitcoin_period_summaries, curtailment_records, historical_bitcoin_calculations, ingested_periods"
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 0 ]
    [ "$(sql "select curtailed_mwh, periods_ingested from yearly_summaries")" = \
        "$(sql "select trim_scale(round(sum(-volume), 9)), 17520 from curtailment_records")" ]
    audit_is_clean
}

@test "nothing is stored or corrected below an archived year" {
    been_away
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run fetch-elexon --store --base-url "file://$root/tests/data/archive" 2023-01-01
    # The archive of answers has no such day; the next one has one of its own.
    mkdir -p "$BATS_TEST_TMPDIR/answers"
    cp -r "$root/tests/data/archive/." "$BATS_TEST_TMPDIR/answers"
    for side in bid offer; do
        mv "$BATS_TEST_TMPDIR/answers/balancing/settlement/stack/all/$side/2022-01-01" "$BATS_TEST_TMPDIR/answers/balancing/settlement/stack/all/$side/2023-01-01"
        sed -i 's/2022-01-01/2023-01-01/g' "$BATS_TEST_TMPDIR/answers/balancing/settlement/stack/all/$side/2023-01-01"/*
    done
    run fetch-elexon --store --base-url "file://$BATS_TEST_TMPDIR/answers" 2023-01-01
    [ "$status" -eq 65 ]
    [[ "$output" == *"the year 2023 is archived: restore it first"* ]]
    run fix-difficulty 2023-12-30 2024-01-01 67305906902031
    [ "$status" -eq 65 ]
    [[ "$output" == *"2023: archived"* ]]
    run calc-btc --store 2023-01-01 2023-12-31
    [ "$status" -eq 0 ]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "check-status counts nothing of it as missing or unfetched, a new model either" {
    been_away
    sql "insert into miner_models values ('NEW', 200, 3000)"
    find-missing >"$BATS_TEST_TMPDIR/keys"
    calc-btc -q --store - <"$BATS_TEST_TMPDIR/keys"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summed"
    check-status --format prometheus >"$BATS_TEST_TMPDIR/status" || [ $? -le 2 ]
    for name in unfetched counted_missing counted_surplus; do
        grep -E "^windfall_[a-z_]*${name}[a-z_]* 0$" "$BATS_TEST_TMPDIR/status" ||
            { cat "$BATS_TEST_TMPDIR/status"; false; }
    done
}

@test "after the only year was archived, check-status says where it is, not that nothing was ever fetched" {
    sql "delete from curtailment_records where settlement_date not between '2023-01-01' and '2023-12-31';
         delete from historical_bitcoin_calculations where settlement_date not between '2023-01-01' and '2023-12-31';
         delete from ingested_periods where settlement_date not between '2023-01-01' and '2023-12-31'"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summed"
    away
    [ "$(sql "select count(*) from ingested_periods")" -eq 0 ]
    run --separate-stderr check-status --format json
    [ "$(jq -r '[.problems[].text | select(test("ever fetched"))] | length' <<<"$output")" -eq 0 ]
    [ "$(jq -r '[.problems[].text | select(test("archived \\(2023\\)"))] | length' <<<"$output")" -eq 1 ]
}

@test "killed at any moment, the year is in the database or in the files, and the next run goes on" {
    # As long as in setup_file.
    MIDWAY=$(<"$BATS_FILE_TMPDIR/it-takes") years_killed 1
}

@test "a signal while the year is dropped, or brought back, ends that: the server does nothing after the verdict" {
    waiters="from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())"
    before=$(dump_db --exact)
    # signalled TABLE MODE COMMAND...: while it waits for whoever holds the table so.
    signalled() {
        local table=$1 mode=$2 status=0 holder
        shift 2
        PGAPPNAME=holds psql -XAtq -d "$DATABASE_URL" -c "begin; lock table $table in $mode mode; select pg_sleep(60)" >/dev/null 2>&1 3>&- &
        holder=$!
        sql_until "exists (select from pg_locks where relation = '$table'::regclass and granted and lower(mode) = '${mode// /}lock')"
        "$root/scripts/partitions" "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        sql_until "exists (select $waiters)"
        began=$SECONDS
        kill -TERM $!
        wait $! || status=$?
        cat "$BATS_TEST_TMPDIR/out"
        [ "$status" -eq 143 ]
        [ $((SECONDS - began)) -lt 25 ]
        grep -q '^verdict=failed job=[a-z-]* .* status=143 ' "$BATS_TEST_TMPDIR/out"
        # What was asked of the server is not done once the holder has gone.  An engine that shards keeps sessions of its own.
        sql "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holds' and datname = current_database()" >"$BATS_TEST_TMPDIR/ended"
        wait "$holder" || true
        sql_until "not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
                                  and application_name not like 'citus_internal%')"
        [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
    }
    been_copied
    signalled curtailment_records "access share" archive-year 2023 --to "$archive" --drop
    [ "$(dump_db --exact)" = "$before" ]
    run away
    [ "$status" -eq 0 ]
    gone=$(dump_db --exact)
    signalled archived_years share restore-year 2023 --from "$archive"
    [ "$(dump_db --exact)" = "$gone" ]
    run "$root/scripts/partitions" restore-year 2023 --from "$archive"
    [ "$status" -eq 0 ]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "another job that holds a day of the year is waited for, then it is for later" {
    been_copied
    # It holds the day until somebody waits for it, and says so.
    psql -XAtq -d "$DATABASE_URL" -c "select pg_advisory_lock(hashtextextended('day 2023-06-06', 0))" -c "do \$\$ begin
            for turn in 1..2000 loop
                if exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())) then
                    raise notice 'waited for'; return;
                end if;
                commit;
                perform pg_sleep(0.02);
            end loop;
        end \$\$" >/dev/null 2>"$BATS_TEST_TMPDIR/holder" 3>&- &
    sql_until "exists (select from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database()))"
    run away
    [ "$status" -eq 0 ]
    wait
    grep -q 'waited for' "$BATS_TEST_TMPDIR/holder"
    audit_is_clean
}

@test "a full disk under the files is 74, and nothing is dropped" {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
    mkdir "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=16k tmpfs "$BATS_TEST_TMPDIR/small" || skip "no small disk can be mounted here"
    run "$root/scripts/partitions" archive-year 2023 --to "$BATS_TEST_TMPDIR/small" --drop
    umount "$BATS_TEST_TMPDIR/small"
    echo "$output"
    [ "$status" -eq 74 ]
    [ "$(sql "select count(*) from curtailment_records")" = 1009 ]
}

@test "the months ahead are made once, and the daily and monthly jobs see to them" {
    this=$(TZ=Europe/London date +%Y_%m)
    later=$(date -u -d "$(date -u +%Y-%m-15) +3 months" +%Y_%m)
    run --separate-stderr "$root/scripts/partitions" ensure
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"months=4"* ]]
    for table in curtailment_records historical_bitcoin_calculations; do
        [ "$(sql "select to_regclass('${table}_$this') is not null and to_regclass('${table}_$later') is not null")" = t ]
    done
    run --separate-stderr "$root/scripts/partitions" ensure
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    grep -q 'partitions" ensure' "$root/scripts/daily"
    grep -q 'partitions" ensure' "$root/scripts/monthly"
}

@test "a month whose partition somebody dropped is made again when its calculations are" {
    sql "drop table historical_bitcoin_calculations_2023_03"
    [ "$(find-missing --no-header | wc -l)" -eq $((46 * 9)) ]
    calc-btc -q --store 2023-03-26
    audit_is_clean
}

@test "list shows the months and the years in files" {
    been_away
    sql "select ensure_month('2030-01-01')" >/dev/null
    run "$root/scripts/partitions" list
    [ "$status" -eq 0 ]
    # Their sizes are those of the rows, on whichever server these are.
    [ "$(awk '$1 == "2022-12" { print $2 }' <<<"$output")" -gt "$(awk '$1 == "2030-01" { print $2 }' <<<"$output")" ]
    [[ "$output" != *"2023-03 "* ]]
    [[ "$output" == *"2023 "*"577"*"1731"*"17520"* ]]
}

@test "the wrong arguments: 64" {
    for arguments in "" "nonsense" "archive-year" "archive-year 23" "archive-year 2023 2024" "archive-year 2023 --to" "list 3" \
                     "ensure x" "archive-year 2999" "archive-year $(date +%Y)" "archive-year 2019" "archive-year 2023 --nonsense"; do
        # shellcheck disable=SC2086
        run "$root/scripts/partitions" $arguments
        echo "$arguments: $status $output"
        [ "$status" -eq 64 ]
    done
}
