/*
 * metric - measured figures, judged against limits, for people, programs and monitors
 *
 * A figure is defined once; what it was found to be is added to a list, judged if it has
 * limits, and the list is written in one of four ways: aligned text; one JSON object; what
 * Prometheus' textfile collector reads; the line that Nagios and its kin read.  Pure.
 */
#ifndef WINDFALL_METRIC_H
#define WINDFALL_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum figure_kind {
	FIGURE_COUNT,		/* a whole number */
	FIGURE_DECIMAL,		/* a decimal, every digit kept */
	FIGURE_PERCENT,		/* hundredths of a percent, such as 9997; a ratio for Prometheus */
	FIGURE_SECONDS,		/* a whole number of seconds */
	FIGURE_BYTES,
	FIGURE_INSTANT,		/* seconds since 1970 */
	FIGURE_WORD,		/* text; never for Prometheus */
};

struct figure_def {
	const char *group, *key;	/* where it stands in JSON: group.key, or group.key.LABEL */
	const char *label;		/* what the label names, "miner_model"; NULL for a single figure */
	const char *metric;		/* for Prometheus, without "windfall_"; NULL: not told there */
	const char *words;		/* for people, and as HELP */
	enum figure_kind kind;
	const char *unit;		/* for people: "MWh", or NULL */
};

/* As the monitors number them. */
enum figure_state { FIGURE_OK, FIGURE_WARNING, FIGURE_CRITICAL, FIGURE_UNKNOWN };

/* Beyond is worse: above, or below if below is set.  NAN: no such limit. */
struct figure_limit {
	double warn, crit;
	bool below;
};

struct figure {
	const struct figure_def *def;
	char label[48];
	char value[128];		/* as text: digits, or words */
	bool known;			/* false: there is no value (null) */
	bool judged;
	struct figure_limit limit;
	enum figure_state state;
};

/* What is wrong, in one clean line. */
struct figure_problem {
	enum figure_state state;
	char *text;			/* owned */
};

struct figures {
	struct figure *figure;
	size_t n;
	struct figure_problem *problem;	/* in the order in which they were found */
	size_t n_problems;
	enum figure_state state;	/* the gravest */
};

#define FIGURES_INIT { NULL, 0, NULL, 0, FIGURE_OK }
void figures_release(struct figures *all);

/* Add what a figure was found to be; NULL value: not known.  label NULL or text.  Borrowed until
 * the next is added. */
struct figure *figures_add(struct figures *all, const struct figure_def *def, const char *label, const char *value);
struct figure *figures_add_int(struct figures *all, const struct figure_def *def, const char *label, int64_t value);

/* Judge a figure by this limit.  One that is not known is judged as well as can be: it is left OK. */
void figures_judge(struct figures *all, struct figure *figure, const struct figure_limit *limit);

/* Note a trouble that no figure tells. */
void figures_problem(struct figures *all, enum figure_state state, const char *text);

/* groups names the groups in the order they are shown, each with its heading; ends with NULLs. */
struct figure_group {
	const char *group;
	const char *heading;
};
void figures_text(struct buf *out, const struct figures *all, const struct figure_group *groups, bool colour);

/* One line, without a newline.  extra, if not NULL, is JSON of further members: "\"runs\":[…]". */
void figures_json(struct buf *out, const struct figures *all, const char *extra);

void figures_prometheus(struct buf *out, const struct figures *all);

/* "WINDFALL WARNING - problem; problem | 'group_key'=value;warn;crit;0 …": figures with limits only.  ok is
 * what to say when there is no problem. */
void figures_nagios(struct buf *out, const struct figures *all, const char *ok);

#endif
