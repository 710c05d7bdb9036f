#include "alert/ping.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

bool ping_word_parse(const char *text, enum ping_word *word)
{
	static const char *const words[] = { "start", "success", "fail" };

	for (int i = PING_START; i <= PING_FAIL; i++) {
		if (strcmp(text, words[i]) == 0) {
			*word = (enum ping_word)i;
			return true;
		}
	}
	return false;
}

bool ping_style_parse(const char *text, const char *url, enum ping_style *style)
{
	if (!text)
		*style = strstr(url, "://cronitor.") ? PING_CRONITOR : PING_HEALTHCHECKS;
	else if (strcmp(text, "healthchecks") == 0)
		*style = PING_HEALTHCHECKS;
	else if (strcmp(text, "cronitor") == 0)
		*style = PING_CRONITOR;
	else
		return false;
	return true;
}

/* The same for all pings of one run, in the form of a UUID, as healthchecks wants it. */
static void add_run(struct buf *url, const char *before, const struct ping *ping)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct buf name = BUF_INIT;

	if (!ping->run || !*ping->run)
		return;
	buf_addf(&name, "%s/%s/%s", ping->host, ping->job ? ping->job : "", ping->run);
	SHA256((const unsigned char *)name.data, name.len, hash);
	hash[6] = (unsigned char)(0x40 | (hash[6] & 0x0f));
	hash[8] = (unsigned char)(0x80 | (hash[8] & 0x3f));
	buf_adds(url, before);
	for (int i = 0; i < 16; i++)
		buf_addf(url, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", hash[i]);
	buf_release(&name);
}

static bool expand_job(struct buf *url, const char *pattern, const char *job, struct reason *why)
{
	static const char name[] = "{job}";
	const char *at = strstr(pattern, name);

	if (!at) {
		buf_adds(url, pattern);
		return true;
	}
	if (!job || !*job || strspn(job, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(job))
		return reason_set(why, "it has %s in it, and WINDFALL_JOB names no job", name);
	buf_add(url, pattern, (size_t)(at - pattern));
	buf_adds(url, job);
	buf_adds(url, at + strlen(name));
	return true;
}

static void add_cronitor(struct buf *url, const struct ping *ping)
{
	static const char *const state[] = { "run", "complete", "fail", "ok" };

	buf_addf(url, "%cstate=%s&host=%s", strchr(url->data, '?') ? '&' : '?', state[ping->word], ping->host);
	if (ping->code >= 0)
		buf_addf(url, "&status_code=%d", ping->code);
	add_run(url, "&series=", ping);
}

static void add_healthchecks(struct buf *url, const struct ping *ping)
{
	char *question = strchr(url->data, '?'), *query = question ? xstrdup(question) : NULL;

	if (question)
		url->len = (size_t)(question - url->data);
	while (url->len > 0 && url->data[url->len - 1] == '/')
		url->len--;
	if (ping->word == PING_LOG)
		buf_adds(url, "/log");
	else if (ping->word == PING_START)
		buf_adds(url, "/start");
	else if (ping->code > 0 && ping->word == PING_FAIL)
		buf_addf(url, "/%d", ping->code);
	else
		buf_adds(url, ping->word == PING_FAIL ? "/fail" : "/0");
	if (query)
		buf_adds(url, query);
	add_run(url, query ? "&rid=" : "?rid=", ping);
	free(query);
}

bool ping_url(struct buf *url, const char *pattern, enum ping_style style, const struct ping *ping,
	      struct reason *why)
{
	if (!expand_job(url, pattern, ping->job, why))
		return false;
	if (style == PING_CRONITOR)
		add_cronitor(url, ping);
	else
		add_healthchecks(url, ping);
	return true;
}
