# fleets - rows of what-if and size-fleet; read by bench/run
#
# shellcheck shell=sh

# The bitcoin of fleets of S19J_PRO of so many machines in each unit: one statement, and the tools.
fleet_statement() {	# SIZES CONDITION
	cat <<-END
		with energy as (
			select settlement_date, settlement_period, farm_id, div(round(sum(-volume), 9) * 2000000, 3050) as possible
			  from curtailment_records where settlement_date between '$from' and '$to' and $2
			 group by 1, 2, 3
		), inputs as materialized (
			select settlement_date, settlement_period, difficulty, subsidy
			  from (select distinct settlement_date, settlement_period from energy) p
			  join network_difficulty d
			    on settlement_period_start(settlement_date, settlement_period) >= d.effective_from
			   and settlement_period_start(settlement_date, settlement_period) < d.in_force_until
			 cross join lateral (select subsidy from block_subsidies s
					      where s.effective_from <= settlement_period_start(settlement_date, settlement_period)
					      order by s.effective_from desc limit 1) s
		)
		select n, trim_scale(sum(div(2 * least(possible, n) * 100 * 1800 * 1000000000000 * subsidy * 100000000 + difficulty * 4294967296,
					     2 * difficulty * 4294967296) * 0.00000001))
		  from energy join inputs using (settlement_date, settlement_period) cross join unnest(array[$1]::numeric[]) n
		 group by n order by n
	END
}
fleet_in_sql() {
	fleet_statement "$fleet_sizes" "$fleet_where" >"$tmp/fleet.sql"
	timed psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/fleet.sql" >"$tmp/listed"
}
# Of the tools' rows the two columns that the statement has; trailing zeros say nothing.
fleet_rows() {
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ mined = $at["bitcoin"]; sub(/\.?0+$/, "", mined); print $at["machines_per_place"] "|" mined }' "$tmp/rows" >"$tmp/listed"
}
# shellcheck disable=SC2086 # options, or none
fleet_what_if() {
	timed what-if -q --format tsv --model S19J_PRO --machines "$fleet_sizes" $fleet_where_option "$from" "$to" >"$tmp/rows"
	fleet_rows
}
# shellcheck disable=SC2086 # likewise
fleet_size_fleet() {
	timed size-fleet -q --format tsv --model S19J_PRO --sizes "$fleet_sizes" $fleet_where_option "$from" "$to" >"$tmp/rows"
	fleet_rows
}
show_listed() { cat "$tmp/listed"; }
# compare_fleet NAME TOOL SIZES [UNIT]
compare_fleet() {
	fleet_sizes=$3 fleet_where=true fleet_where_option=
	[ -z "${4:-}" ] || { fleet_where="farm_id = '$4'"; fleet_where_option="--unit $4"; }
	compare "$1" "$(sql -c "select count(*) from curtailment_records where settlement_date between '$from' and '$to' and $fleet_where")" \
		nothing show_listed 'SQL, one statement:fleet_in_sql' "$2:fleet_$(echo "$2" | tr - _)"
}
bench_unit() { sql -c "select farm_id from curtailment_records where settlement_date = '$to' group by 1 order by count(*) desc, 1 limit 1"; }

row_what_if() { compare_fleet 'a fleet at one unit' what-if 6500 "$(bench_unit)"; }
row_what_if_all() { compare_fleet 'a fleet in each unit' what-if 6500; }
grid=30,100,300,1000,3000,10000,30000,100000
row_size_fleet() { compare_fleet 'eight sizes at one unit' size-fleet $grid "$(bench_unit)"; }
row_size_fleet_all() { compare_fleet 'eight sizes in each unit' size-fleet $grid; }
