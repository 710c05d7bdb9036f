#include "alert/settings_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "format/tsv.h"
#include "os/log.h"

enum { FILE_MAX = 65536, MAX_SETTINGS = 64, MAX_SECRETS = 64 };

static struct { const char *name; char *value; } settings[MAX_SETTINGS];
static int n_settings;
static const char *secrets[MAX_SECRETS + 1];
static int n_secrets;
static int status;

void settings_complain(const char *what, const char *why)
{
	log_error("%s: %s", what, why);
	status = EX_CONFIG;
}

int settings_status(void)
{
	return status;
}

/* The words of a private file; NULL after saying why. */
static char *read_private(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct buf text = BUF_INIT;
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st) < 0) {
		settings_complain(path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		settings_complain(path, "not a file of settings");
	} else if (st.st_uid != geteuid() && st.st_uid != 0) {
		settings_complain(path, "it belongs to somebody else and is not used");
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		settings_complain(path, "others may read or write it, so it is not used; chmod 600 mends that");
	} else {
		while (text.len < FILE_MAX && (got = read(fd, buf_reserve(&text, 4096), 4096)) > 0)
			text.len += (size_t)got;
		buf_adds(&text, "");
	}
	if (fd >= 0)
		close(fd);
	return text.data ? buf_detach(&text) : NULL;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || (*value != '"' && *value != '\'') || value[len - 1] != *value)
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

static bool add(const char *name, const char *value)
{
	if (n_settings == MAX_SETTINGS)
		return false;
	settings[n_settings].name = name;
	settings[n_settings++].value = xstrdup(value);
	return true;
}

void settings_read(const char *path, const char *const *names)
{
	char *text = read_private(path), *next;
	int number = 1;

	for (char *line = text ? text + text_mark(text, strlen(text)) : NULL; line; line = next, number++) {
		char where[32], *value;
		int i = 0;

		if ((next = strchr(line, '\n')))
			*next++ = '\0';
		line = trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		if ((value = strchr(line, '=')))
			*value++ = '\0';
		line = trim(line);
		while (names[i] && strcmp(names[i], line) != 0)
			i++;
		/* The line itself may be a secret that lost its name. */
		if (!value || !names[i] || !add(names[i], unquote(trim(value)))) {
			snprintf(where, sizeof where, "line %d", number);
			log_error("%s: %s: not NAME=value with a name that the manual lists", path, where);
			status = EX_CONFIG;
		}
	}
	free(text);
}

const char *setting(const char *name)
{
	const char *value = getenv(name);

	for (int i = 0; !value && i < n_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			value = settings[i].value;
	return value && *value ? value : NULL;
}

const char *secret_setting(const char *name)
{
	const char *value = setting(name), *path;
	char file[64], *text;

	snprintf(file, sizeof file, "%s_FILE", name);
	if (!value && !getenv(name) && (path = setting(file)) && (text = read_private(path))) {
		char *first = trim(text + text_mark(text, strlen(text)));

		first[strcspn(first, "\r\n")] = '\0';
		if (*first && add(name, first))
			value = setting(name);
		else
			settings_complain(path, "it is empty");
		free(text);
	}
	if (value)
		settings_add_secret(value);
	return value;
}

void settings_add_secret(const char *value)
{
	if (n_secrets < MAX_SECRETS)
		secrets[n_secrets++] = value;
}

void settings_learn_secrets(void)
{
	extern char **environ;
	static const char *const end[] = { "PASSWORD", "PASSPHRASE", "SECRET", "TOKEN", "_KEY" };

	for (char **e = environ; *e; e++) {
		const char *value = strchr(*e, '=');

		for (size_t i = 0; value && i < sizeof end / sizeof *end; i++) {
			size_t len = strlen(end[i]), name = (size_t)(value - *e);

			if (name >= len && strncmp(value - len, end[i], len) == 0 && strlen(value + 1) >= 8)
				settings_add_secret(value + 1);
		}
	}
}

const char *const *settings_secrets(void)
{
	return secrets;
}

void settings_release(void)
{
	for (int i = 0; i < n_settings; i++)
		free(settings[i].value);
	n_settings = n_secrets = 0;
	secrets[0] = NULL;
}
