#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "fleet/figures.h"

static const struct miner_model s19j_pro = { "S19J_PRO", 100000, 3050000 };

/* A day of 2025 with one difficulty, whatever the network knew. */
struct fixture {
	struct market market;
	struct market_terms terms;
	int64_t fees[2];
};

static void set_up(struct fixture *f, int years)
{
	static const struct network nothing;
	day_t day;

	memset(f, 0, sizeof *f);
	assert_true(day_parse("2025-03-04", &day));
	f->terms.network = &nothing;
	f->terms.model = &s19j_pro;
	f->terms.rate.uptime = SHARE_ONE;
	f->terms.fees_by_day = f->fees;
	assert_true(difficulty_parse("113757508810853", &f->terms.difficulty, NULL));
	f->terms.subsidy = 312500000;
	f->terms.n_years = years;
	market_build(&f->market, day, day + 1, &f->terms);
	f->market.price[0] = 80000 * SHARE_ONE;
	f->market.price[1] = 90000 * SHARE_ONE;
}

/* The market of the first day alone, by the terms as they are now. */
static void one_day(struct fixture *f)
{
	market_release(&f->market);
	market_build(&f->market, f->market.first, f->market.first, &f->terms);
}

/* A fleet of one size, at one place. */
static void begin_one(struct fleet *fleet, const struct fixture *f, const int64_t *size)
{
	fleet_begin(fleet, &f->market, &s19j_pro, 1, size, 1);
	fleet->n_places = 1;
}

static void tear_down(struct fixture *f, struct fleet *fleet, struct place *place)
{
	place_release(place);
	fleet_release(fleet);
	market_release(&f->market);
}

static void a_burst_beyond_the_fleet_is_not_mined(void **state)
{
	static const int64_t sizes[] = { 0, 500, 1000, 2000 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;

	(void)state;
	set_up(&f, 1);
	fleet_begin(&fleet, &f.market, &s19j_pro, 1, sizes, 4);
	fleet.n_places = 1;
	fleet_add(&fleet, &place, 0, 1525000000, 100000000000);		/* 1000 machines, £100 */
	fleet_add(&fleet, &place, 60, 3050000000, 300000000000);	/* 2000, £300, the next day */
	fleet_add(&fleet, &place, 61, 1000000, 1);			/* not one */
	assert_int_equal(fleet.tallies[0].satoshi[0], 115128 + 230257);
	assert_int_equal(fleet.tallies[1].satoshi[0], 2 * 57564);
	assert_int_equal(fleet.tallies[2].satoshi[0], 2 * 115128);
	assert_int_equal(fleet.tallies[3].satoshi[0], 115128 + 230257);
	assert_int_equal(fleet.tallies[1].machine_half_hours, 1000);
	assert_int_equal(fleet.tallies[1].half_hours, 2);
	assert_int_equal(fleet.half_hours, 3);
	/* £100 × 500/1000 and £300 × 500/2000. */
	assert_int_equal((long)fleet.tallies[1].payment, 125000000000);
	assert_true(fleet.tallies[1].value[0] == (__int128)57564 * (80000 + 90000) * SHARE_ONE);
	assert_int_equal(fleet_machines(&fleet, &fleet.tallies[0]), 2000);
	assert_int_equal(fleet_machines(&fleet, &fleet.tallies[1]), 500);
	tear_down(&f, &fleet, &place);
}

static void a_run_shorter_than_the_minimum_is_not_mined(void **state)
{
	static const int64_t endless[] = { 0 };
	static const size_t half_hours[] = { 2, 3, 7, 8, 9, 10, 20 };
	struct place place = { 0 }, other = { 0 };
	struct fixture f;
	struct fleet fleet;

	(void)state;
	set_up(&f, 1);
	fleet_begin(&fleet, &f.market, &s19j_pro, 3, endless, 1);
	for (size_t i = 0; i < sizeof half_hours / sizeof *half_hours; i++) {
		fleet_add(&fleet, &place, half_hours[i], 1525000000, 0);
		/* Half hours of another place lie between, and belong to its own run. */
		fleet_add(&fleet, &other, half_hours[i] + 1, i == 3 ? 1000 : 1525000000, 0);
	}
	assert_int_equal(fleet.tallies[0].half_hours, 4);
	for (size_t h = 7; h <= 10; h++)
		assert_int_equal(fleet.tallies[0].running[h], 1000);
	assert_int_equal(fleet.tallies[0].running[2], 0);
	place_release(&place);
	place_release(&other);
	fleet_release(&fleet);
	market_release(&f.market);
}

static void a_half_hour_without_a_difficulty_is_counted_and_not_mined(void **state)
{
	static const int64_t endless[] = { 0 };
	static struct difficulty_epoch epoch;
	static struct subsidy_era era = { 0, 312500000, -1 };
	struct network network = { &epoch, 1, &era, 1 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	instant_t from;

	(void)state;
	set_up(&f, 1);
	assert_true(instant_parse("2025-03-04T12:00:00Z", &from));
	epoch = (struct difficulty_epoch){ from, from + 86400, f.terms.difficulty, -1 };
	era.from = from;
	f.terms.network = &network;
	f.terms.difficulty = 0;
	f.terms.subsidy = 0;
	one_day(&f);
	f.market.price[0] = SHARE_ONE;
	fleet_begin(&fleet, &f.market, &s19j_pro, 1, endless, 1);
	fleet_add(&fleet, &place, 23, 1525000000, 0);
	fleet_add(&fleet, &place, 24, 1525000000, 0);
	assert_int_equal(fleet.unknown, 1);
	assert_int_equal(fleet.tallies[0].satoshi[0], 115128);
	assert_string_equal(f.market.unknown.text, "no difficulty is known for 2025-03-04T00:00:00Z");
	tear_down(&f, &fleet, &place);
}

static void expect(const struct fleet_figures *figures, enum figure which, const char *want)
{
	struct buf text = BUF_INIT;

	if (figures->known[which])
		decimal_write(&figures->value[which], DECIMAL_TRIM_ZEROS, &text);
	else
		buf_adds(&text, "-");
	assert_string_equal(text.data, want);
	buf_release(&text);
}

/* Worked by hand: 2 days, 1,000 machines, 1,525 W × 2 … each figure by its formula with exact fractions. */
static void the_figures_follow_from_their_formulas(void **state)
{
	static const int64_t sizes[] = { 1000 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 2);
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 0, 1525000000, 100000000000);
	fleet_add(&fleet, &place, 60, 3050000000, 300000000000);
	money_terms_init(&money);
	money.years = 2;
	money.forgone = true;
	decimal_set_int(&money.pound, 125, 2);
	decimal_set_int(&money.power_price, 10, 0);
	decimal_set_int(&money.opex, 365, 1);			/* 36.5 a machine and year: 0.1 a day */
	decimal_set_int(&money.capex_machine, 1, 0);
	decimal_set_int(&money.capex_mw, 100, 0);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, MACHINES, "1000");
	expect(&figures, MEGAWATTS, "3.05");
	expect(&figures, CURTAILED_MWH, "4.575");
	expect(&figures, USED_MWH, "3.05");
	expect(&figures, USED_SHARE, "66.666667");
	expect(&figures, HOURS_RUNNING, "1");
	expect(&figures, HOURS_PER_MACHINE, "1");
	expect(&figures, BITCOIN, "0.00230256");
	expect(&figures, BITCOIN_PER_MWH, "0.000754937705");
	expect(&figures, REVENUE, "195.7176");			/* 0.00115128 × (80,000 + 90,000) */
	expect(&figures, PRICE, "85000");
	expect(&figures, POWER_COST, "30.5");
	expect(&figures, PAYMENT, "250");			/* 100 and half of 300 */
	expect(&figures, PAYMENT_FORGONE, "312.5");
	expect(&figures, OPEX_COST, "200");
	expect(&figures, CAPEX, "1305");
	expect(&figures, CAPEX_OF_SPAN, "3.57534247");		/* 1305 × 2 / 730 */
	expect(&figures, COST, "546.57534247");
	expect(&figures, PROFIT, "-350.85774247");
	expect(&figures, PROFIT_BEFORE_CAPEX, "-347.2824");
	expect(&figures, PAYBACK_DAYS, "-");
	expect(&figures, COST_PER_BITCOIN, "237377.24205667");
	/* 10^15 × 86400 / (D × 2^32) × 3.125 × 85,000 */
	expect(&figures, HASHPRICE, "46.97240057");
	expect(&figures, BREAK_EVEN, "-105.0353254");
	/* 10^17 H/s of D × 2^32 / 600 */
	expect(&figures, PEAK_SHARE, "0.01228");
	expect(&figures, PLACE_HOURS, "1");
	expect(&figures, LIFE_PROFIT, "-128063.076");		/* 2 × ((195.7176 − 30.5 − 312.5) × 365/2 − 36,500) − 1305 */
	assert_int_equal(figure_places[MACHINES], 0);
	fleet_figures_release(&figures);

	/* The payment kept and no opex: year 1 alone does not pay for a dearer fleet, both do. */
	money.forgone = false;
	decimal_set_int(&money.opex, 0, 0);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, PROFIT_BEFORE_CAPEX, "165.2176");
	expect(&figures, PAYBACK_DAYS, "15.8");			/* 1305 / (165.2176 / 2) */
	expect(&figures, LIFE_PROFIT, "58999.424");		/* 165.2176 × 365/2 × 2 − 1305 */
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

static void a_growing_difficulty_puts_payback_off(void **state)
{
	static const int64_t sizes[] = { 1000 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	money_terms_init(&money);
	money.years = 3;
	decimal_set_int(&money.growth, 1, 0);			/* twice as much each year */
	f.terms.growth = &money.growth;
	f.terms.n_years = 3;
	one_day(&f);
	f.market.price[0] = 100000 * SHARE_ONE;
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 0, 1525000000, 0);
	assert_int_equal(fleet.tallies[0].satoshi[0], 115128);
	assert_int_equal(fleet.tallies[0].satoshi[1], 57564);
	assert_int_equal(fleet.tallies[0].satoshi[2], 28782);
	/* 115.128 a day in the first year: 42,021.72; then 21,010.86; then 10,505.43. */
	decimal_set_int(&money.capex_machine, 50, 0);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, PAYBACK_DAYS, "503.6");		/* 365 + (50,000 − 42,021.72) / 57.564 */
	expect(&figures, LIFE_PROFIT, "23538.01");
	fleet_figures_release(&figures);
	decimal_set_int(&money.capex_machine, 80, 0);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, PAYBACK_DAYS, "-");
	expect(&figures, LIFE_PROFIT, "-6461.99");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

/* A farm that pays to be turned down: what it paid is below zero, in proportion and rounded like the rest. */
static void a_payment_by_the_farm_is_below_zero(void **state)
{
	static const int64_t sizes[] = { 500 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 0, 1525000000, -100000000001);	/* 1000 machines, -£100.000000001 */
	/* half of it is -50.0000000005: away from zero */
	assert_true(fleet.tallies[0].payment == -50000000001);
	money_terms_init(&money);
	money.years = 1;
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, PAYMENT, "-50.000000001");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

/* Without a day's price no figure of money is known, those of energy and bitcoin are. */
static void a_day_without_a_price_leaves_no_figure_of_money(void **state)
{
	static const int64_t sizes[] = { 1000 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	f.market.price[1] = 0;
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 0, 1525000000, 0);
	fleet_add(&fleet, &place, 60, 1525000000, 0);
	assert_int_equal(fleet.unpriced, 1);
	money_terms_init(&money);
	money.years = 1;
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, USED_MWH, "3.05");
	expect(&figures, BITCOIN, "0.00230256");
	expect(&figures, REVENUE, "-");
	expect(&figures, PRICE, "-");
	expect(&figures, PROFIT, "-");
	expect(&figures, BREAK_EVEN, "-");
	expect(&figures, HASHPRICE, "-");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

/* Terms begin as: one year, the payment kept, no price of a pound. */
static void terms_begin_with_one_year_and_the_payment_kept(void **state)
{
	struct money_terms money;

	(void)state;
	memset(&money, 1, sizeof money);
	money_terms_init(&money);
	assert_int_equal(money.years, 1);
	assert_false(money.forgone);
	assert_false(money.pound_known);
	assert_int_equal(decimal_sign(&money.opex), 0);
	money_terms_release(&money);
}

/* One machine of three runs, in one half hour of a day: half the uptime, a fee of 2 % on top of the subsidy. */
static void uptime_and_fees_scale_what_a_single_machine_does(void **state)
{
	static const int64_t sizes[] = { 3 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	f.fees[0] = 2000000;
	f.terms.rate.uptime = SHARE_ONE / 2;
	f.terms.difficulty = 1000 * (unsigned __int128)100000000;
	one_day(&f);
	f.market.price[0] = 100 * SHARE_ONE;
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 5, 1525000, 2000000000);	/* £2 */
	money_terms_init(&money);
	money.years = 2;					/* both like the one of the market */
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, MACHINES, "3");
	expect(&figures, USED_MWH, "0.0007625");		/* 3,050 W for half an hour, half the time */
	expect(&figures, USED_SHARE, "50");
	expect(&figures, HOURS_RUNNING, "0.5");
	expect(&figures, HOURS_PER_MACHINE, "0.083333");	/* 0.25 h of one in three */
	expect(&figures, PAYMENT, "1");
	expect(&figures, PAYMENT_FORGONE, "0");
	/* 10^14 H/s × 1800 s / (1000 × 2^32) × 3.1875 × ½, to the satoshi */
	expect(&figures, BITCOIN, "66793.2908982");
	expect(&figures, REVENUE, "6679329.08982");
	expect(&figures, PAYBACK_DAYS, "-");			/* there is nothing to pay back */
	expect(&figures, LIFE_PROFIT, "4875910235.5686");	/* × 365 × 2 */
	/* 10^15 × 86400 / (1000 × 2^32) × 3.1875 × 100 */
	expect(&figures, HASHPRICE, "6412155926.22756958");
	/* 10^14 H/s of 1000 × 2^32 / 600 */
	expect(&figures, PEAK_SHARE, "1396983.861923");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

static void a_fleet_that_never_ran_has_no_hash_price(void **state)
{
	static const int64_t sizes[] = { 3 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	f.terms.difficulty = 100000000;
	one_day(&f);
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 5, 1524999, 0);		/* not one machine */
	money_terms_init(&money);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, MACHINES, "3");
	expect(&figures, BITCOIN, "0");
	expect(&figures, PEAK_SHARE, "0");
	expect(&figures, HASHPRICE, "-");
	expect(&figures, COST_PER_BITCOIN, "-");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

/* A year that brings nothing never pays back; with growth, one that pays exactly is enough. */
static void payback_needs_a_year_that_brings_something_and_no_more(void **state)
{
	static const int64_t sizes[] = { 1000 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct fleet_figures figures;
	struct money_terms money;

	(void)state;
	set_up(&f, 1);
	one_day(&f);
	f.market.price[0] = 100000 * SHARE_ONE;
	begin_one(&fleet, &f, sizes);
	fleet_add(&fleet, &place, 0, 1525000000, 0);
	money_terms_init(&money);
	decimal_set_int(&money.capex_machine, 1, 0);
	decimal_set_int(&money.opex, 4202172, 5);		/* all of 115.128 × 365 / 1000 */
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, LIFE_PROFIT, "-1000");
	expect(&figures, PAYBACK_DAYS, "-");
	fleet_figures_release(&figures);
	decimal_set_int(&money.opex, 0, 0);
	decimal_set_int(&money.capex_machine, 4202172, 5);
	decimal_set_int(&money.growth, 1, 0);
	fleet_figures_of(&figures, &fleet, &fleet.tallies[0], &f.terms.rate, &money);
	expect(&figures, LIFE_PROFIT, "0");
	expect(&figures, PAYBACK_DAYS, "365");
	fleet_figures_release(&figures);
	money_terms_release(&money);
	tear_down(&f, &fleet, &place);
}

static void a_fleet_of_one_machine_is_a_fleet(void **state)
{
	static const int64_t sizes[] = { 1 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;

	(void)state;
	set_up(&f, 1);
	fleet_begin(&fleet, &f.market, &s19j_pro, 1, sizes, 1);
	fleet_add(&fleet, &place, 0, 1525000000, 0);
	assert_int_equal(fleet.tallies[0].machine_half_hours, 1);
	assert_int_equal(fleet.tallies[0].satoshi[0], 115);
	tear_down(&f, &fleet, &place);
}

/* As many years of use as there is room for, each half of the one before. */
static void every_year_of_use_has_its_own_sum(void **state)
{
	static const int64_t endless[] = { 0 };
	struct place place = { 0 };
	struct fixture f;
	struct fleet fleet;
	struct decimal growth;

	(void)state;
	set_up(&f, 1);
	decimal_init(&growth);
	decimal_set_int(&growth, 1, 0);
	f.terms.growth = &growth;
	f.terms.n_years = MARKET_YEARS;
	one_day(&f);
	fleet_begin(&fleet, &f.market, &s19j_pro, 1, endless, 1);
	fleet_add(&fleet, &place, 0, 1525000000, 0);
	fleet_add(&fleet, &place, 1, 1525000000, 0);
	for (int year = 0; year < MARKET_YEARS; year++) {
		double each = 115128.43277 / (double)(1L << year);

		assert_int_equal(fleet.tallies[0].satoshi[year], 2 * (int64_t)(each + 0.5));
	}
	assert_false(fleet.overflow);
	decimal_release(&growth);
	tear_down(&f, &fleet, &place);
}

/* Places are made as they come, with nothing in them, and what waits in them is released with them. */
static void a_list_of_places_reaches_as_far_as_was_asked(void **state)
{
	static const int64_t endless[] = { 0 };
	struct place_list list = { NULL, 0 };
	struct fixture f;
	struct fleet fleet;

	(void)state;
	set_up(&f, 1);
	fleet_begin(&fleet, &f.market, &s19j_pro, 3, endless, 1);
	place_list_reach(&list, 0);
	assert_int_equal(list.n, 1);
	fleet_add(&fleet, &list.rows[0], 0, 1525000000, 0);		/* waits for two more */
	for (size_t n = 1; n < 16; n++) {
		place_list_reach(&list, n);
		place_list_reach(&list, 0);
		assert_int_equal(list.n, n + 1);
		assert_int_equal(list.rows[n].next, 0);
		assert_int_equal(list.rows[n].run, 0);
		assert_null(list.rows[n].waiting);
		assert_int_equal(list.rows[n].peak, 0);
	}
	assert_int_equal(list.rows[0].n_waiting, 1);
	place_list_release(&list);
	fleet_release(&fleet);
	market_release(&f.market);
}

/* More than all the bitcoin there can be, in one half hour or in the sum of some: said, and never a number. */
static void more_bitcoin_than_there_can_be_is_no_figure(void **state)
{
	/* 20,999,999.9769 BTC are the most; at a difficulty of 10,000 a thousand machines mine some 13 million in a half hour. */
	static const struct { const char *difficulty; int half_hours, energy; int64_t machines; bool overflow; } row[] = {
		{ "1", 1, 1000, 1000, true }, { "10000", 1, 1000, 1000, false }, { "10000", 2, 1000, 1000, true },
		/* Of machines and of energy that the other does not reach, nothing is mined. */
		{ "10000", 1, 1000, 2000, false }, { "10000", 1, 2000, 1000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct place place = { 0 };
		struct fixture f;
		struct fleet fleet;

		set_up(&f, 1);
		market_release(&f.market);
		assert_true(difficulty_parse(row[i].difficulty, &f.terms.difficulty, NULL));
		market_build(&f.market, f.market.first, f.market.first, &f.terms);
		f.market.price[0] = SHARE_ONE;
		fleet_begin(&fleet, &f.market, &s19j_pro, 1, &row[i].machines, 1);
		fleet.n_places = 1;
		for (int k = 0; k < row[i].half_hours; k++)
			fleet_add(&fleet, &place, (size_t)k, row[i].energy * INT64_C(1525000), 0);
		if (fleet.overflow != row[i].overflow)
			fail_msg("row %zu: %lld", i, (long long)fleet.tallies[0].satoshi[0]);
		place_release(&place);
		fleet_release(&fleet);
		market_release(&f.market);
	}
}

/* A machine that mines a satoshi in half an hour, of 2 mW: the number of machines is that of the satoshi. */
static void all_coins_there_will_be_are_not_too_many(void **state)
{
	static const struct miner_model one = { "ONE", 1048576, 2 };
	static const struct { int64_t first, second; bool overflow; } row[] = {
		{ ALL_COINS, 0, false }, { ALL_COINS - 1, 1, false }, { ALL_COINS, 1, true }, { ALL_COINS + 1, 0, true },
	};
	static const int64_t endless[] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct place place = { 0 };
		struct fixture f;
		struct fleet fleet;

		set_up(&f, 1);
		market_release(&f.market);
		f.terms.model = &one;
		f.terms.difficulty = (unsigned __int128)439453125 * 100000000;
		f.terms.subsidy = 1;
		market_build(&f.market, f.market.first, f.market.first, &f.terms);
		fleet_begin(&fleet, &f.market, &one, 1, endless, 1);
		fleet_add(&fleet, &place, 0, row[i].first, 0);
		fleet_add(&fleet, &place, 1, row[i].second, 0);
		assert_int_equal(fleet.overflow, row[i].overflow);
		if (!row[i].overflow)
			assert_int_equal(fleet.tallies[0].satoshi[0], ALL_COINS);
		place_release(&place);
		fleet_release(&fleet);
		market_release(&f.market);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_beyond_the_fleet_is_not_mined),
		cmocka_unit_test(a_payment_by_the_farm_is_below_zero),
		cmocka_unit_test(a_day_without_a_price_leaves_no_figure_of_money),
		cmocka_unit_test(more_bitcoin_than_there_can_be_is_no_figure),
		cmocka_unit_test(all_coins_there_will_be_are_not_too_many),
		cmocka_unit_test(terms_begin_with_one_year_and_the_payment_kept),
		cmocka_unit_test(uptime_and_fees_scale_what_a_single_machine_does),
		cmocka_unit_test(a_fleet_that_never_ran_has_no_hash_price),
		cmocka_unit_test(payback_needs_a_year_that_brings_something_and_no_more),
		cmocka_unit_test(a_fleet_of_one_machine_is_a_fleet),
		cmocka_unit_test(every_year_of_use_has_its_own_sum),
		cmocka_unit_test(a_list_of_places_reaches_as_far_as_was_asked),
		cmocka_unit_test(a_run_shorter_than_the_minimum_is_not_mined),
		cmocka_unit_test(a_half_hour_without_a_difficulty_is_counted_and_not_mined),
		cmocka_unit_test(the_figures_follow_from_their_formulas),
		cmocka_unit_test(a_growing_difficulty_puts_payback_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
