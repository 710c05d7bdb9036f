/*
 * circuit_breaker - leave a dead source alone, probe it, and give it up
 *
 * Failures in a row, with no success of any request between, open the breaker: after a pause a single
 * request probes.  A probe that fails makes the next pause twice as long; after the third the source
 * is down for good.  Any success closes the breaker.
 *
 * Pure: it is told what happened, and says what follows.
 */
#ifndef WINDFALL_CIRCUIT_BREAKER_H
#define WINDFALL_CIRCUIT_BREAKER_H

#include <stdbool.h>

#define CIRCUIT_BREAKER_PROBES 3

struct circuit_breaker {
	int limit;			/* failures in a row that open it */
	double first_pause;		/* seconds before the first probe; doubled for each further one */
	int failures;			/* in a row */
	int probes;			/* of them, since it opened */
	bool open;
};

/* Closed at first. */
void circuit_breaker_init(struct circuit_breaker *b, int limit, double first_pause);

/* An attempt succeeded.  True if this closed the breaker. */
bool circuit_breaker_success(struct circuit_breaker *b);

enum breaker_move {
	BREAKER_STAYS,			/* as it was: nothing follows */
	BREAKER_OPENS,			/* pause, then start one request at a time, as a probe */
	BREAKER_PAUSES,			/* a probe failed: pause again */
	BREAKER_GIVES_UP,		/* the last probe failed: start nothing any more */
};

/* An attempt failed; was_probe says if it was started while the breaker was open.  For BREAKER_OPENS and
 * BREAKER_PAUSES *pause is the seconds until the next probe may start. */
enum breaker_move circuit_breaker_failure(struct circuit_breaker *b, bool was_probe, double *pause);

#endif
