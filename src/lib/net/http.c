#include "net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "format/url.h"
#include "format/url_net.h"
#include "net/circuit_breaker.h"
#include "net/rate_limit.h"
#include "net/transfer.h"
#include "os/clock.h"
#include "os/log.h"

#define MAX_WAITING 64		/* requests that wait for another attempt, beside those on the way */

/* One request from next() to its settling.  The transfer is its own only while it is on the way. */
struct job {
	enum { FREE, ACTIVE, WAITING } state;
	struct http_request req;
	int attempts;
	double waited;		/* seconds between its attempts so far */
	double not_before;	/* of its next attempt */
	bool probe;
	struct attempt last;	/* what the last attempt came to */
};

struct engine {
	const struct http_options *o;
	http_next_fn *next;
	http_done_fn *done;
	void *ctx;
	CURLM *multi;
	struct job job[HTTP_MAX_PARALLEL + MAX_WAITING];
	struct transfer transfer[HTTP_MAX_PARALLEL];
	int active, waiting;
	bool ended;		/* next() said so */
	bool held;		/* next() said HTTP_HOLD and nothing was settled since */
	struct http_request fetched;	/* filled by next(), not yet started */
	bool have_fetched;
	struct rate_limit pace;
	struct circuit_breaker breaker;
	const char *down;	/* why all that is left is given up; NULL while it is not */
	bool warned_clear;
	uint64_t random;
	struct http_totals totals;
};

/* xorshift64*, for jitter only: 0 <= x < 1. */
static double random_fraction(struct engine *e)
{
	e->random ^= e->random >> 12;
	e->random ^= e->random << 25;
	e->random ^= e->random >> 27;
	return (double)((e->random * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

/* Settling ----------------------------------------------------------------------------------- */

static enum http_verdict tell(struct engine *e, const struct job *j, enum http_outcome outcome, const struct buf *body)
{
	static const struct buf nothing = { "", 0, 0 };
	struct http_reply reply = {
		.outcome = outcome, .code = j->last.code, .attempts = j->attempts, .as_of = time(NULL),
		.clock_ahead = j->last.clock_ahead,
		.body = body && body->data ? body : &nothing, .why = j->last.why,
	};

	/* By a clock that is ahead much is over, and final, that has not begun. */
	if (j->last.clock_ahead > 0)
		reply.as_of -= j->last.clock_ahead;
	if (j->last.written && j->last.written < reply.as_of)
		reply.as_of = j->last.written;
	e->held = false;
	return e->done(e->ctx, &j->req, &reply);
}

static void release_job(struct engine *e, struct job *j)
{
	if (j->state == WAITING)
		e->waiting--;
	j->state = FREE;
}

static void settle(struct engine *e, struct job *j, const struct buf *body)
{
	tell(e, j, j->last.outcome, body);
	release_job(e, j);
}

static void note_success(struct engine *e)
{
	if (circuit_breaker_success(&e->breaker) && !e->down)
		log_info("the source answers again");
	rate_limit_speed_up(&e->pace);
}

static void note_failure(struct engine *e, const struct job *j)
{
	double pause;

	if (e->down)
		return;
	switch (circuit_breaker_failure(&e->breaker, j->probe, &pause)) {
	case BREAKER_STAYS:
		return;
	case BREAKER_GIVES_UP:
		e->down = "the source is down";
		snprintf(e->totals.down, sizeof e->totals.down, "%s", j->last.why);
		log_warning("the source is down (%s): the rest is not tried", j->last.why);
		return;
	case BREAKER_OPENS:
		log_info("%d attempts failed in a row (%s): pausing, then probing with single requests",
			 e->breaker.failures, j->last.why);
		break;
	case BREAKER_PAUSES:
		break;
	}
	rate_limit_hold(&e->pace, clock_seconds() + pause);
}

static void log_retry(struct engine *e, const struct job *j, double wait)
{
	struct buf shown = BUF_INIT;

	if (log_wants(LOG_INFO)) {
		url_show(&shown, j->req.url.data);
		log_info("%s: %s: attempt %d of %d in %.1f s", shown.data, j->last.why,
			 j->attempts + 1, e->o->attempts, wait);
		buf_release(&shown);
	}
}

/* An attempt failed in a way that another may overcome. */
static void try_again(struct engine *e, struct job *j, const struct buf *body)
{
	double wait = fmin(e->o->retry_wait_max, ldexp(e->o->retry_wait, j->attempts - 1)) * random_fraction(e);
	double retry_after = j->last.retry_after;
	bool too_many = j->last.code == 429;

	if (retry_after > wait)
		wait = retry_after;
	if (too_many && retry_after <= e->o->max_wait)
		rate_limit_slow_down(&e->pace, clock_seconds(), retry_after);
	if (too_many && retry_after > e->o->max_wait && !e->down) {
		e->down = "the source asks to be left alone";
		log_warning("the source asks to stay away for %.0f s, longer than --max-wait: the rest is not tried",
			    retry_after);
	} else {
		note_failure(e, j);
	}
	if (j->attempts >= e->o->attempts || e->down || j->waited + wait > e->o->max_wait) {
		settle(e, j, body);
		return;
	}
	log_retry(e, j, wait);
	j->waited += wait;
	j->not_before = clock_seconds() + wait;
	j->state = WAITING;
	e->waiting++;
}

static void fail_as(struct job *j, enum http_outcome outcome, const char *what, size_t len)
{
	j->last.outcome = outcome;
	snprintf(j->last.why, sizeof j->last.why, "the %s is not a whole document (%zu bytes)", what, len);
}

static void settle_attempt(struct engine *e, struct job *j, const struct buf *body)
{
	if (j->last.outcome == HTTP_BODY) {
		if (tell(e, j, HTTP_BODY, body) == HTTP_DONE) {
			note_success(e);
			release_job(e, j);
			return;
		}
		fail_as(j, HTTP_LATER, "body", body->len);
		j->last.again = true;
	}
	if (j->last.hopeless && !e->down)
		e->down = "the server's certificate cannot be trusted";
	if (j->last.outcome == HTTP_ABSENT) {
		note_success(e);
		settle(e, j, body);
	} else if (j->last.again) {
		try_again(e, j, body);
	} else {
		note_failure(e, j);
		settle(e, j, body);
	}
}

/* Attempts ----------------------------------------------------------------------------------- */

/* The disk needs no pace, and does not answer otherwise when asked again. */
static void read_file(struct engine *e, struct job *j, struct transfer *t)
{
	transfer_read_file(t, e->o, j->req.url.data, &j->last);
	e->totals.bytes += (long long)t->body.len;
	if (j->last.outcome == HTTP_BODY) {
		if (tell(e, j, HTTP_BODY, &t->body) == HTTP_DONE) {
			release_job(e, j);
			return;
		}
		fail_as(j, HTTP_ODD, "file", t->body.len);
	}
	settle(e, j, &t->body);
}

static void warn_of_clear_text(struct engine *e, const char *url)
{
	struct buf shown = BUF_INIT;

	if (e->warned_clear || !url_is_clear_text(url))
		return;
	url_show(&shown, url);
	log_warning("%s: http, not https: anybody on the way can read and change this", shown.data);
	buf_release(&shown);
	e->warned_clear = true;
}

static void start(struct engine *e, struct job *j)
{
	const char *url = j->req.url.data;
	struct transfer *t = e->transfer;

	while (t->owner)
		t++;
	e->totals.started++;
	j->attempts++;
	if (url_is_file(url)) {
		read_file(e, j, t);
		return;
	}
	warn_of_clear_text(e, url);
	if (j->state == WAITING) {
		e->waiting--;
		e->totals.retried++;
	}
	j->state = ACTIVE;
	j->probe = e->breaker.open;
	t->owner = j;
	e->active++;
	rate_limit_count(&e->pace, clock_seconds());
	transfer_start(t, e->multi, e->o, &j->req);
}

static void finish(struct engine *e, struct transfer *t, CURLcode result)
{
	struct job *j = t->owner;

	e->active--;
	e->totals.bytes += (long long)t->body.len;
	transfer_finish(t, e->multi, e->o, result, &j->last);
	settle_attempt(e, j, &t->body);
	j->probe = false;
	t->owner = NULL;
	/* A giant's memory is not kept for the small ones that follow. */
	if (t->body.size > (size_t)4 << 20)
		buf_release(&t->body);
}

/* The queue ---------------------------------------------------------------------------------- */

/* The waiting job whose time comes first. */
static struct job *first_waiting(struct engine *e)
{
	struct job *first = NULL;

	if (!e->waiting)
		return NULL;
	for (size_t i = 0; i < sizeof e->job / sizeof *e->job; i++)
		if (e->job[i].state == WAITING && (!first || e->job[i].not_before < first->not_before))
			first = &e->job[i];
	return first;
}

static void ask_next(struct engine *e)
{
	if (e->have_fetched || e->ended || e->held)
		return;
	buf_clear(&e->fetched.url);
	buf_clear(&e->fetched.post);
	buf_clear(&e->fetched.headers);
	e->fetched.item = NULL;
	switch (e->next(e->ctx, &e->fetched)) {
	case HTTP_START: e->have_fetched = true; break;
	case HTTP_HOLD:  e->held = true; break;
	case HTTP_END:   e->ended = true; break;
	}
}

/* Give what next() filled in a job of its own. */
static struct job *admit(struct engine *e)
{
	struct job *j = e->job;
	struct http_request swap;

	while (j->state != FREE)
		j++;
	swap = j->req;
	j->req = e->fetched;
	e->fetched = swap;
	e->have_fetched = false;
	j->attempts = 0;
	j->waited = 0;
	j->probe = false;
	j->last = (struct attempt){ .code = 0 };
	return j;
}

/* The source is down: hand everything back. */
static void give_up(struct engine *e)
{
	struct job *j;

	for (size_t i = 0; i < sizeof e->job / sizeof *e->job; i++)
		if (e->job[i].state == WAITING)
			settle(e, &e->job[i], NULL);
	for (ask_next(e); e->have_fetched; ask_next(e)) {
		j = admit(e);
		j->last.outcome = HTTP_NOT_TRIED;
		snprintf(j->last.why, sizeof j->last.why, "not tried: %s", e->down);
		settle(e, j, NULL);
	}
}

/* Start all that may start now.  Returns the seconds until there may be more to start. */
static double start_due(struct engine *e)
{
	for (;;) {
		struct job *j;
		double t = clock_seconds(), due;

		if (e->down)
			give_up(e);
		if (e->active >= (e->breaker.open ? 1 : e->o->parallel))
			return 1;
		if (e->waiting < MAX_WAITING)
			ask_next(e);
		if (e->have_fetched && url_is_file(e->fetched.url.data)) {
			start(e, admit(e));
			continue;
		}
		j = first_waiting(e);
		if (!j && !e->have_fetched)
			return 1;
		due = rate_limit_next(&e->pace);
		if (!e->have_fetched || e->waiting >= MAX_WAITING)
			due = fmax(due, j->not_before);
		if (due > t)
			return due - t;
		start(e, j && j->not_before <= t ? j : admit(e));
	}
}

static void wait_for_news(struct engine *e, double seconds)
{
	CURLMsg *msg;
	int left, running;
	long ms = (long)ceil(fmin(seconds, 1) * 1000);

	if (curl_multi_poll(e->multi, NULL, 0, (int)ms, NULL) != CURLM_OK ||
	    curl_multi_perform(e->multi, &running) != CURLM_OK)
		die(EX_SOFTWARE, "libcurl cannot go on");
	while ((msg = curl_multi_info_read(e->multi, &left))) {
		struct transfer *t;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(e, t, msg->data.result);
	}
}

static void release_request(struct http_request *req)
{
	buf_release(&req->url);
	buf_release(&req->post);
	buf_release(&req->headers);
}

static struct engine *open_engine(const struct http_options *o, http_next_fn *next, http_done_fn *done, void *ctx)
{
	struct engine *e = calloc(1, sizeof *e);
	struct timespec t;

	if (!e || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(e->multi = curl_multi_init()))
		die(EX_SOFTWARE, "cannot set up libcurl");
	curl_multi_setopt(e->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(e->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)o->parallel);
	e->o = o;
	e->next = next;
	e->done = done;
	e->ctx = ctx;
	rate_limit_init(&e->pace, o->rate, clock_seconds());
	circuit_breaker_init(&e->breaker, o->breaker, 4 * o->retry_wait);
	clock_gettime(CLOCK_REALTIME, &t);
	e->random = ((uint64_t)t.tv_nsec << 20) ^ (uint64_t)t.tv_sec ^ ((uint64_t)getpid() << 40) ^ 1;
	return e;
}

static void close_engine(struct engine *e)
{
	for (size_t i = 0; i < sizeof e->transfer / sizeof *e->transfer; i++)
		transfer_release(&e->transfer[i]);
	for (size_t i = 0; i < sizeof e->job / sizeof *e->job; i++)
		release_request(&e->job[i].req);
	release_request(&e->fetched);
	curl_multi_cleanup(e->multi);
	curl_global_cleanup();
	free(e);
}

void http_run(const struct http_options *o, http_next_fn *next, http_done_fn *done, void *ctx,
	      struct http_totals *totals)
{
	struct engine *e = open_engine(o, next, done, ctx);
	double begun = clock_seconds();

	for (;;) {
		double seconds = start_due(e);

		if (!e->active && !e->waiting && !e->have_fetched && e->ended)
			break;
		if (!e->active && !e->waiting && !e->have_fetched && e->held)
			die(EX_SOFTWARE, "nothing to wait for: the queue is stuck");
		wait_for_news(e, seconds);
	}
	e->totals.seconds = clock_seconds() - begun;
	if (totals)
		*totals = e->totals;
	close_engine(e);
}
