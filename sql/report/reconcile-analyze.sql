-- The health of the database, for reconcile analyze.
\set ON_ERROR_STOP on
select format('database         %s, %s', current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())));
select format('sessions         %s of %s, %s idle in a transaction', count(*), current_setting('max_connections'),
	      count(*) filter (where state like 'idle in transaction%'))
  from pg_stat_activity where backend_type = 'client backend';
select format('running for %s s: %s', round(extract(epoch from now() - query_start)), left(regexp_replace(query, '\s+', ' ', 'g'), 100))
  from pg_stat_activity
 where state = 'active' and pid <> pg_backend_pid() and now() - query_start > interval '5 minutes'
 order by query_start;
select format('dead rows        %s in %s: vacuum is behind', n_dead_tup, relname)
  from pg_stat_user_tables where n_dead_tup > 100000 and n_dead_tup > n_live_tup / 4 order by relname;
select '';
