#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "format/file_kind.h"

#define BYTES(text) text, sizeof(text) - 1

/* The first bytes of files as the programs named wrote them: gzip 1.12, bzip2 1.0.8, xz 5.4, zstd 1.5, Info-ZIP 3.0, LibreOffice 7.4. */
static void what_is_no_table_of_text_is_named(void **state)
{
	static const struct { const char *text; size_t len; const char *words; } row[] = {
		{ BYTES("\x1f\x8b\x08\x08\0\0\0\0"), "gunzip" },
		{ BYTES("BZh91AY&SY"), "bunzip2" },
		{ BYTES("\xfd" "7zXZ\0\0\x04"), "unxz" },
		{ BYTES("\x28\xb5\x2f\xfd\x24\x3e"), "unzstd" },
		{ BYTES("7z\xbc\xaf\x27\x1c\0\x04"), "7z archive" },
		{ BYTES("%PDF-1.4\n%\xe2\xe3"), "it is a PDF" },
		{ BYTES("{\\rtf1\\ansi"), "text document" },
		{ BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), ".xls)" },
		{ BYTES("PK\x03\x04\x14\0\0\0\x08\0\0\0!\0\x41\x37\x82\xcf\x74\x01\0\0\x04\0\0\0\x13\0\x08\0[Content_Types].xml"), ".xlsx" },
		{ BYTES("PK\x03\x04\x14\0\0\0\0\0\0\0!\0\x85\x6c\x39\x8a\x2e\0\0\0\x2e\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument"), ".ods" },
		{ BYTES("PK\x03\x04\x14\0\0\0\x08\0\0\0!\0\x41\x37\x82\xcf\x74\x01\0\0\x04\0\0\0\x09\0\x1c\0fills.csv"), "unzip" },
		{ BYTES("PK\x03\x04"), "unzip" },
		{ BYTES("\xff\xfeI\0D\0"), "UTF-16" }, { BYTES("\xfe\xff\0I\0D"), "UTF-16" },
		{ BYTES("I\0D\0,\0"), "UTF-16" }, { BYTES("\0I\0D\0,"), "UTF-16" },
		{ BYTES("<!DOCTYPE html>\n<html>"), "web page" }, { BYTES("\r\n <HTML lang=en>"), "web page" },
		{ BYTES("\xef\xbb\xbf<?xml version=\"1.0\"?>"), "XML" },
		{ BYTES("{\"fills\":[],\"cursor\":\"\"}"), "JSON" }, { BYTES("\n[{\"id\":1}]"), "JSON" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *words = file_kind_refused(row[i].text, row[i].len);

		if (!words || !strstr(words, row[i].words))
			fail_msg("row %zu: %s, not %s", i, words ? words : "nothing", row[i].words);
	}
}

static void a_table_of_text_is_none_of_these(void **state)
{
	static const struct { const char *text; size_t len; } row[] = {
		{ BYTES("") }, { BYTES("a") }, { BYTES("\n\n") }, { BYTES("ID,Timestamp\n") }, { BYTES("\xef\xbb\xbf\"ID\",\"Timestamp\"\n") },
		{ BYTES("PKO,price\n") }, { BYTES("%PD") }, { BYTES("BZ,h\n") }, { BYTES("\x1f") }, { BYTES("id\0\n") }, { BYTES("7z,a\n") },
		{ BYTES("<id>,time\n") }, { BYTES("\xd0\xcf\x11\xe0") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (file_kind_refused(row[i].text, row[i].len))
			fail_msg("row %zu: %s", i, file_kind_refused(row[i].text, row[i].len));
}

/* UTF-16 without its mark is known by zeros in every other byte, and by no other. */
static void zeros_are_utf_16_only_in_every_other_byte(void **state)
{
	(void)state;
	for (unsigned zeros = 0; zeros < 16; zeros++) {
		char text[4];

		for (unsigned i = 0; i < 4; i++)
			text[i] = zeros >> i & 1 ? '\0' : 'a';
		if (!file_kind_refused(text, 4) != (zeros != 5 && zeros != 10))
			fail_msg("zeros %u", zeros);
	}
	assert_null(file_kind_refused(BYTES("a\0b")));
}

/* However little there is of it, nothing behind is read. */
static void a_file_may_be_cut_anywhere(void **state)
{
	static const struct { const char *text; size_t len, known_from; } row[] = {
		{ BYTES("\xff\xfe"), 2 }, { BYTES("\x1f\x8b"), 2 }, { BYTES("BZh"), 3 }, { BYTES("\xfd" "7zXZ"), 5 }, { BYTES("\x28\xb5\x2f\xfd"), 4 },
		{ BYTES("7z\xbc\xaf\x27\x1c"), 6 }, { BYTES("%PDF-"), 5 }, { BYTES("{"), 1 }, { BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 8 },
		{ BYTES("PK\x03\x04\x14\0\0\0\x08\0\0\0!\0\x41\x37\x82\xcf\x74\x01\0\0\x04\0\0\0\x03\0\0\0xl/"), 4 }, { BYTES("  <!doctype"), 11 },
		{ BYTES("\xef\xbb\xbf\t<html"), 9 }, { BYTES("<?xml"), 5 }, { BYTES("\r\n["), 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (size_t len = 0; len <= row[i].len; len++) {
			char *part = malloc(len + (len == 0));
			const char *words;

			assert_non_null(part);
			memcpy(part, row[i].text, len);
			words = file_kind_refused(part, len);
			if (!words != (len < row[i].known_from))
				fail_msg("row %zu at %zu: %s", i, len, words ? words : "nothing");
			if (memcmp(row[i].text, "PK", 2) == 0 && words)
				assert_non_null(strstr(words, len < row[i].len ? "ZIP archive" : "spreadsheet"));
			free(part);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_table_of_text_is_named),
		cmocka_unit_test(a_table_of_text_is_none_of_these),
		cmocka_unit_test(zeros_are_utf_16_only_in_every_other_byte),
		cmocka_unit_test(a_file_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
