# An earlier system's database, for the tests of import-legacy and the drill: `load legacy` after helper.
#
#   import ARG...         import-legacy
#   import_killed TIMES   import-legacy --store, killed so many times: whole days or none, and the next run ends it
#
# shellcheck disable=SC2154,SC2317 # root, status and output are the suite's and run's; kill_midway calls the functions

# One earlier database for the file: the bundled day as the platform stored it, and a small ledger of the bot.
setup_file() {
    OLD=t_legacy_$$
    export OLD
    psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "create database $OLD template template0 encoding 'UTF8'"
    old -f "$root/tests/data/legacy/energy.sql" -f "$root/tests/data/legacy/ledger.sql"
    # The columns that there were then, which header match compares with those of the table.
    fetch-elexon --base-url "file://$root/tests/data/archive" 2022-01-01 2>/dev/null | cut -f 1-16 >"$BATS_FILE_TMPDIR/lines.tsv"
    old <<-END
		create table legacy_lines (settlement_date date, settlement_period int, farm_id text, lead_party_name text, volume numeric, original_price numeric,
			final_price numeric, payment numeric, so_flag bool, cadl_flag bool, acceptance_id bigint, pair_id int, stack text, sequence_number int,
			source_created_at timestamptz, transmission_loss_multiplier numeric);
		\copy legacy_lines from '$BATS_FILE_TMPDIR/lines.tsv' with (format text, header match)
	END
    # A third of the day is enough, and quicker.
    old -c "delete from legacy_lines where settlement_period > 33 or settlement_period < 20"
    old -v difficulty=24272331996980 -v subsidy=6.25 -f "$root/tests/data/legacy/fill.sql"
    old -c "drop table legacy_lines"
    old -f "$root/tests/data/legacy/trades.sql"
    dump -Fc >"$BATS_FILE_TMPDIR/whole.dump"
}

teardown_file() {
    psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "drop database if exists $OLD with (force)"
}

setup() {
    whole=$BATS_FILE_TMPDIR/whole.dump
    cd "$BATS_TEST_TMPDIR" || return
}

old() { psql -XAtq -v ON_ERROR_STOP=1 -h "$SUITE_SOCKET" -U windfall -d "$OLD" "$@"; }
dump() { pg_dump -h "$SUITE_SOCKET" -U windfall "$@" "$OLD"; }
import() { "$root/scripts/import-legacy" "$@"; }
scratches() { psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "select datname from pg_database where datname like 'windfall\\_import\\_%'"; }

import_killed() {
    fresh_db
    records=$(old -c "select count(*) from curtailment_records")
    after_kill() {
        local there
        there=$(sql "select count(*) from curtailment_records")
        [ "$there" = 0 ] || [ "$there" = "$records" ] || return 1
        [ "$(sql "select count(*) from ingested_periods i where rows_kept <> (select count(*) from curtailment_records r
                        where r.settlement_date = i.settlement_date and r.settlement_period = i.settlement_period)")" = 0 ] || return 1
        [ "$(sql "select count(*) from trade_records")" = 0 ] || [ "$(sql "select count(*) from trade_records")" = 4 ]
    }
    before_kill() { sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations, trade_records, fifo_versions, fifo_allocations, fifo_version_products"; }
    kill_midway "$1" setsid "$root/scripts/import-legacy" --store "$whole"
    run --separate-stderr import --store "$whole"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from curtailment_records")" = "$records" ]
    audit-calcs -q
    audit-fifo -q
    [ "$(scratches)" = "" ]
}
