#include "base/secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void secrets_add(struct secrets *s, const char *value)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->value[i], value) == 0)
			return;
	s->value = xrealloc(s->value, (s->n + 2) * sizeof *s->value);
	s->value[s->n++] = xstrdup(value);
	s->value[s->n] = NULL;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A secret as an address spells it, and as it reads. */
static void add_encoded(struct secrets *s, const char *from, size_t len)
{
	struct buf spelt = BUF_INIT, plain = BUF_INIT;

	buf_add(&spelt, from, len);
	for (size_t i = 0; i < len; i++) {
		int high = from[i] == '%' && i + 2 < len ? hex(from[i + 1]) : -1, low = high >= 0 ? hex(from[i + 2]) : -1;

		buf_addc(&plain, low >= 0 ? (char)(high << 4 | low) : from[i]);
		i += low >= 0 ? 2 : 0;
	}
	if (len >= 4) {
		secrets_add(s, spelt.data);
		secrets_add(s, plain.data);
	}
	buf_release(&spelt);
	buf_release(&plain);
}

/* Is what stands between the colon, len bytes behind the authority's beginning, and the @ the user's name, or a part of
 * what follows the @? */
static bool is_shown(const char *authority, size_t len, const char *at)
{
	struct buf password = BUF_INIT;
	bool shown;

	buf_add(&password, authority + len + 1, (size_t)(at - authority) - len - 1);
	shown = (password.len == len && memcmp(authority, password.data, len) == 0) || strstr(at, password.data);
	buf_release(&password);
	return shown;
}

void secrets_add_password_of(struct secrets *s, const char *address)
{
	const char *authority = strstr(address, "://"), *at, *colon;

	if (!authority)
		return;
	authority += 3;
	at = strrchr(authority, '@');
	colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
	if (colon && !is_shown(authority, (size_t)(colon - authority), at))
		add_encoded(s, colon + 1, (size_t)(at - colon - 1));
}

void secrets_add_password_words(struct secrets *s, const char *text)
{
	static const char word[] = "password";

	for (const char *found = text; (found = strstr(found, word)); ) {
		const char *value = found + sizeof word - 1;
		size_t len;

		found = value;
		value += strspn(value, " \t");
		if (*value != '=')
			continue;
		value += 1 + strspn(value + 1, " \t");
		len = *value == '\'' ? strcspn(value + 1, "'") : strcspn(value, " \t&");
		add_encoded(s, value + (*value == '\''), len);
	}
}

void secrets_add_path_of(struct secrets *s, const char *address)
{
	const char *host = strstr(address, "://"), *path = host ? strchr(host + 3, '/') : NULL;

	if (!path || !path[1])
		return;
	secrets_add(s, host + 3);
	if (strlen(path + 1) >= 7)
		secrets_add(s, path + 1);
}

const char *const *secrets_list(const struct secrets *s)
{
	static const char *const none[] = { NULL };

	return s->n ? (const char *const *)s->value : none;
}

void secrets_release(struct secrets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (volatile char *p = s->value[i]; *p; p++)
			*p = '\0';
		free(s->value[i]);
	}
	free(s->value);
	*s = (struct secrets){ 0 };
}
