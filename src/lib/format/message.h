/*
 * message - text for people: made safe to show, and without what must not be told
 *
 * The text comes from logs and so from anywhere.  Pure: no environment, no clock.
 */
#ifndef WINDFALL_MESSAGE_H
#define WINDFALL_MESSAGE_H

#include <stddef.h>

#include "base/buf.h"

/* Append text as one line: clean (text.h), and newlines and tabs become single spaces. */
void message_one_line(struct buf *out, const char *text);

/*
 * Replace with "***" every occurrence of the given secrets (NULL ends the list; shorter than
 * four bytes are ignored), and what looks like one: the password in scheme://user:password@,
 * the path of a URL of a service whose path is the secret, the value after a name that ends in
 * password, passphrase, secret, token, api_key or private_key and = or :, what follows
 * "Authorization:", "Bearer" or "Basic", what follows --password and the like, ?key= and the like in an
 * address, JSON Web Tokens, and PEM private keys.
 */
void message_redact(struct buf *text, const char *const *secrets);

/* Append what may be shown of a URL: "https://hooks.slack.com/…". */
void message_url(struct buf *out, const char *url);

/* Append text with & < > as entities, which is how Slack wants it, to at most max bytes more,
 * cut as text_cut() does. */
void message_slack(struct buf *out, const char *text, size_t max);

#endif
