# One private PostgreSQL for the whole run, with a template that is migrated once.

setup_suite() {
	# As root, the server and nginx run as accounts that must be able to get here.
	chmod 755 "$BATS_RUN_TMPDIR"
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	WINDFALL_BIN=${WINDFALL_BIN:-$root/bin}
	# Debian's psql is a script that looks for the program: three times its processor time, thousands of times.
	PATH=$WINDFALL_BIN:$root/scripts:$(pg_config --bindir):$PATH
	SUITE_STATE=$BATS_RUN_TMPDIR/state
	# The sanitizers' runtime wants to be the first library, and so does faketime.
	ASAN_OPTIONS=${ASAN_OPTIONS:-verify_asan_link_order=0}
	export root WINDFALL_BIN PATH SUITE_STATE ASAN_OPTIONS
	mkdir "$SUITE_STATE"
	unset DATABASE_URL "${!PG@}" "${!WINDFALL_JOB@}" WINDFALL_RUN WINDFALL_STEP

	WINDFALL_STATE=$SUITE_STATE "$root/scripts/local-db" start
	read -r SUITE_SOCKET <"$SUITE_STATE/var/socket"
	export SUITE_SOCKET
	# These databases are thrown away: they need not survive a power cut.
	suite_psql -c "alter system set fsync = off" -c "alter system set full_page_writes = off" \
		-c "alter system set synchronous_commit = off" -c "select pg_reload_conf()" \
		-c "create database template_windfall"
	DATABASE_URL="postgresql:///template_windfall?host=$SUITE_SOCKET&user=windfall" \
		WINDFALL_STATE=$SUITE_STATE "$root/scripts/migrate"
	suite_psql -c "alter database template_windfall with is_template true allow_connections false"
}

teardown_suite() {
	WINDFALL_STATE=$SUITE_STATE "$root/scripts/local-db" destroy --yes
}

suite_psql() {
	psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres "$@" >/dev/null
}
