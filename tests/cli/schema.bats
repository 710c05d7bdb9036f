# What the database itself promises the tools.
load helper

setup() { fresh_db; }

@test "six at once that need a new month all get it, and one of them made it" {
    for month in 2031-01-15 2031-02-15 2031-03-15 2031-04-15; do
        for i in 1 2 3 4 5 6; do
            sql "select ensure_month('$month')" >"$BATS_TEST_TMPDIR/answer$i" 2>&1 3>&- &
        done
        wait
        run sort "$BATS_TEST_TMPDIR"/answer?
        [ "$output" = $'f\nf\nf\nf\nf\nt' ]
    done
    [ "$(sql "select count(*) from pg_inherits where inhrelid::regclass::text ~ '_2031_0[1-4]$'")" = 8 ]
}
