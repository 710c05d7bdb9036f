# All of what the tests of jobs try some of: each program that a job starts, killed in it.
# shellcheck disable=SC2154 # root is the suite's
load ../cli/helper
load ../cli/killed

setup() { fresh_db; }

@test "migrate whose helpers are killed at any of their calls does not say done unless it is" {
    migrate_whose cat awk grep sha256sum psql tail cmp head
}

@test "reingest killed at any step and run again ends as if undisturbed" {
    export WINDFALL_ELEXON_URL=file://$root/tests/data/archive
    reingest 2022-01-01
    reingest_killed_in find-missing fetch-elexon calc-btc rollup-summaries audit-calcs
}
