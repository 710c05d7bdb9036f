# A bar to the right for each farm or owner, the greatest on top.  Columns: name, final, not final, either.
set xlabel unit noenhanced offset 0,0.5
set bmargin 4
set xrange [0:*]
set yrange [n - 0.4:-0.6]
set ytics scale 0
set grid noytics xtics back linetype 0 linecolor rgb "gray"
if (text) {
	set style fill empty
	plot "draw.tsv" using (column(4) / 2):0:(column(4) / 2):(0.3):ytic(1) with boxxyerror title ""
} else {
	plot "draw.tsv" using (column(2) / 2):0:(column(2) / 2):(0.4):ytic(1) with boxxyerror linecolor rgb blue fill solid title "", \
		"" using (column(3) / 2):0:(column(3) / 2):(0.4) with boxxyerror linecolor rgb blue fill pattern hatch border linecolor rgb blue \
			title (has(3) ? unsure : "")
}
