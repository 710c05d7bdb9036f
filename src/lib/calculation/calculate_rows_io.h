/*
 * calculate_rows_io - calculations of curtailment rows, without a database
 *
 * What calc-btc does as a filter.  Succeeds, or says why on stderr and ends the process: EX_DATAERR for a row
 * that is impossible, or whose difficulty or subsidy is not known; EX_IOERR where a temporary file cannot be written.
 */
#ifndef WINDFALL_CALCULATE_ROWS_IO_H
#define WINDFALL_CALCULATE_ROWS_IO_H

#include "calculation/models_db.h"
#include "format/tsv.h"

struct filter {
	unsigned __int128 difficulty;	/* 0: the one in force */
	int64_t subsidy;		/* 0: the one in force */
	const char *models_file, *history_file;		/* NULL: those of the tree */
	struct model_choice models;
	struct tsv_writer out;		/* its format and header; the rows go to stdout */
};

/*
 * Add up the curtailment rows on standard input (settlement_date, settlement_period, farm_id, volume) by date, period
 * and farm, and print each pair's calculation for each model.  All of the input is checked before the first row is
 * printed.  Releases f->out.
 */
void filter_rows(struct filter *f);

#endif
