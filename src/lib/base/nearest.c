#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

/* Lower case of ASCII: ids and English names; other bytes stand for themselves. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool contains(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; strlen(text) >= len; text++) {
		size_t i = 0;

		while (i < len && lower(text[i]) == lower(part[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

static int least(int a, int b, int c)
{
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Of the first NEAREST_TEXT - 1 bytes of each; begun is that of a from the nearest of what b begins with, in whole
 * words. */
static int distance(const char *a, const char *b, int *begun)
{
	int row[NEAREST_TEXT] = { 0 };
	int len_a = (int)strnlen(a, NEAREST_TEXT - 1), len_b = (int)strnlen(b, NEAREST_TEXT - 1);

	for (int j = 0; j <= len_b; j++)
		row[j] = j;
	for (int i = 1; i <= len_a; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= len_b; j++) {
			int above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (lower(a[i - 1]) != lower(b[j - 1])));
			diagonal = above;
		}
	}
	*begun = row[len_b];
	for (int j = 1; j < len_b; j++)
		if (b[j] == ' ' && row[j] < *begun)
			*begun = row[j];
	return row[len_b];
}

void nearest_begin(struct nearest *nearest, const char *wanted)
{
	memset(nearest, 0, sizeof *nearest);
	nearest->wanted = wanted;
}

/* What is typed so far, at least three letters of it. */
static bool is_beginning(const char *wanted, const char *known)
{
	size_t i = 0;

	while (wanted[i] && lower(wanted[i]) == lower(known[i]))
		i++;
	return !wanted[i] && i > 2;
}

/* How far is near: a third of the name, at least two characters. */
static int limit(const char *wanted)
{
	int third = (int)strnlen(wanted, NEAREST_TEXT) / 3;

	return third < 2 ? 2 : third;
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	int far, begun, at;

	if (!*known || !*nearest->wanted)
		return;
	far = distance(nearest->wanted, known, &begun);
	if (far > 1 && is_beginning(nearest->wanted, known))
		far = 1;
	if (far > limit(nearest->wanted)) {
		bool begins = strlen(nearest->wanted) > 4 && begun <= limit(nearest->wanted);
		bool part = strlen(nearest->wanted) > 2 && (contains(known, nearest->wanted) || contains(nearest->wanted, known));

		if (!part && !begins)
			return;
		far = limit(nearest->wanted) + !part;		/* what only begins so counts where nothing is nearer */
	}
	for (int i = 0; i < nearest->n; i++)
		if (strncmp(nearest->name[i], known, NEAREST_TEXT - 1) == 0)
			return;
	at = nearest->n;
	while (at > 0 && nearest->distance[at - 1] > far)
		at--;
	if (at == NEAREST_NAMES)
		return;
	if (nearest->n < NEAREST_NAMES)
		nearest->n++;
	for (int i = nearest->n - 1; i > at; i--) {
		memcpy(nearest->name[i], nearest->name[i - 1], NEAREST_TEXT);
		nearest->distance[i] = nearest->distance[i - 1];
	}
	memset(nearest->name[at], 0, NEAREST_TEXT);
	memcpy(nearest->name[at], known, strnlen(known, NEAREST_TEXT - 1));
	nearest->distance[at] = far;
}

const char *nearest_words(const struct nearest *nearest, struct buf *out)
{
	int n = 0;

	while (n < nearest->n && nearest->distance[n] <= limit(nearest->wanted))
		n++;
	if (n == 0)
		n = nearest->n;
	buf_adds(out, n == 0 ? "" : n == 1 ? "; the nearest is " : "; the nearest are ");
	for (int i = 0; i < n; i++)
		buf_addf(out, "%s%s", i ? ", " : "", nearest->name[i]);
	return out->data ? out->data : "";
}

const char *nearest_alone(const struct nearest *nearest, struct buf *out)
{
	buf_adds(out, "");
	for (int i = 0; i < nearest->n && nearest->distance[i] == nearest->distance[0]; i++)
		buf_addf(out, "%s%s", i ? " or " : "", nearest->name[i]);
	return out->data;
}
