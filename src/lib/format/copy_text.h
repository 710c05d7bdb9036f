/*
 * copy_text - one field of PostgreSQL's COPY text, which is also a field of our TSV
 *
 * Backslash, tab, newline and other control characters are written as \\ \t \n ...; null is \N.
 */
#ifndef WINDFALL_COPY_TEXT_H
#define WINDFALL_COPY_TEXT_H

#include "base/buf.h"

/* Append one field of text as COPY text escapes it (no separator). */
void copy_escape(struct buf *b, const char *text);

/* Undo COPY's escapes of one field in place and return it; NULL for \N. */
char *copy_unescape(char *field);

#endif
