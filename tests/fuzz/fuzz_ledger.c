#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "coinbase/cdp_key.h"
#include "coinbase/csv_export.h"
#include "exact/amount.h"
#include "ledger/trade.h"
#include "targets.h"

/* An amount as people write it: what is read is a number that is written and read again as the same, whatever the file settles. */
bool fuzz_amounts(const char *body, size_t len)
{
	static const enum amount_marks marks[] = { AMOUNT_UNSETTLED, AMOUNT_POINT, AMOUNT_COMMA };
	struct decimal value, again;
	char *text = fuzz_string(body, len), code[AMOUNT_CODE];
	bool taken = false;

	decimal_init(&value);
	decimal_init(&again);
	amount_proves(text);
	amount_currency(text, code);
	must(strlen(code) == 0 || strlen(code) >= 3);
	for (int i = 0; i < 3; i++) {
		struct reason why = { .text = "" };
		struct buf written = BUF_INIT;

		if (amount_parse(text, marks[i], &value, &why)) {
			taken = true;
			decimal_write(&value, DECIMAL_KEEP_ZEROS, &written);
			if (written.len <= DECIMAL_MAX_TEXT) {
				must(amount_parse(written.data, AMOUNT_POINT, &again, NULL));
				must(decimal_cmp(&value, &again) == 0);
			}
		} else {
			must(why.text[0] != '\0');
		}
		buf_release(&written);
	}
	decimal_release(&value);
	decimal_release(&again);
	free(text);
	return taken;
}

static void sane_fill(const struct coinbase_fill *f)
{
	struct decimal d;

	decimal_init(&d);
	must(f->entry_id[0] && coinbase_product_ok(f->product_id) && coinbase_product_is_spot(f->product_id));
	must(decimal_parse_text(&d, f->base_size, DECIMAL_PLAIN, NULL) && decimal_sign(&d) > 0);
	must(decimal_parse_text(&d, f->value, DECIMAL_PLAIN, NULL) && decimal_sign(&d) >= 0);
	must(decimal_parse_text(&d, f->price, DECIMAL_PLAIN, NULL) && decimal_parse_text(&d, f->commission, DECIMAL_PLAIN, NULL));
	decimal_release(&d);
}

/* An export of the exchange, of any generation: what is booked is a spot trade of some size; each row is a fill or is skipped; no two
 * fills are one. */
bool fuzz_exports(const char *body, size_t len)
{
	struct coinbase_csv csv;
	struct reason why = { .text = "" };

	bool taken = coinbase_csv_parse(body, len, NULL, &csv, &why);

	must(taken || why.text[0] != '\0');
	for (size_t i = 0; i < csv.n_fills; i++) {
		sane_fill(&csv.fills[i]);
		for (size_t j = i + 1; j < csv.n_fills; j++)
			must(strcmp(csv.fills[i].entry_id, csv.fills[j].entry_id) != 0);
	}
	for (size_t i = 1; i < csv.n_skipped; i++)
		must(csv.skipped[i - 1].line <= csv.skipped[i].line);
	for (size_t i = 0; i < csv.n_skipped; i++)
		must(csv.skipped[i].kind != COINBASE_SKIP_BAD || csv.skipped[i].why.text[0]);
	taken = taken && csv.n_fills > 0;
	coinbase_csv_release(&csv);
	return taken;
}

/* A page of fills or orders, or what a key may do. */
bool fuzz_pages(const char *body, size_t len)
{
	struct coinbase_permissions permissions;
	struct coinbase_page page;
	struct reason why = { .text = "" };
	bool fills = coinbase_fills_parse(body, len, &page, &why) == COINBASE_OK, orders, may;

	must(fills || why.text[0] != '\0');
	coinbase_page_release(&page);
	why.text[0] = '\0';
	orders = coinbase_orders_parse(body, len, &page, &why) == COINBASE_OK;
	must(orders || why.text[0] != '\0');
	coinbase_page_release(&page);
	why.text[0] = '\0';
	may = coinbase_permissions_parse(body, len, &permissions, &why) == COINBASE_OK;
	must(may || why.text[0] != '\0');
	return fills || orders || may;
}

/* A key file: what is a key signs, and its token has three parts; no reason holds what the file holds behind privateKey. */
bool fuzz_key(const char *body, size_t len)
{
	static const unsigned char nonce[CDP_NONCE_BYTES];
	struct reason why = { .text = "" };
	struct cdp_key *key = cdp_key_parse(body, len, &why);
	struct buf token = BUF_INIT;
	size_t points = 0;

	must(key || why.text[0] != '\0');
	if (key) {
		must(*cdp_key_algorithm(key));
		if (cdp_key_token(key, "GET", "https://api.example.org/x", 1700000000, nonce, &token, &why)) {
			for (const char *at = token.data; *at; at++)
				points += *at == '.';
			must(points == 2);
		}
	}
	buf_release(&token);
	cdp_key_release(key);
	return key != NULL;
}

/* A row of a ledger: a column on each line, in the order of enum trade_column. */
bool fuzz_trade(const char *body, size_t len)
{
	const char *told[TRADE_COLUMNS] = { NULL };
	char *text = fuzz_string(body, len), *at = text;
	bool taken = false;
	struct trade t;

	for (int column = 0; column < TRADE_COLUMNS && at; column++) {
		told[column] = at;
		at = strchr(at, '\n');
		if (at)
			*at++ = '\0';
	}
	trade_init(&t);
	for (int habits = 0; habits < 12; habits++) {
		struct trade_habits h = { .utc = habits & 1, .time_of_day = habits & 1 ? "12:00:00Z" : NULL, .signed_size = habits & 2,
					  .negative_fee = (enum negative_fee)(habits / 4) };
		struct reason why = { .text = "" };

		if (!trade_read(&t, told, &h, &why)) {
			must(why.text[0] != '\0');
			continue;
		}
		must((decimal_sign(&t.size) > 0 || decimal_sign(&t.value) == 0) && decimal_sign(&t.size) >= 0 && decimal_sign(&t.value) >= 0 && t.text[TRADE_PRODUCT_ID] && t.text[TRADE_RECORD_ID]);
		must(strcmp(t.side, "BUY") == 0 || strcmp(t.side, "SELL") == 0 || strcmp(t.side, "INCOME") == 0 || strcmp(t.side, "FEE") == 0);
		must(t.is_lot == (strcmp(t.side, "BUY") == 0 || strcmp(t.side, "INCOME") == 0));
		taken = true;
	}
	trade_release(&t);
	free(text);
	return taken;
}
