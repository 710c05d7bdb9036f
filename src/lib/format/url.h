/*
 * url - addresses: which are spoken here, and how much of one may be shown
 */
#ifndef WINDFALL_URL_H
#define WINDFALL_URL_H

#include <stdbool.h>

#include "base/buf.h"

/* True for https://, http:// and file:/// URLs without blanks or control bytes: all that is spoken here. */
bool url_ok(const char *url);

bool url_is_file(const char *url);
bool url_is_https(const char *url);

/* Would what is sent there go in the clear over a network?  Not for http to this very machine. */
bool url_is_clear_text(const char *url);

/* Append what may be shown of a URL: no user, no password, no query, no control bytes. */
void url_show(struct buf *out, const char *url);

#endif
