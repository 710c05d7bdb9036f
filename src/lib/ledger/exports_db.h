/*
 * exports_db - the files that the exchange exports, as fills
 *
 * A row that cannot be read is skipped with a warning that names it, and then the exit status is EX_DATAERR.  A file
 * that is no export ends the process.
 */
#ifndef WINDFALL_EXPORTS_DB_H
#define WINDFALL_EXPORTS_DB_H

#include "coinbase/client_net.h"
#include "format/tsv.h"

struct export_request {
	const char *const *files;
	size_t n_files;
	const struct exchange_query *query;	/* only fills of these products and this time */
	struct tsv_writer *out;			/* of exports_to_stdout() */
};

/* Print the fills of all files, each once, whichever of them have it.  The exit status. */
int exports_to_stdout(const struct export_request *s);

/* Store the fills of each file, and what it vouches for, in a transaction a file.  The exit status. */
int exports_to_database(const struct export_request *s);

#endif
