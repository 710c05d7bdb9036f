/*
 * private_file - files that hold a secret: one rule for keys, cookies and settings
 */
#ifndef WINDFALL_PRIVATE_FILE_H
#define WINDFALL_PRIVATE_FILE_H

#include "base/buf.h"
#include "base/reason.h"

/*
 * Read a private file whole into text, which is to be given to private_wipe() afterwards.  0, or the status to end
 * with and the reason: EX_CONFIG when it is not there, no plain file or has max bytes or
 * more; EX_NOPERM when it may not be read, belongs to somebody else than this user or root, or anybody else may read
 * or write it.  A file of root's that a group other than root's may read (mode 640 or 440) is private too, as it is to
 * PostgreSQL: so orchestrators hand secrets to an account.  Whoever reads one leaves no core dump from then on, and
 * nobody of the same user looks into it.
 */
int private_file_read(const char *path, size_t max, struct buf *text, struct reason *why);

/*
 * The same for a file that may be everybody's to read, though nobody else's to write: it must be private only if it
 * holds a secret, which the caller sees.  *not_private says why it is not private, or is empty where it is.
 */
int shared_file_read(const char *path, size_t max, struct buf *text, struct reason *not_private, struct reason *why);

/* Overwrite and free. */
void private_wipe(struct buf *text);

/* No core dump, and no reading of this process's memory or environment by others of the same user. */
void private_process(void);

#endif
