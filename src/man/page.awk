# The man page of a job, in mdoc, from what it says itself.
#
#   awk -v name=daily -v section=8 -v about='one line' -f page.awk PAGE.in HELP
#
# HELP is what `NAME --help` prints: usage lines become SYNOPSIS; paragraphs and lists DESCRIPTION; a list that has
# an option OPTIONS; "Exit: ..." EXIT STATUS; lines that stand alone, indented, EXAMPLES.  PAGE.in has the date
# (.Dd) and whole sections (.Sh NAME, then mdoc) for what a help text has no room for; they are added to those.

# One word, safe at any place of a line of mdoc.
function safe(text) {
	gsub(/\\/, "\\e", text)
	sub(/^[.\047]/, "\\\\\\&&", text)
	return text
}

# Options and placeholders in a text, each in its font; the rest as it is.
function fonts(text,    out, word) {
	out = ""
	text = safe(text)
	while (match(text, /(^|[^A-Za-z0-9_.\/-])(--?[a-z][a-z0-9-]*|[A-Z][A-Z_]+[A-Z]?)/)) {
		word = substr(text, RSTART, RLENGTH)
		if (word !~ /^[A-Za-z-]/) { out = out substr(text, 1, RSTART); word = substr(word, 2) }
		else out = out substr(text, 1, RSTART - 1)
		text = substr(text, RSTART + RLENGTH)
		if (word ~ /^-/) { gsub(/-/, "\\-", word); out = out "\\fB" word "\\fR" }
		else out = out (word in placeholder ? "\\fI" word "\\fR" : word)
	}
	return out text
}

# A term of a list as the rest of an .It line.
function term(text,    words, n, i, out, word) {
	n = split(text, words, " ")
	for (i = 1; i <= n; i++) {
		word = words[i]
		comma = ""
		if (word ~ /,$/) { comma = " ,"; sub(/,$/, "", word) }
		if (word ~ /^-/) out = out " Fl " (substr(word, 2))
		else if (word ~ /[][|(]/ || text ~ /\(/ && i > 1) out = out " No " fonts(word)
		else if (word ~ /^[A-Z]/) out = out " Ar " word
		else if (i == 1 || words[i - 1] ~ /,$/) out = out " Cm " safe(word)
		else out = out " No " safe(word)
		out = out comma
	}
	return out
}

# The text of a paragraph to a section, a sentence a line.
function put(where, text,    end) {
	sub(/^ +/, "", text); sub(/ +$/, "", text)
	while (match(text, /[.?!][)"]? +[^a-z ]/)) {
		end = RSTART + RLENGTH - 1
		bucket[where] = bucket[where] fonts(substr(text, 1, end - 1)) "\n"
		text = substr(text, end)
	}
	if (text != "") bucket[where] = bucket[where] fonts(text) "\n"
	gsub(/ +\n/, "\n", bucket[where])
}

function begin(where) {
	if (bucket[where] != "" && bucket[where] !~ /\.(Sh [^\n]*|El|Pp)\n$/ || bucket[where] ~ /\.El\n$/) bucket[where] = bucket[where] ".Pp\n"
}

# "0 done, 1 something is not, 75 ...": each code with its meaning.
function exits(text,    code, more) {
	bucket["EXIT STATUS"] = bucket["EXIT STATUS"] ".Bl -tag -width Ds\n"
	while (match(text, /[0-9]+ /)) {
		code = substr(text, RSTART, RLENGTH - 1)
		text = substr(text, RSTART + RLENGTH)
		more = text
		if (match(text, /[,;] [0-9]+ [a-z]/)) { more = substr(text, 1, RSTART - 1) "."; text = substr(text, RSTART + 2) }
		else text = ""
		bucket["EXIT STATUS"] = bucket["EXIT STATUS"] ".It " code "\n"
		put("EXIT STATUS", toupper(substr(more, 1, 1)) substr(more, 2))
	}
	bucket["EXIT STATUS"] = bucket["EXIT STATUS"] ".El\n"
}

function paragraph(text,    at) {
	if (text == "") return
	at = match(text, /Exit: /)
	if (at != 1) {
		begin("DESCRIPTION")
		put("DESCRIPTION", at ? substr(text, 1, at - 1) : text)
	}
	if (at) exits(substr(text, at + 6))
}

# A list: items begin with the least indents, what stands deeper goes on.
function list(lines, n,    i, where, line, item, at, gap, deep) {
	where = "DESCRIPTION"
	for (i = 1; i <= n; i++)
		if (lines[i] ~ /^ +-/) where = "OPTIONS"
	bucket[where] = bucket[where] ".Bl -tag -width Ds\n"
	item = ""
	for (i = 1; i <= n; i++) {
		line = lines[i]
		match(line, /^ +/)
		deep = RLENGTH
		sub(/^ +/, "", line)
		if (deep > 8) { item = item " " line; continue }
		put(where, item)
		gap = match(line, /   */)
		bucket[where] = bucket[where] ".It" term(gap ? substr(line, 1, gap - 1) : line) "\n"
		item = gap ? substr(line, gap) : ""
		sub(/^ +/, "", item)
		item = toupper(substr(item, 1, 1)) substr(item, 2)
	}
	put(where, item)
	bucket[where] = bucket[where] ".El\n"
}

# What stands between two empty lines: text, a list, or both.
function block(lines, n,    i, text, rest, m, alone) {
	text = ""; m = 0
	for (i = 1; i <= n; i++)
		if (lines[i] ~ /^ /) rest[++m] = lines[i]
		else if (m == 0) text = text " " lines[i]
		else { list(rest, m); m = 0; text = lines[i] }
	sub(/^ /, "", text)
	alone = m > 0 && text == ""
	for (i = 1; i <= m; i++)
		if (substr(rest[i], 3) ~ /   */ || rest[i] ~ /^ +-/) alone = 0
	paragraph(text)
	if (alone)
		for (i = 1; i <= m; i++) {
			text = substr(rest[i], 3)
			sub("^" name " ", "windfall " name " ", text)
			sub("\\| " name " ", "| windfall " name " ", text)
			gsub(/\\/, "\\e", text)
			# A point that ends a line of mdoc would be a full stop.
			if (text ~ / [.,;:)!?]$/) text = substr(text, 1, length(text) - 1) "\\&" substr(text, length(text))
			bucket["EXAMPLES"] = bucket["EXAMPLES"] ".Dl " text "\n"
		}
	else if (m) list(rest, m)
}

BEGIN {
	sections = split("DESCRIPTION OPTIONS ENVIRONMENT FILES EXIT_STATUS EXAMPLES SEE_ALSO", order, " ")
}

FNR == 1 { file++ }

# What is added.
file == 1 && /^\.Dd / { date = $0; next }
file == 1 && /^\.Sh / { here = substr($0, 5); next }
file == 1 { added[here] = added[here] $0 "\n"; next }

# The usage: a line that goes on is indented deeper than the name.
/^usage: / || in_usage && /^       [a-z]/ {
	in_usage = 1
	line = substr($0, 8 + length(name))
	usage[++uses] = substr(line, 1)
	next
}
in_usage && /^ / { line = $0; sub(/^ +/, "", line); usage[uses] = usage[uses] " " line; next }
in_usage && /^$/ {
	in_usage = 0
	for (i = 1; i <= uses; i++) {
		line = usage[i]
		while (match(line, /[A-Z][A-Z_]*[A-Z]|[A-Z]/)) { placeholder[substr(line, RSTART, RLENGTH)]; line = substr(line, RSTART + RLENGTH) }
	}
	next
}
/^$/ { if (held) block(hold, held); held = 0; next }
{
	hold[++held] = $0
	# The words behind options are placeholders too.
	if (match($0, /^ +-.*--[a-z-]+ [A-Z][A-Z_]+/)) { line = substr($0, RSTART, RLENGTH); sub(/.* /, "", line); placeholder[line] }
}

END {
	if (held) block(hold, held)
	print ".\\\" Made from " name " --help and windfall-" name "." section ".in."
	print date
	print ".Dt WINDFALL-" toupper(name) " " section "\n.Os Windfall\n.Sh NAME\n.Nm windfall-" name "\n.Nd " about "\n.Sh SYNOPSIS"
	for (i = 1; i <= uses; i++) {
		line = usage[i]
		sub(/^ +/, "", line)
		print ".Nm windfall " name
		if (line != "") print fonts(line)
	}
	for (i = 1; i <= sections; i++) {
		heading = order[i]
		sub(/_/, " ", heading)
		text = bucket[heading]
		if (added[heading] != "") text = text (text != "" && heading ~ /DESCRIPTION|STATUS/ ? ".Pp\n" : "") added[heading]
		if (text == "") continue
		print ".Sh " heading
		printf "%s", text
	}
}
