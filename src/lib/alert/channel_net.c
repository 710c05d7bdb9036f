#include "alert/channel_net.h"

#include <stdlib.h>

const struct channel *const alert_channels[] = { &slack_channel, &mail_channel, &hooks_channel, NULL };

int post_send(const struct delivery *d)
{
	const struct post *p = d->what;

	return deliver_post(d, &p->to, p->type, p->body.data, p->body.len);
}

void post_release(void *what)
{
	struct post *p = what;

	buf_release(&p->url);
	buf_release(&p->body);
	free(p);
}
