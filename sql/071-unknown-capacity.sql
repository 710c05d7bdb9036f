-- As before, and with the units without a fuel type of which no capacity is known, as fetch-elexon warns of them.
create or replace view undecided_units as
	select c.farm_id, case when u.farm_id is null then 'not in the register' else 'no fuel type' end as reason,
	       u.name, u.lead_party_name, u.capacity_mw,
	       min(c.settlement_date) as first_day, max(c.settlement_date) as last_day,
	       count(distinct c.settlement_date) as days, sum(c.records) as records,
	       trim_scale(sum(c.mwh)) as mwh, trim_scale(sum(c.payment)) as payment
	  from undecided_curtailment c
	  left join bm_units u on u.farm_id = c.farm_id and u.valid_from <= c.settlement_date
	                      and (u.valid_to is null or u.valid_to > c.settlement_date)
	  left join declared_units d on d.farm_id = c.farm_id and d.valid_from <= c.settlement_date
	                            and (d.valid_to is null or d.valid_to > c.settlement_date)
	 where d.farm_id is null
	   and (u.farm_id is null or (u.fuel_type is null and (u.capacity_mw is null or u.capacity_mw > 0)))
	   and (select count(*) from bm_units where fuel_type is distinct from 'WIND') > 0
	 group by c.farm_id, u.farm_id, u.name, u.lead_party_name, u.capacity_mw;
