/*
 * token - secrets that are known by how they begin, wherever they stand
 */
#ifndef WINDFALL_TOKEN_H
#define WINDFALL_TOKEN_H

#include <stddef.h>

/* How many bytes of text, from its first, are a token of a service or a private key in one word; 0 if none are. */
size_t token_length(const char *text);

#endif
