/*
 * targets - the parsers of what comes from outside, each as a function of any bytes
 *
 * A target answers or refuses: no crash, no leak, no overflow; what it accepts keeps its own promises, or it aborts.  It
 * returns true when the bytes were taken as a document of its kind, so that a seed that no longer is one is noticed.
 */
#ifndef WINDFALL_FUZZ_TARGETS_H
#define WINDFALL_FUZZ_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define must(condition) ((condition) ? (void)0 : abort())

struct fuzz_target {
	char letter;		/* the first byte of an input, which is no part of the body */
	const char *name;
	bool (*run)(const char *body, size_t len);
};

/* Ends with a letter of 0. */
extern const struct fuzz_target fuzz_targets[];

/* The target of this letter, or NULL. */
const struct fuzz_target *fuzz_target_of(char letter);

/* fuzz_sources.c: what the sources of energy, difficulty and prices answer.  body is not terminated. */
bool fuzz_stack(const char *body, size_t len);
bool fuzz_bmunits(const char *body, size_t len);
bool fuzz_wind(const char *body, size_t len);
bool fuzz_counts(const char *body, size_t len);
bool fuzz_cashflows(const char *body, size_t len);
bool fuzz_replacement(const char *body, size_t len);
bool fuzz_mempool(const char *body, size_t len);
bool fuzz_chart(const char *body, size_t len);
bool fuzz_history_file(const char *body, size_t len);
bool fuzz_node(const char *body, size_t len);
bool fuzz_price_chart(const char *body, size_t len);
bool fuzz_price_list(const char *body, size_t len);
bool fuzz_rates_xml(const char *body, size_t len);
bool fuzz_rates_table(const char *body, size_t len);

/* fuzz_ledger.c: what an exchange answers or exports, and a person's own ledger. */
bool fuzz_amounts(const char *body, size_t len);
bool fuzz_exports(const char *body, size_t len);
bool fuzz_pages(const char *body, size_t len);
bool fuzz_key(const char *body, size_t len);
bool fuzz_trade(const char *body, size_t len);

/* fuzz_text.c: numbers, times, tables, settings, and text for people. */
bool fuzz_decimals(const char *body, size_t len);
bool fuzz_instants(const char *body, size_t len);
bool fuzz_json(const char *body, size_t len);
bool fuzz_csv(const char *body, size_t len);
bool fuzz_tsv(const char *body, size_t len);
bool fuzz_settings(const char *body, size_t len);
bool fuzz_shown(const char *body, size_t len);

/* The bytes as a string; the caller frees it.  What stands behind a NUL is not in it for whoever reads a string. */
char *fuzz_string(const char *body, size_t len);

#endif
