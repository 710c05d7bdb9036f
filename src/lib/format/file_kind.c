#include "format/file_kind.h"

#include <string.h>
#include <strings.h>

#include "format/tsv.h"

static const struct {
	const char *bytes;
	size_t len;
	const char *words;
} beginnings[] = {
	{ "\xff\xfe", 2, "it is UTF-16: save it as UTF-8" },
	{ "\xfe\xff", 2, "it is UTF-16: save it as UTF-8" },
	{ "\x1f\x8b", 2, "it is compressed with gzip: unpack it first (gunzip)" },
	{ "BZh", 3, "it is compressed with bzip2: unpack it first (bunzip2)" },
	{ "\xfd" "7zXZ", 5, "it is compressed with xz: unpack it first (unxz)" },
	{ "\x28\xb5\x2f\xfd", 4, "it is compressed with zstd: unpack it first (unzstd)" },
	{ "7z\xbc\xaf\x27\x1c", 6, "it is a 7z archive: unpack it first" },
	{ "%PDF-", 5, "it is a PDF: take the same report as CSV" },
	{ "{\\rtf", 5, "it is a text document: take the same report as CSV" },
	{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
	  "it is a spreadsheet (.xls): take the same report as CSV, or save it as CSV in UTF-8" },
};

/* Does the text begin with these words, in any case? */
static int begins(const char *text, size_t len, const char *words)
{
	size_t n = strlen(words);

	return len >= n && strncasecmp(text, words, n) == 0;
}

/* An archive names its members as it goes: a spreadsheet's are known. */
static const char *zip_kind(const char *text, size_t len)
{
	static const char *const members[] = { "[Content_Types].xml", "xl/", "_rels/", "mimetypeapplication/vnd.oasis" };

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (len > 30 && begins(text + 30, len - 30, members[i]))
			return "it is a spreadsheet (.xlsx, .ods): take the same report as CSV, or save it as CSV in UTF-8";
	return "it is a ZIP archive: unpack it first (unzip)";
}

const char *file_kind_refused(const char *text, size_t len)
{
	size_t mark;

	if (len == 0)
		return NULL;
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
		if (len >= beginnings[i].len && memcmp(text, beginnings[i].bytes, beginnings[i].len) == 0)
			return beginnings[i].words;
	if (len >= 4 && memcmp(text, "PK\x03\x04", 4) == 0)
		return zip_kind(text, len);
	/* UTF-16 without its mark: every other byte of ASCII is zero. */
	if (len >= 4 && ((text[0] && !text[1] && text[2] && !text[3]) || (!text[0] && text[1] && !text[2] && text[3])))
		return "it is UTF-16: save it as UTF-8";
	mark = text_mark(text, len);
	text += mark;
	len -= mark;
	while (len > 0 && memchr(" \t\r\n", *text, 4)) {
		text++;
		len--;
	}
	if (begins(text, len, "<!doctype") || begins(text, len, "<html") || begins(text, len, "<?xml"))
		return "it is a web page or XML, perhaps of a login that has ended: download the report again, as CSV";
	if (len > 0 && (*text == '{' || *text == '['))
		return "it is JSON, as an interface answers: take the same as CSV";
	return NULL;
}
