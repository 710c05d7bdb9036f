# Completion, in a real bash that has read the file as a login shell does, and in a real zsh where there is one.
#
# bats sets the suite's $root.
# shellcheck disable=SC2154
load helper

# completed WORD... - what bash offers for the last of these words behind windfall, in one line.
completed() {
    bash --norc -c 'source "$1/completion/windfall.bash"
        complete -p windfall | grep -q -- "-F _windfall" || exit 1
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _windfall
        echo "${COMPREPLY[*]}"' bash "$root" "$root/scripts/windfall" "$@"
}

@test "commands are those that windfall lists" {
    [ "$(completed '')" = "help $("$root/scripts/windfall" --commands | tr '\n' ' ' | sed 's/ $//')" ]
    [ "$(completed rec)" = "reconcile reconcile-fills" ]
    [ "$(completed help sum)" = summary ]
}

@test "every option of every command is offered, and none that it does not name" {
    # One shell for them all.
    # shellcheck disable=SC2046,SC2016 # the names are words, and the script is the other shell's
    bash --norc -c 'source "$1/completion/windfall.bash"
        for name in "${@:2}"; do
            COMP_WORDS=("$1/scripts/windfall" "$name" --) COMP_CWORD=2 COMPREPLY=()
            _windfall
            echo "$name: ${COMPREPLY[*]}"
        done' bash "$root" $("$root/scripts/windfall" --commands) >"$BATS_TEST_TMPDIR/offered"
    for name in $("$root/scripts/windfall" --commands); do
        echo "$name: $("$root/scripts/windfall" help "$name" | grep -oE -e '--[a-z][a-z0-9-]*' | sort -u | paste -sd ' ')"
    done >"$BATS_TEST_TMPDIR/named"
    diff "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/offered"
    [[ " $(completed reconcile --) " == *" --resume "* ]]
}

@test "verbs come first, dates behind them, and dates alone where there are no verbs" {
    [ "$(completed reconcile '')" = "status analyze report all range recent date missing critical spot-fix" ]
    [ "$(completed exchange pro)" = proposals ]
    [ "$(completed trend '')" = "months storms calms records outliers" ]
    [ "$(completed partitions ar)" = archive-year ]
    [ "$(completed reconcile range '')" = "today yesterday" ]
    [ "$(completed summary '')" = "today yesterday" ]
    # What begins with a digit is one of the last days, or months where a command takes these.
    day=$(date -d '3 days ago' +%F)
    [[ " $(completed reconcile date "${day%?}") " == *" $day "* ]]
    [ "$(completed find-missing "$day")" = "$day" ]
    [ "$(completed find-missing --since "$day")" = "$day" ]
    month=$(date -d "$(date +%Y-%m-15) 2 months ago" +%Y-%m)
    [[ " $(completed summary "$month") " == *" $month "* ]]
    [[ " $(completed find-missing "$month") " != *" $month "* ]]
    [ "$(completed partitions archive-year | cut -d ' ' -f 1)" = "archive-year" ]
    [ "$(completed partitions archive-year '' | cut -d ' ' -f 1)" = "$(($(date +%Y) - 1))" ]
    [ "$(completed find-missing y)" = yesterday ]
}

@test "values: formats of the command, models, machines, units of the register, files" {
    [ "$(completed summary --format '')" = "csv ndjson table tsv" ]
    [ "$(completed check-status --format p)" = prometheus ]
    [ "$(completed calc-btc --format '')" = "csv ndjson table tsv" ]
    [ "$(completed summary --model S19)" = S19J_PRO ]
    [[ " $(completed what-if --model S19)" == *" S19_PRO"* ]]
    [ "$(completed what-if --unit T_KLG)" = T_KLGLW-1 ]
    [ "$(completed reconcile spot-fix 2025-01-01 3 T_KLG)" = T_KLGLW-1 ]
    [ "$(completed units declare T_KLG)" = T_KLGLW-1 ]
    [ "$(completed miner-models retire S19)" = S19J_PRO ]
    # Names of farms, owners and regions, quoted as the shell needs them; typed so far quoted or not.
    [ "$(completed what-if --farm Cly)" = Clyde ]
    [ "$(completed rank-farms --farm 'Black\ L')" = 'Black\ Law Black\ Law\ Extension' ]
    [[ " $(completed size-fleet --owner Scottish)" == *'ScottishPower\ Renewables'* ]]
    [ "$(completed what-if --region York)" = 'Yorkshire\ and\ Humber' ]
    # The words that a help lists for an option.
    [ "$(completed rank-farms --by '')" = "unit farm owner county region nation border period weekday month" ]
    [ "$(completed summary --by h)" = half-hour ]
    [ "$(completed gains --by '')" = "year product disposal slice" ]
    [ "$(completed send-alert --severity '')" = "info warning critical" ]
    [ "$(completed fetch-difficulty --source b)" = "blockchain bitcoind" ]
    [ "$(completed export half)" = half_hours ]
    cd "$BATS_TEST_TMPDIR"
    touch fills.csv
    [ "$(completed exchange fetch --csv "fi")" = fills.csv ]
}

@test "a command that is none offers nothing and says nothing" {
    [ "$(completed no-such '' 2>&1)" = "" ]
}

# in_zsh FOLDER TEXT - the line that a real zsh, with the completion of FOLDER, makes of TEXT and a tab.
in_zsh() {
    timeout 30 zsh -f -c '
        zmodload zsh/zpty
        zpty z zsh -f -i
        zpty -w z "PS1= PS2=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; PATH=$2:\$PATH; bindkey \"^I\" complete-word; setopt no_beep; finish() { print -r -- \"<\$BUFFER>\"; zle .kill-buffer }; zle -N finish; bindkey \"^X\" finish; print re""ady"
        zpty -r -m z heard "*ready*" || exit 1
        zpty -w -n z "$3"$'"'\\t\\x18'"'
        zpty -r -m z heard "*<windfall*>*" || exit 1
        heard=${heard##*<windfall}
        print -r -- "windfall${heard%%>*}"
        zpty -d z' zsh "$1" "$root/scripts" "$2"
}

@test "zsh offers what bash offers: commands, verbs, options, values" {
    command -v zsh >/dev/null || skip "zsh is not installed"
    [ "$(in_zsh "$root/completion" 'windfall reconcile-f')" = "windfall reconcile-fills " ]
    [ "$(in_zsh "$root/completion" 'windfall partitions arch')" = "windfall partitions archive-year " ]
    [ "$(in_zsh "$root/completion" 'windfall reconcile all --res')" = "windfall reconcile all --resume " ]
    [ "$(in_zsh "$root/completion" 'windfall summary --model S19')" = "windfall summary --model S19J_PRO " ]
    [ "$(in_zsh "$root/completion" 'windfall what-if --region York')" = 'windfall what-if --region Yorkshire\ and\ Humber ' ]
    # Where both are installed, the file for bash stands elsewhere.
    installed=$BATS_TEST_TMPDIR/share
    mkdir -p "$installed/zsh/site-functions" "$installed/bash-completion/completions"
    cp "$root/completion/_windfall" "$installed/zsh/site-functions/"
    cp "$root/completion/windfall.bash" "$installed/bash-completion/completions/windfall"
    [ "$(in_zsh "$installed/zsh/site-functions" 'windfall help summ')" = "windfall help summary " ]
    [ "$(in_zsh "$root/completion" 'windfall no-such x')" = "windfall no-such x" ]
}
