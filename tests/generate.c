/*
 * generate - curtailment of any length that is shaped like the real days
 *
 * For the benchmark: real unit ids, runs of neighbouring half hours, about 4,150 records in 2,190
 * (period, farm) pairs a day, volumes that are megawatts times minutes with all their decimals,
 * rows in between that are no curtailment, days of 46 and 50 periods, and, at will, revisions.
 * Every half hour is drawn from the seed, its date and its number alone: a longer range holds
 * the shorter one.  The same rows come out as the tables hold them or as the source sends them.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/reason.h"
#include "exact/calendar.h"
#include "format/tsv.h"

static const char help[] =
	"usage: generate [-s SEED] [-r REVISION] records FROM TO UNITS\n"
	"       generate [-s SEED] [-r REVISION] periods FROM TO UNITS\n"
	"       generate [-s SEED] [-r REVISION] archive FROM TO UNITS DIR\n"
	"\n"
	"records  what curtailment_records holds, in key order, as COPY text with a header\n"
	"periods  what ingested_periods holds, likewise\n"
	"archive  the settlement stacks as the source sends them, one file a period in DIR\n"
	"\n"
	"UNITS is sql/reference/wind-units.tsv.  With -r 1, 2 … one period in forty has other\n"
	"volumes than with -r 0.\n";

enum { MAX_UNITS = 1000, MAX_ROWS = 4000, HALF_HOURS_A_KNOT = 6 };

struct unit {
	char id[64], party[128];
	int megawatts;
	double readiness;		/* how early it is asked to turn down; 2 and more: never */
	int price;			/* pence a MWh, of its first pair */
};

struct row {
	const struct unit *unit;	/* NULL: not a wind unit */
	char other[32];			/* its id, if it is none */
	int acceptance, pair, sequence;
	bool so, cadl;
	int price;			/* pence a MWh */
	__int128 volume;		/* 1e-18 MWh */
};

/* One settlement period as the source has it. */
struct half_hour {
	day_t day;
	int period;
	instant_t start, created;
	struct row rows[MAX_ROWS];
	int n_rows;
};

static struct unit units[MAX_UNITS];
static int n_units;
static uint64_t seed = 1, revision;

/* Chance -------------------------------------------------------------------------------------- */

/* splitmix64: each step of the state gives 64 fresh bits. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* The beginning of a stream of its own for these two numbers. */
static uint64_t stream(uint64_t a, uint64_t b)
{
	uint64_t state = seed * 0xd1342543de82ef95 + a;

	state = draw(&state) ^ b;
	return draw(&state);
}

static double chance(uint64_t *state)
{
	return (double)(draw(state) >> 11) / 9007199254740992.0;
}

static int between(uint64_t *state, int from, int to)
{
	return from + (int)(draw(state) % (uint64_t)(to - from + 1));
}

/* A smooth random curve through one point every so many half hours. */
static double curve(uint64_t which, int64_t at, int knot)
{
	uint64_t left = stream(which, (uint64_t)(at / knot)), right = stream(which, (uint64_t)(at / knot + 1));
	double along = (double)(at % knot) / knot;

	along = along * along * (3 - 2 * along);
	return chance(&left) * (1 - along) + chance(&right) * along;
}

/* The units ----------------------------------------------------------------------------------- */

static void read_units(const char *path)
{
	static const char *const columns[] = { "farm_id", "lead_party_name", "capacity_mw", NULL };
	struct tsv_reader in;
	struct reason why;
	FILE *file = fopen(path, "r");
	int got = file && tsv_open(&in, file, path, columns, 3, &why);

	while (got && (got = tsv_read(&in, &why)) > 0 && n_units < MAX_UNITS) {
		struct unit *u = &units[n_units++];
		uint64_t own = stream(1, (uint64_t)n_units);

		snprintf(u->id, sizeof u->id, "%s", in.value[0]);
		snprintf(u->party, sizeof u->party, "%s", in.value[1] ? in.value[1] : "");
		u->megawatts = in.value[2] ? atoi(in.value[2]) : 50;
		if (u->megawatts < 5)
			u->megawatts = 5;
		u->readiness = chance(&own) < 0.3 ? 2 : 0.25 + 0.95 * chance(&own);
		u->price = -100 * between(&own, 15, 90) - between(&own, 0, 99) * between(&own, 0, 1);
	}
	if (!file || got < 0 || n_units == 0) {
		fprintf(stderr, "generate: %s: %s\n", path, file ? why.text : strerror(errno));
		exit(66);
	}
	tsv_close(&in);
	fclose(file);
}

/* One half hour ------------------------------------------------------------------------------- */

/* Megawatts for some minutes: to twelve decimals as a rule, sometimes with the dust of a computer. */
static __int128 draw_volume(uint64_t *state, int megawatts)
{
	const int64_t tera = 1000000000000;
	int64_t minutes = between(state, 1, 30) * (int64_t)between(state, 1, megawatts);
	__int128 volume = (minutes * tera * 2 + 60) / 120;

	volume *= 1000000;
	if (draw(state) % 30 == 0)
		volume += between(state, 1, 999);
	return -volume;
}

static struct row *add_row(struct half_hour *h, uint64_t *state)
{
	struct row *r = &h->rows[h->n_rows < MAX_ROWS - 1 ? h->n_rows++ : h->n_rows];

	*r = (struct row){ .so = true, .cadl = draw(state) % 20 == 0 };
	return r;
}

static void add_curtailment(struct half_hour *h, const struct unit *u, uint64_t *state)
{
	static const int chances[] = { 19, 89, 99, 100 };	/* of 1, 2, 3, 4 rows; 1.93 on average */
	int dice = between(state, 1, 100), n = 1;
	int acceptance = (int)(h->day - 17000) * 8 + (h->period / 6) * 2 + (int)(stream(2, (uint64_t)(u - units)) % 900);

	while (dice > chances[n - 1])
		n++;
	for (int i = 0; i < n; i++) {
		struct row *r = add_row(h, state);

		r->unit = u;
		r->acceptance = acceptance + i / 2;
		r->pair = -1 - i % 2;
		r->price = u->price + 1000 * (i % 2);
		r->volume = draw_volume(state, u->megawatts / (i + 1) + 1);
	}
}

/* What stands in a stack beside curtailment: other fuels, energy reasons, adjustments. */
static void add_others(struct half_hour *h, uint64_t *state)
{
	for (int n = between(state, 5, 30); n > 0; n--) {
		struct row *r = add_row(h, state);

		if (draw(state) % 3 == 0)
			r->unit = &units[draw(state) % (uint64_t)n_units];
		else
			snprintf(r->other, sizeof r->other, "T_GAS%d-1", between(state, 1, 40));
		r->so = !r->unit && draw(state) % 2;
		r->acceptance = 500000 + h->n_rows;
		r->pair = -1;
		r->price = between(state, 2000, 12000);
		r->volume = draw_volume(state, 200);
	}
}

/* A stack is in the order of its prices, dearest bid last. */
static int by_price(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	return left->price != right->price ? right->price - left->price : left->acceptance - right->acceptance;
}

static bool is_curtailment(const struct row *r)
{
	return r->unit && r->so;
}

/* The order of the tables' key; what is no curtailment at the end. */
static int by_key(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	int order = is_curtailment(right) - is_curtailment(left);

	if (!order && is_curtailment(left))
		order = strcmp(left->unit->id, right->unit->id);
	if (!order)
		order = left->acceptance - right->acceptance;
	if (!order)
		order = left->pair - right->pair;
	return order ? order : left->sequence - right->sequence;
}

static void draw_half_hour(struct half_hour *h, day_t day, int period)
{
	uint64_t state;
	int64_t at;
	double wind;
	bool revised;

	h->day = day;
	h->period = period;
	h->n_rows = 0;
	h->start = period_start(day, period);
	at = h->start / PERIOD_SECONDS;
	state = stream(3, (uint64_t)at);
	revised = draw(&state) % 40 == 0 && revision > 0;
	if (revised)
		state += revision;
	h->created = h->start + PERIOD_SECONDS + 86400 + between(&state, 60, 1500) + (revised ? (int)revision * 86400 : 0);

	/* Weeks, days and hours of wind: still weather asks for nothing at all. */
	wind = 0.5 * curve(4, at, 48 * 4) + 0.35 * curve(5, at, 48) + 0.15 * curve(6, at, HALF_HOURS_A_KNOT);
	wind = 1.9 * (wind - 0.22);
	for (int i = 0; i < n_units; i++)
		if (units[i].readiness < 2 &&
		    units[i].readiness * curve(1000 + (uint64_t)i, at, 2 * HALF_HOURS_A_KNOT) < wind * 0.32)
			add_curtailment(h, &units[i], &state);
	/* The stack is of the whole market: where no wind is turned down there are others all the same. */
	add_others(h, &state);
	qsort(h->rows, (size_t)h->n_rows, sizeof *h->rows, by_price);
	for (int i = 0; i < h->n_rows; i++)
		h->rows[i].sequence = i + 1;
}

/* As the tables hold it ----------------------------------------------------------------------- */

/* A decimal without superfluous zeros. */
static const char *decimal(__int128 value, int scale, char text[64])
{
	unsigned __int128 magnitude = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
	char digits[48];
	int n = 0, at = 0;

	while (scale > 0 && magnitude % 10 == 0) {
		magnitude /= 10;
		scale--;
	}
	for (; n <= scale || magnitude > 0; magnitude /= 10)
		digits[n++] = (char)('0' + (int)(magnitude % 10));
	if (value < 0)
		text[at++] = '-';
	while (n > 0) {
		if (n == scale)
			text[at++] = '.';
		text[at++] = digits[--n];
	}
	text[at] = '\0';
	return text;
}

static void print_records(struct half_hour *h)
{
	char date[DAY_TEXT], created[INSTANT_TEXT], volume[64], price[64], payment[64];

	day_format(h->day, date);
	instant_format(h->created, created);
	qsort(h->rows, (size_t)h->n_rows, sizeof *h->rows, by_key);
	for (int i = 0; i < h->n_rows && is_curtailment(&h->rows[i]); i++) {
		const struct row *r = &h->rows[i];

		decimal(r->price, 2, price);
		printf("%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\tt\t%c\t%d\t%d\tbid\t%d\t%s\t\\N\n", date, h->period, r->unit->id,
		       r->unit->party, decimal(r->volume, 18, volume), price, price,
		       decimal(r->volume * r->price, 20, payment), r->cadl ? 't' : 'f', r->acceptance, r->pair, r->sequence,
		       created);
	}
}

static void print_period(struct half_hour *h)
{
	char date[DAY_TEXT], created[INSTANT_TEXT], volume[64], fetched[INSTANT_TEXT];
	__int128 sum = 0;
	int kept = 0;

	for (int i = 0; i < h->n_rows; i++)
		if (is_curtailment(&h->rows[i])) {
			sum += h->rows[i].volume;
			kept++;
		}
	printf("%s\t%d\tfinal\tbid so\t%d\t%d\t%s\t%s\t%s\n", day_format(h->day, date), h->period, h->n_rows, kept,
	       decimal(sum, 18, volume), h->n_rows ? instant_format(h->created, created) : "\\N",
	       instant_format(day_final_from(h->day) + 86400, fetched));
}

/* As the source sends it ---------------------------------------------------------------------- */

static FILE *create_file(const char *dir, const struct half_hour *h)
{
	static const char *const folder[] = { "", "/balancing", "/settlement", "/stack", "/all", "/bid" };
	char date[DAY_TEXT];
	struct buf path = BUF_INIT;
	FILE *file;

	day_format(h->day, date);
	buf_adds(&path, dir);
	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
		buf_adds(&path, folder[i]);
		mkdir(path.data, 0777);		/* it is there but for the first time; fopen will tell */
	}
	buf_addf(&path, "/%s", date);
	mkdir(path.data, 0777);
	buf_addf(&path, "/%d", h->period);
	if (!(file = fopen(path.data, "w"))) {
		fprintf(stderr, "generate: %s: %s\n", path.data, strerror(errno));
		exit(73);
	}
	buf_release(&path);
	return file;
}

static void write_body(const struct half_hour *h, const char *dir)
{
	char date[DAY_TEXT], start[INSTANT_TEXT], created[INSTANT_TEXT], volume[64], price[64];
	FILE *f = create_file(dir, h);

	day_format(h->day, date);
	instant_format(h->start, start);
	instant_format(h->created, created);
	fputs("{\"metadata\":{\"datasets\":[\"ISPSTACK\"]},\"data\":[", f);
	for (int i = 0; i < h->n_rows; i++) {
		const struct row *r = &h->rows[i];

		decimal(r->volume, 18, volume);
		decimal(r->price, 2, price);
		fprintf(f, "%s{\"settlementDate\":\"%s\",\"settlementPeriod\":%d,\"startTime\":\"%s\",\"createdDateTime\":\"%s\","
			   "\"sequenceNumber\":%d,\"id\":\"%s\",\"acceptanceId\":%d,\"bidOfferPairId\":%d,\"cadlFlag\":%s,"
			   "\"soFlag\":%s,\"storProviderFlag\":false,\"repricedIndicator\":false,\"reserveScarcityPrice\":0.0,"
			   "\"originalPrice\":%s,\"volume\":%s,\"dmatAdjustedVolume\":%s,\"arbitrageAdjustedVolume\":%s,"
			   "\"nivAdjustedVolume\":0.0,\"parAdjustedVolume\":null,\"finalPrice\":%s,"
			   "\"transmissionLossMultiplier\":null,\"tlmAdjustedVolume\":null,\"tlmAdjustedCost\":null}",
			i ? "," : "", date, h->period, start, created, r->sequence, r->unit ? r->unit->id : r->other,
			r->acceptance, r->pair, r->cadl ? "true" : "false", r->so ? "true" : "false", price, volume, volume,
			volume, price);
	}
	fputs("]}", f);
	if (ferror(f) | fclose(f)) {
		fprintf(stderr, "generate: cannot write in %s\n", dir);
		exit(74);
	}
}

int main(int argc, char **argv)
{
	static struct half_hour h;
	const char *what;
	day_t from, to;
	int c;

	while ((c = getopt(argc, argv, "s:r:")) != -1) {
		if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'r')
			revision = strtoull(optarg, NULL, 10);
		else
			argc = 0;
	}
	what = optind < argc ? argv[optind] : "";
	if (argc - optind != 4 + (strcmp(what, "archive") == 0) || !day_parse(argv[optind + 1], &from) ||
	    !day_parse(argv[optind + 2], &to)) {
		fputs(help, stderr);
		return 64;
	}
	read_units(argv[optind + 3]);
	if (strcmp(what, "records") == 0)
		puts("settlement_date\tsettlement_period\tfarm_id\tlead_party_name\tvolume\toriginal_price\tfinal_price\tpayment\t"
		     "so_flag\tcadl_flag\tacceptance_id\tpair_id\tstack\tsequence_number\tsource_created_at\t"
		     "transmission_loss_multiplier");
	else if (strcmp(what, "periods") == 0)
		puts("settlement_date\tsettlement_period\tstatus\tselection\trows_seen\trows_kept\tvolume\tsource_created_at\t"
		     "fetched_at");
	for (day_t day = from; day <= to; day++)
		for (int period = 1; period <= settlement_periods(day); period++) {
			draw_half_hour(&h, day, period);
			if (strcmp(what, "records") == 0)
				print_records(&h);
			else if (strcmp(what, "periods") == 0)
				print_period(&h);
			else
				write_body(&h, argv[optind + 4]);
		}
	return fflush(stdout) || ferror(stdout) ? 74 : 0;
}
