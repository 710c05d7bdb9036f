/*
 * send-alert - alert people once when something is wrong, and once when it has recovered
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

#include "alert/alert_memory_io.h"
#include "alert/channel_net.h"
#include "alert/deliver_net.h"
#include "alert/settings_io.h"
#include "base/buf.h"
#include "base/redact.h"
#include "base/text.h"
#include "cli/config.h"
#include "cli/opts.h"
#include "format/message.h"
#include "os/clock.h"
#include "os/log.h"

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
	"      --targets          print the targets that are configured, and send nothing\n"
	OPTS_HELP;

enum {
	READ_MAX = 32768,	/* bytes read of the message */
	MESSAGE_MAX = 12000,	/* and sent: three times that, in quoted-printable, fits a pipe */
};

/* The message -------------------------------------------------------------------------------- */

/* What comes on stdin within the time-out; of too much, the beginning, in whole lines where there
 * are lines: half a secret could not be told for one. */
static void read_message(struct buf *message, struct alert *a)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	bool typed = isatty(STDIN_FILENO);
	long long end = clock_ms() + a->seconds * 1000LL, dropped = 0;
	ssize_t got = 0;
	char piece[4096];
	int ready = 1;

	if (typed && a->event != EVENT_PROBLEM)
		return;
	if (typed)
		log_info("type the message, then press Ctrl-D");
	for (;;) {
		long long left = end - clock_ms();
		size_t keep;

		ready = poll(&in, 1, typed ? -1 : left > 0 ? (int)left : 0);
		if (ready <= 0 || (got = read(STDIN_FILENO, piece, sizeof piece)) <= 0)
			break;
		keep = READ_MAX - message->len < (size_t)got ? READ_MAX - message->len : (size_t)got;
		buf_add(message, piece, keep);
		dropped += got - (ssize_t)keep;
	}
	if (got < 0 && errno != EBADF) {
		/* What comes with a ping is not needed for it. */
		if (message->len == 0 && a->event == EVENT_PROBLEM && !a->pings)
			die(EX_NOINPUT, "cannot read standard input: %s", strerror(errno));
		log_warning("cannot read standard input: %s", strerror(errno));
	}
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

/* text without secrets, as one line. */
static void show_line(struct buf *out, const struct buf *text)
{
	struct buf shown = BUF_INIT;

	buf_add(&shown, text->data, text->len);
	redact(&shown, settings_secrets());
	message_one_line(out, shown.data);
	buf_release(&shown);
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
	show_line(&a->subject, &title);
	text_cut(&a->subject, SUBJECT_MAX);
	buf_release(&title);
}

/* A key is told apart as it was given; what it may quote is not for everybody. */
static void compose_key(struct alert *a)
{
	struct buf key = BUF_INIT;

	buf_adds(&key, a->key ? a->key : "");
	buf_adds(&a->shown_key, "");
	show_line(&a->shown_key, &key);
	buf_release(&key);
}

static void compose(struct alert *a, const struct buf *message, const struct alert_memory *told)
{
	char when[INSTANT_TEXT], count[32];

	buf_adds(&a->body, "");
	if (message->len > 0)
		text_clean(&a->body, message->data, message->len);
	else if (a->event == EVENT_RECOVERY)
		buf_adds(&a->body, "recovered");
	redact(&a->body, settings_secrets());
	text_cut(&a->body, MESSAGE_MAX);
	compose_subject(a);
	compose_key(a);
	add_fact(&a->facts, "severity", severity_name(a->severity));
	add_fact(&a->facts, "key", a->shown_key.data);
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
	buf_release(&a->shown_key);
	buf_release(&a->body);
	buf_release(&a->facts);
	buf_release(&a->text);
}

/* All -----------------------------------------------------------------------------------------*/

/* True if this target is to hear of it now. */
static bool wanted(const struct alert *a, const struct alert_memory *told, const char *target)
{
	if (a->event == EVENT_RECOVERY)
		return alert_memory_knows(told, target);
	return !a->key || alert_memory_due(told, target, a->severity, a->now, a->window);
}

/* All who are configured, and those of them that are to hear of it now. */
struct targets {
	struct parcel *parcel;
	const struct channel **of;
	int n_parcels;
	struct delivery *delivery;
	int n;
};

/* Room for all that the channels may build: a delivery keeps its parcel's address, so it is made once. */
static void reserve_targets(struct targets *t)
{
	size_t n = CHANNEL_TARGETS;	/* the pings' */

	for (int i = 0; alert_channels[i]; i++)
		n += CHANNEL_TARGETS;
	t->parcel = xmalloc(n * sizeof *t->parcel);
	t->of = xmalloc(n * sizeof *t->of);
	t->delivery = xmalloc(n * sizeof *t->delivery);
}

/* The messages of one channel; each is delivered now if it is always sent to, or its target is to hear of it. */
static void add_channel(struct targets *t, const struct channel *channel, const struct alert *a,
			const struct alert_memory *told, bool always)
{
	struct parcel *parcel = t->parcel + t->n_parcels;
	int n = channel->build(a, parcel);

	for (int i = 0; i < n; i++) {
		t->of[t->n_parcels++] = channel;
		if (always || (!a->early && wanted(a, told, parcel[i].target)))
			t->delivery[t->n++] = (struct delivery){ .name = parcel[i].target, .send = channel->send,
								 .what = parcel[i].what, .by_program = parcel[i].by_program,
								 .seconds = a->seconds };
	}
}

static void find_targets(struct targets *t, const struct alert *a, const struct alert_memory *told)
{
	reserve_targets(t);
	for (int i = 0; a->event != EVENT_NONE && alert_channels[i]; i++)
		add_channel(t, alert_channels[i], a, told, false);
	if (a->pings)
		add_channel(t, &ping_channel, a, told, true);
	if (t->n_parcels == 0)
		log_debug("no target is configured; see send-alert(1)");
}

static void release_targets(struct targets *t)
{
	for (int i = 0; i < t->n_parcels; i++)
		t->of[i]->release(t->parcel[i].what);
	free(t->parcel);
	free(t->of);
	free(t->delivery);
}

static int print_targets(struct alert *a)
{
	struct alert_memory none = { .n = 0 };
	struct buf message = BUF_INIT;
	struct targets t = { 0 };

	buf_adds(&message, "none");
	compose(a, &message, &none);
	a->event = EVENT_PROBLEM;
	a->pings = true;
	a->ping = PING_FAIL;
	find_targets(&t, a, &none);
	for (int i = 0; i < t.n_parcels; i++)
		puts(t.parcel[i].target);
	release_targets(&t);
	release_alert(a);
	buf_release(&message);
	flush_stdout();
	return settings_status();
}

static void remember(struct alert_memory *told, const struct alert *a, const struct delivery *d)
{
	if (d->status != 0 || strcmp(d->name, ping_channel.name) == 0)
		return;
	log_debug("%s: notified", d->name);
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
	static const char *const done[] = { "pinged", "alert sent", "recovery notice sent" };
	static const char *const undone[] = { "not pinged", "alert not sent", "recovery notice not sent" };
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
		log_fact(a->event == EVENT_NONE ? LOG_DEBUG : sent ? LOG_INFO : LOG_WARNING, (sent ? done : undone)[a->event],
			 "sent=%d failed=%d targets=%d", sent, later + refused, t.n_parcels);
	release_targets(&t);
	return later ? EX_TEMPFAIL : refused ? EX_UNAVAILABLE : settings_status();
}

/* All that must not be shown of a channel. */
static void learn_secrets(const struct channel *channel)
{
	for (const struct channel_setting *s = channel->settings; s->name; s++) {
		const char *secret = s->kind == SETTING_PLAIN ? NULL : secret_setting(s->name);

		if (secret && s->kind == SETTING_SECRET_URL)
			settings_add_secret_path(secret);
	}
}

static void find_settings(void)
{
	size_t wrong;

	config_load();
	wrong = config_load_alerts();
	/* People hear of the trouble all the same, and this tool ends as one whose own file is wrong. */
	for (size_t i = 0; i < wrong; i++)
		settings_complain("settings", config_complaint(i));
	/* It is known before anything is shown. */
	settings_learn_secrets();
	for (int i = 0; alert_channels[i]; i++)
		learn_secrets(alert_channels[i]);
	learn_secrets(&ping_channel);
}

static void host_name(char host[65])
{
	size_t len;

	if (gethostname(host, 64) < 0)
		snprintf(host, 65, "localhost");
	host[64] = '\0';
	len = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
	if (len == 0)
		snprintf(host, 65, "localhost");
	else
		host[len] = '\0';
}

static void parse_options(struct alert *a, int argc, char **argv)
{
	enum { OPT_TIMEOUT = 256, OPT_TARGETS };
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
		{ "targets", no_argument, NULL, OPT_TARGETS },
		OPTS_COMMON
	};
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT "s:k:w:a:rt:p:c:", longopts, NULL)) != -1) {
		switch (c) {
		case 's':
			if (!severity_parse(optarg, &a->severity))
				die(EX_USAGE, "--severity %s: must be info, warning or critical", optarg);
			break;
		case 'k': a->key = optarg; break;
		case 'w': a->window = opts_number("--window", optarg, 0, 366 * 86400); break;
		case 'a': a->after = opts_number("--after", optarg, 1, 1000); break;
		case 'r': a->event = EVENT_RECOVERY; break;
		case 't': a->title = optarg; break;
		case 'p':
			if (!ping_word_parse(optarg, &a->ping))
				die(EX_USAGE, "--ping %s: must be start, success or fail", optarg);
			a->pings = true;
			break;
		case 'c': a->code = (int)opts_number("--code", optarg, 0, 255); break;
		case OPT_TIMEOUT: a->seconds = (int)opts_number("--timeout", optarg, 1, 120); break;
		case OPT_TARGETS: a->dry = true; break;
		default:  opts_common(c, help);
		}
	}
	if (a->event == EVENT_RECOVERY)
		a->severity = SEVERITY_INFO;	/* wherever -s stands */
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
			   .after = 1, .seconds = 10 };
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
	if (a.dry) {
		status = print_targets(&a);
		settings_release();
		return status;
	}
	read_message(&message, &a);

	remembered = alert_memory_open(&told, a.event == EVENT_NONE ? NULL : a.key, a.seconds);
	/* Not before: what another sender has left meanwhile would be of a time that is still to come. */
	a.now = time(NULL);
	if (a.event == EVENT_PROBLEM) {
		told.count++;
		told.first = told.first ? told.first : a.now;
		a.early = told.count < a.after;
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
