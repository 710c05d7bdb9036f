/*
 * parse - the bodies named on standard input through cJSON, and nothing else
 *
 * For the benchmark: what reading the source's JSON costs before anybody looks at it.  Prints how many.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

/* Read a whole file into body; false if it cannot be. */
static bool read_body(const char *path, struct buf *body)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0;

	buf_clear(body);
	if (ok) {
		ok = read(fd, buf_reserve(body, (size_t)st.st_size + 1), (size_t)st.st_size) == st.st_size;
		body->len = (size_t)st.st_size;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

int main(void)
{
	struct buf body = BUF_INIT;
	char path[4096];
	long n = 0;

	while (fgets(path, sizeof path, stdin)) {
		cJSON *json;

		path[strcspn(path, "\n")] = '\0';
		if (!read_body(path, &body) || !(json = cJSON_ParseWithLength(body.data, body.len))) {
			fprintf(stderr, "parse: %s cannot be read\n", path);
			return 65;
		}
		cJSON_Delete(json);
		n++;
	}
	buf_release(&body);
	printf("%ld\n", n);
	return 0;
}
