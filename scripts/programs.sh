# shellcheck shell=sh
# programs.sh - the programs of etc/changes.d and etc/hooks.d, by the rule that send-alert(1) states.  Sourced after lib.sh.

# misnamed_in FOLDER - the programs that are passed over for their names, as what editors and packages leave behind.
misnamed_in() {
	find -L "$1" -maxdepth 1 -type f -regextype posix-extended -perm -u+x ! -regex '.*/[A-Za-z0-9_-]{1,64}' | sort
}

# programs_in FOLDER - the others, in their order.
programs_in() {
	find -L "$1" -maxdepth 1 -type f -regextype posix-extended -perm -u+x -regex '.*/[A-Za-z0-9_-]{1,64}' | sort
}

# distrusted PATH - whether such a program or folder is refused: others may write it, or it is somebody else's, not this
# user's or root's.
distrusted() {
	[ -z "$(find -L "$1" -maxdepth 0 ! -perm /022 \( -user "$(id -u)" -o -user 0 \))" ]
}
