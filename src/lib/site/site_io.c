#include "site/site_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "os/log.h"

/* A folder with this file is a site: nothing is ever removed from another.  In it stand the key of the last whole
 * build, the size and the name of each file, and an end. */
#define MARKER ".windfall-site"
#define END "end\n"

static const char *const folders[] = { "", "day/", "month/", "year/", "farm/", "owner/", "card/" };

static char *path_of(const struct site *site, const char *name)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", site->work, name);
	return buf_detach(&path);
}

static _Noreturn void cannot(int status, const char *verb, const char *path)
{
	die(status, "cannot %s %s: %s", verb, path, strerror(errno));
}

/* Opening ---------------------------------------------------------------------------------------- */

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool empty = true;

	if (!dir) {
		if (errno == ENOENT)
			return true;
		cannot(EX_CANTCREAT, "use the folder", path);
	}
	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			strcmp(entry->d_name, "lost+found") == 0;	/* a disk's own, in its root */
	closedir(dir);
	return empty;
}

/* May a folder that is made beside it take its place?  A link or a mounted disk gives way to none. */
static bool gives_way(const char *path)
{
	return rmdir(path) == 0 || errno == ENOENT;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		cannot(EX_CANTCREAT, "make the folder", path);
}

/* A folder of the site: a web server reads it, whatever the umask of the job. */
static void make_open_folder(const char *path)
{
	make_folder(path);
	if (chmod(path, 0755) != 0)
		cannot(EX_CANTCREAT, "open to readers the folder", path);
}

static void make_parents(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		make_folder(copy);
		*slash = '/';
	}
	free(copy);
}

/* The marker is the lock too; whoever holds it is the only one who writes. */
static void lock_folder(struct site *site)
{
	char *marker = path_of(site, MARKER);

	site->lock = open(marker, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (site->lock < 0 || fchmod(site->lock, 0644) != 0)
		cannot(EX_CANTCREAT, "write", marker);
	if (flock(site->lock, LOCK_EX | LOCK_NB) != 0)
		die(EX_TEMPFAIL, "another build-pages is at work in %s; try again when it has ended", site->folder);
	free(marker);
}

void site_open(struct site *site, const char *folder, bool all, struct tsv_writer *out)
{
	struct buf beside = BUF_INIT;
	struct stat at;
	bool empty;

	*site = (struct site){ .folder = xstrdup(folder), .all = all, .out = out };
	for (size_t len = strlen(folder); len > 1 && site->folder[len - 1] == '/';)
		site->folder[--len] = '\0';
	empty = is_empty(site->folder);
	if (empty && gives_way(site->folder)) {
		buf_addf(&beside, "%s.new", site->folder);
		site->work = buf_detach(&beside);
		make_parents(site->work);
		make_open_folder(site->work);
	} else {
		char *marker;

		site->work = xstrdup(site->folder);
		marker = path_of(site, MARKER);
		if (!empty && (lstat(marker, &at) != 0 || !S_ISREG(at.st_mode)))
			die(EX_CANTCREAT, "%s holds files that are not a site of this program: give an empty folder, or a new one",
			    site->folder);
		free(marker);
	}
	lock_folder(site);
	for (size_t i = 1; i < sizeof folders / sizeof *folders; i++) {
		char *path = path_of(site, folders[i]);

		make_open_folder(path);
		free(path);
	}
}

/* Files ------------------------------------------------------------------------------------------ */

static void belongs(struct site *site, const char *name)
{
	site->made = xgrow(site->made, site->n_made, sizeof *site->made);
	site->made[site->n_made++] = xstrdup(name);
}

bool site_has(struct site *site, const char *name, const char *key, bool with_csv)
{
	char *path = path_of(site, name), head[1024], want[160];
	FILE *in = site->all ? NULL : fopen(path, "r");
	size_t n = in ? fread(head, 1, sizeof head - 1, in) : 0;
	struct buf csv = BUF_INIT;
	bool has;

	head[n] = '\0';
	if (in)
		fclose(in);
	snprintf(want, sizeof want, "name=\"windfall-key\" content=\"%s\"", key);
	has = strstr(head, want) != NULL;
	buf_addf(&csv, "%.*scsv", (int)(strlen(name) - strlen("html")), name);
	if (has && with_csv) {
		char *beside = path_of(site, csv.data);

		has = access(beside, R_OK) == 0;
		free(beside);
	}
	if (has) {
		belongs(site, name);
		if (with_csv)
			belongs(site, csv.data);
		site->kept += 1 + with_csv;
	}
	buf_release(&csv);
	free(path);
	return has;
}

bool site_keep(struct site *site, const char *name)
{
	char *path = path_of(site, name);
	bool has = access(path, R_OK) == 0;

	free(path);
	if (has) {
		belongs(site, name);
		site->kept++;
	}
	return has;
}

void site_leave(struct site *site, const char *name, const struct buf *bytes)
{
	struct buf whole = BUF_INIT;

	buf_add(&whole, bytes->data, bytes->len);
	buf_adds(&whole, END);
	site_put(site, name, &whole);
	buf_release(&whole);
}

bool site_left(struct site *site, const char *name, struct buf *bytes)
{
	char *path = path_of(site, name);
	FILE *in = site->all ? NULL : fopen(path, "r");
	size_t end = strlen(END);
	bool whole = in && file_read_rest(in, SIZE_MAX, bytes);

	if (in)
		fclose(in);
	free(path);
	if (!whole || bytes->len < end || memcmp(bytes->data + bytes->len - end, END, end) != 0) {
		buf_clear(bytes);
		return false;
	}
	bytes->len -= end;
	return site_keep(site, name);
}

void site_quote(struct site *site, const char *name, const char *begin, const char *end, struct buf *out)
{
	char *path = path_of(site, name), *line = NULL;
	FILE *in = fopen(path, "r");
	bool within = false;
	size_t size = 0;

	while (in && getline(&line, &size, in) >= 0) {
		within = within || strncmp(line, begin, strlen(begin)) == 0;
		if (!within)
			continue;
		buf_adds(out, line);
		if (strncmp(line, end, strlen(end)) == 0)
			break;
	}
	free(line);
	if (in)
		fclose(in);
	free(path);
}

static bool same_bytes(const char *path, const struct buf *bytes)
{
	struct stat at;
	bool same = false;
	FILE *in;

	if (stat(path, &at) != 0 || (size_t)at.st_size != bytes->len)
		return false;
	in = fopen(path, "r");
	if (in) {
		char *old = xmalloc(bytes->len + 1);

		same = fread(old, 1, bytes->len + 1, in) == bytes->len &&
		       memcmp(old, bytes->data ? bytes->data : "", bytes->len) == 0;
		free(old);
		fclose(in);
	}
	return same;
}

/* The row of a file that changed. */
static void report(struct site *site, const char *name, size_t bytes, const char *what)
{
	tsv_text(site->out, name);
	tsv_int(site->out, (int64_t)bytes);
	tsv_plain(site->out, what);
	tsv_end_row(site->out);
}

static FILE *open_part(const char *part)
{
	unlink(part);
	return fopen(part, "wx");
}

FILE *site_begin_part(struct site *site, const char *name)
{
	char *path = path_of(site, name);
	struct buf part = BUF_INIT;
	FILE *file;

	buf_addf(&part, "%s.part", path);
	file = open_part(part.data);
	if (!file || fchmod(fileno(file), 0644) != 0)
		cannot(EX_IOERR, "write", path);
	buf_release(&part);
	free(path);
	return file;
}

bool site_take_part(struct site *site, const char *name)
{
	char *path = path_of(site, name);
	struct buf part = BUF_INIT;
	struct stat at;
	bool ok;

	buf_addf(&part, "%s.part", path);
	ok = stat(part.data, &at) == 0 && at.st_size > 0 && rename(part.data, path) == 0;
	if (ok) {
		belongs(site, name);
		report(site, name, (size_t)at.st_size, "written");
		site->written++;
	}
	buf_release(&part);
	free(path);
	return ok;
}

void site_put(struct site *site, const char *name, const struct buf *bytes)
{
	char *path = path_of(site, name);
	struct buf part = BUF_INIT;

	belongs(site, name);
	if (!site->all && same_bytes(path, bytes)) {
		site->kept++;
		free(path);
		return;
	}
	/* A page can be made again: it appears whole, and is not waited for until it is on the disk. */
	buf_addf(&part, "%s.part", path);
	if (!file_replace(path, part.data, bytes, FILE_FOR_ALL, FILE_NOT_SYNCED))
		cannot(EX_IOERR, "write", path);
	report(site, name, bytes->len, "written");
	site->written++;
	buf_release(&part);
	free(path);
}

void site_put_page(struct site *site, const char *name, struct html_page *page)
{
	html_end(page);
	site_put(site, name, &page->out);
	buf_release(&page->out);
}

/* What was built --------------------------------------------------------------------------------- */

/* Is the file of this line, "SIZE NAME", there in that size? */
static bool stands(const struct site *site, char *line)
{
	char *name;
	long long size = strtoll(line, &name, 10);
	struct stat at;
	char *path;
	bool same;

	if (*name++ != ' ')
		return false;
	name[strcspn(name, "\n")] = '\0';
	path = path_of(site, name);
	same = stat(path, &at) == 0 && at.st_size == size;
	free(path);
	return same;
}

bool site_is_current(struct site *site, const char *key)
{
	char *marker = path_of(site, MARKER), *line = NULL;
	FILE *in = site->all ? NULL : fopen(marker, "r");
	size_t size = 0, key_len = strlen(key);
	long files = 0;
	bool same = in && getline(&line, &size, in) == (ssize_t)key_len + 1 && memcmp(line, key, key_len) == 0, whole = false;

	while (same && !whole && getline(&line, &size, in) > 0) {
		whole = strcmp(line, END) == 0;
		same = whole || stands(site, line);
		files += !whole;
	}
	site->current = same && whole;
	if (site->current)
		site->kept += files;
	else if (ftruncate(site->lock, 0) != 0)
		cannot(EX_IOERR, "write", marker);
	free(line);
	free(marker);
	if (in)
		fclose(in);
	return site->current;
}

void site_built(struct site *site, const char *key, const char *always)
{
	struct buf text = BUF_INIT;
	struct stat at;

	if (!key || site->current)
		return;
	buf_addf(&text, "%s\n", key);
	for (size_t i = 0; i < site->n_made; i++) {
		char *path = path_of(site, site->made[i]);

		if (strcmp(site->made[i], always) != 0 && stat(path, &at) == 0)
			buf_addf(&text, "%lld %s\n", (long long)at.st_size, site->made[i]);
		free(path);
	}
	buf_adds(&text, END);
	/* One that is cut short has no end, and the next build is a whole one. */
	if (pwrite(site->lock, text.data, text.len, 0) < 0)
		cannot(EX_IOERR, "write", MARKER);
	buf_release(&text);
}

/* Closing ---------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

/* In the site's own folder somebody may keep pages of his own: there only what a killed run left is swept. */
static bool is_made_here(const char *folder, const char *name)
{
	static const char *const endings[] = { ".html", ".csv", ".svg", ".png", ".rows" };
	bool known = ends_with(name, ".part");

	for (size_t i = 0; *folder && !known && i < sizeof endings / sizeof *endings; i++)
		known = ends_with(name, endings[i]);
	return known;
}

/* The folder of days, or of farms, is the site's own: what is there and no longer belongs goes. */
static void sweep(struct site *site, const char *folder)
{
	char *path = path_of(site, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct buf name = BUF_INIT;

		buf_addf(&name, "%s%s", folder, entry->d_name);
		if (is_made_here(folder, entry->d_name) &&
		    !(site->n_made && bsearch(&name.data, site->made, site->n_made, sizeof *site->made, by_name))) {
			char *old = path_of(site, name.data);

			if (unlink(old) == 0) {
				report(site, name.data, 0, "removed");
				site->removed++;
			} else {
				log_warning("cannot remove %s: %s; it is out of date", old, strerror(errno));
			}
			free(old);
		}
		buf_release(&name);
	}
	if (dir)
		closedir(dir);
	free(path);
}

void site_close(struct site *site)
{
	if (site->n_made)
		qsort(site->made, site->n_made, sizeof *site->made, by_name);
	for (size_t i = 0; !site->current && i < sizeof folders / sizeof *folders; i++)
		sweep(site, folders[i]);
	if (strcmp(site->work, site->folder) != 0 && rename(site->work, site->folder) != 0)
		die(EX_TEMPFAIL, "cannot put the site into %s: %s; it is whole in %s", site->folder, strerror(errno), site->work);
	close(site->lock);
	for (size_t i = 0; i < site->n_made; i++)
		free(site->made[i]);
	free(site->made);
	free(site->folder);
	free(site->work);
}
