# state - rows of check-status and of reconcile with workers; read by bench/run
#
# shellcheck shell=sh

select_one() { timed psql -XAtq -h "$socket" -U windfall -d windfall -c 'select 1' >"$tmp/listed"; }
# That no job has ever run here is a warning, and no matter of time.
check_status() { timed check-status >"$tmp/listed" || [ $? -le 2 ]; }

row_status() {
	prepare_sums
	compare 'check-status' "$calculations" all_sums nothing \
		'a connection:select_one' \
		'check-status:check_status'
}

# The morning after the last day: everything is there, and sources that are not Elexon's stacks have nothing new.  The first
# builds the site.
prepare_morning() {
	prepare_sums
	all_sums >"$tmp/listed"
	mkdir -p "$tmp/nothing-new"
	for tool in fetch-difficulty fetch-prices fetch-rates fetch-replacement fetch-wind; do
		# shellcheck disable=SC2016
		printf '#!/bin/sh\n[ "$2" != - ] || cat >/dev/null\n' >"$tmp/nothing-new/$tool"
		chmod 755 "$tmp/nothing-new/$tool"
	done
	morning
}
morning() {
	WINDFALL_BIN=$tmp/nothing-new:${WINDFALL_BIN:-$root/bin} WINDFALL_ELEXON_URL=file://$tmp/nothing-new TZ=Europe/London NO_FAKE_STAT=1 \
		timed faketime "$(date -u -d "$to + 1 day" +%F) 03:30:00" "$root/scripts/daily" >"$tmp/listed" 2>&1
}

row_morning() {
	command -v faketime >/dev/null || { say "a morning with nothing to do is left out: faketime is not installed"; return 0; }
	[ "$days" -ge 2 ] || { say "a morning with nothing to do is left out: daily wants the last two days, and one is stored"; return 0; }
	prepare_morning
	compare 'a morning, nothing to do' "$days" nothing nothing \
		'a connection:select_one' \
		'daily:morning'
}

# Calculations and sums of every date made again, the dates shared by so many workers.
no_calculations_no_sums() { empty_calculations; no_sums; }
# What reconcile is made of, each tool once.
# shellcheck disable=SC2016 # the days are arguments
tools_once() {
	timed sh -c 'find-missing --by-date "$1" "$2" && calc-btc --store "$1" "$2" && rollup-summaries "$1" "$2" && audit-calcs "$1" "$2"' \
		tools "$from" "$to" >"$tmp/listed" 2>&1
}
mend_all() { timed "$root/scripts/reconcile" missing --jobs "$1" >"$tmp/listed" 2>&1; }
mend_by_1() { mend_all 1; }
mend_by_2() { mend_all 2; }
mend_by_4() { mend_all 4; }

row_workers() {
	compare 'reconcile, by workers' "$calculations" no_calculations_no_sums count_calculations \
		'its tools, each once:tools_once' '--jobs 1:mend_by_1' '--jobs 2:mend_by_2' '--jobs 4:mend_by_4'
}
