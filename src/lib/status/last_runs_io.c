#include "status/last_runs_io.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "os/paths.h"

static const char digits[] = "0123456789";

static void keep(char *to, size_t size, const char *value, const char *of)
{
	if (strlen(value) < size && (!of || strspn(value, of) == strlen(value)))
		snprintf(to, size, "%s", value);
}

static void read_line(struct job_end *end, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	value[strcspn(value, "\n")] = '\0';
	if (strcmp(line, "ended") == 0)
		instant_parse(value, &end->ended);
	else if (strcmp(line, "last_good") == 0)
		instant_parse(value, &end->good);
	else if (strcmp(line, "status") == 0)
		keep(end->status, sizeof end->status, value, digits);
	else if (strcmp(line, "verdict") == 0)
		keep(end->verdict, sizeof end->verdict, value, NULL);
	else if (strcmp(line, "ms") == 0)
		keep(end->ms, sizeof end->ms, value, digits);
}

static void read_job(struct job_end *end, const char *folder, const char *name)
{
	struct buf path = BUF_INIT;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	*end = (struct job_end){ 0 };
	keep(end->job, sizeof end->job, name, NULL);
	buf_addf(&path, "%s/%s", folder, name);
	file = fopen(path.data, "re");
	while (file && getline(&line, &size, file) > 0)
		read_line(end, line);
	free(line);
	if (file)
		fclose(file);
	buf_release(&path);
}

static int is_job_name(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len < sizeof ((struct job_end *)NULL)->job &&
	       strspn(e->d_name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

int jobs_read(struct job_end end[JOBS_MAX])
{
	char *folder = state_path("var/jobs");
	struct dirent **entry = NULL;
	int found = scandir(folder, &entry, is_job_name, alphasort), n = 0;

	if (found < 0 && errno != ENOENT)
		n = -errno;
	for (int i = 0; i < found; i++) {
		if (n < JOBS_MAX)
			read_job(&end[n++], folder, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	free(folder);
	return n;
}
