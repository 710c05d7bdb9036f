/*
 * coverage.h - what a build that counts lines includes before all else
 *
 * Counts are written at exit().  A process that ends by _exit(), as the children do that share their parent's files, by a
 * signal that it sends to itself, or by becoming another program would leave none: here it writes them first.  gcc does so
 * itself for exec() and fork(), but not in strict C.
 */
#ifndef WINDFALL_COVERAGE_H
#define WINDFALL_COVERAGE_H

/* A source that asks for it, as with-db.c does, asks too late: the headers are read here. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#define COVERAGE_OWN static inline __attribute__((unused, no_profile_instrument_function))

extern void __gcov_dump(void);
extern void __gcov_reset(void);

COVERAGE_OWN __attribute__((noreturn)) void coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

/* Where the other program is not to be had, what follows is counted from nought, and added at the end. */
COVERAGE_OWN int coverage_execvp(const char *file, char *const *argv)
{
	__gcov_dump();
	execvp(file, argv);
	__gcov_reset();
	return -1;
}

COVERAGE_OWN int coverage_execve(const char *file, char *const *argv, char *const *env)
{
	__gcov_dump();
	execve(file, argv, env);
	__gcov_reset();
	return -1;
}

COVERAGE_OWN int coverage_raise(int signal_number)
{
	__gcov_dump();
	raise(signal_number);
	__gcov_reset();
	return 0;
}

#define _exit(status) coverage_exit(status)
#define execvp(file, argv) coverage_execvp(file, argv)
#define execve(file, argv, env) coverage_execve(file, argv, env)
#define raise(signal_number) coverage_raise(signal_number)

#endif
