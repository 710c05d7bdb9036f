/*
 * redact - text without the secrets in it, for whoever shows text that may come from anywhere
 */
#ifndef WINDFALL_REDACT_H
#define WINDFALL_REDACT_H

#include "base/buf.h"

/*
 * Replace with "***" every occurrence of the given secrets (NULL ends the list; shorter than four bytes are ignored),
 * and what looks like one: the password in scheme://user:password@, also one with a bare / ? # or blank, or without a
 * host behind it, and the user of a web address without a password; the path of a URL of a service whose path is the
 * secret, and of any web address what follows /hooks/, /webhook/, /ping/ or the like; the value after a name that ends
 * in password, pwd, passphrase, secret, token, api_key, access-key, signature or the like and = : > or %3D; "password
 * is …" in quotes or of letters and digits; what follows "Authorization:", "Cookie: name=", "Bearer" or "Basic",
 * --password and the like, -u user:; ?key= and the like in an address, JSON Web Tokens, tokens of services by how they
 * begin (token.h), those of Telegram's bots, the password of a line of .pgpass, and PEM and PGP private keys, whole or
 * without their beginning.
 */
void redact(struct buf *text, const char *const *secrets);

#endif
