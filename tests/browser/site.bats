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
    # So are the names of a unit and its lead party, of a miner model, of what a person trades, and of what a job was told.
    local odd="<img src=x onerror=alert(1)> \"' \$(id) "
    sql "update bm_units set name = '${odd//\'/\'\'}' || e'\\u202e' || repeat('u', 300), lead_party_name = repeat('p', 300)
          where farm_id in (select distinct farm_id from farm_daily_summaries)"
    sql "alter table miner_models drop constraint miner_models_miner_model_check"
    sql "insert into miner_models (miner_model, hashrate_ths, power_w, active) values ('<img src=x onerror=alert(1)>MMM', 1, 5000, true)"
    sql "insert into exchange_fills (entry_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
           values ('a', '${odd//\'/\'\'}' || repeat('P', 300) || '-USD', 'BUY', 'FILL', '2024-12-30T10:00Z', 10, 1, 1, 10, 0, 'api'),
                  ('b', 'BTC-USD', 'BUY', 'FILL', '2025-02-02T10:00Z', 10, 1, 1, 10, 0, 'api');
         insert into exchange_windows (product_id, window_from, window_to, source, fills_seen)
           values ('*', '-infinity', '2025-01-01T00:00Z', 'api', 1), (repeat('W', 300), '2025-01-01', '2025-03-03T12:00Z', 'api', 0),
                  ('BTC-USD', '2025-01-01', '2025-03-03T12:00Z', 'api', 0)"
    sql "insert into reconciliation_runs (job, arguments, host, pid, state, verdict)
           values (repeat('j', 300), '${odd//\'/\'\'}' || repeat('a', 300), 'h', 1, 'done', e'\\u202e' || repeat('v', 300))"
    match_all
    # A day of which nothing was curtailed, one that is not complete, and one that changed after it was final.
    sql "select ensure_month('2025-04-01')" >"$BATS_FILE_TMPDIR/made"
    fetched 2025-04-01
    fetched 2025-04-02 1-20
    sql "insert into period_revisions (settlement_date, settlement_period, revised_at, was_status, records_before, records_after, mwh_before, mwh_after,
                                       payment_before, payment_after, fetched_by)
         values ('2025-03-07', 12, '2025-03-20T10:00:00Z', 'final', 3, 2, 100.5, 90.25, 5000, 4500.5, '${odd//\'/\'\'}' || repeat('f', 300))"
    rollup-summaries -q >"$BATS_FILE_TMPDIR/rolled"
    build-pages -q --output "$PAGES" --machines 500 --capex-machine 100 >"$BATS_FILE_TMPDIR/rows"
    [ -z "${BROWSER_KEEP:-}" ] || cp -r "$PAGES" "$BROWSER_KEEP"
}

teardown_file() { browser_stop; }

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# The books of what the exchange has, and the gain of them.
match_all() {
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, price, value, fee, source)
         select product_id, entry_id, 'fill', side, trade_time, base_size, price, value, commission, 'import' from exchange_fills"
    match-fifo -q --version 1 --all >"$BATS_FILE_TMPDIR/matched"
    match-fifo -q make-current 1
}

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

# Run a script in the page that is open; what it returns as text.
in_page() { browser_ask execute/sync "{\"script\":\"$(printf '%s\n' "$1" | json_inside)\",\"args\":[]}" | json_value; }

# The exact figures of a column of the first table of a section, a line each.
column() { in_page "return [...document.querySelectorAll('#$1 table')][0].tBodies[0].querySelectorAll('tr').values().map(r => r.cells[$2].dataset.value ?? r.cells[$2].textContent).toArray().join('\\n')"; }

click() { in_page "document.querySelector('#$1 table').tHead.rows[0].cells[$2].querySelector('button').click(); return ''" >clicked; }

sorted_by() { in_page "return [...document.querySelectorAll('#$1 thead th')].map(h => h.getAttribute('aria-sort') || '-').join(' ')"; }

@test "a heading sorts its table by the exact figures, by pointer and by key, and says so" {
    # Figures that differ in their last digit of many, one below zero, and one that is not known.
    file=$BATS_TEST_TMPDIR/sorted.html
    awk -v values='0.30000000000000000000002 -7.5 0.30000000000000000000001 12345678901234567890.5  12345678901234567890.49' '
        BEGIN { n = split(values, value, " "); value[n + 1] = "" }
        /<section id="days"/ { on = 1 }
        on && /<tr><th scope="row">/ && i <= n { sub(/data-figure="curtailed_mwh" data-value="[^"]*"/, "data-figure=\"curtailed_mwh\" data-value=\"" value[++i] "\"") }
        { print }' "$PAGES/month/2025-03.html" >"$file"
    browser_as 768 light
    browser_said >said
    browser_open "file://$file"
    column days 2 >before
    [ "$(wc -l <before)" -ge 30 ]
    click days 2
    column days 2 >down
    [ "$(head -n 2 down | paste -sd' ')" = '12345678901234567890.5 12345678901234567890.49' ]
    [ "$(sorted_by days | cut -d' ' -f 1-4)" = '- - descending -' ]
    click days 2
    column days 2 >up
    [ "$(head -n 3 up | paste -sd' ')" = '-7.5 0.30000000000000000000001 0.30000000000000000000002' ]
    [ "$(sort before)" = "$(sort up)" ]
    [ "$(sorted_by days | cut -d' ' -f 1-4)" = '- - ascending -' ]
    # What is not known stays last, whichever way.
    in_page "document.querySelector('#days tbody tr').cells[2].dataset.value = ''; return ''" >emptied
    click days 2
    [ "$(in_page "return document.querySelector('#days tbody').lastElementChild.cells[2].dataset.value + 'none'")" = none ]
    click days 2
    [ "$(in_page "return document.querySelector('#days tbody').lastElementChild.cells[2].dataset.value + 'none'")" = none ]
    # By the keyboard, and words as words: the other column no longer says that it is sorted.
    in_page "document.querySelector('#days thead th button').focus(); return ''" >focused
    browser_ask actions '{"actions":[{"type":"key","id":"k","actions":[{"type":"keyDown","value":"\uE007"},{"type":"keyUp","value":"\uE007"}]}]}' >pressed
    [ "$(sorted_by days | cut -d' ' -f 1-3)" = 'ascending - -' ]
    column days 0 >names
    sort -c names
    browser_ask actions '{"actions":[{"type":"key","id":"k","actions":[{"type":"keyDown","value":" "},{"type":"keyUp","value":" "}]}]}' >pressed
    [ "$(sorted_by days | cut -d' ' -f 1-3)" = 'descending - -' ]
    browser_said >said
    nothing_said said
}

@test "where no script runs, every kind of page says the same, and is as well made" {
    page=()
    pages
    mkdir bare
    for file in "${page[@]}"; do
        name=${file#"$PAGES/"}
        mkdir -p "bare/$(dirname "$name")"
        sed '/^<script>.*<\/script>$/d' "$file" >"bare/$name"
        browser_open "file://$file"
        in_page 'return document.body.innerText.replace(/[▲▼]/g, "")' >with
        browser_open "file://$PWD/bare/$name"
        in_page 'return document.body.innerText' >without
        diff with without
        [ "$(in_page 'return String(document.querySelectorAll("button").length)')" = 0 ]
    done
    looked 360 light "${page[@]/#"$PAGES"/"$PWD/bare"}" >said
    nothing_said said
}

@test "a name of others is text, whatever stands in it" {
    page=()
    pages
    browser_as 360 light
    for file in "${page[@]}"; do
        browser_open "file://$file"
        [ "$(in_page 'return String(document.querySelectorAll("body img, [onerror], body script:not(:last-child)").length)')" = 0 ]
        ! in_page 'return document.documentElement.outerHTML' | grep -P '\x{202e}' || false
        in_page 'return document.body.innerText' >>"$BATS_TEST_TMPDIR/text"
    done
    [ "$(grep -c '<script>alert(1)</script> & "' "$BATS_TEST_TMPDIR/text")" -ge 3 ]
    grep -qF '<img src=x onerror=alert(1)>MMM' "$BATS_TEST_TMPDIR/text"
    # A unit, a product, what a run was told, and who fetched.
    for letter in u P a f; do
        grep -qF "<img src=x onerror=alert(1)> \"' \$(id) ${letter}${letter}${letter}" "$BATS_TEST_TMPDIR/text" || { echo "no name of $letter"; false; }
    done
}
