#include "os/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *tool = "windfall";
static enum log_level threshold = LOG_INFO;

static const char *const level_name[] = { "error", "warning", "info", "debug" };

/* A stream that the caller closed would be the next file or socket that is opened, and rows would go
 * into the database's connection.  Opened the wrong way round it stays what it was: unusable. */
static void keep_closed_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void log_init(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	tool = slash ? slash + 1 : argv0;
	keep_closed_streams();
}

const char *log_tool(void)
{
	return tool;
}

void log_set_level(enum log_level level)
{
	threshold = level;
}

bool log_wants(enum log_level level)
{
	return level <= threshold;
}

static void one_line(char *text)
{
	size_t len;

	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	for (len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
}

static void append(char *line, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void append(char *line, size_t size, const char *fmt, ...)
{
	size_t used = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + used, size - used, fmt, ap);
	va_end(ap);
}

/* What the job that runs this tool put into its environment. */
static void append_job(char *line, size_t size)
{
	static const char *const variable[][2] = {
		{ "WINDFALL_JOB", "job" }, { "WINDFALL_RUN", "run" }, { "WINDFALL_STEP", "step" },
	};

	for (size_t i = 0; i < sizeof variable / sizeof *variable; i++) {
		const char *value = getenv(variable[i][0]);

		if (value && *value && !strpbrk(value, " \"=\n\t"))
			append(line, size, " %s=%s", variable[i][1], value);
	}
}

static void append_quoted(char *line, size_t size, const char *text)
{
	append(line, size, "\"");
	for (const char *p = text; *p; p++)
		append(line, size, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
	append(line, size, "\"");
}

static void emit(enum log_level level, char *msg, char *facts)
{
	char line[4096] = "";
	char stamp[32];
	time_t now = time(NULL);
	struct tm utc;

	if (!log_wants(level))
		return;
	one_line(msg);
	one_line(facts);
	if (isatty(STDERR_FILENO)) {
		append(line, sizeof line, "%s: ", tool);
		if (level != LOG_INFO)
			append(line, sizeof line, "%s: ", level_name[level]);
		append(line, sizeof line, "%s%s%s", msg, *facts ? " " : "", facts);
	} else {
		strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
		append(line, sizeof line, "ts=%s level=%s tool=%s pid=%ld", stamp, level_name[level], tool, (long)getpid());
		append_job(line, sizeof line);
		append(line, sizeof line, " msg=");
		append_quoted(line, sizeof line, msg);
		append(line, sizeof line, "%s%s", *facts ? " " : "", facts);
	}
	line[sizeof line - 2] = '\0';
	append(line, sizeof line, "\n");
	/* One write a line, so that lines of tools that run side by side do not mix. */
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;		/* stderr is the last resort: nowhere left to complain */
}

#define EMIT(level, fmt)					\
	do {							\
		char msg_[2048], none_[1] = "";			\
		va_list ap_;					\
		va_start(ap_, fmt);				\
		vsnprintf(msg_, sizeof msg_, fmt, ap_);		\
		va_end(ap_);					\
		emit(level, msg_, none_);			\
	} while (0)

void log_error(const char *fmt, ...)   { EMIT(LOG_ERROR, fmt); }
void log_warning(const char *fmt, ...) { EMIT(LOG_WARNING, fmt); }
void log_info(const char *fmt, ...)    { EMIT(LOG_INFO, fmt); }
void log_debug(const char *fmt, ...)   { EMIT(LOG_DEBUG, fmt); }

void log_fact(enum log_level level, const char *msg, const char *facts_fmt, ...)
{
	char words[256], facts[2048];
	va_list ap;

	snprintf(words, sizeof words, "%s", msg);
	va_start(ap, facts_fmt);
	vsnprintf(facts, sizeof facts, facts_fmt, ap);
	va_end(ap);
	emit(level, words, facts);
}

static void (*end_instead)(int, const char *);

void log_set_end(void (*end)(int status, const char *message))
{
	end_instead = end;
}

void log_oddities(const char *source, const struct oddities *odd)
{
	size_t named = 0;

	for (const char *line = odd->text.data; line && *line; named++) {
		size_t len = strcspn(line, "\n");

		log_warning("%s: %.*s", source, (int)len, line);
		line += len + (line[len] != '\0');
	}
	if (odd->odd > named)
		log_warning("%s: and %zu more of the kind", source, odd->odd - named);
}

_Noreturn void die(int status, const char *fmt, ...)
{
	static pthread_mutex_t last_words = PTHREAD_MUTEX_INITIALIZER;
	char message[2048], none[1] = "";
	va_list ap;

	pthread_mutex_lock(&last_words);	/* one thread ends the process; another that would waits for it */
	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	emit(LOG_ERROR, message, none);
	if (end_instead) {
		pthread_mutex_unlock(&last_words);	/* what it calls may die in its turn */
		end_instead(status, message);
	}
	exit(status);
}

int flush_stdout(void)
{
	errno = 0;	/* if it was an earlier write that failed, its reason is gone */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	if (errno == EPIPE)
		exit(141);	/* as a death by SIGPIPE would look to the shell */
	die(EX_IOERR, "cannot write standard output: %s", errno ? strerror(errno) : "a write failed before its end; is the disk full?");
}
