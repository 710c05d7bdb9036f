# A bar for each month, from three parts, with the year before as an outline.  Columns: label; north, south and not placed
# of a month that is final; the same of one that is not; 0 where nothing is stored; the year before; the whole.
set ylabel unit noenhanced
set xtics scale 0
set yrange [0:*]
set xrange [-0.7:n - 0.3]
if (text) {
	plot "draw.tsv" using 0:10:xtic(1) with boxes fill empty title "", \
		"" using 0:9 with points pointtype 2 title (has(9) ? "a year before" : ""), \
		"" using 0:8 with points pointtype 4 title (has(8) ? absent : "")
} else {
	set style data histograms
	set style histogram rowstacked
	plot "draw.tsv" using 2:xtic(1) linecolor rgb blue fill solid title "north of the border", \
		"" using 3 linecolor rgb teal fill solid title "south", \
		"" using 4 linecolor rgb grey fill solid title (has(4) || has(7) ? "not placed" : ""), \
		"" using 5 linecolor rgb blue fill pattern hatch border linecolor rgb blue title (has(5) ? unsure : ""), \
		"" using 6 linecolor rgb teal fill pattern hatch border linecolor rgb teal title "", \
		"" using 7 linecolor rgb grey fill pattern hatch border linecolor rgb grey title "", \
		"" using 0:9 with boxes linecolor rgb "black" fill empty border linecolor rgb "black" title (has(9) ? "a year before" : ""), \
		"" using 0:8 with points pointtype 7 pointsize 0.4 linecolor rgb grey title (has(8) ? absent : "")
}
