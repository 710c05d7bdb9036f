#include "calculation/unit_sums.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exact/energy.h"

enum { KEY_BYTES = 512, MWH_DECIMALS = 9, POUND_DECIMALS = 24, BITCOIN_DECIMALS = 8, POUND_DIGITS = 9,
       SUM_DIGITS = 13 };

/* What is added up: energy or bitcoin in v[0], pounds net in v[1] and those paid by farms in v[2]. */
struct sum {
	size_t key, key_len;		/* in the level's keys */
	__int128 v[3];
	long records, count;
	bool stored, same;
};

struct level {
	struct buf keys;
	struct sum *sums;
	size_t n, size;
	uint32_t *slots;		/* of the hash: the number of a sum, and one; 0 is free */
	size_t n_slots;
	bool seen;			/* a stored row was held against it */
};

struct unit_sums {
	struct level levels[UNIT_LEVELS];
	/* The farm's half hour that is being added up; no bytes before the first. */
	char unit[KEY_BYTES];
	size_t unit_len;
	energy_t energy;
	__int128 net, by_farms;
	long records;
};

struct unit_sums *unit_sums_new(void)
{
	struct unit_sums *s = xmalloc(sizeof *s);

	*s = (struct unit_sums){ 0 };
	for (int i = 0; i < UNIT_LEVELS; i++) {
		struct level *level = &s->levels[i];

		level->n_slots = 1 << 12;
		level->slots = xmalloc(level->n_slots * sizeof *level->slots);
		memset(level->slots, 0, level->n_slots * sizeof *level->slots);
	}
	return s;
}

void unit_sums_free(struct unit_sums *s)
{
	for (int i = 0; i < UNIT_LEVELS; i++) {
		buf_release(&s->levels[i].keys);
		free(s->levels[i].sums);
		free(s->levels[i].slots);
	}
	free(s);
}

/* Numbers -------------------------------------------------------------------------------------- */

/* A decimal number up to a tab or the end, in units of 10^-decimals; false if it is none, has more decimals that are
 * not zero, or that many digits before the point and one more. */
static bool parse_units(const char *text, int decimals, int digits, __int128 *value)
{
	const char *p = text + (*text == '-');
	__int128 n = 0;
	int before = 0, behind = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (++before > digits)
			return false;
		n = n * 10 + (*p - '0');
	}
	if (before == 0)
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++) {
			if (behind < decimals) {
				n = n * 10 + (*p - '0');
				behind++;
			} else if (*p != '0') {
				return false;
			}
		}
	if (*p && *p != '\t')
		return false;
	while (behind++ < decimals)
		n *= 10;
	*value = *text == '-' ? -n : n;
	return true;
}

/* Append such a number without the zeros at its end. */
static void put_units(struct buf *row, __int128 value, int decimals)
{
	char text[FIXED_TEXT];

	if (value < 0)
		buf_addc(row, '-');
	buf_adds(row, fixed_trim(fixed_format((unsigned __int128)(value < 0 ? -value : value), decimals, text)));
}

/* Sums by key ---------------------------------------------------------------------------------- */

static size_t hash_of(const char *key, size_t len)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)key[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

/* The slot of a key: its own, or the free one where it would stand. */
static size_t slot_of(const struct level *level, const char *key, size_t len)
{
	size_t at = hash_of(key, len) & (level->n_slots - 1);

	for (; level->slots[at]; at = (at + 1) & (level->n_slots - 1)) {
		const struct sum *sum = &level->sums[level->slots[at] - 1];

		if (sum->key_len == len && memcmp(level->keys.data + sum->key, key, len) == 0)
			break;
	}
	return at;
}

static void grow(struct level *level)
{
	level->n_slots *= 2;
	level->slots = xrealloc(level->slots, level->n_slots * sizeof *level->slots);
	memset(level->slots, 0, level->n_slots * sizeof *level->slots);
	for (size_t i = 0; i < level->n; i++)
		level->slots[slot_of(level, level->keys.data + level->sums[i].key, level->sums[i].key_len)] = (uint32_t)(i + 1);
}

static struct sum *find(const struct level *level, const char *key, size_t len)
{
	size_t at = slot_of(level, key, len);

	return level->slots[at] ? &level->sums[level->slots[at] - 1] : NULL;
}

static struct sum *find_or_add(struct level *level, const char *key, size_t len)
{
	struct sum *sum = find(level, key, len);

	if (sum)
		return sum;
	if (level->n * 2 >= level->n_slots)
		grow(level);
	if (level->n == level->size) {
		level->size = level->size ? 2 * level->size : 1024;
		level->sums = xrealloc(level->sums, level->size * sizeof *level->sums);
	}
	level->slots[slot_of(level, key, len)] = (uint32_t)(level->n + 1);
	sum = &level->sums[level->n++];
	*sum = (struct sum){ .key = level->keys.len, .key_len = len };
	buf_add(&level->keys, key, len);
	return sum;
}

/* Rows ----------------------------------------------------------------------------------------- */

/* Where the fields of a row begin, and behind the last one its end and one; false if there are not that many, or the
 * key, which is what stands before the field values, is too long. */
static bool split(const char *row, int n, int values, const char *at[], struct reason *why)
{
	at[0] = row;
	for (int i = 1; i < n; i++) {
		const char *tab = strchr(at[i - 1], '\t');

		if (!tab)
			return reason_set(why, "a stored row cannot be read: %.120s", row);
		at[i] = tab + 1;
	}
	if (at[values] - row >= KEY_BYTES)
		return reason_set(why, "a key is too long: %.120s", row);
	return true;
}

/* The key "date REST" of what stands in a row between two fields, the tab before the second left out. */
static size_t dated_key(char key[2 * KEY_BYTES], const char *row, const char *from, const char *to)
{
	size_t date = (size_t)(strchr(row, '\t') - row) + 1, rest = (size_t)(to - from) - 1;

	memcpy(key, row, date);
	memcpy(key + date, from, rest);
	return date + rest;
}

/* The farm's half hour is complete: round its energy, and add it to the farm's day and to the half hour. */
static void add_unit(struct unit_sums *s)
{
	const char *period = strchr(s->unit, '\t') + 1, *farm = strchr(period, '\t') + 1;
	char key[2 * KEY_BYTES];
	struct sum *sums[2];

	sums[0] = find_or_add(&s->levels[FARM_DAYS], key, dated_key(key, s->unit, farm, s->unit + s->unit_len + 1));
	sums[1] = find_or_add(&s->levels[HALF_HOURS], s->unit, (size_t)(farm - s->unit) - 1);
	for (int i = 0; i < 2; i++) {
		sums[i]->v[0] += energy_round(s->energy);
		sums[i]->v[1] += s->net;
		sums[i]->v[2] += s->by_farms;
		sums[i]->records += s->records;
		sums[i]->count++;
	}
}

bool unit_sums_record(struct unit_sums *s, const char *row, struct reason *why)
{
	const char *at[5];
	char volume[64];
	energy_t energy;
	__int128 payment = 0;
	size_t len;

	if (!row) {
		if (s->unit_len)
			add_unit(s);
		s->unit_len = 0;
		return true;
	}
	if (!split(row, 5, 3, at, why))
		return false;
	len = (size_t)(at[3] - row) - 1;
	if ((size_t)(at[4] - at[3]) > sizeof volume)
		return reason_set(why, "a volume is too long: %.120s", row);
	memcpy(volume, at[3], (size_t)(at[4] - at[3]) - 1);
	volume[at[4] - at[3] - 1] = '\0';
	if (!energy_parse(volume, &energy, why))
		return false;
	if (strcmp(at[4], "\\N") != 0 && !parse_units(at[4], POUND_DECIMALS, POUND_DIGITS, &payment))
		return reason_set(why, "a payment cannot be added up: %.60s", at[4]);
	if (len != s->unit_len || memcmp(row, s->unit, len) != 0) {
		if (s->unit_len)
			add_unit(s);
		memcpy(s->unit, row, len);
		s->unit[len] = '\0';
		s->unit_len = len;
		s->energy = s->net = s->by_farms = s->records = 0;
	}
	if (!energy_add_magnitude(&s->energy, energy))
		return reason_set(why, "the energy of %s does not fit", s->unit);
	s->net += payment;
	s->by_farms -= payment < 0 ? payment : 0;
	s->records++;
	return true;
}

bool unit_sums_calculation(struct unit_sums *s, const char *row, struct reason *why)
{
	char key[2 * KEY_BYTES];
	struct sum *sums[2];
	const char *at[5];
	__int128 bitcoin;
	size_t len;

	if (!split(row, 5, 4, at, why))
		return false;
	if (!parse_units(at[4], BITCOIN_DECIMALS, SUM_DIGITS, &bitcoin))
		return reason_set(why, "an amount cannot be added up: %.60s", at[4]);
	sums[0] = find_or_add(&s->levels[FARM_COINS], key, dated_key(key, row, at[2], at[4]));
	len = (size_t)(at[2] - row);
	memcpy(key, row, len);
	memcpy(key + len, at[3], (size_t)(at[4] - at[3]) - 1);
	sums[1] = find_or_add(&s->levels[HALF_HOUR_COINS], key, len + (size_t)(at[4] - at[3]) - 1);
	for (int i = 0; i < 2; i++) {
		sums[i]->v[0] += bitcoin;
		sums[i]->count++;
	}
	return true;
}

/* Stored sums ---------------------------------------------------------------------------------- */

static bool is_coins(enum unit_level level)
{
	return level == FARM_COINS || level == HALF_HOUR_COINS;
}

/* The field is this number. */
static bool says(const char *text, int decimals, __int128 value)
{
	__int128 stored;

	return parse_units(text, decimals, SUM_DIGITS, &stored) && stored == value;
}

bool unit_sums_stored(struct unit_sums *s, enum unit_level of, const char *row)
{
	struct level *level = &s->levels[of];
	int values = is_coins(of) ? 3 : 2;
	struct reason why;
	const char *at[8];
	struct sum *sum;

	level->seen = true;
	if (!split(row, values + (is_coins(of) ? 2 : 6), values, at, &why))
		return false;
	sum = find(level, row, (size_t)(at[values] - row) - 1);
	if (!sum)
		return false;
	sum->stored = true;
	if (is_coins(of))
		sum->same = says(at[3], BITCOIN_DECIMALS, sum->v[0]) && says(at[4], 0, sum->count);
	else
		sum->same = says(at[2], MWH_DECIMALS, sum->v[0]) && says(at[3], POUND_DECIMALS, sum->v[1]) &&
			    says(at[4], POUND_DECIMALS, sum->v[1] + sum->v[2]) && says(at[5], POUND_DECIMALS, sum->v[2]) &&
			    says(at[6], 0, sum->records) && says(at[7], 0, sum->count);
	return true;
}

static void put_row(struct buf *rows, const struct level *level, const struct sum *sum, bool coins)
{
	buf_add(rows, level->keys.data + sum->key, sum->key_len);
	buf_addc(rows, '\t');
	put_units(rows, sum->v[0], coins ? BITCOIN_DECIMALS : MWH_DECIMALS);
	if (!coins) {
		buf_addc(rows, '\t');
		put_units(rows, sum->v[1], POUND_DECIMALS);
		buf_addc(rows, '\t');
		put_units(rows, sum->v[1] + sum->v[2], POUND_DECIMALS);
		buf_addc(rows, '\t');
		put_units(rows, sum->v[2], POUND_DECIMALS);
		buf_addf(rows, "\t%ld", sum->records);
	}
	buf_addf(rows, "\t%ld\n", sum->count);
}

long unit_sums_changed(const struct unit_sums *s, enum unit_level of, struct buf *rows, bool *whole)
{
	const struct level *level = &s->levels[of];
	long n = 0;

	*whole = !level->seen;
	for (const struct sum *sum = level->sums; sum < level->sums + level->n; sum++)
		if (!sum->stored || !sum->same) {
			put_row(rows, level, sum, is_coins(of));
			n++;
		}
	return n;
}
