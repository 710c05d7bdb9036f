# What `make install` leaves works by itself: for whoever runs it, with its state elsewhere.
#
# bats sets $stderr.
# shellcheck disable=SC2154
load helper

setup_file() {
    # Where anybody may enter, whoever runs the tests; the umask is a careful administrator's.
    place=$(mktemp -d /tmp/windfall-install.XXXXXX)
    chmod 755 "$place"
    # Another version was there before, with a migration that this one has not, a job, a page and a file for others.
    mkdir -p "$place/a root/opt/lib/windfall/sql"
    echo 'create table later ();' >"$place/a root/opt/lib/windfall/sql/999-later.sql"
    for other in "JOBS=demo sbom" "FOR_OTHERS=docs/scale.md" ""; do
        (umask 077 && make -s -C "${BATS_TEST_DIRNAME%/tests/cli}" BIN="$WINDFALL_BIN" BUILD="${TEST_BUILD:-build}" \
            DESTDIR="$place/a root" PREFIX=/opt ${other:+"$other"} install)
    done
    export place installed="$place/a root/opt" home="$place/a root/opt/lib/windfall"
    cp -R "${BATS_TEST_DIRNAME%/cli}/data/archive" "$place/"
    chmod -R a+rX "$place/archive"
}

teardown_file() {
    rm -rf "$place"
}

setup() {
    # The tree under test must not help the installed one.
    PATH=/usr/local/bin:/usr/bin:/bin
    unset WINDFALL_HOME WINDFALL_STATE
}

teardown() {
    [ ! -e "$place/state" ] || as_nobody WINDFALL_STATE="$place/state" "$home/scripts/local-db" destroy --yes
    rm -rf "$place/state"
    tear_down_all
}

# Run as somebody who owns nothing and whose environment is bare.
as_nobody() {
    cd / && setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME=/nonexistent "$@"
}

@test "every tool stands in bin, has its man page, and finds its tree from there" {
    for tool in "${BATS_TEST_DIRNAME%/tests/cli}"/src/*.c; do
        tool=$(basename "$tool" .c)
        "$installed/bin/$tool" --version | grep -q Windfall
        [ -r "$installed/share/man/man1/$tool.1" ]
    done
    run --separate-stderr env -i "$installed/bin/fetch-elexon" --base-url "file://$place/archive" 2022-01-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3526 ]
}

@test "a program away from its tree says which variable names one" {
    cp "$installed/bin/calc-btc" "$BATS_TEST_TMPDIR/"
    printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_X-1\t-1.525\n' >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr "$BATS_TEST_TMPDIR/calc-btc" --difficulty 113757508810853 --subsidy 3.125 <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 78 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"no folder above this program holds sql/; set WINDFALL_HOME to the one that does"* ]]
    WINDFALL_HOME=$home run --separate-stderr "$BATS_TEST_TMPDIR/calc-btc" --difficulty 113757508810853 --subsidy 3.125 --model S19J_PRO \
        --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [[ "$output" == *"	0.00115128" ]]
}

@test "windfall stands beside them, with its page, and finds jobs and tools" {
    [ -r "$installed/share/man/man1/windfall.1" ]
    [ -r "$installed/share/man/man1/windfall-summary.1" ]
    [ -r "$installed/share/man/man7/windfall.7" ]
    [ -r "$installed/share/man/man5/windfall-tables.5" ]
    grep -q '^\.Nm windfall daily' "$installed/share/man/man8/windfall-daily.8"
    [ -r "$installed/share/bash-completion/completions/windfall" ]
    [ -r "$installed/share/zsh/site-functions/_windfall" ]
    run --separate-stderr env -i PATH="$PATH" "$installed/bin/windfall" --version
    [ "$status" -eq 0 ]
    [[ "$output" == "windfall (Windfall) "* ]]
    for name in $(env -i PATH="$PATH" "$installed/bin/windfall" --commands); do
        env -i PATH="$PATH" WINDFALL_STATE="$BATS_TEST_TMPDIR" "$installed/bin/windfall" "$name" --help | grep -q "^usage: $name"
    done
}

@test "make uninstall removes what install put there, all of it and nothing else" {
    # Beside things of the same folders that are somebody's, and a link that leads elsewhere.
    cp -a "$place/a root" "$BATS_TEST_TMPDIR/a root"
    there="$BATS_TEST_TMPDIR/a root/opt"
    ln -sf /bin/true "$there/bin/calc-btc"
    echo mine >"$there/bin/mine"
    echo mine >"$there/lib/windfall/sql/mine.sql"
    for _ in once again; do
        run make -s -C "${BATS_TEST_DIRNAME%/tests/cli}" DESTDIR="$BATS_TEST_TMPDIR/a root" PREFIX=/opt uninstall
        [ "$status" -eq 0 ]
        [ "$(cd "$there" && find . ! -type d | sort)" = $'./bin/calc-btc\n./bin/mine\n./lib/windfall/sql/mine.sql' ]
        [[ "$output" == *"stay:"*"/lib/windfall/sql/mine.sql" ]]
    done
    rm "$there/lib/windfall/sql/mine.sql"
    run make -s -C "${BATS_TEST_DIRNAME%/tests/cli}" DESTDIR="$BATS_TEST_TMPDIR/a root" PREFIX=/opt uninstall
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [ ! -e "$there/lib/windfall" ]
}

@test "nothing of the workshop is installed, and nothing that only its owner may read" {
    [ ! -e "$home/bench" ]
    [ ! -e "$home/bin/.gitkeep" ]
    [ ! -e "$home/var" ]
    run find "$place/a root/opt" ! -type l ! -perm -o=r
    [ "$output" = "" ]
    run find "$place/a root/opt" -type d ! -perm -o=x
    [ "$output" = "" ]
}

@test "the crontabs name the place where it was installed" {
    grep -qx 'WINDFALL=/opt/lib/windfall' "$home/cron/windfall.cron.d"
    grep -qx 'WINDFALL=/opt/lib/windfall' "$home/cron/windfall.crontab"
    run grep -r /usr/local/lib/windfall "$home"
    [ "$output" = "" ]
}

@test "of another version that was installed here nothing is left" {
    [ ! -e "$home/sql/999-later.sql" ]
    diff <(cd "${BATS_TEST_DIRNAME%/tests/cli}/sql" && ls [0-9]*.sql) <(cd "$home/sql" && ls [0-9]*.sql)
    [ ! -e "$home/scripts/demo" ]
    [ ! -e "$home/scripts/sbom" ]
    [ ! -e "$installed/share/doc/windfall/docs/scale.md" ]
    # What is there is what the list of the installation has, by which an older version that comes next removes it.
    diff <(cd "$place/a root" && find opt ! -type d ! -name .installed | sed 's|^|/|' | LC_ALL=C sort) "$home/.installed"
}

@test "a job runs from there with its state elsewhere, and writes nothing into the installed tree" {
    fresh_db
    WINDFALL_ELEXON_URL=file://$place/archive run --separate-stderr "$home/scripts/reingest" 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended"* ]]
    [ "$(sql "select sum(volume) from curtailment_records")" = -62399.044166454179 ]
    [ -s "$WINDFALL_STATE/logs/reingest_latest.log" ]
    [ ! -e "$home/var" ]
    [ ! -e "$home/logs" ]
}

@test "a script that is linked from elsewhere, and from there again, finds its tree" {
    fresh_db
    links="$BATS_TEST_TMPDIR/a path"
    mkdir -p "$links/again"
    for script in "$home"/scripts/*; do
        name=${script##*/}
        [ -f "$script" ] && [ -x "$script" ] || continue
        ln -s "$script" "$links/$name"
        ln -s "../$name" "$links/again/$name"
        # alert and deps are for other programs, and say how they are called on standard error.
        "$links/again/$name" --help 2>&1 | grep -q "^usage: $name"
    done
    PATH=$links/again:$PATH
    WINDFALL_ELEXON_URL=file://$place/archive run --separate-stderr reingest 2022-01-01 --periods 1-2
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings job=reingest "*" unfetched=46 "* ]]
    run --separate-stderr sh "$links/report" 2022-01-01
    [ "$status" -eq 0 ]
    run --separate-stderr local-db status
    [ "$status" -eq 3 ]
    [[ "$stderr$output" == *"$WINDFALL_STATE"* ]]
}

@test "somebody else is told to set WINDFALL_STATE, and then has a database of his own" {
    [ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
    run --separate-stderr as_nobody "$home/scripts/reingest" 2022-01-01
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"set WINDFALL_STATE to a directory of yours"* ]]
    run --separate-stderr as_nobody "$installed/bin/find-missing" 2022-01-01
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"no database"* ]]

    state=$place/state
    install -d -o 65534 -g 65534 "$state"
    run --separate-stderr as_nobody WINDFALL_STATE="$state" "$home/scripts/local-db" start
    [ "$status" -eq 0 ]
    run --separate-stderr as_nobody WINDFALL_STATE="$state" "$home/scripts/migrate"
    [ "$status" -eq 0 ]
    run --separate-stderr as_nobody WINDFALL_STATE="$state" "$installed/bin/fetch-elexon" --store \
        --base-url "file://$place/archive" --periods 1-2 2022-01-01
    [ "$status" -eq 0 ]
    [ "$(as_nobody WINDFALL_STATE="$state" "$home/scripts/local-db" psql -XAtc 'select count(*) from ingested_periods')" -eq 2 ]
}
