# What the fetching engine promises, seen from the server's side.
#
# nginx's and the liar's variables stand in single quotes on purpose; bats sets $stderr.
# shellcheck disable=SC2016,SC2028,SC2154
load helper
load elexon

# Short waits, so that a test of five attempts takes a moment.
hasty=(--retry-wait 0.02 --rate 200)

setup() {
    archive=$BATS_TEST_TMPDIR/archive
    mkdir -p "$archive"
    cd "$BATS_TEST_TMPDIR" || return
    conf=$BATS_TEST_TMPDIR/more.conf
}

teardown() {
    liar_stop
    tear_down_all
}

# A whole answer, as the liar's script prints it.
ok_script() {
    cat <<-'END'
	answer() { printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n' "$1"; }
	whole() { answer '200 OK'; printf '\r\n{"metadata":{"datasets":["ISPSTACK"]},"data":[]}'; }
	END
}

@test "a 429 is obeyed for as long as it says, and holds back every other request" {
    put_day archive 2024-05-01 3
    # One request a second and no more: the second comes too soon.
    echo 'limit_req_zone $binary_remote_addr zone=one:1m rate=60r/m;' >"$conf.http"
    cat >"$conf" <<-'END'
	location /balancing/ { limit_req zone=one; limit_req_status 429; error_page 429 = @busy; }
	location @busy { add_header Retry-After 2 always; return 429; }
	END
    replay_start "$archive" "$conf"
    started=$EPOCHREALTIME
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --parallel 1 --periods 1-2 2024-05-01
    seconds=$((${EPOCHREALTIME%.*} - ${started%.*}))
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ "$(replay_requests '^429')" -eq 1 ]
    [ "$(replay_requests)" -eq 3 ]
    [ "$seconds" -ge 2 ]
    # Being told to wait is no error.
    [[ "$stderr" != *level=error* ]]
    [[ "$stderr" == *"HTTP 429: attempt 2 of 5 in 2.0 s"* ]]
}

@test "Retry-After as a date is obeyed too" {
    { ok_script; cat <<-'END'
	if [ "$2" -eq 1 ]; then answer '429 Too Many'; printf 'Retry-After: %s\r\n\r\n' "$(LC_ALL=C date -u -d '+2 seconds' '+%a, %d %b %Y %H:%M:%S GMT')"; else whole; fi
	END
    } >script
    liar_start "$PWD/script"
    started=${EPOCHREALTIME/./}
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" "${hasty[@]}" --periods 1 2024-05-01
    ms=$(((${EPOCHREALTIME/./} - started) / 1000))
    [ "$status" -eq 0 ]
    [ "$(liar_requests)" -eq 2 ]
    # The date has whole seconds: between one and two from now.
    [ "$ms" -ge 900 ]
}

@test "told to stay away for longer than it may wait, it tries nothing more and says try later" {
    echo 'location /balancing/ { add_header Retry-After 3600 always; return 429; }' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr timeout 20 fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --parallel 1 2024-05-01
    [ "$status" -eq 75 ]
    [ "$(replay_requests)" -eq 1 ]
    [[ "$stderr" == *"asks to stay away for 3600 s"* ]]
}

@test "a 503 is tried again and the answer behind it is taken" {
    { ok_script; echo 'if [ "$2" -le 2 ]; then answer "503 Busy"; printf "\r\n"; else whole; fi'; } >script
    liar_start "$PWD/script"
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(liar_requests)" -eq 3 ]
    [[ "$stderr" != *level=error* ]]
    [[ "$stderr" == *"requests=3 retries=2"* ]]
}

@test "attempts are bounded, and count the first one" {
    echo 'location /balancing/ { return 500; }' >"$conf"
    replay_start "$archive" "$conf"
    for attempts in 1 3; do
        : >"$NGINX_LOG"
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --attempts "$attempts" --periods 7 2024-05-01
        [ "$status" -eq 75 ]
        [ "$(replay_requests)" -eq "$attempts" ]
        [[ "$stderr" == *"2024-05-01 period 7: HTTP 500"* ]]
    done
}

@test "what is refused for good is asked once" {
    while read -r code want; do
        echo "location /balancing/ { return $code; }" >"$conf"
        replay_start "$archive" "$conf"
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --periods 7 2024-05-01
        echo "$code: status $status, $stderr"
        [ "$status" -eq "$want" ]
        [ "$(replay_requests)" -eq 1 ]
        replay_stop
    done <<-END
	400 69
	401 77
	403 77
	410 69
	END
}

@test "a dead source is left alone after five failures and three probes, and said to be down once" {
    echo 'location /balancing/ { return 503; }' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --parallel 1 2024-05-01 2024-05-10
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(replay_requests)" -eq 8 ]
    [ "$(grep -c 'the source is down (HTTP 503)' <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *" periods were not tried, because the source is down: HTTP 503"* ]]
}

@test "a source that comes back while it is probed is asked for the rest" {
    { ok_script; echo 'if [ "$2" -le 6 ]; then answer "503 Busy"; printf "\r\n"; else whole; fi'; } >script
    liar_start "$PWD/script"
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" "${hasty[@]}" --parallel 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(liar_requests)" -eq 54 ]
    [[ "$stderr" == *"the source answers again"* ]]
}

@test "nobody at home, and nobody of that name, are for later" {
    run --separate-stderr fetch-elexon --base-url http://127.0.0.1:9 "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"after 5 attempts"* ]]
}

@test "a body cut before its Content-Length is thrown away and asked for again" {
    { ok_script; cat <<-'END'
	if [ "$2" -eq 1 ]; then answer '200 OK'; printf 'Content-Length: 1000\r\n\r\n{"metadata":{"datasets":["ISPSTACK"]},"data":[]}'; else whole; fi
	END
    } >script
    liar_start "$PWD/script"
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(liar_requests)" -eq 2 ]
}

@test "a body cut without a length is noticed, asked for again, and never believed" {
    { ok_script; echo 'answer "200 OK"; printf "\r\n{\"metadata\":{\"datasets\":[\"ISPSTACK\"]},\"data\":["'; } >script
    liar_start "$PWD/script"
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" "${hasty[@]}" --attempts 3 --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    [ "$(liar_requests)" -eq 3 ]
    [[ "$stderr" == *"not a whole document"* ]]
}

@test "a server that never answers costs the time-out, times the attempts" {
    echo 'location /balancing/ { echo_sleep 60; echo late; }' >"$conf"
    replay_start "$archive" "$conf"
    started=${EPOCHREALTIME/./}
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --timeout 0.3 --attempts 2 --periods 1 2024-05-01
    ms=$(((${EPOCHREALTIME/./} - started) / 1000))
    [ "$status" -eq 75 ]
    [ "$ms" -ge 600 ]
    # Not as long as either answer would take, however busy the machine is.
    [ "$ms" -lt 50000 ]
    [[ "$stderr" == *"requests=2 retries=1"* ]]
}

@test "one slow request holds back no other, nor does one that waits for its next attempt" {
    put_day archive 2024-05-01 20
    echo "location = /$STACK/bid/2024-05-01/2 { echo_sleep 1; echo_exec /slow; } location /slow { return 200 '{\"data\":[]}'; }" >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --rate 100 --periods 1-20 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 20 ]
    # Answered last ...
    [ "$(replay_requests)" -eq 20 ]
    [[ "$(tail -n 1 "$NGINX_LOG")" == */2 ]]
    # ... and printed in order all the same.
    [[ "${lines[1]}" == 2024-05-01$'\t'1$'\t'* ]]
    [[ "${lines[2]}" == 2024-05-01$'\t'3$'\t'* ]]
    { ok_script; cat <<-'END'
	if [ "${1##*/}" = 2 ] && [ "$(grep -c '/2$' "$LIAR_LOG")" -eq 1 ]; then answer '503 Busy'; printf 'Retry-After: 1\r\n\r\n'; else whole; fi
	END
    } >script
    liar_start "$PWD/script"
    run --separate-stderr fetch-elexon --base-url "$LIAR_URL" --rate 100 --parallel 1 --periods 1-20 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(liar_requests)" -eq 21 ]
    # Others were asked in the second that it waited: all of them, where the machine is quick enough.
    awk '/\/2$/ { at[++n] = NR } END { exit !(n == 2 && at[2] > at[1] + 1) }' "$LIAR_LOG" || { cat "$LIAR_LOG"; false; }
}

@test "a bomb of gzip stops at the size allowed, and is asked once" {
    mkdir -p "archive/$STACK/bid/2024-05-01"
    head -c 20000000 /dev/zero | tr '\0' ' ' | gzip -9 >"archive/$STACK/bid/2024-05-01/1"
    [ "$(stat -c %s "archive/$STACK/bid/2024-05-01/1")" -lt 30000 ]
    echo 'location /balancing/ { gzip off; add_header Content-Encoding gzip; }' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --max-body 1000000 --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 1 ]
    [[ "$stderr" == *"larger than 1000000 bytes"* ]]
}

@test "200 MB of body are cut off at 64 MiB" {
    mkdir -p "archive/$STACK/bid/2024-05-01"
    truncate -s 200M "archive/$STACK/bid/2024-05-01/1"
    echo 'gzip off;' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 1 ]
    [[ "$stderr" == *"larger than 67108864 bytes"* ]]
}

@test "a page of HTML with status 200 is not an answer" {
    echo 'location /balancing/ { default_type text/html; return 200 "<html>maintenance</html>"; }' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 1 ]
    [[ "$stderr" == *"text/html, not JSON: <html>maintenance"* ]]
    replay_stop
    echo 'location /balancing/ { default_type application/json; return 200 "<!DOCTYPE html><html>maintenance</html>"; }' >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"the answer is markup, not JSON: <!DOCTYPE html><html>maintenance"* ]]
}

@test "what answers otherwise than asked is said to be that" {
    cat >script <<-'END'
	[ "${1%/*}" ] || exit
	case $1 in
	/none/*) printf 'SSH-2.0-OpenSSH_9.2\r\n'; exit ;;
	/version/*) printf 'HTTP/1.1 soon\r\n\r\n'; exit ;;
	/unpacked/*) printf 'HTTP/1.1 200 OK\r\nContent-Encoding: none\r\nConnection: close\r\n\r\n{"metadata":{"datasets":["ISPSTACK"]},"data":[]}'; exit ;;
	/empty/*) printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'; exit ;;
	/header/*) printf 'HTTP/1.1 200 OK\r\nX-Padding: %0150000d\r\nConnection: close\r\n\r\n{}' 0; exit ;;
	/br/*) encoding=br ;;
	/400/*)
		printf 'HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n'
		printf '{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,'
		printf '"errors":{"SettlementDate":["The value is not valid for SettlementDate."]},"traceId":"00-4bf92f3577b34da6a3ce929d0e0e4736-00"}'
		exit ;;
	/206/*) printf 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-48/9000\r\nConnection: close\r\n\r\n{"metadata":{"datasets":["ISPSTACK"]},"data":[]}'; exit ;;
	/304/*) printf 'HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n'; exit ;;
	/403/*) printf 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'; exit ;;
	*) encoding=identity ;;
	esac
	printf 'HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nConnection: close\r\n\r\n' "$encoding"
	case $1 in /gzip/*) echo '{}' | gzip ;; *) printf '\213\002\200abc\003' ;; esac
	END
    liar_start "$PWD/script"
    while IFS='|' read -r path want words; do
        run --separate-stderr fetch-elexon --base-url "$LIAR_URL/$path" "${hasty[@]}" --attempts 2 --periods 1 2024-05-01
        echo "$path: $status $stderr"
        [ "$status" -eq "$want" ]
        [ "$output" = "" ] || [ "${#lines[@]}" -eq 1 ]
        [[ "$stderr" == *"$words"* ]]
    done <<-END
	none|76|the server there does not speak HTTP: 
	version|76|the server there does not speak HTTP: 
	unpacked|0|no row of any unit
	empty|75|the body is not a whole document (0 bytes), after 2 attempts
	header|76|a header of the answer is longer than 100 KB, or memory is short
	br|76|the answer is compressed with br, which was not requested
	gzip|76|the answer is compressed with gzip, and its headers do not say so
	206|76|HTTP 206
	304|76|HTTP 304
	400|69|HTTP 400: The value is not valid for SettlementDate."
	403|77|HTTP 403: access denied by the source, or by a proxy or firewall in front of it
	END
}

@test "an address behind which no path can be added is refused before anything is asked" {
    while IFS='|' read -r address words; do
        run --separate-stderr fetch-elexon --base-url "$address" --periods 1 2024-05-01
        echo "$address: $status $stderr"
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"--base-url: the address http://"*"$words"* ]]
        WINDFALL_ELEXON_URL=$address run --separate-stderr fetch-bmunits
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"WINDFALL_ELEXON_URL"*"$words"* ]]
    done <<-'END'
	http://127.0.0.1:99999/a|a port is a number up to 65535
	http://[::1/a|an IPv6 address stands in [ ]
	http://bücher.invalid/a|write it in its form that begins with xn--
	http://127.0.0.1/a?key=x|has a ? or # in it
	END
    run --separate-stderr fetch-elexon --base-url 'http://wind:S3cret@127.0.0.1/a#b' --periods 1 2024-05-01
    [ "$status" -eq 64 ]
    [[ "$stderr" != *S3cret* ]]
    run --separate-stderr fetch-elexon --base-url 'file:///tmp/what?' --periods 1 2024-05-01
    [ "$status" -eq 64 ]
}

@test "where a proxy is set, a connection that fails may be the proxy's" {
    https_proxy=http://127.0.0.1:1 run --separate-stderr fetch-elexon --base-url https://example.invalid "${hasty[@]}" --attempts 1 --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"Failed to connect to 127.0.0.1 port 1"*"(check the proxy that https_proxy names)"* ]]
    http_proxy=nonsense://x run --separate-stderr fetch-elexon --base-url http://127.0.0.1:1 "${hasty[@]}" --attempts 1 --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"(check the proxy that http_proxy names)"* ]]
    run --separate-stderr fetch-elexon --base-url http://127.0.0.1:1 "${hasty[@]}" --attempts 1 --periods 1 2024-05-01
    [[ "$stderr" != *"proxy"* ]]
}

@test "redirects are followed three times, and never to a file" {
    put_day archive 2024-05-01 1
    cat >"$conf" <<-END
	location /loop/ { return 302 /loop/again; }
	location /once/ { rewrite ^/once/(.*) /\$1 redirect; }
	location /file/ { return 302 file:///etc/passwd; }
	END
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL/loop" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 4 ]
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL/file" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 76 ]
    [ "$(replay_requests)" -eq 5 ]
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL/once" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
}

# tls_conf HOST - $conf and $conf.http: a server that speaks HTTP/2 over TLS at $tls_port.
tls_conf() {
    tls_port=$((12000 + RANDOM % 8000))
    # One that nobody listens on.
    while listens "$tls_port"; do tls_port=$((tls_port + 1)); done
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" 2>/dev/null
    chmod 644 key.pem
    echo "log_format wire '\$connection \$server_protocol';" >"$conf.http"
    cat >"$conf" <<-END
	listen 127.0.0.1:$tls_port ssl http2;
	ssl_certificate $PWD/cert.pem;
	ssl_certificate_key $PWD/key.pem;
	access_log $BATS_TEST_TMPDIR/nginx/access.log replay;
	access_log $BATS_TEST_TMPDIR/nginx/wire.log wire;
	END
}

tls_server() {
    tls_conf "$1"
    replay_start "$archive" "$conf"
}

@test "over TLS it is HTTP/2 on one connection" {
    put_day archive 2024-05-01 48
    tls_server localhost
    SSL_CERT_FILE=$PWD/cert.pem run --separate-stderr fetch-elexon --base-url "https://localhost:$tls_port" --rate 200 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 49 ]
    replay_requests >/dev/null
    [ "$(grep -c 'HTTP/2.0' "$BATS_TEST_TMPDIR/nginx/wire.log")" -eq 48 ]
    [ "$(grep 'HTTP/2.0' "$BATS_TEST_TMPDIR/nginx/wire.log" | sort -u | wc -l)" -eq 1 ]
}

# What this engine can be told by --http1.1, in the one tool that has it; the listing is empty.
@test "--http1.1 is HTTP/1.1 where HTTP/2 is offered, and without it HTTP/2 is taken" {
    load coinbase
    put_listing "$archive"
    tls_conf localhost
    tls=$conf
    coinbase_conf
    cat "$tls" >>"$conf"
    cat "$tls.http" >>"$conf.http"
    replay_start "$archive" "$conf"
    new_key ec
    export SSL_CERT_FILE=$PWD/cert.pem
    for version in 2.0: 1.1:--http1.1; do
        # shellcheck disable=SC2086 # one option or none
        run --separate-stderr fetch-fills --base-url "https://localhost:$tls_port" --retry-wait 0.02 ${version#*:}
        echo "$version: $status $stderr"
        [ "$status" -eq 0 ]
        replay_requests >/dev/null
        [ "$(cut -d' ' -f 2 "$BATS_TEST_TMPDIR/nginx/wire.log" | tail -n 1)" = "HTTP/${version%%:*}" ]
    done
    [ "$(cut -d' ' -f 2 "$BATS_TEST_TMPDIR/nginx/wire.log" | sort -u | paste -sd' ')" = "HTTP/1.1 HTTP/2.0" ]
}

@test "an archive on disk: what cannot be read, is no file, is too large or no JSON ends as an answer of that kind would" {
    mkdir -p 'an archive/charts' 'an archive/pipe' empty
    echo '{"values":[{"x":1741392000,"y":86000.5}]}' >'an archive/charts/market-price'
    at() { run --separate-stderr timeout 20 fetch-prices --no-header "${@:2}" --base-url "file://$PWD/$1"; echo "$1: $status $stderr"; }
    # An address is one: blanks are percent-encoded in it.
    at 'an%20archive'
    [ "$status" -eq 0 ]
    [ "$(cut -f 3 <<<"$output")" = 86000.5 ]
    at empty
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"no price history there"* ]]
    at nowhere
    [ "$status" -eq 76 ]
    # A folder, and a pipe that nobody writes, which must not be waited for.
    rm 'an archive/charts/market-price'
    mkdir 'an archive/charts/market-price'
    at 'an%20archive'
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"not a plain file"* ]]
    rmdir 'an archive/charts/market-price'
    mkfifo 'an archive/charts/market-price'
    at 'an%20archive'
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"not a plain file"* ]]
    rm 'an archive/charts/market-price'
    echo '<html>a page that was saved</html>' >'an archive/charts/market-price'
    at 'an%20archive'
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"not JSON: <html>"* ]]
    for body in '' '{"values":[{"x":1741392000,' '[]' 'null' '{"values":{}}'; do
        printf '%s' "$body" >'an archive/charts/market-price'
        at 'an%20archive'
        [ "$status" -eq 76 ]
    done
    printf '{"values":[{"x":1741392000,"y":86000.5%70000s}]}' '' >'an archive/charts/market-price'
    at 'an%20archive' --max-body 65536
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"the file is larger than 65536 bytes"* ]]
    at 'an%20archive' --max-body 131072
    [ "$status" -eq 0 ]
}

@test "a file of an archive that this user may not read is not allowed: 77" {
    mkdir -p archive/charts
    echo '{"values":[{"x":1741392000,"y":86000.5}]}' >archive/charts/market-price
    chmod 000 archive/charts/market-price
    ask=(fetch-prices --no-header --base-url "file://$PWD/archive")
    # Root reads everything, unless it gives that up.
    all=-dac_override,-dac_read_search
    [ "$(id -u)" -ne 0 ] || ask=(setpriv "--bounding-set=$all" "--inh-caps=$all" "${ask[@]}")
    run --separate-stderr "${ask[@]}"
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"Permission denied"* ]]
    [ "$output" = "" ]
}

@test "a certificate that nobody vouches for, or of another host, ends it at once" {
    put_day archive 2024-05-01 48
    tls_server elsewhere.example
    run --separate-stderr fetch-elexon --base-url "https://localhost:$tls_port" "${hasty[@]}" --parallel 1 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"certificate cannot be trusted"* ]]
    SSL_CERT_FILE=$PWD/cert.pem run --separate-stderr fetch-elexon --base-url "https://localhost:$tls_port" "${hasty[@]}" --parallel 1 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"certificate cannot be trusted"* ]]
    [ "$(replay_requests)" -eq 0 ]
}

@test "a certificate that is too old says by which clock" {
    put_day archive 2024-05-01 1
    tls_server localhost
    SSL_CERT_FILE=$PWD/cert.pem run --separate-stderr faketime '2090-01-01 12:00:00' fetch-elexon --base-url "https://localhost:$tls_port" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"certificate has expired, by the clock of this machine, which says 2090-01-01T"* ]]
}

@test "https to a server that speaks none is refused in words" {
    put_day archive 2024-05-01 1
    replay_start "$archive"
    run --separate-stderr fetch-elexon --base-url "${REPLAY_URL/http:/https:}" "${hasty[@]}" --periods 1 2024-05-01
    [ "$status" -eq 69 ]
    [[ "$stderr" == *SSL* ]]
}

@test "starts never exceed the rate in any second, and keep it nearly full" {
    put_day archive 2024-05-01 48
    echo "log_format clock '\$msec';" >"$conf.http"
    echo "access_log $BATS_TEST_TMPDIR/nginx/access.log replay; access_log $BATS_TEST_TMPDIR/nginx/clock.log clock;" >"$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --rate 20 2024-05-01
    [ "$status" -eq 0 ]
    replay_requests >/dev/null
    # The server writes down when it has answered, with the jitter of this machine: hence the margin.
    run awk '$1 ~ /^[0-9]+\.[0-9]+$/ { t[n++] = $1 }
             END { for (i = 0; i < n; i++) { for (j = i; j < n && t[j] < t[i] + 1; j++); if (j - i > most) most = j - i }
                   print n, most, (t[n-1] - t[0] < 48 / 20 * 1.5) ? "full" : "slow" }' "$BATS_TEST_TMPDIR/nginx/clock.log"
    echo "$output"
    read -r n most pace <<<"$output"
    [ "$n" -eq 48 ]
    [ "$most" -le 25 ]
    [ "$pace" = full ]
}

@test "no more than --parallel requests are on the way at one time" {
    put_day archive 2024-05-01 20
    echo 'limit_conn_zone $binary_remote_addr zone=few:1m;' >"$conf.http"
    cat >"$conf" <<-'END'
	location /balancing/ { limit_conn few 3; echo_sleep 0.05; echo_exec /whole$uri; }
	location /whole/ { internal; alias ARCHIVE/; }
	END
    sed -i "s|ARCHIVE|$archive|" "$conf"
    replay_start "$archive" "$conf"
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" --rate 200 --parallel 3 --periods 1-20 2024-05-01
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 21 ]
    [ "$(replay_requests '^503')" -eq 0 ]
    # The door does close on the fourth.
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL" "${hasty[@]}" --parallel 8 --periods 1-20 2024-05-01
    [ "$(replay_requests '^503')" -gt 0 ]
}

@test "what is said of an address has no user, password or query" {
    echo 'location /x/ { return 503; }' >"$conf"
    replay_start "$archive" "$conf"
    run fetch-elexon -v --base-url "${REPLAY_URL/http:\/\//http://user:canary1@}/x" "${hasty[@]}" --attempts 2 --periods 1 2024-05-01
    [ "$status" -eq 75 ]
    [[ "$output" == *"/x/$STACK/bid/2024-05-01/1: HTTP 503: attempt 2"* ]]
    [[ "$output" != *canary* ]]
    # The source's own query is not shown either, nor that of an address that is refused for it.
    run fetch-wind -v --base-url "${REPLAY_URL/http:\/\//http://user:canary1@}/x" --retry-wait 0.02 --attempts 2 2024-05-01
    [ "$status" -eq 75 ]
    [[ "$output" == *"/x/generation/actual/per-type/wind-and-solar: HTTP 503: attempt 2"* ]]
    [[ "$output" != *canary* ]]
    run fetch-elexon -v --base-url "${REPLAY_URL/http:\/\//http://user:canary1@}/x/?key=canary2#" --periods 1 2024-05-01
    [ "$status" -eq 64 ]
    [[ "$output" != *canary* ]]
}

@test "plain http to another machine is warned of, once" {
    put_day archive 2024-05-01 2
    replay_start "$archive"
    run --separate-stderr fetch-elexon --base-url "${REPLAY_URL/127.0.0.1/0.0.0.0}" "${hasty[@]}" --periods 1-2 2024-05-01
    [ "$status" -eq 0 ]
    [ "$(grep -c 'not https' <<<"$stderr")" -eq 1 ]
}

# Has somebody a connection to the server of this URL?
is_connected() {
    local port=${1#http://*:}
    grep -q " [0-9A-F]*:$(printf %04X "${port%%/*}") 01 " /proc/net/tcp
}

@test "SIGTERM and SIGINT end it at once, in the middle of waiting" {
    echo 'location /balancing/ { echo_sleep 30; echo late; }' >"$conf"
    replay_start "$archive" "$conf"
    for signal in TERM INT; do
        # bash lets background jobs ignore SIGINT; env gives it back.
        env --default-signal=INT fetch-elexon --base-url "$REPLAY_URL" 2024-05-01 >out 2>err 3>&- &
        pid=$!
        wait_until is_connected "$REPLAY_URL"
        started=$SECONDS
        kill "-$signal" "$pid"
        status=0
        wait "$pid" || status=$?
        [ $((SECONDS - started)) -lt 20 ]
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
    done
}

@test "an option out of range is a usage error that names it" {
    for option in --parallel=0 --parallel=1.5 --rate=0 --rate=nan --attempts=many --timeout=-1 --max-body=0 --retry-wait=; do
        run --separate-stderr fetch-elexon "$option" 2024-05-01
        echo "$option: $status $stderr"
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"${option%%=*}"* ]]
    done
}

# ---- packed answers -----------------------------------------------------------------------------

@test "gzip in one member and in several is unpacked; a cut one is tried again, a false one is told as what it is" {
    local body=$root/tests/data/archive/balancing/settlement/stack/all/bid/2022-01-01/20
    mkdir packed
    gzip -c "$body" >packed/whole
    { head -c 20000 "$body" | gzip -c; tail -c +20001 "$body" | gzip -c; } >packed/members
    head -c -12 packed/whole >packed/cut
    # Padding is what gzip itself passes over; anything else behind the last member is not.
    { cat packed/whole; head -c 100000 /dev/zero; } >packed/padded
    { cat packed/whole; printf '\0\0xyz'; } >packed/tail
    cp "$body" packed/false
    chmod -R a+rX .
    cat >places <<-END
	gzip off;
	location ~ ^/(whole|members|padded|tail|cut|false)/ {
	    add_header Content-Encoding gzip;
	    alias $PWD/packed/\$1;
	}
	END
    replay_start "$PWD/packed" "$PWD/places"
    fetch-elexon -q --base-url "file://$root/tests/data/archive" --periods 20 2022-01-01 >want
    for form in whole members padded; do
        fetch-elexon -q --base-url "$REPLAY_URL/$form" --periods 20 2022-01-01 >got
        cmp want got
    done
    run --separate-stderr fetch-elexon --base-url "$REPLAY_URL/cut" --attempts 2 --retry-wait 0.01 --periods 20 2022-01-01
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"the compressed body is cut off after "* ]]
    for form in false tail; do
        run --separate-stderr fetch-elexon --base-url "$REPLAY_URL/$form" --attempts 2 --retry-wait 0.01 --periods 20 2022-01-01
        [ "$status" -eq 75 ]
        [[ "$stderr" == *"the body cannot be decompressed: incorrect header check"* ]]
    done
}
