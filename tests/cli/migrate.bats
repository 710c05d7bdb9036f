load helper

@test "every migration is applied to a fresh database, and a second run changes nothing" {
    fresh_db
    before=$(dump_db --exact)
    run --separate-stderr "$root/scripts/migrate" -v
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=0"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr "$root/scripts/migrate"
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
}
