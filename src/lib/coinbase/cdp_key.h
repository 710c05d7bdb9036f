/*
 * cdp_key - the tokens that a Coinbase Developer Platform key signs
 *
 * A key file is {"name":"organizations/…/apiKeys/…","privateKey":"…"}; some have "id" for "name".
 * The private key is an EC P-256 key as PEM (SEC1 or PKCS#8, its line ends perhaps as the two
 * characters \n), or an Ed25519 key: base64 of the seed, or of seed and public key, or PEM.  The
 * key decides the algorithm: ES256 or EdDSA.
 *
 * A token is a JWT for one request, good for two minutes:
 *
 *	header	alg, typ "JWT", kid = key name, nonce = random hex
 *	claims	sub = key name, iss "cdp", nbf = now, exp = now + 120, uri = "GET host/path"
 *
 * with neither scheme nor query in the uri.  An ES256 signature is r and s, each padded on the left
 * to 32 bytes: unpadded, one in a hundred would be refused.  (libjwt 1.10 has no EdDSA, so both are
 * signed by OpenSSL directly.)
 *
 * Nothing here prints, and no reason ever holds a byte of the private key.
 */
#ifndef WINDFALL_CDP_KEY_H
#define WINDFALL_CDP_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"
#include "exact/calendar.h"

#define CDP_NONCE_BYTES 32

struct cdp_key;

/* Parse a key file.  NULL, with the reason; the caller frees with cdp_key_release(). */
struct cdp_key *cdp_key_parse(const char *json, size_t len, struct reason *why);

/* Free the key and wipe it.  NULL is nothing. */
void cdp_key_release(struct cdp_key *key);

/* "ES256" or "EdDSA". */
const char *cdp_key_algorithm(const struct cdp_key *key);

/*
 * Append a token for this method and URL ("https://api.coinbase.com/api/v3/…?…") to out.  The nonce is CDP_NONCE_BYTES
 * random bytes, another each time.  False, with the reason, for a URL without a host or with a quote or backslash, or
 * when OpenSSL cannot sign; out may then hold a part of one.
 */
bool cdp_key_token(const struct cdp_key *key, const char *method, const char *url, instant_t now,
		   const unsigned char nonce[CDP_NONCE_BYTES], struct buf *out, struct reason *why);

#endif
