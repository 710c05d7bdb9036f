# sums - rows of rollup-summaries and audit-calcs; read by bench/run
#
# shellcheck shell=sh

# The daily rows alone, made by one statement each: the least that has to be read and added.
sum_statements() {
	cat <<-END
		insert into daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,
					     period_farms, periods, periods_ingested, periods_final, periods_expected)
		select settlement_date, trim_scale(sum(mwh)), 0, 0, 0, sum(records), count(*), 0, 0, 0, 0
		  from (select settlement_date, round(sum(-volume), 9) as mwh, count(*) as records from curtailment_records
			 where settlement_date between '$from' and '$to' group by settlement_date, settlement_period, farm_id) p
		 group by settlement_date;
		insert into bitcoin_daily_summaries (settlement_date, miner_model, bitcoin_mined, calculations, price, currency,
						     price_assumed, value_at_mining)
		select settlement_date, miner_model, trim_scale(sum(bitcoin_mined)), count(*), 65000, 'USD', true, 0
		  from historical_bitcoin_calculations where settlement_date between '$from' and '$to' group by 1, 2;
	END
}

prepare_sums() {
	full_calculations
	sum_statements >"$tmp/sums.sql"
}
no_sums() {
	sql -c "truncate daily_summaries, monthly_summaries, yearly_summaries, bitcoin_daily_summaries, bitcoin_monthly_summaries, bitcoin_yearly_summaries,
		farm_daily_summaries, bitcoin_farm_daily_summaries, period_summaries, bitcoin_period_summaries"
}
all_sums() { rollup-summaries -q "$from" "$to"; }
# A floor leaves no months: only what both write is compared.
count_sums() {
	sql -c "select count(*), sum(curtailed_mwh), sum(records), sum(period_farms) from daily_summaries" \
		-c "select count(*), sum(bitcoin_mined), sum(calculations) from bitcoin_daily_summaries"
}
insert_sums() { timed psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/sums.sql"; }
select_sums() {
	sed -n '/^select/,/;/p' "$tmp/sums.sql" >"$tmp/sums-select.sql"
	timed psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/sums-select.sql" >"$tmp/listed"
}
roll_up() { timed rollup-summaries -q "$from" "$to" >"$tmp/listed"; }
audit() { timed audit-calcs -q "$from" "$to" >"$tmp/listed"; }

row_sum_empty() {
	prepare_sums
	compare 'roll-up, empty tables' "$calculations" no_sums count_sums \
		'SQL, two inserts of days:insert_sums' \
		'rollup-summaries:roll_up'
}

row_sum_again() {
	prepare_sums
	compare 'roll-up, all there' "$calculations" all_sums count_sums \
		'SQL, two sums by day:select_sums' \
		'rollup-summaries:roll_up'
}

row_audit() {
	prepare_sums
	compare 'audit' "$calculations" all_sums count_sums \
		'SQL, calculations alone:all_three' \
		'audit-calcs, all levels:audit'
}
