# shellcheck shell=sh
# database.sh - which database, and psql on it.

# shellcheck disable=SC2154 # $root, $state, $tmp and $job are set by lib.sh and scratch.sh
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
