# Each tool of weekly fails once.
# shellcheck disable=SC2154
load ../cli/helper
load ../cli/month
load ../cli/weekly

setup() {
    fresh_month 2025-03-31 2025-03-30
    cd "$BATS_TEST_TMPDIR" || return
}

@test "a tool that fails, whichever it is, is how weekly ends: the others do their work, and nothing is said to be well" {
    mapfile -t all < <(weekly_tools)
    [ "${#all[@]}" -ge 14 ]
    each_ends_weekly "${#all[@]}" "${all[@]}"
}
