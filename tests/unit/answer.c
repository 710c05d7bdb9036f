/* An answer says what it assumes: each assumption under its own name, and nothing where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/answer.h"

static int64_t prices[4];
static enum price_state price_states[4];
static bool stored[4];
static struct market_era eras[3];
/* A half hour of each day; of the last nothing is known. */
static int32_t era_of[4], day_of[4] = { 0, 1, 2, 3 };
static char model_from[] = "options";

/* Two farms and a unit in four days of 2024, in which the subsidy halved and the difficulty went up and down. */
static void set_up(struct fleet_request *request, struct question *q)
{
	memset(request, 0, sizeof *request);
	request->names[NAME_UNIT] = (struct name_list){ { "T_SGRWO-1" }, 1 };
	request->names[NAME_FARM] = (struct name_list){ { "Moray East", "Hornsea" }, 2 };
	request->per = PER_FARM;
	request->rate = (struct rate_terms){ .uptime = 95000000, .pool_fee = 1000000 };
	request->fees_share = 5000000;
	request->currency = "EUR";
	request->min_run = 3;
	money_terms_init(&request->money);
	assert_true(decimal_parse_text(&request->money.growth, "-0.05", DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&request->money.power_price, "12.50", DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&request->money.capex_machine, "2100", DECIMAL_PLAIN, NULL));
	request->money.years = 4;
	*q = (struct question){ .request = request, .model = { "21", 110000, 3250000 }, .model_from = model_from, .state = "provisional" };
	assert_true(day_parse("2024-04-18", &q->days.from));
	q->days.to = q->days.from + 3;
	eras[0] = (struct market_era){ .difficulty = (unsigned __int128)86388558925171 * SHARE_ONE, .subsidy = 625000000 };
	eras[1] = (struct market_era){ .difficulty = (unsigned __int128)88104191118793 * SHARE_ONE + 2000000, .subsidy = 312500000 };
	eras[2] = (struct market_era){ .difficulty = (unsigned __int128)83148355189239 * SHARE_ONE + 70000000, .subsidy = 312500000 };
	memcpy(era_of, (int32_t[]){ 0, 1, 2, -1 }, sizeof era_of);
	q->market = (struct market){ .n_days = 4, .n_half_hours = 4, .era_of = era_of, .day_of = day_of, .eras = eras, .n_eras = 3,
				     .price = prices };
	q->price_states = price_states;
	q->stored = stored;
	q->days_stored = 4;
	for (int i = 0; i < 4; i++) {
		price_states[i] = PRICE_KNOWN;
		stored[i] = true;
	}
	prices[0] = 6134950000000;
	prices[1] = 5999999000001;
	prices[2] = 0;
	prices[3] = 6400000000000;
}

/* The row as NDJSON, which says of each value whether it is text; to be freed. */
static char *row_of(const struct assumptions *a, const struct fleet_figures *figures)
{
	static const char *const more[] = { "best", NULL };
	const char **columns = answer_columns(more);
	struct tsv_writer out = { .format = NDJSON };
	char *row;

	tsv_begin(&out, NULL, columns);
	answer_row(&out, a, figures);
	tsv_text(&out, "profit");
	tsv_end_row(&out);
	row = xstrdup(out.line.data);
	tsv_release(&out);
	free(columns);
	return row;
}

static void a_row_says_each_assumption_then_each_figure_under_its_name(void **state)
{
	struct fleet_request request;
	struct question question;
	struct assumptions a;
	struct fleet_figures figures = { 0 };
	char *row;

	(void)state;
	set_up(&request, &question);
	assumptions_of(&a, &question);
	assumptions_set(&a, PLACES, "2");
	for (int i = 0; i < N_FIGURES; i++) {
		decimal_init(&figures.value[i]);
		decimal_set_int(&figures.value[i], 100 + 10 * i, 2);	/* 1.00, 1.10 and so on */
		figures.known[i] = i != PAYBACK_DAYS;
	}
	row = row_of(&a, &figures);
	/* Watts for a terahash: 3250 / 110.  A bitcoin figure keeps its zeros; a payback that never comes is null. */
	assert_string_equal(row, "{"
		"\"first_day\":\"2024-04-18\",\"last_day\":\"2024-04-21\",\"days\":4,\"days_stored\":4,\"state\":\"provisional\","
		"\"place\":\"unit T_SGRWO-1, farm Moray East, farm Hornsea\",\"per\":\"farm\",\"places\":2,\"model\":\"21\",\"model_from\":\"options\","
		"\"hashrate_ths\":110,\"power_w\":3250,\"joule_per_th\":29.5455,\"machines_per_place\":null,\"min_run\":3,\"uptime\":0.95,"
		"\"pool_fee\":0.01,\"fees\":\"0.05\",\"difficulty_least\":83148355189239.7,\"difficulty_most\":88104191118793.02,"
		"\"difficulty_growth\":-0.05,\"subsidy_least\":3.125,\"subsidy_most\":6.25,\"currency\":\"EUR\",\"price_least\":59999.99000001,"
		"\"price_most\":64000,\"price_state\":\"known\",\"pound\":null,\"power_price\":12.5,\"payment\":\"kept\",\"opex\":0,"
		"\"capex_machine\":2100,\"capex_mw\":0,\"years\":4,"
		"\"machines\":1,\"megawatts\":1.1,\"curtailed_mwh\":1.2,\"used_mwh\":1.3,\"used_share_percent\":1.4,\"place_hours\":1.5,"
		"\"hours_running\":1.6,\"hours_per_machine\":1.7,\"bitcoin\":1.80,\"bitcoin_per_mwh\":1.9,\"price\":2,\"revenue\":2.1,"
		"\"power_cost\":2.2,\"payment_gbp\":2.3,\"payment_forgone\":2.4,\"opex_cost\":2.5,\"capex\":2.6,\"capex_of_span\":2.7,\"cost\":2.8,"
		"\"profit_before_capex\":2.9,\"profit\":3,\"life_profit\":3.1,\"payback_days\":null,\"cost_per_bitcoin\":3.3,\"hashprice\":3.4,"
		"\"break_even_power_price\":3.5,\"peak_network_share_percent\":3.6,\"best\":\"profit\"}\n");
	free(row);
	for (int i = 0; i < N_FIGURES; i++)
		decimal_release(&figures.value[i]);
	assumptions_release(&a);
	money_terms_release(&request.money);
}

/* A farm may be called 7, and a file of fees 2024: text stays text for whoever reads the row with a program. */
static void a_text_that_looks_like_a_number_is_text(void **state)
{
	static const enum assumption texts[] = { STATE, PLACE, PER, MODEL, MODEL_FROM, FEES, CURRENCY, PRICE_STATE, PAYMENT_IS };
	struct assumptions a = { { NULL } };
	struct fleet_figures figures = { 0 };
	char *row;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assumptions_set(&a, texts[i], "7");
	assumptions_set(&a, PLACES, "7");
	row = row_of(&a, &figures);
	assert_non_null(strstr(row, "\"places\":7,"));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf want = BUF_INIT;

		buf_addf(&want, "\"%s\":\"7\",", assumption_names[texts[i]]);
		assert_non_null(strstr(row, want.data));
		buf_release(&want);
	}
	free(row);
	assumptions_release(&a);
}

static void the_columns_end_where_no_more_are_asked_for(void **state)
{
	static const char *const no_more[] = { NULL };
	const char **columns = answer_columns(no_more);

	(void)state;
	assert_string_equal(columns[0], "first_day");
	assert_string_equal(columns[N_ASSUMPTIONS], "machines");
	assert_string_equal(columns[N_ASSUMPTIONS + N_FIGURES - 1], "peak_network_share_percent");
	assert_null(columns[N_ASSUMPTIONS + N_FIGURES]);
	free(columns);
}

static void what_differs_by_question(void **state)
{
	/* Behind the lists of names there is none. */
	struct { struct fleet_request request; char behind[sizeof(struct name_list)]; } asked;
	struct question question;
	struct assumptions a;

	(void)state;
	memset(asked.behind, 1, sizeof asked.behind);
	set_up(&asked.request, &question);
	memset(asked.request.names, 0, sizeof asked.request.names);
	asked.request.names[NAME_OWNER] = (struct name_list){ { "SSE" }, 1 };
	asked.request.names[NAME_REGION] = (struct name_list){ { "Scotland" }, 1 };
	asked.request.per = PER_UNIT;
	asked.request.fees_in_file = true;
	asked.request.fees = "fees.tsv";
	asked.request.money.forgone = true;
	assert_true(decimal_parse_text(&asked.request.money.pound, "1.17", DECIMAL_PLAIN, NULL));
	/* Nothing is known of the network, and no price. */
	memset(era_of, -1, sizeof era_of);
	memset(prices, 0, sizeof prices);
	assumptions_of(&a, &question);
	assert_string_equal(a.text[PLACE], "owner SSE, region Scotland");
	assert_string_equal(a.text[PER], "unit");
	assert_string_equal(a.text[FEES], "fees.tsv");
	assert_string_equal(a.text[PAYMENT_IS], "forgone");
	assert_string_equal(a.text[POUND], "1.17");
	assert_null(a.text[DIFFICULTY_LEAST]);
	assert_null(a.text[SUBSIDY_MOST]);
	assert_null(a.text[PRICE_LEAST]);
	assert_null(a.text[PRICE_MOST]);
	assumptions_release(&a);
	memset(asked.request.names, 0, sizeof asked.request.names);
	asked.request.per = PER_LIST;
	assumptions_of(&a, &question);
	assert_string_equal(a.text[PLACE], "all");
	assert_string_equal(a.text[PER], "list");
	assumptions_set(&a, PLACE, NULL);
	assert_null(a.text[PLACE]);
	assumptions_release(&a);
	money_terms_release(&asked.request.money);
}

/* One word for the prices of all days, as the summaries say it: whoever reads it must not take a guess for a price. */
static void the_prices_in_a_word(void **state)
{
	static const struct { enum price_state days[4]; const char *word; } row[] = {
		{ { PRICE_GIVEN, PRICE_GIVEN, PRICE_GIVEN, PRICE_GIVEN }, "given" },
		{ { PRICE_NONE, PRICE_NONE, PRICE_NONE, PRICE_NONE }, "unknown" },
		{ { PRICE_ASSUMED, PRICE_ASSUMED, PRICE_ASSUMED, PRICE_ASSUMED }, "assumed" },
		{ { PRICE_KNOWN, PRICE_KNOWN, PRICE_EARLIER, PRICE_KNOWN }, "earlier" },
		{ { PRICE_KNOWN, PRICE_KNOWN, PRICE_KNOWN, PRICE_NONE }, "incomplete" },
		{ { PRICE_NONE, PRICE_EARLIER, PRICE_EARLIER, PRICE_EARLIER }, "incomplete" },
		{ { PRICE_ASSUMED, PRICE_KNOWN, PRICE_KNOWN, PRICE_KNOWN }, "mixed" },
		{ { PRICE_ASSUMED, PRICE_EARLIER, PRICE_EARLIER, PRICE_EARLIER }, "mixed" },
	};
	struct fleet_request request;
	struct question question;
	struct assumptions a;

	(void)state;
	set_up(&request, &question);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		memcpy(price_states, row[i].days, sizeof price_states);
		assumptions_of(&a, &question);
		assert_string_equal(a.text[PRICE_STATE], row[i].word);
		assumptions_release(&a);
	}
	/* Days that are not stored use no price and no difficulty, unless none is stored. */
	memcpy(price_states, row[6].days, sizeof price_states);
	prices[0] = 6500000000000;
	for (int n = 3; n >= 0; n -= 3) {
		memset(stored, n > 0, sizeof stored);
		stored[0] = false;
		question.days_stored = n;
		assumptions_of(&a, &question);
		assert_string_equal(a.text[PRICE_STATE], n ? "known" : "mixed");
		assert_string_equal(a.text[PRICE_MOST], n ? "64000" : "65000");
		assert_string_equal(a.text[SUBSIDY_MOST], n ? "3.125" : "6.25");
		assumptions_release(&a);
	}
	/* A span of one day has its word, whatever stood behind it. */
	question.market.n_days = 1;
	price_states[0] = PRICE_GIVEN;
	assumptions_of(&a, &question);
	assert_string_equal(a.text[PRICE_STATE], "given");
	assumptions_release(&a);
	money_terms_release(&request.money);
}

static void people_read_words_and_a_dash_for_what_is_not_known(void **state)
{
	struct assumptions a = { { NULL } };
	struct fleet_figures figures = { 0 };
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assumptions_set(&a, FIRST_DAY, "2024-04-18");
	assumptions_set(&a, HASHRATE_THS, "100");
	assumptions_set(&a, PRICE_STATE, "known");
	answer_print_assumptions(&a, out);
	for (int i = 0; i < N_FIGURES; i++) {
		decimal_init(&figures.value[i]);
		decimal_set_int(&figures.value[i], 12345678, 4);
	}
	figures.known[MACHINES] = figures.known[BITCOIN] = figures.known[LIFE_PROFIT] = true;
	answer_table_begin(&page, "place", "best");
	answer_table_row(&page, "Seagreen", &figures, "profit");
	page_print(&page, out, true);
	page_release(&page);
	answer_table_begin(&page, NULL, NULL);
	answer_table_row(&page, NULL, &figures, NULL);
	page_print(&page, out, true);
	page_release(&page);
	fflush(out);
	assert_string_equal(text,
		"first day     2024-04-18\n"
		"hashrate ths  100\n"
		"price state   known\n"
		"place     machines  megawatts  used mwh  used share percent  hours per machine         bitcoin  revenue  cost  profit  capex  "
		"life profit  payback days  best\n"
		"Seagreen     1,235          -         -                   -                  -  1,234.56780000        -     -       -      -     "
		"1,234.57             -  profit\n"
		"machines  megawatts  used mwh  used share percent  hours per machine         bitcoin  revenue  cost  profit  capex  life profit  "
		"payback days\n"
		"   1,235          -         -                   -                  -  1,234.56780000        -     -       -      -     1,234.57  "
		"           -\n");
	rewind(out);
	answer_print_figures(&figures, out);
	fclose(out);
	assert_non_null(strstr(text, "machines                             1,235\n"));
	assert_non_null(strstr(text, "payback days                             -\n"));
	assert_non_null(strstr(text, "peak network share percent               -\n"));
	free(text);
	for (int i = 0; i < N_FIGURES; i++)
		decimal_release(&figures.value[i]);
	assumptions_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_says_each_assumption_then_each_figure_under_its_name),
		cmocka_unit_test(a_text_that_looks_like_a_number_is_text),
		cmocka_unit_test(the_columns_end_where_no_more_are_asked_for),
		cmocka_unit_test(what_differs_by_question),
		cmocka_unit_test(the_prices_in_a_word),
		cmocka_unit_test(people_read_words_and_a_dash_for_what_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
