# shellcheck shell=sh
# lib.sh - what every job shares, one function per idea.  Sourced, with $root set.
#
#   job_start NAME "$@"     lock, log, scratch folder, traps; the job begins (its log is named by
#                           $log_name, if that is set before)
#   step NAME               name what is done next; its time is logged when the next one begins
#   run COMMAND [ARG]...    a command that may take long; a signal to the job ends it too
#   say LEVEL MSG [K=V]...  one fact in the log
#   fail STATUS MSG         say an error and end
#   verdict WORD [K=V]...   what the last line shall say: ok, mended, findings
#   need_db                 the database is there, and its tables are up to date
#   look_at_db              the same for who only looks: nothing is made or changed to be so
#   scratch                 only the folder $tmp, for a script that is no job
#
# The ground that all stand on is laid here; the functions are in lib/: say.sh, migrations.sh, database.sh, scratch.sh, job.sh, table.sh.

# shellcheck disable=SC2034,SC2154 # $root is the sourcing script's; what is set here the files in lib/ read
# Cron's environment is bare and a user's is anything: take neither on trust.
umask 027
IFS=' 	
'
LC_ALL=C
# GNU's programs would take a range in a pattern of sed for another, and getopt its arguments for other ones.
unset POSIXLY_CORRECT GETOPT_COMPATIBLE
PATH=${WINDFALL_BIN:+$WINDFALL_BIN:}$root/bin:$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
# A file that may not grow (ulimit -f) is a write that fails, and no silent end.
trap '' XFSZ
# A stream that the caller closed would be the next file that is opened: unusable, it stays its own.
(: 9<&0) 2>/dev/null || exec 0>/dev/null
# What it was to take would be lost unnoticed by a program that has no word for that (column).
(: 9>&1) 2>/dev/null || exec 1>/dev/full || exec 1</dev/null
(: 9>&2) || exec 2>/dev/null
# Where this tree is, for the scripts that this one starts: they are called by their place in it, and need not resolve
# their own path.
export WINDFALL_ROOT="$root"
# The settings of windfall.conf(5), by the tools' own rule: this script restarts with them in its environment,
# and without what it would take for variables of its own.
# Where they are wrong, scratch and job_start say so.
# How a command is called is said without them.
case ${1:-} in -h|--help) WINDFALL_SETTINGS='read' ;; esac
if [ "${WINDFALL_SETTINGS:-}" != read ]; then
	if command -v with-settings >/dev/null; then
		self=$root/scripts/${0##*/}
		# shellcheck disable=SC3013 # dash and every other shell of Debian's have -ef
		[ "$self" -ef "$0" ] || case $0 in */*) self=$0 ;; *) self=./$0 ;; esac
		exec with-settings --go-on --clean "$self" "$@"
	fi
	case $root in
	*:*) WINDFALL_SETTINGS_WRONG="no PATH can hold the colon of $root: move the installation to a folder without one" ;;
	*)   WINDFALL_SETTINGS_WRONG="the tools are not built yet: run make in $root" ;;
	esac
fi
state=${WINDFALL_STATE:-$root}
case $state in
/*) ;;
*)  state=$PWD/$state WINDFALL_STATE=$state ;;
esac
logs=$state/logs

job=${0##*/}
step=start
tmp=
log=

. "$root/scripts/lib/say.sh"
. "$root/scripts/lib/migrations.sh"
. "$root/scripts/lib/database.sh"
. "$root/scripts/lib/scratch.sh"
. "$root/scripts/lib/job.sh"
. "$root/scripts/lib/table.sh"

# That of the user whom one was before su or sudo, most often.
if [ -n "${TMPDIR:-}" ] && ! [ -w "$TMPDIR" ]; then
	case ${1:-} in -h|--help) ;; *) say warning "TMPDIR is not a folder that this user may write; /tmp is used" TMPDIR="$TMPDIR" ;; esac
	unset TMPDIR
fi
