# A square for each day, a row of weeks for each year; the fuller, the more.  Columns: week, line, class of the energy from 0
# (nothing) to 5, whether it is final; labels.tsv has week, line and text of what stands beside them.
unset border
unset tics
set xrange [-5.5:53.5]
set yrange [n * 9 - 1.5:-1.5]
set lmargin 1
set rmargin 1
set bmargin 3.5
set key width 0
set style fill solid border linecolor rgb grey
shade(class) = int(255 * (1 - class / 5.0)) * 0x1000000 + blue
square(class, final) = column(3) == class && column(4) == final ? 0.42 : NaN
level(i) = sprintf("to %s%s", word(levels, i), i == 5 ? " " . unit : "")
plot "labels.tsv" using 1:2:3 with labels left noenhanced title "", \
	"draw.tsv" using 1:2:(square(0, 1)):(0.42) with boxxyerror linecolor rgb grey fill empty border linecolor rgb grey title "none", \
	for [i = 1:5] "" using 1:2:(square(i, 1)):(0.42) with boxxyerror linecolor rgb shade(i) fill solid noborder title level(i), \
	for [i = 0:5] "" using 1:2:(square(i, 0)):(0.42) with boxxyerror linecolor rgb blue fill pattern hatch border linecolor rgb grey \
		title (i == 5 && has(5) ? unsure : "")
