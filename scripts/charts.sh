# shellcheck shell=sh
# charts.sh - the figures behind each chart of scripts/plot.  Sourced, after lib.sh, span.sh and answer.sh.
#
#   chart_NAME    for the days $from to $to: into $tmp/data.tsv the figures, rows with a header and every digit; into
#                 $tmp/draw.tsv, without a header, the columns that gnuplot/$drawing.gp reads, scaled; $shown, which of
#                 these are drawn, where not 2-3; $title; $nothing, what is said where there is nothing to draw; and
#                 $settings, more assignments of gnuplot
#   about_days    into $note: what of the span is not final or not stored, in words, nothing where all is final; and
#                 $sure, 1 or 0: whether it is
#
# Figures come from what the reports and the site read: nothing is calculated here but sizes on paper.

# shellcheck disable=SC2034,SC2154 # lib.sh sets root and tmp, span.sh from and to; scripts/plot reads what is set here

# For awk: days as numbers since 1970, a text without what gnuplot would take for a quote or a mark, and the unit in which
# a greatest value is read with ease.
chart_awk='
	BEGIN { FS = OFS = "\t" }
	function number_of(day,   y, m, d, era, yoe, doy) {
		y = substr(day, 1, 4) + 0; m = substr(day, 6, 2) + 0; d = substr(day, 9, 2) + 0
		if (m <= 2) y--
		era = int(y / 400); yoe = y - era * 400
		doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
		return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
	}
	function day_of(n,   era, doe, yoe, doy, mp, d, m) {
		n += 719468; era = int(n / 146097); doe = n - era * 146097
		yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
		doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
		d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9
		return sprintf("%04d-%02d-%02d", yoe + era * 400 + (m <= 2), m, d)
	}
	function next_month(month) {
		return substr(month, 6) == "12" ? sprintf("%04d-01", substr(month, 1, 4) + 1) : sprintf("%s-%02d", substr(month, 1, 4), substr(month, 6) + 1)
	}
	function plain(text) {
		gsub(/\\\\/, "\001", text); gsub(/\\[tnrbfv]/, " ", text); gsub(/\\/, "", text); gsub(/\001/, "\\\\\\\\", text); gsub(/"/, "\047", text)
		return text == "" ? "-" : text
	}
	function known(text) { return text != "\\N" && text != "" }
	function size_of(greatest) { return greatest >= 2e6 ? 1e6 : greatest >= 2e3 ? 1e3 : 1 }
	# A month among others: its name where all are of one year.
	function month_label(month, one_year) {
		return one_year ? substr("JanFebMarAprMayJunJulAugSepOctNovDec", 3 * substr(month, 6) - 2, 3) : substr(month, 3)
	}
	function energy_unit(size) { return size == 1e6 ? "TWh" : size == 1e3 ? "GWh" : "MWh" }
	# Of n labels, that of the ith from 0: nothing for those that the characters of an axis have no room for.
	function label_of(i, n, room, text,   most) {
		most = int(room / (length(text) + 1)); if (most < 1) most = 1
		return i % int((n + most - 1) / most) == 0 ? text : ""
	}
	function out_unit(text) { print "unit=\"" text "\"" >settings }'

# rows_of VIEW FROM TO - rows of a view or table, as scripts/export prints them; all of it where FROM is empty.
rows_of() {
	db_psql -v name="$1" -v from="$2" -v to="$3" -f "$root/sql/report/export.sql" -v answer=result -f "$root/sql/report/answer-tsv.sql"
}

# site_rows STATEMENT "COLUMN..." [NAME=VALUE]... - the rows of a statement of the site, its columns by these names.
site_rows() {
	site_statement=$root/sql/query/$1.sql
	echo "$2" | tr ' ' '\t'
	shift 2
	for pair in "$@"; do
		shift
		set -- "$@" -v "$pair"
	done
	# shellcheck disable=SC2145 # the file is the last word
	db_psql "$@" -F '	' -P null='\N' -f "$site_statement"
}

# The days of the span as they are stored, once.
span_days() {
	[ -e "$tmp/days.tsv" ] || rows_of days "$from" "$to" >"$tmp/days.tsv"
}

about_days() {
	span_days
	note=$(by_name "$chart_awk"'
		{ n++; state[at("state")]++ }
		function days(k) { return k == 1 ? "1 day" : k " days" }
		END {
			all = number_of(to) - number_of(from) + 1
			if (n < all) told = days(all - n) " of " all " not stored"
			if (state["not_complete"]) told = told (told ? ", " : "") days(state["not_complete"]) " not complete"
			if (state["provisional"]) told = told (told ? ", " : "") days(state["provisional"]) " provisional"
			print told
		}' from="$from" to="$to" "$tmp/days.tsv")
	sure=1
	[ -z "$note" ] || sure=0
}

# The model whose bitcoin is shown where one is: $model, or the most efficient in force.
chart_model() {
	if [ -n "$model" ]; then
		known_model "$model"
		return
	fi
	ask -c 'select miner_model from miner_models where active order by power_w / hashrate_ths, miner_model limit 1'
	model=$answer
	[ -n "$model" ] || fail 65 "no miner model is active: say which with --model"
}

# bars WORDS FILE - a drawing of bars from rows with the columns label, value and state, which is final, absent or
# anything else; with these words behind the unit.
bars() {
	by_name "$chart_awk"'
		{ n++; label[n] = at("label"); value[n] = at("value"); state[n] = at("state"); if (known(value[n]) && value[n] + 0 > top) top = value[n] + 0 }
		END {
			size = size_of(top)
			out_unit(energy_unit(size) words)
			for (i = 1; i <= n; i++) {
				v = known(value[i]) ? value[i] / size : "\\N"
				there = known(value[i]) && state[i] != "absent"
				print label_of(i - 1, n, room, label[i]), (there && state[i] == "final" ? v : "\\N"),
					(there && state[i] != "final" ? v : "\\N"), (there ? "\\N" : 0)
			}
		}' settings="$tmp/settings" room="$room" words="$1" "$2" >"$tmp/draw.tsv"
}

chart_half_hours() {
	drawing=bars
	[ "$from" = "$to" ] || fail 64 "half-hours shows one day: give one DATE"
	title="Energy turned down in each half hour"
	site_rows site-day-half-hours "settlement_period starts_at london_time status curtailed_mwh payment farms wind_mwh" \
		day="$from" >"$tmp/data.tsv"
	by_name '
		BEGIN { print "label", "value", "state" }
		{ print at("london_time"), at("curtailed_mwh"), (at("status") == "unfetched" ? "absent" : at("status")) }' "$tmp/data.tsv" >"$tmp/bars.tsv"
	bars " in a half hour" "$tmp/bars.tsv"
}

# Every day of the span, stored or not: label, which is its date, value and state.
each_day() {
	by_name "$chart_awk"'
		BEGIN { print "label", "value", "state" }
		{ mwh[at("settlement_date")] = at("curtailed_mwh"); state[at("settlement_date")] = at("state") }
		END {
			last = number_of(to)
			for (n = number_of(from); n <= last; n++) {
				day = day_of(n)
				print day, (day in mwh ? mwh[day] : "\\N"), (day in state ? state[day] : "absent")
			}
		}' from="$from" to="$to" "$tmp/days.tsv"
}

days_of_chart() {
	span_days
	columns "settlement_date state curtailed_mwh payment periods_ingested periods_final periods_expected" "$tmp/days.tsv" >"$tmp/data.tsv"
}

chart_days() {
	drawing=bars
	title="Energy turned down on each day"
	days_of_chart
	each_day >"$tmp/each.tsv"
	by_name '
		BEGIN { print "label", "value", "state" }
		{ print substr(at("label"), one == to ? 9 : 3), at("value"), at("state") }' one="${from%-??}" to="${to%-??}" "$tmp/each.tsv" >"$tmp/bars.tsv"
	bars " a day" "$tmp/bars.tsv"
}

chart_calendar() {
	drawing=calendar shown=3-4
	title="Energy turned down on each day"
	days_of_chart
	each_day >"$tmp/each.tsv"
	: >"$tmp/labels.tsv"
	by_name "$chart_awk"'
		BEGIN { split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", month, " ") }
		{ n++; day[n] = at("label"); value[n] = at("value"); state[n] = at("state"); if (known(value[n]) && value[n] + 0 > top) top = value[n] + 0 }
		END {
			# The least of 1, 2 and 5 times a power of ten, such that five steps reach the greatest.
			size = size_of(top); step = 1e-3
			for (i = 0; step * 5 * size < top; i++) step *= (i % 3 == 1 ? 2.5 : 2)
			for (i = 1; i <= 5; i++) levels = levels (i > 1 ? " " : "") i * step
			for (i = 1; i <= n; i++) {
				year = substr(day[i], 1, 4); at_day = number_of(day[i]); line = year - substr(day[1], 1, 4)
				# Weeks begin on Monday; 1970-01-01 was a Thursday.
				begins = number_of(year "-01-01"); week = int((at_day - begins + (begins + 3) % 7) / 7); weekday = (at_day + 3) % 7
				if (substr(day[i], 9) == "01") print week + (weekday > 0), line * 9 - 1, month[substr(day[i], 6, 2) + 0] >names
				if (substr(day[i], 6) == "01-01") print -5.3, line * 9 + 3, year >names
				if (state[i] == "absent") continue
				class = int(value[i] / (step * size)); if (value[i] + 0 > class * step * size) class++
				print week, line * 9 + weekday, (class > 5 ? 5 : class), (state[i] == "final"), (state[i] == "final" ? "\\N" : 1)
			}
			out_unit(energy_unit(size)); print "levels=\"" levels "\"" >settings; print "n=" (line + 1) >settings
		}' settings="$tmp/settings" names="$tmp/labels.tsv" "$tmp/each.tsv" >"$tmp/draw.tsv"
}

# The same squares as characters, for a terminal of $width: half a year at a time where a year has no room.
calendar_in_text() {
	printf '%s\n%s\n' "$title" "$span${note:+; $note}"
	awk -v half="$([ "$width" -ge 60 ] && echo 60 || echo 27)" -f "$root/gnuplot/calendar.awk" "$tmp/labels.tsv" "$tmp/draw.tsv"
	eval "$(grep '^levels=\|^unit=' "$tmp/settings")"
	# shellcheck disable=SC2086 # five numbers
	set -- $levels
	printf '\n      . none  : to %s  + to %s  x to %s  # to %s  @ to %s %s\n' "$@" "$unit"
}

months_of_site() {
	site_rows site-months "year_month state days curtailed_mwh payment payment_per_mwh curtailed_share_percent north_mwh south_mwh \
unplaced_mwh bitcoin_mined value_at_mining currency value_per_mwh value_gbp_per_mwh" model="$model" >"$tmp/months.tsv"
	rows_where 'at("year_month") >= substr(from, 1, 7) && at("year_month") <= substr(to, 1, 7)' from="$from" to="$to" "$tmp/months.tsv" >"$tmp/data.tsv"
}

chart_months() {
	drawing=months shown=2-7
	title="Energy turned down in each month"
	chart_model
	months_of_site
	by_name "$chart_awk"'
		{
			m = at("year_month"); state[m] = at("state"); whole[m] = at("curtailed_mwh")
			part[m, 1] = at("north_mwh"); part[m, 2] = at("south_mwh"); part[m, 3] = at("unplaced_mwh")
		}
		END {
			last = substr(to, 1, 7)
			for (m = substr(from, 1, 7); m <= last; m = next_month(m)) {
				month[++n] = m; before = (substr(m, 1, 4) - 1) substr(m, 5)
				if (whole[m] + 0 > top) top = whole[m] + 0
				if (before in whole && whole[before] + 0 > top) top = whole[before] + 0
			}
			size = size_of(top)
			out_unit(energy_unit(size) " a month")
			for (i = 1; i <= n; i++) {
				m = month[i]; before = (substr(m, 1, 4) - 1) substr(m, 5)
				printf "%s", label_of(i - 1, n, room, month_label(m, substr(from, 1, 4) == substr(to, 1, 4)))
				for (p = 1; p <= 6; p++) {
					mwh = m in state && (state[m] == "final") == (p <= 3) ? part[m, (p - 1) % 3 + 1] : "\\N"
					printf "\t%s", (known(mwh) && mwh + 0 != 0 ? mwh / size : "\\N")
				}
				printf "\t%s\t%s\t%s\n", (m in state ? "\\N" : 0), (before in whole ? whole[before] / size : "\\N"), (m in state ? whole[m] / size : "\\N")
			}
		}' settings="$tmp/settings" from="$from" to="$to" room="$room" "$tmp/months.tsv" >"$tmp/draw.tsv"
}

# In pounds where they are known of any month of the span, in the currency of the prices elsewhere.
chart_worth() {
	drawing=worth shown=2-7
	title="Paid for a curtailed MWh, and what it would have mined"
	chart_model
	months_of_site
	by_name "$chart_awk"'
		{
			n++; month[n] = at("year_month"); state[n] = at("state"); paid[n] = at("payment_per_mwh")
			gbp[n] = at("value_gbp_per_mwh"); other[n] = at("value_per_mwh"); if (known(gbp[n])) pounds = 1
			if (known(at("currency"))) currency = at("currency")
		}
		END {
			out_unit(pounds || currency == "" || currency == "GBP" ? "£ for a MWh" : "£ paid, " currency " mined")
			for (i = 1; i <= n; i++) {
				mined = pounds ? gbp[i] : other[i]
				final = state[i] == "final"
				print label_of(i - 1, n, room, month_label(month[i], substr(month[1], 1, 4) == substr(month[n], 1, 4))), (final ? paid[i] : "\\N"), (final ? mined : "\\N"),
					(final ? "\\N" : paid[i]), (final ? "\\N" : mined), paid[i], mined
			}
		}' settings="$tmp/settings" room="$room" "$tmp/data.tsv" >"$tmp/draw.tsv"
}

chart_profile() {
	drawing=bars
	title="Mean energy turned down by time of day"
	site_rows site-profile "settlement_period days curtailed_mwh" from="$from" to="$to" >"$tmp/data.tsv"
	by_name '
		BEGIN { print "label", "value", "state" }
		{
			p = at("settlement_period") - 1
			print (p < 48 ? sprintf("%02d:%02d", int(p / 2), p % 2 * 30) : p + 1), at("curtailed_mwh"), (final ? "final" : "")
		}' final="$sure" "$tmp/data.tsv" >"$tmp/bars.tsv"
	bars " in a half hour" "$tmp/bars.tsv"
}

# ranks WHAT - farms or owners by energy.
ranks() {
	drawing=ranks
	chart_model
	db_psql -v from="$from" -v to="$to" -v by="$1" -v top="$top" -v sort=energy -v model="$model" -v compare=no -v farm='' \
		-f "$root/sql/report/rank-farms.sql" -v answer=result -f "$root/sql/report/answer-tsv.sql" >"$tmp/data.tsv"
	by_name "$chart_awk"'
		{ name[++n] = at("name"); mwh[n] = at("curtailed_mwh"); if (mwh[n] + 0 > top) top = mwh[n] + 0 }
		END {
			size = size_of(top)
			out_unit(energy_unit(size))
			for (i = 1; i <= n; i++) {
				shown = plain(name[i])
				print (length(shown) > 40 ? substr(shown, 1, 37) "..." : shown), (final ? mwh[i] / size : "\\N"), (final ? "\\N" : mwh[i] / size), mwh[i] / size
			}
		}' settings="$tmp/settings" final="$sure" "$tmp/data.tsv" >"$tmp/draw.tsv"
}

chart_farms() {
	title="Farms by energy turned down"
	ranks farm
}

chart_owners() {
	title="Owners by energy turned down"
	ranks owner
}

# Lines over days: whether with marks, how, and between which days.
lines() {
	drawing=lines
	first=$(($(date -u -d "$from" +%s)))
	last=$(($(date -u -d "$to" +%s) + 86400))
	case $(((last - first) / 86400)) in
	?|[1-8]?) form='%d %b' ;;
	??|[123]??) form=%b ;;
	*)	  form='%b\n%Y' ;;
	esac
	settings="marks=$1; style=\"$2\"; x0=$first; x1=$last; xformat=\"$form\""
}

chart_price() {
	title="Price of a bitcoin"
	lines 0 lines
	chart_model
	rows_of bitcoin_days "$from" "$to" >"$tmp/priced.tsv"
	rows_where 'at("miner_model") == model' model="$model" "$tmp/priced.tsv" >"$tmp/of-model.tsv"
	columns "settlement_date price currency price_date price_assumed" "$tmp/of-model.tsv" >"$tmp/data.tsv"
	by_name "$chart_awk"'
		known(at("price")) {
			currency = at("currency")
			print number_of(at("settlement_date")) * 86400, (at("price_assumed") == "t" ? "\\N" : at("price")),
				(at("price_assumed") == "t" ? at("price") : "\\N"), "\\N"
		}
		END { out_unit((currency == "" ? "price" : currency) " for a bitcoin") }' settings="$tmp/settings" "$tmp/data.tsv" >"$tmp/draw.tsv"
}

chart_difficulty() {
	title="Difficulty of the bitcoin network"
	lines 1 steps
	rows_of network_difficulty '' '' >"$tmp/difficulties.tsv"
	rows_of block_subsidies '' '' >"$tmp/subsidies.tsv"
	rows_where 'at("in_force_until") > from " 00:00:00+00" && substr(at("effective_from"), 1, 10) <= to' from="$from" to="$to" \
		"$tmp/difficulties.tsv" >"$tmp/in-force.tsv"
	columns "effective_from in_force_until block_height difficulty source" "$tmp/in-force.tsv" >"$tmp/data.tsv"
	by_name "$chart_awk"'
		function seconds(at_time) { return number_of(at_time) * 86400 + substr(at_time, 12, 2) * 3600 + substr(at_time, 15, 2) * 60 + substr(at_time, 18, 2) }
		file == 1 {
			n++; begins[n] = seconds(at("effective_from")); value[n] = at("difficulty"); ends = seconds(at("in_force_until"))
			if (value[n] + 0 > top) top = value[n] + 0
			next
		}
		substr(at("effective_from"), 1, 10) >= from && substr(at("effective_from"), 1, 10) <= to { halving[++h] = seconds(at("effective_from")) }
		END {
			out_unit("difficulty, millions of millions")
			begin = number_of(from) * 86400; end = (number_of(to) + 1) * 86400
			if (ends < end) end = ends
			for (i = 1; i <= n; i++) print (begins[i] < begin ? begin : begins[i]), value[i] / 1e12, "\\N", "\\N"
			if (n) print end, value[n] / 1e12, "\\N", "\\N"
			for (i = 1; i <= h; i++) print halving[i], "\\N", "\\N", top / 1e12
		}' settings="$tmp/settings" from="$from" to="$to" "$tmp/data.tsv" "$tmp/subsidies.tsv" >"$tmp/draw.tsv"
}

# What is asked of the fleet stands in "$@": options of size-fleet.
chart_fleet() {
	drawing=fleet shown=2-2
	case " $* " in
	*' --model '*|*' --model='*|*' --hashrate'*) ;;
	*)	chart_model
		set -- --model "$model" "$@" ;;
	esac
	title="Profit by size of the fleet"
	run size-fleet -q "$@" --format tsv "$from" "$to" >"$tmp/data.tsv" || exit
	by_name "$chart_awk"'
		{
			n++; mw[n] = at("megawatts"); profit[n] = at("life_profit"); days[n] = at("payback_days"); best[n] = at("best") ~ /profit/
			years = at("years"); currency = at("currency")
			if (known(profit[n]) && profit[n] + 0 > most) most = profit[n] + 0
			if (known(profit[n]) && (profit[n] < 0 ? -profit[n] : profit[n]) > top) top = profit[n] < 0 ? -profit[n] : profit[n]
		}
		END {
			size = (most > 0 ? most : top) >= 2e6 ? 1e6 : 1
			print "yrange=\"[" (most > 0 ? -2 * most / size : "*") ":*]\"" >settings
			print "longest=" 2 * 365 * years >settings
			out_unit((size > 1 ? "million " : "") currency " in " years " years")
			for (i = 1; i <= n; i++)
				print mw[i], (known(profit[i]) ? profit[i] / size : "\\N"), days[i], (best[i] && known(profit[i]) ? profit[i] / size : "\\N")
		}' settings="$tmp/settings" "$tmp/data.tsv" >"$tmp/draw.tsv"
}

chart_map() {
	title="Farms turned down"
	top=0
	ranks farm
	drawing=map shown=3-4
	mv "$tmp/data.tsv" "$tmp/farms.tsv"
	! has_rows "$tmp/days.tsv" || nothing="of no farm of $span is the place known"
	site_rows site-units "farm_id farm owner name lead_party_name capacity_mw place latitude longitude first_day last_day" >"$tmp/units.tsv"
	by_name '
		BEGIN { print "farm", "latitude", "longitude", "curtailed_mwh", "payment" }
		file == 1 && at("latitude") != "\\N" { f = at("farm"); n[f]++; north[f] += at("latitude"); east[f] += at("longitude") }
		file == 2 { f = at("name")
			print f, (f in n ? sprintf("%.4f", north[f] / n[f]) : "\\N"), (f in n ? sprintf("%.4f", east[f] / n[f]) : "\\N"), at("curtailed_mwh"), at("payment") }' \
		"$tmp/units.tsv" "$tmp/farms.tsv" >"$tmp/data.tsv"
	by_name "$chart_awk"'
		{ n++; north[n] = at("latitude"); east[n] = at("longitude"); mwh[n] = at("curtailed_mwh"); if (mwh[n] + 0 > top) top = mwh[n] + 0 }
		END {
			size = size_of(top)
			out_unit(sprintf("the largest disc: %.*f %s", (size > 1 ? 1 : 0), top / size, energy_unit(size)))
			for (i = 1; i <= n; i++) {
				r = top > 0 ? 0.45 * sqrt(mwh[i] / top) : 0
				if (known(north[i])) print east[i], north[i], (final ? r : "\\N"), (final ? "\\N" : r)
			}
		}' settings="$tmp/settings" final="$sure" "$tmp/data.tsv" >"$tmp/draw.tsv"
}
