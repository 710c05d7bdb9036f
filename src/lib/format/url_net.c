#include "format/url_net.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The parts of an address that matter here; empty when there is none. */
struct parts {
	char scheme[16], host[256];
	bool has_user;
};

static void take(CURLU *u, CURLUPart part, char *to, size_t size)
{
	char *value = NULL;

	*to = '\0';
	if (curl_url_get(u, part, &value, 0) == CURLUE_OK)
		snprintf(to, size, "%s", value);
	curl_free(value);
}

static bool has(CURLU *u, CURLUPart part)
{
	char *value = NULL;
	bool there = curl_url_get(u, part, &value, 0) == CURLUE_OK;

	curl_free(value);
	return there;
}

static bool read_parts(const char *url, struct parts *p)
{
	CURLU *u = curl_url();
	bool ok = u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;

	*p = (struct parts){ .has_user = false };
	if (ok) {
		take(u, CURLUPART_SCHEME, p->scheme, sizeof p->scheme);
		take(u, CURLUPART_HOST, p->host, sizeof p->host);
		p->has_user = has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD) || has(u, CURLUPART_OPTIONS);
		ok = *p->scheme && (*p->host || strcmp(p->scheme, "file") == 0);
	}
	curl_url_cleanup(u);
	return ok;
}

/* libcurl has made dotted numbers of whatever number an IPv4 address was written as. */
static bool is_loopback_host(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

bool url_is_loopback(const char *url)
{
	struct parts p;

	return read_parts(url, &p) && is_loopback_host(p.host);
}

bool url_is_clear_text(const char *url)
{
	struct parts p;

	return read_parts(url, &p) && strcmp(p.scheme, "http") == 0 && !is_loopback_host(p.host);
}

const char *url_base_trouble(const char *url)
{
	const char *host = strstr(url, "://");
	struct parts p;

	if (strpbrk(url, "?#"))
		return "has a ? or # in it, and paths are added behind it: leave that out, or write %3F and %23";
	if (!host || strncasecmp(url, "file:", 5) == 0)
		return NULL;
	for (const char *c = host + 3; *c && *c != '/'; c++)
		if ((unsigned char)*c >= 0x80)
			return "has a host name beyond ASCII: write it in its form that begins with xn--";
	return read_parts(url, &p) ? NULL
				   : "cannot be read: a port is a number up to 65535, and an IPv6 address stands in [ ]";
}

const char *url_secret_trouble(const char *url, enum url_kind kind)
{
	struct parts p;

	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return "has a space or a control character in it";
	if (!read_parts(url, &p))
		return "is not a URL";
	if (p.has_user)
		return "must not hold user or password";
	if (kind == URL_MAIL)
		return strcmp(p.scheme, "smtp") == 0 || strcmp(p.scheme, "smtps") == 0 ? NULL : "must begin with smtp:// or smtps://";
	if (strcmp(p.scheme, "https") == 0 || (strcmp(p.scheme, "http") == 0 && is_loopback_host(p.host)))
		return NULL;
	return "must begin with https:// (http:// only to this machine itself)";
}
