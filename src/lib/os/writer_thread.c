#include "os/writer_thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "os/log.h"

struct background {
	void (*run)(void *job);
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	void *job;		/* given and not yet done; NULL: idle */
	bool ending;
};

static void *work(void *ctx)
{
	struct background *b = ctx;

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

struct background *background_start(void (*run)(void *job))
{
	struct background *b = xmalloc(sizeof *b);
	int error;

	*b = (struct background){ .run = run };
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->changed, NULL);
	if ((error = pthread_create(&b->thread, NULL, work, b)))
		die(EX_OSERR, "cannot start a thread: %s", strerror(error));
	return b;
}

/* Set the job, or ask for the end, once nothing is being done. */
static void when_idle(struct background *b, void *job, bool ending)
{
	pthread_mutex_lock(&b->mutex);
	while (b->job)
		pthread_cond_wait(&b->changed, &b->mutex);
	b->job = job;
	b->ending = ending;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->mutex);
}

void background_give(struct background *b, void *job)
{
	when_idle(b, job, false);
}

void background_wait(struct background *b)
{
	when_idle(b, NULL, false);
}

void background_end(struct background *b)
{
	when_idle(b, NULL, true);
	pthread_join(b->thread, NULL);
	pthread_mutex_destroy(&b->mutex);
	pthread_cond_destroy(&b->changed);
	free(b);
}
