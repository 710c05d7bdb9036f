-- What every session of a tool or script begins with, whatever its role, database or environment has set: how values are
-- written and read, and that a transaction sees what others commit while it waits for their locks.  Obeyed as they
-- are set: read-only transactions, time-outs, the path to the tables.
--
-- psql -f sql/query/session.sql
select set_config(setting, value, false)
  from (values ('client_encoding', 'UTF8'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'),
               ('lc_numeric', 'C'), ('lc_monetary', 'C'), ('lc_time', 'C'), ('bytea_output', 'hex'), ('extra_float_digits', '1'),
               ('standard_conforming_strings', 'on'), ('array_nulls', 'on'), ('transform_null_equals', 'off'),
               ('quote_all_identifiers', 'off'), ('client_min_messages', 'warning'), ('jit', 'off'),
               ('default_transaction_isolation', 'read committed'), ('default_transaction_deferrable', 'off')) s (setting, value);
