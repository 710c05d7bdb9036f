#include "alert/reply.h"

#include <stdlib.h>
#include <string.h>

#include "format/json.h"

/* The words with which an answer begins that took nothing, and the status that they mean. */
static const struct {
	const char *begin;
	long code;
} refusals[] = {
	{ "OK (not found)", 404 },
	{ "OK (rate limited)", 429 },
	{ "Webhook message delivery failed", 502 },
};

enum { TEXT_MAX = 512 };

/* The status that Teams had from within, which its words name; otherwise code. */
static long named_code(const char *text, long code)
{
	static const char before[] = "HTTP error ";
	const char *at = strstr(text, before);
	long named = at ? strtol(at + strlen(before), NULL, 10) : 0;

	return named >= 400 && named < 600 ? named : code;
}

static bool json_refuses(const char *text, size_t len)
{
	cJSON *document = json_parse(text, len, NULL);
	bool ok = true, success = true;

	json_bool(json_member(document, "ok"), &ok);
	json_bool(json_member(document, "success"), &success);
	json_release(document);
	return !ok || !success;
}

long reply_code(long code, const char *text, size_t len)
{
	char begin[TEXT_MAX];
	size_t n = len < sizeof begin - 1 ? len : sizeof begin - 1;

	if (code < 200 || code >= 300 || len == 0)
		return code;
	memcpy(begin, text, n);
	begin[n] = '\0';
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strncmp(begin, refusals[i].begin, strlen(refusals[i].begin)) == 0)
			return named_code(begin, refusals[i].code);
	return json_refuses(text, len) ? 400 : code;
}

bool reply_is_page(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && text[i] == '<';
}
