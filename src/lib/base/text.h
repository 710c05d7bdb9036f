/*
 * text - text of others: made safe to show to a person, in a log or on a page; looked up among words
 */
#ifndef WINDFALL_TEXT_H
#define WINDFALL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* How long the well-formed UTF-8 character at s is (1…4 bytes, of at most len), or 0 if there is none. */
size_t utf8_length(const unsigned char *s, size_t len);

/*
 * Append text[0..len) as clean UTF-8: what is not UTF-8 becomes U+FFFD; terminal escapes, other control characters
 * (C0, DEL, C1), line and paragraph separators, and marks and overrides that turn the direction of text vanish, a
 * carriage return before a newline too.  Newlines and tabs stay.
 */
void text_clean(struct buf *out, const char *text, size_t len);

/* Cut text to at most max bytes, never inside a character, and say so with "…" at the end (which counts).  max is at
 * least 3. */
void text_cut(struct buf *text, size_t max);

/* Is it one of these words, which end with NULL, in capitals or not? */
bool text_is_one_of(const char *text, const char *const *words);

/* Is it digits and a point, such as 0.5, and a number within these bounds?  Then that, into *to. */
bool text_is_number(const char *text, double least, double most, double *to);

#endif
