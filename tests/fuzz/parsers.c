/*
 * Whatever bytes a source sends, the parsers answer or refuse.  The first byte of an input chooses the parser (targets.h).
 *
 * `make fuzz` runs this for FUZZ_SECONDS from the seeds and the corpus beside it (clang's libFuzzer); tests/unit/corpus.c
 * runs the same targets over the same files in `make check`.  With FUZZ_TARGET in the environment, the letter of one target,
 * the time is that one's alone.
 */
#include <stdint.h>
#include <stdlib.h>

#include "targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The letter of the only target, or 0 for all. */
static char only;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *letter = getenv("FUZZ_TARGET");

	(void)argc;
	(void)argv;
	only = letter ? *letter : 0;
	return 0;
}

/* -1 keeps the input out of the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_target *target = size ? fuzz_target_of((char)data[0]) : NULL;

	if (only && (!target || target->letter != only))
		return -1;
	if (target)
		target->run((const char *)data + 1, size - 1);
	return 0;
}
