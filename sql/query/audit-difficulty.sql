-- A difficulty that no nBits gives, or that is more than a factor of four from the one it replaced: no retarget does
-- that.  The exact figure of nBits b is 65535 * 2^208 / (mantissa * 256^(exponent - 3)).
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-difficulty.sql
with history as (
  select effective_from, difficulty, nbits, lag(difficulty) over w as before, lag(in_force_until) over w as until
    from network_difficulty window w as (order by effective_from)
), judged as (
  select *, case when nbits is not null then
              round(65535 * 2::numeric ^ 208 / (('x' || lpad(substr(nbits, 3), 8, '0'))::bit(32)::bigint
                    * 256::numeric ^ (('x' || lpad(left(nbits, 2), 8, '0'))::bit(32)::bigint - 3)), 8) end as exact
    from history
)
select effective_from::date::text, 'difficulty', difficulty::text,
       case when abs(difficulty - exact) > 0.00000001 then exact::text end, null
  from judged
 where effective_from >= :'from'::date and effective_from < :'to'::date + 1
   and (nbits is null or abs(difficulty - exact) > 0.00000001
        or (until = effective_from and (difficulty > before * 4.01 or before > difficulty * 4.01)))
 order by effective_from;
