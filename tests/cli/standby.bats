# More readers: a standby of PostgreSQL's own, made as docs/scale.md says, answers every question that the primary answers, and
# refuses what writes.
load helper
load month

setup() {
    make_month_archive
    export WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR/archive WINDFALL_SITE=off
    primary
    standby
}

teardown() {
    [ ! -e "$BATS_TEST_TMPDIR/copy/postmaster.pid" ] || as_server pg_ctl -D "$BATS_TEST_TMPDIR/copy" -s -m immediate -w stop
    [ ! -d "$BATS_TEST_TMPDIR/primary" ] || suite_db_of_its_own stop
}

# Two days of it are enough.
make_month_archive() {
    make_month
    mkdir -p "$BATS_TEST_TMPDIR/archive/balancing/settlement/stack/all/bid" "$BATS_TEST_TMPDIR/archive/balancing/settlement/stack/all/offer"
    local side
    for side in bid offer; do
        ln -s "$MONTH/balancing/settlement/stack/all/$side/2025-03-0"[123] "$BATS_TEST_TMPDIR/archive/balancing/settlement/stack/all/$side/"
    done
}

suite_db_of_its_own() {
    "$root/tests/suite-db" "$1" "$BATS_TEST_TMPDIR/primary"
}

# Into $backend: the primary's process that has such a lock on a table, as soon as there is one.
backend_with() {
    for _ in {1..200}; do
        backend=$(psql -XAtq -h "$PRIMARY_SOCKET" -U postgres -d postgres -c "select pid from pg_locks where locktype = 'relation' and $1 limit 1")
        [ -z "$backend" ] || return 0
        sleep 0.05
    done
    return 1
}

# As whoever the server runs as, who is not root.
as_server() {
    local who=()
    [ "$(id -u)" -ne 0 ] || who=(setpriv --reuid="$(stat -c %u "$data")" --regid="$(stat -c %g "$data")" --init-groups)
    (cd / && "${who[@]}" "$@")
}

primary() {
    local socket
    socket=$(suite_db_of_its_own start 2>"$BATS_TEST_TMPDIR/start")
    data=$(readlink -f "$BATS_TEST_TMPDIR/primary/var/pg")
    echo 'local replication all peer map=windfall' >>"$data/pg_hba.conf"
    psql -XAtq -h "$socket" -U postgres -d postgres -o /dev/null -c "select pg_reload_conf()" \
        -c "create database windfall2 template template_windfall owner windfall"
    PRIMARY="postgresql:///windfall2?host=$socket&user=windfall"
    export DATABASE_URL=$PRIMARY WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
    fetch-elexon -q --store 2025-03-01 2025-03-02
    calc-btc -q --store 2025-03-01 2025-03-02
    rollup-summaries -q 2025-03-01 2025-03-02 >"$BATS_TEST_TMPDIR/summed"
    PRIMARY_SOCKET=$socket
}

standby() {
    install -d -m 700 -o "$(stat -c %u "$data")" "$BATS_TEST_TMPDIR/copy"
    install -d -m 755 -o "$(stat -c %u "$data")" "$BATS_TEST_TMPDIR/run"
    chmod 755 "$BATS_TEST_TMPDIR"
    as_server pg_basebackup -h "$PRIMARY_SOCKET" -U postgres -D "$BATS_TEST_TMPDIR/copy" -R -c fast -C -S standby1
    as_server pg_ctl -D "$BATS_TEST_TMPDIR/copy" -l "$BATS_TEST_TMPDIR/copy/log" -w -s -o "-k $BATS_TEST_TMPDIR/run" start
    STANDBY="postgresql:///windfall2?host=$BATS_TEST_TMPDIR/run&user=windfall"
}

# Until the standby has what the primary has done so far.  A commit that the suite's server has not flushed yet is
# not sent: a message that waits for its own flush goes first.
caught_up() {
    local written _
    written=$(psql -XAtq -d "$PRIMARY" -c 'set synchronous_commit = on' -c "select pg_logical_emit_message(true, 'standby', '')" \
        -c 'select pg_current_wal_flush_lsn()' | tail -n 1)
    for _ in {1..200}; do
        [ "$(psql -XAtq -d "$STANDBY" -c "select pg_last_wal_replay_lsn() >= '$written'")" = f ] || return 0
        sleep 0.05
    done
    return 1
}

# The same answer and the same status from both.
same_of_both() {
    local here=0 there=0
    DATABASE_URL=$PRIMARY "$@" >"$BATS_TEST_TMPDIR/here" 2>"$BATS_TEST_TMPDIR/said" || here=$?
    DATABASE_URL=$STANDBY "$@" >"$BATS_TEST_TMPDIR/there" 2>"$BATS_TEST_TMPDIR/said" || there=$?
    echo "$*: $here, $there"
    [ "$there" -eq "$here" ] || { cat "$BATS_TEST_TMPDIR/said"; return 1; }
    [ "$here" -le 2 ] || return 1
    diff <(sed 's/^verdict=.*//' "$BATS_TEST_TMPDIR/here") <(sed 's/^verdict=.*//' "$BATS_TEST_TMPDIR/there")
}

@test "a standby answers what the primary answers, follows it, and refuses what writes" {
    psql -XAtq -d "$PRIMARY" -c "delete from historical_bitcoin_calculations where settlement_period = 7 and settlement_date = '2025-03-02'"
    caught_up
    [ "$(psql -XAtq -d "$STANDBY" -c 'select pg_is_in_recovery()')" = t ]
    same_of_both check-status
    same_of_both find-missing
    same_of_both find-missing --by-date 2025-03-01 2025-03-03
    same_of_both audit-calcs
    same_of_both report 2025-03-01
    same_of_both report 2025-03
    same_of_both summary --by half-hour --format tsv 2025-03-01
    same_of_both rank-farms --by owner 2025-03
    same_of_both trend storms
    same_of_both env export half_hours --format ndjson 2025-03
    same_of_both what-if --model S9 2025-03
    same_of_both reconcile status
    same_of_both reconcile all --dry-run
    [ "$(DATABASE_URL=$STANDBY find-missing | wc -l)" -gt 1 ]

    for job in "daily 2" "reconcile all" "reingest 2025-03-01" "fetch-elexon --store 2025-03-03" "calc-btc --store 2025-03-02"; do
        # shellcheck disable=SC2086 # the words of a command
        DATABASE_URL=$STANDBY run --separate-stderr $job
        echo "$job: $status $stderr"
        [ "$status" -eq 77 ]
    done
    [[ "$stderr" == *"in a read-only transaction"* || "$stderr" == *"during recovery"* ]]

    # What the primary stores the standby gives.
    DATABASE_URL=$PRIMARY calc-btc -q --store 2025-03-02
    caught_up
    [ "$(DATABASE_URL=$STANDBY find-missing | wc -l)" -eq 1 ]

    # A process of the server that is killed says nothing to its client, which waits for a table that somebody holds.
    psql -XAtq -d "$PRIMARY" -c "begin; lock table curtailment_records; select pg_sleep(30)" >/dev/null 2>&1 3>&- &
    backend_with "granted and mode = 'AccessExclusiveLock'"
    DATABASE_URL=$PRIMARY find-missing --recent 3 >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    waiting=$!
    backend_with "not granted"
    kill -9 "$backend"
    status=0
    wait "$waiting" || status=$?
    [ "$status" -eq 75 ]
    grep -q 'server closed the connection unexpectedly.*try again later' "$BATS_TEST_TMPDIR/said"

    # And when the primary is lost the standby takes its place.
    as_server pg_ctl -D "$data" -s -m immediate -w stop
    as_server pg_ctl -D "$BATS_TEST_TMPDIR/copy" -s -w promote
    DATABASE_URL=$STANDBY fetch-elexon -q --store 2025-03-03
    DATABASE_URL=$STANDBY run reconcile date 2025-03-03
    [ "$status" -eq 0 ]
    DATABASE_URL=$STANDBY audit-calcs -q
}
