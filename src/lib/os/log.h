/*
 * log - what a tool says on stderr, and how it ends
 *
 * One line an event.  On a terminal it reads "calc-btc: warning: text key=value";
 * anywhere else it is one logfmt line, stamped in UTC, so that grep and awk answer
 * questions about a job's log:
 *
 *   ts=2026-01-02T03:04:05Z level=warning tool=calc-btc pid=412 msg="text" key=value
 *
 * WINDFALL_JOB, WINDFALL_RUN and WINDFALL_STEP, set by a job, appear as job=, run=, step=.  What a message or a value
 * holds is shown as text and no more: newlines and tabs become spaces, other control characters and what turns the
 * direction of text vanish, broken UTF-8 is marked, and a value that is not one plain word is quoted, so that one
 * event stays one line and nothing in it can pass for another key=value.  What looks like a secret is struck out
 * (redact.h), and what log_secrets() has.
 */
#ifndef WINDFALL_LOG_H
#define WINDFALL_LOG_H

#include <stdbool.h>
#include <sysexits.h>

#include "base/oddities.h"
#include "base/secrets.h"

/* The answer of a tool that compares: differences, listed on stdout. */
#define EX_DIFFERENCES 1

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Remember the tool's name (the last component of argv0), and see that nothing opened later takes the
 * place of a standard stream that is closed, and that these wait for who is slow.  Call first in main. */
void log_init(const char *argv0);

/* Say only what is at least this grave.  -q sets LOG_WARNING, -v LOG_DEBUG; LOG_INFO at start. */
void log_set_level(enum log_level level);

/* Would a message of this level be said?  Worth asking where it costs something to make. */
bool log_wants(enum log_level level);

/* Whether a line of progress stands where the next message goes on the terminal: it is wiped first. */
void log_wipe_first(bool wipe);

/* What no message shows, whatever it looks like: to be added to, before there are threads. */
struct secrets *log_secrets(void);

/* The tool's name as log_init() found it. */
const char *log_tool(void);

/* A message in words; begin in lower case, no full stop.
 * Say what failed, then on what, then what to do. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A message of few fixed words and its facts: log_fact(LOG_INFO, "stored", "date=%s periods=%d", d, n).
 * The facts are key=value, separated by single spaces in facts_fmt; each value is quoted where it needs it.  A %s
 * that stands alone is facts itself, or nothing.  Conversions: %s and whole numbers, and %f, without a width. */
void log_fact(enum log_level level, const char *msg, const char *facts_fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A warning for each row that a reader noted as odd, with the source's name before it, and one for those it only
 * counted. */
void log_oddities(const char *source, const struct oddities *odd);

/* Say an error and end with this status (sysexits.h). */
_Noreturn void die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Have die() call this with its status and message, and exit only if it returns: for the one tool
 * whose callers wait for an answer of another form, and know other statuses.  A die() of its own
 * calls it again. */
void log_set_end(void (*end)(int status, const char *message));

/* Flush stdout and return 0, or end with EX_IOERR: a full disk is a failure, not a short file.
 * A reader that went away (EPIPE) is a quiet end.  `return flush_stdout();` closes every main. */
int flush_stdout(void);

#endif
