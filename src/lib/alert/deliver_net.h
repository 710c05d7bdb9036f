/*
 * deliver_net - hand one message to several places side by side, none able to hold up another
 *
 * Each delivery runs in a process of its own, in a process group of its own, and is ended when
 * its time is up.  Why one failed is said by that process, on stderr, in words that hold no
 * secret: of a URL, only scheme and host.
 */
#ifndef WINDFALL_DELIVER_NET_H
#define WINDFALL_DELIVER_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct delivery {
	const char *name;		/* for messages: "slack", "hook:pager" */
	int (*send)(const struct delivery *d);	/* in the child: the exit status; or it never returns (exec) */
	const void *what;		/* for send */
	bool by_program;		/* send becomes a program, which may end with any status and print anything */
	int seconds;			/* its time-out */
	int status;			/* afterwards: 0 delivered, EX_TEMPFAIL, or EX_UNAVAILABLE: refused for good */
	/* deliver_all's own: */
	pid_t pid;
	int output;			/* what a program prints comes from here; 0 if nothing does */
	struct buf printed;
	bool cut;
};

/*
 * Make n deliveries at once and wait for them.  What a program prints comes on stderr once it has ended, without
 * secrets, and no more than DELIVER_MAX_OUTPUT bytes of it.  SIGTERM, SIGINT and SIGHUP end all of them, and then this
 * process.
 */
enum { DELIVER_MAX_OUTPUT = 16384 };
void deliver_all(struct delivery *all, int n);

/* What the functions below need to know of the place. */
struct endpoint {
	const char *url;
	const char *ca_file;		/* of authorities to trust instead of the system's; or NULL */
};

/*
 * For use in send().  Each tries again, within the time-out, when the other side is busy (retry_status(),
 * after Retry-After) or cannot be reached, and returns the exit status.
 */
int deliver_post(const struct delivery *d, const struct endpoint *to, const char *content_type, const char *body,
		 size_t len);

struct smtp_envelope {
	const char *from;
	const char *const *to;		/* ends with NULL */
	const char *user, *password;	/* or NULL */
	int tls_required;		/* STARTTLS or nothing; smtps:// is TLS from the start */
};
int deliver_smtp(const struct delivery *d, const struct endpoint *to, const struct smtp_envelope *envelope,
		 const char *message, size_t len);

/*
 * Become this program, with input (at most DELIVER_MAX_INPUT bytes) on stdin, stdout on stderr,
 * and nothing else open.  Returns only on failure.
 */
enum { DELIVER_MAX_INPUT = 60000 };
int deliver_program(const struct delivery *d, const char *path, char *const argv[], char *const env[],
		    const char *input, size_t len);

#endif
