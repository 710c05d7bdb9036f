/*
 * Whatever bytes a source sends, the parsers answer or refuse.  The first byte of an input chooses the parser (targets.h).
 *
 * `make fuzz` runs this for FUZZ_SECONDS from the seeds and the corpus beside it (clang's libFuzzer); tests/unit/corpus.c
 * runs the same targets over the same files in `make check`.
 */
#include <stdint.h>

#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_target *target = size ? fuzz_target_of((char)data[0]) : NULL;

	if (target)
		target->run((const char *)data + 1, size - 1);
	return 0;
}
