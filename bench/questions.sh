# questions - rows of summary, rank-farms and what else people ask; read by bench/run
#
# shellcheck shell=sh

# One statement gives the same months, and the same farms: from the summaries, and from the records themselves.
question_statements() {
	cat >"$tmp/months.sql" <<-END
		select to_char(settlement_date, 'YYYY-MM'), trim_scale(sum(curtailed_mwh)), trim_scale(sum(bitcoin_mined))
		  from daily_summaries join bitcoin_daily_summaries using (settlement_date)
		 where settlement_date between '$from' and '$to' and miner_model = 'S19J_PRO' group by 1 order by 1;
	END
	cat >"$tmp/farms.sql" <<-END
		select coalesce(farm, farm_id), trim_scale(sum(curtailed_mwh)), trim_scale(sum(bitcoin_mined))
		  from farm_daily_summaries join bitcoin_farm_daily_summaries using (settlement_date, farm_id) left join sites using (farm_id)
		 where settlement_date between '$from' and '$to' and miner_model = 'S19J_PRO' group by 1;
	END
	cat >"$tmp/farm-records.sql" <<-END
		select coalesce(farm, farm_id), trim_scale(sum(mwh)), trim_scale(sum(bitcoin_mined))
		  from (select settlement_date, settlement_period, farm_id, round(sum(-volume), 9) as mwh from curtailment_records
			 where settlement_date between '$from' and '$to' group by 1, 2, 3) p
		  join historical_bitcoin_calculations using (settlement_date, settlement_period, farm_id) left join sites using (farm_id)
		 where settlement_date between '$from' and '$to' and miner_model = 'S19J_PRO' group by 1;
	END
}
prepare_questions() {
	all_sums >/dev/null
	sql -c "vacuum analyze"
	question_statements
}
statement() { timed psql -XAtq -F '	' -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/$1.sql" >"$tmp/listed"; }
months_in_sql() { statement months; }
farms_in_sql() { statement farms; }
farms_of_records() { statement farm-records; }
summary() { timed "$root/scripts/summary" --by month --model S19J_PRO --format tsv "$from" "$to" >"$tmp/listed"; }
rank_farms() { timed "$root/scripts/rank-farms" --model S19J_PRO --format tsv "$from" "$to" >"$tmp/listed"; }
# Energy and bitcoin, row by row: what a statement lists as it is, of a tool's row the same columns.
answered() {
	awk -F '\t' -v OFS='\t' '
		NR == 1 && /curtailed_mwh/ { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ print at["curtailed_mwh"] ? $at["curtailed_mwh"] : $2, (at["bitcoin_mined"] ? $at["bitcoin_mined"] : $3) + 0 }' "$tmp/listed" |
		sort | sha256sum
}

row_summary() {
	prepare_sums
	prepare_questions
	compare 'summary by month' "$(sql -c 'select count(*) from daily_summaries')" nothing answered \
		'SQL, the same months:months_in_sql' 'summary:summary'
}

row_rank_farms() {
	prepare_sums
	prepare_questions
	compare 'rank-farms' "$(sql -c 'select count(*) from farm_daily_summaries')" nothing answered \
		'SQL, of the farms'"'"' days:farms_in_sql' 'SQL, of the records:farms_of_records' 'rank-farms:rank_farms'
}

# The other questions, each beside one statement that reads the same sums.
half_hours_in_sql() { statement half-hours; }
half_hours() { timed "$root/scripts/summary" --by half-hour --model S19J_PRO --format tsv "$from" "$to" >"$tmp/listed"; }
row_half_hours() {
	prepare_sums
	prepare_questions
	cat >"$tmp/half-hours.sql" <<-END
		select settlement_date || ' ' || settlement_period, coalesce(trim_scale(p.curtailed_mwh), 0), coalesce(b.bitcoin_mined, 0)
		  from ingested_periods left join period_summaries p using (settlement_date, settlement_period)
		  left join (select * from bitcoin_period_summaries where miner_model = 'S19J_PRO') b using (settlement_date, settlement_period)
		 order by settlement_date, settlement_period
	END
	compare 'summary by half hour' "$(sql -c 'select count(*) from ingested_periods')" nothing answered \
		'SQL, the same half hours:half_hours_in_sql' 'summary:half_hours'
}

trend_in_sql() { statement trend; }
trend() { timed "$root/scripts/trend" months --format tsv "$from" "$to" >"$tmp/listed"; }
energy_answered() {
	awk -F '\t' '
		NR == 1 && /curtailed_mwh/ { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ print at["curtailed_mwh"] ? $at["curtailed_mwh"] : $2 }' "$tmp/listed" | sort | sha256sum
}
row_trend() {
	prepare_sums
	prepare_questions
	cat >"$tmp/trend.sql" <<-END
		select to_char(settlement_date, 'YYYY-MM'), trim_scale(sum(curtailed_mwh)) from daily_summaries group by 1 order by 1
	END
	compare 'trend, by month' "$(sql -c 'select count(*) from daily_summaries')" nothing energy_answered \
		'SQL, the months alone:trend_in_sql' 'trend:trend'
}

forecast_in_sql() { statement forecast; }
forecast() { timed "$root/scripts/forecast" --format tsv 2025-11 >"$tmp/listed"; }
quantiles_answered() {
	awk -F '\t' 'NR == 1 && /curtailed_mwh_10/ { tool = 1; next } !tool || $1 == "month" { print tool ? $6 " " $7 " " $8 : $1 " " $2 " " $3 }' "$tmp/listed"
}
row_forecast() {
	[ "$days" -ge 800 ] || { say "forecast: it needs two years before, BENCH_DAYS=800 or more"; return 0; }
	prepare_sums
	prepare_questions
	cat >"$tmp/forecast.sql" <<-END
		select trim_scale(q[1]), trim_scale(q[2]), trim_scale(q[3]) from (
			select percentile_disc(array[0.1, 0.5, 0.9]) within group (order by mwh) as q from (
				select sum(curtailed_mwh) as mwh
				  from generate_series(extract(year from date '$from')::integer, 2024) y, generate_series(-21, 21) s, daily_summaries
				 where settlement_date between make_date(y, 11, 1) + s and make_date(y, 11, 30) + s
				 group by y, s having count(*) = 30) windows) quantiles
	END
	compare 'forecast of a month' "$(sql -c 'select count(*) from daily_summaries')" nothing quantiles_answered \
		'SQL, the quantiles alone:forecast_in_sql' 'forecast:forecast'
}

report() { timed "$root/scripts/report" "$from" "$to" >"$tmp/listed"; }
row_report() {
	prepare_sums
	prepare_questions
	compare 'report of the span' "$(sql -c 'select count(*) from daily_summaries')" nothing nothing \
		'SQL, its months:months_in_sql' 'report:report'
}

export_in_sql() { timed psql -XAtq -h "$socket" -U windfall -d windfall -c "copy (select * from farm_days) to stdout with (format csv, header)" >"$tmp/listed"; }
export_farm_days() { timed "$root/scripts/export" farm_days >"$tmp/listed"; }
export_answered() { cut -d , -f 3- "$tmp/listed" | sort | sha256sum; }
row_export() {
	prepare_sums
	prepare_questions
	compare 'export of farm_days' "$(sql -c 'select count(*) from farm_daily_summaries')" nothing export_answered \
		'COPY of the view:export_in_sql' 'export:export_farm_days'
}
