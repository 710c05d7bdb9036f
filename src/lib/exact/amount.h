/*
 * amount - an amount of money or of a coin as people's files write it, read exactly
 *
 *   12.50   $.50   $1,234.56   -€5.00   €-5.00   ($500.00)   CA$7.10   249.73 USD   1 234.56   7.655e-9
 *   kr100   12.50 zł
 *
 * A spreadsheet saves what it shows, so a currency's sign, name or code may stand before or behind, with blanks of
 * any kind around it (also the no-break and the thin one), and thousands may be grouped by commas, blanks or
 * apostrophes.  The minus is that of the keyboard or of mathematics; a dash, a digit of another script or a fraction
 * is refused and not taken for a sign of some currency.  The point is the only decimal mark.  What is written with a
 * decimal comma is refused, never read as a thousandfold, and so is 1.23E-05, as a spreadsheet saves what has more
 * digits.
 */
#ifndef WINDFALL_AMOUNT_H
#define WINDFALL_AMOUNT_H

#include "exact/decimal.h"

/* What the rest of the file says of its decimal mark: it decides how "1,250" and "1.250" are read. */
enum amount_marks {
	AMOUNT_UNSETTLED = 0,	/* nothing: "1,250" is refused */
	AMOUNT_POINT = 1,	/* a point somewhere: "1,250" is 1250 */
	AMOUNT_COMMA = 2,	/* a decimal comma somewhere: both are refused */
};

/* Read the whole text.  False, with the reason, if it is no amount, or not certainly one; *value is then unchanged. */
bool amount_parse(const char *text, enum amount_marks marks, struct decimal *value, struct reason *why);

/* The same of a text that is known to have a decimal comma, and points between thousands if anything. */
bool amount_parse_comma(const char *text, struct decimal *value, struct reason *why);

/* The currency that an amount names by its code, three capitals or more, or by the sign of the euro or the pound; ""
 * if none.  Other signs, the dollar's above all, are those of many.  code must be of AMOUNT_CODE bytes. */
#define AMOUNT_CODE 12
void amount_currency(const char *text, char code[AMOUNT_CODE]);

/* What this one text proves of its file: a point, a decimal comma, or nothing. */
enum amount_marks amount_proves(const char *text);

#endif
