# A bar for each half hour, day or time of day.  Columns: label, final, not final, 0 where nothing is stored.
set ylabel unit noenhanced
set xtics scale 0
set yrange [0:*]
set xrange [-0.7:n - 0.3]
plot "draw.tsv" using 0:2:xtic(1) with boxes linecolor rgb blue fill solid title (has(2) && has(3) ? "final" : ""), \
	"" using 0:3 with boxes linecolor rgb blue fill pattern hatch border linecolor rgb blue title (has(3) ? unsure : ""), \
	"" using 0:4 with points pointtype 7 pointsize 0.4 linecolor rgb grey title (has(4) ? absent : "")
