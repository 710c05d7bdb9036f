# Two months of days are summed, killed again and again.
load ../cli/helper
load ../cli/sums

setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
}

@test "A-05: killed at any moment, the next run brings what an undisturbed one does" {
    rollup_killed "${DRILL_ROUNDS:-10}"
}
