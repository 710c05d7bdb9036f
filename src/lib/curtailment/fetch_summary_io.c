#include "curtailment/fetch_summary_io.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plural.h"
#include "os/log.h"

enum { NAMES_SAID = 8 };

void fetch_summary_init(struct fetch_summary *t)
{
	*t = (struct fetch_summary){ 0 };
	decimal_init(&t->volume);
	decimal_init(&t->payment);
}

void fetch_summary_release(struct fetch_summary *t)
{
	decimal_release(&t->volume);
	decimal_release(&t->payment);
	for (size_t i = 0; i < t->n_undecided; i++) {
		decimal_release(&t->undecided[i].volume);
		decimal_release(&t->undecided[i].payment);
	}
	free(t->undecided);
}

static void note_undecided(struct fetch_summary *t, const struct curtailed_undecided *of)
{
	struct curtailed_undecided *unit = NULL;

	for (size_t i = 0; i < t->n_undecided && !unit; i++)
		if (strcmp(t->undecided[i].id, of->id) == 0)
			unit = &t->undecided[i];
	if (!unit) {
		t->undecided = xrealloc(t->undecided, (t->n_undecided + 1) * sizeof *t->undecided);
		unit = &t->undecided[t->n_undecided++];
		*unit = (struct curtailed_undecided){ .unknown = of->unknown };
		memcpy(unit->id, of->id, sizeof unit->id);
		decimal_init(&unit->volume);
		decimal_init(&unit->payment);
	}
	unit->rows += of->rows;
	decimal_add(&unit->volume, &unit->volume, &of->volume);
	decimal_add(&unit->payment, &unit->payment, &of->payment);
}

/* Name the units of one kind with their energy, the most first. */
static void say_undecided(const struct fetch_summary *t, bool unknown, const char *what)
{
	struct buf names = BUF_INIT;
	struct decimal all;
	bool *said = xmalloc(t->n_undecided + 1);
	int rows = 0, units = 0;

	memset(said, 0, t->n_undecided + 1);
	decimal_init(&all);
	for (size_t i = 0; i < t->n_undecided; i++) {
		if (t->undecided[i].unknown != unknown)
			continue;
		rows += t->undecided[i].rows;
		units++;
		decimal_add(&all, &all, &t->undecided[i].volume);
	}
	for (int n = 0; n < units && n < NAMES_SAID; n++) {
		const struct curtailed_undecided *most = NULL;

		for (size_t i = 0; i < t->n_undecided; i++)
			if (t->undecided[i].unknown == unknown && !said[i] &&
			    (!most || decimal_cmp(&t->undecided[i].volume, &most->volume) < 0))
				most = &t->undecided[i];
		said[most - t->undecided] = true;
		buf_addf(&names, "%s%s ", n ? ", " : "", most->id);
		decimal_write(&most->volume, DECIMAL_TRIM_ZEROS, &names);
		buf_adds(&names, " MWh");
	}
	if (units > NAMES_SAID)
		buf_addf(&names, " and %d more", units - NAMES_SAID);
	if (units) {
		struct buf mwh = BUF_INIT;

		decimal_write(&all, DECIMAL_TRIM_ZEROS, &mwh);
		log_warning("%d %s of %d %s, %s MWh, left out: turned down for the system, %s: %s; "
			    "scripts/units declares what they are", rows, plural(rows, "row", "rows"), units,
			    plural(units, "unit", "units"), mwh.data, what, names.data);
		buf_release(&mwh);
	}
	decimal_release(&all);
	buf_release(&names);
	free(said);
}

void fetch_summary_add(struct fetch_summary *t, const struct curtailed_day *d, bool complete)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct curtailed_period *period = &d->period[p];

		if (period->state != PERIOD_FETCHED)
			continue;
		t->rows += period->rows_kept;
		decimal_add(&t->volume, &t->volume, &period->volume);
		decimal_add(&t->payment, &t->payment, &period->payment);
		for (size_t i = 0; i < period->n_undecided; i++)
			if (complete || !period->undecided[i].unknown || period->undecided[i].cheap)
				note_undecided(t, &period->undecided[i]);
		t->complete |= complete;
	}
	t->fetched += curtailed_count(d, PERIOD_FETCHED);
	t->failed += curtailed_count(d, PERIOD_FAILED);
	t->not_tried += curtailed_count(d, PERIOD_NOT_TRIED);
	t->suspect += curtailed_count(d, PERIOD_SUSPECT);
}

long fetch_summary_settled(const struct fetch_summary *t)
{
	return t->fetched + t->failed + t->not_tried + t->suspect;
}

void fetch_summary_say(const struct fetch_summary *t, const char *done, size_t n_days, const char *more,
		       const struct http_totals *http)
{
	struct buf mwh = BUF_INIT, payment = BUF_INIT;
	struct decimal figure;

	decimal_init(&figure);
	decimal_neg(&figure, &t->volume);
	decimal_write(&figure, DECIMAL_TRIM_ZEROS, &mwh);
	decimal_round(&figure, &t->payment, 2);
	decimal_write(&figure, DECIMAL_KEEP_ZEROS, &payment);
	say_undecided(t, false, "without a fuel type in the register");
	say_undecided(t, true, t->complete ? "not in the register (fetch-bmunits --store fetches it)"
					   : "at a price at or below zero, and not in the list of wind units");
	if (t->not_tried)
		log_error("%ld %s not tried, because the source is down%s%s", t->not_tried,
			  plural(t->not_tried, "period was", "periods were"), *http->down ? ": " : "",
			  http->down);
	log_fact(LOG_INFO, done,
		 "days=%zu periods=%ld failed=%ld not_tried=%ld rows=%lld mwh=%s payment=%s %s requests=%ld retries=%ld bytes=%lld "
		 "seconds=%.1f suspect=%ld",
		 n_days, t->fetched, t->failed, t->not_tried, t->rows, mwh.data, payment.data, more, http->started,
		 http->retried, http->bytes, http->seconds, t->suspect);
	decimal_release(&figure);
	buf_release(&mwh);
	buf_release(&payment);
}
