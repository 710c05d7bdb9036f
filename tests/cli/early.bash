# A private cluster as the first versions made it, for the tests of local-db and the drill: `load early` after helper.
#
#   early_data              make it, in a state folder of the test's own
#   upgrade_killed TIMES    local-db upgrade, killed so many times: nothing is lost, and it is done again
#
# shellcheck disable=SC2154,SC2317 # root, status and output are the suite's and run's; kill_midway calls the functions

# The data as the first versions made them: windfall is the superuser, and there is no other.
early_data() {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir "$WINDFALL_STATE"
    local-db start
    early=$(readlink -f "$WINDFALL_STATE/var")
    local-db psql -U postgres -XAtqc 'alter role windfall superuser'
    sed -i '/ postgres$/d' "$early/pg/pg_ident.conf"
    local-db restart
    local-db psql -XAtq -c 'create table kept as select n, n * n as square from generate_series(1, 1000) n' -c 'create database other' \
        -c 'create role windfall_reader' -c 'grant select on kept to windfall_reader'
}

kept() { local-db psql -XAtc "select sum(square), has_table_privilege('windfall_reader', 'kept', 'select') from kept"; }

upgrade_killed() {
    early_data
    before_kill() {
        [ -d "$early/pg.before" ] || return 0
        local-db stop
        rm -rf "$early/pg"
        mv "$early/pg.before" "$early/pg"
    }
    after_kill() {
        local-db start 2>/dev/null || return 1
        [ "$(kept)" = "333833500|t" ] || return 1
        [ ! -e "$early/pg.next" ] || return 1
        [ ! -e "$early/pg.whole" ]
    }
    kill_midway "$1" setsid "$root/scripts/local-db" upgrade
    run local-db upgrade
    [ "$status" -eq 0 ]
    [ "$(kept)" = "333833500|t" ]
    [ "$(local-db psql -XAtc "select rolsuper from pg_roles where rolname = 'windfall'")" = f ]
}
