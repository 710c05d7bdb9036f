# shellcheck shell=sh
# answer.sh - the answer of a report, as a table for people or as rows for programs.  Sourced, after lib.sh.
#
#   answer_format FORMAT         fail unless that is one of table, tsv, csv and ndjson
#   print_answer FORMAT PAGE ARG...  what psql with these arguments leaves as the list "result" (sql/report/spans.sql);
#                                as a table, as the list PAGE, which may round for people
#   print_list FORMAT LIST ARG...  the same of any list; a table is aligned by the tools on a terminal
#   warn_of_span ARG...          warn of what is not stored, not fetched or not final of the span that psql's variables
#                                from, to and compare name
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
	case $answer_as in
	table) show_page "$@" -P format=aligned -P border=0 -P footer=off -P tuples_only=off -f "$root/sql/report/answer-table.sql" ;;
	*)     db_psql "$@" -f "$root/sql/report/answer-$answer_as.sql" ;;
	esac
}

warn_of_span() {
	db_psql "$@" -f "$root/sql/report/span-state.sql" >"$tmp/state"
	while IFS= read -r line; do
		say warning "$line"
	done <"$tmp/state"
}

known_model() {
	ask -v model="$1" <<-'END'
		select 1 from miner_models where miner_model = :'model'
	END
	[ -z "$answer" ] || return 0
	ask -c "select string_agg(miner_model, ', ' order by miner_model) from miner_models"
	fail 65 "there is no miner model $1; there are $answer"
}

# The tools' rule, that of src/lib/base/nearest.h.
nearest() {
	sort | with-settings --nearest "$1"
}
