/* failure: what a refusal by the database means, by its SQLSTATE, by its words, and by what psql and pg_dump wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "db/failure.h"

/* The codes are those of the appendix on error codes in PostgreSQL's manual. */
static void a_state_has_its_status(void **state)
{
	static const struct { const char *sqlstate, *words; int want; } row[] = {
		{ "53100", "", EX_IOERR },		/* disk_full */
		{ "53200", "", EX_TEMPFAIL },		/* out_of_memory */
		{ "53300", "", EX_TEMPFAIL },		/* too_many_connections */
		{ "58030", "", EX_IOERR },		/* io_error */
		{ "58P01", "", EX_IOERR },		/* undefined_file */
		{ "XX001", "", EX_IOERR },		/* data_corrupted */
		{ "XX002", "", EX_IOERR },		/* index_corrupted */
		{ "25P03", "", EX_TEMPFAIL },		/* idle_in_transaction_session_timeout */
		{ "25P04", "", EX_TEMPFAIL },		/* transaction_timeout */
		{ "25006", "", EX_NOPERM },		/* read_only_sql_transaction */
		{ "25001", "", EX_SOFTWARE },		/* active_sql_transaction */
		{ "42501", "", EX_NOPERM },		/* insufficient_privilege */
		{ "28000", "", EX_NOPERM },		/* invalid_authorization_specification */
		{ "28P01", "", EX_NOPERM },		/* invalid_password */
		{ "3D000", "", EX_CONFIG },		/* invalid_catalog_name */
		{ "42P01", "", EX_CONFIG },		/* undefined_table */
		{ "42703", "", EX_CONFIG },		/* undefined_column */
		{ "42883", "", EX_CONFIG },		/* undefined_function */
		{ "42704", "", EX_CONFIG },		/* undefined_object */
		{ "42601", "", EX_SOFTWARE },		/* syntax_error */
		{ "08006", "", EX_TEMPFAIL },		/* connection_failure */
		{ "57014", "", EX_TEMPFAIL },		/* query_canceled */
		{ "57P01", "", EX_TEMPFAIL },		/* admin_shutdown */
		{ "40001", "", EX_TEMPFAIL },		/* serialization_failure */
		{ "40P01", "", EX_TEMPFAIL },		/* deadlock_detected */
		{ "55P03", "", EX_TEMPFAIL },		/* lock_not_available */
		{ "55000", "", EX_SOFTWARE },		/* object_not_in_prerequisite_state */
		{ "22P02", "", EX_DATAERR },		/* invalid_text_representation */
		{ "23514", "", EX_DATAERR },		/* check_violation */
		{ "23502", "", EX_DATAERR },		/* not_null_violation */
		{ "23505", "", EX_SOFTWARE },		/* unique_violation */
		{ "XX000", "cache lookup failed", EX_SOFTWARE },
		{ "XX000", "terminating connection due to unexpected postmaster exit", EX_TEMPFAIL },
		{ "XX000", "failure on connection marked as essential: h:5432", EX_TEMPFAIL },
		{ "42601", "could not connect", EX_SOFTWARE },
		{ "08P01", "transaction blocks not allowed in statement pooling mode", EX_CONFIG },
		{ "", "FATAL:  transaction blocks not allowed in statement pooling mode", EX_CONFIG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(db_failure_of_state(row[i].sqlstate, row[i].words), row[i].want);
}

static void words_of_a_failed_connection_have_their_status(void **state)
{
	static const struct { const char *words; int want; } row[] = {
		{ "FATAL:  password authentication failed for user \"wf\"", EX_NOPERM },
		{ "fe_sendauth: no password supplied", EX_NOPERM },
		{ "FATAL:  Peer authentication failed for user \"wf\"", EX_NOPERM },
		{ "FATAL:  no pg_hba.conf entry for host \"10.0.0.1\"", EX_NOPERM },
		{ "FATAL:  role \"wf\" does not exist", EX_NOPERM },
		{ "FATAL:  role \"wf\" is not permitted to log in", EX_TEMPFAIL },
		{ "SSL error: certificate verify failed", EX_NOPERM },
		{ "server certificate for \"x\" does not match host name \"h\"", EX_NOPERM },
		{ "FATAL:  database \"wf\" does not exist", EX_CONFIG },
		{ "FATAL:  database \"wf\" is not currently accepting connections", EX_TEMPFAIL },
		{ "directory \"/run/pg\" does not exist", EX_TEMPFAIL },
		{ "invalid sslmode value: \"none\"", EX_CONFIG },
		{ "invalid integer value \"soon\" for connection option \"connect_timeout\"", EX_CONFIG },
		{ "invalid response to SSL negotiation", EX_TEMPFAIL },
		{ "could not set the value: \"5\"", EX_TEMPFAIL },
		{ "invalid connection option \"nosuch\"", EX_CONFIG },
		{ "invalid SSL protocol version range", EX_CONFIG },
		{ "syntax error in service file \"/x\", line 5", EX_CONFIG },
		{ "service file \"/x\" not found", EX_CONFIG },
		{ "FATAL:  unsupported startup parameter: options", EX_CONFIG },
		{ "local user with ID 12345 does not exist", EX_CONFIG },
		{ "could not connect to server: Connection refused", EX_TEMPFAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(db_failure_of_words(row[i].words), row[i].want);
}

static void what_the_server_lacks_has_its_cure(void **state)
{
	static const struct { const char *sqlstate, *words, *want; } row[] = {
		{ "58P01", "could not load library \"plpgsql.so\": undefined symbol", "scripts/local-db restart" },
		{ "XX000", "incompatible library \"plpgsql.so\": version mismatch", "scripts/local-db restart" },
		{ "53100", "could not resize shared memory segment \"/PostgreSQL.1840118596\" to 196736 bytes: No space left on device",
		  "/dev/shm" },
		{ "53100", "konnte die Größe des Shared-Memory-Segments »/PostgreSQL.18« nicht ändern", "/dev/shm" },
		{ "53200", "could not resize shared memory segment \"/PostgreSQL.18\" to 196736 bytes", "/dev/shm" },
		{ "53100", "could not extend file \"base/1/2\": No space left on device", "the disk of the database is full" },
		{ "53200", "out of shared memory", "max_locks_per_transaction" },
		{ "53400", "temporary file size exceeds temp_file_limit (1000kB)", "a retry will not help" },
		{ "53400", "all replication slots are in use", NULL },
		{ "58030", "could not read block 1 in file \"base/1/2\": Input/output error", "the server's log says more" },
		{ "XX001", "invalid page in block 1", "the server's log says more" },
		{ "", "pg_dump: error: could not load library \"plpgsql.so\"", "scripts/local-db restart" },
		{ "", "local user with ID 12345 does not exist", "PGUSER" },
		{ "", "\"/PostgreSQL.18\"", NULL },
		{ "", "definition of service \"wf\" not found", "byte order mark" },
		{ "", "FATAL:  unsupported startup parameter: options", "alter role" },
		{ "", "FATAL:  unsupported startup parameter: search_path", NULL },
		{ "08P01", "transaction blocks not allowed in statement pooling mode", "pool_mode" },
		{ "53300", "sorry, too many clients already", NULL },
		{ "", "FATAL:  too many connections for role \"windfall\"", "alter role" },
		{ "", "fe_sendauth: no password supplied", "of mode 600" },
		{ "", "received invalid response to SSL negotiation: H", "check the host" },
		{ "", "expected authentication request from server, but received H", "check the host" },
		{ "25006", "cannot execute SELECT in a read-only transaction", "target_session_attrs=read-write" },
		{ "42501", "permission denied for table t", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *cure = db_failure_cure(row[i].sqlstate, row[i].words);

		assert_int_equal(cure != NULL, row[i].want != NULL);
		if (cure)
			assert_non_null(strstr(cure, row[i].want));
	}
	assert_int_equal(db_failure_of_state("58P01", "could not load library \"plpgsql.so\""), EX_TEMPFAIL);
}

static void a_lock_is_known_by_its_words(void **state)
{
	(void)state;
	assert_true(db_failure_is_lock("psql:x.sql:1: ERROR:  55P03: verrou"));
	assert_true(db_failure_is_lock("ERROR:  canceling statement due to lock timeout"));
	assert_true(db_failure_is_lock("pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout"));
	assert_false(db_failure_is_lock("psql:x.sql:1: ERROR:  canceling statement due to statement timeout"));
	assert_false(db_failure_is_lock("pg_dump: error: query failed"));
}

static void a_cancelled_statement_is_known_by_its_state(void **state)
{
	(void)state;
	assert_true(db_failure_is_cancelled("psql:x.sql:1: FEHLER:  57014: storniere Anfrage"));
	assert_false(db_failure_is_cancelled("psql:x.sql:1: FEHLER:  57P01: Verbindung wird abgebrochen"));
}

static void a_lost_connection_is_known_by_its_words(void **state)
{
	(void)state;
	assert_true(db_failure_is_connection("connection to server at \"h\", port 5432 failed: Connection refused"));
	assert_true(db_failure_is_connection("ssl: lost synchronization with server"));
	assert_false(db_failure_is_connection("division by zero"));
}

static void a_state_ends_the_shortest_message(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "connection to server at \"h\" failed: FATAL:  28P01", "28P01" },
		{ "connection to server at \"h\" failed: FATAL:  28P01\n", "28P01" },
		{ "FATAL:  words:  3D000\n", "3D000" },
		{ "FATAL:  3D000:  words", NULL },
		{ "FATAL:  3d000", NULL },
		{ "FATAL:  xD000", NULL },
		{ "FATAL:  3D00", NULL },
		{ "FATAL:  3D0000", NULL },
		{ "FATAL: 3D000", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char got[6] = "";

		assert_int_equal(db_failure_state(row[i].text, got), row[i].want != NULL);
		if (row[i].want)
			assert_string_equal(got, row[i].want);
	}
}

static void what_psql_and_pg_dump_wrote_has_a_status_and_one_line(void **state)
{
	static const struct { const char *text; int want; const char *complaint; } row[] = {
		{ "psql:a.sql:3: ERROR:  22012: division by zero\nLOCATION:  int4div, int.c:846\n", EX_DATAERR,
		  "a.sql:3: division by zero" },
		{ "ERROR:  42P01: relation \"x\"\n  \t does not exist\n", EX_CONFIG, "relation \"x\"" },
		/* The last state counts, and every complaint is shown. */
		{ "ERROR:  40001: one\nDETAIL:  why \nERROR:  22012: two", EX_DATAERR, "one why two" },
		{ "psql:a.sql:1: ERROR:  22012: one\npsql:b.sql:2: ERROR:  40001: two", EX_TEMPFAIL, "a.sql:1: one b.sql:2: two" },
		/* Text that looks like a state but is not one. */
		{ "ERROR:  22012:two", EX_CONFIG, "22012:two" },
		{ "ERROR:  2201", EX_CONFIG, "2201" },
		/* What a script has just written is no place. */
		{ "psql:/tmp/x/plan.sql:7: ERROR:  22012: no", EX_DATAERR, "no" },
		{ "psql:<stdin>:7: ERROR:  22012: no", EX_DATAERR, "no" },
		{ "psql:/tmp/<stdin>:7: ERROR:  22012: no", EX_DATAERR, "/tmp/<stdin>:7: no" },
		/* Rows of somebody's, by line and column. */
		{ "psql:a.sql:1: ERROR:  22P02: bad\nCONTEXT:  COPY t, line 3, column c: \"x\"\n", EX_DATAERR,
		  "a.sql:1: bad (line 3, column c)" },
		{ "ERROR:  22P02: bad\nCONTEXT:  COPY t\nHINT:  COPY t, line 4", EX_DATAERR, "bad" },
		/* Which severity stands first. */
		{ "psql: error: connection to server at \"h\" failed: FATAL:  28P01: no ERROR: here", EX_TEMPFAIL,
		  "connection to server at \"h\" failed: FATAL: 28P01: no ERROR: here" },
		{ "psql: error: FATAL:  password authentication failed", EX_NOPERM, "FATAL: password authentication failed" },
		{ "psql:a.sql:1: PANIC:  XX001: page", EX_IOERR, "a.sql:1: page; the server's log says more" },
		{ "psql:a.sql:1: the ERROR:  22012: x ", EX_DATAERR, "a.sql:1: the x" },
		{ "pg_dump: error: query failed: no", EX_CONFIG, "query failed: no" },
		{ "FATAL:  transaction blocks not allowed in statement pooling mode\nserver closed the connection unexpectedly", EX_CONFIG,
		  "transaction blocks not allowed in statement pooling mode; let the pooler lend whole transactions or sessions "
		  "(pool_mode), or name the server itself" },
		{ "pg_dump: error: query failed: ERROR:  permission denied for sequence s", EX_NOPERM,
		  "query failed: ERROR: permission denied for sequence s" },
		/* Neither psql's line nor one that begins with a severity. */
		{ "some ERROR:  22012: x", EX_CONFIG, "some ERROR: 22012: x" },
		{ "psql:a.sql:1: anERROR:  words", EX_CONFIG, "psql:a.sql:1: anERROR: words" },
		/* A server in its own language; notices and warnings are none. */
		{ "HINWEIS:  00000: x\nWARNUNG:  01000: y\nFEHLER:  55P03: z\n", EX_TEMPFAIL, "z" },
		{ "psql:a.sql:3: FEHLER:  42501: x:  22012: y\n", EX_NOPERM, "a.sql:3: x: 22012: y" },
		/* Words that decide where no state does. */
		{ "psql:a.sql:1: ERROR:  58P01: could not load library \"x.so\"", EX_TEMPFAIL,
		  "a.sql:1: could not load library \"x.so\"; PostgreSQL was updated under the running server: restart it (the private one "
		  "with scripts/local-db restart)" },
		{ "psql:<stdin>:1: incomplete multibyte character\npsql:<stdin>:1: ERROR:  42601: syntax error at or near \":\"\n",
		  EX_USAGE, "an argument is not UTF-8" },
		{ "psql:a.sql:1: invalid multibyte character\npsql:a.sql:1: ERROR:  42601: syntax error at or near \":\"\n",
		  EX_USAGE, "an argument is not UTF-8" },
		{ "psql:a.sql:1: ERROR:  22021: no invalid multibyte character", EX_DATAERR, "a.sql:1: no invalid multibyte character" },
		{ "pg_dump: error: ERROR:  canceling statement due to statement timeout", EX_TEMPFAIL,
		  "ERROR: canceling statement due to statement timeout" },
		{ "could not print result table: No space left on device", EX_IOERR,
		  "could not print result table: No space left on device" },
		{ "could not write COPY data: No space left on device", EX_IOERR,
		  "could not write COPY data: No space left on device" },
		{ "server closed the connection unexpectedly", EX_TEMPFAIL, "server closed the connection unexpectedly" },
		{ "psql: error: a.sql: No such file or directory", EX_CONFIG, "a.sql: No such file or directory" },
		{ "\n", EX_CONFIG, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf complaint = BUF_INIT;
		int got = db_failure_of_psql(row[i].text, &complaint);

		assert_string_equal(complaint.len > 0 ? complaint.data : "", row[i].complaint);
		assert_int_equal(got, row[i].want);
		buf_release(&complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_has_its_status),
		cmocka_unit_test(words_of_a_failed_connection_have_their_status),
		cmocka_unit_test(what_the_server_lacks_has_its_cure),
		cmocka_unit_test(a_lock_is_known_by_its_words),
		cmocka_unit_test(a_cancelled_statement_is_known_by_its_state),
		cmocka_unit_test(a_lost_connection_is_known_by_its_words),
		cmocka_unit_test(a_state_ends_the_shortest_message),
		cmocka_unit_test(what_psql_and_pg_dump_wrote_has_a_status_and_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
