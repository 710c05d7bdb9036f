/*
 * redact - text without the secrets in it, for whoever shows text that may come from anywhere
 */
#ifndef WINDFALL_REDACT_H
#define WINDFALL_REDACT_H

#include "base/buf.h"

/*
 * Replace with "***" every occurrence of the given secrets (NULL ends the list; shorter than
 * four bytes are ignored), and what looks like one: the password in scheme://user:password@,
 * the path of a URL of a service whose path is the secret, the value after a name that ends in
 * password, passphrase, secret, token, api_key or private_key and = or :, what follows
 * "Authorization:", "Bearer" or "Basic", what follows --password and the like, ?key= and the like in an
 * address, JSON Web Tokens, and PEM private keys.
 */
void redact(struct buf *text, const char *const *secrets);

#endif
