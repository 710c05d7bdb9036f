# send-alert against a real web server, a real SMTP dialogue and real programs.
bats_require_minimum_version 1.5.0

load helper

setup() {
	export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
	mkdir -p "$WINDFALL_STATE/etc"
	unset SLACK_WEBHOOK_URL PING_URL MAIL_TO SSL_CERT_FILE "${!SMTP_@}" WINDFALL_HOOKS_DIR WINDFALL_ALERT_CONFIG
	unset WINDFALL_JOB WINDFALL_RUN WINDFALL_STEP
	SINKS=()
}

teardown() {
	local pid
	for pid in "${SINKS[@]}"; do
		hit TERM "$pid"
	done
	tear_down_all
}

# A web server that keeps what it is sent: bodies in $BODIES, one JSON object a line.
web_start() {
	local home=$BATS_TEST_TMPDIR/web
	mkdir -p "$home/root"
	BODIES=$home/bodies
	cat >"$home/locations" <<-END
		client_max_body_size 1m;
		location /take/ { access_log $BODIES sent; echo_read_request_body; echo ok; }
		location /busy/ { access_log $BODIES sent; add_header Retry-After 1 always; return 429; }
		location /later/ { access_log $BODIES sent; add_header Retry-After 3600 always; return 429; }
		location /down/ { access_log $BODIES sent; return 500 "\$request_uri is broken"; }
		location /gone/ { access_log $BODIES sent; return 404 "no_service"; }
		location /unknown/ { access_log $BODIES sent; return 200 "OK (not found)"; }
		location /teams/ { access_log $BODIES sent; return 200 "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"; }
		location /page/ { access_log $BODIES sent; return 200 "<!DOCTYPE html><title>Sign in</title>"; }
		location /refused/ { access_log $BODIES sent; return 200 '{"data":"$(printf 'x%.0s' {1..900})","errcode":93000,"errmsg":"invalid webhook url"}'; }
		location /moved/ { access_log $BODIES sent; return 302 /take/elsewhere; }
		location /slow/ { access_log $BODIES sent; echo ok; echo_flush; echo_sleep 30; echo ok; }
		location /hang/ { access_log $BODIES sent; echo_sleep 30; echo ok; }
		location /soon/ { access_log $BODIES sent; add_header Retry-After 1 always; if (!-e $home/free) { return 429; } echo_read_request_body; echo ok; }
	END
	cat >"$home/locations.http" <<-END
		log_format sent escape=json '{"at":\$msec,"uri":"\$request_uri","type":"\$content_type","status":\$status,"body":"\$request_body"}';
	END
	replay_start "$home/root" "$home/locations"
}

# body FIELD [N] - a field of the Nth (last) request that was kept.
body() {
	curl -fsS -o /dev/null "$REPLAY_URL/replay-sync"
	sed -n "${2:-\$}p" "$BODIES" | jq -r ".$1"
}

requests() {
	curl -fsS -o /dev/null "$REPLAY_URL/replay-sync"
	if [ -e "$BODIES" ]; then wc -l <"$BODIES"; else echo 0; fi
}

free_port() {
	local port
	for _ in {1..50}; do
		port=$((12000 + RANDOM % 8000))
		(exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$port") || { echo "$port"; return; }
	done
}

wait_port() {
	for _ in {1..100}; do
		(exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1") && return
		sleep 0.02
	done
	return 1
}

listen() {
	socat "$@" 3>&- 2>>"$BATS_TEST_TMPDIR/socat.log" &
	SINKS+=($!)
}

# sink_start [starttls] - mail goes to $SINK; MAIL_* and SMTP_URL are set.
sink_start() {
	local sink tls=
	sink=$root/tests/cli/smtp-sink.bash
	SINK=$BATS_TEST_TMPDIR/sink
	mkdir -p "$SINK"
	SMTP_PORT=$(free_port)
	if [ "${1:-}" = starttls ]; then
		tls=$((SMTP_PORT + 1))
		certificates
		listen "OPENSSL-LISTEN:$tls,bind=127.0.0.1,reuseaddr,fork,verify=0,cert=$CERTS/server.pem" \
			"EXEC:bash $sink $SINK - secure"
		wait_port "$tls"
	fi
	listen "TCP-LISTEN:$SMTP_PORT,bind=127.0.0.1,reuseaddr,fork" "EXEC:bash $sink $SINK $tls"
	wait_port "$SMTP_PORT"
	rm -f "$SINK/commands"
	export SMTP_URL=smtp://127.0.0.1:$SMTP_PORT MAIL_FROM=windfall@example.org MAIL_TO=ops@example.org
}

# An authority of our own and a certificate of 127.0.0.1 by it.
certificates() {
	CERTS=$BATS_TEST_TMPDIR/certs
	mkdir -p "$CERTS"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-authority \
		-keyout "$CERTS/ca.key" -out "$CERTS/ca.crt" 2>/dev/null
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 \
		-keyout "$CERTS/server.key" -out "$CERTS/server.csr" 2>/dev/null
	printf 'subjectAltName=IP:127.0.0.1\n' >"$CERTS/ext"
	openssl x509 -req -in "$CERTS/server.csr" -CA "$CERTS/ca.crt" -CAkey "$CERTS/ca.key" -CAcreateserial -days 2 \
		-extfile "$CERTS/ext" -out "$CERTS/server.crt" 2>/dev/null
	cat "$CERTS/server.crt" "$CERTS/server.key" >"$CERTS/server.pem"
}

# hook NAME - a program in the hooks directory; its text comes on stdin.
hook() {
	mkdir -p "$WINDFALL_STATE/etc/hooks.d"
	cat >"$WINDFALL_STATE/etc/hooks.d/$1"
	chmod 755 "$WINDFALL_STATE/etc/hooks.d/$1"
}

# gone PID - within a second: a dead process that nobody has waited for is gone too.
gone() {
	for _ in {1..50}; do
		grep -q '^State:[[:space:]]*[RSDTt]' "/proc/$1/status" 2>/dev/null || return 0
		sleep 0.02
	done
	return 1
}

alert() {
	local message=$1
	shift
	run --separate-stderr send-alert "$@" <<<"$message"
}

@test "with no target configured it is quiet, and says so only when asked" {
	alert "the day failed" --key host/daily
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$stderr" = "" ]
	alert "the day failed" --key host/daily -v
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"no target is configured"* ]]
}

@test "an empty message, an argument instead of one, and unknown words are refused" {
	alert ""
	[ "$status" -eq 65 ]
	run --separate-stderr send-alert "the day failed" </dev/null
	[ "$status" -eq 64 ]
	alert x --severity grave
	[ "$status" -eq 64 ]
	alert x --ping stop
	[ "$status" -eq 64 ]
	alert x --resolve
	[ "$status" -eq 64 ]
	alert x --timeout 0
	[ "$status" -eq 64 ]
	alert x --code 256
	[ "$status" -eq 64 ]
	alert x --window 1h
	[ "$status" -eq 64 ]
}

@test "Slack gets one JSON text with & < > as entities and terminal escapes gone" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/T0/B0/xyz
	alert "$(printf 'farm <T_X-1> & co \033[31mred\033[0m "quoted" \\ back\nsecond line')" --severity critical --key h/daily
	[ "$status" -eq 0 ]
	[ "$(body type)" = application/json ]
	text=$(body body | jq -r .text)
	[[ "$text" == "*CRITICAL farm &lt;T_X-1&gt; &amp; co red \"quoted\" \\ back*"* ]]
	[[ "$text" == *$'\n'"second line"* ]]
	[[ "$text" == *"severity=critical key=h/daily host="* ]]
	[ "$(body body | jq -r 'keys | join(",")')" = text ]
}

@test "a message of any length fits Slack's section, cut between characters" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	head -c 200000 /dev/zero | tr '\0' 'x' | sed 's/x/é/g' >"$BATS_TEST_TMPDIR/long"
	run --separate-stderr send-alert <"$BATS_TEST_TMPDIR/long"
	[ "$status" -eq 0 ]
	text=$(body body | jq -r .text)
	[ "${#text}" -le 3000 ]
	[[ "$text" == *"é…"* ]]
	[[ "$text" != *$'\xef\xbf\xbd'* ]]
}

@test "the same key is told once within its window, and again after it" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	for _ in 1 2 3; do
		alert "broken" --key h/daily
		[ "$status" -eq 0 ]
	done
	[ "$(requests)" -eq 1 ]
	alert "broken" --key h/weekly
	[ "$(requests)" -eq 2 ]
	run --separate-stderr faketime -f +25h send-alert --key h/daily <<<"broken"
	[ "$(requests)" -eq 3 ]
	[[ "$(body body)" == *"reports=4"* ]]
	alert "broken" --key h/daily --window 0
	[ "$(requests)" -eq 4 ]
}

@test "what has become more severe is told at once" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "slow" --key h/daily --severity warning
	alert "dead" --key h/daily --severity critical
	alert "slow" --key h/daily --severity warning
	[ "$(requests)" -eq 2 ]
	[[ "$(body body)" == *CRITICAL* ]]
}

@test "a clock that was set back does not silence an alert for ever" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	run --separate-stderr faketime -f +400d send-alert --key h/daily <<<"broken"
	alert "broken" --key h/daily
	[ "$(requests)" -eq 2 ]
	alert "broken" --key h/daily
	[ "$(requests)" -eq 2 ]
}

@test "a recovery is told once, only if the trouble was, and the next trouble is news again" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "all is well" --resolve --key h/daily
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 0 ]
	alert "broken" --key h/daily
	alert "all is well" --resolve --severity critical --key h/daily
	[ "$(requests)" -eq 2 ]
	[[ "$(body body | jq -r .text)" == "*RESOLVED all is well*"*"severity=info "* ]]
	alert "all is well" --resolve --key h/daily
	[ "$(requests)" -eq 2 ]
	[ "$(find "$WINDFALL_STATE/var/alerts" -type f ! -name '*.lock' | wc -l)" -eq 0 ]
	alert "broken" --key h/daily
	[ "$(requests)" -eq 3 ]
}

@test "with --after 2 the first report is kept back, the second told, and a recovery between starts anew" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "busy" --key h/daily --after 2
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 0 ]
	alert "fine" --resolve --key h/daily
	[ "$(requests)" -eq 0 ]
	alert "busy" --key h/daily --after 2
	[ "$(requests)" -eq 0 ]
	alert "busy" --key h/daily --after 2
	[ "$(requests)" -eq 1 ]
}

@test "two alerts of one key at once are one message" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	for n in 1 2 3 4; do
		send-alert --key h/daily <<<"broken" 2>/dev/null 3>&- &
		pids[n]=$!
	done
	for n in 1 2 3 4; do
		wait "${pids[n]}"
	done
	[ "$(requests)" -eq 1 ]
}

@test "an alert whose words come late was told by one that began after it" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	mkfifo "$BATS_TEST_TMPDIR/words"
	send-alert --key h/daily <"$BATS_TEST_TMPDIR/words" 2>/dev/null 3>&- &
	late=$!
	exec 9>"$BATS_TEST_TMPDIR/words"
	sleep 1.2
	send-alert --key h/daily <<<"broken" 2>/dev/null 9>&-
	echo "broken" >&9
	exec 9>&-
	wait "$late"
	[ "$(requests)" -eq 1 ]
}

@test "429 with Retry-After is obeyed within the time-out" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/soon/x
	send-alert --timeout 60 <<<"one" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	sender=$!
	for _ in $(seq 1000); do
		[ "$(requests)" -eq 0 ] || break
		sleep 0.02
	done
	touch "$BATS_TEST_TMPDIR/web/free"
	wait "$sender"
	[ "$(body status 1)" -eq 429 ]
	[ "$(body status)" -eq 200 ]
	# By the server's own clock, from each answer to the next.
	jq -es '[.[].at] as $at | ($at | length) > 1 and all(range(1; $at | length); $at[.] - $at[. - 1] >= 0.99)' "$BODIES"
}

@test "a Retry-After beyond the time-out is not waited for: 75, and the next run tries again" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/later/x
	began=$SECONDS
	alert "one" --key k --timeout 60
	[ "$status" -eq 75 ]
	[ $((SECONDS - began)) -lt 50 ]
	[[ "$stderr" == *"slack"*"429"* ]]
	[ "$(requests)" -eq 1 ]
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "one" --key k
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 2 ]
}

@test "a server that fails is tried again until the time is up; one that refuses is not" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/down/x
	alert "one" --timeout 3
	[ "$status" -eq 75 ]
	[ "$(requests)" -ge 2 ]
	before=$(requests)
	export SLACK_WEBHOOK_URL=$REPLAY_URL/gone/x
	alert "one" --timeout 3
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"answered 404: no_service"* ]]
	[ "$(requests)" -eq $((before + 1)) ]
	export SLACK_WEBHOOK_URL=$REPLAY_URL/moved/x
	alert "one"
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"answered 302: it has moved to $REPLAY_URL/…"* && "$stderr" != *elsewhere* ]]
	[ "$(requests)" -eq $((before + 2)) ]
	[[ "$stderr" == *"alert not sent"*"sent=0 failed=1"* ]]
	# An answer that does not come to its end has still taken the message, once.
	export SLACK_WEBHOOK_URL=$REPLAY_URL/slow/x
	alert "one" --timeout 2
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"alert sent"*"sent=1 failed=0"* ]]
}

@test "a success whose body says that nothing was taken is none; a web page is doubted" {
	web_start
	export PING_URL=$REPLAY_URL/unknown/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278
	alert "" --ping success
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"ping: "*"answered 200: OK (not found)"* ]]
	[ "$(requests)" -eq 1 ]
	# Teams' connector: for later, and not remembered as told.
	unset PING_URL
	export SLACK_WEBHOOK_URL=$REPLAY_URL/teams/x
	alert "one" --key job --timeout 2
	[ "$status" -eq 75 ]
	[[ "$stderr" == *"answered 200: Webhook message delivery failed"* ]]
	# However long the answer is.
	export SLACK_WEBHOOK_URL=$REPLAY_URL/refused/x
	alert "one" --key job
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"answered 200: {"*"sent=0 failed=1"* ]]
	export SLACK_WEBHOOK_URL=$REPLAY_URL/page/x
	alert "one" --key job
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"level=warning"*"answered with a web page"*"sent=1 failed=0"* ]]
}

@test "a target that hangs takes its time-out and holds up no other" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/hang/x
	hook quick <<-'END'
		#!/bin/sh
		cat >"$WINDFALL_STATE/got"
		echo "token=S3cret loud"
		head -c 300000 /dev/zero | tr '\0' x
		echo ended >>"$WINDFALL_STATE/heard"
	END
	hook stuck <<-'END'
		#!/bin/sh
		trap '' TERM
		echo $$ >"$WINDFALL_STATE/stuck.pid"
		sleep 60 & wait
	END
	began=$(date +%s%N)
	alert "one" --key k --timeout 1
	took=$((($(date +%s%N) - began) / 1000000))
	[ "$status" -eq 75 ]
	[ "$took" -lt 25000 ]
	[ "$(head -n 1 "$WINDFALL_STATE/got")" = one ]
	[[ "$stderr" == *"hook:stuck"*"not done after 1 s"* ]]
	[[ "$stderr" == *"slack"* ]]
	gone "$(cat "$WINDFALL_STATE/stuck.pid")"
	# What a program prints is shown without secrets, and not without an end; it need not know.
	[[ "$stderr" == *'token=*** loud'$'\n'xxx*"hook:quick: it prints more than 16384 bytes: the rest is left out"* ]]
	[ "${#stderr}" -lt 20000 ]
	[ -s "$WINDFALL_STATE/heard" ]
	# The one that was told is not told again; the others are.
	rm "$WINDFALL_STATE/got" "$WINDFALL_STATE/etc/hooks.d/stuck"
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "one" --key k --timeout 1
	[ "$status" -eq 0 ]
	[ ! -e "$WINDFALL_STATE/got" ]
	[ "$(body uri)" = /take/x ]
}

@test "a hook gets the message on stdin, the facts in its environment, and no secrets" {
	hook all <<-'END'
		#!/bin/sh
		cat >"$WINDFALL_STATE/got"
		env >"$WINDFALL_STATE/env"
		ls /proc/self/fd >"$WINDFALL_STATE/fds"
		echo noise
	END
	export DATABASE_URL=postgresql://u:CANARY1@h/d SMTP_PASSWORD=CANARY2xyz WINDFALL_JOB=daily WINDFALL_RUN=ab12 WINDFALL_STEP=fetch
	exec 7>"$BATS_TEST_TMPDIR/held"
	alert "$(printf 'broken\nat T_X-1')" --key "h/daily" --severity critical --subject 'the title'
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$(head -n 2 "$WINDFALL_STATE/got")" = "$(printf 'broken\nat T_X-1')" ]
	grep -qx 'ALERT_KEY=h/daily' "$WINDFALL_STATE/env"
	grep -qx 'ALERT_SEVERITY=critical' "$WINDFALL_STATE/env"
	grep -qx 'ALERT_EVENT=problem' "$WINDFALL_STATE/env"
	grep -qx 'ALERT_SUBJECT=CRITICAL the title' "$WINDFALL_STATE/env"
	grep -qx 'WINDFALL_JOB=daily' "$WINDFALL_STATE/env"
	grep -qx 'WINDFALL_STEP=fetch' "$WINDFALL_STATE/env"
	run ! grep -q CANARY "$WINDFALL_STATE/env"
	run ! grep -qx 7 "$WINDFALL_STATE/fds"
	# A key may quote what somebody typed; two that look alike are two.
	alert one --key $'k\e[31m\xff\u202e postgresql://u:CANARY3@h/d 1\n'
	grep -qx $'ALERT_KEY=k\ufffd postgresql://u:\\*\\*\\*@h/d 1' "$WINDFALL_STATE/env"
	rm "$WINDFALL_STATE/env"
	alert one --key $'k\ufffd postgresql://u:***@h/d 1'
	[ -e "$WINDFALL_STATE/env" ]
	run ! grep -aq 'CANARY' "$WINDFALL_STATE/got" "$WINDFALL_STATE/env"
	run ! grep -aqP '\x1b|\x{202e}' "$WINDFALL_STATE/got" "$WINDFALL_STATE/env"
}

@test "a hook that others may write is not run, nor is any in a directory that they may write" {
	hook good <<-'END'
		#!/bin/sh
		touch "$WINDFALL_STATE/good"
	END
	hook bad <<-'END'
		#!/bin/sh
		touch "$WINDFALL_STATE/bad"
	END
	hook ignored.dpkg-old <<-'END'
		#!/bin/sh
		touch "$WINDFALL_STATE/ignored"
	END
	chmod 777 "$WINDFALL_STATE/etc/hooks.d/bad"
	alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"bad: others may write it"* ]]
	[ -e "$WINDFALL_STATE/good" ]
	[ ! -e "$WINDFALL_STATE/bad" ]
	[ ! -e "$WINDFALL_STATE/ignored" ]
	rm "$WINDFALL_STATE/good"
	chmod 777 "$WINDFALL_STATE/etc/hooks.d"
	alert "one"
	[ "$status" -eq 78 ]
	[ ! -e "$WINDFALL_STATE/good" ]
	# What is not a program is none; a folder that is named must be there.
	chmod 755 "$WINDFALL_STATE/etc/hooks.d"
	rm "$WINDFALL_STATE/etc/hooks.d/bad"
	mkdir "$WINDFALL_STATE/etc/hooks.d/folder"
	: >"$WINDFALL_STATE/etc/hooks.d/notes"
	alert "one"
	[ "$status" -eq 0 ]
	[ -e "$WINDFALL_STATE/good" ]
	WINDFALL_HOOKS_DIR=$WINDFALL_STATE/nowhere alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"$WINDFALL_STATE/nowhere: No such file or directory"* ]]
	[ "$(id -u)" -eq 0 ] || skip "needs root, to give a hook away"
	rm "$WINDFALL_STATE/good"
	chown 65534 "$WINDFALL_STATE/etc/hooks.d/good"
	alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"good: it belongs to somebody else, so nothing of it is run"* ]]
	[ ! -e "$WINDFALL_STATE/good" ]
}

@test "a hook that fails is said, and is told again the next time" {
	hook flaky <<-'END'
		#!/bin/sh
		echo x >>"$WINDFALL_STATE/calls"
		[ -e "$WINDFALL_STATE/mended" ] || exit 3
	END
	alert "one" --key k
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"hook:flaky: ended with status 3"* ]]
	touch "$WINDFALL_STATE/mended"
	alert "one" --key k
	[ "$status" -eq 0 ]
	alert "one" --key k
	[ "$(wc -l <"$WINDFALL_STATE/calls")" -eq 2 ]
}

@test "a failed recovery message is sent by the next --resolve" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "one" --key k
	export SLACK_WEBHOOK_URL=$REPLAY_URL/later/x
	alert "fine" --resolve --key k
	[ "$status" -eq 75 ]
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "fine" --resolve --key k
	[ "$status" -eq 0 ]
	[[ "$(body body)" == *RESOLVED* ]]
	[ "$(requests)" -eq 3 ]
}

@test "the configuration file is read only if it is private, and never by a shell" {
	web_start
	printf '# alerts\n\nSLACK_WEBHOOK_URL = "%s/take/$(touch %s/pwned)x"\n' "$REPLAY_URL" "$WINDFALL_STATE" |
		tr -d ' ' | sed 's/#alerts/# alerts/' >"$WINDFALL_STATE/etc/alert.conf"
	chmod 644 "$WINDFALL_STATE/etc/alert.conf"
	alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"alert.conf: others may read or write it"* ]]
	[ "$(requests)" -eq 0 ]
	# With the mark and the line ends of an editor elsewhere.
	printf '\xef\xbb\xbf# alerts\r\nSLACK_WEBHOOK_URL = "%s/take/$x"\r\n' "$REPLAY_URL" >"$WINDFALL_STATE/etc/alert.conf"
	chmod 600 "$WINDFALL_STATE/etc/alert.conf"
	alert "one"
	[ "$status" -eq 0 ]
	[ "$(body uri)" = '/take/$x' ]
	[ ! -e "$WINDFALL_STATE/pwned" ]
	# The environment outranks it, even with nothing.
	SLACK_WEBHOOK_URL='' alert "one"
	[ "$(requests)" -eq 1 ]
}

@test "a wrong line of the configuration is named by its number, without its text, and the rest is used" {
	web_start
	printf 'SLACK_WEBHOOK=CANARYurl\nSLACK_WEBHOOK_URL=%s/take/x\nCANARYpassword\n' "$REPLAY_URL" >"$WINDFALL_STATE/own.conf"
	chmod 600 "$WINDFALL_STATE/own.conf"
	WINDFALL_ALERT_CONFIG=$WINDFALL_STATE/own.conf alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"own.conf:1: SLACK_WEBHOOK: no such setting"*"SLACK_WEBHOOK_URL"* ]]
	[[ "$stderr" == *"own.conf:3: not NAME=value"* ]]
	[[ "$stderr" != *CANARY* ]]
	[ "$(requests)" -eq 1 ]
	WINDFALL_ALERT_CONFIG=/nonexistent alert "one"
	[ "$status" -eq 78 ]
}

@test "the file of alerts is read by the rules of windfall.conf: what it does not mean is named, and the rest is used" {
	web_start
	export WINDFALL_ALERT_CONFIG=$WINDFALL_STATE/own.conf
	said() {
		printf '%b\n' "$2" >"$WINDFALL_ALERT_CONFIG"
		chmod 600 "$WINDFALL_ALERT_CONFIG"
		alert "one"
		[[ "$status" -eq 78 && "$stderr" == *"own.conf:$1"* ]] || { echo "$2: $status $stderr"; return 1; }
		[ "$(requests)" -eq "$3" ]
	}
	web="SLACK_WEBHOOK_URL=$REPLAY_URL/take"
	said "1: SLACK_WEBHOOK_URL is wrong: a comment needs a line of its own" "$web/x # the team" 0
	said "1: SLACK_WEBHOOK_URL is wrong: the quote has no end" "SLACK_WEBHOOK_URL=\"$REPLAY_URL/take/x" 0
	said "1: SLACK_WEBHOOK_URL is wrong: a backslash at its end continues no line" "$web/x\\\\" 0
	said "1: write NAME=value without export" "export $web/x" 0
	said "1: SLACK_WEBHOOK_URL_FILE: it must be an absolute path; nothing is expanded here" 'SLACK_WEBHOOK_URL_FILE=~/url' 0
	said " it holds a NUL byte: save it as text in UTF-8" "S\\0L\\0A\\0" 0
	said "2: SLACK_WEBHOOK_URL is set on line 1 already" "$web/x\n$web/y" 1
	[ "$(body uri)" = /take/x ]
	said "2: PING_STYLE: it must be one of healthchecks, cronitor" "$web/x\nPING_STYLE=Healthchecks" 2
	said "2: DATABASE_URL: not a setting of alerts; it belongs in windfall.conf" "$web/x\nDATABASE_URL=postgresql://u:CANARY@h/d" 3
	[[ "$stderr" != *CANARY* ]]
	# Its certificates are its own, and windfall config shows what is in force.
	printf 'SSL_CERT_FILE=/nowhere/own.pem\nSLACK_WEBHOOK_URL=https://localhost:1/x\n' >"$WINDFALL_ALERT_CONFIG"
	alert "one" --timeout 1
	[[ "$stderr" == *"slack: https://localhost:1/"* && "$stderr" != *"own.conf"* ]]
	run -0 with-settings --list --no-header SSL_CERT_FILE
	[[ "$output" != *own.pem* ]]
}

@test "a secret may stand in a file of its own" {
	web_start
	printf '%s/take/from-file\n' "$REPLAY_URL" >"$WINDFALL_STATE/url"
	chmod 600 "$WINDFALL_STATE/url"
	SLACK_WEBHOOK_URL_FILE=$WINDFALL_STATE/url alert "one"
	[ "$status" -eq 0 ]
	[ "$(body uri)" = /take/from-file ]
	chmod 640 "$WINDFALL_STATE/url"
	SLACK_WEBHOOK_URL_FILE=$WINDFALL_STATE/url alert "one"
	[ "$status" -eq 78 ]
	[ "$(requests)" -eq 1 ]
	# It is asked for by whoever looks for secrets and by the channel.
	[ "$(grep -c "/url: " <<<"$stderr")" -eq 1 ]
}

@test "plain http leaves this machine never, and a URL with a password in it is not used" {
	SLACK_WEBHOOK_URL=http://hooks.example.org/CANARY alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"must begin with https"* ]]
	[[ "$stderr" != *CANARY* ]]
	SLACK_WEBHOOK_URL=https://u:CANARY@127.0.0.1/ alert "one"
	[ "$status" -eq 78 ]
	[[ "$stderr" != *CANARY* ]]
	SLACK_WEBHOOK_URL=file:///etc/passwd alert "one"
	[ "$status" -eq 78 ]
	SMTP_URL=smtp://127.0.0.1 MAIL_FROM=a@b.org MAIL_TO='ops@example.org\nBcc: x@y.z' alert "one"
	[ "$status" -eq 78 ]
	SMTP_TLS=off SMTP_URL=smtp://mail.example.org MAIL_FROM=a@b.org MAIL_TO=ops@example.org alert "one"
	[ "$status" -eq 78 ]
}

@test "an HTTPS server is trusted by its authority or not at all" {
	home=$BATS_TEST_TMPDIR/web
	certificates
	web_start
	replay_stop
	port=$(free_port)
	cat >>"$home/locations.http" <<-END
		server {
			listen 127.0.0.1:$port ssl;
			ssl_certificate $CERTS/server.crt;
			ssl_certificate_key $CERTS/server.key;
			location / { access_log $BODIES sent; echo_read_request_body; echo ok; }
		}
	END
	replay_start "$home/root" "$home/locations"
	export SLACK_WEBHOOK_URL=https://127.0.0.1:$port/CANARY
	alert "one" --timeout 2
	[ "$status" -eq 69 ]
	[[ "$stderr" == *"certificate"* ]]
	[[ "$stderr" != *CANARY* ]]
	SSL_CERT_FILE=$CERTS/ca.crt alert "one"
	[ "$status" -eq 0 ]
	[ "$(body uri)" = /CANARY ]
}

@test "pings: start, the exit status, fail; each job by its own name; one run by one id" {
	web_start
	export PING_URL="$REPLAY_URL/take/key/{job}?create=1" WINDFALL_JOB=exchange-weekly WINDFALL_RUN=deadbeef
	run --separate-stderr send-alert --ping start </dev/null
	[ "$status" -eq 0 ]
	[[ "$(body uri)" == "/take/key/exchange-weekly/start?create=1&rid="* ]]
	rid=$(body uri | sed 's/.*rid=//')
	[[ "$rid" =~ ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$ ]]
	run --separate-stderr send-alert --ping success --code 0 </dev/null
	[ "$(body uri)" = "/take/key/exchange-weekly/0?create=1&rid=$rid" ]
	alert "it failed" --ping fail --code 74
	[ "$(body uri)" = "/take/key/exchange-weekly/74?create=1&rid=$rid" ]
	[ "$(body body)" = "it failed" ]
	alert "it failed" --ping fail
	[ "$(body uri)" = "/take/key/exchange-weekly/fail?create=1&rid=$rid" ]
	run --separate-stderr send-alert --ping fail --code 3 </dev/null
	[ "$status" -eq 0 ]
	[ "$(body uri)" = "/take/key/exchange-weekly/3?create=1&rid=$rid" ]
	# A failure that is not to be told yet is only noted.
	alert "busy" --ping fail --code 75 --key k --after 2
	[ "$(body uri)" = "/take/key/exchange-weekly/log?create=1&rid=$rid" ]
	# A ping is never suppressed.
	alert "busy" --ping fail --code 75 --key k --after 2
	alert "busy" --ping fail --code 75 --key k --after 2
	[ "$(body uri)" = "/take/key/exchange-weekly/75?create=1&rid=$rid" ]
	[ "$(requests)" -eq 8 ]
	PING_STYLE=nagios alert "x" --ping fail
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"PING_STYLE: it is healthchecks or cronitor"* ]]
	# The address holds the key of the switch: it crosses no network in the clear.
	PING_URL=http://hc-ping.example.org/KEY-OF-THE-PING alert "x" --ping fail
	[ "$status" -eq 78 ]
	[[ "$stderr" == *"PING_URL: "* && "$stderr" != *KEY-OF-THE-PING* ]]
	unset WINDFALL_JOB
	alert "x" --ping fail
	[ "$status" -eq 78 ]
	[ "$(requests)" -eq 8 ]
}

@test "pings in Cronitor's form" {
	web_start
	export PING_STYLE=cronitor PING_URL="$REPLAY_URL/take/p/KEY/daily"
	run --separate-stderr send-alert --ping start </dev/null
	[[ "$(body uri)" == "/take/p/KEY/daily?state=run&host="* ]]
	run --separate-stderr send-alert --ping success --code 0 </dev/null
	[[ "$(body uri)" == "/take/p/KEY/daily?state=complete&host="*"&status_code=0" ]]
	alert "x" --ping fail --code 70
	[[ "$(body uri)" == "/take/p/KEY/daily?state=fail&host="*"&status_code=70" ]]
	# It has no word for a failure that is only noted.
	alert "x" --ping fail --code 70 --key k --after 2
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 3 ]
}

@test "mail goes by SMTP as a message that any reader understands" {
	sink_start
	export MAIL_TO="ops@example.org, night.shift@example.net"
	alert "$(printf 'Möwe & <tag>\n.leading dot\nFrom the start\nlong %0300d' 7)" --key h/daily --severity critical
	[ "$status" -eq 0 ]
	message=$SINK/message.1
	grep -qx 'MAIL FROM:<windfall@example.org>.*' "$SINK/commands"
	grep -qx 'RCPT TO:<ops@example.org>' "$SINK/commands"
	grep -qx 'RCPT TO:<night.shift@example.net>' "$SINK/commands"
	grep -qx 'From: windfall@example.org' "$message"
	grep -qE '^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} \+0000$' "$message"
	grep -qE '^Message-ID: <[^@<> ]+@[^<> ]+>$' "$message"
	grep -qx 'Auto-Submitted: auto-generated' "$message"
	grep -q '^Subject: =?utf-8?Q?CRITICAL=20M=C3=B6we=20=26=20=3Ctag=3E?=$' "$message"
	[ "$(awk 'length > 78' "$message" | wc -l)" -eq 0 ]
	decoded=$(sed '1,/^$/d' "$message" | perl -MMIME::QuotedPrint -0777 -ne 'print decode_qp($_)')
	[[ "$decoded" == *"Möwe & <tag>"$'\n'".leading dot"$'\n'"From the start"$'\n'"long 000"* ]]
}

@test "nothing in subject or key can add a header or a recipient" {
	sink_start
	alert "body" --subject "$(printf 'one\r\nBcc: evil@example.org\n\nbody of mine')" \
		--key "$(printf 'k\r\nRCPT TO:<evil@example.org>')"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^RCPT' "$SINK/commands")" -eq 1 ]
	run ! grep -q '^Bcc' "$SINK/message.1"
	grep -q '^Subject: WARNING one Bcc: evil@example.org body of mine$' "$SINK/message.1"
}

@test "STARTTLS is used with the password inside it, after the certificate is found good" {
	sink_start starttls
	export SMTP_TLS=required SMTP_USER=alerts SMTP_PASSWORD_FILE=$BATS_TEST_TMPDIR/password SSL_CERT_FILE=$CERTS/ca.crt
	printf 'CANARYpw' >"$SINK/password"
	printf 'CANARYpw\n' >"$SMTP_PASSWORD_FILE"
	chmod 600 "$SMTP_PASSWORD_FILE"
	alert "over TLS"
	[ "$status" -eq 0 ]
	[[ "$stderr" != *CANARY* ]]
	grep -qx 'tls MAIL FROM:<windfall@example.org>.*' "$SINK/commands"
	run ! grep -q '^\(AUTH\|MAIL\)' "$SINK/commands"
	grep -q 'over TLS' "$SINK/message.1"
	# Not the right password.
	printf 'other' >"$SINK/password"
	alert "over TLS"
	[ "$status" -eq 69 ]
	[[ "$stderr" != *CANARY* ]]
	# Not an authority that is trusted.
	unset SSL_CERT_FILE
	alert "over TLS"
	[ "$status" -eq 69 ]
	[ "$(find "$SINK" -name 'message.*' | wc -l)" -eq 1 ]
}

@test "where TLS is required and not offered, neither password nor message is sent" {
	sink_start
	export SMTP_TLS=required SMTP_USER=alerts SMTP_PASSWORD=CANARYpw
	alert "in the clear?"
	[ "$status" -eq 69 ]
	[[ "$stderr" == *STARTTLS* ]]
	[[ "$stderr" != *CANARY* ]]
	run ! grep -qE '^(AUTH|MAIL|RCPT|DATA)' "$SINK/commands"
	# A name that is not this machine's own requires it without being asked to.
	unset SMTP_TLS
	SMTP_URL=smtp://$(hostname):$SMTP_PORT
	getent hosts "$(hostname)" | grep -q '^127\.' || skip "this machine's name is not on the loopback"
	alert "in the clear?"
	[ "$status" -ne 0 ]
	run ! grep -qE '^(AUTH|MAIL|RCPT|DATA)' "$SINK/commands"
}

@test "a server that greylists is a later, one that refuses is for good, and none is tried twice" {
	sink_start
	echo '451 greylisted' >"$SINK/refuse"
	alert "one"
	[ "$status" -eq 75 ]
	echo '550 no such user' >"$SINK/refuse"
	alert "one"
	[ "$status" -eq 69 ]
	[ "$(grep -c '^MAIL' "$SINK/commands")" -eq 2 ]
}

@test "without SMTP_URL mail is handed to sendmail, which gets the recipients from the headers" {
	cat >"$BATS_TEST_TMPDIR/sendmail" <<-END
		#!/bin/sh
		printf '%s\n' "\$@" >"$BATS_TEST_TMPDIR/args"
		cat >"$BATS_TEST_TMPDIR/mail"
	END
	chmod 755 "$BATS_TEST_TMPDIR/sendmail"
	export SENDMAIL=$BATS_TEST_TMPDIR/sendmail MAIL_TO=ops@example.org
	alert "by sendmail"
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/args")" = "$(printf -- '-t\n-i')" ]
	grep -qx 'To: ops@example.org' "$BATS_TEST_TMPDIR/mail"
	run ! grep -q $'\r' "$BATS_TEST_TMPDIR/mail"
	grep -qx 'by sendmail' "$BATS_TEST_TMPDIR/mail"
	# A user of this machine, as in a crontab.
	MAIL_TO=root alert "by sendmail"
	[ "$status" -eq 0 ]
	grep -qx 'To: root' "$BATS_TEST_TMPDIR/mail"
	# One that could not pass it on, and says nothing of that.
	printf '#!/bin/sh\nexit 75\n' >"$BATS_TEST_TMPDIR/sendmail"
	alert "by sendmail"
	[ "$status" -eq 75 ]
	[[ "$stderr" == *"mail: ended with status 75"* ]]
	SENDMAIL=/nonexistent alert "by sendmail"
	[ "$status" -eq 78 ]
}

@test "no secret appears in a message, a log, an error or an argument list" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/down/SECRETPATH/abc PING_URL=$REPLAY_URL/hang/SECRETPING
	export PGPASSWORD=SECRETDATABASE
	hook see <<-'END'
		#!/bin/sh
		cat >"$WINDFALL_STATE/got"
		cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >"$WINDFALL_STATE/cmdlines"
	END
	run --separate-stderr send-alert -v --timeout 2 --ping fail --code 1 <<-END
		cannot connect to postgresql://windfall:SECRETURL@db/windfall
		tried SECRETDATABASE and password=SECRETNAMED, "token": "SECRETJSON"
		Authorization: Bearer SECRETBEARER
		posting to $SLACK_WEBHOOK_URL failed
		-----BEGIN EC PRIVATE KEY-----
		SECRETPEM
		-----END EC PRIVATE KEY-----
	END
	[ "$status" -eq 75 ]
	[[ "$stderr" == *"slack"*"500"* ]]
	[[ "$stderr" == *"ping"* ]]
	[[ "$stderr$output" != *SECRET* ]]
	run ! grep SECRET "$WINDFALL_STATE/got"
	grep -q 'postgresql://windfall:\*\*\*@db/windfall' "$WINDFALL_STATE/got"
	run ! grep SECRET "$WINDFALL_STATE/cmdlines"
	run ! grep -r SECRET "$WINDFALL_STATE/var"
	[[ "$(body body 1)" != *SECRET* ]]
}

@test "no part of a secret is left at the end of a message that is cut, and stdin is not waited for longer than allowed" {
	hook keep <<-'END'
		#!/bin/sh
		cat >"$WINDFALL_STATE/got"
	END
	# Wherever the cut falls.
	for pad in 11975 11990 32740 32755; do
		{
			head -c $pad /dev/zero | tr '\0' x | fold -w 100
			printf ' password=CANARYCANARYCANARYCANARY\n'
			head -c 30000 /dev/zero | tr '\0' y
		} >"$BATS_TEST_TMPDIR/long"
		run --separate-stderr send-alert <"$BATS_TEST_TMPDIR/long"
		[ "$status" -eq 0 ]
		run grep -c 'CANA' "$WINDFALL_STATE/got"
		[ "$output" = 0 ]
	done
	began=$SECONDS
	(for _ in {1..100}; do echo drip; sleep 0.2; done) | send-alert --timeout 1
	[ $((SECONDS - began)) -lt 30 ]
	grep -q 'drip' "$WINDFALL_STATE/got"
	grep -q 'did not end within 1 s' "$WINDFALL_STATE/got"
}

@test "what cannot be remembered is sent all the same, and 74 says so" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	mkdir -p "$WINDFALL_STATE/var"
	: >"$WINDFALL_STATE/var/alerts"
	alert "one" --key k
	[ "$status" -eq 74 ]
	[ "$(requests)" -eq 1 ]
	[[ "$stderr" == *"cannot"* ]]
	# No folder at all.
	rm -r "${WINDFALL_STATE:?}/var"
	: >"$WINDFALL_STATE/var"
	alert "one" --key k
	[ "$status" -eq 74 ]
	[ "$(requests)" -eq 2 ]
	[[ "$stderr" == *"cannot make $WINDFALL_STATE/var/alerts, so this alert cannot be recorded"* ]]
	# What was remembered cannot be removed, and the recovery might be sent again.
	rm "$WINDFALL_STATE/var"
	alert "one" --key k
	[ "$status" -eq 0 ]
	file=$(find "$WINDFALL_STATE/var/alerts" -type f ! -name '*.lock')
	rm "$file"
	mkdir "$file"
	alert "fine" --resolve --key k
	[ "$status" -eq 74 ]
	[[ "$stderr" == *"cannot remove $file"* ]]
}

@test "a sender that holds the memory of a key too long holds up no other" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "one" --key k
	exec {held}>>"$(find "$WINDFALL_STATE/var/alerts" -name '*.lock')"
	flock -n "$held"
	alert "two" --key k --window 0 --timeout 1
	exec {held}>&-
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 2 ]
	[[ "$stderr" == *"another alert of this key is still being sent; continuing in parallel"* ]]
}

@test "a state file of rubbish is no reason to be silent" {
	web_start
	export SLACK_WEBHOOK_URL=$REPLAY_URL/take/x
	alert "one" --key k
	file=$(find "$WINDFALL_STATE/var/alerts" -type f ! -name '*.lock')
	head -c 5000 /dev/urandom >"$file"
	alert "one" --key k
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 2 ]
}

@test "ended by a signal it ends its hooks too" {
	hook stuck <<-'END'
		#!/bin/sh
		echo $$ >"$WINDFALL_STATE/stuck.pid"
		exec sleep 60
	END
	send-alert <<<"one" 2>/dev/null 3>&- &
	pid=$!
	for _ in {1..100}; do
		[ ! -s "$WINDFALL_STATE/stuck.pid" ] || break
		sleep 0.02
	done
	kill -TERM "$pid"
	wait "$pid" && ended=0 || ended=$?
	[ "$ended" -eq 143 ]
	gone "$(cat "$WINDFALL_STATE/stuck.pid")"
}

@test "the passwords of DATABASE_URL and of every configured address are struck out, however many there are, and every form of a secret" {
	local i
	web_start
	for i in $(seq 1 150); do export "N${i}_PASSWORD=s3crt-nr-$i-end"; done
	export DATABASE_URL='postgresql://wf:s3cr%2Ft-one@h/d?password=s3crt-par' WINDFALL_BITCOIND_URL='http://rpc:s3crt-two@127.0.0.1:1'
	# Those of the files of settings, too, which come into no environment.
	printf 'WINDFALL_MEMPOOL_URL=https://u:s3crt-file@blocks.example\nPING_URL=https://u:s3crt-ping@own.example\n' >"$BATS_TEST_TMPDIR/windfall.conf"
	mkdir -p "$WINDFALL_STATE/etc"
	echo 'SMTP_URL=smtp://u:s3crt-mail@127.0.0.1:1' >"$WINDFALL_STATE/etc/alert.conf"
	chmod 600 "$BATS_TEST_TMPDIR/windfall.conf" "$WINDFALL_STATE/etc/alert.conf"
	export WINDFALL_CONF=$BATS_TEST_TMPDIR/windfall.conf
	export WINDFALL_ELEXON_URL='https://u:s3crt-three@mirror/x' MY_TOKEN=s3crt-four SLACK_WEBHOOK_URL=$REPLAY_URL/take/path-s3crt-five
	send-alert <<-'END'
		enc s3cr%2Ft-one plain s3cr/t-one s3crt-two s3crt-three s3crt-four s3crt-par take/path-s3crt-five
		s3crt-nr-1-end s3crt-nr-64-end s3crt-nr-65-end s3crt-nr-150-end
		{"privateKey": "s3crt-key"} eyJhbGciOiJFUzI1NiJ9.eyJzM2NydCI6MX0.s3crt-jwt Basic czNjcnQ6czNjcnQ=
		of files: s3crt-file s3crt-mail s3crt-ping
		psql --password s3crt-opt https://h/p?key=s3crt-q&sig=s3crt-sig https://hooks.zapier.com/s3crt-zap
		postgresql://a:s3crt-url@h/d Authorization: Bearer s3crt-bearer
	END
	[[ "$(body body)" == *"enc *** plain *** *** *** *** *** "* ]]
	[[ "$(body body)" == *"of files: *** *** ***"* ]]
	[[ "$(body body)" != *s3cr* ]]
	[[ "$(body body)" != *czNj* ]]
	[[ "$(body body)" != *eyJ* ]]
}
