-- How much the forecast stands on (forecast.sql): the fewest earlier years of a month, 99 where no month has days to come;
-- how many months were forecast as on their eve, and of how many energy and payment were within.  Variable: lists.
with :lists
select coalesce(min(years), 99) from years \g (format=unaligned tuples_only=on)
with :lists
select concat_ws(' ', count(*), count(*) filter (where curtailed_mwh_is = 'within'), count(*) filter (where payment_is = 'within')) from hits \g (format=unaligned tuples_only=on)
