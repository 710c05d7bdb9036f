-- What a script's session on the database begins with, before its own statements.
\o /dev/null
\ir query/session.sql
\o
--
-- A lock of another session is not waited for without an end, as in the tools (bound_waiting in src/lib/db/db.c): whoever set
-- lock_timeout for the role, for the database or in PGOPTIONS is obeyed, then :lock_wait.
select case current_setting('lock_timeout') when '0' then set_config('lock_timeout', :'lock_wait', false) end as lock_wait \gset
-- What a killed script was waiting for is not done after its end, by a server that can see that it is gone.
set client_connection_check_interval = '1s';
