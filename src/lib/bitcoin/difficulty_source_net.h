/*
 * difficulty_source_net - where a history of difficulty comes from
 *
 * A source is a row {name, url, fetch, block_time}; a new one is a row more.  Each function succeeds, or says why on
 * stderr and ends the process: EX_PROTOCOL for an answer that is something else, EX_DATAERR for figures that are
 * impossible, EX_TEMPFAIL for a source that is busy or still starting.
 */
#ifndef WINDFALL_DIFFICULTY_SOURCE_NET_H
#define WINDFALL_DIFFICULTY_SOURCE_NET_H

#include "base/buf.h"
#include "bitcoin/difficulty.h"
#include "net/http.h"

struct difficulty_fetch {
	const struct difficulty_source *source;
	struct http_options http;
	char *base;			/* the source's address; NULL for a file */
	const char *file, *cookie;	/* cookie NULL: where the node leaves it */
	instant_t now;
	bool correct;			/* what is stored by height follows what was fetched, however much of it differs */
	int64_t tip;			/* height of the newest block; NO_HEIGHT if the source has none */
	struct difficulty_history news;	/* what was fetched; begin with an empty one, and release it */
};

struct difficulty_source {
	const char *name;
	const char *url;		/* its usual address; NULL: it is a file */
	/* Fetch the history into f->news, and f->tip where the source says it. */
	void (*fetch)(struct difficulty_fetch *f);
	/* When the block at this height was made; false if the source does not know.  NULL: it never does. */
	bool (*block_time)(struct difficulty_fetch *f, int64_t height, instant_t *when);
};

/* The source of this name, such as "mempool"; NULL for another word. */
const struct difficulty_source *difficulty_source_named(const char *name);

/* Append all their names, for a message: "mempool, blockchain, bitcoind or file". */
void difficulty_source_names(struct buf *out);

/* Fetch f->news from f->source, checked against the rules of consensus (difficulty_check()). */
void difficulty_fetch(struct difficulty_fetch *f);

#endif
