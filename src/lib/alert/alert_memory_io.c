#include "alert/alert_memory_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/paths.h"

static const char *const severity_names[] = { "info", "warning", "critical" };

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

bool severity_parse(const char *text, enum severity *severity)
{
	for (int i = SEVERITY_INFO; i <= SEVERITY_CRITICAL; i++) {
		if (strcmp(text, severity_names[i]) == 0) {
			*severity = (enum severity)i;
			return true;
		}
	}
	return false;
}

/* Any text may be a key; a file's name is made of its hash. */
static char *path_of(const char *key)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct buf path = BUF_INIT;
	char *folder = state_path("var/alerts");

	SHA256((const unsigned char *)key, strlen(key), hash);
	buf_addf(&path, "%s/", folder);
	for (int i = 0; i < 16; i++)
		buf_addf(&path, "%02x", hash[i]);
	free(folder);
	return buf_detach(&path);
}

static bool make_folder(void)
{
	char *var = state_path("var"), *alerts = state_path("var/alerts");
	/* var itself may be entered by the account that runs the private server. */
	bool made = (mkdir(var, 0755) == 0 || errno == EEXIST) && (mkdir(alerts, 0700) == 0 || errno == EEXIST);

	if (!made)
		log_error("cannot make %s, so this alert cannot be recorded: %s", alerts, strerror(errno));
	free(var);
	free(alerts);
	return made;
}

/* The lock's file stays, or two senders could each lock a different file of one name. */
static int lock_file(const char *path, int seconds)
{
	struct buf name = BUF_INIT;
	int fd;

	buf_addf(&name, "%s.lock", path);
	fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		log_error("cannot open %s: %s", name.data, strerror(errno));
	for (int tries = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (tries >= seconds * 10) {
			log_warning("another alert of this key is still being sent; continuing in parallel");
			break;
		}
		clock_pause(100);
	}
	buf_release(&name);
	return fd;
}

/* key=…, count=N, first=INSTANT, target=INSTANT SEVERITY NAME; a line that is none of these is ignored. */
static void read_line(struct alert_memory *told, char *line)
{
	struct alert_memory_target *t = &told->target[told->n];
	char when[INSTANT_TEXT], severity[16];

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "count=", 6) == 0)
		told->count = strtol(line + 6, NULL, 10);
	else if (strncmp(line, "first=", 6) == 0)
		instant_parse(line + 6, &told->first);
	else if (told->n < TOLD_MAX_TARGETS && sscanf(line, "target=%31s %15s %79s", when, severity, t->name) == 3 &&
		 instant_parse(when, &t->when) && severity_parse(severity, &t->severity))
		told->n++;
}

bool alert_memory_open(struct alert_memory *told, const char *key, int seconds)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	*told = (struct alert_memory){ .lock = -1, .key = key };
	if (!key)
		return true;
	if (!make_folder())
		return false;
	told->path = path_of(key);
	told->lock = lock_file(told->path, seconds);
	file = fopen(told->path, "re");
	if (!file && errno != ENOENT)
		log_error("cannot read %s: %s", told->path, strerror(errno));
	while (file && getline(&line, &size, file) > 0)
		read_line(told, line);
	free(line);
	if (file)
		fclose(file);
	return told->lock >= 0;
}

static int find(const struct alert_memory *told, const char *target)
{
	for (int i = 0; i < told->n; i++)
		if (strcmp(told->target[i].name, target) == 0)
			return i;
	return -1;
}

bool alert_memory_due(const struct alert_memory *told, const char *target, enum severity severity, instant_t now,
		      long window)
{
	int at = find(told, target);

	if (at < 0 || told->target[at].severity < severity)
		return true;
	/* A time that is still to come was written before the clock was set back. */
	return told->target[at].when > now || now - told->target[at].when >= window;
}

bool alert_memory_knows(const struct alert_memory *told, const char *target)
{
	return find(told, target) >= 0;
}

void alert_memory_add(struct alert_memory *told, const char *target, enum severity severity, instant_t now)
{
	int at = find(told, target);

	if (at < 0) {
		if (told->n == TOLD_MAX_TARGETS)
			return;
		at = told->n++;
		snprintf(told->target[at].name, TOLD_TARGET_TEXT, "%s", target);
	}
	told->target[at].when = now;
	told->target[at].severity = severity;
}

void alert_memory_remove(struct alert_memory *told, const char *target)
{
	int at = find(told, target);

	if (at >= 0)
		told->target[at] = told->target[--told->n];
}

bool alert_memory_save(const struct alert_memory *told)
{
	struct buf text = BUF_INIT, temp = BUF_INIT;
	char when[INSTANT_TEXT];
	bool saved;

	if (!told->path)
		return true;
	if (told->count == 0) {
		if (unlink(told->path) == 0 || errno == ENOENT)
			return true;
		log_error("cannot remove %s: %s", told->path, strerror(errno));
		return false;
	}
	/* The key is for who looks here: control bytes would be lines of their own. */
	buf_adds(&text, "key=");
	for (const char *p = told->key; *p; p++)
		buf_addc(&text, (unsigned char)*p < ' ' ? ' ' : *p);
	buf_addf(&text, "\ncount=%ld\nfirst=%s\n", told->count, instant_format(told->first, when));
	for (int i = 0; i < told->n; i++)
		buf_addf(&text, "target=%s %s %s\n", instant_format(told->target[i].when, when),
			 severity_name(told->target[i].severity), told->target[i].name);
	buf_addf(&temp, "%s.%ld", told->path, (long)getpid());
	saved = file_replace(told->path, temp.data, &text, FILE_PRIVATE, FILE_SYNCED);
	if (!saved)
		log_error("cannot write %s, so this alert may be sent again: %s", told->path, strerror(errno));
	buf_release(&text);
	buf_release(&temp);
	return saved;
}

void alert_memory_close(struct alert_memory *told)
{
	if (told->lock >= 0)
		close(told->lock);
	free(told->path);
	*told = (struct alert_memory){ .lock = -1 };
}
