#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/log.h"
#include "query/site-day-half-hours.h"
#include "site/pages_db.h"
#include "site/picture_io.h"

/* Columns of site-day-half-hours.sql. */
enum { STATUS = 3, MWH };

/* Where the half hours stand in the drawing. */
enum { LEFT = 60, WIDTH = 1080, FLOOR = 570, HEIGHT = 170 };

static void add_text(struct buf *out, int x, int y, int size, const char *more)
{
	buf_addf(out, "<text x=\"%d\" y=\"%d\" font-size=\"%d\"%s>", x, y, size, more);
}

static void draw_half_hours(struct buf *out, const PGresult *half_hours)
{
	int n = PQntuples(half_hours);
	double most = 0, slot = (double)WIDTH / (n > 0 ? n : 1);

	for (int i = 0; i < n; i++)
		most = svg_value(db_text(half_hours, i, MWH)) > most ? svg_value(db_text(half_hours, i, MWH)) : most;
	buf_adds(out, "<g fill=\"#2b7a9b\">");
	for (int i = 0; i < n; i++) {
		double height = most > 0 ? HEIGHT * svg_value(db_text(half_hours, i, MWH)) / most : 0;
		bool sure = strcmp(PQgetvalue(half_hours, i, STATUS), "final") == 0;

		if (height > 0)
			buf_addf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"%s/>", LEFT + slot * i, FLOOR - height,
				 slot * 0.8, height, sure ? "" : " fill-opacity=\".5\"");
	}
	buf_addf(out, "</g>\n<path stroke=\"#1a2126\" stroke-width=\"2\" d=\"M%d %dh%d\"/>\n", LEFT, FLOOR, WIDTH);
}

/* The card of a day, of the size that sites show (1200 by 630): its date, its state in words, its figures and half
 * hours. */
static void draw(struct site_data *data, int row, const char *key, struct buf *out)
{
	const PGresult *days = data->days;
	const char *date = PQgetvalue(days, row, DAY_DATE), *state = PQgetvalue(days, row, DAY_STATE);
	PGresult *half_hours = db_query(data->db, query_site_day_half_hours, DB_ARGS(date));

	buf_adds(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1200 630\" width=\"1200\" height=\"630\" "
		      "font-family=\"Noto Sans, Liberation Sans, DejaVu Sans, sans-serif\" fill=\"#1a2126\">");
	buf_addf(out,
		 "<metadata name=\"windfall-key\" content=\"%s\"/>\n<rect width=\"1200\" height=\"630\" fill=\"#fbfbf9\"/>\n", key);
	add_text(out, LEFT, 100, 46, " font-weight=\"700\"");
	html_date(out, date);
	buf_adds(out, "</text>\n");
	add_text(out, LEFT + WIDTH, 100, 34,
		 strcmp(state, "final") == 0 ? " text-anchor=\"end\" fill=\"#1d6b3a\"" : " text-anchor=\"end\" fill=\"#9c1f1f\"");
	buf_addf(out, "%s</text>\n", strcmp(state, "not_complete") == 0 ? "not complete" : state);
	add_text(out, LEFT, 230, 68, " font-weight=\"700\"");
	html_energy_text(out, db_text(days, row, DAY_MWH));
	buf_adds(out, "</text>\n");
	add_text(out, LEFT, 280, 32, " fill=\"#55616a\"");
	buf_adds(out, "of wind power turned down</text>\n");
	add_text(out, 560, 230, 68, " font-weight=\"700\"");
	html_money(out, db_text(days, row, DAY_PAYMENT));
	buf_adds(out, "</text>\n");
	add_text(out, 560, 280, 32, " fill=\"#55616a\"");
	buf_adds(out, "paid to the farms</text>\n");
	draw_half_hours(out, half_hours);
	add_text(out, LEFT, 610, 24, " fill=\"#55616a\"");
	buf_adds(out, "Half hour by half hour</text>\n");
	add_text(out, LEFT + WIDTH, 610, 24, " text-anchor=\"end\" fill=\"#55616a\"");
	buf_adds(out, "Windfall · contains BMRS data © Elexon Limited</text>\n</svg>\n");
	PQclear(half_hours);
}

static void has_card(void *ctx, size_t row)
{
	struct site_data *data = ctx;

	data->has_card[row] = true;
}

bool pages_all_cards(const struct site_data *data)
{
	bool all = true;

	for (int row = 0; strcmp(data->cards, "drawn") == 0 && row < PQntuples(data->days); row++)
		all = all && data->has_card[row];
	return all;
}

void pages_cards(struct site_data *data)
{
	int n = PQntuples(data->days);
	struct pictures pictures;
	bool begun = false;

	data->has_card = xmalloc((size_t)(n + 1) * sizeof *data->has_card);
	memset(data->has_card, 0, (size_t)(n + 1) * sizeof *data->has_card);
	if (strcmp(data->cards, "drawn") != 0)
		return;
	for (int row = 0; row < n; row++) {
		char key[65], name[32], file[40];
		struct buf drawing = BUF_INIT;

		pages_key(data, row, row + 1, "card", key);
		snprintf(name, sizeof name, "card/%s", PQgetvalue(data->days, row, DAY_DATE));
		snprintf(file, sizeof file, "%s.png", name);
		if (site_keep(data->site, file)) {
			snprintf(file, sizeof file, "%s.svg", name);
			data->has_card[row] = site_has(data->site, file, key, false);
		}
		if (data->has_card[row])
			continue;
		if (!begun)
			pictures_begin(&pictures, data->site, has_card, data);
		begun = true;
		draw(data, row, key, &drawing);
		pictures_make(&pictures, name, (size_t)row, &drawing);
	}
	if (begun)
		pictures_end(&pictures);
}
