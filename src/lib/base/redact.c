#include "base/redact.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/token.h"

#define STARS "***"
#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define BASE64URL LETTERS DIGITS "-_"

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

/* The last of the first len bytes that is an @; NULL if none is. */
static const char *last_at(const char *text, size_t len)
{
	while (len > 0)
		if (text[--len] == '@')
			return text + len;
	return NULL;
}

/* Does the text before its end close with http or https? */
static bool is_web(const char *begin, const char *end)
{
	return (end - begin >= 4 && strncasecmp(end - 4, "http", 4) == 0) ||
	       (end - begin >= 5 && strncasecmp(end - 5, "https", 5) == 0);
}

/* What stands between the colon and the end: a port, and what a sentence puts behind it? */
static bool is_port(const char *colon, const char *end)
{
	const char *rest = colon + 1 + strspn(colon + 1, DIGITS);

	return rest + strspn(rest, ",.;:)]}!") >= end;
}

/*
 * Where the password of an authority ends that has no @ in it.  A password may hold a bare / ? or #, and a blank: at
 * the last @ of the word, or of the line; or at the word's end, if no host follows.  NULL if what follows the colon
 * is a port, or there is no colon.
 */
static const char *end_of_password(const char *authority, size_t len)
{
	const char *colon = memchr(authority, ':', len), *at;
	size_t word = strcspn(authority, " \t\n\"'<>");

	if (!colon || *authority == '[' || is_port(colon, authority + len))
		return NULL;
	at = last_at(authority, word);
	if (!at)
		at = last_at(authority, strcspn(authority, "\n\"'<>"));
	return at ? at : authority + word;
}

/*
 * scheme://user:password@host, and of a web address a user without a password, which is a token.
 */
static void strike_url_passwords(struct buf *text)
{
	size_t at = 0;
	const char *found;

	while (at < text->len && (found = strstr(text->data + at, "://"))) {
		const char *authority = found + 3;
		size_t len = strcspn(authority, "/ \t\n\"'<>?#");
		const char *colon = memchr(authority, ':', len);
		const char *host = last_at(authority, len);
		bool web = is_web(text->data, found);

		at = (size_t)(authority - text->data);
		if (!host)
			host = end_of_password(authority, len);
		/* An advice how to write one has no secret in it. */
		if (colon && host && host - colon == 9 && strncmp(colon, ":PASSWORD", 9) == 0)
			continue;
		if (colon && host && colon < host)
			strike(text, (size_t)(colon + 1 - text->data), (size_t)(host - colon - 1));
		else if (host > authority && web)
			strike(text, at, (size_t)(host - authority));
	}
}

/* Strike from text[at] to the end of the address, unless that was done. */
static void strike_rest_of_address(struct buf *text, size_t at)
{
	size_t len = strcspn(text->data + at, " \t\n\"'<>)");

	if (len > 0 && strncmp(text->data + at, STARS, strlen(STARS)) != 0)
		strike(text, at, len);
}

/* How many bytes of text are this beginning of an address, in capitals or small, its / perhaps spelt %2F; 0 if none. */
static size_t begins_address(const char *text, const char *begin)
{
	size_t len = 0;

	for (; *begin; begin++) {
		if (*begin == '/' && strncasecmp(text + len, "%2f", 3) == 0)
			len += 3;
		else if (strncasecmp(text + len, begin, 1) == 0)
			len++;
		else
			return 0;
	}
	return len;
}

/* Services at which whoever knows the path may write. */
static void strike_secret_paths(struct buf *text)
{
	static const char *const host[] = {
		"hooks.slack.com/", "hc-ping.com/", "cronitor.link/", "cronitor.io/", "discord.com/api/webhooks/",
		"discordapp.com/api/webhooks/", "webhook.office.com/", "outlook.office.com/webhook/", "logic.azure.com/",
		"hooks.zapier.com/", "maker.ifttt.com/", "chat.googleapis.com/", "api.telegram.org/bot", "hook.eu1.make.com/",
		"hook.us1.make.com/", "events.pagerduty.com/integration/",
		"uptime.betterstack.com/api/v1/heartbeat/", "healthchecks.io/ping/", "ntfy.sh/", "nosnch.in/",
	};

	for (size_t at = 0; at < text->len; at++)
		for (size_t i = 0; i < sizeof host / sizeof *host; i++) {
			size_t len = begins_address(text->data + at, host[i]);

			if (len > 0)
				strike_rest_of_address(text, at + len);
		}
}

/* The same on a host of one's own, as such services name their paths: of a web address, what follows /hooks/ and the
 * like. */
static void strike_own_paths(struct buf *text)
{
	static const char *const folder[] = { "/hook/", "/hooks/", "/webhook/", "/webhooks/", "/ping/", "/api/push/" };
	const char *found;

	for (size_t at = 0; at < text->len && (found = strstr(text->data + at, "://"));) {
		const char *path = found + 3, *inside;
		size_t len = strcspn(path, " \t\n\"'<>");

		at = (size_t)(path - text->data);
		if (!is_web(text->data, found))
			continue;
		for (size_t i = 0; i < sizeof folder / sizeof *folder; i++)
			if ((inside = strstr(path, folder[i])) && inside < path + len) {
				strike_rest_of_address(text, (size_t)(inside - text->data) + strlen(folder[i]));
				break;
			}
	}
}

/* A value without quotes, up to the next separator; a backslash at the end of its line continues it on the next one. */
static size_t bare_length(const char *value)
{
	size_t len = strcspn(value, " \t\n\"',;&)<");

	if (len > 0 && strncmp(value + len - 1, "\\\n", 2) == 0) {
		len += 1 + strspn(value + len + 1, " \t");
		len += strcspn(value + len, " \t\n\"',;&)<");
	}
	return len;
}

/* Where the value after a name ends: at its closing quote or bracket, on this or the next line, or at a separator. */
static size_t value_length(const char *value)
{
	char close = *value == '[' ? ']' : *value;
	int lines = 1;
	size_t len;

	/* JSON within a string: \"...\" */
	if (*value == '\\' && value[1] == '"') {
		for (len = 2; value[len] && value[len] != '\n'; len++)
			if (strncmp(value + len, "\\\"", 2) == 0)
				return len + 2;
		return len;
	}
	if (!*value || !strchr("\"'[", *value))
		return bare_length(value);
	/* A backslash holds the next one, and within SQL's quotes a second quote is one of the text. */
	for (len = 1; value[len] && lines <= 2; len++)
		if ((value[len] == '\\' && value[len + 1]) || (close == '\'' && value[len] == close && value[len + 1] == close))
			len++;
		else if (value[len] == close)
			return len + 1;
		else if (value[len] == '\n')
			lines++;
	return strcspn(value, "\n");
}

/* How far the value is from what separates it from its name, if it is on the line below: in quotes, or one word that is
 * all of its line and indented, or below a colon, behind which YAML may have a | or >; not another name.  0 if it is
 * not there. */
static size_t gap_to_next_line(const char *text, bool below_colon)
{
	size_t gap = below_colon && strchr("|>", *text) ? strspn(text, "|>+-" DIGITS) : 0, word;
	bool indented;

	gap += strspn(text + gap, " \t\r");
	if (text[gap] != '\n')
		return 0;
	gap += strspn(text + gap, " \t\r\n");
	indented = text[gap - 1] != '\n';
	if (below_colon && strncmp(text + gap, "- ", 2) == 0)
		gap += 2;
	if (text[gap] && strchr("\"'", text[gap]))
		return gap;
	word = strcspn(text + gap, " \t\r\n");
	if (word == 0 || text[gap + word - 1] == ':' || !(indented || below_colon))
		return 0;
	return strchr("\n", text[gap + word + strspn(text + gap + word, " \t\r")]) ? gap : 0;
}

/* What stands between a name and its value: = : > or, in an address, %3D, with quotes and blanks; blanks alone in a
 * statement of SQL, which PostgreSQL quotes where it is wrong (PASSWORD '…').  The value may be on the next line.
 * 0 if it is none. */
static size_t separator_length(const char *text)
{
	size_t len = strspn(text, "\"'\\");
	bool colon;

	len += strspn(text + len, " \t");
	if (strncasecmp(text + len, "%3d", 3) == 0)
		return len + 3;
	if (text[len] == '\'' && strspn(text, " \t") == len)
		return len;
	if (text[len] == '>' && len == 0)
		return 1;
	if (text[len] != '=' && text[len] != ':')
		return 0;
	colon = text[len++] == ':';
	len += strspn(text + len, " \t");
	return len + gap_to_next_line(text + len, colon);
}

/* Is the name at text[at] that of a file, whose path begins with /, ./ or ../ and of which a message says something
 * after ": "? */
static bool is_path(const struct buf *text, size_t at, size_t len)
{
	size_t word = at;

	while (word > 0 && !strchr(" \t\n\"'", text->data[word - 1]))
		word--;
	return strchr("/.", text->data[word]) && text->data[at - 1] == '/' && strncmp(text->data + at + len, ": ", 2) == 0;
}

/* What stands between the name at text[at] and its value; 0 if it has none. */
static size_t gap_of_name(const struct buf *text, size_t at, size_t len)
{
	return is_path(text, at, len) ? 0 : separator_length(text->data + at + len);
}

static size_t gap_of_option(const struct buf *text, size_t at, size_t len)
{
	return strspn(text->data + at + len, " \t");
}

/* Strike the value at text[at], if there is any. */
static void strike_value(struct buf *text, size_t at)
{
	size_t len = value_length(text->data + at);

	if (len > 0)
		strike(text, at, len);
}

/* Strike the value behind each of these names. */
static void strike_after(struct buf *text, const char *const *name, size_t n,
			 size_t (*gap_of)(const struct buf *text, size_t at, size_t len))
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(name[i]);

		for (size_t at = 0; at + len < text->len; at++) {
			size_t value, gap = strncasecmp(text->data + at, name[i], len) == 0 ? gap_of(text, at, len) : 0;

			if (gap == 0)
				continue;
			value = at + len + gap;
			strike_value(text, value);
			at = value;
		}
	}
}

/* password=…, "token": "…", <secret>…</secret> */
static void strike_named(struct buf *text)
{
	static const char *const name[] = {
		"password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "api-key", "private_key",
		"privatekey", "private-key", "access_key", "accesskey", "access-key", "accountkey", "auth-key", "auth_key",
		"signature", "access-sign", "access_sign", "secretkey", "secret_key", "secret-key", "routing_key", "__cookie__",
		"_pass", "\"auth",
	};

	strike_after(text, name, sizeof name / sizeof *name, gap_of_name);
}

/* Is there one of these bytes among the first len of text? */
static bool has_any(const char *text, size_t len, const char *bytes)
{
	return strcspn(text, bytes) < len;
}

/* Strike the value at text[at] if it stands in quotes, or has letters and digits. */
static void strike_if_no_word(struct buf *text, size_t at)
{
	const char *value = text->data + at;
	size_t len = value_length(value);

	if (len > 1 && (strchr("\"'", *value) || (has_any(value, len, DIGITS) && has_any(value, len, LETTERS))))
		strike(text, at, len);
}

/* The password is "…", its token was x9Yz: in quotes, or letters and digits in one word; another word is one of a
 * sentence. */
static void strike_sentences(struct buf *text)
{
	static const char *const name[] = { "password", "passphrase", "secret", "token" };
	static const char *const verb[] = { " is ", " was ", " is: ", " was: " };

	for (size_t at = 0; at < text->len; at++)
		for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
			size_t len = strlen(name[i]);

			if (strncasecmp(text->data + at, name[i], len) != 0)
				continue;
			for (size_t j = 0; j < sizeof verb / sizeof *verb; j++)
				if (strncasecmp(text->data + at + len, verb[j], strlen(verb[j])) == 0)
					strike_if_no_word(text, at + len + strlen(verb[j]));
		}
}

/* --password X, as an argument list shows it */
static void strike_options(struct buf *text)
{
	static const char *const name[] = {
		"--password", "--passwd", "--pass", "--passphrase", "--secret", "--token", "--api-key",
	};

	strike_after(text, name, sizeof name / sizeof *name, gap_of_option);
}

/* -u user:password, --user user:password, as of curl */
static void strike_user_options(struct buf *text)
{
	static const char *const name[] = { "-u ", "--user ", "--proxy-user " };

	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		const char *found;

		for (size_t at = 0; at < text->len && (found = strstr(text->data + at, name[i]));) {
			size_t user = (size_t)(found - text->data) + strlen(name[i]);
			size_t colon = user + strcspn(text->data + user, ": \t\n");

			at = user;
			if (text->data[colon] == ':')
				strike(text, colon + 1, strcspn(text->data + colon + 1, " \t\n\"'"));
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
			size_t len = strlen(name[i]);

			if (strncasecmp(text->data + at + 1, name[i], len) != 0)
				continue;
			strike_value(text, at + 1 + len);
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

/* Bearer … */
static void strike_bearer(struct buf *text)
{
	static const char word[] = "bearer ";
	size_t len = sizeof word - 1;

	for (size_t at = 0; at + len < text->len; at++) {
		size_t value = at + len, span;

		if (strncasecmp(text->data + at, word, len) != 0)
			continue;
		value += strspn(text->data + value, " ");
		span = strcspn(text->data + value, " \t\n\"',");
		if (span > 0)
			strike(text, value, span);
		at = value;
	}
}

/* Authorization: …, {"authorization": "…"}, Cookie: name=…; a file of a cookie is none */
static void strike_headers(struct buf *text)
{
	static const struct { const char *word; bool is_pair; } row[] = { { "authorization", false }, { "cookie", true } };

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		size_t len = strlen(row[i].word);

		for (size_t at = 0; at + len < text->len; at++) {
			size_t value = at + len, span;

			if (strncasecmp(text->data + at, row[i].word, len) != 0 || (span = separator_length(text->data + value)) == 0)
				continue;
			value += span;
			value += strspn(text->data + value, "\"'");
			span = strcspn(text->data + value, "\n\"'");
			if (row[i].is_pair && text->data[value + strspn(text->data + value, BASE64URL ".")] != '=')
				continue;
			if (span > 0)
				strike(text, value, span);
			at = value;
		}
	}
}

/* The end of the line "-----BEGIN EC PRIVATE KEY-----" whose label begins here, or NULL if it is of no private key. */
static const char *end_of_key_line(const char *label)
{
	static const char dashes[] = "-----";
	const char *end = strstr(label, dashes), *kind = strstr(label, "PRIVATE KEY");

	return end && kind && kind < end && kind - label <= 20 ? end + sizeof dashes - 1 : NULL;
}

/* Of a key whose beginning was cut away, as by the last lines of a log: the lines of base64 before its end.  Where that
 * stands then. */
static size_t strike_before_end(struct buf *text, size_t end)
{
	size_t from = end;

	while (from > 0 && strchr(BASE64URL "+/=\\\r\n", text->data[from - 1]))
		from--;
	if (end - from <= 16)
		return end;
	strike(text, from, end - from);
	return from + strlen(STARS);
}

static void strike_private_keys(struct buf *text)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	const char *found;

	for (size_t at = 0; at < text->len && (found = strstr(text->data + at, "-----"));) {
		bool begins = strncmp(found, begin, strlen(begin)) == 0, ends = strncmp(found, end, strlen(end)) == 0;
		const char *body = begins || ends ? end_of_key_line(found + strlen(begins ? begin : end)) : NULL;
		size_t where = (size_t)(found - text->data), inside = body ? (size_t)(body - text->data) : where + 1;
		const char *stop = begins && body ? strstr(body, end) : NULL;

		at = inside;
		if (body && ends)
			at = strike_before_end(text, where) + strlen(end);
		else if (body)
			strike(text, inside, stop ? (size_t)(stop - body) : strlen(body));
	}
}

/* Where a word may begin: not within one, but behind a line end that is spelt \n. */
static bool is_word_begin(const struct buf *text, size_t at)
{
	if (at == 0 || !strchr(LETTERS DIGITS "_", text->data[at - 1]))
		return true;
	return at > 1 && strncmp(text->data + at - 2, "\\n", 2) == 0;
}

/* Tokens without a name before them. */
static void strike_bare_tokens(struct buf *text)
{
	for (size_t at = 0; at < text->len; at++) {
		size_t len = is_word_begin(text, at) ? token_length(text->data + at) : 0;

		if (len > 0)
			strike(text, at, len);
	}
}

/* 123456789:AA..., a bot of Telegram's */
static void strike_bots(struct buf *text)
{
	const char *found;

	for (size_t at = 0; at < text->len && (found = strstr(text->data + at, ":AA"));) {
		size_t from = (size_t)(found - text->data) + 1, len = strspn(text->data + from, BASE64URL), digits = 0;

		while (digits + 1 < from && strchr(DIGITS, text->data[from - 2 - digits]))
			digits++;
		if (digits >= 6 && len >= 30)
			strike(text, from, len);
		at = from + strlen(STARS);
	}
}

/* One of the four fields before the password in a line of .pgpass, its length without the colon; 0 if it is none. */
static size_t pgpass_field(const char *text, int i)
{
	size_t len = strcspn(text, ": \t\n\"'"), digits = strspn(text, DIGITS);

	if (len == 0 || text[len] != ':')
		return 0;
	if (*text == '*')
		return len == 1;
	if (i == 1)
		return digits == len && (len == 4 || len == 5) ? len : 0;
	return i == 0 || digits == 0 ? len : 0;
}

/* Is the field a part of an IPv6 address, as well as a name? */
static bool is_hexadecimal(const char *text, size_t len)
{
	return len <= 4 && strspn(text, DIGITS "abcdefABCDEF") >= len;
}

/* Where the password begins in a line of .pgpass that begins here, or 0. */
static size_t pgpass_password(const char *text)
{
	size_t at = 0, len;
	bool address = true;

	for (int i = 0; i < 4; i++) {
		len = pgpass_field(text + at, i);
		if (len == 0)
			return 0;
		address = address && is_hexadecimal(text + at, len);
		at += len + 1;
	}
	return address ? 0 : at;
}

/* host:5432:database:user:password, to the end of its line if it is all of that */
static void strike_pgpass(struct buf *text)
{
	for (size_t at = 0; at < text->len; at++) {
		bool line = at == 0 || text->data[at - 1] == '\n';
		size_t begin = line || strchr(" \t\"'=(<", text->data[at - 1]) ? pgpass_password(text->data + at) : 0;
		size_t len = begin > 0 ? strcspn(text->data + at + begin, line ? "\n" : " \t\n\"'") : 0;

		if (len > 0)
			strike(text, at + begin, len);
		at += begin;
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
	strike_own_paths(text);
	strike_headers(text);
	strike_bearer(text);
	strike_basic(text);
	strike_tokens(text);
	strike_options(text);
	strike_user_options(text);
	strike_parameters(text);
	strike_named(text);
	strike_sentences(text);
	strike_bare_tokens(text);
	strike_bots(text);
	strike_pgpass(text);
}
