#include "curtailment/wind.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "exact/fixed.h"
#include "format/json.h"

enum { MAX_MW = 100000 };

/* Half of a decimal number of MW with at most three decimals, as MWh. */
static bool halve(const char *mw, char mwh[WIND_TEXT])
{
	unsigned __int128 value;
	char text[48];

	/* fixed_parse wants a number above zero: no wind at all is one, too. */
	if (strspn(mw, "0.") == strlen(mw) && *mw) {
		snprintf(mwh, WIND_TEXT, "0");
		return true;
	}
	if (!fixed_parse(mw, 3, &value, NULL) || value > (unsigned __int128)MAX_MW * 1000)
		return false;
	snprintf(mwh, WIND_TEXT, "%.31s", fixed_format(value * 5, 4, text));
	return true;
}

static bool read_row(const cJSON *row, int number, day_t from, day_t to, struct wind_day *days, struct reason *why)
{
	const char *type = json_string(json_member(row, "psrType"));
	const char *date = json_string(json_member(row, "settlementDate"));
	const char *published = json_string(json_member(row, "publishTime"));
	const char *quantity = json_number_text(json_member(row, "quantity"));
	const char *business = json_string(json_member(row, "businessType"));
	struct wind_period *period;
	char mwh[WIND_TEXT];
	int64_t n;
	day_t day;
	instant_t when = 0;
	int kind;

	if (!type || !date || !quantity)
		return reason_set(why, "row %d lacks psrType, settlementDate or quantity", number);
	if (strcmp(type, "Solar") == 0 || (business && strcmp(business, "Wind generation") != 0))
		return true;
	if (strcmp(type, "Wind Onshore") != 0 && strcmp(type, "Wind Offshore") != 0)
		return reason_set(why, "row %d, field psrType: \"%.40s\" is not known", number, type);
	kind = strcmp(type, "Wind Onshore") == 0 ? WIND_ONSHORE : WIND_OFFSHORE;
	if (!day_parse(date, &day))
		return reason_set(why, "row %d, field settlementDate: \"%.40s\" is not a date", number, date);
	if (!json_int64(json_member(row, "settlementPeriod"), &n) || n < 1 || n > settlement_periods(day))
		return reason_set(why, "row %d, field settlementPeriod: %s has periods 1 to %d", number, date,
				  settlement_periods(day));
	if (published && !instant_parse(published, &when))
		return reason_set(why, "row %d, field publishTime: \"%.40s\" is not an instant", number, published);
	if (!halve(quantity, mwh))
		return reason_set(why, "row %d, field quantity: %.40s is not a power in MW", number, quantity);
	if (day < from || day > to)
		return true;
	period = &days[day - from].period[n];
	if (*period->mwh[kind] && period->published[kind] > when)
		return true;
	period->published[kind] = when;
	memcpy(period->mwh[kind], mwh, sizeof mwh);
	return true;
}

bool wind_parse(const char *body, size_t len, day_t from, day_t to, struct wind_day *days, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *data = json_member(document, "data"), *row;
	bool ok = document != NULL;
	int number = 0;

	if (ok && !cJSON_IsArray(data))
		ok = reason_set(why, "not an answer about generation: it has no list named data");
	if (ok)
		cJSON_ArrayForEach(row, data)
			if (ok)
				ok = read_row(row, ++number, from, to, days, why);
	json_release(document);
	return ok;
}
