# windfall - the schedule for the whole system
#
# `windfall schedule install` writes these jobs with the paths of your installation, after checking that cron will find
# everything.  By hand as root:  install -m 644 cron/windfall.cron.d /etc/cron.d/windfall
# (cron passes over names with a dot).  The jobs run as the user windfall:  adduser --system --group windfall
# Debian's cron knows one time zone, the machine's, and no CRON_TZ: the times below are the
# machine's own; the jobs themselves use Europe/London.  Between 00:00 and 02:00, where
# clocks change, nothing is due but what comes each hour.  The next run of
# the same kind makes up for a job that was missed while the machine was off: daily reaches back to the last
# stored day (31 days at most), weekly to everything the database knows.
#
# A job writes its own log and prints one line, its verdict, which cron need not mail; it
# reports what goes wrong on stderr, which cron mails to MAILTO.  `spread` delays a job by up to so many
# seconds, differently on each host, so that many do not ask the source in the same second.

SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=root
# The installation directory.  Everything else is read from windfall.conf(5), by these jobs as by those that you type: the
# database, the folder of var and logs, the currency, the targets of alerts.
WINDFALL=/usr/local/lib/windfall

# minute hour day-of-month month day-of-week user command

# The periods that have ended since: every half hour, a quarter past the half hour's end.
#*/5 * * * * windfall "$WINDFALL"/scripts/spread 120 "$WINDFALL"/scripts/realtime >/dev/null
16,46 * * * * windfall "$WINDFALL"/scripts/spread 120 "$WINDFALL"/scripts/realtime >/dev/null

# Each morning: the last 2 days, and all that is still provisional.
#30 6 * * * windfall "$WINDFALL"/scripts/spread 900 "$WINDFALL"/scripts/daily >/dev/null
0 3 * * * windfall "$WINDFALL"/scripts/spread 900 "$WINDFALL"/scripts/daily >/dev/null

# Each Sunday: the last 8 days compared with the source, and everything with itself.
#30 4 * * 6 windfall "$WINDFALL"/scripts/spread 900 "$WINDFALL"/scripts/weekly >/dev/null
30 4 * * 0 windfall "$WINDFALL"/scripts/spread 900 "$WINDFALL"/scripts/weekly >/dev/null

# On the 1st: the month that has closed, compared with the source and summed again.
0 2 1 * * windfall "$WINDFALL"/scripts/spread 900 "$WINDFALL"/scripts/monthly >/dev/null

# The exchange ledger, each Sunday at 02:00; or every day at 03:00, on the 1st at 01:00 for a deep
# audit, or Saturdays at midnight; 09:15 on a server with reports before it.  Leave the comment sign
# where it is if you have no exchange account.
#0 3 * * * windfall "$WINDFALL"/scripts/exchange-weekly >/dev/null
#0 1 1 * * windfall "$WINDFALL"/scripts/exchange-weekly >/dev/null
#0 0 * * 6 windfall "$WINDFALL"/scripts/exchange-weekly >/dev/null
#15 9 * * 0 windfall "$WINDFALL"/scripts/exchange-weekly >/dev/null
#0 2 * * 0 windfall "$WINDFALL"/scripts/exchange-weekly >/dev/null
