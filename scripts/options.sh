# shellcheck shell=sh
# options.sh - the options of a report, which may stand before or behind its span.  Sourced, after lib.sh.
#
#   sort_options NAMES ARG...   put into $sorted, quoted for eval, the arguments as getopt(1) sorts them: each option
#                               and its value as a word of its own, "--", then the operands.  NAMES are the long
#                               options, as getopt has them ("by:,compare"); -h and --help are every report's.
#                               One that is not among them, or lacks its value, ends the script.

# shellcheck disable=SC2034,SC2154 # sorted is read by the script that sources this; lib.sh sets job
sort_options() {
	options=$1
	shift
	sorted=$(getopt -n "$job" -o h -l "help,$options" -- "$@" 2>&1) && return
	# What it says is "JOB: unrecognized option '--x'", "JOB: option '--x' requires an argument" and so on.
	complaint=${sorted%%
*}
	culprit=${complaint#*\'}
	culprit=${culprit%%\' *}
	culprit=${culprit%\'}
	case $complaint in
	*'unrecognized option'*)    fail 64 "$culprit: no such option; see $job --help" ;;
	*'invalid option'*)	    fail 64 "-$culprit: no such option; see $job --help" ;;
	*'requires an argument'*)   fail 64 "$culprit needs a value; see $job --help" ;;
	*"doesn't allow an argument"*) fail 64 "$culprit takes no value; see $job --help" ;;
	*)			    fail 64 "${complaint#"$job: "}; see $job --help" ;;
	esac
}
