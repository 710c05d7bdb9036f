#include "coinbase/csv_identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "coinbase/csv_amounts.h"

void coinbase_csv_digest_id(struct coinbase_fill *f)
{
	char time[COINBASE_TIME], facts[512], hex[33];
	unsigned char digest[EVP_MAX_MD_SIZE];

	snprintf(facts, sizeof facts, "%s|%s|%d|%s|%s|%s", coinbase_time_format(&f->traded, time), f->product_id, f->buy,
		 f->base_size, f->value, f->commission);
	EVP_Digest(facts, strlen(facts), digest, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s", f->source, hex);
}

static int compare_identities(const void *a, const void *b)
{
	const struct coinbase_fill *x = *(struct coinbase_fill *const *)a, *y = *(struct coinbase_fill *const *)b;
	int order = strcmp(x->entry_id, y->entry_id);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* 2 and 2.00, as generations write one amount. */
static bool same_amount(const char *a, const char *b)
{
	struct decimal x, y;
	bool same = strcmp(a, b) == 0;

	if (same)
		return true;
	decimal_init(&x);
	decimal_init(&y);
	same = decimal_parse_text(&x, a, DECIMAL_PLAIN, NULL) && decimal_parse_text(&y, b, DECIMAL_PLAIN, NULL) &&
	       decimal_cmp(&x, &y) == 0;
	decimal_release(&x);
	decimal_release(&y);
	return same;
}

static bool same_facts(const struct coinbase_fill *a, const struct coinbase_fill *b)
{
	return instant_ns_cmp(&a->traded, &b->traded) == 0 && a->buy == b->buy &&
	       strcmp(a->product_id, b->product_id) == 0 && same_amount(a->size, b->size) && same_amount(a->value, b->value) &&
	       same_amount(a->commission, b->commission);
}

static void drop_repeated(struct coinbase_csv *csv)
{
	size_t kept = 0;

	for (size_t i = 0; i < csv->n_fills; i++) {
		struct coinbase_fill *f = &csv->fills[i];

		if (*f->entry_id)
			csv->fills[kept++] = *f;
		else if (f->line > 0)
			coinbase_csv_skip(csv, COINBASE_SKIP_REPEATED, f->line, f->trade_id, NULL);
	}
	csv->n_fills = kept;
}

/* A trade of an order book has a number of its own: where two rows give it other facts, one of them is wrong. */
static void hold_contradiction(struct coinbase_csv *csv, enum export_report report, struct coinbase_fill *f,
			       const struct coinbase_fill *first)
{
	struct reason why;

	reason_set(&why, "trade %.40s of %s stands on line %ld with other amounts or another time: one is taken, "
		   "and a person must decide which is correct", f->trade_id, f->product_id, first->line);
	coinbase_csv_skip(csv, COINBASE_SKIP_BAD, f->line,
			  report == EXPORT_FILLS ? "fill" : report == EXPORT_ACCOUNT ? "match" : "trade", &why);
	f->entry_id[0] = '\0';
	f->line = 0;
}

/* What went to and fro: the value with the fee of a purchase, without that of a sale. */
static void set_moved(struct decimal *moved, const struct coinbase_fill *f)
{
	struct decimal fee;

	decimal_init(&fee);
	decimal_parse_text(moved, f->value, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&fee, f->commission, DECIMAL_PLAIN, NULL);
	if (f->buy)
		decimal_add(moved, moved, &fee);
	else
		decimal_sub(moved, moved, &fee);
	decimal_release(&fee);
}

/* The same trade, as another generation of the report rounds its amounts: to two units of their
 * scale and a five-hundredth. */
static bool same_but_for_rounding(const struct coinbase_fill *a, const struct coinbase_fill *b)
{
	struct decimal x, y, slack;
	bool same = instant_ns_cmp(&a->traded, &b->traded) == 0 && a->buy == b->buy &&
		    strcmp(a->product_id, b->product_id) == 0 && same_amount(a->size, b->size);

	if (!same)
		return false;
	decimal_init(&x);
	decimal_init(&y);
	decimal_init(&slack);
	set_moved(&x, a);
	set_moved(&y, b);
	decimal_apart(&y, &x, &y);
	decimal_add_share(&slack, 2, 3, &x);
	decimal_add_int(&slack, 2, coinbase_quote_scale(a->product_id));
	same = decimal_cmp(&y, &slack) <= 0;
	decimal_release(&x);
	decimal_release(&y);
	decimal_release(&slack);
	return same;
}

/* Fills of one identity, in the order of the file, as far as they are numbered. */
struct alike {
	const struct coinbase_fill *first;
	size_t part, number;		/* those of the last: under which header, and the how many-th of its like there */
};

/* One more: the same trade again, a contradiction, or another trade with the next number. */
static void number_one(struct coinbase_csv *csv, enum export_report report, struct alike *alike,
		       struct coinbase_fill *f)
{
	const struct coinbase_fill *first = alike->first;
	size_t part = coinbase_csv_part(csv, f);
	bool other_part = part != alike->part;

	if (*f->trade_id && (same_facts(f, first) ||
			     (other_part && report == EXPORT_HISTORY && same_but_for_rounding(f, first)))) {
		f->entry_id[0] = '\0';
	} else if (*f->trade_id && (other_part || report == EXPORT_FILLS || report == EXPORT_ACCOUNT)) {
		hold_contradiction(csv, report, f, first);
	} else {
		alike->number = other_part ? 1 : alike->number + 1;
		alike->part = part;
		if (alike->number > 1)
			snprintf(f->entry_id, sizeof f->entry_id, "%.100s#%zu", first->entry_id, alike->number);
	}
}

void coinbase_csv_number_alike(struct coinbase_csv *csv, enum export_report report)
{
	struct coinbase_fill **by_id;
	size_t n = csv->n_fills;

	if (n == 0)
		return;
	by_id = xmalloc(n * sizeof *by_id);
	for (size_t i = 0; i < n; i++)
		by_id[i] = &csv->fills[i];
	qsort(by_id, n, sizeof *by_id, compare_identities);
	for (size_t from = 0, to; from < n; from = to) {
		struct alike alike = { by_id[from], coinbase_csv_part(csv, by_id[from]), 1 };

		for (to = from + 1; to < n && strcmp(by_id[to]->entry_id, by_id[from]->entry_id) == 0; to++)
			number_one(csv, report, &alike, by_id[to]);
	}
	free(by_id);
	drop_repeated(csv);
}
