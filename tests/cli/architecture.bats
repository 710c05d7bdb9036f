# ARCHITECTURE.md and CONTRIBUTING.md speak of what is there.
#
# bats sets the suite's $root.
# shellcheck disable=SC2154
load helper

@test "every path and every table that the two pages name exists" {
    cd "$root" || return
    named=0
    for word in $(grep -oh '`[^`]*`' ARCHITECTURE.md CONTRIBUTING.md | tr -d '`' | sed 's/ .*//' | sort -u); do
        case $word in
        *NAME*|_*) continue ;;
        */*|*.md) [ -e "$word" ] || { echo "$word is not there"; false; } ;;
        *_*)
            # A table, a column, or a word of the C sources.
            grep -qrw -- "$word" sql src scripts || { echo "$word is nowhere"; false; } ;;
        *) continue ;;
        esac
        named=$((named + 1))
    done
    [ "$named" -ge 40 ]
}

@test "the top level has its pages and folders, and nothing that a try left behind" {
    cd "$root" || return
    git ls-files ':(glob)*' >"$BATS_TEST_TMPDIR/files" || skip "not a clone"
    run grep -vE '^(\.[a-z-]+|[A-Z]+\.md|LICENSE|Makefile)$' "$BATS_TEST_TMPDIR/files"
    echo "$output"
    [ "$status" -eq 1 ]
}

@test "every room of src/lib is on the page, and no other" {
    cd "$root" || return
    diff <(grep -oh '`src/lib/[a-z]*`' ARCHITECTURE.md | tr -d '`' | sort -u) <(printf '%s\n' src/lib/* | sort)
}

@test "every function that a header of src/lib declares is called by the product, not by tests alone" {
    cd "$root" || return
    cat src/lib/*/*.c src/*.c | grep -oE '\b[a-z][a-z0-9_]*\b' | sort | uniq -c | awk '$1 == 1 { print $2 }' >"$BATS_TEST_TMPDIR/once"
    # Where it is defined, the name stands at the left; a macro or an inline function may be the caller.
    for name in $(cat src/lib/*/*.h | grep -oE '^[a-z].*\(' | grep -oE '[a-z][a-z0-9_]*\($' | tr -d '(' | sort -u | comm -12 - "$BATS_TEST_TMPDIR/once"); do
        [ "$(cat src/lib/*/*.h | grep -cw "$name")" -gt 1 ] || echo "$name"
    done >"$BATS_TEST_TMPDIR/idle"
    cat "$BATS_TEST_TMPDIR/idle"
    [ ! -s "$BATS_TEST_TMPDIR/idle" ]
}

@test "no script finds a column of a table by its number" {
    cd "$root" || return
    run grep -nE "cut( -d '	')? -f|awk -F '.t'|sort -t '	'" scripts/*
    echo "$output"
    [ "$(grep -cvE '^scripts/(sbom|local-db):|Is a directory' <<<"$output")" -eq 0 ]
    # The one place that opens a header.
    [ "$(grep -l "awk -F '.t'" scripts/lib/*)" = scripts/lib/table.sh ]
}

@test "every test that the threat table of SECURITY.md names is there, and every row names one" {
    cd "$root" || return
    rows=0
    while IFS='|' read -r _ who _ holds shown _; do
        case $who in ' who '|---*) continue ;; esac
        rows=$((rows + 1))
        [ -n "$holds" ]
        named=0
        for path in $(grep -o '`tests/[^`]*`' <<<"$shown" | tr -d '`'); do
            [ -e "$path" ] || { echo "$path is not there"; false; }
            named=$((named + 1))
        done
        [ "$named" -ge 1 ] || { echo "no test for: $who"; false; }
    done < <(grep '^|' SECURITY.md)
    [ "$rows" -ge 15 ]
}

# Read from the headers, so that a parser of tomorrow is missed, too.
@test "every parser of a body has a target of the fuzzer" {
    cd "$root" || return
    cat src/lib/*/*.h | tr -s '\n\t ' ' ' | grep -oE '[a-z_0-9]+\([^()]*const char \*(body|text|json), size_t len[^()]*\)' |
        grep -oE '^[a-z_0-9]+' | sort -u >"$BATS_TEST_TMPDIR/parsers"
    # Those that read whole documents; the others are of a single figure or a text for people.
    grep -E '_(parse|read)(_|$)' "$BATS_TEST_TMPDIR/parsers" >"$BATS_TEST_TMPDIR/documents"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/documents")" -ge 20 ]
    while read -r parser; do
        # What a key is read with, and cdp_key_parse() has one.
        [ "$parser" != json_parse_private ] || continue
        grep -q "\b$parser(" tests/fuzz/*.c || { echo "$parser has none"; false; }
    done <"$BATS_TEST_TMPDIR/documents"
}

@test "every row of the bench is in the list of rows, each once, and bench/run reads every file of its folder" {
    cd "$root" || return
    diff <(sed -n 's/^row_\([a-z_]*\)() .*/\1/p' bench/*.sh | sort) \
        <(sed -n 's/^all_rows="\{0,1\}\(\$all_rows \)\{0,1\}//p' bench/run | tr -d "\"'" | tr ' ' '\n' | sort)
    diff <(sed -n 's|^\. "\$root/\(bench/.*\)"$|\1|p' bench/run | sort) <(printf '%s\n' bench/*.sh | sort)
}

@test "the bench refuses a row that is not there, and a length of no days, before it makes anything" {
    run env BENCH_ROWS=no_such_row TMPDIR=/nowhere "$root/bench/run"
    [ "$status" -eq 64 ]
    [[ "$output" == "bench: BENCH_ROWS: there is no row no_such_row; there are whole_day "* ]]
    run env BENCH_DAYS=0 TMPDIR=/nowhere "$root/bench/run"
    [ "$status" -eq 64 ]
}
