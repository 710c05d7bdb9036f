# The runner itself: a failure of any kind must be counted, or everything else proves nothing.
load helper

# A tree whose unit programs are scripts that print what cmocka would.
setup() {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/tests/unit" "$tree/tests/cli" "$tree/build/unit"
    cp "$root/tests/run" "$tree/tests/"
    unset TEST_BUILD WINDFALL_BIN SUITE_SOCKET TEST_TIMES
}

unit_is() {
    touch "$tree/tests/unit/$1.c"
    printf '#!/bin/sh\n%s\n' "$2" >"$tree/build/unit/$1"
    chmod +x "$tree/build/unit/$1"
}

cli_is() {
    cat >"$tree/tests/cli/$1.bats"
}

last_line() { tail -n 1 <<<"$output"; }

@test "what passed, failed and was skipped is added up over the suites" {
    unit_is one 'printf "1..2\nok 1 - a_first_thing\nok 2 - a_second_thing\n# ok - tests\n"'
    cli_is two <<<$'@test "well" { true; }\n@test "not here" { skip "no moon"; }'
    run "$tree/tests/run" unit cli
    [ "$status" -eq 0 ]
    [[ "$output" == *"  ok    a second thing"* ]]
    [[ "$output" == *"  skip  not here: no moon"* ]]
    [ "$(last_line)" = "3 passed, 0 failed, 1 skipped" ]
}

@test "a unit test that fails is a failure" {
    unit_is one 'printf "1..2\nok 1 - a\nnot ok 2 - b_c\n# 1 != 2\n# not ok - tests\n"; exit 1'
    run "$tree/tests/run" unit
    [ "$status" -ne 0 ]
    [[ "$output" == *"  FAIL  b c"*"1 != 2"* ]]
    [ "$(last_line)" = "1 passed, 1 failed, 0 skipped" ]
}

@test "a unit program that dies half-way is a failure" {
    unit_is one 'printf "1..3\nok 1 - a\n"; kill -9 $$'
    run "$tree/tests/run" unit
    [ "$status" -ne 0 ]
    [ "$(last_line)" = "1 passed, 1 failed, 0 skipped" ]
}

@test "a unit program that dies after its last test, or never says a word, is a failure" {
    unit_is one 'printf "1..1\nok 1 - a\n"; exit 1'
    unit_is two 'exit 0'
    run "$tree/tests/run" unit
    [ "$status" -ne 0 ]
    [ "$(last_line)" = "1 passed, 2 failed, 0 skipped" ]
}

@test "a tool's test that fails is a failure, and its output is shown" {
    cli_is two <<<$'@test "bad" { echo look; false; }\n@test "well" { true; }'
    run "$tree/tests/run" cli
    [ "$status" -ne 0 ]
    [[ "$output" == *"  FAIL  bad"*look* ]]
    [ "$(last_line)" = "1 passed, 1 failed, 0 skipped" ]
}

@test "a test file that does not parse is a failure" {
    cli_is two <<<$'@test "bad" { if; }'
    run "$tree/tests/run" cli
    [ "$status" -ne 0 ]
    [[ ! "$(last_line)" =~ " 0 failed" ]]
}

@test "a suite that cannot be set up is a failure" {
    cli_is two <<<$'@test "well" { true; }'
    echo 'setup_suite() { false; }' >"$tree/tests/cli/setup_suite.bash"
    run "$tree/tests/run" cli
    [ "$status" -ne 0 ]
    [[ ! "$(last_line)" =~ " 0 failed" ]]
}

@test "a tool without a man page is a failure of lint, and so is a careless script" {
    mkdir "$tree/src" "$tree/scripts"
    touch "$tree/src/some-tool.c"
    printf '#!/bin/sh\nrm $1\n' >"$tree/scripts/careless"
    run "$tree/tests/run" lint
    [ "$status" -ne 0 ]
    [[ "$output" == *"FAIL  some-tool has no man page"* ]]
    [[ "$output" == *"FAIL  shellcheck scripts/careless"* ]]
}

@test "a script that lint has passed is not read again until it, or what it may source, has changed" {
    mkdir -p "$tree/scripts/lib" "$tree/path"
    printf '#!/bin/sh\necho\n' >"$tree/scripts/fine"
    printf '#!/bin/sh\nrm $1\n' >"$tree/scripts/careless"
    printf '#!/bin/sh\necho "$*" >>"%s"\nexec "%s" "$@"\n' "$BATS_TEST_TMPDIR/calls" "$(command -v shellcheck)" >"$tree/path/shellcheck"
    chmod +x "$tree/path/shellcheck"
    read_again() { # the scripts that shellcheck reads now
        : >"$BATS_TEST_TMPDIR/calls"
        PATH=$tree/path:$PATH run "$tree/tests/run" lint
        [[ "$output" == *"FAIL  shellcheck scripts/careless"*"ok    shellcheck scripts/fine"* ]] || return
        grep -o 'scripts/[a-z]*$' "$BATS_TEST_TMPDIR/calls" | sort | paste -sd ' '
    }
    [ "$(read_again)" = "scripts/careless scripts/fine" ]
    # What failed is read each time.
    [ "$(read_again)" = scripts/careless ]
    echo 'echo more' >>"$tree/scripts/fine"
    [ "$(read_again)" = "scripts/careless scripts/fine" ]
    [ "$(read_again)" = scripts/careless ]
    echo : >"$tree/scripts/lib/some.sh"
    [ "$(read_again)" = "scripts/careless scripts/fine" ]
}

@test "what a script uses must be set there or in a file that scripts read besides, and what it sets be used" {
    mkdir -p "$tree/scripts/lib"
    printf '#!/bin/sh\necho "$shared" "$nobody"\nforgotten=1\ntold=2\n' >"$tree/scripts/it"
    printf '# shellcheck shell=sh disable=SC2034,SC2154\nshared=1\necho "$told"\n' >"$tree/scripts/lib/some.sh"
    run "$tree/tests/run" lint
    [ "$status" -eq 1 ]
    [[ "$output" == *"FAIL  shellcheck scripts/it"*"nobody is referenced but not assigned"*"forgotten appears unused"* ]]
    [[ "$output" != *"shared is"* && "$output" != *"told appears"* ]]
    # Who cannot look has not looked, and that is not remembered as well.
    mkdir "$tree/path"
    printf '#!/bin/sh\nexit 2\n' >"$tree/path/shellcheck"
    chmod +x "$tree/path/shellcheck"
    for _ in 1 2; do
        PATH=$tree/path:$PATH run "$tree/tests/run" lint
        [ "$status" -eq 1 ]
        [[ "$output" == *"FAIL  shellcheck scripts/it"*"shellcheck ended with 2"* ]]
    done
}

@test "a name that is no suite and no test file is a usage error, not an empty success" {
    run "$tree/tests/run" cli no-such-file
    [ "$status" -eq 64 ]
}

@test "the drill is run by its name alone, and a word narrows it or the tools' suite, whichever is named" {
    cli_is short <<<$'@test "short" { true; }'
    mkdir "$tree/tests/drill"
    echo '@test "long" { true; }' >"$tree/tests/drill/sweep.bats"
    echo '@test "longer" { true; }' >"$tree/tests/drill/other.bats"
    run "$tree/tests/run" unit cli
    [[ "$output" != *long* ]]
    [ "$(last_line)" = "1 passed, 0 failed, 0 skipped" ]
    run "$tree/tests/run" drill
    [ "$(last_line)" = "2 passed, 0 failed, 0 skipped" ]
    run "$tree/tests/run" drill sweep
    [[ "$output" == *"  ok    long"* ]]
    [ "$(last_line)" = "1 passed, 0 failed, 0 skipped" ]
    run "$tree/tests/run" drill short
    [ "$status" -eq 64 ]
    run "$tree/tests/run" cli sweep
    [ "$status" -eq 64 ]
}

@test "a suite without one test file is a failure" {
    run "$tree/tests/run" drill
    [ "$status" -ne 0 ]
    [ "$(last_line)" = "0 passed, 1 failed, 0 skipped" ]
}
