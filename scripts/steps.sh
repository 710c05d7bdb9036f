# shellcheck shell=sh
# steps.sh - the steps that daily, reingest and reconcile share.  Sourced after lib.sh.
#
# A step reads rows of a file in $tmp and can be run again: each tool makes what is stored right
# and leaves alone what already is.

# shellcheck disable=SC2154 # $root, $tmp are set by lib.sh
. "$root/scripts/span.sh"

# The dates of which nothing was ever fetched and nothing is stored, of two lists of find-missing, --by-date
# and --periods: not those whose every period is damaged or overlooked.
never_fetched() {
	echo settlement_date
	by_name '
		file == 1 { unfetched[at("settlement_date")] += at("reason") == "unfetched"; next }
		at("expected") + at("present") + at("orphan") + at("provisional") == 0 &&
			at("unfetched") >= 46 && at("unfetched") == unfetched[at("settlement_date")] { print at("settlement_date") }' "$2" "$1"
}

# A settlement date as a person writes it, into $day, as YYYY-MM-DD; one that does not exist, or that has not
# begun, is bad usage.
settlement_date() {
	read_day "$1"
	[ "$1" != today ] && [ "$1" != yesterday ] || return 0
	number_day "$day"
	[ "$day_number" -le "$(TZ=Europe/London date +%Y%m%d)" ] || fail 64 "$day has not begun"
}

# settlement_dates FROM TO - both of them, into $from and $to; a reversed range is bad usage.
settlement_dates() {
	settlement_date "$1"
	from=$day
	[ "$2" = "$1" ] || settlement_date "$2"
	to=$day
	in_order "$from" "$to"
}

# Tools that may take long run by `run` (lib.sh), so that a signal to the job ends them.

# tolerate COMMAND... - run a tool whose failure must not keep the next steps from what they can
# do.  The job ends with its status: of several the first, where 75, try later, counts only if no other comes.
pending=0
why=
pending_step=
tolerate() {
	run "$@" || keep $?
}
keep() {
	if [ "$pending" -eq 0 ] || { [ "$pending" -eq 75 ] && [ "$1" -ne 75 ]; }; then
		pending=$1
		if [ "$1" -gt 128 ]; then why="a program was $(ended_by "$1")"; else why=$(last_error); fi
		pending_step=$step
	fi
}

# list_missing FILE ARG... - find-missing, into a file.  A day whose stored rows cannot be read stands in no list and
# keeps the others from nothing: the job ends with its status.
list_missing() {
	list=$1
	shift
	listed=0
	run find-missing "$@" >"$list" || listed=$?
	if [ "$listed" -eq 65 ] && [ -s "$list" ]; then
		keep 65
	elif [ "$listed" -ne 0 ]; then
		return "$listed"
	fi
}

# answer COMMAND... - run a tool that compares: 0 and 1, into $found, are its answers; anything
# else means that it could not, and ends the job.
answer() {
	found=0
	run "$@" || found=$?
	[ "$found" -le 1 ] || exit "$found"
}

# fetch_store ARG... - fetch-elexon --store.  That an answer is suspect is a finding, which the verdict counts, and
# no failure: what was stored is still there.  With $counts set, the source is asked before and after whether it changed.
fetch_store() {
	answered=0
	run fetch-elexon --store ${counts:+--counts} "$@" >"$tmp/suspect.tsv" || answered=$?
	case $answered in
	0) ;;
	1) say error "the source gives less or more than possible" periods="$(rows "$tmp/suspect.tsv")" \
		of="$(these_dates "$tmp/suspect.tsv")" ;;
	*) keep "$answered" ;;
	esac
}

# Fetch the settlement periods that the rows of a file name.
fetch_periods() {
	[ "$(rows "$1")" -gt 0 ] || return 0
	say info "fetching" periods="$(rows "$1")" of="$(these_dates "$1")"
	fetch_store - <"$1"
}

# owe DATES - these are about to be fetched, and what it cost to turn others up in place of their wind is asked afterwards.  Once
# they are fetched they may be in no list any more: where this run does not come so far, the job's next one asks.
owe() {
	[ "${WINDFALL_REPLACEMENT:-on}" != off ] || return 0
	[ "$(rows "$1")" -gt 0 ] || return 0
	owed=$state/var/replacement-$job
	[ -e "$owed" ] || echo settlement_date >"$owed"
	dates_of "$owed" "$1" >"$tmp/owed.tsv"
	mv -f "$tmp/owed.tsv" "$owed"
}

# replacement DATES - what it cost to turn others up in place of the wind of these dates, and of those that are owed, unless
# WINDFALL_REPLACEMENT is off: asked for only where it is lacking or of other curtailment than is stored.
replacement() {
	[ "${WINDFALL_REPLACEMENT:-on}" != off ] || return 0
	asked=$1
	owed=$state/var/replacement-$job
	if [ -e "$owed" ]; then
		asked=$tmp/owed.tsv
		dates_of "$owed" "$1" >"$asked"
	fi
	[ "$(rows "$asked")" -gt 0 ] || return 0
	step replacement
	answered=0
	run fetch-replacement --store - <"$asked" >"$tmp/replacement.tsv" || answered=$?
	# An answer that is impossible, or something else, is one: asked for ever, it would fail each run from now on.
	case $answered in 0|1|65|76) [ ! -e "$owed" ] || rm -f "$owed" ;; esac
	case $answered in
	0) ;;
	1) suspect_offers=$(rows "$tmp/replacement.tsv")
	   say error "the source gives fewer offers than possible" periods="$suspect_offers" of="$(these_dates "$tmp/replacement.tsv")" ;;
	*) keep "$answered" ;;
	esac
}

# fetch_rates - the exchange rates by which values in another currency are shown in pounds.  Nothing that is stored
# depends on them, and the next run fetches what this one lacks: that they cannot be had is said, and nothing else.
fetch_rates() {
	[ "${WINDFALL_CURRENCY:-USD}" != GBP ] || return 0
	run fetch-rates --store --attempts 1 --timeout 10 2>"$tmp/said" || {
		rates=$?
		say warning "exchange rates were not fetched; days without one show no value in pounds" status="$rates" \
			reason="$(sed -n '$ { s/.* msg="//; s/"[^"]*$//; p; }' "$tmp/said")"
		return 0
	}
	[ ! -s "$tmp/said" ] || cat "$tmp/said" >&2
}

# Compare these days with the source and fetch again the periods that differ.  What the source would
# not show is not checked: that is kept as a failure, and said in the verdict.
verify_source() {
	checked=0
	run fetch-elexon --verify "$@" >"$tmp/source.tsv" || checked=$?
	say info "compared with the source" differing_periods="$(rows "$tmp/source.tsv")"
	source_checked=yes
	if [ "$checked" -gt 1 ]; then
		source_checked=no
		keep "$checked"
	fi
	owe "$tmp/source.tsv"
	fetch_periods "$tmp/source.tsv"
}

# Into $tmp/differences.tsv: the calculations of these dates that are missing, stale or orphan.
compare() {
	list_missing "$tmp/differences.tsv" - <"$1"
	say info "compared" missing="$(rows_with "$tmp/differences.tsv" reason missing)" \
		stale="$(rows_with "$tmp/differences.tsv" reason stale)" \
		orphan="$(rows_with "$tmp/differences.tsv" reason orphan)" of="$(these_dates "$tmp/differences.tsv")"
}

# Mend what compare found.  What is stale or orphan is cleared and what belongs there written in
# one transaction a date: no reader ever sees a date half done.
calculate() {
	step calculate
	[ "$(rows "$tmp/differences.tsv")" -eq 0 ] || tolerate calc-btc --store - <"$tmp/differences.tsv"
}

# rollup-summaries with these arguments, into $tmp/summaries.tsv; what changed is handed on (scripts/changes).  Whoever
# listens is no part of the work: that this fails is said, and nothing else.
sum_up() {
	run rollup-summaries "$@" >"$tmp/summaries.tsv"
	pass_on
}

# pass_on - hand on what changed, the rows of $tmp/summaries.tsv.
pass_on() {
	[ ! -s "$tmp/summaries.tsv" ] || "$root/scripts/changes" <"$tmp/summaries.tsv" 9>&- ||
		say warning "the changes were not passed on" status=$?
}

# Bring the summaries of these dates, and the months and years above, to what lies below them.
roll_up() {
	step roll-up
	sum_up - <"$1"
	say info "summaries changed" rows="$(rows "$tmp/summaries.tsv")" \
		of="$(these_days "$tmp/summaries.tsv")"
}

# Work the figures of these days out again.  Into $tmp/audit.tsv: what differs, whose tool's answer
# goes into $found; into $tmp/unchecked.tsv: what nobody can work out, as its inputs are not known.
audit() {
	found=0
	run audit-calcs "$@" >"$tmp/audited.tsv" || found=$?
	audit_header=
	IFS= read -r audit_header <"$tmp/audited.tsv" || :
	echo "$audit_header" >"$tmp/audit.tsv"
	echo "$audit_header" >"$tmp/unchecked.tsv"
	if has_rows "$tmp/audited.tsv"; then
		rows_where 'at("level") != "unchecked"' "$tmp/audited.tsv" >"$tmp/audit.tsv"
		rows_where 'at("level") == "unchecked"' "$tmp/audited.tsv" >"$tmp/unchecked.tsv"
	fi
	if [ "$found" -gt 1 ] && ! { [ "$found" -eq 65 ] && [ "$(rows "$tmp/unchecked.tsv")" -gt 0 ]; }; then
		return "$found"
	fi
}

# The same of every day the database knows, with warnings of what adds up but is hardly so: into $tmp/implausible, a line
# each, and how many into $implausible.
audit_plausibly() {
	said=0
	audit --plausibility 2>"$tmp/said" || said=$?
	grep -v ' msg="implausible: ' "$tmp/said" >&2 || :
	[ "$said" -eq 0 ] || exit "$said"
	sed -n '/.* msg="implausible: \(\(\\.\|[^"\]\)*\)".*/{ s//\1/; s/\\\(.\)/\1/g; p; }' "$tmp/said" >"$tmp/implausible"
	implausible=$(grep -c . "$tmp/implausible" || :)
	[ "$(rows "$tmp/unchecked.tsv")" -eq 0 ] || keep 65
}

# Name what is implausible and was not when this job last ended, near the end of the log and so in an alert; count the rest,
# which waits for a person, whatever its value is by now.
implausible_figures() {
	[ -n "${implausible:-}" ] || return 0
	known=$state/var/implausible-$job
	[ -e "$known" ] || : >"$known"
	awk 'function named(line) { sub(/ is [^ ]*(, expected .*)?$/, "", line); return line }
		!now { known[named($0)]; next }
		!(named($0) in known)' "$known" now=1 "$tmp/implausible" >"$tmp/new"
	while IFS= read -r figure; do
		say warning "implausible: $figure"
	done <"$tmp/new"
	before=$((implausible - $(grep -c . "$tmp/new" || :)))
	[ "$before" -eq 0 ] || say warning "implausible as before and not acknowledged: reconcile analyze lists them" figures="$before"
	mv -f "$tmp/implausible" "$known"
}

# The site, unless nobody wants one.  No figure depends on it: that it fails is said, and nothing else.
show_site() {
	[ "${WINDFALL_SITE:-}" != off ] || return 0
	step site
	run "$root/scripts/site" >"$tmp/site" 9>&- || say warning "the site is not up to date" status=$?
}

# Half hours that have ended since the job listed what to fetch, into $listed_before, are its next run's: they are left out of
# $tmp/left.tsv.
without_later() {
	[ "$(total "$tmp/left.tsv" unfetched)" -gt 0 ] || return 0
	list_missing "$tmp/later.tsv" --periods - <"$tmp/left.tsv"
	# shellcheck disable=SC2016 # awk's column
	by_name '
		file < 3 { key = at("settlement_date") OFS at("settlement_period") }
		file == 1 { before[key]; next }
		file == 2 { later[at("settlement_date")] += at("reason") == "unfetched" && !(key in before); next }
		{ $column["unfetched"] -= later[at("settlement_date")]; print }' with_header=3 "$listed_before" "$tmp/later.tsv" "$tmp/left.tsv" >"$tmp/due.tsv"
	mv "$tmp/due.tsv" "$tmp/left.tsv"
}

# Count what is still not right with these dates, by two ways that share nothing.
verify() {
	step verify
	list_missing "$tmp/left.tsv" --by-date --all-dates - <"$1"
	[ -z "${listed_before:-}" ] || without_later
	audit - <"$1"
	[ "$(rows "$tmp/audit.tsv")" -eq 0 ] || say error "the audit found differences" rows="$(rows "$tmp/audit.tsv")"
	[ "$(rows "$tmp/unchecked.tsv")" -eq 0 ] || keep 65
}

# Into $tmp/undecided.tsv and $tmp/ledger, what is said before the verdict.
ask_for_standing() {
	db_psql -v undecided="$tmp/undecided.tsv" -f "$root/sql/report/conclude.sql" >"$tmp/ledger"
}

# Name what is left out because nobody says whether the unit is wind, each day until somebody does; how many
# units, into $undecided.
undecided_units() {
	undecided=$(rows "$tmp/undecided.tsv")
	[ "$undecided" -eq 0 ] || say warning "energy is left out: no list says whether these units are wind; scripts/units declares them" \
		units="$undecided" mwh="$(by_name '{ n += at("mwh") } END { printf "%.3f", n }' "$tmp/undecided.tsv")" \
		of="$(by_name '++n <= 8 { printf "%s%s:%s", (n > 1 ? "," : ""), at("farm_id"), at("mwh") } END { if (n > 8) printf ",and_%d_more", n - 8 }' "$tmp/undecided.tsv")"
}

# Say how the exchange ledger stands, where there is one: near the end of the log, and so in an alert.
ledger_state() {
	# Facts have no blanks in them.
	# shellcheck disable=SC2046
	[ ! -s "$tmp/ledger" ] || say info "exchange ledger" $(cat "$tmp/ledger")
}

# conclude DATES [KEY=VALUE]... - end the job by what verify counted, date by date, in a file: ok when
# nothing had to be done, mended when something was repaired and all is correct now, findings when something is
# not.
conclude() {
	counts=$1
	shift
	for file in differences summaries; do
		[ -e "$tmp/$file.tsv" ] || : >"$tmp/$file.tsv"
	done
	changed=$(($(rows "$tmp/differences.tsv") + $(rows "$tmp/summaries.tsv") + ${changed:-0}))
	missing=0 stale=0 orphan=0 unfetched=0 suspect=0 expected=0 provisional=0
	eval "$(totals "missing stale orphan unfetched suspect expected provisional" "$counts")"
	word=ok
	[ "$changed" -eq 0 ] || word=mended
	differences=not-checked
	not_checked=
	if [ -e "$tmp/audit.tsv" ]; then
		differences=$(rows "$tmp/audit.tsv")
		not_checked=$(rows "$tmp/unchecked.tsv")
		[ "$differences" -eq 0 ] || word=findings
	fi
	[ $((missing + stale + orphan + unfetched + suspect + ${implausible:-0} + ${left_alone:-0} + ${suspect_offers:-0} + ${unexplained:-0})) -eq 0 ] || word=findings
	ask_for_standing
	undecided_units
	[ "$undecided" -eq 0 ] || word=findings
	implausible_figures
	ledger_state
	verdict "$word" dates="$(rows "$counts")" expected="$expected" \
		missing="$missing" stale="$stale" orphan="$orphan" unfetched="$unfetched" \
		provisional="$provisional" audit_differences="$differences" suspect="$suspect" undecided_units="$undecided" \
		${unexplained:+unexplained_units="$unexplained"} ${suspect_offers:+suspect_offers="$suspect_offers"} ${not_checked:+not_checked="$not_checked"} ${implausible:+implausible="$implausible"} \
		${source_checked:+source_checked="$source_checked"} "$@"
	later=
	[ "$pending" -ne 75 ] || later=", the rest is for the next run"
	# Whoever reads the last line wants to know where it failed, not where it was noticed.
	[ "$pending" -eq 0 ] || step=$pending_step
	[ "$pending" -eq 0 ] || fail "$pending" "not all could be done${why:+ ($why)}; what could is stored$later"
	[ "$word" != findings ] || exit 1
}

# mend DATES [TO_SUM] - the steps behind fetching, and the verdict; TO_SUM may hold more dates to sum.
mend() {
	step compare
	compare "$1"
	calculate
	roll_up "${2:-$1}"
	verify "$1"
	[ -z "${has_site:-}" ] || show_site
	conclude "$tmp/left.tsv"
}
