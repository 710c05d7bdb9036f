# calendar.awk - the squares of calendar.gp as characters: awk -v half=WEEKS -f calendar.awk labels.tsv draw.tsv
#
# As many weeks stand beside each other as half says, and the others below.
BEGIN { FS = "\t" }
NR == FNR { if ($1 < 0) year[($2 - 3) / 9] = $3; else month[int($2 / 9 + 0.5), $1] = $3; next }
{ mark[$2, $1] = substr(".:+x#@", $3 + 1, 1) }
function row(from, line,   w, text) {
	text = ""
	for (w = from; w < from + half && w <= 53; w++) text = text ((line, w) in mark ? mark[line, w] : " ")
	sub(/ +$/, "", text)
	return text
}
function names(y, from,   w, text) {
	text = ""
	for (w = from; w < from + half && w <= 53; w++)
		if ((y, w) in month) text = sprintf("%-" (w - from) "s", text) month[y, w]
	return text
}
END {
	for (y = 0; y in year; y++)
		for (from = 0; from <= 53; from += half) {
			printf "\n      %s\n", names(y, from)
			for (d = 0; d < 7; d++) printf "%s%s\n", (d == 3 ? sprintf("%-6s", year[y]) : "      "), row(from, y * 9 + d)
		}
}
