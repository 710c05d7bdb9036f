# The changelog of the package: the newest section of CHANGELOG.md, point by point, in lines of 76.
# -v package= -v version= (empty: that of the section) -v date= (RFC 5322) -v by="NAME <ADDRESS>"
function point(    words, n, i, line) {
	n = split(text, words, " ")
	line = "  *"
	for (i = 1; i <= n; i++) {
		if (length(line) + length(words[i]) >= 76) {
			print line
			line = "   "
		}
		line = line " " words[i]
	}
	if (n) print line
	text = ""
}
/^## / {
	if (seen++) exit
	printf "%s (%s) unstable; urgency=medium\n\n", package, version == "" ? $2 : version
	next
}
!seen { next }
/^- /  { point(); text = substr($0, 3); next }
/^$/   { point(); next }
{ text = text " " $0 }
END {
	point()
	printf "\n -- %s  %s\n", by, date
}
