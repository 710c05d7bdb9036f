/*
 * mail - one message as RFC 5322 wants it
 *
 * Nothing that a caller passes can end a header or begin another: headers are built from
 * checked addresses and from single lines only.  The text is sent as quoted-printable UTF-8,
 * so no line is longer than 76 characters.
 */
#ifndef WINDFALL_MAIL_H
#define WINDFALL_MAIL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/reason.h"
#include "exact/calendar.h"

enum { MAIL_MAX_RECIPIENTS = 20, MAIL_ADDRESS_TEXT = 255 };

struct mail_addresses {
	int n;
	char address[MAIL_MAX_RECIPIENTS][MAIL_ADDRESS_TEXT];
};

/*
 * Parse "a@example.org, b@example.org": plain addresses (no names, no quotes, no comments) of
 * letters, digits and the signs that RFC 5321 allows unquoted, or names of users such as root, separated by commas or
 * spaces.
 * False, with the reason, for anything else.
 */
bool mail_addresses_parse(const char *text, struct mail_addresses *to, struct reason *why);

struct mail {
	const char *from;		/* one checked address, or NULL: sendmail will write it */
	const struct mail_addresses *to;
	const char *subject;		/* one clean line of UTF-8 */
	const char *text;		/* clean UTF-8, newlines as \n */
	const char *message_id;		/* "unique@host", printable */
	instant_t date;
};

/* Append the whole message with this line end: "\r\n" for SMTP, "\n" for sendmail. */
void mail_compose(struct buf *out, const struct mail *mail, const char *eol);

#endif
