# What the days to come usually bring, against what is worked out by hand and against generated years.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper

setup() { fresh_db; cd "$BATS_TEST_TMPDIR" || return; }

forecast() { "$root/scripts/forecast" "$@"; }

days() { # FROM TO ENERGY [STATE]: complete days with so much energy, an expression of the day d, at £50
    sql "insert into daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms,
                                      periods, periods_ingested, periods_final, periods_expected)
         select d, e, 50 * e, 50 * e, 0, 1, 1, 1, p, case '${4:-final}' when 'final' then p else 0 end, p
           from generate_series(timestamp '$1', '$2', interval '1 day') d,
                lateral (select round(($3)::numeric, 9) as e, settlement_periods(d::date) as p) x"
}

row() { awk -F '\t' -v part="$1" '$1 == part { print $2, $3, $4, $5, $6, $7, $8, $10, $12 }' "${2:-rows}"; }

@test "of three level years the quantiles are these years; what is stored of the month counts as it is" {
    days 2023-01-01 2025-12-31 'extract(year from d) - 2022'
    forecast --format tsv 2026-02 >rows
    [ "$(row to_come)" = '2026-02-01 2026-02-28 28 forecast 28 56 84 2800 3' ]
    mkdir "a folder's"
    WINDFALL_STATE="$PWD/a folder's" forecast --format tsv 2026-02 | diff rows -
    [ "$(row so_far)$(row month)" = '2026-02-01 2026-02-28 28 forecast 28 56 84 2800 3' ]
    days 2026-02-01 2026-02-06 10
    days 2026-02-07 2026-02-10 10 provisional
    dump_db --exact >before
    forecast --format tsv 2026-02 >rows
    [ "$(row so_far)" = '2026-02-01 2026-02-10 10 provisional 100 100 100 5000 \N' ]
    [ "$(row to_come)" = '2026-02-11 2026-02-28 18 forecast 18 36 54 1800 3' ]
    [ "$(row month)" = '2026-02-01 2026-02-28 28 forecast 118 136 154 6800 3' ]
    forecast --by day --format tsv 2026-02 >rows
    [ "$(wc -l <rows)" -eq 29 ]
    [ "$(cut -f 4,5,6,7,8 rows | sed 1d | sort | uniq -c | awk '{ print $1, $2, $3, $4, $5, $6 }')" = '6 1 final 10 10 10
18 1 forecast 1 2 3
4 1 provisional 10 10 10' ]
    # A hole in the days that were is to come as well, and breaks the days in a row.
    sql "update daily_summaries set periods_ingested = 47 where settlement_date = '2026-02-03'"
    forecast --format tsv 2026-02 >rows
    [ "$(row to_come)" = '2026-02-03 2026-02-28 19 forecast 19 38 57 1900 3' ]
    sql "update daily_summaries set periods_ingested = 48 where settlement_date = '2026-02-03'"
    # Nothing is to come of a month that is over.
    [ "$(forecast --format tsv 2025-03 | cut -f 1,5,6,8 | sed 1d | paste -sd' ')" = $'so_far\tfinal\t93\t93 month\tfinal\t93\t93' ]
    # And nothing is stored.
    dump_db --exact | cmp before -
    forecast 2026-02 | grep -q 'to_come 2026-02-11 2026-02-28 '
}

@test "too little history is said, with its status" {
    days 2024-01-01 2025-12-31 5
    [ "$(forecast --format tsv 2026-02 | row to_come -)" = '2026-02-01 2026-02-28 28 forecast 140 140 140 7000 2' ]
    # Of February 2024 each window of 28 days, three weeks about, lacks this day.
    sql "delete from daily_summaries where settlement_date between '2024-01-10' and '2024-03-22' and extract(day from settlement_date) in (5, 15, 25)"
    run --separate-stderr forecast 2026-02
    [ "$status" -eq 65 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"too little history: "*"; there are 1"* ]]
    run --separate-stderr forecast hits
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"too little history"* ]]
    sql "delete from daily_summaries"
    run --separate-stderr forecast 2026-02
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"; there are 0"* ]]
    run --separate-stderr forecast hits
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"no daily summaries yet"* ]]
    for bad in '2026' '2026-13' '2026-02-01' '2026-02 2026-03' '--by week' '--by day hits' 'hits --by day' '--top 3' '2026-0x'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr forecast $bad
        [ "$status" -eq 64 ] || { echo "$bad: $status $stderr"; false; }
        [ "$output" = "" ]
    done
}

# Nine years of days: a season, and on it weather that lasts some days (a moving sum of noise from md5, so that they are the
# same everywhere), which is about as irregular as curtailment is.
nine_years() {
    days 2017-01-01 2025-12-31 "exp(6 + 0.8 * cos(extract(doy from d)::float8 / 58) + (
        select sum(power(0.75, i) * sqrt(-2 * ln((1 + ('x' || substr(md5((d::date - i)::text), 1, 7))::bit(28)::integer::float8) / 268435457))
                   * cos(2 * pi() * ('x' || substr(md5((d::date - i)::text), 9, 7))::bit(28)::integer::float8 / 268435456))
          from generate_series(0, 12) i) * 0.66)"
}

@test "past hits: of generated years about eight months in ten are between the quantiles, fewer where years are few" {
    nine_years
    forecast hits --format tsv >table 2>said
    [ "$(wc -l <table)" -eq $((7 * 12 + 1)) ]
    within() { awk -F '\t' -v from="$1" -v to="$2" 'NR > 1 && $NF >= from && $NF <= to { n++; w += $7 == "within" } END { print int(100 * w / n), n }' table; }
    echo "# within the 10 % and 90 % quantiles: $(within 4 9 | awk '{ print $1 " % of " $2 }') months of four years and more, $(within 2 3 | awk '{ print $1 " % of " $2 }') of fewer" >&3
    read -r percent n <<<"$(within 4 9)"
    [ "$n" -eq 60 ]
    [ "$percent" -ge 65 ]
    [ "$percent" -le 92 ]
    # Both sides are missed, and the middle is the middle.
    [ "$(cut -f 7 table | sed 1d | sort -u | paste -sd' ')" = 'above below within' ]
    below=$(awk -F '\t' 'NR > 1 { n++; b += $3 < $5 } END { print int(100 * b / n) }' table)
    [ "$below" -ge 30 ]
    [ "$below" -le 70 ]
    grep -q " months=84 energy_within=$(cut -f 7 table | grep -c within) payment_within=$(cut -f 12 table | grep -c within)" said
    # One of them, worked out from the days one by one.
    [ "$(awk -F '\t' '$1 == "2024-03" { print $3, $4, $5, $6, $NF }' table)" = "$(sql "
        with stored as materialized (select settlement_date, curtailed_mwh from daily_summaries),
        windows as (
            select (select sum(curtailed_mwh) from stored
                     where settlement_date between make_date(y, 3, 1) + s and make_date(y, 3, 31) + s) as mwh
              from generate_series(2017, 2023) y, generate_series(-21, 21) s)
        select (select trim_scale(sum(curtailed_mwh)) from stored where settlement_date between '2024-03-01' and '2024-03-31')
               || ' ' || (select string_agg(trim_scale((select mwh from windows order by mwh limit 1 offset k))::text, ' ' order by k)
                            from unnest(array[ceil(301 * 0.1)::integer - 1, ceil(301 * 0.5)::integer - 1, ceil(301 * 0.9)::integer - 1]) k) || ' 7'")" ]
}
