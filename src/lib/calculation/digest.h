/*
 * digest - what a day's curtailment calls for as one figure, beside that of what is stored
 *
 * A calculation is the chain of PostgreSQL's extended hash functions that sql/query/calculation-digests.sql writes; a
 * day's digest is the sum of its calculations, each a signed number of 64 bits.  Two days of equal count and digest
 * hold the same calculations, but for a chance of one in 2^64; two that differ are compared row by row.  A server
 * whose functions give other figures (one that stores numbers in another order of bytes) therefore costs time and no
 * error.
 */
#ifndef WINDFALL_DIGEST_H
#define WINDFALL_DIGEST_H

#include "calculation/calculation.h"

#define DIGEST_TEXT 48

/* Of a day: how many calculations, and the sum of their hashes. */
struct digest {
	long n;
	__int128 sum;
};

/* What PostgreSQL's hashtextextended() (collation C), hashint8extended(), which for whole numbers of few bytes is
 * hashint2extended() too, and hash_numeric_extended() give.  The last is of value / 10^decimals. */
uint64_t digest_text(const char *text, uint64_t seed);
uint64_t digest_int(int64_t value, uint64_t seed);
uint64_t digest_number(unsigned __int128 value, int decimals, uint64_t seed);

/* The sum as the database writes it. */
char *digest_format(__int128 sum, char text[DIGEST_TEXT]);

/*
 * All that the calculations of a day follow from, but its records, as one figure: the difficulty and the subsidy at the
 * start of each of its half hours, or that they are not known; every model, its figures, and whether it is in force.
 */
uint64_t digest_inputs(const struct calculation_facts *facts, day_t day);

/*
 * Are the stored calculations of a day, so many with this digest as text, just those that it should hold?  Pairs as
 * calculations_compare() takes them.  If so, count is what calculations_compare() would count.  False where they are
 * not, or where it cannot be said in this way: calculations_compare() says then what differs, and why.  required is the
 * digest of what the models in force call for, of 0 calculations and without a meaning where that cannot be said.
 */
bool digest_matches(const struct calculation_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
		    long stored, const char *digest, struct day_count *count, struct digest *required);

#endif
