#include "cli/config_table.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/redact.h"
#include "base/text.h"
#include "format/url.h"

#define NUMBER(least, most, unit) CONFIG_NUMBER, least, most, unit
#define WORD(words) CONFIG_WORD, 0, 0, words
#define TEXT CONFIG_TEXT, 0, 0, NULL
#define WAIT CONFIG_WAIT, 0, 0, NULL
#define PATH CONFIG_PATH, 0, 0, NULL
#define PATH_OR(word) CONFIG_PATH, 0, 0, word
#define ADDRESS CONFIG_ADDRESS, 0, 0, NULL
#define DATABASE CONFIG_DATABASE, 0, 0, NULL

const struct config_name config_names[] = {
	{ "The database", "DATABASE_URL", CONFIG_NAMES_DATABASE, CONFIG_MAY_HOLD, DATABASE, "the private one in var",
	  "The PostgreSQL database, as postgresql://USER@HOST:PORT/NAME?sslmode=verify-full, or as KEYWORD=VALUE words" },
	{ NULL, "PGSERVICE", CONFIG_NAMES_DATABASE, CONFIG_OPEN, TEXT, NULL, "The libpq service that names the database" },
	{ NULL, "PGSERVICEFILE", CONFIG_NAMES_DATABASE, CONFIG_OPEN, PATH, NULL, "The file of libpq services" },
	{ NULL, "PGHOST", CONFIG_NAMES_DATABASE, CONFIG_OPEN, TEXT, NULL, "The database server, or the folder of its socket" },
	{ NULL, "PGHOSTADDR", CONFIG_NAMES_DATABASE, CONFIG_OPEN, TEXT, NULL, "The address of the database server" },
	{ NULL, "PGPORT", CONFIG_NAMES_DATABASE, CONFIG_OPEN, TEXT, NULL, "The port of the database server" },
	{ NULL, "PGDATABASE", CONFIG_NAMES_DATABASE, CONFIG_OPEN, TEXT, NULL, "The name of the database" },
	{ NULL, "PGUSER", CONFIG_OF_DATABASE, CONFIG_OPEN, TEXT, NULL, "The role to connect as" },
	{ NULL, "PGPASSWORD", CONFIG_OF_DATABASE, CONFIG_SECRET, TEXT, NULL,
	  "The password of the role; a file that PGPASSFILE names is better" },
	{ NULL, "PGPASSFILE", CONFIG_OF_DATABASE, CONFIG_OPEN, PATH, NULL, "The file of passwords, in libpq's format" },
	{ NULL, "PGSSLMODE", CONFIG_OF_DATABASE, CONFIG_OPEN, WORD("disable allow prefer require verify-ca verify-full"), NULL,
	  "How the connection is encrypted and the server verified; over a network, verify-full" },
	{ NULL, "PGSSLROOTCERT", CONFIG_OF_DATABASE, CONFIG_OPEN, TEXT, NULL,
	  "The file of certificates that sign the server's" },
	{ NULL, "PGSSLCERT", CONFIG_OF_DATABASE, CONFIG_OPEN, PATH, NULL, "The certificate of this client" },
	{ NULL, "PGSSLKEY", CONFIG_OF_DATABASE, CONFIG_OPEN, PATH, NULL, "The key of that certificate" },
	{ NULL, "PGCONNECT_TIMEOUT", CONFIG_OF_DATABASE, CONFIG_OPEN, NUMBER(0, 3600, "seconds"), "10",
	  "How long a connection may take to be made" },
	{ NULL, "WINDFALL_LEGACY_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, DATABASE, NULL,
	  "The database of an earlier system, for import-legacy --database; in the form of DATABASE_URL" },
	{ NULL, "WINDFALL_PG_BIN", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "the latest in /usr/lib/postgresql",
	  "The folder of the PostgreSQL programs that run the private database" },
	{ NULL, "WINDFALL_MIGRATE_WAIT", CONFIG_FOR_ALL, CONFIG_OPEN, WAIT, "10min",
	  "How long migrate waits for a lock" },
	{ NULL, "WINDFALL_LOCK_WAIT", CONFIG_FOR_ALL, CONFIG_OPEN, WAIT, "5min",
	  "How long a tool or job waits for a lock of another session (at most a minute for a date that another job"
	  " writes); lock_timeout of a role or in PGOPTIONS outranks it" },

	{ "Folders", "WINDFALL_STATE", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "the installation directory",
	  "The folder of var, logs, etc and backups" },
	{ NULL, "WINDFALL_BACKUPS", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "backups in the state folder",
	  "The folder of the backups of this installation alone; another disk is safer" },
	{ NULL, "WINDFALL_CHANGES_DIR", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "etc/changes.d in the state folder",
	  "The folder of programs that receive each changed summary figure" },

	{ "What jobs do", "WINDFALL_CURRENCY", CONFIG_FOR_ALL, CONFIG_OPEN, WORD("USD EUR GBP CAD CHF AUD JPY"), "USD",
	  "The currency in which bitcoin is valued" },
	{ NULL, "WINDFALL_BACKUP", CONFIG_FOR_ALL, CONFIG_OPEN, WORD("on off"), "on", "Whether weekly makes a backup" },
	{ NULL, "WINDFALL_REPLACEMENT", CONFIG_FOR_ALL, CONFIG_OPEN, WORD("on off"), "on",
	  "Whether jobs fetch what it cost to turn others up" },
	{ NULL, "WINDFALL_AUDIT_SOURCE", CONFIG_FOR_ALL, CONFIG_OPEN, WORD("on off"), "on",
	  "Whether weekly compares the payments with the publisher's settled cash flows" },
	{ NULL, "WINDFALL_SITE", CONFIG_FOR_ALL, CONFIG_OPEN, PATH_OR("off"), "var/site in the state folder",
	  "The folder of the site that daily and realtime keep up to date, or off" },
	{ NULL, "WINDFALL_SITE_URL", CONFIG_FOR_ALL, CONFIG_OPEN, ADDRESS, NULL,
	  "The address at which the site is served, for the feed and for previews of shared pages" },
	{ NULL, "WINDFALL_SITE_FLEET", CONFIG_FOR_ALL, CONFIG_OPEN, TEXT, NULL,
	  "Options of the site's mining page, such as --model S21_XP --machines 500 --capex-machine 3000" },
	{ NULL, "WINDFALL_BACKUP_KEEP", CONFIG_FOR_ALL, CONFIG_OPEN, NUMBER(1, 999, NULL), "4", "How many backups are kept" },
	{ NULL, "WINDFALL_CHANGES_TIMEOUT", CONFIG_FOR_ALL, CONFIG_OPEN, NUMBER(1, 3600, "seconds"), "60",
	  "How long a program that receives changes may take" },
	{ NULL, "WINDFALL_EXCHANGE_HORIZON", CONFIG_FOR_ALL, CONFIG_OPEN, NUMBER(1, 36500, "days"), NULL,
	  "For how many days the exchange keeps its trades: exchange-weekly warns about older ones" },

	{ "Sources", "WINDFALL_ELEXON_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS,
	  "https://data.elexon.co.uk/bmrs/api/v1", "Elexon's API, or an archive of its answers" },
	{ NULL, "WINDFALL_DIFFICULTY_SOURCE", CONFIG_FOR_ALL, CONFIG_OPEN, WORD("mempool blockchain bitcoind file"), "mempool",
	  "The source of the difficulty" },
	{ NULL, "WINDFALL_DIFFICULTY_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS, "that of the source",
	  "Another address of the difficulty source" },
	{ NULL, "WINDFALL_BITCOIND_COOKIE", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "~/.bitcoin/.cookie",
	  "The cookie of the node, which bitcoind rewrites at each start" },
	{ NULL, "WINDFALL_MEMPOOL_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS, "https://mempool.space",
	  "Prices in currencies other than US dollars" },
	{ NULL, "WINDFALL_BLOCKCHAIN_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS, "https://api.blockchain.info",
	  "Prices in US dollars" },
	{ NULL, "WINDFALL_ECB_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS, "https://www.ecb.europa.eu/stats/eurofxref",
	  "Exchange rates of the European Central Bank" },
	{ NULL, "WINDFALL_COINBASE_URL", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, ADDRESS, "https://api.coinbase.com",
	  "The exchange's API" },
	{ NULL, "COINBASE_KEY_FILE", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, NULL, "The file of the exchange's API key, mode 600" },
	{ NULL, "WINDFALL_RATE", CONFIG_FOR_ALL, CONFIG_OPEN, NUMBER(0.01, 1000, "a second"), "that of each source",
	  "The most requests that a tool begins in a second" },
	{ NULL, "WINDFALL_RETRY_WAIT", CONFIG_FOR_ALL, CONFIG_OPEN, NUMBER(0, 3600, "seconds"), "that of each source",
	  "The wait before the first retry" },
	{ NULL, "SSL_CERT_FILE", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "the system's", "Certificates to trust" },
	{ NULL, "https_proxy", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, TEXT, NULL, "The proxy for https addresses" },
	{ NULL, "http_proxy", CONFIG_FOR_ALL, CONFIG_MAY_HOLD, TEXT, NULL, "The proxy for http addresses" },
	{ NULL, "no_proxy", CONFIG_FOR_ALL, CONFIG_OPEN, TEXT, NULL, "Hosts that are reached without a proxy" },

	{ "Alerts", "SLACK_WEBHOOK_URL", CONFIG_FOR_ALERTS, CONFIG_SECRET, TEXT, NULL, "A Slack-compatible webhook" },
	{ NULL, "SLACK_WEBHOOK_URL_FILE", CONFIG_FOR_ALERTS, CONFIG_OPEN, PATH, NULL, "A private file that holds it instead" },
	{ NULL, "MAIL_TO", CONFIG_FOR_ALERTS, CONFIG_OPEN, TEXT, NULL,
	  "Up to 20 addresses or local users, separated by commas" },
	{ NULL, "MAIL_FROM", CONFIG_FOR_ALERTS, CONFIG_OPEN, TEXT, NULL, "The sender; SMTP needs one" },
	{ NULL, "SMTP_URL", CONFIG_FOR_ALERTS, CONFIG_MAY_HOLD, TEXT, NULL, "The mail server, smtp:// or smtps://" },
	{ NULL, "SMTP_USER", CONFIG_FOR_ALERTS, CONFIG_OPEN, TEXT, NULL, "The user of the mail server" },
	{ NULL, "SMTP_PASSWORD", CONFIG_FOR_ALERTS, CONFIG_SECRET, TEXT, NULL, "The password of that user" },
	{ NULL, "SMTP_PASSWORD_FILE", CONFIG_FOR_ALERTS, CONFIG_OPEN, PATH, NULL, "A private file that holds it instead" },
	{ NULL, "SMTP_TLS", CONFIG_FOR_ALERTS, CONFIG_OPEN, WORD("required off"), "required, except on this machine",
	  "Whether smtp:// must begin with STARTTLS" },
	{ NULL, "SENDMAIL", CONFIG_FOR_ALERTS, CONFIG_OPEN, PATH, "/usr/sbin/sendmail",
	  "The program that takes mail where there is no SMTP_URL" },
	{ NULL, "PING_URL", CONFIG_FOR_ALERTS, CONFIG_SECRET, TEXT, NULL,
	  "The dead-man's switch; {job} in it becomes the name of the job" },
	{ NULL, "PING_URL_FILE", CONFIG_FOR_ALERTS, CONFIG_OPEN, PATH, NULL, "A private file that holds it instead" },
	{ NULL, "PING_STYLE", CONFIG_FOR_ALERTS, CONFIG_OPEN, WORD("healthchecks cronitor"), "by the host of PING_URL",
	  "What the switch understands" },
	{ NULL, "WINDFALL_HOOKS_DIR", CONFIG_FOR_ALERTS, CONFIG_OPEN, PATH, "etc/hooks.d in the state folder",
	  "The folder of programs that receive each alert" },
	{ NULL, "WINDFALL_ALERT_CONFIG", CONFIG_FOR_ALL, CONFIG_OPEN, PATH, "etc/alert.conf in the state folder",
	  "A private file of the settings of this group, which outranks windfall.conf" },
	{ .name = NULL },
};

static const char *const config_environment_only[] = {
	"WINDFALL_CONF", "WINDFALL_HOME", "WINDFALL_BIN",
	/* what jobs tell the tools and jobs that they start */
	"WINDFALL_ROOT", "WINDFALL_SETTINGS", "WINDFALL_SETTINGS_WRONG", "WINDFALL_STARTED", "WINDFALL_MIGRATED",
	"WINDFALL_SCRATCH", "WINDFALL_JOB", "WINDFALL_RUN", "WINDFALL_STEP", "WINDFALL_PROGRESS",
	NULL,
};

bool config_is_environment_only(const char *name)
{
	for (const char *const *other = config_environment_only; *other; other++)
		if (strcmp(*other, name) == 0)
			return true;
	return false;
}

const struct config_name *config_find(const char *name)
{
	for (const struct config_name *n = config_names; n->name; n++)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

const char *config_nearest(const char *unknown, struct buf *out)
{
	struct nearest nearest;

	nearest_begin(&nearest, unknown);
	for (const struct config_name *n = config_names; n->name; n++)
		nearest_offer(&nearest, n->name);
	return nearest_words(&nearest, out);
}

static bool is_word_of(const char *words, const char *value)
{
	size_t len = strlen(value), word;

	for (; *words; words += word + (words[word] != '\0')) {
		word = strcspn(words, " ");
		if (word == len && strncmp(words, value, len) == 0)
			return true;
	}
	return false;
}

/* What a setting of the server's takes that counts milliseconds, up to the largest int. */
static bool is_wait(const char *value)
{
	static const struct {
		const char *name;
		double ms;
	} unit[] = { { "", 1 }, { "us", 1e-3 }, { "ms", 1 }, { "s", 1e3 }, { "min", 6e4 }, { "h", 36e5 }, { "d", 864e5 } };
	char *end;
	double amount = strtod(value, &end);

	if (end == value || end != value + strspn(value, "0123456789."))
		return false;
	end += strspn(end, " ");
	for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
		if (strcmp(end, unit[i].name) == 0)
			return amount * unit[i].ms <= INT_MAX;
	return false;
}

bool config_value_ok(const struct config_name *name, const char *value, struct reason *why)
{
	struct buf form = BUF_INIT;
	double number;
	bool ok = true;

	for (const char *p = value; *p; p++)
		if (iscntrl((unsigned char)*p))
			return reason_set(why, "it holds a control character");
	switch (name->form) {
	case CONFIG_TEXT:
	case CONFIG_DATABASE: break;
	case CONFIG_PATH:     ok = *value == '/' || (name->words && is_word_of(name->words, value)); break;
	case CONFIG_ADDRESS:  ok = *value == '/' || url_ok(value) || url_is_file(value); break;
	case CONFIG_NUMBER:   ok = text_is_number(value, name->least, name->most, &number); break;
	case CONFIG_WAIT:     ok = is_wait(value); break;
	case CONFIG_WORD:     ok = is_word_of(name->words, value); break;
	}
	if (ok)
		return true;
	config_form_words(name, &form);
	reason_set(why, "it must be %s%s", form.data,
		   *value == '~' || *value == '$' ? "; nothing is expanded here, so write the whole path" : "");
	buf_release(&form);
	return false;
}

void config_form_words(const struct config_name *name, struct buf *out)
{
	switch (name->form) {
	case CONFIG_TEXT:     buf_adds(out, "text"); break;
	case CONFIG_DATABASE: buf_adds(out, "a database address"); break;
	case CONFIG_WAIT:     buf_adds(out, "a time such as 30s or 5min"); break;
	case CONFIG_PATH:
		buf_addf(out, "an absolute path%s%s", name->words ? ", or " : "", name->words ? name->words : "");
		break;
	case CONFIG_ADDRESS:  buf_adds(out, "an address (https://, http://, file:///) or an absolute path"); break;
	case CONFIG_NUMBER:
		buf_addf(out, "a number from %g to %g%s%s", name->least, name->most, name->words ? ", " : "",
			 name->words ? name->words : "");
		break;
	case CONFIG_WORD:
		buf_adds(out, "one of ");
		for (const char *p = name->words; *p; p++)
			buf_adds(out, *p == ' ' ? ", " : (char[]){ *p, '\0' });
		break;
	}
}

/* The value in small letters, with %XX as what it stands for: no spelling hides a keyword. */
static void plain_text(const char *value, struct buf *out)
{
	for (const char *p = value; *p; p++) {
		char code[3] = "";

		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
			memcpy(code, p + 1, 2);
			p += 2;
			buf_addc(out, (char)tolower((int)strtol(code, NULL, 16) & 0xff));
		} else {
			buf_addc(out, (char)tolower((unsigned char)*p));
		}
	}
}

/* A colon between the scheme and the last @ ends a user's name, and begins a password. */
static bool has_password_part(const char *value)
{
	const char *host = strstr(value, "://"), *at = strrchr(value, '@');

	host = host ? host + 3 : value;
	return at && at > host && memchr(host, ':', (size_t)(at - host));
}

static bool says(const char *value, const char *word)
{
	struct buf plain = BUF_INIT;
	bool found;

	plain_text(value, &plain);
	found = plain.data && strstr(plain.data, word);
	buf_release(&plain);
	return found;
}

bool config_holds_secret(const struct config_name *name, const char *value)
{
	if (name->secret != CONFIG_MAY_HOLD)
		return name->secret == CONFIG_SECRET && *value;
	return has_password_part(value) || (name->form == CONFIG_DATABASE && says(value, "password"));
}

/* What of an address of a database may be shown: all but the password between the user's name and the last @. */
static void show_database(const char *value, struct buf *out)
{
	const char *host = strstr(value, "://"), *at = strrchr(value, '@');

	if (!host || !at || at < host + 3 || says(at, "pass")) {
		buf_adds(out, "***");	/* words, or a password behind the name: none of it is sure to be open */
		return;
	}
	host += 3;
	buf_add(out, value, (size_t)(host - value) + strcspn(host, ":@"));
	buf_addf(out, ":***%s", at);
}

void config_show(const struct config_name *name, const char *value, struct buf *out)
{
	if (!config_holds_secret(name, value)) {
		struct buf shown = BUF_INIT;

		buf_adds(&shown, value);
		redact(&shown, NULL);
		buf_adds(out, shown.data ? shown.data : "");
		buf_release(&shown);
	} else if (name->form == CONFIG_DATABASE) {
		show_database(value, out);
	} else if (name->secret == CONFIG_MAY_HOLD && strstr(value, "://")) {
		url_show(out, value);
	} else {
		buf_adds(out, "***");
	}
}
