#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitcoin/difficulty.h"
#include "bitcoin/difficulty_file.h"
#include "bitcoin/difficulty_json.h"
#include "bitcoin/mining.h"
#include "format/tsv.h"

#define EPOCHS "sql/reference/difficulty-epochs.tsv"

static instant_t instant(const char *text)
{
	instant_t when;

	if (!instant_parse(text, &when))
		fail_msg("%s", text);
	return when;
}

/* The table of all epochs: computed from headers, proved against published chain work. */
static struct difficulty_history all_epochs(void)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct reason why = { .text = "" };
	FILE *in = fopen(EPOCHS, "r");

	assert_non_null(in);
	if (!difficulty_read_file(in, EPOCHS, &history, &why))
		fail_msg("%s", why.text);
	fclose(in);
	return history;
}

static void every_epoch_of_the_table_is_exact_from_its_nbits_and_found_by_its_difficulty(void **state)
{
	static const char *const wanted[] = { "nbits", "difficulty", NULL };
	struct reason why = { .text = "" };
	struct tsv_reader reader;
	FILE *in = fopen(EPOCHS, "r");
	int rows = 0;

	(void)state;
	assert_non_null(in);
	assert_true(tsv_open(&reader, in, EPOCHS, wanted, 2, &why));
	while (tsv_read(&reader, &why) > 0) {
		char text[48], shorter[64];
		unsigned __int128 difficulty;
		uint32_t nbits, found = 0;

		assert_true(nbits_parse(reader.value[0], &nbits, &why));
		assert_true(difficulty_of_nbits(nbits, &difficulty, &why));
		assert_string_equal(fixed_format(difficulty, 8, text), reader.value[1]);
		/* as written, as a double prints, as mempool prints */
		assert_true(nbits_of_difficulty(reader.value[1], &found, &why));
		assert_int_equal(found, nbits);
		snprintf(shorter, sizeof shorter, "%.17g", strtod(reader.value[1], NULL));
		assert_true(nbits_of_difficulty(shorter, &found, &why));
		assert_int_equal(found, nbits);
		snprintf(shorter, sizeof shorter, "%.10e", strtod(reader.value[1], NULL));
		assert_true(nbits_of_difficulty(shorter, &found, &why));
		assert_int_equal(found, nbits);
		if (difficulty > (unsigned __int128)1000000000 * 100000000) {
			*strchr(reader.value[1], '.') = '\0';
			assert_true(nbits_of_difficulty(reader.value[1], &found, &why));
			assert_int_equal(found, nbits);
		}
		rows++;
	}
	assert_int_equal(rows, 474);
	tsv_close(&reader);
	fclose(in);
}

/* Exact fractions by Python. */
static void known_targets_have_their_known_difficulty(void **state)
{
	static const struct { const char *nbits, *want; } row[] = {
		{ "1d00ffff", "1.00000000" },
		{ "1b0404cb", "16307.42093852" },
		{ "17028281", "112149504190349.28630055" },
		{ "1702796c", "113757508810853.99837194" },
		{ "170240c3", "124932866006548.15043583" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		unsigned __int128 difficulty;
		uint32_t nbits;
		char text[48];

		assert_true(nbits_parse(row[i].nbits, &nbits, NULL));
		assert_string_equal(nbits_format(nbits, text), row[i].nbits);
		assert_true(difficulty_of_nbits(nbits, &difficulty, NULL));
		assert_string_equal(fixed_format(difficulty, 8, text), row[i].want);
	}
}

static void targets_at_the_edges_of_three_bytes_are_found(void **state)
{
	static const uint32_t row[] = { 0x1b008000, 0x1a7fffff, 0x1a7ffffe, 0x1b008001, 0x17010000, 0x1700ffff, 0x1d008000 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		for (int nudge = -1; nudge <= 1; nudge++) {
			unsigned __int128 difficulty;
			uint32_t found = 0;
			char text[48];

			assert_true(difficulty_of_nbits(row[i], &difficulty, NULL));
			difficulty += (unsigned __int128)((__int128)(difficulty / 2000000000) * nudge);
			if (!nbits_of_difficulty(fixed_format(difficulty, 8, text), &found, NULL))
				fail_msg("%08" PRIx32 " %+d not found", row[i], nudge);
			assert_int_equal(found, row[i]);
		}
	}
}

static void what_no_target_gives_is_not_a_possible_difficulty(void **state)
{
	static const char *const row[] = {
		"0", "-1", "0.5", "1e-400", "1.5e-3", "108105433845147.0001e1x", "110568428300953e9", "1e20", "1e400", "1e999",
		"", "NaN", "110568000000000",		/* rounded by hand */
		"111358966245651.99",			/* the mean of two */
		"0.99999", "22.45",
		"112149504750349.28",			/* five parts in 1e9 off */
		"112149503629349.28",
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		uint32_t nbits;

		if (nbits_of_difficulty(row[i], &nbits, &why))
			fail_msg("%s was found: %08" PRIx32, row[i], nbits);
		assert_non_null(strstr(why.text, *row[i] ? row[i][0] == 'N' ? "NaN" : "difficulty" : "empty"));
	}
}

static void nbits_have_one_form(void **state)
{
	static const char *const row[] = {
		"", "1d00fff", "1d00fffff", "1D00FFFF", "0x1d00ff", "1d00ffgg", "00000000", "1d000000",
		"1d010000",	/* above the limit */
		"1e00ffff", "ff123456",
		"1d80ffff", "17800000",		/* negative */
		"1700007f",	/* not the canonical form */
		"18000279",
		"04123456", "03000001",	/* past any difficulty there will be */
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		uint32_t nbits;

		if (nbits_parse(row[i], &nbits, &why))
			fail_msg("%s was read", row[i]);
		assert_non_null(strstr(why.text, "nBits"));
	}
}

static void the_subsidy_halves_every_210000_blocks_until_nothing_is_left(void **state)
{
	static const struct { int64_t height, want; } row[] = {
		{ 0, 5000000000 }, { 209999, 5000000000 }, { 210000, 2500000000 }, { 839999, 625000000 },
		{ 840000, 312500000 }, { 1050000, 156250000 }, { 6720000, 1 }, { 6929999, 1 }, { 6930000, 0 },
		{ 13440000, 0 }, { INT64_C(210000) * 64, 0 }, { INT64_C(210000) * 1000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_true(subsidy_at_height(row[i].height) == row[i].want);
}

static void the_table_of_all_epochs_keeps_the_rules(void **state)
{
	struct difficulty_history history = all_epochs();
	struct reason why = { .text = "" };

	(void)state;
	assert_int_equal(history.n, 474);
	if (!difficulty_check(&history, &why))
		fail_msg("%s", why.text);
	assert_int_equal(history.rows[473].height, 953568);
	assert_true(history.rows[473].until == history.rows[473].from + 86400);
	assert_true(history.rows[472].until == history.rows[473].from);
	difficulty_history_release(&history);
}

static void assert_breaks(const struct difficulty_history *history, const char *want)
{
	struct reason why = { .text = "" };

	if (difficulty_check(history, &why))
		fail_msg("kept the rules, but should not: %s", want);
	if (!strstr(why.text, want))
		fail_msg("\"%s\" does not say \"%s\"", why.text, want);
}

static void a_history_that_breaks_a_rule_is_refused_for_that_rule(void **state)
{
	struct difficulty_history history = all_epochs();
	struct retarget *at = &history.rows[400], saved = *at;

	(void)state;
	assert_int_equal(at->height, 806400);
	at->height = 806401;
	assert_breaks(&history, "height 806401 is not a multiple of 2016");
	at->height = 806400 + 2016;
	assert_breaks(&history, "does not allow");	/* two epochs took no longer than one */
	at->height = 804384;
	assert_breaks(&history, "does not follow height 804384");
	at->height = -2016;
	assert_breaks(&history, "is not a multiple");
	*at = saved;

	at->from = at[-1].from;
	assert_breaks(&history, "is not after");
	at->from = at[-1].from - 1;
	assert_breaks(&history, "is not after");
	history.n = 401;				/* no later one that would object as well */
	at->from = saved.from + 8 * 3600;		/* exact times, eight hours out */
	at[-1].until = at->from;
	assert_breaks(&history, "does not allow");
	at->from = saved.from - 8 * 3600;
	at[-1].until = at->from;
	assert_breaks(&history, "does not allow");
	history.n = 474;
	at->quality = TIME_ESTIMATED;			/* an estimate may be out */
	assert_true(difficulty_check(&history, NULL));
	*at = saved;
	at[-1].until = at->from;

	at->nbits = 0x1b0404cb;
	assert_true(difficulty_of_nbits(at->nbits, &at->difficulty, NULL));
	assert_breaks(&history, "more than four times");
	*at = saved;
	assert_true(difficulty_check(&history, NULL));
	difficulty_history_release(&history);
}

/* The neighbours of a target of a given nBits: four times and a bit. */
static void the_factor_of_four_holds_to_the_last_bit(void **state)
{
	static const struct { uint32_t before, after; bool ok; } row[] = {
		{ 0x17010000, 0x17040000, true }, { 0x17010000, 0x17040001, false },
		{ 0x17040000, 0x17010000, true }, { 0x17040000, 0x1700ffff, false },
		{ 0x17040003, 0x17010000, true }, { 0x17040004, 0x17010000, false }, { 0x17040004, 0x17010001, true },
		{ 0x1d00ffff, 0x1c3fffc0, true }, { 0x1d00ffff, 0x1c3fffbf, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
		struct retarget a = { .from = 1700000000, .until = 1701209600, .height = 0, .nbits = row[i].before },
				b = { .from = 1701209600, .until = 1702419200, .height = 2016, .nbits = row[i].after };

		assert_true(difficulty_history_add(&history, &a, NULL));
		assert_true(difficulty_history_add(&history, &b, NULL));
		if (difficulty_check(&history, NULL) != row[i].ok)
			fail_msg("case %zu", i);
		difficulty_history_release(&history);
	}
}

/* Readers --------------------------------------------------------------------------------------- */

typedef bool reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why);

/* The now of these tests: no row after it is believed. */
#define LATEST (instant("2027-01-01T00:00:00Z"))

static bool mempool_reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_mempool(body, len, LATEST, history, &odd, why);

	oddities_release(&odd);
	return ok;
}

static bool chart_reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	struct oddities odd = ODDITIES_INIT;
	bool ok = difficulty_read_blockchain(body, len, LATEST, history, &odd, why);

	oddities_release(&odd);
	return ok;
}

static struct difficulty_history read_with(reader *read, const char *body)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct reason why = { .text = "" };

	if (!read(body, strlen(body), &history, &why))
		fail_msg("%s", why.text);
	return history;
}

static void assert_refused_by(reader *read, const char *body, const char *want)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct reason why = { .text = "" };

	if (read(body, strlen(body), &history, &why))
		fail_msg("read: %s", body);
	difficulty_history_release(&history);
	if (!strstr(why.text, want))
		fail_msg("\"%s\" does not say \"%s\"", why.text, want);
}

static bool file_reader(const char *body, size_t len, struct difficulty_history *history, struct reason *why)
{
	FILE *in = tmpfile();
	bool ok;

	assert_non_null(in);
	assert_int_equal(fwrite(body, 1, len, in), len);
	rewind(in);
	ok = difficulty_read_file(in, "a file", history, why);
	fclose(in);
	return ok;
}

static const char mempool_body[] =
	"[[1703311464,822528,72006146478567.1,1.06983],[1702180644,820512,67305906902031.39,0.990408],"
	"[1700957763,818496,67957790298897.88,1.0507]]";

static void mempool_lists_retargets_newest_first_and_rounded(void **state)
{
	struct difficulty_history history = read_with(mempool_reader, mempool_body);
	char text[48];

	(void)state;
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].height, 818496);
	assert_int_equal(history.rows[0].from, 1700957763);
	assert_int_equal(history.rows[0].until, 1702180644);
	assert_int_equal(history.rows[2].nbits, 0x1703e8b3);		/* of the table of epochs */
	assert_string_equal(fixed_format(history.rows[1].difficulty, 8, text), "67305906902031.38975951");
	assert_int_equal(history.rows[2].until, 1703311464 + 86400);
	assert_int_equal(history.rows[2].quality, TIME_EXACT);
	assert_string_equal(history.rows[2].source, "mempool");
	assert_true(difficulty_check(&history, NULL));
	difficulty_seen_until(&history, 1703400000);
	assert_int_equal(history.rows[2].until, 1703400000);
	difficulty_seen_until(&history, 5);
	assert_int_equal(history.rows[2].until, 1703311465);
	difficulty_since(&history, 1702180644);
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].height, 820512);
	difficulty_history_release(&history);
}

static void another_answer_than_retargets_is_refused(void **state)
{
	(void)state;
	assert_refused_by(mempool_reader, "{\"hashrates\":[],\"difficulty\":[]}", "averages over days");
	assert_refused_by(mempool_reader, "{\"progressPercent\":44.3}", "an object, not a list of retargets");
	assert_refused_by(mempool_reader, "<html>", "no JSON at byte 0");
	assert_refused_by(mempool_reader, "[]", "no difficulty in the answer");
	assert_refused_by(mempool_reader, "[[1703311464,822528]]", "entry 1: not [time, height, difficulty");
	assert_refused_by(mempool_reader, "[[1703311464,822528,\"72006146478567.1\",1]]", "entry 1: not [time");
	assert_refused_by(mempool_reader, "[[\"x\",822528,72006146478567.1,1]]", "entry 1: not [time");
	assert_refused_by(mempool_reader, "[[1703311464000,822528,72006146478567.1,1]]", "entry 1: not [time");
	assert_refused_by(mempool_reader, "[[1703311464,822528.5,72006146478567.1,1]]", "entry 1: not [time");
	assert_refused_by(mempool_reader, "{\"error\":{\"code\":429,\"message\":\"slow down\"}}", "an error instead of the list of retargets: slow down");
	assert_refused_by(chart_reader, "{\"status\":\"error\",\"error\":\"quota exceeded\",\"values\":null}", "an error instead of a chart: quota exceeded");
	assert_refused_by(mempool_reader, "[[1703311464,822528,72006146478567,1],[1702180644,820512,67305906000000,1],"
			  "[1700957763,818496,67957790000000,1.0507]]", "entry 2: 67305906000000 is not a possible difficulty");
}

static void the_newest_block_says_how_far_the_source_sees(void **state)
{
	static const char body[] = "[{\"id\":\"aa\",\"height\":730000,\"timestamp\":1648829449,\"bits\":386521239,\"difficulty\":28587155782195.1},"
				   "{\"height\":729999,\"timestamp\":1648829999,\"bits\":386521239}]";
	struct oddities odd = ODDITIES_INIT;
	struct block tip;
	struct reason why;

	(void)state;
	assert_true(difficulty_read_blocks(body, strlen(body), LATEST, &tip, &odd, &why));
	assert_int_equal(tip.height, 730000);
	assert_int_equal(tip.time, 1648829449);
	assert_int_equal(tip.nbits, 386521239);
	assert_false(difficulty_read_blocks("[]", 2, LATEST, &tip, &odd, &why));
	oddities_release(&odd);
	assert_false(difficulty_read_blocks("{}", 2, LATEST, &tip, &odd, &why));
	oddities_release(&odd);
	assert_false(difficulty_read_blocks("[{\"height\":1}]", 14, LATEST, &tip, &odd, &why));
	oddities_release(&odd);
}

/* One odd block costs itself: the newest of the others is the newest.  One of a time to come is such. */
static void a_block_comes_no_sooner_after_a_retarget_than_blocks_are_made(void **state)
{
	struct difficulty_history all = all_epochs();
	const struct retarget *last = &all.rows[all.n - 1];
	const int64_t fortnight = 14 * DAY_SECONDS;

	(void)state;
	/* Every retarget that there was, after each of the hundred before it. */
	for (size_t i = 0; i < all.n; i++)
		for (size_t k = i + 1; k < all.n && k <= i + 100; k++)
			assert_true(difficulty_reaches_block(&all.rows[i], all.rows[k].height, all.rows[k].nbits,
							     all.rows[k].from));
	/* In its own epoch, and the block before it. */
	assert_true(difficulty_reaches_block(last, last->height + 1008, last->nbits, last->from + fortnight / 2));
	assert_true(difficulty_reaches_block(last, last->height + 1008, last->nbits, last->from + 1008 * 150 - 6 * 3600));
	assert_false(difficulty_reaches_block(last, last->height + 1008, last->nbits, last->from + 1008 * 150 - 6 * 3600 - 1));
	assert_true(difficulty_reaches_block(last, last->height - 5000, last->nbits, last->from - 5000 * 600));
	/* Ten epochs that changed nothing are twenty weeks; others may have been shorter, but not of days. */
	assert_true(difficulty_reaches_block(last, last->height + 20160, last->nbits, last->from + 10 * fortnight));
	assert_false(difficulty_reaches_block(last, last->height + 20160, last->nbits, last->from + 9 * fortnight));
	assert_true(difficulty_reaches_block(last, last->height + 20160, last->nbits - 1, last->from + 9 * fortnight));
	assert_false(difficulty_reaches_block(last, last->height + 20160, last->nbits - 1, last->from + 2 * fortnight));
	difficulty_history_release(&all);
}

static void an_odd_block_is_passed_over_and_named(void **state)
{
	static const struct { const char *block, *want; } row[] = {
		{ "{\"height\":null,\"timestamp\":1648829449,\"bits\":386521239}", "a block without height and timestamp\n" },
		{ "{\"height\":730001,\"timestamp\":\"x\",\"bits\":386521239}", "a block without height and timestamp\n" },
		{ "{\"height\":730001,\"timestamp\":1648829449,\"bits\":\"zz\"}", "block 730001: zz is not" },
		{ "{\"height\":730001,\"timestamp\":1848829449,\"bits\":386521239}",
		  "block 730001: 2028-08-02T11:44:09Z is in the future, or the clock of this machine is behind\n" },
		{ "7", "a block without height and timestamp\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct oddities odd = ODDITIES_INIT;
		struct buf body = BUF_INIT;
		struct block tip;
		struct reason why;

		buf_addf(&body, "[%s,{\"height\":730000,\"timestamp\":1648829449,\"bits\":386521239},"
			 "{\"height\":729999,\"timestamp\":1648829999,\"bits\":386521239}]", row[i].block);
		assert_true(difficulty_read_blocks(body.data, body.len, LATEST, &tip, &odd, &why));
		assert_int_equal(tip.height, 730000);
		assert_int_equal(odd.odd, 1);
		assert_memory_equal(odd.text.data, row[i].want, strlen(row[i].want));
		oddities_release(&odd);
		/* Alone it is the answer that is wrong. */
		buf_clear(&body);
		buf_addf(&body, "[%s]", row[i].block);
		assert_false(difficulty_read_blocks(body.data, body.len, LATEST, &tip, &odd, &why));
		oddities_release(&odd);
		buf_release(&body);
	}
}

static const char chart_body[] =
	"{\"status\":\"ok\",\"name\":\"Network Difficulty\",\"unit\":\"Difficulty\",\"period\":\"day\",\"values\":["
	"{\"x\":1741392000,\"y\":110568428300952.69},{\"x\":1741478400,\"y\":1.1056842830095269E14},"
	"{\"x\":1741564800,\"y\":112149504190349.28},{\"x\":1741651200,\"y\":112149504190349.28}]}";

static void a_chart_of_days_becomes_the_days_on_which_it_changed(void **state)
{
	struct difficulty_history history = read_with(chart_reader, chart_body);

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].nbits, 0x17028bb1);
	assert_int_equal(history.rows[0].height, NO_HEIGHT);
	assert_int_equal(history.rows[0].quality, TIME_DAY);
	assert_int_equal(history.rows[1].from, instant("2025-03-10T00:00:00Z"));
	assert_int_equal(history.rows[1].until, instant("2025-03-12T00:00:00Z"));
	assert_true(difficulty_check(&history, NULL));
	difficulty_history_release(&history);

	assert_refused_by(chart_reader, "[]", "values is absent");
	assert_refused_by(chart_reader, "{\"values\":[]}", "no difficulty");
	assert_refused_by(chart_reader, "{\"values\":[{\"x\":1741392000,\"y\":86200.1}]}", "no difficulty in the answer");
	assert_refused_by(chart_reader, "{\"values\":[{\"x\":1741392000}]}", "value 1: not {x: time");
	assert_refused_by(chart_reader, "{\"values\":[{\"x\":1741392000,\"y\":110568428300952.69},"
			  "{\"x\":1741392000,\"y\":112149504190349.28},{\"x\":1741392000,\"y\":111e12}]}",
			  "value 2: another difficulty of a day that has one");
	assert_refused_by(chart_reader, "{\"values\":[{\"x\":1741392000,\"y\":110568428300952.69},"
			  "{\"x\":1741737600,\"y\":112149504190349.28}]}", "a thinned chart: 1 of 1 changes of difficulty");
}

static void a_file_may_say_days_or_instants_with_tabs_or_commas(void **state)
{
	struct difficulty_history history;

	(void)state;
	history = read_with(file_reader, "effective_from,difficulty\n2025-03-01,110568428300952\n2025-03-02,110568428300952\n"
			    "2025-03-10,112149504190349\n2025-03-23,113757508810853\n2025-03-31,113757508810853\n");
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[1].from, instant("2025-03-10T00:00:00Z"));
	assert_int_equal(history.rows[1].until, instant("2025-03-23T00:00:00Z"));
	assert_int_equal(history.rows[2].until, instant("2025-04-01T00:00:00Z"));
	assert_int_equal(history.rows[2].quality, TIME_DAY);
	assert_int_equal(history.rows[2].nbits, 0x1702796c);
	assert_string_equal(history.rows[2].source, "file");
	assert_true(difficulty_check(&history, NULL));
	difficulty_history_release(&history);

	history = read_with(file_reader, "source\tblock_height\teffective_from\tdifficulty\tremark\n"
			    "me\t887040\t2025-03-09T15:56:00Z\t112149504190349.28\t\\N\n"
			    "\\N\t889056\t2025-03-23T11:15:00Z\t1.1375750881085399e14\tx\n");
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].height, 887040);
	assert_int_equal(history.rows[0].quality, TIME_EXACT);
	assert_string_equal(history.rows[0].source, "me");
	assert_string_equal(history.rows[1].source, "file");
	assert_int_equal(history.rows[1].until, instant("2025-03-24T11:15:00Z"));
	difficulty_history_release(&history);
}

static void a_bad_line_of_a_file_is_named(void **state)
{
	static const struct { const char *body, *want; } row[] = {
		{ "", "it is empty" },
		{ "effective_from\n", "no column difficulty" },
		{ "effective_from\tdifficulty\n", "no difficulty in the answer" },
		{ "effective_from\tdifficulty\n2025-02-30\t110568428300952\n", "a file, line 2: effective_from \"2025-02-30\" is neither" },
		{ "effective_from\tdifficulty\n2025-03-01\t0\n", "a file, line 2: 0 is not a possible difficulty" },
		{ "effective_from\tdifficulty\n2025-03-01\t-5\n", "a file, line 2: -5 is not a possible difficulty" },
		{ "effective_from\tdifficulty\n2025-03-01\t12x\n", "a file, line 2: difficulty \"12x\" is not a number" },
		{ "effective_from\tdifficulty\n2025-03-01\t108105000000000\n", "is not a possible difficulty" },
		{ "effective_from\tdifficulty\n2025-03-01\t\\N\n", "a file, line 2: without difficulty" },
		{ "effective_from\tdifficulty\n2025-03-02\t110568428300952\n2025-03-01\t110568428300952\n", "a file, line 3: effective_from is not after" },
		{ "effective_from\tdifficulty\tnbits\n2025-03-02\t110568428300952\t17028281\n", "a file, line 2: nbits 17028281 is not that of" },
		{ "effective_from\tdifficulty\tblock_height\n2025-03-02\t110568428300952\t88x\n", "block_height \"88x\" is not a height" },
		{ "effective_from\tdifficulty\tblock_height\n2025-03-02\t110568428300952\t885024\n2025-03-10\t112149504190349\t\\N\n",
		  "a file, line 3: block_height in some lines and not in others" },
		{ "effective_from\tdifficulty\ttime_quality\n2025-03-02\t110568428300952\tgood\n", "time_quality \"good\" is not exact, estimated or day" },
		{ "effective_from\tdifficulty\n2025-03-02\n", "line 2: 1 field where the header has 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_refused_by(file_reader, row[i].body, row[i].want);
}

/* Merging --------------------------------------------------------------------------------------- */

static struct difficulty_history merged(const struct difficulty_history *known, const struct difficulty_history *news)
{
	struct difficulty_history out;
	struct reason why = { .text = "" };

	if (!difficulty_merge(known, news, &out, &why))
		fail_msg("%s", why.text);
	if (!difficulty_check(&out, &why))
		fail_msg("%s", why.text);
	return out;
}

static void assert_same(const struct difficulty_history *a, const struct difficulty_history *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct retarget *x = &a->rows[i], *y = &b->rows[i];

		if (x->from != y->from || x->until != y->until || x->height != y->height || x->nbits != y->nbits ||
		    x->quality != y->quality || x->sigma_s != y->sigma_s || strcmp(x->source, y->source) != 0)
			fail_msg("row %zu (height %d) differs: %" PRId64 "-%" PRId64 " %s, %" PRId64 "-%" PRId64 " %s", i, x->height,
				 x->from, x->until, x->source, y->from, y->until, y->source);
	}
}

static void the_same_history_from_another_source_changes_nothing(void **state)
{
	struct difficulty_history known = all_epochs(), news, out;

	(void)state;
	news = read_with(mempool_reader, mempool_body);
	out = merged(&known, &news);
	assert_same(&out, &known);
	difficulty_history_release(&out);
	difficulty_history_release(&news);

	news = read_with(chart_reader, chart_body);
	out = merged(&known, &news);
	assert_same(&out, &known);
	difficulty_history_release(&out);
	difficulty_history_release(&news);

	out = merged(&known, &(struct difficulty_history)DIFFICULTY_HISTORY_INIT);
	assert_same(&out, &known);
	difficulty_history_release(&out);
	difficulty_history_release(&known);
}

static void an_exact_time_replaces_an_estimated_one_and_never_the_other_way(void **state)
{
	struct difficulty_history known = all_epochs(), news, out, again;
	const struct retarget *row;

	(void)state;
	news = read_with(mempool_reader, "[[1742728500,889056,113757508810853.99,1.014338],[1741535700,887040,112149504190349.28,1.0143]]");
	out = merged(&known, &news);
	assert_int_equal(out.n, known.n);
	row = &out.rows[887040 / 2016];
	assert_int_equal(row->from, 1741535700);
	assert_int_equal(row[-1].until, 1741535700);
	assert_int_equal(row->quality, TIME_EXACT);
	assert_string_equal(row->source, "mempool");
	assert_int_equal(row->until, 1742728500);
	assert_int_equal(row[1].until, known.rows[889056 / 2016 + 1].from);

	again = merged(&out, &known);		/* the estimates come back */
	assert_same(&again, &out);
	difficulty_history_release(&again);
	difficulty_history_release(&out);
	difficulty_history_release(&news);
	difficulty_history_release(&known);
}

static void a_corrected_difficulty_changes_the_row(void **state)
{
	struct difficulty_history known = all_epochs(), news, out;
	struct retarget *row = &known.rows[887040 / 2016];
	uint32_t right = row->nbits;

	(void)state;
	row->nbits = 0x17028bb1;		/* as if the retarget had been missed */
	assert_true(difficulty_of_nbits(row->nbits, &row->difficulty, NULL));
	news = read_with(file_reader, "effective_from\tdifficulty\tblock_height\n2025-03-09T15:56:00Z\t112149504190349\t887040\n");
	out = merged(&known, &news);
	assert_int_equal(out.rows[887040 / 2016].nbits, right);
	assert_int_equal(out.n, known.n);
	difficulty_history_release(&out);
	difficulty_history_release(&news);
	difficulty_history_release(&known);
}

static void a_new_epoch_is_added_and_the_newest_reaches_as_far_as_was_seen(void **state)
{
	struct difficulty_history known = all_epochs(), news, out, again;
	size_t last = known.n - 1;
	char body[200];

	(void)state;
	/* height 955584, some 13.9 days later */
	snprintf(body, sizeof body, "[[%" PRId64 ",955584,124932866006548.15,1.0],[%" PRId64 ",953568,124932866006548.15,0.9]]",
		 known.rows[last].from + 1200500, known.rows[last].from + 500);
	news = read_with(mempool_reader, body);
	difficulty_seen_until(&news, news.rows[1].from + 4000);
	out = merged(&known, &news);
	assert_int_equal(out.n, known.n + 1);
	assert_int_equal(out.rows[last].until, out.rows[last + 1].from);
	assert_int_equal(out.rows[last + 1].until, out.rows[last + 1].from + 4000);

	/* an older answer takes nothing back */
	difficulty_seen_until(&news, news.rows[1].from + 10);
	again = merged(&out, &news);
	assert_same(&again, &out);
	difficulty_history_release(&again);
	news.n = 1;
	difficulty_seen_until(&news, news.rows[0].from + 10);
	again = merged(&out, &news);
	assert_same(&again, &out);
	difficulty_history_release(&again);
	difficulty_history_release(&out);
	difficulty_history_release(&news);
	difficulty_history_release(&known);
}

static void a_gap_between_what_is_known_and_what_came_is_refused(void **state)
{
	struct difficulty_history known = all_epochs(), news, out;
	struct reason why = { .text = "" };

	(void)state;
	news = read_with(mempool_reader, "[[1785000000,957600,124932866006548.15,1.0]]");
	assert_false(difficulty_merge(&known, &news, &out, &why));
	assert_non_null(strstr(why.text, "does not follow height 953568"));
	difficulty_history_release(&out);
	difficulty_history_release(&news);
	difficulty_history_release(&known);
}

static void whole_days_continue_a_history_until_heights_replace_them(void **state)
{
	struct difficulty_history known = all_epochs(), days, out, again, heights, final;
	size_t last;

	(void)state;
	known.n = 887040 / 2016;		/* nothing known from 9 March 2025 on */
	last = known.n - 1;
	known.rows[last].until = known.rows[last].from + 86400;
	days = read_with(file_reader, "effective_from,difficulty\n2025-03-01,110568428300952\n2025-03-10,112149504190349\n"
			 "2025-03-23,113757508810853\n2025-03-31,113757508810853\n");
	out = merged(&known, &days);
	assert_int_equal(out.n, known.n + 2);
	assert_int_equal(out.rows[last].until, instant("2025-03-10T00:00:00Z"));
	assert_int_equal(out.rows[last + 1].from, instant("2025-03-10T00:00:00Z"));
	assert_int_equal(out.rows[last + 1].height, NO_HEIGHT);
	assert_int_equal(out.rows[last + 1].until, instant("2025-03-23T00:00:00Z"));
	assert_int_equal(out.rows[last + 2].until, instant("2025-04-01T00:00:00Z"));
	again = merged(&out, &days);
	assert_same(&again, &out);
	difficulty_history_release(&again);

	heights = read_with(mempool_reader, "[[1742728500,889056,113757508810853.99,1.014338],[1741535700,887040,112149504190349.28,1.0143]]");
	final = merged(&out, &heights);
	assert_int_equal(final.n, known.n + 2);
	assert_int_equal(final.rows[last + 1].height, 887040);
	assert_int_equal(final.rows[last + 1].from, 1741535700);
	assert_int_equal(final.rows[last].until, 1741535700);
	assert_int_equal(final.rows[last + 2].until, instant("2025-04-01T00:00:00Z"));
	again = merged(&final, &days);		/* and back: nothing */
	assert_same(&again, &final);
	difficulty_history_release(&again);
	difficulty_history_release(&final);
	difficulty_history_release(&heights);
	difficulty_history_release(&out);
	difficulty_history_release(&days);
	difficulty_history_release(&known);
}

static void whole_days_that_contradict_a_height_are_refused(void **state)
{
	struct difficulty_history known = all_epochs(), days, out;
	struct reason why = { .text = "" };

	(void)state;
	days = read_with(file_reader, "effective_from,difficulty\n2025-03-10,110568428300952\n2025-03-14,112149504190349\n");
	assert_true(difficulty_merge(&known, &days, &out, &why));
	difficulty_history_release(&out);
	difficulty_history_release(&days);
	days = read_with(file_reader, "effective_from,difficulty\n2025-03-12,110568428300952\n2025-03-14,112149504190349\n");
	assert_false(difficulty_merge(&known, &days, &out, &why));
	assert_non_null(strstr(why.text, "the difficulty from 2025-03-12T00:00:00Z is not that"));
	difficulty_history_release(&out);
	difficulty_history_release(&days);
	difficulty_history_release(&known);
}

static void a_file_that_says_how_far_each_line_is_known_is_read_so(void **state)
{
#define ENDS "effective_from\tdifficulty\tblock_height\tin_force_until\n"
#define FIRST "2025-03-09T15:55:00Z\t112149504190349.28630055\t887040\t"
#define SECOND "2025-03-23T11:15:16Z\t113757508810853\t889056\t"
	static const struct { const char *body, *want; } row[] = {
		{ ENDS FIRST "2025-03-09T15:55:00Z\n", "a file, line 2: in_force_until \"2025-03-09T15:55:00Z\" is not an instant after" },
		{ ENDS FIRST "soon\n", "a file, line 2: in_force_until \"soon\"" },
		{ ENDS FIRST "2025-03-23T11:15:17Z\n" SECOND "2025-03-24T00:00:00Z\n", "line 3: the line before is in force until after" },
		{ ENDS FIRST "2025-03-23T11:15:16Z\n" SECOND "\\N\n", "in_force_until in some lines and not in others" },
		{ ENDS FIRST "\\N\n" SECOND "2025-03-24T00:00:00Z\n", "in_force_until in some lines and not in others" },
	};
	/* A gap between two lines is kept, and the last one ends where it says. */
	struct difficulty_history history = read_with(file_reader, ENDS FIRST "2025-03-20T00:00:00Z\n" SECOND "2025-03-25T01:00:00Z\n");

	(void)state;
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].until, instant("2025-03-20T00:00:00Z"));
	assert_int_equal(history.rows[1].until, instant("2025-03-25T01:00:00Z"));
	difficulty_history_release(&history);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_refused_by(file_reader, row[i].body, row[i].want);
#undef ENDS
#undef FIRST
#undef SECOND
}

/* Read a document of which some rows are odd: what was noted of them must contain the words, if any. */
static struct difficulty_history read_odd(bool (*read)(const char *, size_t, instant_t, struct difficulty_history *, struct oddities *, struct reason *),
					  const char *body, size_t odd_rows, const char *words)
{
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct oddities odd = ODDITIES_INIT;
	struct reason why = { .text = "" };

	if (!read(body, strlen(body), LATEST, &history, &odd, &why))
		fail_msg("%s", why.text);
	assert_int_equal(odd.odd, odd_rows);
	if (!strstr(odd.text.data ? odd.text.data : "", words))
		fail_msg("\"%s\" does not say \"%s\"", odd.text.data, words);
	oddities_release(&odd);
	return history;
}

/* Entries of the table of epochs; that of height 820512 has the difficulty of the one after it, and so goes with neither. */
static void a_retarget_that_goes_with_neither_neighbour_is_left_out_and_nothing_is_made_up_for_it(void **state)
{
	struct difficulty_history history = read_odd(difficulty_read_mempool,
		"[[1704501692,824544,73197634206448.34,1.01655],[1703311464,822528,72006146478567.1,1.06983],"
		"[1702180644,820512,72006146478567.1,0.990408],[1700957763,818496,67957790298897.88,1.0507],"
		"[1699806273,816480,64678587803496.61,1.03546]]", 2,
		"the retarget of height 820512 fits neither the one before nor the one after it: left out");

	(void)state;
	assert_int_equal(history.n, 4);
	assert_int_equal(history.rows[1].height, 818496);
	assert_int_equal(history.rows[2].height, 822528);
	/* No retarget comes sooner than after a quarter of two weeks; what held after that nobody knows. */
	assert_int_equal(history.rows[1].until, 1700957763 + 2016 * 600 / 4);
	difficulty_history_release(&history);

	/* The one behind it cannot follow what is not there: it stays, though the next one's ratio is odd as well. */
	history = read_odd(difficulty_read_mempool,
		"[[1705761155,826560,70343519904866.8,0.961008],[1704501692,824544,73197634206448.34,1.5],"
		"[1703311464,822528,72006146478567.1,1.06983],[1702180644,820512,72006146478567.1,0.990408],"
		"[1700957763,818496,67957790298897.88,1.0507],[1699806273,816480,64678587803496.61,1.03546]]", 3, "height 820512 fits neither");
	assert_int_equal(history.n, 5);
	assert_int_equal(history.rows[2].height, 822528);
	difficulty_history_release(&history);
}

static void the_very_next_retarget_is_taken_with_a_word_where_its_ratio_is_another(void **state)
{
	struct difficulty_history history = read_odd(difficulty_read_mempool,
		"[[1703311464,822528,72006146478567.1,1.06983],[1702180644,820512,67305906902031.39,0.95],"
		"[1700957763,818496,67957790298897.88,1.0507]]", 1,
		"the retarget at height 820512 changes the difficulty by a ratio other than the one in its row");

	(void)state;
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].until, 1702180644);
	assert_int_equal(history.rows[1].until, 1703311464);
	difficulty_history_release(&history);
}

/* Of one row the time is wrong: years ahead, days ahead of what the change allows, or in the epoch of another. */
static void a_retarget_at_a_time_that_cannot_be_is_left_out(void **state)
{
	static const struct { const char *newest, *middle, *want; size_t odd, left; int32_t last; } row[] = {
		{ "[1804501692,824544,73197634206448.34,1.01655],", "1702180644", "entry 1: 2027-03-08T10:28:12Z is in the future", 1, 4, 822528 },
		{ "[1705501692,824544,73197634206448.34,1.01655],", "1702180644", "the retarget of height 824544 fits neither", 1, 4, 822528 },
		{ "[1704501692,824544,73197634206448.34,1.01655],", "1700000000", "the retarget of height 820512 fits neither", 2, 4, 824544 },
		{ "[1704501692,824544,73197634206448.34,1.01655],", "1703300000", "the retarget of height 820512 fits neither", 2, 4, 824544 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;
		struct buf body = BUF_INIT;
		struct reason why;

		buf_addf(&body, "[%s[1703311464,822528,72006146478567.1,1.06983],[%s,820512,67305906902031.39,0.990408],"
			 "[1700957763,818496,67957790298897.88,1.0507],[1699806273,816480,64678587803496.61,1.03546]]",
			 row[i].newest, row[i].middle);
		history = read_odd(difficulty_read_mempool, body.data, row[i].odd, row[i].want);
		assert_int_equal(history.n, row[i].left);
		assert_int_equal(history.rows[history.n - 1].height, row[i].last);
		if (!difficulty_check(&history, &why))
			fail_msg("%s", why.text);
		difficulty_history_release(&history);
		buf_release(&body);
	}
}

/* 2025-03-08 to -12; a day of 0 is one without a block, a day between two alike is none of its own. */
static void a_day_of_another_value_between_two_alike_is_no_change_of_difficulty(void **state)
{
#define DAY(x, y) "{\"x\":" #x ",\"y\":" #y "}"
	struct difficulty_history history = read_odd(difficulty_read_blockchain,
		"{\"values\":[" DAY(1741392000, 110568428300952.69) "," DAY(1741478400, 112149504190349.28) ","
		DAY(1741564800, 110568428300952.69) "," DAY(1741651200, 0) "," DAY(1741737600, 110568428300952.69) "]}", 1,
		"2025-03-09: 112149504190349.28 is not the difficulty of the days before and after it");

	(void)state;
	assert_int_equal(history.n, 1);
	assert_int_equal(history.rows[0].nbits, 0x17028bb1);
	assert_int_equal(history.rows[0].until, instant("2025-03-13T00:00:00Z"));
	difficulty_history_release(&history);

	/* What leads nowhere within a factor of four is no difficulty of that network. */
	history = read_odd(difficulty_read_blockchain,
		"{\"values\":[" DAY(1741392000, 110568428300952.69) "," DAY(1741478400, 16307.420938523983) ","
		DAY(1741564800, 110568428300952.69) "]}", 1, "2025-03-09: 16307.42093852398");
	assert_int_equal(history.n, 1);
	difficulty_history_release(&history);
#undef DAY
}

/* Two changes told by means, of 2025-03-09 and -23: how long the difficulty between them lasted is known to half a day. */
static void a_chart_that_drops_or_repeats_a_day_is_not_right_on_both_sides(void **state)
{
	static const struct { const char *first_mean; int later; bool is_odd; } row[] = {
		{ "111085509723899.64", -1, true }, { "111085509723899.64", 0, false }, { "111085509723899.64", 1, true },
		{ "110568428300952.69", 1, false },	/* no mean: the first change is of midnight, and good to days */
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
		struct oddities odd = ODDITIES_INIT;
		struct buf body = BUF_INIT;
		long long day = 1741392000, second = 1742688000 + row[i].later * 86400;
		struct reason why;

		buf_addf(&body, "{\"values\":[{\"x\":%lld,\"y\":110568428300952.69},{\"x\":%lld,\"y\":%s}", day, day + 86400,
			 row[i].first_mean);
		for (day += 2 * 86400; day < second; day += 86400)
			buf_addf(&body, ",{\"x\":%lld,\"y\":112149504190349.28}", day);
		buf_addf(&body, ",{\"x\":%lld,\"y\":113029560773192.95},{\"x\":%lld,\"y\":113757508810854}]}", second, second + 86400);
		if (!difficulty_read_blockchain(body.data, body.len, LATEST, &history, &odd, &why))
			fail_msg("%s", why.text);
		assert_int_equal(history.n, 3);
		assert_int_equal(odd.odd, row[i].is_odd);
		assert_int_equal(history.rows[1].until, row[i].is_odd ? instant("2025-03-13T04:09:03Z") : history.rows[2].from);
		difficulty_history_release(&history);
		oddities_release(&odd);
		buf_release(&body);
	}
}

/* The last value of a chart misdated by two years, by half a year, or a chart that repeats its last value for ever. */
static void a_difficulty_that_stands_still_is_not_claimed_beyond_what_one_can_last(void **state)
{
	static const struct { const char *last; const char *want; } row[] = {
		{ "2027-03-12T00:00:00Z", "value 6: 2027-03-12T00:00:00Z is in the future, or the clock of this machine is behind" },
		{ "2025-09-12T00:00:00Z", "2025-09-12: the same difficulty as eight weeks before, which no difficulty lasts: left out" },
	};
	struct difficulty_history history;
	struct buf body = BUF_INIT;
	struct oddities odd = ODDITIES_INIT;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&body);
		buf_adds(&body, "{\"values\":[");
		for (int day = 0; day < 5; day++)
			buf_addf(&body, "{\"x\":%lld,\"y\":110568428300952.69},", (long long)instant("2025-03-04T00:00:00Z") + day * 86400LL);
		buf_addf(&body, "{\"x\":%lld,\"y\":110568428300952.69}]}", (long long)instant(row[i].last));
		history = read_odd(difficulty_read_blockchain, body.data, 1, row[i].want);
		assert_int_equal(history.n, 1);
		assert_int_equal(history.rows[0].until, instant("2025-03-09T00:00:00Z"));
		difficulty_history_release(&history);
	}
	buf_clear(&body);
	buf_adds(&body, "{\"values\":[");
	for (int day = 0; day < 100; day++)
		buf_addf(&body, "%s{\"x\":%lld,\"y\":110568428300952.69}", day ? "," : "", (long long)instant("2025-03-04T00:00:00Z") + day * 86400LL);
	buf_adds(&body, "]}");
	history = read_odd(difficulty_read_blockchain, body.data, 44, "2025-04-29: the same difficulty");
	assert_int_equal(history.rows[0].until, instant("2025-04-29T00:00:00Z"));
	difficulty_history_release(&history);
	/* At the least difficulty many epochs are one. */
	buf_clear(&body);
	buf_adds(&body, "{\"values\":[{\"x\":1231545600,\"y\":1},{\"x\":1249545600,\"y\":1}]}");
	history = (struct difficulty_history)DIFFICULTY_HISTORY_INIT;
	assert_true(difficulty_read_blockchain(body.data, body.len, LATEST, &history, &odd, &why));
	assert_int_equal(odd.odd, 0);
	difficulty_history_release(&history);
	buf_release(&body);
}

/* One day alone between two difficulties is none: the retarget lies in it, and nobody knows when. */
static void no_difficulty_lasts_for_one_day(void **state)
{
#define DAY(x, y) "{\"x\":" #x ",\"y\":" #y "}"
	struct difficulty_history history = read_odd(difficulty_read_blockchain,
		"{\"values\":[" DAY(1742515200, 112149504190349.28) "," DAY(1742601600, 112149504190349.28) ","
		DAY(1742688000, 170636263216280.99) "," DAY(1742774400, 113757508810853.99) "," DAY(1742860800, 113757508810853.99) ","
		DAY(1742947200, 121507793131898.06) "," DAY(1743033600, 121507793131898.06) "]}", 1, "the difficulty changed between 2025-03-22 and 2025-03-24, and the days between do not say when");

	(void)state;
	assert_int_equal(history.n, 3);
	assert_int_equal(history.rows[0].until, instant("2025-03-23T00:00:00Z"));
	assert_int_equal(history.rows[1].from, instant("2025-03-24T00:00:00Z"));
	difficulty_history_release(&history);
#undef DAY
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_epoch_of_the_table_is_exact_from_its_nbits_and_found_by_its_difficulty),
		cmocka_unit_test(known_targets_have_their_known_difficulty),
		cmocka_unit_test(targets_at_the_edges_of_three_bytes_are_found),
		cmocka_unit_test(what_no_target_gives_is_not_a_possible_difficulty),
		cmocka_unit_test(nbits_have_one_form),
		cmocka_unit_test(the_subsidy_halves_every_210000_blocks_until_nothing_is_left),
		cmocka_unit_test(the_table_of_all_epochs_keeps_the_rules),
		cmocka_unit_test(a_history_that_breaks_a_rule_is_refused_for_that_rule),
		cmocka_unit_test(the_factor_of_four_holds_to_the_last_bit),
		cmocka_unit_test(mempool_lists_retargets_newest_first_and_rounded),
		cmocka_unit_test(another_answer_than_retargets_is_refused),
		cmocka_unit_test(the_newest_block_says_how_far_the_source_sees),
		cmocka_unit_test(a_chart_of_days_becomes_the_days_on_which_it_changed),
		cmocka_unit_test(a_file_may_say_days_or_instants_with_tabs_or_commas),
		cmocka_unit_test(a_bad_line_of_a_file_is_named),
		cmocka_unit_test(a_file_that_says_how_far_each_line_is_known_is_read_so),
		cmocka_unit_test(a_retarget_that_goes_with_neither_neighbour_is_left_out_and_nothing_is_made_up_for_it),
		cmocka_unit_test(the_very_next_retarget_is_taken_with_a_word_where_its_ratio_is_another),
		cmocka_unit_test(a_retarget_at_a_time_that_cannot_be_is_left_out),
		cmocka_unit_test(a_difficulty_that_stands_still_is_not_claimed_beyond_what_one_can_last),
		cmocka_unit_test(a_chart_that_drops_or_repeats_a_day_is_not_right_on_both_sides),
		cmocka_unit_test(no_difficulty_lasts_for_one_day),
		cmocka_unit_test(a_block_comes_no_sooner_after_a_retarget_than_blocks_are_made),
		cmocka_unit_test(an_odd_block_is_passed_over_and_named),
		cmocka_unit_test(a_day_of_another_value_between_two_alike_is_no_change_of_difficulty),
		cmocka_unit_test(the_same_history_from_another_source_changes_nothing),
		cmocka_unit_test(an_exact_time_replaces_an_estimated_one_and_never_the_other_way),
		cmocka_unit_test(a_corrected_difficulty_changes_the_row),
		cmocka_unit_test(a_new_epoch_is_added_and_the_newest_reaches_as_far_as_was_seen),
		cmocka_unit_test(a_gap_between_what_is_known_and_what_came_is_refused),
		cmocka_unit_test(whole_days_continue_a_history_until_heights_replace_them),
		cmocka_unit_test(whole_days_that_contradict_a_height_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
