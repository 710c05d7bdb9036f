/*
 * reason - why a pure function could not
 *
 * Pure modules never exit and never print.  They return false and leave the reason
 * where the tool, or a test, can read it:  return reason_set(why, "period %d ...", p);
 */
#ifndef WINDFALL_REASON_H
#define WINDFALL_REASON_H

#include <stdbool.h>

/*
 * What a parser found a source's answer to be.  A tool that ends because of it ends with the status of the verdict,
 * whichever source it asked.
 */
enum answer_kind {
	ANSWER_ODD,		/* the document that was asked for, with what is impossible: EX_DATAERR */
	ANSWER_CUT,		/* it breaks off: EX_PROTOCOL, where asking again did not help */
	ANSWER_OTHER,		/* something else: a page, an error, another document: EX_PROTOCOL */
	ANSWER_LATER,		/* the source's word that it cannot give it now: EX_TEMPFAIL */
};

struct reason {
	char text[320];
	enum answer_kind answer;	/* where text is of an answer */
};

/* Write the reason (cut to fit; why may be NULL).  Always returns false.  Of an answer, it says ANSWER_ODD. */
bool reason_set(struct reason *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with another verdict. */
bool reason_answer(struct reason *why, enum answer_kind answer, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The exit status of a tool that was given such an answer (sysexits.h): the one table of them. */
int answer_exit_status(enum answer_kind answer);

#endif
