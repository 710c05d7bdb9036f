/*
 * input - files that the user named, and rows out of them
 *
 * A path of "-" is standard input.  Each function succeeds, or says what was wrong and ends the process: EX_NOINPUT for
 * a file that cannot be opened or read, such as a folder; EX_DATAERR, with the line, for rows that are none.
 */
#ifndef WINDFALL_INPUT_H
#define WINDFALL_INPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "exact/calendar.h"
#include "exact/energy.h"
#include "format/table_rows.h"
#include "format/tsv.h"

/* What a path is called in messages: itself, or "standard input".  Borrowed from path. */
const char *input_name(const char *path);

/* Open for reading, and close again; standard input stays open. */
FILE *input_open(const char *path);
void input_close(FILE *file);

/* End where it could not be read, without opening it: a pipe is read once. */
void input_check(const char *path);

/* Append the whole of it, which must not be larger than max bytes: EX_DATAERR if it is. */
void input_read_whole(const char *path, size_t max, struct buf *bytes);

/* The exit status once a reader has refused this file: EX_NOINPUT where it could not be read, EX_DATAERR for what it
 * holds. */
int input_status(FILE *file);

/*
 * Open TSV rows and read their header, as tsv_open() does: the first n_needed of the columns, which end with
 * NULL, must be there.  input_row() reads the next row into r->value; false at the end, and then
 * input_close_rows() is due.  path and columns must live until then.
 */
void input_open_rows(struct tsv_reader *r, const char *path, const char *const *columns, int n_needed);
bool input_row(struct tsv_reader *r);
void input_close_rows(struct tsv_reader *r);

/* Say what is wrong with the row just read, after the file's name and the line's number, and end the process
 * with EX_DATAERR. */
_Noreturn void input_refuse(const struct tsv_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The row just read as curtailment, where the columns begin with settlement_date, settlement_period, farm_id and
 * volume: its day, its period and its energy (not above zero).  A null, a period that the day lacks, a farm_id that
 * is no id (base/ident.h; an empty one is pairs_add()'s to refuse), a volume that is none or above zero end the
 * process, as input_refuse() does.
 */
void input_curtailment(const struct tsv_reader *r, const char *const *columns, day_t *day, int *period,
		       energy_t *energy);

/* The same for a file that a person made, TSV or CSV, as table_rows_open() reads it. */
void input_open_table(struct table_rows *r, const char *path, const char *const *columns, int n_needed);
bool input_table_row(struct table_rows *r);
void input_close_table(struct table_rows *r);

#endif
