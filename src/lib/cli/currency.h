/*
 * currency - the currency in which a bitcoin is valued: one setting for all tools
 */
#ifndef WINDFALL_CURRENCY_H
#define WINDFALL_CURRENCY_H

#include <stdbool.h>

/* What CURRENCY_KNOWN says: the currencies of mempool's price history (backend/src/repositories/PricesRepository.ts),
 * which is the source that knows more than one. */
#define CURRENCY_KNOWN "USD, EUR, GBP, CAD, CHF, AUD, JPY"
#define CURRENCY_DEFAULT "USD"

/* Is this code, three capital letters, one of CURRENCY_KNOWN? */
bool currency_is_known(const char *code);

/* WINDFALL_CURRENCY, or CURRENCY_DEFAULT where that is unset or empty; borrowed from the environment, in
 * which config_load() has left no other word than a known code. */
const char *currency_configured(void);

#endif
