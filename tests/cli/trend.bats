# What changes and what stands out, against what is worked out by hand, or from the rows one by one.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load month
load fleet

trend() { "$root/scripts/trend" "$@"; }

# Three years, every day complete: as much MWh a day as the number of the month times that of the year, at £50, by as
# many units as the day's number in its month; with half hours and farms that add up to it.
three_years() {
    fresh_db
    sql "insert into daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms,
                                      periods, periods_ingested, periods_final, periods_expected)
         select d, e, 50 * e, 50 * e, 0, n, n, 1, p, p, p
           from generate_series(timestamp '2023-01-01', '2025-12-31', interval '1 day') d,
                lateral (select extract(month from d) * (extract(year from d) - 2022) as e, extract(day from d) as n,
                                settlement_periods(d::date) as p) x"
    sql "insert into period_summaries select settlement_date, 10, curtailed_mwh, payment, payment, 0, records, period_farms from daily_summaries"
    sql "insert into farm_daily_summaries select settlement_date, 'T_U-' || n, round(curtailed_mwh / period_farms, 9), round(payment / period_farms, 9), 0, 0, 1, 1
           from daily_summaries, generate_series(1, period_farms) n"
}

of() { awk -F '\t' -v key="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == key { print $at[name] }' "$BATS_TEST_TMPDIR/rows"; }

@test "months: change on the month before, on the year, and what is left of it without the season" {
    three_years
    trend --format tsv >"$BATS_TEST_TMPDIR/rows"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -eq 37 ]
    # March of 2023 to 2025 has 3, 6 and 9 MWh a day: its season is 3/7.5, 6/6 and 9/4.5.
    [ "$(of 2023-03 season_percent) $(of 2024-03 season_percent) $(of 2025-03 season_percent)" = '40.000000 100.000000 200.000000' ]
    # From 6 to 9 within the year all is season; over the turn of 2025 it is not.
    [ "$(of 2024-03 change_percent) $(of 2024-03 change_of_season_percent)" = '50.000000 0.000000' ]
    [ "$(of 2025-01 change_percent) $(of 2025-01 change_of_season_percent)" = '-87.500000 100.000000' ]
    # February has 28 × 6 after 29 × 4 MWh.
    [ "$(of 2025-02 change_on_year_percent) $(of 2025-02 curtailed_mwh) $(of 2025-02 payment_per_mwh)" = '44.827586 168 50.000000' ]
    [ "$(of 2023-01 change_percent)$(of 2023-05 change_on_year_percent)" = '\N\N' ]
    [ "$(trend --format tsv 2024 | cut -f 1 | paste -sd ' ')" = "month $(seq -f '2024-%02g' -s ' ' 12)" ]
    # A month that lacks a day is no measure, and the days after it have nothing to be compared with.
    sql "update daily_summaries set periods_ingested = 47 where settlement_date = '2024-02-10'"
    trend --format tsv >"$BATS_TEST_TMPDIR/rows"
    [ "$(of 2024-02 state) $(of 2024-02 season_percent) $(of 2024-03 change_percent) $(of 2025-02 change_on_year_percent)" = 'not_complete \N \N \N' ]
    [ "$(of 2025-02 season_percent)" = 300.000000 ]
    sql "update daily_summaries set periods_final = 3 where settlement_date = '2025-07-01'"
    [ "$(trend --format tsv 2025-07 | awk 'NR == 2 { print $2 }')" = provisional ]
    # A month of which nothing is stored is not listed.
    sql "delete from daily_summaries where settlement_date between '2024-05-01' and '2024-05-31'"
    [ "$(trend --format tsv 2024 | cut -f 1 | grep -c '^2024-0[456]')" -eq 2 ]
    # One year alone has no season.
    [ "$(trend --format ndjson 2023 | jq -s 'length')" -eq 12 ]
    sql "delete from daily_summaries where settlement_date >= '2024-01-01'"
    [ "$(trend --format tsv | awk -F '\t' 'NR > 1 { print $10 }' | sort -u)" = '\N' ]
}

# plan FILE LIST NAME=VALUE...: how the server makes a list of a report.
plan() {
    local file=$1 list=$2 value variables=()
    shift 2
    for value; do variables+=(-v "$value"); done
    with-db psql -XAtq -v ON_ERROR_STOP=1 "${variables[@]}" >"$BATS_TEST_TMPDIR/plan" <<-END
	\i $root/sql/report/$file
	explain (analyze, costs off, timing off, summary off) with :lists select * from $list;
	END
}

# plan_query NAME NAME=VALUE...: how it makes a statement of sql/query.
plan_query() {
    local name=$1 value variables=()
    shift
    for value; do variables+=(-v "$value"); done
    { echo "explain (analyze, costs off, timing off, summary off)" && cat "$root/sql/query/$name.sql"; } |
        with-db psql -XAtq -v ON_ERROR_STOP=1 "${variables[@]}" >"$BATS_TEST_TMPDIR/plan"
}

# How many rows of a table that plan read.
rows_read() {
    sed -n "s/.* on $1 .*actual rows=\([0-9]*\) loops=\([0-9]*\).*/\1 \2/p" "$BATS_TEST_TMPDIR/plan" | awk '{ n += $1 * $2 } END { print n + 0 }'
}

@test "a question about a month reads the sums of that month, however long the history, and a season is worked out once" {
    needs_plain "the plan is of pieces, which have names of their own"
    three_years
    sql "insert into bitcoin_period_summaries select settlement_date, settlement_period, 'S9', 1, farms from period_summaries"
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select settlement_date, settlement_period, 'final', 'none', 0, 0, 0 from period_summaries"
    sql analyze 2>/dev/null
    local month=(from=2025-10-01 to=2025-10-31 model=S9) of_month
    of_month=$(sql "select count(*) from farm_daily_summaries where settlement_date between '2025-10-01' and '2025-10-31'")
    [ "$of_month" -eq 496 ]
    plan rank-farms.sql result "${month[@]}" by=farm compare=no sort=energy top=0 farm=
    [ "$(rows_read farm_daily_summaries)" -eq "$of_month" ]
    plan rank-farms.sql result "${month[@]}" by=period compare=no sort=energy top=0 farm=
    [ "$(rows_read period_summaries) $(rows_read bitcoin_period_summaries)" = '31 31' ]
    plan summary.sql result "${month[@]}" parts=all compare=no
    [ "$(rows_read farm_daily_summaries)" -eq "$of_month" ]
    plan summary-half-hours.sql result "${month[@]}"
    [ "$(rows_read ingested_periods) $(rows_read period_summaries) $(rows_read bitcoin_period_summaries)" = '31 31 31' ]
    # Beside the month before and the same a year earlier, nothing before these is read.
    plan summary.sql result "${month[@]}" parts=all compare=yes
    [ "$(rows_read farm_daily_summaries)" -le "$(sql "select count(*) from farm_daily_summaries where settlement_date between '2024-10-01' and '2025-10-31'")" ]
    plan trend.sql storms "${month[@]}" top=10 far=4
    [ "$(rows_read ingested_periods) $(rows_read period_summaries)" = '31 31' ]
    plan_query site-profile "${month[@]}"
    [ "$(rows_read ingested_periods) $(rows_read period_summaries)" = '31 31' ]
    # Every morning daily asks for the latest days: it finds them in the key, with the first day of all.
    with-db psql -XAtq -v ON_ERROR_STOP=1 -v yesterday=2025-12-31 -v days=2 -v bound=31 >"$BATS_TEST_TMPDIR/days" <<-END
	begin;
	\i $root/sql/report/daily-days.sql
	select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'ingested_periods';
	END
    [ "$(grep -c '^[0-9]*	2025-12-' "$BATS_TEST_TMPDIR/days")" -eq 31 ]
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/days")" -lt 10 ]
    # No more than once for each of 36 months.
    plan trend.sql months from=2023-01-01 to=2025-12-31 top=10 far=4
    [ "$(sed -n 's/.* loops=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/plan" | sort -n | tail -n 1)" -le 36 ]
}

@test "storms and calms are the longest stretches, half hour by half hour" {
    fresh_month
    # A hole in what was fetched ends a stretch of either kind.
    sql "delete from ingested_periods where (settlement_date, settlement_period) in (('2025-03-09', 20), ('2025-03-21', 30))"
    sql "delete from curtailment_records where (settlement_date, settlement_period) in (('2025-03-09', 20), ('2025-03-21', 30))"
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/changed"
    sql "copy (select settlement_period_start(settlement_date, settlement_period) at time zone 'UTC', exists (select from curtailment_records r
                 where r.settlement_date = i.settlement_date and r.settlement_period = i.settlement_period),
                 extract(epoch from settlement_period_start(settlement_date, settlement_period))::bigint / 1800
           from ingested_periods i order by 1) to stdout" |
        awk -F '\t' '
            $2 != kind || $3 != at + 1 { if (n) print kind, n, from; kind = $2; n = 0; from = $1 }
            { n++; at = $3 } END { print kind, n, from }' >"$BATS_TEST_TMPDIR/stretches"
    for kind in storms:t calms:f; do
        grep "^${kind#*:}" "$BATS_TEST_TMPDIR/stretches" | sort -k 2,2nr -k 3 | head -n 4 |
            awk '{ print $2, $3 "T" substr($4, 1, 5) "Z" }' >"$BATS_TEST_TMPDIR/want"
        trend "${kind%:*}" --top 4 --format tsv | awk -F '\t' 'NR > 1 { print $3, $1 }' >"$BATS_TEST_TMPDIR/got"
        diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
        [ -s "$BATS_TEST_TMPDIR/got" ]
    done
    # Their energy is that of the records between their ends.
    trend storms --top 1 --format tsv >"$BATS_TEST_TMPDIR/storm"
    [ "$(column curtailed_mwh <"$BATS_TEST_TMPDIR/storm") $(column payment <"$BATS_TEST_TMPDIR/storm")" = "$(sql "
        select trim_scale(sum(mwh)) || ' ' || trim_scale(sum(payment))
          from (select settlement_date, settlement_period, round(sum(-volume), 9) as mwh, sum(payment) as payment from curtailment_records group by 1, 2, farm_id) p
         where settlement_period_start(settlement_date, settlement_period) >= '$(column begins <"$BATS_TEST_TMPDIR/storm")'
           and settlement_period_start(settlement_date, settlement_period) < '$(column ends <"$BATS_TEST_TMPDIR/storm")'")" ]
}

@test "records are the greatest there are in the span" {
    three_years
    [ "$(trend records --format tsv | cut -f 2,3 | sed 1d)" = "$(printf '%s\t%s\n' '2025-12-01 10' 36 2025-12-01 36 2025-12-01 1800 2023-01-01 50 2023-01-01 50 \
        2023-01-31 31 '2025-12-01 T_U-1' 36 2025-12 1116 2025 7146)" ]
    trend records --format tsv 2023-02 2>/dev/null >"$BATS_TEST_TMPDIR/rows"
    [ "$(of 'month, energy' at) $(of 'month, energy' value)$(of 'year, energy' at)" = '2023-02 56' ]
    # A day that is not complete is none.
    sql "update daily_summaries set curtailed_mwh = 99, periods_ingested = 47 where settlement_date = '2024-06-01'"
    trend records --format tsv >"$BATS_TEST_TMPDIR/rows"
    [ "$(of 'day, energy' at)" = 2025-12-01 ]
    sql "update daily_summaries set curtailed_mwh = 99, payment = 99 where settlement_date = '2024-06-02'"
    trend records --format tsv >"$BATS_TEST_TMPDIR/rows"
    [ "$(of 'day, energy' at) $(of 'day, lowest price' at) $(of 'day, lowest price' value)" = '2024-06-02 2024-06-02 1' ]
}

@test "a day far outside its season is named with what is, and the season is not moved by it" {
    three_years
    # Of 87 days within a fortnight, in three years: 7 to 21 MWh or thereabouts, at £50, by 1 to 31 units.
    sql "update daily_summaries set curtailed_mwh = 500, payment = 25000 where settlement_date = '2024-07-16'"
    sql "update daily_summaries set payment = curtailed_mwh * (49 + extract(day from settlement_date) % 3)"
    sql "update daily_summaries set payment = curtailed_mwh * case settlement_date when '2024-10-10' then 120 else -20 end
          where settlement_date in ('2024-09-05', '2024-10-10')"
    trend outliers --format tsv 2024-07-01 2024-10-31 >"$BATS_TEST_TMPDIR/rows"
    [ "$(cut -f 1,2 "$BATS_TEST_TMPDIR/rows" | sed 1d)" = "$(printf '2024-07-16\tenergy\n2024-09-05\tprice\n2024-10-10\tprice')" ]
    [[ "$(of 2024-09-05 times)" == -* ]]
    # The median and the spread, worked out from the days' list.
    sql "select trim_scale(curtailed_mwh) from daily_summaries where abs(extract(doy from settlement_date) - 198) <= 14" | sort -g >"$BATS_TEST_TMPDIR/season"
    middle() { awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
    median=$(middle <"$BATS_TEST_TMPDIR/season")
    away=$(awk -v m="$median" '{ d = $1 - m; print d < 0 ? -d : d }' "$BATS_TEST_TMPDIR/season" | sort -g | middle)
    [ "$(of 2024-07-16 season) $(of 2024-07-16 spread) $(of 2024-07-16 days_of_season)" = "$median $(sql "select trim_scale($away * 1.4826)") $(wc -l <"$BATS_TEST_TMPDIR/season")" ]
    [ "$(of 2024-07-16 times)" = "$(sql "select round((500 - $median) / ($away * 1.4826), 2)")" ]
    # How far is asked, and in which span; the season is of the whole history all the same.
    [ "$(trend outliers --far 1000 --format tsv | wc -l)" -eq 1 ]
    [ "$(trend outliers --format tsv 2024-07 | sed 1d)" = "$(grep 2024-07-16 "$BATS_TEST_TMPDIR/rows")" ]
    # The turn of the year is no end of a season.
    sql "update daily_summaries set curtailed_mwh = 900, payment = 45000 where settlement_date = '2025-01-01'"
    trend outliers --format tsv 2025-01-01 >"$BATS_TEST_TMPDIR/rows"
    [ "$(of 2025-01-01 reason) $(of 2025-01-01 days_of_season)" = 'energy 85' ]
    # One storm where all is calm: the days are alike, and it is far from them.
    sql "update daily_summaries set curtailed_mwh = 0, payment = 0 where settlement_date between '2024-04-01' and '2024-06-30'
            or extract(month from settlement_date) in (4, 5, 6)"
    sql "update daily_summaries set curtailed_mwh = 40, payment = 2000 where settlement_date = '2024-05-15'"
    trend outliers --format tsv 2024-05 >"$BATS_TEST_TMPDIR/rows"
    [ "$(cut -f 1-4,7 "$BATS_TEST_TMPDIR/rows" | sed 1d)" = "$(printf '2024-05-15\tenergy\t40\t0\t87')" ]
    [ "$(of 2024-05-15 spread)" = "$(sql "select trim_scale(round(1.2533 * (40 / 87.0), 9))")" ]
    # Too few days are no season.
    sql "delete from daily_summaries where settlement_date not between '2024-07-10' and '2024-07-20'"
    [ "$(trend outliers --format tsv 2>/dev/null | wc -l)" -eq 1 ]
}

@test "what cannot be is refused in words, and sums that are not there yet are no calm" {
    fresh_month
    refused() { # STATUS WORDS ARGUMENT...
        local want=$1 words=$2
        shift 2
        run --separate-stderr trend "$@"
        [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 64 'the verbs are months' squalls
    refused 64 'the verbs are months' squalls 2025
    refused 64 'no such option' months --by day
    refused 64 'a number from 1' storms --top 0
    refused 64 'a number from 1' outliers --far 2.5
    refused 64 'a number from 1' outliers --far "1; drop table x"
    refused 64 'needs a value' storms --top
    refused 64 'table, tsv, csv or ndjson' --format xml
    refused 64 'an invalid date' months 2025-02-30
    refused 64 'the range is reversed' months 2025-03-02 2025-03-01
    refused 64 'do not go together' --last 3 2025
    refused 64 'no such option' months 2025 --topmost 3
    # Of a span without a stored day there is nothing to print, and it is said why.
    run --separate-stderr trend storms --format csv 2025-02
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$stderr" == *'the span 2025-02-01 to 2025-02-28: 0 of 28 days are stored'* ]]
    for verb in months storms calms records outliers; do
        trend $verb >"$BATS_TEST_TMPDIR/page"
        [ -s "$BATS_TEST_TMPDIR/page" ]
        trend $verb --format csv >"$BATS_TEST_TMPDIR/rows"
        trend $verb --format ndjson | jq -s length >"$BATS_TEST_TMPDIR/length"
        [ "$(($(wc -l <"$BATS_TEST_TMPDIR/rows") - 1))" = "$(cat "$BATS_TEST_TMPDIR/length")" ]
        status=0
        trend $verb --format tsv >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
        [ "$status" -eq 74 ]
    done
    sql "delete from period_summaries where settlement_date = '2025-03-07'"
    refused 65 'not those of the day: run rollup-summaries' calms
    fresh=$(trend calms --format tsv 2025-03-08 2025-03-31 | wc -l)
    [ "$fresh" -gt 1 ]
    sql "truncate daily_summaries, period_summaries, farm_daily_summaries"
    refused 65 'no daily summaries yet'
}

@test "the README's example is what it prints" {
    fresh_db
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
    example=$(sed -n '/^    scripts\/trend /,/^[^ ]/p' "$root/README.md")
    command=$(head -n 1 <<<"$example" | sed 's/^ *//; s/ *#.*//')
    [ -n "$command" ]
    diff <(sed -n '2,$p' <<<"$example" | grep '^    ' | sed 's/^    //; s/ *$//') <(cd "$root" && eval "$command" 2>/dev/null | sed 's/ *$//; /^$/d')
}
