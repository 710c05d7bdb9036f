# The whole chain on a present day, from sources that answer as they really do: realtime and daily, and a state
# that check-status calls OK.  The day is faked; nothing else is.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking
load month

NOW="2026-07-03 05:10:00"	# London

setup_file() {
    make -s --no-print-directory -C "$root" build/generate
    site=$BATS_FILE_TMPDIR/site
    mkdir -p "$site/charts" "$site/api/v1/mining" "$site/reference/bmunits"
    awk 'NR == 1 || NR % 40 == 2' "$root/sql/reference/wind-units.tsv" >"$BATS_FILE_TMPDIR/units.tsv"
    "$root/build/generate" archive 2026-06-30 2026-07-03 "$BATS_FILE_TMPDIR/units.tsv" "$site"
    export site
    # What no test changes.
    SITE=$site
    register
    wind
    cashflows
    prices
}

setup() {
    fresh_db
    hook
    SITE=$BATS_TEST_TMPDIR/site
    cp -r "$site" "$SITE"
}

at() {
    local time=$1
    shift
    TZ=Europe/London NO_FAKE_STAT=1 faketime "$time" "$@"
}

seconds() { TZ=Europe/London date -d "$1" +%s; }

# The bare array of the register: every unit that the generator draws, as wind, and others.
register() {
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { printf "%s{\"elexonBmUnit\":\"%s\",\"nationalGridBmUnit\":null,\"bmUnitName\":\"%s\",\"leadPartyName\":\"%s\",\"fuelType\":\"WIND\",\"generationCapacity\":\"99.000\",\"demandCapacity\":\"-2.000\"}", sep, $at["farm_id"], $at["name"], $at["lead_party_name"]; sep = "," }' \
        "$root/sql/reference/wind-units.tsv" >"$BATS_FILE_TMPDIR/wind"
    for n in $(seq 1 40); do
        printf ',{"elexonBmUnit":"T_GAS%s-1","nationalGridBmUnit":"GAS%s","bmUnitName":"Gas","leadPartyName":"Gas Ltd","fuelType":"CCGT","generationCapacity":"400.000","demandCapacity":"0.000"}' "$n" "$n"
    done >"$BATS_FILE_TMPDIR/gas"
    printf '[%s%s]' "$(cat "$BATS_FILE_TMPDIR/wind")" "$(cat "$BATS_FILE_TMPDIR/gas")" >"$SITE/reference/bmunits/all"
}

# AGWS of the days around: nginx drops the query, so the file holds all that is asked for.
wind() {
    local date period
    mkdir -p "$SITE/generation/actual/per-type"
    for date in 2026-06-30 2026-07-01 2026-07-02; do
        for period in $(seq 1 48); do
            printf '{"publishTime":"%sT23:30:00Z","businessType":"Wind generation","psrType":"Wind Onshore","quantity":%s.5,"startTime":"x","settlementDate":"%s","settlementPeriod":%s}\n' $date $((4000 + period)) $date "$period"
            printf '{"publishTime":"%sT23:30:00Z","businessType":"Wind generation","psrType":"Wind Offshore","quantity":%s,"startTime":"x","settlementDate":"%s","settlementPeriod":%s}\n' $date $((5000 + period)) $date "$period"
            printf '{"publishTime":"%sT23:30:00Z","businessType":"Solar generation","psrType":"Solar","quantity":0,"startTime":"x","settlementDate":"%s","settlementPeriod":%s}\n' $date $date "$period"
        done
    done | paste -sd, | sed 's/.*/{"metadata":{"datasets":["AGWS"]},"data":[&]}/' >"$SITE/generation/actual/per-type/wind-and-solar"
}

# EBOCF: what the publisher settled of each pair, volume × price × transmission loss multiplier by unit and half hour;
# of offers a station that burns gas alone.
cashflows() {
    local date
    local at=$SITE/balancing/settlement
    mkdir -p "$at/indicative/cashflows/all/bid" "$at/indicative/cashflows/all/offer"
    for date in 2026-06-30 2026-07-01 2026-07-02; do
        cat "$at/stack/all/bid/$date"/* | jq -s -c '
            def answer: {metadata: {datasets: ["EBOCF"]}, data: .};
            def flow($id; $of): $of + {createdDateTime: "2026-07-03T02:00:00Z", bmUnit: $id, bmUnitType: "T", leadPartyName: "x", nationalGridBmUnit: "x"};
            [.[].data[]] | group_by([.settlementPeriod, .id]) | map(
                flow(.[0].id; .[0] | {settlementDate, settlementPeriod, startTime})
                + {totalCashflow: (map(.volume * .originalPrice * (.transmissionLossMultiplier // 0.99)) | add)}
                | .bidOfferPairCashflows = {negative1: .totalCashflow, positive1: null}) | answer' >"$at/indicative/cashflows/all/bid/$date"
        jq -c '.data |= [.[0] | .bmUnit = "T_GAS1-1" | .totalCashflow = -123.45 | .bidOfferPairCashflows = {negative1: null, positive1: -123.45}]' \
            "$at/indicative/cashflows/all/bid/$date" >"$at/indicative/cashflows/all/offer/$date"
    done
}

prices() {
    local day
    for day in 2026-06-29 2026-06-30 2026-07-01 2026-07-02; do
        printf '{"x":%s,"y":90123.%s}\n' "$(date -u -d $day +%s)" "${day##*-}"
    done | paste -sd, | sed 's/.*/{"status":"ok","name":"Market Price (USD)","unit":"USD","period":"day","values":[&]}/' >"$SITE/charts/market-price"
}

# mempool: the last retargets that changed nBits, and a newest block that is two epochs on with the same.
mempool() {
    printf '[[1781397350,953568,124932866006548.16,0.899086],[1780051427,951552,138955357012247.3,1.01719],[1778861671,949536,136607070854775.06,1.031215]]' \
        >"$SITE/api/v1/mining/difficulty-adjustments"
    printf '[{"id":"00","height":956300,"version":1,"timestamp":%s,"tx_count":1,"size":1,"weight":1,"bits":386023619,"difficulty":124932866006548.16}]' \
        "$(($(seconds "$1") - 700))" >"$SITE/api/blocks"
}

# blockchain.info: a chart to the day before, whose day of the last retarget is the mean of its blocks.
blockchain() {
    local day value
    for day in $(seq "$(date -u -d 2026-06-11 +%s)" 86400 "$(date -u -d "$1 yesterday" +%s)"); do
        value=124932866006548.15
        [ "$day" -ge "$(date -u -d 2026-06-14 +%s)" ] || value=138955357012247.3
        [ "$day" -ne "$(date -u -d 2026-06-14 +%s)" ] || value=125200000000000.5
        printf '{"x":%s,"y":%s}\n' "$day" "$value"
    done | paste -sd, | sed 's/.*/{"status":"ok","name":"Difficulty","unit":"Difficulty","period":"day","values":[&]}/' >"$SITE/charts/difficulty"
    printf '{"timestamp":%s000,"market_price_usd":90123.5,"hash_rate":8.9e11,"difficulty":124932866006548,"n_blocks_total":956300}' \
        "$(seconds "$1")" >"$SITE/stats"
}

serve() {
    chmod -R u=rwX,go=rX "$BATS_TEST_TMPDIR"
    replay_start "$SITE"
    export WINDFALL_ELEXON_URL=$REPLAY_URL WINDFALL_BLOCKCHAIN_URL=$REPLAY_URL WINDFALL_MEMPOOL_URL=$REPLAY_URL
    export WINDFALL_DIFFICULTY_URL=$REPLAY_URL WINDFALL_RATE=1000 WINDFALL_RETRY_WAIT=0.01
}

# realtime in the afternoon, daily the morning after, weekly, and the state behind them.
the_days_are_complete() {
    run at "2026-07-02 15:40:00" realtime
    echo "$status: $output"
    [ "$status" -eq 0 ]
    # Half hours of this very day are calculated: their difficulty is known.
    [ "$(sql "select count(*) > 0 from historical_bitcoin_calculations where settlement_date = '2026-07-02'")" = t ]
    "$1" "$NOW"
    run at "$NOW" weekly 2
    echo "$status: $output"
    [ "$status" -eq 0 ]
    run at "$NOW" daily 2
    echo "$status: $output"
    [ "$status" -eq 0 ]
    [[ "$output" == *" missing=0 stale=0 orphan=0 unfetched=0 "* ]]
    [[ "$output" == *" suspect=0"* ]]
    [ "$(sql "select settlement_date, wind_periods from daily_summaries where settlement_date between '2026-07-01' and '2026-07-02' order by 1" | paste -sd' ')" = "2026-07-01|48 2026-07-02|48" ]
    [ "$(sql "select bool_or(price_assumed) from bitcoin_daily_summaries where settlement_date between '2026-07-01' and '2026-07-02'")" = f ]
    run at "2026-07-03 05:15:00" realtime
    [ "$status" -eq 0 ]
    run at "2026-07-03 05:20:00" check-status
    echo "$status: $output"
    [ "$status" -eq 0 ]
    at "2026-07-03 05:20:00" audit-calcs -q
}

@test "blockchain.info: realtime, weekly and daily at the present, and check-status is OK" {
    # The test below has it; one backup is as good as two.
    export WINDFALL_BACKUP=off
    blockchain "2026-07-02 15:40:00"
    serve
    export WINDFALL_DIFFICULTY_SOURCE=blockchain
    the_days_are_complete blockchain
}

# The private database with the day of the demonstration in it, as a newcomer has it.
demonstrate() {
    unset DATABASE_URL WINDFALL_ELEXON_URL
    "$root/scripts/demo" >"$BATS_TEST_TMPDIR/page"
    DATABASE_URL="postgresql:///windfall?host=$(cat "$WINDFALL_STATE/var/socket")&user=windfall"
    export DATABASE_URL
}

teardown() {
    [ ! -e "$WINDFALL_STATE/var/socket" ] || env -u DATABASE_URL "$root/scripts/local-db" destroy --yes
    tear_down_all
}

@test "mempool: the demonstration and then a week of jobs in the same database, check-status is OK, and nobody misses the years between" {
    demonstrate
    mempool "2026-07-02 15:40:00"
    serve
    the_days_are_complete mempool
    [ "$(sql 'select begins from history_begins')" = 2026-06-28 ] || [ "$(sql 'select begins from history_begins')" \> 2026-06-01 ]
    run at "2026-07-03 05:21:00" "$root/scripts/reconcile" status
    [ "$status" -eq 0 ]
    [[ "$output" == *" unfetched=0 "* ]]
    # What is missing of what is wanted is found by all of them, in the old day and in the new ones.
    sql "delete from ingested_periods where settlement_date in ('2022-01-01', '2026-07-01') and settlement_period <= 2"
    [ "$(at "$NOW" find-missing --by-date --no-header | awk '$7 > 0 { print $1, $7 }' | paste -sd,)" = "2022-01-01 2,2026-07-01 2" ]
    run at "2026-07-03 05:22:00" check-status --format json
    [ "$(jq .fetched.unfetched <<<"$output")" = 4 ]
    run at "2026-07-03 05:23:00" "$root/scripts/reconcile" status
    [[ "$output" == *" unfetched=4 "* ]]
}
