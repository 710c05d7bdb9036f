/*
 * The same thirty trades in every generation of the exchange's exports, what is a trade and what is not, and the
 * identity of rows without an id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "coinbase/csv_export.h"

#include "exports.h"

enum { TRADES = 30 };

/* Trade n: amounts of which every generation can write all digits. */
struct made {
	int day, month, hour, second;
	const char *side;
	bool buy;
	long cents_of_coin, price, fee_cents, value_cents;
};

static struct made make(int n)
{
	struct made m = {
		.day = 13 + n % 15, .month = 1 + n % 12, .hour = n % 24, .second = (7 * n) % 60, .buy = n % 3 != 2,
		.cents_of_coin = 25 + 37 * n, .price = 1000 + 61 * n, .fee_cents = n % 7 == 6 ? 0 : 199 + 11 * n,
	};

	m.side = m.buy ? "Buy" : "Sell";
	m.value_cents = m.cents_of_coin * m.price;
	return m;
}

static long moved(const struct made *m)
{
	return m->buy ? m->value_cents + m->fee_cents : m->value_cents - m->fee_cents;
}

#define MONEY "%ld.%02ld"
#define CENTS(c) (c) / 100, (c) % 100

typedef void write_row(struct buf *out, const struct made *m, int n);

static const char *iso(const struct made *m)
{
	static char text[32];

	snprintf(text, sizeof text, "2019-%02d-%02dT%02d:05:%02dZ", m->month, m->day, m->hour, m->second);
	return text;
}

static const char *utc(const struct made *m)
{
	static char text[32];

	snprintf(text, sizeof text, "2019-%02d-%02d %02d:05:%02d UTC", m->month, m->day, m->hour, m->second);
	return text;
}

static void fills_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "%d,BTC-EUR,%s,%s," MONEY ",BTC,%ld," MONEY ",%s" MONEY ",EUR\n", n, m->buy ? "BUY" : "SELL", iso(m),
		 CENTS(m->cents_of_coin), m->price, CENTS(m->fee_cents), m->buy ? "-" : "", CENTS(moved(m)));
}

static void pro_fills_row(struct buf *out, const struct made *m, int n)
{
	buf_adds(out, "default,");
	fills_row(out, m, n);
}

static void account_rows(struct buf *out, const struct made *m, int n)
{
	const char *minus = m->buy ? "-" : "", *plus = m->buy ? "" : "-";

	buf_addf(out, "match,%s,%s" MONEY ",0,EUR,,%d,order-%d\n", iso(m), minus, CENTS(m->value_cents), n, n);
	buf_addf(out, "match,%s,%s" MONEY ",0,BTC,,%d,order-%d\n", iso(m), plus, CENTS(m->cents_of_coin), n, n);
	if (m->fee_cents)
		buf_addf(out, "fee,%s,-" MONEY ",0,EUR,,%d,order-%d\n", iso(m), CENTS(m->fee_cents), n, n);
}

static void history_2018_row(struct buf *out, const struct made *m, int n)
{
	(void)n;
	buf_addf(out, "%02d/%02d/2019,%s,BTC," MONEY ",%ld.00," MONEY ",\"\",Note\n", m->month, m->day, m->side, CENTS(m->cents_of_coin),
		 m->price, CENTS(moved(m)));
}

static void history_2018_day_first_row(struct buf *out, const struct made *m, int n)
{
	(void)n;
	buf_addf(out, "%02d/%02d/2019,%s,BTC," MONEY ",%ld.00," MONEY ",\"\",Note\n", m->day, m->month, m->side, CENTS(m->cents_of_coin),
		 m->price, CENTS(moved(m)));
}

static void history_2020_row(struct buf *out, const struct made *m, int n)
{
	(void)n;
	buf_addf(out, "%s,%s,BTC," MONEY ",%ld.00," MONEY " EUR," MONEY " EUR,Note\n", iso(m), m->side, CENTS(m->cents_of_coin), m->price,
		 CENTS(m->value_cents), CENTS(moved(m)));
}

static void history_v1_row(struct buf *out, const struct made *m, int n)
{
	(void)n;
	buf_addf(out, "%s,%s,BTC," MONEY ",%ld.00," MONEY "," MONEY "," MONEY ",Note\n", iso(m), m->side, CENTS(m->cents_of_coin), m->price,
		 CENTS(m->value_cents), CENTS(moved(m)), CENTS(m->fee_cents));
}

static void history_v2_row(struct buf *out, const struct made *m, int n)
{
	(void)n;
	buf_addf(out, "%s,Advanced Trade %s,BTC," MONEY ",EUR,%ld.000000," MONEY "," MONEY "," MONEY ",Done for €" MONEY " EUR on BTC-EUR\n",
		 iso(m), m->side, CENTS(m->cents_of_coin), m->price, CENTS(m->value_cents), CENTS(moved(m)), CENTS(m->fee_cents),
		 CENTS(moved(m)));
}

/* With signs and grouped thousands. */
static void history_v4_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "id%d,%s,%s,BTC,%s" MONEY ",EUR,€%ld.00,%s€" MONEY ",%s€" MONEY ",€" MONEY ",\n", n, utc(m), m->side,
		 m->buy ? "" : "-", CENTS(m->cents_of_coin), m->price, m->buy ? "" : "-", CENTS(m->value_cents), m->buy ? "" : "-",
		 CENTS(moved(m)), CENTS(m->fee_cents));
}

/* Saved by a spreadsheet: blanks that do not break, thousands in quotes, exponents; and fees with the wrong sign, or none. */
static void history_saved_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "id%d,%s,%s,BTC,%lde-2,EUR,\"%ld,%03ld.00 €\",\xc2\xa0" MONEY "\xc2\xa0€, EUR " MONEY " ,%s,\n", n, utc(m), m->side,
		 m->cents_of_coin, m->price / 1000, m->price % 1000, CENTS(m->value_cents), CENTS(moved(m)), n % 2 ? "" : "-0.01");
}

/* The note has it all. */
static void history_note_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "id%d,%s,Advanced Trade %s,BTC," MONEY ",EUR,€%ld.00,€" MONEY ",€" MONEY ",€0.00,Done " MONEY " BTC for " MONEY
		      " EUR on BTC-EUR at %ld EUR/BTC\n", n, utc(m), m->side, CENTS(m->cents_of_coin), m->price, CENTS(m->value_cents),
		 CENTS(moved(m)), CENTS(m->cents_of_coin), CENTS(moved(m)), m->price);
}

static void transfers_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "2019-%02d-%02d %02d:05:%02d +0000,%s," MONEY "," MONEY "," MONEY "," MONEY ",EUR,%ld,Bank,t%d,\n", m->month, m->day,
		 m->hour, m->second, m->side, CENTS(m->cents_of_coin), CENTS(m->value_cents), CENTS(m->fee_cents), CENTS(moved(m)), m->price,
		 n);
}

static void account_report_row(struct buf *out, const struct made *m, int n)
{
	buf_addf(out, "2019-%02d-%02d %02d:05:%02d +0000,0,%s" MONEY ",BTC,,,false," MONEY ",EUR," MONEY ",EUR,Bank,r%d\n", m->month, m->day,
		 m->hour, m->second, m->buy ? "" : "-", CENTS(m->cents_of_coin), CENTS(moved(m)), CENTS(m->fee_cents), n);
}

#define ACCOUNT "amount,balance,amount/balance unit,transfer id,trade id,order id\n"
#define OF_2018 "Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction," \
		"EUR Amount Transacted (Inclusive of Coinbase Fees),Address,Notes\n"

static const struct generation {
	const char *name, *header;
	write_row *row;
	bool day_only;
} generations[] = {
	{ "fills", FILLS, fills_row, false },
	{ "fills with a portfolio", "portfolio," FILLS, pro_fills_row, false },
	{ "account statement", "type,time," ACCOUNT, account_rows, false },
	{ "account statement with Timestamp", "Type,Timestamp," ACCOUNT, account_rows, false },
	{ "history of 2018", "\nTransactions\n\n" OF_2018, history_2018_row, true },
	{ "history of 2018, day first", OF_2018, history_2018_day_first_row, true },
	{ "history of 2020", "Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction,Subtotal,"
	  "Total (inclusive of fees),Notes\n", history_2020_row, false },
	{ "v1", "\"Use it, with care.\"\n\n\nTransactions\nUser,x\n\n\nTimestamp,Transaction Type,Asset,Quantity Transacted,"
	  "EUR Spot Price at Transaction,EUR Subtotal,EUR Total (inclusive of fees),EUR Fees,Notes\n", history_v1_row, false },
	{ "v2", V2 "Total (inclusive of fees),Fees,Notes\n", history_v2_row, false },
	{ "v3", V3, history_v2_row, false },
	{ "v4", "\xef\xbb\xbf" V4, history_v4_row, false },
	{ "v4 saved by a spreadsheet", V4, history_saved_row, false },
	{ "v4 by its notes", V4, history_note_row, false },
	{ "transfers", "Timestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin,Payment Method,ID,Share\n", transfers_row, false },
	{ "account report", "Timestamp,Balance,Amount,Currency,To,Notes,Instantly Exchanged,Transfer Total,Transfer Total Currency,"
	  "Transfer Fee,Transfer Fee Currency,Transfer Payment Method,Transfer ID\n", account_report_row, false },
};

static void is_amount(const char *generation, int n, const char *got, long cents, long scale)
{
	struct decimal d, want;

	decimal_init(&d);
	decimal_init(&want);
	assert_true(decimal_parse_text(&d, got, DECIMAL_PLAIN, NULL));
	decimal_set_int(&want, cents, scale);
	if (decimal_cmp(&d, &want) != 0)
		fail_msg("%s, trade %d: %s is not %ld/10^%ld", generation, n, got, cents, scale);
	decimal_release(&d);
	decimal_release(&want);
}

static void thirty_trades_are_the_same_fills_in_every_generation(void **state)
{
	(void)state;
	for (size_t g = 0; g < sizeof generations / sizeof *generations; g++) {
		const struct generation *of = &generations[g];
		struct buf text = BUF_INIT;
		struct coinbase_csv csv;

		buf_adds(&text, of->header);
		for (int n = 0; n < TRADES; n++) {
			struct made m = make(n);

			of->row(&text, &m, n);
		}
		csv = read_csv(text.data);
		if (csv.n_skipped > 0)
			fail_msg("%s, line %ld: %s", of->name, csv.skipped[0].line, csv.skipped[0].why.text);
		assert_int_equal(csv.n_fills, TRADES);
		for (int n = 0; n < TRADES; n++) {
			const struct coinbase_fill *f = &csv.fills[n];
			struct made m = make(n);
			char time[COINBASE_TIME];

			assert_string_equal(f->product_id, "BTC-EUR");
			assert_int_equal(f->buy, m.buy);
			coinbase_time_format(&f->traded, time);
			assert_memory_equal(time, iso(&m), of->day_only ? 10 : 20);
			if (of->day_only)
				assert_string_equal(time + 10, "T00:00:00Z");
			is_amount(of->name, n, f->base_size, m.cents_of_coin, 2);
			is_amount(of->name, n, f->price, m.price, 0);
			is_amount(of->name, n, f->value, m.value_cents, 2);
			is_amount(of->name, n, f->commission, m.fee_cents, 2);
		}
		coinbase_csv_release(&csv);
		buf_release(&text);
	}
}

#define AT "2025-01-02 03:04:05 UTC,"

/* Whether becomes() wants what it is given, and no more. */
static bool exact;

/* What becomes of one row, or a few, of the newest generation: the fills in short, or the reason. */
static void becomes(const char *rows, const char *wanted)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct coinbase_csv csv;

	buf_addf(&text, "%s%s", V4, rows);
	csv = read_csv(text.data);
	for (size_t i = 0; i < csv.n_fills; i++)
		buf_addf(&got, "%s %s %s %s %s;", csv.fills[i].buy ? "BUY" : "SELL", csv.fills[i].product_id, csv.fills[i].base_size,
			 csv.fills[i].value, csv.fills[i].commission);
	for (size_t i = 0; i < csv.n_skipped; i++)
		buf_addf(&got, "%d %s;", csv.skipped[i].kind, csv.skipped[i].why.text);
	if (!got.data || (exact ? strcmp(got.data, wanted) != 0 : !strstr(got.data, wanted)))
		fail_msg("%s gives '%s' and not '%s'", rows, got.data ? got.data : "", wanted);
	coinbase_csv_release(&csv);
	buf_release(&text);
	buf_release(&got);
}

static void what_moved_is_what_counts(void **state)
{
	(void)state;
	becomes("1," AT "Sell,BTC,-0.02,USD,$75000.00,$1500.00,$1470.00,-15.00,\n", "SELL BTC-USD 0.02 1500.00 30.00;");
	becomes("1," AT "Buy,BTC,0.002,USD,$16200.00,$32.40,$35.00,0.16,\n", "BUY BTC-USD 0.002 32.40 2.60;");
	becomes("1," AT "Sell,BTC,-0.001,USD,$70000.00,-$70.00,-$68.99,$1.01,\n", "SELL BTC-USD 0.001 70.00 1.01;");
	becomes("1," AT "Sell,SOL,2,EUR,€100.00,€200.00,€197.50,,\n", "SELL SOL-EUR 2 200.00 2.50;");
	becomes("1," AT "Sell,SOL,2,EUR,€100.00,€200.00,,-€2.50,\n", "SELL SOL-EUR 2 200.00 2.50;");
	/* A cent of rounding is no rebate. */
	becomes("1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€199.99,€0.00,\n", "BUY SOL-EUR 2 199.99 0;");
	becomes("1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€199.00,€1.00,\n", "a purchase of 200.00 cannot have moved 199.00");
	becomes("1," AT "Sell,SOL,2,EUR,€100.00,€200.00,€201.00,€1.00,\n", "a sale of 200.00 cannot have moved 201.00");
	becomes("1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€2010.00,€1.00,\n", "too far from the subtotal");
	becomes("1," AT "Buy,SOL,2,EUR,€100.00,€206.00,€209.00,€1.00,\n", "BUY SOL-EUR 2 206.00 3.00;");
	becomes("1," AT "Buy,SOL,2,EUR,€100.00,€212.00,€215.00,€1.00,\n", "price is 200 and the subtotal 212.00");
	becomes("1," AT "Buy,SOL,2000,EUR,€100.00,€200.00,€203.00,€3.00,\n", "price is 200000 and the subtotal 200.00");
	/* The price is rounded to two decimals. */
	becomes("1," AT "Buy,SHIB,1000000,USD,$0.00,$8.50,$9.49,$0.99,\n", "BUY SHIB-USD 1000000 8.50 0.99;");
	becomes("1," AT "Buy,MATIC,10.7,GBP,0.470000,5.03,5.05,0.02,\n", "BUY MATIC-GBP 10.7 5.03 0.02;");
}

/* A history names a future as an asset; a spreadsheet shows the currency with the number. */
static void contracts_of_a_history_and_other_currencies_are_seen(void **state)
{
	(void)state;
	becomes("1," AT "Buy,BIP-20DEC30-CDE,3,USD,$510.00,$1530.00,$1531.00,$1.00,\n", "2 ;");
	becomes("1," AT "Advanced Trade Sell,BTC-PERP,1,USDC,$60000.00,$60000.00,$59990.00,$10.00,Sold 1 BTC-PERP for 59990 USDC on BTC-PERP-INTX at "
		"60000 USDC/BTC-PERP\n", "2 ;");
	becomes("1," AT "Buy,SOL,2,EUR,$100.00,\"\xe2\x82\xac" "200.00\",203 EUR,3.00 EUR,\n", "BUY SOL-EUR 2 200.00 3.00;");
	becomes("1," AT "Buy,SOL,2,EUR,100.00 USD,200.00,203,3.00,\n", "price: 100.00 USD is in USD and the row in EUR");
	becomes("1," AT "Buy,SOL,2,USD,100.00,\xc2\xa3" "200.00,203,3.00,\n", "is in GBP and the row in USD");
	becomes("1," AT "Buy,SOL,2 BTC,USD,100.00,200.00,203,3.00,\n", "quantity: 2 BTC is in BTC and the row in SOL");
	becomes("1," AT "Buy,SOL,2 SOL,USDC,100.00 USD,200.00,203,3.00,\n", "BUY SOL-USDC 2 200.00 3.00;");
	becomes("1," AT "Buy,SOL,2,PERP,100.00,200.00,203,3.00,\n", "'SOL-PERP' is not a spot product");
	becomes("1," AT "Buy,SOL,2,1EUR,100.00,200.00,203,3.00,\n", "'SOL-1EUR' is not a spot product");
	/* What is left when nothing was bought, and a fee that is none where no total tells. */
	becomes("1," AT "Buy,SOL,0,EUR,100.00,0.00,0.00,0.00,\n", "the quantity is not above zero");
	becomes("1," AT "Buy,SOL,2,EUR,100.00,200.00,,150.00,\n", "a fee of 150.00 is too much for a value of 200.00");
}

static void what_is_a_trade_and_what_is_not(void **state)
{
	static const char *const other[] = {
		"Send", "Receive", "Rewards Income", "Learning Reward", "Staking Income", "Coinbase Earn", "Pro Deposit", "Pro Withdrawal",
		"Exchange Deposit", "Exchange Withdrawal", "Incentives Rewards Payout", "Retail Staking Transfer", "Deposit",
		"Retail Unstaking Transfer In", "Retail Staking Transfer Out", "Retail ETH Deprecation", "Cash to Savings",
		/* Of the documented transaction types of the exchange's App API (docs.cdp.coinbase.com, Track, Transactions). */
		"Clawback", "Derivatives Settlement", "Earn Payout", "Fiat Deposit", "Fiat Withdrawal", "Incentives Shared Clawback",
		"Intx Deposit", "Intx Withdrawal", "Request", "Staking Transfer", "Unstaking Transfer", "Unsupported Asset Recovery",
		"Retail MGX DEX Send", "Portfolio Transfer",
	};
	static const char *const paid[] = { "Card Spend", "Subscription", "Donation", "Admin Debit", "Credit Card Balance Payment" };
	char row[200], wanted[8];

	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		snprintf(row, sizeof row, "1," AT "%s,BTC,0.1,EUR,€10.00,€1.00,€1.00,€0.00,\n", other[i]);
		snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_OTHER);
		becomes(row, wanted);
	}
	for (size_t i = 0; i < sizeof paid / sizeof *paid; i++) {
		snprintf(row, sizeof row, "1," AT "%s,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,€0.00,\n", paid[i]);
		snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_PAID);
		becomes(row, wanted);
		snprintf(row, sizeof row, "1," AT "%s,EUR,-29.99,EUR,€1.00,-€29.99,-€29.99,€0.00,\n", paid[i]);
		snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_OTHER);
		becomes(row, wanted);
	}
	snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_RENAMED);
	becomes("1," AT "Asset Migration,MATIC,-1.65526374,CAD,$0.25,-$0.42,-$0.42,$0.00,\n", wanted);
	snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_UNKNOWN);
	becomes("1," AT "Wrap Asset,ETH,-0.02,USD,$2000.00,-$40.00,-$40.00,$0.00,\n", wanted);
	becomes("1," AT "Moon Bonus,ETH,-0.02,USD,$2000.00,-$40.00,-$40.00,$0.00,\n", wanted);
	snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_SAME);
	becomes("1," AT "Sell,EUR,99.3,EUR,€1.00,€99.30,€99.30,€0,\n", wanted);
	becomes("1," AT "Buy,USD,10,USD,$1.00,$10.00,$10.00,$0,\n", wanted);
	becomes("1," AT "Moon Bonus,USD,10,USD,$1.00,$10.00,$10.00,$0,\n", wanted);
	becomes("1," AT "Sell,EUR,99.3,USD,$1.08,$107.24,$107.24,$0,Sold 99.3 EUR for 107.24 USD\n", wanted);
	becomes("1," AT "Moon Bonus,GBP,10,USD,$1.30,$13.00,$13.00,$0,\n", wanted);
	becomes("1," AT "Buy,EURC,10,USD,$1.08,$10.80,$10.80,$0,\n", "BUY EURC-USD 10 10.80 0;");
	becomes("1," AT "FCM Futures USDC Sell,USD,9.99,USD,$1.00,$9.99,$9.99,$0.00,\n", wanted);
	becomes("1," AT "Sell Refund,USD,10,USD,$1.00,$10.00,$10.00,$0,\n", "may be a trade");
	becomes("1," AT "Retail Mgx Dex Buy,BTC,0.00008,USD,$119000.00,$9.52,$9.57,0.05,\n", "may be a trade");
	/* A swap on another exchange has a row of each side, whole, with an id and a second of its own. */
	becomes("1," AT "Retail Mgx Dex Trade,BTC,-0.00008391,USD,$119056.1315695387915624,-$9.99,-$9.93757,0.050262,\n",
		"SELL BTC-USD 0.00008391 9.99 0.05243;");
	becomes("1," AT "Retail Mgx Dex Trade,USDC,9.992169,USD,$1.00,$9.99,$10.04243,0.05243,\n", "BUY USDC-USD 9.992169 9.99 0.05243;");
	becomes("1," AT "Retail Mgx Dex Trade,BTC,lots,USD,$119000.00,-$9.52,-$9.47,0.05,\n", "quantity: ");
	becomes("1," AT "Retail Mgx Dex Trade,BTC,0,USD,$119000.00,0.00,0.00,0.00,\n", "the quantity is not above zero");
	/* USDC is sold where a margin is short, under three names. */
	becomes("1," AT "FCM Futures USDC Sell Additional Encumberment Rollup,USDC,-9.99,USD,$1.00,-$9.99,-$9.99,$0.00,\n",
		"SELL USDC-USD 9.99 9.99 0;");
	becomes("1," AT "Retail Simple Dust,BTC,-0.00001,EUR,€90000.00,€0.90,€0.90,€0.00,\n", "SELL BTC-EUR 0.00001 0.90 0;");
	/* What the sweep brings has a row of its own, with an amount above zero. */
	becomes("1," AT "Retail Simple Dust,USDC,1.02,EUR,€0.88,€0.90,€0.90,€0.00,\n", "BUY USDC-EUR 1.02 0.90 0;");
	becomes("1," AT "Advance Trade Sell,BTC,-0.1,EUR,€10.00,€1.00,€0.99,€0.01,\n", "SELL BTC-EUR 0.1 1.00 0.01;");
}

static void a_conversion_is_a_sale_and_a_purchase_in_either_form(void **state)
{
	static const char both[] = "SELL XLM-EUR 49.1542048 6.43097 0;BUY DOGE-EUR 91.51829246 6.43097 0;";
	char wanted[8];

	(void)state;
	snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_STAKED);
	becomes("a," AT "Convert,XLM,49.1542048,EUR,€0.13434213,€6.26584,€6.43097,,Converted 49.1542048 XLM to 91.51829246 DOGE\n", both);
	becomes("a," AT "Convert,XLM,-49.1542048,EUR,€0.13434213,€6.26584,€6.43097,€0.16513,Converted 49.1542048 XLM to 91.51829246 DOGE\n"
		"b," AT "Convert,DOGE,91.51829246,EUR,€0.07033533,€6.43697,€6.43097,-€0.006,Converted 49.1542048 XLM to 91.51829246 DOGE\n",
		both);
	becomes("a," AT "Convert,DOGE,91.51829246,EUR,€0.07033533,€6.43697,€6.43097,-€0.006,\n"
		"a," AT "Convert,XLM,-49.1542048,EUR,€0.13434213,€6.26584,€6.43097,€0.16513,\n", both);
	becomes("a," AT "Convert,BTC,0.0008,USD,$89000.00,$71.20,$73.20,$2.00,\n"
		"a," AT "Convert,USDC,-73.2,USD,$1.00,$73.20,$73.20,$0.00,\n", "SELL USDC-USD 73.2 73.20 0;BUY BTC-USD 0.0008 73.20 0;");
	/* Staked ether is ether, in one row or two, there and back; what is not as much was exchanged. */
	becomes("a," AT "Convert,ETH,0.17305191,EUR,€1723.885226,€298.32163,€298.21913,,Converted 0.17305191 ETH to 0.17305191 ETH2\n",
		wanted);
	becomes("a," AT "Convert,ETH2,0.5,EUR,€1700.00,€850.00,€850.00,,\na," AT "Convert,ETH,-0.5,EUR,€1700.00,€850.00,€850.00,,\n", wanted);
	becomes("a," AT "Convert,ETH2,-0.5,EUR,€1700.00,€850.00,€850.00,,Converted 0.5 ETH2 to 0.5 ETH\n", wanted);
	becomes("a," AT "Convert,ETH,0.5,EUR,€1700.00,€850.00,€850.00,,Converted 0.5 ETH to 0.47 ETH2\n", "SELL ETH-EUR 0.5 850.00 0;BUY ETH2-EUR");
	becomes("a," AT "Convert,ETH,0.5,EUR,€1700.00,€850.00,€850.00,,Converted 0.5 ETH to 0.5 CBETH\n", "SELL ETH-EUR 0.5 850.00 0;BUY CBETH-EUR");
	becomes("a," AT "Convert,BTC,0.5,EUR,€1700.00,€850.00,€850.00,,Converted 0.5 BTC to 0.5 ETH2\n", "SELL BTC-EUR 0.5 850.00 0;BUY ETH2-EUR");
	/* For the row's own currency it is a plain sale. */
	becomes("a," AT "Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 90 EUR\n", "SELL BTC-EUR 0.001 90.00 0;");
	/* And for another one. */
	becomes("a," AT "Convert,BTC,-0.1,USD,$50000.00,-$5000.00,-$5000.00,$0,Converted 0.1 BTC to 4600 EUR\n", "SELL BTC-USD 0.1 5000.00 0;");
	becomes("a," AT "Convert,GBP,-4000,USD,$1.25,-$5000.00,-$5000.00,$0,\na," AT "Convert,BTC,0.1,USD,$50000.00,$5000.00,$5000.00,$0,\n",
		"BUY BTC-USD 0.1 5000.00 0;");
	snprintf(wanted, sizeof wanted, "%d ;", COINBASE_SKIP_SAME);
	becomes("a," AT "Convert,EUR,-4600,USD,$1.08,-$4968.00,-$4968.00,$0,Converted 4600 EUR to 4968 USD\n", wanted);
	becomes("a," AT "Convert,EUR,-4600,USD,$1.08,-$4968.00,-$4968.00,$0,Converted 4600 EUR to 3900 GBP\n", wanted);
	becomes("a," AT "Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,\n", "other side");
	becomes("a," AT "Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.002 BTC to 1 ETH\n", "the note has 0.002 BTC");
	becomes("a," AT "Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 SOL to 1 ETH\n", "the note names SOL and ETH");
	becomes("a," AT "Convert,BTC,-1,EUR,€90000.00,€90.00,€90.00,,Converted 1 BTC to 1 ETH\n", "price is 90000");
	becomes("a," AT "Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,\na," AT "Convert,ETH,-0.03,EUR,€3000.00,€90.00,€90.00,,\n",
		"go the same way");
	/* Two of one second, told by one row each. */
	becomes("a," AT "Convert,BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		"b," AT "Convert,BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n",
		"SELL BTC-EUR 0.001 90.00 0;BUY ETH-EUR 0.03 90.00 0;SELL BTC-EUR 0.001 90.00 0;BUY ETH-EUR 0.03 90.00 0;");
}

/* As becomes(), and nothing besides. */
static void becomes_just(const char *rows, const char *wanted)
{
	exact = true;
	becomes(rows, wanted);
	exact = false;
}

#define CONVERT(id, rest) id "," AT "Convert," rest "\n"
#define SOLD "SELL BTC-EUR 0.001 90.00 0;BUY ETH-EUR 0.03 90.00 0;"
#define NO_SIDE "5 a conversion whose other side is neither in the note nor in a row: book both with import-trades;"

static void what_a_conversion_is_made_of_and_when_it_is_none(void **state)
{
	struct coinbase_csv csv;

	(void)state;
	/* Signs of amounts; either coin in the row; what ends a note. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,-€90000.00,-€90.00,-€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes_just(CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH."), SOLD);
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH at once"), SOLD);
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH-2"), NO_SIDE);
	/* The note may be short by a millionth. */
	becomes_just(CONVERT("a", "SOL,1,EUR,€90.00,€90.00,€90.00,,Converted 1.000001 SOL to 5 ADA"),
		     "SELL SOL-EUR 1 90.00 0;BUY ADA-EUR 5 90.00 0;");
	becomes(CONVERT("a", "SOL,1,EUR,€90.00,€90.00,€90.00,,Converted 1.000002 SOL to 5 ADA"), "the note has 1.000002 SOL");
	/* Two rows of one time: of one id, or of one note with both directions. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	/* What their notes tell is held against both. */
	becomes_just(CONVERT("a", "BTC,-5,EUR,€18.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"),
		     "5 the note has 0.001 BTC, but the row has 5;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,3,EUR,€30.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"),
		     "5 the note has 0.03 ETH, but the row has 3;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 5 ADA") CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"),
		     "5 by the note BTC became ADA, and by the rows BTC became ETH;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.03 ETH to 0.001 BTC")
		     CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.03 ETH to 0.001 BTC"),
		     "5 by the note ETH became BTC, and by the rows BTC became ETH;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.03 ETH to 0.001 BTC"),
		     "5 by the note ETH became BTC, and by the rows BTC became ETH;");
	/* So is the worth of one against that of the other, but for two cents. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€4500.66,€135.02,€135.02,,"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€4501.00,€135.03,€135.03,,"),
		     "5 the total of one side is 90.00 and of the other 135.03;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€1499.33,€44.98,€44.98,,"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€1499.00,€44.97,€44.97,,"),
		     "5 the total of one side is 90.00 and of the other 44.97;");
	/* Where one of the two cannot be read, or they are in two currencies, neither is booked. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0,EUR,€3000.00,€90.00,€90.00,,"),
		     "5 the quantity is 0;");
	becomes_just(CONVERT("a", "BTC,0,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"),
		     "5 the quantity is 0;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,USD,$3000.00,$90.00,$90.00,,"),
		     "5 one side is in EUR and the other in USD;");
	/* Nor where the note has no amount of the other. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0 ETH"), "5 the quantity is 0;");
	becomes(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.0.3 ETH"), "5 '0.0.3'");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 5 ADA")
		     CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 1 SOL to 0.03 ETH"),
		     "SELL BTC-EUR 0.001 90.00 0;BUY ADA-EUR 5 90.00 0;SELL SOL-EUR 1 90.00 0;BUY ETH-EUR 0.03 90.00 0;");
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"), NO_SIDE NO_SIDE);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "BTC,0.002,EUR,€90000.00,€180.00,€180.00,,"),
		     NO_SIDE NO_SIDE);
	/* The second may be written up to a day after the first, whichever that is; the sale's time counts. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,")
		     "a,2025-01-02 03:04:07 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,\n", SOLD);
	becomes_just("b,2025-01-02 03:04:06 UTC,Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		     CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,")
		     "a,2025-01-03 03:04:06 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,\n", NO_SIDE NO_SIDE);
	becomes_just("a,2025-01-03 03:04:06 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,\n"
		     CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,"), NO_SIDE NO_SIDE);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,")
		     "a,2025-01-03 03:04:05 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,\n", SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     "b,2025-01-02 03:09:05 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n", SOLD);
	/* Where both quantities lost their signs the note tells which was given; of another note each is one of its own. */
	becomes_just(CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "ETH,-0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,swapped") CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,swapped"),
		"go the same way");
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,swapped") CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,swapped"),
		     NO_SIDE NO_SIDE);
	/* In small letters, as a person's spreadsheet has them. */
	becomes_just(CONVERT("a", "btc,-0.001,eur,€90000.00,€90.00,€90.00,,converted 0.001 BTC to 0.03 eth"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,converted 0.001 btc to 0.03 ETH"), SOLD);
	becomes_just(CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,converted 0.001 BTC to 0.03 eth"), SOLD);
	becomes_just(CONVERT("a", "BTC,-0.001,eur,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"), SOLD);
	/* A row of a coin that the note does not name is no side of it, whichever of the two the other row is. */
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "ADA,5,EUR,€18.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"),
		     SOLD "5 the note names BTC and ETH, but the row names ADA;");
	becomes_just(CONVERT("a", "ADA,5,EUR,€18.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"),
		     SOLD "5 the note names BTC and ETH, but the row names ADA;");
	becomes_just(CONVERT("a", "ADA,5,EUR,€18.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     CONVERT("b", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"),
		     SOLD "5 the note names BTC and ETH, but the row names ADA;");
	/* One after the other, in two rows each, they are two. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     "b,2025-01-02 03:04:06 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		     "c,2025-01-02 03:04:06 UTC,Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		     "d,2025-01-02 03:04:07 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n", SOLD SOLD);
	/* So they are where the second row comes minutes later, and where each has one row alone. */
	becomes_just(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     "b,2025-01-02 03:09:06 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		     "c,2025-01-02 04:04:06 UTC,Convert,BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n"
		     "d,2025-01-02 04:09:07 UTC,Convert,ETH,0.03,EUR,€3000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n", SOLD SOLD);
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH")
		     "b,2025-01-02 03:09:06 UTC,Convert,BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH\n", SOLD SOLD);
	/* One side that cannot be read is the end of both. */
	becomes(CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,") CONVERT("a", "ETH,lots,EUR,€3000.00,€90.00,€90.00,,"), "5 quantity: ");
	becomes(CONVERT("a", "BTC,lots,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), "5 quantity: ");
	/* Total and subtotal may lie apart by half of the subtotal. */
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,-€90.00,€135.00,,Converted 0.001 BTC to 0.03 ETH"),
		     "SELL BTC-EUR 0.001 135.00 0;BUY ETH-EUR 0.03 135.00 0;");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€135.01,,Converted 0.001 BTC to 0.03 ETH"), "the total €135.01");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€44.99,,Converted 0.001 BTC to 0.03 ETH"), "the total €44.99");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,some,€100.00,,Converted 0.001 BTC to 0.03 ETH"), "subtotal: ");
	csv = read_csv(V4 CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"));
	assert_int_equal(csv.n_fills, 2);
	assert_string_equal(csv.fills[0].trade_id, "a");
	assert_string_equal(csv.fills[1].entry_id, "csv-history:a:BUY");
	coinbase_csv_release(&csv);
}

/* The columns have points in every language, the notes have not; the row's own quantity shows which. */
static void a_note_writes_its_amounts_as_the_account_s_language_does(void **state)
{
	(void)state;
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted 0,001 BTC to 0,03 ETH\""), SOLD);
	becomes_just(CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,\"Converted 0,001 BTC to 0,03 ETH\""), SOLD);
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted 0,001 BTC to 1.250,5 ADA\""),
		     "SELL BTC-EUR 0.001 90.00 0;BUY ADA-EUR 1250.5 90.00 0;");
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted 0.001 BTC to 1,250 ADA\""),
		     "SELL BTC-EUR 0.001 90.00 0;BUY ADA-EUR 1250 90.00 0;");
	/* What has three digits behind its comma is whichever the column has, and so is the other. */
	becomes_just(CONVERT("a", "ADA,1.250,EUR,€0.50,€0.63,€0.63,,\"Converted 1,250 ADA to 2,500 XLM\""),
		     "SELL ADA-EUR 1.250 0.63 0;BUY XLM-EUR 2.500 0.63 0;");
	becomes_just(CONVERT("a", "ADA,1250,EUR,€0.50,€625.00,€625.00,,\"Converted 1,250 ADA to 2,500 XLM\""),
		     "SELL ADA-EUR 1250 625.00 0;BUY XLM-EUR 2500 625.00 0;");
	/* A whole number shows nothing of it. */
	becomes(CONVERT("a", "ADA,5,EUR,€0.50,€2.50,€2.50,,\"Converted 5 ADA to 2,500 XLM\""), "which may be a decimal comma");
	becomes_just(CONVERT("a", "ADA,5,EUR,€0.50,€2.50,€2.50,,\"Converted 5 ADA to 2,5 XLM\""),
		     "SELL ADA-EUR 5 2.50 0;BUY XLM-EUR 2.5 2.50 0;");
	becomes_just(CONVERT("a", "ADA,5,EUR,€0.50,€2.50,€2.50,,\"Converted 5 ADA to 2,500.5 XLM\""),
		     "SELL ADA-EUR 5 2.50 0;BUY XLM-EUR 2500.5 2.50 0;");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted 0,002 BTC to 0,03 ETH\""), "the note has 0,002 BTC");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted some BTC to 0,03 ETH\""), "the note has some BTC");
	becomes(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,\"Converted 0,001 BTC to some ETH\""), "not an amount");
	/* Without quotes around it, too, where no field stands behind it. */
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0,001 BTC to 1.250,5 ADA"),
		     "SELL BTC-EUR 0.001 90.00 0;BUY ADA-EUR 1250.5 90.00 0;");
	becomes_just(CONVERT("a", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0,001 BTC to 0,03 ETH,,"), SOLD);
	becomes("1," AT "Buy,ETH,1.250,EUR,€3000.00,€3750.00,€3800.00,€50.00,Bought 1,350 ETH for 3.800,00 € EUR\n",
		"the note has 1,350 ETH");
	/* A plain purchase, and an advanced one of which the note counts. */
	becomes_just("1," AT "Buy,ETH,1.250,EUR,€3000.00,€3750.00,€3800.00,€50.00,\"Bought 1,250 ETH for 3.800,00 € EUR\"\n",
		     "BUY ETH-EUR 1.250 3750.00 50.00;");
	becomes("1," AT "Buy,ETH,1.250,EUR,€3000.00,€3750.00,€3800.00,€50.00,\"Bought 1,350 ETH for 3.800,00 € EUR\"\n",
		"the note has 1,350 ETH");
	becomes("1," AT "Buy,ETH,1.250,EUR,€3000.00,€3750.00,€3800.00,€50.00,\"Bought 1,52 ETH for 3.800,00 € EUR\"\n",
		"the note has 1,52 ETH");
	becomes_just("1," AT "Advanced Trade Buy,ETH,0.5,EUR,€1700.00,€850.00,€852.00,€2.00,"
		     "\"Bought 0,5 ETH for 903,20 USDC on ETH-USDC at 1.801,00 USDC/ETH\"\n", "BUY ETH-USDC 0.5 900.500 2.700;");
}

/* A coin that is traded no more has no price; what moved is told all the same. */
static void a_row_without_a_price_has_that_of_its_subtotal(void **state)
{
	struct coinbase_csv csv;

	(void)state;
	becomes_just("1," AT "Sell,XRP,-100,USD,,$50.00,$49.50,$0.50,\n", "SELL XRP-USD 100 50.00 0.50;");
	becomes_just("1," AT "Sell,XRP,-100,USD,,-$50.00,-$49.50,$0.50,\n", "SELL XRP-USD 100 50.00 0.50;");
	csv = read_csv(V4 "1," AT "Sell,XRP,-100,USD,,$50.00,$49.50,$0.50,\n");
	assert_string_equal(csv.fills[0].price, "0.500000000000000000");
	coinbase_csv_release(&csv);
	becomes("1," AT "Sell,XRP,-100,USD,,,$49.50,$0.50,\n", "no price");
	becomes("1," AT "Sell,XRP,0,USD,,$50.00,$49.50,$0.50,\n", "the quantity is 0");
	becomes("1," AT "Sell,XRP,-100,USD,none,$50.00,$49.50,$0.50,\n", "price: ");
	becomes_just(CONVERT("a", "BTC,0.001,EUR,,€91.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), SOLD);
	becomes(CONVERT("a", "BTC,0.001,EUR,none,€91.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), "price: ");
}

/* Some accounts' amounts are in the currency of their country whatever the column of the currency says: a token that
 * stands for that currency shows it. */
static void amounts_that_are_in_another_currency_than_the_row_says_are_refused(void **state)
{
	(void)state;
	becomes(CONVERT("a", "BTC,0.05,USD,200000.00,10000.00,10100.00,,Converted 0.05 BTC to 451.2 USDC"),
		"451.2 USDC cannot be 10100 USD: the amounts may be in a currency other than the row says");
	becomes(CONVERT("a", "USDC,-451.2,USD,$22.00,$9926.40,$9926.40,,") CONVERT("a", "BTC,0.05,USD,$200000.00,$10000.00,$10000.00,,"),
		"451.2 USDC cannot be 9926.4 USD");
	becomes("1," AT "Buy,USDT,100,USD,$23.10,$2310.00,$2320.00,$10.00,\n", "100 USDT cannot be 2310 USD");
	becomes("1," AT "Sell,EURC,-1000,EUR,€0.04,€40.00,€39.00,€1.00,\n", "1000 EURC cannot be 40 EUR");
	/* To the double and to the half; the flat fee of a small one; another currency than the token's. */
	becomes_just("1," AT "Buy,USDC,100,USD,$2.00,$200.00,$200.00,$0.00,\n", "BUY USDC-USD 100 200.00 0;");
	becomes("1," AT "Buy,USDC,100,USD,$2.01,$201.00,$201.00,$0.00,\n", "cannot be");
	becomes_just("1," AT "Buy,USDC,100,USD,$0.50,$50.00,$50.00,$0.00,\n", "BUY USDC-USD 100 50.00 0;");
	becomes("1," AT "Buy,USDC,100,USD,$0.49,$49.00,$49.00,$0.00,\n", "cannot be");
	becomes_just("1," AT "Buy,USDC,1,USD,$6.00,$6.00,$6.00,$0.00,\n", "BUY USDC-USD 1 6.00 0;");
	becomes("1," AT "Buy,USDC,1,USD,$6.01,$6.01,$6.01,$0.00,\n", "cannot be");
	becomes_just("1," AT "Buy,USDC,100,CZK,Kč23.10,Kč2310.00,Kč2310.00,Kč0.00,\n", "BUY USDC-CZK 100 2310.00 0;");
	becomes_just("1," AT "Buy,USDC,100,JPY,¥150,¥15000,¥15000,¥0,\n", "BUY USDC-JPY 100 15000 0;");
}

/* Or a file of which every row has one time would cost the square of its rows. */
static void conversions_of_one_time_are_joined_within_five_hundred_rows(void **state)
{
	struct buf text = BUF_INIT;
	struct coinbase_csv csv;

	(void)state;
	buf_adds(&text, V4 CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,"));
	for (int i = 0; i < 499; i++)
		buf_addf(&text, CONVERT("x%d", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), i);
	buf_adds(&text, CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"));
	buf_adds(&text, CONVERT("y", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"));
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 1002);
	coinbase_csv_release(&csv);
	/* With one row more between the two neither is told; the others are. */
	buf_clear(&text);
	buf_adds(&text, V4 CONVERT("a", "BTC,-0.001,EUR,€90000.00,€90.00,€90.00,,"));
	for (int i = 0; i < 500; i++)
		buf_addf(&text, CONVERT("x%d", "BTC,0.001,EUR,€90000.00,€90.00,€90.00,,Converted 0.001 BTC to 0.03 ETH"), i);
	buf_adds(&text, CONVERT("a", "ETH,0.03,EUR,€3000.00,€90.00,€90.00,,"));
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 1000);
	assert_int_equal(csv.n_skipped, 2);
	assert_string_equal(csv.skipped[0].why.text, "its time is that of over 500 conversions: book it with import-trades");
	coinbase_csv_release(&csv);
	buf_release(&text);
}

/* The note of a plain purchase has the payment in it, which may be called anything. */
static void the_note_of_a_plain_purchase_names_no_pair(void **state)
{
	(void)state;
	becomes("1," AT "Buy,BTC,0.2,USD,$100.00,$20.00,$21.00,$1.00,Bought 0.2 BTC for 21 USD using bank account Trust on Main-Street\n",
		"BUY BTC-USD 0.2 20.00 1.00;");
	becomes("1," AT "Advanced Trade Buy,BTC,0.2,USD,$100.00,$20.00,$21.00,$1.00,Bought 0.2 BTC for 21 USD on Main-Street\n",
		"the note names Main-Street and the row BTC");
}

/* "Bought 0.33694052 ETH for 0.012835268969159 BTC on ETH-BTC at 0.03781 BTC/ETH": the columns show dollars, and the note has it all. */
static void a_note_in_bitcoin_is_exact(void **state)
{
	(void)state;
	becomes("1," AT "Advanced Trade Buy,ETH,0.33694052,USD,$3200.00,$1078.21,$1086.30,$8.09,Bought 0.33694052 ETH for 0.012835268969159 BTC on "
		"ETH-BTC at 0.03781 BTC/ETH\n", "BUY ETH-BTC 0.33694052 0.0127397210612 0.000095547907959;");
	becomes("1," AT "Advanced Trade Sell,ETH,-30,USD,$3300.00,-$99000.00,-$99000.00,$0.00,Sold 30 ETH for 1 BTC on ETH-BTC at 0.0333 BTC/ETH\n",
		"a sale of 0.9990 cannot have moved 1: the total is on the wrong side of the subtotal");
	becomes("1," AT "Advanced Trade Sell,ETH,-1.32752151,GBP,£3110.00,-£4128.59,-£4118.07,£10.52,Sold 1.32752151 ETH for 4118.07 GBP on ETH-BTC "
		"at 0.0367 ETH/BTC\n", "the amounts are in GBP, the trade is on ETH-BTC: the fills report has them in its own");
}

static void contracts_of_a_size_are_no_spot_trades(void **state)
{
	static const char *const contract[] = {
		"BTC-29MAR24-CDE", "BIT-26JAN24-CDE", "ET-27JUN25-CDE", "BIP-20DEC30-CDE", "BTC-PERP-INTX", "ETH-PERP",
	};
	static const char *const spot[] = { "BTC-USD", "USDT-USDC", "1INCH-EUR", "00-USD" };

	(void)state;
	for (size_t i = 0; i < sizeof contract / sizeof *contract; i++) {
		char text[400];
		struct coinbase_csv csv;

		assert_false(coinbase_product_is_spot(contract[i]));
		snprintf(text, sizeof text, FILLS "1,%s,BUY,2024-01-02T03:04:05Z,3,BTC,50000,1,-150001,USD\n", contract[i]);
		csv = read_csv(text);
		assert_int_equal(csv.n_fills, 0);
		assert_int_equal(csv.n_skipped, 1);
		assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_CONTRACT);
		assert_string_equal(csv.skipped[0].type, contract[i]);
		coinbase_csv_release(&csv);
	}
	for (size_t i = 0; i < sizeof spot / sizeof *spot; i++)
		assert_true(coinbase_product_is_spot(spot[i]));
}

static void a_fee_of_the_fills_report_is_what_the_total_says(void **state)
{
	static const struct { const char *row, *commission, *words; } row[] = {
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,-1,-501,USD", "1", "" },
		{ "1,BTC-USD,SELL,2024-01-02T03:04:05Z,1,BTC,500,-1,499,USD", "1", "" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,-1,-499,USD", "-1", "" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,-1,,USD", NULL, "no total" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,1,-500,USD", NULL, "which make -501" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0.002,-500.002,BTC", NULL, "fee and total are in BTC" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,0,BTC,500,0,0,USD", NULL, "not above zero" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,-1,BTC,500,0,500,USD", NULL, "not above zero" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,-500,0,500,USD", NULL, "below zero" },
		{ ",BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD", NULL, "no trade id" },
		{ "N/A,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD", NULL, "no trade id" },
		{ "1,BTC-USD,,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD", NULL, "neither BUY nor SELL" },
		{ "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,,-500,USD", NULL, "no fee" },
		/* A spreadsheet rounded it to two decimals. */
		{ "1,ETH-BTC,BUY,2024-01-02T03:04:05Z,0.5,ETH,0.03,0.00,-0.02,BTC", NULL, "which make -0.015" },
		{ "1,SOL-ETH,BUY,2021-11-06T09:33:32.618Z,0.00100000,SOL,0.05507,2.7535e-7,-0.00005534535,ETH", "0.00000027535", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char text[400];
		struct coinbase_csv csv;

		snprintf(text, sizeof text, FILLS "%s\n", row[i].row);
		csv = read_csv(text);
		if (row[i].commission) {
			assert_int_equal(csv.n_fills, 1);
			assert_string_equal(csv.fills[0].commission, row[i].commission);
		} else {
			if (csv.n_fills != 0)
				fail_msg("%s is taken", row[i].row);
			if (!strstr(csv.skipped[0].why.text, row[i].words))
				fail_msg("%s: '%s' does not say '%s'", row[i].row, csv.skipped[0].why.text, row[i].words);
		}
		coinbase_csv_release(&csv);
	}
}

static void other_separators_are_named(void **state)
{
	static const char *const text[] = {
		"Timestamp;Transaction Type;Asset;Quantity Transacted\n", "Transactions\n\nID;Timestamp;Transaction Type;Asset\n",
		"portfolio;trade id;product;side\n", "type\ttime\tamount\ttrade id\n",
		"\"Timestamp,Transaction Type,Asset,Quantity Transacted\"\n\"2021-04-14T09:00:00Z,Buy,ETH,0.5\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		struct coinbase_csv csv;
		struct reason why = { .text = "" };

		assert_false(coinbase_csv_parse(text[i], strlen(text[i]), NULL, &csv, &why));
		if (!strstr(why.text, strchr(text[i], ';') ? "separated by semicolons" : strchr(text[i], '"') ? "each line is one field in quotes" :
			    "separated by tabs"))
			fail_msg("%s", why.text);
		coinbase_csv_release(&csv);
	}
}

static void a_last_row_without_an_end_is_read_where_it_proves_to_be_whole(void **state)
{
	static const struct { const char *text; size_t fills; } row[] = {
		{ FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,1,-501,USD", 1 },
		{ FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,1,-501,US", 0 },
		{ FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,1,-501", 0 },
		{ FILLS "1,BTC-USDC,BUY,2024-01-02T03:04:05Z,1,BTC,500,1,-501,USD", 0 },
		{ V4 "1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,Bought 2 S", 1 },
		{ V4 "1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.0", 0 },
		{ V4 "1," AT "Advanced Trade Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL", 1 },
		{ V4 "1," AT "Advanced Trade Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,Bought 2 SOL for 203 EUR on SOL-EUR at 10", 0 },
		{ V4 "1," AT "Advanced Trade Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,", 0 },
		{ V4 "1," AT "Convert,SOL,2,EUR,€100.00,€200.00,€200.00,,Converted 2 SOL to 100 XR", 0 },
		{ "type,time," ACCOUNT "match,2020-01-02T00:00:00Z,-300,1,EUR,,1,o-1\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o-1", 1 },
		{ "type,time," ACCOUNT "match,2020-01-02T00:00:00Z,-300,1,EUR,,1,o-1\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o-", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_csv csv = read_csv(row[i].text);

		if (csv.n_fills != row[i].fills)
			fail_msg("row %zu: %zu fills", i, csv.n_fills);
		coinbase_csv_release(&csv);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_trades_are_the_same_fills_in_every_generation),
		cmocka_unit_test(what_moved_is_what_counts),
		cmocka_unit_test(contracts_of_a_history_and_other_currencies_are_seen),
		cmocka_unit_test(what_is_a_trade_and_what_is_not),
		cmocka_unit_test(a_conversion_is_a_sale_and_a_purchase_in_either_form),
		cmocka_unit_test(what_a_conversion_is_made_of_and_when_it_is_none),
		cmocka_unit_test(a_note_writes_its_amounts_as_the_account_s_language_does),
		cmocka_unit_test(a_row_without_a_price_has_that_of_its_subtotal),
		cmocka_unit_test(amounts_that_are_in_another_currency_than_the_row_says_are_refused),
		cmocka_unit_test(conversions_of_one_time_are_joined_within_five_hundred_rows),
		cmocka_unit_test(the_note_of_a_plain_purchase_names_no_pair),
		cmocka_unit_test(a_note_in_bitcoin_is_exact),
		cmocka_unit_test(contracts_of_a_size_are_no_spot_trades),
		cmocka_unit_test(a_fee_of_the_fills_report_is_what_the_total_says),
		cmocka_unit_test(other_separators_are_named),
		cmocka_unit_test(a_last_row_without_an_end_is_read_where_it_proves_to_be_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
