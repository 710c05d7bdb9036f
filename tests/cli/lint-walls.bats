# The lint that keeps the rooms of src/lib apart: it must see an edge that climbs and a name that hides.
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    mkdir -p "$BATS_TEST_TMPDIR/lib/exact" "$BATS_TEST_TMPDIR/lib/ledger" "$BATS_TEST_TMPDIR/o"
    cd "$BATS_TEST_TMPDIR" || return
    printf 'int exact_one(void);\n' >lib/exact/one.h
    printf '#include "exact/one.h"\nint exact_one(void) { return 1; }\n' >lib/exact/one.c
}

lint_walls() {
    local file
    for file in lib/*/*.c; do
        mkdir -p "o/$(basename "$(dirname "$file")")"
        gcc -Ilib -I"$root/src/lib" -I/usr/include/postgresql -c -o "o/${file#lib/}.o" "$file"
        mv "o/${file#lib/}.o" "o/$(echo "${file#lib/}" | sed 's/\.c$/.o/')"
    done
    run "$root/tests/lint-walls" "$PWD/lib" "$PWD/o"
    echo "$status: $output"
}

@test "the suite's own rooms are sound" {
    run "$root/tests/lint-walls"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "an include that climbs is refused, downwards it is not" {
    printf '#include "exact/one.h"\n' >lib/ledger/books.c
    lint_walls
    [ "$status" -eq 0 ]
    printf '#include "ledger/trade.h"\n' >>lib/exact/one.h
    lint_walls
    [ "$status" -eq 1 ]
    [ "$output" = "$PWD/lib/exact/one.h: exact must not use ledger (ledger/trade.h)" ]
}

@test "an include without its room, and a room that nobody knows, are refused" {
    printf '#include "one.h"\n' >lib/ledger/books.h
    mkdir lib/attic
    printf '#include "exact/one.h"\n' >lib/attic/old.h
    lint_walls
    [ "$status" -eq 1 ]
    [[ "$output" == *"lib/ledger/books.h: \"one.h\" is included without its room"* ]]
    [[ "$output" == *"lib/attic/old.h: no room is called attic"* ]]
}

@test "a header that a comment names and nobody has is refused; one of the system or of another project is not" {
    printf '/* As one.h and exact/one.h say; EX_OK is of sysexits.h, a code of src/rpc/protocol.h. */\n' >>lib/exact/one.c
    lint_walls
    [ "$status" -eq 0 ]
    printf '/* Counted before (two.h). */\n' >>lib/exact/one.c
    lint_walls
    [ "$status" -eq 1 ]
    [ "$output" = "$PWD/lib/exact/one.c: no header is called two.h" ]
}

@test "a pure module that opens a file, asks the clock or the database, or ends the process is refused" {
    local line
    while IFS='|' read -r line suffix; do
        printf '#include <libpq-fe.h>\n#include <stdio.h>\n#include <time.h>\n%s\n' "$line" >lib/exact/one.c
        lint_walls
        [ "$status" -eq 1 ]
        [[ "$output" == "$PWD/lib/exact/one.c: needs "*", so its name must end in $suffix" ]]
    done <<'LINES'
FILE *f(void) { return fopen("x", "r"); }|_io
time_t f(void) { return time(NULL); }|_io
void die(int status, const char *fmt, ...); void f(void) { die(65, "no"); }|_io
void f(PGconn *c) { PQfinish(c); }|_db
LINES
}

@test "a name that claims the world without touching it is refused" {
    mv lib/exact/one.c lib/exact/one_db.c
    lint_walls
    [ "$status" -eq 1 ]
    [ "$output" = "$PWD/lib/exact/one_db.c: touches nothing of the world, so its name must not end in _db" ]
}
