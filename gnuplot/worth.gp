# Two bars for each month.  Columns: label; payment and bitcoin for a MWh of a month that is final; the same of one that
# is not.
set ylabel unit noenhanced
set xtics scale 0
set yrange [0:*]
set style data histograms
set style histogram clustered gap 1
if (text) {
	plot "draw.tsv" using (column(6)):xtic(1) fill empty title "paid", "" using (column(7)) fill empty title "mined"
} else {
	set xrange [-0.7:n - 0.3]
	plot "draw.tsv" using ($0 - 0.2):2:(0.36):xtic(1) with boxes linecolor rgb blue fill solid title "paid to farms", \
		"" using ($0 + 0.2):3:(0.36) with boxes linecolor rgb amber fill solid title "bitcoin it would have mined", \
		"" using ($0 - 0.2):4:(0.36) with boxes linecolor rgb blue fill pattern hatch border linecolor rgb blue title (has(4) || has(5) ? unsure : ""), \
		"" using ($0 + 0.2):5:(0.36) with boxes linecolor rgb amber fill pattern hatch border linecolor rgb amber title ""
}
