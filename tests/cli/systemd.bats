# systemd: the units are sound and shut in, say the same times as cron's lines, and are never beside them.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

# Each has a timer; all but exchange-weekly's are enabled.
jobs=$(printf '%s\n' "$root"/systemd/windfall-*.timer | sed 's|.*/windfall-||; s|\.timer$||')
enabled=$(grep -cvx exchange-weekly <<<"$jobs")

# The units with the paths of this tree, where systemd-analyze looks for them alone.
units_here() {
    mkdir -p "$BATS_TEST_TMPDIR/units"
    for unit in "$root"/systemd/*.service "$root"/systemd/*.timer; do
        sed "s|/usr/local/lib/windfall|$root|g" "$unit" >"$BATS_TEST_TMPDIR/units/${unit##*/}"
    done
    export SYSTEMD_UNIT_PATH=$BATS_TEST_TMPDIR/units:/lib/systemd/system:/usr/lib/systemd/system
}

need_analyze() {
    command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
    version=$(systemd-analyze --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
    [ "$version" -ge "$1" ] || skip "systemd $version is too old for this: $1 is needed"
}

@test "systemd finds nothing to say of the units, and rates the sandbox of a job 1.5 or better" {
    need_analyze 250
    case $root in *[!A-Za-z0-9/._-]*) skip "units are for paths without blanks" ;; esac
    units_here
    for job in $jobs; do
        run systemd-analyze verify --man=no "windfall@$job.service" "windfall-$job.timer" "windfall-alert@$job.service"
        # Where the network or PostgreSQL are no units of this machine, nothing hangs on it.
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(grep -c windfall <<<"$output")" -eq 0 ]
    done
    for unit in windfall@ windfall-alert@; do
        systemd-analyze security --offline=true --threshold=15 --no-pager "$BATS_TEST_TMPDIR/units/$unit.service" >"$BATS_TEST_TMPDIR/rated"
    done
    systemd-analyze security --offline=true --threshold=25 --no-pager "$BATS_TEST_TMPDIR/units/windfall-db.service" >"$BATS_TEST_TMPDIR/rated"
    # It is this that is measured: without the sandbox the figure is another.
    sed -i '/^StateDirectoryMode/q' "$BATS_TEST_TMPDIR/units/windfall@.service"
    run systemd-analyze security --offline=true --threshold=15 --no-pager "$BATS_TEST_TMPDIR/units/windfall@.service"
    [ "$status" -ne 0 ]
}

@test "the alert is shut in as the jobs are" {
    sandbox() { sed -n '/^StateDirectory=/,$p' "$root/systemd/$1"; }
    diff <(sandbox windfall@.service) <(sandbox windfall-alert@.service)
    [ "$(sandbox windfall@.service | wc -l)" -gt 20 ]
}

@test "each timer has the time of cron's line, in London, and stands in no way of another" {
    days=('Sun ' 'Mon ' 'Tue ' 'Wed ' 'Thu ' 'Fri ' 'Sat ')
    seen=0
    while read -r minute hour day month week rest; do
        job=${rest##*/scripts/}
        job=${job%% *}
        file=$root/systemd/windfall-$job.timer
        grep -qx "Unit=windfall@$job.service" "$file"
        [ "$hour" = '*' ] || hour=$(printf %02d "$hour")
        [ "$day" = '*' ] || day=$(printf %02d "$day")
        [ "$month" = '*' ] || month=$(printf ',%02d' ${month//,/ }) month=${month#,}
        case $week in '*') week= ;; *) week=${days[week]} ;; esac
        [ "$hour:$minute" != 03:0 ] && [ "$minute" != 0 ] || minute=00
        zone=Europe/London
        [ "$hour" != '*' ] || zone=UTC
        grep -qxF "OnCalendar=$week*-$month-$day $hour:$minute $zone" "$file" || { echo "$job: $week*-$month-$day $hour:$minute"; false; }
        seen=$((seen + 1))
    done < <(grep -E '^([0-9*]|#0 2 \* \* 0)' "$root/cron/windfall.crontab" | sed 's/^#//')
    [ "$seen" -eq $((enabled + 1)) ]
    for job in $jobs; do
        grep -qx Persistent=yes "$root/systemd/windfall-$job.timer"
        grep -qx FixedRandomDelay=yes "$root/systemd/windfall-$job.timer"
        grep -qx 'ConditionPathExists=!/etc/cron.d/windfall' "$root/systemd/windfall-$job.timer"
    done
}

@test "no half hour of a day on which clocks change is left out" {
    need_analyze 250
    calendar=$(sed -n 's/^OnCalendar=//p' "$root/systemd/windfall-realtime.timer")
    for night in 2027-03-28 2027-10-31; do
        TZ=UTC systemd-analyze calendar --base-time="$night 00:00:00 UTC" --iterations=8 "$calendar" |
            grep -oE "$night [0-9:]+ UTC" | sort -u >"$BATS_TEST_TMPDIR/times"
        [ "$(head -n 8 "$BATS_TEST_TMPDIR/times" | cut -d ' ' -f 2 | tr '\n' ' ')" = \
            "00:16:00 00:46:00 01:16:00 01:46:00 02:16:00 02:46:00 03:16:00 03:46:00 " ]
    done
}

# ---- OnFailure ----------------------------------------------------------------

# A state whose hook keeps what it is told.
listen() {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE/etc/hooks.d" "$WINDFALL_STATE/var/jobs"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n{ echo "$ALERT_SEVERITY $ALERT_SUBJECT"; cat; } >>"$WINDFALL_STATE/told"\n' >"$WINDFALL_STATE/etc/hooks.d/keep"
    chmod 755 "$WINDFALL_STATE/etc/hooks.d/keep"
}

@test "a job that was killed, or never began, is told by the unit; one that came to its end has told it itself" {
    listen
    MONITOR_SERVICE_RESULT=signal MONITOR_EXIT_CODE=killed MONITOR_EXIT_STATUS=KILL MONITOR_INVOCATION_ID=aa \
        "$root/scripts/alert" unit weekly
    grep -q "^critical CRITICAL .*: weekly failed in step service with status 137$" "$WINDFALL_STATE/told"
    grep -q '^the unit ended with signal (killed KILL): journalctl -u windfall@weekly$' "$WINDFALL_STATE/told"
    # A sandbox that systemd could not make.
    MONITOR_SERVICE_RESULT=exit-code MONITOR_EXIT_CODE=exited MONITOR_EXIT_STATUS=226 MONITOR_INVOCATION_ID=bb \
        "$root/scripts/alert" unit daily
    grep -q ': daily failed in step service with status 226$' "$WINDFALL_STATE/told"
    # Its own end, with the number of this run, is in the job's record; with that of another it is not.
    rm "$WINDFALL_STATE/told"
    printf 'ended=2026-01-02T03:00:00Z\ninvocation=cc\n' >"$WINDFALL_STATE/var/jobs/monthly"
    MONITOR_EXIT_CODE=exited MONITOR_EXIT_STATUS=70 MONITOR_INVOCATION_ID=cc "$root/scripts/alert" unit monthly
    [ ! -e "$WINDFALL_STATE/told" ]
    MONITOR_EXIT_CODE=exited MONITOR_EXIT_STATUS=70 MONITOR_INVOCATION_ID=c "$root/scripts/alert" unit monthly
    grep -q ': monthly failed in step service with status 70$' "$WINDFALL_STATE/told"
    # What the next run may find gone is told from the second in a row on, as under cron.
    rm "$WINDFALL_STATE/told"
    for run in dd ee; do
        [ ! -e "$WINDFALL_STATE/told" ]
        MONITOR_EXIT_CODE=exited MONITOR_EXIT_STATUS=75 MONITOR_INVOCATION_ID=$run "$root/scripts/alert" unit realtime
    done
    grep -q '^warning .*: realtime could not do its work in step service$' "$WINDFALL_STATE/told"
}

@test "a job leaves the number of its run under systemd, and none elsewhere" {
    listen
    fresh_db
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state WINDFALL_ELEXON_URL=file://$root/tests/data/archive
    INVOCATION_ID=0123abcd run reconcile status
    INVOCATION_ID=0123abcd run reingest 2022-01-01 --periods 1
    grep -qx invocation=0123abcd "$WINDFALL_STATE/var/jobs/reingest"
    env -u INVOCATION_ID "$root/scripts/reingest" 2022-01-01 --periods 1 >"$BATS_TEST_TMPDIR/again" 2>&1 || :
    [ "$(grep -c invocation "$WINDFALL_STATE/var/jobs/reingest")" -eq 0 ]
    grep -q '^ended=' "$WINDFALL_STATE/var/jobs/reingest"
}

# ---- schedule --timers ----------------------------------------------------------

# in_systemd SCRIPT - the shell SCRIPT with $1 as schedule, by root, where systemd's and cron's folders are empty and
# systemd does not run.
in_systemd() {
    [ "$(id -u)" -eq 0 ] || skip "only root can give systemd folders of its own"
    command -v systemctl >/dev/null || skip "systemd is not installed"
    unshare --mount true || skip "this system gives no one folders of their own"
    tree=/opt/windfall-test
    export state=$BATS_TEST_TMPDIR/state conf=$BATS_TEST_TMPDIR/windfall.conf
    chmod 755 "$BATS_TEST_TMPDIR"
    install -d -m 755 -o nobody "$state"
    printf '%s\n' "WINDFALL_STATE=$state" 'DATABASE_URL=postgresql://db.example/windfall' >"$conf"
    chmod 644 "$conf"
    unset WINDFALL_STATE WINDFALL_BIN DATABASE_URL
    export WINDFALL_CONF=$conf SYSTEMD_OFFLINE=1
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount sh -eu -c '
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 none /opt
        mkdir -p "$1/bin" "$1/sql/reference"
        cp -R "$3/scripts" "$3/cron" "$3/systemd" "$1/"
        cp "$4"/* "$1/bin/"
        chmod -R a+rX "$1"
        mkdir -p /etc/systemd/system /run/systemd
        mount -t tmpfs -o mode=755 none /etc/systemd/system
        mount -t tmpfs -o mode=755 none /run/systemd
        mount -t tmpfs -o mode=755 none /etc/cron.d
        exec sh -c "$2" "$1/scripts/schedule"' sh "$tree" "$1" "$root" "$WINDFALL_BIN_OF_SUITE"
    echo "$output"
    echo "$stderr"
}

setup() { WINDFALL_BIN_OF_SUITE=$WINDFALL_BIN; }

@test "schedule --timers writes the units of this tree, enables what cron's lines run, twice as once, and remove leaves nothing" {
    # shellcheck disable=SC2016
    in_systemd '"$0" install --timers; find /etc/systemd/system | sort >/opt/was; "$0" install --timers; find /etc/systemd/system | sort | diff /opt/was -
        cat /etc/systemd/system/windfall@.service /etc/systemd/system/windfall@.service.d/*
        find /etc/systemd/system/timers.target.wants -type l | wc -l
        "$0" status; "$0" install || echo "cron $?"; "$0" remove; find /etc/systemd/system ! -type d; "$0" status || echo "status $?"'
    [ "$status" -eq 0 ]
    [[ "$output" == *$'\n'"ExecStart=/opt/windfall-test/scripts/%i"$'\n'* ]]
    [[ "$output" == *$'\n'"User=nobody"$'\n'"ReadWritePaths=-$state"$'\n'"Environment=WINDFALL_CONF=$conf"$'\n'* ]]
    [[ "$output" == *$'\n'"$enabled"$'\nplace\ttime\tjob\ntimers of systemd\t*-*-* 03:00 Europe/London\tdaily\n'* ]]
    [[ "$output" == *$'\ncron 78\nplace\ttime\tjob\nstatus 1' ]]
    [[ "$stderr" == *"the timers of systemd run these jobs already"*"(windfall schedule remove)"* ]]
    [[ "$stderr" == *"systemd is not running here: the timers start with it"* ]]
}

@test "timers beside cron's lines, units of another installation, and an ordinary user's are refused" {
    # shellcheck disable=SC2016
    in_systemd 'touch /opt/cron; PATH=/opt/path:$PATH; mkdir /opt/path; printf "#!/bin/sh\n" >/opt/path/cron; chmod -R a+rx /opt/path
        "$0" install; "$0" install --timers || echo "beside $?"; "$0" remove
        printf "[Service]\nExecStart=/elsewhere/%%i\n" >/etc/systemd/system/windfall@.service; "$0" install --timers || echo "foreign $?"
        cat /etc/systemd/system/windfall@.service; rm /etc/systemd/system/windfall@.service
        runuser -u nobody -- env WINDFALL_CONF="$WINDFALL_CONF" "$0" install --timers || echo "user $?"; find /etc/systemd/system ! -type d'
    [ "$output" = "beside 78
foreign 78
[Service]
ExecStart=/elsewhere/%i
user 77" ]
    [[ "$stderr" == *"/etc/cron.d/windfall runs these jobs already"* ]]
    [[ "$stderr" == *"/etc/systemd/system/windfall@.service is not of this installation"* ]]
    [[ "$stderr" == *"timers are for root"* ]]
}

# For doctor: a systemctl that says of systemd what the test wants, $IDLE the timer that does not wait.
# shellcheck disable=SC2016
fake_systemctl='mkdir -p /opt/path
    printf "%s\n" "#!/bin/sh" "case \"\$*\" in" "is-system-running) echo \$RUNNING; [ \$RUNNING = running ] ;;" \
        "is-enabled*exchange*) exit 1 ;;" "is-enabled*) echo enabled ;;" "\"-q is-active \$IDLE\") exit 3 ;;" \
        "show*) echo tomorrow ;;" esac >/opt/path/systemctl
    chmod -R a+rx /opt/path
    cp -R "${0%/scripts/*}/systemd/." /etc/systemd/system/
    sed -i "s|/usr/local/lib/windfall|${0%/scripts/*}|" /etc/systemd/system/windfall*.service
    PATH=/opt/path:$PATH'

@test "doctor says whether each timer waits, whether systemd runs, and that sendmail takes no mail from a unit" {
    # shellcheck disable=SC2016
    in_systemd "$fake_systemctl"'
        doctor() { "${0%/schedule}/doctor" --offline | grep -E "^(schedule|mail of timers)"; }
        export RUNNING=running IDLE=none
        doctor
        MAIL_TO=a@example.org SENDMAIL=/bin/true doctor
        MAIL_TO=a@example.org SMTP_URL=smtp://localhost doctor
        IDLE=windfall-daily.timer doctor
        RUNNING=offline doctor'
    waits="schedule	ok	$enabled jobs by timers of systemd, daily next at tomorrow	"
    [ "$output" = "$waits
$waits
mail of timers	bad	sendmail takes no mail from the sandbox of a unit	in windfall.conf set SMTP_URL to smtp://localhost
$waits
schedule	bad	enabled, and not waiting: windfall-daily.timer	systemctl start windfall-daily.timer
schedule	warn	timers are enabled ($enabled), and systemd does not run here	start this machine with systemd, or use cron: windfall schedule remove, then install" ]
}
