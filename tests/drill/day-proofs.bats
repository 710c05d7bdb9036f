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
