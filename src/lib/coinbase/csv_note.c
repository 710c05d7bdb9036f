#include "coinbase/csv_note.h"

#include <string.h>

#include "coinbase/csv_amounts.h"

enum note_marks coinbase_note_marks(const char *told, const struct decimal *quantity)
{
	struct decimal point, comma;
	bool has_point, has_comma;
	enum note_marks marks = NOTE_UNREADABLE;

	decimal_init(&point);
	decimal_init(&comma);
	has_point = amount_parse(told, AMOUNT_POINT, &point, NULL);
	has_comma = amount_parse_comma(told, &comma, NULL);
	if (has_point && coinbase_amounts_same_quantity(quantity, &point))
		marks = strpbrk(told, ".,") ? NOTE_POINT : NOTE_EITHER;
	else if (has_comma && coinbase_amounts_same_quantity(quantity, &comma))
		marks = NOTE_COMMA;
	else if (has_point || has_comma)
		marks = NOTE_OTHER;
	decimal_release(&point);
	decimal_release(&comma);
	return marks;
}

bool coinbase_note_amount(const char *told, enum note_marks marks, struct decimal *value, struct reason *why)
{
	if (marks == NOTE_EITHER) {
		enum amount_marks own = amount_proves(told);

		if (own == AMOUNT_UNSETTLED && strchr(told, ','))
			return reason_set(why, "the note has %.40s, which may be a decimal comma or a thousands separator", told);
		marks = own == AMOUNT_COMMA ? NOTE_COMMA : NOTE_POINT;
	}
	return marks == NOTE_COMMA ? amount_parse_comma(told, value, why) : amount_parse(told, AMOUNT_POINT, value, why);
}
