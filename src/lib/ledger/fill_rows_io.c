#include "ledger/fill_rows_io.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "exact/calendar.h"
#include "os/log.h"

const char *const fill_columns[] = {
	"entry_id", "trade_id", "order_id", "product_id", "side", "trade_type", "booked", "trade_time", "sequence_time",
	"price", "size", "size_in_quote", "base_size", "value", "commission", "liquidity", "portfolio_id", "source", NULL
};

struct instant_ns fill_latest(void)
{
	enum { A_DAY = 86400 };
	char text[INSTANT_TEXT];
	struct instant_ns latest;

	instant_ns_parse(&latest, instant_format(time(NULL) + A_DAY, text), false, NULL);
	return latest;
}

void fill_print(struct tsv_writer *w, const struct coinbase_fill *f)
{
	char time[COINBASE_TIME];

	tsv_text(w, f->entry_id);
	tsv_text_if_any(w, f->trade_id);
	tsv_text_if_any(w, f->order_id);
	tsv_text(w, f->product_id);
	tsv_text(w, f->buy ? "BUY" : "SELL");
	tsv_text(w, f->trade_type);
	tsv_bool(w, coinbase_fill_is_booked(f));
	tsv_text(w, coinbase_time_format(&f->traded, time));
	tsv_text(w, f->has_sequenced ? coinbase_time_format(&f->sequenced, time) : NULL);
	tsv_plain(w, f->price);
	tsv_plain(w, f->size);
	tsv_bool(w, f->size_in_quote);
	tsv_plain(w, f->base_size);
	tsv_plain(w, f->value);
	tsv_plain(w, f->commission);
	tsv_text_if_any(w, f->liquidity);
	tsv_text_if_any(w, f->portfolio_id);
	tsv_text(w, f->source);
	tsv_end_row(w);
}

void fill_count(struct fill_counts *counts, const struct coinbase_fill *f)
{
	counts->fills++;
	if (!coinbase_fill_is_booked(f)) {
		counts->not_booked++;
		log_warning("%s of trade %s (%s, order %s) is kept but not booked: a person must decide", f->trade_type,
			    *f->trade_id ? f->trade_id : f->entry_id, f->product_id, f->order_id);
	}
	if (f->base_rounded) {
		counts->rounded++;
		log_debug("%s: %s for %s at %s is %s, rounded to %d decimals", f->entry_id, f->product_id, f->size, f->price,
			  f->base_size, COINBASE_PLACES);
	}
}

void fills_report_rounded(const struct fill_counts *counts)
{
	if (counts->rounded)
		log_info("%ld %s sized in quote: a base quantity with endless decimals is rounded to %d decimals",
			 counts->rounded, plural(counts->rounded, "fill is", "fills are"), COINBASE_PLACES);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool id_set_add(void **set, const char *id)
{
	char *copy = xstrdup(id), **node = tsearch(copy, set, compare_ids);

	if (!node)
		die(EX_OSERR, "out of memory");
	if (*node == copy)
		return true;
	free(copy);
	return false;
}

bool id_set_has(void **set, const char *id)
{
	return tfind(id, set, compare_ids) != NULL;
}

void id_set_release(void **set)
{
	while (*set) {
		char *id = **(char ***)set;

		tdelete(id, set, compare_ids);
		free(id);
	}
}

void fills_report_stored(const struct exchange_stored *stored, long read, long pages)
{
	if (stored->settled_sizes)
		log_info("%lld base quantities of fills sized in quote are settled by their order's filled size",
			 stored->settled_sizes);
	log_fact(LOG_INFO, "stored", "read=%ld added=%lld changed=%lld replaced=%lld known=%lld orders=%lld pages=%ld", read,
		 stored->added, stored->changed, stored->twins.replaced, stored->twins.known, stored->orders, pages);
}
