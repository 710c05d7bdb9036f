/*
 * ping - the URL by which a job tells a dead-man's switch that it began, went well or failed
 *
 * Two services' forms.  Healthchecks (healthchecks.io or one's own): URL/start, URL/CODE, URL/fail,
 * URL/log, and rid= to pair the pings of one run.  Cronitor: URL?state=run|complete|fail, with
 * status_code=, host= and series=.
 */
#ifndef WINDFALL_PING_H
#define WINDFALL_PING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/reason.h"

enum ping_style { PING_HEALTHCHECKS, PING_CRONITOR };

enum ping_word {
	PING_START,
	PING_SUCCESS,
	PING_FAIL,
	PING_LOG,		/* a failure that may still pass: noted, no alarm (not at Cronitor) */
};

struct ping {
	enum ping_word word;
	int code;		/* exit status, or -1 */
	const char *host;	/* letters, digits, "." "-" "_" */
	const char *job, *run;	/* or NULL */
};

/* "start", "success", "fail"; false for another word. */
bool ping_word_parse(const char *text, enum ping_word *word);

/* "healthchecks", "cronitor", or NULL: told by the URL's host.  False for another word. */
bool ping_style_parse(const char *text, const char *url, enum ping_style *style);

/*
 * Append the URL to ask.  {job} in it becomes the job's name, so that one setting serves all
 * jobs, each with its own switch.  False, with the reason, if there is no such name.
 */
bool ping_url(struct buf *url, const char *pattern, enum ping_style style, const struct ping *ping,
	      struct reason *why);

#endif
