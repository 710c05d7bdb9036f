# Nothing to draw.
unset border
unset tics
unset grid
set xrange [0:1]
set yrange [0:1]
set label 1 nothing at 0.5, 0.5 center noenhanced
plot NaN title ""
