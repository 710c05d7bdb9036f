# check-status: each kind of wound is counted, judged, and told in each of four forms.
load helper
load asking
load sums

# The reconstructed day, as it looks on the morning two days after it: nothing is wrong.
setup_file() {
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR BATS_SUITE_TEST_NUMBER=status
    export WINDFALL_ELEXON_URL=file://$root/tests/data/archive
    fresh_db
    reingest 2022-01-01 >/dev/null
    export WORLD=$TEST_DB WORLD_STATE=$WINDFALL_STATE
}

teardown_file() { TEST_DB=$WORLD tear_down_all; }

setup() {
    fresh_db "$WORLD"
    cp -a "$WORLD_STATE/." "$WINDFALL_STATE"
    NOW='2022-01-03 09:00:00'
}

# check [OPTION]... - at the time $NOW, which stands still for the tool: an age is exact however slow the machine is.
# The server's own clock goes on.
check() {
    TZ=UTC run --separate-stderr faketime -f "$NOW" check-status "$@"
}

# is STATUS PATH VALUE... - the exit status, and what JSON says at these paths.
is() {
    local want=$1
    shift
    check --format json
    echo "$output"
    [ "$status" -eq "$want" ] || return 1
    while [ $# -gt 0 ]; do
        [ "$(jq -r "$1" <<<"$output")" = "$2" ] || { echo "$1 is $(jq -r "$1" <<<"$output"), not $2"; return 1; }
        shift 2
    done
}

@test "the exchange ledger is part of the state: proposals, what has no lot, and a version that is behind the books" {
    run check-status
    [[ "$output" != *"Exchange ledger"* ]]
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee P-USD,b1,BUY,2024-01-01T00:00:00Z,1,100,0 \
        P-USD,s1,SELL,2024-02-01T00:00:00Z,3,150,0 >"$BATS_TEST_TMPDIR/books.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/books.csv"
    exchange match >/dev/null 2>&1
    check-status --format json >"$BATS_TEST_TMPDIR/json" || :
    [ "$(jq -c '.ledger | [.covered_gain, .uncovered, .uncovered_proceeds, .open_proposals, .recorded_since]' "$BATS_TEST_TMPDIR/json")" = '[50,1,300,0,0]' ]
    printf '%s\n' product_id,trade_id,side,trade_time,size,price,fee P-USD,b2,BUY,2024-03-01T00:00:00Z,1,100,0 >"$BATS_TEST_TMPDIR/books.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/books.csv"
    run check-status
    [ "$status" -ne 0 ]
    [[ "$output" == *"trades recorded since the current FIFO version"*"1"* ]]
    check-status --format prometheus >"$BATS_TEST_TMPDIR/prom" || :
    grep -q '^windfall_ledger_trades_since_current_version 1' "$BATS_TEST_TMPDIR/prom"
    grep -q '^windfall_ledger_uncovered_proceeds 300' "$BATS_TEST_TMPDIR/prom"
}

@test "a day where all is right is OK, with the figures that were made outside this project" {
    is 0 .status OK '.problems | length' 0 .stored.records 3525 .stored.period_farms 1844 .stored.days 1 \
        .stored.first_day 2022-01-01 .stored.lag_days 2 .fetched.fetched 48 .fetched.final 48 .fetched.unfetched 0 \
        .compared.expected 5532 .compared.present 5532 .compared.percent 100 .counted.calculations.S9 1844 \
        .counted.summary_differences 0 .jobs.exit_code.reingest 0 .jobs.verdict.reingest mended
    # Every digit, as no double holds them.
    [[ "$output" == *'"curtailed_mwh":62399.044166466,'* ]]
    [[ "$output" == *'"percent":100.00,'* ]]
    [ "$stderr" = "" ]
}

@test "missing, stale and orphan calculations are counted one by one, the sums notwithstanding" {
    sql "delete from historical_bitcoin_calculations where settlement_period = 30 and miner_model = 'S9'
            and farm_id = (select min(farm_id) from historical_bitcoin_calculations where settlement_period = 30)"
    is 1 .status WARNING .compared.missing 1 .compared.stale 0 .compared.orphan 0 .compared.percent 99.98 .counted.missing 0
    sql "update historical_bitcoin_calculations set difficulty = difficulty + 1 where settlement_period = 31 and miner_model = 'S9'"
    stale=$(sql "select count(*) from historical_bitcoin_calculations where settlement_period = 31 and miner_model = 'S9'")
    [ "$stale" -gt 0 ]
    is 1 .compared.missing 1 .compared.stale "$stale"
    orphan=$(sql "select 3 * count(distinct farm_id) from curtailment_records where settlement_period = 32")
    sql "delete from curtailment_records where settlement_period = 32"
    # The day's summary says more than its records now.
    is 1 .compared.orphan "$orphan" .compared.stale "$stale" .compared.missing 1 .counted.summary_differences 1
}

@test "a day with a proof is told by it, until somebody writes its rows" {
    needs_plain "no day is proved there"
    sql "update day_proofs set expected = expected + 1"
    is 0 .compared.expected 5533 .compared.present 5533 .counted.summary_differences 0
    sql "update day_proofs set curtailed_mwh = curtailed_mwh + 1"
    is 1 .counted.summary_differences 1
    sql "update curtailment_records set payment = payment where settlement_period = 30"
    is 0 .compared.expected 5532 .compared.present 5532 .counted.summary_differences 0
}

@test "what the sums say of all days is counted, however old the day is" {
    sql "delete from historical_bitcoin_calculations where settlement_period = 4"
    lost=$(sql "select 5532 - count(*) from historical_bitcoin_calculations")
    rollup-summaries >/dev/null
    check --format json --last 0
    [ "$status" -eq 1 ]
    [ "$(jq .counted.missing <<<"$output")" -eq "$lost" ]
    [ "$(jq .compared <<<"$output")" = null ]
    # A model that is added is missing on every day.
    sql "insert into miner_models values ('S21', 200, 3500)"
    check --format json --last 0
    [ "$(jq .counted.missing <<<"$output")" -eq $((lost + 1844)) ]
    [ "$(jq .status <<<"$output")" = '"CRITICAL"' ]
}

@test "a sum on any level that is not the sum of the level below is counted" {
    for change in "daily_summaries set curtailed_mwh = curtailed_mwh + 0.000000001" \
        "monthly_summaries set payment = payment + 0.01" "yearly_summaries set records = records - 1" \
        "bitcoin_monthly_summaries set bitcoin_mined = bitcoin_mined + 0.00000001 where miner_model = 'S9'" \
        "bitcoin_yearly_summaries set calculations = 0 where miner_model = 'M20S'"; do
        sql "update $change"
        check --format json
        echo "$change: $output"
        [ "$status" -ge 1 ]
        [ "$(jq .counted.summary_differences <<<"$output")" -ge 1 ]
        rollup-summaries >/dev/null
    done
    # One that is not there, on either level of it; and values of two currencies added up, beside the rows in the other one.
    as() { echo "insert into $1 select (jsonb_populate_record(s, '$2')).* from $1 s where miner_model = 'S9';"; }
    double() { echo "update $1 set bitcoin_mined = bitcoin_mined * 2, value_at_mining = value_at_mining * 2,
                            calculations = calculations * 2, days = 2 where miner_model = 'S9';"; }
    for change in "1|delete from bitcoin_yearly_summaries where miner_model = 'S9'" \
        "1|update bitcoin_yearly_summaries set currency = null where miner_model = 'S9'" "2|delete from monthly_summaries" \
        "2|delete from bitcoin_monthly_summaries where miner_model = 'S9'" \
        "2|$(as bitcoin_daily_summaries '{"settlement_date": "2022-01-02", "currency": "EUR"}')
           $(double bitcoin_monthly_summaries) $(double bitcoin_yearly_summaries)" \
        "3|$(as bitcoin_monthly_summaries '{"year_month": "2022-02", "currency": "EUR"}') $(double bitcoin_yearly_summaries)" \
        "3|$(as bitcoin_monthly_summaries '{"year_month": "2022-02", "currency": null}') $(double bitcoin_yearly_summaries)"; do
        sql "${change#*|}"
        check --format json
        echo "$change: $output"
        [ "$(jq .counted.summary_differences <<<"$output")" -eq "${change%%|*}" ]
        rollup-summaries >/dev/null
    done
    is 0 .counted.summary_differences 0
}

@test "a period never fetched is told at once, and a warning when it should be there" {
    sql "delete from ingested_periods where settlement_period in (7, 8)"
    rollup-summaries >/dev/null
    NOW='2022-01-02 09:00:00'
    is 0 .fetched.unfetched 2 .fetched.unfetched_overdue 0
    NOW='2022-01-03 00:14:00'
    is 0 .fetched.unfetched_overdue 0
    NOW='2022-01-03 00:16:00'
    is 1 .fetched.unfetched_overdue 2 '.problems[0].text' 'unfetched periods overdue: 2'
    # A day between two that are there was never asked for at all: 46 periods more, when the clocks went forward.
    sql "delete from ingested_periods"
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d, p, 'final', 'bid so', 0, 0, 0 from (values (date '2024-03-30', 48), (date '2024-04-01', 48)) v (d, n), generate_series(1, n) p"
    NOW='2024-04-03 09:00:00'
    is 1 .fetched.expected 142 .fetched.unfetched 46 .fetched.unfetched_overdue 46
}

@test "what was fetched is counted by day: too much of one day does not stand for a hole in another" {
    sql "delete from ingested_periods"
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d, p, case when d = '2024-04-04' and p > 45 then 'provisional' else 'final' end, 'bid so', 0, 0, 0
           from (values (date '2024-03-30', 48), (date '2024-03-31', 50), (date '2024-04-01', 46), (date '2024-04-04', 48)) v (d, n),
                generate_series(1, n) p"
    wanted gap 2024-04-03 2024-04-03 --why "the source was down" >/dev/null
    NOW='2024-04-06 09:00:00'
    is 2 .stored.first_day 2024-03-30 .stored.last_day 2024-04-04 .stored.days 5 .fetched.expected 238 .fetched.fetched 192 \
        .fetched.final 189 .fetched.provisional 3 .fetched.unfetched 50
}

@test "a period that is not final another day after it could be is overdue" {
    sql "update ingested_periods set status = 'provisional' where settlement_period > 40"
    rollup-summaries >/dev/null
    is 0 .fetched.provisional 8 .fetched.provisional_overdue 0
    NOW='2022-01-04 00:16:00'
    check --format json --warn-lag off --crit-lag off
    [ "$status" -eq 1 ]
    [ "$(jq .fetched.provisional_overdue <<<"$output")" -eq 8 ]
    # What is suspect is counted as that, and as nothing else.
    sql "update ingested_periods set status = 'suspect', suspect = 'odd' where settlement_period = 41"
    check --format json --warn-lag off --crit-lag off
    [ "$(jq -c '.fetched | [.provisional, .provisional_overdue, .suspect]' <<<"$output")" = '[7,7,1]' ]
}

@test "of today only what has ended counts, and nothing of it is compared" {
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select date '2022-01-02', p, 'final', 'bid so', 0, 0, 0 from generate_series(1, 48) p
         union all select date '2022-01-03', p, 'provisional', 'bid so', 0, 0, 0 from generate_series(1, 10) p"
    rollup-summaries >/dev/null
    is 0 .stored.last_day 2022-01-03 .stored.lag_days 0 .fetched.unfetched 0 .compared.to 2022-01-02
}

@test "a difficulty that is not known any more is a warning, then critical" {
    sql "delete from network_difficulty where effective_from > '2022-01-01'"
    sql "update network_difficulty set in_force_until = '2022-01-02T00:00Z' where effective_from = (select max(effective_from) from network_difficulty)"
    NOW='2022-01-03 09:00:00'
    is 0 .difficulty.age_seconds $((33 * 3600)) .difficulty.known_until 2022-01-02T00:00:00Z
    check --warn-difficulty-age 1d
    [ "$status" -eq 1 ]
    [[ "$output" == *"time without a known difficulty: 33.0 h"* ]]
    check --warn-difficulty-age 1h --crit-difficulty-age 90m
    [ "$status" -eq 2 ]
    sql "delete from network_difficulty"
    is 2 .status CRITICAL .difficulty.known_until null
    [[ "$output" == *'no difficulty is known'* ]]
}

@test "dates that the newest run gave up count, those that a later run did do not" {
    sql "insert into reconciliation_runs (job, host, pid, state, exit_code, verdict) values ('reconcile', 'h', 1, 'failed', 1, 'findings'), ('reconcile', 'h', 2, 'done', 0, 'ok')"
    sql "insert into reconciliation_run_dates (run_id, settlement_date, state, attempts) values
            (1, '2022-01-01', 'failed', 3), (1, '2022-01-02', 'failed', 3), (2, '2022-01-02', 'done', 1)"
    is 1 .runs.failed_dates 1 '.last_runs[0].run_id' 2 '.last_runs[1].verdict' findings
}

@test "the age of each job's last good run is judged by its own limits" {
    mkdir -p "$WINDFALL_STATE/var/jobs"
    printf 'ended=2022-01-03T08:00:00Z\nstatus=75\nverdict=failed\nms=1200\nlast_good=2022-01-02T01:00:00Z\n' >"$WINDFALL_STATE/var/jobs/daily"
    printf 'ended=2022-01-03T08:50:00Z\nstatus=0\nverdict=ok\nms=99\nlast_good=2022-01-03T08:50:00Z\n' >"$WINDFALL_STATE/var/jobs/realtime"
    is 1 .jobs.age_seconds.daily $((32 * 3600)) .jobs.exit_code.daily 75 .jobs.age_seconds.realtime 600 \
        '.problems[0].text' 'daily: time since last success: 32.0 h'
    check --warn-age daily=2d
    [ "$status" -eq 0 ]
    check --crit-age daily=30h
    [ "$status" -eq 2 ]
    check --warn-age realtime=5m --warn-age daily=off --crit-age daily=off
    [ "$status" -eq 1 ]
    # What they are is printed without a database: those of the options instead of those that are there without.
    DATABASE_URL=host=/nowhere check --list-limits --warn-age realtime=5m --warn-age backup=2d --crit-percent off
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = $'limit\tjob\twarn\tcrit' ]
    grep -qxF $'unfetched\t\\N\t0\t48' <<<"$output"
    grep -qxF $'percent\t\\N\t100\t\\N' <<<"$output"
    [ "$(grep '^age' <<<"$output")" = $'age\trealtime\t300\t86400
age\tdaily\t108000\t259200
age\tweekly\t691200\t1296000
age\tmonthly\t2764800\t5356800
age\texchange-weekly\t691200\t1296000
age\tbackup\t172800\t\\N' ]
    printf 'ended=2022-01-03T08:00:00Z\nstatus=70\nverdict=failed\nms=1\nlast_good=\n' >"$WINDFALL_STATE/var/jobs/daily"
    is 1 '.problems[0].text' 'daily: never succeeded' .jobs.age_seconds.daily null
    # A damaged file, or one of a clock that was years ahead, is no job that does well.
    for text in '' garbage 'ended=garbage\nstatus=x\nverdict=ok\nlast_good=garbage\n' \
        'ended=2040-01-01T00:00:00Z\nstatus=0\nverdict=ok\nms=1\nlast_good=2040-01-01T00:00:00Z\n'; do
        printf "$text" >"$WINDFALL_STATE/var/jobs/daily"
        is 1 '.problems[0].text' 'daily: never succeeded' .jobs.age_seconds.daily null
    done
}

@test "a monitor whose account may not read how the jobs ended says so" {
    rm -rf "${WINDFALL_STATE:?}/var/jobs"
    ln -s jobs "$WINDFALL_STATE/var/jobs"
    is 1 '.problems[0].text' 'how the jobs ended cannot be read: Too many levels of symbolic links'
}

@test "a job leaves how it ended, and keeps when it last went well" {
    good=$(sed -n 's/^last_good=//p' "$WINDFALL_STATE/var/jobs/reingest")
    [[ "$good" =~ ^20[0-9-]+T[0-9:]+Z$ ]]
    WINDFALL_ELEXON_URL=file:///nonexistent run reingest 2022-01-01
    [ "$status" -ne 0 ]
    grep -qx "status=$status" "$WINDFALL_STATE/var/jobs/reingest"
    grep -qx "last_good=$good" "$WINDFALL_STATE/var/jobs/reingest"
}

@test "limits: a number, a time, off; below for the percentage; anything else is UNKNOWN" {
    sql "delete from historical_bitcoin_calculations where settlement_period = 30 and miner_model = 'S9'"
    n=$(sql "select 1844 - count(*) from historical_bitcoin_calculations where miner_model = 'S9'")
    check --warn-missing "$n" --warn-percent 99
    [ "$status" -eq 0 ]
    check --warn-missing $((n - 1)) --warn-percent 99
    [ "$status" -eq 1 ]
    check --warn-missing off --warn-percent 99 --crit-percent 99.999
    [ "$status" -eq 2 ]
    for bad in --warn-missing=x --warn-missing=1y --warn-missing= --warn-missing=-1 --warn-age=1d --warn-age=DAILY=1d --warn-age==1d \
        --format=xml --last=401 --last=-1 --output=x.prom surplus; do
        check "$bad"
        echo "$bad: $status $output"
        [ "$status" -eq 3 ]
        [ "$output" = "" ]
        [ "$stderr" != "" ]
    done
}

@test "Nagios gets one line: the gravest first, then figures with their limits" {
    check --format nagios
    [ "$status" -eq 0 ]
    [ "$(wc -l <<<"$output")" -eq 1 ]
    [[ "$output" == "WINDFALL OK - 1 day up to 2022-01-01, nothing to repair | 'stored_lag_days'=2;2;4;0 "* ]]
    [[ "$output" == *" 'compared_missing'=0;0;1000;0 "* ]]
    [[ "$output" == *" 'compared_percent'=100.00%;100:;95:;0 "* ]]
    # No label twice, and each figure in the form the guidelines give.
    figures=$(sed 's/.* | //' <<<"$output" | tr ' ' '\n')
    [ "$(sed 's/=.*//' <<<"$figures" | sort | uniq -d)" = "" ]
    run grep -vE "^'[a-z_0-9]+'=[0-9.]+(%|s|B)?;[0-9.]*:?;[0-9.]*:?;0$" <<<"$figures"
    [ "$output" = "" ]
    sql "delete from ingested_periods where settlement_period = 7"
    sql "delete from historical_bitcoin_calculations where settlement_period < 20"
    check --format nagios
    [ "$status" -eq 2 ]
    [[ "$output" == "WINDFALL CRITICAL - calculations "*"; "*"unfetched periods overdue: 1"*" | "* ]]
    check --format nagios --bad-option
    [ "$status" -eq 3 ]
    [[ "$output" == "WINDFALL UNKNOWN - "* ]]
}

@test "Prometheus gets each metric once with HELP and TYPE, and no timestamp" {
    check --format prometheus
    [ "$status" -eq 0 ]
    grep -qx 'windfall_up 1' <<<"$output"
    grep -qx 'windfall_missing_calculations 0' <<<"$output"
    grep -qx 'windfall_reconciliation_ratio 1.0000' <<<"$output"
    grep -qx 'windfall_calculations{miner_model="S9"} 1844' <<<"$output"
    grep -qx 'windfall_curtailed_megawatt_hours 62399.044166466' <<<"$output"
    grep -qxE 'windfall_build_info\{version="[0-9.]+"\} 1' <<<"$output"
    grep -qxE 'windfall_job_last_success_timestamp_seconds\{job="reingest"\} [0-9]{10}' <<<"$output"
    awk '
        /^# HELP windfall_[a-z_]+ [^ ]/ { help = $3; next }
        /^# TYPE windfall_[a-z_]+ gauge$/ { if ($3 != help || seen[$3]++) bad = bad "\n" $0; type = $3; next }
        { name = $1; sub(/\{.*/, "", name); if (name != type || series[$1]++ || NF != 2 || $2 !~ /^-?[0-9.]+$/) bad = bad "\n" $0 }
        END { if (bad) { print bad; exit 1 } }' <<<"$output"
}

@test "the textfile is replaced whole, and left alone where it cannot be" {
    file=$BATS_TEST_TMPDIR/windfall.prom
    echo old >"$file"
    check --format prometheus --output "$file"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    grep -qx 'windfall_up 1' "$file"
    [ "$(stat -c %a "$file")" = 644 ]
    (umask 077 && check-status --format prometheus --output "$file") || :
    [ "$(stat -c %a "$file")" = 644 ]
    # A disk that fills up in the middle of the file, here a limit, is named, and the file is as it was.
    cp "$file" "$BATS_TEST_TMPDIR/before"
    run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 1; exec check-status --format prometheus --output "$1"' - "$file"
    [ "$status" -eq 3 ]
    [[ "$output$stderr" == *"cannot write $file: File too large"* ]]
    cmp "$file" "$BATS_TEST_TMPDIR/before"
    [ "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'windfall.prom*' | wc -l)" -eq 1 ]
    check --format prometheus --output "$BATS_TEST_TMPDIR/no/such.prom"
    [ "$status" -eq 3 ]
    check --format prometheus --output "$BATS_TEST_TMPDIR/windfall.txt"
    [ "$status" -eq 3 ]
    # Without a database the file says so: an old one would go on saying that all is well.
    DATABASE_URL="postgresql:///none?host=/nonexistent" check --format prometheus --output "$file"
    [ "$status" -eq 3 ]
    grep -qx 'windfall_up 0' "$file"
    DATABASE_URL="postgresql:///none?host=/nonexistent" check --format prometheus --output /nonexistent/x.prom
    [ "$status" -eq 3 ]
    grep -qx 'windfall_status 3' "$file"
    grep -q 'windfall_job_last_success_timestamp_seconds{job="reingest"}' "$file"
    run grep -c windfall_missing_calculations "$file"
    [ "$output" = 0 ]
}

@test "without a database it is UNKNOWN in every form, and no password is told" {
    export DATABASE_URL="postgresql://u:CANARYpw@127.0.0.1:1/none"
    for format in text json prometheus nagios; do
        check --format $format
        echo "$format: $output $stderr"
        [ "$status" -eq 3 ]
        [[ "$output" == *UNKNOWN* || "$output" == *"windfall_up 0"* ]]
        [[ "$output$stderr" != *CANARY* ]]
    done
    check --format json
    [ "$(jq -r .status <<<"$output")" = UNKNOWN ]
    check --format nagios
    [ "$(wc -l <<<"$output")" -eq 1 ]
}

@test "an empty database is a warning, not a success" {
    sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations, daily_summaries, monthly_summaries,
                  yearly_summaries, bitcoin_daily_summaries, bitcoin_monthly_summaries, bitcoin_yearly_summaries"
    is 1 '.problems[0].text' 'no settlement period was ever fetched' .stored.records null
}

@test "people get aligned text, in colour only on a terminal without NO_COLOR" {
    sql "delete from historical_bitcoin_calculations where settlement_period = 30 and miner_model = 'S9'"
    check
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "Windfall: WARNING" ]
    [[ "$output" == *"(every calculation compared with its inputs)"*"(by the counts of the summaries)"* ]]
    [[ "$output" == *"curtailed energy  "*"  62,399.044166466 MWh"* ]]
    [[ "$output" != *$'\e'* ]]
    # By today's clock the data are old as well, which makes it 2.
    TERM=xterm run -2 script -qec "env -u NO_COLOR check-status" /dev/null
    [[ "$output" == *$'\e[33m'* || "$output" == *$'\e[31m'* ]]
    NO_COLOR=1 TERM=xterm run -2 script -qec check-status /dev/null
    [[ "$output" == *"Windfall: CRITICAL"* && "$output" != *$'\e'* ]]
}

@test "sums of many days, of months and of years agree; a month or a year with nothing below it does not" {
    leave_db "$TEST_DB"
    copy_db template_windfall "$TEST_DB"
    many_days
    # A second month of the earlier year, and days that were fetched.
    sql "select ensure_month('2024-11-01')" >"$BATS_TEST_TMPDIR/changed"
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume, payment)
         select '2024-11-15', settlement_period, farm_id, stack, sequence_number, volume, payment from curtailment_records where settlement_date = '2024-12-15';
         insert into historical_bitcoin_calculations
         select '2024-11-15', settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined
           from historical_bitcoin_calculations where settlement_date = '2024-12-15'"
    for day in 2024-11-15 2024-12-14 2024-12-15; do fetched $day; done
    rollup-summaries -q >"$BATS_TEST_TMPDIR/changed"
    differences() { check-status --format json | jq .counted.summary_differences; }
    [ "$(sql "select count(*), (select count(*) from monthly_summaries), (select count(*) from yearly_summaries) from daily_summaries")" = '61|3|2' ]
    [ "$(differences)" -eq 0 ]
    another() {
        sql "create temporary table another as select * from $1 where $2 = '$3';
             update another set $2 = '$4'; insert into $1 select * from another"
        echo "$1: $(differences), wanted $5"
        [ "$(differences)" -eq "$5" ]
    }
    # A month that no year has is two differences.
    another monthly_summaries year_month 2025-01 2019-11 2
    another yearly_summaries year 2025 2018 3
    another bitcoin_monthly_summaries year_month 2025-01 2019-11 5
    another bitcoin_yearly_summaries year 2025 2018 6
}
