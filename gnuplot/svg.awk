# svg.awk - a drawing of gnuplot's svg terminal as part of any page: awk -v id=NAME -v title=TEXT -v about=TEXT -f svg.awk
#
# Ids are its own, what is black takes the colour of the text around it, and whoever cannot see it hears what it is.
# Opened alone it has the colours of the reader's choice, dark or light.
function html(text) {
	gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); gsub(/"/, "\\&quot;", text)
	return text
}
# Within <defs>, <use> or url() a name refers to this drawing alone.
function own_ids(line) {
	gsub(/id='gp/, "id='" id "_gp", line); gsub(/#gp/, "#" id "_gp", line)
	gsub(/id='(textbox|greybox)'/, "id='" id "_&'", line); gsub("_id='", "_", line); gsub("''", "'", line)
	sub(/id="gnuplot_canvas"/, "id=\"" id "_canvas\"", line)
	return line
}
BEGIN { split("fill stroke color", attribute, " ") }
/^<\?xml/ { print; next }
/^<svg/ { printf "<svg id=\"%s\" class=\"windfall-plot\" role=\"img\" aria-labelledby=\"%s_title %s_about\"\n", id, id, id; next }
/^<title>/ && !titled {
	titled = 1
	printf "<title id=\"%s_title\">%s</title>\n<desc id=\"%s_about\">%s</desc>\n", id, html(title), id, html(about)
	print "<style>.windfall-plot{max-width:100%}.windfall-plot:root{background:#fff;color:#1b1f24;color-scheme:light dark;background:Canvas;color:CanvasText}</style>"
	next
}
/^<desc>/ { next }
{
	line = own_ids($0)
	for (i = 1; i <= 3; i++)
		gsub(attribute[i] "=[\"'](black|rgb\\( *0, *0, *0\\))[\"']", attribute[i] "=\"currentColor\"", line)
	print line
}
