# What surrounds a tool or a job: the settings of its role and database, the variables of its environment, its streams and
# limits.  In each of these it answers and stores what it does elsewhere, or says what is wrong.
# shellcheck disable=SC2034,SC2154 # root and logs are set by the suite
load drill

setup_file() { section surroundings; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    export WINDFALL_BACKUP=off
    before_fault() { forget_the_third; }
    under=()
}

# Every way of asking, a line each; what is printed does not depend on when.
asking() {
    cat <<-END
		find-missing --by-date --all-dates 2025-03-01 2025-03-03
		find-missing --periods 2025-03-01 2025-03-04
		audit-calcs -q 2025-03-01 2025-03-03
		what-if --model S19J_PRO --machines 1000 2025-03-01 2025-03-03
		size-fleet --model S19J_PRO --sizes 100,1000 2025-03-01 2025-03-03
		miner-models
		run-queue show
		$root/scripts/summary --by half-hour --format csv 2025-03-01 2025-03-03
		$root/scripts/summary --by month 2025
		$root/scripts/report 2025-03-03
		$root/scripts/report 2025-03
		$root/scripts/rank-farms --format ndjson 2025-03-01 2025-03-03
		$root/scripts/rank-farms --by weekday --sort payment 2025
		$root/scripts/trend storms
		$root/scripts/trend records
		$root/scripts/forecast 2025-05
		$root/scripts/export half_hours --format ndjson 2025-03
		$root/scripts/export farm_days --format tsv
		$root/scripts/export bm_units
		$root/scripts/units undecided
		$root/scripts/wanted list
		$root/scripts/gains
		$root/scripts/plot days --format svg 2025-03-01 2025-03-03
		$root/scripts/partitions list
		$root/scripts/exchange status
		$root/scripts/reconcile status
		$root/scripts/reconcile analyze
		$root/scripts/migrate --status
	END
}

# What they answer, with the status of each, but for the times of this run.
answers() {
    local command status
    while read -r command; do
        status=0
        # shellcheck disable=SC2086 # a command and its arguments
        "${under[@]}" timeout 120 $command >"$BATS_TEST_TMPDIR/answer" 2>"$BATS_TEST_TMPDIR/answer.err" </dev/null 3>&- || status=$?
        printf '=== %s: %s\n' "${command##*/}" "$status"
        [ "$status" -lt 2 ] || sed -n 's/.* msg=//p' "$BATS_TEST_TMPDIR/answer.err" | head -n 3
        sed -E 's/run=[0-9a-f]{8}/run=/; s/\bms=[0-9]+/ms=/; s/log=.*/log=/; s/20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,}(Z|\+00)?/then/g; s/[0-9.]+ [kM]?B(ytes)?/size/g; s/ *[0-9]+ bytes/ size/g; s/ +(size)/ \1/g; s/-{5,}/-/g; s/^(sessions +)[0-9]+ of ([0-9]+), [0-9]+ idle/\1some of \2, some idle/' "$BATS_TEST_TMPDIR/answer"
    done < <(asking)
}

# same NAME: under these surroundings each answers as it did, and a day is stored as it was.
same() {
    faults=$((${faults:-0} + 1))
    answers >"$BATS_TEST_TMPDIR/now"
    if ! cmp -s "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/now"; then
        broke "$1" "an answer is another: $(diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/now" | grep "^[>]" | head -n 20)"
        return 0
    fi
    count_fault "$1" 1 0 0 0 0
    before_fault
    again "${under[@]}" "$root/scripts/reingest" 2025-03-03
    ordinary_sessions
    judge "$1, stored"
}

plain() {
    undisturbed "$root/scripts/reingest" 2025-03-03
    answers >"$BATS_TEST_TMPDIR/plain"
    answers >"$BATS_TEST_TMPDIR/now"
    diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/now"
}

@test "what the database sets for its sessions" {
    plain
    strange_sessions
    same "all of them"
    # A name that LATIN1 has not is in a backup all the same.
    sql "update bm_units set name = 'Łódź' where farm_id = (select min(farm_id) from bm_units)"
    strange_sessions
    PGCLIENTENCODING=LATIN1 "$root/scripts/backup" >"$BATS_TEST_TMPDIR/backup"
    nothing_broke
}

@test "what an environment holds: pagers, shells' and programs' own variables, places that are not there" {
    plain
    mkdir -p "$BATS_TEST_TMPDIR/a 'b\"c" "$BATS_TEST_TMPDIR/elsewhere/scripts"
    printf '%s\n' 'echo from the environment' 'exit 3' >"$BATS_TEST_TMPDIR/begin"
    printf '%s\n' '\set QUIET 0' '\pset format html' '\timing on' '\set ON_ERROR_STOP on' "\\set AUTOCOMMIT off" >"$BATS_TEST_TMPDIR/psqlrc"
    under=(env PAGER="sleep 600" PSQL_PAGER="sleep 600" LESS=-K MANPAGER="sleep 600" PSQLRC="$BATS_TEST_TMPDIR/psqlrc" HOME=/nowhere/at/all
        LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 TZ=Pacific/Kiritimati CDPATH="$BATS_TEST_TMPDIR/elsewhere"
        IFS=/ ENV="$BATS_TEST_TMPDIR/begin" BASH_ENV="$BATS_TEST_TMPDIR/begin" GREP_OPTIONS=-v GREP_COLORS=x GREP_COLOR=1 POSIXLY_CORRECT=1
        TMPDIR="$BATS_TEST_TMPDIR/a 'b\"c" COLUMNS=7 LINES=2 TERM=vt52 QUOTING_STYLE=c BLOCK_SIZE=1 BLOCKSIZE=1 DF_BLOCK_SIZE=1 TIME_STYLE=+x
        PGCLIENTENCODING=LATIN1 PGDATESTYLE=German PGTZ=Asia/Tokyo PGGEQO=off PGOPTIONS="-c intervalstyle=sql_standard"
        MALLOC_PERTURB_=165 root=/nowhere state=/nowhere job=x tmp=/nowhere logs=/nowhere force=1 batch=0 jobs=99 log=/dev/full
        sh -c 'umask 077; exec "$@"' sh)
    same "an environment"
    nothing_broke
}

@test "few descriptors, and a folder of work with blanks, quotes and a line break in its name" {
    plain
    under=(sh -c 'ulimit -n 24; exec "$@"' sh)
    same "24 descriptors"
    folder=$BATS_TEST_TMPDIR/"it's a \"folder\""$'\n'"of two lines"
    mkdir -p "$folder"
    under=(env -C "$folder" WINDFALL_STATE="$folder")
    logs=$folder/logs
    same "a folder"
    nothing_broke
}
