#include "cli/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "format/config_text.h"
#include "os/log.h"
#include "os/paths.h"
#include "os/private_file.h"

enum { FILE_MAX = 65536, MAX_FILES = 4, MAX_SETTINGS = 256, MAX_COMPLAINTS = 20, CONFIG_NAMES_MAX = 96 };

/* A line of a file, and whether it is in force. */
static struct setting {
	const struct config_name *name;
	char *value;
	const char *path;
	int line;
} settings[MAX_SETTINGS];
static int n_settings;

static struct { char *path; bool there; } file[MAX_FILES];
static size_t n_files;

static char *complaint[MAX_COMPLAINTS];
static size_t n_complaints;

/* Which settings were in the environment before the files were read. */
static bool from_environment[CONFIG_NAMES_MAX];

static void __attribute__((format(printf, 3, 4))) complain(const char *path, int line, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	char words[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (line > 0)
		buf_addf(&text, "%s:%d: %s", path, line, words);
	else
		buf_addf(&text, "%s: %s", path, words);
	if (n_complaints < MAX_COMPLAINTS)
		complaint[n_complaints++] = buf_detach(&text);
	buf_release(&text);
}

/* A word that may be shown: what is no name may be a secret that stands on the wrong line. */
static bool looks_like_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 40 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == len &&
	       (strchr(text, '_') || len <= 12);
}

static void complain_of_name(const char *path, const struct config_reader *r)
{
	struct buf near = BUF_INIT;
	const struct config_name *known = config_find(r->name);
	const char *words = config_nearest(r->name, &near);

	if (strncmp(r->name, "export ", 7) == 0)
		complain(path, r->line, "write NAME=value without export: this is not a shell script");
	else if (!r->value)
		complain(path, r->line, "not NAME=value");
	else if (known)
		complain(path, r->line, "%s: not a setting of alerts; it belongs in windfall.conf", known->name);
	else if (config_is_environment_only(r->name))
		complain(path, r->line, "%s: set only in the environment", r->name);
	else if (looks_like_name(r->name) || near.len > 0)
		complain(path, r->line, "%.60s: no such setting%s; windfall config lists them", r->name, words);
	else
		complain(path, r->line, "not NAME=value with a name of windfall.conf(5)");
	buf_release(&near);
}

static const struct setting *set_before(const struct config_name *name, const char *path)
{
	for (int i = 0; i < n_settings; i++)
		if (settings[i].name == name && settings[i].path == path)
			return &settings[i];
	return NULL;
}

/* A comment behind a value, a quote without its other half and a line that is to go on are not what they look like. */
static const char *odd_value(const struct config_reader *r)
{
	if (r->quoted)
		return NULL;
	if (*r->value == '"' || *r->value == '\'')
		return "the quote has no end on this line";
	if (strstr(r->value, " #") || strstr(r->value, "\t#"))
		return "a comment needs a line of its own; quote the value if # is part of it";
	if (*r->value && r->value[strlen(r->value) - 1] == '\\')
		return "a backslash at its end continues no line; quote the value if it is part of it";
	return NULL;
}

static void add_line(const char *path, const struct config_reader *r, const struct config_name *name)
{
	const struct setting *before = name ? set_before(name, path) : NULL;
	const char *odd;
	struct reason why;

	if (!name || !r->value)
		complain_of_name(path, r);
	else if ((odd = odd_value(r)))
		complain(path, r->line, "%s is wrong: %s", r->name, odd);
	else if (*r->value && !config_value_ok(name, r->value, &why))
		complain(path, r->line, "%s: %s", r->name, why.text);
	else if (before)
		complain(path, r->line, "%s is set on line %d already: remove one of them", r->name, before->line);
	else if (n_settings == MAX_SETTINGS)
		complain(path, r->line, "too many settings");
	else
		settings[n_settings++] = (struct setting){ name, xstrdup(r->value), path, r->line };
}

/* Complain of what is no text of lines, of which nothing can be read. */
static bool is_text(const char *path, const struct buf *text)
{
	if (text->len == 0 || !memchr(text->data, '\0', text->len))
		return true;
	complain(path, 0, "it holds a NUL byte: save it as text in UTF-8, not UTF-16");
	return false;
}

static void forget(int i)
{
	free(settings[i].value);
	settings[i] = settings[--n_settings];
}

/* A file that holds a secret and is not private gives nothing: whoever reads it can read the rest. */
static void refuse_open_secret(const char *path, int first, const struct reason *not_private)
{
	for (int i = first; i < n_settings; i++)
		if (config_holds_secret(settings[i].name, settings[i].value)) {
			complain(path, settings[i].line, "%s is a secret, and %s", settings[i].name->name, not_private->text);
			while (n_settings > first)
				forget(n_settings - 1);
			return;
		}
}

static void read_file(const char *path)
{
	struct buf text = BUF_INIT;
	struct reason why, not_private;
	struct config_reader r;
	int first = n_settings;

	if (shared_file_read(path, FILE_MAX, &text, &not_private, &why)) {
		complain(path, 0, "%s", why.text);
		return;
	}
	if (is_text(path, &text)) {
		config_text_begin(&r, text.data, text.len);
		while (config_text_next(&r))
			add_line(path, &r, config_find(r.name));
	}
	if (not_private.text[0])
		refuse_open_secret(path, first, &not_private);
	for (int i = first; i < n_settings; i++)
		if (config_holds_secret(settings[i].name, settings[i].value))
			private_process();
	private_wipe(&text);
}

static void add_file(char *path)
{
	if (!path)
		return;
	file[n_files].path = path;
	file[n_files++].there = access(path, F_OK) == 0 || errno == EACCES;
}

static void find_user_file(void)
{
	const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct buf path = BUF_INIT;

	if (folder && *folder == '/')
		buf_addf(&path, "%s/windfall/windfall.conf", folder);
	else if (home && *home == '/')
		buf_addf(&path, "%s/.config/windfall/windfall.conf", home);
	add_file(path.data ? buf_detach(&path) : NULL);
}

static void find_files(void)
{
	const char *named = getenv("WINDFALL_CONF");

	if (named && strcmp(named, "/dev/null") == 0)
		return;
	if (named && *named) {
		add_file(xstrdup(named));
		file[0].there = true;		/* if it is not, that is said */
		return;
	}
	add_file(xstrdup("/etc/windfall/windfall.conf"));
	find_user_file();
	add_file(root_path_if_any("etc/windfall.conf"));
}

static bool is_set(const struct config_name *name)
{
	const char *value = getenv(name->name);

	/* To the tools, an empty one of these names no database. */
	return value && (name->use != CONFIG_NAMES_DATABASE || *value);
}

static bool is_of_database(const struct config_name *name)
{
	return name->use == CONFIG_NAMES_DATABASE || name->use == CONFIG_OF_DATABASE;
}

/* Which file's word on the database counts: the last that names one; "" when the environment does. */
static const char *namer_of_database(void)
{
	const char *path = NULL;

	for (const struct config_name *n = config_names; n->name; n++)
		if (n->use == CONFIG_NAMES_DATABASE && from_environment[n - config_names])
			return "";
	for (int i = 0; i < n_settings; i++)
		if (settings[i].name->use == CONFIG_NAMES_DATABASE && *settings[i].value)
			path = settings[i].path;
	return path;
}

static int rank(const char *path)
{
	int r = 0;

	for (size_t i = 0; i < n_files; i++)
		if (file[i].path == path)
			r = (int)i;
	return r;
}

/* Leave of each setting the one line that is in force, or none. */
static void settle(void)
{
	const char *namer = namer_of_database();

	for (int i = n_settings - 1; i >= 0; i--) {
		const struct setting *s = &settings[i];
		bool falls = from_environment[s->name - config_names];

		if (is_of_database(s->name) && namer)
			falls = falls || !*namer || rank(s->path) < rank(namer);
		for (int k = 0; k < n_settings && !falls; k++)
			falls = settings[k].name == s->name && rank(settings[k].path) > rank(s->path);
		if (falls)
			forget(i);
	}
}

static void set_environment(void)
{
	for (int i = 0; i < n_settings; i++)
		if (*settings[i].value && settings[i].name->use != CONFIG_FOR_ALERTS &&
		    setenv(settings[i].name->name, settings[i].value, 1) != 0)
			complain(settings[i].path, settings[i].line, "cannot be set: %s", strerror(errno));
}

/* Its certificates are those of the alerts alone: the tools know nothing of this file. */
static char *alert_certificates;

/* The setting of this name in the file of alerts, or NULL. */
static const struct config_name *find_for_alerts(const char *name)
{
	const struct config_name *known = config_find(name);

	return known && (known->use == CONFIG_FOR_ALERTS || strcmp(name, "SSL_CERT_FILE") == 0) ? known : NULL;
}

static void take_certificates(void)
{
	const struct config_name *name = config_find("SSL_CERT_FILE");

	for (int i = n_settings - 1; i >= 0; i--)
		if (settings[i].name == name && settings[i].path == file[n_files - 1].path) {
			free(alert_certificates);
			alert_certificates = xstrdup(settings[i].value);
			forget(i);
		}
}

size_t config_load_alerts(void)
{
	const char *named = getenv("WINDFALL_ALERT_CONFIG");
	char *path = named && *named ? xstrdup(named) : state_path("etc/alert.conf");
	struct buf text = BUF_INIT;
	struct config_reader r;
	struct reason why;

	if (!(named && *named) && access(path, F_OK) != 0) {
		free(path);
		return n_complaints;
	}
	add_file(path);
	if (private_file_read(path, FILE_MAX, &text, &why)) {
		complain(path, 0, "%s", why.text);
	} else if (is_text(path, &text)) {
		config_text_begin(&r, text.data, text.len);
		while (config_text_next(&r))
			add_line(path, &r, find_for_alerts(r.name));
	}
	private_wipe(&text);
	take_certificates();
	settle();
	return n_complaints;
}

/* Of a password blanks and quotes may be a part. */
static bool is_password(const char *name)
{
	const char *end = strrchr(name, '_');

	return strcmp(name, "PGPASSWORD") == 0 || (end && strcmp(end, "_PASSWORD") == 0);
}

static void tidy_variable(const char *name, bool is_database)
{
	const char *value = getenv(name);
	struct buf tidy = BUF_INIT;

	/* The words of a database's address may end with a blank that counts; it is trimmed where it is read. */
	if (!value || !*value || (is_database && !strchr("\"' \t", *value)))
		return;
	buf_adds(&tidy, value);
	if (!is_password(name))
		config_text_tidy(tidy.data);
	else
		while (tidy.len > 0 && strchr("\r\n", tidy.data[tidy.len - 1]))
			tidy.data[--tidy.len] = '\0';
	if (strcmp(tidy.data, value) != 0 && setenv(name, tidy.data, 1) != 0)
		complain(name, 0, "cannot be set: %s", strerror(errno));
	private_wipe(&tidy);
}

/* What sets an environment from a file may leave there what a shell would have taken: quotes, a line end, blanks. */
static void tidy_environment(void)
{
	tidy_variable("WINDFALL_CONF", false);
	for (const struct config_name *n = config_names; n->name; n++)
		tidy_variable(n->name, n->form == CONFIG_DATABASE);
}

/* What is wrong in a file is wrong here, but that a path may be relative where it has a / in it: a bare word is rather
 * a "no" where off is meant, which would be a folder of that name.  What is not ours alone is judged by whose it is. */
static void check_environment(void)
{
	for (const struct config_name *n = config_names; n->name; n++) {
		const char *value = getenv(n->name);
		struct buf place = BUF_INIT;
		struct reason why;

		if (!value || !*value || strncmp(n->name, "WINDFALL_", 9) != 0 ||
		    (n->form == CONFIG_PATH && strchr(value, '/')) || config_value_ok(n, value, &why))
			continue;
		buf_addf(&place, "%s in the environment", n->name);
		complain(place.data, 0, "%s", why.text);
		buf_release(&place);
	}
}

size_t config_load(void)
{
	static bool loaded;

	if (loaded)
		return n_complaints;
	loaded = true;
	tidy_environment();
	check_environment();
	for (const struct config_name *n = config_names; n->name; n++)
		from_environment[n - config_names] = is_set(n);
	find_files();
	for (size_t i = 0; i < n_files; i++)
		if (file[i].there)
			read_file(file[i].path);
	settle();
	set_environment();
	config_add_secrets(log_secrets());
	return n_complaints;
}

const char *config_complaint(size_t i)
{
	return complaint[i];
}

static const struct setting *setting_of(const struct config_name *name)
{
	for (int i = 0; i < n_settings; i++)
		if (settings[i].name == name && *settings[i].value)
			return &settings[i];
	return NULL;
}

struct config_value config_value(const struct config_name *name)
{
	const struct setting *s = setting_of(name);
	const char *value = getenv(name->name);

	if (s)
		return (struct config_value){ CONFIG_FILE, s->value, s->path, s->line };
	if (value && *value)
		return (struct config_value){ CONFIG_ENVIRONMENT, value, NULL, 0 };
	return (struct config_value){ CONFIG_UNSET, NULL, NULL, 0 };
}

size_t config_files(void)
{
	return n_files;
}

const char *config_file(size_t i, bool *there)
{
	*there = file[i].there;
	return file[i].path;
}

const char *config_alert_setting(const char *name)
{
	const struct config_name *known = config_find(name);
	const struct setting *s = known ? setting_of(known) : NULL;

	if (alert_certificates && strcmp(name, "SSL_CERT_FILE") == 0)
		return alert_certificates;
	return s ? s->value : NULL;
}

/* Is it also the value of a setting that is shown, as where a role's password is its name? */
static bool is_shown(const char *secret)
{
	for (const struct config_name *n = config_names; n->name; n++) {
		const char *value = n->secret == CONFIG_SECRET ? NULL : config_value(n).value;

		if (value && strcmp(value, secret) == 0)
			return true;
	}
	return false;
}

void config_add_secrets(struct secrets *secrets)
{
	for (const struct config_name *n = config_names; n->name; n++) {
		const char *value = config_value(n).value;

		if (!value || !config_holds_secret(n, value))
			continue;
		secrets_add_password_of(secrets, value);
		if (n->form == CONFIG_DATABASE)
			secrets_add_password_words(secrets, value);
		if (n->secret == CONFIG_SECRET && !is_shown(value)) {
			secrets_add(secrets, value);
			secrets_add_path_of(secrets, value);
		}
	}
}
