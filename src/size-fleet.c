/*
 * size-fleet - which size of a fleet would have paid best with the curtailed energy of a place
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/plural.h"
#include "cli/opts.h"
#include "fleet/answer.h"
#include "fleet/question_db.h"
#include "fleet/request_io.h"
#include "os/log.h"
#include "os/terminal.h"

static const char help[] =
	"usage: size-fleet {--model NAME | --hashrate TH --power W} [OPTION]... [FROM [TO] | YYYY-MM | YYYY]\n"
	"\n"
	"Calculate, for each of a range of sizes, what a fleet would have earned with the energy that was\n"
	"curtailed at its place: the row of what-if for each, and the column best, which marks the size with\n"
	"the greatest profit over its years of use (profit) and the one with the fastest payback (payback).\n"
	"\n"
	REQUEST_HELP
	"\n"
	"The sizes:\n"
	"      --sizes LIST           machines in each place, such as 100,500,1000, or megawatts: 5MW,10MW\n"
	"                             (0.1 MW, 0.15, 0.2, 0.3 ... up to the greatest energy)\n"
	"      --difficulty-growth G  growth from each year of use to the next, such as 0.3 or 30% (0)\n"
	"\n"
	"      --plot                 print a program for gnuplot that draws profit and payback by size\n"
	"      --format FORMAT        table (where stdout is a terminal), tsv (elsewhere), csv or ndjson\n"
	"      --no-header            omit the header line\n"
	OPTS_HELP
	"\n"
	"  size-fleet --model S21_XP --unit T_SGRWO-1 --capex-machine 3000 --capex-mw 400000 2025\n"
	"  size-fleet --model M70S --farm Seagreen --capex-mw 1500000 --plot 2025 | gnuplot >sizes.svg\n";

enum { MAX_SIZES = 100 };

/* Sizes in machines, ascending, each once. */
struct sizes {
	int64_t machines[MAX_SIZES];
	size_t n;
};

struct trial {
	struct question question;
	struct sizes sizes;
	bool chosen;			/* by --sizes, and not the grid */
	struct fleet fleet;
	struct place_list places;
};

/* Sizes ------------------------------------------------------------------------------------------ */

static void add_size(struct sizes *sizes, int64_t machines)
{
	size_t at = sizes->n;

	while (at > 0 && sizes->machines[at - 1] > machines)
		at--;
	if (at > 0 && sizes->machines[at - 1] == machines)
		return;
	if (sizes->n == MAX_SIZES)
		die(EX_USAGE, "--sizes: at most %d of them", MAX_SIZES);
	memmove(&sizes->machines[at + 1], &sizes->machines[at], (sizes->n - at) * sizeof *sizes->machines);
	sizes->machines[at] = machines;
	sizes->n++;
}

/* "100,5MW": machines, or megawatts of them; without a model these are judged and not added. */
static void choose_sizes(struct sizes *sizes, const char *list, const struct miner_model *model)
{
	char *words = xstrdup(list), *rest = words;

	while (rest) {
		char *word = rest;
		size_t len;

		rest = strchr(word, ',');
		if (rest)
			*rest++ = '\0';
		len = strlen(word);
		if (len > 2 && strcmp(word + len - 2, "MW") == 0) {
			word[len - 2] = '\0';
			request_check_megawatts("--sizes", word);
			if (model)
				add_size(sizes, request_megawatts("--sizes", word, model));
		} else if (len == 0 || word[strspn(word, "+-0123456789")] != '\0') {
			die(EX_USAGE, "--sizes %s: a whole number of machines, such as 500, or megawatts, such as 5MW", word);
		} else {
			add_size(sizes, opts_number("--sizes", word, 1, 1000000000));
		}
	}
	free(words);
}

/* 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1 … 10,000 MW, in whole machines: each step is about a half more. */
static void grid_sizes(struct sizes *sizes, const struct miner_model *model)
{
	static const int steps[] = { 100, 150, 200, 300, 500, 700 };
	int64_t kilowatts = 1, most = 10000000000000 / model->power_mw;	/* machines of 10,000 MW */

	for (int decade = 0; decade < 5; decade++, kilowatts *= 10)
		for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
			int64_t machines = steps[i] * kilowatts * 1000000 / model->power_mw;

			if (machines > 0)
				add_size(sizes, machines);
		}
	add_size(sizes, most > 0 ? most : 1);
}

/* Trying them ------------------------------------------------------------------------------------ */

static void take_energy(void *ctx, const struct place_energy *energy)
{
	struct trial *t = ctx;

	place_list_reach(&t->places, energy->place);
	fleet_add(&t->fleet, &t->places.rows[energy->place],
		  market_half_hour(&t->question.market, energy->day, energy->period), energy->nmwh, energy->payment);
}

static int64_t greatest_peak(const struct trial *t)
{
	int64_t peak = 0;

	for (size_t i = 0; i < t->places.n; i++)
		peak = t->places.rows[i].peak > peak ? t->places.rows[i].peak : peak;
	return peak;
}

/* Sizes of the grid beyond the first that takes all the energy are the same but for their cost. */
static size_t sizes_of_interest(const struct trial *t)
{
	int64_t peak = greatest_peak(t);

	for (size_t i = 0; i < t->sizes.n && !t->chosen; i++)
		if (t->sizes.machines[i] >= peak)
			return i + 1;
	return t->sizes.n;
}

/* Which of the sizes is the best by a figure, most (sign 1) or least (-1), among those above zero; -1 where none is: a
 * fleet that loses least is not worth having. */
static int best_by(const struct fleet_figures *figures, size_t n, enum figure which, int sign)
{
	int best = -1;

	for (size_t i = 0; i < n; i++)
		if (figures[i].known[which] && decimal_sign(&figures[i].value[which]) > 0 &&
		    (best < 0 || decimal_cmp(&figures[i].value[which], &figures[best].value[which]) * sign > 0))
			best = (int)i;
	return best;
}

/* Answers ---------------------------------------------------------------------------------------- */

struct answer {
	struct trial *trial;
	struct fleet_figures figures[MAX_SIZES];
	size_t n;
	int profit, payback;		/* which size is the best by them, or -1 */
	struct assumptions assumptions;
};

static const char *best_word(const struct answer *a, size_t i)
{
	bool profit = (int)i == a->profit, payback = (int)i == a->payback;

	return profit && payback ? "profit payback" : profit ? "profit" : payback ? "payback" : NULL;
}

static void print_rows(struct answer *a, struct tsv_writer *out)
{
	static const char *const best_column[] = { "best", NULL };
	const char **columns = answer_columns(best_column);
	char number[FIXED_TEXT];

	tsv_begin(out, stdout, columns);
	for (size_t i = 0; i < a->n; i++) {
		assumptions_set(&a->assumptions, MACHINES_PER_PLACE,
				fixed_format((unsigned __int128)a->trial->sizes.machines[i], 0, number));
		answer_row(out, &a->assumptions, &a->figures[i]);
		tsv_text(out, best_word(a, i));
		tsv_end_row(out);
	}
	free(columns);
}

static void print_page(struct answer *a)
{
	struct page page;

	assumptions_set(&a->assumptions, MACHINES_PER_PLACE, NULL);
	answer_print_assumptions(&a->assumptions, stdout);
	putchar('\n');
	answer_table_begin(&page, NULL, "best");
	for (size_t i = 0; i < a->n; i++)
		answer_table_row(&page, NULL, &a->figures[i], best_word(a, i) ? best_word(a, i) : "");
	page_print_within(&page, stdout, true, terminal_width(STDOUT_FILENO));
	page_release(&page);
}

/* A program for gnuplot: the rows are in it, as TSV, so that it draws without any other file. */
static void print_plot(struct answer *a)
{
	static const enum figure drawn[] = { MEGAWATTS, LIFE_PROFIT, PAYBACK_DAYS };
	const struct assumptions *as = &a->assumptions;

	printf("set terminal svg size 900,600\n"
	       "set datafile separator \"\\t\"\n"
	       "set datafile missing \"\\\\N\"\n"
	       "set title \"%s, %s to %s\" noenhanced\n"
	       "set logscale x\n"
	       "set xlabel \"megawatts\"\n"
	       "set ylabel \"profit in %s %s (%s)\"\n"
	       "set y2label \"payback (days)\"\n"
	       "set ytics nomirror\n"
	       "set y2tics\n"
	       "set grid\n"
	       "set key outside below\n"
	       "$sizes << EOD\n",
	       as->text[MODEL], as->text[FIRST_DAY], as->text[LAST_DAY], as->text[YEARS],
	       plural_of(as->text[YEARS], "year", "years"), as->text[CURRENCY]);
	for (size_t i = 0; i < a->n; i++) {
		struct buf row = BUF_INIT;

		for (int c = 0; c < 3; c++) {
			if (c > 0)
				buf_addc(&row, '\t');
			if (a->figures[i].known[drawn[c]])
				decimal_write(&a->figures[i].value[drawn[c]], DECIMAL_TRIM_ZEROS, &row);
			else
				buf_adds(&row, "\\N");
		}
		puts(row.data);
		buf_release(&row);
	}
	puts("EOD\n"
	     "plot $sizes using 1:2 with linespoints title \"profit\", \\\n"
	     "     $sizes using 1:3 axes x1y2 with linespoints title \"payback\"");
}

static void name_the_best(const struct answer *a)
{
	struct buf facts = BUF_INIT;
	const int best[] = { a->profit, a->payback };
	const char *const names[] = { "profit", "payback" };

	for (int i = 0; i < 2; i++)
		if (best[i] >= 0)
			buf_addf(&facts, "%s%s_machines=%lld", i ? " " : "", names[i], (long long)a->trial->sizes.machines[best[i]]);
		else
			buf_addf(&facts, "%s%s_machines=none", i ? " " : "", names[i]);
	log_fact(LOG_INFO, "best sizes", "%s", facts.data);
	buf_release(&facts);
}

static void print_answer(struct trial *t, struct fleet_request *request, bool plot)
{
	struct answer *a = xmalloc(sizeof *a);
	char number[FIXED_TEXT];

	a->trial = t;
	a->n = sizes_of_interest(t);
	t->fleet.n_places = (int64_t)t->question.places.n;
	question_warn(&t->question, &t->fleet, 1);
	for (size_t i = 0; i < a->n; i++)
		fleet_figures_of(&a->figures[i], &t->fleet, &t->fleet.tallies[i], &request->rate, &request->money);
	a->profit = best_by(a->figures, a->n, LIFE_PROFIT, 1);
	a->payback = best_by(a->figures, a->n, PAYBACK_DAYS, -1);
	assumptions_of(&a->assumptions, &t->question);
	assumptions_set(&a->assumptions, PLACES, fixed_format((unsigned __int128)t->fleet.n_places, 0, number));
	if (plot)
		print_plot(a);
	else if (request->page)
		print_page(a);
	else
		print_rows(a, &request->out);
	name_the_best(a);
	for (size_t i = 0; i < a->n; i++)
		fleet_figures_release(&a->figures[i]);
	assumptions_release(&a->assumptions);
	free(a);
}

static void size_fleet(struct fleet_request *request, const char *sizes, bool plot, int argc, char **argv)
{
	struct trial t = { .chosen = sizes != NULL };
	struct question *q = &t.question;

	/* Without growth all years are alike. */
	question_open(q, request, argc, argv, time(NULL), decimal_sign(&request->money.growth) ? request->money.years : 1);
	if (sizes)
		choose_sizes(&t.sizes, sizes, &q->model);
	else
		grid_sizes(&t.sizes, &q->model);
	fleet_begin(&t.fleet, &q->market, &q->model, request->min_run, t.sizes.machines, t.sizes.n);
	question_energy(q, take_energy, &t);
	print_answer(&t, request, plot);
	place_list_release(&t.places);
	fleet_release(&t.fleet);
	question_close(q);
}

int main(int argc, char **argv)
{
	enum { SIZES = 1, PLOT, GROWTH };
	static const struct option longopts[] = {
		{ "sizes", required_argument, NULL, SIZES },
		{ "difficulty-growth", required_argument, NULL, GROWTH },
		{ "plot", no_argument, NULL, PLOT },
		REQUEST_OPTIONS, OPTS_ROWS, OPTS_COMMON
	};
	struct fleet_request request;
	const char *sizes = NULL;
	bool plot = false;
	int c;

	tool_begin(argc, argv);
	request_begin(&request);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case SIZES: sizes = optarg; break;
		case PLOT:  plot = true; break;
		case GROWTH:
			decimal_set_int(&request.money.growth,
					request_share("--difficulty-growth", optarg, 1 - SHARE_ONE, 100 * SHARE_ONE), 8);
			break;
		default:
			if (!request_option(c, &request))
				opts_common(c, help);
		}
	}
	request_check(&request);
	if (plot && (request.out.chosen || request.out.no_header))
		die(EX_USAGE, "--plot prints a program for gnuplot: it goes without --format and --no-header");
	if (sizes)
		choose_sizes(&(struct sizes){ 0 }, sizes, NULL);
	size_fleet(&request, sizes, plot, argc - optind, argv + optind);
	request_release(&request);
	return flush_stdout();
}
