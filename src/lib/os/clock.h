/*
 * clock - spans of time, by a clock that nobody sets
 *
 * What o'clock it is, time() says; the difference of two of these is what passed, whatever an operator or a time
 * server does meanwhile.
 */
#ifndef WINDFALL_CLOCK_H
#define WINDFALL_CLOCK_H

/* Since some moment in the past. */
double clock_seconds(void);
long long clock_ms(void);

/* Sleep for all of it, whatever signals come that do not end the process. */
void clock_pause(long long ms);

#endif
