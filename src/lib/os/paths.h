/*
 * paths - where the suite lies on the disk
 */
#ifndef WINDFALL_PATHS_H
#define WINDFALL_PATHS_H

/*
 * The path of a file of the tree, such as "sql/reference/wind-units.tsv".  The tree is
 * $WINDFALL_HOME, or the nearest folder above this executable that holds sql/.  Caller frees.
 * Ends with EX_CONFIG if there is none.
 */
char *root_path(const char *relative);

/* The same, or NULL if there is none. */
char *root_path_if_any(const char *relative);

/* The path of a file of the state: below $WINDFALL_STATE, or below the tree.  Caller frees. */
char *state_path(const char *relative);

#endif
