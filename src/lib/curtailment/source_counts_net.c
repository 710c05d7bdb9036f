#include "curtailment/source_counts_net.h"

#include <stdlib.h>

#include "os/log.h"

enum { DAYS_AN_ANSWER = 7 };

/* The counts of the days from..to, which are days[0] on; all -1 where the source does not say. */
static void read_days(const struct http_options *http, const char *base, day_t from, day_t to, struct data_status *days)
{
	struct http_request req = { .url = BUF_INIT };
	struct oddities odd = ODDITIES_INIT;
	struct buf body = BUF_INIT;
	struct reason why;
	char date[DAY_TEXT];
	enum http_outcome outcome;

	buf_addf(&req.url, "%s/", base);
	data_status_path(from, to, &req.url);
	outcome = http_ask(http, &req, &body, &why);
	if (outcome == HTTP_ABSENT)
		reason_set(&why, "there are none");
	if (outcome == HTTP_BODY && data_status_parse(body.data, body.len, from, to, days, &odd, &why)) {
		log_oddities("counts of rows", &odd);
	} else {
		log_info("the source's counts of rows from %s on are not known: %s", day_format(from, date), why.text);
		data_status_unknown(from, to, days);
	}
	oddities_release(&odd);
	buf_release(&req.url);
	buf_release(&body);
}

void source_counts_read(struct source_counts *counts, const struct http_options *http, const char *base,
			const struct plan *plan)
{
	struct http_options once = *http;

	/* They are a help, and no work waits for them. */
	once.attempts = 1;
	counts->days = xmalloc((plan->n_days + 1) * sizeof *counts->days);
	for (size_t i = 0, end; i < plan->n_days; i = end) {
		for (end = i + 1; end < plan->n_days && end - i < DAYS_AN_ANSWER &&
		     plan->days[end].day == plan->days[end - 1].day + 1; end++)
			;
		read_days(&once, base, plan->days[i].day, plan->days[end - 1].day, &counts->days[i]);
	}
	for (size_t i = 0; i < plan->n_days; i++)
		for (int p = 1; p <= MAX_PERIODS; p++)
			counts->known += (plan->days[i].periods >> (p - 1) & 1) && counts->days[i].count[p] >= 0;
}

void source_counts_release(struct source_counts *counts)
{
	free(counts->days);
	counts->days = NULL;
}
