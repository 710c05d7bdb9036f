#include "curtailment/elexon_register.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ident.h"
#include "base/plural.h"
#include "base/text.h"
#include "exact/decimal.h"

static int by_id(const void *x, const void *y)
{
	return strcmp(((const struct elexon_unit *)x)->id, ((const struct elexon_unit *)y)->id);
}

void elexon_sort_units(struct elexon_unit *units, size_t n_units)
{
	if (n_units)
		qsort(units, n_units, sizeof *units, by_id);
}

const struct elexon_unit *elexon_find_unit(const struct elexon_unit *units, size_t n_units, const char *id)
{
	const struct elexon_unit key = { .id = id };

	return n_units ? bsearch(&key, units, n_units, sizeof *units, by_id) : NULL;
}

/* A name is text for people: without what would turn a terminal or a page around, and without blanks at its ends, by
 * which one party would be two. */
static const char *cleaned(const cJSON *value)
{
	const char *text = json_string(value);
	struct buf clean = BUF_INIT;

	if (!text)
		return NULL;
	text_clean(&clean, text, strlen(text));
	for (size_t i = 0; i < clean.len; i++)
		if (clean.data[i] == '\n' || clean.data[i] == '\t')
			clean.data[i] = ' ';
	if (clean.data && strcmp(clean.data, text) != 0)	/* never longer: what is read is UTF-8 already */
		memcpy(value->valuestring, clean.data, clean.len + 1);
	else if (!clean.data)
		value->valuestring[0] = '\0';
	elexon_trim(value->valuestring);
	buf_release(&clean);
	return text;
}

bool elexon_is_wind(const struct elexon_unit *unit)
{
	return unit && unit->fuel_type && strcmp(unit->fuel_type, "WIND") == 0;
}

void elexon_tidy_fuel_type(char *text)
{
	if (!text)
		return;
	elexon_trim(text);
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	/* Other lists of the source call it "Wind Offshore" and "Wind Onshore"; no fuel but wind has that word in it. */
	if (strstr(text, "WIND"))
		memcpy(text, "WIND", sizeof "WIND");
}

static bool nullable_text(const struct elexon_place *place, const char *field, const cJSON *row, const char **to)
{
	const cJSON *value = json_member(row, field);

	if (strcmp(field, "elexonBmUnit") == 0 && json_string(value))
		elexon_trim(value->valuestring);
	*to = strcmp(field, "elexonBmUnit") == 0 ? json_string(value) : cleaned(value);
	if (*to && strcmp(field, "fuelType") == 0) {
		elexon_tidy_fuel_type(value->valuestring);
		*to = ident_sent(*to);
	}
	if (!*to && !json_is_null(value))
		return elexon_refuse(place, field, "%s, not a string", json_kind(value));
	if (*to && !**to)		/* says as little as null */
		*to = NULL;
	return true;
}

/* What no unit of Great Britain has, in MW: one in kW is beyond it.  Plausibility: a double will do. */
#define NO_UNIT_HAS 5000.0

static bool read_capacity(const struct elexon_place *place, const char *field, const cJSON *value,
			  char out[ELEXON_DECIMAL])
{
	const char *text = json_string(value), *problem;
	struct decimal capacity;
	char short_text[48];
	bool ok;

	if (!text)
		return elexon_check_decimal(place, field, value, ELEXON_NULLABLE, out);
	if (text[strspn(text, " ")] == '\0')
		return true;
	decimal_init(&capacity);
	ok = *text != '+' && decimal_parse_text(&capacity, text, DECIMAL_EXPONENT, NULL);
	decimal_release(&capacity);
	if (!ok)
		return elexon_refuse(place, field, "%s is not a number", elexon_shown(text, short_text));
	return elexon_plain_decimal(text, out, &problem) ||
	       elexon_refuse(place, field, "%s is %s", elexon_shown(text, short_text), problem);
}

/* Capacities come as strings ("99.000"); a bare number is as good.  One that no unit can have is not known. */
static bool nullable_capacity(const struct elexon_place *place, const char *field, const cJSON *row,
			      char out[ELEXON_DECIMAL])
{
	double mw;

	out[0] = '\0';
	if (!read_capacity(place, field, json_member(row, field), out))
		return false;
	mw = strtod(out, NULL);		/* of none, 0 */
	if (mw <= NO_UNIT_HAS && mw >= -NO_UNIT_HAS)
		return true;
	elexon_refuse(place, field, "no unit has %.40s MW", out);
	out[0] = '\0';
	return false;
}

/* False, with why, if this is no unit; its capacity is another matter. */
static bool parse_unit(struct elexon_place *place, const cJSON *row, struct elexon_unit *unit)
{
	place->id = NULL;
	if (!cJSON_IsObject(row))
		return reason_set(place->why, "row %d: %s, not an object", place->row, json_kind(row));
	if (!nullable_text(place, "elexonBmUnit", row, &unit->id))
		return false;
	place->id = unit->id && ident_ok(unit->id) ? unit->id : NULL;
	return nullable_text(place, "bmUnitName", row, &unit->name) &&
	       nullable_text(place, "leadPartyName", row, &unit->lead_party_name) &&
	       nullable_text(place, "fuelType", row, &unit->fuel_type) &&
	       nullable_text(place, "nationalGridBmUnit", row, &unit->national_grid_id);
}

/* Read a unit that has an id; any other is counted or noted. */
static bool take_unit(struct elexon_place *place, const cJSON *row, struct elexon_register *reg,
		      struct elexon_unit *unit)
{
	if (!parse_unit(place, row, unit)) {
		oddities_note(&reg->odd, "%s: the row is left out", place->why->text);
		return false;
	}
	if (!unit->id) {
		reg->without_id++;
		return false;
	}
	if (elexon_id_is_odd(place, unit->id, &reg->odd))
		return false;
	if (!nullable_capacity(place, "generationCapacity", row, unit->capacity_mw)) {
		oddities_note(&reg->odd, "%s: the capacity is not known", place->why->text);
		reg->odd_kept++;
	}
	return true;
}

/* What the one does not say, the other may. */
static void fill_in(struct elexon_unit *unit, const struct elexon_unit *again)
{
	if (!unit->name)
		unit->name = again->name;
	if (!unit->lead_party_name)
		unit->lead_party_name = again->lead_party_name;
	if (!unit->fuel_type)
		unit->fuel_type = again->fuel_type;
	if (!unit->national_grid_id)
		unit->national_grid_id = again->national_grid_id;
	if (!*unit->capacity_mw)
		memcpy(unit->capacity_mw, again->capacity_mw, sizeof unit->capacity_mw);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_unit(const struct elexon_unit *a, const struct elexon_unit *b)
{
	return same_text(a->name, b->name) && same_text(a->lead_party_name, b->lead_party_name) &&
	       same_text(a->fuel_type, b->fuel_type) && same_text(a->national_grid_id, b->national_grid_id) &&
	       strcmp(a->capacity_mw, b->capacity_mw) == 0;
}

struct numbered_unit {
	struct elexon_unit unit;
	int row;
};

static int by_id_and_row(const void *x, const void *y)
{
	const struct numbered_unit *a = x, *b = y;
	int order = strcmp(a->unit.id, b->unit.id);

	return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* Sort, and keep the first row of each id, with what it lacks from the others. */
static void keep_first(struct numbered_unit *rows, size_t n, struct elexon_register *reg)
{
	qsort(rows, n, sizeof *rows, by_id_and_row);
	reg->units = xmalloc(n * sizeof *reg->units);
	for (size_t i = 0; i < n; i++) {
		struct elexon_unit *last = reg->n_units ? &reg->units[reg->n_units - 1] : NULL;

		if (!last || strcmp(last->id, rows[i].unit.id) != 0) {
			reg->units[reg->n_units++] = rows[i].unit;
			continue;
		}
		reg->repeated++;
		if (!same_unit(last, &rows[i].unit) && reg->differing++ == 0)
			memcpy(reg->first_differing, last->id, strlen(last->id) + 1);
		fill_in(last, &rows[i].unit);
	}
}

/* Append a body whose bytes that are not UTF-8 are taken as Latin-1; how many they were. */
static size_t add_as_utf8(struct buf *to, const char *body, size_t len)
{
	const unsigned char *s = (const unsigned char *)body;
	size_t foreign = 0;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(s + i, len - i);
		if (n == 0) {
			buf_addc(to, (char)(0xc0 | s[i] >> 6));
			buf_addc(to, (char)(0x80 | (s[i] & 0x3f)));
			foreign++;
			n = 1;
		} else {
			buf_add(to, body + i, n);
		}
	}
	return foreign;
}

/* A body in UTF-16 has a mark that is not UTF-8 at its head, and is no register. */
static cJSON *parse_document(const char *body, size_t len, struct oddities *odd, struct reason *why)
{
	struct buf utf8 = BUF_INIT;
	size_t foreign = len && (unsigned char)*body < 0xfe ? add_as_utf8(&utf8, body, len) : 0;
	cJSON *document = foreign ? json_parse(utf8.data, utf8.len, why) : json_parse(body, len, why);

	if (document && foreign)
		oddities_note(odd, "%zu %s not UTF-8, and read as Latin-1", foreign,
			      plural((long long)foreign, "byte is", "bytes are"));
	buf_release(&utf8);
	return document;
}

bool elexon_parse_bmunits(const char *body, size_t len, struct elexon_register *reg, struct reason *why)
{
	struct reason inner;
	struct elexon_place place = { .why = &inner };
	struct numbered_unit *rows;
	const cJSON *row;
	const char *said;
	char text[48];
	size_t n = 0;

	*reg = (struct elexon_register){ .rows_seen = 0 };
	reg->document = parse_document(body, len, &reg->odd, why);
	if (!reg->document)
		return false;
	reg->odd_kept = (int)reg->odd.odd;
	said = json_complaint(reg->document, false);
	if (said)
		return reason_answer(why, ANSWER_OTHER, "an error instead of a list of BM units: %s", elexon_shown(said, text));
	if (!cJSON_IsArray(reg->document))
		return reason_answer(why, ANSWER_OTHER, "%s, not a list of BM units", json_kind(reg->document));
	rows = xmalloc((size_t)cJSON_GetArraySize(reg->document) * sizeof *rows);
	cJSON_ArrayForEach(row, reg->document) {
		place.row = ++reg->rows_seen;
		rows[n].row = place.row;
		if (take_unit(&place, row, reg, &rows[n].unit))
			n++;
	}
	reg->odd.rows = (size_t)reg->rows_seen;
	if (oddities_prevail(&reg->odd, why)) {
		free(rows);
		return false;
	}
	keep_first(rows, n, reg);
	free(rows);
	return true;
}

void elexon_register_release(struct elexon_register *reg)
{
	free(reg->units);
	oddities_release(&reg->odd);
	json_release(reg->document);
	*reg = (struct elexon_register){ 0 };
}
