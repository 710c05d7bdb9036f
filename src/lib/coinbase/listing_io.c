#include "coinbase/listing_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "coinbase/csv_amounts.h"
#include "os/log.h"

/* What was met ------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash_of(const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return hash ? hash : 1;
}

/* Where it is, or would be. */
static uint64_t *slot_of(const struct id_set *set, uint64_t hash)
{
	size_t at = hash & (set->size - 1);

	while (set->slot[at] && set->slot[at] != hash)
		at = (at + 1) & (set->size - 1);
	return &set->slot[at];
}

/* True if it was not there yet. */
static bool put_hash(struct id_set *set, uint64_t hash)
{
	uint64_t *slot = slot_of(set, hash);

	if (*slot == hash)
		return false;
	*slot = hash;
	set->n++;
	return true;
}

static bool is_new_id(struct id_set *set, const char *id)
{
	struct id_set larger;

	if (2 * (set->n + 1) > set->size) {
		larger = (struct id_set){ NULL, 0, set->size ? 2 * set->size : 1024 };
		larger.slot = xmalloc(larger.size * sizeof *larger.slot);
		memset(larger.slot, 0, larger.size * sizeof *larger.slot);
		for (size_t i = 0; i < set->size; i++)
			if (set->slot[i])
				put_hash(&larger, set->slot[i]);
		free(set->slot);
		*set = larger;
	}
	return put_hash(set, hash_of(id));
}

static bool knows_id(const struct id_set *set, const char *id)
{
	return *slot_of(set, hash_of(id)) != 0;
}

static void forget_ids(struct id_set *set)
{
	free(set->slot);
	*set = (struct id_set){ NULL, 0, 0 };
}

void listing_begin(struct listing *l)
{
	forget_ids(&l->seen);
}

/* However long it is: two may differ at their ends alone.  An entry's id has no blank. */
bool listing_is_new_cursor(struct listing *l, const char *cursor)
{
	struct buf text = BUF_INIT;
	bool is_new;

	buf_addf(&text, "cursor %s", cursor);
	is_new = is_new_id(&l->seen, text.data);
	buf_release(&text);
	return is_new;
}

/* What is left out --------------------------------------------------------------------------- */

/* So many rows that are left out are named; the others are counted. */
enum { NAMED_UNREAD = 20 };

/* A row that is left out because of what it says. */
static void leave_out(struct listing *l, const struct reason *why)
{
	if (++l->unread <= NAMED_UNREAD)
		log_warning("%s", why->text);
	else if (l->unread == NAMED_UNREAD + 1)
		log_warning("there are more such rows; only the first %d are named", NAMED_UNREAD);
}

/* A decimal without the zeros at its end: 2.50 and 2.5 are one amount. */
static void add_amount(struct buf *to, const char *text)
{
	size_t len = strlen(text);

	while (strchr(text, '.') && len > 0 && (text[len - 1] == '0' || text[len - 1] == '.'))
		if (text[--len] == '.')
			break;
	buf_addf(to, " %.*s", (int)len, text);
}

/* What an entry says, and by which it is one with itself wherever it stands in the listing. */
static void add_facts(struct buf *to, const struct coinbase_fill *f)
{
	char time[COINBASE_TIME];

	buf_addf(to, "%s %s %s %s %s %d", f->entry_id, f->trade_type, f->product_id,
		 coinbase_time_format(&f->traded, time), f->buy ? "BUY" : "SELL", f->size_in_quote);
	add_amount(to, f->price);
	add_amount(to, f->size);
	add_amount(to, f->commission);
}

/* An entry that stood in the listing before may stand there again, as a page may move while the listing is read.  If
 * it says something else now, one of the two is wrong; it then loses its id, by which it is left out. */
static void check_again(struct listing *l, struct coinbase_fill *f, bool is_first)
{
	struct buf facts = BUF_INIT;
	struct reason why;

	add_facts(&facts, f);
	if (is_new_id(&l->seen, facts.data) && !is_first) {
		reason_set(&why, "entry %.60s of the listing (%s) stands there with other facts too: %.200s; the first is "
				 "taken, and a person must decide which is correct", f->entry_id, f->product_id,
			   facts.data + strlen(f->entry_id) + 1);
		leave_out(l, &why);
		f->entry_id[0] = '\0';
	}
	buf_release(&facts);
}

bool listing_brings_news(struct listing *l, struct coinbase_page *page)
{
	bool news = false, first;

	for (size_t i = 0; i < page->n; i++) {
		first = is_new_id(&l->seen, page->fills ? page->fills[i].entry_id : page->orders[i].order_id);
		news |= first;
		if (page->fills)
			check_again(l, &page->fills[i], first);
	}
	return news;
}

/* Count a fill of a future or perpetual under its product. */
static void count_contract(struct listing *l, const char *product)
{
	size_t i = 0;

	while (i < l->n_contracts && strcmp(l->contracts[i].product, product) != 0)
		i++;
	if (i == l->n_contracts) {
		l->contracts = xrealloc(l->contracts, ++l->n_contracts * sizeof *l->contracts);
		l->contracts[i].fills = 0;
		snprintf(l->contracts[i].product, sizeof l->contracts[i].product, "%s", product);
	}
	l->contracts[i].fills++;
}

/* Neither a purchase nor a sale can be made of a row whose side the exchange does not know. */
static bool has_side(const char *kind, const char *id, const char *product, bool unsaid, struct reason *why)
{
	return !unsaid || reason_set(why, "%s %.60s (%s) has no side, as the exchange does not know it: it is left "
					  "out, and a person must check what it was", kind, id, product);
}

/* No trade has a time or a commission like this; a commission of what is not booked is nobody's. */
static bool is_possible(const struct coinbase_fill *f, const struct instant_ns *latest, struct reason *why)
{
	const char *id = *f->trade_id ? f->trade_id : f->entry_id;
	struct decimal fee, value;
	struct reason detail;
	bool beyond;

	if (!has_side("trade", id, f->product_id, f->side_unsaid, why))
		return false;
	if (!coinbase_time_is_possible(&f->traded, latest, &detail))
		return reason_set(why, "trade %.60s (%s) is left out: its time %s", id, f->product_id, detail.text);
	decimal_init(&fee);
	decimal_init(&value);
	beyond = coinbase_fill_is_booked(f) && decimal_parse_text(&fee, f->commission, DECIMAL_PLAIN, NULL) &&
		 decimal_parse_text(&value, f->value, DECIMAL_PLAIN, NULL) && coinbase_fee_is_beyond(&fee, &value, f->product_id);
	decimal_release(&fee);
	decimal_release(&value);
	return !beyond || reason_set(why, "trade %.60s (%s) is left out: a commission of %.40s is too much for a value of "
					  "%.40s", id, f->product_id, f->commission, f->value);
}

/* A trade is in an order once.  Of two entries of it the first counts, and must say the same commission. */
static bool is_another_entry(struct listing *l, const struct coinbase_fill *f)
{
	struct buf trade = BUF_INIT, entry = BUF_INIT, fee = BUF_INIT;
	char time[COINBASE_TIME];
	struct reason why;
	bool first, another;

	if (!coinbase_fill_is_booked(f) || !*f->trade_id || !*f->order_id)
		return false;
	buf_addf(&trade, "trade %s %s %s %s %s", f->trade_id, f->order_id, f->product_id, f->buy ? "BUY" : "SELL",
		 coinbase_time_format(&f->traded, time));
	add_amount(&trade, f->price);
	add_amount(&trade, f->size);
	buf_addf(&entry, "%s in %s", trade.data, f->entry_id);
	buf_addf(&fee, "%s for", trade.data);
	add_amount(&fee, f->commission);
	first = is_new_id(&l->seen, trade.data);
	another = !first && !knows_id(&l->seen, entry.data);
	if (first) {
		is_new_id(&l->seen, entry.data);
		is_new_id(&l->seen, fee.data);
	} else if (another && knows_id(&l->seen, fee.data)) {
		l->n_again++;
	} else if (another) {
		reason_set(&why, "trade %.60s (%s) stands in the listing under another entry, %.60s, with another commission, %.40s: "
				 "the first is taken, and a person must decide which is correct",
			   f->trade_id, f->product_id, f->entry_id, f->commission);
		leave_out(l, &why);
	}
	buf_release(&trade);
	buf_release(&entry);
	buf_release(&fee);
	return another;
}

/* The rows that could not be read, of a page which is one more. */
static void leave_out_unread(struct listing *l, const struct coinbase_page *page)
{
	struct reason why;

	l->pages++;
	for (size_t i = 0; i < page->n_odd; i++) {
		reason_set(&why, "page %ld of the %s, %s: it is left out, and a person must check what it was", l->pages,
			   page->fills ? "fills" : "orders", page->odd[i].text);
		leave_out(l, &why);
	}
}

/* The sizes of what is not a spot product count contracts, and a fill of size zero is none. */
size_t listing_keep_fills(struct listing *l, struct coinbase_page *page, const struct instant_ns *latest)
{
	struct reason why;
	size_t kept = 0;

	leave_out_unread(l, page);
	for (size_t i = 0; i < page->n; i++) {
		const struct coinbase_fill *f = &page->fills[i];

		if (!*f->entry_id)
			continue;
		if (coinbase_fill_is_booked(f) && coinbase_fill_is_empty(f)) {
			l->n_empty++;
		} else if (!coinbase_product_is_spot(f->product_id)) {
			count_contract(l, f->product_id);
		} else if (!is_possible(f, latest, &why)) {
			leave_out(l, &why);
		} else if (!is_another_entry(l, f)) {
			l->n_unsaid += f->fee_unsaid;
			l->n_disputed += f->fee_disputed;
			page->fills[kept++] = *f;
		}
	}
	return kept;
}

size_t listing_keep_orders(struct listing *l, struct coinbase_page *page)
{
	struct reason why;
	size_t kept = 0;

	leave_out_unread(l, page);
	for (size_t i = 0; i < page->n; i++) {
		const struct coinbase_order *o = &page->orders[i];

		if (!coinbase_product_is_spot(o->product_id))
			continue;
		if (has_side("order", o->order_id, o->product_id, o->side_unsaid, &why))
			page->orders[kept++] = *o;
		else
			leave_out(l, &why);
	}
	return kept;
}

void listing_say(const struct listing *l)
{
	for (size_t i = 0; i < l->n_contracts; i++)
		log_warning("%ld %s of %s kept out: it is not a spot product, and sizes count contracts",
			    l->contracts[i].fills, plural(l->contracts[i].fills, "fill", "fills"), l->contracts[i].product);
	if (l->n_empty > 0)
		log_warning("%zu %s of size 0 left out: nothing was traded", l->n_empty,
			    plural((long long)l->n_empty, "fill", "fills"));
	if (l->n_again > 0)
		log_warning("%zu %s in the listing under another entry, too: each counts once", l->n_again,
			    plural((long long)l->n_again, "trade stands", "trades stand"));
	if (l->n_unsaid > 0)
		log_warning("%zu %s without a commission, and 0 is taken for it: --orders compares it with the "
			    "orders' fees", l->n_unsaid, plural((long long)l->n_unsaid, "fill comes", "fills come"));
	if (l->n_disputed > 0)
		log_warning("%zu %s another commission where it is itemized, and that is not taken: --orders compares with the "
			    "orders' fees", l->n_disputed, plural((long long)l->n_disputed, "fill has", "fills have"));
	if (l->unread > 0)
		log_warning("%ld %s of the listing left out: its time does not count as complete", l->unread,
			    plural(l->unread, "row", "rows"));
}

void listing_release(struct listing *l)
{
	forget_ids(&l->seen);
	free(l->contracts);
	*l = (struct listing){ 0 };
}
