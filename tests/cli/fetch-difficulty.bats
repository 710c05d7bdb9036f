# fetch-difficulty against a replayed source, and what it leaves in the database.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

EPOCHS=sql/reference/difficulty-epochs.tsv

setup() {
    cd "$root" || return 1
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site/api/v1/mining" "$site/charts"
    chmod -R 755 "$BATS_TEST_TMPDIR"
}

# mempool's list of all retargets, newest first, difficulties as a double prints; the table's own times.
mempool_list() {
    awk -F'\t' 'NR > 1 { print $1 "\t" $2 "\t" $3 }' "$EPOCHS" | sort -t"$(printf '\t')" -k2,2nr |
        while IFS=$'\t' read -r from height difficulty; do
            printf '%s[%s,%s,%.17g,1.0]' "${comma-}" "$(date -u -d "$from" +%s)" "$height" "$difficulty"
            comma=,
        done
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
    cmp "$BATS_TEST_TMPDIR/out" "$EPOCHS"
    fetch-difficulty --source file --file - <"$EPOCHS" >"$BATS_TEST_TMPDIR/out"
    cmp "$BATS_TEST_TMPDIR/out" "$EPOCHS"
}

@test "mempool's rounded figures print exact, oldest first, with two requests" {
    march_site
    replay_start "$site"
    run --separate-stderr fetch-difficulty --source mempool --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = "$(printf 'effective_from\tblock_height\tdifficulty\tsource\tnbits\ttime_quality\ttime_sigma_s')" ]
    [ "${lines[2]}" = "$(printf '2025-03-09T15:55:00Z\t887040\t112149504190349.28630055\tmempool\t17028281\texact\t0')" ]
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
    sql "delete from network_difficulty where block_height > 889056;
         update network_difficulty set in_force_until = effective_from + interval '1 day' where block_height = 889056" >/dev/null
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

@test "a source without its newest block says so, and a day is all that is claimed" {
    fresh_db
    sql "delete from network_difficulty where block_height > 887040" >/dev/null
    march >"$site/api/v1/mining/difficulty-adjustments"
    replay_start "$site"
    run --separate-stderr fetch-difficulty --store --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"does not say what its newest block is"* ]]
    [ "$(sql "select in_force_until from network_difficulty where block_height = 889056")" = "2025-03-24 11:15:00+00" ]
}

@test "a corrected difficulty changes the row" {
    fresh_db
    sql "update network_difficulty set difficulty = 108105433845147, nbits = null where block_height = 887040" >/dev/null
    march_site
    replay_start "$site"
    fetch-difficulty -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select difficulty, nbits from network_difficulty where block_height = 887040")" = "112149504190349.28630055|17028281" ]
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
    refused "does not follow on height 885024"
    sed 's/^\([^	]*	806400	\)[^	]*\(	[^	]*	\)[^	]*/\116307.42093852\21b0404cb/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "more than four times"
    sed 's/^[^	]*\(	806400	\)/2023-09-06T12:00:00Z\1/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "does not allow"
    sed 's/^\([^	]*	806400	\)[^	]*/\154150000000000/' "$EPOCHS" >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "not a possible difficulty"
    { echo "$header"; printf '2026-08-01T00:00:00Z\t959616\t124932866006548\tme\t\\N\texact\t0\n'; } >"$BATS_TEST_TMPDIR/bad.tsv"
    refused "does not go with what is known"
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
    [ "${lines[1]}" = "$(printf '2025-03-10T00:00:00Z\t\\N\t112149504190349.28630055\tblockchain\t17028281\tday\t0')" ]
    run --separate-stderr fetch-difficulty --store --source blockchain --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "$(dump_db --exact)" = "$before" ]
    [ "$(replay_requests 'GET /charts/difficulty.*sampled=false')" -eq 2 ]

    printf 'effective_from,difficulty\n2025-03-12,110568428300952\n2025-03-14,112149504190349\n' >"$BATS_TEST_TMPDIR/days.csv"
    run --separate-stderr fetch-difficulty --store --file "$BATS_TEST_TMPDIR/days.csv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-03-12"* ]]
    [ "$(dump_db --exact)" = "$before" ]
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

# A node: answers by what is asked, to who knows the password.
node_start() {
    local hashes=$BATS_TEST_TMPDIR/hashes
    awk -F'\t' 'NR > 1 && $2 <= 8064 { printf "%064x\n", 1000000 + $2 }' "$EPOCHS" >"$hashes"
    tip=$(printf '%064x' 77)
    cat >"$site/info.json" <<-END
	{"result":{"chain":"${1:-main}","blocks":9000,"headers":9000,"bestblockhash":"$tip","difficulty":1,"initialblockdownload":${2:-false}},"error":null,"id":0}
	END
    awk '{ printf "%s{\"result\":\"%s\",\"error\":null,\"id\":%d}", NR == 1 ? "[" : ",", $1, NR - 1 } END { print "]" }' \
        "$hashes" >"$site/hashes.json"
    {
        printf '['
        awk -F'\t' 'NR > 1 && $2 <= 8064 { print $1, $2, $5 }' "$EPOCHS" | while read -r from height nbits; do
            printf '{"result":{"hash":"%064x","height":%d,"time":%d,"bits":"%s"},"error":null,"id":%d},' \
                $((1000000 + height)) "$height" "$(date -u -d "$from" +%s)" "$nbits" $((height / 2016))
        done
        printf '{"result":{"hash":"%s","height":9000,"time":1238300000,"bits":"1d00ffff"},"error":null,"id":5}]' "$tip"
    } >"$site/headers.json"
    printf '__cookie__:s3cret-of-the-node' >"$BATS_TEST_TMPDIR/cookie"
    chmod 600 "$BATS_TEST_TMPDIR/cookie"
    cat >"$BATS_TEST_TMPDIR/node.http" <<-'END'
	map $request_body $answer {
		~getblockchaininfo /info.json;
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

    WINDFALL_BITCOIND_COOKIE=$BATS_TEST_TMPDIR/cookie run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
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

@test "a node that catches up, or is on another chain, is not believed" {
    node_start main true
    run --separate-stderr fetch-difficulty --source bitcoind --base-url "$REPLAY_URL" --cookie "$BATS_TEST_TMPDIR/cookie"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"still catching up"* ]]
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

@test "a bad option, source or address is a usage error; a bad environment is 78" {
    for arguments in "--source yahoo" "--source file" "--source mempool --file x" "--base-url ftp://x" "--since 2025-02-30" "2025-01-01"; do
        # shellcheck disable=SC2086
        run --separate-stderr fetch-difficulty $arguments
        echo "$arguments: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
    WINDFALL_DIFFICULTY_SOURCE=yahoo run --separate-stderr fetch-difficulty
    [ "$status" -eq 78 ]
    WINDFALL_DIFFICULTY_URL=nowhere run --separate-stderr fetch-difficulty
    [ "$status" -eq 78 ]
    run --separate-stderr fetch-difficulty --file "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
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
