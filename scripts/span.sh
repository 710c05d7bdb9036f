# shellcheck shell=sh
# span.sh - the days that a report covers, or a job works on, as its arguments name them.  Sourced, after lib.sh.
#
#   read_day WORD [OR]  into $day the day that WORD names: YYYY-MM-DD, today or yesterday (London's days);
#                    OR ends the message about a word that is none
#   in_order FROM TO  fail where TO is before FROM
#   span WORD...     from FROM [TO], YYYY-MM or YYYY into $from and $to, first and last day; both are
#                    empty without a word: the whole history
#   span_or_last N WORD...  the same, or, where N is not empty, of the N settlement days up to yesterday
#   whole_history    put into an empty span the days that are summed; the database is there

# shellcheck disable=SC2034,SC2154 # from and to are read by the script that sources this; lib.sh sets tmp
read_day() {
	case $1 in
	today)	   day=$(TZ=Europe/London date +%F) ;;
	yesterday) day=$(TZ=Europe/London date -d yesterday +%F) ;;
	[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9])
		day=$(date -u -d "$1" +%F 2>/dev/null) || day=
		[ "$day" = "$1" ] || fail 64 "$1: an invalid date" ;;
	*)	fail 64 "$1: not a date; write YYYY-MM-DD, today or yesterday${2:-}" ;;
	esac
}

# A date YYYY-MM-DD as a number: into $day_number, without a program.
number_day() {
	day_number=${1%%-*}${1#*-}
	day_number=${day_number%-*}${day_number##*-}
}

in_order() {
	number_day "$1"
	earlier=$day_number
	number_day "$2"
	[ "$earlier" -le "$day_number" ] || fail 64 "$1 $2: the range is reversed"
}

# One of the N days that a span names.
read_day_of_span() {
	case $1/$2 in
	1/*)	read_day "$2" ', a month YYYY-MM or a year YYYY' ;;
	2/[12][0-9][0-9][0-9]|2/[12][0-9][0-9][0-9]-[0-9][0-9])
		fail 64 "$2: not a date; a month or a year stands alone, and FROM and TO are dates YYYY-MM-DD, today or yesterday" ;;
	*)	read_day "$2" ;;
	esac
}

span() {
	from='' to=''
	case $#/${1:-} in
	0/) return ;;
	1/[12][0-9][0-9][0-9]) from=$1-01-01 to=$1-12-31; return ;;
	1/[12][0-9][0-9][0-9]-0[1-9]|1/[12][0-9][0-9][0-9]-1[0-2])
		from=$1-01
		to=$(date -u -d "$from +1 month -1 day" +%F)
		return ;;
	1/[12][0-9][0-9][0-9]-[0-9][0-9]) fail 64 "$1: an invalid month" ;;
	[12]/*) ;;
	*)	fail 64 "$3: too many arguments; a span is FROM [TO], YYYY-MM or YYYY" ;;
	esac
	read_day_of_span $# "$1"
	from=$day
	[ $# -eq 1 ] || read_day_of_span 2 "$2"
	to=$day
	in_order "$from" "$to"
}

span_or_last() {
	days=$1
	shift
	if [ -z "$days" ]; then
		span "$@"
		return
	fi
	[ $# -eq 0 ] || fail 64 "--last and a span do not go together"
	case $days in *[!0-9]*|0*|?????*) fail 64 "--last $days: a number of days, 1 to 9999" ;; esac
	read_day yesterday
	to=$day
	from=$(date -u -d "$to -$((days - 1)) days" +%F)
}

whole_history() {
	[ -z "$from" ] || return 0
	db_psql -F ' ' -c 'select min(settlement_date), max(settlement_date) from daily_summaries' >"$tmp/span"
	read -r from to <"$tmp/span" || :
	[ -n "$from" ] || fail 65 "there are no daily summaries yet: rollup-summaries makes them"
}
