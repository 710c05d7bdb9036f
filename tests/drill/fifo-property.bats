# Random ledgers without number, matched by match-fifo and again by other means: tests/cli/fifo-property.bats with more of them.
load ../cli/helper

@test "every row of twenty thousand random ledgers is what a second implementation makes of it" {
    FIFO_LEDGERS=${FIFO_LEDGERS:-20000} bats "$root/tests/cli/fifo-property.bats"
}
