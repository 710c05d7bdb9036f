/*
 * nearest - the known names that are nearest to one that is not known
 *
 * For the message that refuses a name: "there is no unit T_SGRWO1; the nearest are T_SGRWO-1, T_SGRWO-2".  Names
 * are compared without regard to case; the distance is the number of characters to insert, delete or replace
 * (Levenshtein), and 1 of a name that begins with the wanted one.  Up to a third of the wanted name's characters, at
 * least two, is near.  A name that contains the other, or is contained in it, counts as near; where there is none, one
 * whose first words are near it does.  Scripts ask by with-settings --nearest.
 */
#ifndef WINDFALL_NEAREST_H
#define WINDFALL_NEAREST_H

#include "base/buf.h"

enum { NEAREST_NAMES = 3, NEAREST_TEXT = 128 };

/* The nearest of the names that were offered so far, the nearest first. */
struct nearest {
	const char *wanted;				/* borrowed */
	char name[NEAREST_NAMES][NEAREST_TEXT];
	int distance[NEAREST_NAMES];
	int n;
};

/* Begin the search for names near this one. */
void nearest_begin(struct nearest *nearest, const char *wanted);

/* Offer a known name; it is copied if it is among the nearest.  A name that was offered before changes nothing. */
void nearest_offer(struct nearest *nearest, const char *known);

/* "; the nearest is A", "; the nearest are A, B, C", or "" where none is near.  Appended to out; returns its text. */
const char *nearest_words(const struct nearest *nearest, struct buf *out);

/* "A", or "A or B" where several are equally near: the nearest alone.  Appended to out; returns its text, "" where none
 * is near. */
const char *nearest_alone(const struct nearest *nearest, struct buf *out);

#endif
