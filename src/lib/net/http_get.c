#include "net/http.h"

#include <string.h>

#include "format/json.h"
#include "format/url.h"
#include "os/log.h"

struct single {
	const struct http_request *req;
	struct buf *body;
	enum http_outcome outcome;
	struct reason *why;
	bool xml;
};

static enum http_next next_single(void *ctx, struct http_request *req)
{
	struct single *one = ctx;

	if (!one->req)
		return HTTP_END;
	buf_add(&req->url, one->req->url.data, one->req->url.len);
	buf_add(&req->post, one->req->post.data, one->req->post.len);
	buf_add(&req->headers, one->req->headers.data, one->req->headers.len);
	one->req = NULL;
	return HTTP_START;
}

/* A document of XML ends with a tag. */
static bool xml_is_cut(const char *body, size_t len)
{
	const char *from = body, *end = body + len;

	while (from < end && strchr(" \t\r\n", *from))
		from++;
	while (end > from && strchr(" \t\r\n", end[-1]))
		end--;
	return from == end || (*from == '<' && end[-1] != '>');
}

static bool is_cut(const struct single *one, const struct buf *body)
{
	return one->xml ? xml_is_cut(body->data, body->len) : json_is_cut(body->data, body->len);
}

static enum http_verdict done_single(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct single *one = ctx;

	(void)req;
	if (reply->outcome == HTTP_BODY && is_cut(one, reply->body))
		return HTTP_AGAIN;
	one->outcome = reply->outcome;
	buf_clear(one->body);
	buf_add(one->body, reply->body->data, reply->body->len);
	if (http_exit_status(reply->outcome) && reply->attempts > 1)
		reason_set(one->why, "%s (after %d attempts)", reply->why, reply->attempts);
	else if (http_exit_status(reply->outcome))
		reason_set(one->why, "%s", reply->why);
	return HTTP_DONE;
}

enum http_outcome http_ask(const struct http_options *o, const struct http_request *req, struct buf *body,
			   struct reason *why)
{
	struct single one = { req, body, HTTP_LATER, why, o->xml };

	http_run(o, next_single, done_single, &one, NULL);
	return one.outcome;
}

bool http_get(const struct http_options *o, const char *url, struct buf *body)
{
	struct http_request req = { .url = BUF_INIT };
	enum http_outcome outcome;
	struct reason why;

	buf_adds(&req.url, url);
	outcome = http_ask(o, &req, body, &why);
	buf_release(&req.url);
	if (http_exit_status(outcome)) {
		struct buf shown = BUF_INIT;

		url_show(&shown, url);
		die(http_exit_status(outcome), "cannot fetch %s: %s", shown.data, why.text);
	}
	return outcome == HTTP_BODY;
}
