/*
 * url_net - may a secret be sent there?  By libcurl's own reading of the address, which is the one that sends it
 *
 * A key's token, a node's password, a webhook's path or a mail server's password is sent over TLS, or to this very
 * machine.  Whoever sends one asks here and nowhere else.
 */
#ifndef WINDFALL_URL_NET_H
#define WINDFALL_URL_NET_H

#include <stdbool.h>

/* Is its host localhost, 127.x.x.x or [::1]?  False for what is no address. */
bool url_is_loopback(const char *url);

enum url_kind { URL_WEB, URL_MAIL };

/*
 * Why no secret may be sent to this address, as words that follow its name ("must begin with https:// …"); NULL when
 * one may.  URL_WEB: https, or http to loopback; URL_MAIL: smtp or smtps, to which STARTTLS is the sender's to
 * demand.  None of either with a user or a password in it, which would be shown where addresses are shown.
 */
const char *url_secret_trouble(const char *url, enum url_kind kind);

/* Why paths cannot be added behind this address (url_ok()), as words that follow it; NULL when they can.  By
 * libcurl's own reading, so that what it would refuse at each request is said before the first. */
const char *url_base_trouble(const char *url);

/* Would what is sent there go in the clear over a network?  Not for http to this very machine. */
bool url_is_clear_text(const char *url);

#endif
