-- What every session of a tool or script begins with, whatever its role, database or environment has set: how values are
-- written and read, that a transaction sees what others commit while it waits for their locks, and that nothing ends a
-- session because its tool waits for a source or calculates.  Obeyed as they are set: read-only transactions, time-outs
-- of statements and locks, the path to the tables.
--
-- psql -f sql/query/session.sql
select set_config(setting, value, false)
  from (values ('client_encoding', 'UTF8'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'),
               ('lc_numeric', 'C'), ('lc_monetary', 'C'), ('lc_time', 'C'), ('bytea_output', 'hex'), ('extra_float_digits', '1'),
               ('standard_conforming_strings', 'on'), ('array_nulls', 'on'), ('transform_null_equals', 'off'),
               ('quote_all_identifiers', 'off'), ('client_min_messages', 'warning'), ('jit', 'off'),
               ('default_transaction_isolation', 'read committed'), ('default_transaction_deferrable', 'off'),
               ('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0')) s (setting, value);
