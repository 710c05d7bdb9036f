# The helper's own promises, since every other test leans on them.
load helper
load asking

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

# alone SQL - the same question, by a psql of its own.
alone() { psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "$1"; }

@test "sql answers as psql -c does: the same rows, words and status" {
    fresh_db
    sql "create table t (a int, b text)"
    session=$(sql "select pg_backend_pid()")
    for text in "select 1; select 2, null, 'x y'" "select 1/0" "select 1; select 1/0; select 2" "selec" "" ";" \
        "insert into t values (1, E'a\nb\\\\c'); select * from t; delete from t" "insert into t values (1, 'x'); select 1/0" "select * from t" \
        "do \$\$ begin raise notice 'so'; end \$\$; select ':ERROR', 'it''s', :x" "select '\\echo no'" "copy (values (1, null), (3, 'x')) to stdout" \
        "begin; insert into t values (2)" "select '\$ask\$'" '\conninfo' "copy t from stdin" "select a from t -- and no more" \
        "create temp table gone (a int); select count(*) from gone" "select count(*) from gone" "set statement_timeout = 7; show statement_timeout" \
        "show statement_timeout" "select length(repeat(E'long\n', 30000)), repeat(E'long\n', 3000)" \
        "do \$\$ begin for i in 1..900 loop raise notice '%', repeat('words', 30); end loop; end \$\$" "vacuum t"; do
        run --separate-stderr alone "$text"
        expected="$status $output $stderr"
        run --separate-stderr sql "$text"
        [ "$status $output $stderr" = "$expected" ] || { echo "$text"; diff <(echo "$expected") <(echo "$status $output $stderr"); }
    done </dev/null
    [ "$(sql "select pg_backend_pid()")" = "$session" ]
    # Who is elsewhere is asked there.
    [ "$(DATABASE_URL=${DATABASE_URL/$TEST_DB/postgres} sql "select current_database()")" = postgres ]
}

@test "sql goes on where its session was ended, and where a question is still open or was killed" {
    fresh_db
    session=$(sql "select pg_backend_pid()")
    sql "select pg_sleep(30)" 3>&- &
    busy() { [ "$(alone "select state from pg_stat_activity where pid = $session")" = active ]; }
    wait_until busy
    [ "$(sql "select pg_backend_pid()")" != "$session" ]
    hit KILL $!
    [ "$(sql "select 1")" = 1 ]

    begin_asking
    session=$(sql "select pg_backend_pid()")
    alone "select pg_terminate_backend($session, 5000)"
    [ "$(sql "select 1")" = 1 ]
    [ "$(sql "select 2")" = 2 ]

    begin_asking
    run --separate-stderr sql "select pg_terminate_backend(pg_backend_pid())"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"terminating connection"*"connection to server was lost"* ]]
    [ "$(sql "select 1")" = 1 ]
}

@test "a run makes and drops its databases in one session, and goes on where that was ended" {
    fresh_db
    admin=$(as_admin "select pg_backend_pid()")
    as_admin "create database ${TEST_DB}_other template template_windfall strategy file_copy"
    [ "$(ask_server "${TEST_DB}_other" postgres "select count(*) > 0 from miner_models")" = t ]
    drop_db "${TEST_DB}_other"
    run -1 --separate-stderr as_admin "create database x template ${TEST_DB}_other"
    [[ "$stderr" == *"template database \"${TEST_DB}_other\" does not exist"* ]]
    [ "$(as_admin "select pg_backend_pid()")" = "$admin" ]

    # One of this test's own, which ends as a server that is restarted would end it.
    BATS_RUN_TMPDIR=$BATS_TEST_TMPDIR begin_admin
    own=$(as_admin "select pg_backend_pid()")
    [ "$own" != "$admin" ]
    ask_server postgres postgres "select pg_terminate_backend($own, 5000)"
    as_admin "create database ${TEST_DB}_other"
    drop_db "${TEST_DB}_other"
    [ "$(ask_server postgres postgres "select count(*) from pg_database where datname = '${TEST_DB}_other'")" = 0 ]
    end_admin
}
