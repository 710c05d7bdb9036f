# What every tool does alike.  A new tool is covered the day it appears.
load helper

tools() {
    local tool
    for tool in "$root"/src/*.c; do
        tool=${tool##*/}
        echo "${tool%.c}"
    done
}

@test "--help goes to stdout with status 0 and a silent stderr" {
    for tool in $(tools); do
        run --separate-stderr "$tool" --help
        echo "$tool: status $status, stderr: $stderr"
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
        [[ "${lines[0]}" == "usage: $tool"* ]]
    done
}

@test "--version begins with the tool's name, the suite's and three numbers" {
    for tool in $(tools); do
        run --separate-stderr "$tool" --version
        echo "$tool: status $status, $output"
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
        [[ "${lines[0]}" =~ ^"$tool (Windfall) "[0-9]+\.[0-9]+\.[0-9]+$ ]]
    done
}

@test "an option that does not exist is a usage error, and stdout stays empty" {
    for tool in $(tools); do
        # For a monitor 64 would mean nothing: check-status says 3, unknown.
        want=64
        [ "$tool" != check-status ] || want=3
        run --separate-stderr "$tool" --no-such-option
        echo "$tool: status $status, wanted $want, stdout: $output"
        [ "$status" -eq "$want" ]
        [ "$output" = "" ] || [ "$tool" = check-status ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ "$stderr" == *"--no-such-option: no such option; see $tool --help"* ]]
    done
}

@test "what is wrong with an option is said in one line" {
    while IFS=: read -r arguments complaint; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr send-alert $arguments
        echo "$arguments: $status $stderr"
        [ "$status" -eq 64 ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ "$stderr" == *"$complaint; see send-alert --help"* ]]
    done <<'END'
-x:-x: no such option
-rx:-x: no such option
--sev:--sev needs a value
--severity:--severity needs a value
-r -s:-s needs a value
-rs:-s needs a value
--resolve=no:--resolve takes no value
end --nothing:--nothing: no such option
END
}

@test "a full disk under stdout is status 74, not a short file" {
    for tool in $(tools); do
        want=74
        [ "$tool" != check-status ] || want=3
        status=0
        "$tool" --help >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
        echo "$tool: status $status, wanted $want"
        [ "$status" -eq "$want" ]
        [ -s "$BATS_TEST_TMPDIR/stderr" ]
    done
}

# cannot_write HOW WORD... - a script whose output is not taken (full, closed, gone: nobody reads it any more) ends with 74.
cannot_write() {
    local how=$1 status=0
    shift
    case $how in
    full)   "$@" >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$? ;;
    closed) "$@" >&- 2>"$BATS_TEST_TMPDIR/stderr" || status=$? ;;
    gone)   (trap "" PIPE; exec "$@" 2>"$BATS_TEST_TMPDIR/stderr" 1>&"$GONE") || status=$? ;;
    esac
    echo "$*, $how: status $status"
    [ "$status" -eq 74 ]
    [ -s "$BATS_TEST_TMPDIR/stderr" ]
    # One line, in the words of the suite.
    cat "$BATS_TEST_TMPDIR/stderr"
    [ "$(grep -vc 'level=info\|level=warning' "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
}

# 1 would be an answer, and 2 and 4 are no status of ours: who asks whether jobs are scheduled would hear that none is.
@test "a script whose output is not taken ends with 74 too, whoever would have written it" {
    local reader how
    fresh_db
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec {reader}<>"$BATS_TEST_TMPDIR/pipe" {GONE}>"$BATS_TEST_TMPDIR/pipe" {reader}>&-
    for script in "$root"/scripts/*; do
        case ${script##*/} in *.sh|lib) continue ;; esac
        cannot_write full "$script" --help
    done
    for how in closed gone; do
        cannot_write $how "$root/scripts/windfall" --version
        cannot_write $how "$root/scripts/report" 2022-01-01
        cannot_write $how "$root/scripts/units"
        cannot_write $how "$root/scripts/migrate" --status
        cannot_write $how "$root/scripts/schedule" status
        cannot_write $how "$root/scripts/site"
        cannot_write $how "$root/scripts/sbom" "$WINDFALL_BIN"
    done
}

@test "a file that may not grow (ulimit -f) is a write that fails with 74, said in one line" {
    local said status
    for words in "what-if --list-models" "scripts/report 2022-01-01"; do
        status=0
        # shellcheck disable=SC2086
        said=$(ulimit -f 1; cd "$root"; $words 2>&1 >"$BATS_TEST_TMPDIR/out") || status=$?
        echo "$words: $status $said"
        [ "$status" -eq 74 ]
        [ "$(grep -c level=error <<<"$said")" -eq 1 ]
    done
}

@test "a stream that another program left non-blocking loses nothing to a slow reader, nor rows that are late" {
    local late=$'a\tb\n1\t2'
    with-settings --manual >"$BATS_TEST_TMPDIR/whole"
    cat >"$BATS_TEST_TMPDIR/not-blocking" <<'END'
use Fcntl;
my $stream = shift;
pipe(my $r, my $w);
fcntl($stream ? $w : $r, F_SETFL, O_NONBLOCK | ($stream ? O_WRONLY : O_RDONLY));
fcntl($w, 1031, 4096); # F_SETPIPE_SZ: it is full soon
my $tool = fork;
if (!$tool) {
    open($stream ? *STDOUT : *STDIN, $stream ? ">&" : "<&", $stream ? $w : $r);
    close $r; close $w;
    exec @ARGV;
}
close($stream ? $w : $r);
select undef, undef, undef, 0.3;
if ($stream) { print while <$r> } else { syswrite $w, $ENV{LATE}; close $w }
waitpid $tool, 0;
exit $? >> 8;
END
    perl "$BATS_TEST_TMPDIR/not-blocking" 1 with-settings --manual | diff "$BATS_TEST_TMPDIR/whole" -
    [ "$(LATE=$late perl "$BATS_TEST_TMPDIR/not-blocking" 0 show-rows --format tsv)" = "$late" ]
}

@test "a reader that has read enough ends a script as quietly as a tool" {
    local reader
    fresh_db
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec {reader}<>"$BATS_TEST_TMPDIR/pipe" {GONE}>"$BATS_TEST_TMPDIR/pipe" {reader}>&-
    for words in windfall "windfall --version" "windfall help" "daily --help" "units --help" doctor "schedule print" "schedule status" site units \
        "plot --help" "sbom $WINDFALL_BIN" "migrate --status"; do
        status=0
        # shellcheck disable=SC2086
        WINDFALL_STATE=$BATS_TEST_TMPDIR "$root"/scripts/$words 1>&"$GONE" 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
        echo "$words: $status $(cat "$BATS_TEST_TMPDIR/stderr")"
        [ "$status" -eq 141 ]
        run grep -v 'level=info\|level=warning' "$BATS_TEST_TMPDIR/stderr"
        [ "$output" = "" ]
    done
}

@test "a folder in the place of a file, or of stdin, is 66 from whatever reads rows, and named so" {
    local folder=$BATS_TEST_TMPDIR words
    while read -ra words; do
        echo "${words[*]}"
        run --separate-stderr "${words[@]}" <"$folder"
        [ "$status" -eq 66 ]
        [ "${#lines[@]}" -le 1 ] # a header
        [[ "$stderr" == *"cannot read"*": Is a directory"* ]]
    done <<-END
	calc-btc --difficulty 1 --subsidy 1
	calc-btc --history $folder
	calc-btc --models $folder
	fetch-difficulty --file $folder
	fetch-elexon --units $folder 2024-05-01
	fetch-fills --csv $folder
	fetch-prices --file $folder
	fetch-rates --file $folder
	fetch-replacement
	import-trades $folder
	send-alert
	show-rows
	with-db --explain $folder
	with-settings --nearest word
	with-settings --redact
	END
}

@test "without a database, a tool that needs one says what to do about it" {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR
    for tool in find-missing rollup-summaries audit-calcs; do
        [ -e "$root/src/$tool.c" ] || continue
        run --separate-stderr "$tool" 2025-01-01
        echo "$tool: status $status, stderr: $stderr"
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"scripts/local-db start"* ]]
    done
    # Which would not help where another is named.
    PGHOST=$BATS_TEST_TMPDIR run --separate-stderr find-missing 2025-01-01
    [ "$status" -eq 75 ]
    [[ "$stderr" != *"local-db"* ]]
}

# ---- scripts ------------------------------------------------------------------------------------

scripts() {
    local script
    for script in "$root"/scripts/*; do
        [ -f "$script" ] || continue
        case $script in *.sh|*/lib) continue ;; esac
        echo "${script##*/}"
    done
}

@test "each script says with --help what it is, on stdout with status 0 and a silent stderr" {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    for script in $(scripts); do
        run --separate-stderr "$root/scripts/$script" --help
        echo "$script: status $status, stderr: $stderr"
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
        [[ "${lines[0]}" == "usage: $script"* ]]
    done
    [ ! -e "$WINDFALL_STATE" ]
}

@test "an option that does not exist is a usage error of a script, too, and nothing is begun" {
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    for script in $(scripts); do
        run --separate-stderr "$root/scripts/$script" --no-such-option
        echo "$script: status $status, stdout: $output"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ "$stderr" == *"; see "*" --help"* ]]
    done
    while read -ra words; do
        run --separate-stderr "$root/scripts/${words[0]}" "${words[@]:1}"
        echo "${words[*]}: status $status, $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ "$stderr" == *"; see "*" --help"* ]]
    done <<'END'
local-db none
local-db status none
local-db destroy none
migrate none
fix-difficulty 2025-03-04 2025-03-05
exchange
exchange report none
partitions list none
alert none
deps none
END
    [ ! -e "$WINDFALL_STATE/logs" ]
}

@test "words that cannot be meant are a usage error before any database is asked" {
    # No server listens there: asked, it would be 75.
    export DATABASE_URL='postgresql://nobody@127.0.0.1:9/none'
    while read -r command; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr timeout 20 $command
        echo "$command: $status $output $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
    done <<'END'
reconcile-fills nonsense
reconcile-fills proposals odd
reconcile-fills approve
reconcile-fills approve x
reconcile-fills approve 1 all
reconcile-fills reject
reconcile-fills settle
reconcile-fills discard
exchange proposals odd
exchange approve
exchange approve x
exchange reject
exchange check 9
exchange backfill x
exchange audit x
exchange compare 1
exchange compare a b
exchange import
units declare
units declare T_X-1
units declare T_X-1 WIND
units declare T_X-1 WIND --why x --from y
units withdraw a:b
units sites a b
reconcile spot-fix 2022-01-01 51 T_X-1
reconcile spot-fix 2022-01-01 0 T_X-1
reingest 2022-01-01 --periods 9-3
reingest 2022-01-01 --periods 51
reingest 2022-01-01 --periods 0
report 2022-02-30
fix-difficulty a b c
fix-difficulty 2022-01-03 2022-01-01 5
END
    # The job of a tool, too.
    for words in "a b c" "2022-01-03 2022-01-01 5" "2022-01-01 2022-01-03 x"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr timeout 20 "$root/scripts/fix-difficulty" $words
        echo "$words: $status $output $stderr"
        [ "$status/$output/${#stderr_lines[@]}" = "64//1" ]
    done
    # A file is opened before the database is asked, too.
    run --separate-stderr units sites "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
    run --separate-stderr fetch-fills --store --csv "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
    run --separate-stderr fetch-fills --store --csv "$BATS_TEST_TMPDIR"
    [ "$status" -eq 66 ]
    run --separate-stderr "$root/scripts/import-legacy" "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 66 ]
    run --separate-stderr "$root/scripts/import-legacy" "$BATS_TEST_TMPDIR"
    [ "$status" -eq 65 ]
}

@test "an empty word, as of a variable that is not set, is none of the words that may be left out" {
    local none=''
    export DATABASE_URL='postgresql://nobody@127.0.0.1:9/none' WINDFALL_STATE=$BATS_TEST_TMPDIR
    refused() {
        run --separate-stderr timeout 20 "$@"
        echo "$*: $status $output $stderr"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
    }
    mkdir "$BATS_TEST_TMPDIR/backups"
    touch "$BATS_TEST_TMPDIR/backups/windfall_20250301_040000.dump"
    refused restore "$none" --yes
    refused reingest 2022-01-01 --periods "$none"
    refused reingest 2022-01-01 --periods="$none"
    refused reingest 2022-01-01 "$none"
    refused gains --fifo "$none"
    refused gains --year="$none"
    refused monthly "$none"
    refused weekly "$none"
    refused daily "$none"
    refused reconcile recent "$none"
    refused reconcile range 2022-01-01 "$none"
}

@test "no help is wider than a hundred columns" {
    # Characters count, whatever the caller's locale: bytes that go on a character begin none.
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    for program in $(tools) $(scripts | sed "s|^|./scripts/|"); do
        (cd "$root" && "$program" --help) >"$BATS_TEST_TMPDIR/help"
        [ -s "$BATS_TEST_TMPDIR/help" ]
        LC_ALL=C sed 's/[\x80-\xbf]//g' "$BATS_TEST_TMPDIR/help" |
            LC_ALL=C awk -v program="$program" 'length($0) > 100 { print program ": " $0 }' >>"$BATS_TEST_TMPDIR/wide"
    done
    cat "$BATS_TEST_TMPDIR/wide"
    [ ! -s "$BATS_TEST_TMPDIR/wide" ]
}
