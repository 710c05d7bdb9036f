#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "log.h"

#define PROBES 3		/* of a source found down, before it is given up */
#define MAX_PARALLEL 64
#define MAX_WAITING 64		/* requests that wait for another attempt, beside those on the way */
#define MAX_RATE 1000
#define CONNECT_TIMEOUT 10.0
#define STALL_TIMEOUT 15.0	/* a body that brings less than STALL_BYTES a second for so long has stalled */
#define STALL_BYTES 100L

/* Options ------------------------------------------------------------------------------------ */

static double number_option(const char *name, const char *arg, double least, double most)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(arg, &end);
	if (end == arg || *end || errno || !isfinite(value) || value < least || value > most)
		die(EX_USAGE, "--%s takes a number from %g to %.10g, not '%s'", name, least, most, arg);
	return value;
}

static int count_option(const char *name, const char *arg, double least, double most)
{
	double value = number_option(name, arg, least, most);

	if (value != floor(value))
		die(EX_USAGE, "--%s takes a whole number, not '%s'", name, arg);
	return (int)value;
}

bool http_option(struct http_options *o, int c, const char *arg)
{
	switch (c) {
	case HTTP_OPT_PARALLEL:   o->parallel = count_option("parallel", arg, 1, MAX_PARALLEL); return true;
	case HTTP_OPT_RATE:       o->rate = number_option("rate", arg, 0.01, MAX_RATE); return true;
	case HTTP_OPT_ATTEMPTS:   o->attempts = count_option("attempts", arg, 1, 100); return true;
	case HTTP_OPT_TIMEOUT:    o->timeout = number_option("timeout", arg, 0.1, 3600); return true;
	case HTTP_OPT_RETRY_WAIT: o->retry_wait = number_option("retry-wait", arg, 0, 3600); return true;
	case HTTP_OPT_MAX_WAIT:   o->max_wait = number_option("max-wait", arg, 0, 86400); return true;
	case HTTP_OPT_MAX_BODY:   o->max_body = (size_t)count_option("max-body", arg, 1, 2147483647); return true;
	default:                  return false;
	}
}

int http_exit_status(enum http_outcome outcome)
{
	switch (outcome) {
	case HTTP_BODY:
	case HTTP_ABSENT:    return EX_OK;
	case HTTP_LATER:
	case HTTP_NOT_TRIED: return EX_TEMPFAIL;
	case HTTP_REFUSED:   return EX_UNAVAILABLE;
	case HTTP_FORBIDDEN: return EX_NOPERM;
	case HTTP_ODD:       return EX_PROTOCOL;
	}
	return EX_SOFTWARE;
}

int http_worse_status(int a, int b)
{
	static const int order[] = { EX_NOPERM, EX_PROTOCOL, EX_UNAVAILABLE, EX_DATAERR, EX_TEMPFAIL };

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a ? a : b;
}

/* URLs --------------------------------------------------------------------------------------- */

static bool has_scheme(const char *url, const char *scheme)
{
	return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

bool http_url_ok(const char *url)
{
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return (has_scheme(url, "https://") && url[8]) || (has_scheme(url, "http://") && url[7]) ||
	       has_scheme(url, "file:///");
}

void http_url_shown(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://"), *at;
	size_t authority;

	if (host) {
		host += 3;
		authority = strcspn(host, "/?#");
		buf_add(out, url, (size_t)(host - url));
		at = NULL;
		for (const char *p = host; p < host + authority; p++)
			if (*p == '@')
				at = p;
		url = at ? at + 1 : host;
	}
	for (; *url && *url != '?' && *url != '#'; url++)
		buf_addc(out, (unsigned char)*url < ' ' || *url == 0x7f ? ' ' : *url);
}

/* Plain http carries everything in the clear; on this machine that harms nobody. */
static bool is_clear_text(const char *url)
{
	static const char *const near[] = { "localhost", "127.", "[::1]" };
	const char *host, *at;
	size_t len;

	if (!has_scheme(url, "http://"))
		return false;
	host = url + 7;
	len = strcspn(host, "/?#");
	at = memchr(host, '@', len);
	if (at)
		host = at + 1;
	for (size_t i = 0; i < sizeof near / sizeof *near; i++)
		if (strncasecmp(host, near[i], strlen(near[i])) == 0)
			return false;
	return true;
}

char *http_base_url(const char *option, const char *environment, const char *otherwise)
{
	const char *value = getenv(environment);
	char *url = xstrdup(option ? option : value && *value ? value : otherwise);

	for (size_t len = strlen(url); len > 0 && url[len - 1] == '/' && strcmp(url, "file:///") != 0; len--)
		url[len - 1] = '\0';
	if (!http_url_ok(url))
		die(option ? EX_USAGE : EX_CONFIG, "%s is not an address: write https://..., http://... or file:///...",
		    option ? "--base-url" : environment);
	return url;
}

/* The engine --------------------------------------------------------------------------------- */

/* One request from next() to its settling.  The wire and the body exist only while it is on the way. */
struct job {
	enum { FREE, ACTIVE, WAITING } state;
	struct http_request req;
	int attempts;
	double waited;		/* seconds between its attempts so far */
	double not_before;	/* of its next attempt */
	bool probe;
	struct wire *wire;
	enum http_outcome last;	/* how the last attempt failed ... */
	long last_code;
	struct buf why;		/* ... in words */
	time_t written;		/* the file, if it is one */
};

/* A libcurl handle and the buffer it fills, lent to one job at a time. */
struct wire {
	CURL *easy;
	struct curl_slist *headers;
	struct job *job;
	struct buf body;
	bool too_large;
	size_t max_body;
	char error[CURL_ERROR_SIZE];
};

struct engine {
	const struct http_options *o;
	http_next_fn *next;
	http_done_fn *done;
	void *ctx;
	CURLM *multi;
	struct job job[MAX_PARALLEL + MAX_WAITING];
	struct wire wire[MAX_PARALLEL];
	int active, waiting;
	bool ended;		/* next() said so */
	bool held;		/* next() said HTTP_HOLD and nothing was settled since */
	struct http_request fetched;	/* filled by next(), not yet started */
	bool have_fetched;

	/* When the next start may be: an even grid, and a ring of the last starts. */
	double rate;		/* now; o->rate unless the source found that too much */
	double slot;
	double ring[MAX_RATE];
	int ring_size, ring_at;
	double hold_until, slowed_until;

	int failures;		/* in a row */
	bool open;		/* the breaker */
	const char *down;	/* why all that is left is given up; NULL while it is not */
	int probes;

	bool warned_clear;
	uint64_t random;
	struct http_totals totals;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* xorshift64*, for jitter only: 0 <= x < 1. */
static double random_fraction(struct engine *e)
{
	e->random ^= e->random >> 12;
	e->random ^= e->random << 25;
	e->random ^= e->random >> 27;
	return (double)((e->random * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct wire *w = ctx;

	if (count > w->max_body - w->body.len) {
		w->too_large = true;
		return 0;
	}
	buf_add(&w->body, data, size * count);
	return size * count;
}

static void must(CURLcode code)
{
	if (code != CURLE_OK)
		die(EX_SOFTWARE, "cannot set up libcurl: %s", curl_easy_strerror(code));
}

static void open_wire(struct engine *e, struct wire *w)
{
	const char *trusted = getenv("SSL_CERT_FILE");
	double timeout = e->o->timeout;
	CURL *c = curl_easy_init();

	if (!c)
		die(EX_SOFTWARE, "cannot set up libcurl");
	w->easy = c;
	w->max_body = e->o->max_body;
	/* Not CURLOPT_NOSIGNAL: with it libcurl would leave SIGPIPE to kill us when a server hangs up
	 * in the middle of a TLS write, and its resolver, a thread, needs no alarm signal. */
	must(curl_easy_setopt(c, CURLOPT_PRIVATE, w));
	must(curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body));
	must(curl_easy_setopt(c, CURLOPT_WRITEDATA, w));
	must(curl_easy_setopt(c, CURLOPT_ERRORBUFFER, w->error));
	must(curl_easy_setopt(c, CURLOPT_USERAGENT, "windfall/" WINDFALL_VERSION));
	must(curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, ""));
	must(curl_easy_setopt(c, CURLOPT_HTTP_VERSION, e->o->http1 ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS));
	must(curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L));
	must(curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http"));
	must(curl_easy_setopt(c, CURLOPT_MAXREDIRS, 3L));
	must(curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(timeout * 1000)));
	must(curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(fmin(timeout, CONNECT_TIMEOUT) * 1000)));
	must(curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES));
	must(curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)ceil(fmin(timeout, STALL_TIMEOUT))));
	if (trusted && *trusted)
		must(curl_easy_setopt(c, CURLOPT_CAINFO, trusted));
}

/* Pace --------------------------------------------------------------------------------------- */

/* The earliest time of the next start, as far as rate and holds go. */
static double next_start(struct engine *e)
{
	double full = e->ring[e->ring_at] + e->ring_size / e->o->rate;

	e->slot = fmax(e->slot, e->hold_until);		/* a hold is not to be caught up */
	return fmax(e->slot, full);
}

/* A late start leaves the grid where it was, so that the average is kept, but no more than a
 * third of a second's starts are ever caught up; and the ring keeps what is caught up from
 * putting more than the rate into one second. */
static void count_start(struct engine *e, double t)
{
	e->slot = fmax(e->slot, t - e->ring_size / e->o->rate / 3) + 1 / e->rate;
	e->ring[e->ring_at] = t;
	e->ring_at = (e->ring_at + 1) % e->ring_size;
}

/* The source says 429: half as fast from here, and every success brings back a fiftieth. */
static void slow_down(struct engine *e, double retry_after)
{
	double t = now();

	if (t >= e->slowed_until)
		e->rate = fmax(e->rate / 2, fmin(0.2, e->o->rate));
	e->slowed_until = t + fmax(retry_after, 1);
	e->hold_until = fmax(e->hold_until, t + retry_after);
}

static void speed_up(struct engine *e)
{
	e->rate = fmin(e->rate * 1.02, e->o->rate);
}

/* Settling ----------------------------------------------------------------------------------- */

static enum http_verdict tell(struct engine *e, struct job *j, enum http_outcome outcome, long code,
			      const struct buf *body)
{
	static const struct buf nothing = { "", 0, 0 };
	struct http_reply reply = {
		.outcome = outcome, .code = code, .attempts = j->attempts, .as_of = time(NULL),
		.body = body && body->data ? body : &nothing,
		.why = outcome == HTTP_BODY || !j->why.data ? "" : j->why.data,
	};

	if (j->written && j->written < reply.as_of)
		reply.as_of = j->written;
	e->held = false;
	return e->done(e->ctx, &j->req, &reply);
}

static void release_job(struct engine *e, struct job *j)
{
	if (j->state == WAITING)
		e->waiting--;
	j->state = FREE;
}

static void explain(struct job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void explain(struct job *j, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_clear(&j->why);
	buf_adds(&j->why, text);
}

/* The breaker: a success closes it; failures in a row open it; failed probes end the run. */
static void note_success(struct engine *e)
{
	if (e->open && !e->down)
		log_info("the source answers again");
	e->open = false;
	e->failures = e->probes = 0;
	speed_up(e);
}

static void note_failure(struct engine *e, struct job *j)
{
	double pause;

	e->failures++;
	if (e->down || (!e->open && e->failures < e->o->breaker))
		return;
	if (e->open && !j->probe)
		return;
	if (e->open && ++e->probes == PROBES) {
		e->down = "the source is down";
		log_warning("the source is down (%s): what is left is not tried", j->why.data);
		return;
	}
	pause = 4 * e->o->retry_wait * (1 << e->probes);
	e->hold_until = fmax(e->hold_until, now() + pause);
	if (!e->open)
		log_info("%d attempts failed in a row (%s): pausing, then probing with single requests",
			 e->failures, j->why.data);
	e->open = true;
}

static void settle(struct engine *e, struct job *j, enum http_outcome outcome, long code, const struct buf *body)
{
	tell(e, j, outcome, code, body);
	release_job(e, j);
}

static void log_retry(struct engine *e, const struct job *j, double wait)
{
	struct buf shown = BUF_INIT;

	if (log_wants(LOG_INFO)) {
		http_url_shown(&shown, j->req.url.data);
		log_info("%s: %s: attempt %d of %d in %.1f s", shown.data, j->why.data,
			 j->attempts + 1, e->o->attempts, wait);
		buf_release(&shown);
	}
}

/* An attempt failed in a way that another may mend; final says what it is if none is left. */
static void try_again(struct engine *e, struct job *j, enum http_outcome final, long code, double retry_after,
		      const struct buf *body)
{
	double wait = fmin(e->o->retry_wait_max, ldexp(e->o->retry_wait, j->attempts - 1)) * random_fraction(e);

	if (retry_after > wait)
		wait = retry_after;
	if (code == 429 && retry_after <= e->o->max_wait)
		slow_down(e, retry_after);
	if (code == 429 && retry_after > e->o->max_wait && !e->down) {
		e->down = "the source asks to be left alone";
		log_warning("the source asks to stay away for %.0f s, longer than --max-wait: what is left is not tried",
			    retry_after);
	} else {
		note_failure(e, j);
	}
	if (j->attempts >= e->o->attempts || e->down || j->waited + wait > e->o->max_wait) {
		settle(e, j, final, code, body);
		return;
	}
	log_retry(e, j, wait);
	j->waited += wait;
	j->not_before = now() + wait;
	j->last = final;
	j->last_code = code;
	j->state = WAITING;
	e->waiting++;
}

/* An answer that another attempt would not change. */
static void refuse(struct engine *e, struct job *j, enum http_outcome outcome, long code, const struct buf *body)
{
	note_failure(e, j);
	settle(e, j, outcome, code, body);
}

/* What libcurl could not do: again, or never? */
static void settle_trouble(struct engine *e, struct job *j, CURLcode result, long code)
{
	struct wire *w = j->wire;
	const char *words = *w->error ? w->error : curl_easy_strerror(result);

	if (w->too_large) {
		explain(j, "the body is larger than %zu bytes", e->o->max_body);
		refuse(e, j, HTTP_ODD, code, NULL);
		return;
	}
	explain(j, "%s", words);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_BAD_CONTENT_ENCODING:
		try_again(e, j, HTTP_LATER, code, 0, NULL);
		break;
	case CURLE_SSL_CONNECT_ERROR:
		try_again(e, j, HTTP_REFUSED, code, 0, NULL);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		explain(j, "the server's certificate cannot be trusted: %s", words);
		e->down = "the server's certificate cannot be trusted";
		refuse(e, j, HTTP_REFUSED, code, NULL);
		break;
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_UNSUPPORTED_PROTOCOL:
		explain(j, "redirected astray: %s", words);
		refuse(e, j, HTTP_ODD, code, NULL);
		break;
	default:
		refuse(e, j, HTTP_REFUSED, code, NULL);
		break;
	}
}

/* Every interface here speaks JSON: a page of HTML or XML with status 200 is a gateway's. */
static bool is_markup(const char *type, const struct buf *body)
{
	size_t i = 0;

	if (type && (strstr(type, "html") || strstr(type, "xml")))
		return true;
	while (i < body->len && strchr(" \t\r\n", body->data[i]) && body->data[i])
		i++;
	return i < body->len && body->data[i] == '<';
}

static void settle_body(struct engine *e, struct job *j, long code, const char *type, const struct buf *body)
{
	if (is_markup(type, body)) {
		explain(j, "the answer is %s, not JSON: %.60s", type ? type : "markup", body->data ? body->data : "");
		refuse(e, j, HTTP_ODD, code, body);
		return;
	}
	if (tell(e, j, HTTP_BODY, code, body) == HTTP_DONE) {
		note_success(e);
		release_job(e, j);
		return;
	}
	explain(j, "the body is not a whole document (%zu bytes)", body->len);
	try_again(e, j, HTTP_LATER, code, 0, body);
}

static void settle_answer(struct engine *e, struct job *j)
{
	const struct buf *body = &j->wire->body;
	curl_off_t retry_after = 0;
	const char *type = NULL;
	long code = 0;

	curl_easy_getinfo(j->wire->easy, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(j->wire->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(j->wire->easy, CURLINFO_RETRY_AFTER, &retry_after);
	explain(j, "HTTP %ld", code);
	if (code == 200) {
		settle_body(e, j, code, type, body);
	} else if (code == 404 || code == 204) {
		note_success(e);
		settle(e, j, HTTP_ABSENT, code, body);
	} else if (code == 408 || code == 425 || code == 429 || code >= 500) {
		try_again(e, j, HTTP_LATER, code, (double)retry_after, body);
	} else if (code == 401 && e->o->header) {
		try_again(e, j, HTTP_FORBIDDEN, code, 0, body);
	} else if (code == 401 || code == 403) {
		refuse(e, j, HTTP_FORBIDDEN, code, body);
	} else if (code >= 400) {
		explain(j, "HTTP %ld: %.120s", code, body->data ? body->data : "");
		refuse(e, j, HTTP_REFUSED, code, body);
	} else {
		refuse(e, j, HTTP_ODD, code, body);
	}
}

/* Attempts ----------------------------------------------------------------------------------- */

static void read_file(struct engine *e, struct job *j, struct wire *w)
{
	const char *url = j->req.url.data + strlen("file://");
	char *path = curl_easy_unescape(w->easy, url, (int)strcspn(url, "?#"), NULL);
	struct stat st;
	ssize_t got = 0;
	int fd;

	if (!path)
		die(EX_SOFTWARE, "cannot read the URL %s", j->req.url.data);
	j->attempts++;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a pipe must not hang us */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		explain(j, "no such file");
		settle(e, j, HTTP_ABSENT, 404, NULL);
	} else if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		explain(j, "cannot read: %s", fd < 0 ? strerror(errno) : "not a plain file");
		settle(e, j, fd < 0 && errno == EACCES ? HTTP_FORBIDDEN : HTTP_REFUSED, 0, NULL);
	} else if ((unsigned long long)st.st_size > e->o->max_body) {
		explain(j, "the file is larger than %zu bytes", e->o->max_body);
		settle(e, j, HTTP_ODD, 200, NULL);
	} else {
		size_t room = (size_t)st.st_size + 1;

		j->written = st.st_mtime;
		buf_reserve(&w->body, room);
		while (w->body.len < room && (got = read(fd, w->body.data + w->body.len, room - w->body.len)) > 0)
			w->body.len += (size_t)got;
		buf_add(&w->body, "", 0);
		e->totals.bytes += (long long)w->body.len;
		if (got < 0) {
			explain(j, "cannot read: %s", strerror(errno));
			settle(e, j, HTTP_REFUSED, 0, NULL);
		} else if (is_markup(NULL, &w->body)) {
			explain(j, "not JSON: %.60s", w->body.data);
			settle(e, j, HTTP_ODD, 200, &w->body);
		} else if (tell(e, j, HTTP_BODY, 200, &w->body) == HTTP_DONE) {
			release_job(e, j);
		} else {
			explain(j, "the file is not a whole document (%zu bytes)", w->body.len);
			settle(e, j, HTTP_ODD, 200, &w->body);
		}
	}
	if (fd >= 0)
		close(fd);
	curl_free(path);
}

static void release_request(struct http_request *req)
{
	buf_release(&req->url);
	buf_release(&req->post);
	buf_release(&req->headers);
}

static void add_header(struct wire *w, const char *line)
{
	struct curl_slist *longer = curl_slist_append(w->headers, line);

	if (!longer)
		die(EX_SOFTWARE, "cannot set up libcurl");
	w->headers = longer;
}

/* What the wire is to say: a handle remembers what it said for the request before. */
static void set_request(const struct http_options *o, struct wire *w, const struct http_request *req)
{
	struct buf line = BUF_INIT;

	curl_slist_free_all(w->headers);
	w->headers = NULL;
	if (req->post.len) {
		add_header(w, "Content-Type: application/json");
		add_header(w, "Expect:");		/* no pause before a body */
		must(curl_easy_setopt(w->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->post.len));
		must(curl_easy_setopt(w->easy, CURLOPT_COPYPOSTFIELDS, req->post.data));
	} else {
		must(curl_easy_setopt(w->easy, CURLOPT_HTTPGET, 1L));
	}
	for (size_t from = 0, end; from < req->headers.len; from = end + 1) {
		const char *start = req->headers.data + from;

		end = from + strcspn(start, "\n");
		buf_clear(&line);
		buf_add(&line, start, end - from);
		add_header(w, line.data);
	}
	if (o->header) {
		buf_clear(&line);
		o->header(o->header_ctx, req->url.data, &line);
		add_header(w, line.data);
		memset(line.data, 0, line.len);
	}
	buf_release(&line);
	must(curl_easy_setopt(w->easy, CURLOPT_FOLLOWLOCATION, o->header ? 0L : 1L));
	must(curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->headers));
	must(curl_easy_setopt(w->easy, CURLOPT_URL, req->url.data));
	must(curl_easy_setopt(w->easy, CURLOPT_REDIR_PROTOCOLS_STR,
			      has_scheme(req->url.data, "https://") ? "https" : "https,http"));
}

static void start(struct engine *e, struct job *j)
{
	const char *url = j->req.url.data;
	struct wire *w = e->wire;

	while (w->job)
		w++;
	if (!w->easy)
		open_wire(e, w);
	buf_clear(&w->body);
	w->too_large = false;
	w->error[0] = '\0';
	e->totals.started++;
	if (has_scheme(url, "file://")) {
		read_file(e, j, w);
		return;
	}
	if (is_clear_text(url) && !e->warned_clear) {
		struct buf shown = BUF_INIT;

		http_url_shown(&shown, url);
		log_warning("%s: http, not https: anybody on the way can read and change this", shown.data);
		buf_release(&shown);
		e->warned_clear = true;
	}
	set_request(e->o, w, &j->req);
	if (j->state == WAITING) {
		e->waiting--;
		e->totals.retried++;
	}
	j->state = ACTIVE;
	j->attempts++;
	j->probe = e->open;
	j->wire = w;
	w->job = j;
	e->active++;
	count_start(e, now());
	if (curl_multi_add_handle(e->multi, w->easy) != CURLM_OK)
		die(EX_SOFTWARE, "cannot set up libcurl");
}

static void finish(struct engine *e, struct wire *w, CURLcode result)
{
	struct job *j = w->job;
	long code = 0;

	curl_multi_remove_handle(e->multi, w->easy);
	e->active--;
	e->totals.bytes += (long long)w->body.len;
	if (result == CURLE_OK) {
		settle_answer(e, j);
	} else {
		curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &code);
		settle_trouble(e, j, result, code);
	}
	j->probe = false;
	j->wire = NULL;
	w->job = NULL;
	/* A giant's memory is not kept for the small ones that follow. */
	if (w->body.size > (size_t)4 << 20)
		buf_release(&w->body);
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
	j->written = 0;
	buf_clear(&j->why);
	return j;
}

/* The source is down: hand everything back. */
static void give_up(struct engine *e)
{
	struct job *j;

	for (size_t i = 0; i < sizeof e->job / sizeof *e->job; i++)
		if (e->job[i].state == WAITING)
			settle(e, &e->job[i], e->job[i].last, e->job[i].last_code, NULL);
	for (ask_next(e); e->have_fetched; ask_next(e)) {
		j = admit(e);
		explain(j, "not tried: %s", e->down);
		settle(e, j, HTTP_NOT_TRIED, 0, NULL);
	}
}

/* Start all that may start now.  Returns the seconds until there may be more to start. */
static double start_due(struct engine *e)
{
	for (;;) {
		struct job *j;
		double t = now(), due;

		if (e->down)
			give_up(e);
		if (e->active >= (e->open ? 1 : e->o->parallel))
			return 1;
		if (e->waiting < MAX_WAITING)
			ask_next(e);
		/* The disk needs no pace. */
		if (e->have_fetched && has_scheme(e->fetched.url.data, "file://")) {
			start(e, admit(e));
			continue;
		}
		j = first_waiting(e);
		if (!j && !e->have_fetched)
			return 1;
		due = next_start(e);
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
		struct wire *w;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&w);
		finish(e, w, msg->data.result);
	}
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
	e->rate = o->rate;
	e->ring_size = o->rate < 1 ? 1 : (int)o->rate;
	for (int i = 0; i < e->ring_size; i++)
		e->ring[i] = -1e9;
	clock_gettime(CLOCK_REALTIME, &t);
	e->random = ((uint64_t)t.tv_nsec << 20) ^ (uint64_t)t.tv_sec ^ ((uint64_t)getpid() << 40) ^ 1;
	e->slot = now();
	return e;
}

static void close_engine(struct engine *e)
{
	for (size_t i = 0; i < sizeof e->wire / sizeof *e->wire; i++) {
		curl_easy_cleanup(e->wire[i].easy);
		curl_slist_free_all(e->wire[i].headers);
		buf_release(&e->wire[i].body);
	}
	for (size_t i = 0; i < sizeof e->job / sizeof *e->job; i++) {
		release_request(&e->job[i].req);
		buf_release(&e->job[i].why);
	}
	release_request(&e->fetched);
	curl_multi_cleanup(e->multi);
	curl_global_cleanup();
	free(e);
}

void http_run(const struct http_options *o, http_next_fn *next, http_done_fn *done, void *ctx,
	      struct http_totals *totals)
{
	struct engine *e = open_engine(o, next, done, ctx);
	double begun = now();

	for (;;) {
		double seconds = start_due(e);

		if (!e->active && !e->waiting && !e->have_fetched && e->ended)
			break;
		if (!e->active && !e->waiting && !e->have_fetched && e->held)
			die(EX_SOFTWARE, "nothing to wait for: the queue is stuck");
		wait_for_news(e, seconds);
	}
	e->totals.seconds = now() - begun;
	if (totals)
		*totals = e->totals;
	close_engine(e);
}

/* One document ------------------------------------------------------------------------------- */

struct single {
	const struct http_request *req;
	struct buf *body;
	enum http_outcome outcome;
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

static enum http_verdict done_single(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct single *one = ctx;
	struct buf shown = BUF_INIT;

	if (reply->outcome == HTTP_BODY && json_is_cut(reply->body->data, reply->body->len))
		return HTTP_AGAIN;
	one->outcome = reply->outcome;
	buf_clear(one->body);
	buf_add(one->body, reply->body->data, reply->body->len);
	if (http_exit_status(reply->outcome)) {
		http_url_shown(&shown, req->url.data);
		log_error("cannot fetch %s: %s (after %d attempts)", shown.data, reply->why, reply->attempts);
		buf_release(&shown);
	}
	return HTTP_DONE;
}

enum http_outcome http_exchange(const struct http_options *o, const struct http_request *req, struct buf *body)
{
	struct single one = { req, body, HTTP_LATER };

	http_run(o, next_single, done_single, &one, NULL);
	return one.outcome;
}

enum http_outcome http_get(const struct http_options *o, const char *url, struct buf *body)
{
	struct http_request req = { .url = BUF_INIT };
	enum http_outcome outcome;

	buf_adds(&req.url, url);
	outcome = http_exchange(o, &req, body);
	release_request(&req);
	return outcome;
}
