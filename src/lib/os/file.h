/*
 * file - documents kept on the disk as they were sent
 */
#ifndef WINDFALL_FILE_H
#define WINDFALL_FILE_H

#include "base/buf.h"

/*
 * Write the bytes to the file path below folder, making the folders that path names; folder itself
 * may be missing too.  The file appears whole and synced to the disk, or not at all, and takes the
 * place of an earlier one; SIGINT, SIGTERM and SIGHUP wait until it is there.
 * Ends the process (EX_IOERR) if it cannot.
 */
void archive_write(const char *folder, const char *path, const struct buf *bytes);

#endif
