#include "coinbase/csv_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct coinbase_fill *coinbase_csv_fill(struct coinbase_csv *csv, const char *source, long line)
{
	struct coinbase_fill *f;

	csv->fills = xgrow(csv->fills, csv->n_fills, sizeof *csv->fills);
	f = &csv->fills[csv->n_fills];
	*f = (struct coinbase_fill){ .source = source, .line = line };
	memcpy(f->trade_type, "FILL", 5);
	return f;
}

void coinbase_csv_skip(struct coinbase_csv *csv, enum coinbase_skip_kind kind, long line, const char *type,
		       const struct reason *why)
{
	struct coinbase_skip *s;

	csv->skipped = xgrow(csv->skipped, csv->n_skipped, sizeof *csv->skipped);
	s = &csv->skipped[csv->n_skipped++];
	*s = (struct coinbase_skip){ .kind = kind, .line = line };
	snprintf(s->type, sizeof s->type, "%s", type);
	if (why)
		s->why = *why;
}

size_t coinbase_csv_part(const struct coinbase_csv *csv, const struct coinbase_fill *f)
{
	size_t part = 0;

	while (part + 1 < csv->n_spans && csv->spans[part + 1].line <= f->line)
		part++;
	return part;
}

void coinbase_csv_release(struct coinbase_csv *csv)
{
	free(csv->fills);
	free(csv->skipped);
	free(csv->spans);
	free(csv->breaks);
	*csv = (struct coinbase_csv){ 0 };
}
