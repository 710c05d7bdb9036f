-- Proofs of days (sql/058-day-proofs.sql) that hold, as far as the database can say, and that the rows do not bear out.
--
-- $1 from date   the first day
-- $2 to   date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-proof.sql
with proofs as materialized (
	select settlement_date, records, pairs, curtailed_mwh, calculations, digest
	  from valid_day_proofs(:'from'::date, :'to'::date)
), recorded as materialized (
	select settlement_date, sum(records) as records, count(*) as pairs, sum(curtailed_mwh) as curtailed_mwh
	  from (select settlement_date, count(*) as records, round(sum(abs(volume)), 9) as curtailed_mwh
	          from curtailment_records
	         where settlement_date between :'from'::date and :'to'::date and (select count(*) from proofs) > 0
	         group by settlement_date, settlement_period, farm_id) units
	 group by settlement_date
), calculated as materialized (
	-- As calculation-digests.sql has it.
	select settlement_date, count(*) as calculations,
	       sum(case when curtailed_mwh < 0 or difficulty < 0 or subsidy < 0 or hashrate_ths < 0 or power_w < 0 or bitcoin_mined < 0
	                then null
	                else hash_numeric_extended(bitcoin_mined, hashint8extended(miners, hash_numeric_extended(curtailed_mwh,
	                     hashtextextended(farm_id, hash_numeric_extended(power_w, hash_numeric_extended(hashrate_ths,
	                     hash_numeric_extended(subsidy, hash_numeric_extended(difficulty,
	                     hashint2extended(settlement_period, hashtextextended(miner_model, 0))))))))))
	           end) as digest
	  from historical_bitcoin_calculations
	 where settlement_date between :'from'::date and :'to'::date and (select count(*) from proofs) > 0
	 group by settlement_date
)
select settlement_date, f.field, f.stored, f.expected, f.stored - f.expected
  from proofs p
  left join recorded r using (settlement_date)
  left join calculated c using (settlement_date)
 cross join lateral (values
	('records', p.records::numeric, coalesce(r.records, 0)),
	('pairs', p.pairs::numeric, coalesce(r.pairs, 0)::numeric),
	('curtailed_mwh', p.curtailed_mwh, coalesce(r.curtailed_mwh, 0)),
	('calculations', p.calculations::numeric, coalesce(c.calculations, 0)::numeric),
	('digest', p.digest, case when c.settlement_date is null then 0 else c.digest end)) f (field, stored, expected)
 where f.stored is distinct from f.expected
 order by settlement_date, f.field;
