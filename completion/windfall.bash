# Completion of windfall for bash.  It keeps no list of its own: commands, verbs, options and formats are read
# from `windfall --commands` and from what `windfall help COMMAND` prints.
# shellcheck shell=bash

# The words that may stand behind an option, from its text in a help: "unit, farm (the default), owner or month".
_windfall_listed() {
	awk -v option="$1" '
		!found && match($0, "(^| )" option " [A-Z]+ +") { found = 1; text = substr($0, RSTART + RLENGTH); next }
		found == 1 && /^            / { text = text " " $0; next }
		found { exit }
		END {
			gsub(/\([^)]*\)/, "", text)
			sub(/[:;.].*/, "", text)
			gsub(/,/, " , ", text)
			n = split(text, word, " ")
			for (i = 1; i <= n; i++)
				if (word[i] ~ /^[a-z][a-z-]*$/ && word[i] != "or" &&
				    (word[i + 1] ~ /^(,|or)$/ || word[i - 1] ~ /^(,|or)$/))
					print word[i]
		}'
}

# Those of the lines on standard input that begin with a word, quoted as a shell needs them.
_windfall_lines() {
	local line word=$1
	# What is typed so far may be quoted.
	word=${word//\\/}
	word=${word#[\"\']}
	while IFS= read -r line; do
		[[ $line != "$word"* ]] || printf '%q\n' "$line"
	done
}

# Days, months and years that a person may mean, latest first, by what is typed of them.
_windfall_spans() {
	local n
	case $1 in
	[0-9]*)	for n in {1..31}; do date -d "$n days ago" +%F; done
		for n in {0..24}; do date -d "$(date +%Y-%m-15) $n months ago" +%Y-%m; done ;;
	*)	printf '%s\n' today yesterday ;;
	esac
}

# The folder of the installation that a command belongs to.
_windfall_tree() {
	local file
	file=$(readlink -f -- "$(type -P "$1")")
	printf '%s\n' "${file%/*/*}"
}

# The names that the reference files have: of models or machines, units, farms, their owners and regions.
_windfall_names() {
	local file column=1
	case $1$2 in
	what-if--model|size-fleet--model|build-pages--model) file=machines.tsv ;;
	*--model)	file=miner-models.tsv ;;
	*--farm)	file=sites.tsv column=4 ;;
	*--owner)	file=sites.tsv column=5 ;;
	*--region)	file=sites.tsv column=7 ;;
	*)		file=wind-units.tsv ;;
	esac
	# shellcheck disable=SC2154 # windfall is the caller's
	mapfile -t COMPREPLY < <(sed '/^#/d' "$(_windfall_tree "$windfall")/sql/reference/$file" 2>/dev/null | sed 1d | cut -f $column |
		grep -vxF '\N' | sort -u | _windfall_lines "$3")
}

_windfall() {
	local word=${COMP_WORDS[COMP_CWORD]} before='' command='' text words
	local windfall=${COMP_WORDS[0]/#\~/$HOME} verb=''
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
	--model|--unit|--farm-id|--farm|--owner|--region)
		_windfall_names "$command" "$before" "$word"
		return ;;
	--by|--sort|--severity|--source|--side)
		mapfile -t COMPREPLY < <(compgen -W "$(_windfall_listed "$before" <<<"$text")" -- "$word")
		[ "${#COMPREPLY[@]}" -eq 0 ] || return ;;
	--from|--since|--to)
		mapfile -t COMPREPLY < <(compgen -W "$(_windfall_spans "$word" | grep -vxE '[0-9]{4}-[0-9]{2}')" -- "$word")
		return ;;
	--file|--csv|--map|--output|--from-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	esac
	[ "$COMP_CWORD" -lt 3 ] || verb=${COMP_WORDS[2]}
	case $word/$command/$verb/$COMP_CWORD in
	-*) ;;
	*/reconcile/spot-fix/5|*/units/declare/*)
		[[ $word != [0-9]* ]] || [ "$command" = reconcile ] || return 0
		_windfall_names "$command" --unit "$word"
		return ;;
	*/miner-models/retire/3)
		_windfall_names "$command" --model "$word"
		return ;;
	*/export//2)
		# Tables and views, as the migrations name them.
		mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^comment on \(table\|view\) \([a-z_]*\) is.*/\2/p' "$(_windfall_tree "$windfall")"/sql/[0-9]*.sql | sort -u)" -- "$word")
		return ;;
	*/partitions/*-year/3)
		mapfile -t COMPREPLY < <(compgen -W "$(for n in {1..9}; do echo $(($(date +%Y) - n)); done)" -- "$word")
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
		if [ -z "$words" ] && grep -qwE 'DATE|FROM|D|A B|YYYY-MM' <<<"$text"; then
			words=$(_windfall_spans "$word")
			grep -qE 'YYYY-MM([^-]|$)' <<<"$text" || words=$(grep -vxE '[0-9]{4}-[0-9]{2}' <<<"$words")
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	[ "${#COMPREPLY[@]}" -gt 0 ] || [[ "$word" == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

complete -F _windfall windfall
