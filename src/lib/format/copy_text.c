#include "format/copy_text.h"

#include <string.h>

void copy_escape(struct buf *b, const char *text)
{
	static const char special[] = "\\\t\n\r\b\f\v";
	static const char letter[] = "\\tnrbfv";

	/* A blank at either end is data only if it is marked: readers take others for a person's. */
	if (*text == ' ')
		buf_addc(b, '\\');
	for (;;) {
		size_t plain = strcspn(text, special);

		buf_add(b, text, plain);
		text += plain;
		if (!*text) {
			if (plain > 0 && text[-1] == ' ' && !(b->len > 1 && b->data[b->len - 2] == '\\')) {
				b->len--;
				buf_adds(b, "\\ ");
			}
			return;
		}
		buf_addc(b, '\\');
		buf_addc(b, letter[strchr(special, *text) - special]);
		text++;
	}
}

char *copy_unescape(char *field)
{
	static const char letter[] = "tnrbfv";
	static const char byte[] = "\t\n\r\b\f\v";
	char *from = strchr(field, '\\'), *to = from;

	if (!from)
		return field;
	if (strcmp(field, "\\N") == 0)
		return NULL;
	while (*from) {
		const char *known;

		if (*from != '\\' || !from[1]) {
			*to++ = *from++;
			continue;
		}
		known = strchr(letter, from[1]);
		*to++ = known ? byte[known - letter] : from[1];
		from += 2;
	}
	*to = '\0';
	return field;
}
