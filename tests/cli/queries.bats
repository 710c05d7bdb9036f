# The statements of sql/query: each is run by psql as its own head says, and is what the tools were compiled with.
load helper
load sums

setup() {
    fresh_db
    cd "$root" || return
}

# look_at FILE... - what there is to know of each, a line of fields apart by |: its name, how many lines end a statement,
# whether one begins with create, the types that its head declares for its parameters, and the command that it gives, on
# one line.
look_at() {
    awk '
        function say() { if (file) printf "%s|%d|%d|%s|%s\n", file, ends, creates, types, command }
        FNR == 1 { say(); file = FILENAME; ends = creates = go = 0; types = command = "" }
        /;$/ { ends++ }
        tolower($0) ~ /^create / { creates = 1 }
        /^-- \$[0-9]/ && match($4, /^[a-z]+(\[\])?/) { types = types (types ? "," : "") substr($4, 1, RLENGTH) }
        /^-- psql / { go = 1 }
        go { sub(/^--[ \t]*/, ""); go = sub(/\\$/, ""); command = command $0 }
        END { say() }' "$@"
}

command_of() { look_at "$1" | cut -d '|' -f 5-; }

# Run such a command on the test's database; what follows are further options of psql.
run_command() {
    local command=$1 options
    shift
    options=(-X -q -v ON_ERROR_STOP=1 -d "$DATABASE_URL" "$@")
    (
        psql() { command psql "${options[@]}" "$@"; }
        eval "$command"
    )
}

# psql_lines WORD... - the words of such a command as lines for one psql that runs them all, each as if it came first: a
# session of its own learns the tables anew, which takes longer than the statement.  Other options than these are an error.
psql_lines() {
    local sets='' unsets='' acts='' begin='' commit=''
    while [ $# -gt 0 ]; do
        case $1 in
        -1) begin='begin;'$'\n' commit='commit;'$'\n'; shift; continue ;;
        -v) sets+="\\set ${2%%=*} '${2#*=}'"$'\n' unsets+="\\unset ${2%%=*}"$'\n' ;;
        -f) acts+="\\i $2"$'\n' ;;
        -c) acts+="$2;"$'\n' ;;
        *)  echo "$1: not known here"; return 1 ;;
        esac
        shift 2
    done
    printf '%s' 'discard all;' $'\n' "$sets" "$begin" "$acts" "$commit" "$unsets"
}

# The statement as the tools send it, with the types that its head declares.
prepared() { awk -v as=prepare -f src/query.awk "$1"; }

@test "psql runs every file of sql/query as its head says" {
    local file command types ends creates
    look_at sql/query/*.sql >"$BATS_TEST_TMPDIR/known"
    while IFS='|' read -r file ends creates types command; do
        [[ "$command" == "psql "*"-f $file"* ]] || { echo "$file: $command" >&2; return 1; }
        echo "\\echo $file: $command"
        eval "psql_lines ${command#psql }"
    done <"$BATS_TEST_TMPDIR/known" >"$BATS_TEST_TMPDIR/all"
    psql -Xq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/out" 2>&1 ||
        { tail -n 20 "$BATS_TEST_TMPDIR/out"; false; }
    [ "$(grep -c '^sql/query/[a-z-]*\.sql: psql ' "$BATS_TEST_TMPDIR/out")" -eq "$(ls sql/query/*.sql | wc -l)" ]
    [ "$(ls sql/query/*.sql | wc -l)" -gt 40 ]
}

@test "every statement can be prepared, and its parameters have the types that are declared" {
    local file command types ends creates
    look_at sql/query/*.sql >"$BATS_TEST_TMPDIR/known"
    while IFS='|' read -r file ends creates types command; do
        # What makes tables, or is several statements, cannot be prepared; it takes no parameters.
        if [ "$creates" -eq 1 ] || [ "$ends" -gt 1 ]; then
            [ "$types" = "" ]
            continue
        fi
        {   prepared "$file"
            echo "select '$file types ' || translate(replace(parameter_types::text, 'timestamp with time zone', 'timestamptz'), '{\"}', '') from pg_prepared_statements;"
        } >"$BATS_TEST_TMPDIR/${file##*/}"
        command=${command%%" -f $file"*}
        eval "psql_lines ${command#psql} -f '$BATS_TEST_TMPDIR/${file##*/}'" >&3
        echo "$file types $types"
    done <"$BATS_TEST_TMPDIR/known" >"$BATS_TEST_TMPDIR/declared" 3>"$BATS_TEST_TMPDIR/all"
    psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/out" 2>&1 ||
        { tail -n 20 "$BATS_TEST_TMPDIR/out"; false; }
    grep '^sql/query/.* types ' "$BATS_TEST_TMPDIR/out" | diff "$BATS_TEST_TMPDIR/declared" -
    [ "$(wc -l <"$BATS_TEST_TMPDIR/declared")" -gt 40 ]
}

@test "no statement of more than a dozen lines is left in a C source" {
    run awk 'FNR == 1 { n = 0 }
             /^(static )?const char [a-z_]*sql\[\] =/ { n = !/;[ \t]*$/; at = FNR; next }
             n && /;[ \t]*$/ { if (n > 12) print FILENAME ":" at ": " n " lines: it belongs in sql/query"; n = 0 }
             n { n++ }' src/*.c src/lib/*/*.c
    echo "$output"
    [ "$output" = "" ]
    [ "$(cat src/*.c src/lib/*/*.c | grep -c '_sql\[\] =')" -gt 100 ]
}

@test "what audit-calcs lists is what psql gives of its file" {
    local name
    record 2025-03-04 7 T_A-1 -1.525 -20
    record 2025-03-04 8 T_B-1 -450.75 12.5
    fetched 2025-03-04
    calculate_and_sum
    sql "update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined + 1 where farm_id = 'T_B-1';
         update curtailment_records set payment = payment * 2 where farm_id = 'T_A-1';
         update daily_summaries set records = 7; update bitcoin_monthly_summaries set days = 9"
    run --separate-stderr audit-calcs -q --no-header 2025-03-01 2025-03-31
    [ "$status" -eq 1 ]
    for name in record period calculation day bitcoin_day farm_day half_hour bitcoin_farm_day bitcoin_half_hour \
                month bitcoin_month year bitcoin_year; do
        run_command "$(command_of "sql/query/audit-${name//_/-}.sql")" -At -F $'\t' -P 'null=\N' | sed "s/^/$name\t/"
    done >"$BATS_TEST_TMPDIR/by-psql"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/by-psql")" -gt 5 ]
    diff "$BATS_TEST_TMPDIR/by-psql" - <<<"$output"
}

@test "a file that says less than it needs is refused by the generator, with its line" {
    refused() {
        printf '%s\n' "-- \$1 day date   a day" "$2" >"$BATS_TEST_TMPDIR/x.sql"
        run awk -f src/query.awk "$BATS_TEST_TMPDIR/x.sql"
        echo "$status: $output"
        [ "$status" -eq 65 ]
        [[ "$output" == "$BATS_TEST_TMPDIR/x.sql:2: "*"$1"* ]]
    }
    refused "the parameter dya is not declared" "select :'dya'::date;"
    refused "the parameter day is not used" "select 1;"
    refused "by its name" "select \$1, :'day';"
    refused "no semicolon" "select :'day'::date"
    refused "goes on in the next line" "select :'day'::date, 'a"
    printf '%s\n' "-- \$1 day date   a day" "-- \$2 n integer  a number, or null" \
        "select ':day' as \"word\", :'day'::date + :n::integer, E'\\\\t'; -- and so on" >"$BATS_TEST_TMPDIR/a-b.sql"
    [ "$(awk -f src/query.awk "$BATS_TEST_TMPDIR/a-b.sql" | tail -n +2)" = \
        "$(printf '%s\n' 'static const char query_a_b[] =' $'\t"select \':day\' as \\"word\\", $1::date + $2::integer, E\'\\\\\\\\t\'\\n";')" ]
}

@test "a record's columns are the same, in one order, wherever they are listed" {
    local header n=0 column
    # The list of the code, as the tool prints it.
    header=$(fetch-elexon -q --base-url "file://$root/tests/data/archive" 2022-01-01 | head -n 1)
    [ "$(sql "select string_agg(attname, E'\t' order by attname) from pg_attribute where attrelid = 'curtailment_records'::regclass
               and attnum > 0 and not attisdropped and attname <> 'ingested_at'")" = "$(tr '\t' '\n' <<<"$header" | LC_ALL=C sort | paste -s)" ]
    for column in $header; do
        n=$((n + 1))
        echo "$n $column"
        [ "$(grep -v '^--' sql/query/curtailment-add.sql | grep -ow "$column" | wc -l)" -ge 2 ]
        grep -qw "s\.$column" sql/query/curtailment-withdraw.sql
        grep -qw "r\.$column" sql/query/curtailment-withdraw.sql
        # A revision is one of all but these.
        case $column in
        settlement_date|lead_party_name|payment|source_created_at|transmission_loss_multiplier) ;;
        *) grep -v '^--' sql/query/curtailment-sums.sql | sed -n '/^select/,/^  from/p' | grep -qw "$column" ;;
        esac
        # Of the source's row the day is asked for, and who leads a unit is the register's knowledge.
        case $column in settlement_date|lead_party_name) continue ;; esac
        [ "$(tr '\n' ' ' <sql/query/source-diff.sql | sed 's/f\[/\n&/g' | grep "^f\[$n\]" | grep -oE ' as [a-z_]+' | head -n 1)" = " as $column" ]
    done
}

# put TABLE JSON... - a row of each, with 1, a word or a time in what it does not name and must have.
put() {
    local table=$1 row
    shift
    for row in "$@"; do
        echo "insert into $table select (jsonb_populate_record(null::$table, (select coalesce(jsonb_object_agg(attname,
                case when atttypid in ('numeric'::regtype, 'integer'::regtype, 'smallint'::regtype) then '1'
                     when atttypid = 'timestamptz'::regtype then '2031-01-01' when atttypid = 'boolean'::regtype then 'f'
                     when attname = 'miner_model' then 'S9' when attname = 'currency' then 'USD' when attname = 'status' then 'final'
                     when attname = 'nation' then 'Wales' when attname = 'b6' then 'south'
                     else 'wind' end), '{}') || '$row'
            from pg_attribute where attrelid = '$table'::regclass and attnum > 0 and attnotnull))).*;"
    done
}

@test "known-months: a month or a year is known by one row of any table that has something of it" {
    sql "$(put ingested_periods '{"settlement_date": "2031-03-05"}'
        put daily_summaries '{"settlement_date": "2031-02-05"}'
        put bitcoin_daily_summaries '{"settlement_date": "2031-01-31"}'
        put replacement_daily_summaries '{"settlement_date": "2031-04-01"}'
        put monthly_summaries '{"year_month": "2031-05"}'
        put bitcoin_monthly_summaries '{"year_month": "2031-06"}'
        put replacement_monthly_summaries '{"year_month": "2031-07"}'
        put yearly_summaries '{"year": "2031"}' '{"year": "2034"}'
        put bitcoin_yearly_summaries '{"year": "2033"}'
        put replacement_yearly_summaries '{"year": "2032"}')"
    [ "$(sql "$(cat sql/query/known-months.sql)" | cut -c 1-7 | paste -sd ' ')" = \
        '2031-01 2031-02 2031-03 2031-04 2031-05 2031-06 2031-07 2032-01 2033-01 2034-01' ]
}

@test "what the site asks of half hours, units and farms is what the rows come to" {
    local day earlier kind
    sql "truncate sites;
        $(put daily_summaries '{"settlement_date": "2025-03-01", "periods_expected": 48, "periods_ingested": 48}' \
            '{"settlement_date": "2025-03-04", "periods_expected": 48, "periods_ingested": 1}' \
            '{"settlement_date": "2025-03-05", "periods_expected": 48, "periods_ingested": 47}'
        put ingested_periods '{"settlement_date": "2025-03-04", "settlement_period": 7}'
        put period_summaries '{"settlement_date": "2025-03-01", "settlement_period": 7, "curtailed_mwh": 2}' \
            '{"settlement_date": "2025-03-04", "settlement_period": 7, "curtailed_mwh": 1.000001}')"
    run_command "psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-profile.sql" -At >"$BATS_TEST_TMPDIR/profile"
    [ "$(sed -n '6,8p' "$BATS_TEST_TMPDIR/profile")" = $'6|1|0.000000\n7|2|1.500001\n8|1|0.000000' ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/profile")" -eq 48 ]
    # A unit that changed farm and owner, another of the later farm whose bitcoin is not known, and one that no site has, whose
    # eleventh day is left out, and one that is not stored.
    sql "$(put sites '{"farm_id": "T_A-1", "valid_from": "2000-01-01", "valid_to": "2025-03-04", "farm": "Old", "owner": "O1"}' \
            '{"farm_id": "T_A-1", "valid_from": "2025-03-04", "farm": "New", "county": "Kent", "nation": "England", "latitude": 51.5, "longitude": 0.5}' \
            '{"farm_id": "T_C-1", "valid_from": "2000-01-01", "farm": "New", "region": "Offshore"}'
        put bm_units '{"farm_id": "T_A-1", "valid_from": "2000-01-01", "name": "old name", "lead_party_name": "old party"}' \
            '{"farm_id": "T_A-1", "valid_from": "2020-01-01", "name": "new name", "lead_party_name": "new party", "capacity_mw": 20.0}'
        put farm_daily_summaries '{"settlement_date": "2025-03-01", "farm_id": "T_A-1", "curtailed_mwh": 3, "payment": 30, "periods": 2}' \
            '{"settlement_date": "2025-03-04", "farm_id": "T_A-1", "curtailed_mwh": 5.0, "payment": 50.0, "periods": 3}' \
            '{"settlement_date": "2025-03-04", "farm_id": "T_C-1", "curtailed_mwh": 2, "payment": 20, "periods": 4}' \
            '{"settlement_date": "2025-03-05", "farm_id": "T_A-1", "curtailed_mwh": 1, "payment": 10, "periods": 1}'
        put bitcoin_farm_daily_summaries '{"settlement_date": "2025-03-01", "farm_id": "T_A-1", "bitcoin_mined": 0.5}' \
            '{"settlement_date": "2025-03-04", "farm_id": "T_A-1", "bitcoin_mined": 0.25}' \
            '{"settlement_date": "2025-03-05", "farm_id": "T_A-1", "bitcoin_mined": 0.1}' \
            '{"settlement_date": "2025-03-05", "farm_id": "T_A-1", "bitcoin_mined": 7, "miner_model": "M20S"}'
        for day in {10..21}; do
            [ "$day" -eq 21 ] || put daily_summaries "{\"settlement_date\": \"2025-03-$day\"}"
            put farm_daily_summaries "{\"settlement_date\": \"2025-03-$day\", \"farm_id\": \"T_B-1\", \"curtailed_mwh\": $day, \"payment\": 1, \"periods\": 2}"
        done)"
    diff <(run_command "psql -f sql/query/site-units.sql" -At) - <<-END
	T_A-1|New|New|new name|new party|20|Kent, England|51.5000|0.5000|2025-03-01|2025-03-05
	T_C-1|New|New||||Offshore, Wales|||2025-03-04|2025-03-04
	T_B-1|T_B-1|T_B-1|||||||2025-03-10|2025-03-21
	END
    {
        for earlier in 'farm|Old' 'owner|O1'; do
            kind=${earlier%|*}
            printf '%s\n' "$kind|New||2|8|80|4|" "$kind|New|2025-03-04|2|7|70|3.5|" "$kind|New|2025-03-05|1|1|10|0.5|0.10000000" \
                "$earlier||1|3|30|1|0.50000000" "$earlier|2025-03-01|1|3|30|1|0.50000000" "$kind|T_B-1||1|165|11|11|"
            for day in {11..20}; do echo "$kind|T_B-1|2025-03-$day|1|$day|1|1|"; done
        done
    } >"$BATS_TEST_TMPDIR/farms"
    run_command "psql -v from=2025-03-01 -v to=2025-03-31 -v model=S9 -f sql/query/site-month-farms.sql" -At | diff - "$BATS_TEST_TMPDIR/farms"
}
