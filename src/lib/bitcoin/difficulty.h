/*
 * difficulty - the history of Bitcoin's difficulty, and what may be believed of it
 *
 * A history that breaks a rule of consensus is refused whole.  As every figure is the exact one of its nBits
 * (nbits.h), the same epoch fetched from another source is the same row.
 *
 * Where histories come from: difficulty_json (mempool, blockchain.info), bitcoind (a node of one's own),
 * difficulty_file (rows).
 */
#ifndef WINDFALL_DIFFICULTY_H
#define WINDFALL_DIFFICULTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "bitcoin/nbits.h"
#include "exact/calendar.h"

/* How well the time of a retarget is known; better ones are greater. */
enum time_quality {
	TIME_DAY,		/* the day only: taken from 00:00 UTC */
	TIME_ESTIMATED,		/* with a standard deviation */
	TIME_EXACT,		/* the header's own */
};

/* The word for it, as the tables have it: day, estimated, exact; and back.  False for another word. */
const char *time_quality_name(enum time_quality quality);
bool time_quality_parse(const char *text, enum time_quality *quality);

#define NO_HEIGHT (-1)
#define SOURCE_TEXT 32

struct retarget {
	instant_t from, until;		/* known to be in force; until is exclusive */
	int32_t height;			/* or NO_HEIGHT */
	uint32_t nbits;
	unsigned __int128 difficulty;	/* 1e-8, exactly that of nbits */
	enum time_quality quality;
	int sigma_s;			/* of an estimated time */
	char source[SOURCE_TEXT];
};

struct difficulty_history {
	struct retarget *rows;		/* in the order of time */
	size_t n, size;
};

#define DIFFICULTY_HISTORY_INIT { NULL, 0, 0 }

void difficulty_history_release(struct difficulty_history *history);

/* Add a row at the end; difficulty is derived from nbits.  False if nbits is not possible. */
bool difficulty_history_add(struct difficulty_history *history, const struct retarget *row, struct reason *why);

/*
 * All rows of a source have come in: order them by time, let each last to the next and the newest for a
 * day, and name the source in each if it is not NULL.  False if there is no row.
 */
bool difficulty_history_close(struct difficulty_history *history, const char *source, struct reason *why);

/*
 * The consensus rules that a list must obey.  Rows stand in the order of time; heights are multiples of
 * 2,016 and rise; no difficulty is more than four times, or less than a quarter, of the one that it
 * replaced; and where two exact times are the start and the end of one difficulty, the time between
 * them is what the change says it was, but for the gap of the one block between (six hours are allowed;
 * the largest gap ever was under four).  Epochs that a list leaves out between the two, because they
 * changed nothing, took the two weeks that they should, or longer at difficulty 1.
 */
bool difficulty_check(const struct difficulty_history *history, struct reason *why);

/* Do the exact times of two rows, a before b and with nothing but unchanged retargets between them, agree with the
 * change of difficulty? */
bool difficulty_span_fits(const struct retarget *a, const struct retarget *b);

/*
 * Can a block of this height, nBits and header time come after this retarget?  No chain makes blocks four times as fast
 * as their ten minutes for long, and epochs that changed nothing took their two weeks: six hours an epoch are allowed.
 */
bool difficulty_reaches_block(const struct retarget *last, int64_t height, uint32_t nbits, instant_t when);

/*
 * Have the heights of what was fetched the difficulty that is known of them, and the exact time?  A block that others
 * stand on has both for good.  A height that differs corrects what is stored, as may a change of the newest epoch's
 * first block since it was seen, or of what a person gave by hand; several are another chain's, or of a source whose
 * clock is in another zone.
 */
bool difficulty_agrees(const struct difficulty_history *news, const struct difficulty_history *known,
		       struct reason *why);

/*
 * Are the days of a history without heights those of the heights that are known?  All that agrees with itself may be a
 * day off, as by a chart that counts its days anew.  Held against its height is the latest change that has one: what
 * begins within a day, told by a mean, to half a day, and what begins with a day to a day and a half.
 */
bool difficulty_days_agree(const struct difficulty_history *news, const struct difficulty_history *known,
			   struct reason *why);

/*
 * Bring what is known and what was fetched together; all three are histories that hold or will be
 * checked, out is initialised here and released by the caller in either case.
 *
 *  - By height: news replace what is known of an epoch, but never a better time by a worse one; where
 *    nothing but the source differs, the known row stays.  Whole-day rows in the covered time go.
 *  - Whole-day news replace whole-day rows and continue the history.  Against rows with a height they
 *    must agree to the day: they then change nothing, but for how long the newest is known to hold.
 *  - News that begin some epochs after all that is known are refused: nobody knows what held between.
 *  - How far the newest was known to hold is never taken back.
 */
bool difficulty_merge(const struct difficulty_history *known, const struct difficulty_history *news,
		      struct difficulty_history *out, struct reason *why);

/* Say until when the newest row is known to hold; at least one second from its start. */
void difficulty_seen_until(struct difficulty_history *history, instant_t until);

/* Leave out what was no longer in force at this instant. */
void difficulty_since(struct difficulty_history *history, instant_t since);

#endif
