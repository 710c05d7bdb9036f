/*
 * Which rows of a transaction history are whole orders, and of which fills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "ledger/whole_order.h"

enum { MOST = 16 };

/*
 * The orders that are found among trades, each as rows = fills, and which of them go if those are the fills; then what
 * they moved, if that contradicts itself.  A trade is its kind, its time on 1 January 2024 (or a whole one), size (of a
 * sale below zero), what it moved, and a product.  R is a row of a history, F a fill of a report, A one of the interface, small letters were there
 * before; a ! behind it says that another source tells it too, and A:o names its order.
 */
static const char *find(const char *const *trade)
{
	static char text[400];
	struct telling telling[MOST];
	char orders[MOST][8] = { "" };
	struct whole_orders found;
	struct twins list;
	size_t n = 0, used = 0;

	twins_init(&list);
	for (; trade[n]; n++) {
		char kind[12], when[40], time[64], size[20], moved[20], product[20] = "BTC-USD", *order;
		struct instant_ns at;

		assert_true(n < MOST);
		assert_true(sscanf(trade[n], "%11s %39s %19s %19s %19s", kind, when, size, moved, product) >= 4);
		snprintf(time, sizeof time, strlen(when) > 12 ? "%s" : "2024-01-01T%sZ", when);
		assert_true(instant_ns_parse(&at, time, false, NULL));
		order = strchr(kind, ':');
		if (order)
			snprintf(orders[n], sizeof orders[n], "%s", order + 1);
		twins_add(&list, product, *size != '-', size + (*size == '-'), &at, &at);
		twins_moved(&list, moved);
		telling[n] = (struct telling){ .order = orders[n], .whole = strchr("Rr", *kind) != NULL,
					       .reported = strchr("Ff", *kind) != NULL, .is_new = *kind < 'a',
					       .taken = kind[1] == '!' };
	}
	whole_orders_find(&list, telling, &found);
	text[0] = '\0';
	for (size_t k = 0; k < found.n; k++) {
		const struct whole_order *o = &found.order[k];

		used += (size_t)snprintf(text + used, sizeof text - used, "%s", k ? "; " : "");
		for (size_t i = 0; i < o->n_rows; i++)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%zu", i ? " " : "", o->row[i]);
		used += (size_t)snprintf(text + used, sizeof text - used, " =");
		for (size_t i = 0; i < o->n_fills; i++)
			used += (size_t)snprintf(text + used, sizeof text - used, " %zu", o->fill[i]);
		if (o->rows_count)
			used += (size_t)snprintf(text + used, sizeof text - used, " (the fills go)");
		assert_ptr_equal(o->gone, o->rows_count ? o->fill : o->row);
		assert_int_equal(o->n_gone, o->rows_count ? o->n_fills : o->n_rows);
		if (twins_contradict(o->rows_moved, o->fills_moved))
			used += (size_t)snprintf(text + used, sizeof text - used, " %s not %s", o->rows_moved, o->fills_moved);
	}
	whole_orders_release(&found);
	twins_release(&list);
	return text;
}

#define FIND(...) find((const char *const[]){ __VA_ARGS__, NULL })

static void orders_that_follow_each_other_are_each_their_own(void **state)
{
	(void)state;
	assert_string_equal(FIND("F 10:00:00.1 1 100", "F 10:00:00.4 2 200",
				 "F 10:00:01.1 1.5 150", "F 10:00:01.4 2.5 250",
				 "R 10:00:01 4 400", "R 10:00:00 3 300"),
			    "5 = 0 1; 4 = 2 3");
	/* Of two runs of the quantity it is the one of the amount. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00 2 200",
				 "F 10:00:01 2 220", "F 10:00:01 1 110",
				 "R 10:00:01 3 330"), "4 = 2 3");
	/* Nearly is better than not at all, and the very amount better than that. */
	assert_string_equal(FIND("F 10:00:00 1 100.1", "F 10:00:00 2 200", "F 10:00:01 2 200", "F 10:00:01 1 100",
				 "R 10:00:01 3 300"), "4 = 2 3");
	assert_string_equal(FIND("F 10:00:00 1 110", "F 10:00:00 2 200", "F 10:00:01 2 200.1", "F 10:00:01 1 100",
				 "R 10:00:01 3 300"), "4 = 2 3");
	/* Of as good ones it is the first, and no fill is of two orders. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 2 200", "F 10:00:00.2 1 100",
				 "R 10:00:00 3 300", "R 10:00:00 3 300"), "3 = 0 1");
	/* What stands before it and behind it stays what it is. */
	assert_string_equal(FIND("F 09:00:00 7 700", "F 10:00:00 1 100", "F 10:00:00.4 2 200",
				 "F 10:00:10 1.5 150", "F 10:00:10.4 2.5 250",
				 "R 10:00:00 3 300", "R 10:00:10 4 400"), "5 = 1 2; 6 = 3 4");
	/* A fill of nothing is of no order; quantities may be large. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 0 0", "F 10:00:00.2 2 200", "R 10:00:00 3 300"), "3 = 0 2");
	assert_string_equal(FIND("F 10:00:00 100000.1 10", "F 10:00:00 200000.2 20", "R 10:00:00 300000.3 30"), "2 = 0 1");
	/* One of the time alone is none, nor of the quantity, the side's product, or of one fill. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00 2 200",
				 "R 10:00:00 3.00000002 300", "R 10:00:00 3 300 ETH-USD",
				 "R 10:00:02.001 3 300", "R 10:00:00 2 200",
				 "R 10:00:00 0 0"), "");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00 2 200",
				 "R 10:00:02 3.00000001 300 BTC-USDC"), "2 = 0 1");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00 2 200", "R 10:00:00 2.99999998 300"), "");
	assert_string_equal(FIND("F 10:00:00 3 300", "R 10:00:00 3 300"), "");
}

static void each_product_and_each_side_has_its_own_orders(void **state)
{
	(void)state;
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 1 100 ETH-USD", "F 10:00:00.2 -1 100",
				 "F 10:00:00.3 2 200", "F 10:00:00.4 2 200 ETH-USD", "F 10:00:00.5 -2 200",
				 "R 10:00:00 3 300", "R 10:00:00 3 300 ETH-USD", "R 10:00:00 -3 300"),
			    "8 = 2 5; 6 = 0 3; 7 = 1 4");
}

static void an_order_that_waited_has_the_time_of_an_end_and_the_amount(void **state)
{
	static const struct { const char *row, *found; } row[] = {
		{ "R 10:07:02 3 300", "2 = 0 1" }, { "R 10:00:00 3 300", "2 = 0 1" }, { "R 09:59:58 3 300", "2 = 0 1" },
		{ "R 10:03:00 3 300", "" }, { "R 10:07:02.001 3 300", "" }, { "R 10:07:00 3 302", "" },
		/* The fills of a day make many sums: it is that of the cent. */
		{ "R 10:07:00 3 300.02", "2 = 0 1" }, { "R 10:07:00 3 300.03", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(FIND("F 10:00:00 1 100", "F 10:07:00 2 200", row[i].row), row[i].found);
	assert_string_equal(FIND("F 10:00:00 1 100", "F 2024-01-02T10:00:00Z 2 200",
				 "R 2024-01-02T10:00:00Z 3 300"), "2 = 0 1");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 2024-01-02T10:00:00Z 2 200", "R 10:00:00 3 300"), "2 = 0 1");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 2024-01-02T10:00:01Z 2 200",
				 "R 2024-01-02T10:00:01Z 3 300", "R 10:00:00 3 300"), "");
	/* Those of the days before are looked at no more. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 2024-01-03T10:00:00Z 1 100",
				 "F 2024-01-03T10:00:01Z 2 200", "R 2024-01-03T10:00:01Z 3 300"),
			    "3 = 1 2");
}

/* Of fills that stand alone in their time the quantity is enough, and the amounts contradict each other; of some among
 * others it is not. */
static void another_amount_is_an_orders_where_no_other_fill_is_near(void **state)
{
	(void)state;
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:02 2 200",
				 "R 10:00:00 3 330"), "2 = 0 1 330 not 300");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:02 2 200",
				 "F 10:00:04 2 200", "R 10:00:00 3 330"), "");
	assert_string_equal(FIND("F 09:59:58 2 200", "F 10:00:00 2 200",
				 "F 10:00:02 1 100", "R 10:00:00 3 330"), "");
}

static void fills_of_several_orders_among_each_other_are_those_of_as_many_rows(void **state)
{
	(void)state;
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 5 500",
				 "F 10:00:00.2 2 200", "F 10:00:00.3 7 700",
				 "R 10:00:00 3 300", "R 10:00:01 12 1200"), "4 5 = 0 1 2 3");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 5 500",
				 "F 10:00:00.2 2 200", "F 10:00:00.3 7 700",
				 "R 10:00:00 3 300", "R 10:00:01 12.00000003 1200"), "");
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 5 500", "F 10:00:00.2 2 200", "F 10:00:00.3 7 700",
				 "R 09:59:57 4 400", "R 09:59:58 3 300", "R 10:00:02.3 12 1200"), "5 6 = 0 1 2 3");
	/* They are no part of an order that waited, though the first and the last of them made its quantity. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:00:00.1 5 500", "F 10:00:00.2 2 200", "F 10:00:00.3 7 700",
				 "F 13:00:00 1 100", "F 13:00:00.3 2 200", "R 10:00:00 3 300", "R 10:00:00 12 1200",
				 "R 13:00:00 3 300"), "8 = 4 5; 6 7 = 0 1 2 3");
	/* Whatever stands before them; and their fills are of no other order. */
	assert_string_equal(FIND("F 09:00:00 9 900", "F 10:00:00 1 100", "F 10:00:00.1 5 500", "F 10:00:00.2 2 200",
				 "F 10:00:00.3 7 700", "F 10:05:00 1 100",
				 "R 10:00:00 3 300", "R 10:00:01 12 1200", "R 10:05:00 8 800"), "6 7 = 1 2 3 4");
	/* Fills with time between them are not among each other. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F 10:05:00 5 500", "R 10:01:00 2 200", "R 10:02:00 4 400"), "");
	/* A fill that is a row of its own does not part an order's. */
	assert_string_equal(FIND("F 10:00:00 1 100", "F! 10:00:00.1 5 500",
				 "F 10:00:00.2 2 200", "R 10:00:00 3 300",
				 "R! 10:00:00 3 300"), "3 = 0 2");
}

static void a_named_order_has_all_its_fills_and_counts(void **state)
{
	(void)state;
	assert_string_equal(FIND("A:o2 10:00:00 1 100", "A:o1 10:00:00.1 1.5 150",
				 "A!:o2 10:05:00 2 200", "A:o1 10:00:00.3 1.5 150",
				 "A:o3 10:00:00 3 300", "r 10:04:00 3 300",
				 "r 10:00:00 3 290"), "6 = 0 2 290 not 300");
	assert_string_equal(FIND("A:o2 10:00:00 1 100", "A:o2 10:05:00 2 200",
				 "A:o1 10:03:59 1.5 150", "A:o1 10:04:00 1.5 150",
				 "R 09:59:58 3 300", "R 10:04:00 3 300",
				 "R 10:05:02.001 3 300", "R 09:59:57.999 3 300"),
			    "4 = 0 1; 5 = 2 3");
	/* Of two the one that began first, its fills of one moment as they come. */
	assert_string_equal(FIND("A:z 10:00:00 1 100", "A:z 10:05:00 1 100", "A:z 10:05:00 1 100",
				 "A:a 10:01:00 1 100", "A:a 10:02:00 2 200", "R 10:01:30 3 300"), "5 = 0 1 2");
	assert_string_equal(FIND("A:a 10:00:00 1 100", "A:a 10:05:00 2 200",
				 "A:z 10:01:00 1 100", "A:z 10:02:00 2 200", "R 10:01:30 3 300"), "4 = 0 1");
	/* To the very two seconds; what has its row, or was over before, is passed over behind an order that waits, too. */
	assert_string_equal(FIND("A:a 10:00:00 1 100", "A:a 10:01:00 2 200", "R 10:01:02 3 300"), "2 = 0 1");
	assert_string_equal(FIND("A:a 10:00:00 7 100", "A:a 11:00:00 7 200", "A:b 10:01:00 1 100", "A:b 10:02:00 2 200",
				 "A:c 10:01:00 1.5 100", "A:c 10:01:10 1.5 200",
				 "R 10:01:30 3 300", "R 10:01:40 3 300"), "6 = 2 3");
	/* One of another quantity is none, nor is one of a single fill. */
	assert_string_equal(FIND("A:o 10:00:00 1 100", "A:o 10:00:01 2 200", "A:p 10:00:00 2 200",
				 "R 10:00:00 2 200", "R 10:00:00 3.00000002 300"), "");
}

/* What was there first counts, and may be in the books; but an order that is named counts in any case. */
static void of_two_exports_the_first_counts(void **state)
{
	static const struct { const char *trade[4], *found; } is[] = {
		{ { "r 10:00:00 3 300", "F 10:00:00 1 100", "F 10:00:01 2 200" }, "0 = 1 2 (the fills go)" },
		{ { "r 10:00:00 3 300", "F 10:00:00 1 100", "f 10:00:01 2 200" }, "0 = 1 2" },
		{ { "r 10:00:00 3 300", "f 10:00:00 1 100", "F 10:00:01 2 200" }, "0 = 1 2" },
		{ { "r 10:00:00 3 300", "f 10:00:00 1 100", "f 10:00:01 2 200" }, "" },
		{ { "r 10:00:00 3 300", "a:o 10:00:00 1 100", "a:o 10:00:01 2 200" }, "" },
		{ { "R 10:00:00 3 300", "F 10:00:00 1 100", "F 10:00:01 2 200" }, "0 = 1 2" },
		{ { "R 10:00:00 3 300", "f 10:00:00 1 100", "f 10:00:01 2 200" }, "0 = 1 2" },
		{ { "r 10:00:00 3 300", "A:o 10:00:00 1 100", "A:o 10:00:01 2 200" }, "0 = 1 2" },
		{ { "r 10:00:00 3 300", "F:o 10:00:00 1 100", "F:o 10:00:01 2 200" }, "0 = 1 2" },
		{ { "r 10:00:00 3 300", "A 10:00:00 1 100", "A 10:00:01 2 200" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof is / sizeof *is; i++)
		assert_string_equal(find(is[i].trade), is[i].found);
	assert_string_equal(FIND("R 10:00:00 3 300"), "");
	assert_string_equal(find((const char *const[]){ NULL }), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_that_follow_each_other_are_each_their_own),
		cmocka_unit_test(each_product_and_each_side_has_its_own_orders),
		cmocka_unit_test(an_order_that_waited_has_the_time_of_an_end_and_the_amount),
		cmocka_unit_test(another_amount_is_an_orders_where_no_other_fill_is_near),
		cmocka_unit_test(fills_of_several_orders_among_each_other_are_those_of_as_many_rows),
		cmocka_unit_test(a_named_order_has_all_its_fills_and_counts),
		cmocka_unit_test(of_two_exports_the_first_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
