/*
 * csv_identity - which rows of an export are one trade, and the entry ids by which that is known again
 *
 * An export has no entry ids: entry_id becomes "csv-history:" and so on, and the export's own id of the row, of a fill
 * or a leg between its product and its side, of a conversion before its side; where there is none, a digest of the
 * row's facts.  They are stored: what a row once got it must always get.
 */
#ifndef WINDFALL_CSV_IDENTITY_H
#define WINDFALL_CSV_IDENTITY_H

#include "coinbase/csv_header.h"
#include "coinbase/csv_result.h"

/* Identify a fill, whose row has no id of its own, by its time, product, side, size, value and commission. */
void coinbase_csv_digest_id(struct coinbase_fill *f);

/*
 * Tell apart the fills of one identity; all are there, in the order of the file.  With an id of their own and the same
 * facts (of a history under another header, but for rounding) they are one trade, written twice: the later ones become
 * skipped rows.  The number of a trade on an order book that stands with two sets of facts, and one id under two
 * headers with other facts, are held: the later rows become ones that cannot be read.  All others are different trades,
 * told apart by a count: "…", "…#2".  The count begins again under each header, because exports that were put together
 * may overlap: what they have in common is the caller's to find.
 */
void coinbase_csv_number_alike(struct coinbase_csv *csv, enum export_report report);

#endif
