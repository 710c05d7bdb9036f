# Every kind of page in a real browser: narrow and wide, light, dark and printed; read, walked through by key, followed.
#
# shellcheck disable=SC2154,SC2030,SC2031 # bats' and the suite's
load ../cli/helper
load ../cli/sums
load ../cli/month
load browser

setup_file() {
    browser_start
    fresh_month
    export PAGES=$BATS_FILE_TMPDIR/pages SPOILT=$BATS_FILE_TMPDIR/spoilt
    # Names that would be markup, run to the left, or are three hundred letters without a space.
    sql "update sites set farm = '<script>alert(1)</script> & \"' || e'\\u202e' || 's', owner = repeat('x', 300)
          where farm = (select farm from sites s join farm_daily_summaries using (farm_id) order by 1 limit 1)"
    sql "update sites set farm = repeat('y', 300) where farm = (select max(farm) from sites s join farm_daily_summaries using (farm_id))"
    # A day of which nothing was curtailed, one that is not complete, and one that changed after it was final.
    sql "select ensure_month('2025-04-01')" >"$BATS_FILE_TMPDIR/made"
    fetched 2025-04-01
    fetched 2025-04-02 1-20
    sql "insert into period_revisions (settlement_date, settlement_period, revised_at, was_status, records_before, records_after, mwh_before, mwh_after,
                                       payment_before, payment_after, fetched_by)
         values ('2025-03-07', 12, '2025-03-20T10:00:00Z', 'final', 3, 2, 100.5, 90.25, 5000, 4500.5, 'weekly')"
    rollup-summaries -q >"$BATS_FILE_TMPDIR/rolled"
    build-pages -q --output "$PAGES" --machines 500 --capex-machine 100 >"$BATS_FILE_TMPDIR/rows"
    [ -z "${BROWSER_KEEP:-}" ] || cp -r "$PAGES" "$BROWSER_KEEP"
}

teardown_file() { browser_stop; }

# One of each kind, a line each.
kinds() {
    printf '%s\n' index days day/2025-03-07 day/2025-04-01 day/2025-04-02 month/2025-03 year/2025 farms owners mining ledger state
    (cd "$PAGES" && find farm owner -name 'script*.html' -o -name 'x*.html' -o -name 'yyy*.html') | sed 's/\.html$//' | sort
}

# What is wrong with a page in one rendering: "PAGE WIDTH LOOK KIND: what".
looked() { # WIDTH LOOK PAGE...
    local page width=$1 look=$2
    browser_as "$1" "$2"
    shift 2
    browser_said >"$BATS_TEST_TMPDIR/before"
    for page in "$@"; do
        browser_open "file://$page"
        { browser_probe look; browser_said; } | sed "s|^|${page#"$BATS_FILE_TMPDIR/"} $width $look |"
    done
}

# The same of its keys.
walked() { # PAGE...
    local page
    for page in "$@"; do
        browser_open "file://$page"
        browser_tab "$(browser_probe keys)"
        browser_probe keyed | sed "s|^|${page#"$BATS_FILE_TMPDIR/"} |"
    done
}

# The same of where it leads to.
followed() { # PAGE...
    local page link file
    for page in "$@"; do
        browser_open "file://$page"
        browser_probe links | while IFS= read -r link; do
            file=${link#file://}
            file=${file%%#*}
            case $link in
            file://*) [ -f "$file" ] || echo "${page#"$BATS_FILE_TMPDIR/"} link: $link" ;;
            *) echo "${page#"$BATS_FILE_TMPDIR/"} link: another host: $link" ;;
            esac
            case $link in
            *\#*) grep -q "id=\"${link#*\#}\"" "$file" || echo "${page#"$BATS_FILE_TMPDIR/"} link: no such place: $link" ;;
            esac
        done
    done
}

nothing_said() { [ ! -s "$1" ] || { cat "$1"; return 1; }; }

pages() {
    local kind
    while read -r kind; do
        [ -f "$PAGES/$kind.html" ] || { echo "there is no page $kind" >&2; return 1; }
        page+=("$PAGES/$kind.html")
    done < <(kinds)
    [ ${#page[@]} -ge 15 ]
}

@test "each fault that is looked for is seen on a page that was spoilt with it" {
    mkdir -p "$SPOILT"
    cat >"$SPOILT/all.html" <<-'END'
	<!DOCTYPE html>
	<html><head><meta charset="utf-8"><link rel="icon" href="data:,"><style>body{background:#fff;color:#222}.bare:focus{outline:none}</style></head>
	<body><h1>One</h1><h3>Three</h3><p id="a">text</p><p id="a">again</p>
	<p style="color:#999">faint</p><p style="background:rgba(0,0,0,.6)">on a shade</p><div style="opacity:.4"><p>thinned</p></div>
	<table><tr><th>head</th></tr><tr><td>1</td><td>2</td></tr></table>
	<table><caption>c</caption><thead><tr><th scope="col">one</th></tr></thead><tbody><tr><td>1</td><td>uneven</td></tr></tbody></table>
	<svg viewBox="0 0 100 20" width="300"><rect width="100" height="20" fill="#333"/><text y="12" x="5" fill="#222" font-size="6">covered</text>
	<text y="5" x="70" fill="#fff" font-size="2">tiny</text></svg>
	<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><a href="#a"></a>
	<p><a href="nowhere.html">gone</a> <a href="#nowhere">no place</a> <a href="http://example.org/">away</a></p>
	<p><a class="bare" href="#a">bare</a> <a href="#a" tabindex="3">first</a> <a href="#a" style="position:absolute;left:-999px">hidden</a></p>
	<div style="width:2000px">wide</div><script>console.error("spoken")</script></body></html>
	END
    { looked 768 light "$SPOILT/all.html"; walked "$SPOILT/all.html"; followed "$SPOILT/all.html"; } >said
    cat said
    for fault in 'language: ' 'title: ' 'heading: h3 "Three" comes after level 1' 'scope: th "head"' 'scope: no head' 'caption: ' 'cells: .*uneven' \
        'alternative: a drawing' 'alternative: img' 'alternative: a link' 'id: a stands twice' 'width: 2' 'contrast: .*"faint"' 'contrast: .*"on a shade"' \
        'contrast: .*"thinned"' 'contrast: .*"covered"' 'size: .*"tiny"' 'console: .*spoken' 'order: .*"first"' 'focus: none .*"bare"' \
        'focus: out of sight.*"hidden"' 'link: .*nowhere.html' 'link: no such place' 'link: another host'; do
        grep -q " $fault" said || { echo "not seen: $fault"; false; }
    done
    # White on dark is no fault, nor is what is only white where the page is dark.
    [ "$(grep -c 'contrast: ' said)" -eq 4 ]
    ! grep -q 'contrast: .*"faint"' < <(sed 's/#999/#666/' "$SPOILT/all.html" >"$SPOILT/less.html"; looked 768 light "$SPOILT/less.html") || false
}

@test "every kind of page at 360, 768 and 1440 px, light and dark: named, ordered, no wider than the window, legible" {
    page=()
    pages
    for width in 360 768 1440; do
        for look in light dark; do
            looked $width $look "${page[@]}"
        done
    done >said
    nothing_said said
}

@test "every kind of page in print, whatever the screen: legible on white, nothing cut off" {
    page=()
    pages
    # The inner width of an A4 page at 96 dots an inch.
    { looked 718 print "${page[@]}"; looked 718 print-dark "${page[@]}"; } >said
    nothing_said said
}

@test "the tab key goes through every kind of page in its order, with the focus in sight" {
    page=()
    pages
    for look in light dark; do
        browser_as 768 $look
        walked "${page[@]}"
    done >said
    browser_as 360 light
    walked "${page[@]}" >>said
    nothing_said said
}

@test "every link of every kind of page leads to a file and a place in it" {
    page=()
    pages
    browser_as 768 light
    followed "${page[@]}" >said
    nothing_said said
    [ "$(browser_open "file://$PAGES/index.html"; browser_probe links | wc -l)" -gt 20 ]
}
