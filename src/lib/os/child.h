/*
 * child - processes that a tool starts, waits for and does not leave behind
 *
 * A child is sent SIGTERM when its parent dies, however that dies.  The signals that end a process
 * are heard between two waits only, so that what is under way is brought to an end first.
 */
#ifndef WINDFALL_CHILD_H
#define WINDFALL_CHILD_H

#include <stdio.h>
#include <sys/types.h>

/* Hold back SIGHUP, SIGINT, SIGTERM and SIGCHLD, which child_wait() asks for.  Call once, before the first child. */
void child_begin(void);

/* After the last child: signals end the process again, and one that was held back does so now. */
void child_end(void);

/* Fork; the child ends with what run(ctx) returns.  With signals held back it waits for children of its own;
 * without, a signal ends it.  Ends the process if it cannot. */
enum child_signals { CHILD_SIGNALS_HELD, CHILD_SIGNALS_END };
pid_t child_start(enum child_signals signals, int (*run)(void *ctx), void *ctx);

/* For run above: become() with these files, from their beginning, as standard input and output. */
_Noreturn void child_become(char *const *argv, FILE *in, FILE *out);

/*
 * Wait so many seconds for a child, -1 for any of them, 0 for none: only for the time to pass.
 * CHILD_ENDED: *status is its exit status, or 128 and the signal's number, and *which, unless NULL, its number.
 * CHILD_LATER: the time is over.
 * CHILD_STOP: this process was asked to end, by the signal *status; from then on each wait says so at once.
 */
enum child_news { CHILD_ENDED, CHILD_LATER, CHILD_STOP };
enum child_news child_wait(pid_t pid, double seconds, int *status, pid_t *which);

/* Ask these children, of which 0 is none, to end, and wait for it; after so many seconds they are killed. */
void child_stop(const pid_t *pids, int n, double seconds);

#endif
