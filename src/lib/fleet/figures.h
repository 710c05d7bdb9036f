/*
 * figures - what a fleet earns and costs: energy, bitcoin, money, payback
 *
 * Money is in one currency throughout; what farms are paid is in pounds and comes into it by the price of a pound.
 * Sums and products are exact; quotients are rounded half away from zero, to the places stated below.  A year has
 * 365 days.
 */
#ifndef WINDFALL_FIGURES_H
#define WINDFALL_FIGURES_H

#include "exact/decimal.h"
#include "fleet/fleet.h"

/* What the money is calculated from. */
struct money_terms {
	struct decimal power_price;	/* for a MWh used */
	struct decimal pound;		/* one pound in the currency */
	struct decimal opex;		/* for a machine and year */
	struct decimal capex_machine;	/* once, for a machine */
	struct decimal capex_mw;	/* once, for a megawatt of the machines' power */
	struct decimal growth;		/* of difficulty, a year */
	bool forgone;			/* is the payment for the energy used lost, and not kept? */
	bool pound_known;
	int years;			/* of use, over which capex is spread; with growth, the market has as many */
};

void money_terms_init(struct money_terms *terms);
void money_terms_release(struct money_terms *terms);

/*
 * MACHINES and so on to PEAK_SHARE: see figure_names.  MEGAWATTS = machines × power.  USED_MWH = machine half hours ×
 * power × ½ h × uptime.  COST = power + payment forgone + opex + capex of the span.  BREAK_EVEN is the price of power
 * at which profit is nil.  PRICE is revenue / bitcoin.  HASHPRICE, for a PH/s and day, is the mean of 10^15 × 86400 /
 * (difficulty × 2^32) × (subsidy + fees) × price over the half hours in which machines ran, by their number.
 * PEAK_SHARE is of the network's hashes, difficulty × 2^32 in 600 s.  LIFE_PROFIT is that of all years of use, of 365
 * days each like those of the span but for the difficulty, less capex; PAYBACK_DAYS is when it has paid for capex.
 */
enum figure {
	MACHINES, MEGAWATTS, CURTAILED_MWH, USED_MWH, USED_SHARE, PLACE_HOURS, HOURS_RUNNING, HOURS_PER_MACHINE,
	BITCOIN, BITCOIN_PER_MWH, PRICE, REVENUE, POWER_COST, PAYMENT, PAYMENT_FORGONE, OPEX_COST, CAPEX, CAPEX_OF_SPAN, COST,
	PROFIT_BEFORE_CAPEX, PROFIT, LIFE_PROFIT, PAYBACK_DAYS, COST_PER_BITCOIN, HASHPRICE, BREAK_EVEN, PEAK_SHARE,
	N_FIGURES
};

/* The column that each is printed in. */
extern const char *const figure_names[N_FIGURES];

/* How many decimals people are shown. */
extern const int figure_places[N_FIGURES];

struct fleet_figures {
	struct decimal value[N_FIGURES];
	bool known[N_FIGURES];		/* a figure that is not has no value, which is not zero */
};

/* Work the figures of a size out.  Release them with fleet_figures_release(). */
void fleet_figures_of(struct fleet_figures *figures, const struct fleet *fleet, const struct tally *tally,
		      const struct rate_terms *rate, const struct money_terms *money);
void fleet_figures_release(struct fleet_figures *figures);

#endif
