# The benchmark's data: natural enough, the same for the same seed, and the same whichever way they come.
# shellcheck disable=SC2154 # $root is the suite's
load helper

setup_file() {
    make -s -C "$root" build/generate
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    units=$root/sql/reference/wind-units.tsv
}

generate() { "$root/build/generate" "$@"; }

@test "what fetch-elexon makes of the generated archive is the generated records" {
    generate archive 2025-03-29 2025-03-30 "$units" site
    [ "$(find site -type f | wc -l)" -eq 94 ]
    generate records 2025-03-29 2025-03-30 "$units" >records.tsv
    [ "$(wc -l <records.tsv)" -gt 1000 ]
    fetch-elexon -q --base-url "file://$PWD/site" 2025-03-29 2025-03-30 >fetched.tsv
    diff <(head -n 1 records.tsv | tr '\t' '\n' | sort) <(head -n 1 fetched.tsv | tr '\t' '\n' | sort)
    # The same columns in the same order, then the same rows.
    awk -F'\t' -v OFS='\t' -v order="$(head -n 1 fetched.tsv)" '
        NR == 1 { n = split(order, name); for (i = 1; i <= NF; i++) at[$i] = i }
        { line = $at[name[1]]; for (i = 2; i <= n; i++) line = line OFS $at[name[i]]; print line }' records.tsv | diff - fetched.tsv
}

@test "what is loaded at once is what fetch-elexon would have stored" {
    fresh_db
    generate archive 2025-10-26 2025-10-26 "$units" site
    fetch-elexon -q --store --base-url "file://$PWD/site" 2025-10-26
    for pair in records:curtailment_records periods:ingested_periods; do
        file=${pair%:*}.tsv table=${pair#*:}
        generate "${pair%:*}" 2025-10-26 2025-10-26 "$units" >"$file"
        [ "$(wc -l <"$file")" -gt 50 ]
        columns=$(head -n 1 "$file" | tr '\t' ,)
        compared=${columns/,fetched_at/}
        compared=${compared/volume/trim_scale(volume)}
        sql "copy (select $compared from $table order by $compared) to stdout" >stored
        sql "truncate $table"
        sql "\\copy $table ($columns) from '$file' with (format text, header match)"
        sql "copy (select $compared from $table order by $compared) to stdout" | diff stored -
    done
}

@test "the same seed gives the same days, a longer range holds a shorter one, another seed other days" {
    generate records 2025-03-01 2025-03-09 "$units" >long
    generate records 2025-03-04 2025-03-05 "$units" >short
    diff <(grep -E '^2025-03-0[45]' long) <(tail -n +2 short)
    generate -s 2 records 2025-03-04 2025-03-05 "$units" >other
    run cmp -s short other
    [ "$status" -eq 1 ]
}

@test "a revision changes some periods and leaves the others" {
    generate records 2025-03-01 2025-03-20 "$units" >first
    generate -r 1 records 2025-03-01 2025-03-20 "$units" >second
    changed=$(diff first second | grep '^[<>]' | cut -c3- | cut -f1,2 | sort -u | wc -l)
    [ "$changed" -ge 5 ]
    [ "$changed" -le 100 ]
}

# Every second month stands for the year.
@test "days are about as full as the real ones of a year" {
    local month
    for month in 01 03 05 07 09 11; do generate records "2025-$month-01" "2025-$month-30" "$units"; done | awk -F'\t' '$1 == "settlement_date" { next } { n++; k = $1 FS $2 FS $3; pairs += k != last; last = k; f[$3] }
        END { print int(n / 180), int(pairs / 180), length(f) }' >shape
    read -r records pairs farms <shape
    echo "$records records and $pairs pairs a day, $farms farms"
    [ "$records" -gt 3700 ]
    [ "$records" -lt 4600 ]
    [ "$pairs" -gt 1950 ]
    [ "$pairs" -lt 2450 ]
    [ "$farms" -gt 140 ]
    [ "$farms" -lt 180 ]
}
