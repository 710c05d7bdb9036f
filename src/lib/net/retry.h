/*
 * retry - is a reply worth another attempt?
 *
 * One list for whatever asks over the network: the sources' answers and the alerts' deliveries.  Pure.
 */
#ifndef WINDFALL_RETRY_H
#define WINDFALL_RETRY_H

#include <stdbool.h>

#include <curl/curl.h>

/* Of an HTTP status: the other side is busy, or in trouble that may pass (408, 425, 429, 5xx; RFC 9110, 8470, 6585). */
bool retry_status(long code);

/* Of what libcurl says instead of a reply: the other side could not be reached, or broke off.  Not so for what another
 * attempt would meet again: a certificate that is not trusted, a redirection astray, a body that is too large. */
bool retry_transfer(CURLcode code);

#endif
