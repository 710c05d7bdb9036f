# The questions of a test go through one psql: one for each costs 13 ms of processor time, and the server's caches anew.
# `load asking` after `load helper`; a test whose database gets another name calls end_asking first.
#
# It takes them from a named pipe that the test's shell holds open, and ends with it, whatever ends that.  Another pipe
# holds one byte while nobody asks.  Who does not find it, because a job in the background waits for its answer or was
# killed over it, has a psql of its own, as has who asks another database or something that a session does not forget.
begin_asking() {
	end_asking
	# Of a database that all tests of a file share, each has a session, or none could copy it.
	case ${BATS_TEST_TMPDIR:-} in ''|"$BATS_FILE_TMPDIR") return 0 ;; esac
	ASK_TIMES=$((${ASK_TIMES:-0} + 1))
	ASK_FILES=$BATS_RUN_TMPDIR/ask.$BATS_SUITE_TEST_NUMBER.$BASHPID.$ASK_TIMES
	mkfifo "$ASK_FILES.to" "$ASK_FILES.from" "$ASK_FILES.turn"
	exec {ASK_TO}<>"$ASK_FILES.to" {ASK_FROM}<>"$ASK_FILES.from" {ASK_TURN}<>"$ASK_FILES.turn"
	printf . >&"$ASK_TURN"
	ASK_URL=$DATABASE_URL
}

end_asking() {
	[ -n "${ASK_URL:-}" ] || return 0
	printf '\\q\n' >&"$ASK_TO"
	exec {ASK_TO}<&- {ASK_FROM}<&- {ASK_TURN}<&-
	ASK_URL=
}

begin_session() {
	(
		# It is no process that a job of this test has left.
		unset WINDFALL_STATE
		psql -XAtq -d "$ASK_URL" <"$ASK_FILES.to" >"$ASK_FILES.from" 2>>"$ASK_FILES.errors" \
			3>&- {ASK_TO}<&- {ASK_FROM}<&- {ASK_TURN}<&- &
		echo $! >"$ASK_FILES.pid"
	)
}

session_lives() {
	local pid stat
	read -r pid <"$ASK_FILES.pid"
	{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# can_ask SQL - it is asked where the session is, is for it, and is less than a pipe holds.
can_ask() {
	[ -n "${ASK_URL:-}" ] && [ "$ASK_URL" = "${DATABASE_URL:-}" ] && [ ${#1} -lt 20000 ] || return
	! [[ $1 =~ ^\\|(^|\;)[[:space:]]*(begin|start[[:space:]]transaction)|from[[:space:]]stdin|\$ask\$ ]]
}

# The next letter from the session, in $heard.  False if it is gone.
hears() {
	local letter=''
	while [ -z "$letter" ]; do
		IFS= read -r -t 0.5 -N 1 -u "$ASK_FROM" letter || [ -n "$letter" ] || session_lives || return
	done
	heard=$letter
}

# ask SQL - it is being done, as one message to the server, which psql sends for -c and for \gexec.  False if the session
# was gone before.  Afterwards it forgets what was set.
ask() {
	: >"$ASK_FILES.errors"
	[ -e "$ASK_FILES.pid" ] || begin_session
	printf '%s\n' 'select 1 as lives \gset' '\echo -n b' "\\o '$ASK_FILES.rows'" "select \$ask\$$1\$ask\$ \\gexec" '\o' \
		'\if :ERROR' '\echo -n 1' '\else' '\echo -n 0' '\endif' 'discard all;' >&"$ASK_TO"
	hears
}

# What it says, and whether it went well: 1 for an error of the statement, 2 for the end of the session, as psql has it.
answer() {
	local text='' heard=2
	hears || :
	IFS= read -r -d '' text <"$ASK_FILES.rows" || printf %s "$text"
	[ ! -s "$ASK_FILES.errors" ] || cat "$ASK_FILES.errors" >&2
	[ "$heard" -eq 2 ] || printf . >&"$ASK_TURN"
	return "$heard"
}

sql() {
	local turn='' heard
	! can_ask "$1" || IFS= read -r -t 0.01 -N 1 -u "$ASK_TURN" turn || :
	if [ -n "$turn" ] && ask "$1"; then
		answer
	else
		psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "$1"
	fi
}
