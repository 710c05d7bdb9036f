#include "coinbase/cdp_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "format/json.h"

enum { TOKEN_SECONDS = 120, P256_BYTES = 32, ED25519_BYTES = 32, MAX_NAME = 256 };

struct cdp_key {
	char name[MAX_NAME];
	EVP_PKEY *pkey;
	bool is_ec;
};

/* Reading ------------------------------------------------------------------------------------ */

/* The name goes into JSON and is shown: printable, nothing to escape. */
static bool name_ok(const char *name)
{
	if (!*name || strlen(name) >= MAX_NAME)
		return false;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~' || *at == '"' || *at == '\\')
			return false;
	return true;
}

/* A PEM that went through a shell or a form has the two characters \n for its line ends. */
static char *with_line_ends(const char *pem)
{
	char *text = xstrdup(pem), *to = text;

	for (const char *from = pem; *from; from++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else if (!(from[0] == '\\' && from[1] == 'r')) {
			*to++ = *from;
		} else {
			from++;
		}
	}
	*to = '\0';
	return text;
}

static int no_passphrase(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

static EVP_PKEY *from_pem(const char *pem)
{
	char *text = with_line_ends(pem);
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return pkey;
}

/* Standard base64 of exactly 32 or 64 bytes; into seed, and the rest into public.  0 if it is not. */
static int decode_seed(const char *text, unsigned char bytes[66])
{
	size_t len = strlen(text);
	int got, padding = 0;

	if (len != 44 && len != 88)
		return 0;
	while (padding < 2 && text[len - 1 - (size_t)padding] == '=')
		padding++;
	got = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
	return got < 0 ? 0 : got - padding;
}

static EVP_PKEY *from_seed(const char *text, struct reason *why)
{
	unsigned char bytes[66], public[ED25519_BYTES];
	size_t public_len = sizeof public;
	EVP_PKEY *pkey = NULL;
	int len = decode_seed(text, bytes);

	if (len != ED25519_BYTES && len != 2 * ED25519_BYTES) {
		reason_set(why, "the private key is neither PEM nor base64 of an Ed25519 key");
	} else {
		pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, ED25519_BYTES);
		if (!pkey)
			reason_set(why, "OpenSSL does not take the Ed25519 key");
	}
	if (pkey && len == 2 * ED25519_BYTES &&
	    (EVP_PKEY_get_raw_public_key(pkey, public, &public_len) != 1 ||
	     memcmp(public, bytes + ED25519_BYTES, ED25519_BYTES) != 0)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
		reason_set(why, "the two halves of the Ed25519 key do not match");
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	return pkey;
}

static bool is_p256(EVP_PKEY *pkey)
{
	char group[64];

	return EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) == 1 &&
	       (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

static bool take_private_key(struct cdp_key *key, const char *text, struct reason *why)
{
	if (strstr(text, "-----BEGIN")) {
		key->pkey = from_pem(text);
		ERR_clear_error();
		if (!key->pkey)
			return reason_set(why, "the private key's PEM cannot be read");
	} else {
		key->pkey = from_seed(text, why);
		ERR_clear_error();
		if (!key->pkey)
			return false;
	}
	key->is_ec = EVP_PKEY_is_a(key->pkey, "EC");
	if (key->is_ec && !is_p256(key->pkey))
		return reason_set(why, "the private key is not on the curve P-256");
	if (!key->is_ec && !EVP_PKEY_is_a(key->pkey, "ED25519"))
		return reason_set(why, "the private key is neither EC P-256 nor Ed25519");
	return true;
}

struct cdp_key *cdp_key_parse(const char *json, size_t len, struct reason *why)
{
	/* Not the parser's own reason, which quotes what it found: that may be the key. */
	cJSON *document = json_parse_private(json, len, NULL);
	const char *name, *secret;
	struct cdp_key *key;
	bool ok;

	if (!document) {
		reason_set(why, "the key file is not JSON");
		return NULL;
	}
	name = json_string(json_member(document, "name"));
	if (!name)
		name = json_string(json_member(document, "id"));
	secret = json_string(json_member(document, "privateKey"));
	key = xmalloc(sizeof *key);
	*key = (struct cdp_key){ 0 };
	if (!name || !name_ok(name))
		ok = reason_set(why, "the key file has no name that can be used");
	else if (!secret)
		ok = reason_set(why, "the key file has no privateKey");
	else {
		memcpy(key->name, name, strlen(name) + 1);
		ok = take_private_key(key, secret, why);
	}
	if (secret)
		OPENSSL_cleanse((char *)secret, strlen(secret));
	json_release(document);
	if (ok)
		return key;
	cdp_key_release(key);
	return NULL;
}

void cdp_key_release(struct cdp_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

const char *cdp_key_algorithm(const struct cdp_key *key)
{
	return key->is_ec ? "ES256" : "EdDSA";
}

/* Signing ------------------------------------------------------------------------------------ */

/* base64url without padding (RFC 7515, section 2). */
static void add_base64url(struct buf *out, const unsigned char *bytes, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned long three = (unsigned long)bytes[i] << 16 | (left > 1 ? (unsigned long)bytes[i + 1] << 8 : 0) |
				      (left > 2 ? bytes[i + 2] : 0);

		buf_addc(out, digit[three >> 18 & 63]);
		buf_addc(out, digit[three >> 12 & 63]);
		if (left > 1)
			buf_addc(out, digit[three >> 6 & 63]);
		if (left > 2)
			buf_addc(out, digit[three & 63]);
	}
}

/* An ECDSA signature comes as DER; a JWT wants r and s, 32 bytes each. */
static bool raw_from_der(const unsigned char *der, size_t len, unsigned char raw[2 * P256_BYTES])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, P256_BYTES) == P256_BYTES &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + P256_BYTES, P256_BYTES) == P256_BYTES;

	ECDSA_SIG_free(sig);
	return ok;
}

static bool sign(const struct cdp_key *key, const struct buf *text, size_t from, unsigned char raw[64])
{
	unsigned char signature[128];
	size_t len = sizeof signature;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, key->is_ec ? EVP_sha256() : NULL, NULL, key->pkey) == 1 &&
		  EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text->data + from, text->len - from) == 1;

	EVP_MD_CTX_free(ctx);
	if (!ok)
		return false;
	if (key->is_ec)
		return raw_from_der(signature, len, raw);
	memcpy(raw, signature, 64);
	return len == 64;
}

bool cdp_key_token(const struct cdp_key *key, const char *method, const char *url, instant_t now,
		   const unsigned char nonce[CDP_NONCE_BYTES], struct buf *out, struct reason *why)
{
	const char *host = strstr(url, "://");
	unsigned char signature[64];
	struct buf part = BUF_INIT;
	size_t start = out->len;
	bool ok;

	if (!host || strcspn(host + 3, "/?#") == 0 || strpbrk(url, "\"\\"))
		return reason_set(why, "no host to sign a token for");
	host += 3;
	buf_addf(&part, "{\"alg\":\"%s\",\"kid\":\"%s\",\"nonce\":\"", cdp_key_algorithm(key), key->name);
	for (int i = 0; i < CDP_NONCE_BYTES; i++)
		buf_addf(&part, "%02x", nonce[i]);
	buf_adds(&part, "\",\"typ\":\"JWT\"}");
	add_base64url(out, (const unsigned char *)part.data, part.len);
	buf_addc(out, '.');
	buf_clear(&part);
	buf_addf(&part, "{\"sub\":\"%s\",\"iss\":\"cdp\",\"nbf\":%lld,\"exp\":%lld,\"uri\":\"%s %.*s\"}", key->name,
		 (long long)now, (long long)now + TOKEN_SECONDS, method, (int)strcspn(host, "?#"), host);
	add_base64url(out, (const unsigned char *)part.data, part.len);
	buf_release(&part);
	ok = sign(key, out, start, signature);
	ERR_clear_error();
	if (!ok)
		return reason_set(why, "OpenSSL cannot sign with this key");
	buf_addc(out, '.');
	add_base64url(out, signature, sizeof signature);
	return true;
}
