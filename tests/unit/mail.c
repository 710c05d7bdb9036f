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
		{ "", 0 }, { " , ", 0 },
		{ "example.org", 0 }, { "@example.org", 0 }, { "a@", 0 },
		{ "a@b@c", 0 }, { ".a@b", 0 }, { "a.@b", 0 }, { "a..b@c", 0 }, { "a@b.", 0 }, { "a@.b", 0 },
		{ "-oQ/tmp@example.org", 0 },
		{ "<a@b.org>", 0 }, { "A B <a@b.org>", 0 }, { "\"a b\"@c", 0 },
		{ "a@b.org\nBcc: x@y.z", 0 }, { "a\r@b.org", 0 },
	};
	struct mail_addresses to;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		bool good = mail_addresses_parse(row[i].text, &to, &why);

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

/* Each encoded word at most 75 characters and of whole characters (RFC 2047 section 2 and 5). */
static void a_subject_that_is_not_ascii_is_encoded_in_words(void **state)
{
	struct buf out = BUF_INIT, subject = BUF_INIT;
	int words = 0;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_adds(&subject, "\xe2\x82\xac");
	compose(&out, subject.data, "x");
	for (const char *word = out.data; (word = strstr(word, "=?utf-8?Q?")); words++) {
		const char *end = strstr(word + 10, "?=");

		assert_true(end - word + 2 <= 75);
		assert_int_equal((end - word - 10) % 9, 0);	/* =E2=82=AC */
		word = end;
	}
	assert_int_equal(words, 9);		/* 7 characters fit one word, 60 are told */
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
		cmocka_unit_test(a_plain_message_reads_as_it_was_written),
		cmocka_unit_test(no_line_is_longer_than_76_or_ends_in_a_space),
		cmocka_unit_test(a_subject_that_is_not_ascii_is_encoded_in_words),
	};

	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
