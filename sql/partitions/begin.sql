-- How every plan for a year begins, within its transaction, so that nothing stays behind in a session that a pooler lends
-- to others: the settings, and the first and the last day of the year, as :first and :last and, for \copy, which knows no
-- variable of psql's, as the settings windfall.first and windfall.last.
--
-- year  text  YYYY
set local client_min_messages = warning;
set local lock_timeout = '1min';
set local datestyle = iso;
set local timezone = 'UTC';
select set_config('windfall.first', :'year' || '-01-01', true) as first,
       set_config('windfall.last', :'year' || '-12-31', true) as last \gset
