# shellcheck shell=sh
# scratch.sh - what a script holds while it runs and lets go at its end: the state folder, a scratch folder,
# the lock, the programs it started.

# shellcheck disable=SC2154 # $root, $state, $logs and $job are set by lib.sh
make_state() {
	# var itself may be entered by the account that runs the private server.
	if ! (umask 022 && mkdir -p "$state/var") 2>/dev/null || ! mkdir -p "$state/var/tmp" "$logs" 2>/dev/null; then
		fail 73 "cannot create var and logs in $state: set WINDFALL_STATE to a directory of yours"
	fi
}

# A job's own script finds its scratch folder within the job's, where it is swept with it.
scratch() {
	make_state
	scratch=${WINDFALL_SCRATCH:-$state/var/tmp}
	tmp=$(mktemp -d "$scratch/$job.XXXXXX") || fail 73 "cannot write in $scratch"
	trap 'stop_children; rm -rf "$tmp"' EXIT
	# What the shell itself cannot write would end a script with 1 or 2.
	{ printf '%65536s' '' >"$tmp/room" && rm "$tmp/room"; } 2>/dev/null || fail 74 "the disk of $scratch is full: make room first"
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# The lock is an open descriptor: gone when the job and its children are, even after kill -9.
# The file stays, or two jobs could each hold a different file of one name.
only_one() {
	lock=$state/var/$job.lock
	if ! [ -w "$state/var" ] || { [ -e "$lock" ] && ! [ -w "$lock" ]; }; then
		fail 73 "cannot write $lock: does it belong to another user?"
	fi
	exec 9>>"$lock"
	if ! flock -n 9; then
		holder=$(cat "$lock" 2>/dev/null || :)
		fail 75 "another $job is running${holder:+: $holder}"
	fi
	: >"$lock"
	printf 'process %s, since %s\n' "$$" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >&9 || :
}

# run COMMAND [ARG]... - a command that may take long, such that a signal to the job ends it at once;
# without this the shell would first wait for it.  Its stdin and stdout are the caller's.
run() {
	{ "$@" <&7 7<&- & } 7<&0
	child=$!
	ended=0
	wait "$child" || ended=$?
	child=
	return "$ended"
}

# End what still runs for this script: the child of run, and the workers it has started.
stop_children() {
	for running in ${child:-} ${workers:-}; do
		kill -TERM "$running" 2>/dev/null || :
	done
	for running in ${child:-} ${workers:-}; do
		wait "$running" || :
	done
}
