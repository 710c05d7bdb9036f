# A disc at each farm, its area in proportion to its energy, over the coast.  Columns: degrees east and north, radius in
# degrees of latitude, the same where it is not final; outline.tsv has the coast.
unset border
unset tics
set xlabel unit noenhanced
set xrange [-8.6:2.4]
set yrange [49.8:61]
# A degree east is this much of one north, at 55 degrees.
set size ratio -1.75
set style fill transparent solid 0.45
plot "outline.tsv" using 1:2 with lines linecolor rgb grey title "", \
	"draw.tsv" using 1:2:3 with circles linecolor rgb blue title "", \
	"" using 1:2:4 with circles linecolor rgb blue fill pattern hatch border linecolor rgb blue title (has(4) ? unsure : "")
