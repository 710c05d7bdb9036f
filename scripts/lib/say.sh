# shellcheck shell=sh
# say.sh - what a script says: facts in a log or at a terminal, its errors, its standard output.

# shellcheck disable=SC2154 # $job and $log are set by lib.sh
# The name of this user, or the number of one that has no name, as in a container.
user_name() { id -un 2>/dev/null || :; }

# What people may be shown of stdin, by the rule of text_clean() in src/lib/base/text.c: no control characters but tabs and
# line ends, nothing that turns the direction of text, and U+FFFD for each byte that is not UTF-8.
said_utf8='([\xc2-\xdf]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]'
said_utf8=$said_utf8'|[\xf1-\xf3][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf])[\x80-\xbf]'
printable() {
	LC_ALL=C sed -E 's/[\x01-\x08\x0b-\x1f\x7f]//g; /[\x80-\xff]/!b
		s/'"$said_utf8"'|[\x80-\xff]/&\x01/g; s/('"$said_utf8"')\x01/\1/g; s/[\x80-\xff]\x01/\xef\xbf\xbd/g
		s/\xc2[\x80-\x9f]//g; s/\xd8\x9c//g; s/\xe2\x80[\x8e\x8f\xa8-\xae]//g; s/\xe2\x81[\xa6-\xa9]//g'
}

# Is it worth asking the tools' rule (redact() in src/lib/base/redact.h)?  Most text needs no program to see that it is not.
may_hold_secret() {
	case $1 in
	*://*|*[Pp][Aa][Ss][Ss][WwPp]*|*[Ss][Ee][Cc][Rr][Ee][Tt]*|*[Tt][Oo][Kk][Ee][Nn]*|*[Kk][Ee][Yy][:=\"\ ]*) ;;
	*[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz]*|*[Bb][Ee][Aa][Rr][Ee][Rr]*|*[Bb][Aa][Ss][Ii][Cc]*|*[Cc][Oo][Oo][Kk][Ii][Ee]*|*eyJ*) ;;
	*[Ss][Ii][Gg][Nn][AaEe:=]*|*[Pp][Ww][Dd][:=\"\ ]*|*-u\ *|*-user\ *|*_[Pp][Aa][Ss][Ss]*|*-pass\ *|*\"auth*) ;;
	*PRIVATE\ KEY*|*:[0-9*]*:*:*:*|*:AA*|*%2[Ff]*) ;;
	# token_length() in src/lib/base/token.c
	*gh[a-z]_*|*_pat_*|*glpat-*|*xox[a-z]-*|*xapp-*|*A[KS]IA*|*AIza*|*_live_*|*_test_*|*sec_*|*sk-*|*SG.*|*npm_*|*pypi-*) ;;
	*hf_*|*_v1_*|*hvs.*|*tskey-*|*tk_*|*npg_*|*sbp_*|*shpat_*|*AGE-SECRET*|*[t-z]prv*|*SCRAM-SHA*) ;;
	*)	holds_password "$1" ;;
	esac
}

# Does a text hold the database's password, without a word that says so?  Of one with %XX in it, what stands behind the last
# of them, or before the first, is spelt alike in both ways.
holds_password() {
	said_password=${PGPASSWORD:-}
	case ${DATABASE_URL:-} in
	*[?\&\ ]password=*|password=*)
		said_password=${DATABASE_URL##*password=}
		said_password=${said_password%%[\& ]*} ;;
	*://*:*@*)
		said_password=${DATABASE_URL#*://*:}
		said_password=${said_password%@*} ;;
	esac
	# What is shorter the tools do not strike out by its value either.
	[ ${#said_password} -ge 4 ] || return 1
	said_end=${said_password##*%[0-9A-Fa-f][0-9A-Fa-f]}
	[ ${#said_end} -ge 3 ] || said_end=${said_password%%%*}
	case $1 in *"$said_end"*) ;; *) return 1 ;; esac
}

# Text without what looks like a secret.
without_secrets() {
	if may_hold_secret "$1" && command -v with-settings >/dev/null 2>&1; then
		printf '%s' "$1" | with-settings --redact 2>/dev/null || printf '***'
	else
		printf '%s' "$1"
	fi
}

# The same as one line, without secrets, for between two quotes: into $said_line.
one_line() {
	! may_hold_secret "$1" || set -- "$(without_secrets "$1")"
	case $1 in
	*[!]\ !#-[_-~^]*)
		said_line=$(printf '%s' "$1" | LC_ALL=C tr '\000-\037\177' '[ *]' | printable | sed 's/[\\"]/\\&/g') || : ;;
	*)	said_line=$1 ;; # plain letters, as nearly always: no program is needed to see it
	esac
}

at_a_terminal() {
	without_secrets "$1" | tr '\n' ' ' | printable
}

# ended_by STATUS - what a status above 128 means: "ended by SIGKILL, as the system does where memory is short".
ended_by() {
	case $1 in
	137) echo "ended by SIGKILL, as the system does where memory is short" ;;
	*)   echo "ended by SIG$(kill -l "$1")" ;;
	esac
}

# how_many N THING - "1 row", "2 rows", as how_many() of table.sh has it in awk.
how_many() {
	case $1 in 1) echo "1 $2" ;; *) echo "$1 ${2}s" ;; esac
}

# facts KEY=VALUE... - into $said_facts, each behind a blank.  A value is quoted when it needs it, control bytes made
# spaces, so that one fact stays one line whatever a farm is called.
facts() {
	said_facts=
	for said_fact in "$@"; do
		said_value=${said_fact#*=}
		! may_hold_secret "$said_value" || said_value=$(without_secrets "$said_value")
		case $said_value in
		''|*[!A-Za-z0-9._:/@%+,-]*)
			one_line "$said_value"
			said_value=\"$said_line\" ;;
		esac
		said_facts="$said_facts ${said_fact%%=*}=$said_value"
	done
}

# Now, without a program: into $clock_ms, milliseconds since 1970, and $clock_iso, in UTC.  date is asked once a minute and
# at midnight; in between the time the machine has been up is added, to the hundredth of a second.
clock() {
	up=
	{ read -r up _ </proc/uptime; } 2>/dev/null || :
	ticks=${up%.*}${up#*.}
	case $up in
	[1-9]*.[0-9][0-9]) clock_ms=$((${clock_asked:-0} + (ticks - ${clock_ticks:-0}) * 10)) ;;
	*) clock_ticks= ;;
	esac
	if [ -z "${clock_ticks:-}" ] || [ $((clock_ms - clock_asked)) -ge 60000 ] || [ $((clock_ms / 86400000)) -ne "$clock_days" ]; then
		clock_date=$(date -u '+%s%3N %F')
		clock_asked=${clock_date% *}
		clock_date=${clock_date#* }
		clock_days=$((clock_asked / 86400000))
		clock_ticks=$ticks
		clock_ms=$clock_asked
	fi
	hours=$((clock_ms / 3600000 % 24 + 100))
	minutes=$((clock_ms / 60000 % 60 + 100))
	seconds=$((clock_ms / 1000 % 60 + 100))
	clock_iso=${clock_date}T${hours#1}:${minutes#1}:${seconds#1}Z
}

# The same two shapes as the tools' own log (src/lib/os/log.h).  No name here is one a job would use.
say() {
	say_level=$1
	say_msg=$2
	shift 2
	facts "$@"
	if [ -z "$log" ] && [ -t 2 ]; then
		say_line="$job: "
		[ "$say_level" = info ] || say_line="$say_line$say_level: "
		say_line=$say_line$(at_a_terminal "$say_msg")$said_facts
	else
		clock
		say_line="ts=$clock_iso level=$say_level tool=$job pid=$$"
		[ -z "${WINDFALL_RUN:-}" ] || say_line="$say_line job=$WINDFALL_JOB run=$WINDFALL_RUN step=$WINDFALL_STEP"
		one_line "$say_msg"
		say_line="$say_line msg=\"$said_line\"$said_facts"
	fi
	put "$say_line"
}

# A full log disk is no reason to leave the work undone: complain once, elsewhere, and go on.
put() {
	if ! printf '%s\n' "$1" >&2 2>/dev/null && [ -n "$log" ] && [ -z "${log_broken:-}" ]; then
		log_broken=yes
		printf '%s: cannot write %s, continuing without\n' "$job" "$log" >&3 2>/dev/null || :
	fi
}

# The last error in the log, as whoever met it worded it.
last_error() {
	[ -z "$log" ] || sed -n 's/^local-db: error: //p; s/.* level=error .* msg="\(\(\\.\|[^"\\]\)*\)".*/\1/p' "$log" | tail -n 1 | sed 's/\\\(.\)/\1/g'
}

fail() {
	status=$1
	reason=$2
	! may_hold_secret "$reason" || reason=$(without_secrets "$reason")
	say error "$reason"
	exit "$status"
}

# or_cannot WHAT COMMAND... - run what makes a file or folder, its output into $made; or end with "cannot WHAT" and the reason
# that it gave, which is no fact of a log by itself.
or_cannot() {
	cannot=$1
	shift
	made=$("$@" 2>&1) || case $made in
		*"No space left"*) fail 74 "cannot $cannot: the disk is full: make room first" ;;
		*) fail 73 "cannot $cannot: ${made##*: }" ;;
	esac
}

# cannot_show [WORDS] - what a reader that has gone, or a full disk, did not take; the words are those of the program that
# wrote, whose last ones say why.
cannot_show() {
	# A reader that had read enough ended the program, and ends this script as quietly.
	[ $? -ne 141 ] || exit 141
	cannot=${1##*: }
	fail 74 "cannot write standard output${cannot:+: $cannot}"
}

# write_out COMMAND... - run what only writes on standard output; where that is not taken, one line says so, and ends the
# script.
write_out() {
	{ true 4>&1; } 2>/dev/null || cannot_show "it is closed"
	{ refused=$("$@" 2>&1 >&4) || cannot_show "$refused"; } 4>&1
}

# The help of a script, which ends with it.
show_usage() {
	write_out usage
	exit 0
}

# show FILE - on standard output, which a full disk must not cut short unnoticed.
show() {
	{ true 4>&1; } 2>/dev/null || cannot_show "it is closed"
	shown=0
	{ refused=$(printable <"$1" 2>&1 >&4) || shown=$?; } 4>&1
	[ "$shown" -ne 4 ] || cannot_show "$refused"
	return "$shown"
}
