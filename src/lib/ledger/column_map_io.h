/*
 * column_map_io - which columns of a ledger are those of the books
 *
 *	OURS=THEIRS	ours is the column that they name so
 *	OURS:=TEXT	ours has this text in every row
 *
 * A column without a mapping is the one of its own name.  OURS are the names of trade.h.
 */
#ifndef WINDFALL_COLUMN_MAP_IO_H
#define WINDFALL_COLUMN_MAP_IO_H

#include "base/buf.h"
#include "ledger/trade.h"

struct mapping {
	bool signed_size;		/* a column side is not needed: the size has a sign */
	char *theirs[TRADE_COLUMNS];	/* their name of it; NULL: ours */
	char *constant[TRADE_COLUMNS];	/* or the same text for every row */
	int at[TRADE_COLUMNS];		/* after mapping_find(): where it stands in a row, -1 if nowhere */
	int n_fields;			/* and how many fields a row has */
	char *fee_currency;		/* and the name of a column that was taken for it, if not by ours; NULL: none */
	char *unread_fee;		/* and that of one that is not read, and seems to hold fees; NULL: none */
	int unread_fee_at, status_at;	/* where that stands, and one of the status of orders, which is not read; -1: nowhere */
};

/* Begin with a struct of zeros.  Add what an argument says: mappings with commas between them, or the name of a
 * file of one mapping a line, where # begins a comment.  False, with the reason: no mapping, no column of ours,
 * a column mapped twice, a file that cannot be read. */
bool mapping_add(struct mapping *m, const char *argument, struct reason *why);

/*
 * Find the columns in a header.  The names of those that are nothing to us are added to unread, with commas between
 * them.  A column such as fee_asset, feeCoin or "Currency of fee" is taken for fee_currency if that is not there.
 * False, with the reason: a column that was mapped, or that a trade needs, is not there, or stands there twice.
 */
bool mapping_find(struct mapping *m, const char *const *header, int n, struct buf *unread, struct reason *why);

/* Is any column of ours in the header that was given to mapping_find() last? */
bool mapping_has_any(const struct mapping *m);

/* Does the ledger tell this column, by a column of its own or by a constant? */
bool mapping_has(const struct mapping *m, enum trade_column column);

/* The texts of a row, for trade_read(); borrowed from the row and the mapping. */
void mapping_apply(const struct mapping *m, const char *const *row, const char *text[TRADE_COLUMNS]);

void mapping_release(struct mapping *m);

#endif
