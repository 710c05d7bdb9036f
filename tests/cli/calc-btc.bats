# calc-btc: what it makes of curtailment, as a filter and in the database.
#
# bats sets $stderr.
# shellcheck disable=SC2030,SC2031,SC2154
load helper
load asking
load calculations

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# The columns of calculations alone, without the header.
body() {
    tail -n +2
}

# ---- as a filter ---------------------------------------------------------------------------------

@test "the worked table comes through the pipe to the satoshi, without a database" {
    unset DATABASE_URL
    # volume, model, difficulty, subsidy, machines, bitcoin: by exact rational arithmetic elsewhere.
    while read -r volume model difficulty subsidy miners btc; do
        run --separate-stderr calc-btc --no-header --model "$model" --difficulty "$difficulty" --subsidy "$subsidy" \
            < <(echo "2025-03-04 1 T_A-1 $volume" | rows)
        echo "$volume $model: $output"
        [ "$status" -eq 0 ]
        [ "$stderr" = "" ]
        [ "$(cut -f6,9 <<<"$output")" = "$miners	$btc" ]
    done <<-END
	-0.004166666666666667 S19J_PRO 113757508810853 3.125 2 0.00000230
	-1.525 S19J_PRO 113757508810853 3.125 1000 0.00115128
	-1.525 S9 112149504190349 3.125 2305 0.00036339
	-450.75 M20S 113757508810853 3.125 268303 0.21004727
	-1.525 M20S 72006146478567 6.25 907 0.00224357
	END
}

@test "several rows of one farm and period are summed first, wherever they stand" {
    printf '%s\n' "2025-03-05 41 T_A-1 -500" "2025-03-05 41 T_B-1 -1" "2025-03-05 41 T_A-1 -486.32" "2025-03-05 40 T_A-1 -2" |
        rows >parts.tsv
    printf '%s\n' "2025-03-05 40 T_A-1 -2" "2025-03-05 41 T_A-1 -986.32" "2025-03-05 41 T_B-1 -1" | rows >sums.tsv
    calc-btc <parts.tsv >parts.out
    calc-btc <sums.tsv >sums.out
    cmp parts.out sums.out
    [ "$(wc -l <parts.out)" -eq 10 ]
}

@test "the order of rows and columns does not matter, and unknown columns are passed over" {
    for p in 3 1 2 48 10; do
        echo "2025-03-05 $p T_B-1 -1.5"
        echo "2025-03-05 $p T_A-1 -0.$p"
        echo "2025-03-04 $p T_A-1 -7"
        echo "2025-03-05 $p T_A-1 -2.25"
    done >lines
    rows <lines | calc-btc >one
    shuf --random-source=<(yes) lines | rows | awk -F'\t' -v OFS='\t' '{ print "x", $4, $3, "y", $2, $1 }' | calc-btc >two
    cmp one two
}

@test "the whole day: the source's rows through the pipe are the seed's sums" {
    fetch-elexon -q --base-url "file://$root/tests/data/archive" 2022-01-01 >rows.tsv
    calc-btc <rows.tsv >out.tsv
    [ "$(body <out.tsv | wc -l)" -eq 5532 ]
    [ "$(body <out.tsv | cut -f1-3 | sort -u | wc -l)" -eq 1844 ]
    [ "$(body <out.tsv | awk -F'\t' '$4 == "S9"' | cut -f5 | paste -sd+ | bc)" = 62399.044166466 ]
}

@test "a retarget in the middle of a day counts from the next period on" {
    # 2025-03-23T11:15:16Z is in period 23.
    for p in 22 23 24 25; do echo "2025-03-23 $p T_A-1 -1.525"; done | rows | calc-btc --model S19J_PRO >out.tsv
    [ "$(body <out.tsv | cut -f2,7 | tr '\t\n' '  ')" = \
        "22 112149504190349.28630055 23 112149504190349.28630055 24 113757508810853.99837194 25 113757508810853.99837194 " ]
}

@test "the halving of 2024-04-20 counts from period 4 on" {
    # Block 840,000 came at 00:09:27 UTC: in the third half hour of that day in London.
    for p in 1 2 3 4 48; do echo "2024-04-20 $p T_A-1 -1.525"; done | rows | calc-btc --model S19J_PRO >out.tsv
    [ "$(body <out.tsv | cut -f2,8 | tr '\t\n' '  ')" = "1 6.25000000 2 6.25000000 3 6.25000000 4 3.12500000 48 3.12500000 " ]
}

@test "days of 46 and of 50 periods have these and no more" {
    for day in 2025-03-30:46 2025-10-26:50 2025-10-25:48; do
        last=${day#*:}
        run --separate-stderr calc-btc < <(echo "${day%:*} $last T_A-1 -1" | rows)
        [ "$status" -eq 0 ]
        run --separate-stderr calc-btc < <(echo "${day%:*} $((last + 1)) T_A-1 -1" | rows)
        [ "$status" -eq 65 ]
        [ "$output" = "" ]
        [[ "$stderr" == *"line 2"*"has periods 1 to $last"* ]]
    done
}

@test "every half hour of years from 2000 to 2035 begins at the same instant here and in PostgreSQL" {
    fresh_db
    # Some of them, others each time; tests/drill has all.
    # shellcheck disable=SC2046 # words
    half_hours_agree $(some 6 {2000..2035})
}

@test "miner models come from another file, and an inactive one only by name" {
    printf 'miner_model\thashrate_ths\tpower_w\tactive\nNEW\t200.5\t3000\tt\nOLD\t1\t1000\tf\n' >models.tsv
    echo "2025-03-04 1 T_A-1 -1.5" | rows >rows.tsv
    [ "$(calc-btc --models models.tsv --no-header <rows.tsv | cut -f4,6)" = "NEW	1000" ]
    [ "$(calc-btc --models models.tsv --model OLD --no-header <rows.tsv | cut -f4,6)" = "OLD	3000" ]
}

@test "csv and ndjson say the same as tsv" {
    echo '2025-03-04 1 T_A-1 -1.525' | rows >rows.tsv
    printf 'miner_model\thashrate_ths\tpower_w\nS9,"1\t13.5\t1323\n' >models.tsv
    [ "$(calc-btc --models models.tsv --format csv --no-header <rows.tsv)" = \
        '2025-03-04,1,T_A-1,"S9,""1",1.525000000,2305,110568428300952.69497042,3.12500000,0.00036858' ]
    calc-btc --models models.tsv --format ndjson <rows.tsv >out.json
    [ "$(jq -r '[.settlement_date, .farm_id, .miner_model, .miners] | join(" ")' out.json)" = '2025-03-04 T_A-1 S9,"1 2305' ]
    grep -q '"difficulty":110568428300952.69497042,' out.json
}

@test "text as a spreadsheet or an editor saves it is read: mark, CR LF, blanks, no end of the last line" {
    local want
    want=$(printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_X-1\t-1.525\n' | calc-btc --model S9)
    for text in '\xef\xbb\xbfsettlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_X-1\t-1.525\n' \
        'settlement_date\tsettlement_period\tfarm_id\tvolume\r\n2025-03-04\t1\tT_X-1\t-1.525\r\n' \
        ' settlement_date\tsettlement_period \tfarm_id\tvolume\n2025-03-04 \t1\t T_X-1 \t-1.525 \n' \
        'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_X-1\t-1.525'; do
        run --separate-stderr calc-btc --model S9 < <(printf '%b' "$text")
        [ "$status" -eq 0 ]
        [ "$output" = "$want" ]
    done
    # Only the last of these is a thing to warn of.
    [[ "$stderr" == *"line 2: the last line has no end"* ]]
    # The same from the other readers of what people save.
    [ "$(printf '\xef\xbb\xbfprice_date\tprice\r\n2025-03-01\t84373.01' | fetch-prices -q --no-header --file - 2>/dev/null | cut -f 1,3)" = "2025-03-01	84373.01" ]
    [ "$(printf '\xef\xbb\xbfeffective_from,difficulty\r\n2025-03-01,110568428300952' | fetch-difficulty -q --no-header --file - 2>/dev/null | cut -f 3)" = 110568428300952.69497042 ]
}

# ---- bad input -----------------------------------------------------------------------------------

# refused STATUS WORDS [OPTION]...: with $input on stdin, nothing on stdout and these words on stderr.
refused() {
    local want=$1 words=$2
    shift 2
    run --separate-stderr calc-btc "$@" < <(printf '%b' "$input")
    echo "calc-btc $*, input $input: status $status, stderr $stderr"
    [ "$status" -eq "$want" ]
    [ "$output" = "" ]
    [[ "$stderr" == *"$words"* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "input that cannot be right is refused by its line, before anything is printed" {
    h="settlement_date\tsettlement_period\tfarm_id\tvolume\n"
    good="${h}2025-03-04\t1\tT_A-1\t-1\n"
    input='' refused 65 "standard input is empty"
    input="settlement_date\tsettlement_period\tfarm_id\n2025-03-04\t1\tT_A-1\n" refused 65 "no column volume"
    input="settlement_date\tsettlement_period\tfarm_id\tvolume\tvolume\n" refused 65 "occurs twice"
    input="${good}2025-03-04\t2\tT_A-1\t-1.525\n2025-03-04\t3\tT_A-1\t-" refused 65 "line 4: the input ends in the middle of a line"
    input="${h}2025-03-04\t1\tT_A-1\t-1.525\n2025-03-04\t2\tT_A-1\t-1.52" refused 65 "line 3: the input ends in the middle of a line"
    input="${good}2025-03-04\t2\tT_A-1\n" refused 65 "line 3: 3 fields where the header has 4"
    for volume in 1,5 -1x NaN -NaN -Infinity -1e400 1e999999999 "" "\\\\N" 1.5 -1000000 -1e-31 0x10 - . -1.5-; do
        input="${good}2025-03-04\t2\tT_A-1\t$volume\n" refused 65 "line 3: volume"
    done
    for period in 0 49 -1 1.0 x "" 99999999999999999999 "\\\\N"; do
        input="${good}2025-03-04\t$period\tT_A-1\t-1\n" refused 65 "line 3: settlement_period"
    done
    for date in 2025-02-30 20250304 "" 2025-3-4 yesterday; do
        input="${good}$date\t1\tT_A-1\t-1\n" refused 65 "line 3: settlement_date \\\"$date\\\" is not a date"
    done
    input="${good}2025-03-30\t47\tT_A-1\t-1\n" refused 65 "2025-03-30 has periods 1 to 46"
    for id in '=cmd|x' +T_A -T_A @T_A 'T A' "T_A'1" T_A,1 Ünïcode; do
        input="${good}2025-03-04\t2\t$id\t-1\n" refused 65 "line 3: farm_id \\\"$id\\\" is not an id"
    done
    input="${good}2025-03-04\t2\t\\\\N\t-1\n" refused 65 "line 3: farm_id is null"
    input="${good}2025-03-04\t1\t\t-1\n" refused 65 "line 3: a farm id has 1 to 127 bytes"
    input="${good}2025-03-04\t1\t$(printf 'x%.0s' {1..128})\t-1\n" refused 65 "line 3: a farm id"
}

@test "without a difficulty for the period there is an error and no default" {
    h="settlement_date\tsettlement_period\tfarm_id\tvolume\n"
    good="${h}2025-03-04\t1\tT_A-1\t-1\n"
    input="${good}2099-01-01\t1\tT_A-1\t-1\n" refused 65 "no difficulty is known for 2099-01-01T00:00:00Z"
    input="${good}2005-01-01\t1\tT_A-1\t-1\n" refused 65 "no difficulty is known for 2005-01-01T00:00:00Z"
    # With both given no date is too late or too early.
    run --separate-stderr calc-btc --difficulty 1000000 --subsidy 50 --model S9 --no-header < <(printf '%b' "${h}2099-01-01\t1\tT_A-1\t-1\n")
    [ "$status" -eq 0 ]
    [ "$(cut -f7,8 <<<"$output")" = "1000000	50.00000000" ]
}

@test "a gap in the history of difficulty is bridged nowhere: not by the filter, the store, the audit" {
    # 2025-03-10 to 22 is not in the file: the epoch before it ends where it says, or must say where.
    head='effective_from\tblock_height\tdifficulty\tin_force_until\n'
    printf '%b' "$head"'2025-02-23T00:00:00Z\t885024\t110568428300952\t2025-03-09T15:55:00Z\n2025-03-23T11:15:16Z\t889056\t113757508810853\t2025-04-06T00:00:00Z\n' >gap.tsv
    for place in 2025-03-09:31 2025-03-09:32 2025-03-09:33 2025-03-15:1 2025-03-23:23 2025-03-23:24 2025-04-05:48 2025-04-06:3; do
        run --separate-stderr calc-btc --model S9 --no-header --history gap.tsv < <(echo "${place/:/ } T_A-1 -1.525" | rows)
        echo "$place: $status $output $stderr"
        case $place in
        2025-03-09:3[12]) [ "$(cut -f7 <<<"$output")" = 110568428300952 ] ;;
        2025-03-23:24|2025-04-05:48) [ "$(cut -f7 <<<"$output")" = 113757508810853 ] ;;
        *)  [ "$status" -eq 65 ]
            [ "$output" = "" ]
            [[ "$stderr" == *"no difficulty is known for "* ]] ;;
        esac
    done
    cut -f 1-3 gap.tsv >heights.tsv
    run --separate-stderr calc-btc --model S9 --history heights.tsv < <(echo "2025-03-15 1 T_A-1 -1.525" | rows)
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"block_height 889056 does not follow 885024, and there is no in_force_until"* ]]
    # A date is its first instant, and what is neither is named with its line.
    printf 'effective_from\tdifficulty\n2025-03-14\t112149504190349\n2025-03-15\t113757508810853\n2025-03-17\t121507793131898\n' >dates.tsv
    for place in '2025-03-14 48 112149504190349' '2025-03-15 1 113757508810853' '2025-03-17 48 121507793131898'; do
        read -r date period want <<<"$place"
        run calc-btc --model S9 --no-header --history dates.tsv < <(echo "$date $period T_A-1 -1.525" | rows)
        [ "$(cut -f 7 <<<"$output")" = "$want" ]
    done
    sed -i 3s/2025-03-15/15.3.2025/ dates.tsv
    run --separate-stderr calc-btc --model S9 --history dates.tsv < <(echo "2025-03-15 1 T_A-1 -1.525" | rows)
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'dates.tsv, line 3: \"15.3.2025\" is neither a date nor an instant'* ]]
    # In the database an epoch that is not there leaves its half hours without, and those around it are right.
    fresh_db
    given_days 2025-03-09 2025-03-10 2025-03-23
    given_fetched 2025-03-09 2025-03-10 2025-03-23
    calc-btc -q --store 2025-03-09 2025-03-23
    whole=$(calculations)
    sql "truncate historical_bitcoin_calculations; delete from network_difficulty where block_height = 887040"
    run --separate-stderr calc-btc --store 2025-03-09 2025-03-23
    echo "$status $stderr"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"difficulty"* ]]
    # The retarget was at 15:55:55 on the 9th, the next one at 11:15:16 on the 23rd.
    [ "$(sql "select settlement_date, min(settlement_period), max(settlement_period) from historical_bitcoin_calculations group by 1 order by 1")" = \
"2025-03-09|1|32
2025-03-23|24|48" ]
    [ "$(grep -vxF "$(calculations)" <<<"$whole" | cut -f1 | sort -u | paste -sd' ')" = "2025-03-09 2025-03-10 2025-03-23" ]
    [ "$(grep -vxF "$whole" <<<"$(calculations)")" = "" ]
    run --separate-stderr audit-calcs --no-header
    [ "$status" -eq 65 ]
    [ "$(grep -c '^unchecked' <<<"$output")" -eq $((16 + 48 + 23)) ]
}

@test "arguments that cannot be right are usage errors" {
    input="settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_A-1\t-1\n"
    refused 64 "there is no miner model S10; known are M20S, S19J_PRO, S9" --model S10
    for difficulty in 0 -1 x "" 1e15 NaN 1.123456789x 0.000000000; do
        refused 64 "--difficulty" --difficulty "$difficulty"
    done
    for subsidy in 0 -3.125 x "" 51 3.1250000001; do
        refused 64 "--subsidy" --subsidy "$subsidy"
    done
    refused 64 "--format xml" --format xml
    refused 64 "dates go with --store" 2025-03-04
    refused 64 "dates go with --store" --last 3
    refused 64 "leave the filter's options out" --store --subsidy 3.125 2025-03-04
    refused 64 "--store needs DATE" --store
    refused 64 "2025-02-30: not a date" --store 2025-02-30
    refused 64 "the range is reversed" --store 2025-03-05 2025-03-04
    refused 64 "exclude each other" --store --last 3 2025-03-04
}

@test "a history with all the decimals of a fraction is rounded to eight, and one with exponents is refused as that" {
    printf 'settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_A-1\t-1\n' >rows
    printf 'effective_from\tdifficulty\n2025-03-01\t110568428300952.694971234567890123\n2025-03-10\t112149504190349.3\n\t\n' >long.tsv
    [ "$(calc-btc -q --no-header --model S9 --history long.tsv <rows | cut -f 7)" = 110568428300952.69497123 ]
    printf 'effective_from\tdifficulty\n2025-03-04\t1.10568428300953E+14\n' >sheet.tsv
    run --separate-stderr calc-btc --model S9 --history sheet.tsv <rows
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"sheet.tsv, line 2: difficulty: 1.10568428300953E+14 is not a positive number written out: an exponent"* ]]
}

@test "a table of models or a history that cannot be right is refused" {
    input="settlement_date\tsettlement_period\tfarm_id\tvolume\n2025-03-04\t1\tT_A-1\t-1\n"
    refused 66 "cannot open nowhere.tsv" --models nowhere.tsv
    printf 'miner_model\thashrate_ths\tpower_w\nX\t0\t3000\n' >models.tsv
    refused 65 "miner model X: hashrate 0" --models models.tsv
    printf 'miner_model\thashrate_ths\tpower_w\tactive\nX\t100\t3000\t1\n' >models.tsv
    refused 65 'active \"1\": must be true or false' --models models.tsv
    printf 'miner_model\thashrate_ths\tpower_w\nX\t100\t-3000\n' >models.tsv
    refused 65 "miner model X: power -3000" --models models.tsv
    printf 'miner_model\thashrate_ths\tpower_w\n=cmd|x\t100\t3000\n' >models.tsv
    refused 65 'miner_model \"=cmd|x\" is not a name' --models models.tsv
    printf 'miner_model\thashrate_ths\n' >models.tsv
    refused 65 "no column power_w" --models models.tsv
    printf 'effective_from\tdifficulty\n2025-03-01T00:00:00Z\t0\n' >history.tsv
    refused 65 "difficulty: 0 is not above zero" --history history.tsv
    printf 'effective_from\tdifficulty\n2025-03-01T00:00:00Z\t5\n2025-02-01T00:00:00Z\t6\n' >history.tsv
    refused 65 "not later than the row before it" --history history.tsv
    printf 'effective_from\tdifficulty\nyesterday\t5\n' >history.tsv
    refused 65 "is neither a date nor an instant" --history history.tsv
}

@test "an input too long for memory is put aside in TMPDIR, and comes out the same" {
    # 480,000 sums; 400,000 fit.  Shuffled, so that none comes out as it went in.
    awk 'BEGIN { for (f = 1; f <= 10000; f++) for (p = 1; p <= 48; p++) printf "2025-03-04 %d T_%05d -%d.5\n", p, f, p }' | rows >rows.tsv
    (head -n 1 rows.tsv; tail -n +2 rows.tsv | tac) >backwards.tsv
    mkdir aside
    run --separate-stderr env TMPDIR="$PWD/nowhere" calc-btc --model S9 <rows.tsv
    [ "$status" -eq 74 ]
    [ "$output" = "" ]
    [[ "$stderr" == *"cannot make a temporary file: No such file or directory"* ]]
    TMPDIR=$PWD/aside calc-btc --model S9 <rows.tsv >one
    TMPDIR=$PWD/aside calc-btc --model S9 <backwards.tsv >two
    cmp one two
    [ "$(wc -l <one)" -eq 480001 ]
    [ "$(ls aside)" = "" ]
}

@test "a full disk under the rows is status 74" {
    echo "2025-03-04 1 T_A-1 -1" | rows >rows.tsv
    status=0
    calc-btc <rows.tsv >/dev/full 2>stderr || status=$?
    [ "$status" -eq 74 ]
    grep -q "cannot write standard output" stderr
}

# ---- in the database -----------------------------------------------------------------------------

@test "what is stored is what the filter prints for the same rows" {
    fresh_db
    for p in 1 22 23 24 46; do
        for f in A B C; do
            for n in 1 2 3; do echo "2025-03-23 $p T_$f-1 -$p.${n}6666666666666${p}075"; done
        done
    done >lines
    given_records <lines
    run --separate-stderr calc-btc --store 2025-03-23
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    [[ "$stderr" == *'msg="calculated" days=1 added=45 replaced=0 removed=0 failed_days=0' ]]
    rows <lines | calc-btc --no-header >filtered
    calculations | diff - filtered
    [ "$(sql "select distinct miner_model, hashrate_ths, power_w from historical_bitcoin_calculations order by 1" | tr '\n' ' ')" = \
        "M20S|68|3360 S19J_PRO|100|3050 S9|13.5|1323 " ]
}

@test "twice is once: a second run writes nothing" {
    fresh_db
    given_days 2025-03-04 2025-03-05
    calc-btc -q --store 2025-03-04 2025-03-05
    dump=$(dump_db --exact)
    versions=$(versions)
    run --separate-stderr calc-btc --store 2025-03-04 2025-03-05
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"days=2 added=0 replaced=0 removed=0"* ]]
    [ "$(dump_db --exact)" = "$dump" ]
    [ "$(versions)" = "$versions" ]
    [ "$(sql "select count(*) from historical_bitcoin_calculations")" -eq 864 ]
}

@test "days of 46 and 50 periods, and neighbours in two months, are stored whole" {
    fresh_db
    given_days 2025-03-30 2025-03-31 2025-04-01 2025-10-26
    calc-btc -q --store 2025-03-01 2025-10-31
    [ "$(sql "select settlement_date, count(distinct settlement_period), count(*) from historical_bitcoin_calculations group by 1 order by 1" |
        tr '\n' ' ')" = "2025-03-30|46|414 2025-03-31|48|432 2025-04-01|48|432 2025-10-26|50|450 " ]
}

@test "only the days that were asked for are touched" {
    fresh_db
    given_days 2025-03-04 2025-03-05 2025-03-06 2025-03-07
    printf 'extra\tsettlement_date\nx\t2025-03-06\ny\t2025-03-04\nz\t2025-03-06\n' | calc-btc -q --store -
    [ "$(sql "select distinct settlement_date from historical_bitcoin_calculations order by 1" | tr '\n' ' ')" = "2025-03-04 2025-03-06 " ]
    run --separate-stderr faketime -f '@2025-03-08 12:00:00' calc-btc --store --last 3
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"days=3 added=864 "* ]]
}

@test "a bad list of days changes nothing" {
    fresh_db
    given_days 2025-03-04
    run --separate-stderr calc-btc --store - < <(printf 'settlement_date\n2025-03-04\n2025-02-30\n')
    [ "$status" -eq 65 ]
    [[ "$stderr" == *'line 3: settlement_date \"2025-02-30\" is not a date'* ]]
    run --separate-stderr calc-btc --store - < <(printf 'date\n2025-03-04\n')
    [ "$status" -eq 65 ]
    run --separate-stderr calc-btc --store - < <(printf 'settlement_date\n2025-03-0')
    [ "$status" -eq 65 ]
    [ "$(calculations)" = "" ]
    run --separate-stderr calc-btc --store - < <(printf 'settlement_date\n')
    [ "$status" -eq 0 ]
}

@test "where the difficulty ends the calculations are left out, by name, and the rest is made" {
    fresh_db
    given_days 2026-06-14 2026-06-15
    # The newest difficulty is of 2026-06-14T00:35:50Z, and a file claims a day for it.
    run --separate-stderr calc-btc --store 2026-06-14 2026-06-15
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2026-06-15: "*" calculations cannot be made: no difficulty is known for 2026-06-15T01:00:00Z"* ]]
    [[ "$stderr" == *"1 day is left with calculations missing"* ]]
    # Period 4 begins at 00:30 UTC, before the difficulty ends, and period 5 after.
    [ "$(sql "select settlement_date, count(distinct settlement_period), max(settlement_period) from historical_bitcoin_calculations group by 1 order by 1" |
        tr '\n' ' ')" = "2026-06-14|48|48 2026-06-15|4|4 " ]
    # When it is known that it holds on, the next run makes the rest.
    sql "update network_difficulty set in_force_until = '2026-06-28' where effective_from = '2026-06-14T00:35:50Z'"
    run --separate-stderr calc-btc --store 2026-06-14 2026-06-15
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"added=396 replaced=0 removed=0"* ]]
}

@test "an amount that does not fit leaves its own calculation undone, and no other" {
    fresh_db
    printf '%s\n' "2025-03-04 1 T_A-1 -999999" "2025-03-04 1 T_B-1 -1" | given_records
    # A thousandth of a watt runs it: some 2.4e12 bitcoin.
    sql "insert into miner_models values ('TINY', 100000, 0.001, true)"
    run --separate-stderr calc-btc --store 2025-03-04
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-03-04: 1 calculation cannot be made: the inputs are too large to calculate with"* ]]
    [ "$(calculations | cut -f3,4 | tr '\t\n' '  ')" = \
        "T_A-1 M20S T_A-1 S19J_PRO T_A-1 S9 T_B-1 M20S T_B-1 S19J_PRO T_B-1 S9 T_B-1 TINY " ]
}

@test "a stored volume that is no number is an error by its place" {
    fresh_db
    given_days 2025-03-04
    sql "update curtailment_records set volume = '-Infinity' where settlement_period = 7 and farm_id = 'T_FARM-2'"
    run --separate-stderr calc-btc --store 2025-03-04
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"2025-03-04: the stored volume of period 7, T_FARM-2: -Infinity is not a number"* ]]
    [ "$(calculations)" = "" ]
}

@test "farm ids with spaces, quotes, braces and other people's letters go in and out whole" {
    fresh_db
    given_days 2025-03-04
    sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume) values
        ('2025-03-04', 1, 'T A\"1', 'bid', 1, -1), ('2025-03-04', 1, '{},', 'bid', 1, -2),
        ('2025-03-04', 1, E'\\'; drop table curtailment_records; --', 'bid', 1, -3), ('2025-03-04', 1, 'Ünïcode–Å', 'bid', 1, -4),
        ('2025-03-04', 1, 'NULL', 'bid', 1, -5)"
    calc-btc -q --store 2025-03-04
    good=$(dump_db)
    [ "$(sql "select count(distinct farm_id) from historical_bitcoin_calculations where settlement_period = 1")" -eq 8 ]
    sql "update historical_bitcoin_calculations set bitcoin_mined = 0"
    calc-btc -q --store 2025-03-04
    [ "$(dump_db)" = "$good" ]
    sql "insert into historical_bitcoin_calculations select settlement_date, 2, farm_id, miner_model, curtailed_mwh, miners, difficulty,
        subsidy, hashrate_ths, power_w, bitcoin_mined from historical_bitcoin_calculations where settlement_period = 1 and farm_id not like 'T\\_FARM%'"
    run --separate-stderr calc-btc --store 2025-03-04
    [[ "$stderr" == *"added=0 replaced=0 removed=15"* ]]
    [ "$(dump_db)" = "$good" ]
}

@test "a new miner model is one row: the next run makes all its past calculations" {
    fresh_db
    given_days 2025-03-04 2025-04-04
    calc-btc -q --store 2025-03-01 2025-04-30
    before=$(calculations)
    sql "insert into miner_models values ('S21', 200, 3500, true)"
    [ "$(find-missing --no-header | cut -f4,5 | sort | uniq -c | tr -s ' ')" = " 288 S21	missing" ]
    run --separate-stderr calc-btc --store 2025-03-01 2025-04-30
    [[ "$stderr" == *"added=288 replaced=0 removed=0"* ]]
    [ "$(calculations | grep -v S21)" = "$before" ]
    # Put out of service it keeps what it has, and calls for nothing more.
    sql "update miner_models set active = false where miner_model = 'S21'"
    given_days 2025-04-05
    run --separate-stderr calc-btc --store 2025-03-01 2025-04-30
    [[ "$stderr" == *"added=432 replaced=0 removed=0"* ]]
    [ "$(find-missing --no-header)" = "" ]
    # But what it has must be right.
    sql "update historical_bitcoin_calculations set miners = miners + 1
          where miner_model = 'S21' and settlement_date = '2025-03-04' and settlement_period = 5 and farm_id = 'T_FARM-1'"
    run --separate-stderr calc-btc --store 2025-03-01 2025-04-30
    [[ "$stderr" == *"added=0 replaced=1 removed=0"* ]]
}

# ---- when something is wrong ---------------------------------------------------------------------

@test "two at once make what one makes" {
    fresh_db
    given_days 2025-03-{01..12}
    calc-btc --store 2025-03-01 2025-03-31 2>first &
    calc-btc --store 2025-03-05 2025-03-31 2>second
    wait $!
    [ "$(calculations | wc -l)" -eq 5184 ]
    [ "$(find-missing --no-header)" = "" ]
    # Each calculation was added by one of them.
    [ "$(sed 's/.* added=\([0-9]*\) .*/\1/' first second | paste -sd+ | bc)" -eq 5184 ]
}

@test "a date that another job holds is tried for a minute, then left for later" {
    fresh_db
    given_days 2025-03-04 2025-03-05
    hold_day 2025-03-05
    run --separate-stderr faketime -f '+0 x100' calc-btc --store 2025-03-04 2025-03-05
    let_day_go
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another job is writing 2025-03-05: psql (process "*" of the server, since 20"*"); try again later"* ]]
    [ "$(calculations)" = "" ]
    run --separate-stderr calc-btc --store 2025-03-04 2025-03-05
    [ "$status" -eq 0 ]
}

@test "a statement that takes too long, and a lock that is not given, are tried again later" {
    fresh_db
    given_days 2025-03-04
    mkfifo hold
    psql -XAtq -d "$DATABASE_URL" -f hold >/dev/null &
    exec 7>hold
    echo "begin; lock table historical_bitcoin_calculations in share mode; select 1;" >&7
    sql_until "(select count(*) from pg_locks where mode = 'ShareLock' and relation = 'historical_bitcoin_calculations'::regclass) = 1"
    for limit in lock_timeout statement_timeout; do
        run --separate-stderr env PGOPTIONS="-c $limit=200ms" calc-btc --store 2025-03-04
        echo "$limit: $status $stderr"
        [ "$status" -eq 75 ]
        [[ "$stderr" == *"try again later"* ]]
        [ "${#stderr_lines[@]}" -eq 1 ]
    done
    [[ "$stderr" == *"; statement_timeout is 200ms by the options of the connection (PGOPTIONS, or options in the address); try again later"* ]]
    # That of a role is named with what lifts it, which the role may do.
    sql "alter role windfall in database $TEST_DB set statement_timeout = '1s'"
    run --separate-stderr calc-btc --store 2025-03-04
    [ "$status" -eq 75 ]
    lifts="alter role windfall in database $TEST_DB set statement_timeout = 0"
    [[ "$stderr" == *"; statement_timeout is 1s for the role windfall in the database $TEST_DB; this lifts it: $lifts; try again later"* ]]
    echo "ERROR:  57014: canceling statement due to statement timeout" >"$BATS_TEST_TMPDIR/said"
    run with-db --explain "$BATS_TEST_TMPDIR/said"
    [ "$status" -eq 75 ]
    [[ "$output" == *"; this lifts it: $lifts" ]]
    sql "$lifts"
    run with-db --explain "$BATS_TEST_TMPDIR/said"
    echo "$output"
    [ "$output" = "canceling statement due to statement timeout" ]
    # Where a person cancelled it no limit is named, though there is one.
    sql "alter role windfall in database $TEST_DB set statement_timeout = '1h'"
    calc-btc --store 2025-03-04 2>"$BATS_TEST_TMPDIR/said" &
    sql_until "(select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'calc-btc' and wait_event_type = 'Lock')"
    status=0
    wait $! || status=$?
    [ "$status" -eq 75 ]
    [[ "$(cat "$BATS_TEST_TMPDIR/said")" == *'database: canceling statement due to user request; try again later"' ]]
    exec 7>&-
    wait
    [ "$(calculations)" = "" ]
}

@test "a database that is down, not migrated, or not to be written says so by its status" {
    fresh_db
    given_days 2025-03-04
    run --separate-stderr env DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR/nowhere" calc-btc --store 2025-03-04
    [ "$status" -eq 75 ]
    run --separate-stderr env DATABASE_URL="postgresql:///postgres?host=$SUITE_SOCKET&user=windfall" calc-btc --store 2025-03-04
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"scripts/migrate"* ]]
    run --separate-stderr env PGOPTIONS="-c default_transaction_read_only=on" calc-btc --store 2025-03-04
    [ "$status" -eq 77 ]
    [ "$(calculations)" = "" ]
}

@test "a session that the server ends is tried again later, and the next run completes the work" {
    fresh_db
    given_days 2025-03-{01..20}
    # Slow enough to be met while it writes.
    sql "create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(0.2); return null; end'"
    for table in $(pieces historical_bitcoin_calculations); do
        sql "create trigger slowly before insert on $table for each statement execute function slowly()"
    done
    for _ in 1 2 3; do
        calc-btc --store 2025-03-01 2025-03-20 2>stderr 3>&- &
        sql_until "(select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and application_name = 'calc-btc' and query like 'copy hist%') > 0"
        status=0
        wait $! || status=$?
        [ "$status" -eq 75 ]
        [ "$(sql "select count(*) from (select settlement_date from historical_bitcoin_calculations group by 1 having count(*) <> 432) x")" -eq 0 ]
    done
    for table in $(pieces historical_bitcoin_calculations); do sql "drop trigger slowly on $table"; done
    calc-btc -q --store 2025-03-01 2025-03-20
    [ "$(calculations | wc -l)" -eq 8640 ]
}

@test "killed at any step, each date is done or not begun, and the next run completes it" {
    fresh_db
    given_days 2025-03-0{1..8}
    calc-btc -q --store 2025-03-01 2025-03-08
    whole=$(dump_db)
    # One farm is stale on every date, so that each transaction deletes and copies.
    wound="update historical_bitcoin_calculations set bitcoin_mined = 0 where farm_id = 'T_FARM-2' and settlement_period = 9;
        delete from historical_bitcoin_calculations where farm_id = 'T_FARM-3' and settlement_period = 3"
    # The n-th thing said to the server is the last: the reading sessions first, later the writing one.
    # Every sixth of these, others each time: the drill kills it at every call.
    RANDOM=${SEED:=$RANDOM}
    echo "SEED=$SEED"
    n=$((14 + RANDOM % 6)) killed=0
    while :; do
        sql "$wound"
        status=0
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace.out -e trace=sendto -e inject=sendto:signal=SIGKILL:when=$n \
            calc-btc -q --store 2025-03-01 2025-03-08 || status=$?
        [ "$status" -ne 0 ] || break
        [ "$status" -eq 137 ]
        killed=$((killed + 1))
        # A wound is six calculations on a date: all are mended or none is.
        [ "$(sql "select count(*) from (
                    select settlement_date, 9 - count(*) filter (where settlement_period = 3)
                           + count(*) filter (where settlement_period = 9 and bitcoin_mined = 0) as wounds
                      from historical_bitcoin_calculations group by 1) x where wounds not in (0, 6)")" -eq 0 ]
        n=$((n + 6))
        [ "$n" -lt 200 ]
    done
    echo "killed $killed times"
    [ "$killed" -ge 4 ]
    [ "$(dump_db)" = "$whole" ]
}
