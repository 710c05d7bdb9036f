#include <stdio.h>
#include <string.h>

#include "query/site-revisions.h"
#include "site/pages_db.h"
#include "status/last_runs_io.h"

/* What may be wrong, each a count and what it counts. */
static const char *const troubles[][2] = {
	{ "not_complete", "days of the last 400 that are not complete, today left out" },
	{ "suspect", "half hours for which the source now gives less than before, or more than is possible" },
	{ "uncalculated", "days whose bitcoin is not calculated for every miner model in force" },
	{ "undecided", "units that are left out because no list says whether they are wind" },
	{ "failed_dates", "dates that failed in the last runs and have not succeeded since" },
	{ "ledger_findings", "differences that the last comparisons of the ledger with the exchange found" },
	{ "jobs", "jobs of this machine that last ended with a failure or findings" },
};

/* The coordinator's own tables, which are asked by themselves: dates that failed, findings of the ledger. */
static const char kept_sql[] =
	"select (select count(*)"
	"	   from (select distinct on (d.settlement_date) d.settlement_date, d.state from reconciliation_run_dates d"
	"		   join (select run_id from reconciliation_runs order by run_id desc limit 20) recent using (run_id)"
	"		  order by d.settlement_date, run_id desc) newest where state = 'failed'),"
	"	(select coalesce(sum(coalesce(findings_1, 0) + coalesce(findings_2, 0) + coalesce(findings_3, 0)), 0)"
	"	   from ledger_state)";

/* $1: London's today; $2, $3: what kept_sql says; $4: how many jobs ended badly, which no table knows. */
static const char troubles_sql[] =
	"select (select count(*) from generate_series(greatest($1::date - 400,"
	"							(select min(settlement_date) from daily_summaries)), $1::date - 1, '1 day') d"
	"	  left join daily_summaries s on s.settlement_date = d::date cross join history h"
	"	 where d::date <@ h.wanted and not d::date <@ h.archived"
	"	   and coalesce(s.periods_ingested, 0) < settlement_periods(d::date)),"
	"	(select count(*) from ingested_periods where status = 'suspect'),"
	"	(select count(distinct s.settlement_date) from daily_summaries s cross join miner_models m"
	"	   left join bitcoin_daily_summaries b on b.settlement_date = s.settlement_date and b.miner_model = m.miner_model"
	"	  where s.period_farms > 0 and (m.active or m.retired_from > s.settlement_date)"
	"	    and coalesce(b.calculations, 0) <> s.period_farms),"
	"	(select count(*) from undecided_units),"
	"	$2::bigint, $3::bigint, $4::bigint";

/* A job that could not do its work now, and will in its next run, is no trouble. */
int pages_jobs_in_trouble(void)
{
	struct job_end jobs[JOBS_MAX];
	int n = jobs_read(jobs), found = 0;

	for (int i = 0; i < n; i++)
		found += *jobs[i].status && strcmp(jobs[i].status, "0") != 0 && strcmp(jobs[i].status, "75") != 0;
	return found;
}

static PGresult *troubles_of(struct site_data *data)
{
	char today[DAY_TEXT], bad_jobs[16];
	PGresult *kept = db_query(data->db, kept_sql, DB_NO_ARGS), *found;

	snprintf(bad_jobs, sizeof bad_jobs, "%d", pages_jobs_in_trouble());
	found = db_query(data->db, troubles_sql,
			 DB_ARGS(day_format(data->today, today), db_text(kept, 0, 0), db_text(kept, 0, 1), bad_jobs));
	PQclear(kept);
	return found;
}

#define UTC(t) "to_char(" t " at time zone 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"')"

static const char sources_sql[] =
	"select source, latest, fetched from ("
	"select 1 as n, 'Settlement stacks, Elexon' as source,"
	"	(select max(settlement_date)::text from daily_summaries) as latest,"
	"	(select " UTC("max(fetched_at)") " from ingested_periods) as fetched "
	"union all select 2, 'Wind generation, Elexon', (select max(settlement_date)::text from wind_generation), null "
	"union all select 3, 'Difficulty', (select " UTC("max(in_force_until)") " from network_difficulty), null "
	"union all select 4, 'Bitcoin price in ' || currency, max(price_date)::text, null"
	"	     from bitcoin_prices group by currency"
	") s order by n, source";

static const char runs_sql[] =
	"select job, arguments, " UTC("started_at") ", state, coalesce(verdict, '')"
	" from reconciliation_runs order by run_id desc limit 15";

/* The sentence that people look for. */
static void put_sentence(struct html_page *page, const PGresult *found)
{
	int n = 0;

	for (int i = 0; i < PQnfields(found); i++)
		n += strcmp(PQgetvalue(found, 0, i), "0") != 0;
	buf_addf(&page->out, "<p><span class=\"badge %s\" data-figure=\"verdict\" data-value=\"%s\">%s</span></p>\n",
		 n ? "not_complete" : "final",
		 n ? "findings" : "ok", n ? "something is wrong with the data" : "nothing is known to be wrong with the data");
}

void pages_put_trouble(struct site_data *data, struct html_page *page)
{
	PGresult *found = troubles_of(data);

	html_section(page, "trouble", "Is anything wrong with the data?");
	put_sentence(page, found);
	for (int i = 0; i < PQnfields(found); i++)
		if (strcmp(PQgetvalue(found, 0, i), "0") != 0) {
			buf_adds(&page->out, "<p>");
			html_figure(&page->out, troubles[i][0], db_text(found, 0, i), 0, "", " ");
			buf_addf(&page->out, "%s.</p>\n", troubles[i][1]);
		}
	buf_adds(&page->out, "<p><a href=\"state.html\">The state of the data</a></p>\n");
	html_section_end(page);
	PQclear(found);
}

static void put_verdict(struct html_page *page, const PGresult *found)
{
	put_sentence(page, found);
	html_table(page, "What may be wrong, counted", "#Count|What it counts");
	for (int i = 0; i < PQnfields(found); i++) {
		html_row(page);
		html_cell_figure(page, troubles[i][0], db_text(found, 0, i), 0);
		html_cell(page, troubles[i][1]);
		html_row_end(page);
	}
	html_table_end(page);
}

static void put_rows(struct html_page *page, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		html_row_head(page, NULL, "", PQgetvalue(rows, i, 0));
		for (int c = 1; c < PQnfields(rows); c++)
			html_cell(page, PQgetisnull(rows, i, c) ? "–" : PQgetvalue(rows, i, c));
		html_row_end(page);
	}
	html_table_end(page);
}

static void put_jobs(struct html_page *page)
{
	struct job_end jobs[JOBS_MAX];
	int n = jobs_read(jobs);

	if (n == 0) {
		buf_adds(&page->out, "<p class=\"empty\">No job has ended on this machine.</p>\n");
		return;
	}
	html_table(page, "How each job of this machine last ended", "Job|Ended|Verdict|#Status|#ms|Last success");
	for (int i = 0; i < n; i++) {
		char text[INSTANT_TEXT];

		html_row_head(page, NULL, "", jobs[i].job);
		html_cell(page, jobs[i].ended ? instant_format(jobs[i].ended, text) : "not known");
		html_cell(page, jobs[i].verdict);
		html_cell_figure(page, "status", jobs[i].status, 0);
		html_cell_figure(page, "ms", jobs[i].ms, 0);
		html_cell(page, jobs[i].good ? instant_format(jobs[i].good, text) : "never");
		html_row_end(page);
	}
	html_table_end(page);
}

void pages_state(struct site_data *data)
{
	PGresult *found = troubles_of(data);
	PGresult *sources = db_query(data->db, sources_sql, DB_NO_ARGS), *runs = db_query(data->db, runs_sql, DB_NO_ARGS);
	PGresult *revisions = db_query(data->db, query_site_revisions, DB_ARGS("-infinity", "infinity"));
	struct html_page page;

	html_begin(&page, "", "state", "State of the data",
		   "What is complete, what is not, how fresh the sources are, and what changed", "State of the data", NULL);
	html_section(&page, "wrong", "Is anything wrong?");
	put_verdict(&page, found);
	html_section_end(&page);
	html_section(&page, "sources", "How fresh the sources are");
	html_table(&page, "The latest that each source gave", "Source|Known up to|Last fetched");
	put_rows(&page, sources);
	html_section_end(&page);
	html_section(&page, "jobs", "Jobs");
	put_jobs(&page);
	html_section_end(&page);
	html_section(&page, "runs", "Runs of reconciliation");
	if (PQntuples(runs) == 0)
		buf_adds(&page.out, "<p class=\"empty\">None has run.</p>\n");
	else {
		html_table(&page, "The last runs, the latest first", "Job|Arguments|Started|State|Verdict");
		put_rows(&page, runs);
	}
	html_section_end(&page);
	html_section(&page, "changed", "What changed since it was final");
	pages_put_revisions(&page, revisions);
	html_section_end(&page);
	site_put_page(data->site, "state.html", &page);
	PQclear(found);
	PQclear(sources);
	PQclear(runs);
	PQclear(revisions);
}
