# Completion of windfall for bash.  It keeps no list of its own: commands, verbs, options and formats are read
# from `windfall --commands` and from what `windfall help COMMAND` prints.
# shellcheck shell=bash

_windfall() {
	local word=${COMP_WORDS[COMP_CWORD]} before='' command='' text words
	local windfall=${COMP_WORDS[0]/#\~/$HOME}
	COMPREPLY=()
	[ "$COMP_CWORD" -lt 1 ] || before=${COMP_WORDS[COMP_CWORD - 1]}
	[ "$COMP_CWORD" -lt 2 ] || command=${COMP_WORDS[1]}

	if [ -z "$command" ] || { [ "$command" = help ] && [ "$COMP_CWORD" -eq 2 ]; }; then
		words="$("$windfall" --commands 2>/dev/null)"
		[ "$command" = help ] || words="help $words"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	text=$("$windfall" help "$command" 2>/dev/null) || return 0
	case $before in
	--format)
		# What stands behind the option in the help: "table (the default, ...), tsv, csv or ndjson".
		words=$(sed -n '/^ .*--format/{s/([^)]*)//g;p;q;}' <<<"$text" | grep -owE 'table|tsv|csv|ndjson|sqlite|journal|text|json|prometheus|nagios|svg|png' | sort -u)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return ;;
	--model|--unit|--farm-id)
		# The reference files, whose first column has the names.
		text=$(readlink -f -- "$(type -P "$windfall")")
		text=${text%/*/*}/sql/reference
		case $command/$before in
		what-if/--model|size-fleet/--model) text=$text/machines.tsv ;;
		*/--model) text=$text/miner-models.tsv ;;
		*)	 text=$text/wind-units.tsv ;;
		esac
		words=$(sed '/^#/d' "$text" 2>/dev/null | sed '1d; s/\t.*//')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return ;;
	--file|--csv|--map|--output|--from-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	esac
	if [ "$command" = config ] && [[ "$word" != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$windfall" config --no-header 2>/dev/null | sed 's/\t.*//')" -- "$word")
		return
	fi
	case $word in
	-*)	words=$(grep -oE -e '--[a-z][a-z0-9-]*' <<<"$text" | sort -u) ;;
	*)	# Verbs stand before the options, first on their line, and their meaning two or more blanks behind.
		words=$(sed -nE '/^ +-/q; s/^  ([a-z][a-z-]*( \(the default\))?(, [a-z-]+)*)( [][A-Za-z_|.=-]+)*  +.*/\1/p' <<<"$text" |
			sed 's/(the default)//; s/,/ /g')
		# Where a verb is, dates stand behind it.
		[ -z "$words" ] || [ "$COMP_CWORD" -eq 2 ] || words=
		if [ -z "$words" ] && grep -qwE 'DATE|FROM|D|A B' <<<"$text"; then
			words="today yesterday"
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	[ "${#COMPREPLY[@]}" -gt 0 ] || [[ "$word" == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

complete -F _windfall windfall
