# fetch-difficulty against a replayed source, and what it leaves in the database.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking

EPOCHS=sql/reference/difficulty-epochs.tsv

setup() {
    cd "$root" || return 1
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site/api/v1/mining" "$site/charts"
    chmod -R 755 "$BATS_TEST_TMPDIR"
}

# mempool's list as its indexer makes it: block 0, then only the retargets that changed nBits, newest first,
# difficulties as a double prints, the change rounded to six decimals.
mempool_list() {
    awk -F'\t' 'NR > 1 && $5 != last { printf "%s\t%s\t%s\t%.6g\n", $1, $2, $3, before ? $3 / before : 0; last = $5; before = $3 }' "$EPOCHS" |
        tac >"$BATS_TEST_TMPDIR/retargets"
    cut -f 1 "$BATS_TEST_TMPDIR/retargets" | date -u -f - +%s | paste - "$BATS_TEST_TMPDIR/retargets" |
        awk -F'\t' '{ printf "%s[%s,%s,%.17g,%s]", (NR > 1 ? "," : ""), $1, $3, $4, $5 }'
}

# Only the epochs of March 2025, at exact times of this test's own.
march() {
    printf '[[1742728500,889056,113757508810853.99,1.0143],[1741535700,887040,112149504190349.28,1.0143],[1740343020,885024,110568428300952.69,0.9685]]'
}

march_site() {
    march >"$site/api/v1/mining/difficulty-adjustments"
    printf '[{"id":"x","height":890000,"timestamp":1743300000,"bits":386038124,"difficulty":113757508810854}]' >"$site/api/blocks"
}

@test "a history read from our own file prints as that very file" {
    fetch-difficulty --file "$EPOCHS" >"$BATS_TEST_TMPDIR/out"
    cut -f 1-7 "$BATS_TEST_TMPDIR/out" | cmp - "$EPOCHS"
    # With the column that says until when each held, also of what it printed itself.
    fetch-difficulty --source file --file - <"$BATS_TEST_TMPDIR/out" | cmp - "$BATS_TEST_TMPDIR/out"
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -f 8)" = 2026-06-15T00:35:50Z ]
}

@test "mempool's rounded figures print exact, oldest first, with two requests" {
    march_site
    replay_start "$site"
    run --separate-stderr fetch-difficulty --source mempool --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = "$(printf 'effective_from\tblock_height\tdifficulty\tsource\tnbits\ttime_quality\ttime_sigma_s\tin_force_until')" ]
    [ "${lines[2]}" = "$(printf '2025-03-09T15:55:00Z\t887040\t112149504190349.28630055\tmempool\t17028281\texact\t0\t2025-03-23T11:15:00Z')" ]
    [ "$(replay_requests)" -eq 2 ]
}

@test "--since leaves out what was over before that day began" {
    march_site
    replay_start "$site"
    run --separate-stderr fetch-difficulty --base-url "$REPLAY_URL" --since 2025-03-23 --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f2 <<<"$output")" = "$(printf '887040\n889056')" ]
}

@test "storing the same history again, and from another source, writes nothing" {
    fresh_db
    mempool_list >"$site/list"
    printf '[%s]' "$(cat "$site/list")" >"$site/api/v1/mining/difficulty-adjustments"
    run --separate-stderr fetch-difficulty --store --file "$EPOCHS"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=0 changed=0 removed=0"* ]]
    before=$(dump_db --exact)

    # The times that were estimates are now the source's: exact.
    run --separate-stderr fetch-difficulty --store --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=0 changed="* ]]
    [ "$(sql "select count(*), count(*) filter (where time_quality = 'exact') from network_difficulty")" = "474|474" ]
    after=$(dump_db --exact)
    [ "$after" != "$before" ]

    xmin() { sql "select string_agg(xmin::text, ',' order by effective_from) from network_difficulty"; }
    written=$(xmin)
    run --separate-stderr fetch-difficulty --store --base-url "file://$site"
    [[ "$stderr" == *"added=0 changed=0 removed=0"* ]]
    run --separate-stderr fetch-difficulty --store --file "$EPOCHS"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=0 changed=0 removed=0"* ]]
    [ "$(xmin)" = "$written" ]
    [ "$(dump_db --exact)" = "$after" ]
}

@test "an exact time replaces an estimated one, and its neighbour ends there" {
    fresh_db
    march_site
    replay_start "$site"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"added=3 changed=1 removed=3"* ]]
    [ "$(sql "select count(*) from network_difficulty")" = 474 ]
    [ "$(sql "select effective_from, in_force_until, time_quality, source from network_difficulty where block_height = 887040")" = \
        "2025-03-09 15:55:00+00|2025-03-23 11:15:00+00|exact|mempool" ]
    [ "$(sql "select count(*) from network_difficulty a join network_difficulty b on b.block_height = a.block_height + 2016
               where a.in_force_until <> b.effective_from")" = 0 ]
}

@test "the newest difficulty is known to hold as far as the source's newest block, and no further" {
    fresh_db
    begins=$(sql "select effective_from from network_difficulty where block_height = 889056")
    sql "delete from network_difficulty where block_height > 889056;
         update network_difficulty set in_force_until = timestamptz '$begins' + interval '1 day' where block_height = 889056"
    march_site
    replay_start "$site"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select in_force_until from network_difficulty where block_height = 889056")" = "2025-03-30 02:00:00+00" ]

    # An older answer takes nothing back; a later block reaches further.
    printf '[{"height":889900,"timestamp":1743200000,"bits":386038124}]' >"$site/api/blocks"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select in_force_until from network_difficulty where block_height = 889056")" = "2025-03-30 02:00:00+00" ]
    printf '[{"height":890100,"timestamp":1743400000,"bits":386038124}]' >"$site/api/blocks"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select in_force_until from network_difficulty where block_height = 889056")" = "2025-03-31 05:46:40+00" ]
}

# The next block is sought with it too: while the newest is of these six hours, or ahead of our clock, it holds until now.
@test "the newest difficulty holds until now while the newest block is at most six hours old" {
    march_site
    while read -r now until; do
        run --separate-stderr env TZ=UTC faketime -f "2025-03-30 $now" fetch-difficulty --no-header --base-url "file://$site"
        [ "$status" -eq 0 ]
        [ "$(tail -n 1 <<<"$output" | cut -f 2,8)" = "889056	2025-03-30T${until}Z" ]
    done <<-END
		01:00:00 01:00:00
		02:00:00 02:00:00
		02:00:01 02:00:01
		08:00:00 08:00:00
		08:00:01 02:00:00
	END
}

@test "a source without its newest block says so, and a day is all that is claimed" {
    fresh_db
    sql "delete from network_difficulty where block_height > 887040" >/dev/null
    march >"$site/api/v1/mining/difficulty-adjustments"
    replay_start "$site"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"does not say which block is its latest"* ]]
    [ "$(sql "select in_force_until from network_difficulty where block_height = 889056")" = "2025-03-24 11:15:00+00" ]
}

@test "a corrected difficulty changes the row" {
    fresh_db
    sql "update network_difficulty set difficulty = 108105433845147, nbits = null where block_height = 887040" >/dev/null
    march_site
    replay_start "$site"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select difficulty, nbits from network_difficulty where block_height = 887040")" = "112149504190349.28630055|17028281" ]
    # What a person had written is not replaced in silence.
    sql "update network_difficulty set difficulty = 110568428300952.69, nbits = '17028bb1', source = 'manual' where block_height = 887040" >/dev/null
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the difficulty given by hand from 2025-03-09T15:55:00Z is replaced: mempool gives another"* ]]
    [ "$(sql "select difficulty, source from network_difficulty where block_height = 887040")" = "112149504190349.28630055|mempool" ]
    # What says the same is no news.
    sql "update network_difficulty set source = 'manual' where block_height = 887040" >/dev/null
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"given by hand"* ]]
    [[ "$stderr" != *"which is replaced"* ]]
    # Nor is the time of a block's header.
    sed -i 's/1740343020/1740343620/' "$site/api/v1/mining/difficulty-adjustments"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *level=warning*"height 885024: mempool gives another difficulty or time than the stored one, of 2025-02-23T20:37:00Z, which is replaced (1 such)"* ]] || { echo "$stderr"; false; }
}

@test "a difficulty that no target gives, written by hand, is replaced where the source covers it and stops us where not" {
    fresh_db
    sql "update network_difficulty set difficulty = 5000000, nbits = null where block_height = 887040" >/dev/null
    march_site
    replay_start "$site"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"5000000 is not a possible difficulty: replaced"* ]]
    [ "$(sql "select nbits from network_difficulty where block_height = 887040")" = 17028281 ]

    sql "update network_difficulty set difficulty = 5000000, nbits = null where block_height = 2016" >/dev/null
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"5000000 is not a possible difficulty"* ]]
}

@test "a history that breaks a rule is refused with 65 and changes nothing" {
    fresh_db
    before=$(dump_db --exact)
    header=$(head -n 1 "$EPOCHS")
    refused() {
        run --separate-stderr fetch-difficulty --store --file "$BATS_TEST_TMPDIR/bad.tsv"
        echo "$stderr"
        [ "$status" -eq 65 ]
        [[ "$stderr" == *"$1"* ]]
    }
    # Off the grid; an epoch left out; four times harder; exact times that cannot be; a figure that is none.
    { echo "$header"; printf '2025-03-09T15:55:00Z\t887041\t112149504190349\tme\t\\N\texact\t0\n'; } >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "not a multiple of 2016"
    sed '/	887040	/d' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "does not follow 885024"
    sed 's/^\([^	]*	806400	\)[^	]*\(	[^	]*	\)[^	]*/\116307.42093852\21b0404cb/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "more than four times"
    sed 's/^[^	]*\(	806400	\)/2023-09-06T12:00:00Z\1/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "does not allow"
    sed 's/^\([^	]*	806400	\)[^	]*/\154150000000000/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "not a possible difficulty"
    { echo "$header"; printf '2026-08-01T00:00:00Z\t959616\t124932866006548\tme\t\\N\texact\t0\n'; } >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "contradicts what is known"
    for value in 0 -5 NaN 1e400 12x '\N'; do
        { echo "$header"; printf '2026-08-01T00:00:00Z\t959616\t%s\tme\t\\N\texact\t0\n' "$value"; } >"$BATS_TEST_TMPDIR/bad.tsv"
        refused "line 2"
    done
    : >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "empty"
    [ "$(dump_db --exact)" = "$before" ]
}

@test "whole days go with what is known by heights, change nothing, and are refused where they contradict" {
    fresh_db
    before=$(dump_db --exact)
    printf '%s' '{"status":"ok","name":"Network Difficulty","unit":"Difficulty","period":"day","values":[' \
        '{"x":1741392000,"y":110568428300952.69},{"x":1741478400,"y":1.1056842830095269E14},' \
        '{"x":1741564800,"y":112149504190349.28},{"x":1741651200,"y":112149504190349.28}]}' >"$site/charts/difficulty"
    replay_start "$site"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "$REPLAY_URL" --no-header
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "$(printf '2025-03-10T00:00:00Z\t\\N\t112149504190349.28630055\tblockchain\t17028281\tday\t0\t2025-03-12T00:00:00Z')" ]
    run --separate-stderr fetch-difficulty --store --source blockchain --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "$(dump_db --exact)" = "$before" ]
    [ "$(replay_requests 'GET /charts/difficulty.*sampled=false')" -eq 2 ]

    printf 'effective_from,difficulty\n2025-03-12,110568428300952\n' >"$BATS_TEST_TMPDIR/days.csv"
    run --separate-stderr fetch-difficulty --store --file "$BATS_TEST_TMPDIR/days.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-03-12T00:00:00Z is not that of the retarget of height 953568 (2026-06-14T00:35:50Z), which is known by its height"* ]]
    [ "$(dump_db --exact)" = "$before" ]

    # The chart of the next change, which is known by its height here and nowhere else: as it was, and a day off.
    fetch-difficulty -q --store --file - <<<"$(printf 'effective_from,block_height,difficulty,time_quality\n%s\n%s' \
        2026-06-14T00:35:50Z,953568,124932866006548.15,estimated 2026-06-28T06:00:00Z,955584,125753044548516.86,estimated)"
    before=$(dump_db --exact)
    for day in 1782518400 1782604800; do
        printf '{"values":[{"x":%s,"y":124932866006548.15},{"x":%s,"y":125550000000000},{"x":%s,"y":125753044548516.86}]}' \
            "$day" $((day + 86400)) $((day + 2 * 86400)) >"$site/charts/difficulty"
        run --separate-stderr fetch-difficulty --store --source blockchain --base-url "file://$site"
        case $day in
        1782518400) [ "$status" -eq 0 ] ;;
        *)  [ "$status" -eq 65 ]
            [[ "$stderr" == *"is that of the retarget of height 955584 (2026-06-28T06:00:00Z): the days of the source are shifted"* ]] ;;
        esac
    done
    [ "$(dump_db --exact | grep -c blockchain)" -eq 0 ]
}

@test "whole days alone fill a table of days, and heights replace them" {
    fresh_db
    sql "delete from network_difficulty" >/dev/null
    printf 'effective_from,difficulty\n2025-03-01,110568428300952\n2025-03-10,112149504190349\n2025-03-23,113757508810853\n2025-03-31,113757508810853\n' \
        >"$BATS_TEST_TMPDIR/days.csv"
    fetch-difficulty -q --store --file "$BATS_TEST_TMPDIR/days.csv"
    [ "$(sql "select effective_from, in_force_until, time_quality from network_difficulty order by 1")" = \
"2025-03-01 00:00:00+00|2025-03-10 00:00:00+00|day
2025-03-10 00:00:00+00|2025-03-23 00:00:00+00|day
2025-03-23 00:00:00+00|2025-04-01 00:00:00+00|day" ]
    march_site
    replay_start "$site"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select effective_from, in_force_until, block_height from network_difficulty order by 1")" = \
"2025-02-23 20:37:00+00|2025-03-09 15:55:00+00|885024
2025-03-09 15:55:00+00|2025-03-23 11:15:00+00|887040
2025-03-23 11:15:00+00|2025-04-01 00:00:00+00|889056" ]
}

@test "a source that is down is 75, one that answers otherwise 76, bad figures 65; nothing is stored" {
    fresh_db
    before=$(dump_db --exact)
    cat >"$BATS_TEST_TMPDIR/places" <<-'END'
	location /down/ { return 503; }
	location /html/ { default_type text/html; return 200 "<html>maintenance</html>"; }
	location /averages/ { return 200 '{"hashrates":[],"difficulty":[]}'; }
	location /nonsense/ { return 200 '[[1742728500,889056,113757508000000,1.0]]'; }
	location /cut/ { return 200 '[[1742728500,889056,1137575'; }
	location /absent/ { return 404; }
	location /private/ { return 403; }
	END
    replay_start "$site" "$BATS_TEST_TMPDIR/places"
    ask() {
        run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL/$1" --retry-wait 0.01 --attempts 2
        echo "$1: $status $stderr"
    }
    ask down;     [ "$status" -eq 75 ]
    ask html;     [ "$status" -eq 76 ]
    ask averages; [ "$status" -eq 76 ]
    [[ "$stderr" == *"averages over days"* ]]
    ask nonsense; [ "$status" -eq 65 ]
    ask cut;      [ "$status" -eq 75 ]
    ask absent;   [ "$status" -eq 76 ]
    ask private;  [ "$status" -eq 77 ]
    [ "$(replay_requests '^503')" -eq 2 ]
    [ "$(replay_requests '/cut/')" -eq 2 ]
    [ "$(dump_db --exact)" = "$before" ]
}

# node_start [CHAIN [CATCHING_UP [LAST]]]: a node whose last epoch begins at block LAST (8064), which answers by what is
# asked, to who knows the password.
node_start() {
    local last=${3:-8064}
    tip=$(printf '%064x' 77)
    awk -F'\t' -v OFS='\t' -v last="$last" -v tip="$tip" 'NR > 1 && $2 <= last { print $1, $2, $5, sprintf("%064x", 1000000 + $2); from = $1; nbits = $5 }
        END { print from, last + 936, nbits, tip }' "$EPOCHS" >"$BATS_TEST_TMPDIR/blocks"
    printf '{"result":{"chain":"%s","blocks":%d,"headers":%d,"bestblockhash":"%s","difficulty":1,"initialblockdownload":%s},"error":null,"id":0}' \
        "${1:-main}" $((last + 936)) $((last + 936)) "$tip" "${2:-false}" >"$site/info.json"
    # The newest block is 936 blocks into its epoch, some six days and a half.
    jq -Rn --arg tip "$tip" '[inputs | split("\t")] | to_entries | map({result: {hash: .value[3], height: (.value[1] | tonumber),
        time: ((.value[0] | fromdate) + (if .value[3] == $tip then 561600 else 0 end)), bits: .value[2]}, error: null, id: .key})' \
        "$BATS_TEST_TMPDIR/blocks" >"$site/headers.json"
    jq -c 'del(.[-1]) | map(.result = .result.hash)' "$site/headers.json" >"$site/hashes.json"
    printf '__cookie__:s3cret-of-the-node' >"$BATS_TEST_TMPDIR/cookie"
    chmod 600 "$BATS_TEST_TMPDIR/cookie"
    cat >"$BATS_TEST_TMPDIR/node.http" <<-'END'
	map $request_body $answer {
		~getblockchaininfo /info.json;
		~getblockhash.*:.210000.}  /halving-hash.json;
		~getblockheader.*d211a1210000  /halving-header.json;
		~getblockhash      /hashes.json;
		~getblockheader    /headers.json;
	}
	END
    cat >"$BATS_TEST_TMPDIR/node" <<-END
	client_body_buffer_size 1m;
	location = / {
		if (\$http_authorization != "Basic $(printf '__cookie__:s3cret-of-the-node' | base64)") { return 401; }
		echo_read_request_body;
		echo_exec \$answer;
	}
	location ~ json\$ { error_page 405 =200 \$uri; }
	END
    replay_start "$site" "$BATS_TEST_TMPDIR/node"
}

@test "a node tells its whole history in three calls, by its cookie, which nobody sees" {
    node_start
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie" -v
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
    [ "$(cut -f1-3 <<<"${lines[5]}")" = "$(awk -F'\t' '$2 == 8064' "$EPOCHS" | cut -f1-3)" ]
    [ "$(replay_requests " /\$")" -eq 3 ]
    [[ "$stderr" != *s3cret* ]]
    [[ "$stderr" != *"$(printf '__cookie__:s3cret-of-the-node' | base64)"* ]]

    # As an editor of Windows leaves it.
    printf '\xef\xbb\xbf%s\r\n' "$(cat "$BATS_TEST_TMPDIR/cookie")" >"$BATS_TEST_TMPDIR/edited"
    chmod 600 "$BATS_TEST_TMPDIR/edited"
    WINDFALL_BITCOIND_COOKIE=$BATS_TEST_TMPDIR/edited run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    # Unnamed it is where bitcoind puts it.
    mkdir "$BATS_TEST_TMPDIR/.bitcoin"
    mv "$BATS_TEST_TMPDIR/cookie" "$BATS_TEST_TMPDIR/.bitcoin/.cookie"
    HOME=$BATS_TEST_TMPDIR run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
}

@test "without the right credentials a node is 77" {
    node_start
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"$BATS_TEST_TMPDIR/none"* ]]
    echo 'no colon' >"$BATS_TEST_TMPDIR/cookie"
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    [ "$status" -eq 77 ]
    [[ "$stderr" != *"no colon"* ]]
    printf 'user:wrong' >"$BATS_TEST_TMPDIR/cookie"
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    [ "$status" -eq 77 ]
}

# told TEXT - what a node that answers so gives: 65, the reason, and nothing stored.
is_refused() {
    run --separate-stderr fetch-difficulty --store --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    echo "$1: $status $stderr"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"$1"* ]]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a header that is not that of the block asked for is refused: another hash, height, number or target" {
    fresh_db
    before=$(dump_db --exact)
    node_start
    cp "$site/headers.json" "$BATS_TEST_TMPDIR/headers"
    # Of the third epoch the header of another block.
    jq -c --arg hash "$(printf '%064x' 4711)" '.[2].result.hash = $hash' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "reply 2: the header of another block"
    # The right hash, and another height: a multiple of 2016, but not this one.
    jq -c '.[2].result.height = 6048' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "the header at height 4032 claims height 6048"
    jq -c 'del(.[3])' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "5 replies to 6 questions"
    jq -c '.[3].id = 2' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "a reply without a request"
    # An epoch that began before the one before it.
    jq -c '.[3].result.time = .[2].result.time - 1' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "bitcoind: the retarget of height 4032 (2009-02-12T19:16:30Z) ends before it begins"
    # The newest block is of the last epoch, and has not its target.
    jq -c '.[5].result.bits = "1d00d86a"' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    is_refused "block 9000 has nBits 1d00d86a, but its epoch has 1d00ffff"
    cp "$BATS_TEST_TMPDIR/headers" "$site/headers.json"
    cp "$site/hashes.json" "$BATS_TEST_TMPDIR/hashes"
    jq -c '.[1].result = "00ff"' "$BATS_TEST_TMPDIR/hashes" >"$site/hashes.json"
    is_refused "reply 1: not a block hash"
    # As it was, it is taken.
    cp "$BATS_TEST_TMPDIR/hashes" "$site/hashes.json"
    fetch-difficulty -q --store --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
}

@test "mempool: the newest block must have its epoch's target, and numbers must be numbers" {
    fresh_db
    before=$(dump_db --exact)
    march_site
    # In the epoch that the list ends with, another target: one of the two is false.
    printf '[{"id":"x","height":890000,"timestamp":1743300000,"bits":386027781,"difficulty":113757508810854}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --store --base-url "file://$site"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"block 890000 has nBits 17025105, but its epoch has 1702796c"* ]] || { echo "$stderr"; false; }
    # A block from before that epoch says nothing of it.
    printf '[{"id":"x","height":889055,"timestamp":1742727000,"bits":386058369,"difficulty":112149504190349}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
    [ "$status" -eq 0 ]
    # One that cannot be read costs what it would have said: the list stands, its last difficulty known for a day.
    local nearly
    for nearly in '"890000"' 890000.5 -1 1e3 null '[]' 08 +890000 0x10; do
        printf '[{"id":"x","height":%s,"timestamp":1743300000,"bits":386038124}]' "$nearly" >"$site/api/blocks"
        run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
        [ "$status" -eq 0 ] || { echo "$nearly: $stderr"; false; }
        [[ "$stderr" == *"level=warning"*"mempool: latest blocks: "*"assumed to be in force for one day"* ]] || { echo "$nearly: $stderr"; false; }
        [ "$(cut -f 2,8 <<<"${lines[2]}")" = "889056	2025-03-24T11:15:00Z" ]
    done
    # So does one that ten epochs without a change cannot have brought within a week.
    printf '[{"id":"x","height":910000,"timestamp":1743300000,"bits":386038124}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"level=warning"*"mempool: the latest block is 910000 of 2025-03-30T02:00:00Z, which is too soon after block 889056: it is ignored, and the latest difficulty is assumed to be in force for one day"* ]] || { echo "$stderr"; false; }
    [ "$(cut -f 2,8 <<<"${lines[2]}")" = "889056	2025-03-24T11:15:00Z" ]
    # So does a page in their place, as of a site whose explorer has another address.
    echo '<!doctype html><title>mempool</title>' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"level=warning"*"mempool: api/blocks: not JSON"*"does not say which block is its latest"* ]] || { echo "$stderr"; false; }
    [ "$(cut -f 2,8 <<<"${lines[2]}")" = "889056	2025-03-24T11:15:00Z" ]
    printf '[{"id":"x","height":890000,"timestamp":1743300000,"bits":386038124}]' >"$site/api/blocks"
    for nearly in '"113757508810853.99"' 113757508810853.9x 1.13757508810853e14e 0x6775 NaN null 113757508810853.; do
        march | sed "s/113757508810853.99/$nearly/" >"$site/api/v1/mining/difficulty-adjustments"
        run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
        # That row costs itself, or it is no JSON; the figure is nobody's.
        [ "$status" -ne 0 ] || [[ "$output" != *1137575088* ]] || { echo "$nearly: $output"; false; }
        [ "$stderr" != "" ]
    done
    [ "$(dump_db --exact)" = "$before" ]
}

@test "a list that gives two heights another difficulty than is stored is another chain's, and changes nothing" {
    fresh_db
    before=$(dump_db --exact)
    march_site
    # In order by itself: each of the first two has the difficulty of the one after it.
    printf '[[1742728500,889056,113757508810853.99,1],[1741535700,887040,113757508810853.99,1.0143],%s]' \
        '[1740343020,885024,112149504190349.28,0.98]' >"$site/api/v1/mining/difficulty-adjustments"
    fetch-difficulty -q --base-url "file://$site" >"$BATS_TEST_TMPDIR/printed"
    run --separate-stderr fetch-difficulty --store --base-url "file://$site"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"heights 885024 and 887040 differ in difficulty or time from those stored: is it another chain's, or of another time zone?"* ]] || { echo "$stderr"; false; }
    [ "$(dump_db --exact)" = "$before" ]
    # An explorer whose database is an hour off has every difficulty right.
    mkdir -p "$site/east/api/v1/mining"
    mempool_list | sed 's/.*/[&]/' | jq -c 'map(.[0] += 3600)' >"$site/east/api/v1/mining/difficulty-adjustments"
    run --separate-stderr fetch-difficulty --store --base-url "file://$site/east"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"heights 0 and 32256 differ in difficulty or time from those stored"* ]] || { echo "$stderr"; false; }
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr fetch-difficulty --correct --base-url "file://$site"
    [ "$status" -eq 64 ]
    # A person who has seen that the source is right takes all of it at once; what does not differ stays as it is.
    sql "update network_difficulty set nbits = '17028281', difficulty = 112149504190349.28630055 where block_height in (876960, 878976, 880992)"
    run --separate-stderr fetch-difficulty --store --file "$EPOCHS"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"heights 876960 and 878976 differ in difficulty"*"fetch-difficulty --store --correct replaces all of them"* ]]
    fetch-difficulty -q --store --correct --file "$EPOCHS"
    [ "$(dump_db --exact)" = "$before" ]
    # Of the newest that is stored the first block may have been another's.
    sql "delete from network_difficulty where block_height > 885024"
    fetch-difficulty -q --store --base-url "file://$site"
    [ "$(sql "select nbits from network_difficulty where block_height = 885024")" = 17028281 ]
}

@test "a node that catches up, or is on another chain, is not believed" {
    node_start main true
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"the node is not ready: it still catches up and is at block "* ]]
    replay_stop
    node_start test
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"chain test"* ]]
}

@test "a halving that the newest block has passed is stored with the time of its block, or stops us" {
    fresh_db
    sql "delete from block_subsidies where block_height = 840000" >/dev/null
    march_site
    before=$(dump_db --exact)
    replay_start "$site"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"halved at block 840000"* ]]
    [ "$(dump_db --exact)" = "$before" ]

    mv "$site/api/blocks" "$site/api/blocks.json"
    mkdir "$site/api/blocks"
    chmod 755 "$site/api/blocks"
    printf '[{"height":840000,"timestamp":1713571767,"bits":386089497},{"height":839999,"timestamp":1713571533,"bits":386089497}]' \
        >"$site/api/blocks/840000"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"halvings=1"* ]]
    [ "$(sql "select effective_from, subsidy from block_subsidies where block_height = 840000")" = "2024-04-20 00:09:27+00|3.12500000" ]
}

@test "a node says when the subsidy was halved, and another block's header is not believed for it" {
    fresh_db
    sql "delete from block_subsidies where block_height >= 210000" >/dev/null
    node_start main false 209664
    hash=$(printf '%052xd211a1210000' 0)
    printf '[{"result":"%s","error":null,"id":0}]' "$hash" >"$site/halving-hash.json"
    header() { printf '[{"result":{"hash":"%s","height":%d,"time":1354116278,"bits":"1a04e0ea"},"error":null,"id":0}]' "$hash" "$1" >"$site/halving-header.json"; }
    store() { run --separate-stderr fetch-difficulty --store --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"; }
    header 210001
    store
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"halved at block 210000"* ]]
    header 210000
    store
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "$(sql "select effective_from, subsidy from block_subsidies where block_height = 210000")" = "2012-11-28 15:24:38+00|25.00000000" ]
}

@test "a bad option, source or address is a usage error; a bad environment is 78" {
    for arguments in "--source yahoo" "--source file" "--source mempool --file x" "--base-url ftp://x" "--since 2025-02-30" "2025-01-01"; do
        # shellcheck disable=SC2086
        run --separate-stderr fetch-difficulty $arguments
        echo "$arguments: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
    WINDFALL_DIFFICULTY_SOURCE='file' run --separate-stderr fetch-difficulty
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_DIFFICULTY_SOURCE is file: name another source"* ]]
    [ "$(WINDFALL_DIFFICULTY_SOURCE='file' fetch-difficulty --no-header --file "$root/sql/reference/difficulty-epochs.tsv" | wc -l)" -gt 400 ]
    WINDFALL_DIFFICULTY_SOURCE=yahoo run --separate-stderr fetch-difficulty
    [ "$status" -eq 78 ]
    WINDFALL_DIFFICULTY_URL=nowhere run --separate-stderr fetch-difficulty
    [ "$status" -eq 78 ]
    run --separate-stderr fetch-difficulty --file "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
    run --separate-stderr fetch-difficulty --file "$BATS_TEST_TMPDIR"
    [ "$status" -eq 66 ]
    [[ "$stderr" == *"cannot read: Is a directory"* ]]
    printf 'effective_from\tdifficulty\n%s\t124932866006548\n' "$(date -u -d '+3 hours' +%FT%TZ)" >"$BATS_TEST_TMPDIR/tomorrow"
    run --separate-stderr fetch-difficulty --file "$BATS_TEST_TMPDIR/tomorrow"
    echo "$status $stderr"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the latest retarget is in the future"* ]]
}

@test "a source has one name: in its table, the help, the manual and the setting" {
    run --separate-stderr fetch-difficulty --source nowhere
    [ "$status" -eq 64 ]
    names=${stderr##*--source must be }
    names=$(tr -s ', ' '\n' <<<"${names%%, not nowhere*}" | grep -vx or)
    [ "$(wc -l <<<"$names")" -ge 4 ]
    [ "$(fetch-difficulty --help | sed -n 's/^ *--source SOURCE *//p' | tr -s ', ' '\n' | grep -vxE '\(the|default\)|or')" = "$names" ]
    [ "$(sed -n '/^\.It Fl -source/,/^\.El/s/^\.It Cm //p' "$root/src/fetch-difficulty.1")" = "$names" ]
    [ "$(sed -n '/^\.It Ev WINDFALL_DIFFICULTY_SOURCE/,/^By default/s/^one of \(.*\)\.$/\1/p' "$root/${TEST_BUILD:-build}/windfall.conf.5" |
        tr -s ', ' '\n')" = "$names" ]
}

@test "the environment can name the source, for jobs that pass no options" {
    march_site
    replay_start "$site"
    WINDFALL_DIFFICULTY_SOURCE=mempool WINDFALL_DIFFICULTY_URL=$REPLAY_URL/ run --separate-stderr fetch-difficulty --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "two that store at once leave what one leaves" {
    fresh_db
    march_site
    for i in 1 2 3; do
        fetch-difficulty -q --store --base-url "file://$site" 3>&- &
        pids[i]=$!
    done
    for i in 1 2 3; do
        wait "${pids[i]}"
    done
    one=$(dump_db --exact)
    fetch-difficulty -q --store --base-url "file://$site"
    [ "$(dump_db --exact)" = "$one" ]
    [ "$(sql "select count(*) from network_difficulty")" = 474 ]
}

# ---- the sources as they are ----

# Difficulty 1 held from block 0 to 32255: sixteen epochs, of which the list names the first.
@test "mempool's list leaves out retargets that changed nothing: what it does not name went on" {
    printf '[[1263250117,34272,1.3050621315915245,1.103274],[1262153464,32256,1.1828995343128408,1.1829],[1231006505,0,1,0]]' \
        >"$site/api/v1/mining/difficulty-adjustments"
    printf '[{"height":34300,"timestamp":1263260000,"bits":486589480}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,2,8 <<<"$output")" = "$(printf '%s\t%s\t%s\n' 2009-01-03T18:15:05Z 0 2009-12-30T06:11:04Z \
        2009-12-30T06:11:04Z 32256 2010-01-11T22:48:37Z 2010-01-11T22:48:37Z 34272 2010-01-12T01:33:20Z)" ]

    # Without block 0, as an instance that began to index later has it.
    printf '[[1263250117,34272,1.3050621315915245,1.103274],[1262153464,32256,1.1828995343128408,1.1829]]' \
        >"$site/api/v1/mining/difficulty-adjustments"
    [ "$(fetch-difficulty -q --base-url "file://$site" --no-header | wc -l)" -eq 2 ]

    # In the database the epochs that were not named stay.
    fresh_db
    mempool_list >"$site/list"
    printf '[%s]' "$(cat "$site/list")" >"$site/api/v1/mining/difficulty-adjustments"
    [ "$(fetch-difficulty -q --base-url "file://$site" --no-header | wc -l)" -eq 459 ]
    rm "$site/api/blocks"
    fetch-difficulty -q --store --base-url "file://$site"
    [ "$(sql "select count(*) from network_difficulty")" = 474 ]
    [ "$(sql "select count(*) from network_difficulty a join network_difficulty b on b.block_height = a.block_height + 2016
               where a.in_force_until <> b.effective_from")" = 0 ]
}

@test "the newest row of the list may be many epochs old, as long as the newest block has its nBits" {
    march >"$site/api/v1/mining/difficulty-adjustments"
    printf '[{"height":899000,"timestamp":1748700000,"bits":386038124}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$(cut -f 8 <<<"${lines[2]}")" = 2025-05-31T14:00:00Z ]
    # With another: the list lags behind, and claims no more than a day.
    printf '[{"height":899000,"timestamp":1748700000,"bits":386027781}]' >"$site/api/blocks"
    run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"it lags behind"* ]]
    [ "$(cut -f 8 <<<"${lines[2]}")" = 2025-03-24T11:15:00Z ]
}

@test "a row of the list that is lost or odd costs its own time and is named; nothing bridges it in silence" {
    printf '[{"height":890000,"timestamp":1743300000,"bits":386038124}]' >"$site/api/blocks"
    # The middle one is missing: the ratio of the one after it says so.
    printf '[[1742728500,889056,113757508810853.99,1.014338],[1740343020,885024,110568428300952.69,0.9685]]' \
        >"$site/api/v1/mining/difficulty-adjustments"
    run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"retargets between heights 885024 and 889056 are missing"* ]]
    [ "$(cut -f 1,8 <<<"${lines[0]}")" = "$(printf '2025-02-23T20:37:00Z\t2025-02-27T08:37:00Z')" ]

    # It is there, but with a difficulty that no nBits gives, or at a height that is no retarget's.
    local odd
    for odd in '[1741535700,887040,112149504000000,1.0143]' '[1741535700,887041,112149504190349.28,1.0143]' \
        '[1741535700,887040,null,1.0143]' '["soon",887040,112149504190349.28,1.0143]' '{}' null; do
        printf '[[1742728500,889056,113757508810853.99,1.014338],%s,[1740343020,885024,110568428300952.69,0.9685]]' "$odd" \
            >"$site/api/v1/mining/difficulty-adjustments"
        run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
        echo "$odd: $status: $stderr"
        [ "$status" -eq 65 ] || [ "$status" -eq 0 ]
        [[ "$stderr" == *"entry 2: "* ]]
        [ "$status" -ne 0 ] || [ "$(cut -f 2 <<<"$output" | tr '\n' ' ')" = "885024 889056 " ]
    done

    # A difficulty that is one, but not this one's: neither neighbour agrees.
    printf '[[1743938460,891072,121507793131898.06,1.068129],[1742728500,889056,110568428300952.69,1.014338],[1741535700,887040,112149504190349.28,1.0143],[1740343020,885024,110568428300952.69,0.9685]]' \
        >"$site/api/v1/mining/difficulty-adjustments"
    rm "$site/api/blocks"
    run --separate-stderr fetch-difficulty --base-url "file://$site" --no-header
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the retarget of height 889056 fits neither the one before nor the one after it"* ]]
    [ "$(cut -f 2 <<<"$output" | tr '\n' ' ')" = "885024 887040 891072 " ]
    [ "$(cut -f 8 <<<"${lines[1]}")" = 2025-03-13T03:55:00Z ]
}

# By the rule of testnet4: its first block is of 2024-05-03, and it retargets by the consensus rules of the main network.
@test "the retargets of a test network are not those of Bitcoin: nothing of them is printed or stored" {
    fresh_db
    before=$(sql "select count(*), sum(difficulty), max(in_force_until) from network_difficulty")
    printf '[[1716292260,10080,1024,4],[1715987460,8064,256,4],[1715685060,6048,64,4],[1715382660,4032,16,4],[1715080260,2016,4,4],[1714777860,0,1,0]]' \
        >"$site/api/v1/mining/difficulty-adjustments"
    printf '[{"id":"x","height":10100,"timestamp":1716300000,"bits":457179072}]' >"$site/api/blocks"
    for face in --no-header --store; do
        run --separate-stderr fetch-difficulty --base-url "file://$site" "$face"
        [ "$status" -eq 65 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"the first: entry 1: no block 10080 of Bitcoin's main network is of 2024-05-21T11:51:00Z: is it a test network's?"* ]]
    done
    # Nor does a block of one say how far the list of the main network reaches.
    march >"$site/api/v1/mining/difficulty-adjustments"
    run --separate-stderr fetch-difficulty --no-header --base-url "file://$site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"block 10100: no block 10100 of Bitcoin's main network is of 2024-05-21"* ]]
    [ "$(cut -f 8 <<<"${lines[2]}")" = 2025-03-24T11:15:00Z ]
    [ "$(sql "select count(*), sum(difficulty), max(in_force_until) from network_difficulty")" = "$before" ]
}

# charts/difficulty holds the mean of each day's blocks.
@test "blockchain.info: the mean on the day of a retarget says when in that day it was" {
    printf '{"values":[{"x":1741392000,"y":110568428300952.69},{"x":1741478400,"y":111085509723899.64},{"x":1741564800,"y":112149504190349.28},%s]}' \
        '{"x":1741651200,"y":112149504190349.28},{"x":1742601600,"y":112149504190349},{"x":1742688000,"y":113029560773192.95},{"x":1742774400,"y":113757508810854}' \
        >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,5,6 <<<"$output")" = "$(printf '%s\t%s\t%s\n' 2025-03-08T00:00:00Z 17028bb1 day \
        2025-03-09T16:09:03Z 17028281 estimated 2025-03-23T10:51:53Z 1702796c estimated)" ]
    # The same chart a day later, or earlier, agrees with itself.
    for shift in 86400 -86400; do
        mkdir -p "$site/shifted/charts"
        awk -v RS=, -v ORS=, -v shift="$shift" -F '"x":' 'NF > 1 { sub(/[0-9]+$/, sprintf("%.0f", $2 + shift)) } { print }' \
            "$site/charts/difficulty" | sed 's/,$//' >"$site/shifted/charts/difficulty"
        run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site/shifted"
        [ "$status" -eq 65 ]
        [ -z "$output" ]
        [[ "$stderr" == *"10:51:53Z is that of the retarget of height 889056 (2025-03-23T11:15:16Z): the days of the source are shifted"* ]] || { echo "$stderr"; false; }
    done
    # A day that the chart will only explain tomorrow: the old one is known to its midnight, the new one not.
    printf '{"values":[{"x":1741392000,"y":110568428300952.69},{"x":1741478400,"y":111085509723899.64}]}' >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,8 <<<"$output")" = "$(printf '2025-03-08T00:00:00Z\t2025-03-09T00:00:00Z')" ]
}

@test "blockchain.info: days without a block, days left out and a mad day cost no more than themselves" {
    printf '{"values":[{"x":1231006505,"y":1.0},{"x":1231092905,"y":0.0},{"x":1231179305,"y":0.0},{"x":1231524905,"y":1.0},{"x":1231611305,"y":1.0}]}' \
        >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,3,8 <<<"$output")" = "$(printf '2009-01-03T00:00:00Z\t1.00000000\t2009-01-11T00:00:00Z')" ]
    [[ "$stderr" != *"value "* ]]

    printf '{"values":[{"x":1741219200,"y":110568428300952.69},{"x":1741305600,"y":1e14},{"x":1741392000,"y":110568428300952.69},%s]}' \
        '{"x":1741478400,"y":null},{"x":1741500000,"y":"110568428300952.69"},{"x":1741564800,"y":110568428300952.69},{"x":1741651200,"y":110568428300952.69},{"x":1741737600,"y":110568428300952.69}' \
        >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"2025-03-07: 100000000000000 is not the difficulty of the days before and after it"* ]]
    [[ "$stderr" == *"value 4: not {x: time, y: difficulty}"* ]]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(cut -f 8 <<<"$output")" = 2025-03-13T00:00:00Z ]

    # The chart stands still over a retarget: what the next one says of the time before it does not agree.
    printf '{"values":[{"x":1741392000,"y":110568428300952.69},{"x":1741478400,"y":111085509723899.64},%s{"x":1743897600,"y":121507793131898.06}]}' \
        "$(seq -f '{"x":%.0f,"y":112149504190349.28},' 1741564800 86400 1743811200 | tr -d '\n')" >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the difficulty from 2025-03-09 on lasted 27.3 days, and 12.9 by the next one: a change is lost or misdated"* ]] || { echo "$stderr"; false; }
    [ "$(cut -f 1,8 <<<"$output" | tail -n 2)" = "$(printf '%s\t%s\n' 2025-03-09T16:09:03Z 2025-03-13T04:09:03Z 2025-04-06T00:00:00Z 2025-04-07T00:00:00Z)" ]
}

@test "blockchain.info: what holds today stands in its statistics" {
    local now
    now=$(date +%s)
    printf '{"values":[{"x":%s,"y":124932866006548.15},{"x":%s,"y":124932866006548.15}]}' $((now / 86400 * 86400 - 2 * 86400)) \
        $((now / 86400 * 86400 - 86400)) >"$site/charts/difficulty"
    printf '{"timestamp":%s000,"market_price_usd":91000.1,"hash_rate":1.0e12,"difficulty":124932866006548,"n_blocks_total":958000,"nextretarget":959615}' "$now" \
        >"$site/stats"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [ "$(date -u -d "$(cut -f 8 <<<"$output")" +%s)" -ge "$now" ]
    # Another difficulty than the chart's: nothing of today is claimed.
    sed -i 's/124932866006548/113757508810854/' "$site/stats"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the difficulty has changed since the chart's last day"* ]]
    [ "$(cut -f 8 <<<"$output")" = "$(date -u -d "@$((now / 86400 * 86400))" +%Y-%m-%dT00:00:00Z)" ]
}

@test "blockchain.info: a last day that is today reaches to now; statistics that are none cost what they would say" {
    local now today
    now=$(date +%s)
    today=$((now / 86400 * 86400))
    printf '{"values":[{"x":%s,"y":124932866006548.15},{"x":%s,"y":124932866006548.15}]}' $((today - 86400)) "$today" >"$site/charts/difficulty"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    until=$(date -u -d "$(cut -f 8 <<<"$output")" +%s)
    [ "$until" -ge "$now" ]
    [ "$until" -le $((now + 60)) ]
    printf '{"values":[{"x":%s,"y":124932866006548.15},{"x":%s,"y":124932866006548.15}]}' $((today - 2 * 86400)) $((today - 86400)) >"$site/charts/difficulty"
    printf '{"timestamp":"soon","difficulty":124932866006548}' >"$site/stats"
    run --separate-stderr fetch-difficulty --source blockchain --base-url "file://$site" --no-header
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"blockchain: stats: "* ]]
    [ "$(date -u -d "$(cut -f 8 <<<"$output")" +%s)" = "$today" ]
}

# Behind an address that several nodes answer, the next one may be a block behind (RPC_INVALID_PARAMETER, -8), or not have
# the newest block (RPC_INVALID_ADDRESS_OR_KEY, -5).
@test "a node that does not know in mid-batch what another has named: later" {
    fresh_db
    node_start
    before=$(dump_db --exact)
    store() { run --separate-stderr fetch-difficulty --store --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"; echo "$status $stderr"; }
    cp "$site/headers.json" "$BATS_TEST_TMPDIR/headers"
    jq -c '.[-1] += {result: null, error: {code: -5, message: "Block not found"}}' "$BATS_TEST_TMPDIR/headers" >"$site/headers.json"
    store
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"bitcoind: reply 5: the node says: Block not found"* ]]
    cp "$BATS_TEST_TMPDIR/headers" "$site/headers.json"
    cp "$site/hashes.json" "$BATS_TEST_TMPDIR/hashes"
    jq -c '.[-1] += {result: null, error: {code: -8, message: "Block height out of range"}}' "$BATS_TEST_TMPDIR/hashes" >"$site/hashes.json"
    store
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"bitcoind: reply 4: the node says: Block height out of range"* ]]
    [ "$(dump_db --exact)" = "$before" ]
}

# A node has its own words for a call that it knows not (RPC_METHOD_NOT_FOUND, -32601, with HTTP 404), and httprpc.cpp sends
# every other error with HTTP 500; a web server that is no node has none.
@test "a node that refuses a call says why, and what is no node is said to be none" {
    printf 'user:pw' >"$BATS_TEST_TMPDIR/cookie"
    chmod 600 "$BATS_TEST_TMPDIR/cookie"
    cat >"$BATS_TEST_TMPDIR/places" <<-'END'
	location = /unknown/ { return 404 '{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":0}'; }
	location = /broken/ { return 500 '{"result":null,"error":{"code":-1,"message":"Block not available (pruned data)"},"id":0}'; }
	location = /key/ { return 403 '{"error":"the key is missing"}'; }
	location = /queue/ { default_type text/plain; return 503 "Work queue depth exceeded\n"; }
	location = /text/ { echo -n '{"result":null,"error":"Method not allowed","id":0}'; }
	location = /else/ { return 404 "nginx"; }
	END
    replay_start "$site" "$BATS_TEST_TMPDIR/places"
    asked() { run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL/$1" --cookie "$BATS_TEST_TMPDIR/cookie" --attempts 1; echo "$1: $status $stderr"; }
    asked unknown
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"bitcoind: the node says: Method not found"* ]]
    asked broken
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"bitcoind: the node says: Block not available (pruned data)"* ]]
    # What stands before a node says it otherwise.
    asked key
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"bitcoind: the node says: the key is missing"* ]]
    asked queue
    [ "$status" -eq 75 ]
    [[ "$stderr" == *": HTTP 503: Work queue depth exceeded\""* ]]
    asked text
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"bitcoind: the node says: Method not allowed"* ]]
    asked else
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"bitcoind: nothing answers at $REPLAY_URL/else"* ]]
    [[ "$stderr" != *"$(printf 'user:pw' | base64)"* ]]
}

# src/rpc/protocol.h: RPC_IN_WARMUP is -28, and it comes with HTTP 500; by src/httprpc.cpp with 200 in a batch, and in each
# answer to JSON-RPC 2.0, which what stands before a node may speak.
@test "a node that is starting says so in its own words, with whatever status: later" {
    printf 'user:pw' >"$BATS_TEST_TMPDIR/cookie"
    chmod 600 "$BATS_TEST_TMPDIR/cookie"
    cat >"$BATS_TEST_TMPDIR/places" <<-'END'
	location = /500/ { echo_status 500; echo -n '{"result":null,"error":{"code":-28,"message":"Loading block index…"},"id":0}'; }
	location = /200/ { echo -n '{"jsonrpc":"2.0","error":{"code":-28,"message":"Loading block index…"},"id":0}'; }
	location = /batch/ { echo -n '[{"result":null,"error":{"code":-28,"message":"Loading block index…"},"id":0}]'; }
	END
    replay_start "$site" "$BATS_TEST_TMPDIR/places"
    for place in 500 200 batch; do
        run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL/$place" --cookie "$BATS_TEST_TMPDIR/cookie" \
            --attempts 2 --retry-wait 0.05
        echo "$place: $stderr"
        [ "$status" -eq 75 ]
        [[ "$stderr" == *"the node is not ready: Loading block index"* ]]
    done
}

@test "what it prints is a history for the filter: yesterday is calculated, and beyond it the advice helps a filter" {
    march_site
    fetch-difficulty -q --base-url "file://$site" >"$BATS_TEST_TMPDIR/d.tsv"
    printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-29\t20\tT_X-1\t-100\n' >"$BATS_TEST_TMPDIR/rows"
    run --separate-stderr calc-btc --history "$BATS_TEST_TMPDIR/d.tsv" --model S19J_PRO --no-header <"$BATS_TEST_TMPDIR/rows"
    [ "$status" -eq 0 ]
    [ "$(cut -f 7 <<<"$output")" = 113757508810853.99837194 ]
    sed 's/2025-03-29/2025-04-05/' "$BATS_TEST_TMPDIR/rows" >"$BATS_TEST_TMPDIR/later"
    run --separate-stderr calc-btc --history "$BATS_TEST_TMPDIR/d.tsv" <"$BATS_TEST_TMPDIR/later"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"fetch-difficulty >FILE, then --history FILE"* ]]
}
