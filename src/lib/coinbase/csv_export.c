#include "coinbase/csv_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ident.h"
#include "coinbase/csv_amounts.h"
#include "coinbase/csv_balance.h"
#include "coinbase/csv_convert.h"
#include "coinbase/csv_header.h"
#include "coinbase/csv_identity.h"
#include "coinbase/csv_legs.h"
#include "coinbase/csv_rows.h"
#include "coinbase/csv_types.h"
#include "format/csv.h"
#include "format/file_kind.h"

/* What reading works with: the open file, which export it is, and the rows so far. */
struct reading {
	struct csv_reader in;
	struct coinbase_export export;
	struct export_habits habits;
	struct coinbase_row row;
	const struct instant_ns *latest;
	struct coinbase_csv *csv;
	struct coinbase_conversion *conversions;
	size_t n_conversions;
	struct coinbase_movement *movements;	/* of an account statement, under this header */
	size_t n_movements;
	size_t skipped_before;		/* skipped rows before the last lines, which may stand before a header, */
	long lines_before;		/* and how many those are */
	bool has_span;			/* the last of csv->spans is that of the rows under this header */
	char last_order[COINBASE_ID];	/* of an account statement: that of the row before */
};

static const char *field(const struct reading *r, enum export_column column)
{
	return coinbase_row_field(&r->row, column);
}

/* Rows that are no trades -------------------------------------------------------------------- */

/* A type that is new, but has a trade's word in it, may be one misspelt: not to be let by.  Whatever became of a
 * currency in that currency, no coin was traded. */
static void skip_other(struct reading *r, const char *type)
{
	bool same = r->export.report == EXPORT_HISTORY && coinbase_row_is_same(&r->row);
	enum coinbase_skip_kind kind = COINBASE_SKIP_OTHER;
	struct reason why;

	switch (coinbase_row_type(type)) {
	case COINBASE_TYPE_NO_TRADE:
		break;
	case COINBASE_TYPE_RENAMED:
		kind = COINBASE_SKIP_RENAMED;
		break;
	case COINBASE_TYPE_PAYMENT:
		kind = same ? COINBASE_SKIP_OTHER : COINBASE_SKIP_PAID;
		break;
	case COINBASE_TYPE_UNKNOWN:
		kind = same ? COINBASE_SKIP_SAME : COINBASE_SKIP_UNKNOWN;
		break;
	default:
		kind = COINBASE_SKIP_BAD;
		reason_set(&why, "the type is not known, and may be a trade: if it is one, book it with import-trades");
	}
	coinbase_csv_skip(r->csv, kind, r->in.line, type, kind == COINBASE_SKIP_BAD ? &why : NULL);
}

/* The balances of an account statement ---------------------------------------------------------- */

/* A row that cannot be placed is left out: the next one of its account does not follow then.  One of 0, as many fees
 * are, has its place anywhere. */
static void keep_movement(struct reading *r)
{
	struct coinbase_movement *m;

	r->movements = xgrow(r->movements, r->n_movements, sizeof *r->movements);
	m = &r->movements[r->n_movements];
	coinbase_movement_init(m);
	m->line = r->in.line;
	m->has_balance = coinbase_row_amount(&r->row, EXPORT_BALANCE, "balance", &m->balance, NULL);
	if (coinbase_row_fits(&r->row, NULL) &&
	    coinbase_row_put(m->portfolio, sizeof m->portfolio, "the portfolio", field(r, EXPORT_PORTFOLIO), NULL) &&
	    coinbase_row_put(m->unit, sizeof m->unit, "the unit", field(r, EXPORT_UNIT), NULL) &&
	    coinbase_habits_time(&r->habits, field(r, EXPORT_TIMESTAMP), &m->time, NULL) &&
	    coinbase_row_amount(&r->row, EXPORT_AMOUNT, "amount", &m->amount, NULL) && decimal_sign(&m->amount) != 0)
		r->n_movements++;
	else
		coinbase_movement_release(m);
}

/* Of the rows under one header. */
static void check_balances(struct reading *r)
{
	coinbase_balances_check(r->csv, r->movements, r->n_movements);
	while (r->n_movements > 0)
		coinbase_movement_release(&r->movements[--r->n_movements]);
}

/* Rows in ------------------------------------------------------------------------------------ */

/* Files were put together: go on with the header at hand, and forget what stood before it. */
static bool begin_again(struct reading *r, const struct coinbase_export *again, struct reason *why)
{
	if (again->report != r->export.report)
		return reason_set(why, "line %ld: here another export begins, %s after %s: give each as a separate file",
				  r->in.line, again->words, r->export.words);
	check_balances(r);
	r->export = *again;
	r->has_span = false;
	if (r->lines_before > 0)
		r->csv->n_skipped = r->skipped_before;
	r->csv->rows -= r->lines_before;
	r->lines_before = 0;
	return true;
}

/* What the exchange writes before a header: a sentence, a title, whose it is; behind a title the name, the address
 * and a number. */
static bool is_before_header(const struct reading *r)
{
	const struct csv_reader *in = &r->in;
	int used = in->n_fields;

	/* A spreadsheet makes all rows as long as the longest. */
	while (used > 1 && !*in->field[used - 1])
		used--;
	return used == 1 || strcasecmp(in->field[0], "User") == 0 || strcasecmp(in->field[0], "Account") == 0 ||
	       strncasecmp(in->field[0], "You can use this", 16) == 0 || (r->lines_before > 0 && used <= 3);
}

static void count_lines_before_header(struct reading *r)
{
	if (!is_before_header(r))
		r->lines_before = 0;
	else if (r->lines_before++ == 0)
		r->skipped_before = r->csv->n_skipped;
}

/* A note with commas and no quotes around it, behind which no other field stands, is one field. */
static void join_note(struct reading *r)
{
	int note = r->export.field_of[EXPORT_NOTES], last = note;

	if (note != r->export.n_fields - 1 || !coinbase_row_fits(&r->row, NULL))
		return;
	for (int i = note; i < r->in.n_fields; i++)
		if (*r->in.field[i])
			last = i;
	/* The fields of a record lie one behind the other. */
	for (int i = note + 1; i <= last; i++)
		r->in.field[i][-1] = ',';
}

/* The next row: 1; 0 at the end; -1 with the reason.  Where the file breaks off the last digits of a number may be
 * missing, or more, whatever the row seems to be: unless it proves to be whole it is a trade that cannot be read. */
static int next_row(struct reading *r, struct reason *why)
{
	struct coinbase_export again;
	struct reason cut;
	int got;

	while ((got = csv_next(&r->in, why)) == 1) {
		if (csv_is_blank(&r->in))
			continue;
		if (coinbase_export_again(&r->in, &again)) {
			if (!begin_again(r, &again, why))
				return -1;
			continue;
		}
		count_lines_before_header(r);
		join_note(r);
		r->csv->rows++;
		if (!r->in.is_cut || coinbase_row_is_whole(&r->row, r->last_order))
			break;
		reason_set(&cut, "it has no line end: the file may be cut off there");
		coinbase_csv_skip(r->csv, COINBASE_SKIP_BAD, r->in.line, "row", &cut);
	}
	return got;
}

/* The reports -------------------------------------------------------------------------------- */

/* Of the rows under this header. */
static void widen_span(struct reading *r, const struct instant_ns *t)
{
	const char *asset = r->export.report == EXPORT_TRANSFERS ? r->export.asset : field(r, EXPORT_ASSET);
	const char *portfolio = field(r, EXPORT_PORTFOLIO);
	struct coinbase_csv *csv = r->csv;
	struct coinbase_span *span;

	if (!r->has_span) {
		csv->spans = xrealloc(csv->spans, ++csv->n_spans * sizeof *csv->spans);
		span = &csv->spans[csv->n_spans - 1];
		*span = (struct coinbase_span){ *t, *t, r->in.line, "", "" };
		snprintf(span->asset, sizeof span->asset, "%s", asset);
		snprintf(span->portfolio, sizeof span->portfolio, "%s", portfolio);
		r->has_span = true;
	}
	span = &csv->spans[csv->n_spans - 1];
	if (strcmp(span->asset, asset) != 0)
		span->asset[0] = '\0';
	if (strcmp(span->portfolio, portfolio) != 0)
		span->portfolio[0] = '\0';
	if (instant_ns_cmp(t, &span->first) < 0)
		span->first = *t;
	if (instant_ns_cmp(t, &span->last) > 0)
		span->last = *t;
}

static bool read_time(struct reading *r, struct instant_ns *t, struct reason *why)
{
	if (!coinbase_habits_time(&r->habits, field(r, EXPORT_TIMESTAMP), t, why) ||
	    !coinbase_time_is_possible(t, r->latest, why))
		return false;
	widen_span(r, t);
	return true;
}

static void note_time(struct reading *r)
{
	struct instant_ns t;

	read_time(r, &t, NULL);
}

/* The future or perpetual that a row is about, whose size counts contracts; "" if it is none.  A history names it as an
 * asset. */
static const char *contract(const struct reading *r)
{
	const char *product = field(r, r->export.report == EXPORT_FILLS ? EXPORT_PRODUCT : EXPORT_ASSET);

	return strchr(product, '-') && coinbase_product_is_contract(product) ? product : "";
}

/* A row that is a trade. */
static void read_trade(struct reading *r, bool buy, const char *type, coinbase_row_reader *read_row)
{
	struct coinbase_fill *f = coinbase_csv_fill(r->csv, r->export.source, r->in.line);
	struct coinbase_amounts a;
	struct reason why;

	if (coinbase_row_is_same(&r->row)) {
		note_time(r);
		coinbase_csv_skip(r->csv, COINBASE_SKIP_SAME, r->in.line, type, NULL);
		return;
	}
	coinbase_amounts_init(&a);
	f->buy = buy;
	if (*contract(r)) {
		note_time(r);
		coinbase_csv_skip(r->csv, COINBASE_SKIP_CONTRACT, r->in.line, contract(r), NULL);
	} else if (coinbase_row_fits(&r->row, &why) && read_time(r, &f->traded, &why) && read_row(&r->row, f, &a, &why) &&
		   coinbase_amounts_keep(f, &a, &why)) {
		if (!*f->entry_id)
			coinbase_csv_digest_id(f);
		r->csv->n_fills++;
	} else {
		coinbase_csv_skip(r->csv, COINBASE_SKIP_BAD, r->in.line, type, &why);
	}
	coinbase_amounts_release(&a);
}

/* A conversion waits for its other row. */
static void keep_conversion(struct reading *r, const char *type)
{
	struct instant_ns time;
	struct reason why;

	if (!read_time(r, &time, &why)) {
		coinbase_csv_skip(r->csv, COINBASE_SKIP_BAD, r->in.line, type, &why);
		return;
	}
	r->conversions = xgrow(r->conversions, r->n_conversions, sizeof *r->conversions);
	coinbase_conversion_read(&r->conversions[r->n_conversions++], &r->row, &time);
}

/* A side of a swap, in a row that is whole: what came is bought, what went is sold. */
static void read_signed(struct reading *r, const char *type)
{
	struct decimal quantity;
	bool buy;

	decimal_init(&quantity);
	buy = coinbase_row_amount(&r->row, EXPORT_QUANTITY, "quantity", &quantity, NULL) && decimal_sign(&quantity) > 0;
	decimal_release(&quantity);
	read_trade(r, buy, type, coinbase_row_history);
}

/* The exchange sweeps up what is too small to trade. */
static void read_dust(struct reading *r, const char *type)
{
	size_t before = r->csv->n_fills;

	read_signed(r, type);
	if (r->csv->n_fills > before && r->csv->n_dust++ == 0)
		r->csv->dust_line = r->in.line;
}

static void read_typed(struct reading *r, coinbase_row_reader *read_row)
{
	const char *type = field(r, EXPORT_TYPE);
	enum coinbase_row_type is = coinbase_row_type(type);

	if (is == COINBASE_TYPE_BUY || is == COINBASE_TYPE_SELL) {
		read_trade(r, is == COINBASE_TYPE_BUY, type, read_row);
	} else if (is == COINBASE_TYPE_SIGNED && r->export.report == EXPORT_HISTORY) {
		read_signed(r, type);
	} else if (is == COINBASE_TYPE_DUST && r->export.report == EXPORT_HISTORY) {
		read_dust(r, type);
	} else if (is == COINBASE_TYPE_CONVERT && r->export.report == EXPORT_HISTORY) {
		keep_conversion(r, type);
	} else {
		note_time(r);
		skip_other(r, type);
	}
}

static void read_record(struct reading *r)
{
	switch (r->export.report) {
	case EXPORT_FILLS:
		read_trade(r, false, "fill", coinbase_row_fills);
		break;
	case EXPORT_HISTORY:
		read_typed(r, coinbase_row_history);
		break;
	case EXPORT_TRANSFERS:
		read_typed(r, coinbase_row_transfers);
		break;
	case EXPORT_ACCOUNT_REPORT:
		if (*field(r, EXPORT_TOTAL)) {
			read_trade(r, false, "transfer", coinbase_row_account_report);
		} else {
			note_time(r);
			coinbase_csv_skip(r->csv, COINBASE_SKIP_OTHER, r->in.line, "row without a transfer total", NULL);
		}
		break;
	case EXPORT_ACCOUNT:		/* whose rows make no trade each */
	case EXPORT_REPORTS:
		break;
	}
}

/* The account statement: rows of one trade id make one trade ----------------------------------- */

static bool read_leg(struct reading *r, struct coinbase_leg *leg)
{
	struct reason *why = &leg->why;
	struct decimal d;
	bool ok;

	*leg = (struct coinbase_leg){ .line = r->in.line, .fee = strcasecmp(field(r, EXPORT_TYPE), "fee") == 0 };
	decimal_init(&d);
	ok = read_time(r, &leg->time, why) && coinbase_row_fits(&r->row, why) &&
	     coinbase_row_put_id(leg->trade_id, sizeof leg->trade_id, "the trade id", field(r, EXPORT_TRADE_ID), why) &&
	     (*leg->trade_id || reason_set(why, "no trade id")) &&
	     coinbase_row_put_id(leg->order_id, sizeof leg->order_id, "the order id", field(r, EXPORT_ORDER_ID), why) &&
	     coinbase_row_put_name(leg->portfolio, sizeof leg->portfolio, "the portfolio", field(r, EXPORT_PORTFOLIO), why) &&
	     coinbase_row_put(leg->unit, sizeof leg->unit, "the unit", field(r, EXPORT_UNIT), why) &&
	     coinbase_row_amount(&r->row, EXPORT_AMOUNT, "amount", &d, why) && coinbase_keep_decimal(leg->amount, &d, why);
	decimal_release(&d);
	return ok;
}

static int compare_lines(const void *a, const void *b)
{
	const struct coinbase_fill *x = a, *y = b;

	/* The sale of a conversion before its purchase. */
	return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : x->buy - y->buy;
}

static int compare_skipped_lines(const void *a, const void *b)
{
	const struct coinbase_skip *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void join_legs(struct reading *r, const struct coinbase_leg *legs, size_t n)
{
	const struct coinbase_leg **strays = NULL;
	size_t n_strays = 0;

	for (size_t from = 0, to; from < n; from = to) {
		to = from + coinbase_legs_count(legs + from, n - from);
		if (!coinbase_legs_are_stray(legs + from, to - from))
			continue;
		for (size_t i = from; i < to; i++) {
			strays = xgrow(strays, n_strays, sizeof *strays);
			strays[n_strays] = &legs[i];
			n_strays += legs[i].fee;
		}
	}
	coinbase_legs_sort_strays(strays, n_strays);
	for (size_t from = 0, to; from < n; from = to) {
		struct coinbase_fill *f = coinbase_csv_fill(r->csv, r->export.source, r->in.line);
		struct coinbase_amounts a;
		struct reason detail;

		to = from + coinbase_legs_count(legs + from, n - from);
		coinbase_amounts_init(&a);
		if (coinbase_legs_have_fee(legs + from, to - from, strays, n_strays, &detail) &&
		    coinbase_legs_join(f, legs + from, to - from, &a, &detail) && coinbase_amounts_keep(f, &a, &detail))
			r->csv->n_fills++;
		else
			coinbase_csv_skip(r->csv, COINBASE_SKIP_BAD, legs[from].line, "match", &detail);
		coinbase_amounts_release(&a);
	}
	free(strays);
}

/* A row of a trade: a side, or a fee, which may have lost the trade's id and have the order's. */
static bool is_leg(const struct reading *r)
{
	const char *type = field(r, EXPORT_TYPE);
	bool fee = strcasecmp(type, "fee") == 0;

	if (!fee && strcasecmp(type, "match") != 0)
		return false;
	return *ident_sent(field(r, EXPORT_TRADE_ID)) || (fee && *ident_sent(field(r, EXPORT_ORDER_ID)));
}

static bool read_account(struct reading *r, struct reason *why)
{
	struct coinbase_leg *legs = NULL;
	size_t n = 0;
	int got;

	while ((got = next_row(r, why)) == 1) {
		keep_movement(r);
		if (!is_leg(r)) {
			note_time(r);
			skip_other(r, field(r, EXPORT_TYPE));
			continue;
		}
		legs = xgrow(legs, n, sizeof *legs);
		legs[n].bad = !read_leg(r, &legs[n]);
		memcpy(r->last_order, legs[n].order_id, sizeof r->last_order);
		n++;
	}
	check_balances(r);
	free(r->movements);
	coinbase_legs_sort(legs, n);
	join_legs(r, legs, n);
	free(legs);
	return got == 0;
}

static void take_conversion(struct reading *r, const struct coinbase_converted *made, long line)
{
	static const enum coinbase_skip_kind skip[] = {
		[COINBASE_CONVERT_STAKED] = COINBASE_SKIP_STAKED, [COINBASE_CONVERT_MONEY] = COINBASE_SKIP_SAME,
		[COINBASE_CONVERT_BAD] = COINBASE_SKIP_BAD,
	};

	if (made->kind != COINBASE_CONVERT_TRADES) {
		coinbase_csv_skip(r->csv, skip[made->kind], line, "Convert",
				  made->kind == COINBASE_CONVERT_BAD ? &made->why : NULL);
		return;
	}
	for (int i = 0; i < made->n_fills; i++) {
		struct coinbase_fill *f = coinbase_csv_fill(r->csv, r->export.source, r->in.line);

		*f = made->fills[i];
		if (!*f->entry_id)
			coinbase_csv_digest_id(f);
		r->csv->n_fills++;
	}
}

static void join_conversions(struct reading *r)
{
	struct coinbase_conversion *c = r->conversions;
	struct coinbase_converted made;

	coinbase_conversions_sort(c, r->n_conversions);
	for (size_t i = 0; i < r->n_conversions; i++) {
		if (c[i].done)
			continue;
		coinbase_conversion_join(&c[i], r->n_conversions - i, r->export.source, &made);
		take_conversion(r, &made, c[i].line);
	}
	free(c);
}

/* Where returns alone end the lines, as spreadsheets of old write them: the text with line feeds, in to; else text
 * itself. */
static const char *with_line_feeds(const char *text, size_t len, struct buf *to)
{
	if (len == 0 || memchr(text, '\n', len) || !memchr(text, '\r', len))
		return text;
	buf_add(to, text, len);
	for (char *at = to->data; (at = memchr(at, '\r', (size_t)(to->data + len - at))); at++)
		*at = '\n';
	return to->data;
}

bool coinbase_csv_parse(const char *given, size_t len, const struct instant_ns *latest, struct coinbase_csv *csv,
			struct reason *why)
{
	struct buf lines = BUF_INIT;
	const char *text = with_line_feeds(given, len, &lines), *kind = file_kind_refused(given, len);
	struct reading r = { .csv = csv, .latest = latest };
	bool ok;
	int got;

	*csv = (struct coinbase_csv){ 0 };
	csv_open(&r.in, text, len);
	ok = kind ? reason_set(why, "%s", kind) : coinbase_export_find(&r.in, &r.export, why);
	if (ok) {
		r.habits = coinbase_habits_find(text, len);
		r.row = (struct coinbase_row){ &r.export, &r.in, &r.habits };
		csv->report = r.export.words;
		csv->source = r.export.source;
		if (r.export.report == EXPORT_ACCOUNT) {
			ok = read_account(&r, why);
		} else {
			while ((got = next_row(&r, why)) == 1)
				read_record(&r);
			ok = got == 0;
		}
	}
	csv_close(&r.in);
	join_conversions(&r);
	/* What is put together of several rows stands at its end yet. */
	if (csv->n_fills > 0 && (r.n_conversions > 0 || r.export.report == EXPORT_ACCOUNT))
		qsort(csv->fills, csv->n_fills, sizeof *csv->fills, compare_lines);
	coinbase_csv_number_alike(csv, r.export.report);
	if (csv->n_skipped > 0)
		qsort(csv->skipped, csv->n_skipped, sizeof *csv->skipped, compare_skipped_lines);
	buf_release(&lines);
	return ok;
}
