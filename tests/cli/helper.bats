# The helper's own promises, since every other test leans on them.
load helper

@test "each test has a database of its own, with the tables and the reference facts" {
    fresh_db
    [ "$(sql 'select count(*) > 0 from miner_models')" = t ]
    [ "$(sql 'select current_database()')" = "$TEST_DB" ]
}

@test "ask prints what psql prints, says what it says, and ends as it ends" {
    fresh_db
    [ -n "$SUITE_ASK" ] || skip "it is not built"
    sql "create table numbers as select generate_series(1, 3) as n"
    psql_says() { psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "$1"; }
    ask_says() { "$SUITE_ASK" "$SUITE_SOCKET" "$TEST_DB" windfall "$1"; }
    while IFS= read -r asked; do
        run --separate-stderr psql_says "$asked"
        want="$status|$output|$stderr"
        run --separate-stderr ask_says "$asked"
        echo "$asked: $status|$output|$stderr"
        [ "$status|$output|$stderr" = "$want" ]
    done <<-'END'
	select 1, null, '', 'ä', true, 0.50, array['a b', null], '{"a": [1]}'::jsonb, e'two\nlines'
	select 1 as a; create temporary table more (n int); insert into more select n * 7 from numbers; select sum(n), count(*) from more
	select n from numbers where n > 9
	copy (select n, n * 2 from numbers order by 1) to stdout
	copy (select n from numbers) to stdout (format csv, header)
	do $$ begin raise notice 'take care' using hint = 'do not', detail = 'of it'; end $$
	do $$ begin raise warning 'one'; raise exception 'two' using hint = 'three'; end $$
	insert into numbers values (10); select 1 / (n - 10) from numbers
	select count(*) from numbers
	show application_name
	END
    # An error that has a place loses the place alone.
    run --separate-stderr ask_says "select nothing from nowhere"
    [ "$status|$output|$stderr" = '1||ERROR:  relation "nowhere" does not exist' ]
    printf '7\n8\n' | ask_says "copy numbers from stdin"
    [ "$(sql "select count(*) from numbers")" = 5 ]
    run "$SUITE_ASK" "$SUITE_SOCKET" no_such windfall "select 1"
    [ "$status" -eq 2 ]
    run "$SUITE_ASK" "$BATS_TEST_TMPDIR" no_such windfall "select 1"
    [ "$status" -eq 2 ]
    run ask_says "select pg_terminate_backend(pg_backend_pid())"
    [ "$status" -eq 2 ]
    run "$SUITE_ASK" "select 1"
    [ "$status" -eq 64 ]
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
    sql "update ingested_periods set fetched_at = fetched_at + interval '1 day'"
    [ "$(dump_db)" = "$after" ]
    [ "$(dump_db --exact)" != "$exact" ]
    sql "delete from ingested_periods"
    [ "$(dump_db)" = "$before" ]
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
