/*
 * json_marks - JSON as a parser may read it that makes doubles of numbers: each number a string with a mark
 *
 * One pass over the body, which checks what it copies (see json.h for what is refused, and what costs only itself).
 */
#ifndef WINDFALL_JSON_MARKS_H
#define WINDFALL_JSON_MARKS_H

#include <stdbool.h>
#include <stddef.h>

/* Stands before the text of a number in the string that the parser gets, and before as many of the other mark as bytes
 * stand where a value should and is none.  No other string has it. */
#define JSON_MARK '\x01'
#define JSON_UNREADABLE '?'

/* What costs a document, and the offset in its body. */
struct json_fault {
	const char *what;
	size_t offset;
};

static inline bool json_is_space(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The bytes that the marked text of a body takes at the most, its NUL included. */
size_t json_mark_room(size_t len);

/* Write the marked text of body[0..len) with a NUL to out, which has that room, and its length to *out_len.  False,
 * with the fault, where it is no JSON as far as values go; out then holds a part of the body. */
bool json_mark(const char *body, size_t len, char *out, size_t *out_len, struct json_fault *fault);

/* The offset in the body of an offset in the marked text: the marks that stand before it are taken out. */
size_t json_unmarked(const char *marked, size_t offset);

#endif
