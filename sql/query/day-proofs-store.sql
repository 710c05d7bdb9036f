-- Write proofs of days, in the place of those that they had.
--
-- $1  seen         text         the transactions that the rows were read after
-- $2  seal         bigint       what the tables of the month are (month_seal)
-- $3  days         date[]       and of each day, in this order:
-- $4  inputs       bigint[]     a digest of its inputs
-- $5  records      bigint[]     its records
-- $6  pairs        bigint[]     the distinct (period, farm) among them
-- $7  nmwh         numeric[]    their energy in 1e-9 MWh
-- $8  expected     bigint[]     the calculations that the miner models in force call for
-- $9  calculations bigint[]     those that are stored
-- $10 digests      numeric[]    the sum of their hashes
--
-- psql -v seen=1:1: -v seal=0 -v days='{2025-03-04}' -v inputs='{0}' -v records='{0}' -v pairs='{0}' -v nmwh='{0}' \
--	-v expected='{0}' -v calculations='{0}' -v digests='{0}' -f sql/query/day-proofs-store.sql
insert into day_proofs (seen, seal, settlement_date, inputs, records, pairs, curtailed_mwh, expected, calculations, digest)
select :'seen'::text::pg_snapshot, :'seal'::bigint, day, day_inputs, n_records, n_pairs, trim_scale(day_nmwh * 0.000000001), n_expected,
       n_calculations, day_digest
  from unnest(:'days'::date[], :'inputs'::bigint[], :'records'::bigint[], :'pairs'::bigint[], :'nmwh'::numeric[],
              :'expected'::bigint[], :'calculations'::bigint[], :'digests'::numeric[])
       proof (day, day_inputs, n_records, n_pairs, day_nmwh, n_expected, n_calculations, day_digest)
 order by day
on conflict (settlement_date) do update
   set inputs = excluded.inputs, seal = excluded.seal, seen = excluded.seen, records = excluded.records, pairs = excluded.pairs,
       curtailed_mwh = excluded.curtailed_mwh, expected = excluded.expected, calculations = excluded.calculations,
       digest = excluded.digest, proved_at = excluded.proved_at;
