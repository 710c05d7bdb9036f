# The browser's suite is the tools' one: the same private PostgreSQL, template and paths.
# shellcheck source=tests/cli/setup_suite.bash
. "$BATS_TEST_DIRNAME/../cli/setup_suite.bash"
