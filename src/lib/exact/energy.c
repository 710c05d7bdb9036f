#include "exact/energy.h"

#include "exact/fixed.h"

enum { DECIMALS = 30, MAX_EXPONENT = 400 };

static const energy_t max_energy = (energy_t)(~(unsigned __int128)0 >> 1);

/* 10^n, n from 0 to 38. */
static energy_t power_of_ten(int n)
{
	energy_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* The exponent behind an e: digits with an optional sign.  False if it is none or beyond ±400. */
static bool parse_exponent(const char *p, int *exponent)
{
	bool negative = *p == '-';

	p += *p == '-' || *p == '+';
	if (!*p)
		return false;
	for (*exponent = 0; *p; p++) {
		if (*p < '0' || *p > '9' || *exponent > MAX_EXPONENT)
			return false;
		*exponent = *exponent * 10 + (*p - '0');
	}
	if (*exponent > MAX_EXPONENT)
		return false;
	if (negative)
		*exponent = -*exponent;
	return true;
}

bool energy_parse(const char *text, energy_t *energy, struct reason *why)
{
	const char *p = text + (*text == '-' || *text == '+');
	unsigned __int128 digits = 0;
	int significant = 0, n_digits = 0, decimals = 0, exponent = 0;
	int zeros = 0;		/* held back: trailing zeros need no room */
	bool point = false;

	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		n_digits++;
		decimals += point;
		if (*p == '0' && significant > 0) {
			zeros++;
			continue;
		}
		if (*p == '0')
			continue;
		if (significant + zeros + 1 > 37)
			return reason_set(why, "%.40s has more digits than can be added exactly", text);
		digits = digits * (unsigned __int128)power_of_ten(zeros + 1) + (unsigned)(*p - '0');
		significant += zeros + 1;
		zeros = 0;
	}
	if (n_digits == 0)
		return reason_set(why, "%.40s is not a number", *text ? text : "(nothing)");
	if (*p == 'e' || *p == 'E') {
		if (!parse_exponent(p + 1, &exponent))
			return reason_set(why, "%.40s is not a number that can be used", text);
	} else if (*p) {
		return reason_set(why, "%.40s is not a number", text);
	}
	if (digits == 0) {
		*energy = 0;
		return true;
	}
	/* value = digits × 10^power */
	int power = zeros - decimals + exponent;

	if (significant + power > 6)
		return reason_set(why, "%.40s is %d MWh or more", text, ENERGY_LIMIT_MWH);
	if (power < -DECIMALS)
		return reason_set(why, "%.40s has more than %d decimals", text, DECIMALS);
	*energy = (energy_t)digits * power_of_ten(DECIMALS + power);
	if (*text == '-')
		*energy = -*energy;
	return true;
}

bool energy_add_magnitude(energy_t *sum, energy_t more)
{
	if (more < 0)
		more = -more;
	if (*sum > max_energy - more)
		return false;
	*sum += more;
	return true;
}

int64_t energy_round(energy_t energy)
{
	const energy_t unit = power_of_ten(DECIMALS - 9);
	energy_t magnitude = energy < 0 ? -energy : energy;
	int64_t nmwh = (int64_t)(magnitude / unit + (magnitude % unit >= unit / 2));

	return energy < 0 ? -nmwh : nmwh;
}

char *nmwh_format(int64_t nmwh, char text[NMWH_TEXT])
{
	if (nmwh < 0)
		*text = '-';
	fixed_format(nmwh < 0 ? -(unsigned __int128)nmwh : (unsigned __int128)nmwh, 9, text + (nmwh < 0));
	return text;
}

bool nmwh_parse(const char *text, int64_t *nmwh)
{
	const char *p = text + (*text == '-');
	uint64_t value = 0;
	int decimals = -1, n = 0;

	for (; *p; p++) {
		if (*p == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || ++n > 18 || decimals >= 9)
			return false;
		value = value * 10 + (unsigned)(*p - '0');
		decimals += decimals >= 0;
	}
	if (n == 0)
		return false;
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 9; decimals++) {
		if (value > UINT64_MAX / 20)
			return false;
		value *= 10;
	}
	*nmwh = *text == '-' ? -(int64_t)value : (int64_t)value;
	return true;
}
