#include "curtailment/fetched_day_io.h"

#include "os/log.h"

int fetched_day_check_absence(struct curtailed_day *d, bool archived, instant_t now)
{
	if (!curtailed_is_nowhere(d, archived, now))
		return 0;
	log_error(archived ? "%s: the archive holds none of the requested periods"
			   : "%s: the source has none of its periods; check the address", d->text);
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (d->period[p].state == PERIOD_FETCHED)
			d->period[p].state = PERIOD_FAILED;
	return EX_UNAVAILABLE;
}

int fetched_day_check_alone(struct curtailed_day *d)
{
	static const struct stored_period nothing;
	struct reason why;
	int status = 0;

	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_FETCHED || !curtailed_doubt(&d->period[p], &nothing, &why))
			continue;
		if (d->period[p].impossible) {
			log_error("%s period %d: %s; the period is left out", d->text, p, why.text);
			d->period[p].state = PERIOD_FAILED;
			status = EX_DATAERR;
		} else {
			log_warning("%s period %d is suspect: %s", d->text, p, why.text);
		}
	}
	return status;
}

void fetched_day_warn(const struct curtailed_day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct curtailed_period *period = &d->period[p];

		if (period->state != PERIOD_FETCHED)
			continue;
		if (*period->excess && !period->impossible)
			log_warning("%s period %d: %s: it is taken as sent", d->text, p, period->excess);
		if (*period->dear)
			log_warning("%s period %d: %s: it is taken as sent", d->text, p, period->dear);
		if (*period->unpriced)
			log_warning("%s period %d: %s without a price: its payment is unknown, and in no sum", d->text,
				    p, period->unpriced);
		if (period->n_unflagged)
			log_warning("%s period %d: %s without an SO flag: whether the system turned it down is not known, and it is left "
				    "out (%d such)", d->text, p, period->unflagged, period->n_unflagged);
		if (period->n_unnamed)
			log_warning("%s period %d: %s turned down by an acceptance that names no unit: whether it is wind is not known, "
				    "and it is left out (%d such)", d->text, p, period->unnamed, period->n_unnamed);
		if (period->doubled.n)
			log_warning("%s period %d: %s, under another sequence number: both count (%d such)", d->text, p,
				    period->doubled.first, period->doubled.n);
	}
}
