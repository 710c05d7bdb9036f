# Several machines, one server: hosts are network namespaces with names of their own, joined by a
# bridge to one PostgreSQL that listens there and nowhere else.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    [ "$(id -u)" -eq 0 ] || skip "only root can make network namespaces"
    net=wf$$
    ip netns add "${net}s" 2>/dev/null || skip "no network namespaces can be made here"
    ip netns exec "${net}s" true 2>/dev/null || { ip netns del "${net}s"; skip "no network namespace can be entered here"; }
    unshare --uts true 2>/dev/null || { ip netns del "${net}s"; skip "no host names of one's own can be had here"; }
    subnet=10.231.$((RANDOM % 256))
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    network
    server
}

teardown() {
    local host
    for host in s 1 2 3; do
        [ ! -e "/run/netns/$net$host" ] || power_cut "$host"
    done
    [ ! -d "$BATS_TEST_TMPDIR/server" ] || WINDFALL_STATE=$BATS_TEST_TMPDIR/server local-db destroy --yes
    for host in s 1 2 3; do
        [ ! -e "/run/netns/$net$host" ] || ip netns del "$net$host"
    done
    tear_down_all
}

# A bridge in the server's namespace, and a cable from it to each host.
network() {
    local host
    ip -n "${net}s" link add bridge type bridge
    ip -n "${net}s" addr add "$subnet.1/24" dev bridge
    ip -n "${net}s" link set bridge up
    ip -n "${net}s" link set lo up
    for host in 1 2 3; do
        ip netns add "$net$host"
        ip -n "${net}s" link add "port$host" type veth peer name eth0 netns "$net$host"
        ip -n "${net}s" link set "port$host" master bridge up
        ip -n "$net$host" addr add "$subnet.1$host/24" dev eth0
        ip -n "$net$host" link set eth0 up
        ip -n "$net$host" link set lo up
    done
}

# A server of this test's own that listens on the bridge.
server() {
    local state=$BATS_TEST_TMPDIR/server
    mkdir "$state"
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db start
    read -r socket <"$state/var/socket"
    echo "host windfall windfall $subnet.0/24 scram-sha-256" >>"$(readlink -f "$state/var/pg")/pg_hba.conf"
    psql -XAtq -h "$socket" -U postgres -d postgres -c "alter system set listen_addresses = '$subnet.1'" \
        -c "alter system set fsync = off" -c "alter user windfall password 'open sesame'"
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db stop
    WINDFALL_STATE=$state ip netns exec "${net}s" local-db start
}

# Six days of the month as it was made, on that server, without what is to be made again.
days_to_do() {
    needs_plain "the hosts share a server that has no engine"
    fresh_month 2025-03-06
    dump_db >"$BATS_TEST_TMPDIR/undisturbed"
    pg_dump -d "$DATABASE_URL" >"$BATS_TEST_TMPDIR/month.sql"
    DATABASE_URL="postgresql:///windfall?host=$socket&user=windfall"
    psql -Xqo /dev/null -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/month.sql"
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
    DATABASE_URL="postgresql://windfall:open%20sesame@$subnet.1/windfall" WINDFALL_STATE=$BATS_TEST_TMPDIR/host$host \
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

# The first begins a run; the others come to help when it is on its way.
all_work() {
    local host
    for host in 1 2 3; do
        on "$host" "$root/scripts/reconcile" all --resume --batch 1 >"$BATS_TEST_TMPDIR/out$host" 2>&1 3>&- &
        job[host]=$!
        until_done 1 1
    done
}

# Wait until N dates are claimed or done; by worker W if it is named.
until_done() {
    sql_until "(select count(*) >= $1 from reconciliation_run_dates where state in ('claimed', 'done') and claimed_by like 'host${2:-}%')"
}

# How each ended, and that nothing is left to do.
all_is_well() {
    [ "$(sql "select count(*) from reconciliation_runs where job = 'reconcile'")" = 1 ]
    [ "$(sql "select count(*), count(*) filter (where state = 'done') from reconciliation_run_dates")" = "6|6" ]
    dump_db >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after"
    [ "$(audit-calcs | wc -l)" -eq 1 ]
}

@test "three hosts share one run: no date is done twice, and the end is the undisturbed one" {
    days_to_do
    all_work
    for host in 1 2 3; do
        ended=0
        wait "${job[$host]}" || ended=$?
        cat "$BATS_TEST_TMPDIR/out$host"
        [ "$ended" -eq 0 ]
        [[ "$(cat "$BATS_TEST_TMPDIR/out$host")" == "verdict=mended job=reconcile "* ]]
    done
    all_is_well
    # Each host did its part, each date was claimed once and written once.
    [ "$(sql "select string_agg(distinct split_part(claimed_by, ':', 1), ' ' order by split_part(claimed_by, ':', 1)), max(attempts)
                from reconciliation_run_dates")" = "host1 host2 host3|1" ]
    [ "$(sql "select max(n) from (select count(distinct xmin::text) as n from historical_bitcoin_calculations group by settlement_date) x")" = 1 ]
}

@test "a host that dies in the middle loses what it held to the others" {
    days_to_do
    all_work
    until_done 1 2
    # The whole machine, between any two of its steps.
    power_cut 2
    wait "${job[2]}" || true
    # A quarter of an hour without a word from it goes by.
    sql "update reconciliation_run_dates set claimed_at = claimed_at - interval '20 minutes' where claimed_by like 'host2:%' and state = 'claimed'"
    for host in 1 3; do
        ended=0
        wait "${job[$host]}" || ended=$?
        cat "$BATS_TEST_TMPDIR/out$host"
        [ "$ended" -eq 0 ]
    done
    all_is_well
    [ "$(sql "select max(attempts) <= 2 from reconciliation_run_dates")" = t ]
}

@test "a host with a wrong password, and one outside, do not get in, and say so" {
    DATABASE_URL=x run on 1 env DATABASE_URL="postgresql://windfall:wrong@$subnet.1/windfall" find-missing
    [ "$status" -eq 77 ]
    [[ "$output" != *wrong* ]]
    ip -n "${net}3" addr flush dev eth0
    run on 3 env PGCONNECT_TIMEOUT=2 find-missing
    [ "$status" -eq 75 ]
}
