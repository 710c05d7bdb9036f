# Prices: of a day, from a chart, a history or a file.
load helper
load asking
load sums

setup() {
    source=$BATS_TEST_TMPDIR/source
    mkdir -p "$source/charts" "$source/api/v1"
    export WINDFALL_BLOCKCHAIN_URL=file://$source WINDFALL_MEMPOOL_URL=file://$source
}

chart() { printf '{"status":"ok","unit":"USD","period":"day","values":[%s]}' "$1" >"$source/charts/market-price"; }
history() { printf '{"prices":[%s],"exchangeRates":{"USDGBP":0.78}}' "$1" >"$source/api/v1/historical-price"; }

@test "a chart gives one price a day, digit for digit, and no price where there was none" {
    chart '{"x":1230940800,"y":0.0},{"x":1741478400,"y":86200.1},{"x":1741564800,"y":80000.00000001}'
    run --separate-stderr fetch-prices
    [ "$status" -eq 0 ]
    [ "$output" = "price_date	currency	price	source
2025-03-09	USD	86200.1	blockchain
2025-03-10	USD	80000.00000001	blockchain" ]
}

@test "a history of several prices a day gives the first, in the currency asked for" {
    history '{"time":1741500000,"USD":86005,"GBP":66004},{"time":1741480000,"USD":86007,"GBP":66006.5},{"time":1741393000,"USD":86003,"GBP":-1}'
    run fetch-prices --source mempool --currency GBP --no-header
    [ "$output" = "2025-03-09	GBP	66006.5	mempool" ]
}

@test "the order of a history says nothing: a day's earliest counts; two at once leave the day without one" {
    history '{"time":1741393000,"USD":86003},{"time":1741480000,"USD":86007},{"time":1741500000,"USD":86005}'
    run --separate-stderr fetch-prices --source mempool --no-header
    [ "$(cut -f 1,3 <<<"$output" | paste -sd' ')" = $'2025-03-08\t86003 2025-03-09\t86007' ]
    chart '{"x":1741392000,"y":86000.5},{"x":1741478400,"y":86200},{"x":1741478400,"y":86200.5},{"x":1741564800,"y":86100}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2025-03-08 2025-03-10" ]
    [[ "$stderr" == *level=warning*"2025-03-09: price 86200 and 86200.5 at once: the day is left out"* ]]
    printf 'price_date\tprice\n2025-03-08\t86000\n2025-03-09\t86200\n2025-03-09\t86300\n2025-03-10\t86100\n' >"$BATS_TEST_TMPDIR/file"
    run --separate-stderr fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2025-03-08 2025-03-10" ]
    [[ "$stderr" == *level=warning*"2025-03-09: price 86200 and 86300 at once"* ]]
}

@test "a chart in another unit is another chart: nothing of it is stored" {
    fresh_db
    for unit in GBP 'Hash Rate TH/s' usd; do
        printf '{"status":"ok","unit":"%s","period":"day","values":[{"x":1741478400,"y":86200.1}]}' "$unit" >"$source/charts/market-price"
        run --separate-stderr fetch-prices --store
        [ "$status" -eq 76 ]
        [[ "$stderr" == *"price history: its unit is $unit, not USD: another chart"* ]]
    done
    [ "$(sql "select count(*) from bitcoin_prices")" = 0 ]
}

@test "two slips side by side are two slips" {
    chart '{"x":1741392000,"y":86000.5},{"x":1741478400,"y":8.6},{"x":1741564800,"y":8.7},{"x":1741651200,"y":86050},{"x":1741737600,"y":83000}'
    run --separate-stderr fetch-prices --no-header
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2025-03-08 2025-03-11 2025-03-12" ]
    [[ "$stderr" == *"2025-03-09: price 8.6 is far from 86000.5 and 86050 beside it"* ]]
    [[ "$stderr" == *"2025-03-10: price 8.7 is far from 86000.5 and 86050 beside it"* ]]
    # Where the chart's line is flat for a week nothing says what it was.
    chart "$(seq -f '{"x":%.0f,"y":86000.5}' 1741392000 86400 1741910400 | paste -sd,),"'{"x":1741996800,"y":84000}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 8 ]
    [[ "$stderr" == *level=warning*"2025-03-08: price 86000.5 on each of 7 days from here on, as if the source stood still: they are kept"* ]]
}

@test "a day's price values the day, and stored twice it is stored once" {
    fresh_db
    the_day
    [ "$(sql "select distinct price, price_assumed from bitcoin_daily_summaries")" = "65000|t" ]
    chart '{"x":1640995200,"y":47686.81}'
    fetch-prices -q --store
    find-missing --by-date --all-dates 2022-01-01 | rollup-summaries -q - >"$BATS_TEST_TMPDIR/changed"
    grep -q '^bitcoin_year	2022 S9	value_at_mining	8932486.0898	' "$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select bool_and(value_at_mining = bitcoin_mined * 47686.81 and not price_assumed) from bitcoin_daily_summaries")" = t ]
    run fetch-prices --store
    [[ "$output" == *" changed=0 "* ]]
    run audit-calcs -q
    [ "$status" -eq 0 ]
}

@test "a currency in small letters is that currency" {
    printf 'price_date,price,currency\n2025-03-01,84373,usd\n2025-03-02,78000,Eur\n2025-03-03,86000,Usd\n' >"$BATS_TEST_TMPDIR/file"
    run --separate-stderr fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
    [ "$(cut -f 1,2 <<<"$output" | paste -sd' ')" = $'2025-03-01\tUSD 2025-03-03\tUSD' ]
    [[ "$stderr" == *"1 row is skipped as not in USD: the first, on line 3, is in Eur"* ]]
}

# Its charts stood still for more than a week in March 2026, with status 200 and the days before.
@test "a source whose prices ended days ago is said to have none since; an archive is as old as it is" {
    local day last
    for day in 8 7 6 5 4; do last+=",{\"x\":$(date -u -d "-$day days" +%s),\"y\":8640$day}"; done
    chart "${last#,}"
    run --separate-stderr fetch-prices --no-header
    [ "$status/$stderr" = 0/ ]
    replay_start "$source"
    run --separate-stderr fetch-prices --no-header --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [[ "$stderr" != *level=warning* ]]
    chart "$(cut -d, -f 1-8 <<<"${last#,}")"
    run --separate-stderr fetch-prices --no-header --base-url "$REPLAY_URL"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [[ "$stderr" == *level=warning*"blockchain: its latest price is of $(date -u -d '-5 days' +%F), and the 4 days since then have none"* ]]
    chart ''
    run --separate-stderr fetch-prices --no-header --base-url "$REPLAY_URL"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the source has no price in USD"* ]]
}

@test "today's price is not taken: the day is not over" {
    chart "{\"x\":$(date -u -d yesterday +%s),\"y\":80001},{\"x\":$(date -u +%s),\"y\":80002}"
    run fetch-prices --no-header
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"	80001	blockchain" ]]
}

@test "an odd row costs that row and is named; an answer most of which is odd is refused whole" {
    fresh_db
    good='{"x":1741392000,"y":86000.5},{"x":1741564800,"y":86100.25},{"x":1741651200,"y":86050}'
    for odd in '{"x":1741478400,"y":-5}' '{"x":1741478400,"y":"5"}' '{"x":"a","y":5}' '{"x":1741478400,"y":1e99}' \
        '{"x":1741478400,"y":1e14}' '{"x":1741478400,"y":8.6}' '{"x":1741478400,"y":0.00000000001}'; do
        chart "$good,$odd"
        run --separate-stderr fetch-prices --no-header
        echo "$odd: $status: $stderr"
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 3 ]
        [[ "$stderr" == *"level=warning"* ]]
        chart "$odd"
        run fetch-prices --store
        [ "$status" -ne 0 ]
    done
    sql "delete from bitcoin_prices"
    # No price is no oddity.
    chart "$good"',{"x":1741478400,"y":null},{"x":1741478400},{"x":1741478400,"y":0}'
    run --separate-stderr fetch-prices --no-header
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" != *"row 4"* ]]
    chart '{"x":1741478400,"y":"5"},{"x":1741478400,"y":"6"}'
    run fetch-prices --store
    [ "$status" -eq 65 ]
    echo '<html>' >"$source/charts/market-price"
    run fetch-prices --store
    [ "$status" -eq 76 ]
    printf 'price_date\tprice\n2022-02-30\t5\n' >"$BATS_TEST_TMPDIR/file"
    run fetch-prices --store --file "$BATS_TEST_TMPDIR/file"
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from bitcoin_prices")" = 0 ]
}

# charts/market-price had the mean of exchanges with all its decimals until about 2020.
@test "long decimals and exponents are rounded to eight, from a chart and from a file" {
    chart '{"x":1564272000,"y":9500.324166666665},{"x":1564358400,"y":9.533979333333333e3}'
    [ "$(fetch-prices -q --no-header | cut -f 3 | paste -sd' ')" = "9500.32416667 9533.97933333" ]
    printf 'price_date\tprice\n2021-03-02\t48378.98828125012\n' >"$BATS_TEST_TMPDIR/yf.tsv"
    [ "$(fetch-prices -q --no-header --file "$BATS_TEST_TMPDIR/yf.tsv" | cut -f 3)" = 48378.98828125 ]
}

@test "a history by the week says so; a day between two prices has the last one's, marked, and others the assumed one" {
    fresh_db
    the_day
    history '{"time":1641168000,"USD":50004.5},{"time":1640563200,"USD":50003.5},{"time":1639958400,"USD":50002.5}'
    run fetch-prices --store --source mempool
    [ "$status" -eq 0 ]
    [[ "$output" == *"12 days have none between the first and the last price, 6 in a row at the most"* ]]
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct price, price_assumed, price_date from bitcoin_daily_summaries")" = "50003.5|f|2021-12-27" ]
    audit-calcs -q
    [[ "$("$root/scripts/report" 2022-01-01)" == *"at 50,003.50 USD, of 2021-12-27: no price is known for that day"* ]]
    # Beyond a fortnight nothing is known.
    sql "delete from bitcoin_prices where price_date > '2022-01-01'; insert into bitcoin_prices values ('2022-01-20', 'USD', 40000, 'x')"
    rollup-summaries -q 2022-01-01 >"$BATS_TEST_TMPDIR/changed"
    [ "$(sql "select distinct price, price_assumed, price_date from bitcoin_daily_summaries")" = "65000|t|" ]
    audit-calcs -q
}

# As yfinance, candles of an exchange and people write days; a mean below the table; what a spreadsheet leaves there.
@test "an odd date of a file costs its row, in its own words; an instant is of its day in UTC" {
    printf 'sep=,\r\nprice_date,price\r\n2021-03-01,49631.24\r\n2021-03-02 00:00:00+00:00,48378.99\r\n2021-03-03T23:55:00Z,7\r\n' \
        >"$BATS_TEST_TMPDIR/file"
    printf '2021-03-03T00:05:00Z,50538.24\r\n04/03/2021,48561.17\r\n2021-07-01 00:00:00+01:00,35040\r\n2021-03-05,48927.3\r\n' \
        >>"$BATS_TEST_TMPDIR/file"
    printf '2021-03-06,48912.38\r\nMean,48657.1\r\n,\r\n,\r\n' >>"$BATS_TEST_TMPDIR/file"
    run --separate-stderr fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,3 <<<"$output" | paste -sd' ')" = \
        $'2021-03-01\t49631.24 2021-03-02\t48378.99 2021-03-03\t50538.24 2021-03-05\t48927.3 2021-03-06\t48912.38' ]
    [[ "$stderr" == *'line 7: price_date \"04/03/2021\" is not a date (YYYY-MM-DD, in UTC)'* ]]
    [[ "$stderr" == *'line 8: price_date \"2021-07-01 00:00:00+01:00\" is not a date'*'line 11: price_date \"Mean\"'* ]]
    [[ "$stderr" != *'line 12'* ]]
    # The beginning of a day on no clock that is named is that day's, as CryptoDataDownload and pandas write it, and CoinGecko with UTC; noon is an instant.
    printf 'price_date,price\n2021-03-01 00:00:00,49631.24\n2021-03-02 00:00:00 UTC,48378.99\n2021-03-03 12:00:00,1\n' >"$BATS_TEST_TMPDIR/file"
    [ "$(fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file" 2>"$BATS_TEST_TMPDIR/said" | cut -f 1,3 | paste -sd' ')" = \
        $'2021-03-01\t49631.24 2021-03-02\t48378.99' ]
    grep -qF 'line 4: price_date \"2021-03-03 12:00:00\" is not a date' "$BATS_TEST_TMPDIR/said"
    # A file of another kind of dates has none.
    printf 'price_date,price\n44256,49631.24\n44257,48378.99\n' >"$BATS_TEST_TMPDIR/file"
    run fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
    [ "$status" -eq 65 ]
    [[ "$output" == *'2 of 2 rows cannot be used; the first: line 2: price_date \"44256\" is not a date'* ]]
}

@test "the good rows of a file are stored, TSV and CSV alike, and a bad one before them costs itself" {
    fresh_db
    printf 'price_date\tnote\tprice\n2022-01-01\tx\t46311.74\n2022-01-02\tx\t-5\n2022-01-03\tx\t46453.5\n2022-01-04\tx\t\\N\n2022-01-05\tx\t43425\n' \
        >"$BATS_TEST_TMPDIR/prices.tsv"
    run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/prices.tsv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"line 3: price: -5 is not a price"* ]]
    [ "$(sql "select price_date, currency, price, source from bitcoin_prices order by 1")" = "2022-01-01|USD|46311.74|file
2022-01-03|USD|46453.5|file
2022-01-05|USD|43425|file" ]
    # What a spreadsheet saves: commas, CR LF, a mark, quotes, an empty field, a line between.
    printf '\xef\xbb\xbf"price",price_date,currency\r\n-5,2022-01-02,USD\r\n"46311.75", 2022-01-01 ,"USD"\r\n\r\n46453.5,2022-01-03,\r\n,2022-01-04,USD\r\n43425,2022-01-05,USD\r\n' \
        >"$BATS_TEST_TMPDIR/prices.csv"
    run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/prices.csv"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"line 2: price: -5 is not a price"*" rows=3 changed=1 "* ]]
    [ "$(sql "select price from bitcoin_prices where price_date = '2022-01-01'")" = 46311.75 ]
    # What it prints is what it reads.
    for format in tsv csv; do
        fetch-prices -q --format $format --file "$BATS_TEST_TMPDIR/prices.csv" >"$BATS_TEST_TMPDIR/again.$format"
        [ "$(fetch-prices -q --no-header --file - <"$BATS_TEST_TMPDIR/again.$format" | cut -f 1-3 | paste -sd' ')" = \
$'2022-01-01\tUSD\t46311.75 2022-01-03\tUSD\t46453.5 2022-01-05\tUSD\t43425' ]
    done
    # What is no such table, or is cut, is refused with its line.
    for bad in 'price_date;price\n2022-01-01;5\n' 'price_date,price\n2022-01-01\n' 'price_date,price\n2022-01-01,"5\n' \
        'price_date,price\n2022-02-30,5\n' 'price_date,price\n2022-01-01,50000.5\n2022-01-02,50' ''; do
        # shellcheck disable=SC2059 # the format is the file
        printf "$bad" >"$BATS_TEST_TMPDIR/bad"
        run fetch-prices --store --file "$BATS_TEST_TMPDIR/bad"
        [ "$status" -eq 65 ] || { echo "$bad: $status $output"; false; }
        [[ "$output" == *"$BATS_TEST_TMPDIR/bad"* ]]
    done
    run fetch-prices --file "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 66 ]
}

@test "in a chart a bad row followed by good ones costs itself; numbers that are nearly numbers are none" {
    chart '{"x":1741392000,"y":86000.5},{"x":1741478400,"y":-7},{"x":1741564800,"y":86100.25},{"x":1741651200,"y":86050}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1,3 <<<"$output" | paste -sd' ')" = $'2025-03-08\t86000.5 2025-03-10\t86100.25 2025-03-11\t86050' ]
    [[ "$stderr" == *"row 2: price -7 is not a price"* ]]
    for nearly in 5. .5 0x5 5e 1e+ 5,0 '5 000' ٥ NaN Infinity 1_000 5f '--5' '$5'; do
        printf 'price_date\tprice\n2022-01-01\t50000\n2022-01-02\t60000\n2022-01-03\t%s\n2022-01-04\t60000\n' "$nearly" >"$BATS_TEST_TMPDIR/file"
        run --separate-stderr fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 3 ] || { echo "$nearly: $output"; false; }
        [[ "$stderr" == *"line 4: price: "* ]] || { echo "$nearly: $stderr"; false; }
    done
    # In JSON such a number is no value.
    for nearly in +5 5. .5 0x5 5e NaN 05 1e+ $'"\xa35"'; do
        chart "{\"x\":1741392000,\"y\":86000.5},{\"x\":1741478400,\"y\":$nearly},{\"x\":1741564800,\"y\":86100}"
        run --separate-stderr fetch-prices --no-header
        [ "$status" -eq 0 ]
        [ "$(cut -f 1,3 <<<"$output" | paste -sd' ')" = $'2025-03-08\t86000.5 2025-03-10\t86100' ] || { echo "$nearly: $output"; false; }
        [[ "$stderr" == *'row 2: its price is no value of JSON'* ]]
    done
    chart '{"x":1741392000,"y":86000.5},{"x":1741478400,"y":5 0},{"x":1741564800,"y":86100}'
    run fetch-prices --no-header
    [ "$status" -eq 65 ]
}

@test "a price of a day that has not come is left out by name, and makes no hole of years" {
    chart '{"x":1741392000,"y":86000.5},{"x":2741478400,"y":86050},{"x":1741478400,"y":86100}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2025-03-08 2025-03-09" ]
    [[ "$stderr" == *level=warning*"2056-11-15 to 2056-11-15: a price of 1 day in the future, or the clock of this machine is behind"* ]]
    [[ "$stderr" != *"none between the first and the last price"* ]]
}

@test "a source that says why it gives no prices is quoted" {
    for said in '"error":"quota exceeded"' '"values":[],"error":"quota exceeded"' '"message":"quota exceeded"' '"error":{"code":7,"message":"quota exceeded"}'; do
        echo "{$said}" >"$source/charts/market-price"
        run --separate-stderr fetch-prices
        [ "$status" -eq 76 ]
        [[ "$stderr" == *"price history: an error instead of a price history: quota exceeded"* ]]
    done
}

@test "wrong options are named" {
    run fetch-prices --source kraken
    [ "$status" -eq 64 ]
    run fetch-prices --currency gbp
    [ "$status" -eq 64 ]
    run fetch-prices --source blockchain --currency GBP
    [ "$status" -eq 64 ]
    run fetch-prices --source file
    [ "$status" -eq 64 ]
}

# days N FACTOR...: the first N days of March 2025 as a file, each price times the next of the factors in turn.
days() {
    local n=$1
    shift
    awk -v n="$n" -v factors="$*" 'BEGIN {
        k = split(factors, f, " "); print "price_date\tprice"
        for (i = 1; i <= n; i++) printf "2025-03-%02d\t%.2f\n", i, (80000 + 100 * i) * f[i % k + 1] }' >"$BATS_TEST_TMPDIR/days.tsv"
}

@test "prices that differ alike from those stored are another currency's, and change nothing" {
    fresh_db
    days 30 1
    fetch-prices -q --store --file "$BATS_TEST_TMPDIR/days.tsv"
    before=$(dump_db --exact)
    days 31 0.92
    run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/days.tsv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"30 of its days are stored already, and the middle one is 0.92 times what is stored: are these prices in USD, and of these days?"* ]] || { echo "$stderr"; false; }
    [ "$(dump_db --exact)" = "$before" ]
    # The same prices, each under the next day's date.
    days 31 1
    awk -F '\t' -v OFS='\t' 'NR == 1 { print; next } NR > 2 { print $1, last } { last = $2 }' "$BATS_TEST_TMPDIR/days.tsv" >"$BATS_TEST_TMPDIR/late.tsv"
    run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/late.tsv"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"30 of its days have what is stored of the day before: are these prices in USD, and of these days? Nothing is stored"* ]] || { echo "$stderr"; false; }
    [ "$(dump_db --exact)" = "$before" ]
    # Another source's differ by more on single days, either way.
    days 30 0.95 1.06 1 0.99 1.01
    fetch-prices -q --store --file "$BATS_TEST_TMPDIR/days.tsv"
    [ "$(sql "select round(price, 2) from bitcoin_prices where price_date = '2025-03-01'")" = 84906.00 ]
    # Of few days nothing is known.
    days 29 1.2
    fetch-prices -q --store --file "$BATS_TEST_TMPDIR/days.tsv"
    [ "$(sql "select round(price, 2) from bitcoin_prices where price_date = '2025-03-01'")" = 96120.00 ]
}

@test "a price of a day before the first bitcoin is none" {
    chart '{"x":0,"y":86000.5},{"x":1230854400,"y":86000},{"x":1741478400,"y":86000.5},{"x":1741564800,"y":86100.25}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2025-03-09 2025-03-10" ]
    [[ "$stderr" == *"1970-01-01 to 2009-01-02: a price of 2 days before the first bitcoin"* ]] || { echo "$stderr"; false; }
}

@test "prices in another unit are none from the first fetch on: a dollar in bitcoin, thousands, yen, pounds as yen" {
    fresh_db
    days 30 1
    for awk in '$2 = sprintf("%.8f", 1 / $2)' '$2 /= 1000' '$2 *= 150'; do
        awk 'BEGIN { OFS = "\t" } NR > 1 { '"$awk"' } 1' "$BATS_TEST_TMPDIR/days.tsv" >"$BATS_TEST_TMPDIR/other.tsv"
        run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/other.tsv"
        [ "$status" -eq 65 ] || { echo "$awk: $status $stderr"; false; }
        [[ "$stderr" == *"30 of 30 rows cannot be used; the first: 2025-03-01: a bitcoin did not cost "*" USD then"* ]]
    done
    run --separate-stderr fetch-prices --store --currency JPY --file "$BATS_TEST_TMPDIR/days.tsv"
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from bitcoin_prices")" = 0 ]
    fetch-prices -q --store --currency JPY --file "$BATS_TEST_TMPDIR/other.tsv"
    # The years had other prices, and one odd day costs itself.
    chart '{"x":1282003200,"y":0.07}'
    [ "$(fetch-prices -q --no-header | cut -f 1,3)" = $'2010-08-17\t0.07' ]
    chart '{"x":1513468800,"y":19498.68},{"x":1741392000,"y":86000.5},{"x":1741478400,"y":860005},{"x":1767225600,"y":860005}'
    run --separate-stderr fetch-prices --no-header
    [ "$status" -eq 0 ]
    [ "$(cut -f 1 <<<"$output" | paste -sd' ')" = "2017-12-17 2025-03-08 2026-01-01" ]
    [[ "$stderr" == *level=warning*"2025-03-09: a bitcoin did not cost 860005 USD then"* ]]
    # From a day on, of years whose prices nobody knows yet: which of the two is the other unit is not known.
    awk 'BEGIN { print "price_date\tprice"; for (d = 1; d <= 20; d++) printf "2026-01-%02d\t%s\n", d, 90000 * (d > 10 ? 150 : 1) }' >"$BATS_TEST_TMPDIR/file"
    run --separate-stderr fetch-prices --no-header --file "$BATS_TEST_TMPDIR/file"
    [ "$status/${#lines[@]}" = 0/20 ]
    [[ "$stderr" == *level=warning*"2026-01-11: price 13500000, after 90000: one of the two is wrong, and which is not known: both are kept"* ]]
}
