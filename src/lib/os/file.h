/*
 * file - files read whole, and written whole or not at all
 */
#ifndef WINDFALL_FILE_H
#define WINDFALL_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

/* Whose it is to read: this account's alone; everybody's, whatever the umask, as that of a web server or a collector
 * with an account of its own; or theirs whom the umask lets, the group's to write too. */
enum file_access { FILE_PRIVATE, FILE_FOR_ALL, FILE_BY_UMASK };

/* Is it waited for until the bytes are on the disk, or only until the system has them? */
enum file_sync { FILE_SYNCED, FILE_NOT_SYNCED };

/* Append what is left of a stream: to its end, or as soon as more than max bytes came.  False, with errno, if it cannot
 * be read; what came before is there. */
bool file_read_rest(FILE *in, size_t max, struct buf *bytes);

/*
 * Put a file of these bytes in the place of path, whatever stands there.  It is written under the name part, in the
 * same folder, which must be nobody else's; what an earlier process left there goes.  False, with errno, if it cannot:
 * then path is as it was, and part is gone.
 */
bool file_replace(const char *path, const char *part, const struct buf *bytes, enum file_access access,
		  enum file_sync sync);

/*
 * Keep a document as it was sent: write the bytes to the file path below folder, making the folders that path names;
 * folder itself may be missing too.  The file is synced to the disk and takes the place of an earlier one; SIGINT,
 * SIGTERM and SIGHUP wait until it is there.
 * Ends the process (EX_IOERR) if it cannot.
 */
void archive_write(const char *folder, const char *path, const struct buf *bytes);

#endif
