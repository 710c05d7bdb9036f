/*
 * Whatever bytes a source sends, the parsers answer or refuse: no crash, no leak, no overflow, and what
 * they accept keeps their own promises.  The first byte of an input chooses the parser.
 *
 * `make fuzz` runs this for FUZZ_SECONDS from the seeds beside it (clang's libFuzzer).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitcoin/bitcoind.h"
#include "bitcoin/mining.h"
#include "bitcoin/difficulty.h"
#include "bitcoin/difficulty_file.h"
#include "bitcoin/difficulty_json.h"
#include "coinbase/csv_export.h"
#include "curtailment/curtailment.h"
#include "curtailment/elexon_stack.h"
#include "curtailment/elexon_register.h"
#include "exact/amount.h"
#include "exact/energy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) ((condition) ? (void)0 : abort())

static void stack(const char *body, size_t len)
{
	static const struct elexon_unit units[] = { { .id = "T_WINDY-1", .fuel_type = "WIND" } };
	struct elexon_stack stack;
	struct curtailed_selection selection;
	struct reason why = { .text = "" };
	day_t day;

	must(day_parse("2026-07-10", &day));
	if (elexon_parse_stack(body, len, day, 20, ELEXON_BID, &stack, &why)) {
		must((size_t)stack.rows_seen == stack.n_rows + (size_t)stack.repeated);
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
}

static void bmunits(const char *body, size_t len)
{
	struct elexon_register reg;
	struct reason why = { .text = "" };

	if (elexon_parse_bmunits(body, len, &reg, &why)) {
		must((size_t)reg.rows_seen == reg.n_units + (size_t)(reg.without_id + reg.repeated));
		for (size_t i = 0; i < reg.n_units; i++)
			must(elexon_find_unit(reg.units, reg.n_units, reg.units[i].id) == &reg.units[i]);
	} else {
		must(why.text[0] != '\0');
	}
	elexon_register_release(&reg);
}

typedef bool reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

static bool read_mempool(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_mempool(body, len, history, &odd, why);

	oddities_release(&odd);
	return ok;
}

static bool read_blockchain(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_blockchain(body, len, history, &odd, why);

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

static void difficulties(reader *read, const char *body, size_t len)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT, merged, again;
	struct reason why = { .text = "" };

	if (read(body, len, &history, &why)) {
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
}

static void node(const char *body, size_t len)
{
	struct block headers[2];
	struct block tip;
	struct bitcoind_info info;
	char hashes[2][65];
	struct reason why;

	difficulty_read_blocks(body, len, &tip, &why);
	bitcoind_read_info(body, len, &info, &why);
	if (bitcoind_read_hashes(body, len, 2, hashes, &why))
		must(strlen(hashes[0]) == 64 && strlen(hashes[1]) == 64);
	memset(hashes, 0, sizeof hashes);
	bitcoind_read_headers(body, len, 2, hashes, headers, &why);
}

/* What is read as a decimal is written and read again as the same. */
static void decimals(const char *body, size_t len)
{
	struct decimal a, b;
	struct buf text = BUF_INIT;

	decimal_init(&a);
	decimal_init(&b);
	if (decimal_parse(&a, body, len, DECIMAL_EXPONENT, NULL)) {
		decimal_write(&a, DECIMAL_KEEP_ZEROS, &text);
		if (text.len <= DECIMAL_MAX_TEXT) {
			must(decimal_parse_text(&b, text.data, DECIMAL_PLAIN, NULL));
			must(decimal_cmp(&a, &b) == 0);
		}
	}
	buf_release(&text);
	decimal_release(&a);
	decimal_release(&b);
}

/* An amount as people write it: what is read is a number that is written and read again as the same, whatever the file settles. */
static void amounts(const char *body, size_t len)
{
	static const enum amount_marks marks[] = { AMOUNT_UNSETTLED, AMOUNT_POINT, AMOUNT_COMMA };
	struct decimal value, again;
	char *text = xmalloc(len + 1), code[AMOUNT_CODE];

	memcpy(text, body, len);
	text[len] = '\0';
	decimal_init(&value);
	decimal_init(&again);
	amount_proves(text);
	amount_currency(text, code);
	must(strlen(code) == 0 || strlen(code) >= 3);
	for (int i = 0; i < 3; i++) {
		struct reason why = { .text = "" };
		struct buf written = BUF_INIT;

		if (amount_parse(text, marks[i], &value, &why)) {
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
static void exports(const char *body, size_t len)
{
	struct coinbase_csv csv;
	struct reason why = { .text = "" };

	if (!coinbase_csv_parse(body, len, &csv, &why))
		must(why.text[0] != '\0');
	for (size_t i = 0; i < csv.n_fills; i++) {
		sane_fill(&csv.fills[i]);
		for (size_t j = i + 1; j < csv.n_fills; j++)
			must(strcmp(csv.fills[i].entry_id, csv.fills[j].entry_id) != 0);
	}
	for (size_t i = 1; i < csv.n_skipped; i++)
		must(csv.skipped[i - 1].line <= csv.skipped[i].line);
	for (size_t i = 0; i < csv.n_skipped; i++)
		must(csv.skipped[i].kind != COINBASE_SKIP_BAD || csv.skipped[i].why.text[0]);
	coinbase_csv_release(&csv);
}

/* A page of fills or orders. */
static void pages(const char *body, size_t len)
{
	struct coinbase_page page;
	struct reason why = { .text = "" };

	if (coinbase_fills_parse(body, len, &page, &why) != COINBASE_OK)
		must(why.text[0] != '\0');
	coinbase_page_release(&page);
	why.text[0] = '\0';
	if (coinbase_orders_parse(body, len, &page, &why) != COINBASE_OK)
		must(why.text[0] != '\0');
	coinbase_page_release(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data + 1;

	if (size == 0)
		return 0;
	size--;
	switch (data[0]) {
	case 's': stack(body, size); break;
	case 'a': amounts(body, size); break;
	case 'x': exports(body, size); break;
	case 'p': pages(body, size); break;
	case 'u': bmunits(body, size); break;
	case 'm': difficulties(read_mempool, body, size); break;
	case 'c': difficulties(read_blockchain, body, size); break;
	case 'f': difficulties(read_file, body, size); break;
	case 'n': node(body, size); break;
	case 'd': decimals(body, size); break;
	default:  break;
	}
	return 0;
}
