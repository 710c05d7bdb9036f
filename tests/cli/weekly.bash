# Tools of weekly that fail, for weekly itself (schedule.bats) and for the drill.  Loaded after helper and month.
#   weekly_tools                the beginnings of its commands, a line each
#   each_ends_weekly N LINE...  so many of these fail: weekly ends so, and the others do their work

# shellcheck disable=SC2154 # status, lines and output are set by run
weekly_tools() {
	printf '%s\n' fetch-bmunits fetch-difficulty fetch-prices 'fetch-elexon --store' 'find-missing --wind' fetch-wind fetch-replacement \
		'find-missing --periods' 'find-missing --by-date' 'find-missing --unproved' calc-btc rollup-summaries audit-calcs pg_dump
}

tools_that_may_fail() {
	local tool
	for tool in fetch-difficulty fetch-prices fetch-wind fetch-bmunits fetch-replacement audit-source; do
		stub $tool "[ -t 0 ] || cat >/dev/null; [ \"\$FAILS\" != $tool ] || exit 70"
	done
	stub fetch-rates
	stub pg_dump 'echo "pg_dump: error: could not write to output file: No space left on device" >&2; exit 1'
	for tool in fetch-elexon find-missing calc-btc rollup-summaries audit-calcs; do
		stub $tool "case \"$tool \$*\" in \"\$FAILS\"*) exit 70 ;; esac; exec \"\$REAL/$tool\" \"\$@\""
	done
}

each_ends_weekly() {
	local n=$1 ends says seen=0
	shift
	export WINDFALL_RATE=1000 WINDFALL_BACKUP FAILS
	tools_that_may_fail
	some "$n" "$@" >failing
	while read -r FAILS; do
		ends=70 says='' WINDFALL_BACKUP=off
		[ "$FAILS" != pg_dump ] || WINDFALL_BACKUP=on ends=74 says='no backup was made'
		sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-31' and settlement_period = 5;
		     delete from historical_bitcoin_calculations where settlement_date = '2025-03-31' and settlement_period = 7" </dev/null
		TZ=Europe/London NO_FAKE_STAT=1 run faketime "2025-04-01 04:30:00" weekly 1 </dev/null
		[[ "$status $output" == "$ends "*"$says"*"verdict=failed job=weekly "*" status=$ends "* ]] || { echo "$FAILS: $status $output"; return 1; }
		# What has nothing to do with it is done.
		case $FAILS in fetch-[bdpw]*|fetch-replacement|pg_dump)
			[[ "${lines[-1]}" == *" missing=0 "*" provisional=0 audit_differences=0 "* ]] || { echo "$FAILS: ${lines[-1]}"; return 1; } ;;
		esac
		seen=$((seen + 1))
	done <failing
	[ "$seen" -eq "$n" ]
}
