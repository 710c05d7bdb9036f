#include "base/token.h"

#include <string.h>

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS CAPITALS "abcdefghijklmnopqrstuvwxyz"
#define BASE64URL LETTERS DIGITS "-_"

/* As their services document them, of which each has one beginning so that it can be found where it leaked; the words
 * of a sentence have no such length, or no digit. */
static const struct {
	const char *begin, *signs;
	size_t least;		/* so many of the signs follow, a digit among them */
} kinds[] = {
	{ "ghp_", LETTERS DIGITS, 20 }, { "gho_", LETTERS DIGITS, 20 }, { "ghu_", LETTERS DIGITS, 20 },
	{ "ghs_", LETTERS DIGITS, 20 }, { "ghr_", LETTERS DIGITS, 20 }, { "github_pat_", LETTERS DIGITS "_", 20 },
	{ "glpat-", BASE64URL ".", 16 },
	{ "xoxa-", LETTERS DIGITS "-", 10 }, { "xoxb-", LETTERS DIGITS "-", 10 }, { "xoxe-", LETTERS DIGITS "-", 10 },
	{ "xoxp-", LETTERS DIGITS "-", 10 }, { "xoxr-", LETTERS DIGITS "-", 10 }, { "xoxs-", LETTERS DIGITS "-", 10 },
	{ "xapp-", LETTERS DIGITS "-", 10 },
	{ "AKIA", CAPITALS DIGITS, 16 }, { "ASIA", CAPITALS DIGITS, 16 }, { "AIza", BASE64URL, 30 },
	{ "sk_live_", LETTERS DIGITS, 16 }, { "sk_test_", LETTERS DIGITS, 16 }, { "rk_live_", LETTERS DIGITS, 16 },
	{ "rk_test_", LETTERS DIGITS, 16 }, { "whsec_", LETTERS DIGITS "+/=", 16 }, { "sk-", BASE64URL, 32 },
	{ "SG.", BASE64URL ".", 40 }, { "npm_", LETTERS DIGITS, 30 }, { "pypi-", BASE64URL, 30 },
	{ "hf_", LETTERS DIGITS, 30 }, { "dop_v1_", LETTERS DIGITS, 30 }, { "hvs.", BASE64URL, 20 },
	{ "tskey-", BASE64URL, 12 }, { "tk_", LETTERS DIGITS, 20 },
	{ "npg_", LETTERS DIGITS, 10 }, { "sbp_", LETTERS DIGITS, 20 }, { "shpat_", LETTERS DIGITS, 20 },
	{ "AGE-SECRET-KEY-1", CAPITALS DIGITS, 40 },
	{ "xprv", LETTERS DIGITS, 80 }, { "yprv", LETTERS DIGITS, 80 }, { "zprv", LETTERS DIGITS, 80 },
	{ "tprv", LETTERS DIGITS, 80 },
	{ "SCRAM-SHA-256$", LETTERS DIGITS "+/=:$", 20 },
};

size_t token_length(const char *text)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t begin = strlen(kinds[i].begin), len;

		if (strncmp(text, kinds[i].begin, begin) != 0)
			continue;
		len = strspn(text + begin, kinds[i].signs);
		if (len >= kinds[i].least && strcspn(text + begin, DIGITS) < len)
			return begin + len;
	}
	return 0;
}
