# What cron runs: daily, realtime, weekly, monthly, and spread.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load month
load weekly

# Of the verdict that is the last line of $output: the value of a fact.
fact() { sed -n "\$s/.* $1=\([^ ]*\).*/\1/p" <<<"$output"; }

# at TIME COMMAND...: with the clock of a machine in London at that time.  The month's files keep their own
# times: set back too, they would say that the source was read before the period was final.
at() {
    local time=$1
    shift
    TZ=Europe/London NO_FAKE_STAT=1 faketime "$time" "$@"
}

# The dump of a database that holds the month up to a day.
month_until() {
    local was=$DATABASE_URL database=${TEST_DB}_whole
    make_month_until "$1"
    copy_db "template_month_${1//-/_}" "$database"
    DATABASE_URL="postgresql:///$database?host=$SUITE_SOCKET&user=windfall"
    dump_db
    DATABASE_URL=$was
    suite_sql "drop database $database"
}

# What the rest of the month is not needed for: a third of it costs a third.
last_days() { fresh_month "${1:-2025-03-31}" 2025-03-20; }

energy() { sql "select settlement_date, curtailed_mwh from daily_summaries order by 1"; }

# ---- daily ------------------------------------------------------------------

@test "daily brings the last two days, and a second one finds nothing to do" {
    last_days 2025-03-28
    no_network
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee BTC-USD,b1,BUY,2023-01-01T10:00:00Z,0.5,40000,2 \
        >"$BATS_TEST_TMPDIR/books.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/books.csv"
    run --separate-stderr at "2025-03-31 03:00:00" daily
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "$output" == "verdict=mended job=daily "*" dates=2 "*" missing=0 "*" unfetched=0 "* ]]
    [ "$(sql "select min(settlement_date), max(settlement_date), count(*) from ingested_periods where settlement_date > '2025-03-28'")" = \
"2025-03-29|2025-03-30|94" ]
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    run at "2025-03-31 03:30:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/once" -
    grep -q 'step=verify msg="exchange ledger" last_fill=none asked=never open_proposals=0 open_corrections=0 fifo_version=none' \
        "$logs/daily_latest.log"
}

@test "daily after ten days off fills them, even if realtime has been before it" {
    fresh_month 2025-03-20
    no_network
    run at "2025-03-31 02:50:00" realtime
    [ "$status" -eq 0 ]
    [ "$(sql "select count(distinct settlement_date) from ingested_periods where settlement_date > '2025-03-20'")" -eq 2 ]
    run at "2025-03-31 03:00:00" daily
    [ "$status" -eq 0 ]
    # Of the 31st, realtime had what had ended by then.
    only_until 2025-03-30
    month_until 2025-03-30 >"$BATS_TEST_TMPDIR/until"
    dump_db | diff "$BATS_TEST_TMPDIR/until" -
}

@test "daily reaches back 31 days and no further, and says what is left" {
    fresh_month
    no_network
    sql "truncate curtailment_records, historical_bitcoin_calculations, ingested_periods"
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/gone"
    sql "insert into ingested_periods select '2024-12-24', n, 'final', 'bid so', 0, 0, 0 from generate_series(1, 48) n"
    run at "2025-04-01 06:30:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" dates=31 "* ]]
    [ "$(sql "select min(settlement_date), count(*) from ingested_periods where settlement_date > '2024-12-24'")" = "2025-03-01|1486" ]
    missed='level=warning .*msg="more than 31 days were missed: reconcile range 2024-12-25 2025-02-28 fills in the others" days=97$'
    grep -q "$missed" "$logs/daily_latest.log"
    # So it is when others of these days were fetched before: by realtime, most often.
    sql "delete from ingested_periods where settlement_date in ('2025-03-01', '2025-03-12')"
    run at "2025-04-01 06:40:00" daily
    [ "$(sql "select count(distinct settlement_date) from ingested_periods where settlement_date > '2024-12-24'")" -eq 31 ]
    grep -q "$missed" "$logs/daily_latest.log"
    # More days asked for are more days reached; and what a person has accepted was not missed.
    sql "insert into ingested_periods select '2025-02-20', n, 'final', 'bid so', 0, 0, 0 from generate_series(1, 48) n"
    declare -A before=( [31]='2025-02-21|2025-02-28' [35]='2025-02-21|2025-02-24' [39]='|' )
    missed_before() {
        psql -XAtq -d "$DATABASE_URL" -v yesterday=2025-03-31 -v days="$1" -v bound=31 -f "$root/sql/report/daily-days.sql" |
            awk -F '\t' 'NR == 2 { print $4 "|" $5 }' | sed 's/\\N//g'
    }
    for days in "${!before[@]}"; do
        [ "$(missed_before "$days")" = "${before[$days]}" ]
    done
    "$root/scripts/wanted" gap 2025-02-25 2025-02-28 --why 'no machine'
    [ "$(missed_before 31)" = '2025-02-21|2025-02-24' ]
    "$root/scripts/wanted" gap 2025-02-21 2025-02-24 --why 'no machine'
    [ "$(missed_before 31)" = '|' ]
}

@test "daily fetches again what is provisional, however old, what is damaged, and with --force everything" {
    last_days
    no_network
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-20' and settlement_period < 4"
    sql "delete from curtailment_records where settlement_date = '2025-03-21' and settlement_period = 30"
    run at "2025-04-01 06:30:00" daily
    [ "$status" -eq 0 ]
    grep -q 'msg="to fetch" periods=4 dates=4$' "$logs/daily_latest.log"
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    run at "2025-04-02 00:16:00" daily 3 --force
    [ "$status" -eq 69 ]
    grep -q 'tool=fetch-elexon .*msg="stored" days=3 periods=94 ' "$logs/daily_latest.log"
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "difficulty, prices or wind out of reach keep daily from nothing else, and are told" {
    last_days 2025-03-28
    no_network
    stub fetch-difficulty 'exit 75'
    stub fetch-prices 'exit 69'
    stub fetch-wind 'cat >/dev/null; exit 75'
    run at "2025-03-31 03:00:00" daily
    # The gravest of them is how it ends.
    [ "$status" -eq 69 ]
    [[ "$output" == *"verdict=failed "*" missing=0 "*" unfetched=0 "*" audit_differences=0 "* ]]
    [ "$(energy | tail -n 1)" = "2025-03-30|1838.616666669" ]
}

@test "daily by the tools themselves brings difficulty, prices and wind generation into the summaries" {
    fresh_month 2025-03-28
    no_network
    rm -r "$BATS_TEST_TMPDIR/stubs"
    source=$BATS_TEST_TMPDIR/source
    mkdir -p "$source/charts" "$source/generation/actual/per-type/wind-and-solar/2025-03-29"
    cp -r "$MONTH/balancing" "$source/"
    printf '{"status":"ok","unit":"USD","period":"day","values":[{"x":%s,"y":82334.52},{"x":%s,"y":82597.58}]}' \
        "$(date -u -d 2025-03-29 +%s)" "$(date -u -d 2025-03-30 +%s)" >"$source/charts/market-price"
    printf '{"metadata":{"datasets":["AGWS"]},"data":[{"publishTime":"2025-03-30T10:00:00Z","businessType":"Wind generation",
        "psrType":"Wind Onshore","quantity":4000,"startTime":"x","settlementDate":"2025-03-29","settlementPeriod":7},
        {"publishTime":"2025-03-30T10:00:00Z","businessType":"Wind generation","psrType":"Wind Offshore","quantity":6000.5,
        "startTime":"x","settlementDate":"2025-03-29","settlementPeriod":7}]}' \
        >"$source/generation/actual/per-type/wind-and-solar/2025-03-29/2025-03-30"
    export WINDFALL_ELEXON_URL=file://$source WINDFALL_BLOCKCHAIN_URL=file://$source
    stub fetch-difficulty
    run at "2025-03-31 03:00:00" daily
    [ "$status" -eq 0 ]
    [ "$(sql "select distinct price, price_assumed from bitcoin_daily_summaries where settlement_date = '2025-03-30'")" = "82597.58|f" ]
    [ "$(sql "select onshore_mwh, offshore_mwh, wind_periods from daily_summaries where settlement_date = '2025-03-29'")" = "2000|3000.25|1" ]
    # A price that comes late values the day all the same.
    printf '{"status":"ok","unit":"USD","period":"day","values":[{"x":%s,"y":80000.5}]}' "$(date -u -d 2025-03-15 +%s)" >"$source/charts/market-price"
    run at "2025-03-31 04:00:00" daily
    [ "$status" -eq 0 ]
    [ "$(sql "select distinct price from bitcoin_daily_summaries where settlement_date = '2025-03-15'")" = 80000.5 ]
    run audit-calcs -q
    [ "$status" -eq 0 ]
    # In another currency: its prices are fetched, from the source that has them, and every day is valued in it.
    mkdir -p "$source/api/v1"
    printf '{"prices":[{"time":%s,"USD":82597,"EUR":76329,"GBP":63845,"CAD":118231,"CHF":72839,"AUD":131431,"JPY":12378450},
        {"time":%s,"USD":84003,"EUR":77183.5,"GBP":64951,"CAD":120835,"CHF":74349,"AUD":132846,"JPY":12480350}],
        "exchangeRates":{"USDEUR":0.92,"USDGBP":0.77,"USDCAD":1.43,"USDCHF":0.88,"USDAUD":1.59,"USDJPY":149.87}}' \
        "$(date -u -d 2025-03-30 +%s)" "$(date -u -d 2025-03-15 +%s)" >"$source/api/v1/historical-price"
    export WINDFALL_CURRENCY=EUR WINDFALL_MEMPOOL_URL=file://$source
    run at "2025-03-31 05:00:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" audit_differences=0 "* ]]
    [ "$(sql "select price_date, currency, price from bitcoin_prices where currency <> 'USD' order by 1")" = "2025-03-15|EUR|77183.5
2025-03-30|EUR|76329" ]
    [ "$(sql "select currency, price, min(settlement_date), count(distinct settlement_date) from bitcoin_daily_summaries group by 1, 2 order by 3")" = \
"EUR||2025-03-01|28
EUR|77183.5|2025-03-15|1
EUR|76329|2025-03-30|1" ]
    run at "2025-03-31 05:30:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
}

@test "a second daily while one runs is told who and since when, exits 75 and touches nothing" {
    last_days 2025-03-28
    no_network
    stub fetch-difficulty 'touch "$WINDFALL_STATE/begun"; while [ ! -e "$WINDFALL_STATE/go" ]; do sleep 0.05; done'
    at "2025-03-31 03:00:00" daily >"$BATS_TEST_TMPDIR/first" 3>&- &
    first=$!
    for _ in {1..100}; do [ ! -e "$WINDFALL_STATE/begun" ] || break; sleep 0.05; done
    run --separate-stderr at "2025-03-31 03:00:05" daily
    [ "$status" -eq 75 ]
    [ "$output" = "" ]
    [[ "$stderr" =~ "another daily is running: process "[0-9]+", since 2025-03-31T02:00:" ]]
    [ "$(find "$logs" -type f -name 'daily_*' | wc -l)" -eq 1 ]
    touch "$WINDFALL_STATE/go"
    wait "$first"
}

@test "a day that cannot be set right is a finding, not a success: the check is real" {
    last_days 2025-03-28
    no_network
    stub calc-btc 'cat >/dev/null'
    hook
    run at "2025-03-31 03:00:00" daily
    [ "$status" -eq 1 ]
    n=$(sql "select 3 * count(*) from (select distinct settlement_date, settlement_period, farm_id from curtailment_records
              where settlement_date > '2025-03-28') p")
    [[ "$output" == "verdict=findings "*" expected=$n missing=$n "* ]]
    grep -q "^problem warning .* daily has findings" "$ALERTS"
}

@test "a clock set back loses nothing and fetches nothing it has" {
    last_days
    no_network
    run at "2025-04-02 03:00:00" daily
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    run at "2025-03-25 03:00:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    grep -q 'msg="to fetch" periods=0 ' "$logs/daily_latest.log"
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/before" -
    # And one set back while it runs: no negative pause, no division by nothing.
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-22'"
    stub calc-btc 'exec faketime "2001-01-01 00:00:00" "$REAL/calc-btc" "$@"'
    run reconcile all
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "* ]]
    stub calc-btc 'exec "$REAL/calc-btc" "$@"'
    [ "$(find-missing | wc -l)" -eq 1 ]
}

@test "a full disk for the logs keeps no job from its work; it is said once" {
    last_days 2025-03-28
    no_network
    unshare --mount true || skip "this system lets no one mount a small disk"
    mkdir -p "$logs"
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount sh -c '
        mount -t tmpfs -o size=8k none "$1"
        head -c 8192 /dev/zero >"$1/full" 2>/dev/null
        TZ=Europe/London faketime "2025-03-31 03:00:00" daily' sh "$logs"
    [ "$status" -eq 0 ]
    [ "$(grep -c "cannot write .*daily_20250331_.*log, continuing without" <<<"$stderr")" -eq 1 ]
    [[ "$output" == "verdict=mended job=daily "* ]]
    [ "$(energy | tail -n 1)" = "2025-03-30|1838.616666669" ]
}

# ---- realtime ---------------------------------------------------------------

@test "realtime brings the periods that have ended, and asks for none that has not" {
    fresh_month 2025-03-18
    no_network
    replay_start "$MONTH"
    WINDFALL_ELEXON_URL=$REPLAY_URL run at "2025-03-20 12:16:00" realtime
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended job=realtime "*" dates=2 "*" unfetched=0 "* ]]
    [ "$(replay_requests /2025-03-19/)" -eq 48 ]
    [ "$(replay_requests /2025-03-20/)" -eq 24 ]
    [ "$(replay_requests)" -eq 72 ]
    # What is final is not asked for again, nor what may still change of yesterday, which is daily's; today's is, and the half
    # hour that has ended since.
    sql "update ingested_periods set status = 'provisional'
          where settlement_date between '2025-03-19' and '2025-03-20' and settlement_period = 7"
    provisional=$(sql "select count(*) from ingested_periods where settlement_date = '2025-03-20' and status = 'provisional'")
    WINDFALL_ELEXON_URL=$REPLAY_URL run at "2025-03-20 12:46:00" realtime
    [ "$status" -eq 0 ]
    [ "$(replay_requests)" -eq $((72 + 1 + provisional)) ]
    [ "$(replay_requests /2025-03-20/25$)" -eq 1 ]
    # One that ends while the job is at work is the next run's; one that it could not fetch is not.
    stub fetch-elexon ': >"$WINDFALL_STATE/later"; [ "$1 $2" != "--store -" ] || exec "$REAL/fetch-elexon" --store ${LEFT:+--periods} $LEFT 2025-03-20'
    stub find-missing '[ ! -e "$WINDFALL_STATE/later" ] || exec faketime "2025-03-20 13:31:00" "$REAL/find-missing" "$@"
        exec "$REAL/find-missing" "$@"'
    LEFT=1-25 run at "2025-03-20 13:29:00" realtime
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" unfetched=1 "* ]]
    rm "$WINDFALL_STATE/later"
    LEFT='' run at "2025-03-20 13:29:00" realtime
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" unfetched=0 "* ]]
}

@test "a period that is not published yet is no finding, and is asked for again" {
    fresh_month 2025-03-18
    no_network
    site=$BATS_TEST_TMPDIR/site
    cp -r "$MONTH" "$site"
    rm "$site"/balancing/settlement/stack/all/bid/2025-03-20/{23,24}
    replay_start "$site"
    hook
    WINDFALL_ELEXON_URL=$REPLAY_URL run at "2025-03-20 12:16:00" realtime
    [ "$status" -eq 0 ]
    [ ! -s "$ALERTS" ]
    [ "$(sql "select settlement_period, rows_seen from ingested_periods where settlement_date = '2025-03-20' and status = 'provisional' and settlement_period > 22 order by 1")" = \
"23|0
24|0" ]
    cp "$MONTH"/balancing/settlement/stack/all/bid/2025-03-20/{23,24} "$site/balancing/settlement/stack/all/bid/2025-03-20/"
    WINDFALL_ELEXON_URL=$REPLAY_URL run at "2025-03-20 12:46:00" realtime
    [ "$(sql "select rows_seen > 0 from ingested_periods where settlement_date = '2025-03-20' and settlement_period in (23, 24)")" = "t
t" ]
}

# ---- weekly, monthly --------------------------------------------------------

# The made month is evener than weather: its two quiet days stand out, and a person has looked at them.
know_quiet_days() {
    "$root/scripts/acknowledge" curtailed_mwh '2025-03-2*' 'the made month is quiet there'
    "$root/scripts/acknowledge" records '2025-03-2*' 'the made month is quiet there'
}

@test "weekly finds what only the source can tell, of the last eight days, and mends it" {
    last_days
    no_network
    know_quiet_days
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "update curtailment_records set farm_id = 'T_WRONG-1' where settlement_date = '2025-03-26' and farm_id = (
            select min(farm_id) from curtailment_records where settlement_date = '2025-03-26')"
    calc-btc -q --store 2025-03-26
    rollup-summaries -q 2025-03-26 >"$BATS_TEST_TMPDIR/summed"
    [ "$(find-missing --periods | wc -l)" -eq 1 ]
    run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended job=weekly "*" source_checked=yes "* ]]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    run at "2025-04-01 05:30:00" weekly
    [[ "$output" == "verdict=ok "* ]]
}

@test "weekly names what is implausible once; until it is acknowledged, later runs count it" {
    last_days
    no_network
    named() { sed -n 's/.* level=warning tool=weekly .*msg="implausible: \(.*\) is [^ ]*, expected .*"$/\1/p' "$logs/weekly_latest.log"; }
    # A quiet day of the month.
    run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 1 ]
    [ "$(fact implausible) $(named)" = '1 curtailed_mwh of 2025-03-23' ]
    run ! grep -q 'implausible as before' "$logs/weekly_latest.log"
    # The next run has a mistyped price to tell of.
    sql "insert into bitcoin_prices values ('2025-03-25', 'EUR', 87000, 'x'), ('2025-03-26', 'EUR', 870000.5, 'x'), ('2025-03-27', 'EUR', 86000, 'x')"
    run at "2025-04-01 05:30:00" weekly
    [ "$status" -eq 1 ]
    [ "$(fact implausible) $(named)" = '2 price of 2025-03-26 EUR' ]
    grep -q 'level=warning .*msg="implausible as before and not acknowledged: reconcile analyze lists them" figures=1$' "$logs/weekly_latest.log"
    run at "2025-04-01 06:30:00" "$root/scripts/reconcile" analyze
    [ "$(grep -cE '^  (curtailed_mwh of 2025-03-23|price of 2025-03-26 EUR) is ' <<<"$output")" -eq 2 ]
}

@test "weekly mends the whole history, but starts no back-fill of what was never fetched" {
    fresh_month
    no_network
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "insert into ingested_periods select '2024-12-24', n, 'final', 'bid so', 0, 0, 0 from generate_series(1, 48) n"
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-02'"
    sql "delete from ingested_periods where settlement_date = '2025-03-03' and settlement_period > 40"
    run at "2025-04-15 04:30:00" weekly 1
    # The archive knows nothing of April: that is told, and the rest is done.
    [ "$status" -eq 69 ]
    # From Christmas 2024 to the end of February nothing was ever fetched.
    [ "$(fact empty_dates)" -eq 66 ]
    sql "delete from ingested_periods where settlement_date < '2025-01-01'"
    rollup-summaries -q 2024-12-01 2025-03-31 >"$BATS_TEST_TMPDIR/summed"
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
}

@test "weekly fetches again what was fetched before a wind unit was known, and tells where it cannot" {
    fresh_month
    no_network
    know_quiet_days
    dump_db >"$BATS_TEST_TMPDIR/whole"
    late=$(sql "select farm_id from curtailment_records where settlement_date = '2025-03-10' group by 1 order by count(*) desc limit 1")
    sql "create table kept as select * from bm_units where farm_id = '$late'; delete from bm_units where farm_id = '$late'"
    sql "delete from curtailment_records where settlement_date = '2025-03-10'; delete from ingested_periods where settlement_date = '2025-03-10'"
    run at "2025-04-01 04:00:00" reingest 2025-03-10
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from curtailment_records where settlement_date = '2025-03-10' and farm_id = '$late'")" = 0 ]
    sql "insert into bm_units select * from kept; drop table kept"
    run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" unfetched=0 "* ]]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    # A day without a record, all of whose periods were overlooked, is not one that was never fetched.
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume, passed_over)
         select '2025-02-20', p, 'final', 'bid so', 9, 0, 0, array['$late'] from generate_series(1, 48) p"
    run at "2025-04-01 05:30:00" weekly
    [ "$status" -eq 69 ]
    [ "$(fact unfetched)" -eq 48 ]
    [ "$(fact empty_dates)" -eq 8 ]
    run at "2025-04-01 05:40:00" reconcile analyze
    [[ "$output" =~ "  overlooked"\ +"48 periods" ]]
}

@test "weekly without the source: not checked is said, and is no success" {
    last_days
    no_network
    stub fetch-elexon 'exec "$REAL/fetch-elexon" "$@" --attempts 1 --retry-wait 0.01'
    WINDFALL_ELEXON_URL=http://127.0.0.1:1 run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 75 ]
    [[ "$output" == *"verdict=failed job=weekly "*" source_checked=no "* ]]
}

@test "monthly checks the month that has closed against the source, every period, and adds it up anew" {
    fresh_month
    no_network
    dump_db >"$BATS_TEST_TMPDIR/whole"
    sql "update curtailment_records set original_price = original_price - 1, payment = volume * (original_price - 1)
          where settlement_date = '2025-03-02'"
    sql "update monthly_summaries set payment = payment + 1"
    # London's month has closed; on the machine, and in UTC, it is still the last evening.
    run at "2025-04-01 00:15:00" env TZ=America/New_York "$root/scripts/monthly"
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended job=monthly "*" dates=31 "*" source_checked=yes "* ]]
    dump_db | diff "$BATS_TEST_TMPDIR/whole" -
    run at "2025-04-01 02:30:00" monthly 2025-03
    [[ "$output" == "verdict=ok "* ]]
}

@test "wind generation that is published anew after its day was known is taken by weekly and by monthly" {
    fresh_month
    no_network
    know_quiet_days
    sql "insert into wind_generation select d::date, p, 100, 200 from generate_series(date '2025-03-01', '2025-03-31', '1 day') d, generate_series(1, 48) p
          where p <= settlement_periods(d::date)"
    wind=generation/actual/per-type/wind-and-solar
    mkdir -p "$BATS_TEST_TMPDIR/site/${wind%/*}"
    # A revision of one half hour in the last eight days, and of one before them.
    for at in 2025-03-28,7 2025-03-05,9; do
        for type in 'Onshore 700' 'Offshore 900.5'; do
            printf '{"dataset":"AGWS","documentRevisionNumber":2,"publishTime":"2025-03-31T10:00:00Z","businessType":"Wind generation","psrType":"Wind %s","quantity":%s,"startTime":"x","settlementDate":"%s","settlementPeriod":%s}\n' \
                "${type% *}" "${type#* }" "${at%,*}" "${at#*,}"
        done
    done | paste -sd, | sed 's/.*/{"metadata":{"datasets":["AGWS"]},"data":[&]}/' >"$BATS_TEST_TMPDIR/site/$wind"
    chmod -R a+rX "$BATS_TEST_TMPDIR"
    replay_start "$BATS_TEST_TMPDIR/site"
    stub fetch-wind "exec \"\$REAL/fetch-wind\" --base-url '$REPLAY_URL' \"\$@\""
    revised() { sql "select settlement_date, onshore_mwh, offshore_mwh from daily_summaries where settlement_date in ('2025-03-05', '2025-03-28') order by 1" | paste -sd' '; }
    run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 0 ]
    [ "$(revised)" = "2025-03-05|4800|9600 2025-03-28|5050|9850.25" ]
    run at "2025-04-01 05:30:00" monthly
    [ "$status" -eq 0 ]
    [ "$(revised)" = "2025-03-05|5050|9850.25 2025-03-28|5050|9850.25" ]
    [ "$(sql "select onshore_mwh, trim_scale(offshore_mwh) from monthly_summaries")" = "$((1486 * 100 + 500))|$((1486 * 200 + 500)).5" ]
}

# ---- together ---------------------------------------------------------------

@test "realtime beside daily beside reconcile: nothing lost, nothing twice, nobody in despair" {
    fresh_month 2025-03-18
    no_network
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9'"
    sql "delete from curtailment_records where settlement_period = 20"
    at "2025-03-20 03:00:00" daily >"$BATS_TEST_TMPDIR/daily" 2>&1 3>&- &
    at "2025-03-20 03:00:00" realtime >"$BATS_TEST_TMPDIR/realtime" 2>&1 3>&- &
    at "2025-03-20 03:00:00" reconcile all --jobs 2 >"$BATS_TEST_TMPDIR/reconcile" 2>&1 3>&- &
    for job in %1 %2 %3; do
        status=0
        wait "$job" || status=$?
        # One may see what another is still at, and say so.
        [ "$status" -le 1 ] || [ "$status" -eq 75 ] || { cat "$BATS_TEST_TMPDIR"/{daily,realtime,reconcile}; false; }
    done
    run at "2025-03-20 03:10:00" reconcile all
    [ "$status" -eq 0 ]
    only_until 2025-03-19
    month_until 2025-03-19 >"$BATS_TEST_TMPDIR/until"
    dump_db | diff "$BATS_TEST_TMPDIR/until" -
}

@test "bad usage of each job is told before anything is done" {
    fresh_month 2025-03-03
    no_network
    while read -r arguments; do
        # shellcheck disable=SC2086
        run --separate-stderr at "2025-03-20 03:00:00" $arguments
        echo "$arguments: $status"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done <<-END
	daily 0
	daily 401
	daily x
	daily --nonsense
	daily -3
	daily 2 3
	realtime now
	weekly 8 9
	monthly 2025-01 2025-02
	weekly 0
	weekly 401
	weekly --nonsense
	monthly 2025-13
	monthly 2025-03
	monthly 2025-04
	monthly march
	spread
	spread x true
	spread 5
	END
    [ ! -e "$logs" ]
    for job in daily realtime weekly monthly spread reconcile mend-dates; do
        run --separate-stderr "$job" --help
        [ "$status" -eq 0 ]
        [[ "$output" == "usage: $job"* ]]
        [ "$stderr" = "" ]
    done
}

@test "every job's log ends with its verdict, which is the line it prints" {
    fresh_month 2025-03-03
    no_network
    unset WINDFALL_BACKUP
    for job in "daily 1" realtime weekly monthly "reconcile recent 2" "reconcile status"; do
        # shellcheck disable=SC2086
        run --separate-stderr at "2025-03-04 03:00:00" $job
        [[ "$output" =~ (^|$'\n')verdict=(ok|mended|findings|failed)" job="[a-z-]+" run="[0-9a-f]{8}" status="[0-9]+" step="[a-z-]+" ms="-?[0-9]+" "[^$'\n']*$ ]]
    done
    for log in "$logs"/*_latest.log; do
        [ "$(grep -c '^verdict=' "$log")" -eq 1 ]
        [ "$(tail -n 1 "$log" | grep -c '^verdict=')" -eq 1 ]
    done
    # The six, and the backup that weekly makes.
    [ "$(ls "$logs"/*_latest.log | wc -l)" -eq 7 ]
}

# ---- spread -----------------------------------------------------------------

@test "the five questions that the README asks of the logs have answers, each once" {
    fresh_month 2025-03-02
    no_network
    WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR run at "2025-03-05 03:00:00" daily
    [ "$status" -eq 69 ]
    run at "2025-03-06 03:00:00" daily
    [ "$status" -eq 0 ]
    cd "$WINDFALL_STATE"
    grep '^    grep -h' "$root/README.md" >"$BATS_TEST_TMPDIR/questions"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/questions")" -eq 5 ]
    while read -r question; do
        sh -c "$question" >"$BATS_TEST_TMPDIR/answer"
        echo "$question: $(cat "$BATS_TEST_TMPDIR/answer")"
        [ -s "$BATS_TEST_TMPDIR/answer" ]
        [ "$(sort "$BATS_TEST_TMPDIR/answer" | uniq -d)" = "" ]
        case $question in
        *2025-03-04*)
            grep -q 'level=error tool=fetch-elexon .* msg="2025-03-04: the archive holds none' "$BATS_TEST_TMPDIR/answer"
            grep -q 'msg="fetching" periods=144 of=2025-03-03,2025-03-04,2025-03-05$' "$BATS_TEST_TMPDIR/answer"
            grep -q 'msg="compared" missing=[1-9].* of=2025-03-03,2025-03-04,2025-03-05$' "$BATS_TEST_TMPDIR/answer"
            grep -q 'msg="summaries changed" rows=[1-9][0-9]* of=2025-03-03,2025-03-04,2025-03-05$' "$BATS_TEST_TMPDIR/answer" ;;
        esac
    done <"$BATS_TEST_TMPDIR/questions"
}

@test "spread pauses by the host's name, the same each time, and becomes the command" {
    unshare --uts true || skip "this system lets no one have another host name"
    mkdir "$BATS_TEST_TMPDIR/path"
    printf '#!/bin/sh\necho "pause $1"\n' >"$BATS_TEST_TMPDIR/path/sleep"
    chmod +x "$BATS_TEST_TMPDIR/path/sleep"
    PATH=$BATS_TEST_TMPDIR/path:$PATH
    for host in one two three four five six seven eight nine ten; do
        unshare --uts sh -c "hostname $host; spread 900 printf '%s|' 'a b' \"c'd\"; echo; spread 900 true"
    done >"$BATS_TEST_TMPDIR/pauses"
    [ "$(grep -c "^a b|c'd|$" "$BATS_TEST_TMPDIR/pauses")" -eq 10 ]
    grep '^pause' "$BATS_TEST_TMPDIR/pauses" >"$BATS_TEST_TMPDIR/only"
    [ "$(awk 'NR % 2 == 0 && $2 != was { n++ } { was = $2 } END { print n + 0 }' "$BATS_TEST_TMPDIR/only")" -eq 0 ]
    [ "$(awk '$2 < 0 || $2 >= 900' "$BATS_TEST_TMPDIR/only" | wc -l)" -eq 0 ]
    [ "$(sort -u "$BATS_TEST_TMPDIR/only" | wc -l)" -gt 7 ]
    run spread 0 sh -c 'exit 41'
    [ "$status" -eq 41 ]
}

# ---- what it cost, and what was settled ---------------------------------------

# The month's source with offers beside its bids, of one day: in each half hour 2 MWh at 50, and more than enough at 100.
source_with_offers() {
    local stack=balancing/settlement/stack/all period body start
    mkdir -p "$BATS_TEST_TMPDIR/source/$stack/offer/$1"
    ln -s "$MONTH/$stack/bid" "$BATS_TEST_TMPDIR/source/$stack/bid"
    start=$(date -u -d "$(TZ=Europe/London date -d "$1" --iso-8601=seconds)" +%s)
    jq -n -r --arg date "$1" --argjson start "$start" '
        def offer(n; volume; price): {settlementDate: $date, settlementPeriod: .period, startTime: (.begins | todate),
            createdDateTime: (.begins + 95000 | todate), sequenceNumber: n, id: "T_CCGT-\(n)", acceptanceId: n, bidOfferPairId: 1,
            cadlFlag: false, soFlag: false, storProviderFlag: false, repricedIndicator: false, reserveScarcityPrice: 0,
            originalPrice: price, volume: volume, dmatAdjustedVolume: volume, arbitrageAdjustedVolume: volume, nivAdjustedVolume: 0,
            parAdjustedVolume: null, finalPrice: price, transmissionLossMultiplier: 0.99, tlmAdjustedVolume: null, tlmAdjustedCost: null};
        range(1; 49) | {period: ., begins: ($start + (. - 1) * 1800)} |
        "\(.period)\t\({metadata: {datasets: ["ISPSTACK"]}, data: [offer(1; 2; 50), offer(2; 50000; 100)]})"' |
        while IFS=$'\t' read -r period body; do
            [ ! -e "$MONTH/$stack/bid/$1/$period" ] || printf '%s\n' "$body" >"$BATS_TEST_TMPDIR/source/$stack/offer/$1/$period"
        done
    WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR/source
}

@test "reconcile asks what it cost to turn others up on the dates that it fetched, and on no others" {
    last_days 2025-03-28
    no_network
    source_with_offers 2025-03-29
    known() { sql "select string_agg(distinct r.settlement_date::text, ' '), bool_and(r.periods = d.periods)
        from replacement_daily_summaries r join daily_summaries d using (settlement_date)"; }
    # A day that lacks calculations alone is not asked about: it may be years ago.
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-28' and miner_model = 'S9'"
    run at "2025-03-31 03:00:00" reconcile range 2025-03-28 2025-03-29
    [ "$status" -eq 0 ]
    [[ "${lines[-1]}" == "verdict=mended "*" missing=0 "*" unfetched=0 "*" in_run=2 "* ]]
    [ "$(known)" = '2025-03-29|t' ]
    run ! grep 'holds no offer stack' "$logs/reconcile_latest.log"
    # What a run did not come to, killed before it or because the source was busy, the next one asks for.
    for end in 'kill -9 $PPID' 'exit 75'; do
        sql "delete from replacement_costs; update ingested_periods set status = 'provisional' where settlement_date = '2025-03-29'"
        stub fetch-replacement "$end"
        run at "2025-03-31 03:05:00" reconcile date 2025-03-29
        [ "$status" -ne 0 ]
        rm "$BATS_TEST_TMPDIR/stubs/fetch-replacement"
        [ "$(sql "select count(*) from replacement_costs")" -eq 0 ]
        [ "$(find-missing --periods --no-header 2025-03-29)" = "" ]
        run at "2025-03-31 03:06:00" reconcile date 2025-03-29
        [ "$status" -eq 0 ]
        [ "$(known)" = '2025-03-29|t' ]
    done
    # What is answered with something else would fail each run from now on.
    sql "update ingested_periods set status = 'provisional' where settlement_date = '2025-03-29'"
    stub fetch-replacement 'exit 76'
    run at "2025-03-31 03:05:00" reconcile date 2025-03-29
    rm "$BATS_TEST_TMPDIR/stubs/fetch-replacement"
    [ "$status" -eq 76 ]
    [ ! -e "$WINDFALL_STATE/var/replacement-reconcile" ]
    unit=$(sql "select min(farm_id) from curtailment_records where settlement_date = '2025-03-29'")
    for verb in 'critical 2025-03-29' "spot-fix 2025-03-29 20 $unit" 'range 2025-03-29 2025-03-29 --force'; do
        sql "delete from replacement_costs"
        # shellcheck disable=SC2086 # a verb and its arguments
        run at "2025-03-31 03:10:00" reconcile $verb
        [ "$status" -eq 0 ] || { echo "$verb: $output"; false; }
        [ "$(known)" = '2025-03-29|t' ]
    done
    rm -r "$BATS_TEST_TMPDIR/source"
    source_with_offers 2025-03-30
    WINDFALL_REPLACEMENT=off run at "2025-03-31 03:20:00" reconcile date 2025-03-30
    [ "$status" -eq 0 ]
    [ "$(known)" = '2025-03-29|t' ]
}

@test "daily asks what it cost to turn others up, unless that is off, and a second one asks nothing" {
    last_days 2025-03-28
    no_network
    source_with_offers 2025-03-29
    WINDFALL_REPLACEMENT=off run at "2025-03-31 02:00:00" daily
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from replacement_costs")" -eq 0 ]
    run at "2025-03-31 03:00:00" daily
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=mended "*" audit_differences=0 "* ]]
    # Of the 30th there are no offers: that is not known, and no failure.
    [ "$(sql "select r.settlement_date, r.periods = d.periods, r.periods_final = d.periods, r.replaced_mwh = d.curtailed_mwh, r.cost = (
            select sum(case when curtailed_mwh > 2 then 100 * curtailed_mwh - 100 else 50 * curtailed_mwh end) from period_summaries p where p.settlement_date = d.settlement_date)
        from replacement_daily_summaries r join daily_summaries d using (settlement_date)")" = "2025-03-29|t|t|t|t" ]
    grep -q 'step=replacement .*the archive holds no offer stack of ' "$logs/daily_latest.log"
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    run at "2025-03-31 03:30:00" daily
    [[ "$output" == "verdict=ok "* ]]
    dump_db --exact | cmp "$BATS_TEST_TMPDIR/once" -
}

@test "suspect offers, and pounds that nothing explains, are findings with their counts; what cannot be asked is for later" {
    last_days
    no_network
    stub fetch-replacement 'cat >/dev/null; printf "settlement_date\tsettlement_period\tsuspect\n2025-03-31\t7\tless\n2025-03-31\t8\tless\n"; exit 1'
    run at "2025-04-01 03:00:00" daily
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" suspect_offers=2"* ]]
    stub fetch-replacement 'cat >/dev/null'
    stub audit-source 'echo "$*" >"$WINDFALL_STATE/asked"
        printf "settlement_date\tfarm_id\treason\tperiods\tsettled\texpected\tdifference\n2025-03-28\tT_A-1\tnot_flagged\t1\t1\t0\t1\n2025-03-28\tT_B-1\tunexplained\t1\t1\t0\t1\n"
        exit 1'
    know_quiet_days
    run at "2025-04-01 04:30:00" weekly
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "*" unexplained_units=1"* ]]
    [ "$(<"$WINDFALL_STATE/asked")" = "--store 2025-03-24 2025-03-30" ]
    stub audit-source 'kill -9 $$'
    run at "2025-04-01 05:30:00" weekly
    [ "$status" -eq 137 ]
    grep -q 'not all could be done (a program was ended by SIGKILL, as the system does where memory is short); what' "$logs/weekly_latest.log"
    WINDFALL_AUDIT_SOURCE=off run at "2025-04-01 06:30:00" weekly
    [ "$status" -eq 0 ]
    # Why no backup was made is said, though one that cannot begin has no log.
    exec 8>"$WINDFALL_STATE/var/backup.lock"
    flock 8
    WINDFALL_BACKUP=on WINDFALL_AUDIT_SOURCE=off run at "2025-04-01 07:30:00" weekly
    exec 8>&-
    [ "$status" -eq 75 ]
    grep -q 'level=error .*msg="no backup was made: another backup is running"' "$logs/weekly_latest.log"
}

@test "a tool that fails, whichever it is, is how weekly ends: the others do their work, and nothing is said to be well" {
    fresh_month 2025-03-31 2025-03-30
    cd "$BATS_TEST_TMPDIR"
    # Some of them, others each time; tests/drill has all.
    mapfile -t all < <(weekly_tools)
    each_ends_weekly 3 "${all[@]}"
}

@test "a morning with nothing to do starts fewer than 50 programs, whatever tree the environment names" {
    last_days
    no_network
    TZ=Europe/London faketime "2025-04-01 03:00:00" daily >"$BATS_TEST_TMPDIR/first"
    ln -s "$root/scripts/daily" "$BATS_TEST_TMPDIR/morning"
    # Who is traced cannot be searched for leaks, and a build that would ends with 1.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 WINDFALL_ROOT=$BATS_TEST_TMPDIR/other TZ=Europe/London faketime "2025-04-01 03:30:00" \
        strace -f -qq -e trace=execve -e signal=none -o "$BATS_TEST_TMPDIR/calls" "$BATS_TEST_TMPDIR/morning" >"$BATS_TEST_TMPDIR/second"
    cat "$BATS_TEST_TMPDIR/second"
    [[ "$(cat "$BATS_TEST_TMPDIR/second")" == "verdict=ok job=daily "* ]]
    sed -n 's/.*execve("\([^"]*\)".* = 0$/\1/p' "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/programs"
    cat "$BATS_TEST_TMPDIR/programs"
    # strace saw the job and its tools; the settings are read once.
    grep -qx "$root/scripts/partitions" "$BATS_TEST_TMPDIR/programs"
    [ "$(grep -c '/with-settings$' "$BATS_TEST_TMPDIR/programs")" -eq 1 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/programs")" -lt 50 ]
}
