-- Three roles for a database that several people or machines use.  Applied by hand by an administrator, before or
-- after scripts/migrate, in the database itself; run again it changes nothing:
--
--	psql 'host=db.example dbname=windfall sslmode=verify-full' -v ON_ERROR_STOP=1 -f sql/roles.sql
--
--   windfall_owner   owns the tables: scripts/migrate, scripts/partitions archive-year and restore-year, restore
--   windfall_writer  reads and writes rows and begins new months: the jobs, every tool with --store
--   windfall_reader  reads: check-status, find-missing, audit-calcs, audit-fifo, the reports, backup
--
-- None of them may log in.  People and machines get roles of their own that are members, such as
--
--	create role windfall_jobs login createdb in role windfall_writer;	-- and \password windfall_jobs
--	create role windfall_admin login in role windfall_owner;
--	alter role windfall_admin set role = 'windfall_owner';       -- so that what migrate makes is the owner's
--
-- where createdb lets weekly's backup be tried in a database of its own.  restore makes a database and renames two:
--
--	alter role windfall_owner createdb;
--	alter database windfall owner to windfall_owner;
--
-- None of them is a superuser.  DATABASE_URL names who one is.

\set ON_ERROR_STOP on

begin;
set local client_min_messages = warning;

do $$
declare
	name text;
begin
	foreach name in array array['windfall_owner', 'windfall_writer', 'windfall_reader'] loop
		if not exists (select from pg_roles where rolname = name) then
			execute format('create role %I nologin', name);
		end if;
	end loop;
	if not pg_has_role('windfall_writer', 'windfall_reader', 'usage') then
		grant windfall_reader to windfall_writer;
	end if;
	execute format('grant connect, temporary on database %I to windfall_owner, windfall_writer, windfall_reader', current_database());
	execute format('grant create on database %I to windfall_owner', current_database());
	execute format('revoke create on schema %I from public', current_schema());
	execute format('grant usage, create on schema %I to windfall_owner', current_schema());
	execute format('grant usage on schema %I to windfall_writer, windfall_reader', current_schema());

	-- What a later migration makes.
	execute format('alter default privileges for role windfall_owner in schema %I grant select on tables to windfall_reader', current_schema());
	execute format('alter default privileges for role windfall_owner in schema %I grant insert, update, delete on tables to windfall_writer',
		       current_schema());
	-- pg_dump reads sequences, too.
	execute format('alter default privileges for role windfall_owner in schema %I grant select on sequences to windfall_reader', current_schema());
	execute format('alter default privileges for role windfall_owner in schema %I grant usage on sequences to windfall_writer', current_schema());
end $$;

-- What is there: tables with their partitions, views, sequences of no column, functions.
do $$
declare
	it record;
begin
	-- Functions come first: a cluster's engine takes one on every node only before it has been busy with the tables.
	for it in
		select p.oid::regprocedure as name
		  from pg_proc p
		 where p.pronamespace = current_schema()::regnamespace and pg_get_userbyid(p.proowner) <> 'windfall_owner'
		   and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
	loop
		execute format('alter function %s owner to windfall_owner', it.name);
	end loop;
	for it in
		select c.oid::regclass as name,
		       case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind
		  from pg_class c
		 where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
		   and pg_get_userbyid(c.relowner) <> 'windfall_owner'
		   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
		   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
	loop
		execute format('alter %s %s owner to windfall_owner', it.kind, it.name);
	end loop;
	execute format('grant select on all tables in schema %I to windfall_reader', current_schema());
	execute format('grant insert, update, delete on all tables in schema %I to windfall_writer', current_schema());
	execute format('grant select on all sequences in schema %I to windfall_reader', current_schema());
	execute format('grant usage on all sequences in schema %I to windfall_writer', current_schema());
	-- Which migrations were applied is the owner's to say, and which years are archived.
	for it in select n from unnest(array['schema_migrations', 'archived_years']) n where to_regclass(n) is not null loop
		execute format('revoke insert, update, delete on %I from windfall_writer', it.n);
	end loop;
	if to_regprocedure('ensure_month(date)') is not null then
		revoke execute on function ensure_month(date) from public;
		grant execute on function ensure_month(date) to windfall_writer;
	end if;
end $$;

commit;
