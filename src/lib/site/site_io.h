/*
 * site_io - the folder of a site: files written whole, and only where they changed
 *
 * Each function succeeds, or ends the process: EX_CANTCREAT (73) where the folder cannot be made or is somebody else's,
 * EX_IOERR where a file cannot be written, EX_TEMPFAIL where another process is at work in it or puts something in the
 * place of a first build.
 */
#ifndef WINDFALL_SITE_IO_H
#define WINDFALL_SITE_IO_H

#include <stdbool.h>
#include <stdio.h>

#include "format/tsv.h"
#include "site/html.h"

struct site {
	char *folder;			/* where the site is to be */
	char *work;			/* where it is written: that folder, or for a first build one beside it */
	int lock;
	bool all;			/* write every file again */
	struct tsv_writer *out;		/* a row for each file that was written or removed */
	char **made;			/* the files that belong to the site */
	size_t n_made;
	long written, kept, removed;
	bool current;			/* site_is_current() said so: what is not put again stays */
};

/*
 * Open the folder, which is missing, empty, or holds a site.  A site that is built for the first time is built beside
 * it and appears as a whole, but where the folder is a link or a mounted disk.
 */
void site_open(struct site *site, const char *folder, bool all, struct tsv_writer *out);

/*
 * Was the site last built whole with this key (site_built()), and is each of its files there in the size that it had?
 * Then all of them stay; if not, none is remembered until the site is whole again.
 */
bool site_is_current(struct site *site, const char *key);

/* The site is whole: remember its files and the key, but for one file that is put whatever the key; a key of NULL is
 * none. */
void site_built(struct site *site, const char *key, const char *always);

/* Is there a page, or a drawing, of this name made from the same key?  If so it stays, with the file of its data
 * beside it. */
bool site_has(struct site *site, const char *name, const char *key, bool with_csv);

/* A file that is not written at once: begin it beside its place, for the caller to close, and take it there when it is
 * whole.  False: it is empty, or cannot be moved. */
FILE *site_begin_part(struct site *site, const char *name);
bool site_take_part(struct site *site, const char *name);

/* A file that stays as it is, if it is there. */
bool site_keep(struct site *site, const char *name);

/* Leave a file to the next build; and get it, added to bytes, as it was left.  False: there is none that is whole, or
 * every file is written again. */
void site_leave(struct site *site, const char *name, const struct buf *bytes);
bool site_left(struct site *site, const char *name, struct buf *bytes);

/* Append the element of a page that was put or kept from the line that begins with begin to the one that begins with
 * end; nothing where it has none. */
void site_quote(struct site *site, const char *name, const char *begin, const char *end, struct buf *out);

/* Put a file in its place, unless it stands there already, byte for byte. */
void site_put(struct site *site, const char *name, const struct buf *bytes);

/* The same for a page, which is ended and released. */
void site_put_page(struct site *site, const char *name, struct html_page *page);

/* Remove pages of days, farms and so on that no longer are, unless all is current; show a first build; release. */
void site_close(struct site *site);

#endif
