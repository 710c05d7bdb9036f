# Where the units stand: the reference itself, and how much of what is here it places.
#
# bats sets $stderr and the suite $root.
# shellcheck disable=SC2154
load helper
load asking

setup() { fresh_db; cd "$BATS_TEST_TMPDIR" || return; }

@test "of the register every unit but the three aggregates is placed, of the bundled day every unit" {
    fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    placed() { sql "select count(distinct u.farm_id) filter (where s.farm_id is not null), count(distinct u.farm_id)
                      from ($1) u left join sites s on s.farm_id = u.farm_id and s.valid_from <= '2022-01-01'
                                                   and (s.valid_to is null or s.valid_to > '2022-01-01')"; }
    day=$(placed 'select farm_id from curtailment_records')
    register=$(placed "select farm_id from bm_units where fuel_type = 'WIND'")
    echo "# placed: ${day%|*} of ${day#*|} units of the bundled day, ${register%|*} of ${register#*|} of the register" >&3
    [ "$day $register" = '65|65 223|226' ]
    [ "$(sql "select string_agg(farm_id, ' ' order by farm_id) from bm_units where farm_id not in (select farm_id from sites)")" \
        = '2__BLOND003 2__NNATP001 2__PSMAR001' ]
}

@test "nothing of a site contradicts the rest of it" {
    # Each names its source; a farm has one place, one owner and one side.
    [ "$(sql "select count(*) from sites where provenance !~ '^REPD 2024-07, .+; B6: '")" -eq 0 ]
    [ "$(sql "select count(*) from (select from sites group by farm
               having count(distinct (easting, northing, latitude, longitude, b6, county, region, nation)) > 1) f")" -eq 0 ]
    # A unit that is in the reference is one that somebody knows.
    [ "$(sql "select count(*) from sites where farm_id not in (select farm_id from bm_units union select farm_id from declared_units)")" -eq 0 ]
    # North of B6 is Scotland, but for Robin Rigg.
    [ "$(sql "select string_agg(distinct farm, ' ' order by farm) from sites where (nation = 'Scotland') <> (b6 = 'north')")" \
        = 'Robin Rigg East Robin Rigg West' ]
    # Only a site offshore is without a county, and offshore is no county.
    [ "$(sql "select count(*) from sites where (county is null) <> (region = 'Offshore')")" -eq 0 ]
    # On land, the Scottish ones lie north of the Solway and the others south of the Tweed.
    [ "$(sql "select count(*) from sites where region <> 'Offshore' and (latitude > 54.6) <> (nation = 'Scotland')")" -eq 0 ]
}

@test "latitude and longitude lead back to easting and northing" {
    # The other way round and by itself: the transverse Mercator projection (Airy 1830) of the point as it is.  The datum
    # shift of some 120 m is left out, so that a swapped, mistyped or foreign pair shows and the shift does not.
    sql "copy (select farm, easting, northing, latitude, longitude from sites where easting is not null) to stdout" |
        awk -F '\t' '{
            pi = 3.14159265358979; a = 6377563.396; b = 6356256.909; f0 = 0.9996012717; e2 = 1 - b * b / (a * a)
            n = (a - b) / (a + b); p = $4 * pi / 180; p0 = 49 * pi / 180; l = ($5 + 2) * pi / 180
            nu = a * f0 / sqrt(1 - e2 * sin(p) ^ 2); rho = nu * (1 - e2) / (1 - e2 * sin(p) ^ 2)
            d = p - p0; t = p + p0
            m = b * f0 * ((1 + n + 5 / 4 * n ^ 2 + 5 / 4 * n ^ 3) * d - (3 * n + 3 * n ^ 2 + 21 / 8 * n ^ 3) * sin(d) * cos(t) \
                + 15 / 8 * (n ^ 2 + n ^ 3) * sin(2 * d) * cos(2 * t) - 35 / 24 * n ^ 3 * sin(3 * d) * cos(3 * t))
            tan2 = (sin(p) / cos(p)) ^ 2
            north = m - 100000 + nu / 2 * sin(p) * cos(p) * l ^ 2 + nu / 24 * sin(p) * cos(p) ^ 3 * (5 - tan2 + 9 * (nu / rho - 1)) * l ^ 4
            east = 400000 + nu * cos(p) * l + nu / 6 * cos(p) ^ 3 * (nu / rho - tan2) * l ^ 3 + nu / 120 * cos(p) ^ 5 * (5 - 18 * tan2 + tan2 ^ 2) * l ^ 5
            rows++
            if ((east - $2) ^ 2 + (north - $3) ^ 2 > 250 ^ 2) { print $1, east - $2, north - $3 > "far" }
        } END { print rows }' >rows
    [ ! -s far ] || { cat far; false; }
    [ "$(cat rows)" -eq "$(sql 'select count(*) from sites where easting is not null')" ]
}

@test "a later file reaches a database: what differs is listed, --load takes it whole or not at all" {
    run "$root/scripts/units" sites
    [ "$status" -eq 0 ]
    [ "$output" = $'farm_id\tvalid_from\tdifference\tfarm\tfile_farm' ]
    # A unit that changed hands, a farm of another name, and a unit that the file leaves out.
    row() { printf '%s\t%s\t%s\t%s\t\\N\tHighland\tScotland\tScotland\t\\N\t\\N\t\\N\t\\N\tnorth\t\\N\ttest\n' "$@"; }
    { grep -v -e '^2__PEDGE003' -e '^T_KLGLW-1' "$root/sql/reference/sites.tsv" | sed 's/\tClyde\t/\tClyde Farm\t/'
      row 2__PEDGE003 -infinity 2024-06-01 Camster; row 2__PEDGE003 2024-06-01 '\N' 'Camster Hill'; } >later.tsv
    sql "select * from sites order by 1, 2" >before
    run "$root/scripts/units" sites later.tsv
    [ "$status" -eq 1 ]
    [ "$(tail -n +2 <<<"$output" | cut -f 1-3 | sort | paste -sd' ')" = $'2__PEDGE003\t-infinity\tdiffers 2__PEDGE003\t2024-06-01\tfile_only T_CLDCW-1\t-infinity\tdiffers T_CLDNW-1\t-infinity\tdiffers T_CLDSW-1\t-infinity\tdiffers T_KLGLW-1\t-infinity\tdatabase_only' ]
    sql "select * from sites order by 1, 2" | cmp before -
    # Two places at a time, no such place, a column's name, half a file: nothing is taken.
    { cat later.tsv; row 2__PEDGE003 2025-01-01 '\N' 'Third'; } >doubled.tsv
    { cat later.tsv; row T_NEW-1 2025-01-01 2024-01-01 'Backwards'; } >backwards.tsv
    { cat later.tsv; row T_NEW-1 -infinity '\N' ''; } >nameless.tsv
    sed '1s/owner/operator/' later.tsv >columns.tsv
    head -c 5000 later.tsv >half.tsv
    : >empty.tsv
    sed '3s/\t57\.[0-9]*\t/\tfifty\t/' later.tsv >latitude.tsv
    for bad in doubled backwards nameless columns half empty latitude; do
        run --separate-stderr "$root/scripts/units" sites --load $bad.tsv
        [ "$status" -eq 65 ] || { echo "$bad: $status $stderr"; false; }
        [[ "$stderr" == *"msg=\"$bad.tsv: "* && "$stderr" != *units-sites.sql* ]] || { echo "$bad: $stderr"; false; }
        sql "select * from sites order by 1, 2" | cmp before -
    done
    [[ "$stderr" == *'latitude.tsv: invalid input syntax for type numeric: \"fifty\" (line 3, column latitude)"'* ]]
    run "$root/scripts/units" sites --load nowhere.tsv
    [ "$status" -eq 66 ]
    # With a mark at its beginning, returns at the ends of lines and empty rows below it is the same file.
    { printf '\xef\xbb\xbf'; sed 's/$/\r/' later.tsv; printf '\t\t\t\r\n\r\n'; } >windows.tsv
    run --separate-stderr "$root/scripts/units" sites --load windows.tsv
    [ "$status" -eq 0 ]
    [[ "$stderr" == *'msg="sites loaded" changed=5'* ]]
    # What the file names is as it says; what it leaves out stays.
    run "$root/scripts/units" sites later.tsv
    [ "$(tail -n +2 <<<"$output")" = $'T_KLGLW-1\t-infinity\tdatabase_only\tKilgallioch\t\\N' ]
    [ "$(sql "select string_agg(farm, ' ' order by valid_from) from sites where farm_id = '2__PEDGE003'")" = 'Camster Camster Hill' ]
    "$root/scripts/units" sites --load 2>said >listed
    sql "select * from sites order by 1, 2" | cmp before -
    # Of a unit that the reference does not name, the site is a person's.
    sql "insert into sites (farm_id, farm, region, nation, b6, provenance) values ('T_MINE-1', 'Mine', 'Scotland', 'Scotland', 'north', 'mine')"
    "$root/scripts/units" sites --load 2>said >listed
    [ "$(sql "select farm from sites where farm_id = 'T_MINE-1'")" = Mine ]
}
