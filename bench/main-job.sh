# main-job - rows of the way from the source to audited sums; read by bench/run
#
# shellcheck shell=sh

# The bundled day, from the archive of bodies to audited summaries.
day=2022-01-01
prepare_day() {
	[ ! -e "$tmp/day-records.tsv" ] || return 0
	the_tools
	record_columns=$(sql -c "select string_agg(column_name, ', ' order by ordinal_position) from information_schema.columns
		where table_name = 'curtailment_records' and column_name <> 'ingested_at'")
	sql -c "\copy (select $record_columns from curtailment_records where settlement_date = '$day' order by 1, 2, 3) to '$tmp/day-records.tsv'"
	sql -c "\copy (select $calculation_columns from historical_bitcoin_calculations where settlement_date = '$day' order by 1, 2, 3, 4) to '$tmp/day-calculations.tsv'"
}
no_day() {
	for table in curtailment_records historical_bitcoin_calculations ingested_periods daily_summaries bitcoin_daily_summaries; do
		sql -c "delete from $table where settlement_date = '$day'"
	done
}
count_day() {
	sql -c "select count(*), sum(volume) from curtailment_records where settlement_date = '$day'" \
		-c "select count(*), sum(bitcoin_mined) from historical_bitcoin_calculations where settlement_date = '$day'"
}
copy_day() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall \
		-c "\copy curtailment_records ($record_columns) from '$tmp/day-records.tsv'" \
		-c "\copy historical_bitcoin_calculations ($calculation_columns) from '$tmp/day-calculations.tsv'"
}
the_tools() {
	# shellcheck disable=SC2016 # the inner shell expands them
	timed sh -c 'fetch-elexon -q --store --base-url "file://$1/tests/data/archive" "$2" && calc-btc -q --store "$2" &&
		rollup-summaries -q "$2" && audit-calcs -q "$2"' sh "$root" "$day" >"$tmp/listed"
}
the_job() { WINDFALL_ELEXON_URL=file://$root/tests/data/archive timed "$root/scripts/reingest" "$day" >"$tmp/listed"; }

row_whole_day() {
	sql -c "select ensure_month('$day')" >/dev/null
	prepare_day
	compare 'a day, archive to audit' "$(wc -l <"$tmp/day-calculations.tsv")" no_day count_day \
		'COPY of its rows alone:copy_day' \
		'fetch, calc, sum, audit:the_tools' \
		'the job reingest:the_job'
	# A long history has a day of its own here.
	no_day
	copy_generated curtailment_records records "$day"
	copy_generated ingested_periods periods "$day"
}

# Generated days as bodies on the disk: checked, parsed, stored.  At most a year of them.
archive_days=$days
[ "$archive_days" -le 365 ] || archive_days=365
archive_from=$(date -u -d "$to - $((archive_days - 1)) days" +%F)
prepare_archive() {
	[ ! -e "$tmp/archive" ] || return 0
	generate_archive "$archive_from" "$tmp/archive"
	find "$tmp/archive" -type f >"$tmp/bodies"
	awk -F '\t' -v from="$archive_from" 'NR > 1 && $1 >= from' "$tmp/records.tsv" >"$tmp/archive-records.tsv"
}
no_archive_days() {
	sql -c "delete from curtailment_records where settlement_date >= '$archive_from'" \
		-c "delete from ingested_periods where settlement_date >= '$archive_from'" -c "vacuum curtailment_records"
}
count_archive_days() { sql -c "select count(*), sum(volume) from curtailment_records where settlement_date >= '$archive_from'"; }
parse_and_copy() {
	# shellcheck disable=SC2016 # the inner shell expands them
	timed sh -c '"$1" <"$2" && psql -XAtq -h "$3" -U windfall -d windfall -c "$4"' sh \
		"$root/build/parse" "$tmp/bodies" "$socket" \
		"\\copy curtailment_records ($(head -n 1 "$tmp/records.tsv" | tr '\t' ,)) from '$tmp/archive-records.tsv'" >"$tmp/listed"
}
fetch_archive() { timed fetch-elexon -q --store --base-url "file://$tmp/archive" "$archive_from" "$to"; }

row_archive() {
	prepare_archive
	compare "archive of $archive_days days" "$(wc -l <"$tmp/archive-records.tsv")" no_archive_days count_archive_days \
		'cJSON of its bodies, COPY of its rows:parse_and_copy' \
		'fetch-elexon, all checked:fetch_archive'
}

# Five days from a server that takes 50 ms for each answer; rows are requests.  The first floor is the
# ceiling itself: the last of so many requests starts when the rate allows it.
prepare_http() {
	[ -z "$server" ] || return 0
	generate_archive "$(date -u -d "$to - 4 days" +%F)" "$tmp/served"
	cat >"$tmp/slowly" <<-'END'
		location ~ ^/balancing { echo_sleep 0.05; echo_exec @body; }
		location @body { try_files $uri =404; }
	END
	"$root/tests/replay" "$tmp/nginx" "$tmp/served" "$tmp/slowly" >"$tmp/server"
	read -r url server <"$tmp/server"
}
ask_days() {	# DAYS RATE: what the sides are asked for
	http_from=$(date -u -d "$to - $(($1 - 1)) days" +%F)
	rate=$2
	requests=$(($1 * 48))
	(cd "$tmp/served" && find . -type f) | sort | awk -v url="$url" -v from="$http_from" -F / '
		$(NF - 1) >= from { sub(/^\./, url); print "url = \"" $0 "\"\noutput = \"/dev/null\"" }' OFS=/ >"$tmp/urls"
}
no_requests() { : >"$tmp/nginx/access.log"; }
# nginx notes an answer after it has gone out: a question more, answered after the others.
count_requests() {
	curl -fsS -o /dev/null "$url/replay-sync"
	echo $((waited + $(grep -c '^200 ' "$tmp/nginx/access.log")))
}
the_ceiling() {
	waited=$requests
	timed sleep "$(awk -v n="$requests" -v rate="$rate" 'BEGIN { print (n - 1) / rate + 0.05 }')"
}
curl_urls() {
	waited=0
	timed curl -sSf --parallel --parallel-max 8 --compressed --config "$tmp/urls" 2>"$tmp/said" || { cat "$tmp/said" >&2; return 1; }
}
fetch_urls() {
	waited=0
	timed fetch-elexon -q --no-header --base-url "$url" --units "$root/sql/reference/wind-units.tsv" --rate "$rate" \
		"$http_from" "$to" >"$tmp/listed"
}
compare_http() {
	prepare_http
	ask_days "$1" "$2"
	compare "requests, $2 a second" "$requests" no_requests count_requests \
		"the ceiling of $2 a second:the_ceiling" \
		'curl, 8 at a time, no ceiling:curl_urls' \
		"fetch-elexon --rate $2:fetch_urls"
}
row_http_default() { compare_http 1 10; }
row_http_fast() { compare_http 5 50; }
