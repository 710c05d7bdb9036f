/*
 * url - addresses: which are spoken here, and how much of one may be shown
 */
#ifndef WINDFALL_URL_H
#define WINDFALL_URL_H

#include <stdbool.h>

#include "base/buf.h"

/* True for https://, http:// and file:/// URLs without blanks or control bytes: all that is spoken here. */
bool url_ok(const char *url);

/* An archive on the disk, or a source that goes on? */
bool url_is_file(const char *url);
bool url_is_https(const char *url);

/* Append the file:// address of what a person wrote for a place on the disk: an absolute path, taken as it is, or a
 * file:// address, of which only a space becomes %20. */
void url_add_file(struct buf *out, const char *written);

/* Append what may be shown of a URL: no user, no password, no query, no control bytes; nothing behind the scheme of one
 * whose host is none, as a password with a / in it may stand there.  (Where secrets may be sent: url_net.h.) */
void url_show(struct buf *out, const char *url);

#endif
