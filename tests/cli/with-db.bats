# with-db: which database, by one rule for tools and scripts, and no password in any argument list.
# shellcheck disable=SC2154 # root, stderr, lines and SUITE_SOCKET are set by the suite and by run
load helper

setup() {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
}

@test "the parts of an address arrive in the variables of libpq, the password as it is meant" {
    show='printf "%s|%s|%s|%s|%s\n" "$PGHOST" "$PGPORT" "$PGUSER" "$PGPASSWORD" "$PGDATABASE"'
    unset PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGHOSTADDR
    while IFS='>' read -r url parts; do
        echo "$url"
        DATABASE_URL=$url run --separate-stderr with-db sh -c "$show"
        [ "$status" -eq 0 ]
        [ "$output" = "$parts" ]
    done <<'END'
postgresql://me:S3cr?tPw@h.example:5433/d>h.example|5433|me|S3cr?tPw|d
postgresql://me:S3cr%2FtPw@h.example/d>h.example|5432|me|S3cr/tPw|d
postgresql://me:one@h.example/d?password=two>h.example|5432|me|two|d
postgresql://me@h.example/d?password=one&password=two>h.example|5432|me|two|d
postgresql://me@h.example/d?pass%77ord=S3cr%26tPw>h.example|5432|me|S3cr&tPw|d
postgresql://me:a#b+c@h.example/d>h.example|5432|me|a#b+c|d
postgresql://me:S3cr@[::1]:5433,h2:5434/d>::1,h2|5433,5434|me|S3cr|d
host=h.example password=one password='two \' three' user=me>h.example|5432|me|two ' three|
host = h.example password = a\ b>h.example|5432||a b|
d>|5432|||d
END
    DATABASE_URL=$'host=h.example\npassword=S3crtPw\nuser=me' run --separate-stderr with-db sh -c "$show"
    [ "$output" = "h.example|5432|me|S3crtPw|" ]
}

# Begin a job whose psql has to wait for a table, and print every argument of every process of it meanwhile: another run of
# these very tests may be at it beside this one.
arguments_of_a_waiting_job() {
    local holder job
    psql -XAtq -d "$DATABASE_URL" -c 'begin; lock table schema_migrations; select pg_sleep(30)' >"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
    holder=$!
    sql_until "exists (select from pg_locks where relation = 'schema_migrations'::regclass and granted and pid <> pg_backend_pid())" || return 98
    DATABASE_URL=$1 "$root/scripts/reconcile" status >"$BATS_TEST_TMPDIR/job" 2>&1 3>&- &
    job=$!
    sql_until "exists (select from pg_locks where relation = 'schema_migrations'::regclass and not granted)" ||
        { cat "$BATS_TEST_TMPDIR/job"; return 99; }
    grep -lz "^WINDFALL_STATE=$WINDFALL_STATE\$" /proc/[0-9]*/environ 2>/dev/null | while read -r file; do
        tr '\0' '\n' <"${file%environ}cmdline" 2>/dev/null || :
    done
    sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid() and datname = current_database()" >/dev/null
    wait "$holder" || :
    wait "$job"
}

@test "however a password is written, no process of a job has it among its arguments" {
    fresh_db
    at="host=$SUITE_SOCKET&user=windfall"
    local urls=(
        "postgresql://windfall:S3cr?tPw@/$TEST_DB?host=$SUITE_SOCKET"
        "postgresql:///$TEST_DB?$at&password=S3crOne&password=S3crTwo"
        "postgresql:///$TEST_DB?$at&pass%77ord=S3crtPw"
        "postgresql:///$TEST_DB?$at&sslpassword=S3crtPw"
        "host=$SUITE_SOCKET user=windfall dbname=$TEST_DB password='S3cr \\'tPw' password=S3cr2 sslpassword=S3cr3"
        $'user=windfall\npassword=S3crtPw\n'"host=$SUITE_SOCKET dbname=$TEST_DB"
    )
    for url in "${urls[@]}"; do
        echo "$url"
        run arguments_of_a_waiting_job "$url"
        [ "$status" -eq 0 ] || tail -n 5 <<<"$output"
        [ "$status" -eq 0 ]
        [[ "$output" == *-XAtq* ]]
        [[ "$output" != *S3cr* ]]
    done
    ! grep -r S3cr "$WINDFALL_STATE" || false
}

@test "what libpq reads from no variable goes by a service file in memory, which psql reads" {
    fresh_db
    DATABASE_URL="$DATABASE_URL&sslpassword=S3crtPw&keepalives_idle=77" run --separate-stderr with-db sh -c '
        cat "$PGSERVICEFILE"; psql -XAtqc "select 6 * 7"; psql -XAtq -c "\\c" -c "select 7 * 7"'
    [ "$status" -eq 0 ]
    [[ "$output" == *$'sslpassword=S3crtPw\n'* ]]
    [[ "$output" == *$'keepalives_idle=77\n'* ]]
    [[ "$output" == *$'\n42\n49' ]]
    [[ "$(ls /dev/shm 2>/dev/null)" != *windfall.* ]]
    DATABASE_URL="$DATABASE_URL&sslpassword=S3crtPw%0Ax" run with-db psql -c 'select 1'
    [ "$status" -eq 78 ]
    [[ "$output" == *"sslpassword cannot be passed on"* ]]
    [[ "$output" != *S3crtPw* ]]
    DATABASE_URL="$DATABASE_URL&sslpassword=S3crtPw&service=mine" run with-db psql -c 'select 1'
    [ "$status" -eq 78 ]
    [[ "$output" == *"beside a service"* ]]
    [[ "$output" != *S3crtPw* ]]
}

@test "that file needs no /dev/shm, which a bare container lacks or may not write" {
    unshare --mount true || skip "this system gives no one a /dev of their own"
    fresh_db
    DATABASE_URL="$DATABASE_URL&keepalives_idle=77" run --separate-stderr unshare --mount sh -c '
        mount --make-rprivate / && mount --bind /dev/shm /dev/shm && mount -o remount,ro,bind /dev/shm && exec with-db psql -XAtqc "select 6 * 7"'
    echo "$stderr"
    [ "$status/$output" = 0/42 ]
}

@test "an address that libpq cannot read is 78 and no word of it, and nothing is run" {
    for url in 'postgresql://wf:S3cr%tPw@h/db' 'postgresql://wf:S3cr/tPw@h/db' 'postgresql://wf:S3cr@tPw@h/db' \
               'postgresql://wf:S3crtPw@[::1/db' 'mysql://wf:S3crtPw@h/db' 'password=S3cr tPw' "password='S3crtPw" \
               'postgresql://h/db?password=S3cr&tPw=x' $'postgresql://wf:12/S3crtPw@h/db' 'postgresql://h/db?S3crtPw' \
               'wf:S3crtPw@h/db' '//wf:S3crtPw@h/db' 'postgresql:wf:S3crtPw@h/db' 'host=wf:S3crtPw@h dbname=db' \
               'dbname=postgresql://wf:S3crtPw@h/db' "dbname='host=h password=S3crtPw'" 'host=a,wf:S3crtPw@h dbname=db' \
               'postgresql:///postgresql%3A%2F%2Fwf%3AS3crtPw%40h%2Fdb' 'user=wf:S3crtPw host=h' 'service=wf:S3crtPw@h'; do
        echo "$url"
        DATABASE_URL=$url run with-db echo ran
        [ "$status" -eq 78 ]
        [[ "$output" == *"DATABASE_URL cannot be read: "*"percent-encode"* ]]
        [[ "$output" != *S3cr* ]]
        [[ "$output" != *tPw* ]]
        [[ "$output" != *ran* ]]
        DATABASE_URL=$url run with-db --which
        [ "$status" -eq 78 ]
    done
    # A whole address in a variable that is for a name.
    unset DATABASE_URL
    for variable in PGHOST=wf:S3crtPw@h PGDATABASE=postgresql://wf:S3crtPw@h/db 'PGDATABASE=host=h password=S3crtPw' \
                    PGSERVICE=wf:S3crtPw@h; do
        echo "$variable"
        for word in --which --address echo; do
            run env "$variable" with-db "$word"
            [ "$status" -eq 78 ]
            [[ "$output" == *"${variable%%=*} holds more than a name"*"DATABASE_URL"* ]]
            [[ "$output" != *S3cr* ]]
        done
        run env "$variable" find-missing
        [ "$status" -eq 78 ]
        [[ "$output" != *S3cr* ]]
    done
    # A socket without a file begins with @.
    run env PGHOST=@windfall with-db echo ran
    [ "$output" = ran ]
}

@test "a parameter of another driver's address is named, and nothing else of it" {
    while read -r name address; do
        DATABASE_URL=$address run with-db echo ran
        echo "$output"
        [ "$status" -eq 78 ]
        [[ "$output" == *"libpq has no parameter $name, which is another driver's; leave it out"* && "$output" != *S3cr* ]]
    done <<-'END'
	schema postgres://wf:S3cr%25tPw@h/db?schema=public
	pgbouncer postgresql://wf:S3crtPw@h/db?sslmode=require&pgbouncer=true
	connection_limit postgresql://wf:S3crtPw@h/db?connection_limit=1&sslmode=require
	END
    # One that nobody has is no word to show.
    DATABASE_URL='postgresql://wf:S3crtPw@h/db?S3crschema=public' run with-db echo ran
    [[ "$status" -eq 78 && "$output" == *percent-encode* && "$output" != *S3cr* ]]
}

# Each phrase of libpq 15 about an address, or about what an address names: its parser's, which may quote any part of it
# and are never shown, and those of the connection, which quote one option each.
@test "each complaint of libpq about an address is 78 without a secret, for tools and scripts alike" {
    local phrase address command
    unset PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGHOSTADDR PGSERVICEFILE
    deep=$(printf '/%.0sd' {1..60})
    while IFS='|' read -r phrase address; do
        echo "$phrase: $address"
        DATABASE_URL=$address run find-missing
        echo "$output"
        [ "$status" -eq 78 ]
        [[ "${output//\\/}" == *"$phrase"* && "$output" != *S3cr* && "$output" != *tPw* ]]
        DATABASE_URL=$address run with-db sh -c 'psql -XAtq -c "select 1" 2>"$0" || exec with-db --explain "$0"' "$BATS_TEST_TMPDIR/said"
        echo "$output"
        [ "$status" -eq 78 ]
        [[ "${output//\\/}" == *"$phrase"* && "$output" != *S3cr* && "$output" != *tPw* ]]
    done <<-END
	cannot be read|host=h S3crtPw
	cannot be read|host=h password='S3crtPw
	cannot be read|host=h nosuch=S3crtPw
	cannot be read|postgresql://wf:S3crtPw@[::1/db
	cannot be read|postgresql://wf:S3crtPw@[]/db
	cannot be read|postgresql://wf:S3crtPw@[::1]tPw/db
	cannot be read|postgresql://h/db?password=S3cr=tPw
	cannot be read|postgresql://h/db?S3crtPw
	cannot be read|postgresql://h/db?nosuch=S3crtPw
	cannot be read|postgresql://wf:S3cr%tPw@h/db
	cannot be read|postgresql://wf:S3cr%00tPw@h/db
	invalid port number: "99999"|postgresql://wf:S3crtPw@127.0.0.1:99999/db
	could not match 3 port numbers to 2 hosts|host=a,b port=1,2,3 password=S3crtPw
	could not match 2 host names to 1 hostaddr values|postgresql://wf:S3crtPw@a,b/db?hostaddr=127.0.0.1
	could not parse network address "none"|postgresql://wf:S3crtPw@h/db?hostaddr=none
	invalid sslmode value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?sslmode=none
	invalid channel_binding value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?channel_binding=none
	invalid gssencmode value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?gssencmode=none
	invalid ssl_min_protocol_version value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?ssl_min_protocol_version=none
	invalid ssl_max_protocol_version value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?ssl_max_protocol_version=none
	invalid SSL protocol version range|postgresql://wf:S3crtPw@127.0.0.1:1/db?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2
	invalid target_session_attrs value: "none"|postgresql://wf:S3crtPw@127.0.0.1:1/db?target_session_attrs=none
	invalid integer value "none" for connection option "connect_timeout"|postgresql://wf:S3crtPw@127.0.0.1:1/db?connect_timeout=none
	invalid integer value "none" for connection option "keepalives"|postgresql://wf:S3crtPw@127.0.0.1:1/db?keepalives=none
	invalid integer value "none" for connection option "keepalives_idle"|postgresql://wf:S3crtPw@127.0.0.1:1/db?keepalives_idle=none
	definition of service "none" not found; PGSERVICEFILE or ~/.pg_service.conf has it as [NAME]|postgresql://wf:S3crtPw@/db?service=none
	is too long|postgresql://wf:S3crtPw@/db?host=$deep
	unrecognized configuration parameter "nosuch"|postgresql://windfall:S3crtPw@/postgres?host=$SUITE_SOCKET&options=-c%20nosuch%3D1
	invalid value for parameter "TimeZone"|postgresql://windfall:S3crtPw@/postgres?host=$SUITE_SOCKET&options=-c%20TimeZone%3Dnone
	END
}

# A cluster of this test's own that asks for a password on its socket.
asking() {
    unset DATABASE_URL
    "$root/scripts/local-db" start
    socket=$(cat "$WINDFALL_STATE/var/socket")
    "$root/scripts/local-db" psql -Xqc "alter role windfall password 'S3cr tPw'"
    sed -i 's/\(^local.*\) trust/\1 scram-sha-256/; s/\(^local.*\) peer.*/\1 scram-sha-256/' "$WINDFALL_STATE/var/pg/pg_hba.conf"
    "$root/scripts/local-db" stop
    "$root/scripts/local-db" start || :
}

@test "PGPASSWORD beside an address without a password is used, by tools and scripts alike" {
    asking
    export DATABASE_URL="postgresql:///windfall?host=$socket&user=windfall"
    run "$root/scripts/migrate"
    [ "$status" -eq 77 ]
    PGPASSWORD='S3cr tPw' run "$root/scripts/migrate" -v
    [ "$status" -eq 0 ]
    PGPASSWORD='S3cr tPw' run --separate-stderr find-missing --no-header
    [ "$status" -eq 0 ]
    PGPASSWORD='S3cr tPw' run "$root/scripts/reconcile" status
    [ "$status" -eq 0 ]
    PGPASSWORD='wrong' DATABASE_URL="postgresql://windfall:S3cr%20tPw@/windfall?host=$socket" run "$root/scripts/wanted" list
    [ "$status" -eq 0 ]
    DATABASE_URL='' "$root/scripts/local-db" stop
}

@test "an address with the line break of the file that it comes from, and blanks before it, is that address" {
    fresh_db
    [ "$(DATABASE_URL=$' \n'"$DATABASE_URL"$'\r\n' with-db sh -c 'echo "$PGDATABASE|$PGUSER"')" = "$TEST_DB|windfall" ]
    [ "$(DATABASE_URL="dbname=$TEST_DB host=$SUITE_SOCKET user=windfall"$'\n' with-db psql -XAtc 'select 6 * 7')" = 42 ]
    # A blank at the end of a password is part of it.
    [ "$(DATABASE_URL='password=p\ ' with-db sh -c 'echo "$PGPASSWORD|"')" = "p |" ]
}

@test "--which says url, named or private, by the environment alone" {
    unset PGHOST PGHOSTADDR PGSERVICE PGDATABASE PGSERVICEFILE PGPORT DATABASE_URL
    [ "$(with-db --which)" = private ]
    [ "$(PGUSER=me with-db --which)" = private ]
    [ "$(PGPORT=5432 with-db --which)" = named ]
    [ "$(PGSERVICE=x DATABASE_URL=d with-db --which)" = url ]
    [ "$(DATABASE_URL='' PGHOST=h with-db --which)" = named ]
    run --separate-stderr with-db psql -c 'select 1'
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"scripts/local-db start"* ]]
}

@test "it becomes the program: its arguments, its status, and 126 and 127 as of a shell" {
    export DATABASE_URL=d
    run --separate-stderr with-db sh -c 'printf "%s." "$@"; exit 9' sh 'a b' '' --help
    [ "$status" -eq 9 ]
    [ "$output" = "a b..--help." ]
    run -127 with-db /nowhere/psql
    [ "$status" -eq 127 ]
    run -126 with-db "$BATS_TEST_TMPDIR"
    [ "$status" -eq 126 ]
    run with-db
    [ "$status" -eq 64 ]
    run with-db --which psql
    [ "$status" -eq 64 ]
    run with-db --explain /dev/null --which
    [ "$status" -eq 64 ]
    [ "$(with-db sh -c 'echo $PGCONNECT_TIMEOUT')" = 10 ]
    [ "$(PGCONNECT_TIMEOUT=3 with-db sh -c 'echo $PGCONNECT_TIMEOUT')" = 3 ]
    [ "$(PGCONNECT_TIMEOUT=3 DATABASE_URL='connect_timeout=4' with-db sh -c 'echo $PGCONNECT_TIMEOUT')" = 4 ]
}

@test "--explain gives psql's complaint in one line, and the status that a tool would end with" {
    fresh_db
    explained() {
        with-db psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose "$@" 2>"$BATS_TEST_TMPDIR/err" && return 99
        run --separate-stderr with-db --explain "$BATS_TEST_TMPDIR/err"
    }
    explained -c 'select 1 / 0'
    [ "$status/$output" = "65/division by zero" ]
    explained -c 'select * from nowhere'
    [ "$status/$output" = '78/relation "nowhere" does not exist' ]
    explained -c 'selct'
    [ "$status" -eq 70 ]
    explained -c 'set transaction read only; create table x ()'
    [ "$status" -eq 77 ]
    explained -c "do \$\$ begin raise exception 'it ERROR:  00000: lies' using errcode = '55P03', detail = 'and why'; end \$\$"
    [ "$status/$output" = "75/it ERROR: 00000: lies and why" ]
    # What a cluster's engine says of its end, or of a node's, in no state of its own.
    for said in 'postmaster was shut down, exiting' 'terminating connection due to unexpected postmaster exit' \
        'failure on connection marked as essential: 127.0.0.72:9702' 'could not connect to any active placements'; do
        explained -c "do \$\$ begin raise '$said' using errcode = 'XX000'; end \$\$"
        [ "$status/$output" = "75/$said" ]
    done
    explained -c "do \$\$ begin raise 'cache lookup failed' using errcode = 'XX000'; end \$\$"
    [ "$status" -eq 70 ]
    # A server that cannot read its disk is no defect of ours; a time-out of the role's is no lasting one.
    for state in 58030 XX001 XX002; do
        explained -c "do \$\$ begin raise 'invalid page in block 7' using errcode = '$state'; end \$\$"
        [ "$status/$output" = "74/invalid page in block 7; the server's log says more" ]
    done
    explained -c "do \$\$ begin raise 'idle for too long' using errcode = '25P03'; end \$\$"
    [ "$status" -eq 75 ]
    explained -c '\copy units from /nowhere/at/all'
    [ "$status" -eq 78 ]
    [[ "$output" == *"/nowhere/at/all: No such file"* ]]
    printf 'select 1;\n\nselect nowhere;\n' >"$BATS_TEST_TMPDIR/some.sql"
    explained -f "$BATS_TEST_TMPDIR/some.sql"
    [ "$status/$output" = "78/$BATS_TEST_TMPDIR/some.sql:3: column \"nowhere\" does not exist" ]
    DATABASE_URL='host=127.0.0.1 port=1' explained -c 'select 1'
    [ "$status" -eq 75 ]
    [[ "$output" == *"Connection refused"* ]]
    DATABASE_URL="postgresql:///nodb?host=$SUITE_SOCKET&user=windfall" explained -c 'select 1'
    [ "$status/${output##*: }" = '78/database "nodb" does not exist' ]
    DATABASE_URL="postgresql:///x?host=$SUITE_SOCKET&user=nobody_here" explained -c 'select 1'
    [ "$status" -eq 77 ]
    run with-db --explain "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
}

# As PostgreSQL 15 writes them where lc_messages is German or French: the severity is translated, the SQLSTATE is not.
@test "--explain reads the error of a server that speaks another language, and passes over its notices" {
    fresh_db
    explained() {
        cat >"$BATS_TEST_TMPDIR/err"
        run --separate-stderr with-db --explain "$BATS_TEST_TMPDIR/err"
    }
    explained <<-'END'
		HINWEIS:  00000: Tabelle »x« existiert nicht, wird übersprungen
		WARNUNG:  01000: es gibt sie: nicht
		psql:/tmp/x.sql:3: FEHLER:  25006: INSERT kann nicht in einer Read-Only-Transaktion ausgeführt werden
		DETAIL:  Das ist: so.
		LOCATION:  PreventCommandIfReadOnly, utility.c:411
	END
    [ "$status" -eq 77 ]
    [[ "$output" == "/tmp/x.sql:3: INSERT kann nicht in einer Read-Only-Transaktion ausgeführt werden Das ist: so.; this is a standby, or "* ]]
    explained <<<'FEHLER:  55P03: storniere Anfrage wegen Zeitüberschreitung einer Sperre'
    [ "$status/$output" = "75/storniere Anfrage wegen Zeitüberschreitung einer Sperre" ]
    explained <<<'ERREUR:  42P01: la relation « x » n'"'"'existe pas'
    [ "$status/$output" = "78/la relation « x » n'existe pas" ]
}

# A server that refuses every session, in the words of a German PostgreSQL 15: what it means is in the SQLSTATE alone.
@test "a refusal while connecting is 77, 78 or 75 whatever language the server speaks, for tools and scripts" {
    local port=$((20000 + RANDOM % 20000)) state want words length
    export ANSWER=$BATS_TEST_TMPDIR/answer WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
    # shellcheck disable=SC2016
    socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'head -c 8 >/dev/null; cat "$ANSWER"; sleep 0.1' 2>/dev/null 3>&- &
    server=$!
    wait_until listens "$port"
    export DATABASE_URL="postgresql://wf:x@127.0.0.1:$port/db?sslmode=disable&gssencmode=disable"
    while read -r state want words; do
        length=$((4 + 7 + 7 + 7 + ${#words} + 2 + 1))
        printf "E\\0\\0\\0\\$(printf %o "$length")SFATAL\\0VFATAL\\0C$state\\0M%s\\0\\0" "$words" >"$ANSWER"
        for command in "calc-btc --store 2022-01-01" "$root/scripts/migrate" "$root/scripts/reconcile status"; do
            # shellcheck disable=SC2086 # a command and its arguments
            run --separate-stderr timeout 60 $command
            echo "$state $command: $status $stderr"
            [ "$status" -eq "$want" ]
            [[ "$stderr" == *"$words"* ]]
        done
    done <<-'END'
		28P01 77 Passwort-Authentifizierung fehlgeschlagen
		28000 77 kein Eintrag erlaubt es
		3D000 78 Datenbank db existiert nicht
		53300 75 tut mir leid, schon zu viele Verbindungen
	END
    # It offers no TLS; the others are options that libpq itself refuses.  None of them is better later.
    printf N >"$ANSWER"
    for option in sslmode=verify-full sslmode=bogus connect_timeout=soon target_session_attrs=bogus; do
        export DATABASE_URL="postgresql://wf:S3cret@127.0.0.1:$port/db?gssencmode=disable&$option"
        for command in "calc-btc --store 2022-01-01" "$root/scripts/reconcile status"; do
            # shellcheck disable=SC2086 # a command and its arguments
            run --separate-stderr timeout 60 $command
            echo "$option $command: $status $stderr"
            [ "$status" -eq 78 ]
            [[ "$stderr" != *S3cret* ]]
        done
    done
    kill "$server"
    while read -r want words; do
        echo "psql: error: connection to server at \"h\" (10.0.0.1), port 5432 failed: $words" >"$BATS_TEST_TMPDIR/err"
        run --separate-stderr with-db --explain "$BATS_TEST_TMPDIR/err"
        [ "$status" -eq "$want" ]
    done <<-'END'
		77 SSL error: certificate verify failed
		77 server certificate for "x" does not match host name "h"
		78 root certificate file "/root/.postgresql/root.crt" does not exist
		75 SSL SYSCALL error: EOF detected
	END
}

# Debian's psql takes the port of the machine's only or first cluster where none is named; the tools take libpq's.
@test "a port that nobody names is libpq's own, for psql as for the tools; one that is named stays" {
    port() { with-db sh -c 'echo "$PGPORT"'; }
    unset PGPORT
    [ "$(DATABASE_URL=postgresql:///x port)" = 5432 ]
    [ "$(DATABASE_URL='' PGDATABASE=x port)" = 5432 ]
    [ "$(DATABASE_URL=postgresql://h:5499/x port)" = 5499 ]
    [ "$(DATABASE_URL='dbname=x port=5498' port)" = 5498 ]
    [ "$(DATABASE_URL='' PGPORT=5497 PGDATABASE=x port)" = 5497 ]
    # With a second cluster on another port, as Debian's wrapper sees them.
    [ -x /usr/share/postgresql-common/pg_wrapper ] || skip "no postgresql-common here"
    mkdir -p "$BATS_TEST_TMPDIR/clusters/15/second"
    echo 'port = 5499' >"$BATS_TEST_TMPDIR/clusters/15/second/postgresql.conf"
    export PG_CLUSTER_CONF_ROOT=$BATS_TEST_TMPDIR/clusters
    DATABASE_URL=postgresql:///x run with-db /usr/bin/psql -c 'select 1'
    echo "$output"
    [[ "$output" != *5499* ]]
    [[ "$output" != *"cluster 15 second"* ]]
}

@test "Debian's wrapper is left out where the host is named: the newest psql is what it would run" {
    [ -x /usr/share/postgresql-common/pg_wrapper ] || skip "no postgresql-common here"
    local host=postgresql://h.example/d first=()
    mkdir "$BATS_TEST_TMPDIR/path"
    ln -s /usr/share/postgresql-common/pg_wrapper "$BATS_TEST_TMPDIR/path/psql"
    PATH=$BATS_TEST_TMPDIR/path:$PATH
    # The programs that a command becomes, the last last.
    became() {
        ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -e trace=execve -e signal=none -o "$BATS_TEST_TMPDIR/calls" "$@" >/dev/null 2>&1 || :
        sed -n 's/^execve("\([^"]*\)", \["\([^"]*\)".* = 0$/\1 \2/p' "$BATS_TEST_TMPDIR/calls"
    }
    DATABASE_URL=$host run became with-db psql --version
    echo "$output"
    [ "${#lines[@]}" -eq 2 ]
    mapfile -t first < <(printf '%s\n' /usr/lib/postgresql/[1-9]*/bin/psql | sort -V -r)
    [ "${lines[1]}" = "${first[0]} ${first[0]}" ]
    DATABASE_URL=$host run became "$BATS_TEST_TMPDIR/path/psql" --version
    echo "$output"
    [ "${lines[1]}" = "${first[0]} ${first[0]}" ]
    # It has to choose where no host is named, where a cluster is, and what is named by its place is run from there.
    for command in "DATABASE_URL=dbname=d psql --version" "DATABASE_URL=$host psql --cluster 15/main --version" \
        "DATABASE_URL=$host $BATS_TEST_TMPDIR/path/psql --version"; do
        # shellcheck disable=SC2086 # words
        set -- $command
        run became env -u PGHOST "$1" with-db "${@:2}"
        echo "$output"
        [[ "$output" == *"$BATS_TEST_TMPDIR/path/psql "* ]]
    done
    # Another psql of that name goes before Debian's.
    rm "$BATS_TEST_TMPDIR/path/psql"
    printf '#!/bin/sh\necho "$PGHOST"\n' >"$BATS_TEST_TMPDIR/path/psql"
    chmod 755 "$BATS_TEST_TMPDIR/path/psql"
    [ "$(DATABASE_URL=$host with-db psql)" = h.example ]
}
