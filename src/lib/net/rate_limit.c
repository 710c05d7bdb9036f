#include "net/rate_limit.h"

#include <math.h>

void rate_limit_init(struct rate_limit *p, double rate, double t)
{
	p->full_rate = p->rate = rate;
	p->slot = t;
	p->n_starts = rate < 1 ? 1 : (int)rate;
	p->oldest = 0;
	for (int i = 0; i < p->n_starts; i++)
		p->starts[i] = -INFINITY;
	p->hold_until = p->slowed_until = -INFINITY;
}

double rate_limit_next(struct rate_limit *p)
{
	double full = p->starts[p->oldest] + p->n_starts / p->full_rate;

	p->slot = fmax(p->slot, p->hold_until);		/* a hold is not to be caught up */
	return fmax(p->slot, full);
}

/* A late start leaves the grid where it was, so that the average is kept, but no more than a
 * third of a second's starts are ever caught up; and the ring keeps what is caught up from
 * putting more than the rate into one second. */
void rate_limit_count(struct rate_limit *p, double t)
{
	p->slot = fmax(p->slot, t - p->n_starts / p->full_rate / 3) + 1 / p->rate;
	p->starts[p->oldest] = t;
	p->oldest = (p->oldest + 1) % p->n_starts;
}

void rate_limit_hold(struct rate_limit *p, double until)
{
	p->hold_until = fmax(p->hold_until, until);
}

void rate_limit_slow_down(struct rate_limit *p, double t, double retry_after)
{
	if (t >= p->slowed_until)
		p->rate = fmax(p->rate / 2, fmin(0.2, p->full_rate));
	p->slowed_until = t + fmax(retry_after, 1);
	rate_limit_hold(p, t + retry_after);
}

void rate_limit_speed_up(struct rate_limit *p)
{
	p->rate = fmin(p->rate * 1.02, p->full_rate);
}
