# shellcheck shell=sh
# database.sh - which database, and psql on it.

# shellcheck disable=SC2034,SC2154 # $answer and $asking are read elsewhere; $root, $tmp and $job are set by lib.sh and scratch.sh

# How long a lock of another session is waited for, in the tools as in psql.
lock_wait=${WINDFALL_LOCK_WAIT:-5min}

# Have a database: the tools' own rule (with-db) says which, and a private one is made and started if need be.
# With "there", one that was never made stays so.
name_db() {
	# What the job that started this one has found up to date is named.
	[ -z "${WINDFALL_MIGRATED:-}" ] || return 0
	db=$(with-db --which) || exit
	if [ "$db" != private ]; then
		note_database
		return 0
	fi
	[ -z "${WINDFALL_STARTED:-}" ] || return 0
	if ! [ -d "$state/var/pg" ] && ! [ -L "$state/var/pg" ]; then
		refuse_another
		[ "${1:-}" != there ] ||
			fail 78 "there is no database: set DATABASE_URL, or run scripts/migrate, which makes the private one"
	fi
	run "$root/scripts/local-db" start
	# Those that this one starts find it so.
	export WINDFALL_STARTED=yes
}

# Where a database is named once, by a crontab or a person, a job that nobody told of it must not make another.
note_database() {
	[ ! -e "$state/var/database" ] && [ -w "$state/var" ] || return 0
	{ with-db --address >"$state/var/database"; } 2>/dev/null || :
}

refuse_another() {
	[ -s "$state/var/database" ] || return 0
	IFS= read -r used <"$state/var/database" || :
	fail 78 "no database is named, and jobs here have used another ($used): put DATABASE_URL into windfall.conf, or run scripts/local-db start for a private one"
}

need_db() {
	# What this one has found up to date is so for those that it starts.
	[ -z "${WINDFALL_MIGRATED:-}" ] || return 0
	name_db
	list_migrations
	if nothing_to_migrate; then
		models_agree
	else
		run "$root/scripts/migrate"
	fi
	export WINDFALL_MIGRATED=yes
}

look_at_db() { look_at_tables no; }

# The same, but tables that a later migration would change will do, and are noted in $older_tables.
look_at_older_db() { look_at_tables yes; }

# look_at_tables OLDER_WILL_DO
look_at_tables() {
	older_tables=
	[ -z "${WINDFALL_MIGRATED:-}" ] || return 0
	name_db there
	list_migrations
	! nothing_to_migrate || return 0
	behind=0
	run "$root/scripts/migrate" --status >"${tmp:?scratch is called first}/migrations" || behind=$?
	case $behind/$(cat "$tmp/migrations") in
	0/*) ;;
	1/*'	vanished	'*)
		fail 78 "the database has a migration that this version does not know: use the version that migrated it, or a newer one" ;;
	1/*'	edited	'*|1/*'	applied	'*)
		case $1/$(cat "$tmp/migrations") in
		no/*|*'	edited	'*) fail 78 "the tables of the database are not those of this version: run scripts/migrate" ;;
		esac
		older_tables=yes ;;
	1/*) fail 78 "the database has no tables yet: run scripts/migrate" ;;
	*) exit "$behind" ;;
	esac
}

# bare_psql ARG... - psql on that database, with its own words and status, and never a pager.  In a subshell, as a
# pipeline or $(...) is one, a signal to the job would wait for its end: its answer goes into a file.
bare_psql() {
	psql_in . "$@"
}

# psql_in FOLDER ARG... - the same with this folder as its own.
psql_in() {
	asking=yes
	asked=0
	folder_of_psql=$1
	shift
	has_statements "$@" || set -- "$@" -f -
	set -- with-db psql -XAtq -P pager=off -v lock_wait="$lock_wait" -f "$root/sql/session.sql" "$@"
	[ "$folder_of_psql" = . ] || set -- env -C "$folder_of_psql" "$@"
	PGAPPNAME=${PGAPPNAME:-${WINDFALL_JOB:-$job}} run "$@" || asked=$?
	asking=
	return "$asked"
}

# has_statements ARG... - whether psql is told there what to run, or is to read it.
has_statements() {
	for argument in "$@"; do
		case $argument in -c|-f) return 0 ;; esac
	done
	return 1
}

# db_psql ARG... - the same, once scratch or job_start has made $tmp; it succeeds, or says why and ends the
# script as a tool would.
db_psql() {
	asked=0
	bare_psql -v ON_ERROR_STOP=1 -v VERBOSITY=verbose "$@" 2>"${tmp:?scratch is called first}/psql" || asked=$?
	case $asked in
	0) ;;
	[123]) [ -s "$tmp/psql" ] || need_room
		db_explain "$tmp/psql"
		fail "$db_status" "database: $complaint" ;;
	*) cat "$tmp/psql" >&2; exit "$asked" ;;
	esac
}

# ask ARG... - the same; the answer, a line or nothing, is in $answer.
ask() {
	db_psql "$@" >"$tmp/answer"
	answer=
	IFS= read -r answer <"$tmp/answer" || :
}

# show_query QUERY - its rows on standard output, as the tools print theirs.
show_query() {
	db_psql -c "copy ($1) to stdout with (header)" >"$tmp/rows"
	show_rows "$tmp/rows"
}

# show_page ARG... - what psql prints as a page for people, on standard output.  psql escapes no mark that turns text around.
show_page() {
	db_psql "$@" >"$tmp/page"
	show "$tmp/page"
}

# db_explain FILE - into $complaint and $db_status: what psql complained of there, its stderr (with VERBOSITY
# verbose), and the exit status that it calls for.
db_explain() {
	db_status=0
	complaint=$(with-db --explain "$1") || db_status=$?
}
