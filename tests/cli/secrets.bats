# Secrets: no part of a password is shown, whatever it is spelt like and wherever a message about it goes.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
    hook
}

@test "a DATABASE_URL that cannot be read is told without any part of it: on stderr, in logs, in alerts" {
    local urls=(
        'postgresql://wf:S3cr%tPw@127.0.0.1:5999/db' 'postgresql://wf:S3cr%@127.0.0.1:5999/db'
        'postgresql://wf:S3crtPw@[::1:5999/db' 'postgresql://wf:S3cr/tPw@127.0.0.1:5999/db'
        'postgresql://wf:S3cr@tPw@127.0.0.1:5999/db' 'postgresql://wf:12/S3crtPw@127.0.0.1/db'
        'postgresql://wf@127.0.0.1:5999/db?password=S3cr&tPw=x' 'postgresql://wf@127.0.0.1:5999/db?nosuch=S3crtPw'
        'host=127.0.0.1 password=S3cr tPw' "host=127.0.0.1 password='S3crtPw" 'mysql://wf:S3crtPw@127.0.0.1/db'
    )
    for url in "${urls[@]}"; do
        echo "$url"
        DATABASE_URL=$url run calc-btc --store 2022-01-01
        [ "$status" -eq 78 ]
        [[ "$output" == *"DATABASE_URL cannot be read: "*"percent-encode"* ]]
        [[ "$output" != *S3cr* ]]
        [[ "$output" != *tPw* ]]
        DATABASE_URL=$url run "$root/scripts/reconcile" status
        [ "$status" -eq 78 ]
        [[ "$output" == *"DATABASE_URL cannot be read: "* ]]
        [[ "$output" != *S3cr* ]]
        [[ "$output" != *tPw* ]]
    done
    ! grep -rE 'S3cr|tPw' "$WINDFALL_STATE" || false
    ! grep -E 'S3cr|tPw' "$ALERTS" || false
}

@test "what libpq reads, tools and scripts both take: encoded, quoted, several hosts, a socket" {
    local urls=(
        'postgresql://wf:S3cr%25t%2FPw@127.0.0.1:1/db?sslmode=prefer' 'postgresql://wf:S3cr?tPw@127.0.0.1:1/db'
        "host=127.0.0.1 port=1 password='S3cr \\'tPw' user=x" 'host = 127.0.0.1 port = 1' "host=127.0.0.1 port=1 password=''"
        'postgresql://wf:S3cr@[::1]:1,127.0.0.1:1/db' 'postgresql://%2fnowhere/db' 'postgres://127.0.0.1:1'
    )
    for url in "${urls[@]}"; do
        echo "$url"
        DATABASE_URL=$url run calc-btc --store 2022-01-01
        [ "$status" -eq 75 ]
        [[ "$output" != *S3cr* ]]
        DATABASE_URL=$url run "$root/scripts/migrate"
        [ "$status" -eq 75 ]
        [[ "$output" != *S3cr* ]]
    done
}
