# Whole builds.
# shellcheck disable=SC2154 # root is the suite's
load ../cli/helper

@test "two whole builds in two folders, as they are installed, are the same bytes" {
    for folder in one "another/folder, deeper"; do
        mkdir -p "$BATS_TEST_TMPDIR/$folder"
        cp -R "$root/Makefile" "$root/src" "$root/sql" "$BATS_TEST_TMPDIR/$folder/"
        env -u MAKEFLAGS make -s -j2 -C "$BATS_TEST_TMPDIR/$folder" all
        (cd "$BATS_TEST_TMPDIR/$folder" && sha256sum bin/[a-z]* build/lib/*/*.o) >"$BATS_TEST_TMPDIR/sums-${folder%%/*}"
    done
    diff "$BATS_TEST_TMPDIR/sums-one" "$BATS_TEST_TMPDIR/sums-another"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/sums-one")" -gt 100 ]
}
