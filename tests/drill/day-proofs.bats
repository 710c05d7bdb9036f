# Every change that a proof must not hide, each in a month of its own.
# shellcheck disable=SC2154
load ../cli/helper
load ../cli/month
load ../cli/proofs

setup() {
    fresh_month
    cd "$BATS_TEST_TMPDIR" || return
}

@test "whatever a person changes in psql is found as if there were no proof" {
    mapfile -t all < <(changes)
    [ "${#all[@]}" -ge 40 ]
    each_is_seen "${DRILL_ROUNDS:-${#all[@]}}" "${all[@]}"
}

@test "other inputs void what was proved under these" {
    mapfile -t all < <(other_inputs)
    each_is_seen "${#all[@]}" "${all[@]}"
}

@test "a sum by farm or half hour that was changed by hand, however, is made right" {
    mapfile -t all < <(changed_unit_sums)
    [ "${#all[@]}" -ge 24 ]
    each_sum_is_made_right "${DRILL_ROUNDS:-${#all[@]}}" "${all[@]}"
}

@test "whatever a person changes in the rows is added up" {
    mapfile -t all < <(changes)
    each_change_is_summed "${DRILL_ROUNDS:-${#all[@]}}" "${all[@]}"
}
