#include "curtailment/elexon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ident.h"
#include "exact/decimal.h"

bool elexon_refuse(const struct elexon_place *place, const char *field, const char *fmt, ...)
{
	char what[200], unit[ELEXON_MAX_ID + 4] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (place->id && *place->id)
		snprintf(unit, sizeof unit, " (%s)", place->id);
	return reason_set(place->why, "row %d%s, field %s: %s", place->row, unit, field, what);
}

const char *elexon_shown(const char *text, char out[48])
{
	size_t n = 0;

	for (; text[n] && n < 40; n++)
		out[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7f ? '?' : text[n];
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)	/* not inside a character */
		n--;
	memcpy(out + n, text[n] ? "..." : "", text[n] ? 4 : 1);
	return out;
}

void elexon_trim(char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t from = strspn(text, blanks), len = strlen(text + from);

	while (len > 0 && strchr(blanks, text[from + len - 1]))
		len--;
	memmove(text, text + from, len);
	text[len] = '\0';
}

/* Does a literal have more decimals than are kept?  What stands there is the residue of somebody's arithmetic. */
static bool is_long(const char *literal)
{
	const char *point = strchr(literal, '.');

	return point && strlen(point + 1) > ELEXON_MAX_PLACES;
}

bool elexon_plain_decimal(const char *literal, char out[ELEXON_DECIMAL], const char **problem)
{
	size_t whole, len;
	const char *digits = literal + (*literal == '-'), *point;
	struct buf text = BUF_INIT;

	*problem = NULL;
	if (strpbrk(literal, "eE") || is_long(literal)) {
		struct decimal value;
		bool ok;

		decimal_init(&value);
		ok = decimal_parse_text(&value, literal, DECIMAL_EXPONENT, NULL);
		if (ok) {
			decimal_round(&value, &value, ELEXON_MAX_PLACES);
			decimal_write(&value, DECIMAL_KEEP_ZEROS, &text);
		}
		decimal_release(&value);
		if (!ok) {
			*problem = "past range";
			buf_release(&text);
			return false;
		}
		literal = text.data;
		digits = literal + (*literal == '-');
	}
	len = strlen(digits);
	point = strchr(digits, '.');
	whole = point ? (size_t)(point - digits) : len;
	if (whole > 6)
		*problem = "past ±1000000";
	else if (strspn(digits, "0.") == len)		/* zero has no sign */
		memcpy(out, digits, len + 1);
	else
		memcpy(out, literal, strlen(literal) + 1);
	buf_release(&text);
	return !*problem;
}

bool elexon_check_decimal(const struct elexon_place *place, const char *field, const cJSON *value,
			  enum elexon_presence presence, char out[ELEXON_DECIMAL])
{
	const char *literal = json_number_text(value), *problem;
	char text[48];

	out[0] = '\0';
	if (presence == ELEXON_NULLABLE && json_is_null(value))
		return true;
	if (!literal)
		return elexon_refuse(place, field, "%s, not a number", json_kind(value));
	if (!elexon_plain_decimal(literal, out, &problem))
		return elexon_refuse(place, field, "%s is %s", elexon_shown(literal, text), problem);
	return true;
}

bool elexon_check_integer(const struct elexon_place *place, const char *field, const cJSON *value,
			  int64_t min, int64_t max, int64_t *to)
{
	char text[48];

	if (!json_is_number(value))
		return elexon_refuse(place, field, "%s, not a whole number", json_kind(value));
	if (!json_int64(value, to))
		return elexon_refuse(place, field, "%s is not a whole number", elexon_shown(json_number_text(value), text));
	if (*to < min || *to > max)
		return elexon_refuse(place, field, "%s is past range", elexon_shown(json_number_text(value), text));
	return true;
}

bool elexon_check_nullable_integer(const struct elexon_place *place, const char *field, const cJSON *value,
				   int64_t min, int64_t max, bool *has, int64_t *to)
{
	*has = !json_is_null(value);
	*to = 0;
	return !*has || elexon_check_integer(place, field, value, min, max, to);
}

bool elexon_check_flag(const struct elexon_place *place, const char *field, const cJSON *value,
		       enum elexon_flag *to)
{
	bool set;

	*to = ELEXON_NULL;
	if (json_is_null(value))
		return true;
	if (!json_bool(value, &set))
		return elexon_refuse(place, field, "%s, not true, false or null", json_kind(value));
	*to = set ? ELEXON_TRUE : ELEXON_FALSE;
	return true;
}

bool elexon_id_is_odd(const struct elexon_place *place, const char *id, struct oddities *odd)
{
	char out[48];

	if (ident_ok(id) && strlen(id) <= ELEXON_MAX_ID)
		return false;
	oddities_note(odd, "row %d: the id '%s' is not valid (letters, digits, _ and -, at most %d): the row is left out",
		      place->row, elexon_shown(id, out), ELEXON_MAX_ID);
	return true;
}

bool elexon_instant(const char *text, instant_t *to)
{
	char zoned[40];

	return instant_parse(text, to) ||
	       ((size_t)snprintf(zoned, sizeof zoned, "%sZ", text) < sizeof zoned && instant_parse(zoned, to));
}

bool elexon_begins_on_another_day(const cJSON *start, day_t day, int period)
{
	const char *text = json_string(start);
	instant_t begins;

	return text && elexon_instant(text, &begins) && llabs(begins - period_start(day, period)) > DAY_SECONDS;
}

bool elexon_is_unset(const char *text)
{
	return text[strspn(text, " ")] == '\0' || strncmp(text, "0001-01-01T00:00:00", 19) == 0;
}

bool elexon_check_created(const struct elexon_place *place, const cJSON *value, instant_t begins, bool *has,
			  instant_t *to)
{
	const char *text = json_string(value);
	char out[48];

	*has = false;
	*to = 0;
	if (!value || json_is_null(value) || (text && elexon_is_unset(text)))
		return true;
	if (!text)
		return elexon_refuse(place, "createdDateTime", "%s, not a time", json_kind(value));
	if (!elexon_instant(text, to))
		return elexon_refuse(place, "createdDateTime", "%s is not a time", elexon_shown(text, out));
	*has = *to >= begins;
	*to = *has ? *to : 0;
	return true;
}

const cJSON *elexon_rows(const cJSON *document, const char *dataset, const char *what, struct reason *why)
{
	const cJSON *data = json_member(document, "data");
	const cJSON *datasets = json_member(json_member(document, "metadata"), "datasets"), *name;
	const char *said = json_complaint(document, cJSON_IsArray(data));
	char text[48];

	if (!(data && data->child) && said) {
		reason_answer(why, ANSWER_OTHER, "an error instead of %s: %s", what, elexon_shown(said, text));
		return NULL;
	}
	if (!cJSON_IsObject(document)) {
		reason_answer(why, ANSWER_OTHER, "%s, not %s", json_kind(document), what);
		return NULL;
	}
	if (!cJSON_IsArray(data)) {
		reason_answer(why, ANSWER_OTHER, "data is %s, not a list of rows: not %s", json_kind(data), what);
		return NULL;
	}
	cJSON_ArrayForEach(name, datasets) {
		const char *named = json_string(name);

		if (!named || strcmp(named, dataset) != 0) {
			reason_answer(why, ANSWER_OTHER, "dataset %s, not %s", named ? elexon_shown(named, text) : json_kind(name), dataset);
			return NULL;
		}
	}
	return data;
}
