#include "bitcoin/mining.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "bitcoin/nbits.h"
#include "exact/decimal.h"
#include "exact/fixed.h"

typedef unsigned __int128 u128;

static const u128 max_u128 = ~(u128)0;

bool network_difficulty_at(const struct network *network, instant_t when, u128 *difficulty, struct reason *why)
{
	size_t low = 0, high = network->n_epochs;
	char at[INSTANT_TEXT], last[INSTANT_TEXT];

	/* The last epoch that does not begin after this instant. */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (network->epochs[middle].from <= when)
			low = middle + 1;
		else
			high = middle;
	}
	instant_format(when, at);
	if (low == 0)
		return reason_set(why, "no difficulty is known for %s", at);
	if (when >= network->epochs[low - 1].until)
		return reason_set(why, "no difficulty is known for %s: the one before it is known to %s; "
				       "fetch-difficulty --store adds more to the database; a filter reads it from a file: "
				       "fetch-difficulty >FILE, then --history FILE",
				  at, instant_format(network->epochs[low - 1].until, last));
	*difficulty = network->epochs[low - 1].difficulty;
	return true;
}

#define FASTEST_ERA ((instant_t)BLOCKS_PER_HALVING * 9 * 60)

/* The epoch in force at an instant, or NULL. */
static const struct difficulty_epoch *epoch_at(const struct network *network, instant_t when)
{
	for (size_t i = network->n_epochs; i-- > 0;)
		if (network->epochs[i].from <= when)
			return when < network->epochs[i].until ? &network->epochs[i] : NULL;
	return NULL;
}

/* The newest era that the table knows: does it still hold? */
static bool newest_era_at(const struct network *network, const struct subsidy_era *era, instant_t when,
			  int64_t *subsidy, struct reason *why)
{
	const struct difficulty_epoch *epoch = epoch_at(network, when);
	char at[INSTANT_TEXT];

	*subsidy = era->subsidy;
	if (epoch && epoch->height >= 0 && era->height >= 0) {
		int32_t halving = era->height + BLOCKS_PER_HALVING;

		if (epoch->height + BLOCKS_PER_EPOCH <= halving)
			return true;
		*subsidy = subsidy_at_height(epoch->height);
		return epoch->height / BLOCKS_PER_HALVING == (epoch->height + BLOCKS_PER_EPOCH - 1) / BLOCKS_PER_HALVING ||
			reason_set(why, "no block subsidy is known for %s: it is halved at block %d, in the epoch from height %d; "
				   "fetch-difficulty --store fetches its time", instant_format(when, at), halving, epoch->height);
	}
	return when < era->from + FASTEST_ERA ||
		reason_set(why, "no block subsidy is known for %s: a halving may have come since the last one that is known; "
			   "heights in the history or a newer table of subsidies would say", instant_format(when, at));
}

bool network_subsidy_at(const struct network *network, instant_t when, int64_t *subsidy, struct reason *why)
{
	char at[INSTANT_TEXT];

	for (size_t i = network->n_eras; i-- > 0;) {
		if (network->eras[i].from > when)
			continue;
		*subsidy = network->eras[i].subsidy;
		return i + 1 < network->n_eras || newest_era_at(network, &network->eras[i], when, subsidy, why);
	}
	return reason_set(why, "no block subsidy is known for %s", instant_format(when, at));
}

int64_t subsidy_at_height(int64_t height)
{
	int64_t halvings = height / BLOCKS_PER_HALVING;

	return halvings < 64 ? INT64_C(5000000000) >> halvings : 0;
}

int64_t btc_miners(int64_t nmwh, const struct miner_model *model)
{
	/* 1e-9 MWh = 1 mWh, and one machine needs power_mw / 2 of these. */
	return (int64_t)((__int128)nmwh * 2 / model->power_mw);
}

bool btc_mined(int64_t miners, const struct miner_model *model, u128 difficulty, int64_t subsidy, int64_t *satoshi,
	       struct reason *why)
{
	/*
	 * hashes / 2^32 = miners × GH/s × 1e9 × 1800 / 2^32 = miners × GH/s × 439453125 / 2^20,
	 * because 1e9 × 1800 = 439453125 × 2^12.  Then, with the difficulty in 1e-8:
	 *
	 *	satoshi = miners × GH/s × 439453125 × subsidy × 1e8 / (2^20 × difficulty)
	 *
	 * The factor 1e8 would not fit, so the division goes on for eight decimal digits, four at a time.
	 */
	u128 numerator, denominator, quotient, rest;
	u128 machines = (u128)miners * (u128)model->hashrate_ghs;

	if (miners == 0) {
		*satoshi = 0;
		return true;
	}
	if (machines > max_u128 / 439453125 / (u128)subsidy || difficulty > (max_u128 / 10000) >> 20)
		return reason_set(why, "the inputs are too large to calculate with");
	numerator = machines * 439453125 * (u128)subsidy;
	denominator = difficulty << 20;
	quotient = numerator / denominator;
	rest = numerator % denominator;
	for (int i = 0; i < 2; i++) {
		rest *= 10000;
		if (quotient > max_u128 / 20000)
			return reason_set(why, "the bitcoin mined would be more than there are");
		quotient = quotient * 10000 + rest / denominator;
		rest %= denominator;
	}
	if (rest >= denominator - rest)
		quotient++;
	if (quotient > INT64_MAX / 100)
		return reason_set(why, "the bitcoin mined would be more than there are");
	*satoshi = (int64_t)quotient;
	return true;
}

char *satoshi_format(int64_t satoshi, char text[SATOSHI_TEXT])
{
	if (satoshi < 0)
		*text = '-';
	fixed_format(satoshi < 0 ? -(u128)satoshi : (u128)satoshi, 8, text + (satoshi < 0));
	return text;
}

/* Digits behind the eighth decimal are the residue of somebody's arithmetic.  Empty if the text is no such number. */
static void round_to_eight(const char *text, struct buf *rounded)
{
	struct decimal value;

	decimal_init(&value);
	if (decimal_parse_text(&value, text, DECIMAL_PLAIN, NULL)) {
		decimal_round(&value, &value, 8);
		decimal_write(&value, DECIMAL_KEEP_ZEROS, rounded);
	}
	decimal_release(&value);
}

bool difficulty_parse(const char *text, u128 *difficulty, struct reason *why)
{
	const char *point = strchr(text, '.');
	struct buf rounded = BUF_INIT;
	bool ok;

	if (point && strlen(point + 1) > 8)
		round_to_eight(text, &rounded);
	ok = fixed_parse(rounded.len ? rounded.data : text, 8, difficulty, why);
	buf_release(&rounded);
	if (!ok)
		return false;
	if (*difficulty > (max_u128 / 10000) >> 20)
		return reason_set(why, "%.40s is too large for a difficulty", text);
	return true;
}

bool subsidy_parse(const char *text, int64_t *satoshi, struct reason *why)
{
	u128 value;

	if (!fixed_parse(text, 8, &value, why))
		return false;
	if (value > 5000000000)
		return reason_set(why, "%.40s BTC is more than any block ever gave", text);
	*satoshi = (int64_t)value;
	return true;
}

bool miner_model_parse(const char *name, const char *hashrate_ths, const char *power_w, struct miner_model *model,
		       struct reason *why)
{
	u128 hashrate, power;
	struct reason inner;

	if (!*name || strlen(name) >= sizeof model->name)
		return reason_set(why, "miner model \"%.40s\": a name has 1 to %zu characters", name, sizeof model->name - 1);
	if (!fixed_parse(hashrate_ths, 3, &hashrate, &inner) || hashrate > 100000000)
		return reason_set(why, "miner model %s: hashrate %.40s TH/s: not above zero and at most 100000, with three decimals",
				  name, hashrate_ths);
	if (!fixed_parse(power_w, 3, &power, &inner) || power > 1000000000)
		return reason_set(why, "miner model %s: power %.40s W: not above zero and at most 1000000, with three decimals",
				  name, power_w);
	snprintf(model->name, sizeof model->name, "%s", name);
	model->hashrate_ghs = (int64_t)hashrate;
	model->power_mw = (int64_t)power;
	return true;
}
