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
    [ "$(cat "$BATS_TEST_TMPDIR/apt")" = $'update\ninstall -y --no-install-recommends libgmp-dev' ]
}

@test "an installation that fails says why, and where the rest of its words are" {
    stub_is id 'echo 0'
    stub_is apt-get 'echo "E: no route to host"; exit 100'
    ABSENT='libgmp-dev' run "$root/scripts/deps"
    [ "$status" -eq 69 ]
    [[ "$output" == *"E: no route to host"* ]]
    log=$(sed -n 's/.* is in //p' <<<"$output")
    [ -s "$log" ]
    rm "$log"
}

@test "a list it does not have is a usage error" {
    run "$root/scripts/deps" everything
    [ "$status" -eq 64 ]
}
