# A line over days, stepped where a value holds until the next; dashed lines at days with a name.  Columns: seconds since
# 1970, value, value that is assumed, level of a mark, its name.
set ylabel unit noenhanced
set xdata time
set timefmt "%s"
set format x xformat
set xrange [x0:x1]
set xtics timedate autofreq
if (marks) {
	plot "draw.tsv" using 1:2 with @style linecolor rgb blue linewidth 1.5 title "", \
		"" using 1:3 with @style linecolor rgb amber linewidth 1.5 dashtype 2 title (has(3) ? "assumed" : ""), \
		"" using 1:4 with impulses linecolor rgb grey dashtype 2 title (has(4) ? "halving of the subsidy" : "")
} else {
	plot "draw.tsv" using 1:2 with @style linecolor rgb blue linewidth 1.5 title "", \
		"" using 1:3 with @style linecolor rgb amber linewidth 1.5 dashtype 2 title (has(3) ? "assumed" : "")
}
