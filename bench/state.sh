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

# Calculations and sums of every date made anew, the dates shared by so many workers.
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
