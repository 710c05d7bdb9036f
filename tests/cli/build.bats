# How the programs are built: guarded, the same in every folder, with the environment's flags; and of what.
# shellcheck disable=SC2154 # root and stderr are the suite's and bats'
load helper

# A copy of what a build reads, in a folder of the given name.
copy_of_tree() {
    mkdir -p "$1/tests"
    cp -R "$root/Makefile" "$root/src" "$root/sql" "$root/scripts" "$1/"
    cp -R "$root/tests/unit" "$root/tests/fuzz" "$root/tests/"*.c "$1/tests/"
}

@test "every program is position-independent, has a guarded stack, and is read-only where it can be" {
    for program in "$WINDFALL_BIN"/[a-z]*; do
        echo "$program"
        run readelf -hldW --dyn-syms "$program"
        [ "$status" -eq 0 ]
        [[ "$output" =~ Type:\ *DYN ]]
        [[ "$output" =~ FLAGS_1[^$'\n']*NOW[^$'\n']*PIE ]]
        [[ "$output" == *GNU_RELRO* ]]
        [[ "$output" =~ GNU_STACK[^$'\n']*\ RW\  ]]
        [[ "$output" != *RPATH* && "$output" != *RUNPATH* && "$output" != *TEXTREL* ]]
        [[ "$output" == *__stack_chk_fail* ]]
        # A sanitizer checks the string functions itself; what counts lines is not optimized, and has no checked ones.
        [ "${TEST_BUILD:-}" = build/coverage ] || [[ "$output" == *__asan_init* ]] || [[ "$output" =~ __[a-z]*printf_chk ]]
    done
    # Only x86 has marks where an indirect call may land, and each object says that it has them all.
    if [ "$(uname -m)" = x86_64 ]; then
        objects=("$root/${TEST_BUILD:-build}"/*.o "$root/${TEST_BUILD:-build}"/lib/*/*.o)
        readelf -nW "${objects[@]}" | awk '
            /^File: / { file = $0; files++ }
            /x86 feature: IBT, SHSTK/ && !marked[file]++ { n++ }
            END { print files, n }' >"$BATS_TEST_TMPDIR/marked"
        [ "$(<"$BATS_TEST_TMPDIR/marked")" = "${#objects[@]} ${#objects[@]}" ] ||
            { for object in "${objects[@]}"; do readelf -nW "$object" | grep -q 'x86 feature: IBT, SHSTK' || echo "$object"; done; false; }
    fi
}

@test "the version of the schema follows a migration that is renumbered or taken away" {
    copy_of_tree "$BATS_TEST_TMPDIR/tree"
    cd "$BATS_TEST_TMPDIR/tree" || return
    : >sql/998-last.sql
    make -s build/query/migrations.h
    grep -qx '#define SCHEMA_VERSION 998' build/query/migrations.h
    # As if all of it were of last year: a file that is moved keeps its time.
    touch -d '1 year ago' sql/*.sql sql build/query/migrations.h
    mv sql/998-last.sql sql/997-last.sql
    make -s build/query/migrations.h
    grep -qx '#define SCHEMA_VERSION 997' build/query/migrations.h
    touch -d '1 year ago' sql build/query/migrations.h
    rm sql/997-last.sql
    make -s build/query/migrations.h
    diff "$root/${TEST_BUILD:-build}/query/migrations.h" build/query/migrations.h
}

# A seeded sample of the programs and of the library's objects is compiled in both folders, the programs linked with the
# library as it is built; `make drill` compiles all of it.
# An upgrade is made while cron runs the jobs.
@test "a program is replaced whole: a job that runs while it is linked finds the one before" {
    run make -n -B --no-print-directory -C "$root" BUILD=build BIN=bin bin/show-rows
    [ "$status" -eq 0 ]
    [[ "$output" == *" -o bin/.show-rows build/show-rows.o "*"mv -f bin/.show-rows bin/show-rows" ]]
    [[ "$output" != *" -o bin/show-rows "* ]]
    # Two builds at once, as in two terminals, would link what the other is compiling.
    printf '#!/bin/sh\nflock -n "%s" true || echo waits\nexit 1\n' "$BATS_TEST_TMPDIR/build/lock" >"$BATS_TEST_TMPDIR/make"
    chmod +x "$BATS_TEST_TMPDIR/make"
    for goal in demo check quickcheck; do
        run make -s --no-print-directory -C "$root" BUILD="$BATS_TEST_TMPDIR/build" MAKE="$BATS_TEST_TMPDIR/make" "$goal"
        [ "${lines[-2]}" = waits ] || { echo "$output"; false; }
    done
    # Of two demonstrations the second finds nothing to do; the server that the first starts has no part of the lock.
    run make -n --no-print-directory -C "$root" BUILD="$BATS_TEST_TMPDIR/build" MAKE=true demo
    [ "${lines[-1]}" = "flock -o $BATS_TEST_TMPDIR/build/lock scripts/demo" ]
}

@test "two builds in two folders are the same bytes" {
    SEED=${SEED:-$RANDOM}
    RANDOM=$SEED
    mapfile -t picked < <(cd "$root/src" && for source in *.c lib/*/*.c; do echo "$RANDOM $source"; done | sort -n |
        awk '$2 ~ /^lib/ ? ++objects <= 6 : ++programs <= 2 { sub(/\.c$/, "", $2); print ($2 ~ /^lib/ ? "build/" $2 ".o" : "bin/" $2) }')
    echo "SEED=$SEED: ${picked[*]}"
    [ "${#picked[@]}" -eq 8 ]
    # Debug data, which names folders most; without the optimizer, which takes the time.
    for folder in one "another/folder, deeper"; do
        copy_of_tree "$BATS_TEST_TMPDIR/$folder"
        cd "$BATS_TEST_TMPDIR/$folder" || return
        built=()
        # Objects of another build, such as the sanitizers', do not go with these flags.
        [ -n "${TEST_BUILD:-}" ] || {
            mkdir build
            cp "$root/build/libcommon.a" build/
            built=(-o build/libcommon.a)
        }
        env -u MAKEFLAGS CFLAGS='-g -O0 -Wdate-time' make -s "${built[@]}" "${picked[@]}"
        sha256sum "${picked[@]}" >"$BATS_TEST_TMPDIR/sums-${folder%%/*}"
    done
    diff "$BATS_TEST_TMPDIR/sums-one" "$BATS_TEST_TMPDIR/sums-another"
    cd "$BATS_TEST_TMPDIR/one" || return
    run grep -l "$BATS_TEST_TMPDIR" "${picked[@]}"
    [ "$output" = "" ]
    run find build -name '*.warnings' -size +0
    [ "$output" = "" ]
}

@test "flags of the environment are kept, come last, and never take the guards away" {
    copy_of_tree "$BATS_TEST_TMPDIR/tree"
    cd "$BATS_TEST_TMPDIR/tree" || return
    unset MAKEFLAGS
    CFLAGS='-O1 -DONE=1' CPPFLAGS=-DTWO=2 LDFLAGS=-Wl,-O1 LDLIBS=-lm run make -n bin/calc-btc
    [ "$status" -eq 0 ]
    compile=$(grep -- '-o build/calc-btc.o' <<<"$output")
    link=$(grep -- '-o bin/\.calc-btc ' <<<"$output")
    [[ "$compile" == *"-fstack-protector-strong "*"-D_FORTIFY_SOURCE=2 -DTWO=2 -O1 -DONE=1 "* ]]
    # No mark in a program says these two; that the compiler takes them is asked once for each run of make.
    [[ "$compile" == *" -Wformat -Wformat-security "* ]]
    ! gcc -fstack-clash-protection -E -x c - </dev/null >/dev/null 2>&1 || [[ "$compile" == *" -fstack-clash-protection "* ]]
    [[ "$link" == *" -pie -Wl,-z,relro,-z,now "*" -Wl,-O1 "*" -lm -lm" ]]
    # Its own degree of checking is the environment's to choose, and is not defined twice.
    CPPFLAGS=-D_FORTIFY_SOURCE=3 run make -n build/calc-btc.o
    [[ "$output" == *-D_FORTIFY_SOURCE=3* && "$output" != *-D_FORTIFY_SOURCE=2* ]]
    # Other flags, other objects; the same flags, nothing to do.
    make -s CFLAGS='-O0' build/lib/base/buf.o
    find src -exec touch -d '1 hour ago' {} +
    touch -d '1 minute ago' build/lib/base/buf.o build/flags
    before=$(stat -c %Y build/lib/base/buf.o)
    make -s CFLAGS='-O0' build/lib/base/buf.o
    [ "$(stat -c %Y build/lib/base/buf.o)" = "$before" ]
    make -s CFLAGS='-O0 -DTHREE' build/lib/base/buf.o
    [ "$(stat -c %Y build/lib/base/buf.o)" != "$before" ]
}

@test "a warning stops make check and no build" {
    copy_of_tree "$BATS_TEST_TMPDIR/tree"
    cd "$BATS_TEST_TMPDIR/tree" || return
    unset MAKEFLAGS
    printf '#include <stdio.h>\nint main(int argc, char **argv)\n{\n\tint unused;\n\tprintf(argv[0]);\n\treturn argc;\n}\n' >src/calc-btc.c
    run make CFLAGS=-O0 build/calc-btc.o
    [ "$status" -eq 0 ]
    [[ "$output" == *"unused variable"* ]]
    [[ "$output" == *"Wformat-security"* ]]
    # It is remembered, however long ago the object was made, until the source is mended.
    for _ in once again; do
        run make CFLAGS=-O0 no-warnings OBJECTS=build/calc-btc.o
        [ "$status" -ne 0 ]
        [[ "$output" == *"unused variable"*"a warning is an error here"* ]]
    done
    run make -n check
    [[ "$output" == *"make --no-print-directory no-warnings"* ]]
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >src/calc-btc.c
    touch -d '+2 seconds' src/calc-btc.c
    run make CFLAGS=-O0 no-warnings OBJECTS=build/calc-btc.o
    [ "$status" -eq 0 ]
}

# tests/coverage.h, which make coverage includes before all else, has read the headers by then.
@test "a source that asks more of the system's headers gets it where lines are counted, too" {
    cd "$root" || return
    mapfile -t asking < <(grep -lE '^#define _(GNU|DEFAULT)_SOURCE' src/*.c src/lib/*/*.c)
    [ "${#asking[@]}" -gt 0 ]
    run gcc -std=c11 -D_POSIX_C_SOURCE=200809L -include tests/coverage.h -Isrc/lib "-I${TEST_BUILD:-build}" \
        "-I$(pg_config --includedir)" -Werror -fsyntax-only "${asking[@]}"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "the bill of materials names what is linked and what is called, in versions as installed" {
    cd "$BATS_FILE_TMPDIR" || return
    SOURCE_DATE_EPOCH=0 "$root/scripts/sbom" "$WINDFALL_BIN" >spdx
    grep -qx 'SPDXVersion: SPDX-2.3' spdx
    grep -qx 'Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-windfall' spdx
    for package in libpq5 libcurl4 libcjson1 libgmp10 zlib1g libssl3 libc6; do
        grep -qx "PackageVersion: $(dpkg-query -W -f '${Version}' "$package")" \
            <(grep -A 2 -x "PackageName: $package" spdx)
        grep -qx "Relationship: SPDXRef-windfall DYNAMIC_LINK SPDXRef-$package" spdx
    done
    for package in dash coreutils sed grep util-linux procps tzdata ca-certificates bsdextrautils; do
        grep -qx "Relationship: SPDXRef-windfall DEPENDS_ON SPDXRef-$package" spdx
    done
    # A function of a script bears the name of a program (compare, of ImageMagick): that is not called.
    [ ! -e /usr/bin/compare ] || ! grep -q "^PackageName: imagemagick" spdx || false
    # What a tool calls: the pictures of the site.
    [ ! -e /usr/bin/rsvg-convert ] || grep -qx "PackageName: librsvg2-bin" spdx
    # Every package but the first has a version, and none stands twice.
    [ "$(grep -c '^PackageName: ' spdx)" -eq "$(grep -c '^PackageVersion: ' spdx)" ]
    run uniq -d <(grep '^SPDXID: ' spdx | sort)
    [ "$output" = "" ]
    # With the time given, the same again.
    SOURCE_DATE_EPOCH=0 "$root/scripts/sbom" "$WINDFALL_BIN" | cmp spdx -
    grep -qx 'Created: 1970-01-01T00:00:00Z' spdx
}

@test "what a job runs is in the bill of materials" {
    fresh_db
    # As the test before has made it, unless this one is run alone.
    [ -s "$BATS_FILE_TMPDIR/spdx" ] || "$root/scripts/sbom" "$WINDFALL_BIN" >"$BATS_FILE_TMPDIR/spdx"
    sed -n 's/^PackageName: //p' "$BATS_FILE_TMPDIR/spdx" >"$BATS_TEST_TMPDIR/names"
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -qq -f -e trace=execve -e signal=none -o "$BATS_TEST_TMPDIR/calls" "$root/scripts/reconcile" status
    [ "$status" -lt 2 ]
    sed -n 's/.* execve("\([^"]*\)".* = 0$/\1/p' "$BATS_TEST_TMPDIR/calls" | sort -u >"$BATS_TEST_TMPDIR/programs"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/programs")" -ge 10 ]
    # dpkg reads all its lists at each question, so it is asked once, about each of the names that a program may be known by.
    while read -r program; do
        case $program in "$root"/*|"$WINDFALL_BIN"/*) continue ;; esac
        real=$(readlink -f "$program")
        echo "$program" "/usr$program" "${program#/usr}" "$real" "${real#/usr}"
    done <"$BATS_TEST_TMPDIR/programs" >"$BATS_TEST_TMPDIR/known-as"
    tr ' ' '\n' <"$BATS_TEST_TMPDIR/known-as" | sort -u | xargs dpkg-query -S 2>/dev/null |
        sed -n '/^diversion/d; s/:.* / /p' >"$BATS_TEST_TMPDIR/brought" || true
    while read -r -a known; do
        package=$(awk -v names="${known[*]}" 'BEGIN { n = split(names, a, " "); for (i = 1; i <= n; i++) want[a[i]] }
            $2 in want { print $1; exit }' "$BATS_TEST_TMPDIR/brought")
        echo "${known[0]}: $package"
        [[ "$package" == perl-base ]] || grep -qx "$package" "$BATS_TEST_TMPDIR/names"
    done <"$BATS_TEST_TMPDIR/known-as"
}
