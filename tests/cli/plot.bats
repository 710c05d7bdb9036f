# The charts: their figures are those of the reports, what is not final is marked, and a drawing may be part of any page.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154,SC2030,SC2031
load helper
load month

setup() { cd "$BATS_TEST_TMPDIR" || return; }

plot() { "$root/scripts/plot" "$@"; }

# A month with a day that is provisional, one that is not complete and one that is not stored.
odd_month() {
    fresh_month 2025-03-30
    sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-28' and settlement_period > 40;
         delete from ingested_periods where settlement_date = '2025-03-29' and settlement_period = 3"
    rollup-summaries -q 2025-03-28 2025-03-29 >changed
}

# An SVG that an XML reader takes, and no id of which could be that of another chart of a page.
sound() { # FILE ID
    tidy -xml -q -e "$1" || return 1
    [ "$(grep -oE "id=[\"'][^\"']*" "$1" | sed "s/id=.//" | grep -cv "^$2")" -eq 0 ] || return 1
    [ -z "$(grep -oE "id=[\"'][^\"']*" "$1" | sort | uniq -d)" ] || return 1
    # What it refers to is there.
    grep -oE "#[a-z]+_\w*" "$1" | sort -u | tr -d '#' | while read -r name; do
        grep -qE "id=[\"']${name}[\"']" "$1" || { echo "$1: nothing is called $name"; return 1; }
    done || return 1
    [ "$(grep -ciE "black|script|gnuplot [0-9]" "$1")" -eq 0 ]
}

@test "every chart is drawn as SVG: its own ids, the colours of the text around it, hatched and in words where it is not final" {
    odd_month
    names=$(sed -n "s/^names='//; /^half-hours\$/,/'\$/{s/'\$//; p}" "$root/scripts/plot")
    [ "$(wc -w <<<"$names")" -ge 12 ]
    for name in $names; do
        span=2025-03
        [ "$name" != half-hours ] || span=2025-03-28
        plot "$name" "$span" >"$name.svg" 2>said
        sound "$name.svg" "plot_$(tr - _ <<<"$name")_2025_0" || { echo "$name"; false; }
        [ "$(wc -c <"$name.svg")" -lt 100000 ]
        grep -q 'currentColor' "$name.svg"
        case $name in
        price|difficulty) continue ;;
        calendar) grep -q '<desc[^>]*>335 days of 365 not stored, 1 day not complete, 1 day provisional<' "$name.svg" ;;
        half-hours) grep -q '<desc[^>]*>1 day provisional<' "$name.svg" ;;
        *)  grep -q '<desc[^>]*>1 day of 31 not stored, 1 day not complete, 1 day provisional<' "$name.svg" || { echo "$name"; grep '<desc' "$name.svg"; false; }
            # The same words are in the drawing, for whoever sees it.
            [ "$(grep -c '1 day of 31 not stored, 1 day not complete, 1 day provisional' "$name.svg")" -eq 2 ]
            grep -q "1 day of 31 not stored" said ;;
        esac
        [ "$name" = fleet ] || grep -q '<pattern' "$name.svg" || { echo "$name is not hatched"; false; }
    done
    # The same again is the same to the byte; a span that is final has no hatching and no such words.
    plot months 2025-03 2>said | cmp - months.svg
    plot days 2025-03-01 2025-03-20 >final.svg 2>said
    [ ! -s said ]
    ! grep -qE '<pattern|not final|not stored' final.svg || false
    grep -q '<desc[^>]*>all days are final<' final.svg
}

@test "the figures are those of the database, every digit, in the drawing's CSV" {
    odd_month
    plot days --format csv 2025-03 2>said | cut -d , -f 1-4 >days.csv
    sql "copy (select settlement_date, state, curtailed_mwh, payment from days where settlement_date between '2025-03-01' and '2025-03-31' order by 1)
         to stdout with (format csv, header)" | diff - days.csv
    plot farms --top 99 --format csv 2025-03 2>said | cut -d , -f 3,6 | sed 1d | sort >farms.csv
    sql "select farm || ',' || trim_scale(sum(curtailed_mwh)) from (select coalesce(farm, farm_id) as farm, curtailed_mwh from farm_days
          where settlement_date between '2025-03-01' and '2025-03-31') f group by farm" | sed 's/^\([^",]*,[^",]*\),/"\1",/' | sort | diff - farms.csv
    plot profile --format csv 2025-03 2>said | awk -F , 'NR == 11' >profile
    energy=$(sql "select coalesce(sum(curtailed_mwh), 0) from period_summaries where settlement_period = 10")
    [ "$(cat profile)" = "$(sql "select '10,' || count(*) || ',' || round($energy / count(*), 6) from ingested_periods where settlement_period = 10")" ]
    [ "$(plot half-hours --format csv 2025-03-30 | wc -l)" -eq 47 ]
    difficulties() { plot difficulty --format csv "$@" | sed 1d | cut -d , -f 4 | cut -d . -f 1 | paste -sd ' '; }
    [ "$(difficulties 2025-03)" = "110568428300952 112149504190349 113757508810853" ]
    # A day in whose course it changed has both, the day before and the day after one.
    [ "$(difficulties 2025-03-08)|$(difficulties 2025-03-09)|$(difficulties 2025-03-10)" = \
        "110568428300952|110568428300952 112149504190349|112149504190349" ]
    # What fleet is asked for goes to size-fleet, which answers.
    plot fleet --sizes 5MW,10MW --capex-machine 900 --model S21_XP --format csv 2025-03 2>said >fleet.csv
    size-fleet -q --sizes 5MW,10MW --capex-machine 900 --model S21_XP --format csv 2025-03-01 2025-03-31 | diff - fleet.csv
}

@test "in the terminal it is as wide as the terminal, elsewhere SVG; a file's name says what it becomes" {
    fresh_month
    for columns in 80 40; do
        script -qec "stty cols $columns rows 24; '$root/scripts/plot' days 2025-03" /dev/null 2>&1 | tr -d '\r' >text
        [ "$(wc -L <text)" -le "$columns" ]
        grep -q 'Energy turned down on each day' text
        grep -q '\*\*\*' text
        ! grep -q "$(printf '\033')" text || false
        script -qec "stty cols $columns rows 24; '$root/scripts/plot' calendar 2025" /dev/null 2>&1 | tr -d '\r' >text
        [ "$(grep -v '^plot:' text | wc -L)" -le 80 ]
        # As many marks as days are stored.
        [ "$(sed '/none/,$d; 1,3d' text | grep -v 20 | tr -dc '.:+x#@' | wc -c)" -le 31 ]
    done
    plot months --output march.svg 2025-03
    plot months --output march.png 2025-03
    plot months --output march.txt 2025-03
    plot months --output march.csv 2025-03
    sound march.svg plot_months_2025_03
    [ "$(head -c 8 march.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
    grep -q 'Energy turned down in each month' march.txt
    [ "$(wc -l <march.csv)" -eq 2 ]
    run --separate-stderr script -qec "'$root/scripts/plot' days --format png" /dev/null
    [[ "$output" == *"a terminal cannot show a PNG: add --output FILE"* ]]
}

@test "a name or option that is none, an empty span, no gnuplot, a disk that is full" {
    fresh_db
    run --separate-stderr plot month
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"there is no chart month; did you mean months?"* ]]
    run --separate-stderr plot
    [ "$status" -eq 64 ]
    for wrong in "days --colour red" "days --format pdf" "days --output x.pdf" "days --size 0x5" "days --top 0" "half-hours 2025-03" "days 2025-02-30" "days --last 3 2025"; do
        # shellcheck disable=SC2086
        run --separate-stderr plot $wrong
        [ "$status" -eq 64 ] || { echo "$wrong: $status"; false; }
    done
    # Nothing is stored at all, and of this span.
    run --separate-stderr plot months
    [ "$status" -eq 65 ]
    for name in half-hours calendar months map fleet; do
        span=2019
        [ "$name" != half-hours ] || span=2019-06-01
        plot "$name" "$span" >empty.svg 2>said
        grep -q "nothing is stored of $span" said
        grep -q ">nothing is stored of $span<" empty.svg
    done
    # Without gnuplot the figures can still be had.
    cp -rs /usr/bin bin
    rm -f bin/gnuplot*
    sed "s|:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin||" "$root/scripts/lib.sh" >lib.sh
    mkdir -p tree/scripts
    ln -s "$root"/* tree/ 2>/dev/null || true
    rm -rf tree/scripts
    cp -r "$root/scripts" tree/scripts
    cp lib.sh tree/scripts/lib.sh
    run --separate-stderr env -u WINDFALL_ROOT PATH="$PWD/bin" WINDFALL_BIN="$WINDFALL_BIN" tree/scripts/plot days 2019
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"gnuplot is missing: apt-get install gnuplot-nox"* ]]
    run --separate-stderr env -u WINDFALL_ROOT PATH="$PWD/bin" tree/scripts/plot days --format csv 2019
    [ "$status" -eq 0 ]
    run --separate-stderr plot days --output /dev/full/x.svg 2019
    [ "$status" -eq 74 ]
    [ "$(plot days --format csv 2019 2>&1 >/dev/full | grep -c 'cannot write standard output')" -eq 1 ]
}

@test "hostile names are text, in the drawing and in the CSV" {
    fresh_month 2025-03-02
    farm='<script>alert("1")</script> & \n $(touch x) `touch y` #'
    sql "update farm_daily_summaries set farm_id = '$farm' where farm_id = (select min(farm_id) from farm_daily_summaries)"
    plot farms 2025-03-01 2025-03-02 >farms.svg 2>said
    tidy -xml -q -e farms.svg
    ! grep -q '<script' farms.svg || false
    grep -q "&lt;script>alert('1')&lt;/script> &amp;" farms.svg
    plot farms --format csv 2025-03-01 2025-03-02 2>said | grep -F '"<script>alert(""1"")</script> & \n $(touch x) `touch y` #"'
    plot farms --format text 2025-03-01 2025-03-02 2>said | grep -F "<script>alert('1')</script>"
    [ ! -e x ]
    [ ! -e y ]
}
