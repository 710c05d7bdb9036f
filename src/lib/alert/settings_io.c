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
#include "base/reason.h"
#include "base/secrets.h"
#include "cli/config.h"
#include "format/tsv.h"
#include "os/log.h"
#include "os/private_file.h"

enum { FILE_MAX = 65536, MAX_SETTINGS = 64 };

static struct { const char *name; char *value; } settings[MAX_SETTINGS];
static int n_settings;
static struct secrets secrets;
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

/* The words of a private file, to be wiped; without data after saying why. */
static struct buf read_private(const char *path)
{
	struct buf text = BUF_INIT;
	struct reason why;

	if (private_file_read(path, FILE_MAX, &text, &why))
		settings_complain(path, why.text);
	return text;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

/* The first line of a private file is the setting's value; one that cannot be used is complained of once, and is then
 * nothing. */
static void take_file(const char *name, const char *path)
{
	struct buf text = BUF_INIT;
	char *first = NULL;

	for (int i = 0; i < n_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			return;
	text = read_private(path);
	if (text.data) {
		first = trim(text.data + text_mark(text.data, text.len));
		first[strcspn(first, "\r\n")] = '\0';
		if (!*first)
			settings_complain(path, "it is empty");
	}
	if (n_settings < MAX_SETTINGS) {
		settings[n_settings].name = name;
		settings[n_settings++].value = xstrdup(first ? first : "");
	}
	private_wipe(&text);
}

const char *setting(const char *name)
{
	const char *value = getenv(name);

	for (int i = 0; !value && i < n_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			value = settings[i].value;
	if (!value)
		value = config_alert_setting(name);
	return value && *value ? value : NULL;
}

const char *secret_setting(const char *name)
{
	const char *value = setting(name), *path;
	char file[64];

	snprintf(file, sizeof file, "%s_FILE", name);
	if (!value && !getenv(name) && (path = setting(file))) {
		take_file(name, path);
		value = setting(name);
	}
	if (value)
		settings_add_secret(value);
	return value;
}

void settings_add_secret(const char *value)
{
	secrets_add(&secrets, value);
}

void settings_add_secret_path(const char *address)
{
	secrets_add_path_of(&secrets, address);
}

void settings_learn_secrets(void)
{
	extern char **environ;
	static const char *const end[] = { "PASSWORD", "PASSPHRASE", "SECRET", "TOKEN", "_KEY" };

	for (char **e = environ; *e; e++) {
		const char *value = strchr(*e, '=');
		size_t name = value ? (size_t)(value - *e) : 0;

		for (size_t i = 0; value && i < sizeof end / sizeof *end; i++) {
			size_t len = strlen(end[i]);

			if (name >= len && strncmp(value - len, end[i], len) == 0 && strlen(value + 1) >= 4)
				settings_add_secret(value + 1);
		}
		if (value && name >= 3 && strncmp(value - 3, "URL", 3) == 0)
			secrets_add_password_of(&secrets, value + 1);
		if (value && name == 12 && strncmp(*e, "DATABASE_URL", name) == 0)
			secrets_add_password_words(&secrets, value + 1);
	}
	for (int i = 0; i < n_settings; i++)
		secrets_add_password_of(&secrets, settings[i].value);
	for (const struct config_name *n = config_names; n->name; n++)
		if (config_alert_setting(n->name))
			secrets_add_password_of(&secrets, config_alert_setting(n->name));
}

const char *const *settings_secrets(void)
{
	return secrets_list(&secrets);
}

void settings_release(void)
{
	for (int i = 0; i < n_settings; i++)
		free(settings[i].value);
	n_settings = 0;
	secrets_release(&secrets);
}
