# Exchange rates, from the bank's documents to pounds beside pounds.
#
# bats sets $stderr and $lines, and the suite $root.
# shellcheck disable=SC2154
load helper
load asking
load elexon
load month

setup() { cd "$BATS_TEST_TMPDIR" || return; }

teardown() {
    liar_stop
    tear_down_all
}

envelope() { # CUBES: the bank's document
    printf '<?xml version="1.0" encoding="UTF-8"?>\n<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
    printf "\t<gesmes:subject>Reference rates</gesmes:subject>\n\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n"
    printf '\t<Cube>\n%s\n\t</Cube>\n</gesmes:Envelope>' "$1"
}

cube() { printf "<Cube time='%s'><Cube currency='USD' rate='%s'/><Cube currency='BGN' rate='1.9558'/><Cube currency='GBP' rate='%s'/></Cube>" "$@"; }

values() { # FILE COLUMN...: these of each row, a space between
    awk -F '\t' -v names="${*:2}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " "); next }
        { for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? " " : "\n" }' "$1"
}

refused() { # STATUS WORDS FILE: nothing of it is printed
    run --separate-stderr fetch-rates --file "$3"
    [[ "$status/$output/$stderr" == "$1//"*"$2"* ]] || { echo "$3: $status $output $stderr"; return 1; }
}

@test "a session that waits for its source is not ended as idle, whatever its role is told" {
    fresh_db
    mkdir site
    envelope "$(cube 2025-03-07 1.0857 0.84000)" >site/rates.xml
    echo 'location = /eurofxref-hist.xml { echo_sleep 0.6; echo_exec /rates.xml; }' >conf
    replay_start "$PWD/site" "$PWD/conf"
    export PGOPTIONS='-c idle_session_timeout=300ms -c idle_in_transaction_session_timeout=300ms'
    fetch-rates -q --store --base-url "$REPLAY_URL"
    [ "$(sql "select count(*) from exchange_rates")" -eq 2 ]
    printf '%s\n' '\o /dev/null' "\\ir $root/sql/query/session.sql" '\o' 'show idle_in_transaction_session_timeout;' >ask.sql
    [ "$(psql -XAtq -d "$DATABASE_URL" -f ask.sql)" = 0 ]
}

@test "the bank's XML and both of its CSV give the same rates, and what is printed is read again" {
    envelope "$(cube 2025-03-07 1.0857 0.84000)" >daily.xml
    printf 'Date,USD,JPY,BGN,GBP,CHF,\n2025-03-07,1.0857,N/A,1.9558,0.84000,,\n' >hist.csv
    printf 'Date, USD, BGN, GBP, \n07 March 2025, 1.0857, 1.9558, 0.84000, \n' >day.csv
    { printf '\xef\xbb\xbf'; cat daily.xml; } >marked.xml
    for file in daily.xml hist.csv day.csv marked.xml; do
        fetch-rates --no-header --file "$file" | cut -f 1-3 | paste -sd' ' >>got
    done
    [ "$(sort -u got)" = $'2025-03-07\tGBP\t0.84 2025-03-07\tUSD\t1.0857' ]
    [ "$(wc -l <got)" -eq 4 ]
    fetch-rates --file "$root/tests/data/ecb/eurofxref-hist.xml" >rates.tsv
    [ "$(wc -l <rates.tsv)" -eq $((20 * 6 + 1)) ]
    fetch-rates --format csv --file rates.tsv | fetch-rates --file - | cmp - rates.tsv
    # The history is asked for where the last ninety days do not reach.
    mkdir site && cp daily.xml site/eurofxref-hist.xml
    envelope "$(cube "$(date -u -d 'last monday' +%F)" 1.1 0.85)" >site/eurofxref-hist-90d.xml
    [ "$(fetch-rates --no-header --since 2025-01-01 --base-url "file://$PWD/site" | cut -f 1,4 | sort -u)" = $'2025-03-07\tecb' ]
    [ "$(fetch-rates --no-header --since "$(date -u -d '-20 days' +%F)" --base-url "file://$PWD/site" | cut -f 3 | paste -sd' ')" = '0.85 1.1' ]
}

# As the rouble in 2022 and the kuna in 2023: N/A in the tables, and absent from the XML.
@test "a currency that ends before the others is named, and so are pounds that are gone" {
    printf 'Date,USD,GBP,RUB,\n2025-03-14,1.0889,N/A,N/A,\n2025-03-13,1.0853,,N/A,\n2025-03-07,1.0857,0.84000,N/A,\n' >late.csv
    run --separate-stderr fetch-rates --no-header --file late.csv
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [[ "$stderr" == *"late.csv: its latest rate of GBP is of 2025-03-07, and others go on to 2025-03-14"* ]]
    # Over a holiday none is late, and a table of one currency is one.
    run --separate-stderr fetch-rates --no-header --file <(grep -v 03-14 late.csv | sed 's/03-07/03-10/')
    [[ "$stderr" != *"its latest"* ]]
    run --separate-stderr fetch-rates --no-header --file <(cut -d, -f 1,2 late.csv)
    [[ "$stderr" != *GBP* ]]
    mkdir site
    envelope "<Cube time='2025-03-14'><Cube currency='USD' rate='1.0889'/><Cube currency='JPY' rate='161.89'/></Cube>" >site/eurofxref-hist.xml
    run --separate-stderr fetch-rates --no-header --base-url "file://$PWD/site"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"ecb: it has no rate of GBP, and others to 2025-03-14"* ]]
}

@test "an odd rate costs itself; a document of mostly odd ones, of another kind or cut is refused" {
    for rate in 0 -0.84 NaN 8.4 0.5 1e9 ',84' '&#48;' ''; do
        envelope "$(cube 2025-03-10 1.08 0.85; cube 2025-03-07 1.0857 "$rate"; cube 2025-03-06 1.07 0.84; cube 2025-03-05 1.06 0.84)" >odd.xml
        run --separate-stderr fetch-rates --no-header --file odd.xml
        [ "$status" -eq 0 ]
        [ "$(cut -f 1,2 <<<"$output" | grep -c GBP) $(grep -c USD <<<"$output")" = '3 4' ] || { echo "$rate: $output"; false; }
        [[ "$stderr" == *2025-03-07*GBP* ]] || { echo "$rate: $stderr"; false; }
    done
    # A day that is none takes its rates with it, and they do not fall to the day before.
    for day in 2025-02-30 2025-03-08 "$(date -u -d '+3 days' +%F)" '2025-03-06T00:00:00+00:00 and more' ''; do
        envelope "$(cube 2025-03-07 1.08 0.85; cube "$day" 2 2; cube 2025-03-05 1.07 0.84)" >odd.xml
        [ "$(fetch-rates -q --no-header --file odd.xml 2>said | cut -f 1,3 | paste -sd' ')" = $'2025-03-05\t0.84 2025-03-07\t0.85 2025-03-05\t1.07 2025-03-07\t1.08' ]
        [ "$(grep -c level=warning said)" -eq 2 ]
    done
    # What really moved stays: the franc of 2015.
    printf 'Date,CHF,\n2015-01-19,1.0155,\n2015-01-16,1.0128,\n2015-01-15,1.0280,\n2015-01-14,1.2010,\n2015-01-13,1.2010,\n' >franc.csv
    [ "$(fetch-rates --no-header --file franc.csv | wc -l)" -eq 5 ]
    envelope "$(cube 2025-03-07 0 -1; cube 2025-03-06 1.07 0.84; cube 2025-03-05 x y)" >mostly.xml
    refused 65 '4 of 6 rows cannot be used' mostly.xml
    : >empty
    refused 65 'no column Date' empty
    envelope '' >none.xml
    refused 65 'it has no rates' none.xml
    envelope "$(cube 2025-03-07 1.08 0.85)" | head -c -20 >cut.xml
    refused 65 'it ends before its Envelope does' cut.xml
    printf '<!DOCTYPE html><html><body>Service unavailable</body></html>\n' >page
    refused 65 'it has no Envelope' page
    printf 'Date,USD,EUR,GBP,\n2025-03-07,1,0.92,0.77,\n' >dollars.csv
    refused 65 'a rate for EUR' dollars.csv
    envelope "<Cube time='2025-03-07'><Cube currency='EUR' rate='0.92'/></Cube>" >dollars.xml
    refused 65 'a rate for EUR' dollars.xml
    printf 'Date,GBP\n2025-03-07,0.84000\n2025-03-10,0.84' >cut.csv
    run --separate-stderr fetch-rates --no-header --file cut.csv
    [[ "$status $stderr" == "0 "*"level=warning"*"cut.csv: the last line has no end; it is taken as whole"* ]]
    printf 'Date;USD;GBP\n2025-03-07;1,08;0,84\n' >semicolons.csv
    refused 65 'no column Date (or rate_date); tabs or commas separate the columns, not semicolons' semicolons.csv
    printf '{"base":"EUR","rates":{"2025-03-07":{"GBP":0.84}}}\n' >rates.json
    refused 65 'it is JSON, as an interface answers: take the same as CSV' rates.json
    printf 'price_date,price\n2025-03-07,80000\n' >prices.csv
    refused 65 'no column Date' prices.csv
    mkdir site
    cp page site/eurofxref-hist.xml
    run fetch-rates --base-url "file://$PWD/site"
    [ "$status" -eq 76 ]
    rm site/eurofxref-hist.xml
    run fetch-rates --base-url "file://$PWD/site"
    [ "$status" -eq 76 ]
    echo '{"rates":{"GBP":0.85}}' >site/eurofxref-hist.xml
    run fetch-rates --base-url "file://$PWD/site"
    [ "$status" -eq 76 ]
    run fetch-rates --file nowhere
    [ "$status" -eq 66 ]
}

# A length that is too short, as some proxies give it, and an answer that is nothing.
@test "rates that break off on their way are asked for again" {
    cat >script <<-END
	body=\$(cat "$root/tests/data/ecb/eurofxref-hist.xml")
	[ "\$2" -gt "\$(cat how_long)" ] || body=\${body:0:\$(cat cut_at)}
	printf 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "\$(printf %s "\$body" | wc -c)" "\$body"
	END
    fetch-rates -q --file "$root/tests/data/ecb/eurofxref-hist.xml" | sed 's/file$/ecb/' >whole
    echo 1 >how_long
    for cut in 0 20 700; do
        echo "$cut" >cut_at
        liar_start "$PWD/script"
        run --separate-stderr fetch-rates --base-url "$LIAR_URL" --retry-wait 0.02
        echo "$cut: $status $stderr"
        [ "$status" -eq 0 ]
        [ "$output" = "$(cat whole)" ]
        [ "$(liar_requests)" -eq 2 ]
        liar_stop
    done
    echo 9 >how_long
    liar_start "$PWD/script"
    run --separate-stderr fetch-rates --base-url "$LIAR_URL" --retry-wait 0.02 --attempts 2
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"the body is not a whole document"* ]]
}

@test "stored twice is stored once; a first new rate is seen beside the stored ones" {
    fresh_db
    fetch-rates -q --store --file "$root/tests/data/ecb/eurofxref-hist.xml"
    [ "$(sql "select count(*), count(distinct currency), min(rate_date), max(rate_date) from exchange_rates")" = '120|6|2025-04-01|2025-04-30' ]
    run fetch-rates --store
    [[ "$output" == *'msg="stored" rates='*' changed=0'* ]]
    envelope "$(cube 2025-05-02 1.13 8.5)" >slip.xml
    run fetch-rates --store --file slip.xml
    [[ "$output" == *"2025-05-02: GBP 8.5 is far from"*" changed=1"* ]]
    [ "$(sql "select string_agg(currency, ' ') from exchange_rates where rate_date = '2025-05-02'")" = USD ]
    # A step that stays is seen on the second day.
    envelope "$(cube 2025-05-05 1.13 1.2; cube 2025-05-02 1.13 1.2)" >step.xml
    fetch-rates -q --store --file step.xml
    [ "$(sql "select count(*) from exchange_rates where rate_date > '2025-05-01' and per_euro = 1.2")" -eq 2 ]
}

@test "rates that are turned over, or of another unit, differ alike from those stored and change nothing" {
    fresh_db
    local hist=$root/tests/data/ecb/eurofxref-hist.xml
    fetch-rates -q --store --file "$hist"
    before=$(dump_db --exact)
    local how
    for how in '1 / $3' '1.5 * $3' '0.9 * $3'; do
        fetch-rates -q --file "$hist" | awk -F '\t' -v OFS='\t' '$2 == "GBP" { $3 = sprintf("%.5f", '"$how"') } { print }' >turned.tsv
        run --separate-stderr fetch-rates --store --file turned.tsv
        [ "$status" -eq 65 ] || { echo "$how: $status: $stderr"; false; }
        [[ "$stderr" == *"exchange rates: GBP: "*" of its days are stored already"*"how many GBP one euro bought on these days?"* ]] || { echo "$how: $stderr"; false; }
    done
    [ "$(dump_db --exact)" = "$before" ]
}

# Nothing is stored that could deny them.
@test "rates that are turned over are no rates at a first fetch, either" {
    fresh_db
    local hist=$root/tests/data/ecb/eurofxref-hist.xml who
    for who in GBP JPY 'GBP|AUD|CAD|JPY' '.*'; do
        fetch-rates -q --file "$hist" | awk -F '\t' -v OFS='\t' 'NR == 1 { print } NR > 1 && $2 ~ /^('"$who"')$/ { $3 = sprintf("%.8f", 1 / $3); print }' >turned.tsv
        run --separate-stderr fetch-rates --store --file turned.tsv
        [ "$status" -eq 65 ] || { echo "$who: $status: $stderr"; false; }
        [[ "$stderr" == *"exchange rates: one euro has always bought "*" than one "*"and most of these rates say otherwise"* ]] || { echo "$who: $stderr"; false; }
    done
    # Of another unit: a hundred yen, pence, and yen turned over among others that are not.
    for how in 'JPY $3/100' 'GBP 100*$3' 'JPY 1/$3'; do
        read -r who how <<<"$how"
        fetch-rates -q --file "$hist" | awk -F '\t' -v OFS='\t' '$2 == "'"$who"'" { $3 = sprintf("%.8f", '"$how"') } { print }' >unit.tsv
        run --separate-stderr fetch-rates --store --file unit.tsv
        [ "$status" -eq 65 ] || { echo "$who $how: $status: $stderr"; false; }
        [[ "$stderr" == *"exchange rates: one euro has always bought "*"$who, and most of these rates say otherwise"* ]] || { echo "$stderr"; false; }
    done
    [ "$(sql "select count(*) from exchange_rates")" -eq 0 ]
    # A rate from before the euro costs itself.
    printf 'rate_date\tcurrency\tper_euro\n1998-12-31\tGBP\t0.7\n2025-03-06\tGBP\t0.84\n2025-03-07\tGBP\t0.84\n' >before.tsv
    run --separate-stderr fetch-rates --no-header --file before.tsv
    [ "$status/${#lines[@]}" = 0/2 ]
    [[ "$stderr" == *"1998-12-31: before the euro"* ]]
    # A dollar and a franc have been on both sides of a euro, and one currency alone may come to be where it never was.
    fetch-rates -q --file "$hist" | awk -F '\t' -v OFS='\t' '$2 ~ /USD|CHF/ { $3 = sprintf("%.8f", 1 / $3); print } NR == 1' >turned.tsv
    fetch-rates -q --file turned.tsv >out
    fetch-rates -q --file "$hist" | awk -F '\t' -v OFS='\t' '$2 == "GBP" { $3 = 1.01 } { print }' >parity.tsv
    fetch-rates -q --store --file parity.tsv
}

@test "pounds beside pounds: by half hour, day and span, at the last rate before a weekend, never a made up one" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source)
         select d, 'USD', 80000 + extract(day from d), 'test' from generate_series(date '2025-03-01', '2025-03-31', '1 day') d where extract(day from d) <> 20"
    sql "delete from bitcoin_prices where price_date > '2025-03-20'"
    sql "insert into exchange_rates values ('2025-02-21', 'USD', 1.05, 'x'), ('2025-02-21', 'GBP', 0.83, 'x'), ('2025-03-07', 'USD', 1.0857, 'x'),
                ('2025-03-07', 'GBP', 0.84, 'x'), ('2025-03-10', 'USD', 1.09, 'x'), ('2025-03-11', 'GBP', 0.85, 'x'), ('2025-03-12', 'USD', 1.1, 'x'), ('2025-03-12', 'GBP', 0.85, 'x')"
    rollup-summaries -q 2025-03-01 2025-03-31 >changed
    "$root/scripts/summary" --by day --model S9 --format tsv 2025-03 >days.tsv
    day() { values days.tsv first_day gbp_state gbp_rate_date bitcoin_gbp bitcoin_gbp_per_mwh bitcoin_less_payment_per_mwh | sed -n "s/^$1 //p"; }
    # The rate of two Fridays before holds seven days and no longer.
    [ "$(day 2025-03-01)" = 'unknown \N \N \N \N' ]
    # A Saturday, a Sunday, and a Monday of which the bank left out the pound, have Friday's.
    for d in 08 09 10; do
        [ "$(day 2025-03-$d)" = "$(sql "select 'earlier 2025-03-07 ' || trim_scale(v) || ' ' || round(v / curtailed_mwh, 6) || ' ' || round((v - payment) / curtailed_mwh, 6)
            from (select b.value_at_mining * round(0.84 / 1.0857, 12) as v, d.* from bitcoin_daily_summaries b join daily_summaries d using (settlement_date)
                   where settlement_date = '2025-03-$d' and miner_model = 'S9') x")" ]
    done
    [ "$(day 2025-03-12 | cut -d' ' -f 1,2) $(day 2025-03-19 | cut -d' ' -f 1,2)" = 'known 2025-03-12 earlier 2025-03-12' ]
    [ "$(day 2025-03-20)" = 'unknown \N \N \N \N' ]
    # The days' pounds are the half hours', and the month's; a day without them is in none, and said.
    "$root/scripts/summary" --by half-hour --model S9 --format tsv 2025-03 >half.tsv
    [ "$(wc -l <half.tsv)" -eq $((30 * 48 + 46 + 1)) ]
    for name in curtailed_mwh payment bitcoin_mined value_at_mining bitcoin_gbp; do
        sums=$(for f in half.tsv days.tsv; do values $f $name | grep -v N | paste -sd+; done | paste -sd, | sed 's/,/)=(/; s/^/select (/; s/$/)/')
        [ "$(sql "$sums")" = t ]
    done
    "$root/scripts/summary" --model S9 --format tsv 2025-03 >month.tsv
    # Days at several rates have no date of theirs.
    [ "$(values month.tsv gbp_state gbp_rate_date)" = 'incomplete \N' ]
    [ "$(values month.tsv bitcoin_gbp bitcoin_gbp_per_mwh bitcoin_less_payment_per_mwh)" = "$(sql "
        select trim_scale(sum(v)) || ' ' || round(sum(v) / sum(curtailed_mwh), 6) || ' ' || round((sum(v) - sum(payment)) / sum(curtailed_mwh), 6)
          from (select b.value_at_mining * round(case when settlement_date < '2025-03-12' then 0.84 / 1.0857 else 0.85 / 1.1 end, 12) as v, d.*
                  from bitcoin_daily_summaries b join daily_summaries d using (settlement_date)
                 where settlement_date between '2025-03-07' and '2025-03-19' and miner_model = 'S9') x")" ]
    [ "$(sql "select count(*) from bitcoin_days_in_pounds where settlement_date = '2025-03-30'")" -eq 0 ]
    # The page says it, and what it assumes.
    "$root/scripts/report" 2025-03-09 >page
    grep -q 'A USD was £0.773694 at the European Central Bank.s rates of 2025-03-07' page
    # Its pounds, and what they are above the payment, for each MWh.
    [ "$(awk '$1 == "S9" { print $(NF - 1), $NF }' page)" = "$(sql "select to_char($(day 2025-03-09 | cut -d' ' -f 4), 'FM999,990.00') || ' ' ||
            to_char($(day 2025-03-09 | cut -d' ' -f 5), 'FMSG999,990.00')")" ]
    "$root/scripts/report" 2025-03 | grep -q 'Some days have no known price or rate'
}

@test "a half hour that nobody fetched is no calm; in pounds no rate is needed" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source) select d, 'GBP', 60000, 'test' from generate_series(date '2025-03-01', '2025-03-31', '1 day') d"
    WINDFALL_CURRENCY=GBP rollup-summaries -q 2025-03-01 2025-03-31 >changed
    "$root/scripts/summary" --by day --model S9 --format tsv 2025-03-08 >day.tsv
    [ "$(values day.tsv gbp_state gbp_rate_date)" = 'known 2025-03-08' ]
    [ "$(values day.tsv bitcoin_gbp)" = "$(values day.tsv value_at_mining)" ]
    sql "delete from ingested_periods where settlement_date = '2025-03-05' and settlement_period = 7;
         delete from curtailment_records where settlement_date = '2025-03-05' and settlement_period = 7"
    calc-btc -q --store 2025-03-05
    rollup-summaries -q 2025-03-05 >changed
    "$root/scripts/summary" --by half-hour --model S9 --format tsv 2025-03-05 | awk -F '\t' '$2 == 7 { print $4, $5, $6, $12 }' >seven
    [ "$(cat seven)" = 'unfetched \N \N \N' ]
    run "$root/scripts/summary" --by half-hour --compare 2025-03
    [ "$status" -eq 64 ]
}

@test "a job goes on without rates, and stores them where it can" {
    fresh_month
    no_network
    stub fetch-rates 'echo "ts=x level=error tool=fetch-rates pid=1 msg=\"cannot fetch x: HTTP 503\"" >&2; exit 75'
    only_until 2025-03-28
    stub fetch-elexon 'echo settlement_date; exit 75'
    daily_at() { TZ=Europe/London NO_FAKE_STAT=1 faketime "$1" daily; }
    run daily_at "2025-03-29 03:00:00"
    [[ "$output" == verdict=ok* ]]
    grep -q 'level=warning .*exchange rates were not fetched.* status=75 reason="cannot fetch x: HTTP 503"' "$WINDFALL_STATE/logs/daily_latest.log"
    [ "$(grep -c level=error "$WINDFALL_STATE/logs/daily_latest.log")" -eq 0 ]
    rm stubs/fetch-rates
    mkdir site
    envelope "$(cube 2025-03-28 1.08 0.84)" >site/eurofxref-hist.xml
    WINDFALL_ECB_URL=file://$PWD/site run daily_at "2025-03-29 03:10:00"
    [ "$(sql 'select count(*) from exchange_rates')" -eq 2 ]
}
