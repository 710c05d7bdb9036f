# calculations - rows of calc-btc and find-missing; read by bench/run
#
# shellcheck shell=sh

calculation_columns='settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined'

# The calculations as a file, in key order, and the whole work as one statement.
prepare_calculations() {
	calc-btc -q --store "$from" "$to"
	sql -c "vacuum analyze"
	sql -c "\\copy (select $calculation_columns from historical_bitcoin_calculations order by settlement_date, settlement_period, farm_id, miner_model) to '$tmp/calculations.tsv'"
	calculations=$(wc -l <"$tmp/calculations.tsv")
	# All there, and looked at: a long history need not be filled twice.
	filled=yes
	# One whole-number division gives the satoshi: twice the value plus one, halved, rounds the half up.
	cat >"$tmp/calculated.sql" <<-END
		with energy as (
			select settlement_date, settlement_period, farm_id, round(sum(-volume), 9) as mwh
			  from curtailment_records
			 where settlement_date between '$from' and '$to'
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
		), calculated as (
			select settlement_date, settlement_period, farm_id, miner_model, mwh as curtailed_mwh, miners,
			       difficulty, subsidy, hashrate_ths, power_w,
			       (div(2 * hashes * subsidy * 100000000 + difficulty * 4294967296, 2 * difficulty * 4294967296)
				* 0.00000001)::numeric(18, 8) as bitcoin_mined
			  from energy join inputs using (settlement_date, settlement_period)
			 cross join (select * from miner_models where active) m
			 cross join lateral (select div(mwh * 2000000, power_w)::bigint) f (miners)
			 cross join lateral (select miners * hashrate_ths * 1000000000000 * 1800) h (hashes)
		)
	END
	{
		echo "insert into historical_bitcoin_calculations ($calculation_columns)"
		cat "$tmp/calculated.sql"
		echo 'select * from calculated order by 1, 2, 3, 4;'
	} >"$tmp/insert-select.sql"
	cat >"$tmp/anti-join.sql" <<-END
		copy (
			select p.settlement_date, p.settlement_period, p.farm_id, m.miner_model, 'missing'
			  from (select distinct settlement_date, settlement_period, farm_id from curtailment_records
				 where settlement_date between '$from' and '$to') p
			 cross join (select miner_model from miner_models where active) m
			 where not exists (select from historical_bitcoin_calculations c
					    where c.settlement_date = p.settlement_date and c.settlement_period = p.settlement_period
					      and c.farm_id = p.farm_id and c.miner_model = m.miner_model)
			 order by 1, 2, 3, 4
		) to stdout
	END
	{
		echo 'copy ('
		cat "$tmp/calculated.sql"
		cat <<-END
			select settlement_date, settlement_period, farm_id, miner_model,
			       case when c.bitcoin_mined is null then 'missing' when e.bitcoin_mined is null then 'orphan' else 'stale' end
			  from calculated e
			  full join (select * from historical_bitcoin_calculations
				      where settlement_date between '$from' and '$to') c
			 using (settlement_date, settlement_period, farm_id, miner_model)
			 where (e.curtailed_mwh, e.miners, e.difficulty, e.subsidy, e.hashrate_ths, e.power_w, e.bitcoin_mined)
			       is distinct from
			       (c.curtailed_mwh, c.miners, c.difficulty, c.subsidy, c.hashrate_ths, c.power_w, c.bitcoin_mined)
			 order by 1, 2, 3, 4
		END
		echo ') to stdout'
	} >"$tmp/all-three.sql"
}

empty_calculations() {
	filled=
	sql -c "truncate historical_bitcoin_calculations"
}
count_calculations() {
	sql -c "select count(*), sum(bitcoin_mined), sum(miners), trim_scale(sum(difficulty)), sum(curtailed_mwh) from historical_bitcoin_calculations"
}
copy_calculations() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall \
		-c "\\copy historical_bitcoin_calculations ($calculation_columns) from '$tmp/calculations.tsv'"
}
insert_calculations() {
	timed psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall -f "$tmp/insert-select.sql"
}
calc_btc() { timed calc-btc -q --store "$from" "$to"; }

row_calc_empty() {
	compare 'calculations, empty table' "$calculations" empty_calculations count_calculations \
		'COPY of the same rows:copy_calculations' \
		'one SQL statement, numeric:insert_calculations' \
		'calc-btc --store:calc_btc'
}

# All there, and looked at once: the first reading of fresh rows writes hints to their pages.
full_calculations() {
	[ -z "${filled:-}" ] || return 0
	empty_calculations
	calc-btc -q --store "$from" "$to"
	sql -c "vacuum analyze"
	filled=yes
}

anti_join() { timed psql -XAtq -h "$socket" -U windfall -d windfall -f "$tmp/anti-join.sql" >"$tmp/listed"; }
all_three() { timed psql -XAtq -h "$socket" -U windfall -d windfall -f "$tmp/all-three.sql" >"$tmp/listed"; }
all_three_month() { timed psql -XAtq -h "$socket" -U windfall -d windfall -f "$tmp/all-three-month.sql" >"$tmp/listed"; }
find_missing_month() { timed find-missing --no-header "$month" "$to" >"$tmp/listed"; }
find_missing() { timed find-missing --no-header "$from" "$to" >"$tmp/listed"; }
find_whole() { timed find-missing --whole --no-header "$from" "$to" >"$tmp/listed"; }
find_periods() { timed find-missing --no-header --periods "$from" "$to" >"$tmp/listed"; }
find_by_date() { timed find-missing --no-header --by-date "$from" "$to" >"$tmp/listed"; }

# The least that looking at each calculation costs: the server hands them out, and nobody looks.
read_calculations() {
	timed psql -XAtq -h "$socket" -U windfall -d windfall -c "copy (select $calculation_columns from historical_bitcoin_calculations
		order by settlement_date, settlement_period, farm_id, miner_model) to stdout" >/dev/null
}

# Every day is compared, and proved.
calc_btc_unproved() {
	sql -c "delete from day_proofs"
	calc_btc
}

row_calc_again() {
	compare 'calculations, all there' "$calculations" full_calculations count_calculations \
		'COPY of them to nowhere:read_calculations' \
		'calc-btc --store, no day proved:calc_btc_unproved' \
		'calc-btc --store, each day proved:calc_btc'
}

listed() { wc -l <"$tmp/listed"; }

# The last month of them, however long the history is.
row_find_month() {
	month=$(date -u -d "$to - 29 days" +%F)
	sed "s/'$from'/'$month'/g" "$tmp/all-three.sql" >"$tmp/all-three-month.sql"
	compare 'find-missing, last 30 days' \
		"$(sql -c "select count(*) from historical_bitcoin_calculations where settlement_date >= '$month'")" full_calculations listed \
		'SQL, missing, stale and orphan:all_three_month' \
		'find-missing:find_missing_month'
}

row_find_missing() {
	compare 'find-missing' "$calculations" full_calculations listed \
		'SQL, missing, stale and orphan:all_three' \
		'SQL, missing alone:anti_join' \
		'find-missing --whole:find_whole' \
		'find-missing:find_missing'
}

# The records held against what was noted of their fetches; the sums leave a note of the days of which that is known.
periods_in_sql() { timed psql -XAtq -h "$socket" -U windfall -d windfall -f "$tmp/periods.sql" >"$tmp/listed"; }
find_periods_whole() { timed find-missing --no-header --periods --whole "$from" "$to" >"$tmp/listed"; }
row_find_periods() {
	prepare_sums
	all_sums >/dev/null
	cat >"$tmp/periods.sql" <<-END
		select settlement_date, settlement_period, 'damaged'
		  from ingested_periods i
		  left join (select settlement_date, settlement_period, count(*) as records, sum(volume) as volume,
				    bool_or(payment is distinct from volume * original_price) as paid_wrong
			       from curtailment_records where settlement_date between '$from' and '$to' group by 1, 2) r
		 using (settlement_date, settlement_period)
		 where settlement_date between '$from' and '$to'
		   and (i.rows_kept <> coalesce(r.records, 0) or i.volume <> coalesce(r.volume, 0) or r.paid_wrong)
	END
	compare 'find-missing of periods' "$(sql -c 'select sum(records) from daily_summaries')" nothing listed \
		'SQL, records against fetches:periods_in_sql' \
		'find-missing --periods --whole:find_periods_whole' \
		'find-missing --periods:find_periods' \
		'find-missing --by-date:find_by_date'
}
