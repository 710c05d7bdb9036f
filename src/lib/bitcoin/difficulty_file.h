/*
 * difficulty_file - a history of difficulty as rows, such as sql/reference/difficulty-epochs.tsv
 */
#ifndef WINDFALL_DIFFICULTY_FILE_H
#define WINDFALL_DIFFICULTY_FILE_H

#include <stdio.h>

#include "bitcoin/difficulty.h"

/*
 * TSV (COPY text) or CSV (table_rows.h), with a header line; effective_from (an instant or a date) and
 * difficulty, and where known block_height, nbits, source, time_quality, time_sigma_s.  Rows with heights,
 * or rows without, not both.  Neighbours of one difficulty without a height are one row.
 *
 * Appends to an empty history, which the caller releases in either case; its newest row holds for a day.
 * False, with the reason, naming the line.  The history is not yet checked (difficulty_check()).
 */
bool difficulty_read_file(FILE *in, const char *name, struct difficulty_history *history, struct reason *why);

#endif
