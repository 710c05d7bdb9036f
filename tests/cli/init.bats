# init: from nothing to a set-up that doctor finds well; nothing is asked where there is no terminal.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

setup() {
    fresh_db
    state=$WINDFALL_STATE/new
    conf=$BATS_TEST_TMPDIR/etc/windfall.conf
    # That of the machine stays as it is, and root makes no user.
    me=()
    [ "$(id -u)" -ne 0 ] || me=(--user root)
    unset WINDFALL_STATE
}

@test "without a terminal nothing is asked: it is said what is missing, and nothing is made" {
    for arguments in "" "--private" "--state $state"; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr init "${me[@]}" --file "$conf" $arguments </dev/null
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"without a terminal init asks nothing: give --yes"* ]]
    done
    DATABASE_URL='' run --separate-stderr init "${me[@]}" --file "$conf" --state "$state" --yes
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"no database is named: give --private, or --database-url"* ]]
    run --separate-stderr init --database-url postgresql://me:S3cret@h/d --yes
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"set DATABASE_URL in the environment"* ]]
    [[ "$stderr" != *S3cret* ]]
    run --separate-stderr init --private --database-url d --yes
    [ "$status" -eq 64 ]
    run --separate-stderr init --state relative --yes
    [ "$status" -eq 64 ]
    [ ! -e "$conf" ]
    [ ! -e "$state" ]
}

@test "the database of the environment: settings, folder and tables are there, and doctor has looked" {
    run --separate-stderr init "${me[@]}" --file "$conf" --state "$state" --no-schedule --yes
    echo "$output"
    echo "$stderr"
    # The empty database has no figure that is bad.
    [ "$status" -le 1 ]
    [[ "$output" == "check	state	found	cure"*"schema	ok	"* ]]
    [ "$(grep -c "^settings	ok	1 file read	" <<<"$output")" -eq 1 ]
    [ "$(stat -c %a "$conf")" = 644 ]
    diff - "$conf" <<END
# Settings of Windfall: windfall.conf(5).
WINDFALL_STATE=$state
DATABASE_URL=$DATABASE_URL
END
    [ -d "$state" ]
    # Again, with other lines beside, and by the file alone.
    printf '%s\n' '# mine' WINDFALL_CURRENCY=GBP >>"$conf"
    cp "$conf" "$BATS_TEST_TMPDIR/was"
    DATABASE_URL='' WINDFALL_CONF=$conf run --separate-stderr init "${me[@]}" --no-schedule --yes
    [ "$status" -le 1 ]
    diff "$BATS_TEST_TMPDIR/was" "$conf"
}

@test "root's installation that the user of the jobs cannot read is refused before anything is made" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
    cp -R "$root/scripts" "$BATS_TEST_TMPDIR/closed"
    run --separate-stderr "$BATS_TEST_TMPDIR/closed/scripts/init" --user daemon --file "$conf" --state "$state" --private --yes
    echo "$stderr"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"daemon cannot run $BATS_TEST_TMPDIR/closed/scripts/migrate: put the installation where daemon may read it"* ]]
    [ ! -e "$conf" ]
    [ ! -e "$state" ]
}

@test "where WINDFALL_CONF is /dev/null no file of the machine is written in its place" {
    WINDFALL_CONF=/dev/null run --separate-stderr init "${me[@]}" --state "$state" --no-schedule --yes
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"WINDFALL_CONF is /dev/null, which keeps nothing: name a file with --file"* ]]
    [ ! -e "$state" ]
}

@test "a folder that cannot be made is one line, with the option that names another" {
    : >"$BATS_TEST_TMPDIR/file"
    run --separate-stderr init "${me[@]}" --file "$BATS_TEST_TMPDIR/file/etc/windfall.conf" --state "$state" --yes
    [ "$status/$(grep -c cannot <<<"$stderr")" = 73/1 ]
    [[ "$stderr" == *"cannot create $BATS_TEST_TMPDIR/file/etc, for which --file may name another: Not a directory"* ]]
}

@test "an address with a password makes the file private; one that nobody can use leaves no half of a file" {
    export DATABASE_URL="$DATABASE_URL&password=S3cret"
    # What others could have read of it, at each look of the rule.
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$WINDFALL_BIN"/* "$BATS_TEST_TMPDIR/bin"
    rm "$BATS_TEST_TMPDIR/bin/with-settings"
    printf '%s\n' '#!/bin/sh' "find '${conf%/*}' -type f -perm /044 >>'$BATS_TEST_TMPDIR/seen' 2>/dev/null" \
        "exec '$WINDFALL_BIN/with-settings' \"\$@\"" >"$BATS_TEST_TMPDIR/bin/with-settings"
    chmod 755 "$BATS_TEST_TMPDIR/bin/with-settings"
    export WINDFALL_BIN=$BATS_TEST_TMPDIR/bin
    # WINDFALL_CONF may name the file that is to be made.
    WINDFALL_CONF=$conf run --separate-stderr init "${me[@]}" --state "$state" --no-schedule --yes
    [ "$status" -le 1 ]
    [ "$(stat -c %a "$conf")" = 600 ]
    [ -e "$BATS_TEST_TMPDIR/seen" ]
    [ ! -s "$BATS_TEST_TMPDIR/seen" ]
    [ "$(WINDFALL_CONF=$conf DATABASE_URL='' with-settings --list --no-header DATABASE_URL | grep -c S3cret)" -eq 0 ]
    [[ "$output$stderr" != *S3cret* ]]
    # A state folder that no setting can name.
    cp "$conf" "$BATS_TEST_TMPDIR/was"
    run --separate-stderr init "${me[@]}" --file "$conf" --state "/a	b" --no-schedule --yes
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_STATE: it holds a control character"* ]]
    diff "$BATS_TEST_TMPDIR/was" "$conf"
    [ "$(ls -A "${conf%/*}")" = windfall.conf ]
}

@test "at a terminal it proposes, and takes what is typed" {
    command -v script >/dev/null || skip "script is not installed"
    printf '%s\n' "$conf" "$state" "postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=windfall" no >"$BATS_TEST_TMPDIR/typed"
    unset DATABASE_URL
    # The terminal stays open until it has ended.
    (while IFS= read -r line; do sleep 0.3; printf '%s\n' "$line"; done
        for _ in {1..300}; do [ ! -e "$BATS_TEST_TMPDIR/ended" ] || break; sleep 0.1; done) <"$BATS_TEST_TMPDIR/typed" |
        timeout 60 script -qec "init ${me[*]}; touch '$BATS_TEST_TMPDIR/ended'" /dev/null >"$BATS_TEST_TMPDIR/shown" 2>&1 || :
    cat "$BATS_TEST_TMPDIR/shown"
    grep -q '^DATABASE_URL=postgresql:///' "$conf"
    grep -qF "WINDFALL_STATE=$state" "$conf"
    grep -q 'Database: postgresql' "$BATS_TEST_TMPDIR/shown"
    grep -q 'ok    schema' "$BATS_TEST_TMPDIR/shown"
}
