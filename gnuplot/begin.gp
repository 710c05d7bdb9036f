# What every chart begins with.  scripts/plot puts before it what the chart is of (title, unit, n) and for whom (text: a
# terminal of characters), and runs it in the folder of its data.
set encoding utf8
set datafile separator "\t"
set datafile missing "\\N"
set datafile commentschars ""
set border 3
set tics nomirror scale 0.5 noenhanced
# In the middle of the whole, and not of the axes.
if (text) { set title title noenhanced } else {
	set tmargin 3.6
	set label 99 title at screen 0.5, screen 1 offset character 0, -1.2 center noenhanced
}
set key below maxrows 2 noenhanced samplen 1.5 width -3
set boxwidth 0.8
set style fill solid noborder
if (text) { set key width 2 }
if (!text) { set grid ytics back linetype 0 linecolor rgb "gray" }
# Legible on white and on black.
blue = 0x3b78c4
teal = 0x1f9480
grey = 0x808080
amber = 0xc27600
# Hatching is for what is not final; dots at the axis for what is not stored.
hatch = 4
unsure = "not final"
absent = "not stored"
# A series without a value draws nothing, and names nothing in the key.
has(column) = int(word(counts, column)) > 0
