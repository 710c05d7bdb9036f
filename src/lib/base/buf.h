/*
 * buf - a string of bytes that grows
 *
 * buf_init()/buf_release() bracket a struct you hold; buf_detach() gives the bytes away.
 * Whatever appends puts a NUL behind the bytes that len does not count; data is NULL until something has.
 * Out of memory ends the process (EX_OSERR): no caller of a short program can do better.
 */
#ifndef WINDFALL_BUF_H
#define WINDFALL_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len, size;
};

#define BUF_INIT { NULL, 0, 0 }

/* Begin empty, as BUF_INIT does; free, and be empty again. */
void buf_init(struct buf *b);
void buf_release(struct buf *b);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);

/* Append bytes, one byte, a string, formatted text. */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Make room for len more bytes and return where they go; count them yourself into b->len, and put the NUL behind them,
 * or append "". */
char *buf_reserve(struct buf *b, size_t len);

/* Hand the bytes over (caller frees) and leave b empty. */
char *buf_detach(struct buf *b);

/* malloc, realloc and strdup that end the process rather than return NULL. */
void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

/*
 * An array of n elements of this size, with room for one more: grown to twice its size whenever n is a power of two, so
 * that nobody keeps how large it is.  NULL is an array of none.  For one that only grows: what is emptied and filled
 * again would be made small again.
 */
void *xgrow(void *array, size_t n, size_t size);

#endif
