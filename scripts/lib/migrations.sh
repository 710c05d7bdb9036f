# shellcheck shell=sh
# migrations.sh - which migrations this tree has, and whether the database has just these.

# shellcheck disable=SC2154 # $root is set by the sourcing script, $tmp by scratch.sh, $complaint and $db_status by db_explain

# Into $tmp/tree, the files of sql/ as "version name checksum path"; into $in_tree, how many.  A data file that a
# migration loads is not part of its checksum: data may grow while history stays as it was.
list_migrations() {
	for tree_file in "$root"/sql/[0-9][0-9][0-9]-*.sql; do
		[ -e "$tree_file" ] || fail 78 "no migrations in $root/sql"
	done
	(cd "$root" && sha256sum -- sql/[0-9][0-9][0-9]-*.sql) >"${tmp:?scratch is called first}/tree-sums" || exit
	tree_last=
	in_tree=0
	while read -r tree_sum tree_file; do
		tree_name=${tree_file#sql/???-}
		tree_name=${tree_name%.sql}
		tree_version=${tree_file#sql/}
		tree_version=${tree_version%%-*}
		case $tree_name in *[!a-z0-9-]*) fail 78 "$tree_file: a migration's name is made of a-z, 0-9 and -" ;; esac
		[ "$tree_version" != "$tree_last" ] || fail 78 "two migrations have the number $tree_version"
		tree_last=$tree_version
		in_tree=$((in_tree + 1))
		# 008 is a number to a reader, and octal to a shell.
		tree_version=${tree_version#0}
		printf '%s %s %s %s\n' "${tree_version#0}" "$tree_name" "$tree_sum" "$tree_file"
	done <"$tmp/tree-sums" >"$tmp/tree"
}

# Whether the database has just those that list_migrations has listed: one query, and mostly all that there is to do.
# A database that cannot be reached ends the script.
nothing_to_migrate() {
	bare_psql -F ' ' -c 'select version, checksum from schema_migrations order by version' \
		>"$tmp/tree-applied" 2>"$tmp/tree-err" || {
		[ "$asked" -eq 2 ] || return 1
		db_explain "$tmp/tree-err"
		fail "$db_status" "$complaint"
	}
	{
		while read -r tree_version _ tree_sum _; do
			read -r applied_version applied_sum <&8 || return 1
			[ "$tree_version $tree_sum" = "$applied_version $applied_sum" ] || return 1
		done <"$tmp/tree"
		! read -r applied_version applied_sum <&8
	} 8<"$tmp/tree-applied"
}

# The database and the reference file may hold different miner models, but never in silence: the tool says which.
models_agree() {
	[ -e "$root/sql/reference/miner-models.tsv" ] && command -v miner-models >/dev/null || return 0
	models_differ=0
	run miner-models compare >/dev/null || models_differ=$?
	[ "$models_differ" -le 1 ] || exit "$models_differ"
}
