/*
 * json - cJSON, with numbers kept as the text that was sent
 *
 * cJSON reads every number into a double, which cannot hold what settlement data says.  So one pass
 * over the body turns each number literal, after checking its grammar (RFC 8259), into a string
 * marked with a byte that no other string here can contain; cJSON then parses the result.  The same
 * pass refuses what cJSON would let by: numbers as keys, and anything but white space after the document.
 *
 * A value in an object or array that is none by itself costs no more than itself: a string with malformed
 * UTF-8, raw control bytes, the escapes \u0000 and \u0001, half of a surrogate pair or an escape that JSON has not, or
 * a bare word such as NaN, None or 01.  It is there, and of no kind: neither null nor a string or number.  In a name of
 * a member it costs the document.
 *
 * What comes back is cJSON's tree, for cJSON_ArrayForEach, cJSON_IsArray and cJSON_IsObject; its
 * strings and numbers are to be read with the functions below only.
 */
#ifndef WINDFALL_JSON_H
#define WINDFALL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/reason.h"

/* A document with more values than this is refused: each costs about a hundred bytes of tree.
 * (The largest known answer, the register of all BM units, has about 70,000.) */
#define JSON_MAX_VALUES 500000

/* Parse body[0..len), which need not end in NUL.  The caller frees with json_release().  NULL when it is not one whole
 * JSON document; why then names the byte offset and what stands there (or says that it is empty, or in UTF-16), and its
 * answer says what it is: cut, an object or array with something impossible, or no JSON at all.  Nesting is bounded by
 * cJSON (1,000). */
cJSON *json_parse(const char *body, size_t len, struct reason *why);
void json_release(cJSON *document);

/* The same of a document that holds a secret: the parser's own copy of it is overwritten.  What the tree holds is the
 * caller's to overwrite.  The reason, without an answer, may quote the secret: give NULL. */
cJSON *json_parse_private(const char *body, size_t len, struct reason *why);

/* Does the body end before the object or array that it begins has ended?  So it is with one that was
 * cut on its way, or is blank: asking again may bring the rest. */
bool json_is_cut(const char *body, size_t len);

/* The member of this name (exact), or NULL when there is none or object is not an object.  Where two have the name
 * it is what is no value. */
const cJSON *json_member(const cJSON *object, const char *name);

/* A NULL pointer, which json_member() gives for what is absent, is neither null nor a number. */
bool json_is_null(const cJSON *value);
bool json_is_number(const cJSON *value);

/* The literal as sent ("-179.759999999999990905", "2.7e-07"), borrowed from the tree; NULL if not a number. */
const char *json_number_text(const cJSON *value);

/* The bytes of a string (UTF-8, no NUL inside), borrowed from the tree; NULL if not a string. */
const char *json_string(const cJSON *value);

/* True or false; false, and *to as it was, for any other value. */
bool json_bool(const cJSON *value, bool *to);

/* An integer as sent: no fraction and no exponent, so "1.0" and "1e0" are refused; -0 is 0. */
bool json_int64(const cJSON *value, int64_t *to);

/* What an answer that is an error rather than data says, in the words of the source or of a gateway before it; NULL
 * if it is none.  Gateways answer so with status 200, and beside an empty list too, where a mere message may say that
 * nothing is there.  Borrowed from the document, and a text of others. */
const char *json_complaint(const cJSON *document, bool beside_list);

/* What a value is, for messages: "null", "a string", "absent" for a NULL pointer, ... */
const char *json_kind(const cJSON *value);

#endif
