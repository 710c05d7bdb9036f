/*
 * channel_net - the ways by which an alert reaches people
 *
 * A channel is a row of alert_channels: its name, its settings, how its messages are built and how one is sent.
 * A new one is a file with such a row, and its name in that table.
 */
#ifndef WINDFALL_CHANNEL_NET_H
#define WINDFALL_CHANNEL_NET_H

#include <stdbool.h>

#include "alert/alert_memory_io.h"
#include "alert/deliver_net.h"
#include "alert/ping.h"
#include "base/buf.h"
#include "exact/calendar.h"

enum event { EVENT_NONE, EVENT_PROBLEM, EVENT_RECOVERY };	/* NONE: a ping alone */

enum { SUBJECT_MAX = 150 };

struct alert {
	enum severity severity;
	enum event event;
	const char *key, *title;	/* as given, or NULL */
	bool dry;			/* nothing is sent: the targets are printed */
	bool pings;
	enum ping_word ping;
	int code;			/* -1: not given */
	long window, after;
	bool early;			/* a problem that was not reported often enough to alert */
	int seconds;
	instant_t now;
	char host[65];
	struct buf subject, body, facts, text;	/* text is body and facts */
	struct buf shown_key;		/* the key as people may see it, or "" */
};

/* What a channel is set up by.  A secret may also stand in the private file that NAME_FILE names, and is never shown;
 * of a secret URL, neither is its path alone. */
struct channel_setting {
	const char *name;
	enum { SETTING_PLAIN, SETTING_SECRET, SETTING_SECRET_URL } kind;
};

/* One message of a channel, for one target. */
struct parcel {
	char target[TOLD_TARGET_TEXT];	/* the name that is remembered: "slack", "hook:pager" */
	void *what;			/* the channel's own, for send and release */
	bool by_program;		/* as a delivery's */
};

enum { CHANNEL_TARGETS = 32, CHANNEL_SETTINGS = 12 };

struct channel {
	const char *name;
	struct channel_setting settings[CHANNEL_SETTINGS];	/* ends with a NULL name */
	/* Build what is to be sent to each target that is configured (at most CHANNEL_TARGETS): how many, 0 if none is,
	 * after settings_complain() where one should be. */
	int (*build)(const struct alert *a, struct parcel *parcel);
	/* Send one, in a process of its own: as a delivery's send (deliver_net.h), whose what is the parcel's. */
	int (*send)(const struct delivery *d);
	void (*release)(void *what);
};

extern const struct channel slack_channel, mail_channel, hooks_channel;

/* Those that alert people, in the order of their messages; ends with NULL. */
extern const struct channel *const alert_channels[];

/* Tells a dead-man's switch how a job goes: it is sent to whether or not people are alerted, and not remembered. */
extern const struct channel ping_channel;

/* Slack and ping: one POST. */
struct post {
	struct endpoint to;
	const char *type;
	struct buf url, body;
};
int post_send(const struct delivery *d);
void post_release(void *what);

#endif
