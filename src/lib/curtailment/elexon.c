#include "curtailment/elexon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "base/text.h"

const char *elexon_side_name(enum elexon_side side)
{
	return side == ELEXON_BID ? "bid" : "offer";
}

/* Checking fields ---------------------------------------------------------------------------- */

/* Where a message says the trouble is: "period 12, row 3 (T_X-1)". */
struct place {
	int period;			/* 0: not a stack */
	int row;
	const char *id;			/* NULL until known */
	struct reason *why;
};

static bool refuse(const struct place *place, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(const struct place *place, const char *field, const char *fmt, ...)
{
	char what[200], period[24] = "", unit[ELEXON_MAX_ID + 4] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (place->period)
		snprintf(period, sizeof period, "period %d, ", place->period);
	if (place->id && *place->id)
		snprintf(unit, sizeof unit, " (%s)", place->id);
	return reason_set(place->why, "%srow %d%s, field %s: %s", period, place->row, unit, field, what);
}

/* A text of a message: whole if short and printable. */
static const char *shown(const char *text, char out[48])
{
	size_t n = 0;

	for (; text[n] && n < 40; n++)
		out[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7f ? '?' : text[n];
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)	/* not inside a character */
		n--;
	memcpy(out + n, text[n] ? "..." : "", text[n] ? 4 : 1);
	return out;
}

/* Does a literal have more decimals than are kept?  What stands there is the residue of somebody's arithmetic. */
static bool is_long(const char *literal)
{
	const char *point = strchr(literal, '.');

	return point && strlen(point + 1) > ELEXON_MAX_PLACES;
}

/* Write a literal that JSON allows as plain decimal text, every digit kept to the thirtieth decimal; "" for null. */
static bool plain_decimal(const char *literal, char out[ELEXON_DECIMAL], const char **problem)
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

enum presence { REQUIRED, NULLABLE };

static bool check_decimal(const struct place *place, const char *field, const cJSON *value,
			  enum presence presence, char out[ELEXON_DECIMAL])
{
	const char *literal = json_number_text(value), *problem;
	char text[48];

	out[0] = '\0';
	if (presence == NULLABLE && json_is_null(value))
		return true;
	if (!literal)
		return refuse(place, field, "%s, not a number", json_kind(value));
	if (!plain_decimal(literal, out, &problem))
		return refuse(place, field, "%s is %s", shown(literal, text), problem);
	return true;
}

static bool check_integer(const struct place *place, const char *field, const cJSON *value,
			  int64_t min, int64_t max, int64_t *to)
{
	char text[48];

	if (!json_is_number(value))
		return refuse(place, field, "%s, not a whole number", json_kind(value));
	if (!json_int64(value, to))
		return refuse(place, field, "%s is not a whole number", shown(json_number_text(value), text));
	if (*to < min || *to > max)
		return refuse(place, field, "%s is past range", shown(json_number_text(value), text));
	return true;
}

static bool check_nullable_integer(const struct place *place, const char *field, const cJSON *value,
				   int64_t min, int64_t max, bool *has, int64_t *to)
{
	*has = !json_is_null(value);
	*to = 0;
	return !*has || check_integer(place, field, value, min, max, to);
}

static bool check_flag(const struct place *place, const char *field, const cJSON *value,
		       enum elexon_flag *to)
{
	bool set;

	*to = ELEXON_NULL;
	if (json_is_null(value))
		return true;
	if (!json_bool(value, &set))
		return refuse(place, field, "%s, not true, false or null", json_kind(value));
	*to = set ? ELEXON_TRUE : ELEXON_FALSE;
	return true;
}

/* An identifier is kept in keys, logs and files.  One that is none costs its row, which is noted. */
static bool id_is_odd(const struct place *place, const char *id, struct oddities *odd)
{
	char out[48];

	if (ident_ok(id) && strlen(id) <= ELEXON_MAX_ID)
		return false;
	oddities_note(odd, "row %d: the id '%s' is not one (letters, digits, _ and -, at most %d): the row is left out",
		      place->row, shown(id, out), ELEXON_MAX_ID);
	return true;
}

static bool check_instant(const struct place *place, const char *field, const cJSON *value, instant_t *to)
{
	const char *text = json_string(value);
	char out[48];

	if (!text)
		return refuse(place, field, "%s, not a time", json_kind(value));
	if (!instant_parse(text, to))
		return refuse(place, field, "%s is not a time", shown(text, out));
	return true;
}

/* The settlement stack ----------------------------------------------------------------------- */

/* The members of a row that are read, each once. */
enum member {
	SETTLEMENT_DATE, SETTLEMENT_PERIOD, START_TIME, CREATED, SEQUENCE, ID, ACCEPTANCE, PAIR,
	CADL, SO, ORIGINAL_PRICE, VOLUME, FINAL_PRICE, MULTIPLIER, DATASET, MEMBERS
};

static const struct {
	const char *name;
	bool optional;
} members[MEMBERS] = {
	[SETTLEMENT_DATE]   = { "settlementDate", false },
	[SETTLEMENT_PERIOD] = { "settlementPeriod", false },
	[START_TIME]        = { "startTime", true },
	[CREATED]           = { "createdDateTime", true },
	[SEQUENCE]          = { "sequenceNumber", false },
	[ID]                = { "id", false },
	[ACCEPTANCE]        = { "acceptanceId", false },
	[PAIR]              = { "bidOfferPairId", false },
	[CADL]              = { "cadlFlag", false },
	[SO]                = { "soFlag", false },
	[ORIGINAL_PRICE]    = { "originalPrice", false },
	[VOLUME]            = { "volume", false },
	[FINAL_PRICE]       = { "finalPrice", false },
	[MULTIPLIER]        = { "transmissionLossMultiplier", false },
	[DATASET]           = { "dataset", true },	/* other endpoints have it in each row */
};

/* Find the members of one row: each at most once, and all there that should be. */
static bool find_members(const struct place *place, const cJSON *row, const cJSON *found[MEMBERS])
{
	const cJSON *child;

	for (int m = 0; m < MEMBERS; m++)
		found[m] = NULL;
	cJSON_ArrayForEach(child, row) {
		for (int m = 0; m < MEMBERS; m++) {
			if (child->string[0] != members[m].name[0] || strcmp(child->string, members[m].name) != 0)
				continue;
			if (found[m])
				return refuse(place, members[m].name, "stands twice");
			found[m] = child;
			break;
		}
	}
	if (found[DATASET])
		return refuse(place, "dataset", "this is a row of another endpoint");
	for (int m = 0; m < MEMBERS; m++)
		if (!found[m] && !members[m].optional)
			return refuse(place, members[m].name, "absent");
	return true;
}

static bool check_asked_for(const struct place *place, const cJSON *const found[MEMBERS], day_t day, int period)
{
	const char *date = json_string(found[SETTLEMENT_DATE]);
	char text[48], asked[DAY_TEXT];
	instant_t start;
	int64_t number;

	day_format(day, asked);
	if (!date)
		return refuse(place, "settlementDate", "%s, not a date", json_kind(found[SETTLEMENT_DATE]));
	if (strcmp(date, asked) != 0)
		return refuse(place, "settlementDate", "%s, but %s was asked for", shown(date, text), asked);
	if (!check_integer(place, "settlementPeriod", found[SETTLEMENT_PERIOD], 1, MAX_PERIODS, &number))
		return false;
	if (number != period)
		return refuse(place, "settlementPeriod", "%d, but %d was asked for", (int)number, period);
	if (!found[START_TIME] || json_is_null(found[START_TIME]))
		return true;
	if (!check_instant(place, "startTime", found[START_TIME], &start))
		return false;
	if (start != period_start(day, period))
		return refuse(place, "startTime", "%s is not when period %d of %s begins",
			      shown(json_string(found[START_TIME]), text), period, asked);
	return true;
}

static bool parse_row(struct place *place, const cJSON *value, const struct elexon_stack *stack,
		      struct elexon_row *row)
{
	const cJSON *found[MEMBERS];
	int64_t number;

	memset(row, 0, sizeof *row);
	row->number = place->row;
	place->id = NULL;
	if (!cJSON_IsObject(value))
		return reason_set(place->why, "period %d, row %d: %s, not an object",
				  place->period, place->row, json_kind(value));
	if (!find_members(place, value, found))
		return false;
	if (!json_is_null(found[ID])) {
		const char *id = json_string(found[ID]);

		if (!id)
			return refuse(place, "id", "%s, not a string", json_kind(found[ID]));
		memcpy(row->id, id, strlen(id) + 1);
		place->id = row->id;
	}
	if (!check_asked_for(place, found, stack->day, stack->period) ||
	    !check_decimal(place, "volume", found[VOLUME], REQUIRED, row->volume) ||
	    !check_decimal(place, "originalPrice", found[ORIGINAL_PRICE], NULLABLE, row->original_price) ||
	    !check_decimal(place, "finalPrice", found[FINAL_PRICE], NULLABLE, row->final_price) ||
	    !check_decimal(place, "transmissionLossMultiplier", found[MULTIPLIER], NULLABLE,
			   row->transmission_loss_multiplier) ||
	    !check_flag(place, "soFlag", found[SO], &row->so_flag) ||
	    !check_flag(place, "cadlFlag", found[CADL], &row->cadl_flag) ||
	    !check_nullable_integer(place, "acceptanceId", found[ACCEPTANCE], INT64_MIN, INT64_MAX,
				    &row->has_acceptance_id, &row->acceptance_id))
		return false;
	if (!check_nullable_integer(place, "bidOfferPairId", found[PAIR], INT16_MIN, INT16_MAX,
				    &row->has_pair_id, &number))
		return false;
	row->pair_id = (int)number;
	if (!check_integer(place, "sequenceNumber", found[SEQUENCE], 1, INT32_MAX, &number))
		return false;
	row->sequence_number = (int)number;
	row->has_created_at = found[CREATED] && !json_is_null(found[CREATED]);
	if (row->has_created_at && !check_instant(place, "createdDateTime", found[CREATED], &row->created_at))
		return false;
	if (row->volume[strspn(row->volume, "-0.")] != '\0')
		row->sign = row->volume[0] == '-' ? -1 : 1;
	return true;
}

/* The envelope: {"metadata": {"datasets": ["ISPSTACK"]}, "data": [...]}, metadata optional. */
static const cJSON *stack_data(const cJSON *document, int period, struct reason *why)
{
	const cJSON *data = json_member(document, "data");
	const cJSON *datasets = json_member(json_member(document, "metadata"), "datasets"), *name;
	char text[48];

	if (!cJSON_IsObject(document)) {
		reason_set(why, "period %d: %s, not a settlement stack", period, json_kind(document));
		return NULL;
	}
	if (!data && (json_string(json_member(document, "title")) || json_string(json_member(document, "message")))) {
		const char *said = json_string(json_member(document, "message"));

		reason_set(why, "period %d: an error instead of a settlement stack: %s", period,
			   shown(said ? said : json_string(json_member(document, "title")), text));
		return NULL;
	}
	if (!cJSON_IsArray(data)) {
		reason_set(why, "period %d: data is %s, not a list of rows: not a settlement stack", period, json_kind(data));
		return NULL;
	}
	cJSON_ArrayForEach(name, datasets) {
		const char *dataset = json_string(name);

		if (!dataset || strcmp(dataset, "ISPSTACK") != 0) {
			reason_set(why, "period %d: dataset %s, not ISPSTACK", period,
				   dataset ? shown(dataset, text) : json_kind(name));
			return NULL;
		}
	}
	return data;
}

static int compare_keys(const struct elexon_row *a, const struct elexon_row *b)
{
	int order = strcmp(a->id, b->id);

#define THEN(x, y) if (!order) order = ((x) > (y)) - ((x) < (y))
	THEN(a->has_acceptance_id, b->has_acceptance_id);
	THEN(a->acceptance_id, b->acceptance_id);
	THEN(a->has_pair_id, b->has_pair_id);
	THEN(a->pair_id, b->pair_id);
	THEN(a->sequence_number, b->sequence_number);
#undef THEN
	return order;
}

static int by_key_and_place(const void *x, const void *y)
{
	const struct elexon_row *a = *(const struct elexon_row *const *)x;
	const struct elexon_row *b = *(const struct elexon_row *const *)y;
	int order = compare_keys(a, b);

	return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* Do two rows of one key say the same in everything that is kept? */
static bool same_content(const struct elexon_row *a, const struct elexon_row *b)
{
	return strcmp(a->volume, b->volume) == 0 && strcmp(a->original_price, b->original_price) == 0 &&
	       strcmp(a->final_price, b->final_price) == 0 &&
	       strcmp(a->transmission_loss_multiplier, b->transmission_loss_multiplier) == 0 &&
	       a->so_flag == b->so_flag && a->cadl_flag == b->cadl_flag &&
	       a->has_created_at == b->has_created_at && a->created_at == b->created_at;
}

static void describe_repeated(char *out, size_t size, const struct elexon_row *first, const struct elexon_row *again)
{
	char acceptance[24] = "null", pair[16] = "null";

	if (first->has_acceptance_id)
		snprintf(acceptance, sizeof acceptance, "%lld", (long long)first->acceptance_id);
	if (first->has_pair_id)
		snprintf(pair, sizeof pair, "%d", first->pair_id);
	snprintf(out, size, "row %d repeats row %d (%s, acceptance %s, pair %s, sequence %d)", again->number,
		 first->number, *first->id ? first->id : "null", acceptance, pair, first->sequence_number);
}

/* Leave out lines that repeat another, mark those that contradict another. */
static void settle_repeated(struct elexon_stack *stack)
{
	struct elexon_row **sorted = xmalloc(stack->n_rows * sizeof *sorted);
	size_t kept = 0;

	for (size_t i = 0; i < stack->n_rows; i++)
		sorted[i] = &stack->rows[i];
	qsort(sorted, stack->n_rows, sizeof *sorted, by_key_and_place);
	for (size_t i = 0, first = 0; i < stack->n_rows; i++) {
		if (i == first || compare_keys(sorted[first], sorted[i]) != 0) {
			first = i;
			continue;
		}
		if (!same_content(sorted[first], sorted[i])) {
			sorted[i]->contradicts = sorted[first]->number;
			if (!sorted[first]->contradicts)
				sorted[first]->contradicts = sorted[i]->number;
			continue;
		}
		if (stack->repeated++ == 0)
			describe_repeated(stack->first_repeated, sizeof stack->first_repeated, sorted[first], sorted[i]);
		sorted[i]->number = 0;
	}
	free(sorted);
	for (size_t i = 0; i < stack->n_rows; i++)
		if (stack->rows[i].number)
			stack->rows[kept++] = stack->rows[i];
	stack->n_rows = kept;
}

void elexon_stack_init(struct elexon_stack *stack, day_t day, int period, enum elexon_side side)
{
	*stack = (struct elexon_stack){ .day = day, .period = period, .side = side };
}

void elexon_stack_release(struct elexon_stack *stack)
{
	free(stack->rows);
	oddities_release(&stack->odd);
	elexon_stack_init(stack, stack->day, stack->period, stack->side);
}

void elexon_stack_path(const struct elexon_stack *stack, struct buf *path)
{
	char date[DAY_TEXT];

	buf_addf(path, "balancing/settlement/stack/all/%s/%s/%d", elexon_side_name(stack->side),
		 day_format(stack->day, date), stack->period);
}

static struct elexon_row *next_row(struct elexon_stack *stack)
{
	if (stack->n_rows == stack->size) {
		stack->size = stack->size ? stack->size * 2 : 64;
		stack->rows = xrealloc(stack->rows, stack->size * sizeof *stack->rows);
	}
	return &stack->rows[stack->n_rows];
}

static void note_created(struct elexon_stack *stack, const struct elexon_row *row)
{
	bool first = stack->undated == stack->rows_seen;

	if (!row->has_created_at) {
		stack->undated++;
		return;
	}
	if (first || row->created_at < stack->oldest_created)
		stack->oldest_created = row->created_at;
	if (first || row->created_at > stack->newest_created)
		stack->newest_created = row->created_at;
}

/* Is this a row whose id is a string and none that an id can be? */
static bool row_is_odd(const struct place *place, const cJSON *value, struct oddities *odd)
{
	const char *id = json_string(json_member(value, "id"));

	return id && *id && id_is_odd(place, id, odd);
}

static bool parse_rows(const cJSON *data, struct elexon_stack *stack, struct reason *why)
{
	struct place place = { .period = stack->period, .why = why };
	struct reason inner;
	const cJSON *value;

	cJSON_ArrayForEach(value, data) {
		struct elexon_row *row = next_row(stack);

		place.row = stack->rows_seen + 1;
		stack->odd.rows++;
		if (row_is_odd(&place, value, &stack->odd)) {
			stack->rows_seen++;
			stack->undated++;
			continue;
		}
		if (!parse_row(&place, value, stack, row))
			return false;
		note_created(stack, row);
		stack->rows_seen++;
		stack->n_rows++;
	}
	settle_repeated(stack);
	if (oddities_prevail(&stack->odd, &inner))
		return reason_set(why, "period %d: %s", stack->period, inner.text);
	return true;
}

bool elexon_parse_stack(const char *body, size_t len, day_t day, int period, enum elexon_side side,
			struct elexon_stack *stack, struct reason *why)
{
	struct reason inner;
	const cJSON *data;
	cJSON *document;
	bool ok;

	elexon_stack_init(stack, day, period, side);
	document = json_parse(body, len, &inner);
	if (!document)
		return reason_set(why, "period %d: %s", period, inner.text);
	data = stack_data(document, period, why);
	ok = data && parse_rows(data, stack, why);
	json_release(document);
	return ok;
}

bool elexon_is_stack(const char *body, size_t len)
{
	cJSON *document = json_parse(body, len, NULL);
	const cJSON *data = json_member(document, "data");
	const cJSON *datasets = json_member(json_member(document, "metadata"), "datasets");
	const char *dataset = json_string(cJSON_IsArray(datasets) ? datasets->child : NULL);
	bool is = !document || (cJSON_IsArray(data) && (!dataset || strcmp(dataset, "ISPSTACK") == 0) &&
				!(data->child && json_member(data->child, "dataset")));

	json_release(document);
	return is;
}

bool elexon_is_final(const struct elexon_stack *stack, instant_t fetched_at)
{
	instant_t end = period_start(stack->day, stack->period) + PERIOD_SECONDS;

	if (stack->rows_seen > stack->undated && stack->oldest_created - end < DAY_SECONDS)
		return false;
	return (stack->rows_seen > 0 && stack->undated == 0) || fetched_at >= day_final_from(stack->day);
}

/* Selection ---------------------------------------------------------------------------------- */

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

static bool is_adjustment(const char *id)
{
	return id[strspn(id, "0123456789")] == '\0';
}

/* Not above zero; no price says nothing. */
static bool is_cheap(const struct elexon_row *row)
{
	struct decimal price;
	bool cheap;

	if (!*row->original_price)
		return false;
	decimal_init(&price);
	decimal_parse_text(&price, row->original_price, DECIMAL_PLAIN, NULL);
	cheap = decimal_sign(&price) <= 0;
	decimal_release(&price);
	return cheap;
}

static bool has_capacity(const struct elexon_unit *unit)
{
	return *unit->capacity_mw && *unit->capacity_mw != '-' && unit->capacity_mw[strspn(unit->capacity_mw, "0.")];
}

static void note_doubtful(struct elexon_selection *selection, const struct elexon_row *row, const struct elexon_unit *unit)
{
	bool cheap = is_cheap(row);

	if (row->so_flag != ELEXON_TRUE || (unit && (unit->fuel_type || !has_capacity(unit) || !cheap)))
		return;
	selection->doubtful[selection->n_doubtful++] = (struct elexon_doubtful){ row, !unit, cheap };
}

bool elexon_select(const struct elexon_stack *stack, const struct elexon_unit *units, size_t n_units,
		   bool all_flags, struct elexon_selection *selection, struct reason *why)
{
	struct decimal volume;
	bool ok = true;

	*selection = (struct elexon_selection){
		.kept = xmalloc(stack->n_rows * sizeof *selection->kept),
		.passed_over = xmalloc(stack->n_rows * sizeof *selection->passed_over),
		.doubtful = xmalloc(stack->n_rows * sizeof *selection->doubtful),
	};
	decimal_init(&selection->volume);
	decimal_init(&volume);
	for (size_t i = 0; ok && i < stack->n_rows; i++) {
		const struct elexon_row *row = &stack->rows[i];
		const struct elexon_unit *unit;

		if (row->sign >= 0 || is_adjustment(row->id) || !(all_flags || row->so_flag == ELEXON_TRUE))
			continue;
		unit = elexon_find_unit(units, n_units, row->id);
		if (!unit || !unit->fuel_type || strcmp(unit->fuel_type, "WIND") != 0) {
			selection->passed_over[selection->n_passed_over++] = row->id;
			note_doubtful(selection, row, unit);
			continue;
		}
		if (row->contradicts) {
			ok = reason_set(why, "period %d, row %d (%s): same acceptance, pair and sequence as row %d, "
					"but another content", stack->period, row->number, row->id, row->contradicts);
			break;
		}
		selection->kept[selection->n_kept++] = (struct elexon_kept){ row, unit };
		decimal_parse_text(&volume, row->volume, DECIMAL_PLAIN, NULL);
		decimal_add(&selection->volume, &selection->volume, &volume);
	}
	decimal_release(&volume);
	return ok;
}

void elexon_selection_release(struct elexon_selection *selection)
{
	free(selection->kept);
	free(selection->passed_over);
	free(selection->doubtful);
	selection->kept = NULL;
	selection->passed_over = NULL;
	selection->doubtful = NULL;
	selection->n_kept = selection->n_passed_over = selection->n_doubtful = 0;
	decimal_release(&selection->volume);
}

bool elexon_payment(const struct elexon_row *row, struct buf *out)
{
	struct decimal volume, price;

	if (!*row->original_price)
		return false;
	decimal_init(&volume);
	decimal_init(&price);
	decimal_parse_text(&volume, row->volume, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&price, row->original_price, DECIMAL_PLAIN, NULL);
	decimal_mul(&price, &price, &volume);
	decimal_write(&price, DECIMAL_TRIM_ZEROS, out);
	decimal_release(&volume);
	decimal_release(&price);
	return true;
}

/* The register of BM units ------------------------------------------------------------------- */

/* A name is text for people: without what would turn a terminal or a page around. */
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
	buf_release(&clean);
	return text;
}

static bool nullable_text(const struct place *place, const char *field, const cJSON *row, const char **to)
{
	const cJSON *value = json_member(row, field);

	*to = strcmp(field, "elexonBmUnit") == 0 ? json_string(value) : cleaned(value);
	if (!*to && !json_is_null(value))
		return refuse(place, field, "%s, not a string", json_kind(value));
	return true;
}

/* Capacities come as strings ("99.000"); a bare number is as good. */
static bool nullable_capacity(const struct place *place, const char *field, const cJSON *row, char out[ELEXON_DECIMAL])
{
	const cJSON *value = json_member(row, field);
	const char *text = json_string(value), *problem;
	struct decimal capacity;
	char short_text[48];
	bool ok;

	out[0] = '\0';
	if (!text)
		return check_decimal(place, field, value, NULLABLE, out);
	decimal_init(&capacity);
	ok = *text != '+' && decimal_parse_text(&capacity, text, DECIMAL_PLAIN, NULL);
	decimal_release(&capacity);
	if (!ok)
		return refuse(place, field, "%s is not a number", shown(text, short_text));
	if (!plain_decimal(text, out, &problem))
		return refuse(place, field, "%s is %s", shown(text, short_text), problem);
	return true;
}

static bool parse_unit(struct place *place, const cJSON *row, struct elexon_unit *unit)
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
	       nullable_text(place, "nationalGridBmUnit", row, &unit->national_grid_id) &&
	       nullable_capacity(place, "generationCapacity", row, unit->capacity_mw);
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

/* Sort, and keep the first row of each id. */
static void keep_first(struct numbered_unit *rows, size_t n, struct elexon_register *reg)
{
	qsort(rows, n, sizeof *rows, by_id_and_row);
	reg->units = xmalloc(n * sizeof *reg->units);
	for (size_t i = 0; i < n; i++) {
		const struct elexon_unit *last = reg->n_units ? &reg->units[reg->n_units - 1] : NULL;

		if (!last || strcmp(last->id, rows[i].unit.id) != 0) {
			reg->units[reg->n_units++] = rows[i].unit;
			continue;
		}
		reg->repeated++;
		if (!same_unit(last, &rows[i].unit) && reg->differing++ == 0)
			memcpy(reg->first_differing, last->id, strlen(last->id) + 1);
	}
}

bool elexon_parse_bmunits(const char *body, size_t len, struct elexon_register *reg, struct reason *why)
{
	struct place place = { .why = why };
	struct numbered_unit *rows;
	const cJSON *row;
	size_t n = 0;

	*reg = (struct elexon_register){ .document = json_parse(body, len, why) };
	if (!reg->document)
		return false;
	if (!cJSON_IsArray(reg->document))
		return reason_set(why, "%s, not a list of BM units", json_kind(reg->document));
	rows = xmalloc((size_t)cJSON_GetArraySize(reg->document) * sizeof *rows);
	cJSON_ArrayForEach(row, reg->document) {
		place.row = ++reg->rows_seen;
		rows[n].row = place.row;
		if (!parse_unit(&place, row, &rows[n].unit)) {
			free(rows);
			return false;
		}
		if (!rows[n].unit.id)
			reg->without_id++;
		else if (!id_is_odd(&place, rows[n].unit.id, &reg->odd))
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
