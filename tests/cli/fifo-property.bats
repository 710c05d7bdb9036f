# Hundreds of random ledgers, matched by match-fifo and again by other means.
#
#   FIFO_LEDGERS  how many (600; the drill takes 20000)
#   FIFO_SEED     which, a number between -1 and 1; otherwise by chance, and printed
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper

setup() {
    fresh_db
    seed=${FIFO_SEED:-0.$RANDOM$RANDOM}
    ledgers=${FIFO_LEDGERS:-600}
}

random_ledgers() {
    echo "# $ledgers random ledgers: FIFO_SEED=$seed FIFO_LEDGERS=$ledgers repeats them" >&3
    psql -Xq -v ON_ERROR_STOP=1 -v seed="$seed" -v ledgers="$ledgers" -d "$DATABASE_URL" -f "$root/tests/cli/fifo-ledgers.sql"
}

@test "every row of hundreds of random ledgers is what a second implementation makes of it" {
    random_ledgers
    match-fifo -q --version 1 --all >/dev/null 2>&1
    run psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f "$root/tests/cli/fifo-second.sql" -c "
        select * from (select 'only match-fifo' as whose, * from (
                  select product_id, seq, status, disposal_id, lot_id, size, basis, proceeds, gain from fifo_allocations
                  except select * from second) a
               union all select 'only the second', * from (
                  select * from second
                  except select product_id, seq, status, disposal_id, lot_id, size, basis, proceeds, gain from fifo_allocations) b
              ) c order by product_id, seq, whose limit 10"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    # They were not all trivial.
    run sql "select count(*) filter (where status = 'OK') > 3 * $ledgers, count(*) filter (where status = 'OPEN') > $ledgers / 2,
                    count(*) filter (where status = 'MISSING_BASIS') > $ledgers / 2,
                    count(*) filter (where lot_time = disposal_time) > $ledgers / 10,
                    count(*) filter (where lot_time = disposal_time and lot_nanos < disposal_nanos) > $ledgers / 100,
                    count(*) filter (where proceeds < 0) > $ledgers / 100,
                    count(*) filter (where scale(basis) = 18) > $ledgers / 10
               from fifo_allocations"
    [ "$output" = 't|t|t|t|t|t|t' ]
    audit-fifo -q --version 1
}

@test "with dust too, everything in random ledgers is conserved" {
    ledgers=$((ledgers / 4))
    random_ledgers
    match-fifo -q --version 1 --all --dust 0.5 >/dev/null 2>&1
    [ "$(sql "select count(*) > $ledgers / 4 from fifo_allocations where status = 'DUST'")" = t ]
    audit-fifo -q --version 1
}
