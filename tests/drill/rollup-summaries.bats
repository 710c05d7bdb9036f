# Two months of days are summed, killed again and again; and each sum of a day, changed by hand, comes back.
load ../cli/helper
load ../cli/sums

setup() {
    fresh_db
    cd "$BATS_TEST_TMPDIR" || return
}

@test "A-05: killed at any moment, the next run brings what an undisturbed one does" {
    rollup_killed "${DRILL_ROUNDS:-10}"
}

@test "a sum that was changed by hand is mended with the day asked for, on whatever level it stands" {
    the_day
    mapfile -t all < <(changed_sums)
    [ "${#all[@]}" -eq 13 ]
    each_sum_comes_back 13 "${all[@]}"
}
