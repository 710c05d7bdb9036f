/*
 * temporary - files that nobody else can open, and that are gone when they are closed
 */
#ifndef WINDFALL_TEMPORARY_H
#define WINDFALL_TEMPORARY_H

#include <stdio.h>

/* Where they are: TMPDIR, or /tmp. */
const char *temporary_folder(void);

/* A new one, to be written and read; NULL, with errno, if none can be made.  tmpfile() would not look at TMPDIR. */
FILE *temporary_file(void);

#endif
