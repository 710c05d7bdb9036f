#include "net/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/json.h"
#include "format/url.h"
#include "format/url_net.h"
#include "net/retry.h"
#include "os/log.h"

#define CONNECT_TIMEOUT 10.0
#define STALL_TIMEOUT 15.0	/* a body that brings less than STALL_BYTES a second for so long has stalled */
#define STALL_BYTES 100L
#define MAX_REDIRECTS 3L

static void must(CURLcode code)
{
	if (code != CURLE_OK)
		die(EX_SOFTWARE, "cannot set up libcurl: %s", curl_easy_strerror(code));
}

/* Asking ------------------------------------------------------------------------------------- */

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;

	if (!t->began)
		unpack_begin(&t->unpack, t->gzip);
	t->began = true;
	t->unpacked = unpack_add(&t->unpack, data, size * count, t->max_body, &t->body);
	return t->unpacked == UNPACK_OK ? size * count : 0;
}

static bool begins(const char *text, size_t len, const char *word)
{
	return len >= strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}

/* What a Content-Encoding says; of one that was not asked for the name, as far as it is one. */
static void note_packing(struct transfer *t, const char *value, size_t len)
{
	size_t n = 0;

	while (len > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		len--;
	}
	t->gzip = begins(value, len, "gzip") || begins(value, len, "x-gzip");
	/* Some servers say that it is packed by none. */
	if (t->gzip || begins(value, len, "identity") || begins(value, len, "none"))
		return;
	for (; n < len && n + 1 < sizeof t->packing && value[n] > ' ' && value[n] < 0x7f; n++)
		t->packing[n] = value[n];
	t->packing[n] = '\0';
}

static void note_date(struct transfer *t, const char *value, size_t len)
{
	char text[64];

	snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), value);
	t->date = curl_getdate(text, NULL);
	if (t->date < 0)
		t->date = 0;
}

/* Each answer of a chain of redirects starts afresh. */
static size_t take_header(char *line, size_t size, size_t count, void *ctx)
{
	static const char encoding[] = "content-encoding:", date[] = "date:";
	struct transfer *t = ctx;
	size_t len = size * count;

	if (begins(line, len, "HTTP/")) {
		t->gzip = false;
		t->packing[0] = '\0';
		t->date = 0;
	}
	if (begins(line, len, encoding))
		note_packing(t, line + strlen(encoding), len - strlen(encoding));
	if (begins(line, len, date))
		note_date(t, line + strlen(date), len - strlen(date));
	return len;
}

static void open_handle(struct transfer *t, const struct http_options *o)
{
	const char *trusted = getenv("SSL_CERT_FILE");
	CURL *c = curl_easy_init();

	if (!c)
		die(EX_SOFTWARE, "cannot set up libcurl");
	t->easy = c;
	t->max_body = o->max_body;
	/* Not CURLOPT_NOSIGNAL: with it libcurl would leave SIGPIPE to kill us when a server hangs up
	 * in the middle of a TLS write, and its resolver, a thread, needs no alarm signal. */
	must(curl_easy_setopt(c, CURLOPT_PRIVATE, t));
	must(curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body));
	must(curl_easy_setopt(c, CURLOPT_WRITEDATA, t));
	must(curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error));
	must(curl_easy_setopt(c, CURLOPT_USERAGENT, "windfall/" WINDFALL_VERSION));
	must(curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header));
	must(curl_easy_setopt(c, CURLOPT_HEADERDATA, t));
	must(curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L));
	must(curl_easy_setopt(c, CURLOPT_HTTP_VERSION, o->http1 ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS));
	must(curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L));
	must(curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http"));
	must(curl_easy_setopt(c, CURLOPT_MAXREDIRS, MAX_REDIRECTS));
	must(curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(o->timeout * 1000)));
	must(curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(fmin(o->timeout, CONNECT_TIMEOUT) * 1000)));
	must(curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES));
	must(curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)ceil(fmin(o->timeout, STALL_TIMEOUT))));
	if (trusted && *trusted)
		must(curl_easy_setopt(c, CURLOPT_CAINFO, trusted));
}

static void add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (!longer)
		die(EX_SOFTWARE, "cannot set up libcurl");
	t->headers = longer;
}

/* Is a token or a password sent with it? */
static bool has_secret(const struct http_options *o, const struct http_request *req)
{
	return o->header || (req->headers.len && strstr(req->headers.data, "Authorization:"));
}

/* What the handle is to say: it remembers what it said for the request before. */
static void set_request(struct transfer *t, const struct http_options *o, const struct http_request *req)
{
	struct buf line = BUF_INIT;

	curl_slist_free_all(t->headers);
	t->headers = NULL;
	add_header(t, "Accept-Encoding: gzip");
	if (req->post.len) {
		add_header(t, "Content-Type: application/json");
		add_header(t, "Expect:");		/* no pause before a body */
		must(curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->post.len));
		must(curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS, req->post.data));
	} else {
		must(curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L));
	}
	for (size_t from = 0, end; from < req->headers.len; from = end + 1) {
		const char *start = req->headers.data + from;

		end = from + strcspn(start, "\n");
		buf_clear(&line);
		buf_add(&line, start, end - from);
		add_header(t, line.data);
	}
	if (o->header) {
		buf_clear(&line);
		o->header(o->header_ctx, req->url.data, &line);
		add_header(t, line.data);
		OPENSSL_cleanse(line.data, line.len);
	}
	buf_release(&line);
	must(curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, has_secret(o, req) ? 0L : 1L));
	must(curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers));
	must(curl_easy_setopt(t->easy, CURLOPT_URL, req->url.data));
	/* What this machine alone is to hear is no proxy's. */
	must(curl_easy_setopt(t->easy, CURLOPT_NOPROXY, has_secret(o, req) && url_is_loopback(req->url.data) ? "*" : NULL));
	must(curl_easy_setopt(t->easy, CURLOPT_REDIR_PROTOCOLS_STR, url_is_https(req->url.data) ? "https" : "https,http"));
}

static void make_ready(struct transfer *t, const struct http_options *o)
{
	if (!t->easy)
		open_handle(t, o);
	buf_clear(&t->body);
	t->unpacked = UNPACK_OK;
	t->began = t->gzip = false;
	t->packing[0] = '\0';
	t->error[0] = '\0';
}

void transfer_start(struct transfer *t, CURLM *multi, const struct http_options *o, const struct http_request *req)
{
	make_ready(t, o);
	set_request(t, o, req);
	if (curl_multi_add_handle(multi, t->easy) != CURLM_OK)
		die(EX_SOFTWARE, "cannot set up libcurl");
}

void transfer_release(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	unpack_release(&t->unpack);
	buf_release(&t->body);
}

/* What it came to ---------------------------------------------------------------------------- */

static void explain(struct attempt *a, enum http_outcome outcome, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void explain(struct attempt *a, enum http_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	a->outcome = outcome;
	va_start(ap, fmt);
	vsnprintf(a->why, sizeof a->why, fmt, ap);
	va_end(ap);
}

/* An interface speaks JSON: a page of HTML or XML with status 200 is a gateway's.  Or it speaks XML: then only a page
 * of HTML is one. */
static bool is_page(const struct http_options *o, const char *type, const struct buf *body)
{
	size_t i = 0;

	if (type && (strstr(type, "html") || (strstr(type, "xml") && !o->xml)))
		return true;
	while (i < body->len && strchr(" \t\r\n", body->data[i]) && body->data[i])
		i++;
	if (o->xml && i < body->len)
		return strncasecmp(body->data + i, "<!doctype", 9) == 0 || strncasecmp(body->data + i, "<html", 5) == 0;
	return i < body->len && body->data[i] == '<';
}

/* The setting that sends this request through a proxy, unless no_proxy excepts it; NULL if none does. */
static const char *proxy_setting(const struct transfer *t)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY" };
	const char *url = NULL, *value;
	size_t first;

	curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	first = url && url_is_https(url) ? 0 : 2;
	for (size_t i = first; i < sizeof names / sizeof *names; i++)
		if ((first == 2 || i != 2) && (value = getenv(names[i])) && *value)
			return names[i];
	return NULL;
}

/* The connection failed: to the server, or to the proxy before it? */
static void explain_connection(const struct transfer *t, const char *words, struct attempt *a)
{
	const char *setting = proxy_setting(t);

	if (setting)
		explain(a, HTTP_LATER, "%s (check the proxy that %s names)", words, setting);
	else
		explain(a, HTTP_LATER, "%s", words);
}

/* A certificate that is too old or too new may be right, and the clock wrong. */
static void explain_certificate(const char *words, struct attempt *a)
{
	time_t now = time(NULL);
	char clock[32] = "";
	struct tm utc;

	if (strstr(words, "expired") || strstr(words, "not yet valid"))
		strftime(clock, sizeof clock, "%Y-%m-%dT%H:%MZ", gmtime_r(&now, &utc));
	explain(a, HTTP_REFUSED, "the server's certificate cannot be trusted: %s%s%s", words,
		*clock ? ", by the clock of this machine, which says " : "", clock);
	a->hopeless = true;
}

/* What libcurl could not do: again, or never? */
static void judge_trouble(const struct transfer *t, const struct http_options *o, CURLcode result, struct attempt *a)
{
	const char *words = *t->error ? t->error : curl_easy_strerror(result);

	if (t->unpacked == UNPACK_TOO_LARGE) {
		explain(a, HTTP_ODD, "the body is larger than %zu bytes", o->max_body);
		return;
	}
	if (t->unpacked == UNPACK_BROKEN) {
		explain(a, HTTP_LATER, "the body cannot be decompressed: %s", t->unpack.why);
		a->again = true;
		return;
	}
	a->again = retry_transfer(result);
	switch (result) {
	case CURLE_SSL_CONNECT_ERROR:
		explain(a, HTTP_REFUSED, "%s", words);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		explain_certificate(words, a);
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_RECV_ERROR:
		explain_connection(t, words, a);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
		explain(a, HTTP_LATER, "the host name does not resolve (%s): check the network and the address", words);
		break;
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_UNSUPPORTED_PROTOCOL:
		explain(a, HTTP_ODD, "%s: %s", strstr(words, "HTTP/0.9") || strstr(words, "HTTP version") ?
			"the server there does not speak HTTP" : "redirected astray", words);
		break;
	case CURLE_OUT_OF_MEMORY:	/* libcurl's word for a line of a header beyond CURL_MAX_HTTP_HEADER, too */
		explain(a, HTTP_ODD, "a header of the answer is longer than 100 KB, or memory is short (%s)", words);
		break;
	default:
		explain(a, a->again ? HTTP_LATER : HTTP_REFUSED, "%s", words);
		break;
	}
}

enum { WORDS_SHOWN = 120, LARGEST_ERROR = 1 << 16 };

/* What a server says beside a status: the beginning of it, or of a longer document of JSON its complaint. */
static void explain_status(const struct transfer *t, enum http_outcome outcome, bool shown, struct attempt *a)
{
	const char *text = t->body.data ? t->body.data : "";
	size_t n = strnlen(text, WORDS_SHOWN);
	bool longer = t->body.len > n && t->body.len <= LARGEST_ERROR;
	cJSON *document = shown && longer ? json_parse(text, t->body.len, NULL) : NULL;
	const char *said = json_complaint(document, false);

	if (said)
		n = strnlen(text = said, WORDS_SHOWN);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (!shown)
		n = 0;
	explain(a, outcome, "HTTP %ld%s%.*s", a->code, n ? ": " : "", (int)n, text);
	json_release(document);
}

static void judge_answer(const struct transfer *t, const struct http_options *o, struct attempt *a)
{
	const char *text = t->body.data ? t->body.data : "", *type = NULL;
	curl_off_t retry_after = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
	a->retry_after = (double)retry_after;
	if (t->date)
		a->clock_ahead = (long)(time(NULL) - t->date);
	if (a->code == 200) {
		if (*t->packing)
			explain(a, HTTP_ODD, "the answer is compressed with %s, which was not requested", t->packing);
		else if (t->body.len > 1 && memcmp(text, "\x1f\x8b", 2) == 0)
			explain(a, HTTP_ODD, "the answer is compressed with gzip, and its headers do not say so");
		else if (is_page(o, type, &t->body))
			explain(a, HTTP_ODD, "the answer is %s, not %s: %.60s", type && !strstr(type, "json") ? type : "markup",
				o->xml ? "such XML" : "JSON", text);
		else
			explain(a, HTTP_BODY, "%s", "");
	} else if (a->code == 404 || a->code == 204) {
		explain(a, HTTP_ABSENT, "HTTP %ld", a->code);
	} else if (retry_status(a->code)) {
		explain_status(t, HTTP_LATER, !is_page(o, type, &t->body), a);
		a->again = true;
	} else if (a->code == 401 || a->code == 403) {
		explain(a, HTTP_FORBIDDEN, "HTTP %ld: %s", a->code, a->code == 401 ? "the source wants other credentials" :
			"access denied by the source, or by a proxy or firewall in front of it");
		a->again = a->code == 401 && o->header;		/* the next token may do */
	} else if (a->code >= 400) {
		explain_status(t, HTTP_REFUSED, true, a);
	} else {
		explain(a, HTTP_ODD, "HTTP %ld", a->code);
	}
}

void transfer_finish(struct transfer *t, CURLM *multi, const struct http_options *o, CURLcode result,
		     struct attempt *attempt)
{
	*attempt = (struct attempt){ .code = 0 };
	curl_multi_remove_handle(multi, t->easy);
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &attempt->code);
	if (result == CURLE_OK && t->began && !unpack_is_whole(&t->unpack)) {
		explain(attempt, HTTP_LATER, "the compressed body is cut off after %zu bytes", t->body.len);
		attempt->again = true;
		buf_clear(&t->body);
		return;
	}
	if (result == CURLE_OK) {
		judge_answer(t, o, attempt);
		return;
	}
	judge_trouble(t, o, result, attempt);
	buf_clear(&t->body);
}

/* Read the open file of this size; false, with errno, if it cannot be. */
static bool read_whole(struct transfer *t, int fd, size_t size)
{
	size_t room = size + 1;
	ssize_t got = 0;

	buf_reserve(&t->body, room);
	while (t->body.len < room && (got = read(fd, t->body.data + t->body.len, room - t->body.len)) > 0)
		t->body.len += (size_t)got;
	buf_add(&t->body, "", 0);
	return got >= 0;
}

void transfer_read_file(struct transfer *t, const struct http_options *o, const char *url, struct attempt *attempt)
{
	struct attempt *a = attempt;
	struct stat st;
	char *path;
	int fd;

	make_ready(t, o);
	*a = (struct attempt){ .code = 200 };
	url += strlen("file://");
	path = curl_easy_unescape(t->easy, url, (int)strcspn(url, "?#"), NULL);
	if (!path)
		die(EX_SOFTWARE, "cannot read the file %s", url);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a pipe must not hang us */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		explain(a, HTTP_ABSENT, "no such file");
		a->code = 404;
	} else if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		a->code = 0;
		if (fd < 0)
			explain(a, errno == EACCES ? HTTP_FORBIDDEN : HTTP_REFUSED, "cannot read: %s", strerror(errno));
		else
			explain(a, HTTP_REFUSED, "cannot read: not a plain file");
	} else if ((unsigned long long)st.st_size > o->max_body) {
		explain(a, HTTP_ODD, "the file is larger than %zu bytes", o->max_body);
	} else if (!read_whole(t, fd, (size_t)st.st_size)) {
		explain(a, HTTP_REFUSED, "cannot read: %s", strerror(errno));
		a->code = 0;
		buf_clear(&t->body);
	} else if (is_page(o, NULL, &t->body)) {
		explain(a, HTTP_ODD, "not %s: %.60s", o->xml ? "such XML" : "JSON", t->body.data);
	} else {
		explain(a, HTTP_BODY, "%s", "");
		a->written = st.st_mtime;
	}
	if (fd >= 0)
		close(fd);
	curl_free(path);
}
