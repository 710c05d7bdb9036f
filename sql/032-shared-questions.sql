-- What several statements ask is asked in one place: which days are wanted, excused or archived, which units were
-- overlooked, what is one order book, which facts a proposal was made from, and how an audit lists differences.

create view history as
	select begins, spans, gaps,
	       datemultirange(daterange(coalesce(begins, 'infinity'), 'infinity')) + spans - gaps as wanted, archived
	  from (select (select begins from history_begins) as begins,
	               (select coalesce(range_agg(daterange(from_date, to_date, '[]')), '{}')
	                  from wanted_spans where kind = 'span') as spans,
	               (select coalesce(range_agg(daterange(from_date, to_date, '[]')), '{}')
	                  from wanted_spans where kind = 'gap') as gaps,
	               (select coalesce(range_agg(daterange((year || '-01-01')::date, (year || '-12-31')::date, '[]')), '{}')
	                  from archived_years) as archived) h;
comment on view history is 'one row: which days may not be missing, and of which nothing is asked; day <@ wanted';
comment on column history.begins is 'from this day on no day may be missing; null where no history has begun';
comment on column history.spans is 'days that stand for themselves, fetched to be looked at';
comment on column history.gaps is 'days whose absence a person has accepted';
comment on column history.wanted is 'days that may not be missing: from begins on and the spans, less the gaps';
comment on column history.archived is 'the years whose records are in files: their summaries stand, and nothing below them is asked for';

create view overlooked_periods as
	select i.settlement_date, i.settlement_period, passed.farm_id
	  from ingested_periods i
	 cross join lateral unnest(i.passed_over) passed (farm_id)
	  join known_units u on u.farm_id = passed.farm_id and u.fuel_type = 'WIND'
	                    and u.valid_from <= i.settlement_date
	                    and (u.valid_to is null or u.valid_to > i.settlement_date)
	  left join declared_units n on n.farm_id = passed.farm_id and n.valid_from <= i.settlement_date
	                            and (n.valid_to is null or n.valid_to > i.settlement_date)
	 where u.declared or n.farm_id is null;
comment on view overlooked_periods is
	'fetched periods that passed over a unit which is known now as wind of that day: what it was paid to leave undone is not stored';

create function order_book(product_id text) returns text
	language sql immutable parallel safe as $$ select regexp_replace(product_id, '-USDC$', '-USD') $$;
comment on function order_book(text) is
	'dollars and USDC are one order book at Coinbase: the one name of both, for a trade may be told under either';

create function order_book_names(product_id text) returns text[]
	language sql immutable parallel safe as $$
	select array[product_id, regexp_replace(product_id, '-USDC$', '-USD'), regexp_replace(product_id, '-USD$', '-USDC')]
$$;
comment on function order_book_names(text) is 'the names under which a trade of this product may be told, its own first';

create function book_name(product_id text) returns text
	language sql stable as $$
	select coalesce((select b.product_id from trade_records b where b.product_id = book_name.product_id limit 1),
	                (select b.product_id from trade_records b
	                  where b.product_id = any (order_book_names(book_name.product_id)) limit 1), book_name.product_id)
$$;
comment on function book_name(text) is 'the name that the books use for a product; its own where they know neither';

create function digits_kept(ns numeric) returns numeric
	language sql immutable parallel safe as $$
	select case when ns % 1000000000 = 0 then 1000000000 when ns % 1000000 = 0 then 1000000 when ns % 1000 = 0 then 1000 else 1 end::numeric
$$;
comment on function digits_kept(numeric) is 'the unit to which a time in nanoseconds was kept: a second, a millisecond, a microsecond or 1';

-- The arguments are the columns of that name of a proposal, or of what may become one.
create function facts_digest(product_id text, record_id text, level text, order_id text, side text, size numeric,
                             trade_time timestamptz, last_time timestamptz, entry_ids text[]) returns text
	language sql stable as $$
	select encode(sha256(convert_to(concat(
		(select string_agg(concat_ws('|', f.entry_id, f.product_id, f.side, f.trade_time at time zone 'UTC', f.trade_nanos,
		                             trim_scale(f.base_size), trim_scale(f.value), trim_scale(f.commission)), E'\n'
		                   order by f.entry_id)
		   from exchange_fills f
		  where f.trade_type = 'FILL'
		    and (f.entry_id = any (facts_digest.entry_ids)
		         or (facts_digest.level = 'order' and f.order_id = facts_digest.order_id))),
		E'\n#\n',
		(select string_agg(concat_ws('|', r.product_id, r.record_id, r.level, r.order_id, r.side, r.trade_time at time zone 'UTC',
		                             r.trade_nanos, trim_scale(r.size), coalesce(trim_scale(r.price)::text, '?'),
		                             trim_scale(r.value), trim_scale(r.fee)), E'\n' order by r.product_id, r.record_id)
		   from trade_records r
		  where r.record_id = facts_digest.record_id
		     or r.record_id = any (facts_digest.entry_ids)
		     or (facts_digest.level = 'order' or r.level = 'order') and r.order_id = facts_digest.order_id
		     or (r.product_id = any (order_book_names(facts_digest.product_id))
		         and r.side = facts_digest.side and abs(r.size - facts_digest.size) <= 0.00000001
		         and r.trade_time between facts_digest.trade_time - interval '2 seconds'
		                              and coalesce(facts_digest.last_time, facts_digest.trade_time) + interval '2 seconds'
		         and not exists (select from exchange_fills o where o.order_id = r.order_id)
		         and not exists (select from exchange_fills o where o.entry_id = r.record_id))),
		-- A correction of the trade that came since is a fact about it.
		(select string_agg(c.entry_id, ',' order by c.entry_id) from exchange_fills c
		  where c.trade_type <> 'FILL'
		    and (c.order_id = facts_digest.order_id or c.trade_id in (
		         select t.trade_id from exchange_fills t where t.entry_id = any (facts_digest.entry_ids))))
	), 'UTF8')), 'hex')
$$;
comment on function facts_digest(text, text, text, text, text, numeric, timestamptz, timestamptz, text[]) is
	'the facts that a proposal stands on, as one digest: the fills of its trade at the exchange, and the rows of the books that '
	'tell of it, by its ids, or by what it was if they are not known to be another trade; siblings in its order do not count';

-- Of the audit alone: nothing here is shared with the tools that write the figures.
create function audit_half_hours(first date, last date)
	returns table (settlement_date date, settlement_period integer, difficulty numeric, subsidy numeric)
	language sql stable as $$
	select day::date, number, d.difficulty, s.subsidy
	  from generate_series(first, last, interval '1 day') day
	 cross join generate_series(1, 50) number
	 cross join lateral (select (day::date + time '00:00') at time zone 'Europe/London'
	                            + (number - 1) * interval '30 minutes' as begins) t
	  left join lateral (select difficulty, in_force_until from network_difficulty
	                      where effective_from <= t.begins
	                      order by effective_from desc limit 1) d on d.in_force_until > t.begins
	  left join lateral (select subsidy from block_subsidies
	                      where effective_from <= t.begins
	                      order by effective_from desc limit 1) s on true
$$;
comment on function audit_half_hours(date, date) is
	'for audit-calcs: the half hours that could be, 50 a day from midnight in London, and the difficulty and subsidy in force as '
	'each began; null beyond what is known';

create function audit_differences(stored jsonb, expected jsonb, chief text)
	returns table (field text, stored text, expected text, difference text)
	language sql immutable as $$
	select e.key, s.value #>> '{}', e.value #>> '{}',
	       case when jsonb_typeof(s.value) = 'number' and jsonb_typeof(e.value) = 'number'
	            then ((s.value #>> '{}')::numeric - (e.value #>> '{}')::numeric)::text end
	  from jsonb_each(audit_differences.expected) e
	  join jsonb_each(audit_differences.stored) s on s.key = e.key
	 where s.value <> e.value
	   and audit_differences.stored ->> 'there' = 'true' and audit_differences.expected ->> 'there' = 'true'
	union all
	select 'missing', null, audit_differences.expected ->> chief, (- (audit_differences.expected ->> chief)::numeric)::text
	 where audit_differences.stored ->> 'there' is null
	union all
	select 'orphan', audit_differences.stored ->> chief, null, audit_differences.stored ->> chief
	 where audit_differences.expected ->> 'there' is null
$$;
comment on function audit_differences(jsonb, jsonb, text) is
	'for audit-calcs: each field of two rows in which what is stored is not what is expected; a row says of itself that it is '
	'there, and one that stands on one side alone is missing or orphan, by its chief figure';
