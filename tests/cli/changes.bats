# What changed in the summaries, handed to programs and listeners: each line once, in order.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load sums
load elexon
load month

changes() { "$root/scripts/changes" "$@"; }

hook_program() { # NAME SCRIPT
    mkdir -p "$WINDFALL_STATE/etc/changes.d"
    printf '#!/bin/sh\n%s\n' "$2" >"$WINDFALL_STATE/etc/changes.d/$1"
    chmod 755 "$WINDFALL_STATE/etc/changes.d/$1"
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

rows() { printf 'level\tkey\tfield\told\tnew\n'; printf '%s\n' "$@"; }

@test "each line is whole JSON with when and why, in the order of the rows" {
    fresh_db
    rows $'day\t2025-03-04\tpayment\t\\N\t30.5' $'bitcoin_month\t2025-03 S9"x\tcalculations\t1\t\\N' $'day\t2025-03-05\tnote\ta\\tb\tc\\\\d' >rows
    changes --dry-run --why 'a "price" \ was
corrected' <rows >lines
    [ "$(wc -l <lines)" -eq 3 ]
    [ "$(jq -r .key lines | paste -sd ,)" = '2025-03-04,2025-03 S9"x,2025-03-05' ]
    [ "$(jq -c '[.old, .new]' lines | paste -sd ' ')" = '[null,"30.5"] ["1",null] ["a\tb","c\\d"]' ]
    [ "$(jq -r .why lines | sort -u)" = 'a "price" \ was corrected' ]
    jq -e '.when | fromdate > 1700000000' lines >even
    # What is not UTF-8 is not in JSON either.
    hook_program keep 'cat >>"$WINDFALL_STATE/kept"'
    rows $'day\t2025-03-04 \xe9\tpayment\t\\N\t30.5' | changes
    [[ "$(iconv -f UTF-8 -t UTF-8 "$WINDFALL_STATE/kept")" == *'"2025-03-04 '$'\xef\xbf\xbd''"'* ]]
    rm "$WINDFALL_STATE/kept"
    # Nothing changed: nothing is handed on.
    changes </dev/null
    rows | head -n 1 | changes
    [ ! -e "$WINDFALL_STATE/kept" ]
    # What rollup-summaries did not print is refused.
    status=0
    printf 'a\tb\n1\t2\n' | changes 2>said || status=$?
    [ "$status" -eq 65 ]
    grep -q 'not what rollup-summaries prints' said
}

@test "a job hands on what it changed, once: to every program, and to whoever listens" {
    fresh_month 2025-03-05
    no_network
    hook_program 10-keep 'cat >>"$WINDFALL_STATE/kept"'
    hook_program 20-fails 'exit 3'
    hook_program 30-last 'cat >>"$WINDFALL_STATE/last"'
    # The example of the README: what each day was paid, and each correction of it.
    hook_program 40-payments 'jq -r '\''select(.level == "day" and .field == "payment") | [.when, .key, .old, .new] | @tsv'\'' >>"$WINDFALL_STATE/payments.tsv"'
    # A listener, of a session of its own, that asks until the job is done.
    (
        echo 'listen windfall_changes;'
        for _ in $(seq 100); do
            [ ! -e ended ] || break
            sleep 0.2
            echo 'select;'
        done
        echo 'select;'
    ) | psql -XAtq -d "$DATABASE_URL" >heard 2>&1 3>&- &
    listener=$!
    run --separate-stderr "$root/scripts/reingest" 2025-03-06
    touch ended
    wait "$listener"
    [ "$status" -le 1 ] || { echo "$status $output $stderr"; cat "$logs"/reingest_latest.log; false; }
    [ -s "$WINDFALL_STATE/kept" ]
    # Another program's failure is warned of and stops nobody.
    cmp "$WINDFALL_STATE/kept" "$WINDFALL_STATE/last"
    grep -q 'a program for changes failed.*20-fails.*status=3' "$logs/reingest_latest.log"
    # Heard in the same order, each once.
    sed -n 's/^Asynchronous notification "windfall_changes" with payload "\(.*\)" received.*$/\1/p' heard >lines
    cmp lines "$WINDFALL_STATE/kept"
    [ "$(sort lines | uniq -d)" = "" ]
    [ "$(jq -r 'select(.level == "day" and .field == "payment") | .new' lines)" = "$(sql "select trim_scale(payment) from daily_summaries where settlement_date = '2025-03-06'")" ]
    [ "$(cut -f 2 "$WINDFALL_STATE/payments.tsv")" = 2025-03-06 ]
    grep -q '"why":"job reingest run [0-9a-f]*"' lines
    # The next run changes nothing and hands nothing on.
    cp "$WINDFALL_STATE/kept" before
    run --separate-stderr "$root/scripts/reingest" 2025-03-06
    cmp before "$WINDFALL_STATE/kept"
}

@test "a program that others may write is not run; one that hangs is ended" {
    fresh_db
    hook_program open 'cat >>"$WINDFALL_STATE/open"'
    chmod 777 "$WINDFALL_STATE/etc/changes.d/open"
    hook_program plain 'echo not to be run'
    chmod 644 "$WINDFALL_STATE/etc/changes.d/plain"
    # A name is one by the rule of etc/hooks.d, and a link to a program is the program.
    hook_program keep.sh 'cat >>"$WINDFALL_STATE/misnamed"'
    long=$(printf '%065d' 0)
    hook_program "$long" 'cat >>"$WINDFALL_STATE/misnamed"'
    hook_program "${long#0}" 'cat >>"$WINDFALL_STATE/sixty-four"'
    printf '#!/bin/sh\ncat >>"$WINDFALL_STATE/linked"\n' >elsewhere
    chmod 755 elsewhere
    ln -s "$PWD/elsewhere" "$WINDFALL_STATE/etc/changes.d/linked"
    hook_program loud 'echo loud token=S3cret >&2; head -c 300000 /dev/zero | tr "\0" x; echo >"$WINDFALL_STATE/heard"'
    hook_program slow 'exec sleep 60'
    began=$SECONDS
    rows $'day\t2025-03-04\tpayment\t\\N\t30.5' | WINDFALL_CHANGES_TIMEOUT=1 changes 2>said
    [ $((SECONDS - began)) -lt 30 ]
    grep -q 'not run: other users may write to it' said
    [ ! -e "$WINDFALL_STATE/open" ]
    ! grep -q 'not to be run' said || false
    grep -q 'not run because of its name.*keep\.sh' said
    [ ! -e "$WINDFALL_STATE/misnamed" ]
    grep -q "not run because of its name.*/$long\b" said
    [ -s "$WINDFALL_STATE/sixty-four" ]
    [ -s "$WINDFALL_STATE/linked" ]
    # What one prints is for the log, and no more of it than that takes; it ends as if all were read.
    [ -e "$WINDFALL_STATE/heard" ]
    grep -qx 'loud token=\*\*\*' said
    [ "$(wc -c <said)" -lt 30000 ]
    grep -q 'a program for changes failed' said
    # Of a folder that others may write nothing is run.
    rm "$WINDFALL_STATE/linked"
    chmod 777 "$WINDFALL_STATE/etc/changes.d"
    rows $'day\t2025-03-04\tpayment\t\\N\t30.5' | changes 2>said
    grep -q 'nothing of it is run' said
    [ ! -e "$WINDFALL_STATE/linked" ]
}

@test "a corrected difficulty passes on what it changed, and a dry run nothing" {
    fresh_month 2025-03-09
    no_network
    hook_program keep 'cat >>"$WINDFALL_STATE/kept"'
    "$root/scripts/fix-difficulty" --dry-run --force --reason test 2025-03-05 2025-03-05 120000000000000 >rows 2>said
    [ ! -e "$WINDFALL_STATE/kept" ]
    run --separate-stderr "$root/scripts/fix-difficulty" --force --reason test 2025-03-05 2025-03-05 120000000000000
    [ "$status" -le 1 ]
    # Each row that it printed, in its order.
    jq -r '[.level, .key, .field, .old // "\\N", .new // "\\N"] | join("\t")' "$WINDFALL_STATE/kept" >passed
    printf '%s\n' "$output" | grep -v -e '^level' -e '^verdict=' | cmp - passed
    grep -q $'^bitcoin_day\t2025-03-05 S9\tbitcoin_mined\t' passed
    grep -q '"why":"job fix-difficulty run [0-9a-f]*"' "$WINDFALL_STATE/kept"
}
