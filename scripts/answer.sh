# shellcheck shell=sh
# answer.sh - the answer of a report, as a table for people or as rows for programs.  Sourced, after lib.sh.
#
#   answer_format FORMAT         fail unless that is one of table, tsv, csv and ndjson
#   print_answer FORMAT PAGE ARG...  what psql with these arguments leaves as the list "result" (sql/report/spans.sql);
#                                as a table, as the list PAGE, which may round for people
#   print_list FORMAT LIST ARG...  the same of any list; a table is aligned by the tools on a terminal
#   known_model MODEL            fail unless there is such a miner model
#   nearest WORD                 of the names on stdin, one a line, those that are nearest to WORD, with
#                                " or " between them; nothing where none is near

# shellcheck disable=SC2154 # lib.sh sets tmp
answer_format() {
	case $1 in table|tsv|csv|ndjson) ;; *) fail 64 "--format $1: must be table, tsv, csv or ndjson" ;; esac
}

print_answer() {
	answer_list=result
	[ "$1" != table ] || answer_list=$2
	answer_as=$1
	shift 2
	print_list "$answer_as" "$answer_list" "$@"
}

print_list() {
	answer_as=$1 answer_list=$2
	shift 2
	set -- -v answer="$answer_list" "$@"
	if [ "$answer_as" = table ] && [ -t 1 ]; then
		db_psql "$@" -f "$root/sql/report/answer-tsv.sql" >"$tmp/table.tsv"
		show_rows "$tmp/table.tsv"
		return
	fi
	[ "$answer_as" != table ] || set -- "$@" -P format=aligned -P border=0 -P footer=off -P tuples_only=off
	db_psql "$@" -f "$root/sql/report/answer-$answer_as.sql"
}

known_model() {
	ask -v model="$1" <<-'END'
		select 1 from miner_models where miner_model = :'model'
	END
	[ -z "$answer" ] || return 0
	ask -c "select string_agg(miner_model, ', ' order by miner_model) from miner_models"
	fail 65 "there is no miner model $1; there are $answer"
}

# The distance is that of Levenshtein, blind to case, and less where a name begins with the word; up to a third of
# the word's length is near.
nearest() {
	sort | word=$1 awk '
	function distance(a, b,   i, j, la, lb, row, was, up, best) {
		la = length(a); lb = length(b)
		for (j = 0; j <= lb; j++) row[j] = j
		for (i = 1; i <= la; i++) {
			was = row[0]; row[0] = i
			for (j = 1; j <= lb; j++) {
				up = row[j]
				best = was + (substr(a, i, 1) != substr(b, j, 1))
				if (up + 1 < best) best = up + 1
				if (row[j - 1] + 1 < best) best = row[j - 1] + 1
				row[j] = best; was = up
			}
		}
		return row[lb]
	}
	BEGIN { wanted = tolower(ENVIRON["word"]); least = int(length(wanted) / 3) + 1 }
	{
		name = tolower($0)
		d = name == wanted ? 0 : index(name, wanted) == 1 ? 1 : distance(wanted, name)
		if (d < least) { least = d; found = "" }
		if (d == least && d <= int(length(wanted) / 3) + (d == 1)) found = found (found == "" ? "" : " or ") $0
	}
	END { if (found != "") print found }'
}
