/*
 * sha256 - SHA-256 of bytes that come in pieces (OpenSSL)
 */
#ifndef WINDFALL_SHA256_H
#define WINDFALL_SHA256_H

#include <stddef.h>

#define DIGEST_TEXT 65		/* 64 hexadecimal digits and the NUL */

struct digest {
	void *state;
};

/* digest_init() or digest_restart(), any number of digest_add(), digest_hex(); digest_release() at last. */
void digest_init(struct digest *d);
void digest_restart(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_adds(struct digest *d, const char *text);

/* Write the digest in lower-case hexadecimal and return text; begin anew before adding more. */
char *digest_hex(struct digest *d, char text[DIGEST_TEXT]);

void digest_release(struct digest *d);

#endif
