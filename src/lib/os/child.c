#include "os/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/become.h"
#include "os/clock.h"
#include "os/log.h"

static sigset_t before;			/* the signals that were held back when the tool began */
static int asked_to_stop;		/* the signal, once one came */

static void held_back(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

void child_begin(void)
{
	sigset_t set;

	held_back(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
}

void child_end(void)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

pid_t child_start(enum child_signals signals, int (*run)(void *ctx), void *ctx)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(EX_OSERR, "cannot start a process: %s", strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)	/* it died before it could be watched */
		_exit(128 + SIGTERM);
	if (signals == CHILD_SIGNALS_END)
		sigprocmask(SIG_SETMASK, &before, NULL);
	exit(run(ctx));
}

void child_become(char *const *argv, FILE *in, FILE *out)
{
	rewind(in);
	if (dup2(fileno(in), STDIN_FILENO) < 0 || dup2(fileno(out), STDOUT_FILENO) < 0)
		die(EX_OSERR, "cannot run %s: %s", argv[0], strerror(errno));
	signal(SIGPIPE, SIG_DFL);
	become(argv);
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

enum child_news child_wait(pid_t pid, double seconds, int *status, pid_t *which)
{
	double until = clock_seconds() + seconds;
	sigset_t set;

	held_back(&set);
	for (;;) {
		int how;
		pid_t ended = pid ? waitpid(pid, &how, WNOHANG) : 0;
		double left = until - clock_seconds();
		struct timespec pause;
		int came;

		if (ended > 0) {
			*status = exit_status(how);
			if (which)
				*which = ended;
			return CHILD_ENDED;
		}
		if (asked_to_stop) {
			*status = asked_to_stop;
			return CHILD_STOP;
		}
		if (left <= 0)
			return CHILD_LATER;
		pause.tv_sec = (time_t)left;
		pause.tv_nsec = (long)((left - (double)pause.tv_sec) * 1e9);
		came = sigtimedwait(&set, NULL, &pause);
		if (came > 0 && came != SIGCHLD)
			asked_to_stop = came;
	}
}

/* Wait for those that run still; how many of them do after so many seconds.  What ended is made 0. */
static int reap(pid_t *pids, int n, double seconds)
{
	double until = clock_seconds() + seconds;

	for (;;) {
		int left = 0;

		for (int i = 0; i < n; i++) {
			if (pids[i] && waitpid(pids[i], NULL, WNOHANG) != 0)
				pids[i] = 0;
			left += pids[i] != 0;
		}
		if (!left || clock_seconds() >= until)
			return left;
		clock_pause(20);
	}
}

static void send_all(const pid_t *pids, int n, int signal_number)
{
	for (int i = 0; i < n; i++)
		if (pids[i])
			kill(pids[i], signal_number);
}

void child_stop(const pid_t *pids, int n, double seconds)
{
	pid_t left[n > 0 ? n : 1];

	memcpy(left, pids, (size_t)n * sizeof *left);
	send_all(left, n, SIGTERM);
	if (reap(left, n, seconds)) {
		send_all(left, n, SIGKILL);
		reap(left, n, seconds);
	}
}
