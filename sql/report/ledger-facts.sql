-- The exchange ledger in one line of facts, for a job's log and the report of a day; nothing where there is none.
select format('last_fill=%s asked=%s open_proposals=%s open_corrections=%s',
	      coalesce(to_char(last_fill at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'none'),
	      coalesce(to_char(asked_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'never'), open_proposals, open_corrections)
       || case when fifo_version is null then ' fifo_version=none'
	       else format(' fifo_version=%s recorded_since=%s covered_gain=%s uncovered=%s uncovered_proceeds=%s', fifo_version,
			   recorded_since, coalesce(covered_gain::text, 'several-currencies'), uncovered,
			   coalesce(uncovered_proceeds::text, 'several-currencies')) end
       || case when contracts > 0 then format(' contracts_left_out=%s', contracts) else '' end
       || format(' findings_tier_1=%s findings_tier_2=%s findings_tier_3=%s', coalesce(findings_1::text, 'never-checked'),
		 coalesce(findings_2::text, 'never-checked'), coalesce(findings_3::text, 'never-checked'))
       || coalesce(to_char(greatest(checked_1, checked_2, checked_3) at time zone 'UTC', '" checked="YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
  from ledger_state;
