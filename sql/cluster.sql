-- The role and the database of the tools in a cluster that others use too, by its superuser; what is there stays as it
-- is.  :role and :name are those of the settings.  Each line that comes out names what was made.
--
--     psql -XAtq -v role=windfall -v name=windfall -d postgres -f sql/cluster.sql
--
-- The role may create databases, because a backup is restored before it is kept.
select not exists (select from pg_roles where rolname = :'role') as no_role,
       not exists (select from pg_database where datname = :'name') as no_database \gset
\if :no_role
create role :"role" login createdb in role pg_monitor;
\echo role :role
\endif
\if :no_database
create database :"name" owner :"role" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8';
\echo database :name
\endif
