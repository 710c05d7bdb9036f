# Every pair of jobs at once, the second a moment by the seed after the first: nobody loses anything to the other, and
# who cannot go on says that it is for later.
# shellcheck disable=SC2034,SC2154 # root is the suite's
load drill

setup_file() { section pairs; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    hook
    export WINDFALL_BACKUP=off
    before_fault() {
        forget_the_third
        sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-02'"
    }
}

jobs() {
    cat <<-END
		daily 3
		realtime
		weekly 3
		reingest 2025-03-03
		reconcile range 2025-03-01 2025-03-03 --jobs 2
		reconcile missing
		partitions ensure 2
		mend-dates
	END
}

@test "every pair of jobs" {
    clock_at "2025-03-04 05:00:00"
    undisturbed "${clock[@]}" "$root/scripts/daily" 3
    "${clock[@]}" "$root/scripts/partitions" ensure 2
    only_until 2025-03-03
    held_now >"$BATS_TEST_TMPDIR/undisturbed"
    mapfile -t all < <(jobs)
    tried=0
    for ((i = 0; i < ${#all[@]}; i++)); do
        for ((j = i; j < ${#all[@]}; j++)); do
            tried=$((tried + 1))
            # A shorter drill takes some of them, by the seed.
            chance 36
            [ -z "${DRILL_ROUNDS:-}" ] || [ "$chosen" -lt "$DRILL_ROUNDS" ] || [ "$tried" -eq 1 ] || continue
            before_fault
            # shellcheck disable=SC2086 # a job and its arguments
            printf 'settlement_date\n2025-03-03\n' | "${clock[@]}" "$root/scripts/"${all[i]} >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
            first=$!
            chance 400
            sleep "0.$(printf %03d "$chosen")"
            # shellcheck disable=SC2086
            printf 'settlement_date\n2025-03-03\n' | "${clock[@]}" "$root/scripts/"${all[j]} >"$BATS_TEST_TMPDIR/second" 2>&1 3>&- &
            second=$!
            one=0 two=0 untruth=
            wait "$first" || one=$?
            wait "$second" || two=$?
            # 1: it saw what the other was still at, and said so.
            [[ " 0 1 75 " == *" $one "* ]] || untruth="${all[i]} ended with $one: $(tail -n 1 "$BATS_TEST_TMPDIR/first" | cut -c 1-200)"
            [[ " 0 1 75 " == *" $two "* ]] || untruth="${all[j]} ended with $two: $(tail -n 1 "$BATS_TEST_TMPDIR/second" | cut -c 1-200)"
            again "${clock[@]}" "$root/scripts/daily" 3
            # What realtime has of the day that is not over is nobody else's.
            only_until 2025-03-03
            judge "${all[i]} beside ${all[j]}"
        done
    done
    nothing_broke
}

# The exchange's: whichever two of them meet, the weekly run then leaves what it leaves alone.
@test "every pair of jobs of the exchange" {
    fresh_books
    undisturbed "$root/scripts/exchange-weekly"
    local all=(exchange-weekly "exchange fetch" "exchange check 1")
    for ((i = 0; i < ${#all[@]}; i++)); do
        for ((j = i; j < ${#all[@]}; j++)); do
            before_fault
            # shellcheck disable=SC2086 # a job and its arguments
            "$root/scripts/"${all[i]} >"$BATS_TEST_TMPDIR/first" 2>&1 </dev/null 3>&- &
            first=$!
            chance 400
            sleep "0.$(printf %03d "$chosen")"
            # shellcheck disable=SC2086
            "$root/scripts/"${all[j]} >"$BATS_TEST_TMPDIR/second" 2>&1 </dev/null 3>&- &
            second=$!
            one=0 two=0 untruth=
            wait "$first" || one=$?
            wait "$second" || two=$?
            [[ " 0 1 75 " == *" $one "* ]] || untruth="${all[i]} ended with $one: $(tail -n 1 "$BATS_TEST_TMPDIR/first" | cut -c 1-200)"
            [[ " 0 1 75 " == *" $two "* ]] || untruth="${all[j]} ended with $two: $(tail -n 1 "$BATS_TEST_TMPDIR/second" | cut -c 1-200)"
            again "$root/scripts/exchange-weekly" --deep
            judge "${all[i]} beside ${all[j]}"
        done
    done
    nothing_broke
}

# Two machines share nothing but the database: no lock of a job keeps their runs apart.
meetings() {
    cat <<-END
		daily 3 | reconcile range 2025-03-01 2025-03-03 --jobs 2
		reingest 2025-03-03 | reingest 2025-03-02 2025-03-03
		daily 3 | daily 3
		reconcile all | mend-dates
		calc-btc -q --store 2025-03-01 2025-03-03 | fetch-elexon -q --store 2025-03-03
		calc-btc -q --store 2025-03-01 2025-03-03 | calc-btc -q --store 2025-03-02 2025-03-03
		rollup-summaries -q 2025-03-01 2025-03-03 | calc-btc -q --store 2025-03-03
		partitions ensure 8 | fetch-elexon -q --store 2025-03-03
		partitions ensure 9 | partitions ensure 9
		partitions ensure 10 | reingest 2025-03-03
		weekly 3 | daily 3
	END
}

# A command of the tools by its name, one of the scripts by its place.
on_machine() {
    local state=$1 words
    read -ra words <<<"$2"
    [ ! -e "$root/scripts/${words[0]}" ] || words[0]=$root/scripts/${words[0]}
    printf 'settlement_date\n2025-03-03\n' | WINDFALL_STATE=$state "${clock[@]}" "${words[@]}" 3>&-
}

# meet NAME ONE OTHER RECOVERY...: both at once, the other a moment by the seed later; then the recovery, and judge.
meet() {
    local one=0 two=0 first
    before_fault
    on_machine "$WINDFALL_STATE" "$2" >"$BATS_TEST_TMPDIR/first" 2>&1 &
    first=$!
    chance 250
    sleep "0.$(printf %03d "$chosen")"
    on_machine "$BATS_TEST_TMPDIR/elsewhere" "$3" >"$BATS_TEST_TMPDIR/second" 2>&1 || two=$?
    wait "$first" || one=$?
    untruth=
    [[ " 0 1 75 " == *" $one "* ]] || untruth="$2 ended with $one: $(tail -n 2 "$BATS_TEST_TMPDIR/first")"
    [[ " 0 1 75 " == *" $two "* ]] || untruth="$3 ended with $two: $(tail -n 2 "$BATS_TEST_TMPDIR/second")"
    ! grep -hs 'could not serialize' "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second" "$logs"/*.log "$BATS_TEST_TMPDIR"/elsewhere/logs/*.log >"$BATS_TEST_TMPDIR/strict" ||
        untruth="a session had another isolation: $(head -n 2 "$BATS_TEST_TMPDIR/strict")"
    rm -f "$logs"/*.log "$BATS_TEST_TMPDIR"/elsewhere/logs/*.log
    echo "$1: $2 ($one) | $3 ($two)"
    again "${@:4}"
    [ -z "${last:-}" ] || only_until "$last"
    judge "$1: $2 beside $3"
}

@test "two machines on a server whose transactions are stricter" {
    clock_at "2025-03-04 05:00:00"
    undisturbed "${clock[@]}" "$root/scripts/daily" 3
    only_until 2025-03-03
    held_now >"$BATS_TEST_TMPDIR/undisturbed"
    tried=0
    for isolation in serializable "repeatable read"; do
        ask_server postgres postgres "alter database $TEST_DB set default_transaction_isolation = '$isolation'"
        while IFS='|' read -r one other; do
            tried=$((tried + 1))
            chance 22
            [ -z "${DRILL_ROUNDS:-}" ] || [ "$chosen" -lt "$DRILL_ROUNDS" ] || [ "$tried" -eq 1 ] || continue
            last=2025-03-03 meet "$isolation" "${one% }" "${other# }" "${clock[@]}" "$root/scripts/daily" 3
        done < <(meetings)
    done
    nothing_broke
}

@test "two machines with one ledger on a server whose transactions are stricter" {
    fresh_books
    clock=()
    undisturbed "$root/scripts/exchange-weekly"
    ask_server postgres postgres "alter database books_$TEST_DB set default_transaction_isolation = 'serializable'"
    local all=(exchange-weekly "exchange fetch" "exchange check 1")
    for ((i = 0; i < ${#all[@]}; i++)); do
        for ((j = i; j < ${#all[@]}; j++)); do
            meet serializable "${all[i]}" "${all[j]}" "$root/scripts/exchange-weekly" --deep
        done
    done
    # Each match adds a version, and current is whichever came last: all of them are sound, and one is current.
    held_now() {
        local version
        for version in $(sql "select version from fifo_versions order by 1"); do
            audit-fifo -q --no-header --fifo "$version" || return
        done
        sql "select count(*) filter (where is_current), count(*) > 1 from fifo_versions"
    }
    undisturbed "$root/scripts/exchange" match
    meet serializable "exchange match" "exchange match" "$root/scripts/exchange" versions
    meet serializable "exchange match" exchange-weekly "$root/scripts/exchange" versions
    nothing_broke
}
