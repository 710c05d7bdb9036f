# sums - rows of rollup-summaries and audit-calcs; read by bench/run
#
# shellcheck shell=sh

# sum_statements [insert]: the sums of farms' days, half hours and days, as SQL adds them up: into the tables, or for nobody.
sum_statements() {
	into() { [ -z "${insert:-}" ] || echo "insert into $1"; }
	insert=${1:-}
	units="with u as materialized (select settlement_date, settlement_period, farm_id, round(sum(-volume), 9) as mwh, coalesce(sum(payment), 0) as net,
		coalesce(-sum(payment) filter (where payment < 0), 0) as paid, count(*) as records from curtailment_records
		where settlement_date between '$from' and '$to' group by settlement_date, settlement_period, farm_id)"
	figures='trim_scale(sum(mwh)), trim_scale(sum(net)), trim_scale(sum(net) + sum(paid)), trim_scale(sum(paid)), sum(records), count(*)'
	calculations_here="historical_bitcoin_calculations where settlement_date between '$from' and '$to'"
	by_farm="select settlement_date, farm_id, $figures from u group by settlement_date, farm_id"
	by_half_hour="select settlement_date, settlement_period, $figures from u group by settlement_date, settlement_period"
	if [ "$insert" ]; then
		echo "$units, farms as (insert into farm_daily_summaries $by_farm) insert into period_summaries $by_half_hour;"
	else
		echo "$units, farms as materialized ($by_farm), half_hours as materialized ($by_half_hour) select f::text from farms f
			union all select h::text from half_hours h;"
	fi
	into bitcoin_farm_daily_summaries
	echo "select settlement_date, farm_id, miner_model, trim_scale(sum(bitcoin_mined)), count(*) from $calculations_here group by 1, 2, 3;"
	into bitcoin_period_summaries
	echo "select settlement_date, settlement_period, miner_model, trim_scale(sum(bitcoin_mined)), count(*) from $calculations_here group by 1, 2, 3;"
	into 'daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods,
		periods_ingested, periods_final, periods_expected)'
	echo "select settlement_date, sum(curtailed_mwh), sum(payment), sum(payment_to_farms), sum(payment_by_farms), sum(records), sum(farms),
		count(*), 0, 0, 0 from period_summaries where settlement_date between '$from' and '$to' group by 1;"
	into 'bitcoin_daily_summaries (settlement_date, miner_model, bitcoin_mined, calculations, price, currency, price_assumed, value_at_mining)'
	echo "select settlement_date, miner_model, sum(bitcoin_mined), sum(calculations), 65000, 'USD', true, 0 from bitcoin_period_summaries
		where settlement_date between '$from' and '$to' group by 1, 2;"
}

prepare_sums() {
	full_calculations
	sum_statements insert >"$tmp/sums.sql"
	sum_statements >"$tmp/sums-select.sql"
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
select_sums() { timed psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/sums-select.sql" >"$tmp/listed"; }
roll_up() { timed rollup-summaries -q "$from" "$to" >"$tmp/listed"; }
roll_up_whole() { timed rollup-summaries -q --whole "$from" "$to" >"$tmp/listed"; }
audit() { timed audit-calcs -q "$from" "$to" >"$tmp/listed"; }

row_sum_empty() {
	prepare_sums
	compare 'roll-up, empty tables' "$calculations" no_sums count_sums \
		'SQL, sums of units and days:insert_sums' \
		'rollup-summaries:roll_up'
}

row_sum_again() {
	prepare_sums
	compare 'roll-up, all there' "$calculations" all_sums count_sums \
		'SQL, the same sums:select_sums' \
		'rollup-summaries --whole:roll_up_whole' \
		'rollup-summaries:roll_up'
}

row_audit() {
	prepare_sums
	compare 'audit' "$calculations" all_sums count_sums \
		'SQL, calculations alone:all_three' \
		'audit-calcs, all levels:audit'
}
