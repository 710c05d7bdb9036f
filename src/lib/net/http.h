/*
 * http - fetch documents politely: many at once, never faster than allowed, never for ever
 *
 * One engine for every tool that fetches.  The caller hands out requests one by one and is
 * handed each answer as it arrives, so that parsing overlaps with waiting and no more than
 * `parallel` bodies are ever in memory.  What the engine promises:
 *
 *  - One connection where the server speaks HTTP/2 (over TLS), compressed bodies, at most
 *    `parallel` requests at a time.
 *  - Starts are spaced 1/rate seconds apart.  A late start may be caught up, but never so that
 *    more than `rate` starts fall into one second (for a rate below one: more than one into
 *    1/rate seconds).  Attempts after the first count like any other start.
 *  - 408, 425, 429, 5xx, time-outs, cut bodies and broken connections are tried again, up to
 *    `attempts` times in all, after Retry-After or a random time up to retry_wait, doubled each
 *    time up to retry_wait_max.  A request that waits holds back no other; the Retry-After of a
 *    429 holds back every start, and the rate is halved, to grow back with each success.
 *  - Breaker: `breaker` failed attempts in a row, with no success of any request between, stop
 *    all starts.  After 4 x retry_wait, then twice and four times that, a single request
 *    probes; when the third probe fails too, all that is left is handed back as not tried.
 *  - The body is counted as it is decoded: a small file that unpacks into a large one stops at
 *    max_body like any other.
 *  - Redirects: at most 3, never away from https to anything else.
 *  - A header of the caller's, such as a token, is asked for again at each attempt and sent to
 *    no other URL: with one, no redirect is followed, and a 401 is tried again, for the next
 *    token may do.
 *  - file:// URLs are read straight from the disk, at no rate and only once; a file that is not
 *    there is HTTP_ABSENT like a 404.
 *
 * libcurl calls a body that was cut without a Content-Length a success: only the caller, who
 * parses the whole document, can tell.  It then answers HTTP_AGAIN and the attempt has failed.
 *
 * It stands in five parts beside the engine: rate_limit (when the next may start), circuit_breaker (is the source
 * down), transfer (one attempt with libcurl, or from the disk), http_get (a single document by the engine) and
 * http_options (what a tool may be asked for).
 *
 * Retries are said at info level; an error is said by the caller, from the reply's words.
 * What is logged of a URL has neither user and password nor query.  SIGINT and SIGTERM keep
 * their default action: they end the process at once, waiting or not.
 */
#ifndef WINDFALL_HTTP_H
#define WINDFALL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/reason.h"

#define HTTP_MAX_PARALLEL 64

struct http_options {
	int parallel;		/* requests on the way at one time */
	double rate;		/* request starts a second */
	int attempts;		/* how often one request is tried in all */
	double timeout;		/* seconds for one attempt, connecting included */
	double retry_wait;	/* seconds, doubled after each failed attempt */
	double retry_wait_max;	/* ... up to this many */
	double max_wait;	/* seconds one request may wait between its attempts in all */
	int breaker;		/* failed attempts in a row that stop all starts */
	size_t max_body;	/* bytes of one decoded body */
	/* Append "Name: value" for an attempt at this URL; NULL for none. */
	void (*header)(void *ctx, const char *url, struct buf *line);
	void *header_ctx;
	bool http1;		/* HTTP/1.1 even where the server speaks HTTP/2 */
	bool xml;		/* the documents are XML; otherwise JSON, and a page of either is a gateway's */
};

/* 8 at once, 10 a second, 5 attempts of 60 s, waits from 0.5 s to 30 s, 300 s in all, 5, 64 MiB. */
#define HTTP_OPTIONS_INIT { 8, 10, 5, 60, 0.5, 30, 300, 5, (size_t)64 << 20, NULL, NULL, false, false }

/* Let the environment change the defaults: WINDFALL_RATE and WINDFALL_RETRY_WAIT, for jobs, whose tools take no
 * options.  Call before the options are read; a bad value ends the process with EX_CONFIG and the name. */
void http_environment(struct http_options *o);

/* For a tool's option table, its help text and its option switch:
 *
 *	static const struct option longopts[] = { HTTP_LONGOPTS, { "help", ... }, ... };
 *	static const char help[] = "..." HTTP_HELP "...";
 *	default: if (!http_option(&http, c, optarg)) opts_common(c, help);
 */
enum { HTTP_OPT_PARALLEL = 0x4800, HTTP_OPT_RATE, HTTP_OPT_ATTEMPTS, HTTP_OPT_TIMEOUT, HTTP_OPT_RETRY_WAIT,
       HTTP_OPT_MAX_WAIT, HTTP_OPT_MAX_BODY };

#define HTTP_LONGOPTS							\
	{ "parallel", required_argument, NULL, HTTP_OPT_PARALLEL },	\
	{ "rate", required_argument, NULL, HTTP_OPT_RATE },		\
	{ "attempts", required_argument, NULL, HTTP_OPT_ATTEMPTS },	\
	{ "timeout", required_argument, NULL, HTTP_OPT_TIMEOUT },	\
	{ "retry-wait", required_argument, NULL, HTTP_OPT_RETRY_WAIT },	\
	{ "max-wait", required_argument, NULL, HTTP_OPT_MAX_WAIT },	\
	{ "max-body", required_argument, NULL, HTTP_OPT_MAX_BODY }

#define HTTP_HELP							\
	"      --parallel N       concurrent requests (8)\n"	\
	HTTP_PACE_HELP
/* The same for a source whose pages come one after the other: all but --parallel. */
#define HTTP_PACE_HELP							\
	"      --rate N           maximum request starts per second (10)\n"	\
	"      --attempts N       total attempts for one request (5)\n"	\
	"      --timeout S        seconds for one attempt (60)\n"		\
	"      --retry-wait S     first wait before a retry, doubled each time (0.5)\n" \
	"      --max-wait S       total seconds that a request may wait between attempts (300)\n" \
	"      --max-body BYTES   largest decoded body that is read (67108864)\n"

/* Take one of the options above into o.  False when c is none of them; a bad value ends the
 * process with EX_USAGE and the option's name. */
bool http_option(struct http_options *o, int c, const char *arg);

enum http_outcome {
	HTTP_BODY,		/* the whole body of a 200 answer or of a file, as far as HTTP can tell */
	HTTP_ABSENT,		/* 404, 204, no such file: the source has nothing there */
	HTTP_LATER,		/* busy or down after all attempts */
	HTTP_NOT_TRIED,		/* the source was found down before this one's turn came */
	HTTP_REFUSED,		/* 4xx, a certificate that cannot be trusted: asking again is no use */
	HTTP_FORBIDDEN,		/* 401, 403 */
	HTTP_ODD,		/* an answer, but not as documented: HTML, too large, a redirect astray */
};

/* The exit status that goes with an outcome: 0, 0, 75, 75, 69, 77, 76. */
int http_exit_status(enum http_outcome outcome);

/* Which of two exit statuses to end with, when both befell.  A trouble that a person must
 * look at outranks one that the next run may find gone (75): 77 76 69 65 75 0. */
int http_worse_status(int a, int b);

/* All empty when handed to next(), which fills in what it needs. */
struct http_request {
	struct buf url;
	struct buf post;	/* a JSON document to POST; empty: GET */
	struct buf headers;	/* lines "Name: value\n" to send along; never logged */
	void *item;		/* the caller's own */
};

struct http_reply {
	enum http_outcome outcome;
	long code;		/* the HTTP status; 0 when there was none, 200 for a file */
	const struct buf *body;	/* decoded; what had come, where outcome is not HTTP_BODY */
	const char *why;	/* in words, "" for HTTP_BODY */
	int attempts;		/* made so far, this one included */
	time_t as_of;		/* when the source said so: now, or its Date if that is earlier; of a file, when it was written */
	long clock_ahead;	/* seconds that this machine's clock is ahead of the source's; 0 where the source has none */
};

enum http_next {
	HTTP_START,		/* the request is filled in: start it when its turn comes */
	HTTP_HOLD,		/* none now; ask again after the next done() (one must be outstanding) */
	HTTP_END,		/* none any more */
};

enum http_verdict {
	HTTP_DONE,		/* settled, whatever it was */
	HTTP_AGAIN,		/* the body is not a whole document: a failed attempt.  After the last one
				 * done() is called once more, with HTTP_LATER. */
};

typedef enum http_next http_next_fn(void *ctx, struct http_request *req);

/* Everything in req and reply is borrowed for the length of the call. */
typedef enum http_verdict http_done_fn(void *ctx, const struct http_request *req, const struct http_reply *reply);

/* What a run did, for its last line. */
struct http_totals {
	long started;		/* attempts made, retries included; what the server's log shows */
	long retried;		/* of these, attempts after a request's first */
	long long bytes;	/* of bodies, decoded */
	double seconds;
	char down[512];		/* why what was left was not tried; "" while the source is not given up */
};

/* Fetch until next() says HTTP_END and every request is settled by done(), in order of arrival.
 * totals may be NULL.  Ends the process (EX_SOFTWARE) only when libcurl cannot be set up. */
void http_run(const struct http_options *o, http_next_fn *next, http_done_fn *done, void *ctx,
	      struct http_totals *totals);

/* Fetch one document into body; JSON that was cut is tried again.  True with the body, false where the
 * source has nothing at that URL (HTTP_ABSENT).  Otherwise ends the process with http_exit_status(), having
 * named the URL and the trouble. */
bool http_get(const struct http_options *o, const char *url, struct buf *body);

/* Ask once for any request, which stays the caller's: its outcome, with the body or what came in its place, and
 * for anything but HTTP_BODY and HTTP_ABSENT the reason.  A body that is cut is tried again. */
enum http_outcome http_ask(const struct http_options *o, const struct http_request *req, struct buf *body,
			   struct reason *why);

/* The base of a source's URLs, without a slash at its end: the option's argument, or the value of this
 * environment variable, or otherwise the last.
 * An absolute path is a base on the disk (url_add_file()).  Caller frees.  Ends the process if it is no URL. */
char *http_base_url(const char *option, const char *environment, const char *otherwise);

#endif
