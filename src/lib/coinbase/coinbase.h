/*
 * coinbase - what the exchange says of trades, checked before a row of it is believed
 *
 *   GET /api/v3/brokerage/orders/historical/fills   {"fills":[…],"cursor":"…"}
 *   GET /api/v3/brokerage/orders/historical/batch   {"orders":[…],"has_next":…,"cursor":"…"}
 *   GET /api/v3/brokerage/key_permissions           {"can_view":…,"can_trade":…,…}
 *
 * Every body is untrusted.  Amounts are kept as decimal text with every digit that was sent;
 * times to the nanosecond.
 */
#ifndef WINDFALL_COINBASE_H
#define WINDFALL_COINBASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"
#include "exact/decimal.h"
#include "exact/instant_ns.h"

#define COINBASE_ID      128
#define COINBASE_DECIMAL 72
#define COINBASE_PRODUCT 40

/* A quotient that does not end, such as a base quantity bought for a sum of quote currency, is
 * rounded half away from zero to this many decimals. */
#define COINBASE_PLACES 18

/* One execution.  A text that the source did not give is empty. */
struct coinbase_fill {
	const char *source;		/* api, csv-fills, csv-account, csv-history; a constant */
	long line;			/* of a CSV file: where it stands */
	char entry_id[COINBASE_ID];	/* the ledger's; one that csv_identity.h describes for a CSV row */
	char trade_id[COINBASE_ID];
	char order_id[COINBASE_ID];
	char portfolio_id[COINBASE_ID];
	char product_id[COINBASE_PRODUCT];
	char trade_type[32];
	char liquidity[40];
	bool buy;
	bool size_in_quote;
	struct instant_ns traded;
	struct instant_ns sequenced;
	bool has_sequenced;
	char price[COINBASE_DECIMAL];		/* quote per base, as sent */
	char size[COINBASE_DECIMAL];		/* as sent: of base, or of quote if size_in_quote */
	char base_size[COINBASE_DECIMAL];
	char value[COINBASE_DECIMAL];		/* quote, without the commission */
	char commission[COINBASE_DECIMAL];	/* quote; negative is a rebate */
	bool base_rounded;			/* base_size is such a quotient */
	bool fee_unsaid;			/* the interface gives no commission: 0 stands for it */
	bool fee_disputed;			/* it gives another commission where it itemizes it */
	bool side_unsaid;			/* it does not know the side: such a fill cannot be kept */
};

struct coinbase_order {
	char order_id[COINBASE_ID];
	char product_id[COINBASE_PRODUCT];
	char status[40];
	char placement_source[40];
	bool buy;
	bool side_unsaid;			/* as of a fill */
	int settled;				/* 1, 0, -1 not said */
	long number_of_fills;
	char filled_size[COINBASE_DECIMAL];
	char average_filled_price[COINBASE_DECIMAL];
	char filled_value[COINBASE_DECIMAL];
	char total_fees[COINBASE_DECIMAL];
	char total_value_after_fees[COINBASE_DECIMAL];
	struct instant_ns created, last_fill;
	bool has_created, has_last_fill;
};

struct coinbase_permissions {
	bool can_view, can_trade, can_transfer;
	char portfolio_uuid[COINBASE_ID];
	char portfolio_type[40];
};

/* One page of a listing.  The unused of the two arrays is NULL. */
struct coinbase_page {
	struct coinbase_fill *fills;
	struct coinbase_order *orders;
	size_t n;
	struct reason *odd;		/* of the rows that cannot be read: which, and why */
	size_t n_odd;
	char *cursor;			/* of the next page; "" at the end */
	bool more;			/* the page says itself that there is another one */
};

enum coinbase_answer {
	COINBASE_OK,
	COINBASE_CUT,			/* not a whole JSON document: ask again */
	COINBASE_ODD,			/* whole, but not as documented */
};

/*
 * Parse a page into page, which this initialises; release it in every case.  Anything but COINBASE_OK comes with a
 * reason, which names the row and the field where one is to blame.  A row that cannot be read is among those of
 * page->odd, and costs no other; a page with rows of which none can be read is odd.
 */
enum coinbase_answer coinbase_fills_parse(const char *body, size_t len, struct coinbase_page *page,
					  struct reason *why);
enum coinbase_answer coinbase_orders_parse(const char *body, size_t len, struct coinbase_page *page,
					   struct reason *why);
void coinbase_page_release(struct coinbase_page *page);

enum coinbase_answer coinbase_permissions_parse(const char *body, size_t len, struct coinbase_permissions *p,
						struct reason *why);

/* True if the entry is an execution to be booked; a correction, reversal or synthetic entry is not. */
bool coinbase_fill_is_booked(const struct coinbase_fill *fill);

/* True if its size is zero: nothing was traded, and no commission taken. */
bool coinbase_fill_is_empty(const struct coinbase_fill *fill);

/* Parse an instant with its zone: what instant_ns_parse() takes, as the "2017-01-02 03:04:05 -0800" of old exports, and
 * "2021-01-02 03:04:05.5 +0000 UTC", as the exchange's own language prints it. */
bool coinbase_time_parse(struct instant_ns *t, const char *text, struct reason *why);

/* Can a trade have this time: not before there was a bitcoin, and not after latest (NULL: any)?  False, with the
 * reason. */
bool coinbase_time_is_possible(const struct instant_ns *t, const struct instant_ns *latest, struct reason *why);

/* Write RFC 3339 with as many digits of fraction as are not zero, and return text. */
#define COINBASE_TIME 32
char *coinbase_time_format(const struct instant_ns *t, char text[COINBASE_TIME]);

/* True if this can be a product's name: letters, digits, '.', '_' and at least one '-', which does not begin it, as no
 * '.' does; short enough for a fill. */
bool coinbase_product_ok(const char *text);

/* Put a product, coin or currency in capitals, as the exchange writes it, in place: btc-usd, as a person or another
 * program has it, is no other product. */
void coinbase_in_capitals(char *name);

/*
 * True if the id is that of a future, a perpetual or an option, whose size counts contracts, each of a size of its own:
 * one of three parts or more (BIP-20DEC30-CDE, BTC-PERP-INTX, BTC/USD:USD; with underscores PERP_BTC_USD and SWAP_…),
 * of which a later part begins with a digit (ETH-28MAR25) or the last is PERP, PERPETUAL or SWAP; or that ends in PERP
 * without a mark (BTCUSDPERP).  The coin PERP-USD is spot.  The same rule as is_contract() in sql/031-ledger-state.sql.
 */
bool coinbase_product_is_contract(const char *text);

/* True if the code is that of a currency which the exchange keeps for its customers, and of no coin. */
bool coinbase_is_currency(const char *code);

/* True if the product is a coin for a currency or another coin, BASE-QUOTE, and no contract. */
bool coinbase_product_is_spot(const char *text);

/* Keep a decimal as text where a row has room for it; false, with the reason, if it is too long. */
bool coinbase_keep_decimal(char to[COINBASE_DECIMAL], const struct decimal *d, struct reason *why);

#endif
