-- A transaction history shows amounts in cents.  Books that have them to the last digit were called different in every row, and a
-- yes to all put the cents in their place.

create function amount_is_shown_as(exact numeric, shown numeric) returns boolean
	language sql immutable parallel safe as
	$$ select min_scale(exact) > greatest(scale(shown), 2) and abs(exact - shown) <= 10::numeric ^ -greatest(scale(shown), 2) $$;
comment on function amount_is_shown_as(numeric, numeric) is
	'may an amount be shown so: it has more digits, and is within a unit of the last that is shown, of cents at the most; of two'
	' amounts, each rounded, the difference is not nearer';
