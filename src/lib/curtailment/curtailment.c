#include "curtailment/curtailment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"

const char *const curtailed_columns[] = {
	"settlement_date", "settlement_period", "farm_id", "lead_party_name", "volume", "original_price",
	"final_price", "payment", "so_flag", "cadl_flag", "acceptance_id", "pair_id", "stack",
	"sequence_number", "source_created_at", "transmission_loss_multiplier", NULL
};

/* What is curtailment ------------------------------------------------------------------------- */

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

/* A capacity that is not known may be a farm's. */
static bool may_generate(const struct elexon_unit *unit)
{
	return !*unit->capacity_mw || has_capacity(unit);
}

static void note_doubtful(struct curtailed_selection *selection, const struct elexon_row *row,
			  const struct elexon_unit *unit)
{
	bool cheap = is_cheap(row);

	if (row->so_flag != ELEXON_TRUE || (unit && (unit->fuel_type || !may_generate(unit) || !cheap)))
		return;
	selection->doubtful[selection->n_doubtful++] = (struct curtailed_doubtful){ row, !unit, cheap };
}

/* Whether this was turned down for the system the source does not say.  Of a unit that no list calls anything it is not
 * known either whether it is wind: one that pays for it is taken to save fuel. */
static void note_unflagged(struct curtailed_selection *selection, const struct elexon_row *row,
			   const struct elexon_unit *unit)
{
	bool undecided = (!unit || (!unit->fuel_type && may_generate(unit))) && is_cheap(row);

	if (!elexon_is_wind(unit) && !undecided)
		return;
	if (selection->n_unflagged++ == 0)
		selection->unflagged = (struct curtailed_kept){ row, unit };
}

/* An adjustment may be without a unit; an acceptance is always one's. */
static void note_unnamed(struct curtailed_selection *selection, const struct elexon_row *row)
{
	if (*row->id || !row->has_acceptance_id || !is_cheap(row))
		return;
	if (selection->n_unnamed++ == 0)
		selection->unnamed = row;
}

bool curtailed_select(const struct elexon_stack *stack, const struct elexon_unit *units, size_t n_units,
		      bool all_flags, struct curtailed_selection *selection, struct reason *why)
{
	struct decimal volume;
	bool ok = true;

	*selection = (struct curtailed_selection){
		.kept = xmalloc(stack->n_rows * sizeof *selection->kept),
		.passed_over = xmalloc((stack->n_rows + stack->n_left_out) * sizeof *selection->passed_over),
		.doubtful = xmalloc(stack->n_rows * sizeof *selection->doubtful),
	};
	decimal_init(&selection->volume);
	decimal_init(&volume);
	for (size_t i = 0; ok && i < stack->n_rows; i++) {
		const struct elexon_row *row = &stack->rows[i];
		const struct elexon_unit *unit;

		if (row->sign >= 0 || (!all_flags && row->so_flag == ELEXON_FALSE))
			continue;
		if (is_adjustment(row->id)) {
			note_unnamed(selection, row);
			continue;
		}
		unit = elexon_find_unit(units, n_units, row->id);
		if (!all_flags && row->so_flag == ELEXON_NULL) {
			note_unflagged(selection, row, unit);
			continue;
		}
		if (!elexon_is_wind(unit)) {
			selection->passed_over[selection->n_passed_over++] = row->id;
			note_doubtful(selection, row, unit);
			continue;
		}
		if (row->contradicts) {
			ok = reason_set(why, "period %d, row %d (%s): same acceptance, pair and sequence as row %d, "
					"but another content", stack->period, row->number, row->id, row->contradicts);
			break;
		}
		selection->kept[selection->n_kept++] = (struct curtailed_kept){ row, unit };
		decimal_parse_text(&volume, row->volume, DECIMAL_PLAIN, NULL);
		decimal_add(&selection->volume, &selection->volume, &volume);
	}
	for (size_t i = 0; i < stack->n_left_out; i++)
		if (!is_adjustment(stack->left_out[i]))
			selection->passed_over[selection->n_passed_over++] = stack->left_out[i];
	decimal_release(&volume);
	return ok;
}

void curtailed_selection_release(struct curtailed_selection *selection)
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

bool curtailed_payment(const struct elexon_row *row, struct buf *out)
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

/* Of a date ----------------------------------------------------------------------------------- */

void curtailed_init(struct curtailed_day *d, day_t day, uint64_t periods)
{
	memset(d, 0, sizeof *d);
	d->day = day;
	day_format(day, d->text);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		struct curtailed_period *period = &d->period[p];

		if (!(periods >> (p - 1) & 1))
			continue;
		period->state = PERIOD_AWAITED;
		period->absent = period->final = true;
		decimal_init(&period->volume);
		decimal_init(&period->payment);
	}
}

void curtailed_release(struct curtailed_day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		struct curtailed_period *period = &d->period[p];

		if (period->state == PERIOD_NOT_WANTED)
			continue;
		decimal_release(&period->volume);
		decimal_release(&period->payment);
		buf_release(&period->rows);
		buf_release(&period->passed_over);
		for (size_t i = 0; i < period->n_undecided; i++) {
			decimal_release(&period->undecided[i].volume);
			decimal_release(&period->undecided[i].payment);
		}
		free(period->undecided);
		free(period->lines);
		free(period->passed_over_ids);
	}
}

int curtailed_count(const struct curtailed_day *d, enum period_state state)
{
	int n = 0;

	for (int p = 1; p <= MAX_PERIODS; p++)
		n += d->period[p].state == state;
	return n;
}

int curtailed_count_absent(const struct curtailed_day *d)
{
	int n = 0;

	for (int p = 1; p <= MAX_PERIODS; p++)
		n += d->period[p].state == PERIOD_FETCHED && d->period[p].absent;
	return n;
}

bool curtailed_is_nowhere(const struct curtailed_day *d, bool archived, instant_t now)
{
	int wanted = MAX_PERIODS - curtailed_count(d, PERIOD_NOT_WANTED);
	bool overdue = wanted == settlement_periods(d->day) && now >= day_final_from(d->day);

	return wanted > 0 && curtailed_count_absent(d) == wanted && (archived || overdue);
}

static void add_text(struct decimal *sum, const char *text)
{
	struct decimal value;

	decimal_init(&value);
	decimal_parse_text(&value, text, DECIMAL_PLAIN, NULL);
	decimal_add(sum, sum, &value);
	decimal_release(&value);
}

static struct curtailed_undecided *undecided_unit(struct curtailed_period *period, const char *id)
{
	struct curtailed_undecided *unit;

	for (size_t i = 0; i < period->n_undecided; i++)
		if (strcmp(period->undecided[i].id, id) == 0)
			return &period->undecided[i];
	period->undecided = xrealloc(period->undecided, (period->n_undecided + 1) * sizeof *period->undecided);
	unit = &period->undecided[period->n_undecided++];
	*unit = (struct curtailed_undecided){ .cheap = true };
	memcpy(unit->id, id, strlen(id) + 1);
	decimal_init(&unit->volume);
	decimal_init(&unit->payment);
	return unit;
}

static void take_doubtful(struct curtailed_period *period, const struct curtailed_doubtful *doubtful)
{
	struct curtailed_undecided *unit = undecided_unit(period, doubtful->row->id);
	struct buf payment = BUF_INIT;

	unit->rows++;
	unit->unknown = doubtful->unknown;
	unit->cheap &= doubtful->cheap;
	add_text(&unit->volume, doubtful->row->volume);
	if (curtailed_payment(doubtful->row, &payment))
		add_text(&unit->payment, payment.data);
	buf_release(&payment);
}

bool curtailed_take(struct curtailed_day *d, const struct elexon_stack *stack, struct curtailed_source source,
		    const struct elexon_unit *units, size_t n_units, bool all_flags, struct reason *why)
{
	struct curtailed_period *period = &d->period[stack->period];
	struct curtailed_selection s;
	bool ok = curtailed_select(stack, units, n_units, all_flags, &s, why);

	if (ok) {
		period->absent &= source.absent;
		period->final &= source.final;
		/* A row that names no unit is none of any unit. */
		period->rows_seen += stack->rows_seen - stack->unnamed;
		period->rows_kept += (int)s.n_kept;
		if (stack->rows_seen > stack->undated && (!period->has_created || stack->newest_created > period->created)) {
			period->has_created = true;
			period->created = stack->newest_created;
		}
		decimal_add(&period->volume, &period->volume, &s.volume);
		for (size_t i = 0; i < s.n_doubtful; i++)
			take_doubtful(period, &s.doubtful[i]);
		if (s.n_unflagged && !period->n_unflagged)
			snprintf(period->unflagged, sizeof period->unflagged, "%s%s: %.32s MWh", s.unflagged.row->id,
				 elexon_is_wind(s.unflagged.unit) ? "" : ", of which no list says whether it is wind",
				 s.unflagged.row->volume + 1);
		period->n_unflagged += s.n_unflagged;
		if (s.n_unnamed && !period->n_unnamed)
			snprintf(period->unnamed, sizeof period->unnamed, "row %d: %.32s MWh", s.unnamed->number, s.unnamed->volume + 1);
		period->n_unnamed += s.n_unnamed;
		period->lines = xrealloc(period->lines, (period->n_lines + s.n_kept) * sizeof *period->lines);
		for (size_t i = 0; i < s.n_kept; i++)
			period->lines[period->n_lines++] = (struct curtailed_line){ s.kept[i].row, s.kept[i].unit, stack->side };
		period->passed_over_ids = xrealloc(period->passed_over_ids, (period->n_passed_over_ids + s.n_passed_over + 1) *
						   sizeof *period->passed_over_ids);
		memcpy(period->passed_over_ids + period->n_passed_over_ids, s.passed_over,
		       s.n_passed_over * sizeof *s.passed_over);
		period->n_passed_over_ids += s.n_passed_over;
	}
	curtailed_selection_release(&s);
	return ok;
}

/* The order of the table's key; null comes last, as in the database. */
static int by_key(const void *x, const void *y)
{
	const struct curtailed_line *a = x, *b = y;
	int order = strcmp(a->row->id, b->row->id);

#define THEN(p, q) if (!order) order = ((p) > (q)) - ((p) < (q))
	THEN(a->side, b->side);
	THEN(b->row->has_acceptance_id, a->row->has_acceptance_id);
	THEN(a->row->acceptance_id, b->row->acceptance_id);
	THEN(b->row->has_pair_id, a->row->has_pair_id);
	THEN(a->row->pair_id, b->row->pair_id);
	THEN(a->row->sequence_number, b->row->sequence_number);
#undef THEN
	return order;
}

static void put_number(struct tsv_writer *w, const char *text)
{
	tsv_plain(w, *text ? text : NULL);
}

static void put_flag(struct tsv_writer *w, enum elexon_flag flag)
{
	if (flag == ELEXON_NULL)
		tsv_null(w);
	else
		tsv_bool(w, flag == ELEXON_TRUE);
}

static void put_id(struct tsv_writer *w, bool has, int64_t id)
{
	if (has)
		tsv_int(w, id);
	else
		tsv_null(w);
}

static void put_line(struct tsv_writer *w, const char *date, int period, const struct curtailed_line *line,
		     const char *payment)
{
	const struct elexon_row *row = line->row;
	char created[INSTANT_TEXT];

	tsv_plain(w, date);
	tsv_int(w, period);
	tsv_text(w, row->id);
	tsv_text(w, line->unit->lead_party_name);
	tsv_plain(w, row->volume);
	put_number(w, row->original_price);
	put_number(w, row->final_price);
	tsv_plain(w, payment);
	put_flag(w, row->so_flag);
	put_flag(w, row->cadl_flag);
	put_id(w, row->has_acceptance_id, row->acceptance_id);
	put_id(w, row->has_pair_id, row->pair_id);
	tsv_text(w, elexon_side_name(line->side));
	tsv_int(w, row->sequence_number);
	tsv_plain(w, row->has_created_at ? instant_format(row->created_at, created) : NULL);
	put_number(w, row->transmission_loss_multiplier);
	tsv_end_row(w);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* An id may be anything: in quotes nothing of it is syntax but these two. */
static void put_array(struct buf *to, const char **ids, size_t n)
{
	if (n)
		qsort(ids, n, sizeof *ids, by_text);
	buf_addc(to, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(ids[i - 1], ids[i]) == 0)
			continue;
		buf_adds(to, i > 0 ? ",\"" : "\"");
		for (const char *c = ids[i]; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_addc(to, '\\');
			buf_addc(to, *c);
		}
		buf_addc(to, '"');
	}
	buf_addc(to, '}');
}

/* What no unit is remarked on for, in MWh.  A registered capacity may be that of a farm half built, and decides
 * nothing.  Plausibility, not money: doubles will do. */
#define NONE_IS_NOTED_FOR 100.0

static void doubt_unit(struct curtailed_period *period, const struct elexon_unit *unit, double mwh)
{
	double can = has_capacity(unit) ? strtod(unit->capacity_mw, NULL) / 2 : ELEXON_NO_UNIT_MAKES;

	period->impossible = mwh > ELEXON_NO_UNIT_MAKES;
	if (period->impossible)
		snprintf(period->excess, sizeof period->excess, "%s: %.0f MWh in half an hour, more than any unit can make",
			 unit->id, mwh);
	else if (mwh > 10 * can && mwh > NONE_IS_NOTED_FOR)
		snprintf(period->excess, sizeof period->excess, "%s: %.0f MWh in half an hour, where its capacity makes %.1f",
			 unit->id, mwh, can);
}

/* Note the first unit, of the sorted lines, whose energy cannot be, or else the last that made more than its capacity
 * allows. */
static void note_excess(struct curtailed_period *period)
{
	double mwh = 0;

	for (size_t i = 0; i < period->n_lines && !period->impossible; i++) {
		const struct curtailed_line *line = &period->lines[i];

		mwh = (i > 0 && line->unit == line[-1].unit ? mwh : 0) - strtod(line->row->volume, NULL);
		doubt_unit(period, line->unit, mwh);
	}
}

static void note_price(struct curtailed_period *period, const struct curtailed_line *line)
{
	const struct elexon_row *row = line->row;

	if (!*row->original_price && !*period->unpriced)
		snprintf(period->unpriced, sizeof period->unpriced, "%s: %.32s MWh", row->id, row->volume + 1);
	if (!*period->dear && elexon_price_is_implausible(row))
		snprintf(period->dear, sizeof period->dear, "%s: %.32s MWh at %.32s GBP a MWh, an implausible price", row->id,
			 row->volume + 1, row->original_price);
}

static void note_doubled(struct curtailed_period *period)
{
	for (size_t i = 1; i < period->n_lines; i++) {
		const struct curtailed_line *line = &period->lines[i], *before = line - 1;

		if (line->side == before->side)
			elexon_note_doubled(&period->doubled, line->row, before->row);
	}
}

void curtailed_settle(struct curtailed_day *d, int number, struct tsv_writer *w)
{
	struct curtailed_period *period = &d->period[number];
	struct buf payment = BUF_INIT;

	if (period->n_lines)
		qsort(period->lines, period->n_lines, sizeof *period->lines, by_key);
	note_excess(period);
	note_doubled(period);
	for (size_t i = 0; i < period->n_lines; i++) {
		bool paid;

		buf_clear(&payment);
		paid = curtailed_payment(period->lines[i].row, &payment);
		note_price(period, &period->lines[i]);
		put_line(w, d->text, number, &period->lines[i], paid ? payment.data : NULL);
		if (paid)
			add_text(&period->payment, payment.data);
	}
	buf_add(&period->rows, w->line.data, w->line.len);
	buf_clear(&w->line);
	put_array(&period->passed_over, period->passed_over_ids, period->n_passed_over_ids);
	free(period->lines);
	free(period->passed_over_ids);
	period->lines = NULL;
	period->passed_over_ids = NULL;
	period->n_lines = period->n_passed_over_ids = 0;
	period->state = PERIOD_FETCHED;
	buf_release(&payment);
}

/* Settlement has one volume for an acceptance and pair.  A few that stand twice are named and count; where it is most
 * of the lines, the answer was put together of two. */
#define DOUBLED_LEAST 5

static bool is_doubled(const struct curtailed_period *answer)
{
	return answer->doubled.n >= DOUBLED_LEAST && 2 * answer->doubled.n >= answer->rows_kept;
}

bool curtailed_doubt(const struct curtailed_period *answer, const struct stored_period *stored, struct reason *why)
{
	bool known = stored->there && stored->final && decimal_cmp(&answer->volume, &stored->volume) == 0, gone;
	struct decimal twice;

	if (answer->impossible && !known) {
		reason_set(why, "%s", answer->excess);
		return true;
	}
	if (is_doubled(answer) && !known) {
		reason_set(why, "of %d rows of wind %d repeat an acceptance and pair of another", answer->rows_kept,
			   answer->doubled.n);
		return true;
	}
	if (answer->rows_seen == 0 && answer->final && !(stored->there && stored->final && stored->rows_seen == 0)) {
		reason_set(why, "no row of any unit, though the period is settled");
		return true;
	}
	if (stored->there && 2 * answer->rows_seen < stored->rows_seen) {
		reason_set(why, "%d %s of any unit, where %d were stored", answer->rows_seen,
			   plural(answer->rows_seen, "row", "rows"), stored->rows_seen);
		return true;
	}
	if (!stored->there || !stored->final || stored->other_register)
		return false;
	decimal_init(&twice);
	decimal_add(&twice, &answer->volume, &answer->volume);
	gone = decimal_cmp(&twice, &stored->volume) > 0;	/* both are negative */
	decimal_release(&twice);
	if (gone)
		reason_set(why, "more than half of the curtailed energy that was final is gone");
	return gone;
}

void curtailed_print(const struct curtailed_day *d, struct tsv_writer *out)
{
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (d->period[p].state == PERIOD_FETCHED && d->period[p].rows.len)
			tsv_rows(out, &d->period[p].rows);
}
