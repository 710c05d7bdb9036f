# schedule: the lines for cron, written for the tree they lie in, and checked before.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

# A tree of its own, whose name has a blank, a quote and a percent sign, with a state of the user nobody.
setup() {
    tree="$BATS_TEST_TMPDIR/a tree's 5%"
    mkdir -p "$tree/bin" "$tree/sql/reference"
    cp -R "$root/scripts" "$root/cron" "$tree/"
    cp "$WINDFALL_BIN/with-settings" "$WINDFALL_BIN/with-db" "$tree/bin/"
    chmod 755 "$BATS_TEST_TMPDIR"
    state=$BATS_TEST_TMPDIR/state
    install -d -m 755 "$state"
    conf=$BATS_TEST_TMPDIR/windfall.conf
    printf '%s\n' "WINDFALL_STATE=$state" 'DATABASE_URL=postgresql://db.example/windfall' >"$conf"
    chmod 644 "$conf"
    unset WINDFALL_STATE WINDFALL_BIN DATABASE_URL
    export WINDFALL_CONF=$conf
}

# in_cron USER SCRIPT - the shell SCRIPT with $1 as schedule, with crontabs of its own and an empty /etc/cron.d.
in_cron() {
    [ "$(id -u)" -eq 0 ] || skip "only root can give cron a spool of its own"
    command -v cron >/dev/null || skip "cron is not installed"
    unshare --mount true || skip "this system gives no one a spool of their own"
    [ "$1" = root ] || chown "$1" "$state"
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount sh -eu -c '
        mount --make-rprivate /
        mount -t tmpfs none /var/spool/cron
        mkdir -m 1730 /var/spool/cron/crontabs
        chgrp crontab /var/spool/cron/crontabs
        mount -t tmpfs -o mode=755 none /etc/cron.d
        if [ "$1" = root ]; then exec sh -c "$2" "$3"; fi
        exec runuser -u "$1" -- sh -c "$2" "$3"' sh "$1" "$2" "$tree/scripts/schedule"
    echo "$output"
    echo "$stderr"
}

# How many lines of the crontab have no comment sign before them.
jobs_run() { grep -cE '^[0-9*]' "$root/cron/windfall.crontab"; }

@test "the lines run, in cron's shell and with % as cron reads it, the jobs of this tree at the times of the crontab" {
    "$tree/scripts/schedule" print >"$BATS_TEST_TMPDIR/lines"
    grep -E '^[0-9*]' "$BATS_TEST_TMPDIR/lines" >"$BATS_TEST_TMPDIR/jobs"
    diff <(cut -d ' ' -f 1-5 "$BATS_TEST_TMPDIR/jobs") <(grep -E '^[0-9*]' "$root/cron/windfall.crontab" | cut -d ' ' -f 1-5)
    for script in "$tree"/scripts/spread "$tree"/scripts/daily; do printf '#!/bin/sh\necho "%s $WINDFALL_CONF"; shift 2>/dev/null; [ $# -eq 0 ] || exec "$@"\n' "${script##*/}" >"$script"; done
    line=$(grep daily "$BATS_TEST_TMPDIR/jobs" | sed -E 's/^([^ ]+ ){5}(root )?//; s/ >.*//; s/\\%/%/g')
    [ "$(sh -c "$line")" = "spread $conf
daily $conf" ]
    run -1 grep -E '[^\\]%' "$BATS_TEST_TMPDIR/jobs"
}

@test "root's goes to /etc/cron.d for the owner of the state, twice is once, and remove leaves nothing" {
    # shellcheck disable=SC2016
    in_cron root '"$0" install; cp /etc/cron.d/windfall /etc/cron.d/was; "$0" install; cmp /etc/cron.d/windfall /etc/cron.d/was
        stat -c "%a %U" /etc/cron.d/windfall; ls -A /etc/cron.d; "$0" status; "$0" remove; ls -A /etc/cron.d; "$0" status || echo "status $?"'
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == "644 root" ]]
    [ "$(grep -c "^/etc/cron.d/windfall	.* .* .* .* .*	[a-z]*$" <<<"$output")" -eq "$(jobs_run)" ]
    [[ "$output" == *"status 1" ]]
    [ "$(grep -c '^windfall$' <<<"$output")" -eq 1 ]
}

@test "a user's goes beside what is in the crontab, and remove gives that back" {
    # shellcheck disable=SC2016
    in_cron nobody 'printf "%s\n" "MAILTO=me" "1 2 3 4 5 own job" | crontab -; "$0" install; "$0" install; crontab -l; "$0" status; "$0" remove; echo "after:"; crontab -l'
    [ "$status" -eq 0 ]
    [ "$(grep -c 'scripts/daily' <<<"$output")" -eq 1 ]
    [ "$(grep -c '^crontab of nobody	' <<<"$output")" -eq "$(jobs_run)" ]
    [[ "$output" == "MAILTO=me
1 2 3 4 5 own job
# begin windfall $tree
"*"after:
MAILTO=me
1 2 3 4 5 own job" ]]
    # What follows a block without its end is not taken for part of it.
    # shellcheck disable=SC2016
    in_cron nobody '"$0" install; { crontab -l | sed \$d; echo "1 2 3 4 5 own job"; } | crontab -; for verb in install remove; do "$0" $verb || echo "status $?"; done; crontab -l'
    [[ "$output" == "status 78"$'\n'"status 78"$'\n'*"own job" ]]
    [[ "$stderr" == *"the crontab of nobody has the line \\\"# begin windfall $tree\\\" and no \\\"# end windfall $tree\\\": add that below the jobs of Windfall (crontab -e)"* ]]
}

@test "what cron would not find is refused before a line is written" {
    # State only in the caller's environment.
    # shellcheck disable=SC2016
    in_cron nobody 'WINDFALL_STATE=/tmp "$0" install || echo "status $?"; crontab -l 2>/dev/null || echo none'
    [[ "$output" == "status 78
none" ]]
    [[ "$stderr" == *"cron would not use what you use (state $state;"*"in place of state /tmp;"*"put it into windfall.conf"* ]]
    # A database only there.
    # shellcheck disable=SC2016
    in_cron nobody 'PGHOST=other.example "$0" install || echo "status $?"'
    [ "$output" = "status 78" ]
    [[ "$stderr" == *"host=db.example"*"in place of"*"host=other.example"* ]]
    # Wrong settings, a state that is somebody else's, a script that may not be run.
    echo WINDFALL_CURENCY=EUR >>"$conf"
    # shellcheck disable=SC2016
    in_cron nobody '"$0" install || echo "status $?"'
    [ "$output" = "status 78" ]
    [[ "$stderr" == *"$conf:3: WINDFALL_CURENCY"* ]]
    sed -i '$d' "$conf"
    # shellcheck disable=SC2016
    in_cron root 'chown root "${0%/a tree*}/state"; "$0" install --user nobody || echo "status $?"; ls -A /etc/cron.d'
    [ "$output" = "status 78" ]
    [[ "$stderr" == *"nobody cannot write $state"* ]]
    chmod 700 "$tree/scripts/weekly"
    # shellcheck disable=SC2016
    in_cron nobody '"$0" install || echo "status $?"'
    [ "$output" = "status 78" ]
    [[ "$stderr" == *"nobody cannot run $tree/scripts/weekly"* ]]
}

@test "what refuses the lines, a folder or crontab, is named in one line with its reason" {
    # Lines of ours alone, of which one is an error: another may warn of a TMPDIR that is root's.
    one_error() {
        [ "$(grep -c 'level=error' <<<"$stderr") $(grep -vc '^ts=' <<<"$stderr")" = '1 0' ]
    }
    # shellcheck disable=SC2016
    in_cron root 'mount -o remount,ro /etc/cron.d; "$0" install || echo "status $?"'
    [ "$output" = "status 73" ]
    one_error
    [[ "$stderr" == *"cannot write in /etc/cron.d: Read-only file system"* ]]
    printf '%s\n' '#!/bin/sh' '[ "$1" = - ] || exit 0' 'cat >/dev/null' 'printf "%s\n" "-:3: bad minute" "errors in crontab file" >&2' 'exit 1' \
        >"$tree/bin/crontab"
    chmod 755 "$tree/bin/crontab"
    # shellcheck disable=SC2016
    in_cron nobody '"$0" install || echo "status $?"'
    [ "$output" = "status 77" ]
    one_error
    [[ "$stderr" == *"crontab refused the lines: -:3: bad minute errors in crontab file"* ]]
}

@test "another tree's file, and the same jobs in two places, are refused" {
    # shellcheck disable=SC2016
    in_cron root 'echo "# of another" >/etc/cron.d/windfall; "$0" install || echo "status $?"; "$0" remove; cat /etc/cron.d/windfall'
    [ "$output" = "status 78
# of another" ]
    [[ "$stderr" == *"is not of this installation"* ]]
    # shellcheck disable=SC2016
    in_cron root 'chown nobody "${0%/a tree*}/state"; runuser -u nobody -- "$0" install 2>&1 && runuser -u nobody -- "$0" remove 2>&1
        "$0" install; cat /etc/cron.d/windfall; runuser -u nobody -- "$0" install || echo "status $?"'
    [[ "$output" == *" nobody "*"/scripts/daily"*"status 78" ]]
    [[ "$stderr" == *"/etc/cron.d/windfall runs these jobs already"* ]]
}

@test "a user without a name, as a container may have, is told what is scheduled" {
    mkdir "$BATS_TEST_TMPDIR/names"
    cat >"$BATS_TEST_TMPDIR/names/id" <<-'END'
		#!/bin/sh
		case $* in -un) echo 'id: cannot find name for user ID 12345' >&2; echo 12345; exit 1 ;; -u) echo 12345 ;; *) exec /usr/bin/id "$@" ;; esac
	END
    chmod 755 "$BATS_TEST_TMPDIR/names/id"
    PATH="$BATS_TEST_TMPDIR/names:$PATH" run --separate-stderr "$tree/scripts/schedule" status
    [ "$status" -eq 1 ]
    [ "$output" = $'place\ttime\tjob' ]
    [ "$stderr" = "" ]
}
