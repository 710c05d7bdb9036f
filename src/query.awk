# query.awk - a statement of sql/query as a C string: awk -f src/query.awk sql/query/NAME.sql
#
# A file of sql/query is a statement that psql runs as it stands.  It begins with comments that say what it gives;
# a line "-- $1 from date  the first day" declares a parameter, which the statement names as psql does, :'from',
# or :from where it may be null.  In C the parameter is $1, the comments are gone, and the string is query_NAME.
#
# -v as=prepare writes "prepare query (date, …) as STATEMENT" instead, for the test that prepares each of them.
# The line as a C string has it.
function escaped(line,   part, parts, i, out) {
	gsub(/\\/, "&&", line)
	parts = split(line, part, "\"")
	for (i = 1; i <= parts; i++) out = out (i > 1 ? "\\\"" : "") part[i]
	return out
}

function bad(what) { print FILENAME ":" FNR ": " what >"/dev/stderr"; failed = 65; exit failed }

# The line with $n in place of names, without its comment.
function numbered(line,   out, i, c, name, quoted) {
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "'") quoted = !quoted
		if (!quoted && substr(line, i, 2) == "--") break
		if (!quoted && substr(line, i, 2) ~ /\$[0-9]/) bad("a parameter is written by its name, as psql has it")
		if (!quoted && substr(line, i, 2) == "::") { out = out "::"; i++; continue }
		if (quoted || c != ":" || !match(substr(line, i), /^:('[a-z_]+'|[a-z_]+)/)) { out = out c; continue }
		name = substr(line, i, RLENGTH)
		i += RLENGTH - 1
		gsub(/[:']/, "", name)
		if (!(name in number)) bad("the parameter " name " is not declared: -- $N " name " TYPE")
		used[name] = 1
		out = out "$" number[name]
	}
	if (quoted) bad("a literal goes on in the next line")
	sub(/[ \t]+$/, "", out)
	return out
}

/^--/ && !lines {
	if ($2 !~ /^\$[0-9]+$/) next
	if ($2 != "$" (++n)) bad("parameters are declared in order: $" n " is next")
	number[$3] = n
	types = types (n > 1 ? ", " : "") $4
	next
}
{
	line = numbered($0)
	if (line != "" || lines) text[++lines] = line
}
END {
	if (failed) exit failed
	if (text[lines] !~ /;$/) bad("the statement ends with no semicolon")
	for (name in number) if (!(name in used)) bad("the parameter " name " is not used")
	sub(/;$/, "", text[lines])
	name = FILENAME
	sub(/.*\//, "", name); sub(/\.sql$/, "", name); gsub(/-/, "_", name)
	if (as == "prepare") {
		printf "prepare query%s as\n", types ? " (" types ")" : ""
		for (i = 1; i <= lines; i++) print text[i] (i == lines ? ";" : "")
		exit failed
	}
	print "/* Made from " FILENAME " by src/query.awk. */"
	print "static const char query_" name "[] ="
	for (i = 1; i <= lines; i++) print "\t\"" escaped(text[i]) "\\n\"" (i == lines ? ";" : "")
	exit failed
}
