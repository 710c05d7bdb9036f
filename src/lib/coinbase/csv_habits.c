#include "coinbase/csv_habits.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "coinbase/coinbase.h"

/* "07/31/2017" in three numbers. */
static bool read_date(const char *text, int part[3])
{
	int used = 0;

	return strspn(text, "0123456789/") == strlen(text) && strlen(text) <= 10 &&
	       sscanf(text, "%2d/%2d/%4d%n", &part[0], &part[1], &part[2], &used) == 3 && text[used] == '\0';
}

/* Once a point is known only a comma can add to that. */
static void learn_marks(struct export_habits *habits, const char *amount)
{
	if (!(habits->marks & AMOUNT_POINT) || strchr(amount, ','))
		habits->marks |= amount_proves(amount);
}

static void learn(struct export_habits *habits, const struct coinbase_export *export, const struct csv_reader *in)
{
	static const enum export_column amounts[] = {
		EXPORT_QUANTITY, EXPORT_PRICE, EXPORT_SUBTOTAL, EXPORT_TOTAL, EXPORT_PAID, EXPORT_FEES, EXPORT_AMOUNT
	};
	int part[3];

	for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++)
		learn_marks(habits, coinbase_export_field(export, in, amounts[i]));
	if (export->report == EXPORT_TRANSFERS && export->asset_field < in->n_fields)
		learn_marks(habits, in->field[export->asset_field]);
	if (read_date(coinbase_export_field(export, in, EXPORT_TIMESTAMP), part)) {
		if (part[0] > 12)
			habits->dates |= DATES_DAY_FIRST;
		if (part[1] > 12)
			habits->dates |= DATES_MONTH_FIRST;
	}
}

/* Are the times of the file dates of which a row may settle the order?  They are in every row, or in none. */
static bool has_dates(const struct coinbase_export *export, const struct csv_reader *in)
{
	int part[3];

	return read_date(coinbase_export_field(export, in, EXPORT_TIMESTAMP), part);
}

/* May this text of a quoted field, from[0..n), be an amount with a decimal comma?  Not if each of its commas has three
 * digits behind it and then a comma, a point or no digit, the first one to three before it, none stands after a point,
 * and no other mark of thousands is there. */
static bool may_have_decimal_comma(const char *from, size_t n)
{
	bool comma = false, point = false;
	size_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		char c = from[i];

		if (c >= '0' && c <= '9') {
			digits++;
			continue;
		}
		if (!comma && c == ',' && (digits < 1 || digits > 3 || from[0] == '0'))
			return true;
		if ((comma && !point && digits != 3) || (c == ',' && point) ||
		    ((comma || c == ' ') && c != ',' && c != '.' && i + 1 < n))
			return true;
		comma |= c == ',';
		point |= c == '.';
		digits = 0;
	}
	return comma && !point && digits != 3;
}

/* Text before the first digit of a field, a currency and its blanks, says nothing of marks. */
static const char *skip_to_digit(const char *at, const char *end)
{
	while (at < end && (*at < '0' || *at > '9') && *at != ',')
		at++;
	return at;
}

/*
 * Is there anything in the rest of a file from which a decimal comma may be learned?  It needs quotes around it; so
 * only quoted fields are looked at, without taking the rows apart.  Notes, which are longer than any amount, are passed
 * over.
 */
static bool may_hold_decimal_comma(const char *at, const char *end)
{
	enum { LONGEST = 64 };

	while ((at = memchr(at, '"', (size_t)(end - at)))) {
		const char *from = ++at, *to = memchr(from, '"', (size_t)(end - from));

		if (!to)
			return false;
		at = to + 1;
		if (to - from > LONGEST || !memchr(from, ',', (size_t)(to - from)))
			continue;
		from = skip_to_digit(from, to);
		if (may_have_decimal_comma(from, (size_t)(to - from)))
			return true;
	}
	return false;
}

struct export_habits coinbase_habits_find(const char *text, size_t len)
{
	struct export_habits habits = { AMOUNT_POINT, DATES_UNSETTLED };
	bool looked = false;
	struct coinbase_export export, again;
	struct csv_reader in;

	csv_open(&in, text, len);
	if (coinbase_export_find(&in, &export, NULL) &&
	    (memchr(text, '"', len) || coinbase_export_has(&export, EXPORT_PAID))) {
		habits.marks = AMOUNT_UNSETTLED;
		/* With a point known and no dates to be settled only a comma can change anything. */
		while (csv_next(&in, NULL) == 1) {
			if (coinbase_export_again(&in, &again))
				export = again;
			else
				learn(&habits, &export, &in);
			if (!looked && habits.marks == AMOUNT_POINT && !has_dates(&export, &in)) {
				if (!may_hold_decimal_comma(in.at, in.end))
					break;
				looked = true;
			}
		}
		if (habits.marks & AMOUNT_COMMA)
			habits.marks = AMOUNT_COMMA;
	}
	csv_close(&in);
	return habits;
}

/* "1/18/25 14:53", "2025-01-18 02:53:48 PM", "45675.62" are a spreadsheet's: its own form of a time, a clock of
 * twelve hours, days since 1900. */
static bool is_rewritten(const char *text)
{
	size_t len = strlen(text), digits = strspn(text, "0123456789");

	return (digits > 0 && (digits < 4 || text[digits] == '/')) ||
	       (digits == 5 && (!text[5] || text[5] == '.' || text[5] == ',')) ||
	       (len > 3 && (strcasecmp(text + len - 3, " AM") == 0 || strcasecmp(text + len - 3, " PM") == 0)) ||
	       strstr(text, " AM ") || strstr(text, " PM ");
}

bool coinbase_habits_time(const struct export_habits *habits, const char *text, struct instant_ns *t,
			  struct reason *why)
{
	struct reason detail;
	char midnight[48];
	bool day_first, clear;
	int part[3];

	if (strlen(text) == 10 && text[4] == '-') {
		snprintf(midnight, sizeof midnight, "%.10sT00:00:00Z", text);
		return coinbase_time_parse(t, midnight, NULL) || reason_set(why, "'%.10s' is not a date", text);
	}
	if (!read_date(text, part))
		return coinbase_time_parse(t, text, &detail) ||
		       reason_set(why, "%s%s", detail.text, is_rewritten(text) ? "; a spreadsheet has rewritten it: take the file as "
									       "the exchange gave it" : "");
	/* No month has a number above 12, whatever the file's other dates look like. */
	clear = part[0] > 12 || part[1] > 12 || part[0] == part[1];
	day_first = part[0] > 12 || (part[1] <= 12 && habits->dates == DATES_DAY_FIRST);
	if (!clear && habits->dates == DATES_UNSETTLED)
		return reason_set(why, "%.10s: no date of the file shows whether the day or the month comes first", text);
	if (!clear && habits->dates == DATES_CONTRADICT)
		return reason_set(why, "%.10s: some dates of the file have the day first and some the month", text);
	snprintf(midnight, sizeof midnight, "%04d-%02d-%02dT00:00:00Z", part[2], part[day_first], part[!day_first]);
	return coinbase_time_parse(t, midnight, NULL) || reason_set(why, "%.10s is not a date", text);
}
