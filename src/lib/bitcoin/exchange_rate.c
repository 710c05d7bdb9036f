#include "bitcoin/exchange_rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plural.h"
#include "format/table.h"

const char *const rate_currency[RATE_CURRENCIES] = { "AUD", "CAD", "CHF", "GBP", "JPY", "USD" };

void exchange_rates_init(struct exchange_rates *rates, day_t tomorrow)
{
	*rates = (struct exchange_rates){ .tomorrow = tomorrow };
}

void exchange_rates_release(struct exchange_rates *rates)
{
	for (int i = 0; i < RATE_CURRENCIES; i++)
		price_history_release(&rates->of[i]);
}

void exchange_rates_add(struct exchange_rates *rates, int which, day_t day, const char *per_euro)
{
	price_history_add(&rates->of[which], day, per_euro);
}

int rate_currency_find(const char *code, size_t len)
{
	for (int i = 0; i < RATE_CURRENCIES; i++)
		if (len == 3 && strncmp(code, rate_currency[i], 3) == 0)
			return i;
	return -1;
}

/* One day, one rate -------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "2025-03-07", or "07 March 2025" as eurofxref.csv has it. */
static bool read_day(const char *text, day_t *day)
{
	static const char *const month[] = { "January", "February", "March", "April", "May", "June", "July", "August",
					     "September", "October", "November", "December" };
	char name[16], iso[DAY_TEXT + 16];
	int mday, year, end = 0;

	if (day_parse(text, day))
		return true;
	if (sscanf(text, "%2d %15[A-Za-z] %4d%n", &mday, name, &year, &end) != 3 || text[end] || mday < 1 || mday > 31 ||
	    year < 1999 || year > 2099)
		return false;
	for (int i = 0; i < 12; i++)
		if (strcmp(name, month[i]) == 0) {
			snprintf(iso, sizeof iso, "%04d-%02d-%02d", year, i + 1, mday);
			return day_parse(iso, day);
		}
	return false;
}

/* 1999-01-01 */
#define FIRST_EURO 10592

/* Was there a rate on such a day?  1970-01-01 was a Thursday. */
static bool check_day(const struct exchange_rates *rates, day_t day, struct reason *why)
{
	if (day >= rates->tomorrow)
		return reason_set(why, "in the future");
	if (day < FIRST_EURO)
		return reason_set(why, "before the euro");
	if ((day + 3) % 7 >= 5)
		return reason_set(why, "a weekend, and the bank publishes nothing then");
	return true;
}

/* Add one rate of a document, or note what is odd about it; where says where it stands. */
static void read_rate(struct exchange_rates *rates, int which, const char *date, const char *rate, const char *where,
		      struct oddities *odd)
{
	char per_euro[PRICE_TEXT];
	struct reason why;
	day_t day;

	odd->rows++;
	if (!read_day(date, &day))
		oddities_note(odd, "%s: %.40s is not a date", where, date);
	else if (!check_day(rates, day, &why))
		oddities_note(odd, "%s, %s: %s", where, date, why.text);
	else if (!price_parse(rate, per_euro, &why))
		oddities_note(odd, "%s, %s %s: %.40s is not a rate", where, date, rate_currency[which], rate);
	else
		exchange_rates_add(rates, which, day, per_euro);
}

static bool refuse_euro(struct reason *why)
{
	return reason_answer(why, ANSWER_OTHER, "it has a rate for EUR: its rates are not those of one euro");
}

/* XML ------------------------------------------------------------------------------------------ */

/* What is read of a document so far. */
struct document {
	const char *at, *end;
	char date[DAY_TEXT + 16];	/* of the Cube at hand, "" before the first */
	bool begun, ended;		/* the Envelope */
	long cube;			/* counted, for messages */
};

/* The value of an attribute of the tag, into text; false if it is absent or longer than that. */
static bool attribute(const char *tag, size_t len, const char *name, char *text, size_t size)
{
	size_t n = strlen(name);

	for (size_t i = 1; i + n < len; i++) {
		const char *from, *to, *at = tag + i + n;
		const char *end = tag + len;

		if (!is_space(tag[i - 1]) || strncmp(tag + i, name, n) != 0)
			continue;
		while (at < end && is_space(*at))
			at++;
		if (at == end || *at++ != '=')
			continue;
		while (at < end && is_space(*at))
			at++;
		if (at == end || (*at != '\'' && *at != '"'))
			return false;
		from = at + 1;
		to = memchr(from, *at, (size_t)(end - from));
		if (!to || (size_t)(to - from) >= size)
			return false;
		memcpy(text, from, (size_t)(to - from));
		text[to - from] = '\0';
		return true;
	}
	return false;
}

/* Is this what the tag is called, whatever its prefix? */
static bool is_called(const char *tag, size_t len, const char *name)
{
	size_t n = 0, from = 0;

	while (n < len && !is_space(tag[n]) && tag[n] != '/')
		if (tag[n++] == ':')
			from = n;
	return n - from == strlen(name) && strncmp(tag + from, name, n - from) == 0;
}

static bool read_cube(struct exchange_rates *rates, struct document *d, const char *tag, size_t len,
		      struct oddities *odd, struct reason *why)
{
	char code[8], rate[64], where[48];
	int which;

	d->cube++;
	if (!attribute(tag, len, "currency", code, sizeof code)) {
		if (!attribute(tag, len, "time", d->date, sizeof d->date))
			*d->date = '\0';
		return true;
	}
	if (strcmp(code, "EUR") == 0)
		return refuse_euro(why);
	which = rate_currency_find(code, strlen(code));
	if (which < 0)
		return true;
	if (!attribute(tag, len, "rate", rate, sizeof rate))
		*rate = '\0';
	snprintf(where, sizeof where, "Cube %ld", d->cube);
	read_rate(rates, which, d->date, rate, where, odd);
	return true;
}

/* The next tag: what stands between < and >, comments left out; false at the end, or where one does not end. */
static bool next_tag(struct document *d, const char **tag, size_t *len)
{
	while ((d->at = memchr(d->at, '<', (size_t)(d->end - d->at))) != NULL) {
		const char *from = ++d->at;

		if (d->end - from >= 3 && strncmp(from, "!--", 3) == 0) {
			while (d->end - d->at >= 3 && strncmp(d->at, "-->", 3) != 0)
				d->at++;
			continue;
		}
		d->at = memchr(from, '>', (size_t)(d->end - from));
		if (!d->at)
			return false;
		*tag = from;
		*len = (size_t)(d->at - from);
		return true;
	}
	return false;
}

bool exchange_rates_read_xml(struct exchange_rates *rates, const char *body, size_t len, struct oddities *odd,
			     struct reason *why)
{
	struct document d = { .at = body, .end = body + len };
	size_t before = odd->rows;
	const char *tag;
	size_t n;

	while (!d.ended && next_tag(&d, &tag, &n)) {
		if (is_called(tag, n, "Envelope"))
			d.begun = true;
		else if (n > 0 && tag[0] == '/' && is_called(tag + 1, n - 1, "Envelope"))
			d.ended = true;
		else if (d.begun && is_called(tag, n, "Cube") && !read_cube(rates, &d, tag, n, odd, why))
			return false;
	}
	if (!d.begun)
		return reason_answer(why, ANSWER_OTHER, "not the reference rates of the European Central Bank: it has no Envelope");
	if (!d.ended)
		return reason_answer(why, ANSWER_CUT, "it ends before its Envelope does");
	if (odd->rows == before)
		return reason_set(why, "it has no rates");
	return true;
}

/* Tables ----------------------------------------------------------------------------------------- */

/* Where the columns of a table stand, -1 for those that do not. */
struct columns {
	int date, currency, per_euro, of[RATE_CURRENCIES];
};

/* A field, "" where it is null or absent. */
static const char *field(const struct table *t, int at)
{
	return at >= 0 && at < t->n_fields && t->field[at] ? t->field[at] : "";
}

static bool find_columns(const struct table *t, struct columns *c, struct reason *why)
{
	int n = 0, which;

	*c = (struct columns){ -1, -1, -1, { -1, -1, -1, -1, -1, -1 } };
	for (int i = 0; i < t->n_fields; i++) {
		const char *name = field(t, i);

		if (strcmp(name, "Date") == 0 || strcmp(name, "rate_date") == 0)
			c->date = i;
		else if (strcmp(name, "currency") == 0)
			c->currency = i;
		else if (strcmp(name, "per_euro") == 0)
			c->per_euro = i;
		else if (strcmp(name, "EUR") == 0)
			return refuse_euro(why);
		else if ((which = rate_currency_find(name, strlen(name))) >= 0) {
			c->of[which] = i;
			n++;
		}
	}
	if (c->date < 0)
		return reason_answer(why, ANSWER_OTHER, "not reference rates: it has no column Date (or rate_date)%s",
				     t->n_fields == 1 && strchr(field(t, 0), ';') ? "; tabs or commas separate the columns, not semicolons" : "");
	if (n == 0 && (c->currency < 0 || c->per_euro < 0))
		return reason_answer(why, ANSWER_OTHER, "not reference rates: it has no column of a currency, such as GBP");
	return true;
}

/* A line of rates; N/A and nothing are none. */
static bool read_line(struct exchange_rates *rates, const struct table *t, const struct columns *c,
		      struct oddities *odd, struct reason *why)
{
	char where[32];

	snprintf(where, sizeof where, "line %ld", t->line);
	if (c->currency >= 0) {
		const char *code = field(t, c->currency);
		int which = rate_currency_find(code, strlen(code));

		if (strcmp(code, "EUR") == 0)
			return refuse_euro(why);
		if (which >= 0)
			read_rate(rates, which, field(t, c->date), field(t, c->per_euro), where, odd);
		return true;
	}
	for (int i = 0; i < RATE_CURRENCIES; i++) {
		const char *rate = field(t, c->of[i]);

		if (*rate && strcmp(rate, "N/A") != 0)
			read_rate(rates, i, field(t, c->date), rate, where, odd);
	}
	return true;
}

bool exchange_rates_read_table(struct exchange_rates *rates, FILE *in, struct oddities *odd, struct reason *why)
{
	size_t before = odd->rows;
	struct columns columns;
	struct table table;
	int got = table_open(&table, in, why) && find_columns(&table, &columns, why) ? 1 : -1;

	while (got > 0 && (got = table_next(&table, why)) > 0) {
		if (table_has_nothing(&table))
			continue;
		if (table.n_fields != table.n_header) {
			odd->rows++;
			oddities_note(odd, "line %ld: %d %s, and the header has %d", table.line, table.n_fields,
				      plural(table.n_fields, "field", "fields"), table.n_header);
		} else if (!read_line(rates, &table, &columns, odd, why)) {
			got = -1;
		}
	}
	table_close(&table);
	if (got < 0)
		return false;
	if (odd->rows == before)
		return reason_set(why, "it has no rates");
	return true;
}

/* On which side of 1 the rates of a currency have been since 1999; a franc and a dollar have been on both. */
static const int side_of_one[RATE_CURRENCIES] = { 1, 1, 0, -1, 1, 0 };

/* Do the rates say how many euros one unit bought?  Most currencies decide, as one may cross. */
static bool are_turned_over(const struct exchange_rates *rates, struct reason *why)
{
	int turned = 0, upright = 0, first = -1;

	for (int i = 0; i < RATE_CURRENCIES; i++) {
		const struct price_history *h = &rates->of[i];
		size_t beyond = 0;

		if (!h->n || !side_of_one[i])
			continue;
		for (size_t k = 0; k < h->n; k++)
			beyond += (strtod(h->rows[k].price, NULL) - 1) * side_of_one[i] < 0;
		if (2 * beyond <= h->n) {
			upright++;
		} else if (turned++ == 0) {
			first = i;
		}
	}
	if (turned <= upright)
		return false;
	reason_set(why, "one euro has always bought %s than one %s, and most of these rates say otherwise: are they how many "
		   "euros one %s bought?", side_of_one[first] > 0 ? "more" : "less", rate_currency[first], rate_currency[first]);
	return true;
}

/* What one euro has bought since 1999; in years to come it may buy RATE_ROOM times less, or more. */
static const struct {
	double least, most;
} bought[RATE_CURRENCIES] = { { 1.1, 2.1 }, { 1.2, 1.9 }, { 0.9, 1.7 }, { 0.56, 1 }, { 88, 200 }, { 0.82, 1.6 } };
#define RATE_ROOM 5

/* False, with the reason, if most of a currency's rates cannot be: of a hundred yen, in pence, or turned over alone. */
static bool drop_impossible(struct exchange_rates *rates, int which, struct oddities *odd, struct reason *why)
{
	struct price_history *h = &rates->of[which];
	char date[DAY_TEXT];
	size_t kept = 0, n = h->n;

	for (size_t i = 0; i < n; i++) {
		double rate = strtod(h->rows[i].price, NULL);

		if (RATE_ROOM * rate >= bought[which].least && rate <= RATE_ROOM * bought[which].most)
			h->rows[kept++] = h->rows[i];
		else
			oddities_note(odd, "%s: one euro does not buy %s %s", day_format(h->rows[i].day, date), h->rows[i].price,
				      rate_currency[which]);
	}
	h->n = kept;
	return 2 * kept >= n || reason_set(why, "one euro has always bought between %g and %g %s, and most of these rates say "
					   "otherwise: are they of another unit?", bought[which].least, bought[which].most,
					   rate_currency[which]);
}

bool exchange_rates_settle(struct exchange_rates *rates, struct oddities *odd, struct reason *why)
{
	for (int i = 0; i < RATE_CURRENCIES; i++) {
		price_history_sort(&rates->of[i], rate_currency[i], odd);
		price_history_drop_absurd(&rates->of[i], RATE_JUMP, rate_currency[i], odd);
	}
	if (oddities_prevail(odd, why) || are_turned_over(rates, why))
		return false;
	for (int i = 0; i < RATE_CURRENCIES; i++) {
		if (!drop_impossible(rates, i, odd, why))
			return false;
		price_history_note_leaps(&rates->of[i], RATE_JUMP, rate_currency[i], odd);
	}
	return !oddities_prevail(odd, why);
}
