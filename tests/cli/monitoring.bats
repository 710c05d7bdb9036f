# What others look at Windfall with: the dashboard for Grafana runs on the views, the alerts for Prometheus on metrics that exist.
#
# The statements are Grafana's text, with its macros and variables in single quotes.
# shellcheck disable=SC2016
load helper
load sums
load month

dashboard=docs/grafana/windfall.json
rules=docs/prometheus/windfall.rules.yml

setup() { cd "$root" || return; }

# The statements of the dashboard as Grafana sends them for March 2025 (its macros, and its variables in the form sqlstring,
# which quotes each value and doubles its quotes): "KIND ID BASE64" a line.
statements() { # FARM...
    local farms='' name
    for name in "$@"; do farms+=",'${name//\'/\'\'}'"; done
    jq -r --arg farms "${farms#,}" '
        def sent: gsub("\\$__timeFilter\\((?<c>[^)]*)\\)"; "\(.c) BETWEEN '\''2025-03-01T00:00:00Z'\'' AND '\''2025-04-01T00:00:00Z'\''")
            | gsub("\\$__timeFrom\\(\\)"; "'\''2025-03-01T00:00:00Z'\''") | gsub("\\$__timeTo\\(\\)"; "'\''2025-04-01T00:00:00Z'\''")
            | split("${farm:sqlstring}") | join($farms) | split("${model:sqlstring}") | join("'\''S19J_PRO'\''");
        (.panels[] | select(.targets) | .id as $id | .targets[] | "\(.format) \($id) \(.rawSql | sent | @base64)"),
        (.templating.list[] | select(.type == "query") | "variable \(.name) \(.query | sent | @base64)")' "$dashboard"
}

@test "the dashboard is whole: its ids and places are its own, its variables are used, each source is named by one of them" {
    jq -e '[.panels[].id] | length == (unique | length)' "$dashboard"
    jq -e '.uid == "windfall" and (.panels | length) > 15' "$dashboard"
    # Within the 24 columns, and no two panels on the same place.
    jq -e '[.panels[].gridPos | select(.x + .w > 24)] == []' "$dashboard"
    jq -e '[.panels[].gridPos | . as $g | range(.y; .y + .h) as $y | range($g.x; $g.x + $g.w) as $x | "\($x) \($y)"] | length == (unique | length)' "$dashboard"
    jq -e '[.. | .datasource? | select(type == "object")] | length > 30 and all(. == {type: "grafana-postgresql-datasource", uid: "${datasource}"})' "$dashboard"
    # What a person of the database may call himself stands in no statement unquoted.
    jq -e '[.panels[].targets[]?.rawSql | select(test("\\$\\{?(farm|model)(?!:sqlstring)"))] == []' "$dashboard"
    for variable in datasource farm model; do
        jq -e --arg v "$variable" '[.templating.list[].name] | index($v) != null' "$dashboard"
        jq -e --arg v "$variable" '[.. | strings | select(contains("${" + $v))] != []' "$dashboard"
    done
    jq -e '[.panels[] | select(.type != "row") | select((.title | length) == 0)] == []' "$dashboard"
}

@test "each panel's statement runs on a month, changes nothing, and gives rows where there are any" {
    fresh_month
    sql "insert into bitcoin_prices (price_date, currency, price, source) select d::date, 'USD', 80000, 'x' from generate_series('2025-03-01'::date, '2025-03-31', '1 day') d"
    sql "insert into exchange_rates (rate_date, currency, per_euro, source) values ('2025-02-28', 'USD', 1.1, 'file'), ('2025-02-28', 'GBP', 0.88, 'file')"
    sql "insert into period_revisions (settlement_date, settlement_period, revised_at, was_status, records_before, records_after, mwh_before, mwh_after,
                                       payment_before, payment_after, fetched_by)
         values ('2025-03-07', 12, '2025-03-20T10:00:00Z', 'final', 3, 2, 100.5, 90.25, 5000, 4500.5, 'weekly')"
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source) values ('BTC-USD', 'a', 'fill', 'BUY', '2025-01-01', 1, 10, 'import')"
    sql "insert into reconciliation_runs (job, host, pid, state, started_at) values ('daily', 'h', 1, 'done', '2025-03-02')"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/rolled"
    farm=$(sql "select farm from farm_days order by 1 limit 1")
    hostile="'; drop table curtailment_records; --"
    sql "update sites set farm = '${hostile//\'/\'\'}' where farm = (select max(farm) from farm_days)"
    statements "$farm" "$hostile" >"$BATS_TEST_TMPDIR/statements"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/statements")" -ge 18 ]
    while read -r kind id text; do
        echo "$text" | base64 -d >"$BATS_TEST_TMPDIR/one.sql"
        PGOPTIONS='-c default_transaction_read_only=on' psql -XAq --csv -d "$DATABASE_URL" -v ON_ERROR_STOP=1 -f "$BATS_TEST_TMPDIR/one.sql" >"$BATS_TEST_TMPDIR/rows" ||
            { echo "panel $id"; cat "$BATS_TEST_TMPDIR/one.sql"; false; }
        [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -gt 1 ] || { echo "panel $id gives no row"; cat "$BATS_TEST_TMPDIR/one.sql"; false; }
        # A series has a time, and the times are in their order.
        if [ "$kind" = time_series ]; then
            [[ "$(head -n 1 "$BATS_TEST_TMPDIR/rows")" == time,* ]]
            sed 1d "$BATS_TEST_TMPDIR/rows" | cut -d, -f1 | sort -c
        fi
    done <"$BATS_TEST_TMPDIR/statements"
    # A name is a value: its farm is the only one, and its energy the database's.
    statements "$hostile" | while read -r kind id text; do echo "$text" | base64 -d >"$BATS_TEST_TMPDIR/one.$id.sql"; done
    grep -l '^select farm, max(owner)' "$BATS_TEST_TMPDIR"/one.*.sql | xargs cat >"$BATS_TEST_TMPDIR/farms.sql"
    [ "$(psql -XAtq -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/farms.sql" | cut -d'|' -f 1,3)" = \
        "$(sql "select farm, sum(curtailed_mwh) from farm_days where farm = '${hostile//\'/\'\'}' group by 1")" ]
}

@test "every metric that an alert or a test of one names is one that check-status prints" {
    grep -ohE 'windfall_[a-z_]+' "$rules" docs/prometheus/windfall.rules.*test.yml | sort -u >"$BATS_TEST_TMPDIR/named"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/named")" -gt 15 ]
    fresh_month
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source) values ('BTC-USD', 'a', 'fill', 'BUY', '2025-01-01', 1, 10, 'import');
         insert into exchange_checks (tier, product_id, account, findings, missing_buy, missing_sell, partly) values (2, '', '', 1, 0, 0, false)"
    no_network
    TZ=Europe/London NO_FAKE_STAT=1 faketime '2025-04-01 06:30:00' daily >"$BATS_TEST_TMPDIR/daily" 2>&1 || true
    check-status --format prometheus >"$BATS_TEST_TMPDIR/prom" || true
    sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$BATS_TEST_TMPDIR/prom" | sort -u >"$BATS_TEST_TMPDIR/printed"
    run comm -23 "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/printed"
    echo "$output"
    [ "$output" = "" ]
    # Each has its HELP and TYPE; where promtool is, it agrees.
    [ "$(grep -c '^# HELP ' "$BATS_TEST_TMPDIR/prom")" -eq "$(grep -c '^# TYPE ' "$BATS_TEST_TMPDIR/prom")" ]
    if command -v promtool >/dev/null; then
        # Names that are promised stay: their days and hours are counts and energy, pounds are money, and a summary is a sum.
        run bash -c 'promtool check metrics <"$1" 2>&1 | grep -vE "^windfall_(compared_days|data_lag_days|days_without_price|settlement_days|curtailed_megawatt_hours|undecided_megawatt_hours|payment_pounds) use base unit|^windfall_summary_differences metric name should not include"' - "$BATS_TEST_TMPDIR/prom"
        [ "$output" = "" ]
    fi
}

@test "a task is late for Prometheus when its job is for check-status" {
    sed -n 's/.*task_success_age_seconds{task=~*"\([^"]*\)"} > \([0-9]*\)$/\1 \2/p' "$rules" |
        while read -r tasks seconds; do printf "%s $seconds\n" ${tasks//|/ }; done | sort >"$BATS_TEST_TMPDIR/late"
    diff <(check-status --list-limits | awk '$1 == "age" { print $2, $3 }' | sort) "$BATS_TEST_TMPDIR/late"
    # Each has a timer, and each timer's job a limit.
    diff <(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/late") <(printf '%s\n' systemd/windfall-*.timer | sed 's|.*/windfall-||; s|\.timer$||' | sort)
}

@test "the alerts fire when they should, and only then" {
    command -v promtool >/dev/null || skip 'no promtool (package prometheus)'
    # It ends in seconds: memory that is free need not be looked for.
    export GOGC=off
    run promtool check rules "$rules"
    [ "$status" -eq 0 ]
    [[ "$output" == *SUCCESS* ]]
    run promtool test rules docs/prometheus/windfall.rules.test.yml docs/prometheus/windfall.rules.days.test.yml
    echo "$output"
    [ "$status" -eq 0 ]
    # A rule with another bound is one that its test finds: no test that passes whatever the rules say.  Of the two files of
    # tests only the one that is about that bound is run, as each costs a second.
    cp docs/prometheus/*.yml "$BATS_TEST_TMPDIR"
    while read -r tests change; do
        sed "$change" "$rules" >"$BATS_TEST_TMPDIR/windfall.rules.yml"
        ! cmp -s "$rules" "$BATS_TEST_TMPDIR/windfall.rules.yml" || false
        run promtool test rules "$BATS_TEST_TMPDIR/windfall.$tests.yml"
        [ "$status" -ne 0 ] || { echo "not found: $change"; false; }
    done <<'END'
rules.test s/> 2$/> 3/
rules.test s/!= 75/!= 69/
rules.test s/> 172800/> 172801/
rules.days.test s/for: 7d/for: 10d/
rules.days.test s/> 108000/> 1080000/
END
}
