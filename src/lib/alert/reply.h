/*
 * reply - what a webhook or a dead-man's switch means by its answer
 *
 * Some answer with status 200 although they did not take the message, and say so in the body alone:
 *
 *   Healthchecks	"OK (not found)" for a UUID of no check, "OK (rate limited)"
 *   Microsoft Teams	"Webhook message delivery failed with error: ... returned HTTP error 429 ..."
 *   those with JSON	{"ok":false,...} as Slack's API and Telegram, {"success":false,...} as Rocket.Chat
 *			{"code":19001,...} as Feishu, {"errcode":93000,...} as WeCom and DingTalk
 *			{"status":0,"errors":["..."],...} as Pushover, {"result":"error",...} as Zulip, {"error":"..."}
 */
#ifndef WINDFALL_REPLY_H
#define WINDFALL_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/* The status that the answer means: code, unless that says success and text[0..len) does not. */
long reply_code(long code, const char *text, size_t len);

/* Is it a web page?  What takes messages answers with none; what asks people for a password does. */
bool reply_is_page(const char *text, size_t len);

#endif
