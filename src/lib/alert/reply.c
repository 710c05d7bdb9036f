#include "alert/reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* The status that a number of an answer means, as those give it who answer each request with 200; 0 if it is none. */
static long status_of_number(int64_t number)
{
	switch (number) {
	case 11232:			/* Feishu: too often */
	case 45009:			/* WeCom */
	case 130101: case 410100:	/* DingTalk */
		return 429;
	case -1:			/* WeCom, DingTalk: busy */
		return 503;
	default:
		return number >= 400 && number < 600 ? (long)number : 400;
	}
}

/* Is the member one of the words, in whatever case? */
static bool is_word(const cJSON *member, const char *const *words)
{
	const char *text = json_string(member);

	for (; text && *words; words++)
		if (strcasecmp(text, *words) == 0)
			return true;
	return false;
}

/* The status that a document of JSON means; 0 where it does not say that it took nothing. */
static long json_code(const cJSON *document)
{
	static const char *const failed[] = { "error", "fail", "failed", "failure", NULL };
	bool ok = true, success = true, taken;
	int64_t number = 0;

	taken = json_bool(json_member(document, "ok"), &ok);
	taken = json_bool(json_member(document, "success"), &success) || taken;
	if (!ok || !success)
		return 400;
	/* Where both stand, the word counts: the number of a success is anything. */
	if (!taken && json_int64(json_member(document, "code"), &number) && number != 0 && (number < 200 || number > 299))
		return status_of_number(number);
	if (json_int64(json_member(document, "errcode"), &number) && number != 0)
		return status_of_number(number);
	if (is_word(json_member(document, "status"), failed) || is_word(json_member(document, "result"), failed))
		return 400;
	return json_complaint(document, true) ? 400 : 0;
}

long reply_code(long code, const char *text, size_t len)
{
	char begin[TEXT_MAX];
	cJSON *document;
	long meant;
	size_t n = len < sizeof begin - 1 ? len : sizeof begin - 1;

	if (code < 200 || code >= 300 || len == 0)
		return code;
	memcpy(begin, text, n);
	begin[n] = '\0';
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strncmp(begin, refusals[i].begin, strlen(refusals[i].begin)) == 0)
			return named_code(begin, refusals[i].code);
	document = json_parse(text, len, NULL);
	meant = json_code(document);
	json_release(document);
	return meant ? meant : code;
}

bool reply_is_page(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && text[i] == '<';
}
