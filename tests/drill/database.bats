# What a database does to those that write to it: stops in the middle, is read-only, full, slow, locked, out of slots,
# somebody else's, older or newer.
# shellcheck disable=SC2034,SC2154 # root, stderr and logs are set by the suite and by run
load drill

setup_file() { section database; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    export WINDFALL_BACKUP=off
    mkdir -p "$BATS_TEST_TMPDIR/prices"
    put_prices "$BATS_TEST_TMPDIR/prices/prices.tsv" 2025-03-01 2025-03-02
    printf '%s\n' trade_id,product_id,side,trade_time,size,price,fee 101,BTC-USD,BUY,2024-05-01T10:00:01Z,0.5,100,0.1 \
        >"$BATS_TEST_TMPDIR/books.csv"
}

teardown() {
    local mounted
    for mounted in "$BATS_TEST_TMPDIR"/disk*; do
        [ ! -d "$mounted" ] || ! mountpoint -q "$mounted" || {
            [ ! -d "$mounted/var/pg" ] || WINDFALL_STATE=$mounted "$root/scripts/local-db" destroy --yes || true
            umount -l "$mounted"
        }
    done
    [ ! -d "$BATS_TEST_TMPDIR/own/var/pg" ] || WINDFALL_STATE=$BATS_TEST_TMPDIR/own "$root/scripts/local-db" destroy --yes
    tear_down_all
}

# For each way of storing something to store.
something_to_do() {
    sql "delete from curtailment_records where settlement_date > '2025-03-02' and settlement_period > 20;
         delete from ingested_periods where settlement_date > '2025-03-02' and settlement_period > 20;
         delete from historical_bitcoin_calculations where settlement_date > '2025-03-02'; delete from daily_summaries where settlement_date > '2025-03-02';
         delete from network_difficulty where block_height > 950000"
}

# Every way of storing, a line each.
storing() {
    cat <<-END
		fetch-elexon -q --store 2025-03-03
		calc-btc -q --store 2025-03-03
		rollup-summaries -q
		fetch-prices -q --store --file $BATS_TEST_TMPDIR/prices/prices.tsv
		fetch-difficulty -q --store --source file --file $root/sql/reference/difficulty-epochs.tsv
		import-trades -q --store $BATS_TEST_TMPDIR/books.csv
		miner-models add S21 --hashrate 200 --power 3500
		$root/scripts/reingest 2025-03-03
		$root/scripts/reconcile range 2025-03-01 2025-03-03
		$root/scripts/wanted span 2025-02-01 2025-02-02 --why drill
		$root/scripts/partitions ensure 30
	END
}

# refused NAME STATUSES MEANING: each way of storing ends with one of these statuses, one line of words, and no change.
refused() {
    local command before status name=$1 statuses=$2
    admin=${admin:-$DATABASE_URL}
    held_before >"$BATS_TEST_TMPDIR/before"
    while read -r command; do
        faults=$((${faults:-0} + 1))
        status=0
        # shellcheck disable=SC2086 # a command and its arguments
        "${under[@]}" $command >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
        if [[ " $statuses " != *" $status "* ]]; then
            broke "$name: $command" "status $status: $(tail -n 2 "$BATS_TEST_TMPDIR/out")"
        elif [ ! -s "$BATS_TEST_TMPDIR/out" ]; then
            broke "$name: $command" "status $status without a word"
        elif held_before >"$BATS_TEST_TMPDIR/now"; ! cmp -s "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/now"; then
            broke "$name: $command" "it changed something"
        else
            count_fault "$name: $command" 1 0 0 0 0
        fi
    done < <(storing | grep -Ev "${3:-^$}")
}

# By the administrator, whatever the tools' role may.
held_before() { DATABASE_URL=$admin held_now; }

@test "read-only: 77 from whatever stores, and nothing changes" {
    under=(env PGOPTIONS="-c default_transaction_read_only=on")
    something_to_do
    refused read-only 77
    nothing_broke
}

@test "a role that may read and not write: 77, and nothing changes" {
    something_to_do
    admin_sql "create role drill_$$ nologin; grant drill_$$ to windfall; grant usage on schema public to drill_$$; grant select on all tables in schema public to drill_$$"
    under=(env PGOPTIONS="-c role=drill_$$")
    # The months ahead are made by the owner's own function, which anybody may call.
    refused no-rights 77 partitions
    admin_sql "drop owned by drill_$$; drop role drill_$$"
    nothing_broke
}

@test "a schema of another version, newer or older: 78, and nothing changes" {
    something_to_do
    under=(env)
    newest=$(sql "select max(version) from schema_migrations")
    sql "insert into schema_migrations (version, name, checksum) values (999, 'of-tomorrow', 'x')"
    refused newer 78
    sql "delete from schema_migrations where version in (999, $newest)"
    # Jobs migrate, which is no fault; the tools alone are asked.
    refused older 78 scripts
    nothing_broke
}

@test "a lock that somebody holds longer than one waits: 75 in time, and then all is done" {
    forget_the_third
    undisturbed "$root/scripts/reingest" 2025-03-03
    before_fault() { forget_the_third; }
    for table in curtailment_records historical_bitcoin_calculations daily_summaries; do
        for limit in lock_timeout statement_timeout; do
            forget_the_third
            psql -XAtq -d "$DATABASE_URL" -c "begin; lock table $table in share mode; select pg_sleep(60)" >"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
            holder=$!
            for _ in {1..100}; do
                [ "$(sql "select count(*) from pg_locks where relation = '$table'::regclass and granted and mode = 'ShareLock'")" -eq 0 ] || break
                sleep 0.05
            done
            status=0
            began=$(now_ms)
            PGOPTIONS="-c $limit=700" "$root/scripts/reingest" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
            sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and datname = current_database()" >/dev/null
            wait "$holder" || true
            untruth=
            [ "$status" -eq 75 ] || untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")"
            [ $(($(now_ms) - began)) -lt 20000 ] || untruth="it waited for $(($(now_ms) - began)) ms"
            again "$root/scripts/reingest" 2025-03-03
            judge "$limit at $table"
        done
    done
    nothing_broke
}

# The tool reads in one session, which holds the day, and writes in another: no server sees that as a deadlock.
@test "a deadlock costs one of two: the tool says later, in time, and nothing is half" {
    forget_the_third
    fetch-elexon -q --store 2025-03-03
    before_fault() { sql "delete from historical_bitcoin_calculations where settlement_date > '2025-03-02'"; }
    undisturbed calc-btc -q --store 2025-03-03
    before_fault
    # The other has the table and wants the day; the tool has the day and wants the table.
    crossing historical_bitcoin_calculations 2025-03-03
    status=0
    WINDFALL_LOCK_WAIT=2s timeout 60 calc-btc -q --store 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
    wait
    untruth=
    [ "$status" -eq 75 ] || untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")"
    again calc-btc -q --store 2025-03-03
    judge deadlock
    nothing_broke
}

@test "the server stops at once in the middle of a COPY, again and again: 75, and all is there in the end" {
    # A server of its own, with the days.
    suite_url=$DATABASE_URL
    pg_dump -Fc -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/days.dump"
    (export WINDFALL_STATE=$BATS_TEST_TMPDIR/own
    unset DATABASE_URL
    mkdir "$WINDFALL_STATE"
    "$root/scripts/local-db" start 3>&-)
    read -r socket <"$BATS_TEST_TMPDIR/own/var/socket"
    psql -XAtq -h "$socket" -U windfall -d postgres -c "create database drill"
    export DATABASE_URL="postgresql:///drill?host=$socket&user=windfall"
    pg_restore -d "$DATABASE_URL" "$BATS_TEST_TMPDIR/days.dump"
    pid_file=$BATS_TEST_TMPDIR/own/var/pg/postmaster.pid
    forget_the_third
    before_fault() { forget_the_third; }
    undisturbed "$root/scripts/reingest" 2025-03-03
    hits=0
    for ((i = 0; i < $(rounds 10); i++)); do
        forget_the_third
        "$root/scripts/reingest" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
        job=$!
        chance 500
        sleep "0.$(printf %03d "$chosen")"
        # QUIT is the immediate stop.
        kill -QUIT "$(head -n 1 "$pid_file")"
        status=0
        wait "$job" || status=$?
        for _ in {1..100}; do [ -e "$pid_file" ] || break; sleep 0.05; done
        untruth=
        [ "$status" -eq 75 ] || [ "$status" -le 1 ] || untruth="status $status: $(tail -n 2 "$BATS_TEST_TMPDIR/out")"
        [ "$status" -ne 75 ] || hits=$((hits + 1))
        (unset DATABASE_URL; WINDFALL_STATE=$BATS_TEST_TMPDIR/own "$root/scripts/local-db" start 3>&-)
        again "$root/scripts/reingest" 2025-03-03
        judge "server stopped at once"
    done
    echo "$hits stops hit the job"
    [ "$hits" -gt 0 ]
    # And one whose slots are all taken.
    psql -XAtq -h "$socket" -U postgres -d drill -c "alter system set max_connections = 5" -c "alter system set superuser_reserved_connections = 0"
    something_to_do
    held_now >"$BATS_TEST_TMPDIR/held"
    (unset DATABASE_URL; export WINDFALL_STATE=$BATS_TEST_TMPDIR/own; "$root/scripts/local-db" restart 3>&-)
    # Longer than all that is tried: a number that is killed below must still be theirs.
    holders=
    for i in 1 2 3 4 5; do
        PGOPTIONS="-c client_connection_check_interval=200ms" psql -XAtq -d "$DATABASE_URL" -c "select pg_sleep(1000)" \
            >"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
        holders+=" $!"
    done
    sleep 1
    while read -r command; do
        faults=$((faults + 1))
        status=0
        # shellcheck disable=SC2086 # a command and its arguments
        $command >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
        if [ "$status" -eq 75 ]; then
            count_fault "no slot: $command" 1 0 0 0 0
        else
            broke "no slot: $command" "status $status: $(tail -n 2 "$BATS_TEST_TMPDIR/out")"
        fi
    done < <(storing)
    for pid in $holders; do hit TERM "$pid"; done
    for i in {1..100}; do
        [ "$(sql "select count(*) from pg_stat_activity where query like '%pg_sleep%'" 2>/dev/null)" != 1 ] || break
        sleep 0.1
    done
    held_now >"$BATS_TEST_TMPDIR/now"
    cmp "$BATS_TEST_TMPDIR/held" "$BATS_TEST_TMPDIR/now"
    DATABASE_URL=$suite_url
    nothing_broke
}

small_disk() {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
    mkdir -p "$1"
    chmod 755 "$BATS_TEST_TMPDIR"
    mount -t tmpfs -o "size=$2" tmpfs "$1" || skip "no small disk can be mounted here"
}

@test "the disk of the logs, of TMPDIR, of the archive full: the work is done or 74 says what is full" {
    before_fault() { forget_the_third; }
    undisturbed "$root/scripts/reingest" 2025-03-03
    for full in logs TMPDIR archive; do
        forget_the_third
        disk=$BATS_TEST_TMPDIR/disk-$full
        small_disk "$disk" 32k
        dd if=/dev/zero of="$disk/ballast" bs=4k >"$BATS_TEST_TMPDIR/dd" 2>&1 || true
        status=0
        untruth=
        case $full in
        logs)
            mkdir -p "$WINDFALL_STATE"
            rm -rf "$logs"
            ln -s "$disk" "$logs"
            "$root/scripts/reingest" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
            [ "$status" -eq 0 ] || untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")"
            rm "$logs" ;;
        TMPDIR)
            TMPDIR=$disk "$root/scripts/reingest" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
            [ "$status" -eq 0 ] || [ "$status" -eq 74 ] || untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")" ;;
        archive)
            fetch-elexon -q --store --archive "$disk" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
            [ "$status" -eq 74 ] || untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")"
            [ "$(find "$disk" -type f ! -name ballast | wc -l)" -eq 0 ] || untruth="a part of a file is left" ;;
        esac
        umount "$disk"
        again "$root/scripts/reingest" 2025-03-03
        judge "the disk of $full full"
    done
    nothing_broke
}

@test "the cluster's disk full in the middle: 74 or 75, and when there is room again, all is there" {
    disk=$BATS_TEST_TMPDIR/disk-cluster
    small_disk "$disk" 400m
    pg_dump -Fc -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/days.dump"
    suite_url=$DATABASE_URL suite_state=$WINDFALL_STATE
    chmod 755 "$disk"
    (unset DATABASE_URL; WINDFALL_STATE=$disk "$root/scripts/local-db" start 3>&-)
    read -r socket <"$disk/var/socket"
    psql -XAtq -h "$socket" -U windfall -d postgres -c "create database drill"
    export DATABASE_URL="postgresql:///drill?host=$socket&user=windfall"
    pg_restore -d "$DATABASE_URL" "$BATS_TEST_TMPDIR/days.dump"
    forget_the_third
    before_fault() { forget_the_third; }
    undisturbed "$root/scripts/reingest" 2025-03-03
    for ((i = 0; i < $(rounds 3); i++)); do
        forget_the_third
        psql -XAtq -h "$socket" -U postgres -d drill -c vacuum -c checkpoint
        # All but a little is taken; the data that come need more.
        dd if=/dev/zero of="$disk/ballast" bs=4k >"$BATS_TEST_TMPDIR/dd" 2>&1 || true
        chance 20
        truncate -s "-$((chosen * 4096))" "$disk/ballast"
        status=0
        "$root/scripts/reingest" 2025-03-03 >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
        untruth=
        [ "$status" -eq 0 ] || [ "$status" -eq 74 ] || [ "$status" -eq 75 ] ||
            untruth="status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out")"
        echo "round $i: status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-150)"
        rm "$disk/ballast"
        (unset DATABASE_URL; WINDFALL_STATE=$disk "$root/scripts/local-db" start 3>&-)
        again "$root/scripts/reingest" 2025-03-03
        judge "the cluster's disk full"
    done
    (unset DATABASE_URL; WINDFALL_STATE=$disk "$root/scripts/local-db" destroy --yes)
    DATABASE_URL=$suite_url WINDFALL_STATE=$suite_state
    nothing_broke
}
