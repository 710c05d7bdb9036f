/*
 * picture_io - drawings of the site made into pictures (PNG), several at a time
 *
 * rsvg-convert (Debian's librsvg2-bin) makes them.  It is not needed to build a site: without it there are none.
 */
#ifndef WINDFALL_SITE_PICTURE_IO_H
#define WINDFALL_SITE_PICTURE_IO_H

#include <sys/types.h>

#include "site/site_io.h"

enum { PICTURES_AT_ONCE = 4 };

struct pictures {
	struct site *site;
	struct picture {
		pid_t pid;		/* 0: none */
		size_t number;		/* the caller's */
		char *name;		/* without its ending */
		struct buf drawing;
	} running[PICTURES_AT_ONCE];
	void (*done)(void *ctx, size_t number);
	void *ctx;
	long made, failed;
};

/* Is the program there, in PATH? */
bool pictures_possible(void);

/* Begin; done is called with the number of each drawing of which there is a picture in the site. */
void pictures_begin(struct pictures *all, struct site *site, void (*done)(void *ctx, size_t number), void *ctx);

/* Make NAME.png of a drawing, and then keep the drawing as NAME.svg: where that stands, its picture does too.  The
 * bytes are taken.  A picture that cannot be made is a warning.  Asked to end by a signal, it ends the process. */
void pictures_make(struct pictures *all, const char *name, size_t number, struct buf *drawing);

/* Wait for those under way. */
void pictures_end(struct pictures *all);

#endif
