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

void digest_restart(struct digest *d)
{
	insist(EVP_DigestInit_ex(d->state, EVP_sha256(), NULL));
}

void digest_init(struct digest *d)
{
	d->state = EVP_MD_CTX_new();
	insist(d->state != NULL);
	digest_restart(d);
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	insist(EVP_DigestUpdate(d->state, data, len));
}

void digest_adds(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text));
}

char *digest_hex(struct digest *d, char text[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	insist(EVP_DigestFinal_ex(d->state, sum, &len));
	for (unsigned int i = 0; i < len && i < (DIGEST_TEXT - 1) / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
	return text;
}

void digest_release(struct digest *d)
{
	EVP_MD_CTX_free(d->state);
	d->state = NULL;
}
