# shellcheck shell=sh
# table.sh - rows of a tool in a file: TSV with a header line, whose columns are found by name.

# by_name PROGRAM [NAME=VALUE]... FILE... - awk over the rows below the headers: at("NAME") is the row's field of
# the column NAME, file the number of the file; with_header=N prints the header of the Nth.  A column that is not there is a defect: said, and 70.
# how_many(2, "day") is "2 days".
by_name() {
	by_name_program=$1
	shift
	awk -F '\t' -v OFS='\t' '
		function at(name) {
			if (name in column)
				return $column[name]
			print "there is no column " name " in " FILENAME >"/dev/stderr"
			exit 70
		}
		function how_many(n, what) { return n " " what (n == 1 ? "" : "s") }
		FNR == 1 {
			file++
			split("", column)
			for (i = 1; i <= NF; i++) column[$i] = i
			if (file == with_header) print
			next
		}
		'"$by_name_program" "$@"
}

# rows_where CONDITION [NAME=VALUE]... FILE... - the rows that it is true of, below the first file's header.
rows_where() {
	rows_condition=$1
	shift
	by_name "$rows_condition" with_header=1 "$@"
}

# rows_without DATES FILE - the rows of FILE whose settlement date is not among those of DATES, with the header.
rows_without() {
	by_name '
		file == 1 { without[at("settlement_date")]; next }
		!(at("settlement_date") in without)' with_header=2 "$1" "$2"
}

# columns "NAME..." FILE - these columns and no others, with their header.
columns() {
	echo "$1" | tr ' ' '\t'
	by_name '{
		n = split(names, name, " ")
		for (i = 1; i <= n; i++) printf "%s%s", at(name[i]), (i < n ? OFS : ORS)
	}' names="$1" "$2"
}

# column NAME FILE - its values alone.
column() {
	by_name '{ print at(name) }' name="$1" "$2"
}

# first NAME FILE - its value in the first row, \N as nothing, without a program.
first() {
	{ IFS= read -r names_left && IFS= read -r row_left; } <"$2" || return 0
	while [ "${names_left%%	*}" != "$1" ]; do
		case $names_left in
		*'	'*) ;;
		*)	echo "there is no column $1 in $2" >&2
			return 70 ;;
		esac
		names_left=${names_left#*	}
		row_left=${row_left#*	}
	done
	row_left=${row_left%%	*}
	[ "$row_left" = '\N' ] || printf '%s\n' "$row_left"
}

# Rows from standard input, as a table for people.
aligned() {
	if [ -t 1 ]; then
		show-rows
	else
		printable | command column -t -s '	'
	fi
}

# show_rows FILE - its rows on standard output: as a table where a person looks at it, as they are elsewhere.
show_rows() {
	if [ -t 1 ] && [ -s "$1" ]; then
		run show-rows <"$1"
	else
		show "$1"
	fi
}

# Whether a file has a row below its header: most have none, and then no program is needed to say so.
has_rows() {
	[ -f "$1" ] || return 0
	# shellcheck disable=SC2034 # whether there is a line is all that is asked
	{ read -r line_of_rows && read -r line_of_rows; } <"$1"
}

# How many rows a file has below its header: a few are counted without a program.
rows() {
	has_rows "$1" || { echo 0; return; }
	counted=-1
	# shellcheck disable=SC2034 # likewise
	while [ $counted -lt 50 ] && { read -r line_of_rows || [ -n "$line_of_rows" ]; }; do counted=$((counted + 1)); done <"$1"
	[ $counted -eq 50 ] || { echo $counted; return; }
	awk 'END { print (NR > 0 ? NR - 1 : 0) }' "$1"
}

# The rows of a file whose column NAME has this VALUE.
rows_with() {
	has_rows "$1" || { echo 0; return; }
	by_name 'at(name) == value { n++ } END { print n + 0 }' name="$2" value="$3" "$1"
}

# The sum of a column of whole numbers.
total() {
	has_rows "$1" || { echo 0; return; }
	by_name '{ n += at(name) } END { print n + 0 }' name="$2" "$1"
}

# totals "NAME..." FILE - the same of several at once, as NAME=SUM words that a shell may read.
totals() {
	by_name '
		{ for (i = split(names, name, " "); i > 0; i--) sum[name[i]] += at(name[i]) }
		END {
			n = split(names, name, " ")
			for (i = 1; i <= n; i++) printf "%s=%d%s", name[i], sum[name[i]], (i < n ? " " : ORS)
		}' names="$1" "$2"
}

# Each settlement date of the files given, once, as rows with a header.
dates_of() {
	echo settlement_date
	by_name '"settlement_date" in column { print at("settlement_date") }' "$@" | sort -u
}

# The settlement dates of rows of summaries that are of a day, as dates_of gives them.
days_of() {
	echo settlement_date
	by_name 'at("level") ~ /day$/ { print substr(at("key"), 1, 10) }' "$@" | sort -u
}

# The settlement dates on standard input as one word of the log, which grep finds them by: 31 at most.
these() {
	sort -u | awk 'NR <= 31 { printf "%s%s", (NR > 1 ? "," : ""), $0 } END { if (NR > 31) printf ",and_%d_more", NR - 31 }'
}

# The same of the settlement dates, or of the days of summaries, of a file.
these_dates() {
	! has_rows "$1" || dates_of "$1" | sed 1d | these
}
these_days() {
	! has_rows "$1" || days_of "$1" | sed 1d | these
}
