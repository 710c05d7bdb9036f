# What a fleet would have earned, against sums that plain SQL makes of the records.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

load month
load fleet

bundled_day() {
    fresh_db
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    calc-btc -q --store 2022-01-01
}

ask() { what-if -q --format tsv "$@" >"$BATS_TEST_TMPDIR/answer"; }
answer() { column "$1" <"$BATS_TEST_TMPDIR/answer"; }

@test "an endless fleet without fees at full uptime is calc-btc, to the satoshi, for each model" {
    bundled_day
    for model in S19J_PRO S9 M20S; do
        ask --model $model 2022-01-01
        [ "$(answer bitcoin)" = "$(sql "select sum(bitcoin_mined)::numeric(20, 8) from historical_bitcoin_calculations where miner_model = '$model'")" ]
        [ "$(answer curtailed_mwh)" = 62399.044166466 ]
        [ "$(answer used_mwh)" = "$(sql "select trim_scale(sum(miners * power_w) * 0.0000005) from historical_bitcoin_calculations where miner_model = '$model'")" ]
        [ "$(answer state) $(answer price_state) $(answer machines_per_place)" = 'final assumed \N' ]
    done
    # And each unit of it.
    what-if -q --model S9 --each --format tsv 2022-01-01 >"$BATS_TEST_TMPDIR/rows"
    paste <(column place <"$BATS_TEST_TMPDIR/rows") <(column bitcoin <"$BATS_TEST_TMPDIR/rows") | LC_ALL=C sort >"$BATS_TEST_TMPDIR/each"
    sql "select farm_id || E'\\t' || sum(bitcoin_mined)::numeric(20, 8) from historical_bitcoin_calculations where miner_model = 'S9' group by farm_id" |
        LC_ALL=C sort >"$BATS_TEST_TMPDIR/units"
    diff "$BATS_TEST_TMPDIR/each" "$BATS_TEST_TMPDIR/units"
}

@test "over a month with a short day and changes of difficulty it is calc-btc, too" {
    fresh_month
    for model in S19J_PRO S9 M20S; do
        ask --model $model 2025-03
        [ "$(answer bitcoin)" = "$(sql "select sum(bitcoin_mined)::numeric(20, 8) from historical_bitcoin_calculations where miner_model = '$model'")" ]
        [ "$(answer first_day) $(answer last_day) $(answer days)" = '2025-03-01 2025-03-31 31' ]
        # The span is what is stored, unless another is named.
        cp "$BATS_TEST_TMPDIR/answer" "$BATS_TEST_TMPDIR/month"
        ask --model $model
        diff "$BATS_TEST_TMPDIR/answer" "$BATS_TEST_TMPDIR/month"
    done
}

@test "a fleet of any size, in units, farms or one place, is what SQL makes of it" {
    fresh_month
    export FROM=2025-03-05 TO=2025-03-31 HASHRATE=270 POWER=3645
    sql "insert into bitcoin_prices (price_date, currency, price, source)
         select d, 'USD', 80000 + extract(day from d) * 7.13, 'test' from generate_series(date '2025-03-05', '2025-03-31', interval '1 day') d"
    # Two units of one farm, and one that has no site.
    sql "delete from sites where farm_id = (select farm_id from curtailment_records order by 1 limit 1)"
    sql "update sites set farm = 'Twin' where farm_id in (select distinct farm_id from curtailment_records order by 1 offset 1 limit 2)"
    farm='coalesce((select farm from sites s where s.farm_id = curtailment_records.farm_id limit 1), farm_id)'
    while read -r per machines place; do
        export MACHINES=$machines PLACE=$place FEES=0.0213 UPTIME=0.955 POOL=0.0125
        ask --model S21_XP --machines "$machines" --per "$per" --fees 2.13% --uptime 95.5% --pool-fee 0.0125 --power-price 12.5 \
            --payment forgone --pound 1.27 --from $FROM --to $TO
        [ "$(answer bitcoin)|$(answer revenue)|$(answer used_mwh)|$(answer hours_running)|$(answer payment_gbp)" = "$(fleet_in_sql "
            sum(bitcoin)::numeric(20, 8), trim_scale(sum(bitcoin * price)), trim_scale(sum(used) * $UPTIME), trim_scale(count(*) * 0.5),
            trim_scale(sum(round(payment * used / mwh, 9)) * $UPTIME)")" ] || { fleet_in_sql "sum(bitcoin), sum(bitcoin * price), sum(used) * $UPTIME, count(*) * 0.5, sum(round(payment * used / mwh, 9)) * $UPTIME"; cat "$BATS_TEST_TMPDIR/answer"; false; }
        [ "$(sql "select $(answer power_cost) = $(answer used_mwh) * 12.5 and $(answer payment_forgone) = $(answer payment_gbp) * 1.27
                     and $(answer cost) = $(answer power_cost) + $(answer payment_forgone) and $(answer profit) = $(answer revenue) - $(answer cost)
                     and round(($(answer revenue) - $(answer payment_forgone)) / $(answer used_mwh), 8) = $(answer break_even_power_price)
                     and round($(answer cost) / $(answer bitcoin), 8) = $(answer cost_per_bitcoin)
                     and $(answer machines) = $machines * $(answer places)")" = t ]
        [ "$(answer places)" -eq "$(sql "with curtailment_records as materialized (
            select distinct farm_id from curtailment_records where settlement_date between '$FROM' and '$TO')
            select count(distinct $place) from curtailment_records")" ]
    done <<-END
		unit 1 farm_id
		unit 700 farm_id
		unit 40000 farm_id
		farm 5000 $farm
		list 20000 'list'
		list 400000 'list'
	END
    # What a PH/s brings a day, and the greatest share of the network, by their formulas.
    [ "$(answer hashprice)|$(answer peak_network_share_percent)" = "$(fleet_in_sql "
        trim_scale(round(sum(running * 1000000000000000 * 86400 * subsidy * (1 + $FEES) * price / (difficulty * 4294967296)::numeric(60, 30)) / sum(running), 8)),
        (select trim_scale(round(max(share), 6)) from (select 100 * sum(running) * $HASHRATE * 1000000000000 * 600 / (max(difficulty) * 4294967296) as share
           from mined group by begins) s)")" ]
}

@test "the rows of the places add up to the row of all" {
    fresh_month
    for per in unit farm list; do
        for size in '--machines 2500' '--megawatts 3.5' ''; do
            # shellcheck disable=SC2086 # two words
            ask --model M70S --per $per $size --fees 0.01 --capex-machine 3000.5 --capex-mw 100000 --opex 99.99 --power-price 7 --payment forgone --pound 1.3 2025-03
            # shellcheck disable=SC2086
            what-if -q --format tsv --model M70S --per $per $size --fees 0.01 --capex-machine 3000.5 --capex-mw 100000 --opex 99.99 --power-price 7 \
                --payment forgone --pound 1.3 --each 2025-03 >"$BATS_TEST_TMPDIR/each"
            sums=
            for name in machines megawatts curtailed_mwh used_mwh place_hours hours_running bitcoin revenue power_cost payment_forgone capex; do
                sums+="${sums:+, }('$name', ($(column $name <"$BATS_TEST_TMPDIR/each" | paste -sd +)) = $(answer $name))"
            done
            [ "$(sql "select count(*) filter (where equal), string_agg(name, ' ') filter (where equal is distinct from true) from (values $sums) s (name, equal)")" = '11|' ] ||
                { echo "$per $size $sums"; false; }
            [ "$(wc -l <"$BATS_TEST_TMPDIR/each")" -eq $(($(answer places) + 1)) ]
        done
    done
}

@test "a page has every assumption and figure, and of each place a line" {
    fresh_month
    page=$(what-if -q --format table --model S21_XP --machines 100 2025-03)
    for name in $(what-if -q --format ndjson --model S21_XP --machines 100 2025-03 | jq -r 'to_entries[] | select(.value != null) | .key'); do
        grep -q "^${name//_/ }  " <<<"$page" || { echo "$name"; false; }
    done
    [ "$(what-if -q --format table --model S21_XP --machines 100 --each 2025-03 | sed '1,/^place  *machines/d' | cut -d ' ' -f 1 | sort)" = \
      "$(sql 'select distinct farm_id from curtailment_records order by 1')" ]
    # A warning is said once, and not for each place.
    sql "update network_difficulty set in_force_until = '2025-03-20' where '2025-03-20' between effective_from and in_force_until"
    what-if --format tsv --model S9 --each 2025-03-20 >"$BATS_TEST_TMPDIR/rows" 2>"$BATS_TEST_TMPDIR/said"
    [ "$(grep -c 'no difficulty is known' "$BATS_TEST_TMPDIR/said")" -eq 1 ]
}

@test "a run shorter than the minimum is not mined, and clocks that change do not break one" {
    fresh_month
    export FROM=2025-03-29 TO=2025-03-31 HASHRATE=100 POWER=3050
    for MIN_RUN in 1 2 5 13 40 200; do
        export MIN_RUN
        ask --model S19J_PRO --min-run $MIN_RUN $FROM $TO
        [ "$(answer bitcoin)|$(answer hours_running)" = "$(fleet_in_sql "coalesce(sum(bitcoin), 0)::numeric(20, 8), trim_scale(count(*) * 0.5)")" ]
    done
}

@test "capex is spread over the years of use, and payback is when the profit before it has paid for it" {
    fresh_month
    ask --model S21_XP --unit "$(sql 'select min(farm_id) from curtailment_records')" --megawatts 2 --price 100000 --power-price 5 --opex 50 \
        --capex-machine 3000 --capex-mw 400000 --years 5 2025-03
    [ "$(answer machines)" = 548 ]
    [ "$(sql "select $(answer megawatts) = 548 * 0.003645 and $(answer capex) = 548 * 3000 + $(answer megawatts) * 400000
                 and $(answer opex_cost) = round(548 * 50 * 31 / 365.0, 8) and $(answer capex_of_span) = round($(answer capex) * 31 / (365.0 * 5), 8)
                 and $(answer revenue) = $(answer bitcoin) * 100000 and $(answer profit) = $(answer revenue) - $(answer cost)
                 and $(answer cost) = $(answer power_cost) + $(answer opex_cost) + $(answer capex_of_span)
                 and $(answer profit_before_capex) = $(answer profit) + $(answer capex_of_span)
                 and $(answer payback_days) = round($(answer capex) * 31 / $(answer profit_before_capex), 2)
                 and abs($(answer life_profit) - ($(answer profit_before_capex) * 365 * 5 / 31 - $(answer capex))) < 0.001")" = t ] || { cat "$BATS_TEST_TMPDIR/answer"; false; }
    [ "$(answer price_state) $(answer price)" = 'given 100000' ]
}

@test "days that are not stored cost nothing, and give no price and no difficulty: a year that has begun is as good as what it holds" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source)
         select d, 'USD', 80000, 'test' from generate_series(date '2025-03-01', '2025-03-31', interval '1 day') d"
    money() { answer capex_of_span; answer opex_cost; answer profit; answer life_profit; answer payback_days; answer price_least; answer price_state; answer difficulty_least; answer difficulty_most; }
    fleet() { ask --model S21_XP --per list --megawatts 2 --power-price 5 --opex 50 --capex-machine 100 "$1"; }
    fleet 2025-03
    [ "$(answer days) $(answer days_stored) $(answer price_state)" = '31 31 known' ]
    money >"$BATS_TEST_TMPDIR/month"
    fleet 2025
    [ "$(answer days) $(answer days_stored) $(answer state)" = '365 31 not_complete' ]
    money | diff "$BATS_TEST_TMPDIR/month" -
    size() { size-fleet -q --format tsv --model S21_XP --per list --sizes 2MW --years 3 --difficulty-growth 20% --capex-machine 100 "$1" >"$BATS_TEST_TMPDIR/answer"; }
    size 2025-03
    money >"$BATS_TEST_TMPDIR/month"
    size 2025
    money | diff "$BATS_TEST_TMPDIR/month" -
    run --separate-stderr what-if --model S21_XP 2025
    [[ "$stderr" == *'the answer is of what is, on 31 of 365 days'* ]]
}

@test "fees by date hold until the next row, and a day that has none ends it" {
    fresh_month
    printf 'date\tfees\n2025-02-20\t1%%\n2025-03-08\t0.02\n' >"$BATS_TEST_TMPDIR/fees"
    ask --model S9 --fees "$BATS_TEST_TMPDIR/fees" 2025-03-01 2025-03-10
    first=$(what-if -q --format tsv --model S9 --fees 0.01 2025-03-01 2025-03-07 | column bitcoin)
    second=$(what-if -q --format tsv --model S9 --fees 2% 2025-03-08 2025-03-10 | column bitcoin)
    [ "$(answer bitcoin)" = "$(sql "select $first + $second")" ]
    refuses() { run --separate-stderr what-if --model S9 --fees - 2025-03-01 2025-03-10 <<<"$2"; [ "$status" -eq 65 ] && [ -z "$output" ] && [[ "$stderr" == *"$1"* ]] || { echo "$status $stderr"; return 1; }; }
    refuses 'no fees for 2025-03-01' $'date\tfees\n2025-03-02\t0.01'
    refuses 'no fees for 2025-03-05' $'date\tfees\n2025-02-02\t0.01'
    refuses 'is not a date' $'date\tfees\n2025-02-30\t0.01'
    refuses 'not later than' $'date\tfees\n2025-03-02\t0.01\n2025-03-01\t0.01'
    refuses 'line 2: fees' $'date\tfees\n2025-03-01\t5'
    refuses 'fees is empty' $'date\tfees\n2025-03-01\t'
    refuses 'no column date' $'day\tfees\n2025-03-01\t1'
    run what-if --model S9 --fees "$BATS_TEST_TMPDIR/nowhere" 2025-03-01
    [ "$status" -eq 66 ]
}

@test "prices are those of the summaries; what has none has no revenue" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source) values ('2025-03-01', 'USD', 80000, 'test'), ('2025-03-08', 'USD', 90000.5, 'test')"
    rollup-summaries -q 2025-03-01 2025-03-31 >"$BATS_TEST_TMPDIR/changed"
    for span in 2025-03 2025-03-01 2025-03-05 '2025-03-02 2025-03-08' 2025-03-20; do
        # shellcheck disable=SC2086 # two days
        ask --model M20S $span
        # shellcheck disable=SC2086
        set -- $span
        [ "$(answer revenue)" = "$(sql "select trim_scale(sum(value_at_mining)) from bitcoin_daily_summaries where miner_model = 'M20S'
            and settlement_date between '${1/%2025-03/2025-03-01}' and '$(case $span in 2025-03) echo 2025-03-31 ;; *) echo "${2:-$1}" ;; esac)'")" ]
    done
    [ "$(what-if -q --format tsv --model S9 2025-03-05 | column price_state)" = earlier ]
    [ "$(what-if -q --format tsv --model S9 2025-03-08 | column price_state)" = known ]
    [ "$(what-if -q --format tsv --model S9 2025-03 | column price_state)" = mixed ]
    run --separate-stderr what-if --format tsv --model S9 --currency EUR 2025-03-05
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'no price in EUR is known'* ]]
    [ "$(column revenue <<<"$output")$(column profit <<<"$output")$(column price_state <<<"$output")" = '\N\Nunknown' ]
    [ "$(column bitcoin <<<"$output")" != '\N' ]
    # Some days without one are no sum of the others.
    sql "insert into bitcoin_prices (price_date, currency, price, source) values ('2025-03-05', 'EUR', 75000, 'test')"
    [ "$(what-if -q --format tsv --model S9 --currency EUR 2025-03-05 2025-03-06 2>/dev/null | column price_state)" = incomplete ]
    [ "$(what-if -q --format tsv --model S9 --currency EUR 2025-03-05 2025-03-06 2>/dev/null | column revenue)" = '\N' ]
    [ "$(WINDFALL_CURRENCY=EUR what-if -q --format tsv --model S9 2025-03-05 | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["currency"], $at["price"], $at["price_state"] }')" = 'EUR 75000 known' ]
}

@test "what is not in the answer is said: a missing period, a provisional one, no difficulty, an archived year" {
    fresh_month
    state() { what-if -q --format tsv --model S9 "$@" 2>"$BATS_TEST_TMPDIR/said" | column state; }
    [ "$(state 2025-03-05)" = final ]
    sql "update ingested_periods set status = 'provisional' where (settlement_date, settlement_period) = ('2025-03-05', 7)"
    [ "$(state 2025-03-05)" = provisional ]
    sql "delete from ingested_periods where (settlement_date, settlement_period) = ('2025-03-05', 7)"
    [ "$(state 2025-03-05)" = not_complete ]
    grep -q 'not stored' "$BATS_TEST_TMPDIR/said"
    sql "update network_difficulty set in_force_until = '2025-03-20' where '2025-03-20' between effective_from and in_force_until"
    [ "$(state 2025-03-20)" = final ]
    grep -q 'no difficulty is known for 2025-03-20T00:00:00Z' "$BATS_TEST_TMPDIR/said"
    [ "$(what-if -q --format tsv --model S9 2025-03-20 2>/dev/null | column bitcoin)" = 0.00000000 ]
    # Unless one is given.
    [ "$(what-if -q --format tsv --model S9 --difficulty 112149504190349 --subsidy 3.125 2025-03-20 | column bitcoin)" != 0.00000000 ]
    sql "insert into archived_years (year, host, directory, checksum, records, calculations, periods) values ('2025', 'h', '/d', 'c', 1, 1, 1)"
    run --separate-stderr what-if --model S9 2025-03-05
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'records of 2025 are archived'* ]]
}

@test "a place without energy has its machines all the same, and nothing else" {
    fresh_month
    ask --model S9 --unit T_SGRWO-1 --machines 10 --capex-machine 100 2025-03-05
    [ "$(answer machines) $(answer capex) $(answer bitcoin) $(answer used_share_percent) $(answer cost_per_bitcoin)" = '10 1000 0.00000000 \N \N' ]
    ask --model S9 --unit T_SGRWO-1 --unit T_SGRWO-2 --per list --machines 10 2025-03-05
    [ "$(answer machines) $(answer places) $(answer place)" = '10 1 unit T_SGRWO-1, unit T_SGRWO-2' ]
    units() { what-if -q --format tsv --model S9 --machines 10 "$@" 2025-03-05 | column places; }
    [ "$(units --farm seagreen)" = "$(sql "select count(*) from sites where farm = 'Seagreen'")" ]
    [ "$(units --farm 'Beatrice Offshore WF 2')" = "$(sql "select count(*) from sites where farm = (select farm from sites where farm_id = 'T_BEATO-2')")" ]
    [ "$(units --farm Seagreen --per farm)" -eq 1 ]
    [ "$(units --region scotland)" = "$(sql "select count(*) from sites where nation = 'Scotland'")" ]
    [ "$(units --region Scotland --per farm)" = "$(sql "select count(distinct farm) from sites where nation = 'Scotland'")" ]
    [ "$(units --owner 'Beatrice Offshore Windfarm Ltd')" = "$(sql "select count(*) from bm_units where lead_party_name = 'Beatrice Offshore Windfarm Ltd'")" ]
}

@test "a span without energy has no place but what is named, and the one fleet of all units" {
    fresh_month
    sql "delete from curtailment_records where settlement_date = '2025-03-05'"
    # Of what-if, of its rows with --each, and of size-fleet: the same machines in the same places.
    machines() { # ARGUMENT...
        local of_places
        what-if -q --format tsv --model S9 --machines 10 "$@" 2025-03-05 >"$BATS_TEST_TMPDIR/one"
        of_places=$(what-if -q --format tsv --model S9 --machines 10 --each "$@" 2025-03-05 | column machines | paste -sd +)
        echo "$(column places <"$BATS_TEST_TMPDIR/one") $(column machines <"$BATS_TEST_TMPDIR/one")" \
            "$((${of_places:-0})) $(size-fleet -q --format tsv --model S9 --sizes 10 "$@" 2025-03-05 | column machines)"
    }
    [ "$(machines)" = '0 0 0 0' ]
    [ "$(machines --per farm)" = '0 0 0 0' ]
    [ "$(machines --per list)" = '1 10 10 10' ]
    [ "$(machines --unit T_SGRWO-1 --unit T_SGRWO-2)" = '2 20 20 20' ]
}

@test "what cannot be is refused, and a name that is not known names the nearest" {
    fresh_month
    refused() { # WORDS ARGUMENT...
        local words=$1
        shift
        run --separate-stderr what-if "$@"
        [ "$status" -eq 64 ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 'which machine?' 2025-03
    refused 'which machine?' --hashrate 100 2025-03
    refused 'leave --hashrate and --power out' --model S9 --hashrate 100 2025-03
    refused 'there is no miner model S21XP; the nearest are S21_XP' --model S21XP 2025-03
    refused 'there is no unit T_SGRW-1; the nearest are T_SGRWO-1' --model S9 --unit T_SGRW-1 2025-03
    refused 'there is no farm Seagren; the nearest is Seagreen' --model S9 --farm Seagren 2025-03
    refused 'there is no farm Beatrce Offshore WF 1; the nearest are Beatrice Offshore WF 1' --model S9 --farm 'Beatrce Offshore WF 1' 2025-03
    refused 'there is no owner Seagreen Wind' --model S9 --owner 'Seagreen Wind' 2025-03
    refused 'there is no region Scotlan; the nearest is Scotland' --model S9 --region Scotlan 2025-03
    refused "there is no unit x'; drop table bm_units; --" --model S9 --unit "x'; drop table bm_units; --" 2025-03
    refused 'hashrate 0 TH/s' --hashrate 0 --power 1 2025-03
    refused 'power -1 W' --hashrate 1 --power -1 2025-03
    refused 'goes from 1 to' --model S9 --machines 0 2025-03
    refused 'one of them' --model S9 --machines 1 --megawatts 1 2025-03
    refused 'not enough for one machine of S9' --model S9 --megawatts 0.001 2025-03
    refused 'more than a thousand million machines' --model S9 --megawatts 999999999999 2025-03
    DATABASE_URL='postgresql://127.0.0.1:9/none' refused '--megawatts' --model S9 --megawatts x 2025-03
    DATABASE_URL='postgresql://127.0.0.1:9/none' refused 'march: not a date' --model S9 march
    refused '2024: --list-models takes no operand' --list-models 2024
    refused 'it is unit, farm or list' --model S9 --per region 2025-03
    refused 'a percentage is written with its sign' --model S9 --uptime 95 2025-03
    refused '--uptime' --model S9 --uptime 0 2025-03
    refused '--pool-fee' --model S9 --pool-fee 100% 2025-03
    refused 'it is kept or forgone' --model S9 --payment lost 2025-03
    refused 'farms are paid in pounds' --model S9 --payment forgone 2025-03
    refused 'a pound is a pound' --model S9 --currency GBP --pound 1.2 2025-03
    refused 'write one of USD, EUR, GBP' --model S9 --currency usd 2025-03
    refused 'below a million million' --model S9 --capex-mw 1000000000000 2025-03
    refused 'must not be below zero' --model S9 --opex -1 2025-03
    refused '--price' --model S9 --price nan 2025-03
    refused 'goes from 1 to 30' --model S9 --years 31 2025-03
    refused 'goes from 1 to' --model S9 --min-run 0 2025-03
    refused 'must be table, tsv, csv or ndjson' --model S9 --format xml 2025-03
    refused 'not a month' --model S9 2025-13
    refused 'not a year' --model S9 1066
    refused 'not a date' --model S9 2025-02-30
    refused 'the range is reversed' --model S9 2025-03-02 2025-03-01
    refused 'the range is reversed' --model S9 --from 2025-03-02 --to 2025-03-01
    refused 'one of these' --model S9 --last 3 2025
    refused 'one of these' --model S9 --last 3 --from 2025-01-01
    refused 'too many arguments' --model S9 2025-01-01 2025-01-02 2025-01-03
    # No unit of the register is left out of sight because of its letters' case.
    [ "$(what-if -q --format tsv --model s21_xp --unit t_sgrwo-1 2025-03-05 | column model)" = S21_XP ]
    # Nothing is stored of anything asked.
    [ "$(sql 'select count(*) from miner_models')" -eq 3 ]
}

@test "spans are the words of the scripts" {
    fresh_month
    days() { what-if -q --format tsv --model S9 "$@" 2>/dev/null | awk -F '\t' 'NR == 2 { print $1, $2, $3 }'; }
    [ "$(days 2025-03-05)" = '2025-03-05 2025-03-05 1' ]
    [ "$(days 2025-03-05 2025-03-06)" = '2025-03-05 2025-03-06 2' ]
    [ "$(days 2025-03)" = '2025-03-01 2025-03-31 31' ]
    [ "$(days 2025-12)" = '2025-12-01 2025-12-31 31' ]
    [ "$(days 2024-02)" = '2024-02-01 2024-02-29 29' ]
    [ "$(days 2024)" = '2024-01-01 2024-12-31 366' ]
    [ "$(days --from 2025-03-20)" = '2025-03-20 2025-03-31 12' ]
    [ "$(days --to 2025-03-20)" = '2025-03-01 2025-03-20 20' ]
    [ "$(days --last 2)" = "$(TZ=Europe/London date -d '2 days ago' +%F) $(TZ=Europe/London date -d yesterday +%F) 2" ]
    [ "$(days yesterday)" = "$(TZ=Europe/London date -d yesterday +%F) $(TZ=Europe/London date -d yesterday +%F) 1" ]
}

@test "an empty database is 65; a full disk is 74 in each form" {
    fresh_db
    run --separate-stderr what-if --model S9
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'no curtailment is stored yet'* ]]
    [ "$(what-if -q --format tsv --model S9 2025-03-05 2>/dev/null | column state)" = not_complete ]
    for format in table tsv csv ndjson; do
        status=0
        what-if -q --model S9 --format $format 2025-03-05 >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
        [ "$status" -eq 74 ]
    done
}

@test "the catalogue: at least twenty machines, each with its page, none that jobs calculate, all of which can be asked about" {
    catalogue=$root/sql/reference/machines.tsv
    WINDFALL_STATE=$BATS_TEST_TMPDIR what-if --list-models >"$BATS_TEST_TMPDIR/models"
    diff "$BATS_TEST_TMPDIR/models" "$catalogue"
    [ "$(sed 1d "$catalogue" | wc -l)" -ge 20 ]
    # The maker's efficiency is its power over its hashrate, as far as it is rounded; a page; a year; each once.
    awk -F '\t' 'NR > 1 && ($4 / $3 / $5 > 1.01 || $4 / $3 / $5 < 0.99 || $8 !~ /^https?:\/\// || $7 !~ /^20[12][0-9]$/ || seen[$1]++ || $9 == "") { print; bad = 1 }
                 END { exit bad }' "$catalogue"
    [ -z "$(comm -12 <(cut -f 1 "$root/sql/reference/miner-models.tsv" | sort) <(cut -f 1 "$catalogue" | sort))" ]
    fresh_month
    for model in $(sed 1d "$catalogue" | cut -f 1); do
        [ "$(what-if -q --format tsv --no-header --model "$model" 2025-03-05 | cut -f 9,11,12)" = "$(awk -F '\t' -v OFS='\t' -v model="$model" '$1 == model { print $1, $3, $4 }' "$catalogue")" ]
    done
    # The table comes first: a model there under a name of the catalogue is its own.
    sql "insert into miner_models (miner_model, hashrate_ths, power_w, active) values ('S21_XP', 1, 2, false)"
    [ "$(what-if -q --format tsv --model S21_XP 2025-03-05 | column model_from)" = miner_models ]
}

@test "the README's example is what it prints" {
    bundled_day
    fetch-prices -q --store --file "$root/tests/data/prices.csv"
    example=$(sed -n '/^    what-if /,/^[^ ]/p' "$root/README.md")
    command=$(head -n 1 <<<"$example" | sed 's/^ *//; s/ *#.*//')
    [ -n "$command" ]
    diff <(sed -n '2,$p' <<<"$example" | grep '^    ' | sed 's/^    //') <(eval "$command" 2>/dev/null)
}
