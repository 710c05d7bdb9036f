/*
 * sha256 - SHA-256 of bytes that come in pieces (OpenSSL)
 */
#ifndef WINDFALL_SHA256_H
#define WINDFALL_SHA256_H

#include <stddef.h>

#define SHA256_TEXT 65		/* 64 hexadecimal digits and the NUL */

struct sha256 {
	void *state;
};

/* sha256_init() or sha256_restart(), any number of sha256_add(), sha256_hex(); sha256_release() at last. */
void sha256_init(struct sha256 *d);
void sha256_restart(struct sha256 *d);
void sha256_add(struct sha256 *d, const void *data, size_t len);
void sha256_adds(struct sha256 *d, const char *text);

/* Write the digest in lower-case hexadecimal and return text; begin again before adding more. */
char *sha256_hex(struct sha256 *d, char text[SHA256_TEXT]);

void sha256_release(struct sha256 *d);

#endif
