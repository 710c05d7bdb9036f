#include "coinbase/csv_habits.h"

#include <stdio.h>
#include <string.h>

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

struct export_habits coinbase_habits_find(const char *text, size_t len)
{
	struct export_habits habits = { AMOUNT_POINT, DATES_UNSETTLED };
	struct coinbase_export export;
	struct csv_reader in;

	csv_open(&in, text, len);
	if (coinbase_export_find(&in, &export, NULL) &&
	    (memchr(text, '"', len) || coinbase_export_has(&export, EXPORT_PAID))) {
		habits.marks = AMOUNT_UNSETTLED;
		while (csv_next(&in, NULL) == 1)
			learn(&habits, &export, &in);
		if (habits.marks & AMOUNT_COMMA)
			habits.marks = AMOUNT_COMMA;
	}
	csv_close(&in);
	return habits;
}

bool coinbase_habits_time(const struct export_habits *habits, const char *text, struct instant_ns *t, struct reason *why)
{
	bool day_first = habits->dates == DATES_DAY_FIRST;
	char midnight[48];
	int part[3];

	if (strlen(text) == 10 && text[4] == '-') {
		snprintf(midnight, sizeof midnight, "%.10sT00:00:00Z", text);
		return coinbase_time_parse(t, midnight, NULL) || reason_set(why, "'%.10s' is not a date", text);
	}
	if (!read_date(text, part))
		return coinbase_time_parse(t, text, why);
	if (part[0] != part[1] && habits->dates == DATES_UNSETTLED)
		return reason_set(why, "%.10s: no date of the file settles whether the day or the month stands first", text);
	if (habits->dates == DATES_CONTRADICT)
		return reason_set(why, "%.10s: some dates of the file have the day first and some the month", text);
	snprintf(midnight, sizeof midnight, "%04d-%02d-%02dT00:00:00Z", part[2], part[day_first], part[!day_first]);
	return coinbase_time_parse(t, midnight, NULL) || reason_set(why, "%.10s is not a date", text);
}
