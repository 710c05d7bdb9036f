# shellcheck shell=sh disable=SC2034,SC2154 # $root, $state, $user and $me are those of schedule, which alone reads this
# timers.sh - the jobs by systemd's timers: units that the package or `make install` brought, or those of this tree.

# What is particular to this machine, beside the units of windfall@.service and windfall-alert@.service.
drop_ins=windfall-machine.conf
own_units=/etc/systemd/system
mark="# Written by $root/scripts/schedule install"

# The timers that run what cron's lines run; the others of the tree are for those who need them.
timers() {
	scripts_of "$root/cron/windfall.crontab" | sed 's/.*/windfall-&.timer/'
}

every_timer() {
	for unit in "$(units_folder)"/windfall-*.timer; do
		[ ! -e "$unit" ] || echo "${unit##*/}"
	done
}

# Where the units of this installation are: beside the tree's scripts, or in PREFIX/lib where they were installed to.
units_folder() {
	if [ -d "$root/systemd" ]; then echo "$root/systemd"; else echo "${root%/lib/windfall}/lib/systemd/system"; fi
}

# Whether systemd looks for units there by itself.
is_searched() {
	case $1 in
	/usr/lib/systemd/system|/usr/local/lib/systemd/system) return 0 ;;
	*) return 1 ;;
	esac
}

# systemd is the first process, and may be asked for more than what is enabled.
systemd_runs() { [ -d /run/systemd/system ]; }

# The timers of this installation that are enabled, a line each.
enabled_timers() {
	command -v systemctl >/dev/null || return 0
	are_ours || return 0
	for timer in $(every_timer); do
		case $(systemctl is-enabled "$timer" 2>/dev/null) in enabled) echo "$timer" ;; esac
	done
}

# The file that systemd takes for a unit: an administrator's before a package's.
unit_file() {
	for unit_place in "$own_units" /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
		[ ! -e "$unit_place/$1" ] || break
	done
	echo "$unit_place/$1"
}

# A path as a word of a unit file, in which systemd reads % as the beginning of a specifier.
unit_word() { printf '%s' "$1" | sed 's/%/%%/g'; }

# Blanks, quotes and backslashes have meanings of their own there: such a path is not for a unit.
refuse_odd_paths() {
	for path in "$root" "$state" "${WINDFALL_CONF:-}" "$(setting_of WINDFALL_SITE)" "$(setting_of WINDFALL_BACKUPS)"; do
		case $path in
		*[!A-Za-z0-9/._@%+:-]*) fail 78 "$path: timers are for paths of letters, digits and . _ @ % + : - alone; move it, or use cron" ;;
		esac
	done
}

# Whether the units that systemd would take are of this installation.
are_ours() { grep -qxF -e "ExecStart=$(unit_word "$root/scripts/")%i" "$(unit_file windfall@.service)" 2>/dev/null; }

# A unit of the tree with the paths of this installation.
unit_here() {
	echo "$mark"
	sed "s|/usr/local/\(lib/windfall\)|$(unit_word "$root")|g" "$1"
}

# The folders and files that the settings name, as the user of the jobs reads them.
setting_of() {
	as_cron "$(command -v with-settings)" printenv "$1" || :
}

# Into the drop-in: who runs the jobs, what of theirs lies elsewhere than in /var/lib/windfall, which settings are read.
machine_lines() {
	echo "$mark: what this machine's settings need."
	echo '[Service]'
	[ "$user" = windfall ] || printf 'User=%s\n' "$user"
	for folder in "$state" "$(setting_of WINDFALL_SITE)" "$(setting_of WINDFALL_BACKUPS)"; do
		case $folder in
		/var/lib/windfall|/var/lib/windfall/*) ;;
		/*) printf 'ReadWritePaths=-%s\n' "$(unit_word "$folder")" ;;
		esac
	done
	[ -z "${WINDFALL_CONF:-}" ] || printf 'Environment=WINDFALL_CONF=%s\n' "$(unit_word "$(readlink -f -- "$WINDFALL_CONF")")"
	opened=
	for path in "$root" "$state" "${WINDFALL_CONF:-}" "$(setting_of COINBASE_KEY_FILE)" "$(setting_of WINDFALL_BITCOIND_COOKIE)" \
		"$(setting_of WINDFALL_SITE)" "$(setting_of WINDFALL_BACKUPS)"; do
		case $path in
		/home/*|/root/*|/run/user/*) opened="$opened ProtectHome=read-only" ;;
		/tmp/*|/var/tmp/*)	     opened="$opened PrivateTmp=no" ;;
		esac
	done
	printf '%s\n' "$opened" | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# Files of that name which another installation or a person wrote are not ours to change.
refuse_foreign_units() {
	foreign=$(unit_file windfall@.service)
	[ ! -e "$foreign" ] || are_ours || fail 78 "$foreign is not of this installation: remove it first"
}

install_timers() {
	[ "$(id -u)" -eq 0 ] || fail 77 "timers are for root: your own crontab needs no --timers"
	command -v systemctl >/dev/null || fail 69 "there is no systemd here: leave --timers out"
	make_user
	need_settings
	! in_system || fail 78 "$file runs these jobs already: remove it first (windfall schedule remove)"
	! in_crontab || fail 78 "root's own crontab has these jobs already: remove its lines first (crontab -e)"
	refuse_foreign_units
	refuse_odd_paths
	[ -e "$(units_folder)/windfall@.service" ] || fail 78 "there are no units in $(units_folder): reinstall Windfall"
	check
	if ! is_searched "$(units_folder)"; then
		or_cannot "create $own_units" mkdir -p "$own_units"
		for unit in "$(units_folder)"/windfall*.service "$(units_folder)"/windfall*.timer; do
			unit_here "$unit" | put_file "$own_units/${unit##*/}"
		done
	fi
	machine=$(machine_lines)
	for unit in windfall@.service windfall-alert@.service windfall-db.service; do
		rm -f "$own_units/$unit.d/$drop_ins"
		if [ "${machine##*\]}" != "" ]; then
			or_cannot "create $own_units/$unit.d" mkdir -p "$own_units/$unit.d"
			printf '%s\n' "$machine" | put_file "$own_units/$unit.d/$drop_ins"
		else
			rmdir "$own_units/$unit.d" 2>/dev/null || :
		fi
	done
	! systemd_runs || systemctl daemon-reload || fail 70 "systemd does not reload its units"
	# shellcheck disable=SC2046 # names of units
	systemctl -q enable $(systemd_runs && echo --now) $(timers) || fail 70 "the timers cannot be enabled: systemctl status 'windfall-*'"
	say info "installed" timers="$(timers | tr '\n' ' ' | sed 's/ $//')" user="$user"
	systemd_runs || say warning "systemd is not running here: the timers start with it"
}

# Disable the timers, and remove the files that install wrote.
remove_timers() {
	enabled=$(enabled_timers)
	if [ -n "$enabled" ]; then
		[ "$(id -u)" -eq 0 ] || fail 77 "only root can disable the timers of systemd"
		# shellcheck disable=SC2046,SC2086 # names of units
		systemctl -q disable $(systemd_runs && echo --now) $enabled || fail 70 "the timers cannot be disabled: systemctl status 'windfall-*'"
	fi
	for unit in "$own_units"/windfall*.service "$own_units"/windfall*.timer "$own_units"/windfall*.service.d/"$drop_ins"; do
		[ -f "$unit" ] || continue
		head -n 1 "$unit" | grep -qF -e "$mark" || continue
		rm -f "$unit" || fail 77 "only root can remove $unit"
		rmdir "${unit%/*}" 2>/dev/null || :
	done
	! systemd_runs || [ -z "$enabled" ] || systemctl daemon-reload || :
	[ -z "$enabled" ] || gone="${gone:+$gone, }timers of systemd"
}

# As place, time and job: the timers that are enabled.
rows_of_timers() {
	for timer in $(enabled_timers); do
		printf 'timers of systemd\t%s\t%s\n' "$(sed -n 's/^OnCalendar=//p' "$(unit_file "$timer")")" \
			"$(printf '%s' "$timer" | sed 's/^windfall-//; s/\.timer$//')"
	done
}
