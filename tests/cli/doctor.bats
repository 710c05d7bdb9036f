# doctor: one line for each thing that this installation needs, with its cure; nothing is changed.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    fresh_db
    export WINDFALL_BACKUP=off
    mkdir -p "$WINDFALL_STATE/etc/hooks.d"
    printf '#!/bin/sh\n' >"$WINDFALL_STATE/etc/hooks.d/keep"
    chmod 755 "$WINDFALL_STATE/etc/hooks.d/keep"
}

# The state, and after a | the cure, of the line of a check.
line_of() { awk -F '\t' -v name="$1" '$1 == name { print $2 "|" $4 }' <<<"$output"; }

@test "a database that is well: every line is a row, nothing is changed, and what is missing has its cure" {
    sql "update network_difficulty set in_force_until = '2100-01-01'
           where effective_from = (select max(effective_from) from network_difficulty)"
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    find "$WINDFALL_STATE" | sort >"$BATS_TEST_TMPDIR/files"
    run --separate-stderr doctor --offline
    echo "$output"
    echo "$stderr"
    [ "$stderr" = "" ]
    [ "${lines[0]}" = "check	state	found	cure" ]
    [ "$(awk -F '\t' 'NF != 4' <<<"$output" | wc -l)" -eq 0 ]
    for name in settings "state folder" disk logs database clock schema difficulty zone "zone of database" alerts backup; do
        [ "$(line_of "$name")" = "ok|" ]
    done
    [ "$(line_of partitions | cut -d '|' -f 1)" != "" ]
    # No line is bad but what the empty database has to say of its figures.
    [ "$(awk -F '\t' '$2 == "bad" && $1 != "figures" && $1 != "register"' <<<"$output")" = "" ]
    [[ "$(line_of schedule)" == "warn|windfall schedule install" || "$(line_of schedule)" == "ok|" ]]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
    find "$WINDFALL_STATE" | sort | diff "$BATS_TEST_TMPDIR/files" -
}

@test "a stale difficulty, old tables, a job that failed and one that is late: bad or warn, exit 1" {
    sql "delete from network_difficulty where effective_from > '2024-01-01'"
    sql "update network_difficulty set in_force_until = '2024-02-01' where in_force_until > '2024-02-01'"
    mkdir -p "$WINDFALL_STATE/var/jobs"
    printf '%s\n' ended=2026-01-02T03:00:00Z status=70 verdict=failed ms=1 last_good=2026-01-01T03:00:00Z >"$WINDFALL_STATE/var/jobs/daily"
    printf '%s\n' ended=2026-01-02T03:00:00Z status=0 verdict=ok ms=1 last_good=2026-01-02T03:00:00Z >"$WINDFALL_STATE/var/jobs/weekly"
    printf '%s\n' ended=2026-01-02T03:00:00Z status=70 verdict=failed ms=1 last_good= >"$WINDFALL_STATE/var/jobs/reconcile-status"
    run --separate-stderr doctor --offline
    [ "$status" -eq 1 ]
    [[ "$(line_of "job: reconcile-status")" == *"; windfall reconcile status" ]]
    [ "$(line_of difficulty)" = "bad|fetch-difficulty --store" ]
    [[ "$(line_of "job: daily")" == "bad|read $WINDFALL_STATE/logs/daily_latest.log; windfall daily" ]]
    [[ "$(line_of "job: weekly")" == "warn|"* ]]
    # What a power cut left of a file is said, and hides no other check; nor is a success of the year 2040 one.
    printf 'ended=garbage\nstatus=0\nverdict=ok\nlast_good=garbage\n' >"$WINDFALL_STATE/var/jobs/daily"
    : >"$WINDFALL_STATE/var/jobs/monthly"
    printf '%s\n' ended=2040-01-02T03:00:00Z status=0 verdict=ok ms=1 last_good=2040-01-02T03:00:00Z >"$WINDFALL_STATE/var/jobs/weekly"
    run --separate-stderr doctor --offline
    [ "$status" -eq 1 ]
    for name in daily monthly; do
        [ "$(line_of "job: $name")" = "warn|the next run writes it anew: windfall $name" ]
    done
    [[ "$(line_of "job: weekly")" == "warn|"* ]]
    [ "$(line_of backup)" != "" ]
    sql "delete from schema_migrations where version = (select max(version) from schema_migrations)"
    run --separate-stderr doctor --offline
    [ "$status" -eq 1 ]
    [ "$(line_of schema)" = "bad|windfall migrate" ]
    [ "$(line_of difficulty)" = "" ]
}

@test "the files of an archived year are looked at: whole, damaged, gone, on another machine" {
    folder=$BATS_TEST_TMPDIR/archive/2019
    mkdir -p "$folder"
    echo rows | gzip >"$folder/curtailment_records.tsv.gz"
    (cd "$folder" && sha256sum ./*.gz >SHA256SUMS)
    sql "insert into archived_years (year, host, directory, checksum, records, calculations, periods) values
        ('2018', 'elsewhere', '/a', repeat('a', 64), 1, 1, 1),
        ('2019', '$(uname -n)', '$folder', '$(sha256sum <"$folder/SHA256SUMS" | cut -d ' ' -f 1)', 1, 1, 1)"
    archive() { doctor --offline 2>/dev/null | awk -F '\t' -v name="archive $1" '$1 == name { print $2 "|" $3 }'; }
    [ "$(archive 2018)" = "ok|on elsewhere in /a (not checked from here)" ]
    [ "$(archive 2019)" = "ok|whole, in $folder" ]
    echo >>"$folder/curtailment_records.tsv.gz"
    [[ "$(archive 2019)" == "bad|$folder is damaged: ./curtailment_records.tsv.gz: FAILED" ]]
    # Nor is it whole where somebody has made new sums for what is there.
    (cd "$folder" && sha256sum ./*.gz >SHA256SUMS)
    [[ "$(archive 2019)" == "bad|$folder is damaged: SHA256SUMS: FAILED" ]]
    rm -r "$folder"
    [[ "$(archive 2019)" == "bad|$folder is not there, and the rows of that year are only in its files" ]]
}

@test "the register has its age: fetched, long ago, never" {
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_GAS-1', '2020-01-01', 'CCGT')"
    doctor_register() { doctor --offline 2>/dev/null | awk -F '\t' '$1 == "register" { print $2 "|" $3 "|" $4 }'; }
    [[ "$(doctor_register)" == "warn|"*" wind units of "*" units, never fetched|fetch-bmunits --store" ]]
    sql "insert into register_fetches values ('elexon', 2800, now() - interval '36 days')"
    [[ "$(doctor_register)" == "warn|"*", fetched 36 days ago|fetch-bmunits --store" ]]
    sql "update register_fetches set fetched_at = now() - interval '34 days 23 hours'"
    [[ "$(doctor_register)" == "ok|"*", fetched 34 days ago|" ]]
    sql "update register_fetches set fetched_at = now() - interval '1 day'"
    [[ "$(doctor_register)" == "ok|"*", fetched 1 day ago|" ]]
    sql "delete from bm_units"
    [[ "$(doctor_register)" == "bad|0 wind units of 0 units, fetched 1 day ago|fetch-bmunits --store" ]]
}

@test "no database, one that is out of reach, an invalid address: a line, no secret, and the other checks go on" {
    for address in "postgresql://me:S3cret@127.0.0.1:1/d" "postgresql://me:S3c@ret/x@h/d"; do
        DATABASE_URL=$address run --separate-stderr doctor --offline
        [ "$status" -eq 1 ]
        [[ "$(line_of database)" == "bad|"?* ]]
        [[ "$output$stderr" != *S3c* ]]
        [ "$(line_of zone)" = "ok|" ]
    done
    DATABASE_URL='' run --separate-stderr doctor --offline
    [ "$(line_of server)" = "bad|windfall init, or windfall migrate" ]
    [ ! -e "$WINDFALL_STATE/var/pg" ]
}

@test "wrong settings, a state folder that is not there, zone data that disagree, a secret that others may read" {
    echo WINDFALL_CURENCY=EUR >"$BATS_TEST_TMPDIR/conf"
    WINDFALL_CONF=$BATS_TEST_TMPDIR/conf run doctor --offline
    [ "$status" -eq 1 ]
    [ "$(line_of settings)" = "bad|correct that line; windfall config names each" ]
    WINDFALL_STATE=$BATS_TEST_TMPDIR/none run --separate-stderr doctor --offline
    [[ "$(line_of "state folder")" == "bad|create it"* ]]
    echo key >"$BATS_TEST_TMPDIR/key"
    chmod 644 "$BATS_TEST_TMPDIR/key"
    # Zone data without Europe/London: to date(1) it is UTC.
    mkdir "$BATS_TEST_TMPDIR/zones"
    TZDIR=$BATS_TEST_TMPDIR/zones COINBASE_KEY_FILE=$BATS_TEST_TMPDIR/key WINDFALL_BITCOIND_COOKIE=/nowhere run --separate-stderr doctor --offline
    [ "$status" -eq 1 ]
    [ "$(line_of zone)" = "bad|update the package tzdata, or Windfall" ]
    [ "$(line_of "exchange key")" = "bad|it must belong to $(id -un) or root, with mode 600" ]
    [[ "$output" == *"$BATS_TEST_TMPDIR/key: others may read or write it (mode 644)"* ]]
    [[ "$(line_of "node's cookie")" == "bad|correct its path"* ]]
    # What the tools would refuse is not well here: a folder, and a file of somebody else's.
    chmod 600 "$BATS_TEST_TMPDIR/key"
    COINBASE_KEY_FILE=$BATS_TEST_TMPDIR/key WINDFALL_BITCOIND_COOKIE=$BATS_TEST_TMPDIR run --separate-stderr doctor --offline
    [ "$(line_of "exchange key")" = "ok|" ]
    [[ "$output" == *"$BATS_TEST_TMPDIR: not a plain file"* ]]
    [ "$(id -u)" -eq 0 ] || return 0
    chown 65534 "$BATS_TEST_TMPDIR/key"
    COINBASE_KEY_FILE=$BATS_TEST_TMPDIR/key run --separate-stderr doctor --offline
    [[ "$output" == *"$BATS_TEST_TMPDIR/key: it belongs to somebody else"* ]]
}

@test "programs that are never run are named, for alerts and for changes: by their names, and who may write them" {
    mkdir -p "$WINDFALL_STATE/etc/changes.d"
    cp "$WINDFALL_STATE/etc/hooks.d/keep" "$WINDFALL_STATE/etc/changes.d/keep"
    run --separate-stderr doctor --offline
    [ -z "$(line_of changes)$(line_of "alert hook")" ]
    cp "$WINDFALL_STATE/etc/hooks.d/keep" "$WINDFALL_STATE/etc/changes.d/keep.sh"
    run --separate-stderr doctor --offline
    [ "$(line_of changes)" = "warn|rename it: at most 64 letters, digits, - and _" ]
    rm "$WINDFALL_STATE/etc/changes.d/keep.sh"
    chmod 775 "$WINDFALL_STATE/etc/changes.d/keep"
    run --separate-stderr doctor --offline
    [[ "$(line_of changes)" == "bad|chown it to"* ]]
    chmod 755 "$WINDFALL_STATE/etc/changes.d/keep"
    chmod 777 "$WINDFALL_STATE/etc/hooks.d"
    run --separate-stderr doctor --offline
    [[ "$(line_of "alert hook")" == "bad|chown it to"* ]]
}

@test "targets of alerts are named and nothing is sent; one that cannot be used is bad" {
    run --separate-stderr send-alert --targets </dev/null
    [ "$status" -eq 0 ]
    [ "$output" = "hook:keep" ]
    [ ! -e "$WINDFALL_STATE/var/alerts" ]
    cp "$WINDFALL_STATE/etc/hooks.d/keep" "$WINDFALL_STATE/etc/hooks.d/keep.sh"
    : >"$WINDFALL_STATE/etc/hooks.d/READ.ME"
    MAIL_TO=a@example.org SENDMAIL=/nowhere run --separate-stderr doctor --offline
    [ "$status" -eq 1 ]
    [ "$(line_of "alert hook")" = "warn|rename it: at most 64 letters, digits, - and _" ]
    [[ "$output" == *"keep.sh in $WINDFALL_STATE/etc/hooks.d is never run"* ]]
    [[ "$(line_of alerts)" == "bad|correct it in windfall.conf"* ]]
    rm "$WINDFALL_STATE"/etc/hooks.d/keep*
    run --separate-stderr doctor --offline
    [[ "$(line_of alerts)" == "warn|set MAIL_TO"* ]]
    [ -z "$(line_of "alert hook")" ]
}

@test "each source is asked once, its answer checked by its tool, and the time shown" {
    # shellcheck disable=SC2016
    stub fetch-elexon 'case "$*" in *"--periods 50"*) exec "$REAL/fetch-elexon" "$@" ;; esac; echo elexon >>"$WINDFALL_STATE/asked"; printf "h\nrow\n"'
    stub fetch-bmunits 'echo "ts=x level=error tool=t pid=1 msg=\"the answer is a page\"" >&2; exit 76'
    stub fetch-wind 'echo "ts=x level=error tool=t pid=1 msg=\"no host name resolves\"" >&2; exit 75'
    stub fetch-difficulty 'printf "h\n"'
    stub fetch-prices 'printf "h\n"'
    run --separate-stderr doctor
    [ "$status" -eq 1 ]
    grep -qE '^source: elexon	ok	1 row, as documented, [0-9]+ ms	$' <<<"$output"
    [ "$(wc -l <"$WINDFALL_STATE/asked")" -eq 1 ]
    [[ "$output" == *"source: register	bad	the answer is a page	it answers otherwise"* ]]
    [[ "$output" == *"source: wind	bad	no host name resolves ("*" ms)	see that this machine reaches it"* ]]
    [ "$(line_of zone)" = "ok|" ]
}
