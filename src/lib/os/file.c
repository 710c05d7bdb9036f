#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/log.h"

bool file_read_rest(FILE *in, size_t max, struct buf *bytes)
{
	enum { PIECE = 1 << 16 };
	size_t begin = bytes->len, got;

	do {
		got = fread(buf_reserve(bytes, PIECE), 1, PIECE, in);
		bytes->len += got;
	} while (got > 0 && bytes->len - begin <= max);
	buf_adds(bytes, "");		/* for the NUL behind it */
	return !ferror(in);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0775) != 0 && errno != EEXIST)
			die(EX_IOERR, "cannot make the folder %s: %s", path, strerror(errno));
		*slash = '/';
	}
}

static bool write_whole(int fd, const struct buf *bytes)
{
	for (size_t at = 0; at < bytes->len;) {
		ssize_t put = write(fd, bytes->data + at, bytes->len - at);

		if (put < 0 && errno != EINTR)
			return false;
		at += put < 0 ? 0 : (size_t)put;
	}
	return true;
}

bool file_replace(const char *path, const char *part, const struct buf *bytes, enum file_access access,
		  enum file_sync sync)
{
	static const mode_t mode[] = { [FILE_PRIVATE] = 0600, [FILE_FOR_ALL] = 0644, [FILE_BY_UMASK] = 0664 };
	int fd, error;
	bool ok;

	if (unlink(part) != 0 && errno != ENOENT)
		return false;
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode[access]);
	if (fd < 0)
		return false;
	ok = (access != FILE_FOR_ALL || fchmod(fd, mode[access]) == 0) && write_whole(fd, bytes) &&
	     (sync == FILE_NOT_SYNCED || fsync(fd) == 0);
	error = errno;
	if (close(fd) != 0 && ok) {
		error = errno;
		ok = false;
	}
	if (ok && rename(part, path) == 0)
		return true;
	error = ok ? errno : error;
	unlink(part);
	errno = error;
	return false;
}

void archive_write(const char *folder, const char *path, const struct buf *bytes)
{
	struct buf whole = BUF_INIT, part = BUF_INIT;
	sigset_t ending, before;
	const char *name;

	buf_addf(&whole, "%s/%s", folder, path);
	make_folders(whole.data);
	name = strrchr(whole.data, '/') + 1;
	buf_addf(&part, "%.*s.%s.part.%ld", (int)(name - whole.data), whole.data, name, (long)getpid());
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, &before);
	if (!file_replace(whole.data, part.data, bytes, FILE_BY_UMASK, FILE_SYNCED))
		die(EX_IOERR, "cannot write %s: %s", whole.data, strerror(errno));
	sigprocmask(SIG_SETMASK, &before, NULL);
	buf_release(&whole);
	buf_release(&part);
}
