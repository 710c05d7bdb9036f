# What a source answers is judged alike, whichever source it is: something else is 76, figures that are impossible are 65.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper

# Each source: its path, the command that asks it, its document with one impossible figure for %s, and a document of
# another kind.
sources() {
    cat <<-'END'
		reference/bmunits/all	fetch-bmunits --base-url	[{"elexonBmUnit":"T_X-1","nationalGridBmUnit":"X-1","leadPartyName":"X","fuelType":"WIND","bmUnitName":"X","generationCapacity":%s}]
		charts/market-price	fetch-prices --base-url	{"status":"ok","unit":"USD","values":[{"x":1741478400,"y":%s}]}
		api/v1/historical-price	fetch-prices --source mempool --base-url	{"prices":[{"time":1741480000,"USD":%s}]}
		generation/actual/per-type/wind-and-solar/2024-05-01/2024-05-01	fetch-wind 2024-05-01 --base-url	{"data":[{"publishTime":"2024-05-02T10:00:00Z","businessType":"Wind generation","psrType":"Wind Onshore","quantity":%s,"startTime":"2024-05-01T00:00:00Z","settlementDate":"2024-05-01","settlementPeriod":2}]}
		api/v1/mining/difficulty-adjustments	fetch-difficulty --base-url	[[1742728516,889056,%s,1.0143]]
		charts/difficulty	fetch-difficulty --source blockchain --base-url	{"status":"ok","name":"Difficulty","unit":"Difficulty","period":"day","values":[{"x":1741478400,"y":%s},{"x":1741564800,"y":%s}]}
		balancing/settlement/stack/all/bid/2024-05-01/2	fetch-elexon --periods 2 2024-05-01 --base-url	{"metadata":{"datasets":["ISPSTACK"]},"data":[{"settlementDate":"2024-05-01","settlementPeriod":2,"id":"T_KPMRW-1","acceptanceId":1,"bidOfferPairId":-1,"sequenceNumber":1,"volume":%s,"originalPrice":-20,"finalPrice":-20,"transmissionLossMultiplier":1,"soFlag":true,"cadlFlag":false}]}
	END
}

# Each command is given a body and must end with this status.
each_ends_with() {
    local path command document body made n=0
    while IFS=$'\t' read -r path command document; do
        body=$2
        case $body in
        FIGURE*) made=${document//%s/${body#FIGURE}} ;;
        CUT) made=${document//%s/1}; made=${made:0:${#made}-4} ;;
        *) made=$body ;;
        esac
        rm -rf "$BATS_TEST_TMPDIR/source"
        mkdir -p "$BATS_TEST_TMPDIR/source/${path%/*}"
        printf '%s' "$made" >"$BATS_TEST_TMPDIR/source/$path"
        # shellcheck disable=SC2086 # words
        run --separate-stderr $command "file://$BATS_TEST_TMPDIR/source"
        echo "$command, $body: status $status, $stderr"
        [ "$status" -eq "$1" ]
        [ "${#lines[@]}" -le 1 ]
        n=$((n + 1))
    done < <(sources)
    [ "$n" -eq 7 ]
}

@test "what is something else, or breaks off, ends with 76 from every source" {
    each_ends_with 76 '<!DOCTYPE html><html><body>Just a moment...</body></html>'
    each_ends_with 76 'Service Unavailable'
    each_ends_with 76 '{"statusCode":404,"message":"Resource not found"}'
    each_ends_with 76 '"ok"'
    each_ends_with 76 ''
    each_ends_with 76 CUT
}

@test "a document whose only figure is impossible ends with 65 from every source" {
    each_ends_with 65 'FIGURE"n/a"'
    each_ends_with 65 FIGURE-1e400
    each_ends_with 65 FIGURENaN
    each_ends_with 65 'FIGURE{}'
}
