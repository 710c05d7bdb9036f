# scripts/lib/table.sh: rows by the names of their columns, in any order.
# shellcheck disable=SC2154,SC1091 # root is set by the suite
load helper

setup() {
    . "$root/scripts/lib/table.sh"
    cd "$BATS_TEST_TMPDIR" || return
    printf 'reason\tsettlement_date\tn\nstale\t2025-03-02\t2\nmissing\t2025-03-01\t3\nstale\t2025-03-01\t5\n' >a.tsv
    printf 'n\textra\tsettlement_date\n7\tx\t2025-03-03\n' >b.tsv
    echo settlement_date >none.tsv
    : >empty.tsv
}

@test "a column is found wherever it stands, in each file anew" {
    [ "$(column n a.tsv)" = $'2\n3\n5' ]
    [ "$(by_name '{ s += at("n") } END { print s, file }' a.tsv b.tsv)" = $'17\t2' ]
    [ "$(columns "n reason" a.tsv)" = $'n\treason\n2\tstale\n3\tmissing\n5\tstale' ]
    [ "$(dates_of a.tsv b.tsv)" = $'settlement_date\n2025-03-01\n2025-03-02\n2025-03-03' ]
}

@test "rows are counted, summed and chosen; a file without rows, or without anything, has none" {
    [ "$(rows a.tsv) $(rows none.tsv) $(rows empty.tsv)" = "3 0 0" ]
    [ "$(rows_with a.tsv reason stale) $(total a.tsv n) $(total none.tsv n) $(total empty.tsv n)" = "2 10 0 0" ]
    [ "$(rows_where 'at("n") > least' least=2 a.tsv)" = $'reason\tsettlement_date\tn\nmissing\t2025-03-01\t3\nstale\t2025-03-01\t5' ]
    printf 'x\tsettlement_date\n1\t2025-03-01\n' >c.tsv
    [ "$(rows_without c.tsv a.tsv)" = $'reason\tsettlement_date\tn\nstale\t2025-03-02\t2' ]
    [ "$(rows_without none.tsv a.tsv)" = "$(cat a.tsv)" ]
}

@test "the first row's value is read by the name of its column, and null is nothing" {
    [ "$(first reason a.tsv) $(first settlement_date a.tsv) $(first n a.tsv)" = "stale 2025-03-02 2" ]
    [ "$(first n none.tsv)$(first n empty.tsv)" = "" ]
    printf 'a\tb\tc\n\\N\t\tlast one\n' >d.tsv
    [ "$(first a d.tsv)|$(first b d.tsv)|$(first c d.tsv)" = "||last one" ]
    run first nothing a.tsv
    [ "$status" -eq 70 ]
    [[ "$output" == *"no column nothing in a.tsv"* ]]
}

@test "a column that is not there is said, with 70, and not taken for an empty one" {
    run column nothing a.tsv
    [ "$status" -eq 70 ]
    [[ "$output" == *"no column nothing in a.tsv"* ]]
}
