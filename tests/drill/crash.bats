# Killed by SIGKILL, at calls that change something and at random moments; then run again, and compared.
# shellcheck disable=SC2034,SC2154 # root is the suite's
load drill

setup_file() { section crash; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    hook
    export USER=grace WINDFALL_BACKUP=off
}

# What stands for the third day in these tables, taken away before each kill.
without() {
    local table
    for table in "$@"; do
        printf "delete from %s where settlement_date > '2025-03-02';" "$table"
    done
}

sources="curtailment_records ingested_periods"
sums="daily_summaries bitcoin_daily_summaries farm_daily_summaries bitcoin_farm_daily_summaries period_summaries bitcoin_period_summaries"

# A settlement date is one transaction: all of its rows or none.
day_is_whole() { [[ " 0 $2 " == *" $(sql "select count(*) from $1 where settlement_date = '2025-03-03'") "* ]]; }
rows_of_day() { sql "select count(*) from $1 where settlement_date = '2025-03-03'"; }

@test "the tools of the energy's path, at each of their calls" {
    records=$(rows_of_day curtailment_records)
    calculations=$(rows_of_day historical_bitcoin_calculations)
    before_fault() { sql "$(without $sources)"; }
    is_whole() { day_is_whole curtailment_records "$records" && day_is_whole ingested_periods 48; }
    kill_at_each "$(rounds 30)" fetch-elexon -q --store 2025-03-03

    before_fault() { sql "$(without historical_bitcoin_calculations)"; }
    is_whole() { day_is_whole historical_bitcoin_calculations "$calculations"; }
    kill_at_each "$(rounds 30)" calc-btc -q --store 2025-03-03

    unset -f is_whole
    before_fault() { sql "$(without $sums) truncate monthly_summaries, yearly_summaries, bitcoin_monthly_summaries"; }
    kill_at_each "$(rounds 30)" rollup-summaries -q
    nothing_broke
}

@test "the tools of units, difficulty, prices, wind and models, at each of their calls" {
    site=$BATS_TEST_TMPDIR/site
    mkdir -p "$site/reference/bmunits"
    cp "$root/tests/data/archive/reference/bmunits/all" "$site/reference/bmunits/"
    put_wind "$site" 2025-03-03
    put_prices "$site/prices.tsv" 2025-03-0{1..9}
    before_fault() { sql "delete from bm_units where farm_id > 'T_M'"; }
    kill_at_each "$(rounds 12)" fetch-bmunits -q --store --base-url "file://$site"
    before_fault() { sql "delete from network_difficulty where block_height > 880000"; }
    kill_at_each "$(rounds 12)" fetch-difficulty -q --store --source file --file "$root/sql/reference/difficulty-epochs.tsv"
    before_fault() { sql "delete from bitcoin_prices"; }
    kill_at_each "$(rounds 12)" fetch-prices -q --store --file "$site/prices.tsv"
    before_fault() { sql "delete from wind_generation"; }
    kill_at_each "$(rounds 12)" fetch-wind -q --store --base-url "file://$site" 2025-03-03
    before_fault() { sql "delete from miner_models where miner_model = 'S21'"; }
    kill_at_each "$(rounds 12)" miner-models add S21 --hashrate 200 --power 3500
    nothing_broke
}

# The exchange's own export: two purchases that the books lack one of, and a sale.
export_of_fills() {
    printf '%s\n' 'portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit' \
        default,101,BTC-USD,BUY,2024-05-01T10:00:01.000Z,0.5,BTC,100,0.1,-50.1,USD \
        default,102,BTC-USD,BUY,2024-05-02T10:00:00.000Z,0.5,BTC,110,0.1,-55.1,USD \
        default,103,BTC-USD,SELL,2024-05-03T10:00:00.000Z,0.9,BTC,120,0.1,107.9,USD >"$1"
}

@test "the ledger's tools, at each of their calls" {
    export_of_fills "$BATS_TEST_TMPDIR/fills.csv"
    printf '%s\n' trade_id,product_id,side,trade_time,size,price,fee \
        101,BTC-USD,BUY,2024-05-01T10:00:01Z,0.5,100,0.1 103,BTC-USD,SELL,2024-05-03T10:00:00Z,0.9,120,0.1 \
        >"$BATS_TEST_TMPDIR/books.csv"
    before_fault() { sql "truncate trade_records"; }
    kill_at_each "$(rounds 12)" import-trades -q --store "$BATS_TEST_TMPDIR/books.csv"
    before_fault() { sql "truncate exchange_fills, exchange_windows"; }
    kill_at_each "$(rounds 12)" fetch-fills -q --store --csv "$BATS_TEST_TMPDIR/fills.csv"
    # What is missing is the answer of a comparison, with 1.
    allowed="1"
    before_fault() { sql "truncate backfill_proposals restart identity"; }
    kill_at_each "$(rounds 12)" reconcile-fills check 2 --offline -q
    allowed="0"
    before_fault() { sql "update backfill_proposals set state = 'proposed', decided_by = null, decided_at = null, applied_at = null; delete from trade_records where trade_id = '102'"; }
    [ "$(sql "select count(*) from backfill_proposals")" = 1 ]
    kill_at_each "$(rounds 12)" reconcile-fills approve all --by grace -q
    # A version is written once: who was killed behind its commit hears that it is there.
    allowed="0 65"
    before_fault() { sql "truncate fifo_versions, fifo_version_products, fifo_allocations"; }
    before_fault
    match-fifo make 1 --all -q
    allocations=$(sql "select count(*) from fifo_allocations")
    is_whole() { [[ " 0 $allocations " == *" $(sql "select count(*) from fifo_allocations") "* ]]; }
    kill_at_each "$(rounds 20)" match-fifo make 1 --all --make-current -q
    nothing_broke
}

@test "migrate, killed at random and at calls of its helpers, is done or not, and the next run completes it" {
    restart_db template0
    before_fault() { sql "set client_min_messages = error; drop schema public cascade; create schema public"; }
    kill_at_random "$(rounds 6)" "$root/scripts/migrate"
    kill_at_each "$(rounds 6)" "$root/scripts/migrate"
    nothing_broke
}

@test "decisions of a person: units, wanted, acknowledge, fix-difficulty" {
    before_fault() { sql "delete from declared_units where farm_id = 'T_GIANT-1'"; }
    kill_at_each "$(rounds 6)" "$root/scripts/units" declare T_GIANT-1 BATTERY --why drill
    before_fault() { sql "truncate wanted_spans"; }
    kill_at_each "$(rounds 6)" "$root/scripts/wanted" span 2025-02-01 2025-02-02 --why drill
    before_fault() { sql "truncate acknowledged_implausible"; }
    kill_at_each "$(rounds 6)" "$root/scripts/acknowledge" curtailed_mwh 2025-03-02 drill
    before_fault() { restart_db template_days; }
    is_whole() { audit-calcs -q >"$BATS_TEST_TMPDIR/audit" && [ "$(find-missing | wc -l)" -eq 1 ]; }
    kill_at_random "$(rounds 6)" "$root/scripts/fix-difficulty" --reason drill 2025-03-02 2025-03-03 112149504190349
    nothing_broke
}

@test "the jobs, with all they started, at random moments: nothing is lost, and the next run is the undisturbed one" {
    before_fault() { sql "$(without $sources historical_bitcoin_calculations $sums)"; }
    records=$(rows_of_day curtailment_records)
    calculations=$(rows_of_day historical_bitcoin_calculations)
    is_whole() {
        local _
        # What was sent may still be at its commit.
        for _ in {1..100}; do
            [ "$(sql "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")" != 0 ] || break
            sleep 0.05
        done
        day_is_whole curtailment_records "$records" && day_is_whole historical_bitcoin_calculations "$calculations"
    }
    kill_at_random "$(rounds 8)" "$root/scripts/reingest" 2025-03-03
    clock_at "2025-03-04 05:00:00"
    kill_at_random "$(rounds 8)" "${clock[@]}" "$root/scripts/daily" 3
    kill_at_random "$(rounds 5)" "${clock[@]}" "$root/scripts/weekly" 3
    kill_at_random "$(rounds 8)" "$root/scripts/reconcile" range 2025-03-01 2025-03-03 --jobs 2
    clock_at "2025-03-03 15:10:00"
    before_fault() { sql "$(without $sources historical_bitcoin_calculations $sums)"; }
    unset -f is_whole
    kill_at_random "$(rounds 5)" "${clock[@]}" "$root/scripts/realtime"
    nothing_broke
}

@test "the jobs, one of their processes killed at one of its calls: no verdict says done that is not" {
    before_fault() { sql "$(without $sources historical_bitcoin_calculations $sums)"; }
    kill_at_each "$(rounds 10)" "$root/scripts/reingest" 2025-03-03
    clock_at "2025-03-04 05:00:00"
    kill_at_each "$(rounds 10)" "${clock[@]}" "$root/scripts/daily" 3
    kill_at_each "$(rounds 8)" "$root/scripts/reconcile" range 2025-03-01 2025-03-03
    nothing_broke
}

@test "the memory of alerts is whole after each kill: one message for one trouble, and none is never sent" {
    # Told zero times or twice is what a kill between sending and noting may do; garbage in the memory is not.
    before_fault() { rm -rf "$WINDFALL_STATE/var/alert" "$WINDFALL_STATE/var/alerts"; : >"$ALERTS"; }
    alarm() { echo 'the disk is full' | send-alert -q --severity critical --key drill; }
    before_fault
    alarm
    [ "$(wc -l <"$ALERTS")" -eq 1 ]
    echo 'the disk is full' >"$BATS_TEST_TMPDIR/message"
    calls=$(strace -f -qq -e trace="$CHANGES" send-alert -q --severity critical --key drill <"$BATS_TEST_TMPDIR/message" 2>&1 | wc -l)
    for ((n = 1; n <= calls + 12; n++)); do
        before_fault
        faults=$((${faults:-0} + 1))
        status=0
        { strace -f -q -o "$BATS_TEST_TMPDIR/strace" -e trace="$CHANGES" -e inject="$CHANGES:signal=SIGKILL:when=$n" \
            send-alert -q --severity critical --key drill <"$BATS_TEST_TMPDIR/message" >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?; } 2>/dev/null
        first=$(wc -l <"$ALERTS")
        began=$(now_ms)
        alarm >"$BATS_TEST_TMPDIR/out" 2>&1 || broke "send-alert after call $n" "$(tail -n 1 "$BATS_TEST_TMPDIR/out")"
        alarm >"$BATS_TEST_TMPDIR/out" 2>&1 || broke "send-alert after call $n" "$(tail -n 1 "$BATS_TEST_TMPDIR/out")"
        recovery=$(($(now_ms) - began))
        sent=$(wc -l <"$ALERTS")
        if [ "$sent" -ge 1 ] && [ $((sent - first)) -le 1 ]; then
            count_fault "send-alert at call $n" 1 0 0 0 "$recovery"
        else
            broke "send-alert at call $n" "$sent messages, $first of them before the kill"
        fi
    done
    nothing_broke
}

@test "the private database: killed while it is made or started, the next start has it, with what was stored" {
    unset DATABASE_URL
    for ((i = 0; i < $(rounds 4); i++)); do
        export WINDFALL_STATE=$BATS_TEST_TMPDIR/made$i
        mkdir "$WINDFALL_STATE"
        chance 1500
        faults=$((${faults:-0} + 1))
        { setsid "$root/scripts/local-db" start >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
        pid=$!
        sleep "0.$(printf %03d $((chosen / 2)))"
        hit KILL "-$pid"
        hit KILL "$pid"
        wait $pid; } 2>/dev/null || true
        began=$(now_ms)
        "$root/scripts/local-db" start >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || { broke "local-db start" "$(tail -n 2 "$BATS_TEST_TMPDIR/out")"; continue; }
        recovery=$(($(now_ms) - began))
        if [ "$("$root/scripts/local-db" psql -XAtc 'select 6 * 7')" = 42 ]; then
            count_fault "local-db killed at its making" 1 0 0 0 "$recovery"
        else
            broke "local-db killed at its making" "it does not answer"
        fi
        # Its postmaster and all of its children at once, with a row committed before.
        "$root/scripts/local-db" psql -Xqc "create table kept as select $i as n"
        pid=$(head -n 1 "$WINDFALL_STATE/var/pg/postmaster.pid")
        faults=$((faults + 1))
        # shellcheck disable=SC2046
        kill -9 "$pid" $(ps -o pid= --ppid "$pid")
        began=$(now_ms)
        "$root/scripts/local-db" start >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || true
        recovery=$(($(now_ms) - began))
        if [ "$("$root/scripts/local-db" psql -XAtc 'select n from kept')" = $i ]; then
            count_fault "server killed" 1 0 0 0 "$recovery"
        else
            broke "server killed" "$(tail -n 2 "$BATS_TEST_TMPDIR/out")"
        fi
        "$root/scripts/local-db" destroy --yes
    done
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    nothing_broke
}
