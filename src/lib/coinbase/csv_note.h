/*
 * csv_note - the amounts in a note, which are written as the language of the account has them
 *
 * The columns of an export have points in every language; its notes do not: "Converted 0,5 BTC to 1.250,75 ADA".  The
 * quantity of the row, which a note tells again, shows which it is.
 */
#ifndef WINDFALL_CSV_NOTE_H
#define WINDFALL_CSV_NOTE_H

#include "exact/amount.h"

enum note_marks {
	NOTE_UNREADABLE,		/* no amount, whichever mark is the decimal one */
	NOTE_OTHER,			/* another quantity than that of the row, either way */
	NOTE_POINT, NOTE_COMMA,		/* its decimal mark */
	NOTE_EITHER,			/* the quantity has neither mark, and shows nothing */
};

/* What a note's text of the row's quantity shows.  It may round the latter. */
enum note_marks coinbase_note_marks(const char *told, const struct decimal *quantity);

/* Another amount of that note.  False, with the reason: it is none, or it has a comma that may be a decimal mark or one
 * of thousands. */
bool coinbase_note_amount(const char *told, enum note_marks marks, struct decimal *value, struct reason *why);

#endif
