# shellcheck shell=sh
# steps.sh - the steps that daily, reingest and reconcile share.  Sourced after lib.sh.
#
# A step reads rows of a file in $tmp and can be run again: each tool makes what is stored right
# and leaves alone what already is.

# shellcheck disable=SC2154 # $root, $tmp are set by lib.sh

# How many rows a file has below its header.
rows() {
	awk 'END { print (NR > 0 ? NR - 1 : 0) }' "$1"
}

# The rows of a file whose column NAME has this VALUE.
rows_with() {
	awk -F '\t' -v name="$2" -v value="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
		$column == value { n++ }
		END { print n + 0 }' "$1"
}

# The sum of a column of whole numbers.
total() {
	awk -F '\t' -v name="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
		{ n += $column }
		END { print n + 0 }' "$1"
}

# Each settlement date of the files given, once, as rows with a header.
dates_of() {
	echo settlement_date
	awk -F '\t' 'FNR == 1 { column = 0; for (i = 1; i <= NF; i++) if ($i == "settlement_date") column = i; next }
		column { print $column }' "$@" | sort -u
}

# tolerate COMMAND... - run a tool whose failure must not keep the next steps from what they can
# do.  The job ends with its status: of several the gravest, where 75, try later, is the least.
pending=0
tolerate() {
	"$@" || keep $?
}
keep() {
	if [ "$pending" -eq 0 ] || [ "$pending" -eq 75 ]; then
		pending=$1
	fi
}

# answer COMMAND... - run a tool that compares: 0 and 1, into $found, are its answers; anything
# else means that it could not, and ends the job.
answer() {
	found=0
	"$@" || found=$?
	[ "$found" -le 1 ] || exit "$found"
}

# Fetch the settlement periods that the rows of a file name.
fetch_periods() {
	[ "$(rows "$1")" -eq 0 ] || tolerate fetch-elexon --store - <"$1"
}

# Compare these days with the source and fetch again the periods that differ.  What the source would
# not show is not checked, and keeps its own status.
verify_source() {
	checked=0
	fetch-elexon --verify "$@" >"$tmp/source.tsv" || checked=$?
	say info "compared with the source" differing_periods="$(rows "$tmp/source.tsv")"
	refetched=0
	[ "$(rows "$tmp/source.tsv")" -eq 0 ] || fetch-elexon --store - <"$tmp/source.tsv" || refetched=$?
	[ "$checked" -eq 1 ] || [ "$checked" -eq 0 ] || return "$checked"
	return "$refetched"
}

# Into $tmp/differences.tsv: the calculations of these dates that are missing, stale or orphan.
compare() {
	find-missing - <"$1" >"$tmp/differences.tsv"
	say info "compared" missing="$(rows_with "$tmp/differences.tsv" reason missing)" \
		stale="$(rows_with "$tmp/differences.tsv" reason stale)" \
		orphan="$(rows_with "$tmp/differences.tsv" reason orphan)"
}

# Mend what compare found.  What is stale or orphan is cleared and what belongs there written in
# one transaction a date: no reader ever sees a date half done.
calculate() {
	step calculate
	[ "$(rows "$tmp/differences.tsv")" -eq 0 ] || tolerate calc-btc --store - <"$tmp/differences.tsv"
}

# Bring the summaries of these dates, and the months and years above, to what lies below them.
roll_up() {
	step roll-up
	rollup-summaries - <"$1" >"$tmp/summaries.tsv"
	say info "summaries changed" rows="$(rows "$tmp/summaries.tsv")"
}

# Count what is still not right with these dates, by two ways that share nothing.
verify() {
	step verify
	find-missing --by-date --all-dates - <"$1" >"$tmp/left.tsv"
	answer audit-calcs - <"$1" >"$tmp/audit.tsv"
	[ "$found" -eq 0 ] || say error "the audit found differences" rows="$(rows "$tmp/audit.tsv")"
}

# End the job with what verify counted: ok when nothing had to be done, mended when something was
# and now all is right, findings when something is not.
conclude() {
	for file in differences summaries audit; do
		[ -e "$tmp/$file.tsv" ] || : >"$tmp/$file.tsv"
	done
	changed=$(($(rows "$tmp/differences.tsv") + $(rows "$tmp/summaries.tsv") + ${changed:-0}))
	left=$(($(total "$tmp/left.tsv" missing) + $(total "$tmp/left.tsv" stale) + $(total "$tmp/left.tsv" orphan)))
	unfetched=$(total "$tmp/left.tsv" unfetched)
	differences=$(rows "$tmp/audit.tsv")
	word=ok
	[ "$changed" -eq 0 ] || word=mended
	[ $((left + unfetched + differences)) -eq 0 ] || word=findings
	verdict "$word" dates="$(rows "$tmp/left.tsv")" expected="$(total "$tmp/left.tsv" expected)" \
		missing="$(total "$tmp/left.tsv" missing)" stale="$(total "$tmp/left.tsv" stale)" \
		orphan="$(total "$tmp/left.tsv" orphan)" unfetched="$unfetched" \
		provisional="$(total "$tmp/left.tsv" provisional)" audit_differences="$differences"
	[ "$pending" -eq 0 ] || fail "$pending" "not all could be done; what could is stored, the rest is for the next run"
	[ "$word" != findings ] || exit 1
}

# The steps behind fetching, on the dates in $tmp/dates.tsv, and the verdict.
mend() {
	step compare
	compare "$tmp/dates.tsv"
	calculate
	roll_up "$tmp/dates.tsv"
	verify "$tmp/dates.tsv"
	conclude
}
