# A month that is complete: March 2025, with its day of 46 periods and two changes of difficulty,
# of six wind units, made up by tests/generate (seed 1) and brought into the database by the tools.
#
#   fresh_month [TO [FROM]]  a database with that month, or with it up to the day TO, or from FROM to TO, in
#                       DATABASE_URL; its source in WINDFALL_ELEXON_URL
#   stub TOOL [SCRIPT]  put a script in the place of a tool, for the jobs; `exit 0` unless given.
#                       $REAL is the directory of the real ones
#   no_network          stubs for the tools that ask other sources than Elexon's settlement stacks; a source here is asked as
#                       fast as it answers; and no weekly backup, which costs as much as all the rest of a weekly run: who is
#                       about that unsets WINDFALL_BACKUP
#   hook                send every alert to a file, a line each, in ALERTS
#
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154  # what is set here is used by the tests; root is the suite's

MONTH=$SUITE_SHARED/month
# faketime is loaded before the sanitizers' own library, which they do not like to be silent about.
export ASAN_OPTIONS=verify_asan_link_order=0

# Made once for the whole run, by whichever test is first; those beside it wait.
make_month() {
	[ ! -e "$MONTH/made" ] || return 0
	(
		flock 9
		[ -e "$MONTH/made" ] || make_month_now
	) 9>"$SUITE_SHARED/month.lock"
}

make_month_now() {
	local generate=$root/${TEST_BUILD:-build}/generate
	if [ -z "${TEST_BUILD:-}" ] || [ ! -x "$generate" ]; then
		generate=$root/build/generate
		make -s --no-print-directory -C "$root" build/generate
	fi
	mkdir -p "$MONTH"
	awk 'NR == 1 || NR % 40 == 2' "$root/sql/reference/wind-units.tsv" >"$MONTH/units.tsv"
	"$generate" archive 2025-03-01 2025-03-31 "$MONTH/units.tsv" "$MONTH"
	copy_db template_windfall template_month
	(
		export DATABASE_URL="postgresql:///template_month?host=$SUITE_SOCKET&user=windfall" WINDFALL_STATE=$MONTH/state
		mkdir "$WINDFALL_STATE"
		fetch-elexon -q --store --base-url "file://$MONTH" 2025-03-01 2025-03-31
		calc-btc -q --store 2025-03-01 2025-03-31
		rollup-summaries -q 2025-03-01 2025-03-31 >"$MONTH/summaries"
		"$root/scripts/partitions" ensure
		sql "vacuum analyze"
	)
	suite_sql "alter database template_month with is_template true allow_connections false"
	touch "$MONTH/made"
}

suite_sql() { psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "$1"; }

fresh_month() {
	make_month
	[ -z "${1:-}" ] || make_month_until "$@"
	local name=template_month${1:+_$1}${2:+_since_$2}
	fresh_db "${name//-/_}"
	export WINDFALL_ELEXON_URL=file://$MONTH
	logs=$WINDFALL_STATE/logs
}

# The month up to that day, made once as well.
make_month_until() {
	local name=template_month_$1${2:+_since_$2} made=$MONTH/$1${2:+_since_$2}
	name=${name//-/_}
	[ ! -e "$made" ] || return 0
	(
		flock 9
		[ ! -e "$made" ] || exit 0
		copy_db template_month "$name"
		(
			export DATABASE_URL="postgresql:///$name?host=$SUITE_SOCKET&user=windfall"
			only_until "$@"
			sql "vacuum analyze"
		)
		suite_sql "alter database $name with is_template true allow_connections false"
		touch "$made"
	) 9>"$SUITE_SHARED/month.lock"
}

# Forget what lies behind a day, and before another, as if nothing of it had been asked for yet.
only_until() {
	local table
	for table in curtailment_records historical_bitcoin_calculations ingested_periods daily_summaries bitcoin_daily_summaries; do
		echo "delete from $table where settlement_date not between '${2:--infinity}' and '$1';"
	done >"${BATS_TEST_TMPDIR:-$MONTH}/forgetting"
	sql "$(<"${BATS_TEST_TMPDIR:-$MONTH}/forgetting")"
	rollup-summaries -q 2025-03-01 2025-03-31 >"${BATS_TEST_TMPDIR:-$MONTH}/forgotten"
}

# ---- standing in for tools --------------------------------------------------

stub() {
	REAL=${REAL:-$WINDFALL_BIN}
	mkdir -p "$BATS_TEST_TMPDIR/stubs"
	printf '#!/bin/sh\n%s\n' "${2:-exit 0}" >"$BATS_TEST_TMPDIR/stubs/$1"
	chmod +x "$BATS_TEST_TMPDIR/stubs/$1"
	export REAL WINDFALL_BIN=$BATS_TEST_TMPDIR/stubs:$REAL
}

no_network() {
	stub fetch-difficulty
	stub fetch-prices
	stub fetch-rates
	stub fetch-wind 'cat >/dev/null'
	stub fetch-bmunits
	stub audit-source
	export WINDFALL_BACKUP=off WINDFALL_RATE=1000 WINDFALL_RETRY_WAIT=0.01
}

# Every message of send-alert comes to the hook: whether trouble or its end, how grave, what about.
hook() {
	ALERTS=$WINDFALL_STATE/told
	: >"$ALERTS"
	mkdir -p "$WINDFALL_STATE/etc/hooks.d"
	cat >"$WINDFALL_STATE/etc/hooks.d/keep" <<-'END'
		#!/bin/sh
		echo "$ALERT_EVENT $ALERT_SEVERITY $ALERT_SUBJECT" >>"$WINDFALL_STATE/told"
	END
	chmod 755 "$WINDFALL_STATE/etc/hooks.d/keep"
	unset SLACK_WEBHOOK_URL PING_URL MAIL_TO WINDFALL_HOOKS_DIR WINDFALL_ALERT_CONFIG
}
