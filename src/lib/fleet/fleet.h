/*
 * fleet - what a fleet of machines would have mined with the energy that was curtailed where it stands
 *
 *	running = min(machines of the place, ⌊energy / (power × ½ h)⌋)
 *
 * in each half hour and each place, so that a burst beyond the fleet is not mined.  A place is wherever one fleet
 * stands: a unit, a farm, or a whole list.  Several sizes are tried in one pass over the half hours.  What is mined is
 * rounded to the satoshi once for each place and half hour, as a calculation of calc-btc is for a farm; nothing here
 * is binary floating point.
 */
#ifndef WINDFALL_FLEET_H
#define WINDFALL_FLEET_H

#include "fleet/market.h"

/* One size, over all places. */
struct tally {
	int64_t machines;		/* in each place; 0: as many as the energy runs */
	int64_t *running;		/* by half hour: machines running in all places */
	int64_t machine_half_hours;	/* their sum */
	int64_t half_hours;		/* (place, half hour) in which any ran */
	__int128 payment;		/* 1e-9 £: what the farms were paid for the energy used, at full uptime */
	int64_t satoshi[MARKET_YEARS];	/* in the span, by year of use */
	__int128 value[MARKET_YEARS];	/* 1e-16 of the currency */
	int32_t era;			/* full holds what all machines of a place mine in this one, */
	int64_t full[MARKET_YEARS];	/* by year */
};

/* A half hour of a place that waits until its run is long enough. */
struct waiting {
	size_t half_hour;
	int64_t machines, nmwh, payment;
};

/* Begins with all zero. */
struct place {
	size_t next;			/* the half hour that would continue the run */
	long run;			/* half hours in a row in which a machine could run */
	struct waiting *waiting;
	size_t n_waiting, size;
	int64_t peak;			/* most machines that the energy ran at once */
};

/* Places by their number; begins with all zero. */
struct place_list {
	struct place *rows;
	size_t n;
};

/* See that the list has this place, and all before it. */
void place_list_reach(struct place_list *list, size_t place);
void place_list_release(struct place_list *list);

struct fleet {
	const struct market *market;
	struct miner_model model;
	long min_run;			/* half hours */
	struct tally *tallies;
	size_t n_tallies;
	int64_t n_places;		/* the caller's count: places without energy have machines too */
	int64_t peaks;			/* Σ of the places' */
	__int128 nmwh;			/* 1e-9 MWh curtailed in all places */
	int64_t half_hours;		/* (place, half hour) with energy */
	int64_t unknown;		/* of these, without difficulty or subsidy: nothing is mined in them */
	int64_t unpriced;		/* with something mined and no price */
	bool overflow;			/* more was mined than there can be: the inputs are impossible */
};

/* Begin with these sizes; each is a number of machines in a place, 0 for as many as the energy runs. */
void fleet_begin(struct fleet *fleet, const struct market *market, const struct miner_model *model, long min_run,
		 const int64_t *sizes, size_t n_sizes);

/*
 * Add the energy (1e-9 MWh) and payment (1e-9 £) of a place in a half hour.  The half hours of a place come in the
 * order of time, each once.
 */
void fleet_add(struct fleet *fleet, struct place *place, size_t half_hour, int64_t nmwh, int64_t payment);

/* The machines of a size in all places: those that stand there, or for 0 the most that ran in each. */
int64_t fleet_machines(const struct fleet *fleet, const struct tally *tally);

void place_release(struct place *place);
void fleet_release(struct fleet *fleet);

#endif
