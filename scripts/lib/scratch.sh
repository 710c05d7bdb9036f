# shellcheck shell=sh
# scratch.sh - what a script holds while it runs and lets go at its end: the state folder, a scratch folder,
# the lock, the programs it started.

# shellcheck disable=SC2034,SC2154 # $root, $state, $logs and $job are set by lib.sh; job.sh reads $killed_run
make_state() {
	# What root left in somebody's folder, that somebody could not use any more.
	# shellcheck disable=SC3067 # dash and every other shell of Debian's have -O
	if [ -d "$state" ] && ! [ -O "$state" ] && [ "$(id -u)" -eq 0 ]; then
		someone=$(stat -c %U "$state")
		fail 77 "$state belongs to $someone: run this as $someone (runuser -u $someone -- $0 ...), or set WINDFALL_STATE"
	fi
	[ ! -w "$state/var/tmp" ] || [ ! -w "$logs" ] || return 0
	# var itself may be entered by the account that runs the private server.
	if ! (umask 022 && mkdir -p "$state/var") 2>/dev/null || ! mkdir -p "$state/var/tmp" "$logs" 2>/dev/null; then
		fail 73 "cannot create var and logs in $state: set WINDFALL_STATE to a directory of yours"
	fi
}

# Nothing is done by half of the settings.  with-settings has named each line that is wrong.
need_settings() {
	[ -z "${WINDFALL_SETTINGS_WRONG:-}" ] || fail 78 "${WINDFALL_SETTINGS:+the settings are wrong: }$WINDFALL_SETTINGS_WRONG"
}

# The scratch folder $tmp in this one.  It names its owner, or nobody could tell whether it is still in use.
make_tmp() {
	or_cannot "write in $1" mktemp -d "$1/$job.XXXXXX"
	tmp=$made
	birth_of $$
	own_birth=$birth
	birth_of 1
	{ echo "$$ $own_birth $birth" >"$tmp/.owner"; } 2>/dev/null || :
}

# birth_of PID - into $birth, when that process began, in ticks since the machine did; nothing where it cannot be seen.
birth_of() {
	birth=
	{ read -r birth <"/proc/$1/stat"; } 2>/dev/null || return 0
	# shellcheck disable=SC2086 # fields, the first of them the third
	set -- ${birth##*) }
	shift 19
	birth=$1
}

# Does the process live that $owner, $owner_birth and $first_birth tell of?  Its number is another's by now where the births
# differ.  A container has numbers of its own, told by the birth of its first process, and nobody sees into another: what is of
# one is in use for a week.
in_use() {
	birth_of 1
	if [ "$first_birth" != "$birth" ]; then
		[ -z "$(find "$1" -maxdepth 0 -mmin +10080 2>/dev/null)" ]
		return
	fi
	birth_of "$owner"
	[ -d "/proc/$owner" ] && [ "${owner_birth:-$birth}" = "$birth" ]
}

# What the shell itself cannot write would end a script with 1 or 2.
need_room() {
	{ printf '%65536s' '' >"$tmp/room" && : >"$tmp/room"; } 2>/dev/null || fail 74 "the disk of ${tmp%/*} is full: make room first"
}

# Remove what killed scripts and jobs have left, whichever they were.
sweep() {
	for left_folder in "$state/var/tmp"/*; do
		[ -d "$left_folder" ] || continue
		owner='' owner_birth='' first_birth=''
		read -r owner owner_birth first_birth 2>/dev/null <"$left_folder/.owner" || :
		case $owner in
		''|*[!0-9]*)	# perhaps it is just being made
			[ -z "$(find "$left_folder" -maxdepth 0 -mmin -1 2>/dev/null)" ] || continue ;;
		*)	! in_use "$left_folder" || continue ;;
		esac
		rm -rf "$left_folder" 2>/dev/null || :
	done
}

# A job's own script finds its scratch folder within the job's, where it is swept with it.
scratch() {
	need_settings
	make_state
	[ -n "${WINDFALL_SCRATCH:-}" ] || sweep
	scratch=${WINDFALL_SCRATCH:-$state/var/tmp}
	make_tmp "$scratch"
	trap let_go EXIT
	need_room
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

let_go() {
	let_go_with=$?
	trap '' HUP INT TERM
	stop_children
	if [ "$let_go_with" -eq 2 ]; then
		shell_failed
		say error "$shell_said"
		let_go_with=$shell_status
	fi
	rm -rf "$tmp"
	exit "$let_go_with"
}

# What the shell itself could not do, such as make a file, ends a script with 1 or 2: into $shell_status and $shell_said, what
# that means.
shell_failed() {
	if { printf '%65536s' '' >"$tmp/another"; } 2>/dev/null; then
		shell_status=70 shell_said="a statement of its own failed"
	else
		shell_status=74 shell_said="the disk of ${tmp%/*} is full, or has room for no further file: make room first"
	fi
}

# The lock is an open descriptor: gone when the job and its children are, even after kill -9.
# The file stays, or two jobs could each hold a different file of one name.
only_one() {
	holds_lock='' killed_run=''
	lock=$state/var/$job.lock
	if ! [ -w "$state/var" ] || { [ -e "$lock" ] && ! [ -w "$lock" ]; }; then
		fail 73 "cannot write $lock: does it belong to another user, or is its disk read-only?"
	fi
	[ ! -L "$lock" ] || fail 73 "$lock is a link, and no lock is opened through one: remove it"
	umask 077
	exec 9>>"$lock"
	umask 027
	chmod 600 "$lock" 2>/dev/null || :
	# A descriptor above 2 reaches a program only where it is named, in ksh and its kin.  1 is that another holds the lock;
	# anything else is no lock at all, as on a share that has none, and would be so tomorrow.
	locked=0
	flock -n 9 9>&9 || locked=$?
	case $locked in
	0) ;;
	1) holder=$(cat "$lock" 2>/dev/null || :)
	   fail 75 "another $job is running${holder:+: $holder}" ;;
	*) fail 73 "cannot lock $lock: set WINDFALL_STATE to a directory on a disk that has locks" ;;
	esac
	# A run that came to its end has emptied it (end_lock); one of an early version has not, but left its end (leave_end).
	holds_lock=yes
	IFS= read -r killed_run <"$lock" || :
	[ -z "$killed_run" ] || ! ended_after "${killed_run##* }" || killed_run=
	: >"$lock"
	clock
	{ printf 'process %s, since %s\n' "$$" "$clock_iso" >&9; } 2>/dev/null || :
}

# ended_after TIME - whether a run of this job came to its end after that.
ended_after() {
	ended=
	{ IFS='=' read -r _ ended <"$state/var/jobs/$job"; } 2>/dev/null || :
	expr "x$ended" '>' "x$1" >/dev/null
}

# Before the lock goes: whoever takes it next sees that this run came to its end.
end_lock() {
	[ -z "${holds_lock:-}" ] || { : >"$lock"; } 2>/dev/null || :
}

# run COMMAND [ARG]... - a command that may take long, such that a signal to the job ends it at once;
# without this the shell would first wait for it.  Its stdin and stdout are the caller's, and no name here is one a job
# would use.
run() {
	run_before=${!:-}
	child=starting
	{ "$@" <&7 7<&- & } 7<&0
	child=$!
	run_ended=0
	wait "$child" || run_ended=$?
	child=
	return "$run_ended"
}

# is_gone PID - whether a child has ended, though nobody has waited for it yet.
is_gone() {
	kill -0 "$1" 2>/dev/null || return 0
	{ read -r child_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	case $child_stat in *') Z '*) return 0 ;; esac
	return 1
}

# ended_within TENTHS PID... - whether they all end within so many tenths of a second.
ended_within() {
	tenths=$1
	shift
	for running in "$@"; do
		until is_gone "$running"; do
			[ "$tenths" -gt 0 ] || return 1
			tenths=$((tenths - 1))
			sleep 0.1
		done
	done
}

# End what still runs for this script: the child of run, and the workers it has started.  A psql that is
# interrupted asks the server to cancel what it waits for, where one that is terminated would leave that going on.
stop_children() {
	if [ "${child:-}" = starting ]; then
		child=
		[ "${!:-}" = "${run_before:-}" ] || child=$!
	fi
	[ -n "${child:-}${workers:-}" ] || return 0
	if [ -n "${child:-}" ] && [ -n "${asking:-}" ]; then
		kill -INT "$child" 2>/dev/null || :
		ended_within 5 "$child" || :
	fi
	# shellcheck disable=SC2086 # process numbers
	for running in ${child:-} ${workers:-}; do
		kill -TERM "$running" 2>/dev/null || :
	done
	# shellcheck disable=SC2086
	ended_within 30 ${child:-} ${workers:-} || kill -KILL ${child:-} ${workers:-} 2>/dev/null || :
	for running in ${child:-} ${workers:-}; do
		wait "$running" || :
	done
}
