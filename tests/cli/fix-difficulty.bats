# A corrected difficulty and everything that was made from it, in one transaction.
load helper
load asking
load calculations
load sums

# Ten days around the retargets of 2025-03-09 15:56:29 (height 887040) and 2025-03-23 11:15:16, and
# some in summer, calculated and summed once for all tests.
setup_file() {
    local day days=(2025-03-01 2025-03-08 2025-03-09 2025-03-10 2025-03-22 2025-03-23 2025-04-01 2025-06-10 2025-06-11 2025-06-12)
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR BATS_SUITE_TEST_NUMBER=fix
    fresh_db
    given_days "${days[@]}"
    for day in "${days[@]}"; do
        fetched "$day"
    done
    calculate_and_sum
    export WORLD=$TEST_DB
}

teardown_file() { TEST_DB=$WORLD tear_down_all; }

setup() { fresh_db "$WORLD"; }

audit_is_clean() {
    [ "$(audit-calcs | wc -l)" -eq 1 ]
    [ "$(find-missing | wc -l)" -eq 1 ]
}

# The periods of a date by the difficulty that their calculations were made with, its first digits.
difficulties() {
    sql "select string_agg(d || ' ' || a || '-' || b, ', ' order by a) from (
            select left(difficulty::text, 6) as d, min(settlement_period) as a, max(settlement_period) as b
              from historical_bitcoin_calculations where settlement_date = '$1' group by 1) x"
}

in_force() {
    sql "select left(difficulty::text, 6) from network_difficulty where effective_from <= '$1' and in_force_until > '$1'
          order by effective_from desc limit 1"
}

@test "a difficulty that calculations cannot be made with is refused, and nothing is changed" {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    for dry_run in --dry-run ""; do
        run --separate-stderr fix-difficulty $dry_run 2025-03-10 2025-03-12 1
        [ "$status" -eq 65 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"nothing was changed"* ]]
    done
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    audit_is_clean
}

@test "the instants that the help shows are taken" {
    for instant in $(fix-difficulty --help | grep -o '20[0-9-]*T[0-9:]*[Z+][0-9:]*'); do
        fix-difficulty -q --dry-run "$instant" 2025-06-10 112149504190349
    done
}

@test "a whole epoch corrected is another figure at the same height, and everything above follows" {
    before=$(sql "select value_at_mining from bitcoin_yearly_summaries where miner_model = 'S9'")
    run --separate-stderr fix-difficulty 2025-03-09T15:56:29Z 2025-03-23T11:15:16Z 110568428300952
    [ "$status" -eq 0 ]
    # What was printed is what was there, and what is.
    [ "$(grep -c '^difficulty' <<<"$output")" -eq 1 ]
    grep -qx $'difficulty\t2025-03-09T15:56:29Z\tdifficulty\t112149504190349.[0-9]*\t110568428300952.[0-9]*' <<<"$output"
    for day in 2025-03-09 2025-03-10 2025-03-22 2025-03-23; do
        [ "$(grep -c "^bitcoin_day	$day [A-Z0-9_]*	bitcoin_mined	" <<<"$output")" -eq 3 ]
    done
    [ "$(grep -cv '^level\|^difficulty\|^bitcoin_' <<<"$output")" -eq 0 ]
    [ "$(grep '^bitcoin_year	2025 S9	value_at_mining' <<<"$output" | cut -f4)" = "${before%.*}.$(sed 's/0*$//' <<<"${before#*.}")" ]
    # The period that begins before the retarget, and all others, stay.
    [ "$(difficulties 2025-03-09)" = "110568 1-48" ]
    [ "$(difficulties 2025-03-23)" = "110568 1-23, 113757 24-48" ]
    [ "$(sql "select block_height, source, time_quality from network_difficulty where effective_from = '2025-03-09 15:56:29+00'")" = "887040|manual|estimated" ]
    audit_is_clean
}

@test "whole days are days of UTC: an epoch is split, and goes on behind them with what it had" {
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' 2025-03-10 2025-03-10 120000000000000
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"120000000000000"* ]]
    [ "$(sql "select effective_from at time zone 'UTC', in_force_until at time zone 'UTC', block_height, left(difficulty::text, 6), source, time_quality
                from network_difficulty where effective_from between '2025-03-09' and '2025-03-23' order by 1")" = "2025-03-09 15:56:29|2025-03-10 00:00:00|887040|112149|checkpoints|estimated
2025-03-10 00:00:00|2025-03-11 00:00:00||120000|manual|day
2025-03-11 00:00:00|2025-03-23 11:15:16||112149|checkpoints|day" ]
    [ "$(difficulties 2025-03-10)" = "120000 1-48" ]
    [ "$(difficulties 2025-03-09)" = "110568 1-32, 112149 33-48" ]
    [ "$(difficulties 2025-03-22)" = "112149 1-48" ]
    audit_is_clean
}

@test "in summer the first two half hours of a London day are of the UTC day before, and an offset says London" {
    was=$(in_force 2025-06-10)
    fix-difficulty --force --reason 'as the test wants it' -q 2025-06-11 2025-06-11 120000000000000 >/dev/null
    [ "$(difficulties 2025-06-10)" = "$was 1-48" ]
    [ "$(difficulties 2025-06-11)" = "$was 1-2, 120000 3-48" ]
    [ "$(difficulties 2025-06-12)" = "120000 1-2, $was 3-48" ]
    fix-difficulty --force --reason 'as the test wants it' -q 2025-06-11T00:00:00+01:00 2025-06-12T00:00:00+01:00 121000000000000 >/dev/null
    [ "$(difficulties 2025-06-11)" = "121000 1-48" ]
    [ "$(difficulties 2025-06-12)" = "120000 1-2, $was 3-48" ]
    audit_is_clean
}

@test "a second time nothing differs: nothing is written, nothing printed" {
    fix-difficulty -q 2025-03-08 2025-03-22 112149504190349 >/dev/null
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    versions=$(versions)
    run --separate-stderr fix-difficulty 2025-03-08 2025-03-22 112149504190349
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"epochs=0 "*" added=0 replaced=0 removed=0 summaries=0"* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/twice"
    cmp "$BATS_TEST_TMPDIR/once" "$BATS_TEST_TMPDIR/twice"
    [ "$(versions)" = "$versions" ]
}

@test "what already has the value is left as it is" {
    # From the 8th the epoch before ends; the one of 887040 has this very difficulty.
    row=$(sql "select ctid, xmin, * from network_difficulty where block_height = 887040")
    fix-difficulty -q 2025-03-08 2025-03-22 112149504190349 >/dev/null
    [ "$(sql "select ctid, xmin, * from network_difficulty where block_height = 887040")" = "$row" ]
    [ "$(sql "select count(*) from network_difficulty where source = 'manual'")" = 1 ]
    [ "$(difficulties 2025-03-08)" = "112149 1-48" ]
    audit_is_clean
}

@test "only the calculations whose half hours begin in the span are written again" {
    sql "create table was as select settlement_date, settlement_period, farm_id, miner_model, xmin::text as version from historical_bitcoin_calculations"
    fix-difficulty --force --reason 'as the test wants it' -q 2025-03-22T12:10:00Z 2025-03-23T01:00:00Z 120000000000000 >/dev/null
    [ "$(sql "select string_agg(distinct settlement_date || ' ' || settlement_period, ', ' order by settlement_date || ' ' || settlement_period)
                from historical_bitcoin_calculations c join was using (settlement_date, settlement_period, farm_id, miner_model)
               where c.xmin::text <> version and settlement_period not between 27 and 47")" = \
        "2025-03-22 26, 2025-03-22 48, 2025-03-23 1, 2025-03-23 2" ]
    [ "$(sql "select count(*) from historical_bitcoin_calculations c join was using (settlement_date, settlement_period, farm_id, miner_model)
               where c.xmin::text <> version")" = $((25 * 9)) ]
    audit_is_clean
}

@test "a dry run prints what the real one prints, and changes nothing" {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' --dry-run 2025-03-09 2025-03-22 120000000000000
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"would be corrected"* ]]
    dry=$output
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    [ "$(grep -c '^bitcoin_day.*bitcoin_mined' <<<"$dry")" -eq 9 ]
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' 2025-03-09 2025-03-22 120000000000000
    [ "$output" = "$dry" ]
}

@test "there is no half of it: killed, or stopped by a day that another job holds, nothing has changed" {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    # Somebody has a lock on the last table it writes.
    psql -XAtq -d "$DATABASE_URL" -c "begin; lock bitcoin_yearly_summaries; select pg_sleep(30)" >/dev/null 2>&1 3>&- &
    holder=$!
    for _ in {1..100}; do
        [ "$(sql "select count(*) from pg_locks where relation = 'bitcoin_yearly_summaries'::regclass")" = 0 ] || break
        sleep 0.05
    done
    fix-difficulty --force --reason 'as the test wants it' -q 2025-03-09 2025-03-22 120000000000000 >/dev/null 3>&- &
    fixer=$!
    for _ in {1..100}; do
        [ "$(sql "select count(*) from pg_locks where relation = 'bitcoin_yearly_summaries'::regclass and not granted")" = 0 ] || break
        sleep 0.05
    done
    [ "$(sql "select count(*) from pg_locks where relation = 'bitcoin_yearly_summaries'::regclass and not granted")" = 1 ]
    # Nobody sees anything of it yet.
    [ "$(in_force '2025-03-10')" = 112149 ]
    [ "$(sql "select count(*) from historical_bitcoin_calculations where difficulty::text like '120000%'")" = 0 ]
    kill -9 "$fixer"
    wait "$fixer" || true
    sql "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()" >/dev/null
    wait "$holder" || true
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    fix-difficulty --force --reason 'as the test wants it' -q 2025-03-09 2025-03-22 120000000000000 >/dev/null
    audit_is_clean
}

@test "A-22 what another job has written while it held a day is what the correction calculates with" {
    # Whatever the server would give its sessions: a transaction that does not see what others commit while it waits, or that
    # fails for it, is none of ours.
    ask_server postgres postgres "alter database $TEST_DB set default_transaction_isolation = 'serializable'"
    hold_day 2025-03-10 "update curtailment_records set volume = volume - 1 where settlement_date = '2025-03-10'"
    fix-difficulty --force --reason 'as the test wants it' -q 2025-03-09 2025-03-22 120000000000000 >/dev/null 3>&- &
    fixer=$!
    for _ in {1..200}; do
        [ "$(sql "select count(*) from pg_stat_activity where datname = current_database() and query like '%pg_try_advisory_xact_lock%'
                     and pid <> pg_backend_pid()")" = 0 ] || break
        sleep 0.05
    done
    let_day_go
    wait "$fixer"
    [ "$(find-missing --no-header)" = "" ]
}

@test "where nothing was known, before, between and after, the value fills the gap" {
    sql "delete from network_difficulty where block_height = 887040; delete from network_difficulty where effective_from > '2025-06-01'"
    sql "update network_difficulty set in_force_until = '2025-06-10 12:00+00' where effective_from = (select max(effective_from) from network_difficulty)"
    run fix-difficulty -q 2025-03-09 2025-03-22 112149504190349
    [ "$status" -eq 0 ]
    [ "$(difficulties 2025-03-09)" = "112149 1-48" ]
    # The last days are known again to the end of the 11th; the rest of the 12th, in London, stays unknown.
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' 2025-06-10 2025-06-11 120000000000000
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-06-12: 414 calculations cannot be made"* ]]
    [ "$(sql "select max(in_force_until) at time zone 'UTC' from network_difficulty")" = "2025-06-12 00:00:00" ]
    # What could be done is done all the same.
    [ "$(difficulties 2025-06-11)" = "120000 1-48" ]
}

@test "nothing stored in the span: the difficulty is corrected all the same" {
    run --separate-stderr fix-difficulty 2019-05-01 2019-05-02 6702169884349
    [ "$status" -eq 0 ]
    [ "$(grep -cv '^difficulty\|^level' <<<"$output")" -eq 0 ]
    [[ "$stderr" == *"days=0 "* ]]
    [ "$(in_force 2019-05-02)" = 670216 ]
    sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations"
    run fix-difficulty 2019-05-01 2019-05-02 6702169884349
    [ "$status" -eq 0 ]
}

@test "a value that no network gives is told, is used exactly, and fetch-difficulty has its say" {
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' 2025-03-10 2025-03-10 120000000000000.5
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"fetch-difficulty"* ]]
    [ "$(sql "select difficulty, nbits from network_difficulty where source = 'manual'")" = "120000000000000.50000000|" ]
    audit_is_clean
    # A source that knows the span by its blocks is believed, and says what it replaces.
    run --separate-stderr fetch-difficulty --store --file "$root/sql/reference/difficulty-epochs.tsv" --source file
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"2025-03-10T00:00:00Z"*"replaced"* ]]
    [ "$(sql "select count(*) from network_difficulty where source = 'manual'")" = 0 ]
    [ "$(in_force 2025-03-10)" = 112149 ]
    [ "$(find-missing --no-header | wc -l)" -eq $((48 * 9)) ]
}

@test "a correction that a source contradicts goes, and it is told; one that it agrees with stays" {
    fix-difficulty --force --reason 'as the test wants it' -q 2025-03-10 2025-03-10 120000000000000.00000000 2>/dev/null >/dev/null
    fix-difficulty -q 2025-03-22 2025-03-22 110568428300952 >/dev/null
    run --separate-stderr fetch-difficulty --store --file "$root/sql/reference/difficulty-epochs.tsv" --source file
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"given by hand from 2025-03-22T00:00:00Z is replaced: file gives another"* ]]
    [ "$(in_force 2025-03-22)" = 112149 ]
    sql "delete from network_difficulty where block_height >= 887040"
    fix-difficulty -q 2025-03-09T15:56:29Z 2025-03-23T00:00:00Z 112149504190349 >/dev/null
    head -n 441 "$root/sql/reference/difficulty-epochs.tsv" >"$BATS_TEST_TMPDIR/epochs.tsv"
    run --separate-stderr fetch-difficulty --store --file "$BATS_TEST_TMPDIR/epochs.tsv" --source file
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"level=warning"* ]]
    [ "$(sql "select count(*) from network_difficulty where source = 'manual'")" = 1 ]
}

@test "what the network cannot have had is refused unless forced with a reason, which is kept" {
    before=$(dump_db)
    local value
    # No nBits gives the first two; ten times too much, a tenth, and the slip of a digit.
    for value in 120000000000000 110568000000000 1105684283009527 16307.42093852 11056842830095; do
        run --separate-stderr fix-difficulty 2025-03-10 2025-03-10 "$value"
        echo "$value: $status: $stderr"
        [ "$status" -eq 65 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"--force --reason"* ]]
    done
    run --separate-stderr "$root/scripts/fix-difficulty" 2025-03-10 2025-03-10 16307.42093852
    [ "$status" -eq 65 ]
    run --separate-stderr fix-difficulty --force 2025-03-10 2025-03-10 120000000000000
    [ "$status" -eq 64 ]
    [ "$(dump_db | grep -v '^-- ')" = "$(grep -v '^-- ' <<<"$before")" ]
    LOGNAME=ada "$root/scripts/fix-difficulty" --force --reason '--- the pool said so' 2025-03-10 2025-03-10 120000000000000 >/dev/null
    [ "$(sql "select effective_from::date, in_force_until::date, difficulty, forced, reason, corrected_by from difficulty_corrections")" = \
        "2025-03-10|2025-03-11|120000000000000.00000000|t|--- the pool said so|ada" ]
}

@test "four times too much or too little is done where forced, and told" {
    run --separate-stderr fix-difficulty --force --reason 'as the test wants it' 2025-03-10 2025-03-10 11056842830095
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"level=warning"*"impossible"* ]]
}

@test "the wrong arguments: 64, and nothing is asked of the database" {
    for arguments in "" "2025-03-10" "2025-03-10 2025-03-11" "2025-03-10 2025-03-11 1 2" "2025-03-11 2025-03-10 1" \
                     "2025-02-30 2025-03-01 1" "2025-03-10 2025-03-11 0" "2025-03-10 2025-03-11 -1" "2025-03-10 2025-03-11 x" \
                     "2025-03-10 2025-03-11 1e14" "2025-03-10T25:00Z 2025-03-11 1" "2025-03-10T10:00:00 2025-03-11 1" \
                     "2099-01-01 2099-01-02 1" "2025-03-10 2099-01-02 1" "2025-03-10T10:00:00Z 2025-03-10T10:00:00Z 1" \
                     "--nonsense 2025-03-10 2025-03-11 1"; do
        # shellcheck disable=SC2086
        DATABASE_URL=postgresql:///nowhere run --separate-stderr fix-difficulty $arguments
        echo "$arguments: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
    PGOPTIONS='-c default_transaction_read_only=on' run fix-difficulty --force --reason 'as the test wants it' 2025-03-10 2025-03-10 120000000000000
    [ "$status" -eq 77 ]
}

@test "the job corrects, audits the days that changed, and says so in one line" {
    run --separate-stderr "$root/scripts/fix-difficulty" --dry-run 2025-03-10 2025-03-22 110568428300952
    [ "$status" -eq 0 ]
    [ "$(in_force 2025-03-10)" = 112149 ]
    dry=$output
    [[ "$dry" == *"verdict=ok "*" dry_run=yes rows="* ]]
    run --separate-stderr "$root/scripts/fix-difficulty" 2025-03-10 2025-03-22 110568428300952
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$(grep -v ^verdict <<<"$output")" = "$(grep -v ^verdict <<<"$dry")" ]
    [[ "$output" == *"verdict=mended job=fix-difficulty "*" dates=2 "*" stale=0 "*" audit_differences=0"* ]]
    run "$root/scripts/fix-difficulty" 2025-03-10 2025-03-22 110568428300952
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == "verdict=ok job=fix-difficulty "* ]]
    run "$root/scripts/fix-difficulty" 2025-03-22 2025-03-10 1
    [ "$status" -eq 64 ]
    run "$root/scripts/fix-difficulty" --nonsense
    [ "$status" -eq 64 ]
    # A dry run that comes to no end says so too.
    hold_day 2025-03-10
    WINDFALL_LOCK_WAIT=100ms run timeout 20 "$root/scripts/fix-difficulty" --dry-run 2025-03-10 2025-03-10 112149504190349
    let_day_go
    [ "$status" -eq 75 ]
    [[ "${lines[-1]}" == "verdict=failed job=fix-difficulty "*" status=75 step=correct "* ]]
}
