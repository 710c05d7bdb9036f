# What the tests of fleets share: the same answer from plain SQL, which knows nothing of the tools.
#
#   column NAME        that column of a TSV on stdin
#   fleet_in_sql WHAT [echo]
#                      WHAT (a list of SQL sums) over the half hours of the fleet that these variables describe:
#                      FROM TO PLACE (SQL of a unit's place) MACHINES HASHRATE (TH/s) POWER (W) FEES UPTIME POOL
#                      GROWTH (a factor on difficulty) MIN_RUN ONLY (SQL that picks units).  In it: mwh, payment,
#                      running, bitcoin, price, used (MWh).  With echo the statement itself, to be part of another

column() {
	awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }'
}

fleet_in_sql() {
	"${2:-sql}" "with units as (
		select settlement_date, settlement_period, ${PLACE:-farm_id} as place, round(sum(-volume), 9) as mwh,
		       round(coalesce(sum(payment), 0), 9) as payment
		  from curtailment_records
		 where settlement_date between '$FROM' and '$TO' and ${ONLY:-true}
		 group by settlement_date, settlement_period, farm_id
	), places as (
		select settlement_date, settlement_period, place, sum(mwh) as mwh, sum(payment) as payment,
		       settlement_period_start(settlement_date, settlement_period) as begins
		  from units group by 1, 2, 3
	), possible as (
		select p.*, div(mwh * 2000000, $POWER) as machines,
		       begins - row_number() over (partition by place order by begins) * interval '30 minutes' as run
		  from places p where div(mwh * 2000000, $POWER) >= 1
	), long as (
		select *, count(*) over (partition by place, run) as half_hours from possible
	), used as (
		select l.*, least(machines, ${MACHINES:-1000000000000}) as running, d.difficulty * ${GROWTH:-1} as difficulty, s.subsidy,
		       coalesce(b.price, 65000) as price
		  from long l
		 cross join lateral (select difficulty, in_force_until from network_difficulty n where n.effective_from <= begins
				      order by n.effective_from desc limit 1) d
		 cross join lateral (select subsidy from block_subsidies s where s.effective_from <= begins
				      order by s.effective_from desc limit 1) s
		  left join bitcoin_prices b on b.price_date = settlement_date and b.currency = 'USD'
		 where half_hours >= ${MIN_RUN:-1} and begins < d.in_force_until
	), mined as (
		select *, running * $POWER * 0.0000005 as used,
		       div(2 * running * $HASHRATE * 1800 * 1000000000000 * subsidy * 100000000 * (1 + ${FEES:-0}) * ${UPTIME:-1} * (1 - ${POOL:-0})
			   + difficulty * 4294967296, 2 * difficulty * 4294967296) * 0.00000001 as bitcoin
		  from used
	) select $1 from mined"
}
