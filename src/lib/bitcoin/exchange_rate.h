/*
 * exchange_rate - the euro's reference rates of each working day, as the European Central Bank publishes them
 *
 * A rate is how many units of a currency one euro bought.  The bank publishes them about 16:00 CET on every day on
 * which the TARGET system is open; weekends and its holidays have none, and nothing here makes one up.
 *
 * The formats are the bank's own, described at https://www.ecb.europa.eu/stats/eurofxref/ and read by many: XML
 * (eurofxref-daily.xml, eurofxref-hist-90d.xml, eurofxref-hist.xml), an Envelope of the GESMES namespace with <Cube
 * time='YYYY-MM-DD'> around <Cube currency='USD' rate='1.0857'/> for each currency; and CSV (eurofxref-hist.csv in
 * its zip), "Date,USD,JPY,…," with a comma at each line's end, newest first, N/A where a currency had no rate, or one
 * day alone (eurofxref.csv) as "07 March 2025, 1.0857, …".
 */
#ifndef WINDFALL_EXCHANGE_RATE_H
#define WINDFALL_EXCHANGE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/oddities.h"
#include "base/reason.h"
#include "bitcoin/price.h"
#include "exact/calendar.h"

/* The currencies kept: those in which a bitcoin can be valued (cli/currency.h), but the euro, whose rate is 1. */
enum { RATE_CURRENCIES = 6 };
extern const char *const rate_currency[RATE_CURRENCIES];

/* Rates of one currency further apart than this, while those around agree, are a slip: the greatest move between two
 * days since 1999 is the Swiss franc's of 2015-01-15, from 1.2010 to 1.0280. */
#define RATE_JUMP 1.25

/* The bank does not change what it has published: that so many days differ alike is enough (price_history_agrees()). */
enum { RATE_COMMON = 5 };

struct exchange_rates {
	struct price_history of[RATE_CURRENCIES];	/* by rate_currency: units for one euro, eight decimals at most */
	day_t tomorrow;					/* no rate can be of this day or later */
};

void exchange_rates_init(struct exchange_rates *rates, day_t tomorrow);
void exchange_rates_release(struct exchange_rates *rates);

/* Keep a rate of rate_currency[which]; the last of a day holds. */
void exchange_rates_add(struct exchange_rates *rates, int which, day_t day, const char *per_euro);

/* The place of this code in rate_currency, or -1. */
int rate_currency_find(const char *code, size_t len);

/*
 * Read a whole document, untrusted, and add its rates.  A rate that is odd (no positive number, a day that is none, a
 * weekend, before 1999, the future) is noted, and costs itself; N/A and an empty field are no rate.  False, with the
 * reason, if it is no such document, ends before its end, has no rate at all, or has a rate for the euro and so is not
 * in euros.
 */
bool exchange_rates_read_xml(struct exchange_rates *rates, const char *body, size_t len, struct oddities *odd,
			     struct reason *why);

/* The same of a table in a file, CSV or TSV: the bank's, with a column for each currency, or the rows that fetch-rates
 * prints (rate_date, currency, per_euro).  The file stays the caller's. */
bool exchange_rates_read_table(struct exchange_rates *rates, FILE *in, struct oddities *odd, struct reason *why);

/* Sort, and take out the rates more than RATE_JUMP from those beside them, and those far beyond all that one euro has
 * ever bought, each noted.  False, with the reason, if most of what was read is odd, or turned over (how many euros one
 * unit bought), or most of a currency's rates are of another unit. */
bool exchange_rates_settle(struct exchange_rates *rates, struct oddities *odd, struct reason *why);

#endif
