#include "coinbase/csv_header.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The header must stand within this many records: the longest known preamble has seven lines. */
enum { MAX_PREAMBLE = 20 };

struct name {
	const char *text;
	enum export_column column;
	bool currency_before;		/* "EUR Subtotal": the currency is part of the name */
};

struct report {
	const char *words, *source;
	const struct name *names;
	unsigned long needed;		/* bits of columns */
	unsigned long one_of;		/* and one of these, if any */
};

#define BIT(column) (1ul << (column))

static const struct name history_names[] = {
	{ "id", EXPORT_ID, false }, { "timestamp", EXPORT_TIMESTAMP, false },
	{ "transaction type", EXPORT_TYPE, false }, { "type", EXPORT_TYPE, false },
	{ "asset", EXPORT_ASSET, false }, { "quantity transacted", EXPORT_QUANTITY, false },
	{ "quantitytransacted", EXPORT_QUANTITY, false },
	{ "price currency", EXPORT_CURRENCY, false }, { "spot price currency", EXPORT_CURRENCY, false },
	{ "price at transaction", EXPORT_PRICE, false }, { "spot price at transaction", EXPORT_PRICE, true },
	{ "subtotal", EXPORT_SUBTOTAL, true },
	{ "amount transacted (inclusive of coinbase fees)", EXPORT_PAID, true },
	{ "total (inclusive of fees and/or spread)", EXPORT_TOTAL, false },
	{ "total (inclusive of fees/spread)", EXPORT_TOTAL, false },
	{ "total (inclusive of fees)", EXPORT_TOTAL, true }, { "total", EXPORT_TOTAL, true },
	{ "fees and/or spread", EXPORT_FEES, false }, { "fees/spread", EXPORT_FEES, false }, { "fees", EXPORT_FEES, true },
	{ "notes", EXPORT_NOTES, false }, { NULL, 0, false },
};
static const struct name fills_names[] = {
	{ "portfolio", EXPORT_PORTFOLIO, false }, { "trade id", EXPORT_TRADE_ID, false }, { "product", EXPORT_PRODUCT, false },
	{ "side", EXPORT_SIDE, false }, { "created at", EXPORT_TIMESTAMP, false }, { "size", EXPORT_QUANTITY, false },
	{ "size unit", EXPORT_ASSET, false }, { "price", EXPORT_PRICE, false }, { "fee", EXPORT_FEES, false },
	{ "total", EXPORT_TOTAL, false },
	{ "price/fee/total unit", EXPORT_CURRENCY, false }, { NULL, 0, false },
};
static const struct name account_names[] = {
	{ "portfolio", EXPORT_PORTFOLIO, false }, { "type", EXPORT_TYPE, false }, { "time", EXPORT_TIMESTAMP, false },
	{ "timestamp", EXPORT_TIMESTAMP, false }, { "amount", EXPORT_AMOUNT, false }, { "balance", EXPORT_BALANCE, false },
	{ "amount/balance unit", EXPORT_UNIT, false }, { "trade id", EXPORT_TRADE_ID, false },
	{ "order id", EXPORT_ORDER_ID, false }, { NULL, 0, false },
};
/* Its third column is named by the asset: the quantity. */
static const struct name transfers_names[] = {
	{ "timestamp", EXPORT_TIMESTAMP, false }, { "type", EXPORT_TYPE, false }, { "subtotal", EXPORT_SUBTOTAL, false },
	{ "fees", EXPORT_FEES, false }, { "total", EXPORT_TOTAL, false }, { "currency", EXPORT_CURRENCY, false },
	{ "price per coin", EXPORT_PRICE, false }, { "id", EXPORT_ID, false }, { NULL, 0, false },
};
static const struct name account_report_names[] = {
	{ "timestamp", EXPORT_TIMESTAMP, false }, { "amount", EXPORT_QUANTITY, false }, { "currency", EXPORT_ASSET, false },
	{ "notes", EXPORT_NOTES, false }, { "transfer total", EXPORT_TOTAL, false },
	{ "transfer total currency", EXPORT_CURRENCY, false },
	{ "transfer fee", EXPORT_FEES, false }, { "transfer fee currency", EXPORT_FEE_CURRENCY, false },
	{ "transfer id", EXPORT_ID, false }, { NULL, 0, false },
};

static const struct report reports[EXPORT_REPORTS] = {
	[EXPORT_FILLS] = { "fills", "csv-fills", fills_names,
		BIT(EXPORT_TRADE_ID) | BIT(EXPORT_PRODUCT) | BIT(EXPORT_SIDE) | BIT(EXPORT_TIMESTAMP) | BIT(EXPORT_QUANTITY) |
		BIT(EXPORT_PRICE) | BIT(EXPORT_FEES), 0 },
	[EXPORT_ACCOUNT] = { "account statement", "csv-account", account_names,
		BIT(EXPORT_TYPE) | BIT(EXPORT_TIMESTAMP) | BIT(EXPORT_AMOUNT) | BIT(EXPORT_UNIT) | BIT(EXPORT_TRADE_ID), 0 },
	[EXPORT_HISTORY] = { "transaction history", "csv-history", history_names,
		BIT(EXPORT_TIMESTAMP) | BIT(EXPORT_TYPE) | BIT(EXPORT_ASSET) | BIT(EXPORT_QUANTITY) | BIT(EXPORT_PRICE),
		BIT(EXPORT_TOTAL) | BIT(EXPORT_PAID) },
	[EXPORT_TRANSFERS] = { "transfers", "csv-history", transfers_names,
		BIT(EXPORT_TIMESTAMP) | BIT(EXPORT_TYPE) | BIT(EXPORT_SUBTOTAL) | BIT(EXPORT_FEES) | BIT(EXPORT_TOTAL) |
		BIT(EXPORT_CURRENCY) | BIT(EXPORT_PRICE), 0 },
	[EXPORT_ACCOUNT_REPORT] = { "account report", "csv-history", account_report_names,
		BIT(EXPORT_TIMESTAMP) | BIT(EXPORT_QUANTITY) | BIT(EXPORT_ASSET) | BIT(EXPORT_TOTAL) | BIT(EXPORT_CURRENCY) |
		BIT(EXPORT_FEES), 0 },
};

/* The name of a header field without the space around it; and, where the name may have a currency before it,
 * that currency. */
static bool is_named(const char *text, const struct name *name, char currency[16])
{
	size_t len, want = strlen(name->text);

	while (*text == ' ')
		text++;
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == want)
		return strncasecmp(text, name->text, len) == 0;
	if (!name->currency_before || len < want + 3 || text[len - want - 1] != ' ' ||
	    strncasecmp(text + len - want, name->text, want) != 0 || len - want - 1 > 5 || memchr(text, ' ', len - want - 1))
		return false;
	snprintf(currency, 16, "%.*s", (int)(len - want - 1), text);
	return true;
}

/* Find the columns of a report in the current record.  Its bits of those that are there; *unnamed: the first field that
 * is none of them, -1 if each is one. */
static unsigned long find_columns(struct coinbase_export *e, const struct csv_reader *in, enum export_report report,
				  int *unnamed)
{
	unsigned long found = 0;

	*unnamed = -1;
	e->currency[0] = '\0';
	for (int c = 0; c < EXPORT_COLUMNS; c++)
		e->field_of[c] = -1;
	for (int i = 0; i < in->n_fields; i++) {
		const struct name *name = reports[report].names;

		while (name->text && !is_named(in->field[i], name, e->currency))
			name++;
		if (!name->text) {
			if (*unnamed < 0)
				*unnamed = i;
			continue;
		}
		if (e->field_of[name->column] >= 0)
			continue;		/* the first of two of one name */
		e->field_of[name->column] = i;
		found |= BIT(name->column);
	}
	return found;
}

static bool is_header_of(struct coinbase_export *e, const struct csv_reader *in, enum export_report report)
{
	int unnamed;
	unsigned long found = find_columns(e, in, report, &unnamed);

	if ((found & reports[report].needed) != reports[report].needed ||
	    (reports[report].one_of && !(found & reports[report].one_of)))
		return false;
	if (report == EXPORT_TRANSFERS) {
		if (unnamed < 0)
			return false;
		e->asset_field = unnamed;
		snprintf(e->asset, sizeof e->asset, "%s", csv_trim(in->field[unnamed]));
	}
	e->n_fields = in->n_fields;
	e->report = report;
	e->words = reports[report].words;
	e->source = reports[report].source;
	return true;
}

/* A record that is nearly the header of a report, and what it lacks. */
struct near_miss {
	long line;			/* 0: there was none */
	int missing;
	const char *words, *column;	/* constants */
};

static int count_bits(unsigned long bits)
{
	int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

static const char *name_of(enum export_report report, unsigned long columns)
{
	const struct name *name = reports[report].names;

	while (!(columns & BIT(name->column)))
		name++;
	return name->text;
}

/* Note the record if it lacks but one or two of a report's columns, and less than the one that is noted. */
static void note_near_miss(struct near_miss *near, const struct csv_reader *in)
{
	enum { MOST_MISSING = 2 };
	struct coinbase_export e;
	int unnamed;

	for (enum export_report r = 0; r < EXPORT_REPORTS; r++) {
		unsigned long found = find_columns(&e, in, r, &unnamed), lacks = reports[r].needed & ~found;
		int missing;

		if (!(found & reports[r].one_of))
			lacks |= reports[r].one_of & -reports[r].one_of;
		missing = count_bits(lacks);
		if (missing > 0 && missing <= MOST_MISSING && (!near->line || missing < near->missing))
			*near = (struct near_miss){ in->line, missing, reports[r].words, name_of(r, lacks) };
	}
}

/* A header of which the fields are separated by something else, or that is one field in quotes: in words; NULL if it is
 * none. */
static const char *other_separator(const struct csv_reader *in)
{
	static const char *const known[] = { "transaction type", "trade id", "transfer total", "price per coin" };
	const char *field = in->field[0];

	if (in->n_fields > 3 || (!strchr(field, ';') && !strchr(field, '\t') && (in->n_fields > 1 || !strchr(field, ','))))
		return NULL;
	for (const char *at = field; *at; at++)
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (strncasecmp(at, known[i], strlen(known[i])) == 0)
				return strchr(field, ';') ? "an export whose fields are separated by semicolons" :
				       strchr(field, '\t') ? "an export whose fields are separated by tabs"
							   : "an export of which each line is one field in quotes";
	return NULL;
}

static bool is_header(struct coinbase_export *e, const struct csv_reader *in)
{
	/* The transaction history is looked for before the transfers, which have fewer columns of their own. */
	static const enum export_report order[] = {
		EXPORT_FILLS, EXPORT_ACCOUNT, EXPORT_HISTORY, EXPORT_ACCOUNT_REPORT, EXPORT_TRANSFERS
	};

	for (int i = 0; i < EXPORT_REPORTS; i++)
		if (is_header_of(e, in, order[i]))
			return true;
	return false;
}

bool coinbase_export_again(const struct csv_reader *in, struct coinbase_export *again)
{
	static const struct name times[] = {
		{ "timestamp", 0, false }, { "time", 0, false }, { "created at", 0, false }
	};
	char currency[16];

	/* A row is no header: the name of the time tells quickly. */
	for (int i = 0; i < in->n_fields; i++) {
		const char *field = in->field[i];

		for (size_t k = 0; *field && strchr("TtCc ", *field) && k < sizeof times / sizeof *times; k++)
			if (is_named(field, &times[k], currency))
				return is_header(again, in);
	}
	return false;
}

/* Another report of the exchange, of which no fill can be told; NULL if it is none that is known. */
static const char *other_report(const struct csv_reader *in)
{
	static const struct {
		struct name column;
		const char *words;
	} known[] = {
		{ { "tax lot id", 0, false }, "a gain/loss report, which has lots and gains and not the trades" },
		{ { "gain/loss report", 0, false }, "a gain/loss report, which has lots and gains and not the trades" },
		{ { "quantity disposed", 0, false }, "the raw transactions report of the tax center, which does not show the fees" },
		{ { "loss disallowed due to wash sale", 0, false }, "a tax form, which has lots and gains and not the trades" },
	};
	char currency[16];

	for (int i = 0; i < in->n_fields; i++)
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			if (is_named(in->field[i], &known[k].column, currency))
				return known[k].words;
	return NULL;
}

bool coinbase_export_find(struct csv_reader *in, struct coinbase_export *e, struct reason *why)
{
	struct near_miss near = { 0, 0, NULL, NULL };
	const char *separator, *other;
	int got;

	for (int record = 0; record < MAX_PREAMBLE; record++) {
		got = csv_next(in, why);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		if (is_header(e, in))
			return true;
		if ((separator = other_separator(in)))
			return reason_set(why, "line %ld: %s, as a spreadsheet saves it; "
					       "take the file as the exchange gave it, or save it with commas", in->line, separator);
		if ((other = other_report(in)))
			return reason_set(why,
					  "line %ld: %s; take the transaction history (Statements, all assets, CSV) or the fills report", in->line, other);
		note_near_miss(&near, in);
	}
	if (near.line)
		return reason_set(why, "line %ld: the header of the %s, but without the column \"%s\": take the file as the "
				       "exchange gave it; a ledger of your own is for import-trades", near.line, near.words, near.column);
	return reason_set(why, "no header of an exchange's export: neither fills, nor account statement, "
			       "nor transaction history, nor transfers; a ledger of your own is for import-trades");
}

bool coinbase_export_has(const struct coinbase_export *export, enum export_column column)
{
	return export->field_of[column] >= 0;
}

const char *coinbase_export_field(const struct coinbase_export *export, const struct csv_reader *in,
				  enum export_column column)
{
	int at = export->field_of[column];

	return at >= 0 && at < in->n_fields ? csv_trim(in->field[at]) : "";
}
