# The lint of the answers to what mutants, coverage and the analyzers find: a row must be about a line that is there.
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    lists=$BATS_TEST_TMPDIR
    cp "$root"/tests/mutants.tsv "$root"/tests/coverage-gaps.tsv "$root"/tests/analyzed.tsv "$lists"
}

@test "the suite's own answers are about what is there" {
    run "$root/tests/lint-answers"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "a row is refused whose line, module or file is gone" {
    printf '%s\t%s\t-\treason\n' base/buf 'return 77;' base/buf '~^return 7[67];' base/gone - >>"$lists/mutants.tsv"
    printf '%s\t%s\treason\n' db/db 'die_of(db,' >>"$lists/coverage-gaps.tsv"
    printf 'gcc\tsrc/lib/base/gone.c\tleak\treason\n' >>"$lists/analyzed.tsv"
    run "$root/tests/lint-answers" "$lists"
    [ "$status" -eq 1 ]
    echo "$output"
    [ "$(sed -E 's/^[^:]*\/([a-z-]+)\.tsv:[0-9]+/\1/' <<<"$output")" = \
"mutants: src/lib/base/buf.c has no such line: return 77;
mutants: src/lib/base/buf.c has no such line: ~^return 7[67];
mutants: there is no src/lib/base/gone.c
coverage-gaps: src/lib/db/db.c has no such line: die_of(db,
analyzed: there is no src/lib/base/gone.c" ]
}

@test "a whole line answers a mutant, and a part of one a gap" {
    head -n 1 "$root/tests/coverage-gaps.tsv" >"$lists/coverage-gaps.tsv"
    printf 'base/buf\tvsnprintf\treason\n' >>"$lists/coverage-gaps.tsv"
    run "$root/tests/lint-answers" "$lists"
    echo "$output"
    [ "$status" -eq 0 ]
    printf 'base/buf\tvsnprintf\t-\treason\n' >>"$lists/mutants.tsv"
    run "$root/tests/lint-answers" "$lists"
    [ "$status" -eq 1 ]
    [[ $output == *"mutants.tsv:"*"has no such line: vsnprintf" ]]
}
