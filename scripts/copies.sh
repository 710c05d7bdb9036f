# shellcheck shell=sh
# copies.sh - backups as files, and copies of the database beside it.  Sourced after lib.sh by backup and restore.

# shellcheck disable=SC2154,SC2034 # $state and $tmp are set by lib.sh; what is set here backup and restore read
dir=${WINDFALL_BACKUPS:-$state/backups}

# The backups, newest first: whole ones alone have this name.  What is called nearly so is a person's own, and is neither counted
# nor removed.
every_backup() {
	two='[0-9][0-9]'
	find "$dir/" -maxdepth 1 -type f -name "windfall_$two$two$two${two}_$two$two$two.dump" 2>/dev/null | LC_ALL=C sort -r
}

# Those made up to now.  One of the future was made while the clock of the machine was wrong: it is not the latest, nor in the
# place of one that is kept.
backups() {
	every_backup | awk -F / -v now="windfall_$(date -u +%Y%m%d_%H%M%S).dump" '$NF <= now'
}

# A folder of backups is one installation's alone: of two each would remove the other's as its own oldest, and restore the
# other's as its own latest.  The first to make one there leaves its name, which it keeps in its state folder.
whose=$dir/.installation
mine=$state/var/installation

is_of_another() { [ -s "$whose" ] && ! cmp -s "$whose" "$mine"; }

# refuse_another_folder CURE
refuse_another_folder() {
	IFS= read -r name <"$whose"
	fail 78 "$dir has the backups of another installation ($name): $1"
}

# A disk that is not mounted leaves its folder, empty: a backup made there would be on the wrong disk, and hidden once the right
# one is mounted over it.  So a folder that the settings name is noted once it has this installation's backups.
claimed=$state/var/backups

is_unmounted() {
	[ -n "${WINDFALL_BACKUPS:-}" ] && [ -s "$claimed" ] && ! [ -s "$whose" ] && [ -z "$(every_backup)" ] || return 1
	IFS= read -r name <"$claimed"
	[ "$name" = "$dir" ]
}

unmounted="has none of the earlier backups: is its disk mounted?"

claim_folder() {
	[ -s "$mine" ] || { echo "$(uname -n) $state $(date -u +%Y%m%d_%H%M%S) $$" >"$mine.next" && mv -f "$mine.next" "$mine"; }
	[ -s "$whose" ] || { cp "$mine" "$whose.next" && mv -f "$whose.next" "$whose"; }
}

note_folder() {
	printf '%s\n' "$1" >"$claimed.next" && mv -f "$claimed.next" "$claimed"
}

# server COMMAND... - a program of PostgreSQL's on the server, in no database of ours.  As by run: a signal ends it.
server() {
	PGAPPNAME=$job run with-db env -u DATABASE_URL PGDATABASE=postgres "$@"
}

# on_copy NAME COMMAND... - one of the tools, or of PostgreSQL's programs, on another database of the same server; likewise.
on_copy() {
	copy=$1
	shift
	PGAPPNAME=$job run with-db env -u DATABASE_URL PGDATABASE="$copy" "$@"
}

# said FILE WHAT - end as what a program of PostgreSQL's said on stderr calls for; it has just ended, and one that a signal ended
# said nothing.  The first error is the cause of the others.
said() {
	ended=$?
	[ "$ended" -le 128 ] || fail 75 "$2: $(ended_by "$ended")"
	[ -s "$1" ] || need_room
	why=$(sed -n '/\(error\|ERROR\|FATAL\|PANIC\):/{p;q;}' "$1")
	why=${why:-$(tail -n 1 "$1")}
	case $(cat "$1") in
	*"server version mismatch"*)
		fail 78 "$2: $(sed -n 's/^.*server version: \([^ ;]*\).*pg_dump version: \([^ ;]*\).*/the server is PostgreSQL \1 and pg_dump \2/p' "$1"): install a postgresql-client that is no older than the server" ;;
	*"unsupported version"*)
		fail 78 "$2: ${why##*error: }: a newer PostgreSQL wrote it than $(pg_restore --version): install a newer postgresql-client" ;;
	*"could not uncompress"*|*"input file"*|*"corrupt"*|*"unexpected "*|*"unrecognized data block"*)
		fail 65 "$2: $why: the file is damaged, or not a backup" ;;
	*"No space left"*|*"could not write"*|*"could not extend"*) fail 74 "$2: $why" ;;
	esac
	db_explain "$1"
	[ "$db_status" -ne 0 ] || db_status=70
	fail "$db_status" "$2: ${complaint:-$why}"
}

server_sql() {
	server psql -XAtq -P pager=off -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -v lock_wait="$lock_wait" \
		-f "$root/sql/session.sql" -c "$1" 2>"$tmp/server" || said "$tmp/server" "the server"
}

# Without "with (force)" the server sends a worker of autovacuum away by itself, and waits a little for other sessions; with it
# other sessions of this role are ended, and such a worker is a refusal: only a superuser may end one.
drop_copy() {
	server psql -XAtqc "drop database if exists \"$1\"" >/dev/null 2>&1 || server_sql "drop database if exists \"$1\" with (force)"
}

# Likewise where the job has ended, perhaps by a signal in the middle of a session, and nothing can be said any more.
drop_last_copy() {
	[ -z "$copy" ] || server psql -XAtqc "drop database if exists \"$copy\" with (force)" >/dev/null 2>&1 ||
		server psql -XAtqc "drop database if exists \"$copy\"" >/dev/null 2>&1
}

# What names of copies have of the machine and of the state folder, whose lock makes a run the only one of its job: what a
# killed run left is found by it, and the copy at which another installation is working is not taken for that.
ours=$(uname -n | tr '[:upper:]' '[:lower:]' | tr -cd '[:lower:][:digit:]' | cut -c 1-20)
ours=${ours}_$(readlink -m -- "$state" | cksum | cut -d ' ' -f 1)

drop_left_copies() {
	for left in $(server_sql "select datname from pg_database where starts_with(datname, 'windfall_${1}_${ours}_')"); do
		say info "dropped a copy that a killed run had left" database="$left"
		drop_copy "$left"
	done
}

# The private server's disk has to take the copy as well, and the server's log of it: one that is full in the middle of it would
# fail the other jobs, too.
need_room_for_copy() {
	[ "$(with-db --which)" = private ] || return 0
	ask -c "select (size + least(size, pg_size_bytes(current_setting('max_wal_size')))) / 1048576 + 64
		  from pg_database_size(current_database()) size"
	free=$(df -Pk "$state/var/pg/" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "${free:-0}" -ge "$answer" ] ||
		fail 74 "the copy that is tried may take $answer MB, and only $free MB are free on the disk of $state/var/pg: make room first"
}

# copy_from FILE NAME - a new database with what the backup holds, all of it or an error.  Of a cluster's database it is a
# plain one: the engine is not data, and only a superuser brings it in.
copy_from() {
	server_sql "create database \"$2\" template template0 encoding 'UTF8'"
	run pg_restore --list "$1" >"$tmp/whole" 2>"$tmp/restored" || said "$tmp/restored" "the backup cannot be read"
	grep -v ' EXTENSION -* *citus' "$tmp/whole" | grep -v ' COMMENT - EXTENSION citus' >"$tmp/list" || :
	set -- "$2" pg_restore --no-owner --no-privileges -L "$tmp/list" -d "$2" "$1"
	restored=0
	on_copy "$@" --exit-on-error --single-transaction 2>"$tmp/restored" || restored=$?
	if [ "$restored" -eq 1 ] && is_newer_client; then
		restored=0
		on_copy "$@" 2>"$tmp/restored" || restored=$?
		if [ "$restored" -eq 1 ] && is_newer_client && grep -qx 'pg_restore: .*: 1' "$tmp/restored"; then return 0; fi
	fi
	(exit "$restored") || said "$tmp/restored" "the backup cannot be restored"
}

# From version 17 on pg_restore begins with a setting that no older server knows.  Is that all it complained of?  Such a copy
# cannot be made in one transaction; nobody uses a part of one.
is_newer_client() {
	[ "$(grep -c ': error: ' "$tmp/restored")" -eq 1 ] && grep -qxF 'Command was: SET transaction_timeout = 0;' "$tmp/restored"
}

# What a database has beside its rows is in no backup, which may come to a server that knows none of its roles: the copy $1
# gets the owners, grants and settings of the database that it is to replace.  What this role may not give is said, and
# keeps nobody from the rows.
same_rights() {
	asked=0
	bare_psql -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -v copy="$1" -f "$root/sql/report/restore-rights.sql" \
		>"$tmp/rights" 2>"$tmp/refused" || asked=$?
	[ "$asked" -ne 0 ] || run with-db pg_dump -Fc --schema-only --lock-wait-timeout=10s -f "$tmp/schema" 2>"$tmp/refused" || asked=$?
	if [ "$asked" -eq 0 ]; then
		pg_restore --list "$tmp/schema" | grep -E '^[0-9]+; [0-9]+ [0-9]+ (DEFAULT )?ACL ' >"$tmp/grants" || :
		on_copy "$1" psql -XAtq -f "$tmp/rights" >"$tmp/answer" 2>"$tmp/refused" || :
		[ ! -s "$tmp/grants" ] || on_copy "$1" pg_restore -L "$tmp/grants" -d "$1" "$tmp/schema" 2>>"$tmp/refused" || :
	fi
	refused=$(sed -n '/"transaction_timeout"/d; s/^.*\(ERROR\|error\|FATAL\): *//p' "$tmp/refused" | head -n 1)
	[ -z "$refused" ] || say warning "not all rights and settings of the replaced database could be given to the restored one: apply sql/roles.sql if it was applied before" \
		refused="$refused"
}

# audit_copy NAME - every figure of the copy worked out again, by the tools; how many differ, into $differences.
# What cannot be checked, as a difficulty is not known, is no fault of the copy.
audit_copy() {
	audited=0
	on_copy "$1" audit-calcs -q --no-header >"$tmp/audited" || audited=$?
	case $audited in 0|1|65) ;; *) exit "$audited" ;; esac
	differences=$(grep -vc '^unchecked' "$tmp/audited" || :)
	if [ "$(on_copy "$1" psql -XAtqc 'select count(*) from fifo_versions')" -gt 0 ]; then
		for version in $(on_copy "$1" psql -XAtqc 'select version from fifo_versions order by 1'); do
			audited=0
			on_copy "$1" audit-fifo -q --fifo "$version" >"$tmp/audited" || audited=$?
			case $audited in 0|1) ;; *) exit "$audited" ;; esac
			differences=$((differences + $(differing "$tmp/audited")))
		done
	fi
}

# differing AUDIT - how many of a version's findings say that its rows are wrong.  Where the trades of a product are no longer those
# that the version was made from, as whenever some came in after it, nothing can be held against them.
differing() {
	by_name '
		file == 1 { if (at("check") == "books_changed") changed[at("product_id")]; next }
		!(at("product_id") in changed) { n++ }
		END { print n + 0 }' "$1" "$1"
}

# leave - in place of finish, while there is a copy, or a file without its name, that must not stay.
leave() {
	left_with=$?
	set +e
	trap '' HUP INT TERM
	stop_children
	drop_last_copy
	[ -z "${partial:-}" ] || rm -f "$partial" "$partial.sum"
	(exit "$left_with")
	finish
}
