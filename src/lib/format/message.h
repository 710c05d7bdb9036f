/*
 * message - text for people: made safe to show, and without what must not be told
 *
 * The text comes from logs and so from anywhere.  Pure: no environment, no clock.
 */
#ifndef WINDFALL_MESSAGE_H
#define WINDFALL_MESSAGE_H

#include <stddef.h>

#include "base/buf.h"

/* Append text as one line: clean (text.h), and newlines and tabs become single spaces. */
void message_one_line(struct buf *out, const char *text);

/* Append what may be shown of a URL: "https://hooks.slack.com/…". */
void message_url(struct buf *out, const char *url);

/* Append text with & < > as entities, which is how Slack wants it, to at most max bytes more,
 * cut as text_cut() does. */
void message_slack(struct buf *out, const char *text, size_t max);

#endif
