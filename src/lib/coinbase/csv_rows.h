/*
 * csv_rows - the trade that one row of an export tells
 *
 * One reader for each report whose rows are trades (an account statement's are legs: csv_legs.h; a conversion has two
 * sides: csv_convert.h).  Of a history or transfers, total is the money that moved, and what it differs from the value
 * by is the commission, spread and all; the column of fees only counts where there is no total.  Of a fills report the
 * fee counts, and the total must agree with it; of an account report the value is what both make.
 */
#ifndef WINDFALL_CSV_ROWS_H
#define WINDFALL_CSV_ROWS_H

#include "coinbase/csv_amounts.h"
#include "coinbase/csv_habits.h"
#include "coinbase/csv_header.h"

/* The row at hand: of which export, the file open at it, and what the file settles. */
struct coinbase_row {
	const struct coinbase_export *export;
	const struct csv_reader *in;
	const struct export_habits *habits;
};

/* A field of the row; "" where there is none. */
const char *coinbase_row_field(const struct coinbase_row *row, enum export_column column);

/* An amount of the row, under the name that a reason calls it by.  False, with the reason: none there, or it is
 * none. */
bool coinbase_row_amount(const struct coinbase_row *row, enum export_column column, const char *name, struct decimal *d,
			 struct reason *why);

/* The currency of the row's amounts. */
const char *coinbase_row_currency(const struct coinbase_row *row);

/* Is the row one of a currency for itself or for another, such as EUR for EUR or USD, which is no trade of a coin? */
bool coinbase_row_is_same(const struct coinbase_row *row);

/* Are the row's fields those of the header?  False, with the reason: it has more, as where an amount has a comma and
 * no quotes. */
bool coinbase_row_fits(const struct coinbase_row *row, struct reason *why);

/* The last row of a file that ends without a line's end: does the row prove that nothing of it is missing?
 * order_id: that of the row before, of an account statement. */
bool coinbase_row_is_whole(const struct coinbase_row *row, const char *order_id);

/*
 * Fill in f and a.  f->source must be set, a be initialised; f->buy is set where the type says the side, and by the
 * reader where the row does.  False, with the reason.
 */
typedef bool coinbase_row_reader(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a,
				 struct reason *why);
coinbase_row_reader coinbase_row_fills, coinbase_row_history, coinbase_row_transfers, coinbase_row_account_report;

/* Copy an id where a fill keeps it; empty is none, and so is a word for none.  False, with the reason: it is too long,
 * or none that an exchange makes (ident.h). */
bool coinbase_row_put_id(char *to, size_t size, const char *name, const char *text, struct reason *why);

/* Copy a name, without what it could do to a terminal or a log. */
bool coinbase_row_put_name(char *to, size_t size, const char *name, const char *text, struct reason *why);

/* Copy a text where a fill keeps it; false, with the reason, if it is too long. */
bool coinbase_row_put(char *to, size_t size, const char *name, const char *text, struct reason *why);

#endif
