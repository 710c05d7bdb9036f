#include "calculation/calculation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "exact/energy.h"
#include "format/copy_text.h"

const char *difference_name(enum difference difference)
{
	static const char *const name[] = { "missing", "stale", "orphan" };

	return name[difference];
}

bool model_in_force(const struct calculation_model *model, day_t day)
{
	return model->active || day < model->retired_from;
}

bool calculation_inputs_given(const struct calculation_facts *facts, day_t day, int period,
			      unsigned __int128 difficulty, int64_t subsidy, struct period_inputs *inputs, struct reason *why)
{
	instant_t start = period_start(day, period);

	inputs->difficulty = difficulty;
	inputs->subsidy = subsidy;
	if (!difficulty && !network_difficulty_at(facts->network, start, &inputs->difficulty, why))
		return false;
	if (!subsidy && !network_subsidy_at(facts->network, start, &inputs->subsidy, why))
		return false;
	fixed_trim(fixed_format(inputs->difficulty, 8, inputs->difficulty_text));
	satoshi_format(inputs->subsidy, inputs->subsidy_text);
	return true;
}

bool calculation_inputs(const struct calculation_facts *facts, day_t day, int period, struct period_inputs *inputs,
			struct reason *why)
{
	return calculation_inputs_given(facts, day, period, 0, 0, inputs, why);
}

/* Comparing ---------------------------------------------------------------------------------- */

struct key {
	int period;
	char farm[FARM_TEXT];
	char model[64];
};

/* What a day calls for of one model. */
struct demand {
	bool in_force;			/* a calculation for each pair, and it counts */
	bool due;			/* the same, or the model is retired and the day holds calculations of it */
};

/* What a period and a model put into each of their rows, between the machines and the bitcoin. */
struct terms {
	char text[3 * FIXED_TEXT + SATOSHI_TEXT];
};

/* The walk over the two sides. */
struct walk {
	const struct calculation_facts *facts;
	day_t day;
	const struct comparison *comparison;
	struct day_count *count;
	struct reason *why;

	const char *stored;		/* the stored row that is next; NULL at the end */
	struct key key;			/* its key, if that was needed */
	bool has_key;

	struct period_inputs inputs;	/* of the period, if they are known */
	const char *unknown;		/* and else why not */
	struct reason why_unknown;
	struct terms *terms;		/* one for each model */
	struct demand *demands;		/* likewise */
	struct buf ahead;		/* the day's stored rows, each with its NUL, where they had to be read first */
	size_t at;			/* in ahead */
	bool read_ahead;
	struct buf pair;		/* what each row of the pair begins with */
	char mwh[NMWH_TEXT];
	struct buf row;			/* the row that should be stored */
};

/* Copy one COPY text field, unescaped, up to the tab. NULL if it does not fit; else behind the tab. */
static const char *take_field(const char *from, char *to, size_t size)
{
	static const char letter[] = "tnrbfv", byte[] = "\t\n\r\b\f\v";

	for (; *from && *from != '\t'; from++) {
		char c = *from;

		if (c == '\\' && from[1]) {
			const char *known = strchr(letter, *++from);

			c = known ? byte[known - letter] : *from;
		}
		if (size-- <= 1)
			return NULL;
		*to++ = c;
	}
	*to = '\0';
	return *from ? from + 1 : from;
}

static void step(struct walk *w)
{
	if (!w->read_ahead) {
		w->stored = w->comparison->next_stored(w->comparison->source);
	} else if (w->at == w->ahead.len) {
		w->stored = NULL;
	} else {
		w->stored = w->ahead.data + w->at;
		w->at += strlen(w->stored) + 1;
	}
	w->has_key = false;
}

/* The key of the stored row: most rows are what they should be, and it is never asked for. */
static bool read_key(struct walk *w)
{
	const char *p = w->stored;
	char date[DAY_TEXT], period[8];

	if (w->has_key)
		return true;
	if (!(p = take_field(p, date, sizeof date)) || !(p = take_field(p, period, sizeof period)) ||
	    !(p = take_field(p, w->key.farm, sizeof w->key.farm)) ||
	    !(p = take_field(p, w->key.model, sizeof w->key.model)) || !*p || sscanf(period, "%d", &w->key.period) != 1)
		return reason_set(w->why, "a stored calculation cannot be read: %.120s", w->stored);
	w->has_key = true;
	return true;
}

static int compare_key(const struct key *key, int period, const char *farm, const char *model)
{
	int order = (key->period > period) - (key->period < period);

	if (!order)
		order = strcmp(key->farm, farm);
	return order ? order : strcmp(key->model, model);
}

static void report(struct walk *w, enum difference difference, int period, const char *farm, const char *model,
		   const char *unknown)
{
	bool has_row = difference != ORPHAN && !unknown;
	struct difference_row d = {
		.difference = difference, .day = w->day, .period = period, .farm = farm, .model = model, .unknown = unknown,
		.impossible = unknown && !w->unknown,
		.row = has_row ? w->row.data : NULL, .row_len = has_row ? w->row.len : 0,
	};

	w->count->missing += difference == MISSING;
	w->count->stale += difference == STALE;
	w->count->orphan += difference == ORPHAN;
	w->count->unknown += unknown != NULL;
	if (w->comparison->differs)
		w->comparison->differs(w->comparison->ctx, &d);
}

/* The stored row has no place among what should be there. */
static bool report_orphan(struct walk *w)
{
	if (!read_key(w))
		return false;
	report(w, ORPHAN, w->key.period, w->key.farm, w->key.model, NULL);
	step(w);
	return true;
}

static void begin_period(struct walk *w, int period)
{
	w->unknown = NULL;
	if (!calculation_inputs(w->facts, w->day, period, &w->inputs, &w->why_unknown)) {
		w->unknown = w->why_unknown.text;
		return;
	}
	for (size_t m = 0; m < w->facts->n_models; m++) {
		const struct miner_model *model = &w->facts->models[m].model;
		char hashrate[FIXED_TEXT], power[FIXED_TEXT];

		snprintf(w->terms[m].text, sizeof w->terms[m].text, "\t%s\t%s\t%s\t%s\t", w->inputs.difficulty_text,
			 w->inputs.subsidy_text,
			 fixed_trim(fixed_format((unsigned __int128)model->hashrate_ghs, 3, hashrate)),
			 fixed_trim(fixed_format((unsigned __int128)model->power_mw, 3, power)));
	}
}

static void begin_pair(struct walk *w, const struct pair *pair)
{
	char date[DAY_TEXT];

	buf_clear(&w->pair);
	buf_addf(&w->pair, "%s\t%d\t", day_format(w->day, date), pair->period);
	copy_escape(&w->pair, pair->farm);
	buf_addc(&w->pair, '\t');
	nmwh_format(pair->nmwh, w->mwh);
}

/* Make the row that should be stored. NULL, or why it cannot be made. */
static const char *make_row(struct walk *w, const struct pair *pair, size_t m)
{
	const struct miner_model *model = &w->facts->models[m].model;
	int64_t miners = btc_miners(pair->nmwh, model), satoshi;
	char number[FIXED_TEXT], btc[SATOSHI_TEXT];

	if (w->unknown)
		return w->unknown;
	if (!btc_mined(miners, model, w->inputs.difficulty, w->inputs.subsidy, &satoshi, &w->why_unknown))
		return w->why_unknown.text;
	buf_clear(&w->row);
	buf_add(&w->row, w->pair.data, w->pair.len);
	copy_escape(&w->row, model->name);
	buf_addc(&w->row, '\t');
	buf_adds(&w->row, w->mwh);
	buf_addc(&w->row, '\t');
	buf_adds(&w->row, fixed_format((unsigned __int128)miners, 0, number));
	buf_adds(&w->row, w->terms[m].text);
	buf_adds(&w->row, satoshi_format(satoshi, btc));
	return NULL;
}

/* The stored row is of a model that is retired: then the day keeps all of that model. */
static void keep_retired(struct walk *w)
{
	for (size_t m = 0; m < w->facts->n_models; m++)
		w->demands[m].due |= strcmp(w->facts->models[m].model.name, w->key.model) == 0;
}

/* What the day calls for of each model.  Only where one is retired, the day's rows must be seen before. */
static bool begin_day(struct walk *w)
{
	bool retired = false;

	for (size_t m = 0; m < w->facts->n_models; m++) {
		w->demands[m].in_force = w->demands[m].due = model_in_force(&w->facts->models[m], w->day);
		retired |= !w->demands[m].in_force;
	}
	step(w);
	if (!retired)
		return true;
	for (; w->stored; step(w)) {
		if (!read_key(w))
			return false;
		keep_retired(w);
		buf_add(&w->ahead, w->stored, strlen(w->stored) + 1);
	}
	w->read_ahead = true;
	step(w);
	return true;
}

/* The length of a field, up to a tab or the end, without zeros behind a point that say nothing. */
static size_t figure_len(const char *field, size_t len)
{
	if (!memchr(field, '.', len))
		return len;
	while (field[len - 1] == '0')
		len--;
	return len - (field[len - 1] == '.');
}

/* Do two rows of one key hold the same figures?  Somebody may have written one with more zeros. */
static bool same_figures(const char *a, const char *b)
{
	for (;;) {
		const size_t a_len = strcspn(a, "\t"), b_len = strcspn(b, "\t"), len = figure_len(a, a_len);

		if (figure_len(b, b_len) != len || memcmp(a, b, len) != 0)
			return false;
		if (!a[a_len] || !b[b_len])
			return a[a_len] == b[b_len];
		a += a_len + 1;
		b += b_len + 1;
	}
}

/* One calculation that should be stored, or for a retired model may be. */
static bool compare_one(struct walk *w, const struct pair *pair, size_t m)
{
	const struct calculation_model *model = &w->facts->models[m];
	const struct demand *demand = &w->demands[m];
	const char *unknown = make_row(w, pair, m);
	int order = 1;

	w->count->expected += demand->in_force;
	if (!unknown && w->stored && strcmp(w->row.data, w->stored) == 0) {
		w->count->present += demand->in_force;
		w->count->right += demand->in_force;
		step(w);
		return true;
	}
	while (w->stored) {
		if (!read_key(w))
			return false;
		order = compare_key(&w->key, pair->period, pair->farm, model->model.name);
		if (order >= 0)
			break;
		if (!report_orphan(w))
			return false;
	}
	if (!w->stored || order > 0) {
		if (demand->due)
			report(w, MISSING, pair->period, pair->farm, model->model.name, unknown);
		return true;
	}
	w->count->present += demand->in_force;
	if (unknown || !same_figures(w->row.data, w->stored))
		report(w, STALE, pair->period, pair->farm, model->model.name, unknown);
	else
		w->count->right += demand->in_force;
	step(w);
	return true;
}

static bool walk_day(struct walk *w, const struct pair *pairs, size_t n_pairs)
{
	if (!begin_day(w))
		return false;
	for (size_t i = 0; i < n_pairs; i++) {
		if (i == 0 || pairs[i].period != pairs[i - 1].period)
			begin_period(w, pairs[i].period);
		begin_pair(w, &pairs[i]);
		for (size_t m = 0; m < w->facts->n_models; m++)
			if (!compare_one(w, &pairs[i], m))
				return false;
	}
	while (w->stored)
		if (!report_orphan(w))
			return false;
	return true;
}

bool calculations_compare(const struct calculation_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
			  const struct comparison *comparison, struct day_count *count, struct reason *why)
{
	struct walk walk = {
		.facts = facts, .day = day, .comparison = comparison, .count = count, .why = why, .row = BUF_INIT,
		.ahead = BUF_INIT, .terms = xmalloc(facts->n_models * sizeof *walk.terms),
		.demands = xmalloc(facts->n_models * sizeof *walk.demands),
	};
	bool ok;

	*count = (struct day_count){ 0 };
	ok = walk_day(&walk, pairs, n_pairs);
	free(walk.terms);
	free(walk.demands);
	buf_release(&walk.ahead);
	buf_release(&walk.pair);
	buf_release(&walk.row);
	return ok;
}
