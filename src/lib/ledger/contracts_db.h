/*
 * contracts_db - futures, perpetuals and options that an earlier version, or the operator, took for coins
 *
 * Their sizes count contracts.  Which they are the database says (is_contract, contract_products); nothing is matched,
 * compared or summed up with them.  Each is a finding until a person discards it, and what is discarded is kept beside.
 * Database errors end the process (db.h).
 */
#ifndef WINDFALL_CONTRACTS_DB_H
#define WINDFALL_CONTRACTS_DB_H

#include "db/db.h"

/* Add a row for each trade of the books and each fill of one to the table findings of a comparison; of all products
 * and accounts, or of one (not NULL). */
void contracts_find(PGconn *db, const char *product, const char *account);

/* Warn of each product of the books that is one, with how many of its trades are left out. */
void contracts_warn(PGconn *db);

/* Take the trade, or the fill, of this record or entry id out, in the name of a person; "all": every one.  How many
 * rows: 0 if there is no such contract, also where the id is that of a spot trade. */
long long contracts_discard(PGconn *db, const char *id, const char *by);

#endif
