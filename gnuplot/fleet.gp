# Profit and payback by size of the fleet.  Columns: megawatts, profit, days of payback, profit that is the greatest.
set ylabel unit noenhanced
if (!text) { set y2label "days until it is paid" noenhanced }
set border 11
set logscale x
# The largest fleets lose so much that nothing else would be seen.
set yrange @yrange
set y2range [0:longest]
set xlabel "megawatts in each place" noenhanced
if (!text) { set bmargin 5.5 }
set y2tics
set ytics nomirror
plot "draw.tsv" using 1:2 with linespoints linecolor rgb blue pointtype 7 pointsize 0.4 linewidth 1.5 title "profit", \
	"" using 1:3 axes x1y2 with linespoints linecolor rgb amber pointtype 9 pointsize 0.4 linewidth 1.5 title (has(3) ? "days until it is paid" : ""), \
	"" using 1:4 with points pointtype 6 pointsize 1.4 linecolor rgb "black" title (has(4) ? "greatest profit" : "")
