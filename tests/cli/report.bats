# The page of a span: what it says is what summary and rank-farms print.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load elexon
load sums
load month

report() { "$root/scripts/report" "$@"; }
summary() { "$root/scripts/summary" "$@"; }

column() { # NAME: that column of a TSV on stdin
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "a month: the page has the sums of summary, its days, its farms, and is audited" {
    fresh_month
    report 2025-03 >page
    summary --model S19J_PRO --format tsv 2025-03 >sums
    grep -qx 'Curtailed wind, March 2025' page
    grep -qx '  days            31 of 31 stored; half hours 1,486 of 1,486 fetched, 1,486 final' page
    grep -qx "  energy          $(column curtailed_mwh <sums | awk '{ printf "%.3f GWh", $1 / 1000 }') in 1,301 half hours, of $(column farms <sums) units" page
    grep -q "^  paid            £1,473,783.77, £50.30 a MWh$" page
    grep -q "^  S19J_PRO *$(column bitcoin_mined <sums) USD" page
    [ "$(grep -c '^  2025-03-[0-3][0-9] ' page)" -eq 31 ]
    [ "$(grep '^  2025-03-05 ' page | awk '{ print $2 }' | tr -d ,)" = "$(summary --model S9 --format tsv 2025-03-05 | column curtailed_mwh | awk '{ printf "%.3f", $1 }')" ]
    grep -q "^1 Stronelairg *$(sql "select to_char(sum(curtailed_mwh), 'FM999,990.000') from farm_daily_summaries where farm_id like 'T_STLGW-_'") " page
    grep -qx '  the span before February 2025: 0 of 28 days are stored, nothing is compared' page
    grep -qx '  a year earlier  March 2024: 0 of 31 days are stored, nothing is compared' page
    grep -qx '  audit           0 differences: every figure recalculated in SQL from the records alone' page
    # What was changed behind it is found before anybody believes the page.
    sql "update daily_summaries set payment = payment + 1 where settlement_date = '2025-03-05'"
    report 2025-03 | grep -q '^  audit           2 differences: audit-calcs 2025-03-01 2025-03-31 lists them$'
}

@test "a day's page: the machines of the busiest half hour, their share of the network, and who lost most, first" {
    fresh_month
    # Seven farms, of which the page has five.
    sql "insert into farm_daily_summaries select settlement_date, 'T_A-' || n, n / 10.0, 0, 0, 0, 1, 1
           from farm_daily_summaries, generate_series(1, 4) n where settlement_date = '2025-03-05' and farm_id = 'T_STLGW-2'"
    report 2025-03-05 >page
    # Ten minutes of a block at so many hashes each: difficulty * 2^32.
    sql "select miner_model || ' ' || to_char(max(machines), 'FM999,999') || ' ' || to_char(max(share), 'FM990.0') || ' % ' || (select bitcoin_mined
            from bitcoin_daily_summaries b where b.settlement_date = '2025-03-05' and b.miner_model = p.miner_model)
           from (select miner_model, sum(miners) as machines, 100 * sum(miners * hashrate_ths) * 1e12 / (max(difficulty) * 2^32::numeric / 600) as share
                   from historical_bitcoin_calculations where settlement_date = '2025-03-05' group by miner_model, settlement_period) p
          group by miner_model order by max(share) desc" >peaks
    [ "$(wc -l <peaks)" -eq 3 ]
    awk '$1 ~ /^(S19J_PRO|M20S|S9)$/ { print $1, $2, $3, $4, $5 }' page | diff peaks - || { cat page; false; }
    sql "select farm_id || ' ' || to_char(curtailed_mwh, 'FM999,990.0') from farm_daily_summaries where settlement_date = '2025-03-05'
          order by curtailed_mwh desc limit 5" >lost
    awk '/lost most/ { on = 1; next } /^ *$/ { on = 0 } on && !/---/ { match($0, /[0-9,]+\.[0-9] +£/); split(substr($0, RSTART), n, " "); print $1, n[1] }' page |
        diff lost - || { cat page; false; }
    grep -qx '  records         163, of 87 (period, farm) pairs in 48 periods' page
    grep -q '^  to replace it ' page
    sql "update daily_summaries set period_farms = 1, periods = 1 where settlement_date = '2025-03-05'"
    report 2025-03-05 | grep -qx '  records         163, of 1 (period, farm) pair in 1 period'
    # Where nothing was curtailed there is nothing to replace.
    sql "update daily_summaries set periods = 0 where settlement_date = '2025-03-05'"
    report 2025-03-05 >page
    ! grep 'to replace it' page || false
}

@test "all that a page can say of a day and of a span, figure by figure" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source) values ('2025-03-04', 'USD', 80000, 'test'), ('2025-03-08', 'USD', 90000, 'test');
         insert into exchange_rates (rate_date, currency, per_euro, source) values ('2025-03-05', 'USD', 1.2, 'test'), ('2025-03-05', 'GBP', 0.9, 'test')"
    rollup-summaries -q 2025-03-05 >rolled
    # What is of the day after is none of its page.
    sql "update daily_summaries set payment_to_farms = 60000, payment_by_farms = 10081.72, onshore_mwh = 3000, offshore_mwh = 1000,
                wind_curtailed_mwh = 1000, wind_periods = 40 where settlement_date = '2025-03-05';
         insert into replacement_daily_summaries (settlement_date, curtailed_mwh, replaced_mwh, cost, offers, periods, periods_final, periods_short)
         values ('2025-03-05', 1029.5, 1029.5, 70000.5, 60, 48, 47, 0);
         insert into settled_days (settlement_date, bid_rows, offer_rows, settled_payment, settled_not_flagged, settled_offers, unexplained)
         values ('2025-03-05', 1, 1, 50000, 0, 0, 0);
         insert into period_revisions (settlement_date, settlement_period, revised_at, was_status, records_before, records_after,
                                       mwh_before, mwh_after, payment_before, payment_after, fetched_by)
         select d, 7, '2025-04-01 12:00Z', 'final', 1, 1, 10, 12.5, 300, 400, 'fetch-elexon' from unnest('{2025-03-05,2025-03-06}'::date[]) d;
         update ingested_periods set status = 'suspect', suspect = 'odd' where settlement_date = '2025-03-06' and settlement_period = 1;
         update bm_units set valid_to = '2025-03-05' where farm_id = 'T_LCLTW-1';
         insert into bm_units (farm_id, valid_from, name) values ('T_LCLTW-1', '2025-03-05', 'Renamed that day')"
    report 2025-03-05 >page
    diff - <(sed -n '3,/^ *lost most/{ s/  */ /g; s/ $//; p; }' page) <<-'END'
	 periods 48 of 48 fetched, 48 final
	 records 163, of 87 (period, farm) pairs in 48 periods
	 energy 1,029.499999996 MWh
	 paid £49,918.28 (£60,000.00 to farms, £10,081.72 by farms)
	 settled £50,000.00 by the publisher's own cash flows, transmission losses included
	 to replace it £70,000.50 for others turned up in its place; £119,918.78 in all (provisional)
	 wind generated 4,000 MWh; 20.0 % of the possible wind generation was curtailed (of 40 of 48 half hours: the others are not known)
	 changed since it was final: period 7 on 2025-04-01 12:00, 10.000 to 12.500 MWh, £300.00 to £400.00 (fetch-elexon)

	 if mined by machines of the network BTC value at mining price £/MWh less paid
	------------- -------- -------------- ---------- --------------- --------------------------------------------------------------- ----- ---------
	 S19J_PRO 43,824 0.6 % 0.79957721 USD 63,966 at 80,000.00 USD, of 2025-03-04: no price is known for that day 46.60 -1.89
	 M20S 39,781 0.3 % 0.49354724 USD 39,484 at 80,000.00 USD, of 2025-03-04: no price is known for that day 28.76 -19.72
	 S9 101,032 0.2 % 0.24885737 USD 19,909 at 80,000.00 USD, of 2025-03-04: no price is known for that day 14.50 -33.98

	 The machines that the busiest half hour could have powered, and their share of the
	 network of that time. The historical difficulty is used, although so many more would
	 have raised it; transaction fees are not counted.
	 A USD was £0.75 at the European Central Bank's rates of 2025-03-05.

	 lost most name lead party MWh paid BTC, S19J_PRO
	END
    grep -qx '  T_STLGW-2 .* 564.9 £31,323 0.4388 *' page
    [ "$(grep '^  T_LCLTW-1 ' page | tr -s ' ')" = ' T_LCLTW-1 Renamed that day 346.6 £12,038 0.2692' ]
    report 2025-03-04 2025-03-05 >page
    diff - <(sed -n '3,/^- -/{ s/  */ /g; s/ $//; p; }' page) <<-'END'
	 days 2 of 2 stored; half hours 96 of 96 fetched, 96 final
	 energy 1.766 GWh in 96 half hours, of 3 units
	 paid £87,008.38, £49.26 a MWh (£97,090.10 to farms, £10,081.72 by farms)
	 settled £50,000.00 by the publisher's own cash flows, transmission losses included, of 1 of 2 days
	 to replace it £70,000.50 for others turned up in 48 of 96 half hours; the offers of the others are not known
	 share of wind 20.0 % of the possible wind generation, in the 40 of 96 half hours whose generation is known
	 the span before 2 March 2025 to 3 March 2025: 1.867 GWh (-5.4 %), £92,032.39 (-5.5 %)
	 a year earlier 4 March 2024 to 5 March 2024: 0 of 2 days are stored, nothing is compared

	 if mined by BTC value at mining price which is £/MWh less paid
	------------- ---------- --------------- --------- ----------------------- ----- ---------
	 S19J_PRO 1.37186608 USD 101,165 73,742.59 of each day, or assumed 46.60 -1.89
	 M20S 0.84679823 USD 62,445 73,742.59 of each day, or assumed 28.76 -19.72
	 S9 0.42697576 USD 31,486 73,742.56 of each day, or assumed 14.50 -33.98

	 Every whole machine that the energy could power runs, at the difficulty of the time, without fees,
	 costs or downtime. £/MWh is what the bitcoin of a MWh was worth (European Central Bank rates), and
	 "less paid" what that is beyond the payment for it.
	 Some days have no known price or rate: both figures cover the others.

	 day MWh £ £/MWh share % units state
	------------ --------- --------- ----- ------- ----- -----
	 2025-03-04 736.867 37,090.10 50.33 - 3 final
	 2025-03-05 1,029.500 49,918.28 48.49 20.0 3 final

	# farm MWh £ £/MWh unit hours share % change %
	- ------------------------ ------- --------- ----- ---------- ------- --------
	END
}

@test "a span beside the span before it; a year by months, and its audit named" {
    fresh_month
    report 2025-03-16 2025-03-30 >page
    before=$(summary --model S9 --format tsv 2025-03-01 2025-03-15 | column curtailed_mwh)
    now=$(summary --model S9 --format tsv 2025-03-16 2025-03-30 | column curtailed_mwh)
    grep -q "^  the span before 1 March 2025 to 15 March 2025: $(awk -v x="$before" 'BEGIN { printf "%.3f GWh", x / 1000 }') ($(sql "select to_char(100 * ($now / $before - 1), 'SFM990.0')") %), £" page
    report 2025 >page
    grep -qx 'Curtailed wind, 2025' page
    grep -q '^  days            31 of 365 stored' page
    grep -q '^  2025-03 *29,300.067 ' page
    grep -q '^  2025-07 *- .*nothing is stored$' page
    grep -qx '  audit           not done here, the span is long: audit-calcs 2025-01-01 2025-12-31' page
    # Part of a month or a year says which part; from a span of which days are missing no change is told.
    report 2025-03-10 2025-04-20 >page
    grep -q '^  2025-03-10 to 03-31 ' page
    grep -q '^  2025-04-01 to 04-20 ' page
    grep -qx '  the span before 27 January 2025 to 9 March 2025: 9 of 42 days are stored, nothing is compared' page
    report 2024-01-01 2025-06-30 >page
    grep -q '^  2024  ' page
    grep -q '^  2025-01-01 to 06-30 ' page
    # Of a span of which nothing is stored there is nothing to compare, and nothing was mined.
    report 2025-04 >page
    ! grep -E 'the span before|S19J_PRO' page || false
    grep -qx '  audit           0 differences: nothing is stored, and nothing is summed' page
    # Of an amount below zero nothing is a percentage.
    sql "update daily_summaries set payment = -1 where settlement_date < '2025-03-16'"
    report 2025-03-16 2025-03-30 >page
    grep -q '^  the span before .*, £-15.00 (farms paid on balance)$' page
    sql "update daily_summaries set curtailed_mwh = 1500000 where settlement_date = '2025-03-30';
         delete from farm_daily_summaries where settlement_date = '2025-03-30'"
    report 2025-03-30 | grep -qx '  energy          1,500,000.000000000 MWh'
    report 2025-03-30 2025-03-31 | grep -q '^  energy          1\.50[0-9] TWh in .*, of an unknown number of units$'
}

@test "a model that was retired in the span has a part of it, and the month is as final as its half hours" {
    fresh_month
    sql "update miner_models set active = false, retired_from = '2025-03-16' where miner_model = 'M20S'"
    sql "delete from historical_bitcoin_calculations where miner_model = 'M20S' and settlement_date >= '2025-03-16'"
    rollup-summaries -q --whole >rolled
    report 2025 >page
    grep -q '^  2025-03 .* final$' page
    [ "$(sed -n 's/^  \([A-Z][A-Z0-9_]*\( (.*)\)\{0,1\}\)  *[0-9].*/\1/p' page | paste -sd ,)" = 'S19J_PRO,M20S (part of it),S9' ]
    # Of a model in force, a part of the calculations is not enough.
    sql "delete from historical_bitcoin_calculations where miner_model = 'S9' and settlement_date = '2025-03-05'"
    rollup-summaries -q --whole >rolled
    report 2025 | grep -q '^  2025-03 .* not complete$'
}

@test "every amount on a page has room for twelve digits, a share for three" {
    [ "$(grep -hoE "'S?FM(SG)?[09,]+" "$root"/sql/report/*.sql | tr -d "'SFMG" | sort -u)" = $'990\n999,999,999,990' ]
}

@test "a day is the page of that day, however it is written; what cannot be is refused" {
    fresh_month
    report 2025-03-05 >day
    report 2025-03-05 2025-03-05 | cmp - day
    grep -q '^  reconciliation' day
    for n in 1 2; do
        sql "update ingested_periods set status = 'suspect', suspect = 'odd' where settlement_date = '2025-03-05' and settlement_period = $n"
        report 2025-03-05 >day.$n
    done
    grep -qx '  suspect         1 settlement period: odd; the stored rows stay' day.1
    grep -qx '  suspect         2 settlement periods: odd; the stored rows stay' day.2
    # A day that is not summed has no figures, whatever stands before it.
    report 2025-04-01 >day 2>said
    ! grep -E 'if mined by|lost most|^  energy' day || false
    refused() { # WORDS ARGUMENT...
        local words=$1
        shift
        run --separate-stderr report "$@"
        [ "$status" -eq 64 ] && [ -z "$output" ] && [[ "$stderr" == *"$words"* ]] || { echo "$status $stderr"; return 1; }
    }
    refused 'a DATE or a span is needed'
    refused 'an invalid date' 2025-02-30 2025-03-01
    refused '2025-13: an invalid month' 2025-13
    refused 'the range is reversed' 2025-03-02 2025-03-01
    refused '2025-04: not a date; a month or a year stands alone' 2025-03-01 2025-04
    refused '2024: not a date; a month or a year stands alone' 2024 2025-03-01
    refused 'too many arguments' 2025-03-01 2025-03-02 2025-03-03
    refused 'not a date' "2025-03'; drop table x --"
    refused 'no such option' --top 3
    run --separate-stderr report 2025-02-30
    [ "$status" -eq 64 ]
    for span in 2025-03 2025; do
        status=0
        report $span >/dev/full 2>said || status=$?
        [ "$status" -eq 74 ] || { echo "$span $status"; false; }
    done
}
