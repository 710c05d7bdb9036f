# The statements of sql/query: each is run by psql as its own head says, and is what the tools were compiled with.
load helper
load sums

setup() {
    fresh_db
    cd "$root" || return
}

# The command that a file's head gives, on one line.
command_of() {
    awk '/^-- psql / { go = 1 } go { sub(/^--[ \t]*/, ""); go = sub(/\\$/, ""); printf "%s", $0 }' "$1"
}

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

# The statement as the tools send it, with the types that its head declares.
prepared() { awk -v as=prepare -f src/query.awk "$1"; }

@test "psql runs every file of sql/query as its head says" {
    local file command
    for file in sql/query/*.sql; do
        command=$(command_of "$file")
        echo "$file: $command"
        [[ "$command" == "psql "*"-f $file"* ]]
        run_command "$command" >"$BATS_TEST_TMPDIR/out" 2>&1 || { cat "$BATS_TEST_TMPDIR/out"; false; }
    done
    [ "$(ls sql/query/*.sql | wc -l)" -gt 40 ]
}

@test "every statement can be prepared, and its parameters have the types that are declared" {
    local file before n=0
    for file in sql/query/*.sql; do
        # What makes tables, or is several statements, cannot be prepared; it takes no parameters.
        if grep -qiE '^create ' "$file" || [ "$(grep -c ';$' "$file")" -gt 1 ]; then
            ! grep -E '^-- \$' "$file" || false
            continue
        fi
        before=$(command_of "$file" | sed "s| -f $file.*||")
        {   prepared "$file"
            echo "select 'types ' || translate(replace(parameter_types::text, 'timestamp with time zone', 'timestamptz'), '{\"}', '') from pg_prepared_statements;"
        } >"$BATS_TEST_TMPDIR/prepare.sql"
        run run_command "$before -f '$BATS_TEST_TMPDIR/prepare.sql'" -At
        echo "$file: $output"
        [ "$status" -eq 0 ]
        [[ "$output" == *"types $(sed -n 's/^-- \$[0-9]* *[a-z_]* *\([a-z]*\(\[\]\)\{0,1\}\).*/\1/p' "$file" | paste -sd,)" ]]
        n=$((n + 1))
    done
    [ "$n" -gt 40 ]
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
        # Of the source's row the day is asked for, and who leads a unit is the register's knowledge.
        case $column in settlement_date|lead_party_name) continue ;; esac
        [ "$(tr '\n' ' ' <sql/query/source-diff.sql | sed 's/f\[/\n&/g' | grep "^f\[$n\]" | grep -oE ' as [a-z_]+' | head -n 1)" = " as $column" ]
    done
}
