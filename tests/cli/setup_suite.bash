# One private PostgreSQL for the whole run: the one that tests/run has made for all files, or our own.

# shellcheck source=tests/cli/kept.bash
. "${BASH_SOURCE[0]%/*}/kept.bash"

setup_suite() {
	# As root, the server and nginx run as accounts that must be able to get here.
	chmod 755 "$BATS_RUN_TMPDIR"
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	WINDFALL_BIN=${WINDFALL_BIN:-$root/bin}
	# Debian's psql is a script that looks for the program: three times its processor time, thousands of times.
	PATH=$WINDFALL_BIN:$root/tests/bin:$root/scripts:$(pg_config --bindir):$PATH
	# The sanitizers' runtime wants to be the first library, and so does faketime.
	# No test asks the world for a rate.
	WINDFALL_ECB_URL=file://$root/tests/data/ecb
	ASAN_OPTIONS=${ASAN_OPTIONS:-verify_asan_link_order=0}
	# Whatever loads libpq loads GnuTLS for the LDAP that nobody asks, which makes itself ready each time: a fourteenth of a
	# tool's start.
	GNUTLS_NO_IMPLICIT_INIT=1
	unset DATABASE_URL "${!PG@}" "${!WINDFALL_JOB@}" "${!WINDFALL_SETTINGS@}" WINDFALL_RUN WINDFALL_STEP
	# What this machine and its user have set is nothing to the tests.
	WINDFALL_CONF=/dev/null
	# Jobs write a site where a test is about it (site.bats), and nowhere else.
	export WINDFALL_SITE=off
	unset WINDFALL_SITE_FLEET WINDFALL_SITE_URL
	SUITE_OWN_DB=
	[ -n "${SUITE_SOCKET:-}" ] || {
		SUITE_OWN_DB=$BATS_RUN_TMPDIR/state
		SUITE_SHARED=$BATS_RUN_TMPDIR
		SUITE_SOCKET=$("$root/tests/suite-db" start "$SUITE_OWN_DB")
	}
	# Whose server it is, is not a setting of Windfall's, which would warn of one that it does not know.
	SUITE_SERVER=${WINDFALL_TEST_SERVER:-} SUITE_ENGINE=
	[ -z "$SUITE_SERVER" ] || case $(psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -c "show shared_preload_libraries") in
	*citus*) SUITE_ENGINE=Citus ;;
	esac
	export -n WINDFALL_TEST_SERVER
	begin_admin
	export root WINDFALL_BIN WINDFALL_CONF WINDFALL_ECB_URL PATH ASAN_OPTIONS GNUTLS_NO_IMPLICIT_INIT SUITE_SOCKET SUITE_OWN_DB SUITE_SHARED SUITE_SERVER SUITE_ENGINE
}

teardown_suite() {
	end_admin
	if [ -n "$SUITE_OWN_DB" ]; then
		WINDFALL_TEST_SERVER=$SUITE_SERVER "$root/tests/suite-db" stop "$SUITE_OWN_DB"
	elif [ -s "$BATS_RUN_TMPDIR/drop-databases" ]; then
		# What the last tests left to the next ones.
		psql -XAtq -h "$SUITE_SOCKET" -U postgres -d postgres -f <(sed 's/$/;/' "$BATS_RUN_TMPDIR/drop-databases")
	fi
}
