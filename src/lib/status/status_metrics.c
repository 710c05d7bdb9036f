#include "status/status_metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct figure_def status_defs[N_FIGURES] = {
	[FIRST_DAY]	= { "stored", "first_day", NULL, NULL, "first day", FIGURE_WORD, NULL },
	[LAST_DAY]	= { "stored", "last_day", NULL, NULL, "latest day", FIGURE_WORD, NULL },
	[DAYS]		= { "stored", "days", NULL, "settlement_days", "settlement days", FIGURE_COUNT, NULL },
	[LAG]		= { "stored", "lag_days", NULL, "data_lag_days", "days since the latest day", FIGURE_COUNT, NULL },
	[RECORDS]	= { "stored", "records", NULL, "curtailment_records", "curtailment records", FIGURE_COUNT, NULL },
	[PAIRS]		= { "stored", "period_farms", NULL, "period_farms", "distinct pairs of period and farm", FIGURE_COUNT, NULL },
	[ENERGY]	= { "stored", "curtailed_mwh", NULL, "curtailed_megawatt_hours", "curtailed energy", FIGURE_DECIMAL, "MWh" },
	[PAYMENT]	= { "stored", "payment_gbp", NULL, "payment_pounds", "paid to farms, net", FIGURE_DECIMAL, "GBP" },
	[PERIODS_EXPECTED] = { "fetched", "expected", NULL, "expected_periods", "periods of these days", FIGURE_COUNT, NULL },
	[PERIODS_FETCHED] = { "fetched", "fetched", NULL, "fetched_periods", "periods fetched", FIGURE_COUNT, NULL },
	[PERIODS_FINAL]	= { "fetched", "final", NULL, "final_periods", "periods final", FIGURE_COUNT, NULL },
	[PROVISIONAL]	= { "fetched", "provisional", NULL, "provisional_periods", "periods provisional", FIGURE_COUNT, NULL },
	[PROVISIONAL_OVERDUE] = { "fetched", "provisional_overdue", NULL, "provisional_overdue_periods",
				  "provisional periods overdue", FIGURE_COUNT, NULL },
	[UNFETCHED]	= { "fetched", "unfetched", NULL, "unfetched_periods", "periods never fetched", FIGURE_COUNT, NULL },
	[UNFETCHED_OVERDUE] = { "fetched", "unfetched_overdue", NULL, "unfetched_overdue_periods",
				"unfetched periods overdue", FIGURE_COUNT, NULL },
	[UNDECIDED_UNITS] = { "fetched", "undecided_units", NULL, "undecided_units",
			      "units that no list classifies as wind or not", FIGURE_COUNT, NULL },
	[UNDECIDED_MWH]	= { "fetched", "undecided_mwh", NULL, "undecided_megawatt_hours", "their energy, left out",
			    FIGURE_DECIMAL, "MWh" },
	[SUSPECT]	= { "fetched", "suspect", NULL, "suspect_periods", "periods whose answer was refused", FIGURE_COUNT, NULL },
	[WINDOW_FROM]	= { "compared", "from", NULL, NULL, "from", FIGURE_WORD, NULL },
	[WINDOW_TO]	= { "compared", "to", NULL, NULL, "to", FIGURE_WORD, NULL },
	[WINDOW_DAYS]	= { "compared", "days", NULL, "compared_days", "days compared", FIGURE_COUNT, NULL },
	[EXPECTED]	= { "compared", "expected", NULL, "expected_calculations", "calculations expected", FIGURE_COUNT, NULL },
	[PRESENT]	= { "compared", "present", NULL, "present_calculations", "calculations present", FIGURE_COUNT, NULL },
	[MISSING_NOW]	= { "compared", "missing", NULL, "missing_calculations", "calculations missing", FIGURE_COUNT, NULL },
	[STALE_NOW]	= { "compared", "stale", NULL, "stale_calculations", "calculations stale", FIGURE_COUNT, NULL },
	[ORPHAN_NOW]	= { "compared", "orphan", NULL, "orphan_calculations", "calculations orphan", FIGURE_COUNT, NULL },
	[UNKNOWN_INPUTS] = { "compared", "without_inputs", NULL, "calculations_without_inputs",
			     "expected, without a known difficulty", FIGURE_COUNT, NULL },
	[PERCENT]	= { "compared", "percent", NULL, "reconciliation_ratio", "calculations present and correct",
			    FIGURE_PERCENT, NULL },
	[CALCULATIONS]	= { "counted", "calculations", "miner_model", "calculations", "calculations", FIGURE_COUNT, NULL },
	[BITCOIN]	= { "counted", "bitcoin_mined", "miner_model", "mined_bitcoins", "bitcoin mined", FIGURE_DECIMAL, "BTC" },
	[COUNTED_MISSING] = { "counted", "missing", NULL, "counted_missing_calculations", "calculations too few",
			      FIGURE_COUNT, NULL },
	[COUNTED_SURPLUS] = { "counted", "surplus", NULL, "counted_surplus_calculations", "calculations too many",
			      FIGURE_COUNT, NULL },
	[COUNTED_PERCENT] = { "counted", "percent", NULL, "counted_reconciliation_ratio", "calculations present",
			      FIGURE_PERCENT, NULL },
	[MODEL_DIFFERENCES] = { "counted", "model_differences", NULL, "miner_model_differences",
				"miner models that contradict the reference file", FIGURE_COUNT, NULL },
	[SUMMARY_DIFFERENCES] = { "counted", "summary_differences", NULL, "summary_differences",
				  "summaries that do not add up", FIGURE_COUNT, NULL },
	[CURRENCY]	= { "counted", "currency", NULL, NULL, "valued in", FIGURE_WORD, NULL },
	[DAYS_WITHOUT_PRICE] = { "counted", "days_without_price", NULL, "days_without_price",
				 "days without a known price, and so without a value", FIGURE_COUNT, NULL },
	[DIFFICULTY]	= { "difficulty", "difficulty", NULL, "difficulty", "latest difficulty", FIGURE_DECIMAL, NULL },
	[DIFFICULTY_FROM] = { "difficulty", "effective_from", NULL, "difficulty_effective_timestamp_seconds", "in force from",
			      FIGURE_INSTANT, NULL },
	[DIFFICULTY_UNTIL] = { "difficulty", "known_until", NULL, "difficulty_known_until_timestamp_seconds", "known until",
			       FIGURE_INSTANT, NULL },
	[DIFFICULTY_SOURCE] = { "difficulty", "source", NULL, NULL, "source", FIGURE_WORD, NULL },
	[DIFFICULTY_AGE] = { "difficulty", "age_seconds", NULL, "difficulty_age_seconds", "time without a known difficulty",
			     FIGURE_SECONDS, NULL },
	[LEDGER_FILLS]	= { "ledger", "fills", NULL, "ledger_fills", "fills of the exchange", FIGURE_COUNT, NULL },
	[LEDGER_LAST_FILL] = { "ledger", "last_fill", NULL, "ledger_last_fill_timestamp_seconds", "latest fill",
			       FIGURE_INSTANT, NULL },
	[LEDGER_ASKED_AGE] = { "ledger", "asked_age_seconds", NULL, "ledger_asked_age_seconds",
			       "time since the exchange was asked", FIGURE_SECONDS, NULL },
	[LEDGER_PROPOSALS] = { "ledger", "open_proposals", NULL, "ledger_open_proposals", "proposals awaiting a decision",
			       FIGURE_COUNT, NULL },
	[LEDGER_NOT_BOOKED] = { "ledger", "not_booked", NULL, "ledger_not_booked_fills",
				"corrections and reversals awaiting a decision", FIGURE_COUNT, NULL },
	[LEDGER_GAIN]	= { "ledger", "covered_gain", NULL, "ledger_covered_gain", "gain on disposals with a lot",
			    FIGURE_DECIMAL, NULL },
	[LEDGER_UNCOVERED] = { "ledger", "uncovered", NULL, "ledger_uncovered_rows", "rows without a lot",
			       FIGURE_COUNT, NULL },
	[LEDGER_UNCOVERED_PROCEEDS] = { "ledger", "uncovered_proceeds", NULL, "ledger_uncovered_proceeds",
					"their proceeds, not counted as gain", FIGURE_DECIMAL, NULL },
	[LEDGER_UNMATCHED] = { "ledger", "recorded_since", NULL, "ledger_trades_since_current_version",
			       "trades recorded since the current FIFO version", FIGURE_COUNT, NULL },
	[LEDGER_CONTRACTS] = { "ledger", "contracts", NULL, "ledger_contract_rows", "futures and perpetuals that are left out",
			       FIGURE_COUNT, NULL },
	[LEDGER_FINDINGS] = { "ledger", "findings", "tier", "ledger_findings", "findings of the last check",
			      FIGURE_COUNT, NULL },
	[LEDGER_CHECKED] = { "ledger", "checked", "tier", "ledger_checked_timestamp_seconds", "last checked",
			     FIGURE_INSTANT, NULL },
	[JOB_ENDED]	= { "jobs", "last_run", "job", "job_last_run_timestamp_seconds", "last run ended", FIGURE_INSTANT, NULL },
	[JOB_GOOD]	= { "jobs", "last_success", "job", "job_last_success_timestamp_seconds", "last success",
			    FIGURE_INSTANT, NULL },
	[JOB_AGE]	= { "jobs", "age_seconds", "job", NULL, "time since last success", FIGURE_SECONDS, NULL },
	[JOB_STATUS]	= { "jobs", "exit_code", "job", "job_last_exit_code", "exit status", FIGURE_COUNT, NULL },
	[JOB_VERDICT]	= { "jobs", "verdict", "job", NULL, "verdict", FIGURE_WORD, NULL },
	[JOB_DURATION]	= { "jobs", "duration_seconds", "job", "job_duration_seconds", "took", FIGURE_DECIMAL, "s" },
	[FAILED_DATES]	= { "runs", "failed_dates", NULL, "failed_dates", "dates that failed in the last 20 runs",
			    FIGURE_COUNT, NULL },
	[DATABASE_SIZE]	= { "database", "size_bytes", NULL, "database_size_bytes", "size", FIGURE_BYTES, NULL },
	[PARTITIONS_AHEAD] = { "database", "partitions_ahead", NULL, "partitions_ahead_months", "partitions ready ahead",
			       FIGURE_COUNT, "months" },
	[CHECKED_AT]	= { "check", "time", NULL, "check_timestamp_seconds", "checked", FIGURE_INSTANT, NULL },
};

const struct figure_group status_groups[] = {
	{ "stored", "Stored (as last summed)" },
	{ "fetched", "Fetched (every period checked)" },
	{ "compared", "The latest days (every calculation compared with its inputs)" },
	{ "counted",
	  "All days (by the counts of the summaries); bitcoin as if all of it had been mined, at the historical difficulty" },
	{ "difficulty", "Difficulty" },
	{ "ledger", "Exchange ledger" },
	{ "jobs", "Jobs on this machine" },
	{ "runs", "Runs" },
	{ "database", "Database" },
	{ NULL, NULL },
};

/* When it is bad ----------------------------------------------------------------------------- */

enum { HOUR = 3600, DAY = 86400, MAX_JOBS = 32 };

static struct limit {
	const char *name;
	enum figure_id figure, other;	/* what it judges; the same twice if it is one */
	struct figure_limit at;
} limits[STATUS_LIMITS] = {
	{ "unfetched", UNFETCHED_OVERDUE, UNFETCHED_OVERDUE, { 0, 48, false } },
	{ "provisional", PROVISIONAL_OVERDUE, PROVISIONAL_OVERDUE, { 0, 480, false } },
	{ "suspect", SUSPECT, SUSPECT, { 0, 48, false } },
	{ "undecided", UNDECIDED_UNITS, UNDECIDED_UNITS, { 0, NAN, false } },
	{ "missing", MISSING_NOW, MISSING_NOW, { 0, 1000, false } },
	{ "stale", STALE_NOW, STALE_NOW, { 0, 1000, false } },
	{ "orphan", ORPHAN_NOW, ORPHAN_NOW, { 0, 1000, false } },
	{ "counts", COUNTED_MISSING, COUNTED_SURPLUS, { 0, 10000, false } },
	{ "models", MODEL_DIFFERENCES, MODEL_DIFFERENCES, { 0, NAN, false } },
	{ "summaries", SUMMARY_DIFFERENCES, SUMMARY_DIFFERENCES, { 0, NAN, false } },
	{ "failed-dates", FAILED_DATES, FAILED_DATES, { 0, 30, false } },
	{ "proposals", LEDGER_PROPOSALS, LEDGER_PROPOSALS, { 0, NAN, false } },
	{ "findings", LEDGER_FINDINGS, LEDGER_CONTRACTS, { 0, NAN, false } },
	{ "unmatched", LEDGER_UNMATCHED, LEDGER_UNMATCHED, { 0, NAN, false } },
	{ "lag", LAG, LAG, { 2, 4, false } },
	{ "difficulty-age", DIFFICULTY_AGE, DIFFICULTY_AGE, { 2 * DAY, 4 * DAY, false } },
	{ "percent", PERCENT, COUNTED_PERCENT, { 100, 95, true } },
};

/* Since it last went well. */
static struct job_limit {
	char job[48];
	struct figure_limit at;
} job_limits[MAX_JOBS] = {
	{ "realtime", { 3 * HOUR, DAY, false } },
	{ "daily", { 30 * HOUR, 3 * DAY, false } },
	{ "weekly", { 8 * DAY, 15 * DAY, false } },
	{ "monthly", { 32 * DAY, 62 * DAY, false } },
	{ "exchange-weekly", { 8 * DAY, 15 * DAY, false } },
};

const char *status_option(int option)
{
	static char names[STATUS_OPTIONS][32];
	const char *name = option / 2 < STATUS_LIMITS ? limits[option / 2].name : "age";

	snprintf(names[option], sizeof names[option], "%s-%s", option % 2 ? "crit" : "warn", name);
	return names[option];
}

static bool parse(const char *text, double *limit, struct reason *why)
{
	static const struct { char letter; double seconds; } unit[] = { { 's', 1 }, { 'm', 60 }, { 'h', HOUR }, { 'd', DAY } };
	size_t digits = strspn(text, "0123456789."), len = strlen(text);
	char *end;

	*limit = NAN;
	if (strcmp(text, "off") == 0)
		return true;
	*limit = strtod(text, &end);
	if (digits == 0 || digits > 12 || end != text + digits || len > digits + 1)
		return reason_set(why, "a number is needed, such as 10, 30h, 2d, or off");
	for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
		if (*end == unit[i].letter) {
			*limit *= unit[i].seconds;
			return true;
		}
	}
	return *end == '\0' || reason_set(why, "a time ends in s, m, h or d");
}

/* NULL if there are too many. */
static struct job_limit *job_limit(const char *job)
{
	for (int i = 0; i < MAX_JOBS; i++) {
		if (!*job_limits[i].job) {
			snprintf(job_limits[i].job, sizeof job_limits[i].job, "%s", job);
			job_limits[i].at = (struct figure_limit){ NAN, NAN, false };
		}
		if (strcmp(job_limits[i].job, job) == 0)
			return &job_limits[i];
	}
	return NULL;
}

bool status_set_limit(int option, const char *text, struct reason *why)
{
	const char *equals = strchr(text, '=');
	struct figure_limit *at;
	struct job_limit *of_job;
	double limit;
	char job[48];

	if (option / 2 < STATUS_LIMITS) {
		at = &limits[option / 2].at;
	} else {
		size_t len = equals ? (size_t)(equals - text) : 0;

		if (len == 0 || len >= sizeof job || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
			return reason_set(why, "write JOB=TIME, such as daily=30h");
		snprintf(job, sizeof job, "%.*s", (int)len, text);
		if (!(of_job = job_limit(job)))
			return reason_set(why, "more than %d jobs", MAX_JOBS);
		at = &of_job->at;
		text = equals + 1;
	}
	if (!parse(text, &limit, why))
		return false;
	*(option % 2 ? &at->crit : &at->warn) = limit;
	return true;
}

static void add_limit(struct buf *out, const char *name, const char *job, const struct figure_limit *at)
{
	buf_addf(out, "%s\t%s", name, job);
	for (int i = 0; i < 2; i++) {
		double limit = i ? at->crit : at->warn;

		if (isnan(limit))
			buf_adds(out, "\t\\N");
		else
			buf_addf(out, "\t%.10g", limit);
	}
	buf_addc(out, '\n');
}

void status_print_limits(struct buf *out)
{
	buf_adds(out, "limit\tjob\twarn\tcrit\n");
	for (int i = 0; i < STATUS_LIMITS; i++)
		add_limit(out, limits[i].name, "\\N", &limits[i].at);
	for (int i = 0; i < MAX_JOBS && *job_limits[i].job; i++)
		add_limit(out, "age", job_limits[i].job, &job_limits[i].at);
}

void status_judge(struct figures *all)
{
	for (size_t k = 0; k < all->n; k++) {
		struct figure *f = &all->figure[k];
		struct job_limit *of_job = f->def == &status_defs[JOB_AGE] ? job_limit(f->label) : NULL;

		for (int i = 0; i < STATUS_LIMITS; i++)
			if (f->def == &status_defs[limits[i].figure] || f->def == &status_defs[limits[i].other])
				figures_judge(all, f, &limits[i].at);
		if (!of_job)
			continue;
		figures_judge(all, f, &of_job->at);
		if (!f->known && !isnan(of_job->at.warn)) {
			char text[80];

			snprintf(text, sizeof text, "%s: never succeeded", f->label);
			figures_problem(all, FIGURE_WARNING, text);
		}
	}
}
