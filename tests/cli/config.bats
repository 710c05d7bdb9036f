# windfall.conf: which files are read, by whom, what outranks what, and what is refused.
# shellcheck disable=SC2154 # root, stderr, lines and SUITE_SOCKET are set by the suite and by run
load helper

setup() {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
    conf=$BATS_TEST_TMPDIR/windfall.conf
    export WINDFALL_CONF=$conf
    : >"$conf"
}

# conf_is MODE - the file is stdin, with that mode.
conf_is() {
    rm -f "$conf"
    cat >"$conf"
    chmod "$1" "$conf"
}

# The columns name, value and source of a setting.
shown() { with-settings --list --no-header "$1" | cut -f 1-3; }

@test "a setting of the file is in force in tools and jobs; the environment outranks it, also an empty one" {
    conf_is 644 <<'END'
# how bitcoin is valued

  WINDFALL_CURRENCY = "GBP"  
WINDFALL_RATE='2.5'
END
    # shellcheck disable=SC2016
    run -0 with-settings sh -c 'echo "$WINDFALL_CURRENCY $WINDFALL_RATE"'
    [ "$output" = "GBP 2.5" ]
    [ "$(shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	GBP	$conf:3" ]
    [ "$(shown WINDFALL_RATE)" = "WINDFALL_RATE	2.5	$conf:4" ]
    [ "$(WINDFALL_CURRENCY=EUR shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	EUR	environment" ]
    [ "$(WINDFALL_CURRENCY='' shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	\\N	default" ]
    # shellcheck disable=SC2016
    [ "$(WINDFALL_CURRENCY='' with-settings sh -c 'echo "<$WINDFALL_CURRENCY>"')" = "<>" ]
    [ "$(shown COINBASE_KEY_FILE)" = "COINBASE_KEY_FILE	\\N	unset" ]
    # A tool that is started alone reads it too.
    printf '%s\n' WINDFALL_DIFFICULTY_SOURCE=bitcoind WINDFALL_BITCOIND_COOKIE=/nowhere >"$conf"
    run --separate-stderr fetch-difficulty
    [[ "$stderr" == *"cannot read the node's credentials from /nowhere"* ]]
}

@test "a variable is the value that it means: quotes, a line end and blanks that a file of an environment left go" {
    # As --env-file of docker, a secret mounted as a variable and an editor of Windows leave them.
    [ "$(WINDFALL_CURRENCY='"GBP"' shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	GBP	environment" ]
    [ "$(WINDFALL_CURRENCY=$' GBP\r' shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	GBP	environment" ]
    [ "$(WINDFALL_CURRENCY="''" shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	\\N	default" ]
    printf 'WINDFALL_RATE=3\n' >"$conf"
    [ "$(WINDFALL_CONF="'$conf'"$'\n' shown WINDFALL_RATE)" = "WINDFALL_RATE	3	$conf:1" ]
    # A password keeps what may be a part of it.
    # shellcheck disable=SC2016
    [ "$(PGPASSWORD=$'"a b" \r\n' with-settings sh -c 'printf "<%s>" "$PGPASSWORD"')" = '<"a b" >' ]
    # The tools go by it, and the jobs.
    fresh_db
    url=$DATABASE_URL
    for url in "\"$url\"" "'$url'"$'\n' " $url"$'\r\n'; do
        DATABASE_URL=$url run -0 find-missing --no-header 2022-01-01
        DATABASE_URL=$url run -0 "$root/scripts/migrate" --status
        [[ "$output" == *"	applied	"* ]]
    done
    SLACK_WEBHOOK_URL=$'"http://127.0.0.1:1/x"\n' run --separate-stderr send-alert --timeout 1 <<<"words"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"slack: http://127.0.0.1:1/"* ]]
}

@test "Windows' line ends, a mark at the beginning, no line end at the last: the same" {
    printf '\xef\xbb\xbfWINDFALL_CURRENCY=CHF\r\nWINDFALL_SITE=off\r\nWINDFALL_BACKUP=off' >"$conf"
    [ "$(shown WINDFALL_CURRENCY)" = "WINDFALL_CURRENCY	CHF	$conf:1" ]
    [ "$(WINDFALL_CONF=$conf env -u WINDFALL_SITE with-settings printenv WINDFALL_SITE)" = off ]
    [ "$(shown WINDFALL_BACKUP)" = "WINDFALL_BACKUP	off	$conf:3" ]
}

@test "the environment is held to what a line of a file is, and a switch is no folder" {
    cd "$BATS_TEST_TMPDIR"
    taken=''
    for name in $(with-settings --list | awk -F '\t' '$1 ~ /^WINDFALL_/ { print $1 }'); do
        ! env "$name=no" with-settings true 2>/dev/null || taken+="$name "
    done
    # Text that PostgreSQL or build-pages judge.
    [ "$taken" = "WINDFALL_LEGACY_URL WINDFALL_SITE_FLEET " ]
    WINDFALL_SITE=no run --separate-stderr "$root/scripts/site"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_SITE in the environment: it must be an absolute path, or off"* ]]
    [ ! -e no ]
    WINDFALL_SITE=./no WINDFALL_BACKUPS='' WINDFALL_RATE=1000 with-settings true
    WINDFALL_RATE=fast run --separate-stderr fetch-elexon 2024-05-01
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"WINDFALL_RATE in the environment: it must be a number from 0.01 to 1000, a second"* ]]
}

@test "each wrong line is named, with the nearest name, and no word of what may be a secret" {
    conf_is 600 <<'END'
WINDFALL_CURENCY=EUR
DATABSE_URL=postgresql://me:S3cret@h/d
S3cretThatLostItsName
c2VjcmV0S3cret=
export WINDFALL_RATE=1
WINDFALL_RATE=fast
WINDFALL_RATE=5 # a second
WINDFALL_RATE="5
WINDFALL_BACKUP_KEEP=0
WINDFALL_STATE=~/state
WINDFALL_BACKUPS=$HOME/backups
WINDFALL_ELEXON_URL=ftp://S3cret
WINDFALL_BACKUP=maybe
WINDFALL_RETRY_WAIT=1
WINDFALL_RETRY_WAIT=2
WINDFALL_HOME=/opt
. /etc/default/windfall
WINDFALL_SITE=no
END
    run --separate-stderr with-settings true
    [ "$status" -eq 78 ]
    [ "$output" = "" ]
    sed "s/.* msg=\"//; s/\"\$//; s|^$conf:||" <<<"$stderr" >"$BATS_TEST_TMPDIR/said"
    diff - "$BATS_TEST_TMPDIR/said" <<'END'
1: WINDFALL_CURENCY: no such setting; the nearest is WINDFALL_CURRENCY; windfall config lists them
2: DATABSE_URL: no such setting; the nearest is DATABASE_URL; windfall config lists them
3: not NAME=value
4: not NAME=value with a name of windfall.conf(5)
5: write NAME=value without export: this is not a shell script
6: WINDFALL_RATE: it must be a number from 0.01 to 1000, a second
7: WINDFALL_RATE is wrong: a comment needs a line of its own; quote the value if # is part of it
8: WINDFALL_RATE is wrong: the quote has no end on this line
9: WINDFALL_BACKUP_KEEP: it must be a number from 1 to 999
10: WINDFALL_STATE: it must be an absolute path; nothing is expanded here, so write the whole path
11: WINDFALL_BACKUPS: it must be an absolute path; nothing is expanded here, so write the whole path
12: WINDFALL_ELEXON_URL: it must be an address (https://, http://, file:///) or an absolute path
13: WINDFALL_BACKUP: it must be one of on, off
15: WINDFALL_RETRY_WAIT is set on line 14 already: remove one of them
16: WINDFALL_HOME: set only in the environment
17: not NAME=value
18: WINDFALL_SITE: it must be an absolute path, or off
END
    [[ "$stderr" != *S3cret* ]]
    # windfall config prints what is in force all the same, and ends with 78.
    run --separate-stderr "$root/scripts/config" --no-header
    [ "$status" -eq 78 ]
    [ "$(grep -c "$conf:14" <<<"$output")" -eq 1 ]
}

@test "a tool ends with 78, --help does not; the monitor is told unknown; nothing in the file is executed" {
    conf_is 644 <<END
WINDFALL_CURENCY=EUR
\$(touch $BATS_TEST_TMPDIR/executed)
WINDFALL_MIGRATE_WAIT=\$(touch $BATS_TEST_TMPDIR/executed)
END
    run --separate-stderr calc-btc </dev/null
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$conf:1: WINDFALL_CURENCY"* ]]
    for tool in calc-btc with-settings with-db send-alert; do
        run --separate-stderr "$tool" --help
        [ "$status/$stderr" = 0/ ]
    done
    run check-status --format nagios
    [ "$status" -eq 3 ]
    run "$root/scripts/reconcile" --help
    [ "$status" -eq 0 ]
    [ ! -e "$BATS_TEST_TMPDIR/executed" ]
}

@test "a job with wrong settings writes its log, alerts, ends with 78 and does nothing" {
    mkdir -p "$WINDFALL_STATE/etc/hooks.d"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "$ALERT_SEVERITY $ALERT_SUBJECT" >>"%s"\n' "$BATS_TEST_TMPDIR/alerts" >"$WINDFALL_STATE/etc/hooks.d/keep"
    chmod 755 "$WINDFALL_STATE/etc/hooks.d/keep"
    conf_is 644 <<<'WINDFALL_CURENCY=EUR'
    run --separate-stderr "$root/scripts/daily"
    [ "$status" -eq 78 ]
    [[ "${lines[-1]}" == "verdict=failed job=daily "*" status=78 step=start "* ]]
    [[ "$stderr" == *"the settings are wrong: $conf:1: WINDFALL_CURENCY"* ]]
    grep -q "critical .*daily failed in step start with status 78" "$BATS_TEST_TMPDIR/alerts"
    for script in migrate "partitions list" "local-db start"; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr "$root"/scripts/$script
        [ "$status" -eq 78 ]
        [ "$output" = "" ]
    done
    [ ! -e "$WINDFALL_STATE/var/pg" ]
}

@test "a secret in a file that others may read gives nothing; a file of somebody else's, or that others write, neither" {
    # shellcheck disable=SC2016
    show='echo "$WINDFALL_CURRENCY"'
    for line in PGPASSWORD=S3cret DATABASE_URL=postgresql://me:S3cret@h/d 'DATABASE_URL=host=h pass%77ord=S3cret' \
        'DATABASE_URL=host=h password=S3cret' https_proxy=http://me:S3cret@h:3128 SLACK_WEBHOOK_URL=https://hooks.example/S3cret; do
        conf_is 640 <<<"WINDFALL_CURRENCY=EUR
$line"
        run --separate-stderr with-settings sh -c "$show"
        echo "$line: $stderr"
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"$conf:2: ${line%%=*} is a secret, and others may read"*"chmod 600"* ]]
        [[ "$stderr" != *S3cret* ]]
        chmod 600 "$conf"
        run -0 --separate-stderr with-settings sh -c "$show"
        [ "$output" = EUR ]
        run -0 --separate-stderr with-settings --list
        [[ "$output" != *S3cret* ]]
    done
    # Without a secret everybody may read it.
    conf_is 644 <<<'DATABASE_URL=postgresql://me@h/d'
    [ "$(shown DATABASE_URL)" = "DATABASE_URL	postgresql://me@h/d	$conf:1" ]
    chmod 666 "$conf"
    run --separate-stderr with-settings true
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"others may write it (mode 666)"* ]]
    [ "$(id -u)" -eq 0 ] || skip "only root can give a file away"
    # Root may let the group of the jobs' account read it, and nobody else.
    conf_is 640 <<<PGPASSWORD=S3cret
    chgrp 65534 "$conf"
    run -0 --separate-stderr with-settings true
    for mode in 644 660 604; do
        chmod $mode "$conf"
        run --separate-stderr with-settings true
        [ "$status" -eq 78 ]
    done
    chmod 644 "$conf"
    chown 65534 "$conf"
    run --separate-stderr with-settings true
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"belongs to somebody else"* ]]
}

@test "a named file that is not there, a folder, a NUL byte and a file too large are refused; /dev/null is none" {
    WINDFALL_CONF=$BATS_TEST_TMPDIR/none run --separate-stderr with-settings true
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$BATS_TEST_TMPDIR/none: No such file"* ]]
    WINDFALL_CONF=$BATS_TEST_TMPDIR run --separate-stderr with-settings true
    [ "$status" -eq 78 ]
    printf 'W\0I\0' >"$conf"
    run --separate-stderr with-settings true
    [[ "$status/$stderr" == 78/*"NUL byte"* ]]
    head -c 70000 /dev/zero | tr '\0' '#' >"$conf"
    run --separate-stderr with-settings true
    [[ "$status/$stderr" == 78/*"too large"* ]]
    WINDFALL_CONF=/dev/null run -0 --separate-stderr with-settings --files
    [ "$output$stderr" = "" ]
}

@test "the place that names the database decides alone: no password goes to another server" {
    conf_is 600 <<'END'
DATABASE_URL=postgresql://me:S3cret@file.example/d
PGPASSWORD=S3cret
PGUSER=writer
END
    # shellcheck disable=SC2016
    show='echo "${DATABASE_URL:-}|${PGHOST:-}|${PGUSER:-}|${PGPASSWORD:-}"'
    [ "$(with-settings sh -c "$show")" = "postgresql://me:S3cret@file.example/d||writer|S3cret" ]
    [ "$(PGUSER=reader with-settings sh -c "$show")" = "postgresql://me:S3cret@file.example/d||reader|S3cret" ]
    [ "$(PGHOST=other.example with-settings sh -c "$show")" = "|other.example||" ]
    [ "$(DATABASE_URL=d2 with-settings sh -c "$show")" = "d2|||" ]
    # To the tools an empty one names none, so the file's holds.
    [ "$(DATABASE_URL='' with-settings sh -c "$show")" = "postgresql://me:S3cret@file.example/d||writer|S3cret" ]
    [ "$(with-db --which)" = url ]
    [ "$(PGHOST=other.example with-db --address)" = "host=other.example" ]
    [ "$(with-db --address)" = "host=file.example dbname=d user=me" ]
}

@test "machine, user, tree: the later outranks the earlier, setting by setting, and the database as a whole" {
    [ "$(id -u)" -eq 0 ] || skip "only root can put another /etc in place"
    unshare --mount true || skip "this system gives no one an /etc of their own"
    etc=$BATS_TEST_TMPDIR/etc user=$BATS_TEST_TMPDIR/user tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$etc/windfall" "$user/windfall" "$tree/etc" "$tree/bin" "$tree/sql/reference"
    cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache "$etc"
    cp "$WINDFALL_BIN/with-settings" "$tree/bin/"
    printf '%s\n' WINDFALL_RATE=1 WINDFALL_CURRENCY=EUR PGHOST=etc.example PGUSER=etc WINDFALL_BACKUP_KEEP=7 >"$etc/windfall/windfall.conf"
    printf '%s\n' WINDFALL_RATE=2 PGUSER=user >"$user/windfall/windfall.conf"
    printf '%s\n' WINDFALL_RATE=3 PGDATABASE=tree WINDFALL_BACKUP_KEEP= >"$tree/etc/windfall.conf"
    unset WINDFALL_CONF
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount sh -c 'mount --make-rprivate / && mount --bind "$1" /etc && XDG_CONFIG_HOME=$2 "$3" --list --no-header' \
        sh "$etc" "$user" "$tree/bin/with-settings"
    echo "$stderr"
    [ "$status" -eq 0 ]
    cut -f 1-3 <<<"$output" >"$BATS_TEST_TMPDIR/rows"
    grep -qxF "WINDFALL_RATE	3	$tree/etc/windfall.conf:1" "$BATS_TEST_TMPDIR/rows"
    grep -qxF "WINDFALL_CURRENCY	EUR	/etc/windfall/windfall.conf:2" "$BATS_TEST_TMPDIR/rows"
    grep -qxF "PGDATABASE	tree	$tree/etc/windfall.conf:2" "$BATS_TEST_TMPDIR/rows"
    grep -qxF "PGHOST	\\N	unset" "$BATS_TEST_TMPDIR/rows"
    grep -qxF "PGUSER	\\N	unset" "$BATS_TEST_TMPDIR/rows"
    grep -qxF "WINDFALL_BACKUP_KEEP	\\N	default" "$BATS_TEST_TMPDIR/rows"
    # WINDFALL_CONF is the only one.
    # shellcheck disable=SC2016
    WINDFALL_CONF=$conf run -0 unshare --mount sh -c 'mount --make-rprivate / && mount --bind "$1" /etc && "$2" --files' sh "$etc" "$tree/bin/with-settings"
    [ "$output" = "$conf	read" ]
}

@test "a job by hand uses the database of the file, as cron's jobs do, and no private one is made" {
    fresh_db
    conf_is 600 <<<"DATABASE_URL=$DATABASE_URL"
    unset DATABASE_URL
    run --separate-stderr env -i PATH=/usr/bin:/bin HOME=/ LOGNAME=x WINDFALL_STATE="$WINDFALL_STATE" WINDFALL_CONF="$conf" \
        WINDFALL_BIN="$WINDFALL_BIN" "$root/scripts/wanted"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ ! -e "$WINDFALL_STATE/var/pg" ]
    # Told by somebody once, and by nobody later: no other database is made in its place.
    : >"$conf"
    # Who only looks is not sent to make one, either.
    for command in "daily 1" wanted "summary 2024" "export days"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr "$root/scripts/"$command
        echo "$stderr"
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"no database is named, and jobs here have used another ("*"host=$SUITE_SOCKET "*"dbname=$TEST_DB user=windfall)"* ]]
        [ ! -e "$WINDFALL_STATE/var/pg" ]
    done
}

@test "settings of alerts are send-alert's alone: in no environment, and its own file outranks them" {
    conf_is 600 <<'END'
MAIL_TO=nobody@example.org
SENDMAIL=/nowhere/sendmail
SMTP_PASSWORD=S3cret
END
    run -0 with-settings env
    [[ "$output" != *S3cret* && "$output" != *MAIL_TO* && "$output" != *SENDMAIL* ]]
    run --separate-stderr send-alert <<<"words"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"/nowhere/sendmail: it should send mail to MAIL_TO"* ]]
    # Even when another line is wrong.
    echo 'WINDFALL_CURENCY=EUR' >>"$conf"
    run --separate-stderr send-alert <<<"words"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$conf:4: WINDFALL_CURENCY"*"/nowhere/sendmail: it should send mail to MAIL_TO"* ]]
    mkdir -p "$WINDFALL_STATE/etc"
    echo 'SENDMAIL=/elsewhere/sendmail' >"$WINDFALL_STATE/etc/alert.conf"
    chmod 600 "$WINDFALL_STATE/etc/alert.conf"
    run --separate-stderr send-alert <<<"words"
    [[ "$stderr" == *"/elsewhere/sendmail: it should"* ]]
    # And windfall config says so.
    sed -i '$d' "$conf"
    [ "$(shown SENDMAIL)" = "SENDMAIL	/elsewhere/sendmail	$WINDFALL_STATE/etc/alert.conf:1" ]
    [ "$(shown MAIL_TO)" = "MAIL_TO	nobody@example.org	$conf:1" ]
    [ "$(shown SMTP_PASSWORD)" = "SMTP_PASSWORD	***	$conf:3" ]
    chmod 644 "$WINDFALL_STATE/etc/alert.conf"
    run --separate-stderr with-settings --list SENDMAIL
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"etc/alert.conf: others may read"* ]]
}

@test "config warns of a variable that is not a setting, names one setting, and knows its formats" {
    WINDFALL_CURENCY=EUR run --separate-stderr "$root/scripts/config"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"WINDFALL_CURENCY in the environment is not a setting; the nearest is WINDFALL_CURRENCY"* ]]
    [ "$(WINDFALL_JOB=x "$root/scripts/config" 2>&1 >/dev/null)" = "" ]
    run --separate-stderr "$root/scripts/config" WINDFALL_RAT
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"no such setting; the nearest "*"WINDFALL_RATE"* ]]
    "$root/scripts/config" --format ndjson | jq -e -s 'length > 40 and all(has("name") and has("source") and has("meaning"))'
    [ "$("$root/scripts/config" --format csv --no-header WINDFALL_BACKUP)" = "WINDFALL_BACKUP,,default,on,Whether weekly makes a backup" ]
}

@test "every variable that tools and scripts read is a setting, or known to be none; the manual has them all" {
    {
        grep -ohE '(getenv|db_variable_is_set|environment_number)\("[A-Za-z_]+"' "$root"/src/*.c "$root"/src/lib/*/*.c | sed 's/.*"\(.*\)"/\1/'
        grep -ohE 'http_base_url\([^;]*"WINDFALL_[A-Z_]+"' "$root"/src/*.c | sed 's/.*"\(.*\)"/\1/'
        grep -ohE '\{ "[A-Z_]+", SETTING_' "$root"/src/lib/alert/*.c | sed 's/.*"\(.*\)".*/\1/'
        cat "$root"/scripts/* "$root"/scripts/lib/* 2>/dev/null | grep -oE '\$\{(WINDFALL|COINBASE)_[A-Z_]+' | sed 's/..//'
    } | sort -u >"$BATS_TEST_TMPDIR/read"
    echo "$(wc -l <"$BATS_TEST_TMPDIR/read") are read"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/read")" -gt 40 ]
    with-settings --list --no-header | cut -f 1 >"$BATS_TEST_TMPDIR/settings"
    sed -n '/config_environment_only\[\] = {/,/};/p' "$root/src/lib/cli/config_table.c" | grep -o '"[A-Z_]*"' | tr -d '"' >"$BATS_TEST_TMPDIR/others"
    # What is the system's own.
    printf '%s\n' HOME PATH USER LOGNAME SUDO_USER TMPDIR TERM NO_COLOR PGAPPNAME XDG_CONFIG_HOME >>"$BATS_TEST_TMPDIR/others"
    run grep -vxF -f "$BATS_TEST_TMPDIR/settings" -f "$BATS_TEST_TMPDIR/others" "$BATS_TEST_TMPDIR/read"
    [ "$output" = "" ]
    page=$root/${TEST_BUILD:-build}/windfall.conf.5
    while read -r name; do
        [ "$(grep -c "^\.It Ev $name\$" "$page")" -ge 1 ]
    done <"$BATS_TEST_TMPDIR/settings"
    [ "$(grep -c @SETTINGS@ "$page")" -eq 0 ]
    # A setting of an alert channel stands in the manual of send-alert too.
    grep -ohE '\{ "[A-Z_]+", SETTING_' "$root"/src/lib/alert/channel_*.c | sed 's/.*"\(.*\)".*/\1/' | sort -u >"$BATS_TEST_TMPDIR/alerts"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/alerts")" -ge 10 ]
    sed -n 's/^\.It Ev //p' "$root/src/send-alert.1" | tr -s ' ,' '\n' | sort -u >"$BATS_TEST_TMPDIR/told"
    run comm -23 "$BATS_TEST_TMPDIR/alerts" "$BATS_TEST_TMPDIR/told"
    [ "$output" = "" ]
    # And in its tests.
    run grep -vxF -f <(grep -oE '[A-Z_]{5,}' "$root/tests/cli/send-alert.bats" | sort -u) "$BATS_TEST_TMPDIR/alerts"
    [ "$output" = "" ]
}

@test "every tool begins with the settings" {
    for file in "$root"/src/*.c; do
        case $file in */send-alert.c|*/with-settings.c) begin=config_load ;; *) begin='tool_begin(argc, argv)' ;; esac
        grep -qF "$begin" "$file" || { echo "$file does not"; false; }
    done
}

# Every way out of a wrong file: what explains, and what stops.
@test "while a file is wrong, help, config, doctor, and local-db stop and status still work" {
    printf '%s\n' "WINDFALL_STATE=$BATS_TEST_TMPDIR/own" 'no such line' WINDFALL_SITE_FLET=1 >"$BATS_TEST_TMPDIR/wrong.conf"
    mkdir "$BATS_TEST_TMPDIR/own"
    unset WINDFALL_STATE DATABASE_URL
    export WINDFALL_CONF=$BATS_TEST_TMPDIR/wrong.conf
    for name in $("$root/scripts/windfall" --commands); do
        run --separate-stderr "$root/scripts/windfall" help "$name"
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ] || { echo "$name: $stderr"; false; }
    done
    run --separate-stderr "$root/scripts/windfall" config WINDFALL_STATE
    [ "$status" -eq 78 ]
    [[ "$output" == *$'WINDFALL_STATE\t'"$BATS_TEST_TMPDIR/own"* ]]
    [ "$(grep -c 'wrong.conf:[23]: ' <<<"$stderr")" -eq 2 ]
    run --separate-stderr "$root/scripts/windfall" doctor --offline
    [ "$status" -eq 1 ]
    [[ "$output" == *$'settings\tbad\t'*"wrong.conf:2: not NAME=value"* ]]
    # By the lines that can be read: the server of that folder, and not another.
    run --separate-stderr "$root/scripts/local-db" status
    echo "$output $stderr"
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"wrong.conf:3: WINDFALL_SITE_FLET: no such setting"* ]]
    run --separate-stderr "$root/scripts/local-db" stop
    [ "$status" -eq 0 ]
    # What makes or deletes a database is done by no half of the settings.
    for verb in start restart upgrade "destroy --yes" psql; do
        # shellcheck disable=SC2086 # a verb and its option
        run --separate-stderr "$root/scripts/local-db" $verb
        [ "$status" -eq 78 ]
    done
}
