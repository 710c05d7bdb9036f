/*
 * transfer - one attempt at one request, over the network or from the disk, and what it came to
 *
 * The part of http that speaks to libcurl.  A transfer is a libcurl handle with the buffer that it fills;
 * it serves one request after the other, and keeps its connection between them.  Each function
 * succeeds, or ends the process (EX_SOFTWARE) because libcurl cannot be set up.
 */
#ifndef WINDFALL_TRANSFER_H
#define WINDFALL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "net/http.h"
#include "net/unpack.h"

/* Begin with all zero; transfer_release() frees. */
struct transfer {
	void *owner;			/* whose request this is; NULL while it serves none */
	struct buf body;		/* decoded, as far as it came */
	/* The module's own: */
	CURL *easy;
	struct curl_slist *headers;
	struct unpack unpack;
	enum unpack_result unpacked;
	bool began;			/* the body of this attempt */
	bool gzip;			/* as its headers say */
	char packing[24];		/* or another packing that they name */
	time_t date;			/* when the source says that it answered; 0 if it does not */
	size_t max_body;
	char error[CURL_ERROR_SIZE];
};

/* What an attempt came to. */
struct attempt {
	enum http_outcome outcome;	/* what it is if no further attempt is made */
	bool again;			/* another attempt may succeed */
	bool hopeless;			/* nor will any other request to this source do better */
	long code;			/* HTTP status; 0 for none, 200 and 404 for a file */
	double retry_after;		/* seconds, as the source asked; 0 if it did not */
	time_t written;			/* when a file was last written; 0 for what came over the network */
	long clock_ahead;		/* seconds that this machine's clock is ahead of the source's, by its Date; 0 if it has none */
	char why[512];			/* in words; "" for a body */
};

/* Start the request of t->owner; curl_multi_perform() does the rest. */
void transfer_start(struct transfer *t, CURLM *multi, const struct http_options *o, const struct http_request *req);

/* libcurl says that it is done, with this result: what did it come to?  Where it is trouble, the body is
 * emptied. */
void transfer_finish(struct transfer *t, CURLM *multi, const struct http_options *o, CURLcode result,
		     struct attempt *attempt);

/* The whole attempt at a file:// URL, which is read at once into t->body. */
void transfer_read_file(struct transfer *t, const struct http_options *o, const char *url, struct attempt *attempt);

void transfer_release(struct transfer *t);

#endif
