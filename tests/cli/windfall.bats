# windfall: one name for every tool and job.
#
# bats sets the suite's $root and $stderr.
# shellcheck disable=SC2154
load helper

setup() {
    windfall=$root/scripts/windfall
}

# What nobody calls by hand: parts of jobs, and what belongs to the workshop.
not_commands="alert demo deps mend-dates sbom spread windfall"

@test "every tool and every job is a command, each once, and each command is there" {
    for file in "$root"/src/*.c "$root"/scripts/*; do
        [ -f "$file" ] || continue
        name=$(basename "$file" .c)
        case " $not_commands " in *" $name "*) continue ;; esac
        case $name in *.sh) ;; *) echo "$name" ;; esac
    done | sort -u >"$BATS_TEST_TMPDIR/there"
    "$windfall" --commands >"$BATS_TEST_TMPDIR/commands"
    diff "$BATS_TEST_TMPDIR/there" <(sort "$BATS_TEST_TMPDIR/commands")
    [ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" -ge 40 ]
}

@test "alone, and as help, it lists them in groups with a line each" {
    run --separate-stderr "$windfall"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "${lines[0]}" == "usage: windfall COMMAND"* ]]
    for name in $("$windfall" --commands); do
        [ "$(grep -cE "^  $name +[^ ]" <<<"$output")" -eq 1 ]
    done
    [ "$(grep -cE '^[A-Z][a-z ,]+$' <<<"$output")" -ge 6 ]
    [ "$output" = "$("$windfall" help)" ]
    [ "$output" = "$("$windfall" --help)" ]
}

@test "the man page has the same commands in the same order, with the same words" {
    "$windfall" help | sed -nE 's/^  ([a-z-]+)  +([^ ].*)/\1: \2/p' >"$BATS_TEST_TMPDIR/help"
    sed -n '/^\.Sh COMMANDS/,/^\.Sh ENVIRONMENT/p' "$root/src/windfall.1" |
        awk '/^\.It Cm / { name = $3; getline; print name ": " $0 }' >"$BATS_TEST_TMPDIR/page"
    diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
}

@test "it becomes the command: arguments, streams and status are the command's own" {
    run --separate-stderr "$windfall" help reconcile
    [ "$output" = "$("$root/scripts/reconcile" --help)" ]
    [ "$("$windfall" calc-btc --help)" = "$(calc-btc --help)" ]
    # The job, not the tool that it runs.
    [ "$("$windfall" fix-difficulty --help)" = "$("$root/scripts/fix-difficulty" --help)" ]
    run --separate-stderr "$windfall" reingest "no date"
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"no date: not a date"* ]]
    run --separate-stderr "$windfall" calc-btc --difficulty 110568428300952 --subsidy 3.125 --model S19J_PRO --no-header \
        <<<$'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_X-1\t-1.525'
    [ "$status" -eq 0 ]
    [[ "$output" == $'2025-03-04\t1\tT_X-1\tS19J_PRO\t1.525'* ]]
}

@test "a word of the earlier systems is answered with the new one, and nothing is run" {
    while IFS='|' read -r old new; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr "$windfall" $old
        echo "$old: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [[ "$stderr" == *" is now: windfall $new" ]]
    done <<'END'
reconcile-all|reconcile all
reconcile-range 2025-02-01 2025-02-28|reconcile range FROM TO
reconcile-recent|reconcile recent
fix-critical|reconcile critical DATE
daily 3 true|daily 3 --force
complete-reingestion|reingest DATE
complete_reingestion_process.ts 2025-03-04|reingest DATE
daily_reconciliation_check.ts 5|daily
weekly_reconciliation.sh|exchange-weekly
./scripts/weekly_reconciliation_aws.sh|exchange-weekly
reconcile.ts|reconcile all
simple_reconcile.ts 2025-02-28|reconcile date DATE
batch_reconcile.ts 2025-01-01 2025-01-31|reconcile range FROM TO
batch_process_periods.ts|reingest DATE --periods A-B
process_missing_bitcoin.ts|reconcile missing
fix-march-31-S9.ts|reconcile range 2025-03-01 2025-03-31
fix-bitcoin-calculations.ts|fix-difficulty FROM TO VALUE
scheduled_reconciliation.ts|schedule install
scripts.reconcile_with_exchange --version 2 --tier 1|exchange check TIER
scripts.compute_allocations --version 3 --all-symbols|exchange match
scripts.validate_allocations --version 3|exchange audit N
END
}

@test "and so are the verbs and arguments of the documents by the jobs themselves" {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    while IFS='|' read -r old new; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr "$root"/scripts/$old
        echo "$old: $status $stderr"
        [ "$status" -eq 64 ]
        [[ "$stderr" == *" is now: $new"* ]]
    done <<'END'
reconcile reconcile-all|reconcile all
reconcile reconcile-range 2025-02-01 2025-02-28|reconcile range 2025-02-01 2025-02-28
reconcile fix-critical|reconcile critical DATE
reconcile reconcile 10|reconcile all --batch 10
reconcile 10|reconcile all --batch 10
daily 3 true|daily 3 --force
END
    [ ! -e "$WINDFALL_STATE/logs" ]
}

@test "the new spellings it names are commands" {
    for name in $(sed -n '/^new_spelling/,/^}/s/.*echo "\([a-z-]*\).*/\1/p' "$windfall"); do
        "$windfall" --commands | grep -qx "$name"
    done
}

@test "an unknown command names its nearest, where one is near" {
    while IFS='|' read -r word near; do
        run --separate-stderr "$windfall" "$word"
        echo "$word: $status $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [[ "$stderr" == "windfall: error: $word: no such command$near (windfall help lists them)" ]]
    done <<'END'
dialy|; did you mean windfall daily?
sumary|; did you mean windfall summary?
reconsile|; did you mean windfall reconcile?
fetch-elexn|; did you mean windfall fetch-elexon?
find_missing|; did you mean windfall find-missing?
part|; did you mean windfall partitions?
xyzzy|
../../bin/sh|
.*|
END
    run --separate-stderr "$windfall" help dialy
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"did you mean windfall daily?"* ]]
}

@test "tools that are not built are said to be so" {
    WINDFALL_BIN=$BATS_TEST_TMPDIR run --separate-stderr "$windfall" calc-btc
    [ "$status" -eq 69 ]
    [[ "$stderr" == *"calc-btc is not built yet: run make in $root" ]]
}

@test "a full disk is status 74" {
    status=0
    "$windfall" >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
    [ "$status" -eq 74 ]
}

@test "what root runs is run as the owner of the state, but for what is for root" {
    [ "$(id -u)" -eq 0 ] || skip "only root can become another"
    runuser -u nobody -- test -x "$WINDFALL_BIN/with-db" || skip "nobody may not enter this tree"
    mkdir "$BATS_TEST_TMPDIR/state"
    chown nobody "$BATS_TEST_TMPDIR/state"
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state DATABASE_URL=postgresql://h/d
    # From a folder that nobody may enter, too.
    mkdir -m 700 "$BATS_TEST_TMPDIR/mine"
    cd "$BATS_TEST_TMPDIR/mine" || return
    [ "$("$root/scripts/windfall" with-db id -un)" = nobody ]
    [ "$("$root/scripts/windfall" with-settings id -un)" = root ]
    # Its words arrive as they are, and so does its status.
    [ "$("$root/scripts/windfall" with-db printf '%s|' "a b" "c'd" '')" = "a b|c'd||" ]
    run "$root/scripts/windfall" with-db sh -c 'exit 41'
    [ "$status" -eq 41 ]
    # A folder of root's, or none, changes nothing; and no job makes one that is away.
    chown root "$BATS_TEST_TMPDIR/state"
    [ "$("$root/scripts/windfall" with-db id -un)" = root ]
    WINDFALL_STATE=$BATS_TEST_TMPDIR/none
    [ "$("$root/scripts/windfall" with-db id -un)" = root ]
    echo "WINDFALL_STATE=$WINDFALL_STATE" >"$BATS_TEST_TMPDIR/windfall.conf"
    run env -u WINDFALL_STATE WINDFALL_CONF="$BATS_TEST_TMPDIR/windfall.conf" "$root/scripts/windfall" daily
    [ "$status" -eq 78 ]
    [[ "$output" == *"$WINDFALL_STATE, which the settings name (WINDFALL_STATE), is not there: is its disk mounted? windfall init makes one" ]]
    [ ! -e "$WINDFALL_STATE" ]
    run env -u WINDFALL_STATE WINDFALL_CONF="$BATS_TEST_TMPDIR/windfall.conf" "$root/scripts/windfall" doctor --offline
    [[ "$output" == *$'\n'"state folder"$'\t'bad$'\t'"$WINDFALL_STATE"* ]]
}
