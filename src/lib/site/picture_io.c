#include "site/picture_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/child.h"
#include "os/log.h"
#include "os/temporary.h"

static const char program[] = "rsvg-convert";

/* A picture takes a tenth of a second. */
static const double patience = 60;

bool pictures_possible(void)
{
	const char *path = getenv("PATH");
	bool found = false;

	while (path && !found) {
		size_t len = strcspn(path, ":");
		struct buf file = BUF_INIT;

		buf_addf(&file, "%.*s/%s", (int)len, path, program);
		found = len > 0 && access(file.data, X_OK) == 0;
		buf_release(&file);
		path = path[len] ? path + len + 1 : NULL;
	}
	return found;
}

void pictures_begin(struct pictures *all, struct site *site, void (*done)(void *ctx, size_t number), void *ctx)
{
	*all = (struct pictures){ .site = site, .done = done, .ctx = ctx };
	child_begin();
}

/* What the child converts. */
struct conversion {
	FILE *in, *out;
};

static int convert(void *ctx)
{
	struct conversion *c = ctx;
	char *argv[] = { (char *)program, "--format=png", "--width=1200", "--height=630", NULL };

	child_become(argv, c->in, c->out);
}

static void finish(struct pictures *all, struct picture *picture, int status)
{
	struct buf file = BUF_INIT;

	buf_addf(&file, "%s.png", picture->name);
	if (status == 0 && site_take_part(all->site, file.data)) {
		buf_clear(&file);
		buf_addf(&file, "%s.svg", picture->name);
		site_put(all->site, file.data, &picture->drawing);
		all->made++;
		all->done(all->ctx, picture->number);
	} else {
		log_warning("%s could not draw %s (status %d): its page has no picture", program, file.data, status);
		all->failed++;
	}
	buf_release(&file);
	buf_release(&picture->drawing);
	free(picture->name);
	*picture = (struct picture){ 0 };
}

static void stop(struct pictures *all)
{
	pid_t pids[PICTURES_AT_ONCE];

	for (int i = 0; i < PICTURES_AT_ONCE; i++)
		pids[i] = all->running[i].pid;
	child_stop(pids, PICTURES_AT_ONCE, 5);
}

/* Wait for one that is under way. */
static void wait_for(struct pictures *all, struct picture *picture)
{
	int status = 0;

	switch (child_wait(picture->pid, patience, &status, NULL)) {
	case CHILD_ENDED:
		break;
	case CHILD_STOP:
		stop(all);
		exit(128 + status);
	case CHILD_LATER:
		child_stop(&picture->pid, 1, 5);
		status = 128 + 15;
	}
	finish(all, picture, status);
}

void pictures_make(struct pictures *all, const char *name, size_t number, struct buf *drawing)
{
	struct picture *free_one = &all->running[number % PICTURES_AT_ONCE];
	struct conversion files;
	struct buf file = BUF_INIT;

	if (free_one->pid)
		wait_for(all, free_one);
	buf_addf(&file, "%s.png", name);
	files.out = site_begin_part(all->site, file.data);
	files.in = temporary_file();
	if (!files.in || fwrite(drawing->data, 1, drawing->len, files.in) != drawing->len || fflush(files.in) != 0)
		die(EX_IOERR, "cannot write a drawing for %s into %s: %s", file.data, temporary_folder(), strerror(errno));
	*free_one = (struct picture){ .number = number, .name = xstrdup(name), .drawing = *drawing };
	*drawing = (struct buf)BUF_INIT;
	free_one->pid = child_start(CHILD_SIGNALS_END, convert, &files);
	fclose(files.in);
	fclose(files.out);
	buf_release(&file);
}

void pictures_end(struct pictures *all)
{
	for (int i = 0; i < PICTURES_AT_ONCE; i++)
		if (all->running[i].pid)
			wait_for(all, &all->running[i]);
	child_end();
}
