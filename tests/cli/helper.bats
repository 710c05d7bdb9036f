# The helper's own promises, since every other test leans on them.
load helper

@test "each test has a database of its own, with the tables and the reference facts" {
    fresh_db
    [ "$(sql 'select count(*) > 0 from miner_models')" = t ]
    [ "$(sql 'select current_database()')" = "$TEST_DB" ]
}

@test "a test that fails names its line, in the test and in a function of the helper" {
    # Not for the bats that reads this file.
    sed "s/^%/@/" >"$BATS_TEST_TMPDIR/fails.bats" <<-END
	load $root/tests/cli/helper
	inner() {
	    [ "\$1" = 1 ]
	}
	%test "of its own" {
	    true
	    [ 1 = 2 ]
	}
	%test "in a function" {
	    inner 1
	    inner 2
	    true
	}
	%test "in a subshell" {
	    x=\$(false)
	    true
	}
	%test "what was run" {
	    run -0 false
	}
	%test "the first of a pipe's later ones" {
	    for i in 1 2; do
	        echo "\$i" | grep -q 1
	    done
	}
	END
    run env -u BATS_TEST_NAME bats --tap "$BATS_TEST_TMPDIR/fails.bats"
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(grep -c '^not ok' <<<"$output")" -eq 5 ]
    grep -q "in test file .*fails.bats, line 7)$" <<<"$output"
    grep -q "(from function .inner. in file .*fails.bats, line 3,$" <<<"$output"
    for line in 11 15 19 23; do grep -q "in test file .*fails.bats, line $line)$" <<<"$output"; done
}

@test "a dump is the same when nothing changed, and not when a row did" {
    fresh_db
    before=$(dump_db)
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         values ('2025-01-01', 1, 'final', 'bid so', 0, 0, 0)"
    after=$(dump_db)
    exact=$(dump_db --exact)
    [ "$before" != "$after" ]
    sql "update ingested_periods set fetched_at = '2025-04-01 06:00+00'"
    [ "$(dump_db)" = "$after" ]
    [ "$(dump_db --exact)" != "$exact" ]
    sql "delete from ingested_periods"
    [ "$(dump_db)" = "$before" ]
}

@test "hit signals a child, and nobody else who has the number of one that has ended" {
    sleep 60 3>&- &
    child=$!
    (sleep 60 3>&- & echo $! >"$BATS_TEST_TMPDIR/other"; wait) 3>&- &
    parent=$!
    wait_until [ -s "$BATS_TEST_TMPDIR/other" ]
    other=$(<"$BATS_TEST_TMPDIR/other")
    hit TERM "$other"
    hit TERM "$child"
    hit TERM 999999999
    status=0
    wait "$child" || status=$?
    [ "$status" -eq 143 ]
    kill -0 "$other"
    # A group is that of its leader, who must be a child.
    setsid sh -c 'sleep 60 & wait' 3>&- &
    leader=$!
    leads() { [ "$(ps -o pgid= -p "$leader" | tr -d ' ')" = "$leader" ]; }
    wait_until leads
    hit KILL "-$leader"
    status=0
    wait "$leader" || status=$?
    [ "$status" -eq 137 ]
    kill "$other"
    wait "$parent"
}

@test "the replay serves a folder in the API's path shape, and counts what was asked" {
    mkdir -p "$BATS_TEST_TMPDIR/archive/stack/bid/2025-01-01"
    echo '{"data":[]}' >"$BATS_TEST_TMPDIR/archive/stack/bid/2025-01-01/1"
    echo '{"data":[2]}' >"$BATS_TEST_TMPDIR/archive/stack/bid/2025-01-01/2.json"
    echo 'location = /busy { add_header Retry-After 1 always; return 429; } location /slow { echo_sleep 0.1; echo late; }' \
        >"$BATS_TEST_TMPDIR/more.conf"
    replay_start "$BATS_TEST_TMPDIR/archive" "$BATS_TEST_TMPDIR/more.conf"
    run curl -sS "$REPLAY_URL/stack/bid/2025-01-01/1"
    [ "$output" = '{"data":[]}' ]
    run curl -sS "$REPLAY_URL/stack/bid/2025-01-01/2"
    [ "$output" = '{"data":[2]}' ]
    run curl -sS -o /dev/null -w '%{http_code}' "$REPLAY_URL/stack/bid/2025-01-01/3"
    [ "$output" = 404 ]
    run curl -sSi "$REPLAY_URL/busy"
    [[ "$output" == *429*Retry-After:\ 1* ]]
    [ "$(curl -sS "$REPLAY_URL/slow")" = late ]
    [ "$(replay_requests)" -eq 5 ]
    [ "$(replay_requests '^200 .*/stack/')" -eq 2 ]
    replay_stop
    run curl -sS "$REPLAY_URL/stack/bid/2025-01-01/1"
    [ "$status" -eq 7 ]
}
