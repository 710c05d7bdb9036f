# What an empty machine is told, and what is installed on it.  dpkg, apt and the user are stubs.
load helper

setup() {
    stubs=$BATS_TEST_TMPDIR/stubs
    mkdir "$stubs"
    stub_is dpkg-query 'shift 3; for p; do case " $ABSENT " in *" $p "*) ;; *) printf "installed=%s " "$p" ;; esac; done; exit 1'
    stub_is id 'echo 1000'
    stub_is apt-get 'echo "$@" >>"$BATS_TEST_TMPDIR/apt"'
    export ABSENT=''
    PATH=$stubs:$PATH
}

stub_is() {
    printf '#!/bin/sh\n%s\n' "$2" >"$stubs/$1"
    chmod +x "$stubs/$1"
}

@test "everything there: silent" {
    run "$root/scripts/deps" run test
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "something missing: a user gets the one command, and nothing is installed" {
    ABSENT='libgmp-dev bats' run --separate-stderr "$root/scripts/deps" run test
    [ "$status" -eq 69 ]
    [ "$output" = "" ]
    [ "$(grep -c sudo <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"    sudo apt-get install -y --no-install-recommends libgmp-dev bats"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}

@test "only the lists named are looked at" {
    ABSENT=bats run "$root/scripts/deps" run
    [ "$status" -eq 0 ]
    ABSENT=bats run "$root/scripts/deps" test
    [ "$status" -eq 69 ]
}

@test "a package that was removed but left its configuration is missing" {
    stub_is dpkg-query 'shift 3; for p; do case $p in jq) printf "config-files=jq " ;; *) printf "installed=%s " "$p" ;; esac; done'
    run "$root/scripts/deps" test
    [ "$status" -eq 69 ]
    [[ "$output" == *recommends\ jq* ]]
}

@test "as root it is installed, with one line said" {
    stub_is id 'echo 0'
    ABSENT='libgmp-dev' run "$root/scripts/deps"
    [ "$status" -eq 0 ]
    [ "$output" = "installing: libgmp-dev" ]
    [ "$(cat "$BATS_TEST_TMPDIR/apt")" = $'update\ninstall -y --no-install-recommends -o DPkg::Lock::Timeout=300 libgmp-dev' ]
}

@test "an installation that fails says why, and where the rest of its words are" {
    stub_is id 'echo 0'
    stub_is apt-get 'echo Reading lists; echo "E: no route to host"; echo "E: Some files failed"; exit 100'
    ABSENT='libgmp-dev' run "$root/scripts/deps"
    [ "$status" -eq 69 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "$output" == *"deps: error: apt-get failed: no route to host; its whole output is in /"* ]]
    log=$(sed -n 's/.* is in //p' <<<"$output")
    [ -s "$log" ]
    rm "$log"
}

@test "a list it does not have is a usage error" {
    run "$root/scripts/deps" everything
    [ "$status" -eq 64 ]
}

@test "--name only names them, as for a user, whoever asks" {
    stub_is id 'echo 0'
    ABSENT='libgmp-dev gcc' run --separate-stderr "$root/scripts/deps" --name run
    [ "$status" -eq 69 ]
    [ "$output" = "" ]
    [[ "$stderr" == *$'\n    apt-get install -y --no-install-recommends gcc libgmp-dev\n'* ]]
    [[ "$stderr" != *sudo* ]]
    [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}

@test "a user of another locale gets the same names" {
    # Turkish letters, made here where their sources are: there "i" and "I" are no pair.  The order of all letters takes
    # most of the time, and is no matter here.
    printf '%s\n' LC_CTYPE 'copy "tr_TR"' 'END LC_CTYPE' >"$BATS_TEST_TMPDIR/letters"
    for category in COLLATE MONETARY NUMERIC TIME MESSAGES; do
        printf '%s\n' "LC_$category" 'copy "POSIX"' "END LC_$category"
    done >>"$BATS_TEST_TMPDIR/letters"
    localedef -c -i "$BATS_TEST_TMPDIR/letters" -f UTF-8 "$BATS_TEST_TMPDIR/tr_TR.UTF-8" 2>/dev/null || :
    [ ! -e "$BATS_TEST_TMPDIR/tr_TR.UTF-8/LC_CTYPE" ] || export LOCPATH=$BATS_TEST_TMPDIR
    stub_is dpkg-query 'echo "$LC_ALL" >"$BATS_TEST_TMPDIR/locale"; shift 3; printf "%s\n" "$@" >"$BATS_TEST_TMPDIR/asked"; exit 1'
    LC_ALL=tr_TR.UTF-8 run "$root/scripts/deps" run
    [ "$(cat "$BATS_TEST_TMPDIR/locale")" = C ]
    grep -qx gcc "$BATS_TEST_TMPDIR/asked"
    grep -qx libcurl4-openssl-dev "$BATS_TEST_TMPDIR/asked"
    [ "$(grep -cvxE '[a-z0-9.+-]{3,}' "$BATS_TEST_TMPDIR/asked")" -eq 0 ]
}

# ---- make ---------------------------------------------------------------------------------------

@test "make without the libraries, or the compiler, prints the same list as make demo, and compiles nothing" {
    stub_is id 'echo 1000'
    stub_is bare-cc 'echo "curl/curl.h: No such file or directory" >&2; exit 1'
    ABSENT='libcurl4-openssl-dev gcc' run make -s -C "$root" BUILD="$BATS_TEST_TMPDIR/build" BIN="$BATS_TEST_TMPDIR/bin" CC=bare-cc
    [ "$status" -eq 2 ]
    [[ "$output" == *"sudo apt-get install -y --no-install-recommends gcc libcurl4-openssl-dev"* ]]
    [[ "$output" != *"No such file"* ]]
    run find "$BATS_TEST_TMPDIR/build" -name '*.o'
    [ "$output" = "" ]
    ABSENT='libcurl4-openssl-dev gcc' run make -s -C "$root" BUILD="$BATS_TEST_TMPDIR/build" BIN="$BATS_TEST_TMPDIR/bin" CC=no-such-compiler
    [ "$status" -eq 2 ]
    [[ "$output" == *"sudo apt-get install -y --no-install-recommends gcc libcurl4-openssl-dev"* ]]
}

@test "what the list of packages cannot explain, the compiler says" {
    stub_is bare-cc 'echo "bare-cc: no such option" >&2; exit 1'
    run make -s -C "$root" BUILD="$BATS_TEST_TMPDIR/build" BIN="$BATS_TEST_TMPDIR/bin" CC=bare-cc
    [ "$status" -eq 2 ]
    [[ "$output" == *"bare-cc: no such option"* ]]
}
