# A real Chromium, driven by chromedriver over W3C WebDriver (https://www.w3.org/TR/webdriver2/) with curl:
#
#   browser_start            chromedriver and a headless Chromium; browser_stop ends both
#   browser_open URL         the page, loaded
#   browser_as WIDTH LOOK    render it at that width; LOOK is light, dark, print or print-dark
#   browser_probe WHAT       what probe.js (there) says of it
#   browser_tab COUNT        press the tab key so often
#   browser_said             what stands in the console since the last time, a line each
#
# shellcheck disable=SC2154 # bats' and the suite's

browser_start() {
	local sandbox='' i port=''
	[ "$(id -u)" -ne 0 ] || sandbox='"--no-sandbox",'
	BROWSER_LOG=$BATS_FILE_TMPDIR/chromedriver.log
	: >"$BROWSER_LOG"
	chromedriver --port=0 >"$BROWSER_LOG" 2>&1 3>&- &
	BROWSER_PID=$!
	for ((i = 0; i < 150; i++)); do
		port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$BROWSER_LOG")
		[ -z "$port" ] || break
		sleep 0.2
	done
	[ -n "$port" ] || { echo 'chromedriver does not start:'; cat "$BROWSER_LOG"; return 1; }
	BROWSER_URL=http://127.0.0.1:$port
	export BROWSER_PID BROWSER_URL
	BROWSER_SESSION=$(browser_ask session '{"capabilities":{"alwaysMatch":{"browserName":"chrome","goog:loggingPrefs":{"browser":"ALL"},
		"goog:chromeOptions":{"args":['"$sandbox"'"--headless=new","--disable-gpu","--disable-dev-shm-usage","--user-data-dir='"$BATS_FILE_TMPDIR"'/profile"]}}}}' |
		sed -n 's/.*"sessionId":"\([^"]*\)".*/\1/p')
	[ -n "$BROWSER_SESSION" ] || { echo 'Chromium does not start:'; tail -n 20 "$BROWSER_LOG"; return 1; }
	BROWSER_URL=$BROWSER_URL/session/$BROWSER_SESSION
	export BROWSER_URL
}

browser_stop() {
	[ -z "${BROWSER_SESSION:-}" ] || curl -s -m 20 --noproxy '*' -X DELETE "$BROWSER_URL" >/dev/null || true
	[ -z "${BROWSER_PID:-}" ] || kill "$BROWSER_PID" || true
}

# POST a body to a place of the session; the answer as it came.
browser_ask() { # PLACE JSON
	printf '%s' "$2" | curl -sS -m 120 --noproxy '*' --fail-with-body -w '\n' -H 'Content-Type: application/json' --data-binary @- "$BROWSER_URL/$1"
}

browser_open() { browser_ask url "{\"url\":\"$1\"}" >/dev/null; }

browser_cdp() { browser_ask goog/cdp/execute "{\"cmd\":\"$1\",\"params\":$2}" >/dev/null; }

browser_as() { # WIDTH LOOK
	local media=screen scheme=light
	case $2 in *dark) scheme=dark ;; esac
	case $2 in print*) media=print ;; esac
	browser_cdp Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":900,\"deviceScaleFactor\":1,\"mobile\":false}"
	browser_cdp Emulation.setEmulatedMedia "{\"media\":\"$media\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$scheme\"}]}"
}

# A text as the inside of a JSON string, and the value of an answer that is a string.
json_inside() { sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g' | awk '{ printf "%s\\n", $0 }'; }
json_value() { sed 's/^{"value":"//; s/"}$//; s/\\u003[Cc]/</g; s/\\"/"/g; s/\\n/\n/g; s/\\\\/\\/g' | sed '/^$/d'; }

browser_probe() {
	[ -n "${BROWSER_PROBE:-}" ] || BROWSER_PROBE=$(json_inside <"$BATS_TEST_DIRNAME/probe.js")
	browser_ask execute/sync "{\"script\":\"$BROWSER_PROBE\",\"args\":[\"$1\"]}" | json_value
}

browser_tab() {
	local keys='' i
	for ((i = 0; i < $1; i++)); do
		keys+=',{"type":"keyDown","value":"\uE004"},{"type":"keyUp","value":"\uE004"}'
	done
	browser_ask actions "{\"actions\":[{\"type\":\"key\",\"id\":\"keys\",\"actions\":[${keys#,}]}]}" >/dev/null
}

browser_said() { browser_ask se/log '{"type":"browser"}' | sed '/^{"value":\[\]}$/d; /^$/d; s/^{"value":/console: /'; }
