#include "reckon.h"

#include <stdio.h>
#include <string.h>

#include "energy.h"
#include "tsv.h"

const char *difference_name(enum difference difference)
{
	static const char *const name[] = { "missing", "stale", "orphan" };

	return name[difference];
}

/* Cut zeros that say nothing: "13.500" is "13.5", "3050.000" is "3050". */
static char *trim_zeros(char *text)
{
	size_t len = strlen(text);

	if (!strchr(text, '.'))
		return text;
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	return text;
}

bool reckon_inputs_given(const struct reckon_facts *facts, day_t day, int period, unsigned __int128 difficulty,
			 int64_t subsidy, struct period_inputs *inputs, struct reason *why)
{
	instant_t start = period_start(day, period);

	inputs->difficulty = difficulty;
	inputs->subsidy = subsidy;
	if (!difficulty && !network_difficulty_at(facts->network, start, &inputs->difficulty, why))
		return false;
	if (!subsidy && !network_subsidy_at(facts->network, start, &inputs->subsidy, why))
		return false;
	trim_zeros(fixed_format(inputs->difficulty, 8, inputs->difficulty_text));
	satoshi_format(inputs->subsidy, inputs->subsidy_text);
	return true;
}

bool reckon_inputs(const struct reckon_facts *facts, day_t day, int period, struct period_inputs *inputs,
		   struct reason *why)
{
	return reckon_inputs_given(facts, day, period, 0, 0, inputs, why);
}

bool reckon_row(struct buf *row, day_t day, const struct pair *pair, const struct miner_model *model,
		const struct period_inputs *inputs, struct reason *why)
{
	char date[DAY_TEXT], mwh[NMWH_TEXT], btc[SATOSHI_TEXT], hashrate[48], power[48];
	int64_t miners = btc_miners(pair->nmwh, model), satoshi;

	if (!btc_mined(miners, model, inputs->difficulty, inputs->subsidy, &satoshi, why))
		return false;
	buf_addf(row, "%s\t%d\t", day_format(day, date), pair->period);
	copy_escape(row, pair->farm);
	buf_addc(row, '\t');
	copy_escape(row, model->name);
	buf_addf(row, "\t%s\t%lld\t%s\t%s\t%s\t%s\t%s", nmwh_format(pair->nmwh, mwh), (long long)miners,
		 inputs->difficulty_text, inputs->subsidy_text,
		 trim_zeros(fixed_format((unsigned __int128)model->hashrate_ghs, 3, hashrate)),
		 trim_zeros(fixed_format((unsigned __int128)model->power_mw, 3, power)), satoshi_format(satoshi, btc));
	return true;
}

/* Comparing ---------------------------------------------------------------------------------- */

struct key {
	int period;
	char farm[FARM_TEXT];
	char model[64];
};

/* The walk over the two sides. */
struct walk {
	const struct reckon_facts *facts;
	day_t day;
	const struct comparison *comparison;
	struct day_count *count;
	struct reason *why;
	const char *stored;		/* the stored row that is next; NULL at the end */
	struct key key;			/* and its key */
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

/* Step to the next stored row and read its key. */
static bool step(struct walk *w)
{
	const char *p = w->stored = w->comparison->next_stored(w->comparison->source);
	char date[DAY_TEXT], period[8];

	if (!p)
		return true;
	if (!(p = take_field(p, date, sizeof date)) || !(p = take_field(p, period, sizeof period)) ||
	    !(p = take_field(p, w->key.farm, sizeof w->key.farm)) ||
	    !take_field(p, w->key.model, sizeof w->key.model) || sscanf(period, "%d", &w->key.period) != 1)
		return reason_set(w->why, "a stored calculation cannot be read: %.120s", w->stored);
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
	struct difference_row d = {
		.difference = difference, .day = w->day, .period = period, .farm = farm, .model = model, .unknown = unknown,
		.row = difference == ORPHAN || unknown ? NULL : w->row.data,
		.row_len = difference == ORPHAN || unknown ? 0 : w->row.len,
	};

	w->count->missing += difference == MISSING;
	w->count->stale += difference == STALE;
	w->count->orphan += difference == ORPHAN;
	w->count->unknown += unknown != NULL;
	if (w->comparison->differs)
		w->comparison->differs(w->comparison->ctx, &d);
}

/* One calculation that should be stored, or for an inactive model may be. */
static bool compare_one(struct walk *w, const struct pair *pair, const struct reckon_model *m,
			const struct period_inputs *inputs, const char *unknown)
{
	int order = 0;

	while (w->stored && (order = compare_key(&w->key, pair->period, pair->farm, m->model.name)) < 0) {
		report(w, ORPHAN, w->key.period, w->key.farm, w->key.model, NULL);
		if (!step(w))
			return false;
	}
	w->count->expected += m->active;
	if (!w->stored || order > 0) {
		if (!m->active)
			return true;
		buf_clear(&w->row);
		if (!unknown && !reckon_row(&w->row, w->day, pair, &m->model, inputs, w->why))
			return false;
		report(w, MISSING, pair->period, pair->farm, m->model.name, unknown);
		return true;
	}
	w->count->present += m->active;
	buf_clear(&w->row);
	if (!unknown && !reckon_row(&w->row, w->day, pair, &m->model, inputs, w->why))
		return false;
	if (unknown || strcmp(w->row.data, w->stored) != 0)
		report(w, STALE, pair->period, pair->farm, m->model.name, unknown);
	return step(w);
}

static bool walk_day(struct walk *w, const struct pair *pairs, size_t n_pairs)
{
	struct period_inputs inputs;
	struct reason no_inputs;
	const char *unknown = NULL;
	int period = 0;

	if (!step(w))
		return false;
	for (size_t i = 0; i < n_pairs; i++) {
		if (pairs[i].period != period) {
			period = pairs[i].period;
			unknown = reckon_inputs(w->facts, w->day, period, &inputs, &no_inputs) ? NULL : no_inputs.text;
		}
		for (size_t m = 0; m < w->facts->n_models; m++)
			if (!compare_one(w, &pairs[i], &w->facts->models[m], &inputs, unknown))
				return false;
	}
	while (w->stored) {
		report(w, ORPHAN, w->key.period, w->key.farm, w->key.model, NULL);
		if (!step(w))
			return false;
	}
	return true;
}

bool reckon_compare(const struct reckon_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
		    const struct comparison *comparison, struct day_count *count, struct reason *why)
{
	struct walk walk = {
		.facts = facts, .day = day, .comparison = comparison, .count = count, .why = why, .row = BUF_INIT,
	};
	bool ok;

	*count = (struct day_count){ 0 };
	ok = walk_day(&walk, pairs, n_pairs);
	buf_release(&walk.row);
	return ok;
}
