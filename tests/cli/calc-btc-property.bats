# calc-btc against bc: random volumes, difficulties, miner models and subsidies, to the last satoshi.
#
#   PROPERTY_SEED    the seed (another one each run; it is printed)
#   PROPERTY_CASES   how many (date, period, farm) are drawn for each of the four subsidies (500)
load helper

# Everything is drawn here: models.tsv, history.tsv, rows.tsv (shuffled), and the same facts as a
# program for bc, in the order of the result.
draw() {
    awk -v OFS='\t' -v seed="$1" -v cases="$2" -v subsidy="$3" '
    function upto(n) { return int(rand() * n) }
    function digits(n,   text) { while (n-- > 0) text = text upto(10); return text }
    # Half of them short, some very long, some tiny, some whole.
    function volume(   dice) {
        dice = rand()
        if (dice < 0.4) return upto(300) "." digits(1 + upto(3))
        if (dice < 0.7) return upto(300) "." digits(12)
        if (dice < 0.8) return "0.00" digits(1 + upto(18))
        if (dice < 0.9) return 1 + upto(900)
        return upto(1000) "." digits(1 + upto(20))
    }
    function positive(whole, decimals,   text) {
        do text = whole (rand() < 0.5 ? "" : "." digits(1 + upto(decimals))); while (text + 0 == 0)
        return text
    }
    BEGIN {
        srand(seed)
        print "miner_model", "hashrate_ths", "power_w" >"models.tsv"
        n_models = 4
        for (m = 1; m <= n_models; m++) {
            hashrate[m] = positive(1 + upto(400), 3)
            power[m] = positive(500 + upto(4000), 3)
            print "MODEL" m, hashrate[m], power[m] >"models.tsv"
        }
        # A difficulty from each noon on; the afternoon is in force of its own day wherever the clock stands.
        print "effective_from", "difficulty" >"history.tsv"
        n_days = 28
        for (d = 1; d <= n_days; d++) {
            date[d] = sprintf("2023-%02d-%02d", 1 + int((d - 1) / 3), 1 + 9 * ((d - 1) % 3) + upto(9))
            difficulty[d] = positive(1 + upto(9) digits(9 + upto(7)), 8)
            print date[d] "T12:00:00Z", difficulty[d] >"history.tsv"
        }
        print "scale = 0; s = " subsidy >"program.bc"
        for (m = 1; m <= n_models; m++) print "h[" m "] = " hashrate[m] " * 1000 / 1; w[" m "] = " power[m] " * 1000 / 1" >"program.bc"
        print "settlement_date", "settlement_period", "farm_id", "volume" >"rows.tsv"
        for (c = 1; c <= cases; c++) {
            d = 1 + int((c - 1) * n_days / cases)
            farm = sprintf("T_%06d", c)
            sum = ""
            for (r = 1 + upto(4); r > 0; r--) {
                v = volume()
                sum = sum " + " v
                print rand() "\t" date[d], 30, farm, "-" v >"unsorted"
            }
            # E in 1e-9 MWh and the satoshi, each rounded half up by one division of whole numbers.
            print "e = (0" sum ") * 1000000000; e = (e * 2 + 1) / 2" >"program.bc"
            print "d = " difficulty[d] " * 100000000 / 1 * 4294967296" >"program.bc"
            for (m = 1; m <= n_models; m++) {
                print "n = e * 2 / w[" m "]; a = n * h[" m "] * 1000000000 * 1800 * (s * 100000000 / 1) * 100000000" >"program.bc"
                print "b = (2 * a + d) / (2 * d)" >"program.bc"
                printf "print \"%s\\t30\\t%s\\tMODEL%d\\t\", e, \"\\t\", n, \"\\t\", b, \"\\n\"\n", date[d], farm, m >"program.bc"
            }
        }
    }'
    sort unsorted | cut -f2- >>rows.tsv
}

@test "random cases come out as exact arithmetic elsewhere says" {
    cd "$BATS_TEST_TMPDIR"
    seed=${PROPERTY_SEED:-$((RANDOM * 32768 + RANDOM))}
    cases=${PROPERTY_CASES:-500}
    echo "# PROPERTY_SEED=$seed PROPERTY_CASES=$cases" >&3
    for subsidy in 50 6.25 3.125 0.00000546; do
        rm -f unsorted
        draw $((seed++)) "$cases" "$subsidy"
        calc-btc --models models.tsv --history history.tsv --subsidy "$subsidy" --no-header <rows.tsv >out.tsv
        # Of energy and bitcoin the digits count: 1.525000000 is 1525000000 units.
        awk -F'\t' -v OFS='\t' '{ gsub(/\./, "", $5); gsub(/\./, "", $9); sub(/^0+/, "", $5); sub(/^0+/, "", $9)
            print $1, $2, $3, $4, $5 == "" ? 0 : $5, $6, $9 == "" ? 0 : $9 }' out.tsv >ours
        BC_LINE_LENGTH=0 bc program.bc >theirs
        [ "$(wc -l <theirs)" -eq $((cases * 4)) ]
        # Not all of it is nothing.
        [ "$(awk -F'\t' '$7 > 0' theirs | wc -l)" -gt "$cases" ]
        diff theirs ours
    done
}
