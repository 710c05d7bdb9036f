#include "alert/deliver_net.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "alert/reply.h"
#include "alert/settings_io.h"
#include "base/buf.h"
#include "base/redact.h"
#include "base/text.h"
#include "format/message.h"
#include "format/url_net.h"
#include "net/retry.h"
#include "os/clock.h"
#include "os/log.h"

enum {
	GRACE_MS = 1000,	/* between SIGTERM and SIGKILL */
	OUTPUT_MS = 50,		/* between looks at what programs print, of which a pipe holds 64 KiB */
	RETRY_MS = 1000,	/* between attempts, where the other side names no time */
	ANSWER_SHOWN = 120,	/* bytes of an error's body */
	ANSWER_KEPT = 4096,	/* of the body of any answer, to see what it means */
};

/* Side by side ------------------------------------------------------------------------------- */

static void start(struct delivery *d, const sigset_t *before)
{
	int ends[2] = { 0, STDERR_FILENO };

	d->status = EX_TEMPFAIL;
	if (d->by_program && (pipe(ends) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)) {
		log_error("%s: cannot make a pipe: %s", d->name, strerror(errno));
		return;
	}
	d->pid = fork();
	if (d->by_program && d->pid != 0)
		close(ends[1]);
	d->output = ends[0];
	if (d->pid < 0) {
		log_error("%s: cannot start a process: %s", d->name, strerror(errno));
		return;
	}
	if (d->pid == 0) {
		static const int usual[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };

		setpgid(0, 0);
		/* A job that ends ignores them, and a program would inherit that. */
		for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
			signal(usual[i], SIG_DFL);
		sigprocmask(SIG_SETMASK, before, NULL);
		dup2(ends[1], STDERR_FILENO);
		_exit(d->send(d));
	}
	setpgid(d->pid, d->pid);	/* whoever comes first */
}

static void judge(struct delivery *d, int wait_status)
{
	d->pid = 0;
	if (WIFSIGNALED(wait_status)) {
		log_error("%s: ended by signal %d", d->name, WTERMSIG(wait_status));
		return;
	}
	d->status = WEXITSTATUS(wait_status);
	if (d->status == 0 || !d->by_program)
		return;
	log_error("%s: ended with status %d", d->name, d->status);
	if (d->status != EX_TEMPFAIL)
		d->status = EX_UNAVAILABLE;
}

/* Take what a program has printed by now, or a part of what never ends, and keep its beginning: a log is no place for
 * all of it. */
static void take_output(struct delivery *d)
{
	char some[4096];
	ssize_t got;

	for (int n = 0; n < 64 && d->output > 0 && (got = read(d->output, some, sizeof some)) > 0; n++) {
		size_t room = DELIVER_MAX_OUTPUT - d->printed.len;

		buf_add(&d->printed, some, (size_t)got < room ? (size_t)got : room);
		d->cut |= (size_t)got > room;
	}
}

/* It may have been about a secret that the program was given, or knows. */
static void show_output(struct delivery *d)
{
	struct buf shown = BUF_INIT;

	if (d->output > 0)
		close(d->output);
	d->output = 0;
	redact(&d->printed, settings_secrets());
	text_clean(&shown, d->printed.data ? d->printed.data : "", d->printed.len);
	if (shown.len > 0)
		fprintf(stderr, "%s%s", shown.data, shown.data[shown.len - 1] == '\n' ? "" : "\n");
	if (d->cut)
		log_warning("%s: it prints more than %d bytes: the rest is left out", d->name, DELIVER_MAX_OUTPUT);
	buf_release(&shown);
	buf_release(&d->printed);
}

static int reap(struct delivery *all, int n)
{
	int running = 0, wait_status;

	for (int i = 0; i < n; i++) {
		bool ended = all[i].pid > 0 && waitpid(all[i].pid, &wait_status, WNOHANG) == all[i].pid;

		take_output(&all[i]);
		if (ended) {
			show_output(&all[i]);
			judge(&all[i], wait_status);
		}
		running += all[i].pid > 0;
	}
	return running;
}

static void signal_all(const struct delivery *all, int n, int sig)
{
	for (int i = 0; i < n; i++)
		if (all[i].pid > 0)
			kill(-all[i].pid, sig);
}

/* The process ends by the signal it was sent, so that its parent can see which. */
static _Noreturn void end_by(int sig, struct delivery *all, int n, const sigset_t *before)
{
	signal_all(all, n, SIGKILL);
	signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
	raise(sig);
	exit(128 + sig);
}

/* End what is out of time; the moment at which to look again. */
static long long enforce(struct delivery *all, int n, long long began, bool *warned)
{
	long long now = clock_ms(), next = now + 60000;

	for (int i = 0; i < n; i++) {
		long long end = began + all[i].seconds * 1000LL;

		if (all[i].pid <= 0)
			continue;
		if (now >= end + GRACE_MS) {
			kill(-all[i].pid, SIGKILL);
		} else if (now >= end && !warned[i]) {
			log_error("%s: not done after %d s, abandoned", all[i].name, all[i].seconds);
			kill(-all[i].pid, SIGTERM);
			warned[i] = true;
		}
		end = warned[i] ? end + GRACE_MS : end;
		next = end < next ? end : next;
		if (all[i].output > 0 && now + OUTPUT_MS < next)
			next = now + OUTPUT_MS;
	}
	return next;
}

void deliver_all(struct delivery *all, int n)
{
	bool *warned = xmalloc((size_t)n * sizeof *warned + 1);
	sigset_t waited, before;
	long long began = clock_ms();

	memset(warned, 0, (size_t)n * sizeof *warned + 1);
	sigemptyset(&waited);
	sigaddset(&waited, SIGCHLD);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGHUP);
	sigprocmask(SIG_BLOCK, &waited, &before);
	for (int i = 0; i < n; i++)
		start(&all[i], &before);
	while (reap(all, n) > 0) {
		long long left = enforce(all, n, began, warned) - clock_ms();
		struct timespec t;
		int sig;

		left = left < 10 ? 10 : left;
		t = (struct timespec){ .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };
		sig = sigtimedwait(&waited, NULL, &t);
		if (sig > 0 && sig != SIGCHLD)
			end_by(sig, all, n, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(warned);
}

/* By libcurl --------------------------------------------------------------------------------- */

struct source {
	const char *data;
	size_t len;
};

static size_t give(char *to, size_t size, size_t n, void *ctx)
{
	struct source *s = ctx;
	size_t len = size * n < s->len ? size * n : s->len;

	memcpy(to, s->data, len);
	s->data += len;
	s->len -= len;
	return len;
}

static size_t keep_little(char *data, size_t size, size_t n, void *ctx)
{
	struct buf *answer = ctx;
	size_t room = ANSWER_KEPT - answer->len;

	buf_add(answer, data, size * n < room ? size * n : room);
	return size * n;
}

#define SET(option, value) curl_easy_setopt(curl, CURLOPT_##option, value)

static CURL *prepare(const struct endpoint *to, struct buf *answer, char *error)
{
	CURL *curl = curl_easy_init();

	if (!curl)
		die(EX_SOFTWARE, "cannot set up libcurl");
	signal(SIGPIPE, SIG_IGN);	/* a cut connection is an answer, not a death */
	SET(URL, to->url);
	SET(NOSIGNAL, 1L);
	SET(ERRORBUFFER, error);
	SET(WRITEFUNCTION, keep_little);
	SET(WRITEDATA, answer);
	SET(PROTOCOLS_STR, "https,http,smtp,smtps");
	SET(USERAGENT, "windfall/" WINDFALL_VERSION);
	if (to->ca_file)
		SET(CAINFO, to->ca_file);
	if (url_is_loopback(to->url))
		SET(NOPROXY, "*");
	return curl;
}

/* moved: where an answer sends whoever asked, or NULL.  Of both addresses the path may be the secret. */
static void say_answer(const struct delivery *d, const struct endpoint *to, long code, const struct buf *answer,
		       const char *moved)
{
	struct buf shown = BUF_INIT, raw = BUF_INIT, url = BUF_INIT;

	if (moved) {
		buf_adds(&raw, "it has moved to ");
		message_url(&raw, moved);
	} else if (answer->len > 0)
		text_clean(&raw, answer->data, answer->len);
	redact(&raw, settings_secrets());
	message_one_line(&shown, raw.data ? raw.data : "");
	text_cut(&shown, ANSWER_SHOWN);
	message_url(&url, to->url);
	log_error("%s: %s answered %ld%s%s", d->name, url.data, code, shown.len ? ": " : "",
		  shown.len ? shown.data : "");
	buf_release(&shown);
	buf_release(&raw);
	buf_release(&url);
}

static void say_page(const struct delivery *d, const struct endpoint *to)
{
	struct buf url = BUF_INIT;

	message_url(&url, to->url);
	log_warning("%s: %s answered with a web page: is this the address that takes messages?", d->name, url.data);
	buf_release(&url);
}

static void say_failure(const struct delivery *d, const struct endpoint *to, CURLcode code, const char *error)
{
	struct buf url = BUF_INIT, text = BUF_INIT;

	buf_adds(&text, *error ? error : curl_easy_strerror(code));
	redact(&text, settings_secrets());
	message_url(&url, to->url);
	log_error("%s: %s: %s", d->name, url.data, text.data);
	buf_release(&url);
	buf_release(&text);
}

int deliver_post(const struct delivery *d, const struct endpoint *to, const char *content_type, const char *body,
		 size_t len)
{
	long long end = clock_ms() + d->seconds * 1000LL - 100;
	char error[CURL_ERROR_SIZE] = "", header[128];
	struct curl_slist *headers = NULL;
	struct buf answer = BUF_INIT;
	CURL *curl = prepare(to, &answer, error);
	int status = EX_TEMPFAIL;

	snprintf(header, sizeof header, "Content-Type: %s", content_type);
	headers = curl_slist_append(headers, header);
	headers = curl_slist_append(headers, "Expect:");
	SET(HTTPHEADER, headers);
	SET(POSTFIELDS, body);
	SET(POSTFIELDSIZE, (long)len);
	for (;;) {
		curl_off_t after = 0;
		long long wait = RETRY_MS, left;
		long code = 0, meant;
		CURLcode result;

		buf_clear(&answer);
		left = end - clock_ms();
		SET(TIMEOUT_MS, (long)(left > 0 ? left : 1));	/* 0 would be no limit */
		result = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
		meant = reply_code(code, answer.data, answer.len);
		/* Taken is taken: what of its answer does not come is no reason to say it all again. */
		if (meant >= 200 && meant < 300) {
			if (reply_is_page(answer.data, answer.len))
				say_page(d, to);
			status = 0;
			break;
		}
		status = (result == CURLE_OK ? retry_status(meant) : retry_transfer(result)) ?
			 EX_TEMPFAIL : EX_UNAVAILABLE;
		if (result == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
			wait = after > INT_MAX ? INT_MAX : after * 1000LL;
		if (status == EX_UNAVAILABLE || clock_ms() + wait >= end) {
			char *moved = NULL;

			curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &moved);
			if (result == CURLE_OK)
				say_answer(d, to, code, &answer, moved);
			else
				say_failure(d, to, result, error);
			break;
		}
		clock_pause(wait);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	buf_release(&answer);
	return status;
}

int deliver_smtp(const struct delivery *d, const struct endpoint *to, const struct smtp_envelope *envelope,
		 const char *message, size_t len)
{
	struct source source = { message, len };
	struct curl_slist *recipients = NULL;
	struct buf answer = BUF_INIT;
	char error[CURL_ERROR_SIZE] = "";
	CURL *curl = prepare(to, &answer, error);
	CURLcode result;
	long code = 0;
	int status = 0;

	for (const char *const *r = envelope->to; *r; r++)
		recipients = curl_slist_append(recipients, *r);
	SET(MAIL_FROM, envelope->from);
	SET(MAIL_RCPT, recipients);
	SET(USE_SSL, envelope->tls_required ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	if (envelope->user) {
		SET(USERNAME, envelope->user);
		SET(PASSWORD, envelope->password ? envelope->password : "");
	}
	SET(UPLOAD, 1L);
	SET(READFUNCTION, give);
	SET(READDATA, &source);
	SET(TIMEOUT_MS, d->seconds * 1000L - 100);
	result = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	if (result != CURLE_OK) {
		/* No second attempt: the first may have been taken.  4yz is a "later", 5yz is for good. */
		status = code < 500 && (retry_transfer(result) || code >= 400) ? EX_TEMPFAIL : EX_UNAVAILABLE;
		say_failure(d, to, result, result == CURLE_USE_SSL_FAILED ? "the server does not offer STARTTLS, and "
			    "nothing is sent without" : error);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(recipients);
	buf_release(&answer);
	return status;
}

/* By a program ------------------------------------------------------------------------------- */

int deliver_program(const struct delivery *d, const char *path, char *const argv[], char *const env[],
		    const char *input, size_t len)
{
	int ends[2];

	/* A pipe holds 64 KiB, so the whole input fits before anybody reads. */
	if (len > DELIVER_MAX_INPUT || pipe(ends) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0 ||
	    write(ends[1], input, len) != (ssize_t)len || dup2(ends[0], STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		log_error("%s: cannot pass the message on: %s", d->name, strerror(errno));
		return EX_TEMPFAIL;
	}
	/* A job's lock among them: a program that stays in the background must not keep it. */
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	execve(path, argv, env);
	log_error("%s: cannot run %s: %s", d->name, path, strerror(errno));
	return EX_UNAVAILABLE;
}
