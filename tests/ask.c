/*
 * ask - what `psql -XAtq -c SQL` prints, in a quarter of its time: for the tests, which ask thousands of times
 *
 * usage: ask SOCKETS DATABASE USER SQL
 *
 * SOCKETS is the folder of the server's socket; who comes is let in without a password, or not.  It speaks PostgreSQL's
 * protocol 3.0 itself: half of psql's processor time goes into loading the libraries of libpq, of which nothing is needed
 * here.  Rows have | between columns and nothing for null; errors and notices are said as psql says them, less the line
 * with a mark below it.  COPY reads standard input and writes standard output.  Backslash commands are psql's alone.
 *
 * Exit: 0 done, 1 the server refused the statement, 2 there is no connection, or no more, 64 bad usage.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A message of the server: its kind, and its text with a zero behind it. */
struct message {
	int type;
	size_t len;
	char *text;
	size_t room;
};

/* The server's messages, and those to it. */
static FILE *from_server, *server;

/* The rows of a statement, which are printed when it has come to its end: of one that fails, none. */
static FILE *result;
static char *rows;
static size_t rows_len;

static void fail(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "ask: error: %s\n", what);
	exit(2);
}

/* A number of the protocol, of four bytes. */
static uint32_t number(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void put_number(uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		putc((int)(n >> shift & 0xff), server);
}

/* Send a message of this type, or without one, as the first is. */
static void send_message(int type, const char *text, size_t len)
{
	if (type)
		putc(type, server);
	put_number((uint32_t)len + 4);
	fwrite(text, 1, len, server);
}

/* Read the next message; a connection that ends is the end. */
static void read_message(struct message *message)
{
	char head[5];

	if (fflush(server) || fread(head, 1, sizeof head, from_server) != sizeof head)
		fail("server closed the connection unexpectedly");
	message->type = head[0];
	message->len = number(head + 1) - 4;
	if (message->len + 1 > message->room) {
		message->room = message->len + 1;
		message->text = realloc(message->text, message->room);
		if (!message->text)
			fail("out of memory");
	}
	if (fread(message->text, 1, message->len, from_server) != message->len)
		fail("server closed the connection unexpectedly");
	message->text[message->len] = '\0';
}

/* The field of an error or a notice that has this letter, or NULL. */
static const char *field(const struct message *message, char letter)
{
	const char *at = message->text;

	while (*at && *at != letter)
		at += strlen(at) + 1;
	return *at ? at + 1 : NULL;
}

/* Say an error or a notice on stderr; where it happened is said of an error only. */
static void say(const struct message *message)
{
	static const struct { char letter; const char *name; } more[] = {{'D', "DETAIL"}, {'H', "HINT"}, {'W', "CONTEXT"}};

	fprintf(stderr, "%s:  %s\n", field(message, 'S'), field(message, 'M'));
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		const char *text = field(message, more[i].letter);

		if (text && (more[i].letter != 'W' || message->type == 'E'))
			fprintf(stderr, "%s:  %s\n", more[i].name, text);
	}
}

static void print_row(const struct message *message)
{
	const unsigned char *count = (const unsigned char *)message->text;
	const char *at = message->text + 2;

	if (!result && !(result = open_memstream(&rows, &rows_len)))
		fail("out of memory");
	for (int left = count[0] << 8 | count[1]; left > 0; left--) {
		uint32_t len = number(at);

		at += 4;
		if (len != UINT32_MAX) {
			fwrite(at, 1, len, result);
			at += len;
		}
		if (left > 1)
			putc('|', result);
	}
	putc('\n', result);
}

/* A statement is done or has failed: print its rows, or forget them. */
static void end_result(bool good)
{
	fclose(result);
	if (good)
		fwrite(rows, 1, rows_len, stdout);
	free(rows);
	result = NULL;
}

/* Standard input, to its end, as the rows that COPY asks for. */
static void send_input(void)
{
	char block[8192];
	size_t len;

	while ((len = fread(block, 1, sizeof block, stdin)) > 0)
		send_message('d', block, len);
	send_message('c', "", 0);
}

/* Connect to the server's socket and begin the session. */
static void connect_to(const char *folder, const char *database, const char *user)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char start[512];
	int len, fd = socket(AF_UNIX, SOCK_STREAM, 0);

	len = snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
	if (len < 0 || (size_t)len >= sizeof address.sun_path || fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || !(from_server = fdopen(fd, "r")) ||
	    !(server = fdopen(dup(fd), "w")))
		fail("no server is behind this socket");
	/* Version 3.0, then names and values, each with a zero behind it; the last one has two. */
	len = snprintf(start, sizeof start, "%c%c%c%cuser%c%s%cdatabase%c%s%capplication_name%cpsql%c", 0, 3, 0, 0, 0, user, 0, 0, database, 0, 0, 0);
	if (len < 0 || (size_t)len >= sizeof start)
		fail("the name of the database is too long");
	send_message(0, start, (size_t)len + 1);
}

int main(int argc, char **argv)
{
	struct message message = { .text = NULL };
	bool asked = false;
	int status = 0;

	if (argc != 5) {
		fputs("usage: ask SOCKETS DATABASE USER SQL\n", stderr);
		return 64;
	}
	connect_to(argv[1], argv[2], argv[3]);
	for (;;) {
		read_message(&message);
		switch (message.type) {
		case 'R':
			if (number(message.text) != 0)
				fail("the server wants to know who it is");
			break;
		case 'C':
			if (result)
				end_result(true);
			break;
		case 'E':
			if (result)
				end_result(false);
			status = asked && strcmp(field(&message, 'V'), "FATAL") != 0 ? 1 : 2;
			say(&message);
			if (status == 2)
				return status;
			break;
		case 'N':
			say(&message);
			break;
		case 'D':
			print_row(&message);
			break;
		case 'd':
			fwrite(message.text, 1, message.len, stdout);
			break;
		case 'G':
			send_input();
			break;
		case 'Z':
			if (asked) {
				send_message('X', "", 0);
				fclose(server);
				if (fflush(stdout) != 0 || ferror(stdout))
					return 1;
				return status;
			}
			send_message('Q', argv[4], strlen(argv[4]) + 1);
			asked = true;
			break;
		default:
			break;
		}
	}
}
