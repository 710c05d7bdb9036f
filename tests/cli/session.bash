# Another session beside the tools'.  `load session` after `load helper`.
#
#   other_begins         it begins
#   other SQL            it has done this when that returns
#   other_ends           it ends
#
# shellcheck disable=SC2154,SC2034

# It takes what is written to $OTHER, and has done it when it says so.
other_begins() {
    mkfifo to
    said=0
    psql -XAtq -d "$DATABASE_URL" -f to >from 2>&1 3>&- &
    OTHER_PID=$!
    exec {OTHER}>to
}

other() {
    said=$((said + 1))
    printf '%s;\n\\echo done %s.\n' "$1" "$said" >&"$OTHER"
    for _ in {1..200}; do
        ! grep -qF "done $said." from || return 0
        sleep 0.02
    done
    echo "not done: $1"
    return 1
}

other_ends() {
    printf '\\q\n' >&"$OTHER"
    exec {OTHER}>&-
    wait "$OTHER_PID"
    rm to
}
