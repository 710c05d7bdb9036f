/*
 * rate_limit - when the next request may start
 *
 * Starts stand on an even grid, 1/rate seconds apart.  A late start may be caught up, but never so
 * that more than `rate` starts fall into one second (for a rate below one: more than one into
 * 1/rate seconds).  A source that says it is too much is asked half as fast.
 *
 * Times are seconds of one clock that never goes back; pure: every function is given the time.
 */
#ifndef WINDFALL_RATE_LIMIT_H
#define WINDFALL_RATE_LIMIT_H

#define RATE_LIMIT_MAX 1000

struct rate_limit {
	double full_rate;		/* starts a second, as asked for */
	double rate;			/* now */
	double slot;			/* of the grid: the next one */
	double starts[RATE_LIMIT_MAX];	/* a ring of the last ones, as many as may fall into a second */
	int n_starts, oldest;
	double hold_until;		/* no start before */
	double slowed_until;		/* the rate is not halved again before */
};

/* Begin at time t with this rate: above 0, at most RATE_LIMIT_MAX starts a second. */
void rate_limit_init(struct rate_limit *p, double rate, double t);

/* The earliest time at which a request may start. */
double rate_limit_next(struct rate_limit *p);

/* A request has started at time t. */
void rate_limit_count(struct rate_limit *p, double t);

/* Let nothing start before this time; what is missed is not caught up. */
void rate_limit_hold(struct rate_limit *p, double until);

/* The source answered 429 at time t: nothing for retry_after seconds, then half as fast, but no slower
 * than a start in five seconds (unless slower was asked for). */
void rate_limit_slow_down(struct rate_limit *p, double t, double retry_after);

/* An attempt succeeded: a fiftieth faster, up to the full rate. */
void rate_limit_speed_up(struct rate_limit *p);

#endif
