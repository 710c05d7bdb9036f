#include "format/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "format/json_marks.h"

/* How much of the offending place a message shows. */
#define SHOWN 40

/* Say where it went wrong and show what stands there, control and foreign bytes as '?'. */
static bool refuse(struct reason *why, const char *what, const char *body, size_t len, size_t offset)
{
	char shown[SHOWN + 1];
	size_t n = len - offset < SHOWN ? len - offset : SHOWN;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)body[offset + i];

		shown[i] = c == '\n' || c == '\t' || c == '\r' ? ' ' : c < 0x20 || c > 0x7e ? '?' : (char)c;
	}
	shown[n] = '\0';
	if (n == 0)
		return reason_set(why, "%s at byte %zu: the document ends there", what, offset);
	return reason_set(why, "%s at byte %zu: %s", what, offset, shown);
}

/* Whole, as what was copied before a mistake is a part of the body. */
static void forget(char *marked, size_t room, bool is_private)
{
	if (is_private)
		OPENSSL_cleanse(marked, room);
	free(marked);
}

/* With its mark, or without: then of the bracket that a document begins with one byte is zero. */
static bool is_utf16(const char *body, size_t len)
{
	return len >= 2 && (memcmp(body, "\xff\xfe", 2) == 0 || memcmp(body, "\xfe\xff", 2) == 0 ||
			    (!body[0] && body[1] && strchr("{[", body[1])) || (!body[1] && body[0] && strchr("{[", body[0])));
}

static cJSON *parse(const char *body, size_t len, bool is_private, struct reason *why)
{
	const char *stopped = NULL;
	struct json_fault fault;
	size_t marked_len, room;
	cJSON *document;
	char *marked;

	if (is_utf16(body, len)) {
		reason_set(why, "text in UTF-16, where JSON is UTF-8");
		return NULL;
	}
	/* RFC 8259 lets a reader pass over a byte-order mark. */
	if (len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0) {
		body += 3;
		len -= 3;
	}
	if (len == 0) {
		reason_set(why, "an empty body");
		return NULL;
	}
	room = json_mark_room(len);
	marked = xmalloc(room);
	if (!json_mark(body, len, marked, &marked_len, &fault)) {
		refuse(why, fault.what, body, len, fault.offset);
		forget(marked, room, is_private);
		return NULL;
	}
	document = cJSON_ParseWithLengthOpts(marked, marked_len + 1, &stopped, 1);
	if (!document) {
		size_t offset = json_unmarked(marked, stopped ? (size_t)(stopped - marked) : 0);

		refuse(why, "no JSON", body, len, offset < len ? offset : len);
	}
	forget(marked, room, is_private);
	return document;
}

cJSON *json_parse_private(const char *body, size_t len, struct reason *why)
{
	return parse(body, len, true, why);
}

void json_release(cJSON *document)
{
	cJSON_Delete(document);
}

bool json_is_cut(const char *body, size_t len)
{
	bool in_string = false, blank = true;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = body[i];

		blank = blank && json_is_space((unsigned char)c);
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && depth > 0 && --depth == 0) {
			return false;
		}
	}
	return blank || in_string || depth > 0;
}

cJSON *json_parse(const char *body, size_t len, struct reason *why)
{
	cJSON *document = parse(body, len, false, why);
	size_t start = len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (document || !why)
		return document;
	while (start < len && json_is_space((unsigned char)body[start]))
		start++;
	/* One that begins as JSON and breaks off its rules is the document with something impossible. */
	if (is_utf16(body, len) || (start < len && body[start] != '{' && body[start] != '['))
		why->answer = ANSWER_OTHER;
	else
		why->answer = json_is_cut(body, len) ? ANSWER_CUT : ANSWER_ODD;
	return NULL;
}

/* Which of the two was meant nobody knows. */
static char no_value[] = { JSON_MARK, JSON_UNREADABLE, '\0' };
static const cJSON twice = { .type = cJSON_String, .valuestring = no_value };

const cJSON *json_member(const cJSON *object, const char *name)
{
	const cJSON *found = NULL, *member;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach(member, object) {
		if (strcmp(member->string, name) != 0)
			continue;
		if (found)
			return &twice;
		found = member;
	}
	return found;
}

bool json_is_null(const cJSON *value)
{
	return cJSON_IsNull(value);
}

bool json_is_number(const cJSON *value)
{
	return cJSON_IsString(value) && value->valuestring[0] == JSON_MARK && value->valuestring[1] != JSON_UNREADABLE;
}

static bool is_unreadable(const cJSON *value)
{
	return cJSON_IsString(value) && value->valuestring[0] == JSON_MARK && value->valuestring[1] == JSON_UNREADABLE;
}

const char *json_number_text(const cJSON *value)
{
	return json_is_number(value) ? value->valuestring + 1 : NULL;
}

const char *json_string(const cJSON *value)
{
	return cJSON_IsString(value) && value->valuestring[0] != JSON_MARK ? value->valuestring : NULL;
}

bool json_bool(const cJSON *value, bool *to)
{
	if (!cJSON_IsBool(value))
		return false;
	*to = cJSON_IsTrue(value);
	return true;
}

bool json_int64(const cJSON *value, int64_t *to)
{
	const char *text = json_number_text(value);
	bool negative;
	uint64_t n = 0;

	if (!text)
		return false;
	negative = *text == '-';
	for (text += negative; isdigit((unsigned char)*text); text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (*text != '\0' || n > (uint64_t)INT64_MAX + negative)
		return false;
	*to = negative ? (n > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)n) : (int64_t)n;
	return true;
}

/* The first text of an object of errors by field: {"from":["is no date"]}. */
static const char *first_text(const cJSON *errors)
{
	const cJSON *first = errors->child;

	return json_string(cJSON_IsArray(first) ? first->child : first);
}

const char *json_complaint(const cJSON *document, bool beside_list)
{
	static const char *const names[] = { "error", "errors", "message", "detail", "title" };
	bool wordless = false;

	for (size_t i = 0; i < (beside_list && !wordless ? 2 : sizeof names / sizeof *names); i++) {
		const cJSON *value = json_member(document, names[i]);
		const char *said;

		if (cJSON_IsArray(value))
			value = value->child;
		said = json_string(value);
		wordless |= is_unreadable(value);
		if (cJSON_IsObject(value) && value->child) {
			said = json_complaint(value, false);
			if (!said)
				said = first_text(value);
			wordless |= !said;
		}
		if (said && *said)
			return said;
	}
	return wordless ? "it does not say which" : NULL;
}

const char *json_kind(const cJSON *value)
{
	if (!value)
		return "absent";
	if (json_is_number(value))
		return "a number";
	if (value == &twice)
		return "given twice";
	if (is_unreadable(value))
		return "no value of JSON";
	if (cJSON_IsString(value))
		return "a string";
	if (cJSON_IsBool(value))
		return "true or false";
	if (cJSON_IsNull(value))
		return "null";
	return cJSON_IsArray(value) ? "an array" : "an object";
}
