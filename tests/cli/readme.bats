# The README's examples: what follows "    $ COMMAND" there is what that command prints.
#
# shellcheck disable=SC2154 # root is the suite's
load helper
load sums

@test "each example of the README prints what stands below it" {
    fresh_db
    the_day
    fetch-prices -q --store --file "$root/tests/data/prices.csv"
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/valued"
    cd "$BATS_TEST_TMPDIR"
    # A file for each example: the command in its first line, what it printed in the others.
    awk '/^    \$ / { file = sprintf("example%02d", ++n); print substr($0, 7) >file; next }
         file && /^    / { print substr($0, 5) >file; next }
         { file = "" }' "$root/README.md"
    [ "$(ls example* | wc -l)" -ge 3 ]
    for example in example*; do
        command=$(head -n 1 "$example")
        (cd "$root" && eval "$command") 2>&1 | sed 's/ *$//' >printed
        tail -n +2 "$example" >expected
        # psql ends a table with an empty line.
        [ "$(cat expected)" = "$(cat printed)" ] || { echo "$command"; diff expected printed; return 1; }
    done
}

@test "an example with a database over a network verifies its server" {
    cd "$root" || return
    grep -rnE "DATABASE_URL=.?postgres(ql)?://[^/ ]*@[A-Za-z]|host=[a-z.]*example" README.md docs src/*.[1-9] src/*.in src/man container debian systemd cron scripts sql >"$BATS_TEST_TMPDIR/examples"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/examples")" -ge 4 ]
    run ! grep -v sslmode=verify-full "$BATS_TEST_TMPDIR/examples"
}
