# The lint of long lines: it must see one that is too long, and count characters.
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    printf -v full '%0120d' 0
}

@test "the suite's own sources have no line that is too long" {
    run "$root/tests/lint-lines"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "a line is refused by its characters, not its bytes" {
    printf '%s\n%s0\n%s\n' "$full" "$full" "${full%0}£" >"$BATS_TEST_TMPDIR/a.c"
    run "$root/tests/lint-lines" "$BATS_TEST_TMPDIR/a.c"
    [ "$status" -eq 1 ]
    [ "$output" = "$BATS_TEST_TMPDIR/a.c:2:${full}0" ]
}

@test "a file that cannot be read is no file without long lines" {
    run "$root/tests/lint-lines" "$BATS_TEST_TMPDIR/none.c"
    [ "$status" -eq 1 ]
    [[ $output == *none.c* ]]
}
