#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "curtailment/curtailment.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_register.h"
#include "curtailment/elexon_stack.h"

/* A row in the shape of the service; the tests put members in place of these. */
struct fixture {
	const char *date, *period, *start, *created, *sequence, *id, *acceptance, *pair, *cadl, *so, *price,
		*volume, *final_price, *multiplier, *extra;
};

static const struct fixture usual = {
	.date = "\"2026-07-10\"", .period = "20", .start = "\"2026-07-10T08:30:00Z\"",
	.created = "\"2026-07-11T09:14:32Z\"", .sequence = "3", .id = "\"T_WINDY-1\"", .acceptance = "52013",
	.pair = "-1", .cadl = "false", .so = "true", .price = "-179.759999999999990905",
	.volume = "-10.166666666666666075", .final_price = "-179.759999999999990905", .multiplier = "0.9926552",
	.extra = "",
};

static void add_row(struct buf *body, const struct fixture *f)
{
	buf_addf(body, "{\"settlementDate\":%s,\"settlementPeriod\":%s,\"startTime\":%s,\"createdDateTime\":%s,"
		 "\"sequenceNumber\":%s,\"id\":%s,\"acceptanceId\":%s,\"bidOfferPairId\":%s,\"cadlFlag\":%s,"
		 "\"soFlag\":%s,\"storProviderFlag\":false,\"repricedIndicator\":false,\"reserveScarcityPrice\":0.0,"
		 "\"originalPrice\":%s,\"volume\":%s,\"dmatAdjustedVolume\":%s,\"arbitrageAdjustedVolume\":null,"
		 "\"nivAdjustedVolume\":0.0,\"parAdjustedVolume\":null,\"finalPrice\":%s,"
		 "\"transmissionLossMultiplier\":%s,\"tlmAdjustedVolume\":null,\"tlmAdjustedCost\":null%s}",
		 f->date, f->period, f->start, f->created, f->sequence, f->id, f->acceptance, f->pair, f->cadl, f->so,
		 f->price, f->volume, f->volume, f->final_price, f->multiplier, f->extra);
}

static char *body_of(const struct fixture *rows, size_t n)
{
	struct buf body = BUF_INIT;

	buf_adds(&body, "{\"metadata\":{\"datasets\":[\"ISPSTACK\"]},\"data\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&body, ',');
		add_row(&body, &rows[i]);
	}
	buf_adds(&body, "]}");
	return buf_detach(&body);
}

static day_t day(const char *text)
{
	day_t d;

	assert_true(day_parse(text, &d));
	return d;
}

static instant_t instant(const char *text)
{
	instant_t when;

	assert_true(instant_parse(text, &when));
	return when;
}

/* Parse these rows as 2026-07-10 period 20; the caller releases. */
static struct elexon_stack parse_side(const struct fixture *rows, size_t n, enum elexon_side side)
{
	struct reason why = { .text = "" };
	struct elexon_stack stack;
	char *body = body_of(rows, n);

	if (!elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, side, NULL, 0, &stack, &why))
		fail_msg("%s", why.text);
	free(body);
	return stack;
}

static struct elexon_stack parse(const struct fixture *rows, size_t n)
{
	return parse_side(rows, n, ELEXON_BID);
}

static void assert_body_refused(const char *body, const char *want)
{
	struct reason why = { .text = "" };
	struct elexon_stack stack;

	if (elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why))
		fail_msg("read: %.300s", body);
	elexon_stack_release(&stack);
	if (!strstr(why.text, want))
		fail_msg("\"%s\" does not say \"%s\"", why.text, want);
}

static void assert_row_refused(struct fixture row, const char *want)
{
	struct fixture rows[] = { usual, row };
	char *body = body_of(rows, 2);

	assert_body_refused(body, want);
	free(body);
}

static void every_kept_field_of_a_row_arrives_as_sent(void **state)
{
	struct elexon_stack stack = parse(&usual, 1);
	const struct elexon_row *row = stack.rows;

	(void)state;
	assert_int_equal(stack.n_rows, 1);
	assert_int_equal(stack.rows_seen, 1);
	assert_int_equal(row->number, 1);
	assert_string_equal(row->id, "T_WINDY-1");
	assert_true(row->has_acceptance_id);
	assert_int_equal(row->acceptance_id, 52013);
	assert_true(row->has_pair_id);
	assert_int_equal(row->pair_id, -1);
	assert_int_equal(row->sequence_number, 3);
	assert_int_equal(row->so_flag, ELEXON_TRUE);
	assert_int_equal(row->cadl_flag, ELEXON_FALSE);
	assert_int_equal(row->sign, -1);
	assert_string_equal(row->volume, "-10.166666666666666075");
	assert_string_equal(row->original_price, "-179.759999999999990905");
	assert_string_equal(row->final_price, "-179.759999999999990905");
	assert_string_equal(row->transmission_loss_multiplier, "0.9926552");
	assert_true(row->has_created_at);
	assert_int_equal(row->created_at, 1783761272);		/* date -u -d 2026-07-11T09:14:32Z +%s */
	assert_int_equal(stack.oldest_created, 1783761272);
	assert_int_equal(stack.newest_created, 1783761272);
	assert_int_equal(row->contradicts, 0);
	elexon_stack_release(&stack);
}

static void what_the_source_leaves_null_stays_null(void **state)
{
	struct fixture row = usual;
	struct elexon_stack stack;
	struct buf payment = BUF_INIT;

	(void)state;
	row.id = row.acceptance = row.pair = row.cadl = row.so = row.price = row.final_price = "null";
	row.multiplier = row.created = row.start = "null";
	stack = parse(&row, 1);
	assert_string_equal(stack.rows[0].id, "");
	assert_false(stack.rows[0].has_acceptance_id);
	assert_false(stack.rows[0].has_pair_id);
	assert_int_equal(stack.rows[0].cadl_flag, ELEXON_NULL);
	assert_int_equal(stack.rows[0].so_flag, ELEXON_NULL);
	assert_string_equal(stack.rows[0].original_price, "");
	assert_string_equal(stack.rows[0].final_price, "");
	assert_string_equal(stack.rows[0].transmission_loss_multiplier, "");
	assert_false(stack.rows[0].has_created_at);
	assert_int_equal(stack.undated, 1);
	assert_false(curtailed_payment(&stack.rows[0], &payment));
	assert_int_equal(payment.len, 0);
	elexon_stack_release(&stack);
}

static void numbers_become_plain_decimals_of_the_same_value(void **state)
{
	static const struct { const char *literal, *want; int sign; } row[] = {
		{ "-2.77777777778e-07", "-0.000000277777777778", -1 },
		{ "-1E+2", "-100", -1 },
		{ "1.50e1", "15.0", 1 },
		{ "-0.0", "0.0", 0 },
		{ "0e5", "0", 0 },
		{ "-999999", "-999999", -1 },
		{ "-999999.999999999999999999999999999999", "-999999.999999999999999999999999999999", -1 },
		{ "-0.000000000000000000000000000001", "-0.000000000000000000000000000001", -1 },
		{ "-1e-30", "-0.000000000000000000000000000001", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture f = usual;
		struct elexon_stack stack;

		f.volume = f.price = row[i].literal;
		stack = parse_side(&f, 1, row[i].sign > 0 ? ELEXON_OFFER : ELEXON_BID);
		assert_string_equal(stack.rows[0].volume, row[i].want);
		assert_string_equal(stack.rows[0].original_price, row[i].want);
		assert_int_equal(stack.rows[0].sign, row[i].sign);
		elexon_stack_release(&stack);
	}
}

static void a_row_that_is_not_as_documented_is_refused_by_row_and_field(void **state)
{
	static const struct { size_t member; const char *value, *want; } row[] = {
#define F(member, value, want) { offsetof(struct fixture, member), value, "period 20, row 2" want }
		F(volume, "\"-1.5\"", " (T_WINDY-1), field volume: a string, not a number"),
		F(volume, "null", " (T_WINDY-1), field volume: null, not a number"),
		F(volume, "true", " (T_WINDY-1), field volume: true or false"),
		F(volume, "1e400", " (T_WINDY-1), field volume: 1e400 is past"),
		F(volume, "-1e999999999", " (T_WINDY-1), field volume: -1e999999999 is past"),
		F(volume, "-1000000", " (T_WINDY-1), field volume: -1000000 is past"),
		F(volume, "1000001", " (T_WINDY-1), field volume: 1000001 is past"),
		F(price, "\"12\"", " (T_WINDY-1), field originalPrice: a string"),
		F(price, "1e7", " (T_WINDY-1), field originalPrice: 1e7 is past"),
		F(final_price, "[]", " (T_WINDY-1), field finalPrice: an array"),
		F(multiplier, "{}", " (T_WINDY-1), field transmissionLossMultiplier: an object"),
		F(multiplier, "0.49", " (T_WINDY-1), field transmissionLossMultiplier: 0.49 is none"), F(multiplier, "1.51", " (T_WINDY-1), field transmissionLossMultiplier: 1.51 is none"),
		F(multiplier, "-1", " (T_WINDY-1), field transmissionLossMultiplier: -1 is none"),
		F(date, "\"2026-07-11\"", " (T_WINDY-1), field settlementDate: 2026-07-11, but 2026-07-10 was requested"),
		F(date, "null", " (T_WINDY-1), field settlementDate: null"),
		F(date, "\"10/07/2026\"", " (T_WINDY-1), field settlementDate: 10/07/2026"),
		F(period, "21", " (T_WINDY-1), field settlementPeriod: 21, but 20 was requested"),
		F(period, "\"20\"", " (T_WINDY-1), field settlementPeriod: a string"),
		F(period, "20.5", " (T_WINDY-1), field settlementPeriod: 20.5 is not a whole number"),
		F(period, "51", " (T_WINDY-1), field settlementPeriod: 51 is past range"),
		F(start, "\"2026-07-11T08:30:01Z\"", " (T_WINDY-1), field startTime: 2026-07-11T08:30:01Z is of another day"),
		F(start, "\"2026-07-09T08:29:59\"", " (T_WINDY-1), field startTime: 2026-07-09T08:29:59 is of another day"),
		F(created, "\"2026-07-11\"", " (T_WINDY-1), field createdDateTime: 2026-07-11 is not a time"),
		F(created, "1783761272", " (T_WINDY-1), field createdDateTime: a number"),
		F(sequence, "0", " (T_WINDY-1), field sequenceNumber: 0 is past range"),
		F(sequence, "null", " (T_WINDY-1), field sequenceNumber: null"),
		F(sequence, "2147483648", " (T_WINDY-1), field sequenceNumber: 2147483648 is past range"),
		F(acceptance, "\"52013\"", " (T_WINDY-1), field acceptanceId: a string"),
		F(acceptance, "9223372036854775808", " (T_WINDY-1), field acceptanceId: 9223372036854775808 is not"),
		F(pair, "40000", " (T_WINDY-1), field bidOfferPairId: 40000 is past range"),
		F(so, "\"true\"", " (T_WINDY-1), field soFlag: a string"),
		F(so, "1", " (T_WINDY-1), field soFlag: a number"),
		F(cadl, "0", " (T_WINDY-1), field cadlFlag: a number"),
		F(id, "17", ", field id: a number, not a string"),
		F(extra, ",\"volume\":-1", ", field volume: occurs twice"),
		F(extra, ",\"dataset\":\"BOD\"", ", field dataset: this is a row of another endpoint"),
#undef F
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture f = usual;

		memcpy((char *)&f + row[i].member, &row[i].value, sizeof row[i].value);
		assert_row_refused(f, row[i].want);
	}
}

/* What a unit's energy is multiplied by for the losses of the network lies near one; the bounds are possible. */
static void a_multiplier_is_of_some_hundredths(void **state)
{
	static const char *const possible[] = { "0.5", "0.9926552", "1", "1.5" };

	(void)state;
	for (size_t i = 0; i < sizeof possible / sizeof *possible; i++) {
		struct fixture row = usual;
		struct elexon_stack stack;

		row.multiplier = possible[i];
		stack = parse(&row, 1);
		assert_string_equal(stack.rows[0].transmission_loss_multiplier, possible[i]);
		elexon_stack_release(&stack);
	}
}

/* The half hour is that of its date and number.  A startTime may be London's time as if it were UTC, or when the date
 * begins, or none; and a time without a zone is UTC, as all times of the source. */
static void a_time_is_utc_and_the_start_need_only_lie_near(void **state)
{
	static const char *const starts[] = {
		"\"2026-07-10T09:30:00Z\"", "\"2026-07-10T09:30:00+01:00\"", "\"2026-07-10T08:30:00\"", "\"2026-07-10T00:00:00\"",
		"\"2026-07-11T08:30:00\"", "\"2026-07-09T08:30:00Z\"", "\"yesterday\"", "\"2026-07-10\"", "5", "null",
		"\"2026-07-10T08:30:00.00000000000000000000000000\"",
	};
	static const char *const made[] = { "\"2026-07-11T09:14:32Z\"", "\"2026-07-11T09:14:32\"", "\"2026-07-11T10:14:32.000+01:00\"" };

	(void)state;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		struct fixture row = usual;
		struct elexon_stack stack;
		char created[INSTANT_TEXT];

		row.start = starts[i];
		row.created = made[i % 3];
		stack = parse(&row, 1);
		assert_int_equal(stack.n_rows, 1);
		assert_string_equal(instant_format(stack.rows[0].created_at, created), "2026-07-11T09:14:32Z");
		elexon_stack_release(&stack);
	}
}

static void an_id_that_is_none_costs_its_row(void **state)
{
	static const struct { const char *id, *shown; } row[] = {
		{ "\"T_A\\tB\"", "'T_A?B'" }, { "\"T_A\\u0085\"", "'T_A" }, { "\"T_A\\nB\"", "'T_A?B'" }, { "\"T_A B\"", "'T_A B'" },
		{ "\"-T_A\"", "'-T_A'" }, { "\"=T_A\"", "'=T_A'" }, { "\"T_A\\\\B\"", "'T_A\\B'" }, { "\"T_\\u00c4\"", "'T_" },
		{ "\"AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEEFFFFFFFFFFGGGGH\"", "'AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD...'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture rows[] = { usual, usual };
		struct elexon_stack stack;
		char want[120];

		rows[1].id = row[i].id;
		rows[1].sequence = "4";
		stack = parse(rows, 2);
		assert_int_equal(stack.n_rows, 1);
		assert_int_equal(stack.rows_seen, 2);
		assert_int_equal(stack.odd.odd, 1);
		snprintf(want, sizeof want, "row 2: the id %s", row[i].shown);
		if (strncmp(stack.odd.text.data, want, strlen(want)) != 0)
			fail_msg("\"%s\" does not begin \"%s\"", stack.odd.text.data, want);
		elexon_stack_release(&stack);
		/* Where most are such it is the answer that is wrong. */
		rows[0].id = row[i].id;
		{
			char *body = body_of(rows, 2);

			assert_body_refused(body, "2 of 2 rows cannot be used; the first: row 1: the id '");
			free(body);
		}
	}
}

static void a_field_that_is_kept_must_be_there(void **state)
{
	static const char *const names[] = {
		"settlementDate", "settlementPeriod", "sequenceNumber", "id", "acceptanceId", "bidOfferPairId", "cadlFlag",
		"soFlag", "originalPrice", "volume", "finalPrice", "transmissionLossMultiplier",
	};
	char want[100];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *body = body_of(&usual, 1), key[40], *at;

		snprintf(key, sizeof key, "\"%s\":", names[i]);
		at = strstr(body, key);
		assert_non_null(at);
		at[1] = '_';			/* renamed */
		snprintf(want, sizeof want, "row 1, field %s: absent", names[i]);
		assert_body_refused(body, want);
		free(body);
	}
}

static void a_row_may_lack_the_times_and_have_members_not_known(void **state)
{
	struct elexon_stack stack;
	struct reason why;
	char *body = body_of(&usual, 1);

	(void)state;
	memcpy(strstr(body, "startTime"), "startTIME", 9);
	memcpy(strstr(body, "createdDateTime"), "newNewNewNewNew", 15);
	assert_true(elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	assert_int_equal(stack.undated, 1);
	elexon_stack_release(&stack);
	free(body);
}

static void another_answer_than_a_stack_is_refused_for_what_it_is(void **state)
{
	static const struct { const char *body, *want; } row[] = {
		{ "", "period 20: an empty body" },
		{ "<html><body>Service Unavailable</body></html>", "period 20: no JSON at byte 0: <html>" },
		{ "[]", "period 20: an array, not a settlement stack" },
		{ "[{\"dataset\":\"PN\"}]", "period 20: an array, not a settlement stack" },
		{ "null", "period 20: null, not a settlement stack" },
		{ "{}", "period 20: data is absent" },
		{ "{\"data\":null}", "period 20: data is null" },
		{ "{\"data\":{}}", "period 20: data is an object" },
		{ "{\"metadata\":{\"datasets\":[\"BOAV\"]},\"data\":[]}", "period 20: dataset BOAV, not ISPSTACK" },
		{ "{\"metadata\":{\"datasets\":[7]},\"data\":[]}", "period 20: dataset a number, not ISPSTACK" },
		{ "{\"data\":[{\"dataset\":\"PN\",\"settlementDate\":\"2026-07-10\"}]}", "row 1, field dataset: this is a row of another endpoint" },
		{ "{\"data\":[7]}", "period 20, row 1: a number, not an object" },
		{ "{\"data\":[[]]}", "period 20, row 1: an array, not an object" },
		{ "{\"data\":[{}]}", "period 20, row 1, field settlementDate: absent" },
		{ "{\"type\":\"about:blank\",\"title\":\"One or more validation errors occurred.\",\"status\":400}",
		  "period 20: an error instead of a settlement stack: One or more validation errors" },
		{ "{ \"statusCode\": 404, \"message\": \"Resource not found\" }",
		  "period 20: an error instead of a settlement stack: Resource not found" },
		{ "{\"error\":{\"code\":500,\"message\":\"the database is away\"},\"data\":[]}",
		  "period 20: an error instead of a settlement stack: the database is away" },
		{ "{\"errors\":[{\"detail\":\"too many\"}],\"data\":[]}", "period 20: an error instead of a settlement stack: too many" },
		{ "{\"error\":\"quota exceeded\"}", "period 20: an error instead of a settlement stack: quota exceeded" },
		{ "{\"error\":{\"code\":500},\"data\":null}", "period 20: an error instead of a settlement stack: it does not say which" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_body_refused(row[i].body, row[i].want);
}

static void a_body_cut_anywhere_is_refused(void **state)
{
	char *body = body_of(&usual, 1);
	size_t len = strlen(body);
	struct elexon_stack stack;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		struct reason why = { .text = "" };

		if (elexon_parse_stack(body, cut, day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why))
			fail_msg("read when cut at %zu", cut);
		assert_string_not_equal(why.text, "");
		elexon_stack_release(&stack);
	}
	free(body);
}

static void an_empty_period_has_no_rows_and_is_no_error(void **state)
{
	struct elexon_stack stack = parse(NULL, 0);
	static const char bare[] = " {\"data\": [] } ";
	static const char said[] = "{\"message\":\"No data found\",\"error\":null,\"errors\":[],\"data\":[]}";
	struct buf beside = BUF_INIT;
	struct reason why;

	(void)state;
	assert_int_equal(stack.n_rows, 0);
	assert_int_equal(stack.rows_seen, 0);
	elexon_stack_release(&stack);
	assert_true(elexon_parse_stack(bare, strlen(bare), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	elexon_stack_release(&stack);
	/* Nor is one that says so, or that says of itself that there was no error. */
	assert_true(elexon_parse_stack(said, strlen(said), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	elexon_stack_release(&stack);
	/* And what says an error beside its rows has rows. */
	buf_adds(&beside, "{\"error\":\"a warning of old\",\"data\":[");
	add_row(&beside, &usual);
	buf_adds(&beside, "]}");
	assert_true(elexon_parse_stack(beside.data, beside.len, day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	assert_int_equal(stack.n_rows, 1);
	elexon_stack_release(&stack);
	buf_release(&beside);
}

static void a_stack_knows_its_side_its_times_and_what_has_no_id(void **state)
{
	struct fixture rows[3] = { usual, usual, usual };
	struct elexon_stack stack;
	struct buf path = BUF_INIT;

	(void)state;
	rows[0].created = "\"2026-07-11T09:14:31Z\"";
	rows[1].created = "\"2026-07-11T09:14:33Z\"";
	rows[1].id = rows[2].id = "null";
	rows[2].created = "\"2026-07-11T09:14:30Z\"";
	stack = parse(rows, 3);
	assert_int_equal(stack.unnamed, 2);
	assert_int_equal(stack.oldest_created, instant("2026-07-11T09:14:30Z"));
	assert_int_equal(stack.newest_created, instant("2026-07-11T09:14:33Z"));
	elexon_stack_path(&stack, &path);
	buf_addc(&path, '\0');
	assert_string_equal(path.data, "balancing/settlement/stack/all/bid/2026-07-10/20");
	/* Released, it is an empty one of the same half hour. */
	elexon_stack_release(&stack);
	assert_int_equal(stack.n_rows + (size_t)stack.rows_seen + (size_t)stack.unnamed, 0);
	assert_null(stack.rows);
	assert_int_equal(stack.period, 20);
	elexon_stack_init(&stack, day("2025-10-26"), 50, ELEXON_OFFER);
	buf_clear(&path);
	elexon_stack_path(&stack, &path);
	buf_addc(&path, '\0');
	assert_string_equal(path.data, "balancing/settlement/stack/all/offer/2025-10-26/50");
	buf_release(&path);
	/* One dated row is enough to be final by. */
	stack = parse(&usual, 1);
	assert_true(elexon_is_final(&stack, instant("2026-07-11T09:20:00Z")));
	elexon_stack_release(&stack);
}

/* The same volume of one acceptance and pair under two sequence numbers; whatever else differs, they are two. */
static void an_acceptance_that_stands_twice_is_named(void **state)
{
	static const struct { size_t field; const char *text; int doubled; } row[] = {
		{ offsetof(struct fixture, sequence), "9", 1 }, { offsetof(struct fixture, created), "\"2026-07-10T09:14:33Z\"", 1 },
		{ offsetof(struct fixture, acceptance), "52014", 0 }, { offsetof(struct fixture, acceptance), "null", 0 },
		{ offsetof(struct fixture, pair), "-2", 0 }, { offsetof(struct fixture, pair), "null", 0 },
		{ offsetof(struct fixture, volume), "-0.5", 0 }, { offsetof(struct fixture, price), "-1", 0 },
		{ offsetof(struct fixture, id), "\"T_WINDY-2\"", 0 }, { offsetof(struct fixture, id), "null", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture rows[3] = { usual, usual, usual };
		struct elexon_stack stack;

		rows[0].volume = "-7";
		rows[0].acceptance = "1";
		rows[2].sequence = "9";
		*(const char **)((char *)&rows[2] + row[i].field) = row[i].text;
		stack = parse(rows, 3);
		if (stack.doubled.n != row[i].doubled || stack.n_rows != 3 || !*stack.doubled.first != !row[i].doubled)
			fail_msg("row %zu: %d doubled: %s", i, stack.doubled.n, stack.doubled.first);
		if (row[i].doubled)
			assert_non_null(strstr(stack.doubled.first, "MWh, has acceptance 52013 and pair -1 of row 2"));
		elexon_stack_release(&stack);
	}
}

/* What another run of the calculation has of an acceptance may be more or less of it, at another price. */
static void an_acceptance_of_two_runs_is_named(void **state)
{
	static const struct { const char *created; int doubled; } row[] = {
		{ "\"2026-07-10T09:14:33Z\"", 1 }, { "\"2026-07-11T09:14:32Z\"", 0 }, { "null", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int swapped = 0; swapped < 2; swapped++) {
			struct fixture rows[2] = { usual, usual };
			struct elexon_stack stack;

			rows[1].sequence = "9";
			rows[1].volume = "-12.5";
			rows[1].price = "-80";
			rows[swapped].created = row[i].created;
			stack = parse(rows, 2);
			assert_int_equal(stack.doubled.n, row[i].doubled);
			assert_string_equal(stack.doubled.first, row[i].doubled ? "T_WINDY-1: row 2, of 12.5 MWh, has acceptance 52013 and pair -1 of row 1" : "");
			elexon_stack_release(&stack);
		}
}

/* Of three that are one acceptance the second is named, and each that repeats the one before it counts. */
static void the_first_of_those_that_stand_twice_is_named(void **state)
{
	struct fixture rows[3] = { usual, usual, usual };
	struct elexon_stack stack;

	(void)state;
	rows[1].sequence = "8";
	rows[2].sequence = "9";
	stack = parse(rows, 3);
	assert_int_equal(stack.doubled.n, 2);
	assert_non_null(strstr(stack.doubled.first, "T_WINDY-1: row 2, of "));
	elexon_stack_release(&stack);
}

/* Year 1 is what the source's language has for a time that nobody set; no half hour was calculated before it began. */
static void a_time_that_nobody_set_says_nothing(void **state)
{
	static const struct { const char *created; bool dated; } row[] = {
		{ "\"0001-01-01T00:00:00Z\"", false }, { "\"0001-01-01T00:00:00\"", false }, { "\"0001-01-01T00:00:00.0000000+00:00\"", false },
		{ "\"1970-01-01T00:00:00Z\"", false }, { "\"2026-07-10T08:29:59Z\"", false }, { "\"2026-07-10T08:30:00Z\"", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture rows[2] = { usual, usual };
		struct elexon_stack stack;

		rows[1].created = row[i].created;
		rows[1].id = "\"T_WINDY-2\"";
		stack = parse(rows, 2);
		assert_int_equal(stack.rows[1].has_created_at, row[i].dated);
		assert_int_equal(stack.undated, !row[i].dated);
		assert_int_equal(stack.oldest_created, row[i].dated ? instant("2026-07-10T08:30:00Z") : 1783761272);
		assert_true(row[i].dated == (stack.rows[1].created_at != 0));
		/* By the others alone it is not final, by the day it is. */
		assert_false(elexon_is_final(&stack, instant("2026-07-11T23:14:59Z")));
		assert_int_equal(elexon_is_final(&stack, instant("2026-07-11T23:15:00Z")), !row[i].dated);
		elexon_stack_release(&stack);
	}
}

/* Of a stack that names no dataset in its rows, an odd row is odd; one of another endpoint is another document. */
static void what_kind_of_answer_was_refused_is_said(void **state)
{
	struct fixture rows[2] = { usual, usual };
	struct elexon_stack stack;
	struct reason why;
	char *body;

	(void)state;
	rows[1].volume = "null";
	body = body_of(rows, 2);
	assert_false(elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	assert_int_equal(why.answer, ANSWER_ODD);
	elexon_stack_release(&stack);
	/* An offer stack goes on without that row, and says which it was. */
	rows[1].volume = "10.5";
	rows[0].volume = "null";
	free(body);
	body = body_of(rows, 2);
	assert_true(elexon_parse_offers(body, strlen(body), day("2026-07-10"), 20, &stack, &why));
	assert_int_equal(stack.n_rows, 1);
	assert_int_equal(stack.rows[0].number, 2);
	assert_int_equal(stack.rows_seen, 2);
	assert_int_equal(stack.undated, 1);
	assert_int_equal(stack.odd.odd, 1);
	assert_string_equal(stack.odd.text.data, "row 1 (T_WINDY-1), field volume: null, not a number: the row is left out\n");
	elexon_stack_release(&stack);
	free(body);
	rows[0].extra = ",\"dataset\":\"BOD\"";
	body = body_of(rows, 2);
	assert_false(elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	assert_int_equal(why.answer, ANSWER_OTHER);
	elexon_stack_release(&stack);
	free(body);
}

static void the_same_line_twice_is_one_line_and_is_reported(void **state)
{
	struct fixture rows[4] = { usual, usual, usual, usual };
	struct elexon_stack stack;

	(void)state;
	rows[1].sequence = "4";			/* another line of the same acceptance */
	stack = parse(rows, 4);
	assert_int_equal(stack.rows_seen, 4);
	assert_int_equal(stack.n_rows, 2);
	assert_int_equal(stack.repeated, 2);
	assert_string_equal(stack.first_repeated, "row 3 repeats row 1 (T_WINDY-1, acceptance 52013, pair -1, sequence 3)");
	assert_int_equal(stack.rows[0].number, 1);
	assert_int_equal(stack.rows[1].number, 2);
	elexon_stack_release(&stack);
}

/* The amount is named without its sign, of a bid as of an offer; what has no id is nobody's twice. */
static void a_line_under_another_sequence_number_is_named(void **state)
{
	static const struct { const char *id, *volume, *named; } twice[] = {
		{ "\"T_WINDY-1\"", "-10.5", "T_WINDY-1: row 2, of 10.5 MWh, has acceptance 52013 and pair -1 of row 1" },
		{ "\"T_WINDY-1\"", "5.5", "T_WINDY-1: row 2, of 5.5 MWh, has acceptance 52013 and pair -1 of row 1" }, { "null", "5.5", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
		struct fixture rows[2] = { usual, usual };
		struct elexon_stack stack;

		rows[1].sequence = "4";
		rows[0].id = rows[1].id = twice[i].id;
		rows[0].volume = rows[1].volume = twice[i].volume;
		stack = parse_side(rows, 2, *twice[i].volume == '-' ? ELEXON_BID : ELEXON_OFFER);
		assert_int_equal(stack.n_rows, 2);
		assert_int_equal(stack.doubled.n, *twice[i].named != '\0');
		assert_string_equal(stack.doubled.first, twice[i].named);
		elexon_stack_release(&stack);
	}
}

static void a_volume_of_the_other_sign_costs_its_row_and_most_of_them_the_answer(void **state)
{
	struct fixture rows[4] = { usual, usual, usual, usual };
	struct elexon_stack stack;
	struct reason why;
	char *body;

	(void)state;
	rows[1].id = rows[2].id = rows[3].id = "\"T_GALE-1\"";
	rows[1].volume = "0";		/* neither turned down nor up */
	rows[2].volume = "1e-7";
	rows[3].volume = "-2";
	rows[2].sequence = "4";
	rows[3].sequence = "5";
	stack = parse(rows, 4);
	assert_int_equal(stack.n_rows, 3);
	assert_int_equal(stack.rows_seen, 4);
	assert_string_equal(stack.odd.text.data, "row 3 (T_GALE-1), field volume: 0.0000001, where a bid is below zero: the row is left out\n");
	elexon_stack_release(&stack);
	/* The offers in place of the bids are not half an hour without curtailment. */
	rows[0].volume = rows[1].volume = rows[3].volume = "2.5";
	body = body_of(rows, 4);
	assert_false(elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, NULL, 0, &stack, &why));
	assert_string_equal(why.text, "period 20: 4 of 4 rows cannot be used; the first: row 1 (T_WINDY-1), field volume: 2.5, where a bid is "
			    "below zero: the row is left out");
	elexon_stack_release(&stack);
	assert_true(elexon_parse_offers(body, strlen(body), day("2026-07-10"), 20, &stack, &why));
	assert_int_equal(stack.n_rows, 4);
	elexon_stack_release(&stack);
	free(body);
	rows[0].volume = "-2.5";
	body = body_of(rows, 4);
	assert_true(elexon_parse_offers(body, strlen(body), day("2026-07-10"), 20, &stack, &why));
	assert_string_equal(stack.odd.text.data, "row 1 (T_WINDY-1), field volume: -2.5, where an offer is above zero: the row is left out\n");
	elexon_stack_release(&stack);
	free(body);
}

static void null_ids_are_equal_in_the_identity_of_a_line(void **state)
{
	struct fixture rows[3] = { usual, usual, usual };
	struct elexon_stack stack;

	(void)state;
	rows[0].acceptance = rows[0].pair = rows[1].acceptance = rows[1].pair = "null";
	rows[2].acceptance = "0";		/* nought is not null */
	rows[2].pair = "null";
	stack = parse(rows, 3);
	assert_int_equal(stack.n_rows, 2);
	assert_int_equal(stack.repeated, 1);
	assert_string_equal(stack.first_repeated, "row 2 repeats row 1 (T_WINDY-1, acceptance null, pair null, sequence 3)");
	elexon_stack_release(&stack);
}

static void lines_that_differ_in_any_part_of_the_identity_are_all_kept(void **state)
{
	static const struct { const char *id, *acceptance, *pair, *sequence; } part[] = {
		{ "\"T_WINDY-1\"", "52013", "-1", "3" }, { "\"T_WINDY-2\"", "52013", "-1", "3" },
		{ "\"T_WINDY-1\"", "52014", "-1", "3" }, { "\"T_WINDY-1\"", "52013", "-2", "3" },
		{ "\"T_WINDY-1\"", "52013", "-1", "4" }, { "\"T_WINDY-1\"", "52013", "null", "3" },
		{ "\"T_WINDY-1\"", "52013", "0", "3" }, { "\"T_WINDY-1\"", "null", "-1", "3" },
		{ "\"T_WINDY-1\"", "0", "-1", "3" }, { "null", "52013", "-1", "3" },
	};
	struct fixture rows[sizeof part / sizeof *part];
	size_t n = sizeof part / sizeof *part;
	struct elexon_stack stack;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		rows[i] = usual;
		rows[i].id = part[i].id;
		rows[i].acceptance = part[i].acceptance;
		rows[i].pair = part[i].pair;
		rows[i].sequence = part[i].sequence;
	}
	stack = parse(rows, n);
	assert_int_equal(stack.n_rows, n);
	assert_int_equal(stack.repeated, 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(stack.rows[i].number, i + 1);
		assert_int_equal(stack.rows[i].contradicts, 0);
	}
	elexon_stack_release(&stack);
}

static void lines_of_one_identity_that_differ_in_any_kept_field_contradict_each_other(void **state)
{
	static const struct { size_t member; const char *value; } row[] = {
		{ offsetof(struct fixture, volume), "-10.2" }, { offsetof(struct fixture, price), "-179.7" },
		{ offsetof(struct fixture, price), "null" }, { offsetof(struct fixture, final_price), "1" },
		{ offsetof(struct fixture, multiplier), "1" }, { offsetof(struct fixture, so), "false" },
		{ offsetof(struct fixture, cadl), "null" }, { offsetof(struct fixture, created), "\"2026-07-11T09:14:33Z\"" },
		{ offsetof(struct fixture, created), "null" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture rows[2] = { usual, usual };
		struct elexon_stack stack;

		memcpy((char *)&rows[1] + row[i].member, &row[i].value, sizeof row[i].value);
		stack = parse(rows, 2);
		assert_int_equal(stack.n_rows, 2);
		assert_int_equal(stack.repeated, 0);
		assert_int_equal(stack.rows[0].contradicts, 2);
		assert_int_equal(stack.rows[1].contradicts, 1);
		elexon_stack_release(&stack);
	}
}

static const struct elexon_unit units[] = {
	{ .id = "2__PSTAT001", .fuel_type = "WIND" },
	{ .id = "T_COAL-1", .fuel_type = "COAL" },
	{ .id = "T_NOFUEL-1" },
	{ .id = "T_WINDY-1", .fuel_type = "WIND", .lead_party_name = "Windy Ltd" },
};
#define N_UNITS (sizeof units / sizeof *units)

static void only_wind_turned_down_for_the_system_is_kept(void **state)
{
	struct fixture rows[12];
	struct curtailed_selection selection;
	struct elexon_stack stack;
	struct reason why;
	struct buf volume = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 12; i++)
		rows[i] = usual;
	rows[1].id = "\"T_COAL-1\"";
	rows[2].id = "\"T_NOFUEL-1\"";
	rows[3].id = "\"17\"";			/* an adjustment */
	rows[4].id = "null";
	rows[5].id = "\"T_NEW-1\"";		/* not in the register */
	rows[6].id = "\"2__PSTAT001\"";
	rows[6].volume = "-0.000000277777777778";
	rows[7].sequence = "8";
	rows[7].so = "false";
	rows[8].sequence = "9";
	rows[8].so = "null";
	rows[9].sequence = "10";
	rows[9].volume = "5.5";
	rows[10].sequence = "11";
	rows[10].volume = "-0.0";
	rows[11].id = "\"T_windy-1\"";		/* another unit */
	stack = parse(rows, 12);

	assert_true(curtailed_select(&stack, units, N_UNITS, false, &selection, &why));
	assert_int_equal(selection.n_kept, 2);
	assert_int_equal(selection.kept[0].row->number, 1);
	assert_string_equal(selection.kept[0].unit->lead_party_name, "Windy Ltd");
	assert_int_equal(selection.kept[1].row->number, 7);
	assert_int_equal(selection.n_doubtful, 3);		/* with another fuel there is no doubt */
	assert_string_equal(selection.doubtful[0].row->id, "T_NOFUEL-1");
	assert_false(selection.doubtful[0].unknown);
	assert_string_equal(selection.doubtful[1].row->id, "T_NEW-1");
	assert_true(selection.doubtful[1].unknown);
	assert_int_equal(selection.n_passed_over, 4);
	assert_string_equal(selection.passed_over[0], "T_COAL-1");
	assert_string_equal(selection.passed_over[1], "T_NOFUEL-1");
	assert_string_equal(selection.passed_over[3], "T_windy-1");
	decimal_write(&selection.volume, DECIMAL_KEEP_ZEROS, &volume);
	assert_string_equal(volume.data, "-10.166666944444443853");
	assert_int_equal(selection.n_unflagged, 1);
	assert_int_equal(selection.unflagged.row->number, 9);
	assert_int_equal(selection.n_unnamed, 1);
	assert_int_equal(selection.unnamed->number, 5);
	curtailed_selection_release(&selection);

	assert_true(curtailed_select(&stack, units, N_UNITS, true, &selection, &why));
	assert_int_equal(selection.n_kept, 4);
	assert_int_equal(selection.n_unflagged, 0);
	assert_int_equal(selection.n_passed_over, 4);
	assert_int_equal(selection.kept[2].row->number, 8);
	assert_int_equal(selection.kept[3].row->number, 9);
	curtailed_selection_release(&selection);

	assert_true(curtailed_select(&stack, NULL, 0, true, &selection, &why));
	assert_int_equal(selection.n_kept, 0);
	curtailed_selection_release(&selection);
	elexon_stack_release(&stack);
	buf_release(&volume);
}

static void blanks_around_an_id_are_none_of_it(void **state)
{
	struct fixture rows[2] = { usual, usual };
	struct elexon_stack stack;

	(void)state;
	rows[0].id = "\"T_WINDY-1  \"";
	rows[1].id = "\" T_COAL-1\"";
	stack = parse(rows, 2);
	assert_int_equal(stack.n_rows, 2);
	assert_string_equal(stack.rows[0].id, "T_WINDY-1");
	assert_string_equal(stack.rows[1].id, "T_COAL-1");
	assert_int_equal(stack.odd.odd, 0);
	elexon_stack_release(&stack);
}

static void lines_that_contradict_each_other_are_refused_only_where_energy_is_at_stake(void **state)
{
	struct fixture rows[3] = { usual, usual, usual };
	struct curtailed_selection selection;
	struct elexon_stack stack;
	struct reason why = { .text = "" };

	(void)state;
	rows[2].volume = "-10.2";
	stack = parse(rows, 3);			/* 1 = 2, 3 differs */
	assert_int_equal(stack.n_rows, 2);
	assert_int_equal(stack.repeated, 1);
	assert_false(curtailed_select(&stack, units, N_UNITS, false, &selection, &why));
	assert_string_equal(why.text, "period 20, row 1 (T_WINDY-1): same acceptance, pair and sequence as row 3, "
			    "but another content");
	curtailed_selection_release(&selection);
	elexon_stack_release(&stack);

	for (int i = 0; i < 3; i++)
		rows[i].id = "\"T_COAL-1\"";
	stack = parse(rows, 3);
	assert_true(curtailed_select(&stack, units, N_UNITS, false, &selection, &why));
	assert_int_equal(selection.n_kept, 0);
	curtailed_selection_release(&selection);
	elexon_stack_release(&stack);
}

/* A unit of which the register says no fuel is no wind; a row of no unit leaves no name behind. */
static void an_odd_row_of_no_known_wind_costs_that_row(void **state)
{
	static const struct { const char *id; size_t remembered; } odd[] = {
		{ "\"T_NOFUEL-1\"", 1 }, { "\"T_NEW-1\"", 1 }, { "\"\"", 0 }, { "\" \"", 0 }, { "null", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct fixture rows[2] = { usual, usual };
		struct elexon_stack stack;
		struct reason why;
		char *body;

		rows[1].id = odd[i].id;
		rows[1].volume = "null";
		body = body_of(rows, 2);
		if (!elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, units, N_UNITS, &stack, &why))
			fail_msg("%s", why.text);
		assert_int_equal(stack.n_rows, 1);
		assert_int_equal(stack.odd.odd, 1);
		assert_int_equal(stack.n_left_out, odd[i].remembered);
		if (odd[i].remembered)
			assert_memory_equal(stack.left_out[0], odd[i].id + 1, strlen(odd[i].id) - 2);
		elexon_stack_release(&stack);
		free(body);
	}
}

/* Of the wind no row may be lacking; of the rest of the market one row is one row. */
static void an_odd_row_costs_the_half_hour_only_where_wind_is_at_stake(void **state)
{
	static const struct { size_t member; const char *value, *want; } odd[] = {
#define F(member, value, want) { offsetof(struct fixture, member), value, want ": the row is left out\n" }
		F(volume, "null", "row 2 (T_COAL-1), field volume: null, not a number"),
		F(volume, "\"-3\"", "row 2 (T_COAL-1), field volume: a string, not a number"),
		F(price, "1e400", "row 2 (T_COAL-1), field originalPrice: 1e400 is past ±1000000"),
		F(date, "\"2026-07-11\"", "row 2 (T_COAL-1), field settlementDate: 2026-07-11, but 2026-07-10 was requested"),
		F(period, "21", "row 2 (T_COAL-1), field settlementPeriod: 21, but 20 was requested"),
		F(acceptance, "\"7\"", "row 2 (T_COAL-1), field acceptanceId: a string, not a whole number"),
		F(id, "17", "row 2, field id: a number, not a string"),
		F(extra, ",\"soFlag\":true", "row 2, field soFlag: occurs twice"),
#undef F
	};
	struct curtailed_selection selection;
	struct elexon_stack stack;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct fixture rows[3] = { usual, usual, usual };
		char *body;

		rows[1].id = "\"T_COAL-1\"";
		rows[2].sequence = "4";
		memcpy((char *)&rows[1] + odd[i].member, &odd[i].value, sizeof odd[i].value);
		body = body_of(rows, 3);
		if (!elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, units, N_UNITS, &stack, &why))
			fail_msg("%s", why.text);
		assert_int_equal(stack.n_rows, 2);
		assert_int_equal(stack.rows_seen, 3);
		assert_int_equal(stack.unnamed, odd[i].member == offsetof(struct fixture, id));
		assert_int_equal(stack.odd.odd, 1);
		assert_string_equal(stack.odd.text.data, odd[i].want);
		/* It does not say when it was made: time must tell. */
		assert_int_equal(stack.undated, 1);
		/* Its unit, if it names one, is passed over by name, for the day on which a list calls that wind. */
		assert_true(curtailed_select(&stack, units, N_UNITS, false, &selection, &why));
		assert_int_equal(selection.n_kept, 2);
		assert_int_equal(selection.n_passed_over, odd[i].member != offsetof(struct fixture, id));
		if (selection.n_passed_over)
			assert_string_equal(selection.passed_over[0], "T_COAL-1");
		curtailed_selection_release(&selection);
		elexon_stack_release(&stack);
		free(body);
		if (odd[i].member == offsetof(struct fixture, id))
			continue;
		rows[1].id = usual.id;
		body = body_of(rows, 3);
		assert_false(elexon_parse_stack(body, strlen(body), day("2026-07-10"), 20, ELEXON_BID, units, N_UNITS, &stack, &why));
		assert_memory_equal(why.text, "period 20, row 2", 16);
		elexon_stack_release(&stack);
		free(body);
	}
}

static void payment_is_volume_times_price_and_its_sign_is_never_forced(void **state)
{
	static const struct { const char *volume, *price, *want; } row[] = {
		{ "-10.166666666666666075", "-179.759999999999990905", "1827.559999999999801176166666666672047875" },
		{ "-0.19166666666666668", "110.02", "-21.0871666666666681336" },
		{ "-2.5", "-40.00", "100" },
		{ "-2.5", "0.0", "0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture f = usual;
		struct elexon_stack stack;
		struct buf payment = BUF_INIT;

		f.volume = row[i].volume;
		f.price = row[i].price;
		stack = parse(&f, 1);
		assert_true(curtailed_payment(&stack.rows[0], &payment));
		assert_string_equal(payment.data, row[i].want);
		buf_release(&payment);
		elexon_stack_release(&stack);
	}
}

/* The period's end is 2026-07-10T09:00:00Z (period 20, summer time); day final from 2026-07-11T23:15Z. */
static void a_period_is_final_a_day_after_its_end_by_its_own_rows(void **state)
{
	static const struct { const char *created[2]; const char *fetched; bool want; } row[] = {
		{ { "\"2026-07-11T09:14:32Z\"", "\"2026-07-11T09:14:40Z\"" }, "2026-07-11T09:20:00Z", true },
		{ { "\"2026-07-11T09:00:00Z\"", "\"2026-07-11T09:00:00Z\"" }, "2026-07-11T09:20:00Z", true },
		{ { "\"2026-07-11T08:59:59Z\"", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T09:20:00Z", false },
		{ { "\"2026-07-11T09:14:32Z\"", "\"2026-07-10T09:14:40Z\"" }, "2026-07-11T09:20:00Z", false },
		/* rows of the first run stay provisional however late they were fetched */
		{ { "\"2026-07-10T09:14:32Z\"", "\"2026-07-10T09:14:40Z\"" }, "2026-08-01T00:00:00Z", false },
		/* other spellings of the same instants */
		{ { "\"2026-07-11T10:00:00+01:00\"", "\"2026-07-11T09:00:00.9999999Z\"" }, "2026-07-11T09:20:00Z", true },
		{ { "\"2026-07-11T09:59:59+01:00\"", "\"2026-07-11T09:00:00Z\"" }, "2026-07-11T09:20:00Z", false },
		/* a time that has not come says nothing */
		{ { "\"2062-07-11T09:14:32Z\"", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T09:20:00Z", false },
		{ { "\"2062-07-11T09:14:32Z\"", "\"2062-07-11T09:14:32Z\"" }, "2026-07-11T23:14:59Z", false },
		{ { "\"2062-07-11T09:14:32Z\"", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T23:15:00Z", true },
		{ { "\"2062-07-11T09:14:32Z\"", "\"2026-07-10T09:14:32Z\"" }, "2026-07-11T23:15:00Z", false },
		/* though clocks may differ by a day */
		{ { "\"2026-07-12T09:20:00Z\"", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T09:20:00Z", true },
		{ { "\"2026-07-12T09:20:01Z\"", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T09:20:00Z", false },
		/* undated rows: time must tell, and dated ones must not object */
		{ { "null", "null" }, "2026-07-11T23:14:59Z", false },
		{ { "null", "null" }, "2026-07-11T23:15:00Z", true },
		{ { "null", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T23:14:59Z", false },
		{ { "null", "\"2026-07-11T09:14:32Z\"" }, "2026-07-11T23:15:00Z", true },
		{ { "\"2026-07-10T09:14:32Z\"", "null" }, "2026-07-11T23:15:00Z", false },
		{ { "null", "\"2026-07-10T09:14:32Z\"" }, "2026-07-11T23:15:00Z", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture rows[2] = { usual, usual };
		struct elexon_stack stack;

		for (int k = 0; k < 2; k++)
			rows[k].created = row[i].created[k];
		rows[1].sequence = "4";
		stack = parse(rows, 2);
		if (elexon_is_final(&stack, instant(row[i].fetched)) != row[i].want)
			fail_msg("case %zu", i);
		elexon_stack_release(&stack);
	}
}

static void an_empty_period_is_final_from_a_quarter_past_midnight_two_days_later(void **state)
{
	static const struct { const char *day; int period; const char *before, *from; } row[] = {
		{ "2022-01-01", 1, "2022-01-03T00:14:59Z", "2022-01-03T00:15:00Z" },
		{ "2022-01-01", 48, "2022-01-03T00:14:59Z", "2022-01-03T00:15:00Z" },
		{ "2026-07-10", 48, "2026-07-11T23:14:59Z", "2026-07-11T23:15:00Z" },
		/* clocks go forward on 2026-03-29: the day before, the day itself, two days before */
		{ "2026-03-28", 48, "2026-03-29T23:14:59Z", "2026-03-29T23:15:00Z" },
		{ "2026-03-29", 46, "2026-03-30T23:14:59Z", "2026-03-30T23:15:00Z" },
		{ "2026-03-27", 48, "2026-03-29T00:14:59Z", "2026-03-29T00:15:00Z" },
		/* and back on 2025-10-26 */
		{ "2025-10-25", 48, "2025-10-27T00:14:59Z", "2025-10-27T00:15:00Z" },
		{ "2025-10-26", 50, "2025-10-28T00:14:59Z", "2025-10-28T00:15:00Z" },
		{ "2025-10-24", 48, "2025-10-25T23:14:59Z", "2025-10-25T23:15:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_stack stack;

		elexon_stack_init(&stack, day(row[i].day), row[i].period, ELEXON_BID);
		assert_false(elexon_is_final(&stack, instant(row[i].before)));
		assert_true(elexon_is_final(&stack, instant(row[i].from)));
		elexon_stack_release(&stack);
	}
}

/* The last half hour of a day of 46 and of 50: its end is London midnight. */
static void the_end_of_a_period_is_found_on_days_when_the_clocks_change(void **state)
{
	static const struct { const char *day; int period; const char *start, *created; bool want; } row[] = {
		{ "2026-03-29", 46, "2026-03-29T22:30:00Z", "2026-03-30T23:00:00Z", true },
		{ "2026-03-29", 46, "2026-03-29T22:30:00Z", "2026-03-30T22:59:59Z", false },
		{ "2026-03-29", 3, "2026-03-29T01:00:00Z", "2026-03-30T01:30:00Z", true },
		{ "2026-03-29", 3, "2026-03-29T01:00:00Z", "2026-03-30T01:29:59Z", false },
		{ "2025-10-26", 50, "2025-10-26T23:30:00Z", "2025-10-28T00:00:00Z", true },
		{ "2025-10-26", 50, "2025-10-26T23:30:00Z", "2025-10-27T23:59:59Z", false },
		{ "2025-10-26", 4, "2025-10-26T00:30:00Z", "2025-10-27T01:00:00Z", true },
		{ "2025-10-26", 4, "2025-10-26T00:30:00Z", "2025-10-27T00:59:59Z", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fixture f = usual;
		char date[16], start[32], created[32], period[8], *body;
		struct elexon_stack stack;
		struct reason why;

		snprintf(date, sizeof date, "\"%s\"", row[i].day);
		snprintf(start, sizeof start, "\"%s\"", row[i].start);
		snprintf(created, sizeof created, "\"%s\"", row[i].created);
		snprintf(period, sizeof period, "%d", row[i].period);
		f.date = date;
		f.start = start;
		f.created = created;
		f.period = period;
		body = body_of(&f, 1);
		assert_true(elexon_parse_stack(body, strlen(body), day(row[i].day), row[i].period, ELEXON_BID, NULL, 0, &stack, &why));
		assert_int_equal(elexon_is_final(&stack, instant("2026-04-02T00:00:00Z")), row[i].want);
		elexon_stack_release(&stack);
		free(body);
	}
}

/* Each bound itself is within it; what is null leaves nothing of what stood there. */
static void a_field_is_held_to_its_bounds(void **state)
{
#define PLACES30 "999999999999999999999999999999"
	static const struct { const char *json, *want; } decimal[] = {
		{ "-999999." PLACES30, "-999999." PLACES30 }, { "-999998.9" PLACES30, "-999999.000000000000000000000000000000" },
		/* Rounded to the thirtieth decimal, half away from zero. */
		{ "0.0000000000000000000000000000005", "0.000000000000000000000000000001" },
		{ "-0.0000000000000000000000000000004", "0.000000000000000000000000000000" },
		{ "999999.9999999999999999999999999999995", NULL }, { "null", "" },
	};
	static const struct { const char *json; bool ok; } integer[] = {
		{ "-3", true }, { "-4", false }, { "7", true }, { "8", false }, { "7.5", false }, { "null", false },
	};
	struct reason why;
	struct elexon_place place = { .row = 4, .why = &why }, of_unit = { .row = 4, .id = "T_X-1", .why = &why };
	char id[ELEXON_MAX_ID + 2];
	struct oddities odd = ODDITIES_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof decimal / sizeof *decimal; i++) {
		cJSON *value = json_parse(decimal[i].json, strlen(decimal[i].json), NULL);
		char out[ELEXON_DECIMAL] = "xxx";
		bool ok = elexon_check_decimal(&place, "f", value, ELEXON_NULLABLE, out);

		assert_int_equal(ok, decimal[i].want != NULL);
		if (ok)
			assert_string_equal(out, decimal[i].want);
		json_release(value);
	}
	for (size_t i = 0; i < sizeof integer / sizeof *integer; i++) {
		cJSON *value = json_parse(integer[i].json, strlen(integer[i].json), NULL);
		int64_t number;

		assert_int_equal(elexon_check_integer(&place, "f", value, -3, 7, &number), integer[i].ok);
		json_release(value);
	}
	assert_string_equal(why.text, "row 4, field f: null, not a whole number");
	assert_false(elexon_refuse(&of_unit, "f", "odd"));
	assert_string_equal(why.text, "row 4 (T_X-1), field f: odd");
	memset(id, 'A', sizeof id);
	id[ELEXON_MAX_ID] = '\0';
	assert_false(elexon_id_is_odd(&place, id, &odd));
	id[ELEXON_MAX_ID] = 'A';
	id[ELEXON_MAX_ID + 1] = '\0';
	assert_true(elexon_id_is_odd(&place, id, &odd));
	oddities_release(&odd);
}

static void a_price_beyond_lost_load_is_implausible(void **state)
{
	static const struct { const char *price; bool implausible; } row[] = {
		{ "", false }, { "6000", false }, { "-6000", false }, { "6000.01", true }, { "-6000.01", true }, { "-99999", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct elexon_row sent = { .number = 1 };

		strcpy(sent.original_price, row[i].price);
		if (elexon_price_is_implausible(&sent) != row[i].implausible)
			fail_msg("%s", row[i].price);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kept_field_of_a_row_arrives_as_sent),
		cmocka_unit_test(a_field_is_held_to_its_bounds),
		cmocka_unit_test(what_the_source_leaves_null_stays_null),
		cmocka_unit_test(numbers_become_plain_decimals_of_the_same_value),
		cmocka_unit_test(a_row_that_is_not_as_documented_is_refused_by_row_and_field),
		cmocka_unit_test(a_multiplier_is_of_some_hundredths),
		cmocka_unit_test(a_time_is_utc_and_the_start_need_only_lie_near),
		cmocka_unit_test(an_id_that_is_none_costs_its_row),
		cmocka_unit_test(a_field_that_is_kept_must_be_there),
		cmocka_unit_test(a_row_may_lack_the_times_and_have_members_not_known),
		cmocka_unit_test(another_answer_than_a_stack_is_refused_for_what_it_is),
		cmocka_unit_test(a_body_cut_anywhere_is_refused),
		cmocka_unit_test(an_empty_period_has_no_rows_and_is_no_error),
		cmocka_unit_test(a_stack_knows_its_side_its_times_and_what_has_no_id),
		cmocka_unit_test(an_acceptance_that_stands_twice_is_named),
		cmocka_unit_test(an_acceptance_of_two_runs_is_named),
		cmocka_unit_test(the_first_of_those_that_stand_twice_is_named),
		cmocka_unit_test(a_time_that_nobody_set_says_nothing),
		cmocka_unit_test(what_kind_of_answer_was_refused_is_said),
		cmocka_unit_test(the_same_line_twice_is_one_line_and_is_reported),
		cmocka_unit_test(a_line_under_another_sequence_number_is_named),
		cmocka_unit_test(a_volume_of_the_other_sign_costs_its_row_and_most_of_them_the_answer),
		cmocka_unit_test(null_ids_are_equal_in_the_identity_of_a_line),
		cmocka_unit_test(lines_that_differ_in_any_part_of_the_identity_are_all_kept),
		cmocka_unit_test(lines_of_one_identity_that_differ_in_any_kept_field_contradict_each_other),
		cmocka_unit_test(only_wind_turned_down_for_the_system_is_kept),
		cmocka_unit_test(blanks_around_an_id_are_none_of_it),
		cmocka_unit_test(lines_that_contradict_each_other_are_refused_only_where_energy_is_at_stake),
		cmocka_unit_test(an_odd_row_of_no_known_wind_costs_that_row),
		cmocka_unit_test(an_odd_row_costs_the_half_hour_only_where_wind_is_at_stake),
		cmocka_unit_test(payment_is_volume_times_price_and_its_sign_is_never_forced),
		cmocka_unit_test(a_period_is_final_a_day_after_its_end_by_its_own_rows),
		cmocka_unit_test(an_empty_period_is_final_from_a_quarter_past_midnight_two_days_later),
		cmocka_unit_test(the_end_of_a_period_is_found_on_days_when_the_clocks_change),
		cmocka_unit_test(a_price_beyond_lost_load_is_implausible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
