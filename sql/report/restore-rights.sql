-- What restore gives to the database :copy of what the one that it replaces has beside its rows, as statements, a line each:
-- who may use its schemas, who owns what, who may connect, its settings, its comment.  The grants on tables, views and
-- functions are pg_dump's.
--     psql -v copy=NAME -f sql/report/restore-rights.sql

-- A new owner must be allowed to create there, so that this comes first.
select format('grant %s on schema %I to %s;', a.privilege_type, n.nspname, case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
  from pg_namespace n, aclexplode(n.nspacl) a
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by 1;

select format('alter %s %I.%I owner to %I;', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
	      n.nspname, c.relname, pg_get_userbyid(c.relowner))
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S')
   and pg_get_userbyid(c.relowner) <> current_user
   and not exists (select from pg_depend d where d.objid = c.oid and (d.deptype = 'e' or (d.deptype in ('a', 'i') and c.relkind = 'S')))
 order by 1;

select format('alter function %I.%I(%s) owner to %I;', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), pg_get_userbyid(p.proowner))
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and pg_get_userbyid(p.proowner) <> current_user
   and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
 order by 1;

select format('revoke all on database %I from public;', :'copy')
  from pg_database where datname = current_database() and datacl is not null;
select format('grant %s on database %I to %s%s;', a.privilege_type, :'copy',
	      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
	      case when a.is_grantable then ' with grant option' end)
  from pg_database d, aclexplode(d.datacl) a
 where d.datname = current_database()
 order by 1;
select format('alter database %I connection limit %s;', :'copy', datconnlimit)
  from pg_database where datname = current_database() and datconnlimit >= 0;
select format('comment on database %I is %L;', :'copy', shobj_description(oid, 'pg_database'))
  from pg_database where datname = current_database() and shobj_description(oid, 'pg_database') is not null;

-- A list, such as search_path, is set as it is stored, by no text of a statement: whoever may set it could write one there.
select case when s.name in ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries')
	    then format('begin; select set_config(%L, %L, true); alter %s set %I from current; commit;', s.name, s.value, s.whose, s.name)
	    else format('alter %s set %s = %L;', s.whose, (select string_agg(quote_ident(part), '.' order by i) from unnest(string_to_array(s.name, '.')) with ordinality as parts (part, i)), s.value) end
  from (select split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value,
	       case r.setrole when 0 then format('database %I', :'copy')
			      else format('role %I in database %I', pg_get_userbyid(r.setrole), :'copy') end as whose
	  from pg_db_role_setting r, unnest(r.setconfig) as setting
	 where r.setdatabase = (select oid from pg_database where datname = current_database())) s
 order by 1;

select format('alter database %I owner to %I;', :'copy', pg_get_userbyid(datdba))
  from pg_database where datname = current_database() and pg_get_userbyid(datdba) <> current_user;
