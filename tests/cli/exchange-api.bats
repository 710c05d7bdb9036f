# What the exchange answers, and what becomes of it.
#
# nginx's variables stand in single quotes on purpose; bats sets $stderr and the helpers what they export.
# shellcheck disable=SC2016,SC2154
load helper
load coinbase

setup() {
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site"
    cd "$BATS_TEST_TMPDIR" || return
    coinbase_conf
}

# B-03: the earlier system read one page.
@test "B-03: every page is read to the end, and each request carries a token of its own" {
    for n in 1 2 3 4 5; do fill entry=e$n time=2024-05-01T12:00:0$n.5Z; done
    serve 2
    run --separate-stderr fetch
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
    [ "$(replay_requests "$FILLS")" -eq 3 ]
    [ "$(cut -d' ' -f3 "$TOKENS" | sort -u | wc -l)" -eq 4 ]
    host=${REPLAY_URL#http://}
    while read -r uri bearer token; do
        uri=${uri%%[?]*}
        [ "$bearer" = Bearer ]
        run token_holds "$token" "GET $host$uri"
        echo "$output"
        [ "$status" -eq 0 ]
    done <"$TOKENS"
}

@test "an Ed25519 key signs as well" {
    new_key ed25519
    fill entry=e1
    serve
    run --separate-stderr fetch
    [ "$status" -eq 0 ]
    read -r uri bearer token <"$TOKENS"
    run token_holds "$token" "GET ${REPLAY_URL#http://}$uri"
    echo "$output $bearer"
    [ "$status" -eq 0 ]
}

@test "rows keep every digit, nine of the second and sixteen of the fee" {
    fill entry=e1 time=2023-10-31T22:10:12.473787913Z price=37.4400 size=0.00100000 fee=0.0004816146322068
    serve
    run --separate-stderr fetch --format ndjson
    [ "$status" -eq 0 ]
    [ "$(jq -r '[.trade_time, .base_size, .value, .size_in_quote, .booked] | @tsv' <<<"$output")" = \
        "2023-10-31T22:10:12.473787913Z	0.001	0.03744	false	true" ]
    [[ "$output" == *'"price":37.4400,"size":0.00100000,'* ]]
    [[ "$output" == *'"commission":0.0004816146322068'* ]]
}

@test "a repeated cursor is an error, never a complete listing" {
    fresh_db
    for n in 1 2 3 4; do fill entry=e$n; done
    put_listing "$site" 1
    sed -i 's/"cursor":"p4"/"cursor":"p2"/' "$site/fills/p3.json"
    replay_start "$site" "$conf"
    new_key ec
    run --separate-stderr timeout 20 fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --store
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"repeats the cursor p2"* ]]
    [ "$(replay_requests "$FILLS")" -eq 3 ]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 0 ]
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
}

@test "cursors that differ at their ends alone are two, and one may be an entry's id" {
    for n in 1 2 3; do fill entry=e$n; done
    put_listing "$site" 1
    long=eyJ$(printf 'Ab09%.0s' {1..45})
    mv "$site/fills/p2.json" "$site/fills/${long}2.json"
    mv "$site/fills/p3.json" "$site/fills/${long}3.json"
    sed -i "s/\"cursor\":\"p\([23]\)\"/\"cursor\":\"$long\1\"/" "$site"/fills/*.json "$site/fills/.json"
    replay_start "$site" "$conf"
    new_key ec
    run --separate-stderr fetch --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f1 <<<"$output" | tr '\n' ' ')" = 'e1 e2 e3 ' ]
    mv "$site/fills/${long}2.json" "$site/fills/e1.json"
    sed -i "s/\"cursor\":\"${long}2\"/\"cursor\":\"e1\"/" "$site/fills/.json"
    run --separate-stderr fetch --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "an empty page ends the listing, whatever its cursor says" {
    fill entry=e1
    put_listing "$site"
    sed -i 's/"cursor":""/"cursor":"p2"/' "$site/fills/.json"
    echo '{"fills":[],"cursor":"p3"}' >"$site/fills/p2.json"
    replay_start "$site" "$conf"
    new_key ec
    run --separate-stderr fetch
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [ "$(replay_requests "$FILLS")" -eq 2 ]
}

@test "a page that has only rows of earlier ones, under another cursor, is no end of the listing: 76" {
    fresh_db
    for n in 1 2 3 4 5 6; do fill entry=e$n; done
    put_listing "$site" 2
    sed 's/"cursor":"p2"/"cursor":"p4"/' "$site/fills/.json" >"$site/fills/p3.json"
    replay_start "$site" "$conf"
    new_key ec
    run --separate-stderr timeout 20 fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --store
    [ "$status" -eq 76 ]
    [[ "$stderr" == *'page 3 of the listing has only rows of earlier pages: it does not end and is incomplete'* ]]
    [ "$(sql 'select count(*), (select count(*) from exchange_windows) from exchange_fills')" = '0|0' ]
}

@test "an empty page that says there is more does not end the listing, and one without a cursor for more is not its end" {
    fill entry=e1
    fill entry=e2
    serve 1
    echo '{"fills":[],"cursor":"p3","has_next":true}' >"$site/fills/p2.json"
    sed 's/e1/e2/g; s/"cursor":"p2"/"cursor":""/' "$site/fills/.json" >"$site/fills/p3.json"
    chmod a+r "$site"/fills/*
    run --separate-stderr fetch --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f1 <<<"$output" | tr '\n' ' ')" = 'e1 e2 ' ]
    sed -i 's/"cursor":""/"cursor":"","has_next":true/' "$site/fills/p3.json"
    run --separate-stderr fetch --no-header
    [ "$status" -eq 76 ]
    [[ "$stderr" == *'page 3 of the listing says that there is more and has no cursor for it: it is incomplete'* ]]
}

@test "an error with status 200 is one, in the exchange's words, beside an empty list too: 76, and no time is known for it" {
    fresh_db
    serve
    for body in '{"error":"INTERNAL","message":"m"}' '{"fills":[],"cursor":"","errors":[{"id":"i","message":"INTERNAL"}]}'; do
        echo "$body" >"$site/fills/.json"
        run --separate-stderr fetch --store
        [ "$status" -eq 76 ]
        [[ "$stderr" == *'an error instead of the fills: INTERNAL'* ]]
    done
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
}

@test "an account without a trade is an answer: a header and 0" {
    serve
    run --separate-stderr fetch
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
}

# The first request passes the limit and is refused, the second is limited and answered.
refuse_once() {
    echo 'limit_req_zone $binary_remote_addr zone=once:1m rate=1r/m;' >>"$conf.http"
    sed -i '/historical\/fills/d' "$conf"
    cat >>"$conf" <<-END
	location = $FILLS { limit_req zone=once; limit_req_status 409; error_page 409 =200 @good; try_files /no/such/file =$1; }
	location @good { try_files /fills/\$arg_cursor.json =404; }
	END
}

@test "a 401 is tried again with a fresh token" {
    fill entry=e1
    refuse_once 401
    serve
    run --separate-stderr fetch
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [ "$(replay_requests '^401')" -eq 1 ]
    grep "^$FILLS" "$TOKENS" >two
    [ "$(wc -l <two)" -eq 2 ]
    [ "$(sort -u two | wc -l)" -eq 2 ]
    while read -r uri _ token; do
        uri=${uri%%[?]*}
        run token_holds "$token" "GET ${REPLAY_URL#http://}$uri"
        [ "$status" -eq 0 ]
    done <two
}

@test "a key that is refused every time is not allowed: 77, after a few tokens, and nothing of it is shown" {
    sed -i '/historical\/fills/d' "$conf"
    echo "location = $FILLS { return 401; }" >>"$conf"
    serve
    run --separate-stderr fetch --attempts 3
    [ "$status" -eq 77 ]
    [ "$(replay_requests '^401')" -eq 3 ]
    [[ "$stderr" == *"refuses the key's tokens (3 of them)"* ]]
    [[ "$stderr" != *Bearer* ]]
    [[ "$stderr" != *eyJ* ]]
}

# A token is dated by this machine: by a clock that is wrong none is ever valid, and no other key would help.
@test "where this machine's clock is wrong a refused key is not blamed" {
    sed -i '/historical\/fills/d' "$conf"
    echo "location = $FILLS { return 401; }" >>"$conf"
    serve
    run --separate-stderr faketime -f '+5m' fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --attempts 2
    [ "$status" -eq 77 ]
    [[ "$stderr" =~ "this machine's clock is "(299|300|301|302)" seconds ahead of the exchange's" ]]
    run --separate-stderr faketime -f '-5m' fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --attempts 2
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"seconds behind the exchange's"*"set the clock"* ]]
}

@test "a 403 is a permission that the key lacks: 77 at once, with the exchange's words" {
    fresh_db
    fill entry=e1
    sed -i '/historical\/fills/d' "$conf"
    echo "location = $FILLS { return 403 '{\"error\":\"PERMISSION_DENIED\",\"message\":\"Missing required scopes\"}'; }
        location /guard/ { default_type text/html; return 403 '<!DOCTYPE html><title>Attention Required! | Cloudflare</title>'; }" >>"$conf"
    serve
    run --separate-stderr fetch --store
    [ "$status" -eq 77 ]
    # Another token would be refused as well.
    [ "$(replay_requests '^403')" -eq 1 ]
    [[ "$stderr" == *"HTTP 403, the key lacks a permission"*"Missing required scopes"* ]]
    [[ "$stderr" != *eyJ* ]]
    [ "$(sql 'select count(*) from exchange_windows')" = 0 ]
    # A page is no word of the exchange about the key.
    run --separate-stderr fetch --base-url "$REPLAY_URL/guard"
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"HTTP 403, but not in the exchange's own form (<!DOCTYPE html><title>Attention Required!"*"this machine's address, whatever the key"* ]]
}

@test "a 429 and a 503 are waited out" {
    fill entry=e1
    for code in 429 503; do
        coinbase_conf
        refuse_once "$code"
        serve
        run --separate-stderr fetch
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 2 ]
        [ "$(replay_requests "^$code")" -eq 1 ]
        replay_stop
    done
}

@test "a fill of size zero costs itself, with a word; one without a commission has 0, with a word; ids may be numbers" {
    fill entry=e1
    fill entry=e2 size=0 fee=0
    fill entry=e3 size=0.00000000 fee=
    fill entry=e4 fee=
    fill entry=e5 fee=0
    serve 2
    sed -i 's/"trade-of-e1"/155157/' "$site/fills/.json"
    run --separate-stderr fetch --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f1,2 <<<"$output" | head -n 1)" = $'e1\t155157' ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" == *level=warning*'1 fill comes without a commission, and 0 is taken for it'* ]]
    [[ "$stderr" == *level=warning*'2 fills of size 0 left out: nothing was traded'* ]]
}

@test "a fill or an order whose side the exchange does not know costs itself: 65, and no time is known for it" {
    fresh_db
    fill entry=e1
    fill entry=e2 side=UNKNOWN_ORDER_SIDE time=2024-05-01T12:00:01Z
    fill entry=e3 side=SELL time=2024-05-01T12:00:02Z
    order order=order-of-e1
    order order=o2 side=UNKNOWN_ORDER_SIDE
    serve 2
    run --separate-stderr fetch --no-header
    [ "$status" -eq 65 ]
    [ "$(cut -f1 <<<"$output" | tr '\n' ' ')" = 'e1 e3 ' ]
    [[ "$stderr" == *level=warning*'trade trade-of-e2 (BTC-USD) has no side, as the exchange does not know it: it is left out'* ]]
    run --separate-stderr fetch --store --orders
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'order o2 (BTC-USD) has no side'*'2 rows of the listing left out: its time does not count as complete'* ]]
    [ "$(sql "select string_agg(entry_id, ' ' order by entry_id), (select count(*) from exchange_orders),
                     (select count(*) from exchange_windows) from exchange_fills")" = 'e1 e3|1|0' ]
}

@test "a fill of an impossible time or commission costs itself: 65; two commissions are named" {
    fill entry=e1
    fill entry=e2 time=2099-01-01T00:00:00Z
    fill entry=e3 time=0001-01-01T00:00:00Z
    fill entry=e4 fee=300.01
    fill entry=e5 fee=300
    fill entry=e6 fee=-300.01
    fill entry=e7 price=2 size=1 fee=5
    fill entry=e8 fee=600000 type=REVERSAL
    serve
    sed -i 's/"trade_id":"trade-of-e1"/"commission_detail_total":{"total_commission":"3.9"},&/' "$site/fills/.json"
    run --separate-stderr fetch --no-header
    [ "$status" -eq 65 ]
    [ "$(cut -f1 <<<"$output" | tr '\n' ' ')" = 'e1 e5 e7 e8 ' ]
    [[ "$stderr" == *'trade trade-of-e2 (BTC-USD) is left out: its time 2099-01-01T00:00:00Z is in the future'* ]]
    [[ "$stderr" == *'trade trade-of-e3 (BTC-USD) is left out: its time 0001-01-01T00:00:00Z is before there was a bitcoin'* ]]
    [[ "$stderr" == *'trade trade-of-e4 (BTC-USD) is left out: a commission of 300.01 is too much for a value of 600.00'* ]]
    [[ "$stderr" == *'a commission of -300.01 is too much'*'4 rows of the listing left out'* ]]
    [[ "$stderr" == *level=warning*'1 fill has another commission where it is itemized, and that is not taken'* ]]
}

@test "an entry that the listing has twice is one; with other facts the first counts, and is named: 65" {
    fresh_db
    fill entry=e1
    fill entry=e2 size=0.010 time=2024-05-01T12:00:01Z
    fill entry=e2 size=0.01 time=2024-05-01T12:00:01.000Z
    fill entry=e3
    serve 2
    run --separate-stderr fetch --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" != *level=warning* ]]
    replay_stop
    fill entry=e3 size=0.02
    serve 3
    for store in '' --store; do
        # shellcheck disable=SC2086 # one word, or none
        run --separate-stderr fetch --no-header $store
        [ "$status" -eq 65 ]
        [[ "$stderr" == *level=warning*'entry e3 of the listing (BTC-USD) stands there with other facts too: '*' 0.02 3.6; the first is taken'* ]]
    done
    [ "$(sql "select string_agg(entry_id || ' ' || size, ' ' order by entry_id), (select count(*) from exchange_windows)
                from exchange_fills")" = 'e1 0.01 e2 0.01 e3 0.01|0' ]
}

@test "what was met is known among hundreds of entries; twenty rows that are left out are named, and the others counted" {
    for n in {1..600}; do fill entry=e$n; done
    for n in {1..25}; do fill entry=e$n size=0.02; done
    for n in {590..600}; do fill entry=e$n; done
    serve 250
    run --separate-stderr fetch --no-header
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 600 ]
    [ "$(cut -f 1 <<<"$output" | sort -u | wc -l)" -eq 600 ]
    [[ "$output" != *$'\t0.02\t'* ]]
    [ "$(grep -o 'entry e[0-9]* of the listing (BTC-USD) stands there with other facts' <<<"$stderr" | cut -d ' ' -f 2 | tr '\n' ' ')" = \
        "$(printf 'e%d ' {1..20})" ]
    [[ "$stderr" == *'there are more such rows; only the first 20 are named'*'25 rows of the listing left out'* ]]
}

@test "a product in small letters is the exchange's, by the interface, in an export, and where it is asked for" {
    fill entry=e1 product=btc-usd
    fill entry=e2 product=BTC-USD
    serve
    run --separate-stderr fetch --no-header --product btc-usd
    [ "$status" -eq 0 ]
    [ "$(cut -f4 <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 2 BTC-USD' ]
    [[ "$(cat "$TOKENS")" == *'product_ids=BTC-USD'* ]]
    cat >fills.csv <<-'END'
	portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit
	default,1,btc-usd,buy,2024-05-01T12:00:00Z,0.01,btc,60000,3.6,-603.6,usd
	END
    run --separate-stderr fetch-fills --csv fills.csv --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f1,4 <<<"$output")" = $'csv-fills:BTC-USD:1:BUY\tBTC-USD' ]
}

@test "a body that is cut is asked for again, and when it stays cut nothing is known: 75" {
    fresh_db
    fill entry=e1
    put_listing "$site"
    head -c 100 "$site/fills/.json" >"$site/cut" && mv "$site/cut" "$site/fills/.json"
    chmod -R a+rX "$site"
    replay_start "$site" "$conf"
    new_key ec
    run --separate-stderr fetch --attempts 3 --store
    [ "$status" -eq 75 ]
    [ "$(replay_requests "$FILLS")" -eq 3 ]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 0 ]
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
}

@test "a page of which no row is as documented is refused: 76, with row and field" {
    fresh_db
    fill entry=e1 price=Infinity
    fill entry=e2 price=NaN
    serve
    run --separate-stderr fetch --store
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"page 1, row 1, e1, field price"* ]]
    [ "$(sql "select count(*) from exchange_fills")" = 0 ]
}

@test "a row that is not as documented costs that row: 65, and its time does not count as complete" {
    fresh_db
    fill entry=e1
    fill entry=e2 price=NaN
    fill entry=e3 time=2024-05-01
    fill entry=e4
    serve
    run --separate-stderr fetch
    echo "$stderr"
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" == *"page 1 of the fills, row 2, e2, field price"*"left out"* ]]
    [[ "$stderr" == *"page 1 of the fills, row 3, e3, field trade_time"* ]]
    [[ "$stderr" == *"2 rows of the listing left out"* ]]
    run --separate-stderr fetch --store
    [ "$status" -eq 65 ]
    [ "$(sql "select string_agg(entry_id, ',' order by entry_id) from exchange_fills")" = e1,e4 ]
    [ "$(sql "select count(*) from exchange_windows")" = 0 ]
}

@test "a key that may trade or transfer is refused before anything else is asked" {
    fill entry=e1
    while read -r trade transfer words; do
        may "$site" true "$trade" "$transfer"
        serve
        run --separate-stderr fetch
        [ "$status" -eq 77 ]
        [[ "$stderr" == *"may $words"* ]]
        [ "$(replay_requests "$FILLS")" -eq 0 ]
        run --separate-stderr fetch --allow-trading-key
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 2 ]
        [[ "$stderr" == *level=warning*"may $words"* ]]
        replay_stop
    done <<-END
	true false trade
	false true transfer
	true true trade and transfer
	END
}

@test "a key that may not view is refused" {
    may "$site" false false false
    serve
    run --separate-stderr fetch
    [ "$status" -eq 77 ]
}

@test "a key file that others may read is not used, and no key at all says how to give one" {
    serve
    chmod 640 "$COINBASE_KEY_FILE"
    run --separate-stderr fetch
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"chmod 600"* ]]
    chmod 600 "$COINBASE_KEY_FILE"
    COINBASE_KEY_FILE='' run --separate-stderr fetch
    [ "$status" -eq 78 ]
    [[ "$stderr" == *COINBASE_KEY_FILE* ]]
    run --separate-stderr fetch --key "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 78 ]
    echo "{\"name\":\"n\",\"privateKey\":\"VERYSECRET\"}" >bad.json
    chmod 600 bad.json
    run --separate-stderr fetch --key bad.json
    [ "$status" -eq 78 ]
    [[ "$stderr" != *VERYSECRET* ]]
    # The platform shows a key and no longer downloads it: what people keep of it is said to lack, and what a file must have.
    for kept in 'COINBASE_API_SECRET="VERYSECRET"' '{"apiKey":"n","apiSecret":"VERYSECRET"}' '[{"name":"n","privateKey":"VERYSECRET"}]'; do
        echo "$kept" >bad.json
        run --separate-stderr fetch --key bad.json
        [ "$status" -eq 78 ]
        [[ "$stderr" == *'it must be JSON with the key'*'\"privateKey\"'* ]]
        [[ "$stderr" != *VERYSECRET* ]]
    done
    [ "$(replay_requests)" -eq 0 ]
}

@test "a key is not sent in the clear" {
    new_key ec
    for url in http://exchange.example http://localhost.example http://127.0.0.1.example http://localhost@exchange.example file:///tmp; do
        run --separate-stderr fetch-fills --base-url "$url"
        echo "$url"
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"https only"* ]]
    done
    run --separate-stderr fetch-fills --base-url 'http://[::1].example'
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"cannot be read"* ]]
}

@test "more than 30 requests a second are not asked for" {
    run --separate-stderr fetch-fills --rate 31
    [ "$status" -eq 64 ]
}

@test "the environment's rate and wait hold here too, and a rate above the exchange's is the exchange's" {
    local tool
    for tool in fetch-fills reconcile-fills; do
        for bad in x 0x10 1e2 +5 .; do
            WINDFALL_RETRY_WAIT=$bad run --separate-stderr "$tool" --rate 5
            echo "$bad: $status $stderr"
            [ "$status" -eq 78 ]
            [[ "$stderr" == *"WINDFALL_RETRY_WAIT in the environment: it must be a number from 0 to 3600, seconds"* ]]
        done
        # It is taken, and the complaint is the option's.
        WINDFALL_RATE=1000 run --separate-stderr "$tool" --rate 31
        [ "$status" -eq 64 ]
        WINDFALL_RATE=1000 run --separate-stderr "$tool" --attempts 2 --nonsense
        [ "$status" -eq 64 ]
        [[ "$stderr" != *"requests a second"* ]]
    done
}

# B-17: a local time without its zone was compared with instants.
@test "B-17: a time without its zone is refused; a date is its midnight in UTC" {
    fill entry=e1
    serve
    for bad in 2024-05-01T12:00:00 '2024-05-01 12:00:00' yesterday 12:00 2024-02-30; do
        run --separate-stderr fetch --since "$bad"
        [ "$status" -eq 64 ]
    done
    [ "$(replay_requests)" -eq 0 ]
    TZ=America/New_York run --separate-stderr fetch --since 2024-05-01 --until 2024-05-02T03:00:00+02:00
    [ "$status" -eq 0 ]
    [ "$(replay_requests "$FILLS.*start_sequence_timestamp=2024-05-01T00%3A00%3A00.000000Z&end_sequence_timestamp=2024-05-02T01%3A00%3A00.000000Z")" -eq 1 ]
}

@test "products are asked for one by one, by name" {
    serve
    run --separate-stderr fetch --product BTC-USD --product ETH-EUR
    [ "$status" -eq 0 ]
    [ "$(replay_requests "$FILLS.*&product_ids=BTC-USD&product_ids=ETH-EUR")" -eq 1 ]
    run --separate-stderr fetch --product "BTC-USD&limit=1"
    [ "$status" -eq 64 ]
}

# Into the database ----------------------------------------------------------------------------

@test "what is stored once is not written again; the second run asks only for what is new, and a day more" {
    fresh_db
    for n in 1 2 3; do fill entry=e$n time=2024-05-01T12:00:0$n.123456789Z; done
    serve 2
    run --separate-stderr fetch --store
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"read=3 added=3 changed=0"* ]]
    [ "$(sql "select trade_time, trade_nanos from exchange_fills where entry_id = 'e2'")" = "2024-05-01 12:00:02.123456+00|789" ]
    [ "$(sql "select product_id, window_from, source, fills_seen from exchange_windows")" = "*|-infinity|api|3" ]
    before=$(sql "select xmin, * from exchange_fills order by entry_id")
    run --separate-stderr fetch --store
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"read=3 added=0 changed=0"* ]]
    [ "$(sql "select xmin, * from exchange_fills order by entry_id")" = "$before" ]
    # From a day and a minute ago, not from the beginning.
    since=$(tail -n 5 "$NGINX_LOG" | sed -n 's/.*start_sequence_timestamp=\([^&]*\)&.*/\1/p' | tail -n 1 | sed 's/%3A/:/g')
    age=$(($(date +%s) - $(date -d "$since" +%s)))
    [ "$age" -ge 86400 ]
    [ "$age" -lt 86700 ]
}

@test "--overlap says how many days of the known span are asked for again, and 0 none" {
    fresh_db
    fill entry=e1
    serve
    fetch -q --store
    for overlap in 0 3 30; do
        run --separate-stderr fetch --store --overlap $overlap
        [ "$status" -eq 0 ]
        replay_requests >/dev/null
        since=$(sed -n 's/.*start_sequence_timestamp=\([^&]*\)&.*/\1/p' "$NGINX_LOG" | tail -n 1 | sed 's/%3A/:/g')
        age=$(($(date +%s) - $(date -d "$since" +%s)))
        echo "$overlap: $age"
        [ "$age" -ge $((overlap * 86400)) ]
        [ "$age" -lt $((overlap * 86400 + 300)) ]
    done
    for bad in -1 x 1.5 3651 ''; do
        run fetch --store --overlap "$bad"
        [ "$status" -eq 64 ]
    done
}

@test "a fill that the exchange changed is changed here, and only that one" {
    fresh_db
    fill entry=e1 fee=1
    fill entry=e2 fee=2
    serve
    fetch --store
    kept=$(sql "select xmin from exchange_fills where entry_id = 'e1'")
    sed -i 's/"commission":"2"/"commission":"2.5"/' "$site/fills/.json"
    run --separate-stderr fetch --store --all
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=0 changed=1"* ]]
    [ "$(sql "select commission from exchange_fills where entry_id = 'e2'")" = 2.5 ]
    [ "$(sql "select xmin from exchange_fills where entry_id = 'e1'")" = "$kept" ]
    # The listing has it under another entry now: a trade is in its order once.
    sed -i 's/"entry_id":"e2"/"entry_id":"e3"/; s/"commission":"2.5"/"commission":"2.6"/' "$site/fills/.json"
    run --separate-stderr fetch --store --all
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*'1 stored trade has another entry in the listing now, which is taken in its place'*'added=1 changed=0 replaced=1'* ]]
    [ "$(sql "select string_agg(entry_id || ' ' || commission, ', ' order by entry_id) from exchange_fills")" = 'e1 1, e3 2.6' ]
}

@test "a correction or reversal is stored and said, and not booked" {
    fresh_db
    fill entry=e1
    fill entry=e2 type=REVERSAL side=SELL
    serve
    run --separate-stderr fetch --store
    [ "$status" -eq 0 ]
    [ "$(sql "select trade_type from exchange_fills order by entry_id")" = "FILL
REVERSAL" ]
    [[ "$stderr" == *level=warning*"REVERSAL of trade trade-of-e2"*"not booked"* ]]
    # Printed and not stored, it is said as well.
    run --separate-stderr fetch
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" == *level=warning*"REVERSAL of trade trade-of-e2"*"not booked"* ]]
}

@test "B-13: the fills of a cancelled order are trades, and its totals are held against them" {
    fresh_db
    fill entry=e1 order=o1 price=100 size=2 fee=0.5
    fill entry=e2 order=o1 price=101 size=1 fee=0.25
    order order=o1 status=CANCELLED size=3 value=301 fees=0.75 fills=2
    serve
    run --separate-stderr fetch --store --orders
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(sql "select status from exchange_orders")" = CANCELLED ]
    [ "$(sql "select sum(base_size) from exchange_fills")" = 3 ]
}

@test "an order's total that is not the sum of its fills is a row, field by field, and 1" {
    fresh_db
    fill entry=e1 order=o1 price=100 size=2 fee=0.5
    fill entry=e2 order=o1 price=101 size=1 fee=0.25
    fill entry=e3 order=o2 price=100 size=1 fee=0.1
    fill entry=e4 order=o3 price=100 size=1 fee=0.1
    # What the exchange rounded, a unit of the eighth decimal for each fill, is no difference, and what it took back no fill.
    fill entry=e5 order=o4 price=100 size=1 fee=0.1
    fill entry=e6 order=o4 price=100 size=1 fee=0.1
    fill entry=e7 order=o4 price=100 size=1 fee=0.1 type=CORRECTION
    order order=o1 size=4 value=302 fees=0.76 fills=3
    order order=o2 size=1 value=100 fees=0.05
    order order=o4 size=2.00000002 value=200 fees=0.19999998 fills=2
    serve
    run --separate-stderr fetch --store --orders
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$output" = "order_id	product_id	field	order	fills
o1	BTC-USD	filled_size	4	3
o1	BTC-USD	filled_value	302	301
o1	BTC-USD	number_of_fills	3	2
o1	BTC-USD	total_fees	0.76	0.75
o2	BTC-USD	total_fees	0.05	0.1
o3	BTC-USD	order	\\N	1" ]
}

@test "an order that says another total than its value and fees make is a row: the side decides" {
    fresh_db
    fill entry=e1 order=o1 price=100 size=2 fee=0.5
    fill entry=e2 order=o2 price=100 size=2 fee=0.5 side=SELL
    fill entry=e3 order=o3 price=100 size=2 fee=0.5 side=SELL
    order order=o1 size=2 value=200 fees=0.5
    order order=o2 side=SELL size=2 value=200 fees=0.5 after=200.5
    order order=o3 side=SELL size=2 value=200 fees=0.5 after=''
    # Where the interface does not say it, nothing is held against it; nor where nothing was filled.
    order order=o4 status=CANCELLED size=0 value=0 fees=0 fills=0 after=12
    serve
    run --separate-stderr fetch --store --orders --no-header
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$output" = "o2	BTC-USD	total_value_after_fees	200.5	199.5" ]
    sed -i 's/"filled_value":"200"/"filled_value":"-200"/' "$site/orders/.json"
    run --separate-stderr fetch --store --all --orders --no-header
    [ "$status" -eq 65 ]
    [[ "$stderr" == *', o1, field filled_value: below zero: it is left out'* ]]
}

@test "a base quantity sized in quote is what its order's filled size says, or 18 decimals" {
    fresh_db
    # 10 / 3 twice: the order says 6.66666667 in all.
    fill entry=e1 order=o1 price=3 size=10 quoted=true time=2024-05-01T12:00:01Z
    fill entry=e2 order=o1 price=3 size=10 quoted=true time=2024-05-01T12:00:02Z
    fill entry=e3 order=o2 price=3 size=10 quoted=true
    order order=o1 size=6.66666667 value=20 fees=7.2 fills=2
    serve
    run --separate-stderr fetch
    [[ "$stderr" == *"3 fills are sized in quote"* ]]
    [ "${#lines[@]}" -eq 4 ]
    run --separate-stderr fetch --store
    [[ "$stderr" == *"3 fills are sized in quote"* ]]
    [ "$(sql "select base_size from exchange_fills order by entry_id")" = "3.333333333333333333
3.333333333333333333
3.333333333333333333" ]
    run --separate-stderr fetch --store --orders --all
    [ "$(sql "select entry_id, base_size, size, value from exchange_fills order by entry_id")" = "e1|3.33333333|10|10
e2|3.33333334|10|10
e3|3.333333333333333333|10|10" ]
    # Settled is settled: another run writes nothing.
    before=$(sql "select xmin, * from exchange_fills order by entry_id")
    run --separate-stderr fetch --store --all
    [ "$(sql "select xmin, * from exchange_fills order by entry_id")" = "$before" ]
}

@test "killed in the middle of a listing, nothing of it is stored, and the next run brings it all" {
    fresh_db
    for n in 1 2 3; do fill entry=e$n; done
    put_listing "$site" 1
    sed -i '/historical\/fills/d' "$conf"
    cat >>"$conf" <<-END
	location = $FILLS { if (\$arg_cursor = p3) { return 404; } try_files /fills/\$arg_cursor.json =404; error_page 404 @slow; }
	location @slow { echo_sleep 20; echo '{}'; }
	END
    replay_start "$site" "$conf"
    new_key ec
    fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --store 2>/dev/null 3>&- &
    victim=$!
    for _ in {1..100}; do
        [ "$(replay_requests "$FILLS.*p2")" -eq 0 ] || break
        sleep 0.05
    done
    kill -9 "$victim"
    wait "$victim" || :
    [ "$(sql 'select count(*) from exchange_fills')" -eq 0 ]
    [ "$(sql 'select count(*) from exchange_windows')" -eq 0 ]
    replay_stop
    coinbase_conf
    replay_start "$site" "$conf"
    run --separate-stderr fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" --store
    [ "$status" -eq 0 ]
    [ "$(sql 'select count(*) from exchange_fills')" -eq 3 ]
}
