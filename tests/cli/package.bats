# The Debian package and the container as far as they can be held without building them; `make check-install` does that.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

@test "the package depends on what scripts/deps names to run, and is built with what it names to build" {
    depends=$(sed -n '/^Package: windfall$/,/^Description/p' "$root/debian/control" | tr -s ' ,' '\n')
    builds=$(sed -n '/^Build-Depends:/,/^$/p' "$root/debian/control" | tr -s ' ,' '\n')
    named=0
    for package in $(sed -n "/^run='/,/^'/p" "$root/scripts/deps" | sed -n 's/^\([a-z0-9.+-]\{2,\}\)\t.*/\1/p'); do
        named=$((named + 1))
        case $package in
        gcc|make|libc6-dev|util-linux) ;;	# build-essential, and Essential
        *-dev) grep -qxF "$package" <<<"$builds" || { echo "Build-Depends lacks $package"; false; } ;;
        *) grep -qxF "$package" <<<"$depends" || { echo "Depends lacks $package"; false; } ;;
        esac
        # The container is built and run with the same.
        case $package in
        postgresql) ;;	# its own container
        *) grep -qwF -e "$package" "$root/container/Containerfile" || { echo "the Containerfile lacks $package"; false; } ;;
        esac
    done
    [ "$named" -ge 12 ]
}

@test "the changelog of the package is made from the newest section of CHANGELOG.md, in lines that a terminal shows" {
    command -v dpkg-parsechangelog >/dev/null || skip "dpkg-dev is not installed"
    awk -v package=windfall -v date="Sun, 29 Nov 2026 10:00:00 +0000" -v by="A <a@windfall.invalid>" \
        -f "$root/debian/changelog.awk" "$root/CHANGELOG.md" >"$BATS_TEST_TMPDIR/changelog"
    run --separate-stderr dpkg-parsechangelog -l "$BATS_TEST_TMPDIR/changelog"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    version=$(sed -n 's/^VERSION = //p' "$root/Makefile")
    [[ "$output" == *"Version: $version"* ]]
    [ "$(awk 'length > 79 && $2 !~ /./' "$BATS_TEST_TMPDIR/changelog")" = "" ]
    # Each point is there, and no older section.
    [ "$(grep -c '^  \* ' "$BATS_TEST_TMPDIR/changelog")" -ge \
        "$(sed -n '/^## /{n;:a;/^## /q;/^- /p;n;ba}' "$root/CHANGELOG.md" | wc -l)" ]
    [ "$(grep -c '^windfall (' "$BATS_TEST_TMPDIR/changelog")" -eq 1 ]
}

@test "make dist makes the same archive twice, of the tracked files and nothing else" {
    git -C "$root" rev-parse --show-toplevel >/dev/null 2>&1 || skip "this is no clone"
    cd "$root" || return
    for n in 1 2; do
        make -s BUILD="$BATS_TEST_TMPDIR/$n" dist >"$BATS_TEST_TMPDIR/said"
    done
    cmp "$BATS_TEST_TMPDIR"/1/*.tar.gz "$BATS_TEST_TMPDIR"/2/*.tar.gz
    tar -tzf "$BATS_TEST_TMPDIR"/1/*.tar.gz | sed 's|^windfall-[0-9.]*/||' | sort >"$BATS_TEST_TMPDIR/in"
    git ls-files | sort | diff - "$BATS_TEST_TMPDIR/in"
}

@test "the settings of the package are ones that every tool takes, and the state folder is that of the units" {
    WINDFALL_CONF=$root/debian/windfall.conf run --separate-stderr env -u DATABASE_URL -u WINDFALL_STATE with-settings printenv DATABASE_URL WINDFALL_STATE
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "${lines[0]}" = "postgresql:///windfall?host=/var/run/postgresql&user=windfall" ]
    [ "${lines[1]}" = /var/lib/windfall ]
    grep -qx 'd /var/lib/windfall 0755 windfall windfall' "$root/systemd/windfall.tmpfiles"
    grep -qx 'u windfall - "Windfall" /var/lib/windfall' "$root/systemd/windfall.sysusers"
}

@test "the container runs as nobody of importance, is judged by check-status, and opens no port" {
    app=$(sed -n '/^FROM .* AS app$/,/^FROM .* AS jobs$/p' "$root/container/Containerfile")
    grep -qx 'USER windfall' <<<"$app"
    grep -q '^HEALTHCHECK .*CMD check-status --format nagios; \[ \$? -le 1 \]$' <<<"$app"
    run -1 grep -E '^(EXPOSE|ADD )|:latest$' "$root/container/Containerfile"
    run -1 grep -nE '^ +ports:|privileged|PASSWORD|network_mode' "$root/container/compose.yaml"
    # Of a random name, a second failure in a row would be the first each time.
    [ "$(grep -A 9 'target: \(app\|jobs\)$' "$root/container/compose.yaml" | grep -cx '    hostname: windfall')" -eq 2 ]
    # What the build copies is there.
    for path in $(sed -n 's/^COPY \([^-][^ ]*\) .*/\1/p' "$root/container/Containerfile"); do
        [ -e "$root/$path" ] || { echo "$path is not there"; false; }
    done
}

# ---- migrate --create ---------------------------------------------------------

@test "migrate --create makes role and database once, in a cluster of this machine alone, and only root may" {
    [ "$(id -u)" -eq 0 ] || skip "only root can become another"
    role=created_$$
    chown nobody "$WINDFALL_STATE_OF_TEST"
    export WINDFALL_STATE=$WINDFALL_STATE_OF_TEST WINDFALL_CONF=/dev/null
    # A socket of this machine at which nobody listens, and one that listens at another port, which is named.
    mkdir "$BATS_TEST_TMPDIR/sockets"
    DATABASE_URL="postgresql:///$role?host=$BATS_TEST_TMPDIR/sockets&user=$role" run --separate-stderr migrate --create
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"no PostgreSQL listens at $BATS_TEST_TMPDIR/sockets/.s.PGSQL.5432"* ]]
    ln -s "$SUITE_SOCKET/.s.PGSQL.5432" "$BATS_TEST_TMPDIR/sockets/.s.PGSQL.6000"
    DATABASE_URL="postgresql:///$role?host=$BATS_TEST_TMPDIR/sockets&user=$role" run --separate-stderr migrate --create
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"PostgreSQL listens at port 6000 and not at 5432: windfall init --database-url 'postgresql:///$role?host=$BATS_TEST_TMPDIR/sockets&port=6000&user=$role'"* ]]
    # Elsewhere nothing is created; the tables are made as anybody would.
    DATABASE_URL="postgresql://127.0.0.1:1/$role" run --separate-stderr migrate --create
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"nothing to create"* ]]
    # Of the private one, which migrate would make itself were another not known here, there is nothing to say.
    mkdir -p "$WINDFALL_STATE/var"
    echo another >"$WINDFALL_STATE/var/database"
    DATABASE_URL='' run --separate-stderr migrate --create
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"jobs here have used another (another)"* && "$stderr" != *"nothing to create"* ]]
    rm "$WINDFALL_STATE/var/database"
    run --separate-stderr migrate --create --status
    [ "$status" -eq 64 ]
    run --separate-stderr runuser -u nobody -- "$(command -v migrate)" --create
    [ "$status" -ne 0 ]
}

setup() {
    fresh_db
    WINDFALL_STATE_OF_TEST=$WINDFALL_STATE
}

@test "what the superuser runs there makes role and database once" {
    name=made_$$
    for made in "role $name database $name" ""; do
        # A cluster has notices of its own.
        PGOPTIONS='-c client_min_messages=warning' run psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -v ON_ERROR_STOP=1 \
            -v role="$name" -v name="$name" -f "$root/sql/cluster.sql"
        [ "$status" -eq 0 ]
        [ "${lines[*]}" = "$made" ]
    done
    [ "$(psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -c "select pg_get_userbyid(datdba), datcollate, datctype from pg_database where datname = '$name'")" = "$name|C|C.UTF-8" ]
    psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -c "drop database $name" -c "drop role $name"
}

@test "what the container's build copies is all that an installation takes" {
    cd "$BATS_TEST_TMPDIR"
    for path in $(sed -n '/AS build$/,/AS app$/s/^COPY \([^-][^ ]*\) .*/\1/p' "$root/container/Containerfile"); do
        cp -a "$root/$path" .
    done
    # What is built already needs no compiler; the flags of a build of another kind are none of it.
    cp -a "$root/build" "$root/bin" .
    unset CFLAGS
    make -s install DESTDIR="$BATS_TEST_TMPDIR/out" PREFIX=/usr/local BIN=bin
    [ -x out/usr/local/lib/windfall/bin/calc-btc ]
    # The same as from the whole tree.
    make -s -C "$root" install DESTDIR="$BATS_TEST_TMPDIR/whole" PREFIX=/usr/local
    diff <(cd out && find . | sort) <(cd whole && find . | sort)
}
