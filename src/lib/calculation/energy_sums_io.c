#include "calculation/energy_sums_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "os/temporary.h"

enum { DEFAULT_IN_MEMORY = 400000, FARM_BUCKETS = 4096 };

/* Each farm id once: a few hundred of them stand in millions of rows. */
struct farm {
	struct farm *next;
	char id[];
};

struct sum {
	energy_t energy;
	const char *farm;
	day_t day;
	int period;
};

/* A sorted run in a temporary file, and the sum that stands first in what is left of it. */
struct run {
	FILE *file;
	struct sum head;
	bool ended;
};

struct pair_sums {
	struct farm *farms[FARM_BUCKETS];
	struct sum *sums;
	size_t n_sums, max_sums, at;
	struct run *runs;
	size_t n_runs;
	bool disk_failed;
};

struct pair_sums *pairs_new(size_t max_in_memory)
{
	struct pair_sums *s = xmalloc(sizeof *s);

	*s = (struct pair_sums){ .max_sums = max_in_memory ? max_in_memory : DEFAULT_IN_MEMORY };
	s->sums = xmalloc(s->max_sums * sizeof *s->sums);
	return s;
}

void pairs_free(struct pair_sums *s)
{
	for (size_t i = 0; i < FARM_BUCKETS; i++)
		for (struct farm *f = s->farms[i], *next; f; f = next) {
			next = f->next;
			free(f);
		}
	for (size_t i = 0; i < s->n_runs; i++)
		fclose(s->runs[i].file);
	free(s->runs);
	free(s->sums);
	free(s);
}

static const char *intern(struct pair_sums *s, const char *id)
{
	unsigned hash = 2166136261u;	/* FNV-1a */
	struct farm **bucket, *f;

	for (const char *p = id; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	bucket = &s->farms[hash % FARM_BUCKETS];
	for (f = *bucket; f; f = f->next)
		if (strcmp(f->id, id) == 0)
			return f->id;
	f = xmalloc(sizeof *f + strlen(id) + 1);
	memcpy(f->id, id, strlen(id) + 1);
	f->next = *bucket;
	*bucket = f;
	return f->id;
}

static int compare(const void *a, const void *b)
{
	const struct sum *left = a, *right = b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	if (left->period != right->period)
		return left->period - right->period;
	return left->farm == right->farm ? 0 : strcmp(left->farm, right->farm);
}

/* Sort what is in memory and add up what has the same key. */
static bool compact(struct pair_sums *s, struct reason *why)
{
	size_t kept = 0;

	qsort(s->sums, s->n_sums, sizeof *s->sums, compare);
	for (size_t i = 0; i < s->n_sums; i++) {
		if (kept == 0 || compare(&s->sums[kept - 1], &s->sums[i]) != 0)
			s->sums[kept++] = s->sums[i];
		else if (!energy_add_magnitude(&s->sums[kept - 1].energy, s->sums[i].energy))
			return reason_set(why, "the energy of period %d, %s does not fit", s->sums[i].period, s->sums[i].farm);
	}
	s->n_sums = kept;
	return true;
}

static bool disk_failure(struct pair_sums *s, const char *what, struct reason *why)
{
	s->disk_failed = true;
	return reason_set(why, "cannot %s a temporary file: %s", what, strerror(errno));
}

bool pairs_disk_failed(const struct pair_sums *s)
{
	return s->disk_failed;
}

/* Write the sorted sums aside as a run. */
static bool spill(struct pair_sums *s, struct reason *why)
{
	FILE *file = temporary_file();

	if (!file)
		return disk_failure(s, "make", why);
	s->runs = xrealloc(s->runs, (s->n_runs + 1) * sizeof *s->runs);
	s->runs[s->n_runs++] = (struct run){ .file = file };
	/* The interned ids live as long as the sums: their addresses may be written. */
	if (fwrite(s->sums, sizeof *s->sums, s->n_sums, file) != s->n_sums || fflush(file) != 0)
		return disk_failure(s, "write", why);
	rewind(file);
	s->n_sums = 0;
	return true;
}

bool pairs_add(struct pair_sums *s, day_t day, int period, const char *farm, energy_t energy, struct reason *why)
{
	struct sum *last = s->n_sums ? &s->sums[s->n_sums - 1] : NULL;

	if (!*farm || strlen(farm) >= FARM_TEXT)
		return reason_set(why, "a farm id has 1 to %d bytes", FARM_TEXT - 1);
	if (last && last->day == day && last->period == period && strcmp(last->farm, farm) == 0) {
		if (!energy_add_magnitude(&last->energy, energy))
			return reason_set(why, "the energy of period %d, %s does not fit", period, farm);
		return true;
	}
	if (s->n_sums == s->max_sums) {
		if (!compact(s, why))
			return false;
		if (s->n_sums > s->max_sums / 2 && !spill(s, why))
			return false;
	}
	s->sums[s->n_sums++] = (struct sum){ energy < 0 ? -energy : energy, intern(s, farm), day, period };
	return true;
}

static bool advance(struct pair_sums *s, struct run *run, struct reason *why)
{
	if (fread(&run->head, sizeof run->head, 1, run->file) == 1)
		return true;
	if (ferror(run->file))
		return disk_failure(s, "read", why);
	run->ended = true;
	return true;
}

bool pairs_finish(struct pair_sums *s, struct reason *why)
{
	if (!compact(s, why))
		return false;
	for (size_t i = 0; i < s->n_runs; i++)
		if (!advance(s, &s->runs[i], why))
			return false;
	return true;
}

int pairs_next(struct pair_sums *s, day_t *day, struct pair *pair, struct reason *why)
{
	const struct sum *first = s->at < s->n_sums ? &s->sums[s->at] : NULL;
	struct sum total;

	for (size_t i = 0; i < s->n_runs; i++)
		if (!s->runs[i].ended && (!first || compare(&s->runs[i].head, first) < 0))
			first = &s->runs[i].head;
	if (!first)
		return 0;
	total = *first;
	total.energy = 0;
	/* The same key may stand once in memory and once in each run. */
	if (s->at < s->n_sums && compare(&s->sums[s->at], &total) == 0)
		total.energy = s->sums[s->at++].energy;
	for (size_t i = 0; i < s->n_runs; i++) {
		struct run *run = &s->runs[i];

		if (run->ended || compare(&run->head, &total) != 0)
			continue;
		if (!energy_add_magnitude(&total.energy, run->head.energy)) {
			reason_set(why, "the energy of period %d, %s does not fit", total.period, total.farm);
			return -1;
		}
		if (!advance(s, run, why))
			return -1;
	}
	*day = total.day;
	pair->period = total.period;
	pair->nmwh = energy_round(total.energy);
	snprintf(pair->farm, sizeof pair->farm, "%s", total.farm);
	return 1;
}
