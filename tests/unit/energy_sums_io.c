#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "calculation/energy_sums_io.h"

/* A list of sums, in the order in which they came. */
struct listed {
	struct { day_t day; struct pair pair; } row[2000];
	size_t n;
};

static void add(struct pair_sums *sums, day_t day, int period, const char *farm, const char *volume)
{
	struct reason why = { .text = "" };
	energy_t energy;

	if (!energy_parse(volume, &energy, &why) || !pairs_add(sums, day, period, farm, energy, &why))
		fail_msg("%s", why.text);
}

static void list(struct pair_sums *sums, struct listed *l)
{
	struct reason why = { .text = "" };
	int got;

	if (!pairs_finish(sums, &why))
		fail_msg("%s", why.text);
	for (l->n = 0; (got = pairs_next(sums, &l->row[l->n].day, &l->row[l->n].pair, &why)) > 0; l->n++)
		assert_true(l->n + 1 < sizeof l->row / sizeof *l->row);
	if (got < 0)
		fail_msg("%s", why.text);
}

static void rows_of_one_pair_are_summed_wherever_they_stand(void **state)
{
	struct pair_sums *sums = pairs_new(0);
	struct listed l;

	(void)state;
	add(sums, 20000, 2, "T_B-1", "-1.5");
	add(sums, 20000, 2, "T_A-1", "-0.1");
	add(sums, 19999, 48, "T_Z-1", "-3");
	add(sums, 20000, 2, "T_B-1", "-0.25");
	add(sums, 20000, 10, "T_B-1", "-7");
	add(sums, 20000, 2, "T_B-1", "-0.0000000004");
	add(sums, 20000, 2, "T_B-1", "-0.0000000001");
	list(sums, &l);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.row[0].day, 19999);
	assert_string_equal(l.row[0].pair.farm, "T_Z-1");
	assert_string_equal(l.row[1].pair.farm, "T_A-1");
	assert_int_equal(l.row[1].pair.nmwh, 100000000);
	assert_string_equal(l.row[2].pair.farm, "T_B-1");
	assert_int_equal(l.row[2].pair.nmwh, 1750000001);	/* 1.7500000005, rounded once */
	assert_int_equal(l.row[3].pair.period, 10);
	pairs_free(sums);
}

static void an_empty_input_has_no_sums(void **state)
{
	struct pair_sums *sums = pairs_new(4);
	struct listed l;

	(void)state;
	list(sums, &l);
	assert_int_equal(l.n, 0);
	pairs_free(sums);
}

/* The same rows once with room for all and once with room for a few. */
static void what_was_put_aside_comes_back_the_same(void **state)
{
	static const struct { size_t room; int rows; } row[] = { { 2, 120 }, { 3, 200 }, { 50, 1500 }, { 333, 5000 } };
	unsigned seed = 12345;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair_sums *all = pairs_new(0), *few = pairs_new(row[i].room);
		static struct listed a, b;

		for (int n = 0; n < row[i].rows; n++) {
			char farm[16], volume[32];
			day_t day;
			int period;

			seed = seed * 1103515245 + 12345;
			day = 19000 + (day_t)(seed >> 16) % 3;
			period = 1 + (int)(seed >> 20) % 20;
			snprintf(farm, sizeof farm, "T_%c-%d", 'A' + (int)(seed >> 24) % 5, (int)(seed >> 27) % 4);
			snprintf(volume, sizeof volume, "-%d.%09u", (int)(seed >> 18) % 300, seed % 1000000000);
			add(all, day, period, farm, volume);
			add(few, day, period, farm, volume);
		}
		list(all, &a);
		list(few, &b);
		assert_true(a.n > row[i].room);
		assert_int_equal(a.n, b.n);
		for (size_t r = 0; r < a.n; r++) {
			assert_int_equal(a.row[r].day, b.row[r].day);
			assert_int_equal(a.row[r].pair.period, b.row[r].pair.period);
			assert_string_equal(a.row[r].pair.farm, b.row[r].pair.farm);
			assert_int_equal(a.row[r].pair.nmwh, b.row[r].pair.nmwh);
		}
		pairs_free(all);
		pairs_free(few);
	}
}

static void farms_are_in_the_order_of_their_bytes(void **state)
{
	static const char *const farm[] = { "2__A", "E_A", "T_A-1", "T_A-10", "T_A-2", "T_a-1", "\xc3\x89" };
	struct pair_sums *sums = pairs_new(0);
	struct listed l;

	(void)state;
	for (int i = 6; i >= 0; i--)
		add(sums, 20000, 1, farm[i], "-1");
	list(sums, &l);
	assert_int_equal(l.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(l.row[i].pair.farm, farm[i]);
	pairs_free(sums);
}

static void a_farm_id_that_cannot_be_is_refused(void **state)
{
	struct pair_sums *sums = pairs_new(0);
	struct reason why = { .text = "" };
	char farm[FARM_TEXT + 1];

	(void)state;
	assert_false(pairs_add(sums, 20000, 1, "", -1, &why));
	assert_string_equal(why.text, "a farm id has 1 to 127 bytes");
	memset(farm, 'x', sizeof farm);
	farm[FARM_TEXT - 1] = '\0';
	assert_true(pairs_add(sums, 20000, 1, farm, -1, &why));
	farm[FARM_TEXT - 1] = 'x';
	farm[FARM_TEXT] = '\0';
	assert_false(pairs_add(sums, 20000, 1, farm, -1, &why));
	pairs_free(sums);
}

static void a_sum_that_does_not_fit_is_refused(void **state)
{
	struct pair_sums *sums = pairs_new(0);
	struct reason why = { .text = "" };
	energy_t most;
	int n = 0;

	(void)state;
	assert_true(energy_parse("-999999.999", &most, &why));
	while (pairs_add(sums, 20000, 1, "T_A-1", most, &why))
		assert_true(++n < 1000);
	assert_true(n >= 170);		/* 170 million MWh fit */
	assert_string_equal(why.text, "the energy of period 1, T_A-1 does not fit");
	pairs_free(sums);
}

/* More farms than there are lists of them: each keeps its own sum, whatever it shares. */
static void many_farms_are_kept_apart(void **state)
{
	enum { FARMS = 9000 };
	struct pair_sums *sums = pairs_new(0);
	struct reason why = { .text = "" };
	struct pair pair;
	char farm[32], last[FARM_TEXT] = "";
	day_t day;
	int n = 0;

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < FARMS; i++) {
			snprintf(farm, sizeof farm, "T_F%05d-1", i * 7919 % FARMS);
			add(sums, 20000, 1, farm, turn ? "-2" : "1.5");		/* the magnitude counts */
		}
	assert_true(pairs_finish(sums, &why));
	for (; pairs_next(sums, &day, &pair, &why) == 1; n++) {
		assert_true(strcmp(last, pair.farm) < 0);
		assert_int_equal(pair.nmwh, INT64_C(3500000000));
		snprintf(last, sizeof last, "%s", pair.farm);
	}
	assert_int_equal(n, FARMS);
	pairs_free(sums);
}

/* What is put aside is gone from the folder at once, so that no killed run leaves it there. */
static void nothing_stays_in_the_folder(void **state)
{
	char folder[] = "/tmp/energy-sums.XXXXXX";
	const char *before = getenv("TMPDIR");
	char *kept = before ? strdup(before) : NULL;
	struct pair_sums *sums;
	struct listed l;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	sums = pairs_new(2);
	for (int i = 0; i < 50; i++)
		add(sums, 20000 + i, 1, "T_A-1", "-1");
	assert_int_equal(rmdir(folder), 0);
	list(sums, &l);
	assert_int_equal(l.n, 50);
	pairs_free(sums);
	/* A folder that is none is said to be the trouble, not the data. */
	sums = pairs_new(2);
	for (int i = 0, ok = 1; ok; i++) {
		struct reason why = { .text = "" };

		assert_true(i < 10);
		ok = pairs_add(sums, 20000 + i, 1, "T_A-1", -5, &why);
		if (!ok)
			assert_non_null(strstr(why.text, "cannot make a temporary file"));
	}
	assert_true(pairs_disk_failed(sums));
	pairs_free(sums);
	if (kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
}

/* What does not fit is refused wherever it is noticed: when it comes, when memory is full, and at the end. */
static void energy_that_does_not_fit_is_refused_by_name(void **state)
{
	static const char most[] = "-999999.999999999999999999999999999";
	struct reason why = { .text = "" };
	energy_t energy;

	(void)state;
	assert_true(energy_parse(most, &energy, &why));
	for (int room = 0; room < 2; room++) {
		struct pair_sums *sums = pairs_new(room ? 4 : 0);
		energy_t great = 0;
		bool ok = energy_add_magnitude(&great, energy);

		/* Sums of sums: as great as one can be. */
		for (int i = 0; i < 60 && energy_add_magnitude(&great, great); i++)
			;
		for (int i = 0; ok && i < 8; i++)
			ok = pairs_add(sums, 20000, 1 + i % 2, "T_A-1", great, &why);
		if (ok)
			ok = pairs_finish(sums, &why);
		for (int got = 1; ok && got; ) {
			struct pair pair;
			day_t day;

			got = pairs_next(sums, &day, &pair, &why);
			ok = got >= 0;
		}
		assert_false(ok);
		assert_non_null(strstr(why.text, "the energy of period 1, T_A-1 does not fit"));
		assert_false(pairs_disk_failed(sums));
		pairs_free(sums);
	}
}

/* As much as one sum can hold but for less than a half: two of them do not fit. */
static energy_t too_much_for_two(void)
{
	struct reason why = { .text = "" };
	energy_t great;

	assert_true(energy_parse("-999999", &great, &why));
	great = -great;
	while (energy_add_magnitude(&great, great))
		;
	return great;
}

/* One half is in memory and the other was put aside, or both were: no total that wrapped comes out. */
static void what_was_put_aside_is_added_as_carefully(void **state)
{
	const energy_t great = too_much_for_two();

	(void)state;
	for (int asides = 1; asides <= 2; asides++) {
		struct pair_sums *sums = pairs_new(4);
		struct reason why = { .text = "" };
		struct pair pair;
		day_t day;

		for (int i = 0; i < 4 * asides; i++)
			assert_true(pairs_add(sums, 20000, 1 + i % 4, "T_A-1", i % 4 == 1 ? great : 1, &why));
		if (asides == 1)
			assert_true(pairs_add(sums, 20000, 2, "T_A-1", great, &why));
		else
			assert_true(pairs_add(sums, 20001, 1, "T_A-1", 1, &why));
		assert_true(pairs_finish(sums, &why));
		assert_int_equal(pairs_next(sums, &day, &pair, &why), 1);
		assert_int_equal(pair.period, 1);
		assert_int_equal(pairs_next(sums, &day, &pair, &why), -1);
		assert_string_equal(why.text, "the energy of period 2, T_A-1 does not fit");
		assert_false(pairs_disk_failed(sums));
		pairs_free(sums);
	}
}

/* A file may grow no further, which a write finds as it finds a full disk: so many rows come in, and no more.  Those of a few wait in
 * the stream's buffer until it is flushed; those of many do not fit there. */
static void a_disk_that_fills_up_is_said(void **state)
{
	static const int in_memory[] = { 64, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof in_memory / sizeof *in_memory; i++) {
		struct pair_sums *sums = pairs_new((size_t)in_memory[i]);
		struct reason why = { .text = "" };
		struct rlimit before, small;
		int n = 0;

		assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
		small = (struct rlimit){ 1000, before.rlim_max };
		signal(SIGXFSZ, SIG_IGN);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		while (n < 2000 && pairs_add(sums, 20000 + n, 1, "T_A-1", 1, &why))
			n++;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		signal(SIGXFSZ, SIG_DFL);
		assert_int_equal(n, in_memory[i]);
		assert_non_null(strstr(why.text, "cannot write a temporary file: "));
		assert_true(pairs_disk_failed(sums));
		pairs_free(sums);
	}
}

/* The files that were put aside, which have no name any more, can be read no longer. */
static void spoil_files(const char *folder)
{
	int nothing = open("/dev/null", O_WRONLY), spoilt = 0;

	for (int fd = 3; fd < 100; fd++) {
		char link[64], path[256];
		ssize_t len;

		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		len = readlink(link, path, sizeof path - 1);
		if (len < 0)
			continue;
		path[len] = '\0';
		if (strncmp(path, folder, strlen(folder)) != 0)
			continue;
		assert_true(dup2(nothing, fd) == fd);
		spoilt++;
	}
	assert_true(spoilt > 0);
	close(nothing);
}

/* At once, and after what had been read of it: the sums end with the reason, never as if they were all. */
static void a_file_that_cannot_be_read_again_is_said(void **state)
{
	char folder[] = "/tmp/energy-sums.XXXXXX";
	const char *before = getenv("TMPDIR");
	char *kept = before ? strdup(before) : NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	for (int later = 0; later < 2; later++) {
		struct pair_sums *sums = pairs_new(1000);
		struct reason why = { .text = "" };
		struct pair pair;
		day_t day;
		int n = 0, got;

		for (int i = 0; i < 1001; i++)
			assert_true(pairs_add(sums, 20000 + i, 1, "T_A-1", 1, &why));
		if (!later)
			spoil_files(folder);
		assert_int_equal(pairs_finish(sums, &why), later);
		if (later)
			spoil_files(folder);
		while (later && (got = pairs_next(sums, &day, &pair, &why)) > 0)
			n++;
		assert_true(!later || (got < 0 && n > 0 && n < 1000));
		assert_non_null(strstr(why.text, "cannot read a temporary file: "));
		assert_true(pairs_disk_failed(sums));
		pairs_free(sums);
	}
	assert_int_equal(rmdir(folder), 0);
	if (kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_one_pair_are_summed_wherever_they_stand),
		cmocka_unit_test(an_empty_input_has_no_sums),
		cmocka_unit_test(what_was_put_aside_comes_back_the_same),
		cmocka_unit_test(farms_are_in_the_order_of_their_bytes),
		cmocka_unit_test(a_farm_id_that_cannot_be_is_refused),
		cmocka_unit_test(a_sum_that_does_not_fit_is_refused),
		cmocka_unit_test(nothing_stays_in_the_folder),
		cmocka_unit_test(many_farms_are_kept_apart),
		cmocka_unit_test(energy_that_does_not_fit_is_refused_by_name),
		cmocka_unit_test(what_was_put_aside_is_added_as_carefully),
		cmocka_unit_test(a_disk_that_fills_up_is_said),
		cmocka_unit_test(a_file_that_cannot_be_read_again_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
