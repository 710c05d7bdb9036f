/*
 * coverage.h - what a build that counts lines includes before all else
 *
 * Counts are written at exit().  A child that ends by _exit(), as those of fork() do that share their parent's files,
 * would leave none: here it writes them first.
 */
#ifndef WINDFALL_COVERAGE_H
#define WINDFALL_COVERAGE_H

#include <unistd.h>

extern void __gcov_dump(void);

static inline __attribute__((noreturn, unused, no_profile_instrument_function)) void coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

#define _exit(status) coverage_exit(status)

#endif
