#include "site/html.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "exact/calendar.h"
#include "exact/decimal.h"
#include "format/page.h"
#include "site/style.h"

/* Text ------------------------------------------------------------------------------------------- */

static void add_escaped(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (text[i]) {
		case '&':  buf_adds(out, "&amp;"); break;
		case '<':  buf_adds(out, "&lt;"); break;
		case '>':  buf_adds(out, "&gt;"); break;
		case '"':  buf_adds(out, "&quot;"); break;
		case '\'': buf_adds(out, "&#39;"); break;
		default:   buf_addc(out, text[i]);
		}
}

void html_short(struct buf *out, const char *text, size_t most)
{
	struct buf clean = BUF_INIT;

	if (!text)
		return;
	text_clean(&clean, text, strlen(text));
	if (clean.len > most)
		text_cut(&clean, most);
	add_escaped(out, clean.data ? clean.data : "", clean.len);
	buf_release(&clean);
}

void html_text(struct buf *out, const char *text)
{
	html_short(out, text, (size_t)-1);
}

void html_json_string(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT;

	text_clean(&clean, text, strlen(text));
	buf_addc(out, '"');
	for (size_t i = 0; i < clean.len; i++) {
		if (strchr("\"\\", clean.data[i]))
			buf_addc(out, '\\');
		buf_addc(out, clean.data[i] == '\n' || clean.data[i] == '\t' ? ' ' : clean.data[i]);
	}
	buf_addc(out, '"');
	buf_release(&clean);
}

/* Numbers ---------------------------------------------------------------------------------------- */

void html_number(struct buf *out, const char *value, int places)
{
	struct reason why;
	struct decimal d;

	if (!value) {
		buf_adds(out, "–");
		return;
	}
	decimal_init(&d);
	if (decimal_parse_text(&d, value, DECIMAL_EXPONENT, &why))
		people_number(&d, places, out);
	else
		html_text(out, value);
	decimal_release(&d);
}

static void begin_figure(struct buf *out, const char *tag, const char *class, const char *name, const char *value)
{
	buf_addf(out, "<%s%s data-figure=\"%s\" data-value=\"", tag, class, name);
	html_text(out, value);
	buf_adds(out, "\">");
}

/* The sign stands before the unit. */
static void add_amount(struct buf *out, const char *value, int places, const char *before, const char *after)
{
	if (value && *value == '-' && *before) {
		buf_adds(out, "−");
		value++;
	}
	if (value)
		buf_adds(out, before);
	html_number(out, value, places);
	if (value)
		buf_adds(out, after);
}

void html_figure(struct buf *out, const char *name, const char *value, int places, const char *before,
		 const char *after)
{
	begin_figure(out, "span", "", name, value);
	add_amount(out, value, places, before, after);
	buf_adds(out, "</span>");
}

void html_money(struct buf *out, const char *value)
{
	add_amount(out, value, 2, "£", "");
}

void html_energy_text(struct buf *out, const char *mwh)
{
	static const struct { long above; int shift; const char *unit; } scale[] = {
		{ 1000000, 6, " TWh" }, { 1000, 3, " GWh" }, { 0, 0, " MWh" },
	};
	struct decimal d;
	struct reason why;

	decimal_init(&d);
	if (mwh && decimal_parse_text(&d, mwh, DECIMAL_PLAIN, &why))
		for (int i = 0; i < 3; i++) {
			if (i < 2 && decimal_cmp_int(&d, scale[i].above, 0) < 0)
				continue;
			d.scale += scale[i].shift;
			people_number(&d, i == 2 ? 3 : 2, out);
			buf_adds(out, scale[i].unit);
			break;
		}
	else
		buf_adds(out, "–");
	decimal_release(&d);
}

void html_energy(struct buf *out, const char *name, const char *mwh)
{
	begin_figure(out, "span", "", name, mwh);
	html_energy_text(out, mwh);
	buf_adds(out, "</span>");
}

void html_date(struct buf *out, const char *date)
{
	static const char *const weekdays[] = { "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday" };
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
					      "September", "October", "November", "December" };
	int year, month, mday;
	char whole[DAY_TEXT];
	day_t day;

	if (strlen(date) == 7) {
		snprintf(whole, sizeof whole, "%s-01", date);
		if (day_parse(whole, &day)) {
			day_to_civil(day, &year, &month, &mday);
			buf_addf(out, "%s %d", months[month - 1], year);
			return;
		}
	} else if (day_parse(date, &day)) {
		day_to_civil(day, &year, &month, &mday);
		buf_addf(out, "%s %d %s %d", weekdays[day % 7], mday, months[month - 1], year);
		return;
	}
	html_text(out, date);
}

bool html_percent_change(struct decimal *percent, const char *now, const char *before, long places)
{
	struct decimal old, hundred;
	struct reason why;
	bool known;

	decimal_init(&old);
	decimal_init(&hundred);
	decimal_set_int(&hundred, 100, 0);
	known = now && before && decimal_parse_text(percent, now, DECIMAL_PLAIN, &why) &&
		decimal_parse_text(&old, before, DECIMAL_PLAIN, &why) && decimal_sign(&old) > 0;
	if (known) {
		decimal_sub(percent, percent, &old);
		decimal_mul(percent, percent, &hundred);
		decimal_div(percent, percent, &old, places);
	}
	decimal_release(&old);
	decimal_release(&hundred);
	return known;
}

bool html_change(struct buf *out, const char *now, const char *before)
{
	struct decimal change;
	bool known;

	decimal_init(&change);
	known = html_percent_change(&change, now, before, 1);
	if (known && decimal_sign(&change) == 0)
		buf_adds(out, "as much as");
	else if (known) {
		const char *word = decimal_sign(&change) > 0 ? "more" : "less";

		decimal_abs(&change, &change);
		people_number(&change, 1, out);
		buf_addf(out, " %% %s than", word);
	}
	decimal_release(&change);
	return known;
}

void html_state(struct buf *out, const char *state)
{
	buf_addf(out, "<span class=\"badge %s\" data-figure=\"state\" data-value=\"%s\">%s</span>", state, state,
		 strcmp(state, "not_complete") == 0 ? "not complete" : state);
}

/* Pages ------------------------------------------------------------------------------------------ */

static const struct { const char *file, *name; } menu[] = {
	{ "index.html", "Overview" }, { "days.html", "Days" }, { "farms.html", "Farms" }, { "owners.html", "Owners" },
	{ "mining.html", "Mining" }, { "ledger.html", "Ledger" }, { "state.html", "State of the data" },
};

/* What is shown of a page where its address is passed on (https://ogp.me/). */
static void add_share(struct buf *out, const char *title, const char *description, const struct html_share *share)
{
	bool placed = share && *share->base, picture = placed && share->picture;

	buf_adds(out,
		 "<meta property=\"og:type\" content=\"article\">\n<meta property=\"og:site_name\" content=\"Windfall\">\n"
		      "<meta property=\"og:locale\" content=\"en_GB\">\n<meta property=\"og:title\" content=\"");
	html_text(out, title);
	buf_adds(out, "\">\n<meta property=\"og:description\" content=\"");
	html_text(out, description);
	buf_adds(out, "\">\n");
	if (placed && share->page) {
		buf_adds(out, "<meta property=\"og:url\" content=\"");
		html_text(out, share->base);
		buf_addf(out, "%s\">\n", share->page);
	}
	if (picture) {
		buf_adds(out, "<meta property=\"og:image\" content=\"");
		html_text(out, share->base);
		buf_addf(out, "%s\">\n<meta property=\"og:image:type\" content=\"image/png\">\n"
			      "<meta property=\"og:image:width\" content=\"1200\">\n"
			 "<meta property=\"og:image:height\" content=\"630\">\n<meta property=\"og:image:alt\" content=\"", share->picture);
		html_text(out, title);
		buf_adds(out, ": ");
		html_text(out, description);
		buf_adds(out, "\">\n");
	}
	buf_addf(out, "<meta name=\"twitter:card\" content=\"%s\">\n", picture ? "summary_large_image" : "summary");
}

void html_begin(struct html_page *page, const char *up, const char *key, const char *title, const char *description,
		const char *where, const struct html_share *share)
{
	struct buf *out = &page->out;

	*page = (struct html_page){ .out = BUF_INIT, .up = up };
	buf_adds(out, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	if (key)
		buf_addf(out, "<meta name=\"windfall-key\" content=\"%s\">\n", key);
	buf_adds(out, "<meta name=\"generator\" content=\"Windfall " WINDFALL_VERSION "\">\n<title>");
	html_text(out, title);
	buf_adds(out, " – Windfall</title>\n<meta name=\"description\" content=\"");
	html_text(out, description);
	buf_adds(out, "\">\n");
	add_share(out, title, description, share);
	buf_addf(out,
		 "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Days and findings\" href=\"%sfeed.xml\">\n"
		 "<link rel=\"icon\" href=\"data:,\">\n<style>%s</style>\n</head>\n<body>\n"
		 "<a class=\"skip\" href=\"#main\">To the content</a>\n<header><b><a href=\"%sindex.html\">Windfall</a></b>\n"
		 "<nav aria-label=\"Pages\"><ul>", up, site_style, up);
	for (size_t i = 0; i < sizeof menu / sizeof *menu; i++)
		buf_addf(out, "<li><a href=\"%s%s\"%s>%s</a></li>", up, menu[i].file,
			 strcmp(menu[i].name, where) == 0 ? " aria-current=\"true\"" : "", menu[i].name);
	buf_adds(out, "</ul></nav></header>\n<main id=\"main\">\n<h1>");
	html_text(out, title);
	buf_adds(out, "</h1>\n");
}

void html_end(struct html_page *page)
{
	buf_addf(&page->out, "</main>\n<footer>\n"
		 "<p><b>How it is counted.</b> Great Britain’s electricity system operator pays wind farms to turn down when the "
		 "grid cannot carry their power. Each half hour’s accepted bids of wind units, flagged by the operator as for the "
		 "system, are added up from Elexon’s settlement stacks: the energy is the volume, the payment is volume × original "
		 "bid price, positive when the farm is paid. Days are London’s, with 46, 48 or 50 half hours. The bitcoin figure is "
		 "what <em>all</em> of that energy would have mined, half hour by half hour, with the difficulty and the subsidy of "
		 "that time: the machines would have been a large part of the whole network, and so many more would have raised the "
		 "difficulty, so nobody could have earned it all. Fees are not counted.</p>\n"
		 "<p>Contains BMRS data © Elexon Limited copyright and database right. The places of farms are from the Renewable "
		 "Energy Planning Database (Open Government Licence v3.0); the outline of Great Britain is from Natural Earth "
		 "(public domain). Figures for programs: <a href=\"%ssummary.json\">summary.json</a>; news: "
		 "<a href=\"%sfeed.xml\">Atom feed</a>.</p>\n"
		 "</footer>\n", page->up, page->up);
	if (page->n_tables > 0)
		buf_addf(&page->out, "<script>%s</script>\n", site_script);
	buf_adds(&page->out, "</body>\n</html>\n");
}

void html_section(struct html_page *page, const char *id, const char *heading)
{
	buf_addf(&page->out, "<section id=\"%s\">\n<h2>", id);
	html_text(&page->out, heading);
	buf_adds(&page->out, "</h2>\n");
}

void html_section_end(struct html_page *page)
{
	buf_adds(&page->out, "</section>\n");
}

/* Tables ----------------------------------------------------------------------------------------- */

void html_table(struct html_page *page, const char *caption, const char *headings)
{
	struct buf *out = &page->out;

	page->n_tables++;
	buf_adds(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	html_text(out, caption);
	buf_adds(out, "\"><table><caption><span>");
	html_text(out, caption);
	buf_adds(out, "</span></caption>\n<thead><tr>");
	for (const char *at = headings; ; at++) {
		size_t len = strcspn(at, "|");
		bool number = *at == '#';

		buf_addf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
		add_escaped(out, at + number, len - number);
		buf_adds(out, "</th>");
		at += len;
		if (!*at)
			break;
	}
	buf_adds(out, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct html_page *page)
{
	buf_adds(&page->out, "</tbody></table></div>\n");
}

void html_row(struct html_page *page)
{
	buf_adds(&page->out, "<tr>");
}

void html_row_end(struct html_page *page)
{
	buf_adds(&page->out, "</tr>\n");
}

void html_cell(struct html_page *page, const char *text)
{
	enum { SHORT = 16 };		/* a word, which needs no room to wrap in */

	buf_adds(&page->out, text && strlen(text) > SHORT ? "<td class=\"t\">" : "<td>");
	html_short(&page->out, text, 400);
	buf_adds(&page->out, "</td>");
}

static void add_link(struct html_page *page, const char *folder, const char *name, const char *text)
{
	if (folder)
		buf_addf(&page->out, "<a href=\"%s%s%s.html\">", page->up, folder, name);
	html_short(&page->out, text, 400);
	if (folder)
		buf_adds(&page->out, "</a>");
}

void html_cell_link(struct html_page *page, const char *folder, const char *name, const char *text)
{
	buf_adds(&page->out, "<td>");
	add_link(page, folder, name, text);
	buf_adds(&page->out, "</td>");
}

void html_row_head(struct html_page *page, const char *folder, const char *name, const char *text)
{
	buf_adds(&page->out, "<tr><th scope=\"row\">");
	add_link(page, folder, name, text);
	buf_adds(&page->out, "</th>");
}

void html_cell_figure(struct html_page *page, const char *name, const char *value, int places)
{
	begin_figure(&page->out, "td", " class=\"n\"", name, value);
	html_number(&page->out, value, places);
	buf_adds(&page->out, "</td>");
}

void html_cell_change(struct html_page *page, const char *name, const char *value, int places)
{
	begin_figure(&page->out, "td", " class=\"n\"", name, value);
	if (value && *value == '-')
		buf_adds(&page->out, "−");
	else if (value && strspn(value, "0.") < strlen(value))
		buf_addc(&page->out, '+');
	html_number(&page->out, value && *value == '-' ? value + 1 : value, places);
	buf_adds(&page->out, "</td>");
}

void html_cell_instant(struct html_page *page, const char *instant)
{
	buf_adds(&page->out, "<td class=\"t\">");
	if (strlen(instant) == strlen("2026-11-29T12:00:00Z"))
		buf_addf(&page->out, "%.10s %.5s UTC", instant, instant + 11);
	else
		html_text(&page->out, instant);
	buf_adds(&page->out, "</td>");
}

void html_card(struct html_page *page, const char *name)
{
	buf_adds(&page->out, "<div class=\"card\"><p class=\"k\">");
	html_text(&page->out, name);
	buf_adds(&page->out, "</p><div class=\"v\">");
}

void html_card_end(struct html_page *page, const char *note)
{
	buf_adds(&page->out, "</div>");
	if (note) {
		buf_adds(&page->out, "<p class=\"note\">");
		html_text(&page->out, note);
		buf_adds(&page->out, "</p>");
	}
	buf_adds(&page->out, "</div>\n");
}

void html_data_link(struct html_page *page, const char *file)
{
	buf_addf(&page->out, "<p class=\"note\"><a href=\"%s\">The data of this chart as CSV</a></p>\n", file);
}
