# Several machines, one server: hosts are network namespaces with names of their own, joined by a
# bridge to one PostgreSQL that listens there and nowhere else.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

# The network and the server are those of all tests here; what the server holds is each test's own.
setup_file() {
    export HOSTS='' NO_HOSTS='' SUBNET=10.231.$((RANDOM % 256))
    [ "$(id -u)" -eq 0 ] || { NO_HOSTS="only root can make network namespaces"; return; }
    unshare --uts true 2>/dev/null || { NO_HOSTS="no host names of one's own can be had here"; return; }
    net=wf$$
    ip netns add "${net}s" 2>/dev/null || { NO_HOSTS="no network namespaces can be made here"; return; }
    HOSTS=$net
    ip netns exec "${net}s" true 2>/dev/null || { NO_HOSTS="no network namespace can be entered here"; return; }
    network
    server
}

teardown_file() {
    [ -n "$HOSTS" ] || return 0
    local host
    net=$HOSTS
    for host in s 1 2 3; do
        [ ! -e "/run/netns/$net$host" ] || power_cut "$host"
    done
    [ ! -d "$BATS_FILE_TMPDIR/server" ] || WINDFALL_STATE=$BATS_FILE_TMPDIR/server local-db destroy --yes
    for host in s 1 2 3; do
        [ ! -e "/run/netns/$net$host" ] || ip netns del "$net$host"
    done
}

setup() {
    [ -z "$NO_HOSTS" ] || skip "$NO_HOSTS"
    net=$HOSTS
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
}

teardown() {
    local host
    [ -z "${net:-}" ] || for host in 1 2 3; do power_cut "$host"; done
    tear_down_all
}

# A bridge in the server's namespace, and a cable from it to each host.
network() {
    local host
    ip -n "${net}s" link add bridge type bridge
    ip -n "${net}s" addr add "$SUBNET.1/24" dev bridge
    ip -n "${net}s" link set bridge up
    ip -n "${net}s" link set lo up
    for host in 1 2 3; do
        ip netns add "$net$host"
        ip -n "${net}s" link add "port$host" type veth peer name eth0 netns "$net$host"
        ip -n "${net}s" link set "port$host" master bridge up
        ip -n "$net$host" addr add "$SUBNET.1$host/24" dev eth0
        ip -n "$net$host" link set eth0 up
        ip -n "$net$host" link set lo up
    done
}

# A server that listens on the bridge.
server() {
    local state=$BATS_FILE_TMPDIR/server
    mkdir "$state"
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db start
    read -r SERVER_SOCKET <"$state/var/socket"
    export SERVER_SOCKET
    echo "host all windfall $SUBNET.0/24 scram-sha-256" >>"$(readlink -f "$state/var/pg")/pg_hba.conf"
    psql -XAtq -h "$SERVER_SOCKET" -U postgres -d postgres -c "alter system set listen_addresses = '$SUBNET.1'" \
        -c "alter system set fsync = off" -c "alter system set jit = off" -c "alter system set autovacuum = off" -c "alter user windfall password 'open sesame'"
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db stop
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db start
}

# days_to_do N - so many days of the month as it was made, on that server, without what is to be made again.
days_to_do() {
    needs_plain "the hosts share a server that has no engine"
    fresh_month "2025-03-0$1"
    dump_db >"$BATS_TEST_TMPDIR/undisturbed"
    pg_dump -d "$DATABASE_URL" >"$BATS_TEST_TMPDIR/month.sql"
    DATABASE=days_$BATS_TEST_NUMBER
    psql -XAtq -h "$SERVER_SOCKET" -U postgres -d postgres -c "create database $DATABASE owner windfall template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
    DATABASE_URL="postgresql:///$DATABASE?host=$SERVER_SOCKET&user=windfall"
    psql -Xqo /dev/null -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/month.sql"
    sql "analyze"
    sql "truncate historical_bitcoin_calculations, daily_summaries, bitcoin_daily_summaries, monthly_summaries,
                  bitcoin_monthly_summaries, yearly_summaries, bitcoin_yearly_summaries"
    # Some of it is to be fetched, too.
    sql "update ingested_periods set status = 'provisional' where settlement_period between 20 and 22"
}

# on HOST COMMAND... - on that machine, whose own all but the database is.
on() {
    local host=$1
    shift
    mkdir -p "$BATS_TEST_TMPDIR/host$host"
    DATABASE_URL="postgresql://windfall:open%20sesame@$SUBNET.1/${DATABASE:-windfall}" WINDFALL_STATE=$BATS_TEST_TMPDIR/host$host \
        setsid ip netns exec "$net$host" unshare --uts sh -c 'hostname "$0" && exec "$@"' "host$host" "$@"
}

# All that runs on that machine, and what that begets while it is killed.
power_cut() {
    local pids _
    for _ in {1..100}; do
        pids=$(ip netns pids "$net$1")
        [ -n "$pids" ] || return 0
        # shellcheck disable=SC2086 # a list
        kill -9 $pids 2>/dev/null || true
    done
}

# all_work HOST... - the first begins a run; the others come to help when it is on its way.
all_work() {
    local host
    for host in "$@"; do
        on "$host" "$root/scripts/reconcile" all --resume --batch 1 >"$BATS_TEST_TMPDIR/out$host" 2>&1 3>&- &
        job[host]=$!
        until_done 1 1
    done
}

# Wait until N dates are claimed or done; by worker W if it is named.
until_done() {
    sql_until "(select count(*) >= $1 from reconciliation_run_dates where state in ('claimed', 'done') and claimed_by like 'host${2:-}%')"
}

# all_is_well N - so many dates are done, and nothing is left to do.
all_is_well() {
    [ "$(sql "select count(*) from reconciliation_runs where job = 'reconcile'")" = 1 ]
    [ "$(sql "select count(*), count(*) filter (where state = 'done') from reconciliation_run_dates")" = "$1|$1" ]
    dump_db >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after"
    [ "$(audit-calcs | wc -l)" -eq 1 ]
}

@test "three hosts share one run: no date is done twice, and the end is the undisturbed one" {
    days_to_do 6
    all_work 1 2 3
    for host in 1 2 3; do
        ended=0
        wait "${job[$host]}" || ended=$?
        cat "$BATS_TEST_TMPDIR/out$host"
        [ "$ended" -eq 0 ]
        [[ "$(cat "$BATS_TEST_TMPDIR/out$host")" == "verdict=mended job=reconcile "* ]]
    done
    all_is_well 6
    # Each host did its part, each date was claimed once and written once.
    [ "$(sql "select string_agg(distinct split_part(claimed_by, ':', 1), ' ' order by split_part(claimed_by, ':', 1)), max(attempts)
                from reconciliation_run_dates")" = "host1 host2 host3|1" ]
    [ "$(sql "select max(n) from (select count(distinct xmin::text) as n from historical_bitcoin_calculations group by settlement_date) x")" = 1 ]
}

@test "a host that dies in the middle loses what it held to the other" {
    days_to_do 4
    all_work 1 2
    until_done 1 2
    # The whole machine, between any two of its steps.
    power_cut 2
    wait "${job[2]}" || true
    # A quarter of an hour without a word from it goes by.
    sql "update reconciliation_run_dates set claimed_at = claimed_at - interval '20 minutes' where claimed_by like 'host2:%' and state = 'claimed'"
    ended=0
    wait "${job[1]}" || ended=$?
    cat "$BATS_TEST_TMPDIR/out1"
    [ "$ended" -eq 0 ]
    all_is_well 4
    [ "$(sql "select max(attempts) <= 2 from reconciliation_run_dates")" = t ]
}

@test "a host with a wrong password, and one outside, do not get in, and say so" {
    DATABASE_URL=x run on 1 env DATABASE_URL="postgresql://windfall:wrong@$SUBNET.1/windfall" find-missing
    [ "$status" -eq 77 ]
    [[ "$output" != *wrong* ]]
    ip -n "${net}3" addr flush dev eth0
    run on 3 env PGCONNECT_TIMEOUT=2 find-missing
    [ "$status" -eq 75 ]
}
