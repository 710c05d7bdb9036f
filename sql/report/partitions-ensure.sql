-- Create the partitions of this month and of the months that follow, where they are absent.
--
-- months  integer  how many months ahead
-- gives how many months were created
--
-- psql -v months=3 -f sql/report/partitions-ensure.sql
set client_min_messages = warning;
set lock_timeout = '1min';
select count(*) filter (where ensure_month(month::date))
  from generate_series(date_trunc('month', now() at time zone 'Europe/London'),
                       now() at time zone 'Europe/London' + :'months'::integer * interval '1 month', interval '1 month') month;
