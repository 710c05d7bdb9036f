/*
 * config_text - the lines of a file of settings: NAME=value, # comments, and no shell
 *
 * Nothing is expanded and nothing is executed.  Blanks around name and value go; quotes around a whole value are taken
 * off.  A byte-order mark and CR LF are passed over, as editors leave them.
 */
#ifndef WINDFALL_CONFIG_TEXT_H
#define WINDFALL_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct config_reader {
	char *next;		/* of the caller's text, which is cut into pieces in place */
	int line;		/* of the pair at hand, from 1 */
	char *name, *value;	/* value is NULL where the line has no = */
	bool quoted;		/* quotes around the value were taken off */
};

/* Begin to read text[0..len), which ends with a NUL that len does not count; NULL is an empty file. */
void config_text_begin(struct config_reader *r, char *text, size_t len);

/* The next line that is neither empty nor a comment, into name and value: true; false at the end. */
bool config_text_next(struct config_reader *r);

/* Take the blanks and line ends around a value off, in place, and the quotes around the whole of what is left, in which
 * no other of the kind stands. */
void config_text_tidy(char *value);

#endif
