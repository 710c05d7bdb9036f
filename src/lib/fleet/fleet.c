#include "fleet/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void fleet_begin(struct fleet *fleet, const struct market *market, const struct miner_model *model, long min_run,
		 const int64_t *sizes, size_t n_sizes)
{
	*fleet = (struct fleet){ .market = market, .model = *model, .min_run = min_run, .n_tallies = n_sizes };
	fleet->tallies = xmalloc(n_sizes * sizeof *fleet->tallies);
	memset(fleet->tallies, 0, n_sizes * sizeof *fleet->tallies);
	for (size_t i = 0; i < n_sizes; i++) {
		fleet->tallies[i].machines = sizes[i];
		fleet->tallies[i].era = -1;
		fleet->tallies[i].running = xmalloc(market->n_half_hours * sizeof(int64_t));
		memset(fleet->tallies[i].running, 0, market->n_half_hours * sizeof(int64_t));
	}
}

/* payment × used / energy, rounded half away from zero. */
static __int128 in_proportion(int64_t payment, int64_t used, int64_t energy)
{
	__int128 product = (__int128)payment * used, twice = 2 * (product < 0 ? -product : product) + energy;

	twice /= 2 * (__int128)energy;
	return product < 0 ? -twice : twice;
}

/* What so many machines mine, by year. */
static void mine(struct fleet *fleet, int32_t era, int64_t machines, int64_t *satoshi)
{
	for (int year = 0; year < fleet->market->n_years; year++)
		if (!rate_mined(&fleet->market->eras[era].rates[year], machines, &satoshi[year])) {
			satoshi[year] = 0;
			fleet->overflow = true;
		}
}

/* The half hour is long enough a run: let each size have its part of it. */
static void use(struct fleet *fleet, struct place *place, const struct waiting *w)
{
	int32_t era = fleet->market->era_of[w->half_hour];
	int64_t price = fleet->market->price[fleet->market->day_of[w->half_hour]];
	int64_t all[MARKET_YEARS];
	bool all_known = false;

	if (w->machines > place->peak) {
		fleet->peaks += w->machines - place->peak;
		place->peak = w->machines;
	}
	fleet->unpriced += price == 0;
	for (struct tally *t = fleet->tallies; t < fleet->tallies + fleet->n_tallies; t++) {
		bool limited = t->machines > 0 && t->machines < w->machines;
		int64_t running = limited ? t->machines : w->machines;
		const int64_t *mined = limited ? t->full : all;

		if (limited && t->era != era) {
			mine(fleet, era, t->machines, t->full);
			t->era = era;
		}
		if (!limited && !all_known) {
			mine(fleet, era, w->machines, all);
			all_known = true;
		}
		t->running[w->half_hour] += running;
		t->machine_half_hours += running;
		t->half_hours++;
		/* 1e-9 MWh is 1 mWh, and a machine uses power_mw / 2 of them in half an hour: in proportion to twice
		 * the energy. */
		t->payment += in_proportion(w->payment, running * fleet->model.power_mw, 2 * w->nmwh);
		for (int year = 0; year < fleet->market->n_years; year++) {
			t->satoshi[year] += mined[year];
			t->value[year] += (__int128)mined[year] * price;
			if (t->satoshi[year] > ALL_COINS) {
				t->satoshi[year] = 0;
				fleet->overflow = true;
			}
		}
	}
}

static void wait_for_more(struct place *place, const struct waiting *w)
{
	if (place->n_waiting == place->size) {
		place->size = place->size ? 2 * place->size : 8;
		place->waiting = xrealloc(place->waiting, place->size * sizeof *place->waiting);
	}
	place->waiting[place->n_waiting++] = *w;
}

void fleet_add(struct fleet *fleet, struct place *place, size_t half_hour, int64_t nmwh, int64_t payment)
{
	struct waiting w = { half_hour, btc_miners(nmwh, &fleet->model), nmwh, payment };

	fleet->nmwh += nmwh;
	fleet->half_hours++;
	if (fleet->market->era_of[half_hour] < 0) {
		fleet->unknown++;
		return;
	}
	if (w.machines == 0)
		return;
	if (place->run == 0 || place->next != half_hour) {
		place->run = 0;
		place->n_waiting = 0;
	}
	place->next = half_hour + 1;
	if (++place->run < fleet->min_run) {
		wait_for_more(place, &w);
		return;
	}
	for (size_t i = 0; i < place->n_waiting; i++)
		use(fleet, place, &place->waiting[i]);
	place->n_waiting = 0;
	use(fleet, place, &w);
}

int64_t fleet_machines(const struct fleet *fleet, const struct tally *tally)
{
	return tally->machines ? tally->machines * fleet->n_places : fleet->peaks;
}

void place_release(struct place *place)
{
	free(place->waiting);
}

void place_list_reach(struct place_list *list, size_t place)
{
	for (; list->n <= place; list->n++) {
		list->rows = xgrow(list->rows, list->n, sizeof *list->rows);
		list->rows[list->n] = (struct place){ 0 };
	}
}

void place_list_release(struct place_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		place_release(&list->rows[i]);
	free(list->rows);
}

void fleet_release(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n_tallies; i++)
		free(fleet->tallies[i].running);
	free(fleet->tallies);
}
