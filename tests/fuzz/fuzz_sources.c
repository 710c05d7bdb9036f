#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bitcoin/bitcoind.h"
#include "bitcoin/difficulty.h"
#include "bitcoin/difficulty_file.h"
#include "bitcoin/difficulty_json.h"
#include "bitcoin/exchange_rate.h"
#include "bitcoin/price.h"
#include "curtailment/cashflows.h"
#include "curtailment/curtailment.h"
#include "curtailment/data_status.h"
#include "curtailment/elexon_register.h"
#include "curtailment/elexon_stack.h"
#include "curtailment/replacement.h"
#include "curtailment/wind.h"
#include "exact/decimal.h"
#include "exact/energy.h"
#include "targets.h"

bool fuzz_stack(const char *body, size_t len)
{
	static const struct elexon_unit units[] = { { .id = "T_WINDY-1", .fuel_type = "WIND" } };
	struct elexon_stack stack;
	struct curtailed_selection selection;
	struct reason why = { .text = "" };
	day_t day;
	bool taken;

	must(day_parse("2026-07-10", &day));
	/* By turns every row is at stake, and the wind's alone. */
	taken = elexon_parse_stack(body, len, day, 20, ELEXON_BID, len % 2 ? units : NULL, 1, &stack, &why);
	if (taken) {
		must((size_t)stack.rows_seen == stack.n_rows + (size_t)stack.repeated + stack.odd.odd);
		for (size_t i = 0; i < stack.n_rows; i++) {
			const struct elexon_row *row = &stack.rows[i];
			struct buf payment = BUF_INIT;
			energy_t energy;

			must(energy_parse(row->volume, &energy, &why));
			must((energy > 0) - (energy < 0) == row->sign);
			must(curtailed_payment(row, &payment) == (row->original_price[0] != '\0'));
			buf_release(&payment);
		}
		elexon_is_final(&stack, 0);
		curtailed_select(&stack, units, 1, true, &selection, &why);
		curtailed_selection_release(&selection);
	} else {
		must(why.text[0] != '\0');
	}
	elexon_stack_release(&stack);
	return taken;
}

bool fuzz_bmunits(const char *body, size_t len)
{
	struct elexon_register reg;
	struct reason why = { .text = "" };
	bool taken = elexon_parse_bmunits(body, len, &reg, &why);

	if (taken) {
		must((size_t)reg.rows_seen == reg.n_units + (size_t)(reg.without_id + reg.repeated - reg.odd_kept) + reg.odd.odd);
		for (size_t i = 0; i < reg.n_units; i++)
			must(elexon_find_unit(reg.units, reg.n_units, reg.units[i].id) == &reg.units[i]);
	} else {
		must(why.text[0] != '\0');
	}
	elexon_register_release(&reg);
	return taken;
}

/* 2100: nothing is ahead of its time. */
#define LATEST INT64_C(4102444800)

typedef bool reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

static bool read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_mempool(body, len, LATEST, history, &odd, why);

	oddities_release(&odd);
	return ok;
}

static bool read_blockchain(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_blockchain(body, len, LATEST, history, &odd, why);

	oddities_release(&odd);
	return ok;
}

static bool read_file(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	FILE *in = len ? fmemopen((void *)(uintptr_t)body, len, "r") : NULL;
	bool ok = in ? difficulty_read_file(in, "input", history, why) : reason_set(why, "empty");

	if (in)
		fclose(in);
	return ok;
}

static bool difficulties(reader *read, const char *body, size_t len)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT, merged, again;
	struct reason why = { .text = "" };
	bool taken = read(body, len, &history, &why);

	if (taken) {
		must(history.n > 0);
		if (difficulty_check(&history, &why) && difficulty_merge(&history, &history, &merged, &why)) {
			must(difficulty_merge(&merged, &history, &again, &why));
			must(again.n == merged.n);
			for (size_t i = 0; i < merged.n; i++)
				must(memcmp(&merged.rows[i].difficulty, &again.rows[i].difficulty, sizeof merged.rows[i].difficulty) == 0 &&
				     merged.rows[i].from == again.rows[i].from && merged.rows[i].until == again.rows[i].until);
			difficulty_history_release(&again);
			difficulty_history_release(&merged);
		}
	} else {
		must(why.text[0] != '\0');
	}
	difficulty_history_release(&history);
	return taken;
}

bool fuzz_mempool(const char *body, size_t len)
{
	return difficulties(read_mempool, body, len);
}

bool fuzz_chart(const char *body, size_t len)
{
	return difficulties(read_blockchain, body, len);
}

bool fuzz_history_file(const char *body, size_t len)
{
	return difficulties(read_file, body, len);
}

bool fuzz_node(const char *body, size_t len)
{
	struct block headers[2];
	struct block tip;
	struct bitcoind_info info;
	char hashes[2][65];
	struct reason why;
	bool warming_up;

	struct oddities odd = ODDITIES_INIT;
	bool taken = difficulty_read_blocks(body, len, LATEST, &tip, &odd, &why);

	oddities_release(&odd);
	taken |= difficulty_read_stats(body, len, &tip, &why);
	taken |= bitcoind_read_info(body, len, &info, &why);
	if (bitcoind_read_hashes(body, len, 2, hashes, &why)) {
		must(strlen(hashes[0]) == 64 && strlen(hashes[1]) == 64);
		taken = true;
	}
	memset(hashes, 0, sizeof hashes);
	bitcoind_read_headers(body, len, 2, hashes, headers, &why);
	taken |= bitcoind_read_error(body, len, &warming_up, &why);
	return taken;
}

/* Wind, counts and the market ---------------------------------------------------------------- */

bool fuzz_wind(const char *body, size_t len)
{
	struct wind_day days[2] = { 0 };
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };
	day_t from;
	bool taken;

	must(day_parse("2026-07-10", &from));
	taken = wind_parse(body, len, from, from + 1, INT64_MAX, days, &odd, &why);
	must(taken || why.text[0] != '\0');
	for (int d = 0; taken && d < 2; d++)
		for (int p = 1; p <= MAX_PERIODS; p++)
			for (int where = 0; where < 2; where++) {
				const struct wind_period *period = &days[d].period[p];
				energy_t energy;

				must(!*period->mwh[where] || p <= settlement_periods(from + d));
				must(!*period->mwh[where] || (energy_parse(period->mwh[where], &energy, &why) && energy >= 0));
			}
	oddities_release(&odd);
	return taken;
}

bool fuzz_counts(const char *body, size_t len)
{
	struct data_status days[2];
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };
	day_t from;
	bool taken;

	must(day_parse("2026-07-10", &from));
	taken = data_status_parse(body, len, from, from + 1, days, &odd, &why);
	must(taken || why.text[0] != '\0');
	for (int d = 0; taken && d < 2; d++)
		for (int p = 1; p <= MAX_PERIODS; p++)
			must(days[d].count[p] >= -1);
	oddities_release(&odd);
	return taken;
}

/* Each unit once in a half hour, in order, with a figure. */
bool fuzz_cashflows(const char *body, size_t len)
{
	struct cashflows c;
	struct reason why = { .text = "" };
	struct decimal pounds;
	day_t day;
	bool taken;

	must(day_parse("2026-07-10", &day));
	cashflows_init(&c, day, ELEXON_OFFER);
	taken = cashflows_parse(&c, body, len, &why);
	must(taken || why.text[0] != '\0');
	must(c.n_rows <= (size_t)c.rows_seen);
	decimal_init(&pounds);
	for (size_t i = 0; i < c.n_rows; i++) {
		const struct cashflow *row = &c.rows[i], *before = row - 1;

		must(row->period >= 1 && row->period <= settlement_periods(day) && row->unit[0] != '\0');
		must(i == 0 || before->period < row->period ||
		     (before->period == row->period && strcmp(before->unit, row->unit) < 0));
		must(decimal_parse_text(&pounds, row->total, DECIMAL_PLAIN, NULL));
	}
	decimal_release(&pounds);
	cashflows_release(&c);
	return taken;
}

/* What is taken is never more than is to be replaced, nor more than an offer has. */
bool fuzz_replacement(const char *body, size_t len)
{
	struct elexon_stack offers;
	struct replacement r;
	struct reason why = { .text = "" };
	struct decimal wanted;
	day_t day;
	bool taken;

	must(day_parse("2026-07-10", &day));
	taken = elexon_parse_offers(body, len, day, 20, &offers, &why);
	must(taken || why.text[0] != '\0');
	if (taken && replacement_choose(&offers, INT64_C(3500000000), &r, &why)) {
		decimal_init(&wanted);
		decimal_set_int(&wanted, 3500000000, 9);
		must(decimal_cmp(&r.replaced, &wanted) <= 0);
		for (size_t i = 0; i < r.n_offers; i++)
			must(decimal_sign(&r.offers[i].taken) > 0);
		decimal_release(&wanted);
		replacement_release(&r);
	} else if (taken) {
		replacement_release(&r);
	}
	elexon_stack_release(&offers);
	return taken;
}

/* Prices and rates --------------------------------------------------------------------------- */

/* Of a history that was read: days in order, each once, each price above zero. */
static void sane_prices(const struct price_history *history)
{
	for (size_t i = 0; i < history->n; i++) {
		char again[PRICE_TEXT];

		must(price_parse(history->rows[i].price, again, NULL));
		must(strcmp(again, history->rows[i].price) == 0);
		must(i == 0 || history->rows[i - 1].day < history->rows[i].day);
	}
}

static bool prices(const char *body, size_t len, const char *currency)
{
	struct price_history history = PRICE_HISTORY_INIT;
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };
	bool taken = currency ? price_read_mempool(body, len, currency, &history, &odd, &why)
			      : price_read_blockchain(body, len, &history, &odd, &why);

	must(taken || why.text[0] != '\0');
	if (taken) {
		sane_prices(&history);
		price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
		sane_prices(&history);
		must(price_history_holes(&history).days >= 0);
	}
	price_history_release(&history);
	oddities_release(&odd);
	return taken;
}

bool fuzz_price_chart(const char *body, size_t len)
{
	return prices(body, len, NULL);
}

bool fuzz_price_list(const char *body, size_t len)
{
	return prices(body, len, "EUR");
}

static bool rates(const char *body, size_t len, bool xml)
{
	FILE *in = !xml && len ? fmemopen((void *)(uintptr_t)body, len, "r") : NULL;
	struct exchange_rates read;
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };
	bool taken = false;

	exchange_rates_init(&read, 25000);
	if (xml || in) {
		taken = xml ? exchange_rates_read_xml(&read, body, len, &odd, &why) : exchange_rates_read_table(&read, in, &odd, &why);
		taken = taken && exchange_rates_settle(&read, &odd, &why);
		must(taken || why.text[0] != '\0');
	}
	for (int c = 0; taken && c < RATE_CURRENCIES; c++) {
		sane_prices(&read.of[c]);
		for (size_t i = 0; i < read.of[c].n; i++)
			must(read.of[c].rows[i].day < read.tomorrow);
	}
	exchange_rates_release(&read);
	oddities_release(&odd);
	if (in)
		fclose(in);
	return taken;
}

bool fuzz_rates_xml(const char *body, size_t len)
{
	return rates(body, len, true);
}

bool fuzz_rates_table(const char *body, size_t len)
{
	return rates(body, len, false);
}
