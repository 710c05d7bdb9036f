/*
 * writer_thread - one thread that does jobs while its owner prepares the next
 *
 * Jobs are done one at a time, in the order in which they were given.  What a job does must not
 * touch what the owner works on meanwhile: give it a database session and memory of its own.
 */
#ifndef WINDFALL_WRITER_THREAD_H
#define WINDFALL_WRITER_THREAD_H

struct writer_thread;

/* Start a thread that calls run for each job. */
struct writer_thread *writer_thread_start(void (*run)(void *job));

/* Give it a job; returns at once unless the one before is still being done.  Then the job before
 * that is done, and its memory is the owner's again: two jobs, used alternately, are enough. */
void writer_thread_give(struct writer_thread *b, void *job);

/* Wait until everything given is done. */
void writer_thread_wait(struct writer_thread *b);

/* The same, and end the thread. */
void writer_thread_end(struct writer_thread *b);

#endif
