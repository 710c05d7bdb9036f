#include "coinbase/csv_types.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Types that are no trades. */
static const char *const no_trades[] = {
	"Send", "Receive", "Deposit", "Withdrawal", "Exchange Deposit", "Exchange Withdrawal", "Pro Deposit",
	"Pro Withdrawal", "Prime Deposit", "Prime Withdrawal", "Fiat Deposit", "Fiat Withdrawal", "Intx Deposit",
	"Intx Withdrawal", "Staking Income", "Reward Income", "Rewards Income",
	"Reward", "Incentives Rewards Payout", "Retail Simple Price Improvement", "Credit Card Reward", "Card Reward",
	"Interest Payout", "Learning Reward", "Coinbase Earn", "Earn Payout", "Interest Income", "Inflation Reward",
	"Inflation Income", "Card Buy Back", "Subscription Rebate", "Subscription Rebates (24 Hours)", "Credit", "Clawback",
	"Incentives Shared Clawback", "Admin Credit", "Unsupported Asset Recovery", "Request", "Retail Eth2 Deprecation",
	"Retail ETH Deprecation", "Staking Transfer", "Unstaking Transfer", "Retail Staking Transfer",
	"Retail Staking Transfer In", "Retail Staking Transfer Out",
	"Retail Unstaking Transfer", "Retail Unstaking Transfer In", "Retail Unstaking Transfer Out", "Retail Mgx Dex Send",
	"Portfolio Transfer", "Derivatives Settlement", "Cfm Funding",
	"Cash to Savings", "Savings to Cash", "Vault Withdrawal", "Vault Deposit", "Transfer",
	"deposit", "withdrawal", "rebate", "conversion", NULL,
};

/* Types by which something is paid, which may be a coin. */
static const char *const payments[] = {
	"Card Spend", "Credit Card Balance Payment", "Subscription", "Donation", "Admin Debit", NULL,
};

/* "Buy", "Advanced Trade Sell", and "Advance Trade …", as one generation spelt it. */
static bool is_trade(const char *type, enum coinbase_row_type *side)
{
	static const char *const before[] = { "Advanced Trade ", "Advance Trade ", "" };

	for (int i = 0; i < 3; i++) {
		size_t len = strlen(before[i]);

		if (strncasecmp(type, before[i], len) != 0)
			continue;
		*side = strcasecmp(type + len, "Buy") == 0 ? COINBASE_TYPE_BUY : COINBASE_TYPE_SELL;
		if (*side == COINBASE_TYPE_BUY || strcasecmp(type + len, "Sell") == 0)
			return true;
	}
	return false;
}

static bool has_trade_word(const char *type)
{
	static const char *const word[] = { "buy", "sell", "trade", "fill", "match" };

	for (; *type; type++)
		for (size_t i = 0; i < sizeof word / sizeof *word; i++)
			if (strncasecmp(type, word[i], strlen(word[i])) == 0)
				return true;
	return false;
}

enum coinbase_row_type coinbase_row_type(const char *type)
{
	/* The exchange sells USDC where a margin is short, under three names that begin so. */
	static const char margin[] = "FCM Futures USDC Sell";
	enum coinbase_row_type side;

	if (is_trade(type, &side))
		return side;
	if (strncasecmp(type, margin, strlen(margin)) == 0)
		return COINBASE_TYPE_SELL;
	if (strcasecmp(type, "Retail Mgx Dex Trade") == 0)
		return COINBASE_TYPE_SIGNED;
	if (strcasecmp(type, "Retail Simple Dust") == 0)
		return COINBASE_TYPE_DUST;
	if (strcasecmp(type, "Convert") == 0)
		return COINBASE_TYPE_CONVERT;
	if (strcasecmp(type, "Asset Migration") == 0)
		return COINBASE_TYPE_RENAMED;
	if (text_is_one_of(type, payments))
		return COINBASE_TYPE_PAYMENT;
	if (text_is_one_of(type, no_trades))
		return COINBASE_TYPE_NO_TRADE;
	return has_trade_word(type) ? COINBASE_TYPE_MAYBE : COINBASE_TYPE_UNKNOWN;
}
