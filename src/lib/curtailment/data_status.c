#include "curtailment/data_status.h"

#include <stdint.h>

#include "curtailment/elexon.h"
#include "format/json.h"

void data_status_path(day_t from, day_t to, struct buf *path)
{
	char first[DAY_TEXT], last[DAY_TEXT];

	buf_addf(path, "data-status/ISPSTACK?settlementDateFrom=%s&settlementDateTo=%s&format=json", day_format(from, first),
		 day_format(to, last));
}

static bool read_row(struct elexon_place *place, const cJSON *value, day_t from, day_t to, struct data_status *days)
{
	const char *date = json_string(json_member(value, "settlementDate"));
	int64_t period, count;
	char shown[48];
	day_t day;

	if (!date || !day_parse(date, &day))
		return elexon_refuse(place, "settlementDate", "%s is not a date",
				     date ? elexon_shown(date, shown) : "what stands there");
	if (day < from || day > to)
		return true;
	if (!elexon_check_integer(place, "settlementPeriod", json_member(value, "settlementPeriod"), 1,
				  settlement_periods(day), &period) ||
	    !elexon_check_integer(place, "dataPointCount", json_member(value, "dataPointCount"), 0, INT32_MAX, &count))
		return false;
	days[day - from].count[period] = (int)count;
	return true;
}

void data_status_unknown(day_t from, day_t to, struct data_status *days)
{
	for (day_t day = from; day <= to; day++)
		for (int p = 0; p <= MAX_PERIODS; p++)
			days[day - from].count[p] = -1;
}

bool data_status_parse(const char *body, size_t len, day_t from, day_t to, struct data_status *days,
		       struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *data = json_member(document, "data"), *value;
	struct reason inner;
	struct elexon_place place = { .why = &inner };
	bool ok = cJSON_IsArray(data);

	data_status_unknown(from, to, days);
	if (document && !ok)
		reason_answer(why, ANSWER_OTHER, "%s, not a list of counts", json_kind(data ? data : document));
	if (!ok)
		data = NULL;
	cJSON_ArrayForEach(value, data) {
		place.row++;
		odd->rows++;
		if (!read_row(&place, value, from, to, days))
			oddities_note(odd, "%s: the row is left out", inner.text);
	}
	json_release(document);
	return ok && !oddities_prevail(odd, why);
}
