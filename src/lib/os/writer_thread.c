#include "os/writer_thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "os/log.h"

struct writer_thread {
	void (*run)(void *job);
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	void *job;		/* given and not yet done; NULL: idle */
	bool ending;
};

static void *work(void *ctx)
{
	struct writer_thread *b = ctx;

	pthread_mutex_lock(&b->mutex);
	for (;;) {
		while (!b->job && !b->ending)
			pthread_cond_wait(&b->changed, &b->mutex);
		if (!b->job)
			break;
		pthread_mutex_unlock(&b->mutex);
		b->run(b->job);
		pthread_mutex_lock(&b->mutex);
		b->job = NULL;
		pthread_cond_broadcast(&b->changed);
	}
	pthread_mutex_unlock(&b->mutex);
	return NULL;
}

struct writer_thread *writer_thread_start(void (*run)(void *job))
{
	struct writer_thread *b = xmalloc(sizeof *b);
	int error;

	*b = (struct writer_thread){ .run = run };
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->changed, NULL);
	if ((error = pthread_create(&b->thread, NULL, work, b)))
		die(EX_OSERR, "cannot start a thread: %s", strerror(error));
	return b;
}

/* Set the job, or ask for the end, once nothing is being done. */
static void when_idle(struct writer_thread *b, void *job, bool ending)
{
	pthread_mutex_lock(&b->mutex);
	while (b->job)
		pthread_cond_wait(&b->changed, &b->mutex);
	b->job = job;
	b->ending = ending;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->mutex);
}

void writer_thread_give(struct writer_thread *b, void *job)
{
	when_idle(b, job, false);
}

void writer_thread_wait(struct writer_thread *b)
{
	when_idle(b, NULL, false);
}

void writer_thread_end(struct writer_thread *b)
{
	when_idle(b, NULL, true);
	pthread_join(b->thread, NULL);
	pthread_mutex_destroy(&b->mutex);
	pthread_cond_destroy(&b->changed);
	free(b);
}
