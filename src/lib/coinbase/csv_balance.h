/*
 * csv_balance - the running balance of an account statement, held against its amounts
 *
 * Each row of a statement tells what moved and what its account had then; an account is a unit in a portfolio.  A
 * balance that is not the one before it and the amount shows that a row between the two is missing, stands twice or was
 * altered.  Rows of one second may stand in any order, and the very same row may be told again.
 */
#ifndef WINDFALL_CSV_BALANCE_H
#define WINDFALL_CSV_BALANCE_H

#include "coinbase/coinbase.h"
#include "coinbase/csv_result.h"
#include "exact/calendar.h"

struct coinbase_movement {
	long line;
	char portfolio[COINBASE_ID], unit[16];
	struct instant_ns time;
	struct decimal amount, balance;
	bool has_balance;
	/* Of coinbase_balances_check(): the second, and whether the row has its place in the sequence. */
	instant_t at;
	bool taken;
};

void coinbase_movement_init(struct coinbase_movement *m);
void coinbase_movement_release(struct coinbase_movement *m);

/* Add to csv what of these contradicts the balance before it, up to twenty for an account.  Sorts them. */
void coinbase_balances_check(struct coinbase_csv *csv, struct coinbase_movement *m, size_t n);

#endif
