# shellcheck shell=sh
# span.sh - the days that a report covers, as its arguments name them.  Sourced, after lib.sh.
#
#   a_day WORD       print the day that WORD names: YYYY-MM-DD, today or yesterday (London's days)
#   span WORD...     from FROM [TO], YYYY-MM or YYYY into $from and $to, first and last day; both are
#                    empty without a word: the whole history
#   span_last N      the same from N settlement days up to yesterday
#   whole_history    put into an empty span the days that are summed; the database is there

# shellcheck disable=SC2034,SC2154 # from and to are read by the script that sources this; lib.sh sets tmp
a_day() {
	case $1 in
	today|yesterday) TZ=Europe/London date -d "$1" +%F; return ;;
	[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9])
		[ "$(date -u -d "$1" +%F 2>/dev/null)" != "$1" ] || { echo "$1"; return; }
		fail 64 "$1: an invalid date" ;;
	esac
	fail 64 "$1: not a date; write YYYY-MM-DD, today or yesterday, a month YYYY-MM or a year YYYY alone"
}

span() {
	from='' to=''
	case $#/${1:-} in
	0/) return ;;
	1/[12][0-9][0-9][0-9]) from=$1-01-01 to=$1-12-31; return ;;
	1/[12][0-9][0-9][0-9]-[01][0-9])
		from=$(a_day "$1-01") || exit
		to=$(date -u -d "$from +1 month -1 day" +%F)
		return ;;
	[12]/*) ;;
	*)	fail 64 "$3: too many arguments; a span is FROM [TO], YYYY-MM or YYYY" ;;
	esac
	from=$(a_day "$1") || exit
	to=$(a_day "${2:-$1}") || exit
	[ "$(echo "$from" | tr -d -)" -le "$(echo "$to" | tr -d -)" ] || fail 64 "$from $to: the range is reversed"
}

span_last() {
	case $1 in ''|*[!0-9]*|0*|?????*) fail 64 "--last $1: a number of days, 1 to 9999" ;; esac
	to=$(a_day yesterday)
	from=$(date -u -d "$to -$(($1 - 1)) days" +%F)
}

whole_history() {
	[ -z "$from" ] || return 0
	db_psql -F ' ' -c 'select min(settlement_date), max(settlement_date) from daily_summaries' >"$tmp/span"
	read -r from to <"$tmp/span" || :
	[ -n "$from" ] || fail 65 "there are no daily summaries yet: rollup-summaries makes them"
}
