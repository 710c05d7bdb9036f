/*
 * pages_db - the pages of the site, each from what the database holds
 *
 * The functions succeed, or end the process (db.h, site_io.h).  Whoever reads them knows SQL: each longer statement is
 * a file of sql/query; where several modules read its result, its columns are named here in their order.
 */
#ifndef WINDFALL_SITE_PAGES_DB_H
#define WINDFALL_SITE_PAGES_DB_H

#include "db/db.h"
#include "exact/decimal.h"
#include "site/site_io.h"
#include "site/svg.h"

/* Columns of site-days.sql. */
enum day_column {
	DAY_DATE, DAY_STATE, DAY_MWH, DAY_PAYMENT, DAY_TO_FARMS, DAY_BY_FARMS, DAY_PER_MWH, DAY_SHARE, DAY_WIND_PERIODS,
	DAY_PERIODS, DAY_INGESTED, DAY_FINAL, DAY_EXPECTED, DAY_UNITS, DAY_SUSPECT, DAY_REVISIONS, DAY_REPLACEMENT,
	DAY_REPLACED_PERIODS, DAY_FETCHED, DAY_DIGEST
};

/* Columns of site-span.sql. */
enum span_column {
	SPAN_DAYS, SPAN_DAYS_EXPECTED, SPAN_MWH, SPAN_PAYMENT, SPAN_TO_FARMS, SPAN_BY_FARMS, SPAN_PER_MWH, SPAN_SHARE,
	SPAN_WIND_PERIODS, SPAN_PERIODS, SPAN_INGESTED, SPAN_FINAL, SPAN_EXPECTED, SPAN_UNITS, SPAN_REPLACEMENT,
	SPAN_REPLACED_PERIODS
};

/* Columns of site-farms.sql. */
enum farms_column { FARMS_KIND, FARMS_NAME, FARMS_UNITS, FARMS_MWH, FARMS_PAYMENT, FARMS_PER_MWH, FARMS_HOURS,
		    FARMS_SHARE, FARMS_BEFORE };

/* Columns of site-months.sql. */
enum month_column {
	MONTH_NAME, MONTH_STATE, MONTH_DAYS, MONTH_MWH, MONTH_PAYMENT, MONTH_PER_MWH, MONTH_SHARE, MONTH_NORTH, MONTH_SOUTH,
	MONTH_UNPLACED, MONTH_BITCOIN, MONTH_VALUE, MONTH_CURRENCY, MONTH_VALUE_PER_MWH, MONTH_POUNDS_PER_MWH
};

/* Columns of site-models.sql. */
enum model_column {
	MODEL_NAME, MODEL_HASHRATE, MODEL_POWER, MODEL_BITCOIN, MODEL_VALUE, MODEL_CURRENCY, MODEL_PRICE_STATE,
	MODEL_CALCULATIONS, MODEL_EXPECTED, MODEL_VALUE_PER_MWH
};

/* What a farm or an owner has of a month (2026-11) or of a day; NULL is not known. */
enum farm_column { FARM_DATE, FARM_UNITS, FARM_MWH, FARM_PAYMENT, FARM_HOURS, FARM_BITCOIN, N_FARM_COLUMNS };
struct farm_sums {
	char *value[N_FARM_COLUMNS];
};

struct great_day {
	struct farm_sums sums;
	struct decimal mwh;
};

enum { GREATEST_DAYS = 10 };		/* as many as site-month-farms.sql gives of a month */

/* A farm or an owner, its months and its greatest days in order, and the page that it has. */
struct named_page {
	char *kind, *name;
	char file[100];			/* without folder and ending */
	struct farm_sums *months;
	size_t n_months;
	struct great_day days[GREATEST_DAYS];
	int n_days;
};

struct site_data {
	PGconn *db;
	struct site *site;
	const char *base;		/* the address that the site will have, with a slash at its end; "" where not known */
	char model[64];			/* whose bitcoin stands where there is room for one: that in force that mines most */
	char facts[80];			/* digest of the facts that all pages stand on: sites, units, models */
	char all_days[80];		/* digest of all days and facts */
	day_t today;			/* London's */
	char now[INSTANT_TEXT];		/* UTC */
	bool *has_card;			/* by row of days: is there a picture of it? */
	const char *cards;		/* "drawn", or why there are none: "no-address", "no-rsvg-convert" */
	PGresult *days, *months, *units;
	struct named_page *named;	/* in the order of kind and name */
	size_t n_named;
};

/* Begin, with what is known without the tables. */
void pages_begin(struct site_data *data, PGconn *db, struct site *site, const char *base, instant_t now);

/*
 * The key of a site that is built from now on: of what the database holds, of the day, of how jobs ended, and of more
 * text.  While it is the same no transaction has written, and every page but that of the state is the same.  False:
 * the server cannot say so, or somebody is writing at this moment.
 */
bool pages_site_key(const struct site_data *data, const char *more, char key[65]);

/* Read what several pages stand on, in one snapshot that lasts until pages_release(). */
void pages_load(struct site_data *data);
void pages_release(struct site_data *data);

/* The row of a date in days, or -1. */
int pages_day(const struct site_data *data, const char *date);

/* The row of a month ("2026-11") in months, or -1. */
int pages_month(const struct site_data *data, const char *name);

/* A digest of the days from first to last (rows of days, last excluded) and of more text; and of the facts. */
void pages_key(const struct site_data *data, int first, int last, const char *more, char key[65]);

/* Farms and owners: of each month that has changed they are asked for, and left in the site for the next build. */
void pages_load_named(struct site_data *data);
void pages_release_named(struct site_data *data);

/* The page of a farm ("farm") or owner ("owner"); NULL where it has none. */
const struct named_page *pages_named(const struct site_data *data, const char *kind, const char *name);

/* Text of a value that is there, or "": for files. */
const char *pages_text(const PGresult *res, int row, int column);

/* The header of a CSV; a row, its columns being those of the result from the first on. */
void pages_csv_begin(struct buf *file, const char *const *columns);
void pages_csv_row(struct buf *file, const PGresult *res, int row, const char *const *columns);

/* A result as CSV under this header, into the file beside a page. */
void pages_csv(struct site_data *data, const char *name, const PGresult *res, const char *const *columns);

/* Is the span complete, and final? "not_complete", "provisional" or "final", by the columns of site-span.sql. */
const char *pages_span_state(const PGresult *span);

/* What all energy of a span would have mined, as a table with its honest line; peaks is of site-day-peak.sql, or
 * NULL. */
void pages_put_models(struct html_page *page, const PGresult *models, const PGresult *peaks);

/* The card of the same for the model that makes most, with its value and its honest line; nothing where no model is. */
void pages_put_bitcoin_card(struct html_page *page, const PGresult *models);

/* Farms or owners of site-farms.sql as a table of at most so many rows, with their change where the other span is
 * whole. */
void pages_put_farms(const struct site_data *data, struct html_page *page, const PGresult *farms, const char *kind,
		     int most, bool changes, const char *caption);

/* What turning others up cost, beside what the farms were paid, and of how many half hours it is known; nothing where
 * it is of none.  cost, known and periods are columns of the row: pounds, half hours whose cost is known, half hours
 * with curtailment. */
void pages_put_replacement(struct html_page *page, const PGresult *res, int row, int cost, int known, int periods);

/* Give a bar its title, from a day or month, and whether it is hatched; it is compared with nothing. */
void pages_bar_title(struct svg_bar *bar, const char *name, const char *mwh, const char *payment, const char *state);

/* How many jobs of this machine last ended badly. */
int pages_jobs_in_trouble(void);

/* Has each day its picture, where pictures are drawn? */
bool pages_all_cards(const struct site_data *data);

/* What changed since it was final. */
void pages_put_revisions(struct html_page *page, const PGresult *revisions);

/* What mining stands on, difficulty, subsidy and price over all stored days, of which there is one; a digest of it; and
 * whether its files are there. */
void pages_network_key(const struct site_data *data, char key[65]);
void pages_put_network(struct site_data *data, struct html_page *page);
bool pages_has_network(struct site_data *data);

/* Is anything wrong with the data?  A section, which leads to the page of the state. */
void pages_put_trouble(struct site_data *data, struct html_page *page);

/* The picture of each day that is shown where its address is passed on; before the pages, which name it. */
void pages_cards(struct site_data *data);

/* Every page of these kinds, in this order: an overview leads to pages that are there. */
void pages_days(struct site_data *data);
void pages_spans(struct site_data *data);
void pages_farms(struct site_data *data);
void pages_ledger(struct site_data *data);
void pages_feeds(struct site_data *data);
void pages_overview(struct site_data *data);

/* That of the state of the data, which changes without any table; needs no pages_load(). */
void pages_state(struct site_data *data);

#endif
