#include "curtailment/elexon_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *elexon_side_name(enum elexon_side side)
{
	return side == ELEXON_BID ? "bid" : "offer";
}

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
static bool find_members(const struct elexon_place *place, const cJSON *row, const cJSON *found[MEMBERS])
{
	const cJSON *child;

	for (int m = 0; m < MEMBERS; m++)
		found[m] = NULL;
	cJSON_ArrayForEach(child, row) {
		for (int m = 0; m < MEMBERS; m++) {
			if (child->string[0] != members[m].name[0] || strcmp(child->string, members[m].name) != 0)
				continue;
			if (found[m])
				return elexon_refuse(place, members[m].name, "occurs twice");
			found[m] = child;
			break;
		}
	}
	if (found[DATASET])
		return elexon_refuse(place, "dataset", "this is a row of another endpoint");
	for (int m = 0; m < MEMBERS; m++)
		if (!found[m] && !members[m].optional)
			return elexon_refuse(place, members[m].name, "absent");
	return true;
}

static bool check_asked_for(const struct elexon_place *place, const cJSON *const found[MEMBERS], day_t day, int period)
{
	const char *date = json_string(found[SETTLEMENT_DATE]);
	char text[48], asked[DAY_TEXT];
	int64_t number;

	day_format(day, asked);
	if (!date)
		return elexon_refuse(place, "settlementDate", "%s, not a date", json_kind(found[SETTLEMENT_DATE]));
	if (strcmp(date, asked) != 0)
		return elexon_refuse(place, "settlementDate", "%s, but %s was requested", elexon_shown(date, text), asked);
	if (!elexon_check_integer(place, "settlementPeriod", found[SETTLEMENT_PERIOD], 1, MAX_PERIODS, &number))
		return false;
	if (number != period)
		return elexon_refuse(place, "settlementPeriod", "%d, but %d was requested", (int)number, period);
	return !elexon_begins_on_another_day(found[START_TIME], day, period) ||
	       elexon_refuse(place, "startTime", "%s is of another day", elexon_shown(json_string(found[START_TIME]), text));
}

/* What the network loses of a unit's energy is some hundredths. */
static bool check_multiplier(const struct elexon_place *place, const cJSON *value, char out[ELEXON_DECIMAL])
{
	char text[48];
	double multiplier;

	if (!elexon_check_decimal(place, "transmissionLossMultiplier", value, ELEXON_NULLABLE, out))
		return false;
	multiplier = *out ? strtod(out, NULL) : 1;
	return (multiplier >= 0.5 && multiplier <= 1.5) ||
	       elexon_refuse(place, "transmissionLossMultiplier", "%s is none", elexon_shown(out, text));
}

static bool parse_row(struct elexon_place *place, const cJSON *value, const struct elexon_stack *stack,
		      struct elexon_row *row)
{
	const cJSON *found[MEMBERS];
	int64_t number;

	memset(row, 0, sizeof *row);
	row->number = place->row;
	place->id = NULL;
	if (!cJSON_IsObject(value))
		return reason_set(place->why, "row %d: %s, not an object", place->row, json_kind(value));
	if (!find_members(place, value, found))
		return false;
	if (!json_is_null(found[ID])) {
		const char *id = json_string(found[ID]);

		if (!id)
			return elexon_refuse(place, "id", "%s, not a string", json_kind(found[ID]));
		memcpy(row->id, id, strlen(id) + 1);
		place->id = row->id;
	}
	if (!check_asked_for(place, found, stack->day, stack->period) ||
	    !elexon_check_decimal(place, "volume", found[VOLUME], ELEXON_REQUIRED, row->volume) ||
	    !elexon_check_decimal(place, "originalPrice", found[ORIGINAL_PRICE], ELEXON_NULLABLE, row->original_price) ||
	    !elexon_check_decimal(place, "finalPrice", found[FINAL_PRICE], ELEXON_NULLABLE, row->final_price) ||
	    !check_multiplier(place, found[MULTIPLIER], row->transmission_loss_multiplier) ||
	    !elexon_check_flag(place, "soFlag", found[SO], &row->so_flag) ||
	    !elexon_check_flag(place, "cadlFlag", found[CADL], &row->cadl_flag) ||
	    !elexon_check_nullable_integer(place, "acceptanceId", found[ACCEPTANCE], INT64_MIN, INT64_MAX,
					   &row->has_acceptance_id, &row->acceptance_id))
		return false;
	if (!elexon_check_nullable_integer(place, "bidOfferPairId", found[PAIR], INT16_MIN, INT16_MAX,
					   &row->has_pair_id, &number))
		return false;
	row->pair_id = (int)number;
	if (!elexon_check_integer(place, "sequenceNumber", found[SEQUENCE], 1, INT32_MAX, &number))
		return false;
	row->sequence_number = (int)number;
	if (!elexon_check_created(place, found[CREATED], period_start(stack->day, stack->period), &row->has_created_at,
				  &row->created_at))
		return false;
	if (row->volume[strspn(row->volume, "-0.")] != '\0')
		row->sign = row->volume[0] == '-' ? -1 : 1;
	return true;
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

static bool is_of_another_run(const struct elexon_row *a, const struct elexon_row *b)
{
	return a->has_created_at && b->has_created_at && a->created_at != b->created_at;
}

static bool is_doubled(const struct elexon_row *a, const struct elexon_row *b)
{
	return *a->id && strcmp(a->id, b->id) == 0 && a->has_acceptance_id && b->has_acceptance_id &&
	       a->acceptance_id == b->acceptance_id && a->has_pair_id && b->has_pair_id && a->pair_id == b->pair_id &&
	       ((strcmp(a->volume, b->volume) == 0 && strcmp(a->original_price, b->original_price) == 0) ||
		is_of_another_run(a, b));
}

#define LOST_LOAD 6000.0		/* £ a MWh */

bool elexon_price_is_implausible(const struct elexon_row *row)
{
	double price = strtod(row->original_price, NULL);

	return price > LOST_LOAD || price < -LOST_LOAD;
}

void elexon_note_doubled(struct elexon_doubled *doubled, const struct elexon_row *row, const struct elexon_row *before)
{
	if (!is_doubled(row, before) || doubled->n++ > 0)
		return;
	snprintf(doubled->first, sizeof doubled->first, "%s: row %d, of %.32s MWh, has acceptance %lld and pair %d of row %d",
		 row->id, row->number, row->volume + (row->volume[0] == '-'), (long long)row->acceptance_id, row->pair_id,
		 before->number);
}

/* Of the rows that are kept, sorted: which stand there twice but for their place in the order? */
static void note_doubled(struct elexon_stack *stack, struct elexon_row *const *sorted)
{
	const struct elexon_row *before = NULL;

	for (size_t i = 0; i < stack->n_rows; i++) {
		if (!sorted[i]->number)
			continue;
		if (before)
			elexon_note_doubled(&stack->doubled, sorted[i], before);
		before = sorted[i];
	}
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
	note_doubled(stack, sorted);
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
	free(stack->left_out);
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

/* Is this a row whose id is a string and none that an id can be, blanks around it left aside? */
static bool row_is_odd(const struct elexon_place *place, const cJSON *value, struct oddities *odd)
{
	char *id = json_string(json_member(value, "id")) ? json_member(value, "id")->valuestring : NULL;

	if (id)
		elexon_trim(id);
	return id && *id && elexon_id_is_odd(place, id, odd);
}

/* A bid turns a unit down and an offer turns one up: is this volume of the other sign? */
static bool volume_is_odd(const struct elexon_place *place, const struct elexon_row *row, int sign)
{
	return row->sign * sign < 0 &&
	       !elexon_refuse(place, "volume", "%.40s, where %s zero", row->volume,
			      sign < 0 ? "a bid is below" : "an offer is above");
}

/* Whose rows are at stake, so that an odd one costs the half hour. */
struct stake {
	int sign;			/* that the volumes must have; 0: any */
	bool all;
	const struct elexon_unit *units;	/* else the wind among these */
	size_t n_units;
};

static bool is_at_stake(const struct stake *stake, const cJSON *value)
{
	const char *id = json_string(json_member(value, "id"));

	return stake->all || (id && elexon_is_wind(elexon_find_unit(stake->units, stake->n_units, id)));
}

/* A row that is left out counts among those seen; when it was made it does not say. */
static void leave_out(struct elexon_stack *stack, const cJSON *value)
{
	stack->unnamed += !json_string(json_member(value, "id"));
	stack->rows_seen++;
	stack->undated++;
}

/* Its unit may be wind by a register to come, as that of a row that can be read. */
static void remember_unit(struct elexon_stack *stack, const cJSON *value)
{
	const char *id = json_string(json_member(value, "id"));

	if (!id || !*id)
		return;
	stack->left_out = xrealloc(stack->left_out, (stack->n_left_out + 1) * sizeof *stack->left_out);
	memcpy(stack->left_out[stack->n_left_out++], id, strlen(id) + 1);
}

static bool parse_rows(const cJSON *data, struct elexon_stack *stack, const struct stake *stake, struct reason *why)
{
	struct reason inner;
	struct elexon_place place = { .why = &inner };
	const cJSON *value;

	cJSON_ArrayForEach(value, data) {
		struct elexon_row *row = next_row(stack);

		place.row = stack->rows_seen + 1;
		stack->odd.rows++;
		if (row_is_odd(&place, value, &stack->odd)) {
			leave_out(stack, value);
			continue;
		}
		if (!parse_row(&place, value, stack, row)) {
			if (is_at_stake(stake, value))
				return reason_set(why, "period %d, %s", stack->period, inner.text);
			oddities_note(&stack->odd, "%s: the row is left out", inner.text);
			leave_out(stack, value);
			remember_unit(stack, value);
			continue;
		}
		if (volume_is_odd(&place, row, stake->sign)) {
			oddities_note(&stack->odd, "%s: the row is left out", inner.text);
			leave_out(stack, value);
			continue;
		}
		note_created(stack, row);
		stack->unnamed += !*row->id;
		stack->rows_seen++;
		stack->n_rows++;
	}
	settle_repeated(stack);
	if (oddities_prevail(&stack->odd, &inner))
		return reason_set(why, "period %d: %s", stack->period, inner.text);
	return true;
}

static bool parse_stack(const char *body, size_t len, day_t day, int period, enum elexon_side side,
			const struct stake *stake, struct elexon_stack *stack, struct reason *why)
{
	struct reason inner;
	const cJSON *data;
	cJSON *document;
	bool ok;

	elexon_stack_init(stack, day, period, side);
	document = json_parse(body, len, &inner);
	if (!document)
		return reason_answer(why, inner.answer, "period %d: %s", period, inner.text);
	data = elexon_rows(document, "ISPSTACK", "a settlement stack", &inner);
	ok = data ? parse_rows(data, stack, stake, why)
		  : reason_answer(why, inner.answer, "period %d: %s", period, inner.text);
	/* A settlement stack's rows do not name their dataset, as those of other endpoints do. */
	if (!ok && data && json_member(data->child, "dataset"))
		why->answer = ANSWER_OTHER;
	json_release(document);
	return ok;
}

bool elexon_parse_stack(const char *body, size_t len, day_t day, int period, enum elexon_side side,
			const struct elexon_unit *units, size_t n_units, struct elexon_stack *stack, struct reason *why)
{
	const struct stake stake = { .sign = side == ELEXON_BID ? -1 : 0, .all = !units, .units = units, .n_units = n_units };

	return parse_stack(body, len, day, period, side, &stake, stack, why);
}

bool elexon_parse_offers(const char *body, size_t len, day_t day, int period, struct elexon_stack *stack,
			 struct reason *why)
{
	return parse_stack(body, len, day, period, ELEXON_OFFER, &(struct stake){ .sign = 1 }, stack, why);
}

bool elexon_is_final(const struct elexon_stack *stack, instant_t fetched_at)
{
	instant_t end = period_start(stack->day, stack->period) + PERIOD_SECONDS;
	bool dated = stack->rows_seen > stack->undated;

	if (dated && stack->oldest_created - end < DAY_SECONDS)
		return false;
	dated = dated && stack->undated == 0 && stack->newest_created <= fetched_at + DAY_SECONDS;
	return dated || fetched_at >= day_final_from(stack->day);
}
