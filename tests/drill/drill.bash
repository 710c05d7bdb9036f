# What the sections of the drill share.  `load drill` loads the helpers of the other tests too; then
#
#   section NAME                  in setup_file: the section's seed, and its counts at nothing
#   score                         in teardown_file: one line with what was counted
#   rounds N                      how often a fault is tried: N, or DRILL_ROUNDS
#   chance N                      a number from 0 to N-1 in $chosen, by the seed
#   fresh_days                    a database with 1 to 3 March 2025 of six units, and the source of that month
#   fresh_books                   a ledger that lacks a purchase, its exchange on this machine, and before_fault to begin anew
#   undisturbed COMMAND...        what the database holds after that command, as every fault must leave it
#   kill_at_each N COMMAND...     kill it at up to N of its calls that change something; then again, and judge
#   kill_at_random N COMMAND...   kill it and all it started at N random moments; then again, and judge
#   again STATUSES COMMAND...     recover: run it until no lock of a killed one is left; its time is the recovery's
#   judge NAME                    compare with `undisturbed`, and count the fault
#   strange_sessions       each session on the database begins with settings that are not ours; ordinary_sessions undoes it
#   crossing TABLE DAY     another session has the table, and wants the day as soon as somebody else has that: `wait` for it
#   broke NAME WORDS...           count a fault that was not survived
#   nothing_broke                 the test's verdict over its faults
#
# Before each fault `before_fault` is called, which brings the database back to where the command begins; between a
# kill and the recovery `is_whole`, where a test has one, says whether what it left is all or nothing.
#
# A fault survived loses no row, doubles none, and no status 0 was said before all was there.
#
# shellcheck disable=SC2034,SC2154,SC2317 # root is the suite's; what is set here is used by the tests

load ../cli/helper
load ../cli/month
load ../cli/coinbase

# The calls by which a process changes anything outside itself.
CHANGES=write,pwrite64,writev,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,ftruncate

section() {
	export SECTION=$1 SEED=${SEED:-$RANDOM}
	: >"$BATS_FILE_TMPDIR/score"
}

# Faults are lines of that file: name, survived, rows lost, rows doubled, verdict untrue, recovery in ms.
score() {
	awk -v section="$SECTION" -v seed="$SEED" -F '\t' '
		{ tried++; survived += $2; lost += $3; doubled += $4; lied += $5; if ($6 > slowest) slowest = $6 }
		END {
			printf "# %s: %d faults, %d survived, %d rows lost, %d rows doubled, %d verdicts untrue, slowest recovery %.1f s (SEED=%s)\n",
				section, tried, survived, lost, doubled, lied, slowest / 1000, seed
		}' "$BATS_FILE_TMPDIR/score" >&3
}

rounds() { echo "${DRILL_ROUNDS:-$1}"; }

# Each test draws from the seed and its own number, so that one that is run alone meets the same faults.
chance() {
	if [ -z "${drawing:-}" ]; then
		drawing=yes
		RANDOM=$((SEED + 7919 * BATS_TEST_NUMBER))
	fi
	chosen=$((RANDOM % $1))
}

count_fault() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$BATS_FILE_TMPDIR/score"; }

broke() {
	echo "BROKE $*"
	count_fault "$1" 0 0 0 0 "${recovery:-0}"
	breaks=$((${breaks:-0} + 1))
}

nothing_broke() {
	echo "$SECTION: ${faults:-0} faults, ${breaks:-0} not survived, seed $SEED"
	[ "${breaks:-0}" -eq 0 ]
	[ "${faults:-0}" -gt 0 ]
}

# Made once for the whole run, as the month is.
make_days() {
	make_month
	[ ! -e "$MONTH/days" ] || return 0
	(
		flock 9
		[ ! -e "$MONTH/days" ] || exit 0
		fresh_db template_month
		only_until 2025-03-03
		sql "vacuum analyze"
		copy_db "$TEST_DB" template_days
		suite_sql "alter database template_days with is_template true allow_connections false"
		suite_sql "drop database $TEST_DB with (force)"
		touch "$MONTH/days"
	) 9>"$SUITE_SHARED/days.lock"
}

fresh_days() {
	make_days
	fresh_db template_days
	export WINDFALL_ELEXON_URL=file://$MONTH
	logs=$WINDFALL_STATE/logs
}

# Of the third day nothing is stored: a job has all of it to do.
forget_the_third() {
	sql "delete from curtailment_records where settlement_date > '2025-03-02'; delete from ingested_periods where settlement_date > '2025-03-02';
	     delete from historical_bitcoin_calculations where settlement_date > '2025-03-02'; delete from daily_summaries where settlement_date > '2025-03-02';
	     delete from period_revisions"
}

# Two purchases and a sale at the exchange; the books lack the first.
fresh_books() {
	site=$BATS_TEST_TMPDIR/site
	mkdir -p "$site"
	coinbase_conf
	[ -z "${TEST_DB:-}" ] || drop_db "$TEST_DB"
	fresh_db
	logs=$WINDFALL_STATE/logs
	allowed="0 1"
	fill entry=e1 order=o1 time=2024-05-01T10:00:01Z price=100 size=1 fee=0.2
	fill entry=e2 order=o2 time=2024-05-02T10:00:00Z price=110 size=0.5 fee=0.1
	fill entry=e3 order=o3 time=2024-05-03T10:00:00Z side=SELL price=120 size=1.2 fee=0.1
	order order=o1 size=1 value=100 fees=0.2 created=2024-05-01T10:00:00Z
	order order=o2 size=0.5 value=55 fees=0.1 created=2024-05-02T10:00:00Z
	order order=o3 side=SELL size=1.2 value=144 fees=0.1 created=2024-05-03T10:00:00Z
	put_listing "$site"
	replay_start "$site" "$conf"
	export WINDFALL_COINBASE_URL=$REPLAY_URL
	new_key ec
	printf '%s\n' 'order_id,product_id,side,trade_time,size,price,fee' o2,BTC-USD,BUY,2024-05-02T10:00:00Z,0.5,110,0.1 \
		o3,BTC-USD,SELL,2024-05-03T10:00:00Z,1.2,120,0.1 >"$BATS_TEST_TMPDIR/books.csv"
	"$root/scripts/exchange" import "$BATS_TEST_TMPDIR/books.csv" >"$BATS_TEST_TMPDIR/import" 2>&1
	"$root/scripts/exchange" match >"$BATS_TEST_TMPDIR/match" 2>&1
	drop_db "books_$TEST_DB"
	copy_db "$TEST_DB" "books_$TEST_DB"
	# Which time was asked for, and when, is a diary: each run adds to it.
	held_now() { all_but_numbers -e '/^\*\t.*\tapi\t[0-9]+\tp-1\tall$/d'; }
	# What was run this month is noted in the state folder.
	before_fault() {
		restart_db "books_$TEST_DB"
		rm -rf "$WINDFALL_STATE/var/jobs" "$WINDFALL_STATE/var/exchange-deep"
	}
}

# dumped SED...: all that is stored, as sed leaves it.  A dump that could not be made is no empty database: then it fails.
dumped() {
	dump_db >"$BATS_TEST_TMPDIR/dump" || { echo "the database cannot be dumped" >&2; return 1; }
	[ -s "$BATS_TEST_TMPDIR/dump" ] || { echo "the dump of the database is empty" >&2; return 1; }
	sed -E "$@" "$BATS_TEST_TMPDIR/dump"
}

# all_but_numbers [SED...] - all that is stored, without the times of writing, which alone have parts of a second, and the
# number of a proposal: it is the next that nobody has taken, and one who was killed has taken some.
all_but_numbers() {
	dumped -e 's/\b20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]+\+00/written/g' \
		-e 's/^[0-9]+(\t[A-Z0-9]+-[A-Z]+\t[^\t]*\t(insert|update)\t)/-\1/' "$@"
}

held_now() { all_but_numbers; }

now_ms() { date +%s%3N; }

undisturbed() {
	! declare -F before_fault >/dev/null || before_fault
	"$@" >"$BATS_TEST_TMPDIR/undisturbed.out" 2>&1 </dev/null 3>&- || {
		local status=$?
		case " ${allowed:-0} " in *" $status "*) ;; *)
			echo "undisturbed, it ends with $status"
			cat "$BATS_TEST_TMPDIR/undisturbed.out"
			return 1 ;;
		esac
	}
	held_now >"$BATS_TEST_TMPDIR/undisturbed"
}

# judge NAME: by what the database holds now, and by $said, the status with which the disturbed run ended.
judge() {
	local lost extra untrue=0
	faults=$((${faults:-0} + 1))
	held_now >"$BATS_TEST_TMPDIR/after" || return
	if cmp -s "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" && [ -z "${untruth:-}" ]; then
		count_fault "$1" 1 0 0 0 "${recovery:-0}"
		return 0
	fi
	diff "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" >"$BATS_TEST_TMPDIR/difference" || :
	lost=$(grep -c '^<' "$BATS_TEST_TMPDIR/difference") || :
	extra=$(grep -c '^>' "$BATS_TEST_TMPDIR/difference") || :
	[ -z "${untruth:-}" ] || untrue=1
	echo "BROKE $1: $lost rows lost, $extra rows that do not belong${untruth:+; $untruth}"
	head -n 6 "$BATS_TEST_TMPDIR/difference" | cut -c 1-160
	count_fault "$1" 0 "$lost" "$extra" "$untrue" "${recovery:-0}"
	breaks=$((${breaks:-0} + 1))
	untruth=
}

# again COMMAND...: run it as often as a lock that a killed one's child still holds calls for.  A status that is not
# among $allowed (0) is a fault that was not survived.
again() {
	local status began _
	began=$(now_ms)
	for _ in {1..60}; do
		status=0
		"$@" >"$BATS_TEST_TMPDIR/again" 2>&1 </dev/null 3>&- || status=$?
		[ "$status" -eq 75 ] || break
		sleep 0.2
	done
	recovery=$(($(now_ms) - began))
	case " ${allowed:-0} " in
	*" $status "*) return 0 ;;
	esac
	untruth="run again, it ends with $status: $(tail -n 2 "$BATS_TEST_TMPDIR/again")"
}

# What was just killed left all or nothing, and said nothing untrue: a status that says done is one whose rows are there.
left_whole() {
	local said=$1
	untruth=
	if declare -F is_whole >/dev/null && ! is_whole; then
		untruth="what the kill left is neither all nor nothing"
	fi
	if [ "$said" -eq 0 ]; then
		held_now >"$BATS_TEST_TMPDIR/claimed" || return
		cmp -s "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/claimed" ||
			untruth="it said done (status 0) and was not"
	fi
}

# A call is counted in each process or thread by itself, so the n-th is that of whichever comes to it first.
kill_at_each() {
	local points=$1 calls n i status hits=0
	shift
	undisturbed "$@"
	! declare -F before_fault >/dev/null || before_fault
	strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace="$CHANGES" -e signal=none "$@" >/dev/null 2>&1 </dev/null 3>&- || :
	calls=$(awk '++n[$1] > most { most = n[$1] } END { print most + 0 }' "$BATS_TEST_TMPDIR/calls")
	[ "$calls" -gt 0 ]
	[ "$points" -lt "$calls" ] || points=$calls
	for ((i = 0; i < points; i++)); do
		chance $(((calls + points - 1) / points))
		n=$((1 + i * calls / points + chosen))
		[ "$n" -le "$calls" ] || n=$calls
		! declare -F before_fault >/dev/null || before_fault
		status=0
		{
			strace -f -q -o "$BATS_TEST_TMPDIR/strace" -e trace="$CHANGES" \
				-e inject="$CHANGES:signal=SIGKILL:when=$n" "$@" >"$BATS_TEST_TMPDIR/killed" 2>&1 </dev/null 3>&- || status=$?
		} 2>/dev/null
		# A kill that hit nothing is none.  strace ends as what it started did, and then leaves no last line.
		[ "$status" -eq 137 ] || grep -q 'killed by SIGKILL' "$BATS_TEST_TMPDIR/strace" || continue
		hits=$((hits + 1))
		left_whole "$status"
		again "$@"
		judge "$1 killed at call $n"
	done
	echo "$hits kills of $points at the $calls calls of: $*"
	[ "$hits" -gt $((points / 2)) ]
}

kill_at_random() {
	local want=$1
	shift
	undisturbed "$@"
	before_kill() { ! declare -F before_fault >/dev/null || before_fault; }
	after_kill() {
		left_whole 137
		again "${command[@]}"
		judge "${command[0]##*/} killed at random"
	}
	command=("$@")
	kill_midway "$want" setsid "$@"
}

# The database as its template has it, once more.
restart_db() {
	suite_sql "drop database if exists $TEST_DB with (force)" 2>/dev/null
	copy_db "$1" "$TEST_DB"
}

# A command at that local time, in the array $clock: a function cannot be handed to strace or setsid.  The offset alone is
# faked, so that all processes agree, none of faketime's shared memory is made, and a signal meets the job itself.
clock_at() {
	local library zone=${2:-Europe/London}
	library=$(printf '%s\n' /usr/lib/*/faketime/libfaketime.so.1 | head -n 1)
	[ -e "$library" ] || skip "faketime is not installed"
	clock=(env TZ="$zone" NO_FAKE_STAT=1 LD_PRELOAD="$library" FAKETIME="$(($(TZ=$zone date -d "$1" +%s) - $(date +%s)))")
}

# The other sources of March 2025 as files: wind generation of each half hour of these days, a price for each day.
put_wind() {
	local dir=$1/generation/actual/per-type/wind-and-solar day
	shift
	for day in "$@"; do
		mkdir -p "$dir/$day"
		awk -v day="$day" -v last="$(sql "select settlement_periods('$day')")" 'BEGIN {
			for (p = 1; p <= last; p++)
				for (type = 0; type < 2; type++)
					printf "{\"publishTime\":\"%sT23:30:00Z\",\"businessType\":\"Wind generation\",\"psrType\":\"Wind %s\",\"quantity\":%d.5,\"startTime\":\"x\",\"settlementDate\":\"%s\",\"settlementPeriod\":%d}\n",
						day, type ? "Offshore" : "Onshore", 4000 + 1000 * type + p, day, p }' |
			paste -sd, | sed 's/.*/{"metadata":{"datasets":["AGWS"]},"data":[&]}/' >"$dir/$day/$day"
	done
}

put_prices() {
	local file=$1 day
	shift
	printf 'price_date\tprice\n' >"$file"
	for day in "$@"; do printf '%s\t8%s.25\n' "$day" "$(date -u -d "$day" +%m%d)"; done >>"$file"
}

# What a role, a database or a whole server may have set, that changes how a value is written or read.
strange_sessions() {
	local name value
	while read -r name value; do echo "alter database $TEST_DB set $name = '$value';"; done >"$BATS_TEST_TMPDIR/set.sql" <<-'END'
		datestyle German, DMY
		intervalstyle sql_standard
		timezone Pacific/Kiritimati
		bytea_output escape
		standard_conforming_strings off
		escape_string_warning off
		backslash_quote off
		extra_float_digits -15
		client_encoding LATIN1
		quote_all_identifiers on
		transform_null_equals on
		array_nulls off
		client_min_messages debug1
		default_transaction_isolation serializable
		default_transaction_deferrable on
		row_security off
		xmloption document
		force_parallel_mode on
		work_mem 64kB
		idle_session_timeout 0
		check_function_bodies off
	END
	ask_server postgres postgres "$(<"$BATS_TEST_TMPDIR/set.sql")"
}

ordinary_sessions() { ask_server postgres postgres "alter database $TEST_DB reset all"; }

crossing() {
	psql -XAtq -d "$DATABASE_URL" >"$BATS_TEST_TMPDIR/crossing" 2>&1 3>&- <<-END &
		set lock_timeout = '30s';
		begin;
		lock table $1 in exclusive mode;
		do \$\$
		begin
			for i in 1..1500 loop
				exit when exists (select from pg_locks where locktype = 'advisory' and granted
					and ((classid::bigint << 32) | objid::bigint) = hashtextextended('day $2', 0) and database = (select oid from pg_database where datname = current_database()));
				perform pg_sleep(0.02);
			end loop;
		end \$\$;
		select pg_advisory_xact_lock(hashtextextended('day $2', 0));
		commit;
	END
	for _ in {1..500}; do
		[ "$(sql "select count(*) from pg_locks where relation = '$1'::regclass and granted and mode = 'ExclusiveLock'")" -eq 0 ] || return 0
		sleep 0.02
	done
	cat "$BATS_TEST_TMPDIR/crossing"
	return 1
}
