# Answers in the shape of Coinbase's, made up here, and the keys to ask for them.
#
#   fill KEY=VALUE...        one fill, added to the listing: entry order product side time price size fee type quoted
#   order KEY=VALUE...       one order of the orders' listing: order product side status size value fees fills created
#   put_listing DIR [N]      what was added becomes pages of N rows below DIR, in the order added
#   may DIR VIEW TRADE TRANSFER   what the key may do
#   coinbase_conf            the nginx locations that serve DIR, in $conf, and a log of tokens in $TOKENS
#   new_key ec|ed25519       a key file in $COINBASE_KEY_FILE, and its public half in $PUBLIC
#   token_holds TOKEN URI    the token is signed by that key and says what it should
#   serve [N]                begin to serve the listing, in pages of N, from $site by $conf; with a key, if there is none
#   fetch OPTION...          fetch-fills from there, with the short waits of $hasty
#
# nginx's variables stand in single quotes on purpose; what is set here is used by the tests, and $site is theirs.
# shellcheck disable=SC2016,SC2034,SC2154

BROKERAGE=api/v3/brokerage
KEY_NAME=organizations/0a/apiKeys/1b
FILL_ROWS=
ORDER_ROWS=

# These rows are printed here, as a jq of its own for each takes twenty times the time.
# json TEXT...: each as JSON's text, one after the other in $texts.
json() {
	texts=("${@//\\/\\\\}")
	texts=("${texts[@]//\"/\\\"}")
	texts=("${texts[@]/#/\"}")
	texts=("${texts[@]/%/\"}")
}

fill() {
	local entry='' order='' product=BTC-USD side=BUY time=2024-05-01T12:00:00Z price=60000 size=0.01 fee=3.6 type=FILL
	local quoted=false texts row "$@"
	json "$entry" "trade-of-$entry" "${order:-order-of-$entry}" "$time" "$type" "$price" "$size" "$fee" "$product" "$time" "$side"
	printf -v row '{"entry_id":%s,"trade_id":%s,"order_id":%s,"trade_time":%s,"trade_type":%s,"price":%s,"size":%s,"commission":%s,"product_id":%s,"sequence_timestamp":%s,"liquidity_indicator":"TAKER","size_in_quote":%s,"user_id":"u","side":%s,"retail_portfolio_id":""}' \
		"${texts[@]::10}" "$quoted" "${texts[10]}"
	FILL_ROWS+=$row$'\n'
}

order() {
	local order='' product=BTC-USD side=BUY status=FILLED size=0.01 value=600 fees=3.6 fills=1
	local created=2024-05-01T11:59:00Z after='' texts row "$@"
	# What moved: as the interface writes it, value and fees of a purchase, value less fees of a sale.
	[ -n "$after" ] || after=$(awk -v side="$side" -v value="$value" -v fees="$fees" \
		'BEGIN { printf "%.15g", value + (side == "BUY" ? fees : -fees) }')
	json "$order" "$product" "$side" "$status" "$created" "$size" "$fills" "$value" "$fees" "$after"
	printf -v row '{"order_id":%s,"product_id":%s,"side":%s,"status":%s,"created_time":%s,"filled_size":%s,"average_filled_price":"0","fee":"","number_of_fills":%s,"filled_value":%s,"total_fees":%s,"total_value_after_fees":%s,"settled":true,"order_placement_source":"RETAIL_ADVANCED"}' \
		"${texts[@]}"
	ORDER_ROWS+=$row$'\n'
}

# Pages are files named by the cursor that asks for them: "" for the first, then p2, p3 …
put_pages() {
	local dir=$1 name=$2 per=$4 rows page last cursor more IFS=,
	rm -rf "${dir:?}/$name"
	mkdir -p "$dir/$name"
	mapfile -t rows < <(printf %s "$3")
	last=$(((${#rows[@]} + per - 1) / per))
	page=1
	while :; do
		cursor=p$((page + 1)) more=
		[ "$page" -lt "$last" ] || cursor=
		[ "$name" != orders ] || more=",\"has_next\":$([ -z "$cursor" ] && echo false || echo true),\"sequence\":\"0\""
		printf '{"%s":[%s],"cursor":"%s"%s}\n' "$name" "${rows[*]:(page - 1) * per:per}" "$cursor" "$more" \
			>"$dir/$name/$([ "$page" -eq 1 ] || echo "p$page").json"
		[ -n "$cursor" ] || break
		page=$((page + 1))
	done
}

put_listing() {
	local dir=$1 per=${2:-1000}
	put_pages "$dir" fills "$FILL_ROWS" "$per"
	put_pages "$dir" orders "$ORDER_ROWS" "$per"
	[ -e "$dir/$BROKERAGE/key_permissions.json" ] || may "$dir" true false false
	chmod -R a+rX "$dir"
}

may() {
	mkdir -p "$1/$BROKERAGE"
	echo "{\"can_view\":$2,\"can_trade\":$3,\"can_transfer\":$4,\"portfolio_uuid\":\"p-1\",\"portfolio_type\":\"DEFAULT\"}" \
		>"$1/$BROKERAGE/key_permissions.json"
}

coinbase_conf() {
	conf=$BATS_TEST_TMPDIR/coinbase.conf
	TOKENS=$BATS_TEST_TMPDIR/tokens.log
	: >"$TOKENS"
	echo "log_format token '\$request_uri \$http_authorization';" >"$conf.http"
	cat >"$conf" <<-END
		access_log $NGINX_HOME/access.log replay;
		access_log $TOKENS token;
		location = /$BROKERAGE/orders/historical/fills { try_files /fills/\$arg_cursor.json =404; }
		location = /$BROKERAGE/orders/historical/batch { try_files /orders/\$arg_cursor.json =404; }
	END
}
NGINX_HOME=$BATS_TEST_TMPDIR/nginx

new_key() {
	local made=$BATS_FILE_TMPDIR/$1 file
	[ -e "$made.json" ] || make_key "$1" "$made"
	for file in json pub; do cp -p "$made.$file" "$BATS_TEST_TMPDIR/key.$file"; done
	PUBLIC=$BATS_TEST_TMPDIR/key.pub
	COINBASE_KEY_FILE=$BATS_TEST_TMPDIR/key.json
	export COINBASE_KEY_FILE
}

# Both halves of a key, into FILE.json and FILE.pub: once for the tests of a file, as each needs three programs.
make_key() {
	local made=$2 secret texts
	case $1 in
	ec)	openssl ecparam -name prime256v1 -genkey -noout -out "$made.pem"
		secret=$(sed ':a; N; $!ba; s/\n/\\n/g' "$made.pem") ;;
	ed25519) openssl genpkey -algorithm ed25519 -out "$made.pem"
		secret=$(openssl pkey -in "$made.pem" -outform DER | tail -c 32 | base64) ;;
	esac
	openssl pkey -in "$made.pem" -pubout -out "$made.pub"
	json "$KEY_NAME" "$secret"
	(umask 077 && printf '{"name":%s,"privateKey":%s}\n' "${texts[@]}" >"$made.json")
}

unbase64url() {
	local text
	text=$(tr '_-' '/+')
	while [ $((${#text} % 4)) -ne 0 ]; do text+='='; done
	printf %s "$text" | base64 -d
}

token_holds() {
	local token=$1 uri=$2 dir=$BATS_TEST_TMPDIR header claims raw now
	IFS=. read -r header claims raw <<<"$token"
	printf %s "$header.$claims" >"$dir/signed"
	printf %s "$raw" | unbase64url >"$dir/raw"
	[ "$(stat -c %s "$dir/raw")" -eq 64 ] || { echo "signature of $(stat -c %s "$dir/raw") bytes"; return 1; }
	header=$(printf %s "$header" | unbase64url)
	claims=$(printf %s "$claims" | unbase64url)
	now=$(date +%s)
	case $(jq -r .alg <<<"$header") in
	ES256)	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$(head -c 32 "$dir/raw" | od -An -tx1 | tr -d ' \n')" \
			"$(tail -c 32 "$dir/raw" | od -An -tx1 | tr -d ' \n')" >"$dir/asn1"
		openssl asn1parse -genconf "$dir/asn1" -noout -out "$dir/der"
		openssl dgst -sha256 -verify "$PUBLIC" -signature "$dir/der" "$dir/signed" ;;
	EdDSA)	openssl pkeyutl -verify -pubin -inkey "$PUBLIC" -rawin -in "$dir/signed" -sigfile "$dir/raw" ;;
	*)	echo "alg of $header"; return 1 ;;
	esac || return
	jq -e --arg name "$KEY_NAME" '.typ == "JWT" and .kid == $name and (.nonce | test("^[0-9a-f]{64}$"))' <<<"$header" || return
	jq -e --arg name "$KEY_NAME" --arg uri "$uri" --argjson now "$now" '
		.sub == $name and .iss == "cdp" and .uri == $uri and .exp == .nbf + 120 and .nbf <= $now and .nbf > $now - 60' <<<"$claims"
}

FILLS=/api/v3/brokerage/orders/historical/fills
hasty=(--retry-wait 0.02 --rate 30)

serve() {
	put_listing "$site" "${1:-1000}"
	replay_start "$site" "$conf"
	[ -n "${COINBASE_KEY_FILE:-}" ] || new_key ec
}

fetch() { fetch-fills --base-url "$REPLAY_URL" "${hasty[@]}" "$@"; }
