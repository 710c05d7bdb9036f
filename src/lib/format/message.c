#include "format/message.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define ELLIPSIS "\xe2\x80\xa6"

void message_one_line(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT;
	size_t start = out->len;

	text_clean(&clean, text, strlen(text));
	for (size_t i = 0; i < clean.len; i++) {
		bool space = isspace((unsigned char)clean.data[i]);

		if (!space)
			buf_addc(out, clean.data[i]);
		else if (out->len > start && out->data[out->len - 1] != ' ')
			buf_addc(out, ' ');
	}
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_release(&clean);
}

/* -------------------------------------------------------------------------------------------- */

void message_url(struct buf *out, const char *url)
{
	const char *authority = strstr(url, "://"), *colon, *at;
	size_t len;

	if (!authority) {
		buf_adds(out, "(not a URL)");
		return;
	}
	authority += 3;
	len = strcspn(authority, "/?#\\ \t\n");
	buf_add(out, url, (size_t)(authority - url));
	colon = *authority == '[' ? NULL : memchr(authority, ':', len);
	for (at = authority + len; at > authority; at--)
		if (at[-1] == '@')
			break;
	/* An @ behind what looks like a host and port: this is a user, and the first half of a password. */
	if (colon && at == authority &&
	    (strchr(authority, '@') || (size_t)(colon - authority) + 1 + strspn(colon + 1, "0123456789") < len)) {
		buf_adds(out, ELLIPSIS);
		return;
	}
	for (; at < authority + len; at++)
		if ((unsigned char)*at > ' ' && (unsigned char)*at < 0x7f)
			buf_addc(out, *at);
	buf_adds(out, "/" ELLIPSIS);
}

void message_slack(struct buf *out, const char *text, size_t max)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text), room = max - strlen(ELLIPSIS), used = 0, fits = 0;
	struct buf escaped = BUF_INIT;

	/* fits is where to cut, should the whole turn out too long: after a whole character. */
	for (size_t i = 0, n; i < len && used <= max; i += n) {
		n = utf8_length(s + i, len - i);
		n = n ? n : 1;
		switch (text[i]) {
		case '&': buf_adds(&escaped, "&amp;"); break;
		case '<': buf_adds(&escaped, "&lt;"); break;
		case '>': buf_adds(&escaped, "&gt;"); break;
		default:  buf_add(&escaped, text + i, n);
		}
		used = escaped.len;
		if (used <= room)
			fits = used;
	}
	buf_add(out, escaped.data ? escaped.data : "", used <= max ? used : fits);
	if (used > max)
		buf_adds(out, ELLIPSIS);
	buf_release(&escaped);
}
