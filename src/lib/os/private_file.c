#include "os/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

void private_process(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__		/* whose search for leaks looks into its own process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* What holds of every file that decides what is done; 0 if the file keeps it. */
static int judge_trust(const struct stat *st, size_t max, struct reason *why)
{
	if (!S_ISREG(st->st_mode)) {
		reason_set(why, "not a plain file");
		return EX_CONFIG;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		reason_set(why, "it belongs to somebody else and is not used; chown it, or name a copy of your own");
		return EX_NOPERM;
	}
	if ((size_t)st->st_size >= max) {
		reason_set(why, "too large to be one (%zu bytes or more)", max);
		return EX_CONFIG;
	}
	return 0;
}

/* Root may let the group of the account that runs the jobs read a file of root's, which that account cannot change. */
static bool is_granted(const struct stat *st)
{
	return st->st_uid == 0 && st->st_gid != 0 && !(st->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP));
}

static int judge_private(const struct stat *st, struct reason *why)
{
	if (!(st->st_mode & (S_IRWXG | S_IRWXO)) || is_granted(st))
		return 0;
	reason_set(why, "others may read or write it (mode %03o), so it is not used; chmod 600 fixes that",
		   (unsigned)st->st_mode & 0777);
	return EX_NOPERM;
}

static int judge_shared(const struct stat *st, struct reason *why)
{
	if (!(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	reason_set(why, "others may write it (mode %03o), so it is not used; chmod go-w fixes that",
		   (unsigned)st->st_mode & 0777);
	return EX_NOPERM;
}

static int read_all(int fd, size_t max, struct buf *text, struct reason *why)
{
	ssize_t got = 0;

	/* All room at once: what moves would leave a copy behind. */
	buf_reserve(text, max + 1);
	while (text->len < max && (got = read(fd, text->data + text->len, max - text->len)) > 0)
		text->len += (size_t)got;
	text->data[text->len] = '\0';
	if (got >= 0 && text->len < max)
		return 0;
	reason_set(why, "%s", got < 0 ? strerror(errno) : "too large to be one");
	private_wipe(text);
	return EX_CONFIG;
}

/* not_private: NULL where the file must be private, else where to say why it is not. */
static int read_judged(const char *path, size_t max, struct buf *text, struct reason *not_private, struct reason *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), status;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		status = errno == EACCES || errno == EPERM ? EX_NOPERM : EX_CONFIG;
		reason_set(why, "%s", strerror(errno));
	} else {
		status = judge_trust(&st, max, why);
		if (status == 0 && not_private && judge_private(&st, not_private) == 0)
			not_private->text[0] = '\0';
		if (status == 0)
			status = not_private ? judge_shared(&st, why) : judge_private(&st, why);
	}
	if (status == 0)
		status = read_all(fd, max, text, why);
	if (fd >= 0)
		close(fd);
	return status;
}

int private_file_read(const char *path, size_t max, struct buf *text, struct reason *why)
{
	private_process();
	return read_judged(path, max, text, NULL, why);
}

int shared_file_read(const char *path, size_t max, struct buf *text, struct reason *not_private, struct reason *why)
{
	return read_judged(path, max, text, not_private, why);
}

void private_wipe(struct buf *text)
{
	if (text->data)
		OPENSSL_cleanse(text->data, text->size);
	buf_release(text);
}
