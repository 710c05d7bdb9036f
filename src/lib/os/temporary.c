#include "os/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

FILE *temporary_file(void)
{
	struct buf path = BUF_INIT;
	FILE *file = NULL;
	int fd, why;

	buf_addf(&path, "%s/windfall.XXXXXX", temporary_folder());
	fd = mkstemp(path.data);
	why = errno;
	if (fd >= 0) {
		unlink(path.data);
		file = fdopen(fd, "w+");
		why = errno;
		if (!file)
			close(fd);
	}
	buf_release(&path);
	errno = why;
	return file;
}
