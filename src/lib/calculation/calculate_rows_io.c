#include "calculation/calculate_rows_io.h"

#include <stdio.h>
#include <stdlib.h>

#include "calculation/energy_sums_io.h"
#include "calculation/facts_db.h"
#include "cli/input.h"
#include "os/log.h"

/* Sum the input; a row that cannot be right, or that nothing can be calculated for, ends it all
 * before anything is printed. */
static struct pair_sums *read_records(const struct filter *f, const struct calculation_facts *facts)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", "farm_id", "volume", NULL };
	struct pair_sums *sums = pairs_new(0);
	struct period_inputs inputs;
	struct tsv_reader in;
	struct reason why;
	day_t day, known_day = 0;
	int period, known_period = 0;

	input_open_rows(&in, "-", columns, 4);
	while (input_row(&in)) {
		energy_t energy;

		input_curtailment(&in, columns, &day, &period, &energy);
		if ((day != known_day || period != known_period) &&
		    !calculation_inputs_given(facts, day, period, f->difficulty, f->subsidy, &inputs, &why))
			input_refuse(&in, "%s", why.text);
		known_day = day;
		known_period = period;
		if (!pairs_add(sums, day, period, in.value[2], energy, &why))
			die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "standard input, line %ld: %s", in.line_number, why.text);
	}
	if (!pairs_finish(sums, &why))
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	input_close_rows(&in);
	return sums;
}

/* One calculation as it is printed: without the columns of the model, which the reader knows. */
static void print_calculation(struct tsv_writer *out, day_t day, const struct pair *pair,
			      const struct miner_model *model, const struct period_inputs *inputs)
{
	char date[DAY_TEXT], mwh[NMWH_TEXT], btc[SATOSHI_TEXT];
	int64_t miners = btc_miners(pair->nmwh, model), satoshi;
	struct reason why;

	if (!btc_mined(miners, model, inputs->difficulty, inputs->subsidy, &satoshi, &why))
		die(EX_DATAERR, "%s, period %d, %s: %s", day_format(day, date), pair->period, pair->farm, why.text);
	tsv_plain(out, day_format(day, date));
	tsv_int(out, pair->period);
	tsv_text(out, pair->farm);
	tsv_text(out, model->name);
	tsv_plain(out, nmwh_format(pair->nmwh, mwh));
	tsv_int(out, miners);
	tsv_plain(out, inputs->difficulty_text);
	tsv_plain(out, inputs->subsidy_text);
	tsv_plain(out, satoshi_format(satoshi, btc));
	tsv_end_row(out);
}

void filter_rows(struct filter *f)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", "farm_id", "miner_model",
					       "curtailed_mwh", "miners", "difficulty", "subsidy", "bitcoin_mined", NULL };
	struct reference reference;
	struct calculation_facts facts;
	struct pair_sums *sums;
	struct period_inputs inputs;
	struct pair pair;
	struct reason why;
	day_t day, known_day = 0;
	int got, known_period = 0;

	reference_from_files(&reference, f->models_file, f->history_file);
	models_keep(&reference.models, &f->models,
		    f->models_file ? f->models_file : "the reference file; --models names another");
	facts = reference_facts(&reference);
	sums = read_records(f, &facts);
	tsv_begin(&f->out, stdout, columns);
	while ((got = pairs_next(sums, &day, &pair, &why)) > 0) {
		if (day != known_day || pair.period != known_period) {
			char date[DAY_TEXT];

			if (!calculation_inputs_given(&facts, day, pair.period, f->difficulty, f->subsidy, &inputs, &why))
				die(EX_DATAERR, "%s, period %d: %s", day_format(day, date), pair.period, why.text);
			known_day = day;
			known_period = pair.period;
		}
		for (size_t m = 0; m < facts.n_models; m++)
			if (facts.models[m].active || f->models.n)
				print_calculation(&f->out, day, &pair, &facts.models[m].model, &inputs);
	}
	if (got < 0)
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	pairs_free(sums);
	reference_release(&reference);
	tsv_release(&f->out);
}
