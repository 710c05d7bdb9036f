/*
 * secrets - what must not be shown, by value: what the settings hold, in each spelling in which it may turn up in a
 * text
 */
#ifndef WINDFALL_SECRETS_H
#define WINDFALL_SECRETS_H

#include <stddef.h>

/* Begins as zeros. */
struct secrets {
	char **value;		/* owned; ends with NULL */
	size_t n;
};

/* Remember a value; once, however often it is given.  It is copied. */
void secrets_add(struct secrets *s, const char *value);

/* The password of scheme://user:password@host, as it is spelt and as it reads without its %XX.  Up to the last @:
 * what is badly spelt is a secret all the same.  One that is also the user's name, or stands in what follows the @,
 * is none by its value: messages name these. */
void secrets_add_password_of(struct secrets *s, const char *address);

/* The value of each password=… of a connection string, quoted or not, or of an address's parameters, in the same
 * way. */
void secrets_add_password_words(struct secrets *s, const char *text);

/* An address whose path is the secret, without its scheme, and its path alone if that has seven bytes or more. */
void secrets_add_path_of(struct secrets *s, const char *address);

/* All of them, ending with NULL, for redact().  Good until the next of the calls above. */
const char *const *secrets_list(const struct secrets *s);

/* Wipe and free them. */
void secrets_release(struct secrets *s);

#endif
