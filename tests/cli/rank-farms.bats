# Ranks, held to summary and to sums that plain SQL makes of the records.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load elexon
load sums
load month

rank() { "$root/scripts/rank-farms" "$@"; }
summary() { "$root/scripts/summary" "$@"; }

column() { # NAME: that column of a TSV on stdin
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}
added() { # NAME...: the exact sums of these columns, in one line
    awk -F '\t' -v names="$*" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " "); next }
        { for (i = 1; i <= n; i++) sum[i] = sum[i] "+" $at[name[i]] }
        END { for (i = 1; i <= n; i++) print "0" sum[i] }' | sed 's/+-/-/g' | BC_LINE_LENGTH=0 bc |
        sed 's/^\./0./; s/^-\./-0./; /\./s/0*$//; s/\.$//' | paste -sd ' '
}
cell() { # NAME COLUMN: of the row of that name
    awk -F '\t' -v row="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["name"] == row { print $at[name] }'
}

# So many ranks of a span, others each time, add up to what summary prints of it, to the last digit; and so many of them with
# a cut do.
adds_up() { # N CUT SPAN...
    local by top wanted kinds cut
    kinds=$(some "$1" unit farm owner county region nation border period weekday month)
    # shellcheck disable=SC2086 # words
    cut=" $(some "$2" $kinds | paste -sd ' ') "
    shift 2
    summary --model S19J_PRO --format tsv "$@" >summary
    wanted=$(added curtailed_mwh payment bitcoin_mined <summary)
    wanted+=" $(awk "BEGIN { print $(column period_farms <summary) / 2 }")"
    for by in $kinds; do
        for top in '' '--top 2'; do
            [ -z "$top" ] || [[ "$cut" == *" $by "* ]] || continue
            # shellcheck disable=SC2086 # two words
            rank --by $by $top --model S19J_PRO --format tsv "$@" >rank 2>said
            [ "$(added curtailed_mwh payment bitcoin_mined unit_hours <rank)" = "$wanted" ] || {
                cat summary rank
                echo "by $by $top: $wanted"
                return 1
            }
            [ -z "$top" ] || [ "$(grep -vc $'\tnot known\t' rank)" -le 4 ]
        done
    done
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "the bundled day: ranks of every kind add up to summary, and the first are those of SQL" {
    fresh_db
    the_day
    adds_up 10 3 2022-01-01
    rank --by unit --top 1 --format tsv 2022-01-01 >unit
    [ "$(cell T_KLGLW-1 curtailed_mwh <unit)|$(cell T_KLGLW-1 payment <unit)|$(cell T_KLGLW-1 unit_hours <unit)" = "$(sql "
        select trim_scale(sum(mwh)), trim_scale(sum(paid)), trim_scale(count(*) * 0.5)
          from (select farm_id, round(sum(abs(volume)), 9) as mwh, sum(payment) as paid from curtailment_records
                 group by farm_id, settlement_period) p
         group by farm_id order by sum(mwh) desc limit 1")" ]
    [ "$(column rank <unit | paste -sd ' ')" = '1 \N' ]
    [ "$(column name <unit | paste -sd ' ')" = 'T_KLGLW-1 others' ]
    # A farm is all its units.
    rank --format tsv 2022-01-01 >farm
    [ "$(cell Clyde curtailed_mwh <farm) $(cell Clyde units <farm)" = "$(sql "
        select trim_scale(sum(mwh)) || ' 3' from (select round(sum(abs(volume)), 9) as mwh from curtailment_records
         where farm_id like 'T_CLD%' group by farm_id, settlement_period) p")" ]
    # Paid most is not turned down most.
    [ "$(rank --sort payment --top 1 --format tsv 2022-01-01 | column payment | head -n 1)" = "$(sql "select trim_scale(max(paid)) from (
        select sum(payment) as paid from curtailment_records join sites using (farm_id) group by farm) p")" ]
    [ "$(rank --by border --format ndjson 2022-01-01 | jq -r .name | paste -sd ,)" = 'north of B6,south of B6' ]
    # What lies at sea has no county.
    for by in county region; do [[ "$(rank --by $by --format tsv 2022-01-01 | column name)" == *'Offshore, Scotland'* ]]; done
    [[ "$(rank --by weekday 2022-01-01)" == *weekday*MWh*Saturday*'62,399.044'* ]]
    [ "$(rank --by period --format csv 2022-01-01 | wc -l)" -eq "$(sql "select count(distinct settlement_period) + 1 from curtailment_records")" ]
}

@test "a month: ranks add up to summary, and a change is that between two of them" {
    fresh_month
    adds_up 4 2 2025-03
    rank --by unit --compare before --format tsv 2025-03-16 2025-03-30 >later 2>said
    rank --by unit --format tsv 2025-03-01 2025-03-15 >earlier 2>>said
    [ ! -s said ]
    unit=$(column name <later | head -n 1)
    [ "$(cell "$unit" compared_mwh <later) $(cell "$unit" compared_payment <later)" = "$(cell "$unit" curtailed_mwh <earlier) $(cell "$unit" payment <earlier)" ]
    [ "$(cell "$unit" change_percent <later)" = "$(sql "select round(100 * ($(cell "$unit" curtailed_mwh <later) / $(cell "$unit" compared_mwh <later) - 1), 6)")" ]
    [ "$(added compared_mwh <later)" = "$(summary --model S9 --format tsv 2025-03-01 2025-03-15 | column curtailed_mwh)" ]
    # With a cut, the others too.
    [ "$(rank --by unit --top 1 --compare before --format tsv 2025-03-16 2025-03-30 | added compared_mwh)" = "$(added compared_mwh <later)" ]
    # Of the year before nothing is stored: that is said, and nothing is compared.
    rank --by unit --compare year --format tsv 2025-03 >year 2>said
    grep -q 'the span compared with, 2024-03-01 to 2024-03-31: 0 of 31 days are stored' said
    [ "$(column compared_mwh <year | sort -u)$(column change_percent <year | sort -u)" = '\N\N' ]
    # Of a span that is half there the sums are told, and no change from them.
    rank --by unit --compare before --format tsv 2025-03-11 2025-03-31 >half 2>said
    grep -q 'compared with, 2025-02-18 to 2025-03-10: 10 of 21 days are stored' said
    [ "$(cell "$unit" change_percent <half)" = '\N' ]
    [ "$(cell "$unit" compared_mwh <half)" != '\N' ]
    # A month stands beside the month of its place in the other span.
    sql "$(moving daily_summaries 2025-03-15 2025-02-12)"
    rank --by month --compare before --format tsv 2025-03 >month 2>said
    [ "$(cell 2025-03 compared_mwh <month)" = "$(sql "select trim_scale(curtailed_mwh) from daily_summaries where settlement_date = '2025-02-12'")" ]
    [ "$(rank --by month --compare before --format tsv 2025-04-01 2025-04-15 2>said | column name)" = 2025-04 ]
    sql "$(moving daily_summaries 2025-03-14 2024-03-12)"
    rank --by month --compare year --format tsv 2025-03 >month 2>said
    [ "$(cell 2025-03 compared_mwh <month)" = "$(sql "select trim_scale(curtailed_mwh) from daily_summaries where settlement_date = '2024-03-12'")" ]
    # What may still change and what was not fetched is said.
    sql "update daily_summaries set periods_final = 47 where settlement_date = '2025-03-20'"
    rank --format tsv 2025-03-20 2>&1 >rank | grep 'the span 2025-03-20 to 2025-03-20: 1 of 48 half hours may still change'
    sql "update daily_summaries set periods_ingested = 46 where settlement_date = '2025-03-20'"
    rank --format tsv 2025-03-20 2>&1 >rank | grep 'the span 2025-03-20 to 2025-03-20: 46 of 48 half hours were fetched'
    # By bitcoin; what does not add up to that of all farms stands last.
    sql "update bitcoin_farm_daily_summaries set bitcoin_mined = 100 where farm_id = 'E_HRHLW-1'"
    [ "$(rank --by unit --sort bitcoin --top 1 --format tsv 2025-03 2>said | column name | paste -sd ,)" = 'E_HRHLW-1,others,not known' ]
}

@test "a unit without a site stays itself; one that changes hands counts for each owner in its time" {
    fresh_db
    record 2025-03-04 7 2__BLOND003 -5 -20
    record 2025-03-04 7 T_WHILW-1 -1 -20
    record 2025-03-05 7 T_WHILW-1 -2 -20
    fetched 2025-03-04
    fetched 2025-03-05
    calculate_and_sum
    sql "update sites set valid_to = '2025-03-05' where farm_id = 'T_WHILW-1'"
    sql "insert into sites (farm_id, valid_from, farm, owner, region, nation, b6, provenance)
         values ('T_WHILW-1', '2025-03-05', 'Whitelee', 'Somebody else', 'Scotland', 'Scotland', 'north', 'test')"
    for by in $(some 3 farm owner region nation border county); do
        rank --by "$by" --format tsv >rank
        [ "$(cell 2__BLOND003 placed <rank) $(cell 2__BLOND003 curtailed_mwh <rank)" = 'f 5' ]
    done
    adds_up 3 1
    [[ "$(rank)" == *'2__BLOND003 (not placed)'* ]]
    rank --by owner --format tsv >rank
    [ "$(cell 'ScottishPower Renewables' curtailed_mwh <rank) $(cell 'Somebody else' curtailed_mwh <rank)" = '1 2' ]
    [ "$(rank --by farm --format tsv | cell Whitelee curtailed_mwh)" = 3 ]
    # One farm alone, whose shares are of itself.
    [ "$(rank --by weekday --farm Whitelee --format tsv | column name | paste -sd ' ')" = 'Wednesday Tuesday' ]
    [ "$(rank --by month --farm T_WHILW-1 --format tsv | column curtailed_mwh)" = 3 ]
    [ "$(rank --by unit --farm Whitelee --format tsv | column share_percent)" = 100.000000 ]
}

@test "what no farm can be named for is a row of its own, and the sums stay those of summary" {
    fresh_month
    sql "delete from farm_daily_summaries where settlement_date <= '2025-03-10'"
    sql "delete from bitcoin_farm_daily_summaries where settlement_date <= '2025-03-10'"
    adds_up 3 1 2025-03
    [ "$(rank --by farm --format tsv 2025-03 | cell 'not known' curtailed_mwh)" = "$(summary --model S9 --format tsv 2025-03-01 2025-03-10 | column curtailed_mwh)" ]
    # Nor can summary count them.
    [ "$(summary --model S9 --format tsv 2025-03 | column farms)|$(summary --model S9 --format tsv 2025-03-11 2025-03-31 | column farms)" = \
        "\\N|$(sql "select count(distinct farm_id) from curtailment_records where settlement_date > '2025-03-10'")" ]
}

@test "what cannot be is refused in words, a farm with the one that is nearest" {
    fresh_db
    refused() { # STATUS WORDS ARGUMENT...
        local want=$1 words=$2
        shift 2
        run --separate-stderr rank "$@"
        [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 64 'unit, farm, owner' --by week
    refused 64 'a number from 1' --top 0 2025
    refused 64 'a number from 1' --top -1 2025
    refused 64 'a number from 1' --top 1.5 2025
    refused 64 'energy, payment or bitcoin' --sort price
    refused 64 'before or year' --compare yes
    refused 64 'table, tsv, csv or ndjson' --format xml
    refused 64 'needs a value' --farm ''
    refused 64 'needs a value' --by
    refused 64 'no such option' --group farm
    refused 64 'no such option' 2025 --topp 3
    refused 64 'an invalid date' 2025-02-30
    refused 64 'the range is reversed' 2025-03-02 2025-03-01
    refused 64 'do not go together' --last 3 2025
    refused 64 'do not go together' --by period --farm Whitelee
    refused 65 'no daily summaries yet'
    refused 65 'there is no miner model S99' --model S99 2025
    refused 65 "there is no farm or unit Whitlee; did you mean Whitelee?" --farm Whitlee 2025
    refused 65 "there is no farm or unit T_WHILW-9; did you mean T_WHILW-1 or T_WHILW-2?" --farm T_WHILW-9 2025
    refused 65 "did you mean Hornsea One or Hornsea Two?" --farm hornsea 2025
    refused 65 "there is no farm or unit ' or true --" --farm "' or true --" 2025
    # Nothing is stored of it: no rows, and no failure.
    run --separate-stderr rank --format tsv 2025
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *'0 of 365 days are stored'* ]]
}

@test "a full disk under stdout is status 74 in each format" {
    fresh_month
    for format in table tsv csv ndjson; do
        status=0
        rank --format $format 2025-03 >/dev/full 2>said || status=$?
        [ "$status" -eq 74 ] || { echo "$format $status"; false; }
    done
}
