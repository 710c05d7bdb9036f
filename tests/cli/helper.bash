# What the tests of tools and jobs share.  `load helper`, then in setup() call what the test needs:
#
#   fresh_db [TEMPLATE]    a database of this test's own, with all tables, in DATABASE_URL
#   sql "..."              psql on it: bare values, one row a line, | between columns
#   sql_until "..."        wait until this condition holds there, for twenty seconds at most
#   wait_until COMMAND...  wait until this succeeds, as long
#   listens PORT           does somebody on loopback?
#   admin_sql "..."        the same as the superuser
#   dump_db [--exact]      every row of every data table as text, to compare before and after;
#                          without the times of writing, unless --exact
#   replay_start DIR [F]   nginx on loopback that serves DIR in the API's path shape, in REPLAY_URL;
#                          F holds further nginx locations, F.http what belongs beside the server
#   replay_requests [RE]   how many requests it has answered (that match)
#   replay_stop
#   hit SIGNAL [-]PID      signal a child of this shell, or the group that it leads, if it has not ended yet
#   some N WORD...         N of the words, others each time, but the same for the same SEED, which is said on stderr
#
# Everything is undone by the teardown below; a test file with its own teardown calls tear_down_all.

bats_require_minimum_version 1.5.0

# Before each command bats notes where it stands, by thirty commands of its own: a loop of a thousand turns takes seconds.
# Where a test fails is known when it fails, and is noted then.  With --trace all is as bats has it.
if [ "${BATS_TRACE_LEVEL:-0}" -eq 0 ]; then
	bats_debug_trap() { trap - DEBUG; }
	bats_error_trap() {
		bats_check_status_from_trap
		bats_capture_stack_trace
		# shellcheck disable=SC2034 # bats reads it
		BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
	}
fi

# The file that `run --separate-stderr` asks for is in the test's own folder, where its name need not be drawn.
mktemp() {
	case $* in
	"$BATS_TEST_TMPDIR"/separate-stderr-XXXXXX)
		: >"${1%XXXXXX}$BASHPID"
		echo "${1%XXXXXX}$BASHPID" ;;
	*)	command mktemp "$@" ;;
	esac
}

# shellcheck source=tests/cli/kept.bash
. "${BASH_SOURCE[0]%/*}/kept.bash"

teardown() { tear_down_all; }

tear_down_all() {
	replay_stop
	end_asking
	[ -z "${TEST_DB:-}" ] || leave_db "$TEST_DB"
}

# ---- database ---------------------------------------------------------------

fresh_db() {
	TEST_DB=t_${BATS_SUITE_TEST_NUMBER}_$$
	export DATABASE_URL="postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=windfall"
	copy_db "${1:-template_windfall}" "$TEST_DB"
	# Logs and locks of jobs are this test's own too.
	export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
	mkdir -p "$WINDFALL_STATE"
}

# copy_db FROM NAME - a database as another one is.  A cluster's engine keeps a process of its own in every database, and
# no database is copied while somebody is in it.
copy_db() {
	[ -z "$SUITE_SERVER" ] ||
		psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -o /dev/null -c "select pg_terminate_backend(pid, 5000)
			from pg_stat_activity where datname = '$1' and backend_type like 'Citus%'"
	case ${TEST_DB:-} in "$1"|"$2") end_asking ;; esac
	local left
	if [ -s "$LEFT_DATABASES" ]; then
		while IFS= read -r left; do as_admin "$left" || return; done <"$LEFT_DATABASES"
		: >"$LEFT_DATABASES"
	fi
	as_admin "create database $2 owner windfall template $1 strategy file_copy"
	[ "$2" != "${TEST_DB:-}" ] || begin_asking
}

# What asking.bash does, where it is loaded.
begin_asking() { :; }
end_asking() { :; }

# What a test leaves is dropped before the next one's is made.  What the last test of a run leaves, teardown_suite drops.
LEFT_DATABASES=$BATS_RUN_TMPDIR/drop-databases
leave_db() {
	echo "drop database if exists $1 with (force)" >>"$LEFT_DATABASES"
}

# needs_plain WHY - the test is not for an engine that spreads the tables (tests/suite-db), in words.
needs_plain() { [ -z "$SUITE_ENGINE" ] || skip "$SUITE_ENGINE: $1"; }

# pieces TABLE... - the tables that hold the rows of these: they themselves, or an engine's pieces of them, which take
# what the engine refuses of the whole.
pieces() {
	if [ -z "$SUITE_ENGINE" ]; then
		printf '%s\n' "$@"
	else
		sql "select coalesce(s.shard_name, t) from unnest(string_to_array('$*', ' ')) t left join citus_shards s on s.table_name = t::regclass"
	fi
}

# bare_db - the test's database becomes one that was never migrated.  What an engine has in a schema does not go with it.
bare_db() {
	if [ -z "$SUITE_ENGINE" ]; then
		sql "set client_min_messages = error; drop schema public cascade; create schema public"
	else
		drop_db "$TEST_DB"
		ask_server postgres windfall "create database $TEST_DB"
	fi
}

drop_db() {
	as_admin "drop database if exists $1 with (force)"
}

# ask_server DATABASE USER SQL - on the suite's server.
ask_server() {
	psql -XAtq -v ON_ERROR_STOP=1 -h "$SUITE_SOCKET" -U "$2" -d "$1" -c "$3"
}

sql() {
	psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "$1"
}

# One session asks, in a transaction for each question: within one it would see the same sessions again.
sql_until() {
	sql "do \$\$ begin
		for turn in 1..1000 loop
			if ($1) then return; end if;
			commit;
			perform pg_sleep(0.02);
		end loop;
		raise exception 'in twenty seconds it was never so';
	end \$\$" || { echo "waited for: $1"; return 1; }
}

wait_until() {
	local end=$((SECONDS + 20))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "waited for: $*"; return 1; }
		sleep 0.02
	done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# As the superuser, which the tools never are.
admin_sql() {
	ask_server "$TEST_DB" postgres "$1"
}

dump_db() {
	local leave_out="'ingested_at', 'calculated_at', 'fetched_at', 'updated_at', 'applied_at', 'created_at', 'loaded_at', 'revised_at', 'corrected_at'"
	[ "${1:-}" != --exact ] || leave_out="''"
	# Runs of reconciliation are a diary, not data: each run adds to it; when the register was fetched is one too.
	# Proofs are of the rows, under figures of this database alone (day-proofs.bats).
	psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" <<-END
		select format('select ''-- %s''', c.relname),
		       format('copy (select %s from %I order by %s) to stdout', columns, c.relname, columns)
		  from pg_class c, lateral (
		       select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
		        where attrelid = c.oid and attnum > 0 and not attisdropped and attname not in ($leave_out)) a
		 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
		   and c.relname not in ('reconciliation_runs', 'reconciliation_run_dates', 'period_revisions', 'register_fetches',
		                         'day_proofs', 'withdrawn_proofs', 'summed_days')
		   and columns is not null
		 order by c.relname \gexec
	END
}

# ---- somebody else ----------------------------------------------------------

# hold_day DATE [SQL] - another session holds the lock of that day, and has done SQL, until let_day_go commits it.
hold_day() {
	mkfifo "$BATS_TEST_TMPDIR/hold"
	psql -XAtq -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/hold" >/dev/null 3>&- &
	HOLDER=$!
	exec {HOLD}>"$BATS_TEST_TMPDIR/hold"
	printf "begin; %s; select pg_advisory_xact_lock(hashtextextended('day %s', 0));\n" "${2:-select}" "$1" >&"$HOLD"
	sql_until "exists (select from pg_locks where locktype = 'advisory' and granted
		and database = (select oid from pg_database where datname = current_database()))"
}

let_day_go() {
	printf 'commit;\n\\q\n' >&"$HOLD"
	exec {HOLD}>&-
	wait "$HOLDER"
	rm "$BATS_TEST_TMPDIR/hold"
}

# one_of TABLE CONDITION - a condition that just one row of those has: of the records, or of the calculations.
one_of() {
	local column columns="settlement_period farm_id stack acceptance_id pair_id sequence_number" words='' values=''
	[ "$1" = curtailment_records ] || columns="settlement_period farm_id miner_model"
	for column in $columns; do
		words+=" and $column is not distinct from %L"
		values+=", $column"
	done
	sql "select format('settlement_date = %L$words', settlement_date$values) from $1 where $2 limit 1"
}

# moving TABLE DAY TO - the statement, a line, that gives the rows of a day to another; an engine changes no row's day.
moving() {
	echo "create temp table moved as select * from $1 where settlement_date = '$2'; update moved set settlement_date = '$3';" \
		"delete from $1 where settlement_date = '$2'; insert into $1 select * from moved; drop table moved"
}

# refuse_rows TABLE... - the server refuses each new row of these, with what went before in the transaction done.
refuse_rows() {
	local table
	sql "create or replace function refuse() returns trigger language plpgsql as 'begin raise exception ''no more''; end'"
	for table in $(pieces "$@"); do
		sql "create trigger refuse before insert or update on $table for each statement execute function refuse()"
	done
}

allow_rows() {
	local table
	for table in $(pieces "$@"); do sql "drop trigger refuse on $table"; done
}

# ---- samples ----------------------------------------------------------------

some() {
	local n=$1 seed=${SEED:-$RANDOM}
	shift
	echo "SEED=$seed" >&2
	shuf -n "$n" --random-source=<(yes "$seed") -e -- "$@"
}

# ---- killing ----------------------------------------------------------------

# Which moment is too late nobody knows before, and a number comes round within a minute where many tests run side by
# side: `kill` would then hit a process of somebody else.
hit() {
	local stat
	{ read -r stat <"/proc/${2#-}/stat"; } 2>/dev/null || return 0
	read -r _ stat _ <<<"${stat##*) }"
	[ "$stat" != "$BASHPID" ] || kill -s "$1" -- "$2" 2>/dev/null || :
}

# kill_midway TIMES COMMAND... - run a command again and again, each time killed -9 (its process group, if it is that of
# `setsid`) at a random moment of the time that it takes, and call `after_kill` each time that the kill came before
# its end.  It needs TIMES such kills, within ten times as many runs; a run that was faster shortens the next ones.
# `before_kill`, where it is a function, is called before each run.  MIDWAY is the time that it takes, in µs, where that
# is known: otherwise a first run is left alone to learn it.
kill_midway() {
	local want=$1 hits=0 runs=0 most pid status after
	shift
	most=${MIDWAY:-}
	[ -n "$most" ] || {
		! declare -F before_kill >/dev/null || before_kill
		most=$(date +%s%N)
		"$@" >/dev/null 2>&1 3>&-
		most=$((($(date +%s%N) - most) / 1000))
	}
	SEED=${SEED:-$RANDOM}
	RANDOM=$SEED
	echo "SEED=$SEED: it takes $most µs"
	while [ "$hits" -lt "$want" ]; do
		runs=$((runs + 1))
		[ "$runs" -le $((10 * want)) ] || { echo "only $hits of $runs kills came before the end"; return 1; }
		! declare -F before_kill >/dev/null || before_kill
		"$@" >/dev/null 2>&1 3>&- &
		pid=$!
		after=$((RANDOM * most / 32768))
		sleep "$(printf '%d.%06d' $((after / 1000000)) $((after % 1000000)))"
		[ "$1" != setsid ] || hit KILL "-$pid"
		hit KILL "$pid"
		status=0
		wait "$pid" 2>/dev/null || status=$?
		if [ "$status" -ne 137 ]; then
			most=$((most * 9 / 10))
			continue
		fi
		hits=$((hits + 1))
		after_kill || return 1
	done
	echo "$hits kills in $runs runs"
}

# ---- the replayed source ----------------------------------------------------

replay_start() {
	local home=$BATS_TEST_TMPDIR/nginx
	# shellcheck disable=SC2154 # root is the suite's
	read -r REPLAY_URL NGINX_PID < <("$root/tests/replay" "$home" "$@") || return 1
	NGINX_LOG=$home/access.log
	export REPLAY_URL NGINX_LOG NGINX_PID
}

# nginx writes the line after the answer: one more question, answered after the others, makes sure
# that theirs are written.
replay_requests() {
	curl -fsS -o /dev/null "$REPLAY_URL/replay-sync"
	grep -Ec -- "${1:-.}" "$NGINX_LOG" || :
}

replay_stop() {
	[ -n "${NGINX_PID:-}" ] || return 0
	local _ stat
	# On a busy machine it takes seconds; one that were left would take the number of the next away with its own.
	for _ in {1..1000}; do
		# Dead is dead, even if its new parent takes a while to notice.
		{ read -r stat <"/proc/$NGINX_PID/stat"; } 2>/dev/null || break
		[[ ${stat##*) } != Z* ]] || break
		# A signal that comes while it still starts its workers is heeded with the next one.
		kill -TERM "$NGINX_PID" 2>/dev/null || :
		sleep 0.02
	done
	NGINX_PID=
}
