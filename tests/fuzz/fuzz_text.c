#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/redact.h"
#include "base/text.h"
#include "exact/calendar.h"
#include "exact/decimal.h"
#include "exact/instant_ns.h"
#include "format/config_text.h"
#include "format/copy_binary.h"
#include "format/copy_text.h"
#include "format/csv.h"
#include "format/json.h"
#include "format/message.h"
#include "format/tsv.h"
#include "format/url.h"
#include "targets.h"

/* What is read as a decimal is written and read again as the same. */
bool fuzz_decimals(const char *body, size_t len)
{
	struct decimal a, b;
	struct buf text = BUF_INIT;
	bool taken;

	decimal_init(&a);
	decimal_init(&b);
	taken = decimal_parse(&a, body, len, DECIMAL_EXPONENT, NULL);
	if (taken) {
		decimal_write(&a, DECIMAL_KEEP_ZEROS, &text);
		if (text.len <= DECIMAL_MAX_TEXT) {
			must(decimal_parse_text(&b, text.data, DECIMAL_PLAIN, NULL));
			must(decimal_cmp(&a, &b) == 0);
		}
	}
	buf_release(&text);
	decimal_release(&a);
	decimal_release(&b);
	return taken;
}

/* A time of any form: what is read is written as text that is read as the same. */
bool fuzz_instants(const char *body, size_t len)
{
	char *text = fuzz_string(body, len), written[INSTANT_NS_LONG_TEXT], seconds[INSTANT_TEXT];
	struct instant_ns t, again;
	struct reason why = { .text = "" };
	instant_t when, when_again;
	bool taken = false;
	day_t day;

	for (int how = 0; how < 3; how++) {
		if (!(how < 2 ? instant_ns_parse(&t, text, how, &why) : instant_ns_parse_epoch(&t, text)))
			continue;
		must(instant_ns_parse(&again, instant_ns_format(&t, written), false, &why));
		must(instant_ns_cmp(&t, &again) == 0);
		taken = true;
	}
	if (instant_parse(text, &when)) {
		must(instant_parse(instant_format(when, seconds), &when_again) && when == when_again);
		must(instant_ns_parse(&t, text, false, &why));
		taken = true;
	}
	if (day_parse(text, &day)) {
		char same[DAY_TEXT];

		must(strcmp(day_format(day, same), text) == 0);
		must(settlement_periods(day) >= 46 && settlement_periods(day) <= MAX_PERIODS);
		taken = true;
	}
	free(text);
	return taken;
}

/* A document: every number's text is in the grammar, and an integer is the one that was sent. */
static void walk(const cJSON *value)
{
	const char *text = json_number_text(value);
	struct decimal d;
	int64_t whole;

	if (text) {
		must(!json_string(value) && !cJSON_IsArray(value));
		decimal_init(&d);
		if (json_int64(value, &whole)) {
			struct decimal same;

			must(decimal_parse_text(&d, text, DECIMAL_PLAIN, NULL));
			decimal_init(&same);
			decimal_set_int(&same, whole, 0);
			must(decimal_cmp(&d, &same) == 0);
			decimal_release(&same);
		}
		decimal_release(&d);
	}
	/* What is of no kind is a string to cJSON, and no text to anybody. */
	if (cJSON_IsString(value) && !text && !json_string(value))
		must(!json_is_null(value) && strcmp(json_kind(value), "no value of JSON") == 0);
	for (const cJSON *child = value->child; child; child = child->next)
		walk(child);
}

bool fuzz_json(const char *body, size_t len)
{
	struct reason why = { .text = "" };
	cJSON *document = json_parse(body, len, &why);

	must(document || why.text[0] != '\0');
	if (document) {
		must(!json_is_cut(body, len));
		walk(document);
		json_release(document);
	}
	return document != NULL;
}

bool fuzz_csv(const char *body, size_t len)
{
	struct csv_reader r;
	struct reason why = { .text = "" };
	long line = 0;
	int got;

	csv_open(&r, body, len);
	while ((got = csv_next(&r, &why)) == 1) {
		must(r.n_fields >= 1 && r.n_fields <= CSV_MAX_FIELDS && r.line > line);
		line = r.line;
		for (int i = 0; i < r.n_fields; i++)
			must(strlen(r.field[i]) <= len);
	}
	must(got == 0 || why.text[0] != '\0');
	csv_close(&r);
	return got == 0;
}

/* A table: a field that is read is written as COPY has it, and read as the same; and no row of it upsets the binary form. */
static void sane_field(const char *value)
{
	static const enum copy_type types[] = { COPY_DATE, COPY_SMALLINT, COPY_BIGINT, COPY_TEXT, COPY_NUMERIC };
	struct buf escaped = BUF_INIT;
	char *copy, *back;

	copy_escape(&escaped, value);
	must(!escaped.data || (!strpbrk(escaped.data, "\t\n\r")));
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct buf row = BUF_INIT;
		struct reason why = { .text = "" };

		must(copy_binary_row(&row, escaped.data ? escaped.data : "", &types[i], 1, &why) || why.text[0] != '\0');
		buf_release(&row);
	}
	copy = xstrdup(escaped.data ? escaped.data : "");
	back = copy_unescape(copy);
	must(back && strcmp(back, value) == 0);
	free(copy);
	buf_release(&escaped);
}

bool fuzz_tsv(const char *body, size_t len)
{
	static const char *const wanted[] = { "settlement_date", "farm_id", "volume", NULL };
	FILE *in = len ? fmemopen((void *)(uintptr_t)body, len, "r") : NULL;
	struct tsv_reader r;
	struct reason why = { .text = "" };
	bool taken = false;
	int got;

	if (!in)
		return false;
	if (tsv_open(&r, in, "input", wanted, 2, &why)) {
		while ((got = tsv_read(&r, &why)) > 0)
			for (int i = 0; i < 3; i++)
				if (r.value[i])
					sane_field(r.value[i]);
		must(got == 0 || why.text[0] != '\0');
		taken = got == 0;
	} else {
		must(why.text[0] != '\0');
	}
	tsv_close(&r);
	fclose(in);
	return taken;
}

bool fuzz_settings(const char *body, size_t len)
{
	char *text = fuzz_string(body, len);
	struct config_reader r;
	bool taken = false;
	int line = 0;

	config_text_begin(&r, text, len);
	while (config_text_next(&r)) {
		must(r.line > line && r.name);
		line = r.line;
		must(!strpbrk(r.name, "\n") && (!r.value || !strpbrk(r.value, "\n")));
		taken = taken || r.value;
	}
	free(text);
	return taken;
}

/* Every control byte but tab and newline is gone, and it is UTF-8. */
static void sane_text(const struct buf *out)
{
	const unsigned char *s = (const unsigned char *)out->data;

	for (size_t at = 0, step; at < out->len; at += step) {
		step = utf8_length(s + at, out->len - at);
		must(step > 0);
		must(step > 1 || s[at] >= 0x20 || s[at] == '\t' || s[at] == '\n');
		must(s[at] != 0x7f);
	}
}

/* Text of others on its way to a person: whole, cut, on one line, for a channel, an address; no secret is left in it. */
bool fuzz_shown(const char *body, size_t len)
{
	static const char *const secrets[] = { "hunter2!", NULL };
	struct buf clean = BUF_INIT, line = BUF_INIT, slack = BUF_INIT, url = BUF_INIT;
	char *text = fuzz_string(body, len);

	text_clean(&clean, body, len);
	sane_text(&clean);
	message_one_line(&line, text);
	sane_text(&line);
	must(!line.data || !strpbrk(line.data, "\n\t"));
	message_slack(&slack, text, 100);
	must(slack.len <= 100);
	url_show(&url, text);
	message_url(&url, text);
	buf_adds(&clean, "");
	redact(&clean, secrets);
	must(!clean.data || !strstr(clean.data, secrets[0]));
	text_cut(&clean, 40);
	must(clean.len <= 40);
	buf_release(&clean);
	buf_release(&line);
	buf_release(&slack);
	buf_release(&url);
	free(text);
	return len > 0;
}
