/*
 * difficulty_db - the table network_difficulty, its lock, and the halvings beside it
 *
 * Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_DIFFICULTY_DB_H
#define WINDFALL_DIFFICULTY_DB_H

#include "bitcoin/difficulty_source_net.h"
#include "db/db.h"
#include "format/tsv.h"

/* A row as it is printed and stored: effective_from, block_height, difficulty, source, nbits, time_quality,
 * time_sigma_s, in_force_until; and one such row. */
extern const char *const difficulty_columns[];
void difficulty_write_row(struct tsv_writer *w, const struct retarget *row);

/* Hold the table until the transaction ends: whoever writes it reads it first. */
void difficulty_lock(PGconn *db);

/* Bring the table to what was fetched and what it holds beside that, in one transaction, and add the halvings that the
 * newest block has passed.  Refused (EX_DATAERR) where the two contradict each other. */
void difficulty_store(struct difficulty_fetch *f);

#endif
