#include "calculation/stored_days_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calculation/digest.h"
#include "exact/energy.h"
#include "os/log.h"
#include "query/calculation-digests.h"

/* The order of the tables' own keys, so that no sort is needed. */
static const char records_sql[] =
	"copy (select settlement_date, settlement_period, farm_id, volume"
	"        from curtailment_records"
	"       where settlement_date between '%s' and '%s'"
	"       order by settlement_date, settlement_period, farm_id) to stdout";

static const char stored_sql[] =
	"copy (select " CALCULATION_COLUMNS
	"        from historical_bitcoin_calculations"
	"       where settlement_date = '%s'%s"
	"       order by settlement_date, settlement_period, farm_id, miner_model) to stdout";

static const char known_sql[] =
	"select least((select min(settlement_date) from curtailment_records),"
	"             (select min(settlement_date) from historical_bitcoin_calculations),"
	"             (select min(settlement_date) from ingested_periods)),"
	"       greatest((select max(settlement_date) from curtailment_records),"
	"                (select max(settlement_date) from historical_bitcoin_calculations),"
	"                (select max(settlement_date) from ingested_periods))";

/* $1 and $2 are the first and the last stored day, or null, $3 yesterday. */
static const char wanted_sql[] =
	"select d::date::text"
	"  from history h"
	" cross join generate_series(least($1::date, h.begins, lower(h.spans)),"
	"                            greatest($2::date,"
	"                                     case when not isempty(h.spans)"
	"                                          then least(upper(h.spans) - 1, $3::date) end,"
	"                                     case when $2::date is null"
	"                                           and exists (select from wanted_spans where kind = 'from')"
	"                                          then $3::date end), interval '1 day') d"
	" where d::date <@ h.wanted"
	" order by d";

/* What is stored of days that nobody wants is kept right all the same. */
static const char fetched_sql[] =
	"select settlement_date::text from ingested_periods group by settlement_date";

static const char first_stray_sql[] =
	"select least((select min(settlement_date) from curtailment_records"
	" where settlement_date between $1::date and $2::date),"
	"             (select min(settlement_date) from historical_bitcoin_calculations"
	"               where settlement_date between $1::date and $2::date))";

/* A condition that leaves the calculations of these models; their names are whatever the table holds. */
static void add_only(struct buf *condition, PGconn *db, const struct calculation_facts *only)
{
	buf_adds(condition, " and miner_model in (");
	for (size_t m = 0; m < only->n_models; m++) {
		const char *name = only->models[m].model.name;
		char *literal = PQescapeLiteral(db, name, strlen(name));

		if (!literal)
			die(EX_DATAERR, "miner model %s: %s", name, PQerrorMessage(db));
		buf_addf(condition, "%s%s", m ? ", " : "", literal);
		PQfreemem(literal);
	}
	buf_addc(condition, ')');
}

/* The digests of the calculations of these days. */
static PGresult *digests_of(PGconn *db, const char *from, const char *to, const struct calculation_facts *only)
{
	struct buf models = BUF_INIT;
	PGresult *res;

	if (only) {
		db_array_begin(&models);
		for (size_t m = 0; m < only->n_models; m++)
			db_array_add(&models, only->models[m].model.name);
		db_array_end(&models);
	}
	res = db_query(db, query_calculation_digests, DB_ARGS(from, to, only ? models.data : NULL));
	buf_release(&models);
	return res;
}

void days_open(struct days *d, PGconn *records, PGconn **stored, day_t from, day_t to,
	       const struct calculation_facts *only, struct day_proofs *proofs)
{
	*d = (struct days){ .records_db = records, .stored_db = stored, .condition = BUF_INIT, .only = only, .proofs = proofs,
			    .next = from, .last = to };
	if (only)
		add_only(&d->condition, records, only);
}

/* Of more days than these the digests are made while the server begins with the records; of fewer they are there sooner
 * than a second session would be. */
enum { FEW_DAYS = 7 };

/* Begin to read the days up to this one, none of which has a proof. */
static void begin_reading(struct days *d, day_t to)
{
	struct buf statement = BUF_INIT;
	char first[DAY_TEXT], last[DAY_TEXT];
	bool few = to - d->next < FEW_DAYS;

	buf_addf(&statement, records_sql, day_format(d->next, first), day_format(to, last));
	if (few)
		d->digests = digests_of(d->records_db, first, last, d->only);
	db_copy_out_begin(&d->records, d->records_db, statement.data);
	buf_release(&statement);
	if (!few)
		d->digests = digests_of(db_when_needed(d->stored_db), first, last, d->only);
	d->next_digest = 0;
	d->record = db_copy_out_next(&d->records);
	d->next = to + 1;
	d->reading = true;
}

static void end_reading(struct days *d)
{
	while (d->record)
		d->record = db_copy_out_next(&d->records);
	PQclear(d->digests);
	d->digests = NULL;
	d->reading = false;
}

/* A row begins with the date: ten bytes and a tab, whose order is that of the days. */
static bool is_of(const char *row, const char *day)
{
	return row && memcmp(row, day, DAY_TEXT - 1) == 0;
}

/* Read one record, "date period farm volume", and add its energy to the last pair or a new one. */
static void add_record(struct days *d, char *row, energy_t *energy)
{
	char *period = strchr(row, '\t'), *farm = period ? strchr(period + 1, '\t') : NULL;
	char *volume = farm ? strchr(farm + 1, '\t') : NULL;
	struct pair *pair = d->n_pairs ? &d->pairs[d->n_pairs - 1] : NULL;
	struct reason why = { .text = "" };
	energy_t more;
	int number;

	if (*d->unreadable.text)
		return;
	if (!volume)
		die(EX_SOFTWARE, "a stored record cannot be read: %.120s", row);
	*farm++ = *volume++ = '\0';
	number = (int)strtol(period + 1, NULL, 10);
	if (strchr(farm, '\\') || strlen(farm) >= FARM_TEXT) {
		reason_set(&d->unreadable, "the stored farm id %.140s of period %d is not a possible id", farm, number);
		return;
	}
	if (!energy_parse(volume, &more, &why)) {
		reason_set(&d->unreadable, "the stored volume of period %d, %s: %s", number, farm, why.text);
		return;
	}
	if (!pair || pair->period != number || strcmp(pair->farm, farm) != 0) {
		if (d->n_pairs == d->size) {
			d->size = d->size ? 2 * d->size : 4096;
			d->pairs = xrealloc(d->pairs, d->size * sizeof *d->pairs);
		}
		pair = &d->pairs[d->n_pairs++];
		pair->period = number;
		memcpy(pair->farm, farm, strlen(farm) + 1);
		*energy = 0;
	}
	if (!energy_add_magnitude(energy, more)) {
		reason_set(&d->unreadable, "the energy of period %d, %s does not fit", number, farm);
		return;
	}
	pair->nmwh = energy_round(*energy);
}

/* The next stored calculation of the day, as a comparison takes them; NULL when the day has no more. */
static const char *next_stored(void *source)
{
	struct days *d = source;

	return d->stored.db ? db_copy_out_next(&d->stored) : NULL;
}

/* The date of the next digest; NULL when there are no more. */
static const char *next_digest(const struct days *d)
{
	return d->next_digest < PQntuples(d->digests) ? PQgetvalue(d->digests, d->next_digest, 0) : NULL;
}

/* The next day of those that are being read. */
static bool next_read(struct days *d)
{
	energy_t energy = 0;
	const char *first = d->record, *stored = next_digest(d);

	if (!first || (stored && memcmp(stored, first, DAY_TEXT - 1) < 0))
		first = stored;
	if (!first)
		return false;
	snprintf(d->text, sizeof d->text, "%.10s", first);
	if (!day_parse(d->text, &d->day))
		die(EX_SOFTWARE, "a stored date cannot be read: %s", d->text);
	d->digest = is_of(stored, d->text) ? d->next_digest++ : -1;
	d->n_pairs = 0;
	d->n_records = 0;
	d->unreadable.text[0] = '\0';
	while (is_of(d->record, d->text)) {
		add_record(d, d->records.row, &energy);
		d->n_records++;
		d->record = db_copy_out_next(&d->records);
	}
	return true;
}

/* Step to the day of a proof; false if nothing is stored of it. */
static bool next_proved(struct days *d, const struct day_proof *proof)
{
	d->proof = proof;
	d->day = proof->day;
	day_format(d->day, d->text);
	d->next = d->day + 1;
	d->n_pairs = 0;
	return proof->records || proof->calculations;
}

bool days_next(struct days *d)
{
	const struct day_proof *proof;

	for (;;) {
		d->proof = NULL;
		if (d->reading && next_read(d))
			return true;
		if (d->reading)
			end_reading(d);
		if (d->next > d->last)
			return false;
		proof = d->proofs ? day_proofs_from(d->proofs, d->next) : NULL;
		if (!proof || proof->day > d->last)
			begin_reading(d, d->last);
		else if (proof->day > d->next)
			begin_reading(d, proof->day - 1);
		else if (next_proved(d, proof))
			return true;
	}
}

/* Compare each row of the day.  Where the digest knows of none, none is asked for. */
static bool compare_rows(struct days *d, const struct calculation_facts *facts, const struct comparison *comparison,
			 struct day_count *count, struct reason *why)
{
	struct buf statement = BUF_INIT;
	bool compared;

	log_debug("%s: calculations are compared one by one", d->text);
	if (d->digest >= 0) {
		buf_addf(&statement, stored_sql, d->text, d->condition.len ? d->condition.data : "");
		db_copy_out_begin(&d->stored, db_when_needed(d->stored_db), statement.data);
		buf_release(&statement);
	}
	compared = calculations_compare(facts, d->day, d->pairs, d->n_pairs, comparison, count, why);
	while (d->stored.row)
		next_stored(d);
	d->stored.db = NULL;
	return compared;
}

bool days_compare(struct days *d, const struct calculation_facts *facts,
		  void (*differs)(void *ctx, const struct difference_row *difference), void *ctx, struct day_count *count)
{
	const struct comparison comparison = { next_stored, d, differs, ctx };
	const long stored = d->proof || d->digest < 0 ? 0 : db_int(d->digests, d->digest, 1);
	const char *digest = d->proof || d->digest < 0 ? "0" : PQgetvalue(d->digests, d->digest, 2);
	struct reason why = d->unreadable;

	if (d->proof) {
		*count = (struct day_count){ .expected = d->proof->expected, .present = d->proof->expected,
					     .right = d->proof->expected };
		return true;
	}
	d->n_stored = stored;
	d->stored_digest = digest;
	if (!*why.text && (digest_matches(facts, d->day, d->pairs, d->n_pairs, stored, digest, count,
					     &d->required) ||
			   compare_rows(d, facts, &comparison, count, &why)))
		return true;
	log_error("%s: %s; the day is unchanged", d->text, why.text);
	d->left++;
	return false;
}

void days_close(struct days *d)
{
	end_reading(d);
	buf_release(&d->condition);
	free(d->pairs);
	d->pairs = NULL;
}

bool days_known(PGconn *db, day_t *from, day_t *to)
{
	PGresult *res = db_query(db, known_sql, DB_NO_ARGS);
	bool known = !PQgetisnull(res, 0, 0);

	if (known && (!day_parse(PQgetvalue(res, 0, 0), from) || !day_parse(PQgetvalue(res, 0, 1), to)))
		die(EX_DATAERR, "the database holds dates from %s to %s; they go from 1996 to 2099", PQgetvalue(res, 0, 0),
		    PQgetvalue(res, 0, 1));
	PQclear(res);
	return known;
}

static void add_days(struct day_set *days, PGresult *res)
{
	for (int i = 0; i < PQntuples(res); i++) {
		struct day_range one;

		if (!day_parse(PQgetvalue(res, i, 0), &one.from))
			die(EX_DATAERR, "the database holds the date %s; they go from 1996 to 2099", PQgetvalue(res, i, 0));
		one.to = one.from;
		day_set_add(days, one);
	}
	PQclear(res);
}

/* Of these days, which are neither wanted nor noted as fetched, those with records or calculations: mostly none,
 * which one question says of all of them. */
static void add_strays_between(PGconn *db, struct day_range left, struct day_set *days)
{
	char from[DAY_TEXT], to[DAY_TEXT], *stray;
	struct day_range one;

	while (left.from <= left.to) {
		stray = db_value(db, first_stray_sql, DB_ARGS(day_format(left.from, from), day_format(left.to, to)));
		if (!stray)
			return;
		if (!day_parse(stray, &one.from))
			die(EX_SOFTWARE, "a stored date cannot be read: %s", stray);
		free(stray);
		one.to = one.from;
		day_set_add(days, one);
		left.from = one.from + 1;
	}
}

static void add_strays(PGconn *db, struct day_range known, struct day_set *days)
{
	struct day_range left = { known.from, known.from };

	while (left.from <= known.to) {
		left.to = left.from;
		while (left.to <= known.to && (left.to >= DAYSET_DAYS || !days->wanted[left.to]))
			left.to++;
		if (left.to > left.from)
			add_strays_between(db, (struct day_range){ left.from, left.to - 1 }, days);
		left.from = left.to + 1;
	}
}

void days_add_wanted(PGconn *db, day_t yesterday, struct day_set *days)
{
	char first[DAY_TEXT], last[DAY_TEXT], end[DAY_TEXT];
	struct day_range known;
	bool any = days_known(db, &known.from, &known.to);

	if (any) {
		day_format(known.from, first);
		day_format(known.to, last);
	}
	add_days(days, db_query(db, wanted_sql, DB_ARGS(any ? first : NULL, any ? last : NULL, day_format(yesterday, end))));
	if (!any)
		return;
	add_days(days, db_query(db, fetched_sql, DB_NO_ARGS));
	add_strays(db, known, days);
}
