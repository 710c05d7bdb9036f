#include "format/url.h"

#include <string.h>
#include <strings.h>

static bool has_scheme(const char *url, const char *scheme)
{
	return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

bool url_is_file(const char *url)
{
	return has_scheme(url, "file://");
}

bool url_is_https(const char *url)
{
	return has_scheme(url, "https://");
}

bool url_ok(const char *url)
{
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return (has_scheme(url, "https://") && url[8]) || (has_scheme(url, "http://") && url[7]) ||
	       has_scheme(url, "file:///");
}

void url_add_file(struct buf *out, const char *written)
{
	const char *special = *written == '/' ? " %?#" : " ";

	if (*written == '/')
		buf_adds(out, "file://");
	for (const char *p = written; *p; p++)
		if (strchr(special, *p))
			buf_addf(out, "%%%02X", (unsigned char)*p);
		else
			buf_addc(out, *p);
}

/* The host of "scheme://user:password@host:port/path"; len is that of host and port. */
static const char *find_host(const char *url, size_t *len)
{
	const char *host = strstr(url, "://"), *end;

	if (!host)
		return NULL;
	host += 3;
	end = host + strcspn(host, "/?#");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			host = p + 1;
	*len = (size_t)(end - host);
	return host;
}

/* A name or number, and perhaps a port: what is none may be the half of a password with a / in it. */
static bool is_host(const char *host, size_t len)
{
	size_t port = len;

	while (port > 0 && host[port - 1] >= '0' && host[port - 1] <= '9')
		port--;
	if (port > 0 && host[port - 1] == ':') {
		len = port - 1;
		if (strchr(host + len, '@'))
			return false;
	}
	return len > 0 && (*host == '[' ? host[len - 1] == ']' : !memchr(host, ':', len));
}

void url_show(struct buf *out, const char *url)
{
	size_t len;
	const char *host = find_host(url, &len);

	if (host) {
		buf_add(out, url, (size_t)(strstr(url, "://") + 3 - url));
		url = host;
		if (len > 0 && !is_host(host, len)) {
			buf_adds(out, "\xe2\x80\xa6");
			return;
		}
	}
	for (; *url && *url != '?' && *url != '#'; url++)
		buf_addc(out, (unsigned char)*url < ' ' || *url == 0x7f ? ' ' : *url);
}
