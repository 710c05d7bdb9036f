#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These calls fail only when memory is out, or when OpenSSL was built without SHA-256. */
static void insist(int ok)
{
	if (ok != 1)
		abort();
}

void sha256_restart(struct sha256 *d)
{
	insist(EVP_DigestInit_ex(d->state, EVP_sha256(), NULL));
}

void sha256_init(struct sha256 *d)
{
	d->state = EVP_MD_CTX_new();
	insist(d->state != NULL);
	sha256_restart(d);
}

void sha256_add(struct sha256 *d, const void *data, size_t len)
{
	insist(EVP_DigestUpdate(d->state, data, len));
}

void sha256_adds(struct sha256 *d, const char *text)
{
	sha256_add(d, text, strlen(text));
}

char *sha256_hex(struct sha256 *d, char text[SHA256_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	insist(EVP_DigestFinal_ex(d->state, sum, NULL));
	for (unsigned int i = 0; i < (SHA256_TEXT - 1) / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
	return text;
}

void sha256_release(struct sha256 *d)
{
	EVP_MD_CTX_free(d->state);
	d->state = NULL;
}
