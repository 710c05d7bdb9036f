# Whole builds.
# shellcheck disable=SC2154 # root is the suite's
load ../cli/helper

@test "two whole builds in two folders, as they are installed, are the same bytes" {
    for folder in one "another/folder, deeper"; do
        mkdir -p "$BATS_TEST_TMPDIR/$folder"
        cp -R "$root/Makefile" "$root/src" "$root/sql" "$root/scripts" "$BATS_TEST_TMPDIR/$folder/"
        env -u MAKEFLAGS make -s -j2 -C "$BATS_TEST_TMPDIR/$folder" all
        (cd "$BATS_TEST_TMPDIR/$folder" && sha256sum bin/[a-z]* build/lib/*/*.o) >"$BATS_TEST_TMPDIR/sums-${folder%%/*}"
    done
    diff "$BATS_TEST_TMPDIR/sums-one" "$BATS_TEST_TMPDIR/sums-another"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/sums-one")" -gt 100 ]
}

# In both folders each program is compiled and linked; what they share is compiled once, and held to name neither the
# folder nor the time.
@test "two builds with debug data in two folders are the same bytes, and name neither of them" {
    # Debug data, which names folders most; without the optimizer, which takes the time.
    for folder in one "another/folder, deeper"; do
        mkdir -p "$BATS_TEST_TMPDIR/$folder/tests"
        cp -R "$root/Makefile" "$root/src" "$root/sql" "$root/scripts" "$BATS_TEST_TMPDIR/$folder/"
        cp -R "$root/tests/unit" "$root/tests/generate.c" "$BATS_TEST_TMPDIR/$folder/tests/"
        cd "$BATS_TEST_TMPDIR/$folder" || return
        shared=()
        [ "$folder" = one ] || {
            mkdir build
            cp "$BATS_TEST_TMPDIR/one/build/libcommon.a" build/
            shared=(-o build/libcommon.a)
        }
        env -u MAKEFLAGS CFLAGS='-g -O0 -Wdate-time' make -s "${shared[@]}" all
        (cd bin && sha256sum [a-z]*) >"$BATS_TEST_TMPDIR/sums-${folder%%/*}"
    done
    diff "$BATS_TEST_TMPDIR/sums-one" "$BATS_TEST_TMPDIR/sums-another"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/sums-one")" -eq "$(find "$root/src" -maxdepth 1 -name '*.c' | wc -l)" ]
    [ "$(find "$BATS_TEST_TMPDIR/another/folder, deeper/build/lib" -name '*.o' 2>/dev/null | wc -l)" -eq 0 ]
    cd "$BATS_TEST_TMPDIR/one" || return
    run grep -rl --include='*.o' --include='*.a' "$BATS_TEST_TMPDIR" build
    [ "$output" = "" ]
    run grep -rl "$BATS_TEST_TMPDIR" bin
    [ "$output" = "" ]
    run find build -name '*.warnings' -size +0
    [ "$output" = "" ]
}
