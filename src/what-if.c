/*
 * what-if - what a fleet of machines would have earned with the curtailed energy
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/opts.h"
#include "fleet/answer.h"
#include "fleet/question_db.h"
#include "fleet/request_io.h"
#include "os/log.h"
#include "os/terminal.h"

static const char help[] =
	"usage: what-if {--model NAME | --hashrate TH --power W} [OPTION]... [FROM [TO] | YYYY-MM | YYYY]\n"
	"       what-if --list-models\n"
	"\n"
	"Calculate what a fleet of machines would have mined with the energy that was curtailed at its\n"
	"place, and what it would have earned.  In each half hour as many machines run as the energy can\n"
	"power, up to the size of the fleet.  Nothing is stored.  The answer states every assumption.\n"
	"\n"
	REQUEST_HELP
	"\n"
	"The size of the fleet (by default as many machines as the energy can power):\n"
	"      --machines N           machines in each place\n"
	"      --megawatts M          megawatts of machines in each place\n"
	"\n"
	"      --each                 one row for each place instead of one for all\n"
	"      --list-models          print the catalogue of current machines, with the source of its figures\n"
	"      --format FORMAT        table (where stdout is a terminal), tsv (elsewhere), csv or ndjson\n"
	"      --no-header            omit the header line\n"
	OPTS_HELP
	"\n"
	"  what-if --model S21_XP --unit T_SGRWO-1 --megawatts 20 2025\n"
	"  what-if --model M70S --per farm --machines 500 --power-price 15 --each --last 365\n";

/* All places together in one fleet, or a fleet for each. */
struct answer {
	struct question question;
	int64_t machines;		/* in each place; 0: endless */
	bool each;
	struct fleet *fleets;
	size_t n_fleets;
	struct place_list places;
};

/* See that the place is there, and its fleet: its own, if each has one. */
static void reach(struct answer *a, size_t place)
{
	place_list_reach(&a->places, place);
	for (; a->n_fleets <= (a->each ? place : 0); a->n_fleets++) {
		a->fleets = xgrow(a->fleets, a->n_fleets, sizeof *a->fleets);
		fleet_begin(&a->fleets[a->n_fleets], &a->question.market, &a->question.model, a->question.request->min_run,
			    &a->machines, 1);
	}
}

static void take_energy(void *ctx, const struct place_energy *energy)
{
	struct answer *a = ctx;

	reach(a, energy->place);
	fleet_add(&a->fleets[a->each ? energy->place : 0], &a->places.rows[energy->place],
		  market_half_hour(&a->question.market, energy->day, energy->period), energy->nmwh, energy->payment);
}

static void figures_of_fleet(const struct answer *a, size_t i, struct fleet_figures *figures)
{
	const struct fleet_request *request = a->question.request;

	fleet_figures_of(figures, &a->fleets[i], &a->fleets[i].tallies[0], &request->rate, &request->money);
}

static void print_rows(const struct answer *a, struct tsv_writer *out, struct assumptions *assumptions)
{
	static const char *const no_more[] = { NULL };
	const char **columns = answer_columns(no_more);
	char number[FIXED_TEXT];

	tsv_begin(out, stdout, columns);
	for (size_t i = 0; i < a->n_fleets; i++) {
		struct fleet_figures figures;

		if (a->each)
			assumptions_set(assumptions, PLACE, a->question.places.names[i]);
		assumptions_set(assumptions, PLACES, fixed_format((unsigned __int128)a->fleets[i].n_places, 0, number));
		figures_of_fleet(a, i, &figures);
		answer_row(out, assumptions, &figures);
		tsv_end_row(out);
		fleet_figures_release(&figures);
	}
	free(columns);
}

/* One fleet with all its figures, or a table of the places. */
static void print_page(const struct answer *a, struct assumptions *assumptions)
{
	char number[FIXED_TEXT];
	struct page page;

	assumptions_set(assumptions, PLACES, fixed_format((unsigned __int128)a->question.places.n, 0, number));
	answer_print_assumptions(assumptions, stdout);
	putchar('\n');
	answer_table_begin(&page, "place", NULL);
	for (size_t i = 0; i < a->n_fleets; i++) {
		struct fleet_figures figures;

		figures_of_fleet(a, i, &figures);
		if (a->each)
			answer_table_row(&page, a->question.places.names[i], &figures, NULL);
		else
			answer_print_figures(&figures, stdout);
		fleet_figures_release(&figures);
	}
	if (a->each)
		page_print_within(&page, stdout, true, terminal_width(STDOUT_FILENO));
	page_release(&page);
}

static void print_answer(struct answer *a, struct tsv_writer *out)
{
	struct assumptions assumptions;
	char number[FIXED_TEXT];

	for (size_t i = 0; i < a->n_fleets; i++)
		a->fleets[i].n_places = a->each ? 1 : (int64_t)a->question.places.n;
	question_warn(&a->question, a->fleets, a->n_fleets);
	assumptions_of(&assumptions, &a->question);
	if (a->machines)
		assumptions_set(&assumptions, MACHINES_PER_PLACE, fixed_format((unsigned __int128)a->machines, 0, number));
	if (a->question.request->page)
		print_page(a, &assumptions);
	else
		print_rows(a, out, &assumptions);
	assumptions_release(&assumptions);
}

static void answer(struct fleet_request *request, int64_t machines, const char *megawatts, bool each, int argc,
		   char **argv)
{
	struct answer a = { .machines = machines, .each = each };
	struct question *q = &a.question;

	question_open(q, request, argc, argv, time(NULL), 1);
	if (megawatts)
		a.machines = request_megawatts("--megawatts", megawatts, &q->model);
	/* What was named is there, with energy or without; without --each one row is there in any case. */
	if (q->places.n > 0)
		reach(&a, q->places.n - 1);
	else if (!each)
		reach(&a, 0);
	question_energy(q, take_energy, &a);
	print_answer(&a, &request->out);
	for (size_t i = 0; i < a.n_fleets; i++)
		fleet_release(&a.fleets[i]);
	free(a.fleets);
	place_list_release(&a.places);
	question_close(q);
}

int main(int argc, char **argv)
{
	enum { MACHINES_OPTION = 1, MEGAWATTS_OPTION, EACH, LIST_MODELS };
	static const struct option longopts[] = {
		{ "machines", required_argument, NULL, MACHINES_OPTION },
		{ "megawatts", required_argument, NULL, MEGAWATTS_OPTION },
		{ "each", no_argument, NULL, EACH },
		{ "list-models", no_argument, NULL, LIST_MODELS },
		REQUEST_OPTIONS, OPTS_ROWS, OPTS_COMMON
	};
	struct fleet_request request;
	const char *megawatts = NULL;
	int64_t machines = 0;
	bool each = false, list = false;
	int c;

	tool_begin(argc, argv);
	request_begin(&request);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case MACHINES_OPTION:  machines = opts_number("--machines", optarg, 1, 1000000000); break;
		case MEGAWATTS_OPTION:
			request_check_megawatts("--megawatts", optarg);
			megawatts = optarg;
			break;
		case EACH:	       each = true; break;
		case LIST_MODELS:      list = true; break;
		default:
			if (!request_option(c, &request))
				opts_common(c, help);
		}
	}
	if (list) {
		if (optind < argc)
			die(EX_USAGE, "%s: --list-models takes no operand; see --help", argv[optind]);
		question_list_models(&request.out);
		request_release(&request);
		return flush_stdout();
	}
	if (machines && megawatts)
		die(EX_USAGE, "--machines and --megawatts are both the size of the fleet: one of them");
	request_check(&request);
	answer(&request, machines, megawatts, each, argc - optind, argv + optind);
	request_release(&request);
	return flush_stdout();
}
