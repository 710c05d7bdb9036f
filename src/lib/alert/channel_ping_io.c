/* The switch that raises an alarm when a job does not report: Healthchecks or Cronitor (ping.h). */
#include <stdio.h>
#include <stdlib.h>

#include "alert/channel_net.h"
#include "alert/settings_io.h"
#include "base/text.h"
#include "format/message.h"
#include "format/url_net.h"

enum { PING_MAX = 10000 };	/* bytes of the message that goes along */

/* A failure that is not to be told yet (early) is only noted there. */
static bool ping(const struct alert *a, struct post *p)
{
	struct ping ping = { a->ping, a->code, a->host, getenv("WINDFALL_JOB"), getenv("WINDFALL_RUN") };
	const char *pattern = secret_setting("PING_URL"), *trouble;
	enum ping_style style;
	struct reason why;

	if (!pattern)
		return false;
	if (a->early)
		ping.word = PING_LOG;
	if (!ping_style_parse(setting("PING_STYLE"), pattern, &style)) {
		settings_complain("PING_STYLE", "it is healthchecks or cronitor");
		return false;
	}
	if (a->early && style == PING_CRONITOR)
		return false;
	if (!ping_url(&p->url, pattern, style, &ping, &why)) {
		settings_complain("PING_URL", why.text);
		return false;
	}
	if ((trouble = url_secret_trouble(p->url.data, URL_WEB))) {
		settings_complain("PING_URL", trouble);
		return false;
	}
	settings_add_secret(p->url.data);
	buf_adds(&p->body, a->body.data);
	text_cut(&p->body, PING_MAX);
	p->type = "text/plain; charset=utf-8";
	p->to = (struct endpoint){ p->url.data, setting("SSL_CERT_FILE") };
	return true;
}

static int build(const struct alert *a, struct parcel *parcel)
{
	struct post *post = xmalloc(sizeof *post);

	*post = (struct post){ .type = NULL };
	if (!ping(a, post)) {
		post_release(post);
		return 0;
	}
	*parcel = (struct parcel){ .target = "ping", .what = post };
	return 1;
}

const struct channel ping_channel = {
	"ping", { { "PING_URL", SETTING_SECRET_URL }, { "PING_STYLE", SETTING_PLAIN }, { "SSL_CERT_FILE", SETTING_PLAIN } },
	build, post_send, post_release,
};
