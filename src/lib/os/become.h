/*
 * become - what a program does before another takes its place, as env(1) does
 */
#ifndef WINDFALL_BECOME_H
#define WINDFALL_BECOME_H

/* Put a variable into the environment, in place of one of that name; ends the process if it cannot. */
void environment_set(const char *name, const char *value);

/* Be this program, which is looked for in PATH; where that cannot be, say why and end with the shell's status: 127 if
 * there is none, else 126. */
_Noreturn void become(char *const *argv);

#endif
