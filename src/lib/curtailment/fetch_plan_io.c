#include "curtailment/fetch_plan_io.h"

#include <stdlib.h>

#include "base/buf.h"
#include "cli/input.h"
#include "os/log.h"

static void add_day(struct plan *plan, day_t day, uint64_t periods)
{
	if (!periods)
		return;
	plan->days = xgrow(plan->days, plan->n_days, sizeof *plan->days);
	plan->days[plan->n_days++] = (struct plan_day){ day, periods };
}

static uint64_t period_bits(int from, int to)
{
	return ((UINT64_C(1) << to) - 1) & ~((UINT64_C(1) << (from - 1)) - 1);
}

void plan_range(struct plan *plan, struct day_range days, const char *periods, instant_t now)
{
	struct period_range range = { 1, MAX_PERIODS };
	char text[DAY_TEXT];

	if (periods) {
		range = opts_periods(periods);
		opts_check_periods(range, days);
	}
	if (days.from > day_of_instant(now))
		die(EX_USAGE, "%s has not begun", day_format(days.from, text));
	for (day_t day = days.from; day <= days.to; day++) {
		int last = settlement_periods(day);

		add_day(plan, day, period_bits(range.from, range.to < last ? range.to : last));
	}
}

static int by_day(const void *x, const void *y)
{
	const struct plan_day *a = x, *b = y;

	return (a->day > b->day) - (a->day < b->day);
}

static void sort_days(struct plan *plan)
{
	size_t kept = 0;

	if (plan->n_days)
		qsort(plan->days, plan->n_days, sizeof *plan->days, by_day);
	for (size_t i = 0; i < plan->n_days; i++) {
		if (kept && plan->days[kept - 1].day == plan->days[i].day)
			plan->days[kept - 1].periods |= plan->days[i].periods;
		else
			plan->days[kept++] = plan->days[i];
	}
	plan->n_days = kept;
}

void plan_read(struct plan *plan, const char *path)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", NULL };
	struct tsv_reader rows;

	input_open_rows(&rows, path, columns, 2);
	while (input_row(&rows)) {
		const char *date = rows.value[0], *number = rows.value[1];
		char *end = NULL;
		day_t day;
		long period;

		if (!date || !day_parse(date, &day))
			input_refuse(&rows, "'%s' is not a settlement date", date ? date : "\\N");
		period = number && *number >= '0' && *number <= '9' ? strtol(number, &end, 10) : 0;
		if (period < 1 || *end || period > settlement_periods(day))
			input_refuse(&rows, "%s has no settlement period '%s'", date, number ? number : "\\N");
		if (plan->n_days && plan->days[plan->n_days - 1].day == day)
			plan->days[plan->n_days - 1].periods |= period_bits((int)period, (int)period);
		else
			add_day(plan, day, period_bits((int)period, (int)period));
	}
	input_close_rows(&rows);
	sort_days(plan);
}

void plan_until(struct plan *plan, instant_t now)
{
	char first[DAY_TEXT] = "";
	size_t kept = 0;
	long ahead = 0;

	for (size_t i = 0; i < plan->n_days; i++) {
		struct plan_day *d = &plan->days[i];
		uint64_t ended = 0;

		for (int p = 1; p <= settlement_periods(d->day); p++)
			if (period_start(d->day, p) + PERIOD_SECONDS <= now)
				ended |= period_bits(p, p);
		if (d->periods & ~ended && !ahead)
			day_format(d->day, first);
		ahead += __builtin_popcountll(d->periods & ~ended);
		d->periods &= ended;
		if (d->periods)
			plan->days[kept++] = *d;
		plan->n_periods += __builtin_popcountll(d->periods);
	}
	plan->n_days = kept;
	if (ahead)
		log_info("%ld of the requested periods, the first on %s, have not ended yet and are left out", ahead, first);
}

void plan_release(struct plan *plan)
{
	free(plan->days);
	*plan = (struct plan){ 0 };
}
