# The jobs of the exchange ledger: the weekly one that cron runs, and the verbs that a person uses.
#
# nginx's variables stand in single quotes on purpose; bats sets $stderr and the helpers what they export.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
load helper
load asking
load coinbase

# One exchange for the tests of this file, and books that lack its first purchase: as they were imported, in MARKET, and
# matched, in MATCHED.
setup_file() {
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR BATS_SUITE_TEST_NUMBER=market NGINX_HOME=$BATS_FILE_TMPDIR/nginx
    site=$BATS_FILE_TMPDIR/site
    mkdir "$site"
    coinbase_conf
    fill entry=e1 order=o1 time=2024-05-01T10:00:01Z price=100 size=0.5 fee=0.1
    fill entry=e2 order=o1 time=2024-05-01T10:00:02Z price=100 size=0.5 fee=0.1
    fill entry=e3 order=o2 time=2024-05-02T10:00:00Z price=110 size=0.5 fee=0.1
    fill entry=e4 order=o3 time=2024-05-03T10:00:00Z side=SELL price=120 size=1.2 fee=0.1
    order order=o1 size=1 value=100 fees=0.2 fills=2 created=2024-05-01T10:00:00Z
    order order=o2 size=0.5 value=55 fees=0.1 created=2024-05-02T10:00:00Z
    order order=o3 side=SELL size=1.2 value=144 fees=0.1 created=2024-05-03T10:00:00Z
    put_listing "$site"
    replay_start "$site" "$conf"
    export MARKET_NGINX=$NGINX_PID
    # No test's end is the server's.
    unset NGINX_PID
    new_key ec
    fresh_db
    export MARKET=$TEST_DB
    printf '%s\n' 'order_id,product_id,side,trade_time,size,price,fee' o2,BTC-USD,BUY,2024-05-02T10:00:00Z,0.5,110,0.1 \
        o3,BTC-USD,SELL,2024-05-03T10:00:00Z,1.2,120,0.1 >"$BATS_FILE_TMPDIR/books.csv"
    exchange import "$BATS_FILE_TMPDIR/books.csv" 2>/dev/null
    export BATS_SUITE_TEST_NUMBER=matched
    fresh_db "$MARKET"
    exchange match >/dev/null 2>&1
    export MATCHED=$TEST_DB
}

teardown_file() {
    NGINX_PID=$MARKET_NGINX replay_stop
    leave_db "$MARKET"
    leave_db "$MATCHED"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    logs=$BATS_TEST_TMPDIR/state/logs
    export USER=grace
}

# market [matched] - a database with those books.
market() {
    case ${1:-} in
    matched) fresh_db "$MATCHED" ;;
    *) fresh_db "$MARKET" ;;
    esac
    export WINDFALL_COINBASE_URL=$REPLAY_URL WINDFALL_RATE=30
}

@test "the weekly run finds what is missing, proposes it, and says so in log, report and exit status" {
    market matched
    run --separate-stderr exchange-weekly
    echo "$output $stderr"
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings job=exchange-weekly run="*" missing_buy=1 missing_sell=0 differences="*" not_checked=none fifo=ok uncovered=1 log=$logs/reconciliation_"* ]]
    [ "$(find "$logs" -name 'reconciliation_2*.log' | wc -l)" -eq 1 ]
    log=$logs/reconciliation_latest.log
    [ -L "$log" ]
    [[ "$(readlink "$log")" =~ ^reconciliation_[0-9]{8}_[0-9]{6}\.log$ ]]
    # Tiers 1, 2 and, as the first of its month, 3.
    # Once a run, as the documents' own command reads it.
    [ "$(grep "Missing BUY orders found" "$logs"/reconciliation_2*.log | awk '{print $NF}')" = 1 ]
    [ "$(grep "Missing SELL orders found" "$logs"/reconciliation_2*.log | awk '{print $NF}')" = 0 ]
    [ "$(grep -c 'msg="step begins"' "$log")" -eq 6 ]
    # The weekly summary.
    grep -q '^proposals    1 open, 0 applied, 0 rejected, 0 stale' "$log"
    # No gain is stated for what has no lot.
    grep -q '^FIFO         version 1 of .*; gain on disposals with a lot ' "$log"
    grep -q '^             incomplete: 1 row without a lot, proceeds ' "$log"
    [ "$(tail -n 1 "$log")" = "$output" ]
    # The second run of a month goes no deeper than tier 2, unless told.
    run exchange-weekly
    [ "$(grep -c 'orders found' "$log")" -eq 2 ]
    run ! grep -q 'step=tier-3' "$log"
    run exchange-weekly --deep
    [ "$(grep -c 'orders found' "$log")" -eq 2 ]
    grep -q 'step=tier-3' "$log"
    run exchange-weekly --shallow
    [ "$(grep -c 'orders found' "$log")" -eq 2 ]
}

@test "found, approved, matched anew: the weekly run ends with ok" {
    market matched
    run exchange-weekly
    [ "$status" -eq 1 ]
    run --separate-stderr exchange proposals --no-header
    [ "${#lines[@]}" -eq 1 ]
    run --separate-stderr exchange approve all
    [ "$status" -eq 0 ]
    run --separate-stderr exchange match
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(sql 'select version, uncovered from fifo_versions where is_current')" = "2|0" ]
    run --separate-stderr exchange audit
    [ "$status" -eq 0 ]
    run --separate-stderr exchange-weekly --deep
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "*" missing_buy=0 missing_sell=0 differences=0 not_checked=none "* ]]
    [ "$stderr" = "" ]
    # The month's tier 3 is remembered, and no job: doctor and the monitors read each file there as one.
    [ "$(ls "$WINDFALL_STATE/var/jobs")" = exchange-weekly ]
    grep -qxE '[0-9]{4}-[0-9]{2}' "$WINDFALL_STATE/var/exchange-deep"
}

@test "a current version that its audit contradicts is a finding of the weekly run, though each tier is clean" {
    market matched
    exchange-weekly >/dev/null 2>&1 || :
    exchange approve all >/dev/null 2>&1
    # Trades that came in after it make it old, and not wrong.
    run --separate-stderr exchange-weekly
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" missing_buy=0 missing_sell=0 differences=0 not_checked=none fifo=stale "* ]]
    exchange match >/dev/null 2>&1
    # What somebody wrote by hand.
    sql "update fifo_allocations set basis = basis + 1, gain = gain - 1 where version = 2 and seq = 1"
    run --separate-stderr exchange-weekly
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" missing_buy=0 missing_sell=0 differences=0 not_checked=none fifo=wrong "* ]]
}

# B-04, B-10: as a job.
@test "an exchange that is down is not checked: failed, 75, the log has its footer, and the month's tier 3 is still due" {
    market matched
    export WINDFALL_COINBASE_URL=http://127.0.0.1:9 WINDFALL_RETRY_WAIT=0.001
    run --separate-stderr exchange-weekly
    echo "$output"
    [ "$status" -eq 75 ]
    [[ "$output" == "verdict=failed job=exchange-weekly "*" not_checked=1,2,3 "* ]]
    log=$logs/reconciliation_latest.log
    [ "$(tail -n 1 "$log")" = "$output" ]
    [ "$(grep -c 'orders found' "$log")" -eq 0 ]
    grep -q 'Missing BUY orders: not checked' "$log"
    run ! grep -q 'Missing BUY orders found' "$log"
    [ ! -e "$WINDFALL_STATE/var/exchange-deep" ]
}

# B-06: set -e, a failing query for the version, and the script was gone before footer, link and alert.
@test "B-06: without a FIFO version the other tiers are done, the log is whole, and the failure is told" {
    market
    mkdir tree
    cp -R "$root/scripts" "$root/sql" tree/
    ln -s "$WINDFALL_BIN" tree/bin
    printf '#!/bin/sh\n[ "$2" = start ] || { printf "%%s\\n" "$*"; cat; } >"%s"\n' "$BATS_TEST_TMPDIR/told" >tree/scripts/alert
    run --separate-stderr tree/scripts/exchange-weekly
    echo "$output"
    # Tier 2 has findings: that is the answer, and what was not checked stands beside it.
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" not_checked=1 "* ]]
    log=$logs/reconciliation_latest.log
    [ "$(tail -n 1 "$log")" = "$output" ]
    grep -q 'no FIFO version is current' "$log"
    grep -q '^exchange-weekly report 1' told
    reconcile-fills --approve all 2>/dev/null
    run --separate-stderr tree/scripts/exchange-weekly
    [ "$status" -eq 65 ]
    [[ "$output" == "verdict=failed "*" not_checked=1 "* ]]
    grep -q 'not checked: tier 1' told
}

@test "a database that is not there: failed, with footer and link" {
    market
    DATABASE_URL=postgresql://127.0.0.1:9/none run --separate-stderr exchange-weekly
    [ "$status" -eq 75 ]
    [[ "$output" == "verdict=failed "* ]]
    [ "$(tail -n 1 "$logs/reconciliation_latest.log")" = "$output" ]
}

@test "two at once: the second says who is first" {
    market
    mkdir -p "$WINDFALL_STATE/var"
    exec 8>>"$WINDFALL_STATE/var/exchange-weekly.lock"
    flock 8
    run --separate-stderr exchange-weekly 8>&-
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another exchange-weekly is running"* ]]
}

@test "logs are kept for 84 days" {
    market
    mkdir -p "$logs"
    touch -d '85 days ago' "$logs/reconciliation_20240101_020000.log" "$logs/other_20240101_020000.log"
    touch -d '83 days ago' "$logs/reconciliation_20240102_020000.log"
    run exchange-weekly
    [ ! -e "$logs/reconciliation_20240101_020000.log" ]
    [ -e "$logs/reconciliation_20240102_020000.log" ]
    [ -e "$logs/other_20240101_020000.log" ]
}

@test "--auto-backfill applies, and the next run is clean" {
    market matched
    run --separate-stderr exchange-weekly --auto-backfill
    [[ "$output" == *" missing_buy=1 "* ]]
    grep -q 'applied at once' "$logs/reconciliation_latest.log"
    exchange match >/dev/null 2>&1
    run --separate-stderr exchange-weekly --deep
    [ "$status" -eq 0 ]
}

@test "the key and its tokens are in no log" {
    market matched
    run exchange-weekly
    run ! grep -rqs -e 'PRIVATE KEY' -e eyJ -e Bearer "$logs"
    secret=$(jq -r .privateKey "$COINBASE_KEY_FILE" | cut -c 50-80)
    [ ${#secret} -eq 31 ]
    run ! grep -rqsF "$secret" "$logs" "$WINDFALL_STATE/var/jobs"
}

@test "the verbs a person uses: look, fetch, check, backfill, match, compare, report" {
    market
    run --separate-stderr exchange status
    [ "$status" -eq 0 ]
    [[ "$output" == *"fetched      never"* ]]
    run --separate-stderr exchange fetch
    [ "$status" -eq 0 ]
    run --separate-stderr exchange status
    [[ "$output" == *"exchange     4 fills of 1 product, 2024-05-01 to 2024-05-03"* ]]
    [[ "$output" == *"fetched      * from the first trade to "* ]]
    run --separate-stderr exchange check
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"Missing BUY orders found: 1"* ]]
    run --separate-stderr exchange match
    [ "$status" -eq 0 ]
    run --separate-stderr exchange backfill
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=1"* ]]
    run --separate-stderr exchange status
    [[ "$output" == *"1 trade was recorded since: match a new version"* ]]
    run --separate-stderr exchange match
    [ "$status" -eq 0 ]
    run --separate-stderr exchange versions --no-header
    [ "${#lines[@]}" -eq 2 ]
    run --separate-stderr exchange compare 1 2
    [ "$status" -eq 1 ]
    run --separate-stderr exchange audit 1
    [ "$status" -ne 0 ]
    run --separate-stderr exchange check 3
    [ "$status" -eq 0 ]
    run exchange-weekly
    run --separate-stderr exchange report
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=ok missing_buy=0 missing_sell=0"* ]]
    run --separate-stderr exchange nonsense
    [ "$status" -eq 64 ]
}

@test "what has no lot is no gain: status, versions and the weekly verdict keep its proceeds apart" {
    fresh_db
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee P-USD,b1,BUY,2024-01-01T00:00:00Z,1,100,0 \
        P-USD,s1,SELL,2024-02-01T00:00:00Z,3,150,0 >books.csv
    import-trades -q --store books.csv
    exchange match >/dev/null 2>&1
    run --separate-stderr exchange status
    echo "$output"
    # One of the three had a lot: 150 - 100.  The other 300 are proceeds, and nobody knows what they cost.
    [[ "$output" == *"gain on disposals with a lot 50.00"* ]]
    [[ "$output" == *"incomplete: 1 row without a lot, proceeds 300.00, whose cost is unknown; not counted as gain"* ]]
    [[ "$output" != *350* ]]
    [ "$(exchange versions --no-header | cut -f 18,19)" = "50	300" ]
    # The books change: the current version is stale, a finding that names the next.
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee P-USD,b0,BUY,2023-12-01T00:00:00Z,2,90,0 >more.csv
    import-trades -q --store more.csv
    run --separate-stderr exchange-weekly --offline --shallow
    echo "$output $stderr"
    [[ "$output" == *" fifo=stale uncovered=1 "* ]]
    grep -q 'exchange match makes the next one" version=2' "$logs/reconciliation_latest.log"
    exchange match >/dev/null 2>&1
    [ "$(exchange versions --no-header | cut -f 1,18,19 | tail -n 1)" = "2	170	0" ]
}

@test "a version whose number another machine has taken meanwhile is made under the next" {
    market matched
    mkdir stubs
    cat >stubs/match-fifo <<-END
		#!/bin/sh
		if [ ! -e "$PWD/taken" ]; then
			: >"$PWD/taken"
			"$WINDFALL_BIN/match-fifo" make 2 --all >/dev/null
		fi
		exec "$WINDFALL_BIN/match-fifo" "\$@"
	END
    chmod +x stubs/match-fifo
    WINDFALL_BIN=$PWD/stubs:$WINDFALL_BIN run exchange match
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(sql "select string_agg(version || case when is_current then ' current' else '' end, ', ' order by version) from fifo_versions")" = "1, 2, 3 current" ]
    # Books that are refused are so once: it is not the number.
    printf '#!/bin/sh\necho again >>"%s"\nexit 65\n' "$PWD/asked" >stubs/match-fifo
    WINDFALL_BIN=$PWD/stubs:$WINDFALL_BIN run exchange match
    [ "$status" -eq 65 ]
    [ "$(cat asked)" = again ]
}

@test "matching empty books makes no version, and says the way from an export to the gain" {
    fresh_db
    printf '%s\n' 'trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        '1,BTC-USD,BUY,2024-05-02T10:00:00.000Z,0.25,BTC,100,0.05,-25.05,USD' \
        '2,BTC-USD,SELL,2024-05-03T09:30:00.000Z,0.25,BTC,120,0.05,29.95,USD' >export.csv
    exchange fetch --csv export.csv >/dev/null 2>&1
    run --separate-stderr exchange match
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the books are empty"*"exchange backfill 3 --offline"*"exchange match"* ]]
    [ "$(sql "select count(*) from fifo_versions")" = 0 ]
    # It is true.
    exchange backfill 3 --offline >/dev/null 2>&1
    exchange match >/dev/null 2>&1
    [[ "$(exchange status)" == *"gain on disposals with a lot 4.90"* ]]
}
