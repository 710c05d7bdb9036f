/*
 * hooks_io - the programs of a directory that may be run
 */
#ifndef WINDFALL_HOOKS_IO_H
#define WINDFALL_HOOKS_IO_H

#include <stdbool.h>

enum { HOOKS_MAX = 32, HOOK_NAME_MAX = 64 };

/*
 * Fill path with those of the programs in this folder, by name, and return how many; the caller
 * frees each.  Left out are names longer than HOOK_NAME_MAX, or with anything but letters, digits, - and _ (what
 * editors and packages leave behind).  A folder or program that others may write, or that belongs to
 * somebody else than this user or root, is refused, and that is said (settings_complain()); so is
 * a folder that is not there, if it must.
 */
int hooks_find(const char *folder, bool must_exist, char *path[HOOKS_MAX]);

#endif
