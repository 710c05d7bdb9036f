# backup and restore, killed again and again.
# shellcheck disable=SC2154 # root is set by the suite
load ../cli/helper
load ../cli/month

setup() {
    fresh_month 2025-03-03
    no_network
    export WINDFALL_BACKUPS=$BATS_TEST_TMPDIR/backups
}

teardown() {
    local left
    for left in $(psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "select datname from pg_database where datname like '${TEST_DB}\\_before\\_%'"); do
        psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "drop database if exists \"$left\" with (force)"
    done
    tear_down_all
}

# What the killed one's sessions still do comes to its end first.
nobody_is_in() {
    local _
    for _ in {1..100}; do
        [ "$(psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "select count(*) from pg_stat_activity where datname ~ '^($TEST_DB|windfall_(verify|restore)_)'")" != 0 ] || return 0
        sleep 0.05
    done
}

@test "a backup that is killed at random leaves no file of that name that is not whole" {
    after_kill() {
        local file
        nobody_is_in
        for file in "$WINDFALL_BACKUPS"/windfall_*.dump; do
            [ ! -e "$file" ] || pg_restore -l "$file" >"$BATS_TEST_TMPDIR/list" || return 1
        done
    }
    kill_midway "${DRILL_ROUNDS:-10}" setsid "$root/scripts/backup"
}

@test "a restore that is killed at random leaves the old or the new, whole" {
    "$root/scripts/backup"
    saved=$(dump_db --exact)
    before_kill() { sql "delete from bm_units where farm_id > 'T_M'"; }
    before_kill
    changed=$(dump_db --exact)
    after_kill() {
        local now
        nobody_is_in
        now=$(dump_db --exact)
        [ "$now" = "$changed" ] || [ "$now" = "$saved" ]
    }
    kill_midway "${DRILL_ROUNDS:-10}" setsid "$root/scripts/restore" --yes
}
