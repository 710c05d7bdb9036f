/*
 * terminal - how wide the terminal is that a person looks at
 */
#ifndef WINDFALL_TERMINAL_H
#define WINDFALL_TERMINAL_H

#include <stdbool.h>

/* The characters in a line of the terminal that this descriptor is; 80 where it does not say; 0 if it is none. */
int terminal_width(int fd);

/* Does the terminal take the sequences that move its cursor?  One whose TERM is dumb, or that has none, does not. */
bool terminal_has_cursor(int fd);

#endif
