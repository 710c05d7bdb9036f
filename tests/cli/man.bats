# The man pages and the help texts say the same: each option of one is an option of the other.
#
# bats sets the suite's $root.
# shellcheck disable=SC2154
load helper
load sums

# page NAME - the source of the page of a command: of the job where a tool has the same name, as `windfall NAME` runs it.
page() {
    local file
    for file in "$built/man/windfall-$1".[18] "$root/src/windfall-$1.1" "$root/src/$1.1"; do
        [ ! -f "$file" ] || { echo "$file"; return; }
    done
    return 1
}

# declared FILE - the long options that a page has an item for.
declared() {
    sed -n '/^\.Sh ENVIRONMENT/q; /^\.It.* Fl /p' "$1" | grep -oE -e ' -[a-z][a-z0-9-]*( |$)' | sed 's/^ /-/; s/ $//' | sort -u
}

# The options that a text on stdin names as whole words.
named() {
    grep -oE -e '(^|[^a-z-])--[a-z][a-z0-9-]*' | grep -oE -e '--.*' | sort -u
}

# Of the options that all have, a page may name the letter alone.
uncommon() {
    grep -vxE -e '--(help|version|quiet|verbose|format|no-header)' || :
}

setup() {
    built=$root/${TEST_BUILD:-build}
    rendered=$BATS_TEST_TMPDIR/rendered
}

@test "every command has a page, and its one line is that of windfall's list wherever it is made from it" {
    for name in $("$root/scripts/windfall" --commands); do
        page "$name" >/dev/null || { echo "$name has no man page"; false; }
    done
    for file in "$built"/man/*.[18]; do
        name=$(basename "${file%.*}")
        name=${name#windfall-}
        "$root/scripts/windfall" --help | grep -qxE -e "  $name +$(sed -n 's/^\.Nd //p' "$file")"
        [ -x "$root/scripts/$name" ]
        [[ "$(sed -n 's/^\.Os //p' "$file")" == Windfall ]]
    done
}

@test "the source of a tool begins with the one line of its page" {
    for file in "$root"/src/*.c; do
        name=$(basename "$file" .c)
        diff <(head -n 2 "$file") <(printf '/*\n * %s - %s\n' "$name" "$(sed -n 's/^\.Nd //p' "$root/src/$name.1")")
    done
}

@test "every page has its sections, names pages that are there, and says Windfall above and below" {
    for name in $("$root/scripts/windfall" --commands); do
        file=$(page "$name")
        for section in NAME SYNOPSIS DESCRIPTION "EXIT STATUS" "SEE ALSO"; do
            grep -qx ".Sh $section" "$file" || { echo "$file has no $section"; false; }
        done
        [ "$(grep -cx '.Os Windfall' "$file")" -eq 1 ]
        mandoc -T ascii "$file" | col -bx >"$rendered"
        [[ "$(tail -n 1 "$rendered")" == Windfall*Windfall ]]
        # Of ours; others' pages are the system's.
        for other in $(sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/\1.\2/p' "$file" | sort -u); do
            case $other in
            windfall-tables.5|windfall.7) continue ;;
            windfall.conf.5) [ -f "$built/$other" ] ;;
            windfall*) [ -f "$root/src/$other" ] || [ -f "$built/man/$other" ] || { echo "$file: there is no page $other"; false; } ;;
            crontab.5|systemd*|sendmail.8|psql.1|pg_*|hledger.1|sqlite3.1|curl.1|gnuplot*|mail*|git*|*journal*|cron.8|bash.1|zsh.1|rsvg-convert.1) ;;
            *) [ -f "$root/src/$other" ] || { echo "$file: there is no page $other"; false; } ;;
            esac
        done
    done
}

@test "every option of every help is in the page, and every option of the page in the help" {
    for name in $("$root/scripts/windfall" --commands); do
        file=$(page "$name")
        mandoc -T ascii -O width=1000 "$file" | col -bx >"$rendered"
        # Both say of these that the options of what-if are theirs too.
        case $name in size-fleet|build-pages)
            grep -qF 'what-if(1)' "$rendered"
            mandoc -T ascii -O width=1000 "$root/src/what-if.1" | col -bx >>"$rendered" ;;
        esac
        # --warn-LIMIT stands for one option a limit; the help names the limits in a table.
        "$root/scripts/windfall" help "$name" | sed 's/^  *age  *JOB=TIME/& --warn-age --crit-age/' >"$BATS_TEST_TMPDIR/help"
        named <"$rendered" >"$BATS_TEST_TMPDIR/of-page"
        named <"$BATS_TEST_TMPDIR/help" >"$BATS_TEST_TMPDIR/of-help"
        grep -oE -e '--[a-z][a-z0-9-]*' "$BATS_TEST_TMPDIR/help" | sort -u | uncommon | comm -23 - "$BATS_TEST_TMPDIR/of-page" |
            sed "s/^/$name: the page lacks /"
        declared "$file" | grep -e '^--.' | uncommon | comm -23 - "$BATS_TEST_TMPDIR/of-help" | sed "s/^/$name: the help lacks /"
    done >"$BATS_TEST_TMPDIR/bad"
    cat "$BATS_TEST_TMPDIR/bad"
    [ ! -s "$BATS_TEST_TMPDIR/bad" ]
}

# columns_of PROGRAM ARGUMENT... - that of the columns of its rows which its page does not name.
columns_of() {
    "$@" 2>/dev/null | head -n 1 | tr '\t' '\n' | sort >"$BATS_TEST_TMPDIR/columns"
    [ -s "$BATS_TEST_TMPDIR/columns" ] || echo "$* prints no header"
    tr -cs 'a-z0-9_' '\n' <"$root/src/$1.1" | sort -u | comm -13 - "$BATS_TEST_TMPDIR/columns" | sed 's/^/the page does not name /' | grep -H --label="$*" . || :
}

@test "every column that a tool prints is named in its page" {
    the_day
    cd "$BATS_TEST_TMPDIR"
    archive=file://$root/tests/data/archive
    printf 'record_id,product_id,side,trade_time,size,value\nx,BTC-USD,BUY,2024-01-01T00:00:00Z,1,100\n' >books.csv
    import-trades -q --store books.csv
    printf 'settlement_date\n2022-01-01\n' | run-queue -q start --job try >/dev/null
    fetch-elexon -q --base-url "$archive" --periods 4 2022-01-01 >rows
    {
        columns_of fetch-elexon --base-url "$archive" --periods 4 2022-01-01
        columns_of fetch-elexon --verify --base-url "$archive" --periods 4 2022-01-01
        columns_of fetch-bmunits --base-url "$archive"
        columns_of fetch-difficulty --file "$root/sql/reference/difficulty-epochs.tsv"
        columns_of fetch-prices --file <(printf 'price_date\tprice\n2022-01-01\t46319.65\n')
        columns_of fetch-rates --file <(printf 'Date,USD,GBP,\n2021-12-31,1.1326,0.84028,\n')
        columns_of fetch-wind --base-url file:///dev/null 2022-01-01
        columns_of calc-btc <rows
        columns_of find-missing
        columns_of find-missing --by-date
        columns_of find-missing --periods
        columns_of find-missing --wind
        columns_of find-missing --unproved
        columns_of audit-calcs
        columns_of fix-difficulty --dry-run 2022-01-01 2022-01-01 24371874614345
        columns_of miner-models list
        columns_of miner-models compare
        columns_of run-queue show
        columns_of run-queue failures 1
        columns_of run-queue claim 1
        columns_of import-trades books.csv
        columns_of match-fifo make 1 --all --make-current
        columns_of match-fifo list
        columns_of match-fifo compare 1 1
        columns_of audit-fifo
        columns_of reconcile-fills proposals
        columns_of what-if --model S9
        columns_of what-if --list-models
        columns_of with-settings --list
    } >bad
    cat bad
    [ ! -s bad ]
}

@test "the page of check-status has each limit of its help" {
    diff <(check-status --help | sed -nE 's/^ {27}([a-z-]+) .*/\1/p' | grep -vx age | sort) \
         <(sed -nE 's/^\.It ([a-z-]+) Ta .*/\1/p' "$root/src/check-status.1" | sort)
}

# items FILE - the words of the items of a page, those of one line apart.
items() { sed -n 's/^\.It //p' "$1" | tr ',' '\n' | sed 's/ *Ar .*//; s/^ *//; s/ *$//' | sort; }

@test "the page of audit-calcs has each level, and each figure that may be implausible" {
    items "$root/src/audit-calcs.1" >"$BATS_TEST_TMPDIR/items"
    for name in $(sed -n '/ levels\[\]/,/^}/s/^\t{ "\([a-z_]*\)".*/\1/p' "$root/src/audit-calcs.c"); do
        grep -qxF "$name" "$BATS_TEST_TMPDIR/items" || { echo "no level $name"; false; }
    done
    # The fields are the words in quotes of a statement's first line, or of the list that it reads them from.
    for name in $(sed -n '/ warnings\[\]/,/^}/s/.*query_audit_\([a-z_]*\),.*/\1/p' "$root/src/audit-calcs.c" | tr _ -); do
        fields=$(grep -E "^select|\\([0-9], '" "$root/sql/query/audit-$name.sql" | grep -oE "'[a-z_]{3,}'," | tr -d "',")
        [ "$fields" ] || { echo "no field in audit-$name.sql"; false; }
        for field in $fields; do
            grep -qxF "$field" "$BATS_TEST_TMPDIR/items" || { echo "no field $field of audit-$name.sql"; false; }
        done
    done
}

@test "the page of rollup-summaries has each level of which it prints changes" {
    tr -cs 'a-z_' '\n' <"$root/src/rollup-summaries.1" | sort -u >"$BATS_TEST_TMPDIR/words"
    sed -nE '/ levels\[\]/,/^};/s/^\t\t"([a-z_]+)", "[a-z_]+", .*/\1/p' "$root/src/lib/calculation/summaries_db.c" | sort >"$BATS_TEST_TMPDIR/levels"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/levels")" -ge 9 ]
    run comm -23 "$BATS_TEST_TMPDIR/levels" "$BATS_TEST_TMPDIR/words"
    [ "$output" = "" ]
}

@test "the page of doctor has each of its checks" {
    items "$root/src/windfall-doctor.1" >"$BATS_TEST_TMPDIR/items"
    # A word where the name is one; what is in a variable is a row of the report, or an argument of a check.
    {
        grep -oE '\brow "[^"]+"|\brow [a-z]+' "$root/scripts/doctor" | sed 's/^row "*//; s/"$//; s/ *\$.*//'
        grep -oE '^check_[a-z_]* "[a-z'"'"' ]+"|^check_programs [a-z]+' "$root/scripts/doctor" | sed 's/^[^ ]* "*//; s/"$//'
        sed -nE "s/^\tselect [0-9](, | as nr, )'([a-z ]+)'.*/\2/p" "$root/sql/report/doctor.sql"
    } | grep . | sort -u >"$BATS_TEST_TMPDIR/checks"
    cat "$BATS_TEST_TMPDIR/checks"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/checks")" -ge 25 ]
    run comm -23 "$BATS_TEST_TMPDIR/checks" "$BATS_TEST_TMPDIR/items"
    [ "$output" = "" ]
}

@test "the page of a job names the log that the job writes" {
    for file in "$root"/src/man/*.in; do
        name=$(basename "$file"); name=${name#windfall-} name=${name%.[18].in}
        log=$(sed -n 's/^log_name=//p' "$root/scripts/$name")
        for named in $(sed -n 's/^\.It Pa logs\/\(.*\)_\(YYYYMMDD_HHMMSS\|latest\)\.log$/\1/p' "$file"); do
            [ "$named" = "${log:-$name}" ] || { echo "$file: $named, not ${log:-$name}"; false; }
        done
    done
}

@test "windfall(7) and the README list the same exit codes" {
    diff <(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It //p' "$root/src/windfall.7" | grep -vx 2) \
         <(sed -n '/^Exit codes are the same/,/^`check-status`/p' "$root/README.md" | grep -oE '\b([01]|[67][0-9])\b' | sort -n | uniq)
}

@test "a page made from a help has its synopsis, its texts, its verbs and its codes" {
    mandoc -T ascii -O width=1000 "$built/man/windfall-reconcile.8" | col -bx | tr -s ' ' >"$rendered"
    grep -qx ' windfall reconcile VERB \[ARGUMENT\]... \[OPTION\]...' "$rendered"
    grep -q '^ range A B' "$rendered"
    grep -q 'The dates from A to B' "$rendered"
    grep -q 'continue the latest unfinished run\|Continue the latest unfinished run' "$rendered"
    grep -q '^ 75 Not everything could be checked' "$rendered"
    # No word of the help is lost on the way.
    for name in summary reconcile units export exchange local-db daily site; do
        mandoc -T ascii -O width=1000 "$(page "$name")" | col -bx | tr -cs 'A-Za-z0-9' '\n' | tr '[:upper:]' '[:lower:]' | sort -u >"$rendered"
        "$root/scripts/windfall" help "$name" | LC_ALL=C tr -cs 'A-Za-z0-9' '\n' | tr '[:upper:]' '[:lower:]' | sort -u >"$BATS_TEST_TMPDIR/words"
        run comm -23 "$BATS_TEST_TMPDIR/words" "$rendered"
        [ "$(echo "$output" | grep -vxE 'usage|exit')" = "" ]
    done
}

@test "what a line of a help begins with is text in the page, never a request" {
    printf '.Dd November 29, 2026\n' >"$BATS_TEST_TMPDIR/x.1.in"
    cat >"$BATS_TEST_TMPDIR/help" <<'END'
usage: odd [--deep N] FILE

.Sh is text, and 'so quoted; a back\slash stays.  Then FILE is read.

  .first  what begins with a point
      --deep N  how deep

  odd --deep 2 .
END
    awk -v name=odd -v section=1 -v about=odd -f "$root/src/man/page.awk" "$BATS_TEST_TMPDIR/x.1.in" "$BATS_TEST_TMPDIR/help" >"$BATS_TEST_TMPDIR/odd.1"
    run mandoc -T ascii "$BATS_TEST_TMPDIR/odd.1"
    [ "$status" -eq 0 ]
    output=$(col -bx <<<"$output")
    [[ "$output" == *".Sh is text, and 'so quoted; a back\\slash stays."* ]]
    [[ "$output" == *".first"* ]]
    [[ "$output" == *"windfall odd --deep 2 ."* ]]
}

@test "windfall-tables(5) is made of the comments in a database of this version, and says something of each" {
    fresh_db
    psql -Xq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$root/src/man/tables.sql" >"$BATS_TEST_TMPDIR/tables.5"
    diff "$root/src/windfall-tables.5" "$BATS_TEST_TMPDIR/tables.5" || { echo "run make tables-page"; false; }
    # An engine's own views are in no manual of ours.
    ours="relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and not relispartition
        and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')"
    for name in $(sql "select relname from pg_class where $ours"); do
        grep -qxF ".Ss $name" "$BATS_TEST_TMPDIR/tables.5"
    done
    [ "$(grep -c '^\.It Va ' "$BATS_TEST_TMPDIR/tables.5")" -eq "$(sql "select count(*) from pg_attribute a join pg_class on pg_class.oid = a.attrelid
        where $ours and attnum > 0 and not attisdropped")" ]
    # In words for people, and every column has some.
    mandoc -T ascii -O width=100 "$BATS_TEST_TMPDIR/tables.5" | col -bx >"$rendered"
    grep -qx '   historical_bitcoin_calculations' "$rendered"
    grep -qE '^ +Key: settlement_date, settlement_period, farm_id, miner_model\.$|miner_model\.$' "$rendered"
    run ! awk '/^\.It Va / { if (asked) { print; bad = 1 } asked = 1; next } { asked = 0 } END { exit !bad }' "$BATS_TEST_TMPDIR/tables.5"
    grep -q 'pounds: volume times original price, positive to the farm' "$rendered"
}

@test "a page has each exit code of the database and of a source where its tool asks one, in order" {
    for source in "$root"/src/*.c; do
        tool=$(basename "${source%.c}")
        # check-status speaks as monitors do; with-db only hands the database on.
        case $tool in check-status|with-db) continue ;; esac
        page=$root/src/$tool.1
        [ "$tool" != size-fleet ] || { grep -A 2 '^.Sh EXIT' "$page" | grep -qx '.Xr what-if 1 .'; page=$root/src/what-if.1; }
        codes=$(sed -n '/^.Sh EXIT/,/^.El/s/^.It //p' "$page")
        [ "$(sort -nu <<<"$codes")" = "$codes" ]
        for code in 64 $(nm "$WINDFALL_BIN/$tool" | awk '$3 == "db_connect" { print "74 75 77 78" } $3 == "http_run" { print "65 69 75 76" }'); do
            grep -qx "$code" <<<"$codes" || { echo "$page: $code"; false; }
        done
    done
}
