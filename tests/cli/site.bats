# The site: every figure on a page is the database's, a name of others stays text, and only what changed is written.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154,SC2030,SC2031
load helper
load sums
load month

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    unset WINDFALL_SITE WINDFALL_SITE_URL
    PAGES=$BATS_TEST_TMPDIR/pages
}

teardown() {
    tear_down_all
    [ ! -d own ] || "$root/tests/suite-db" stop "$BATS_TEST_TMPDIR/own"
}

# alone - the test's database goes on in a cluster of its own, where no other test writes.
alone() {
    local socket theirs=$DATABASE_URL
    # One that was given has these tests to itself.
    [ -z "$SUITE_SERVER" ] || return 0
    socket=$("$root/tests/suite-db" start "$BATS_TEST_TMPDIR/own")
    export DATABASE_URL="postgresql:///alone?host=$socket&user=windfall"
    psql -XAtq -h "$socket" -U postgres -d postgres -c "create database alone owner windfall template template0"
    pg_dump --no-comments "$theirs" | psql -XAtq -v ON_ERROR_STOP=1 -o restored -d "$DATABASE_URL"
    sql analyze
}

# Build it; into the file `rows` what was written or removed.
build() { build-pages -q --output "$PAGES" "$@" >rows; }

# The figures of a page, or of one of its elements by id: "name value" a line, in their order.
figures() { # FILE [ID]
    if [ -n "${2:-}" ]; then
        awk -v id="id=\"$2\"" '/<section/ { on = 0 } index($0, id) { on = 1 } on' "$PAGES/$1"
    else
        cat "$PAGES/$1"
    fi | grep -o 'data-figure="[^"]*" data-value="[^"]*"' | sed 's/data-figure="//; s/" data-value="/ /; s/"$//'
}

# has FILE NAME VALUE [ID] - the first figure of that name has exactly this value.  Asked a few hundred times, so without
# a program.
has() {
    local page got='' begins
    IFS= read -r -d '' page <"$PAGES/$1" || :
    if [ -n "${4:-}" ]; then
        begins="id=\"$4\"([^<]|<[^s]|<s[^e])*"
        if [[ "$page" =~ $begins ]]; then page=${BASH_REMATCH[0]}; else page=''; fi
    fi
    [[ ! "$page" =~ data-figure=\"$2\"\ data-value=\"([^\"]*)\" ]] || got=${BASH_REMATCH[1]}
    [ "$got" = "$3" ] || { echo "$1: $2 is $got, not $3"; return 1; }
}

# Daily on the morning after the month.
morning() { TZ=Europe/London NO_FAKE_STAT=1 run --separate-stderr faketime "2025-04-01 06:30:00" daily; }

# The pages without the one script that may stand in them, into the folder bare.
without_script() {
    local page
    rm -rf bare
    cp -r "$PAGES" bare
    while read -r page; do
        [ "$(grep -c '^<script>document\.querySelectorAll(.table.)' "$page")" -le 1 ] || { echo "$page: two scripts"; return 1; }
        sed -i '/^<script>document\.querySelectorAll(.table.).*<\/script>$/d' "$page"
    done < <(find bare -name '*.html')
}

# Is a document such as the schema of summary.json says?  What is not, a line each.
follows_schema() {
    jq -rn -f "$root/tests/schema.jq" --slurpfile schema "$root/docs/summary.schema.json" --slurpfile doc "$1" >unlike
    # Where Debian's own reader of such schemas is, it must not be stricter.
    ! command -v jsonschema >/dev/null || [ -s unlike ] || jsonschema -i "$1" "$root/docs/summary.schema.json" >>unlike 2>/dev/null
    cat unlike
    [ ! -s unlike ]
}

# links_resolve N - every link of every page leads to a file of the site, or to a place in the page, and there are more than
# N.  There are thousands: no program is started for one, nor for a page.
links_resolve() {
    local page link checked=0
    local -A places=()
    while IFS=: read -r page link; do places[$page:$link]=there; done < <(grep -ro --include='*.html' 'id="[^"]*"' "$PAGES")
    while IFS=: read -r page link; do
        checked=$((checked + 1))
        link=${link#href=\"}
        link=${link%\"}
        case $link in
        data:,|'') ;;
        \#*) [ -n "${places[$page:id=\"${link#\#}\"]:-}" ] || { echo "$page: $link"; return 1; } ;;
        *:*) echo "$page asks another host: $link"; return 1 ;;
        *)  [ -e "${page%/*}/${link%%#*}" ] || { echo "$page: $link"; return 1; } ;;
        esac
    done < <(grep -ro --include='*.html' 'href="[^"]*"' "$PAGES" | sort -u)
    [ "$checked" -gt "$1" ]
}

@test "a month: each day, the month, the year, farms and owners show what the database holds, to the last digit" {
    fresh_month
    build
    sql "select settlement_date, trim_scale(curtailed_mwh), trim_scale(payment), round(payment / nullif(curtailed_mwh, 0), 6), periods
           from daily_summaries order by 1" >days
    [ "$(wc -l <days)" -eq 31 ]
    while IFS='|' read -r day mwh payment per periods; do
        has "day/$day.html" curtailed_mwh "$mwh"
        has "day/$day.html" payment "$payment"
        has "day/$day.html" payment_per_mwh "$per"
        has "day/$day.html" periods "$periods"
        has "day/$day.html" state final
    done <days
    # The farms of a day add up to it, and so do the half hours of its file.
    [ "$(figures day/2025-03-05.html farms | awk '$1 == "curtailed_mwh" { s += $2 } END { printf "%.6f", s }')" = \
        "$(sql "select round(curtailed_mwh, 6) from daily_summaries where settlement_date = '2025-03-05'")" ]
    # The machines of its busiest half hour, and their share of the hashes of a block's ten minutes.
    figures day/2025-03-05.html mining | awk '$1 ~ /^peak_/ { print $2 }' | sort >peaks
    sql "select unnest(array[max(machines)::text, round(max(share), 2)::text])
           from (select miner_model, sum(miners) as machines, 100 * sum(miners * hashrate_ths) * 1e12 / (max(difficulty) * 2^32::numeric / 600) as share
                   from historical_bitcoin_calculations where settlement_date = '2025-03-05' group by miner_model, settlement_period) p
          group by miner_model" | sort | diff peaks -
    [ "$(wc -l <peaks)" -eq 6 ]
    [ "$(wc -l <"$PAGES/day/2025-03-30.csv")" -eq 47 ]
    [ "$(awk -F, 'NR > 1 { s += $5 } END { printf "%.6f", s }' "$PAGES/day/2025-03-30.csv")" = \
        "$(sql "select round(curtailed_mwh, 6) from daily_summaries where settlement_date = '2025-03-30'")" ]
    for page in month/2025-03 year/2025; do
        has $page.html curtailed_mwh "$(sql "select trim_scale(curtailed_mwh) from monthly_summaries")"
        has $page.html payment "$(sql "select trim_scale(payment) from monthly_summaries")"
        has $page.html bitcoin_mined "$(sql "select max(bitcoin_mined) from bitcoin_monthly_summaries")" mining
    done
    has month/2025-03.html state final
    has year/2025.html state not_complete
    has index.html curtailed_mwh "$(sql "select trim_scale(curtailed_mwh) from daily_summaries where settlement_date = '2025-03-31'")" latest
    # Who lost most is who rank-farms ranks first.
    "$root/scripts/rank-farms" --format tsv 2025-03 >ranked
    has month/2025-03.html curtailed_mwh "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at["curtailed_mwh"] }' ranked)" farms
    farm=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at["name"] }' ranked)
    grep -q "<h1>$farm</h1>" "$PAGES"/farm/*.html
    [ "$(cat "$PAGES"/farm/*.csv | awk -F, '$1 == "2025-03" { s += $3 } END { printf "%.6f", s }')" = "$(sql "select round(curtailed_mwh, 6) from monthly_summaries")" ]
    [ "$(cat "$PAGES"/owner/*.csv | awk -F, '$1 == "2025-03" { s += $3 } END { printf "%.6f", s }')" = "$(sql "select round(curtailed_mwh, 6) from monthly_summaries")" ]
    links_resolve 500
}

@test "a month and its farms stand beside the same days a year earlier, where both are whole" {
    fresh_month 2025-03-05
    build
    has month/2025-03.html change_percent '' farms
    # The year before: of the first farm in the order of names half as much, of the others as much.
    sql "insert into daily_summaries select (jsonb_populate_record(s, jsonb_build_object('settlement_date', (settlement_date - interval '1 year')::date))).*
           from daily_summaries s"
    sql "insert into farm_daily_summaries select (jsonb_populate_record(s, jsonb_build_object('settlement_date', (settlement_date - interval '1 year')::date)
           || case when farm_id = (select min(farm_id) from farm_daily_summaries) then jsonb_build_object('curtailed_mwh', curtailed_mwh / 2) else '{}' end)).*
           from farm_daily_summaries s"
    build
    has month/2025-03.html curtailed_mwh_before "$(sql "select trim_scale(sum(curtailed_mwh)) from daily_summaries where settlement_date < '2025-01-01'")"
    grep -q 'the same days of 2024, 2024-03-01 to 2024-03-05' "$PAGES/month/2025-03.html"
    figures month/2025-03.html farms | awk '$1 == "change_percent" { print $2 }' >changes
    psql -XAtqd "$DATABASE_URL" -v from=2025-03-01 -v to=2025-03-05 -v before=2024-03-01 -v until=2024-03-05 -f "$root/sql/query/site-farms.sql" |
        awk -F '|' '$1 == "farm" && ++n <= 10 || $1 == "owner" && ++o <= 10 { printf "%.4f\n", 100 * ($4 - $9) / $9 }' >wanted
    awk '{ printf "%.4f\n", $1 }' changes | diff - wanted
    [ "$(sort -u wanted)" = $'0.0000\n100.0000' ]
    # A farm's chart shows the last 36 months, and its file all of them.
    for table in daily_summaries farm_daily_summaries; do
        sql "insert into $table select (jsonb_populate_record(s, jsonb_build_object('settlement_date', (settlement_date - interval '4 years')::date))).*
               from $table s where settlement_date >= '2025-01-01'"
    done
    build
    farm=$(sed -n 's|^farm/\(.*\)\.html\t.*|\1|p' rows | head -n 1)
    sed -n '/id="months"/,/<\/section>/p' "$PAGES/farm/$farm.html" | grep -o '<title>20[0-9-]*' | cut -c 8- >months
    [ "$(sort -u months | wc -l),$(sed -n '1p;$p' months | paste -sd' ')" = '36,2022-04 2025-03' ]
    [ "$(sed 1d "$PAGES/farm/$farm.csv" | cut -c 1-7 | sort -u | paste -sd' ')" = '2021-03 2024-03 2025-03' ]
}

@test "what a fleet would have mined is what what-if answers, with its options" {
    fresh_db
    the_day
    build --machines 500 --capex-machine 100
    what-if --model S19J_PRO --per farm --machines 500 --capex-machine 100 --each --format tsv 2022-01-01 >asked
    figures mining.html farms | awk '$1 == "bitcoin" { print $2 }' >shown
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["bitcoin"] }' asked | sort -rg >wanted
    [ "$(wc -l <shown)" -gt 20 ]
    [ "$(sed 's/0*$//' wanted)" = "$(sed 's/0*$//' shown)" ]
    figures mining.html farms | grep -q '^best_machines [0-9]'
    # What a machine more is worth: of the first size its share, of the next that of what was added.
    worth=$(figures mining.html sizes | awk '$1 == "worth_of_machine" { print $2; if (++n == 2) exit }' | paste -sd' ')
    best=$(sed -n '/<section id="farms"/,/<\/section>/s/.*<th scope="row"><a href="farm[^>]*>\([^<]*\)<.*/\1/p' "$PAGES/mining.html" | head -n 1)
    for n in 100 300; do
        what-if --model S19J_PRO --per farm --farm "$best" --machines $n --capex-machine 100 --format tsv 2022-01-01 |
            awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { printf "%.4f\n", $at["life_profit"] + $at["capex"] }'
    done >earned
    [ "$(awk '{ e[NR] = $1 } END { printf "%.2f %.2f\n", e[1] / 100, (e[2] - e[1]) / 200 }' earned)" = \
        "$(echo "$worth" | awk '{ printf "%.2f %.2f\n", $1, $2 }')" ]
    grep -q 'taken to be like the 1 day of this span; <b>' "$PAGES/mining.html"
    # The overview says the same of the farm that lost most.
    [ "$(figures index.html fleet)" = "$(figures mining.html fleet)" ]
    [ "$(figures index.html fleet | wc -l)" -ge 4 ]
    has index.html verdict findings trouble
    # Where the day is wanted alone, as in the demonstration, nothing is missing.
    "$root/scripts/wanted" span 2022-01-01 2022-01-01 --why test >wanted
    build --machines 500 --capex-machine 100
    has index.html verdict ok trouble
    # A job that ended badly is trouble, until it ends well; one that comes again by itself is none.
    mkdir -p "$WINDFALL_STATE/var/jobs"
    for status in 1 75 0; do
        printf 'ended=2026-01-01T00:00:00Z\nstatus=%s\nverdict=x\nms=1\n' $status >"$WINDFALL_STATE/var/jobs/daily"
        build --machines 500 --capex-machine 100
        has state.html verdict "$([ $status = 1 ] && echo findings || echo ok)"
        has state.html jobs "$([ $status = 1 ] && echo 1 || echo 0)"
    done
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source) values ('BTC-USD', 'a', 'fill', 'BUY', '2025-01-01', 1, 10, 'import');
         insert into exchange_checks (tier, product_id, account, findings, missing_buy, missing_sell, partly) values (2, '', '', 3, 0, 0, false)"
    build --machines 500 --capex-machine 100
    has index.html verdict findings trouble
    has index.html ledger_findings 3 trouble
    sql "delete from trade_records; delete from exchange_checks"
    build --machines 500 --capex-machine 100
    # Another size is another page; the same again is not.
    build --machines 500 --capex-machine 100
    [ "$(wc -l <rows)" -eq 1 ]
    build --machines 600
    grep -q '^mining.html' rows
    ! figures mining.html farms | grep -q best_machines || false
}

@test "only what changed is written again, and what is gone goes" {
    fresh_month
    build
    [ "$(grep -c '^day/.*written' rows)" -eq 62 ]
    build
    [ "$(cat rows)" = "$(printf 'file\tbytes\twhat')" ]
    # One half hour of one day.
    sql "update curtailment_records set payment = payment + 1
          where (settlement_date, settlement_period, farm_id) in (select settlement_date, settlement_period, farm_id
                from curtailment_records where settlement_date = '2025-03-05' order by 1, 2, 3 limit 1)"
    rollup-summaries -q 2025-03-05 >rolled
    build
    [ "$(grep -o '^day/[^.]*' rows | sort -u)" = day/2025-03-05 ]
    grep -q '^month/2025-03.html' rows
    grep -q '^index.html' rows
    # Of one farm the page and its data, and of its owner.
    [ "$(grep -c '^farm/' rows)$(grep -c '^owner/' rows)" = 22 ]
    has day/2025-03-05.html payment "$(sql "select trim_scale(payment) from daily_summaries where settlement_date = '2025-03-05'")"
    # A day that is no longer there has no page; its neighbours no longer lead to it; a page of somebody else's stays.
    echo mine >"$PAGES/notes.html"
    sql "delete from curtailment_records where settlement_date = '2025-03-31'; delete from ingested_periods where settlement_date = '2025-03-31';
         delete from historical_bitcoin_calculations where settlement_date = '2025-03-31'"
    rollup-summaries -q 2025-03-31 >rolled
    # What cannot be removed is named.
    mkdir "$PAGES/day/2025-04-01.html"
    build 2>warned
    grep -F "cannot remove $PAGES/day/2025-04-01.html: Is a directory; it is out of date" warned
    rmdir "$PAGES/day/2025-04-01.html"
    grep -q '^day/2025-03-31.html.*removed$' rows
    [ ! -e "$PAGES/day/2025-03-31.html" ]
    [ -e "$PAGES/notes.html" ]
    rm "$PAGES/notes.html"
    links_resolve 500
}

# Is every file as if all of it had been built anew?
as_built_anew() {
    rm -rf anew
    build-pages -q --output anew "$@" >anew.rows
    diff -r -x .windfall-site anew "$PAGES"
}

# spoil - an overview that is wrong and no shorter: it stays where nothing but the state is made.
spoil() { sed -i 's/<title>./<title>~/' "$PAGES/index.html"; }

# left_alone COMMAND... - is a spoiled overview left as it is?  The server itself writes now and then, whereupon all is built
# again: so more than one attempt.
left_alone() {
    local tries
    # Who writes on the nodes of a cluster is not counted by one of them: there every build is a whole one.
    if [ -n "$SUITE_ENGINE" ]; then
        "$@"
        spoil
        "$@"
        grep -q "<title>[^~]" "$PAGES/index.html"
        return
    fi
    for tries in {1..5}; do
        "$@"
        spoil
        "$@"
        ! grep -q '<title>~' "$PAGES/index.html" || return 0
    done
    echo "built anew $tries times"
    return 1
}

@test "where nobody wrote, nothing but the state is made; whoever writes, whatever and whenever, is seen" {
    local change
    fresh_month
    alone
    left_alone build
    # What is not there in its size is made again, and so is all after a change of what the pages stand on beside the tables.
    echo more >>"$PAGES/index.html"
    build
    as_built_anew
    rm "$PAGES/day/2025-03-04.csv"
    build
    [ -s "$PAGES/day/2025-03-04.csv" ]
    build --machines 7
    as_built_anew --machines 7
    build
    spoil
    build --all
    as_built_anew
    mkdir -p "$WINDFALL_STATE/var/jobs"
    printf 'ended=2025-03-31T03:30:07Z\nstatus=1\nverdict=findings\nms=7\n' >"$WINDFALL_STATE/var/jobs/weekly"
    build
    has index.html jobs 1
    left_alone build
    # What one build leaves as it is, the next does not.
    while read -r change; do
        sql "$change"
        build --no-mining
        build
        as_built_anew
    done < <(echo "update bitcoin_farm_daily_summaries set bitcoin_mined = bitcoin_mined + 1 where settlement_date = '2025-03-06'"
        some 1 "update farm_daily_summaries set payment = payment + 1 where settlement_date = '2025-03-04'" \
        "update bitcoin_daily_summaries set value_at_mining = 2 * value_at_mining where settlement_date = '2025-03-05'" \
        "update sites set farm = 'Another ' || farm" "truncate period_summaries" \
        "update miner_models set active = false where miner_model = 'S9'")
}

# asked MONTH... - are farms and owners asked for of these months alone, and is every file as if all had been built anew?
asked() {
    build
    as_built_anew
    sed -n 's|^month/\(.......\)-[0-9a-f]*\.rows\t.*\twritten$|\1|p' rows | paste -sd' ' >months
    diff - months <<<"$*"
}

@test "farms and owners are asked for of the months that changed, whatever changed them" {
    local unit
    fresh_db
    many_days
    sql "update curtailment_records set volume = volume * (1 + extract(doy from settlement_date)::int % 37);
         update curtailment_records set original_price = -2, payment = -2 * volume;
         truncate historical_bitcoin_calculations;
         insert into sites (farm_id, valid_to, farm, owner, region, nation, b6, provenance)
         values ('T_A-1', null, 'One', 'Both', 'Scotland', 'Scotland', 'north', 'test'), ('T_A-2', '2024-12-20', 'Two', 'Both', 'Wales', 'Wales', 'south', 'test');
         insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d::date, p, 'final', 'bid so', count(r.volume), count(r.volume), coalesce(sum(r.volume), 0)
           from generate_series(date '2024-12-01', '2025-01-29', '1 day') d cross join generate_series(1, 48) p
           left join curtailment_records r on r.settlement_date = d::date and r.settlement_period = p group by 1, 2"
    "$root/scripts/wanted" span 2024-12-01 2025-01-29 --why test >wanted
    calculate_and_sum
    asked 2024-12 2025-01
    for unit in one:T_A-1 t-a-3:T_A-3; do
        sql "select settlement_date, trim_scale(curtailed_mwh) from farm_daily_summaries where farm_id = '${unit#*:}'
              order by curtailed_mwh desc, settlement_date limit 10" >greatest
        figures "farm/${unit%:*}.html" days | awk '$1 == "curtailed_mwh" { print $2 }' | diff - <(cut -d '|' -f 2 greatest)
        grep -o 'day/2[^.]*' <(sed -n '/id="days"/,/<\/section>/p' "$PAGES/farm/${unit%:*}.html") | cut -c 5- | diff - <(cut -d '|' -f 1 greatest)
    done
    # A day; a day of the past.
    sql "update curtailment_records set volume = 2 * volume, payment = 2 * payment where settlement_date = '2025-01-05'"
    calculate_and_sum
    asked 2025-01
    sql "select ensure_month('2024-11-01')" >made
    record 2024-11-30 7 T_A-1 -90000 -2
    fetched 2024-11-30
    calculate_and_sum
    asked 2024-11
    grep -q 'day/2024-11-30' "$PAGES/farm/one.html"
    # A file that is not whole is made again.
    truncate -s -1 "$PAGES"/month/2024-12-*.rows
    sql "update daily_summaries set payment = payment + 1 where settlement_date = '2025-01-06'"
    asked 2024-12 2025-01
    rollup-summaries -q >rolled
    # The year goes into files, and comes back: its days say when they were fetched.
    "$root/scripts/partitions" archive-year 2024 --to away --drop >said
    asked 2024-11 2024-12 2025-01
    [ "$(sql "select count(*) from curtailment_records where settlement_date < '2025-01-01'")" = 0 ]
    "$root/scripts/partitions" restore-year 2024 --from away >said
    asked 2024-11 2024-12
    # What all pages stand on: a farm that changes hands within a month, and a miner model.
    sql "update sites set valid_to = '2025-01-10' where farm_id = 'T_A-1';
         insert into miner_models (miner_model, hashrate_ths, power_w) values ('NEWER', 300, 3000)"
    calculate_and_sum
    asked 2024-11 2024-12 2025-01
    grep -q 'owner/t-a-1.html' rows
    has farm/t-a-3.html bitcoin_mined "$(sql "select sum(bitcoin_mined) from bitcoin_farm_daily_summaries where farm_id = 'T_A-3' and miner_model = 'NEWER'
        and settlement_date < '2025-01-01'")" years
}

@test "who was writing while the site was built is seen when he has ended" {
    fresh_month
    mkfifo to
    psql -XAtq -d "$DATABASE_URL" <to >said 2>&1 3>&- &
    exec 8>to
    echo "begin; update daily_summaries set payment = payment + 1000000 where settlement_date = '2025-03-04';" >&8
    sql_until "exists (select from pg_stat_activity where datname = current_database() and state = 'idle in transaction')"
    build
    build
    echo "commit;" >&8
    exec 8>&-
    wait
    build
    has day/2025-03-04.html payment "$(sql "select trim_scale(payment) from daily_summaries where settlement_date = '2025-03-04'")"
    as_built_anew
}

@test "hostile names are text, on every page, and name no file outside the site" {
    fresh_db
    the_day
    long=$(printf 'x%.0s' $(seq 300))
    sql "update sites set farm = '<script>alert(1)</script>' where farm = (select farm from sites s join farm_daily_summaries using (farm_id) order by 1 limit 1);
         update sites set farm = '../../etc/passwd', owner = '\" onmouseover=\"alert(1)' where farm_id = 'T_KLGLW-1';
         update sites set farm = e'A\\u202eB & C\\'s', owner = '$long' where farm_id = 'T_STLGW-1';
         update sites set farm = 'A.B C-S' where farm_id = 'T_STLGW-2';
         update sites set farm = 'a b c s' where farm_id = 'T_STLGW-3';
         update sites set farm = '…' where farm_id = 'T_CRYRW-2'"
    build
    without_script
    ! grep -rlE '<script|onmouseover="' bare --include='*.html' --include='*.xml' || false
    rm -r bare
    ! grep -rlP '\x{202e}' "$PAGES" --include='*.html' || false
    grep -q '<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>' "$PAGES"/farm/*.html
    grep -q '<h1>../../etc/passwd</h1>' "$PAGES/farm/etc-passwd.html"
    grep -q '<h1>&quot; onmouseover=&quot;alert(1)</h1>' "$PAGES"/owner/onmouseover-alert-1.html
    # Three names that would be one file are three; each link leads to its own.
    [ "$(ls "$PAGES"/farm/a-b-c-s*.html | wc -l)" -eq 3 ]
    [ "$(find "$PAGES/.." -newer "$PAGES/.windfall-site" -name '*passwd*' | grep -cv "^$PAGES/../pages/farm/")" -eq 0 ]
    links_resolve 300
    if command -v tidy >/dev/null; then
        # tidy 5.6 does not know aria-current, nor any attribute of SVG's title and a.
        for page in index day/2022-01-01 year/2022 month/2022-01 mining state ledger days farms owners farm/etc-passwd; do
            ! tidy -qe --drop-empty-elements no "$PAGES/$page.html" 2>&1 | grep -vE 'aria-current|<title> proprietary attribute "id"|<a> proprietary attribute "(href|tabindex)"' | grep . || { echo "$page"; false; }
        done
    fi
}

@test "no page asks another host or needs a script, and beside each chart lies its data; each is below 300 kB" {
    fresh_db
    the_day
    build
    # One that sorts stands in pages with a table, behind all that is to be read.
    without_script
    ! grep -rlE '<script|<link rel="stylesheet|<img|@import|url\((https?:)?//|src=|fetch\(|XMLHttp|import\(' bare --include='*.html' || false
    ! grep -hE '^<script' -r "$PAGES" --include='*.html' | grep -lE 'https?:|fetch|XMLHttp|import|eval|innerHTML' || false
    [ "$(grep -L '<table' -r "$PAGES" --include='*.html' | xargs -r grep -l '^<script' | wc -l)" -eq 0 ]
    [ "$(tail -n 3 "$PAGES/index.html" | cut -c 1-9 | paste -sd' ')" = '<script>d </body> </html>' ]
    find "$PAGES" -name '*.html' -exec awk '
        function done() { if (charts && !links) { print FILENAME ": " charts " charts, " links " files in " section; bad = 1 } charts = links = 0 }
        FNR == 1 || /<section/ { done(); section = $0 } { charts += gsub(/<div class="chart/, "&"); links += gsub(/href="[^"]*\.csv"/, "&") }
        END { done(); exit bad }' {} + >charts || { cat charts; false; }
    [ "$(grep -rlE '<div class="chart' "$PAGES" --include='*.html' | wc -l)" -gt 20 ]
    [ "$(find "$PAGES" -name '*.html' -size +300k | wc -l)" -eq 0 ]
    [ "$(find "$PAGES" -name '*.html' | wc -l)" -gt 30 ]
    grep -q 'Contains BMRS data © Elexon Limited copyright and database right' "$PAGES/index.html"
    # Readable by a web server whatever the umask of the job.
    rm -r "$PAGES"
    (umask 077 && build)
    [ -z "$(find "$PAGES" ! -perm -o=r)" ]
}

@test "nothing stored, a day with nothing curtailed, a day that is not complete: each is said in words" {
    fresh_db
    build
    grep -q 'Nothing is stored yet' "$PAGES/index.html"
    follows_schema "$PAGES/summary.json"
    links_resolve 30
    sql "select ensure_month('2025-06-01')" >made
    fetched 2025-06-01
    fetched 2025-06-02 1-20
    rollup-summaries -q >rolled
    build
    grep -q 'No wind farm was turned down for the system on this day' "$PAGES/day/2025-06-01.html"
    has day/2025-06-01.html curtailed_mwh 0
    has day/2025-06-01.html state final
    # Where there is no price of a megawatt hour, the overview's sentence begins with the units.
    grep -q '<p class="soft"><span data-figure="units" data-value="0">0 units in ' "$PAGES/index.html"
    has day/2025-06-02.html state not_complete
    has day/2025-06-02.html periods_ingested 20
    [ "$(grep -o 'stroke-dasharray="2 2"' "$PAGES/day/2025-06-02.html" | wc -l)" -eq 28 ]
    has index.html state not_complete newer
    has state.html verdict findings
    has index.html verdict findings trouble
    links_resolve 40
}

@test "what changed since it was final stands on the day, on the state and in the feed" {
    fresh_month
    sql "insert into period_revisions (settlement_date, settlement_period, revised_at, was_status, records_before, records_after, mwh_before, mwh_after,
                                       payment_before, payment_after, fetched_by)
         values ('2025-03-07', 12, '2025-03-20T10:00:00Z', 'final', 3, 2, 100.500000000, 90.250000000, 5000, 4500.50, '<i>weekly</i>'),
                ('2025-03-06', 3, '2025-03-19T10:00:00Z', 'final', 1, 1, 7.500000000, 8, 10.00, 12, 'weekly')"
    build
    # The latest change is the first.
    [ "$(figures state.html | grep mwh_before | paste -sd ' ')" = "mwh_before 100.5 mwh_before 7.5" ]
    for page in day/2025-03-07 month/2025-03 year/2025 state; do
        has $page.html mwh_before 100.5 changed
        has $page.html mwh_after 90.25 changed
        has $page.html payment_after 4500.5 changed
    done
    ! grep -q '<i>weekly' "$PAGES/state.html" || false
    ! figures day/2025-03-08.html | grep -q mwh_before || false
    grep -q 'Half hour 12 of 2025-03-07 changed after it was final' "$PAGES/feed.xml"
}

@test "summary.json and the feed are what they say they are, and agree with the database" {
    fresh_month
    # Without the program that draws pictures.
    PATH=/nonexistent "$(command -v build-pages)" -q --output "$PAGES" --base https://wind.example.org >rows
    psql -XAtq -d "$DATABASE_URL" -v ON_ERROR_STOP=1 -v text="$(cat "$PAGES/summary.json")" >told <<-'END'
	select j ->> 'schema', j -> 'latest_final_day' ->> 'settlement_date',
	       (j -> 'latest_final_day' ->> 'curtailed_mwh')::numeric = (select curtailed_mwh from daily_summaries where settlement_date = '2025-03-31'),
	       (j -> 'year_to_date' ->> 'payment_gbp')::numeric = (select payment from yearly_summaries),
	       (j -> 'months' -> 0 ->> 'curtailed_mwh')::numeric = (select curtailed_mwh from monthly_summaries),
	       jsonb_array_length(j -> 'year_to_date' -> 'bitcoin')
	  from (select :'text'::jsonb) s (j);
	END
    [ "$(cat told)" = 'windfall-summary/1|2025-03-31|t|t|t|3' ]
    # All that it says is described, and nothing is otherwise; so is a site of nothing.
    follows_schema "$PAGES/summary.json"
    jq '.latest_final_day.units = -1 | .months[0].state = "x" | .more = 1 | del(.year_to_date.bitcoin[0].currency)' "$PAGES/summary.json" >spoilt.json
    run follows_schema spoilt.json
    [ "${#lines[@]}" -eq 4 ]
    psql -XAtq -d "$DATABASE_URL" -v ON_ERROR_STOP=1 -v text="$(sed 1d "$PAGES/feed.xml")" >told <<-'END'
	select xpath_exists('/a:feed/a:id', x, n), array_length(xpath('/a:feed/a:entry', x, n), 1),
	       (xpath('/a:feed/a:entry[1]/a:link/@href', x, n))[1], array_length(xpath('/a:feed/a:entry/a:updated', x, n), 1)
	  from (select xmlparse(document :'text'), array[array['a', 'http://www.w3.org/2005/Atom']]) s (x, n);
	END
    [ "$(cat told)" = 't|30|https://wind.example.org/day/2025-03-31.html|30' ]
}

@test "a folder of somebody else, a full disk, a second builder and a killed one" {
    fresh_db
    the_day
    mkdir other && echo mine >other/index.html
    run --separate-stderr build-pages --output other
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"other holds files that are not a site of this program: give an empty folder, or a new one"* ]]
    [ "$(cat other/index.html)" = mine ]
    run --separate-stderr build-pages --output /proc/nowhere/site
    [ "$status" -eq 73 ]
    status=0
    build-pages -q --output "$PAGES" >/dev/full 2>said || status=$?
    [ "$status" -eq 74 ]
    rm -rf "$PAGES" "$PAGES.new"
    # Killed in its first build it leaves nothing in the folder; the next one takes it up.
    build
    cp -r "$PAGES" whole
    for after in 0.02 0.05 0.1; do
        rm -rf "$PAGES"
        timeout -s KILL $after build-pages -q --output "$PAGES" >killed 2>&1 || true
        [ ! -e "$PAGES" ] || [ -e "$PAGES/index.html" ]
        build
        # Which transaction was the last is another's matter too.
        diff -r -x .windfall-site whole "$PAGES"
        [ ! -e "$PAGES.new" ]
    done
    # A folder that is a link, or a disk of its own, is filled where it is.
    mkdir linked
    ln -s linked link
    build-pages -q --output link
    diff -r -x .windfall-site whole linked
    ln -s nowhere dangling
    run --separate-stderr build-pages -q --output dangling
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"cannot write dangling/.windfall-site: No such file or directory"* ]]
    mkdir disk
    ! unshare --mount true 2>/dev/null || unshare --mount sh -ec '
        mount -t tmpfs none disk
        mkdir disk/lost+found
        build-pages -q --output disk
        build-pages -q --output disk
        rmdir disk/lost+found
        diff -r -x .windfall-site whole disk'
    exec 7<"$PAGES/.windfall-site"
    flock 7
    run --separate-stderr build-pages --output "$PAGES"
    exec 7<&-
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another build-pages is at work in"* ]]
}

@test "daily brings the site up to date; a site that cannot be written is a warning and loses nothing" {
    fresh_month
    no_network
    export WINDFALL_SITE=$PAGES
    morning
    echo "$output"
    [ "$status" -le 1 ]
    [ -e "$PAGES/day/2025-03-31.html" ]
    grep -q 'step=site msg="site" written=' "$WINDFALL_STATE"/logs/daily_latest.log
    grep -q 'step=site msg="step done"' "$WINDFALL_STATE"/logs/daily_latest.log
    word=${output%% job=*}
    mkdir blocked && touch blocked/mine
    WINDFALL_SITE=$PWD/blocked morning
    [ "${output%% job=*}" = "$word" ]
    grep -q 'level=warning .*step=site msg="the site is not up to date" status=73' "$WINDFALL_STATE"/logs/daily_latest.log
    WINDFALL_SITE=off morning
    ! grep -q 'step=site' "$WINDFALL_STATE"/logs/daily_latest.log || false
}

@test "site prints its address, takes its folder from the setting and its fleet too" {
    fresh_db
    the_day
    WINDFALL_SITE=$PAGES WINDFALL_SITE_FLEET='--machines 300' run --separate-stderr site
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$output" = "file://$PAGES/index.html" ]
    grep -q '300 S19J_PRO at ' "$PAGES/mining.html"
    WINDFALL_SITE=$PAGES run --separate-stderr site --output "$BATS_TEST_TMPDIR/elsewhere"
    [ "$output" = "file://$BATS_TEST_TMPDIR/elsewhere/index.html" ]
    run --separate-stderr site --machines none
    [ "$status" -eq 64 ]
    WINDFALL_SITE_FLEET='--machines none' run --separate-stderr site
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_SITE_FLEET is --machines none: "* ]]
    run --separate-stderr site --model NONE --output "$PAGES"
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"there is no miner model NONE"* ]]
}

@test "what turning others up cost stands beside what farms were paid, with how much of it is known" {
    fresh_month
    build
    ! figures day/2025-03-05.html | grep -q replacement || false
    sql "insert into replacement_daily_summaries (settlement_date, curtailed_mwh, replaced_mwh, cost, offers, periods, periods_final, periods_short)
         values ('2025-03-05', 10, 10, 1234.5, 3, 2, 2, 0), ('2025-03-06', 10, 10, 1000, 3, 1, 1, 0)"
    build
    [ "$(grep -o '^day/[^.]*' rows | sort -u | wc -l)" -eq 2 ]
    has day/2025-03-05.html replacement_cost 1234.5
    has day/2025-03-05.html replacement_periods 2
    has month/2025-03.html replacement_cost 2234.5
    has index.html replacement_cost 2234.5 year
}

@test "a megawatt hour is worth pounds where price and rate of every day are known, and so is the page of its year" {
    fresh_month
    build
    has year/2025.html value_per_mwh_gbp ''
    sql "insert into bitcoin_prices (price_date, currency, price, source) select d::date, 'USD', 80000, 'x' from generate_series('2025-03-01'::date, '2025-03-31', '1 day') d"
    sql "insert into exchange_rates (rate_date, currency, per_euro, source) select d::date, c.currency, c.rate, 'file'
           from generate_series('2025-02-28'::date, '2025-03-31', '1 day') d, (values ('USD', 1.1), ('GBP', 0.88)) c (currency, rate)"
    rollup-summaries -q >rolled
    build
    energy=$(sql "select curtailed_mwh from monthly_summaries")
    has year/2025.html value_per_mwh_gbp "$(sql "select round(sum(b.bitcoin_mined) * 80000 * 0.8 / $energy, 6)
                                                   from bitcoin_daily_summaries b where miner_model = 'S19J_PRO'")"
    grep -q 'Both in pounds' "$PAGES/index.html"
    # The file of the months has what the charts show, of this year and the one before.
    [ "$(sed -n '2s/.*,//p' "$PAGES/year/2025-months.csv")" = "$(figures year/2025.html months | awk '$1 == "value_per_mwh_gbp" { print $2 }')" ]
    [ "$(awk -F, 'NR == 2 { print $1, $2, $4, $8 + $9 + $10 == $4 }' "$PAGES/year/2025-months.csv")" = \
        "$(sql "select '2025-03', 'final', trim_scale(curtailed_mwh), 1 from monthly_summaries" | tr '|' ' ')" ]
    # A rate that is corrected makes the year anew, and no day.
    sql "update exchange_rates set per_euro = 0.87 where currency = 'GBP'"
    build
    [ "$(grep -c '^day/' rows)" -eq 0 ]
    grep -q '^year/2025.html' rows
}

@test "the value for a megawatt hour is of the days that have a price, and a month of which a day has none has no such value" {
    fresh_month
    export WINDFALL_CURRENCY=GBP
    sql "insert into bitcoin_prices (price_date, currency, price, source) select d::date, 'GBP', 60000, 'x' from generate_series('2025-03-01'::date, '2025-03-20', '1 day') d"
    rollup-summaries -q >rolled
    build
    has month/2025-03.html value_per_mwh "$(sql "select round(sum(b.bitcoin_mined) * 60000 / sum(d.curtailed_mwh), 6)
        from bitcoin_daily_summaries b join daily_summaries d using (settlement_date)
       where miner_model = 'S19J_PRO' and settlement_date <= '2025-03-20'")"
    has month/2025-03.html value_per_mwh "$("$root/scripts/summary" --model S19J_PRO --format csv 2025-03 | awk -F , '{ for (i = 1; i <= NF; i++) if (NR == 1) at[$i] = i; print $at["bitcoin_gbp_per_mwh"] }' | tail -n 1)"
    has year/2025.html value_per_mwh '' months
}

@test "the colours of the calendar are said in figures, and a day has that of its energy" {
    fresh_month
    build
    grep -o '<i class="kq[0-5]"></i>[^<]*<' "$PAGES/year/2025.html" | sort -u >key
    [ "$(wc -l <key)" -eq 6 ]
    ! grep '</i><' key || false
    sed -n 's/.*kq\([1-5]\)"><\/i>[a-z ]*to \([0-9.,]*\) \(G\{0,1\}\).*/\1 \2 \3/p' key | tr -d , | awk '{ print $1, $2 * ($3 == "G" ? 1000 : 1) }' >upto
    [ "$(wc -l <upto)" -eq 5 ]
    sql "select settlement_date, curtailed_mwh from daily_summaries order by 1" | tr '|' ' ' >days
    while read -r day mwh; do
        shade=$(awk -v mwh="$mwh" '{ if (!found && mwh <= $2 + 1e-9) { print (mwh > 0 ? $1 : 0); found = 1 } }' upto)
        grep -q "class=\"q$shade\"><title>$day: " "$PAGES/year/2025.html" || { echo "$day of $mwh MWh is not of shade $shade"; false; }
    done <days
}

@test "the ledger: what is known of each day, by what the exchange was asked for" {
    fresh_db
    sql "insert into exchange_fills (entry_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
           values ('a', 'BTC-USD', 'BUY', 'FILL', '2024-12-30T10:00Z', 10, 1, 1, 10, 0, 'api'), ('b', 'ETH-USD', 'BUY', 'FILL', '2025-01-02T10:00Z', 10, 1, 1, 10, 0, 'api');
         insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source)
           values ('BTC-USD', 'a', 'fill', 'BUY', '2024-12-30T10:00Z', 1, 10, 'import'), ('BTC-USD', 'c', 'fill', 'SELL', '2025-01-04T23:59:59Z', 1, 12, 'import');
         insert into exchange_windows (product_id, window_from, window_to, source, fills_seen)
           values ('*', '-infinity', '2025-01-01T00:00Z', 'api', 1), ('BTC-USD', '2025-01-01', '2025-01-03T12:00Z', 'api', 0)"
    # Futures, and what was received without a trade, are none of it.
    sql "insert into exchange_fills (entry_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
           values ('f', 'BIT-31JAN25-CDE', 'BUY', 'FILL', '2025-01-02T11:00Z', 10, 1, 1, 10, 0, 'api');
         insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source)
           values ('BTC-USD', 'i', 'fill', 'INCOME', '2025-01-04T12:00Z', 1, 10, 'import')"
    build
    # Whole until the end of 2024, one of two products on two days, half a day of one, and then nothing.
    [ "$(sed -n '2,8p' "$PAGES/ledger-days.csv" | paste -sd' ')" = "2024-12-30,2,2,0,1,1 2024-12-31,2,2,0,0,0 2025-01-01,2,1,0,0,0 2025-01-02,2,1,0,1,0 2025-01-03,2,0,1,0,0 2025-01-04,2,0,0,0,1 2025-01-05,2,0,0,0,0" ]
    grep -q '<title>2024-12-30 to 2024-12-31: asked for all of it</title>' "$PAGES/ledger.html"
    grep -q '<title>2025-01-01 to 2025-01-03: asked for a part of it</title>' "$PAGES/ledger.html"
    grep -q '<title>2025-01-04 to 2025-12-31: not asked</title>' "$PAGES/ledger.html"
    [ "$(figures ledger.html days | awk '$1 == "days" { n++ } n == 2 { print $2 }' | head -n 7 | paste -sd' ')" = '365 0 3 362 1 1 1' ]
    grep -q '<td>the first trade</td>' "$PAGES/ledger.html"
    links_resolve 30
}

@test "the ledger: the current version by product, a sum for each currency, and what was booked since" {
    fresh_db
    sql "insert into exchange_windows (product_id, window_from, window_to, source, fills_seen) values ('*', '-infinity', '2025-01-01T00:00Z', 'api', 0)"
    build
    grep -q 'There is no ledger: no trade and no fill is stored' "$PAGES/ledger.html"
    # A contract is neither.
    sql "insert into exchange_fills (entry_id, product_id, side, trade_type, trade_time, price, size, base_size, value, commission, source)
           values ('k', 'ET-28MAR25-CDE', 'BUY', 'FILL', '2024-02-01Z', 2500, 4, 4, 10000, 0, 'api')"
    build
    grep -q 'There is no trade and no fill' "$PAGES/ledger.html"
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source)
           values ('BTC-USD', 'a', 'fill', 'BUY', '2009-12-31T10:00Z', 1, 10, 'import'), ('BTC-USD', 'b', 'fill', 'SELL', '2025-01-04T10:00Z', 1, 12, 'import'),
                  ('ETH-EUR', 'c', 'fill', 'BUY', '2025-01-02T10:00Z', 1, 10, 'import'), ('ETH-EUR', 'd', 'fill', 'SELL', '2025-01-03T10:00Z', 2, 30, 'import')"
    match-fifo make 7 --all --make-current >/dev/null
    build
    # The gain that lots cover: 15 - 10 euros and 12 - 10 dollars; half of the ether had no lot.
    cards=$(sed -n '/class="cards"/,/class="key"/p' "$PAGES/ledger.html" | grep -o 'data-figure="[a-z_]*" data-value="[^"]*"[^<]*<[^<]*' | sed 's/<.*//')
    [[ "$cards" == *'covered_gain" data-value="5"'*'covered_gain" data-value="2"'*'uncovered_proceeds" data-value="15"'*'uncovered_proceeds" data-value="0"'* ]] || { echo "$cards"; false; }
    [ "$(sed -n 's/.*EUR<br>.*USD.*/both/p' "$PAGES/ledger.html" | head -n 1)" = both ]
    [ "$(figures ledger.html products | paste -sd' ')" = "lots 1 disposals 1 size 1 basis 10 proceeds 12 covered_gain 2 uncovered_size 0 uncovered_proceeds 0 open_size 0 lots 1 disposals 1 size 2 basis 10 proceeds 30 covered_gain 5 uncovered_size 1 uncovered_proceeds 15 open_size 0" ]
    ! grep -q 'Trades recorded since that version' "$PAGES/ledger.html" || false
    # The strips are of the last twelve years, the file is of all.
    [ "$(sed -n 2p "$PAGES/ledger-days.csv" | cut -d, -f1)" = 2009-12-31 ]
    ! grep -q '<title>20\(09\|10\)-.*not asked' "$PAGES/ledger.html" || false
    grep -q '<title>20[12][0-9]-01-01 to .*: asked for all of it</title>' "$PAGES/ledger.html"
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source, recorded_at)
           values ('BTC-USD', 'e', 'fill', 'BUY', '2025-01-05T10:00Z', 1, 11, 'import', now() + interval '1 minute')"
    build
    has ledger.html recorded_since 1
    grep -q 'Trades recorded since that version' "$PAGES/ledger.html"
}

@test "more pictures than are drawn at once, and a signal, which ends what draws them" {
    fresh_db
    the_day
    sql "insert into daily_summaries select ('2022-01-01'::date + n), $(sql "select string_agg(quote_ident(attname), ', ' order by attnum)
            from pg_attribute where attrelid = 'daily_summaries'::regclass and attnum > 1 and not attisdropped") from daily_summaries, generate_series(1, 6) as n"
    export WINDFALL_SITE_URL=https://wind.example.org
    mkdir drawing
    printf '#!/bin/sh\necho $$ >>"%s/drawing/pids"\ncase $(wc -l <"%s/drawing/pids") in\n[1-7]) cat; exit ;;\nesac\nexec sleep 60\n' "$PWD" "$PWD" >drawing/rsvg-convert
    chmod +x drawing/rsvg-convert
    PATH=$PWD/drawing:$PATH build
    [ "$(grep -c '^card/.*png' rows)" -eq 7 ]
    rm "$PAGES"/card/*.png
    PATH=$PWD/drawing:$PATH build-pages -q --output "$PAGES" >rows 2>said 3>&- &
    builder=$!
    for _ in {1..200}; do [ "$(wc -l <drawing/pids)" -lt 11 ] || break; sleep 0.05; done
    kill -TERM "$builder"
    ended=0
    wait "$builder" || ended=$?
    [ "$ended" -eq 143 ]
    for pid in $(tail -n 4 drawing/pids); do run ! kill -0 "$pid"; done
    build
    [ "$(grep -c '^card/.*png' rows)" -le 7 ]
}

@test "a page that is passed on names its picture by the site's address, where there is one" {
    fresh_db
    the_day
    build
    ! grep -rlE 'og:image|og:url' "$PAGES" || false
    [ -z "$(ls "$PAGES/card")" ]
    grep -q '<meta property="og:description" content="[0-9,.]* MWh of wind power turned down, £[0-9,.]* paid; final">' "$PAGES/day/2022-01-01.html"
    # What is no address is none.
    run --separate-stderr build-pages --output "$PAGES" --base 'file:///srv'
    [ "$status" -eq 64 ]
    WINDFALL_SITE_URL='wind"><script>' run --separate-stderr build-pages --output "$PAGES"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_SITE_URL is "*"write the address that the site has"* ]]
    # A program that fails: a warning, and a page without a picture.
    mkdir failing && printf '#!/bin/sh\necho half; exit 3\n' >failing/rsvg-convert && chmod +x failing/rsvg-convert
    export WINDFALL_SITE_URL=https://wind.example.org
    PATH=$PWD/failing:$PATH run --separate-stderr build-pages --output "$PAGES"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"rsvg-convert could not draw card/2022-01-01.png (status 3): its page has no picture"* ]]
    grep -q '<meta property="og:url" content="https://wind.example.org/day/2022-01-01.html">' "$PAGES/day/2022-01-01.html"
    ! grep -rl 'og:image' "$PAGES" || false
    [ -z "$(ls "$PAGES/card")" ]
    # One that takes more than a minute is given up.  The clock is this file's, and the signal makes the tool look at it.
    mkdir slow && printf '#!/bin/sh\necho $$ >"%s/slow/pid"\nexec sleep 50\n' "$PWD" >slow/rsvg-convert && chmod +x slow/rsvg-convert
    echo +0 >clock
    PATH=$PWD/slow:$PATH FAKETIME_NO_CACHE=1 FAKETIME_TIMESTAMP_FILE=$PWD/clock faketime -f +0 env -u FAKETIME \
        sh -c 'echo $$ >builder; exec build-pages --output "$1"' sh "$PAGES" >rows 2>said 3>&- &
    building=$!
    for _ in {1..200}; do [ ! -s slow/pid ] || break; sleep 0.05; done
    for n in {1..200}; do
        echo "+$((n * 70))" >clock
        kill -CHLD "$(cat builder)" 2>/dev/null || break
        sleep 0.05
    done
    wait "$building"
    run ! kill -0 "$(cat slow/pid)"
    grep -qF "rsvg-convert could not draw card/2022-01-01.png (status 143): its page has no picture" said
    [ -z "$(ls "$PAGES/card")" ]
    # None there: one word in the log.
    run --separate-stderr env PATH=/nonexistent "$(command -v build-pages)" --output "$PAGES"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *' cards=no-rsvg-convert '* ]]
    command -v rsvg-convert >/dev/null || skip 'no rsvg-convert (package librsvg2-bin)'
    build
    grep -q '^card/2022-01-01.png' rows
    grep -q '<meta property="og:image" content="https://wind.example.org/card/2022-01-01.png">' "$PAGES/day/2022-01-01.html"
    # The header of a PNG has width and height (RFC 2083, 4.1.1): 1200 by 630.
    [ "$(od -An -tx1 -j16 -N8 "$PAGES/card/2022-01-01.png" | tr -d ' ')" = 000004b000000276 ]
    build
    [ "$(wc -l <rows)" -eq 1 ]
    # A picture that is gone is drawn again; of a day that changed too; without an address they go.
    rm "$PAGES/card/2022-01-01.png"
    build
    [ "$(grep -c '^card/' rows)" -eq 2 ] || grep -q '^card/2022-01-01.png' rows
    sql "update daily_summaries set payment = payment + 1"
    build
    grep -q '^card/2022-01-01.png.*written' rows
    grep -q '^card/2022-01-01.svg.*written' rows
    unset WINDFALL_SITE_URL
    build
    [ -z "$(ls "$PAGES/card")" ]
    ! grep -rl 'og:image' "$PAGES" || false
}
