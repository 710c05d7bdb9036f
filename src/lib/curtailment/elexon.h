/*
 * elexon - what the answers of the Elexon Insights API have in common
 *
 * A body is untrusted: the parsers (elexon_stack, elexon_register) refuse it whole, with a reason that names period,
 * row and field, or return its rows.  Numbers keep every digit that was sent (an exponent is written out).
 */
#ifndef WINDFALL_ELEXON_H
#define WINDFALL_ELEXON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/oddities.h"
#include "base/reason.h"
#include "exact/calendar.h"
#include "format/json.h"

/* Where the API is. */
#define ELEXON_URL "https://data.elexon.co.uk/bmrs/api/v1"

/* Volumes (MWh), prices (£/MWh) and factors are below 1,000,000, either sign, with up to 30 decimal
 * places: the source computes in a 28-place decimal, and a half hour of the whole country is below
 * 50,000 MWh.  What passes here passes energy_parse(). */
#define ELEXON_MAX_PLACES 30
#define ELEXON_DECIMAL    (1 + 6 + 1 + ELEXON_MAX_PLACES + 1)
#define ELEXON_MAX_ID     64

enum elexon_flag { ELEXON_NULL = -1, ELEXON_FALSE, ELEXON_TRUE };

/* Where a reason says the trouble is: "row 3 (T_X-1)". */
struct elexon_place {
	int row;
	const char *id;			/* NULL until known */
	struct reason *why;
};

/* Set the reason: the place, the field and what is wrong with it.  Returns false. */
bool elexon_refuse(const struct elexon_place *place, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A text for a reason: whole if short and printable. */
const char *elexon_shown(const char *text, char out[48]);

/* Cut the blanks off both ends of a text, in place: some senders pad them. */
void elexon_trim(char *text);

/* Write a literal that JSON allows as plain decimal text, every digit kept to the thirtieth decimal.  False, with
 * what is wrong, if it is past range. */
bool elexon_plain_decimal(const char *literal, char out[ELEXON_DECIMAL], const char **problem);

/* Each checks one field and reads it: false, with a reason, if it is not as documented.  A nullable one that is null,
 * or absent, is "" or ELEXON_NULL, or has is false. */
enum elexon_presence { ELEXON_REQUIRED, ELEXON_NULLABLE };
bool elexon_check_decimal(const struct elexon_place *place, const char *field, const cJSON *value,
			  enum elexon_presence presence, char out[ELEXON_DECIMAL]);
bool elexon_check_integer(const struct elexon_place *place, const char *field, const cJSON *value,
			  int64_t min, int64_t max, int64_t *to);
bool elexon_check_nullable_integer(const struct elexon_place *place, const char *field, const cJSON *value,
				   int64_t min, int64_t max, bool *has, int64_t *to);
bool elexon_check_flag(const struct elexon_place *place, const char *field, const cJSON *value, enum elexon_flag *to);

/* A time of the source is UTC where it names no zone; false if it is none. */
bool elexon_instant(const char *text, instant_t *to);

/* Is this startTime of another day than the half hour of its row?  Nearer by it may be London's time as if it were UTC,
 * or when the date begins; one that cannot be read says nothing. */
bool elexon_begins_on_another_day(const cJSON *start, day_t day, int period);

/* Is this text no time, since nobody set it?  The source's language has year 1 for that. */
bool elexon_is_unset(const char *text);

/* When a row was made: *has is false where it does not say so.  That is null, a time that is unset, and one that lies
 * before the half hour of the row itself. */
bool elexon_check_created(const struct elexon_place *place, const cJSON *value, instant_t begins, bool *has,
			  instant_t *to);

/* The list of rows in an envelope, {"metadata": {"datasets": ["ISPSTACK"]}, "data": [...]} with optional metadata;
 * NULL, with a reason that names what was asked for, in any other document. */
const cJSON *elexon_rows(const cJSON *document, const char *dataset, const char *what, struct reason *why);

/* An identifier is kept in keys, logs and files.  One that is none (base/ident.h) costs its row, which is noted in
 * odd. */
bool elexon_id_is_odd(const struct elexon_place *place, const char *id, struct oddities *odd);

#endif
