#include "alert/mail.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* dot-atom "@" host name; never begins with "-", so that no program takes it for an option. */
static bool address_valid(const char *a, size_t len)
{
	static const char signs[] = "!#$%&'*+-/=?^_`{|}~.";
	const char *at = memchr(a, '@', len);
	size_t local = at ? (size_t)(at - a) : 0, host = at ? len - local - 1 : 0;

	if (local < 1 || local > 64 || host < 1 || len >= MAIL_ADDRESS_TEXT || a[0] == '-')
		return false;
	for (size_t i = 0; i < local; i++)
		if (!strchr(letters, a[i]) && !strchr(signs, a[i]))
			return false;
	for (size_t i = 0; i < host; i++)
		if (!strchr(letters, at[1 + i]) && at[1 + i] != '.' && at[1 + i] != '-')
			return false;
	for (size_t i = 0; i < len; i++)	/* no empty part: not .a@b, a.@b, a..b@c, a@b. */
		if (a[i] == '.' && (i == 0 || i + 1 == len || strchr(".@", a[i + 1]) || strchr(".@", a[i - 1])))
			return false;
	return true;
}

/* A user of the machine that delivers, as cron's MAILTO has it: "root". */
static bool is_user(const char *a, size_t len)
{
	static const char user[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	return len >= 1 && len <= 32 && islower((unsigned char)a[0]) && strspn(a, user) >= len;
}

bool mail_addresses_parse(const char *text, struct mail_addresses *to, struct reason *why)
{
	to->n = 0;
	for (const char *p = text + strspn(text, ", \t"); *p; p += strspn(p, ", \t")) {
		size_t len = strcspn(p, ", \t");

		if (!address_valid(p, len) && !is_user(p, len))
			return reason_set(why, "address %d is not a mail address (write name@example.org)", to->n + 1);
		if (to->n == MAIL_MAX_RECIPIENTS)
			return reason_set(why, "more than %d addresses", MAIL_MAX_RECIPIENTS);
		snprintf(to->address[to->n++], MAIL_ADDRESS_TEXT, "%.*s", (int)len, p);
		p += len;
	}
	return to->n > 0 || reason_set(why, "no address");
}

/* A subject as it is if it is plain ASCII, otherwise in encoded words (RFC 2047) of at most 75. */
static void add_subject(struct buf *out, const char *subject, const char *eol)
{
	static const char begin[] = "=?utf-8?Q?", end[] = "?=";
	size_t used = 0;
	bool plain = true;

	for (const char *p = subject; *p; p++)
		plain = plain && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f;
	buf_adds(out, "Subject: ");
	/* Something that looks like an encoded word must not be read as one. */
	if (plain && !strstr(subject, "=?")) {
		buf_adds(out, subject);
		buf_adds(out, eol);
		return;
	}
	buf_adds(out, begin);
	for (const char *p = subject; *p;) {
		char word[16] = "";
		size_t n = 1;

		while (((unsigned char)p[n] & 0xc0) == 0x80 && n < 4)
			n++;
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(word);

			if (strchr(letters, p[i]))
				snprintf(word + len, sizeof word - len, "%c", p[i]);
			else
				snprintf(word + len, sizeof word - len, "=%02X", (unsigned char)p[i]);
		}
		if (used + strlen(word) > 75 - strlen(begin) - strlen(end)) {
			buf_addf(out, "%s%s %s", end, eol, begin);
			used = 0;
		}
		buf_adds(out, word);
		used += strlen(word);
		p += n;
	}
	buf_addf(out, "%s%s", end, eol);
}

static void add_quoted_printable(struct buf *out, const char *text, const char *eol)
{
	size_t used = 0;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool last = p[1] == '\n' || p[1] == '\0';
		bool bare = (c > ' ' && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !last);

		if (c == '\n') {
			buf_adds(out, eol);
			used = 0;
			continue;
		}
		/* 76 characters a line, one of them the "=" of a soft break. */
		if (used + (bare ? 1 : 3) > 75) {
			buf_addf(out, "=%s", eol);
			used = 0;
		}
		/* "From " at the start of a line is mangled on the way; "." is SMTP's own. */
		if (bare && !(used == 0 && (c == '.' || strncmp(p, "From ", 5) == 0))) {
			buf_addc(out, (char)c);
			used++;
		} else {
			buf_addf(out, "=%02X", c);
			used += 3;
		}
	}
	if (used > 0)
		buf_adds(out, eol);
}

void mail_compose(struct buf *out, const struct mail *mail, const char *eol)
{
	static const char *const weekday[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
					     "Nov", "Dec" };
	day_t day = (day_t)(mail->date / DAY_SECONDS);
	int second = (int)(mail->date % DAY_SECONDS), y, m, d;

	day_to_civil(day, &y, &m, &d);
	if (mail->from)
		buf_addf(out, "From: %s%s", mail->from, eol);
	buf_addf(out, "To: %s", mail->to->address[0]);
	for (int i = 1; i < mail->to->n; i++)
		buf_addf(out, ",%s %s", eol, mail->to->address[i]);
	buf_adds(out, eol);
	buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000%s", weekday[day % 7], d, month[m - 1], y, second / 3600,
		 second / 60 % 60, second % 60, eol);
	buf_addf(out, "Message-ID: <%s>%s", mail->message_id, eol);
	add_subject(out, mail->subject, eol);
	/* No answering machine shall answer. */
	buf_addf(out, "Auto-Submitted: auto-generated%sMIME-Version: 1.0%s", eol, eol);
	buf_addf(out, "Content-Type: text/plain; charset=utf-8%sContent-Transfer-Encoding: quoted-printable%s%s", eol,
		 eol, eol);
	add_quoted_printable(out, mail->text, eol);
}
