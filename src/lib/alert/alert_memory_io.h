/*
 * alert_memory_io - what has been told about a trouble, to whom, and when
 *
 * One small file for each key, in var/alerts below the state: an alert matters most when the
 * database is down, so it is no table.  Files are replaced whole, and a lock held while one
 * key is worked on lets a second sender of the same key wait and then see that it was told.
 * A memory that cannot be read or written is said and never keeps an alert from being sent.
 */
#ifndef WINDFALL_ALERT_MEMORY_IO_H
#define WINDFALL_ALERT_MEMORY_IO_H

#include <stdbool.h>

#include "exact/calendar.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };

enum { TOLD_MAX_TARGETS = 40, TOLD_TARGET_TEXT = 80 };

struct alert_memory {
	long count;			/* how often the trouble was reported since it began */
	instant_t first;		/* when it began; 0 when there is none */
	int n;				/* the targets that were told, and not yet of the recovery */
	struct alert_memory_target {
		char name[TOLD_TARGET_TEXT];
		instant_t when;
		enum severity severity;
	} target[TOLD_MAX_TARGETS];
	char *path;			/* NULL: nothing is remembered */
	int lock;
	const char *key;		/* borrowed */
};

/*
 * Begin with what is remembered of this key, once nobody else works on it (wait at most so
 * many seconds, then go on all the same).  A NULL key remembers nothing.  False, after saying
 * why, if what is told now could not be remembered.
 */
bool alert_memory_open(struct alert_memory *told, const char *key, int seconds);

/* True if the target is to be told: it was not within the window (seconds) before now, or was of
 * something less severe. */
bool alert_memory_due(const struct alert_memory *told, const char *target, enum severity severity, instant_t now,
		      long window);

/* Was the target told, and not yet of the recovery? */
bool alert_memory_knows(const struct alert_memory *told, const char *target);

/* Remember that the target was told now, or forget it; on the disk only after alert_memory_save(). */
void alert_memory_add(struct alert_memory *told, const char *target, enum severity severity, instant_t now);
void alert_memory_remove(struct alert_memory *told, const char *target);

/* Write what is remembered, or remove the file when count is 0.  False, after saying why. */
bool alert_memory_save(const struct alert_memory *told);

/* Let the next sender of this key go on. */
void alert_memory_close(struct alert_memory *told);

/* "info", "warning", "critical", and back; false for another word. */
const char *severity_name(enum severity severity);
bool severity_parse(const char *text, enum severity *severity);

#endif
