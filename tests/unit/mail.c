/* mail: a message as RFC 5322 wants it, whatever is passed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alert/mail.h"

static void addresses_are_plain_or_refused(void **state)
{
	static const struct { const char *text; int n; } row[] = {
		{ "ops@example.org", 1 },
		{ "a@b.org, c+d@e-f.org\tg@h", 3 },
		{ "o'neil_x@example.org", 1 },
		{ "root", 1 }, { "r", 1 }, { "root,ops_2-a@b.org _", 0 }, { "www-data, a@b.org", 2 }, { "abcdefghijklmnopqrstuvwxyz_12345", 1 },
		{ "abcdefghijklmnopqrstuvwxyz_123456", 0 }, { "-root", 0 }, { "Root", 0 }, { "1", 0 }, { "root:x", 0 },
		{ "", 0 }, { " , ", 0 },
		{ "example.org", 0 }, { "@example.org", 0 }, { "a@", 0 },
		{ "a@b@c", 0 }, { ".a@b", 0 }, { "a.@b", 0 }, { "a..b@c", 0 }, { "a@b.", 0 }, { "a@.b", 0 },
		{ "-oQ/tmp@example.org", 0 },
		{ "<a@b.org>", 0 }, { "A B <a@b.org>", 0 }, { "\"a b\"@c", 0 },
		{ "a@b.org\nBcc: x@y.z", 0 }, { "a\r@b.org", 0 },
		{ "(a@b", 0 }, { "a@_b", 0 }, { "a@b., c@d", 0 },
	};
	struct mail_addresses to;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		bool good = mail_addresses_parse(row[i].text, &to, &why);

		assert_int_equal(good, row[i].n > 0);
		assert_int_equal(good ? to.n : 0, row[i].n);
	}
}

static void more_recipients_than_there_is_room_for_are_refused(void **state)
{
	struct mail_addresses to;
	struct buf text = BUF_INIT;
	struct reason why;

	(void)state;
	for (int i = 0; i < MAIL_MAX_RECIPIENTS; i++)
		buf_addf(&text, "a%d@b.org ", i);
	assert_true(mail_addresses_parse(text.data, &to, &why));
	buf_adds(&text, "one@more.org");
	assert_false(mail_addresses_parse(text.data, &to, &why));
	buf_clear(&text);
	for (int i = 0; i < 300; i++)
		buf_addc(&text, 'a');
	buf_adds(&text, "@b.org");
	assert_false(mail_addresses_parse(text.data, &to, &why));
	buf_release(&text);
}

/* RFC 5321, 4.5.3.1: a name of 64 bytes; and what has room. */
static void an_address_is_as_long_as_there_is_room_for(void **state)
{
	static const struct { int local, len; bool good; } row[] = {
		{ 64, 100, true }, { 65, 100, false }, { 9, MAIL_ADDRESS_TEXT - 1, true }, { 9, MAIL_ADDRESS_TEXT, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct mail_addresses to;
		struct buf text = BUF_INIT;

		for (int n = 0; n < row[i].len; n++)
			buf_addc(&text, n == row[i].local ? '@' : 'a');
		assert_int_equal(mail_addresses_parse(text.data, &to, NULL), row[i].good);
		if (row[i].good)
			assert_string_equal(to.address[0], text.data);
		buf_release(&text);
	}
}

static void compose(struct buf *out, const char *subject, const char *text)
{
	struct mail_addresses to;

	assert_true(mail_addresses_parse("ops@example.org c@d.org", &to, NULL));
	mail_compose(out, &(struct mail){ "w@example.org", &to, subject, text, "1@h", 1641082271 }, "\n");
}

static void a_plain_message_reads_as_it_was_written(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	compose(&out, "WARNING one", "two = 2\nthree");
	assert_string_equal(out.data,
		"From: w@example.org\n"
		"To: ops@example.org,\n c@d.org\n"
		"Date: Sun, 2 Jan 2022 00:11:11 +0000\n"
		"Message-ID: <1@h>\n"
		"Subject: WARNING one\n"
		"Auto-Submitted: auto-generated\n"
		"MIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n"
		"\n"
		"two =3D 2\nthree\n");
	buf_release(&out);
}

/* What RFC 2045 section 6.7 asks of each line. */
static void no_line_is_longer_than_76_or_ends_in_a_space(void **state)
{
	struct buf out = BUF_INIT, text = BUF_INIT;
	size_t longest = 0;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_adds(&text, i % 7 ? "x" : i % 3 ? "\xc3\xa9" : " ");
	buf_adds(&text, " \n.dot\nFrom here\nFROM\n\ttab\t\n");
	compose(&out, "s", text.data);
	for (const char *line = out.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		longest = (size_t)(end - line) > longest ? (size_t)(end - line) : longest;
		assert_true(end == line || (end[-1] != ' ' && end[-1] != '\t'));
	}
	assert_int_equal(longest, 76);
	assert_non_null(strstr(out.data, "\n=2Edot\n=46rom here\nFROM\n\ttab=09\n"));
	buf_release(&out);
	buf_release(&text);
}

/* The body of this text, and the line that its subject takes. */
static void lines_break_where_they_are_full_and_nowhere_else(void **state)
{
#define X15 "xxxxxxxxxxxxxxx"
#define X75 X15 X15 X15 X15 X15
	static const struct { const char *subject, *text, *line, *body; } row[] = {
		{ "s", "a", "s", "a\n" },
		{ "s", "a\n", "s", "a\n" },
		{ "s", "", "s", "" },
		{ "s", ".a\nFrom", "s", "=2Ea\nFrom\n" },
		{ "s", "From a", "s", "=46rom a\n" },
		{ "s", "a\x7f", "s", "a=7F\n" },
		{ "s", X75, "s", X75 "\n" },
		{ "s", X75 ".y", "s", X75 "=\n=2Ey\n" },
		{ "s", X75 X75 "y", "s", X75 "=\n" X75 "=\ny\n" },
		{ "a\x7f", "a", "=?utf-8?Q?a=7F?=", "a\n" },
		/* An encoded word of 75 bytes and one of what is left. */
		{ "\xe2\x82\xacxxxxxxxxx" X15 X15 X15 "y", "a", "=?utf-8?Q?=E2=82=ACxxxxxxxxx" X15 X15 X15 "?=\n =?utf-8?Q?y?=", "a\n" },
		/* What is no character goes by four bytes. */
		{ "xxxxxxx\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "a",
		  "=?utf-8?Q?xxxxxxx=80=80=80=80=80=80=80=80=80=80=80=80=80=80=80?=\n =?utf-8?Q?=80=80=80=80=80?=", "a\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT, line = BUF_INIT;

		compose(&out, row[i].subject, row[i].text);
		assert_string_equal(strstr(out.data, "\n\n") + 2, row[i].body);
		buf_addf(&line, "\nSubject: %s\nAuto-Submitted:", row[i].line);
		if (!strstr(out.data, line.data))
			fail_msg("%zu: %s", i, out.data);
		buf_release(&out);
		buf_release(&line);
	}
}

static void the_date_is_that_of_the_last_second_of_a_day(void **state)
{
	struct mail_addresses to;
	struct buf out = BUF_INIT;

	(void)state;
	assert_true(mail_addresses_parse("c@d.org", &to, NULL));
	mail_compose(&out, &(struct mail){ NULL, &to, "s", "x", "1@h", 951868799 }, "\r\n");
	assert_non_null(strstr(out.data, "To: c@d.org\r\nDate: Tue, 29 Feb 2000 23:59:59 +0000\r\n"));
	buf_release(&out);
}

/* Each encoded word at most 75 characters and of whole characters (RFC 2047 section 2 and 5). */
static void a_subject_that_is_not_ascii_is_encoded_in_words(void **state)
{
	struct buf out = BUF_INIT, subject = BUF_INIT;
	int words = 0;

	(void)state;
	for (int i = 0; i < 63; i++)
		buf_adds(&subject, "\xe2\x82\xac");
	compose(&out, subject.data, "x");
	for (const char *word = out.data; (word = strstr(word, "=?utf-8?Q?")); words++) {
		const char *end = strstr(word + 10, "?=");

		assert_true(end - word + 2 <= 75);
		assert_int_equal((end - word - 10) % 9, 0);	/* =E2=82=AC */
		word = end;
	}
	assert_int_equal(words, 9);		/* 7 characters fit one word, and 63 fill nine */
	buf_release(&out);
	buf_clear(&subject);
	/* What looks encoded is text that must arrive as it is. */
	compose(&out, "=?utf-8?Q?x?=", "x");
	assert_non_null(strstr(out.data, "Subject: =?utf-8?Q?=3D=3Futf=2D8=3FQ=3Fx=3F=3D?=\n"));
	buf_release(&out);
	buf_release(&subject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_plain_or_refused),
		cmocka_unit_test(more_recipients_than_there_is_room_for_are_refused),
		cmocka_unit_test(an_address_is_as_long_as_there_is_room_for),
		cmocka_unit_test(a_plain_message_reads_as_it_was_written),
		cmocka_unit_test(lines_break_where_they_are_full_and_nowhere_else),
		cmocka_unit_test(the_date_is_that_of_the_last_second_of_a_day),
		cmocka_unit_test(no_line_is_longer_than_76_or_ends_in_a_space),
		cmocka_unit_test(a_subject_that_is_not_ascii_is_encoded_in_words),
	};

	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
