/*
 * send-alert - tell people that something is wrong, once, and once that it is over
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "alert/deliver_net.h"
#include "alert/hooks_io.h"
#include "os/log.h"
#include "alert/mail.h"
#include "format/message.h"
#include "cli/opts.h"
#include "alert/ping.h"
#include "os/paths.h"
#include "alert/settings_io.h"
#include "alert/alert_memory_io.h"

static const char help[] =
	"usage: send-alert [OPTION]... <MESSAGE\n"
	"       send-alert --resolve --key KEY [<MESSAGE]\n"
	"       send-alert --ping start|success|fail [OPTION]... [<MESSAGE]\n"
	"\n"
	"Send the message on standard input to every target that the environment or the\n"
	"configuration file names: Slack, e-mail, and the programs of a hooks directory.\n"
	"\n"
	"  -s, --severity LEVEL   info, warning (the default) or critical\n"
	"  -k, --key KEY          what it is about: the same key is sent once within its window\n"
	"  -w, --window SECONDS   that window (86400)\n"
	"  -a, --after N          alert only from the Nth report of the key in a row (1)\n"
	"  -r, --resolve          the problem of this key is over: notify those who received the alert\n"
	"  -t, --subject TEXT     the title (the first line of the message)\n"
	"  -p, --ping WORD        also notify PING_URL: start and success are pings alone, fail\n"
	"                         accompanies an alert\n"
	"  -c, --code N           the exit status that the ping reports (0 to 255)\n"
	"      --timeout SECONDS  the time limit for each target (10)\n"
	OPTS_HELP;

enum {
	READ_MAX = 32768,	/* bytes read of the message */
	MESSAGE_MAX = 12000,	/* and sent: three times that, in quoted-printable, fits a pipe */
	SUBJECT_MAX = 150,
	SLACK_MAX = 3000,	/* characters of one section */
	PING_MAX = 10000,
};

#define PING_TARGET "ping"

static const char *const setting_names[] = {
	"SLACK_WEBHOOK_URL", "SLACK_WEBHOOK_URL_FILE", "MAIL_TO", "MAIL_FROM", "SMTP_URL", "SMTP_USER",
	"SMTP_PASSWORD", "SMTP_PASSWORD_FILE", "SMTP_TLS", "SENDMAIL", "PING_URL", "PING_URL_FILE", "PING_STYLE",
	"WINDFALL_HOOKS_DIR", "SSL_CERT_FILE", NULL
};

/* The message -------------------------------------------------------------------------------- */

enum event { EVENT_NONE, EVENT_PROBLEM, EVENT_RECOVERY };	/* NONE: a ping alone */

struct alert {
	enum severity severity;
	enum event event;
	const char *key, *title;	/* as given, or NULL */
	bool pings;
	enum ping_word ping;
	int code;			/* -1: not given */
	long window, after;
	int seconds;
	instant_t now;
	char host[65];
	struct buf subject, body, facts, text;	/* text is body and facts */
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* What comes on stdin within the time-out; of too much, the beginning, in whole lines where there
 * are lines: half a secret could not be told for one. */
static void read_message(struct buf *message, struct alert *a)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	bool typed = isatty(STDIN_FILENO);
	long long end = now_ms() + a->seconds * 1000LL, dropped = 0;
	ssize_t got = 0;
	char piece[4096];
	int ready = 1;

	if (typed && a->event != EVENT_PROBLEM)
		return;
	if (typed)
		log_info("the message, please; Ctrl-D ends it");
	for (;;) {
		long long left = end - now_ms();
		size_t keep;

		ready = poll(&in, 1, typed ? -1 : left > 0 ? (int)left : 0);
		if (ready <= 0 || (got = read(STDIN_FILENO, piece, sizeof piece)) <= 0)
			break;
		keep = READ_MAX - message->len < (size_t)got ? READ_MAX - message->len : (size_t)got;
		buf_add(message, piece, keep);
		dropped += got - (ssize_t)keep;
	}
	if (got < 0 && errno != EBADF)
		log_warning("cannot read standard input: %s", strerror(errno));
	if (dropped > 0 && memchr(message->data, '\n', message->len))
		while (message->data[message->len - 1] != '\n')
			message->len--;
	while (message->len > 0 && strchr(" \t\r\n", message->data[message->len - 1]))
		message->len--;
	if (message->len == 0 && dropped == 0 && a->event == EVENT_PROBLEM) {
		if (!a->pings)
			die(EX_DATAERR, "the message on standard input is empty");
		a->event = EVENT_NONE;
	}
	if (ready == 0)
		buf_addf(message, "\n(the message did not end within %d s)", a->seconds);
	if (dropped > 0)
		buf_addf(message, "\n(the message was longer than can be sent)");
}

static void add_fact(struct buf *facts, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(facts, "%s%s=", facts->len ? " " : "", name);
	message_one_line(facts, value);
}

static void compose_subject(struct alert *a)
{
	static const char *const word[] = { "INFO", "WARNING", "CRITICAL" };
	struct buf title = BUF_INIT;

	buf_addf(&a->subject, "%s ", a->event == EVENT_RECOVERY ? "RESOLVED" : word[a->severity]);
	if (a->title)
		buf_adds(&title, a->title);
	else
		buf_add(&title, a->body.data, strcspn(a->body.data, "\n"));
	message_redact(&title, settings_secrets());
	message_one_line(&a->subject, title.data);
	message_cut(&a->subject, SUBJECT_MAX);
	buf_release(&title);
}

static void compose(struct alert *a, const struct buf *message, const struct alert_memory *told)
{
	char when[INSTANT_TEXT], count[32];

	buf_adds(&a->body, "");
	if (message->len > 0)
		message_clean(&a->body, message->data, message->len);
	else if (a->event == EVENT_RECOVERY)
		buf_adds(&a->body, "recovered");
	message_redact(&a->body, settings_secrets());
	message_cut(&a->body, MESSAGE_MAX);
	compose_subject(a);
	add_fact(&a->facts, "severity", severity_name(a->severity));
	add_fact(&a->facts, "key", a->key);
	add_fact(&a->facts, "host", a->host);
	add_fact(&a->facts, "time", instant_format(a->now, when));
	add_fact(&a->facts, "job", getenv("WINDFALL_JOB"));
	add_fact(&a->facts, "run", getenv("WINDFALL_RUN"));
	add_fact(&a->facts, "step", getenv("WINDFALL_STEP"));
	if (told->count > 1 || (told->count > 0 && a->event == EVENT_RECOVERY)) {
		snprintf(count, sizeof count, "%ld", told->count);
		add_fact(&a->facts, "reports", count);
		add_fact(&a->facts, "since", instant_format(told->first, when));
	}
	buf_addf(&a->text, "%s\n\n%s\n", a->body.data, a->facts.data);
}

static void release_alert(struct alert *a)
{
	buf_release(&a->subject);
	buf_release(&a->body);
	buf_release(&a->facts);
	buf_release(&a->text);
}

/* Slack -------------------------------------------------------------------------------------- */

struct post {
	struct endpoint to;
	const char *type;
	struct buf url, body;
};

static int send_post(const struct delivery *d)
{
	const struct post *p = d->what;

	return deliver_post(d, &p->to, p->type, p->body.data, p->body.len);
}

static bool slack(const struct alert *a, struct post *p)
{
	const char *url = secret_setting("SLACK_WEBHOOK_URL"), *trouble = url ? endpoint_trouble(url, false) : NULL;
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

/* Ping --------------------------------------------------------------------------------------- */

/* A failure that is not to be told yet (early) is only noted there. */
static bool ping(const struct alert *a, bool early, struct post *p)
{
	struct ping ping = { a->ping, a->code, a->host, getenv("WINDFALL_JOB"), getenv("WINDFALL_RUN") };
	const char *pattern = secret_setting("PING_URL"), *trouble;
	enum ping_style style;
	struct reason why;

	if (!pattern)
		return false;
	if (early)
		ping.word = PING_LOG;
	if (!ping_style_parse(setting("PING_STYLE"), pattern, &style)) {
		settings_complain("PING_STYLE", "it is healthchecks or cronitor");
		return false;
	}
	if (early && style == PING_CRONITOR)
		return false;
	if (!ping_url(&p->url, pattern, style, &ping, &why)) {
		settings_complain("PING_URL", why.text);
		return false;
	}
	if ((trouble = endpoint_trouble(p->url.data, false))) {
		settings_complain("PING_URL", trouble);
		return false;
	}
	settings_add_secret(p->url.data);
	buf_adds(&p->body, a->body.data);
	message_cut(&p->body, PING_MAX);
	p->type = "text/plain; charset=utf-8";
	p->to = (struct endpoint){ p->url.data, setting("SSL_CERT_FILE") };
	return true;
}

/* E-mail ------------------------------------------------------------------------------------- */

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
	const char *tls = setting("SMTP_TLS"), *trouble = url ? endpoint_trouble(url, true) : NULL;
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
	else if (tls && strcmp(tls, "off") == 0 && url && !endpoint_is_loopback(url))
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
			.tls_required = tls ? strcmp(tls, "required") == 0 : url && !endpoint_is_loopback(url),
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

/* Hooks -------------------------------------------------------------------------------------- */

struct hook {
	const struct alert *alert;
	char *path;
	char target[TOLD_TARGET_TEXT];
};

static int send_hook(const struct delivery *d)
{
	static const char *const kept[] = {
		"PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "WINDFALL_HOME", "WINDFALL_STATE", "WINDFALL_JOB",
		"WINDFALL_RUN", "WINDFALL_STEP",
	};
	const struct hook *h = d->what;
	const struct alert *a = h->alert;
	struct buf env = BUF_INIT;
	char when[INSTANT_TEXT], *vector[32], *argv[] = { h->path, NULL };
	int n = 0;

	/* Not what this process was given: a hook has no need of the database's password. */
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		if (!getenv(kept[i]))
			continue;
		buf_addf(&env, "%s=%s", kept[i], getenv(kept[i]));
		vector[n++] = buf_detach(&env);
	}
#define HOOK_VARIABLE(name, value) (buf_addf(&env, "%s=%s", name, value), vector[n++] = buf_detach(&env))
	HOOK_VARIABLE("ALERT_KEY", a->key ? a->key : "");
	HOOK_VARIABLE("ALERT_SEVERITY", severity_name(a->severity));
	HOOK_VARIABLE("ALERT_EVENT", a->event == EVENT_RECOVERY ? "recovery" : "problem");
	HOOK_VARIABLE("ALERT_SUBJECT", a->subject.data);
	HOOK_VARIABLE("ALERT_HOST", a->host);
	HOOK_VARIABLE("ALERT_TIME", instant_format(a->now, when));
#undef HOOK_VARIABLE
	vector[n] = NULL;
	return deliver_program(d, h->path, argv, vector, a->text.data, a->text.len);
}

static int hooks(const struct alert *a, struct hook hook[HOOKS_MAX])
{
	const char *named = setting("WINDFALL_HOOKS_DIR");
	char *folder = named ? xstrdup(named) : state_path("etc/hooks.d"), *path[HOOKS_MAX];
	int n = hooks_find(folder, named != NULL, path);

	for (int i = 0; i < n; i++) {
		hook[i].alert = a;
		hook[i].path = path[i];
		snprintf(hook[i].target, sizeof hook[i].target, "hook:%.*s", TOLD_TARGET_TEXT - 6, strrchr(path[i], '/') + 1);
	}
	free(folder);
	return n;
}

/* All -----------------------------------------------------------------------------------------*/

/* True if this target is to hear of it now. */
static bool wanted(const struct alert *a, const struct alert_memory *told, const char *target)
{
	if (a->event == EVENT_RECOVERY)
		return alert_memory_knows(told, target);
	return !a->key || alert_memory_due(told, target, a->severity, a->now, a->window);
}

/* All who are to hear of it, found among those that are configured. */
struct targets {
	struct post slack, ping;
	struct mailing mailing;
	struct hook hook[HOOKS_MAX];
	int n_hooks, configured;
	struct delivery delivery[HOOKS_MAX + 3];
	int n;
};

static void add_target(struct targets *t, const char *name, int (*send)(const struct delivery *), const void *what,
		       int seconds, bool now)
{
	t->configured++;
	if (now)
		t->delivery[t->n++] = (struct delivery){ .name = name, .send = send, .what = what, .seconds = seconds };
}

static void find_targets(struct targets *t, const struct alert *a, const struct alert_memory *told)
{
	bool early = a->event == EVENT_PROBLEM && told->count < a->after;

	if (a->event != EVENT_NONE) {
		if (slack(a, &t->slack))
			add_target(t, "slack", send_post, &t->slack, a->seconds, !early && wanted(a, told, "slack"));
		if (mail(a, &t->mailing))
			add_target(t, "mail", send_mail, &t->mailing, a->seconds, !early && wanted(a, told, "mail"));
		t->n_hooks = hooks(a, t->hook);
		for (int i = 0; i < t->n_hooks; i++)
			add_target(t, t->hook[i].target, send_hook, &t->hook[i], a->seconds,
				   !early && wanted(a, told, t->hook[i].target));
	}
	if (a->pings && ping(a, early, &t->ping))
		add_target(t, PING_TARGET, send_post, &t->ping, a->seconds, true);
	if (t->configured == 0)
		log_debug("no target is configured; see send-alert(1)");
}

static void release_targets(struct targets *t)
{
	buf_release(&t->slack.url);
	buf_release(&t->slack.body);
	buf_release(&t->ping.url);
	buf_release(&t->ping.body);
	buf_release(&t->mailing.message);
	for (int i = 0; i < t->n_hooks; i++)
		free(t->hook[i].path);
}

static void remember(struct alert_memory *told, const struct alert *a, const struct delivery *d)
{
	if (d->status != 0 || strcmp(d->name, PING_TARGET) == 0)
		return;
	log_debug("%s: told", d->name);
	if (a->event == EVENT_RECOVERY)
		alert_memory_remove(told, d->name);
	else
		alert_memory_add(told, d->name, a->severity, a->now);
}

/* Whoever failed to hear of a recovery hears of it the next time; who is a target no more, never. */
static void forget_others(struct alert_memory *told, const struct targets *t)
{
	for (int i = told->n - 1; i >= 0; i--) {
		bool tried = false;

		for (int k = 0; k < t->n; k++)
			tried = tried || strcmp(t->delivery[k].name, told->target[i].name) == 0;
		if (!tried)
			alert_memory_remove(told, told->target[i].name);
	}
	if (told->n == 0)
		told->count = 0;
}

/* Tell all who are to hear of it, and remember who did.  The exit status. */
static int tell(const struct alert *a, struct alert_memory *told)
{
	static const char *const done[] = { "pinged", "alert sent", "recovery told" };
	struct targets t = { 0 };
	int sent = 0, later = 0, refused = 0;

	find_targets(&t, a, told);
	deliver_all(t.delivery, t.n);
	for (int i = 0; i < t.n; i++) {
		sent += t.delivery[i].status == 0;
		later += t.delivery[i].status == EX_TEMPFAIL;
		refused += t.delivery[i].status == EX_UNAVAILABLE;
		remember(told, a, &t.delivery[i]);
	}
	if (a->event == EVENT_RECOVERY)
		forget_others(told, &t);
	if (t.n > 0)
		log_fact(a->event == EVENT_NONE ? LOG_DEBUG : LOG_INFO, done[a->event], "sent=%d failed=%d targets=%d",
			 sent, later + refused, t.configured);
	release_targets(&t);
	return later ? EX_TEMPFAIL : refused ? EX_UNAVAILABLE : settings_status();
}

/* A URL whose path is the secret: an answer may show that alone. */
static void learn_url(const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL, *path = host ? strchr(host + 3, '/') : NULL;

	if (path && strlen(path) >= 8)
		settings_add_secret(path + 1);
}

static void find_settings(void)
{
	const char *named = getenv("WINDFALL_ALERT_CONFIG");
	char *path = named && *named ? xstrdup(named) : state_path("etc/alert.conf");

	if ((named && *named) || access(path, F_OK) == 0)
		settings_read(path, setting_names);
	free(path);
	/* All that must not be shown is known before anything is. */
	settings_learn_secrets();
	secret_setting("SMTP_PASSWORD");
	learn_url(secret_setting("SLACK_WEBHOOK_URL"));
	learn_url(secret_setting("PING_URL"));
}

static void host_name(char host[65])
{
	size_t len;

	if (gethostname(host, 64) < 0)
		strcpy(host, "localhost");
	host[64] = '\0';
	len = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
	if (len == 0)
		snprintf(host, 65, "localhost");
	else
		host[len] = '\0';
}

static void parse_options(struct alert *a, int argc, char **argv)
{
	enum { OPT_TIMEOUT = 256 };
	static const struct option longopts[] = {
		{ "severity", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "window", required_argument, NULL, 'w' },
		{ "after", required_argument, NULL, 'a' },
		{ "resolve", no_argument, NULL, 'r' },
		{ "subject", required_argument, NULL, 't' },
		{ "ping", required_argument, NULL, 'p' },
		{ "code", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		OPTS_COMMON
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:k:w:a:rt:p:c:" OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case 's':
			if (!severity_parse(optarg, &a->severity))
				die(EX_USAGE, "--severity %s: it is info, warning or critical", optarg);
			break;
		case 'k': a->key = optarg; break;
		case 'w': a->window = opts_number("--window", optarg, 0, 366 * 86400); break;
		case 'a': a->after = opts_number("--after", optarg, 1, 1000); break;
		case 'r':
			a->event = EVENT_RECOVERY;
			a->severity = SEVERITY_INFO;
			break;
		case 't': a->title = optarg; break;
		case 'p':
			if (!ping_word_parse(optarg, &a->ping))
				die(EX_USAGE, "--ping %s: it is start, success or fail", optarg);
			a->pings = true;
			break;
		case 'c': a->code = (int)opts_number("--code", optarg, 0, 255); break;
		case OPT_TIMEOUT: a->seconds = (int)opts_number("--timeout", optarg, 1, 120); break;
		default:  opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "the message comes on standard input, not as an argument; see --help");
	if (a->key && (!*a->key || strlen(a->key) > 255))
		die(EX_USAGE, "--key: 1 to 255 characters");
	if (!a->key && (a->event == EVENT_RECOVERY || a->after > 1))
		die(EX_USAGE, "%s needs --key", a->event == EVENT_RECOVERY ? "--resolve" : "--after");
	if (a->event == EVENT_RECOVERY && a->pings && a->ping != PING_SUCCESS)
		die(EX_USAGE, "--resolve goes with --ping success only");
	/* A ping of start or success is no alert; success with --resolve tells of the recovery as well. */
	if (a->pings && a->ping != PING_FAIL && a->event == EVENT_PROBLEM)
		a->event = EVENT_NONE;
}

int main(int argc, char **argv)
{
	struct alert a = { .severity = SEVERITY_WARNING, .event = EVENT_PROBLEM, .code = -1, .window = 86400,
			   .after = 1, .seconds = 10, .now = time(NULL) };
	struct rlimit no_core = { 0, 0 };
	struct buf message = BUF_INIT;
	struct alert_memory told;
	bool remembered;
	int status;

	log_init(argv[0]);
	parse_options(&a, argc, argv);
	setrlimit(RLIMIT_CORE, &no_core);
	host_name(a.host);
	find_settings();
	read_message(&message, &a);

	remembered = alert_memory_open(&told, a.event == EVENT_NONE ? NULL : a.key, a.seconds);
	if (a.event == EVENT_PROBLEM) {
		told.count++;
		told.first = told.first ? told.first : a.now;
	}
	compose(&a, &message, &told);
	/* Before, so that a report counts even if this process is ended while it sends. */
	remembered = alert_memory_save(&told) && remembered;
	status = tell(&a, &told);
	remembered = alert_memory_save(&told) && remembered;

	alert_memory_close(&told);
	release_alert(&a);
	buf_release(&message);
	settings_release();
	return status ? status : remembered ? 0 : EX_IOERR;
}
