# Fetches that are known to be whole: find-missing --periods and --by-date read no record of a day of which rollup-summaries has
# noted that its records are those of its fetches, and whatever changes one or the other, however, is listed all the same.
#
# shellcheck disable=SC2030,SC2031,SC2154
load helper
load month
load proofs
load session

setup() {
    needs_plain "no day is proved there, so that every record is read"
    fresh_month
    cd "$BATS_TEST_TMPDIR" || return
}

# known - of how many days no record is read.
known() {
    psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -v from=2025-03-01 -v to=2025-03-31 -v whole=false -f "$root/sql/query/summed-days.sql" | grep -c '|t|[tf]$'
}
periods() { find-missing --periods --no-header "$@" 2025-03-01 2025-03-31; }

# listed CHANGE - the list is just that of reading everything, and not empty.
listed() {
    sql "$1" >/dev/null
    periods >periods.tsv
    periods --whole | diff periods.tsv - || { echo "hidden: $1"; return 1; }
    [ -s periods.tsv ] || { echo "nothing is listed: $1"; return 1; }
    find-missing --by-date --all-dates >dates.tsv
    find-missing --by-date --all-dates --whole | diff dates.tsv - || { echo "hidden by date: $1"; return 1; }
}

@test "no record of a known day is read, unless --whole says so, and the audit believes nothing of it" {
    [ "$(known)" = 31 ]
    forge
    [ "$(known)" = 31 ]
    [ "$(periods)" = "" ]
    [ "$(find-missing --by-date --no-header)" = "" ]
    [ "$(periods --whole | cut -f 1,3 | uniq)" = "2025-03-04	damaged" ]
    [ "$(find-missing --by-date --no-header --whole | cut -f 1)" = 2025-03-04 ]
    run -1 audit-calcs -q --no-header 2025-03-01 2025-03-31
    [ "$(grep -c '^record	2025-03-04 ' <<<"$output")" -gt 1 ]
    # What reads everything notes anew what it finds: not that this day is whole.
    rollup-summaries -q --whole >changed
    [ "$(known) $(summed)" = "30 31" ]
    [ "$(periods | cut -f 1,3 | uniq)" = "2025-03-04	damaged" ]
}

@test "whatever a person changes in the records is listed" {
    changed_records() { changes | grep -v historical_bitcoin_calculations; }
    mapfile -t all < <(changed_records)
    each 5 listed "${all[@]}"
}

@test "whatever a person changes in what was noted of the fetches is listed" {
    mapfile -t all <<'END'
update ingested_periods set volume = volume - 0.000000000000001 where settlement_date = '2025-03-04' and settlement_period = 7
update ingested_periods set rows_kept = rows_kept + 1 where settlement_date = '2025-03-04' and settlement_period = 7
update ingested_periods a set rows_kept = b.rows_kept, volume = b.volume from ingested_periods b where a.settlement_date = '2025-03-04' and b.settlement_date = '2025-03-04' and a.settlement_period + b.settlement_period = 49
delete from ingested_periods where settlement_date = '2025-03-04' and settlement_period = 7
delete from ingested_periods where settlement_date between '2025-03-04' and '2025-03-06'
truncate ingested_periods
update ingested_periods set status = 'provisional' where settlement_date = '2025-03-04' and settlement_period = 7
update ingested_periods set status = 'suspect', suspect = 'no row of any unit' where settlement_date = '2025-03-30'
update ingested_periods set settlement_date = '2025-04-04' where settlement_date = '2025-03-04'
END
    each 9 listed "${all[@]}"
}

@test "a day whose records do not add up has no note, and has one once they do" {
    sql "delete from ingested_periods where settlement_date = '2025-03-31'"
    damage() { sql "begin; set local windfall.writes = '2025-03-04 2025-03-31'; update curtailment_records set $1
        where settlement_date in ('2025-03-04', '2025-03-31'); commit"; calc-btc -q --store 2025-03-01 2025-03-31
        rollup-summaries -q >changed; }
    damage "payment = payment + 1"
    [ "$(known) $(summed)" = "29 31" ]
    # Nor does a second look, which finds nothing new, write anything.
    sql "select * from summed_days order by 1" >before
    rollup-summaries -q
    sql "select * from summed_days order by 1" | diff before -
    [ "$(periods | cut -f 1,3 | uniq | tr '\t' ' ')" = "2025-03-04 damaged
2025-03-31 unfetched" ]
    damage "payment = payment - 1"
    # Of the day that was never fetched it is known that no record contradicts a fetch.
    [ "$(known) $(summed)" = "31 31" ]
    [ "$(periods | cut -f 1,3 | uniq | tr '\t' ' ')" = "2025-03-31 unfetched" ]
    [ "$(periods --whole | cut -f 1,3 | uniq | tr '\t' ' ')" = "2025-03-31 unfetched" ]
}

@test "days that were summed before there was such a note get one, and who may not write needs none" {
    sql "update summed_days set fetched = null"
    [ "$(known) $(summed)" = "0 31" ]
    [ "$(periods)" = "" ]
    PGOPTIONS='-c default_transaction_read_only=on' rollup-summaries -q
    [ "$(known)" = 0 ]
    [ "$(rollup-summaries -q)" = "" ]
    [ "$(known) $(summed)" = "31 31" ]
}

@test "a transaction that was open while it was noted is no part of it" {
    for what in "update curtailment_records set payment = payment + 1 where settlement_date = '2025-03-04'" \
        "update ingested_periods set rows_kept = rows_kept + 1 where settlement_date = '2025-03-04'"; do
        anew
        other_begins
        other begin
        other "$what"
        rollup-summaries -q --whole 2025-03-01 2025-03-31
        calc-btc -q --store 2025-03-01 2025-03-31
        other commit
        other_ends
        [ "$(periods | cut -f 1,3 | uniq)" = "2025-03-04	damaged" ]
        rollup-summaries -q >changed
        [ "$(periods | cut -f 1,3 | uniq)" = "2025-03-04	damaged" ]
    done
}
