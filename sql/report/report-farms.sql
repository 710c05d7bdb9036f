-- The farms of a span on a page, after rank-farms.sql, for scripts/report.  Variable: lists.
with :lists
select "#", farm, "MWh", "£", "£/MWh", "unit hours", "share %", "change %" from page;
