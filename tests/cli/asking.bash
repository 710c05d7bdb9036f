# The questions of a test go through one psql (kept.bash): one for each costs 13 ms of processor time, and the server's
# caches anew.  `load asking` after `load helper`; a test whose database gets another name calls end_asking first.
# The session has open what the test had when it began: a psql of the test's own, whose pipe is closed to end it, would not end.
#
# It ends with the test's shell, whatever ends that.  Who does not find it free, because a job in the background waits for
# its answer or was killed over it, has a psql of its own, as has who asks another database or something that a session
# does not forget.
#
# shellcheck disable=SC2034  # kept.bash reads what is set here
begin_asking() {
	end_asking
	# Of a database that all tests of a file share, each has a session, or none could copy it.
	case ${BATS_TEST_TMPDIR:-} in ''|"$BATS_FILE_TMPDIR") return 0 ;; esac
	ASK_TIMES=$((${ASK_TIMES:-0} + 1))
	ASK_FILES=$BATS_RUN_TMPDIR/ask.$BATS_SUITE_TEST_NUMBER.$BASHPID.$ASK_TIMES
	kept_open
	ASK_URL=$DATABASE_URL
}

end_asking() {
	[ -n "${ASK_URL:-}" ] || return 0
	kept_close
	ASK_URL=
}

# can_ask SQL - it is asked where the session is, is for it, and is less than a pipe holds.
can_ask() {
	[ -n "${ASK_URL:-}" ] && [ "$ASK_URL" = "${DATABASE_URL:-}" ] && [ ${#1} -lt 20000 ] || return
	! [[ $1 =~ ^\\|(^|\;)[[:space:]]*(begin|start[[:space:]]transaction)|from[[:space:]]stdin|\$ask\$ ]]
}

sql() {
	if can_ask "$1"; then
		ask_kept "$1"
	else
		psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "$1"
	fi
}
