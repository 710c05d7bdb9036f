# What a person sees on a terminal, by a real one (script, of util-linux); and that whoever is none sees what it always saw.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154,SC2030,SC2031
load helper
load month

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# on_terminal COLUMNS COMMAND... - what the command, words of a shell, shows on a terminal so wide; its status is its own.
on_terminal() {
    local columns=$1
    shift
    script -qec "stty cols $columns rows 24; $*" /dev/null </dev/null | tr -d '\r'
    return "${PIPESTATUS[0]}"
}

# The first cells of a table's rows.
firsts() { awk 'NR > 1 && NF { print $1 }'; }

@test "who typed a command that reads rows, and no rows, is told that they are waited for" {
    for words in calc-btc show-rows "find-missing -" "import-trades -" "fetch-prices --file -" "fetch-difficulty --source file --file -"; do
        run on_terminal 80 "$words"
        echo "$words: $output"
        [ "$status" -eq 65 ]
        [[ "$output" == "${words%% *}: reading from this terminal, until Ctrl-D"*"empty: a header line with"* ]]
        run on_terminal 80 "$words </dev/null"
        [[ "$output" != *Ctrl-D* ]]
    done
}

@test "rows are a table on a terminal, within its width, with every digit; TSV in a pipe, a file and by --format" {
    fresh_month
    sql "update ingested_periods set status = 'provisional' where settlement_date >= '2025-03-30' and settlement_period > 40"
    find-missing --by-date 2025-03-29 2025-03-31 >tsv
    [ "$(head -n 1 tsv | tr -dc '\t' | wc -c)" -ge 8 ]
    on_terminal 120 find-missing --by-date 2025-03-29 2025-03-31 >wide
    # The same cells in the same order, aligned: the table is wide enough for whole names.
    [ "$(tr -s ' ' <wide | sed 's/^ //; s/ $//')" = "$(tr '\t' ' ' <tsv)" ]
    [ "$(awk '{ print length($0) }' wide | sort -u | wc -l)" -eq 1 ]
    on_terminal 80 find-missing --by-date 2025-03-29 2025-03-31 >narrow
    [ "$(wc -L <narrow)" -le 80 ]
    [ "$(tail -n 2 narrow | tr -s ' ' | sed 's/^ //; s/ $//')" = "$(tail -n 2 tsv | tr '\t' ' ')" ]
    on_terminal 40 find-missing --by-date 2025-03-29 2025-03-31 >list
    [ "$(wc -L <list)" -le 40 ]
    grep -qx 'settlement_date  2025-03-30' list
    # Whoever names a format, or takes the rows elsewhere, has them as they were.
    on_terminal 80 find-missing --by-date --format tsv 2025-03-29 2025-03-31 | diff tsv -
    on_terminal 80 "find-missing --by-date 2025-03-29 2025-03-31 | cat" | diff tsv -
    on_terminal 80 "find-missing --by-date 2025-03-29 2025-03-31 >file 2>/dev/null"
    diff tsv file
    find-missing --by-date --format table 2025-03-29 2025-03-31 | diff wide -
    # TERM and NO_COLOR change nothing where there is no colour.
    NO_COLOR=1 TERM=dumb on_terminal 80 find-missing --by-date 2025-03-29 2025-03-31 | diff narrow -
}

@test "every kind of tool: rows that are fetched, changes that are printed once, one that answers by listing, no header" {
    fresh_month 2025-03-02
    fetch-elexon -q 2025-03-01 >tsv
    on_terminal 400 fetch-elexon -q 2025-03-01 >table
    [ "$(wc -l <table)" -eq "$(wc -l <tsv)" ]
    [ "$(firsts <table | sort -u)" = 2025-03-01 ]
    calc-btc <tsv >calculated
    on_terminal 400 "calc-btc <tsv" | tr -s ' ' | sed 's/^ //; s/ $//' | diff <(tr '\t' ' ' <calculated) -
    sql "update daily_summaries set records = records + 1 where settlement_date = '2025-03-02'"
    on_terminal 200 rollup-summaries -q 2025-03-01 2025-03-02 >changed
    [ "$(head -n 1 changed | tr -s ' ')" = "level key field old new" ]
    [ "$(grep -c '^day  *2025-03-02  *records ' changed)" -eq 1 ]
    [ -z "$(on_terminal 200 rollup-summaries -q 2025-03-01 2025-03-02)" ]
    sql "update daily_summaries set records = records + 1 where settlement_date = '2025-03-02'"
    run on_terminal 200 audit-calcs -q --no-header 2025-03-02
    [ "$status" -eq 1 ]
    [[ "$output" == "day "*"2025-03-02"*"records"* ]]
    [ "$(grep -c '^level' <<<"$output")" -eq 0 ]
    # More rows than are held to be measured, and what was found before a tool failed.
    (cat calculated; for _ in {1..9}; do sed 1d calculated; done) >many
    [ "$(wc -l <many)" -gt 600 ]
    on_terminal 400 "show-rows <many" | tr -s ' ' | sed 's/^ //; s/ $//' | diff <(tr '\t' ' ' <many) -
    { cat calculated; echo broken; } >odd
    run on_terminal 400 "show-rows <odd"
    [ "$status" -eq 65 ]
    [ "$(grep -c '^2025-03-01' <<<"$output")" -eq "$(sed 1d calculated | wc -l)" ]
}

@test "a name from elsewhere cannot move the cursor" {
    printf 'farm_id\tmwh\nT_A\033[2J\\n\\tB\t1.5\n\\N\t\xe2\x80\xae2\n' >rows
    on_terminal 80 "show-rows <rows" >shown
    [ "$(cat shown)" = "$(printf 'farm_id  mwh\nT_A  B   1.5\n           2')" ]
}

@test "show-rows: from one format to the others, and what it refuses" {
    printf 'a\tb\n1.50\tx "y", z\n\\N\tT_1\n' >rows
    [ "$(show-rows --format csv <rows)" = "$(printf 'a,b\n1.50,"x ""y"", z"\n,T_1')" ]
    [ "$(show-rows --format ndjson <rows)" = "$(printf '{"a":1.50,"b":"x \\"y\\", z"}\n{"a":null,"b":"T_1"}')" ]
    [ "$(printf 'a"b,c\n\351t\351,1\n' | show-rows --format ndjson)" = "$(printf '{"a\\"b":"\357\277\275t\357\277\275","c":1}')" ]
    [ "$(printf 'a"b\tc,d\n1\t2\n' | show-rows --format csv)" = "$(printf '"a""b","c,d"\n1,2')" ]
    show-rows --format csv <rows | show-rows --format tsv | diff <(printf 'a\tb\n1.50\tx "y", z\n\tT_1\n') -
    run --separate-stderr show-rows </dev/null
    [ "$status" -eq 65 ]
    run --separate-stderr show-rows rows
    [ "$status" -eq 64 ]
    run --separate-stderr show-rows --width 5 <rows
    [ "$status" -eq 64 ]
}

@test "jobs print theirs the same way: TSV in a pipe, a table on a terminal, and psql never waits for a pager" {
    fresh_month 2025-03-03
    export PAGER=/bin/false PSQL_PAGER=/bin/false LESS=
    for job in "units declared" "wanted list" "export --list" "migrate --status" "acknowledge --list"; do
        eval "'$root'/scripts/$job" >tsv
        on_terminal 200 "'$root'/scripts/$job" >table || true
        grep -q "$(printf '\t')" tsv
        [ "$(grep -c "$(printf '\t')" table)" -eq 0 ]
        [ "$(wc -l <table)" -ge "$(wc -l <tsv)" ]
        on_terminal 200 "'$root'/scripts/$job | cat" | diff tsv -
    done
    for job in "summary --by day" "rank-farms" "trend records" "trend months"; do
        eval "'$root'/scripts/$job" >page 2>said
        on_terminal 300 "'$root'/scripts/$job 2>/dev/null" >table
        [ "$(wc -l <table)" -ge 2 ]
        on_terminal 300 "'$root'/scripts/$job 2>/dev/null | cat" | diff page -
        [ "$(on_terminal 80 "'$root'/scripts/$job 2>/dev/null" | wc -L)" -le 80 ]
    done
}

@test "a job names its steps and ends with a sentence; its log, a pipe and a file have the same facts as ever" {
    fresh_month 2025-03-03
    no_network
    job="'$root'/scripts/reconcile date 2025-03-02"
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-02' and miner_model = 'S9'"
    TERM=xterm on_terminal 80 "$job" | sed 's/\x1b\[K//g' >shown
    grep -Eqx '[0-9:]{8} check' shown
    grep -Eqx '[0-9:]{8} check done, ([0-9]+ ms|[0-9]+\.[0-9] s)' shown
    grep -Eqx 'reconcile: what was missing or wrong has been put right, everything is correct \([0-9.]+ m?s\)' shown
    grep -Eq '^  1 date, [0-9]+ expected' shown
    grep -qx "  log: $logs/reconcile_[0-9_]*.log" shown
    [ "$(grep -cE 'verdict=|step=|level=|ts=' shown)" -eq 0 ]
    # The log is a log.
    tail -n 1 "$logs/reconcile_latest.log" | grep -Eq '^verdict=mended job=reconcile run=[0-9a-f]{8} status=0 step=[a-z-]+ ms=[0-9]+ dates=1 expected='
    grep -Eq '^ts=[^ ]+ level=info tool=reconcile .* step=check msg="step begins"$' "$logs/reconcile_latest.log"
    grep -Eq ' step=check msg="step done" ms=[0-9]+$' "$logs/reconcile_latest.log"
    [ "$(grep -c "$(printf '\033')" "$logs/reconcile_latest.log")" -eq 0 ]
    # Each stream alone elsewhere: the verdict is key=value wherever no person looks.
    on_terminal 80 "$job >file" >shown
    [ "$(wc -l <file)" -eq 1 ]
    grep -q '^verdict=ok job=reconcile ' file
    grep -Eq '[0-9:]{8} check' shown
    on_terminal 80 "$job 2>/dev/null" >shown
    [ "$(head -n 1 shown | cut -d '(' -f 1)" = "reconcile: nothing had to be done, everything is correct " ]
    [ "$(wc -l <shown)" -eq 3 ]
    on_terminal 80 "$job 2>/dev/null | cat" | grep -q '^verdict=ok job=reconcile '
    # A terminal that has no cursor to move, and a narrow one.
    TERM=dumb on_terminal 40 "$job" >shown
    [ "$(grep -c "$(printf '\033')" shown)" -eq 0 ]
    [ "$(grep '^  [0-9]' shown | wc -L)" -le 40 ]
    # What went wrong, and where.
    run on_terminal 80 "DATABASE_URL=postgresql:///none?host=/nowhere $job"
    [ "$status" -ne 0 ]
    [[ "$output" == *"reconcile: failed in step database with status $status: "* ]]
}

@test "how far a tool has come, and the time left, also within a job; nothing of it is left on the screen, in the log or in a pipe" {
    fresh_db
    cat >slow.conf <<-'END'
	location /balancing/ { echo_sleep 0.04; echo '{"data":[]}'; }
	location /down/ { echo_status 503; echo_sleep 0.1; echo down; }
	END
    replay_start "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/slow.conf"
    fetch="fetch-elexon --rate 25 --periods 1-20 --base-url $REPLAY_URL 2025-03-01 2025-03-02"
    TERM=xterm script -qec "$fetch" /dev/null </dev/null >shown || true
    grep -Eq '[0-9]+ of 40 periods, [0-9.]+ a second, [0-9]+ s left' shown
    # Of half a year there are minutes left, of ten years hours; the source gives up soon.
    down="fetch-elexon --rate 25 --attempts 1 --retry-wait 0.05 --base-url $REPLAY_URL/down"
    TERM=xterm script -qec "$down 2025-04-01 2025-10-01" /dev/null </dev/null >shown || true
    grep -Eq ' of 8832 periods, [0-9.]+ a second, [1-9][0-9]? min left' shown
    TERM=xterm script -qec "$down 2016-01-01 2025-12-31" /dev/null </dev/null >shown || true
    grep -Eq ' of 175344 periods, [0-9.]+ a second, [1-9][0-9]* h [0-9]+ min left' shown
    # What is said behind it wipes the line.
    tr '\r' '\n' <shown | grep -c '^.\[K[a-z-]*' >wiped
    [ "$(cat wiped)" -ge 1 ]
    TERM=dumb script -qec "$fetch" /dev/null </dev/null >shown || true
    [ "$(grep -c ' s left' shown)" -eq 0 ]
    $fetch >rows 2>said || true
    [ "$(grep -c ' s left' said)" -eq 0 ]
    # A tool whose messages go to a job's log shows it on the terminal that the job names.
    TERM=xterm script -qec "WINDFALL_PROGRESS=3 $fetch 3>&2 2>said >rows" /dev/null </dev/null >shown || true
    grep -q ' of 40 periods, ' shown
    [ "$(grep -c ' s left' said)" -eq 0 ]
}
