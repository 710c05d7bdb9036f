# An earlier system's dump is imported, killed again and again.
load ../cli/helper
load ../cli/legacy

@test "killed at any moment it leaves whole days or none, and the next run ends it" {
    import_killed "${DRILL_ROUNDS:-10}"
}
