/* Mail, by sendmail or by SMTP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alert/channel_net.h"
#include "alert/mail.h"
#include "alert/settings_io.h"
#include "format/url_net.h"

struct mailing {
	struct mail_addresses to, from;
	struct endpoint server;
	struct smtp_envelope envelope;
	const char *recipients[MAIL_MAX_RECIPIENTS + 1];
	const char *sendmail;
	struct buf message;
};

static int send_mail(const struct delivery *d)
{
	const struct mailing *m = d->what;
	char name[] = "sendmail", from_headers[] = "-t", dots_are_text[] = "-i";
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *home = NULL;
	struct buf text = BUF_INIT;

	if (!m->sendmail)
		return deliver_smtp(d, &m->server, &m->envelope, m->message.data, m->message.len);
	buf_addf(&text, "HOME=%s", getenv("HOME") ? getenv("HOME") : "/");
	home = buf_detach(&text);
	return deliver_program(d, m->sendmail, (char *[]){ name, from_headers, dots_are_text, NULL },
			       (char *[]){ path, home, NULL }, m->message.data, m->message.len);
}

/* Where mail goes, by which way; false if it does not, after saying why if it should. */
static bool mail_way(struct mailing *m)
{
	const char *to = setting("MAIL_TO"), *from = setting("MAIL_FROM"), *url = setting("SMTP_URL");
	const char *tls = setting("SMTP_TLS"), *trouble = url ? url_secret_trouble(url, URL_MAIL) : NULL;
	struct reason why;

	if (!to)
		return false;
	m->sendmail = url ? NULL : setting("SENDMAIL") ? setting("SENDMAIL") : "/usr/sbin/sendmail";
	if (!mail_addresses_parse(to, &m->to, &why))
		settings_complain("MAIL_TO", why.text);
	else if ((from || url) && (!mail_addresses_parse(from ? from : "", &m->from, &why) || m->from.n != 1))
		settings_complain("MAIL_FROM", from ? "one address is needed" : "not set, and SMTP needs one");
	else if (trouble)
		settings_complain("SMTP_URL", trouble);
	else if (tls && strcmp(tls, "required") != 0 && strcmp(tls, "off") != 0)
		settings_complain("SMTP_TLS", "it is required or off");
	else if (tls && strcmp(tls, "off") == 0 && url && !url_is_loopback(url))
		settings_complain("SMTP_TLS", "mail leaves this machine encrypted or not at all");
	else if (m->sendmail && access(m->sendmail, X_OK) != 0)
		settings_complain(m->sendmail, "it should send mail to MAIL_TO but cannot be run; fix it, or set SMTP_URL");
	else {
		for (int i = 0; i < m->to.n; i++)
			m->recipients[i] = m->to.address[i];
		m->server = (struct endpoint){ url, setting("SSL_CERT_FILE") };
		m->envelope = (struct smtp_envelope){
			.from = m->from.address[0], .to = m->recipients,
			.user = setting("SMTP_USER"), .password = secret_setting("SMTP_PASSWORD"),
			.tls_required = tls ? strcmp(tls, "required") == 0 : url && !url_is_loopback(url),
		};
		return true;
	}
	return false;
}

static bool mail(const struct alert *a, struct mailing *m)
{
	struct mail mail = { .to = &m->to, .subject = a->subject.data, .text = a->text.data, .date = a->now };
	struct timespec t;
	char id[128];

	if (!mail_way(m))
		return false;
	clock_gettime(CLOCK_REALTIME, &t);
	snprintf(id, sizeof id, "%lld.%09ld.%ld@%s", (long long)a->now, t.tv_nsec, (long)getpid(), a->host);
	mail.message_id = id;
	mail.from = m->from.n ? m->from.address[0] : NULL;
	mail_compose(&m->message, &mail, m->sendmail ? "\n" : "\r\n");
	return true;
}

static void release(void *what)
{
	struct mailing *m = what;

	buf_release(&m->message);
	free(m);
}

static int build(const struct alert *a, struct parcel *parcel)
{
	struct mailing *m = xmalloc(sizeof *m);

	*m = (struct mailing){ .sendmail = NULL };
	if (!mail(a, m)) {
		release(m);
		return 0;
	}
	*parcel = (struct parcel){ .target = "mail", .what = m, .by_program = m->sendmail != NULL };
	return 1;
}

const struct channel mail_channel = {
	"mail",
	{ { "MAIL_TO", SETTING_PLAIN }, { "MAIL_FROM", SETTING_PLAIN }, { "SMTP_URL", SETTING_PLAIN },
	  { "SMTP_USER", SETTING_PLAIN },
	  { "SMTP_PASSWORD", SETTING_SECRET }, { "SMTP_TLS", SETTING_PLAIN }, { "SENDMAIL", SETTING_PLAIN },
	  { "SSL_CERT_FILE", SETTING_PLAIN } },
	build, send_mail, release,
};
