#include "alert/hooks_io.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/settings_io.h"
#include "base/buf.h"
#include "os/log.h"

/* Why a program or its folder is not to be trusted, or NULL. */
static const char *distrust(const struct stat *st)
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it belongs to somebody else, so nothing of it is run";
	return st->st_mode & (S_IWGRP | S_IWOTH) ? "others may write it, so nothing of it is run" : NULL;
}

static int is_hook_name(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len <= HOOK_NAME_MAX &&
	       strspn(e->d_name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

static bool may_run(const char *path)
{
	const char *doubt;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) != 0) {
		log_debug("%s is not a program", path);
		return false;
	}
	if ((doubt = distrust(&st)))
		settings_complain(path, doubt);
	return !doubt;
}

int hooks_find(const char *folder, bool must_exist, char *path[HOOKS_MAX])
{
	struct dirent **entry = NULL;
	const char *doubt;
	struct stat st;
	int found = -1, n = 0;

	if (stat(folder, &st) < 0) {
		if (must_exist || errno != ENOENT)
			settings_complain(folder, strerror(errno));
	} else if ((doubt = distrust(&st))) {
		settings_complain(folder, doubt);
	} else if ((found = scandir(folder, &entry, is_hook_name, alphasort)) < 0) {
		settings_complain(folder, strerror(errno));
	}
	for (int i = 0; i < found; i++) {
		struct buf name = BUF_INIT;

		buf_addf(&name, "%s/%s", folder, entry[i]->d_name);
		if (n < HOOKS_MAX && may_run(name.data))
			path[n++] = buf_detach(&name);
		buf_release(&name);
		free(entry[i]);
	}
	free(entry);
	return n;
}
