#include "ledger/column_map_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "coinbase/coinbase.h"
#include "format/tsv.h"

static char *trimmed(const char *text, size_t len)
{
	char *copy;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	while (len > 0 && strchr(" \t", *text)) {
		text++;
		len--;
	}
	copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/* Adding ------------------------------------------------------------------------------------- */

/* One "ours=theirs" or "ours:=text". */
static bool add_one(struct mapping *m, const char *text, size_t len, struct reason *why)
{
	const char *equals = memchr(text, '=', len);
	size_t name = equals ? (size_t)(equals - text) : 0;
	bool constant = name > 0 && text[name - 1] == ':';
	char *ours = trimmed(text, constant ? name - 1 : name);
	enum trade_column column = trade_column_named(ours);
	bool ok = true;

	if (!equals)
		ok = reason_set(why, "\"%.*s\" is not OURS=THEIRS", (int)len, text);
	else if (column == TRADE_COLUMNS)
		ok = reason_set(why, "\"%s\" is not a column of the books; see --help", ours);
	else if (m->theirs[column] || m->constant[column])
		ok = reason_set(why, "%s is mapped twice", ours);
	else
		*(constant ? &m->constant[column] : &m->theirs[column]) =
			trimmed(equals + 1, len - (size_t)(equals + 1 - text));
	free(ours);
	return ok;
}

static bool add_file(struct mapping *m, const char *path, struct reason *why)
{
	FILE *file = fopen(path, "r");
	struct reason what;
	char *line = NULL;
	size_t size = 0;
	long number = 0;
	bool ok = true;

	if (!file)
		return reason_set(why, "%s is neither OURS=THEIRS nor a file that can be read: %s", path, strerror(errno));
	while (ok && getline(&line, &size, file) > 0) {
		char *text = line + (number++ == 0 ? text_mark(line, strlen(line)) : 0);

		text[strcspn(text, "\r\n")] = '\0';
		if (text[0] != '#' && text[strspn(text, " \t")] != '\0' && !add_one(m, text, strlen(text), &what))
			ok = reason_set(why, "%s, line %ld: %s", path, number, what.text);
	}
	if (ok && ferror(file))
		ok = reason_set(why, "%s: cannot read: %s", path, strerror(errno));
	free(line);
	fclose(file);
	return ok;
}

bool mapping_add(struct mapping *m, const char *argument, struct reason *why)
{
	if (!strchr(argument, '='))
		return add_file(m, argument, why);
	while (*argument) {
		size_t len = strcspn(argument, ",");

		if (!add_one(m, argument, len, why))
			return false;
		argument += len + (argument[len] == ',');
	}
	return true;
}

/* Finding ------------------------------------------------------------------------------------ */

bool mapping_has_any(const struct mapping *m)
{
	for (int c = 0; c < TRADE_COLUMNS; c++)
		if (m->at[c] >= 0)
			return true;
	return false;
}

bool mapping_has(const struct mapping *m, enum trade_column column)
{
	return m->at[column] >= 0 || m->constant[column];
}

/* Is every column there that a trade needs?  Of three, one will do. */
static bool has_needed(const struct mapping *m, struct reason *why)
{
	static const struct {
		enum trade_column one_of[3];
		int n;
	} needed[] = {
		{ { TRADE_PRODUCT_ID }, 1 }, { { TRADE_SIDE }, 1 }, { { TRADE_TIME }, 1 }, { { TRADE_SIZE }, 1 },
		{ { TRADE_VALUE, TRADE_TOTAL, TRADE_PRICE }, 3 },
		{ { TRADE_RECORD_ID, TRADE_TRADE_ID, TRADE_ORDER_ID }, 3 },
	};
	struct buf lacking = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		bool there = false;

		if (needed[i].one_of[0] == TRADE_SIDE && m->signed_size)
			continue;
		for (int j = 0; j < needed[i].n; j++)
			there |= mapping_has(m, needed[i].one_of[j]);
		if (there)
			continue;
		buf_addf(&lacking, "%s%s", lacking.len ? ", nor " : "", trade_column_name(needed[i].one_of[0]));
		for (int j = 1; j < needed[i].n; j++)
			buf_addf(&lacking, " or %s", trade_column_name(needed[i].one_of[j]));
	}
	if (lacking.len > 0)
		ok = reason_set(why, "the header has no column %s", lacking.data);
	buf_release(&lacking);
	return ok;
}

/* A name in small letters, without the marks between its words.  False: it is longer than any that is known here. */
static bool squeeze(const char *name, char word[32])
{
	size_t len = 0;

	for (; *name; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			continue;
		if (len + 1 == 32)
			return false;
		word[len++] = c;
	}
	word[len] = '\0';
	return true;
}

/* Does a name say that the column holds fees: fees, Commission, Fee (USD)? */
static bool names_fee(const char *name)
{
	static const char *const fee[] = { "fee", "fees", "commission", "commissions", "tradingfee", "tradingfees", "tradefee",
					   "transactionfee", "totalfee", "totalfees", "feeamount", "feecost", "feepaid", "feespaid",
					   "feetotal", "feesandorspread", "commissionamount", "commissionpaid", NULL };
	char word[32];
	size_t len;

	if (!squeeze(name, word))
		return false;
	if (text_is_one_of(word, fee))
		return true;
	len = strlen(word);
	if (len <= 3 || !coinbase_is_currency(word + len - 3))
		return false;
	word[len - 3] = '\0';
	return text_is_one_of(word, fee);
}

/* Does a name say that the column holds the fee's currency? */
static bool names_fee_currency(const char *name)
{
	static const char *const fee[] = { "fee", "fees", "commission", "tradingfee", "tradefee", "transactionfee",
					   "totalfee", "totalfees", NULL };
	static const char *const coin[] = { "currency", "asset", "coin", "unit", "ccy", "cur", "symbol", "token", "denom",
					    "denomination", "currencyname", "currencycode", NULL };
	char word[32], made[48];

	if (!squeeze(name, word))
		return false;
	for (int i = 0; fee[i]; i++)
		for (int j = 0; coin[j]; j++) {
			snprintf(made, sizeof made, "%s%s", fee[i], coin[j]);
			if (strcmp(word, made) == 0)
				return true;
			snprintf(made, sizeof made, "%sof%s", coin[j], fee[i]);
			if (strcmp(word, made) == 0)
				return true;
		}
	return strcmp(word, "pricefeetotalunit") == 0;
}

/* Does a name say that the column holds what became of an order? */
static bool names_status(const char *name)
{
	static const char *const status[] = { "status", "state", "orderstatus", "orderstate", "finalstatus", NULL };
	char word[32];

	return squeeze(name, word) && text_is_one_of(word, status);
}

/* Was the column that has our name for the total mapped to the value, or the other way round?  Then it is not both. */
static bool is_the_other_amount(const struct mapping *m, enum trade_column c)
{
	const char *theirs = c == TRADE_TOTAL ? m->theirs[TRADE_VALUE] : c == TRADE_VALUE ? m->theirs[TRADE_TOTAL] : NULL;

	return theirs && !m->theirs[c] && strcasecmp(theirs, trade_column_name(c)) == 0;
}

/* Is this the name of a column of ours: the one that was mapped to it, or its own, which may be in any case, as a
 * spreadsheet writes Side? */
static bool is_named(const struct mapping *m, enum trade_column c, const char *name)
{
	if (is_the_other_amount(m, c))
		return false;
	/* What it says is said of the column size, and of no other that was mapped to it. */
	if (m->constant[c] || (c == TRADE_SIZE_IN_QUOTE && !m->theirs[c] && m->theirs[TRADE_SIZE]))
		return false;
	return (m->theirs[c] ? strcmp(name, m->theirs[c]) : strcasecmp(name, trade_column_name(c))) == 0;
}

/* Is the fee's currency to be found by the names that others have for it? */
static bool guesses_fee_currency(const struct mapping *m, const char *const *header, int n)
{
	if (m->constant[TRADE_FEE_CURRENCY] || m->theirs[TRADE_FEE_CURRENCY])
		return false;
	for (int f = 0; f < n; f++)
		if (header[f] && strcasecmp(header[f], trade_column_name(TRADE_FEE_CURRENCY)) == 0)
			return false;
	return true;
}

/* Find what the column at f of their header is to us. */
static bool find_one(struct mapping *m, const char *name, int f, bool guesses, struct buf *unread, struct reason *why)
{
	bool used = false;

	for (enum trade_column c = 0; c < TRADE_COLUMNS; c++) {
		if (!is_named(m, c, name))
			continue;
		if (m->at[c] >= 0)
			return reason_set(why, "the column %s occurs twice in the header", name);
		m->at[c] = f;
		used = true;
	}
	if (used)
		return true;
	if (guesses && names_fee_currency(name)) {
		if (m->fee_currency)
			return reason_set(why, "%s and %s may both be the fee's currency: --map fee_currency=… says which is",
					  m->fee_currency, name);
		m->fee_currency = xstrdup(name);
		m->at[TRADE_FEE_CURRENCY] = f;
		return true;
	}
	buf_addf(unread, "%s%s", unread->len ? ", " : "", name);
	if (!m->unread_fee && names_fee(name)) {
		m->unread_fee = xstrdup(name);
		m->unread_fee_at = f;
	}
	if (names_status(name))
		m->status_at = f;
	return true;
}

bool mapping_find(struct mapping *m, const char *const *header, int n, struct buf *unread, struct reason *why)
{
	bool guesses = guesses_fee_currency(m, header, n), ok = true;

	for (int c = 0; c < TRADE_COLUMNS; c++)
		m->at[c] = -1;
	m->n_fields = n;
	m->unread_fee_at = m->status_at = -1;
	for (int f = 0; f < n && ok; f++) {
		char *name = trimmed(header[f] ? header[f] : "", header[f] ? strlen(header[f]) : 0);

		ok = find_one(m, name, f, guesses, unread, why);
		free(name);
	}
	if (!ok)
		return false;
	for (enum trade_column c = 0; c < TRADE_COLUMNS; c++)
		if (m->theirs[c] && m->at[c] < 0)
			return reason_set(why, "the header has no column %s, which was mapped to %s", m->theirs[c],
					  trade_column_name(c));
	return has_needed(m, why);
}

void mapping_apply(const struct mapping *m, const char *const *row, const char *text[TRADE_COLUMNS])
{
	for (int c = 0; c < TRADE_COLUMNS; c++)
		text[c] = m->constant[c] ? m->constant[c] : m->at[c] < 0 ? NULL : row[m->at[c]];
}

void mapping_release(struct mapping *m)
{
	free(m->fee_currency);
	free(m->unread_fee);
	for (int c = 0; c < TRADE_COLUMNS; c++) {
		free(m->theirs[c]);
		free(m->constant[c]);
	}
}
