#include "os/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/log.h"

static char *join(const char *folder, const char *relative)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", folder, relative);
	return buf_detach(&path);
}

static bool holds_sql(const char *folder)
{
	char *sql = join(folder, "sql/reference");
	bool there = access(sql, X_OK) == 0;

	free(sql);
	return there;
}

/* Into root: the nearest folder above the executable that holds the tree, or why there is none. */
static bool find_root(char root[PATH_MAX], const char **why)
{
	ssize_t len = readlink("/proc/self/exe", root, PATH_MAX - 1);
	char *slash;

	if (len < 0) {
		*why = "cannot find the installation directory; set WINDFALL_HOME to the folder that holds sql/";
		return false;
	}
	root[len] = '\0';
	while ((slash = strrchr(root, '/')) && slash != root) {
		*slash = '\0';
		if (holds_sql(root))
			return true;
	}
	*why = "no folder above this program holds sql/; set WINDFALL_HOME to the one that does";
	return false;
}

static char *find(const char *relative, const char **why)
{
	const char *home = getenv("WINDFALL_HOME");
	char root[PATH_MAX];

	if (home && *home)
		return join(home, relative);
	return find_root(root, why) ? join(root, relative) : NULL;
}

char *root_path(const char *relative)
{
	const char *why = NULL;
	char *path = find(relative, &why);

	if (!path)
		die(EX_CONFIG, "%s", why);
	return path;
}

char *root_path_if_any(const char *relative)
{
	const char *why;

	return find(relative, &why);
}

char *state_path(const char *relative)
{
	const char *state = getenv("WINDFALL_STATE");

	return state && *state ? join(state, relative) : root_path(relative);
}
