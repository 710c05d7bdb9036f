# shellcheck shell=sh disable=SC2154 # $root and $state are those of the script that reads this
# cluster.sh - the tools' role and database in a PostgreSQL of this machine, such as Debian's own cluster, made by root.

# Into $cluster_host, $cluster_port, $cluster_name and $cluster_role: the database that the settings name, if it is at a
# socket of this machine; otherwise it answers 1.
cluster_address() {
	cluster_host=$(with-db printenv PGHOST || :)
	case $cluster_host in /*) ;; *) return 1 ;; esac
	cluster_port=$(with-db printenv PGPORT || echo 5432)
	cluster_name=$(with-db printenv PGDATABASE || :)
	cluster_role=$(with-db printenv PGUSER || :)
	[ -n "$cluster_name" ] && [ -n "$cluster_role" ]
}

# psql there as the account that the server runs as, who is its superuser by Debian's peer authentication.
cluster_psql() {
	(cd / && runuser -u "$cluster_owner" -- env -i PATH="$PATH" LC_ALL=C PGCONNECT_TIMEOUT=10 psql -XAtq -v ON_ERROR_STOP=1 \
		-v role="$cluster_role" -v name="$cluster_name" -h "$cluster_host" -p "$cluster_port" -d postgres "$@")
}

# The user of the jobs, to whom the state folder belongs.
owner_of_state() {
	[ -d "$state" ] || fail 78 "$state is not there: windfall init makes it"
	stat -c %U "$state"
}

# Whether that user can connect already.
owner_connects() {
	(cd / && runuser -u "$owner" -- "$(command -v with-db)" psql -XAtqc 'select' >/dev/null 2>&1)
}

# Say why there is no socket: Debian gives a cluster another port where the usual one is taken.
nobody_listens() {
	for other in "$cluster_host"/.s.PGSQL.*[0-9]; do
		[ ! -S "$other" ] ||
			fail 75 "PostgreSQL listens at port ${other##*.} and not at $cluster_port: windfall init --database-url 'postgresql:///$cluster_name?host=$cluster_host&port=${other##*.}&user=$cluster_role'"
	done
	fail 75 "no PostgreSQL listens at $cluster_socket: install postgresql, or start it, or name another database (windfall init --database-url)"
}

# Make the role and the database that are missing there; nothing where the database is elsewhere, is the private one, which
# the tables are made with, or lets the owner of the state in.  Twice is as once.
create_in_cluster() {
	[ "$(id -u)" -eq 0 ] || fail 77 "--create is for root"
	owner=$(owner_of_state)
	which=$(with-db --which) || exit
	[ "$which" != private ] || return 0
	if ! cluster_address; then
		say info "the database is not at a socket of this machine: nothing to create"
		return 0
	fi
	! owner_connects || return 0
	cluster_socket=$cluster_host/.s.PGSQL.$cluster_port
	[ -S "$cluster_socket" ] || nobody_listens
	cluster_owner=$(stat -c %U "$cluster_socket")
	case $cluster_owner in root|UNKNOWN) fail 77 "$cluster_socket belongs to no account that PostgreSQL runs as" ;; esac
	cluster_version=$(cluster_psql -c "select current_setting('server_version_num')::int / 10000" 2>&1) ||
		fail 77 "$cluster_owner may not create there: $(printf %s "$cluster_version" | tail -n 1)"
	[ "$cluster_version" -ge 15 ] || fail 78 "PostgreSQL $cluster_version listens at $cluster_socket: version 15 or later is needed"
	made=$(cluster_psql -f "$root/sql/cluster.sql" 2>&1) || fail 77 "cannot create the role and the database: $(printf %s "$made" | tail -n 1)"
	[ -z "$made" ] || say info "created in PostgreSQL $cluster_version" what="$(printf %s "$made" | tr '\n' ' ')" socket="$cluster_socket"
}

# Go on as the owner of the state.
as_owner_of_state() {
	owner=$(owner_of_state)
	[ "$owner" = root ] || { cd / && exec runuser -u "$owner" -- "$@"; }
}
