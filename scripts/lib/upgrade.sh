# shellcheck shell=sh disable=SC2034,SC2154 # $home, $data, $bin and the others are those of local-db
# upgrade.sh - the private database carried over to another version of PostgreSQL.  Only local-db reads this.
#
# By way of SQL, as pg_dump and psql write and read it, into a cluster beside the old one: pg.next while it is made,
# pg.whole when it is, and then pg; the old one becomes pg.before.  Whoever is killed on the way has lost nothing,
# and the next start clears up.

upgrading() {
	[ -d "$home/pg.next" ] || [ -d "$home/pg.whole" ]
}

# What a killed upgrade left.  The lock is held.
finish_upgrade() {
	left=
	IFS= read -r left 2>/dev/null <"$home/upgrade.sockets" || :
	case $left in
	*/../*)	;;
	/tmp/windfall-upgrade.??????) rm -rf "$left" ;;
	esac
	rm -f "$home"/upgrade.*
	upgrading || return 0
	find_programs
	! alive || halt
	if [ ! -d "$data" ] && [ -d "$home/pg.whole" ]; then
		mv -T "$home/pg.whole" "$data"
		say "an upgrade that was interrupted at its last step is done; the data before it are in $home/pg.before"
		find_home
	elif [ -d "$data" ]; then
		stop_server "$home/pg.next"
		rm -rf "$home/pg.next" "$home/pg.whole"
		say "removed what an interrupted upgrade had left: the data are as before it"
	fi
}

# stop_server FOLDER - a server of an upgrade, if one runs there.
stop_server() {
	[ ! -e "$1/postmaster.pid" ] || as_account "$bin/pg_ctl" stop -s -m fast -w -t 60 -D "$1" >/dev/null 2>&1 || :
}

# serve BIN FOLDER PORT OPTION - a server for the upgrade alone, where nobody looks for one.
serve() {
	as_account "$1/pg_ctl" start -s -w -t 120 -D "$2" -l "$log" -o "-k $between -p $3 $4" 8>&- >/dev/null 2>&1 ||
		fail 75 "PostgreSQL does not start on $2 (log: $log)"
}

# What they complain of goes into a file, for the one line that says why.
old() { program=$1; shift; as_account "$bin/$program" -h "$between" -p 5432 -U "$was" "$@" 2>>"$home/upgrade.said"; }
new() { program=$1; shift; as_account "$bin/$program" -h "$between" -p 5433 -U postgres "$@" 2>>"$home/upgrade.said"; }

# stop_for_good FOLDER WHOSE
stop_for_good() {
	as_account "$bin/pg_ctl" stop -s -m fast -w -t 120 -D "$1" >/dev/null 2>&1 || fail 74 "the $2 server does not stop (log: $log)"
}

cannot_carry_over() {
	why=$(sed -n 's/.*\(ERROR\|FATAL\|PANIC\|error\): *//p' "$home/upgrade.said" | head -n 1)
	fail 74 "the data cannot be carried over to PostgreSQL $best${why:+ ($why)}: they stay as they are (log: $log)"
}

# Every table of a database and how many rows it has.
count_rows() {
	printf '%s\n' "select format('select %L, count(*) from %I.%I', oid::regclass, relnamespace::regnamespace, relname)
		  from pg_class where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
		 order by oid::regclass::text \\gexec" | "$1" psql -XAtq -v ON_ERROR_STOP=1 -d "$2"
}

# The roles, then each database; windfall is what it is in a new cluster, whatever it was.
carry_over() {
	{ old pg_dumpall --globals-only || echo 'not dumped;'; } |
		sed -E -e '/^(CREATE|ALTER) ROLE (postgres|windfall)[ ;]/d' \
			-e '/^CREATE TABLESPACE/d' |
		new psql -Xq -v ON_ERROR_STOP=1 -d postgres -c 'create role windfall login createdb in role pg_monitor' -f - >/dev/null || return 1
	old psql -XAtqc "select datname from pg_database where datallowconn and datname not in ('template0', 'template1', 'postgres')
		order by 1" -d postgres >"$home/upgrade.names" || return 1
	while IFS= read -r name; do
		say "carrying over the database $name"
		{ old pg_dump --create -d "$name" || echo 'not dumped;'; } </dev/null |
			new psql -Xq -v ON_ERROR_STOP=1 -d postgres >/dev/null || return 1
		count_rows old "$name" </dev/null >"$home/upgrade.old" && count_rows new "$name" </dev/null >"$home/upgrade.new" || return 1
		cmp -s "$home/upgrade.old" "$home/upgrade.new" || { say "the tables of $name differ"; return 1; }
		new psql -Xq -d "$name" -c analyze </dev/null || return 1
	done <"$home/upgrade.names"
}

end_upgrade() {
	ended=$?
	trap '' HUP INT TERM
	stop_server "$home/pg.next"
	stop_server "$data"
	rm -rf "$between" "$home"/upgrade.*
	[ "$ended" -eq 0 ] || rm -rf "$home/pg.next"
	exit "$ended"
}

upgrade() {
	find_home
	[ -d "$data" ] || fail 78 "there is no private database in $state/var to upgrade"
	lock
	find_home
	finish_upgrade
	find_programs
	was=$(superuser)
	from=$need old_bin=$bin
	need=
	choose_programs
	if [ "$best" = "$from" ] && [ "$was" = postgres ]; then
		say "nothing to do: the data are of PostgreSQL $from, and no newer one is installed"
		return 0
	fi
	[ ! -e "$home/pg.before" ] || fail 73 "$home/pg.before holds the data before an earlier upgrade: remove it first"
	need_space $((2 * $(as_account du -sm "$data" | cut -f1) + 256))
	if ready; then
		new_bin=$bin bin=$old_bin
		busy=$(sessions)
		[ "$busy" = 0 ] || fail 75 "others are connected to the database ($busy): try again when they are done"
		halt
		bin=$new_bin
	fi
	hold_data 15 || fail 75 "$served"
	# The sockets alone lie in /tmp, for their short path; nothing is written there by a name that others could foresee.
	between=$(mktemp -d /tmp/windfall-upgrade.XXXXXX)
	echo "$between" >"$home/upgrade.sockets"
	[ -z "$account" ] || chown "$account:" "$between"
	trap end_upgrade EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	make_cluster "$home/pg.next"
	serve "$old_bin" "$data" 5432 '-c default_transaction_read_only=on'
	serve "$bin" "$home/pg.next" 5433 '-c fsync=off'
	: >"$home/upgrade.said"
	carry_over || cannot_carry_over
	stop_for_good "$home/pg.next" new
	stop_for_good "$data" old
	rm -f "$home/initdb.log"
	sync
	mv -T "$home/pg.next" "$home/pg.whole"
	mv -T "$data" "$home/pg.before"
	mv -T "$home/pg.whole" "$data"
	say "the data are now of PostgreSQL $best, with as many rows in every table; those before it stay in $home/pg.before: remove that when you are content"
}
