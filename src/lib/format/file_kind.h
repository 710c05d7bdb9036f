/*
 * file_kind - a file that a person took for a table of text, and that is something else
 *
 * An export that is still packed, the spreadsheet or the PDF beside it, the page of a login that has ended: each
 * begins in a way of its own.
 */
#ifndef WINDFALL_FILE_KIND_H
#define WINDFALL_FILE_KIND_H

#include <stddef.h>

/* What a file is that begins with text[0..len), and what to do: "it is compressed with gzip: unpack it first (gunzip)".
 * NULL where nothing speaks against a table. */
const char *file_kind_refused(const char *text, size_t len);

#endif
