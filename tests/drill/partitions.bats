# A year is put into files, killed again and again.
# shellcheck disable=SC2034,SC2154 # WORLD and archive are those of load year
load ../cli/helper
load ../cli/calculations
load ../cli/sums
load ../cli/year

setup_file() { make_years; }
teardown_file() { TEST_DB=$WORLD tear_down_all; }

setup() {
    fresh_db "$WORLD"
    archive=$BATS_TEST_TMPDIR/archive
}

@test "killed at any moment, the year is in the database or in the files, and the next run goes on" {
    years_killed "${DRILL_ROUNDS:-10}"
}
