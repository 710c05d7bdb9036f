/*
 * ident - what an identifier is made of: of a BM unit, of a product of an exchange
 *
 * Identifiers stand in keys, logs, file names and cells of spreadsheets.  Real ones are made of letters,
 * digits, _ and -, and begin with none that a spreadsheet takes for a formula; anything else is refused
 * where it comes in.
 */
#ifndef WINDFALL_IDENT_H
#define WINDFALL_IDENT_H

#include <stdbool.h>

/* Is text an identifier: [A-Za-z0-9_][A-Za-z0-9_-]*?  Not when it is empty. */
bool ident_ok(const char *text);

/* Is text a key of somebody else's making, such as an order's or a trade's: printable ASCII that does not begin as a
 * formula or with a blank? */
bool ident_is_key(const char *text);

/* Is text a number of which a spreadsheet has rounded the digits off, such as 6.77E+23: what is left of an id that it
 * took for one? */
bool ident_is_rounded(const char *text);

/* The id that was sent: text, or "" where it is a word that stands for none, such as N/A or null. */
const char *ident_sent(const char *text);

#endif
