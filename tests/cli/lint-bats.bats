# The lint for lines of tests that pass whatever they find, and the helper that keeps a chosen clock from luck.
bats_require_minimum_version 1.5.0

setup() { root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd); }

@test "a line that cannot fail or end is named, and those that can are left alone" {
    cat >"$BATS_TEST_TMPDIR/a.bats" <<'END'
a_test() {
    ! grep x file
    ! grep y file || false
    run ! false
    [ 1 -gt 2 ] && [ 3 -gt 2 ]
    [[ a == b ]] && [ 3 -gt 2 ]
    [ 1 -gt 2 ] || [ 3 -gt 2 ]
    [ 1 -gt 2 ] && break
    ! kill -0 $! 2>/dev/null; do :; done
    until [ -s file ]; do sleep 0.1; done
    until [ -s file ] || [ $((n += 1)) -gt 9 ]; do sleep 0.1; done
    cat >script <<-END_OF_IT
	! this is no test
	END_OF_IT
    ! last
}
END
    run "$root/tests/lint-bats" "$BATS_TEST_TMPDIR/a.bats"
    [ "$status" -eq 1 ]
    [ "$(cut -d: -f2 <<<"$output" | paste -sd' ')" = "2 5 6 10 15" ]
    run "$root/tests/lint-bats"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "a chosen clock does not depend on what a killed one left under the same process id" {
    cat >"$BATS_TEST_TMPDIR/again" <<'END'
: >/dev/shm/sem.faketime_sem_$$
: >/dev/shm/faketime_shm_$$
exec faketime -f '2020-02-02 00:00:00' date +%F
END
    PATH=$root/tests/bin:$PATH run sh "$BATS_TEST_TMPDIR/again"
    [ "$status" -eq 0 ]
    [ "$output" = 2020-02-02 ]
}
