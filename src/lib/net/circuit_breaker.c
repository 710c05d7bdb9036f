#include "net/circuit_breaker.h"

void circuit_breaker_init(struct circuit_breaker *b, int limit, double first_pause)
{
	*b = (struct circuit_breaker){ .limit = limit, .first_pause = first_pause };
}

bool circuit_breaker_success(struct circuit_breaker *b)
{
	bool was_open = b->open;

	b->open = false;
	b->failures = b->probes = 0;
	return was_open;
}

enum breaker_move circuit_breaker_failure(struct circuit_breaker *b, bool was_probe, double *pause)
{
	bool was_open = b->open;

	b->failures++;
	if (was_open ? !was_probe : b->failures < b->limit)
		return BREAKER_STAYS;
	if (was_open && ++b->probes == CIRCUIT_BREAKER_PROBES)
		return BREAKER_GIVES_UP;
	b->open = true;
	*pause = b->first_pause * (1 << b->probes);
	return was_open ? BREAKER_PAUSES : BREAKER_OPENS;
}
