# The half hours of 36 years.
# shellcheck disable=SC2154
load ../cli/helper
load ../cli/calculations

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "every half hour from 2000 to 2035 begins at the same instant here and in PostgreSQL" {
    fresh_db
    half_hours_agree {2000..2035}
    [ "$(wc -l <periods)" -eq 631152 ]
}
