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

#include "base/buf.h"
#include "base/redact.h"
#include "base/text.h"

static const char *tool = "windfall";
static enum log_level threshold = LOG_INFO;
static bool wipe_first;
static struct secrets hidden;

static const char *const level_name[] = { "error", "warning", "info", "debug" };

/* A stream that the caller closed would be the next file or socket that is opened, and rows would go
 * into the database's connection.  Opened the wrong way round it stays what it was: unusable. */
static void keep_closed_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A stream that another program left non-blocking would refuse what its reader is slow to take, and give nothing where
 * rows are late. */
static void let_streams_block(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && flags & O_NONBLOCK)
			(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	}
}

void log_init(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	tool = slash ? slash + 1 : argv0;
	keep_closed_streams();
	let_streams_block();
}

struct secrets *log_secrets(void)
{
	return &hidden;
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

void log_wipe_first(bool wipe)
{
	wipe_first = wipe;
}

enum { LINE = 4096 };		/* as much as one write keeps together in a pipe */

/* Append text as one line for a person: without what looks like a secret, clean, with newlines and tabs as spaces, none
 * at its end. */
static void add_clean(struct buf *out, const char *text)
{
	size_t start = out->len;
	struct buf told = BUF_INIT;

	buf_adds(&told, text);
	redact(&told, secrets_list(&hidden));
	text_clean(out, told.data ? told.data : "", told.len);
	buf_release(&told);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\t')
			out->data[i] = ' ';
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

/* A value that is one plain word stands as it is. */
static void add_value(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@%+,-";
	struct buf clean = BUF_INIT;

	add_clean(&clean, text);
	if (clean.len > 0 && clean.data[strspn(clean.data, plain)] == '\0')
		buf_add(out, clean.data, clean.len);
	else
		add_quoted(out, clean.len ? clean.data : "");
	buf_release(&clean);
}

/* What the job that runs this tool put into its environment. */
static void add_job(struct buf *out)
{
	static const char *const variable[][2] = {
		{ "WINDFALL_JOB", "job" }, { "WINDFALL_RUN", "run" }, { "WINDFALL_STEP", "step" },
	};

	for (size_t i = 0; i < sizeof variable / sizeof *variable; i++) {
		const char *value = getenv(variable[i][0]);

		if (value && *value && !strpbrk(value, " \"=\n\t")) {
			buf_addf(out, " %s=", variable[i][1]);
			add_value(out, value);
		}
	}
}

/* Cut a message so that what it becomes when quoted is at most this long. */
static void cut_message(struct buf *msg, size_t longest)
{
	size_t length = 2;

	for (size_t i = 0; i < msg->len; i++) {
		length += msg->data[i] == '"' || msg->data[i] == '\\' ? 2 : 1;
		if (length > longest) {
			text_cut(msg, i > 3 ? i - 3 : 3);
			return;
		}
	}
}

/* facts: "key=value key=value", each value plain or quoted. */
static void emit(enum log_level level, const char *text, const char *facts)
{
	struct buf line = BUF_INIT, msg = BUF_INIT;
	size_t rest = strlen(facts) + 8;
	char stamp[32];
	time_t now = time(NULL);
	struct tm utc;

	if (!log_wants(level))
		return;
	add_clean(&msg, text);
	if (isatty(STDERR_FILENO)) {
		buf_addf(&line, "%s%s: ", wipe_first ? "\r\033[K" : "", tool);
		wipe_first = false;
		if (level != LOG_INFO)
			buf_addf(&line, "%s: ", level_name[level]);
		buf_addf(&line, "%s%s%s\n", msg.len ? msg.data : "", *facts ? " " : "", facts);
	} else {
		strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
		buf_addf(&line, "ts=%s level=%s tool=%s pid=%ld", stamp, level_name[level], tool, (long)getpid());
		add_job(&line);
		buf_adds(&line, " msg=");
		cut_message(&msg, line.len + rest < LINE ? LINE - line.len - rest : 8);
		add_quoted(&line, msg.len ? msg.data : "");
		buf_addf(&line, "%s%s\n", *facts ? " " : "", facts);
	}
	/* One write a line, so that lines of tools that run side by side do not mix.  stderr is the last resort:
	 * there is nowhere left to complain. */
	(void)!write(STDERR_FILENO, line.data, line.len);
	buf_release(&line);
	buf_release(&msg);
}

#define EMIT(level, fmt)					\
	do {							\
		char msg_[2048];				\
		va_list ap_;					\
		va_start(ap_, fmt);				\
		vsnprintf(msg_, sizeof msg_, fmt, ap_);		\
		va_end(ap_);					\
		emit(level, msg_, "");				\
	} while (0)

void log_error(const char *fmt, ...)   { EMIT(LOG_ERROR, fmt); }
void log_warning(const char *fmt, ...) { EMIT(LOG_WARNING, fmt); }
void log_info(const char *fmt, ...)    { EMIT(LOG_INFO, fmt); }
void log_debug(const char *fmt, ...)   { EMIT(LOG_DEBUG, fmt); }

/* The arguments of a format, which a function can take from in turn with its caller. */
struct arguments {
	va_list ap;
};

/* Append what the conversion at *fmt, which begins with %, makes of the next argument, and step over it. */
static void add_conversion(struct buf *out, const char **fmt, struct arguments *args)
{
	const char *spec = *fmt, *p = spec + 1;
	char one[16], number[64] = "";
	int longs = 0;
	bool size = false;

	while (*p == '.' || (*p >= '0' && *p <= '9'))
		p++;
	for (; *p == 'l' || *p == 'z'; p++) {
		longs += *p == 'l';
		size = size || *p == 'z';
	}
	snprintf(one, sizeof one, "%.*s", (int)(p + 1 - spec), spec);
	*fmt = p + 1;
	switch (*p) {
	case 's': {
		const char *text = va_arg(args->ap, const char *);

		buf_adds(out, text ? text : "");
		return;
	}
	case '%': buf_addc(out, '%'); return;
	/* The conversion is the format's own, which the compiler checks where log_fact() is called. */
	case 'f': snprintf(number, sizeof number, one, va_arg(args->ap, double)); break;
	default:
		if (size)
			snprintf(number, sizeof number, one, va_arg(args->ap, size_t));
		else if (longs == 2)
			snprintf(number, sizeof number, one, va_arg(args->ap, long long));
		else if (longs == 1)
			snprintf(number, sizeof number, one, va_arg(args->ap, long));
		else
			snprintf(number, sizeof number, one, va_arg(args->ap, int));
	}
	buf_adds(out, number);
}

/* One key=value, or a word without =, of a format; where it ends. */
static const char *add_fact(struct buf *out, const char *fmt, struct arguments *args)
{
	size_t key = strcspn(fmt, "= ");
	struct buf value = BUF_INIT;

	if (fmt[key] != '=')
		key = 0;
	for (const char *end = fmt + (key ? key + 1 : 0); ; ) {
		if (*end == '%') {
			add_conversion(&value, &end, args);
			continue;
		}
		if (*end && *end != ' ') {
			buf_addc(&value, *end++);
			continue;
		}
		if (out->len > 0 && (key || value.len))
			buf_addc(out, ' ');
		if (key) {
			buf_add(out, fmt, key + 1);
			add_value(out, value.len ? value.data : "");
		} else if (value.len) {
			buf_adds(out, value.data + strspn(value.data, " "));
		}
		buf_release(&value);
		return end + strspn(end, " ");
	}
}

void log_fact(enum log_level level, const char *msg, const char *facts_fmt, ...)
{
	struct buf facts = BUF_INIT;
	struct arguments args;

	va_start(args.ap, facts_fmt);
	while (*facts_fmt)
		facts_fmt = add_fact(&facts, facts_fmt, &args);
	va_end(args.ap);
	emit(level, msg, facts.len ? facts.data : "");
	buf_release(&facts);
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
		log_warning("%s: and %zu more of this kind", source, odd->odd - named);
}

_Noreturn void die(int status, const char *fmt, ...)
{
	static pthread_mutex_t last_words = PTHREAD_MUTEX_INITIALIZER;
	char message[2048];
	va_list ap;

	pthread_mutex_lock(&last_words);	/* one thread ends the process; another that would waits for it */
	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	emit(LOG_ERROR, message, "");
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
	die(EX_IOERR, "cannot write standard output: %s",
	    errno ? strerror(errno) : "a write failed before its end; is the disk full?");
}
