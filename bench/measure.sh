# measure - sides of a row, alternating, and the table of their medians; read by bench/run
#
# shellcheck shell=sh

# Of "vacuum analyze" the server would name each catalogue that the role does not own.
sql() { PGOPTIONS="-c client_min_messages=error" psql -XAtq -v ON_ERROR_STOP=1 -h "$socket" -U windfall -d windfall "$@"; }

# The command that counts: its time, its memory at the peak and its processor time go to $tmp/timed.
timed() {
	began=$(date +%s%N)
	/usr/bin/time -f '%M %U %S' -o "$tmp/used" "$@"
	ended=$(date +%s%N)
	tail -n 1 "$tmp/used" | awk -v OFS='\t' -v us=$(((ended - began) / 1000)) '{ print us, $1, $2 + $3 }' >"$tmp/timed"
}

# The processor seconds of all the server's sessions that have ended: its waited-for children.  A session
# ends a moment after its client, and on a busy machine it is waited for a moment after that.
server_cpu() {
	read -r postmaster <"$WINDFALL_STATE/var/pg/postmaster.pid"
	tries=0
	while [ $tries -lt 250 ] && { pgrep -P "$postmaster" -f '^postgres: windfall windfall' || pgrep -P "$postmaster" -r Z; } >/dev/null; do
		sleep 0.02
		tries=$((tries + 1))
	done
	awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($14 + $15) / ticks }' "/proc/$postmaster/stat"
}

nothing() { :; }

# compare NAME ROWS PREPARE CHECK LABEL:FUNCTION LABEL:FUNCTION...
#
# Run the functions alternately, each after PREPARE and followed by CHECK, whose output must be the same
# for all of them.  The first is the floor.  Each function does what counts by timed.
compare() {
	name=$1 rows=$2 prepare=$3 check=$4
	shift 4
	say "$name"
	checked=
	round=1
	while [ $round -le "$rounds" ]; do
		for side in "$@"; do
			"$prepare" >/dev/null
			sql -c checkpoint
			lsn=$(sql -c "select pg_current_wal_lsn()")
			cpu=$(server_cpu)
			"${side#*:}"
			cpu=$(server_cpu | awk -v before="$cpu" '{ print $1 - before }')
			wal=$(sql -c "select pg_wal_lsn_diff(pg_current_wal_lsn(), '$lsn')")
			answer=$("$check")
			: "${checked:=$answer}"
			[ "$answer" = "$checked" ] ||
				{ say "$name: ${side%%:*} gives $answer, the floor $checked"; exit 70; }
			printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "${side%%:*}" "$rows" "$(cat "$tmp/timed")" "$cpu" "$wal" >>"$tmp/figures"
		done
		round=$((round + 1))
	done
}

# The figures as a table: medians, and each side against the floor above it.  The processor seconds,
# the tool's and the server's together, tell what a machine that others use at the same time hides.
table() {
	awk -F'\t' -v OFS='\t' '
	function median(side,   i, j, n, v) {
		n = times[side]
		for (i = 1; i <= n; i++) v[i] = us[side, i]
		for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++)
			if (v[j] < v[i]) { low = v[j]; v[j] = v[i]; v[i] = low }
		return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	}
	{
		side = $1 FS $2
		if (!(side in times)) { order[++sides] = side; if (!($1 in floor)) floor[$1] = side }
		us[side, ++times[side]] = $4
		rows[side] = $3
		if ($5 > memory[side]) memory[side] = $5
		cpu[side] += $6 + $7
		wal[side] = $8
	}
	END {
		print "row", "side", "median s", "ratio", "cpu s", "rows/s", "peak MiB", "WAL MiB"
		for (i = 1; i <= sides; i++) {
			side = order[i]
			split(side, word, FS)
			m = median(side)
			print word[1], word[2], sprintf("%.3f", m / 1e6), sprintf("%.2f", m / median(floor[word[1]])),
				sprintf("%.2f", cpu[side] / times[side]),
				sprintf("%.0f", rows[side] * 1e6 / m), sprintf("%.0f", memory[side] / 1024),
				sprintf("%.1f", wal[side] / 1048576)
		}
	}' "$tmp/figures"
}

aligned() {
	awk -F'\t' '
	{
		for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) }
	}
	END {
		for (r = 1; r <= NR; r++) {
			line = ""
			for (i = 1; i <= NF; i++)
				line = line sprintf(i <= 2 ? "%-" width[i] "s  " : "%" width[i] "s  ", cell[r, i])
			sub(/ +$/, "", line)
			print line
		}
	}'
}

# The commit of the tree, with a + where it differs from it.
the_commit() {
	commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null) || { echo unknown; return; }
	git -C "$root" diff --quiet HEAD 2>/dev/null || commit=$commit+
	echo "$commit"
}

# The processors, their model, and the load, by which a figure of another day is understood.
the_machine() {
	echo "$(nproc) x $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1 | tr -s ' \t' ' '), load $(cut -d ' ' -f 1 /proc/loadavg)"
}

# keep_table FILE: add the table to a file that may hold those of other days and lengths.
keep_table() {
	headed=
	[ ! -s "$1" ] || headed=yes
	awk -v date="$(date -u +%F)" -v commit="$(the_commit)" -v machine="$(the_machine)" -v days="$days" -v rounds="$rounds" \
		-v headed="$headed" -F '\t' -v OFS='\t' '
		NR == 1 { if (!headed) print $0, "date", "commit", "machine", "days", "rounds"; next }
		{ print $0, date, commit, machine, days, rounds }' "$tmp/table.tsv" >>"$1"
}
