/*
 * freed - preloaded into a program: no block that it frees holds any part of a text that should have been wiped
 *
 * FREED_TEXT is the text; of each twelve characters in a row, every sixth row is looked for.  A block that libcrypto frees
 * for itself is not the program's to wipe.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_libcrypto(const void *caller)
{
	Dl_info from;

	return dladdr(caller, &from) && from.dli_fname && strstr(from.dli_fname, "libcrypto");
}

static bool holds_a_part(const void *block)
{
	const char *text = getenv("FREED_TEXT");
	size_t size = malloc_usable_size((void *)block);

	for (size_t i = 12, len = text ? strlen(text) : 0; i + 12 < len; i += 6)
		if (memmem(block, size, text + i, 12))
			return true;
	return false;
}

void free(void *block)
{
	static const char said[] = "freed: a block with a part of the text\n";
	static void (*really)(void *);

	if (!really) {
		void *symbol = dlsym(RTLD_NEXT, "free");

		memcpy(&really, &symbol, sizeof really);
	}
	if (block && holds_a_part(block) && !is_libcrypto(__builtin_return_address(0)))
		(void)!write(STDERR_FILENO, said, sizeof said - 1);
	really(block);
}
