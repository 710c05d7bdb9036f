# import-legacy: dumps of the documents' own tables, made by the real pg_dump, with what their history says went wrong.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load legacy

# problems FILE - "table problem rows" of a report.
problems() { awk -F '\t' 'NR > 1 && $2 != "read" { print $1, $2, $3 }' "$1"; }

# What is said of the dump as it is, into a file of this name: as the first test has found it, unless this one is run alone.
whole_report() {
    [ -s "$BATS_FILE_TMPDIR/first" ] || import "$whole" >"$BATS_FILE_TMPDIR/first"
    cp "$BATS_FILE_TMPDIR/first" "$1"
}

# reported TABLE PROBLEM - of how many rows the log of the import says that.
reported() {
    sed -n "s/.* msg=\"wrong in the earlier system\" table=$1 problem=$2 rows=\([0-9]*\) .*/\1/p" "$WINDFALL_STATE/logs/import-legacy_latest.log"
}

# spoilt SQL... - a dump of the earlier database with these changes, which are undone.
spoilt() {
    psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "create database ${OLD}_x template $OLD strategy file_copy"
    psql -XAtq -v ON_ERROR_STOP=1 -h "$SUITE_SOCKET" -U windfall -d "${OLD}_x" "$@"
    pg_dump -Fc -h "$SUITE_SOCKET" -U windfall "${OLD}_x" >spoilt.dump
    psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "drop database ${OLD}_x"
}

@test "what is right is said to be right; nothing is stored, and no scratch database stays" {
    fresh_db
    before=$(dump_db --exact)
    run --separate-stderr import "$whole"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${lines[0]}" = "$(printf 'table\tproblem\trows\tdays\tfirst\tlast\tamount\tunit\ttaken\twhat\texample')" ]
    [ "$(wc -l <<<"$output")" -eq 11 ]
    [ "$(grep -c $'\tread\t' <<<"$output")" -eq 10 ]
    records=$(old -c "select count(*) from curtailment_records")
    [[ "${lines[1]}" == $'curtailment_records\tread\t'"$records"$'\t\\N\t2022-01-01\t2022-01-01\t'*$'\tMWh\t'"$records rows"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    [ "$(scratches)" = "" ]
    printf '%s\n' "$output" >"$BATS_FILE_TMPDIR/first"
}

@test "stored: the volumes as provisional, bitcoin and sums anew, trades with a version; the second time nothing" {
    fresh_db
    began=$(date +%s%N)
    run --separate-stderr import --store "$whole"
    echo $((($(date +%s%N) - began) / 1000)) >"$BATS_FILE_TMPDIR/it-takes"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    records=$(old -c "select count(*) from curtailment_records")
    [[ "$output" == "verdict=mended job=import-legacy "*" records=$records periods=14 trades=4 problems=0 provisional=14 missing=0 stale=0 audit_differences=0 "* ]]
    [ "$(sql "select count(*), sum(volume), sum(payment) from curtailment_records")" = "$(old -c "select count(*), sum(volume), - sum(payment) from curtailment_records")" ]
    [ "$(sql "select distinct status, selection, fetched_at::date from ingested_periods")" = "provisional|earlier system|2022-01-02" ]
    # Nothing of theirs but the energy: whole machines, at most one less than their linear amount.
    [ "$(sql "select count(*) from historical_bitcoin_calculations")" -eq "$(old -c "select 3 * count(distinct (settlement_period, farm_id)) from curtailment_records")" ]
    audit-calcs -q
    [ "$(sql "select count(*) from daily_summaries where abs(curtailed_mwh + (select sum(volume) from curtailment_records)) < 0.000001")" = 1 ]
    [ "$(sql "select version, gain from fifo_versions where is_current")" = "1|1297.5" ]
    # What was stored is asked for again, and so is what was never fetched.
    [ "$(find-missing --periods --no-header 2022-01-01 | cut -f 3 | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" = " 14 provisional  34 unfetched " ]
    before=$(dump_db --exact)
    run --separate-stderr import --store "$whole"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok job=import-legacy "*" records=0 periods=0 trades=0 "* ]]
    [ "$(dump_db --exact)" = "$before" ]
    # The source has the last word: ids and stacks come with it, and the energy is the same.
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    [ "$(sql "select count(*) from ingested_periods where selection = 'earlier system'")" = 0 ]
    [ "$(sql "select - sum(volume) from curtailment_records where settlement_period between 20 and 33")" = "$(old -c "select - sum(volume) from curtailment_records")" ]
    # The third of the day that they have is the same; the rest they lack, and that is said.
    run --separate-stderr import "$whole"
    [ "$status" -eq 1 ]
    printf '%s\n' "$output" >report
    [ "$(problems report)" = "curtailment_records differs_from_here $(sql "select count(*) from ingested_periods where volume < 0 and settlement_period not between 20 and 33")" ]
    [ "$(scratches)" = "" ]
}

@test "what their history says went wrong is found, each by its name, and only that which can be is taken" {
    fresh_db
    spoilt -f "$root/tests/data/legacy/wrong.sql"
    run --separate-stderr import spoilt.dump
    echo "$output $stderr"
    [ "$status" -eq 1 ]
    printf '%s\n' "$output" >report
    problems report >found
    diff "$root/tests/data/legacy/wrong.expected" found
    # Of these the earlier database says itself how many there are: three models of each farm of the period that was spoilt.
    while read -r problem period; do
        [ "$(awk -v p="$problem" '$1 == "historical_bitcoin_calculations" && $2 == p { print $3 }' found)" = \
            "$(old -c "select 3 * count(distinct farm_id) from curtailment_records where settlement_period = $period")" ]
    done <<<$'default_difficulty 21\nold_difficulty 22\nno_difficulty 26\nno_such_difficulty 27'
    # Each has words, and an example that names it.
    run ! awk -F '\t' 'NR > 1 && $2 != "read" && ($10 == "\\N" || $11 == "\\N") { print; bad = 1 } END { exit !bad }' report
    # Line by line, where a person wants to see them.
    run --separate-stderr import --problem impossible_period spoilt.dump
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 4 ]
    [[ "${lines[1]}" == $'curtailment_records\t2024-10-27\tline '*' 2024-10-27 51 T_WLNYO-4'$'\tvolume -1\t1' ]]

    run --separate-stderr import --store spoilt.dump
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "* ]]
    # Period 20 of two runs, 21 of three, 22 twice in one: each row as often as the source has it.
    [ "$(sql "select settlement_period, count(*), sum(volume) from curtailment_records where settlement_period between 20 and 22 and settlement_date = '2022-01-01' group by 1 order by 1")" = \
        "$(old -c "select settlement_period, count(*), sum(volume) from curtailment_records where settlement_period between 20 and 22 group by 1 order by 1")" ]
    [ "$(sql "select settlement_date, settlement_period, farm_id, volume from curtailment_records where settlement_date <> '2022-01-01' order by 1, 2")" = \
        "$(printf '2022-01-02|5|T_WLNYO-4|-2\n2024-10-27|50|T_WLNYO-4|-1')" ]
    [ "$(sql "select count(*) from trade_records")" = 24 ]
    audit-calcs -q
    grep -q 'msg="wrong in the earlier system" table=curtailment_records problem=counted_again rows=' "$WINDFALL_STATE/logs/import-legacy_latest.log"
}

@test "a period that is here from the source stays, and what theirs has otherwise is said" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" --periods 20-21 2022-01-01
    before=$(sql "select * from curtailment_records order by settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number")
    spoilt -c "update curtailment_records set volume = volume - 1 where id in (select min(id) from curtailment_records where settlement_period = 20)"
    run --separate-stderr import spoilt.dump
    [ "$status" -eq 1 ]
    grep -q $'^curtailment_records\tdiffers_from_here\t1\t1\t2022-01-01\t2022-01-01\t1\tMWh\tno\t' <<<"$output"
    run --separate-stderr import --store spoilt.dump
    [ "$status" -eq 0 ]
    [ "$(sql "select * from curtailment_records where settlement_period in (20, 21) order by settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number")" = "$before" ]
    [ "$(sql "select count(*) from ingested_periods where selection = 'earlier system'")" = 12 ]
}

@test "every format of pg_dump, and the database itself, give one report; of no password there is a trace" {
    fresh_db
    whole_report first
    dump >plain.sql
    dump -Fd -f folder
    dump -Ft >tar
    gzip -c plain.sql >plain.sql.gz
    for form in plain.sql folder tar plain.sql.gz; do
        import "$form" >now
        cmp first now
    done
    # A password in the address is on no command line, in no log and in no message.
    export WINDFALL_LEGACY_URL="postgresql://windfall:S3cr3t-word@/$OLD?host=$SUITE_SOCKET"
    import --database >now
    cmp first now
    run --separate-stderr import --store --database
    [ "$status" -eq 0 ]
    run ! grep -rq S3cr3t-word "$WINDFALL_STATE"
    [[ "$output$stderr" != *S3cr3t* ]]
    WINDFALL_LEGACY_URL="postgresql://windfall:S3cr3t-word@/no_such?host=$SUITE_SOCKET" run --separate-stderr import --database
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the database of WINDFALL_LEGACY_URL: "*"no_such"*"does not exist"* ]]
    [[ "$stderr" != *S3cr3t* ]]
    run --separate-stderr import "postgresql://windfall:S3cr3t-word@/$OLD"
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"set WINDFALL_LEGACY_URL"* ]]
    [[ "$stderr" != *S3cr3t* ]]
}

@test "a hostile dump: nothing of it but rows reaches a server" {
    fresh_db
    before=$(dump_db --exact)
    dump >plain.sql
    # Commands of psql, statements, a copy from a program, rows of another table that look like the head of this one.
    {
        echo "\\! touch $BATS_TEST_TMPDIR/pwned"
        echo "drop table curtailment_records cascade; alter system set work_mem = '1GB';"
        echo "COPY public.curtailment_records FROM PROGRAM 'touch $BATS_TEST_TMPDIR/pwned';"
        echo "COPY public.notes (note) FROM stdin;"
        echo "COPY public.curtailment_records (settlement_date, settlement_period) FROM stdin;"
        printf '2022-01-01\t1\n'
        echo "\\."
        echo "COPY public.\"evil\"\"); drop table x; --\" (a) FROM stdin;"
        echo "\\."
        cat plain.sql
        echo "select pg_sleep(1000);"
    } >hostile.sql
    whole_report first
    run --separate-stderr import hostile.sql
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$output" = "$(cat first)" ]
    [ ! -e pwned ]
    # A name that is SQL, a tab, a backslash, bytes that are no text.
    sed '/^COPY public.curtailment_records /a 999991\t2022-01-01\t25\t'"x'); drop table legacy.records; --"'\t\\N\t-1\t-1\t1\t1\tt\tf\t\\N\
999992\t2022-01-01\t25\tT_A\\tB\\\\\t\\N\t-1\t-1\t1\t1\tt\tf\t\\N\
999993\t2022-01-01\t25\tT_\xff\t\\N\t-1\t-1\t1\t1\tt\tf\t\\N\
999994\t2022-01-01\t25' plain.sql >odd.sql
    run --separate-stderr import --store odd.sql
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(reported curtailment_records '[a-z_]*' | wc -l)" -eq 2 ]
    [ "$(reported curtailment_records unknown_unit)" -eq 2 ]
    [ "$(reported curtailment_records unreadable)" -eq 2 ]
    [ "$(sql "select count(*) from curtailment_records")" = "$(old -c "select count(*) from curtailment_records")" ]
}

@test "what is no dump of these tables, or most of which cannot be, is refused whole" {
    fresh_db
    before=$(dump_db --exact)
    dump >plain.sql
    dump --inserts >inserts.sql
    head -c 200000 plain.sql >cut.sql
    sed '/^-- PostgreSQL database dump complete/d' plain.sql >unended.sql
    cat plain.sql plain.sql >twice.sql
    echo hello >note.txt
    head -c 20000 "$whole" >cut.dump
    pg_dump "$DATABASE_URL" >own.sql
    sed 's/^\(COPY public.curtailment_records (.*\), volume,/\1, amount,/' plain.sql >other.sql
    sed -n '/^COPY public.daily_summaries/,/^\\\./p; $a -- PostgreSQL database dump complete' plain.sql >little.sql
    mkdir empty
    while IFS='|' read -r file says; do
        run --separate-stderr import --store "$file"
        echo "$file: $status $stderr"
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"$says"* ]]
    done <<-'END'
		inserts.sql|as INSERT statements, which are not run
		cut.sql|cut short, within rows
		unended.sql|does not end as a dump ends
		twice.sql|has bitcoin_daily_summaries twice, in public and in public
		note.txt|does not end as a dump ends
		cut.dump|cannot be read: pg_restore: error:
		own.sql|is a dump of Windfall itself
		other.sql|curtailment_records has no column volume
		little.sql|has neither curtailment_records nor trade_records
		empty|a folder without toc.dat
	END
    run --separate-stderr import nowhere.dump
    [ "$status" -eq 66 ]
    spoilt -c "update curtailment_records set settlement_period = 49 where id % 3 < 2"
    run --separate-stderr import --store spoilt.dump
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"rows of curtailment_records are impossible, so none is taken"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    [ "$(scratches)" = "" ]
}

@test "volumes that are all positive, and payments of the other sign, are a habit and are taken" {
    fresh_db
    spoilt -c "update curtailment_records set volume = - volume, payment = - payment" -c "truncate trade_records cascade"
    run --separate-stderr import --store spoilt.dump
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(reported curtailment_records positive_volumes)" -eq 1 ]
    [ "$(reported curtailment_records 'payment[a-z_]*')" = "" ]
    [ "$(sql "select sum(volume) from curtailment_records")" = "$(old -c "select sum(volume) from curtailment_records")" ]
}

@test "killed at any moment it leaves whole days or none, and the next run ends it" {
    # As long as the second test's import took, unless this one is run alone.
    MIDWAY=$(cat "$BATS_FILE_TMPDIR/it-takes" 2>/dev/null || :) import_killed 1
}
