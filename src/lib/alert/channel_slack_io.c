/* A Slack-compatible webhook: one text of the subject, the message and the facts. */
#include <stdio.h>

#include <cjson/cJSON.h>

#include "alert/channel_net.h"
#include "alert/settings_io.h"
#include "format/message.h"
#include "format/url_net.h"

enum { SLACK_MAX = 3000 };	/* characters of one section */

static bool slack(const struct alert *a, struct post *p)
{
	const char *url = secret_setting("SLACK_WEBHOOK_URL"), *trouble = url ? url_secret_trouble(url, URL_WEB) : NULL;
	struct buf text = BUF_INIT;
	cJSON *json;
	char *printed;

	if (trouble)
		settings_complain("SLACK_WEBHOOK_URL", trouble);
	if (!url || trouble)
		return false;
	buf_adds(&text, "*");
	message_slack(&text, a->subject.data, 2 * SUBJECT_MAX);
	buf_adds(&text, "*\n```\n");
	message_slack(&text, a->body.data, SLACK_MAX - 1000);
	buf_adds(&text, "\n```\n");
	message_slack(&text, a->facts.data, SLACK_MAX - text.len);
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "text", text.data);
	printed = cJSON_PrintUnformatted(json);
	buf_adds(&p->body, printed);
	buf_adds(&p->url, url);
	p->type = "application/json";
	p->to = (struct endpoint){ p->url.data, setting("SSL_CERT_FILE") };
	cJSON_free(printed);
	cJSON_Delete(json);
	buf_release(&text);
	return true;
}

static int build(const struct alert *a, struct parcel *parcel)
{
	struct post *post = xmalloc(sizeof *post);

	*post = (struct post){ .type = NULL };
	if (!slack(a, post)) {
		post_release(post);
		return 0;
	}
	*parcel = (struct parcel){ .target = "slack", .what = post };
	return 1;
}

const struct channel slack_channel = {
	"slack", { { "SLACK_WEBHOOK_URL", SETTING_SECRET_URL }, { "SSL_CERT_FILE", SETTING_PLAIN } }, build, post_send,
	post_release,
};
