-- How every plan for a year begins, within its transaction, so that nothing stays behind in a session that a pooler lends
-- to others: the settings, and the first and the last day of the year, as :first and :last.
--
-- year  text  YYYY
set local client_min_messages = warning;
set local lock_timeout = '1min';
set local datestyle = iso;
set local timezone = 'UTC';
\set first :year '-01-01'
\set last :year '-12-31'
