/*
 * trade_streams_db - the trades of the books in the order in which they are matched, and their digest
 *
 * Lots (BUY, INCOME) and disposals (SELL, FEE) are two streams of COPY, each in the order of
 * (product, time, id), read side by side from one snapshot, product after product.  No more
 * than a row of each is held.  Database errors end the process (db.h).
 */
#ifndef WINDFALL_TRADE_STREAMS_DB_H
#define WINDFALL_TRADE_STREAMS_DB_H

#include "base/sha256.h"
#include "db/db.h"
#include "ledger/fifo.h"

struct book_side {
	struct db_copy_out rows;
	bool is_lots;
	char *row;			/* the next one, of any product; NULL at the end */
	size_t product_len;		/* the row's first field */
	struct sha256 digest;		/* of the product's rows so far */
};

struct books {
	PGconn *lots_db, *disposals_db;
	struct book_side lots, disposals;
	char *product;			/* the current one */
	struct buf name;
	struct buf line;
};

/* Which trades: of one product or all (NULL), before an instant or all (NULL). */
struct book_selection {
	const char *product_id, *until;
};

/* Begin to read.  db must be in a repeatable read transaction, and stays free for other use. */
void books_open(struct books *b, PGconn *db, const struct book_selection *which);

/* The next product that has trades, in the order of its bytes, or NULL.  Borrowed until the next call.
 * What was left unread of the product before is passed over, and counts for its digest. */
const char *books_next_product(struct books *b);

/* The current product's lots and disposals, for fifo_match(). */
struct fifo_stream books_lots(struct books *b);
struct fifo_stream books_disposals(struct books *b);

/* The digest of the current product's trades: SHA-256 over those of its lots and of its disposals, each
 * over one line of side, id, time, nanoseconds, size, value and fee a trade, without trailing zeros. */
char *books_digest(struct books *b, char text[SHA256_TEXT]);

void books_close(struct books *b);

#endif
