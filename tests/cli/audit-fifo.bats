# audit-fifo: every wound is found, and nothing is found where there is none.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

setup() {
    fresh_db
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'BTC-USD,b1,BUY,2024-01-01T10:00:00Z,0.5,40000,2' 'BTC-USD,b2,BUY,2024-01-01T11:00:00Z,0.7,41000,2' \
        'BTC-USD,s1,SELL,2024-01-01T12:00:00Z,0.6,42000,3' 'BTC-USD,s2,SELL,2024-01-01T13:00:00Z,0.8,43000,3' \
        'BTC-USD,b3,BUY,2024-01-01T14:00:00Z,1,44000,2' 'BTC-USD,s3,SELL,2024-01-01T15:00:00Z,0.25,45000,1' \
        'ETH-USD,e1,BUY,2024-01-01T10:00:00Z,3,2000,1' 'ETH-USD,f1,SELL,2024-01-01T11:00:00Z,1,2100,1' \
        'ETH-USD,f2,SELL,2024-01-01T11:30:00Z,1,2100,1' >"$BATS_TEST_TMPDIR/ledger.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/ledger.csv"
    match-fifo -q --version 1 --all --make-current >/dev/null 2>&1
}

# The checks that found something, with the id they name: "check id", one a line.
findings() {
    audit-fifo -q --no-header --version 1 >"$BATS_TEST_TMPDIR/findings" || [ $? -eq 1 ]
    awk -F'\t' '{ print $4, $3 }' "$BATS_TEST_TMPDIR/findings" | sort -u
}

# Take the schema's own guards away: the audit must not lean on them.
unguarded() {
    sql "do \$\$ declare c record; begin
            for c in select conrelid::regclass as t, conname from pg_constraint
                      where contype = 'c' and conrelid in ('fifo_allocations'::regclass, 'trade_records'::regclass) loop
                execute format('alter table %s drop constraint %I', c.t, c.conname);
            end loop; end \$\$"
    sql "create table kept as select * from fifo_allocations; create table books as select * from trade_records;
         create table totals as select * from fifo_version_products; create table versions as select * from fifo_versions"
}

# mend [SQL] - as it was; and then this.
mend() {
    sql "delete from fifo_allocations; delete from trade_records; delete from fifo_version_products; delete from fifo_versions;
         insert into fifo_allocations select * from kept; insert into trade_records select * from books;
         insert into fifo_version_products select * from totals; insert into fifo_versions select * from versions; ${1:-}"
}

@test "a version that is whole has no findings, and the books are as they were" {
    before=$(dump_db --exact)
    run --separate-stderr audit-fifo
    [ "$status" -eq 0 ]
    [ "$output" = $'product_id\tkind\tid\tcheck\tfield\tstored\texpected' ]
    [[ "$stderr" == *'level=warning'*'version=1 disposals=1'* ]]
    [[ "$stderr" == *'msg="audited" version=1 findings=0'* ]]
    [ "$(dump_db --exact)" = "$before" ]
}

@test "each wound of the rows is found" {
    unguarded
    a="update fifo_allocations set"
    while IFS='|' read -r wound want; do
        mend "$wound"
        found=$(findings)
        echo "$wound: wanted $want, found: $(echo "$found" | tr '\n' ';')"
        grep -qx "$want" <<<"$found"
    done <<END
$a size = size + 0.1 where lot_id = 'b1'|overused b1
$a size = size + 0.1 where lot_id = 'b1'|overused s1
$a size = size - 0.1 where status = 'OPEN' and lot_id = 'b3'|lost b3
$a size = size - 0.1 where status = 'MISSING_BASIS'|lost s2
$a size = -size where status = 'OPEN' and lot_id = 'b3'|size b3
$a size = 0 where status = 'OPEN' and lot_id = 'b3'|size b3
$a size = -2 where status = 'OPEN' and lot_id = 'e1'|lost e1
$a basis = basis + 1e-18, gain = gain - 1e-18 where lot_id = 'b1'|money b1
$a proceeds = proceeds + 1, gain = gain + 1 where disposal_id = 's3'|money s3
$a gain = gain + 1 where disposal_id = 's3'|gain s3
$a basis = 1, gain = proceeds - 1 where status = 'MISSING_BASIS'|basis_without_lot s2
$a status = 'OK' where status = 'MISSING_BASIS'|status s2
$a status = 'OPEN' where disposal_id = 's3'|status s3
$a status = 'DUST' where status = 'MISSING_BASIS'|dust s2
$a lot_time = disposal_time + interval '1 s' where disposal_id = 's3'|before_it_existed s3
$a lot_time = lot_time - interval '1 s' where lot_id = 'b1'|moved b1
$a disposal_nanos = 7 where disposal_id = 's3'|moved s3
$a lot_time = null where lot_id = 'b1'|time s1
$a lot_nanos = null where lot_id = 'b3' and disposal_id is null|time b3
$a disposal_time = null, disposal_nanos = null where disposal_id = 's3'|time s3
$a lot_id = 'b9' where lot_id = 'b1'|orphan b9
$a lot_id = 'b9' where lot_id = 'b1'|absent b1
$a disposal_id = 'b3' where disposal_id = 's3'|orphan b3
delete from fifo_allocations where disposal_id = 's3'|absent s3
delete from fifo_allocations where disposal_id = 's3'|rows b3
delete from fifo_allocations where lot_id = 'b1'|lost s1
insert into fifo_allocations select 1, product_id, 20, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis, proceeds, gain from fifo_allocations where lot_id = 'b1'|twice s1
insert into fifo_allocations select 1, product_id, 20, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis, proceeds, gain from fifo_allocations where status = 'OPEN'|twice b3
update fifo_allocations a set basis = a.basis + d, gain = a.gain - d from (values ('f1', 0.5), ('f2', -0.5)) v (id, d) where disposal_id = id|share e1
update fifo_allocations a set proceeds = a.proceeds + d, gain = a.gain + d from (values ('b1', 0.5), ('b2', -0.5)) v (id, d) where disposal_id = 's1' and lot_id = id|share s1
insert into fifo_allocations select 5, product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis, proceeds, gain from fifo_allocations where lot_id = 'b1'|orphan 5
END
}

@test "a version that is not first in, first out is found though every sum is right" {
    unguarded
    # f1 and f2 are alike: exchanging their rows leaves all sums as they were.
    sql "update fifo_allocations set seq = -seq where disposal_id in ('f1', 'f2');
         update fifo_allocations set seq = 3 + seq where seq < 0"
    [ "$(findings)" = 'order f1' ]
    mend
    # s1 takes all its 0.6 from the newer lot, s2 what is left of it and the older one: whole, but not first in first out.
    sql "delete from fifo_allocations where disposal_id in ('s1', 's2')"
    sql "insert into fifo_allocations (version, product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id,
                                       lot_time, lot_nanos, size, basis, proceeds, gain)
         select 1, 'BTC-USD', seq, case when l.record_id is null then 'MISSING_BASIS' else 'OK' end, d.record_id, d.trade_time, 0,
                l.record_id, l.trade_time, case when l.record_id is null then null else 0 end, w.size, w.basis, w.proceeds, w.proceeds - w.basis
           from (values (1, 's1', 'b2', 0.6, 24601.714285714285714286, 25197),
                        (2, 's2', 'b2', 0.1, 4100.285714285714285714, 4299.625),
                        (3, 's2', 'b1', 0.5, 20002, 21498.125),
                        (4, 's2', null, 0.2, 0, 8599.25)) w (seq, d, l, size, basis, proceeds)
           join trade_records d on d.record_id = w.d left join trade_records l on l.record_id = w.l;
         update fifo_version_products p set basis = s.basis, gain = p.proceeds - s.basis, uncovered_size = 0.2, uncovered_proceeds = 8599.25
           from (select sum(basis) as basis from fifo_allocations where product_id = 'BTC-USD' and disposal_id is not null) s
          where product_id = 'BTC-USD';
         update fifo_versions v set basis = s.basis, gain = v.proceeds - s.basis
           from (select sum(basis) as basis from fifo_version_products) s"
    [ "$(findings)" = 'order b1' ]
    mend
    # An uncovered quantity while a lot was there: s2 leaves 0.1 of b2 open.
    sql "update fifo_allocations set size = 0.5 where disposal_id = 's2' and lot_id = 'b2'"
    sql "insert into fifo_allocations select version, product_id, 99, 'OPEN', null, null, null, lot_id, lot_time, lot_nanos, 0.1, 0, null, null
           from fifo_allocations where disposal_id = 's2' and lot_id = 'b2'"
    grep -qx 'uncovered_too_soon s2' <<<"$(findings)"
}

@test "a lot of the very instant of a disposal was there for it, and one a nanosecond later was not" {
    unguarded
    for nanos in 0 1; do
        mend "update fifo_allocations set lot_time = '2024-01-01T13:00:00Z', lot_nanos = $nanos where lot_id = 'b3';
              update trade_records set trade_time = '2024-01-01T13:00:00Z', trade_nanos = $nanos where record_id = 'b3'"
        echo "$nanos: $(findings)"
        [ "$(findings | grep -c uncovered_too_soon)" -eq $((1 - nanos)) ]
        mend "update fifo_allocations set lot_time = disposal_time, lot_nanos = $nanos where disposal_id = 's3'"
        [ "$(findings | grep -c before_it_existed)" -eq "$nanos" ]
    done
}

@test "what went without a lot is held against every lot behind it, and two products without are counted together" {
    printf '%s\n' 'product_id,trade_id,side,trade_time,size,price,fee' \
        'ETH-USD,f3,SELL,2024-01-01T12:00:00Z,5,2100,1' 'SOL-USD,t1,SELL,2024-01-01T09:00:00Z,1,100,1' \
        'SOL-USD,c1,BUY,2024-01-01T10:00:00Z,1,90,1' 'SOL-USD,t2,SELL,2024-01-01T11:00:00Z,2,100,1' \
        'SOL-USD,c2,BUY,2024-01-01T12:00:00Z,1,90,1' 'SOL-USD,c3,BUY,2024-01-01T13:00:00Z,1,90,1' >"$BATS_TEST_TMPDIR/more.csv"
    import-trades -q --store "$BATS_TEST_TMPDIR/more.csv"
    match-fifo -q --version 2 --all --make-current >/dev/null 2>&1
    [ "$(sql "select uncovered from fifo_versions where version = 2")" -eq 4 ]
    audit-fifo -q --version 2
    # One lot was there already, those behind it were not.
    for lot in c1=08:30=t1 c2=10:30=t2; do
        IFS='=' read -r id time disposal <<<"$lot"
        sql "update fifo_allocations set lot_time = '2024-01-01T$time:00Z' where lot_id = '$id';
             update trade_records set trade_time = '2024-01-01T$time:00Z' where record_id = '$id'"
        run audit-fifo -q --no-header --version 2
        [ "$status" -eq 1 ]
        [ "$(awk -F '\t' '$4 == "uncovered_too_soon" { print $1, $3 }' <<<"$output")" = "SOL-USD $disposal" ]
        sql "update fifo_allocations set lot_time = '2024-01-01T10:00:00Z' where lot_id = 'c1';
             update trade_records set trade_time = '2024-01-01T10:00:00Z' where record_id = 'c1'"
    done
}

@test "a finding says what is stored and what it should be" {
    unguarded
    a="update fifo_allocations set"
    while IFS='|' read -r wound want; do
        mend "$wound"
        findings >/dev/null
        echo "$wound: wanted $want"
        cat "$BATS_TEST_TMPDIR/findings"
        grep -qxF "$(tr ';' '\t' <<<"$want")" "$BATS_TEST_TMPDIR/findings"
    done <<END
$a size = size + 0.1 where lot_id = 'b1'|BTC-USD;lot;b1;overused;size;0.6;0.5
$a size = size - 0.1 where status = 'MISSING_BASIS'|BTC-USD;disposal;s2;lost;size;0.7;0.8
$a basis = basis + 1, gain = gain - 1 where lot_id = 'b1'|BTC-USD;lot;b1;money;basis;20003;20002.0
$a proceeds = proceeds + 1, gain = gain + 1 where disposal_id = 's3'|BTC-USD;disposal;s3;money;proceeds;11250;11249.00
$a gain = gain + 1 where disposal_id = 'f1'|ETH-USD;disposal;f1;gain;gain of row 1;99.666666666666666667;98.666666666666666667
$a lot_nanos = 7 where lot_id = 'b3' and disposal_id is null|BTC-USD;lot;b3;moved;time;2024-01-01 14:00:00+00 +7 ns;2024-01-01 14:00:00+00 +0 ns
delete from fifo_allocations where disposal_id = 's3'|BTC-USD;disposal;s3;absent;slices;\\N;0.25
delete from fifo_allocations where product_id = 'ETH-USD'|ETH-USD;product;1;total;allocations;3;\\N
delete from fifo_version_products where product_id = 'ETH-USD'|ETH-USD;product;1;total;allocations;\\N;3
update fifo_versions set gain = gain + 1|\\N;version;1;total;gain;11336.833333333333333334;11335.833333333333333334
END
}

@test "totals that are not the sums of the rows are found, in the product and in all" {
    unguarded
    for column in lots disposals allocations uncovered size basis proceeds gain uncovered_size uncovered_proceeds open_size open_basis; do
        mend "update fifo_version_products set $column = $column + 1 where product_id = 'ETH-USD'"
        findings >/dev/null
        echo "$column: $(cat "$BATS_TEST_TMPDIR/findings")"
        [ "$(awk -F'\t' '{ print $1, $2, $4, $5 }' "$BATS_TEST_TMPDIR/findings")" = "ETH-USD product total $column" ]
    done
    for column in lots disposals allocations uncovered basis proceeds gain; do
        mend "update fifo_versions set $column = $column + 1"
        findings >/dev/null
        [ "$(awk -F'\t' '{ print $1, $2, $4, $5 }' "$BATS_TEST_TMPDIR/findings")" = "\\N version total $column" ]
    done
    mend "delete from fifo_version_products where product_id = 'ETH-USD'"
    grep -q 'books_changed' <<<"$(findings)"
}

@test "B-10: books that were changed after the fact are found, in each field that counts" {
    unguarded
    while IFS='|' read -r wound want; do
        mend "update trade_records set $wound where record_id = 's3'"
        found=$(findings)
        echo "$wound: $found"
        [ "$found" = "books_changed \\N"$'\n'"$want" ]
    done <<'END'
size = 0.26|lost s3
size = 0.24|overused s3
value = value + 1e-9|money s3
fee = fee - 1|money s3
trade_time = trade_time + interval '1 microsecond'|moved s3
trade_nanos = 1|moved s3
END
}

@test "a trade removed, added or renamed is found, and what does not count is not" {
    unguarded
    sql "delete from trade_records where record_id = 'b1'"
    [ "$(findings)" = $'books_changed \\N\norphan b1' ]
    mend
    sql "insert into trade_records (product_id, record_id, level, side, trade_time, size, value, source)
         values ('BTC-USD', 'late', 'fill', 'BUY', '2024-01-01 09:00', 1, 1, 'import')"
    [ "$(findings)" = $'absent late\nbooks_changed \\N' ]
    mend "update trade_records set product_id = 'SOL-USD' where product_id = 'ETH-USD'"
    findings >/dev/null
    [ "$(awk -F'\t' '$4 == "books_changed" { print $1 }' "$BATS_TEST_TMPDIR/findings")" = $'ETH-USD\nSOL-USD' ]
    mend "update trade_records set note = 'x', account = 'y', price = 1, fills = 3, recorded_at = '2000-01-01', size = size * 1.000"
    [ "$(findings)" = "" ]
}

@test "after a mended ledger a new version is clean, and the old one says why it is not" {
    sql "update trade_records set size = 0.3, value = 13500 where record_id = 's3'"
    run audit-fifo -q --no-header
    [ "$status" -eq 1 ]
    match-fifo -q --version 2 --all --make-current >/dev/null 2>&1
    audit-fifo -q
    run match-fifo -q --no-header compare 1 2
    [ "$status" -eq 1 ]
    [[ "$output" == *$'BTC-USD\tdisposal\ts3\tchanged\tsize\t0.25\t0.3\t\\N'* ]]
    [[ "$output" == *$'BTC-USD\tlot\tb3\trematched\topen_size\t0.75\t0.7\tdisposal s3 changed'* ]]
}

@test "a version that is not there, and arguments that cannot be meant, are refused" {
    run audit-fifo --version 9
    [ "$status" -eq 65 ]
    run audit-fifo --version 0
    [ "$status" -eq 64 ]
    run audit-fifo 1
    [ "$status" -eq 64 ]
    run bash -c 'audit-fifo -q >/dev/full'
    [ "$status" -eq 74 ]
}

@test "B-04: a database that is down is not a clean audit" {
    DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR&user=windfall" run audit-fifo -q --version 1
    [ "$status" -eq 75 ]
}
