/*
 * unpack - a body's content encoding undone as it comes: gzip, in one member or several (RFC 1952, section 2.2)
 *
 * libcurl's own decoder takes the first member for the whole, and calls what follows a failure to write.
 */
#ifndef WINDFALL_UNPACK_H
#define WINDFALL_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include <zlib.h>

#include "base/buf.h"

enum unpack_result {
	UNPACK_OK,
	UNPACK_TOO_LARGE,	/* more than max bytes come out of it */
	UNPACK_BROKEN,		/* not gzip, or damaged */
};

/* Begin with all zero, then unpack_begin() for each body. */
struct unpack {
	z_stream stream;
	bool ready;		/* the stream is set up */
	bool packed;		/* this body is gzip */
	bool ended;		/* and its last member so far has ended */
	const char *why;	/* of UNPACK_BROKEN; a constant */
};

/* A new body: packed or as it is.  Ends the process when zlib cannot be set up. */
void unpack_begin(struct unpack *u, bool packed);

/* The next len bytes of it, onto the end of out, which holds at most max bytes. */
enum unpack_result unpack_add(struct unpack *u, const char *data, size_t len, size_t max, struct buf *out);

/* Is the body whole, as far as its packing can tell? */
bool unpack_is_whole(const struct unpack *u);

void unpack_release(struct unpack *u);

#endif
