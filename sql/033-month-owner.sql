-- The tables of a month are made with the rights of whoever owns the tables, so that a role which may only write rows
-- (sql/roles.sql) can begin a new month.  The path is fixed, behind pg_catalog, which always comes first: nothing of
-- the caller's, and no temporary table, comes before what is meant.
do $$
begin
	execute format('alter function ensure_month(date) security definer set search_path = %I, pg_temp',
		       current_schema());
end $$;

-- Names are text for people: what turned a terminal or a page around, and came in before the door was watched, goes.
update bm_units
   set name = regexp_replace(name, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]', ' ', 'g'),
       lead_party_name = regexp_replace(lead_party_name, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]', ' ', 'g')
 where name ~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'
    or lead_party_name ~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]';
