#include "status/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "exact/calendar.h"
#include "format/message.h"

static const char *const state_names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

void figures_release(struct figures *all)
{
	for (size_t i = 0; i < all->n_problems; i++)
		free(all->problem[i].text);
	free(all->problem);
	free(all->figure);
	*all = (struct figures)FIGURES_INIT;
}

struct figure *figures_add(struct figures *all, const struct figure_def *def, const char *label, const char *value)
{
	struct figure *f;

	all->figure = xgrow(all->figure, all->n, sizeof *all->figure);
	f = &all->figure[all->n++];
	*f = (struct figure){ .def = def, .known = value != NULL };
	snprintf(f->label, sizeof f->label, "%s", label ? label : "");
	snprintf(f->value, sizeof f->value, "%s", value ? value : "");
	return f;
}

struct figure *figures_add_int(struct figures *all, const struct figure_def *def, const char *label, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, value);
	return figures_add(all, def, label, text);
}

/* Writing one value ----------------------------------------------------------------------------- */

/* Hundredths, with this many decimals before them taken off: 9997 is 99.97 or 0.9997. */
static void add_hundredths(struct buf *out, const char *value, int decimals)
{
	long long number = atoll(value), scale = decimals == 4 ? 10000 : 100;

	buf_addf(out, "%lld.%0*lld", number / scale, decimals, number % scale);
}

static void add_grouped(struct buf *out, const char *digits)
{
	size_t whole = strcspn(digits, ".");

	for (size_t i = 0; i < whole; i++) {
		buf_addc(out, digits[i]);
		if (digits[i] != '-' && i + 1 < whole && (whole - i - 1) % 3 == 0)
			buf_addc(out, ',');
	}
	buf_adds(out, digits + whole);
}

static void add_duration(struct buf *out, long long seconds)
{
	static const struct { long long seconds; const char *name; } unit[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };

	for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
		if (seconds >= 2 * unit[i].seconds) {
			buf_addf(out, "%.1f %s", (double)seconds / (double)unit[i].seconds, unit[i].name);
			return;
		}
	}
	buf_addf(out, "%lld s", seconds);
}

static void add_for_people(struct buf *out, const struct figure *f)
{
	char when[INSTANT_TEXT];

	if (!f->known) {
		buf_adds(out, "-");
		return;
	}
	switch (f->def->kind) {
	case FIGURE_COUNT: case FIGURE_DECIMAL: add_grouped(out, f->value); break;
	case FIGURE_PERCENT: add_hundredths(out, f->value, 2); buf_adds(out, " %"); break;
	case FIGURE_SECONDS: add_duration(out, atoll(f->value)); break;
	case FIGURE_BYTES:   buf_addf(out, "%.1f MiB", strtod(f->value, NULL) / 1048576); break;
	case FIGURE_INSTANT: buf_adds(out, instant_format(atoll(f->value), when)); break;
	case FIGURE_WORD:    message_one_line(out, f->value); break;
	}
	if (f->def->unit)
		buf_addf(out, " %s", f->def->unit);
}

/* Judging --------------------------------------------------------------------------------------- */

void figures_problem(struct figures *all, enum figure_state state, const char *text)
{
	struct buf line = BUF_INIT;

	message_one_line(&line, text);
	all->problem = xrealloc(all->problem, (all->n_problems + 1) * sizeof *all->problem);
	all->problem[all->n_problems++] = (struct figure_problem){ state, line.data ? buf_detach(&line) : xstrdup("") };
	if (state > all->state)
		all->state = state;
}

static double number_of(const struct figure *f)
{
	return f->def->kind == FIGURE_PERCENT ? strtod(f->value, NULL) / 100 : strtod(f->value, NULL);
}

static bool beyond(double value, double limit, bool below)
{
	return !isnan(limit) && (below ? value < limit : value > limit);
}

void figures_judge(struct figures *all, struct figure *f, const struct figure_limit *limit)
{
	struct buf text = BUF_INIT;

	f->judged = true;
	f->limit = *limit;
	if (!f->known)
		return;
	if (beyond(number_of(f), limit->crit, limit->below))
		f->state = FIGURE_CRITICAL;
	else if (beyond(number_of(f), limit->warn, limit->below))
		f->state = FIGURE_WARNING;
	if (f->state == FIGURE_OK)
		return;
	if (*f->label)
		buf_addf(&text, "%s: ", f->label);
	buf_addf(&text, "%s: ", f->def->words);
	add_for_people(&text, f);
	figures_problem(all, f->state, text.data);
	buf_release(&text);
}

/* For people ------------------------------------------------------------------------------------ */

static const char *colour_of(enum figure_state state)
{
	static const char *const colour[] = { "\033[32m", "\033[33m", "\033[31m", "\033[35m" };

	return colour[state];
}

static void text_problems(struct buf *out, const struct figures *all, bool colour)
{
	for (size_t i = 0; i < all->n_problems; i++) {
		const struct figure_problem *p = &all->problem[i];

		buf_addf(out, "  %s%-8s%s %s\n", colour ? colour_of(p->state) : "", state_names[p->state],
			 colour ? "\033[0m" : "", p->text);
	}
}

void figures_text(struct buf *out, const struct figures *all, const struct figure_group *groups, bool colour)
{
	buf_addf(out, "%sWindfall: %s%s\n", colour ? colour_of(all->state) : "", state_names[all->state],
		 colour ? "\033[0m" : "");
	text_problems(out, all, colour);
	for (; groups->group; groups++) {
		bool headed = false;

		for (size_t i = 0; i < all->n; i++) {
			const struct figure *f = &all->figure[i];
			char name[128];

			if (strcmp(f->def->group, groups->group) != 0)
				continue;
			if (!headed)
				buf_addf(out, "\n%s\n", groups->heading);
			headed = true;
			snprintf(name, sizeof name, "%s%s%s", f->label, *f->label ? ": " : "", f->def->words);
			buf_addf(out, "  %-44s  %s", name, colour && f->state ? colour_of(f->state) : "");
			add_for_people(out, f);
			buf_addf(out, "%s\n", colour && f->state ? "\033[0m" : "");
		}
	}
}

/* JSON ------------------------------------------------------------------------------------------ */

static cJSON *json_value(const struct figure *f)
{
	struct buf text = BUF_INIT;
	char when[INSTANT_TEXT];
	cJSON *value;

	if (!f->known)
		return cJSON_CreateNull();
	switch (f->def->kind) {
	case FIGURE_WORD:    return cJSON_CreateString(f->value);
	case FIGURE_INSTANT: return cJSON_CreateString(instant_format(atoll(f->value), when));
	case FIGURE_PERCENT: add_hundredths(&text, f->value, 2); break;
	default:	     buf_adds(&text, f->value);
	}
	value = cJSON_CreateRaw(text.data);	/* every digit, as no double keeps them */
	buf_release(&text);
	return value;
}

static cJSON *member(cJSON *object, const char *name)
{
	cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!found)
		cJSON_AddItemToObject(object, name, found = cJSON_CreateObject());
	return found;
}

static void json_problems(cJSON *object, const struct figures *all)
{
	cJSON *array = cJSON_AddArrayToObject(object, "problems");

	for (size_t i = 0; i < all->n_problems; i++) {
		cJSON *problem = cJSON_CreateObject();

		cJSON_AddStringToObject(problem, "status", state_names[all->problem[i].state]);
		cJSON_AddStringToObject(problem, "text", all->problem[i].text);
		cJSON_AddItemToArray(array, problem);
	}
}

void figures_json(struct buf *out, const struct figures *all, const char *extra)
{
	cJSON *object = cJSON_CreateObject();
	char *printed;

	cJSON_AddStringToObject(object, "status", state_names[all->state]);
	json_problems(object, all);
	for (size_t i = 0; i < all->n; i++) {
		const struct figure *f = &all->figure[i];
		cJSON *group = member(object, f->def->group);

		if (f->def->label)
			cJSON_AddItemToObject(member(group, f->def->key), f->label, json_value(f));
		else
			cJSON_AddItemToObject(group, f->def->key, json_value(f));
	}
	printed = cJSON_PrintUnformatted(object);
	if (extra)
		printed[strlen(printed) - 1] = '\0';
	buf_adds(out, printed);
	if (extra)
		buf_addf(out, ",%s}", extra);
	cJSON_free(printed);
	cJSON_Delete(object);
}

/* Prometheus ------------------------------------------------------------------------------------ */

static void add_label_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			buf_addc(out, '\\');
		if (*value == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, *value);
	}
}

static void add_sample(struct buf *out, const struct figure *f)
{
	buf_addf(out, "windfall_%s", f->def->metric);
	if (f->def->label) {
		buf_addf(out, "{%s=\"", f->def->label);
		add_label_value(out, f->label);
		buf_adds(out, "\"}");
	}
	buf_addc(out, ' ');
	if (f->def->kind == FIGURE_PERCENT)
		add_hundredths(out, f->value, 4);
	else
		buf_adds(out, f->value);
	buf_addc(out, '\n');
}

/* All samples of a metric stand together, after its HELP and TYPE. */
void figures_prometheus(struct buf *out, const struct figures *all)
{
	buf_addf(out, "# HELP windfall_status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN\n"
		 "# TYPE windfall_status gauge\nwindfall_status %d\n", all->state);
	for (size_t i = 0; i < all->n; i++) {
		const struct figure_def *def = all->figure[i].def;
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen = seen || (all->figure[k].known && all->figure[k].def == def);
		if (!def->metric || seen || !all->figure[i].known)
			continue;
		buf_addf(out, "# HELP windfall_%s %s%s%s\n# TYPE windfall_%s gauge\n", def->metric, def->words,
			 def->unit ? ", " : "", def->unit ? def->unit : "", def->metric);
		for (size_t k = i; k < all->n; k++)
			if (all->figure[k].def == def && all->figure[k].known)
				add_sample(out, &all->figure[k]);
	}
}

/* Nagios ---------------------------------------------------------------------------------------- */

static void add_range(struct buf *out, double limit, bool below)
{
	if (!isnan(limit))
		buf_addf(out, "%.10g%s", limit, below ? ":" : "");
}

/* Neither a bar nor a newline may stand in the text: the first begins the figures. */
static void add_plain(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_addc(out, *text == '|' || *text == '\n' ? ' ' : *text);
}

/* The gravest problems first. */
static void nagios_problems(struct buf *out, const struct figures *all)
{
	const char *before = "";

	for (int state = FIGURE_UNKNOWN; state > FIGURE_OK; state--) {
		for (size_t i = 0; i < all->n_problems; i++) {
			if ((int)all->problem[i].state != state)
				continue;
			buf_adds(out, before);
			add_plain(out, all->problem[i].text);
			before = "; ";
		}
	}
}

void figures_nagios(struct buf *out, const struct figures *all, const char *ok)
{
	const char *before = " | ";

	buf_addf(out, "WINDFALL %s - ", state_names[all->state]);
	if (all->n_problems > 0)
		nagios_problems(out, all);
	else
		add_plain(out, ok);
	for (size_t i = 0; i < all->n; i++) {
		const struct figure *f = &all->figure[i];

		if (!f->judged || !f->known)
			continue;
		buf_addf(out, "%s'%s_%s%s%s'=", before, f->def->group, f->def->key, *f->label ? "_" : "", f->label);
		if (f->def->kind == FIGURE_PERCENT)
			add_hundredths(out, f->value, 2);
		else
			buf_adds(out, f->value);
		buf_addf(out, "%s;", f->def->kind == FIGURE_PERCENT ? "%" : f->def->kind == FIGURE_SECONDS ? "s" :
			 f->def->kind == FIGURE_BYTES ? "B" : "");
		add_range(out, f->limit.warn, f->limit.below);
		buf_addc(out, ';');
		add_range(out, f->limit.crit, f->limit.below);
		buf_adds(out, ";0");
		before = " ";
	}
	buf_addc(out, '\n');
}
