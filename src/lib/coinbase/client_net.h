/*
 * client_net - asking Coinbase Advanced Trade
 *
 * One run asks first what the key may do and refuses a key that may trade or transfer; then it
 * reads the fills, and if wanted the orders, page after page to the end.  A page that is
 * cut is asked for again; one that is not as documented, or a cursor that was there before, ends
 * the listing with an error: a listing is whole, or says how many rows it lacks, or has failed.
 */
#ifndef WINDFALL_CLIENT_NET_H
#define WINDFALL_CLIENT_NET_H

#include "coinbase/coinbase.h"
#include "net/http.h"

#define EXCHANGE_URL "https://api.coinbase.com"

/* Coinbase allows 30 requests a second and user; a third of it is asked for. */
enum { EXCHANGE_MAX_RATE = 30 };

struct exchange_options {
	struct http_options http;
	const char *base_url;		/* NULL: $WINDFALL_COINBASE_URL, or the exchange's own */
	const char *key_file;		/* NULL: $COINBASE_KEY_FILE */
	bool allow_trading_key;
};

#define EXCHANGE_OPTIONS_INIT { HTTP_OPTIONS_INIT, NULL, NULL, false }

enum { EXCHANGE_OPT_KEY = 0x4900, EXCHANGE_OPT_URL, EXCHANGE_OPT_TRADING, EXCHANGE_OPT_HTTP1 };

#define EXCHANGE_LONGOPTS							\
	{ "key", required_argument, NULL, EXCHANGE_OPT_KEY },			\
	{ "base-url", required_argument, NULL, EXCHANGE_OPT_URL },		\
	{ "allow-trading-key", no_argument, NULL, EXCHANGE_OPT_TRADING },	\
	{ "http1.1", no_argument, NULL, EXCHANGE_OPT_HTTP1 },			\
	HTTP_LONGOPTS

#define EXCHANGE_HELP								\
	"      --key FILE         the key file (otherwise $COINBASE_KEY_FILE)\n"	\
	"      --allow-trading-key  take a key that may trade or transfer\n"	\
	"      --base-url URL     another address than $WINDFALL_COINBASE_URL or\n"	\
	"                         " EXCHANGE_URL "\n"	\
	"      --http1.1          not HTTP/2\n"					\
	"      --parallel N       accepted and ignored: pages are fetched one by one\n" \
	HTTP_PACE_HELP

/* What http_environment() takes; of the rate no more than the exchange allows.  Call before the options are read. */
void exchange_environment(struct exchange_options *o);

/* Take one of the options above.  False when c is none of them; a bad value ends with EX_USAGE. */
bool exchange_option(struct exchange_options *o, int c, const char *arg);

/* What is asked.  Times are RFC 3339 in UTC; since is empty for "from the first trade on". */
struct exchange_query {
	const char *const *products;
	size_t n_products;		/* 0: all */
	char since[INSTANT_NS_TEXT];	/* inclusive */
	char until[INSTANT_NS_TEXT];	/* exclusive */
	bool orders;			/* these too */
	struct instant_ns latest;	/* a trade after it is of the future */
	/* Called, with the ctx of exchange_ask(), when the key has said which portfolio it sees and before the first
	 * page is asked for: it may still set since.  NULL: nobody wants to know. */
	void (*see_portfolio)(void *ctx, const char *portfolio);
};

typedef void exchange_fills_fn(void *ctx, const struct coinbase_fill *fills, size_t n);
typedef void exchange_orders_fn(void *ctx, const struct coinbase_order *orders, size_t n);

struct exchange_totals {
	long pages;
	long unread;			/* rows that were left out, each with a warning: the listing is not whole */
	struct http_totals http;
};

/*
 * Ask, and hand over each page as it comes; futures and perpetuals are left out, and named in a warning, as is a row
 * whose side the exchange does not know, whose time or commission is impossible, or that contradicts what the listing
 * said of it before.  0, or the exit status that the trouble calls for, after an error has been said; then the listing
 * is not whole.  An address that is not https ends the process (EX_USAGE), and so does a key file that cannot be used,
 * or may be read by others (EX_CONFIG, EX_NOPERM).
 */
int exchange_ask(const struct exchange_options *o, const struct exchange_query *q, exchange_fills_fn *take_fills,
		 exchange_orders_fn *take_orders, void *ctx, struct exchange_totals *totals);

#endif
