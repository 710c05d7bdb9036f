#include "base/redact.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define STARS "***"

/* Put three stars in the place of text[at..at+len). */
static void strike(struct buf *text, size_t at, size_t len)
{
	struct buf rest = BUF_INIT;

	buf_adds(&rest, text->data + at + len);
	text->len = at;
	buf_adds(text, STARS);
	buf_add(text, rest.data ? rest.data : "", rest.len);
	buf_release(&rest);
}

static void strike_literal(struct buf *text, const char *secret)
{
	size_t len = strlen(secret), at = 0;
	const char *found;

	if (len < 4)
		return;
	while (at < text->len && (found = strstr(text->data + at, secret))) {
		at = (size_t)(found - text->data);
		strike(text, at, len);
		at += strlen(STARS);
	}
}

/* scheme://user:password@host */
static void strike_url_passwords(struct buf *text)
{
	size_t at = 0;
	const char *found;

	while (at < text->len && (found = strstr(text->data + at, "://"))) {
		const char *authority = found + 3;
		size_t len = strcspn(authority, "/ \t\n\"'<>?#");
		const char *colon = memchr(authority, ':', len);
		const char *host = NULL;

		for (size_t i = 0; i < len; i++)
			if (authority[i] == '@')
				host = authority + i;
		at = (size_t)(authority - text->data);
		if (colon && host && colon < host) {
			size_t from = (size_t)(colon + 1 - text->data);

			strike(text, from, (size_t)(host - colon - 1));
		}
	}
}

/* Services at which whoever knows the path may write. */
static void strike_secret_paths(struct buf *text)
{
	static const char *const host[] = {
		"hooks.slack.com/", "hc-ping.com/", "cronitor.link/", "cronitor.io/", "discord.com/api/webhooks/",
		"discordapp.com/api/webhooks/", "webhook.office.com/", "outlook.office.com/webhook/", "logic.azure.com/",
		"hooks.zapier.com/", "maker.ifttt.com/", "chat.googleapis.com/", "api.telegram.org/bot", "hook.eu1.make.com/",
		"hook.us1.make.com/", "uptime.betterstack.com/api/v1/heartbeat/", "healthchecks.io/ping/",
	};

	for (size_t i = 0; i < sizeof host / sizeof *host; i++) {
		const char *found;

		for (size_t at = 0; at < text->len && (found = strstr(text->data + at, host[i]));) {
			size_t len;

			at = (size_t)(found - text->data) + strlen(host[i]);
			len = strcspn(text->data + at, " \t\n\"'<>)");
			if (len > 0 && strncmp(text->data + at, STARS, strlen(STARS)) != 0)
				strike(text, at, len);
		}
	}
}

/* Where the value after a name ends: at its closing quote, or at the next separator. */
static size_t value_length(const char *value)
{
	size_t len;

	if (*value != '"' && *value != '\'')
		return strcspn(value, " \t\n\"',;&)");
	for (len = 1; value[len] && value[len] != value[0] && value[len] != '\n'; len++)
		if (value[len] == '\\' && value[len + 1])
			len++;
	return value[len] == value[0] ? len + 1 : len;
}

/* password=…, "token": "…" */
static void strike_named(struct buf *text)
{
	static const char *const name[] = {
		"password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "api-key", "private_key",
		"privatekey", "private-key", "access_key", "accesskey",
	};

	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		size_t len = strlen(name[i]);

		for (size_t at = 0; at + len < text->len; at++) {
			size_t value = at + len, span;

			if (strncasecmp(text->data + at, name[i], len) != 0)
				continue;
			value += strspn(text->data + value, "\"'");
			value += strspn(text->data + value, " \t");
			if (text->data[value] != '=' && text->data[value] != ':')
				continue;
			value++;
			value += strspn(text->data + value, " \t");
			span = value_length(text->data + value);
			if (span > 0)
				strike(text, value, span);
			at = value;
		}
	}
}

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* --password X, as an argument list shows it */
static void strike_options(struct buf *text)
{
	static const char *const name[] = {
		"--password", "--passwd", "--passphrase", "--secret", "--token", "--api-key",
	};

	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		size_t len = strlen(name[i]);

		for (size_t at = 0; at + len < text->len; at++) {
			size_t value = at + len, span;

			if (strncasecmp(text->data + at, name[i], len) != 0 || !strchr(" \t", text->data[value]))
				continue;
			value += strspn(text->data + value, " \t");
			span = value_length(text->data + value);
			if (span > 0)
				strike(text, value, span);
			at = value;
		}
	}
}

/* ?key=…, &sig=…: names that mean a secret in an address, and nothing elsewhere */
static void strike_parameters(struct buf *text)
{
	static const char *const name[] = { "key=", "sig=", "signature=", "code=", "auth=", "pass=", "pwd=" };

	for (size_t at = 0; at + 1 < text->len; at++) {
		if (!strchr("?&;", text->data[at]))
			continue;
		for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
			size_t value = at + 1 + strlen(name[i]), span;

			if (strncasecmp(text->data + at + 1, name[i], strlen(name[i])) != 0)
				continue;
			span = value_length(text->data + value);
			if (span > 0)
				strike(text, value, span);
			break;
		}
	}
}

/* A JSON Web Token wherever it stands: three parts, of which the first is a JSON object's beginning. */
static void strike_tokens(struct buf *text)
{
	const char *found;

	for (size_t at = 0; at < text->len && (found = strstr(text->data + at, "eyJ"));) {
		size_t from = (size_t)(found - text->data), len = strspn(found, BASE64URL), second;

		at = from + 3;
		if (len < 8 || found[len] != '.')
			continue;
		second = strspn(found + len + 1, BASE64URL);
		if (second == 0)
			continue;
		len += 1 + second;
		if (found[len] == '.')
			len += 1 + strspn(found + len + 1, BASE64URL);
		strike(text, from, len);
		at = from + strlen(STARS);
	}
}

/* Basic dXNlcjpwYXNz: what follows is base64 and no word. */
static void strike_basic(struct buf *text)
{
	static const char word[] = "basic ";

	for (size_t at = 0; at + sizeof word < text->len; at++) {
		size_t value = at + sizeof word - 1, len, lower;

		if (strncasecmp(text->data + at, word, sizeof word - 1) != 0)
			continue;
		len = strspn(text->data + value, BASE64URL "+/=");
		lower = strspn(text->data + value + (len > 0), "abcdefghijklmnopqrstuvwxyz-_/");
		if (len >= 8 && lower + 1 < len)
			strike(text, value, len);
	}
}

/* Authorization: …, Bearer … */
static void strike_headers(struct buf *text)
{
	static const struct { const char *word, *until; } row[] = {
		{ "authorization:", "\n\"'" }, { "bearer ", " \t\n\"'," },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		size_t len = strlen(row[i].word);

		for (size_t at = 0; at + len < text->len; at++) {
			size_t value = at + len;

			if (strncasecmp(text->data + at, row[i].word, len) != 0)
				continue;
			value += strspn(text->data + value, " ");
			if (strcspn(text->data + value, row[i].until) > 0)
				strike(text, value, strcspn(text->data + value, row[i].until));
			at = value;
		}
	}
}

static void strike_private_keys(struct buf *text)
{
	static const char begin[] = "-----BEGIN ", kind[] = "PRIVATE KEY-----", end[] = "-----END ";
	const char *found;

	for (size_t at = 0; at < text->len && (found = strstr(text->data + at, begin));) {
		const char *label = found + strlen(begin);
		const char *body = strstr(label, kind);
		const char *stop;

		at = (size_t)(label - text->data);
		if (!body || body - label > 20)
			continue;
		body += strlen(kind);
		stop = strstr(body, end);
		at = (size_t)(body - text->data);
		strike(text, at, stop ? (size_t)(stop - body) : strlen(body));
		at += strlen(STARS);
	}
}

void redact(struct buf *text, const char *const *secrets)
{
	if (text->len == 0)
		return;
	for (; secrets && *secrets; secrets++)
		strike_literal(text, *secrets);
	strike_private_keys(text);
	strike_url_passwords(text);
	strike_secret_paths(text);
	strike_headers(text);
	strike_basic(text);
	strike_tokens(text);
	strike_options(text);
	strike_parameters(text);
	strike_named(text);
}
