#include "exact/calendar.h"

#include <string.h>

/* Civil from days and back: the proleptic Gregorian calendar, with years that begin in March
 * so that the leap day comes last. */
day_t day_from_civil(int year, int month, int mday)
{
	int y = year - (month <= 2);
	int era = y / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void day_to_civil(day_t day, int *year, int *month, int *mday)
{
	int z = day + 719468;
	int era = z / 146097;
	int day_of_era = z - era * 146097;
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * day_of_year + 2) / 153;

	*mday = day_of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Exactly n digits at text, as a number; -1 if they are not digits. */
static int digits(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

static bool civil_parse(const char *text, int first_year, day_t *day)
{
	int year = digits(text, 4), month, mday, y, m, d;

	if (year < 0 || text[4] != '-')
		return false;
	month = digits(text + 5, 2);
	if (month < 1 || month > 12 || text[7] != '-')
		return false;
	mday = digits(text + 8, 2);
	if (mday < 1 || mday > 31 || year < first_year || year > 2099)
		return false;
	*day = day_from_civil(year, month, mday);
	day_to_civil(*day, &y, &m, &d);
	return y == year && m == month && d == mday;
}

bool day_parse(const char *text, day_t *day)
{
	return strlen(text) == DAY_TEXT - 1 && civil_parse(text, 1996, day);
}

static void write_digits(char *to, unsigned value, int n)
{
	for (; n > 0; value /= 10)
		to[--n] = (char)('0' + value % 10);
}

char *day_format(day_t day, char text[DAY_TEXT])
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	write_digits(text, (unsigned)year, 4);
	write_digits(text + 5, (unsigned)month, 2);
	write_digits(text + 8, (unsigned)mday, 2);
	text[4] = text[7] = '-';
	text[10] = '\0';
	return text;
}

/* The last Sunday of a month of 31 days. 1970-01-01 was a Thursday. */
static day_t last_sunday(int year, int month)
{
	day_t last = day_from_civil(year, month, 31);

	return last - (last + 4) % 7;
}

static bool is_summer(instant_t when)
{
	int year, month, mday;

	day_to_civil((day_t)(when / DAY_SECONDS), &year, &month, &mday);
	return when >= (instant_t)last_sunday(year, 3) * DAY_SECONDS + 3600 &&
	       when < (instant_t)last_sunday(year, 10) * DAY_SECONDS + 3600;
}

/* London midnight: the clocks never change there, so the offset an hour before UTC midnight tells. */
static instant_t midnight(day_t day)
{
	instant_t utc = (instant_t)day * DAY_SECONDS;

	return is_summer(utc - 3600) ? utc - 3600 : utc;
}

day_t day_of_instant(instant_t when)
{
	return (day_t)((when + (is_summer(when) ? 3600 : 0)) / DAY_SECONDS);
}

int settlement_periods(day_t day)
{
	return (int)((midnight(day + 1) - midnight(day)) / PERIOD_SECONDS);
}

instant_t period_start(day_t day, int period)
{
	return midnight(day) + (instant_t)(period - 1) * PERIOD_SECONDS;
}

instant_t day_final_from(day_t day)
{
	return midnight(day + 2) + 15 * 60;
}

bool instant_parse(const char *text, instant_t *when)
{
	day_t day;
	int hour, minute, second, offset = 0;
	instant_t read;
	const char *p;

	if (strlen(text) < 20 || !civil_parse(text, 1970, &day) || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
		return false;
	hour = digits(text + 11, 2);
	minute = digits(text + 14, 2);
	second = digits(text + 17, 2);
	if (text[13] != ':' || text[16] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 60)
		return false;
	p = text + 19;
	if (*p == '.') {
		size_t n = strspn(++p, "0123456789");

		if (n < 1 || n > 9)
			return false;
		p += n;
	}
	if (*p == '+' || *p == '-') {
		int h = digits(p + 1, 2), m = h < 0 || p[3] != ':' ? -1 : digits(p + 4, 2);

		if (h < 0 || h > 23 || m < 0 || m > 59 || p[6])
			return false;
		offset = (h * 60 + m) * (*p == '-' ? -60 : 60);
	} else if ((*p != 'Z' && *p != 'z') || p[1]) {
		return false;
	}
	read = (instant_t)day * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset;
	if (read < 0 || read >= INSTANT_END)
		return false;
	*when = read;
	return true;
}

char *instant_format(instant_t when, char text[INSTANT_TEXT])
{
	instant_t day = when / DAY_SECONDS - (when % DAY_SECONDS < 0);
	unsigned second = (unsigned)(when - day * DAY_SECONDS);

	day_format((day_t)day, text);
	text[10] = 'T';
	write_digits(text + 11, second / 3600, 2);
	write_digits(text + 14, second / 60 % 60, 2);
	write_digits(text + 17, second % 60, 2);
	text[13] = text[16] = ':';
	text[19] = 'Z';
	text[20] = '\0';
	return text;
}
