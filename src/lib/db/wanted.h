/*
 * wanted - which days may not be missing, as SQL
 *
 * An operator says from which day on history is wanted, which spans stand for themselves and which gaps are
 * accepted (wanted_spans, scripts/wanted); whatever asks "is anything missing" asks with these words.
 */
#ifndef WINDFALL_WANTED_H
#define WINDFALL_WANTED_H

/* Is the gap that this day lies in accepted?  d is an expression of type date. */
#define WANTED_IN_GAP(d)								\
	"exists (select from wanted_spans g where g.kind = 'gap' and " d " between g.from_date and g.to_date)"

/* Is this day wanted?  The view history_begins stands in the query's FROM as h. */
#define WANTED_DAY(d)									\
	"((coalesce(" d " >= h.begins, false) or exists (select from wanted_spans w where w.kind = 'span' and " d " between w.from_date and w.to_date))"	\
	" and not " WANTED_IN_GAP(d) ")"

/* The first day that is wanted, and the last of the spans that stand for themselves, none after until; null where there is none. */
#define WANTED_FIRST "(select least((select begins from history_begins), (select min(from_date) from wanted_spans where kind = 'span')))"
#define WANTED_LAST_SPAN(until) "(select max(least(to_date, " until ")) from wanted_spans where kind = 'span')"

#endif
