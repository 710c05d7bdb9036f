# How large a fleet would have been worth it, against an independent computation in SQL.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load month
load fleet

size() { size-fleet -q --format tsv "$@" >"$BATS_TEST_TMPDIR/sizes"; }
sizes() { column "$1" <"$BATS_TEST_TMPDIR/sizes"; }

@test "each size is what SQL makes of the half hours, to the satoshi, in each year of use" {
    fresh_month
    export FROM=2025-03-01 TO=2025-03-31 HASHRATE=100 POWER=3050
    sql "insert into bitcoin_prices (price_date, currency, price, source)
         select d, 'USD', 80000 + extract(day from d) * 7.13, 'test' from generate_series(date '2025-03-01', '2025-03-31', interval '1 day') d"
    while read -r per place; do
        export PLACE=$place
        size --model S19J_PRO --per "$per" --sizes 100,1,2500,70000,10MW --difficulty-growth 30% --years 3 --capex-mw 500000 --opex 40 --power-price 3 2025-03
        [ "$(sizes machines_per_place | paste -sd ' ')" = '1 100 2500 3278 70000' ]
        places=$(sizes places | head -n 1)
        row=1
        for machines in 1 100 2500 3278 70000; do
            export MACHINES=$machines GROWTH=growth
            row=$((row + 1))
            of() { awk -F '\t' -v row=$row -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == row { print $at[name] }' "$BATS_TEST_TMPDIR/sizes"; }
            # Three years: the difficulty once, 1.3 and 1.69 times; a month is 31 of 365 days.
            mapfile -t years < <(sql "select y.* from unnest(array[1, 1.3, 1.69]) with ordinality as g (growth, year) cross join lateral (
                $(fleet_in_sql "sum(bitcoin)::numeric(20, 8), trim_scale(sum(bitcoin * price)), trim_scale(sum(used))" echo)) y order by year")
            [ "$(of bitcoin)|$(of revenue)|$(of used_mwh)" = "${years[0]}" ]
            lives=
            for year in "${years[@]}"; do
                IFS='|' read -r _ revenue _ <<<"$year"
                lives="$lives + round(($revenue - $(of used_mwh) * 3) * 365 / 31, 8) - 40 * $machines * $places"
            done
            [ "$(sql "select (0 $lives - $(of capex)) = $(of life_profit)")" = t ] || { sql "select 0 $lives - $(of capex)"; of life_profit; false; }
        done
    done <<-END
		unit farm_id
		list 'list'
	END
}

@test "the sizes of greatest profit and fastest payback are named, and no size that loses" {
    fresh_month
    unit=$(sql 'select farm_id from curtailment_records group by 1 order by sum(volume) limit 1')
    run --separate-stderr size-fleet --format tsv --model S21_XP --unit "$unit" --capex-machine 3000 --capex-mw 400000 2025-03
    [ "$status" -eq 0 ]
    echo "$output" >"$BATS_TEST_TMPDIR/sizes"
    # Nothing is above the profit that is named, and nothing below the payback.
    [ "$(sql "select count(*) from unnest('{$(sizes life_profit | paste -sd ,)}'::numeric[], '{$(sizes best | sed 's/\\N/-/' | paste -sd ,)}'::text[]) as t (figure, best)
        where figure > (select max(f) from unnest('{$(sizes life_profit | paste -sd ,)}'::numeric[], '{$(sizes best | sed 's/\\N/-/' | paste -sd ,)}'::text[]) as u (f, b) where b like '%profit%')")" -eq 0 ]
    [ "$(sql "select count(*) from unnest('{$(sizes payback_days | sed 's/\\N/null/' | paste -sd ,)}'::numeric[], '{$(sizes best | sed 's/\\N/-/' | paste -sd ,)}'::text[]) as t (figure, best)
        where figure < (select min(f) from unnest('{$(sizes payback_days | sed 's/\\N/null/' | paste -sd ,)}'::numeric[], '{$(sizes best | sed 's/\\N/-/' | paste -sd ,)}'::text[]) as u (f, b) where b like '%payback%')")" -eq 0 ]
    [[ "$stderr" == *"profit_machines=$(paste <(sizes best) <(sizes machines) | grep profit | cut -f 2)"* ]]
    [[ "$stderr" == *"payback_machines=$(paste <(sizes best) <(sizes machines) | grep payback | cut -f 2)"* ]]
    [ "$(sizes best | grep -c profit)" -eq 1 ]
    [ "$(sizes best | grep -c payback)" -eq 1 ]
    # Power that costs more than it earns: none is worth having.
    run --separate-stderr size-fleet --format tsv --model S9 --unit "$unit" --capex-machine 100 --power-price 1000 2025-03
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'profit_machines=none payback_machines=none'* ]]
    echo "$output" >"$BATS_TEST_TMPDIR/sizes"
    [ "$(sizes best | sort -u)" = '\N' ]
}

@test "a row is what what-if prints for that size, and the grid ends where all the energy is taken" {
    fresh_month
    unit=$(sql 'select farm_id from curtailment_records group by 1 order by sum(volume) limit 1')
    size --model M60S++ --unit "$unit" --fees 1% --uptime 0.9 --min-run 2 --capex-mw 1000 2025-03
    rows=$(sizes machines_per_place | wc -l)
    [ "$rows" -gt 10 ]
    for row in 1 7 "$rows"; do
        machines=$(sizes machines_per_place | sed -n "${row}p")
        diff <(what-if -q --format tsv --no-header --model M60S++ --unit "$unit" --fees 1% --uptime 0.9 --min-run 2 --capex-mw 1000 --machines "$machines" 2025-03) \
            <(sed -n "$((row + 1))p" "$BATS_TEST_TMPDIR/sizes" | sed 's/\t[^\t]*$//')
    done
    endless=$(what-if -q --format tsv --model M60S++ --unit "$unit" --fees 1% --uptime 0.9 --min-run 2 2025-03 | column bitcoin)
    [ "$(sizes bitcoin | tail -n 1)" = "$endless" ]
    [ "$(sizes bitcoin | tail -n 2 | head -n 1)" != "$endless" ]
    # Larger is more of everything but hours.
    sizes used_mwh >"$BATS_TEST_TMPDIR/used"
    sort -g -c "$BATS_TEST_TMPDIR/used"
    sizes hours_per_machine >"$BATS_TEST_TMPDIR/hours"
    sort -rg -c "$BATS_TEST_TMPDIR/hours"
}

@test "a plot is a program of its own, and gnuplot draws it" {
    fresh_month
    size-fleet -q --model S21 --capex-mw 300000 --per list --sizes 500,5000,50000 --plot 2025-03 >"$BATS_TEST_TMPDIR/plot"
    size --model S21 --capex-mw 300000 --per list --sizes 500,5000,50000 2025-03
    diff <(sed -n '/^\$sizes << EOD/,/^EOD/p' "$BATS_TEST_TMPDIR/plot" | sed '1d;$d') <(paste <(sizes megawatts) <(sizes life_profit) <(sizes payback_days))
    grep -q 'profit in 4 years (USD)' "$BATS_TEST_TMPDIR/plot"
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    gnuplot <"$BATS_TEST_TMPDIR/plot" >"$BATS_TEST_TMPDIR/svg"
    grep -q '</svg>' "$BATS_TEST_TMPDIR/svg"
}

@test "what cannot be is refused; a page has the assumptions and the sizes; a full disk is 74" {
    fresh_month
    refused() { # WORDS ARGUMENT...
        local words=$1
        shift
        run --separate-stderr size-fleet "$@"
        [ "$status" -eq 64 ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 'which machine?' 2025-03
    refused 'goes from 1 to' --model S9 --sizes 5,0 2025-03
    for sizes in '' 5,,6 5kW 5mw 5,6mw MW; do
        refused 'or megawatts, such as 5MW' --model S9 --sizes "$sizes" 2025-03
    done
    for words in '--sizes 5mw' '--sizes 5,xMW' '--sizes 0' '2025-03 2025-04 2025-05' 'march' '--last 3 2025-03' '--plot --format csv' '--plot --no-header'; do
        # Whatever no database is needed to judge is judged before one is asked.
        # shellcheck disable=SC2086
        DATABASE_URL='postgresql://127.0.0.1:9/none' refused '' --model S9 $words
    done
    refused '--plot prints a program for gnuplot' --model S9 --plot --format csv 2025-03
    refused 'not enough for one machine' --model S9 --sizes 0.0001MW 2025-03
    refused 'at most 100' --model S9 --sizes "$(seq -s , 101)" 2025-03
    refused '--difficulty-growth' --model S9 --difficulty-growth -100% 2025-03
    refused 'a percentage is written' --model S9 --difficulty-growth 30 2025-03
    refused 'there is no farm Seagren; the nearest is Seagreen' --model S9 --farm Seagren 2025-03
    page=$(size-fleet -q --format table --model S9 --sizes 7,9 2025-03)
    [[ "$page" =~ 'model from'\ +miner_models ]]
    [[ "$page" == *'machines  megawatts'*'best'* ]]
    for format in table tsv csv ndjson; do
        status=0
        size-fleet -q --model S9 --format $format 2025-03-05 >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
        [ "$status" -eq 74 ]
    done
    status=0
    size-fleet -q --model S9 --plot 2025-03-05 >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
    [ "$status" -eq 74 ]
}

@test "the README's example is what it prints" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    fetch-prices -q --store --file "$root/tests/data/prices.csv"
    example=$(sed -n '/^    size-fleet /,/^[^ ]/p' "$root/README.md")
    command=$(head -n 1 <<<"$example" | sed 's/^ *//; s/ *#.*//')
    [ -n "$command" ]
    diff <(sed -n '2,$p' <<<"$example" | grep '^    ' | sed 's/^    //') <(eval "$command" 2>/dev/null)
}
