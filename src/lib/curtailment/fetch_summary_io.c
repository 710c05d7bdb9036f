#include "curtailment/fetch_summary_io.h"

#include <string.h>

#include "os/log.h"

enum { NAMES_SAID = 8 };

void fetch_summary_init(struct fetch_summary *t)
{
	*t = (struct fetch_summary){ .unknown = BUF_INIT };
	decimal_init(&t->volume);
	decimal_init(&t->payment);
}

void fetch_summary_release(struct fetch_summary *t)
{
	decimal_release(&t->volume);
	decimal_release(&t->payment);
	buf_release(&t->unknown);
}

static void note_unknown(struct fetch_summary *t, const struct curtailed_period *period)
{
	struct buf name = BUF_INIT;

	t->unknown_rows += period->unknown;
	buf_addf(&name, " %s,", period->first_unknown);
	if (t->n_unknown < NAMES_SAID && !(t->unknown.data && strstr(t->unknown.data, name.data))) {
		buf_adds(&t->unknown, name.data);
		t->n_unknown++;
	}
	buf_release(&name);
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
		if (period->unknown && complete)
			note_unknown(t, period);
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

void fetch_summary_say(const struct fetch_summary *t, const char *done, size_t n_days, const char *more, const struct http_totals *http)
{
	struct buf mwh = BUF_INIT, payment = BUF_INIT;
	struct decimal figure;

	decimal_init(&figure);
	decimal_neg(&figure, &t->volume);
	decimal_write(&figure, DECIMAL_TRIM_ZEROS, &mwh);
	decimal_round(&figure, &t->payment, 2);
	decimal_write(&figure, DECIMAL_KEEP_ZEROS, &payment);
	if (t->unknown_rows)
		log_warning("%ld rows are of units that the register does not know, among them%.*s; run fetch-bmunits --store",
			    t->unknown_rows, (int)t->unknown.len - 1, t->unknown.data);
	if (t->suspect)
		log_error("%ld periods are suspect: the source gives less than can be; what was stored stays until it gives more, or "
			  "until a person accepts it (fetch-elexon --store --accept-suspect DATE DATE)", t->suspect);
	if (t->not_tried)
		log_error("%ld periods were not tried, because the source is down", t->not_tried);
	log_fact(LOG_INFO, done,
		 "days=%zu periods=%ld failed=%ld not_tried=%ld rows=%lld mwh=%s payment=%s%s requests=%ld retries=%ld bytes=%lld seconds=%.1f suspect=%ld",
		 n_days, t->fetched, t->failed, t->not_tried, t->rows, mwh.data, payment.data, more, http->started,
		 http->retried, http->bytes, http->seconds, t->suspect);
	decimal_release(&figure);
	buf_release(&mwh);
	buf_release(&payment);
}
