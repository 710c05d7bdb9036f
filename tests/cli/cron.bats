# The crontabs: what they say, and what Debian's cron makes of them.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load elexon
load month

# The commands' lines, with and without a comment sign before them.
jobs_of() { grep -E '^#?[0-9*][^ ]* [^ ]+ [^ ]+ [^ ]+ [^ ]+ ' "$1"; }

@test "both crontabs are ones that Debian's cron takes: no %, no CRON_TZ, a newline at the end" {
    for file in "$root/cron/windfall.crontab" "$root/cron/windfall.cron.d"; do
        run grep -nE '^[^#]*%|CRON_TZ=|RANDOM_DELAY=' "$file"
        [ "$status" -eq 1 ]
        [ "$(tail -c 1 "$file" | od -An -tx1 | tr -d ' ')" = 0a ]
        for name in SHELL PATH MAILTO WINDFALL; do
            [ "$(grep -c "^$name=" "$file")" -eq 1 ]
        done
        # cron expands no variable in an assignment.
        run grep -nE '^#?[A-Z_]+=.*\$' "$file"
        [ "$status" -eq 1 ]
    done
    crontab -n "$root/cron/windfall.crontab"
    # The name it is installed by has no dot, or cron would pass over it.
    grep -q 'install -m 644 cron/windfall.cron.d /etc/cron.d/windfall$' "$root/cron/windfall.cron.d"
}

@test "both crontabs run the same jobs at the same times, each a script that is there" {
    diff <(jobs_of "$root/cron/windfall.crontab") <(jobs_of "$root/cron/windfall.cron.d" | sed 's/ windfall "/ "/')
    [ "$(grep -cE '^[0-9*].* windfall "' "$root/cron/windfall.cron.d")" -eq "$(grep -cE '^[0-9*]' "$root/cron/windfall.crontab")" ]
    jobs_of "$root/cron/windfall.crontab" >"$BATS_TEST_TMPDIR/jobs"
    grep -oE '"\$WINDFALL"/scripts/[a-z-]+' "$BATS_TEST_TMPDIR/jobs" | sed 's|.*/||' | sort -u >"$BATS_TEST_TMPDIR/scripts"
    while read -r script; do
        [ -x "$root/scripts/$script" ]
    done <"$BATS_TEST_TMPDIR/scripts"
    # Who prefers logrotate has each job's log in it.
    diff <(grep -vx spread "$BATS_TEST_TMPDIR/scripts") <(grep -oE 'logs/[a-z-]+\.log' "$root/cron/windfall.logrotate" | sed 's|.*/||; s|\.log$||' | sort -u)
}

@test "spread waits for this host's own number of seconds, and a nought before them is none" {
    mkdir "$BATS_TEST_TMPDIR/stubs"
    printf '#!/bin/sh\necho "slept $1"\n' >"$BATS_TEST_TMPDIR/stubs/sleep"
    chmod 755 "$BATS_TEST_TMPDIR/stubs/sleep"
    number=$(uname -n | cksum | cut -d ' ' -f 1)
    for seconds in 8 08 0090 90; do
        PATH=$BATS_TEST_TMPDIR/stubs:$PATH run "$root/scripts/spread" $seconds echo "then this"
        [ "$status" -eq 0 ]
        [ "$output" = "$(printf 'slept %d\nthen this' $((number % 10#$seconds)))" ]
    done
    for seconds in 0 00; do
        PATH=$BATS_TEST_TMPDIR/stubs:$PATH run "$root/scripts/spread" $seconds echo "then this"
        [ "$output" = "then this" ]
    done
}

# cron_at TIME FILE NAME LOG: Debian's cron with nothing but this table, its clock begun at TIME, until LOG
# has its verdict, for 30 s at most.  Its spool, /etc/cron.d, /run and /dev/shm are its own and empty, its
# processes end with it, and the host has a name for which `spread` pauses not at all.
cron_at() {
    [ "$(id -u)" -eq 0 ] || skip "only root can give cron a spool of its own"
    command -v cron >/dev/null || skip "cron is not installed"
    unshare --mount --uts --pid --fork true || skip "this system gives no one a spool of their own"
    # shellcheck disable=SC2016
    timeout -k 5 60 unshare --mount --uts --pid --fork --mount-proc sh -eu -c '
        mount --make-rprivate /
        hostname host4169
        mount -t tmpfs none /var/spool/cron
        mkdir -m 1730 /var/spool/cron/crontabs
        chgrp crontab /var/spool/cron/crontabs
        mount -t tmpfs none /etc/cron.d
        mount -t tmpfs none /run
        # Of what is in memory all but what this run of the tests has there itself, and its server.
        mkdir /run/shm
        mount --bind /dev/shm /run/shm
        mount -t tmpfs none /dev/shm
        for own in "$5" "$6"; do
            case $own in /dev/shm/*) own=${own#/dev/shm/} own=${own%%/*} ;; *) continue ;; esac
            [ ! -d "/dev/shm/$own" ] || continue
            mkdir "/dev/shm/$own"
            mount --bind "/run/shm/$own" "/dev/shm/$own"
        done
        : >"$5/crontab"
        mount --bind "$5/crontab" /etc/crontab
        if [ "$3" = crontab ]; then crontab "$2"; else install -m 644 "$2" "/etc/cron.d/$3"; fi
        env -i PATH="$PATH" TZ=UTC faketime -f "@$1" cron -f >/dev/null 2>&1 &
        n=0
        until grep -q "^verdict=" "$4" 2>/dev/null || [ $n -ge 150 ]; do
            sleep 0.2
            n=$((n + 1))
        done' sh "$1" "$2" "$3" "$4" "$BATS_TEST_TMPDIR" "$SUITE_SOCKET" 3>&-
}

# The shipped file, with what its comments tell to set: the place, and the rest in a file of settings.
filled_in() {
    printf '%s\n' "WINDFALL_STATE=$WINDFALL_STATE" "DATABASE_URL=dbname=$TEST_DB host=$SUITE_SOCKET user=windfall" \
        "WINDFALL_ELEXON_URL=file://$site" >"$BATS_TEST_TMPDIR/windfall.conf"
    sed -e "s|^WINDFALL=.*|WINDFALL=$root|" -e 's/ windfall "/ root "/' "$1"
}

# The sources are this test's own; two days that were not curtailed much.
days_before_yesterday() {
    fresh_db
    no_network
    # The last difficulty that the tree knows is taken to hold still.
    sql "update network_difficulty set in_force_until = '2079-01-01' where effective_from = (select max(effective_from) from network_difficulty)"
    site=$BATS_TEST_TMPDIR/site
    for ago in 2 1; do
        day=$(TZ=Europe/London date -d "$ago days ago" +%F)
        CREATED="$(date -u +%FT%H:%M:%SZ)" put_day "$site" "$day" "$(sql "select settlement_periods('$day')")"
    done
    {
        printf 'WINDFALL_CONF=%s\nWINDFALL_BIN=%s\n' "$BATS_TEST_TMPDIR/windfall.conf" "$WINDFALL_BIN"
        filled_in "$1"
    } >"$BATS_TEST_TMPDIR/table"
}

@test "installed as a user's crontab, Debian's cron runs daily at its hour, from its own bare environment" {
    days_before_yesterday "$root/cron/windfall.crontab"
    # A day on which the hour comes, on a clock that is about to strike it.
    cron_at "2026-11-25 02:59:56" "$BATS_TEST_TMPDIR/table" crontab "$WINDFALL_STATE/logs/daily_latest.log"
    [[ "$(tail -n 1 "$WINDFALL_STATE/logs/daily_latest.log")" == verdict=*" job=daily "*" missing=0 "*" unfetched=0 "* ]]
    [ "$(sql "select count(distinct settlement_date) from curtailment_records")" -eq 2 ]
    [ "$(find "$WINDFALL_STATE/logs" -name '*_latest.log' | wc -l)" -eq 1 ]
}

@test "installed as a file of /etc/cron.d, it runs realtime at its minute" {
    days_before_yesterday "$root/cron/windfall.cron.d"
    today=$(TZ=Europe/London date +%F)
    put_day "$site" "$today" "$(sql "select settlement_periods('$today')")"
    cron_at "2026-11-25 12:15:56" "$BATS_TEST_TMPDIR/table" windfall "$WINDFALL_STATE/logs/realtime_latest.log"
    [[ "$(tail -n 1 "$WINDFALL_STATE/logs/realtime_latest.log")" == verdict=*" job=realtime "*" unfetched=0 "* ]]
}
