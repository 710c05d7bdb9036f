#include "calculation/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "exact/fixed.h"

/* Hashing -------------------------------------------------------------------------------------- */

/* Bob Jenkins' lookup3 as PostgreSQL has it: the seed is mixed in first, and the last bytes of an input leave the
 * lowest byte of the third word free. */
struct state {
	uint32_t a, b, c;
};

static uint32_t rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static void mix(struct state *s)
{
	s->a -= s->c, s->a ^= rotate(s->c, 4), s->c += s->b;
	s->b -= s->a, s->b ^= rotate(s->a, 6), s->a += s->c;
	s->c -= s->b, s->c ^= rotate(s->b, 8), s->b += s->a;
	s->a -= s->c, s->a ^= rotate(s->c, 16), s->c += s->b;
	s->b -= s->a, s->b ^= rotate(s->a, 19), s->a += s->c;
	s->c -= s->b, s->c ^= rotate(s->b, 4), s->b += s->a;
}

static uint64_t finish(struct state *s)
{
	s->c ^= s->b, s->c -= rotate(s->b, 14);
	s->a ^= s->c, s->a -= rotate(s->c, 11);
	s->b ^= s->a, s->b -= rotate(s->a, 25);
	s->c ^= s->b, s->c -= rotate(s->b, 16);
	s->a ^= s->c, s->a -= rotate(s->c, 4);
	s->b ^= s->a, s->b -= rotate(s->a, 14);
	s->c ^= s->b, s->c -= rotate(s->b, 24);
	return (uint64_t)s->b << 32 | s->c;
}

static struct state begin(size_t len, uint64_t seed)
{
	const uint32_t first = 0x9e3779b9u + (uint32_t)len + 3923095u;
	struct state s = { first, first, first };

	if (seed) {
		s.a += (uint32_t)(seed >> 32);
		s.b += (uint32_t)seed;
		mix(&s);
	}
	return s;
}

/* So many bytes, at most four, as a number whose lowest byte is the first of them. */
static uint32_t word(const unsigned char *bytes, size_t n)
{
	uint32_t w = 0;

	for (size_t i = 0; i < n && i < 4; i++)
		w |= (uint32_t)bytes[i] << (8 * i);
	return w;
}

static uint64_t hash_bytes(const unsigned char *bytes, size_t len, uint64_t seed)
{
	struct state s = begin(len, seed);

	for (; len >= 12; bytes += 12, len -= 12) {
		s.a += word(bytes, 4);
		s.b += word(bytes + 4, 4);
		s.c += word(bytes + 8, 4);
		mix(&s);
	}
	s.a += word(bytes, len);
	if (len > 4)
		s.b += word(bytes + 4, len - 4);
	if (len > 8)
		s.c += word(bytes + 8, len - 8) << 8;
	return finish(&s);
}

uint64_t digest_text(const char *text, uint64_t seed)
{
	return hash_bytes((const unsigned char *)text, strlen(text), seed);
}

uint64_t digest_int(int64_t value, uint64_t seed)
{
	const uint32_t low = (uint32_t)value, high = (uint32_t)((uint64_t)value >> 32);
	struct state s = begin(sizeof low, seed);

	s.a += low ^ (value >= 0 ? high : ~high);
	return finish(&s);
}

/* A number is stored as digits to the base 10,000, without zeros at either end; of the first the power is mixed in. */
uint64_t digest_number(unsigned __int128 value, int decimals, uint64_t seed)
{
	enum { BASE = 10000, MAX_DIGITS = 12 };
	unsigned char bytes[2 * MAX_DIGITS];
	int at = MAX_DIGITS, power, zeros = 0;
	uint64_t low;

	if (value == 0)
		return seed - 1;
	for (; decimals % 4; decimals++)
		value *= 10;
	power = -decimals / 4 - 1;
	for (; value > UINT64_MAX; value /= BASE) {
		const unsigned digit = (unsigned)(value % BASE);

		bytes[2 * --at] = (unsigned char)digit;
		bytes[2 * at + 1] = (unsigned char)(digit >> 8);
		power++;
	}
	for (low = (uint64_t)value; low; low /= BASE) {
		const unsigned digit = (unsigned)(low % BASE);

		bytes[2 * --at] = (unsigned char)digit;
		bytes[2 * at + 1] = (unsigned char)(digit >> 8);
		power++;
	}
	while (!bytes[2 * (MAX_DIGITS - zeros) - 1] && !bytes[2 * (MAX_DIGITS - zeros) - 2])
		zeros++;
	return hash_bytes(bytes + 2 * at, 2 * (size_t)(MAX_DIGITS - zeros - at), seed) ^ (uint64_t)(int64_t)power;
}

char *digest_format(__int128 sum, char text[DIGEST_TEXT])
{
	*text = '-';
	fixed_format((unsigned __int128)(sum < 0 ? -sum : sum), 0, text + (sum < 0));
	return text;
}

/* Days ----------------------------------------------------------------------------------------- */

/* The chains of a period's models as far as they are the same for each farm; false where its inputs are not known. */
static bool begin_period(const struct calculation_facts *facts, day_t day, int period, struct period_inputs *inputs,
			 uint64_t *chains)
{
	struct reason why;

	if (!calculation_inputs(facts, day, period, inputs, &why))
		return false;
	for (size_t m = 0; m < facts->n_models; m++) {
		const struct miner_model *model = &facts->models[m].model;
		uint64_t h = digest_int(period, digest_text(model->name, 0));

		h = digest_number((unsigned __int128)inputs->subsidy, 8, digest_number(inputs->difficulty, 8, h));
		h = digest_number((unsigned __int128)model->hashrate_ghs, 3, h);
		chains[m] = digest_number((unsigned __int128)model->power_mw, 3, h);
	}
	return true;
}

/* Add the calculation of one pair and model; false where its inputs give none. */
static bool add_calculation(struct digest *to, const struct pair *pair, const struct miner_model *model,
			    const struct period_inputs *inputs, uint64_t chain)
{
	const int64_t miners = btc_miners(pair->nmwh, model);
	struct reason why;
	int64_t satoshi;

	if (!btc_mined(miners, model, inputs->difficulty, inputs->subsidy, &satoshi, &why))
		return false;
	chain = digest_number((unsigned __int128)pair->nmwh, 9, digest_text(pair->farm, chain));
	chain = digest_number((unsigned __int128)satoshi, 8, digest_int(miners, chain));
	to->sum += (int64_t)chain;
	to->n++;
	return true;
}

static bool add_pairs(const struct calculation_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
		      struct digest *digests, uint64_t *chains)
{
	struct period_inputs inputs;

	for (size_t i = 0; i < n_pairs; i++) {
		if ((i == 0 || pairs[i].period != pairs[i - 1].period) && !begin_period(facts, day, pairs[i].period, &inputs, chains))
			return false;
		for (size_t m = 0; m < facts->n_models; m++)
			if (!add_calculation(&digests[m], &pairs[i], &facts->models[m].model, &inputs, chains[m]))
				return false;
	}
	return true;
}

static bool equals(const struct digest *d, long stored, const char *digest)
{
	char text[DIGEST_TEXT];

	return d->n == stored && (stored == 0 || strcmp(digest_format(d->sum, text), digest) == 0);
}

/* The sum of some models' digests: those in force, and of the retired ones those that a set of bits names. */
static struct digest sum_of(const struct calculation_facts *facts, day_t day, const struct digest *digests,
			    unsigned retired)
{
	struct digest sum = { 0 };

	for (size_t m = 0; m < facts->n_models; m++) {
		bool counts = model_in_force(&facts->models[m], day);

		if (!counts) {
			counts = retired & 1;
			retired >>= 1;
		}
		sum.n += counts ? digests[m].n : 0;
		sum.sum += counts ? digests[m].sum : 0;
	}
	return sum;
}

bool digest_matches(const struct calculation_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
		    long stored, const char *digest, struct day_count *count, struct digest *required)
{
	enum { MANY_RETIRED = 8 };		/* sets of more are not tried */
	struct digest *digests = xmalloc((facts->n_models + 1) * sizeof *digests), sum;
	uint64_t *chains = xmalloc((facts->n_models + 1) * sizeof *chains);
	unsigned sets = 1;
	bool same = false;

	memset(digests, 0, (facts->n_models + 1) * sizeof *digests);
	for (size_t m = 0; m < facts->n_models; m++)
		if (!model_in_force(&facts->models[m], day) && sets < 1u << MANY_RETIRED)
			sets *= 2;
	*required = (struct digest){ 0 };
	if (add_pairs(facts, day, pairs, n_pairs, digests, chains)) {
		*required = sum_of(facts, day, digests, 0);
		for (unsigned retired = 0; retired < sets && !same; retired++) {
			sum = sum_of(facts, day, digests, retired);
			same = equals(&sum, stored, digest);
		}
	}
	sum = sum_of(facts, day, digests, 0);
	*count = (struct day_count){ .expected = sum.n, .present = sum.n, .right = sum.n };
	free(chains);
	free(digests);
	return same;
}

/* Raised when the same inputs give other calculations. */
static const char arithmetic[] = "calculations 1";

uint64_t digest_inputs(const struct calculation_facts *facts, day_t day)
{
	uint64_t h = digest_text(arithmetic, 0);
	struct reason why;

	for (int period = 1; period <= settlement_periods(day); period++) {
		const instant_t start = period_start(day, period);
		unsigned __int128 difficulty = 0;
		int64_t subsidy = 0;

		h = network_difficulty_at(facts->network, start, &difficulty, &why) ? digest_number(difficulty, 8, h)
										    : digest_int(-1, h);
		h = network_subsidy_at(facts->network, start, &subsidy, &why) ? digest_int(subsidy, h) : digest_int(-2, h);
	}
	for (const struct calculation_model *m = facts->models; m < facts->models + facts->n_models; m++) {
		h = digest_int(m->model.hashrate_ghs, digest_text(m->model.name, h));
		h = digest_int(model_in_force(m, day), digest_int(m->model.power_mw, h));
	}
	return h;
}
