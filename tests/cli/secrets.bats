# Secrets: no part of a password is shown, whatever it is spelt like and wherever a message about it goes.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month
load coinbase

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

@test "one rule says where a secret may be sent: a token, the node's password, a webhook and mail" {
    new_key ec
    printf 'rpc:S3crtPw' >"$BATS_TEST_TMPDIR/cookie"
    chmod 600 "$BATS_TEST_TMPDIR/cookie"
    for url in 'http://localhost:x@10.9.9.9' 'http://127.0.0.1@10.9.9.9' 'http://10.9.9.9#@localhost' 'http://10.9.9.9' \
        'http://me:S3crtPw@localhost' 'https://me:S3crtPw@exchange.example' 'http://localhost.example'; do
        echo "$url"
        https="https only" node="the node's credentials are sent over https or to this machine only"
        case $url in *'#'*) https="has a ? or # in it" node=$https ;; esac
        run timeout 20 fetch-fills --base-url "$url"
        [ "$status" -eq 64 ]
        [[ "$output" == *"$https"* && "$output" != *S3cr* && "$output" != *"me:"* && "$output" != *localhost:x@* ]]
        run timeout 20 reconcile-fills --tier 1 --base-url "$url"
        [ "$status" -ne 0 ]
        [[ "$output" != *S3cr* ]]
        run timeout 20 fetch-difficulty --source bitcoind --base-url "$url" --cookie "$BATS_TEST_TMPDIR/cookie"
        [ "$status" -eq 64 ]
        [[ "$output" == *"$node"* && "$output" != *S3cr* ]]
        SLACK_WEBHOOK_URL=$url run timeout 20 send-alert <<<"x"
        [ "$status" -eq 78 ]
        [[ "$output" == *"SLACK_WEBHOOK_URL: must "* && "$output" != *S3cr* ]]
    done
}

@test "an address with a user in it is shown without, also in the words of libcurl" {
    for url in 'http://me:S3crtPw@127.0.0.1:1' 'https://me:S3crtPw@127.0.0.1:1' 'http://me:S3crtPw@no.such.host.invalid' \
        'http://me:S3cr/tPw@127.0.0.1:1' 'http://me:S3cr?tPw@127.0.0.1:1' 'http://S3crtPw@127.0.0.1:1' 'http://me:S3cr:tPw@127.0.0.1:1'; do
        echo "$url"
        for tool in "fetch-elexon 2022-01-01 --periods 1" fetch-bmunits "fetch-wind 2022-01-01" fetch-prices \
            "fetch-difficulty --source mempool"; do
            # shellcheck disable=SC2086 # words
            run timeout 20 $tool --base-url "$url" --attempts 1
            [ "$status" -ne 0 ]
            [[ "$output" != *S3cr* && "$output" != *tPw* && "$output" != *me:* ]]
            # shellcheck disable=SC2086 # words
            WINDFALL_ELEXON_URL=$url run timeout 20 ${tool/ --source mempool/ --source mempool --base-url $url} --attempts 1
            [[ "$output" != *S3cr* && "$output" != *tPw* ]]
        done
    done
}

@test "what this machine alone is to hear goes through no proxy" {
    site=$BATS_TEST_TMPDIR/site
    cd "$BATS_TEST_TMPDIR" || return
    coinbase_conf
    fill entry=e1
    put_listing "$site"
    replay_start "$site" "$conf"
    new_key ec
    # A proxy that notes whoever comes.
    local port=$((20000 + RANDOM % 20000))
    socat -u "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "OPEN:$BATS_TEST_TMPDIR/proxied,creat,append" 2>/dev/null &
    proxy=$!
    wait_until listens "$port"
    export http_proxy=http://127.0.0.1:$port https_proxy=http://127.0.0.1:$port ALL_PROXY=http://127.0.0.1:$port
    run timeout 60 fetch-fills --base-url "$REPLAY_URL" --no-header
    kill "$proxy"
    echo "$output"
    [ "$status" -eq 0 ]
    [ ! -s "$BATS_TEST_TMPDIR/proxied" ]
}

@test "one rule for private files: a key, the node's cookie, the settings of alerts and a file of a secret" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a file away"
    new_key ec
    mkdir -p "$WINDFALL_STATE/etc"
    echo 'SLACK_WEBHOOK_URL=http://127.0.0.1:1/x' >"$WINDFALL_STATE/etc/alert.conf"
    printf 'rpc:pw' >"$BATS_TEST_TMPDIR/cookie"
    echo 'http://127.0.0.1:1/x' >"$BATS_TEST_TMPDIR/url"
    files=("$COINBASE_KEY_FILE" "$WINDFALL_STATE/etc/alert.conf" "$BATS_TEST_TMPDIR/cookie" "$BATS_TEST_TMPDIR/url")
    ask() {
        run fetch-fills --base-url http://127.0.0.1:1 --attempts 1
        [[ "$output" == *"$COINBASE_KEY_FILE: $1"* ]] || { echo "key: $output"; return 1; }
        run fetch-difficulty --source bitcoind --base-url http://127.0.0.1:1 --attempts 1 --cookie "$BATS_TEST_TMPDIR/cookie"
        [[ "$output" == *"$BATS_TEST_TMPDIR/cookie: $1"* ]] || { echo "cookie: $output"; return 1; }
        run send-alert <<<x
        [[ "$output" == *"alert.conf: $1"* ]] || { echo "settings: $output"; return 1; }
        SLACK_WEBHOOK_URL_FILE=$BATS_TEST_TMPDIR/url run send-alert <<<x
        [[ "$output" == *"$BATS_TEST_TMPDIR/url: $1"* ]] || { echo "file: $output"; return 1; }
    }
    for mode in 640 604 660 666 620; do
        chmod "$mode" "${files[@]}"
        ask "others may read or write it (mode $mode), so it is not used; chmod 600 fixes that"
    done
    # Root may let the group of the jobs' account read them, and nobody else.
    chgrp 65534 "${files[@]}"
    for mode in 644 660 650 604; do
        chmod "$mode" "${files[@]}"
        ask "others may read or write it (mode $mode), so it is not used; chmod 600 fixes that"
    done
    chmod 440 "${files[@]}"
    for asked in "fetch-fills --base-url http://127.0.0.1:1 --attempts 1" "send-alert --targets" \
        "env SLACK_WEBHOOK_URL_FILE=$BATS_TEST_TMPDIR/url send-alert --targets" \
        "fetch-difficulty --source bitcoind --base-url http://127.0.0.1:1 --attempts 1 --cookie $BATS_TEST_TMPDIR/cookie"; do
        # shellcheck disable=SC2086 # a command and its words
        run $asked
        echo "$asked: $output"
        [[ "$output" == *127.0.0.1:1* && "$output" != *"not used"* ]] || [[ "$asked" == *--targets && "$output" == slack* ]]
    done
    chmod 600 "${files[@]}"
    chown 1234 "${files[@]}"
    ask "it belongs to somebody else and is not used; chown it, or name a copy of your own"
}

# silent_server: one that takes a connection and says nothing, at $silent_url until $silent is killed.
silent_server() {
    local port=$((20000 + RANDOM % 20000))
    socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" EXEC:'sleep 30' 2>/dev/null 3>&- &
    silent=$!
    wait_until listens "$port"
    silent_url=http://127.0.0.1:$port
}

# asking: the tool has connected to the silent server, and so has read its key.  Its own files nobody but root may look at.
asking() {
    local port
    port=$(printf %04X "${silent_url##*:}")
    wait_until grep -Eq "^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:$port 01 " /proc/net/tcp
}

@test "a tool that holds a secret leaves no core, and nobody of the same user reads its environment" {
    local place as=()
    [ "${TEST_BUILD:-}" != build/san ] || skip "a sanitizer's search for leaks looks into its own process, which stays readable"
    new_key ec
    silent_server
    # Root reads all: then it is nobody who asks, with a key of nobody's.
    if [ "$(id -u)" -eq 0 ]; then
        place=$(mktemp -d "${TMPDIR:-/tmp}/windfall-secrets.XXXXXX")
        cp "$WINDFALL_BIN/fetch-fills" "$COINBASE_KEY_FILE" "$place/"
        chown -R 65534 "$place"
        as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        export COINBASE_KEY_FILE=$place/${COINBASE_KEY_FILE##*/} WINDFALL_STATE=$place PATH=$place:$PATH
    fi
    (cd / && ulimit -c unlimited 2>/dev/null; exec "${as[@]}" fetch-fills --base-url "$silent_url" --attempts 1 --timeout 20) 2>/dev/null 3>&- &
    pid=$!
    asking
    grep -E 'Max core file size' "/proc/$pid/limits"
    grep -qE 'Max core file size +0 +0 ' "/proc/$pid/limits"
    # What cannot be dumped belongs to root, whoever runs it.
    [ "$(stat -c %u "/proc/$pid/environ")" -eq 0 ]
    run "${as[@]}" cat "/proc/$pid/environ"
    kill "$pid" "$silent"
    wait "$pid" || :
    [ -z "${place:-}" ] || rm -rf "$place"
    [ "$status" -ne 0 ]
    [[ "$output" == *"Permission denied"* ]]
}

@test "of a key that was read no copy of its text is left in memory" {
    local kind piece range from to
    [ "$(id -u)" -eq 0 ] || skip "only root reads another process's memory"
    [ "${TEST_BUILD:-}" != build/san ] || skip "a sanitizer's memory is terabytes"
    for kind in ec ed25519; do
        new_key "$kind"
        silent_server
        fetch-fills --base-url "$silent_url" --attempts 1 --timeout 20 2>/dev/null 3>&- &
        pid=$!
        asking
        while read -r range _; do
            from=$((0x${range%-*})) to=$((0x${range#*-}))
            dd if="/proc/$pid/mem" bs=4096 skip=$((from / 4096)) count=$(((to - from) / 4096)) status=none
        done < <(grep -E '^[0-9a-f]+-[0-9a-f]+ rw' "/proc/$pid/maps") >"$BATS_TEST_TMPDIR/memory"
        kill "$pid" "$silent"
        wait "$pid" || :
        # The tool's own address is there, so this is its memory.
        grep -qaF "$silent_url" "$BATS_TEST_TMPDIR/memory"
        # Any twelve characters of the key's text, but for what all keys of the kind begin with.
        piece=$(jq -r .privateKey "$COINBASE_KEY_FILE" | tr -d '\n' | sed 's/\\n//g; s/-----[^-]*-----//g')
        [ "${#piece}" -ge 40 ]
        for ((from = 12; from + 12 < ${#piece}; from += 6)); do
            ! grep -qaF "${piece:from:12}" "$BATS_TEST_TMPDIR/memory" || { echo "$kind: from byte $from of the text"; false; }
        done
    done
}

# What a later block has overwritten by luck is not wiped: each is looked at when it is freed.
@test "no copy of a key's text is freed before it is wiped" {
    local kind text
    [ "${TEST_BUILD:-}" != build/san ] || skip "a sanitizer has a free() of its own"
    ${CC:-gcc} -Wall -Wextra -Werror -shared -fPIC -O1 -o "$BATS_TEST_TMPDIR/freed.so" "$root/tests/cli/freed.c"
    for kind in ec ed25519; do
        new_key "$kind"
        text=$(jq -r .privateKey "$COINBASE_KEY_FILE" | tr -d '\n' | sed 's/\\n//g; s/-----[^-]*-----//g')
        FREED_TEXT=$text LD_PRELOAD=$BATS_TEST_TMPDIR/freed.so run fetch-fills --base-url http://127.0.0.1:1 --attempts 1
        echo "$output"
        [ "$status" -eq 75 ]
        [[ "$output" != *"freed: "* ]]
        # It sees what is not wiped: here a word of the address.
        FREED_TEXT="............127.0.0.1:1/api/v3/brokerage" LD_PRELOAD=$BATS_TEST_TMPDIR/freed.so run fetch-fills --base-url http://127.0.0.1:1 --attempts 1
        [[ "$output" == *"freed: "* ]]
    done
}

@test "a password of the settings is struck out by its value, wherever a tool was told it" {
    local said
    cd "$BATS_TEST_TMPDIR" || return
    for said in S3crtBare S3crt%42are S3crtNode S3crtMirror S3crtFile S3crtWord; do
        printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2022-01-01\t1\tT_A-1\tx%s\n' "$said" >rows
        printf 'WINDFALL_MEMPOOL_URL=https://me:S3crtFile@blocks.example/x\nPING_URL=https://own.example/S3crtTopic\n' >settings
        chmod 600 settings
        for place in 'DATABASE_URL=postgresql://wf:S3crt%42are@db.example/d' 'DATABASE_URL=host=db.example password=S3crtBare'; do
            WINDFALL_CONF=$PWD/settings WINDFALL_DIFFICULTY_URL=http://rpc:S3crtNode@127.0.0.1:1 WINDFALL_ELEXON_URL=https://u:S3crtMirror@mirror.example \
                PGPASSWORD=S3crtWord run env "$place" calc-btc --difficulty 1 --subsidy 1 <rows
            echo "$output"
            [ "$status" -eq 65 ]
            [[ "$output" == *'x***'* || "$said$place" == *%42*password=* ]]
            [[ "$output" != *"$said"* || "$said$place" == *%42*password=* ]]
        done
    done
    # What is shown anyway is no secret by its value: a role whose password is its name.
    printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2022-01-01\t1\tT_A-1\twindfall\n' >rows
    DATABASE_URL=postgresql://windfall:windfall@db.example/d run calc-btc --difficulty 1 --subsidy 1 <rows
    [[ "$output" == *windfall* && "$output" != *'***'* ]]
}

@test "every form of a secret that an answer holds is struck out of the log, the alert and the report" {
    local body
    site=$BATS_TEST_TMPDIR/site
    cd "$BATS_TEST_TMPDIR" || return
    new_key ec
    mkdir -p "$site"
    fresh_db
    mkdir -p hooks
    printf '#!/bin/sh\ncat >"%s/told"\n' "$PWD" >hooks/keep
    chmod 755 hooks hooks/keep
    hidden() { [[ "$1" == *"***"* && "$1" != *S3cr* && "$1" != *czNj* && "$1" != *eyJ* ]] || { echo "shown: $1"; return 1; }; }
    while IFS= read -r body; do
        WINDFALL_HOOKS_DIR=$PWD/hooks send-alert -q -w 0 <<<"$body"
        hidden "$(<told)"
        run="$(printf 'settlement_date\n2025-03-01\n' | run-queue start -q --job job)"
        run-queue claim -q "$run" --worker $$ >claimed
        printf 'settlement_date\n2025-03-01\n' | run-queue failed -q "$run" --worker $$ --attempts 1 --error "$body"
        hidden "$(run-queue failures -q "$run" --no-header)"
        printf '%s' "$body" >"$site/said"
        cat >"$BATS_TEST_TMPDIR/said" <<-END
		location /api/ { echo_status 403; echo -n '${body//\'/}'; }
		END
        replay_start "$site" "$BATS_TEST_TMPDIR/said"
        run timeout 30 fetch-fills --base-url "$REPLAY_URL" --attempts 1
        replay_stop
        echo "$output"
        [ "$status" -eq 77 ]
        hidden "$output"
    done <<-'END'
	connect postgresql://wf:S3crtPw@db/x failed
	bad header Authorization: Bearer S3crtTok
	Basic czNjcnQ6czNjcnQ=
	token eyJhbGciOiJFUzI1NiJ9.eyJzM2NydCI6MX0.S3crtsig
	psql --password S3crtPw -h x
	GET https://h/p?key=S3crtKey
	post to https://hooks.slack.com/services/T0/B0/S3crtPath failed
	https://discord.com/api/webhooks/1/S3crtPath
	{"privateKey": "S3crtKey", "x": 1}
	password=S3crtPw
	the key -----BEGIN EC PRIVATE KEY-----S3crtBody-----END EC PRIVATE KEY-----
	END
}
