# shellcheck shell=sh
# dump.sh - the rows of named tables out of what pg_dump made, and nothing else of it.  Sourced after lib.sh.
#
# No statement of a dump is ever sent to a server: of its text only the rows between "COPY table (...) FROM stdin;" and
# "\." are read, column by column, and whatever else it holds is passed over.

# shellcheck disable=SC2154 # $tmp is set by lib.sh

# Refuse what can be no dump by its place alone.
check_dump() {
	[ -r "$1" ] || fail 66 "$1 cannot be read"
	[ ! -d "$1" ] || [ -f "$1/toc.dat" ] || fail 65 "$1 is a folder without toc.dat, so it is not a dump of pg_dump --format=directory"
}

# The text of a dump, whichever of pg_dump's formats it has, on standard output.
dump_text() {
	if [ -d "$1" ]; then
		pg_restore --data-only --no-owner --no-privileges --file=- "$1"
		return
	fi
	magic=$(head -c 5 "$1" | od -An -tx1 | tr -d ' \n')
	case $magic in
	5047444d50|746f632e64)	# PGDMP, or a tar file that begins with toc.dat
		pg_restore --data-only --no-owner --no-privileges --file=- "$1" ;;
	1f8b*)	gzip -dc -- "$1" ;;
	28b52ffd*) command -v zstd >/dev/null || fail 69 "$1 is compressed with zstd, which is not installed: unpack it first"
		zstd -dcq -- "$1" ;;
	fd377a585a) xz -dc -- "$1" ;;
	425a68*) bzip2 -dc -- "$1" ;;
	*)	cat -- "$1" ;;
	esac
}

# copied_rows LIST FOLDER [SCHEMA] - from the text of a dump on standard input, FOLDER/TABLE.tsv for each table of LIST: its
# rows as COPY text, with just the columns that LIST names, in its order.  A line of LIST is "table *column column ...";
# one without the star may be absent, and is \N then.  FOLDER/.found has what was met, as "word table ...":
#   rows TABLE READ SCHEMA	rows read
#   odd TABLE LINE FIELDS	a row that does not have the fields of its block
#   absent TABLE COLUMN		a column that is needed
#   has TABLE COLUMN		a column that LIST does not name
#   twice TABLE SCHEMA SCHEMA	the same table again
#   cut TABLE, inserts TABLE, encoding NAME, complete
copied_rows() {
	mkdir -p "$2"
	awk -v folder="$2" -v only="${3:-}" '
		function say(what) { print what >found }
		BEGIN { found = folder "/.found"; printf "" >found }
		FNR == NR {
			wanted[$1] = NF - 1
			for (i = 2; i <= NF; i++) {
				name = $i
				if (sub(/^\*/, "", name)) needed[$1, name]
				column[$1, i - 1] = name
				known[$1, name]
			}
			next
		}
		copying {
			if ($0 == "\\.") {
				copying = 0
				if (out != "") { say("rows " table " " rows " " schema); close(out) }
				next
			}
			if (out == "") next
			n = split($0, field, "\t")
			if (n != fields) { say("odd " table " " FNR " " n); odd++; next }
			line = ""
			for (i = 1; i <= wanted[table]; i++)
				line = line (i > 1 ? "\t" : "") (place[i] ? field[place[i]] : "\\N")
			print line >out
			rows++
			next
		}
		/^COPY .* FROM stdin;\r?$/ {
			copying = 1
			out = ""
			text = substr($0, 6)
			at = index(text, " (")
			name = at ? substr(text, 1, at - 1) : text
			sub(/ FROM stdin;\r?$/, "", name)
			list = at ? substr(text, at + 2) : ""
			sub(/\) FROM stdin;\r?$/, "", list)
			gsub(/"/, "", name)
			gsub(/"/, "", list)
			schema = name
			if (!sub(/\.[^.]*$/, "", schema)) schema = "public"
			sub(/^.*\./, "", name)
			if (!(name in wanted) || (only != "" && schema != only)) next
			table = name
			if (table in seen) { say("twice " table " " seen[table] " " schema); next }
			seen[table] = schema
			rows = 0
			fields = split(list, header, /, */)
			split("", where)
			for (i = 1; i <= fields; i++) {
				where[header[i]] = i
				if (!((table, header[i]) in known)) say("has " table " " header[i])
			}
			for (i = 1; i <= wanted[table]; i++) {
				name = column[table, i]
				place[i] = name in where ? where[name] : 0
				if (!place[i] && ((table, name) in needed)) say("absent " table " " name)
			}
			out = folder "/" table ".tsv"
			printf "" >out
			next
		}
		/^INSERT INTO / {
			name = $3
			gsub(/"/, "", name)
			sub(/^.*\./, "", name)
			if (name in wanted && !(name in by_insert)) { by_insert[name]; say("inserts " name) }
			next
		}
		/^SET client_encoding = / { name = $4; gsub(/[^A-Za-z0-9_-]/, "", name); say("encoding " name); next }
		/^-- PostgreSQL database (cluster )?dump complete/ { complete = 1 }
		END {
			if (copying) say("cut " (out == "" ? "-" : table))
			if (complete) say("complete")
		}' "$1" -
}
