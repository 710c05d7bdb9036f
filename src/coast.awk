# coast.awk - sql/reference/coast.tsv as C: awk -f src/coast.awk FILE
#
# Hundredths of a degree, which is what the file resolves; { 0, 0 } stands after the last point of each island.
function hundredths(degrees) { return sprintf("%.0f", degrees * 100) }
BEGIN { FS = "\t"; print "/* Made from sql/reference/coast.tsv by src/coast.awk. */"; print "static const struct outline_point coast[] = {" }
NR == 1 { if ($0 != "island\tlongitude\tlatitude") { print FILENAME ": another header" >"/dev/stderr"; exit failed = 65 }; next }
island != "" && $1 != island { print "\t{ 0, 0 }," }
{ island = $1; printf "\t{ %s, %s },\n", hundredths($2), hundredths($3) }
END { if (failed) exit failed; print "\t{ 0, 0 },"; print "};" }
