#include "targets.h"

#include <string.h>

#include "base/buf.h"

const struct fuzz_target fuzz_targets[] = {
	{ 's', "stack", fuzz_stack },
	{ 'u', "bmunits", fuzz_bmunits },
	{ 'w', "wind", fuzz_wind },
	{ 'i', "counts", fuzz_counts },
	{ 'q', "cashflows", fuzz_cashflows },
	{ 'r', "replacement", fuzz_replacement },
	{ 'm', "mempool", fuzz_mempool },
	{ 'c', "chart", fuzz_chart },
	{ 'f', "file", fuzz_history_file },
	{ 'n', "node", fuzz_node },
	{ 'b', "price-chart", fuzz_price_chart },
	{ 'h', "price-list", fuzz_price_list },
	{ 'e', "rates-xml", fuzz_rates_xml },
	{ 't', "rates-table", fuzz_rates_table },
	{ 'a', "amount", fuzz_amounts },
	{ 'x', "export", fuzz_exports },
	{ 'p', "page", fuzz_pages },
	{ 'k', "key", fuzz_key },
	{ 'l', "trade", fuzz_trade },
	{ 'd', "decimal", fuzz_decimals },
	{ 'o', "instant", fuzz_instants },
	{ 'j', "json", fuzz_json },
	{ 'v', "csv", fuzz_csv },
	{ 'y', "tsv", fuzz_tsv },
	{ 'g', "settings", fuzz_settings },
	{ 'z', "shown", fuzz_shown },
	{ 0, NULL, NULL },
};

const struct fuzz_target *fuzz_target_of(char letter)
{
	for (const struct fuzz_target *target = fuzz_targets; target->letter; target++)
		if (target->letter == letter)
			return target;
	return NULL;
}

char *fuzz_string(const char *body, size_t len)
{
	char *text = xmalloc(len + 1);

	memcpy(text, body, len);
	text[len] = '\0';
	return text;
}
