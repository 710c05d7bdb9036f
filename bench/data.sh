# data - the private database and the days generated into it; read by bench/run
#
# shellcheck shell=sh

start_database() {
	"$root/scripts/local-db" start
	"$root/scripts/migrate"
	read -r socket <"$WINDFALL_STATE/var/socket"
	# compare asks for checkpoints, which the tools' role is not allowed.
	"$root/scripts/local-db" psql -U postgres -Xqc 'grant pg_checkpoint to windfall'
	sql -c "select count(ensure_month(m::date))
		  from generate_series(date_trunc('month', date '$from'), date '$to', interval '1 month') m" >/dev/null
}

generate() { "$root/build/generate" "$@" "$root/sql/reference/wind-units.tsv"; }
generate_archive() { "$root/build/generate" archive "$1" "$to" "$root/sql/reference/wind-units.tsv" "$2"; }

load_records() {
	generate records "$from" "$to" >"$tmp/records.tsv"
	generate periods "$from" "$to" >"$tmp/periods.tsv"
	copy_generated curtailment_records records
	copy_generated ingested_periods periods
	sql -c "vacuum analyze"
}

# copy_generated TABLE NAME [DATE]: what was generated, or what of it is this date's, into the table.
copy_generated() {
	awk -F '\t' -v date="${3:-}" 'NR == 1 || date == "" || $1 == date' "$tmp/$2.tsv" |
		sql -c "\\copy $1 ($(head -n 1 "$tmp/$2.tsv" | tr '\t' ,)) from pstdin with (format text, header match)"
}
