#include "net/http.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/url.h"
#include "format/url_net.h"
#include "net/rate_limit.h"
#include "os/log.h"

static double number_option(const char *name, const char *arg, double least, double most)
{
	double value;

	if (!text_is_number(arg, least, most, &value))
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
	case HTTP_OPT_PARALLEL:   o->parallel = count_option("parallel", arg, 1, HTTP_MAX_PARALLEL); return true;
	case HTTP_OPT_RATE:       o->rate = number_option("rate", arg, 0.01, RATE_LIMIT_MAX); return true;
	case HTTP_OPT_ATTEMPTS:   o->attempts = count_option("attempts", arg, 1, 100); return true;
	case HTTP_OPT_TIMEOUT:    o->timeout = number_option("timeout", arg, 0.1, 3600); return true;
	case HTTP_OPT_RETRY_WAIT: o->retry_wait = number_option("retry-wait", arg, 0, 3600); return true;
	case HTTP_OPT_MAX_WAIT:   o->max_wait = number_option("max-wait", arg, 0, 86400); return true;
	case HTTP_OPT_MAX_BODY:   o->max_body = (size_t)count_option("max-body", arg, 1, 2147483647); return true;
	default:                  return false;
	}
}

/* A variable that is set, into *to: that it is such a number config_load() has seen. */
static void environment_number(const char *name, double most, double *to)
{
	const char *text = getenv(name);

	if (text && *text)
		text_is_number(text, 0, most, to);
}

void http_environment(struct http_options *o)
{
	environment_number("WINDFALL_RATE", RATE_LIMIT_MAX, &o->rate);
	environment_number("WINDFALL_RETRY_WAIT", 3600, &o->retry_wait);
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

char *http_base_url(const char *option, const char *environment, const char *otherwise)
{
	const char *value = getenv(environment);
	const char *written = option ? option : value && *value ? value : otherwise;
	struct buf address = BUF_INIT;
	struct buf shown = BUF_INIT;
	const char *trouble;
	char *url;

	if (*written == '/' || url_is_file(written))
		url_add_file(&address, written);
	else
		buf_adds(&address, written);
	url = buf_detach(&address);
	for (size_t len = strlen(url); len > 0 && url[len - 1] == '/' && strcmp(url, "file:///") != 0; len--)
		url[len - 1] = '\0';
	if (!url_ok(url))
		die(option ? EX_USAGE : EX_CONFIG,
		    "%s is not an address: write https://..., http://..., file:///... or the absolute path of a folder",
		    option ? "--base-url" : environment);
	trouble = url_base_trouble(url);
	if (trouble) {
		url_show(&shown, url);
		die(option ? EX_USAGE : EX_CONFIG, "%s: the address %s %s", option ? "--base-url" : environment, shown.data, trouble);
	}
	return url;
}
