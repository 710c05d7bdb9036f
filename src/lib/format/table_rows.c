#include "format/table_rows.h"

#include <string.h>

#include "base/plural.h"

/* Note where the wanted columns stand in the header at hand. */
static bool find_columns(struct table_rows *r, const char *const *wanted, int n_needed, struct reason *why)
{
	for (r->n_wanted = 0; wanted[r->n_wanted] && r->n_wanted < TABLE_ROWS_WANTED; r->n_wanted++)
		r->field_of[r->n_wanted] = -1;
	for (int field = 0; field < r->table.n_fields; field++)
		for (int i = 0; i < r->n_wanted; i++) {
			if (!r->table.field[field] || strcmp(r->table.field[field], wanted[i]) != 0)
				continue;
			if (r->field_of[i] >= 0)
				return reason_set(why, "%s: the column %s occurs twice in the header", r->name, wanted[i]);
			r->field_of[i] = field;
		}
	for (int i = 0; i < n_needed; i++)
		if (r->field_of[i] < 0)
			return reason_set(why, "%s: the header has no column %s%s", r->name, wanted[i],
					  r->table.n_fields == 1 && r->table.field[0] && strchr(r->table.field[0], ';') ?
					  "; tabs or commas separate the columns, not semicolons" : "");
	return true;
}

bool table_rows_open(struct table_rows *r, FILE *in, const char *name, const char *const *wanted, int n_needed,
		     struct reason *why)
{
	struct reason inner;

	*r = (struct table_rows){ .name = name };
	if (!table_open(&r->table, in, &inner))
		return reason_set(why, "%s: %.200s", name, inner.text);
	return find_columns(r, wanted, n_needed, why);
}

int table_rows_next(struct table_rows *r, struct reason *why)
{
	struct reason inner;
	int got;

	do {
		got = table_next(&r->table, &inner);
	} while (got > 0 && table_has_nothing(&r->table) && r->table.n_header > 1);
	if (got < 0)
		reason_set(why, "%s, %.200s", r->name, inner.text);
	if (got <= 0)
		return got;
	if (r->table.n_fields != r->table.n_header) {
		reason_set(why, "%s, line %ld: %d %s where the header has %d", r->name, r->table.line, r->table.n_fields,
			   plural(r->table.n_fields, "field", "fields"), r->table.n_header);
		return -1;
	}
	for (int i = 0; i < r->n_wanted; i++)
		r->value[i] = r->field_of[i] >= 0 ? r->table.field[r->field_of[i]] : NULL;
	return 1;
}

void table_rows_close(struct table_rows *r)
{
	table_close(&r->table);
}
