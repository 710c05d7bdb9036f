# shellcheck shell=sh
# lib.sh - what every job shares, one function per idea.  Sourced, with $root set.
#
#   job_start NAME "$@"     lock, log, scratch folder, traps; the job begins (its log is named by
#                           $log_name, if that is set before)
#   step NAME               name what is done next; its time is logged when the next one begins
#   run COMMAND [ARG]...    a command that may take long; a signal to the job ends it too
#   say LEVEL MSG [K=V]...  one fact in the log
#   fail STATUS MSG         say an error and end
#   verdict WORD [K=V]...   what the last line shall say: ok, mended, findings
#   need_db                 the database is there, and its tables are up to date
#   look_at_db              the same for who only looks: nothing is made or changed to be so
#   scratch                 only the folder $tmp, for a script that is no job

# shellcheck disable=SC2154 # $root is the sourcing script's
# Cron's environment is bare and a user's is anything: take neither on trust.
umask 027
IFS=' 	
'
LC_ALL=C
PATH=${WINDFALL_BIN:+$WINDFALL_BIN:}$root/bin:$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
# A stream that the caller closed would be the next file that is opened: unusable, it stays its own.
(: 9<&0) 2>/dev/null || exec 0>/dev/null
(: 9>&1) 2>/dev/null || exec 1</dev/null
(: 9>&2) || exec 2>/dev/null
state=${WINDFALL_STATE:-$root}
case $state in
/*) ;;
*)  state=$PWD/$state WINDFALL_STATE=$state ;;
esac
logs=$state/logs

job=${0##*/}
step=start
tmp=
log=

# ---- saying -----------------------------------------------------------------

# A value of a fact: quoted when it needs it, control bytes made spaces, so that one fact stays
# one line whatever a farm is called.
quoted() {
	case $1 in
	''|*[!A-Za-z0-9._:/@%+,-]*)
		printf '"%s"' "$(printf '%s' "$1" | tr '\000-\037\177' '[ *]' | sed 's/[\\"]/\\&/g')" ;;
	*)	printf '%s' "$1" ;;
	esac
}

facts() {
	for fact in "$@"; do
		printf ' %s=%s' "${fact%%=*}" "$(quoted "${fact#*=}")"
	done
}

# The same two shapes as the tools' own log (src/lib/os/log.h).  No name here is one a job would use.
say() {
	say_level=$1
	say_msg=$2
	shift 2
	if [ -z "$log" ] && [ -t 2 ]; then
		say_line="$job: "
		[ "$say_level" = info ] || say_line="$say_line$say_level: "
		say_line=$say_line$say_msg$(facts "$@")
	else
		say_line="ts=$(date -u +%Y-%m-%dT%H:%M:%SZ) level=$say_level tool=$job pid=$$"
		[ -z "${WINDFALL_RUN:-}" ] || say_line="$say_line job=$WINDFALL_JOB run=$WINDFALL_RUN step=$WINDFALL_STEP"
		say_line="$say_line msg=\"$(printf '%s' "$say_msg" | tr '\000-\037\177' '[ *]' | sed 's/[\\"]/\\&/g')\"$(facts "$@")"
	fi
	put "$say_line"
}

# A full log disk is no reason to leave the work undone: complain once, elsewhere, and go on.
put() {
	if ! printf '%s\n' "$1" >&2 2>/dev/null && [ -n "$log" ] && [ -z "${log_broken:-}" ]; then
		log_broken=yes
		printf '%s: cannot write %s, going on without\n' "$job" "$log" >&3 2>/dev/null || :
	fi
}

# The last error in the log, as whoever met it worded it.
last_error() {
	[ -z "$log" ] || sed -n 's/^local-db: error: //p; s/.* level=error .* msg="\(\(\\.\|[^"\\]\)*\)".*/\1/p' "$log" | tail -n 1 | sed 's/\\\(.\)/\1/g'
}

fail() {
	status=$1
	reason=$2
	say error "$reason"
	exit "$status"
}

# ---- the database -----------------------------------------------------------

# Into $db: which database, by the same rule as the tools (src/lib/db/db.c).  With "there", a private one
# that was never made stays so.
name_db() {
	if [ -n "${DATABASE_URL:-}" ]; then
		db=url
		readable_url || fail 78 "DATABASE_URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/NAME, and percent-encode what is not a letter or digit in the password, or KEYWORD=VALUE words"
	elif [ -n "${PGHOST:-}${PGHOSTADDR:-}${PGSERVICE:-}${PGDATABASE:-}${PGSERVICEFILE:-}${PGPORT:-}" ]; then
		db=named
	else
		db=private
		[ "${1:-}" != there ] || [ -d "$state/var/pg" ] || [ -L "$state/var/pg" ] ||
			fail 78 "there is no database: set DATABASE_URL, or run scripts/migrate, which makes the private one"
		"$root/scripts/local-db" start
	fi
}

need_db() {
	name_db
	"$root/scripts/migrate"
}

look_at_db() {
	name_db there
	behind=0
	migrations=$("$root/scripts/migrate" --status) || behind=$?
	case $behind/$migrations in
	0/*) ;;
	1/*'	applied	'*|1/*'	edited	'*|1/*'	vanished	'*)
		fail 78 "the tables of the database are not those of this version: run scripts/migrate" ;;
	1/*) fail 78 "the database has no tables yet: run scripts/migrate" ;;
	*) exit "$behind" ;;
	esac
}

# db_psql ARG... - psql on that database, once scratch or job_start has made $tmp; it succeeds, or says why
# and ends the script as a tool would.
db_psql() {
	asked=0
	bare_psql -v ON_ERROR_STOP=1 -v VERBOSITY=verbose "$@" 2>"${tmp:?scratch is called first}/psql" || asked=$?
	case $asked in
	0) ;;
	[123]) fail "$(db_status "$tmp/psql")" "database: $(db_complaint "$tmp/psql")" ;;
	*) exit "$asked" ;;
	esac
}

# The same with psql's own words and status.  A password in DATABASE_URL must not become an argument,
# which anybody may read in ps: it travels in the environment instead.
bare_psql() {
	case $db in
	url)	db_split=$(split_url)
		PGPASSWORD=$(printf '%s\n' "$db_split" | sed -n 2p)
		if [ -n "$PGPASSWORD" ]; then export PGPASSWORD; else unset PGPASSWORD; fi
		set -- -d "$(printf '%s\n' "$db_split" | sed -n 1p)" "$@" ;;
	private)
		read -r db_socket <"$state/var/socket"
		set -- -h "$db_socket" -U windfall -d windfall "$@" ;;
	esac
	PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10} PGAPPNAME=${PGAPPNAME:-$job} psql -XAtq "$@"
}

# Is DATABASE_URL what libpq can read?  What it cannot, psql would quote, and that may be the password: the same
# question as the tools ask (check_url in src/lib/db/db.c).
readable_url() {
	awk 'BEGIN {
		url = ENVIRON["DATABASE_URL"]
		if (url ~ /\n/)
			exit 1
		if (url !~ /^postgres(ql)?:\/\//) {
			if (url ~ /:\/\//) exit 1
			if (url !~ /=/) exit 0
			# KEYWORD = VALUE, one after the other: what is left when all are taken away is not one.
			while (match(url, /^[ \t]*[a-z_]+[ \t]*=[ \t]*/)) {
				url = substr(url, RLENGTH + 1)
				if (url ~ /^\047/ && !match(url, /^\047(\\.|[^\047\\])*\047/)) exit 1
				if (url !~ /^\047/) match(url, /^(\\.|[^ \t\\])*/)
				url = substr(url, RLENGTH + 1)
			}
			exit url !~ /^[ \t]*$/
		}
		rest = url
		gsub(/%[0-9A-Fa-f][0-9A-Fa-f]/, "x", rest)
		if (rest ~ /%/)
			exit 1
		sub(/^postgres(ql)?:\/\//, "", rest)
		sub(/^[^@\/]*@/, "", rest)
		query = rest
		if (sub(/^[^?]*\?/, "", query)) {
			if (query !~ /^([a-z_]+=[^=&]*(&|$))*$/) exit 1
			n = split(query, part, "&")
			for (i = 1; i <= n; i++) {
				key = part[i]
				sub(/=.*/, "", key)
				if (key !~ /^(host|hostaddr|port|dbname|user|password|passfile|service|options|ssl|ssl[a-z_]+|gss[a-z]+|krbsrvname|requirepeer|require_auth|channel_binding|connect_timeout|client_encoding|application_name|fallback_application_name|keepalives[a-z_]*|tcp_user_timeout|target_session_attrs|load_balance_hosts|replication)$/) exit 1
			}
		}
		sub(/\?.*/, "", rest)
		authority = rest
		sub(/\/.*/, "", authority)
		path = substr(rest, length(authority) + 1)
		if (path ~ /@/)
			exit 1
		exit authority !~ /^((\[[0-9A-Fa-f:.x]+\]|[^]:@[,]*)(:[0-9]*)?(,|$))*$/
	}'
}

# DATABASE_URL without its password, then the password alone, on two lines.
split_url() {
	awk '
	function decoded(text,   out, i) {
		while ((i = index(text, "%")) > 0) {
			out = out substr(text, 1, i - 1) sprintf("%c", hex(substr(text, i + 1, 2)))
			text = substr(text, i + 3)
		}
		return out text
	}
	function hex(two) {
		two = tolower(two)
		return 16 * (index(digits, substr(two, 1, 1)) - 1) + index(digits, substr(two, 2, 1)) - 1
	}
	BEGIN {
		digits = "0123456789abcdef"
		url = ENVIRON["DATABASE_URL"]
		if (match(url, /^postgres(ql)?:\/\//)) {
			head = substr(url, 1, RLENGTH)
			rest = substr(url, RLENGTH + 1)
			if (match(rest, /^[^\/@]*@/)) {
				user = substr(rest, 1, RLENGTH - 1)
				if (i = index(user, ":")) {
					password = decoded(substr(user, i + 1))
					rest = substr(user, 1, i - 1) substr(rest, RLENGTH)
				}
			}
			if (match(rest, /[?&]password=[^&]*/)) {
				password = decoded(substr(rest, RSTART + 10, RLENGTH - 10))
				rest = substr(rest, 1, RSTART) substr(rest, RSTART + RLENGTH + 1)
			}
			url = head rest
		} else if (match(url, /(^|[ \t])password[ \t]*=[ \t]*(\047(\\.|[^\047\\])*\047|(\\.|[^ \t\\])*)/)) {
			password = substr(url, RSTART, RLENGTH)
			url = substr(url, 1, RSTART - 1) " " substr(url, RSTART + RLENGTH)
			sub(/^[ \t]*password[ \t]*=[ \t]*/, "", password)
			if (password ~ /^\047/)
				password = substr(password, 2, length(password) - 2)
			gsub(/\\\\/, "\001", password); gsub(/\\/, "", password); gsub(/\001/, "\\", password)
		}
		print url
		print password
	}'
}

# What psql said on its stderr (with VERBOSITY verbose), as an exit status.
db_status() {
	case $(sed -n 's/.*\(ERROR\|FATAL\|PANIC\):  *\([0-9A-Z]\{5\}\): .*/\2/p' "$1" | tail -n 1) in
	53100)		   echo 74; return ;;
	25006|42501|28*)   echo 77; return ;;
	08*|57*|53*|40*|55P03) echo 75; return ;;
	?*)		   echo 78; return ;;
	esac
	case $(cat "$1") in
	*"could not print result"*|*"could not write COPY data"*) echo 74 ;;
	*password*|*authentication*|*pg_hba.conf*|*role*"does not exist"*) echo 77 ;;
	*database*"does not exist"*) echo 78 ;;
	*"connection to server"*|*"server closed"*|*"connection to the server"*|*timeout*|*"translate host"*) echo 75 ;;
	*)		   echo 78 ;;
	esac
}

# The same in one line of words: where in which file, and what, without psql's own trimmings.
db_complaint() {
	complaint=$(sed -n 's/^psql:[^ ]*\/plan\.sql:[0-9]*: /psql:/
		s/^\(psql: *\)\{0,1\}\([^ ]*: \)\{0,1\}\(ERROR\|FATAL\|PANIC\|error\):  *\([0-9A-Z]\{5\}: \)\{0,1\}/\2/p
		s/^DETAIL:  */ /p' "$1" | tr '\n' ' ' | sed 's/ *$//')
	[ -n "$complaint" ] || complaint=$(tr -s '\n\t ' ' ' <"$1")
	printf '%s\n' "$complaint"
}

# show FILE - on standard output, which a full disk must not cut short unnoticed.
show() {
	shown=0
	cat "$1" || shown=$?
	[ "$shown" -ne 1 ] || fail 74 "cannot write standard output"
	return "$shown"
}

# ---- beginning and ending ---------------------------------------------------

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

open_log() {
	name=${log_name:-$job}
	stamp=$(date -u +%Y%m%d_%H%M%S)
	file=$logs/${name}_$stamp.log
	n=1
	# Never into a file, or through a link, that is already there.
	until (set -C && : >"$file") 2>/dev/null; do
		n=$((n + 1))
		file=$logs/${name}_${stamp}_$n.log
		if [ $n -gt 20 ]; then
			say warning "cannot create a log in $logs, going on without"
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
	else
		exec 2>>"$log"
	fi
	if ln -s "${log##*/}" "$tmp/latest" && mv -Tf "$tmp/latest" "$logs/${name}_latest.log"; then :; else
		say warning "cannot point ${name}_latest.log to this log"
	fi
	# Twelve weeks are kept.  No link is followed and no other job's log is touched.
	find "$logs" -maxdepth 1 -type f -name "${name}_[0-9]*_[0-9]*.log" -mtime +84 -delete || :
}

# A log line for a person: the time, the tool, what it said.
plain() {
	sed -u 's/^ts=[^T]*T\([0-9:]*\)Z level=info tool=\([^ ]*\) .* msg="\(\(\\.\|[^"\\]\)*\)"/\1 \2: \3/
		s/^ts=[^T]*T\([0-9:]*\)Z level=\([a-z]*\) tool=\([^ ]*\) .* msg="\(\(\\.\|[^"\\]\)*\)"/\1 \3: \2: \4/'
}

job_start() {
	job=$1
	shift
	case $job in ''|-*|*[!a-z0-9-]*) fail 70 "a job's name is made of a-z, 0-9 and -" ;; esac
	make_state
	command -v flock >/dev/null || fail 69 "flock is missing (package util-linux)"
	only_one
	# Whoever left these was killed, or we would not have the lock.
	rm -rf "$state/var/tmp/$job".??????
	tmp=$(mktemp -d "$state/var/tmp/$job.XXXXXX") || fail 73 "cannot write in $state/var/tmp"
	WINDFALL_JOB=$job
	WINDFALL_RUN=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
	WINDFALL_STEP=$step
	export WINDFALL_JOB WINDFALL_RUN WINDFALL_STEP
	began=$(date +%s%3N)
	step_began=$began
	open_log
	trap finish EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	say info "started" args="$*"
	tell "$job" start </dev/null
}

end_step() {
	step_ended=$(date +%s%3N)
	[ "$step" = start ] || say info "step done" ms=$((step_ended - step_began))
	step_began=$step_ended
}

step() {
	end_step
	step=$1
	WINDFALL_STEP=$step
	say info "step begins"
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

# verdict WORD [KEY=VALUE]... - remembered for the last line; a job that fails says failed instead.
verdict() {
	verdict_word=$1
	shift
	verdict_facts=$(facts "$@")
}

# Tell people by scripts/alert, which can neither hang the job nor change how it ends, and does
# not keep its lock.
tell() {
	[ -x "$root/scripts/alert" ] || return 0
	timeout -k 5 60 "$root/scripts/alert" "$@" 9>&- >&2 || say warning "the alert hook failed" status=$?
}

# For check-status: how this job last ended, and when it last ended well.
leave_end() {
	end=$state/var/jobs/$job
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	good=$now
	[ "$status" -eq 0 ] || good=$(sed -n 's/^last_good=//p' "$end" 2>/dev/null)
	if mkdir -p "$state/var/jobs" && printf 'ended=%s\nstatus=%s\nverdict=%s\nms=%s\nlast_good=%s\n' \
		"$now" "$status" "$last_word" $(($(date +%s%3N) - began)) "$good" >"$tmp/end" && mv -f "$tmp/end" "$end"
	then :; else
		say warning "cannot leave in $end how this run ended"
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
		[ "$status" -ne 141 ] || reason="whoever read the output went away before its end"
		[ -n "${reason:-}" ] || reason=$(last_error)
	fi
	last_line="verdict=$last_word job=$job run=$WINDFALL_RUN status=$status step=$step ms=$(($(date +%s%3N) - began))"
	last_line="$last_line${verdict_facts:-}${log:+$(facts log="$log")}"
	leave_end
	printf '%s\n%s\n' "${reason:-$last_word}" "$last_line" >"$tmp/alert"
	tell "$job" "$step" "$status" "$log" <"$tmp/alert"
	if [ -n "${shower:-}" ]; then
		exec 2>&3
		wait "$shower"
		printf '%s\n' "$last_line" 2>/dev/null >>"$log"
	elif [ -n "$log" ]; then
		put "$last_line"
	fi
	if [ "$last_word" = failed ] && [ -n "$log" ] && ! [ -t 3 ]; then
		printf '%s: failed in step %s with status %s: %s (log: %s)\n' \
			"$job" "$step" "$status" "${reason:-no reason was given}" "$log" >&3
	fi
	if ! printf '%s\n' "$last_line" 2>/dev/null && [ "$status" -ne 141 ]; then
		[ -z "$log" ] || exec 2>&3
		printf '%s: cannot write standard output\n' "$job" >&2
		[ "$status" -eq 75 ] || status=74
	fi
	rm -rf "$tmp"
	exit "$status"
}
