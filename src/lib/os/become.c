#include "os/become.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/log.h"

void environment_set(const char *name, const char *value)
{
	if (setenv(name, value, 1) != 0)
		die(EX_OSERR, "cannot set %s: %s", name, strerror(errno));
}

void become(char *const *argv)
{
	execvp(argv[0], argv);
	die(errno == ENOENT ? 127 : 126, "cannot run %s: %s", argv[0], strerror(errno));
}
