# The private cluster is carried over to another server, killed again and again.
# shellcheck disable=SC2154 # WINDFALL_STATE is that of early_data
load ../cli/helper
load ../cli/early

teardown() { local-db destroy --yes; }

@test "an upgrade killed at any moment loses nothing, and is done again" {
    unset DATABASE_URL
    upgrade_killed "${DRILL_ROUNDS:-10}"
}
