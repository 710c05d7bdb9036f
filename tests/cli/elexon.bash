# Answers in the shape of Elexon's, made up here, and servers that lie.
#
#   row ID VOLUME PRICE [SO [ACCEPTANCE [PAIR]]]   one line of a stack, added to $ROWS
#   put_stack DIR SIDE DATE PERIOD [JQ]            what row() gathered becomes a body below DIR (changed by a
#                                                  jq filter), and $ROWS is empty again
#   liar_start SCRIPT                              a server whose every answer SCRIPT prints: it is given the
#                                                  path and which request this is; in LIAR_URL
#   liar_requests [RE]                             how many requests it has had (that match)
#
# shellcheck disable=SC2034  # what is set here is used by the tests
#
# CREATED is the createdDateTime of rows: two days after the date unless set.

STACK=balancing/settlement/stack/all
ROWS=

row() {
	ROWS+=$(printf '%s\t%s\t%s\t%s\t%s\t%s' "$1" "$2" "$3" "${4:-true}" "${5:-1000}" "${6:--1}")$'\n'
}

# The source sends 23 fields a row; those that are not read here are there all the same.
put_stack() {
	local dir=$1 side=$2 date=$3 period=$4 filter=${5:-.} created
	created=${CREATED:-$(date -u -d "$date + 2 days" +%FT10:00:00Z)}
	mkdir -p "$dir/$STACK/$side/$date"
	printf %s "$ROWS" | jq -R -s -c --arg date "$date" --argjson period "$period" --arg created "$created" '
		def value: if . == "null" then null else (try fromjson catch .) end;
		def text: if . == "null" then null else . end;
		{metadata: {datasets: ["ISPSTACK"]}, data: [
			split("\n")[] | select(. != "") | split("\t") | {
				settlementDate: $date, settlementPeriod: $period, createdDateTime: $created,
				sequenceNumber: 0, id: (.[0] | text), acceptanceId: (.[4] | value), bidOfferPairId: (.[5] | value),
				cadlFlag: false, soFlag: (.[3] | value), storProviderFlag: false, repricedIndicator: false,
				reserveScarcityPrice: 0, originalPrice: (.[2] | value), volume: (.[1] | value),
				dmatAdjustedVolume: (.[1] | value), arbitrageAdjustedVolume: (.[1] | value), nivAdjustedVolume: 0,
				parAdjustedVolume: null, finalPrice: (.[2] | value), transmissionLossMultiplier: 0.9926552,
				tlmAdjustedVolume: null, tlmAdjustedCost: null
			}
		] | to_entries | map(.value + {sequenceNumber: (.key + 1)})} | '"$filter" >"$dir/$STACK/$side/$date/$period"
	ROWS=
}

# A whole day: one curtailed row in every period, a volume of its own in each.
put_day() {
	local dir=$1 date=$2 last=$3 period body
	row T_KPMRW-1 -0.5 -20
	put_stack "$dir" bid "$date" 1
	body=$(<"$dir/$STACK/bid/$date/1")
	body=${body/\"settlementPeriod\":1,/\"settlementPeriod\":PERIOD,}
	body=${body//olume\":-0.5/olume\":-PERIOD.5}
	for ((period = 1; period <= last; period++)); do
		printf '%s\n' "${body//PERIOD/$period}" >"$dir/$STACK/bid/$date/$period"
	done
}

liar_start() {
	local script=$1 port try knock
	export LIAR_LOG=$BATS_TEST_TMPDIR/liar.log
	: >"$LIAR_LOG"
	cat >"$BATS_TEST_TMPDIR/liar" <<-END
		#!/bin/bash
		read -r _ path _
		while read -r line && [ "\${line%\$'\r'}" != "" ]; do :; done
		(flock 9; echo "\$path" >>"$LIAR_LOG") 9>"$LIAR_LOG.lock"
		exec bash "$script" "\$path" "\$(wc -l <"$LIAR_LOG")"
	END
	chmod +x "$BATS_TEST_TMPDIR/liar"
	for try in {1..20}; do
		port=$((12000 + (RANDOM + try) % 8000))
		(exec 2>/dev/null 4<>"/dev/tcp/127.0.0.1/$port") && continue
		socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "EXEC:$BATS_TEST_TMPDIR/liar" 2>/dev/null 3>&- &
		LIAR_PID=$!
		for knock in {1..100}; do
			(exec 2>/dev/null 4<>"/dev/tcp/127.0.0.1/$port") && break
			sleep 0.02
		done
		kill -0 "$LIAR_PID" && break
	done
	# Not before the knock itself is written down, or it would count as a request.
	for knock in {1..500}; do
		[ ! -s "$LIAR_LOG" ] || break
		sleep 0.02
	done
	: >"$LIAR_LOG"
	LIAR_URL=http://127.0.0.1:$port
}

liar_requests() {
	grep -Ec -- "${1:-.}" "$LIAR_LOG" || :
}

liar_stop() {
	[ -z "${LIAR_PID:-}" ] || hit TERM "$LIAR_PID"
	LIAR_PID=
}
