# shellcheck shell=sh
# job.sh - the life of a job: its log, its steps, its verdict, and what is told of them.

# shellcheck disable=SC2034,SC2154 # $root, $state and $logs are set by lib.sh; clock sets $clock_ms
open_log() {
	name=${log_name:-$job}
	leap=$state/var/leap
	clock
	stamp=$clock_iso
	for mark in - - : :; do stamp=${stamp%%"$mark"*}${stamp#*"$mark"}; done
	stamp=${stamp%T*}_${stamp#*T}
	stamp=${stamp%Z}
	file=$logs/${name}_$stamp.log
	n=1
	# Never into a file, or through a link, that is already there.
	until (set -C && : >"$file") 2>/dev/null; do
		n=$((n + 1))
		file=$logs/${name}_${stamp}_$n.log
		if [ $n -gt 20 ]; then
			say warning "cannot create a log in $logs, continuing without"
			return 0
		fi
	done
	exec 3>&2
	log=$file
	if [ -t 2 ]; then
		# At a terminal the log is also shown, as it is written.  tee must not die of the
		# Ctrl-C that ends the job: the job still has its last lines to say.
		mkfifo "$tmp/stderr"
		(trap '' HUP INT TERM; exec tee -a "$log" 9>&- | plain >&3 2>/dev/null) <"$tmp/stderr" &
		shower=$!
		exec 2>"$tmp/stderr"
		# Where tools show how far they have come.
		export WINDFALL_PROGRESS=3
	else
		exec 2>>"$log"
	fi
	if ln -s "${log##*/}" "$tmp/latest" && mv -Tf "$tmp/latest" "$logs/${name}_latest.log"; then :; else
		say warning "cannot point ${name}_latest.log to this log"
	fi
	note_leap
	# Twelve weeks are kept.  No link is followed and no other job's log is touched.
	[ -e "$leap" ] || find "$logs/" -maxdepth 1 -type f -name "${name}_[0-9]*_[0-9]*.log" -mtime +84 -delete || :
}

# A clock that leaps, of a machine that was resumed or has lost the time, makes all old at once.  Where no job has ended for a month
# by the clock, nothing is removed by its age until it has gone on for twelve weeks from there, or was set back.
note_leap() {
	# shellcheck disable=SC3013 # dash and every other shell of Debian's have -nt
	if [ -e "$leap" ] && { [ "$leap" -nt "$log" ] || [ -n "$(find "$leap" -mtime +84)" ]; }; then rm -f "$leap"; fi
	day_of "$clock_iso"
	long_ago=$((day_number - 31)) nobody=yes
	for ended_job in "$state/var/jobs"/*; do
		{ IFS='=' read -r _ ended <"$ended_job"; } 2>/dev/null || continue
		case $ended in [12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*) ;; *) continue ;; esac
		day_of "$ended"
		[ $day_number -lt $long_ago ] || return 0
		nobody=
	done
	[ -z "$nobody" ] || return 0
	say warning "no job has ended for a month by the clock of this machine: set it if it is wrong; nothing is removed by age in the next twelve weeks"
	touch "$leap" 2>/dev/null || :
}

# day_of TIME - into $day_number, about its day, as of months that all have 31.
day_of() {
	day_number=${1%%T*}
	set -- "${day_number%%-*}" "${day_number#*-}"
	set -- "$1" "1${2%-*}" "1${2#*-}"
	day_number=$((($1 * 12 + $2) * 31 + $3))
}

# A log line for a person: the time, the tool, what it said; of a step its name and how long it took.  A line of progress
# may stand where it goes.
plain() {
	wipe=
	case ${TERM:-dumb} in dumb) ;; *) wipe=$(printf '\r\033[K') ;; esac
	sed -u 's/^ts=[^T]*T\([0-9:]*\)Z level=info .* step=\([^ ]*\) msg="step begins"$/\1 \2/
		s/^ts=[^T]*T\([0-9:]*\)Z level=info .* step=\([^ ]*\) msg="step done" ms=\([0-9]*\)$/\1 \2 done, \3 ms/
		s/ done, \([0-9]\{1,\}\)\([0-9]\)[0-9][0-9] ms$/ done, \1.\2 s/
		s/^ts=[^T]*T\([0-9:]*\)Z level=info tool=\([^ ]*\) .* msg="\(\(\\.\|[^"\\]\)*\)"/\1 \2: \3/
		s/^ts=[^T]*T\([0-9:]*\)Z level=\([a-z]*\) tool=\([^ ]*\) .* msg="\(\(\\.\|[^"\\]\)*\)"/\1 \3: \2: \4/
		s/\( of=[0-9-]*\),[0-9,a-z_-]*/\1,.../
		s/^/'"$wipe/"
}

# The same facts in words, without those that are none: "731 dates, audit differences not checked".
in_words() {
	told=
	for fact in "$@"; do
		key=${fact%%=*} value=${fact#*=}
		words=${key%%_*}
		while [ "$key" != "${key#*_}" ]; do
			key=${key#*_}
			words="$words ${key%%_*}"
		done
		case $words/$value in
		*/|*/0) continue ;;
		*/not-checked) words="$words not checked" ;;
		*id/*|*/*[!0-9.]*) words="$words $value" ;;
		*s/1)	words="1 ${words%s}" ;;
		*)	words="$value $words" ;;
		esac
		told="$told${told:+, }$words"
	done
	at_a_terminal "$told"
}

# Milliseconds as people say them.
duration() {
	if [ "$1" -lt 1000 ]; then
		echo "$1 ms"
	elif [ "$1" -lt 60000 ]; then
		echo "$(($1 / 1000)).$(($1 / 100 % 10)) s"
	else
		echo "$(($1 / 60000)) min $(($1 / 1000 % 60)) s"
	fi
}

# The verdict as a sentence, for a terminal.
sentence() {
	took=$(duration $((clock_ms - began)))
	case $last_word in
	ok)	  said="nothing had to be done, everything is correct" ;;
	mended)	  said="what was missing or wrong has been put right, everything is correct" ;;
	findings) said="something is not correct" ;;
	failed)	  said="failed in step $step with status $status: $(at_a_terminal "${reason:-no reason was given}")" ;;
	*)	  said=$last_word ;;
	esac
	printf '%s: %s (%s)\n' "$job" "$said" "$took"
	count_columns
	[ -z "${verdict_told:-}" ] || printf '  %s\n' "$verdict_told" | fold -s -w "$columns" | sed '2,$s/^/  /; s/ *$//'
	[ -z "$log" ] || printf '  log: %s\n' "$log"
}

# Into $columns, how wide the terminal of standard output is, less an indent: within $( ) that would be a pipe.
count_columns() {
	columns=80
	stty size <&1 >"$tmp/size" 2>/dev/null || :
	IFS=' ' read -r _ columns 2>/dev/null <"$tmp/size" || :
	[ "${columns:-0}" -ge 30 ] || columns=80
	columns=$((columns - 2))
}

job_start() {
	job=$1
	shift
	case $job in ''|-*|*[!a-z0-9-]*) fail 70 "a job's name is made of a-z, 0-9 and -" ;; esac
	trap not_begun EXIT
	make_state
	command -v flock >/dev/null || fail 69 "flock is missing (package util-linux)"
	only_one
	# Whoever left these was killed, or we would not have the lock.
	for left_folder in "$state/var/tmp/$job".??????; do
		[ ! -e "$left_folder" ] || rm -rf "$left_folder"
	done
	sweep
	make_tmp "$state/var/tmp"
	WINDFALL_JOB=$job
	# A sandbox may hide all of /proc but the processes.
	{ read -r WINDFALL_RUN </proc/sys/kernel/random/uuid; } 2>/dev/null ||
		WINDFALL_RUN=$(od -A n -N 4 -t x4 /dev/urandom | tr -d ' ')
	WINDFALL_RUN=${WINDFALL_RUN%%-*}
	WINDFALL_STEP=$step
	export WINDFALL_JOB WINDFALL_RUN WINDFALL_STEP
	clock
	began=$clock_ms
	step_began=$began
	open_log
	trap finish EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	say info "started" args="$*"
	need_room
	# A machine without a battery begins in 1970, and cron does not wait for the time to be set.
	case $clock_iso in 199[6-9]*|20[0-6]*|207[0-8]*) ;; *) fail 75 "the clock of this machine says $clock_iso: set it" ;; esac
	need_settings
	# Nobody else would say so where cron runs the jobs; a unit of systemd's has its own alert.
	if [ -n "$killed_run" ]; then
		say warning "the run before this one was killed, or the machine went down: it did not finish" killed="$killed_run"
		[ -n "${INVOCATION_ID:-}" ] || echo "the run before this one was killed: $killed_run" 2>/dev/null | tell "$job" killed 137
	fi
	tell "$job" start </dev/null
}

# A job that cannot begin, as another one hangs and holds its lock, or the disk is full or read-only: there is no log, and nobody
# but cron's mail would hear of it.  Not of one that a person has typed, nor in somebody else's state; a unit of systemd's has
# its own alert.
not_begun() {
	status=$?
	trap - EXIT
	# shellcheck disable=SC3067 # dash and every other shell of Debian's have -O
	if [ "$status" -ne 0 ] && ! [ -t 2 ] && [ -z "${INVOCATION_ID:-}" ] && [ -O "$state" ]; then
		printf '%s\n' "${reason:-}" 2>/dev/null | tell "$job" begin "$status"
	fi
	end_lock
	exit "$status"
}

end_step() {
	clock
	[ "$step" = start ] || say info "step done" ms=$((clock_ms - step_began))
	step_began=$clock_ms
}

step() {
	end_step
	step=$1
	WINDFALL_STEP=$step
	say info "step begins"
}

# verdict WORD [KEY=VALUE]... - remembered for the last line; a job that fails says failed instead.
verdict() {
	verdict_word=$1
	shift
	facts "$@"
	verdict_facts=$said_facts
	# For a sentence at a terminal, and two programs less elsewhere.
	verdict_told=
	[ ! -t 1 ] || verdict_told=$(in_words "$@")
}

# Tell people by scripts/alert, which can neither hang the job nor change how it ends, and does
# not keep its lock.  What it may read of stdin it need not: whoever writes that keeps silent about it.
tell() {
	[ -x "$root/scripts/alert" ] || return 0
	run timeout -k 5 60 "$root/scripts/alert" "$@" 9>&- >&2 || say warning "the alert hook failed" status=$?
}

# For check-status: how this job last ended, and when it last ended well; for alert, which run of a unit of systemd's it was.
# A person who had read enough (alert passes it over, too) says nothing of the job.
leave_end() {
	[ "$status" -ne 141 ] || return 0
	end=$state/var/jobs/$job
	clock
	now=$clock_iso
	good=$now
	[ "$status" -eq 0 ] || good=$(sed -n 's/^last_good=//p' "$end" 2>/dev/null)
	if { [ -d "$state/var/jobs" ] || mkdir -p "$state/var/jobs"; } && printf 'ended=%s\nstatus=%s\nverdict=%s\nms=%s\nlast_good=%s\n' \
		"$now" "$status" "$last_word" $((clock_ms - began)) "$good" >"$tmp/end" &&
		printf '%s' "${INVOCATION_ID:+invocation=$INVOCATION_ID
}" >>"$tmp/end" && mv -f "$tmp/end" "$end"
	then :; else
		say warning "cannot record in $end how this run ended"
	fi
}

finish() {
	status=$?
	trap - EXIT
	trap '' HUP INT TERM PIPE
	set +e
	stop_children
	[ "$status" -ne 0 ] || end_step
	last_word=${verdict_word:-ok}
	if [ "$status" -ne 0 ] && ! { [ "$status" -eq 1 ] && [ "$last_word" = findings ]; }; then
		last_word=failed
		# A tool that failed has said why in the log.
		[ "$status" -ne 141 ] || reason="the reader of the output closed it before its end"
		case $status in
		129|130|143) reason=${reason:-a signal ended it} ;;
		13[1-9]|14[0245-9]|15[0-9]) reason=${reason:-a program was $(ended_by "$status")} ;;
		126|127) reason=${reason:-a program is missing or cannot be run; the end of the log names it} ;;
		esac
		[ -n "${reason:-}" ] || reason=$(last_error)
		# 1 means findings, of which there were none, and 2 nothing.
		case $status in
		1|2)	shell_failed
			status=$shell_status
			reason=${reason:-$shell_said} ;;
		esac
	fi
	clock
	last_line="verdict=$last_word job=$job run=$WINDFALL_RUN status=$status step=$step ms=$((clock_ms - began))"
	facts ${log:+log="$log"}
	last_line="$last_line${verdict_facts:-}$said_facts"
	leave_end
	# Not by a file, for which there may be no room.
	printf '%s\n%s\n' "${reason:-$last_word}" "$last_line" 2>/dev/null | tell "$job" "$step" "$status" "$log"
	if [ -n "${shower:-}" ]; then
		exec 2>&3
		wait "$shower"
		printf '%s\n' "$last_line" 2>/dev/null >>"$log"
	elif [ -n "$log" ]; then
		put "$last_line"
	fi
	if [ "$last_word" = failed ] && [ -n "$log" ] && ! [ -t 3 ]; then
		failed="$job: failed in step $step with status $status: ${reason:-no reason was given} (log: $log)"
		case $failed in *[!\ -~]*) failed=$(at_a_terminal "$failed") ;; esac
		printf '%s\n' "$failed" >&3
	fi
	if [ -t 1 ]; then
		sentence
	elif ! printf '%s\n' "$last_line" 2>/dev/null && [ "$status" -ne 141 ]; then
		[ -z "$log" ] || exec 2>&3
		printf '%s: cannot write standard output\n' "$job" >&2
		[ "$status" -eq 75 ] || status=74
	fi
	rm -rf "$tmp"
	end_lock
	exit "$status"
}
