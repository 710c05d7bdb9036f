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
