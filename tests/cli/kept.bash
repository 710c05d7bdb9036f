# A psql that stays, takes its questions from a named pipe, and ends when nobody holds that open.  Which one, say ASK_URL,
# its database; ASK_FILES, how the names of its files begin; and ASK_TO, ASK_FROM and ASK_TURN, the open ends of its pipes.
# asking.bash has one for each test; of the run's own, below, setup_suite.bash says when it begins and ends.
#
# shellcheck disable=SC2153  # they are set there

# Another pipe holds one byte while nobody asks.
kept_open() {
	mkfifo "$ASK_FILES.to" "$ASK_FILES.from" "$ASK_FILES.turn"
	exec {ASK_TO}<>"$ASK_FILES.to" {ASK_FROM}<>"$ASK_FILES.from" {ASK_TURN}<>"$ASK_FILES.turn"
	printf . >&"$ASK_TURN"
}

kept_close() {
	printf '\\q\n' >&"$ASK_TO"
	exec {ASK_TO}<&- {ASK_FROM}<&- {ASK_TURN}<&-
}

# ask_kept SQL - its answer, from the session if that is free and there, otherwise from a psql of its own.
ask_kept() {
	local turn='' heard
	IFS= read -r -t 0.01 -N 1 -u "$ASK_TURN" turn 2>/dev/null || :
	if [ -n "$turn" ] && kept_ask "$1"; then
		kept_answer
	else
		psql -XAtq -v ON_ERROR_STOP=1 -d "$ASK_URL" -c "$1"
	fi
}

# kept_begin - by whoever asks first, or before.
kept_begin() {
	(
		# It is no process that a job of this test has left.
		unset WINDFALL_STATE
		psql -XAtq -d "$ASK_URL" <"$ASK_FILES.to" >"$ASK_FILES.from" 2>>"$ASK_FILES.errors" \
			3>&- {ASK_TO}<&- {ASK_FROM}<&- {ASK_TURN}<&- &
		echo $! >"$ASK_FILES.pid"
	)
}

kept_lives() {
	local pid stat
	read -r pid <"$ASK_FILES.pid"
	{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# The next letter from the session, in $heard.  False if it is gone.
kept_hears() {
	local letter=''
	while [ -z "$letter" ]; do
		IFS= read -r -t 0.5 -N 1 -u "$ASK_FROM" letter || [ -n "$letter" ] || kept_lives || return
	done
	heard=$letter
}

# kept_ask SQL - it is being done, as one message to the server, which psql sends for -c and for \gexec.  False if the session
# was gone before.  Afterwards it forgets what was set.
kept_ask() {
	: >"$ASK_FILES.errors"
	[ -e "$ASK_FILES.pid" ] || kept_begin
	printf '%s\n' 'select 1 as lives \gset' '\echo -n b' "\\o '$ASK_FILES.rows'" "select \$ask\$$1\$ask\$ \\gexec" '\o' \
		'\if :ERROR' '\echo -n 1' '\else' '\echo -n 0' '\endif' 'discard all;' >&"$ASK_TO"
	kept_hears
}

# What it says, and whether it went well: 1 for an error of the statement, 2 for the end of the session, as psql has it.
kept_answer() {
	local text='' heard=2
	kept_hears || :
	IFS= read -r -d '' text <"$ASK_FILES.rows" || printf %s "$text"
	[ ! -s "$ASK_FILES.errors" ] || cat "$ASK_FILES.errors" >&2
	[ "$heard" -eq 2 ] || printf . >&"$ASK_TURN"
	return "$heard"
}

# One session makes and drops the databases of all tests: one for each costs 10 ms of processor time.  It begins with the
# run, where no test has set anything yet.
begin_admin() {
	local ASK_URL="postgresql:///postgres?host=$SUITE_SOCKET&user=postgres" ASK_FILES=$BATS_RUN_TMPDIR/admin ASK_TO ASK_FROM ASK_TURN
	kept_open
	kept_begin
	export ADMIN_URL=$ASK_URL ADMIN_FILES=$ASK_FILES ADMIN_TO=$ASK_TO ADMIN_FROM=$ASK_FROM ADMIN_TURN=$ASK_TURN
}

end_admin() {
	[ -n "${ADMIN_FILES:-}" ] || return 0
	local ASK_TO=$ADMIN_TO ASK_FROM=$ADMIN_FROM ASK_TURN=$ADMIN_TURN
	kept_close
}

# as_admin SQL - one statement to the suite's server as the superuser, about whole databases.
as_admin() {
	local ASK_URL=$ADMIN_URL ASK_FILES=$ADMIN_FILES ASK_TO=$ADMIN_TO ASK_FROM=$ADMIN_FROM ASK_TURN=$ADMIN_TURN
	ask_kept "$1"
}
